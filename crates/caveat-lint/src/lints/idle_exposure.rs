//! Conditions of exposure on platforms where the vulnerability does not exist.

use caveat_diag::{Code, Diagnostic};

use crate::context::{Context, report};
use crate::view::View;

pub(crate) fn check(context: &Context<'_>, view: &View<'_>, found: &mut Vec<Diagnostic>) {
    for vulnerability in &view.bulletin.vulnerabilities {
        let cases = || view.cases.iter().filter(|one| one.case.vulnerability.id == vulnerability.id);
        for exposure in &vulnerability.exposures {
            for (id, origin) in exposure.on.placed() {
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
                let problem = report(Code::IDLE_EXPOSURE, message, context.span(origin), "never asked");
                found.push(problem.help("correct the platforms that the condition is for"));
            }
        }
    }
}
