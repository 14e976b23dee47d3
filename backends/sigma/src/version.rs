//! Sets of versions as regular expressions over the text that Sysmon gives as `FileVersion`.

use caveat_ir::value::{VersionInterval, VersionSet};
use to_regex_range::to_regex_range;

use crate::text::{END, START};

/// Between two numbers: a dot, or a comma, and what some files have behind it.
const BETWEEN: &str = "[.,] ?";

/// An expression that matches the versions of the set in two to four numbers, missing ones counting as zero, with
/// zeros before each number, and what Windows writes after them: `5.2.3790.0 (srv03_rtm.030324-2048)`.
pub(crate) fn pattern(versions: &VersionSet) -> String {
    let ranges: Vec<Range> = versions.intervals().iter().map(Range::of).collect();
    format!("{START} *{}{}", numbers(&ranges, 0), END.replace(')', "|[ (].*)"))
}

/// The rests of versions, behind the numbers that are settled, between two ends.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Range {
    low: Vec<u16>,
    high: Vec<u16>,
}

impl Range {
    fn of(interval: &VersionInterval) -> Self {
        Self { low: interval.low.0.to_vec(), high: interval.high.0.to_vec() }
    }

    fn is_all(&self) -> bool {
        self.has_zeros() && self.high.iter().all(|part| *part == u16::MAX)
    }

    /// Whether zeros all the way are in it.
    fn has_zeros(&self) -> bool {
        self.low.iter().all(|part| *part == 0)
    }

    /// The rests of those that begin with a number.
    fn after(&self, number: u16) -> Option<Self> {
        let (first, low) = self.low.split_first()?;
        let (last, high) = self.high.split_first()?;
        let end = |settled: bool, rest: &[u16], else_part: u16| {
            if settled { rest.to_vec() } else { vec![else_part; rest.len()] }
        };
        (*first <= number && number <= *last)
            .then(|| Self { low: end(number == *first, low, 0), high: end(number == *last, high, u16::MAX) })
    }

    /// The first numbers at which the rests change.
    fn turns(&self) -> impl Iterator<Item = u16> {
        let turns = self.low.first().zip(self.high.first()).map(|(first, last)| {
            [Some(*first), first.checked_add(1), Some(*last), last.checked_add(1)].into_iter().flatten()
        });
        turns.into_iter().flatten()
    }
}

/// The versions that lie in some range, at number `at` of each.
fn numbers(ranges: &[Range], at: usize) -> String {
    let mut turns: Vec<u16> = ranges.iter().flat_map(Range::turns).chain([0]).collect();
    turns.sort_unstable();
    turns.dedup();
    let ends = turns.iter().skip(1).map(|turn| turn - 1).chain([u16::MAX]);
    let mut runs: Vec<(u16, u16, Vec<Range>)> = Vec::new();
    for (first, last) in turns.iter().copied().zip(ends) {
        let rests: Vec<Range> = ranges.iter().filter_map(|range| range.after(first)).collect();
        match runs.last_mut() {
            Some((_, end, known)) if *known == rests => *end = last,
            _ => runs.push((first, last, rests)),
        }
    }
    let runs = runs.into_iter().filter(|(.., rests)| !rests.is_empty());
    let choices: Vec<String> =
        runs.map(|(first, last, rests)| number(first, last) + &rest(&rests, at + 1)).collect();
    alternatives(&choices)
}

/// What follows a number: more of them, which may be missing where they are zero. A text has two at least.
fn rest(ranges: &[Range], at: usize) -> String {
    let left = ranges.first().map_or(0, |range| range.low.len());
    if left == 0 {
        return String::new();
    }
    let needed = usize::from(at == 1);
    if ranges.iter().any(Range::is_all) {
        return format!("({BETWEEN}[0-9]+){{{needed},{left}}}");
    }
    let more = format!("{BETWEEN}{}", numbers(ranges, at));
    if needed == 0 && ranges.iter().any(Range::has_zeros) { format!("({more})?") } else { more }
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

    /// The version as Windows writes it, in all its ways.
    fn texts(version: FileVersion) -> Vec<String> {
        let [a, b, c, d] = version.0;
        let mut texts = vec![
            version.to_string(),
            format!("{a}.{b:02}.{c:04}.{d:04}"),
            format!(" {version}"),
            format!("{version} "),
            format!("{version} (srv03_rtm.030324-2048)"),
            format!("{version}(srv03_rtm.030324-2048)"),
            format!("{version} built by: 9.9.9.9"),
            format!("{a}, {b}, {c}, {d}"),
            format!("{a},{b},{c},{d} (x)"),
        ];
        texts.extend((d == 0).then(|| format!("{a}.{b}.{c}")));
        texts.extend((c == 0 && d == 0).then(|| format!("{a}.{b} (x)")));
        texts
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
            versions in vec(version(), 100),
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
    fn what_is_no_version_does_not_match() {
        for set in [below("5.0.2195.6870"), VersionSet::all()] {
            for text in
                ["", "?", "-", "5", "5.0.", "5.0.2195.", "1.2.3.4.5", "1.2.3.4-x", "v1.2.3.4", "15..2.3.4"]
            {
                assert!(!regex(&set).is_match(text), "{text} in {set}");
            }
        }
    }

    #[test]
    fn patterns_are_short_and_plain() {
        insta::assert_snapshot!(pattern(&below("5.0.2195.6870")), @r"(^|a?&b?) *(0*[0-4]([.,] ?[0-9]+){1,3}|0*5[.,] ?0+([.,] ?(0*([0-9]|[1-9][0-9]{1,2}|1[0-9]{3}|20[0-9]{2}|21[0-8][0-9]|219[0-4])([.,] ?[0-9]+){0,1}|0*2195([.,] ?0*([0-9]|[1-9][0-9]{1,2}|[1-5][0-9]{3}|6[0-7][0-9]{2}|68[0-6][0-9]))?))?)($|a?&b?|[ (].*)");
        let within = VersionSet::between("4.1.0.0".parse().unwrap(), "4.1.0.3934".parse().ok());
        insta::assert_snapshot!(pattern(&within), @r"(^|a?&b?) *0*4[.,] ?0*1([.,] ?0+([.,] ?0*([0-9]|[1-9][0-9]{1,2}|[12][0-9]{3}|3[0-8][0-9]{2}|39[0-2][0-9]|393[0-3]))?)?($|a?&b?|[ (].*)");
        assert!(!pattern(&within).contains("(?"));
    }
}
