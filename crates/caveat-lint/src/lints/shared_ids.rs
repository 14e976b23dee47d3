//! Articles and CVEs that two bulletins claim.

use std::collections::BTreeMap;

use caveat_diag::{Code, Diagnostic, Span};
use caveat_ir::rule::Bulletin;
use caveat_syntax::ast::{self, BulletinStatement, Meta};

use crate::context::{Context, report};

pub(crate) fn check(
    context: &Context<'_>,
    written: &BTreeMap<&str, &ast::Bulletin>,
    found: &mut Vec<Diagnostic>,
) {
    let mut first: BTreeMap<String, (&Bulletin, Option<Span>)> = BTreeMap::new();
    for bulletin in &context.rules.bulletins {
        let ast = written.get(bulletin.id.as_str()).copied();
        let articles =
            bulletin.kb.iter().map(|kb| (true, kb.to_string(), ast.and_then(|ast| article(ast, kb.0))));
        let cves = bulletin.vulnerabilities.iter();
        let cves = cves.map(|one| (false, one.id.to_string(), context.span(one.origin)));
        for (is_article, id, span) in articles.chain(cves) {
            let Some((other, place)) = first.get(&id) else {
                first.insert(id, (bulletin, span));
                continue;
            };
            // An update that replaces another mends the same vulnerability; it has an article of its own.
            let again = !is_article && (replaces(bulletin, other) || replaces(other, bulletin));
            if other.id != bulletin.id && !again {
                let message = format!("`{id}` is of the bulletin `{}` as well", other.id);
                let problem = report(Code::SHARED_IDENTIFIER, message, span, "");
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

fn replaces(newer: &Bulletin, older: &Bulletin) -> bool {
    newer.supersedes.iter().any(|one| one.bulletins.contains(&older.id))
}

fn article(bulletin: &ast::Bulletin, number: u32) -> Option<Span> {
    let words = bulletin.statements.iter().filter_map(|statement| match &statement.kind {
        BulletinStatement::Meta(Meta::Kb(words)) => Some(words),
        _ => None,
    });
    let is = |text: &str| text.parse::<caveat_ir::value::Kb>().is_ok_and(|kb| kb.0 == number);
    words.flatten().find(|word| is(&word.text)).map(|word| word.span)
}
