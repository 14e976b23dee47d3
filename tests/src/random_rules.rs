//! Any rules, as texts, for property tests: formulas over tests that some targets see and others
//! do not, in all the places where rules have formulas.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

/// Tests of host facts.
const TESTS: [&str; 23] = [
    "service 'Alpha' enabled",
    "service 'Alpha' installed",
    "service 'Beta' disabled",
    "registry 'HKLM\\SOFTWARE\\Acme'",
    "registry 'HKLM\\SOFTWARE\\Acme' value Mode = dword 2",
    "registry 'HKLM\\SOFTWARE\\Acme' value Mode < dword 2",
    "registry 'HKLM\\SOFTWARE\\Acme' value Name = 'Server'",
    "registry 'HKLM\\SOFTWARE\\Acme' value Name matches '^(Server|Client)$'",
    "registry 'HKLM\\SOFTWARE\\Acme' value Version < version 6.1",
    "file '%SystemRoot%\\System32\\alpha.dll' version < 5.0.2195.20",
    "file '%SystemRoot%\\System32\\beta.exe' version in 4.86..4.86.7, 4.87..4.87.9",
    "file '%SystemRoot%\\System32\\gamma.sys'",
    "file '%SystemRoot%\\System32\\gamma.sys' size < 200000",
    "file '%APPDATA%\\delta.exe' version < 2.0",
    "file '%APPDATA%\\zeta.ini'",
    "file '%ACME%\\eta.dll' version >= 3.1",
    "hotfix KB100001",
    "registry 'HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\Hotfix\\KB100001'",
    "os type server",
    "os language ja",
    "os sp 2..3",
    "os suite 'Terminal Server'",
    "undecidable 'what nobody knows'",
];
const PLATFORMS: [&str; 7] = [
    "windows-2000",
    "windows-2000 server sp 2..4",
    "windows-xp sp 0",
    "windows-xp sp 1..2",
    "windows-server-2003 ia64",
    "windows-nt-4.0 sp 6",
    "windows-7 sp 1",
];
const FILES: [&str; 4] = ["alpha.dll", "beta.exe", "gamma.sys", "epsilon.ocx"];
const FLOORS: [&str; 7] = [
    "5.0.2195.10",
    "5.0.2195.10 sp ..2, 5.0.2195.30 sp 3..",
    "5.0.2195.10 language ja, 5.0.2195.12 otherwise",
    "4.86.0.7 within 4.86..4.87, 4.87.0.9 within 4.87..4.88",
    "4.86.0.7 within 4.86..4.87 sp ..2, 4.88.0.9 within 4.88..4.89",
    "5.0.2195.10 branch gdr, 5.0.2195.15 branch qfe",
    "5.0.2195.10 architecture ia64",
];

/// A rule file with one bulletin.
pub fn rules() -> impl Strategy<Value = String> {
    (vec(vulnerability(), 1..3), vec(package(), 1..3), prop::option::of(workaround())).prop_map(
        |(vulnerabilities, packages, workaround)| {
            let head = "use std.windows\n\nbulletin RANDOM-1 {\n    title \"Random\"\n".to_owned();
            let vulnerability =
                |(body, index): (_, u32)| format!("    vulnerability CVE-2000-{index:04} {{\n{body}    }}\n");
            let package = |(body, index): (_, u32)| format!("    package \"{index}\" {{\n{body}    }}\n");
            let blocks = vulnerabilities.iter().zip(1..).map(vulnerability);
            let blocks = blocks.chain(packages.iter().zip(1..).map(package)).chain(workaround);
            std::iter::once(head).chain(blocks).chain(["}\n".to_owned()]).collect()
        },
    )
}

fn vulnerability() -> impl Strategy<Value = String> {
    let severity = prop::option::weighted(0.3, platforms());
    let exposed = prop::option::weighted(0.6, (formula(), prop::option::weighted(0.3, platforms())));
    (severity, exposed, prop::option::weighted(0.3, workaround())).prop_map(
        |(severity, exposed, workaround)| {
            let mut text = String::new();
            text.extend(severity.map(|on| format!("        severity low on {on}\n")));
            text.extend(exposed.map(|(when, on)| {
                let on = on.map(|on| format!(" on {on}")).unwrap_or_default();
                format!("        exposed when {when}{on}\n")
            }));
            text.extend(workaround);
            text
        },
    )
}

fn package() -> impl Strategy<Value = String> {
    let floors = subsequence(FILES.to_vec(), 1..=3)
        .prop_flat_map(|files| (vec(select(FLOORS.to_vec()), files.len()), Just(files)));
    let files = floors.prop_map(|(floors, files)| {
        let line = |(file, floor): (&&str, &&str)| {
            format!("        file '%SystemRoot%\\System32\\{file}' fixed in {floor}\n")
        };
        files.iter().zip(&floors).map(line).collect::<String>() + "        branches unknown\n"
    });
    let outside = prop::option::of(select(vec!["fixed", "outdated", "unknown"]));
    let files = (files, outside).prop_map(|(files, outside)| {
        files + &outside.map(|meaning| format!("        outside {meaning}\n")).unwrap_or_default()
    });
    let outdated = prop_oneof![
        5 => files,
        2 => formula().prop_map(|when| format!("        vulnerable when {when}\n")),
    ];
    (platforms(), prop::option::weighted(0.5, formula()), outdated).prop_map(|(on, requires, outdated)| {
        let requires = requires.map(|when| format!("        requires {when}\n")).unwrap_or_default();
        format!("        for {on}\n{requires}{outdated}")
    })
}

fn workaround() -> impl Strategy<Value = String> {
    formula().prop_map(|when| format!("    workaround \"Do something\" {{ when {when} }}\n"))
}

fn platforms() -> impl Strategy<Value = String> {
    subsequence(PLATFORMS.to_vec(), 1..=3).prop_map(|platforms| platforms.join(", "))
}

fn formula() -> impl Strategy<Value = String> {
    let test = select(TESTS.to_vec()).prop_map(str::to_owned);
    test.prop_recursive(3, 8, 3, |inner| {
        prop_oneof![
            vec(inner.clone(), 2..4).prop_map(|parts| format!("({})", parts.join(" and "))),
            vec(inner.clone(), 2..4).prop_map(|parts| format!("({})", parts.join(" or "))),
            inner.prop_map(|part| format!("not ({part})")),
        ]
    })
}
