//! The keys of a machine that match a pattern.

use caveat_runtime::value::KeyRef;
use caveat_runtime::value::stars;
use caveat_runtime::{Fact, Instances};

use crate::answers::Answers;
use crate::system::System;

/// The keys that match; a key that may not be looked at, or whose keys may not be listed, leaves the list incomplete.
pub(crate) fn keys<S: System>(answers: &Answers<S>, pattern: KeyRef<'_>) -> Instances<'static> {
    let mut found = vec![String::new()];
    let mut complete = true;
    for component in pattern.key.split('\\') {
        let mut next = Vec::new();
        for above in &found {
            let below =
                |name: &str| if above.is_empty() { name.to_owned() } else { format!("{above}\\{name}") };
            if stars::count(component) == 0 {
                next.push(below(&stars::filled(component, [])));
                continue;
            }
            match answers.subkeys(KeyRef { key: above, ..pattern }) {
                Fact::Present(mut names) => {
                    names.retain(|name| stars::matched(component, name).is_some());
                    names.sort();
                    next.extend(names.iter().map(|name| below(name)));
                }
                Fact::Absent => {}
                Fact::Unknown | Fact::Error(_) => complete = false,
            }
        }
        found = next;
    }
    found.retain(|key| match answers.key(KeyRef { key, ..pattern }) {
        Fact::Present(()) => true,
        Fact::Absent => false,
        Fact::Unknown | Fact::Error(_) => {
            complete = false;
            false
        }
    });
    Instances { keys: found.into(), complete }
}
