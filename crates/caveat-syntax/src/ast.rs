//! The syntax tree: what the author wrote, with spans, before names and values
//! have a meaning. Words that stand for versions, dates or identifiers are kept
//! as text here; `caveat-sema` reads them.
//!
//! Statements that could not be parsed leave an `Error` node, so that later
//! passes still see the rest of the file. Comments other than `///` live in the
//! token stream (see [`crate::tokens`]).

mod bulletin;
mod expr;
mod package;
mod test;

use caveat_diag::Span;
use serde::Serialize;

pub use bulletin::{
    Bulletin, BulletinStatement, Meta, Port, Severity, Stmt, Summary, SummaryStatement, Supersedes,
    Unaffected, Vulnerability, VulnerabilityStatement, Workaround, WorkaroundStatement,
};
pub use expr::{
    Comparison, Data, Expr, ExprKind, FileCheck, KeySubject, OsTest, Predicate, Quantifier, RegistryCheck,
};
pub use package::{BuildFloor, Cell, Column, Floor, Included, Package, PackageStatement, Qualifier, Row};
pub use test::{Expectation, HostFact, Test};

/// A bare word: name, keyword, number, version or date.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Word {
    /// As written.
    pub text: String,
    /// Where.
    #[serde(skip)]
    pub span: Span,
}

/// A string literal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Text {
    /// The value, escapes resolved.
    pub value: String,
    /// The literal, quotes included.
    #[serde(skip)]
    pub span: Span,
}

/// A literal, or the name of a parameter of the enclosing named condition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub enum Operand {
    /// `'…'` or `"…"`.
    Text(Text),
    /// A number, version or parameter name.
    Word(Word),
}

impl Operand {
    /// Where it stands.
    #[must_use]
    pub fn span(&self) -> Span {
        match self {
            Self::Text(text) => text.span,
            Self::Word(word) => word.span,
        }
    }
}

/// `a`, `a..b`, `a..` or `..b`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Range {
    /// The lower end, or the only value.
    pub low: Option<Word>,
    /// The upper end; for a single value the same word as `low`.
    pub high: Option<Word>,
    /// Whether it is a single value, written without `..`.
    pub single: bool,
    /// The whole range.
    #[serde(skip)]
    pub span: Span,
}

/// One source file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct File {
    /// `use` lines.
    pub uses: Vec<Use>,
    /// Everything else, in order.
    pub items: Vec<Item>,
}

/// `use std.windows`
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Use {
    /// The module's dotted path.
    pub module: Word,
}

/// A top-level item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub enum Item {
    /// `platform NAME { … }`
    Platform(PlatformDef),
    /// `condition NAME = …` and its kin.
    Condition(ConditionDef),
    /// `bulletin ID { … }`
    Bulletin(Bulletin),
    /// `summary ID { … }`
    Summary(Summary),
}

impl Item {
    /// The whole item.
    #[must_use]
    pub fn span(&self) -> Span {
        match self {
            Self::Platform(platform) => platform.span,
            Self::Condition(condition) => condition.span,
            Self::Bulletin(bulletin) => bulletin.span,
            Self::Summary(summary) => summary.span,
        }
    }
}

/// `platform NAME { … }`
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PlatformDef {
    /// Its `///` lines.
    pub doc: Option<String>,
    /// Its name.
    pub name: Word,
    /// What defines it.
    pub facts: Vec<PlatformFact>,
    /// Its editions.
    pub editions: Vec<EditionDef>,
    /// The whole item.
    #[serde(skip)]
    pub span: Span,
}

/// `edition NAME { … }` within a platform; its facts add to the platform's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EditionDef {
    /// Its `///` lines.
    pub doc: Option<String>,
    /// Its name.
    pub name: Word,
    /// What sets it apart within the platform.
    pub facts: Vec<PlatformFact>,
    /// The whole block.
    #[serde(skip)]
    pub span: Span,
}

/// A statement of a platform or edition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub enum PlatformFact {
    /// `title ["LANG"] "…"`
    Title(Title),
    /// `cpe "cpe:/o:…"`
    Cpe(Text),
    /// `family macos`
    Family(Word),
    /// `version 5.0`: the NT version.
    Version(Word),
    /// `build 2195` or `build 22000..22999`.
    Build(Range),
    /// `type server, domain-controller`
    Type(Vec<Word>),
    /// `suite "Terminal Server"` or `without suite "…"`.
    Suite {
        /// The suite's name as in `ProductSuite`.
        name: Text,
        /// Whether it must be absent.
        without: bool,
    },
    /// `architecture x86, ia64`
    Architecture(Vec<Word>),
    /// `when EXPR`: any further condition.
    When(Expr),
    /// `packs 1..2`: the service packs that there were.
    ServicePacks(Range),
    /// `numbered 6.0.6001 sp 1, 6.0.6002 sp 2`: how its files are numbered.
    Numbered(Vec<NumberLine>),
    /// `always in FOLDER NAME, …`: files that every host of it has.
    Always {
        /// The folder they are in.
        folder: Text,
        /// Their names.
        names: Vec<Operand>,
    },
    /// A statement that could not be parsed.
    Error,
}

/// How files of a platform are numbered: `6.0.6001 [sp 1]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NumberLine {
    /// The first three numbers of their versions.
    pub numbers: Word,
    /// The service packs that it came with.
    pub service_packs: Option<Range>,
}

/// `title [LANG] "…"`
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Title {
    /// The language tag, English when left out.
    pub language: Option<Word>,
    /// The title.
    pub text: Text,
}

/// Which kind of named condition an item or a reference is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub enum ConditionKind {
    /// `condition`
    Condition,
    /// `product`
    Product,
    /// `component`
    Component,
    /// `role`
    Role,
}

impl ConditionKind {
    /// The keyword.
    #[must_use]
    pub const fn keyword(self) -> &'static str {
        match self {
            Self::Condition => "condition",
            Self::Product => "product",
            Self::Component => "component",
            Self::Role => "role",
        }
    }
}

/// `condition NAME(params) = EXPR`, `product NAME version V = EXPR`, …
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ConditionDef {
    /// Its `///` lines.
    pub doc: Option<String>,
    /// Which keyword introduced it.
    pub kind: ConditionKind,
    /// Its name.
    pub name: Word,
    /// The version of a product.
    pub version: Option<Word>,
    /// Parameter names.
    pub parameters: Vec<Word>,
    /// What it stands for.
    pub body: Expr,
    /// The whole item.
    #[serde(skip)]
    pub span: Span,
}

/// A platform with modifiers: `windows-2000 server sp 2..4`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PlatformRef {
    /// The platform.
    pub name: Word,
    /// Editions, architectures, service packs, languages, in the order written.
    pub modifiers: Vec<Modifier>,
    /// The whole reference.
    #[serde(skip)]
    pub span: Span,
}

/// One modifier of a [`PlatformRef`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub enum Modifier {
    /// An edition of the platform, or an architecture.
    Word(Word),
    /// `sp 2..4`
    ServicePack(Range),
    /// `language ja`
    Language(Word),
}
