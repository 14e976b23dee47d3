//! What people say of hosts and updates in free text: the names of packages, and of their installers.

use std::collections::BTreeSet;

use caveat_ir::value::{Architecture, Kb, OsVersion};

/// What a text says; what it does not speak of is empty.
#[derive(Debug, Default)]
pub(crate) struct Label {
    /// The Windows that is named first.
    pub(crate) windows: &'static str,
    pub(crate) versions: BTreeSet<OsVersion>,
    pub(crate) architectures: BTreeSet<Architecture>,
    pub(crate) packs: BTreeSet<u32>,
    pub(crate) articles: BTreeSet<Kb>,
}

/// Names of Windows, longer ones first, and the versions that bear them. Installers write them without blanks.
const WINDOWS: [(&str, &[(u16, u16)]); 24] = [
    ("Windows Server 2003.Windows XP", &[(5, 2)]),
    ("Windows Server 2003 R2", &[(5, 2)]),
    ("Windows Server 2003", &[(5, 2)]),
    ("Windows Server 2008 R2", &[(6, 1)]),
    ("Windows Server 2008", &[(6, 0)]),
    ("Windows Server 2012 R2", &[(6, 3)]),
    ("Windows Server 2012", &[(6, 2)]),
    ("Windows Server 2016", &[(10, 0)]),
    ("Windows Server 2019", &[(10, 0)]),
    ("Windows Server 2022", &[(10, 0)]),
    ("Windows Server 2025", &[(10, 0)]),
    ("Windows 2000", &[(5, 0)]),
    ("Windows XP", &[(5, 1), (5, 2)]),
    ("Windows NT", &[(4, 0)]),
    ("Windows Vista", &[(6, 0)]),
    ("Windows 6.0", &[(6, 0)]),
    ("Windows 6.1", &[(6, 1)]),
    ("Windows 7", &[(6, 1)]),
    ("Windows 8.1", &[(6, 3)]),
    ("Windows 8", &[(6, 2)]),
    ("Windows 10", &[(10, 0)]),
    ("Windows 11", &[(10, 0)]),
    ("Windows 98", &[(4, 10)]),
    ("Windows Millennium", &[(4, 90)]),
];

const ARCHITECTURES: [(&str, Architecture); 6] = [
    ("x86", Architecture::X86),
    ("i386", Architecture::X86),
    ("x64", Architecture::X64),
    ("amd64", Architecture::X64),
    ("ia64", Architecture::Ia64),
    ("itanium", Architecture::Ia64),
];

/// What the name of a package says. Service packs count where the name is of Windows alone: those of a
/// product are numbered by themselves.
pub(crate) fn of_name(name: &str) -> Label {
    let folded = name.to_ascii_lowercase();
    let label = read(&folded);
    let alone =
        words(&folded).all(|word| WORDS.contains(&word) || word.bytes().any(|byte| byte.is_ascii_digit()));
    let packs = if alone { packs(&folded) } else { BTreeSet::new() };
    Label { packs, ..label }
}

/// What a command line says. It names one host only: the first that it speaks of.
pub(crate) fn of_command(command: &str) -> Label {
    let folded = command.to_ascii_lowercase();
    Label { articles: articles(&folded), ..read(&folded) }
}

/// Words of the names of Windows and of its editions.
const WORDS: [&str; 36] = [
    "windows",
    "server",
    "xp",
    "vista",
    "nt",
    "professional",
    "home",
    "edition",
    "editions",
    "standard",
    "enterprise",
    "datacenter",
    "web",
    "advanced",
    "with",
    "without",
    "and",
    "or",
    "for",
    "sp",
    "service",
    "pack",
    "packs",
    "version",
    "versions",
    "systems",
    "based",
    "bit",
    "itanium",
    "itanium-based",
    "rtm",
    "gold",
    "all",
    "the",
    "terminal",
    "workstation",
];

fn read(folded: &str) -> Label {
    let mut rest: String = folded.chars().filter(|c| !c.is_whitespace() && *c != '-').collect();
    let mut label = Label::default();
    for (name, versions) in WINDOWS {
        let folded: String = name.to_ascii_lowercase().split(' ').collect();
        if let Some(at) = rest.find(&folded) {
            label.windows = if label.windows.is_empty() { name } else { label.windows };
            label
                .versions
                .extend(versions.iter().map(|(major, minor)| OsVersion { major: *major, minor: *minor }));
            // A name that is part of another is not named besides.
            rest.replace_range(at..at + folded.len(), " ");
        }
    }
    let named = |(name, _): &&(&str, Architecture)| contains_word(folded, name);
    label.architectures = ARCHITECTURES.iter().filter(named).map(|(_, one)| *one).collect();
    label
}

/// Whether a text has a word, with no letter or digit at its ends.
fn contains_word(text: &str, word: &str) -> bool {
    let bounded = |byte: Option<u8>| byte.is_none_or(|byte| !byte.is_ascii_alphanumeric());
    text.match_indices(word).any(|(at, _)| {
        let (before, after) = (text.as_bytes().get(..at), text.as_bytes().get(at + word.len()..));
        bounded(before.and_then(|all| all.last().copied()))
            && bounded(after.and_then(|all| all.first().copied()))
    })
}

fn words(folded: &str) -> impl Iterator<Item = &str> {
    folded.split(|c: char| !c.is_alphanumeric() && c != '-').filter(|word| !word.is_empty())
}

/// Service packs: `sp1`, `sp 2`, `service pack 3`, and the numbers that `and`, `or` and commas join to them.
fn packs(folded: &str) -> BTreeSet<u32> {
    let text = folded.replace("service packs", "sp").replace("service pack", "sp");
    let mut packs = BTreeSet::new();
    for (at, _) in text.match_indices("sp") {
        let rest = text.get(at + 2..).unwrap_or_default();
        let numbers = rest.split([',', ' ']).filter(|word| !matches!(*word, "" | "and" | "or"));
        packs.extend(
            numbers
                .map_while(|word| word.trim_end_matches('a').parse::<u32>().ok().filter(|pack| *pack < 10)),
        );
    }
    packs
}

/// Articles: `kb830352`, `q832894`.
fn articles(folded: &str) -> BTreeSet<Kb> {
    let words = folded.split(|c: char| !c.is_ascii_alphanumeric());
    let numbers = words.flat_map(|word| {
        ["kb", "q"].into_iter().filter_map(move |prefix| {
            let (before, rest) = word.split_once(prefix)?;
            let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
            let named = before.is_empty() || before.ends_with("uninstall");
            rest.get(..digits).filter(|_| named && (6..=7).contains(&digits))?.parse::<Kb>().ok()
        })
    });
    numbers.collect()
}
