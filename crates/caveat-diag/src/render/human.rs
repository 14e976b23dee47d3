//! Excerpts in rustc's manner, drawn by annotate-snippets.

use std::borrow::Cow;
use std::ops::Range;

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

use super::{is_harmful, plain};
use crate::{Diagnostic, FileId, Label, Severity, SourceFile, SourceMap, Span};

/// Longer excerpts than this are not drawn; the place is named instead.
const MAX_EXCERPT: usize = 16 * 1024;

pub(super) fn render(diagnostics: &[&Diagnostic], sources: &SourceMap, color: bool) -> String {
    let renderer = if color { Renderer::styled() } else { Renderer::plain() };
    let mut out = String::new();
    for diagnostic in diagnostics {
        out.push_str(&renderer.render(&[group(diagnostic, sources)]));
        out.push_str("\n\n");
    }
    out
}

fn group<'a>(diagnostic: &'a Diagnostic, sources: &'a SourceMap) -> Group<'a> {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    };
    let mut group = Group::with_title(level.primary_title(plain(&diagnostic.message)).id(diagnostic.code.id));
    for file in files(diagnostic) {
        let labels: Vec<&Label> = diagnostic.labels.iter().filter(|label| label.span.file == file).collect();
        let Some(source) = sources.get(file) else { continue };
        group = match excerpt(source, &labels) {
            Some(snippet) => group.element(snippet),
            None => group.element(Level::NOTE.message(place(source, &labels))),
        };
    }
    for note in &diagnostic.notes {
        group = group.element(Level::NOTE.message(plain(note)));
    }
    for help in &diagnostic.help {
        group = group.element(Level::HELP.message(plain(help)));
    }
    group
}

/// The files a diagnostic speaks of, that of the problem first.
fn files(diagnostic: &Diagnostic) -> Vec<FileId> {
    let mut files: Vec<FileId> = diagnostic.span().map(|span| span.file).into_iter().collect();
    for label in &diagnostic.labels {
        if !files.contains(&label.span.file) {
            files.push(label.span.file);
        }
    }
    files
}

/// The lines from the first label to the last. Drawing only these keeps large files cheap.
fn excerpt<'a>(
    source: &'a SourceFile,
    labels: &[&'a Label],
) -> Option<Snippet<'a, annotate_snippets::Annotation<'a>>> {
    let text = source.text();
    let start = labels.iter().map(|label| label.span.start).min()?;
    let end = labels.iter().map(|label| label.span.end).max()?;
    let from = text.get(..start as usize)?.rfind('\n').map_or(0, |at| at + 1);
    let to = text.get(end as usize..)?.find('\n').map_or(text.len(), |at| end as usize + at);
    let window = text.get(from..to).filter(|window| window.len() <= MAX_EXCERPT)?;
    let annotations = labels.iter().map(|label| {
        let kind = if label.primary { AnnotationKind::Primary } else { AnnotationKind::Context };
        let annotation = kind.span(range_in(label.span, from, window));
        if label.text.is_empty() { annotation } else { annotation.label(plain(&label.text)) }
    });
    let line = source.line_column(start).0 as usize;
    Some(Snippet::source(harmless(window)).line_start(line).path(source.name()).annotations(annotations))
}

/// An excerpt with characters replaced that the renderer lets through, each by one of as many
/// bytes, so that offsets stay. Those of one byte it shows by pictures.
fn harmless(text: &str) -> Cow<'_, str> {
    let passes = |c: char| c.is_ascii() || !is_harmful(c);
    if text.chars().all(passes) {
        return text.into();
    }
    let replace = |c: char| match c {
        c if passes(c) => c,
        c if c.len_utf8() == 2 => '\u{BF}',
        _ => char::REPLACEMENT_CHARACTER,
    };
    text.chars().map(replace).collect::<String>().into()
}

fn range_in(span: Span, from: usize, window: &str) -> Range<usize> {
    let start = (span.start as usize).saturating_sub(from).min(window.len());
    let end = (span.end as usize).saturating_sub(from).min(window.len());
    start..end.max(start)
}

fn place(source: &SourceFile, labels: &[&Label]) -> String {
    let (line, column) = labels.first().map_or((1, 1), |label| source.line_column(label.span.start));
    format!("at {}:{line}:{column}", source.name())
}
