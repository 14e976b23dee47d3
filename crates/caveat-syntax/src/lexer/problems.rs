//! What the user is told about a lexeme that is wrong as a whole.

use caveat_diag::{Code, Diagnostic, Span};

use super::lexemes::{Problem, is_typographic_quote};

/// Turns a problem into a diagnostic; `text` is what stands at `span`.
pub(super) fn report(problem: Problem, span: Span, text: &str) -> Diagnostic {
    match problem {
        Problem::Invalid => invalid(span, text),
        Problem::TypographicQuotes => typographic_quotes(span, text),
        Problem::UnterminatedString => unterminated_string(span, text),
        Problem::UnterminatedComment => {
            let open = Span::new(span.file, span.start, span.start + 2);
            Diagnostic::new(Code::UNTERMINATED_COMMENT, "this comment is not closed")
                .at(open, "opened here")
                .note("comments nest: each `/*` needs a `*/` of its own")
                .help("close it with `*/`")
        }
    }
}

/// How many characters of a run of invalid ones a message shows.
const SHOWN: usize = 16;

fn invalid(span: Span, text: &str) -> Diagnostic {
    let shown: String = text.chars().take(SHOWN).flat_map(char::escape_debug).collect();
    let more = if text.chars().nth(SHOWN).is_some() { "…" } else { "" };
    let noun = if text.chars().nth(1).is_some() { "characters" } else { "character" };
    let diagnostic = Diagnostic::new(Code::INVALID_CHARACTER, format!("invalid {noun} `{shown}{more}`"));
    let diagnostic = diagnostic.at(span, "no token begins like this");
    let Some(first) = text.chars().next() else { return diagnostic };
    match first {
        '“' | '”' | '„' | '‟' | '«' | '»' | '＂' => {
            diagnostic.help(format!("`{first}` is a typographic quotation mark; strings stand in plain `\"`"))
        }
        '‘' | '’' | '‚' | '‛' | '‹' | '›' | '＇' => diagnostic
            .help(format!("`{first}` is a typographic quotation mark; raw strings stand in plain `'`")),
        '!' => diagnostic.help("for “is not”, write `!=` between values and `not` before a condition"),
        '/' | '#' => diagnostic.help("a comment begins with `//`"),
        '\\' | '%' => diagnostic.help("a path stands in quotation marks: `'%SystemRoot%\\System32'`"),
        '&' => diagnostic.help("write `and` to ask that both conditions hold"),
        '|' => diagnostic.help("write `or` to ask that one of the conditions holds"),
        '–' | '—' | '−' | '‐' | '‑' => diagnostic.fix("use a plain hyphen", span, "-"),
        _ if first.is_whitespace() => diagnostic.fix("use a plain space", span, " "),
        _ if first.is_alphanumeric() => diagnostic.help(
            "words have the letters a to z, digits, `_`, `-` and `.`; other text stands in quotation marks",
        ),
        _ => diagnostic.help("remove it, or put the text in quotation marks"),
    }
}

fn typographic_quotes(span: Span, text: &str) -> Diagnostic {
    let mut chars = text.chars();
    let open = chars.next().unwrap_or('"');
    let close = chars.next_back().unwrap_or('"');
    let plain = if "‘’‚‛‹›＇".contains(open) { '\'' } else { '"' };
    let body = chars.as_str();
    let first = Span::new(span.file, span.start, span.start + super::offset(open.len_utf8()));
    let last = Span::new(span.file, span.end - super::offset(close.len_utf8()), span.end);
    Diagnostic::new(Code::INVALID_CHARACTER, format!("invalid character `{open}`"))
        .at(first, "a typographic quotation mark")
        .because(last, "the string ends here")
        .fix(format!("use plain quotation marks: `{plain}`"), span, format!("{plain}{body}{plain}"))
}

fn unterminated_string(span: Span, text: &str) -> Diagnostic {
    let quote = text.chars().next().unwrap_or('"');
    let diagnostic = Diagnostic::new(Code::UNTERMINATED_STRING, "this string is not closed")
        .at(span, format!("there is no closing `{quote}` on this line"));
    let typographic = text.chars().find(|c| is_typographic_quote(*c));
    match typographic {
        Some(mark) => diagnostic.help(format!("`{mark}` does not end a string; write `{quote}`")),
        None if quote == '"' => {
            diagnostic.help("strings end on the line they begin on; write a line break as `\\n`")
        }
        None => diagnostic.help("strings end on the line they begin on; add the closing `'`"),
    }
}
