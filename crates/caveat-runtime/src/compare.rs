//! Comparisons of values: the one place that says when a fact passes.

use crate::value::{FileVersion, TextInterval, VersionInterval, VersionText, name};
use crate::value_check::ValueCheck;
use crate::{Integer, RegistryValue, Truth};

/// Whether the number lies in one of the ranges, both ends included.
pub(crate) fn in_ranges(ranges: &[(u32, u32)], number: u32) -> bool {
    ranges.iter().any(|(low, high)| (*low..=*high).contains(&number))
}

/// Whether all numbers from the least on lie in the ranges, or none does; unknown when some do.
pub(crate) fn all_in_ranges(ranges: &[(u32, u32)], least: u32) -> Truth {
    // Ranges of one set neither overlap nor touch.
    match ranges.iter().find(|(_, high)| *high >= least) {
        None => Truth::False,
        Some((low, u32::MAX)) if *low <= least => Truth::True,
        Some(_) => Truth::Unknown,
    }
}

/// Whether the version lies in one of the intervals.
pub(crate) fn in_intervals(intervals: &[VersionInterval], version: FileVersion) -> bool {
    intervals.iter().any(|interval| interval.contains(version))
}

/// Whether a registry value passes a check.
pub(crate) fn registry_value(check: &ValueCheck<'_>, found: &RegistryValue<'_>) -> Truth {
    match *check {
        ValueCheck::Exists => Truth::True,
        ValueCheck::Text(text) => some_text(found, |found| (found == text).into()),
        ValueCheck::TextIgnoringCase(text) => some_text(found, |found| name::same(found, text).into()),
        ValueCheck::Matches(pattern) => some_text(found, |found| pattern.matches(found)),
        ValueCheck::Version(versions) => version_in(versions, found),
        ValueCheck::Number(comparison, number) => {
            same_type(found, number).is_some_and(|found| comparison.holds(&found, &number.number())).into()
        }
        ValueCheck::Bits(bits) => {
            same_type(found, bits).is_some_and(|found| found & bits.number() == bits.number()).into()
        }
        ValueCheck::Type(types) => types.contains(&found.kind()).into(),
        ValueCheck::Binary(bytes) => matches!(found, RegistryValue::Binary(found) if found == bytes).into(),
    }
}

/// The number that the value is, if it is one of the type of another.
fn same_type(value: &RegistryValue<'_>, other: Integer) -> Option<u64> {
    match (value, other) {
        (RegistryValue::Dword(number), Integer::Dword(_)) => Some((*number).into()),
        (RegistryValue::Qword(number), Integer::Qword(_)) => Some(*number),
        _ => None,
    }
}

/// Whether one of the value's strings passes: numbers and bytes count as their digits.
fn some_text(value: &RegistryValue<'_>, passes: impl Fn(&str) -> Truth) -> Truth {
    match value {
        RegistryValue::Text(text)
        | RegistryValue::ExpandText(text)
        | RegistryValue::Link(text)
        | RegistryValue::Binary(text)
        | RegistryValue::Raw(_, text) => passes(text),
        RegistryValue::Dword(number) | RegistryValue::DwordBigEndian(number) => {
            with_digits((*number).into(), passes)
        }
        RegistryValue::Qword(number) => with_digits(*number, passes),
        RegistryValue::Multi(texts) => Truth::False.or(|| Truth::some(texts.iter().map(|text| passes(text)))),
    }
}

/// The most digits that a number has.
const LONGEST: usize = 20;

/// Calls `with` on the number's decimal digits, which need no memory but the stack's.
fn with_digits<T>(mut number: u64, with: impl FnOnce(&str) -> T) -> T {
    let mut digits = [b'0'; LONGEST];
    let mut first = digits.len();
    for (index, slot) in digits.iter_mut().enumerate().rev() {
        if number == 0 && first < LONGEST {
            break;
        }
        *slot = b'0' + u8::try_from(number % 10).unwrap_or(0);
        number /= 10;
        first = index;
    }
    let text = digits.get(first..).and_then(|digits| std::str::from_utf8(digits).ok());
    with(text.unwrap_or_default())
}

/// Whether the version in the value's text lies in one of the intervals; an error when the value is
/// no single text, or one that is no version.
fn version_in(intervals: &[TextInterval<'_>], value: &RegistryValue<'_>) -> Truth {
    let version = value.as_text().and_then(VersionText::read);
    let within = |version| intervals.iter().any(|interval| interval.contains(version));
    version.map_or(Truth::Error, |version| within(version).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_those_of_the_number() {
        for number in [0, 1, 9, 10, 99, 100, 65_535, 4_294_967_295, u64::MAX] {
            assert_eq!(with_digits(number, str::to_owned), number.to_string());
        }
    }
}
