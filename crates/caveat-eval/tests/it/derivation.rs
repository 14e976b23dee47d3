//! Derivations: what they look like, and that they agree with the verdicts.

use caveat_eval::{Derivation, Evaluator};

use crate::rules::{checked, read, wins};

const HOST: &str = r"
os: { platform: windows-2000, edition: server, service_pack: 4 }
environment: { SystemRoot: 'C:\WINNT' }
files: [{ path: 'C:\WINNT\System32\wins.exe', version: 5.0.2195.6601 }]
services: [{ name: WINS }]
";

fn derivations(host: &str) -> Vec<Derivation> {
    let checked = checked(vec![wins()]);
    let id = checked.rules().bulletins[0].id.clone();
    Evaluator::new(&checked).derivations(&id, &read(host).0)
}

fn shown(host: &str) -> String {
    derivations(host).iter().map(ToString::to_string).collect()
}

#[test]
fn a_derivation_reads_as_a_tree() {
    let expected = r#"unknown: vulnerable to CVE-2003-0825, package "Windows 2000 Server"
├─ true: applicable: the platform
│  └─ true: the host is windows-2000 server, service pack 2 to 4
│     ├─ true: the host is windows-2000 server
│     │  ├─ true: the Windows NT version is 5.0 [is 5.0]
│     │  ├─ true: the build of Windows is 2195 [is 2195]
│     │  ├─ true: the product type is server or domain-controller [is server]
│     │  └─ true: the architecture is x86 [is x86]
│     └─ true: the service pack is 2 to 4 [is 4]
├─ true: outdated, at least one of these
│  └─ true: the version of %SystemRoot%\System32\wins.exe is less than 5.0.2195.6870 [is 5.0.2195.6601]
└─ unknown: exposed
   └─ unknown: service WINS is enabled [not known]
"#;
    assert_eq!(shown(HOST), expected);
}

#[test]
fn a_host_of_another_platform_needs_no_more_words() {
    let expected = r#"false: vulnerable to CVE-2003-0825, package "Windows 2000 Server"
└─ false: applicable: the platform
   └─ false: the host is windows-2000 server, service pack 2 to 4
      ├─ false: the host is windows-2000 server
      │  └─ false: the Windows NT version is 5.0 [is 5.2]
      └─ false: the service pack is 2 to 4 [is 0]
"#;
    let other = "os: { platform: windows-server-2003, architecture: x86, product_type: server, build: 2195 }";
    assert_eq!(shown(other), expected);
}

#[test]
fn hosts_cannot_steer_the_terminal() {
    let host = HOST.replace("version: 5.0.2195.6601", "version: \"\\e[2J\"");
    let shown = shown(&host);
    assert!(shown.contains(r"malformed: `\u{1b}[2J` is not a version"), "{shown}");
    assert!(!shown.contains('\u{1b}'));
}
