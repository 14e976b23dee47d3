//! The collector, on a pretended Windows: what it prints gives the verdicts of the host itself.
//!
//! Only the few functions that ask Windows are replaced; what is asked, and how it becomes a host
//! file, is the script's own work.

use std::collections::BTreeMap;

use caveat_eval::{Host, HostFacts, RegistryValue, load_hosts};
use caveat_ir::host::{HostFile, Scalar};
use caveat_ir::value::{RegistryPath, View, WindowsPath};
use caveat_ir::{Checked, RuleSet};
use caveat_powershell_interpreter::machine::Native;
use caveat_powershell_interpreter::script::Script;
use caveat_powershell_interpreter::value::{Table, Value, array, text};
use caveat_tests::library::{self, hosts_of};
use caveat_tests::oval::compare::{checked, compiled};
use caveat_tests::rules;
use serde_json::json;

use crate::{expected, scripts};

/// How many hosts are tried for each bulletin.
const HOSTS: usize = 40;

/// The functions that ask Windows, answered from a host.
fn natives<'h>(host: &'h Host, file: &'h HostFile) -> BTreeMap<String, Native<'h>> {
    let mut natives: BTreeMap<String, Native<'_>> = BTreeMap::new();
    let mut add = |name: &str, native: Native<'static>| drop(natives.insert(name.to_owned(), native));
    add("test-windows", Box::new(|_| Value::Bool(true)));
    add("test-wow64", Box::new(|_| Value::Bool(false)));
    add("get-liveinstance", Box::new(|_| panic!("the registry tells everything")));
    natives.insert("get-livesubkeys".to_owned(), Box::new(|_| names(file, true)));
    natives.insert("get-livequickfixes".to_owned(), Box::new(|_| names(file, false)));
    natives.insert(
        "get-livestate".to_owned(),
        Box::new(|arguments| match host.service_running(&arguments[1].string()).present() {
            Some(runs) => text(if runs { "running" } else { "stopped" }),
            None => Value::Null,
        }),
    );
    natives.insert(
        "environment::getenvironmentvariable".to_owned(),
        Box::new(|arguments| {
            let named = arguments[0].string() == "systemroot";
            if named { text(&root(host)) } else { Value::Null }
        }),
    );
    natives.insert(
        "open-livekey".to_owned(),
        Box::new(|arguments| {
            match host.registry_key(key(&arguments[1], &arguments[2]).borrowed()).present() {
                None => Value::Null,
                Some(()) => {
                    let opened = Table::default();
                    for (name, value) in [("Key", &arguments[1]), ("View", &arguments[2])] {
                        let (name, value) = (text(name), value.clone());
                        opened.entries.borrow_mut().insert(opened.key(&name), (name, value));
                    }
                    Value::Table(std::rc::Rc::new(opened))
                }
            }
        }),
    );
    natives.insert(
        "get-livedata".to_owned(),
        Box::new(|arguments| {
            let of = arguments[0].table();
            let key = key(&of.get(&text("Key")), &of.get(&text("View")));
            let value = host.registry_value(key.borrowed(), &arguments[1].string()).present();
            value.as_ref().map_or(Value::Null, data)
        }),
    );
    natives.insert(
        "test-livefile".to_owned(),
        Box::new(|arguments| {
            let path: WindowsPath = arguments[0].string().parse().unwrap();
            Value::Bool(host.file(path.borrowed()).present().is_some())
        }),
    );
    natives.insert(
        "get-liveversion".to_owned(),
        Box::new(|arguments| {
            let path: WindowsPath = arguments[0].string().parse().unwrap();
            let version = host.file_version(path.borrowed());
            version.present().map_or(Value::Null, |version| text(&version.to_string()))
        }),
    );
    natives.insert("get-livesize".to_owned(), Box::new(|_| text("145168")));
    natives
}

/// The names of updates: before Windows Vista those of keys, too.
fn names(file: &HostFile, with_keys: bool) -> Value {
    let below = |key: &str| {
        let (_, name) = key.split_once(r"\Hotfix\").filter(|_| with_keys)?;
        Some(name.split('\\').next().unwrap_or(name).to_owned())
    };
    let keys = file.registry.iter().filter_map(|entry| below(&entry.key));
    let set = Table::default();
    for name in file.hotfixes.iter().map(ToString::to_string).chain(keys) {
        let name = text(&name);
        set.entries.borrow_mut().insert(set.key(&name), (name, Value::Bool(true)));
    }
    Value::Table(std::rc::Rc::new(set))
}

fn root(host: &Host) -> String {
    let key = RegistryPath::parse(r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion", None).unwrap();
    let value = host.registry_value(key.borrowed(), "SystemRoot").present();
    value.unwrap().as_text().unwrap().to_owned()
}

fn key(folded: &Value, view: &Value) -> RegistryPath {
    let view = (!matches!(view, Value::Null) && view.string() == "32").then_some(View::Bits32);
    RegistryPath::parse(&folded.string(), view).unwrap()
}

/// A registry value as the script makes it.
fn data(value: &RegistryValue<'_>) -> Value {
    let (kind, data) = match value {
        RegistryValue::Text(one) => ("reg_sz", text(one)),
        RegistryValue::ExpandText(one) => ("reg_expand_sz", text(one)),
        RegistryValue::Binary(one) => ("reg_binary", text(one)),
        RegistryValue::Link(one) => ("reg_link", text(one)),
        RegistryValue::Raw(kind, one) => (kind.as_str(), text(one)),
        RegistryValue::Dword(number) => ("reg_dword", Value::Long(i64::from(*number))),
        RegistryValue::DwordBigEndian(number) => ("reg_dword_big_endian", Value::Long(i64::from(*number))),
        RegistryValue::Qword(number) => ("reg_qword", text(&number.to_string())),
        RegistryValue::Multi(texts) => {
            let items = Value::List(std::rc::Rc::default());
            for one in texts.iter() {
                let _ = caveat_powershell_interpreter::calls::method(&items, "Add", &[text(one)]);
            }
            ("reg_multi_sz", table(&[("Json", text("array")), ("Items", items)]))
        }
    };
    let field = |name: &str, value: Value| table(&[("Name", text(name)), ("Value", value)]);
    let fields = array(vec![field("type", text(kind)), field("data", data)]);
    let Value::Array(fields) = fields else { unreachable!() };
    table(&[("Json", text("object")), ("Fields", Value::List(fields))])
}

fn table(entries: &[(&str, Value)]) -> Value {
    let table = Table { folds: true, ..Table::default() };
    for (name, value) in entries {
        let name = text(name);
        table.entries.borrow_mut().insert(table.key(&name), (name.clone(), value.clone()));
    }
    Value::Table(std::rc::Rc::new(table))
}

/// Whether a Windows could be so: everything known, nothing malformed.
fn is_real(host: &HostFile, rules: &RuleSet) -> bool {
    let (facts, problems) = Host::new(host, rules);
    let stated = host.services.iter().all(|service| service.start.is_some());
    let known = facts.os_version().present().is_some()
        && facts.build().present().is_some()
        && facts.product_type().present().is_some()
        && facts.architecture().present().is_some()
        && facts.language().present().is_some();
    problems.is_empty() && host.partial.is_empty() && stated && known && !host.environment.is_empty()
}

#[test]
fn what_is_collected_gives_the_verdicts_of_the_host() {
    for (name, rules) in library::files() {
        let scripts = scripts(&rules);
        let (_, collector) = scripts.iter().find(|(path, _)| path.ends_with("collect-facts.ps1")).unwrap();
        let collector = Script::new(collector);
        let hosts = library::some_systematic_hosts(&rules, usize::MAX);
        let hosts: Vec<HostFile> = hosts.into_iter().filter(|host| is_real(host, rules.rules())).collect();
        assert!(!hosts.is_empty(), "{name}: no host that could be real");
        let step = hosts.len().div_ceil(HOSTS);
        for host in hosts.into_iter().step_by(step) {
            same_verdicts(&collector, &rules, host);
        }
    }
}

#[test]
fn updates_are_collected_where_windows_lists_them() {
    let (rules, hosts) = case("hotfixes");
    let scripts = scripts(&rules);
    let (_, collector) = scripts.iter().find(|(path, _)| path.ends_with("collect-facts.ps1")).unwrap();
    let collector = Script::new(collector);
    let mut compared = 0;
    for mut host in hosts {
        let (facts, problems) = Host::new(&host, rules.rules());
        if problems.is_empty() && host.partial.is_empty() && facts.os_version().present().is_some() {
            host.environment.insert("SystemRoot".to_owned(), r"C:\WINDOWS".to_owned());
            same_verdicts(&collector, &rules, host);
            compared += 1;
        }
    }
    assert!(compared > 50, "{compared} hosts only");
}

#[test]
fn services_are_collected_with_and_without_a_start_type() {
    let (rules, hosts) = case("services");
    let scripts = scripts(&rules);
    let (_, collector) = scripts.iter().find(|(path, _)| path.ends_with("collect-facts.ps1")).unwrap();
    let collector = Script::new(collector);
    let mut compared = 0;
    for mut host in hosts.into_iter().filter(|host| host.partial.is_empty() && only_real_services(host)) {
        host.environment.insert("SystemRoot".to_owned(), r"C:\WINDOWS".to_owned());
        same_verdicts(&collector, &rules, host);
        compared += 1;
    }
    assert!(compared >= 15, "{compared} hosts only");
}

/// Whether Windows could list the services so: each has a start type and a state that there is.
fn only_real_services(host: &HostFile) -> bool {
    let words = ["boot", "system", "automatic", "manual", "disabled"];
    host.services.iter().all(|service| {
        let word = |scalar: &Option<Scalar>| scalar.as_ref().map(ToString::to_string);
        word(&service.start).is_some_and(|start| words.contains(&&*start))
            && word(&service.state).is_none_or(|state| ["running", "stopped"].contains(&&*state))
    })
}

/// The rules and hosts of a case for OVAL.
fn case(name: &str) -> (Checked, Vec<HostFile>) {
    let case = rules::root().join("tests/cases/oval").join(name).with_extension("caveat");
    let rules = checked(compiled(std::slice::from_ref(&case), case.parent().unwrap()));
    (rules, hosts_of(&case.with_extension("hosts.yaml")))
}

fn same_verdicts(collector: &Script, rules: &Checked, host: HostFile) {
    let (facts, _) = Host::new(&host, rules.rules());
    let printed = collector.collect(natives(&facts, &host));
    let read = load_hosts("host.json", &printed).remove(0);
    let mut collected = read.unwrap_or_else(|error| panic!("{error}: {printed}"));
    assert!(collected.partial.is_empty(), "{printed}");
    collected.name.clone_from(&host.name);
    let (ours, theirs) = (expected(rules, &[host]), expected(rules, &[collected]));
    assert_eq!(json!(ours), json!(theirs), "{printed}");
}
