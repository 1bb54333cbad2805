//! Which encoding the bytes of a file are in, and their text.
//!
//! UTF-8 is what JSON prescribes and is tried first. Older Chinese programs write GBK: where a stretch of bytes is not
//! UTF-8, it is read as GB 18030 (the superset that every GBK text is) when most of its characters beyond ASCII are
//! wrong as UTF-8, and as UTF-8 with replacement characters when only few are.

use std::borrow::Cow;
use std::fmt;

/// The encoding of a file's text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Encoding {
    /// UTF-8, as JSON prescribes.
    #[default]
    Utf8,
    /// UTF-8 with a byte order mark before it.
    Utf8Bom,
    /// GBK or GB 18030, in the whole file or in places.
    Gbk,
    /// UTF-8 with bytes in it that are no text; they were replaced by U+FFFD.
    Damaged,
    /// Any other, as a table of dBASE may be in.
    Other(&'static encoding_rs::Encoding),
}

/// The text of a cell, and what was wrong with its bytes.
pub(super) struct DecodedCell<'a> {
    pub(super) text: Cow<'a, str>,
    /// Whether it ended within a character, which was dropped.
    pub(super) is_cut: bool,
    /// Whether bytes in it are no text; U+FFFD stands for them.
    pub(super) is_damaged: bool,
}

impl Encoding {
    /// The encoding that a program or a user means by `label`: `GBK`, `936`, `ANSI 936`, `UTF-8`, `65001`.
    pub fn of_label(label: &str) -> Option<Self> {
        let label = label.trim().trim_matches(['\u{feff}', '\0']).trim().to_ascii_lowercase();
        let plain = ["ansi", "oem", "cp", "windows", "ms"]
            .iter()
            .find_map(|word| label.strip_prefix(word))
            .map_or(label.as_str(), |rest| rest.trim_start_matches([' ', '-', '_']));
        match plain {
            "65001" | "utf8" | "utf-8" => return Some(Self::Utf8),
            "936" | "gbk" | "gb2312" | "gb18030" | "54936" | "20936" | "zhs16gbk" | "chinese" => {
                return Some(Self::Gbk);
            }
            _ => {}
        }
        let of_page = match plain {
            "950" | "big5" => "big5",
            "932" => "shift_jis",
            "949" => "euc-kr",
            "866" => "ibm866",
            "874" => "windows-874",
            "1250" | "1251" | "1252" | "1253" | "1254" | "1255" | "1256" | "1257" | "1258" => {
                return encoding_rs::Encoding::for_label(format!("windows-{plain}").as_bytes()).map(Self::Other);
            }
            "88591" | "8859_1" | "8859-1" | "iso 88591" | "latin1" => "windows-1252",
            _ => label.as_str(),
        };
        let known = encoding_rs::Encoding::for_label(of_page.as_bytes())?;
        Some(match known.name() {
            "UTF-8" => Self::Utf8,
            "GBK" | "gb18030" => Self::Gbk,
            _ => Self::Other(known),
        })
    }

    /// The table by which bytes become text.
    pub(super) fn table(self) -> &'static encoding_rs::Encoding {
        match self {
            Self::Utf8 | Self::Utf8Bom | Self::Damaged => encoding_rs::UTF_8,
            // Every GBK text is one of GB 18030, not the other way round.
            Self::Gbk => encoding_rs::GB18030,
            Self::Other(table) => table,
        }
    }

    /// The text of a cell of fixed width, which may end within a character.
    pub(super) fn decode_cell(self, bytes: &[u8]) -> DecodedCell<'_> {
        if bytes.is_ascii() {
            let text = String::from_utf8_lossy(bytes);
            return DecodedCell { text, is_cut: false, is_damaged: false };
        }
        let whole = match self {
            Self::Utf8 | Self::Utf8Bom | Self::Damaged => whole_utf8(bytes),
            Self::Gbk => whole_pairs(bytes, true),
            Self::Other(table) if !table.is_single_byte() => whole_pairs(bytes, false),
            Self::Other(_) => bytes.len(),
        };
        let (text, is_damaged) = self.table().decode_without_bom_handling(&bytes[..whole]);
        DecodedCell { text, is_cut: whole < bytes.len(), is_damaged }
    }
}

/// How much of `bytes` is whole characters of UTF-8, less what begins one at the end.
fn whole_utf8(bytes: &[u8]) -> usize {
    match std::str::from_utf8(bytes) {
        Err(error) if error.error_len().is_none() => error.valid_up_to(),
        // A character that is wrong further in says nothing about the end.
        _ => {
            let lead = bytes.iter().rposition(|byte| !(0x80..0xC0).contains(byte)).unwrap_or(0);
            let needed = match bytes[lead] {
                0xC2..=0xDF => 2,
                0xE0..=0xEF => 3,
                0xF0..=0xF4 => 4,
                _ => 1,
            };
            if bytes.len() - lead < needed { lead } else { bytes.len() }
        }
    }
}

/// How much of `bytes` is whole characters of one and two bytes (with `four`, also of four as GB 18030 has).
fn whole_pairs(bytes: &[u8], four: bool) -> usize {
    let mut at = 0;
    while at < bytes.len() {
        let size = match (bytes[at], bytes.get(at + 1)) {
            (..0x81, _) => 1,
            (_, None) => return at,
            (_, Some(0x30..=0x39)) if four => 4,
            _ => 2,
        };
        if at + size > bytes.len() {
            return at;
        }
        at += size;
    }
    at
}

impl fmt::Display for Encoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Utf8 => "UTF-8",
            Self::Utf8Bom => "UTF-8 BOM",
            Self::Gbk => "GBK",
            Self::Damaged => "UTF-8 (damaged)",
            Self::Other(table) => table.name(),
        })
    }
}

/// Turns the bytes of one file into text, stretch by stretch.
pub(super) struct Decoder {
    /// What was found so far.
    pub(super) encoding: Encoding,
    /// Replacement characters put in.
    pub(super) replaced_count: u64,
    gbk: encoding_rs::Decoder,
}

impl Decoder {
    pub(super) fn new() -> Self {
        Self {
            encoding: Encoding::Utf8,
            replaced_count: 0,
            gbk: encoding_rs::GB18030.new_decoder_without_bom_handling(),
        }
    }

    /// The text of `bytes`, and those at the end that begin a character which the next stretch completes. With `last`
    /// there are none.
    pub(super) fn decode(&mut self, bytes: Vec<u8>, last: bool) -> (String, Vec<u8>) {
        let error = match String::from_utf8(bytes) {
            Ok(text) => return (text, Vec::new()),
            Err(error) => error,
        };
        let cut = error.utf8_error().error_len().is_none() && !last;
        let valid = error.utf8_error().valid_up_to();
        let mut bytes = error.into_bytes();
        if cut {
            let open = bytes.split_off(valid);
            return (String::from_utf8(bytes).unwrap_or_default(), open);
        }
        let mut text = String::new();
        let (right, wrong) = judge(&bytes);
        if wrong > right {
            self.encoding = Encoding::Gbk;
            let room = self.gbk.max_utf8_buffer_length(bytes.len()).unwrap_or(3 * bytes.len() + 16);
            text.reserve(room);
            let (_, _, replaced) = self.gbk.decode_to_string(&bytes, &mut text, last);
            if last {
                self.gbk = encoding_rs::GB18030.new_decoder_without_bom_handling();
            }
            self.replaced_count += u64::from(replaced);
            return (text, Vec::new());
        }
        if self.encoding != Encoding::Gbk {
            self.encoding = Encoding::Damaged;
        }
        let mut open = Vec::new();
        let mut chunks = bytes.utf8_chunks().peekable();
        while let Some(chunk) = chunks.next() {
            text.push_str(chunk.valid());
            let bad = chunk.invalid();
            if chunks.peek().is_none() && !last && std::str::from_utf8(bad).is_err_and(|e| e.error_len().is_none()) {
                open = bad.to_vec();
            } else if !bad.is_empty() {
                text.push(char::REPLACEMENT_CHARACTER);
                self.replaced_count += 1;
            }
        }
        (text, open)
    }
}

/// The text of a file that is held as a whole (a project, rules, a table): UTF-8 with or without a mark, UTF-16 and
/// UTF-32 of either order, GBK, as the editors of Windows write them. Bytes that are none of these become U+FFFD.
pub fn text_of(bytes: &[u8]) -> String {
    Decoded::of(bytes).text
}

/// The text of a file that is held as a whole, and how its bytes were read.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Decoded {
    pub(super) text: String,
    pub(super) encoding: Encoding,
    /// Replacement characters put in.
    pub(super) replaced_count: u64,
}

impl Decoded {
    /// Reads bytes in the encoding that the user says they are in; as [`Self::of`] without one.
    pub(super) fn said(bytes: &[u8], encoding: Option<Encoding>) -> Self {
        let Some(encoding) = encoding else { return Self::of(bytes) };
        let bytes = bytes.strip_prefix(&[0xEF, 0xBB, 0xBF]).unwrap_or(bytes);
        let (text, _) = encoding.table().decode_without_bom_handling(bytes);
        let replaced_count = text.matches(char::REPLACEMENT_CHARACTER).count() as u64;
        Self { text: text.into_owned(), encoding, replaced_count }
    }

    /// Reads bytes as [`text_of`] does.
    pub(super) fn of(bytes: &[u8]) -> Self {
        let wide = |start: usize, size: usize, big: bool| -> Self {
            let units = bytes[start..].chunks(size).map(|unit| {
                let value = |acc: u32, byte: &u8| acc << 8 | u32::from(*byte);
                if big { unit.iter().fold(0, value) } else { unit.iter().rev().fold(0, value) }
            });
            let text: String = if size == 4 {
                units.map(|unit| char::from_u32(unit).unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
            } else {
                let units = units.map(|unit| unit as u16);
                char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
            };
            let replaced_count = text.matches(char::REPLACEMENT_CHARACTER).count() as u64;
            let table = if big { encoding_rs::UTF_16BE } else { encoding_rs::UTF_16LE };
            Self { text, encoding: Encoding::Other(table), replaced_count }
        };
        let narrow = |bytes: &[u8], marked: bool| {
            let mut decoder = Decoder::new();
            let (text, _) = decoder.decode(bytes.to_vec(), true);
            let encoding = match decoder.encoding {
                Encoding::Utf8 if marked => Encoding::Utf8Bom,
                other => other,
            };
            Self { text, encoding, replaced_count: decoder.replaced_count }
        };
        match bytes {
            [0xFF, 0xFE, 0, 0, ..] => wide(4, 4, false),
            [0, 0, 0xFE, 0xFF, ..] => wide(4, 4, true),
            [0xFF, 0xFE, ..] => wide(2, 2, false),
            [0xFE, 0xFF, ..] => wide(2, 2, true),
            [0xEF, 0xBB, 0xBF, ..] => narrow(&bytes[3..], true),
            // Without a mark: every second byte of ASCII is zero, and text has no zeros.
            [a, 0, b, 0, ..] if *a != 0 && *b != 0 => wide(0, 2, false),
            [0, a, 0, b, ..] if *a != 0 && *b != 0 => wide(0, 2, true),
            [b'[', 0, ..] => wide(0, 2, false),
            [0, b'[', ..] => wide(0, 2, true),
            _ => narrow(bytes, false),
        }
    }
}

/// Reads a file as [`text_of`] its bytes, on the disk or in the program.
///
/// # Errors
/// When it cannot be read; a name that the program does not have is a missing file.
pub fn read_text(path: &std::path::Path) -> std::io::Result<String> {
    if crate::demo::is_path(path) {
        return Ok(text_of(crate::demo::of_path(path).ok_or(std::io::ErrorKind::NotFound)?));
    }
    Ok(text_of(&super::read_whole(path)?))
}

/// The text of a cell that a formula keeps a spreadsheet from reading as a number, as tables of this program have it:
/// `="0101"` is 0101.
pub fn plain_cell(text: &str) -> &str {
    let inner = text.trim().strip_prefix("=\"").and_then(|rest| rest.strip_suffix('"'));
    inner.filter(|inner| !inner.contains('"')).unwrap_or(text)
}

/// A table as CSV with commas: semicolons, tabs and the full-width signs of Chinese keyboards stand for commas where the
/// first line is divided by them, and Excel's `sep=` line is obeyed. It and blank lines before the table are left empty,
/// so that lines keep their numbers.
pub fn table_of(text: &str) -> (String, u8) {
    let whole = text;
    let text = text.trim_start_matches(['\u{feff}', '\n', '\r', ' ']);
    let passed = "\n".repeat(whole[..whole.len() - text.len()].matches('\n').count());
    let (first, rest) = text.split_once('\n').unwrap_or((text, ""));
    let named = first.trim().to_ascii_lowercase();
    if let Some(sign) = named.strip_prefix("sep=")
        && let Some(sign @ (b',' | b';' | b'\t' | b'|')) = sign.bytes().next().or(Some(b'\t'))
    {
        return (format!("{passed}\n{rest}"), sign);
    }
    let mut quoted = false;
    let mut counts = [0usize; 6];
    for c in first.chars() {
        quoted ^= c == '"';
        if let Some(at) = [',', ';', '\t', '|', '，', '；'].iter().position(|sign| *sign == c)
            && !quoted
        {
            counts[at] += 1;
        }
    }
    // The first of the commonest.
    let most = (0..counts.len()).rev().max_by_key(|at| counts[*at]).unwrap_or(0);
    match most {
        4 => (passed + &text.replace('，', ","), b','),
        5 => (passed + &text.replace('；', ","), b','),
        at => (passed + text, b",;\t|"[at]),
    }
}

/// Characters beyond ASCII that are right as UTF-8, and sequences that are wrong.
fn judge(bytes: &[u8]) -> (usize, usize) {
    bytes.utf8_chunks().fold((0, 0), |(right, wrong), chunk| {
        let beyond_ascii = chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        (right + beyond_ascii, wrong + usize::from(!chunk.invalid().is_empty()))
    })
}

/// The name of a UTF-16 or UTF-32 encoding that `start` of a file shows by its mark or its zeros.
pub(super) fn wide_encoding(start: &[u8]) -> Option<&'static str> {
    match start {
        [0xFF, 0xFE, 0, 0, ..] => Some("UTF-32LE"),
        [0, 0, 0xFE, 0xFF, ..] => Some("UTF-32BE"),
        [0xFF, 0xFE, ..] => Some("UTF-16LE"),
        [0xFE, 0xFF, ..] => Some("UTF-16BE"),
        [b'{' | b'[', 0, ..] => Some("UTF-16LE"),
        [0, b'{' | b'[', ..] => Some("UTF-16BE"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decode(stretches: &[&[u8]]) -> (String, Encoding, u64) {
        let mut decoder = Decoder::new();
        let mut text = String::new();
        let mut open = Vec::new();
        for (i, stretch) in stretches.iter().enumerate() {
            open.extend_from_slice(stretch);
            let decoded;
            (decoded, open) = decoder.decode(open, i + 1 == stretches.len());
            text.push_str(&decoded);
        }
        (text, decoder.encoding, decoder.replaced_count)
    }

    #[test]
    fn utf8_and_gbk_are_told_apart() {
        let gbk = |text: &str| encoding_rs::GB18030.encode(text).0.into_owned();
        let text = r#"{"地类名称":"水浇地","权属":"桑梓店"}"#;
        assert_eq!(decode(&[text.as_bytes()]), (text.to_owned(), Encoding::Utf8, 0));
        assert_eq!(decode(&[&gbk(text)]), (text.to_owned(), Encoding::Gbk, 0));
        let bytes = gbk(text);
        for cut in 0..bytes.len() {
            let (got, ..) = decode(&[&bytes[..cut], &bytes[cut..]]);
            // A stretch that is ASCII but for half a character may be taken for damaged; the rest is right.
            assert!(got.ends_with("店\"}"), "cut at {cut}: {got}");
        }
        for cut in 0..text.len() {
            let (got, encoding, _) = decode(&[&text.as_bytes()[..cut], &text.as_bytes()[cut..]]);
            assert_eq!((got.as_str(), encoding), (text, Encoding::Utf8), "cut at {cut}");
        }
    }

    #[test]
    fn texts_of_windows_editors_are_read() {
        let text = "name = \"试验\"\nformat = 3\n";
        let wide = |to: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(to).collect::<Vec<u8>>();
        let (little, big) = (wide(u16::to_le_bytes), wide(u16::to_be_bytes));
        let marked = |mark: &[u8], bytes: &[u8]| [mark, bytes].concat();
        for bytes in [
            text.as_bytes().to_vec(),
            marked(&[0xEF, 0xBB, 0xBF], text.as_bytes()),
            encoding_rs::GB18030.encode(text).0.into_owned(),
            marked(&[0xFF, 0xFE], &little),
            marked(&[0xFE, 0xFF], &big),
            little.clone(),
            big.clone(),
            marked(&[0xFF, 0xFE, 0, 0], &text.chars().flat_map(|c| u32::from(c).to_le_bytes()).collect::<Vec<u8>>()),
        ] {
            assert_eq!(text_of(&bytes), text, "{bytes:?}");
        }
        assert_eq!(text_of(&[0xFF, 0xFE, b'a', 0, b'b']), "ab", "half a character at the end");
        assert_eq!(text_of(b""), "");
    }

    #[test]
    fn tables_are_divided_by_whatever_divides_their_first_line() {
        let check = |text: &str, expected: (&str, u8)| {
            let (text, sign) = table_of(text);
            assert_eq!((text.as_str(), sign), expected);
        };
        check("from,to\na;b,c\n", ("from,to\na;b,c\n", b','));
        check("\u{feff}from;to\na;b\n", ("from;to\na;b\n", b';'));
        check("from\tto\n水田\t耕地", ("from\tto\n水田\t耕地", b'\t'));
        check("sep=;\nfrom;to\n", ("\nfrom;to\n", b';'));
        check("\n \nfrom;to\n", ("\n\nfrom;to\n", b';'));
        check("from，to\n水田，耕地", ("from,to\n水田,耕地", b','));
        check("\"a;b;c\",d", ("\"a;b;c\",d", b','));
        check("alone", ("alone", b','));
    }

    #[test]
    fn cells_kept_from_being_numbers_are_their_text() {
        let check = |text: &str, expected: &str| assert_eq!(plain_cell(text), expected);
        check("=\"0101\"", "0101");
        check(" =\"370112001001\" ", "370112001001");
        check("=\"\"", "");
        for other in ["0101", "=1+1", "=\"a\"&\"b\"", "=\"", "\"0101\"", ""] {
            check(other, other);
        }
    }

    #[test]
    fn single_bad_bytes_are_replaced() {
        let mut bytes = "水浇地 旱地".as_bytes().to_vec();
        bytes.insert(3, 0xFF);
        assert_eq!(decode(&[&bytes]), ("水\u{fffd}浇地 旱地".to_owned(), Encoding::Damaged, 1));
    }
}
