//! Floors of builds beside the platforms of their package: hosts whose builds none measures, and floors of builds that
//! no host of the package has.

use std::collections::BTreeSet;

use caveat_diag::{Code, Diagnostic};
use caveat_ir::expr::Test;
use caveat_ir::rule::BuildFloor;
use caveat_ir::value::NumberSet;
use caveat_ir::{Expr, Origin};
use caveat_logic::Formula;

use crate::context::{Context, report, with_witness, witness};
use crate::view::{PackageView, View};

pub(crate) fn check(context: &Context<'_>, view: &View<'_>, found: &mut Vec<Diagnostic>) {
    for package in view.packages.iter().filter(|one| one.package.vulnerable_when.is_none()) {
        found.extend(foreign(context, view, package));
        found.extend(unmeasured(context, view, package));
    }
}

/// The host is of one of the builds.
fn of_builds(view: &View<'_>, builds: NumberSet) -> Formula {
    view.world.formula(&Expr::test(Test::OsBuild(builds), Origin::default()))
}

fn unmeasured(context: &Context<'_>, view: &View<'_>, package: &PackageView<'_>) -> Option<Diagnostic> {
    let measured = package.package.measured_builds();
    let last = package.package.builds.last()?;
    let elsewhere = of_builds(view, measured.clone()).negate();
    let host = witness(&view.world, "of-another-build", &[&package.real, &package.languages, &elsewhere])?;
    let message = format!(
        "the package `{}` is for builds other than {measured}, and no floor measures them",
        package.package.name
    );
    let problem = report(Code::UNMEASURED_BUILD, message, context.span(last.origin), "");
    let problem = package.for_these(problem);
    let help =
        "add a floor for these builds, or narrow the platforms: on such hosts the verdict is `unknown`";
    Some(with_witness(problem, &host).help(help))
}

fn foreign(context: &Context<'_>, view: &View<'_>, package: &PackageView<'_>) -> Option<Diagnostic> {
    let on_no_host =
        |floor: &&BuildFloor| view.world.never(&[&package.platform, &of_builds(view, floor.line.clone())]);
    let floor = package.package.builds.iter().find(on_no_host)?;
    let of: BTreeSet<&str> = context
        .rules
        .platforms
        .iter()
        .filter(|one| one.facts.builds.as_ref().is_some_and(|builds| builds.is_subset(&floor.line)))
        .map(|one| one.title.as_str())
        .collect();
    let message = format!(
        "the floor {} is for the builds {}, and the package `{}` is for none of them",
        floor.build, floor.line, package.package.name
    );
    let mut problem = report(Code::BUILD_OF_ANOTHER_PLATFORM, message, context.span(floor.origin), "");
    if !of.is_empty() {
        let titles: Vec<&str> = of.into_iter().collect();
        problem = problem.note(format!("these builds are of {}", titles.join(", ")));
    }
    Some(
        package.for_these(problem).help("correct the build, or add its platform to the `for` of the package"),
    )
}
