//! Mitigations the wrong way round: exposure where the feature is off, workarounds that hold where
//! it is on.
//!
//! The polarity of a test says which way it pulls; what is a feature and what is a protection is
//! told by [`crate::knowledge`], and by the first word of a workaround's title.

use caveat_diag::{Code, Diagnostic};
use caveat_ir::expr::{Comparison, Integer, ServiceCheck, Test, ValueCheck};
use caveat_ir::value::{Hive, RegistryPath, StartType};
use caveat_ir::{Expr, Leaf, Origin, describe};

use crate::context::{Context, because, lies_in, report, signed_leaves};
use crate::knowledge::{is_protection, switches_off};
use crate::view::View;

const SERVICES: &str = r"hklm\system\currentcontrolset\services\";

/// What a test, as it stands in a formula, says of a feature.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Feature {
    On,
    Off,
}

pub(crate) fn check(context: &Context<'_>, view: &View<'_>, found: &mut Vec<Diagnostic>) {
    for vulnerability in &view.bulletin.vulnerabilities {
        for exposure in &vulnerability.exposures {
            let (on, off) = features(&exposure.when);
            if let (true, Some((leaf, negated))) = (on.is_empty(), off.first()) {
                let message = format!(
                    "`{}` counts as exposed where what is attacked is off or gone: {}",
                    vulnerability.id,
                    describe::test(&leaf.test, *negated)
                );
                found.push(diagnostic(context, message, exposure.when.origin, leaf));
            }
        }
    }
    for (workaround, when, _) in view.workarounds() {
        let (on, off) = features(when);
        if let (true, true, Some((leaf, negated))) =
            (switches_off(&workaround.title), off.is_empty(), on.first())
        {
            let message = format!(
                "the workaround \"{}\" counts as in effect where it is not: {}",
                workaround.title,
                describe::test(&leaf.test, *negated)
            );
            found.push(diagnostic(context, message, when.origin, leaf));
        }
    }
}

fn diagnostic(context: &Context<'_>, message: String, clause: Origin, leaf: &Leaf) -> Diagnostic {
    let span = context.span(clause);
    let problem = report(Code::INVERTED_CONDITION, message, span, "probably the wrong way round");
    let elsewhere = context.span(leaf.origin).filter(|place| !span.is_some_and(|span| lies_in(*place, span)));
    let problem = because(problem, elsewhere, "tested here");
    problem.help("write the opposite, if the feature has to be on for an attack")
}

type Tested<'e> = Vec<(&'e Leaf, bool)>;

/// The tests that want a feature on, and those that want it off; negated or not.
fn features(expr: &Expr) -> (Tested<'_>, Tested<'_>) {
    let (mut on, mut off) = (Vec::new(), Vec::new());
    signed_leaves(expr, &mut |leaf, negated| match feature(&leaf.test, negated) {
        Some(Feature::On) => on.push((leaf, negated)),
        Some(Feature::Off) => off.push((leaf, negated)),
        None => {}
    });
    (on, off)
}

fn feature(test: &Test, negated: bool) -> Option<Feature> {
    let on = match test {
        Test::Service(name, _) if is_protection(name) => return None,
        Test::Service(_, ServiceCheck::Start(StartType::Disabled) | ServiceCheck::Stopped) => false,
        Test::Service(..) => true,
        // Programs and protocols are registered below HKCR.
        Test::RegistryKey(key) if key.hive == Hive::ClassesRoot => true,
        Test::RegistryValue(key, name, check) if name.eq_ignore_ascii_case("start") => start(key, check)?,
        Test::RegistryValue(_, name, check) => kill_bit(name, check).or_else(|| switch(name, check))?,
        _ => return None,
    };
    Some(if on == negated { Feature::Off } else { Feature::On })
}

/// Whether a check on the start type of a service holds where the service may start.
fn start(key: &RegistryPath, check: &ValueCheck) -> Option<bool> {
    const DISABLED: u32 = StartType::Disabled.registry_number();
    let name = key.folded().strip_prefix(SERVICES)?.to_owned();
    if is_protection(&name) {
        return None;
    }
    match check {
        ValueCheck::Number(Comparison::Equal, Integer::Dword(number)) => Some(*number != DISABLED),
        ValueCheck::Number(Comparison::NotEqual | Comparison::Less, Integer::Dword(DISABLED)) => Some(true),
        _ => None,
    }
}

/// Whether a check on a value that is named as a switch holds where the feature is on.
fn switch(name: &str, check: &ValueCheck) -> Option<bool> {
    let enabled = match name.to_ascii_lowercase().as_str() {
        "enabled" | "enable" => true,
        "disabled" | "disable" => false,
        _ => return None,
    };
    let set = match check {
        ValueCheck::Number(Comparison::Equal, number) => number.number() != 0,
        ValueCheck::Number(Comparison::NotEqual, number) if number.number() == 0 => true,
        ValueCheck::Bits(_) => true,
        ValueCheck::Binary(bytes) => bytes.bytes().any(|digit| digit != b'0'),
        _ => return None,
    };
    Some(set == enabled)
}

/// Whether a check on the flags of a control holds where Internet Explorer runs the control.
fn kill_bit(name: &str, check: &ValueCheck) -> Option<bool> {
    const KILLED: u32 = 0x400;
    if !name.eq_ignore_ascii_case("Compatibility Flags") {
        return None;
    }
    match check {
        ValueCheck::Number(Comparison::Equal, Integer::Dword(flags)) => Some(flags & KILLED == 0),
        ValueCheck::Number(Comparison::NotEqual, Integer::Dword(KILLED)) => Some(true),
        ValueCheck::Bits(Integer::Dword(flags)) if flags & KILLED != 0 => Some(false),
        _ => None,
    }
}
