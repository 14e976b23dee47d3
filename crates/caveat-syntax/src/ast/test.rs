//! Tests inside rule files.

use caveat_diag::Span;
use serde::Serialize;

use super::{Data, Operand, PlatformRef, Stmt, Text, Word};

/// `test "…" { host { … } expect … }`
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Test {
    /// Its name.
    pub name: Text,
    /// The host's facts.
    pub host: Vec<Stmt<HostFact>>,
    /// What is expected.
    pub expectations: Vec<Expectation>,
}

/// A fact of a test's host.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub enum HostFact {
    /// `os windows-2000 server sp 4 language ja`
    Os(PlatformRef),
    /// `build 19045.5737 [or later]`
    Build {
        /// The build and its revision.
        build: Word,
        /// Whether the revision may be a later one.
        or_later: bool,
    },
    /// `file PATH [VERSION] [size N]`
    File {
        /// The path.
        path: Text,
        /// Its version; none when it has no version resource.
        version: Option<Word>,
        /// Its size in bytes.
        size: Option<Word>,
    },
    /// `registry [32|64] KEY [value NAME = DATA]`
    Registry {
        /// The view.
        view: Option<Word>,
        /// Hive and key.
        key: Text,
        /// A value of the key.
        value: Option<(Text, Data)>,
    },
    /// `service NAME [START] [running|stopped]`
    Service {
        /// The short name.
        name: Text,
        /// Start type and state, in any order.
        words: Vec<Word>,
    },
    /// `hotfix KB830352`, `hotfix "KB830352 - Update"`
    Hotfix(Operand),
    /// `environment NAME = "…"`
    Environment {
        /// The variable, without percent signs.
        name: Word,
        /// Its value.
        value: Text,
    },
    /// `missing files, language`: kinds of facts that are not known
    Missing(Vec<Word>),
    /// A statement that could not be parsed.
    Error,
}

/// `expect VERDICT [to|for CVE, …]` or `expect inconsistent`
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Expectation {
    /// The verdict.
    pub verdict: Word,
    /// The vulnerabilities it is expected for; the bulletin when empty.
    pub vulnerabilities: Vec<Word>,
    /// The whole statement.
    #[serde(skip)]
    pub span: Span,
}
