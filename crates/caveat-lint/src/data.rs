//! What is known of Windows by name, in tables of text below `data`: its files and their folders, its
//! services, the keys of its registry, its variables, the bulletins that there were, and the updates that stand
//! beside cumulative ones.
//!
//! A table is made of lines `heading: entry | entry`; lines that are indented go on with the entries, and
//! what follows `#` is a comment.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

/// The entries of a table, under their headings in the order of the text.
type Table = Vec<(&'static str, Vec<&'static str>)>;

fn read(text: &'static str) -> Table {
    let mut table: Table = Vec::new();
    for line in text.lines().map(|line| line.split('#').next().unwrap_or_default()) {
        let (heading, entries) = match line.split_once(": ").or_else(|| line.trim_end().split_once(':')) {
            Some((heading, entries)) if !line.starts_with(' ') => (Some(heading), entries),
            _ => (None, line),
        };
        table.extend(heading.map(|heading| (heading, Vec::new())));
        if let Some((_, all)) = table.last_mut() {
            all.extend(entries.split('|').map(str::trim).filter(|entry| !entry.is_empty()));
        }
    }
    table
}

/// Files, in small letters, and the folder below the system root that each is kept in, if that is the same
/// everywhere.
static FILES: LazyLock<BTreeMap<&str, Option<&str>>> = LazyLock::new(|| {
    let places = read(include_str!("../data/files.txt"));
    let place = |heading| match heading {
        "*" => None,
        "." => Some(""),
        folder => Some(folder),
    };
    let files = places.into_iter().flat_map(|(heading, names)| {
        let place = place(heading);
        names.into_iter().map(move |name| (name, place))
    });
    files.collect()
});

static SERVICES: LazyLock<Table> = LazyLock::new(|| read(include_str!("../data/services.txt")));
static KEYS: LazyLock<Table> = LazyLock::new(|| read(include_str!("../data/keys.txt")));
static VARIABLES: LazyLock<Vec<&str>> = LazyLock::new(|| {
    read(include_str!("../data/variables.txt")).into_iter().flat_map(|(_, names)| names).collect()
});
static SERVICING: LazyLock<BTreeSet<&str>> = LazyLock::new(|| {
    read(include_str!("../data/servicing.txt")).into_iter().flat_map(|(_, articles)| articles).collect()
});
static BULLETINS: LazyLock<Table> = LazyLock::new(|| read(include_str!("../data/bulletins.txt")));

/// The folder below the system root that Windows keeps a file in, if it knows the file and keeps it in one.
pub(crate) fn folder_of(file: &str) -> Option<&'static str> {
    FILES.get(file.to_ascii_lowercase().as_str()).copied().flatten()
}

/// Whether a file of this name is known, wherever it is.
pub(crate) fn is_file(name: &str) -> bool {
    FILES.contains_key(name.to_ascii_lowercase().as_str())
}

/// All files that are known, in small letters.
pub(crate) fn files() -> impl Iterator<Item = &'static str> {
    FILES.keys().copied()
}

/// The short names of the services of Windows.
pub(crate) fn services() -> impl Iterator<Item = &'static str> {
    SERVICES.iter().map(|(short, _)| *short)
}

/// The service that Windows shows under a name.
pub(crate) fn service_shown_as(name: &str) -> Option<&'static str> {
    let shown = |(_, names): &&(&str, Vec<&str>)| names.iter().any(|one| one.eq_ignore_ascii_case(name));
    SERVICES.iter().find(shown).map(|(short, _)| *short)
}

pub(crate) fn variables() -> &'static [&'static str] {
    &VARIABLES
}

/// The keys that are known below another, whose components are given: `HKLM` alone, or those that follow it.
pub(crate) fn keys_below(parent: &[&str]) -> BTreeSet<&'static str> {
    let is = |heading: &str| {
        let parts: Vec<&str> = heading.split('\\').collect();
        let same = |(known, written): (&&str, &&str)| *known == "*" || known.eq_ignore_ascii_case(written);
        parts.len() == parent.len() && parts.iter().zip(parent).all(same)
    };
    KEYS.iter().filter(|(heading, _)| is(heading)).flat_map(|(_, keys)| keys.iter().copied()).collect()
}

/// Whether some key of this name is known anywhere.
pub(crate) fn is_key(name: &str) -> bool {
    KEYS.iter().any(|(_, keys)| keys.iter().any(|key| key.eq_ignore_ascii_case(name)))
}

/// Whether an article is that of an update of the servicing stack.
pub(crate) fn is_of_servicing_stack(article: u32) -> bool {
    SERVICING.contains(article.to_string().as_str())
}

/// The ids of bulletins under a heading.
fn bulletins(heading: &str) -> impl Iterator<Item = &'static str> {
    let found = BULLETINS.iter().find(move |(other, _)| *other == heading);
    found.into_iter().flat_map(|(_, ids)| ids.iter().copied())
}

/// The last bulletin of each year.
pub(crate) fn last_bulletins() -> impl Iterator<Item = &'static str> {
    bulletins("last")
}

/// Whether a bulletin came out on another day than most.
pub(crate) fn is_out_of_band(id: &str) -> bool {
    bulletins("other days").any(|other| other == id)
}
