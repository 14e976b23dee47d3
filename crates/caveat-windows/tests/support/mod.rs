//! A machine that a test makes up, and programs for it. Behaves as Windows does towards a process
//! of the same width; what redirects is written down by the test.
#![allow(dead_code, reason = "each test needs its part")]
#![allow(clippy::expect_used, reason = "a helper of a test ends the test")]

pub(crate) mod image;
pub(crate) mod rules;

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Cursor, ErrorKind, Read, Seek, SeekFrom};
use std::rc::Rc;

use caveat_runtime::value::{Hive, KeyRef, View};
use caveat_windows::{RawValue, ServiceState, System, WindowsHost};

pub(crate) const NONE: u32 = 0;
pub(crate) const SZ: u32 = 1;
pub(crate) const EXPAND_SZ: u32 = 2;
pub(crate) const BINARY: u32 = 3;
pub(crate) const DWORD: u32 = 4;
pub(crate) const DWORD_BIG_ENDIAN: u32 = 5;
pub(crate) const LINK: u32 = 6;
pub(crate) const MULTI_SZ: u32 = 7;
pub(crate) const QWORD: u32 = 11;

pub(crate) const WINDOWS_NT: &str = r"SOFTWARE\Microsoft\Windows NT\CurrentVersion";
pub(crate) const WINDOWS: &str = r"SOFTWARE\Microsoft\Windows\CurrentVersion";
pub(crate) const PRODUCT_OPTIONS: &str = r"SYSTEM\CurrentControlSet\Control\ProductOptions";
pub(crate) const ENVIRONMENT: &str = r"SYSTEM\CurrentControlSet\Control\Session Manager\Environment";
pub(crate) const LANGUAGE: &str = r"SYSTEM\CurrentControlSet\Control\Nls\Language";
pub(crate) const COMPUTER_NAME: &str = r"SYSTEM\CurrentControlSet\Control\ComputerName\ComputerName";
pub(crate) const SERVICES: &str = r"SYSTEM\CurrentControlSet\Services";

/// By hive, view and folded key.
type Place = (Hive, View, String);

/// A made-up Windows. What is put into it by a method is there.
#[derive(Debug, Default)]
pub(crate) struct Machine {
    narrow: bool,
    keys: BTreeMap<Place, BTreeMap<String, RawValue>>,
    files: BTreeMap<String, Vec<u8>>,
    folders: BTreeSet<String>,
    variables: BTreeMap<String, String>,
    services: BTreeMap<String, ServiceState>,
    quick_fixes: Vec<String>,
    refused: BTreeMap<String, ErrorKind>,
    /// What was asked, in order.
    pub(crate) asked: RefCell<Vec<String>>,
    /// How many bytes were read from files.
    pub(crate) read: Rc<Cell<u64>>,
}

impl Machine {
    /// The process is a 32-bit one.
    pub(crate) fn narrow(mut self) -> Self {
        self.narrow = true;
        self
    }

    pub(crate) fn key(mut self, key: KeyRef<'_>) -> Self {
        self.keys.entry(place(key)).or_default();
        self
    }

    pub(crate) fn value(mut self, key: KeyRef<'_>, name: &str, kind: u32, data: impl Into<Vec<u8>>) -> Self {
        let value = RawValue { kind, data: data.into() };
        self.keys.entry(place(key)).or_default().insert(name.to_ascii_lowercase(), value);
        self
    }

    /// A `reg_sz` of a key of the machine.
    pub(crate) fn text(self, key: &str, name: &str, text: &str) -> Self {
        self.value(native(key), name, SZ, wide(&format!("{text}\0")))
    }

    /// A `reg_dword` of a key of the machine.
    pub(crate) fn number(self, key: &str, name: &str, number: u32) -> Self {
        self.value(native(key), name, DWORD, number.to_le_bytes())
    }

    pub(crate) fn file(mut self, path: &str, data: impl Into<Vec<u8>>) -> Self {
        self.files.insert(path.to_ascii_lowercase(), data.into());
        self
    }

    pub(crate) fn folder(mut self, path: &str) -> Self {
        self.folders.insert(path.to_ascii_lowercase());
        self
    }

    pub(crate) fn variable(mut self, name: &str, value: &str) -> Self {
        self.variables.insert(name.to_ascii_lowercase(), value.to_owned());
        self
    }

    pub(crate) fn service(mut self, name: &str, state: ServiceState) -> Self {
        self.services.insert(name.to_ascii_lowercase(), state);
        self
    }

    /// An update in `Win32_QuickFixEngineering`.
    pub(crate) fn quick_fix(mut self, id: &str) -> Self {
        self.quick_fixes.push(id.to_owned());
        self
    }

    /// Asking for whatever has this name fails so.
    pub(crate) fn fails(mut self, name: &str, kind: ErrorKind) -> Self {
        self.refused.insert(name.to_ascii_lowercase(), kind);
        self
    }

    pub(crate) fn host(self) -> WindowsHost<Self> {
        WindowsHost::of(self)
    }

    fn ask(&self, name: &str) -> io::Result<()> {
        assert!(!name.contains('\0'), "Windows was asked for a name with a NUL");
        self.asked.borrow_mut().push(name.to_owned());
        self.refused.get(&name.to_ascii_lowercase()).map_or(Ok(()), |kind| Err((*kind).into()))
    }
}

impl System for Machine {
    type File = Counted;

    fn is_32_bit_process(&self) -> bool {
        self.narrow
    }

    fn registry_key(&self, key: KeyRef<'_>) -> io::Result<()> {
        self.ask(key.key)?;
        self.keys.get(&place(key)).map(|_| ()).ok_or_else(|| ErrorKind::NotFound.into())
    }

    fn subkeys(&self, key: KeyRef<'_>) -> io::Result<Vec<String>> {
        self.ask(&format!(r"{}\*", key.key))?;
        let (hive, view, above) = place(key);
        let same = |(other, seen, _): &&Place| (*other, *seen) == (hive, view);
        let tail = |(.., key): &Place| Some(key.strip_prefix(&above)?.strip_prefix('\\')?.to_owned());
        let names: Vec<String> = self.keys.keys().filter(same).filter_map(tail).collect();
        if names.is_empty() { Err(ErrorKind::NotFound.into()) } else { Ok(names) }
    }

    fn registry_value(&self, key: KeyRef<'_>, name: &str) -> io::Result<RawValue> {
        self.ask(&format!("{}!{name}", key.key))?;
        let found = self.keys.get(&place(key)).and_then(|values| values.get(&name.to_ascii_lowercase()));
        found.cloned().ok_or_else(|| ErrorKind::NotFound.into())
    }

    fn variable(&self, name: &str) -> io::Result<String> {
        self.ask(name)?;
        let found = self.variables.get(&name.to_ascii_lowercase());
        found.cloned().ok_or_else(|| ErrorKind::NotFound.into())
    }

    fn file_size(&self, path: &str) -> io::Result<u64> {
        self.ask(&format!("size of {path}"))?;
        let found = self.files.get(&path.to_ascii_lowercase()).map(|data| data.len() as u64);
        found.ok_or_else(|| ErrorKind::NotFound.into())
    }

    fn open(&self, path: &str) -> io::Result<Self::File> {
        self.ask(path)?;
        if self.folders.contains(&path.to_ascii_lowercase()) {
            return Err(ErrorKind::PermissionDenied.into());
        }
        let found = self.files.get(&path.to_ascii_lowercase()).cloned();
        let counted = |data| Counted(Cursor::new(data), Rc::clone(&self.read));
        found.map(counted).ok_or_else(|| ErrorKind::NotFound.into())
    }

    fn service_state(&self, name: &str) -> io::Result<ServiceState> {
        self.ask(name)?;
        self.services.get(&name.to_ascii_lowercase()).copied().ok_or_else(|| ErrorKind::NotFound.into())
    }

    fn quick_fixes(&self) -> io::Result<Vec<String>> {
        self.ask("updates")?;
        Ok(self.quick_fixes.clone())
    }
}

/// A file that counts what is read of it.
pub(crate) struct Counted(Cursor<Vec<u8>>, Rc<Cell<u64>>);

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.0.read(buffer)?;
        self.1.set(self.1.get() + count as u64);
        Ok(count)
    }
}

impl Seek for Counted {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.0.seek(to)
    }
}

/// A key of the machine, in the view of its own programs.
pub(crate) fn native(key: &str) -> KeyRef<'_> {
    KeyRef { hive: Hive::LocalMachine, key, view: Some(View::Bits64) }
}

/// The same key in the 32-bit view.
pub(crate) fn in_32_bits(key: &str) -> KeyRef<'_> {
    KeyRef { view: Some(View::Bits32), ..native(key) }
}

/// The text as the registry keeps it.
pub(crate) fn wide(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

fn place(key: KeyRef<'_>) -> Place {
    (key.hive, key.view.expect("the view is always given"), key.key.to_ascii_lowercase())
}
