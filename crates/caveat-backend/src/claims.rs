//! Claims as a target sees them, and which of them it makes.
//!
//! A claim of which a target sees nothing that an update changes would hold on every host that the
//! package is for, patched or not. No policy asks for that: such a claim is left out, alone, and the
//! user hears of it.

use std::convert::Infallible;

use caveat_ir::rule::{Bulletin, Package, RuleSet};
use caveat_ir::{Claim, ClaimKind, Expr, Leaf};

use crate::projection::{Direction, Projected, fidelity, project, sees};
use crate::{Backend, EmitCx, Fidelity, Losses, Note};

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
        Ok(Self { losses: Losses::of(backend, told), claim, formula: remains, fidelity })
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
    /// Claims of which nothing decisive is seen are left out; the policy decides on the rest.
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
        self.admit(bulletin, fidelity, losses).then_some(admitted)
    }

    /// The same for a target that has no definitions of platforms.
    #[must_use]
    pub fn admit_bulletin<'a>(
        &mut self,
        backend: &dyn Backend,
        rules: &'a RuleSet,
        bulletin: &'a Bulletin,
    ) -> Option<Admitted<'a>> {
        let spell = |formula: &Expr| Ok::<_, Infallible>(rules.spelled_out(formula));
        let seen = rules.claims(bulletin).map(|claim| {
            let Ok(seen) = Seen::new(backend, claim, spell);
            seen
        });
        let seen = seen.collect();
        self.admit_claims(bulletin, seen)
    }

    /// A note for each package of which something is left out.
    fn leave_out(&mut self, bulletin: &Bulletin, made: &[Seen<'_>], blind: &[Seen<'_>]) {
        for package in &bulletin.packages {
            let of = |one: &&Seen<'_>| one.package().is_some_and(|other| std::ptr::eq(other, package));
            let gone: Vec<&Seen<'_>> = blind.iter().filter(of).collect();
            if gone.is_empty() {
                continue;
            }
            let mut losses = Losses::default();
            for one in &gone {
                losses.extend(one.losses.clone());
            }
            let what = if made.iter().any(|one| of(&one)) { parts(&gone) } else { String::new() };
            self.note(Note {
                bulletin: Some(bulletin.id.clone()),
                origin: package.origin,
                fidelity: Fidelity::LeftOut,
                message: left_out(&package.name, &what),
                losses,
            });
        }
    }
}

/// That a package is left out, or `what` of it.
#[must_use]
pub fn left_out(package: &str, what: &str) -> String {
    format!(
        "the package \"{package}\" is left out{what}: what tells outdated hosts from others cannot be seen"
    )
}

/// For which vulnerabilities, and whether for the package itself.
fn parts(gone: &[&Seen<'_>]) -> String {
    let part = |one: &&Seen<'_>| match &one.claim.kind {
        ClaimKind::Vulnerable(case) => case.vulnerability.id.to_string(),
        ClaimKind::Missing { .. } | ClaimKind::Inventory(_) => "whether it is missing".to_owned(),
    };
    format!(" for {}", gone.iter().map(part).collect::<Vec<_>>().join(", "))
}
