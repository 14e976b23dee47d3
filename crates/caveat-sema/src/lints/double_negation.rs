//! Negations of what is itself negative: readers lose count, and a missing fact lands on the wrong
//! side.

use std::collections::BTreeMap;

use caveat_diag::{Code, Diagnostic, Edit, Fix, SourceMap, Span};
use caveat_syntax::ast::{
    self, BulletinStatement, Comparison, ConditionDef, Data, Expr, ExprKind, Item, PackageStatement,
    Predicate, Quantifier, RegistryCheck, VulnerabilityStatement, WorkaroundStatement,
};

pub(crate) fn check(file: &ast::File, sources: &SourceMap, found: &mut Vec<Diagnostic>) {
    let before = found.len();
    look(file, found);
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

fn look(file: &ast::File, found: &mut Vec<Diagnostic>) {
    let mut lint = Lint { named: BTreeMap::new(), found };
    for item in &file.items {
        match item {
            Item::Condition(definition) => lint.name(definition),
            Item::Bulletin(bulletin) => bulletin.statements.iter().for_each(|one| {
                if let BulletinStatement::Condition(definition) = &one.kind {
                    lint.name(definition);
                }
            }),
            Item::Platform(_) | Item::Summary(_) => {}
        }
    }
    for item in &file.items {
        match item {
            Item::Condition(definition) => lint.expr(&definition.body),
            Item::Bulletin(bulletin) => bulletin.statements.iter().for_each(|one| lint.statement(&one.kind)),
            Item::Platform(_) | Item::Summary(_) => {}
        }
    }
}

/// A walk over the conditions of a file.
struct Lint<'a, 'f> {
    /// What the conditions of the file that are negative by themselves are called.
    named: BTreeMap<&'a str, Span>,
    found: &'f mut Vec<Diagnostic>,
}

impl<'a> Lint<'a, '_> {
    fn name(&mut self, definition: &'a ConditionDef) {
        let body = &definition.body;
        if !matches!(body.kind, ExprKind::Named { .. }) && negative(body).is_some() {
            self.named.insert(&definition.name.text, body.span);
        }
    }

    fn statement(&mut self, statement: &BulletinStatement) {
        match statement {
            BulletinStatement::Condition(definition) => self.expr(&definition.body),
            BulletinStatement::Unaffected(unaffected) => {
                unaffected.when.iter().for_each(|when| self.expr(when));
            }
            BulletinStatement::Workaround(one) => self.workaround(one),
            BulletinStatement::Package(package) => {
                for statement in &package.statements {
                    if let PackageStatement::Requires(when) | PackageStatement::VulnerableWhen(when) =
                        &statement.kind
                    {
                        self.expr(when);
                    }
                }
            }
            BulletinStatement::Vulnerability(vulnerability) => {
                for statement in &vulnerability.statements {
                    match &statement.kind {
                        VulnerabilityStatement::Exposed { when, .. } => self.expr(when),
                        VulnerabilityStatement::Workaround(one) => self.workaround(one),
                        _ => {}
                    }
                }
            }
            _ => {}
        }
    }

    fn workaround(&mut self, workaround: &ast::Workaround) {
        for statement in &workaround.statements {
            if let WorkaroundStatement::When(when) = &statement.kind {
                self.expr(when);
            }
        }
    }

    fn expr(&mut self, one: &Expr) {
        match &one.kind {
            ExprKind::And(parts) | ExprKind::Or(parts) => parts.iter().for_each(|part| self.expr(part)),
            ExprKind::Not(part) => {
                self.negated(one.span, part);
                let inner = match &part.kind {
                    ExprKind::Not(inner) => inner,
                    _ => part,
                };
                self.expr(inner);
            }
            ExprKind::Quantified { quantifier, parts } => {
                if *quantifier == Quantifier::None {
                    for part in parts {
                        self.negated(part.span, part);
                    }
                }
                for part in parts {
                    self.expr(part);
                }
            }
            ExprKind::Predicate(_) | ExprKind::Named { .. } | ExprKind::Error => {}
        }
    }

    /// Reports the part if it is negative, by itself or as it was defined.
    fn negated(&mut self, span: Span, part: &Expr) {
        if let Some(what) = negative(part) {
            self.found.push(diagnostic(span, part, &what));
        } else if let ExprKind::Named { name, .. } = &part.kind
            && let Some(defined) = self.named.get(name.text.as_str())
        {
            let what = "define a condition that says what has to hold, and ask for that";
            self.found.push(diagnostic(span, part, what).because(*defined, "negative by itself"));
        }
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
            let what = if matches!(data, Data::Dword(_) | Data::Qword(_)) { "number" } else { "data" };
            Some(format!("write `=`; a value that is not there then counts as another {what}"))
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
    let label = match &part.kind {
        ExprKind::Not(_) => "two negations that cancel out",
        _ => "holds also where the fact is not there",
    };
    let problem = problem.at(span, label);
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
