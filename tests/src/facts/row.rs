//! A row of a file table: `LINE FILE VERSION [PLATFORM] [FOLDER] [en VERSION] [but REASON]`, as the bulletin has it.
//!
//! A version is `-` where there is none. `en` gives the version of the English file where that is another, and `en -` says
//! that there is no English file. A reason behind an English version is about that version only.

use caveat_ir::value::{Branch, FileVersion};
use serde::Deserialize;

use super::sheet::Noted;

/// A row.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Noted")]
pub struct Row {
    /// Its line.
    pub line: Option<u32>,
    /// The file as written.
    pub file: String,
    /// The version of the Japanese file.
    pub version: Option<FileVersion>,
    /// The version of the English file.
    pub english: English,
    /// The platform as written.
    pub platform: Option<String>,
    /// The folder of the package as written.
    pub folder: Option<String>,
    /// Why the rules say something else.
    pub but: Option<String>,
}

/// The English file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum English {
    /// It has the version of the Japanese one.
    Same,
    /// It has another one.
    Version(FileVersion),
    /// There is none.
    None,
}

impl TryFrom<Noted> for Row {
    type Error = String;

    fn try_from(noted: Noted) -> Result<Self, String> {
        let malformed = || format!("`{}` is no row of files", noted.fact);
        let mut words = noted.fact.split_whitespace().peekable();
        let line = words.next_if(|word| word.bytes().all(|byte| byte.is_ascii_digit()));
        let file = words.next().ok_or_else(malformed)?.to_owned();
        let version = read_version(words.next().ok_or_else(malformed)?)?;
        let platform = words.next_if(|word| itanium(word) || x86(word)).map(str::to_owned);
        let folder = words.next_if(|word| *word != "en").map(str::to_owned);
        let english = match (words.next(), words.next().map(read_version).transpose()?) {
            (None, None) => English::Same,
            (Some("en"), Some(version)) => version.map_or(English::None, English::Version),
            _ => return Err(malformed()),
        };
        let line = line.map(|line| line.parse().expect("digits only"));
        Ok(Self { line, file, version, english, platform, folder, but: noted.but })
    }
}

fn read_version(word: &str) -> Result<Option<FileVersion>, String> {
    if word == "-" {
        return Ok(None);
    }
    word.parse().map(Some).map_err(|_| format!("`{word}` is no version"))
}

fn itanium(platform: &str) -> bool {
    ["IA64", "IA-64"].contains(&platform)
}

fn x86(platform: &str) -> bool {
    platform.eq_ignore_ascii_case("x86")
}

impl Row {
    /// Whether the file is the 32-bit copy on an Itanium host.
    #[must_use]
    pub fn is_copy(&self, on_itanium: bool) -> bool {
        on_itanium && self.platform.as_deref().is_some_and(x86)
    }

    /// The file's name on the host: packages put a W before that of a 32-bit copy.
    #[must_use]
    pub fn installed(&self, on_itanium: bool) -> String {
        let name = self.file.to_ascii_lowercase();
        if self.is_copy(on_itanium) { name.strip_prefix('w').unwrap_or(&name).to_owned() } else { name }
    }

    /// The branch, which is the folder.
    #[must_use]
    pub fn branch(&self) -> Option<Branch> {
        let folder = self.folder.as_ref()?.to_ascii_uppercase();
        [("RTMGDR", Branch::Gdr), ("RTMQFE", Branch::Qfe)]
            .into_iter()
            .find(|(begin, _)| folder.starts_with(begin))
            .map(|(_, branch)| branch)
    }

    /// The service pack of the hosts that get the file: the folder is called after the one that was to bring it.
    #[must_use]
    pub fn service_pack(&self) -> Option<u32> {
        let next: u32 = self.folder.as_ref()?.strip_prefix("sp")?.parse().ok()?;
        next.checked_sub(1)
    }

    /// The version of the file in a language; none when it has no version or is not there.
    #[must_use]
    pub fn version_in(&self, japanese: bool) -> Option<FileVersion> {
        match self.english {
            English::Version(version) if !japanese => Some(version),
            English::None if !japanese => None,
            _ => self.version,
        }
    }
}
