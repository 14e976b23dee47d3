//! The registry of a host: listed keys and values, by the place where a host of its
//! architecture keeps them.
//!
//! A 64-bit Windows keeps the 32-bit view of `HKLM\SOFTWARE\…` in
//! `HKLM\SOFTWARE\Wow6432Node\…`, and of some keys of `HKCR` alike; all other keys are the same
//! in both views. Until [`Registry::settle`], the 32-bit view is a place of its own.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use caveat_ir::host::RegistryEntry;
use caveat_ir::value::{Architecture, KeyRef, RegistryPath, View, name, stars};
use caveat_runtime::{Fact, RegistryValue};

use super::problem::Problems;
use super::{read, well_known};

/// What precedes keys of the 32-bit view before the architecture is known.
const VIEW_32: &str = "32|";

const SOFTWARE: &str = r"hklm\software";

/// The folder that holds the 32-bit view.
const WOW: &str = "wow6432node";
/// The same, as Windows writes it.
const WOW_AS_WRITTEN: &str = "Wow6432Node";

/// The keys directly below `HKCR` that a 64-bit Windows keeps apart for 32-bit programs.
const SEPARATE_CLASSES: [&str; 5] = ["clsid", "directshow", "interface", "media type", "mediafoundation"];

/// A key by what is known of it.
#[derive(Debug, Clone)]
struct Key {
    /// Whether it is there, by itself; its values and the keys below it say so, too.
    existence: Fact<()>,
    values: BTreeMap<String, Fact<RegistryValue<'static>>>,
    /// Whether it may have values that are not listed.
    partial: bool,
}

impl Default for Key {
    fn default() -> Self {
        Self { existence: Fact::Absent, values: BTreeMap::new(), partial: false }
    }
}

/// The keys of a host by place.
#[derive(Debug, Clone, Default)]
pub(super) struct Registry {
    keys: BTreeMap<String, Key>,
    /// The last component of each place, and of those above it, as it was first written.
    written: BTreeMap<String, String>,
    complete: bool,
    /// Whether the 32-bit view differs from the native one, once that is settled.
    redirects: Option<bool>,
}

impl Registry {
    pub(super) fn read(entries: &[RegistryEntry], complete: bool, problems: &mut Problems) -> Self {
        let mut registry = Self { complete, ..Self::default() };
        for (index, entry) in entries.iter().enumerate() {
            registry.add_entry(entry, &format!("registry[{index}]"), problems);
        }
        registry
    }

    fn add_entry(&mut self, entry: &RegistryEntry, path: &str, problems: &mut Problems) {
        let parsed = RegistryPath::parse(&entry.key, None).map_err(Into::into);
        let Fact::Present(mut key) = problems.read(&format!("{path}.key"), parsed) else { return };
        let view = entry.view.as_ref().map(|view| problems.read(&format!("{path}.view"), read::view(view)));
        match view {
            Some(Fact::Error(message)) => self.add_spoiled(entry, &key, &message),
            view => {
                key.view = view.and_then(Fact::present);
                let place = self.place(key.borrowed());
                self.remember(&place, &key.key);
                self.add_values(entry, &place, path, problems);
            }
        }
    }

    fn add_values(&mut self, entry: &RegistryEntry, place: &str, path: &str, problems: &mut Problems) {
        let key = self.keys.entry(place.to_owned()).or_default();
        key.partial |= entry.partial;
        key.learn(if entry.partial { Fact::Unknown } else { Fact::Present(()) });
        for (name, data) in &entry.values {
            let path = format!("{path}.values.{name}");
            let value = problems.read(&path, read::registry_value(data));
            self.add_value(place, name, value, &path, problems);
        }
    }

    /// Adds an entry of which nobody can say what view it is of: all it says is in error, in both.
    fn add_spoiled(&mut self, entry: &RegistryEntry, key: &RegistryPath, message: &str) {
        for view in [View::Bits32, View::Bits64] {
            let place = self.place(KeyRef { view: Some(view), ..key.borrowed() });
            let error = || Fact::error(message);
            let values = entry.values.keys().map(|name| (name::folded(name), error())).collect();
            self.keys.insert(place, Key { existence: Fact::error(message), values, partial: entry.partial });
        }
    }

    fn add_value(
        &mut self,
        place: &str,
        name: &str,
        value: Fact<RegistryValue<'static>>,
        path: &str,
        problems: &mut Problems,
    ) {
        let values = &mut self.keys.entry(place.to_owned()).or_default().values;
        match values.entry(name::folded(name)) {
            Entry::Vacant(entry) => {
                entry.insert(value);
            }
            Entry::Occupied(mut entry) if *entry.get() != value => {
                let message = format!("the registry value `{name}` is listed twice, with different data");
                entry.insert(Fact::Error(problems.contradiction(path, message)));
            }
            Entry::Occupied(_) => {}
        }
    }

    /// Moves the keys of the 32-bit view to where a host of this architecture has them.
    pub(super) fn settle(&mut self, architecture: Architecture, problems: &mut Problems) {
        let redirects = architecture.is_64_bit();
        self.redirects = Some(redirects);
        let is_moved = |place: &String| place.starts_with(VIEW_32);
        let (moved, kept): (BTreeMap<_, _>, BTreeMap<_, _>) =
            std::mem::take(&mut self.keys).into_iter().partition(|(place, _)| is_moved(place));
        self.keys = kept;
        for (moved_from, key) in moved {
            let bare = moved_from.trim_start_matches(VIEW_32);
            let place = if redirects { redirected(bare) } else { bare.to_owned() };
            self.remember(&place, &self.as_written(&moved_from, None));
            let target = self.keys.entry(place.clone()).or_default();
            target.learn(key.existence);
            target.partial |= key.partial;
            for (name, value) in key.values {
                self.add_value(&place, &name, value, &format!("{place}!{name}"), problems);
            }
        }
    }

    /// Keeps the names of a place and of those above it; the one that holds the 32-bit view is not written.
    fn remember(&mut self, place: &str, written: &str) {
        let holder = holder_of_view(place, written);
        let mut written = written.split('\\');
        for (index, place) in at_and_above(place).skip(1).enumerate() {
            let name = if holder == Some(index) { Some(WOW_AS_WRITTEN) } else { written.next() };
            if let Some(name) = name {
                self.written.entry(place.to_owned()).or_insert_with(|| name.to_owned());
            }
        }
    }

    /// The key of a place as it was written, without its hive and without the component of this number.
    fn as_written(&self, place: &str, without: Option<usize>) -> String {
        let places = at_and_above(place).skip(1).enumerate();
        let kept = places.filter(|(index, _)| without != Some(*index));
        let name = |(_, place)| self.written.get(place).map_or_else(|| last_component(place), String::as_str);
        kept.map(name).collect::<Vec<_>>().join("\\")
    }

    /// The keys that match a pattern, below its hive, and whether no other key does.
    pub(super) fn matching(&self, pattern: KeyRef<'_>) -> (Vec<String>, bool) {
        let wanted = self.place(pattern);
        let holder = holder_of_view(&wanted, pattern.key);
        let components = wanted.split('\\').count();
        let literal = wanted.split(['*', '[']).next().unwrap_or_default();
        let candidates = self.keys.range(literal.to_owned()..).map(|(place, _)| place.as_str());
        let cut = |place| at_and_above(place).nth(components - 1);
        let places: BTreeSet<&str> =
            candidates.take_while(|place| place.starts_with(literal)).filter_map(cut).collect();
        let (mut keys, mut complete) = (Vec::new(), self.complete);
        for place in places.into_iter().filter(|place| stars::matched(&wanted, place).is_some()) {
            match self.key(place) {
                Fact::Present(()) => keys.push(self.as_written(place, holder)),
                Fact::Absent => {}
                Fact::Unknown | Fact::Error(_) => complete = false,
            }
        }
        (keys, complete)
    }

    /// Where a host keeps the key.
    pub(super) fn place(&self, path: KeyRef<'_>) -> String {
        let folded = path.folded();
        match (path.view, self.redirects) {
            (None | Some(View::Bits64), _) | (Some(View::Bits32), Some(false)) => folded,
            (Some(View::Bits32), Some(true)) => redirected(&folded),
            (Some(View::Bits32), None) if redirected(&folded) == folded => folded,
            (Some(View::Bits32), None) => format!("{VIEW_32}{folded}"),
        }
    }

    /// Whether the key is there, as far as what is listed tells; `Absent` when nothing is.
    pub(super) fn key(&self, place: &str) -> Fact<()> {
        let below = format!("{place}\\");
        let own = self.keys.get(place);
        let inner = self.keys.range(below.clone()..).take_while(|(place, _)| place.starts_with(&below));
        let mut found = Fact::Absent;
        for key in own.into_iter().chain(inner.map(|(_, key)| key)) {
            match key.evidence() {
                Fact::Present(()) => return Fact::Present(()),
                Fact::Absent => {}
                other if matches!(found, Fact::Error(_)) => drop(other),
                other => found = other,
            }
        }
        found
    }

    /// Whether the key is listed, or something below it.
    pub(super) fn lists(&self, place: &str) -> bool {
        self.key(place) != Fact::Absent
    }

    /// The value, if it is listed or another fact stands for it.
    pub(super) fn value(&self, place: &str, name: &str) -> Option<&Fact<RegistryValue<'static>>> {
        self.keys.get(place)?.values.get(name::folded(name).as_str())
    }

    /// What can be said of a key that is not listed, or of a value that is not listed of it.
    pub(super) fn unlisted(&self, place: &str) -> Fact<()> {
        if self.lists_all(place) { Fact::Absent } else { Fact::Unknown }
    }

    /// Whether a value of this key is not there if it is not listed.
    pub(super) fn lists_all(&self, place: &str) -> bool {
        self.complete && self.keys.get(place).is_none_or(|key| !key.partial)
    }

    /// Whether what is not listed is not there.
    pub(super) fn is_complete(&self) -> bool {
        self.complete
    }

    /// A listed value of a key below `HKLM`.
    pub(super) fn listed(&self, key: &str, name: &str) -> Option<Fact<&RegistryValue<'static>>> {
        self.value(&well_known::folded(key), name).map(Fact::as_ref)
    }

    /// The folded names of the listed values of a key below `HKLM`.
    pub(super) fn names(&self, key: &str) -> Vec<String> {
        let listed = self.keys.get(&well_known::folded(key));
        listed.map(|key| key.values.keys().cloned().collect()).unwrap_or_default()
    }

    /// The names of the keys directly below a key of `HKLM`, of which any part is listed.
    pub(super) fn below(&self, key: &str) -> BTreeSet<String> {
        let below = format!("{}\\", well_known::folded(key));
        let tails = self.keys.range(below.clone()..).map_while(|(place, _)| place.strip_prefix(&below));
        tails.filter_map(|tail| tail.split('\\').next()).map(str::to_owned).collect()
    }

    /// Puts an error in the place of a listed value that contradicts another fact.
    pub(super) fn spoil(&mut self, key: &str, name: &str, error: &str) {
        let values = self.keys.get_mut(&well_known::folded(key)).map(|key| &mut key.values);
        if let Some(value) = values.and_then(|values| values.get_mut(&name::folded(name))) {
            *value = Fact::error(error);
        }
    }

    /// What another fact says of a value below `HKLM` that is not listed.
    pub(super) fn back(&mut self, key: &str, name: &str, fact: Fact<RegistryValue<'static>>) {
        let values = &mut self.keys.entry(well_known::folded(key)).or_default().values;
        values.entry(name::folded(name)).or_insert(fact);
    }

    /// Another fact says that a key is there.
    pub(super) fn add_key(&mut self, place: String) {
        self.keys.entry(place).or_default().learn(Fact::Present(()));
    }
}

impl Key {
    /// Takes in what another place says of whether the key is there.
    fn learn(&mut self, existence: Fact<()>) {
        match (&self.existence, &existence) {
            (Fact::Absent, _) | (Fact::Unknown, Fact::Present(()) | Fact::Error(_)) => {
                self.existence = existence;
            }
            _ => {}
        }
    }

    /// Whether the key is there: it is listed, or one of its values is. A malformed value is there.
    fn evidence(&self) -> Fact<()> {
        let mut values = self.values.values();
        match &self.existence {
            Fact::Absent | Fact::Unknown
                if values.any(|value| matches!(value, Fact::Present(_) | Fact::Error(_))) =>
            {
                Fact::Present(())
            }
            Fact::Absent if self.values.values().any(|value| *value == Fact::Unknown) => Fact::Unknown,
            existence => existence.clone(),
        }
    }
}

/// The number of the component below the hive that a place has and the key as written has not: the one that holds the
/// 32-bit view.
fn holder_of_view(place: &str, written: &str) -> Option<usize> {
    let (components, names) = (place.split('\\').skip(1), written.split('\\'));
    if components.clone().count() == names.clone().count() {
        return None;
    }
    let same = |(one, other): &(&str, &str)| *one != WOW && name::same(one, other);
    Some(components.zip(names).take_while(same).count())
}

/// The places of the keys above one, from the hive on, and its own.
fn at_and_above(place: &str) -> impl Iterator<Item = &str> {
    let ends = place.match_indices('\\').map(|(at, _)| at).chain([place.len()]);
    ends.filter_map(|end| place.get(..end))
}

fn last_component(place: &str) -> &str {
    place.rsplit('\\').next().unwrap_or_default()
}

/// Where a 64-bit Windows keeps what 32-bit programs see under this key.
fn redirected(folded: &str) -> String {
    let components: Vec<&str> = folded.split('\\').collect();
    match components.as_slice() {
        ["hklm", "software", first, ..] if *first != WOW => {
            folded.replacen(SOFTWARE, &format!(r"{SOFTWARE}\{WOW}"), 1)
        }
        ["hkcr", first, ..] if SEPARATE_CLASSES.contains(first) => {
            folded.replacen("hkcr", &format!(r"hkcr\{WOW}"), 1)
        }
        _ => folded.to_owned(),
    }
}
