//! Tests of host facts.

use std::collections::BTreeSet;
use std::ops::Bound;

use caveat_diag::{Code, Diagnostic, Span};
use caveat_ir::expr::{Comparison, Integer, Reason, ServiceCheck, ValueCheck};
use caveat_ir::value::{
    Digest, FileVersion, Kb, OsVersion, RegistryPath, TextVersionSet, Unlisted, VersionSet, WindowsPath,
};
use caveat_ir::{Expr, Test};
use caveat_syntax::ast::{self, Data, FileCheck, Operand, OsTest, Predicate, Range, RegistryCheck, Word};
use regex_syntax::ast::{Ast, GroupKind, Visitor};

use crate::expansion::Argument;
use crate::lower::Lowering;
use crate::values::view as view_of;

/// What a number of 32 bits is.
pub(crate) const DOUBLE_WORD: &str = "a double word (0 to 4294967295)";
/// What a number of 64 bits is.
pub(crate) const QUAD_WORD: &str = "a quad word (0 to 18446744073709551615)";

impl Lowering<'_> {
    pub(crate) fn predicate(&mut self, predicate: &Predicate, span: Span) -> Option<Expr> {
        match predicate {
            Predicate::Platform(reference) => Some(Expr::Platform(self.platform_ref(reference)?)),
            Predicate::Os(test) => self.os(test, span),
            Predicate::File { path, check } => self.file(path, check, span),
            Predicate::Registry { view, key, value, check } => {
                let (key, key_span) = self.text(key)?;
                let key = self.registry(&key, key_span, view_of(view.as_ref()))?;
                match value {
                    None => self.key_check(key, check, span),
                    Some(value) => {
                        let (name, _) = self.text(value)?;
                        self.registry_value(&key, &name, check, span)
                    }
                }
            }
            Predicate::AnyKey { view, key, parts } => self.any_key(view.as_ref(), key, parts, span),
            Predicate::OfKey { .. } => self.outside_of_keys(span),
            Predicate::Service { name, check, start } => self.service(name, check, *start, span),
            Predicate::Undecidable(why) => {
                self.test(Test::Unknowable(Reason::Stated(why.value.clone())), span)
            }
            Predicate::Hotfix(kb) => {
                let kb = self.meant(kb)?;
                let kb: Kb = self.word(&kb)?;
                self.test(Test::Hotfix(kb), span)
            }
        }
    }

    /// The text of an operand: a literal, an argument, or a bare word. `None` for parameters of a
    /// condition that is looked at on its own.
    pub(crate) fn text(&mut self, operand: &Operand) -> Option<(String, Span)> {
        match self.operand(operand)? {
            Operand::Text(text) => Some((text.value, text.span)),
            Operand::Word(word) => Some((word.text, word.span)),
        }
    }

    fn operand(&mut self, operand: &Operand) -> Option<Operand> {
        match self.bound(operand) {
            None => Some(operand.clone()),
            Some(Argument::Given(given)) => Some(given),
            Some(Argument::Opaque) => None,
        }
    }

    /// A version, number or the like: an operand as a word.
    fn operand_word(&mut self, operand: &Operand) -> Option<Word> {
        let (text, span) = self.text(operand)?;
        Some(Word { text, span })
    }

    /// A word, or what a parameter stands for.
    fn meant(&mut self, word: &Word) -> Option<Word> {
        self.operand_word(&Operand::Word(word.clone()))
    }

    /// A range whose ends may be parameters.
    fn range(&mut self, range: &Range) -> Option<Range> {
        let low = match &range.low {
            Some(word) => Some(self.meant(word)?),
            None => None,
        };
        let high = match &range.high {
            Some(word) => Some(self.meant(word)?),
            None => None,
        };
        Some(Range { low, high, ..range.clone() })
    }

    fn os(&mut self, test: &OsTest, span: Span) -> Option<Expr> {
        let test = match test {
            OsTest::Version(range) => Test::OsVersion(self.os_version(range)?),
            OsTest::Build(range) => {
                let range = self.range(range)?;
                return self.os_build(&range, span);
            }
            OsTest::ServicePack(range) => {
                let range = self.range(range)?;
                Test::ServicePack(self.number_range(&range, "a service pack")?)
            }
            OsTest::Type(values) => Test::ProductType(self.any_listed(values)?),
            OsTest::Installation(values) => Test::InstallationType(self.any_listed(values)?),
            OsTest::Architecture(values) => Test::Architecture(self.any_listed(values)?),
            OsTest::Suite(name) => Test::Suite(self.text(name)?.0),
            OsTest::Family(values) => {
                let families: Vec<_> = values.iter().filter_map(|word| self.listed(word)).collect();
                return self.any_test(families.into_iter().map(Test::Family), span);
            }
            OsTest::Language(values) => {
                let languages = self.words(values);
                return self.any_test(languages.into_iter().map(Test::Language), span);
            }
        };
        self.test(test, span)
    }

    fn os_version(&mut self, range: &Range) -> Option<OsVersion> {
        match &range.low {
            Some(version) if range.single => self.word(version),
            _ => {
                let problem =
                    Diagnostic::new(Code::UNKNOWN_VALUE, "versions of Windows are compared one by one");
                self.report(
                    problem.at(range.span, "").help("write `any of { os version 5.0; os version 5.1 }`"),
                );
                None
            }
        }
    }

    /// The words of a list, if there is one that can be read.
    fn any_listed<T>(&mut self, words: &[Word]) -> Option<BTreeSet<T>>
    where
        T: Ord + std::str::FromStr<Err = Unlisted>,
    {
        Some(self.listed_set(words)).filter(|set| !set.is_empty())
    }

    fn any_test(&mut self, tests: impl Iterator<Item = Test>, span: Span) -> Option<Expr> {
        let tests: Option<Vec<Expr>> = tests.map(|test| self.test(test, span)).collect();
        tests.filter(|tests| !tests.is_empty()).map(Expr::any)
    }

    fn file(&mut self, path: &Operand, check: &FileCheck, span: Span) -> Option<Expr> {
        let (path, path_span) = self.text(path)?;
        let path: WindowsPath = self.value(&path, path_span)?;
        let test = match check {
            FileCheck::Exists => Test::FileExists(path),
            FileCheck::Version(comparison, operand) => {
                let word = self.operand_word(operand)?;
                Test::FileVersion(path, self.compared(*comparison, &word)?)
            }
            FileCheck::VersionIn(ranges) => {
                let ranges: Option<Vec<Range>> = ranges.iter().map(|range| self.range(range)).collect();
                Test::FileVersion(path, self.version_ranges(&ranges?)?)
            }
            FileCheck::Size(comparison, size) => {
                let size = self.meant(size)?;
                Test::FileSize(path, lower_comparison(*comparison), self.number(&size, "a size in bytes")?)
            }
            FileCheck::Hash(algorithm, digest) => {
                let algorithm: Digest = self.listed(algorithm)?;
                let (digest, span) = self.text(digest)?;
                Test::FileDigest(path, algorithm, self.digest(&digest, span, algorithm)?)
            }
        };
        self.test(test, span)
    }

    /// The versions that compare so with the one written; there must be some.
    fn compared(&mut self, comparison: ast::Comparison, word: &Word) -> Option<VersionSet> {
        let versions = versions(comparison, self.word(word)?);
        if versions.is_empty() {
            self.compares_never(word, "the lowest version is 0.0.0.0, the highest 65535.65535.65535.65535");
            return None;
        }
        Some(versions)
    }

    fn compares_never(&mut self, word: &Word, help: &str) {
        let problem = Diagnostic::new(Code::EMPTY_RANGE, "no version compares so").at(word.span, "");
        self.report(problem.help(help));
    }

    fn version_ranges(&mut self, ranges: &[Range]) -> Option<VersionSet> {
        let sets: Option<Vec<VersionSet>> = ranges.iter().map(|range| self.version_range(range)).collect();
        sets?.into_iter().reduce(|all, set| all.union(&set))
    }

    fn key_check(&mut self, key: RegistryPath, check: &RegistryCheck, span: Span) -> Option<Expr> {
        if *check == RegistryCheck::Exists {
            return self.test(Test::RegistryKey(key), span);
        }
        let problem =
            Diagnostic::new(Code::MISSING_PART, "a registry key has no data to compare").at(span, "");
        self.report(problem.help("name the value: `registry KEY value NAME = …`"));
        None
    }

    fn registry_value(
        &mut self,
        key: &RegistryPath,
        name: &str,
        check: &RegistryCheck,
        span: Span,
    ) -> Option<Expr> {
        let is = |check: ValueCheck| Test::RegistryValue(key.clone(), name.to_owned(), check);
        let (check, negated) = self.value_check(check, span)?;
        let test = self.test(is(check), span)?;
        if !negated {
            return Some(test);
        }
        let there = self.test(is(ValueCheck::Exists), span)?;
        Some(Expr::all([there, Expr::negate(test)]))
    }

    /// The check of a value, and whether it is to be negated for values that are there.
    pub(crate) fn value_check(&mut self, check: &RegistryCheck, span: Span) -> Option<(ValueCheck, bool)> {
        match check {
            RegistryCheck::Exists => Some((ValueCheck::Exists, false)),
            RegistryCheck::Matches(pattern) => {
                let (value, span_of_it) = self.text(pattern)?;
                self.pattern(&value, span_of_it)?;
                Some((ValueCheck::Matches(value), false))
            }
            RegistryCheck::Has(data) => Some((ValueCheck::Bits(self.bits(data)?), false)),
            RegistryCheck::Type(types) => Some((ValueCheck::Type(self.any_listed(types)?), false)),
            RegistryCheck::Compare(comparison, data) => self.data(*comparison, data, span),
            RegistryCheck::VersionIn(ranges) => {
                let ranges: Option<Vec<Range>> = ranges.iter().map(|range| self.range(range)).collect();
                Some((ValueCheck::Version(self.text_version_ranges(&ranges?)?), false))
            }
        }
    }

    /// Versions in a text in one of the ranges, whose ends are excluded; a single version is itself.
    fn text_version_ranges(&mut self, ranges: &[Range]) -> Option<TextVersionSet> {
        let mut all = Vec::new();
        for range in ranges {
            let low = range
                .low
                .as_ref()
                .map_or(Some(Bound::Unbounded), |word| self.word(word).map(Bound::Included))?;
            let high = match &range.high {
                _ if range.single => low.clone(),
                None => Bound::Unbounded,
                Some(word) => Bound::Excluded(self.word(word)?),
            };
            let set = TextVersionSet::between(low, high);
            if set.is_empty() {
                self.empty_range(range);
                return None;
            }
            all.extend(set.ranges().iter().cloned());
        }
        Some(all.into())
    }

    /// The check for a comparison, and whether it is to be negated for values that are there.
    fn data(&mut self, comparison: ast::Comparison, data: &Data, span: Span) -> Option<(ValueCheck, bool)> {
        let different = comparison == ast::Comparison::NotEqual;
        let check = match data {
            Data::Dword(_) | Data::Qword(_) => {
                let number = self.integer(data)?;
                return Some((ValueCheck::Number(lower_comparison(comparison), number), false));
            }
            Data::Version(operand) => {
                let word = self.operand_word(operand)?;
                let versions = TextVersionSet::compared(lower_comparison(comparison), self.word(&word)?);
                if versions.is_empty() {
                    self.compares_never(&word, "the lowest version is 0");
                    return None;
                }
                return Some((ValueCheck::Version(versions), false));
            }
            Data::String { text, fold } => {
                let (text, _) = self.text(text)?;
                if *fold { ValueCheck::TextIgnoringCase(text) } else { ValueCheck::Text(text) }
            }
            Data::Binary(bytes) => ValueCheck::Binary(self.bytes(bytes)?),
            Data::Typed(kind, _) => {
                let message = format!("a condition does not compare a `{}`", kind.text);
                let problem = Diagnostic::new(Code::UNKNOWN_VALUE, message).at(kind.span, "");
                self.report(problem.help(
                    "compare with a text, which digits of bytes count as, and ask for the type by `value NAME type …`",
                ));
                return None;
            }
            Data::Multi(_) => {
                let problem =
                    Diagnostic::new(Code::UNKNOWN_VALUE, "a condition compares one string at a time");
                self.report(
                    problem
                        .at(span, "")
                        .help("write `= \"…\"`: it holds when one of the value's strings equals it"),
                );
                return None;
            }
        };
        if !different && comparison != ast::Comparison::Equal {
            let problem =
                Diagnostic::new(Code::UNKNOWN_VALUE, "strings and bytes have no order").at(span, "");
            self.report(problem.help("use `=` or `!=`, or compare a `dword`, a `qword` or a `version`"));
            return None;
        }
        Some((check, different))
    }

    /// A number of the registry with its type; `None` for data of other types.
    fn integer(&mut self, data: &Data) -> Option<Integer> {
        match data {
            Data::Dword(operand) => {
                let word = self.operand_word(operand)?;
                self.number(&word, DOUBLE_WORD).map(Integer::Dword)
            }
            Data::Qword(operand) => {
                let word = self.operand_word(operand)?;
                self.number(&word, QUAD_WORD).map(Integer::Qword)
            }
            _ => None,
        }
    }

    /// The bits that are asked for; there must be some, as every number has none.
    fn bits(&mut self, data: &Data) -> Option<Integer> {
        let bits = self.integer(data)?;
        if bits.number() > 0 {
            return Some(bits);
        }
        let (Data::Dword(operand) | Data::Qword(operand)) = data else { return None };
        let (text, span) = self.text(operand)?;
        let problem =
            Diagnostic::new(Code::EMPTY_RANGE, format!("`{text}` has no bits, so every number has them"));
        self.report(problem.at(span, "").help("write the bits to ask for, such as `0x400`"));
        None
    }

    /// Regular expressions must be ones that Perl, OVAL and Rust read alike.
    fn pattern(&mut self, pattern: &str, span: Span) -> Option<()> {
        let problem = |message: String| Diagnostic::new(Code::MALFORMED_REGEX, message).at(span, "");
        match regex_syntax::ast::parse::Parser::new().parse(pattern) {
            Err(error) => {
                let problem = problem(format!("the expression is malformed: {}", error.kind()));
                self.report(problem);
                None
            }
            Ok(ast) if has_special_group(&ast) => {
                let problem = problem("flags and special groups are not the same everywhere".to_owned());
                self.report(problem.help("write plain groups, and classes such as `[Ss]` instead of flags"));
                None
            }
            Ok(_) if has_letter_escape(pattern) => {
                let problem = problem("escapes with a letter are not the same everywhere".to_owned());
                self.report(problem.help("write classes such as `[0-9]` in place of `\\d`"));
                None
            }
            Ok(_) => Some(()),
        }
    }

    fn service(&mut self, name: &Operand, check: &Word, start: bool, span: Span) -> Option<Expr> {
        let (name, name_span) = self.text(name)?;
        if name.is_empty() || name.contains(['\\', '/']) || name.chars().any(char::is_control) {
            let problem =
                Diagnostic::new(Code::MALFORMED_IDENTIFIER, format!("`{name}` is not the name of a service"));
            self.report(problem.at(name_span, "").help("write the short name, such as `WINS`"));
            return None;
        }
        let check = if start {
            let start = self.meant(check)?;
            ServiceCheck::Start(self.listed(&start)?)
        } else {
            self.service_check(check)?
        };
        self.test(Test::Service(name, check), span)
    }

    fn service_check(&mut self, word: &Word) -> Option<ServiceCheck> {
        let check = match word.text.as_str() {
            "installed" => ServiceCheck::Installed,
            "enabled" => ServiceCheck::Enabled,
            "disabled" => ServiceCheck::Start(caveat_ir::value::StartType::Disabled),
            "running" => ServiceCheck::Running,
            "stopped" => ServiceCheck::Stopped,
            other => {
                let known = ["installed", "enabled", "disabled", "running", "stopped", "start"];
                let problem = Diagnostic::new(Code::UNKNOWN_VALUE, format!("a service cannot be `{other}`"));
                self.report(problem.at(word.span, "").suggest(other, known, word.span));
                return None;
            }
        };
        Some(check)
    }
}

/// Whether a group does anything but take its parts together: `(?i)`, `(?:…)`, `(?P<name>…)`.
fn has_special_group(pattern: &Ast) -> bool {
    struct Groups;
    impl Visitor for Groups {
        type Output = ();
        type Err = ();

        fn finish(self) -> Result<(), ()> {
            Ok(())
        }

        fn visit_pre(&mut self, part: &Ast) -> Result<(), ()> {
            match part {
                Ast::Flags(_) => Err(()),
                Ast::Group(group) if !matches!(group.kind, GroupKind::CaptureIndex(_)) => Err(()),
                _ => Ok(()),
            }
        }
    }
    regex_syntax::ast::visit(pattern, Groups).is_err()
}

/// Whether a backslash stands before a letter or digit: `\d`, `\b`, `\p{…}`.
fn has_letter_escape(pattern: &str) -> bool {
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        if c == '\\' && chars.next().is_some_and(|next| next.is_ascii_alphanumeric()) {
            return true;
        }
    }
    false
}

fn lower_comparison(comparison: ast::Comparison) -> Comparison {
    match comparison {
        ast::Comparison::Equal => Comparison::Equal,
        ast::Comparison::NotEqual => Comparison::NotEqual,
        ast::Comparison::Less => Comparison::Less,
        ast::Comparison::LessOrEqual => Comparison::LessOrEqual,
        ast::Comparison::Greater => Comparison::Greater,
        ast::Comparison::GreaterOrEqual => Comparison::GreaterOrEqual,
    }
}

/// The versions that compare so.
fn versions(comparison: ast::Comparison, version: FileVersion) -> VersionSet {
    let above = || {
        version.next().map_or_else(|| VersionSet::all().complement(), |next| VersionSet::between(next, None))
    };
    match comparison {
        ast::Comparison::Less => VersionSet::below(version),
        ast::Comparison::LessOrEqual => above().complement(),
        ast::Comparison::Greater => above(),
        ast::Comparison::GreaterOrEqual => VersionSet::between(version, None),
        ast::Comparison::Equal => VersionSet::between(version, version.next()),
        ast::Comparison::NotEqual => VersionSet::between(version, version.next()).complement(),
    }
}
