//! What systems offer to hold a process: on Unix a group that ends together, on Linux a bound on memory.
//! Elsewhere the process alone is ended, and memory is not bounded.

use std::process::{Child, Command};

/// Makes the program the leader of a group, to which all belong that it starts.
#[cfg_attr(not(unix), expect(unused_variables, reason = "there are no groups"))]
pub(super) fn lead_group(command: &mut Command) {
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(command, 0);
}

/// Bounds the memory that each process of the plug-in may write to.
#[cfg_attr(not(target_os = "linux"), expect(unused_variables, reason = "it cannot be bounded from outside"))]
pub(super) fn limit_memory(child: &Child, bytes: u64) {
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{Pid, Resource, Rlimit, prlimit};
        let limit = Rlimit { current: Some(bytes), maximum: Some(bytes) };
        // Fails when the limit is lower already, or the program has ended.
        let _ = prlimit(Some(Pid::from_child(child)), Resource::Data, limit);
    }
}

/// Whether the program has ended. It stays to be waited for, which keeps its number taken, so that no
/// other group is hit by [`kill_group`].
#[cfg(unix)]
pub(super) fn has_ended(child: &mut Child) -> bool {
    use rustix::process::{Pid, WaitId, WaitIdOptions, waitid};
    let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
    !matches!(waitid(WaitId::Pid(Pid::from_child(child)), options), Ok(None))
}

/// Whether the program has ended.
#[cfg(not(unix))]
pub(super) fn has_ended(child: &mut Child) -> bool {
    !matches!(child.try_wait(), Ok(None))
}

/// Ends the program and all of its group, unless it was waited for.
#[cfg(unix)]
pub(super) fn kill_group(child: &mut Child) {
    use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};
    let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
    let pid = Pid::from_child(child);
    if waitid(WaitId::Pid(pid), options).is_ok() {
        let _ = kill_process_group(pid, Signal::KILL);
    }
}

/// Ends the program.
#[cfg(not(unix))]
pub(super) fn kill_group(child: &mut Child) {
    let _ = child.kill();
}
