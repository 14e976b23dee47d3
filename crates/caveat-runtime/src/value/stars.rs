//! Keys and paths with stars, which stand for many: `*` is any text within one component, also an empty one, and `[*]`
//! is the star itself.

use super::name;

/// What a component is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Piece<'p> {
    /// Any text without a backslash.
    Star,
    /// This text, compared as [`name`] says.
    Text(&'p str),
}

/// The pieces of a component, or of several with their backslashes.
pub fn pieces(pattern: &str) -> impl Iterator<Item = Piece<'_>> {
    let mut rest = pattern;
    std::iter::from_fn(move || {
        let (piece, after) = first(rest)?;
        rest = after;
        Some(piece)
    })
}

/// How many stars the pattern has.
#[must_use]
pub fn count(pattern: &str) -> usize {
    pieces(pattern).filter(|piece| *piece == Piece::Star).count()
}

/// The texts that the stars stand for in a key or path, in order; none where it does not match. Of several stars in
/// one component each stands for as little as it can.
#[must_use]
pub fn matched(pattern: &str, text: &str) -> Option<Vec<String>> {
    let (mut patterns, mut components) = (pattern.split('\\'), text.split('\\'));
    let mut found = Vec::new();
    loop {
        match (patterns.next(), components.next()) {
            (None, None) => return Some(found),
            (Some(pattern), Some(component)) => found.extend(in_component(pattern, component)?),
            _ => return None,
        }
    }
}

/// The pattern with the next text in the place of each star.
pub fn filled<'t>(pattern: &'t str, texts: impl IntoIterator<Item = &'t str>) -> String {
    let mut texts = texts.into_iter();
    pieces(pattern)
        .filter_map(|piece| if let Piece::Text(own) = piece { Some(own) } else { texts.next() })
        .collect()
}

fn first(pattern: &str) -> Option<(Piece<'_>, &str)> {
    const LITERAL: &str = "[*]";
    if let Some(rest) = pattern.strip_prefix(LITERAL) {
        return Some((Piece::Text("*"), rest));
    }
    if let Some(rest) = pattern.strip_prefix('*') {
        return Some((Piece::Star, rest));
    }
    let end = [pattern.find(LITERAL), pattern.find('*')].into_iter().flatten().min().unwrap_or(pattern.len());
    let (text, rest) = pattern.split_at_checked(end).filter(|(text, _)| !text.is_empty())?;
    Some((Piece::Text(text), rest))
}

/// Matches a component from left to right; after a failure the last star takes one character more.
fn in_component(pattern: &str, component: &str) -> Option<Vec<String>> {
    let wanted: Vec<Option<char>> = pieces(pattern)
        .flat_map(|piece| match piece {
            Piece::Star => vec![None],
            Piece::Text(text) => name::folded(text).chars().map(Some).collect(),
        })
        .collect();
    let written: Vec<char> = component.chars().collect();
    let folded: Vec<char> = name::folded(component).chars().collect();
    let mut stars: Vec<(usize, usize)> = Vec::new();
    let (mut at, mut of) = (0, 0);
    let mut last: Option<usize> = None;
    loop {
        match wanted.get(of) {
            Some(None) => {
                stars.push((at, at));
                last = Some(of);
                of += 1;
            }
            Some(Some(letter)) if folded.get(at) == Some(letter) => {
                at += 1;
                of += 1;
            }
            None if at == folded.len() => break,
            _ => {
                let (star, (_, end)) = (last?, stars.last_mut()?);
                if *end == folded.len() {
                    return None;
                }
                *end += 1;
                at = *end;
                of = star + 1;
            }
        }
    }
    let text = |(from, to): (usize, usize)| written.get(from..to).unwrap_or_default().iter().collect();
    Some(stars.into_iter().map(text).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_stand_for_texts_in_one_component() {
        let cases: [(&str, &str, Option<&[&str]>); 14] = [
            (r"A\*", r"a\7-Zip", Some(&["7-Zip"])),
            (r"A\*", r"a\b\c", None),
            (r"A\*", "a", None),
            (r"A\*\C", r"a\B\c", Some(&["B"])),
            ("MSSQL15.*", "mssql15.EXPRESS", Some(&["EXPRESS"])),
            ("MSSQL15.*", "MSSQL15.", Some(&[""])),
            ("MSSQL15.*", "MSSQL14.X", None),
            ("*_gdiplus_*", "x86_gdiplus_1_gdiplus_2", Some(&["x86", "1_gdiplus_2"])),
            ("*a", "bcaa", Some(&["bca"])),
            ("*ab*c", "xaabbcbc", Some(&["xa", "bcb"])),
            ("[*]x", "*X", Some(&[])),
            ("[*]x", "ax", None),
            ("*[*]", "a*", Some(&["a"])),
            ("*Ä*", "xäy", Some(&["x", "y"])),
        ];
        for (pattern, text, wanted) in cases {
            let wanted = wanted.map(|texts| texts.iter().map(|text| (*text).to_owned()).collect());
            assert_eq!(matched(pattern, text), wanted, "{pattern} and {text}");
        }
        assert_eq!(count("*[*]*"), 2);
        assert_eq!(filled(r"a*\[*]", ["1"]), r"a1\*");
    }
}
