//! Calendar dates.

use std::fmt;
use std::str::FromStr;

use super::{Malformed, serde_as_text};

/// A day of the Gregorian calendar, years 1 to 9999.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date {
    year: u16,
    month: u8,
    day: u8,
}

impl Date {
    /// The year.
    #[must_use]
    pub fn year(self) -> u16 {
        self.year
    }

    /// The month, from 1.
    #[must_use]
    pub fn month(self) -> u8 {
        self.month
    }

    /// The day of the month, from 1.
    #[must_use]
    pub fn day(self) -> u8 {
        self.day
    }

    /// The day of the week, counted from Monday as 0.
    #[must_use]
    pub fn weekday(self) -> u8 {
        const WEDNESDAY: u32 = 2;
        // Years that begin in March end with the leap day; that of the year 0 began on a Wednesday.
        let year = u32::from(self.year) - u32::from(self.month < 3);
        let month = (u32::from(self.month) + 9) % 12;
        let days = 365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5;
        let weekday = (days + u32::from(self.day) - 1 + WEDNESDAY) % 7;
        u8::try_from(weekday).unwrap_or_default()
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

impl FromStr for Date {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        let malformed = || {
            Malformed::new(format!("`{text}` is not a date"))
                .help("write it as YYYY-MM-DD, such as `2004-02-11`")
        };
        let parts: Vec<&str> = text.split('-').collect();
        let [year, month, day] = parts.as_slice() else { return Err(malformed()) };
        let digits =
            |part: &str, length| part.len() == length && part.bytes().all(|byte| byte.is_ascii_digit());
        if !(digits(year, 4) && digits(month, 2) && digits(day, 2)) {
            return Err(malformed());
        }
        let date = Self {
            year: year.parse().map_err(|_| malformed())?,
            month: month.parse().map_err(|_| malformed())?,
            day: day.parse().map_err(|_| malformed())?,
        };
        let exists = date.year > 0
            && (1..=12).contains(&date.month)
            && (1..=days_in(date.year, date.month)).contains(&date.day);
        if exists { Ok(date) } else { Err(Malformed::new(format!("there is no day `{text}`"))) }
    }
}

fn days_in(year: u16, month: u8) -> u8 {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => 31,
    }
}

serde_as_text!(Date, "A day: year, month and day.", "^[0-9]{4}-[0-9]{2}-[0-9]{2}$", ["2004-02-10"]);
