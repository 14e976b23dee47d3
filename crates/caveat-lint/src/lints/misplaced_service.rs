//! Services looked for where Windows does not keep them.

use caveat_diag::{Code, Diagnostic};
use caveat_ir::expr::{Test, ValueCheck};
use caveat_ir::value::{Hive, RegistryPath};
use caveat_ir::{Expr, Leaf};

use crate::context::{Context, report};
use crate::view::View;

const SERVICES: &str = r"system\currentcontrolset\services\";

pub(crate) fn check(context: &Context<'_>, view: &View<'_>, found: &mut Vec<Diagnostic>) {
    let mut seen = std::collections::BTreeSet::new();
    let mut look = |expr: &Expr| {
        expr.leaves(&mut |leaf| {
            let span = context.span(leaf.origin);
            found.extend(
                misplaced(leaf)
                    .filter(|_| seen.insert(span))
                    .map(|(message, help)| report(Code::MISPLACED_SERVICE, message, span, "").help(help)),
            );
        });
    };
    for package in &view.bulletin.packages {
        package.requires.iter().chain(&package.vulnerable_when).for_each(&mut look);
    }
    let exposures = view.bulletin.vulnerabilities.iter().flat_map(|one| &one.exposures);
    exposures.for_each(|exposure| look(&exposure.when));
    let workarounds = view.workarounds().into_iter().filter_map(|(one, ..)| one.when.as_ref());
    workarounds.for_each(look);
}

/// What is wrong, and what to do.
fn misplaced(leaf: &Leaf) -> Option<(String, String)> {
    match &leaf.test {
        Test::RegistryValue(key, name, ValueCheck::Number(_, 0..=4))
            if name.eq_ignore_ascii_case("start") =>
        {
            let below = key.hive == Hive::LocalMachine && key.key.to_ascii_lowercase().starts_with(SERVICES);
            (!below).then(|| {
                let message = format!("the start type of a service is not kept in `{key}`");
                (message, advice(key))
            })
        }
        Test::RegistryKey(key) | Test::RegistryValue(key, ..) => elsewhere(key),
        Test::Service(name, _) if name.to_ascii_lowercase().ends_with(".exe") => {
            let short = name.get(..name.len() - 4).unwrap_or(name);
            let message = format!("`{name}` is the name of a program, not of a service");
            Some((message, format!("write the short name of the service, perhaps `{short}`")))
        }
        _ => None,
    }
}

/// A key of services in another place than the current control set.
fn elsewhere(key: &RegistryPath) -> Option<(String, String)> {
    let folded = key.key.to_ascii_lowercase();
    let parts: Vec<&str> = folded.split('\\').collect();
    let wrong = match (key.hive, parts.as_slice()) {
        (Hive::LocalMachine, ["system", "services", _, ..] | ["software", _, "services", _, ..]) => {
            !parts.contains(&"microsoft")
        }
        (Hive::LocalMachine, ["system", set, "services", _, ..]) => *set != "currentcontrolset",
        _ => false,
    };
    wrong.then(|| (format!("Windows does not keep services in `{key}`"), advice(key)))
}

fn advice(key: &RegistryPath) -> String {
    let name = key.key.rsplit('\\').next().unwrap_or(&key.key);
    format!(r#"write `service "{name}" …`; services are kept below HKLM\SYSTEM\CurrentControlSet\Services"#)
}
