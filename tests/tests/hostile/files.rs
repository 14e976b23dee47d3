//! Files and folders that cannot be read or written.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::path::Path;

use caveat_tests::command::{Ran, Run};
use caveat_tests::rules::read;
use tempfile::TempDir;

use crate::wins;

/// A folder with the sample rule in it.
fn project() -> TempDir {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("rule.caveat"), wins()).unwrap();
    folder
}

fn build(folder: &Path, out: &str) -> Ran {
    Run::new(folder, ["build", "rule.caveat", "-t", "oval", "-o", out]).go()
}

fn names(folder: &Path) -> BTreeSet<String> {
    let names = fs::read_dir(folder).unwrap();
    names.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect()
}

#[test]
fn a_file_that_is_too_large_is_refused_unread() {
    let folder = TempDir::new().unwrap();
    File::create(folder.path().join("huge.caveat")).unwrap().set_len(50 << 20).unwrap();
    for command in ["check", "fmt"] {
        let ran = Run::new(folder.path(), [command, "."]).go().expect(1);
        assert!(ran.stderr.contains("CAV0703"), "{}", ran.stderr);
        assert!(!ran.stderr.contains("CAV0005"), "{}", ran.stderr);
    }
    let ran = Run::new(folder.path(), ["check", "-"]).stdin(vec![b' '; 33 << 20]).go().expect(1);
    assert!(ran.stderr.contains("CAV0703"), "{}", ran.stderr);
}

#[test]
fn an_output_that_is_a_file_is_left_alone() {
    let folder = project();
    fs::write(folder.path().join("out"), "precious").unwrap();
    for out in ["out", "out/below", "rule.caveat/deep/er"] {
        let ran = build(folder.path(), out).expect(1);
        assert!(ran.stderr.contains("CAV0705"), "{out}: {}", ran.stderr);
    }
    assert_eq!(read(&folder.path().join("out")), "precious");
    assert_eq!(read(&folder.path().join("rule.caveat")), wins());
    assert_eq!(names(folder.path()).len(), 2, "nothing is left behind");
}

#[test]
fn a_folder_in_the_place_of_an_artifact_stops_the_whole_output() {
    let folder = project();
    let out = folder.path().join("out");
    fs::create_dir_all(out.join("oval/ms04-006.xml/precious")).unwrap();
    fs::write(out.join("oval/ms04-006.map.json"), "old").unwrap();
    let ran = build(folder.path(), "out").expect(1);
    assert!(ran.stderr.contains("CAV0705"), "{}", ran.stderr);
    assert!(out.join("oval/ms04-006.xml/precious").is_dir());
    assert_eq!(read(&out.join("oval/ms04-006.map.json")), "old", "what was moved already is put back");
    assert_eq!(names(&out), BTreeSet::from(["oval".to_owned()]));
}

#[cfg(unix)]
#[test]
#[allow(clippy::print_stdout, reason = "a check that cannot be made says so")]
fn a_folder_that_must_not_be_written_to_stays_as_it_is() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = project();
    let out = folder.path().join("out");
    fs::create_dir(&out).unwrap();
    fs::set_permissions(&out, fs::Permissions::from_mode(0o555)).unwrap();
    // The superuser may write everywhere.
    if File::create(out.join("probe")).is_ok() {
        println!("skipped: permissions do not bind this user");
        return;
    }
    let ran = build(folder.path(), "out").expect(1);
    assert!(ran.stderr.contains("CAV0705"), "{}", ran.stderr);
    assert!(names(&out).is_empty());
}

#[cfg(target_os = "linux")]
#[test]
fn a_file_system_that_refuses_files_is_reported() {
    let folder = project();
    for out in ["/proc/caveat/out", "/proc/self/out", "/dev/null/out"] {
        let ran = build(folder.path(), out).expect(1);
        assert!(ran.stderr.contains("CAV0705"), "{out}: {}", ran.stderr);
    }
    let ran = Run::new(folder.path(), ["new", "MS99-001", "-o", "/proc/rule.caveat"]).go().expect(1);
    assert!(ran.stderr.contains("CAV0705"), "{}", ran.stderr);
}

#[test]
fn a_manifest_that_was_tampered_with_removes_nothing_outside() {
    let folder = project();
    let out = folder.path().join("out");
    fs::create_dir(&out).unwrap();
    let listed = |path: &str| {
        let listed = r#""target":"oval","role":"main","bulletins":[],"fidelity":"exact","sha256":"""#;
        format!(r#"{{"schema":"caveat/manifest/v1","artifacts":[{{"path":"{path}",{listed}}}]}}"#)
    };
    for path in ["../rule.caveat", "/etc/hostname", "./../rule.caveat", "oval/../../rule.caveat"] {
        fs::write(out.join("manifest.json"), listed(path)).unwrap();
        let _ = build(folder.path(), "out").expect(0);
        assert_eq!(read(&folder.path().join("rule.caveat")), wins(), "{path}");
    }
}

/// It may be another program's; and without it nobody knows what is stale.
#[test]
fn a_manifest_that_is_none_is_neither_believed_nor_replaced() {
    let folder = project();
    let out = folder.path().join("out");
    fs::create_dir(&out).unwrap();
    let whole = r#"{"schema":"caveat/manifest/v1","artifacts":[]}"#;
    for text in ["", "\0 not a manifest", "{\"name\":\"an app\"}", &whole[..30], &whole.replace("v1", "v9")] {
        fs::write(out.join("manifest.json"), text).unwrap();
        let ran = build(folder.path(), "out").expect(1);
        assert!(
            ran.stderr.contains("CAV0705") && ran.stderr.contains("manifest of Caveat"),
            "{}",
            ran.stderr
        );
        assert_eq!(read(&out.join("manifest.json")), text);
        assert_eq!(names(&out).len(), 1, "nothing is written");
    }
    fs::write(out.join("manifest.json"), whole).unwrap();
    let _ = build(folder.path(), "out").expect(0);
}

#[cfg(unix)]
#[test]
fn links_and_odd_names_end_no_run() {
    use std::os::unix::ffi::OsStrExt as _;
    let folder = project();
    std::os::unix::fs::symlink("nowhere", folder.path().join("dangling.caveat")).unwrap();
    std::os::unix::fs::symlink(".", folder.path().join("loop")).unwrap();
    let _ = Run::new(folder.path(), ["check", "."]).go().expect(0);
    let _ = Run::new(folder.path(), ["check", "dangling.caveat"]).go().expect(1);
    let odd = std::ffi::OsStr::from_bytes(b"\xFF\n.caveat");
    if fs::write(folder.path().join(odd), "oops\n").is_ok() {
        let ran = Run::new(folder.path(), ["check", "."]).go().expect(1);
        assert!(ran.stderr.contains("CAV0103"), "{}", ran.stderr);
    }
}
