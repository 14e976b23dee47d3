//! Values: what is read, what is refused, and the algebra of sets.
#![allow(clippy::unwrap_used, reason = "a test ends where its expectation does")]

use std::ops::Bound;

use caveat_ir::value::{
    BulletinId, CveId, Date, FileVersion, Kb, Language, NumberSet, OsVersion, RegistryPath, TextRange,
    TextVersion, TextVersionSet, VersionSet, VersionText, WindowsPath,
};
use proptest::prelude::*;

fn version(text: &str) -> FileVersion {
    text.parse().unwrap()
}

#[test]
fn versions_compare_part_by_part() {
    let ordered =
        ["4.0.1381.7255", "4.0.1381.33554", "5.0.2195.6869", "5.0.2195.6870", "5.0.2195.10000", "5.1"];
    assert!(ordered.is_sorted_by_key(|text| version(text)));
    assert_eq!(version("5.1.2600.0137"), version("5.1.2600.137"));
    assert_eq!(version("1.2.3"), version("1.2.3.0"));
    assert_eq!(version("5").to_string(), "5.0.0.0");
}

#[test]
fn malformed_versions_are_refused() {
    for text in ["", ".", "1.", ".1", "1..2", "1.2.3.4.5", "65536", "1.-2", "+1", "a", "1.2 ", "1,2"] {
        assert!(text.parse::<FileVersion>().is_err(), "{text}");
    }
    for text in ["", "5", "5.0.1", "a.b", "5.x"] {
        assert!(text.parse::<OsVersion>().is_err(), "{text}");
    }
}

#[test]
fn dates_exist() {
    for text in ["2004-02-29", "2000-02-29", "2004-12-31"] {
        assert_eq!(text.parse::<Date>().unwrap().to_string(), text);
    }
    for text in [
        "2003-02-29",
        "1900-02-29",
        "2004-00-01",
        "2004-13-01",
        "2004-04-31",
        "04-02-11",
        "2004-2-11",
        "0000-01-01",
    ] {
        assert!(text.parse::<Date>().is_err(), "{text}");
    }
}

#[test]
fn ids_have_their_shape() {
    assert_eq!("cve-2003-0825".parse::<CveId>().unwrap().as_str(), "CVE-2003-0825");
    assert!("CAN-2003-0825".parse::<CveId>().unwrap_err().help.unwrap().contains("CVE-2003-0825"));
    assert_eq!("Q246009".parse::<Kb>().unwrap(), "KB246009".parse().unwrap());
    for text in ["", "KB", "KB0", "+1", "KB12x"] {
        assert!(text.parse::<Kb>().is_err(), "{text}");
    }
    for text in ["", "1", "a/b", "con", "COM1.x", "é", "a b"] {
        assert!(text.parse::<BulletinId>().is_err(), "{text}");
    }
}

#[test]
fn paths_begin_somewhere() {
    let path: WindowsPath = r"%SystemRoot%\System32\Windows Media\nscm.exe".parse().unwrap();
    assert_eq!((path.variable(), path.file_name()), (Some("SystemRoot"), "nscm.exe"));
    assert_eq!(path.tail(), r"\System32\Windows Media\nscm.exe");
    assert_eq!(path.folder(), r"%SystemRoot%\System32\Windows Media");
    for text in [
        "",
        "a",
        r"System32\a",
        r"C:\",
        r"C:a",
        r"C:\a\",
        r"C:\a\\b",
        r"C:\..\a",
        "C:/a",
        r"%%\a",
        r"%A\a",
        r"C:\a*",
    ] {
        assert!(text.parse::<WindowsPath>().is_err(), "{text}");
    }
}

#[test]
fn registry_paths_have_a_hive() {
    let short = RegistryPath::parse(r"hklm\SOFTWARE\A", None).unwrap();
    let long = RegistryPath::parse(r"HKEY_LOCAL_MACHINE\software\a", None).unwrap();
    assert_eq!(short.folded(), long.folded());
    for text in ["", "HKLM", r"HKLX\A", r"HKLM\", r"HKLM\A\\B", r"HKLM\A\", r"\HKLM\A"] {
        assert!(RegistryPath::parse(text, None).is_err(), "{text}");
    }
}

#[test]
fn stars_in_keys_are_told_from_the_key_of_that_name() {
    let wildcard = |text: &str| RegistryPath::parse(text, None).unwrap().wildcard().map(str::to_owned);
    for text in [
        r"HKCR\*",
        r"HKCR\*\shellex",
        r"hklm\SOFTWARE\classes\*",
        r"HKEY_CURRENT_USER\software\Classes\*\a",
        r"HKLM\a",
    ] {
        assert_eq!(wildcard(text), None, "{text}");
    }
    for (text, star) in [
        (r"HKLM\SOFTWARE\*", "*"),
        (r"HKCU\*", "*"),
        (r"HKU\software\classes\*", "*"),
        (r"HKCR\a*\b", "a*"),
        (r"HKCR\*b", "*b"),
        (r"HKCR\*\shell\*\c", "*"),
        (r"HKLM\SOFTWARE\Classes\.txt\*", "*"),
    ] {
        assert_eq!(wildcard(text).as_deref(), Some(star), "{text}");
    }
}

#[test]
fn a_language_covers_its_regions() {
    let language = |text: &str| text.parse::<Language>().unwrap();
    assert!(language("pt").covers(&language("pt-BR")) && language("PT-br") == language("pt-BR"));
    assert!(!language("pt-BR").covers(&language("pt")) && !language("pt-BR").covers(&language("pt-PT")));
    assert_eq!(language("ja").identifier(), Some(0x0411));
    assert_eq!(language("pt").identifiers().collect::<Vec<_>>(), [0x0416, 0x0816]);
    assert!("xx".parse::<Language>().is_err());
}

/// Versions near each other, so that intervals meet.
fn near() -> impl Strategy<Value = FileVersion> {
    prop_oneof![
        (0u16..3, 0u16..3).prop_map(|(a, b)| FileVersion([a, 0, 0, b])),
        Just(FileVersion::MAX),
        Just(FileVersion([0, u16::MAX, u16::MAX, u16::MAX])),
    ]
}

fn set() -> impl Strategy<Value = VersionSet> {
    let interval =
        (near(), proptest::option::of(near())).prop_map(|(low, end)| VersionSet::between(low, end));
    proptest::collection::vec(interval, 0..4)
        .prop_map(|parts| parts.iter().fold(VersionSet::all().complement(), |all, part| all.union(part)))
}

/// Versions in texts near each other, with and without what adds nothing.
fn near_text() -> impl Strategy<Value = TextVersion> {
    proptest::collection::vec(0u32..3, 0..4).prop_map(TextVersion::new)
}

fn end() -> impl Strategy<Value = Bound<TextVersion>> {
    prop_oneof![
        near_text().prop_map(Bound::Included),
        near_text().prop_map(Bound::Excluded),
        Just(Bound::Unbounded),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn versions_survive_text_and_number(parts: [u16; 4]) {
        let version = FileVersion(parts);
        prop_assert_eq!(version.to_string().parse::<FileVersion>().unwrap(), version);
        prop_assert_eq!(FileVersion::from_u64(version.to_u64()), version);
    }

    #[test]
    fn version_sets_are_an_algebra(a in set(), b in set(), v in near()) {
        prop_assert_eq!(a.union(&b).contains(v), a.contains(v) || b.contains(v));
        prop_assert_eq!(a.intersection(&b).contains(v), a.contains(v) && b.contains(v));
        prop_assert_eq!(a.complement().contains(v), !a.contains(v));
        prop_assert_eq!(a.complement().complement(), a.clone());
        prop_assert_eq!(a.union(&b), b.union(&a));
        let apart = |pair: &[caveat_ir::value::VersionInterval]| pair[0].high.next().is_some_and(|next| next < pair[1].low);
        prop_assert!(a.intervals().windows(2).all(apart));
    }

    #[test]
    fn text_versions_survive_text_and_order_by_their_parts(a in near_text(), b in near_text()) {
        prop_assert_eq!(&a.to_string().parse::<TextVersion>().unwrap(), &a);
        let padded = |version: &TextVersion| {
            let mut parts = version.parts().to_vec();
            parts.resize(4, 0);
            parts
        };
        prop_assert_eq!(a.cmp(&b), padded(&a).cmp(&padded(&b)));
    }

    #[test]
    fn text_version_sets_hold_what_their_ranges_do(ends in proptest::collection::vec((end(), end()), 0..4), v in near_text()) {
        let ranges: Vec<TextRange> = ends.into_iter().map(|(low, high)| TextRange::new(low, high)).collect();
        let set = TextVersionSet::from(ranges.clone());
        let text = v.to_string();
        let version = VersionText::read(&text).unwrap();
        let holds = |set: &TextVersionSet| set.intervals().iter().any(|interval| interval.contains(version));
        prop_assert_eq!(holds(&set), ranges.iter().any(|range| holds(&vec![range.clone()].into())));
        let json = serde_json::to_string(&set).unwrap();
        prop_assert_eq!(&serde_json::from_str::<TextVersionSet>(&json).unwrap(), &set, "{}", json);
        let turned: Vec<TextRange> = set.ranges().iter().rev().cloned().collect();
        prop_assert_eq!(TextVersionSet::from(turned), set);
    }

    #[test]
    fn number_sets_are_normal(ranges in proptest::collection::vec((0u32..9, 0u32..9), 0..5), n in 0u32..9) {
        let set = NumberSet::from(ranges.clone());
        prop_assert_eq!(set.contains(n), ranges.iter().any(|(low, high)| (*low..=*high).contains(&n)));
        prop_assert!(set.ranges().windows(2).all(|pair| pair[0].1 + 1 < pair[1].0));
        prop_assert!(set.intersection(&set).is_subset(&set));
    }

    #[test]
    fn nothing_makes_a_parser_panic(text in ".{0,40}") {
        let _ = text.parse::<FileVersion>();
        let _ = text.parse::<TextVersion>();
        let _ = text.parse::<Date>();
        let _ = text.parse::<CveId>();
        let _ = text.parse::<BulletinId>();
        let _ = text.parse::<Language>();
        let _ = text.parse::<WindowsPath>();
        let _ = RegistryPath::parse(&text, None);
    }
}
