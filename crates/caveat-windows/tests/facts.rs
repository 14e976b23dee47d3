//! What a machine's answers come to, on a made-up machine: the operating system, the registry,
//! services, updates, and what happens when the machine refuses.

mod support;

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::io::ErrorKind;

use caveat_runtime::value::{
    Architecture, Hive, InstallationType, Kb, KeyRef, Language, OsVersion, PathRef, ProductType, RawType,
    StartType, View,
};
use caveat_runtime::{Fact, HostFacts, RegistryValue, Suites};
use caveat_windows::{ServiceState, WindowsHost};
use support::*;

fn is_error<T>(fact: &Fact<T>) -> bool {
    matches!(fact, Fact::Error(_))
}

#[test]
fn a_windows_2000_server_is_one() {
    let suites = wide("Enterprise\0Terminal Server\0\0");
    let host = Machine::default()
        .text(COMPUTER_NAME, "ComputerName", "WINS-01")
        .text(WINDOWS_NT, "CurrentVersion", "5.0")
        .text(WINDOWS_NT, "CurrentBuildNumber", "2195")
        .text(WINDOWS_NT, "CSDVersion", "Service Pack 4")
        .text(PRODUCT_OPTIONS, "ProductType", "LANMANNT")
        .value(native(PRODUCT_OPTIONS), "ProductSuite", MULTI_SZ, suites)
        .text(ENVIRONMENT, "PROCESSOR_ARCHITECTURE", "x86")
        .text(LANGUAGE, "InstallLanguage", "0411")
        .host();
    assert_eq!(host.name(), "WINS-01");
    assert_eq!(host.os_version(), Fact::Present(OsVersion { major: 5, minor: 0 }));
    assert_eq!(host.build(), Fact::Present(2195));
    assert_eq!(host.service_pack(), Fact::Present(4));
    assert_eq!(host.product_type(), Fact::Present(ProductType::DomainController));
    let suites = vec!["Enterprise".to_owned(), "Terminal Server".to_owned()];
    assert_eq!(host.suites(), Fact::Present(Suites(Cow::Owned(suites))));
    assert_eq!(host.architecture(), Fact::Present(Architecture::X86));
    assert_eq!(host.language(), Fact::Present("ja-JP".parse::<Language>().unwrap()));
}

#[test]
fn windows_10_hides_its_version() {
    let ten = || Machine::default().text(WINDOWS_NT, "CurrentVersion", "6.3");
    let version = |major, minor| Fact::Present(OsVersion { major, minor });
    assert_eq!(ten().host().os_version(), version(6, 3));
    let major = ten().number(WINDOWS_NT, "CurrentMajorVersionNumber", 10);
    assert_eq!(major.number(WINDOWS_NT, "CurrentMinorVersionNumber", 0).host().os_version(), version(10, 0));
    let refused =
        ten().fails(&format!("{WINDOWS_NT}!CurrentMajorVersionNumber"), ErrorKind::PermissionDenied);
    let minor = refused.number(WINDOWS_NT, "CurrentMinorVersionNumber", 0);
    assert_eq!(minor.host().os_version(), Fact::Unknown);
}

#[test]
fn what_every_windows_has_is_unknown_where_it_is_missing_and_the_rest_is_none() {
    let host = Machine::default().host();
    assert_eq!(host.name(), "this machine");
    assert_eq!(host.os_version(), Fact::Unknown);
    assert_eq!(host.build(), Fact::Unknown);
    assert_eq!(host.product_type(), Fact::Unknown);
    assert_eq!(host.architecture(), Fact::Unknown);
    assert_eq!(host.language(), Fact::Unknown);
    assert_eq!(host.service_pack(), Fact::Present(0));
    assert_eq!(host.suites(), Fact::Present(Suites::default()));
}

#[test]
fn facts_that_windows_does_not_write_are_in_error() {
    let version = |text| Machine::default().text(WINDOWS_NT, "CurrentVersion", text).host().os_version();
    assert!(is_error(&version("five")));
    let build = |text| Machine::default().text(WINDOWS_NT, "CurrentBuildNumber", text).host().build();
    assert!(is_error(&build("+2195")));
    assert!(is_error(&build("4294967296")));
    assert!(is_error(&Machine::default().number(WINDOWS_NT, "CurrentBuildNumber", 1).host().build()));
    let kind = Machine::default().text(PRODUCT_OPTIONS, "ProductType", "Server").host();
    let place = r"HKLM\SYSTEM\CurrentControlSet\Control\ProductOptions!ProductType";
    let reason = format!("{place}: \"Server\" is nothing that Windows writes here");
    assert_eq!(kind.product_type(), Fact::error(reason));
    assert!(is_error(
        &Machine::default().text(PRODUCT_OPTIONS, "ProductSuite", "DataCenter").host().suites()
    ));
    let chip = Machine::default().text(ENVIRONMENT, "PROCESSOR_ARCHITECTURE", "sparc").host();
    assert!(is_error(&chip.architecture()));
    assert!(is_error(&Machine::default().text(WINDOWS_NT, "UBR", "3930").host().revision()));
    for text in ["409", "+409", "00409", "zzzz"] {
        let host = Machine::default().text(LANGUAGE, "InstallLanguage", text).host();
        assert!(is_error(&host.language()), "{text}");
    }
}

#[test]
fn service_packs_are_numbers() {
    let pack = |text| Machine::default().text(WINDOWS_NT, "CSDVersion", text).host().service_pack();
    assert_eq!(pack(""), Fact::Present(0));
    assert_eq!(pack("Service Pack 1"), Fact::Present(1));
    assert_eq!(pack("Service Pack 6a"), Fact::Present(6));
    assert_eq!(pack("Service Pack 3, v.3311"), Fact::Present(3));
    for text in ["Service Pack ", "Service Pack -1", "SP 1", "Service Pack 03"] {
        assert!(is_error(&pack(text)), "{text}");
    }
}

#[test]
fn revisions_are_those_of_windows_10_and_later() {
    let of = |version| Machine::default().text(WINDOWS_NT, "CurrentVersion", version);
    let ten = || {
        let machine = of("6.3").number(WINDOWS_NT, "CurrentMajorVersionNumber", 10);
        machine.number(WINDOWS_NT, "CurrentMinorVersionNumber", 0)
    };
    assert_eq!(ten().number(WINDOWS_NT, "UBR", 3930).host().revision(), Fact::Present(3930));
    assert_eq!(ten().host().revision(), Fact::Unknown);
    assert_eq!(of("6.1").host().revision(), Fact::Absent);
    assert_eq!(of("6.1").number(WINDOWS_NT, "UBR", 24545).host().revision(), Fact::Present(24545));
    assert_eq!(Machine::default().host().revision(), Fact::Unknown);
}

#[test]
fn installation_types_are_told_from_vista_on() {
    let of = |version| Machine::default().text(WINDOWS_NT, "CurrentVersion", version);
    let core = of("6.1").text(WINDOWS_NT, "InstallationType", "Server Core").host();
    assert_eq!(core.installation_type(), Fact::Present(InstallationType::ServerCore));
    assert_eq!(of("6.0").host().installation_type(), Fact::Unknown);
    assert_eq!(of("5.2").host().installation_type(), Fact::Absent);
    assert_eq!(Machine::default().host().installation_type(), Fact::Unknown);
    let odd = of("6.1").text(WINDOWS_NT, "InstallationType", "server-core").host();
    assert!(is_error(&odd.installation_type()));
}

#[test]
fn processors_and_languages_are_what_windows_ran_on_and_in() {
    let chip = |name| Machine::default().text(ENVIRONMENT, "PROCESSOR_ARCHITECTURE", name).host();
    assert_eq!(chip("ALPHA").architecture(), Fact::Present(Architecture::Alpha));
    assert_eq!(chip("ARM").architecture(), Fact::Present(Architecture::Arm));
    let language = Machine::default().text(LANGUAGE, "InstallLanguage", "0436").host().language();
    assert_eq!(language, Fact::Present(Language::another()));
}

#[test]
fn refusals_are_unknown_and_failures_are_errors() {
    let key = |kind| Machine::default().fails("A", kind).host().registry_key(native("A"));
    assert_eq!(key(ErrorKind::NotFound), Fact::Absent);
    assert_eq!(key(ErrorKind::PermissionDenied), Fact::Unknown);
    assert_eq!(key(ErrorKind::ResourceBusy), Fact::Unknown);
    assert_eq!(key(ErrorKind::TimedOut), Fact::error(r"HKLM\A: timed out"));
    let pack = format!("{WINDOWS_NT}!CSDVersion");
    let host = Machine::default().fails(&pack, ErrorKind::PermissionDenied).host();
    assert_eq!(host.service_pack(), Fact::Unknown);
}

#[test]
fn values_are_read_by_their_type() {
    let value = |kind, data: Vec<u8>| {
        let host = Machine::default().value(native("A"), "v", kind, data).host();
        host.registry_value(native("a"), "V").present().map(|value| value.borrowed().to_string())
    };
    let owned = |text: &str| Some(text.to_owned());
    assert_eq!(value(SZ, wide("x\0")), owned("\"x\""));
    assert_eq!(value(SZ, wide("no end")), owned("\"no end\""));
    assert_eq!(value(SZ, wide("seen\0hidden\0")), owned("\"seen\""));
    assert_eq!(value(SZ, vec![]), owned("\"\""));
    assert_eq!(value(MULTI_SZ, wide("a\0b\0\0")), owned("\"a\", \"b\""));
    assert_eq!(value(MULTI_SZ, wide("a\0\0b")), owned("\"a\", \"\", \"b\""));
    assert_eq!(value(MULTI_SZ, wide("\0")), owned("an empty list"));
    assert_eq!(value(DWORD, vec![0xfe, 0xff, 0xff, 0xff]), owned("4294967294"));
    assert_eq!(value(BINARY, vec![0, 0xAB]), owned("the bytes 00ab"));
    assert_eq!(value(BINARY, vec![]), owned("no bytes"));
    assert_eq!(value(QWORD, vec![1, 0, 0, 0, 0, 0, 0, 0x80]), owned("9223372036854775809"));
    assert_eq!(value(DWORD_BIG_ENDIAN, vec![0, 0, 1, 2]), owned("258"));
    assert_eq!(value(LINK, wide(r"\Registry\Machine\X")), owned("\"\\Registry\\Machine\\X\""));
    let host = Machine::default().value(native("A"), "v", NONE, vec![]).host();
    let none = RegistryValue::Raw(RawType::None, "".into());
    assert_eq!(host.registry_value(native("A"), "v"), Fact::Present(none));
    let host = Machine::default().value(native("A"), "", EXPAND_SZ, wide("%x%\0")).host();
    let expand = RegistryValue::ExpandText("%x%".into());
    assert_eq!(host.registry_value(native("A"), ""), Fact::Present(expand));
}

#[test]
fn values_that_make_no_sense_are_in_error() {
    let value = |kind, data: &[u8]| {
        let host = Machine::default().value(in_32_bits("A"), "v", kind, data).host();
        host.registry_value(in_32_bits("A"), "v").map(|_| ())
    };
    assert_eq!(value(DWORD, &[1, 2]), Fact::error(r"HKLM\A (32-bit view)!v: a reg_dword of 2 bytes"));
    assert_eq!(value(QWORD, &[1]), Fact::error(r"HKLM\A (32-bit view)!v: a reg_qword of 1 bytes"));
    assert_eq!(value(99, &[1]), Fact::error(r"HKLM\A (32-bit view)!v: registry values have no type 99"));
    assert!(is_error(&value(SZ, b"x")));
    assert!(is_error(&value(MULTI_SZ, &[0x00, 0xd8])));
}

#[test]
fn a_rule_means_the_native_registry_unless_it_says_otherwise() {
    let host = Machine::default().narrow().key(native("Native")).key(in_32_bits("Wow")).host();
    let seen = |key, view| {
        let fact = host.registry_key(KeyRef { hive: Hive::LocalMachine, key, view });
        fact == Fact::Present(())
    };
    assert!(
        seen("native", None) && seen("Native", Some(View::Bits64)) && !seen("Native", Some(View::Bits32))
    );
    assert!(!seen("Wow", None) && !seen("Wow", Some(View::Bits64)) && seen("Wow", Some(View::Bits32)));
    let elsewhere = KeyRef { hive: Hive::CurrentUser, key: "Native", view: None };
    assert_eq!(host.registry_key(elsewhere), Fact::Absent);
}

#[test]
fn no_name_with_a_nul_reaches_windows() {
    let host = Machine::default().key(native("A")).host();
    assert_eq!(host.registry_key(native("A\0B")), Fact::Absent);
    assert_eq!(host.registry_value(native("A"), "v\0w"), Fact::Absent);
    assert_eq!(host.file(PathRef("C:\\a\0b")), Fact::Absent);
    assert_eq!(host.file(PathRef("%a\0b%\\c")), Fact::Absent);
    assert_eq!(host.service("a\0b"), Fact::Absent);
    assert_eq!(host.service_running("a\0b"), Fact::Absent);
}

#[test]
fn services_are_their_keys_and_their_states() {
    let key = |name: &str| format!(r"{SERVICES}\{name}");
    let host = Machine::default()
        .number(&key("WINS"), "Start", 2)
        .service("WINS", ServiceState::Running)
        .number(&key("Off"), "Start", 4)
        .service("Off", ServiceState::Stopped)
        .number(&key("Odd"), "Start", 5)
        .service("Odd", ServiceState::Other)
        .key(native(&key("Bare")))
        .key(native(SERVICES))
        .fails("Secret", ErrorKind::PermissionDenied)
        .host();
    assert_eq!(host.service("wins"), Fact::Present(()));
    assert_eq!(host.service_start("wins"), Fact::Present(StartType::Automatic));
    assert_eq!(host.service_running("wins"), Fact::Present(true));
    assert_eq!(host.service_start("Off"), Fact::Present(StartType::Disabled));
    assert_eq!(host.service_running("Off"), Fact::Present(false));
    assert_eq!(host.service("Odd"), Fact::Present(()));
    assert!(is_error(&host.service_start("Odd")));
    assert_eq!(host.service_running("Odd"), Fact::Unknown);
    assert_eq!(host.service("Bare"), Fact::Present(()));
    assert_eq!(host.service_start("Bare"), Fact::Absent);
    assert_eq!(host.service_running("Secret"), Fact::Unknown);
    for name in ["None", "", r"WINS\Start"] {
        assert_eq!(host.service(name), Fact::Absent, "{name}");
        assert_eq!(host.service_start(name), Fact::Absent, "{name}");
        assert_eq!(host.service_running(name), Fact::Absent, "{name}");
    }
}

const KB: Kb = Kb(830_352);

fn of_version(version: &str) -> Machine {
    Machine::default().text(WINDOWS_NT, "CurrentVersion", version)
}

fn with_key(machine: Machine, name: &str) -> Machine {
    machine.key(native(&format!(r"{WINDOWS_NT}\Hotfix\{name}")))
}

#[test]
fn before_vista_updates_are_keys() {
    for name in ["KB830352", "Q830352", "830352", "kb830352-v2", "KB830352 - Update"] {
        assert_eq!(with_key(of_version("5.0"), name).host().hotfix(KB), Fact::Present(()), "{name}");
    }
    let others = with_key(with_key(of_version("5.2"), "KB8303520"), "File 1").quick_fix("KB830352");
    assert_eq!(others.host().hotfix(KB), Fact::Absent);
    assert_eq!(of_version("5.2").host().hotfix(KB), Fact::Absent);
    let refused = with_key(of_version("5.1"), "KB830352");
    let refused = refused.fails(&format!(r"{WINDOWS_NT}\Hotfix\*"), ErrorKind::PermissionDenied);
    assert_eq!(refused.host().hotfix(KB), Fact::Unknown);
}

#[test]
fn from_vista_on_updates_are_quick_fixes() {
    for version in ["6.0", "6.1", "6.3"] {
        let machine = || with_key(of_version(version), "KB830352");
        assert_eq!(machine().host().hotfix(KB), Fact::Absent, "{version}");
        assert_eq!(machine().quick_fix("KB830352").host().hotfix(KB), Fact::Present(()), "{version}");
        assert_eq!(machine().quick_fix("KB830352-v2").host().hotfix(KB), Fact::Present(()), "{version}");
    }
    let refused = of_version("6.1").quick_fix("KB830352").fails("updates", ErrorKind::PermissionDenied);
    assert_eq!(refused.host().hotfix(KB), Fact::Unknown);
    let broken = of_version("6.1").fails("updates", ErrorKind::TimedOut);
    assert_eq!(broken.host().hotfix(KB), Fact::error("Win32_QuickFixEngineering: timed out"));
}

#[test]
fn without_a_version_both_lists_must_agree() {
    let keyed = || with_key(Machine::default(), "KB830352");
    assert_eq!(keyed().host().hotfix(KB), Fact::Unknown);
    assert_eq!(Machine::default().quick_fix("KB830352").host().hotfix(KB), Fact::Unknown);
    assert_eq!(keyed().quick_fix("KB830352").host().hotfix(KB), Fact::Present(()));
    assert_eq!(Machine::default().host().hotfix(KB), Fact::Absent);
    assert!(is_error(&with_key(of_version("five"), "KB830352").host().hotfix(KB)));
}

#[test]
fn the_same_question_is_asked_once() {
    let machine =
        Machine::default().text("A", "v", "x").file(r"C:\f", "data").service("S", ServiceState::Running);
    let host = WindowsHost::of(&machine);
    let ask = || {
        let _ = (host.registry_key(native("A")), host.registry_key(native("a")));
        let _ = (host.registry_value(native("A"), "v"), host.registry_value(native("a"), "V"));
        let _ = (host.file(PathRef(r"C:\f")), host.file_size(PathRef(r"c:\F")));
        let _ = (host.file_version(PathRef(r"C:\f")), host.service_running("S"), host.service("S"));
        let _ = (host.build(), host.file(PathRef(r"%v%\none")));
        let _ = (host.hotfix(KB), host.hotfix(Kb(1)));
    };
    ask();
    let asked = machine.asked.borrow().clone();
    ask();
    assert_eq!(*machine.asked.borrow(), asked);
    let distinct: BTreeSet<&String> = asked.iter().collect();
    assert_eq!(distinct.len(), asked.len(), "{asked:?}");
}
