//! Sigma rules from Caveat rules.
//!
//! A bulletin speaks of the state of a host; a log speaks of events. This back end makes a rule for every
//! event that shows something of a bulletin: an outdated file starts or is loaded, a vulnerable service
//! is installed, enabled or started, a registry setting that exposes the host comes about.
//!
//! ```text
//! Checked -> signal (watch, visible) -> detection (version, text), metadata -> rule -> artifacts
//! ```
//!
//! What a rule means is not decided here: every formula comes from `caveat_ir::meaning`, and what an event
//! shows of it is its projection.

mod detection;
mod metadata;
mod options;
mod rule;
mod signal;
mod text;
mod version;
mod visible;
mod watch;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use caveat_backend::{
    Artifact, ArtifactRole, Backend, BackendInfo, EmitBug, EmitCx, EmitError, Fidelity, Ledger, Lines,
    Losses, Meaning, Metadata, Note, Support, Text, text,
};
use caveat_ir::rule::{Bulletin, RuleSet};
use caveat_ir::value::CveId;
use caveat_ir::{Checked, Feature};
use uuid::Uuid;

use crate::options::Settings;
use crate::rule::{Logsource, Related, Rule};
use crate::signal::{Made, Signals};

pub use crate::options::Events;
pub use crate::signal::Signal;
pub use crate::watch::{Hash, Run, Sighting, Watch};

const EXTENSIONS: &[Text] = &[text("yml")];

static INFO: BackendInfo = BackendInfo {
    id: text("sigma"),
    title: text("Sigma"),
    summary: text("Sigma rules for the events in which Windows hosts show that they are vulnerable"),
    extensions: Cow::Borrowed(EXTENSIONS),
    options: Cow::Borrowed(options::SPECS),
    metadata: Cow::Borrowed(&[Metadata::Documentation, Metadata::Reference]),
};

/// What an event tells is not what a host is like.
const FIDELITY: Fidelity = Fidelity::MayErrBothWays;

const NO_EVENT: &str = "no event shows it";
const FILE: &str = "an event shows it when the file starts or is loaded, and never of drivers";
const DIGEST: &str =
    "an event shows it when the file starts or is loaded, as far as Sysmon is set up to record it";
const SERVICE: &str = "an event shows it when the service is installed, set or started";
const REGISTRY: &str = "an event shows it when it changes";
/// Why Sigma does not see bits.
const BITS: &str = "an event shows a number as a text of eight or sixteen digits";
const PATTERN: &str = "an event shows data in a text of Sysmon's own, not in the rule's";

/// The back end for Sigma.
#[derive(Debug, Clone, Copy, Default)]
pub struct Sigma;

impl Backend for Sigma {
    fn info(&self) -> &BackendInfo {
        &INFO
    }

    fn support(&self, feature: Feature) -> Support {
        let sometimes = |why| Support::approximate(Fidelity::MayErrBothWays, why);
        match feature {
            Feature::OsFamily
            | Feature::OsVersion
            | Feature::OsBuild
            | Feature::OsRevision
            | Feature::ServicePack
            | Feature::ProductType
            | Feature::InstallationType
            | Feature::Suite
            | Feature::Architecture
            | Feature::Language
            | Feature::FileExists
            | Feature::FileSize
            | Feature::Hotfix => Support::no(NO_EVENT),
            Feature::FileDigest => sometimes(DIGEST),
            Feature::FileVersion => sometimes(FILE),
            Feature::RegistryExists | Feature::RegistryValue => sometimes(REGISTRY),
            Feature::RegistryPattern => Support::no(PATTERN),
            Feature::RegistryBits => Support::no(BITS),
            Feature::RegistryType => Support::no("events do not tell every type of data"),
            Feature::SeveralKeys | Feature::KeysWithoutValue => {
                Support::no("an event is of one value, and tells nothing of the others of its key")
            }
            Feature::RegistryView => Support::approximate(
                Fidelity::MayOverReport,
                "the 32-bit view of a 32-bit Windows has the name of the 64-bit view elsewhere",
            ),
            Feature::ServiceStart | Feature::ServiceState => sometimes(SERVICE),
            Feature::CurrentUser => sometimes("an event shows it for the account that it is of"),
            Feature::MachineVariable | Feature::OtherVariable => {
                sometimes("an event shows paths in full, so only what follows the variable is compared")
            }
            Feature::Unknowable => Support::no("nobody can tell"),
        }
    }

    fn emit(&self, rules: &Checked, cx: &mut EmitCx<'_>) -> Result<(), EmitError> {
        let settings = Settings::read(cx.options());
        let rules = rules.rules();
        let all = rules
            .bulletins
            .iter()
            .map(|bulletin| (bulletin, signal::collect(self, rules, bulletin, settings.events)));
        let admitted = all.filter(|(bulletin, found)| admit(rules, bulletin, found, cx)).collect::<Vec<_>>();
        for (bulletin, found) in &admitted {
            if let Some(note) = silence(bulletin, found) {
                cx.note(note);
            }
        }
        emit(&signal::merged(admitted), &settings, cx)?;
        Ok(())
    }
}

/// What the rules of a bulletin look for, in the order of its cases.
#[must_use]
pub fn signals(rules: &RuleSet, bulletin: &Bulletin, events: Events) -> Vec<Signal> {
    signal::collect(&Sigma, rules, bulletin, events).signals
}

/// The vulnerabilities and packages of a bulletin of which no event shows whether hosts are patched.
#[must_use]
pub fn unseen(rules: &RuleSet, bulletin: &Bulletin, events: Events) -> Vec<(CveId, String)> {
    let silent = signal::collect(&Sigma, rules, bulletin, events).silent;
    silent.iter().map(|(case, _)| (case.vulnerability.id.clone(), case.package.name.clone())).collect()
}

/// Whether the rules of a bulletin are made; tells the user what is not seen.
fn admit(rules: &RuleSet, bulletin: &Bulletin, found: &Signals<'_>, cx: &mut EmitCx<'_>) -> bool {
    let fidelity = if found.signals.is_empty() { Fidelity::LeftOut } else { FIDELITY };
    let mut losses = Losses::default();
    let lines = Lines::of(rules, bulletin);
    for case in rules.cases(bulletin) {
        losses.extend(Losses::of(&Sigma, &rules.spelled_out(&case.vulnerable())));
        losses.extend(lines.narrowed(case).1);
    }
    cx.admit(bulletin, fidelity, losses)
}

/// The ids of all rules by their keys, as the ledger has them.
fn ids(all: &[Made<'_>], ledger: &mut Ledger) -> BTreeMap<String, String> {
    let wanted: BTreeMap<String, Meaning> = all
        .iter()
        .map(|made| {
            let name = Some(made.id().to_string());
            (made.key(), Meaning { digest: made.signal.watch.digest(), name })
        })
        .collect();
    let assigned = ledger.assign("rule", &wanted);
    assigned.into_iter().filter_map(|(key, entry)| Some((key, entry.name?))).collect()
}

fn emit(all: &[Made<'_>], settings: &Settings, cx: &mut EmitCx<'_>) -> Result<(), EmitBug> {
    let ids = ids(all, cx.ledger());
    let mut titles = BTreeSet::new();
    for made in all {
        let key = made.key();
        let id = ids.get(&key).ok_or_else(|| EmitBug(format!("the rule `{key}` has no id")))?;
        cx.artifact(Artifact {
            path: path(made, id),
            text: rule(made, id, settings, &mut titles).yaml()?,
            role: ArtifactRole::Main,
            bulletins: made.bulletins.iter().map(|bulletin| bulletin.id.clone()).collect(),
            fidelity: FIDELITY,
        })?;
    }
    Ok(())
}

/// How many packages a note names.
const NAMED: usize = 3;

/// That no event shows whether hosts lack some packages of a bulletin, if that is so.
fn silence(bulletin: &Bulletin, found: &Signals<'_>) -> Option<Note> {
    let names: BTreeSet<&str> = found.silent.iter().map(|(case, _)| &*case.package.name).collect();
    let mut losses = Losses::default();
    for (_, more) in &found.silent {
        losses.extend(more.clone());
    }
    let mut words: Vec<String> = names.iter().take(NAMED).map(|name| format!("\"{name}\"")).collect();
    match names.len() {
        0 => return None,
        count if count > NAMED => words.push(format!("{} more", count - NAMED)),
        _ => {}
    }
    let last = words.pop()?;
    let words = if words.is_empty() { last } else { format!("{} and {last}", words.join(", ")) };
    Some(Note {
        bulletin: Some(bulletin.id.clone()),
        origin: bulletin.origin,
        fidelity: Fidelity::LeftOut,
        message: format!("no event shows which hosts lack {words}"),
        losses,
    })
}

fn rule(made: &Made<'_>, id: &str, settings: &Settings, titles: &mut BTreeSet<String>) -> Rule {
    let watch = &made.signal.watch;
    let merged = |id: &Uuid| Related { id: id.to_string(), kind: "merged" };
    Rule {
        title: metadata::title(made, id, titles),
        related: made.merged.iter().map(merged).collect(),
        status: settings.status.clone(),
        description: metadata::description(made),
        references: metadata::references(made),
        author: settings.author.clone(),
        date: metadata::published(made),
        modified: metadata::modified(made),
        tags: metadata::tags(&made.signal),
        logsource: detection::logsource(watch),
        detection: detection::detection(watch),
        falsepositives: vec![metadata::falsepositives(watch).to_owned()],
        level: metadata::level(watch, made.signal.rating),
        id: id.to_owned(),
    }
}

/// The place of a rule, in the folder of its events as in Sigma's repository. Sigma wants file names of 10 to 90
/// characters that differ from each other even in different folders.
fn path(made: &Made<'_>, id: &str) -> String {
    let (kind, subject) = made.signal.watch.slug();
    let Logsource { category, service, .. } = detection::logsource(&made.signal.watch);
    let folder = category.or(service).unwrap_or("other");
    let bulletin = made.bulletins.first().map_or("", |bulletin| bulletin.id.as_str());
    let (bulletin, subject) = (slug(bulletin.trim_end_matches('.'), 24), slug(&subject, 20));
    let id = id.split('-').next().unwrap_or(id);
    format!("sigma/windows/{folder}/{kind}_{bulletin}_{subject}_{id}.yml")
}

/// Letters, digits and `_` only, at most so many.
fn slug(text: &str, length: usize) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' };
    text.chars().take(length).map(plain).collect()
}
