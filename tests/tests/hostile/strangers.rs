//! A repository of rules that comes from a stranger, with links, pipes and lists in it: no command reads,
//! writes or removes anything beyond it that the user did not name.

use std::fs::{self, File};
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use caveat_tests::command::{Ran, Run, caveat_in};
use caveat_tests::rules::read;
use sha2::{Digest as _, Sha256};
use tempfile::TempDir;

use crate::wins;

/// The user's home with a file in it, and the repository beside it.
struct Place {
    top: TempDir,
}

impl Place {
    fn new() -> Self {
        let top = TempDir::new().unwrap();
        let place = Self { top };
        place.write("home/diary", "dear diary");
        place.write("repo/rules/a.caveat", &wins());
        place.write("repo/caveat.toml", "rules = \"rules\"\n");
        place
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.top.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn link(&self, path: &str, to: &str) {
        let path = self.top.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        symlink(to, path).unwrap();
    }

    /// A pipe that nobody writes to: whoever reads it waits for ever.
    fn pipe(&self, path: &str) {
        let made = Command::new("mkfifo").arg(self.top.path().join(path)).status().unwrap();
        assert!(made.success());
    }

    fn remove(&self, path: &str) {
        fs::remove_file(self.top.path().join(path)).unwrap();
    }

    fn text(&self, path: &str) -> String {
        read(&self.top.path().join(path))
    }

    fn has(&self, path: &str) -> bool {
        self.top.path().join(path).symlink_metadata().is_ok()
    }

    fn repo(&self) -> std::path::PathBuf {
        self.top.path().join("repo")
    }

    fn run(&self, arguments: &[&str]) -> Ran {
        caveat_in(&self.repo(), arguments)
    }

    fn build(&self, more: &[&str]) -> Ran {
        self.run(&[&["build", "-t", "oval"], more].concat())
    }

    /// A manifest in `folder` that lists artifacts of OVAL at these paths, with the digests of these texts.
    fn list(&self, folder: &str, listed: &[(&str, &str)]) {
        let entry = |(path, text): &(&str, &str)| {
            let digest: String = Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect();
            let rest = r#""target":"oval","role":"main","bulletins":["MS04-006"],"fidelity":"exact""#;
            format!(r#"{{"path":"{path}",{rest},"sha256":"{digest}"}}"#)
        };
        let entries: Vec<String> = listed.iter().map(entry).collect();
        let text = format!(r#"{{"schema":"caveat/manifest/v1","artifacts":[{}]}}"#, entries.join(","));
        self.write(&format!("{folder}/manifest.json"), &text);
    }
}

/// That a run was refused under this code, in these words.
fn refused(ran: Ran, code: &str, words: &str) {
    let ran = ran.expect(1);
    assert!(ran.stderr.contains(&format!("error[{code}]")) && ran.stderr.contains(words), "{}", ran.stderr);
}

#[test]
fn nothing_stale_is_removed_through_a_link() {
    for (link, to, listed) in [
        ("repo/out/oval/deep", "../../../home", "oval/deep/diary"),
        ("repo/out/oval", "../../home", "oval/diary"),
        ("repo/out/oval/diary", "../../../home/diary", "oval/diary"),
    ] {
        let place = Place::new();
        place.link(link, to);
        place.list("repo/out", &[(listed, "dear diary")]);
        // A target that makes something, and one that makes nothing.
        let _ = place.build(&[]);
        place.write("repo/rules/a.caveat", "condition a = hotfix KB1\n");
        let ran = place.build(&[]);
        assert_eq!(place.text("home/diary"), "dear diary", "{link}: {}", ran.stderr);
        assert_eq!(fs::read_dir(place.top.path().join("home")).unwrap().count(), 1, "{link}");
        assert!(place.has(link), "{link}");
    }
}

#[test]
fn what_a_link_hides_is_told() {
    let place = Place::new();
    place.link("repo/out/oval/deep", "../../../home");
    place.list("repo/out", &[("oval/deep/diary", "dear diary")]);
    let ran = place.build(&[]).expect(0);
    let words = "`out/oval/deep/diary` is made no more, but stays: `out/oval/deep` is a symbolic link";
    assert!(ran.stderr.contains("warning[CAV0709]") && ran.stderr.contains(words), "{}", ran.stderr);
    assert!(!place.build(&[]).expect(0).stderr.contains("CAV0709"), "it is told once");
}

/// The same paths in the folder of another target, above, absolute, and as Windows writes them.
#[test]
fn nothing_is_removed_beyond_the_folder_of_the_target() {
    let place = Place::new();
    let bait = ["out/yara/old.txt", "out/notes.txt", "OVAL/old.txt", "rules/b.txt", "oval.txt"];
    for path in bait {
        place.write(&format!("repo/{path}"), "bait");
    }
    let paths = [
        "yara/old.txt",
        "notes.txt",
        "../rules/b.txt",
        "oval/../notes.txt",
        "oval/../../rules/b.txt",
        "oval/./../notes.txt",
        "/etc/hostname",
        "OVAL/old.txt",
        "oval",
        "oval/",
        "oval.txt",
        "..\\\\rules\\\\b.txt",
        "oval\\\\..\\\\notes.txt",
        "C:\\\\notes.txt",
        "oval/C:notes.txt",
        "oval//../notes.txt",
        "oval/\\u0000",
        "",
        ".",
        "./oval/../notes.txt",
    ];
    let listed: Vec<(&str, &str)> = paths.iter().map(|path| (*path, "bait")).collect();
    for (folder, arguments) in [("repo/out", &[][..]), ("repo", &["-o", "."])] {
        place.list(folder, &listed);
        let ran = place.build(arguments).expect(0);
        assert!(!ran.stderr.contains("CAV0709"), "{}", ran.stderr);
        for path in bait {
            assert_eq!(place.text(&format!("repo/{path}")), "bait", "{folder}: {path}");
        }
        assert!(!place.text(&format!("{folder}/manifest.json")).contains("bait"));
    }
}

#[test]
fn only_what_was_written_is_removed() {
    let place = Place::new();
    place.write("repo/out/oval/gone.xml", "as it was");
    place.write("repo/out/oval/deep/gone.xml", "as it was");
    place.write("repo/out/oval/changed.xml", "as it is");
    fs::create_dir_all(place.repo().join("out/oval/folder")).unwrap();
    place.pipe("repo/out/oval/pipe");
    let names = ["gone.xml", "deep/gone.xml", "changed.xml", "folder", "pipe", "nowhere.xml", "no/where.xml"];
    let paths = names.map(|name| format!("oval/{name}"));
    let listed: Vec<(&str, &str)> = paths.iter().map(|path| (path.as_str(), "as it was")).collect();
    place.list("repo/out", &listed);
    let ran = place.build(&[]).expect(0);
    assert!(!place.has("repo/out/oval/gone.xml") && !place.has("repo/out/oval/deep"));
    for (name, why) in [
        ("changed.xml", "it is not what was written"),
        ("folder", "it is a folder"),
        ("pipe", "it is not a regular file"),
    ] {
        assert!(place.has(&format!("repo/out/oval/{name}")));
        let words = format!("`out/oval/{name}` is made no more, but stays: {why}");
        assert!(ran.stderr.contains(&words), "{}", ran.stderr);
    }
    assert_eq!(ran.stderr.matches("CAV0709").count(), 3, "{}", ran.stderr);
}

/// What a name shared with a file elsewhere is replaced or removed, and the other file stays.
#[test]
fn files_with_two_names_are_not_written_to() {
    let place = Place::new();
    fs::create_dir_all(place.repo().join("out/oval")).unwrap();
    for name in ["ms04-006.xml", "stale.xml"] {
        fs::hard_link(place.top.path().join("home/diary"), place.repo().join("out/oval").join(name)).unwrap();
    }
    place.list("repo/out", &[("oval/stale.xml", "dear diary")]);
    let _ = place.build(&[]).expect(0);
    assert!(!place.has("repo/out/oval/stale.xml"));
    assert!(place.text("repo/out/oval/ms04-006.xml").starts_with("<?xml"));
    assert_eq!(place.text("home/diary"), "dear diary");
}

#[test]
fn a_manifest_that_is_no_file_is_refused() {
    let place = Place::new();
    let manifest = "repo/out/manifest.json";
    let written = |words: &str| {
        refused(place.build(&[]), "CAV0705", &format!("`out/manifest.json` cannot be replaced: it {words}"));
        assert!(!place.has("repo/out/oval"), "{words}");
        place.remove(manifest);
    };
    fs::create_dir_all(place.repo().join("out")).unwrap();
    place.pipe(manifest);
    written("is not a regular file");
    for to in ["/dev/zero", "../../home/diary", "nowhere"] {
        place.link(manifest, to);
        written("is a symbolic link");
    }
    File::create(place.top.path().join(manifest)).unwrap().set_len(1 << 30).unwrap();
    written("is larger than 256 MiB");
    assert_eq!(place.text("home/diary"), "dear diary");
}

#[test]
fn artifacts_go_through_no_link() {
    for (link, to) in [
        ("repo/out/oval", "../../home"),
        ("repo/out/oval", "../yara"),
        ("repo/out/oval/ms04-006.xml", "../../../home/diary"),
        ("repo/out/oval/ms04-006.xml", "nowhere"),
    ] {
        let place = Place::new();
        place.link(link, to);
        refused(place.build(&[]), "CAV0705", "is a symbolic link");
        assert_eq!(place.text("home/diary"), "dear diary");
        assert!(place.has(link) && !place.has("home/ms04-006.xml") && !place.has("repo/out/manifest.json"));
    }
}

/// The user may name any folder; the one that nobody named must be one.
#[test]
fn an_output_folder_that_nobody_named_is_no_link() {
    for to in ["../home", "nowhere"] {
        let place = Place::new();
        place.link("repo/out", to);
        refused(place.build(&[]), "CAV0705", "`out` is a symbolic link");
        assert_eq!(fs::read_dir(place.top.path().join("home")).unwrap().count(), 1);
    }
    let place = Place::new();
    place.link("repo/out", "../home");
    let _ = place.build(&["-o", "out"]).expect(0);
    assert!(place.has("home/oval/ms04-006.xml"));
}

#[test]
fn paths_of_a_configuration_stay_in_its_folder() {
    let place = Place::new();
    for path in [
        "/tmp/caveat",
        "..",
        "../home",
        "rules/../../home",
        "./..",
        r"..\\home",
        r"rules\\..\\..\\home",
        r"\\\\server\\share",
        r"\\home",
        "C:/home",
        r"c:home",
        ".. /home",
        "../",
        "...",
    ] {
        for key in ["lock", "rules"] {
            place.write("repo/caveat.toml", &format!("{key} = \"{path}\"\n"));
            let shown = path.replace(r"\\", r"\");
            let words = format!("the path `{shown}` leaves the folder of this file");
            refused(place.run(&["build", "rules", "-t", "oval"]), "CAV0704", &words);
            refused(place.run(&["fmt"]), "CAV0704", &words);
        }
    }
    assert!(!place.has("repo/out"));
    place.write("repo/caveat.toml", "rules = \"./rules\"\nlock = \"ids/../caveat.lock\"\n");
    refused(place.build(&[]), "CAV0704", "leaves the folder");
    place.write("repo/caveat.toml", "rules = \"./rules\"\nlock = \"./caveat.lock\"\n");
    let _ = place.build(&[]).expect(0);
    assert!(place.has("repo/caveat.lock"));
    let elsewhere = place.top.path().join("home/own.lock");
    let _ = place.build(&["--lock", &elsewhere.to_string_lossy()]).expect(0);
    assert!(elsewhere.is_file(), "the user may name any file");
}

#[test]
fn a_lock_file_is_a_file_of_the_repository() {
    let place = Place::new();
    place.write("repo/caveat.toml", "rules = \"rules\"\nlock = \"ids/caveat.lock\"\n");
    place.link("repo/ids", "../home");
    refused(place.build(&[]), "CAV0705", "`ids` is a symbolic link");
    place.remove("repo/ids");
    for to in ["../../home/diary", "../../home/new.lock", "/dev/zero"] {
        place.link("repo/ids/caveat.lock", to);
        refused(place.build(&[]), "CAV0705", "`ids/caveat.lock` is a symbolic link");
        place.remove("repo/ids/caveat.lock");
    }
    place.pipe("repo/ids/caveat.lock");
    refused(place.build(&[]), "CAV0701", "`ids/caveat.lock` is not a regular file");
    refused(place.build(&["--lock", "ids/caveat.lock"]), "CAV0701", "is not a regular file");
    place.remove("repo/ids/caveat.lock");
    File::create(place.repo().join("ids/caveat.lock")).unwrap().set_len(1 << 30).unwrap();
    refused(place.build(&[]), "CAV0703", "`ids/caveat.lock` is larger than 256 MiB");
    assert_eq!(place.text("home/diary"), "dear diary");
    assert!(!place.has("repo/out") && !place.has("home/new.lock"));
}

#[test]
fn a_configuration_that_is_no_file_is_refused() {
    let place = Place::new();
    let toml = "repo/caveat.toml";
    for command in ["check", "build", "targets"] {
        place.remove(toml);
        place.pipe(toml);
        refused(place.run(&[command]), "CAV0701", "`caveat.toml` is not a regular file");
        place.remove(toml);
        place.link(toml, "/dev/zero");
        refused(place.run(&[command]), "CAV0701", "`caveat.toml` is not a regular file");
        place.remove(toml);
        place.link(toml, "nowhere");
        refused(place.run(&[command]), "CAV0701", "`caveat.toml` cannot be read");
        place.remove(toml);
        File::create(place.top.path().join(toml)).unwrap().set_len(1 << 30).unwrap();
        refused(place.run(&[command]), "CAV0703", "`caveat.toml` is larger than 1 MiB");
    }
}

/// Files that nobody named are read without waiting, and never without end.
#[test]
fn files_that_are_found_are_regular() {
    let place = Place::new();
    for name in ["rules/.gitignore", "rules/deep/.ignore", ".gitignore"] {
        fs::create_dir_all(place.repo().join("rules/deep")).unwrap();
        let path = format!("repo/{name}");
        place.pipe(&path);
        refused(place.run(&["check"]), "CAV0701", &format!("`{name}` is not a regular file"));
        place.remove(&path);
        place.link(&path, "/dev/zero");
        refused(place.run(&["fmt"]), "CAV0701", &format!("`{name}` is not a regular file"));
        place.remove(&path);
    }
    place.pipe("repo/rules/helper.caveat");
    place.write("repo/rules/a.caveat", "use helper\ncondition a = helper.b\n");
    refused(place.run(&["check"]), "CAV0701", "`rules/helper.caveat` is not a regular file");
    place.write("repo/caveat.toml", "rules = \"rules/helper.caveat\"\n");
    refused(place.run(&["check"]), "CAV0701", "is neither a folder nor a regular file");
}

/// The layout of a stranger's choice is not for other people's rules.
#[test]
fn commands_change_no_rules_elsewhere() {
    let place = Place::new();
    let other = "condition   a =   hotfix KB1\n";
    place.write("home/rules/other.caveat", other);
    fs::rename(place.repo().join("rules"), place.repo().join("mine")).unwrap();
    place.link("repo/rules", "../home/rules");
    for command in [&["fmt"][..], &["check", "--fix"], &["new", "MS99-001"]] {
        refused(place.run(command), "CAV0705", "`rules` is a symbolic link");
    }
    assert_eq!(place.text("home/rules/other.caveat"), other);
    assert!(!place.has("home/rules/ms99-001.caveat"));
    let _ = place.run(&["check"]).expect(0);
    let _ = place.run(&["fmt", "rules"]).expect(0);
    assert_ne!(place.text("home/rules/other.caveat"), other, "the user named it");
}

/// A name may hold what other systems take for a path.
#[test]
fn mending_a_file_changes_that_file_and_no_other() {
    let place = Place::new();
    let flawed = "use std.windows\ncondition a = hotfix KB1\n";
    place.write("home/victim.caveat", flawed);
    place.write("repo/rules/a.caveat", flawed);
    fs::write(place.repo().join(r"rules/..\..\home\victim.caveat"), format!("// mine\n{flawed}")).unwrap();
    let _ = Run::new(&place.repo().join("rules"), ["check", ".", "--fix"]).go();
    let _ = Run::new(&place.repo(), ["check", "--fix"]).go();
    assert_eq!(place.text("home/victim.caveat"), flawed);
    assert!(!place.text("repo/rules/a.caveat").contains("use std.windows"), "the test mends something");
}

/// A relative home is in the repository as easily as anywhere.
#[test]
fn a_home_that_is_relative_is_nobodys() {
    let place = Place::new();
    place.write("repo/.config/caveat/config.toml", "[backend.evil]\ncommand = [\"touch\", \"evil\"]\n");
    place.write("repo/evil/caveat/config.toml", "[backend.evil]\ncommand = [\"touch\", \"evil\"]\n");
    let run = |home: &str, config: &str| {
        let run = Run::new(&place.repo(), ["build", "-t", "evil"]).env("HOME", home);
        run.env("XDG_CONFIG_HOME", config).go()
    };
    for (home, config) in [(".", ""), ("./", ""), ("", ""), (".", "evil"), ("/nonexistent", "evil")] {
        let ran = run(home, config).expect(2);
        assert!(ran.stderr.contains("there is no target `evil`"), "{home} {config}: {}", ran.stderr);
    }
    let home = place.repo();
    let _ = run(&home.to_string_lossy(), "").expect(3);
    assert!(Path::new(&home.join(".config/caveat/evil")).exists(), "the home of the test works");
}
