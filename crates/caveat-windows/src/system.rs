//! What is asked of Windows itself: few, small questions, so that all that is made of the answers
//! is ordinary code which a test drives on any machine. Nothing is interpreted here.

use std::io::{self, Read, Seek};

use caveat_runtime::value::KeyRef;

/// A Windows that is looked at.
///
/// An error of kind `NotFound` says that the thing is not there, one of kind `PermissionDenied` or
/// `ResourceBusy` that nobody may look. No string that is asked for holds a NUL.
pub trait System {
    /// An open file.
    type File: Read + Seek;

    /// Whether the asking process is a 32-bit one, so that a 64-bit Windows redirects its paths.
    fn is_32_bit_process(&self) -> bool;

    /// Looks for a registry key. The key's view is always given; a 32-bit Windows ignores it.
    ///
    /// # Errors
    /// The key is not there or cannot be opened.
    fn registry_key(&self, key: KeyRef<'_>) -> io::Result<()>;

    /// The names of the keys directly below a registry key. The key's view is always given.
    ///
    /// # Errors
    /// The key is not there or cannot be listed.
    fn subkeys(&self, key: KeyRef<'_>) -> io::Result<Vec<String>>;

    /// Reads a registry value; the default value's name is empty. The key's view is always given.
    ///
    /// # Errors
    /// The value is not there or cannot be read.
    fn registry_value(&self, key: KeyRef<'_>, name: &str) -> io::Result<RawValue>;

    /// Reads an environment variable.
    ///
    /// # Errors
    /// The variable is not there or is no text.
    fn variable(&self, name: &str) -> io::Result<String>;

    /// The size of a file in bytes.
    ///
    /// # Errors
    /// There is no file, but perhaps a folder, or it cannot be looked at.
    fn file_size(&self, path: &str) -> io::Result<u64>;

    /// Opens a file to read it.
    ///
    /// # Errors
    /// The file is not there or cannot be opened.
    fn open(&self, path: &str) -> io::Result<Self::File>;

    /// What a service does.
    ///
    /// # Errors
    /// The service is not there or cannot be asked.
    fn service_state(&self, name: &str) -> io::Result<ServiceState>;

    /// The ids of the updates in `Win32_QuickFixEngineering`.
    ///
    /// # Errors
    /// Nobody can be asked for them.
    fn quick_fixes(&self) -> io::Result<Vec<String>>;
}

impl<S: System + ?Sized> System for &S {
    type File = S::File;

    fn is_32_bit_process(&self) -> bool {
        S::is_32_bit_process(self)
    }

    fn registry_key(&self, key: KeyRef<'_>) -> io::Result<()> {
        S::registry_key(self, key)
    }

    fn subkeys(&self, key: KeyRef<'_>) -> io::Result<Vec<String>> {
        S::subkeys(self, key)
    }

    fn registry_value(&self, key: KeyRef<'_>, name: &str) -> io::Result<RawValue> {
        S::registry_value(self, key, name)
    }

    fn variable(&self, name: &str) -> io::Result<String> {
        S::variable(self, name)
    }

    fn file_size(&self, path: &str) -> io::Result<u64> {
        S::file_size(self, path)
    }

    fn open(&self, path: &str) -> io::Result<Self::File> {
        S::open(self, path)
    }

    fn service_state(&self, name: &str) -> io::Result<ServiceState> {
        S::service_state(self, name)
    }

    fn quick_fixes(&self) -> io::Result<Vec<String>> {
        S::quick_fixes(self)
    }
}

/// A registry value as the registry keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawValue {
    /// The number of its type: 1 is `reg_sz`.
    pub kind: u32,
    /// Its data.
    pub data: Vec<u8>,
}

/// What a service does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ServiceState {
    /// It runs.
    Running,
    /// It does not.
    Stopped,
    /// It is paused, or between two states.
    Other,
}
