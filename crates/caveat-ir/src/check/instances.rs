//! Tests of one of several keys: what every target has to be able to say of them.
//!
//! Facts of the system, services and updates are kept in the registry as well as elsewhere. A pattern of keys that could
//! be theirs is refused, as nobody could list all that it stands for.

use caveat_runtime::recorded::{Place, SERVICES, UPDATES};
use caveat_runtime::value::stars;

use crate::expr::{KeyPart, Subject, ValueCheck};
use crate::value::{Hive, KnownFolder, Malformed, RegistryPath, Variable};

/// The most stars of a pattern.
const MAX_STARS: usize = 8;
/// The most parts of a test. Targets that know only alternatives may need several for each.
const MAX_PARTS: usize = 16;

/// What is wrong with the test, if anything is.
///
/// # Errors
/// When a target could not say it.
pub(super) fn check(pattern: &RegistryPath, parts: &[KeyPart]) -> Result<(), Malformed> {
    stars_of(pattern)?;
    not_recorded(pattern)?;
    if parts.len() > MAX_PARTS {
        return Err(Malformed::new(format!("a test of several keys has {} parts", parts.len()))
            .help(format!("write at most {MAX_PARTS}; `!=` counts as two")));
    }
    parts.iter().try_for_each(|part| one(pattern, part))?;
    versions(parts)
}

fn stars_of(pattern: &RegistryPath) -> Result<(), Malformed> {
    match stars::count(&pattern.key) {
        0 => Err(Malformed::new(format!("`{pattern}` is one key, not several"))
            .help("write `*` for a part of the key that may be anything, or ask with `registry`")),
        1..=MAX_STARS => Ok(()),
        many => Err(Malformed::new(format!("`{pattern}` has {many} stars"))
            .help(format!("write at most {MAX_STARS}"))),
    }
}

fn not_recorded(pattern: &RegistryPath) -> Result<(), Malformed> {
    if pattern.hive != Hive::LocalMachine {
        return Ok(());
    }
    let folders = KnownFolder::ALL.map(|folder| folder.registry_value().0);
    let mut kept = Place::ALL.iter().map(|place| place.key()).chain(folders).chain([Variable::MACHINE]);
    if kept.any(|key| meets(&pattern.key, key, false)) {
        return Err(Malformed::new(format!(
            "`{pattern}` may be a key in which Windows keeps facts of the system"
        ))
        .help("name more of the key, so that it cannot be"));
    }
    match [SERVICES, UPDATES].into_iter().find(|key| meets(&pattern.key, key, true)) {
        Some(key) => Err(Malformed::new(format!("`{pattern}` may be the key of a service or an update"))
            .help(format!(
                "name the service or the update, as other facts tell what is below `HKLM\\{key}`, too"
            ))),
        None => Ok(()),
    }
}

/// Whether a key that matches the pattern may be this one, lie above it or, if `below` is set, below it.
fn meets(pattern: &str, key: &str, below: bool) -> bool {
    let (patterns, components): (Vec<&str>, Vec<&str>) =
        (pattern.split('\\').collect(), key.split('\\').collect());
    let fits = patterns.iter().zip(&components).all(|(one, other)| stars::matched(one, other).is_some());
    fits && (below || patterns.len() <= components.len())
}

fn one(pattern: &RegistryPath, part: &KeyPart) -> Result<(), Malformed> {
    let Subject::Star(number) = part.subject else { return Ok(()) };
    let mut seen = 0;
    let of = pattern.key.split('\\').find(|component| {
        seen += stars::count(component);
        seen >= usize::from(number)
    });
    match of.filter(|_| number > 0) {
        None => Err(Malformed::new(format!("`{pattern}` has no star {number}"))
            .help(format!("it has {}", stars::count(&pattern.key)))),
        Some(component) if stars::count(component) > 1 => Err(Malformed::new(format!(
            "`{component}` has several stars, so what each stands for is not certain"
        ))
        .help("ask for a star that is the only one between two `\\`")),
        Some(_) => match part.check {
            ValueCheck::Text(_) | ValueCheck::TextIgnoringCase(_) | ValueCheck::Version(_) => Ok(()),
            _ => Err(Malformed::new("what a star stands for is compared with a text or a version only")
                .help(
                    "write `star = \"…\"` or `star < version …`; more of the key may stand beside the `*`",
                )),
        },
    }
}

/// A text that is no version makes an error of the test where all other parts hold; of two such texts no target could
/// say so.
fn versions(parts: &[KeyPart]) -> Result<(), Malformed> {
    let compared = parts.iter().filter(|part| matches!(part.check, ValueCheck::Version(_)));
    match compared.count() {
        0 | 1 => Ok(()),
        _ => Err(Malformed::new("a test of several keys compares more than one version")
            .help("compare one with all ranges that pass: `value V in version 1.0..1.4, 2.0..2.3`")),
    }
}
