//! What other bulletins have to know of a bulletin.

use caveat_diag::{Diagnostic, Span};
use caveat_ir::Checked;
use caveat_ir::rule::Bulletin;
use caveat_ir::value::{BulletinId, Date};

/// Tells of a floor that is lower in the first of two bulletins than in the second, to be reported at a place.
pub type Lower<'l> = dyn FnMut(&Outline, &Outline, Option<Span>) -> Option<Diagnostic> + 'l;

/// What other bulletins have to know of a bulletin.
#[derive(Debug, Clone)]
pub struct Outline {
    /// Its id.
    pub id: BulletinId,
    pub(crate) published: Option<Date>,
    /// The bulletins that it replaces, and where it says so.
    pub(crate) supersedes: Vec<(BulletinId, Option<Span>)>,
    pub(crate) articles: Vec<(String, Option<Span>)>,
    pub(crate) cves: Vec<(String, Option<Span>)>,
}

impl Outline {
    /// The outlines of bulletins.
    #[must_use]
    pub fn all(checked: &Checked) -> Vec<Self> {
        checked.rules().bulletins.iter().map(|bulletin| Self::of(checked, bulletin)).collect()
    }

    /// The numbers of articles and vulnerabilities that it claims.
    pub fn claims(&self) -> impl Iterator<Item = &str> {
        self.articles.iter().chain(&self.cves).map(|(id, _)| id.as_str())
    }

    /// The bulletins that it replaces.
    pub fn replaced(&self) -> impl Iterator<Item = &BulletinId> {
        self.supersedes.iter().map(|(id, _)| id)
    }

    fn of(checked: &Checked, bulletin: &Bulletin) -> Self {
        let span = |origin| checked.places().span(origin);
        let supersedes = bulletin.supersedes.iter().flat_map(|one| one.bulletins.placed());
        let articles = bulletin.kb.placed();
        let cves = bulletin.vulnerabilities.iter();
        Self {
            id: bulletin.id.clone(),
            published: bulletin.published.map(|date| date.value),
            supersedes: supersedes.map(|(id, origin)| (id.clone(), span(origin))).collect(),
            articles: articles.map(|(kb, origin)| (kb.to_string(), span(origin))).collect(),
            cves: cves.map(|one| (one.id.to_string(), span(one.origin))).collect(),
        }
    }

    /// Whether it says that it replaces another bulletin.
    pub(crate) fn replaces(&self, other: &Self) -> bool {
        self.supersedes.iter().any(|(id, _)| *id == other.id)
    }
}
