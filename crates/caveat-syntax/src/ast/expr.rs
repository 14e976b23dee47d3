//! Conditions over host facts.

use caveat_diag::Span;
use serde::Serialize;

use super::{ConditionKind, Operand, PlatformRef, Range, Text, Word};

/// A condition over host facts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// Where.
    #[serde(skip)]
    pub span: Span,
}

/// The shapes of an [`Expr`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub enum ExprKind {
    /// `a and b and c`
    And(Vec<Expr>),
    /// `a or b or c`
    Or(Vec<Expr>),
    /// `not a`
    Not(Box<Expr>),
    /// `all of { … }`, `any of { … }`, `none of { … }`, `at least N of { … }`
    Quantified {
        /// How many must hold.
        quantifier: Quantifier,
        /// The parts.
        parts: Vec<Expr>,
    },
    /// A test of a host fact.
    Predicate(Predicate),
    /// A named condition.
    Named {
        /// `condition` when written without a keyword.
        kind: ConditionKind,
        /// The name.
        name: Word,
        /// `version V`, for products.
        version: Option<Word>,
        /// Arguments.
        arguments: Vec<Operand>,
    },
    /// Something that could not be parsed.
    Error,
}

/// How many parts of a quantified expression must hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub enum Quantifier {
    /// Every one.
    All,
    /// At least one.
    Any,
    /// Not one.
    None,
    /// At least this many.
    AtLeast(Word),
}

/// A test of one fact of the operating system: the values that pass.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub enum OsTest {
    /// `os family macos`
    Family(Vec<Word>),
    /// `os version 5.0`
    Version(Range),
    /// `os build 2195..`, `os build 19045.5737`
    Build(Range),
    /// `os sp 2..4`
    ServicePack(Range),
    /// `os type server, domain-controller`
    Type(Vec<Word>),
    /// `os installation server-core`
    Installation(Vec<Word>),
    /// `os architecture x86`
    Architecture(Vec<Word>),
    /// `os language ja`
    Language(Vec<Word>),
    /// `os suite "Terminal Server"`
    Suite(Operand),
}

/// A test of one host fact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub enum Predicate {
    /// `platform windows-2000 server`
    Platform(PlatformRef),
    /// `os …`
    Os(OsTest),
    /// `undecidable "why"`
    Undecidable(Text),
    /// `file PATH …`
    File {
        /// The path.
        path: Operand,
        /// What is asked of it.
        check: FileCheck,
    },
    /// `registry [32|64] KEY [value NAME] …`
    Registry {
        /// The registry view, when it matters.
        view: Option<Word>,
        /// Hive and key.
        key: Operand,
        /// The value's name; `None` asks about the key itself.
        value: Option<Operand>,
        /// What is asked of it.
        check: RegistryCheck,
    },
    /// `any key [32|64|both] KEY { PART … }`: one of several keys, of which all parts hold.
    AnyKey {
        /// The registry view, when it matters.
        view: Option<Word>,
        /// Hive and key, with a `*` for each part that may be anything.
        key: Operand,
        /// What has to hold of it.
        parts: Vec<Expr>,
    },
    /// A part of `any key`: `value NAME …`, `star …`
    OfKey {
        /// What of the key is looked at.
        subject: KeySubject,
        /// What is asked of it.
        check: RegistryCheck,
    },
    /// `service NAME installed`, …
    Service {
        /// The service's short name.
        name: Operand,
        /// `installed`, `enabled`, `disabled`, `running`, `stopped`, or a start type after `start`.
        check: Word,
        /// Whether `start` stood before `check`.
        start: bool,
    },
    /// `hotfix KB830352`
    Hotfix(Word),
}

/// What of one of several keys is looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub enum KeySubject {
    /// `value NAME`
    Value(Operand),
    /// `star`, `star 2`: what a `*` stands for
    Star(Option<Word>),
}

/// A comparison operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Comparison {
    /// `=`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
}

/// What is asked of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub enum FileCheck {
    /// `exists`, or nothing
    Exists,
    /// `version < 5.0.2195.6870`
    Version(Comparison, Operand),
    /// `version in 4.87..4.88, 5..`
    VersionIn(Vec<Range>),
    /// `size >= 145168`
    Size(Comparison, Word),
    /// `sha256 "…"`: algorithm and digest
    Hash(Word, Operand),
}

/// What is asked of a registry key or value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub enum RegistryCheck {
    /// `exists`, or nothing
    Exists,
    /// `= dword 0`
    Compare(Comparison, Data),
    /// `matches "^5\\."`
    Matches(Operand),
    /// `has dword 0x400`
    Has(Data),
    /// `type reg_qword, reg_dword`
    Type(Vec<Word>),
    /// `in version 15.0.4000..15.0.4435`
    VersionIn(Vec<Range>),
}

/// Registry data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub enum Data {
    /// `"…"` or a parameter; with `ignoring case` when `fold` is set
    String {
        /// The text.
        text: Operand,
        /// Whether the case of letters is ignored.
        fold: bool,
    },
    /// `dword 0` or `dword 0x400`
    Dword(Operand),
    /// `qword 0` or `qword 0x100000000`
    Qword(Operand),
    /// `binary "00ff"`
    Binary(Text),
    /// `version 5.0.3`: a string that holds a version
    Version(Operand),
    /// `multi "a", "b"`: only in hosts
    Multi(Vec<Text>),
    /// `reg_expand_sz "…"`, `reg_none "00ff"` and other types: only in hosts
    Typed(Word, Operand),
}
