//! A target for Caveat in Rust, outside its workspace: a table of the files that updates bring, for
//! spreadsheets and asset databases. One row for each file and first fixed version.

use std::process::ExitCode;

use caveat_backend::{
    Artifact, ArtifactRole, Backend, BackendInfo, EmitBug, EmitCx, Fidelity, Losses, OptionSpec, Support,
};
use caveat_ir::rule::Bulletin;
use caveat_ir::{Checked, Feature};

struct Csv;

const INFO: BackendInfo = BackendInfo {
    id: "csv",
    title: "Table of files",
    summary: "the files of each bulletin's updates with their first fixed versions, as CSV",
    extensions: &["csv"],
    options: &[OptionSpec {
        name: "separator",
        default: ",",
        values: &[",", ";"],
        accepts: |_| true,
        help: "what stands between fields",
    }],
    metadata: &[],
};

impl Backend for Csv {
    fn info(&self) -> &BackendInfo {
        &INFO
    }

    /// A table of files says nothing but versions, so whoever reads it is told too much.
    fn support(&self, feature: Feature) -> Support {
        match feature {
            Feature::FileVersion => Support::Exact,
            _ => Support::No { why: "the table lists versions of files" },
        }
    }

    fn emit(&self, rules: &Checked, cx: &mut EmitCx<'_>) -> Result<(), EmitBug> {
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
                let stem = bulletin.id.as_str().trim_end_matches('.').to_ascii_lowercase();
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
