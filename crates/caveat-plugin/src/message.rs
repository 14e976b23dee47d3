//! The messages. Both sides ignore fields that they do not know, so that fields can be added.

use std::collections::BTreeMap;

use caveat_backend::{ArtifactRole, Fidelity, Ledger, Policy, Support};
use caveat_ir::rule::RuleSet;
use caveat_ir::value::{BulletinId, CveId, Rating};
use caveat_ir::{Expr, Feature, Test};
use serde::{Deserialize, Serialize};

/// What the host says.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum FromHost {
    /// First of all.
    Hello(HostHello),
    /// Once, or not at all when the host only wanted to know the plug-in.
    Emit(Box<Emit>),
}

/// What a plug-in says.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum FromPlugin {
    /// The answer to the host's hello.
    Hello(Box<PluginHello>),
    /// Something is wrong with the rules or options, or should be known about them.
    Diagnostic(PluginDiagnostic),
    /// What became of a bulletin.
    Note(Box<PluginNote>),
    /// A file.
    Artifact(PluginArtifact),
    /// A claim that it has no way to say, though it supports the features.
    Cannot(Cannot),
    /// The plug-in found a defect of its own, and gives up. Nothing follows.
    Failed(Failed),
    /// All is said. Nothing follows.
    Done(Done),
}

/// How the host introduces itself.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct HostHello {
    /// [`crate::PROTOCOL`]
    pub protocol: String,
    /// The version of the rules' JSON: [`caveat_ir::rule::IR_SCHEMA`].
    pub ir: String,
    /// The features that rules may use.
    pub features: Vec<String>,
}

/// How a plug-in introduces itself.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PluginHello {
    /// The version of the protocol that it speaks.
    pub protocol: String,
    /// The version of the rules' JSON that it reads.
    pub ir: String,
    /// The id of its target: small letters, digits and `-`.
    pub id: String,
    /// Its format, for people.
    pub title: String,
    /// What a user gets, in a sentence.
    pub summary: String,
    /// File extensions of its artifacts, without the dot.
    pub extensions: Vec<String>,
    /// Its options.
    #[serde(default)]
    pub options: Vec<PluginOption>,
    /// What its readers expect to find, beyond title, date and severity: `documentation`,
    /// `reference`. The checker tells who leaves it out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub metadata: Vec<String>,
    /// How well it expresses each feature, by the feature's name. The host withholds rules that use
    /// a feature that is not here.
    pub support: BTreeMap<String, PluginSupport>,
    /// Whether it projects formulas and decides by the policy itself, as back ends written with
    /// `caveat-backend` do. Otherwise the host does both, and sends claims.
    #[serde(default)]
    pub projects: bool,
}

/// An option of a plug-in. Beyond the list, it judges values itself.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PluginOption {
    /// Its name, without the id of the target.
    pub name: String,
    /// Its value when the user gives none.
    #[serde(default)]
    pub default: String,
    /// The values it may have; any when empty.
    #[serde(default)]
    pub values: Vec<String>,
    /// What it does.
    #[serde(default)]
    pub help: String,
}

/// How well a plug-in expresses a feature.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "support", rename_all = "kebab-case")]
pub enum PluginSupport {
    /// With the same outcome on every host.
    Exact,
    /// It sees something close to it.
    Approximate {
        /// Which way it errs.
        direction: Fidelity,
        /// Why.
        why: String,
    },
    /// It makes the test, of a part of what it means, and so may find nothing where there is something.
    Narrow {
        /// Of which part.
        why: String,
    },
    /// Not at all.
    No {
        /// Why.
        why: String,
    },
}

impl From<Support> for PluginSupport {
    fn from(support: Support) -> Self {
        match support {
            Support::Exact => Self::Exact,
            Support::Approximate { direction, why } => Self::Approximate { direction, why: why.into_owned() },
            Support::Narrow { why } => Self::Narrow { why: why.into_owned() },
            Support::No { why } => Self::No { why: why.into_owned() },
        }
    }
}

/// The order to compile.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Emit {
    /// The rules, without the bulletins that are withheld.
    pub rules: RuleSet,
    /// What the rules claim of a host, as far as the plug-in can express it. Empty for a plug-in that
    /// projects.
    #[serde(default)]
    pub claims: Vec<WireClaim>,
    /// A value for every option.
    #[serde(default)]
    pub options: BTreeMap<String, String>,
    /// What the user wants done with rules that the target cannot express exactly.
    #[serde(default)]
    pub policy: Policy,
    /// Where nodes of the rules were written, by JSON pointer into `rules`.
    #[serde(default)]
    pub places: BTreeMap<String, Place>,
    /// The stable ids that were given out before; see [`Done::ids`].
    #[serde(default)]
    pub ids: Ledger,
}

/// Where a node was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Place {
    /// The file as the user knows it.
    pub file: String,
    /// 1-based line.
    pub line: u32,
    /// 1-based column, counted in characters.
    pub column: u32,
}

/// A statement about a host and the formula that decides it. The formula holds tests only: the facts
/// of platforms stand in their place, and what the plug-in cannot see is gone.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct WireClaim {
    /// What is claimed.
    pub kind: WireClaimKind,
    /// The bulletin.
    pub bulletin: BulletinId,
    /// The vulnerability, for a claim that the host is vulnerable.
    pub vulnerability: Option<CveId>,
    /// The name of the package.
    pub package: String,
    /// When it is so.
    pub formula: Expr,
    /// The parts of the formula.
    pub parts: WireParts,
    /// The formula in words.
    pub words: String,
    /// How the formula relates to what the rule says.
    pub fidelity: Fidelity,
    /// The rating of the vulnerability on the platforms of the claim; for a package the highest of what it
    /// mends. Where there is none, the bulletin's, if it has one.
    pub severity: Option<Rating>,
    /// Where the rules of the order have what the claim is about.
    pub at: WireAt,
    /// The tests that the plug-in does not support exactly and is not told to make in part, in words. One may
    /// still stand in the formula; see `losses`.
    pub lost: Vec<String>,
    /// The tests that the plug-in does not support exactly, and what became of each.
    pub losses: Vec<ClaimLoss>,
}

/// The parts of a claim, each weakened like the whole: it may hold on more hosts than what the rule says, and
/// on fewer only by narrow tests. A part that always holds is an empty `all`. All of them but `present`
/// together mean the formula.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct WireParts {
    /// The host is of a platform that the package is for and the vulnerability exists on.
    pub platforms: Expr,
    /// What the package requires holds.
    pub requires: Expr,
    /// A file that the package replaces is there. It decides only between `fixed` and `not-applicable`; neither
    /// the fidelity nor the losses of the claim look at it.
    pub present: Expr,
    /// The package is not installed.
    pub outdated: Expr,
    /// The host is exposed, and no workaround is in effect. Not there for `missing`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exposed: Option<Expr>,
}

/// JSON pointers into the rules of the order.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct WireAt {
    /// The bulletin: `/bulletins/0`.
    pub bulletin: String,
    /// The package: `/bulletins/0/packages/0`.
    pub package: String,
    /// The vulnerability: `/bulletins/0/vulnerabilities/0`. Not there for `missing`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vulnerability: Option<String>,
}

/// A test of a claim that the plug-in does not support exactly.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ClaimLoss {
    /// The test.
    pub test: Test,
    /// The test in words.
    pub words: String,
    /// What the plug-in does not support exactly.
    pub feature: Feature,
    /// Why, in its own words.
    pub why: String,
    /// Whether the test stands in the formula, in one place at least.
    pub kept: bool,
}

/// What is claimed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum WireClaimKind {
    /// The host is vulnerable, as far as the package's platforms go.
    Vulnerable,
    /// The package should be installed.
    Missing,
}

/// A message for the user.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PluginDiagnostic {
    /// How bad it is. An error keeps the whole run from writing.
    pub severity: PluginSeverity,
    /// What is wrong.
    pub message: String,
    /// What to do.
    #[serde(default)]
    pub help: Option<String>,
    /// The node of the rules it is about, as a JSON pointer.
    #[serde(default)]
    pub at: Option<String>,
}

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum PluginSeverity {
    /// The rules or options cannot be compiled.
    Error,
    /// Something is probably not what was meant.
    Warning,
}

/// What became of a bulletin.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PluginNote {
    /// The bulletin.
    #[serde(default)]
    pub bulletin: Option<BulletinId>,
    /// The node of the rules it is about, as a JSON pointer.
    #[serde(default)]
    pub at: Option<String>,
    /// How what was made relates to the rule.
    pub fidelity: Fidelity,
    /// What the matter is.
    pub message: String,
    /// The tests that were lost.
    #[serde(default)]
    pub losses: Vec<WireLoss>,
}

/// A test that a plug-in that projects could not make.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct WireLoss {
    /// The test.
    pub test: Test,
    /// What the target lacks.
    pub feature: Feature,
    /// Why it lacks it.
    pub why: String,
    /// Whether the test is made all the same, of a part of what it means.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub kept: bool,
    /// The node of the test, as a JSON pointer.
    #[serde(default)]
    pub at: Option<String>,
}

/// A file to be written below the output folder.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PluginArtifact {
    /// Its path: the target's id, `/`, and a plain relative path.
    pub path: String,
    /// Its text.
    pub text: String,
    /// What it is for.
    #[serde(default)]
    pub role: ArtifactRole,
    /// The bulletins in it.
    pub bulletins: Vec<BulletinId>,
    /// How its verdicts relate to the rules'. A plug-in that leaves projection to the host may leave
    /// this out: the host knows.
    #[serde(default)]
    pub fidelity: Option<Fidelity>,
}

/// A claim that the plug-in has no way to say, though it supports every feature in it. The host treats it as one
/// that is left out, and tells the user.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Cannot {
    /// The index of the claim in [`Emit::claims`], from 0.
    pub claim: usize,
    /// Why: `a table has no lists`.
    pub why: String,
}

/// A defect of the plug-in.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Failed {
    /// What went wrong.
    pub message: String,
}

/// The end.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Done {
    /// The ids to be kept in the lock file, those of [`Emit::ids`] among them; none when the plug-in
    /// uses no such ids.
    #[serde(default)]
    pub ids: Option<Ledger>,
}
