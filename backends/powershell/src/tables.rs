//! The tables that the runtime walks: tests, formulas and platforms, each once.
//!
//! Entries refer to each other by their number in the table, counted from 0.

use std::collections::BTreeMap;

use caveat_backend::EmitBug;
use caveat_ir::rule::{OsFacts, Platform, RuleSet, SelectorId};
use caveat_ir::value::{Language, WindowsPath};
use caveat_ir::{Expr, Test};

use crate::literal::{array, quoted, table};
use crate::tests_table::{self, ranges, words};

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

    fn literal(&mut self, expr: &Expr) -> Result<String, EmitBug> {
        let (name, value) = match expr {
            Expr::All(parts) => ("All", self.literals(parts)?),
            Expr::Any(parts) => ("Any", self.literals(parts)?),
            Expr::Not(part) => ("Not", self.literal(part)?),
            Expr::Platform(id) => ("On", self.selector(*id)?.to_string()),
            Expr::Test(leaf) => ("Test", self.test(&leaf.test).to_string()),
        };
        Ok(table([(name, value)]))
    }

    fn literals(&mut self, parts: &[Expr]) -> Result<String, EmitBug> {
        let parts: Result<Vec<String>, EmitBug> = parts.iter().map(|part| self.literal(part)).collect();
        Ok(array(parts?))
    }

    fn test(&mut self, test: &Test) -> usize {
        self.tests.number(tests_table::entry(test))
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

    /// The table of platforms that formulas name.
    pub(crate) fn selectors(&self) -> Result<String, EmitBug> {
        let entry = |formula: &Option<usize>| {
            let formula = formula.ok_or_else(|| EmitBug("a platform has no formula".to_owned()))?;
            Ok(table([("Formula", formula.to_string())]))
        };
        let entries: Result<Vec<String>, EmitBug> = self.inventory.iter().map(entry).collect();
        Ok(lines(&entries?))
    }
}

/// An array with an entry a line.
pub(crate) fn lines(entries: &[String]) -> String {
    if entries.is_empty() {
        return "@()".to_owned();
    }
    format!("@(\n        {}\n    )", entries.join(",\n        "))
}

/// The platforms that host files may name, with what each implies.
pub(crate) fn platforms(rules: &RuleSet) -> String {
    let entries: Vec<String> = rules.platforms.iter().map(platform).collect();
    lines(&entries)
}

fn platform(platform: &Platform) -> String {
    let OsFacts { family, version, builds, types, suites, architectures, service_packs, language, .. } =
        &platform.facts;
    let mut fields = vec![("Name", quoted(&platform.name))];
    fields.extend(platform.edition.as_ref().map(|edition| ("Edition", quoted(edition))));
    fields.extend(family.map(|family| ("Family", quoted(family.as_str()))));
    fields.extend(version.map(|version| ("Version", quoted(&version.to_string()))));
    fields.extend(builds.as_ref().map(|builds| ("Builds", ranges(builds))));
    // An empty list implies nothing.
    fields.extend(types.as_ref().filter(|types| !types.is_empty()).map(|types| ("Types", words(types))));
    fields.extend((!suites.is_empty()).then(|| ("Suites", words(suites))));
    let architectures = architectures.as_ref().filter(|list| !list.is_empty());
    fields.extend(architectures.map(|list| ("Architectures", words(list))));
    let packs = service_packs.as_ref().or(platform.known.service_packs.as_ref());
    fields.extend(packs.map(|packs| ("ServicePacks", ranges(packs))));
    fields.extend(language.as_ref().map(|language| ("Language", quoted(language.as_str()))));
    table(fields)
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
