//! What the tests inside the rules leave untried.
//!
//! A package is tried by a host that it is the one to decide for; a requirement on platforms (service pack, architecture,
//! product type) by a host that meets all the others and not this one.

use std::collections::BTreeSet;

use caveat_eval::{Evaluator, Host, Outcome};
use caveat_ir::expr::{Expr, Test};
use caveat_ir::host::{HostFile, OsEntry, Scalar};
use caveat_ir::rule::{
    Bulletin, Expected, OsFacts, Package, Platform, RuleSet, RuleTest, Verdict, Vulnerability, Workaround,
};
use caveat_ir::value::{BuildRevision, FileVersion, NumberSet, ProductType};
use caveat_ir::{Checked, Origin, Truth};

/// What is missing, in words.
#[must_use]
pub fn untried(rules: &Checked) -> Vec<String> {
    let evaluator = Evaluator::new(rules);
    let mut missing = Vec::new();
    for bulletin in &rules.rules().bulletins {
        let runs: Vec<Run<'_>> =
            bulletin.tests.iter().map(|test| Run::new(&evaluator, rules, bulletin, test)).collect();
        let trial = Trial { rules, evaluator: &evaluator, bulletin, runs };
        let packages = bulletin.packages.iter().flat_map(|package| trial.package(package));
        let vulnerabilities = bulletin.vulnerabilities.iter().flat_map(|one| trial.vulnerability(one));
        let all = packages.chain(vulnerabilities).chain(trial.workarounds());
        missing.extend(all.map(|what| format!("{}: no test of {what}", bulletin.id)));
    }
    missing
}

/// A test, its host and what the rules say of it.
struct Run<'a> {
    test: &'a RuleTest,
    host: Host,
    outcome: Outcome,
}

impl<'a> Run<'a> {
    fn new(evaluator: &Evaluator<'_>, rules: &Checked, bulletin: &Bulletin, test: &'a RuleTest) -> Self {
        let (host, _) = Host::new(&test.host, rules.rules());
        let outcome = evaluator.outcome(&bulletin.id, &host).expect("a bulletin of these rules");
        Self { test, host, outcome }
    }

    fn expects(&self, expected: Expected) -> bool {
        self.test.expectations.iter().any(|one| one.expected == expected)
    }

    /// The test expects the verdict, and it is this package that decides it for some vulnerability.
    fn decides(&self, package: &Package, verdict: Verdict) -> bool {
        let is = |one: &caveat_eval::VulnerabilityOutcome| {
            one.verdict == verdict && one.package.as_ref() == Some(&package.name)
        };
        self.expects(Expected::Verdict(verdict)) && self.outcome.vulnerabilities.iter().any(is)
    }
}

/// Facts of a platform with one requirement less.
type Change = fn(&OsFacts) -> OsFacts;

/// The tests of a bulletin.
struct Trial<'a> {
    rules: &'a Checked,
    evaluator: &'a Evaluator<'a>,
    bulletin: &'a Bulletin,
    runs: Vec<Run<'a>>,
}

impl Trial<'_> {
    /// What no test does with a package.
    fn package(&self, package: &Package) -> Vec<String> {
        let decided = |verdict| self.runs.iter().filter(move |run| run.decides(package, verdict));
        let at = |run: &Run<'_>| has_file(self.rules.rules(), &run.test.host, package, Some);
        let below =
            |run: &Run<'_>| has_file(self.rules.rules(), &run.test.host, package, FileVersion::previous);
        let marked = |run: &Run<'_>| package.markers.iter().any(|marker| self.holds(marker, &run.host));
        let contradicts = |run: &&Run<'_>| run.expects(Expected::Inconsistent);
        let build = |run: &Run<'_>, less| {
            let host = (&run.test.host.os.build, &run.test.host.os.revision);
            package.builds.iter().any(|floor| {
                let BuildRevision { build, revision } = floor.build;
                let of = |number: u32| Some(Scalar::Integer(number.into()));
                *host.0 == of(build) && revision.checked_sub(less).is_some_and(|one| *host.1 == of(one))
            })
        };
        let (at_build, below_build) = (|run: &Run<'_>| build(run, 0), |run: &Run<'_>| build(run, 1));
        let built = !package.builds.is_empty();
        let (open, filed) = (is_open(self.rules.rules(), package), !package.files.is_empty());
        let tries = [
            ("a vulnerable host", open || decided(Verdict::Vulnerable).next().is_some()),
            ("a fixed host", open || decided(Verdict::Fixed).next().is_some()),
            ("a host with a file at its floor", !filed || decided(Verdict::Fixed).any(at)),
            ("a host with a file one below its floor", !filed || decided(Verdict::Vulnerable).any(below)),
            ("a host whose build is at its floor", !built || decided(Verdict::Fixed).any(at_build)),
            (
                "a host whose build is one below its floor",
                !built || decided(Verdict::Vulnerable).any(below_build),
            ),
            ("a host of which too little is known", decided(Verdict::Unknown).next().is_some()),
            (
                "a host with the marker and old files",
                package.markers.is_empty() || decided(Verdict::Vulnerable).filter(contradicts).any(marked),
            ),
        ];
        let untried = tries.into_iter().filter(|(_, tried)| !tried).map(|(what, _)| what);
        let untried = untried.chain(self.elsewhere(package));
        untried.map(|what| format!("{what} for `{}`", package.name)).collect()
    }

    fn holds(&self, formula: &Expr, host: &Host) -> bool {
        self.evaluator.claim(formula, host) == Truth::True
    }

    /// The requirements on platforms that no test fails alone.
    fn elsewhere(&self, package: &Package) -> Vec<&'static str> {
        let rules = self.rules.rules();
        let selectors = package.platforms.iter().filter_map(|id| rules.selector(*id));
        let facts: Vec<OsFacts> = selectors.map(|selector| rules.facts(selector)).collect();
        let changes: [(&str, Change); 3] = [
            ("another service pack", |facts| OsFacts { service_packs: None, ..facts.clone() }),
            ("another architecture", |facts| OsFacts { architectures: None, ..facts.clone() }),
            ("another product type", |facts| OsFacts { types: None, ..facts.clone() }),
        ];
        let untried = |change: Change| {
            let mut asked = facts.iter().filter(|facts| {
                let rest = change(facts);
                rest != **facts && !self.is_whole(&rest, package) && self.can_fail_alone(facts, &rest)
            });
            let asked_at_all = asked.clone().next().is_some();
            asked_at_all && !asked.any(|facts| self.fails_alone(facts, &change(facts), package))
        };
        changes.into_iter().filter(|(_, change)| untried(*change)).map(|(what, _)| what).collect()
    }

    /// Whether a test is about a host that misses the facts but not the rest of them.
    fn fails_alone(&self, facts: &OsFacts, rest: &OsFacts, package: &Package) -> bool {
        let elsewhere = |run: &&Run<'_>| run.expects(Expected::Verdict(Verdict::NotApplicable));
        self.runs.iter().filter(elsewhere).any(|run| {
            let misses = !self.holds(&facts.formula(package.origin), &run.host);
            misses && self.holds(&rest.formula(package.origin), &run.host)
        })
    }

    /// Whether there can be a host that misses the facts but not the rest of them, and that no package is for.
    fn can_fail_alone(&self, facts: &OsFacts, rest: &OsFacts) -> bool {
        let holds = |facts: &OsFacts, host: &Host| self.holds(&facts.formula(Origin::default()), host);
        let rules = self.rules.rules();
        let packages = || self.bulletin.packages.iter().flat_map(|package| &package.platforms);
        let spoken_for = |host: &Host| packages().any(|id| self.holds(&Expr::Platform(*id), host));
        let hosts = rules.platforms.iter().flat_map(real_hosts).map(|file| Host::new(&file, rules).0);
        let mut alone = hosts.filter(|host| !holds(facts, host) && holds(rest, host));
        alone.any(|host| !spoken_for(&host))
    }

    /// Whether the package is for all hosts of these facts, whatever their product type.
    fn is_whole(&self, facts: &OsFacts, package: &Package) -> bool {
        let rules = self.rules.rules();
        let own = package
            .platforms
            .iter()
            .filter_map(|id| rules.selector(*id))
            .map(|selector| rules.facts(selector));
        let same = own.filter(|own| OsFacts { types: None, ..own.clone() } == *facts);
        let types: BTreeSet<ProductType> = same.flat_map(|own| own.types.unwrap_or_default()).collect();
        facts.types.is_none() && types.len() == ProductType::ALL.len()
    }

    /// What no test expects of a vulnerability.
    fn vulnerability(&self, one: &Vulnerability) -> Vec<String> {
        let cases =
            self.rules.rules().cases(self.bulletin).filter(|case| case.vulnerability.id == one.id).count();
        let everywhere = cases == self.bulletin.packages.len();
        let expects = |verdict| {
            // Where the vulnerability spares a platform, a test has to say so by name.
            let by_all =
                self.bulletin.vulnerabilities.len() == 1 || everywhere && verdict == Verdict::NotApplicable;
            self.runs.iter().flat_map(|run| &run.test.expectations).any(|expectation| {
                let of_it = expectation.vulnerability.as_ref().map_or(by_all, |id| *id == one.id);
                of_it && expectation.expected == Expected::Verdict(verdict)
            })
        };
        let open = self.bulletin.packages.iter().all(|package| is_open(self.rules.rules(), package));
        let decided: &[Verdict] =
            if open { &[Verdict::Unknown] } else { &[Verdict::Vulnerable, Verdict::Fixed] };
        let verdicts = decided.iter().chain(&[Verdict::NotApplicable]);
        verdicts
            .filter(|verdict| !expects(**verdict))
            .map(|verdict| format!("{} as {verdict}", one.id))
            .collect()
    }

    /// Workarounds that can be seen, and are in effect on no host that a test expects to be mitigated.
    fn workarounds(&self) -> Vec<String> {
        let own = self.bulletin.vulnerabilities.iter().flat_map(|one| &one.workarounds);
        let all: Vec<&Workaround> = own.chain(&self.bulletin.workarounds).collect();
        let tried = |when: &Expr| {
            let mut mitigated =
                self.runs.iter().filter(|run| run.expects(Expected::Verdict(Verdict::Mitigated)));
            mitigated.any(|run| self.holds(when, &run.host))
        };
        let untried = all.into_iter().filter(|one| one.when.as_ref().is_some_and(|when| !tried(when)));
        untried.map(|one| format!("the workaround `{}`", one.title)).collect()
    }
}

/// Whether no fact can tell if the package is missing.
fn is_open(rules: &RuleSet, package: &Package) -> bool {
    let mut open = true;
    rules.outdated(package).leaves(&mut |leaf| open &= matches!(leaf.test, Test::Unknowable(_)));
    open
}

/// Whether the host has a file of the package whose version is made from its floor so.
fn has_file(
    rules: &RuleSet,
    host: &HostFile,
    package: &Package,
    from_floor: fn(FileVersion) -> Option<FileVersion>,
) -> bool {
    let version = |path: &str| {
        let file = host.files.iter().find(|file| file.path.eq_ignore_ascii_case(path));
        file.and_then(|file| file.version.as_ref()?.to_string().parse::<FileVersion>().ok())
    };
    let tested = |expr: &Expr| {
        let mut same = false;
        expr.leaves(&mut |leaf| {
            if let Test::FileVersion(path, versions) = &leaf.test {
                let ends = versions.intervals().iter().filter_map(|interval| interval.end());
                let mut wanted = ends.filter_map(from_floor);
                same |= version(path.as_str()).is_some_and(|version| wanted.any(|one| one == version));
            }
        });
        same
    };
    tested(&rules.outdated(package))
}

/// Hosts of a platform: one for every architecture, product type and service pack that it came with.
fn real_hosts(platform: &Platform) -> Vec<HostFile> {
    let (facts, known) = (&platform.facts, &platform.known);
    let text = |value: String| Some(Scalar::Text(value));
    let os = OsEntry {
        version: facts.version.and_then(|version| text(version.to_string())),
        build: facts.builds.as_ref().and_then(NumberSet::first).map(|build| Scalar::Integer(build.into())),
        suites: Some(facts.suites.iter().cloned().collect()),
        language: text("en-US".to_owned()),
        ..OsEntry::default()
    };
    let packs =
        || known.service_packs.iter().flat_map(NumberSet::ranges).flat_map(|(low, high)| *low..=*high);
    let types = facts.types.clone().unwrap_or_else(|| ProductType::ALL.iter().copied().collect());
    let mut hosts = Vec::new();
    for architecture in facts.architectures.iter().flatten() {
        for (kind, pack) in types.iter().flat_map(|kind| packs().map(move |pack| (kind, pack))) {
            let os = OsEntry {
                service_pack: Some(Scalar::Integer(pack.into())),
                product_type: text(kind.to_string()),
                architecture: text(architecture.to_string()),
                ..os.clone()
            };
            hosts.push(HostFile { os, ..HostFile::default() });
        }
    }
    hosts
}
