//! A whole script, run on host files with `-FactsPath` and `-AsJson`.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use crate::machine::{Frame, Machine, Native};
use crate::syntax::{Block, Reader};
use crate::tree::{complaints, parse};
use crate::value::{Value, array, text};

/// A script that is ready to run.
#[derive(Debug)]
pub struct Script {
    statements: Block,
}

/// What a run came to.
#[derive(Debug)]
pub struct Ran {
    /// The lines of the output.
    pub output: Vec<String>,
    /// What went to the standard error.
    pub errors: Vec<String>,
    /// The exit code.
    pub code: i64,
}

/// The arguments of a run, apart from the facts.
#[derive(Debug, Clone, Copy)]
pub struct Arguments<'a> {
    /// `-Bulletin`
    pub bulletins: &'a [&'a str],
    /// `-ExitMode`
    pub exit_mode: &'a str,
    /// `-FailOn`
    pub fail_on: &'a [&'a str],
}

impl Default for Arguments<'_> {
    fn default() -> Self {
        Self { bulletins: &[], exit_mode: "Finding", fail_on: &["vulnerable", "error", "unknown"] }
    }
}

impl Script {
    /// Reads a script, which must be without complaints.
    #[must_use]
    pub fn new(script: &str) -> Self {
        assert_eq!(complaints(script), Vec::<String>::new());
        let tree = parse(script);
        Self { statements: Reader::new(script).block(tree.root_node()) }
    }

    /// Judges the hosts of a file, on a stack that is as deep as PowerShell's.
    #[must_use]
    pub fn run(&self, name: &str, facts: &str, arguments: Arguments<'_>) -> Ran {
        std::thread::scope(|scope| {
            let builder = std::thread::Builder::new().stack_size(256 << 20);
            let run = builder.spawn_scoped(scope, || self.run_here(name, facts, arguments));
            run.expect("a thread starts").join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        })
    }

    /// Runs a script that collects facts: `natives` stand in for what would ask a Windows.
    #[must_use]
    pub fn collect<'s>(&'s self, natives: BTreeMap<String, Native<'s>>) -> String {
        let mut machine = Machine::default();
        machine.natives = natives;
        let mut frame = Frame::default();
        frame.set("markpartial", Value::Bool(false));
        let ran = machine.run(&self.statements, frame);
        let (output, code) = ran.unwrap_or_else(|thrown| panic!("{}", String::from_utf16_lossy(&thrown.0)));
        assert_eq!(code, 0, "{:?}", machine.errors);
        output.iter().map(Value::string).collect::<Vec<_>>().join("\n")
    }

    fn run_here(&self, name: &str, facts: &str, arguments: Arguments<'_>) -> Ran {
        let mut machine = Machine::default();
        machine.files.insert(name.to_owned(), facts.to_owned());
        let mut frame = Frame::default();
        let words = |words: &[&str]| array(words.iter().map(|word| text(word)).collect());
        frame.set("asjson", Value::Bool(true));
        frame.set("pervulnerability", Value::Bool(false));
        frame.set("factspath", text(name));
        frame.set("bulletin", words(arguments.bulletins));
        frame.set("exitmode", text(arguments.exit_mode));
        frame.set("failon", words(arguments.fail_on));
        let ran = machine.run(&self.statements, frame);
        let (output, code) = ran.unwrap_or_else(|thrown| panic!("{}", String::from_utf16_lossy(&thrown.0)));
        let output = output.iter().map(Value::string).collect();
        Ran { output, errors: machine.errors.take(), code }
    }

    /// The results on the hosts of a file.
    #[must_use]
    pub fn results(&self, name: &str, facts: &str) -> Vec<Json> {
        let ran = self.run(name, facts, Arguments::default());
        let json: Json = serde_json::from_str(&ran.output.join("\n"))
            .unwrap_or_else(|error| panic!("{error}: {:?} {:?}", ran.output, ran.errors));
        assert_eq!(json["schema"], "caveat/eval/v1");
        json["results"].as_array().expect("results are a list").clone()
    }
}
