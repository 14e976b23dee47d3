//! Facts of the operating system: where host files state them.

use caveat_ir::host::{HostFile, OsEntry};

use super::registry::lists;

/// Where Windows keeps its version, and its system root.
pub(super) const NT: &str = r"hklm\software\microsoft\windows nt\currentversion";
const PRODUCT_OPTIONS: &str = r"hklm\system\currentcontrolset\control\productoptions";
const ENVIRONMENT: &str = r"hklm\system\currentcontrolset\control\session manager\environment";
const LANGUAGE: &str = r"hklm\system\currentcontrolset\control\nls\language";
const WINDOWS: &str = r"hklm\software\microsoft\windows\currentversion";

/// A registry value: its key and its name, in lower case.
pub(super) type Place = (&'static str, &'static str);

/// A fact of the operating system.
pub(super) struct Fact {
    pub(super) name: &'static str,
    /// Whether it is stated under `os`.
    pub(super) stated: fn(&OsEntry) -> bool,
    /// Leaves it out there.
    pub(super) clear: fn(&mut OsEntry),
    /// Where Windows keeps it, and what gives it as well as `os` does.
    pub(super) places: &'static [Place],
    /// Where else Windows keeps a part of it.
    pub(super) beside: &'static [Place],
    /// Environment variables that tell it.
    pub(super) variables: &'static [&'static str],
    /// Whether leaving it out says that there is none, unless `os` is partial.
    pub(super) defaults: bool,
}

/// Every fact that can be forgotten. The family cannot: left out, it is Windows.
pub(super) const FACTS: [Fact; 9] = [
    Fact {
        name: "version",
        stated: |os| os.version.is_some(),
        clear: |os| os.version = None,
        places: &[
            (NT, "currentversion"),
            (NT, "currentmajorversionnumber"),
            (NT, "currentminorversionnumber"),
        ],
        beside: &[],
        variables: &[],
        defaults: false,
    },
    Fact {
        name: "build",
        stated: |os| os.build.is_some(),
        clear: |os| os.build = None,
        places: &[(NT, "currentbuildnumber")],
        beside: &[(NT, "currentbuild")],
        variables: &[],
        defaults: false,
    },
    Fact {
        name: "service pack",
        stated: |os| os.service_pack.is_some(),
        clear: |os| os.service_pack = None,
        places: &[(NT, "csdversion")],
        beside: &[],
        variables: &[],
        defaults: true,
    },
    Fact {
        name: "revision",
        // A bound is less than what the registry says.
        stated: |os| os.revision.as_ref().is_some_and(|one| !one.to_string().starts_with("at least")),
        clear: |os| os.revision = None,
        places: &[(NT, "ubr")],
        beside: &[],
        variables: &[],
        defaults: true,
    },
    Fact {
        name: "product type",
        stated: |os| os.product_type.is_some(),
        clear: |os| os.product_type = None,
        places: &[(PRODUCT_OPTIONS, "producttype")],
        beside: &[],
        variables: &[],
        defaults: false,
    },
    Fact {
        name: "installation type",
        stated: |os| os.installation_type.is_some(),
        clear: |os| os.installation_type = None,
        places: &[(NT, "installationtype")],
        beside: &[],
        variables: &[],
        defaults: true,
    },
    Fact {
        name: "suites",
        stated: |os| os.suites.is_some(),
        clear: |os| os.suites = None,
        places: &[(PRODUCT_OPTIONS, "productsuite")],
        beside: &[],
        variables: &[],
        defaults: true,
    },
    Fact {
        name: "architecture",
        stated: |os| os.architecture.is_some(),
        clear: |os| os.architecture = None,
        places: &[(ENVIRONMENT, "processor_architecture")],
        beside: &[],
        variables: &["processor_architecture", "processor_architew6432"],
        defaults: false,
    },
    Fact {
        name: "language",
        stated: |os| os.language.is_some(),
        clear: |os| os.language = None,
        places: &[(LANGUAGE, "installlanguage")],
        beside: &[],
        variables: &[],
        defaults: false,
    },
];

impl Fact {
    /// Whether the registry tells the fact as `os` does.
    pub(super) fn is_listed(&self, host: &HostFile) -> bool {
        // From version 10.0 on it takes all places.
        let all = host.os.version.as_ref().is_some_and(|version| version.to_string().starts_with("10."));
        let mut places = self.places.iter().take(if all { self.places.len() } else { 1 });
        places.all(|place| lists(host, *place))
    }
}

/// The folders that Windows records: the variables that name each, and where it stands.
pub(super) const FOLDERS: [(&[&str], Place); 5] = [
    (&["systemroot", "windir"], (NT, "systemroot")),
    (&["programfiles"], (WINDOWS, "programfilesdir")),
    (&["programfiles(x86)"], (WINDOWS, "programfilesdir (x86)")),
    (&["commonprogramfiles"], (WINDOWS, "commonfilesdir")),
    (&["commonprogramfiles(x86)"], (WINDOWS, "commonfilesdir (x86)")),
];

/// The names of a variable, in lower case, and where the registry has it.
pub(super) fn variable(name: &str) -> (Vec<String>, Option<Place>) {
    let name = name.to_lowercase();
    match FOLDERS.iter().find(|(names, _)| names.contains(&name.as_str())) {
        Some((names, place)) => (names.iter().map(|name| (*name).to_owned()).collect(), Some(*place)),
        None => (vec![name], None),
    }
}

/// Whether the file says nothing that would make the host another than a 32-bit Windows.
pub(super) fn is_x86(host: &HostFile) -> bool {
    host.os.architecture.as_ref().is_some_and(|one| one.to_string() == "x86")
}

#[cfg(test)]
mod tests {
    use caveat_ir::recorded::Place;

    use super::*;

    #[test]
    fn every_fact_that_windows_records_can_be_forgotten() {
        for place in Place::ALL {
            let recorded = (format!(r"hklm\{}", place.key()).to_lowercase(), place.name().to_lowercase());
            let is = |(key, name): &(&str, &str)| *key == recorded.0 && *name == recorded.1;
            assert!(FACTS.iter().any(|fact| fact.places.iter().any(is)), "{place:?}");
        }
    }
}
