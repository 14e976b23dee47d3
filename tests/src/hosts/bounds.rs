//! Hosts that list the updates which made their revision.

use caveat_ir::host::{FactKind, HostFile, Scalar};
use caveat_ir::updates::Updates;

/// The host with the last update that its revision has, listed alone and with others, completely and not.
#[must_use]
pub fn hosts(host: &HostFile) -> Vec<HostFile> {
    let number = |fact: Option<&Scalar>| fact.and_then(|fact| fact.to_string().parse::<u32>().ok());
    let (Some(build), Some(revision)) = (number(host.os.build.as_ref()), number(host.os.revision.as_ref()))
    else {
        return Vec::new();
    };
    let made = Updates::default().of(build);
    let had = made.partition_point(|(one, _)| *one <= revision);
    let Some((last, article)) = had.checked_sub(1).and_then(|place| made.get(place)) else {
        return Vec::new();
    };
    let first = made.first().map(|(_, article)| article.to_string()).unwrap_or_default();
    let with = |names: &[String], complete: bool| {
        let mut with = host.clone();
        with.name = Some(format!("{} and {}", host.name.clone().unwrap_or_default(), names.join(", ")));
        with.hotfixes.extend(names.iter().map(|name| name.as_str().into()));
        if !complete {
            with.partial.push(FactKind::Hotfixes);
        }
        with
    };
    let article = article.to_string();
    let mut hosts =
        vec![with(std::slice::from_ref(&article), false), with(&[first.clone(), article.clone()], false)];
    hosts.push(with(&[article.clone(), "KB9999999".to_owned()], true));
    if *last == revision {
        hosts.push(with(&[first, article], true));
    }
    hosts
}
