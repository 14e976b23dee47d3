//! The machine that the tests run on, which has to be a Windows: what other programs put into it,
//! or say of it, is what the host sees.
//!
//! Tests that write into the registry or create services are ignored unless asked for. They need
//! administrator rights, and remove what they made.
#![cfg(windows)]
#![allow(clippy::expect_used, reason = "a helper of a test ends the test")]

mod support;

use std::os::windows::fs::OpenOptionsExt;
use std::path::PathBuf;
use std::process::Command;

use caveat_runtime::value::{Architecture, Digest, FileVersion, Hive, Kb, KeyRef, PathRef, StartType, View};
use caveat_runtime::{Fact, HostFacts, RegistryValue, Verdict};
use caveat_windows::LiveHost;
use support::image::{program, version_resource};

/// What a program of Windows prints; its failure is the test's.
fn output(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output().expect("the program starts");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{program} {arguments:?}: {text}");
    text
}

/// A registry key that lasts as long as the test, in both views.
struct Key(String);

impl Key {
    fn new(name: &str) -> Self {
        let key = Self(format!(r"SOFTWARE\Caveat test {name}"));
        key.remove();
        key
    }

    fn long(&self) -> String {
        format!(r"HKLM\{}", self.0)
    }

    fn add(&self, view: &str, name: &str, kind: &str, data: &str) {
        let view = format!("/reg:{view}");
        output("reg", &["add", &self.long(), "/v", name, "/t", kind, "/d", data, "/f", &view]);
    }

    fn seen(&self, view: Option<View>) -> KeyRef<'_> {
        KeyRef { hive: Hive::LocalMachine, key: &self.0, view }
    }

    fn remove(&self) {
        for view in ["/reg:32", "/reg:64"] {
            let _ = Command::new("reg").args(["delete", &self.long(), "/f", view]).output();
        }
    }
}

impl Drop for Key {
    fn drop(&mut self) {
        self.remove();
    }
}

/// A file that lasts as long as the test.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str, data: &[u8]) -> Self {
        let path = std::env::temp_dir().join(format!("caveat-{}-{name}", std::process::id()));
        std::fs::write(&path, data).expect("the folder for temporary files can be written to");
        Self(path)
    }

    fn path(&self) -> &str {
        self.0.to_str().expect("a path that is Unicode")
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

#[test]
#[ignore = "writes into the registry"]
fn values_are_what_reg_wrote() {
    let key = Key::new("types");
    key.add("64", "Text", "REG_SZ", "10.0.19041.1");
    key.add("64", "Umlaut", "REG_SZ", "Tür");
    key.add("64", "Expand", "REG_EXPAND_SZ", r"%SystemRoot%\x");
    key.add("64", "Number", "REG_DWORD", "4294967295");
    key.add("64", "Many", "REG_MULTI_SZ", r"one\0two");
    key.add("64", "Bytes", "REG_BINARY", "00FFab");
    key.add("64", "", "REG_SZ", "default");
    let host = LiveHost::new();
    let value = |name| host.registry_value(key.seen(None), name);
    let strings = vec!["one".to_owned(), "two".to_owned()];
    assert_eq!(value("Text"), Fact::Present(RegistryValue::Text("10.0.19041.1".into())));
    assert_eq!(value("umlaut"), Fact::Present(RegistryValue::Text("Tür".into())));
    assert_eq!(value("Expand"), Fact::Present(RegistryValue::ExpandText(r"%SystemRoot%\x".into())));
    assert_eq!(value("Number"), Fact::Present(RegistryValue::Dword(u32::MAX)));
    assert_eq!(value("Many"), Fact::Present(RegistryValue::Multi(strings.into())));
    assert_eq!(value("Bytes"), Fact::Present(RegistryValue::Binary("00ffab".into())));
    assert_eq!(value(""), Fact::Present(RegistryValue::Text("default".into())));
    assert_eq!(value("Missing"), Fact::Absent);
}

#[test]
#[ignore = "writes into the registry"]
fn views_are_kept_apart() {
    let both = Key::new("views");
    both.add("32", "Where", "REG_SZ", "32");
    both.add("64", "Where", "REG_SZ", "64");
    let narrow = Key::new("narrow");
    narrow.add("32", "Where", "REG_SZ", "32");
    let host = LiveHost::new();
    let text = |text: &'static str| Fact::Present(RegistryValue::Text(text.into()));
    assert_eq!(host.registry_value(both.seen(None), "Where"), text("64"));
    assert_eq!(host.registry_value(both.seen(Some(View::Bits64)), "Where"), text("64"));
    assert_eq!(host.registry_value(both.seen(Some(View::Bits32)), "Where"), text("32"));
    assert_eq!(host.registry_key(narrow.seen(Some(View::Bits32))), Fact::Present(()));
    assert_eq!(host.registry_key(narrow.seen(None)), Fact::Absent);
    assert_eq!(host.registry_value(narrow.seen(None), "Where"), Fact::Absent);
}

#[test]
#[ignore = "writes into the registry"]
fn the_first_answer_stays() {
    let key = Key::new("first");
    let host = LiveHost::new();
    assert_eq!(host.registry_key(key.seen(None)), Fact::Absent);
    key.add("64", "v", "REG_DWORD", "1");
    assert_eq!(host.registry_key(key.seen(None)), Fact::Absent);
    assert_eq!(LiveHost::new().registry_key(key.seen(None)), Fact::Present(()));
}

#[test]
fn every_hive_can_be_looked_into() {
    let host = LiveHost::new();
    for hive in Hive::ALL {
        let key = |key| KeyRef { hive, key, view: None };
        assert_eq!(host.registry_key(key("")), Fact::Present(()), "{hive:?}");
        assert_eq!(host.registry_key(key(r"Caveat\no such key")), Fact::Absent, "{hive:?}");
    }
}

/// What a script prints that is called so.
fn script(name: &str, source: &str, arguments: &[&str]) -> String {
    let script = Scratch::new(name, source.as_bytes());
    let arguments: Vec<&str> =
        ["//nologo", script.path()].into_iter().chain(arguments.iter().copied()).collect();
    output("cscript", &arguments).trim().to_owned()
}

/// What Windows itself says the version of a file is.
fn version_by_script(path: &str) -> String {
    let source =
        "WScript.Echo CreateObject(\"Scripting.FileSystemObject\").GetFileVersion(WScript.Arguments(0))";
    script("version.vbs", source, &[path])
}

#[test]
fn versions_are_those_that_windows_reads() {
    let host = LiveHost::new();
    let version = |path: &str| host.file_version(PathRef(path)).map(|version| version.to_string());
    for wide in [false, true] {
        let resource = version_resource([6, 1, 7601, 65535], [1, 2, 3, 4]);
        let file = Scratch::new(&format!("{wide}.dll"), &program(wide, &[(1, 0x409, resource)]));
        assert_eq!(version(file.path()), Fact::Present("6.1.7601.65535".to_owned()));
        assert_eq!(version_by_script(file.path()), "6.1.7601.65535");
    }
    let kernel = version(r"%SystemRoot%\System32\kernel32.dll");
    let root = std::env::var("SystemRoot").expect("Windows has a root");
    assert_eq!(kernel, Fact::Present(version_by_script(&format!(r"{root}\System32\kernel32.dll"))));
}

#[test]
fn files_are_found_through_their_variables() {
    let file = Scratch::new("abc", b"abc");
    let name = file.0.file_name().and_then(|name| name.to_str()).expect("a file has a name");
    let path = format!(r"%TEMP%\{name}");
    let path = PathRef(&path);
    let host = LiveHost::new();
    assert_eq!(host.file(path), Fact::Present(()));
    assert_eq!(host.file_size(path), Fact::Present(3));
    assert_eq!(host.file_version(path), Fact::Absent);
    let digest = |algorithm| host.file_digest(path, algorithm).present().expect("it can be read");
    assert_eq!(digest(Digest::Md5), "900150983cd24fb0d6963f7d28e17f72");
    assert_eq!(digest(Digest::Sha1), "a9993e364706816aba3e25717850c26c9cd0d89d");
    assert_eq!(digest(Digest::Sha256), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

#[test]
fn missing_files_are_absent_and_a_folder_is_no_file() {
    let host = LiveHost::new();
    let paths = [
        r"%SystemRoot%\System32\caveat-none.dll",
        r"%SystemRoot%\caveat-none\a.dll",
        r"%SystemRoot%\win.ini\below-a-file.dll",
        r"%CAVEAT_NO_SUCH_VARIABLE%\a.dll",
        r"%SystemRoot%\System32",
        r"%SystemRoot%\a|b?.dll",
    ];
    for path in paths {
        assert_eq!(host.file(PathRef(path)), Fact::Absent, "{path}");
        assert_eq!(host.file_version(PathRef(path)), Fact::Absent, "{path}");
        assert_eq!(host.file_digest(PathRef(path), Digest::Sha1), Fact::Absent, "{path}");
    }
}

#[test]
fn a_file_that_another_program_keeps_for_itself_is_there_but_not_known() {
    let file = Scratch::new("locked.dll", &program(true, &[(1, 0, version_resource([1; 4], [1; 4]))]));
    let lock = std::fs::OpenOptions::new().read(true).share_mode(0).open(&file.0).expect("it can be opened");
    let host = LiveHost::new();
    assert_eq!(host.file_size(PathRef(file.path())).map(|size| size > 0), Fact::Present(true));
    assert_eq!(host.file_version(PathRef(file.path())), Fact::Unknown);
    drop(lock);
    assert_eq!(LiveHost::new().file_version(PathRef(file.path())), Fact::Present(FileVersion([1; 4])));
}

#[test]
fn services_are_what_their_manager_says() {
    let host = LiveHost::new();
    let listed = output("sc", &["query", "PlugPlay"]);
    assert_eq!(host.service_running("plugplay"), Fact::Present(listed.contains("RUNNING")), "{listed}");
    assert_eq!(host.service("PlugPlay"), Fact::Present(()));
    assert!(matches!(host.service_start("PlugPlay"), Fact::Present(_)));
    assert_eq!(host.service("Caveat no such service"), Fact::Absent);
    assert_eq!(host.service_start("Caveat no such service"), Fact::Absent);
    assert_eq!(host.service_running("Caveat no such service"), Fact::Absent);
}

#[test]
#[ignore = "creates a service"]
fn a_disabled_service_is_there_and_stopped() {
    let name = "CaveatTestService";
    output("sc", &["create", name, "binPath=", r"C:\none.exe", "start=", "disabled"]);
    let host = LiveHost::new();
    let (there, start, runs) = (host.service(name), host.service_start(name), host.service_running(name));
    output("sc", &["delete", name]);
    assert_eq!(there, Fact::Present(()));
    assert_eq!(start, Fact::Present(StartType::Disabled));
    assert_eq!(runs, Fact::Present(false));
}

const UPDATES: &str = r#"
For Each update In GetObject("winmgmts:root\cimv2").ExecQuery("SELECT HotFixID FROM Win32_QuickFixEngineering")
    WScript.Echo update.HotFixID
Next
"#;

#[test]
fn updates_are_what_windows_lists() {
    let said = script("updates.vbs", UPDATES, &[]);
    let articles: Vec<Kb> = said.lines().filter_map(Kb::of_update).collect();
    let host = LiveHost::new();
    assert!(!articles.is_empty(), "{said}");
    for kb in articles {
        assert_eq!(host.hotfix(kb), Fact::Present(()), "{kb}");
        // A process sets its security once; a second connection has to do with what is there.
        assert_eq!(LiveHost::new().hotfix(kb), Fact::Present(()), "{kb}");
    }
    assert_eq!(host.hotfix(Kb(1)), Fact::Absent);
}

#[test]
fn the_operating_system_is_what_windows_says() {
    let host = LiveHost::new();
    let said = output("cmd", &["/c", "ver"]);
    let version = host.os_version().present().expect("every Windows has one");
    let build = host.build().present().expect("every Windows has one");
    assert!(said.contains(&format!("{version}.{build}")), "{version}.{build}: {said}");
    assert!(host.product_type().present().is_some());
    assert!(host.service_pack().present().is_some());
    assert!(host.suites().present().is_some());
    assert!(host.language().present().is_some(), "{:?}", host.language());
    let native = host.architecture().present().expect("every Windows has one");
    let named = |name: &str| std::env::var(name).ok();
    let said = named("PROCESSOR_ARCHITEW6432").or_else(|| named("PROCESSOR_ARCHITECTURE"));
    assert_eq!(said.as_deref(), Some(native.processor_name()));
    assert!(cfg!(target_pointer_width = "32") || native != Architecture::X86);
    assert!(host.name().eq_ignore_ascii_case(&named("COMPUTERNAME").expect("every Windows has a name")));
}

/// A rule about whatever Windows this is, and a file in the folder for temporary files.
const RULE: &str = r#"
platform this {
    title "This Windows"
    when  registry 'HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion' value SystemRoot exists
}
bulletin MS99-001 {
    title "A test"
    published 1999-01-01
    vulnerability CVE-1999-0001 { severity low }
    package "This" { for this; file '%TEMP%\FILE' fixed in 6.1.7601.2 }
}
"#;

#[test]
fn rules_have_verdicts_on_this_machine() {
    for (revision, verdict) in [(1, Verdict::Vulnerable), (2, Verdict::Fixed)] {
        let resource = version_resource([6, 1, 7601, revision], [0; 4]);
        let file = Scratch::new(&format!("{revision}.dll"), &program(true, &[(1, 0x409, resource)]));
        let name = file.0.file_name().and_then(|name| name.to_str()).expect("a file has a name");
        let outcome = support::rules::outcome(&RULE.replace("FILE", name), &LiveHost::new());
        assert_eq!(outcome.verdict, verdict);
    }
}
