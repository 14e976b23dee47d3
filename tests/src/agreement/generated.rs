//! Generated Rust code for rules that were not known when this suite was compiled: a crate of its own,
//! compiled and run on host files.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};

use caveat_backend::{Backend, Fidelity, Options, Policy};
use caveat_backend_rust::Rust as BackEnd;
use caveat_driver::lock::Lock;
use caveat_driver::{Target, build};
use caveat_ir::Checked;
use caveat_ir::host::HostFile;
use caveat_ir::rule::Verdict;
use caveat_ir::value::BulletinId;

use super::{Engine, Said, Subject};
use crate::rules::root;

/// Prints a line for each verdict on a vulnerability, and an empty one after each host.
const MAIN: &str = r#"//! Judges the hosts of a file.
mod rust;

fn main() {
    let path = std::env::args().nth(1).unwrap();
    let text = std::fs::read_to_string(&path).unwrap();
    for file in caveat_eval::load_hosts(&path, &text) {
        let (host, _) = caveat_eval::Host::new(&file.unwrap(), &caveat_ir::RuleSet::default());
        for outcome in rust::evaluate(&host).iter() {
            for one in &outcome.vulnerabilities {
                println!("{} {} {}", outcome.bulletin.id, one.vulnerability.id, one.verdict);
            }
        }
        println!();
    }
}
"#;

/// One crate is compiled at a time, in one place.
static PLACE: Mutex<()> = Mutex::new(());

/// A program that judges hosts.
pub struct Generated {
    folder: PathBuf,
}

impl Generated {
    /// Compiles the rules, and the code. The program goes to `folder`.
    #[must_use]
    pub fn new(rules: &Checked, folder: &Path) -> Self {
        let options = Options::new(BackEnd.info().options, []).unwrap();
        let built =
            build(rules, &[Target { backend: &BackEnd, options }], Policy::Approximate, &Lock::default());
        assert!(!built.failed, "{:?}", built.diagnostics);
        let files = built.artifacts.into_iter().map(|(_, artifact)| (artifact.path, artifact.text));
        std::fs::create_dir_all(folder).unwrap();
        let _turn = PLACE.lock().unwrap_or_else(PoisonError::into_inner);
        compile(files, &folder.join("judge"));
        Self { folder: folder.to_owned() }
    }
}

fn compile(files: impl Iterator<Item = (String, String)>, program: &Path) {
    let place = root().join("target/tmp/generated");
    let sources = place.join("src");
    let _ = std::fs::remove_dir_all(&sources);
    let others = [("main.rs".to_owned(), MAIN.to_owned())];
    for (path, text) in files.chain(others) {
        let path = sources.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    std::fs::write(place.join("Cargo.toml"), manifest()).unwrap();
    std::fs::copy(root().join("Cargo.lock"), place.join("Cargo.lock")).unwrap();
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    let _ = command.args(["build", "--offline", "--quiet", "--target-dir"]).arg(place.join("target"));
    let ran = command.current_dir(&place).env_remove("RUSTFLAGS").output().unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    let _ = std::fs::remove_file(program);
    std::fs::rename(place.join("target/debug/judge"), program).unwrap();
}

fn manifest() -> String {
    let crates = root().join("crates").to_string_lossy().replace('\\', "/");
    let dependency = |name: &str| format!("{name} = {{ path = '{crates}/{name}' }}\n");
    let dependencies: String =
        ["caveat-eval", "caveat-ir", "caveat-runtime"].iter().map(|name| dependency(name)).collect();
    format!(
        "[package]\nname = \"judge\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n\
         [dependencies]\n{dependencies}\n[profile.dev]\ndebug = false\n\n[workspace]\n"
    )
}

impl Engine for Generated {
    fn target(&self) -> &'static str {
        "rust"
    }

    fn fidelity(&self, _: &BulletinId) -> Fidelity {
        Fidelity::Exact
    }

    fn run(&self, hosts: &[HostFile]) -> Vec<BTreeMap<Subject, Said>> {
        let path = self.folder.join("hosts.ndjson");
        let lines = hosts.iter().map(|host| serde_json::to_string(host).unwrap() + "\n");
        std::fs::write(&path, lines.collect::<String>()).unwrap();
        let ran = Command::new(self.folder.join("judge")).arg(&path).output().unwrap();
        assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
        let output = String::from_utf8(ran.stdout).unwrap();
        let said: Vec<_> =
            output.split_terminator("\n\n").map(|host| host.lines().map(said).collect()).collect();
        assert_eq!(said.len(), hosts.len(), "{output}");
        said
    }
}

fn said(line: &str) -> (Subject, Said) {
    let [bulletin, cve, verdict] = line.split(' ').collect::<Vec<_>>()[..] else { panic!("`{line}`") };
    let subject = (bulletin.parse().unwrap(), cve.parse().unwrap());
    (subject, Said::Verdict(Verdict::named(verdict).unwrap()))
}
