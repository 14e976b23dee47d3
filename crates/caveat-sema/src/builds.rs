//! Builds of Windows with their revisions: tests of them, and floors.

use caveat_diag::Span;
use caveat_ir::rule::{BuildFloor, Hotpatch, Package};
use caveat_ir::value::{BuildRevision, NumberSet};
use caveat_ir::{Expr, Test, builds};
use caveat_syntax::ast::{self, Range, Word};

use crate::lower::Lowering;

/// An end of a range: a build, and its revision where one is written.
type End = (u32, Option<u32>);

impl Lowering<'_> {
    /// A build, or a range of them with both ends included; each end with a revision or without.
    pub(crate) fn os_build(&mut self, range: &Range, span: Span) -> Option<Expr> {
        let low = range.low.as_ref().map_or(Some((0, None)), |word| self.build(word))?;
        let high = range.high.as_ref().map_or(Some((u32::MAX, None)), |word| self.build(word))?;
        let (first, last) = (lowest(low), highest(high));
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

    fn build(&mut self, word: &Word) -> Option<End> {
        if word.text.contains('.') {
            let BuildRevision { build, revision } = self.word(word)?;
            return Some((build, Some(revision)));
        }
        self.number(word, "a build number").map(|build| (build, None))
    }

    pub(crate) fn build_floors(&mut self, package: &mut Package, floors: &[ast::BuildFloor]) {
        for floor in floors {
            let kb = floor.kb.as_ref().and_then(|word| self.placed(word));
            package.kb.extend(kb);
            let Some(build) = self.word::<BuildRevision>(&floor.build) else { continue };
            let (line, kb) = (self.line_of(build.build), kb.map(|kb| kb.value));
            package.builds.push(BuildFloor { build, line, kb, origin: floor.span.into() });
        }
    }

    pub(crate) fn hotpatch(&mut self, package: &mut Package, floor: &ast::BuildFloor, mends: &[Word]) {
        let kb = floor.kb.as_ref().and_then(|word| self.placed(word));
        package.kb.extend(kb);
        let vulnerabilities = self.words(mends);
        let Some(build) = self.word::<BuildRevision>(&floor.build) else { return };
        let (kb, origin) = (kb.map(|kb| kb.value), floor.span.into());
        package.hotpatches.push(Hotpatch { build, kb, vulnerabilities, origin });
    }

    /// The builds that share their revisions with one, by the platforms that this module sees.
    fn line_of(&mut self, build: u32) -> NumberSet {
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

const fn lowest((build, revision): End) -> (u32, u32) {
    (
        build,
        match revision {
            Some(revision) => revision,
            None => 0,
        },
    )
}

const fn highest((build, revision): End) -> (u32, u32) {
    (
        build,
        match revision {
            Some(revision) => revision,
            None => u32::MAX,
        },
    )
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
