//! The tables of files against the floors of the packages, and the floors against the tables.

use caveat_ir::rule::{Floor, FloorLanguages, Package, PackageFile, Selector};
use caveat_ir::value::{FileVersion, Language, NumberSet};

use super::check::{Findings, Subject};
use super::row::{English, Row};
use super::sheet::{Sheet, Table};

/// Compares the tables with the packages.
pub(super) fn check(subject: &Subject<'_>, sheet: &Sheet, findings: &mut Findings) {
    for table in &sheet.tables {
        for name in &table.packages {
            let found = subject.bulletin.packages.iter().any(|package| package.name == *name);
            findings.fact(format!("{}: the package `{name}`", table.line), None, found);
        }
        for platform in subject.platforms.read(&table.platforms) {
            for row in &table.rows {
                one(subject, table, &platform, row, row.but.as_deref(), findings);
            }
            for row in &table.added {
                one(subject, table, &platform, row, None, findings);
            }
        }
    }
    for package in &subject.bulletin.packages {
        surplus(subject, sheet, package, findings);
    }
}

/// What a file of a package is compared with: a row, for the hosts of a platform.
struct Wanted<'a> {
    row: &'a Row,
    on_itanium: bool,
    service_packs: NumberSet,
}

impl<'a> Wanted<'a> {
    fn new(subject: &Subject<'_>, platform: &Selector, row: &'a Row) -> Self {
        let given = subject.platforms.service_packs(platform);
        let service_packs = row.service_pack().map_or(given, |number| NumberSet::range(number, number));
        Self { row, on_itanium: subject.platforms.on_itanium(platform), service_packs }
    }

    /// Whether the file is that of the row: its name, and its place among the 32-bit copies or not.
    fn is_file(&self, file: &PackageFile) -> bool {
        let copy = file.path.folder().to_ascii_lowercase().ends_with(r"\syswow64");
        let name = file.path.file_name().eq_ignore_ascii_case(&self.row.installed(self.on_itanium));
        name && copy == self.row.is_copy(self.on_itanium)
    }

    /// Whether the floor says something of the row's hosts, branch and build.
    fn concerns(&self, floor: &Floor, version: FileVersion, language: &Language) -> bool {
        let meets = |set: &NumberSet| !set.intersection(&self.service_packs).is_empty();
        floor.service_packs.as_ref().is_none_or(meets)
            && floor.within.as_ref().is_none_or(|within| within.contains(version))
            && floor.branch.is_none_or(|branch| self.row.branch().is_none_or(|own| own == branch))
            && speaks(&floor.languages, language)
    }

    /// Whether the file's floors for hosts of this language are that of the row.
    fn holds(&self, file: &PackageFile, version: Option<FileVersion>, language: &Language) -> bool {
        let Some(known) = version.or(self.row.version) else { return file.floors.is_empty() };
        let mut floors = file.floors.iter().filter(|floor| self.concerns(floor, known, language)).peekable();
        let covers = |set: &NumberSet| self.service_packs.is_subset(set);
        match version {
            None => floors.peek().is_none(),
            Some(version) => {
                floors.peek().is_some()
                    && floors.all(|floor| {
                        floor.version == version && floor.service_packs.as_ref().is_none_or(covers)
                    })
            }
        }
    }
}

/// Whether a floor holds for hosts of this language.
fn speaks(languages: &FloorLanguages, language: &Language) -> bool {
    match languages {
        FloorLanguages::Every => true,
        FloorLanguages::Only(one) => one.covers(language),
        FloorLanguages::Otherwise(named) => !named.iter().any(|one| one.covers(language)),
    }
}

fn language(japanese: bool) -> Language {
    if japanese { "ja-JP" } else { "en-US" }.parse().expect("a language")
}

/// Compares a row, on the hosts of a platform, in both languages.
fn one(
    subject: &Subject<'_>,
    table: &Table,
    platform: &Selector,
    row: &Row,
    but: Option<&str>,
    findings: &mut Findings,
) {
    let wanted = Wanted::new(subject, platform, row);
    let mut platform = platform.clone();
    platform.service_packs = Some(wanted.service_packs.clone());
    let packages = subject.bulletin.packages.iter().filter(|package| table.packages.contains(&package.name));
    let fitting: Vec<&Package> =
        packages.filter(|package| subject.platforms.covered(&platform, &package.platforms)).collect();
    for japanese in [true, false] {
        let version = row.version_in(japanese);
        let has = |package: &&Package| {
            let mut files = package.files.iter().filter(|file| wanted.is_file(file)).peekable();
            files.peek().is_some() && files.all(|file| wanted.holds(file, version, &language(japanese)))
        };
        let holds = !fitting.is_empty() && fitting.iter().all(has);
        // A reason behind an English version is about the English files.
        let about = row.english == English::Same || !japanese;
        let line = row.line.unwrap_or(table.line);
        let shown = version.map_or_else(|| "without version".to_owned(), |version| version.to_string());
        let fact = format!("{line}: {} {shown} on {} ({})", row.file, table.platforms, language(japanese));
        findings.fact(fact, but.filter(|_| about), holds);
    }
}

/// Floors, and files without any, that no table has.
fn surplus(subject: &Subject<'_>, sheet: &Sheet, package: &Package, findings: &mut Findings) {
    let tables: Vec<&Table> =
        sheet.tables.iter().filter(|table| table.packages.contains(&package.name)).collect();
    let rows: Vec<(Selector, &Row)> = tables
        .iter()
        .flat_map(|table| {
            let rows = table.rows.iter().chain(&table.added);
            let platforms = subject.platforms.read(&table.platforms);
            rows.flat_map(move |row| platforms.clone().into_iter().map(move |platform| (platform, row)))
        })
        .collect();
    let wanted: Vec<Wanted<'_>> =
        rows.iter().map(|(platform, row)| Wanted::new(subject, platform, row)).collect();
    for file in &package.files {
        let of_file: Vec<&Wanted<'_>> = wanted.iter().filter(|wanted| wanted.is_file(file)).collect();
        findings.surplus(format!("{} in `{}`", file.path, package.name), !of_file.is_empty());
        for floor in &file.floors {
            let known = of_file.iter().any(|wanted| is_floor_of(floor, wanted));
            findings.surplus(format!("{} {} in `{}`", file.path, floor.version, package.name), known);
        }
    }
}

fn is_floor_of(floor: &Floor, wanted: &Wanted<'_>) -> bool {
    let in_language = |japanese: bool| {
        let Some(version) = wanted.row.version_in(japanese) else { return false };
        floor.version == version && wanted.concerns(floor, version, &language(japanese))
    };
    let of_branch = floor.branch.is_none() || floor.branch == wanted.row.branch();
    of_branch && (in_language(true) || in_language(false))
}
