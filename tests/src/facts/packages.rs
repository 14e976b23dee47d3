//! What a sheet says of the updates: markers, restarts, service packs and command lines.

use caveat_ir::expr::{Comparison, Expr, Integer, Test, ValueCheck};
use caveat_ir::rule::{Included, Package};

use super::check::{Findings, Subject};
use super::sheet::{Marker, Sheet};

/// Compares them with the packages of the rules.
pub(super) fn check(subject: &Subject<'_>, sheet: &Sheet, findings: &mut Findings) {
    for marker in &sheet.markers {
        let fact = format!("{}: the marker {}", marker.line, marker.key);
        every(subject, sheet, &marker.on, findings, &fact, None, |package| {
            package.markers.iter().any(|found| is_marker(found, marker))
        });
    }
    for restart in &sheet.restart {
        let fact = format!("restart {}", restart.is);
        every(subject, sheet, &restart.on, findings, &fact, None, |package| {
            package.restart == Some(restart.is)
        });
    }
    for included in &sheet.included {
        let fact = format!("included in service pack {}", included.sp);
        every(subject, sheet, &included.on, findings, &fact, included.but.as_deref(), |package| {
            package.included_in.contains(&Included::ServicePack(included.sp))
        });
    }
    for needed in &sheet.needs {
        let fact = format!("{}: needs KB{}", needed.line, needed.kb);
        let names = |text: &String| text.contains(&needed.kb.to_string());
        every(subject, sheet, &needed.on, findings, &fact, None, |package| package.notes.iter().any(names));
    }
    for command in &sheet.commands {
        let fact = format!("{}: install {}", command.line, command.run);
        every(subject, sheet, &command.on, findings, &fact, None, |package| {
            package.install.contains(&command.run)
        });
    }
    for command in &sheet.uninstall {
        let fact = format!("{}: uninstall {}", command.line, command.run);
        let begins = |line: &String| line.split(" /").next() == Some(&command.run);
        every(subject, sheet, &command.on, findings, &fact, None, |package| {
            package.uninstall.iter().any(begins)
        });
    }
}

/// The fact holds for every package with a table that is for these platforms, of which there has to be one.
fn every(
    subject: &Subject<'_>,
    sheet: &Sheet,
    on: &str,
    findings: &mut Findings,
    fact: &str,
    but: Option<&str>,
    holds: impl Fn(&Package) -> bool,
) {
    let listed = |package: &&Package| {
        sheet.tables.iter().any(|table| !table.rows.is_empty() && table.packages.contains(&package.name))
    };
    for one in subject.platforms.read(on) {
        let packages = subject.bulletin.packages.iter().filter(listed);
        let mut packages =
            packages.filter(|package| subject.platforms.touched(&one, &package.platforms)).peekable();
        let holds = packages.peek().is_some() && packages.all(&holds);
        findings.fact(format!("{fact} on {on}"), but, holds);
    }
}

fn is_marker(found: &Expr, marker: &Marker) -> bool {
    let Expr::Test(leaf) = found else { return false };
    match (&leaf.test, &marker.value) {
        (Test::RegistryKey(key), None) => key.folded() == marker.key.to_ascii_lowercase(),
        (
            Test::RegistryValue(key, name, ValueCheck::Number(Comparison::Equal, Integer::Dword(1))),
            Some(value),
        ) => key.folded() == marker.key.to_ascii_lowercase() && name == value,
        _ => false,
    }
}
