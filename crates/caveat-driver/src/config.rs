//! `caveat.toml`: where a repository keeps its rules, and how it wants them compiled.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use caveat_diag::{Code, Diagnostic, SourceMap, Span};
use serde::Deserialize;

/// The file's name.
pub const FILE_NAME: &str = "caveat.toml";

/// What `caveat.toml` says.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// The folder of the rules, relative to the file.
    pub rules: Option<PathBuf>,
    /// The lock file that keeps ids, relative to the file.
    pub lock: Option<PathBuf>,
    /// The targets that the rules are meant for: what `build` makes and `check` has in mind when the
    /// command line names none.
    pub targets: Vec<String>,
    /// Options by back end.
    pub option: BTreeMap<String, BTreeMap<String, String>>,
    /// Back ends that are programs of their own, by name.
    pub backend: BTreeMap<String, BackendConfig>,
}

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
    /// `XDG_CONFIG_HOME` (else `~/.config`), in `%APPDATA%` on Windows.
    #[must_use]
    pub fn path() -> Option<PathBuf> {
        use etcetera::BaseStrategy as _;
        let folders = etcetera::choose_base_strategy().ok()?;
        Some(folders.config_dir().join("caveat").join("config.toml"))
    }

    /// Reads the file; one that is not there says nothing.
    ///
    /// # Errors
    /// When it cannot be read or understood.
    pub fn read() -> Result<Self, Box<(Diagnostic, SourceMap)>> {
        let Some(path) = Self::path().filter(|path| path.is_file()) else { return Ok(Self::default()) };
        let config: Self = read(&path)?;
        Ok(Self { folder: path.parent().unwrap_or(Path::new("")).to_owned(), ..config })
    }
}

/// Reads a configuration.
fn read<T: serde::de::DeserializeOwned>(path: &Path) -> Result<T, Box<(Diagnostic, SourceMap)>> {
    let shown = crate::inputs::display(path);
    let mut sources = SourceMap::new();
    let text = std::fs::read_to_string(path).map_err(|error| {
        let message = format!("`{shown}` cannot be read: {error}");
        Box::new((Diagnostic::new(Code::UNREADABLE_FILE, message), SourceMap::new()))
    })?;
    toml::from_str(&text).map_err(|error: toml::de::Error| {
        let file = sources.add(shown, text.as_str());
        let range = error.span().unwrap_or(0..0);
        let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        let span = Span::new(file, offset(range.start), offset(range.end));
        let problem = Diagnostic::new(Code::INVALID_CONFIGURATION, error.message().to_owned()).at(span, "");
        let problem = problem.help("see `docs/configuration.md` for what may stand here");
        Box::new((problem, std::mem::take(&mut sources)))
    })
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
        let found = absolute.ancestors().find(|folder| folder.join(FILE_NAME).is_file());
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
    #[must_use]
    pub fn lock(&self) -> Option<PathBuf> {
        self.config.lock.as_ref().map(|lock| self.folder.join(lock))
    }
}
