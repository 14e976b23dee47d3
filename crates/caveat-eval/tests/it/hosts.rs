//! How hosts are made of host files.

use caveat_eval::{Fact, HostFacts, ProblemKind, Suites};
use caveat_ir::value::{Architecture, Digest, FileVersion, Kb, PathRef, ProductType, StartType};

use crate::rules::{host, problem, read};

#[test]
fn facts_left_out_are_unknown_but_service_pack_and_suites() {
    let host = host("name: bare");
    assert_eq!(host.os_version(), Fact::Unknown);
    assert_eq!(host.build(), Fact::Unknown);
    assert_eq!(host.product_type(), Fact::Unknown);
    assert_eq!(host.architecture(), Fact::Unknown);
    assert_eq!(host.language(), Fact::Unknown);
    assert_eq!(host.service_pack(), Fact::Present(0));
    assert_eq!(host.suites(), Fact::Present(Suites::default()));
}

#[test]
fn a_partial_os_leaves_service_pack_and_suites_unknown() {
    let host = host("partial: [os]");
    assert_eq!(host.service_pack(), Fact::Unknown);
    assert_eq!(host.suites(), Fact::Unknown);
}

#[test]
fn what_is_not_listed_is_absent_unless_partial() {
    let path = PathRef(r"C:\a.dll");
    let complete = host("name: complete");
    assert_eq!(complete.file(path), Fact::Absent);
    assert_eq!(complete.service("x"), Fact::Absent);
    assert_eq!(complete.hotfix(Kb(1)), Fact::Absent);
    let partial = host("partial: [files, services, hotfixes]");
    assert_eq!(partial.file(path), Fact::Unknown);
    assert_eq!(partial.service("x"), Fact::Unknown);
    assert_eq!(partial.hotfix(Kb(1)), Fact::Unknown);
}

#[test]
fn a_platform_fills_in_what_it_implies() {
    let host = host("os: { platform: windows-2000, edition: small-business }");
    assert_eq!(host.os_version(), Fact::Present("5.0".parse().unwrap()));
    assert_eq!(host.build(), Fact::Present(2195));
    assert_eq!(host.service_pack(), Fact::Present(4));
    assert_eq!(host.product_type(), Fact::Present(ProductType::Server));
    assert_eq!(host.architecture(), Fact::Present(Architecture::X86));
    assert_eq!(host.suites().map(|fact| fact.to_string()), Fact::Present("\"Small Business\"".to_owned()));
    assert_eq!(host.language(), Fact::Unknown);
}

#[test]
fn given_facts_win_over_the_platform() {
    let host = host("os: { platform: windows-2000, edition: server, product_type: domain-controller }");
    assert_eq!(host.product_type(), Fact::Present(ProductType::DomainController));
    let (host, problems) = read("os: { platform: windows-2000, version: '5.2' }");
    assert_eq!(host.os_version(), Fact::Present("5.2".parse().unwrap()));
    assert_eq!(
        problems[0].to_string(),
        "`os.version`: `os.platform` cannot have `5.2` as its version (leave one of the two out, or mend it)"
    );
    assert_eq!(problems[0].kind, ProblemKind::Host);
}

#[test]
fn unknown_platforms_and_editions_get_a_suggestion() {
    assert_eq!(
        problem("os: { platform: windows-200 }"),
        "`os.platform`: there is no platform `windows-200` (did you mean `windows-2000`?)"
    );
    assert_eq!(
        problem("os: { platform: windows-2000, edition: sever }"),
        "`os.edition`: there is no edition `sever` (did you mean `server`?)"
    );
    assert_eq!(
        problem("os: { edition: server }"),
        "`os.edition`: the edition `server` has no platform (name the platform as `platform`)"
    );
}

#[test]
fn malformed_os_facts_are_errors() {
    for (yaml, path, message) in [
        ("version: 5.0", "os.version", "`5` was read as a number, not as text"),
        ("version: fifth", "os.version", "`fifth` is not the version of an operating system"),
        ("build: -1", "os.build", "`-1` is not a number that can stand here"),
        ("service_pack: four", "os.service_pack", "`four` is not a service pack"),
        ("product_type: desktop", "os.product_type", "`desktop` is not a product type"),
        ("architecture: true", "os.architecture", "`true` was read as a truth value, not as text"),
        ("language: klingon", "os.language", "`klingon` is not a language that Windows is known in"),
    ] {
        let (_, problems) = read(&format!("os: {{ {yaml} }}"));
        assert_eq!((problems[0].path.as_str(), problems[0].message.as_str()), (path, message));
        assert_eq!(problems[0].kind, ProblemKind::Fact);
        assert!(problems[0].help.is_some(), "{yaml}");
    }
    let (host, _) = read("os: { version: 5.0, language: klingon }");
    assert!(matches!(host.os_version(), Fact::Error(_)));
    assert!(matches!(host.language(), Fact::Error(_)));
}

#[test]
fn service_pack_6a_is_6_and_languages_get_a_region() {
    let host = host("os: { service_pack: 6a, language: ja }");
    assert_eq!(host.service_pack(), Fact::Present(6));
    assert_eq!(host.language().map(|fact| fact.to_string()), Fact::Present("ja-JP".to_owned()));
}

#[test]
fn paths_resolve_through_the_environment() {
    let host = host(
        r"
environment: { windir: 'C:\WINNT\', ProgramFiles: '%SystemDrive%\Program Files', SystemDrive: 'C:' }
files: [{ path: '%SystemRoot%\System32\A.dll', version: 1.2 x }, { path: 'c:\winnt\b.dll' }]"
            .replace("1.2 x", "'1.2'")
            .as_str(),
    );
    let version = |path: &str| host.file_version(PathRef(path));
    let found = Fact::Present("1.2".parse::<FileVersion>().unwrap());
    for path in [r"C:\winnt\system32\a.DLL", r"%windir%\System32\a.dll", r"%SYSTEMROOT%\System32\a.dll"] {
        assert_eq!(version(path), found, "{path}");
    }
    assert_eq!(version(r"%SystemRoot%\b.dll"), Fact::Absent);
    assert_eq!(version(r"%ProgramFiles%\b.dll"), Fact::Absent);
    assert_eq!(version(r"%Undefined%\b.dll"), Fact::Absent);
}

#[test]
fn folders_that_a_windows_has_are_not_known_when_they_are_not_stated() {
    let file = |text: &str, path: &str| host(text).file(PathRef(path));
    let narrow = r"%ProgramFiles(x86)%\a.dll";
    for path in [r"%SystemRoot%\a.dll", r"%ProgramFiles%\a.dll", r"%CommonProgramFiles%\a.dll", narrow] {
        assert_eq!(file("name: bare", path), Fact::Unknown, "{path}");
        assert_eq!(file("os: { architecture: x64 }", path), Fact::Unknown, "{path}");
        assert_eq!(file("os: { family: macos }", path), Fact::Absent, "{path}");
    }
    assert_eq!(file("os: { architecture: x86 }", narrow), Fact::Absent);
    assert_eq!(file("os: { architecture: arm }", narrow), Fact::Absent);
    for partial in ["environment", "registry"] {
        assert_eq!(
            file(&format!("os: {{ architecture: x86 }}\npartial: [{partial}]"), narrow),
            Fact::Unknown
        );
    }
    assert_eq!(file("partial: []", r"%Undefined%\a.dll"), Fact::Absent);
    assert_eq!(file("partial: [environment]", r"%Undefined%\a.dll"), Fact::Unknown);
}

#[test]
fn an_undefined_variable_is_found_under_its_own_name() {
    let host = host(r"files: [{ path: '%SystemRoot%\a.dll', version: 1.2.3 }]");
    assert!(matches!(host.file(PathRef(r"%windir%\A.dll")), Fact::Present(())));
    assert_eq!(host.file(PathRef(r"%windir%\b.dll")), Fact::Unknown);
    assert_eq!(host.file(PathRef(r"C:\WINDOWS\a.dll")), Fact::Absent);
}

#[test]
fn malformed_and_contradictory_variables_spoil_their_paths() {
    let path = PathRef(r"%SystemRoot%\a.dll");
    let (host, problems) = read("environment: { SystemRoot: WINNT }");
    assert_eq!(
        problems[0].to_string(),
        r"`environment.SystemRoot`: `WINNT` is not a folder (write a path such as `C:\WINNT`)"
    );
    assert!(matches!(host.file(path), Fact::Error(_)));
    let (host, problems) = read(r"environment: { SystemRoot: 'C:\A', windir: 'C:\B' }");
    assert_eq!(problems[0].kind, ProblemKind::Host);
    assert!(matches!(host.file(path), Fact::Error(_)));
}

#[test]
fn a_file_without_a_version_has_none_if_the_list_is_complete() {
    let path = PathRef(r"C:\a.dll");
    let version = |yaml: &str| host(yaml).file_version(path);
    assert_eq!(version(r"files: [{ path: 'C:\a.dll' }]"), Fact::Absent);
    assert_eq!(version("partial: [files]\nfiles: [{ path: 'C:\\a.dll' }]"), Fact::Unknown);
    let host = host(r"files: [{ path: 'C:\a.dll', size: 10 }]");
    assert_eq!(host.file_size(path), Fact::Present(10));
    assert_eq!(host.file_digest(path, Digest::Md5), Fact::Unknown);
}

#[test]
fn a_malformed_file_is_an_error_as_a_whole() {
    for (field, path) in [
        ("version: 5.1", "files[0].version"),
        ("version: 5.x", "files[0].version"),
        ("size: big", "files[0].size"),
        ("md5: abc", "files[0].md5"),
        ("sha256: 1", "files[0].sha256"),
    ] {
        let (host, problems) = read(&format!(r"files: [{{ path: 'C:\a.dll', {field} }}]"));
        assert_eq!(problems[0].path, path);
        assert!(matches!(host.file(PathRef(r"C:\a.dll")), Fact::Error(_)), "{field}");
    }
    assert_eq!(
        problem("files: [{ path: a.dll }]"),
        r"`files[0].path`: `a.dll` does not say where it begins (begin with a drive (`C:\`) or an environment variable (`%SystemRoot%\`))"
    );
}

#[test]
fn the_same_file_twice_is_an_error_if_it_differs() {
    let twice = |second: &str| {
        read(&format!(
            r"files: [{{ path: 'C:\a.dll', version: 1.0.0 }}, {{ path: 'c:\A.DLL', version: {second} }}]"
        ))
    };
    assert_eq!(twice("1.0.0.0").1, []);
    let (host, problems) = twice("1.0.1");
    assert_eq!(problems[0].message, r"the file `c:\A.DLL` is listed twice, with different facts");
    assert!(matches!(host.file(PathRef(r"C:\a.dll")), Fact::Error(_)));
}

#[test]
fn services_have_a_start_type_and_a_state() {
    let host = host("services: [{ name: WINS, start: manual, state: stopped }, { name: Bare }]");
    let facts = |name| (host.service(name), host.service_start(name), host.service_running(name));
    let there = Fact::Present(());
    assert_eq!(facts("wins"), (there.clone(), Fact::Present(StartType::Manual), Fact::Present(false)));
    assert_eq!(facts("bare"), (there, Fact::Unknown, Fact::Unknown));
    assert_eq!(facts("other"), (Fact::Absent, Fact::Absent, Fact::Absent));
}

#[test]
fn malformed_and_repeated_services_are_errors() {
    for services in [
        "{ name: W, start: sometimes }",
        "{ name: W, state: tired }",
        "{ name: W, start: manual }, { name: w }",
    ] {
        let (host, problems) = read(&format!("services: [{services}]"));
        assert_eq!(problems.len(), 1, "{services}");
        assert!(matches!(host.service("W"), Fact::Error(_)), "{services}");
    }
}

#[test]
fn updates_are_told_by_the_article_in_their_names() {
    let names = ["KB2536276", "kb2536276-IE8", "KB2536276 - Update", "Q2536276", "2536276", "KB2536276v2"];
    for name in names {
        let host = host(&format!("hotfixes: ['{name}']"));
        assert_eq!(host.hotfix(Kb(2_536_276)), Fact::Present(()), "{name}");
        assert_eq!(host.hotfix(Kb(253_627)), Fact::Absent, "{name}");
    }
    let others = ["KB25362760", "KB02536276", "KB 2536276", "M2536276", "KBQ2536276", "File 1", "KB", ""];
    for name in others {
        assert_eq!(host(&format!("hotfixes: ['{name}']")).hotfix(Kb(2_536_276)), Fact::Absent, "{name}");
    }
    assert_eq!(host("hotfixes: [2536276]").hotfix(Kb(2_536_276)), Fact::Present(()));
    let (broken, _) = read("hotfixes: [true, KB1]");
    assert_eq!(broken.hotfix(Kb(1)), Fact::Present(()));
    assert!(matches!(broken.hotfix(Kb(2)), Fact::Error(_)));
    assert_eq!(
        problem("hotfixes: [true]"),
        "`hotfixes[0]`: `true` was read as a truth value, not as text (write it in quotes)"
    );
}

#[test]
fn problems_become_diagnostics() {
    let (_, problems) = read("os: { version: 5.1 }");
    let diagnostic = problems[0].diagnostic("wins-01");
    assert_eq!((diagnostic.code.id, diagnostic.is_error()), ("CAV0502", false));
    assert_eq!(diagnostic.notes, ["in the host `wins-01`, `os.version`"]);
    assert_eq!(diagnostic.help, ["write it in quotes"]);
}

const VISTA: &str = "os: { version: '6.0', architecture: x86 }\n";
const XP: &str = "os: { version: '5.1', architecture: x86 }\n";

fn there(facts: &str, path: &str) -> Fact<()> {
    host(&format!("{facts}\nfiles: [{{ path: 'C:\\ProgramData\\a.dll' }}, {{ path: 'C:\\a.dll' }}]"))
        .file(PathRef(path))
}

#[test]
fn the_drive_of_the_system_is_that_of_its_root() {
    let drive = r"%SystemDrive%\a.dll";
    assert_eq!(there(r"environment: { windir: 'C:\WINNT' }", drive), Fact::Present(()));
    assert_eq!(there(r"environment: { windir: 'D:\WINNT' }", drive), Fact::Absent);
    assert_eq!(there("", drive), Fact::Unknown);
    assert_eq!(there("environment: { SystemDrive: 'C:' }", drive), Fact::Present(()));
    let two = problem(r"environment: { SystemRoot: 'C:\WINNT', SystemDrive: 'D:' }");
    assert!(two.contains("`%SystemDrive%` is both `D:` and `C:`"), "{two}");
}

#[test]
fn only_later_versions_have_program_data() {
    let path = r"%ProgramData%\a.dll";
    assert_eq!(there(VISTA, path), Fact::Unknown);
    assert_eq!(there("", path), Fact::Unknown);
    assert_eq!(there(XP, path), Fact::Absent);
    assert_eq!(there(&format!("{XP}partial: [environment]"), path), Fact::Unknown);
    for stated in ["C:\\ProgramData", "%SystemDrive%\\ProgramData"] {
        let variable = format!("environment: {{ ProgramData: '{stated}', SystemRoot: 'C:\\W' }}");
        let key = r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\ProfileList";
        let value = format!(
            "environment: {{ SystemRoot: 'C:\\W' }}\nregistry: [{{ key: '{key}', values: {{ ProgramData: {{ type: reg_expand_sz, data: '{stated}' }} }} }}]"
        );
        for facts in [variable, value] {
            assert_eq!(there(&format!("{VISTA}{facts}"), path), Fact::Present(()), "{facts}");
        }
    }
}

#[test]
fn a_variable_that_begins_with_one_that_is_not_stated_is_not_known() {
    let facts = "environment: { AcmeHome: '%ProgramFiles%\\Acme' }";
    assert_eq!(there(facts, r"%AcmeHome%\a.dll"), Fact::Unknown);
}
