//! Builds of Windows with their revisions: tests of them, and floors.

use caveat_diag::Span;
use caveat_ir::rule::{BuildFloor, Hotpatch, Package};
use caveat_ir::value::{BuildRevision, Kb, NumberSet};
use caveat_ir::{Expr, Placed, Test, builds};
use caveat_syntax::ast::{self, Range, Word};

use crate::lower::Lowering;

impl Lowering<'_> {
    /// A build, or a range of them with both ends included; each end with a revision or without.
    pub(crate) fn os_build(&mut self, range: &Range, span: Span) -> Option<Expr> {
        let first = range.low.as_ref().map_or(Some((0, 0)), |word| self.build(word, 0))?;
        let last = range.high.as_ref();
        let last = last.map_or(Some((u32::MAX, u32::MAX)), |word| self.build(word, u32::MAX))?;
        if first > last {
            self.empty_range(range);
            return None;
        }
        let parts = parts(first, last).into_iter().map(|(builds, revisions)| {
            let build = self.test(Test::OsBuild(builds), span)?;
            match revisions {
                None => Some(build),
                Some(revisions) => Some(Expr::all([build, self.test(Test::OsRevision(revisions), span)?])),
            }
        });
        parts.collect::<Option<Vec<Expr>>>().map(Expr::any)
    }

    /// A build and its revision; where none is written, the one given.
    fn build(&mut self, word: &Word, revision: u32) -> Option<(u32, u32)> {
        if word.text.contains('.') {
            return self.word(word).map(|BuildRevision { build, revision }| (build, revision));
        }
        self.number(word, "a build number").map(|build| (build, revision))
    }

    pub(crate) fn build_floors(&mut self, package: &mut Package, floors: &[ast::BuildFloor]) {
        for floor in floors {
            let Some((build, kb)) = self.made_build(package, floor) else { continue };
            let line = self.line_of(build.build);
            package.builds.push(BuildFloor { build, line, kb, origin: floor.span.into() });
        }
    }

    pub(crate) fn hotpatch(&mut self, package: &mut Package, floor: &ast::BuildFloor, mends: &[Word]) {
        let vulnerabilities = self.words(mends);
        let Some((build, kb)) = self.made_build(package, floor) else { return };
        package.hotpatches.push(Hotpatch { build, kb, vulnerabilities, origin: floor.span.into() });
    }

    /// What an update makes, and its article, which becomes one of the package.
    fn made_build(
        &mut self,
        package: &mut Package,
        floor: &ast::BuildFloor,
    ) -> Option<(BuildRevision, Option<Kb>)> {
        let kb: Option<Placed<Kb>> = floor.kb.as_ref().and_then(|word| self.placed(word));
        package.kb.extend(kb);
        Some((self.word(&floor.build)?, kb.map(|kb| kb.value)))
    }

    /// The builds that share their revisions with one, by the platforms that this module sees.
    fn line_of(&self, build: u32) -> NumberSet {
        let visible = self.scope.visible(self.module);
        let entries = visible.iter().filter_map(|module| self.platforms.get(module));
        let ids = entries.flat_map(|entries| entries.values()).flat_map(|entry| {
            let editions = entry.editions.values().map(|(_, id)| *id);
            entry.base.into_iter().chain(editions)
        });
        let platforms = ids.filter_map(|id| self.builder.rules.platform(id));
        builds::line(platforms, build)
    }
}

/// The builds between two ends, and the revisions at the ends; none where all are meant.
fn parts(first: (u32, u32), last: (u32, u32)) -> Vec<(NumberSet, Option<NumberSet>)> {
    let ((low, from), (high, to)) = (first, last);
    let one = |build| NumberSet::range(build, build);
    let some = |from, to| ((from, to) != (0, u32::MAX)).then(|| NumberSet::range(from, to));
    if low == high {
        return vec![(one(low), some(from, to))];
    }
    let (cut_below, cut_above) = (from > 0, to < u32::MAX);
    let middle = NumberSet::range(low + u32::from(cut_below), high - u32::from(cut_above));
    let mut parts = Vec::new();
    parts.extend(cut_below.then(|| (one(low), some(from, u32::MAX))));
    parts.extend((!middle.is_empty()).then_some((middle, None)));
    parts.extend(cut_above.then(|| (one(high), some(0, to))));
    parts
}
