//! Warnings about rules that compile but are probably not finished.

use std::collections::BTreeSet;

use caveat_diag::{Code, Diagnostic, SourceMap};
use caveat_syntax::ast::{self, BulletinStatement, ConditionDef, ExprKind, Meta, SummaryStatement};
use caveat_syntax::lex;
use caveat_syntax::tokens::TokenKind;

use crate::record::Used;
use crate::scope::{Resolved, Scope};

/// Warns of what stands in a file whose rules are compiled.
pub(crate) fn unfinished(scope: &Scope, used: &Used) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let Some(main) = scope.resolved(scope.main()).filter(|main| main.primary) else { return found };
    let sources = scope.sources();
    unused_uses(main, used, sources, &mut found);
    for item in &main.module.tree().items {
        match item {
            ast::Item::Bulletin(bulletin) if !bulletin.is_damaged() => {
                unused_conditions(bulletin, used, sources, &mut found);
                missing_tests(bulletin, &mut found);
                missing_metadata(bulletin, &mut found);
            }
            ast::Item::Condition(definition) => unused_parameters(definition, sources, &mut found),
            _ => {}
        }
    }
    found
}

/// The bulletins that a summary includes and that nobody wrote; `is_known` says whether one was written down,
/// sound or not.
#[must_use]
pub fn unknown_bulletins(tree: &ast::File, is_known: impl Fn(&str) -> bool) -> Vec<Diagnostic> {
    let summaries = tree.items.iter().filter_map(|item| match item {
        ast::Item::Summary(summary) => Some(summary),
        _ => None,
    });
    let included =
        summaries.flat_map(|summary| &summary.statements).filter_map(|statement| match &statement.kind {
            SummaryStatement::Includes(ids) => Some(ids),
            _ => None,
        });
    let unknown = included.flatten().filter(|id| !is_known(&id.text));
    let problem = |id: &ast::Word| {
        let message = format!("the bulletin `{}` is not among these rules", id.text);
        let problem = Diagnostic::new(Code::UNKNOWN_BULLETIN, message).at(id.span, "");
        problem.help("write its rules, or give the folder that holds them as well")
    };
    unknown.map(problem).collect()
}

fn unused_uses(main: &Resolved, used: &Used, sources: &SourceMap, found: &mut Vec<Diagnostic>) {
    let mut seen = BTreeSet::new();
    let at = main.module.file();
    for (target, line) in main.used() {
        let needed = used.modules.contains(&(at, target));
        let of_itself = at == target;
        if !of_itself && (!needed || !seen.insert(target)) {
            let name = &line.module;
            let message = format!("nothing of the module `{}` is used", name.text);
            let problem =
                Diagnostic::new(Code::UNUSED_USE, message).at(name.span, "").help("remove this line");
            // What else stands on the line, such as a comment, is for people to move.
            let lines = sources.get(name.span.file).map(|file| file.whole_lines(name.span));
            let alone = |text: &str| text.split_whitespace().eq(["use", name.text.as_str()]);
            found.push(match lines.filter(|lines| alone(sources.snippet(*lines))) {
                Some(lines) => problem.safe_fix("remove this line", lines, ""),
                None => problem,
            });
        }
    }
}

fn unused_conditions(
    bulletin: &ast::Bulletin,
    used: &Used,
    sources: &SourceMap,
    found: &mut Vec<Diagnostic>,
) {
    for statement in &bulletin.statements {
        let BulletinStatement::Condition(definition) = &statement.kind else { continue };
        if used.conditions.contains(&definition.name.span) {
            unused_parameters(definition, sources, found);
        } else {
            let (keyword, name) = (definition.kind.keyword(), &definition.name);
            let message = format!("the {keyword} `{}` is never used", name.text);
            let problem = Diagnostic::new(Code::UNUSED_CONDITION, message);
            found.push(problem.at(name.span, "").help("remove it, or require it where it matters"));
        }
    }
}

/// Parameters whose names are no words of the condition.
fn unused_parameters(definition: &ConditionDef, sources: &SourceMap, found: &mut Vec<Diagnostic>) {
    if definition.parameters.is_empty() || definition.body.kind == ExprKind::Error {
        return;
    }
    let span = definition.body.span;
    let text = sources.snippet(span);
    let tokens = lex(span.file, text).tokens;
    let words = tokens.iter().filter(|token| token.kind == TokenKind::Word);
    let words: BTreeSet<&str> =
        words.filter_map(|token| text.get(token.span.start as usize..token.span.end as usize)).collect();
    let (keyword, name) = (definition.kind.keyword(), &definition.name.text);
    for parameter in definition.parameters.iter().filter(|one| !words.contains(one.text.as_str())) {
        let message = format!("the parameter `{}` of the {keyword} `{name}` is never used", parameter.text);
        let problem = Diagnostic::new(Code::UNUSED_CONDITION, message).at(parameter.span, "");
        found.push(problem.help("use it in the condition, or remove it and its arguments"));
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
