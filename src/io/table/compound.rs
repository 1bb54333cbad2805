//! What an old workbook holds, seen before its library lays its sheets out as rectangles.
//!
//! XLS lies in a compound file: sectors chained by a table. The records of the workbook are walked once and the corners
//! of each sheet's cells noted; a sheet that would be a rectangle of mostly nothing is refused.

use super::super::ReadError;
use super::rows::too_large;
use super::workbook::{broken, locked};

const MARK: [u8; 8] = [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1];
/// Cells that a sheet may span beyond those that it has.
const FREE_CELLS: u64 = 4 << 20;
/// Cells that the sheets of a workbook may span together.
const MOST_SPANNED: u64 = 12 << 20;
const END: u32 = 0xFFFF_FFFA;

/// Whether bytes begin as compound files do.
pub(super) fn is_compound(bytes: &[u8]) -> bool {
    bytes.starts_with(&MARK)
}

/// Looks through the workbook of a compound file.
///
/// # Errors
/// Where it is no compound file, holds no workbook, is locked by a password, or spans more than is laid out.
pub(super) fn check(bytes: &[u8]) -> Result<(), ReadError> {
    let file = File::new(bytes).ok_or_else(|| broken("no compound file"))?;
    if file.stream("EncryptedPackage").is_some() {
        return Err(locked());
    }
    let book = file.stream("Workbook").or_else(|| file.stream("Book")).ok_or_else(|| broken("no workbook"))?;
    let mut spans = Spans::default();
    let mut at = 0;
    while let Some(head) = book.get(at..at + 4) {
        let (kind, length) =
            (u16::from_le_bytes([head[0], head[1]]), usize::from(u16::from_le_bytes([head[2], head[3]])));
        let body = book.get(at + 4..at + 4 + length).unwrap_or_default();
        match kind {
            // FILEPASS
            0x002F => return Err(locked()),
            // A sheet begins.
            0x0809 => spans.end()?,
            // Cells of all kinds: blank, number, label, boolean, formula, shared text, RK, and rows of these.
            0x0201 | 0x0203 | 0x0204 | 0x0205 | 0x0006 | 0x0206 | 0x0406 | 0x00FD | 0x027E | 0x00BD | 0x00BE
            | 0x00D6 => {
                if let Some([a, b, c, d]) = body.get(..4) {
                    spans.add(u16::from_le_bytes([*a, *b]), u16::from_le_bytes([*c, *d]), length);
                }
            }
            _ => {}
        }
        at += 4 + length;
    }
    spans.end()
}

#[derive(Default)]
struct Spans {
    /// Smallest and largest row and column of the open sheet, and how many cells it has.
    rows: Option<(u16, u16)>,
    columns: (u16, u16),
    cells: u64,
    total: u64,
}

impl Spans {
    fn add(&mut self, row: u16, column: u16, length: usize) {
        let last = column.saturating_add((length / 2).min(256) as u16);
        let (top, bottom) = self.rows.unwrap_or((row, row));
        if self.rows.is_none() {
            self.columns = (column, column);
        }
        self.rows = Some((top.min(row), bottom.max(row)));
        self.columns = (self.columns.0.min(column), self.columns.1.max(last));
        self.cells += 1;
    }

    fn end(&mut self) -> Result<(), ReadError> {
        let Some((top, bottom)) = self.rows.take() else { return Ok(()) };
        let side = |from: u16, to: u16| u64::from(to - from) + 1;
        let span = side(top, bottom) * side(self.columns.0, self.columns.1.max(self.columns.0));
        self.total += span;
        if span > FREE_CELLS + 64 * self.cells || self.total > MOST_SPANNED + 64 * self.cells {
            return Err(too_large());
        }
        self.cells = 0;
        Ok(())
    }
}

/// A compound file.
struct File<'b> {
    bytes: &'b [u8],
    sector: usize,
    /// The next sector of each.
    next: Vec<u32>,
    small_sector: usize,
    small_next: Vec<u32>,
    small: Vec<u8>,
    small_limit: u32,
    entries: Vec<(String, u32, u32)>,
}

impl<'b> File<'b> {
    fn new(bytes: &'b [u8]) -> Option<Self> {
        let word = |at: usize| bytes.get(at..at + 4).and_then(|b| b.try_into().ok()).map(u32::from_le_bytes);
        if !is_compound(bytes) {
            return None;
        }
        let shift = u16::from_le_bytes(bytes.get(30..32)?.try_into().ok()?);
        let small_shift = u16::from_le_bytes(bytes.get(32..34)?.try_into().ok()?);
        if !matches!(shift, 9 | 12) || small_shift != 6 {
            return None;
        }
        let sector = 1usize << shift;
        let most = bytes.len() / sector + 1;
        let words = |data: &[u8]| -> Vec<u32> {
            data.chunks_exact(4).map(|b| u32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect()
        };
        let place = |at: u32| (at as usize).checked_add(1)?.checked_mul(sector);
        let data = |at: u32| place(at).and_then(|start| bytes.get(start..(start + sector).min(bytes.len())));
        // The list of the sectors that hold the table: 109 in the head, the rest chained.
        let mut list: Vec<u32> = (0..109).filter_map(|i| word(76 + 4 * i)).collect();
        let (mut more, mut seen) = (word(68)?, 0);
        while more < END && seen < most {
            let part = words(data(more)?);
            let (last, part) = part.split_last()?;
            list.extend(part);
            (more, seen) = (*last, seen + 1);
        }
        let mut next = Vec::new();
        for at in list.into_iter().filter(|at| *at < END).take(most) {
            next.extend(words(data(at)?));
        }
        let mut file = Self {
            bytes,
            sector,
            next,
            small_sector: 64,
            small_next: Vec::new(),
            small: Vec::new(),
            small_limit: word(56)?,
            entries: Vec::new(),
        };
        file.small_next = words(&file.chain(word(60)?));
        let folder = file.chain(word(48)?);
        for entry in folder.chunks_exact(128) {
            let length = usize::from(u16::from_le_bytes([entry[64], entry[65]])).min(64);
            let name: Vec<u16> = entry[..length].chunks_exact(2).map(|b| u16::from_le_bytes([b[0], b[1]])).collect();
            let name = String::from_utf16_lossy(&name).trim_end_matches('\0').to_owned();
            let number = |at: usize| u32::from_le_bytes([entry[at], entry[at + 1], entry[at + 2], entry[at + 3]]);
            if entry[66] == 5 {
                file.small = file.chain(number(116));
            }
            file.entries.push((name, number(116), number(120)));
        }
        Some(file)
    }

    /// The bytes of a chain of sectors.
    fn chain(&self, mut at: u32) -> Vec<u8> {
        let mut out = Vec::new();
        // A chain that runs in a circle ends with the file's size.
        while at < END && out.len() <= self.bytes.len() {
            let Some(start) = (at as usize).checked_add(1).and_then(|at| at.checked_mul(self.sector)) else { break };
            let Some(data) = self.bytes.get(start..(start + self.sector).min(self.bytes.len())) else { break };
            out.extend_from_slice(data);
            let Some(next) = self.next.get(at as usize) else { break };
            at = *next;
        }
        out
    }

    fn stream(&self, name: &str) -> Option<Vec<u8>> {
        let (_, start, size) = self.entries.iter().find(|(known, ..)| known.eq_ignore_ascii_case(name))?;
        let mut out = if *size < self.small_limit {
            let (mut at, mut out) = (*start, Vec::new());
            while at < END && out.len() <= *size as usize {
                let from = (at as usize).checked_mul(self.small_sector)?;
                let Some(data) = self.small.get(from..from + self.small_sector) else { break };
                out.extend_from_slice(data);
                let Some(next) = self.small_next.get(at as usize) else { break };
                at = *next;
            }
            out
        } else {
            self.chain(*start)
        };
        out.truncate(*size as usize);
        Some(out)
    }
}
