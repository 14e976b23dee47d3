//! How rules refer to platforms: by number.

use serde::{Deserialize, Serialize};

#[cfg(doc)]
use crate::rule::RuleSet;

/// A platform of [`RuleSet::platforms`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct PlatformId(pub u32);

/// A selector of [`RuleSet::selectors`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct SelectorId(pub u32);
