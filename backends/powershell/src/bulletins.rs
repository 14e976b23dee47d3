//! Bulletins as entries of the script's table: cases for verdicts, packages for contradictions.

use caveat_backend::EmitBug;
use caveat_ir::meaning::{Case, Part};
use caveat_ir::rule::{Bulletin, Floor, Package, PackageFile, RatedOn, RuleSet, SelectorId, Vulnerability};
use caveat_ir::{Expr, describe};

use crate::literal::{array, quoted, table};
use crate::tables::{Tables, lines};
use crate::tests_table::intervals;

/// The entry of a bulletin.
pub(crate) fn entry(bulletin: &Bulletin, tables: &mut Tables<'_>) -> Result<String, EmitBug> {
    let cases: Vec<Case<'_>> = tables.rules().cases(bulletin).collect();
    let vulnerabilities = bulletin.vulnerabilities.iter().map(|one| {
        let cases: Vec<&Case<'_>> = cases.iter().filter(|case| case.vulnerability.id == one.id).collect();
        vulnerability(one, &cases, tables)
    });
    let vulnerabilities: Result<Vec<String>, EmitBug> = vulnerabilities.collect();
    let vulnerabilities = lines(&vulnerabilities?);
    let packages: Result<Vec<String>, EmitBug> =
        bulletin.packages.iter().map(|package| inspected(package, tables)).collect();
    let entry = [("Id", quoted(bulletin.id.as_str())), ("Title", quoted(bulletin.title()))];
    let parts = [("Vulnerabilities", vulnerabilities), ("Packages", lines(&packages?))];
    Ok(table(entry.into_iter().chain(about(bulletin, tables.rules())).chain(parts)))
}

/// What the objects of a bulletin say beside its verdict, as far as the rules know it.
fn about(bulletin: &Bulletin, rules: &RuleSet) -> impl Iterator<Item = (&'static str, String)> {
    let later = rules
        .bulletins
        .iter()
        .filter(|other| other.supersedes.iter().any(|one| one.bulletins.contains(&bulletin.id)));
    let fields = [
        ("Kb", joined(&bulletin.kb, ", ")),
        ("Url", bulletin.references.first().cloned().unwrap_or_default()),
        ("SupersededBy", joined(later.map(|other| &other.id), ", ")),
    ];
    said(fields)
}

/// The fields that have a text.
fn said<const N: usize>(fields: [(&'static str, String); N]) -> impl Iterator<Item = (&'static str, String)> {
    fields.into_iter().filter(|(_, text)| !text.is_empty()).map(|(name, text)| (name, quoted(&text)))
}

fn joined<T: ToString>(items: impl IntoIterator<Item = T>, between: &str) -> String {
    items.into_iter().map(|item| item.to_string()).collect::<Vec<_>>().join(between)
}

/// The same of a package.
fn about_package(package: &Package) -> impl Iterator<Item = (&'static str, String)> {
    let fields = [
        ("Kb", joined(&package.kb, ", ")),
        ("Restart", package.restart.map(|restart| restart.to_string()).unwrap_or_default()),
        ("Install", joined(&package.install, "; ")),
    ];
    said(fields)
}

fn vulnerability(
    vulnerability: &Vulnerability,
    cases: &[&Case<'_>],
    tables: &mut Tables<'_>,
) -> Result<String, EmitBug> {
    let ratings: Result<Vec<String>, EmitBug> =
        vulnerability.ratings.iter().map(|rated| rating(rated, tables)).collect();
    let cases: Result<Vec<String>, EmitBug> = cases.iter().map(|one| case(one, tables)).collect();
    Ok(table([
        ("Id", quoted(vulnerability.id.as_str())),
        ("Ratings", array(ratings?)),
        ("Cases", array(cases?)),
    ]))
}

fn rating(rated: &RatedOn, tables: &mut Tables<'_>) -> Result<String, EmitBug> {
    Ok(table([("Rating", quoted(rated.rating.as_str())), ("On", selectors(&rated.on, tables)?)]))
}

fn selectors(ids: &[SelectorId], tables: &mut Tables<'_>) -> Result<String, EmitBug> {
    let numbers: Result<Vec<String>, EmitBug> =
        ids.iter().map(|id| tables.selector(*id).map(|number| number.to_string())).collect();
    Ok(array(numbers?))
}

fn case(case: &Case<'_>, tables: &mut Tables<'_>) -> Result<String, EmitBug> {
    let mut entry = vec![("Package", quoted(&case.package.name))];
    for (part, formula) in case.parts() {
        entry.push((named(part), tables.formula(formula)?.to_string()));
    }
    if !case.exposure.is_empty() {
        entry.push(("Exposure", array(case.exposure.iter().map(|text| quoted(text)))));
    }
    Ok(tables.case(table(entry)).to_string())
}

/// The key of a part in the entry of a case.
fn named(part: Part) -> &'static str {
    match part {
        Part::Platform => "Platform",
        Part::Requires => "Requires",
        Part::Present => "Present",
        Part::Outdated => "Outdated",
        Part::Exposed => "Exposed",
    }
}

/// A package as far as facts may contradict each other about it.
fn inspected(package: &Package, tables: &mut Tables<'_>) -> Result<String, EmitBug> {
    let markers: Result<Vec<String>, EmitBug> =
        package.markers.iter().map(|one| marker(one, tables)).collect();
    let files: Result<Vec<String>, EmitBug> = package.files.iter().map(|one| file(one, tables)).collect();
    for file in package.versioned() {
        tables.observe(&file.path);
    }
    // The platforms of which every host has one of the files.
    let always = package.platforms.iter().copied().filter(|id| tables.rules().has_always(*id, package));
    let always: Vec<SelectorId> = always.collect();
    let outdated = tables.rules().outdated(package);
    let requires = Expr::all(package.requires.iter().cloned());
    let said = !package.markers.is_empty() && !is_of_tests(&outdated);
    let words = said.then(|| ("OutdatedWords", quoted(&describe::formula(tables.rules(), &outdated))));
    let entry = [
        ("Name", quoted(&package.name)),
        ("Reach", tables.formula(&tables.rules().reach(package))?.to_string()),
        ("Always", selectors(&always, tables)?),
        ("Requires", tables.formula(&requires)?.to_string()),
        ("Outdated", tables.formula(&outdated)?.to_string()),
        ("OwnCondition", u8::from(package.vulnerable_when.is_some()).to_string()),
        ("Markers", array(markers?)),
        ("Files", array(files?)),
    ];
    Ok(table(entry.into_iter().chain(words).chain(about_package(package))))
}

/// Whether the script can say a formula in words: those of its tests.
fn is_of_tests(formula: &Expr) -> bool {
    match formula {
        Expr::Test(_) => true,
        Expr::All(parts) | Expr::Any(parts) => parts.iter().all(is_of_tests),
        Expr::Not(_) | Expr::Platform(_) => false,
    }
}

fn marker(marker: &Expr, tables: &mut Tables<'_>) -> Result<String, EmitBug> {
    let subject = match marker {
        Expr::Test(leaf) => describe::subject(&leaf.test),
        other => describe::formula(tables.rules(), other),
    };
    Ok(table([("Formula", tables.formula(marker)?.to_string()), ("Subject", quoted(&subject))]))
}

fn file(file: &PackageFile, tables: &mut Tables<'_>) -> Result<String, EmitBug> {
    let floors: Result<Vec<String>, EmitBug> = file.floors.iter().map(|one| floor(one, tables)).collect();
    let entry = table([("Path", quoted(file.path.as_str())), ("Floors", array(floors?))]);
    Ok(tables.file(entry).to_string())
}

fn floor(floor: &Floor, tables: &mut Tables<'_>) -> Result<String, EmitBug> {
    let version = ("Version", quoted(&floor.version.to_string()));
    let guard = Some(floor.guard()).filter(|guard| *guard != Expr::all([]));
    let guard = guard.map(|guard| tables.formula(&guard)).transpose()?;
    let guard = guard.map(|number| ("Guard", number.to_string()));
    let within = floor.within.as_ref().map(|within| ("Within", intervals(within)));
    Ok(table([version].into_iter().chain(guard).chain(within)))
}
