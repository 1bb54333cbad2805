//! Archives that are one format inside (workbooks, KMZ): what they unpack to is counted before anything is made of it.

use std::io::{Cursor, Read};

use super::ReadError;
use crate::task::Progress;
use crate::text::Message;

/// Bytes that an archive may unpack to.
const MOST_BYTES: u64 = 2 << 30;
/// How much larger than packed a member may be, beyond the first [`FREE_BYTES`].
const MOST_RATIO: u64 = 300;
const FREE_BYTES: u64 = 128 << 20;
/// Bytes of a member that are its beginning.
const BEGINNING: u64 = 1 << 20;
/// Members of an archive that are looked at.
const MOST_MEMBERS: usize = 20_000;

/// Counts what the members whose names (in small letters) are `wanted` unpack to; gives the names of all members.
///
/// # Errors
/// [`ReadError::Format`] where it is no archive or unpacks to too much, [`ReadError::Cancelled`].
pub(super) fn check(bytes: &[u8], wanted: fn(&str) -> bool, progress: &Progress) -> Result<Vec<String>, ReadError> {
    let broken = |error| ReadError::Format(Message::new("io.zip-broken").with("reason", error));
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(broken)?;
    let too_much = || ReadError::Format(Message::new("io.zip-bomb").with("most", MOST_BYTES >> 30));
    if archive.len() > MOST_MEMBERS {
        return Err(too_much());
    }
    let mut names = Vec::new();
    let mut total = 0u64;
    let mut piece = vec![0; 1 << 16];
    for at in 0..archive.len() {
        // What cannot be unpacked is the reader's to say, where it needs it.
        let Ok(mut member) = archive.by_index(at) else { continue };
        // What has no name that can be read is not asked for by one.
        let Ok(name) = member.name().map(|name| name.into_owned()) else { continue };
        let is_wanted = wanted(&name.to_ascii_lowercase());
        names.push(name);
        if !is_wanted {
            continue;
        }
        let packed = member.compressed_size();
        let mut size = 0u64;
        while let Ok(count @ 1..) = member.read(&mut piece) {
            size += count as u64;
            if total + size > MOST_BYTES || (size > FREE_BYTES && size > MOST_RATIO * packed.max(1)) {
                return Err(too_much());
            }
            progress.tick(0).map_err(|_| ReadError::Cancelled)?;
        }
        total += size;
    }
    Ok(names)
}

/// The first bytes of a member of an archive that was checked; `None` where there is none, or it cannot be unpacked.
pub(super) fn beginning(bytes: &[u8], name: &str) -> Option<Vec<u8>> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).ok()?; // it was one when it was checked
    let mut out = Vec::new();
    archive.by_name(name).ok()?.take(BEGINNING).read_to_end(&mut out).ok()?;
    Some(out)
}

/// The bytes of a member of an archive that was checked; `None` where there is none, or it cannot be unpacked.
pub(super) fn member(bytes: &[u8], name: &str) -> Option<Vec<u8>> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).ok()?; // it was one when it was checked
    let mut out = Vec::new();
    let member = archive.by_name(name).ok()?;
    member.take(MOST_BYTES).read_to_end(&mut out).ok()?;
    Some(out)
}
