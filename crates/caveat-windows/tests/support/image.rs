//! Programs with the version resources that a test wants: a PE file of one section, `.rsrc`.

const RT_VERSION: u32 = 16;
const SUBTABLE: u32 = 1 << 31;
/// Where the section begins in the file, and in memory.
const SECTION_AT: usize = 0x400;
const SECTION_ADDRESS: u32 = 0x1000;
/// The size of a table's head, and of each of its entries, and of what points to data.
const TABLE: u32 = 16;
const ENTRY: u32 = 8;
const POINTER: u32 = 16;

/// A resource of the type `RT_VERSION`: its id, its language and its bytes.
pub(crate) type Resource = (u32, u32, Vec<u8>);

/// A version resource with a fixed part and no strings.
pub(crate) fn version_resource(file: [u16; 4], product: [u16; 4]) -> Vec<u8> {
    let halves = |[a, b, c, d]: [u16; 4]| [b, a, d, c];
    let mark = [0x04bd, 0xfeef, 0, 1];
    let words = [92, 52, 0].into_iter().chain("VS_VERSION_INFO\0".encode_utf16()).chain([0]).chain(mark);
    let words = words.chain(halves(file)).chain(halves(product)).chain([0; 14]);
    words.flat_map(u16::to_le_bytes).collect()
}

/// A program with a version resource of this file version.
pub(crate) fn with_version(file: [u16; 4]) -> Vec<u8> {
    program(true, &[(1, 0x409, version_resource(file, [9, 9, 9, 9]))])
}

/// A program, for 64 bits or for 32, with these resources, in the order of their ids.
pub(crate) fn program(wide: bool, resources: &[Resource]) -> Vec<u8> {
    let section = section(resources);
    let mut image = headers(wide, u32::try_from(section.len()).expect("a small section"));
    image.resize(SECTION_AT, 0);
    image.extend(section);
    image.resize(image.len().next_multiple_of(0x200), 0);
    image
}

fn headers(wide: bool, section: u32) -> Vec<u8> {
    let mut image = b"MZ".to_vec();
    image.resize(0x3c, 0);
    image.extend(64_u32.to_le_bytes());
    image.extend(b"PE\0\0");
    let (machine, magic, optional) = if wide { (0x8664, 0x20b, 240_u16) } else { (0x14c, 0x10b, 224) };
    for word in [machine, 1, 0, 0, 0, 0, 0, 0, optional, 0x2002, magic] {
        image.extend(u16::to_le_bytes(word));
    }
    let directories = image.len() - 2 + usize::from(optional) - 16 * 8;
    image.resize(directories - 4, 0);
    image.extend(16_u32.to_le_bytes());
    image.resize(directories + 2 * 8, 0);
    let address = if section == 0 { 0 } else { SECTION_ADDRESS };
    image.extend([address, section].iter().flat_map(|number| number.to_le_bytes()));
    image.resize(directories + 16 * 8, 0);
    image.extend(b".rsrc\0\0\0");
    let raw = section.next_multiple_of(0x200);
    let at = u32::try_from(SECTION_AT).expect("a small number");
    for number in [section, SECTION_ADDRESS, raw, at, 0, 0, 0, 0x4000_0040] {
        image.extend(u32::to_le_bytes(number));
    }
    image
}

/// The tables (type, then id, then language), what they point to, and the data.
fn section(resources: &[Resource]) -> Vec<u8> {
    let Some(count) = u32::try_from(resources.len()).ok().filter(|count| *count > 0) else {
        return Vec::new();
    };
    let mut ids: Vec<u32> = resources.iter().map(|(id, ..)| *id).collect();
    ids.dedup();
    let languages = |id: u32| resources.iter().filter(move |(other, ..)| *other == id);
    let id_count = u32::try_from(ids.len()).expect("few ids");
    let mut section = table(&[(RT_VERSION, SUBTABLE | (TABLE + ENTRY))]);

    let mut inner = TABLE + ENTRY + TABLE + ENTRY * id_count;
    let pointers = inner + TABLE * id_count + ENTRY * count;
    let mut entries = Vec::new();
    for id in &ids {
        entries.push((*id, SUBTABLE | inner));
        inner += TABLE + ENTRY * u32::try_from(languages(*id).count()).expect("few languages");
    }
    section.extend(table(&entries));
    let mut pointer = pointers;
    for id in &ids {
        let entries: Vec<(u32, u32)> =
            languages(*id).map(|(_, language, _)| *language).zip((pointer..).step_by(16)).collect();
        pointer += POINTER * u32::try_from(entries.len()).expect("few languages");
        section.extend(table(&entries));
    }

    let mut data = Vec::new();
    for (_, _, bytes) in resources {
        let at = pointer + u32::try_from(data.len()).expect("little data");
        let size = u32::try_from(bytes.len()).expect("little data");
        section.extend([SECTION_ADDRESS + at, size, 0, 0].iter().flat_map(|number| number.to_le_bytes()));
        data.extend(bytes);
        data.resize(data.len().next_multiple_of(4), 0);
    }
    section.extend(data);
    section
}

fn table(entries: &[(u32, u32)]) -> Vec<u8> {
    let count = u32::try_from(entries.len()).expect("few entries") << 16;
    let head = [0, 0, 0, count];
    let numbers = head.into_iter().chain(entries.iter().flat_map(|(id, offset)| [*id, *offset]));
    numbers.flat_map(u32::to_le_bytes).collect()
}
