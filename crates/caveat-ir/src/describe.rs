//! Tests in words, for comments in artifacts, derivations and lists of missing facts.
//! The words come from the test itself, so they cannot say something else.

use std::fmt::Display;

use crate::expr::{Comparison, Expr, Reason, ServiceCheck, Test, ValueCheck};
use crate::rule::{RuleSet, SelectorId};
use crate::value::{NumberSet, RegistryPath, VersionSet};

/// A subject, and what is said of it when the test holds and when it does not.
struct Sentence {
    subject: String,
    holds: String,
    fails: String,
}

/// The test in words, or its opposite.
#[must_use]
pub fn test(test: &Test, negated: bool) -> String {
    let sentence = sentence(test);
    format!("{} {}", sentence.subject, if negated { sentence.fails } else { sentence.holds })
}

/// The fact a test asks for, in words.
#[must_use]
pub fn subject(test: &Test) -> String {
    match test {
        Test::FileExists(path)
        | Test::FileVersion(path, _)
        | Test::FileSize(path, ..)
        | Test::FileDigest(path, ..) => {
            format!("file {path}")
        }
        Test::Unknowable(why) => reason(why),
        other => sentence(other).subject,
    }
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
    words.extend(selector.service_packs.as_ref().map(service_packs));
    words.extend(selector.language.as_ref().map(|language| format!("language {language}")));
    words.join(", ")
}

fn service_packs(set: &NumberSet) -> String {
    match set.ranges() {
        [(0, 0)] => "no service pack".to_owned(),
        [(0, u32::MAX)] => "any service pack".to_owned(),
        [(0, 1)] => "no service pack or service pack 1".to_owned(),
        [(0, high)] => format!("no service pack or service pack 1 to {high}"),
        _ => format!("service pack {set}"),
    }
}

fn sentence(test: &Test) -> Sentence {
    match test {
        Test::Family(family) => is("the family of the operating system", family),
        Test::OsVersion(version) => is("the Windows NT version", version),
        Test::OsBuild(builds) => is("the build of Windows", builds),
        Test::OsRevision(revisions) => is("the revision of Windows", revisions),
        Test::ServicePack(set) => installed_service_pack(set),
        Test::ProductType(types) => is("the product type", list(types)),
        Test::InstallationType(types) => is("the installation type", list(types)),
        Test::Suite(name) => {
            words("the product suite", format!("contains \"{name}\""), format!("does not contain \"{name}\""))
        }
        Test::Architecture(list_of) => is("the architecture", list(list_of)),
        Test::Language(language) => is("the installed language", language),
        Test::FileExists(path) => exists(format!("file {path}")),
        Test::FileVersion(path, versions) => is(&format!("the version of {path}"), versions),
        Test::FileSize(path, comparison, size) => compares(&format!("the size of {path}"), *comparison, size),
        Test::FileDigest(path, algorithm, digest) => is(&format!("the {algorithm} digest of {path}"), digest),
        Test::RegistryKey(key) => exists(format!("registry key {key}")),
        Test::RegistryValue(key, name, check) => registry_value(key, name, check),
        Test::Service(name, check) => service(name, *check),
        Test::Hotfix(kb) => words(&format!("update {kb}"), "is installed".into(), "is not installed".into()),
        Test::Unknowable(why) => {
            let why = reason(why);
            words("undecidable:", why.clone(), format!("not ({why})"))
        }
    }
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
fn reason(reason: &Reason) -> String {
    match reason {
        Reason::Stated(text) => text.clone(),
        Reason::Branch(path, versions) => {
            format!("whether {path} {} is fixed depends on its branch", window(versions))
        }
        Reason::Builds(builds) => format!("whether a build other than {builds} is fixed is not known"),
        Reason::Variable(name) => format!("which folder the variable names that %{name}% begins with"),
        Reason::Unmeasured(path, versions) => format!("whether {path} in {versions} is fixed is not known"),
    }
}

fn installed_service_pack(set: &NumberSet) -> Sentence {
    match set.ranges() {
        [(0, 0)] => words("the service pack", "is none".into(), "is at least 1".into()),
        _ => {
            let text = service_packs(set).replace("service pack ", "").replace("no or", "none or");
            is("the service pack", text)
        }
    }
}

fn registry_value(key: &RegistryPath, name: &str, check: &ValueCheck) -> Sentence {
    let name = if name.is_empty() { "(default)" } else { name };
    let subject = format!("registry value {key}!{name}");
    match check {
        ValueCheck::Exists => exists(subject),
        ValueCheck::Text(text) => equals(&subject, &format!("\"{text}\"")),
        ValueCheck::TextIgnoringCase(text) => equals(&subject, &format!("\"{text}\" ignoring case")),
        ValueCheck::Matches(pattern) => {
            words(&subject, format!("matches {pattern}"), format!("does not match {pattern}"))
        }
        ValueCheck::Version(versions) => is(&subject, versions),
        ValueCheck::Number(comparison, number) => compares(&subject, *comparison, number),
        ValueCheck::Binary(bytes) => equals(&subject, &format!("the bytes {bytes}")),
    }
}

fn service(name: &str, check: ServiceCheck) -> Sentence {
    let subject = format!("service {name}");
    match check {
        ServiceCheck::Installed => words(&subject, "is installed".into(), "is not installed".into()),
        ServiceCheck::Enabled => words(&subject, "is enabled".into(), "is disabled or not installed".into()),
        ServiceCheck::Start(start) => {
            words(&subject, format!("has start type {start}"), format!("does not have start type {start}"))
        }
        ServiceCheck::Running => words(&subject, "is running".into(), "is not running".into()),
        ServiceCheck::Stopped => words(&subject, "is stopped".into(), "is not stopped".into()),
    }
}

fn words(subject: &str, holds: String, fails: String) -> Sentence {
    Sentence { subject: subject.to_owned(), holds, fails }
}

fn is(subject: &str, what: impl Display) -> Sentence {
    words(subject, format!("is {what}"), format!("is not {what}"))
}

fn equals(subject: &str, what: &str) -> Sentence {
    words(subject, format!("equals {what}"), format!("does not equal {what}"))
}

fn exists(subject: String) -> Sentence {
    Sentence { subject, holds: "exists".into(), fails: "does not exist".into() }
}

fn compares(subject: &str, comparison: Comparison, number: impl Display) -> Sentence {
    match comparison {
        Comparison::Equal => equals(subject, &number.to_string()),
        Comparison::NotEqual => {
            words(subject, format!("differs from {number}"), format!("does not differ from {number}"))
        }
        Comparison::Less => is(subject, format!("less than {number}")),
        Comparison::LessOrEqual => is(subject, format!("at most {number}")),
        Comparison::Greater => is(subject, format!("greater than {number}")),
        Comparison::GreaterOrEqual => is(subject, format!("at least {number}")),
    }
}

fn list<T: Display>(items: impl IntoIterator<Item = T>) -> String {
    items.into_iter().map(|item| item.to_string()).collect::<Vec<_>>().join(" or ")
}
