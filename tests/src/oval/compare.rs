//! The reference evaluator and OpenSCAP, definition by definition.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use caveat_backend::{Artifact, ArtifactRole, Backend, Fidelity, Options, Policy};
use caveat_backend_oval::Oval;
use caveat_driver::lock::Lock;
use caveat_driver::{Compilation, Target, build, compile, inputs};
use caveat_eval::{Host, evaluate};
use caveat_ir::host::HostFile;
use caveat_ir::rule::SelectorId;
use caveat_ir::{Checked, ClaimKind, Expr, Truth, describe};
use caveat_sema::Rules;
use serde_json::Value;

use super::characteristics::characteristics;
use super::definitions::Definitions;
use super::engine::analyse;

/// Rules, and the one OVAL document they were compiled to.
pub struct Subject {
    /// The rules.
    pub checked: Checked,
    /// The document.
    pub definitions: Definitions,
    /// What every definition claims, by its id.
    pub claims: BTreeMap<String, Claimed>,
    folder: PathBuf,
    document: PathBuf,
    runs: AtomicUsize,
}

/// What a definition claims.
pub struct Claimed {
    /// Its title.
    pub title: String,
    /// The bulletin; none for a platform.
    pub bulletin: Option<String>,
    /// When it is so.
    pub formula: Expr,
}

/// What both sides say of a host.
pub struct Comparison {
    /// Every definition's id, the evaluator's truth and OpenSCAP's.
    pub rows: Vec<(String, Truth, Truth)>,
    /// The system characteristics, kept when the two differ.
    pub characteristics: PathBuf,
}

/// A definition on which the two differ.
pub struct Disagreement {
    host: HostFile,
    title: String,
    id: String,
    ours: Truth,
    theirs: Truth,
    characteristics: PathBuf,
}

impl Disagreement {
    /// The definition's id.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }
}

impl fmt::Display for Disagreement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} ({})", self.title, self.id)?;
        writeln!(f, "  evaluator: {}, OpenSCAP: {}", self.ours, self.theirs)?;
        writeln!(f, "  {}", self.characteristics.display())?;
        for line in serde_yaml::to_string(&self.host).unwrap_or_default().lines() {
            writeln!(f, "  | {line}")?;
        }
        Ok(())
    }
}

/// Compiles the rules in files and folders.
#[must_use]
pub fn compiled(paths: &[PathBuf], rules: &Path) -> Compilation {
    let (given, problems) = inputs::read(paths, Some(rules));
    compile(given, problems)
}

/// The rules of a compilation that has no error.
#[must_use]
pub fn checked(compilation: Compilation) -> Checked {
    let errors = compilation.diagnostics.iter().filter(|one| one.is_error());
    let messages: Vec<&String> = errors.map(|one| &one.message).collect();
    match compilation.rules {
        Rules::Checked(checked) => checked,
        Rules::Broken(_) => panic!("the rules have errors: {messages:#?}"),
    }
}

/// The artifacts that the back end makes of rules.
#[must_use]
pub fn artifacts(rules: &Checked, options: &[(&str, &str)], lock: &Lock) -> (Vec<Artifact>, Lock) {
    let options = Options::new(&Oval.info().options, options.iter().copied()).unwrap();
    let built = build(rules, &[Target { backend: &Oval, options }], Policy::Approximate, lock);
    assert!(!built.failed, "the back end failed: {:?}", built.diagnostics);
    (built.artifacts.into_iter().map(|(_, artifact)| artifact).collect(), built.lock)
}

impl Subject {
    /// Compiles rules to one document in `folder`, where the files of comparisons go as well.
    #[must_use]
    pub fn new(checked: Checked, folder: &Path) -> Self {
        let (artifacts, _) = artifacts(&checked, &[("layout", "bundle")], &Lock::default());
        let find = |role: ArtifactRole| artifacts.iter().find(|artifact| artifact.role == role).unwrap();
        let (main, map) = (find(ArtifactRole::Main), find(ArtifactRole::Companion));
        assert_eq!(main.fidelity, Fidelity::Exact, "only exact documents can be compared");
        std::fs::create_dir_all(folder).unwrap();
        let document = folder.join("definitions.xml");
        std::fs::write(&document, &main.text).unwrap();
        let definitions = Definitions::read(&main.text);
        let claims = claims(&checked, &serde_json::from_str(&map.text).unwrap());
        let ids: Vec<&String> = definitions.definitions.keys().collect();
        assert_eq!(ids, claims.keys().collect::<Vec<_>>(), "the map covers every definition");
        let folder = folder.to_owned();
        Self { checked, definitions, claims, folder, document, runs: AtomicUsize::new(0) }
    }

    /// What both sides say of a host.
    #[must_use]
    pub fn compare(&self, file: &HostFile) -> Comparison {
        let run = self.runs.fetch_add(1, Ordering::Relaxed);
        let path = |kind: &str| self.folder.join(format!("{run}.{kind}.xml"));
        let (facts, results) = (path("facts"), path("results"));
        std::fs::write(&facts, characteristics(&self.definitions, file)).unwrap();
        let theirs = analyse(&self.document, &facts, &results);
        let (host, _) = Host::new(file, self.checked.rules());
        let row = |(id, claim): (&String, &Claimed)| {
            let ours = evaluate(self.checked.rules(), &claim.formula, &host);
            let theirs = theirs.get(id).copied().unwrap_or(Truth::NotEvaluated);
            (id.clone(), ours, theirs)
        };
        let rows: Vec<_> = self.claims.iter().map(row).collect();
        if rows.iter().all(|(_, ours, theirs)| ours == theirs) {
            let _ = std::fs::remove_file(&facts);
            let _ = std::fs::remove_file(&results);
        }
        Comparison { rows, characteristics: facts }
    }

    /// The disagreements of a comparison.
    #[must_use]
    pub fn disagreements(&self, host: &HostFile, comparison: &Comparison) -> Vec<Disagreement> {
        let rows = comparison.rows.iter().filter(|(_, ours, theirs)| ours != theirs);
        let disagreement = |(id, ours, theirs): &(String, Truth, Truth)| Disagreement {
            host: host.clone(),
            title: self.claims[id].title.clone(),
            id: id.clone(),
            ours: *ours,
            theirs: *theirs,
            characteristics: comparison.characteristics.clone(),
        };
        rows.map(disagreement).collect()
    }
}

/// Compares hosts on two threads, in the order given.
pub fn compare_all(subject: &Subject, hosts: &[HostFile]) -> Vec<Comparison> {
    let next = AtomicUsize::new(0);
    let done = Mutex::new(BTreeMap::new());
    let work = || {
        while let Some((index, host)) = {
            let index = next.fetch_add(1, Ordering::Relaxed);
            hosts.get(index).map(|host| (index, host))
        } {
            let comparison = subject.compare(host);
            done.lock().unwrap_or_else(PoisonError::into_inner).insert(index, comparison);
        }
    };
    std::thread::scope(|scope| {
        scope.spawn(work);
        scope.spawn(work);
    });
    done.into_inner().unwrap_or_else(PoisonError::into_inner).into_values().collect()
}

/// The claim behind every definition of a map.
fn claims(checked: &Checked, map: &Value) -> BTreeMap<String, Claimed> {
    let rules = checked.rules();
    let mut known: BTreeMap<[String; 4], Expr> = BTreeMap::new();
    let mut add = |key: [&str; 4], formula: Expr| {
        let before = known.insert(key.map(str::to_owned), formula);
        assert!(before.is_none(), "two claims are {key:?}");
    };
    for bulletin in &rules.bulletins {
        let id = bulletin.id.as_str();
        let mut any = Vec::new();
        for vulnerability in &bulletin.vulnerabilities {
            let cases = rules.cases(bulletin).filter(|case| case.vulnerability.id == vulnerability.id);
            let cases: Vec<Expr> = cases.map(|case| case.vulnerable()).collect();
            any.extend(cases.iter().cloned());
            add(["vulnerability", id, vulnerability.id.as_str(), ""], Expr::any(cases));
        }
        add(["vulnerability", id, "", ""], Expr::any(any));
        for claim in rules.claims(bulletin) {
            match &claim.kind {
                ClaimKind::Vulnerable(case) => add(
                    [
                        "vulnerability",
                        bulletin.id.as_str(),
                        case.vulnerability.id.as_str(),
                        &case.package.name,
                    ],
                    claim.formula,
                ),
                ClaimKind::Missing { package, .. } => {
                    add(["patch", bulletin.id.as_str(), "", &package.name], claim.formula);
                }
                ClaimKind::Inventory(_) => panic!("a bulletin claims no platforms"),
            }
        }
    }
    for index in 0..rules.selectors.len() {
        let id = SelectorId(u32::try_from(index).unwrap());
        let title = format!("{} is installed", describe::platform(rules, id));
        add(["inventory", "", "", &title], rules.inventory(id).unwrap().formula);
    }
    let claimed = |entry: &Value| {
        let text = |name: &str| entry[name].as_str().unwrap_or_default().to_owned();
        let (title, bulletin) = (text("title"), text("bulletin"));
        let key = match text("class").as_str() {
            "inventory" => ["inventory".to_owned(), String::new(), String::new(), title.clone()],
            class => [class.to_owned(), bulletin.clone(), text("cve"), text("package")],
        };
        let formula = known.get(&key).unwrap_or_else(|| panic!("no rule claims {key:?}")).clone();
        let bulletin = (!bulletin.is_empty()).then_some(bulletin);
        (text("id"), Claimed { title, bulletin, formula })
    };
    map["definitions"].as_array().unwrap().iter().map(claimed).collect()
}
