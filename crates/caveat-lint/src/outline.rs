//! What other bulletins have to know of a bulletin.

use caveat_diag::{Diagnostic, Span};
use caveat_ir::Checked;
use caveat_ir::rule::Bulletin;
use caveat_ir::value::{BulletinId, Date, Kb};
use caveat_syntax::ast::{self, BulletinStatement, Meta};

use crate::bulletins;

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
    /// The outlines of the bulletins that were lowered from a file.
    #[must_use]
    pub fn all(checked: &Checked, tree: &ast::File) -> Vec<Self> {
        let written = bulletins(tree);
        let bulletins = checked.rules().bulletins.iter();
        let of = |bulletin: &Bulletin| {
            let ast = written.get(bulletin.id.as_str()).copied();
            Self::of(checked, bulletin, ast)
        };
        bulletins.map(of).collect()
    }

    /// The numbers of articles and vulnerabilities that it claims.
    pub fn claims(&self) -> impl Iterator<Item = &str> {
        self.articles.iter().chain(&self.cves).map(|(id, _)| id.as_str())
    }

    /// The bulletins that it replaces.
    pub fn replaced(&self) -> impl Iterator<Item = &BulletinId> {
        self.supersedes.iter().map(|(id, _)| id)
    }

    fn of(checked: &Checked, bulletin: &Bulletin, ast: Option<&ast::Bulletin>) -> Self {
        let supersedes = bulletin.supersedes.iter().flat_map(|one| &one.bulletins);
        let supersedes = supersedes.map(|id| (id.clone(), ast.and_then(|ast| superseded(ast, id.as_str()))));
        let articles = bulletin.kb.iter().map(|kb| (kb.to_string(), ast.and_then(|ast| article(ast, kb.0))));
        let cves = bulletin.vulnerabilities.iter();
        let cves = cves.map(|one| (one.id.to_string(), checked.places().span(one.origin)));
        Self {
            id: bulletin.id.clone(),
            published: bulletin.published,
            supersedes: supersedes.collect(),
            articles: articles.collect(),
            cves: cves.collect(),
        }
    }

    /// Whether it says that it replaces another bulletin.
    pub(crate) fn replaces(&self, other: &Self) -> bool {
        self.supersedes.iter().any(|(id, _)| *id == other.id)
    }
}

fn superseded(bulletin: &ast::Bulletin, id: &str) -> Option<Span> {
    let words = bulletin.statements.iter().filter_map(|statement| match &statement.kind {
        BulletinStatement::Supersedes(supersedes) => Some(&supersedes.bulletins),
        _ => None,
    });
    words.flatten().find(|word| word.text == id).map(|word| word.span)
}

fn article(bulletin: &ast::Bulletin, number: u32) -> Option<Span> {
    let words = bulletin.statements.iter().filter_map(|statement| match &statement.kind {
        BulletinStatement::Meta(Meta::Kb(words)) => Some(words),
        _ => None,
    });
    let is = |text: &str| text.parse::<Kb>().is_ok_and(|kb| kb.0 == number);
    words.flatten().find(|word| is(&word.text)).map(|word| word.span)
}
