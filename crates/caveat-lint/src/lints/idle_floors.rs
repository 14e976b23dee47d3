//! Floors beside `vulnerable when`, which stands in their place, and `outside` where no version is.

use caveat_diag::{Code, Diagnostic};

use crate::context::{Context, because, lies_in, report};
use crate::view::{PackageView, View, unmeasured};

pub(crate) fn check(context: &Context<'_>, view: &View<'_>, found: &mut Vec<Diagnostic>) {
    for package in &view.packages {
        // Of a condition that is to go, the floors are to stay.
        let condition = package.package.vulnerable_when.as_ref().and_then(|one| context.span(one.origin));
        let is_of = |problem: &Diagnostic| {
            problem.span().zip(condition).is_some_and(|(span, condition)| lies_in(span, condition))
        };
        let goes = found.iter().any(|one| one.code == Code::OWN_MARKER && is_of(one));
        let idle = if goes { None } else { beside_a_condition(context, package) };
        found.extend(idle.or_else(|| nothing_outside(context, view, package)));
    }
}

fn beside_a_condition(context: &Context<'_>, package: &PackageView<'_>) -> Option<Diagnostic> {
    let condition = package.package.vulnerable_when.as_ref()?;
    let file = package.floors().next().map(|(file, floor)| (file.path.file_name().to_owned(), floor.origin));
    let build = || package.package.builds.first().map(|floor| (floor.build.to_string(), floor.origin));
    let help = if file.is_some() {
        "ask for the version there (`or file … version < …`), or leave one of the two out; a file that is only listed is `unversioned`"
    } else {
        "ask for the builds there (`or os build …`), or leave one of the two out"
    };
    let (of, origin) = file.or_else(build)?;
    let message = format!("the floor of `{of}` decides nothing: `vulnerable when` stands in its place");
    let problem = report(Code::IDLE_FLOORS, message, context.span(origin), "");
    let problem = because(problem, context.span(condition.origin), "this alone decides");
    Some(problem.help(help))
}

/// `outside`, although every version before the end of a range lies in one.
fn nothing_outside(context: &Context<'_>, view: &View<'_>, package: &PackageView<'_>) -> Option<Diagnostic> {
    let outside = package.package.outside?;
    let mut open =
        package.package.files.iter().flat_map(unmeasured).map(|(_, host)| view.world.formula(&host));
    if open.any(|host| !view.world.never(&[&package.platform, &host])) {
        return None;
    }
    let message = "every version is measured by a floor, so `outside` decides nothing";
    Some(
        report(Code::IDLE_FLOORS, message, context.span(outside.origin), "")
            .help("remove the line, or narrow the ranges (`within`)"),
    )
}
