//! What a node means, in one frozen form from which ids are made.
//!
//! The form has no wording in it and no place: changing a message, a description or a rule's layout
//! changes no id. Names that Windows compares without case are folded. Every field stands with its length
//! before it, so that no two nodes give the same text.
//!
//! Whoever changes what an existing node gives here renames artifacts that people have deployed. A test
//! keeps the forms as they are (`tests/cases/identity`).

use std::collections::BTreeSet;
use std::ops::Bound;

use crate::expr::{Comparison, Expr, Integer, KeyPart, Reason, ServiceCheck, Subject, Test, ValueCheck};
use crate::rule::{RuleSet, SelectorId};
use crate::value::{
    self, FileVersion, NumberSet, RegistryPath, TextVersion, TextVersionSet, VersionSet, View, WindowsPath,
};

/// The fields in one text, each with its length before it, so that no two lists give the same.
#[must_use]
pub fn fields<T: AsRef<str>>(fields: &[T]) -> String {
    let mut text = String::with_capacity(fields.iter().map(|field| field.as_ref().len() + 4).sum());
    for field in fields.iter().map(AsRef::as_ref) {
        text.push_str(&field.len().to_string());
        text.push(':');
        text.push_str(field);
    }
    text
}

/// A name that Windows compares without case.
#[must_use]
pub fn name(name: &str) -> String {
    value::name::folded(name)
}

/// A formula; the order of its parts counts.
#[must_use]
pub fn formula(rules: &RuleSet, expr: &Expr) -> String {
    let parts = |kind: &str, parts: &[Expr]| {
        let parts = parts.iter().map(|part| formula(rules, part));
        fields(&std::iter::once(kind.to_owned()).chain(parts).collect::<Vec<_>>())
    };
    match expr {
        Expr::All(all) => parts("all", all),
        Expr::Any(any) => parts("any", any),
        Expr::Not(part) => fields(&["not".to_owned(), formula(rules, part)]),
        Expr::Platform(id) => fields(&["platform".to_owned(), platform(rules, *id)]),
        Expr::Test(leaf) => test(&leaf.test),
    }
}

/// A platform as rules name it.
fn platform(rules: &RuleSet, id: SelectorId) -> String {
    let Some(selector) = rules.selector(id) else { return String::new() };
    let of = rules.platform(selector.platform);
    let architectures = selector.architectures.iter().flatten().map(|one| one.as_str());
    fields(&[
        of.map_or_else(String::new, |platform| platform.name.clone()),
        of.and_then(|platform| platform.edition.clone()).unwrap_or_default(),
        selector.service_packs.as_ref().map_or_else(String::new, numbers),
        fields(&architectures.collect::<Vec<_>>()),
        selector.language.map_or_else(String::new, |language| language.to_string()),
    ])
}

/// A test. Reasons that an author states in words are no part of it.
#[must_use]
pub fn test(test: &Test) -> String {
    let list = |kind: &str, rest: &[String]| {
        let kind = std::iter::once(kind.to_owned());
        fields(&kind.chain(rest.iter().cloned()).collect::<Vec<_>>())
    };
    match test {
        Test::Family(family) => list("family", &[family.to_string()]),
        Test::OsVersion(version) => list("os version", &[version.to_string()]),
        Test::OsBuild(set) => list("os build", &[numbers(set)]),
        Test::OsRevision(set) => list("os revision", &[numbers(set)]),
        Test::ServicePack(set) => list("service pack", &[numbers(set)]),
        Test::ProductType(types) => list("product type", &words(types.iter().map(|one| one.as_str()))),
        Test::InstallationType(types) => {
            list("installation type", &words(types.iter().map(|one| one.as_str())))
        }
        Test::Suite(suite) => list("suite", &[name(suite)]),
        Test::Architecture(of) => list("architecture", &words(of.iter().map(|one| one.as_str()))),
        Test::Language(language) => list("language", &[language.to_string()]),
        Test::FileExists(path) => list("file", &[file(path)]),
        Test::FileVersion(path, set) => list("file version", &[file(path), versions(set)]),
        Test::FileSize(path, comparison, size) => {
            list("file size", &[file(path), compares(*comparison).to_owned(), size.to_string()])
        }
        Test::FileDigest(path, algorithm, digest) => {
            list("file digest", &[file(path), algorithm.to_string(), digest.clone()])
        }
        Test::RegistryKey(path) => list("registry key", &[key(path)]),
        Test::RegistryValue(path, value, check) => {
            list("registry value", &[key(path), name(value), value_check(check)])
        }
        Test::AnyKey(pattern, parts) => {
            let parts: BTreeSet<String> = parts.iter().map(key_part).collect();
            list("any key", &std::iter::once(key(pattern)).chain(parts).collect::<Vec<_>>())
        }
        Test::Service(service, check) => list("service", &[name(service), service_check(*check)]),
        Test::Hotfix(kb) => list("hotfix", &[kb.0.to_string()]),
        Test::Unknowable(Reason::Stated(_)) => list("unknowable", &["stated".to_owned()]),
        Test::Unknowable(Reason::Branch(path, set)) => {
            list("unknowable", &["branch".to_owned(), file(path), versions(set)])
        }
        Test::Unknowable(Reason::Builds(set)) => list("unknowable", &["builds".to_owned(), numbers(set)]),
        Test::Unknowable(Reason::Variable(variable)) => {
            list("unknowable", &["variable".to_owned(), name(variable)])
        }
        Test::Unknowable(Reason::Unmeasured(path, set)) => {
            list("unknowable", &["unmeasured".to_owned(), file(path), versions(set)])
        }
    }
}

/// The place of a file.
#[must_use]
pub fn file(path: &WindowsPath) -> String {
    path.folded()
}

/// A registry key and the view that it is asked for in.
#[must_use]
pub fn key(path: &RegistryPath) -> String {
    let view = match path.view {
        None => "",
        Some(View::Bits32) => "32",
        Some(View::Bits64) => "64",
    };
    fields(&[path.folded().as_str(), view])
}

/// Versions of a file: the ends of each range, both in it.
#[must_use]
pub fn versions(set: &VersionSet) -> String {
    let ends = set.intervals().iter().flat_map(|range| [range.low, range.high]);
    let parts = |FileVersion([a, b, c, d]): FileVersion| format!("{a}.{b}.{c}.{d}");
    fields(&ends.map(parts).collect::<Vec<_>>())
}

/// Numbers: the ends of each range, both in it.
#[must_use]
pub fn numbers(set: &NumberSet) -> String {
    let ends = set.ranges().iter().flat_map(|(low, high)| [low.to_string(), high.to_string()]);
    fields(&ends.collect::<Vec<_>>())
}

fn key_part(part: &KeyPart) -> String {
    let subject = match &part.subject {
        Subject::Value(value) => ["value".to_owned(), name(value)],
        Subject::Star(number) => ["star".to_owned(), number.to_string()],
    };
    let must = if part.negated { "not" } else { "" };
    fields(&[fields(&subject), value_check(&part.check), must.to_owned()])
}

fn value_check(check: &ValueCheck) -> String {
    let of = |kind: &str, text: &str| fields(&[kind, text]);
    match check {
        ValueCheck::Exists => of("exists", ""),
        ValueCheck::Text(text) => of("text", text),
        ValueCheck::TextIgnoringCase(text) => of("text in any case", &name(text)),
        ValueCheck::Matches(pattern) => of("pattern", pattern),
        ValueCheck::Version(set) => of("version", &text_versions(set)),
        ValueCheck::Number(comparison, number) => {
            let kind = match number {
                Integer::Dword(_) => "number",
                Integer::Qword(_) => "number of 64 bits",
            };
            fields(&[kind, compares(*comparison), &number.to_string()])
        }
        ValueCheck::Bits(Integer::Dword(bits)) => of("bits", &bits.to_string()),
        ValueCheck::Bits(Integer::Qword(bits)) => of("bits of 64", &bits.to_string()),
        ValueCheck::Type(types) => {
            of("type", &fields(&types.iter().map(|kind| kind.number().to_string()).collect::<Vec<_>>()))
        }
        ValueCheck::Binary(bytes) => of("binary", bytes),
    }
}

fn text_versions(set: &TextVersionSet) -> String {
    let end = |bound: Bound<&TextVersion>| match bound {
        Bound::Unbounded => String::new(),
        Bound::Included(version) => format!("={}", parts(version)),
        Bound::Excluded(version) => format!("/{}", parts(version)),
    };
    fields(&set.ranges().iter().flat_map(|range| [end(range.low()), end(range.high())]).collect::<Vec<_>>())
}

fn parts(version: &TextVersion) -> String {
    version.parts().iter().map(u32::to_string).collect::<Vec<_>>().join(".")
}

fn service_check(check: ServiceCheck) -> String {
    match check {
        ServiceCheck::Installed => "installed".to_owned(),
        ServiceCheck::Enabled => "enabled".to_owned(),
        ServiceCheck::Start(start) => fields(&["start", &start.registry_number().to_string()]),
        ServiceCheck::Running => "running".to_owned(),
        ServiceCheck::Stopped => "stopped".to_owned(),
    }
}

const fn compares(comparison: Comparison) -> &'static str {
    match comparison {
        Comparison::Equal => "=",
        Comparison::NotEqual => "!",
        Comparison::Less => "<",
        Comparison::LessOrEqual => "<=",
        Comparison::Greater => ">",
        Comparison::GreaterOrEqual => ">=",
    }
}

fn words<'a>(words: impl Iterator<Item = &'a str>) -> Vec<String> {
    words.map(str::to_owned).collect()
}
