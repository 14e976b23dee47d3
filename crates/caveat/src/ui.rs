//! What the command says, and where: data on standard output, talk on standard error.

use std::cell::{Ref, RefCell};
use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

use caveat_diag::policy::Levels;
use caveat_diag::render::{Format, plain, render, sarif, summary};
use caveat_diag::{Diagnostic, SourceMap};
use caveat_driver::config::Misconfigured;

use crate::cli::{Color, Common, MessageFormat};

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Done and clean.
    Clean,
    /// The rules have errors, a test failed, or a verdict was not accepted.
    Findings,
    /// The arguments make no sense together.
    Usage,
    /// A defect of the program or of a back end.
    Failed,
}

impl Outcome {
    pub(crate) fn exit_code(self) -> ExitCode {
        ExitCode::from(match self {
            Self::Clean => 0,
            Self::Findings => 1,
            Self::Usage => 2,
            Self::Failed => 3,
        })
    }

    /// `Findings` if there are any.
    pub(crate) fn findings(any: bool) -> Self {
        if any { Self::Findings } else { Self::Clean }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verbosity {
    Quiet,
    Normal,
    Verbose,
}

/// A text of the user's on one line, without characters that a terminal obeys.
pub(crate) fn one_line(text: &str) -> String {
    plain(text).replace('\n', " ")
}

/// The two streams and how to use them.
pub(crate) struct Ui {
    format: MessageFormat,
    stdout_color: bool,
    stderr_color: bool,
    verbosity: Verbosity,
    /// Whether diagnostics in a machine format are the data of the command.
    diagnostics_on_stdout: bool,
    /// For how bad problems are taken.
    levels: RefCell<Levels>,
    /// The log so far, where one is asked for: a command writes one, however often it has something to tell.
    log: RefCell<Option<sarif::Log>>,
}

impl Ui {
    pub(crate) fn new(common: &Common) -> Self {
        let color = |stream: &dyn Fn() -> anstream::ColorChoice| match common.color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => stream() != anstream::ColorChoice::Never,
        };
        Self {
            format: common.message_format,
            stdout_color: color(&|| anstream::AutoStream::choice(&io::stdout())),
            stderr_color: color(&|| anstream::AutoStream::choice(&io::stderr())),
            verbosity: match (common.quiet, common.verbose) {
                (true, _) => Verbosity::Quiet,
                (false, 0) => Verbosity::Normal,
                (false, _) => Verbosity::Verbose,
            },
            diagnostics_on_stdout: false,
            levels: RefCell::default(),
            log: RefCell::default(),
        }
    }

    /// For commands whose data are diagnostics: machine formats go to standard output.
    pub(crate) fn with_diagnostics_as_data(mut self) -> Self {
        self.diagnostics_on_stdout = matches!(self.format, MessageFormat::Json | MessageFormat::Sarif);
        self
    }

    /// Whether text on standard output may be coloured.
    pub(crate) fn colors_stdout(&self) -> bool {
        self.stdout_color
    }

    fn is_quiet(&self) -> bool {
        self.verbosity == Verbosity::Quiet
    }

    /// Whether to say more than usual.
    pub(crate) fn is_verbose(&self) -> bool {
        self.verbosity == Verbosity::Verbose
    }

    /// Whether progress may be shown.
    pub(crate) fn shows_progress(&self) -> bool {
        !self.is_quiet() && io::stderr().is_terminal()
    }

    /// Takes problems for as bad as these levels say from now on.
    pub(crate) fn go_by(&self, levels: Levels) {
        *self.levels.borrow_mut() = levels;
    }

    /// For how bad problems are taken.
    pub(crate) fn levels(&self) -> Ref<'_, Levels> {
        self.levels.borrow()
    }

    /// Shows diagnostics and, to people, how many there are. Says whether one of them is an error.
    pub(crate) fn diagnostics(&self, diagnostics: &[Diagnostic], sources: &SourceMap) -> bool {
        let mut told = self.levels().apply(diagnostics.to_vec());
        let is_error = told.iter().any(Diagnostic::is_error);
        told.retain(|one| !self.is_quiet() || one.is_error());
        let (format, human) = match self.format {
            MessageFormat::Human => (Format::Human { color: self.stderr_color }, true),
            MessageFormat::Short => (Format::Short, true),
            MessageFormat::Json => (Format::Json, false),
            MessageFormat::Sarif => {
                self.log.borrow_mut().get_or_insert_default().add(&told, sources);
                return is_error;
            }
        };
        let counts = summary(&told).filter(|_| human && !self.is_quiet());
        let counts = counts.map_or_else(String::new, |counts| counts + "\n");
        self.told(&(render(&told, sources, format) + &counts));
        is_error
    }

    /// Shows what is wrong with a configuration.
    pub(crate) fn misconfigured(&self, refused: &Misconfigured) -> Outcome {
        self.diagnostics(&refused.problems, &refused.sources);
        Outcome::Findings
    }

    /// Writes what is written at the end.
    pub(crate) fn finish(&self) {
        if let Some(log) = self.log.borrow_mut().take() {
            self.told(&log.finish());
        }
    }

    fn told(&self, text: &str) {
        if self.diagnostics_on_stdout {
            self.data(text);
        } else if !text.is_empty() {
            self.error_text(text);
        }
    }

    /// Writes data to standard output. A reader that has gone away ends the command quietly.
    #[expect(clippy::unused_self, reason = "all output goes through the Ui")]
    pub(crate) fn data(&self, text: &str) {
        let mut stdout = io::stdout().lock();
        if stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()).is_err() {
            caveat_driver::plugin::end_all();
            std::process::exit(0);
        }
    }

    /// Says something to people, unless they want quiet.
    pub(crate) fn say(&self, text: &str) {
        if !self.is_quiet() {
            self.error_text(&format!("{text}\n"));
        }
    }

    /// Says why the command could not be carried out.
    pub(crate) fn failure(&self, text: &str) {
        self.error_text(&format!("error: {text}\n"));
    }

    /// Writes to standard error; when that is closed, there is nobody left to tell.
    #[expect(clippy::unused_self, reason = "all output goes through the Ui")]
    fn error_text(&self, text: &str) {
        let _ = io::stderr().lock().write_all(text.as_bytes());
    }
}
