//! The text as YARA-X's formatter has it, and what it says of files that no version tells.

use std::fs;

use caveat_tests::library::bundled;
use caveat_tests::yara::emitted::bundle;
use caveat_tests::yara::engine::formatted;
use caveat_tests::yara::pe::{AMD64, I386, Pe};
use sha2::Digest as _;
use tempfile::TempDir;

use crate::{NESTED, alone, matched};

#[test]
fn the_formatter_of_yara_x_changes_nothing() {
    let texts = [
        NESTED,
        KERNEL,
        include_str!("../sigma/lines.caveat"),
        include_str!("../sigma/names.caveat"),
        include_str!("../sigma/kinds.caveat"),
    ];
    for rules in texts.into_iter().map(alone).chain([bundled()]) {
        for identity in ["resource", "filename", "either"] {
            let text = bundle(&rules, identity);
            if text.is_empty() {
                // Names beyond ASCII are told by the name of the file only.
                assert_eq!(identity, "resource");
                continue;
            }
            let Some(formatted) = formatted(&text) else { return };
            let differ = text.lines().zip(formatted.lines()).find(|(ours, theirs)| ours != theirs);
            assert_eq!(differ, None, "{identity}");
            assert!(text == formatted, "{identity}: one has more lines");
        }
    }
}

/// The digest of nothing.
const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// A kernel whose versions tell it, another whose digest does.
const KERNEL: &str = r#"use std.windows

bulletin MS99-105 {
    title     "Kernel counts clocks backwards"
    published 2024-03-12
    severity  important
    reference "https://example.org/ms99-105"
    vulnerability CVE-2099-1050 { severity important }

    package "Windows 11" {
        for  windows-11 23h2 x64
        file '%SystemRoot%\System32\ntoskrnl.exe' fixed in 10.0.22621.3737
    }
    package "Clock" {
        for windows-11
        vulnerable when any of {
            file 'C:\Clock\clock.bin' sha256 "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
            registry 'HKLM\SOFTWARE\Clock' value Counts = "backwards"
        }
    }
}
"#;

#[test]
fn kernels_and_digests_are_found_under_any_name() {
    let clock = b"tick tock";
    let digest: String = sha2::Sha256::digest(clock).iter().map(|byte| format!("{byte:02X}")).collect();
    let text = bundle(&alone(&KERNEL.replace(EMPTY, &digest)), "resource");
    let folder = TempDir::new().unwrap();
    let write = |name: &str, bytes: &[u8]| fs::write(folder.path().join(name), bytes).unwrap();
    for (name, version) in
        [("ntkrnlmp.exe", "old"), ("ntoskrnl.exe", "old"), ("ntkrnlmp.exe", "new"), ("a.exe", "old")]
    {
        let number = if version == "old" { "10.0.22621.3736" } else { "10.0.22621.3737" };
        let pe = Pe::new(AMD64, name, number.parse().unwrap());
        write(&format!("{name} {version}"), &pe.bytes());
    }
    write("ntkrnlmp.exe narrow", &Pe::new(I386, "ntkrnlmp.exe", "1.0".parse().unwrap()).bytes());
    write("renamed.txt", clock);
    write("clock.bin", b"tick  tock");
    write("empty", b"");
    let Some(found) = matched(&text, None, folder.path()) else { return };
    let files: Vec<&str> = found.iter().map(|(file, _)| file.as_str()).collect();
    assert_eq!(files, ["ntkrnlmp.exe old", "ntoskrnl.exe old", "renamed.txt"]);
}
