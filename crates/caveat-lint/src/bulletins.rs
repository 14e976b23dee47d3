//! What the ids of Microsoft's bulletins tell: the year, the order, and whether there was such a bulletin.

use caveat_ir::value::Date;

use crate::data::{is_out_of_band, last_bulletins};

/// `MS04-006`: the sixth bulletin of 2004. They order as the bulletins came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Number {
    year: u16,
    count: u16,
}

/// The number of a bulletin; none for ids of other kinds.
fn number(id: &str) -> Option<Number> {
    let (year, count) = id.strip_prefix("MS")?.split_once('-')?;
    let digits = |text: &str, length| text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(year, 2) || !digits(count, 3) {
        return None;
    }
    let year: u16 = year.parse().ok()?;
    Some(Number { year: if year < 90 { 2000 + year } else { 1900 + year }, count: count.parse().ok()? })
}

/// Whether one bulletin came out after another, as far as their ids tell.
pub(crate) fn is_later(one: &str, other: &str) -> bool {
    number(one).zip(number(other)).is_some_and(|(one, other)| one > other)
}

/// Why there never was such a bulletin.
pub(crate) fn never_was(id: &str) -> Option<String> {
    let own = number(id)?;
    let last = last_bulletins().find(|last| number(last).is_some_and(|last| last.year == own.year));
    match last {
        None => Some(format!("there were no bulletins in {}", own.year)),
        Some(last) if id > last || own.count == 0 => Some(format!("the last of {} was {last}", own.year)),
        Some(_) => None,
    }
}

/// Whether a bulletin cannot have come out on a day: not of its year, or not the second Tuesday of a month
/// nor, as in Japan, the day after it, where it is not known to have come out on another.
pub(crate) fn not_on(id: &str, day: Date) -> Option<String> {
    const FIRST: Number = Number { year: 2003, count: 48 };
    let own = number(id)?;
    if own.year != day.year() {
        return Some(format!("`{id}` is a bulletin of {}, but it is published on {day}", own.year));
    }
    let second_tuesday = (8..=14).contains(&day.day()) && day.weekday() == TUESDAY;
    let after = (9..=15).contains(&day.day()) && day.weekday() == TUESDAY + 1;
    (own >= FIRST && !second_tuesday && !after && !is_out_of_band(id))
        .then(|| format!("`{id}` is published on {day}, which was no day of bulletins"))
}

/// The day of the week, counted from Monday as 0.
const TUESDAY: u8 = 1;
