//! Files below folders that the registry holds.
//!
//! A value that holds a folder may begin with a variable. OVAL expands none, so there is a test of the file for each way in
//! which the value may begin, beside the test that it begins so. What it cannot follow is unknown, and
//! a value that is no folder is an error: an engine left alone with either would look for a file without
//! a folder, and find none.

use caveat_ir::Test;
use caveat_ir::expr::{Reason, ValueCheck};
use caveat_ir::value::{KnownFolder, RegistryType, Variable, WindowsPath};

use super::pattern::any_case;
use super::plan::{Place, Plan, Shape, system_key, system_value, text};
use crate::model::{Operation, Operator, State};

/// What the full path of a folder begins with: a drive or a share.
const FULL: &str = r"([A-Za-z]:(\\|$)|\\\\+[^\\])";

/// A registry value that holds a folder.
struct Holder<'a> {
    key: &'static str,
    name: &'a str,
}

/// The plan for a test of a file; `at` plans it for a path whose variable of the machine holds a full path, or
/// one that begins with this folder.
pub(super) fn file(test: &Test, path: &WindowsPath, at: &dyn Fn(Option<KnownFolder>) -> Plan) -> Plan {
    let Some(variable) = path.variable() else { return at(None) };
    match Variable::named(variable) {
        Variable::Folder(folder) => known(test, folder, at(None)),
        Variable::Machine => Holder { key: Variable::MACHINE, name: variable }.file(test, at),
        Variable::User | Variable::Process => at(None),
    }
}

/// What `below` says of a file below a known folder. It is unknown where the folder's value begins with a variable,
/// unless it is one that the value may begin with. That of the system root never does.
fn known(test: &Test, folder: KnownFolder, below: Plan) -> Plan {
    if matches!(folder, KnownFolder::SystemRoot | KnownFolder::SystemDrive) {
        return below;
    }
    let (key, name) = folder.registry_value();
    let holder = Holder { key, name };
    let drive =
        folder.may_begin_with(KnownFolder::SystemDrive).then(|| begins_with(KnownFolder::SystemDrive));
    let followed = drive.map_or("^[^%]".to_owned(), |drive| format!("^([^%]|{drive})"));
    let readable = holder.matches(None, &followed);
    let other = both(test, holder.matches(None, "^%"), not(readable.clone()));
    let found = both(test, readable, below);
    Plan::group(test, Operator::Or, vec![found, both(test, other, open(folder.variable()))])
}

impl Holder<'_> {
    fn check(&self, check: ValueCheck) -> Test {
        system_value(self.key, self.name, check)
    }

    fn place(&self) -> Place {
        Place::Value(system_key(self.key), self.name.to_owned())
    }

    /// It is a text, of this type if one is given, in which the pattern matches.
    fn matches(&self, kind: Option<RegistryType>, pattern: &str) -> Plan {
        let words = self.check(ValueCheck::Matches(pattern.to_owned()));
        let value = text(Operation::Matches, pattern);
        Plan::observe(&words, self.place(), Some(State::Registry { kind, value }))
    }

    /// It is stored to be expanded, and begins so.
    fn expands(&self, pattern: &str) -> Plan {
        self.matches(Some(RegistryType::ExpandText), &format!("^{pattern}"))
    }

    /// It holds a full path.
    fn full(&self) -> Vec<Plan> {
        let full = format!("^{FULL}");
        vec![self.matches(Some(RegistryType::Text), &full), self.expands(FULL)]
    }

    /// It begins with a variable that is none of those it may begin with.
    fn other(&self) -> Plan {
        let variable = self.expands("%[^%]*%");
        both(&variable.words.clone(), variable, not(self.expands(&any_beginning(variable_of))))
    }

    fn file(&self, test: &Test, at: &dyn Fn(Option<KnownFolder>) -> Plan) -> Plan {
        let any = self.check(ValueCheck::Matches(format!("^{FULL}")));
        let full = || Plan::group(&any, Operator::Or, self.full());
        let begins = |folder| both(test, self.expands(&begins_with(folder)), at(Some(folder)));
        let known = self.expands(&any_beginning(begins_with));
        let readable = [self.full(), vec![known, self.other()]].concat();
        let mut parts = vec![both(test, full(), at(None))];
        parts.extend(Variable::BEGINNINGS.map(begins));
        parts.push(both(test, self.other(), open(self.name)));
        let readable = Plan::group(&any, Operator::Or, readable);
        parts.push(Plan::unreadable(&self.check(ValueCheck::Exists), self.place(), readable));
        Plan::group(test, Operator::Or, parts)
    }
}

/// A value that begins with the folder's variable. What follows that of a drive is a folder on it.
fn begins_with(folder: KnownFolder) -> String {
    let rest = if folder == KnownFolder::SystemDrive { r"(\\|$)" } else { "" };
    format!("{}{rest}", variable_of(folder))
}

fn variable_of(folder: KnownFolder) -> String {
    let names: Vec<String> = folder.names().iter().map(|name| any_case(name)).collect();
    match names.as_slice() {
        [name] => format!("%{name}%"),
        names => format!("%({})%", names.join("|")),
    }
}

fn any_beginning(pattern: fn(KnownFolder) -> String) -> String {
    format!("({})", Variable::BEGINNINGS.map(pattern).join("|"))
}

/// That nobody can say which folder a variable names.
fn open(variable: &str) -> Plan {
    let why = Reason::Variable(variable.to_owned());
    Plan { words: Test::Unknowable(why), negated: false, shape: Shape::Unknown }
}

fn not(plan: Plan) -> Plan {
    Plan { negated: !plan.negated, ..plan }
}

fn both(words: &Test, one: Plan, other: Plan) -> Plan {
    Plan::group(words, Operator::And, vec![one, other])
}
