//! Packages whose tests stay clear of the floor, where a mistake would show.

use caveat_diag::{Code, Diagnostic};
use caveat_ir::host::{HostFile, Scalar};
use caveat_ir::rule::{Expected, OsFacts, RuleTest, Verdict};
use caveat_ir::value::{Architecture, FileVersion, Language, OsVersion, ProductType};

use crate::context::{Context, report};
use crate::view::{PackageView, View};

pub(crate) fn check(context: &Context<'_>, view: &View<'_>, found: &mut Vec<Diagnostic>) {
    for package in &view.packages {
        let tests = || view.bulletin.tests.iter().filter(|test| concerns(context, package, test));
        let expects = |wanted: Verdict| {
            tests().any(|test| test.expectations.iter().any(|one| one.expected == Expected::Verdict(wanted)))
        };
        let floors = || {
            package.package.files.iter().flat_map(|file| file.floors.iter().map(move |floor| (file, floor)))
        };
        if floors().next().is_none() || !expects(Verdict::Vulnerable) || !expects(Verdict::Fixed) {
            continue;
        }
        let at_floor = tests().any(|test| {
            floors()
                .any(|(file, floor)| version_of(&test.host, file.path.file_name()).contains(&floor.version))
        });
        if !at_floor {
            let message = format!(
                "no test of the package `{}` has a file of the very version it is fixed in",
                package.package.name
            );
            let problem = report(Code::UNTESTED_BOUNDARY, message, Some(package.ast.name.span), "");
            found.push(problem.help("let a test that expects `fixed` have the floor, and one that expects `vulnerable` the version before it"));
        }
    }
}

/// Versions of files of this name on the host.
fn version_of(host: &HostFile, name: &str) -> Vec<FileVersion> {
    let named = |path: &str| path.rsplit('\\').next().is_some_and(|last| last.eq_ignore_ascii_case(name));
    let files = host.files.iter().filter(|file| named(&file.path));
    files.filter_map(|file| read(file.version.as_ref()?)).collect()
}

fn read<T: std::str::FromStr>(scalar: &Scalar) -> Option<T> {
    scalar.to_string().parse().ok()
}

/// Whether the host of a test is of a platform of the package, as far as it says.
pub(super) fn concerns(context: &Context<'_>, package: &PackageView<'_>, test: &RuleTest) -> bool {
    let mut facts = package.package.platforms.iter().filter_map(|id| context.rules.selector(*id));
    facts.any(|selector| fits(&context.rules.facts(selector), &test.host))
}

fn fits(facts: &OsFacts, host: &HostFile) -> bool {
    let os = &host.os;
    let number = |scalar: &Option<Scalar>| scalar.as_ref().and_then(read::<u32>);
    let version: Option<OsVersion> = os.version.as_ref().and_then(read);
    let kind: Option<ProductType> = os.product_type.as_ref().and_then(read);
    let architecture: Option<Architecture> = os.architecture.as_ref().and_then(read);
    let language: Option<Language> = os.language.as_ref().and_then(read);
    let suites = os.suites.as_deref().unwrap_or_default();
    agree(facts.version, version, |a, b| a == b)
        && agree(facts.builds.as_ref(), number(&os.build), caveat_ir::value::NumberSet::contains)
        && agree(
            facts.service_packs.as_ref(),
            number(&os.service_pack),
            caveat_ir::value::NumberSet::contains,
        )
        && agree(facts.types.as_ref(), kind, |set, kind| set.contains(&kind))
        && agree(facts.architectures.as_ref(), architecture, |set, one| set.contains(&one))
        && agree(facts.language.as_ref(), language, |wanted, one| wanted.covers(&one))
        && facts.suites.iter().all(|suite| suites.contains(suite))
        && !facts.without_suites.iter().any(|suite| suites.contains(suite))
}

/// What is asked and what is known agree, or one of the two is open.
fn agree<A, B>(asked: Option<A>, known: Option<B>, agree: impl Fn(A, B) -> bool) -> bool {
    match (asked, known) {
        (Some(asked), Some(known)) => agree(asked, known),
        _ => true,
    }
}
