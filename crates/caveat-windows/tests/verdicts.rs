//! Verdicts of a bundled rule on a made-up Windows 2000 Server.

mod support;

use caveat_eval::Outcome;
use caveat_runtime::Verdict;
use caveat_windows::ServiceState;
use std::io::ErrorKind;
use support::image::with_version;
use support::*;

const WINS: &str = r"C:\WINNT\System32\wins.exe";

/// A Windows 2000 Server, Service Pack 4, with WINS.
fn server(start: u32, version: [u16; 4]) -> Machine {
    Machine::default()
        .text(WINDOWS_NT, "CurrentVersion", "5.0")
        .text(WINDOWS_NT, "CurrentBuildNumber", "2195")
        .text(WINDOWS_NT, "CSDVersion", "Service Pack 4")
        .text(WINDOWS_NT, "SystemRoot", r"C:\WINNT")
        .text(PRODUCT_OPTIONS, "ProductType", "ServerNT")
        .text(ENVIRONMENT, "PROCESSOR_ARCHITECTURE", "x86")
        .text(LANGUAGE, "InstallLanguage", "0409")
        .number(&format!(r"{SERVICES}\WINS"), "Start", start)
        .service("WINS", ServiceState::Running)
        .file(WINS, with_version(version))
}

fn ms04_006(machine: Machine) -> Outcome {
    rules::bundled("ms04/ms04-006.caveat", &machine.host())
}

#[test]
fn an_old_file_makes_the_server_vulnerable() {
    assert_eq!(ms04_006(server(2, [5, 0, 2195, 6869])).verdict, Verdict::Vulnerable);
    assert_eq!(ms04_006(server(2, [5, 0, 2195, 6870])).verdict, Verdict::Fixed);
    assert_eq!(ms04_006(server(4, [5, 0, 2195, 6869])).verdict, Verdict::Mitigated);
    let xp = server(2, [5, 0, 2195, 6869]).text(WINDOWS_NT, "CurrentVersion", "5.1");
    assert_eq!(ms04_006(xp).verdict, Verdict::NotApplicable);
}

#[test]
fn what_may_not_be_read_leaves_the_verdict_open_and_what_is_broken_spoils_it() {
    let refused = server(2, [5, 0, 2195, 6869]).fails(WINS, ErrorKind::PermissionDenied);
    assert_eq!(ms04_006(refused).verdict, Verdict::Unknown);
    let broken = server(2, [0; 4]).file(WINS, &with_version([0; 4])[..0x410]);
    assert_eq!(ms04_006(broken).verdict, Verdict::Error);
}
