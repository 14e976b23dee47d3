//! Rules, compiled in this process: texts of their own, and the files of the repository.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::missing_panics_doc,
    reason = "a helper that cannot work ends the test"
)]

use std::fs;
use std::path::{Path, PathBuf};

use caveat_backend::Backend;
use caveat_diag::policy::Levels;
use caveat_diag::render::{Format, render};
use caveat_diag::{Diagnostic, SourceMap};
use caveat_driver::inputs::Input;
use caveat_driver::{Compilation, compile_for};
use serde_json::Value;

/// The folder of the repository.
#[must_use]
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the tests lie in the repository")
}

/// Compiles a text as the file `name`; modules that it uses are looked for in `folder`.
#[must_use]
pub fn compile_text(name: &str, folder: &Path, text: &str) -> Compilation {
    compile_text_for(name, folder, text, &[])
}

/// Compiles a text as the file `name` for targets.
#[must_use]
pub fn compile_text_for(name: &str, folder: &Path, text: &str, targets: &[&dyn Backend]) -> Compilation {
    compile_for(vec![input(name, folder, text)], Vec::new(), &Levels::default(), targets)
}

fn input(name: &str, folder: &Path, text: &str) -> Input {
    Input {
        shown: name.to_owned(),
        path: None,
        module: name.trim_end_matches(".caveat").to_owned(),
        root: folder.to_owned(),
        text: text.to_owned(),
    }
}

/// Compiles a text that uses nothing but the standard library.
#[must_use]
pub fn compile_alone(text: &str) -> Compilation {
    compile_alone_for(text, &[])
}

/// Compiles a text that uses nothing but the standard library, for targets.
#[must_use]
pub fn compile_alone_for(text: &str, targets: &[&dyn Backend]) -> Compilation {
    compile_text_for("rule.caveat", Path::new("/nowhere"), text, targets)
}

/// The diagnostics as people see them, without colour.
#[must_use]
pub fn rendered(diagnostics: &[Diagnostic], sources: &SourceMap) -> String {
    render(diagnostics, sources, Format::Human { color: false })
}

/// What a text means apart from where its parts stand: its syntax tree without places.
#[must_use]
pub fn tree(text: &str) -> Value {
    let file = SourceMap::new().add("tree", text);
    serde_json::to_value(caveat_syntax::parse(file, text).file).expect("a tree is JSON")
}

/// Lays a text out, if it has no errors of syntax.
#[must_use]
pub fn formatted(text: &str) -> Option<String> {
    caveat_syntax::format(SourceMap::new().add("text", text), text).ok()
}

/// All files of an extension below a folder, in order.
#[must_use]
pub fn files_below(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = fs::read_dir(&folder) else { continue };
        for path in entries.map(|entry| entry.expect("a folder can be listed").path()) {
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|other| other == extension) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// The path below `folder`, with `/`.
#[must_use]
pub fn below(path: &Path, folder: &Path) -> String {
    path.strip_prefix(folder).unwrap_or(path).to_string_lossy().replace('\\', "/")
}

/// The text of a file.
#[must_use]
pub fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
