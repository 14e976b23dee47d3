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
crate::serde_as_text!(Kb);
