//! Regular expressions for versions in texts.
//!
//! OVAL has a datatype for versions, but OpenSCAP crashes when it compares an empty text as one, and
//! engines read any other text in ways of their own. Expressions compare as all of them do: in the
//! same subset as [`super::pattern`].

use caveat_ir::value::{TextVersion, VersionText};

use super::pattern::numbers;

/// A text that is no version: with a character that cannot stand there, a part that is empty, or one
/// that is too large. It finds what is wrong, as `$` would let a line end pass.
pub(super) fn malformed() -> String {
    let digits = u64::from(VersionText::MAX_PART).to_string().len();
    let above = numbers(u64::from(VersionText::MAX_PART) + 1, 10_u64.pow(10) - 1);
    format!(r"[^0-9.]|(^|\.)(\.|$)|[1-9][0-9]{{{digits}}}|{}", above.join("|"))
}

/// All texts that are versions.
pub(super) fn any() -> String {
    let part = format!("0*(0|{})", numbers(1, VersionText::MAX_PART.into()).join("|"));
    format!(r"{part}(\.{part})*")
}

/// The versions below a version that is not 0, among texts that are versions.
pub(super) fn below(version: &TextVersion) -> String {
    format!("^{}$", lower(version.parts(), ""))
}

/// The version and those below it, among texts that are versions.
pub(super) fn up_to(version: &TextVersion) -> String {
    match version.parts() {
        [] => equal(version),
        parts => format!("^{}$", lower(parts, ZEROS)),
    }
}

/// The version, among texts that are versions.
pub(super) fn equal(version: &TextVersion) -> String {
    let parts: Vec<String> = match version.parts() {
        [] => vec![exactly(0)],
        parts => parts.iter().copied().map(exactly).collect(),
    };
    format!("^{}{ZEROS}$", parts.join(r"\."))
}

/// More parts, whatever they are.
const MORE: &str = r"(\.[0-9.]*)?";
/// More parts, all of them 0.
const ZEROS: &str = r"(\.[0.]*)?";

/// Parts that are lower than these, or as high where `last` follows. A text that ends before the last
/// of these, which is not 0, is lower.
fn lower(parts: &[u32], last: &str) -> String {
    let Some((first, rest)) = parts.split_first() else { return String::new() };
    let mut choices = Vec::new();
    choices.extend((*first > 0).then(|| format!("{}{MORE}", less(*first))));
    match rest {
        [] if last.is_empty() => {}
        [] => choices.push(format!("{}{last}", exactly(*first))),
        rest => choices.push(format!(r"{}(\.{})?", exactly(*first), lower(rest, last))),
    }
    format!("({})", choices.join("|"))
}

/// The number, with any zeros before it.
fn exactly(number: u32) -> String {
    if number == 0 { "0+".to_owned() } else { format!("0*{number}") }
}

/// The numbers below one that is not 0, with any zeros before them.
fn less(number: u32) -> String {
    let above_zero = numbers(1, u64::from(number) - 1);
    if above_zero.is_empty() { exactly(0) } else { format!("0*(0|{})", above_zero.join("|")) }
}

#[cfg(test)]
mod tests {
    use caveat_ir::value::{TextInterval, TextVersion, VersionText};
    use regex::Regex;
    use std::ops::Bound;

    use super::{below, equal, malformed, up_to};

    const BOUNDS: [&str; 9] =
        ["0", "1", "5.16.5", "6.0.1", "10.0.0.0.3", "0.0.7", "12.3.0.22234872", "2147483647", "5.10.100"];

    fn texts() -> Vec<String> {
        let mut texts: Vec<String> = BOUNDS.iter().flat_map(|bound| around(bound)).collect();
        let odd = [
            "",
            ".",
            "5.",
            ".5",
            "5..1",
            "5.16.5 ",
            "v5",
            "5,1",
            "5\n",
            "5.1\n",
            "+5",
            "２",
            "2147483648",
            "5.2147483648",
            "5.3000000000",
            "5.10000000000",
            "5.0000000000000000000000000001",
            "99999999999999999999",
            "00",
            "5.016.0005",
            "1.2.3.4.5.6",
            "0.0.0.0.0.0",
            "5.0.0.1",
            "50",
            "5.1600",
        ];
        texts.extend(odd.map(str::to_owned));
        texts
    }

    /// The version, others right beside it, and shorter and longer ones.
    fn around(bound: &str) -> Vec<String> {
        let parts: Vec<u32> = bound.split('.').map(|part| part.parse().unwrap()).collect();
        let mut texts =
            vec![bound.to_owned(), format!("{bound}.0.0"), format!("{bound}.0.1"), format!("0{bound}")];
        for at in 0..parts.len() {
            for part in [parts[at].checked_sub(1), Some(parts[at] + 1), Some(parts[at] / 10), Some(0)]
                .into_iter()
                .flatten()
            {
                let mut other = parts.clone();
                other[at] = part;
                let text = |parts: &[u32]| parts.iter().map(u32::to_string).collect::<Vec<_>>().join(".");
                texts.extend([text(&other), text(&other[..=at]), text(&parts[..=at])]);
            }
        }
        texts
    }

    #[test]
    fn expressions_agree_with_the_meaning_of_tests() {
        let malformed = Regex::new(&malformed()).unwrap();
        for text in texts() {
            assert_eq!(!malformed.is_match(&text), VersionText::read(&text).is_some(), "{text:?}");
        }
        for bound in BOUNDS {
            let version: TextVersion = bound.parse().unwrap();
            let (included, excluded) = (Bound::Included(version.parts()), Bound::Excluded(version.parts()));
            let mut cases =
                vec![(up_to(&version), Bound::Unbounded, included), (equal(&version), included, included)];
            if !version.parts().is_empty() {
                cases.push((below(&version), Bound::Unbounded, excluded));
            }
            for (pattern, low, high) in cases {
                let regex = Regex::new(&pattern).unwrap();
                let interval = TextInterval { low, high };
                for text in texts() {
                    let Some(found) = VersionText::read(&text) else { continue };
                    assert_eq!(regex.is_match(&text), interval.contains(found), "{pattern} on {text}");
                }
            }
        }
    }

    #[test]
    fn expressions_read_as_a_person_would_write_them() {
        assert_eq!(equal(&"6.5".parse().unwrap()), r"^0*6\.0*5(\.[0.]*)?$");
        assert_eq!(below(&"1.2".parse().unwrap()), r"^(0+(\.[0-9.]*)?|0*1(\.(0*(0|1)(\.[0-9.]*)?))?)$");
    }
}
