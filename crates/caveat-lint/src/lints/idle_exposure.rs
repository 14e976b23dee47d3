//! Conditions of exposure on platforms where the vulnerability does not exist.

use caveat_diag::{Code, Diagnostic};
use caveat_syntax::ast::VulnerabilityStatement;

use crate::context::{Context, report};
use crate::view::View;

pub(crate) fn check(context: &Context<'_>, view: &View<'_>, found: &mut Vec<Diagnostic>) {
    for (vulnerability, ast) in view.vulnerabilities() {
        let written = ast.statements.iter().filter_map(|statement| match &statement.kind {
            VulnerabilityStatement::Exposed { on, .. } => Some(on),
            _ => None,
        });
        let cases = || view.cases.iter().filter(|one| one.case.vulnerability.id == vulnerability.id);
        for (exposure, on) in vulnerability.exposures.iter().zip(written) {
            for (id, reference) in exposure.on.iter().zip(on) {
                let platform = view.is_on(&[*id]);
                // A vulnerability without a case is reported by itself.
                if cases().next().is_none()
                    || cases().any(|one| !view.world.never(&[&one.applicable, &platform]))
                {
                    continue;
                }
                let message = format!(
                    "`{}` exists on no host of {} that a package is for",
                    vulnerability.id,
                    context.platforms(&[*id])
                );
                let problem = report(Code::IDLE_EXPOSURE, message, Some(reference.span), "never asked");
                found.push(problem.help("correct the platforms that the condition is for"));
            }
        }
    }
}
