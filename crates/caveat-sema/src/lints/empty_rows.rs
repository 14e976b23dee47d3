//! Rows of a table that say of every column that the file is not shipped. Rules do not tell them from those of
//! files that have no version.

use caveat_diag::{Code, Diagnostic};
use caveat_syntax::ast::{self, BulletinStatement, Cell, PackageStatement, Row};

pub(crate) fn check(file: &ast::File, found: &mut Vec<Diagnostic>) {
    let bulletins = file.items.iter().filter_map(|item| match item {
        ast::Item::Bulletin(bulletin) => Some(bulletin),
        _ => None,
    });
    let packages = bulletins.flat_map(|one| &one.statements).filter_map(|statement| match &statement.kind {
        BulletinStatement::Package(package) => Some(package),
        _ => None,
    });
    let tables = packages.flat_map(|one| &one.statements).filter_map(|statement| match &statement.kind {
        PackageStatement::Files { rows, .. } => Some(rows),
        _ => None,
    });
    let empty = |row: &&Row| row.cells.iter().all(|cell| matches!(cell, Cell::None(_)));
    found.extend(tables.flatten().filter(empty).map(|row| {
        let message = "this row has no version in any column, as if the file were not shipped";
        let problem = Diagnostic::new(Code::IDLE_FLOORS, message).at(row.span, "");
        problem.help("add the versions, or remove the row")
    }));
}
