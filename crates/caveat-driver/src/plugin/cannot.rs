//! Claims that a plug-in has no way to say: they are left out like those that it does not see.

use std::collections::{BTreeMap, BTreeSet};

use caveat_backend::claims::left_out;
use caveat_backend::{EmitCx, Fidelity, Losses, Note};
use caveat_ir::value::BulletinId;

use super::deal::{Dealt, Given};

/// Why each of the claims cannot be said, by their index.
#[derive(Default)]
pub(super) struct Cannots {
    why: BTreeMap<usize, String>,
}

/// The bulletins of which claims cannot be said.
#[derive(Default)]
pub(super) struct Unsaid {
    /// Those of which some claim cannot be said.
    pub(super) some: BTreeSet<BulletinId>,
    /// Those of which none can.
    pub(super) all: BTreeSet<BulletinId>,
}

impl Cannots {
    /// The first reason for a claim counts.
    pub(super) fn add(&mut self, claim: usize, why: String) {
        self.why.entry(claim).or_insert(why);
    }

    /// Tells the user, and lowers what can be made of the bulletins.
    pub(super) fn settle(&self, dealt: &mut Dealt, cx: &mut EmitCx<'_>) -> Unsaid {
        let mut unsaid = Unsaid::default();
        for given in self.why.keys().filter_map(|index| dealt.claims.get(*index)) {
            unsaid.some.insert(given.bulletin.clone());
            if let Some(best) = dealt.best.get_mut(&given.bulletin).filter(|_| given.vulnerability.is_some())
            {
                *best = best.and(Fidelity::MayMiss);
            }
        }
        let said: BTreeSet<&BulletinId> = self.said(dealt).map(|given| &given.bulletin).collect();
        unsaid.all = unsaid.some.iter().filter(|id| !said.contains(id)).cloned().collect();
        self.notes(dealt).into_iter().for_each(|note| cx.note(note));
        unsaid
    }

    /// The claims that are left.
    fn said<'d>(&'d self, dealt: &'d Dealt) -> impl Iterator<Item = &'d Given> {
        let claims = dealt.claims.iter().enumerate();
        claims.filter(|(index, _)| !self.why.contains_key(index)).map(|(_, given)| given)
    }

    /// A note for each package of which something is left out, and each reason, in the order of the claims.
    fn notes(&self, dealt: &Dealt) -> Vec<Note> {
        let mut groups: Vec<(&str, Vec<&Given>)> = Vec::new();
        for (index, why) in &self.why {
            let Some(given) = dealt.claims.get(*index) else { continue };
            let known = groups.iter_mut().find(|(reason, group)| {
                *reason == why.as_str() && group.first().is_some_and(|first| is_of_same_package(first, given))
            });
            match known {
                Some((_, group)) => group.push(given),
                None => groups.push((why, vec![given])),
            }
        }
        groups.into_iter().filter_map(|(why, group)| note(dealt, why, &group)).collect()
    }
}

fn note(dealt: &Dealt, why: &str, gone: &[&Given]) -> Option<Note> {
    let first = *gone.first()?;
    let of_package = dealt.claims.iter().filter(|other| is_of_same_package(first, other)).count();
    let what = gone.iter().filter(|_| gone.len() < of_package).map(|given| given.vulnerability.clone());
    let what: Vec<_> = what.collect();
    Some(Note {
        bulletin: Some(first.bulletin.clone()),
        origin: first.origin,
        fidelity: Fidelity::LeftOut,
        message: left_out(&first.package, &what, why),
        losses: Losses::default(),
    })
}

fn is_of_same_package(one: &Given, other: &Given) -> bool {
    (&one.bulletin, &one.package) == (&other.bulletin, &other.package)
}
