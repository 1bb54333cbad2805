//! Tables of dBASE, FoxPro and those beside shapefiles, as columns on the bytes of the file.
//!
//! No row becomes an object: each column is read by itself from the records, all columns and blocks at once. What the
//! header claims is held against the length of the file: what is there is read, what is missing is said. Rows marked
//! as deleted are left out, and counted. Texts of memos come from the file beside the table.
//!
//! | what | module |
//! |---|---|
//! | header and fields | here |
//! | which encoding the text is in | `encoding` |
//! | cells to values | `cells` |
//! | texts in a file beside it | `memo` |
//! | a layer to a table | `write` |

mod cells;
pub(super) mod encoding;
mod memo;
mod write;

use rayon::prelude::*;

use super::columns::{RawBlock, RawLayer};
use super::findings::Findings;
use super::reading::Reading;
use super::source::Source;
use super::{Encoding, ReadError};
use crate::crs::Sample;
use crate::model::{AttributeBlock, BLOCK_FEATURES, GeometryBuilder, GeometryKind, Issue, Severity};
use crate::text::Message;
use cells::Cells;
use memo::{Held, Memo};
pub(super) use write::{losses, table_of_layer, values_lost, write};

/// Bytes of the header before its fields, and of each field.
const HEAD: usize = 32;
/// The same in tables of dBASE 7.
const HEAD_7: usize = 68;
const FIELD_7: usize = 48;
/// Memos of a field in which the encoding is looked for, and bytes of each.
const MEMO_SAMPLES: usize = 2000;
const MEMO_SAMPLE_BYTES: usize = 400;
/// Fields that a table may have.
const MOST_FIELDS: usize = 2048;

/// A field of a table.
#[derive(Clone, Debug)]
pub(super) struct TableField {
    /// Its name as it stands in the file, without what follows the first zero.
    raw_name: Vec<u8>,
    /// Its name, told from all others of the table.
    pub(super) name: String,
    /// The letter of its type.
    kind: u8,
    /// Where it begins in a record, after the mark of deleted rows.
    offset: usize,
    width: usize,
    decimals: usize,
}

/// A table in memory.
pub(super) struct Table {
    bytes: Vec<u8>,
    pub(super) fields: Vec<TableField>,
    /// First byte of the records.
    start: usize,
    record_bytes: usize,
    /// Records that are there, deleted ones included.
    pub(super) record_count: usize,
    /// The byte of the header that names the language of the text.
    language: u8,
    /// Which release of which program wrote it.
    version: u8,
    /// The texts of its memos, where their file is there.
    memo: Option<Memo>,
    pub(super) encoding: Encoding,
    pub(super) issues: Vec<Issue>,
}

/// Reads a table that stands alone.
///
/// # Errors
/// When it is no table.
pub(super) fn layers(source: &mut Source, reading: &Reading<'_>) -> Result<Vec<RawLayer>, ReadError> {
    let bytes = source.bytes(reading.progress)?;
    let cpg = source.beside("cpg", reading.progress)?;
    let memo = memo_beside(source, &bytes, reading.progress)?;
    let table = Table::new(bytes, memo, cpg.as_deref(), reading.encoding)?;
    let rows = table.rows();
    let deleted = table.record_count - rows.len();
    let mut issues = table.issues.clone();
    issues.extend(deleted_issue(deleted));
    let blocks: Result<Vec<(RawBlock, Findings)>, ReadError> = rows
        .par_chunks(BLOCK_FEATURES)
        .map(|rows| {
            reading.progress.tick(0).map_err(|_| ReadError::Cancelled)?;
            let mut geometry = GeometryBuilder::new(GeometryKind::None);
            rows.iter().for_each(|_| geometry.null_feature());
            let (attributes, findings) = table.attributes(rows);
            Ok((table.block(geometry, attributes, rows), findings))
        })
        .collect();
    let mut findings = Findings::default();
    let mut all = Vec::new();
    for (block, found) in blocks? {
        findings.append(found, 0, 0);
        all.push(block);
    }
    Ok(vec![RawLayer {
        name: None,
        format: "dBASE".to_owned(),
        encoding: table.encoding,
        blocks: all,
        order: Vec::new(),
        declared: None,
        issues,
        findings,
        row_count: rows.len() as u64,
        skipped_count: 0,
        error: None,
    }])
}

/// Names and values beyond ASCII as they stand in the bytes of a table, `most` at most; none where it is no table.
pub(super) fn raw_texts(bytes: Vec<u8>, most: usize) -> Vec<Vec<u8>> {
    // Whatever encoding: only its bytes are wanted.
    let Ok(table) = Table::new(bytes, None, None, Some(Encoding::Gbk)) else { return Vec::new() };
    table.samples().into_iter().take(most).map(<[u8]>::to_vec).collect()
}

/// The file with the texts of the memos of the table that `bytes` are, where it has any and the file lies beside it.
///
/// # Errors
/// When the file cannot be read, or the user cancelled.
pub(super) fn memo_beside(
    source: &mut Source,
    bytes: &[u8],
    progress: &crate::task::Progress,
) -> Result<Option<Memo>, ReadError> {
    let version = bytes.first().copied().unwrap_or(0);
    let start = bytes.get(8..10).map_or(0, |b| usize::from(u16::from_le_bytes([b[0], b[1]])));
    if !fields_in(bytes, version, start).any(|field| field.names_memo(version)) {
        return Ok(None);
    }
    for ending in memo::endings(version) {
        if let Some(found) = source.beside(ending, progress)? {
            return Ok(Some(Memo::new(found, ending, version)));
        }
    }
    Ok(None)
}

/// That rows were marked as deleted.
pub(super) fn deleted_issue(count: usize) -> Option<Issue> {
    let message = || Message::new("io.dbf-deleted").with("count", count);
    (count > 0).then(|| Issue::new(Severity::Note, message()))
}

/// Whether a table of that version has the header and the numbers of dBASE 7.
fn is_level_7(version: u8) -> bool {
    version & 7 == 4
}

/// The fields that the header of a table describes, without their names and places in a record.
fn fields_in(bytes: &[u8], version: u8, start: usize) -> impl Iterator<Item = TableField> {
    let end = start.min(bytes.len());
    let (head, length, name, kind, width) =
        if is_level_7(version) { (HEAD_7, FIELD_7, 32, 32, 33) } else { (HEAD, HEAD, 11, 11, 16) };
    let described = bytes.get(head..end).unwrap_or_default().chunks_exact(length);
    described.take_while(|field| field[0] != 0x0D).map(move |field| TableField {
        raw_name: field[..name].iter().copied().take_while(|b| *b != 0).collect(),
        name: String::new(),
        kind: field[kind],
        offset: 0,
        width: usize::from(field[width]),
        decimals: usize::from(field[width + 1]),
    })
}

impl TableField {
    /// Whether its cells name what lies in another file.
    fn names_memo(&self, version: u8) -> bool {
        matches!(self.kind, b'M' | b'G' | b'P') || self.kind == b'B' && !memo::is_foxpro(version)
    }
}

impl Table {
    /// The table that `bytes` are, with the texts of its memos and of the `.cpg` beside it, read in the encoding that the
    /// user says.
    ///
    /// # Errors
    /// [`ReadError::Format`] when the header is none.
    pub(super) fn new(
        bytes: Vec<u8>,
        memo: Option<Memo>,
        cpg: Option<&[u8]>,
        user: Option<Encoding>,
    ) -> Result<Self, ReadError> {
        let broken = || ReadError::Format(Message::new("io.dbf-broken"));
        let word = |at: usize| bytes.get(at..at + 2).map(|b| usize::from(u16::from_le_bytes([b[0], b[1]])));
        let (start, record_bytes) = (word(8).ok_or_else(broken)?, word(10).ok_or_else(broken)?);
        let claimed = bytes.get(4..8).map_or(0, |b| u32::from_le_bytes([b[0], b[1], b[2], b[3]])) as usize;
        let version = bytes.first().copied().unwrap_or(0);
        if start <= if is_level_7(version) { HEAD_7 } else { HEAD } || record_bytes == 0 || bytes.len() <= HEAD {
            return Err(broken());
        }
        let mut table = Self {
            fields: Vec::new(),
            start,
            record_bytes,
            record_count: 0,
            language: bytes.get(29).copied().unwrap_or(0),
            version,
            memo,
            encoding: Encoding::Utf8,
            issues: Vec::new(),
            bytes,
        };
        let there = table.bytes.len().saturating_sub(start);
        table.record_count = claimed.min(there / record_bytes);
        // A program that died before it wrote the header left its rows nonetheless.
        if claimed == 0 {
            let rows = table.bytes[start.min(table.bytes.len())..].chunks_exact(record_bytes);
            table.record_count = rows.take_while(|row| matches!(row[0], b' ' | b'*')).count();
            if table.record_count > 0 {
                let message = Message::new("io.dbf-uncounted").with("count", table.record_count);
                table.issues.push(Issue::new(Severity::Warning, message));
            }
        }
        if table.record_count < claimed {
            let message = Message::new("io.dbf-cut").with("count", claimed).with("kept", table.record_count);
            table.issues.push(Issue::new(Severity::Error, message));
        }
        table.read_fields();
        let chosen = encoding::choose(&table.samples(), cpg, table.language, user);
        table.encoding = chosen.encoding;
        table.issues.extend(chosen.issues);
        table.name_fields();
        Ok(table)
    }

    fn read_fields(&mut self) {
        let mut offset = 1;
        let mut beyond = 0usize;
        let found: Vec<TableField> = fields_in(&self.bytes, self.version, self.start).take(MOST_FIELDS).collect();
        for TableField { raw_name, kind, mut width, mut decimals, .. } in found {
            if kind == b'C' && decimals > 0 && offset + width + (decimals << 8) <= self.record_bytes {
                // Clipper and FoxPro write texts of more than 255 bytes so.
                (width, decimals) = (width + (decimals << 8), 0);
            }
            if offset + width > self.record_bytes {
                beyond += 1;
                continue;
            }
            // What FoxPro adds on its own account is no data.
            if kind != b'0' && width > 0 {
                self.fields.push(TableField { raw_name, name: String::new(), kind, offset, width, decimals });
            }
            offset += width;
        }
        if beyond > 0 {
            let message = Message::new("io.dbf-fields-beyond").with("count", beyond);
            self.issues.push(Issue::new(Severity::Warning, message));
        }
    }

    /// Gives each field its name: told apart, and said where that took something.
    fn name_fields(&mut self) {
        let mut taken: Vec<String> = Vec::new();
        for at in 0..self.fields.len() {
            let raw = self.fields[at].raw_name.clone();
            let trimmed = cells::trimmed(&raw);
            let decoded = self.encoding.decode_cell(trimmed);
            let shown: String = decoded.text.chars().filter(|c| !c.is_control()).collect();
            let base = if shown.is_empty() { format!("field_{}", at + 1) } else { shown };
            let mut name = base.clone();
            let mut number = 1;
            while taken.contains(&name) {
                number += 1;
                name = format!("{base}_{number}");
            }
            if number > 1 {
                let message = Message::new("io.dbf-same-name").with("name", &base).with("new", &name);
                self.issues.push(Issue::new(Severity::Warning, message));
            }
            if decoded.is_cut || decoded.is_damaged {
                let bytes: Vec<String> = trimmed.iter().map(|byte| format!("{byte:02X}")).collect();
                let message = Message::new("io.dbf-cut-name").with("name", &name).with("bytes", bytes.join(" "));
                self.issues.push(Issue::new(Severity::Warning, message));
            }
            taken.push(name.clone());
            self.fields[at].name = name;
        }
    }

    /// Names and texts that are not ASCII throughout: some thousands, from all over the table.
    fn samples(&self) -> Vec<&[u8]> {
        let mut samples: Vec<&[u8]> = self.fields.iter().map(|field| &field.raw_name[..]).collect();
        samples.retain(|sample| !sample.is_ascii());
        let texts: Vec<&TableField> = self.fields.iter().filter(|field| field.kind == b'C').collect();
        let told: Vec<usize> =
            (0..self.record_count).into_par_iter().filter(|row| !self.record(*row).is_ascii()).collect();
        let step = told.len().div_ceil(encoding::MOST_SAMPLES).max(1);
        let of_rows = told.par_iter().step_by(step).flat_map_iter(|row| {
            let row = *row;
            let found = texts.iter().map(move |field| cells::trimmed(self.cell(row, field)));
            found.filter(|cell| !cell.is_ascii())
        });
        samples.par_extend(of_rows);
        if let Some(memo) = &self.memo {
            let step = self.record_count.div_ceil(MEMO_SAMPLES).max(1);
            for field in self.fields.iter().filter(|field| field.kind == b'M') {
                let blocks = (0..self.record_count).step_by(step).map(|row| memo::block(field, self.cell(row, field)));
                samples.extend(blocks.flatten().filter_map(|block| match memo.held(block) {
                    Held::Text(text, _) => {
                        Some(&text[..text.len().min(MEMO_SAMPLE_BYTES)]).filter(|text| !text.is_ascii())
                    }
                    Held::Binary | Held::Nothing => None,
                }));
            }
        }
        samples
    }

    fn record(&self, row: usize) -> &[u8] {
        let at = self.start + row * self.record_bytes;
        &self.bytes[at..at + self.record_bytes]
    }

    fn cell(&self, row: usize, field: &TableField) -> &[u8] {
        let at = self.start + row * self.record_bytes + field.offset;
        &self.bytes[at..at + field.width]
    }

    /// Whether a row is marked as deleted.
    pub(super) fn is_deleted(&self, row: usize) -> bool {
        row < self.record_count && self.bytes[self.start + row * self.record_bytes] == b'*'
    }

    /// The rows that are not deleted.
    fn rows(&self) -> Vec<u32> {
        (0..self.record_count).into_par_iter().filter(|row| !self.is_deleted(*row)).map(|row| row as u32).collect()
    }

    /// The columns of these rows, those beyond the end of the table without a value, and what was found in them.
    pub(super) fn attributes(&self, rows: &[u32]) -> (AttributeBlock, Findings) {
        let columns: Vec<Cells> = self.fields.par_iter().map(|field| Cells::read(self, field, rows)).collect();
        let mut findings = Findings::default();
        let mut done = Vec::with_capacity(columns.len());
        for (field, cells) in self.fields.iter().zip(columns) {
            done.push(cells.finish(&field.name, &mut findings));
        }
        (AttributeBlock::of_columns(done, rows.len()), findings)
    }

    /// A block of these rows.
    pub(super) fn block(&self, geometry: GeometryBuilder, attributes: AttributeBlock, rows: &[u32]) -> RawBlock {
        let geometry = geometry.finish();
        let sample = Sample::of(geometry.coords());
        let names = self.fields.iter().map(|field| field.name.clone()).collect();
        RawBlock { geometry, names, attributes, ids: None, rows: rows.to_vec(), lines: Vec::new(), sample }
    }
}

#[cfg(test)]
mod tests;
