//! Floors beside `vulnerable when`, which stands in their place, and `outside` where no version is.

use caveat_diag::{Code, Diagnostic, Span};
use caveat_syntax::ast::{Cell, PackageStatement, Row};

use crate::context::{Context, report};
use crate::view::{PackageView, View, unmeasured};

pub(crate) fn check(context: &Context<'_>, view: &View<'_>, found: &mut Vec<Diagnostic>) {
    for package in &view.packages {
        // Of a condition that is to go, the floors are to stay.
        let condition = package.vulnerable_when().map(|one| one.span);
        let is_of = |span: Span| {
            condition
                .is_some_and(|one| one.file == span.file && one.start <= span.start && span.end <= one.end)
        };
        let goes = found.iter().any(|one| one.code == Code::OWN_MARKER && one.span().is_some_and(is_of));
        let idle = if goes { None } else { beside_a_condition(context, package) };
        found.extend(idle.or_else(|| nothing_outside(view, package)));
        found.extend(empty_rows(package));
    }
}

fn beside_a_condition(context: &Context<'_>, package: &PackageView<'_>) -> Option<Diagnostic> {
    let condition = package.vulnerable_when()?;
    let (file, floor) = package.floors().next()?;
    let message = format!(
        "the floor of `{}` decides nothing: `vulnerable when` stands in its place",
        file.path.file_name()
    );
    let problem = report(Code::IDLE_FLOORS, message, context.span(floor.origin), "");
    Some(problem.because(condition.span, "this alone decides").help(
        "ask for the version there (`or file … version < …`), or leave one of the two out; a file that is only listed is `unversioned`",
    ))
}

/// `outside`, although every version before the end of a range lies in one.
fn nothing_outside(view: &View<'_>, package: &PackageView<'_>) -> Option<Diagnostic> {
    package.package.outside?;
    let mut open =
        package.package.files.iter().flat_map(unmeasured).map(|(_, host)| view.world.formula(&host));
    if open.any(|host| !view.world.never(&[&package.platform, &host])) {
        return None;
    }
    let statement = package.ast.statements.iter();
    let span =
        statement.filter(|one| matches!(one.kind, PackageStatement::Outside(_))).map(|one| one.span).next();
    let message = "every version is measured by a floor, so `outside` decides nothing";
    Some(
        report(Code::IDLE_FLOORS, message, span, "").help("remove the line, or narrow the ranges (`within`)"),
    )
}

/// Rows of a table that say of every column that the file is not shipped.
fn empty_rows(package: &PackageView<'_>) -> impl Iterator<Item = Diagnostic> {
    let tables = package.ast.statements.iter().filter_map(|statement| match &statement.kind {
        PackageStatement::Files { rows, .. } => Some(rows),
        _ => None,
    });
    let empty = |row: &&Row| row.cells.iter().all(|cell| matches!(cell, Cell::None(_)));
    tables.flatten().filter(empty).map(|row| {
        let message = "this row has no version in any column, as if the file were not shipped";
        report(Code::IDLE_FLOORS, message, Some(row.span), "").help("add the versions, or remove the row")
    })
}
