//! Services looked for where Windows does not keep them.

use std::collections::BTreeSet;

use caveat_diag::suggest::did_you_mean;
use caveat_diag::{Code, Diagnostic};
use caveat_ir::Leaf;
use caveat_ir::expr::{Integer, Test, ValueCheck};
use caveat_ir::value::{Hive, RegistryPath};

use crate::context::{Context, Reported, report};
use crate::data::{service_shown_as, services};
use crate::registry::{Misplaced, is_numbered_set, numbered};
use crate::slips::meant;
use crate::view::View;

const SERVICES: &str = r"system\currentcontrolset\services\";

pub(crate) fn check(context: &Context<'_>, view: &View<'_>, found: &mut Vec<Diagnostic>) {
    let mut reported = Reported::default();
    for expr in view.conditions() {
        expr.leaves(&mut |leaf| {
            let span = context.span(leaf.origin);
            let wrong = misplaced(leaf).filter(|wrong| reported.is_new(span, &wrong.message));
            found.extend(wrong.map(|wrong| {
                let problem =
                    report(Code::MISPLACED_SERVICE, wrong.message.clone(), span, "").help(&wrong.help);
                match key_of(leaf) {
                    Some(key) => context.mended(problem, span, key, &wrong),
                    None => problem,
                }
            }));
        });
    }
}

/// Whether the test is one of a service in the wrong place.
pub(super) fn reports(leaf: &Leaf) -> bool {
    misplaced(leaf).is_some()
}

fn key_of(leaf: &Leaf) -> Option<&RegistryPath> {
    match &leaf.test {
        Test::RegistryKey(key) | Test::RegistryValue(key, ..) => Some(key),
        _ => None,
    }
}

fn misplaced(leaf: &Leaf) -> Option<Misplaced> {
    if let Test::Service(name, _) = &leaf.test {
        return misnamed(name);
    }
    let key = key_of(leaf)?;
    if let Some(set) = numbered_set(key) {
        return Some(numbered(set));
    }
    match &leaf.test {
        Test::RegistryValue(_, name, ValueCheck::Number(_, Integer::Dword(0..=4)))
            if name.eq_ignore_ascii_case("start") =>
        {
            let below = key.hive == Hive::LocalMachine && key.key.to_ascii_lowercase().starts_with(SERVICES);
            let message = || format!("the start type of a service is not kept in `{key}`");
            (!below).then(|| wrong(message(), advice(key)))
        }
        _ => is_elsewhere(key)
            .then(|| wrong(format!("Windows does not keep services in `{key}`"), advice(key))),
    }
}

/// A service by the name of its program, by the name that Windows shows for it, or by a misspelt one.
fn misnamed(name: &str) -> Option<Misplaced> {
    if let Some(short) = name.to_ascii_lowercase().strip_suffix(".exe") {
        let message = format!("`{name}` is the name of a program, not of a service");
        let short = name.get(..short.len()).unwrap_or_default();
        return Some(wrong(message, format!("write the short name of the service, perhaps `{short}`")));
    }
    let known: BTreeSet<&str> = services().collect();
    if known.iter().any(|short| short.eq_ignore_ascii_case(name)) {
        return None;
    }
    if let Some(short) = service_shown_as(name) {
        let message = format!("`{name}` is the name that Windows shows for the service `{short}`");
        return Some(wrong(message, format!("write `{short}`: hosts know services by their short names")));
    }
    let near = meant(name, &known)?;
    Some(wrong(format!("Windows has no service `{name}`"), did_you_mean(near)))
}

fn wrong(message: String, help: String) -> Misplaced {
    Misplaced { message, help, mend: None, safe: false }
}

/// The numbered control set that a service is looked for in.
fn numbered_set(key: &RegistryPath) -> Option<&str> {
    let parts: Vec<&str> = key.key.split('\\').collect();
    match (key.hive, parts.as_slice()) {
        (Hive::LocalMachine, [system, set, services, _, ..])
            if system.eq_ignore_ascii_case("system") && services.eq_ignore_ascii_case("services") =>
        {
            is_numbered_set(set).then_some(*set)
        }
        _ => None,
    }
}

/// A key of services in another place than the current control set.
fn is_elsewhere(key: &RegistryPath) -> bool {
    let folded = key.key.to_ascii_lowercase();
    let parts: Vec<&str> = folded.split('\\').collect();
    match (key.hive, parts.as_slice()) {
        (Hive::LocalMachine, ["system", "services", _, ..] | ["software", _, "services", _, ..]) => {
            !parts.contains(&"microsoft")
        }
        (Hive::LocalMachine, ["system", set, "services", _, ..]) => *set != "currentcontrolset",
        _ => false,
    }
}

/// What follows `Services` names the service; what follows that, something that the service keeps.
fn advice(key: &RegistryPath) -> String {
    let parts: Vec<&str> = key.key.split('\\').collect();
    let at = parts.iter().rposition(|part| part.eq_ignore_ascii_case("services"));
    let own = at.and_then(|at| parts.get(at + 1..)).filter(|own| !own.is_empty());
    match own {
        Some([name]) => by_name(name),
        Some(several) => format!(r"write `HKLM\SYSTEM\CurrentControlSet\Services\{}`", several.join("\\")),
        None => by_name(parts.last().copied().unwrap_or_default()),
    }
}

fn by_name(name: &str) -> String {
    format!(r#"write `service "{name}" …`; services are kept below HKLM\SYSTEM\CurrentControlSet\Services"#)
}
