//! The encoding of the text of an ASCII DXF.
//!
//! From R2007 (AC1021) on text is UTF-8 whatever the code page says; before, `$DWGCODEPAGE` counts. Programs of all kinds
//! write UTF-8 under a code page of old all the same: bytes that are UTF-8 throughout are read as such. Where nothing is
//! said and the bytes are no UTF-8, they are taken for GBK where they can be, which is said.

use std::borrow::Cow;

use encoding_rs::{Encoding, GB18030, UTF_8};

/// The first version whose text is UTF-8.
const UNICODE_SINCE: &str = "AC1021";

/// A DXF as text of UTF-8, and what there is to say about its encoding: a key and a name.
pub(super) struct Decoded<'a> {
    pub(super) bytes: Cow<'a, [u8]>,
    pub(super) notes: Vec<(&'static str, String)>,
    /// The encoding that it was decoded from, where that is another.
    pub(super) encoding: Option<&'static Encoding>,
}

impl<'a> Decoded<'a> {
    fn of(bytes: &'a [u8], encoding: &'static Encoding, notes: Vec<(&'static str, String)>) -> Self {
        let other = Some(encoding).filter(|encoding| *encoding != UTF_8);
        Self { bytes: recoded(bytes, encoding), notes, encoding: other }
    }

    fn as_it_is(bytes: &'a [u8]) -> Self {
        Self { bytes: Cow::Borrowed(bytes), notes: Vec::new(), encoding: None }
    }
}

/// Decodes the bytes of an ASCII DXF; its code page is overwritten, so that nobody decodes it again.
pub(super) fn decoded(bytes: &[u8]) -> Decoded<'_> {
    let unmarked = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    if unmarked.is_ascii() {
        return Decoded::as_it_is(unmarked);
    }
    let (version, page) = (header(unmarked, "$ACADVER"), header(unmarked, "$DWGCODEPAGE"));
    let is_utf8 = std::str::from_utf8(unmarked).is_ok();
    let page = page.unwrap_or_default();
    let by_page = encoding_of(&page);
    let is_new = version.as_deref().is_some_and(|version| version >= UNICODE_SINCE);
    if is_new || is_utf8 {
        let notes = match (is_utf8, is_new || by_page == Some(UTF_8) || page.is_empty()) {
            (true, true) => Vec::new(),
            (true, false) => vec![("cad-stale-page", page.clone())],
            (false, _) => vec![("cad-bad-utf8", String::new())],
        };
        // A new drawing that is no UTF-8 was written by a program that did not know: its code page may tell.
        let fits = |encoding: &&'static Encoding| {
            *encoding != UTF_8 && !(encoding.is_single_byte() && reads_as_chinese(unmarked))
        };
        let fallback = by_page.filter(fits).unwrap_or(GB18030);
        let encoding = if is_utf8 { UTF_8 } else { fallback };
        return Decoded::of(unmarked, encoding, notes);
    }
    if let Some(encoding) = by_page.filter(|encoding| *encoding != UTF_8) {
        // A page of one byte a character reads anything: what reads as Chinese throughout is Chinese.
        let looks_chinese = encoding.is_single_byte() && reads_as_chinese(unmarked);
        let (encoding, notes) = match looks_chinese {
            true => (GB18030, vec![("cad-page-chinese", page)]),
            false => (encoding, Vec::new()),
        };
        return Decoded::of(unmarked, encoding, notes);
    }
    // No page, one of DOS, one that nobody knows, or UTF-8 that it is not: what reads as Chinese throughout is Chinese.
    if reads_as_chinese(unmarked) {
        return Decoded::of(unmarked, GB18030, vec![("cad-page-chinese", page)]);
    }
    // Code pages of DOS and the like are known to the library.
    Decoded::as_it_is(unmarked)
}

/// Whether bytes are GBK without a fault, with common characters (the first level of GB 2312) among them for the most part.
fn reads_as_chinese(bytes: &[u8]) -> bool {
    let (mut at, mut common, mut other) = (0, 0u64, 0u64);
    while at < bytes.len() {
        if bytes[at] < 0x80 {
            at += 1;
            continue;
        }
        match (bytes[at], bytes.get(at + 1)) {
            (0xB0..=0xD7 | 0xA3, Some(0xA1..=0xFE)) => common += 1,
            (0x81..=0xFE, Some(0x40..=0x7E | 0x80..=0xFE)) => other += 1,
            _ => return false,
        }
        at += 2;
    }
    common > 3 * other
}

fn recoded<'b>(bytes: &'b [u8], encoding: &'static Encoding) -> Cow<'b, [u8]> {
    let text = match encoding.decode_without_bom_handling(bytes).0 {
        Cow::Borrowed(text) => Cow::Borrowed(text.as_bytes()),
        Cow::Owned(text) => Cow::Owned(text.into_bytes()),
    };
    match place_of(&text, "$DWGCODEPAGE") {
        Some((start, end)) => Cow::Owned([&text[..start], b"UTF-8", &text[end..]].concat()),
        None => text,
    }
}

/// The value of a variable of the header.
pub(super) fn header(bytes: &[u8], name: &str) -> Option<String> {
    let (start, end) = place_of(bytes, name)?;
    Some(String::from_utf8_lossy(&bytes[start..end]).trim().to_owned())
}

/// Where the value of a variable of the header stands: the second line after its name.
fn place_of(bytes: &[u8], name: &str) -> Option<(usize, usize)> {
    // Headers are at the start.
    let head = &bytes[..bytes.len().min(1 << 16)];
    let mut at = 0;
    let mut line = || {
        let rest = head.get(at..).filter(|rest| !rest.is_empty())?;
        let length = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
        let found = (at, at + length);
        at += length + 1;
        Some(found)
    };
    let trimmed = |(start, end): (usize, usize)| {
        let end = if head[start..end].ends_with(b"\r") { end - 1 } else { end };
        (start, end)
    };
    while let Some(found) = line() {
        let (start, end) = trimmed(found);
        if head[start..end].trim_ascii() == name.as_bytes() {
            line()?;
            return line().map(trimmed);
        }
    }
    None
}

/// What stands before the number of a code page.
const NAMES: [&str; 7] = ["ansi_", "ansi-", "dos", "cp", "ms", "windows-", ""];

/// The encoding of a code page as drawings name it; `None` for those that are left to the library, and for no name.
fn encoding_of(page: &str) -> Option<&'static Encoding> {
    let page = page.to_ascii_lowercase();
    let number: String = page.chars().filter(char::is_ascii_digit).collect();
    Some(match (page.as_str(), number.as_str()) {
        ("gb2312" | "gbk" | "gb18030", _) => GB18030,
        ("big5", _) => encoding_rs::BIG5,
        ("utf-8" | "utf8", _) => UTF_8,
        // `ANSI_936`, `DOS936`, `CP936`, `936`.
        (page, number) if NAMES.contains(&page.trim_end_matches(|c: char| c.is_ascii_digit())) => match number {
            "936" => GB18030,
            "950" => encoding_rs::BIG5,
            "932" => encoding_rs::SHIFT_JIS,
            "949" => encoding_rs::EUC_KR,
            "874" => encoding_rs::WINDOWS_874,
            "1250" => encoding_rs::WINDOWS_1250,
            "1251" => encoding_rs::WINDOWS_1251,
            "1252" => encoding_rs::WINDOWS_1252,
            "1253" => encoding_rs::WINDOWS_1253,
            "1254" => encoding_rs::WINDOWS_1254,
            "1255" => encoding_rs::WINDOWS_1255,
            "1256" => encoding_rs::WINDOWS_1256,
            "1257" => encoding_rs::WINDOWS_1257,
            "1258" => encoding_rs::WINDOWS_1258,
            _ => return None,
        },
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawing(version: &str, page: &str, layer: &[u8]) -> Vec<u8> {
        let head =
            format!("0\r\nSECTION\r\n2\r\nHEADER\r\n9\r\n$ACADVER\r\n1\r\n{version}\r\n9\r\n$DWGCODEPAGE\r\n3\r\n");
        [head.as_bytes(), page.as_bytes(), b"\r\n8\r\n", layer, b"\r\n"].concat()
    }

    #[test]
    fn text_is_read_as_what_it_is() {
        let gbk = GB18030.encode("地类图斑").0.into_owned();
        let check = |version: &str, page: &str, layer: &[u8], expected: &str, note: Option<&str>| {
            let bytes = drawing(version, page, layer);
            let found = decoded(&bytes);
            let text = String::from_utf8_lossy(&found.bytes).into_owned();
            assert!(text.contains(&format!("\r\n8\r\n{expected}\r\n")), "{version} {page}: {text}");
            assert_eq!(found.notes.first().map(|note| note.0), note, "{version} {page}");
            assert_eq!(found.encoding.is_none(), std::str::from_utf8(layer).is_ok(), "{version} {page}");
        };
        check("AC1015", "ANSI_936", &gbk, "地类图斑", None);
        check("AC1015", "ANSI_936", "地类图斑".as_bytes(), "地类图斑", Some("cad-stale-page"));
        check("AC1021", "ANSI_936", "地类图斑".as_bytes(), "地类图斑", None);
        check("AC1027", "ANSI_936", &gbk, "地类图斑", Some("cad-bad-utf8"));
        check("AC1027", "ANSI_1252", &gbk, "地类图斑", Some("cad-bad-utf8"));
        check("AC1015", "ANSI_1252", &gbk, "地类图斑", Some("cad-page-chinese"));
        check("AC1015", "ANSI_1252", b"\xE9t\xE9", "été", None);
        check("AC1015", "", &gbk, "地类图斑", Some("cad-page-chinese"));
        for page in ["DOS936", "CP936", "936", "GB2312", "ansi_936"] {
            check("AC1015", page, &gbk, "地类图斑", None);
        }
        for page in ["UTF-8", "DOS850", "undefined", "ASCII"] {
            check("AC1015", page, &gbk, "地类图斑", Some("cad-page-chinese"));
        }
        let big5 = encoding_rs::BIG5.encode("土地").0.into_owned();
        check("AC1015", "ANSI_950", &big5, "土地", None);
    }
}
