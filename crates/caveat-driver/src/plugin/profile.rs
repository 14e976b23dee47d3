//! What a plug-in says of itself, checked, in the shape of a built-in back end.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use caveat_backend::{BackendInfo, Fidelity, Metadata, OptionSpec, Support, Text};
use caveat_ir::Feature;
use caveat_ir::rule::IR_SCHEMA;
use caveat_plugin::PROTOCOL;
use caveat_plugin::message::{PluginHello, PluginOption, PluginSupport};

use super::fault::Fault;

/// A plug-in as it introduced itself.
#[derive(Debug)]
pub(super) struct Profile {
    pub(super) info: BackendInfo,
    pub(super) support: BTreeMap<Feature, Support>,
    pub(super) projects: bool,
}

/// Names longer than this are no names.
const MAX_NAME: usize = 40;
/// Texts longer than this are no summaries.
const MAX_TEXT: usize = 400;

/// Checks an introduction. `name` is the target that the user asked for; any will do without.
pub(super) fn profile(hello: &PluginHello, name: Option<&str>) -> Result<Profile, Fault> {
    same("protocol", &hello.protocol, PROTOCOL)?;
    same("version of the rules", &hello.ir, IR_SCHEMA)?;
    same("id", &hello.id, name.unwrap_or(&hello.id))?;
    name_like("id", &hello.id)?;
    hello.extensions.iter().try_for_each(|extension| name_like("extension", extension))?;
    text("title", &hello.title)?;
    text("summary", &hello.summary)?;
    let options: Vec<OptionSpec> = hello.options.iter().map(option).collect::<Result<_, _>>()?;
    let names: BTreeSet<&str> = options.iter().map(|option| option.name.as_ref()).collect();
    must(names.len() == options.len(), || "two of its options have the same name".to_owned())?;
    let known = |name: &String| Feature::ALL.iter().find(|feature| feature.as_str() == name);
    let support = hello.support.iter().filter_map(|(name, how)| Some((*known(name)?, support(how))));
    let support = support.map(|(feature, how)| Ok((feature, how?))).collect::<Result<_, Fault>>()?;
    let wanted = |one: &&Metadata| hello.metadata.iter().any(|name| name == one.as_str());
    let metadata = Metadata::ALL.iter().filter(wanted).copied();
    let info = BackendInfo {
        id: hello.id.clone().into(),
        title: hello.title.clone().into(),
        summary: hello.summary.clone().into(),
        extensions: texts(&hello.extensions),
        options: options.into(),
        metadata: metadata.collect::<Vec<_>>().into(),
    };
    Ok(Profile { info, support, projects: hello.projects })
}

fn must(holds: bool, otherwise: impl FnOnce() -> String) -> Result<(), Fault> {
    if holds { Ok(()) } else { Err(Fault::Misspoke(otherwise())) }
}

fn same(what: &str, found: &str, expected: &str) -> Result<(), Fault> {
    must(found == expected, || format!("its {what} is `{found}`, not `{expected}`"))
}

/// Whether a text may be the name of a plug-in: it stands on command lines and in paths.
pub(super) fn is_name(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let ends = text.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit());
    ends && text.len() <= MAX_NAME && text.chars().all(plain)
}

fn name_like(what: &str, text: &str) -> Result<(), Fault> {
    must(is_name(text), || {
        format!("its {what} `{text}` is not of small letters, digits and `-`, at most {MAX_NAME}")
    })
}

fn text(what: &str, text: &str) -> Result<(), Fault> {
    let fits = !text.trim().is_empty() && text.len() <= MAX_TEXT && !text.chars().any(char::is_control);
    must(fits, || format!("its {what} is not one line of 1 to {MAX_TEXT} bytes"))
}

fn option(option: &PluginOption) -> Result<OptionSpec, Fault> {
    name_like("option", &option.name)?;
    if !option.help.is_empty() {
        text("help of an option", &option.help)?;
    }
    must(option.values.is_empty() || option.values.contains(&option.default), || {
        format!("the default of its option `{}` is none of its values", option.name)
    })?;
    Ok(OptionSpec {
        name: option.name.clone().into(),
        default: option.default.clone().into(),
        values: texts(&option.values),
        accepts: |_| true,
        help: option.help.clone().into(),
    })
}

fn support(support: &PluginSupport) -> Result<Support, Fault> {
    match support {
        PluginSupport::Exact => Ok(Support::Exact),
        PluginSupport::Approximate { direction: Fidelity::Exact | Fidelity::LeftOut, .. } => {
            Err(Fault::Misspoke("an approximation errs in no direction".to_owned()))
        }
        PluginSupport::Approximate { direction, why } => {
            text("reason", why)?;
            Ok(Support::Approximate { direction: *direction, why: why.clone().into() })
        }
        PluginSupport::Narrow { why } => {
            text("reason", why)?;
            Ok(Support::Narrow { why: why.clone().into() })
        }
        PluginSupport::No { why } => {
            text("reason", why)?;
            Ok(Support::No { why: why.clone().into() })
        }
    }
}

fn texts(texts: &[String]) -> Cow<'static, [Text]> {
    texts.iter().map(|text| Text::from(text.clone())).collect()
}
