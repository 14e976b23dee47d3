//! Registry values: data that tell the checks on a value apart.

use caveat_ir::expr::ValueCheck;
use caveat_ir::value::{FileVersion, VersionInterval};
use regex::Regex;
use regex_syntax::hir::{Hir, HirKind};

/// The data of a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Data {
    Text(String),
    Dword(u32),
    Binary(String),
}

/// Whether the data passes the check, as `caveat_runtime` has it.
pub(crate) fn passes(check: &ValueCheck, data: &Data) -> bool {
    match check {
        ValueCheck::Exists => true,
        ValueCheck::Text(text) => digits(data) == *text,
        ValueCheck::TextIgnoringCase(text) => digits(data).eq_ignore_ascii_case(text),
        ValueCheck::Matches(pattern) => Regex::new(pattern).is_ok_and(|regex| regex.is_match(&digits(data))),
        ValueCheck::Version(versions) => match data {
            Data::Text(text) => version(text)
                .is_some_and(|found| versions.intervals().iter().any(|interval| interval.contains(found))),
            _ => false,
        },
        ValueCheck::Number(comparison, number) => {
            matches!(data, Data::Dword(found) if comparison.holds(found, number))
        }
        ValueCheck::Binary(bytes) => matches!(data, Data::Binary(found) if found == bytes),
    }
}

/// The text of the data: numbers and bytes count as their digits.
fn digits(data: &Data) -> String {
    match data {
        Data::Text(text) | Data::Binary(text) => text.clone(),
        Data::Dword(number) => number.to_string(),
    }
}

fn version(text: &str) -> Option<FileVersion> {
    text.parse().ok()
}

/// Data of every sort that the checks tell apart, and whether that is certain: nobody can list all
/// texts that several expressions tell apart.
pub(crate) fn samples(checks: &[&ValueCheck]) -> (Vec<Data>, bool) {
    let mut samples = Vec::new();
    for check in checks {
        match check {
            ValueCheck::Exists => {}
            ValueCheck::Text(text) | ValueCheck::TextIgnoringCase(text) => {
                samples.push(Data::Text(text.clone()));
                samples.push(Data::Text(other_case(text)));
            }
            ValueCheck::Matches(pattern) => samples.extend(matching(pattern).map(Data::Text)),
            ValueCheck::Version(versions) => versions.intervals().iter().for_each(|interval| {
                samples.extend(around(*interval).map(|version| Data::Text(version.to_string())));
            }),
            ValueCheck::Number(_, number) => {
                let near = [number.checked_sub(1), Some(*number), number.checked_add(1)];
                samples.extend(near.into_iter().flatten().map(Data::Dword));
            }
            ValueCheck::Binary(bytes) => samples.push(Data::Binary(bytes.clone())),
        }
    }
    let others = [
        Data::Dword(0),
        Data::Dword(1),
        Data::Text("other".into()),
        Data::Text(String::new()),
        Data::Text("0".into()),
        Data::Binary("f0".into()),
    ];
    samples.extend(others);
    let patterns = checks.iter().filter(|check| matches!(check, ValueCheck::Matches(_))).count();
    (samples, patterns == 0 || checks.len() == 1)
}

fn around(interval: VersionInterval) -> impl Iterator<Item = FileVersion> {
    let ends = [interval.low.previous(), Some(interval.low), Some(interval.high), interval.high.next()];
    ends.into_iter().flatten()
}

fn other_case(text: &str) -> String {
    let flip = |c: char| if c.is_ascii_lowercase() { c.to_ascii_uppercase() } else { c.to_ascii_lowercase() };
    text.chars().map(flip).collect()
}

/// A short text in which the expression matches.
fn matching(pattern: &str) -> Option<String> {
    let hir = regex_syntax::Parser::new().parse(pattern).ok()?;
    let mut text = String::new();
    sample(&hir, &mut text)?;
    Regex::new(pattern).ok().filter(|regex| regex.is_match(&text))?;
    Some(text)
}

fn sample(hir: &Hir, text: &mut String) -> Option<()> {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => Some(()),
        HirKind::Literal(literal) => {
            text.push_str(std::str::from_utf8(&literal.0).ok()?);
            Some(())
        }
        HirKind::Class(class) => {
            let literal = match class {
                regex_syntax::hir::Class::Unicode(class) => class
                    .ranges()
                    .iter()
                    .find(|range| range.start() >= ' ')
                    .or(class.ranges().first())?
                    .start(),
                regex_syntax::hir::Class::Bytes(class) => char::from(class.ranges().first()?.start()),
            };
            text.push(literal);
            Some(())
        }
        HirKind::Repetition(repetition) => {
            (0..repetition.min.min(64)).try_for_each(|_| sample(&repetition.sub, text))
        }
        HirKind::Capture(capture) => sample(&capture.sub, text),
        HirKind::Concat(parts) => parts.iter().try_for_each(|part| sample(part, text)),
        HirKind::Alternation(parts) => parts.iter().find_map(|part| {
            let before = text.len();
            sample(part, text).or_else(|| {
                text.truncate(before);
                None
            })
        }),
    }
}
