//! Versions of files: programs of both widths, and everything that is not quite one.

mod support;

use caveat_runtime::value::{FileVersion, PathRef};
use caveat_runtime::{Fact, HostFacts};
use caveat_windows::WindowsHost;
use support::Machine;
use support::image::{program, version_resource, with_version};

const VERSION: [u16; 4] = [5, 0, 2195, 6870];
const LOW: [u16; 4] = [1, 2, 3, 4];

fn version_of(file: Vec<u8>) -> Fact<FileVersion> {
    let host = Machine::default().file(r"C:\a.dll", file).host();
    host.file_version(PathRef(r"c:\A.dll"))
}

fn found(version: [u16; 4]) -> Fact<FileVersion> {
    Fact::Present(FileVersion(version))
}

#[test]
fn the_fixed_file_version_is_read_from_programs_of_both_widths() {
    for wide in [false, true] {
        let resource = version_resource(VERSION, LOW);
        assert_eq!(version_of(program(wide, &[(1, 0x409, resource)])), found(VERSION), "{wide}");
    }
    assert_eq!(version_of(with_version([u16::MAX; 4])), Fact::Present(FileVersion::MAX));
}

#[test]
fn windows_reads_resource_1_only() {
    let other = (2, 0x409, version_resource(LOW, LOW));
    assert_eq!(version_of(program(true, std::slice::from_ref(&other))), Fact::Absent);
    let first = (1, 0x409, version_resource(VERSION, LOW));
    assert_eq!(version_of(program(true, &[first, other])), found(VERSION));
}

#[test]
fn languages_have_to_agree() {
    let resource = |language, version| (1, language, version_resource(version, LOW));
    let agreeing = program(false, &[resource(0x407, VERSION), resource(0x409, VERSION)]);
    assert_eq!(version_of(agreeing), found(VERSION));
    let differing = program(false, &[resource(0x407, VERSION), resource(0x409, LOW)]);
    assert_eq!(
        version_of(differing),
        Fact::error(r"c:\A.dll: its version resource has different versions in different languages")
    );
}

#[test]
fn what_has_no_version_resource_has_no_version() {
    for file in [&b""[..], b"M", b"MZ", b"text", &[0; 4096]] {
        assert_eq!(version_of(file.to_vec()), Fact::Absent, "{file:?}");
    }
    assert_eq!(version_of(program(true, &[])), Fact::Absent);
    let mut dos = with_version(VERSION);
    dos[64..68].copy_from_slice(b"LE\0\0");
    assert_eq!(version_of(dos), Fact::Absent);
    let mut without_fixed = version_resource(VERSION, LOW);
    without_fixed[2..4].copy_from_slice(&[0, 0]);
    assert_eq!(version_of(program(true, &[(1, 0, without_fixed)])), Fact::Absent);
}

#[test]
fn a_16_bit_program_may_have_a_version() {
    let mut program = with_version(VERSION);
    program[64..68].copy_from_slice(b"NE\x05\x3c");
    assert_eq!(version_of(program), Fact::Unknown);
}

#[test]
fn a_broken_program_is_in_error_wherever_it_breaks() {
    let whole = with_version(VERSION);
    let used = 0x400 + 3 * 24 + 16 + version_resource(VERSION, LOW).len();
    for length in 68..used {
        let found = version_of(whole[..length].to_vec());
        assert!(matches!(found, Fact::Error(_)), "{length}: {found:?}");
    }
    assert_eq!(version_of(whole[..used].to_vec()), found(VERSION));
}

#[test]
fn no_change_of_one_byte_ends_the_test() {
    let whole = with_version(VERSION);
    let mut errors = 0;
    for at in 0..whole.len() {
        for byte in [0, 1, 0x7f, 0x80, 0xff] {
            let mut changed = whole.clone();
            changed[at] = byte;
            errors += usize::from(matches!(version_of(changed), Fact::Error(_)));
        }
    }
    assert!(errors > 100, "{errors}");
}

#[test]
fn little_is_read_of_a_large_file() {
    let large = (1, 0x409, [version_resource(VERSION, LOW), vec![0; 16 << 20]].concat());
    let machine = Machine::default().file(r"C:\a.dll", program(true, &[large]));
    assert_eq!(WindowsHost::of(&machine).file_version(PathRef(r"C:\a.dll")), found(VERSION));
    let read = machine.read.get();
    assert!((1..2 << 20).contains(&read), "{read} bytes");
}

#[test]
fn a_resource_without_the_mark_is_in_error() {
    for at in [6, 40, 43] {
        let mut resource = version_resource(VERSION, LOW);
        resource[at] ^= 1;
        let found = version_of(program(true, &[(1, 0, resource)]));
        assert!(matches!(found, Fact::Error(_)), "{at}: {found:?}");
    }
    let short = version_resource(VERSION, LOW)[..52].to_vec();
    assert!(matches!(version_of(program(true, &[(1, 0, short)])), Fact::Error(_)));
}

#[test]
fn too_many_languages_are_refused() {
    let resources: Vec<_> = (0..65).map(|language| (1, language, version_resource(VERSION, LOW))).collect();
    let found = version_of(program(true, &resources));
    assert_eq!(found, Fact::error(r"c:\A.dll: its version resource is in too many languages"));
    assert_eq!(version_of(program(true, &resources[1..])), self::found(VERSION));
}
