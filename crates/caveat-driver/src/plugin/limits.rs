//! How much a plug-in may do. Every bound is far above what honest ones need.

use std::time::Duration;

/// Bounds for one plug-in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// To introduce itself.
    pub hello: Duration,
    /// To compile the rules; `timeout` in the configuration.
    pub run: Duration,
    /// To end once it is done.
    pub grace: Duration,
    /// Bytes of its introduction, whose texts are kept as long as Caveat runs.
    pub introduction: usize,
    /// Bytes of one line.
    pub line: usize,
    /// Bytes of all lines.
    pub output: usize,
    /// Messages.
    pub messages: usize,
    /// Bytes of memory that each of its processes may write to, where the system can see to it.
    pub memory: u64,
}

/// A mebibyte.
const MIB: usize = 1024 * 1024;

impl Default for Limits {
    fn default() -> Self {
        Self {
            hello: Duration::from_secs(5),
            run: Duration::from_mins(1),
            grace: Duration::from_secs(2),
            introduction: MIB / 4,
            line: 32 * MIB,
            output: 256 * MIB,
            messages: 50_000,
            memory: 4096 * 1024 * 1024,
        }
    }
}
