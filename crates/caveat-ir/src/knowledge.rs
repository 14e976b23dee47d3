//! What is known of the hosts of a platform besides the facts that tell it.

use serde::{Deserialize, Serialize};

use crate::expr::{Expr, Origin, Test};
use crate::rule::{Package, RuleSet, Selector, SelectorId};
use crate::value::{FileVersion, NumberSet, WindowsPath};

/// Data for whoever judges rules or facts; no host is tested for it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Knowledge {
    /// The service packs that there were; 0 is none.
    pub service_packs: Option<NumberSet>,
    /// How files are numbered that come with it and with its updates; empty when that is not known.
    pub numbering: Vec<NumberLine>,
    /// Files that every host of it has.
    pub always: Vec<WindowsPath>,
}

/// How files are numbered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct NumberLine {
    /// The first three numbers of their versions; the fourth is 0.
    pub numbers: FileVersion,
    /// The service packs on which files are numbered so; all when none.
    pub service_packs: Option<NumberSet>,
}

impl NumberLine {
    /// Whether a file of this version is numbered so.
    #[must_use]
    pub fn has(&self, version: FileVersion) -> bool {
        let ([a, b, c, _], [major, minor, build, _]) = (self.numbers.0, version.0);
        [a, b, c] == [major, minor, build]
    }
}

impl RuleSet {
    /// What is known of the hosts of a selector's platform.
    #[must_use]
    pub fn known(&self, selector: &Selector) -> Option<&Knowledge> {
        self.platform(selector.platform).map(|platform| &platform.known)
    }

    /// The service packs of a selector, as far as there were such; none when that is not known.
    #[must_use]
    pub fn service_packs(&self, selector: &Selector) -> Option<NumberSet> {
        let real = self.known(selector)?.service_packs.as_ref()?;
        Some(selector.service_packs.as_ref().map_or_else(|| real.clone(), |asked| asked.intersection(real)))
    }

    /// Whether every host of the platform has one of the package's files.
    #[must_use]
    pub fn has_always(&self, id: SelectorId, package: &Package) -> bool {
        let known = self.selector(id).and_then(|selector| self.known(selector));
        let mut always = known.into_iter().flat_map(|known| &known.always).map(WindowsPath::folded);
        always.any(|path| package.versioned().any(|file| file.path.folded() == path))
    }

    /// The host is of a platform, and of a service pack that there was: for questions about hosts there can be.
    #[must_use]
    pub fn real(&self, id: SelectorId) -> Expr {
        let packs = self.selector(id).and_then(|selector| self.known(selector)?.service_packs.clone());
        let packs = packs.map(|packs| Expr::test(Test::ServicePack(packs), Origin::default()));
        Expr::all([Expr::Platform(id)].into_iter().chain(packs))
    }
}
