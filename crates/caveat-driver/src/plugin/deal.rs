//! What a plug-in is given: the rules that it may see, and for one that does not project itself, every
//! claim as far as it can be expressed. This is where the host keeps the promises about fidelity.

use std::collections::BTreeMap;
use std::convert::Infallible;

use caveat_backend::claims::Seen;
use caveat_backend::{EmitCx, Fidelity, Losses};
use caveat_ir::rule::{Bulletin, RuleSet};
use caveat_ir::value::BulletinId;
use caveat_ir::{Checked, Claim, ClaimKind, Origin, describe};
use caveat_plugin::message::{Emit, WireClaim, WireClaimKind};
use caveat_plugin::places;

use super::Plugin;

/// What was given, and what the host remembers of it.
pub(super) struct Dealt {
    pub(super) emit: Emit,
    /// The nodes by JSON pointer.
    pub(super) origins: BTreeMap<String, Origin>,
    /// The best that can be made of each bulletin that was given.
    pub(super) best: BTreeMap<BulletinId, Fidelity>,
}

const UNKNOWN: &str = "the plug-in does not know it";

/// Decides bulletin by bulletin what the plug-in gets, and notes what it does not.
pub(super) fn deal(plugin: &Plugin, rules: &Checked, cx: &mut EmitCx<'_>) -> Dealt {
    let set = rules.rules();
    let (mut best, mut claims) = (BTreeMap::new(), Vec::new());
    for bulletin in &set.bulletins {
        let seen: Vec<Seen<'_>> = set.claims(bulletin).map(|claim| see(plugin, set, claim)).collect();
        if let Some((fidelity, admitted)) = admit(plugin, bulletin, seen, cx) {
            best.insert(bulletin.id.clone(), fidelity);
            claims.extend(admitted.iter().filter_map(|one| wire(set, one)));
        }
    }
    let mut given = set.clone();
    given.bulletins.retain(|bulletin| best.contains_key(&bulletin.id));
    let (told, origins) = places::take(&mut given, rules.places());
    let options = cx.options().iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let (policy, ids) = (cx.policy(), cx.ledger().clone());
    Dealt { emit: Emit { rules: given, claims, options, policy, places: told, ids }, origins, best }
}

fn see<'a>(plugin: &Plugin, rules: &RuleSet, claim: Claim<'a>) -> Seen<'a> {
    let Ok(seen) = Seen::new(plugin, claim, |formula| Ok::<_, Infallible>(rules.spelled_out(formula)));
    seen
}

/// Whether the plug-in gets the bulletin, the best that can be made of it, and the claims that it gets: none
/// where it projects itself.
fn admit<'a>(
    plugin: &Plugin,
    bulletin: &Bulletin,
    seen: Vec<Seen<'a>>,
    cx: &mut EmitCx<'_>,
) -> Option<(Fidelity, Vec<Seen<'a>>)> {
    let mut losses = Losses::default();
    for one in &seen {
        losses.extend(one.losses.clone());
    }
    let is_unknown = losses.iter().any(|(_, loss)| !plugin.profile.support.contains_key(&loss.feature));
    if is_unknown {
        return cx.admit(bulletin, Fidelity::LeftOut, losses).then(|| (Fidelity::LeftOut, Vec::new()));
    }
    if plugin.profile.projects {
        let best = seen.iter().map(|one| one.fidelity).fold(Fidelity::Exact, Fidelity::and);
        return Some((best, Vec::new()));
    }
    let admitted = cx.admit_claims(bulletin, seen)?;
    Some((admitted.fidelity, admitted.claims))
}

/// The claim as the plug-in gets it.
fn wire(rules: &RuleSet, seen: &Seen<'_>) -> Option<WireClaim> {
    let (bulletin, package, vulnerability) = match &seen.claim.kind {
        ClaimKind::Vulnerable(case) => (case.bulletin, case.package, Some(case.vulnerability)),
        ClaimKind::Missing { bulletin, package } => (*bulletin, *package, None),
        ClaimKind::Inventory(_) => return None,
    };
    let kind = if vulnerability.is_some() { WireClaimKind::Vulnerable } else { WireClaimKind::Missing };
    let formula = seen.formula.clone()?;
    Some(WireClaim {
        kind,
        bulletin: bulletin.id.clone(),
        vulnerability: vulnerability.map(|one| one.id.clone()),
        package: package.name.clone(),
        words: describe::formula(rules, &formula),
        formula,
        fidelity: seen.fidelity,
        lost: seen.losses.words(),
    })
}

impl Plugin {
    /// Why a feature is out of reach for a plug-in that says nothing about it.
    pub(super) fn support_of(&self, feature: caveat_ir::Feature) -> caveat_backend::Support {
        let unknown = caveat_backend::Support::no(UNKNOWN);
        self.profile.support.get(&feature).cloned().unwrap_or(unknown)
    }
}

/// The worst that becomes of some bulletins.
pub(super) fn worst(best: &BTreeMap<BulletinId, Fidelity>, bulletins: &[BulletinId]) -> Fidelity {
    bulletins.iter().filter_map(|id| best.get(id)).copied().fold(Fidelity::Exact, Fidelity::and)
}
