//! Slips of the pen: how two texts differ by a single one.

use std::collections::BTreeSet;

/// The one slip that makes a text of another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Slip {
    /// Two neighbours are exchanged.
    Exchanged(char, char),
    /// A character is too many, or missing; `last` says that it is the last one.
    Added { one: char, last: bool },
    /// A character stands in the place of another, so many before the last one.
    Replaced { one: char, other: char, before: usize },
}

impl Slip {
    /// Whether a digit is concerned.
    pub(crate) fn in_digits(self) -> bool {
        match self {
            Self::Exchanged(one, other) | Self::Replaced { one, other, .. } => {
                one.is_ascii_digit() || other.is_ascii_digit()
            }
            Self::Added { one, .. } => one.is_ascii_digit(),
        }
    }
}

/// The slip between two texts, if it is one.
pub(crate) fn between(a: &str, b: &str) -> Option<Slip> {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    let front = short.iter().zip(&long).take_while(|(a, b)| a == b).count();
    let back = short.iter().rev().zip(long.iter().rev()).take_while(|(a, b)| a == b).count();
    let back = back.min(short.len() - front);
    let differing = |text: &[char]| text.get(front..text.len() - back).map(<[char]>::to_vec);
    match (differing(&short)?.as_slice(), differing(&long)?.as_slice()) {
        ([], [one]) => Some(Slip::Added { one: *one, last: back == 0 }),
        ([one], [other]) => Some(Slip::Replaced { one: *one, other: *other, before: back }),
        ([a, b], [c, d]) if a == d && b == c => Some(Slip::Exchanged(*a, *b)),
        _ => None,
    }
}

/// The name that differs from what was written by a slip or two.
pub(crate) fn nearest<'n>(written: &str, names: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    let written = written.to_ascii_lowercase();
    let distance = |name: &str| strsim::osa_distance(&written, &name.to_ascii_lowercase());
    let scored = names.into_iter().map(|name| (distance(name), name));
    // Two slips in a short name make another name.
    let close =
        |(distance, name): &(usize, &str)| *distance > 0 && *distance <= if name.len() > 6 { 2 } else { 1 };
    scored.filter(close).min().map(|(_, name)| name)
}

/// The name that what was written was to be, where other names may stand as well: it differs by one slip
/// that is not in a digit, or breaks off before its end.
pub(crate) fn meant<'n>(written: &str, names: &BTreeSet<&'n str>) -> Option<&'n str> {
    let folded = written.to_ascii_lowercase();
    if names.iter().any(|name| name.eq_ignore_ascii_case(written)) {
        return None;
    }
    let is_meant = |name: &&&str| {
        let name = name.to_ascii_lowercase();
        let slip = between(&folded, &name).filter(|slip| !slip.in_digits());
        // Short names are a letter away from many others.
        let clear = slip.is_some_and(|slip| name.len() > 4 || matches!(slip, Slip::Exchanged(..)));
        clear || breaks_off(&folded, &name)
    };
    names.iter().find(is_meant).copied()
}

/// Whether a name is written without its end, and not without a word.
fn breaks_off(written: &str, name: &str) -> bool {
    let Some(rest) = name.strip_prefix(written) else { return false };
    written.len() > 3
        && rest.len() < written.len()
        && !rest.is_empty()
        && !rest.starts_with(' ')
        && !rest.contains(' ')
}
