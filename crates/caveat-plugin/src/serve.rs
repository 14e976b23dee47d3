//! A back end as a program: reads the host's messages, runs the back end, writes what it made. This is
//! the only place outside the command that uses the standard streams.

use std::io::{self, BufRead, Write};
use std::process::ExitCode;

use caveat_backend::{Artifact, Backend, EmitCx, Emitted, Ledger, Note, Options, Text};
use caveat_diag::Diagnostic;
use caveat_ir::rule::IR_SCHEMA;
use caveat_ir::{Feature, Origin, check};
use serde::Deserialize as _;

use crate::message::{
    Done, Emit, Failed, FromHost, FromPlugin, HostHello, PluginArtifact, PluginDiagnostic, PluginHello,
    PluginNote, PluginOption, PluginSeverity, WireLoss,
};
use crate::{PROTOCOL, places};

/// Serves a back end on the standard streams. The `main` of a plug-in in Rust is
/// `fn main() -> ExitCode { serve(MyBackend) }`.
#[expect(clippy::needless_pass_by_value, reason = "the back end has nothing else to do in the program")]
pub fn serve(backend: impl Backend) -> ExitCode {
    match serve_on(&backend, io::stdin().lock(), io::stdout().lock()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "{}: {error}", backend.info().id);
            ExitCode::FAILURE
        }
    }
}

/// Serves a back end on the given streams, until the host has nothing more to say.
///
/// # Errors
/// When a stream fails, or the host does not speak the protocol.
pub fn serve_on(backend: &dyn Backend, mut input: impl BufRead, mut output: impl Write) -> io::Result<()> {
    let mut line = String::new();
    while input.read_line(&mut line)? > 0 {
        match read(&line)? {
            FromHost::Hello(host) => greet(backend, &host, &mut output)?,
            FromHost::Emit(emit) => answer(backend, *emit, &mut output)?,
        }
        line.clear();
    }
    Ok(())
}

/// Formulas may nest deeper than `serde_json` allows by itself; the host has bounded them.
fn read(line: &str) -> io::Result<FromHost> {
    let mut json = serde_json::Deserializer::from_str(line);
    json.disable_recursion_limit();
    Ok(FromHost::deserialize(&mut json)?)
}

fn write(output: &mut impl Write, message: &FromPlugin) -> io::Result<()> {
    let line = serde_json::to_string(message)? + "\n";
    output.write_all(line.as_bytes())?;
    output.flush()
}

fn greet(backend: &dyn Backend, host: &HostHello, output: &mut impl Write) -> io::Result<()> {
    write(output, &FromPlugin::Hello(Box::new(hello(backend))))?;
    let same = host.protocol == PROTOCOL && host.ir == IR_SCHEMA;
    let message =
        format!("the host speaks {} and {}, not {PROTOCOL} and {IR_SCHEMA}", host.protocol, host.ir);
    if same { Ok(()) } else { Err(io::Error::new(io::ErrorKind::InvalidData, message)) }
}

fn hello(backend: &dyn Backend) -> PluginHello {
    let info = backend.info();
    let strings = |list: &[Text]| list.iter().map(ToString::to_string).collect();
    let options = info.options.iter().map(|option| PluginOption {
        name: option.name.to_string(),
        default: option.default.to_string(),
        values: strings(&option.values),
        help: option.help.to_string(),
    });
    let support = |feature: &Feature| (feature.as_str().to_owned(), backend.support(*feature).into());
    PluginHello {
        protocol: PROTOCOL.to_owned(),
        ir: IR_SCHEMA.to_owned(),
        id: info.id.to_string(),
        title: info.title.to_string(),
        summary: info.summary.to_string(),
        extensions: strings(&info.extensions),
        options: options.collect(),
        metadata: info.metadata.iter().map(|one| one.as_str().to_owned()).collect(),
        support: Feature::ALL.iter().map(support).collect(),
        projects: true,
    }
}

fn answer(backend: &dyn Backend, emit: Emit, output: &mut impl Write) -> io::Result<()> {
    let Emit { mut rules, options, policy, places: told, mut ids, .. } = emit;
    let (places, pointers) = places::give(&mut rules, &told);
    let given = options.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let options = match Options::new(&backend.info().options, given) {
        Ok(options) => options,
        Err(error) => return refuse(&error.to_string(), output),
    };
    let rules = match check(rules, places) {
        Ok(rules) => rules,
        Err(rejected) => {
            let first = rejected.problems.first().map_or("", |problem| problem.message.as_str());
            return refuse(&format!("the rules are not sound: {first}"), output);
        }
    };
    let mut cx = EmitCx::new(&options, policy, &mut ids);
    if let Err(error) = backend.emit(&rules, &mut cx) {
        return write(output, &FromPlugin::Failed(Failed { message: error.to_string() }));
    }
    let Emitted { outputs, notes, problems } = cx.finish();
    for (problem, origin) in &problems {
        write(output, &FromPlugin::Diagnostic(diagnostic(problem, *origin, &pointers)))?;
    }
    for one in notes {
        write(output, &FromPlugin::Note(Box::new(note(one, &pointers))))?;
    }
    for one in outputs.iter() {
        write(output, &FromPlugin::Artifact(artifact(one)))?;
    }
    write(output, &FromPlugin::Done(done(ids)))
}

/// Where a node is, as it travels.
fn pointer(origin: Origin, pointers: &[String]) -> Option<String> {
    pointers.get(origin.told()? as usize).cloned()
}

fn refuse(message: &str, output: &mut impl Write) -> io::Result<()> {
    let problem = PluginDiagnostic {
        severity: PluginSeverity::Error,
        message: message.to_owned(),
        help: None,
        at: None,
    };
    write(output, &FromPlugin::Diagnostic(problem))?;
    write(output, &FromPlugin::Done(Done::default()))
}

fn diagnostic(problem: &Diagnostic, origin: Origin, pointers: &[String]) -> PluginDiagnostic {
    PluginDiagnostic {
        severity: if problem.is_error() { PluginSeverity::Error } else { PluginSeverity::Warning },
        message: problem.message.clone(),
        help: problem.help.first().cloned(),
        at: pointer(origin, pointers),
    }
}

fn done(ids: Ledger) -> Done {
    Done { ids: Some(ids) }
}

fn note(note: Note, pointers: &[String]) -> PluginNote {
    let at = |origin: Origin| pointer(origin, pointers);
    let losses = note.losses.iter().map(|(test, loss)| WireLoss {
        test: test.clone(),
        feature: loss.feature,
        why: loss.why.to_string(),
        kept: loss.kept,
        at: at(loss.origin),
    });
    PluginNote {
        losses: losses.collect(),
        bulletin: note.bulletin,
        at: at(note.origin),
        fidelity: note.fidelity,
        message: note.message,
    }
}

fn artifact(artifact: &Artifact) -> PluginArtifact {
    PluginArtifact {
        path: artifact.path.clone(),
        text: artifact.text.clone(),
        role: artifact.role,
        bulletins: artifact.bulletins.clone(),
        fidelity: Some(artifact.fidelity),
    }
}
