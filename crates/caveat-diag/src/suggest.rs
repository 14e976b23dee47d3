//! What a misspelt word was to be.

use crate::{Diagnostic, Span};

/// Longer words are no slips of the pen.
const MAX_WORD: usize = 64;
/// How many words are listed where none is near.
const MAX_LISTED: usize = 12;

/// Shorter words begin many others.
const MIN_BEGINNING: usize = 3;

/// The known word that differs least from what was written, if it is at most a third of its letters, else the first that
/// begins so; case does not count.
#[must_use]
pub fn nearest<'k>(written: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    if written.len() > MAX_WORD {
        return None;
    }
    let folded = written.to_lowercase();
    let most = (folded.chars().count() / 3).max(1);
    let others = known.into_iter().filter(|other| *other != written && other.len() <= 2 * MAX_WORD);
    let measured = others.filter_map(|other| {
        let word = other.to_lowercase();
        let distance = strsim::osa_distance(&folded, &word);
        let begins = written.len() >= MIN_BEGINNING && word.starts_with(&folded);
        (distance <= most || begins).then_some((distance, other))
    });
    measured.min().map(|(_, other)| other)
}

/// `did you mean …?`
#[must_use]
pub fn did_you_mean(near: &str) -> String {
    format!("did you mean `{near}`?")
}

/// What helps someone who wrote a word that is not known: the nearest that is, else all if they are few.
#[must_use]
pub fn advice<'k>(written: &str, known: impl IntoIterator<Item = &'k str>) -> Option<String> {
    let known: Vec<&str> = known.into_iter().collect();
    match nearest(written, known.iter().copied()) {
        Some(near) => Some(did_you_mean(near)),
        None if known.is_empty() || known.len() > MAX_LISTED => None,
        None => Some(format!("known here: {}", known.join(", "))),
    }
}

impl Diagnostic {
    /// Says which word was to stand in this place, with the change.
    #[must_use]
    pub fn did_you_mean(self, near: &str, place: Span) -> Self {
        self.help(did_you_mean(near)).fix(format!("write `{near}`"), place, near)
    }

    /// Says which of the known words was to stand in this place, with the change; or lists them, if they are few.
    #[must_use]
    pub fn suggest<'k>(self, written: &str, known: impl IntoIterator<Item = &'k str>, place: Span) -> Self {
        let known: Vec<&str> = known.into_iter().collect();
        match nearest(written, known.iter().copied()) {
            Some(near) => self.did_you_mean(near, place),
            None => advice(written, known).into_iter().fold(self, Self::help),
        }
    }
}
