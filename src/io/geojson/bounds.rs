//! What bounds the memory that a file may take: blanks that are left out, the text of one feature, room for the rest.
//!
//! A few megabytes unpack to any number of gigabytes. Text is held only until the features in it are read, so that what
//! can grow without end is one feature (or what stands before or behind the features), blanks between two, and the
//! features themselves. Blanks are left out, the text of one is bounded, and before each piece is read there must be
//! room for it.

use std::fs;

use super::super::ReadError;

/// Bytes of the longest feature that is read.
pub(super) const MOST_BYTES: usize = if cfg!(test) { 1 << 24 } else { 1 << 29 };
/// Text without a feature's end is looked through for blanks from so many bytes on.
const SUSPECT_BYTES: usize = 4 << 20;
/// Line ends that are kept of a run of blanks: issues name lines.
const MOST_LINES: usize = 1 << 16;
/// Bytes that must be free while a piece is read, at least, and for each of its bytes: for its columns, and those of the
/// pieces beside it.
const ROOM: (usize, usize) = (32 << 20, 16);

/// Adds `more` to `text` where there is room for it.
///
/// # Errors
/// [`ReadError::TooLong`] beyond [`MOST_BYTES`], [`ReadError::NoMemory`]; both without their line.
pub(super) fn push(text: &mut String, more: &str) -> Result<(), ReadError> {
    check(text.len() + more.len())?;
    text.try_reserve(more.len()).map_err(|_| NO_MEMORY)?;
    text.push_str(more);
    Ok(())
}

/// Without its line, which whoever knows it adds.
pub(super) const NO_MEMORY: ReadError = ReadError::NoMemory { line: 0, feature_count: 0 };

/// Whether text of so many bytes may be held.
///
/// # Errors
/// [`ReadError::TooLong`], without its line.
pub(super) fn check(byte_count: usize) -> Result<(), ReadError> {
    if byte_count <= MOST_BYTES {
        return Ok(());
    }
    Err(ReadError::TooLong { most_mb: (MOST_BYTES >> 20) as u64, line: 0, feature_count: 0 })
}

/// Leaves out the blanks behind byte `start` of `text`, which lies in no string, where they are most of it.
pub(super) fn squeeze(text: &mut String, start: usize) {
    if text.len() - start < SUSPECT_BYTES {
        return;
    }
    let mut blank_count = 0;
    runs(&text[start..], |run| blank_count += run.len());
    if 2 * blank_count < text.len() - start {
        return;
    }
    let mut kept = String::with_capacity(text.len() - blank_count);
    kept.push_str(&text[..start]);
    let mut from = start;
    runs(&text[start..], |run| {
        kept.push_str(&text[from..start + run.start]);
        let blanks = &text.as_bytes()[start + run.start..start + run.end];
        let lines = memchr::memchr_iter(b'\n', blanks).take(MOST_LINES).count();
        kept.extend(std::iter::repeat_n('\n', lines));
        from = start + run.end;
    });
    kept.push_str(&text[from..]);
    *text = kept;
}

/// Calls `each` with every run of more than one blank of a JSON text that stands in no string.
fn runs(text: &str, mut each: impl FnMut(std::ops::Range<usize>)) {
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => at = string_end(bytes, at + 1),
            b' ' | b'\t' | b'\r' | b'\n' => {
                let is_blank = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\r' | b'\n');
                let end = at + bytes[at..].iter().position(|byte| !is_blank(byte)).unwrap_or(bytes.len() - at);
                if end - at > 1 {
                    each(at..end);
                }
                at = end;
            }
            _ => at += 1,
        }
    }
}

/// Behind the quote that ends the string that byte `at` is in.
fn string_end(bytes: &[u8], mut at: usize) -> usize {
    while let Some(found) = bytes.get(at..).and_then(|rest| memchr::memchr2(b'"', b'\\', rest)) {
        match bytes[at + found] {
            b'"' => return at + found + 1,
            _ => at += found + 2,
        }
    }
    bytes.len()
}

/// Whether there is memory for one more piece of so many bytes.
///
/// # Errors
/// [`ReadError::NoMemory`], without its line.
pub(super) fn look_for_room(piece_bytes: usize) -> Result<(), ReadError> {
    let room = ROOM.0 + ROOM.1 * piece_bytes;
    // Where the system or a limit has no more to give, asking for it fails. What is only asked for costs nothing.
    let asked = Vec::<u8>::new().try_reserve_exact(room);
    let is_free = asked.is_ok() && free_bytes().is_none_or(|free| free >= room as u64);
    if is_free { Ok(()) } else { Err(NO_MEMORY) }
}

/// Memory that can be had before the system ends programs, where it tells: Linux promises more than it has.
fn free_bytes() -> Option<u64> {
    let text = fs::read_to_string("/proc/meminfo").ok()?; // another system refuses what it does not have
    let kilobytes = |name: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(name))?;
        line.trim().trim_end_matches("kB").trim().parse::<u64>().ok()
    };
    Some((kilobytes("MemAvailable:")? + kilobytes("SwapFree:")?) << 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_are_left_out_and_texts_stay() {
        let blanks = " \t\r".repeat(2 << 20);
        let mut text = format!("[{blanks}{{\"a  b\":\"c\\\"  d\",{blanks}\n\n\"e\"  :  1}}\n");
        squeeze(&mut text, 1);
        assert_eq!(text, "[{\"a  b\":\"c\\\"  d\",\n\n\"e\":1}\n");
        let inside = format!("{{\"a\":\"{blanks}");
        let mut text = inside.clone();
        squeeze(&mut text, 0);
        assert!(text == inside);
        let mut short = "[  1 ]".to_owned();
        squeeze(&mut short, 0);
        assert_eq!(short, "[  1 ]");
    }

    #[test]
    fn text_is_bounded() {
        assert!(check(MOST_BYTES).is_ok());
        assert!(matches!(check(MOST_BYTES + 1), Err(ReadError::TooLong { .. })));
        assert!(look_for_room(1 << 20).is_ok());
    }
}
