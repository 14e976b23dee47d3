//! Any rules, as texts, for property tests: formulas over tests that some targets see and others
//! do not, in all the places where rules have formulas.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use proptest::strategy::Union;

/// Tests of files, services and updates.
const THINGS: [&str; 21] = [
    "service 'Alpha' enabled",
    "service 'Alpha' installed",
    "service 'Beta' disabled",
    "service 'Beta' running",
    "service 'Größe' start manual",
    "file '%SystemRoot%\\System32\\alpha.dll' version < 5.0.2195.20",
    "file '%SystemRoot%\\System32\\alpha.dll' version != 5.0.2195.10",
    "file 'C:\\WINNT\\System32\\alpha.dll' version < 5.0.2195.20",
    "file '%SystemRoot%\\System32\\beta.exe' version in 4.86..4.86.7, 4.87..4.87.9",
    "file '%SystemRoot%\\System32\\gamma.sys'",
    "file '%SystemRoot%\\System32\\gamma.sys' size < 200000",
    "file '%windir%\\System32\\Übung.dll' version >= 1.2",
    "file '%ProgramFiles%\\Acme\\theta.dll' version < 2.0",
    "file '%CommonProgramFiles(x86)%\\Acme\\iota.dll'",
    "file 'D:\\Acme\\kappa.exe' sha1 '0123456789abcdef0123456789abcdef01234567'",
    "file '%APPDATA%\\delta.exe' version < 2.0",
    "file '%APPDATA%\\zeta.ini'",
    "file '%ACME%\\eta.dll' version >= 3.1",
    "hotfix KB100001",
    "hotfix KB100002",
    "undecidable 'what nobody knows'",
];
/// Tests of the registry.
const VALUES: [&str; 39] = [
    "registry 'HKLM\\SOFTWARE\\Acme'",
    "registry 'HKLM\\SOFTWARE\\Acme' value Mode",
    "registry 'HKLM\\SOFTWARE\\Acme' value Mode = dword 2",
    "registry 'HKLM\\SOFTWARE\\Acme' value Mode < dword 2",
    "registry 'HKLM\\SOFTWARE\\Acme' value Mode != dword 2",
    "registry 'HKLM\\SOFTWARE\\Acme' value Mode = '2'",
    "registry 'HKLM\\SOFTWARE\\Acme' value Mode has dword 2",
    "registry 'HKLM\\SOFTWARE\\Acme' value Mode has dword 0x80000001",
    "registry 'HKLM\\SOFTWARE\\Acme' value Mode = qword 2",
    "registry 'HKLM\\SOFTWARE\\Acme' value Mode >= qword 4294967297",
    "registry 'HKLM\\SOFTWARE\\Acme' value Mode has qword 0x100000000",
    "registry 'HKLM\\SOFTWARE\\Acme' value Mode type reg_dword, reg_qword",
    "registry 'HKLM\\SOFTWARE\\Acme' value Name type reg_sz, reg_link",
    "registry 'HKLM\\SOFTWARE\\Acme' value Blob type reg_none",
    "registry 'HKLM\\SOFTWARE\\Acme' value Name = 'Server'",
    "registry 'HKLM\\SOFTWARE\\Acme' value Name != 'Server'",
    "registry 'HKLM\\SOFTWARE\\Acme' value Name = 'Server' ignoring case",
    "any key 'HKLM\\SOFTWARE\\Ac*' { value Mode = dword 2; value Name = 'Server' }",
    "any key 'HKLM\\SOFTWARE\\A*' { value Name != 'Server' or value Mode >= dword 2 }",
    "any key both 'HKLM\\SOFTWARE\\A*me' { value Mode exists; star != 'Other' }",
    "registry 'HKLM\\SOFTWARE\\Acme' value Name matches '^(Server|Client)$'",
    "registry 'HKLM\\SOFTWARE\\Acme' value Version < version 6.1",
    "registry 'HKLM\\SOFTWARE\\Acme' value Version >= version 5.12",
    "registry 'HKLM\\SOFTWARE\\Acme' value Version != version 5.12.3",
    "registry 'HKLM\\SOFTWARE\\Acme' value Blob = binary '00ff'",
    "registry 'HKLM\\SOFTWARE\\Acme' value Blob matches 'ff'",
    "registry 'HKLM\\SOFTWARE\\Größe' value 'Fuß' = 'Ä'",
    "registry 32 'HKLM\\SOFTWARE\\Acme' value Mode = dword 2",
    "registry 64 'HKLM\\SOFTWARE\\Acme' value Mode = dword 2",
    "registry 32 'HKLM\\SYSTEM\\Acme'",
    "registry 32 'HKCR\\CLSID\\Acme' value ''",
    "registry 'HKLM\\SOFTWARE\\Wow6432Node\\Acme'",
    "registry 'HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion' value CSDVersion matches '[23]$'",
    "registry 'HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion' value CurrentVersion = '5.0'",
    "registry 'HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion' value SystemRoot = 'C:\\WINNT'",
    "registry 'HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion' value UBR < dword 3000",
    "registry 'HKLM\\SYSTEM\\CurrentControlSet\\Services\\Alpha' value Start < dword 4",
    "registry 'HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\Hotfix\\KB100001'",
    "registry 'HKLM\\SYSTEM\\CurrentControlSet\\Control\\ProductOptions' value ProductSuite = 'Enterprise'",
];
/// Tests of the operating system.
const SYSTEM: [&str; 10] = [
    "os type server",
    "os language ja",
    "os language pt-BR",
    "os sp 2..3",
    "os sp 0",
    "os installation server-core, nano-server",
    "os suite 'Terminal Server'",
    "os version 5.1",
    "os build ..9999",
    "os architecture x64, ia64",
];
const PLATFORMS: [&str; 13] = [
    "windows-2000",
    "windows-2000 server sp 2..4",
    "windows-xp sp 0",
    "windows-xp sp 1..2",
    "windows-server-2003 ia64",
    "windows-nt-4.0 sp 6",
    "windows-nt-4.0-tse",
    "windows-xp-x64",
    "windows-vista sp 1..",
    "windows-7 sp 1",
    "windows-7 x64",
    "windows-8.1",
    "windows-10",
];
const FILES: [&str; 5] = [
    "%SystemRoot%\\System32\\alpha.dll",
    "%SystemRoot%\\System32\\beta.exe",
    "%SystemRoot%\\System32\\gamma.sys",
    "%SystemRoot%\\System32\\epsilon.ocx",
    "%ProgramFiles%\\Acme\\theta.dll",
];
const FLOORS: [&str; 7] = [
    "5.0.2195.10",
    "5.0.2195.10 sp ..2, 5.0.2195.30 sp 3..",
    "5.0.2195.10 language ja, 5.0.2195.12 otherwise",
    "4.86.0.7 within 4.86..4.87, 4.87.0.9 within 4.87..4.88",
    "4.86.0.7 within 4.86..4.87 sp ..2, 4.88.0.9 within 4.88..4.89",
    "5.0.2195.10 branch gdr, 5.0.2195.15 branch qfe",
    "5.0.2195.10 architecture ia64",
];
const BRANCHES: [&str; 3] = ["unknown", "lowest", "highest"];
const MARKER: &str = "registry 'HKLM\\SOFTWARE\\Microsoft\\Updates\\KB100001'";

/// The platforms of rules that are tried together: a host should be of some of them.
#[derive(Debug, Clone)]
pub struct Theme(Vec<&'static str>);

/// Any theme.
pub fn theme() -> impl Strategy<Value = Theme> {
    subsequence(PLATFORMS.to_vec(), 1..=2).prop_map(Theme)
}

/// A rule file with one bulletin, whose ids tell it from those of other numbers.
pub fn rules(number: usize, theme: &Theme) -> impl Strategy<Value = String> + use<> {
    let workaround = prop::option::weighted(0.3, workaround());
    let parts = (vec(vulnerability(theme), 1..3), vec(package(theme), 1..3), workaround);
    parts.prop_map(move |(vulnerabilities, packages, workaround)| {
        let head = format!("use std.windows\n\nbulletin RANDOM-{number} {{\n    title \"Random {number}\"\n");
        let vulnerability = |(body, index): (_, usize)| {
            format!("    vulnerability CVE-2000-{:05} {{\n{body}    }}\n", number * 10 + index)
        };
        let package = |(body, index): (_, usize)| format!("    package \"{index}\" {{\n{body}    }}\n");
        let blocks = vulnerabilities.iter().zip(1..).map(vulnerability);
        let blocks = blocks.chain(packages.iter().zip(1..).map(package)).chain(workaround);
        std::iter::once(head).chain(blocks).chain(["}\n".to_owned()]).collect()
    })
}

fn vulnerability(theme: &Theme) -> impl Strategy<Value = String> + use<> {
    let severity = prop::option::weighted(0.3, platforms(theme));
    let affects = prop::option::weighted(0.1, platforms(theme));
    let exposed = prop::option::weighted(0.4, (formula(), prop::option::weighted(0.3, platforms(theme))));
    (severity, affects, exposed, prop::option::weighted(0.2, workaround())).prop_map(
        |(severity, affects, exposed, workaround)| {
            let mut text = String::new();
            text.extend(severity.map(|on| format!("        severity low on {on}\n")));
            text.extend(affects.map(|on| format!("        affects on {on}\n")));
            text.extend(exposed.map(|(when, on)| {
                let on = on.map(|on| format!(" on {on}")).unwrap_or_default();
                format!("        exposed when {when}{on}\n")
            }));
            text.extend(workaround);
            text
        },
    )
}

fn package(theme: &Theme) -> impl Strategy<Value = String> + use<> {
    let floors = subsequence(FILES.to_vec(), 1..=3)
        .prop_flat_map(|files| (vec(select(FLOORS.to_vec()), files.len()), Just(files)));
    let files = (floors, select(BRANCHES.to_vec())).prop_map(|((floors, files), branches)| {
        let line = |(file, floor): (&&str, &&str)| format!("        file '{file}' fixed in {floor}\n");
        files.iter().zip(&floors).map(line).collect::<String>() + &format!("        branches {branches}\n")
    });
    let outside = prop::option::of(select(vec!["fixed", "outdated", "unknown"]));
    let files = (files, outside).prop_map(|(files, outside)| {
        files + &outside.map(|meaning| format!("        outside {meaning}\n")).unwrap_or_default()
    });
    let unversioned = select(FILES.to_vec())
        .prop_map(|file| format!("        file '{file}' unversioned\n        marker {MARKER}\n"));
    let outdated = prop_oneof![
        6 => files,
        2 => formula().prop_map(|when| format!("        vulnerable when {when}\n")),
        1 => unversioned,
    ];
    (platforms(theme), prop::option::weighted(0.3, formula()), outdated).prop_map(
        |(on, requires, outdated)| {
            let requires = requires.map(|when| format!("        requires {when}\n")).unwrap_or_default();
            format!("        for {on}\n{requires}{outdated}")
        },
    )
}

fn workaround() -> impl Strategy<Value = String> {
    formula().prop_map(|when| format!("    workaround \"Do something\" {{ when {when} }}\n"))
}

/// Mostly those of the theme.
fn platforms(Theme(theme): &Theme) -> impl Strategy<Value = String> + use<> {
    let some = subsequence(theme.clone(), 1..=theme.len());
    let others = subsequence(PLATFORMS.to_vec(), 1..=2);
    prop_oneof![6 => Just(theme.clone()), 2 => some, 1 => others].prop_map(|platforms| platforms.join(", "))
}

fn formula() -> impl Strategy<Value = String> {
    let tests = [(5, &THINGS[..]), (5, &VALUES), (2, &SYSTEM)];
    let tests = tests.map(|(weight, tests)| (weight, select(tests.to_vec())));
    let test = Union::new_weighted(tests.to_vec()).prop_map(str::to_owned);
    test.prop_recursive(3, 8, 3, |inner| {
        prop_oneof![
            vec(inner.clone(), 2..4).prop_map(|parts| format!("({})", parts.join(" and "))),
            vec(inner.clone(), 2..4).prop_map(|parts| format!("({})", parts.join(" or "))),
            inner.prop_map(|part| format!("not ({part})")),
        ]
    })
}
