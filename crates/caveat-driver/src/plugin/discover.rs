//! Where plug-ins are found: in the user's configuration, in the project's `caveat.toml`, and on the `PATH`.
//!
//! A repository of rules is not to be trusted with running programs: what its `caveat.toml` names starts
//! only when the user allows it. The `PATH` and the user's configuration are the user's own word.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use caveat_diag::{Code, Diagnostic};

use super::limits::Limits;
use super::{Plugin, profile};
use crate::config::{BackendConfig, FILE_NAME, Misconfigured, Project, UserConfig, Written};
use crate::inputs::display;

/// How programs on the `PATH` are called.
const PREFIX: &str = "caveat-backend-";

/// Who says that a plug-in is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// The user's configuration.
    User,
    /// The project's `caveat.toml`.
    Project,
    /// The `PATH`.
    Path,
}

impl Source {
    /// For lists of targets.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::User => "user configuration",
            Self::Project => "caveat.toml",
            Self::Path => "PATH",
        }
    }
}

/// A plug-in that was found, and not started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The target's name.
    pub name: String,
    /// Who says so.
    pub source: Source,
    command: Vec<String>,
    folder: PathBuf,
    limits: Limits,
}

impl Found {
    /// Starts it. What only the project asks for needs the user's `allowed`.
    ///
    /// # Errors
    /// When it is not allowed, or does not introduce itself.
    pub fn start(&self, allowed: bool) -> Result<Plugin, Box<Diagnostic>> {
        if self.source == Source::Project && !allowed {
            let (name, command) = (&self.name, self.command.join(" "));
            let file = display(&self.folder.join(FILE_NAME));
            let message = format!("the target `{name}` is a program that `{file}` brings along: `{command}`");
            return Err(Box::new(Diagnostic::new(Code::PLUGIN_NOT_ALLOWED, message).help(format!(
                "if you trust it, add `--allow-plugins`, or name it in your own configuration{}",
                UserConfig::path().map_or_else(String::new, |path| format!(", `{}`", display(&path)))
            ))));
        }
        Plugin::start(Some(&self.name), &self.command, &self.folder, self.limits)
    }
}

/// All plug-ins, by name. The user's word counts before the project's, and that before the `PATH`.
/// `built_in` are names that are taken.
///
/// # Errors
/// When a configuration cannot be understood.
pub fn find(project: &Project, built_in: &[&str]) -> Result<BTreeMap<String, Found>, Misconfigured> {
    let mut all = BTreeMap::new();
    for (name, path) in on_path() {
        let folder = std::env::current_dir().unwrap_or_default();
        let command = vec![path.to_string_lossy().into_owned()];
        let found = Found { name, source: Source::Path, command, folder, limits: Limits::default() };
        all.insert(found.name.clone(), found);
    }
    let user = UserConfig::read()?;
    let files = [
        (&project.config.backend, &project.written, &project.folder, Source::Project),
        (&user.backend, &user.written, &user.folder, Source::User),
    ];
    for (sections, written, folder, source) in files {
        for (name, config) in sections {
            let checked = check(name, built_in, written).and_then(|()| check_timeout(name, config, written));
            checked.map_err(|problem| written.refused(vec![*problem]))?;
            all.insert(name.clone(), configured(name, config, folder, source));
        }
    }
    all.retain(|name, _| !built_in.contains(&name.as_str()));
    Ok(all)
}

fn configured(name: &str, config: &BackendConfig, folder: &Path, source: Source) -> Found {
    let mut limits = Limits::default();
    if let Some(seconds) = config.timeout {
        limits.run = Duration::from_secs(seconds);
        limits.hello = limits.hello.min(limits.run);
    }
    let command = config.command.clone();
    Found { name: name.to_owned(), source, command, folder: folder.to_owned(), limits }
}

fn check(name: &str, built_in: &[&str], written: &Written) -> Result<(), Box<Diagnostic>> {
    let problem = |message: String, help: &str| {
        Err(Box::new(written.problem(&format!("backend.{name}"), message).help(help)))
    };
    if built_in.contains(&name) {
        return problem(
            format!("`[backend.{name}]` has the name of a built-in target"),
            "choose another name",
        );
    }
    if !profile::is_name(name) || name == "all" {
        return problem(
            format!("`{name}` cannot be the name of a target"),
            "use small letters, digits and `-`; `all` means all built-in targets",
        );
    }
    Ok(())
}

/// A day is long enough for every program, and short enough for every clock.
const MAX_TIMEOUT: u64 = 24 * 60 * 60;

fn check_timeout(name: &str, config: &BackendConfig, written: &Written) -> Result<(), Box<Diagnostic>> {
    match config.timeout {
        Some(seconds) if !(1..=MAX_TIMEOUT).contains(&seconds) => {
            let message = format!("the `timeout` of `[backend.{name}]` is {seconds}");
            let help = format!("write a number of seconds from 1 to {MAX_TIMEOUT}, which is a day");
            Err(Box::new(written.problem(&format!("backend.{name}.timeout"), message).help(help)))
        }
        _ => Ok(()),
    }
}

/// Programs on the `PATH`: the first of each name, as for every other program. Relative folders are left
/// out, as they would let a repository slip programs in.
fn on_path() -> BTreeMap<String, PathBuf> {
    let mut found = BTreeMap::new();
    let path = std::env::var_os("PATH").unwrap_or_default();
    for folder in std::env::split_paths(&path).filter(|folder| folder.is_absolute()) {
        let Ok(entries) = std::fs::read_dir(folder) else { continue };
        for path in entries.filter_map(Result::ok).map(|entry| entry.path()) {
            if let Some(name) = plugin_name(&path).filter(|_| is_program(&path)) {
                found.entry(name).or_insert(path);
            }
        }
    }
    found
}

fn plugin_name(path: &Path) -> Option<String> {
    let name = path.file_name()?.to_str()?;
    let name = name.strip_suffix(std::env::consts::EXE_SUFFIX)?.strip_prefix(PREFIX)?;
    (profile::is_name(name) && name != "all").then(|| name.to_owned())
}

#[cfg(unix)]
fn is_program(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    path.metadata().is_ok_and(|about| about.is_file() && about.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_program(path: &Path) -> bool {
    path.is_file()
}
