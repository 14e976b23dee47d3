//! A target for Caveat in Rust, outside its workspace: a table of the files that updates bring, for
//! spreadsheets and asset databases. One row for each file and first fixed version.

use std::borrow::Cow;
use std::process::ExitCode;

use caveat_backend::{
    Artifact, ArtifactRole, Backend, BackendInfo, EmitCx, EmitError, Fidelity, Losses, OptionSpec, Support, Text, text,
};
use caveat_ir::rule::Bulletin;
use caveat_ir::{Checked, Feature};

struct Csv;

const EXTENSIONS: &[Text] = &[text("csv")];

const SEPARATORS: &[Text] = &[text(","), text(";")];

const SPECS: &[OptionSpec] =
    &[OptionSpec::listed("separator", ",", SEPARATORS, "what stands between fields")];

static INFO: BackendInfo = BackendInfo {
    id: text("csv"),
    title: text("Table of files"),
    summary: text("the files of each bulletin's updates with their first fixed versions, as CSV"),
    extensions: Cow::Borrowed(EXTENSIONS),
    options: Cow::Borrowed(SPECS),
    metadata: Cow::Borrowed(&[]),
};

impl Backend for Csv {
    fn info(&self) -> &BackendInfo {
        &INFO
    }

    /// A table of files says nothing but versions, so whoever reads it is told too much.
    fn support(&self, feature: Feature) -> Support {
        match feature {
            Feature::FileVersion => Support::Exact,
            Feature::OsFamily
            | Feature::OsVersion
            | Feature::OsBuild
            | Feature::OsRevision
            | Feature::ServicePack
            | Feature::ProductType
            | Feature::InstallationType
            | Feature::Suite
            | Feature::Architecture
            | Feature::Language => Support::no("the table does not say which Windows a host is"),
            Feature::FileExists
            | Feature::FileSize
            | Feature::FileDigest
            | Feature::RegistryExists
            | Feature::RegistryValue
            | Feature::RegistryPattern
            | Feature::RegistryBits
            | Feature::RegistryType
            | Feature::RegistryView
            | Feature::SeveralKeys
            | Feature::KeysWithoutValue
            | Feature::ServiceStart
            | Feature::ServiceState
            | Feature::Hotfix
            | Feature::MachineVariable
            | Feature::OtherVariable
            | Feature::CurrentUser => Support::no("the table lists versions of files"),
            Feature::Unknowable => Support::no("nobody can tell"),
        }
    }

    fn emit(&self, rules: &Checked, cx: &mut EmitCx<'_>) -> Result<(), EmitError> {
        let separator = cx.options().get("separator");
        for bulletin in &rules.rules().bulletins {
            let rows = rows(bulletin, separator);
            let mut losses = Losses::default();
            for claim in rules.rules().claims(bulletin) {
                losses.extend(Losses::of(self, &rules.rules().spelled_out(&claim.formula)));
            }
            let fidelity = match (rows.is_empty(), losses.is_empty()) {
                (true, _) => Fidelity::LeftOut,
                (false, true) => Fidelity::Exact,
                (false, false) => Fidelity::MayOverReport,
            };
            if cx.admit(bulletin, fidelity, losses) {
                let stem = bulletin.id.as_str().to_ascii_lowercase();
                cx.artifact(Artifact {
                    path: format!("csv/{stem}.csv"),
                    text: ["bulletin", "package", "file", "fixed in"].join(separator) + "\r\n" + &rows.concat(),
                    role: ArtifactRole::Main,
                    bulletins: vec![bulletin.id.clone()],
                    fidelity,
                })?;
            }
        }
        Ok(())
    }
}

fn rows(bulletin: &Bulletin, separator: &str) -> Vec<String> {
    let mut rows = Vec::new();
    for package in &bulletin.packages {
        for file in &package.files {
            for floor in &file.floors {
                let fields = [bulletin.id.as_str(), &package.name, file.path.as_str(), &floor.version.to_string()];
                rows.push(fields.map(quoted).join(separator) + "\r\n");
            }
        }
    }
    rows
}

/// A field that spreadsheets take as text: rules are not to be trusted.
fn quoted(field: &str) -> String {
    let guard = if field.starts_with(['=', '+', '-', '@', '\t', '\r']) { "'" } else { "" };
    format!("\"{guard}{}\"", field.replace('"', "\"\""))
}

fn main() -> ExitCode {
    caveat_plugin::serve(Csv)
}
