//! The examples work as documented, and every command of `docs/writing-a-backend.md`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use caveat_tests::command::{Run, caveat, caveat_in, program};
use caveat_tests::rules::{files_below, read, root};
use tempfile::TempDir;

const PYTHON: &str = "examples/backend-python/plugin.py";

#[test]
fn the_example_in_python_makes_a_page_for_each_bulletin() {
    let out = TempDir::new().unwrap();
    let folder = out.path().to_string_lossy();
    let arguments = ["build", "rules", "-t", "python-example", "--allow-plugins", "-o", &folder];
    let ran = caveat(&arguments).expect(0);
    let page = read(&out.path().join("python-example/ms04-006.md"));
    assert!(page.contains("## Package Windows 2000 Server: vulnerable to CVE-2003-0825"), "{page}");
    assert!(page.contains("is less than 5.0.2195.6870"), "{page}");
    let pages = files_below(&out.path().join("python-example"), "md");
    let rules = files_below(&root().join("rules/ms04"), "caveat");
    // The summary is no bulletin, and what decides in MS04-005 nobody can tell.
    assert_eq!(pages.len(), rules.len() - 2, "{pages:?}");
    assert!(ran.stderr.contains("MS04-005: the package"), "{}", ran.stderr);
    let ran = caveat(&arguments).expect(0);
    assert!(ran.stderr.contains("may over-report") || ran.stderr.contains("exact"), "{}", ran.stderr);
}

#[test]
fn the_example_in_python_is_short_and_keeps_to_the_protocol() {
    assert!(read(&root().join(PYTHON)).lines().count() < 80);
    let ran = caveat(&["plugin", "check", "python3", PYTHON]).expect(0);
    assert!(ran.stdout.ends_with(" 0 broken\n"), "{}", ran.stdout);
}

/// Builds the example in Rust, in a target folder of its own, as its workspace is.
fn csv() -> PathBuf {
    let target = program().parent().unwrap().join("backend-rust");
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let manifest = root().join("examples/backend-rust/Cargo.toml");
    let mut command = Command::new(cargo);
    command.args(["build", "--quiet", "--offline", "--manifest-path"]).arg(manifest);
    let status = command.arg("--target-dir").arg(&target).status().expect("cargo runs");
    assert!(status.success(), "the example does not compile");
    target.join("debug/caveat-backend-csv")
}

#[test]
fn the_example_in_rust_works_from_the_path() {
    let program = csv();
    let folder = program.parent().unwrap().to_string_lossy().into_owned();
    let path = format!("{folder}:{}", std::env::var("PATH").unwrap());
    let out = TempDir::new().unwrap();
    let arguments =
        ["build", "rules", "-t", "csv", "-O", "csv.separator=;", "-o", &out.path().to_string_lossy()];
    let ran = Run::new(root(), arguments).env("PATH", &path).go().expect(0);
    assert!(ran.stderr.contains("warning[CAV0601]: csv: MS04-006: may over-report"), "{}", ran.stderr);
    let table = read(&out.path().join("csv/ms04-006.csv"));
    assert!(table.contains("\"MS04-006\";\"Windows 2000 Server\";"), "{table}");
    let ran = caveat(&["plugin", "check", &program.to_string_lossy()]).expect(0);
    assert!(ran.stdout.ends_with(" 0 broken\n"), "{}", ran.stdout);
}

#[test]
fn the_kit_says_what_is_broken() {
    let folder = TempDir::new().unwrap();
    let script = root().join("tests/plugins/hostile.py").to_string_lossy().into_owned();
    let check = |mode: &str| caveat_in(folder.path(), &["plugin", "check", "python3", &script, mode]);
    assert!(check("crashes").expect(1).stderr.contains("CAV0608"));
    assert!(check("writes-to-stderr").expect(1).stderr.contains("Deprecation"));
    assert!(check("lingers").expect(1).stdout.contains("it does not end when the host says no more"));
    assert!(check("wrong-protocol").expect(1).stderr.contains("CAV0611"));
    let partial = read(&root().join(PYTHON)).replace("[\"bulletins\"]:", "[\"bulletins\"][1:]:");
    fs::write(folder.path().join("partial.py"), partial).unwrap();
    let ran = caveat_in(folder.path(), &["plugin", "check", "python3", "partial.py"]).expect(1);
    assert!(ran.stderr.contains("nothing is made of the bulletin `CHECK-00`"), "{}", ran.stderr);
}

/// Follows the page: writes the files that it shows, and runs its commands in order.
#[test]
fn the_page_for_authors_leads_to_a_passing_plugin() {
    let page = read(&root().join("docs/writing-a-backend.md"));
    let folder = TempDir::new().unwrap();
    std::os::unix::fs::symlink(root().join("rules"), folder.path().join("rules")).unwrap();
    let mut commands = 0;
    for block in page.split("\n```").skip(1).step_by(2) {
        let (head, text) = block.split_once('\n').unwrap();
        match head.split_once(' ') {
            Some((_, name)) if !name.is_empty() => {
                fs::write(folder.path().join(name), text.to_owned() + "\n").unwrap();
            }
            _ if head == "sh" => commands += run(folder.path(), text),
            _ => panic!("a block that is neither a file nor commands: {head}"),
        }
    }
    assert!(commands >= 5, "the commands were not found");
}

/// Runs commands, each of which has to work.
fn run(folder: &Path, commands: &str) -> usize {
    let programs = program().parent().unwrap();
    let path = format!("{}:{}", programs.display(), std::env::var("PATH").unwrap());
    for command in commands.lines() {
        let output =
            Command::new("sh").args(["-c", command]).current_dir(folder).env("PATH", &path).output().unwrap();
        let told =
            String::from_utf8_lossy(&output.stderr).into_owned() + &String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{command}\n{told}");
    }
    commands.lines().count()
}
