//! What a plug-in is given: the rules that it may see, and for one that does not project itself, every
//! claim as far as it can be expressed. This is where the host keeps the promises about fidelity.

use std::collections::BTreeMap;

use caveat_backend::projection::{Direction, Projected, project, sees};
use caveat_backend::{EmitCx, Fidelity, Losses, Note};
use caveat_ir::rule::{Bulletin, RuleSet};
use caveat_ir::value::BulletinId;
use caveat_ir::{Checked, Claim, ClaimKind, Expr, Leaf, Origin, describe};
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

/// A claim and what the plug-in can see of it.
struct Seen<'a> {
    claim: Claim<'a>,
    formula: Projected,
    losses: Losses,
}

/// Decides bulletin by bulletin what the plug-in gets, and notes what it does not.
pub(super) fn deal(plugin: &Plugin, rules: &Checked, cx: &mut EmitCx<'_>) -> Dealt {
    let set = rules.rules();
    let (mut best, mut claims) = (BTreeMap::new(), Vec::new());
    for bulletin in &set.bulletins {
        let seen: Vec<Seen<'_>> = set.claims(bulletin).map(|claim| see(plugin, set, claim)).collect();
        if let Some(fidelity) = admit(plugin, bulletin, &seen, cx) {
            best.insert(bulletin.id.clone(), fidelity);
            if !plugin.profile.projects {
                claims.extend(seen.iter().filter_map(|one| wire(set, one, cx)));
            }
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
    let formula = rules.spelled_out(&claim.formula);
    let visible = |leaf: &Leaf, direction: Direction| sees(plugin, leaf, direction);
    let losses = Losses::of(plugin, &formula);
    Seen { claim, formula: project(&formula, Direction::Over, &visible), losses }
}

/// Whether the plug-in gets the bulletin, and the best that can be made of it.
fn admit(plugin: &Plugin, bulletin: &Bulletin, seen: &[Seen<'_>], cx: &mut EmitCx<'_>) -> Option<Fidelity> {
    let mut losses = Losses::default();
    for one in seen {
        losses.extend(one.losses.clone());
    }
    let is_unknown = losses.iter().any(|(_, loss)| !plugin.profile.support.contains_key(&loss.feature));
    let is_exact = losses.is_empty();
    let nothing = seen.iter().all(|one| matches!(one.formula, Projected::Constant(_)));
    let fidelity = match (is_exact, is_unknown || nothing) {
        (true, _) => Fidelity::Exact,
        (false, true) => Fidelity::LeftOut,
        (false, false) => Fidelity::MayOverReport,
    };
    let decides = plugin.profile.projects && !is_unknown;
    (decides || cx.admit(bulletin, fidelity, losses)).then_some(fidelity)
}

/// The claim as the plug-in gets it; none, with a note, when nothing of it can be seen.
fn wire(rules: &RuleSet, seen: &Seen<'_>, cx: &mut EmitCx<'_>) -> Option<WireClaim> {
    let (bulletin, package, vulnerability) = match &seen.claim.kind {
        ClaimKind::Vulnerable(case) => (case.bulletin, case.package, Some(case.vulnerability)),
        ClaimKind::Missing { bulletin, package } => (*bulletin, *package, None),
        ClaimKind::Inventory(_) => return None,
    };
    let kind = if vulnerability.is_some() { WireClaimKind::Vulnerable } else { WireClaimKind::Missing };
    let Projected::Formula(formula) = &seen.formula else {
        let what = vulnerability.map_or_else(
            || format!("package \"{}\" is missing", package.name),
            |one| format!("package \"{}\" leaves {} open", package.name, one.id),
        );
        cx.note(Note {
            bulletin: Some(bulletin.id.clone()),
            origin: package.origin,
            fidelity: Fidelity::LeftOut,
            message: format!("the target sees nothing of whether {what}"),
            losses: seen.losses.clone(),
        });
        return None;
    };
    Some(WireClaim {
        kind,
        bulletin: bulletin.id.clone(),
        vulnerability: vulnerability.map(|one| one.id.clone()),
        package: package.name.clone(),
        words: describe::formula(rules, formula),
        formula: Expr::clone(formula),
        fidelity: if seen.losses.is_empty() { Fidelity::Exact } else { Fidelity::MayOverReport },
        lost: seen.losses.words(),
    })
}

impl Plugin {
    /// Why a feature is out of reach for a plug-in that says nothing about it.
    pub(super) fn support_of(&self, feature: caveat_ir::Feature) -> caveat_backend::Support {
        let unknown = caveat_backend::Support::No { why: UNKNOWN };
        self.profile.support.get(&feature).copied().unwrap_or(unknown)
    }
}

/// The worst that becomes of some bulletins.
pub(super) fn worst(best: &BTreeMap<BulletinId, Fidelity>, bulletins: &[BulletinId]) -> Fidelity {
    bulletins.iter().filter_map(|id| best.get(id)).copied().max().unwrap_or(Fidelity::Exact)
}
