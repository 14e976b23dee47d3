//! Packages that go by whether one cumulative update is listed: a host lists the newest one only.

use std::collections::BTreeSet;

use caveat_diag::{Code, Diagnostic, Span};
use caveat_ir::expr::Test;
use caveat_ir::rule::Package;
use caveat_ir::value::{Date, Kb, OsVersion};
use caveat_ir::{Expr, Leaf};

use crate::context::{Context, report};
use crate::data::is_of_servicing_stack;
use crate::view::View;

/// From this version on, every update contains those before it.
const WINDOWS_10: OsVersion = OsVersion { major: 10, minor: 0 };
/// The first version that got rollups, and the day from which on they are.
const WINDOWS_7: OsVersion = OsVersion { major: 6, minor: 1 };
const ROLLUPS: &str = "2016-10-01";

/// Which updates of a Windows contain those before them.
enum Cumulative {
    /// All its updates.
    Every,
    /// Those of Windows itself.
    OfWindows,
}

pub(crate) fn check(context: &Context<'_>, view: &View<'_>, found: &mut Vec<Diagnostic>) {
    let bulletin = view.bulletin;
    for package in view.packages.iter().map(|package| package.package) {
        let since = bulletin.published.as_deref();
        let Some(updates) = cumulative(context, package, since) else { continue };
        let names_net = |text: &str| text.contains(".NET");
        let of_net = names_net(&package.name) || bulletin.titles.iter().any(|title| names_net(&title.text));
        if matches!(updates, Cumulative::OfWindows) && of_net {
            continue;
        }
        let every = matches!(updates, Cumulative::Every);
        let requires = package.requires.iter().filter(|expr| every && settles(expr));
        let mut places: BTreeSet<Option<Span>> = BTreeSet::new();
        for expr in requires {
            hotfixes(expr, &mut |leaf| {
                let alone = article(leaf).is_some_and(|kb| stands_alone(kb, package, &bulletin.notes));
                places.extend((!alone).then(|| context.span(leaf.origin)));
            });
        }
        let outdated = context.rules.outdated(package);
        if left_without(&outdated) == Left::True {
            hotfixes(&outdated, &mut |leaf| {
                places.insert(context.span(leaf.origin));
            });
        }
        found.extend(places.into_iter().map(|span| finding(package, span)));
    }
}

fn article(leaf: &Leaf) -> Option<Kb> {
    match leaf.test {
        Test::Hotfix(kb) => Some(kb),
        _ => None,
    }
}

/// Whether an update is one of the servicing stack, which hosts list beside cumulative ones: it is known to be,
/// or a note says so.
fn stands_alone(kb: Kb, package: &Package, notes: &[String]) -> bool {
    let number = kb.0.to_string();
    let says_so = |note: &String| {
        let folded = note.to_ascii_lowercase();
        folded.contains(&number) && folded.contains("servicing stack")
    };
    is_of_servicing_stack(kb.0) || package.notes.iter().chain(notes).any(says_so)
}

fn finding(package: &Package, span: Option<Span>) -> Diagnostic {
    let message = format!("the package `{}` goes by one article of a cumulative update", package.name);
    report(Code::SUPERSEDED_UPDATE, message, span, "a patched host lists a later one in its place")
        .note("a host lists the newest cumulative update only, so that it looks as if this one were missing")
        .help(
            "compare the version of a file; on 10.0 also the revision of the host's build: `build fixed in BUILD.REVISION`",
        )
}

/// Which updates of the package's platforms replace each other, if any do on all of them.
fn cumulative(context: &Context<'_>, package: &Package, published: Option<&Date>) -> Option<Cumulative> {
    let versions = package.platforms.iter().map(|id| {
        let selector = context.rules.selector(*id)?;
        context.rules.facts(selector).version
    });
    let versions: Vec<OsVersion> = versions.collect::<Option<_>>()?;
    let rollups = ROLLUPS.parse::<Date>().is_ok_and(|first| published.is_some_and(|date| *date >= first));
    match versions.iter().min()? {
        version if *version >= WINDOWS_10 => Some(Cumulative::Every),
        version if *version >= WINDOWS_7 && rollups => Some(Cumulative::OfWindows),
        _ => None,
    }
}

fn hotfixes<'e>(expr: &'e Expr, visit: &mut impl FnMut(&'e Leaf)) {
    expr.leaves(&mut |leaf| {
        if matches!(leaf.test, Test::Hotfix(_)) {
            visit(leaf);
        }
    });
}

/// Whether a condition asks for updates and is settled when none is listed.
fn settles(expr: &Expr) -> bool {
    let mut asked = false;
    hotfixes(expr, &mut |_| asked = true);
    asked && left_without(expr) != Left::Open
}

/// What is left of a formula when no update is listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Left {
    /// It holds, as far as the system does not decide.
    True,
    False,
    /// Another fact decides.
    Open,
}

impl Left {
    fn negate(self) -> Self {
        match self {
            Self::True => Self::False,
            Self::False => Self::True,
            Self::Open => Self::Open,
        }
    }
}

fn left_without(expr: &Expr) -> Left {
    let some = |parts: &[Expr], decides: Left| {
        let parts: Vec<Left> =
            parts.iter().filter(|part| !is_of_the_system(part)).map(left_without).collect();
        match () {
            () if parts.contains(&decides) => decides,
            () if parts.contains(&Left::Open) => Left::Open,
            () => decides.negate(),
        }
    };
    match expr {
        Expr::All(parts) => some(parts, Left::False),
        Expr::Any(parts) => some(parts, Left::True),
        Expr::Not(part) => left_without(part).negate(),
        Expr::Test(leaf) if matches!(leaf.test, Test::Hotfix(_)) => Left::False,
        Expr::Test(_) | Expr::Platform(_) => Left::Open,
    }
}

/// Whether a formula asks for what Windows the host has, and nothing else.
fn is_of_the_system(expr: &Expr) -> bool {
    match expr {
        Expr::All(parts) | Expr::Any(parts) => parts.iter().all(is_of_the_system),
        Expr::Not(part) => is_of_the_system(part),
        Expr::Platform(_) => true,
        Expr::Test(leaf) => leaf.test.is_of_the_system(),
    }
}
