//! Platform items, and references to them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use caveat_diag::{Code, Diagnostic, FileId, Span};
use caveat_ir::rule::{Knowledge, NumberLine, OsFacts, Platform, PlatformId, SelectorId};
use caveat_ir::value::{Architecture, FileVersion, Language, NumberSet};
use caveat_ir::{Placed, PlacedList};
use caveat_syntax::ast::{self, Modifier, PlatformDef, PlatformFact, PlatformRef, Word};

use crate::entries::Entry;
use crate::lower::Lowering;
use crate::module::Module;
use crate::references::Kind;
use crate::table::Broken;

impl Lowering<'_> {
    /// Lowers the platforms of the current module, but for those that are `known` to be broken, and adds
    /// those to `broken` that turn out to be. Their `when` conditions come later.
    pub(crate) fn platforms(&mut self, known: &Broken, broken: &mut Broken) -> Vec<PlatformId> {
        let Some(module) = self.current() else { return Vec::new() };
        let first = self.builder.rules.platforms.len();
        for definition in module.definitions.platforms(module.tree()) {
            let place = definition.name.span;
            let entry = if known.contains(&place) {
                Entry { place, base: None, editions: BTreeMap::new() }
            } else {
                let before = self.reporter.harm();
                let entry = self.platform(definition);
                broken.extend((self.reporter.harm() > before).then_some(place));
                entry
            };
            let entries = Arc::make_mut(&mut self.platforms);
            entries.entry(self.module).or_default().insert(definition.name.text.clone(), entry);
        }
        let ids = (0..).map(PlatformId).skip(first);
        ids.take(self.builder.rules.platforms.len() - first).collect()
    }

    /// Lowers the `when` conditions of the current module's platforms.
    pub(crate) fn platform_conditions(&mut self, known: &Broken, broken: &mut Broken) {
        let Some(module) = self.current() else { return };
        let platforms = module.definitions.platforms(module.tree());
        for definition in platforms.filter(|one| !known.contains(&one.name.span)) {
            let before = self.reporter.harm();
            self.conditions_of_platform(definition);
            broken.extend((self.reporter.harm() > before).then_some(definition.name.span));
        }
    }

    fn conditions_of_platform(&mut self, definition: &PlatformDef) {
        let Some(entry) = self.entry(self.module, &definition.name.text).cloned() else { return };
        if let Some(id) = entry.base {
            self.platform_when(id, &definition.facts);
        }
        for edition in &definition.editions {
            if let Some((_, id)) = entry.editions.get(&edition.name.text) {
                self.platform_when(*id, &definition.facts);
                self.platform_when(*id, &edition.facts);
            }
        }
    }

    fn platform_when(&mut self, id: PlatformId, facts: &[PlatformFact]) {
        for fact in facts {
            if let PlatformFact::When(expr) = fact
                && let Some(condition) = self.expr(expr)
                && let Some(platform) = self.builder.rules.platforms.get_mut(id.0 as usize)
            {
                platform.facts.when.push(condition);
            }
        }
    }

    fn entry(&self, module: FileId, name: &str) -> Option<&Entry> {
        self.platforms.get(&module)?.get(name)
    }

    fn platform(&mut self, definition: &PlatformDef) -> Entry {
        let place = definition.name.span;
        let blank = Platform {
            name: definition.name.text.clone(),
            edition: None,
            title: definition.name.text.clone(),
            cpe: None,
            facts: OsFacts::default(),
            known: Knowledge::default(),
            origin: place.into(),
        };
        let mut base = self.platform_facts(blank, &definition.facts);
        let mut editions = BTreeMap::new();
        let mut edition_items = Vec::new();
        for edition in &definition.editions {
            let mut blank = base.clone();
            blank.edition = Some(edition.name.text.clone());
            blank.origin = edition.name.span.into();
            let lowered = self.platform_facts(blank, &edition.facts);
            edition_items.push((&edition.name, lowered));
        }
        if base.known.numbering.is_empty() {
            base.known.numbering = together(edition_items.iter().map(|(_, edition)| &edition.known));
        }
        let base = self.builder.add_platform(base);
        for (name, edition) in edition_items {
            let id = self.builder.add_platform(edition);
            if editions.insert(name.text.clone(), (name.span, id)).is_some() {
                let message = format!("the edition `{}` is defined twice", name.text);
                self.report(
                    Diagnostic::new(Code::DUPLICATE_DEFINITION, message).at(name.span, "defined again here"),
                );
            }
        }
        Entry { place, base: Some(base), editions }
    }

    fn platform_facts(&mut self, mut platform: Platform, facts: &[PlatformFact]) -> Platform {
        let (os, known) = (&mut platform.facts, &mut platform.known);
        for fact in facts {
            match fact {
                PlatformFact::Title(title) => {
                    let english = title.language.as_ref().is_none_or(|language| language.text == "en");
                    if english {
                        platform.title.clone_from(&title.text.value);
                    }
                }
                PlatformFact::Cpe(cpe) => platform.cpe = Some(cpe.value.clone()),
                PlatformFact::Family(word) => os.family = self.listed(word).or(os.family),
                PlatformFact::Version(version) => os.version = self.word(version).or(os.version),
                PlatformFact::Build(range) => os.builds = self.number_range(range, "a build number"),
                PlatformFact::Type(words) => os.types = Some(self.listed_set(words)),
                PlatformFact::Architecture(words) => os.architectures = Some(self.listed_set(words)),
                PlatformFact::Suite { name, without: false } => {
                    os.suites.insert(name.value.clone());
                }
                PlatformFact::Suite { name, without: true } => {
                    os.without_suites.insert(name.value.clone());
                }
                PlatformFact::ServicePacks(range) => {
                    known.service_packs = self.number_range(range, "a service pack");
                }
                PlatformFact::Numbered(lines) => {
                    known.numbering = lines.iter().filter_map(|line| self.number_line(line)).collect();
                }
                PlatformFact::Always { folder, names } => {
                    known.always.extend(names.iter().filter_map(|name| self.file_in(folder, name)));
                }
                PlatformFact::When(_) | PlatformFact::Error => {}
            }
        }
        platform
    }

    fn number_line(&mut self, line: &ast::NumberLine) -> Option<NumberLine> {
        let numbers: FileVersion = self.word(&line.numbers)?;
        if line.numbers.text.split('.').count() != 3 {
            let message = format!("`{}` is not how files are numbered", line.numbers.text);
            let problem = Diagnostic::new(Code::MALFORMED_VERSION, message).at(line.numbers.span, "");
            self.report(problem.help("write the first three numbers of their versions: `10.0.17763`"));
            return None;
        }
        let service_packs = match &line.service_packs {
            Some(range) => Some(self.number_range(range, "a service pack")?),
            None => None,
        };
        Some(NumberLine { numbers, service_packs })
    }

    pub(crate) fn listed_set<T>(&mut self, words: &[Word]) -> BTreeSet<T>
    where
        T: Ord + std::str::FromStr<Err = caveat_ir::value::Unlisted>,
    {
        words.iter().filter_map(|word| self.listed(word)).collect()
    }

    /// Resolves references, dropping those that have a problem.
    pub(crate) fn selectors(&mut self, references: &[PlatformRef]) -> PlacedList<SelectorId> {
        let placed =
            |reference: &PlatformRef| Some(Placed::new(self.platform_ref(reference)?, reference.span));
        references.iter().filter_map(placed).collect()
    }

    /// Resolves a reference to a platform.
    pub(crate) fn platform_ref(&mut self, reference: &PlatformRef) -> Option<SelectorId> {
        let module = self.find_platform(&reference.name)?;
        let entry = self.entry(module, &reference.name.text)?.clone();
        self.record.refer(Kind::Platform, &reference.name.text, reference.name.span, entry.place);
        let Some(base) = entry.base else {
            self.reporter.lose();
            return None;
        };
        let mut narrowing = Narrowing::default();
        for modifier in &reference.modifiers {
            self.modifier(&entry, &reference.name, modifier, &mut narrowing);
        }
        let Narrowing { edition, service_packs, architectures, language } = narrowing;
        let key = (edition.unwrap_or(base), service_packs, architectures, language);
        let id = self.builder.selector(key);
        self.possible(id, reference.span);
        Some(id)
    }

    fn possible(&mut self, id: SelectorId, span: Span) {
        let Some(selector) = self.builder.rules.selector(id) else { return };
        let packs = self.builder.rules.service_packs(selector);
        if selector.service_packs.is_some() && packs.is_some_and(|packs| packs.is_empty()) {
            self.no_such_pack(id, span);
            return;
        }
        if self.builder.rules.facts(selector).is_impossible() && selector.base.is_some() {
            let title = caveat_ir::describe::platform(&self.builder.rules, id);
            let problem = Diagnostic::new(Code::IMPOSSIBLE_PLATFORM, format!("there is no {title}"));
            self.report(problem.at(span, "the platform does not come like this"));
        }
    }

    /// A platform with a service pack that it never had.
    fn no_such_pack(&mut self, id: SelectorId, span: Span) {
        let Some(selector) = self.builder.rules.selector(id) else { return };
        let base = caveat_ir::describe::platform(&self.builder.rules, selector.base.unwrap_or(id));
        let real = self.builder.rules.known(selector).and_then(|known| known.service_packs.clone());
        let ends = real.and_then(|real| Some((real.first()?, real.ranges().last()?.1)));
        let Some((first, last)) = ends else { return };
        let asked = selector.service_packs.as_ref().is_some_and(|packs| packs.contains(0));
        let message = if asked {
            format!("{base} was never without a service pack")
        } else {
            format!("{base} never had such a service pack")
        };
        let known = match (first, last) {
            (0, 0) => "it had none".to_owned(),
            (0, last) => format!("its last one was {last}"),
            (first, last) if first == last => format!("it came with {first}, and had no other"),
            (first, last) => format!("it came with {first}, and its last one was {last}"),
        };
        let help = match (first, last) {
            (0, 0) => "leave the service pack out".to_owned(),
            (first, last) if first == last => format!("write `sp {first}`, or leave the service pack out"),
            (first, last) => format!("write `sp {first}` to `sp {last}`, or leave the service pack out"),
        };
        let problem = Diagnostic::new(Code::NO_SUCH_SERVICE_PACK, message).at(span, known);
        self.report(problem.help(help));
    }

    fn modifier(&mut self, entry: &Entry, name: &Word, modifier: &Modifier, narrowing: &mut Narrowing) {
        match modifier {
            Modifier::ServicePack(range) => {
                narrowing.service_packs = self.number_range(range, "a service pack");
            }
            Modifier::Language(language) => narrowing.language = self.word(language),
            Modifier::Word(word) => {
                let edition = entry.editions.get(&word.text).copied();
                match (edition, word.text.parse::<Architecture>()) {
                    (Some((place, edition)), _) => {
                        self.record.refer(Kind::Edition, &word.text, word.span, place);
                        narrowing.edition = Some(edition);
                    }
                    (None, Ok(architecture)) => {
                        narrowing.architectures.get_or_insert_default().insert(architecture);
                    }
                    (None, Err(_)) => self.unknown_edition(entry, name, word),
                }
            }
        }
    }

    fn unknown_edition(&mut self, entry: &Entry, name: &Word, word: &Word) {
        let editions = entry.editions.keys().map(String::as_str);
        let known: Vec<&str> = editions.chain(Architecture::WORDS.iter().copied()).collect();
        let message = format!("`{}` is neither an edition of `{}` nor an architecture", word.text, name.text);
        let problem = Diagnostic::new(Code::UNKNOWN_PLATFORM, message).at(word.span, "");
        self.report(problem.suggest(&word.text, known, word.span));
    }

    /// The module that defines a platform.
    fn find_platform(&mut self, name: &Word) -> Option<FileId> {
        let visible = self.scope.visible(self.module);
        let defines = |module: &&FileId| self.entry(**module, &name.text).is_some();
        let found: Vec<FileId> = visible.iter().filter(defines).copied().collect();
        match found.as_slice() {
            [] => {
                self.unknown_platform(name);
                None
            }
            [first, ..] if *first == self.module || found.len() == 1 => {
                self.record.used.modules.insert((self.module, *first));
                Some(*first)
            }
            [first, ..] => {
                self.ambiguous("platform", name, &found);
                Some(*first)
            }
        }
    }

    /// Whether a module that this one does not see defines it, is for those to say who know all modules.
    fn unknown_platform(&mut self, name: &Word) {
        let visible = self.scope.visible(self.module);
        let modules = self.scope.in_order().map(Module::file).filter(|module| visible.contains(module));
        let known = modules.filter_map(|module| self.platforms.get(&module)).flat_map(BTreeMap::keys);
        let problem =
            Diagnostic::new(Code::UNKNOWN_PLATFORM, format!("there is no platform `{}`", name.text));
        let known = known.map(String::as_str);
        let problem = problem.at(name.span, "").suggest(&name.text, known, name.span);
        self.report(problem);
        self.reporter.stranger(name.span, &name.text);
    }

    pub(crate) fn ambiguous(&mut self, what: &str, name: &Word, modules: &[FileId]) {
        self.record.used.modules.extend(modules.iter().map(|module| (self.module, *module)));
        let names = modules.iter().filter_map(|module| self.scope.module(*module)).map(Module::name);
        let names: Vec<String> = names.map(|name| format!("`{name}`")).collect();
        let message = format!("the {what} `{}` is defined by {}", name.text, names.join(" and by "));
        let problem = Diagnostic::new(Code::AMBIGUOUS_NAME, message).at(name.span, "");
        self.report(problem.help("use only one of these modules, or rename one of the definitions"));
    }
}

/// The number lines of all editions; none when those of one are not known.
fn together<'k>(editions: impl Iterator<Item = &'k Knowledge>) -> Vec<NumberLine> {
    let mut lines: Vec<NumberLine> = Vec::new();
    for edition in editions {
        if edition.numbering.is_empty() {
            return Vec::new();
        }
        let new = edition.numbering.iter().filter(|line| !lines.contains(line)).cloned();
        lines.extend(new.collect::<Vec<_>>());
    }
    lines
}

#[derive(Default)]
struct Narrowing {
    edition: Option<PlatformId>,
    service_packs: Option<NumberSet>,
    architectures: Option<BTreeSet<Architecture>>,
    language: Option<Language>,
}
