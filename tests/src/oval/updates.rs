//! What a Windows would show of installed updates: keys in its registry before Windows Vista, and what
//! Windows Management Instrumentation finds.

use caveat_ir::host::{FactKind, RegistryEntry, Scalar};
use regex::Regex;

use super::machine::{Data, Found, HOTFIXES, Key, Machine, below, lower};

/// The key of updates as Windows spells it.
const SPELLED: &str = r"SOFTWARE\Microsoft\Windows NT\CurrentVersion\Hotfix";
const NT: Key<'_> =
    Key { hive: "HKEY_LOCAL_MACHINE", path: r"SOFTWARE\Microsoft\Windows NT\CurrentVersion", view: None };

impl Machine<'_> {
    /// Whether a key at or below that of updates is there, which was not listed as such; nothing for
    /// other keys.
    pub(super) fn key_of_updates(&self, key: &str) -> Option<Found<()>> {
        let elsewhere = self.unlisted(FactKind::Registry);
        let in_registry = if format!(r"{key}\") == HOTFIXES {
            match self.names().next() {
                Some(_) => Found::There(()),
                None => self.state_of_key(|| elsewhere.clone()),
            }
        } else {
            match (self.is_update(below(key, HOTFIXES)?.0), below(key, HOTFIXES)?.1) {
                (true, "") => Found::There(()),
                (true, _) => elsewhere.clone(),
                (false, _) => self.state_of_key(|| Found::Absent),
            }
        };
        Some(self.reading(in_registry, elsewhere))
    }

    /// What a value of an update's key is, which was not listed as such.
    pub(super) fn value_of_update(&self, key: &str, name: &str) -> Option<Found<Data>> {
        let (update, rest) = below(key, HOTFIXES)?;
        let elsewhere = self.unlisted(FactKind::Registry);
        let in_registry = match self.is_update(update) {
            true if rest.is_empty() && name == "installed" && !self.is_key(update) => match elsewhere {
                Found::Absent => Found::There(Data::Number(1)),
                _ => Found::Unknown,
            },
            true => elsewhere.clone(),
            false => self.state_of_key(|| Found::Absent),
        };
        Some(self.reading(in_registry, elsewhere))
    }

    /// The first key of an update that matches, for a collector on a Windows before Vista: no test asks
    /// for it elsewhere.
    #[must_use]
    pub fn update_key(&self, hive: &str, pattern: &str) -> Found<String> {
        assert!(hive == "HKEY_LOCAL_MACHINE" && pattern.contains("Windows NT"), "not of updates: {pattern}");
        let pattern = Regex::new(pattern).unwrap();
        let old = self.is_old() != Found::There(false);
        let listed = self.names().filter(|_| old).map(|name| format!(r"{SPELLED}\{name}"));
        if let Some([narrow, wide]) = self.cases() {
            return match (narrow.update_key(hive, pattern.as_str()), wide.update_key(hive, pattern.as_str()))
            {
                // Each may find another first.
                (Found::There(key), Found::There(_)) => Found::There(key),
                (narrow, wide) => self.agreed(narrow, &wide),
            };
        }
        let keys = self.host().registry.iter().filter_map(|entry| self.key_in_registry(entry));
        let mut all = keys.chain(listed);
        all.find(|key| pattern.is_match(key))
            .map_or_else(|| self.state_of_key(|| Found::Absent), Found::There)
    }

    /// The first update that a query finds.
    #[must_use]
    pub fn quick_fix(&self, namespace: &str, wql: &str) -> Found<String> {
        assert_eq!(namespace, r"root\cimv2");
        let likes = wql.strip_prefix("SELECT HotFixID FROM Win32_QuickFixEngineering WHERE ");
        let likes = likes.unwrap_or_else(|| panic!("not a query for updates: {wql}"));
        let likes: Vec<Regex> = likes.split(" OR ").map(like).collect();
        let found = self.names().find(|name| likes.iter().any(|like| like.is_match(name)));
        found.map_or_else(|| self.state_of_unlisted(|| Found::Absent), Found::There)
    }

    /// The names under which updates are listed.
    fn names(&self) -> impl Iterator<Item = String> {
        let names = self.host().hotfixes.iter().filter(|name| !is_malformed(name));
        names.map(ToString::to_string)
    }

    fn is_update(&self, name: &str) -> bool {
        self.names().any(|other| other.eq_ignore_ascii_case(name)) || self.is_key(name)
    }

    /// Whether the registry lists the update.
    fn is_key(&self, name: &str) -> bool {
        let mut keys = self.host().registry.iter().filter_map(|entry| self.key_in_registry(entry));
        keys.any(|key| key.rsplit('\\').next().is_some_and(|other| other.eq_ignore_ascii_case(name)))
    }

    /// The same, if updates are kept in the registry: those that are listed nowhere may be there.
    fn state_of_key<T>(&self, otherwise: impl FnOnce() -> Found<T>) -> Found<T> {
        let open = self.host().hotfixes.is_empty() && self.host().partial.contains(&FactKind::Registry);
        self.state_of_unlisted(|| if open { Found::Unknown } else { otherwise() })
    }

    /// The key of an update that the registry lists, below which something may be listed as well.
    fn key_in_registry(&self, entry: &RegistryEntry) -> Option<String> {
        let long = entry.key.replacen("HKLM\\", "HKEY_LOCAL_MACHINE\\", 1);
        let folded = lower(&long);
        let is_native = entry.view.as_ref().is_none_or(|view| view.to_string() == "64" || !self.is_wide());
        let (name, _) = below(&folded, HOTFIXES).filter(|_| is_native)?;
        let spelled = long.get(HOTFIXES.len()..HOTFIXES.len() + name.len())?;
        Some(format!(r"{SPELLED}\{spelled}"))
    }

    /// What is to be said of an update that is not listed.
    fn state_of_unlisted<T>(&self, otherwise: impl FnOnce() -> Found<T>) -> Found<T> {
        match () {
            () if self.host().hotfixes.iter().any(is_malformed) => Found::Malformed,
            () if self.host().partial.contains(&FactKind::Hotfixes) => Found::Unknown,
            () => otherwise(),
        }
    }

    /// Whether updates are kept in the registry, as they were before version 6.0.
    fn is_old(&self) -> Found<bool> {
        match self.value(&NT, "CurrentVersion") {
            Found::There(Data::Text(version)) => Found::There(version.as_str() < "6"),
            Found::Absent => Found::There(false),
            Found::Unknown => Found::Unknown,
            Found::There(_) | Found::Malformed => Found::Malformed,
        }
    }

    /// What is found if updates are kept in the registry, or if they are kept elsewhere.
    fn reading<T: PartialEq>(&self, in_registry: Found<T>, elsewhere: Found<T>) -> Found<T> {
        match self.is_old() {
            Found::There(true) => in_registry,
            Found::There(false) | Found::Absent => elsewhere,
            _ if in_registry == elsewhere => elsewhere,
            Found::Malformed => Found::Malformed,
            Found::Unknown if in_registry == Found::Malformed || elsewhere == Found::Malformed => {
                Found::Malformed
            }
            Found::Unknown => Found::Unknown,
        }
    }
}

fn is_malformed(name: &Scalar) -> bool {
    matches!(name, Scalar::Bool(_) | Scalar::Float(_))
}

/// A condition of WQL as an expression: `%` is any text, `_` any character, sets stand in brackets, and
/// case does not matter.
fn like(condition: &str) -> Regex {
    let pattern = condition.strip_prefix("HotFixID LIKE '").and_then(|rest| rest.strip_suffix('\''));
    let pattern = pattern.unwrap_or_else(|| panic!("not a comparison of updates: {condition}"));
    let mut inside = false;
    let translated: String = pattern
        .chars()
        .map(|c| {
            inside = (inside || c == '[') && c != ']';
            match c {
                '%' if !inside => ".*".to_owned(),
                '_' if !inside => ".".to_owned(),
                '[' | ']' | '^' | '-' => c.to_string(),
                other => regex::escape(&other.to_string()),
            }
        })
        .collect();
    Regex::new(&format!("(?is)^{translated}$")).unwrap()
}
