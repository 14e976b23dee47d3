//! Names that files are built with and bear in their version resource, where they are installed under another.
//!
//! Setup chooses a kernel and a hardware abstraction layer for the machine, and installs it as `ntoskrnl.exe` or `hal.dll`.

/// The name that a file is installed under, and those that its resource may have in place of it.
const BUILT: &[(&str, &[&str])] = &[
    // With several processors, with physical address extension, with both; the last from Windows Vista on.
    ("ntoskrnl.exe", &["ntkrnlmp.exe", "ntkrnlpa.exe", "ntkrpamp.exe", "ntkrla57.exe"]),
    ("ntkrnlpa.exe", &["ntkrpamp.exe"]),
    (
        "hal.dll",
        &[
            "halaacpi.dll",
            "halacpi.dll",
            "halapic.dll",
            "halborg.dll",
            "halmacpi.dll",
            "halmps.dll",
            "halsp.dll",
        ],
    ),
];

/// The names that the resource of a file may have: its own, and those that it is built with.
pub(crate) fn names(file: &str) -> impl Iterator<Item = &str> {
    let known = BUILT.iter().find(|(installed, _)| installed.eq_ignore_ascii_case(file));
    [file].into_iter().chain(known.into_iter().flat_map(|(_, names)| names.iter().copied()))
}
