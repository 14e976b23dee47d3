//! What the analyzer keeps is what it would find anew: after every change of random files, all that is known is the
//! same as what an analyzer knows that sees them for the first time.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a helper of a test ends the test"
)]

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::rc::Rc;

use caveat_analysis::{Analysis, Analyzer, Found, Modules, Source, State};
use caveat_diag::render::{Format, render};
use caveat_diag::{Code, Diagnostic, FileId, Span};
use proptest::prelude::*;

/// What a module's file holds: a text, nothing, or what cannot be read.
#[derive(Debug, Clone, PartialEq)]
enum OnDisk {
    Text(String),
    Nothing,
    Unreadable,
}

/// Modules that change.
#[derive(Debug, Clone, Default)]
struct Disk(Rc<RefCell<BTreeMap<String, OnDisk>>>);

impl Modules for Disk {
    fn find(&self, module: &str, _: &Path) -> Result<Option<Found>, Diagnostic> {
        match self.0.borrow().get(module) {
            Some(OnDisk::Text(text)) => {
                Ok(Some(Found { shown: format!("disk/{module}.caveat"), text: text.clone() }))
            }
            Some(OnDisk::Nothing) | None => Ok(None),
            Some(OnDisk::Unreadable) => Err(Diagnostic::new(Code::UNREADABLE_FILE, "it is locked")),
        }
    }
}

/// The given files and the modules that they may use.
const NAMES: [&str; 4] = ["a", "b", "c", "d"];
const MODULES: [&str; 3] = ["m", "n", "a"];

/// A bulletin with one of many things in it.
fn bulletin(id: usize, flavour: usize) -> String {
    let platform = ["windows-2000 server", "own", "shared", "windows-2000 server"][flavour % 4];
    let requires = [
        "hotfix KB1",
        "hotfix KB1 or not hotfix KB1",
        "component c",
        "with('HKLM\\SOFTWARE\\A')",
        "hotfix",
        "platform shared or with('HKLM\\SOFTWARE\\B')",
    ][flavour % 6];
    let supersedes = ["", "\n    supersedes TEST-1", "\n    supersedes TEST-2, TEST-9"][flavour % 3];
    let floor = ["5.0.2195.6870", "5.0.2195.6000", "5.0.2195.x"][(flavour / 2) % 3];
    let allow = ["", "// caveat:allow(CAV0804) so be it\n        "][flavour % 2];
    format!(
        "bulletin TEST-{id} {{
    title     \"Test\"
    kb        {}
    published 2004-02-1{}
    severity  low{supersedes}

    vulnerability CVE-2004-000{} {{ severity low }}

    package \"P\" {{
        for     {platform}
        {allow}requires {requires}
        file    '%SystemRoot%\\System32\\wins.exe' fixed in {floor}
    }}
}}
",
        100 + flavour % 3,
        flavour % 10,
        flavour % 3,
    )
}

/// A file with definitions and bulletins.
fn text(seed: usize) -> String {
    let uses = [
        "use std.windows\n",
        "use std.windows\nuse m\n",
        "use m\nuse n\n",
        "use a\nuse std.windows\nuse m\n",
    ];
    let definitions = [
        "",
        "platform own {\n    version 5.0\n    build 2195\n}\n",
        "platform own {\n    version 5.0\n    build x\n}\ncomponent c = hotfix KB2\n",
        "component c = hotfix KB3\ncondition with(key) = registry key or registry key value A exists\n",
        "condition with(key) = registry key and\n",
        "summary TEST-8 {\n    title \"All\"\n    published 2004-02-10\n    includes TEST-1, TEST-2, TEST-7\n}\n",
    ];
    let first = bulletin(seed % 4, seed / 3);
    let second = if seed % 5 < 3 { bulletin(4 + seed % 7, seed / 5) } else { String::new() };
    format!("{}\n{}\n{first}\n{second}", uses[seed % 4], definitions[(seed / 4) % 6])
}

fn module(seed: usize) -> OnDisk {
    let texts = [
        "use std.windows\nplatform shared {\n    version 5.0\n    when platform windows-2000\n}\ncomponent c = hotfix KB4\n",
        "platform shared {\n    version 5.1\n}\ncondition with(key) = registry key\n",
        "use n\nplatform shared {\n    version 5.q\n}\n",
        "use m\ncondition with(key) = registry key value B exists\nplatform other { version 5.2 }\n",
        "component c = hotfix KB5\n}\n",
    ];
    match seed % 8 {
        5 => OnDisk::Nothing,
        6 => OnDisk::Unreadable,
        other => OnDisk::Text(texts[other % 5].to_owned()),
    }
}

/// A change: of a given file (none takes it away), or of a module on disk.
#[derive(Debug, Clone)]
enum Change {
    File(usize, Option<usize>),
    Module(usize, usize),
}

fn changes() -> impl Strategy<Value = Vec<Change>> {
    let change = prop_oneof![
        4 => (0..NAMES.len(), prop::option::weighted(0.85, 0..1000usize)).prop_map(|(at, seed)| Change::File(at, seed)),
        1 => (0..MODULES.len(), 0..1000usize).prop_map(|(at, seed)| Change::Module(at, seed)),
    ];
    prop::collection::vec(change, 1..12)
}

fn source(name: &str, text: String) -> Source {
    Source { shown: format!("{name}.caveat"), module: name.to_owned(), root: "/rules".into(), text }
}

/// All that is known, by the names of the files.
fn known(analysis: &Analysis) -> BTreeSet<String> {
    let place = |span: Span| analysis.sources().location(span).unwrap().to_string();
    let mut all = BTreeSet::new();
    for (_, file) in analysis.files() {
        let name = file.module().source().name();
        all.insert(format!(
            "{name}: {}",
            render(file.diagnostics(), analysis.sources(), Format::Human { color: false })
        ));
        for entry in file.entries() {
            all.insert(format!("{} {} {}", place(entry.span), entry.id, entry.state == State::Checked));
        }
        for one in file.references() {
            let homes: Vec<String> = analysis.definitions_of(one).into_iter().map(place).collect();
            all.insert(format!("{} {} {} {homes:?}", place(one.span), one.kind.as_str(), one.name));
        }
        for one in file.definitions() {
            all.insert(format!("{} {} {}", place(one.span), one.kind.as_str(), one.name));
        }
        all.insert(format!("{name}: {}", serde_json::to_string(file.checked().rules()).unwrap()));
    }
    let merged = analysis.merged().expect("what is sound by itself is sound together");
    all.insert(serde_json::to_string(merged.rules()).unwrap());
    all
}

#[derive(Default)]
struct Files(BTreeMap<usize, (FileId, usize)>);

impl Files {
    fn carry_out(&mut self, analyzer: &mut Analyzer<'_, Disk>, disk: &Disk, change: &Change) {
        match change {
            Change::File(at, Some(seed)) => match self.0.get_mut(at) {
                Some((id, before)) => {
                    *before = *seed;
                    analyzer.set(*id, text(*seed));
                }
                None => {
                    let id = analyzer.add(source(NAMES[*at], text(*seed)));
                    self.0.insert(*at, (id, *seed));
                }
            },
            Change::File(at, None) => {
                if let Some((id, _)) = self.0.remove(at) {
                    analyzer.remove(id);
                }
            }
            Change::Module(at, seed) => {
                disk.0.borrow_mut().insert(MODULES[*at].to_owned(), module(*seed));
                analyzer.forget_modules();
            }
        }
    }

    fn anew(&self, disk: &Disk) -> Analysis {
        let mut analyzer = Analyzer::new(disk.clone());
        for (at, (_, seed)) in &self.0 {
            let _ = analyzer.add(source(NAMES[*at], text(*seed)));
        }
        analyzer.analysis()
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn what_is_kept_is_what_is_found_anew(changes in changes()) {
        let disk = Disk::default();
        let mut analyzer = Analyzer::new(disk.clone());
        let mut files = Files::default();
        for change in &changes {
            files.carry_out(&mut analyzer, &disk, change);
            let (kept, anew) = (known(&analyzer.analysis()), known(&files.anew(&disk)));
            let differing: Vec<&String> = kept.symmetric_difference(&anew).collect();
            prop_assert!(differing.is_empty(), "{differing:#?}");
        }
    }
}
