//! The version of a file's version resource, as Windows itself would find it: the fixed version of
//! resource 1 of the type `RT_VERSION`.
//!
//! Files are hostile, and may be large. Headers, the tables of the resources and the beginning of
//! the one resource are read, each within a limit, and nothing else.

use std::io::{Read, Seek};

use caveat_runtime::Fact;
use caveat_runtime::value::FileVersion;
use object::LittleEndian as LE;
use object::pe::{
    IMAGE_DIRECTORY_ENTRY_RESOURCE, IMAGE_NT_OPTIONAL_HDR32_MAGIC, IMAGE_NT_OPTIONAL_HDR64_MAGIC,
    ImageDosHeader, ImageNtHeaders32, ImageNtHeaders64, ImageResourceDirectoryEntry,
};
use object::read::coff::SectionTable;
use object::read::pe::{
    ImageNtHeaders, ResourceDirectory, ResourceDirectoryEntryData, ResourceDirectoryTable, ResourceNameOrId,
    optional_header_magic,
};
use object::read::{ReadCache, ReadRef};

/// The most that is read of a file's resource tables, which stand before the resources.
const MOST_TABLES: u32 = 1 << 20;
/// The most languages that a version resource is read in.
const MOST_LANGUAGES: usize = 64;

const RT_VERSION: u16 = 16;
const VS_VERSION_INFO: u16 = 1;

/// What a version resource begins with: three lengths, this key, and a fixed part with this mark.
const KEY: &str = "VS_VERSION_INFO\0";
const KEY_AT: usize = 6;
const FIXED_AT: usize = 40;
const FIXED_MARK: u32 = 0xfeef_04bd;
/// How much of a version resource is read: up to the end of the file version in its fixed part.
const PREFIX: u32 = 56;

/// Why a file makes no sense.
type Reason = &'static str;

/// The file's version. A file that is no program has none; that of a 16-bit program is not known.
pub(crate) fn file_version(file: impl Read + Seek) -> Result<Fact<FileVersion>, Reason> {
    let data = &ReadCache::new(file);
    let Ok(dos) = ImageDosHeader::parse(data) else { return Ok(Fact::Absent) };
    match data.read_bytes_at(dos.nt_headers_offset().into(), 4) {
        Ok(b"PE\0\0") => {}
        Ok([b'N', b'E', ..]) => return Ok(Fact::Unknown),
        _ => return Ok(Fact::Absent),
    }
    match optional_header_magic(data).map_err(|_| "its headers are cut short")? {
        IMAGE_NT_OPTIONAL_HDR32_MAGIC => of_image::<ImageNtHeaders32, _>(data, dos),
        IMAGE_NT_OPTIONAL_HDR64_MAGIC => of_image::<ImageNtHeaders64, _>(data, dos),
        _ => Err("its optional header is of an unknown kind"),
    }
}

fn of_image<'d, H: ImageNtHeaders, R: ReadRef<'d>>(
    data: R,
    dos: &ImageDosHeader,
) -> Result<Fact<FileVersion>, Reason> {
    let mut offset = dos.nt_headers_offset().into();
    let (headers, directories) = H::parse(data, &mut offset).map_err(|_| "its headers make no sense")?;
    let sections = headers.sections(data, offset).map_err(|_| "its section table is cut short")?;
    let resources = directories.get(IMAGE_DIRECTORY_ENTRY_RESOURCE);
    match resources.map(|directory| directory.virtual_address.get(LE)) {
        None | Some(0) => Ok(Fact::Absent),
        Some(address) => of_resources(data, &sections, address),
    }
}

fn of_resources<'d, R: ReadRef<'d>>(
    data: R,
    sections: &SectionTable<'d>,
    address: u32,
) -> Result<Fact<FileVersion>, Reason> {
    let broken = |_| "its resource tables make no sense";
    let tables = ResourceDirectory::new(at(data, sections, address, MOST_TABLES)?);
    let root = tables.root().map_err(broken)?;
    let Some(names) = below(&root, RT_VERSION, tables)? else { return Ok(Fact::Absent) };
    let Some(languages) = below(&names, VS_VERSION_INFO, tables)? else { return Ok(Fact::Absent) };
    if languages.entries.len() > MOST_LANGUAGES {
        return Err("its version resource is in too many languages");
    }
    let mut found = Fact::Absent;
    for language in languages.entries {
        let ResourceDirectoryEntryData::Data(entry) = language.data(tables).map_err(broken)? else {
            return Err("its resource tables are too deep");
        };
        let prefix = at(data, sections, entry.offset_to_data.get(LE), PREFIX.min(entry.size.get(LE)))?;
        found = agreed(found, fixed_version(prefix)?)?;
    }
    Ok(found)
}

/// The one version. Which of two Windows takes depends on the language of whoever asks.
fn agreed(one: Fact<FileVersion>, other: Fact<FileVersion>) -> Result<Fact<FileVersion>, Reason> {
    match (&one, &other) {
        (Fact::Present(one), Fact::Present(other)) if one != other => {
            Err("its version resource has different versions in different languages")
        }
        (Fact::Present(_), _) => Ok(one),
        _ => Ok(other),
    }
}

/// The bytes at an address of the loaded image, at most so many.
fn at<'d, R: ReadRef<'d>>(
    data: R,
    sections: &SectionTable<'d>,
    address: u32,
    most: u32,
) -> Result<&'d [u8], Reason> {
    let (offset, size) =
        sections.pe_file_range_at(address).ok_or("its resources lie outside of its sections")?;
    data.read_bytes_at(offset.into(), size.min(most).into()).map_err(|()| "its resources are cut short")
}

/// The table below an entry of a table, if there is such an entry.
fn below<'d>(
    table: &ResourceDirectoryTable<'d>,
    id: u16,
    tables: ResourceDirectory<'d>,
) -> Result<Option<ResourceDirectoryTable<'d>>, Reason> {
    let is_it = |entry: &&ImageResourceDirectoryEntry| matches!(entry.name_or_id(), ResourceNameOrId::Id(found) if found == id);
    let Some(entry) = table.entries.iter().find(is_it) else { return Ok(None) };
    let inner = entry.data(tables).map_err(|_| "its resource tables make no sense")?;
    inner.table().map(Some).ok_or("its resource tables are too shallow")
}

/// The file version in the beginning of a version resource; absent when it has no fixed part.
fn fixed_version(resource: &[u8]) -> Result<Fact<FileVersion>, Reason> {
    let word = |at: usize| resource.get(at..at + 4)?.try_into().ok().map(u32::from_le_bytes);
    let key = KEY.encode_utf16().flat_map(u16::to_le_bytes);
    let written = resource.get(KEY_AT..KEY_AT + 2 * KEY.len()).unwrap_or_default();
    if !key.eq(written.iter().copied()) {
        return Err("its version resource has another beginning");
    }
    if resource.get(2..4) == Some(&[0, 0]) {
        return Ok(Fact::Absent);
    }
    match (word(FIXED_AT), word(FIXED_AT + 8), word(FIXED_AT + 12)) {
        (Some(FIXED_MARK), Some(high), Some(low)) => {
            Ok(Fact::Present(FileVersion::from_u64(u64::from(high) << 32 | u64::from(low))))
        }
        _ => Err("its version resource has no proper fixed part"),
    }
}
