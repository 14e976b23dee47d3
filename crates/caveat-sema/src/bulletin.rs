//! Bulletins and summaries: their own facts, and the order of their parts.

use caveat_diag::{Code, Diagnostic, Span};
use caveat_ir::rule::{
    Bulletin, Expectation, Expected, LocalText, Port, Revision, RuleTest, Summary, Supersedes, Unaffected,
    Verdict, Workaround,
};
use caveat_ir::value::{BulletinId, Date, Impact, Kb, Language};
use caveat_ir::{Placed, PlacedList};
use caveat_syntax::ast::{self, BulletinStatement, Meta, Stmt, SummaryStatement, Word, WorkaroundStatement};

use crate::lower::Lowering;
use crate::names::Local;

/// What bulletins, vulnerabilities and packages have in common.
#[derive(Default)]
pub(crate) struct Facts {
    pub(crate) titles: Vec<LocalText>,
    pub(crate) kb: PlacedList<Kb>,
    pub(crate) published: Option<Placed<Date>>,
    pub(crate) revisions: Vec<Revision>,
    pub(crate) impacts: Vec<Impact>,
    pub(crate) references: Vec<String>,
    pub(crate) notes: Vec<String>,
    pub(crate) sources: Vec<String>,
    pub(crate) aliases: PlacedList<String>,
}

impl<'a> Lowering<'a> {
    pub(crate) fn bulletin(&mut self, source: &'a ast::Bulletin) {
        self.local = self.local_conditions(&source.statements);
        let local: Vec<_> = self.local.conditions().collect();
        for definition in local {
            self.check_condition(definition);
        }
        let id = self.word::<BulletinId>(&source.id);
        let lowered = id.map(|id| self.bulletin_body(id, source));
        self.builder.rules.bulletins.extend(lowered);
        self.local = Local::default();
    }

    fn local_conditions(&mut self, statements: &'a [Stmt<BulletinStatement>]) -> Local<'a> {
        let mut local = Local::default();
        for statement in statements {
            if let BulletinStatement::Condition(definition) = &statement.kind
                && let Some(problem) = local.add(definition)
            {
                self.report(problem);
            }
        }
        local
    }

    fn bulletin_body(&mut self, id: BulletinId, source: &'a ast::Bulletin) -> Bulletin {
        let mut facts = Facts::default();
        let origin = source.id.span.into();
        let mut bulletin = Bulletin { doc: source.doc.clone(), origin, ..Bulletin::new(id) };
        for statement in &source.statements {
            self.bulletin_statement(&mut bulletin, &mut facts, statement);
        }
        let is_vulnerability =
            |statement: &&Stmt<_>| matches!(statement.kind, BulletinStatement::Vulnerability(_));
        let written = source.statements.iter().filter(is_vulnerability).count();
        if source.is_damaged() || bulletin.vulnerabilities.len() < written {
            self.reporter.leave_out(source.id.span);
        }
        let Facts { titles, kb, published, revisions, impacts, references, notes, sources, aliases: _ } =
            facts;
        Bulletin { titles, kb, published, revisions, impacts, references, notes, sources, ..bulletin }
    }

    pub(crate) fn summary(&mut self, source: &ast::Summary) {
        let Some(id) = self.word::<BulletinId>(&source.id) else { return };
        let origin = source.id.span.into();
        let mut facts = Facts::default();
        let mut includes = Vec::new();
        for statement in &source.statements {
            match &statement.kind {
                SummaryStatement::Meta(meta) => self.meta(&mut facts, meta, statement.span),
                SummaryStatement::Includes(words) => includes.extend(self.words::<BulletinId>(words)),
                SummaryStatement::Error => {}
            }
        }
        let Facts { titles, published, revisions, references, notes, sources, .. } = facts;
        let doc = source.doc.clone();
        self.builder.rules.summaries.push(Summary {
            id,
            doc,
            titles,
            published,
            revisions,
            includes,
            references,
            notes,
            sources,
            origin,
        });
    }

    fn bulletin_statement(
        &mut self,
        bulletin: &mut Bulletin,
        facts: &mut Facts,
        statement: &'a Stmt<BulletinStatement>,
    ) {
        match &statement.kind {
            BulletinStatement::Meta(meta) => self.meta(facts, meta, statement.span),
            BulletinStatement::Severity(severity) => {
                if !severity.on.is_empty() {
                    let problem =
                        Diagnostic::new(Code::UNKNOWN_STATEMENT, "a bulletin has one rating, its highest");
                    let problem = problem.at(statement.span, "names platforms");
                    self.report(problem.help("rate the vulnerability per platform"));
                }
                self.once(bulletin.severity.is_some(), "severity", statement.span);
                let level = self.listed(&severity.level);
                bulletin.severity = level.map(|level| Placed::new(level, severity.level.span));
            }
            BulletinStatement::Supersedes(supersedes) => {
                let bulletins = self.placed_words(&supersedes.bulletins);
                let on = self.selectors(&supersedes.on);
                bulletin.supersedes.push(Supersedes { bulletins, on });
            }
            BulletinStatement::Unaffected(unaffected) => {
                let platforms = self.selectors(&unaffected.platforms);
                let when = unaffected.when.as_ref().and_then(|when| self.clause(when));
                let origin = statement.span.into();
                bulletin.unaffected.push(Unaffected { platforms, when, origin });
            }
            BulletinStatement::Vulnerability(vulnerability) => {
                bulletin.vulnerabilities.extend(self.vulnerability(vulnerability));
            }
            BulletinStatement::Package(package) => bulletin.packages.push(self.package(package)),
            BulletinStatement::Workaround(workaround) => {
                bulletin.workarounds.push(self.workaround(workaround));
            }
            BulletinStatement::Test(test) => bulletin.tests.push(self.rule_test(test)),
            BulletinStatement::Condition(_) | BulletinStatement::Error => {}
        }
    }

    /// Reports a statement that may stand once but stands again.
    pub(crate) fn once(&mut self, again: bool, what: &str, span: Span) {
        if again {
            let problem = Diagnostic::new(
                Code::REPEATED_STATEMENT,
                format!("`{what}` stands here for the second time"),
            );
            self.report(problem.at(span, "").help("keep one of them"));
        }
    }

    pub(crate) fn meta(&mut self, facts: &mut Facts, meta: &Meta, span: Span) {
        match meta {
            Meta::Title(title) => self.title(&mut facts.titles, title, span),
            Meta::Kb(words) => words.iter().for_each(|word| facts.kb.extend(self.placed::<Kb>(word))),
            Meta::Published(date) => {
                self.once(facts.published.is_some(), "published", span);
                facts.published = self.placed(date);
            }
            Meta::Revised { date, text } => {
                let text = text.as_ref().map(|text| text.value.clone());
                facts.revisions.extend(self.placed(date).map(|Placed { value: date, origin }| Revision {
                    date,
                    text,
                    origin,
                }));
            }
            Meta::Impact(words) => {
                let impacts: Vec<Impact> = words.iter().filter_map(|word| self.listed(word)).collect();
                facts.impacts.extend(impacts);
            }
            Meta::Reference(text) => facts.references.push(text.value.clone()),
            Meta::Note(text) => facts.notes.push(text.value.clone()),
            Meta::Source(text) => facts.sources.push(text.value.clone()),
            Meta::Alias(words) => {
                facts.aliases.extend(words.iter().map(|word| Placed::new(word.text.clone(), word.span)));
            }
        }
    }

    fn title(&mut self, titles: &mut Vec<LocalText>, title: &ast::Title, span: Span) {
        let language = match &title.language {
            None => Some(Language::english()),
            Some(word) => self.word(word),
        };
        let Some(language) = language else { return };
        self.once(titles.iter().any(|other| other.language == language), "title", span);
        let english = Language::english();
        let text = LocalText { language, text: title.text.value.clone() };
        if text.language == english { titles.insert(0, text) } else { titles.push(text) }
    }

    pub(crate) fn workaround(&mut self, source: &ast::Workaround) -> Workaround {
        let mut workaround = Workaround {
            title: source.title.value.clone(),
            when: None,
            on: PlacedList::default(),
            blocks: Vec::new(),
            notes: Vec::new(),
        };
        for statement in &source.statements {
            match &statement.kind {
                WorkaroundStatement::When(expr) => {
                    self.once(workaround.when.is_some(), "when", statement.span);
                    workaround.when = self.clause(expr);
                }
                WorkaroundStatement::Blocks(ports) => {
                    let ports: Vec<Port> = ports.iter().filter_map(|port| self.port(port)).collect();
                    workaround.blocks.extend(ports);
                }
                WorkaroundStatement::On(platforms) => {
                    let on = self.selectors(platforms);
                    workaround.on.append(on);
                }
                WorkaroundStatement::Note(text) => workaround.notes.push(text.value.clone()),
                WorkaroundStatement::Error => {}
            }
        }
        workaround
    }

    fn port(&mut self, port: &ast::Port) -> Option<Port> {
        let protocol = self.listed(&port.protocol)?;
        let number = self.number(&port.number, "a port (0 to 65535)")?;
        Some(Port { protocol, number })
    }

    fn rule_test(&mut self, test: &ast::Test) -> RuleTest {
        let origin = test.name.span.into();
        let host = self.host(&test.name.value, &test.host);
        let mut expectations = Vec::new();
        for expectation in &test.expectations {
            self.expectation(expectation, &mut expectations);
        }
        if test.expectations.is_empty() {
            let message = format!("the test `{}` expects nothing", test.name.value);
            let problem = Diagnostic::new(Code::MISSING_PART, message).at(test.name.span, "");
            self.report(problem.help("add `expect VERDICT`"));
        }
        RuleTest { name: test.name.value.clone(), host, expectations, origin }
    }

    fn expectation(&mut self, source: &ast::Expectation, expectations: &mut Vec<Expectation>) {
        let Some(expected) = self.expected(&source.verdict) else { return };
        let origin = source.span.into();
        if source.vulnerabilities.is_empty() {
            expectations.push(Expectation { vulnerability: None, expected, origin });
        }
        for vulnerability in self.words(&source.vulnerabilities) {
            expectations.push(Expectation { vulnerability: Some(vulnerability), expected, origin });
        }
    }

    fn expected(&mut self, word: &Word) -> Option<Expected> {
        if word.text == "inconsistent" {
            return Some(Expected::Inconsistent);
        }
        let verdict = Verdict::named(&word.text);
        if verdict.is_none() {
            let problem = Diagnostic::new(Code::UNKNOWN_VALUE, format!("`{}` is not a verdict", word.text));
            let known = Verdict::ALL.iter().map(|verdict| verdict.as_str()).chain(["inconsistent"]);
            self.report(problem.at(word.span, "").suggest(&word.text, known, word.span));
        }
        verdict.map(Expected::Verdict)
    }
}
