//! Host files as text.

use caveat_eval::{MAX_HOST_FILE, load_hosts};

fn names(file: &str, text: &str) -> Vec<String> {
    load_hosts(file, text).into_iter().map(|host| host.unwrap().name.unwrap()).collect()
}

fn error(file: &str, text: &str) -> String {
    load_hosts(file, text).into_iter().find_map(Result::err).unwrap().to_string()
}

#[test]
fn every_format_is_read() {
    assert_eq!(names("a/web.yaml", "os: {}"), ["web"]);
    assert_eq!(names("web.yml", "name: a\n---\nname: b\n---\n"), ["a", "b"]);
    assert_eq!(names("web.json", "{\"name\": \"a\"}"), ["a"]);
    assert_eq!(names("web.json", " [{}, {\"name\": \"b\"}]"), ["web#1", "b"]);
    assert_eq!(names("web.ndjson", "{}\n\n{\"name\": \"b\"}\n"), ["web#1", "b"]);
    assert_eq!(names("web.jsonl", "\u{feff}{}"), ["web"]);
}

#[test]
fn unknown_extensions_are_sniffed() {
    assert_eq!(names("-", "os: {}"), ["stdin"]);
    assert_eq!(names("-", "\n {\n\"name\": \"a\"\n}"), ["a"]);
    assert_eq!(names("-", "[{}, {}]"), ["stdin#1", "stdin#2"]);
    assert_eq!(names("hosts.txt", "{}\n{}"), ["hosts#1", "hosts#2"]);
}

#[test]
fn errors_say_what_and_where_without_names_of_types() {
    let unknown = error("a.yaml", "hostname: x");
    assert!(unknown.contains("unknown key `hostname` (here may stand `schema`, `name`, `os`"), "{unknown}");
    let line = error("a.ndjson", "{}\n{\"os\": 1}");
    assert!(
        line.starts_with("not a host in JSON: facts such as `version` must stand here, not the number"),
        "{line}"
    );
    let scalar = error("a.yaml", "os: { version: [5] }");
    assert!(scalar.contains("a text or a number must stand here"), "{scalar}");
    for text in [
        unknown,
        line,
        scalar,
        error("a.json", "[1]"),
        error("a.yaml", "files: [{}]"),
        error("a.yaml", "- a"),
    ] {
        assert!(!text.contains("struct") && !text.contains("enum") && !text.contains("Entry"), "{text}");
    }
    assert_eq!(
        error("a.yaml", "schema: caveat/host/v2"),
        "`schema`: `caveat/host/v2` is not a schema of host files that is known here (write `schema: caveat/host/v1`, or leave it out)"
    );
    assert_eq!(error("a.yaml", ""), "the file holds no host (write at least one)");
}

#[test]
fn a_malformed_document_does_not_hide_the_others() {
    let hosts = load_hosts("a.yaml", "name: a\n---\nfoo: 1\n---\nname: c\n");
    assert_eq!(hosts.iter().map(Result::is_ok).collect::<Vec<_>>(), [true, false, true]);
    let broken = load_hosts("a.yaml", "name: a\n---\n}{\n---\nname: c\n");
    assert!(broken.len() <= 3 && broken[1].is_err());
}

#[test]
fn hostile_files_are_errors() {
    let deep = error("a.yaml", &format!("name: {}", "[".repeat(100_000)));
    assert_eq!(deep, "not a host in YAML: more than 1000 brackets are open at once");
    error("a.yaml", &format!("name: {}", "[".repeat(1000)));
    error("a.json", &"[".repeat(100_000));
    error("a.yaml", &" ".repeat(MAX_HOST_FILE + 1));
    error("a.yaml", "name: &a [*a]");
    error("a.yaml", "\u{0}");
}

#[test]
fn aliases_may_repeat_a_little_but_not_fill_the_memory() {
    let file = "files:\n- &f { path: 'C:\\a.dll' }\n- *f\n";
    assert_eq!(load_hosts("a.yaml", file)[0].as_ref().unwrap().files.len(), 2);
    let value = format!("{{ type: reg_sz, data: {} }}", "x".repeat(100));
    let values: Vec<String> = (0..500).map(|index| format!("v{index}: {value}")).collect();
    let values = values.join(", ");
    let entries = "- *e\n".repeat(2_000);
    let bomb = format!("registry:\n- &e {{ key: 'HKLM\\a', values: {{ {values} }} }}\n{entries}");
    assert_eq!(error("a.yaml", &bomb), "not a host in YAML: aliases repeat more than 1 MiB");
    let laughs = "a: &a [x, x, x, x, x, x, x, x, x]\nb: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a]\n\
        c: &c [*b, *b, *b, *b, *b, *b, *b, *b, *b]\nd: &d [*c, *c, *c, *c, *c, *c, *c, *c, *c]\n\
        e: &e [*d, *d, *d, *d, *d, *d, *d, *d, *d]\nf: &f [*e, *e, *e, *e, *e, *e, *e, *e, *e]\n\
        g: &g [*f, *f, *f, *f, *f, *f, *f, *f, *f]\nh: &h [*g, *g, *g, *g, *g, *g, *g, *g, *g]\n";
    error("a.yaml", laughs);
}
