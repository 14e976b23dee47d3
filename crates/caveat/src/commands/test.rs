//! `caveat test`

use caveat_diag::{Code, Diagnostic, SourceMap};
use caveat_eval::{Evaluator, TestResult, run_tests};

use super::junit;
use crate::cli::{Test, TestFormat};
use crate::session;
use crate::ui::{Outcome, Ui};

pub(super) fn run(ui: &Ui, arguments: &Test) -> Result<Outcome, Outcome> {
    let session = session::open_clean(ui, &arguments.paths.paths)?;
    let evaluator = Evaluator::new(&session.rules);
    let mut results = run_tests(&evaluator);
    if let Some(filter) = &arguments.filter {
        let wanted = filter.to_lowercase();
        let matches = |text: &str| text.to_lowercase().contains(&wanted);
        results.retain(|result| matches(result.bulletin.as_str()) || matches(&result.name));
    }
    if results.is_empty() {
        let problem = Diagnostic::new(Code::NOTHING_TO_DO, "there is no test to run");
        ui.diagnostics(
            &[problem.help("write `test \"…\" { … }` into a bulletin, or change `--filter`")],
            &SourceMap::new(),
        );
        return Err(Outcome::Findings);
    }
    let failed: Vec<&TestResult> = results.iter().filter(|result| !result.passed()).collect();
    let problems: Vec<Diagnostic> =
        failed.iter().flat_map(|result| result.diagnostics(session.rules.places())).collect();
    ui.diagnostics(&problems, &session.sources);
    if arguments.format == TestFormat::Junit {
        ui.data(&junit::render(&results));
    }
    if ui.is_verbose() {
        for result in &results {
            let outcome = if result.passed() { "ok" } else { "FAILED" };
            ui.say(&format!("{} {} ... {outcome}", result.bulletin, result.name));
        }
    }
    ui.say(&format!("{} passed, {} failed", results.len() - failed.len(), failed.len()));
    Ok(Outcome::findings(!failed.is_empty()))
}
