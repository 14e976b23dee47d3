//! Articles and CVEs that two bulletins claim.

use std::collections::HashMap;

use caveat_diag::{Code, Diagnostic, Span};

use crate::context::report;
use crate::outline::Outline;

pub(crate) fn check(bulletins: &[&Outline], found: &mut Vec<Diagnostic>) {
    let mut first: HashMap<&str, (&Outline, Option<Span>)> = HashMap::new();
    for bulletin in bulletins {
        let articles = bulletin.articles.iter().map(|claim| (true, claim));
        let cves = bulletin.cves.iter().map(|claim| (false, claim));
        for (is_article, (id, span)) in articles.chain(cves) {
            let Some((other, place)) = first.get(id.as_str()) else {
                first.insert(id, (bulletin, *span));
                continue;
            };
            // An update that replaces another mends the same vulnerability; it has an article of its own.
            let again = !is_article && (bulletin.replaces(other) || other.replaces(bulletin));
            if other.id != bulletin.id && !again {
                let message = format!("`{id}` is of the bulletin `{}` as well", other.id);
                let problem = report(Code::SHARED_IDENTIFIER, message, *span, "");
                let problem = place.iter().fold(problem, |all, place| all.because(*place, "first here"));
                found.push(problem.help(if is_article {
                    "correct the number: every bulletin has an article of its own; one that several share is the packages' `kb`"
                } else {
                    "correct the number, say which of the two `supersedes` the other, or allow it where both name it"
                }));
            }
        }
    }
}
