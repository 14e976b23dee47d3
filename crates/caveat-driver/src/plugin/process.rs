//! A plug-in's process and the pipes to it. Nothing that the process does, or does not do, blocks the
//! host: each pipe has a thread of its own, and all that is waited for has a deadline.

use std::collections::VecDeque;
use std::io::{BufRead as _, BufReader, Read, Write as _};
use std::path::Path;
use std::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, SyncSender, channel, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use caveat_plugin::message::{FromHost, FromPlugin};

use super::fault::Fault;
use super::limits::Limits;
use super::system;
use crate::inputs::plain;

/// What is kept of the standard error: its end, where the reason of a failure stands.
const COMPLAINT: usize = 4096;

/// After such a time without a line, it is looked whether the program still runs.
const PAUSE: Duration = Duration::from_millis(100);

/// A running plug-in.
#[derive(Debug)]
pub(super) struct Process {
    child: Child,
    to: Option<Sender<Vec<u8>>>,
    from: Receiver<Heard>,
    complaint: Arc<Mutex<VecDeque<u8>>>,
    complained: Receiver<()>,
    limits: Limits,
}

#[derive(Debug)]
enum Heard {
    Line(Vec<u8>),
    TooMuch(String),
    End,
}

impl Process {
    /// Starts a program in `folder`.
    pub(super) fn start(command: &[String], folder: &Path, limits: Limits) -> Result<Self, Fault> {
        let [program, arguments @ ..] = command else {
            return Err(Fault::NotStarted("its `command` is empty".to_owned()));
        };
        // A path is meant from the folder of the configuration; a name is looked up.
        let path = Path::new(program);
        let is_path = path.components().count() > 1;
        let mut command = if is_path { Command::new(folder.join(path)) } else { Command::new(program) };
        command.args(arguments).current_dir(folder);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let started = system::start(&mut command);
        let mut child =
            started.map_err(|error| Fault::NotStarted(format!("`{program}`: {}", plain(&error))))?;
        system::limit_memory(&child, limits.memory);
        let (to, messages) = channel();
        let (heard, from) = sync_channel(16);
        let (complains, complained) = channel();
        let complaint = Arc::new(Mutex::new(VecDeque::new()));
        if let (Some(stdin), Some(stdout), Some(stderr)) =
            (child.stdin.take(), child.stdout.take(), child.stderr.take())
        {
            thread::spawn(move || write_all(stdin, &messages));
            thread::spawn(move || read_lines(stdout, limits, &heard));
            let kept = Arc::clone(&complaint);
            thread::spawn(move || keep_last(stderr, &kept, complains));
        }
        Ok(Self { child, to: Some(to), from, complaint, complained, limits })
    }

    /// Says something. A plug-in that does not listen is found out when it does not answer.
    pub(super) fn send(&self, message: &FromHost) -> Result<(), Fault> {
        let line = serde_json::to_vec(message).map_err(|error| Fault::Misspoke(error.to_string()))?;
        self.say(line);
        Ok(())
    }

    /// Says a line that need not be a message.
    pub(super) fn say(&self, mut line: Vec<u8>) {
        line.push(b'\n');
        if let Some(to) = &self.to {
            let _ = to.send(line);
        }
    }

    /// The introduction.
    pub(super) fn introduction(&mut self) -> Result<FromPlugin, Fault> {
        let line = self.line(&Fault::Silent(self.limits.hello), Instant::now() + self.limits.hello)?;
        if line.len() > self.limits.introduction {
            return Err(Fault::TooMuch("an introduction of unlikely length".to_owned()));
        }
        message(&line)
    }

    /// The next message.
    pub(super) fn receive(&mut self, deadline: Instant) -> Result<FromPlugin, Fault> {
        message(&self.line(&Fault::TooSlow(self.limits.run), deadline)?)
    }

    /// The next line. What the program started may keep the pipe open after its end, so that is looked for
    /// whenever there is a pause.
    fn line(&mut self, late: &Fault, deadline: Instant) -> Result<Vec<u8>, Fault> {
        let mut ended = false;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            match self.from.recv_timeout(left.min(PAUSE)) {
                Ok(Heard::Line(line)) => return Ok(line),
                Ok(Heard::TooMuch(what)) => return Err(Fault::TooMuch(what)),
                Err(RecvTimeoutError::Timeout) if !ended && left > PAUSE => {
                    ended = system::has_ended(&mut self.child);
                }
                Err(RecvTimeoutError::Timeout) if !ended => return Err(late.clone()),
                _ => return Err(Fault::Ended(self.how_it_ended())),
            }
        }
    }

    fn how_it_ended(&mut self) -> String {
        let deadline = Instant::now() + self.limits.grace;
        while !system::has_ended(&mut self.child) && Instant::now() < deadline {
            thread::sleep(Duration::from_millis(5));
        }
        if !system::has_ended(&mut self.child) {
            return "closed its standard output".to_owned();
        }
        self.stop().map_or_else(|| "ended".to_owned(), |status| format!("ended ({status})"))
    }

    /// Waits for the end of a plug-in that has nothing more to do: what it says still, and how it ended;
    /// no status when it had to be stopped.
    pub(super) fn finish(&mut self) -> (usize, Option<ExitStatus>) {
        self.to = None;
        let deadline = Instant::now() + self.limits.grace;
        let mut more = 0;
        while let Ok(Heard::Line(_) | Heard::TooMuch(_)) =
            self.from.recv_timeout(deadline.saturating_duration_since(Instant::now()))
        {
            more += 1;
        }
        while !system::has_ended(&mut self.child) && Instant::now() < deadline {
            thread::sleep(Duration::from_millis(5));
        }
        let by_itself = system::has_ended(&mut self.child);
        (more, self.stop().filter(|_| by_itself))
    }

    /// Ends the process and those it started.
    fn stop(&mut self) -> Option<ExitStatus> {
        system::kill_group(&mut self.child);
        self.child.wait().ok()
    }

    /// The end of what it wrote to its standard error, after its own.
    pub(super) fn complaint(&mut self) -> String {
        let _ = self.stop();
        let _ = self.complained.recv_timeout(self.limits.grace);
        let mut bytes = self.complaint.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(bytes.make_contiguous()).into_owned()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.stop();
    }
}

fn message(line: &[u8]) -> Result<FromPlugin, Fault> {
    let text = str::from_utf8(line).map_err(|_| Fault::Misspoke("a line is not UTF-8".to_owned()))?;
    if text.starts_with('\u{feff}') {
        return Err(Fault::Misspoke(BYTE_ORDER_MARK.to_owned()));
    }
    if text.trim().is_empty() {
        return Err(Fault::Misspoke("a line is empty".to_owned()));
    }
    serde_json::from_str(text).map_err(|error| {
        let place = format!("{error} in `{}`", super::fault::shortened(text));
        Fault::Misspoke(format!("a line is not a message: {place}"))
    })
}

const BYTE_ORDER_MARK: &str = "a line begins with a byte-order mark; write UTF-8 without one";

/// A plug-in that does not read is no reason to stop: it may know enough.
fn write_all(mut stdin: ChildStdin, messages: &Receiver<Vec<u8>>) {
    for message in messages {
        if stdin.write_all(&message).and_then(|()| stdin.flush()).is_err() {
            return;
        }
    }
}

fn read_lines(stdout: ChildStdout, limits: Limits, heard: &SyncSender<Heard>) {
    let mut stdout = BufReader::new(stdout);
    let mut total = 0;
    loop {
        let mut line = Vec::new();
        let most = u64::try_from(limits.line).unwrap_or(u64::MAX).saturating_add(1);
        let read = stdout.by_ref().take(most).read_until(b'\n', &mut line).unwrap_or(0);
        total += read;
        let next = match read {
            0 => Heard::End,
            _ if read > limits.line => too_much("a line", limits.line),
            _ if total > limits.output => too_much("in all", limits.output),
            _ => Heard::Line(line),
        };
        let last = !matches!(next, Heard::Line(_));
        if heard.send(next).is_err() || last {
            return;
        }
    }
}

fn too_much(what: &str, limit: usize) -> Heard {
    Heard::TooMuch(format!("more than {} MiB {what}", limit / 1024 / 1024))
}

/// Reads to the end and keeps the last of it, so that the plug-in never waits. `_complains` tells of the
/// end by going away.
fn keep_last(mut stderr: ChildStderr, kept: &Mutex<VecDeque<u8>>, _complains: Sender<()>) {
    let mut chunk = [0; 4096];
    while let Ok(read @ 1..) = stderr.read(&mut chunk) {
        let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.extend(chunk.iter().take(read));
        let excess = kept.len().saturating_sub(COMPLAINT);
        kept.drain(..excess);
    }
}
