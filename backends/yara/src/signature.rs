//! The rules to be written: what files tell of the cases of a bulletin, merged where it is the same
//! test, and named.

use std::collections::{BTreeMap, BTreeSet};

use caveat_backend::{Backend, EmitBug, Fidelity, Lines, Losses, Shared, digest};
use caveat_ir::meaning::Case;
use caveat_ir::rule::{Bulletin, Package, RuleSet};
use caveat_ir::value::{CveId, Digest, FileVersion, Kb, Rating, VersionInterval, VersionSet, name};
use caveat_ir::{Expr, Test, canonical};

use crate::machine::{Machine, Machines};
use crate::options::Identity;
use crate::sight::{Sight, Sighting, Told, sight};
use crate::text::identifier;

/// More ranges than this become several rules: engines limit the size of a condition.
const MAX_RANGES: usize = 64;
/// The longest part of a rule's name that a file gives it; YARA takes 128 characters in all.
const MAX_STEM: usize = 48;

/// What becomes of a bulletin.
#[derive(Debug)]
pub(crate) struct Draft<'a> {
    pub(crate) bulletin: &'a Bulletin,
    pub(crate) signatures: BTreeMap<Key, Signature<'a>>,
    pub(crate) unseen: Vec<Unseen<'a>>,
    pub(crate) losses: Losses,
    /// Whether versions were taken out that only patched hosts have.
    is_narrowed: bool,
}

/// What a rule tests: the file's name in lower case, its version and its machine, or what is in it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key {
    pub(crate) file: String,
    pub(crate) sought: Sought,
    pub(crate) machines: Machines,
}

/// What tells the file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Sought {
    /// One of these versions.
    Versions(VersionSet),
    /// One of these digests, whatever the file is called.
    Digests(BTreeSet<(Digest, String)>),
}

/// What a rule stands for.
#[derive(Debug, Clone, Default)]
pub(crate) struct Signature<'a> {
    /// The file's name as first written.
    pub(crate) file: String,
    pub(crate) paths: BTreeSet<String>,
    pub(crate) floors: BTreeSet<FileVersion>,
    pub(crate) cves: BTreeSet<&'a CveId>,
    /// In the order of the bulletin.
    pub(crate) packages: Vec<&'a str>,
    pub(crate) kb: BTreeSet<Kb>,
    pub(crate) severity: Option<Rating>,
    pub(crate) losses: Losses,
    /// Whether versions were taken out that only patched hosts have.
    pub(crate) is_narrowed: bool,
    /// The versions that it reports although patched hosts have them.
    pub(crate) shared: Vec<Shared>,
}

/// A package of which files do not tell whether hosts are vulnerable.
#[derive(Debug)]
pub(crate) struct Unseen<'a> {
    pub(crate) package: &'a Package,
    pub(crate) cves: Vec<&'a CveId>,
    pub(crate) why: &'static str,
    /// Whether files tell it of some hosts all the same.
    pub(crate) is_partial: bool,
}

/// Why files tell it of some hosts only.
const IN_PART: &str = "some vulnerable hosts have no file that tells it";

impl<'a> Draft<'a> {
    pub(crate) fn new(
        rules: &'a RuleSet,
        bulletin: &'a Bulletin,
        backend: &dyn Backend,
        identity: Identity,
    ) -> Self {
        let (signatures, unseen) = (BTreeMap::new(), Vec::new());
        let mut draft = Self { bulletin, signatures, unseen, losses: Losses::default(), is_narrowed: false };
        let lines = Lines::of(rules, bulletin);
        for case in rules.cases(bulletin) {
            let floors = ends(&case.outdated);
            let (case, narrowed) = lines.narrowed(case);
            let formula = rules.spelled_out(&case.vulnerable());
            let losses = Losses::of(backend, &formula);
            draft.is_narrowed |= !narrowed.is_empty();
            draft.losses.extend(losses.clone());
            draft.losses.extend(narrowed.clone());
            match sight(rules, &case, backend, identity) {
                Some(Sight { mut files, is_partial }) => {
                    for one in &mut files {
                        one.floors.retain(|floor| floors.contains(floor));
                    }
                    draft.see(rules, &case, &[losses, narrowed], files);
                    if is_partial {
                        draft.miss(&case, IN_PART, true);
                    }
                }
                None => draft.miss(&case, why_unseen(&formula, identity), false),
            }
        }
        for (key, signature) in &mut draft.signatures {
            if let Sought::Versions(versions) = &key.sought {
                signature.shared = lines.shared(&key.file, versions);
            }
        }
        draft
    }

    /// How the rules of the bulletin, taken together, relate to what it means.
    pub(crate) fn fidelity(&self) -> Fidelity {
        match (self.signatures.is_empty(), self.unseen.is_empty() && !self.is_narrowed) {
            (true, _) => Fidelity::LeftOut,
            (false, true) => Fidelity::MayOverReport,
            (false, false) => Fidelity::MayErrBothWays,
        }
    }

    fn see(
        &mut self,
        rules: &RuleSet,
        case: &Case<'a>,
        [losses, narrowed]: &[Losses; 2],
        found: Vec<Sighting>,
    ) {
        let severity = rules.severity(case);
        for (key, mut seen) in united(found) {
            let is_of_file =
                |test: &Test| test.path().is_some_and(|path| name::folded(path.file_name()) == key.file);
            let narrowed = narrowed.among(is_of_file);
            let signature = self.signatures.entry(key).or_default();
            if signature.file.is_empty() {
                signature.file = std::mem::take(&mut seen.file);
            }
            signature.paths.append(&mut seen.paths);
            signature.floors.append(&mut seen.floors);
            signature.cves.insert(&case.vulnerability.id);
            if !signature.packages.contains(&case.package.name.as_str()) {
                signature.packages.push(&case.package.name);
            }
            let own = &case.package.kb;
            signature.kb.extend(if own.is_empty() { &case.bulletin.kb } else { own });
            signature.severity = signature.severity.max(severity);
            signature.losses.extend(losses.clone());
            signature.is_narrowed |= !narrowed.is_empty();
            signature.losses.extend(narrowed);
        }
    }

    fn miss(&mut self, case: &Case<'a>, why: &'static str, is_partial: bool) {
        let cve = &case.vulnerability.id;
        match self.unseen.iter_mut().find(|one| one.package.name == case.package.name && one.why == why) {
            Some(unseen) => unseen.cves.push(cve),
            None => self.unseen.push(Unseen { package: case.package, cves: vec![cve], why, is_partial }),
        }
    }
}

/// The first versions above those that a formula asks for.
fn ends(formula: &Expr) -> BTreeSet<FileVersion> {
    let mut ends = BTreeSet::new();
    formula.leaves(&mut |leaf| {
        if let Test::FileVersion(_, versions) = &leaf.test {
            ends.extend(versions.intervals().iter().filter_map(|interval| interval.end()));
        }
    });
    ends
}

fn why_unseen(formula: &Expr, identity: Identity) -> &'static str {
    let mut untold = false;
    formula.leaves(&mut |leaf| {
        untold |= matches!(&leaf.test, Test::FileVersion(path, _) if !identity.tells(path.file_name()));
    });
    if untold {
        "YARA cannot compare the names of its files; the option `yara.identity` may help"
    } else {
        "a vulnerable host need not have a file whose version tells it"
    }
}

/// The sightings of one case by file and machine: as what else decides between them is not seen,
/// any of their versions may do. The ranges of a file are dealt out to keys of bounded size. Its digests are a key of
/// their own.
fn united<'a>(found: Vec<Sighting>) -> Vec<(Key, Signature<'a>)> {
    let mut digests: BTreeMap<String, (BTreeSet<(Digest, String)>, Signature<'a>)> = BTreeMap::new();
    let mut files: BTreeMap<(String, Machines), (VersionSet, Signature<'a>)> = BTreeMap::new();
    for sighting in found {
        let name = sighting.path.file_name();
        let empty = || Signature { file: name.to_owned(), ..Signature::default() };
        let signature = match sighting.told {
            Told::Versions(more) => {
                let place = (name::folded(name), sighting.machines);
                let none = || (VersionSet::from(Vec::new()), empty());
                let (versions, signature) = files.entry(place).or_insert_with(none);
                *versions = versions.union(&more);
                signature
            }
            Told::Digest(kind, value) => {
                let (digests, signature) =
                    digests.entry(name::folded(name)).or_insert_with(|| (BTreeSet::new(), empty()));
                digests.insert((kind, value));
                signature
            }
        };
        signature.paths.insert(sighting.path.to_string());
        signature.floors.extend(sighting.floors);
    }
    let of_digests = |(file, (digests, signature))| {
        (Key { file, sought: Sought::Digests(digests), machines: None }, signature)
    };
    let mut keys: Vec<(Key, Signature<'a>)> = digests.into_iter().map(of_digests).collect();
    for ((file, machines), (versions, signature)) in files {
        for ranges in versions.intervals().chunks(MAX_RANGES) {
            let versions = VersionSet::from(ranges.to_vec());
            let within = |floor: &FileVersion| ranges.iter().any(|range| around(range, *floor));
            let floors = signature.floors.iter().copied().filter(within).collect();
            let sought = Sought::Versions(versions);
            let key = Key { file: file.clone(), sought, machines: machines.clone() };
            keys.push((key, Signature { floors, ..signature.clone() }));
        }
    }
    keys
}

/// Whether a floor is inside a range or ends it.
fn around(range: &VersionInterval, floor: FileVersion) -> bool {
    range.low <= floor && range.end().is_none_or(|end| floor <= end)
}

/// A bulletin with the names of its rules.
#[derive(Debug)]
pub(crate) struct Named<'a> {
    pub(crate) draft: &'a Draft<'a>,
    pub(crate) rules: Vec<(String, &'a Key, &'a Signature<'a>)>,
}

/// Names every rule after bulletin and file; where several would be called alike, with a hash of
/// what they test, so that no name depends on the order of rules.
///
/// # Errors
/// When two hashes are the same.
pub(crate) fn named<'a>(drafts: &'a [Draft<'a>]) -> Result<Vec<Named<'a>>, EmitBug> {
    let mut alike: BTreeMap<String, u32> = BTreeMap::new();
    for (draft, key) in drafts.iter().flat_map(|draft| draft.signatures.keys().map(move |key| (draft, key))) {
        *alike.entry(stem(draft, key)).or_default() += 1;
    }
    let name = |draft: &Draft<'_>, key: &Key| {
        let stem = stem(draft, key);
        let several = alike.get(&stem).is_some_and(|count| *count > 1);
        if several { format!("{stem}_{}", hash(draft, key)) } else { stem }
    };
    let mut taken = BTreeSet::new();
    let mut all = Vec::new();
    for draft in drafts {
        let rules = draft.signatures.iter().map(|(key, signature)| (name(draft, key), key, signature));
        let rules: Vec<_> = rules.collect();
        if let Some((name, ..)) = rules.iter().find(|(name, ..)| !taken.insert(name.clone())) {
            return Err(EmitBug(format!("two rules are called `{name}`")));
        }
        all.push(Named { draft, rules });
    }
    Ok(all)
}

fn stem(draft: &Draft<'_>, key: &Key) -> String {
    let file: String = identifier(&key.file).chars().take(MAX_STEM).collect();
    format!("{}_{file}", identifier(draft.bulletin.id.as_str()))
}

fn hash(draft: &Draft<'_>, key: &Key) -> String {
    let machines: Vec<&str> = key.machines.iter().flatten().copied().map(Machine::constant).collect();
    let sought = match &key.sought {
        Sought::Versions(versions) => canonical::versions(versions),
        Sought::Digests(digests) => digests
            .iter()
            .map(|(kind, value)| format!("{}:{value}", kind.as_str()))
            .collect::<Vec<_>>()
            .join(" "),
    };
    let parts = [draft.bulletin.id.as_str(), &key.file, &sought, &machines.join(" ")];
    digest(&parts.join("\n")).chars().take(12).collect()
}
