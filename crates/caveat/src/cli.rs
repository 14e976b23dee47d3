//! The arguments.

use std::path::PathBuf;

use caveat_diag::Code;
use caveat_ir::rule::Verdict;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

/// Compile, check and evaluate applicability rules of security bulletins.
#[derive(Debug, Parser)]
#[command(name = "caveat", version, propagate_version = true, max_term_width = 100)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) common: Common,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Options of every command.
#[derive(Debug, Args)]
pub(crate) struct Common {
    /// When to use colour
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto, value_name = "WHEN")]
    pub(crate) color: Color,
    /// Say only what is wrong
    #[arg(short, long, global = true)]
    pub(crate) quiet: bool,
    /// Say more
    #[arg(short, long, global = true, action = clap::ArgAction::Count, conflicts_with = "quiet")]
    pub(crate) verbose: u8,
    /// The shape of diagnostics
    #[arg(long, global = true, value_enum, default_value_t = MessageFormat::Human, value_name = "FORMAT")]
    pub(crate) message_format: MessageFormat,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    /// On terminals, unless `NO_COLOR` is set
    Auto,
    Always,
    Never,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum MessageFormat {
    /// With source excerpts
    Human,
    /// One line each
    Short,
    /// One JSON object a line
    Json,
    /// A SARIF 2.1.0 log
    Sarif,
}

/// Rule files or folders.
#[derive(Debug, Args)]
pub(crate) struct Paths {
    /// Rule files, folders, or - for standard input [default: the rules folder of caveat.toml]
    #[arg(value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Parse, resolve and check rules; report what is wrong
    Check(Check),
    /// Compile rules for one or more targets
    Build(Build),
    /// Say what rules mean for hosts
    Eval(Eval),
    /// Explain a diagnostic code, or the verdict of a rule on a host
    Explain(Explain),
    /// Show what is known of hosts: their platforms, what follows from what, and what is missing
    Facts(Facts),
    /// Run the tests inside rule files
    Test(Test),
    /// Compare what two versions of the rules mean
    Diff(Diff),
    /// Show what bulletins can say of the hosts of each platform
    Matrix(Matrix),
    /// Lay rule files out canonically
    Fmt(Fmt),
    /// Begin a rule for a bulletin
    New(New),
    /// List the targets and what each can express
    Targets(Targets),
    /// Serve or check back ends that are programs of their own
    Plugin {
        #[command(subcommand)]
        command: Plugin,
    },
    /// Print a JSON Schema
    Schema {
        /// Of what
        schema: Schema,
    },
    /// Print the rules as JSON after a pass
    Dump(Dump),
    /// Print completions for a shell
    Completions {
        /// The shell
        shell: Shell,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Check {
    #[command(flatten)]
    pub(crate) paths: Paths,
    /// Targets to check the rules for, separated by commas, or all [default: `targets` of caveat.toml]
    #[arg(short, long, value_delimiter = ',', value_name = "TARGET")]
    pub(crate) target: Vec<String>,
    /// Write a host file for every finding that a host shows
    #[arg(long, value_name = "DIR")]
    pub(crate) witness: Option<PathBuf>,
    /// Make the changes that are safe to make without looking
    #[arg(long)]
    pub(crate) fix: bool,
    /// Take all warnings, or the findings of a code, for errors: `warnings` or CODE
    #[arg(long, value_delimiter = ',', value_parser = Denied::parse, value_name = "WHAT")]
    pub(crate) deny: Vec<Denied>,
    /// Exit with 0 although the rules have errors
    #[arg(long)]
    pub(crate) exit_zero: bool,
    #[command(flatten)]
    pub(crate) plugins: Plugins,
}

/// What is taken for an error.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Denied {
    Warnings,
    Code(&'static Code),
}

impl Denied {
    fn parse(text: &str) -> Result<Self, String> {
        match caveat_diag::code(text) {
            Some(code) => Ok(Self::Code(code)),
            None if text == "warnings" => Ok(Self::Warnings),
            None => Err("write `warnings`, or a code such as CAV0812".to_owned()),
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct Diff {
    /// The rules before: a file or folder
    pub(crate) old: PathBuf,
    /// The rules after
    pub(crate) new: PathBuf,
    /// The shape of the changes
    #[arg(long, value_enum, default_value_t = ListFormat::Human)]
    pub(crate) format: ListFormat,
    /// Exit with 1 when a bulletin means something else
    #[arg(long)]
    pub(crate) fail_on_change: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Matrix {
    #[command(flatten)]
    pub(crate) paths: Paths,
    /// Only the bulletin of this id
    #[arg(long, value_name = "ID")]
    pub(crate) bulletin: Option<String>,
    /// The shape of the tables
    #[arg(long, value_enum, default_value_t = ListFormat::Human)]
    pub(crate) format: ListFormat,
}

#[derive(Debug, Args)]
pub(crate) struct Build {
    #[command(flatten)]
    pub(crate) paths: Paths,
    /// Targets, separated by commas, or all: all built-in ones
    /// [default: `targets` of caveat.toml]
    #[arg(short, long, value_delimiter = ',', value_name = "TARGET")]
    pub(crate) target: Vec<String>,
    /// The folder to write to, or - for standard output [default: out]
    #[arg(short, long, value_name = "DIR")]
    pub(crate) output: Option<PathBuf>,
    /// What to do with rules that a target cannot express exactly
    #[arg(long, value_enum, default_value_t = PolicyArg::Approximate)]
    pub(crate) policy: PolicyArg,
    /// An option of a target, such as oval.namespace=org.example
    #[arg(short = 'O', long = "option", value_name = "TARGET.NAME=VALUE")]
    pub(crate) options: Vec<String>,
    /// The file that keeps ids and versions [default: `lock` of caveat.toml, else none]
    #[arg(long, value_name = "FILE")]
    pub(crate) lock: Option<PathBuf>,
    /// Fail if the lock file would change
    #[arg(long)]
    pub(crate) locked: bool,
    #[command(flatten)]
    pub(crate) plugins: Plugins,
}

/// Which programs may be run.
#[derive(Debug, Args)]
pub(crate) struct Plugins {
    /// Run the plug-ins that the caveat.toml of the rules names
    #[arg(long)]
    pub(crate) allow_plugins: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum PolicyArg {
    /// Fail
    Error,
    /// Leave the rule out of that target
    Skip,
    /// Make the nearest approximation of known direction
    Approximate,
}

#[derive(Debug, Args)]
pub(crate) struct Eval {
    #[command(flatten)]
    pub(crate) paths: Paths,
    /// Host files (YAML, JSON, NDJSON), or - for standard input
    #[arg(long, required = true, num_args = 1.., value_name = "FILE")]
    pub(crate) host: Vec<PathBuf>,
    /// The shape of the verdicts
    #[arg(long, value_enum, default_value_t = EvalFormat::Human)]
    pub(crate) format: EvalFormat,
    /// Exit with 1 when a bulletin has one of these verdicts on a host
    #[arg(long, value_delimiter = ',', value_parser = verdict(), value_name = "VERDICT")]
    pub(crate) fail_on: Vec<Verdict>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum EvalFormat {
    Human,
    Json,
    Sarif,
}

fn verdict() -> impl TypedValueParser<Value = Verdict> {
    let words = PossibleValuesParser::new(Verdict::ALL.map(Verdict::as_str));
    words.try_map(|word| Verdict::named(&word).ok_or("not a verdict"))
}

#[derive(Debug, Args)]
pub(crate) struct Explain {
    /// A diagnostic code (CAV0203), a bulletin or a CVE
    pub(crate) subject: String,
    #[command(flatten)]
    pub(crate) paths: Paths,
    /// The hosts to explain the verdict on
    #[arg(long, num_args = 1.., value_name = "FILE")]
    pub(crate) host: Vec<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Facts {
    #[command(flatten)]
    pub(crate) paths: Paths,
    /// Host files (YAML, JSON, NDJSON), or - for standard input
    #[arg(long, required = true, num_args = 1.., value_name = "FILE")]
    pub(crate) host: Vec<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Test {
    #[command(flatten)]
    pub(crate) paths: Paths,
    /// Run only tests whose bulletin or name contains this text
    #[arg(long, value_name = "TEXT")]
    pub(crate) filter: Option<String>,
    /// The shape of the results
    #[arg(long, value_enum, default_value_t = TestFormat::Human)]
    pub(crate) format: TestFormat,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum TestFormat {
    Human,
    /// `JUnit` XML, on standard output
    Junit,
}

#[derive(Debug, Args)]
pub(crate) struct Fmt {
    #[command(flatten)]
    pub(crate) paths: Paths,
    /// Change nothing; list the files that are not laid out canonically, and exit with 1 if any
    #[arg(long)]
    pub(crate) check: bool,
}

#[derive(Debug, Args)]
pub(crate) struct New {
    /// The bulletin's id, such as MS04-006
    pub(crate) bulletin: String,
    /// The file to write, or - for standard output [default: ID.caveat in the rules folder]
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Targets {
    /// The shape of the list
    #[arg(long, value_enum, default_value_t = ListFormat::Human)]
    pub(crate) format: ListFormat,
    #[command(flatten)]
    pub(crate) plugins: Plugins,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ListFormat {
    Human,
    Json,
}

#[derive(Debug, Args)]
pub(crate) struct Dump {
    #[command(flatten)]
    pub(crate) paths: Paths,
    /// The pass after which to look
    #[arg(long, value_enum)]
    pub(crate) after: Pass,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Pass {
    /// The syntax tree
    Parse,
    /// The rules, as lowered
    Lower,
    /// The rules, after all checks
    Check,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Plugin {
    /// Serve a built-in back end by the protocol of plug-ins
    Serve {
        /// Its name
        name: String,
    },
    /// Check whether a plug-in keeps to the protocol
    Check {
        /// The program and its arguments
        #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true)]
        command: Vec<String>,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Schema {
    /// The rules, as `caveat dump` prints them and plug-ins get them
    Ir,
    /// The messages between Caveat and plug-ins
    Protocol,
    /// Host files
    Host,
    /// The verdicts of `caveat eval --format json`
    Eval,
    /// The problems of `--message-format json`
    Diagnostic,
}
