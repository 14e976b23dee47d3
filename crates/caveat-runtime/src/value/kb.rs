//! Numbers of knowledge-base articles.

use std::fmt;
use std::str::FromStr;

use super::Malformed;

/// The number of a Microsoft knowledge-base article.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Kb(pub u32);

impl fmt::Display for Kb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KB{}", self.0)
    }
}

impl Kb {
    /// The article that an update has in its name, as Windows lists it: `KB` or `Q` in any case, or
    /// neither, the number, and nothing more or something that does not begin with a digit, such as
    /// `KB2536276`, `Q147222`, `KB2536276-v2`, `KB2536276 - Update`. Other names have none.
    #[must_use]
    pub fn of_update(name: &str) -> Option<Self> {
        let after = |prefix: &str| {
            let (head, tail) = name.split_at_checked(prefix.len())?;
            head.eq_ignore_ascii_case(prefix).then_some(tail)
        };
        let numbered = after("KB").or_else(|| after("Q")).unwrap_or(name);
        let end = numbered.find(|c: char| !c.is_ascii_digit()).unwrap_or(numbered.len());
        let digits = numbered.get(..end).filter(|digits| !digits.starts_with('0'))?;
        digits.parse().ok().map(Self)
    }
}

impl FromStr for Kb {
    type Err = Malformed;

    /// Reads `830352`, `KB830352` and, as older articles are called, `Q830352`.
    fn from_str(text: &str) -> Result<Self, Malformed> {
        let upper = text.to_ascii_uppercase();
        let digits = upper.strip_prefix("KB").or_else(|| upper.strip_prefix('Q')).unwrap_or(&upper);
        let number = digits.parse().ok().filter(|number| *number > 0 && !digits.starts_with('+'));
        number.map(Self).ok_or_else(|| {
            Malformed::new(format!("`{text}` is not the number of a knowledge-base article"))
                .help("write the digits, such as `830352`")
        })
    }
}

#[cfg(feature = "serde")]
crate::serde_as_text!(
    Kb,
    "The number of a knowledge-base article after `KB`. `Q` or nothing in place of it is read as well.",
    "^([Kk][Bb]|[Qq])?0*[1-9][0-9]*$",
    ["KB830352"]
);
