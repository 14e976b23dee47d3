//! The conformance kit: puts a plug-in through what the protocol asks of it, and reports what breaks.
//! The rules are small, use every feature, and hold texts that many formats give a meaning.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use caveat_backend::{
    Artifact, ArtifactRole, Backend as _, EmitCx, Ledger, OptionSpec, Options, Policy, digest,
};
use caveat_diag::Diagnostic;
use caveat_ir::{Checked, Places, RuleSet};
use caveat_plugin::PROTOCOL;
use caveat_plugin::message::{FromHost, FromPlugin, HostHello};
use caveat_sema::Rules;

use super::fault::Fault;
use super::process::Process;
use super::receive::Told;
use super::{Plugin, host_hello};
use crate::compile;
use crate::inputs::Input;
use crate::plugin::Limits;

/// A condition for every feature.
const CONDITIONS: &[&str] = &[
    "os family windows",
    "os version 5.0",
    "os build 2195",
    "os sp 2..4",
    "os type server",
    "os suite \"Terminal Server\"",
    "os architecture x86",
    "os language ja",
    "file '%SystemRoot%\\a.dll' exists",
    "file '%SystemRoot%\\a.dll' version < 5.0.2195.6870",
    "file '%SystemRoot%\\a.dll' size = 145168",
    "file '%SystemRoot%\\a.dll' sha256 \"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\"",
    "registry 'HKLM\\SOFTWARE\\Acme' exists",
    "registry 'HKLM\\SOFTWARE\\Acme' value \"Level\" = dword 2",
    "registry 'HKLM\\SOFTWARE\\Acme' value \"Level\" matches \"^5\\\\.[0-9]$\"",
    "registry 'HKLM\\SOFTWARE\\Acme' value \"Level\" has dword 0x400",
    "registry 'HKLM\\SOFTWARE\\Acme' value \"Level\" > qword 4294967296",
    "registry 'HKLM\\SOFTWARE\\Acme' value \"Level\" type reg_none, reg_link",
    "registry 32 'HKLM\\SOFTWARE\\Acme' value \"Text\" = \"\\\" ]]> --> <x>&amp; `id` $(id) %x% | * _ # 日本語 \\u{1F600}\"",
    "any key 'HKLM\\SOFTWARE\\Acme\\*' { value \"Level\" = dword 2 }",
    "any key 'HKLM\\SOFTWARE\\Acme\\*' { not value \"Level\" exists }",
    "service \"Acme\" enabled",
    "service \"Acme\" running",
    "hotfix KB830352",
    "file '%AcmeRoot%\\a.dll' version < 2.0",
    "registry 'HKCU\\Software\\Acme' value \"Level\" = dword 2",
    "undecidable \"nobody can tell\"",
    "file '%ProgramW6432%\\a.dll' version < 2.0",
    "os installation server-core",
];

/// The rules that plug-ins are put through.
#[must_use]
pub fn rules() -> String {
    let mut text =
        "platform any-windows {\n    title \"Any | <Windows> `5.0`\"\n    version 5.0\n}\n".to_owned();
    let bulletins = CONDITIONS.iter().enumerate().map(|(index, condition)| bulletin(index, condition));
    text.extend(bulletins);
    text
}

fn bulletin(index: usize, condition: &str) -> String {
    format!(
        r#"
bulletin CHECK-{index:02} {{
    title     "Texts: \" ]]> </x> | `*_#` $(id) \u{{202E}}\n%x% {index}"
    published 2004-02-11
    severity  low
    vulnerability CVE-2004-{index:04} {{
        title   "A hole"
        exposed when not hotfix KB1
    }}
    package "One & only" {{
        for any-windows
        vulnerable when {condition}
    }}
}}
"#
    )
}

fn compiled() -> Result<Checked, String> {
    let input = Input {
        shown: "check.caveat".to_owned(),
        path: None,
        module: "check".to_owned(),
        root: PathBuf::new(),
        text: rules(),
    };
    match compile(vec![input], Vec::new()).rules {
        Rules::Checked(checked) => Ok(checked),
        Rules::Broken(_) => Err("the rules of the kit are broken".to_owned()),
    }
}

/// What was tried and what came of it.
#[derive(Debug)]
pub struct Finding {
    /// What was tried.
    pub title: String,
    /// What broke the contract, if it was broken.
    pub broken: Option<Box<Diagnostic>>,
    /// What broke it, where that is no diagnostic of `caveat build`.
    pub words: Option<String>,
}

impl Finding {
    /// Whether the contract was kept.
    #[must_use]
    pub fn is_kept(&self) -> bool {
        self.broken.is_none() && self.words.is_none()
    }
}

/// What breaks the contract.
enum Breach {
    Diagnostic(Box<Diagnostic>),
    Words(String),
}

impl From<Box<Diagnostic>> for Breach {
    fn from(problem: Box<Diagnostic>) -> Self {
        Self::Diagnostic(problem)
    }
}

impl From<String> for Breach {
    fn from(words: String) -> Self {
        Self::Words(words)
    }
}

type Kept = Result<(), Breach>;

/// Puts the plug-in that `command` starts in `folder` through everything. `known` hears of every finding
/// as soon as it is there.
///
/// # Errors
/// Only by a defect of the kit.
pub fn check(command: &[String], folder: &Path, known: &mut dyn FnMut(&Finding)) -> Result<(), String> {
    let rules = compiled()?;
    let subject = Subject { command, folder, rules };
    let mut told = |title: String, kept: Kept| {
        let (broken, words) = match kept {
            Ok(()) => (None, None),
            Err(Breach::Diagnostic(problem)) => (Some(problem), None),
            Err(Breach::Words(words)) => (None, Some(words)),
        };
        known(&Finding { title, broken, words });
    };
    let options = match subject.start() {
        Ok(plugin) => plugin.info().options.clone(),
        Err(problem) => {
            told("introduces itself".to_owned(), Err(problem.into()));
            return Ok(());
        }
    };
    told("introduces itself".to_owned(), Ok(()));
    told("ends when there is nothing to do".to_owned(), subject.nothing_to_do());
    told("answers a host of another version".to_owned(), subject.another_version());
    told("compiles no rules at all".to_owned(), subject.no_rules());
    for policy in [Policy::Approximate, Policy::Skip, Policy::Error] {
        told(format!("compiles every feature, policy {policy:?}").to_lowercase(), subject.features(policy));
    }
    told("makes the same of the same".to_owned(), subject.repeated());
    told("keeps the ids that it was given".to_owned(), subject.ids());
    for option in options.iter() {
        for value in option.values.iter() {
            told(format!("takes the option {}={value}", option.name), subject.option(option, value));
        }
    }
    Ok(())
}

struct Subject<'a> {
    command: &'a [String],
    folder: &'a Path,
    rules: Checked,
}

/// What one run made.
struct Run {
    artifacts: Vec<Artifact>,
    problems: Vec<Diagnostic>,
}

impl Subject<'_> {
    fn start(&self) -> Result<Plugin, Box<Diagnostic>> {
        Plugin::start(None, self.command, self.folder, Limits::default())
    }

    fn process(&self) -> Result<Process, Breach> {
        let started = Process::start(self.command, self.folder, Limits::default());
        started.map_err(|fault| self.breach(&fault))
    }

    fn breach(&self, fault: &Fault) -> Breach {
        Breach::Diagnostic(Box::new(fault.diagnostic(&self.command.join(" "), "")))
    }

    fn nothing_to_do(&self) -> Kept {
        let mut process = self.process()?;
        let greeted = process.send(&FromHost::Hello(host_hello())).and_then(|()| process.introduction());
        greeted.map_err(|fault| self.breach(&fault))?;
        ended(process.finish())
    }

    fn another_version(&self) -> Kept {
        let mut process = self.process()?;
        let other = HostHello { protocol: "caveat/plugin/v0".to_owned(), ..host_hello() };
        let sent = process.send(&FromHost::Hello(other));
        match sent.and_then(|()| process.introduction()) {
            Ok(FromPlugin::Hello(hello)) if hello.protocol == PROTOCOL => {}
            Ok(FromPlugin::Hello(hello)) => {
                return Err(format!("it says that it speaks `{}`, not `{PROTOCOL}`", hello.protocol).into());
            }
            Ok(_) => return Err("it answers something else than its own `hello`".to_owned().into()),
            Err(Fault::Ended(_)) => return Ok(()),
            Err(fault) => return Err(self.breach(&fault)),
        }
        match process.finish() {
            (0, Some(_)) => Ok(()),
            (0, None) => Err("it does not end when the host says no more".to_owned().into()),
            _ => Err("it goes on talking after its `hello`".to_owned().into()),
        }
    }

    fn no_rules(&self) -> Kept {
        let nothing = caveat_ir::check(RuleSet::default(), Places::default());
        let nothing = nothing.map_err(|_| "no rules at all are not sound".to_owned())?;
        self.run(&nothing, Policy::Approximate, &[]).map(|_| ())
    }

    fn features(&self, policy: Policy) -> Kept {
        self.run(&self.rules, policy, &[]).map(|_| ())
    }

    fn repeated(&self) -> Kept {
        let texts = || -> Result<BTreeMap<String, String>, Breach> {
            let artifacts = self.run(&self.rules, Policy::Approximate, &[])?.artifacts;
            Ok(artifacts.into_iter().map(|artifact| (artifact.path, artifact.text)).collect())
        };
        let (first, second) = (texts()?, texts()?);
        let differs = |path: &&String| first.get(*path) != second.get(*path);
        match first.keys().chain(second.keys()).find(differs) {
            Some(path) => Err(format!("`{path}` differs from run to run").into()),
            None => Ok(()),
        }
    }

    fn ids(&self) -> Kept {
        let mut ids = Ledger::default();
        ids.assign("kit", &BTreeMap::from([("kept".to_owned(), digest("kept").into())]));
        self.run_with(&self.rules, Policy::Approximate, &[], ids).map(|_| ())
    }

    fn option(&self, option: &OptionSpec, value: &str) -> Kept {
        let run = self.run(&self.rules, Policy::Approximate, &[(option.name.as_ref(), value)])?;
        match run.problems.into_iter().find(Diagnostic::is_error) {
            Some(problem) => Err(Box::new(problem).into()),
            None => Ok(()),
        }
    }

    fn run(&self, rules: &Checked, policy: Policy, options: &[(&str, &str)]) -> Result<Run, Breach> {
        self.run_with(rules, policy, options, Ledger::default())
    }

    fn run_with(
        &self,
        rules: &Checked,
        policy: Policy,
        options: &[(&str, &str)],
        mut ids: Ledger,
    ) -> Result<Run, Breach> {
        let plugin = self.start()?;
        let options = Options::new(&plugin.info().options, options.iter().copied());
        let options = options.map_err(|error| error.to_string())?;
        let mut cx = EmitCx::new(&options, policy, &mut ids);
        let (Told { problems, amended }, end) = plugin.compile(rules, &mut cx)?;
        ended(end)?;
        // The user is told and the policy kept all the same; but nobody else can know what the plug-in knows.
        if let Some(words) = amended.into_iter().next() {
            return Err(words.into());
        }
        if let Some(warning) = problems.iter().find(|problem| problem.message.contains("standard error")) {
            return Err(Box::new(warning.clone()).into());
        }
        let artifacts: Vec<Artifact> = cx.finish().outputs.into_iter().collect();
        for artifact in artifacts.iter().filter(|artifact| artifact.role == ArtifactRole::Main) {
            let extension = artifact.path.rsplit_once('.').map_or("", |(_, extension)| extension);
            if !plugin.info().extensions.iter().any(|one| one == extension) {
                let words = format!("`{}` has none of the extensions that it declared", artifact.path);
                return Err(words.into());
            }
        }
        Ok(Run { artifacts, problems })
    }
}

/// Building goes on with a plug-in that had to be stopped, but it costs the user time.
fn ended((more, status): super::End) -> Kept {
    match status {
        _ if more > 0 => Err("it goes on talking when there is nothing to do".to_owned().into()),
        None => Err("it does not end when the host says no more".to_owned().into()),
        Some(status) if !status.success() => Err(format!("its {status}, where 0 was to be").into()),
        Some(_) => Ok(()),
    }
}
