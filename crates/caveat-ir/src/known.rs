//! What is known of the hosts that rules speak of.

use crate::expr::{Expr, Test};
use crate::knowledge::Knowledge;
use crate::placed::Origin;
use crate::rule::{Package, RuleSet, Selector, SelectorId};
use crate::value::{NumberSet, WindowsPath};

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
