//! Rule files: finding them, reading them, naming their modules.

use std::fs::File;
use std::io::Read;
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use caveat_diag::{Code, Diagnostic};
use ignore::types::TypesBuilder;
use ignore::{DirEntry, WalkBuilder};
use rayon::prelude::*;

/// The extension of rule files.
pub const EXTENSION: &str = "caveat";
/// Larger files are refused: no hand-written rule comes near.
pub const MAX_BYTES: u64 = 32 * 1024 * 1024;
/// Longer lists of files that are passed over are refused.
const MAX_IGNORE_BYTES: u64 = 1024 * 1024;

/// A rule file that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Input {
    /// Its name for people.
    pub shown: String,
    /// Its path; none for standard input.
    pub path: Option<PathBuf>,
    /// Its module name.
    pub module: String,
    /// The rule folder it belongs to, from which `use` is resolved.
    pub root: PathBuf,
    /// Its text.
    pub text: String,
}

/// A path as it is shown: relative to the current folder where possible, with `/`.
#[must_use]
pub fn display(path: &Path) -> String {
    let current = std::env::current_dir().unwrap_or_default();
    let shown = path.strip_prefix(&current).unwrap_or(path);
    shown.to_string_lossy().replace('\\', "/")
}

/// Reads what the given paths name: files, folders with all rule files below, `-` for standard
/// input. Inputs come sorted by module, each once.
#[must_use]
pub fn read(paths: &[PathBuf], rules: Option<&Path>) -> (Vec<Input>, Vec<Diagnostic>) {
    let mut problems = Vec::new();
    let mut inputs = Vec::new();
    let mut files = Vec::new();
    for path in paths {
        match path {
            path if path.as_os_str() == "-" => match read_stdin(MAX_BYTES) {
                Ok(text) => inputs.push(stdin_input(text, rules)),
                Err(problem) => problems.push(problem),
            },
            path if path.is_dir() => match walk(path) {
                Ok(found) => files.extend(found.into_iter().map(|file| (root_of(&file, rules, path), file))),
                Err(problem) => problems.push(problem),
            },
            path => files.push((root_of(path, rules, folder_of(path)), path.clone())),
        }
    }
    let absolute = |path: &Path| std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    files.sort_by_key(|(_, file)| absolute(file));
    files.dedup_by_key(|(_, file)| absolute(file));
    let read: Vec<_> = files.par_iter().map(|(root, file)| read_input(root, file)).collect();
    for result in read {
        match result {
            Ok(input) => inputs.push(input),
            Err(problem) => problems.push(problem),
        }
    }
    inputs.sort_by(|a, b| (&a.module, &a.shown).cmp(&(&b.module, &b.shown)));
    (inputs, problems)
}

/// The rule folder of a file: that of the project if the file lies in it, else `fallback`.
fn root_of(file: &Path, rules: Option<&Path>, fallback: &Path) -> PathBuf {
    let absolute = std::path::absolute(file).unwrap_or_else(|_| file.to_owned());
    let inside = rules.filter(|rules| absolute.starts_with(rules));
    inside.unwrap_or(fallback).to_owned()
}

/// The folder that a file lies in.
fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn walk(folder: &Path) -> Result<Vec<PathBuf>, Diagnostic> {
    let problem = |error: ignore::Error| {
        Diagnostic::new(Code::UNREADABLE_FILE, format!("`{}` cannot be searched: {error}", display(folder)))
    };
    let mut types = TypesBuilder::new();
    types.add("rules", &format!("*.{EXTENSION}")).map_err(problem)?;
    let types = types.select("rules").build().map_err(problem)?;
    let base = folder.canonicalize().unwrap_or_default();
    base.ancestors().try_for_each(ignore_files)?;
    let refused = Arc::new(Mutex::new(None));
    let first = Arc::clone(&refused);
    let is_open = move |entry: &DirEntry| {
        let checked = if entry.path().is_dir() { ignore_files(entry.path()) } else { Ok(()) };
        let mut first = first.lock().unwrap_or_else(PoisonError::into_inner);
        checked.map_err(|problem| first.get_or_insert(problem).clone()).is_ok()
    };
    let mut walker = WalkBuilder::new(folder);
    // Which rules there are is said in their repository, not by the machine that they are on.
    walker.git_global(false).git_exclude(false).require_git(false);
    let mut files = Vec::new();
    for entry in walker.types(types).filter_entry(is_open).build() {
        let entry = entry.map_err(problem)?;
        if entry.file_type().is_some_and(|kind| kind.is_file()) {
            files.push(entry.into_path());
        }
    }
    let refused = refused.lock().unwrap_or_else(PoisonError::into_inner).take();
    refused.map_or(Ok(files), Err)
}

/// Looks at the files in a folder that say which others are passed over: they are read with the folder.
fn ignore_files(folder: &Path) -> Result<(), Diagnostic> {
    [".ignore", ".gitignore"].into_iter().try_for_each(|name| {
        let path = folder.join(name);
        if path.is_dir() || !path.exists() { Ok(()) } else { regular(&path, MAX_IGNORE_BYTES) }
    })
}

fn stdin_input(text: String, rules: Option<&Path>) -> Input {
    let root = rules.map_or_else(|| std::env::current_dir().unwrap_or_default(), Path::to_owned);
    Input { shown: "<stdin>".to_owned(), path: None, module: "<stdin>".to_owned(), root, text }
}

/// Reads standard input, as [`read_file`] reads a file.
///
/// # Errors
/// When it cannot be read, is too large, or is not UTF-8.
pub fn read_stdin(limit: u64) -> Result<String, Diagnostic> {
    read_text(std::io::stdin().lock(), "<stdin>", limit)
}

fn read_input(root: &Path, path: &Path) -> Result<Input, Diagnostic> {
    let text = read_file(path, MAX_BYTES)?;
    let input = Input {
        shown: display(path),
        path: Some(path.to_owned()),
        module: module_name(root, path),
        root: root.to_owned(),
        text,
    };
    Ok(input)
}

/// Reads a UTF-8 file of at most `limit` bytes that the user did not name. A pipe or a device may never
/// end, and is refused.
///
/// # Errors
/// When it is no regular file, cannot be read, is too large, or is not UTF-8.
pub fn read_found(path: &Path, limit: u64) -> Result<String, Diagnostic> {
    regular(path, limit)?;
    read_file(path, limit)
}

/// Whether there is a regular file of at most `limit` bytes.
fn regular(path: &Path, limit: u64) -> Result<(), Diagnostic> {
    let shown = display(path);
    let refused = |why: &str| Err(Diagnostic::new(Code::UNREADABLE_FILE, format!("`{shown}` {why}")));
    match path.metadata() {
        Err(error) => refused(&format!("cannot be read: {}", plain(&error))),
        Ok(about) if about.is_dir() => refused("is a folder"),
        Ok(about) if !about.is_file() => refused("is not a regular file"),
        Ok(about) if about.len() > limit => Err(too_large(&shown, limit)),
        Ok(_) => Ok(()),
    }
}

fn too_large(shown: &str, limit: u64) -> Diagnostic {
    let message = format!("`{shown}` is larger than {} MiB", limit / 1024 / 1024);
    Diagnostic::new(Code::FILE_TOO_LARGE, message).help("split it into several files")
}

/// Reads a UTF-8 file of at most `limit` bytes.
///
/// # Errors
/// When it cannot be read, is too large, or is not UTF-8.
pub fn read_file(path: &Path, limit: u64) -> Result<String, Diagnostic> {
    let shown = display(path);
    let unreadable = |error: std::io::Error| {
        Diagnostic::new(Code::UNREADABLE_FILE, format!("`{shown}` cannot be read: {}", plain(&error)))
    };
    let file = File::open(path).map_err(unreadable)?;
    if file.metadata().map_err(unreadable)?.is_dir() {
        return Err(Diagnostic::new(Code::UNREADABLE_FILE, format!("`{shown}` is a folder")));
    }
    read_text(file, &shown, limit)
}

fn read_text(source: impl Read, shown: &str, limit: u64) -> Result<String, Diagnostic> {
    let mut bytes = Vec::new();
    source.take(limit + 1).read_to_end(&mut bytes).map_err(|error| {
        Diagnostic::new(Code::UNREADABLE_FILE, format!("`{shown}` cannot be read: {}", plain(&error)))
    })?;
    if bytes.len() as u64 > limit {
        return Err(too_large(shown, limit));
    }
    String::from_utf8(bytes).map_err(|error| {
        let valid = error.utf8_error().valid_up_to();
        let line = error.as_bytes().iter().take(valid).filter(|byte| **byte == b'\n').count() + 1;
        let message = format!("`{shown}` is not UTF-8: line {line} has a byte that cannot stand there");
        Diagnostic::new(Code::NOT_UTF8, message).help("save the file as UTF-8")
    })
}

/// What went wrong, without the number of the error. What is no error of the system is in our own words.
#[must_use]
pub fn plain(error: &std::io::Error) -> String {
    let text = error.to_string();
    if error.get_ref().is_some() {
        return text;
    }
    let end = text.find(" (os error").unwrap_or(text.len());
    text.get(..end).unwrap_or(&text).to_lowercase()
}

/// `a.b` for `a/b.caveat` below the root.
fn module_name(root: &Path, path: &Path) -> String {
    let absolute = |path: &Path| std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let (root, path) = (absolute(root), absolute(path).with_extension(""));
    let below = path.strip_prefix(&root).unwrap_or(&path);
    let parts = below.components().filter_map(|component| match component {
        Component::Normal(part) => Some(part.to_string_lossy().into_owned()),
        _ => None,
    });
    parts.collect::<Vec<_>>().join(".")
}

/// The file of a module below a root.
#[must_use]
pub fn module_path(root: &Path, module: &str) -> PathBuf {
    let mut path = root.to_owned();
    path.extend(module.split('.'));
    path.as_mut_os_string().push(format!(".{EXTENSION}"));
    path
}
