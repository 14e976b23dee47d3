//! Data of every sort that checks of a registry value tell apart, and some more.

use std::collections::BTreeSet;

use caveat_ir::expr::ValueCheck;
use caveat_ir::value::{TextRange, TextVersion, VersionText, name};

use crate::pattern::matching;

/// Texts: those that checks name, in other cases too, in which their expressions match, versions at
/// their ends and between, and others.
pub(crate) fn texts(checks: &[&ValueCheck]) -> Vec<String> {
    let exact: BTreeSet<&str> = literals(checks, false).collect();
    let named: BTreeSet<String> = literals(checks, true).map(name::folded).collect();
    let mut texts: Vec<String> = literals(checks, true).map(str::to_owned).collect();
    for check in checks {
        match check {
            ValueCheck::TextIgnoringCase(text) => texts.extend(other_case(text, &exact)),
            ValueCheck::Matches(pattern) => texts.extend(matching(pattern)),
            _ => {}
        }
    }
    let unnamed = |text: &str, more: &str| {
        let mut text = text.to_owned();
        while named.contains(&text) {
            text.push_str(more);
        }
        text
    };
    texts.extend(versions(checks).iter().map(|version| unnamed(&version.to_string(), ".0")));
    texts.extend([unnamed("other", "-"), String::new(), unnamed("0", ".0")]);
    texts
}

/// The texts that checks name, those that are compared without regard to case on demand.
pub(crate) fn literals<'c>(checks: &[&'c ValueCheck], folded: bool) -> impl Iterator<Item = &'c str> {
    checks.iter().filter_map(move |check| match check {
        ValueCheck::Text(text) => Some(text.as_str()),
        ValueCheck::TextIgnoringCase(text) if folded => Some(text.as_str()),
        _ => None,
    })
}

/// The text with letters in another case, so that it is none of those named; if there is one.
fn other_case(text: &str, named: &BTreeSet<&str>) -> Option<String> {
    let letters = text.chars().filter_map(in_other_case).count();
    let cases = 1_u64.checked_shl(u32::try_from(letters).ok()?).unwrap_or(u64::MAX);
    (0..cases)
        .take(named.len() + 1)
        .map(|case| in_case(text, case))
        .find(|text| !named.contains(text.as_str()))
}

/// The text with the case of the letters turned whose bits are set.
fn in_case(text: &str, mut bits: u64) -> String {
    let turn = |c: char| {
        let Some(other) = in_other_case(c) else { return c };
        let turned = bits & 1 == 1;
        bits >>= 1;
        if turned { other } else { c }
    };
    text.chars().map(turn).collect()
}

fn in_other_case(letter: char) -> Option<char> {
    name::same_letters(letter).find(|other| *other != letter)
}

/// A version at every end of a range, one between each two, and one beyond them on either side.
fn versions(checks: &[&ValueCheck]) -> Vec<TextVersion> {
    let ranges = checks.iter().flat_map(|check| match check {
        ValueCheck::Version(versions) => versions.ranges(),
        _ => &[],
    });
    let ends: BTreeSet<TextVersion> = ranges.flat_map(TextRange::ends).cloned().collect();
    let mut versions = Vec::new();
    let mut last: Option<&TextVersion> = None;
    for end in &ends {
        versions.extend(below(end, last));
        versions.push(end.clone());
        last = Some(end);
    }
    versions.push(above(last));
    versions
}

/// A version below one, and above another: rather the one that a vendor would have given out before.
fn below(version: &TextVersion, other: Option<&TextVersion>) -> Option<TextVersion> {
    let (last, before) = version.parts().split_last()?;
    let previous = TextVersion::new([before, &[last.saturating_sub(1)]].concat());
    let Some(other) = other.filter(|other| **other >= previous) else { return Some(previous) };
    let mut parts = other.parts().to_vec();
    parts.resize(parts.len().max(version.parts().len()), 0);
    parts.push(1);
    Some(TextVersion::new(parts))
}

fn above(version: Option<&TextVersion>) -> TextVersion {
    let mut parts = version.map_or(Vec::new(), |version| version.parts().to_vec());
    match parts.last_mut() {
        Some(last) if *last < VersionText::MAX_PART => *last += 1,
        _ => parts.push(1),
    }
    TextVersion::new(parts)
}

/// The bytes that checks name, as such or by their digits, and others.
pub(crate) fn bytes(checks: &[&ValueCheck]) -> Vec<String> {
    let named = checks.iter().filter_map(|check| match check {
        ValueCheck::Binary(digits) => Some(digits.clone()),
        _ => None,
    });
    let digits = literals(checks, true).map(str::to_ascii_lowercase);
    let mut bytes: Vec<String> = named.chain(digits.filter(|text| are_bytes(text))).collect();
    let mut other = "f0".to_owned();
    while bytes.contains(&other) {
        other.push_str("f0");
    }
    bytes.push(other);
    bytes
}

fn are_bytes(text: &str) -> bool {
    text.len().is_multiple_of(2) && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}
