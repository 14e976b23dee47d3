//! The two engines: the `yara` program, and YARA-X by its Python module.
//!
//! Python is that of [`python`].

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::command::python;
use crate::oval::engine::skipped;

/// An engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// The original, in C.
    Yara,
    /// Its successor, in Rust.
    YaraX,
}

/// A rule that matched a file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Match {
    /// The file's name.
    pub file: String,
    /// The rule.
    pub rule: String,
    /// Its tags.
    pub tags: Vec<String>,
    /// Its meta, in order.
    pub meta: Vec<(String, String)>,
}

impl Match {
    /// The first entry of its meta that is called so.
    pub fn meta(&self, key: &str) -> &str {
        self.meta.iter().find(|(name, _)| name == key).map_or("", |(_, value)| value)
    }
}

impl Engine {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Yara, Self::YaraX];

    /// The engines that can run here; why the others cannot is printed. In CI none may be missing.
    pub fn available() -> Vec<Self> {
        let is_there = |engine: &Self| {
            let line = engine.missing();
            if let Some(line) = &line {
                #[allow(clippy::print_stdout, reason = "for who runs the tests")]
                let () = println!("{line}");
            }
            line.is_none()
        };
        Self::ALL.into_iter().filter(is_there).collect()
    }

    fn missing(self) -> Option<String> {
        match self {
            Self::Yara => skipped(&[("yara", "yara", &["--version"])]),
            Self::YaraX => skipped(&[("yara-x", &python(), &["-c", "import yara_x"])]),
        }
    }

    /// Scans the files of a folder.
    ///
    /// # Errors
    /// What the engine says against the rules, be it a warning.
    pub fn scan(self, rules: &str, filename: Option<&str>, folder: &Path) -> Result<Vec<Match>, String> {
        let mut found = match self {
            Self::Yara => yara(rules, filename, folder),
            Self::YaraX => yara_x(rules, filename, folder),
        }?;
        found.sort();
        Ok(found)
    }
}

/// Runs a command to its end, with something to read.
fn run(command: &mut Command, input: &str) -> Result<(String, String), String> {
    let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = piped.spawn().unwrap_or_else(|error| panic!("{command:?} cannot be run: {error}"));
    // The scripts read everything before they write.
    let written = child.stdin.take().unwrap().write_all(input.as_bytes());
    let output = child.wait_with_output().unwrap();
    written.map_err(|error| error.to_string())?;
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    let (said, complaint) = (text(output.stdout), text(output.stderr));
    if output.status.success() { Ok((said, complaint)) } else { Err(complaint) }
}

fn yara(rules: &str, filename: Option<&str>, folder: &Path) -> Result<Vec<Match>, String> {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(rules.as_bytes()).unwrap();
    let mut command = Command::new("yara");
    command.args(["--print-tags", "--print-meta", "--threads=2"]);
    if let Some(filename) = filename {
        command.arg("-d").arg(format!("filename={filename}"));
    }
    let (said, complaint) = run(command.arg(file.path()).arg(folder), "")?;
    if !complaint.is_empty() {
        return Err(complaint);
    }
    Ok(said.lines().map(read_line).collect())
}

/// A line: `RULE [TAG,TAG] [KEY="VALUE",KEY=NUMBER,…] PATH`.
fn read_line(line: &str) -> Match {
    let (rule, rest) = line.split_once(" [").unwrap();
    let (tags, rest) = rest.split_once("] [").unwrap();
    let (mut meta, mut rest) = (Vec::new(), rest);
    while !rest.starts_with(']') {
        let (key, value) = rest.trim_start_matches(',').split_once('=').unwrap();
        let (value, after) = match value.strip_prefix('"') {
            Some(text) => read_value(text),
            None => read_number(value),
        };
        meta.push((key.to_owned(), value));
        rest = after;
    }
    let path = rest.trim_start_matches("] ");
    let file = path.rsplit('/').next().unwrap().to_owned();
    let tags = tags.split(',').filter(|tag| !tag.is_empty()).map(str::to_owned).collect();
    Match { file, rule: rule.to_owned(), tags, meta }
}

/// A number, and what follows.
fn read_number(text: &str) -> (String, &str) {
    let (number, rest) = text.split_at(text.find(|c: char| !c.is_ascii_digit()).unwrap());
    (number.to_owned(), rest)
}

/// A string with the escapes of C up to its quotation mark, and what follows.
fn read_value(text: &str) -> (String, &str) {
    let (mut bytes, mut rest) = (Vec::new(), text);
    loop {
        let mut chars = rest.chars();
        match chars.next().unwrap() {
            '"' => return (String::from_utf8(bytes).unwrap(), chars.as_str()),
            '\\' if rest[1..].starts_with(|c: char| c.is_ascii_digit()) => {
                bytes.push(u8::from_str_radix(&rest[1..4], 8).unwrap());
                rest = &rest[4..];
            }
            '\\' => {
                bytes.push(match chars.next().unwrap() {
                    'n' => b'\n',
                    't' => b'\t',
                    'r' => b'\r',
                    other => u8::try_from(other).unwrap(),
                });
                rest = chars.as_str();
            }
            c => {
                bytes.extend(c.encode_utf8(&mut [0; 4]).bytes());
                rest = chars.as_str();
            }
        }
    }
}

/// The rules as YARA-X's formatter lays them out; none where YARA-X is missing.
pub fn formatted(rules: &str) -> Option<String> {
    const SCRIPT: &str = "import io, sys, yara_x
laid_out = io.BytesIO()
yara_x.Formatter().format(io.BytesIO(sys.stdin.buffer.read()), laid_out)
sys.stdout.buffer.write(laid_out.getvalue())";
    Engine::available().contains(&Engine::YaraX).then(|| {
        run(Command::new(python()).args(["-c", SCRIPT]), rules).unwrap_or_else(|error| panic!("{error}")).0
    })
}

fn yara_x(rules: &str, filename: Option<&str>, folder: &Path) -> Result<Vec<Match>, String> {
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let request = json!({ "rules": rules, "filename": filename, "files": files });
    let script = include_str!("scan.py");
    let (said, _) = run(Command::new(python()).args(["-c", script]), &request.to_string())?;
    let answer: Value = serde_json::from_str(&said).unwrap();
    let warnings = answer["warnings"].as_array().unwrap();
    if !warnings.is_empty() {
        return Err(format!("{warnings:?}"));
    }
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let found = |one: &Value| Match {
        file: text(&one["file"]).rsplit('/').next().unwrap().to_owned(),
        rule: text(&one["rule"]),
        tags: one["tags"].as_array().unwrap().iter().map(text).collect(),
        meta: one["meta"].as_array().unwrap().iter().map(|pair| (text(&pair[0]), text(&pair[1]))).collect(),
    };
    Ok(answer["matches"].as_array().unwrap().iter().map(found).collect())
}
