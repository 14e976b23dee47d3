//! Lucene's own automaton for regular expressions, by way of the program beside this file.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Where Debian keeps the library.
const LIBRARY: &str = "/usr/share/java/lucene-core-4.10.4.jar";
/// What it needs to index events and read queries.
const MORE: &str =
    "/usr/share/java/lucene-analyzers-common-4.10.4.jar:/usr/share/java/lucene-queryparser-4.10.4.jar";
/// Elasticsearch and `OpenSearch` refuse expressions whose automaton has more states.
const MOST_STATES: usize = 10_000;

/// The library.
#[derive(Debug, Clone)]
pub struct Lucene {
    program: PathBuf,
}

impl Lucene {
    /// The library that Debian has.
    ///
    /// # Errors
    /// A line that says why the test cannot run here. In CI that is a failure.
    pub fn find() -> Result<Self, String> {
        let java = Command::new("java").arg("-version").stdin(Stdio::null()).output();
        if java.is_ok_and(|java| java.status.success()) && Path::new(LIBRARY).is_file() {
            let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/sigma/Lucene.java");
            return Ok(Self { program });
        }
        let line = "skipped: a Java development kit and liblucene4.10-java are not installed";
        let ci = std::env::var("CI").is_ok_and(|value| value == "true");
        assert!(!ci, "{line}, which CI must not accept");
        Err(line.to_owned())
    }

    /// For each expression, the numbers of the texts that it matches as a whole.
    #[must_use]
    pub fn matches(&self, expressions: &[String], texts: &[String]) -> Vec<BTreeSet<usize>> {
        let lines: Vec<&str> = expressions.iter().chain(texts).map(String::as_str).collect();
        assert!(lines.iter().all(|line| !line.contains(['\n', '\r'])), "a line each");
        let input = format!("{}\n{}\n", expressions.len(), lines.join("\n"));
        let matched: Vec<_> = Self::java(&self.program, &[], input).lines().map(numbers).collect();
        assert_eq!(matched.len(), expressions.len());
        matched
    }

    /// What a program that uses the library writes.
    pub(super) fn java(program: &Path, arguments: &[&str], input: String) -> String {
        let mut command = Command::new("java");
        // It is soon done: compiling it well would take longer than it runs.
        command
            .args(["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp"])
            .arg(format!("{LIBRARY}:{MORE}"))
            .arg(program)
            .args(arguments);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        let writer = std::thread::spawn(move || stdin.write_all(input.as_bytes()).unwrap());
        let output = child.wait_with_output().unwrap();
        writer.join().unwrap();
        assert!(output.status.success(), "the program failed");
        String::from_utf8(output.stdout).unwrap()
    }
}

fn numbers(line: &str) -> BTreeSet<usize> {
    let mut numbers = line.split(' ').map(|number| number.parse::<usize>().unwrap());
    let states = numbers.next().unwrap();
    assert!(states < MOST_STATES, "{states} states");
    numbers.collect()
}
