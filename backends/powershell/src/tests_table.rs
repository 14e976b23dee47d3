//! Tests of rules as entries of the script's table of tests.

use std::ops::Bound;

use caveat_ir::describe;
use caveat_ir::expr::{Comparison, Integer, ServiceCheck, Test, ValueCheck};
use caveat_ir::value::{
    FileVersion, NumberSet, RegistryPath, RegistryType, TextRange, TextVersion, TextVersionSet, VersionSet,
    View, WindowsPath,
};

use crate::literal::{array, quoted, table};
use crate::pattern;

/// A field of an entry: its name and literal.
pub(crate) type Field = (&'static str, String);

/// The entry of a test, with the fact that it asks for and itself in words.
pub(crate) fn entry(test: &Test) -> String {
    let mut fields = vec![("Kind", quoted(kind(test)))];
    fields.extend(details(test));
    fields.extend(words_of(test).into_iter().flatten());
    table(fields)
}

/// The fact that a test asks for, and the test. What both repeat stands there once: their parts are joined by the path,
/// `Is` follows the subject. Of a file nothing stands there that is usual.
fn words_of(test: &Test) -> [Option<Field>; 2] {
    let (subject, words) = (describe::subject(test), describe::test(test, false));
    let path = path(test).map(ToString::to_string).filter(|path| !path.is_empty());
    let halves = |text: &str| {
        let (before, after) = path.as_ref().and_then(|path| text.split_once(path.as_str()))?;
        (!after.contains(path.as_deref().unwrap_or_default())).then(|| array([before, after].map(quoted)))
    };
    let said = |text: &str| halves(text).unwrap_or_else(|| quoted(text));
    let rest = words.strip_prefix(&subject).filter(|_| path.is_none());
    let words = rest.map_or_else(|| ("Words", said(&words)), |rest| ("Is", quoted(rest)));
    let below = || match test {
        Test::FileVersion(path, versions) => match versions.intervals() {
            [one] if one.low == FileVersion::default() => {
                one.end().map(|end| format!("the version of {path} is less than {end}"))
            }
            _ => None,
        },
        _ => None,
    };
    let is_usual = path.as_ref().is_some_and(|path| subject == format!("file {path}"));
    let is_below = below().is_some_and(|usual| usual == describe::test(test, false));
    [(!is_usual).then(|| ("Subject", said(&subject))), (!is_below).then_some(words)]
}

/// The file that a test asks for.
const fn path(test: &Test) -> Option<&WindowsPath> {
    match test {
        Test::FileExists(path)
        | Test::FileVersion(path, _)
        | Test::FileSize(path, ..)
        | Test::FileDigest(path, ..) => Some(path),
        _ => None,
    }
}

/// What a test wants to know of a registry value or service.
pub(crate) const fn check(test: &Test) -> Option<&'static str> {
    match test {
        Test::RegistryValue(_, _, check) => Some(value_check_name(check)),
        Test::Service(_, check) => Some(service_check(*check)),
        _ => None,
    }
}

pub(crate) const fn kind(test: &Test) -> &'static str {
    match test {
        Test::Family(_) => "os-family",
        Test::OsVersion(_) => "os-version",
        Test::OsBuild(_) => "os-build",
        Test::OsRevision(_) => "os-revision",
        Test::ServicePack(_) => "service-pack",
        Test::ProductType(_) => "product-type",
        Test::InstallationType(_) => "installation-type",
        Test::Suite(_) => "suite",
        Test::Architecture(_) => "architecture",
        Test::Language(_) => "language",
        Test::FileExists(_) => "file-exists",
        Test::FileVersion(..) => "file-version",
        Test::FileSize(..) => "file-size",
        Test::FileDigest(..) => "file-digest",
        Test::RegistryKey(_) => "registry-key",
        Test::RegistryValue(..) => "registry-value",
        Test::AnyKey(..) => "any-key",
        Test::Service(..) => "service",
        Test::Hotfix(_) => "hotfix",
        Test::Unknowable(_) => "unknowable",
    }
}

fn details(test: &Test) -> Vec<Field> {
    let text = |name, value: &dyn std::fmt::Display| (name, quoted(&value.to_string()));
    match test {
        Test::Family(family) => vec![text("Family", family)],
        Test::OsVersion(version) => vec![text("Version", version)],
        Test::OsBuild(set) | Test::OsRevision(set) | Test::ServicePack(set) => vec![("Ranges", ranges(set))],
        Test::ProductType(types) => vec![("OneOf", words(types))],
        Test::InstallationType(types) => vec![("OneOf", words(types))],
        Test::Suite(name) => vec![text("Name", name)],
        Test::Architecture(list) => vec![("OneOf", words(list))],
        Test::Language(language) => vec![text("Tag", language)],
        Test::FileExists(path) => vec![text("Path", path)],
        Test::FileVersion(path, versions) => vec![text("Path", path), ("Intervals", intervals(versions))],
        Test::FileSize(path, comparison, size) => {
            vec![text("Path", path), comparing(*comparison), text("Number", size)]
        }
        Test::FileDigest(path, algorithm, digest) => {
            vec![text("Path", path), text("Algorithm", algorithm), text("Digest", digest)]
        }
        Test::RegistryKey(path) | Test::AnyKey(path, _) => key(path),
        Test::RegistryValue(path, name, check) => {
            let mut fields = key(path);
            fields.push(text("Name", name));
            fields.extend(value_check(check));
            fields
        }
        Test::Service(name, check) => {
            let mut fields = vec![text("Name", name), text("Check", &service_check(*check))];
            if let ServiceCheck::Start(start) = check {
                fields.push(text("Start", start));
            }
            fields
        }
        Test::Hotfix(kb) => vec![text("Kb", kb)],
        Test::Unknowable(_) => Vec::new(),
    }
}

fn key(path: &RegistryPath) -> Vec<Field> {
    let view = match path.view {
        None => "",
        Some(View::Bits32) => "32",
        Some(View::Bits64) => "64",
    };
    let bare = format!("{}\\{}", path.hive.short_name(), path.key);
    vec![("Key", quoted(&bare)), ("View", quoted(view))]
}

const fn value_check_name(check: &ValueCheck) -> &'static str {
    match check {
        ValueCheck::Exists => "exists",
        ValueCheck::Text(_) => "text",
        ValueCheck::TextIgnoringCase(_) => "text-ignoring-case",
        ValueCheck::Matches(_) => "matches",
        ValueCheck::Version(_) => "version",
        ValueCheck::Number(_, number) => number_kind(*number),
        ValueCheck::Bits(_) => "bits",
        ValueCheck::Type(_) => "type",
        ValueCheck::Binary(_) => "binary",
    }
}

fn value_check(check: &ValueCheck) -> Vec<Field> {
    let mut fields = vec![("Check", quoted(value_check_name(check)))];
    match check {
        ValueCheck::Exists => {}
        ValueCheck::Text(text) | ValueCheck::TextIgnoringCase(text) => fields.push(("Text", quoted(text))),
        // Without an expression the test is in error, as it is in the evaluator.
        ValueCheck::Matches(pattern) => {
            fields.extend(pattern::dotnet(pattern).map(|pattern| ("Pattern", quoted(&pattern))));
        }
        ValueCheck::Version(versions) => fields.push(("Intervals", text_intervals(versions))),
        ValueCheck::Number(comparison, number) => {
            fields.extend([comparing(*comparison), ("Number", quoted(&number.to_string()))]);
        }
        // Half by half, as no version of PowerShell computes with all 64 bits.
        ValueCheck::Bits(bits) => {
            let (high, low) = (bits.number() >> 32, bits.number() & 0xFFFF_FFFF);
            fields.extend([
                ("Type", quoted(number_kind(*bits))),
                ("High", quoted(&high.to_string())),
                ("Low", quoted(&low.to_string())),
            ]);
        }
        ValueCheck::Type(types) => {
            fields.push(("OneOf", array(types.iter().map(|kind| quoted(value_kind(*kind))))));
        }
        ValueCheck::Binary(bytes) => fields.push(("Bytes", quoted(bytes))),
    }
    fields
}

const fn number_kind(number: Integer) -> &'static str {
    value_kind(number.kind())
}

/// What the scripts call a type.
const fn value_kind(kind: RegistryType) -> &'static str {
    match kind {
        RegistryType::Text => "text",
        RegistryType::ExpandText => "expand",
        RegistryType::Multi => "multi",
        RegistryType::Dword => "dword",
        RegistryType::Qword => "qword",
        RegistryType::Binary => "binary",
        RegistryType::DwordBigEndian
        | RegistryType::None
        | RegistryType::Link
        | RegistryType::ResourceList
        | RegistryType::FullResourceDescriptor
        | RegistryType::ResourceRequirementsList => kind.as_str(),
    }
}

const fn service_check(check: ServiceCheck) -> &'static str {
    match check {
        ServiceCheck::Installed => "installed",
        ServiceCheck::Enabled => "enabled",
        ServiceCheck::Start(_) => "start",
        ServiceCheck::Running => "running",
        ServiceCheck::Stopped => "stopped",
    }
}

fn comparing(comparison: Comparison) -> Field {
    let sign = match comparison {
        Comparison::Equal => "=",
        Comparison::NotEqual => "!=",
        Comparison::Less => "<",
        Comparison::LessOrEqual => "<=",
        Comparison::Greater => ">",
        Comparison::GreaterOrEqual => ">=",
    };
    ("Comparison", quoted(sign))
}

/// Ranges with both ends, in digits.
pub(crate) fn ranges(set: &NumberSet) -> String {
    let one = |(low, high): &(u32, u32)| {
        table([("Low", quoted(&low.to_string())), ("High", quoted(&high.to_string()))])
    };
    array(set.ranges().iter().map(one))
}

/// Intervals of file versions, by their ends.
pub(crate) fn intervals(set: &VersionSet) -> String {
    let one = |interval: &caveat_ir::value::VersionInterval| {
        let low =
            (interval.low != FileVersion::default()).then(|| ("AtLeast", quoted(&interval.low.to_string())));
        let end = interval.end().map(|end| ("Below", quoted(&end.to_string())));
        table(low.into_iter().chain(end))
    };
    array(set.intervals().iter().map(one))
}

/// The same for versions in texts.
fn text_intervals(set: &TextVersionSet) -> String {
    let one = |range: &TextRange| {
        let low = end(range.low(), ["AtLeast", "Above"]);
        table(low.into_iter().chain(end(range.high(), ["AtMost", "Below"])))
    };
    array(set.ranges().iter().map(one))
}

fn end(bound: Bound<&TextVersion>, [included, excluded]: [&'static str; 2]) -> Option<Field> {
    match bound {
        Bound::Included(version) => Some((included, quoted(&version.to_string()))),
        Bound::Excluded(version) => Some((excluded, quoted(&version.to_string()))),
        Bound::Unbounded => None,
    }
}

/// Words of a closed list.
pub(crate) fn words<T: ToString>(list: impl IntoIterator<Item = T>) -> String {
    array(list.into_iter().map(|word| quoted(&word.to_string())))
}
