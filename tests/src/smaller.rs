//! From a rule and a host on which something is wrong to the smallest on which it still is.
#![allow(clippy::missing_panics_doc, reason = "a helper that cannot work ends the test")]

use std::time::{Duration, Instant};

use caveat_ir::Checked;
use caveat_ir::host::HostFile;
use caveat_sema::Rules;
use proptest::strategy::ValueTree;
use serde_json::Value;

use crate::rules::compile_alone;

/// How long smaller rules and hosts are looked for.
const PATIENCE: Duration = Duration::from_secs(40);

/// Prepares rules: what comes of it says whether something is wrong with them on a host.
pub type Wrong<'a> = &'a dyn for<'r> Fn(&'r Checked) -> Box<dyn Fn(&HostFile) -> bool + 'r>;

/// The smallest rule and host. Nothing when the rule alone, without those it was drawn with, is sound.
pub fn smallest(
    tree: &mut dyn ValueTree<Value = String>,
    host: &HostFile,
    wrong: Wrong<'_>,
) -> Option<(String, HostFile)> {
    let rules = compiled(&tree.current())?;
    if !wrong(&rules)(host) {
        return None;
    }
    let host = smallest_host(host, &wrong(&rules));
    let best = smallest_rule(tree, &|text| compiled(text).is_some_and(|rules| wrong(&rules)(&host)));
    let rules = compiled(&best)?;
    let host = smallest_host(&host, &wrong(&rules));
    Some((best, host))
}

fn compiled(text: &str) -> Option<Checked> {
    match compile_alone(text).rules {
        Rules::Checked(checked) => Some(checked),
        Rules::Broken(_) => None,
    }
}

/// The rule without anything that does not matter.
fn smallest_rule(tree: &mut dyn ValueTree<Value = String>, wrong: &dyn Fn(&str) -> bool) -> String {
    let start = Instant::now();
    let mut best = tree.current();
    let mut moved = tree.simplify();
    while moved && start.elapsed() < PATIENCE {
        let text = tree.current();
        let is_wrong = wrong(&text);
        if is_wrong {
            best = text;
        }
        moved = if is_wrong { tree.simplify() } else { tree.complicate() };
    }
    best
}

/// The host without anything that does not matter.
#[must_use]
pub fn smallest_host(host: &HostFile, wrong: &dyn Fn(&HostFile) -> bool) -> HostFile {
    let start = Instant::now();
    let mut best = HostFile { name: None, ..host.clone() };
    if !wrong(&best) {
        return host.clone();
    }
    let wrong = |host: &HostFile| start.elapsed() < PATIENCE && wrong(host);
    let read = |value: Value| serde_json::from_value::<HostFile>(value).ok();
    while let Some(smaller) =
        without_each(&as_json(&best)).into_iter().filter_map(read).find(|one| wrong(one))
    {
        best = smaller;
    }
    best
}

fn as_json(host: &HostFile) -> Value {
    serde_json::to_value(host).unwrap_or_default()
}

/// The value without each of its parts, large parts first.
fn without_each(value: &Value) -> Vec<Value> {
    let mut smaller = Vec::new();
    match value {
        Value::Object(fields) => {
            for name in fields.keys() {
                let mut fewer = fields.clone();
                fewer.remove(name);
                smaller.push(Value::Object(fewer));
            }
            for (name, inner) in fields {
                smaller.extend(without_each(inner).into_iter().map(|inner| {
                    let mut changed = fields.clone();
                    changed.insert(name.clone(), inner);
                    Value::Object(changed)
                }));
            }
        }
        Value::Array(items) => {
            if let (2.., (first, second)) = (items.len(), items.split_at(items.len() / 2)) {
                smaller.extend([first, second].map(|half| Value::Array(half.to_vec())));
            }
            for index in 0..items.len() {
                let mut fewer = items.clone();
                fewer.remove(index);
                smaller.push(Value::Array(fewer));
            }
            for (index, item) in items.iter().enumerate() {
                smaller.extend(without_each(item).into_iter().map(|inner| {
                    let mut changed = items.clone();
                    if let Some(place) = changed.get_mut(index) {
                        *place = inner;
                    }
                    Value::Array(changed)
                }));
            }
        }
        _ => {}
    }
    smaller
}
