//! Facts of the operating system: as Windows writes them down, and left out.

use caveat_eval::{Fact, Host, HostFacts, RegistryValue};
use caveat_ir::value::{Architecture, Family, InstallationType, OsVersion};

use crate::rules::{host, key_path, read};

const NT: &str = r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion";

/// A host on which the value of the key has this data.
fn recorded(key: &str, name: &str, kind: &str, data: &str) -> Host {
    let text =
        format!("registry: [{{ key: '{key}', values: {{ {name}: {{ type: {kind}, data: {data} }} }} }}]");
    read(&text).0
}

fn is_error<T>(fact: &Fact<T>) -> bool {
    matches!(fact, Fact::Error(_))
}

#[test]
fn service_packs_are_read_as_windows_writes_them() {
    let pack = |data: &str| recorded(NT, "CSDVersion", "reg_sz", data).service_pack();
    assert_eq!(pack("Service Pack 6a"), Fact::Present(6));
    assert_eq!(pack("'Service Pack 2, v.2096'"), Fact::Present(2));
    assert_eq!(pack("Service Pack 1 RC 1.2."), Fact::Present(1));
    assert_eq!(pack("''"), Fact::Present(0));
    assert!(is_error(&pack("Service Pack six")));
    assert!(is_error(&recorded(NT, "CSDVersion", "reg_dword", "1024").service_pack()));
}

#[test]
fn a_malformed_value_counts_more_than_a_fact_that_is_given() {
    let (host, problems) = read(&format!(
        "os: {{ service_pack: 4 }}\nregistry: [{{ key: '{NT}', values: {{ CSDVersion: {{ type: reg_sz, data: four }} }} }}]"
    ));
    assert!(is_error(&host.service_pack()));
    assert_eq!(problems.len(), 1);
}

#[test]
fn every_processor_that_windows_ran_on_is_known() {
    let key = r"HKLM\SYSTEM\CurrentControlSet\Control\Session Manager\Environment";
    let of = |data: &str| recorded(key, "PROCESSOR_ARCHITECTURE", "reg_sz", data).architecture();
    assert_eq!(of("ALPHA"), Fact::Present(Architecture::Alpha));
    assert_eq!(of("ARM"), Fact::Present(Architecture::Arm));
    assert_eq!(of("PPC"), Fact::Present(Architecture::PowerPc));
    assert!(is_error(&of("sparc")));
}

#[test]
fn installation_types_are_told_from_vista_on() {
    let of = |text: &str| read(text).0.installation_type();
    assert_eq!(of("os: { installation_type: server-core }"), Fact::Present(InstallationType::ServerCore));
    assert_eq!(
        recorded(NT, "InstallationType", "reg_sz", "server core").installation_type(),
        Fact::Present(InstallationType::ServerCore)
    );
    assert!(is_error(&recorded(NT, "InstallationType", "reg_sz", "server-core").installation_type()));
    assert!(is_error(&of("os: { installation_type: Server Core }")));
    assert_eq!(of("os: { version: '6.0' }"), Fact::Unknown);
    assert_eq!(of("os: { version: '5.2' }"), Fact::Absent);
    assert_eq!(of("os: { version: '5.2' }\npartial: [registry]"), Fact::Unknown);
    assert_eq!(
        of("os: { version: '5.2', installation_type: server }"),
        Fact::Present(InstallationType::Server)
    );
    assert_eq!(of("os: { version: nine }").present(), None);
    assert_eq!(of("os: { family: macos }"), Fact::Absent);
    let (host, problems) = read(&format!(
        "os: {{ installation_type: server }}\nregistry: [{{ key: '{NT}', values: {{ InstallationType: {{ type: reg_sz, data: Server Core }} }} }}]"
    ));
    assert!(is_error(&host.installation_type()));
    assert_eq!(problems.len(), 1);
}

#[test]
fn a_language_without_a_tag_is_another() {
    let key = r"HKLM\SYSTEM\CurrentControlSet\Control\Nls\Language";
    let of = |data: &str| recorded(key, "InstallLanguage", "reg_sz", data).language().present();
    assert_eq!(of("'0476'").map(|language| language.to_string()).as_deref(), Some("another language"));
    assert_eq!(of("'0411'").map(|language| language.to_string()).as_deref(), Some("ja-JP"));
    assert_eq!(of("'42'"), None);
}

#[test]
fn every_windows_10_has_a_revision() {
    let revision = |text: &str| host(text).revision();
    assert_eq!(revision("os: { version: '10.0' }"), Fact::Unknown);
    assert_eq!(revision("os: { version: '11.0' }"), Fact::Unknown);
    assert_eq!(revision("os: { version: '6.1' }"), Fact::Absent);
    assert_eq!(revision("os: { version: '6.1' }\npartial: [registry]"), Fact::Unknown);
    assert_eq!(revision("os: { version: '6.1' }\npartial: [os]"), Fact::Unknown);
    assert_eq!(revision("name: bare"), Fact::Unknown);
    assert_eq!(revision("os: { version: '10.0', revision: 3930 }"), Fact::Present(3930));
    assert_eq!(revision("os: { family: macos }"), Fact::Absent);
    assert!(is_error(&read("os: { version: ten }").0.revision()));
    assert_eq!(recorded(NT, "UBR", "reg_dword", "3930").revision(), Fact::Present(3930));
    assert!(is_error(&recorded(NT, "UBR", "reg_sz", "'3930'").revision()));
}

#[test]
fn the_revision_is_kept_in_the_registry() {
    let value = |text: &str| -> Fact<RegistryValue<'static>> {
        match host(text).registry_value(key_path(NT).borrowed(), "UBR") {
            Fact::Present(RegistryValue::Dword(number)) => Fact::Present(RegistryValue::Dword(number)),
            Fact::Absent => Fact::Absent,
            Fact::Unknown => Fact::Unknown,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(value("os: { version: '10.0', revision: 3930 }"), Fact::Present(RegistryValue::Dword(3930)));
    assert_eq!(value("os: { version: '10.0' }"), Fact::Unknown);
    assert_eq!(value("os: { version: '5.0' }"), Fact::Absent);
    let both = format!(
        "os: {{ version: '10.0', revision: 1 }}\nregistry: [{{ key: '{NT}', values: {{ UBR: {{ type: reg_dword, data: 2 }} }} }}]"
    );
    let (host, problems) = read(&both);
    assert!(is_error(&host.revision()));
    assert!(problems[0].message.contains("`os.revision` is `1`, but the registry says `2`"), "{problems:?}");
}

#[test]
fn what_is_left_out_is_none_only_where_all_its_places_are_complete() {
    for (partial, expected) in [("", true), ("partial: [os]", false), ("partial: [registry]", false)] {
        let host = host(&format!("os: {{ version: '5.0' }}\n{partial}"));
        assert_eq!(host.service_pack() == Fact::Present(0), expected, "{partial}");
        assert_eq!(host.suites() != Fact::Unknown, expected, "{partial}");
    }
}

#[test]
fn a_host_of_which_something_is_left_out_may_be_no_windows() {
    let family = |text: &str| host(text).os_family();
    assert_eq!(family("name: bare"), Fact::Present(Family::Windows));
    assert_eq!(family("partial: [os]"), Fact::Unknown);
    assert_eq!(family("os: { version: '5.0' }\npartial: [os]"), Fact::Present(Family::Windows));
    assert_eq!(family("os: { family: unix }\npartial: [os]"), Fact::Present(Family::Unix));
}

#[test]
fn a_version_that_one_value_contradicts_is_malformed() {
    let ten = |major: &str| {
        read(&format!(
            "registry: [{{ key: '{NT}', values: {{ CurrentVersion: {{ type: reg_sz, data: '6.3' }}, CurrentMajorVersionNumber: {major}, CurrentMinorVersionNumber: {{ type: reg_dword, data: 0 }} }} }}]"
        ))
        .0
        .os_version()
    };
    assert_eq!(ten("{ type: reg_dword, data: 10 }"), Fact::Present(OsVersion { major: 10, minor: 0 }));
    assert!(is_error(&ten("{ type: reg_sz, data: '10' }")));
}
