//! Texts in which a regular expression matches.

use regex::Regex;
use regex_syntax::hir::{Class, Hir, HirKind, Repetition};

/// How many ways through an expression are tried.
const MAX_WAYS: u32 = 64;
/// How many texts are wanted.
const MAX_TEXTS: usize = 4;
/// How many parts of an expression one text may be made of.
const MAX_PARTS: usize = 20_000;

/// Short texts in which the expression matches; none when none is found.
pub(crate) fn matching(pattern: &str) -> Vec<String> {
    let (Ok(hir), Ok(regex)) = (regex_syntax::Parser::new().parse(pattern), Regex::new(pattern)) else {
        return Vec::new();
    };
    let mut texts: Vec<String> = Vec::new();
    for way in 0..MAX_WAYS {
        let mut walk = Walk { way, parts: MAX_PARTS, text: String::new() };
        let made = walk.through(&hir).is_some() && regex.is_match(&walk.text);
        if made && !texts.contains(&walk.text) {
            texts.push(walk.text);
        }
        // No choice is left that would make another text.
        if walk.way > 0 || texts.len() >= MAX_TEXTS {
            break;
        }
    }
    texts
}

/// A walk through an expression, which writes down what it passes.
struct Walk {
    /// The choices, in a number: the last digits, in the base of each choice, are next.
    way: u32,
    parts: usize,
    text: String,
}

impl Walk {
    fn through(&mut self, hir: &Hir) -> Option<()> {
        self.parts = self.parts.checked_sub(1)?;
        match hir.kind() {
            HirKind::Empty | HirKind::Look(_) => Some(()),
            HirKind::Literal(literal) => {
                self.text.push_str(std::str::from_utf8(&literal.0).ok()?);
                Some(())
            }
            HirKind::Class(class) => {
                self.text.push(member(class)?);
                Some(())
            }
            HirKind::Repetition(repetition) => self.repeat(repetition),
            HirKind::Capture(capture) => self.through(&capture.sub),
            HirKind::Concat(parts) => parts.iter().try_for_each(|part| self.through(part)),
            HirKind::Alternation(parts) => {
                let chosen = self.choose(parts.len())?;
                self.through(parts.get(chosen)?)
            }
        }
    }

    /// As often as has to be, or once more.
    fn repeat(&mut self, repetition: &Repetition) -> Option<()> {
        let more = repetition.max != Some(repetition.min) && self.choose(2)? == 1;
        (0..repetition.min + u32::from(more)).try_for_each(|_| self.through(&repetition.sub))
    }

    fn choose(&mut self, among: usize) -> Option<usize> {
        let among = u32::try_from(among).ok()?;
        let chosen = self.way.checked_rem(among)?;
        self.way = self.way.checked_div(among)?;
        usize::try_from(chosen).ok()
    }
}

/// A character of the class, rather one that can be seen.
fn member(class: &Class) -> Option<char> {
    match class {
        Class::Unicode(class) => {
            let seen = class.ranges().iter().find(|range| range.start() >= ' ');
            Some(seen.or(class.ranges().first())?.start())
        }
        Class::Bytes(class) => Some(char::from(class.ranges().first()?.start())),
    }
}
