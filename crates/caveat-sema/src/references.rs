//! Where names are defined and where they are used.

use caveat_diag::{FileId, Span};
use caveat_syntax::ast::{
    Bulletin, BulletinStatement, ConditionDef, ConditionKind, File, Item, SummaryStatement, Test, Word,
};

/// What a name stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A module: the whole file.
    Module,
    /// A platform.
    Platform,
    /// An edition of a platform.
    Edition,
    /// A condition, product, component or role.
    Condition(ConditionKind),
    /// A parameter of a condition.
    Parameter,
    /// A bulletin.
    Bulletin,
    /// A summary.
    Summary,
    /// A vulnerability of a bulletin.
    Vulnerability,
}

impl Kind {
    /// `platform`, `edition`, `condition`, …
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Module => "module",
            Self::Platform => "platform",
            Self::Edition => "edition",
            Self::Condition(kind) => kind.keyword(),
            Self::Parameter => "parameter",
            Self::Bulletin => "bulletin",
            Self::Summary => "summary",
            Self::Vulnerability => "vulnerability",
        }
    }
}

/// A name, where it is defined.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Definition {
    /// The name itself.
    pub span: Span,
    /// What it stands for.
    pub kind: Kind,
    /// As it is written.
    pub name: String,
    /// The version, for a product that has one.
    pub version: Option<String>,
    /// What it is written in: the whole bulletin, platform or condition, or the item itself.
    pub item: Span,
}

/// A name, where it is used.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reference {
    /// The name itself.
    pub span: Span,
    /// What it stands for.
    pub kind: Kind,
    /// As it is written.
    pub name: String,
    /// Where it is defined, if it is; a name that stands for several has a reference for each. A module is
    /// defined at the start of its file.
    pub definition: Option<Span>,
}

/// Where a module is defined.
#[must_use]
pub fn start(file: FileId) -> Span {
    Span::new(file, 0, 0)
}

/// All names that a file defines, in order.
#[must_use]
pub fn definitions(tree: &File) -> Vec<Definition> {
    let mut found = Vec::new();
    for item in &tree.items {
        let span = item.span();
        match item {
            Item::Platform(platform) => {
                found.push(defined(Kind::Platform, &platform.name, span));
                let editions = platform.editions.iter();
                found.extend(editions.map(|edition| defined(Kind::Edition, &edition.name, span)));
            }
            Item::Condition(condition) => of_condition(condition, span, &mut found),
            Item::Bulletin(bulletin) => {
                found.push(defined(Kind::Bulletin, &bulletin.id, span));
                of_bulletin(bulletin, &mut found);
            }
            Item::Summary(summary) => found.push(defined(Kind::Summary, &summary.id, span)),
        }
    }
    found
}

fn defined(kind: Kind, name: &Word, item: Span) -> Definition {
    Definition { span: name.span, kind, name: name.text.clone(), version: None, item }
}

fn of_condition(condition: &ConditionDef, item: Span, found: &mut Vec<Definition>) {
    let version = condition.version.as_ref().map(|version| version.text.clone());
    found.push(Definition { version, ..defined(Kind::Condition(condition.kind), &condition.name, item) });
    found.extend(condition.parameters.iter().map(|name| defined(Kind::Parameter, name, condition.span)));
}

fn of_bulletin(bulletin: &Bulletin, found: &mut Vec<Definition>) {
    for statement in &bulletin.statements {
        match &statement.kind {
            BulletinStatement::Condition(condition) => of_condition(condition, bulletin.span, found),
            BulletinStatement::Vulnerability(vulnerability) => {
                found.push(defined(Kind::Vulnerability, &vulnerability.id, bulletin.span));
            }
            _ => {}
        }
    }
}

/// The bulletins and vulnerabilities that a file names. Where a bulletin is defined, is for those to say who
/// know all files.
pub(crate) fn named(tree: &File) -> Vec<Reference> {
    let mut found = Vec::new();
    for item in &tree.items {
        match item {
            Item::Bulletin(bulletin) => named_in(bulletin, &mut found),
            Item::Summary(summary) => {
                for statement in &summary.statements {
                    if let SummaryStatement::Includes(ids) = &statement.kind {
                        found.extend(ids.iter().map(bulletin_named));
                    }
                }
            }
            Item::Platform(_) | Item::Condition(_) => {}
        }
    }
    found
}

fn bulletin_named(id: &Word) -> Reference {
    Reference { span: id.span, kind: Kind::Bulletin, name: id.text.clone(), definition: None }
}

fn named_in(bulletin: &Bulletin, found: &mut Vec<Reference>) {
    for statement in &bulletin.statements {
        match &statement.kind {
            BulletinStatement::Supersedes(supersedes) => {
                found.extend(supersedes.bulletins.iter().map(bulletin_named));
            }
            BulletinStatement::Test(test) => vulnerabilities_in(test, bulletin, found),
            _ => {}
        }
    }
}

fn vulnerabilities_in(test: &Test, bulletin: &Bulletin, found: &mut Vec<Reference>) {
    let place = |id: &Word| {
        bulletin.statements.iter().find_map(|statement| match &statement.kind {
            BulletinStatement::Vulnerability(one) if one.id.text == id.text => Some(one.id.span),
            _ => None,
        })
    };
    let named = test.expectations.iter().flat_map(|expectation| &expectation.vulnerabilities);
    found.extend(named.map(|id| Reference {
        span: id.span,
        kind: Kind::Vulnerability,
        name: id.text.clone(),
        definition: place(id),
    }));
}
