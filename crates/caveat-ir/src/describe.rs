//! Tests in words, for comments in artifacts, derivations and lists of missing facts.
//! The words come from the test itself, so they cannot say something else.

use std::borrow::Cow;
use std::fmt::Display;
use std::sync::Arc;

use caveat_runtime::Pattern;
use caveat_runtime::words::service_packs;

use crate::expr::{Expr, Reason, Test};
use crate::rule::{RuleSet, SelectorId};
use crate::value::VersionSet;

/// The test in words, or its opposite.
#[must_use]
pub fn test(test: &Test, negated: bool) -> String {
    test.asked(pattern, |asked| asked.statement(!negated))
}

/// The fact a test asks for, in words.
#[must_use]
pub fn subject(test: &Test) -> String {
    test.asked(pattern, |asked| asked.subject())
}

fn pattern(text: &str) -> Arc<Pattern> {
    Arc::new(Pattern::from(text.to_owned()))
}

/// A formula in words.
#[must_use]
pub fn formula(rules: &RuleSet, expr: &Expr) -> String {
    let join = |parts: &[Expr], word: &str| {
        let part = |part: &Expr| match part {
            Expr::Any(options) if options.len() > 1 && word == " and " => {
                format!("({})", formula(rules, part))
            }
            _ => formula(rules, part),
        };
        let parts: Vec<String> = parts.iter().map(part).collect();
        if parts.is_empty() { "nothing".to_owned() } else { parts.join(word) }
    };
    match expr {
        Expr::All(parts) => join(parts, " and "),
        Expr::Any(parts) => join(parts, " or "),
        Expr::Not(part) => match part.as_ref() {
            Expr::Test(leaf) => test(&leaf.test, true),
            Expr::Platform(id) => format!("the host is not {}", platform(rules, *id)),
            other => format!("not ({})", formula(rules, other)),
        },
        Expr::Platform(id) => format!("the host is {}", platform(rules, *id)),
        Expr::Test(leaf) => test(&leaf.test, false),
    }
}

/// A selector in words: `Microsoft Windows 2000 Server, service pack 2 to 4`.
#[must_use]
pub fn platform(rules: &RuleSet, id: SelectorId) -> String {
    let Some(selector) = rules.selector(id) else { return "an unknown platform".to_owned() };
    let title = rules.platform(selector.platform).map_or("", |platform| platform.title.as_str());
    let mut words = vec![title.to_owned()];
    words.extend(selector.architectures.as_ref().map(list));
    words.extend(selector.service_packs.as_ref().map(|set| service_packs(set.ranges())));
    words.extend(selector.language.as_ref().map(|language| format!("language {language}")));
    words.join(", ")
}

/// `between 5.0 and 5.1` for a single range, as most are.
fn window(versions: &VersionSet) -> String {
    match versions.intervals() {
        [one] => match one.end() {
            Some(end) => format!("between {} and {end}", one.low),
            None => format!("from {} on", one.low),
        },
        _ => format!("in {versions}"),
    }
}

/// Why nothing can tell, in words.
pub(crate) fn reason(reason: &Reason) -> Cow<'_, str> {
    let words = match reason {
        Reason::Stated(text) => return text.into(),
        Reason::Branch(path, versions) => {
            format!("whether {path} {} is fixed depends on its branch", window(versions))
        }
        Reason::Builds(builds) => format!("whether a build other than {builds} is fixed is not known"),
        Reason::Variable(name) => format!("which folder the variable names that %{name}% begins with"),
        Reason::Unmeasured(path, versions) => format!("whether {path} in {versions} is fixed is not known"),
    };
    words.into()
}

fn list<T: Display>(items: impl IntoIterator<Item = T>) -> String {
    items.into_iter().map(|item| item.to_string()).collect::<Vec<_>>().join(" or ")
}
