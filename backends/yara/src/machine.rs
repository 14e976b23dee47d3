//! The machine of a file's PE header, as far as the host's architecture and the folder tell it.
//!
//! Files in `System32` and its `drivers` are taken to be native, files below `SysWOW64` to be
//! 32-bit. Nothing is concluded for other folders: `System32\spool` alone holds drivers for other
//! machines, and Windows on ARM mixes machines everywhere.

use std::collections::BTreeSet;

use caveat_ir::value::{Architecture, WindowsPath};

/// A machine that files are built for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Machine {
    I386,
    Ia64,
    Amd64,
    ArmNt,
    Alpha,
    R4000,
    PowerPc,
}

/// The machines a file may be for; none when nothing follows.
pub(crate) type Machines = Option<BTreeSet<Machine>>;

impl Machine {
    /// The constant of YARA's module.
    pub(crate) const fn constant(self) -> &'static str {
        match self {
            Self::I386 => "pe.MACHINE_I386",
            Self::Ia64 => "pe.MACHINE_IA64",
            Self::Amd64 => "pe.MACHINE_AMD64",
            Self::ArmNt => "pe.MACHINE_ARMNT",
            Self::Alpha => "pe.MACHINE_ALPHA",
            Self::R4000 => "pe.MACHINE_R4000",
            Self::PowerPc => "pe.MACHINE_POWERPC",
        }
    }

    fn native(architecture: Architecture) -> Option<Self> {
        match architecture {
            Architecture::X86 => Some(Self::I386),
            Architecture::Ia64 => Some(Self::Ia64),
            Architecture::X64 => Some(Self::Amd64),
            Architecture::Arm64 => None,
            Architecture::Arm => Some(Self::ArmNt),
            Architecture::Alpha => Some(Self::Alpha),
            Architecture::Mips => Some(Self::R4000),
            Architecture::PowerPc => Some(Self::PowerPc),
        }
    }
}

/// The machines of a file at `path` on hosts of these architectures.
pub(crate) fn machines(path: &WindowsPath, hosts: &BTreeSet<Architecture>) -> Machines {
    match folder(path)? {
        Folder::Native => hosts.iter().map(|architecture| Machine::native(*architecture)).collect(),
        Folder::Emulated => Some([Machine::I386].into()),
    }
}

/// A folder whose files are for one machine.
enum Folder {
    Native,
    Emulated,
}

fn folder(path: &WindowsPath) -> Option<Folder> {
    let folder = path.folder().to_ascii_lowercase();
    let below_root = folder.strip_prefix("%systemroot%\\").or_else(|| folder.strip_prefix("%windir%\\"))?;
    match below_root.split_once('\\').unwrap_or((below_root, "")) {
        ("system32", "" | "drivers") => Some(Folder::Native),
        ("syswow64", _) => Some(Folder::Emulated),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{Machine, machines};
    use caveat_ir::value::Architecture;

    #[test]
    fn folders_tell_machines_only_where_windows_keeps_to_it() {
        use Architecture::{Arm64, Ia64, X64, X86};
        let of = |path: &str, hosts: &[Architecture]| {
            let machines =
                machines(&path.parse().unwrap_or_else(|_| unreachable!()), &hosts.iter().copied().collect());
            machines.map(|machines| machines.into_iter().map(Machine::constant).collect::<Vec<_>>())
        };
        let (i386, ia64, amd64) = ("pe.MACHINE_I386", "pe.MACHINE_IA64", "pe.MACHINE_AMD64");
        assert_eq!(of(r"%SystemRoot%\System32\a.dll", &[X86]), Some(vec![i386]));
        assert_eq!(of(r"%windir%\system32\a.dll", &[X86, Ia64, X64]), Some(vec![i386, ia64, amd64]));
        assert_eq!(of(r"%SystemRoot%\System32\drivers\a.sys", &[X64]), Some(vec![amd64]));
        assert_eq!(of(r"%SystemRoot%\SysWOW64\sub\a.dll", &[Ia64, Arm64]), Some(vec![i386]));
        assert_eq!(of(r"%SystemRoot%\System32\a.dll", &[X86, Arm64]), None);
        assert_eq!(of(r"%SystemRoot%\System32\spool\drivers\a.dll", &[X64]), None);
        assert_eq!(of(r"%ProgramFiles(x86)%\a.dll", &[X64]), None);
        assert_eq!(of(r"C:\Windows\System32\a.dll", &[X86]), None);
    }
}
