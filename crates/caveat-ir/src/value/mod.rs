//! The values rules speak about. Each is made by a parser that says what is wrong
//! with a malformed one; none can hold a state that has no meaning. Those that a host is asked
//! for as well come from `caveat_runtime`.

mod build;
mod date;
mod ids;
mod number;
mod path;
mod registry;
mod text_version;
mod version;

pub use build::BuildRevision;
pub use caveat_runtime::value::{
    Architecture, Branch, BranchPolicy, Digest, Family, FileVersion, Hive, Impact, InstallationType, Kb,
    KeyRef, KnownFolder, Language, Malformed, OsVersion, Outside, PathRef, ProductType, Protocol, Rating,
    RegistryType, Restart, StartType, TextInterval, Unlisted, Variable, VersionInterval, VersionText, View,
    name, stars,
};
pub use date::Date;
pub use ids::{BulletinId, CveId, is_device_name};
pub use number::NumberSet;
pub use path::WindowsPath;
pub use registry::RegistryPath;
pub use text_version::{TextRange, TextVersion, TextVersionSet};
pub use version::VersionSet;

use caveat_runtime::serde_as_text;
