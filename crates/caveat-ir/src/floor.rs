//! First fixed versions of files, and first fixed builds.

use serde::{Deserialize, Serialize};

use crate::placed::Origin;
use crate::value::{
    Architecture, Branch, BuildRevision, CveId, FileVersion, Kb, Language, NumberSet, VersionSet,
};

/// A first fixed version and what it holds for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Floor {
    /// The version.
    pub version: FileVersion,
    /// The service packs; all when none.
    pub service_packs: Option<NumberSet>,
    /// The architecture; all when none.
    pub architecture: Option<Architecture>,
    /// The languages.
    pub languages: FloorLanguages,
    /// The versions of the parallel build it belongs to; all when none.
    pub within: Option<VersionSet>,
    /// The branch.
    pub branch: Option<Branch>,
    /// Where it was written.
    #[serde(skip)]
    pub origin: Origin,
}

impl Floor {
    /// A floor that holds for everything.
    #[must_use]
    pub fn new(version: FileVersion) -> Self {
        Self {
            version,
            service_packs: None,
            architecture: None,
            languages: FloorLanguages::Every,
            within: None,
            branch: None,
            origin: Origin::default(),
        }
    }
}

/// The languages a floor holds for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum FloorLanguages {
    /// All.
    Every,
    /// This one.
    Only(Language),
    /// All but those that other floors of the file name.
    Otherwise(Vec<Language>),
}

/// The first fixed revision of a line of builds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct BuildFloor {
    /// The build and revision that the update makes.
    pub build: BuildRevision,
    /// The builds that share their revisions with it, itself among them.
    pub line: NumberSet,
    /// The article of the update.
    pub kb: Option<Kb>,
    /// Where it was written.
    #[serde(skip)]
    pub origin: Origin,
}

/// An update without restart: its revision lies below the floor, and is fixed all the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Hotpatch {
    /// The build and revision that it makes.
    pub build: BuildRevision,
    /// Its article.
    pub kb: Option<Kb>,
    /// The vulnerabilities that it mends; all when empty.
    pub vulnerabilities: Vec<CveId>,
    /// Where it was written.
    #[serde(skip)]
    pub origin: Origin,
}
