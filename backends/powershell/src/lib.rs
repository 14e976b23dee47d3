//! PowerShell scripts from Caveat rules: one for every bulletin, one for all, and a collector.
//!
//! ```text
//! Checked -> tables (data) + what they need of runtime/*.ps1 (code) -> script -> artifacts
//! ```
//!
//! The code of scripts lies in `runtime`, of which each has the functions that its rules need; what a rule says becomes
//! tables of literals that this code walks. So no text of a rule is ever run. What a rule means is
//! not decided here: every formula comes from `caveat_ir::meaning`.

mod bulletins;
mod help;
mod literal;
mod needs;
mod options;
mod pattern;
mod runtime;
mod script;
mod tables;
mod tests_table;

use caveat_backend::claims::Admitted;
use caveat_backend::{
    Artifact, ArtifactRole, Backend, BackendInfo, EmitBug, EmitCx, EmitError, Fidelity, Losses, Metadata,
    Support, Text, text,
};
use caveat_diag::{Code, Diagnostic};
use caveat_ir::rule::{Bulletin, RuleSet};
use caveat_ir::{Checked, Feature, Origin};
use std::borrow::Cow;

use crate::options::{Layout, Runtime, Settings};

const EXTENSIONS: &[Text] = &[text("ps1"), text("psm1")];

static INFO: BackendInfo = BackendInfo {
    id: text("powershell"),
    title: text("PowerShell 2.0 to 7"),
    summary: text("self-contained scripts that judge a Windows host, and a collector of its facts"),
    extensions: Cow::Borrowed(EXTENSIONS),
    options: Cow::Borrowed(options::SPECS),
    metadata: Cow::Borrowed(&[Metadata::Reference]),
};

/// The back end for PowerShell.
#[derive(Debug, Clone, Copy, Default)]
pub struct PowerShell;

impl Backend for PowerShell {
    fn info(&self) -> &BackendInfo {
        &INFO
    }

    /// Everything but what each user or process has is exact: a fact that a process cannot reach, such as the 64-bit
    /// registry of a 32-bit PowerShell on .NET 2, is unknown there, as it would be in a host file.
    fn support(&self, feature: Feature) -> Support {
        match feature {
            Feature::OsFamily
            | Feature::OsVersion
            | Feature::OsBuild
            | Feature::OsRevision
            | Feature::ServicePack
            | Feature::ProductType
            | Feature::InstallationType
            | Feature::Suite
            | Feature::Architecture
            | Feature::Language
            | Feature::FileExists
            | Feature::FileVersion
            | Feature::FileSize
            | Feature::FileDigest
            | Feature::RegistryExists
            | Feature::RegistryValue
            | Feature::RegistryPattern
            | Feature::RegistryBits
            | Feature::RegistryType
            | Feature::RegistryView
            | Feature::ServiceStart
            | Feature::ServiceState
            | Feature::Hotfix
            | Feature::MachineVariable
            | Feature::Unknowable => Support::Exact,
            Feature::SeveralKeys | Feature::KeysWithoutValue => Support::no("a script asks for keys by name"),
            Feature::OtherVariable => {
                Support::narrow("only the environment of the process that runs the script is asked")
            }
            Feature::CurrentUser => Support::narrow("only the account that runs the script is asked"),
        }
    }

    fn emit(&self, rules: &Checked, cx: &mut EmitCx<'_>) -> Result<(), EmitError> {
        let settings = Settings::read(cx.options());
        let rules = rules.rules();
        let admit = |bulletin| Some(Made { bulletin, said: cx.admit_bulletin(self, rules, bulletin)? });
        let all: Vec<Made<'_>> = rules.bulletins.iter().filter_map(admit).collect();
        if all.is_empty() {
            return Ok(());
        }
        let mut written = Vec::new();
        if settings.layout != Layout::Bundle {
            for made in &all {
                let stem = made.bulletin.id.as_str().to_ascii_lowercase();
                written.push(write(rules, &stem, std::slice::from_ref(made), &settings, cx)?);
            }
        }
        if settings.layout != Layout::Bulletin {
            written.push(write(rules, "caveat", &all, &settings, cx)?);
        }
        if settings.runtime == Runtime::Module {
            let path = "powershell/Caveat.psm1".to_owned();
            let module = artifact("", script::module(&settings)?, ArtifactRole::Companion, &all);
            cx.artifact(Artifact { path, ..module })?;
        }
        warn_of_size(&written, cx);
        let bulletins: Vec<&Bulletin> = all.iter().map(|made| made.bulletin).collect();
        let text = script::collector(rules, &bulletins, &settings)?;
        cx.artifact(artifact("collect-facts", text, ArtifactRole::Companion, &all))?;
        Ok(())
    }

    fn reviewed<'a>(&self, artifact: &'a Artifact) -> Cow<'a, str> {
        Cow::Borrowed(script::tables_of(&artifact.text))
    }
}

/// A bulletin that is made, and how well.
struct Made<'a> {
    bulletin: &'a Bulletin,
    said: Admitted<'a>,
}

/// Writes a script, and tells its stem and size.
fn write(
    rules: &RuleSet,
    stem: &str,
    all: &[Made<'_>],
    settings: &Settings,
    cx: &mut EmitCx<'_>,
) -> Result<(String, usize), EmitBug> {
    let bulletins: Vec<&Bulletin> = all.iter().map(|made| made.bulletin).collect();
    let mut losses = Losses::default();
    for made in all {
        losses.extend(made.said.losses.clone());
    }
    let text = script::judge(rules, stem, &bulletins, (fidelity(all), &losses), settings)?;
    let size = text.len();
    cx.artifact(artifact(stem, text, ArtifactRole::Main, all))?;
    Ok((stem.to_owned(), size))
}

/// What services that deploy scripts take: Intune ends there.
const LIMIT: usize = 200_000;

/// Warns of scripts that such services refuse.
fn warn_of_size(scripts: &[(String, usize)], cx: &mut EmitCx<'_>) {
    let large = scripts.iter().filter(|(_, size)| *size > LIMIT);
    let large: Vec<String> = large.map(|(stem, size)| format!("`{stem}.ps1` has {size}")).collect();
    if large.is_empty() {
        return;
    }
    let message = format!("Intune takes scripts of {LIMIT} bytes at most: {}", large.join(", "));
    let help = "set `powershell.layout = \"bulletin\"` for a script per bulletin, or `powershell.runtime = \"module\"` where a \
                module can lie beside the scripts";
    cx.report(Diagnostic::new(Code::LARGE_SCRIPT, message).help(help), Origin::default());
}

fn fidelity(all: &[Made<'_>]) -> Fidelity {
    all.iter().map(|made| made.said.fidelity).fold(Fidelity::Exact, Fidelity::and)
}

fn artifact(stem: &str, text: String, role: ArtifactRole, all: &[Made<'_>]) -> Artifact {
    Artifact {
        path: format!("powershell/{stem}.ps1"),
        text,
        role,
        bulletins: all.iter().map(|made| made.bulletin.id.clone()).collect(),
        fidelity: fidelity(all),
    }
}
