//! Claims as a target sees them, and which of them it makes.
//!
//! A claim of which a target sees nothing that an update changes would hold on every host that the
//! package is for, patched or not. No policy asks for that: such a claim is left out, alone, and the
//! user hears of it.
//!
//! A target may see every test of a claim and still have no way to say it: a value, a combination. It says so
//! with [`Seen::cannot`] before the policy decides.

use std::convert::Infallible;

use caveat_ir::rule::{Bulletin, Package, RuleSet};
use caveat_ir::value::CveId;
use caveat_ir::{Claim, ClaimKind, Expr, Leaf};

use crate::projection::{Direction, Projected, fidelity, project, sees};
use crate::{Backend, EmitCx, Fidelity, Losses, Note, Policy, Text};

/// A claim as far as a target sees it.
#[derive(Debug)]
pub struct Seen<'a> {
    /// The claim.
    pub claim: Claim<'a>,
    /// What remains of its formula; nothing where the target does not see what decides it.
    pub formula: Option<Expr>,
    /// The tests that it does not see, or sees in part.
    pub losses: Losses,
    /// How what remains relates to the claim.
    pub fidelity: Fidelity,
    /// Why the target cannot say the claim, though it sees what decides it.
    pub cannot: Option<Text>,
}

/// Every claim of a bulletin as a target sees it that has no definitions of platforms.
#[must_use]
pub fn seen<'a>(backend: &dyn Backend, rules: &'a RuleSet, bulletin: &'a Bulletin) -> Vec<Seen<'a>> {
    let spell = |formula: &Expr| Ok::<_, Infallible>(rules.spelled_out(formula));
    let seen = |claim| {
        let Ok(seen) = Seen::new(backend, claim, spell);
        seen
    };
    rules.claims(bulletin).map(seen).collect()
}

impl<'a> Seen<'a> {
    /// The claim as `backend` sees it. `spell` puts the facts of platforms in their place, as far as the
    /// target has no word for them.
    ///
    /// # Errors
    /// Those of `spell`.
    pub fn new<E>(
        backend: &dyn Backend,
        claim: Claim<'a>,
        spell: impl Fn(&Expr) -> Result<Expr, E>,
    ) -> Result<Self, E> {
        let (formula, decisive) = (spell(&claim.formula)?, spell(&claim.decisive())?);
        let visible = |leaf: &Leaf, direction| sees(backend, leaf, direction);
        let remains = match project(&formula, Direction::Over, &visible) {
            Projected::Formula(remains) if !is_blind(&decisive, &visible) => Some(remains),
            Projected::Formula(_) | Projected::Constant(_) => None,
        };
        let (told, fidelity) = match remains {
            Some(_) => (&formula, fidelity(backend, &formula, Direction::Over)),
            None => (&decisive, Fidelity::LeftOut),
        };
        Ok(Self { losses: Losses::of(backend, told), claim, formula: remains, fidelity, cannot: None })
    }

    /// The claim, left out: the target has no way to say it, for this reason.
    #[must_use]
    pub fn cannot(self, why: impl Into<Text>) -> Self {
        Self { formula: None, fidelity: Fidelity::LeftOut, cannot: Some(why.into()), ..self }
    }

    /// Why the claim is left out, where it is.
    fn why(&self) -> &str {
        self.cannot.as_deref().unwrap_or(UNSEEN)
    }

    fn package(&self) -> Option<&'a Package> {
        match &self.claim.kind {
            ClaimKind::Vulnerable(case) => Some(case.package),
            ClaimKind::Missing { package, .. } => Some(package),
            ClaimKind::Inventory(_) => None,
        }
    }
}

/// Whether a target sees nothing of the part of a claim that an update changes: of what it does see, there
/// are at most tests of what Windows the host has. `visible` says which tests it sees.
#[must_use]
pub fn is_blind(decisive: &Expr, visible: &dyn Fn(&Leaf, Direction) -> bool) -> bool {
    match project(decisive, Direction::Over, visible) {
        Projected::Constant(value) => value,
        Projected::Formula(remains) if remains == *decisive => false,
        Projected::Formula(remains) => {
            let mut blind = true;
            remains.leaves(&mut |leaf| blind &= leaf.test.is_of_the_system());
            blind
        }
    }
}

/// The claims of a bulletin that a target makes.
#[derive(Debug)]
pub struct Admitted<'a> {
    /// The claims, each with a formula.
    pub claims: Vec<Seen<'a>>,
    /// The tests that are not seen in them, or seen in part.
    pub losses: Losses,
    /// How they, taken together, relate to the bulletin.
    pub fidelity: Fidelity,
}

impl EmitCx<'_> {
    /// Decides which claims of a bulletin are made, and tells the user what is not, and what is not exact.
    /// Claims of which nothing decisive is seen are left out; the policy decides on the rest. With a claim
    /// that the target [cannot](Seen::cannot) say, the bulletin is made under [`Policy::Approximate`] only.
    #[must_use]
    pub fn admit_claims<'a>(&mut self, bulletin: &Bulletin, seen: Vec<Seen<'a>>) -> Option<Admitted<'a>> {
        let (claims, blind): (Vec<_>, Vec<_>) = seen.into_iter().partition(|one| one.formula.is_some());
        self.leave_out(bulletin, &claims, &blind);
        if claims.is_empty() {
            return None;
        }
        let mut losses = Losses::default();
        for one in &claims {
            losses.extend(one.losses.clone());
        }
        let fidelity = claims.iter().map(|one| one.fidelity).fold(Fidelity::Exact, Fidelity::and);
        let misses = blind.iter().any(|one| matches!(one.claim.kind, ClaimKind::Vulnerable(_)));
        let whole = if misses { fidelity.and(Fidelity::MayMiss) } else { fidelity };
        let admitted = Admitted { claims, losses: losses.clone(), fidelity: whole };
        let is_whole = blind.iter().all(|one| one.cannot.is_none());
        let told =
            if is_whole || self.policy() == Policy::Approximate { fidelity } else { Fidelity::LeftOut };
        self.admit(bulletin, told, losses).then_some(admitted)
    }

    /// The same for a target that has no definitions of platforms.
    #[must_use]
    pub fn admit_bulletin<'a>(
        &mut self,
        backend: &dyn Backend,
        rules: &'a RuleSet,
        bulletin: &'a Bulletin,
    ) -> Option<Admitted<'a>> {
        self.admit_claims(bulletin, seen(backend, rules, bulletin))
    }

    /// A note for each package of which something is left out, and each reason.
    fn leave_out(&mut self, bulletin: &Bulletin, made: &[Seen<'_>], gone: &[Seen<'_>]) {
        for package in &bulletin.packages {
            let of = |one: &&Seen<'_>| one.package().is_some_and(|other| std::ptr::eq(other, package));
            let mut left: Vec<&Seen<'_>> = gone.iter().filter(of).collect();
            let is_made = made.iter().any(|one| of(&one));
            while let Some(first) = left.first().copied() {
                let (alike, others) = left.into_iter().partition(|one| one.why() == first.why());
                let is_whole = !is_made && Vec::is_empty(&others);
                self.note(note(bulletin, package, &alike, is_whole));
                left = others;
            }
        }
    }
}

/// Why a claim is left out for which there is no other reason.
const UNSEEN: &str = "what tells outdated hosts from others cannot be seen";

/// That claims of a package are left out for a reason; `is_whole` when there is no other of it.
fn note(bulletin: &Bulletin, package: &Package, gone: &[&Seen<'_>], is_whole: bool) -> Note {
    let mut losses = Losses::default();
    // What is not seen is no reason why a claim that is seen cannot be said.
    for one in gone.iter().filter(|one| one.cannot.is_none()) {
        losses.extend(one.losses.clone());
    }
    let what = |one: &&Seen<'_>| match &one.claim.kind {
        ClaimKind::Vulnerable(case) => Some(case.vulnerability.id.clone()),
        ClaimKind::Missing { .. } | ClaimKind::Inventory(_) => None,
    };
    let what = if is_whole { Vec::new() } else { gone.iter().map(what).collect() };
    let why = gone.first().map_or(UNSEEN, |one| one.why());
    Note {
        bulletin: Some(bulletin.id.clone()),
        origin: package.origin,
        fidelity: Fidelity::LeftOut,
        message: left_out(&package.name, &what, why),
        losses,
    }
}

/// That a package is left out, or, where `what` is not empty, that it is for these vulnerabilities and, for
/// nothing in place of one, for whether it is missing.
#[must_use]
pub fn left_out(package: &str, what: &[Option<CveId>], why: &str) -> String {
    let part = |one: &Option<CveId>| {
        one.as_ref().map_or_else(|| "whether it is missing".to_owned(), CveId::to_string)
    };
    let parts = what.iter().map(part).collect::<Vec<_>>().join(", ");
    let whole = if parts.is_empty() { String::new() } else { format!(" for {parts}") };
    format!("the package \"{package}\" is left out{whole}: {why}")
}
