//! Wine, with `PowerShell` and the program that judges by `LiveHost` in it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use caveat_ir::recorded::{self, Place};
use caveat_ir::value::{KnownFolder, Variable};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::plan::{Plan, ROOT};
use crate::rules::root;

/// A prefix of its own, which lasts as long as this.
#[derive(Debug)]
pub struct Wine {
    folder: TempDir,
    shell: PathBuf,
    judge: PathBuf,
}

/// A machine to be set up, and the folder of its rules: `caveat.ps1`, `collect-facts.ps1` and their source.
#[derive(Debug)]
pub struct Machine<'a> {
    /// What to set up.
    pub plan: &'a Plan,
    /// The folder of the scripts.
    pub rules: PathBuf,
    /// The source of the rules.
    pub source: PathBuf,
}

/// What was found on a machine.
#[derive(Debug)]
pub struct Found {
    /// The script's results.
    pub script: Value,
    /// What the collector printed.
    pub facts: String,
    /// What it printed when it ran again, where it did.
    pub again: Option<String>,
    /// What `LiveHost` gives.
    pub judge: Value,
}

impl Wine {
    /// Makes a prefix.
    ///
    /// # Errors
    /// A line that says what is missing.
    pub fn find() -> Result<Self, String> {
        let skipped = |what: &str| format!("skipped: {what}");
        let given = std::env::var_os("CAVEAT_PWSH_WINE").map(PathBuf::from);
        let shell = given.unwrap_or_else(|| root().join("target/engines/pwsh-windows/pwsh-host.exe"));
        let judge = root().join("target/debian/x86_64-win7-windows-gnu/debug/examples/judge.exe");
        if !shell.is_file() {
            return Err(skipped(
                "there is no PowerShell for Wine (.ci/engines unpacks it from an archive beside the checkout)",
            ));
        }
        if !judge.is_file() {
            return Err(skipped("the program that judges by LiveHost is not built (.ci/windows builds it)"));
        }
        let wine = Self { folder: TempDir::new().unwrap(), shell, judge };
        let boots = wine.command("wineboot").arg("-i").status().is_ok_and(|status| status.success());
        if !boots {
            return Err(skipped("Wine is not installed"));
        }
        let version = ["reg", "add", r"HKCU\Software\Wine", "/v", "Version", "/d", "win10", "/f"];
        wine.command("wine").args(version).status().unwrap();
        Ok(wine)
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.env("WINEPREFIX", self.folder.path().join("prefix")).env("WINEARCH", "win64");
        command.env("WINEDEBUG", "-all").env("DOTNET_EnableWriteXorExecute", "0");
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command
    }

    /// A folder for files of the test.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// What is found on each machine, set up one after the other.
    #[must_use]
    pub fn run(&self, machines: &[Machine<'_>]) -> Vec<Found> {
        let out = self.folder().join("out");
        std::fs::create_dir_all(&out).unwrap();
        let plans = self.folder().join("plans.json");
        std::fs::write(&plans, self.plans(machines, &out).to_string()).unwrap();
        let driver = self.folder().join("driver.ps1");
        std::fs::write(&driver, include_str!("driver.ps1")).unwrap();
        let mut command = self.command("wine");
        command.current_dir(self.shell.parent().unwrap()).env("WINEDLLOVERRIDES", overrides(machines));
        command.arg("./pwsh-host.exe").arg("-File").arg(windows(&driver));
        let ran =
            command.args([windows(&plans), windows(&self.judge)]).stderr(Stdio::piped()).output().unwrap();
        let errors = String::from_utf8_lossy(&ran.stderr).into_owned();
        (0..machines.len()).map(|number| found(&out.join(number.to_string()), &errors)).collect()
    }

    fn plans(&self, machines: &[Machine<'_>], out: &Path) -> Value {
        let store = self.folder().join("store");
        std::fs::create_dir_all(&store).unwrap();
        let mut stored = 0;
        let machines = machines.iter().map(|machine| {
            let mut json = machine.plan.json(|bytes| {
                stored += 1;
                let file = store.join(format!("{stored}"));
                std::fs::write(&file, bytes).unwrap();
                windows(&file)
            });
            json["rules"] = windows(&machine.rules).into();
            json["source"] = windows(&machine.source).into();
            json
        });
        let machines: Vec<Value> = machines.collect();
        let places = Place::ALL.iter().map(|place| (place.key(), place.name()));
        let folders = KnownFolder::ALL.iter().map(|folder| folder.registry_value());
        let values: Vec<(&str, &str)> = places.chain(folders).collect();
        let always =
            values.iter().map(|(key, name)| json!({ "key": format!(r"HKLM\{key}"), "values": [name] }));
        let hotfix = json!({ "key": format!(r"HKLM\{}", recorded::UPDATES), "values": [] });
        let always: Vec<Value> = always.chain([hotfix]).collect();
        let kept: BTreeSet<String> = values
            .iter()
            .map(|(key, _)| key.to_lowercase())
            .chain([Variable::MACHINE.to_lowercase()])
            .collect();
        let (out, modules) = (windows(out), windows(&root().join("rules")));
        json!({ "root": ROOT, "out": out, "modules": modules, "always": always, "kept": kept, "machines": machines })
    }
}

impl Drop for Wine {
    fn drop(&mut self) {
        let _ = self.command("wineserver").arg("-k").status();
    }
}

/// Libraries of which Wine would tell its own version, whatever the file of that name says.
fn overrides(machines: &[Machine<'_>]) -> String {
    let paths = machines.iter().flat_map(|machine| machine.plan.files.keys());
    let names = paths.filter_map(|path| path.rsplit('\\').next()?.rsplit_once('.'));
    let names: BTreeSet<String> = names.map(|(stem, _)| stem.to_lowercase()).collect();
    format!("{}=n,b", names.into_iter().collect::<Vec<_>>().join(","))
}

fn windows(path: &Path) -> String {
    format!("Z:{}", path.display().to_string().replace('/', "\\"))
}

fn found(out: &Path, errors: &str) -> Found {
    let read = |kind: &str| std::fs::read_to_string(out.with_extension(kind));
    if let Ok(failed) = read("failed") {
        panic!("{}: {failed}", out.display());
    }
    let text =
        |kind: &str| read(kind).unwrap_or_else(|_| panic!("{} was not judged: {errors}", out.display()));
    let json = |kind: &str| -> Value {
        let text = text(kind);
        serde_json::from_str(&text)
            .unwrap_or_else(|error| panic!("{} {kind}: {error}: {text:.300}", out.display()))
    };
    Found {
        script: json("script.json")["results"].clone(),
        facts: text("facts.json"),
        again: read("again.json").ok(),
        judge: json("judge.json"),
    }
}
