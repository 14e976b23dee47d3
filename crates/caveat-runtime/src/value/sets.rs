//! Sets as tests have them, in words.

use std::fmt::{self, Display};

use super::{TextInterval, VersionInterval};

/// Ranges of numbers, both ends included.
#[derive(Debug, Clone, Copy)]
pub struct Numbers<'a>(pub &'a [(u32, u32)]);

/// File versions in these intervals.
#[derive(Debug, Clone, Copy)]
pub struct Versions<'a>(pub &'a [VersionInterval]);

/// Versions of texts in these intervals.
#[derive(Debug, Clone, Copy)]
pub struct TextVersions<'a>(pub &'a [TextInterval<'a>]);

impl Display for Numbers<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (low, high)) in self.0.iter().enumerate() {
            f.write_str(if index == 0 { "" } else { ", " })?;
            match (*low, *high) {
                (low, high) if low == high => write!(f, "{low}")?,
                (low, u32::MAX) => write!(f, "{low} or later")?,
                (low, high) => write!(f, "{low} to {high}")?,
            }
        }
        Ok(())
    }
}

impl Display for Versions<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        alternatives(f, self.0)
    }
}

impl Display for TextVersions<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        alternatives(f, self.0)
    }
}

fn alternatives(f: &mut fmt::Formatter<'_>, intervals: &[impl Display]) -> fmt::Result {
    if intervals.is_empty() {
        return f.write_str("no version");
    }
    for (index, interval) in intervals.iter().enumerate() {
        write!(f, "{}{interval}", if index == 0 { "" } else { ", or " })?;
    }
    Ok(())
}
