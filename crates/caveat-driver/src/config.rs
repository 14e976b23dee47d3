//! `caveat.toml`: where a repository keeps its rules, and how it wants them compiled.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use caveat_diag::{Code, Diagnostic, SourceMap, Span};
use serde::{Deserialize, Deserializer};

use crate::inputs::{display, read_found};
use crate::output::link_below;

/// The file's name.
pub const FILE_NAME: &str = "caveat.toml";
/// Larger ones are no configuration.
const MAX_BYTES: u64 = 1024 * 1024;

/// What `caveat.toml` says.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// The folder of the rules, below that of the file.
    #[serde(deserialize_with = "below")]
    pub rules: Option<PathBuf>,
    /// The lock file that keeps ids, below the folder of the file.
    #[serde(deserialize_with = "below")]
    pub lock: Option<PathBuf>,
    /// The targets that the rules are meant for: what `build` makes and `check` has in mind when the
    /// command line names none.
    pub targets: Vec<String>,
    /// Options by back end.
    pub option: BTreeMap<String, BTreeMap<String, String>>,
    /// Back ends that are programs of their own, by name.
    pub backend: BTreeMap<String, BackendConfig>,
}

/// A path that stays in the folder of the file on every system, whichever reads it. Rules may come from
/// strangers, and commands write to these paths.
fn below<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<PathBuf>, D::Error> {
    let text = String::deserialize(deserializer)?;
    let is_drive = matches!(text.as_bytes(), [b'a'..=b'z' | b'A'..=b'Z', b':', ..]);
    let leads_up = |part: &str| part.trim().len() > 1 && part.chars().all(|c| c == '.' || c == ' ');
    if is_drive || text.starts_with(SEPARATORS) || text.split(SEPARATORS).any(leads_up) {
        return Err(serde::de::Error::custom(format!("the path `{text}` leaves the folder of this file")));
    }
    Ok(Some(text.into()))
}

const SEPARATORS: [char; 2] = ['/', '\\'];

/// A back end that is a program of its own.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BackendConfig {
    /// The program and its arguments. Paths are relative to the folder of the configuration.
    pub command: Vec<String>,
    /// Seconds that it may take.
    pub timeout: Option<u64>,
}

/// What the user's own configuration says.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct UserConfig {
    /// Back ends that are programs of their own, by name.
    pub backend: BTreeMap<String, BackendConfig>,
    /// The folder of the file.
    #[serde(skip)]
    pub folder: PathBuf,
}

impl UserConfig {
    /// Where the file is, if the system says where users keep such files: `caveat/config.toml` in
    /// `XDG_CONFIG_HOME` (else `~/.config`), in `%APPDATA%` on Windows. A relative folder would be one of
    /// the rules' as easily, and is not looked at.
    #[must_use]
    pub fn path() -> Option<PathBuf> {
        use etcetera::BaseStrategy as _;
        let folders = etcetera::choose_base_strategy().ok()?;
        let folder = folders.config_dir();
        folder.is_absolute().then(|| folder.join("caveat").join("config.toml"))
    }

    /// Reads the file; one that is not there says nothing.
    ///
    /// # Errors
    /// When it cannot be read or understood.
    pub fn read() -> Result<Self, Box<(Diagnostic, SourceMap)>> {
        let Some(path) = Self::path().filter(|path| is_there(path)) else { return Ok(Self::default()) };
        let config: Self = read(&path)?;
        Ok(Self { folder: path.parent().unwrap_or(Path::new("")).to_owned(), ..config })
    }
}

/// Reads a configuration.
fn read<T: serde::de::DeserializeOwned>(path: &Path) -> Result<T, Box<(Diagnostic, SourceMap)>> {
    let text = read_found(path, MAX_BYTES).map_err(|problem| Box::new((problem, SourceMap::new())))?;
    toml::from_str(&text).map_err(|error: toml::de::Error| {
        let mut sources = SourceMap::new();
        let file = sources.add(display(path), text.as_str());
        let range = error.span().unwrap_or(0..0);
        let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        let span = Span::new(file, offset(range.start), offset(range.end));
        let problem = Diagnostic::new(Code::INVALID_CONFIGURATION, error.message().to_owned()).at(span, "");
        let problem = problem.help("see `docs/configuration.md` for what may stand here");
        Box::new((problem, sources))
    })
}

/// Whether something has this name. What is no file is not passed over: it is refused.
fn is_there(path: &Path) -> bool {
    path.symlink_metadata().is_ok()
}

/// A configuration and the folder it was found in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Project {
    /// The folder of `caveat.toml`; empty when there is none.
    pub folder: PathBuf,
    /// What it says.
    pub config: Config,
}

impl Project {
    /// The project that `start` lies in: that of the nearest `caveat.toml` at or above it.
    ///
    /// # Errors
    /// When that file cannot be read or understood.
    pub fn find(start: &Path) -> Result<Self, Box<(Diagnostic, SourceMap)>> {
        let absolute = std::path::absolute(start).unwrap_or_else(|_| start.to_owned());
        let found = absolute.ancestors().find(|folder| is_there(&folder.join(FILE_NAME)));
        found.map_or_else(|| Ok(Self::default()), Self::read)
    }

    fn read(folder: &Path) -> Result<Self, Box<(Diagnostic, SourceMap)>> {
        Ok(Self { folder: folder.to_owned(), config: read(&folder.join(FILE_NAME))? })
    }

    /// The folder of the rules, when the project names one.
    #[must_use]
    pub fn rules(&self) -> Option<PathBuf> {
        self.config.rules.as_ref().map(|rules| self.folder.join(rules))
    }

    /// The lock file, when the project names one.
    ///
    /// # Errors
    /// When a symbolic link leads to it, and so perhaps out of the project.
    pub fn lock(&self) -> Result<Option<PathBuf>, Diagnostic> {
        let Some(lock) = &self.config.lock else { return Ok(None) };
        match link_below(&self.folder, lock) {
            None => Ok(Some(self.folder.join(lock))),
            Some(link) => {
                Err(linked("lock file", &link).help("remove the link, or name the lock file with `--lock`"))
            }
        }
    }

    /// Whether rules may be written to the folder that the project names.
    ///
    /// # Errors
    /// When a symbolic link leads to it, and so perhaps out of the project.
    pub fn writable_rules(&self) -> Result<(), Diagnostic> {
        let link = self.config.rules.as_ref().and_then(|rules| link_below(&self.folder, rules));
        link.map_or(Ok(()), |link| {
            Err(linked("rules", &link).help("name the folder on the command line if you want it changed"))
        })
    }
}

fn linked(what: &str, link: &Path) -> Diagnostic {
    let message = format!(
        "`{}` is a symbolic link: the {what} that `{FILE_NAME}` names may lie elsewhere",
        display(link)
    );
    Diagnostic::new(Code::UNWRITABLE_OUTPUT, message)
}
