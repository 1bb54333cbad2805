//! How the text of a file reads in each encoding that it may be in: names and values for the user to judge by.
//!
//! Only formats that do not prescribe an encoding are looked at, and only a part of a file. Whether a text is right is
//! told by its characters: bytes of another encoding become signs that nobody uses, or none at all.

use std::path::Path;

use super::archive::Archive;
use super::format::{self, GEOJSON, Reads};
use super::source::Source;
use super::start::ending_of;
use super::{Encoding, ReadError, dbase, file_and_layer, layers};
use crate::task::Progress;

/// Texts that are looked at.
const LOOKED_AT: usize = 400;
/// Bytes of a text file that are looked at.
const MOST_BYTES: usize = 1 << 18;
/// Texts that are shown.
const SHOWN: usize = 8;
/// Longest text that is shown, in characters.
const LONGEST: usize = 24;

/// How the text of a file reads in one encoding.
#[derive(Clone, Debug, PartialEq)]
pub struct TextPreview {
    /// The encoding.
    pub encoding: Encoding,
    /// The first names and values, those that are wrong with U+FFFD where bytes are no text.
    pub texts: Vec<String>,
    /// How many of all texts that were looked at are right.
    pub right_count: usize,
    /// How many were looked at.
    pub text_count: usize,
}

/// How the text of what `path` names reads in UTF-8, GBK and Big5; nothing for formats that prescribe their encoding,
/// for files of other ones, and where all of it is ASCII.
///
/// # Errors
/// When the file cannot be read.
pub fn text_previews(path: &Path, progress: &Progress) -> Result<Vec<TextPreview>, ReadError> {
    let (path, layer) = file_and_layer(path);
    if path.is_dir() || crate::demo::is_path(&path) {
        return Ok(Vec::new());
    }
    let source = Source::file(&path);
    let format = source.look(format::of_start)?.unwrap_or(&GEOJSON);
    let texts = match format.reads {
        Reads::Members => of_archive(&path, layer.as_deref(), progress)?,
        _ => of_source(source, format.name, progress)?,
    };
    let candidates = [Encoding::Utf8, Encoding::Gbk, Encoding::Other(encoding_rs::BIG5)];
    Ok(if texts.is_empty() { Vec::new() } else { candidates.map(|encoding| read_as(&texts, encoding)).into() })
}

/// Texts beyond ASCII of a member of an archive: that of the layer, or the first that has any.
fn of_archive(path: &Path, layer: Option<&str>, progress: &Progress) -> Result<Vec<Vec<u8>>, ReadError> {
    let archive = std::sync::Arc::new(Archive::open(path, progress)?);
    for member in 0..archive.member_count() {
        let name = archive.name(member).to_owned();
        let place = layers::without_ending(&name);
        let is_meant = layer.is_none_or(|layer| layer == place || layer.starts_with(&format!("{place}/")));
        let key = match ending_of(Path::new(&name)).as_str() {
            "dbf" => "io.format-dbf",
            "csv" | "tsv" => "io.format-csv",
            "txt" => "io.format-coordinates",
            _ => continue,
        };
        if !is_meant && key != "io.format-dbf" {
            continue;
        }
        let texts = of_source(Source::member(&archive, member), key, progress)?;
        if is_meant && !texts.is_empty() {
            return Ok(texts);
        }
    }
    Ok(Vec::new())
}

/// Texts beyond ASCII of a source of the format of that name.
fn of_source(mut source: Source, format: &str, progress: &Progress) -> Result<Vec<Vec<u8>>, ReadError> {
    let bytes = match format {
        "io.format-dbf" => source.bytes(progress)?,
        "io.format-shapefile" => match source.beside("dbf", progress)? {
            Some(bytes) => bytes,
            None => return Ok(Vec::new()),
        },
        "io.format-csv" | "io.format-coordinates" => {
            let mut bytes = source.bytes(progress)?;
            bytes.truncate(MOST_BYTES);
            return Ok(of_text(&bytes));
        }
        _ => return Ok(Vec::new()),
    };
    Ok(dbase::raw_texts(bytes, LOOKED_AT))
}

/// The parts beyond ASCII of a text whose parts stand between signs of ASCII that no second byte of GBK is.
fn of_text(bytes: &[u8]) -> Vec<Vec<u8>> {
    // Two bytes a character: not read by these encodings.
    if bytes.iter().take(4).any(|byte| *byte == 0)
        || bytes.starts_with(&[0xFF, 0xFE])
        || bytes.starts_with(&[0xFE, 0xFF])
    {
        return Vec::new();
    }
    let bytes = bytes.strip_prefix(&[0xEF, 0xBB, 0xBF]).unwrap_or(bytes);
    let mut texts: Vec<Vec<u8>> = Vec::new();
    for part in bytes.split(|byte| matches!(byte, b',' | b';' | b'\t' | b'=' | b'"' | b'\r' | b'\n')) {
        let part = part.trim_ascii();
        if !part.is_ascii() && texts.last().is_none_or(|last| last != part) {
            texts.push(part.to_vec());
        }
        if texts.len() == LOOKED_AT {
            break;
        }
    }
    texts
}

fn read_as(texts: &[Vec<u8>], encoding: Encoding) -> TextPreview {
    let mut preview = TextPreview { encoding, texts: Vec::new(), right_count: 0, text_count: texts.len() };
    for bytes in texts {
        let decoded = encoding.decode_cell(bytes);
        preview.right_count += usize::from(!decoded.is_damaged && is_everyday(&decoded.text));
        let shown: String = decoded.text.chars().filter(|c| !c.is_control()).take(LONGEST).collect();
        if preview.texts.len() < SHOWN && !shown.is_empty() && !preview.texts.contains(&shown) {
            preview.texts.push(shown);
        }
    }
    preview
}

/// Whether most of the characters beyond ASCII are of everyday use: the first level of GB 2312, its signs and letters.
fn is_everyday(text: &str) -> bool {
    let (mut usual, mut all) = (0, 0);
    let mut buffer = [0; 4];
    for c in text.chars().filter(|c| !c.is_ascii()) {
        all += 1;
        let (bytes, _, failed) = encoding_rs::GB18030.encode(c.encode_utf8(&mut buffer));
        usual += usize::from(!failed && matches!(*bytes, [0xA1..=0xA3 | 0xB0..=0xD7, 0xA1..=0xFE]));
    }
    all > 0 && 2 * usual >= all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn right(path: &Path) -> Vec<(String, usize)> {
        let previews = text_previews(path, &Progress::new()).expect("readable");
        previews.iter().map(|preview| (preview.encoding.to_string(), preview.right_count)).collect()
    }

    #[test]
    fn the_right_encoding_reads_most_texts() {
        let folder = tempfile::tempdir().expect("a folder");
        let text = "标识码,户主,地类名称\n001,张三,水浇地\n002,李四,农村宅基地\n003,John,旱地\n";
        let write = |name: &str, bytes: &[u8]| {
            let path = folder.path().join(name);
            std::fs::write(&path, bytes).expect("written");
            path
        };
        let gbk = encoding_rs::GB18030.encode(text).0.into_owned();
        let of = |path: &Path| {
            let found = right(path);
            found.iter().max_by_key(|(_, right)| *right).map(|(name, right)| (name.clone(), *right)).expect("some")
        };
        assert_eq!(of(&write("a.csv", &gbk)), ("GBK".to_owned(), 8));
        assert_eq!(of(&write("b.csv", text.as_bytes())), ("UTF-8".to_owned(), 8));
        let as_gbk = right(&write("b.csv", text.as_bytes()))[1].1;
        assert!(as_gbk <= 1, "UTF-8 read as GBK is text by chance only: {as_gbk}");
        assert!(right(&write("c.csv", b"a,b\n1,2\n")).is_empty());
        assert!(right(&write("d.geojson", text.as_bytes())).is_empty(), "prescribed");
    }
}
