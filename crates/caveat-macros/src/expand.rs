//! From the input of a macro to its items, or to errors.

use std::path::{Path, PathBuf};

use caveat_diag::{Diagnostic, SourceMap};
use caveat_driver::config::{FILE_NAME, Project};
use caveat_driver::inputs::{self, Input};
use caveat_driver::{Compilation, compile_for};
use caveat_sema::Rules;
use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::LitStr;

use crate::inline::Source;

/// More errors of one run than this are not shown.
const MAX_ERRORS: usize = 20;

pub(crate) fn include_rules(input: &TokenStream) -> TokenStream {
    let path: LitStr = match syn::parse2(input.clone()) {
        Ok(path) => path,
        Err(error) => {
            let text = "write the path of a rule file or folder as a string: `include_rules!(\"rules\")`";
            return refuse(error.span(), text);
        }
    };
    match read(&path.value()) {
        Ok((project, inputs, problems)) => {
            generate(&project, &compiled(&project, inputs, problems), path.span())
        }
        Err(text) => refuse(path.span(), &text),
    }
}

/// The rule files that a path from the package's folder names, and the project they belong to.
fn read(path: &str) -> Result<(Project, Vec<Input>, Vec<Diagnostic>), String> {
    let path = package()?.join(path);
    if !path.exists() {
        let shown = inputs::display(&path);
        return Err(format!("there is no file or folder `{shown}`; the path begins in the package's folder"));
    }
    let project = project(&path)?;
    let (inputs, problems) = inputs::read(std::slice::from_ref(&path), project.rules().as_deref());
    if inputs.is_empty() && problems.is_empty() {
        let shown = inputs::display(&path);
        return Err(format!("there are no rule files in `{shown}`; rule files end in `.caveat`"));
    }
    Ok((project, inputs, problems))
}

/// The folder of the package that is being compiled.
fn package() -> Result<PathBuf, String> {
    let folder = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    folder.ok_or_else(|| "the package's folder is not known; compile with Cargo".to_owned())
}

fn project(path: &Path) -> Result<Project, String> {
    Project::find(path).map_err(|refused| {
        let texts = refused.problems.iter().map(|problem| message(problem, &refused.sources));
        texts.collect::<Vec<_>>().join("\n")
    })
}

fn compiled(project: &Project, inputs: Vec<Input>, problems: Vec<Diagnostic>) -> Compilation {
    compile_for(inputs, problems, &project.levels, &[])
}

pub(crate) fn rules(input: &TokenStream, place: Option<Source>) -> TokenStream {
    let literal: Option<LitStr> = syn::parse2(input.clone()).ok();
    let span = literal.as_ref().map_or_else(Span::call_site, LitStr::span);
    let source = match (place, literal) {
        (Some(source), None) => source,
        (place, Some(literal)) => match place.filter(|place| place.text.ends_with(&literal.value())) {
            Some(source) => source,
            None => Source { shown: "<rules!>".to_owned(), text: literal.value() },
        },
        (None, None) if input.is_empty() => {
            return refuse(span, "there are no rules; write `rules!(r#\"bulletin …\"#)`");
        }
        (None, None) => {
            let text =
                "the text of these rules cannot be read here; put it in quotation marks: `rules!(r#\"…\"#)`";
            return refuse(span, text);
        }
    };
    match inline_input(source) {
        Ok((project, input)) => generate(&project, &compiled(&project, vec![input], Vec::new()), span),
        Err(text) => refuse(span, &text),
    }
}

/// Rules that stand in a program belong to the rule folder of its project.
fn inline_input(source: Source) -> Result<(Project, Input), String> {
    let package = package()?;
    let project = project(&package)?;
    let root = project.rules().unwrap_or(package);
    let Source { shown, text } = source;
    Ok((project, Input { shown, path: None, module: "rules".to_owned(), root, text }))
}

fn generate(project: &Project, compilation: &Compilation, span: Span) -> TokenStream {
    match &compilation.rules {
        Rules::Checked(rules) => {
            let files = dependencies(project, &compilation.sources);
            let items = caveat_backend_rust::items(rules, &quote!(::caveat::runtime));
            quote! {
                #[doc(hidden)]
                #[allow(
                    dead_code,
                    missing_docs,
                    unreachable_pub,
                    rustdoc::all,
                    clippy::all,
                    clippy::pedantic,
                    clippy::restriction
                )]
                mod caveat_rules {
                    #(const _: &[u8] = ::core::include_bytes!(#files);)*
                    #items
                }
                #[allow(unused_imports, unreachable_pub)]
                #[doc(inline)]
                pub use caveat_rules::*;
            }
        }
        Rules::Broken(_) => errors(compilation, span),
    }
}

/// The files that were read, in full.
fn dependencies(project: &Project, sources: &SourceMap) -> Vec<String> {
    let names = sources.iter().map(|(_, file)| Path::new(file.name()));
    let rules = names.filter_map(|name| std::path::absolute(name).ok());
    let all =
        rules.chain([project.folder.join(FILE_NAME)]).filter(|path| path.is_absolute() && path.is_file());
    all.filter_map(|path| path.into_os_string().into_string().ok()).collect()
}

fn errors(compilation: &Compilation, span: Span) -> TokenStream {
    let all: Vec<&Diagnostic> = compilation.diagnostics.iter().filter(|one| one.is_error()).collect();
    let shown = all.iter().take(MAX_ERRORS).map(|one| refuse(span, &message(one, &compilation.sources)));
    let rest = all.len().saturating_sub(MAX_ERRORS);
    let more = (rest > 0).then(|| refuse(span, &format!("{rest} further errors are not shown")));
    let all: TokenStream = shown.chain(more).collect();
    if all.is_empty() { refuse(span, "the rules cannot be compiled") } else { all }
}

/// `rules/a.caveat:3:5: message [CAV0301]`, with notes and advice below.
fn message(problem: &Diagnostic, sources: &SourceMap) -> String {
    let place = problem.span().and_then(|span| sources.location(span));
    let place = place.map_or_else(String::new, |place| format!("{place}: "));
    let head = format!("{place}{} [{}]", problem.message, problem.code.id);
    let notes = problem.notes.iter().map(|note| format!("\nnote: {note}"));
    let help = problem.help.iter().map(|help| format!("\nhelp: {help}"));
    std::iter::once(head).chain(notes).chain(help).collect()
}

fn refuse(span: Span, text: &str) -> TokenStream {
    quote_spanned!(span=> ::core::compile_error!(#text);)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_files_that_were_read_are_dependencies() {
        let expanded = include_rules(&quote!("tests/ui/rules/good.caveat")).to_string();
        let package = package().unwrap();
        let root = package.parent().and_then(Path::parent).unwrap();
        for path in [package.join("tests/ui/rules/good.caveat"), root.join(FILE_NAME)] {
            let included = quote!(::core::include_bytes!).to_string();
            let path = path.to_str().unwrap();
            assert!(expanded.contains(&format!("{included} ({path:?})")), "{path}: {expanded}");
        }
        assert!(!expanded.contains("std.windows"), "the embedded library is no file");
    }
}
