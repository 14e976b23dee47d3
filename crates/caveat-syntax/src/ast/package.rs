//! Packages: files, floors and tables of them.

use caveat_diag::Span;
use serde::Serialize;

use super::{Expr, Meta, Operand, PlatformRef, Range, Stmt, Text, Word};

/// `package "NAME" { … }`
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Package {
    /// Its `///` lines.
    pub doc: Option<String>,
    /// Its name, unique in the bulletin.
    pub name: Text,
    /// Its statements.
    pub statements: Vec<Stmt<PackageStatement>>,
}

/// A statement of a package.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub enum PackageStatement {
    /// A fact about it.
    Meta(Meta),
    /// `for PLATFORM, …`
    For(Vec<PlatformRef>),
    /// `requires EXPR`
    Requires(Expr),
    /// `file PATH fixed in …` or `file PATH unversioned`
    File {
        /// The file.
        path: Text,
        /// Its floors; empty for a file without a version.
        floors: Vec<Floor>,
    },
    /// `files in DIR { … } [columns …]`
    Files {
        /// The folder.
        directory: Text,
        /// One file each.
        rows: Vec<Row>,
        /// What each column of versions is for.
        columns: Vec<Column>,
        /// Whether a row could not be parsed.
        broken: bool,
    },
    /// `build fixed in 19045.5737 kb 5055518, …`
    Builds(Vec<BuildFloor>),
    /// `hotpatch 20348.3451 kb 5058500 [fixes CVE-…, …]`
    Hotpatch {
        /// Its build and article.
        build: BuildFloor,
        /// What it mends; everything when empty.
        fixes: Vec<Word>,
    },
    /// `branches lowest|highest|unknown`
    Branches(Word),
    /// `outside fixed|outdated|unknown`
    Outside(Word),
    /// `vulnerable when EXPR`
    VulnerableWhen(Expr),
    /// `marker registry …`
    Marker(Expr),
    /// `included in sp 5` or `included in "…"`
    Included(Included),
    /// `restart required`
    Restart(Word),
    /// `install "…"`
    Install(Text),
    /// `uninstall "…"`
    Uninstall(Text),
    /// `languages ja, en`
    Languages(Vec<Word>),
    /// A statement that could not be parsed.
    Error,
}

/// What a fix is part of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub enum Included {
    /// `sp 5`
    ServicePack(Word),
    /// Anything else.
    Text(Text),
}

/// A first fixed version and what it holds for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Floor {
    /// The version.
    pub version: Word,
    /// What it holds for; everything when empty.
    pub qualifiers: Vec<Qualifier>,
    /// Version and qualifiers.
    #[serde(skip)]
    pub span: Span,
}

/// A first fixed build with its revision, and the article of its update.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BuildFloor {
    /// The build and revision: `19045.5737`.
    pub build: Word,
    /// The article.
    pub kb: Option<Word>,
    /// Both.
    #[serde(skip)]
    pub span: Span,
}

/// What a floor or a column holds for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub enum Qualifier {
    /// `sp 0`
    ServicePack(Range),
    /// `branch gdr`
    Branch(Word),
    /// `language ja`
    Language(Word),
    /// `otherwise`: languages that no other floor of the list names
    Otherwise(Word),
    /// `architecture ia64`
    Architecture(Word),
    /// `within 4.86..4.87`
    Within(Range),
}

/// A row of a `files` table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Row {
    /// The file's name.
    pub name: Operand,
    /// One cell a column.
    pub cells: Vec<Cell>,
    /// The whole row.
    #[serde(skip)]
    pub span: Span,
}

/// A cell of a `files` table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub enum Cell {
    /// The first fixed version.
    Version(Word),
    /// `-`: not shipped for this column.
    None(Word),
    /// `unversioned`: shipped, but has no version.
    Unversioned(Word),
}

/// A column of a `files` table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Column {
    /// What it is for.
    pub qualifiers: Vec<Qualifier>,
    /// The whole column heading.
    #[serde(skip)]
    pub span: Span,
}
