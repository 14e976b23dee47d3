//! The structure that ARCHITECTURE.md promises: who depends on whom, who touches the outside, and
//! how large things get.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a helper of a test ends the test"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::process::Command;

use caveat_tests::rules::{below, files_below, read, root};
use serde_json::Value;

const MAX_FILE: usize = 600;
const MAX_FUNCTION: usize = 80;

/// What each crate may depend on, of ours. Back ends have a rule of their own.
const ALLOWED: [(&str, &[&str]); 16] = [
    ("caveat-diag", &[]),
    ("caveat-document", &["diag"]),
    ("caveat-runtime", &[]),
    ("caveat-syntax", &["diag"]),
    ("caveat-ir", &["diag", "runtime"]),
    ("caveat-sema", &["diag", "ir", "syntax"]),
    ("caveat-logic", &["ir", "runtime"]),
    ("caveat-lint", &["diag", "ir", "logic"]),
    ("caveat-analysis", &["diag", "ir", "lint", "sema", "syntax"]),
    ("caveat-eval", &["diag", "document", "ir", "runtime"]),
    ("caveat-windows", &["runtime"]),
    ("caveat-backend", &["diag", "ir"]),
    ("caveat-plugin", &["backend", "diag", "ir"]),
    ("caveat-driver", &["analysis", "backend", "diag", "document", "ir", "logic", "plugin", "sema"]),
    ("caveat-powershell-interpreter", &[]),
    ("caveat-macros", &["backend-rust", "diag", "driver", "sema"]),
];
/// What a back end may depend on.
const ALLOWED_TO_BACKENDS: &[&str] = &["backend", "diag", "ir"];
/// Crates that may depend on everything.
const FRONT_DOORS: [&str; 5] = ["caveat", "caveat-testkit", "caveat-tests", "rule-repository", "scanner"];
/// What may touch files, the environment and processes.
const OUTSIDE: [&str; 6] = [
    "crates/caveat/",
    "crates/caveat-driver/",
    "crates/caveat-macros/",
    "crates/caveat-plugin/src/serve.rs",
    "crates/caveat-testkit/",
    "crates/caveat-windows/src/live.rs",
];

/// Direct dependencies of every package of the workspace, those for tests left out.
fn dependencies() -> BTreeMap<String, BTreeSet<String>> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let arguments = ["metadata", "--format-version", "1", "--no-deps", "--offline"];
    let output = Command::new(cargo).args(arguments).current_dir(root()).output().expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("cargo writes JSON");
    let name = |value: &Value| value["name"].as_str().expect("a package has a name").to_owned();
    let of = |package: &Value| {
        let all = package["dependencies"].as_array().expect("a package has dependencies").iter();
        all.filter(|dependency| dependency["kind"] != "dev").map(name).collect()
    };
    let packages = metadata["packages"].as_array().expect("a workspace has packages").iter();
    packages.map(|package| (name(package), of(package))).collect()
}

fn is_backend(package: &str) -> bool {
    package.starts_with("caveat-backend-")
}

/// What a package may depend on; nothing when it may depend on everything.
fn allowed(package: &str) -> Option<&'static [&'static str]> {
    if FRONT_DOORS.contains(&package) {
        return None;
    }
    let listed = ALLOWED.iter().find(|(name, _)| *name == package).map(|(_, allowed)| *allowed);
    let listed = listed.or_else(|| is_backend(package).then_some(ALLOWED_TO_BACKENDS));
    Some(listed.unwrap_or_else(|| panic!("`{package}` is new: say here what it may depend on")))
}

#[test]
fn dependencies_point_one_way() {
    for (package, dependencies) in dependencies() {
        let Some(allowed) = allowed(&package) else { continue };
        let ours = dependencies.iter().filter_map(|dependency| dependency.strip_prefix("caveat-"));
        let wrong: Vec<&str> = ours.filter(|dependency| !allowed.contains(dependency)).collect();
        assert!(wrong.is_empty(), "`{package}` must not depend on {wrong:?}");
        assert!(!dependencies.contains("caveat"), "`{package}` must not depend on the command");
    }
}

/// A scanner that takes generated code pays for what it needs.
#[test]
fn the_runtime_depends_on_regular_expressions_only() {
    let dependencies = &dependencies()["caveat-runtime"];
    let names: Vec<&str> = dependencies.iter().map(String::as_str).collect();
    assert_eq!(names, ["regex", "schemars", "serde"], "serde and schemars are features");
}

#[test]
fn only_the_syntax_knows_nom() {
    for (package, dependencies) in dependencies() {
        let knows = dependencies.contains("nom") || dependencies.contains("nom_locate");
        assert_eq!(knows, package == "caveat-syntax", "`{package}`");
    }
}

/// All source files of the crates and back ends: path below the root, and text.
fn sources() -> Vec<(String, String)> {
    let folders = ["crates", "backends"].map(|folder| files_below(&root().join(folder), "rs"));
    let files: Vec<PathBuf> = folders.into_iter().flatten().collect();
    assert!(files.len() > 50, "the sources were not found");
    files.iter().map(|file| (below(file, root()), read(file))).collect()
}

/// Source files that become part of a library or program.
fn modules() -> impl Iterator<Item = (String, String)> {
    sources().into_iter().filter(|(path, _)| path.contains("/src/"))
}

/// The lines of code, without comments and unit tests.
fn code(text: &str) -> impl Iterator<Item = &str> {
    let shipped = text.split("#[cfg(test)]\nmod ").next().unwrap_or(text);
    shipped.lines().filter(|line| !line.trim_start().starts_with("//"))
}

#[test]
fn only_the_driver_and_the_command_touch_the_outside() {
    let outside = ["std::fs", "std::env", "std::process", "std::net", "SystemTime", "Instant::now"];
    for (path, text) in modules().filter(|(path, _)| !OUTSIDE.iter().any(|front| path.starts_with(front))) {
        let found = code(&text).find(|line| outside.iter().any(|what| line.contains(what)));
        assert_eq!(found, None, "{path}");
    }
}

#[test]
fn only_the_command_and_plugins_print() {
    let printing = ["print!(", "println!(", "eprint!(", "eprintln!(", "dbg!(", "stdout()", "stderr()"];
    let prints = ["crates/caveat/", "crates/caveat-plugin/src/serve.rs"];
    for (path, text) in modules().filter(|(path, _)| !prints.iter().any(|one| path.starts_with(one))) {
        let found = code(&text).find(|line| printing.iter().any(|what| line.contains(what)));
        assert_eq!(found, None, "{path}");
    }
}

/// Modules of the driver that import each other.
const CIRCLES: [&[&str]; 2] = [
    &["crates/caveat-driver/src/build", "crates/caveat-driver/src/lock"],
    &["crates/caveat-driver/src/plugin/receive", "crates/caveat-driver/src/plugin/settle"],
];

/// The file of a module without its ending: `crates/caveat-lint/src/lints/mod` is `crates/caveat-lint/src/lints`.
fn module(path: &str) -> &str {
    let stem = path.strip_suffix(".rs").unwrap_or(path);
    ["/mod", "/lib", "/main"].iter().find_map(|end| stem.strip_suffix(end)).unwrap_or(stem)
}

/// The modules that one imports, as far as they are not around it, nor in it.
fn imported<'m>(own: &str, text: &str, all: &BTreeMap<&'m str, &str>) -> BTreeSet<&'m str> {
    let root = own.split_inclusive("/src").next().unwrap_or(own);
    let paths = regex::Regex::new(r"\b(crate|(?:super::)*super)((?:::[a-z_]+)*)").expect("it is one");
    let is_about = |one: &str, other: &str| one == other || one.starts_with(&format!("{other}/"));
    let lines = text.replace("#[cfg(doc)]\nuse ", "// ");
    let text: String = code(&lines).collect::<Vec<_>>().join("\n");
    let mut found = BTreeSet::new();
    for path in paths.captures_iter(&text) {
        let above = path[1].matches("super").count();
        let base = if above == 0 {
            Some(root)
        } else {
            (0..above).try_fold(own, |at, _| Some(at.rsplit_once('/')?.0))
        };
        let mut at = base.unwrap_or(root).to_owned();
        for step in path[2].split("::").skip(1) {
            let next = format!("{at}/{step}");
            if !all.contains_key(next.as_str()) {
                break;
            }
            at = next;
        }
        let known = all.get_key_value(at.as_str()).map(|(module, _)| *module);
        found.extend(known.filter(|other| !is_about(own, other) && !is_about(other, own)));
    }
    found
}

#[test]
fn modules_import_each_other_one_way() {
    let sources: Vec<(String, String)> = modules().collect();
    let all: BTreeMap<&str, &str> =
        sources.iter().map(|(path, text)| (module(path), text.as_str())).collect();
    let imports: BTreeMap<&str, BTreeSet<&str>> =
        all.iter().map(|(own, text)| (*own, imported(own, text, &all))).collect();
    assert!(
        imports["crates/caveat-logic/src/world"].contains("crates/caveat-logic/src/ties"),
        "imports are seen"
    );
    assert!(imports["crates/caveat-lint/src/lints/misplaced_key"].contains("crates/caveat-lint/src/context"));
    for start in all.keys() {
        let (mut open, mut seen) = (vec![*start], BTreeSet::new());
        while let Some(at) = open.pop() {
            let next = imports[at].iter().filter(|next| seen.insert(**next));
            open.extend(next.copied());
        }
        let known = CIRCLES.iter().any(|circle| circle.contains(start));
        assert!(known || !seen.contains(start), "`{start}` comes to import itself, by way of {seen:?}");
    }
}

#[test]
fn every_module_says_what_it_is() {
    for (path, text) in modules() {
        assert!(text.starts_with("//! "), "{path} does not begin with `//!`");
    }
}

#[test]
fn files_stay_small() {
    for (path, text) in sources() {
        let lines = text.lines().count();
        assert!(lines <= MAX_FILE, "{path} has {lines} lines, more than {MAX_FILE}");
    }
}

/// Whether a function begins on this line.
fn begins_function(line: &str) -> bool {
    let mut rest = line.trim_start();
    for modifier in ["pub ", "pub(crate) ", "pub(super) ", "const ", "async "] {
        rest = rest.strip_prefix(modifier).unwrap_or(rest);
    }
    rest.starts_with("fn ")
}

/// The functions of a file as rustfmt lays them out: where each begins, and its number of lines.
fn functions(text: &str) -> Vec<(usize, usize)> {
    let lines: Vec<&str> = text.lines().collect();
    let indent = |line: &str| line.len() - line.trim_start().len();
    let starts = lines.iter().enumerate().filter(|(_, line)| begins_function(line));
    let length = |(start, first): (usize, &&str)| {
        let ends = |line: &str| indent(line) == indent(first) && line.ends_with(['}', ';']);
        let length = lines[start..].iter().take_while(|line| !ends(line)).count() + 1;
        (start + 1, length)
    };
    starts.map(length).collect()
}

#[test]
fn functions_stay_small() {
    let mut lengths = Vec::new();
    for (path, text) in sources() {
        for (line, length) in functions(&text) {
            assert!(length <= MAX_FUNCTION, "{path}:{line}: {length} lines, more than {MAX_FUNCTION}");
            lengths.push(length);
        }
    }
    assert!(lengths.len() > 500, "the functions were not found: {}", lengths.len());
    lengths.sort_unstable();
    let median = lengths[lengths.len() / 2];
    assert!(median <= 12, "half of the functions have {median} lines or more");
}

#[test]
fn the_embedded_standard_library_is_the_one_in_the_repository() {
    let rules = root().join("rules");
    let files = files_below(&rules.join("std"), "caveat");
    let module = |path: &PathBuf| below(&path.with_extension(""), &rules).replace('/', ".");
    let there: BTreeMap<String, String> = files.iter().map(|path| (module(path), read(path))).collect();
    let embedded = caveat_analysis::STANDARD_LIBRARY.iter();
    let embedded: BTreeMap<String, String> =
        embedded.map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
    assert_eq!(there.keys().collect::<Vec<_>>(), embedded.keys().collect::<Vec<_>>());
    assert!(there == embedded, "the texts differ");
}
