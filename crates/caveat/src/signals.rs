//! Signals that end the command end its plug-ins, too: they lead groups of their own, which hear of none.

/// From now on, the plug-ins end before the command does.
#[cfg(unix)]
pub(crate) fn end_plugins() {
    use std::sync::Once;
    static WATCHED: Once = Once::new();
    WATCHED.call_once(watch);
}

/// On other systems, plug-ins hear of Ctrl-C themselves.
#[cfg(not(unix))]
pub(crate) fn end_plugins() {}

#[cfg(unix)]
fn watch() {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM};
    use signal_hook::iterator::Signals;
    use signal_hook::low_level::emulate_default_handler;
    let ignored = ignored();
    let heard = [SIGHUP, SIGINT, SIGQUIT, SIGTERM];
    let heard = heard.into_iter().filter(|signal| ignored & (1 << (signal - 1)) == 0);
    // Without them, the plug-ins end when their input does, if they are well-behaved.
    let Ok(mut signals) = Signals::new(heard) else { return };
    std::thread::spawn(move || {
        for signal in signals.forever() {
            caveat_driver::plugin::end_all();
            let _ = emulate_default_handler(signal);
        }
    });
}

/// The signals that the command was started to ignore, as `nohup` does, one bit each. Only Linux tells.
#[cfg(unix)]
fn ignored() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0)
}
