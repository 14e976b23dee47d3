//! Sets of versions as regular expressions over the text that Sysmon gives as `FileVersion`.
//!
//! Only what every regular expression engine reads alike is used: digits, classes, groups,
//! alternatives, `+`, `*`, `{n}` and anchors.

use caveat_ir::value::{VersionInterval, VersionSet};
use to_regex_range::to_regex_range;

/// An expression that matches the versions of the set in four parts, zeros before each number and
/// what Windows writes after a blank included: `5.2.3790.0 (srv03_rtm.030324-2048)`.
pub(crate) fn pattern(versions: &VersionSet) -> String {
    let intervals: Vec<String> = versions.intervals().iter().map(interval).collect();
    format!("^{}( .*)?$", alternatives(&intervals))
}

fn interval(interval: &VersionInterval) -> String {
    parts(&interval.low.0, &interval.high.0)
}

/// The sequences of numbers between dots that lie between `low` and `high`, both included.
fn parts(low: &[u16], high: &[u16]) -> String {
    let (Some((first, low_rest)), Some((last, high_rest))) = (low.split_first(), high.split_first()) else {
        return String::new();
    };
    if first == last {
        return joined(&number(*first, *last), low_rest, high_rest);
    }
    let from_start = low_rest.iter().all(|part| *part == 0);
    let to_end = high_rest.iter().all(|part| *part == u16::MAX);
    let (lowest, highest) = (vec![0; low_rest.len()], vec![u16::MAX; low_rest.len()]);
    let start = if from_start { Some(*first) } else { first.checked_add(1) };
    let end = if to_end { Some(*last) } else { last.checked_sub(1) };
    let mut choices = Vec::new();
    if let (Some(start), Some(end)) = (start, end)
        && start <= end
    {
        choices.push(joined(&number(start, end), &lowest, &highest));
    }
    if !from_start {
        choices.push(joined(&number(*first, *first), low_rest, &highest));
    }
    if !to_end {
        choices.push(joined(&number(*last, *last), &lowest, high_rest));
    }
    alternatives(&choices)
}

/// A number, and the numbers after it.
fn joined(number: &str, low: &[u16], high: &[u16]) -> String {
    let all = low.iter().all(|part| *part == 0) && high.iter().all(|part| *part == u16::MAX);
    match low.len() {
        0 => number.to_owned(),
        1 if all => format!(r"{number}\.[0-9]+"),
        left if all => format!(r"{number}(\.[0-9]+){{{left}}}"),
        _ => format!(r"{number}\.{}", parts(low, high)),
    }
}

/// The numbers between two, both included, with any zeros before them.
fn number(low: u16, high: u16) -> String {
    match (low, high) {
        (0, 0) => "0+".to_owned(),
        (0, u16::MAX) => "[0-9]+".to_owned(),
        // Groups that capture are known to more engines than groups that do not.
        _ => format!("0*{}", to_regex_range(low.into(), high.into()).replace("(?:", "(")),
    }
}

fn alternatives(choices: &[String]) -> String {
    match choices {
        [one] => one.clone(),
        several => format!("({})", several.join("|")),
    }
}

#[cfg(test)]
mod tests {
    use caveat_ir::value::{FileVersion, VersionInterval, VersionSet};
    use proptest::collection::vec;
    use proptest::prelude::*;
    use regex::Regex;

    use super::pattern;

    fn below(floor: &str) -> VersionSet {
        VersionSet::below(floor.parse().unwrap())
    }

    fn regex(set: &VersionSet) -> Regex {
        Regex::new(&pattern(set)).unwrap()
    }

    fn texts(version: FileVersion) -> [String; 4] {
        let [a, b, c, d] = version.0;
        [
            version.to_string(),
            format!("{a}.{b:02}.{c:04}.{d:04}"),
            format!("{version} (srv03_rtm.030324-2048)"),
            format!("{version} built by: 9.9.9.9"),
        ]
    }

    /// Every version at which the set turns, and its neighbours.
    fn boundaries(set: &VersionSet) -> Vec<FileVersion> {
        let edges = set.intervals().iter().flat_map(|one| [one.low, one.high]);
        let mut versions: Vec<FileVersion> =
            edges.flat_map(|edge| [Some(edge), edge.previous(), edge.next()]).flatten().collect();
        for version in versions.clone() {
            for part in 0..4 {
                for value in [version.0[part].wrapping_sub(1), version.0[part].wrapping_add(1), 0, u16::MAX] {
                    let mut changed = version.0;
                    changed[part] = value;
                    versions.push(FileVersion(changed));
                }
            }
        }
        versions
    }

    fn part() -> impl Strategy<Value = u16> {
        prop_oneof![3 => 0..12_u16, 2 => any::<u16>(), 1 => Just(0), 1 => Just(u16::MAX)]
    }

    fn version() -> impl Strategy<Value = FileVersion> {
        [part(), part(), part(), part()].prop_map(FileVersion)
    }

    proptest! {
        #[test]
        fn patterns_agree_with_numbers(
            ends in vec((version(), version()), 1..4),
            versions in vec(version(), 200),
        ) {
            let order = |(a, b): (FileVersion, FileVersion)| VersionInterval { low: a.min(b), high: a.max(b) };
            let set: VersionSet = ends.into_iter().map(order).collect::<Vec<_>>().into();
            let regex = regex(&set);
            for version in versions.into_iter().chain(boundaries(&set)) {
                for text in texts(version) {
                    prop_assert_eq!(regex.is_match(&text), set.contains(version), "{} in {}", text, &set);
                }
            }
        }
    }

    #[test]
    fn what_is_no_version_of_four_parts_does_not_match() {
        for set in [below("5.0.2195.6870"), VersionSet::all()] {
            for text in [
                "",
                "?",
                "-",
                "5",
                "5.0",
                "5.0.2195",
                "5.0.2195.",
                "1.2.3.4.5",
                " 1.2.3.4",
                "1.2.3.4-x",
                "1,2,3,4",
            ] {
                assert!(!regex(&set).is_match(text), "{text} in {set}");
            }
        }
    }

    #[test]
    fn patterns_are_short_and_plain() {
        insta::assert_snapshot!(pattern(&below("5.0.2195.6870")), @r"^(0*[0-4](\.[0-9]+){3}|0*5\.0+\.(0*([0-9]|[1-9][0-9]{1,2}|1[0-9]{3}|20[0-9]{2}|21[0-8][0-9]|219[0-4])\.[0-9]+|0*2195\.0*([0-9]|[1-9][0-9]{1,2}|[1-5][0-9]{3}|6[0-7][0-9]{2}|68[0-6][0-9])))( .*)?$");
        insta::assert_snapshot!(pattern(&below("5.2.3790.99")), @r"^(0*[0-4](\.[0-9]+){3}|0*5\.(0*(0|1)(\.[0-9]+){2}|0*2\.(0*([0-9]|[1-9][0-9]{1,2}|[12][0-9]{3}|3[0-6][0-9]{2}|37[0-8][0-9])\.[0-9]+|0*3790\.0*([0-9]|[1-8][0-9]|9[0-8]))))( .*)?$");
        let within = VersionSet::between("4.1.0.0".parse().unwrap(), "4.1.0.3934".parse().ok());
        insta::assert_snapshot!(pattern(&within), @r"^0*4\.0*1\.0+\.0*([0-9]|[1-9][0-9]{1,2}|[12][0-9]{3}|3[0-8][0-9]{2}|39[0-2][0-9]|393[0-3])( .*)?$");
        assert!(!pattern(&within).contains("(?"));
    }
}
