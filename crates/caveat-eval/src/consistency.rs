//! Facts of a host that contradict each other, seen from a bulletin's packages.
//!
//! An inconsistency changes no verdict; it says that someone should look.

use caveat_ir::rule::{Bulletin, Floor, Package, PackageFile};
use caveat_ir::value::{FileVersion, WindowsPath};
use caveat_ir::{Expr, Truth, describe};
use caveat_runtime::{Fact, HostFacts};

use crate::evaluate::Session;

/// The inconsistencies, in words, of the packages whose platform and language the host is of.
pub(crate) fn check<H: HostFacts>(session: &Session<'_, H>, bulletin: &Bulletin) -> Vec<String> {
    let concerned = |package: &&Package| session.truth(&session.shared.rules.reach(package)) == Truth::True;
    let packages = bulletin.packages.iter().filter(concerned);
    packages.flat_map(|package| Inspection::new(session, package).inconsistencies()).collect()
}

/// A package and its files, as they are on a host.
struct Inspection<'s, H> {
    session: &'s Session<'s, H>,
    package: &'s Package,
    files: Vec<Found<'s>>,
}

/// A file that is there in a version, with the floors that hold for it.
struct Found<'s> {
    path: &'s WindowsPath,
    version: FileVersion,
    floors: Vec<&'s Floor>,
}

impl Found<'_> {
    /// The highest floor above the file's version.
    fn missed(&self) -> Option<FileVersion> {
        self.floors.iter().map(|floor| floor.version).filter(|floor| self.version < *floor).max()
    }

    /// Below every floor: where branches differ, only that is sure to be outdated.
    fn is_outdated(&self) -> bool {
        !self.floors.is_empty() && self.floors.iter().all(|floor| self.version < floor.version)
    }

    fn is_fixed(&self) -> bool {
        !self.floors.is_empty() && self.missed().is_none()
    }
}

impl<'s, H: HostFacts> Inspection<'s, H> {
    fn new(session: &'s Session<'s, H>, package: &'s Package) -> Self {
        let found = |file: &'s PackageFile| {
            let version = session.host.file_version(file.path.borrowed()).present()?;
            let holds = |floor: &&Floor| {
                let within = floor.within.as_ref().is_none_or(|within| within.contains(version));
                within && !matches!(session.truth(&floor.guard()), Truth::False)
            };
            let floors: Vec<&Floor> = file.floors.iter().filter(holds).collect();
            Some(Found { path: &file.path, version, floors })
        };
        Self { session, package, files: package.files.iter().filter_map(found).collect() }
    }

    fn inconsistencies(&self) -> impl Iterator<Item = String> + use<H> {
        [self.stale_marker(), self.partly_installed(), self.nothing_there()].into_iter().flatten()
    }

    /// The marker says that the update is installed, the files that it is not.
    fn stale_marker(&self) -> Option<String> {
        let marker = self.package.markers.iter().find(|marker| self.session.truth(marker) == Truth::True)?;
        let outdated = self.session.shared.rules.outdated(self.package);
        if self.session.truth(&outdated) != Truth::True {
            return None;
        }
        let marker = self.subject(marker);
        let missed = self.files.iter().find_map(|file| Some((file, file.missed()?)));
        let but = match missed {
            Some((file, floor)) if self.package.vulnerable_when.is_none() => {
                format!("{} is {}, below {floor}", file.path, file.version)
            }
            _ => describe::formula(self.session.shared.rules, &outdated),
        };
        Some(format!("marker {marker} says that the update is installed, but {but}"))
    }

    fn subject(&self, marker: &Expr) -> String {
        match marker {
            Expr::Test(leaf) => describe::subject(&leaf.test),
            other => describe::formula(self.session.shared.rules, other),
        }
    }

    /// Some files are those of the update, others are not.
    fn partly_installed(&self) -> Option<String> {
        let fixed = self.files.iter().find(|file| file.is_fixed())?;
        let outdated = self.files.iter().find(|file| file.is_outdated())?;
        let floor = outdated.missed()?;
        Some(format!(
            "package \"{}\" is partly installed: {} is {}, but {} is {}, below {floor}",
            self.package.name, fixed.path, fixed.version, outdated.path, outdated.version
        ))
    }

    /// The package is for the host, but no file that it replaces is there, though every host of the
    /// platform has one of them.
    fn nothing_there(&self) -> Option<String> {
        let gone = |path: &WindowsPath| matches!(self.session.host.file(path.borrowed()), Fact::Absent);
        let required = self.session.all(&self.package.requires);
        let applies = matches!(required, Truth::True | Truth::NotApplicable);
        let all_gone = applies && self.package.versioned().all(|file| gone(&file.path));
        (all_gone && self.has_always())
            .then(|| format!("package \"{}\" applies, but none of its files is there", self.package.name))
    }

    /// Whether the host is of a platform of which every host has one of the package's files.
    fn has_always(&self) -> bool {
        let rules = self.session.shared.rules;
        let mut on = self.package.platforms.iter().filter(|id| self.session.platform(**id) == Truth::True);
        on.any(|id| rules.has_always(*id, self.package))
    }
}
