//! The registry of a host, and how it and the other facts complete each other.

use caveat_eval::{Fact, Host, HostFacts, ProblemKind, RegistryValue};
use caveat_ir::value::{Architecture, Kb, PathRef, ProductType, RegistryPath, StartType, View};
use caveat_runtime::value::RawType;

use crate::rules::{host, key_path, problem, read};

const NT: &str = r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion";
const OPTIONS: &str = r"HKLM\SYSTEM\CurrentControlSet\Control\ProductOptions";
const PROCESSOR: &str = r"HKLM\SYSTEM\CurrentControlSet\Control\Session Manager\Environment";
const LANGUAGE: &str = r"HKLM\SYSTEM\CurrentControlSet\Control\Nls\Language";
const SERVICES: &str = r"HKLM\SYSTEM\CurrentControlSet\Services";

fn value<'h>(host: &'h Host, key: &str, name: &str) -> Fact<RegistryValue<'h>> {
    host.registry_value(key_path(key).borrowed(), name)
}

fn text(text: &str) -> Fact<RegistryValue<'_>> {
    Fact::Present(RegistryValue::Text(text.into()))
}

fn key(host: &Host, key: &str) -> Fact<()> {
    host.registry_key(key_path(key).borrowed())
}

fn listed(key: &str, name: &str, kind: &str, data: &str) -> String {
    format!("registry: [{{ key: '{key}', values: {{ {name}: {{ type: {kind}, data: {data} }} }} }}]\n")
}

#[test]
fn the_os_backs_the_registry() {
    let host = host(
        r"
os: { version: '5.0', build: 2195, service_pack: 4, product_type: server, suites: [Terminal Server], architecture: x86, language: ja-JP }
environment: { windir: 'C:\WINNT' }",
    );
    assert_eq!(value(&host, NT, "currentversion"), text("5.0"));
    assert_eq!(value(&host, NT, "CurrentBuildNumber"), text("2195"));
    assert_eq!(value(&host, NT, "CSDVersion"), text("Service Pack 4"));
    assert_eq!(value(&host, NT, "SystemRoot"), text(r"C:\WINNT"));
    assert_eq!(value(&host, NT, "CurrentMajorVersionNumber"), Fact::Absent);
    assert_eq!(value(&host, OPTIONS, "ProductType"), text("ServerNT"));
    let suites = RegistryValue::Multi(vec!["Terminal Server".to_owned()].into());
    assert_eq!(value(&host, OPTIONS, "ProductSuite"), Fact::Present(suites));
    assert_eq!(value(&host, PROCESSOR, "PROCESSOR_ARCHITECTURE"), text("x86"));
    assert_eq!(value(&host, LANGUAGE, "InstallLanguage"), text("0411"));
    assert_eq!(key(&host, r"HKEY_LOCAL_MACHINE\software\microsoft"), Fact::Present(()));
    assert_eq!(key(&host, r"HKLM\SOFTWARE\Micro"), Fact::Absent);
}

#[test]
fn version_10_is_kept_in_numbers() {
    let host = host("os: { version: '10.0' }");
    assert_eq!(value(&host, NT, "CurrentVersion"), text("6.3"));
    assert_eq!(value(&host, NT, "CurrentMajorVersionNumber"), Fact::Present(RegistryValue::Dword(10)));
    assert_eq!(value(&host, NT, "CurrentMinorVersionNumber"), Fact::Present(RegistryValue::Dword(0)));
}

#[test]
fn unknown_facts_leave_their_values_unknown_in_a_complete_registry() {
    let host = host("name: bare");
    assert_eq!(value(&host, LANGUAGE, "InstallLanguage"), Fact::Unknown);
    assert_eq!(value(&host, NT, "SystemRoot"), Fact::Unknown);
    assert_eq!(value(&host, NT, "CSDVersion"), Fact::Absent);
    assert_eq!(value(&host, NT, "Other"), Fact::Absent);
    assert_eq!(key(&host, LANGUAGE), Fact::Unknown);
}

#[test]
fn the_registry_backs_the_os() {
    for (key, name, kind, data, found) in [
        (NT, "CurrentVersion", "reg_sz", "'5.2'", "Present(OsVersion { major: 5, minor: 2 })"),
        (NT, "CurrentVersion", "reg_dword", "5", "Error(\"5 is nothing that Windows writes here\")"),
    ] {
        let (host, _) = read(&listed(key, name, kind, data));
        assert_eq!(format!("{:?}", host.os_version()), found);
    }
    assert_eq!(host(&listed(NT, "CSDVersion", "REG_SZ", "Service Pack 3")).service_pack(), Fact::Present(3));
    assert!(matches!(read(&listed(NT, "CSDVersion", "reg_sz", "Third")).0.service_pack(), Fact::Error(_)));
    assert_eq!(host(&listed(NT, "CurrentBuildNumber", "reg_sz", "2195")).build(), Fact::Present(2195));
    let kind = host(&listed(OPTIONS, "ProductType", "reg_sz", "lanmannt")).product_type();
    assert_eq!(kind, Fact::Present(ProductType::DomainController));
    let suites = host(&listed(OPTIONS, "ProductSuite", "reg_multi_sz", "[Blade]"));
    assert_eq!(suites.suites().map(|fact| fact.to_string()), Fact::Present("\"Blade\"".to_owned()));
    let architecture = host(&listed(PROCESSOR, "PROCESSOR_ARCHITECTURE", "reg_sz", "amd64")).architecture();
    assert_eq!(architecture, Fact::Present(Architecture::X64));
    let language = host(&listed(LANGUAGE, "InstallLanguage", "reg_sz", "'0411'"));
    assert_eq!(language.language().map(|fact| fact.to_string()), Fact::Present("ja-JP".to_owned()));
}

#[test]
fn version_10_is_recognised_behind_6_3() {
    let both = "{ CurrentVersion: { type: reg_sz, data: '6.3' }, CurrentBuildNumber: { type: reg_sz, data: '19045' } }";
    let host = host(&format!("registry: [{{ key: '{NT}', values: {both} }}]"));
    assert_eq!(host.os_version().map(|version| version.to_string()), Fact::Present("10.0".to_owned()));
    let old = crate::rules::host(&listed(NT, "CurrentVersion", "reg_sz", "'6.3'"));
    assert_eq!(old.os_version().map(|version| version.to_string()), Fact::Present("6.3".to_owned()));
}

#[test]
fn contradictions_are_errors_on_both_sides() {
    let yaml = format!("os: {{ service_pack: 4 }}\n{}", listed(NT, "CSDVersion", "reg_sz", "Service Pack 3"));
    let (host, problems) = read(&yaml);
    assert_eq!(problems[0].message, "`os.service_pack` is `4`, but the registry says `3`");
    assert_eq!(problems[0].kind, ProblemKind::Host);
    assert!(matches!(host.service_pack(), Fact::Error(_)));
    assert!(matches!(value(&host, NT, "CSDVersion"), Fact::Error(_)));
    let agreeing =
        format!("os: {{ service_pack: 3 }}\n{}", listed(NT, "CSDVersion", "reg_sz", "Service Pack 3"));
    assert_eq!(read(&agreeing).1, []);
}

#[test]
fn the_registry_backs_the_environment() {
    let yaml = listed(NT, "SystemRoot", "reg_sz", r"C:\WINNT") + r"files: [{ path: 'C:\WINNT\a.dll' }]";
    assert!(matches!(host(&yaml).file(PathRef(r"%windir%\a.dll")), Fact::Present(())));
    let contradicting =
        listed(NT, "SystemRoot", "reg_sz", r"C:\WINNT") + r"environment: { windir: 'C:\WINDOWS' }";
    assert_eq!(
        problem(&contradicting),
        r"`HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion!SystemRoot`: `%SystemRoot%` is `C:\WINDOWS`, but the registry says `C:\WINNT` (leave one of the two out, or mend it)"
    );
}

#[test]
fn variables_of_the_machine_and_the_registry_back_each_other() {
    let file = |yaml: &str| {
        host(&(yaml.to_owned() + r"files: [{ path: 'C:\Acme\a.dll' }]")).file(PathRef(r"%ACME%\a.dll"))
    };
    assert_eq!(file(&listed(PROCESSOR, "Acme", "reg_sz", r"C:\Acme\")), Fact::Present(()));
    assert_eq!(file(&listed(PROCESSOR, "Acme", "reg_expand_sz", r"'%Other%\Acme'")), Fact::Unknown);
    assert!(matches!(file(&listed(PROCESSOR, "Acme", "reg_dword", "1")), Fact::Error(_)));
    let stated = host(r"environment: { ACME: 'C:\Acme' }");
    assert_eq!(value(&stated, PROCESSOR, "acme"), text(r"C:\Acme"));
    assert_eq!(value(&stated, PROCESSOR, "Other"), Fact::Absent);
    for partial in ["environment", "registry"] {
        let open = host(&format!("partial: [{partial}]"));
        assert_eq!(value(&open, PROCESSOR, "Acme"), Fact::Unknown, "{partial}");
        assert_eq!(open.variable("Acme"), Fact::Unknown, "{partial}");
    }
    assert_eq!(host("name: none").variable("Acme"), Fact::Absent);
    let contradicting = listed(PROCESSOR, "Acme", "reg_sz", r"D:\Acme") + r"environment: { Acme: 'C:\Acme' }";
    assert!(problem(&contradicting).contains(r"`%acme%` is `C:\Acme`, but the registry says `D:\Acme`"));
    let (broken, _) = read(&contradicting);
    assert!(matches!(broken.variable("Acme"), Fact::Error(_)));
    assert!(matches!(value(&broken, PROCESSOR, "Acme"), Fact::Error(_)));
}

#[test]
fn services_and_the_registry_back_each_other() {
    let wins = format!(r"{SERVICES}\WINS");
    let from_list = host("services: [{ name: WINS, start: manual }]");
    assert_eq!(value(&from_list, &wins, "start"), Fact::Present(RegistryValue::Dword(3)));
    assert_eq!(key(&from_list, &wins), Fact::Present(()));
    assert_eq!(key(&from_list, &format!(r"{wins}\Parameters")), Fact::Absent);
    let from_key = host(&listed(&wins, "Start", "reg_dword", "2"));
    let start = from_key.service_start("Wins");
    assert_eq!(start, Fact::Present(StartType::Automatic));
    let completed =
        host(&(listed(&wins, "Start", "reg_dword", "2") + "services: [{ name: wins, state: running }]"));
    assert_eq!(completed.service_start("WINS"), Fact::Present(StartType::Automatic));
    let (host, problems) =
        read(&(listed(&wins, "Start", "reg_dword", "2") + "services: [{ name: WINS, start: disabled }]"));
    assert_eq!(
        problems[0].message,
        "the service `wins` has start type `disabled`, but the registry says `automatic`"
    );
    assert!(matches!(value(&host, &wins, "Start"), Fact::Error(_)));
    assert!(matches!(host.service_start("WINS"), Fact::Error(_)));
}

#[test]
fn a_services_key_is_as_well_known_as_the_service() {
    let wins = format!(r"{SERVICES}\WINS");
    let other = "services: [{ name: Other }]\n";
    let absent = host(&format!("{other}partial: [registry]"));
    assert_eq!(key(&absent, &wins), Fact::Absent);
    assert_eq!(value(&absent, &wins, "ImagePath"), Fact::Absent);
    // Without a list it is the registry that says which services there are.
    let unknown = host("partial: [registry]");
    assert_eq!(key(&unknown, &wins), Fact::Unknown);
    let unknown = host("partial: [services]");
    assert_eq!(key(&unknown, &wins), Fact::Unknown);
    assert_eq!(value(&unknown, &wins, "Start"), Fact::Unknown);
    assert_eq!(key(&unknown, SERVICES), Fact::Unknown);
    assert_eq!(key(&host("name: none"), SERVICES), Fact::Absent);
}

fn update(name: &str) -> String {
    format!(r"{NT}\Hotfix\{name}")
}

#[test]
fn before_vista_updates_and_the_registry_back_each_other() {
    let xp = |facts: &str| host(&format!("os: {{ version: '5.1' }}\n{facts}"));
    let from_list = xp("hotfixes: [KB830352]");
    assert_eq!(key(&from_list, &format!(r"{NT}\Hotfix")), Fact::Present(()));
    assert_eq!(key(&from_list, &update("kb830352")), Fact::Present(()));
    assert_eq!(value(&from_list, &update("KB830352"), "Installed"), Fact::Present(RegistryValue::Dword(1)));
    assert_eq!(value(&from_list, &update("KB830352"), "Comments"), Fact::Absent);
    // The key has the name that the update is listed by, and no other.
    assert_eq!(key(&from_list, &update("Q830352")), Fact::Absent);
    assert_eq!(key(&xp("hotfixes: [KB830352-v2]"), &update("KB830352")), Fact::Absent);
    assert_eq!(key(&xp("partial: [hotfixes]"), &update("KB1")), Fact::Unknown);
    assert_eq!(key(&xp("partial: [hotfixes]"), &format!(r"{NT}\Hotfix")), Fact::Unknown);
    assert!(matches!(
        key(&read("os: { version: '5.1' }\nhotfixes: [true]").0, &update("KB1")),
        Fact::Error(_)
    ));
    for name in ["Q329115", "KB329115-IE8", "kb329115 - Update"] {
        let from_key = xp(&format!("registry: [{{ key: '{}' }}]", update(name)));
        assert_eq!(from_key.hotfix(Kb(329_115)), Fact::Present(()), "{name}");
        assert_eq!(from_key.hotfix(Kb(32_911)), Fact::Absent, "{name}");
    }
}

#[test]
fn from_vista_on_the_key_says_nothing_of_updates() {
    for version in ["6.0", "6.1", "10.0"] {
        let of = |facts: &str| host(&format!("os: {{ version: '{version}' }}\n{facts}"));
        let listed = of("hotfixes: [KB830352]");
        assert_eq!(listed.hotfix(Kb(830_352)), Fact::Present(()), "{version}");
        assert_eq!(key(&listed, &update("KB830352")), Fact::Absent, "{version}");
        assert_eq!(key(&listed, &format!(r"{NT}\Hotfix")), Fact::Absent, "{version}");
        assert_eq!(value(&listed, &update("KB830352"), "Installed"), Fact::Absent, "{version}");
        let in_key = of(&format!("registry: [{{ key: '{}' }}]", update("KB830352")));
        assert_eq!(in_key.hotfix(Kb(830_352)), Fact::Absent, "{version}");
        assert_eq!(key(&in_key, &update("KB830352")), Fact::Present(()), "{version}");
        assert_eq!(key(&of("partial: [hotfixes]"), &update("KB830352")), Fact::Absent, "{version}");
        assert_eq!(key(&of("partial: [registry]"), &update("KB830352")), Fact::Unknown, "{version}");
    }
}

#[test]
fn without_a_version_both_readings_of_updates_must_agree() {
    let in_key = format!("registry: [{{ key: '{}' }}]", update("KB830352"));
    let listed = host("hotfixes: [KB830352]");
    assert_eq!(listed.hotfix(Kb(830_352)), Fact::Present(()));
    assert_eq!(listed.hotfix(Kb(1)), Fact::Absent);
    assert_eq!(key(&listed, &update("KB830352")), Fact::Unknown);
    assert_eq!(value(&listed, &update("KB830352"), "Installed"), Fact::Unknown);
    assert_eq!(key(&listed, &update("KB1")), Fact::Absent);
    assert_eq!(host(&in_key).hotfix(Kb(830_352)), Fact::Unknown);
    assert_eq!(key(&host(&in_key), &update("KB830352")), Fact::Present(()));
    let malformed = |facts: &str| read(&format!("os: {{ version: five }}\n{facts}")).0;
    assert_eq!(malformed("hotfixes: [KB830352]").hotfix(Kb(830_352)), Fact::Present(()));
    assert!(matches!(malformed(&in_key).hotfix(Kb(830_352)), Fact::Error(_)));
    assert!(matches!(malformed("partial: [hotfixes]").hotfix(Kb(1)), Fact::Error(_)));
    assert_eq!(key(&malformed("partial: [registry]"), r"HKLM\SOFTWARE\Vendor"), Fact::Unknown);
    let mac = host("os: { family: macos }\nhotfixes: [KB1]");
    assert_eq!((mac.hotfix(Kb(1)), key(&mac, &update("KB1"))), (Fact::Present(()), Fact::Absent));
}

fn in_view(key: &str, view: View) -> RegistryPath {
    RegistryPath { view: Some(view), ..key_path(key) }
}

fn views(architecture: &str, entry: &str) -> Host {
    host(&format!("os: {{ {architecture} }}\nregistry: [{{ {entry} }}]"))
}

#[test]
fn a_64_bit_host_keeps_the_32_bit_view_apart() {
    const KEY: &str = r"HKLM\SOFTWARE\Acme\App";
    const WOW: &str = r"HKLM\SOFTWARE\Wow6432Node\Acme\App";
    for entry in [format!("key: '{KEY}', view: 32"), format!("key: '{WOW}'")] {
        let host = views("architecture: x64", &entry);
        assert_eq!(host.registry_key(in_view(KEY, View::Bits32).borrowed()), Fact::Present(()), "{entry}");
        assert_eq!(host.registry_key(key_path(WOW).borrowed()), Fact::Present(()), "{entry}");
        assert_eq!(host.registry_key(in_view(KEY, View::Bits64).borrowed()), Fact::Absent, "{entry}");
        assert_eq!(host.registry_key(key_path(KEY).borrowed()), Fact::Absent, "{entry}");
    }
    let native = views("architecture: ia64", &format!("key: '{KEY}'"));
    assert_eq!(native.registry_key(in_view(KEY, View::Bits64).borrowed()), Fact::Present(()));
    assert_eq!(native.registry_key(in_view(KEY, View::Bits32).borrowed()), Fact::Absent);
    let shared = views("architecture: x64", r"key: 'HKLM\SYSTEM\Acme'");
    assert_eq!(shared.registry_key(in_view(r"HKLM\SYSTEM\Acme", View::Bits32).borrowed()), Fact::Present(()));
    let class = views("architecture: x64", r"key: 'HKCR\CLSID\{1}', view: '32'");
    assert_eq!(class.registry_key(key_path(r"HKCR\CLSID\{1}").borrowed()), Fact::Absent);
    assert_eq!(class.registry_key(in_view(r"HKCR\CLSID\{1}", View::Bits32).borrowed()), Fact::Present(()));
}

#[test]
fn a_32_bit_host_has_one_view() {
    let host = views("architecture: x86", r"key: 'HKLM\SOFTWARE\Acme', view: 32");
    for view in [View::Bits32, View::Bits64] {
        assert_eq!(host.registry_key(in_view(r"HKLM\SOFTWARE\Acme", view).borrowed()), Fact::Present(()));
    }
}

#[test]
fn without_an_architecture_a_key_is_where_it_is_in_both_cases() {
    const KEY: &str = r"HKLM\SOFTWARE\Acme";
    const WOW: &str = r"HKLM\SOFTWARE\Wow6432Node\Acme";
    let narrow = in_view(KEY, View::Bits32);
    let of_view = views("", &format!("key: '{KEY}', view: 32"));
    assert_eq!(of_view.registry_key(narrow.borrowed()), Fact::Present(()));
    assert_eq!(key(&of_view, KEY), Fact::Unknown);
    assert_eq!(key(&of_view, WOW), Fact::Unknown);
    assert_eq!(key(&of_view, r"HKLM\SOFTWARE"), Fact::Present(()));
    assert_eq!(key(&of_view, r"HKLM\SOFTWARE\Other"), Fact::Absent);
    assert_eq!(of_view.registry_key(in_view(r"HKLM\SOFTWARE\Other", View::Bits32).borrowed()), Fact::Absent);
    for listed in [KEY, WOW] {
        assert_eq!(views("", &format!("key: '{listed}'")).registry_key(narrow.borrowed()), Fact::Unknown);
    }
    let both = views("", &format!("key: '{KEY}' }}, {{ key: '{WOW}'"));
    assert_eq!(both.registry_key(narrow.borrowed()), Fact::Present(()));
    let (malformed, _) = read(&format!("os: {{ architecture: acme }}\nregistry: [{{ key: '{KEY}' }}]"));
    assert!(matches!(malformed.registry_key(narrow.borrowed()), Fact::Error(_)));
    assert_eq!(malformed.registry_key(key_path(KEY).borrowed()), Fact::Present(()));
}

#[test]
fn an_update_of_the_32_bit_view_is_one_on_a_32_bit_host() {
    let entry = r"key: 'HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\Hotfix\KB1', view: 32";
    assert_eq!(views("version: '5.2', architecture: x86", entry).hotfix(Kb(1)), Fact::Present(()));
    assert_eq!(views("version: '5.2', architecture: x64", entry).hotfix(Kb(1)), Fact::Absent);
    assert_eq!(views("version: '5.2'", entry).hotfix(Kb(1)), Fact::Unknown);
}

#[test]
fn data_is_read_by_type() {
    for (kind, data, found) in [
        ("reg_sz", "5", Some(RegistryValue::Text("5".into()))),
        ("reg_sz", "5.10", None),
        ("reg_sz", "[a]", None),
        ("reg_expand_sz", "'%a%'", Some(RegistryValue::ExpandText("%a%".into()))),
        ("reg_multi_sz", "[a, 1]", Some(RegistryValue::Multi(vec!["a".to_owned(), "1".to_owned()].into()))),
        ("reg_multi_sz", "a", None),
        ("reg_dword", "4", Some(RegistryValue::Dword(4))),
        ("reg_dword", "'0x1F'", Some(RegistryValue::Dword(31))),
        ("reg_dword", "4294967296", None),
        ("reg_binary", "'00FF'", Some(RegistryValue::Binary("00ff".into()))),
        ("reg_binary", "'0'", None),
        ("reg_binary", "10", None),
        ("reg_qword", "1", Some(RegistryValue::Qword(1))),
        ("REG_QWORD", "'18446744073709551615'", Some(RegistryValue::Qword(u64::MAX))),
        ("reg_qword", "'0x100000000'", Some(RegistryValue::Qword(1 << 32))),
        ("reg_qword", "18446744073709551615", None),
        ("reg_qword", "'18446744073709551616'", None),
        ("reg_qword", "-1", None),
        ("reg_dword_big_endian", "4", Some(RegistryValue::DwordBigEndian(4))),
        ("reg_dword_big_endian", "4294967296", None),
        ("reg_link", "'\\Registry'", Some(RegistryValue::Link(r"\Registry".into()))),
        ("reg_none", "''", Some(RegistryValue::Raw(RawType::None, "".into()))),
        ("reg_none", "[]", None),
        ("reg_resource_list", "'FF'", Some(RegistryValue::Raw(RawType::ResourceList, "ff".into()))),
        ("reg_resource_list", "'f'", None),
        ("reg_word", "1", None),
    ] {
        let (host, problems) = read(&listed(r"HKLM\SOFTWARE\Acme", "V", kind, data));
        let value = value(&host, r"HKLM\SOFTWARE\Acme", "v");
        assert_eq!(key(&host, r"HKLM\SOFTWARE\Acme"), Fact::Present(()));
        match found {
            Some(found) => assert_eq!((value, problems), (Fact::Present(found), vec![])),
            None => {
                assert!(matches!(value, Fact::Error(_)), "{kind} {data}");
                assert_eq!(problems[0].path, "registry[0].values.V");
            }
        }
    }
}

#[test]
fn malformed_keys_and_views_are_problems() {
    assert_eq!(
        problem(r"registry: [{ key: 'HKXX\a' }]"),
        "`registry[0].key`: `HKXX` is not a registry hive (the hives are HKLM, HKCR, HKCU, HKU and HKCC)"
    );
    let (host, problems) = read(r"registry: [{ key: 'HKLM\SOFTWARE\a', view: 16 }]");
    assert_eq!(problems[0].path, "registry[0].view");
    assert!(matches!(key(&host, r"HKLM\SOFTWARE\a"), Fact::Error(_)));
}

#[test]
fn a_value_listed_twice_is_an_error_if_it_differs() {
    let entry = |data: &str| {
        format!(r"{{ key: 'HKLM\SOFTWARE\A', values: {{ v: {{ type: reg_sz, data: {data} }} }} }}")
    };
    let twice = |second| read(&format!("registry: [{}, {}]", entry("a"), entry(second)));
    assert_eq!(twice("a").1, []);
    let (host, problems) = twice("b");
    assert_eq!(problems[0].message, "the registry value `v` is listed twice, with different data");
    assert!(matches!(value(&host, r"HKLM\SOFTWARE\A", "V"), Fact::Error(_)));
}
