//! Paths as text and back, for project files, journals and settings: every path that a system can have comes back.
//!
//! A path that is UTF-8 stands as it is. One that is not, as a ZIP file made on a Chinese Windows gives, stands behind
//! [`MARK`] with the bytes that are not UTF-8 as `%D6`; a path that happens to begin with the mark stands so, too.

use std::path::{Path, PathBuf};

use super::postgis::without_password;

/// What a path begins with that is written byte by byte.
pub const MARK: &str = "bytes:";

/// The text of a path.
pub fn path_to_text(path: &Path) -> String {
    match path.to_str() {
        Some(text) if !text.starts_with(MARK) => text.to_owned(),
        _ => format!("{MARK}{}", escaped(path)),
    }
}

/// The path of a text that [`path_to_text`] made.
pub fn path_of_text(text: &str) -> PathBuf {
    match text.strip_prefix(MARK) {
        Some(escaped) => unescaped(escaped),
        None => PathBuf::from(text),
    }
}

/// A path for people: one that is no UTF-8 as the GBK that it most likely is, and with its bytes where it is not even that.
pub fn shown_path(path: impl AsRef<Path>) -> String {
    let path = path.as_ref();
    match path.to_str() {
        Some(text) => without_password(text).into_owned(),
        None => gbk(path).unwrap_or_else(|| escaped(path)),
    }
}

#[cfg(unix)]
fn gbk(path: &Path) -> Option<String> {
    use std::os::unix::ffi::OsStrExt;
    // Folders may be UTF-8 above a file that is not: each name is read by itself.
    let name = |name: &[u8]| match std::str::from_utf8(name) {
        Ok(text) => Some(text.to_owned()),
        Err(_) => {
            encoding_rs::GBK.decode_without_bom_handling_and_without_replacement(name).map(|text| text.into_owned())
        }
    };
    let names: Option<Vec<String>> = path.as_os_str().as_bytes().split(|byte| *byte == b'/').map(name).collect();
    names.map(|names| names.join("/"))
}

#[cfg(not(unix))]
fn gbk(_: &Path) -> Option<String> {
    None
}

#[cfg(unix)]
fn escaped(path: &Path) -> String {
    use std::os::unix::ffi::OsStrExt;
    let mut out = String::new();
    for chunk in path.as_os_str().as_bytes().utf8_chunks() {
        out.push_str(&chunk.valid().replace('%', "%25"));
        chunk.invalid().iter().for_each(|byte| out.push_str(&format!("%{byte:02X}")));
    }
    out
}

#[cfg(unix)]
fn unescaped(text: &str) -> PathBuf {
    use std::os::unix::ffi::OsStringExt;
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        // What is no byte of two digits stands for itself: somebody wrote it by hand.
        let byte =
            text.get(at + 1..at + 3).filter(|_| bytes[at] == b'%').and_then(|hex| u8::from_str_radix(hex, 16).ok());
        out.push(byte.unwrap_or(bytes[at]));
        at += if byte.is_some() { 3 } else { 1 };
    }
    std::ffi::OsString::from_vec(out).into()
}

/// Windows has half surrogates in place of stray bytes: each unit that is no text stands as four digits.
#[cfg(windows)]
fn escaped(path: &Path) -> String {
    use std::os::windows::ffi::OsStrExt;
    let units = path.as_os_str().encode_wide();
    let mut out = String::new();
    for unit in char::decode_utf16(units) {
        match unit {
            Ok('%') => out.push_str("%0025"),
            Ok(c) => out.push(c),
            Err(stray) => out.push_str(&format!("%{:04X}", stray.unpaired_surrogate())),
        }
    }
    out
}

#[cfg(windows)]
fn unescaped(text: &str) -> PathBuf {
    use std::os::windows::ffi::OsStringExt;
    let mut units: Vec<u16> = Vec::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let unit = rest.get(1..5).filter(|_| c == '%').and_then(|hex| u16::from_str_radix(hex, 16).ok());
        match unit {
            Some(unit) => units.push(unit),
            None => units.extend(c.encode_utf16(&mut [0; 2]).iter()),
        }
        rest = &rest[if unit.is_some() { 5 } else { c.len_utf8() }..];
    }
    std::ffi::OsString::from_wide(&units).into()
}

#[cfg(not(any(unix, windows)))]
fn escaped(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

#[cfg(not(any(unix, windows)))]
fn unescaped(text: &str) -> PathBuf {
    PathBuf::from(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn every_path_comes_back() {
        use std::os::unix::ffi::OsStrExt;
        let check = |bytes: &[u8], expected: &str| {
            let path = Path::new(std::ffi::OsStr::from_bytes(bytes));
            assert_eq!(path_to_text(path), expected);
            assert_eq!(path_of_text(expected), path);
        };
        check("/数据/地类 100%.geojson".as_bytes(), "/数据/地类 100%.geojson");
        // 地类图斑 in GBK.
        check(b"/x/\xB5\xD8\xC0\xE0.geojson", "bytes:/x/%B5%D8%C0%E0.geojson");
        check(b"100%\xFF%41", "bytes:100%25%FF%2541");
        check(b"bytes:a", "bytes:bytes:a");
        check(b"\xFF", "bytes:%FF");
        assert_eq!(path_of_text("bytes:50%"), Path::new("50%"));
        let shown = |bytes: &[u8]| shown_path(std::ffi::OsStr::from_bytes(bytes));
        assert_eq!(shown("/数据/a.geojson".as_bytes()), "/数据/a.geojson");
        assert_eq!(shown(b"/\xE6\x95\xB0/\xB5\xD8\xC0\xE0.geojson"), "/数/地类.geojson");
        assert_eq!(shown(b"a\xFF"), "a%FF");
    }

    #[test]
    fn any_bytes_come_back() {
        #[cfg(unix)]
        for a in 0..=255u8 {
            use std::os::unix::ffi::OsStrExt;
            for b in (0..=255u8).step_by(3) {
                let bytes = [a, b, b'%', 0xC3, a];
                let path = Path::new(std::ffi::OsStr::from_bytes(&bytes));
                assert_eq!(path_of_text(&path_to_text(path)), path);
            }
        }
    }
}
