//! Digests of files of any size.

use std::io::{self, Read};

use caveat_runtime::value::Digest;
use md5::Md5;
use sha1::Sha1;
use sha2::Sha256;

use crate::registry::hexadecimal;

/// How much of a file is kept in memory.
const CHUNK: usize = 64 * 1024;

/// The digest, in lower-case hexadecimal digits.
pub(crate) fn of(file: impl Read, algorithm: Digest) -> io::Result<String> {
    match algorithm {
        Digest::Md5 => read::<Md5>(file),
        Digest::Sha1 => read::<Sha1>(file),
        Digest::Sha256 => read::<Sha256>(file),
    }
}

fn read<D: sha2::Digest>(mut file: impl Read) -> io::Result<String> {
    let mut digest = D::new();
    let mut chunk = vec![0; CHUNK];
    loop {
        match file.read(&mut chunk) {
            Ok(0) => return Ok(hexadecimal(&digest.finalize())),
            Ok(count) => digest.update(chunk.get(..count).unwrap_or_default()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}
