//! The nodes of a rule set whose places travel, each with its JSON pointer, beside the IR's JSON, which
//! leaves them out; the values of their clauses have places that stay here. What a place is, [`crate::Places`]
//! says. And the nodes that refer to a platform.

use crate::expr::Expr;
use crate::placed::Origin;
use crate::rule::{
    Bulletin, Package, Platform, PlatformId, RuleSet, Selector, SelectorId, Vulnerability, Workaround,
};

impl RuleSet {
    /// The platform with this id, if it is of this set.
    #[must_use]
    pub fn platform(&self, id: PlatformId) -> Option<&Platform> {
        self.platforms.get(id.0 as usize)
    }

    /// The selector with this id, if it is of this set.
    #[must_use]
    pub fn selector(&self, id: SelectorId) -> Option<&Selector> {
        self.selectors.get(id.0 as usize)
    }
}

/// Calls `visit` for every reference to a platform in a bulletin.
pub fn selectors(bulletin: &mut Bulletin, visit: &mut dyn FnMut(&mut SelectorId)) {
    bulletin.supersedes.iter_mut().flat_map(|one| &mut one.on).for_each(&mut *visit);
    for one in &mut bulletin.unaffected {
        one.platforms.iter_mut().for_each(&mut *visit);
        one.when.iter_mut().for_each(|when| selectors_of(when, visit));
    }
    for one in &mut bulletin.vulnerabilities {
        one.ratings.iter_mut().flat_map(|rated| &mut rated.on).for_each(&mut *visit);
        one.affects.iter_mut().flat_map(|affects| &mut affects.on).for_each(&mut *visit);
        for exposure in &mut one.exposures {
            exposure.on.iter_mut().for_each(&mut *visit);
            selectors_of(&mut exposure.when, visit);
        }
        selectors_of_workarounds(&mut one.workarounds, visit);
    }
    for package in &mut bulletin.packages {
        package.platforms.iter_mut().for_each(&mut *visit);
        let conditions = package.requires.iter_mut().chain(package.vulnerable_when.as_deref_mut());
        conditions.chain(&mut package.markers).for_each(|expr| selectors_of(expr, visit));
    }
    selectors_of_workarounds(&mut bulletin.workarounds, visit);
}

fn selectors_of_workarounds(workarounds: &mut [Workaround], visit: &mut dyn FnMut(&mut SelectorId)) {
    for one in workarounds {
        one.on.iter_mut().for_each(&mut *visit);
        one.when.iter_mut().for_each(|when| selectors_of(when, visit));
    }
}

/// Calls `visit` for every reference to a platform in a formula.
pub fn selectors_of(expr: &mut Expr, visit: &mut dyn FnMut(&mut SelectorId)) {
    match expr {
        Expr::All(parts) | Expr::Any(parts) => parts.iter_mut().for_each(|part| selectors_of(part, visit)),
        Expr::Not(part) => selectors_of(part, visit),
        Expr::Platform(id) => visit(id),
        Expr::Test(_) => {}
    }
}

/// Calls `visit` with the JSON pointer (RFC 6901) and the origin of every node whose place travels, in order.
pub fn origins(rules: &mut RuleSet, visit: &mut dyn FnMut(&str, &mut Origin)) {
    let mut walk = Walk { pointer: String::new(), visit };
    walk.each("platforms", &mut rules.platforms, |walk, platform| {
        walk.node(&mut platform.origin);
        walk.at("facts", |walk| walk.exprs("when", &mut platform.facts.when));
    });
    walk.each("bulletins", &mut rules.bulletins, Walk::bulletin);
    walk.each("summaries", &mut rules.summaries, |walk, summary| walk.node(&mut summary.origin));
}

struct Walk<'a> {
    pointer: String,
    visit: &'a mut dyn FnMut(&str, &mut Origin),
}

impl Walk<'_> {
    fn node(&mut self, origin: &mut Origin) {
        (self.visit)(&self.pointer, origin);
    }

    /// Names and numbers of the IR need no escaping in a pointer.
    fn at(&mut self, step: &str, inside: impl FnOnce(&mut Self)) {
        let length = self.pointer.len();
        self.pointer.push('/');
        self.pointer.push_str(step);
        inside(self);
        self.pointer.truncate(length);
    }

    fn each<T>(&mut self, name: &str, items: &mut [T], mut inside: impl FnMut(&mut Self, &mut T)) {
        self.at(name, |walk| {
            for (index, item) in items.iter_mut().enumerate() {
                walk.at(&index.to_string(), |walk| inside(walk, item));
            }
        });
    }

    fn exprs(&mut self, name: &str, exprs: &mut [Expr]) {
        self.each(name, exprs, Self::expr);
    }

    fn expr(&mut self, expr: &mut Expr) {
        match expr {
            Expr::All(parts) => self.exprs("all", parts),
            Expr::Any(parts) => self.exprs("any", parts),
            Expr::Not(part) => self.at("not", |walk| walk.expr(part)),
            Expr::Test(leaf) => self.at("test", |walk| walk.node(&mut leaf.origin)),
            Expr::Platform(_) => {}
        }
    }

    fn when(&mut self, when: Option<&mut Expr>) {
        if let Some(when) = when {
            self.at("when", |walk| walk.expr(when));
        }
    }

    fn bulletin(&mut self, bulletin: &mut Bulletin) {
        self.node(&mut bulletin.origin);
        self.each("unaffected", &mut bulletin.unaffected, |walk, one| walk.when(one.when.as_deref_mut()));
        self.each("vulnerabilities", &mut bulletin.vulnerabilities, Self::vulnerability);
        self.each("packages", &mut bulletin.packages, Self::package);
        self.workarounds(&mut bulletin.workarounds);
        self.each("tests", &mut bulletin.tests, |walk, test| {
            walk.node(&mut test.origin);
            walk.each("expectations", &mut test.expectations, |walk, one| walk.node(&mut one.origin));
        });
    }

    fn vulnerability(&mut self, vulnerability: &mut Vulnerability) {
        self.node(&mut vulnerability.origin);
        self.each("affects", &mut vulnerability.affects, |walk, affects| walk.node(&mut affects.origin));
        self.each("exposures", &mut vulnerability.exposures, |walk, one| walk.when(Some(&mut one.when)));
        self.workarounds(&mut vulnerability.workarounds);
    }

    fn workarounds(&mut self, workarounds: &mut [Workaround]) {
        self.each("workarounds", workarounds, |walk, one| walk.when(one.when.as_deref_mut()));
    }

    fn package(&mut self, package: &mut Package) {
        self.node(&mut package.origin);
        self.exprs("requires", &mut package.requires);
        self.each("files", &mut package.files, |walk, file| {
            walk.node(&mut file.origin);
            walk.each("floors", &mut file.floors, |walk, floor| walk.node(&mut floor.origin));
        });
        self.each("builds", &mut package.builds, |walk, floor| walk.node(&mut floor.origin));
        self.each("hotpatches", &mut package.hotpatches, |walk, one| walk.node(&mut one.origin));
        if let Some(condition) = package.vulnerable_when.as_mut() {
            self.at("vulnerable_when", |walk| walk.expr(condition));
        }
        self.exprs("markers", &mut package.markers);
    }
}
