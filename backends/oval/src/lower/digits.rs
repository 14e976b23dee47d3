//! Expressions for the digits of bytes. Rules match them in small letters; engines and scanners write them in
//! either case.

use regex_syntax::ast::{self, Ast, Visitor};
use regex_syntax::hir::{Class, HirKind};

/// What no digit is.
const NEVER: &str = "[^0-9A-Fa-f]";

/// The expression that matches digits in either case where `pattern` matches them in small letters; none when that
/// is `pattern` itself.
pub(super) fn in_either_case(pattern: &str) -> Option<String> {
    let tree = ast::parse::Parser::new().parse(pattern).ok()?;
    let parts = ast::visit(&tree, Parts { pattern, changed: Vec::new() }).ok()?;
    if parts.is_empty() {
        return None;
    }
    let mut text = String::with_capacity(pattern.len() * 2);
    let mut at = 0;
    for (span, replacement) in parts {
        text.push_str(pattern.get(at..span.start.offset)?);
        text.push_str(&replacement);
        at = span.end.offset;
    }
    text.push_str(pattern.get(at..)?);
    Some(text)
}

/// The letters and classes that tell the cases apart, in order, each with what stands for it.
struct Parts<'p> {
    pattern: &'p str,
    changed: Vec<(ast::Span, String)>,
}

impl Visitor for Parts<'_> {
    type Output = Vec<(ast::Span, String)>;
    type Err = ();

    fn finish(self) -> Result<Self::Output, ()> {
        Ok(self.changed)
    }

    fn visit_pre(&mut self, part: &Ast) -> Result<(), ()> {
        match part {
            Ast::Literal(letter) if letter.c.is_ascii_hexdigit() && letter.c.is_ascii_alphabetic() => {
                self.changed.push((letter.span, class(|c| c == letter.c)));
            }
            Ast::ClassBracketed(bracketed) => {
                let text =
                    self.pattern.get(bracketed.span.start.offset..bracketed.span.end.offset).ok_or(())?;
                let members = members(text)?;
                let has = |c: char| members.iter().any(|(low, high)| (*low..=*high).contains(&c));
                if ('a'..='f').any(|c| has(c) != has(c.to_ascii_uppercase())) {
                    self.changed.push((bracketed.span, class(has)));
                }
            }
            _ => {}
        }
        Ok(())
    }
}

/// The ranges of characters of a class.
fn members(class: &str) -> Result<Vec<(char, char)>, ()> {
    let parsed = regex_syntax::parse(class).map_err(|_| ())?;
    match parsed.into_kind() {
        HirKind::Class(Class::Unicode(class)) => {
            Ok(class.ranges().iter().map(|range| (range.start(), range.end())).collect())
        }
        HirKind::Literal(literal) => {
            let text = std::str::from_utf8(&literal.0).map_err(|_| ())?;
            Ok(text.chars().map(|c| (c, c)).collect())
        }
        _ => Err(()),
    }
}

/// The digits that `has` takes in small letters, in either case.
fn class(has: impl Fn(char) -> bool) -> String {
    let digits = ('0'..='9').filter(|c| has(*c));
    let letters = ('a'..='f').filter(|c| has(*c));
    let all: String = digits.chain(letters.flat_map(|c| [c, c.to_ascii_uppercase()])).collect();
    if all.is_empty() { NEVER.to_owned() } else { format!("[{all}]") }
}
