//! The shape of host files (`caveat/host/v1`): what was collected on a host, as
//! written. Values stay text here, so that a malformed one spoils only the rules
//! that ask for it; `caveat-eval` reads them.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

/// The version of the host file's shape.
pub const HOST_SCHEMA: &str = "caveat/host/v1";

/// One host.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default, expecting = "the facts of a host")]
pub struct HostFile {
    /// [`HOST_SCHEMA`]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub schema: Option<String>,
    /// Its name; the file's when left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Facts of the operating system.
    pub os: OsEntry,
    /// Environment variables, without percent signs.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub environment: BTreeMap<String, String>,
    /// Files.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<FileEntry>,
    /// Registry keys and values.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub registry: Vec<RegistryEntry>,
    /// Services.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub services: Vec<ServiceEntry>,
    /// Installed updates, by the names that Windows lists them under.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub hotfixes: Vec<Scalar>,
    /// Kinds of facts that are not complete.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub partial: Vec<FactKind>,
}

impl HostFile {
    /// The facts that tell this host from others, in a few words.
    #[must_use]
    pub fn in_words(&self) -> String {
        // What a reader is told by the platform's name is left out on purpose, and nothing else.
        let OsEntry {
            platform: _,
            edition: _,
            family,
            version,
            build,
            revision,
            service_pack,
            product_type,
            installation_type,
            suites,
            architecture,
            language,
        } = &self.os;
        let mut words: Vec<String> = Vec::new();
        let other = |family: &&Scalar| **family != Scalar::Text("windows".to_owned());
        words.extend(family.iter().filter(other).map(|family| format!("family {family}")));
        words.extend(version.iter().map(|version| format!("Windows version {version}")));
        // Releases of one version are told by their builds.
        let told = version.iter().any(|version| version.to_string().starts_with("10."));
        words.extend(build.iter().filter(|_| told).map(|build| format!("build {build}")));
        words.extend(revision.iter().map(|revision| format!("revision {revision}")));
        words.extend(service_pack.iter().map(|pack| format!("service pack {pack}")));
        words.extend(product_type.iter().map(ToString::to_string));
        words.extend(installation_type.iter().map(|kind| format!("installed as {kind}")));
        words.extend(suites.iter().flatten().map(|suite| format!("suite \"{suite}\"")));
        words.extend(architecture.iter().map(ToString::to_string));
        let languages = language.iter().map(ToString::to_string);
        words.extend(languages.filter(|language| language != "en-US"));
        words.extend(self.files.iter().take(3).map(|file| match &file.version {
            Some(version) => format!("{} {version}", file.path),
            None => file.path.clone(),
        }));
        words.extend(self.services.iter().map(|service| format!("service {}", service.name)));
        words.extend(self.registry.iter().take(3).map(|entry| entry.key.clone()));
        words.join(", ")
    }
}

/// A kind of fact that may be incomplete.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum FactKind {
    /// `os`
    Os,
    /// `environment`
    Environment,
    /// `files`
    Files,
    /// `registry`
    Registry,
    /// `services`
    Services,
    /// `hotfixes`
    Hotfixes,
}

/// A value as YAML or JSON has it. Numbers with a fraction are malformed wherever a
/// version stands (`5.10` would read as 5.1), so the text is kept to say so.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(untagged, expecting = "a text or a number must stand here")]
pub enum Scalar {
    /// `true`, `false`
    Bool(bool),
    /// An integer
    Integer(i64),
    /// Any other number
    Float(f64),
    /// A string
    Text(String),
}

impl Eq for Scalar {}

impl fmt::Display for Scalar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bool(value) => write!(f, "{value}"),
            Self::Integer(value) => write!(f, "{value}"),
            Self::Float(value) => write!(f, "{value}"),
            Self::Text(value) => f.write_str(value),
        }
    }
}

impl From<String> for Scalar {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<u64> for Scalar {
    /// What is too large for an integer is written as a text.
    fn from(number: u64) -> Self {
        i64::try_from(number).map_or_else(|_| Self::Text(number.to_string()), Self::Integer)
    }
}

impl From<&str> for Scalar {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

/// Facts of the operating system.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default, expecting = "facts such as `version`")]
pub struct OsEntry {
    /// A platform of the rules, which fills in what it implies.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub platform: Option<String>,
    /// An edition of that platform.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub edition: Option<String>,
    /// `windows`, `macos` or `unix`; Windows when left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub family: Option<Scalar>,
    /// The NT version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<Scalar>,
    /// The build number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub build: Option<Scalar>,
    /// The revision of the build, which the registry calls `UBR`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revision: Option<Scalar>,
    /// The service pack; 0 is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service_pack: Option<Scalar>,
    /// `workstation`, `server` or `domain-controller`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub product_type: Option<Scalar>,
    /// `client`, `server`, `server-core`, `nano-server`, `embedded` or `windows-pe`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub installation_type: Option<Scalar>,
    /// Product suites.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub suites: Option<Vec<String>>,
    /// `x86`, `ia64`, `x64`, `arm64`, `arm`, `alpha`, `mips` or `powerpc`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub architecture: Option<Scalar>,
    /// A language tag.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<Scalar>,
}

/// A file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, expecting = "a file with its `path`")]
pub struct FileEntry {
    /// Its path.
    pub path: String,
    /// Its file version; none when it has no version resource.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<Scalar>,
    /// Its size in bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<Scalar>,
    /// Its MD5 digest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub md5: Option<Scalar>,
    /// Its SHA-1 digest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha1: Option<Scalar>,
    /// Its SHA-256 digest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<Scalar>,
    /// Whether it could not be read: what is not listed of it is unknown, and where nothing is, whether it is there.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub partial: bool,
}

/// A registry key and some or all of its values.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, expecting = "a registry key with its `key`")]
pub struct RegistryEntry {
    /// Hive and key.
    pub key: String,
    /// The view, `32` or `64`; the host's own when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub view: Option<Scalar>,
    /// Its values by name; the default value's name is empty.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub values: BTreeMap<String, RegistryData>,
    /// Whether it could not be read: values that are not listed are unknown, and where none is, whether the key is there.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub partial: bool,
}

/// A registry value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, expecting = "a value with its `type` and `data`")]
pub struct RegistryData {
    /// `reg_sz`, `reg_expand_sz`, `reg_link`, `reg_multi_sz`, `reg_dword`, `reg_dword_big_endian`, `reg_qword`,
    /// `reg_binary`, `reg_none`, `reg_resource_list`, `reg_full_resource_descriptor` or
    /// `reg_resource_requirements_list`
    #[serde(rename = "type")]
    pub kind: String,
    /// The data: text, number, list of texts, or hexadecimal digits.
    pub data: DataEntry,
}

/// The data of a registry value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(untagged, expecting = "a text, a number or a list of them must stand here")]
pub enum DataEntry {
    /// One.
    One(Scalar),
    /// Several, for `reg_multi_sz`.
    Many(Vec<Scalar>),
}

/// A service.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, expecting = "a service with its `name`")]
pub struct ServiceEntry {
    /// Its short name.
    pub name: String,
    /// Its start type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<Scalar>,
    /// `running` or `stopped`
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<Scalar>,
}
