//! What a plug-in is given: the rules that it may see, and for one that does not project itself, every
//! claim as far as it can be expressed. This is where the host keeps the promises about fidelity.

use std::collections::BTreeMap;

use caveat_backend::claims::{self, Seen};
use caveat_backend::{EmitCx, Fidelity, Losses};
use caveat_ir::rule::{Bulletin, Package, Vulnerability};
use caveat_ir::value::{BulletinId, CveId};
use caveat_ir::{Checked, ClaimKind, Origin};
use caveat_plugin::message::Emit;
use caveat_plugin::places;

use super::{Plugin, wire};

/// What was given, and what the host remembers of it.
pub(super) struct Dealt {
    pub(super) emit: Emit,
    /// The nodes by JSON pointer.
    pub(super) origins: BTreeMap<String, Origin>,
    /// The best that can be made of each bulletin that was given.
    pub(super) best: BTreeMap<BulletinId, Fidelity>,
    /// What the claims that were given are about, in their order.
    pub(super) claims: Vec<Given>,
}

/// What a claim is about that was given.
#[derive(Debug)]
pub(super) struct Given {
    pub(super) bulletin: BulletinId,
    pub(super) package: String,
    /// Where the package is.
    pub(super) origin: Origin,
    /// For a claim that the host is vulnerable.
    pub(super) vulnerability: Option<CveId>,
}

const UNKNOWN: &str = "the plug-in does not know it";

/// Decides bulletin by bulletin what the plug-in gets, and notes what it does not.
pub(super) fn deal(plugin: &Plugin, rules: &Checked, cx: &mut EmitCx<'_>) -> Dealt {
    let set = rules.rules();
    let (mut best, mut claims, mut about) = (BTreeMap::new(), Vec::new(), Vec::new());
    for bulletin in &set.bulletins {
        let seen = claims::seen(plugin, set, bulletin);
        if let Some((fidelity, admitted)) = admit(plugin, bulletin, seen, cx) {
            let index = best.len();
            best.insert(bulletin.id.clone(), fidelity);
            for one in &admitted {
                if let (Some(given), Some(claim)) = (given(one), wire::claim(plugin, set, one, index)) {
                    about.push(given);
                    claims.push(claim);
                }
            }
        }
    }
    let mut given = set.clone();
    given.bulletins.retain(|bulletin| best.contains_key(&bulletin.id));
    let (told, origins) = places::take(&mut given, rules.places());
    let options = cx.options().iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let (policy, ids) = (cx.policy(), cx.ledger().clone());
    let emit = Emit { rules: given, claims, options, policy, places: told, ids };
    Dealt { emit, origins, best, claims: about }
}

fn given(seen: &Seen<'_>) -> Option<Given> {
    let (bulletin, package, vulnerability) = subject(&seen.claim.kind)?;
    Some(Given {
        bulletin: bulletin.id.clone(),
        package: package.name.clone(),
        origin: package.origin,
        vulnerability: vulnerability.map(|one| one.id.clone()),
    })
}

/// What a claim about a package is about.
pub(super) fn subject<'a>(
    kind: &ClaimKind<'a>,
) -> Option<(&'a Bulletin, &'a Package, Option<&'a Vulnerability>)> {
    match kind {
        ClaimKind::Vulnerable(case) => Some((case.bulletin, case.package, Some(case.vulnerability))),
        ClaimKind::Missing { bulletin, package, .. } => Some((bulletin, package, None)),
        ClaimKind::Inventory(_) => None,
    }
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
