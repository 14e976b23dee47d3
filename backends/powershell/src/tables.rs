//! The tables that the runtime walks: tests, formulas and platforms, each once.
//!
//! Entries refer to each other by their number in the table, counted from 0.

use std::collections::BTreeMap;

use caveat_backend::EmitBug;
use caveat_ir::rule::{OsFacts, Platform, RuleSet, SelectorId};
use caveat_ir::value::{Language, WindowsPath};
use caveat_ir::{Expr, Test};

use crate::literal::{array, quoted, table};
use crate::needs;
use crate::runtime::Needs;
use crate::tests_table::{self, Field, ranges, words};

/// Entries of a table, each once, by content.
#[derive(Debug, Default)]
struct Interned {
    numbers: BTreeMap<String, usize>,
    entries: Vec<String>,
}

impl Interned {
    fn number(&mut self, entry: String) -> usize {
        let next = self.entries.len();
        let number = *self.numbers.entry(entry.clone()).or_insert(next);
        if number == next {
            self.entries.push(entry);
        }
        number
    }
}

/// The tables of a script in the making.
#[derive(Debug)]
pub(crate) struct Tables<'a> {
    rules: &'a RuleSet,
    tests: Interned,
    formulas: Interned,
    cases: Interned,
    files: Interned,
    /// What the tests need of the code.
    needs: Needs,
    /// The numbers of the selectors that formulas name.
    selectors: BTreeMap<SelectorId, usize>,
    /// The formula of each selector, once it is known.
    inventory: Vec<Option<usize>>,
}

impl<'a> Tables<'a> {
    pub(crate) fn new(rules: &'a RuleSet) -> Self {
        Self {
            rules,
            tests: Interned::default(),
            formulas: Interned::default(),
            cases: Interned::default(),
            files: Interned::default(),
            needs: Needs::new(),
            selectors: BTreeMap::new(),
            inventory: Vec::new(),
        }
    }

    pub(crate) fn rules(&self) -> &'a RuleSet {
        self.rules
    }

    /// The number of a formula.
    pub(crate) fn formula(&mut self, expr: &Expr) -> Result<usize, EmitBug> {
        let literal = self.literal(expr)?;
        Ok(self.formulas.number(literal))
    }

    /// The number of a platform.
    pub(crate) fn selector(&mut self, id: SelectorId) -> Result<usize, EmitBug> {
        if let Some(number) = self.selectors.get(&id) {
            return Ok(*number);
        }
        let number = self.inventory.len();
        self.selectors.insert(id, number);
        self.inventory.push(None);
        let claim =
            self.rules.inventory(id).ok_or_else(|| EmitBug(format!("there is no platform {}", id.0)))?;
        let formula = self.formula(&claim.formula)?;
        if let Some(slot) = self.inventory.get_mut(number) {
            *slot = Some(formula);
        }
        Ok(number)
    }

    /// A test is its number; what joins or asks further is an array that begins with a word.
    fn literal(&mut self, expr: &Expr) -> Result<String, EmitBug> {
        let (word, parts) = match expr {
            Expr::All(parts) => ("all", self.literals(parts)?),
            Expr::Any(parts) => ("any", self.literals(parts)?),
            Expr::Not(part) => ("not", vec![self.literal(part)?]),
            Expr::Platform(id) => ("on", vec![self.selector(*id)?.to_string()]),
            Expr::Test(leaf) => return Ok(self.test(&leaf.test).to_string()),
        };
        Ok(array(std::iter::once(quoted(word)).chain(parts)))
    }

    fn literals(&mut self, parts: &[Expr]) -> Result<Vec<String>, EmitBug> {
        parts.iter().map(|part| self.literal(part)).collect()
    }

    fn test(&mut self, test: &Test) -> usize {
        needs::add(&mut self.needs, test);
        self.tests.number(tests_table::entry(test))
    }

    /// The number of a case, of which vulnerabilities share many.
    pub(crate) fn case(&mut self, entry: String) -> usize {
        self.cases.number(entry)
    }

    /// The number of a file of packages, with its floors.
    pub(crate) fn file(&mut self, entry: String) -> usize {
        self.files.number(entry)
    }

    /// What the rules need of the code.
    pub(crate) fn needs(&self) -> &Needs {
        &self.needs
    }

    /// Has a file collected whose version no test may ask for, as where a package is outdated by
    /// a condition of its own.
    pub(crate) fn observe(&mut self, path: &WindowsPath) {
        self.test(&Test::FileExists(path.clone()));
    }

    /// The table of tests.
    pub(crate) fn tests(&self) -> String {
        lines(&self.tests.entries)
    }

    /// The table of formulas.
    pub(crate) fn formulas(&self) -> String {
        lines(&self.formulas.entries)
    }

    /// The table of cases.
    pub(crate) fn cases(&self) -> String {
        lines(&self.cases.entries)
    }

    /// The table of files.
    pub(crate) fn files(&self) -> String {
        lines(&self.files.entries)
    }

    /// The formulas of the platforms that formulas name.
    pub(crate) fn selectors(&self) -> Result<String, EmitBug> {
        let entry = |formula: &Option<usize>| {
            let formula = formula.ok_or_else(|| EmitBug("a platform has no formula".to_owned()))?;
            Ok(formula.to_string())
        };
        let entries: Result<Vec<String>, EmitBug> = self.inventory.iter().map(entry).collect();
        Ok(array(entries?))
    }
}

/// An array with an entry a line.
pub(crate) fn lines(entries: &[String]) -> String {
    if entries.is_empty() {
        return "@()".to_owned();
    }
    // An array of one array would be that array.
    let twice = matches!(entries, [one] if one.starts_with("@("));
    let entries: Vec<&str> =
        entries.iter().chain(entries.iter().filter(|_| twice)).map(String::as_str).collect();
    format!("@(\n{}\n)", entries.join(",\n"))
}

/// The platforms that host files may name, with what each implies that these needs are for. An edition that follows
/// its platform has what differs.
pub(crate) fn platforms(rules: &RuleSet, needs: &Needs) -> String {
    let mut whole: Option<(&Platform, Vec<Field>)> = None;
    let mut entries = Vec::new();
    for platform in &rules.platforms {
        let facts = implied(platform, needs);
        let mut entry = vec![("Name", quoted(&platform.name))];
        entry.extend(platform.edition.as_ref().map(|edition| ("Edition", quoted(edition))));
        match whole.as_ref().filter(|(of, shared)| is_edition(platform, of) && overrides(&facts, shared)) {
            Some((_, shared)) => {
                entry.push(("Inherits", "1".to_owned()));
                entry.extend(facts.iter().filter(|fact| !shared.contains(fact)).cloned());
            }
            None => entry.extend(facts.iter().cloned()),
        }
        entries.push(table(entry));
        if platform.edition.is_none() {
            whole = Some((platform, facts));
        }
    }
    lines(&entries)
}

fn is_edition(platform: &Platform, of: &Platform) -> bool {
    platform.edition.is_some() && platform.name == of.name
}

/// Whether facts leave nothing as it was that they do not have.
fn overrides(facts: &[Field], shared: &[Field]) -> bool {
    shared.iter().all(|(name, _)| facts.iter().any(|(own, _)| own == name))
}

fn implied(platform: &Platform, needs: &Needs) -> Vec<Field> {
    let OsFacts { family, version, builds, types, suites, architectures, service_packs, language, .. } =
        &platform.facts;
    let needed = |word| needs.contains(word) || needs.contains("os-backed");
    let mut fields = Vec::new();
    fields.extend(family.map(|family| ("Family", quoted(family.as_str()))));
    fields.extend(version.map(|version| ("Version", quoted(&version.to_string()))));
    fields.extend(builds.as_ref().map(|builds| ("Builds", ranges(builds))));
    // An empty list implies nothing.
    let types = types.as_ref().filter(|types| !types.is_empty() && needed("product-type"));
    fields.extend(types.map(|types| ("Types", words(types))));
    fields.extend((!suites.is_empty() && needed("suite")).then(|| ("Suites", words(suites))));
    let architectures = architectures.as_ref().filter(|list| !list.is_empty());
    fields.extend(architectures.map(|list| ("Architectures", words(list))));
    let packs = service_packs.as_ref().or(platform.known.service_packs.as_ref());
    fields.extend(packs.filter(|_| needed("service-pack")).map(|packs| ("ServicePacks", ranges(packs))));
    let language = language.as_ref().filter(|_| needed("language"));
    fields.extend(language.map(|language| ("Language", quoted(language.as_str()))));
    fields
}

/// Windows' languages and their identifiers; the first of a primary language is the one that its
/// bare tag stands for.
pub(crate) fn languages() -> String {
    let regions =
        (0..=u16::MAX).filter_map(|identifier| Some((Language::from_identifier(identifier)?, identifier)));
    let mut entries: Vec<(String, bool, String, String)> = regions
        .map(|(language, identifier)| {
            let tag = language.as_str();
            let primary = tag.split('-').next().unwrap_or(tag).to_owned();
            let first = primary.parse::<Language>().ok().and_then(|bare| bare.identifier());
            (primary, first != Some(identifier), tag.to_owned(), format!("{identifier:04x}"))
        })
        .collect();
    entries.sort();
    let entry = |(_, _, tag, identifier): &(String, bool, String, String)| {
        table([("Tag", quoted(tag)), ("Id", quoted(identifier))])
    };
    lines(&entries.iter().map(entry).collect::<Vec<_>>())
}
