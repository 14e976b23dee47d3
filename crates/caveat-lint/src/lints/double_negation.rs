//! Negations of what is itself negative: readers lose count, and a missing fact lands on the wrong
//! side.

use caveat_diag::{Code, Diagnostic, Edit, Fix, SourceMap, Span};
use caveat_syntax::ast::{
    self, BulletinStatement, Comparison, ConditionDef, Data, Expr, ExprKind, Item, PackageStatement,
    Predicate, Quantifier, RegistryCheck, VulnerabilityStatement, WorkaroundStatement,
};

pub(crate) fn check(file: &ast::File, sources: &SourceMap, found: &mut Vec<Diagnostic>) {
    let before = found.len();
    for item in &file.items {
        match item {
            Item::Condition(definition) => definition_of(definition, found),
            Item::Bulletin(bulletin) => {
                bulletin.statements.iter().for_each(|one| statement(&one.kind, found));
            }
            Item::Platform(_) | Item::Summary(_) => {}
        }
    }
    for problem in found.iter_mut().skip(before) {
        drop_both(problem, sources);
    }
}

/// Offers to take out two negations that stand next to each other.
fn drop_both(problem: &mut Diagnostic, sources: &SourceMap) {
    let Some(span) = problem.span() else { return };
    let text = sources.snippet(span);
    let rest = text.strip_prefix("not").map(str::trim_start).and_then(|rest| rest.strip_prefix("not"));
    // What follows may only be a condition: comments and parentheses between are for people.
    if let Some(rest) = rest.filter(|rest| rest.starts_with(' '))
        && let Ok(length) = u32::try_from(text.len() - rest.trim_start().len())
    {
        let both = Span { end: span.start + length, ..span };
        let edits = vec![Edit { span: both, replacement: String::new() }];
        problem.fixes.push(Fix { message: "drop both negations".to_owned(), edits, safe: true });
    }
}

fn definition_of(definition: &ConditionDef, found: &mut Vec<Diagnostic>) {
    expr(&definition.body, found);
}

fn statement(statement: &BulletinStatement, found: &mut Vec<Diagnostic>) {
    match statement {
        BulletinStatement::Condition(definition) => definition_of(definition, found),
        BulletinStatement::Unaffected(unaffected) => {
            unaffected.when.iter().for_each(|when| expr(when, found));
        }
        BulletinStatement::Workaround(one) => workaround(one, found),
        BulletinStatement::Package(package) => {
            for statement in &package.statements {
                if let PackageStatement::Requires(when) | PackageStatement::VulnerableWhen(when) =
                    &statement.kind
                {
                    expr(when, found);
                }
            }
        }
        BulletinStatement::Vulnerability(vulnerability) => {
            for statement in &vulnerability.statements {
                match &statement.kind {
                    VulnerabilityStatement::Exposed { when, .. } => expr(when, found),
                    VulnerabilityStatement::Workaround(one) => workaround(one, found),
                    _ => {}
                }
            }
        }
        _ => {}
    }
}

fn workaround(workaround: &ast::Workaround, found: &mut Vec<Diagnostic>) {
    for statement in &workaround.statements {
        if let WorkaroundStatement::When(when) = &statement.kind {
            expr(when, found);
        }
    }
}

fn expr(one: &Expr, found: &mut Vec<Diagnostic>) {
    match &one.kind {
        ExprKind::And(parts) | ExprKind::Or(parts) => parts.iter().for_each(|part| expr(part, found)),
        ExprKind::Not(part) => {
            let problem = negative(part).map(|what| diagnostic(one.span, part, &what));
            let inner = match &part.kind {
                ExprKind::Not(inner) => inner,
                _ => part,
            };
            found.extend(problem);
            expr(inner, found);
        }
        ExprKind::Quantified { quantifier, parts } => {
            if *quantifier == Quantifier::None {
                found.extend(
                    parts.iter().filter_map(|part| Some(diagnostic(part.span, part, &negative(part)?))),
                );
            }
            for part in parts {
                expr(part, found);
            }
        }
        ExprKind::Predicate(_) | ExprKind::Named { .. } | ExprKind::Error => {}
    }
}

/// What makes the condition negative by itself, and what to write in place of its opposite.
fn negative(part: &Expr) -> Option<String> {
    match &part.kind {
        ExprKind::Not(_) => Some("drop both negations".to_owned()),
        ExprKind::Quantified { quantifier: Quantifier::None, .. } => Some("write `any of { … }`".to_owned()),
        ExprKind::Predicate(Predicate::Service { check, start: false, .. }) => match check.text.as_str() {
            "disabled" => Some(
                "write `enabled`, which asks that the service is there, or ask for both cases by name"
                    .to_owned(),
            ),
            "stopped" => Some("write `running`, which asks that the service is there".to_owned()),
            _ => None,
        },
        ExprKind::Predicate(Predicate::Registry {
            check: RegistryCheck::Compare(Comparison::NotEqual, data),
            ..
        }) => {
            let what = if matches!(data, Data::Dword(_)) { "number" } else { "data" };
            Some(format!("write `=`; a value that is not there then counts as other {what}"))
        }
        ExprKind::Named { name, .. } => {
            let negative = ["not-", "no-", "without-"].iter().any(|prefix| name.text.starts_with(prefix));
            negative.then(|| "name the condition after what holds, and negate that".to_owned())
        }
        _ => None,
    }
}

fn diagnostic(span: Span, part: &Expr, what: &str) -> Diagnostic {
    let problem = Diagnostic::new(Code::DOUBLE_NEGATION, "a condition is negated that is itself negative");
    let problem = problem.at(span, "holds also where the fact is not there");
    let double = match &part.kind {
        ExprKind::Not(inner) => Some(inner.span),
        _ => None,
    };
    let problem = problem.help(what.to_owned());
    match double.filter(|inner| span.start < inner.start) {
        Some(inner) => problem.because(inner, "this is what is meant"),
        None => problem,
    }
}
