//! Tests in words, for reports, comments in artifacts and derivations. The words come from the test
//! itself, so they cannot say something else.

use std::fmt::Display;

use crate::value::{KeyRef, Numbers, PathRef, TextVersions, Versions};
use crate::{Comparison, KeyPart, ServiceCheck, Subject, Test, ValueCheck};

/// A subject, and what is said of it when the test holds and when it does not.
struct Sentence {
    subject: String,
    holds: String,
    fails: String,
}

impl<'a> Test<'a> {
    /// That the test holds, in words, or that it does not.
    #[must_use]
    pub fn statement(&self, holds: bool) -> String {
        let Sentence { subject, holds: yes, fails: no } = sentence(self);
        format!("{subject} {}", if holds { yes } else { no })
    }

    /// The fact that the test asks for, in words.
    #[must_use]
    pub fn subject(&self) -> String {
        match self {
            Self::Unknowable(why) => (*why).to_owned(),
            other => match other.path() {
                Some(path) => format!("file {path}"),
                None => sentence(other).subject,
            },
        }
    }

    /// The file that the test looks at.
    #[must_use]
    pub const fn path(&self) -> Option<PathRef<'a>> {
        match self {
            Self::FileExists(path)
            | Self::FileVersion(path, _)
            | Self::FileSize(path, ..)
            | Self::FileDigest(path, ..) => Some(*path),
            _ => None,
        }
    }
}

/// Service packs in words: `no service pack or service pack 1 to 3`.
#[must_use]
pub fn service_packs(ranges: &[(u32, u32)]) -> String {
    match ranges {
        [(0, 0)] => "no service pack".to_owned(),
        [(0, u32::MAX)] => "any service pack".to_owned(),
        [(0, 1)] => "no service pack or service pack 1".to_owned(),
        [(0, high)] => format!("no service pack or service pack 1 to {high}"),
        _ => format!("service pack {}", Numbers(ranges)),
    }
}

fn sentence(test: &Test<'_>) -> Sentence {
    match *test {
        Test::Family(family) => is("the family of the operating system", family),
        Test::OsVersion(version) => is("the Windows NT version", version),
        Test::OsBuild(builds) => is("the build of Windows", Numbers(builds)),
        Test::OsRevision(revisions) => is("the revision of Windows", Numbers(revisions)),
        Test::ServicePack(ranges) => installed_service_pack(ranges),
        Test::ProductType(types) => is("the product type", list(types)),
        Test::InstallationType(types) => is("the installation type", list(types)),
        Test::Suite(name) => {
            words("the product suite", format!("contains \"{name}\""), format!("does not contain \"{name}\""))
        }
        Test::Architecture(list_of) => is("the architecture", list(list_of)),
        Test::Language(tag) => is("the installed language", tag),
        Test::FileExists(path) => exists(format!("file {path}")),
        Test::FileVersion(path, versions) => is(&format!("the version of {path}"), Versions(versions)),
        Test::FileSize(path, comparison, size) => compares(&format!("the size of {path}"), comparison, size),
        Test::FileDigest(path, algorithm, digest) => is(&format!("the {algorithm} digest of {path}"), digest),
        Test::RegistryKey(key) => exists(format!("registry key {key}")),
        Test::RegistryValue(key, name, check) => registry_value(key, name, check),
        Test::AnyKey(pattern, parts) => any_key(pattern, parts),
        Test::Service(name, check) => service(name, check),
        Test::Hotfix(kb) => words(&format!("update {kb}"), "is installed".into(), "is not installed".into()),
        Test::Unknowable(why) => words("undecidable:", why.to_owned(), format!("not ({why})")),
    }
}

fn installed_service_pack(ranges: &[(u32, u32)]) -> Sentence {
    match ranges {
        [(0, 0)] => words("the service pack", "is none".into(), "is at least 1".into()),
        _ => {
            let text = service_packs(ranges).replace("service pack ", "").replace("no or", "none or");
            is("the service pack", text)
        }
    }
}

fn registry_value(key: KeyRef<'_>, name: &str, check: ValueCheck<'_>) -> Sentence {
    value(format!("registry value {key}!{}", value_name(name)), check)
}

fn value_name(name: &str) -> &str {
    if name.is_empty() { "(default)" } else { name }
}

/// One of several keys: `for one of the registry keys K: its value A equals "x", and …`.
fn any_key(pattern: KeyRef<'_>, parts: &[KeyPart<'_>]) -> Sentence {
    let part = |part: &KeyPart<'_>| {
        let subject = match part.subject {
            Subject::Value(name) => format!("its value {}", value_name(name)),
            Subject::Star(number) => format!("what star {number} stands for"),
        };
        let Sentence { subject, holds, fails } = value(subject, part.check);
        format!("{subject} {}", if part.holds { holds } else { fails })
    };
    let subject = format!("registry keys {pattern}");
    let said: Vec<String> = parts.iter().map(part).collect();
    if said.is_empty() {
        return Sentence { subject, holds: "exist".into(), fails: "do not exist".into() };
    }
    let said = said.join(", and ");
    words(&subject, format!("have one of which {said}"), format!("have none of which {said}"))
}

fn value(subject: String, check: ValueCheck<'_>) -> Sentence {
    match check {
        ValueCheck::Exists => exists(subject),
        ValueCheck::Text(text) => equals(&subject, &format!("\"{text}\"")),
        ValueCheck::TextIgnoringCase(text) => equals(&subject, &format!("\"{text}\" ignoring case")),
        ValueCheck::Matches(pattern) => {
            let pattern = pattern.text();
            words(&subject, format!("matches {pattern}"), format!("does not match {pattern}"))
        }
        ValueCheck::Version(versions) => is(&subject, TextVersions(versions)),
        ValueCheck::Number(comparison, number) => compares(&subject, comparison, number),
        ValueCheck::Bits(bits) => {
            let bits = format!("all bits of 0x{:x}", bits.number());
            words(&subject, format!("has {bits}"), format!("does not have {bits}"))
        }
        ValueCheck::Type(types) => {
            let types = types.iter().map(|kind| kind.windows_name()).collect::<Vec<_>>().join(" or ");
            words(&subject, format!("is of type {types}"), format!("is not of type {types}"))
        }
        ValueCheck::Binary("") => equals(&subject, "no bytes"),
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

fn list(items: &[impl Display]) -> String {
    items.iter().map(ToString::to_string).collect::<Vec<_>>().join(" or ")
}
