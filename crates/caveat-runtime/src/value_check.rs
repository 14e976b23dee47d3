//! What is asked of a registry value.

use crate::value::{RegistryType, TextInterval};
use crate::{Comparison, Integer, Pattern, RegistryValue, Truth, compare};

/// What is asked of a registry value. A multi-string value passes when one of its strings does.
#[derive(Debug, Clone, Copy)]
pub enum ValueCheck<'a> {
    /// It is there.
    Exists,
    /// It is a string that equals this one.
    Text(&'a str),
    /// It is a string that equals this one but for the case of letters, which differ as in names.
    TextIgnoringCase(&'a str),
    /// It is a string in which this expression matches.
    Matches(&'a Pattern),
    /// It is a single string that holds a version in one of these intervals; an error when it holds
    /// none.
    Version(&'a [TextInterval<'a>]),
    /// It is a number of this type that compares so.
    Number(Comparison, Integer),
    /// It is a number of this type that has all bits of this one.
    Bits(Integer),
    /// It is of one of these types.
    Type(&'a [RegistryType]),
    /// It is these bytes, in lower-case hexadecimal digits.
    Binary(&'a str),
}

impl ValueCheck<'_> {
    /// Whether a value passes; an error when the check cannot read it.
    #[must_use]
    pub fn truth(&self, value: &RegistryValue<'_>) -> Truth {
        compare::registry_value(self, value)
    }
}
