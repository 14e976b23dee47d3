//! Rules and the evaluator, host by host.
//!
//! A rule has to fire exactly where the visible part of its bulletin's formulas holds: anything else is a
//! disagreement. How far that part is from the verdict is counted as declared over-reports and misses.

use std::collections::BTreeMap;
use std::fmt;

use caveat_backend::Lines;
use caveat_backend_sigma::{Events, Signal, Watch, signals, unseen};
use caveat_eval::{Evaluator, Host, evaluate};
use caveat_ir::host::HostFile;
use caveat_ir::rule::{Bulletin, Verdict};
use caveat_ir::value::{BulletinId, CveId, View};
use caveat_ir::{Checked, Expr, Truth};

use crate::lines::is_taken_out;

use super::Runs;
use super::engine::{artifacts, ids};
use super::events::{Event, events, is_shown};

/// How rules and verdicts of one bulletin compare, vulnerability by vulnerability on every host.
#[derive(Debug, Default)]
pub struct Agreement {
    /// Hosts tried.
    pub hosts: usize,
    /// Vulnerable and some rule fires, or not vulnerable and none does.
    pub agreed: usize,
    /// Not vulnerable, but some rule fires, as declared.
    pub over_reported: usize,
    /// Vulnerable, but no rule fires, as declared.
    pub missed: usize,
    /// Vulnerable, but no rule fires, on a host with a version that is declared to be taken out, or by a package
    /// that is declared to be seen by no event.
    pub declared: usize,
    /// The verdict is open.
    pub open: usize,
    /// Rules and hosts that were compared.
    pub compared: usize,
    /// Rules that fire although the visible part of their formula does not hold, or the reverse.
    pub disagreements: Vec<String>,
}

impl fmt::Display for Agreement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { hosts, agreed, over_reported, missed, declared, open, compared, disagreements } = self;
        write!(
            f,
            "{hosts} hosts: {agreed} agree, {over_reported} over-reported, {missed} missed, {declared} declared, {open} open; "
        )?;
        write!(f, "{compared} comparisons of rules, {} disagreements", disagreements.len())
    }
}

/// A host, and its part of all events.
struct Watched<'a> {
    file: &'a HostFile,
    host: Host,
    events: Vec<Event>,
    first: usize,
}

/// For every host, whether some of the wanted rules that names a CVE fires on it.
#[must_use]
pub fn fired(
    engine: &dyn Runs,
    checked: &Checked,
    bulletin: &Bulletin,
    hosts: &[HostFile],
    wanted: impl Fn(&Signal) -> bool,
) -> Vec<BTreeMap<CveId, bool>> {
    let signals = signals(checked.rules(), bulletin, Events::Any);
    let watched = watch(checked, &signals, hosts);
    let firing = firing(engine, checked, bulletin, &watched);
    let on_host = |number: usize| {
        let mut fired = BTreeMap::new();
        for signal in signals.iter().filter(|signal| wanted(signal)) {
            let fires = firing[&signal.id(bulletin).to_string()][number];
            for cve in &signal.cves {
                *fired.entry(cve.clone()).or_default() |= fires;
            }
        }
        fired
    };
    (0..hosts.len()).map(on_host).collect()
}

/// Compares the rules of a bulletin with the evaluator on hosts whose events all were logged.
#[must_use]
pub fn agreement(
    engine: &dyn Runs,
    checked: &Checked,
    bulletin: &BulletinId,
    hosts: &[HostFile],
) -> Agreement {
    let rules = checked.rules();
    let bulletin = rules.bulletins.iter().find(|one| one.id == *bulletin).expect("the bulletin");
    let signals = signals(rules, bulletin, Events::Any);
    let watched = watch(checked, &signals, hosts);
    let firing = firing(engine, checked, bulletin, &watched);
    let evaluator = Evaluator::new(checked);
    let (lines, unseen) = (Lines::of(rules, bulletin), unseen(rules, bulletin, Events::Any));
    let mut agreement = Agreement { hosts: hosts.len(), ..Agreement::default() };
    for (number, one) in watched.iter().enumerate() {
        let fires = |signal: &Signal| firing[&signal.id(bulletin).to_string()][number];
        for signal in &signals {
            agreement.compare(checked, signal, one, fires(signal));
        }
        for outcome in evaluator.outcome(&bulletin.id, &one.host).expect("the bulletin").vulnerabilities {
            let fires = signals.iter().any(|signal| signal.cves.contains(&outcome.id) && fires(signal));
            let package = outcome.package.clone().unwrap_or_default();
            let is_unseen = unseen.contains(&(outcome.id.clone(), package));
            let is_declared = is_unseen || is_taken_out(&lines, one.file, &one.host);
            agreement.count(outcome.verdict, fires, is_declared);
        }
    }
    agreement
}

/// The hosts with their events, numbered through.
fn watch<'a>(checked: &Checked, signals: &[Signal], hosts: &'a [HostFile]) -> Vec<Watched<'a>> {
    let mut first = 0;
    let mut watched = Vec::new();
    for file in hosts {
        let (host, _) = Host::new(file, checked.rules());
        let events = events(file, &host, signals);
        let next = first + events.len();
        watched.push(Watched { file, host, events, first });
        first = next;
    }
    watched
}

/// For every rule by id, whether it fires on each host.
fn firing(
    engine: &dyn Runs,
    checked: &Checked,
    bulletin: &Bulletin,
    hosts: &[Watched<'_>],
) -> BTreeMap<String, Vec<bool>> {
    let all: Vec<Event> = hosts.iter().flat_map(|host| host.events.clone()).collect();
    let artifacts = artifacts(checked);
    let own: Vec<_> = artifacts.iter().filter(|one| one.bulletins.contains(&bulletin.id)).collect();
    let texts: Vec<&str> = own.iter().map(|one| one.text.as_str()).collect();
    let ran = engine.fired(&texts, &all);
    let on_hosts = |fired: std::collections::BTreeSet<usize>| {
        let range = |host: &Watched<'_>| host.first..host.first + host.events.len();
        hosts.iter().map(|host| fired.range(range(host)).next().is_some()).collect()
    };
    let mut firing = BTreeMap::new();
    for (one, ran) in own.iter().zip(ran) {
        let fired: Vec<bool> = on_hosts(ran);
        firing.extend(ids(one).into_iter().map(|id| (id, fired.clone())));
    }
    firing
}

/// Whether the host fulfils what the event of a signal shows of the bulletin.
fn visible(checked: &Checked, signal: &Signal, host: &Host) -> Truth {
    evaluate(checked.rules(), &Expr::any(signal.visible.iter().cloned()), host)
}

impl Agreement {
    fn compare(&mut self, checked: &Checked, signal: &Signal, one: &Watched<'_>, fires: bool) {
        if lies_nowhere(&signal.watch, one.file) {
            return;
        }
        let holds = match visible(checked, signal, &one.host) {
            Truth::True if is_shown(signal, &one.events) => true,
            Truth::False => false,
            _ => return,
        };
        if fires && sees_both_views(&signal.watch) {
            return;
        }
        self.compared += 1;
        if holds != fires {
            let what = if fires { "fires" } else { "does not fire" };
            let name = one.file.name.as_deref().unwrap_or("?");
            self.disagreements.push(format!("{:?} {what} on {name}: {:#?}", signal.watch, one.events));
        }
    }

    fn count(&mut self, verdict: Verdict, fires: bool, is_declared: bool) {
        let counter = match (verdict, fires) {
            (Verdict::Unknown | Verdict::Error, _) => &mut self.open,
            (Verdict::Vulnerable, false) if is_declared => &mut self.declared,
            (Verdict::Vulnerable, false) => &mut self.missed,
            (Verdict::Mitigated | Verdict::Fixed | Verdict::NotApplicable, true) => &mut self.over_reported,
            _ => &mut self.agreed,
        };
        *counter += 1;
    }
}

/// Whether a watch is for a file below a variable that the host does not have: events show files
/// where they are, and not that no rule would find them there.
fn lies_nowhere(watch: &Watch, host: &HostFile) -> bool {
    let (Watch::Started(files) | Watch::Loaded(files)) = watch else { return false };
    let defined = |variable: &str| host.environment.keys().any(|name| name.eq_ignore_ascii_case(variable));
    files.iter().filter_map(|one| one.path.variable()).any(|variable| !defined(variable))
}

/// Whether a watch cannot tell the 32-bit view of a 32-bit Windows from the 64-bit view of another.
fn sees_both_views(watch: &Watch) -> bool {
    match watch {
        Watch::KeyCreated(key)
        | Watch::KeyDeleted(key)
        | Watch::ValueSet { key, .. }
        | Watch::ValueDeleted { key, .. } => key.view == Some(View::Bits32),
        _ => false,
    }
}
