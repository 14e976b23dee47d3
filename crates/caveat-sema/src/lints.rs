//! Warnings about rules that compile but are probably not finished.

use std::collections::BTreeSet;

use caveat_diag::{Code, Diagnostic};
use caveat_syntax::ast::{self, BulletinStatement, Meta, SummaryStatement};

use crate::Module;
use crate::lower::Used;
use crate::modules::Visibility;

pub(crate) fn run(modules: &[Module<'_>], visibility: &Visibility<'_>, used: &Used) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let known = bulletins(modules);
    for (at, module) in modules.iter().enumerate().filter(|(_, module)| module.primary) {
        unused_uses(at, visibility, used, &mut found);
        for item in &module.ast.items {
            match item {
                ast::Item::Bulletin(bulletin) if !bulletin.is_damaged() => {
                    unused_conditions(bulletin, used, &mut found);
                    missing_tests(bulletin, &mut found);
                    missing_metadata(bulletin, &mut found);
                }
                ast::Item::Summary(summary) => unknown_bulletins(summary, &known, &mut found),
                _ => {}
            }
        }
    }
    found
}

/// The ids of all bulletins that were written down, sound or not.
fn bulletins<'a>(modules: &[Module<'a>]) -> BTreeSet<&'a str> {
    let items = modules.iter().flat_map(|module| &module.ast.items);
    let ids = items.filter_map(|item| match item {
        ast::Item::Bulletin(bulletin) => Some(bulletin.id.text.as_str()),
        _ => None,
    });
    ids.collect()
}

fn unknown_bulletins(summary: &ast::Summary, known: &BTreeSet<&str>, found: &mut Vec<Diagnostic>) {
    let included = summary.statements.iter().filter_map(|statement| match &statement.kind {
        SummaryStatement::Includes(ids) => Some(ids),
        _ => None,
    });
    for id in included.flatten().filter(|id| !known.contains(id.text.as_str())) {
        let message = format!("the bulletin `{}` is not among these rules", id.text);
        let problem = Diagnostic::new(Code::UNKNOWN_BULLETIN, message).at(id.span, "");
        found.push(problem.help("write its rules, or give the folder that holds them as well"));
    }
}

fn unused_uses(at: usize, visibility: &Visibility<'_>, used: &Used, found: &mut Vec<Diagnostic>) {
    let mut seen = BTreeSet::new();
    for (target, line) in visibility.uses.get(at).into_iter().flatten() {
        let needed = used.modules.contains(&(at, *target));
        let of_itself = at == *target;
        if !of_itself && (!needed || !seen.insert(target)) {
            let name = &line.module;
            let problem =
                Diagnostic::new(Code::UNUSED_USE, format!("nothing of the module `{}` is used", name.text));
            found.push(problem.at(name.span, "").help("remove this line"));
        }
    }
}

fn unused_conditions(bulletin: &ast::Bulletin, used: &Used, found: &mut Vec<Diagnostic>) {
    for statement in &bulletin.statements {
        if let BulletinStatement::Condition(definition) = &statement.kind
            && !used.conditions.contains(&definition.name.span)
        {
            let (keyword, name) = (definition.kind.keyword(), &definition.name);
            let problem = Diagnostic::new(
                Code::UNUSED_CONDITION,
                format!("the {keyword} `{}` is never used", name.text),
            );
            found.push(problem.at(name.span, "").help("remove it, or require it where it matters"));
        }
    }
}

fn missing_tests(bulletin: &ast::Bulletin, found: &mut Vec<Diagnostic>) {
    if !bulletin.statements.iter().any(|statement| matches!(statement.kind, BulletinStatement::Test(_))) {
        let problem =
            Diagnostic::new(Code::MISSING_TESTS, format!("the bulletin `{}` has no test", bulletin.id.text));
        found
            .push(problem.at(bulletin.id.span, "").help("add `test \"…\" { host { … } expect vulnerable }`"));
    }
}

fn missing_metadata(bulletin: &ast::Bulletin, found: &mut Vec<Diagnostic>) {
    let has = |wanted: fn(&BulletinStatement) -> bool| {
        bulletin.statements.iter().any(|statement| wanted(&statement.kind))
    };
    let facts = [
        ("title", has(|statement| matches!(statement, BulletinStatement::Meta(Meta::Title(_))))),
        ("published", has(|statement| matches!(statement, BulletinStatement::Meta(Meta::Published(_))))),
        ("severity", has(|statement| matches!(statement, BulletinStatement::Severity(_)))),
    ];
    let missing: Vec<String> =
        facts.iter().filter(|(_, there)| !there).map(|(fact, _)| format!("`{fact}`")).collect();
    if !missing.is_empty() {
        let message = format!("the bulletin `{}` does not say its {}", bulletin.id.text, missing.join(", "));
        let problem = Diagnostic::new(Code::MISSING_METADATA, message).at(bulletin.id.span, "");
        found.push(problem.help("targets carry these facts to the people who read their output"));
    }
}
