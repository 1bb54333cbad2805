//! An office's own workbook as a template: cells that hold `{{…}}` are filled, everything else stays byte for byte.
//!
//! Of the archive only the sheets whose cells are filled are written anew, and of those only these cells: styles, widths,
//! merged cells, pictures and macros are never read. A cell that is one placeholder becomes a number; one among words
//! becomes text. The figures are those that are printed. Formulas of a filled sheet, and of every sheet that looks at one,
//! lose the results that they were saved with, and the workbook asks whoever opens it to work everything out (`recalc`).
//!
//! A placeholder is a word (`{{title}}`) or a cell of a table: `{{balance.0101.scenario}}` is its table, what its row begins
//! with (or `total`, or the number of the row from 1 behind `#`), and the key of its column.

use std::collections::BTreeMap;
use std::io::{Cursor, Read, Write};

use quick_xml::Reader;
use quick_xml::events::Event;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use crate::report::Table;
use crate::report::table::{Figure, Figures};
use crate::text::Message;

mod recalc;

/// Bytes that a part may unpack to.
const MOST_BYTES: u64 = 256 << 20;
/// Parts that a workbook may have.
const MOST_PARTS: usize = 10_000;
/// Placeholders that an error names.
const NAMED: usize = 10;

/// What placeholders stand for.
#[derive(Debug, Default)]
pub struct Values {
    words: BTreeMap<String, String>,
    tables: BTreeMap<String, (Table, Figures)>,
}

/// What a placeholder becomes.
#[derive(Clone, Debug, PartialEq)]
enum Filling {
    /// The number as printed, plain, and as people read it.
    Number(String, String),
    Text(String),
}

/// A workbook that was filled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filled {
    /// The workbook.
    pub bytes: Vec<u8>,
    /// Cells that were filled.
    pub cell_count: usize,
}

/// Why a template cannot be filled.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FillError {
    /// The file is no workbook, or it is damaged.
    #[error("not a workbook of the XLSX format: {0}")]
    NotAWorkbook(String),
    /// The file is larger than is looked at.
    #[error("a part of the workbook is larger than {MOST_BYTES} bytes")]
    TooLarge,
    /// Placeholders that stand for nothing, each with its sheet and cell.
    #[error("nothing stands for: {}", .0.join(", "))]
    Unknown(Vec<String>),
    /// No cell has a placeholder.
    #[error("no cell has a placeholder")]
    Nothing,
}

impl FillError {
    /// The error as a message of the catalogue.
    pub fn message(&self) -> Message {
        match self {
            Self::NotAWorkbook(reason) => Message::new("report.fill-no-workbook").with("reason", reason),
            Self::TooLarge => Message::new("report.fill-large").with("mb", MOST_BYTES >> 20),
            Self::Unknown(names) => {
                let shown = names.iter().take(NAMED).cloned().collect::<Vec<_>>().join("; ");
                Message::new("report.fill-unknown").with("count", names.len()).with("names", shown)
            }
            Self::Nothing => Message::new("report.fill-nothing"),
        }
    }
}

impl From<zip::result::ZipError> for FillError {
    fn from(error: zip::result::ZipError) -> Self {
        Self::NotAWorkbook(error.to_string())
    }
}

impl From<std::io::Error> for FillError {
    fn from(error: std::io::Error) -> Self {
        Self::NotAWorkbook(error.to_string())
    }
}

impl Values {
    /// Gives a word its text.
    pub fn word(&mut self, name: &str, text: impl Into<String>) {
        self.words.insert(name.to_owned(), text.into());
    }

    /// Gives a table its word.
    pub fn table(&mut self, name: &str, table: Table) {
        let figures = table.figures();
        self.tables.insert(name.to_owned(), (table, figures));
    }

    /// Every placeholder that stands for something, for help.
    pub fn names(&self) -> Vec<String> {
        let words = self.words.keys().cloned();
        let cells = self.tables.iter().flat_map(|(name, (table, _))| {
            let columns = table.columns.iter().skip(1).map(move |column| format!("{name}.….{}", column.key));
            columns.collect::<Vec<_>>()
        });
        words.chain(cells).collect()
    }

    fn get(&self, name: &str) -> Option<Filling> {
        let name = name.trim();
        if let Some(text) = self.words.get(name) {
            return Some(Filling::Text(text.clone()));
        }
        let (table_name, rest) = name.split_once('.')?;
        let (row_name, key) = rest.rsplit_once('.')?;
        let (table, figures) = self.tables.get(table_name)?;
        let column = table.columns.iter().position(|column| column.key == key)?;
        let row = row_of(table, figures, row_name)?;
        Some(match figures.rows.get(row)?.get(column)? {
            Figure::Number(_) => Filling::Number(figures.plain(row, column), figures.shown(row, column)),
            _ => Filling::Text(figures.shown(row, column)),
        })
    }
}

/// The row that a placeholder names.
fn row_of(table: &Table, figures: &Figures, name: &str) -> Option<usize> {
    if name == "total" {
        return table.total.is_some().then_some(table.rows.len());
    }
    if let Some(number) = name.strip_prefix('#') {
        let number: usize = number.parse().ok()?; // no number names no row
        return (1..=table.rows.len()).contains(&number).then(|| number - 1);
    }
    let first = |row: usize| figures.shown(row, 0);
    let rows = 0..table.rows.len();
    rows.clone().find(|row| first(*row) == name).or_else(|| {
        // The code that a class begins with.
        rows.clone().find(|row| first(*row).split_whitespace().next() == Some(name))
    })
}

/// Fills the cells of a workbook.
///
/// # Errors
/// [`FillError`] where it is no workbook, where a placeholder stands for nothing, or where there is none.
pub fn fill(template: &[u8], values: &Values) -> Result<Filled, FillError> {
    let mut archive = ZipArchive::new(Cursor::new(template))?;
    if archive.len() > MOST_PARTS {
        return Err(FillError::TooLarge);
    }
    let mut names = Vec::new();
    for index in 0..archive.len() {
        names.push(String::from_utf8_lossy(archive.by_index_data(index)?.name_raw()).into_owned());
    }
    let shared = match names.iter().position(|name| name == "xl/sharedStrings.xml") {
        Some(index) => shared_strings(&part(&mut archive, index)?)?,
        None => Vec::new(),
    };
    let (mut sheets, mut unknown, mut cell_count) = (BTreeMap::new(), Vec::new(), 0);
    for (index, name) in names.iter().enumerate() {
        let is_sheet = name.starts_with("xl/worksheets/") && name.ends_with(".xml") && !name.contains("/_rels/");
        if !is_sheet {
            continue;
        }
        let text = part(&mut archive, index)?;
        let mut missing = Vec::new();
        let changes = changes(&text, &shared, values, &mut missing)?;
        let sheet = name.trim_start_matches("xl/worksheets/").trim_end_matches(".xml");
        unknown.extend(missing.into_iter().map(|(cell, name)| format!("{sheet}!{cell} {{{{{name}}}}}")));
        cell_count += changes.cell_count;
        if changes.cell_count > 0 || !changes.results.is_empty() {
            sheets.insert(index, (text, changes));
        }
    }
    if !unknown.is_empty() {
        return Err(FillError::Unknown(unknown));
    }
    if cell_count == 0 {
        return Err(FillError::Nothing);
    }
    let mut texts = |wanted: &str| match names.iter().position(|name| name == wanted) {
        Some(index) => part(&mut archive, index).map(Some),
        None => Ok(None),
    };
    let book = texts(recalc::WORKBOOK)?.unwrap_or_default();
    let links = texts(recalc::LINKS)?.unwrap_or_default();
    let titles = recalc::sheet_titles(&book, &links)?;
    let seen = sheets.iter().map(|(index, (_, changes))| recalc::Sheet {
        title: titles.get(&names[*index]).cloned().unwrap_or_default(),
        is_filled: changes.cell_count > 0,
        formulas: &changes.formulas,
    });
    let stale = recalc::stale(&seen.collect::<Vec<_>>(), &recalc::defined_names(&book)?);
    let has_formulas = sheets.values().any(|(_, changes)| !changes.results.is_empty());
    let mut filled = BTreeMap::new();
    for ((index, (text, mut changes)), is_stale) in sheets.into_iter().zip(stale) {
        if is_stale {
            let results = std::mem::take(&mut changes.results);
            changes.pieces.extend(results.into_iter().map(|(from, to)| (from, to, String::new())));
            changes.pieces.sort_by_key(|(from, _, _)| *from);
        }
        if !changes.pieces.is_empty() {
            filled.insert(index, spliced(&text, &changes.pieces));
        }
    }
    if has_formulas && let Some(index) = names.iter().position(|name| name == recalc::WORKBOOK) {
        filled.insert(index, recalc::asked_for(&book)?);
    }
    let mut out = ZipWriter::new(Cursor::new(Vec::with_capacity(template.len())));
    for (index, name) in names.iter().enumerate() {
        let Some(text) = filled.get(&index) else {
            out.raw_copy_file(archive.by_index_raw(index)?)?;
            continue;
        };
        let modified = archive.by_index_raw(index)?.last_modified().unwrap_or_default();
        let options =
            SimpleFileOptions::default().compression_method(CompressionMethod::Deflated).last_modified_time(modified);
        out.start_file(name, options)?;
        out.write_all(text.as_bytes())?;
    }
    Ok(Filled { bytes: out.finish()?.into_inner(), cell_count })
}

/// A part of the archive as text.
fn part(archive: &mut ZipArchive<Cursor<&[u8]>>, index: usize) -> Result<String, FillError> {
    let mut bytes = Vec::new();
    archive.by_index(index)?.take(MOST_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MOST_BYTES {
        return Err(FillError::TooLarge);
    }
    String::from_utf8(bytes).map_err(|error| FillError::NotAWorkbook(error.to_string()))
}

fn reader(text: &str) -> Reader<&[u8]> {
    let mut reader = Reader::from_str(text);
    reader.config_mut().allow_dangling_amp = true;
    reader
}

fn read<'a>(reader: &mut Reader<&'a [u8]>) -> Result<Event<'a>, FillError> {
    reader.read_event().map_err(|error| FillError::NotAWorkbook(error.to_string()))
}

/// Place in the text behind the last event.
fn place(reader: &Reader<&[u8]>, text: &str) -> usize {
    usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX).min(text.len())
}

/// The texts that cells share, each without its phonetic guides.
fn shared_strings(text: &str) -> Result<Vec<String>, FillError> {
    let mut reader = reader(text);
    let (mut strings, mut open, mut guides, mut from) = (Vec::new(), None::<String>, 0u32, None);
    loop {
        let before = place(&reader, text);
        match read(&mut reader)? {
            Event::Eof => return Ok(strings),
            Event::Empty(tag) if tag.local_name().as_ref() == "si" => strings.push(String::new()),
            Event::Start(tag) => match tag.local_name().as_ref() {
                "si" => open = Some(String::new()),
                "rPh" => guides += 1,
                "t" if guides == 0 => from = Some(place(&reader, text)),
                _ => {}
            },
            Event::End(tag) => match tag.local_name().as_ref() {
                "si" => strings.extend(open.take()),
                "rPh" => guides = guides.saturating_sub(1),
                "t" => {
                    if let (Some(open), Some(from)) = (&mut open, from.take()) {
                        open.push_str(&unescaped(&text[from..before]));
                    }
                }
                _ => {}
            },
            _ => {}
        }
    }
}

/// What is put in the place of what: from, to, and the text; and what formulas the sheet has.
#[derive(Default)]
struct Changes {
    pieces: Vec<(usize, usize, String)>,
    cell_count: usize,
    /// Where results of formulas stand.
    results: Vec<(usize, usize)>,
    /// The formulas as written; those that are another's are empty.
    formulas: Vec<String>,
}

/// The cells of a sheet that are filled; what stands for nothing goes to `missing`, with its cell.
fn changes(
    text: &str,
    shared: &[String],
    values: &Values,
    missing: &mut Vec<(String, String)>,
) -> Result<Changes, FillError> {
    let mut reader = reader(text);
    let mut changes = Changes::default();
    let mut cell: Option<Open> = None;
    let (mut from, mut formula_from) = (None, None);
    loop {
        let before = place(&reader, text);
        match read(&mut reader)? {
            Event::Eof => break,
            Event::Start(tag) => {
                let after = place(&reader, text);
                match (tag.local_name().as_ref(), &mut cell) {
                    ("c", None) => cell = Some(Open::new(before, &text[before..after])),
                    ("f", Some(cell)) => {
                        cell.has_formula = true;
                        formula_from = Some(after);
                    }
                    ("v", Some(cell)) => {
                        cell.value_from = Some(before);
                        from = Some(after);
                    }
                    ("t", Some(_)) => from = Some(after),
                    _ => {}
                }
            }
            Event::Empty(tag) => {
                if let ("f", Some(cell)) = (tag.local_name().as_ref(), &mut cell) {
                    cell.has_formula = true;
                }
            }
            Event::End(tag) => {
                let after = place(&reader, text);
                match (tag.local_name().as_ref(), &mut cell) {
                    ("v" | "t", Some(cell)) => {
                        if let Some(from) = from.take() {
                            cell.content.push_str(&unescaped(&text[from..before]));
                        }
                        if tag.local_name().as_ref() == "v" {
                            cell.value_to = after;
                        }
                    }
                    ("f", Some(_)) => {
                        let written = formula_from.take().map(|from| unescaped(&text[from..before]));
                        changes.formulas.extend(written);
                    }
                    ("c", Some(done)) => {
                        if done.has_formula {
                            changes.results.extend(done.value_from.map(|from| (from, done.value_to)));
                        } else if let Some(filled) = done.filled(shared, values, missing) {
                            changes.pieces.push((done.from, after, filled));
                            changes.cell_count += 1;
                        }
                        cell = None;
                    }
                    _ => {}
                }
            }
            _ => {}
        }
    }
    Ok(changes)
}

/// The text with pieces of it put in, which stand in order.
fn spliced(text: &str, pieces: &[(usize, usize, String)]) -> String {
    let mut out = String::with_capacity(text.len() + 1024);
    let mut done = 0;
    for (from, to, piece) in pieces {
        out.push_str(&text[done..*from]);
        out.push_str(piece);
        done = *to;
    }
    out.push_str(&text[done..]);
    out
}

/// A cell of a sheet.
struct Open {
    from: usize,
    /// `c`, or with the prefix of the document: `x:c`.
    tag: String,
    /// Its attributes as written, but its type.
    attributes: String,
    /// Its type: `s` for a shared text.
    kind: String,
    /// Its name: `B3`.
    name: String,
    content: String,
    has_formula: bool,
    value_from: Option<usize>,
    value_to: usize,
}

impl Open {
    fn new(from: usize, start: &str) -> Self {
        let inner = start.trim_start_matches('<').trim_end_matches('>').trim_end_matches('/');
        let (tag, mut rest) = inner.split_once(char::is_whitespace).unwrap_or((inner, ""));
        let (mut attributes, mut kind, mut name) = (String::new(), String::new(), String::new());
        // Well-formed, or the reader would have said so.
        while let Some((key, after)) = rest.split_once('=') {
            let (key, after) = (key.trim(), after.trim_start());
            let Some(quote) = after.chars().next().filter(|c| matches!(c, '"' | '\'')) else { break };
            let Some((value, more)) = after[1..].split_once(quote) else { break };
            match key {
                "t" => value.clone_into(&mut kind),
                _ => {
                    if key == "r" {
                        value.clone_into(&mut name);
                    }
                    attributes.push_str(&format!(" {key}={quote}{value}{quote}"));
                }
            }
            rest = more;
        }
        Self {
            from,
            tag: tag.to_owned(),
            attributes,
            kind,
            name,
            content: String::new(),
            has_formula: false,
            value_from: None,
            value_to: 0,
        }
    }

    /// The cell with what its placeholders stand for; `None` where it has none, or one that stands for nothing.
    fn filled(&self, shared: &[String], values: &Values, missing: &mut Vec<(String, String)>) -> Option<String> {
        let text = match self.kind.as_str() {
            "s" => shared.get(self.content.trim().parse::<usize>().ok()?)?.as_str(), // damaged: left as it is
            "str" | "inlineStr" => self.content.as_str(),
            _ => return None,
        };
        let names = placeholders(text);
        if names.is_empty() {
            return None;
        }
        let mut known = true;
        let mut found = Vec::new();
        for (from, to, name) in &names {
            match values.get(name) {
                Some(filling) => found.push((*from, *to, filling)),
                None => {
                    missing.push((self.name.clone(), name.clone()));
                    known = false;
                }
            }
        }
        if !known {
            return None;
        }
        let prefix = self.tag.strip_suffix('c').unwrap_or_default();
        let (tag, attributes) = (&self.tag, &self.attributes);
        if let [(0, to, Filling::Number(plain, _))] = &found[..]
            && *to == text.len()
            && !plain.is_empty()
        {
            return Some(format!("<{tag}{attributes}><{prefix}v>{plain}</{prefix}v></{tag}>"));
        }
        let pieces: Vec<(usize, usize, String)> = found
            .into_iter()
            .map(|(from, to, filling)| match filling {
                Filling::Number(_, shown) => (from, to, shown),
                Filling::Text(text) => (from, to, text),
            })
            .collect();
        let text = escaped(&spliced(text, &pieces));
        Some(format!(
            "<{tag}{attributes} t=\"inlineStr\"><{prefix}is><{prefix}t xml:space=\"preserve\">{text}</{prefix}t></{prefix}is></{tag}>"
        ))
    }
}

/// Where the placeholders of a text begin and end, and what they name.
fn placeholders(text: &str) -> Vec<(usize, usize, String)> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(from) = text[at..].find("{{").map(|place| at + place) {
        let Some(to) = text[from..].find("}}").map(|place| from + place + 2) else { break };
        found.push((from, to, text[from + 2..to - 2].trim().to_owned()));
        at = to;
    }
    found
}

fn unescaped(text: &str) -> String {
    quick_xml::escape::unescape(text).map_or_else(|_| text.to_owned(), std::borrow::Cow::into_owned)
}

fn escaped(text: &str) -> String {
    let plain: String = text.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).collect();
    plain.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests;
