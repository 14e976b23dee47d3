//! Rules × targets × hosts, counted.

use std::collections::BTreeMap;
use std::fmt::{self, Display};

use caveat_backend::Fidelity;
use caveat_eval::Evaluator;
use caveat_ir::Checked;
use caveat_ir::host::HostFile;
use caveat_ir::rule::Verdict;

use super::{Engine, Judgement, Reference, Said, Subject, judge, reference};

/// What was counted for a bulletin and a target.
#[derive(Debug, Clone, Default)]
pub struct Count {
    /// Hosts.
    pub hosts: usize,
    /// How its outputs relate to the rules.
    pub fidelity: Option<Fidelity>,
    judgements: BTreeMap<Judgement, usize>,
    verdicts: BTreeMap<Verdict, usize>,
}

impl Count {
    /// How often an output compared so.
    #[must_use]
    pub fn of(&self, judgement: Judgement) -> usize {
        self.judgements.get(&judgement).copied().unwrap_or(0)
    }

    /// How often the evaluator gave each verdict.
    pub fn verdicts(&self) -> impl Iterator<Item = (Verdict, usize)> {
        self.verdicts.iter().map(|(verdict, number)| (*verdict, *number))
    }
}

/// An output that differs from the evaluator in a way it did not declare.
#[derive(Debug, Clone)]
pub struct Disagreement {
    /// The target.
    pub target: &'static str,
    /// The vulnerability.
    pub subject: Subject,
    /// The host.
    pub host: HostFile,
    /// What the evaluator says.
    pub ours: Reference,
    /// What the output says.
    pub theirs: Said,
}

impl Display for Disagreement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { target, subject: (bulletin, cve), host, ours, theirs } = self;
        let name = host.name.as_deref().unwrap_or_default();
        write!(f, "{target}: {bulletin} {cve} on {name}: {theirs:?}, evaluator: {ours:?}")
    }
}

/// The counts, by bulletin and target.
#[derive(Debug, Clone, Default)]
pub struct Table {
    counts: BTreeMap<(String, &'static str), Count>,
    skipped: BTreeMap<&'static str, String>,
    disagreements: Vec<Disagreement>,
    /// The one row that all bulletins count in.
    row: Option<&'static str>,
}

/// Hosts, and what the evaluator says of each on some rules: all engines are held against the same.
pub struct Judged<'a> {
    rules: &'a Checked,
    hosts: &'a [HostFile],
    references: Vec<Vec<(Subject, Reference)>>,
}

impl<'a> Judged<'a> {
    /// Asks the evaluator.
    #[must_use]
    pub fn new(rules: &'a Checked, hosts: &'a [HostFile]) -> Self {
        let evaluator = Evaluator::new(rules);
        let references = hosts.iter().map(|host| reference(rules, &evaluator, host).into_iter().collect());
        Self { rules, hosts, references: references.collect() }
    }
}

impl Table {
    /// A table that does not tell bulletins apart, for those that were drawn.
    #[must_use]
    pub fn of_one_row(row: &'static str) -> Self {
        Self { row: Some(row), ..Self::default() }
    }

    /// Adds what `engine` says of the hosts.
    pub fn add(&mut self, judged: &Judged<'_>, engine: &dyn Engine) {
        for bulletin in &judged.rules.rules().bulletins {
            let count = self.count(bulletin.id.as_str(), engine);
            count.hosts += judged.hosts.len();
            count.fidelity = Some(engine.fidelity(&bulletin.id));
        }
        let said = engine.run(judged.hosts);
        for ((host, ours), said) in judged.hosts.iter().zip(&judged.references).zip(said) {
            self.add_host(ours, engine, host, &said);
        }
    }

    fn add_host(
        &mut self,
        ours: &[(Subject, Reference)],
        engine: &dyn Engine,
        host: &HostFile,
        said: &BTreeMap<Subject, Said>,
    ) {
        for (subject, ours) in ours {
            let ours = *ours;
            let theirs = said.get(subject).copied().unwrap_or(Said::Nothing);
            let judgement = judge(engine.fidelity(&subject.0), ours, theirs);
            let count = self.count(subject.0.as_str(), engine);
            *count.judgements.entry(judgement).or_default() += 1;
            *count.verdicts.entry(ours.verdict).or_default() += 1;
            if judgement == Judgement::Disagreed {
                let (target, subject, host) = (engine.target(), subject.clone(), host.clone());
                self.disagreements.push(Disagreement { target, subject, host, ours, theirs });
            }
        }
    }

    fn count(&mut self, bulletin: &str, engine: &dyn Engine) -> &mut Count {
        let row = self.row.unwrap_or(bulletin);
        self.counts.entry((row.to_owned(), engine.target())).or_default()
    }

    /// Adds what another table counted.
    pub fn merge(&mut self, other: Self) {
        for (key, more) in other.counts {
            let count = self.counts.entry(key).or_default();
            count.hosts += more.hosts;
            count.fidelity = more.fidelity;
            for (judgement, number) in more.judgements {
                *count.judgements.entry(judgement).or_default() += number;
            }
            for (verdict, number) in more.verdicts {
                *count.verdicts.entry(verdict).or_default() += number;
            }
        }
        self.skipped.extend(other.skipped);
        self.disagreements.extend(other.disagreements);
    }

    /// Notes that a target was not tried.
    pub fn skip(&mut self, target: &'static str, line: String) {
        self.skipped.insert(target, line);
    }

    /// Whether a target was not tried.
    #[must_use]
    pub fn was_skipped(&self, target: &str) -> bool {
        self.skipped.contains_key(target)
    }

    /// The outputs that differ from the evaluator in a way they did not declare.
    #[must_use]
    pub fn disagreements(&self) -> &[Disagreement] {
        &self.disagreements
    }

    /// The counts of a target, over all bulletins.
    pub fn of_target<'t>(&'t self, target: &'t str) -> impl Iterator<Item = &'t Count> {
        self.counts.iter().filter(move |((_, other), _)| *other == target).map(|(_, count)| count)
    }
}

impl Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "bulletin   target         fidelity                       hosts   agreed     over   missed     open left-out disagreed"
        )?;
        for ((bulletin, target), count) in &self.counts {
            let fidelity = count.fidelity.map_or("", Fidelity::as_str);
            write!(f, "{bulletin:<10} {target:<14} {fidelity:<28} {:>7}", count.hosts)?;
            for judgement in [
                Judgement::Agreed,
                Judgement::OverReported,
                Judgement::Missed,
                Judgement::Open,
                Judgement::LeftOut,
                Judgement::Disagreed,
            ] {
                write!(f, " {:>8}", count.of(judgement))?;
            }
            writeln!(f)?;
        }
        self.skipped.iter().try_for_each(|(target, line)| writeln!(f, "{target}: {line}"))
    }
}
