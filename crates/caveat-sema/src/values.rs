//! Words and strings become values, or diagnostics that say why not.

use std::str::FromStr;

use caveat_diag::{Code, Diagnostic, Span};
use caveat_ir::value::{
    BuildRevision, BulletinId, CveId, Date, Digest, FileVersion, Kb, Language, Malformed, NumberSet,
    OsVersion, RegistryPath, TextVersion, Unlisted, VersionSet, View, WindowsPath,
};
use caveat_ir::{Placed, PlacedList};
use caveat_syntax::ast::{Range, Text, Word};

use crate::lower::Lowering;

/// A value type and the code under which a malformed one is reported.
pub(crate) trait Value: FromStr<Err = Malformed> {
    const CODE: &'static Code;
}

macro_rules! values {
    ($($type:ty => $code:ident),+ $(,)?) => { $(impl Value for $type { const CODE: &'static Code = Code::$code; })+ };
}

values! {
    FileVersion => MALFORMED_VERSION,
    TextVersion => MALFORMED_VERSION,
    OsVersion => MALFORMED_VERSION,
    BuildRevision => MALFORMED_VERSION,
    Date => MALFORMED_DATE,
    BulletinId => MALFORMED_IDENTIFIER,
    CveId => MALFORMED_IDENTIFIER,
    Kb => MALFORMED_IDENTIFIER,
    Language => UNKNOWN_VALUE,
    WindowsPath => MALFORMED_PATH,
}

impl Lowering<'_> {
    /// Reads a value.
    pub(crate) fn value<T: Value>(&mut self, text: &str, span: Span) -> Option<T> {
        text.parse().map_err(|malformed| self.report(malformed_at(T::CODE, malformed, span))).ok()
    }

    /// Reads a value from a word.
    pub(crate) fn word<T: Value>(&mut self, word: &Word) -> Option<T> {
        self.value(&word.text, word.span)
    }

    /// Reads a value from a word, with its place.
    pub(crate) fn placed<T: Value>(&mut self, word: &Word) -> Option<Placed<T>> {
        self.word(word).map(|value| Placed::new(value, word.span))
    }

    /// Reads values from words with their places, dropping those that are malformed.
    pub(crate) fn placed_words<T: Value>(&mut self, words: &[Word]) -> PlacedList<T> {
        words.iter().filter_map(|word| self.placed(word)).collect()
    }

    /// Reads values from words, dropping those that are malformed.
    pub(crate) fn words<T: Value>(&mut self, words: &[Word]) -> Vec<T> {
        words.iter().filter_map(|word| self.word(word)).collect()
    }

    /// Reads a word of a closed list.
    pub(crate) fn listed<T: FromStr<Err = Unlisted>>(&mut self, word: &Word) -> Option<T> {
        word.text.parse().map_err(|unlisted: Unlisted| self.report(unlisted_at(&unlisted, word.span))).ok()
    }

    /// Reads a path.
    pub(crate) fn path(&mut self, text: &Text) -> Option<WindowsPath> {
        self.value(&text.value, text.span)
    }

    /// Reads a registry key.
    pub(crate) fn registry(&mut self, text: &str, span: Span, view: Option<View>) -> Option<RegistryPath> {
        let parsed = RegistryPath::parse(text, view).and_then(without_wildcard);
        parsed
            .map_err(|malformed| self.report(malformed_at(Code::MALFORMED_REGISTRY_PATH, malformed, span)))
            .ok()
    }

    /// Reads a number, in decimal or with `0x` in hexadecimal.
    pub(crate) fn number<T: TryFrom<u64>>(&mut self, word: &Word, what: &str) -> Option<T> {
        let hex = word.text.strip_prefix("0x").or_else(|| word.text.strip_prefix("0X"));
        let parsed = match hex {
            Some(hex) => u64::from_str_radix(hex, 16).ok(),
            None => word.text.parse::<u64>().ok(),
        };
        let number = parsed.and_then(|number| T::try_from(number).ok());
        if number.is_none() {
            let message = format!("`{}` is not {what}", word.text);
            self.report(
                Diagnostic::new(Code::MALFORMED_NUMBER, message).at(word.span, "not a number that fits here"),
            );
        }
        number
    }

    /// Reads bytes: an even number of hexadecimal digits, in lower case.
    pub(crate) fn bytes(&mut self, text: &Text) -> Option<String> {
        let wrong = not_a_digit(&text.value).or_else(|| {
            let odd = !text.value.len().is_multiple_of(2);
            odd.then(|| "its last digit stands alone".to_owned())
        });
        let Some(wrong) = wrong else { return Some(text.value.to_ascii_lowercase()) };
        let problem =
            Diagnostic::new(Code::MALFORMED_NUMBER, format!("`{}` is not bytes: {wrong}", text.value));
        self.report(
            problem.at(text.span, "").help(
                "write two hexadecimal digits for each byte and nothing between them, such as `\"00ff\"`",
            ),
        );
        None
    }

    /// Reads a digest: as many hexadecimal digits as it has, in lower case.
    pub(crate) fn digest(&mut self, text: &str, span: Span, algorithm: Digest) -> Option<String> {
        let (length, digits) = (algorithm.length(), text.chars().count());
        let wrong = not_a_digit(text).or_else(|| {
            let counted = if digits == 1 { "1 digit".to_owned() } else { format!("{digits} digits") };
            (digits != length).then(|| format!("it has {counted}, not {length}"))
        });
        let Some(wrong) = wrong else { return Some(text.to_ascii_lowercase()) };
        let message = format!("`{text}` is not a digest ({algorithm}): {wrong}");
        let problem = Diagnostic::new(Code::MALFORMED_NUMBER, message).at(span, "");
        self.report(problem.help(format!("write its {length} hexadecimal digits")));
        None
    }

    /// Reads a range of numbers, both ends included.
    pub(crate) fn number_range(&mut self, range: &Range, what: &str) -> Option<NumberSet> {
        let low = range.low.as_ref().map_or(Some(0), |word| self.number(word, what))?;
        let high = range.high.as_ref().map_or(Some(u32::MAX), |word| self.number(word, what))?;
        let set = NumberSet::range(low, high);
        if set.is_empty() {
            self.empty_range(range);
            return None;
        }
        Some(set)
    }

    /// Reads a range of versions, its end excluded; a single version is itself.
    pub(crate) fn version_range(&mut self, range: &Range) -> Option<VersionSet> {
        let low = range.low.as_ref().map_or(Some(FileVersion::MIN), |word| self.word(word))?;
        if range.single {
            return Some(VersionSet::between(low, low.next()));
        }
        let end = match &range.high {
            Some(word) => Some(self.word(word)?),
            None => None,
        };
        let set = VersionSet::between(low, end);
        if set.is_empty() {
            self.empty_range(range);
            return None;
        }
        Some(set)
    }

    pub(crate) fn empty_range(&mut self, range: &Range) {
        let problem = Diagnostic::new(Code::EMPTY_RANGE, "nothing lies in this range");
        let problem = problem.at(range.span, "its end is not above its start");
        self.report(problem.help(
            "write the lower number first; version ranges exclude their end, number ranges include it",
        ));
    }
}

/// The registry view that `32` or `64` stands for.
pub(crate) fn view(word: Option<&Word>) -> Option<View> {
    match word?.text.as_str() {
        "32" => Some(View::Bits32),
        _ => Some(View::Bits64),
    }
}

/// A key that names one place.
fn without_wildcard(path: RegistryPath) -> Result<RegistryPath, Malformed> {
    match path.wildcard() {
        None => Ok(path),
        Some(part) => Err(Malformed::new(format!("`{part}` in a registry key stands for no other text"))
            .help(
                "a key is one place: name each that there can be, as in `any of { registry …; registry … }`",
            )),
    }
}

pub(crate) fn malformed_at(code: &'static Code, malformed: Malformed, span: Span) -> Diagnostic {
    let problem = Diagnostic::new(code, malformed.message).at(span, "");
    match malformed.help {
        Some(help) => problem.help(help),
        None => problem,
    }
}

fn unlisted_at(unlisted: &Unlisted, span: Span) -> Diagnostic {
    let message = format!("`{}` is not {}", unlisted.word, unlisted.what);
    let problem = Diagnostic::new(Code::UNKNOWN_VALUE, message).at(span, "");
    problem.suggest(&unlisted.word, unlisted.allowed.iter().copied(), span)
}

/// What in the text is no hexadecimal digit, in words.
fn not_a_digit(text: &str) -> Option<String> {
    let other = text.chars().find(|c| !c.is_ascii_hexdigit())?;
    Some(format!("`{}` is not a hexadecimal digit", other.escape_debug()))
}
