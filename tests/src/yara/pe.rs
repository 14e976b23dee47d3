//! Writes PE files: PE32 or PE32+, for any machine, with any number of version resources.
//!
//! Layouts: PE format (section `.rsrc`, resource directory of three levels: type, id, language),
//! `VS_VERSIONINFO` and `VS_FIXEDFILEINFO`. The files hold no code that does anything.

use caveat_ir::value::FileVersion;

/// `IMAGE_FILE_MACHINE_I386`
pub const I386: u16 = 0x14c;
/// `IMAGE_FILE_MACHINE_IA64`
pub const IA64: u16 = 0x200;
/// `IMAGE_FILE_MACHINE_AMD64`
pub const AMD64: u16 = 0x8664;
/// `IMAGE_FILE_MACHINE_ARM64`
pub const ARM64: u16 = 0xaa64;
/// `IMAGE_FILE_MACHINE_ARMNT`
pub const ARMNT: u16 = 0x1c4;
/// `IMAGE_FILE_MACHINE_ALPHA`
pub const ALPHA: u16 = 0x184;
/// `IMAGE_FILE_MACHINE_R4000`
pub const R4000: u16 = 0x166;
/// `IMAGE_FILE_MACHINE_POWERPC`
pub const POWERPC: u16 = 0x1f0;

/// Where the section of resources is in memory.
const RESOURCES_AT: u32 = 0x2000;
/// Sections begin at multiples of this in the file.
const ALIGNED: usize = 0x200;
/// The resource type of version information.
const VERSION: u32 = 16;

/// A file in outline.
#[derive(Debug, Clone, Default)]
pub struct Pe {
    /// The machine; those of 64 bits are written as PE32+.
    pub machine: u16,
    /// Its version resources.
    pub resources: Vec<Resource>,
    /// The version of a `VS_FIXEDFILEINFO` that stands among the code, as that of a file inside would.
    pub decoy: Option<FileVersion>,
    /// How many bytes are missing at its end.
    pub cut: usize,
}

/// A version resource.
#[derive(Debug, Clone)]
pub struct Resource {
    /// Its id; Windows reads 1.
    pub id: u32,
    /// Its language.
    pub language: u16,
    /// The fixed file version.
    pub version: FileVersion,
    /// The strings; the free text of the version among them, if at all.
    pub strings: Vec<(String, String)>,
}

impl Resource {
    /// The usual resource: id 1, English, the name with and without extension.
    pub fn new(name: &str, version: FileVersion) -> Self {
        let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
        Self {
            id: 1,
            language: 0x409,
            version,
            strings: strings(&[("InternalName", stem), ("OriginalFilename", name)]),
        }
    }
}

/// Pairs as a resource has them.
pub fn strings(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

impl Pe {
    /// A file with the usual resource.
    pub fn new(machine: u16, name: &str, version: FileVersion) -> Self {
        Self { machine, resources: vec![Resource::new(name, version)], ..Self::default() }
    }

    /// The file.
    pub fn bytes(&self) -> Vec<u8> {
        let mut code = vec![0xc3, 0, 0, 0];
        code.extend(self.decoy.iter().flat_map(|version| fixed(*version)));
        let resources = if self.resources.is_empty() { Vec::new() } else { directory(&self.resources) };
        let mut file = self.headers(&code, &resources);
        for section in [code, resources] {
            file.extend(section);
            file.resize(file.len().next_multiple_of(ALIGNED), 0);
        }
        file.truncate(file.len() - self.cut);
        file
    }

    fn headers(&self, code: &[u8], resources: &[u8]) -> Vec<u8> {
        let wide = [IA64, AMD64, ARM64].contains(&self.machine);
        let mut file = vec![0; 64];
        file[..2].copy_from_slice(b"MZ");
        file[60] = 64;
        file.extend(b"PE\0\0");
        words(&mut file, &[self.machine, 1 + u16::from(!resources.is_empty())]);
        longs(&mut file, &[0, 0, 0]);
        words(&mut file, &[if wide { 0xf0 } else { 0xe0 }, 0x2102]);
        optional_header(&mut file, wide, resources.len());
        let mut at = ALIGNED;
        section(&mut file, *b".text\0\0\0", 0x1000, code.len(), at);
        at += code.len().next_multiple_of(ALIGNED);
        if !resources.is_empty() {
            section(&mut file, *b".rsrc\0\0\0", RESOURCES_AT, resources.len(), at);
        }
        file.resize(ALIGNED, 0);
        file
    }
}

fn optional_header(file: &mut Vec<u8>, wide: bool, resources: usize) {
    let size = u32::try_from(resources).unwrap();
    words(file, &[if wide { 0x20b } else { 0x10b }, 14]);
    longs(file, &[0x200, size.next_multiple_of(0x200), 0, 0x1000, 0x1000]);
    if wide {
        file.extend(0x1_8000_0000_u64.to_le_bytes());
    } else {
        longs(file, &[RESOURCES_AT, 0x1000_0000]);
    }
    longs(file, &[0x1000, 0x200]);
    words(file, &[6, 0, 0, 0, 6, 0]);
    longs(file, &[0, RESOURCES_AT + size.next_multiple_of(0x1000), 0x200, 0]);
    words(file, &[3, 0x100]);
    for size in [0x10_0000_u32, 0x1000, 0x10_0000, 0x1000] {
        let bytes = u64::from(size).to_le_bytes();
        file.extend(&bytes[..if wide { 8 } else { 4 }]);
    }
    longs(file, &[0, 16]);
    for entry in 0..16 {
        let here = entry == 2 && resources > 0;
        longs(file, &if here { [RESOURCES_AT, size] } else { [0, 0] });
    }
}

fn section(file: &mut Vec<u8>, name: [u8; 8], address: u32, size: usize, at: usize) {
    let long = |size: usize| u32::try_from(size).unwrap();
    file.extend(name);
    longs(file, &[long(size), address, long(size.next_multiple_of(ALIGNED)), long(at), 0, 0, 0, 0x4000_0040]);
}

/// The resource directory: one type, its ids, their languages, where the data are, the data.
fn directory(resources: &[Resource]) -> Vec<u8> {
    let mut sorted: Vec<&Resource> = resources.iter().collect();
    sorted.sort_by_key(|resource| (resource.id, resource.language));
    let groups: Vec<&[&Resource]> = sorted.chunk_by(|a, b| a.id == b.id).collect();
    let table = |entries: usize| 16 + 8 * u32::try_from(entries).unwrap();
    let mut next = table(1) + table(groups.len());
    let mut entry = next + groups.iter().map(|group| table(group.len())).sum::<u32>();
    let mut data_at = RESOURCES_AT + entry + 16 * u32::try_from(sorted.len()).unwrap();

    let mut bytes = head(1);
    longs(&mut bytes, &[VERSION, 0x8000_0000 | table(1)]);
    bytes.extend(head(groups.len()));
    for group in &groups {
        longs(&mut bytes, &[group[0].id, 0x8000_0000 | next]);
        next += table(group.len());
    }
    for group in &groups {
        bytes.extend(head(group.len()));
        for resource in *group {
            longs(&mut bytes, &[resource.language.into(), entry]);
            entry += 16;
        }
    }
    let data: Vec<Vec<u8>> = sorted.iter().map(|resource| padded(information(resource))).collect();
    for data in &data {
        let size = u32::try_from(data.len()).unwrap();
        longs(&mut bytes, &[data_at, size, 0, 0]);
        data_at += size;
    }
    bytes.extend(data.concat());
    bytes
}

/// The head of a table of the directory, all of whose entries are numbers.
fn head(entries: usize) -> Vec<u8> {
    let mut bytes = vec![0; 14];
    words(&mut bytes, &[u16::try_from(entries).unwrap()]);
    bytes
}

/// `VS_VERSIONINFO`
fn information(resource: &Resource) -> Vec<u8> {
    let texts = resource.strings.iter().map(|(key, value)| {
        let value = utf16(value);
        block(key, u16::try_from(value.len() / 2).unwrap(), 1, &value, &[])
    });
    let table = block(&format!("{:04X}04B0", resource.language), 0, 1, &[], &texts.collect::<Vec<_>>());
    let mut translation = Vec::new();
    words(&mut translation, &[resource.language, 1200]);
    let translation = block("Translation", 4, 0, &translation, &[]);
    let children =
        [block("StringFileInfo", 0, 1, &[], &[table]), block("VarFileInfo", 0, 1, &[], &[translation])];
    block("VS_VERSION_INFO", 52, 0, &fixed(resource.version), &children)
}

/// `VS_FIXEDFILEINFO`
fn fixed(version: FileVersion) -> Vec<u8> {
    let [a, b, c, d] = version.0.map(u32::from);
    let version = [a << 16 | b, c << 16 | d];
    // The version of the product is another, to tell who confuses the two.
    let product = [version[0] ^ 0x0001_0001, version[1] ^ 0x0001_0001];
    let mut bytes = Vec::new();
    longs(&mut bytes, &[0xfeef_04bd, 0x1_0000]);
    longs(&mut bytes, &version);
    longs(&mut bytes, &product);
    longs(&mut bytes, &[0x3f, 0, 0x4_0004, 1, 0, 0, 0]);
    bytes
}

/// A block of a version resource: lengths, type, key, value, children, each part at a multiple of four.
fn block(key: &str, value_length: u16, kind: u16, value: &[u8], children: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = vec![0; 2];
    words(&mut bytes, &[value_length, kind]);
    bytes.extend(utf16(key));
    bytes = padded(bytes);
    bytes.extend(value);
    for child in children {
        bytes = padded(bytes);
        bytes.extend(child);
    }
    let length = u16::try_from(bytes.len()).unwrap();
    bytes[..2].copy_from_slice(&length.to_le_bytes());
    bytes
}

fn padded(mut bytes: Vec<u8>) -> Vec<u8> {
    bytes.resize(bytes.len().next_multiple_of(4), 0);
    bytes
}

fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().chain([0]).flat_map(u16::to_le_bytes).collect()
}

fn words(bytes: &mut Vec<u8>, words: &[u16]) {
    bytes.extend(words.iter().flat_map(|word| word.to_le_bytes()));
}

fn longs(bytes: &mut Vec<u8>, longs: &[u32]) {
    bytes.extend(longs.iter().flat_map(|long| long.to_le_bytes()));
}
