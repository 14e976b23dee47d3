//! The trait and what passes through it.

use std::borrow::Cow;
use std::fmt;

use caveat_diag::Diagnostic;
use caveat_ir::rule::{Bulletin, Vulnerability};
use caveat_ir::value::BulletinId;
use caveat_ir::{Checked, Feature, Origin};
use serde::{Deserialize, Serialize};

use crate::{Artifact, Ledger, Losses, OptionSpec, Options, Outputs};

/// A text of a back end: written in its source, or said by a plug-in.
pub type Text = Cow<'static, str>;

/// A text that is written in the source of a back end.
#[must_use]
pub const fn text(text: &'static str) -> Text {
    Cow::Borrowed(text)
}

/// A compiler from checked rules to one format, built in or a program of its own.
pub trait Backend: Send + Sync {
    /// What the back end is.
    fn info(&self) -> &BackendInfo;

    /// How well the target expresses a feature. Match without a wildcard arm: a new feature must
    /// not compile until every back end has decided it.
    fn support(&self, feature: Feature) -> Support;

    /// Compiles the whole rule set into `cx`.
    ///
    /// # Errors
    /// Only for defects of the back end itself. What a user can cause is a [`Note`] where it is about the
    /// fidelity of what is made, and a diagnostic ([`EmitCx::report`]) else.
    fn emit(&self, rules: &Checked, cx: &mut EmitCx<'_>) -> Result<(), EmitError>;

    /// Whether its artifacts carry versions that go up when a meaning changes, for which a lock file is needed.
    fn counts_versions(&self) -> bool {
        false
    }

    /// What of one of its artifacts follows from what rules say, for those who keep artifacts under review: without
    /// code that is the same for all rules, and without places in rule files, which any line more changes. Nothing of
    /// an artifact that is such code only.
    fn reviewed<'a>(&self, artifact: &'a Artifact) -> Cow<'a, str> {
        Cow::Borrowed(&artifact.text)
    }
}

/// What a back end is.
#[derive(Debug, Clone)]
pub struct BackendInfo {
    /// Its id on the command line.
    pub id: Text,
    /// Its format, for people.
    pub title: Text,
    /// What a user gets, in a sentence.
    pub summary: Text,
    /// File extensions of its artifacts.
    pub extensions: Cow<'static, [Text]>,
    /// Its options.
    pub options: Cow<'static, [OptionSpec]>,
    /// What its readers expect to find in an artifact, beyond title, date and severity, which every
    /// bulletin should say.
    pub metadata: Cow<'static, [Metadata]>,
}

/// A fact about a bulletin on which no verdict depends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Metadata {
    /// Its documentation: what the flaw is.
    Documentation,
    /// Where to read more.
    Reference,
}

impl Metadata {
    /// All there are.
    pub const ALL: &'static [Self] = &[Self::Documentation, Self::Reference];

    /// Its name, in messages and in the protocol of plug-ins.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Documentation => "documentation",
            Self::Reference => "reference",
        }
    }

    /// Whether the bulletin says it, or each of its vulnerabilities does.
    #[must_use]
    pub fn is_in(self, bulletin: &Bulletin) -> bool {
        let each = |says: fn(&Vulnerability) -> bool| {
            !bulletin.vulnerabilities.is_empty() && bulletin.vulnerabilities.iter().all(says)
        };
        match self {
            Self::Documentation => bulletin.doc.is_some() || each(|one| one.doc.is_some()),
            Self::Reference => !bulletin.references.is_empty() || each(|one| !one.references.is_empty()),
        }
    }
}

/// How well a target expresses a feature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Support {
    /// With the same outcome on every host.
    Exact,
    /// The target sees something close to it.
    Approximate {
        /// Which way it errs.
        direction: Fidelity,
        /// Why.
        why: Text,
    },
    /// The target makes the test, of a part of what it means, and so may find nothing where there is
    /// something. It stays where it stands, as what it finds is worth knowing.
    Narrow {
        /// Of which part.
        why: Text,
    },
    /// Not at all.
    No {
        /// Why.
        why: Text,
    },
}

impl Support {
    /// Something close, which errs in `direction`.
    #[must_use]
    pub const fn approximate(direction: Fidelity, why: &'static str) -> Self {
        Self::Approximate { direction, why: text(why) }
    }

    /// A part of what the test means.
    #[must_use]
    pub const fn narrow(why: &'static str) -> Self {
        Self::Narrow { why: text(why) }
    }

    /// Not at all.
    #[must_use]
    pub const fn no(why: &'static str) -> Self {
        Self::No { why: text(why) }
    }
}

/// How an artifact's verdicts relate to the rule's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Fidelity {
    /// They are the same.
    #[default]
    Exact,
    /// It may flag hosts that the rule does not: false positives.
    MayOverReport,
    /// It may miss hosts that the rule flags: false negatives.
    MayMiss,
    /// It may do both: it tells something else, from which a person may conclude.
    MayErrBothWays,
    /// It was not made.
    LeftOut,
}

impl Fidelity {
    /// How what is made of two parts relates to the rule, when each part relates so.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::LeftOut, _) | (_, Self::LeftOut) => Self::LeftOut,
            (Self::Exact, one) | (one, Self::Exact) => one,
            (Self::MayOverReport, Self::MayOverReport) => Self::MayOverReport,
            (Self::MayMiss, Self::MayMiss) => Self::MayMiss,
            _ => Self::MayErrBothWays,
        }
    }

    /// For people.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::MayOverReport => "may over-report",
            Self::MayMiss => "may miss",
            Self::MayErrBothWays => "may over-report and may miss",
            Self::LeftOut => "left out",
        }
    }

    /// How the verdicts of two together relate to the rule's.
    #[must_use]
    pub fn joined(self, other: Self) -> Self {
        match (self, other) {
            (Self::Exact, other) => other,
            (one, Self::Exact) => one,
            (one, other) if one == other => one,
            (Self::LeftOut, _) | (_, Self::LeftOut) => Self::LeftOut,
            _ => Self::MayErrBothWays,
        }
    }
}

impl fmt::Display for Fidelity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What to do with a rule that a target cannot express exactly.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Policy {
    /// Fail the run.
    Error,
    /// Leave the rule out of this target.
    Skip,
    /// Make the nearest approximation whose direction is known.
    #[default]
    Approximate,
}

/// Something the user must know about an artifact.
#[derive(Debug, Clone)]
pub struct Note {
    /// The bulletin it is about.
    pub bulletin: Option<BulletinId>,
    /// Where in the rule.
    pub origin: Origin,
    /// What became of the rule.
    pub fidelity: Fidelity,
    /// What the matter is.
    pub message: String,
    /// The tests that were lost.
    pub losses: Losses,
}

/// A defect of a back end. It reaches the user as an internal failure of that target only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EmitBug(pub String);

impl fmt::Display for EmitBug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for EmitBug {}

/// Why nothing comes of a back end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EmitError {
    /// A defect of the back end.
    Bug(EmitBug),
    /// What is wrong with a program that is the back end.
    Program(Box<Diagnostic>),
}

impl From<EmitBug> for EmitError {
    fn from(bug: EmitBug) -> Self {
        Self::Bug(bug)
    }
}

impl fmt::Display for EmitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bug(bug) => bug.fmt(f),
            Self::Program(problem) => f.write_str(&problem.message),
        }
    }
}

impl std::error::Error for EmitError {}

/// What came of a back end.
#[derive(Debug, Default)]
pub struct Emitted {
    /// The artifacts.
    pub outputs: Outputs,
    /// How they relate to the rules.
    pub notes: Vec<Note>,
    /// What else the user has to know, and which node of the rules it is about.
    pub problems: Vec<(Diagnostic, Origin)>,
}

/// What a back end works with while it emits.
#[derive(Debug)]
pub struct EmitCx<'a> {
    options: &'a Options,
    policy: Policy,
    ledger: &'a mut Ledger,
    emitted: Emitted,
}

impl<'a> EmitCx<'a> {
    /// A context with these options; ids are drawn from `ledger`.
    pub fn new(options: &'a Options, policy: Policy, ledger: &'a mut Ledger) -> Self {
        Self { options, policy, ledger, emitted: Emitted::default() }
    }

    /// The options, defaults filled in.
    #[must_use]
    pub fn options(&self) -> &'a Options {
        self.options
    }

    /// What to do with rules that cannot be expressed exactly.
    #[must_use]
    pub fn policy(&self) -> Policy {
        self.policy
    }

    /// The ids.
    pub fn ledger(&mut self) -> &mut Ledger {
        self.ledger
    }

    /// Adds an artifact.
    ///
    /// # Errors
    /// When [`Outputs::add`] refuses its path.
    pub fn artifact(&mut self, artifact: Artifact) -> Result<(), EmitBug> {
        self.emitted.outputs.add(artifact)
    }

    /// What the user is told so far.
    #[must_use]
    pub fn notes(&self) -> &[Note] {
        &self.emitted.notes
    }

    /// Tells the user something.
    pub fn note(&mut self, note: Note) {
        self.emitted.notes.push(note);
    }

    /// Tells the user of something that is wrong with the rules or options for this target; `origin` is the
    /// node that it is about. An error keeps the whole run from writing.
    pub fn report(&mut self, problem: Diagnostic, origin: Origin) {
        self.emitted.problems.push((problem, origin));
    }

    /// Decides by the policy whether a bulletin that the target cannot say exactly is made all the
    /// same, as `fidelity` says, and tells the user.
    #[must_use]
    pub fn admit(&mut self, bulletin: &Bulletin, fidelity: Fidelity, losses: Losses) -> bool {
        if fidelity == Fidelity::Exact {
            return true;
        }
        let made = self.policy == Policy::Approximate && fidelity != Fidelity::LeftOut;
        let fidelity = if made { fidelity } else { Fidelity::LeftOut };
        self.note(Note {
            bulletin: Some(bulletin.id.clone()),
            origin: bulletin.origin,
            fidelity,
            message: fidelity.to_string(),
            losses,
        });
        made
    }

    /// What was emitted.
    #[must_use]
    pub fn finish(self) -> Emitted {
        self.emitted
    }
}
