//! Hosts that fall into two packages which measure the same file by different floors, and packages
//! that another one covers.

use caveat_diag::{Code, Diagnostic};
use caveat_ir::rule::PackageFile;

use crate::context::{Context, because, report, with_witness, witness};
use crate::view::{PackageView, View};

pub(crate) fn check(_: &Context<'_>, view: &View<'_>, found: &mut Vec<Diagnostic>) {
    for (index, second) in view.packages.iter().enumerate() {
        let earlier = view.packages.iter().take(index);
        let meets = |first: &&PackageView<'_>| {
            !view.world.never(&[&first.platform, &second.platform])
                && !view.world.never(&[&first.applicable, &second.applicable])
        };
        let earlier: Vec<&PackageView<'_>> = earlier.filter(meets).collect();
        // One package that a host may be in besides is enough to narrow this one.
        let clash = earlier.iter().find_map(|first| Some((*first, differing(view, first, second)?)));
        let clashing = clash.as_ref().map(|(first, _)| first.package.name.as_str());
        let others = earlier.iter().filter(|first| clashing != Some(first.package.name.as_str()));
        found.extend(others.filter_map(|first| shadowed(view, first, second)));
        found.extend(clash.map(|(_, problem)| problem));
    }
}

fn shared<'a>(
    first: &PackageView<'a>,
    second: &PackageView<'a>,
) -> impl Iterator<Item = (&'a PackageFile, &'a PackageFile)> {
    let (first, second) = (&first.package.files, &second.package.files);
    let same = |a: &PackageFile, b: &PackageFile| a.path.folded() == b.path.folded();
    first.iter().flat_map(move |a| second.iter().filter(move |b| same(a, b)).map(move |b| (a, b)))
}

/// A file that one package calls outdated and the other fixed, on a host of both.
fn differing(view: &View<'_>, first: &PackageView<'_>, second: &PackageView<'_>) -> Option<Diagnostic> {
    shared(first, second).find_map(|(a, b)| {
        let (of_first, of_second) = (first.file_outdated(view, a), second.file_outdated(view, b));
        let both = [&first.applicable, &second.applicable];
        let host = |outdated, fixed: &caveat_logic::Formula| {
            let asked = [both[0], both[1], outdated, &fixed.negate()];
            witness(&view.world, "in-two-packages", &asked)
        };
        let host = host(&of_first, &of_second).or_else(|| host(&of_second, &of_first))?;
        let (name, other) = (&second.package.name, &first.package.name);
        let message = format!(
            "a host can fall into the packages `{other}` and `{name}`, which have different floors for `{}`",
            a.path.file_name()
        );
        let problem = report(Code::OVERLAPPING_PACKAGES, message, second.platform_span, "overlaps");
        let problem = because(problem, first.platform_span, "this");
        let help = "narrow the platforms or what the packages require until no host is in both";
        Some(with_witness(problem, &host).help(help))
    })
}

/// The second package covers no host and no file that the first does not.
fn shadowed(view: &View<'_>, first: &PackageView<'_>, second: &PackageView<'_>) -> Option<Diagnostic> {
    let (inner, outer) = match (
        view.world.implies(&second.applicable, &first.applicable),
        view.world.implies(&first.applicable, &second.applicable),
    ) {
        (true, _) => (second, first),
        (false, true) => (first, second),
        (false, false) => return None,
    };
    let unpatched = caveat_logic::Formula::all([&inner.applicable, &inner.outdated]);
    // A package that is never outdated is reported as such.
    if view.world.never(&[&unpatched]) || !view.world.implies(&unpatched, &outer.outdated) {
        return None;
    }
    let (name, other) = (&inner.package.name, &outer.package.name);
    let message = format!("the package `{name}` says nothing that the package `{other}` does not");
    let problem = report(Code::SHADOWED_PACKAGE, message, inner.platform_span, "all of these hosts");
    let problem = because(problem, outer.platform_span, "are among these");
    Some(problem.help("remove it, or correct the platforms of one of the two"))
}
