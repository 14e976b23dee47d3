//! From rules to documents: which definitions a bulletin becomes, and what they are made of.
//!
//! All formulas come from `caveat_ir::meaning`. Here they are projected on what OVAL can see,
//! brought into negation normal form and taken apart into tests. Numbers come later (`numbers`),
//! as does writing (`emit`).

mod criteria;
mod definitions;
mod digits;
mod folder;
mod formula;
mod intern;
mod metadata;
mod pattern;
mod plan;
mod platforms;
mod roll_up;
mod several;
mod system;
mod text_version;

use caveat_backend::claims::Seen;
use caveat_backend::{Backend, EmitBug, EmitCx};
use caveat_ir::Checked;
use caveat_ir::rule::Bulletin;
use caveat_ir::value::Date;

pub(crate) use self::metadata::cve_link;
pub(crate) use self::platforms::Platforms;
use crate::model::Document;
use crate::options::Schema;

/// The day of a document none of whose bulletins has a date.
const NO_DATE: &str = "2004-01-01";

/// A document in the making.
#[derive(Debug)]
pub(crate) struct Draft<'a> {
    checked: &'a Checked,
    platforms: &'a Platforms<'a>,
    schema: Schema,
    document: Document,
    latest: Option<Date>,
}

impl<'a> Draft<'a> {
    /// An empty document.
    pub(crate) fn new(
        checked: &'a Checked,
        platforms: &'a Platforms<'a>,
        schema: Schema,
        stem: String,
    ) -> Self {
        let document = Document { stem, ..Document::default() };
        Self { checked, platforms, schema, document, latest: None }
    }

    /// Adds the definitions of a bulletin, if it is to be made, and tells what was lost.
    pub(crate) fn bulletin(
        &mut self,
        bulletin: &'a Bulletin,
        backend: &dyn Backend,
        cx: &mut EmitCx<'_>,
    ) -> Result<(), EmitBug> {
        let claims = self.checked.rules().claims(bulletin);
        let seen = claims.map(|claim| Seen::new(backend, claim, |formula| self.platforms.expand(formula)));
        let seen = seen.collect::<Result<Vec<_>, EmitBug>>()?;
        let Some(admitted) = cx.admit_claims(bulletin, seen) else { return Ok(()) };
        for one in &admitted.claims {
            if let Some(formula) = &one.formula {
                self.define(one, formula)?;
            }
        }
        self.roll_up(bulletin, &admitted.claims)?;
        self.document.fidelity = self.document.fidelity.and(admitted.fidelity);
        self.document.bulletins.insert(bulletin.id.clone());
        let published = bulletin.published.map(|date| date.value);
        let revised = bulletin.revisions.iter().map(|revision| revision.date);
        self.latest = self.latest.into_iter().chain(published).chain(revised).max();
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
}
