//! Floors of builds: a cumulative update says by the revision of the host's build whether it is installed.

use crate::expr::{Expr, Reason, Test};
use crate::rule::{BuildFloor, Hotpatch, Package, Platform, RuleSet};
use crate::value::{CveId, NumberSet};

/// The builds that share their revisions with a build: those of the platforms whose files are numbered alike. A
/// build that no platform has is a line of its own.
#[must_use]
pub fn line<'p>(platforms: impl Iterator<Item = &'p Platform> + Clone, build: u32) -> NumberSet {
    let one_line = |platform: &&Platform| platform.known.numbering.len() == 1;
    let of =
        |platform: &Platform| platform.facts.builds.as_ref().is_some_and(|builds| builds.contains(build));
    let all = platforms.filter(one_line);
    let numbers = all.clone().find(|platform| of(platform)).map(|platform| &platform.known.numbering);
    let siblings = all.filter(|platform| numbers == Some(&platform.known.numbering));
    let builds = siblings.flat_map(|platform| platform.facts.builds.iter().flat_map(NumberSet::ranges));
    builds.copied().chain([(build, build)]).collect::<Vec<_>>().into()
}

impl BuildFloor {
    /// The outdated revisions, but for those of hotpatches that mend the vulnerability; of every vulnerability
    /// when none is named.
    fn outdated(&self, hotpatches: &[Hotpatch], vulnerability: Option<&CveId>) -> NumberSet {
        let mends = |one: &&Hotpatch| {
            let named = &one.vulnerabilities;
            self.line.contains(one.build.build)
                && (named.is_empty() || vulnerability.is_some_and(|id| named.iter().any(|one| one == id)))
        };
        let mut fixed: Vec<u32> = hotpatches.iter().filter(mends).map(|one| one.build.revision).collect();
        fixed.sort_unstable();
        let mut low = 0;
        let mut ranges = Vec::new();
        for end in fixed.into_iter().filter(|one| *one < self.build.revision).chain([self.build.revision]) {
            ranges.extend(end.checked_sub(1).map(|high| (low, high)));
            low = end.saturating_add(1);
        }
        ranges.into()
    }
}

impl Package {
    /// The builds that the floors measure.
    #[must_use]
    pub fn measured_builds(&self) -> NumberSet {
        let ranges = self.builds.iter().flat_map(|floor| floor.line.ranges());
        ranges.copied().collect::<Vec<_>>().into()
    }
}

/// The host's build is below its floor, or of a line that has none, which leaves that open. None when there are no
/// such floors.
pub(crate) fn outdated(rules: &RuleSet, package: &Package, vulnerability: Option<&CveId>) -> Option<Expr> {
    let first = package.builds.first()?;
    let below = package.builds.iter().map(|floor| {
        let tests = [
            Test::OsBuild(floor.line.clone()),
            Test::OsRevision(floor.outdated(&package.hotpatches, vulnerability)),
        ];
        Expr::all(tests.map(|test| Expr::test(test, floor.origin)))
    });
    let measured = package.measured_builds();
    let within = |id| {
        let facts = rules.selector(id).map(|selector| rules.facts(selector));
        facts.and_then(|facts| facts.builds).is_some_and(|builds| builds.is_subset(&measured))
    };
    let elsewhere = (!package.platforms.iter().copied().all(within)).then(|| {
        let of_a_line = Expr::test(Test::OsBuild(measured.clone()), first.origin);
        let open = Expr::test(Test::Unknowable(Reason::Builds(measured)), first.origin);
        Expr::all([Expr::negate(of_a_line), open])
    });
    Some(Expr::any(below.chain(elsewhere)))
}
