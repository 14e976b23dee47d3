//! What systems offer to hold a process: on Unix a group that ends together, on Linux a bound on memory.
//! Elsewhere the process alone is ended, and memory is not bounded.

#[cfg(unix)]
use std::collections::BTreeSet;
use std::io;
#[cfg(unix)]
use std::num::NonZeroI32;
use std::process::{Child, Command};
#[cfg(unix)]
use std::sync::{Mutex, PoisonError};
#[cfg(unix)]
use std::thread;
#[cfg(unix)]
use std::time::{Duration, Instant};

/// Starts a program as the leader of a group, to which all belong that it starts.
#[cfg(unix)]
pub(super) fn start(command: &mut Command) -> io::Result<Child> {
    std::os::unix::process::CommandExt::process_group(command, 0);
    // Held while the program starts, so that `end_all` misses none.
    let mut running = running();
    let child = command.spawn()?;
    running.insert(rustix::process::Pid::from_child(&child).as_raw_nonzero());
    Ok(child)
}

/// Starts a program.
#[cfg(not(unix))]
pub(super) fn start(command: &mut Command) -> io::Result<Child> {
    command.spawn()
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

/// Ends the program and all of its group, unless it was waited for. After this it may be waited for.
#[cfg(unix)]
pub(super) fn kill_group(child: &mut Child) {
    use rustix::process::{Pid, WaitId, WaitIdOptions, waitid};
    let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
    let pid = Pid::from_child(child);
    let mut running = running();
    if waitid(WaitId::Pid(pid), options).is_ok() {
        kill(pid);
    }
    running.remove(&pid.as_raw_nonzero());
}

/// Ends the program.
#[cfg(not(unix))]
pub(super) fn kill_group(child: &mut Child) {
    let _ = child.kill();
}

#[cfg(unix)]
fn kill(group: rustix::process::Pid) {
    let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
}

/// The programs that were not waited for, so that their numbers are no other's.
#[cfg(unix)]
fn running() -> std::sync::MutexGuard<'static, BTreeSet<NonZeroI32>> {
    static RUNNING: Mutex<BTreeSet<NonZeroI32>> = Mutex::new(BTreeSet::new());
    RUNNING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Ends all plug-ins, for a program that is about to end itself: none can be started afterwards. A signal to
/// the program does not reach their groups, nor does Ctrl-C.
#[cfg(unix)]
pub fn end_all() {
    use rustix::process::{Pid, WaitOptions, waitpid};
    let running = running();
    for pid in running.iter().filter_map(|number| Pid::from_raw(number.get())) {
        kill(pid);
    }
    let deadline = Instant::now() + Duration::from_secs(2);
    for pid in running.iter().filter_map(|number| Pid::from_raw(number.get())) {
        while matches!(waitpid(Some(pid), WaitOptions::NOHANG), Ok(None)) && Instant::now() < deadline {
            thread::sleep(Duration::from_millis(5));
        }
    }
    std::mem::forget(running);
}

/// Plug-ins share the console, and hear of Ctrl-C themselves.
#[cfg(not(unix))]
pub fn end_all() {}
