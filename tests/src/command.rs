//! The `caveat` program, built once and run as a user would.
//!
//! Cargo builds it with the tests of the whole workspace, but not with those of other packages alone: then the first use
//! asks for it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::missing_panics_doc,
    reason = "a helper that cannot work ends the test"
)]

use std::ffi::OsStr;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::LazyLock;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::rules::root;

/// The Python that the tests run: the one that `CAVEAT_PYTHON` names, that of `.ci/engines`, else `python3`.
#[must_use]
pub fn python() -> String {
    std::env::var("CAVEAT_PYTHON").unwrap_or_else(|_| {
        let engines = root().join("target/engines/bin/python");
        if engines.is_file() { engines.to_string_lossy().into_owned() } else { "python3".to_owned() }
    })
}

/// A program that takes longer hangs. Far above what any case needs.
const GUARD: Duration = Duration::from_mins(2);

static PROGRAM: LazyLock<PathBuf> = LazyLock::new(build);

/// The path of the program; `CAVEAT_BIN` may name one that is there already.
#[must_use]
pub fn program() -> &'static Path {
    &PROGRAM
}

fn build() -> PathBuf {
    if let Some(given) = std::env::var_os("CAVEAT_BIN") {
        return given.into();
    }
    if let Some(built) = built().filter(|program| is_fresh(program)) {
        return built;
    }
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(["build", "--quiet", "--package", "caveat", "--message-format=json-render-diagnostics"]);
    if !cfg!(debug_assertions) {
        command.arg("--release");
    }
    let output = command.current_dir(root()).stderr(Stdio::inherit()).output().expect("cargo runs");
    assert!(output.status.success(), "the program does not compile");
    let messages = String::from_utf8(output.stdout).expect("cargo writes UTF-8");
    let artifacts = messages.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let executable = |message: Value| {
        let is_program = message.pointer("/target/name")? == "caveat";
        let path = message.get("executable")?.as_str()?;
        is_program.then(|| PathBuf::from(path))
    };
    artifacts.filter_map(executable).next_back().expect("cargo says where the program is")
}

/// Where Cargo puts the program, beside the folder of this test.
fn built() -> Option<PathBuf> {
    let test = std::env::current_exe().ok()?;
    Some(test.parent()?.parent()?.join("caveat").with_extension(std::env::consts::EXE_EXTENSION))
}

/// Whether no file that the program was built from has changed since: Cargo lists them beside it.
fn is_fresh(program: &Path) -> bool {
    let changed = |path: &Path| std::fs::metadata(path).and_then(|file| file.modified()).ok();
    let (Some(built), Ok(listed)) = (changed(program), std::fs::read_to_string(program.with_extension("d")))
    else {
        return false;
    };
    // `program: file file …`, blanks in names behind a backslash.
    let files = listed.split_once(": ").map_or("", |(_, files)| files).replace("\\ ", "\0");
    let files = files.split_whitespace().map(|file| PathBuf::from(file.replace('\0', " ")));
    let manifests = ["Cargo.toml", "Cargo.lock"].map(|file| root().join(file));
    files.chain(manifests).all(|file| changed(&file).is_some_and(|changed| changed <= built))
}

/// How a run ended and what it wrote.
#[derive(Debug)]
pub struct Ran {
    /// The exit code; none when a signal ended it.
    pub code: Option<i32>,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

impl Ran {
    /// Checks the exit code, showing everything when it is another.
    #[must_use = "what was written is to be looked at, or let go with `let _`"]
    pub fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "stdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        assert!(!self.stderr.contains("panicked"), "{}", self.stderr);
        self
    }

    /// Standard output as JSON.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {}", self.stdout))
    }
}

/// A run in the making: in a folder, with a plain environment.
pub struct Run {
    command: Command,
    stdin: Option<Vec<u8>>,
}

impl Run {
    /// A run in `folder` with these arguments.
    #[must_use]
    pub fn new<A: AsRef<OsStr>>(folder: &Path, arguments: impl IntoIterator<Item = A>) -> Self {
        let mut command = Command::new(program());
        command.args(arguments).current_dir(folder);
        for name in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "FORCE_COLOR", "CI"] {
            command.env_remove(name);
        }
        Self { command, stdin: None }
    }

    /// Sets an environment variable.
    #[must_use]
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    /// Gives it something to read on standard input.
    #[must_use]
    pub fn stdin(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.stdin = Some(bytes.into());
        self
    }

    /// Runs it to its end.
    #[must_use = "the exit code is to be looked at"]
    pub fn go(mut self) -> Ran {
        let input = if self.stdin.is_some() { Stdio::piped() } else { Stdio::null() };
        let spawned = self.command.stdin(input).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
        let mut child = spawned.expect("the program starts");
        let stdin = child.stdin.take().zip(self.stdin);
        // A program that refuses its input early closes the pipe; that is its right.
        let writer = thread::spawn(move || stdin.map(|(mut pipe, bytes)| pipe.write_all(&bytes).is_ok()));
        let stdout = drain(child.stdout.take());
        let stderr = drain(child.stderr.take());
        let start = Instant::now();
        let status = loop {
            if let Some(status) = child.try_wait().expect("the program can be waited for") {
                break status;
            }
            if start.elapsed() > GUARD {
                let _ = child.kill();
                panic!("the program hangs: {:?}", self.command);
            }
            thread::sleep(Duration::from_millis(2));
        };
        let _ = writer.join();
        let text = |bytes: thread::JoinHandle<Vec<u8>>| {
            String::from_utf8(bytes.join().expect("a pipe can be read")).expect("the program writes UTF-8")
        };
        Ran { code: status.code(), stdout: text(stdout), stderr: text(stderr) }
    }
}

fn drain(pipe: Option<impl std::io::Read + Send + 'static>) -> thread::JoinHandle<Vec<u8>> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut pipe) = pipe {
            pipe.read_to_end(&mut bytes).expect("a pipe can be read");
        }
        bytes
    })
}

/// Runs the program at the top of the repository.
#[must_use = "the exit code is to be looked at"]
pub fn caveat(arguments: &[&str]) -> Ran {
    Run::new(root(), arguments).go()
}

/// Runs the program in a folder.
#[must_use = "the exit code is to be looked at"]
pub fn caveat_in(folder: &Path, arguments: &[&str]) -> Ran {
    Run::new(folder, arguments).go()
}
