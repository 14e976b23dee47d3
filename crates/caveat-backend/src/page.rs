//! A back end's page for people: what it makes, its options, and what it can say.
//!
//! The pages in `docs/backends` are this text; a test keeps them fresh.

use std::fmt::Write as _;

use caveat_ir::Feature;

use crate::{Backend, OptionSpec, Support, Text};

/// The page, in Markdown.
#[must_use]
pub fn page(backend: &dyn Backend) -> String {
    let info = backend.info();
    let mut page = format!("# {}\n\n{}.\n\n", info.title, info.summary);
    let extensions: Vec<String> = info.extensions.iter().map(|extension| format!("`.{extension}`")).collect();
    let _ = writeln!(page, "Target `{}`, files {}.\n", info.id, extensions.join(", "));
    if !info.options.is_empty() {
        page.push_str("## Options\n\n| option | default | values | what it does |\n|---|---|---|---|\n");
        page.extend(info.options.iter().map(|option| option_row(&info.id, option)));
        page.push('\n');
    }
    page.push_str("## What it can say\n\n| rules may test | | why |\n|---|---|---|\n");
    page.extend(Feature::ALL.iter().map(|feature| feature_row(*feature, backend.support(*feature))));
    page
}

fn option_row(id: &str, option: &OptionSpec) -> String {
    let code = |text: &str| if text.is_empty() { String::new() } else { format!("`{}`", cell(text)) };
    let values: Vec<String> = option.values.iter().map(|value| code(value)).collect();
    let values = values.join(", ");
    format!("| `{id}.{}` | {} | {values} | {} |\n", option.name, code(&option.default), cell(&option.help))
}

fn feature_row(feature: Feature, support: Support) -> String {
    let (word, why) = match support {
        Support::Exact => ("exact".to_owned(), Text::default()),
        Support::Approximate { direction, why } => (direction.to_string(), why),
        Support::Narrow { why } => ("in part".to_owned(), why),
        Support::No { why } => ("no".to_owned(), why),
    };
    format!("| {} | {word} | {} |\n", feature.title(), cell(&why))
}

/// Text that stays in its cell.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}
