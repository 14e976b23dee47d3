//! What the name of a package and its command lines say, where the package is for other hosts or of another
//! article.

use std::collections::BTreeSet;

use caveat_diag::{Code, Diagnostic};
use caveat_ir::Origin;
use caveat_ir::rule::OsFacts;
use caveat_ir::value::{Architecture, Kb, NumberSet};

use crate::context::{Context, report};
use crate::labels::{Label, of_command, of_name};
use crate::view::{PackageView, View};

pub(crate) fn check(context: &Context<'_>, view: &View<'_>, found: &mut Vec<Diagnostic>) {
    for package in &view.packages {
        let ids = package.package.platforms.iter();
        let hosts = ids.map(|id| Some(context.rules.facts(context.rules.selector(*id)?)));
        let Some(hosts) = hosts.collect::<Option<Vec<OsFacts>>>().filter(|hosts| !hosts.is_empty()) else {
            continue;
        };
        let own = view.articles(package);
        let package_name = of_name(&package.package.name);
        let labels = std::iter::once((package.package.origin, "the name of the package", package_name));
        let labels = labels.chain(commands(package));
        let problems = labels.filter_map(|(origin, what, label)| {
            let message = contradiction(&label, &hosts, &own)?;
            Some(package.for_these(report(
                Code::CONTRADICTING_NAME,
                format!("{what} {message}"),
                context.span(origin),
                "",
            )))
        });
        found.extend(problems.map(|one| one.help("correct the one that is wrong")));
    }
}

fn commands<'a>(package: &PackageView<'a>) -> impl Iterator<Item = (Origin, &'static str, Label)> + use<'a> {
    let (install, uninstall) = (&package.package.install, &package.package.uninstall);
    let commands = install.placed().chain(uninstall.placed());
    commands.map(|(command, origin)| (origin, "the command line", of_command(command)))
}

/// What a label says that holds for no host of the package.
fn contradiction(label: &Label, hosts: &[OsFacts], own: &BTreeSet<Kb>) -> Option<String> {
    let none = |fits: &dyn Fn(&OsFacts) -> bool| !hosts.iter().any(fits);
    if !label.articles.is_empty() && !own.is_empty() && label.articles.is_disjoint(own) {
        let named: Vec<String> = label.articles.iter().map(ToString::to_string).collect();
        return Some(format!("says {}, which is not the article of the package", named.join(", ")));
    }
    if !label.versions.is_empty()
        && none(&|facts| facts.version.is_none_or(|version| label.versions.contains(&version)))
    {
        return Some(format!("says {}, but the package is for another Windows", label.windows));
    }
    let of_width = |facts: &OsFacts| {
        facts.architectures.as_ref().is_none_or(|all| !all.is_disjoint(&label.architectures))
    };
    if !label.architectures.is_empty() && none(&of_width) {
        let named: Vec<&str> = label.architectures.iter().map(|one| Architecture::as_str(*one)).collect();
        return Some(format!("says {}, but the package is for hosts of others", named.join(" or ")));
    }
    let has_pack = |facts: &OsFacts| {
        let named = |all: &NumberSet| label.packs.iter().any(|pack| all.contains(*pack));
        facts.service_packs.as_ref().is_none_or(named)
    };
    (!label.packs.is_empty() && none(&has_pack)).then(|| {
        let named: Vec<String> = label.packs.iter().map(ToString::to_string).collect();
        format!("says service pack {}, but the package is for others", named.join(", "))
    })
}
