//! Whether what a plug-in made fits what it said of it, and what the user's policy makes of that. A plug-in
//! that contradicts itself is at fault; what it does not tell, the host tells; what the policy does not
//! allow is not written, whoever made it.

use std::collections::{BTreeMap, BTreeSet};

use caveat_backend::{Artifact, ArtifactRole, EmitCx, Fidelity, Losses, Note, Outputs, Policy};
use caveat_ir::rule::RuleSet;
use caveat_ir::value::BulletinId;

use super::cannot::Unsaid;
use super::deal::worst;
use super::fault::Fault;
use super::receive::MAX_SHOWN;

/// What a plug-in answered.
#[derive(Default)]
pub(super) struct Made {
    pub(super) outputs: Outputs,
    pub(super) notes: Vec<Note>,
    /// The paths of artifacts of which it did not say how they relate to the rules.
    pub(super) unsaid: BTreeSet<String>,
}

/// What the host knows of the bulletins that it gave, and has told the user.
pub(super) struct Given<'a> {
    /// How they err at best, where the host projected.
    pub(super) best: &'a BTreeMap<BulletinId, Fidelity>,
    /// Those with claims that the plug-in cannot say.
    pub(super) unsaid: &'a Unsaid,
}

/// By bulletin; nothing for what is about none.
type ByBulletin<'a, T> = BTreeMap<Option<&'a BulletinId>, T>;

impl Made {
    /// Gives each artifact its fidelity. Nothing is better than the support that the plug-in declared, and the
    /// claims that it can say. One that does not project has claims that err as the host says, and what it makes
    /// of them errs so, too.
    pub(super) fn rate(
        &mut self,
        best: &BTreeMap<BulletinId, Fidelity>,
        projects: bool,
    ) -> Result<(), Fault> {
        for mut artifact in std::mem::take(&mut self.outputs) {
            let (path, said) = (&artifact.path, artifact.fidelity);
            let best = worst(best, &artifact.bulletins);
            let is_unsaid = self.unsaid.contains(path);
            let is_allowed = if projects {
                said != Fidelity::Exact || best == Fidelity::Exact
            } else {
                said.joined(best) == said
            };
            if is_unsaid && projects {
                return Err(misspoke(format!("the artifact `{path}` does not say its fidelity")));
            }
            if !is_unsaid && !is_allowed {
                return Err(misspoke(format!(
                    "it calls the artifact `{path}` {said}, which what it supports does not allow"
                )));
            }
            artifact.fidelity = if is_unsaid { best } else { said };
            self.outputs.add(artifact).map_err(|bug| misspoke(bug.0))?;
        }
        Ok(())
    }

    /// Whether every bulletin of `all` is made or said to be left out, and notes and artifacts agree.
    /// `host` are the notes of the host.
    pub(super) fn check<'a>(
        &self,
        all: impl Iterator<Item = &'a BulletinId>,
        given: &Given<'_>,
        host: &[Note],
    ) -> Result<(), Fault> {
        let made = self.fidelities();
        let nothing = BTreeSet::new();
        for note in &self.notes {
            agrees(note, made.get(&note.bulletin.as_ref()).unwrap_or(&nothing))?;
        }
        let left_out = self.notes.iter().filter(|note| note.fidelity == Fidelity::LeftOut);
        let left_out: BTreeSet<_> =
            left_out.filter_map(|note| note.bulletin.as_ref()).chain(&given.unsaid.all).collect();
        for bulletin in all {
            if !made.contains_key(&Some(bulletin)) && !left_out.contains(bulletin) {
                return Err(misspoke(format!(
                    "nothing is made of the bulletin `{bulletin}`, and no note says that it is left out"
                )));
            }
        }
        self.understates(given, host)
    }

    fn main(&self) -> impl Iterator<Item = &Artifact> {
        self.outputs.iter().filter(|artifact| artifact.role == ArtifactRole::Main)
    }

    /// What was made of each bulletin, and at all.
    fn fidelities(&self) -> ByBulletin<'_, BTreeSet<Fidelity>> {
        let mut made: ByBulletin<'_, BTreeSet<Fidelity>> = BTreeMap::new();
        for artifact in self.main() {
            for bulletin in artifact.bulletins.iter().map(Some).chain([None]) {
                made.entry(bulletin).or_default().insert(artifact.fidelity);
            }
        }
        made
    }

    /// Finds an artifact of one bulletin that errs in a way of which the plug-in's own notes of it do not tell.
    fn understates(&self, given: &Given<'_>, host: &[Note]) -> Result<(), Fault> {
        let (own, all) = (told(&self.notes), given.told(self.notes.iter().chain(host)));
        for artifact in self.main() {
            let [bulletin] = artifact.bulletins.as_slice() else { continue };
            let own = own.get(&Some(bulletin)).copied().unwrap_or(Fidelity::Exact);
            if own != Fidelity::Exact && !errs_within(artifact.fidelity, &all, Some(bulletin)) {
                return Err(contradiction(Some(bulletin), own, artifact.fidelity));
            }
        }
        Ok(())
    }

    /// Keeps the first notes of each bulletin that say the same of it, and returns how many others there were.
    pub(super) fn shorten(&mut self) -> usize {
        let before = self.notes.len();
        let mut counts: BTreeMap<(Option<BulletinId>, Fidelity), usize> = BTreeMap::new();
        self.notes.retain(|note| {
            let count = counts.entry((note.bulletin.clone(), note.fidelity)).or_default();
            *count += 1;
            *count <= MAX_SHOWN
        });
        before - self.notes.len()
    }

    /// Hands everything over to the context as the policy allows it, and returns in words what the plug-in
    /// left to the host.
    pub(super) fn deliver(
        mut self,
        rules: &RuleSet,
        given: &Given<'_>,
        cx: &mut EmitCx<'_>,
    ) -> Result<Vec<String>, Fault> {
        let settled = match cx.policy() {
            Policy::Approximate => self.untold(given, cx.notes()),
            policy => self.withhold(given, policy),
        };
        let origins: BTreeMap<_, _> = rules.bulletins.iter().map(|one| (&one.id, one.origin)).collect();
        let added = settled.notes.into_iter().map(|(bulletin, fidelity)| Note {
            origin: bulletin.as_ref().and_then(|id| origins.get(id).copied()).unwrap_or_default(),
            bulletin,
            fidelity,
            message: fidelity.to_string(),
            losses: Losses::default(),
        });
        self.notes.into_iter().chain(added).for_each(|note| cx.note(note));
        for artifact in self.outputs.into_iter().filter(|one| !settled.withheld.contains(&one.path)) {
            cx.artifact(artifact).map_err(|bug| misspoke(bug.0))?;
        }
        Ok(settled.amended)
    }

    /// The artifacts that err in a way of which no note tells.
    fn untold(&self, given: &Given<'_>, host: &[Note]) -> Settled {
        let told = given.told(self.notes.iter().chain(host));
        let mut settled = Settled::default();
        for artifact in self.outputs.iter() {
            let (path, fidelity) = (&artifact.path, artifact.fidelity);
            let all =
                about(artifact).filter_map(|one| told.get(&one)).fold(Fidelity::Exact, |a, b| a.joined(*b));
            if all.joined(fidelity) != all {
                settled.amended.push(format!("no note says that `{path}` {fidelity}"));
                let silent = about(artifact).filter(|one| !errs_within(fidelity, &told, *one));
                settled.notes.extend(silent.map(|one| (one.cloned(), fidelity)));
            }
        }
        settled
    }

    /// Leaves out what the policy does not allow: bulletins of which something inexact was made or claims cannot
    /// be said, with all that mentions them, and those of which nothing is left then.
    fn withhold(&mut self, given: &Given<'_>, policy: Policy) -> Settled {
        let is_inexact = |artifact: &Artifact| artifact.fidelity != Fidelity::Exact;
        let inexact = self.outputs.iter().filter(|artifact| is_inexact(artifact));
        let inexact: BTreeSet<_> =
            inexact.flat_map(|artifact| &artifact.bulletins).chain(&given.unsaid.some).collect();
        let is_kept = |artifact: &Artifact| {
            !is_inexact(artifact) && !artifact.bulletins.iter().any(|one| inexact.contains(one))
        };
        let kept = self.main().filter(|artifact| is_kept(artifact));
        let kept: BTreeSet<_> = kept.flat_map(|artifact| &artifact.bulletins).collect();
        let mut settled = Settled::default();
        let mut left_out = BTreeSet::new();
        for artifact in self.outputs.iter().filter(|artifact| !is_kept(artifact)) {
            settled.withheld.insert(artifact.path.clone());
            let lost = about(artifact).filter(|one| one.is_none_or(|one| !kept.contains(one)));
            left_out.extend(lost.map(Option::<&BulletinId>::cloned));
            if is_inexact(artifact) && !given.knows(artifact) {
                settled.amended.push(format!(
                    "it makes `{}`, which {}, though the policy is `{}`",
                    artifact.path,
                    artifact.fidelity,
                    if policy == Policy::Skip { "skip" } else { "error" }
                ));
            }
        }
        self.retract(&mut left_out);
        settled.notes = left_out.into_iter().map(|one| (one, Fidelity::LeftOut)).collect();
        settled
    }

    /// Turns notes of how bulletins were made into notes that they are left out, and leaves those of which
    /// there is none.
    fn retract(&mut self, left_out: &mut BTreeSet<Option<BulletinId>>) {
        let mut noted = BTreeSet::new();
        for note in &mut self.notes {
            let errs = !matches!(note.fidelity, Fidelity::Exact | Fidelity::LeftOut);
            if errs && left_out.contains(&note.bulletin) {
                note.fidelity = Fidelity::LeftOut;
                note.message = format!("left out: {}", note.message);
                noted.insert(note.bulletin.clone());
            }
        }
        left_out.retain(|one| !noted.contains(one));
    }
}

impl Given<'_> {
    /// Which way the user has heard that the verdicts on each bulletin err: by notes, and from the host.
    fn told<'n>(&'n self, notes: impl IntoIterator<Item = &'n Note>) -> ByBulletin<'n, Fidelity> {
        let mut told = told(notes);
        for (bulletin, best) in self.best {
            let entry = told.entry(Some(bulletin)).or_insert(Fidelity::Exact);
            *entry = entry.joined(*best);
        }
        told
    }

    /// Whether an artifact errs as the host gave the plug-in what it is made of, and in no other way.
    fn knows(&self, artifact: &Artifact) -> bool {
        worst(self.best, &artifact.bulletins) == artifact.fidelity
    }
}

/// What the host does for a plug-in.
#[derive(Default)]
struct Settled {
    /// The paths of artifacts that are not written.
    withheld: BTreeSet<String>,
    /// Notes that the plug-in did not send.
    notes: BTreeSet<(Option<BulletinId>, Fidelity)>,
    /// What the plug-in should have done, in words.
    amended: Vec<String>,
}

/// The bulletins in an artifact, or nothing when it names none.
fn about(artifact: &Artifact) -> impl Iterator<Item = Option<&BulletinId>> {
    let none = artifact.bulletins.is_empty().then_some(None);
    artifact.bulletins.iter().map(Some).chain(none)
}

/// Which way notes say that the verdicts on each bulletin err.
fn told<'n>(notes: impl IntoIterator<Item = &'n Note>) -> ByBulletin<'n, Fidelity> {
    let mut told = BTreeMap::new();
    for note in notes.into_iter().filter(|note| note.fidelity != Fidelity::LeftOut) {
        let entry = told.entry(note.bulletin.as_ref()).or_insert(Fidelity::Exact);
        *entry = note.fidelity.joined(*entry);
    }
    told
}

fn errs_within(fidelity: Fidelity, told: &ByBulletin<'_, Fidelity>, bulletin: Option<&BulletinId>) -> bool {
    let told = told.get(&bulletin).copied().unwrap_or(Fidelity::Exact);
    told.joined(fidelity) == told
}

/// Whether a note says of what was made what can be said of it. A part that is left out makes it inexact.
fn agrees(note: &Note, made: &BTreeSet<Fidelity>) -> Result<(), Fault> {
    let fits = |made: &Fidelity| match note.fidelity {
        Fidelity::LeftOut => *made != Fidelity::Exact,
        said => made.joined(said) == *made,
    };
    match made.last() {
        None if matches!(note.fidelity, Fidelity::LeftOut | Fidelity::Exact) => Ok(()),
        None => Err(contradiction(note.bulletin.as_ref(), note.fidelity, Fidelity::LeftOut)),
        Some(_) if made.iter().any(fits) => Ok(()),
        Some(worst) => Err(contradiction(note.bulletin.as_ref(), note.fidelity, *worst)),
    }
}

fn contradiction(bulletin: Option<&BulletinId>, said: Fidelity, made: Fidelity) -> Fault {
    let about = bulletin.map_or_else(String::new, |bulletin| format!(" of the bulletin `{bulletin}`"));
    misspoke(format!("its note{about} says `{said}`, and what it made is `{made}`"))
}

fn misspoke(what: String) -> Fault {
    Fault::Misspoke(what)
}
