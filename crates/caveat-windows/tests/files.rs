//! Where files lie on a made-up machine, and what is asked of them besides their version.

mod support;

use std::io::ErrorKind;

use caveat_runtime::value::{Digest, PathRef};
use caveat_runtime::{Fact, HostFacts};
use support::*;

/// A machine with its system root and program folders in place.
fn machine(architecture: &str) -> Machine {
    Machine::default()
        .text(ENVIRONMENT, "PROCESSOR_ARCHITECTURE", architecture)
        .text(WINDOWS_NT, "SystemRoot", r"C:\Windows")
        .text(WINDOWS, "ProgramFilesDir", r"C:\Program Files")
}

/// The sizes of the files that the host finds at the path.
fn size(machine: Machine, path: &str) -> Fact<u64> {
    machine.host().file_size(PathRef(path))
}

#[test]
fn known_folders_are_where_the_registry_says() {
    let there = || machine("AMD64").file(r"C:\Windows\system32\wins.exe", "12345");
    for path in
        [r"%SystemRoot%\System32\wins.exe", r"%WINDIR%\system32\WINS.EXE", r"c:\windows\System32\wins.exe"]
    {
        assert_eq!(size(there(), path), Fact::Present(5), "{path}");
    }
    let misleading = machine("AMD64").variable("ProgramFiles", r"C:\Program Files (x86)");
    let tool = misleading.file(r"C:\Program Files\a.exe", "1").file(r"C:\Program Files (x86)\a.exe", "22");
    assert_eq!(size(tool, r"%ProgramFiles%\a.exe"), Fact::Present(1));
}

#[test]
fn a_folder_may_be_missing_but_not_the_system_root() {
    assert_eq!(size(machine("x86"), r"%ProgramFiles(x86)%\a.exe"), Fact::Absent);
    assert_eq!(size(Machine::default(), r"%SystemRoot%\a.exe"), Fact::Unknown);
}

#[test]
fn what_begins_with_any_variable_is_not_known() {
    let data = wide("%AcmeDrive%\\Programs\\\0");
    let machine = Machine::default().value(native(WINDOWS), "ProgramFilesDir", EXPAND_SZ, data);
    let there = machine.variable("AcmeDrive", "D:").file(r"D:\Programs\a.exe", "1");
    assert_eq!(size(there, r"%ProgramFiles%\a.exe"), Fact::Unknown);
}

#[test]
fn folders_of_the_drive_of_the_system_are_on_it() {
    const PROFILES: &str = r"SOFTWARE\Microsoft\Windows NT\CurrentVersion\ProfileList";
    let data = |text: &str| wide(&format!("{text}\0"));
    let with = |text| machine("AMD64").value(native(PROFILES), "ProgramData", EXPAND_SZ, data(text));
    let there = |text| with(text).file(r"C:\ProgramData\a.dll", "1").file(r"C:\a.dll", "22");
    for text in [r"%SystemDrive%\ProgramData", r"C:\ProgramData"] {
        assert_eq!(size(there(text), r"%ProgramData%\a.dll"), Fact::Present(1), "{text}");
    }
    assert_eq!(size(there(r"D:\ProgramData"), r"%ProgramData%\a.dll"), Fact::Absent);
    assert_eq!(size(there("C:"), r"%SystemDrive%\a.dll"), Fact::Present(2));
    assert_eq!(size(machine("AMD64"), r"%ProgramData%\a.dll"), Fact::Absent);
    assert_eq!(size(Machine::default(), r"%SystemDrive%\a.dll"), Fact::Unknown);
}

#[test]
fn variables_of_the_machine_are_those_of_its_registry() {
    let data = |value| Machine::default().text(ENVIRONMENT, "AcmeData", value).file(r"C:\Data\a.dll", "123");
    assert_eq!(size(data(r"C:\Data"), r"%acmedata%\a.dll"), Fact::Present(3));
    assert_eq!(size(data(r"C:\Data\"), r"%acmedata%\a.dll"), Fact::Present(3));
    assert_eq!(size(data(r"C:\Data"), r"%NoSuch%\a.dll"), Fact::Absent);
    for value in ["", "Data", r"\Data", "C:Data", "1:\\Data", r"%SystemRoot%\Data", r"\\"] {
        assert!(matches!(size(data(value), r"%AcmeData%\a.dll"), Fact::Error(_)), "{value}");
    }
    let share = Machine::default().text(ENVIRONMENT, "Share", r"\\server\share");
    assert_eq!(size(share.file(r"\\server\share\a.dll", "1"), r"%Share%\a.dll"), Fact::Present(1));
    let of_the_process = Machine::default().variable("AcmeData", r"C:\Data").file(r"C:\Data\a.dll", "123");
    assert_eq!(size(of_the_process, r"%AcmeData%\a.dll"), Fact::Absent);
    let number = Machine::default().number(ENVIRONMENT, "AcmeData", 1);
    assert!(matches!(size(number, r"%AcmeData%\a.dll"), Fact::Error(_)));
}

#[test]
fn variables_of_the_machine_may_begin_with_a_known_folder() {
    let at = |text: &str| {
        let data = wide(&format!("{text}\0"));
        let machine = machine("AMD64").value(native(ENVIRONMENT), "Acme", EXPAND_SZ, data);
        machine.text(ENVIRONMENT, "Other", r"C:\Other").file(r"C:\Program Files\Acme\a.dll", "12")
    };
    for text in [r"%programfiles%\Acme\", r"%SystemDrive%\Program Files\Acme", r"C:\Program Files\Acme"] {
        assert_eq!(size(at(text), r"%Acme%\a.dll"), Fact::Present(2), "{text}");
    }
    assert_eq!(size(at(r"%ProgramFiles(x86)%\Acme"), r"%Acme%\a.dll"), Fact::Absent);
    for text in [r"%Other%\Acme", r"%ProgramData%\Acme"] {
        assert_eq!(size(at(text), r"%Acme%\a.dll"), Fact::Unknown, "{text}");
    }
    assert!(matches!(size(at(r"%SystemDrive%Acme"), r"%Acme%\a.dll"), Fact::Error(_)));
}

#[test]
fn variables_of_a_user_or_process_are_those_of_the_process() {
    let data = |value| Machine::default().variable("APPDATA", value).file(r"C:\Data\a.dll", "123");
    assert_eq!(size(data(r"C:\Data"), r"%AppData%\a.dll"), Fact::Present(3));
    let of_the_machine = Machine::default().text(ENVIRONMENT, "TEMP", r"C:\Data").file(r"C:\Data\a.dll", "1");
    assert_eq!(size(of_the_machine, r"%TEMP%\a.dll"), Fact::Absent);
}

#[test]
fn a_32_bit_process_finds_the_real_system_files() {
    let both = |architecture| {
        let machine = machine(architecture).narrow().file(r"C:\Windows\Sysnative\a.dll", "native");
        machine.file(r"C:\Windows\System32\a.dll", "32").file(r"C:\Windows\System32x\b.dll", "1")
    };
    for path in [r"%SystemRoot%\System32\a.dll", r"C:\WINDOWS\SYSTEM32\a.dll"] {
        assert_eq!(size(both("AMD64"), path), Fact::Present(6), "{path}");
        assert_eq!(size(both("ARM64"), path), Fact::Present(6), "{path}");
        assert_eq!(size(both("x86"), path), Fact::Present(2), "{path}");
    }
    assert_eq!(size(both("AMD64"), r"%SystemRoot%\System32x\b.dll"), Fact::Present(1));
}

#[test]
fn what_windows_hides_from_a_32_bit_process_is_unknown() {
    let there = |architecture| {
        let machine = machine(architecture).narrow();
        machine.file(r"C:\Windows\regedit.exe", "1").file(r"C:\Windows\lastgood\system32\a", "1")
    };
    for path in [r"%SystemRoot%\regedit.exe", r"%SystemRoot%\LastGood\System32\a"] {
        assert_eq!(size(there("AMD64"), path), Fact::Unknown, "{path}");
        assert_eq!(size(there("x86"), path), Fact::Present(1), "{path}");
    }
    let unknown = Machine::default().narrow().text(WINDOWS_NT, "SystemRoot", r"C:\Windows");
    let unknown = unknown.file(r"C:\Windows\System32\a.dll", "1");
    assert_eq!(size(unknown, r"%SystemRoot%\System32\a.dll"), Fact::Unknown);
}

#[test]
fn digests_are_of_the_whole_file() {
    let data = vec![b'a'; 1_000_000];
    let host = Machine::default().file(r"C:\a", data).file(r"C:\empty", "").host();
    let digest = |path, algorithm| host.file_digest(PathRef(path), algorithm).present().unwrap().into_owned();
    // FIPS 180-2, appendix B.3 and A.3; RFC 1321 for the empty text.
    let sha256 = "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0";
    assert_eq!(digest(r"C:\a", Digest::Sha256), sha256);
    assert_eq!(digest(r"C:\a", Digest::Sha1), "34aa973cd4c4daa4f61eeb2bdbad27316534016f");
    assert_eq!(digest(r"C:\empty", Digest::Md5), "d41d8cd98f00b204e9800998ecf8427e");
}

#[test]
fn files_that_may_not_be_opened_are_there_all_the_same() {
    let machine =
        Machine::default().file(r"C:\a", "1").fails(r"C:\a", ErrorKind::ResourceBusy).folder(r"C:\d");
    let host = machine.host();
    assert_eq!(host.file(PathRef(r"C:\a")), Fact::Present(()));
    assert_eq!(host.file_version(PathRef(r"C:\a")), Fact::Unknown);
    assert_eq!(host.file_digest(PathRef(r"C:\a"), Digest::Md5), Fact::Unknown);
    assert_eq!(host.file_version(PathRef(r"C:\d")), Fact::Absent);
    assert_eq!(host.file_version(PathRef(r"C:\none")), Fact::Absent);
    assert_eq!(host.file_digest(PathRef(r"C:\none"), Digest::Md5), Fact::Absent);
}
