//! The Windows machine at hand as a host: [`HostFacts`] that are looked up when a rule asks for them.
//!
//! Rules that were compiled into a program, and the evaluator of rule files, take any [`HostFacts`].
//! On Windows, `LiveHost` is one. A scanner with its rules inside needs two lines more than one for
//! host files:
//!
//! ```ignore
//! mod rules {
//!     caveat::include_rules!("rules");
//! }
//!
//! fn main() {
//!     let host = caveat_windows::LiveHost::new();
//!     for outcome in rules::evaluate(&host).iter() {
//!         println!("{} {}", outcome.bulletin.id, outcome.verdict);
//!     }
//! }
//! ```
//!
//! The evaluator reads the rules when it runs:
//!
//! ```no_run
//! use caveat_driver::{Compilation, compile, inputs};
//! use caveat_eval::{Evaluator, HostFacts};
//! use caveat_sema::Rules;
//!
//! fn report(host: &impl HostFacts) {
//!     let (rules, problems) = inputs::read(&["rules".into()], Some("rules".as_ref()));
//!     if let Compilation { rules: Rules::Checked(rules), .. } = compile(rules, problems) {
//!         for outcome in Evaluator::new(&rules).outcomes(host) {
//!             println!("{} {} {}", outcome.host, outcome.bulletin, outcome.verdict);
//!         }
//!     }
//! }
//!
//! # #[cfg(windows)]
//! fn main() {
//!     report(&caveat_windows::LiveHost::new());
//! }
//! # #[cfg(not(windows))]
//! # fn main() {}
//! ```
//!
//! A single fact can be asked for as well:
//!
//! ```no_run
//! use caveat_runtime::value::PathRef;
//! use caveat_runtime::{Fact, HostFacts};
//!
//! fn wins(host: &impl HostFacts) -> String {
//!     match host.file_version(PathRef(r"%SystemRoot%\System32\wins.exe")) {
//!         Fact::Present(version) => format!("wins.exe is {version}"),
//!         Fact::Absent => "there is no wins.exe, or it has no version".to_owned(),
//!         Fact::Unknown => "this user may not look".to_owned(),
//!         Fact::Error(reason) => reason.to_string(),
//!     }
//! }
//! ```
//!
//! # What the answers mean
//!
//! | the machine says | the fact is |
//! |---|---|
//! | here it is | [`Fact::Present`] |
//! | there is no such key, value, file, service or environment variable | [`Fact::Absent`] |
//! | access denied; in use by another program | [`Fact::Unknown`] |
//! | data that makes no sense, a broken file, any other failure | [`Fact::Error`], with the reason |
//!
//! Nobody may conclude from a refusal that something is missing, nor that it is broken; run a scanner
//! as administrator where it matters. Each question is asked once, and its answer kept, so that one
//! evaluation sees one machine; a new host looks anew.
//!
//! - **Operating system.** Facts come from where Windows keeps them in the registry, not from calls
//!   whose answers depend on a program's manifest. Without `CSDVersion` the service pack is 0, without
//!   `ProductSuite` there are no suites; any other fact that is missing is unknown. The language is
//!   that of the installation.
//! - **Registry.** A rule means the native registry, also where this is a 32-bit program on a 64-bit
//!   Windows, unless it asks for the 32-bit view. `HKCU` and `HKCR` are those of the current user.
//!   Types that rules have no word for (`reg_none`, `reg_qword`…) are their bytes.
//! - **Files.** Known folders such as `%ProgramFiles%` are where the registry says, and variables of the machine
//!   are what it holds for all, whatever this process was given; those of a user or of each process are this process'
//!   own. A 32-bit program gets at the real `System32` through
//!   `Sysnative`; for the few files that Windows hides from it altogether the answer is unknown. A
//!   folder is no file.
//! - **Versions.** The fixed file version of version resource 1, read from the file itself, a few
//!   kilobytes of it. A file without one has no version. Where languages have different versions, the
//!   file is in error; that of a 16-bit program is unknown.
//! - **Services.** A service is there if its registry key is; its start type is the key's; whether it
//!   runs is asked of the service manager. A service that is paused or just starting or stopping is
//!   neither running nor stopped: unknown.
//! - **Updates.** Before Windows Vista they are the keys below the registry key `Hotfix`, from then on
//!   what `Win32_QuickFixEngineering` lists; where nobody can be asked for it, updates are unknown.
//!
//! # On other systems
//!
//! The crate compiles everywhere, without `LiveHost`. [`WindowsHost`] is the same host over any
//! [`System`], such as one that a test makes up.
//!
//! [`Fact::Present`]: caveat_runtime::Fact::Present
//! [`Fact::Absent`]: caveat_runtime::Fact::Absent
//! [`Fact::Unknown`]: caveat_runtime::Fact::Unknown
//! [`Fact::Error`]: caveat_runtime::Fact::Error
//! [`HostFacts`]: caveat_runtime::HostFacts

mod answers;
mod digest;
mod host;
mod instances;
#[cfg(windows)]
mod live;
mod os;
mod paths;
mod registry;
mod system;
mod version;

pub use host::WindowsHost;
#[cfg(windows)]
pub use live::LiveSystem;
pub use system::{RawValue, ServiceState, System};

/// The machine that this program runs on.
#[cfg(windows)]
pub type LiveHost = WindowsHost<LiveSystem>;

#[cfg(windows)]
impl LiveHost {
    /// The machine that this program runs on, not yet looked at but for its name.
    #[must_use]
    pub fn new() -> Self {
        Self::of(LiveSystem)
    }
}

#[cfg(windows)]
impl Default for LiveHost {
    fn default() -> Self {
        Self::new()
    }
}
