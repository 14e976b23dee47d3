//! The Windows that this program runs on. The only module of the crate that touches anything
//! outside of it; it only reads.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::thread;

use caveat_runtime::value::{Hive, KeyRef, View};
use windows_registry::{CLASSES_ROOT, CURRENT_CONFIG, CURRENT_USER, Key, LOCAL_MACHINE, USERS};
use windows_service::service::{ServiceAccess, ServiceState as State};
use windows_service::service_manager::{ServiceManager, ServiceManagerAccess};
use wmi::{COMLibrary, Variant, WMIConnection, WMIError, WMIResult};

use crate::system::{RawValue, ServiceState, System};

/// The right to read values, and no other, so that keys that may not be listed can be read.
const KEY_QUERY_VALUE: u32 = 1;
/// The right to list keys.
const KEY_ENUMERATE_SUB_KEYS: u32 = 8;

/// Results that say that management of Windows is not there to be asked: it may not be, its service
/// is disabled, or does not answer.
const UNAVAILABLE: [u32; 5] = [0x8004_1003, 0x8007_0005, 0x8007_0422, 0x8007_06ba, 0x8008_0005];

const ERROR_SHARING_VIOLATION: i32 = 32;
const ERROR_LOCK_VIOLATION: i32 = 33;
const ERROR_KEY_DELETED: i32 = 1018;
const ERROR_SERVICE_DOES_NOT_EXIST: i32 = 1060;

/// The Windows that this program runs on, seen with the rights of its user.
#[derive(Debug, Clone, Copy, Default)]
pub struct LiveSystem;

impl System for LiveSystem {
    type File = File;

    fn is_32_bit_process(&self) -> bool {
        cfg!(target_pointer_width = "32")
    }

    fn registry_key(&self, key: KeyRef<'_>) -> io::Result<()> {
        opened(key, KEY_QUERY_VALUE).map(|_| ())
    }

    fn subkeys(&self, key: KeyRef<'_>) -> io::Result<Vec<String>> {
        let key = opened(key, KEY_QUERY_VALUE | KEY_ENUMERATE_SUB_KEYS)?;
        key.keys().map(Iterator::collect).map_err(|error| of_windows(error.into()))
    }

    fn registry_value(&self, key: KeyRef<'_>, name: &str) -> io::Result<RawValue> {
        let value =
            opened(key, KEY_QUERY_VALUE)?.get_value(name).map_err(|error| of_windows(error.into()))?;
        Ok(RawValue { kind: value.ty().into(), data: value.to_vec() })
    }

    fn variable(&self, name: &str) -> io::Result<String> {
        std::env::var(name).map_err(|error| match error {
            std::env::VarError::NotPresent => ErrorKind::NotFound.into(),
            std::env::VarError::NotUnicode(_) => io::Error::new(ErrorKind::InvalidData, "it is not Unicode"),
        })
    }

    fn file_size(&self, path: &str) -> io::Result<u64> {
        let metadata = fs::metadata(path).map_err(of_windows)?;
        if metadata.is_dir() { Err(ErrorKind::NotFound.into()) } else { Ok(metadata.len()) }
    }

    fn open(&self, path: &str) -> io::Result<File> {
        File::open(path).map_err(of_windows)
    }

    fn service_state(&self, name: &str) -> io::Result<ServiceState> {
        let state = state_of(name).map_err(|error| match error {
            windows_service::Error::Winapi(error) => of_windows(error),
            other => io::Error::other(other),
        });
        state.map(|state| match state {
            State::Running => ServiceState::Running,
            State::Stopped => ServiceState::Stopped,
            _ => ServiceState::Other,
        })
    }

    /// On a thread of its own, whose apartment is nobody else's.
    fn quick_fixes(&self) -> io::Result<Vec<String>> {
        let asked = thread::Builder::new().spawn(quick_fixes)?.join();
        asked.map_err(|_| io::Error::other("asking for the updates failed"))?.map_err(|error| match error {
            WMIError::HResultError { hres } if UNAVAILABLE.contains(&hres.cast_unsigned()) => {
                ErrorKind::PermissionDenied.into()
            }
            other => io::Error::other(other),
        })
    }
}

/// The security of a process can be set once; where the program has done so, that will do.
fn quick_fixes() -> WMIResult<Vec<String>> {
    let library = COMLibrary::new().or_else(|_| COMLibrary::without_security())?;
    let found: Vec<HashMap<String, Variant>> =
        WMIConnection::new(library)?.raw_query("SELECT HotFixID FROM Win32_QuickFixEngineering")?;
    let id = |update: HashMap<String, Variant>| match update.into_values().next() {
        Some(Variant::String(id)) => Some(id),
        _ => None,
    };
    Ok(found.into_iter().filter_map(id).collect())
}

fn opened(key: KeyRef<'_>, rights: u32) -> io::Result<Key> {
    let hive = match key.hive {
        Hive::LocalMachine => LOCAL_MACHINE,
        Hive::ClassesRoot => CLASSES_ROOT,
        Hive::CurrentUser => CURRENT_USER,
        Hive::Users => USERS,
        Hive::CurrentConfig => CURRENT_CONFIG,
    };
    let mut options = hive.options();
    options.access(rights);
    match key.view {
        Some(View::Bits32) => options.wow64_32(),
        None | Some(View::Bits64) => options.wow64_64(),
    };
    options.open(key.key).map_err(|error| of_windows(error.into()))
}

fn state_of(name: &str) -> windows_service::Result<State> {
    let manager = ServiceManager::local_computer(None::<&str>, ServiceManagerAccess::CONNECT)?;
    let service = manager.open_service(name, ServiceAccess::QUERY_STATUS)?;
    service.query_status().map(|status| status.current_state)
}

/// The error, with its kind where the standard library knows none for it.
fn of_windows(error: io::Error) -> io::Error {
    match error.raw_os_error() {
        Some(ERROR_KEY_DELETED | ERROR_SERVICE_DOES_NOT_EXIST) => ErrorKind::NotFound.into(),
        Some(ERROR_SHARING_VIOLATION | ERROR_LOCK_VIOLATION) => ErrorKind::ResourceBusy.into(),
        _ => error,
    }
}
