//! Back ends that are programs of their own, and the distrust they are met with.
//!
//! [`discover`] finds them → [`Plugin::start`] runs one and learns what it is → [`Backend::emit`] deals it
//! the rules and receives what it makes. Whatever a plug-in does, the outcome is artifacts or one
//! diagnostic. The messages are those of `caveat-plugin`; what they mean is not decided here.

mod cannot;
pub mod conformance;
mod deal;
pub mod discover;
mod fault;
mod limits;
mod process;
mod profile;
mod receive;
mod settle;
mod system;
mod wire;

use std::path::Path;
use std::process::ExitStatus;
use std::sync::{Mutex, PoisonError};

use caveat_backend::{Backend, BackendInfo, EmitCx, EmitError, Support};
use caveat_diag::{Code, Diagnostic};
use caveat_ir::rule::IR_SCHEMA;
use caveat_ir::{Checked, Feature, Origin};
use caveat_plugin::PROTOCOL;
use caveat_plugin::message::{FromHost, FromPlugin, HostHello};

use fault::{Fault, ending};
pub use limits::Limits;
use process::Process;
use profile::Profile;
use receive::Told;
pub use system::end_all;

/// A plug-in that has introduced itself. Its process compiles once.
#[derive(Debug)]
pub struct Plugin {
    profile: Profile,
    process: Mutex<Option<Process>>,
    limits: Limits,
}

impl Plugin {
    /// Starts a program in `folder` and lets it introduce itself, as `name` if that is given.
    ///
    /// # Errors
    /// When it does not start, or does not introduce itself as the protocol wants it.
    pub fn start(
        name: Option<&str>,
        command: &[String],
        folder: &Path,
        limits: Limits,
    ) -> Result<Self, Box<Diagnostic>> {
        let shown = name.map_or_else(|| command.join(" "), str::to_owned);
        let mut process = Process::start(command, folder, limits)
            .map_err(|fault| Box::new(fault.diagnostic(&shown, "")))?;
        match introduce(&mut process, name) {
            Ok(profile) => Ok(Self { profile, process: Mutex::new(Some(process)), limits }),
            Err(fault) => Err(Box::new(fault.diagnostic(&shown, &process.complaint()))),
        }
    }

    fn id(&self) -> &str {
        &self.profile.info.id
    }

    fn compile(&self, rules: &Checked, cx: &mut EmitCx<'_>) -> Result<(Told, End), Box<Diagnostic>> {
        let id = self.id();
        let process = self.process.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(mut process) = process else {
            let fault = Fault::Ended("has compiled once, and ended".to_owned());
            return Err(Box::new(fault.diagnostic(id, "")));
        };
        let conversed = receive::converse(self, &mut process, rules, cx);
        let end = if conversed.is_ok() { process.finish() } else { (0, None) };
        let complaint = process.complaint();
        let mut told = conversed.map_err(|fault| Box::new(fault.diagnostic(id, &complaint)))?;
        if let Err(fault) = orderly(&end) {
            return Err(Box::new(with_errors(fault.diagnostic(id, &complaint), &told.problems)));
        }
        told.problems.extend(muttered(id, &complaint));
        Ok((told, end))
    }
}

/// A plug-in that finds an error and fails may fail because of it.
fn with_errors(fault: Diagnostic, problems: &[Diagnostic]) -> Diagnostic {
    let errors = problems.iter().filter(|problem| problem.is_error());
    errors.fold(fault, |fault, error| fault.note(format!("before that it reported: {}", error.message)))
}

/// Whether nothing followed the last message, and the program ended well, unless it had to be stopped.
fn orderly((more, status): &End) -> Result<(), Fault> {
    match status {
        _ if *more > 0 => Err(Fault::Misspoke("it writes on after `done`".to_owned())),
        Some(status) if !status.success() => Err(Fault::Faltered(status.to_string())),
        _ => Ok(()),
    }
}

/// How many lines followed the last message, and how the program ended, if it did by itself.
type End = (usize, Option<ExitStatus>);

fn introduce(process: &mut Process, name: Option<&str>) -> Result<Profile, Fault> {
    process.send(&FromHost::Hello(host_hello()))?;
    match process.introduction()? {
        FromPlugin::Hello(hello) => profile::profile(&hello, name),
        _ => Err(Fault::Misspoke("it does not begin with a `hello`".to_owned())),
    }
}

fn host_hello() -> HostHello {
    HostHello {
        protocol: PROTOCOL.to_owned(),
        ir: IR_SCHEMA.to_owned(),
        features: Feature::ALL.iter().map(ToString::to_string).collect(),
    }
}

/// What a plug-in that did its work wrote to its standard error: probably meant for someone.
fn muttered(id: &str, complaint: &str) -> Option<Diagnostic> {
    let words = ending(complaint);
    let told = || format!("{id}: the plug-in wrote to its standard error: {words}");
    (!words.is_empty()).then(|| Diagnostic::new(Code::PLUGIN_WARNING, told()).data("target", [id.to_owned()]))
}

impl Backend for Plugin {
    fn info(&self) -> &BackendInfo {
        &self.profile.info
    }

    fn support(&self, feature: Feature) -> Support {
        self.support_of(feature)
    }

    /// Compiles once. What is in `cx` after an error is not to be used.
    fn emit(&self, rules: &Checked, cx: &mut EmitCx<'_>) -> Result<(), EmitError> {
        let (told, _) = self.compile(rules, cx).map_err(EmitError::Program)?;
        for problem in told.problems {
            cx.report(problem, Origin::default());
        }
        Ok(())
    }
}
