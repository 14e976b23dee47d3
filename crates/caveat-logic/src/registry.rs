//! Registry values: data that tell the checks on a value apart.
//!
//! When a check passes is not decided here: `caveat_runtime` does, for the evaluator as well. Strings
//! that are to be expanded, links and the like are among the data where a check asks for the type: other checks pass on
//! them as on plain ones or on lists.

use std::collections::{BTreeSet, VecDeque};

use caveat_ir::Truth;
use caveat_ir::expr::ValueCheck;
use caveat_runtime::value::RawType;
use caveat_runtime::{Pattern, RegistryValue};

use crate::formula::MAX_CELLS;
use crate::{integers, samples};

/// The data of a value.
pub(crate) type Data = RegistryValue<'static>;

/// A check, made ready to be asked often.
pub(crate) struct Check<'c> {
    asked: &'c ValueCheck,
    /// The regular expression, if it has one.
    pattern: Pattern,
}

impl<'c> Check<'c> {
    pub(crate) fn new(check: &'c ValueCheck) -> Self {
        let pattern = match check {
            ValueCheck::Matches(pattern) => pattern.clone(),
            _ => String::new(),
        };
        Self { asked: check, pattern: Pattern::from(pattern) }
    }

    /// Whether the data passes.
    pub(crate) fn truth(&self, data: &Data) -> Truth {
        self.asked.asked(|_| &self.pattern, |check| check.truth(data))
    }

    fn is_pattern(&self) -> bool {
        matches!(self.asked, ValueCheck::Matches(_))
    }
}

/// One value of every sort that the checks tell apart, and whether those are certain to be all sorts.
pub(crate) fn sorts(checks: &[&ValueCheck]) -> (Vec<Data>, bool) {
    let mut sorts =
        Sorts { checks: checks.iter().map(|check| Check::new(check)).collect(), ..Sorts::default() };
    let texts: Vec<String> =
        samples::texts(checks).into_iter().filter(|text| sorts.add(single(text))).collect();
    let numbers = integers::dwords(checks).into_iter().map(Data::Dword);
    let large = integers::qwords(checks).into_iter().map(Data::Qword);
    let bytes = samples::bytes(checks).into_iter().map(|digits| Data::Binary(digits.into()));
    let others: Vec<Data> = numbers.chain(large).chain(bytes).collect();
    for data in &others {
        sorts.add(data.clone());
    }
    if checks.iter().any(|check| matches!(check, ValueCheck::Type(_))) {
        let texts = samples::texts(checks).into_iter().map(|text| single(&text));
        texts.chain(others).for_each(|data| sorts.add_other_types(&data));
    }
    let complete = sorts.add_lists(&texts) && sorts.are_settled() && integers::are_settled(checks);
    (sorts.found, complete)
}

fn single(text: &str) -> Data {
    Data::Text(text.to_owned().into())
}

/// Data of different sorts: no two pass the same checks.
#[derive(Default)]
struct Sorts<'c> {
    checks: Vec<Check<'c>>,
    seen: BTreeSet<Vec<Truth>>,
    found: Vec<Data>,
}

impl Sorts<'_> {
    fn passed(&self, data: &Data) -> Vec<Truth> {
        self.checks.iter().map(|check| check.truth(data)).collect()
    }

    /// Adds the data, unless there are such already.
    fn add(&mut self, data: Data) -> bool {
        let new = self.seen.insert(self.passed(&data));
        self.found.extend(new.then_some(data));
        new
    }

    /// Adds the same data in the types that only a check of the type tells from it.
    fn add_other_types(&mut self, data: &Data) {
        match data {
            Data::Text(text) => {
                self.add(Data::ExpandText(text.clone()));
                self.add(Data::Link(text.clone()));
            }
            Data::Dword(number) => {
                self.add(Data::DwordBigEndian(*number));
            }
            Data::Binary(digits) => {
                for kind in RawType::ALL {
                    self.add(Data::Raw(*kind, digits.clone()));
                }
            }
            _ => {}
        }
    }

    /// Adds lists of the texts, of which one passes what any of its texts does: all sorts of them,
    /// unless those are too many.
    fn add_lists(&mut self, texts: &[String]) -> bool {
        let mut seen = BTreeSet::new();
        let mut open = VecDeque::from([Vec::new()]);
        while let Some(list) = open.pop_front() {
            let data = Data::Multi(list.clone().into());
            if seen.insert(self.passed(&data)) {
                self.add(data);
                open.extend(texts.iter().map(|text| [&list[..], std::slice::from_ref(text)].concat()));
            }
            // Next to these there is the cell of a value that is not there.
            if self.found.len() >= MAX_CELLS {
                self.found.truncate(MAX_CELLS - 1);
                return false;
            }
        }
        true
    }

    /// Nobody can list all texts that several expressions tell apart; one expression alone is settled
    /// when a text is known that matches it, and one that does not.
    fn are_settled(&self) -> bool {
        let asked: Vec<&Check<'_>> =
            self.checks.iter().filter(|check| !matches!(check.asked, ValueCheck::Exists)).collect();
        let gives = |check: &Check<'_>, truth| self.found.iter().any(|data| check.truth(data) == truth);
        match asked[..] {
            [check] if check.is_pattern() => gives(check, Truth::True) && gives(check, Truth::False),
            _ => !asked.iter().any(|check| check.is_pattern()),
        }
    }
}
