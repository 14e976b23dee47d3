//! Bulletins, vulnerabilities, workarounds and summaries.

use caveat_diag::Span;
use serde::Serialize;

use super::{ConditionDef, Expr, Operand, Package, PlatformRef, Test, Text, Title, Word};

/// `bulletin ID { … }`
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Bulletin {
    /// Its `///` lines.
    pub doc: Option<String>,
    /// Its id.
    pub id: Word,
    /// Its statements.
    pub statements: Vec<Stmt<BulletinStatement>>,
    /// The whole item.
    #[serde(skip)]
    pub span: Span,
}

impl Bulletin {
    /// Whether some statement could not be read, so that nothing can be said to be missing.
    #[must_use]
    pub fn is_damaged(&self) -> bool {
        self.statements.iter().any(|statement| statement.kind == BulletinStatement::Error)
    }
}

/// `summary ID { … }`: bulletins that were published together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// Its `///` lines.
    pub doc: Option<String>,
    /// Its id.
    pub id: Word,
    /// Its statements.
    pub statements: Vec<Stmt<SummaryStatement>>,
    /// The whole summary.
    #[serde(skip)]
    pub span: Span,
}

/// A statement of a summary.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub enum SummaryStatement {
    /// A fact about it.
    Meta(Meta),
    /// `includes BULLETIN, …`
    Includes(Vec<Word>),
    /// A statement that could not be parsed.
    Error,
}

/// A statement and where it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Stmt<T> {
    /// The statement.
    pub kind: T,
    /// The whole statement.
    #[serde(skip)]
    pub span: Span,
}

/// A statement of a bulletin.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub enum BulletinStatement {
    /// A fact about the bulletin.
    Meta(Meta),
    /// `severity LEVEL`
    Severity(Severity),
    /// `supersedes ID, … [on PLATFORM, …]`
    Supersedes(Supersedes),
    /// A condition only this bulletin sees.
    Condition(ConditionDef),
    /// `vulnerability CVE { … }`
    Vulnerability(Vulnerability),
    /// `package "NAME" { … }`
    Package(Package),
    /// `unaffected PLATFORM, … [when EXPR]`
    Unaffected(Unaffected),
    /// `workaround "…" { … }`
    Workaround(Workaround),
    /// `test "…" { … }`
    Test(Test),
    /// A statement that could not be parsed.
    Error,
}

/// A fact that bulletins, vulnerabilities and packages carry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub enum Meta {
    /// `title [LANG] "…"`
    Title(Title),
    /// `kb 830352`
    Kb(Vec<Word>),
    /// `published 2004-02-11`
    Published(Word),
    /// `revised 2004-08-11 ["what changed"]`
    Revised {
        /// The day.
        date: Word,
        /// What changed.
        text: Option<Text>,
    },
    /// `impact remote-code-execution`
    Impact(Vec<Word>),
    /// `reference "https://…"`
    Reference(Text),
    /// `note "…"`
    Note(Text),
    /// `source "…"`: where a fact was read
    Source(Text),
    /// `alias CAN-2003-0825`
    Alias(Vec<Word>),
}

/// `severity LEVEL [on PLATFORM, …]`
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Severity {
    /// The level.
    pub level: Word,
    /// Where it holds; everywhere when empty.
    pub on: Vec<PlatformRef>,
}

/// `supersedes ID, … [on PLATFORM, …]`
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Supersedes {
    /// The bulletins replaced.
    pub bulletins: Vec<Word>,
    /// Where; everywhere when empty.
    pub on: Vec<PlatformRef>,
}

/// `unaffected PLATFORM, … [when EXPR]`
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Unaffected {
    /// The platforms.
    pub platforms: Vec<PlatformRef>,
    /// What is unaffected there, when not everything is: a component.
    pub when: Option<Expr>,
}

/// `vulnerability CVE { … }`
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Vulnerability {
    /// Its `///` lines.
    pub doc: Option<String>,
    /// Its CVE id.
    pub id: Word,
    /// Its statements.
    pub statements: Vec<Stmt<VulnerabilityStatement>>,
}

/// A statement of a vulnerability.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub enum VulnerabilityStatement {
    /// A fact about it.
    Meta(Meta),
    /// `severity LEVEL [on …]`
    Severity(Severity),
    /// `affects [file NAME, …] [on PLATFORM, …]`
    Affects {
        /// File names, without folder.
        files: Vec<Operand>,
        /// Platforms.
        on: Vec<PlatformRef>,
    },
    /// `exposed ["who, in words"] when EXPR [on PLATFORM, …]`
    Exposed {
        /// What verdicts say of it.
        text: Option<Text>,
        /// The condition.
        when: Expr,
        /// Where it is asked; everywhere when empty.
        on: Vec<PlatformRef>,
    },
    /// `workaround "…" { … }`
    Workaround(Workaround),
    /// A statement that could not be parsed.
    Error,
}

/// `workaround "…" { … }`
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Workaround {
    /// What to do.
    pub title: Text,
    /// Its statements.
    pub statements: Vec<Stmt<WorkaroundStatement>>,
}

/// A statement of a workaround.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub enum WorkaroundStatement {
    /// `when EXPR`: how to see that it is in effect.
    When(Expr),
    /// `blocks tcp 42, udp 137`
    Blocks(Vec<Port>),
    /// `on PLATFORM, …`
    On(Vec<PlatformRef>),
    /// `note "…"`
    Note(Text),
    /// A statement that could not be parsed.
    Error,
}

/// `tcp 42`, `udp 137`, or `port 7778` where the protocol is not stated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Port {
    /// `tcp`, `udp` or `port`.
    pub protocol: Word,
    /// The number.
    pub number: Word,
}
