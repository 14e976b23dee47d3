//! From rules to documents: which definitions a bulletin becomes, and what they are made of.
//!
//! All formulas come from `caveat_ir::meaning`. Here they are projected on what OVAL can see,
//! brought into negation normal form and taken apart into tests. Numbers come later (`numbers`),
//! as does writing (`emit`).

mod criteria;
mod definitions;
mod formula;
mod intern;
mod metadata;
mod pattern;
mod plan;
mod platforms;
mod system;
mod text_version;

use caveat_backend::projection::{Direction, Projected, project, sees};
use caveat_backend::{Backend, EmitBug, EmitCx, Fidelity, Losses, Note};
use caveat_ir::rule::Bulletin;
use caveat_ir::value::Date;
use caveat_ir::{Checked, Claim, ClaimKind, Expr, Leaf, Origin};

pub(crate) use self::platforms::Platforms;
use crate::model::Document;

/// The day of a document none of whose bulletins has a date.
const NO_DATE: &str = "2004-01-01";

/// A document in the making.
#[derive(Debug)]
pub(crate) struct Draft<'a> {
    checked: &'a Checked,
    platforms: &'a Platforms<'a>,
    document: Document,
    latest: Option<Date>,
}

/// A claim whose formula holds nothing that has no definition.
struct Expanded<'a> {
    claim: Claim<'a>,
    formula: Expr,
}

impl<'a> Draft<'a> {
    /// An empty document.
    pub(crate) fn new(checked: &'a Checked, platforms: &'a Platforms<'a>, stem: String) -> Self {
        let document = Document { stem, ..Document::default() };
        Self { checked, platforms, document, latest: None }
    }

    /// Adds the definitions of a bulletin, if it is to be made, and tells what was lost.
    pub(crate) fn bulletin(
        &mut self,
        bulletin: &'a Bulletin,
        backend: &dyn Backend,
        cx: &mut EmitCx<'_>,
    ) -> Result<(), EmitBug> {
        let expanded = self.expanded(bulletin)?;
        let mut losses = Losses::default();
        for one in &expanded {
            losses.extend(Losses::of(backend, &one.formula));
        }
        let fidelity = if losses.is_empty() { Fidelity::Exact } else { Fidelity::MayOverReport };
        if !cx.admit(bulletin, fidelity, losses) {
            return Ok(());
        }
        let visible = |leaf: &Leaf, direction| sees(backend, leaf, direction);
        for one in &expanded {
            match project(&one.formula, Direction::Over, &visible) {
                Projected::Formula(formula) => {
                    self.define(&one.claim, &formula, &Losses::of(backend, &one.formula))?;
                }
                Projected::Constant(value) => cx.note(constant_note(bulletin, &one.claim, value)),
            }
        }
        self.document.bulletins.insert(bulletin.id.clone());
        let revised = bulletin.revisions.iter().map(|revision| revision.date);
        self.latest = self.latest.into_iter().chain(bulletin.published).chain(revised).max();
        Ok(())
    }

    /// The document, unless it has no definition.
    pub(crate) fn finish(mut self, timestamp: Option<&str>) -> Option<Document> {
        let derived = || {
            let day = self.latest.map_or_else(|| NO_DATE.to_owned(), |day| day.to_string());
            format!("{day}T00:00:00")
        };
        self.document.timestamp = timestamp.map_or_else(derived, str::to_owned);
        (!self.document.definitions.is_empty()).then_some(self.document)
    }

    fn expanded(&self, bulletin: &'a Bulletin) -> Result<Vec<Expanded<'a>>, EmitBug> {
        let expand = |claim: Claim<'a>| {
            let formula = self.platforms.expand(&claim.formula)?;
            Ok(Expanded { claim, formula })
        };
        self.checked.rules().claims(bulletin).map(expand).collect()
    }
}

fn constant_note(bulletin: &Bulletin, claim: &Claim<'_>, value: bool) -> Note {
    let (what, origin) = match &claim.kind {
        ClaimKind::Vulnerable(case) => (
            format!("{} with the package `{}`", case.vulnerability.id, case.package.name),
            case.package.origin,
        ),
        ClaimKind::Missing { package, .. } => (format!("the package `{}`", package.name), package.origin),
        ClaimKind::Inventory(_) => ("a platform".to_owned(), Origin::default()),
    };
    let message = format!(
        "no definition for {what}: of its condition nothing remains that OVAL can see, so it would be {value} on every host"
    );
    Note {
        bulletin: Some(bulletin.id.clone()),
        origin,
        fidelity: Fidelity::LeftOut,
        message,
        losses: Losses::default(),
    }
}
