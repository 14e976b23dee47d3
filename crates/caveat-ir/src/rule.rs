//! Bulletins and what they are made of.
use std::collections::BTreeSet;

pub use caveat_runtime::Verdict;
use serde::{Deserialize, Serialize};

use crate::expr::Expr;
pub use crate::floor::{BuildFloor, Floor, FloorLanguages, Hotpatch};
use crate::host::HostFile;
pub use crate::knowledge::{Knowledge, NumberLine};
use crate::placed::{Origin, Placed, PlacedList};
pub use crate::selector::{PlatformId, SelectorId};
use crate::shared::Shared;
use crate::updates::Updates;
use crate::value::{
    Architecture, BranchPolicy, BulletinId, CveId, Date, Family, Impact, Kb, Language, NumberSet, OsVersion,
    Outside, ProductType, Protocol, Rating, Restart, WindowsPath,
};

/// The version of the IR's JSON; it changes only when the shape does.
pub const IR_SCHEMA: &str = "caveat/ir/v1";

/// All rules of a run, and the platforms they speak of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RuleSet {
    /// [`IR_SCHEMA`]
    pub schema: String,
    /// The platforms, each edition one of its own.
    #[cfg_attr(feature = "schema", schemars(with = "Vec<Platform>"))]
    pub platforms: Shared<Vec<Platform>>,
    /// Platforms as rules name them, each once.
    pub selectors: Vec<Selector>,
    /// The bulletins, sorted by id.
    pub bulletins: Vec<Bulletin>,
    /// What was published together, sorted by id.
    #[serde(default)]
    pub summaries: Vec<Summary>,
    /// What is known of cumulative updates, which hosts are read by. It is no part of the rules.
    #[serde(skip)]
    pub updates: Updates,
}

impl Default for RuleSet {
    fn default() -> Self {
        Self {
            schema: IR_SCHEMA.to_owned(),
            platforms: Shared::default(),
            selectors: Vec::new(),
            bulletins: Vec::new(),
            summaries: Vec::new(),
            updates: Updates::default(),
        }
    }
}

/// A platform, or an edition of one, and the facts that tell it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Platform {
    /// Its name in rules.
    pub name: String,
    /// The edition's name, for an edition.
    pub edition: Option<String>,
    /// Its name for people.
    pub title: String,
    /// Its CPE name.
    pub cpe: Option<String>,
    /// The facts that tell it.
    pub facts: OsFacts,
    /// What is known of its hosts besides.
    #[serde(default)]
    pub known: Knowledge,
    /// Where it was written.
    #[serde(skip)]
    pub origin: Origin,
}

/// Facts of an operating system; all must hold, and none means anything goes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct OsFacts {
    /// The family; Windows where nothing else is said.
    pub family: Option<Family>,
    /// The NT version.
    pub version: Option<OsVersion>,
    /// The builds.
    pub builds: Option<NumberSet>,
    /// The product types.
    pub types: Option<BTreeSet<ProductType>>,
    /// Suites that must be there.
    pub suites: BTreeSet<String>,
    /// Suites that must not be there.
    pub without_suites: BTreeSet<String>,
    /// The architectures.
    pub architectures: Option<BTreeSet<Architecture>>,
    /// The service packs.
    pub service_packs: Option<NumberSet>,
    /// The language.
    pub language: Option<Language>,
    /// Anything else.
    pub when: Vec<Expr>,
}

/// A platform, narrowed by service pack, architecture or language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Selector {
    /// The platform.
    pub platform: PlatformId,
    /// The selector of the platform without narrowing; none when this is it.
    pub base: Option<SelectorId>,
    /// The service packs, when narrowed.
    pub service_packs: Option<NumberSet>,
    /// The architectures, when narrowed.
    pub architectures: Option<BTreeSet<Architecture>>,
    /// The language, when narrowed.
    pub language: Option<Language>,
}

/// A text in some language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct LocalText {
    /// The language.
    pub language: Language,
    /// The text.
    pub text: String,
}

/// A security bulletin.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Bulletin {
    /// Its id.
    pub id: BulletinId,
    /// Its documentation.
    pub doc: Option<String>,
    /// Its titles, English first.
    pub titles: Vec<LocalText>,
    /// Its articles.
    pub kb: PlacedList<Kb>,
    /// When it was published.
    pub published: Option<Placed<Date>>,
    /// When and how it was revised.
    pub revisions: Vec<Revision>,
    /// The highest rating.
    pub severity: Option<Placed<Rating>>,
    /// What an attacker gains.
    pub impacts: Vec<Impact>,
    /// Where to read more.
    pub references: Vec<String>,
    /// Anything else.
    pub notes: Vec<String>,
    /// Where its facts were read.
    pub sources: Vec<String>,
    /// Bulletins it replaces.
    pub supersedes: Vec<Supersedes>,
    /// What it says is not concerned.
    pub unaffected: Vec<Unaffected>,
    /// Its vulnerabilities.
    pub vulnerabilities: Vec<Vulnerability>,
    /// Its updates.
    pub packages: Vec<Package>,
    /// Workarounds for all its vulnerabilities.
    pub workarounds: Vec<Workaround>,
    /// Its tests.
    pub tests: Vec<RuleTest>,
    /// Where it was written.
    #[serde(skip)]
    pub origin: Origin,
}

impl Bulletin {
    /// A bulletin of which only the id is known.
    #[must_use]
    pub fn new(id: BulletinId) -> Self {
        Self {
            id,
            doc: None,
            titles: Vec::new(),
            kb: PlacedList::default(),
            published: None,
            revisions: Vec::new(),
            severity: None,
            impacts: Vec::new(),
            references: Vec::new(),
            notes: Vec::new(),
            sources: Vec::new(),
            supersedes: Vec::new(),
            unaffected: Vec::new(),
            vulnerabilities: Vec::new(),
            packages: Vec::new(),
            workarounds: Vec::new(),
            tests: Vec::new(),
            origin: Origin::default(),
        }
    }

    /// Its English title, else its first, else its id.
    #[must_use]
    pub fn title(&self) -> &str {
        self.titles.first().map_or(self.id.as_str(), |title| title.text.as_str())
    }
}

/// Bulletins that were published together, such as those of a month.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Summary {
    /// Its id; no bulletin has the same.
    pub id: BulletinId,
    /// Its documentation.
    pub doc: Option<String>,
    /// Its titles, English first.
    pub titles: Vec<LocalText>,
    /// When it was published.
    pub published: Option<Placed<Date>>,
    /// When and how it was revised.
    pub revisions: Vec<Revision>,
    /// The bulletins, in the order written.
    pub includes: Vec<BulletinId>,
    /// Where to read more.
    pub references: Vec<String>,
    /// Anything else.
    pub notes: Vec<String>,
    /// Where its facts were read.
    pub sources: Vec<String>,
    /// Where it was written.
    #[serde(skip)]
    pub origin: Origin,
}

/// A revision of a bulletin.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Revision {
    /// The day.
    pub date: Date,
    /// What changed.
    pub text: Option<String>,
    /// Where the day was written.
    #[serde(skip)]
    pub origin: Origin,
}

/// Bulletins that this one replaces.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Supersedes {
    /// Those replaced.
    pub bulletins: PlacedList<BulletinId>,
    /// On which platforms; all when empty.
    pub on: PlacedList<SelectorId>,
}

/// What a bulletin says is not concerned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Unaffected {
    /// The platforms.
    pub platforms: PlacedList<SelectorId>,
    /// The component on them, when not all of them.
    pub when: Option<Placed<Expr>>,
    /// Where it was written.
    #[serde(skip)]
    pub origin: Origin,
}

/// A vulnerability.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Vulnerability {
    /// Its CVE id.
    pub id: CveId,
    /// Other names, such as the old CAN name.
    pub aliases: PlacedList<String>,
    /// Its documentation.
    pub doc: Option<String>,
    /// Its titles, English first.
    pub titles: Vec<LocalText>,
    /// Its ratings, in order; the first that fits a host counts.
    pub ratings: Vec<RatedOn>,
    /// What it affects; everything when empty.
    pub affects: Vec<Affects>,
    /// What must hold for a host to be exposed.
    pub exposures: Vec<Exposure>,
    /// Its own workarounds.
    pub workarounds: Vec<Workaround>,
    /// What an attacker gains.
    pub impacts: Vec<Impact>,
    /// Where to read more.
    pub references: Vec<String>,
    /// Anything else.
    pub notes: Vec<String>,
    /// Where its facts were read.
    pub sources: Vec<String>,
    /// Where it was written.
    #[serde(skip)]
    pub origin: Origin,
}

impl Vulnerability {
    /// A vulnerability of which only the id is known.
    #[must_use]
    pub fn new(id: CveId) -> Self {
        Self {
            id,
            aliases: PlacedList::default(),
            doc: None,
            titles: Vec::new(),
            ratings: Vec::new(),
            affects: Vec::new(),
            exposures: Vec::new(),
            workarounds: Vec::new(),
            impacts: Vec::new(),
            references: Vec::new(),
            notes: Vec::new(),
            sources: Vec::new(),
            origin: Origin::default(),
        }
    }
}

/// A rating and where it holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RatedOn {
    /// The rating.
    pub rating: Rating,
    /// Where; everywhere when empty.
    pub on: PlacedList<SelectorId>,
    /// Where the rating was written.
    #[serde(skip)]
    pub origin: Origin,
}

/// Files and platforms that a vulnerability affects.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Affects {
    /// File names without folder; all files when empty.
    pub files: Vec<String>,
    /// Platforms; all when empty.
    pub on: PlacedList<SelectorId>,
    /// Where it was written.
    #[serde(skip)]
    pub origin: Origin,
}

/// What must hold, on some platforms, for a host to be exposed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Exposure {
    /// The condition.
    pub when: Placed<Expr>,
    /// What verdicts say of it, for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Where it is asked; everywhere when empty.
    pub on: PlacedList<SelectorId>,
}

/// A change that closes the hole without the fix.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Workaround {
    /// What to do.
    pub title: String,
    /// How to see that it is in effect; none when that cannot be seen.
    pub when: Option<Placed<Expr>>,
    /// Where it works; everywhere when empty.
    pub on: PlacedList<SelectorId>,
    /// Ports it blocks.
    pub blocks: Vec<Port>,
    /// Anything else.
    pub notes: Vec<String>,
}

/// A port of a protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Port {
    /// The protocol.
    pub protocol: Protocol,
    /// The number.
    pub number: u16,
}

/// One update for one group of platforms.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Package {
    /// Its name, unique in the bulletin.
    pub name: String,
    /// Its documentation.
    pub doc: Option<String>,
    /// The hosts it is for.
    pub platforms: PlacedList<SelectorId>,
    /// What else must be there.
    pub requires: PlacedList<Expr>,
    /// Its files.
    pub files: Vec<PackageFile>,
    /// Its first fixed builds, by the revisions of lines of builds.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub builds: Vec<BuildFloor>,
    /// Builds below these floors that are fixed, too.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hotpatches: Vec<Hotpatch>,
    /// How floors of branches that differ are decided.
    pub branch_policy: Option<Placed<BranchPolicy>>,
    /// What versions mean that lie below or between the ranges of a file's floors.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outside: Option<Placed<Outside>>,
    /// What makes a host outdated, in place of the floors.
    pub vulnerable_when: Option<Placed<Expr>>,
    /// What the installer leaves behind: tests that hold where it ran.
    pub markers: PlacedList<Expr>,
    /// What the fix is part of.
    pub included_in: PlacedList<Included>,
    /// Whether installing it restarts the host.
    pub restart: Option<Restart>,
    /// Command lines that install it.
    pub install: PlacedList<String>,
    /// Command lines that remove it.
    pub uninstall: PlacedList<String>,
    /// Languages it is for; all when empty.
    pub languages: PlacedList<Language>,
    /// Its own articles, where they differ from the bulletin's.
    pub kb: PlacedList<Kb>,
    /// Where to read more.
    pub references: Vec<String>,
    /// Anything else.
    pub notes: Vec<String>,
    /// Where its facts were read.
    pub sources: Vec<String>,
    /// Where it was written.
    #[serde(skip)]
    pub origin: Origin,
}

impl Package {
    /// A package of which only the name is known.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            doc: None,
            platforms: PlacedList::default(),
            requires: PlacedList::default(),
            files: Vec::new(),
            builds: Vec::new(),
            hotpatches: Vec::new(),
            branch_policy: None,
            outside: None,
            vulnerable_when: None,
            markers: PlacedList::default(),
            included_in: PlacedList::default(),
            restart: None,
            install: PlacedList::default(),
            uninstall: PlacedList::default(),
            languages: PlacedList::default(),
            kb: PlacedList::default(),
            references: Vec::new(),
            notes: Vec::new(),
            sources: Vec::new(),
            origin: Origin::default(),
        }
    }
}

/// What a fix is part of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Included {
    /// A service pack.
    ServicePack(u32),
    /// Anything else.
    Text(String),
}

/// A file of a package.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PackageFile {
    /// Its place on the host.
    pub path: WindowsPath,
    /// Its first fixed versions; empty for a file without a version.
    pub floors: Vec<Floor>,
    /// Where it was written.
    #[serde(skip)]
    pub origin: Origin,
}

/// A test of a bulletin: a host and what is expected of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RuleTest {
    /// Its name.
    pub name: String,
    /// The host.
    pub host: HostFile,
    /// What is expected.
    pub expectations: Vec<Expectation>,
    /// Where it was written.
    #[serde(skip)]
    pub origin: Origin,
}

/// What a test expects.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Expectation {
    /// Of which vulnerability; of the bulletin when none.
    pub vulnerability: Option<CveId>,
    /// What.
    pub expected: Expected,
    /// Where it was written.
    #[serde(skip)]
    pub origin: Origin,
}

/// A verdict, or a contradiction among facts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Expected {
    /// This verdict.
    Verdict(Verdict),
    /// Facts that contradict each other.
    Inconsistent,
}
