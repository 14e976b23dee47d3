//! `caveat.toml`: where a repository keeps its rules, and how it wants them compiled.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};

use caveat_diag::policy::{Level, Levels};
use caveat_diag::{Code, Diagnostic, SourceMap, Span};
use caveat_document::{Key, Node, toml};
use caveat_ir::updates::{Table, Updates};
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
    /// Tables of updates besides that of the standard library, below the folder of the file.
    #[serde(deserialize_with = "all_below")]
    pub updates: Vec<PathBuf>,
    /// For how bad the problems of codes are taken; [`Project::levels`] has understood it.
    pub levels: BTreeMap<String, String>,
}

/// A path that stays in the folder of the file on every system, whichever reads it. Rules may come from
/// strangers, and commands write to these paths.
fn below<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<PathBuf>, D::Error> {
    inside(String::deserialize(deserializer)?).map(Some)
}

fn all_below<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<PathBuf>, D::Error> {
    Vec::<String>::deserialize(deserializer)?.into_iter().map(inside).collect()
}

fn inside<E: serde::de::Error>(text: String) -> Result<PathBuf, E> {
    let is_drive = matches!(text.as_bytes(), [b'a'..=b'z' | b'A'..=b'Z', b':', ..]);
    let leads_up = |part: &str| part.trim().len() > 1 && part.chars().all(|c| c == '.' || c == ' ');
    if is_drive || text.starts_with(SEPARATORS) || text.split(SEPARATORS).any(leads_up) {
        return Err(E::custom(format!("the path `{text}` leaves the folder of this file")));
    }
    Ok(text.into())
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
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct UserConfig {
    /// Back ends that are programs of their own, by name.
    pub backend: BTreeMap<String, BackendConfig>,
    /// The folder of the file.
    #[serde(skip)]
    pub folder: PathBuf,
    /// The file.
    #[serde(skip)]
    pub written: Written,
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
    pub fn read() -> Result<Self, Misconfigured> {
        let Some(path) = Self::path().filter(|path| is_there(path)) else { return Ok(Self::default()) };
        let (config, written): (Self, Written) = read(&path)?;
        Ok(Self { folder: path.parent().unwrap_or(Path::new("")).to_owned(), written, ..config })
    }
}

/// What is wrong with a configuration, and the file it is in.
#[derive(Debug, Clone)]
pub struct Misconfigured {
    /// What is wrong.
    pub problems: Vec<Diagnostic>,
    /// The file.
    pub sources: SourceMap,
}

/// The text of a configuration, and where everything stands in it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Written {
    name: String,
    text: String,
    tree: Option<Node>,
}

impl Written {
    /// Where the value stands to which `path` leads, such as `option.oval.layout`.
    #[must_use]
    pub fn place(&self, path: &str) -> Option<Span> {
        self.tree.as_ref().map(|tree| tree.find(path))
    }

    /// A problem with the value to which `path` leads.
    #[must_use]
    pub fn problem(&self, path: &str, message: impl Into<String>) -> Diagnostic {
        let problem = Diagnostic::new(Code::INVALID_CONFIGURATION, message);
        match self.place(path) {
            Some(span) => problem.at(span, ""),
            None => problem,
        }
    }

    /// The file is refused for these problems.
    #[must_use]
    pub fn refused(&self, problems: Vec<Diagnostic>) -> Misconfigured {
        let mut sources = SourceMap::new();
        sources.add(self.name.as_str(), self.text.as_str());
        Misconfigured { problems, sources }
    }
}

/// Reads a configuration.
fn read<T: serde::de::DeserializeOwned>(path: &Path) -> Result<(T, Written), Misconfigured> {
    let text = read_found(path, MAX_BYTES)
        .map_err(|problem| Misconfigured { problems: vec![problem], sources: SourceMap::new() })?;
    let written = Written { name: display(path), text, tree: None };
    let tree = toml(SourceMap::new().next_id(), &written.text);
    let config = tree.and_then(|tree| Ok((tree.read()?, tree)));
    match config {
        Ok((config, tree)) => Ok((config, Written { tree: Some(tree), ..written })),
        Err(fault) => {
            let problem = fault.diagnostic(Code::INVALID_CONFIGURATION);
            Err(written.refused(vec![problem.help("see `docs/configuration.md` for what may stand here")]))
        }
    }
}

/// The levels that a configuration gives to codes, and what is wrong with them.
fn levels(tree: &Node) -> (Levels, Vec<Diagnostic>) {
    let (mut levels, mut problems) = (Levels::default(), Vec::new());
    for (key, value) in tree.get("levels").map(Node::entries).unwrap_or_default() {
        match level(key, value) {
            Ok((code, level)) => levels.set(code, level),
            Err(problem) => problems.push(*problem),
        }
    }
    (levels, problems)
}

fn level(key: &Key, value: &Node) -> Result<(&'static Code, Level), Box<Diagnostic>> {
    let problem =
        |span: Span, message: String| Diagnostic::new(Code::INVALID_CONFIGURATION, message).at(span, "");
    let Some(code) = caveat_diag::code(&key.text) else {
        let unknown = problem(key.span, format!("there is no code `{}`", key.text));
        let named = caveat_diag::CODES.iter().find(|code| code.name == key.text);
        return Err(Box::new(match named {
            Some(code) => unknown.did_you_mean(code.id, key.span),
            None => unknown.help("write the code that stands in brackets where a problem is told"),
        }));
    };
    let written = value.text().unwrap_or_default();
    let Some(level) = Level::named(written) else {
        let unknown = problem(value.span, format!("`{written}` is not a level"));
        return Err(Box::new(unknown.suggest(written, Level::ALL.map(Level::as_str), value.span)));
    };
    if level >= code.least() {
        return Ok((code, level));
    }
    let refused = problem(value.span, format!("`{}` cannot be turned down to `{written}`", code.id));
    Err(Box::new(refused.help(match code.least() {
        Level::Error => "what it tells keeps rules from being compiled, or the command from its work",
        _ => "write `note`: what output, hosts and files lose is always told",
    })))
}

/// Whether something has this name. What is no file is not passed over: it is refused.
fn is_there(path: &Path) -> bool {
    path.symlink_metadata().is_ok()
}

/// A configuration and the folder it was found in.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Project {
    /// The folder of `caveat.toml`; empty when there is none.
    pub folder: PathBuf,
    /// What it says.
    pub config: Config,
    /// For how bad it takes problems.
    pub levels: Levels,
    /// The file.
    pub written: Written,
}

impl Project {
    /// The project that `start` lies in: that of the nearest `caveat.toml` at or above it.
    ///
    /// # Errors
    /// When that file cannot be read or understood.
    pub fn find(start: &Path) -> Result<Self, Misconfigured> {
        let absolute = std::path::absolute(start).unwrap_or_else(|_| start.to_owned());
        let found = absolute.ancestors().find(|folder| is_there(&folder.join(FILE_NAME)));
        found.map_or_else(|| Ok(Self::default()), Self::read)
    }

    fn read(folder: &Path) -> Result<Self, Misconfigured> {
        let (config, written) = read(&folder.join(FILE_NAME))?;
        let (levels, problems) = written.tree.as_ref().map(levels).unwrap_or_default();
        if !problems.is_empty() {
            return Err(written.refused(problems));
        }
        Ok(Self { folder: folder.to_owned(), config, levels, written })
    }

    /// The folder of the rules, when the project names one.
    #[must_use]
    pub fn rules(&self) -> Option<PathBuf> {
        self.config.rules.as_ref().map(|rules| self.folder.join(rules))
    }

    /// What is known of updates: the table of the standard library, and those that the project names.
    ///
    /// # Errors
    /// When a table cannot be read or understood.
    pub fn updates(&self) -> Result<Updates, Misconfigured> {
        let mut updates = Updates::default();
        for path in &self.config.updates {
            let path = self.folder.join(path);
            let mut sources = SourceMap::new();
            let text = match read_found(&path, MAX_BYTES) {
                Ok(text) => text,
                Err(problem) => return Err(Misconfigured { problems: vec![problem], sources }),
            };
            match Table::read(&text) {
                Ok(table) => updates.add(table),
                Err(misread) => {
                    let place = line_of(&text, misread.line);
                    let file = sources.add(display(&path), text);
                    let problem = Diagnostic::new(Code::INVALID_CONFIGURATION, misread.message)
                        .at(Span::new(file, place.start, place.end), "")
                        .help(misread.help);
                    return Err(Misconfigured { problems: vec![problem], sources });
                }
            }
        }
        Ok(updates)
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

/// Where a line stands, by its number.
fn line_of(text: &str, number: usize) -> Range<u32> {
    let before: usize = text.split_inclusive('\n').take(number.saturating_sub(1)).map(str::len).sum();
    let line = text.lines().nth(number.saturating_sub(1)).unwrap_or_default();
    let at = |offset: usize| u32::try_from(offset).unwrap_or(u32::MAX);
    at(before)..at(before + line.len())
}

fn linked(what: &str, link: &Path) -> Diagnostic {
    let message = format!(
        "`{}` is a symbolic link: the {what} that `{FILE_NAME}` names may lie elsewhere",
        display(link)
    );
    Diagnostic::new(Code::UNWRITABLE_OUTPUT, message)
}
