//! A cell of a fact.

use caveat_ir::value::{
    Architecture, Family, FileVersion, InstallationType, Language, OsVersion, ProductType, StartType,
};

use crate::instances::SomeKey;
use crate::registry::Data;

/// A value that stands for all that the tests do not tell from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Cell {
    /// The fact is not there.
    Absent,
    /// What is asked for is there, as it says.
    Present,
    Family(Family),
    Version(OsVersion),
    Number(u32),
    Type(ProductType),
    Installation(InstallationType),
    Architecture(Architecture),
    Language(Language),
    /// A file without a version resource is `Present`.
    File(FileVersion),
    Size(u64),
    Digest(String),
    Data(Data),
    /// A key of several, of which all parts of a test hold.
    Key(SomeKey),
    /// When the service starts, if its key says so, and whether it runs.
    Service(Option<StartType>, bool),
}
