//! Where the records of a shapefile lie.
//!
//! They follow each other, so the main file alone tells. The index is asked where that way ends early: some programs
//! leave gaps. Neither is believed beyond the bytes that are there.

use rayon::prelude::*;

use super::super::ReadError;
use crate::model::{GeometryKind, Issue, Severity};
use crate::text::Message;

/// Bytes of the header, and of what stands before each record.
const HEAD: usize = 100;
const RECORD_HEAD: usize = 8;
/// What both files begin with.
const MARK: [u8; 4] = [0, 0, 0x27, 0x0A];

/// The records of a shapefile.
pub(super) struct Records {
    /// First byte and length of the content of each, in the order of the table's rows; empty where there is none.
    pub(super) places: Vec<(usize, usize)>,
    /// What the header says that the shapes are; `None` where it says nothing that is known.
    pub(super) kind: Option<GeometryKind>,
    pub(super) issues: Vec<Issue>,
}

impl Records {
    /// Finds the records in `shp`, beside whose table of `row_count` rows the index `shx` lies.
    ///
    /// # Errors
    /// [`ReadError::Format`] when `shp` is no shapefile.
    pub(super) fn find(shp: &[u8], shx: Option<&[u8]>, row_count: Option<usize>) -> Result<Self, ReadError> {
        if shp.len() < HEAD || !shp.starts_with(&MARK) {
            return Err(ReadError::Format(Message::new("io.shp-broken")));
        }
        let mut issues = Vec::new();
        let claimed = 2 * u64::from(be(shp, 24));
        // What follows the length that the header states is rubbish, unless the table has rows for it.
        let stated = usize::try_from(claimed).unwrap_or(usize::MAX).clamp(HEAD, shp.len());
        let indexed = shx.map(|shx| of_index(shp, shx));
        let known = indexed.as_deref().unwrap_or(&[]);
        let (mut places, mut end) = walk(shp, stated, known);
        if row_count.is_some_and(|rows| rows > places.len()) {
            let (further, further_end) = walk(shp, shp.len(), known);
            if further.len() > places.len() && row_count.is_some_and(|rows| further.len() <= rows) {
                (places, end) = (further, further_end);
            }
        }
        let listed = indexed.as_ref().map_or(0, Vec::len);
        if let Some(indexed) = indexed {
            let there = indexed.iter().filter(|place| place.1 > 0).count();
            if there > places.len() {
                places = indexed;
                end = shp.len();
            }
        }
        let is_short = claimed > shp.len() as u64;
        let is_torn = end < stated && end + RECORD_HEAD <= shp.len();
        if is_short || is_torn && places.len() < listed.max(row_count.unwrap_or(0)) {
            let whole = listed.max(row_count.unwrap_or(0)).max(places.len());
            let message = if whole > places.len() {
                Message::new("io.shp-cut").with("kept", places.len()).with("count", whole)
            } else {
                Message::new("io.shp-cut-somewhere").with("kept", places.len())
            };
            issues.push(Issue::new(Severity::Error, message));
        }
        let kind = kind_of(i32::from_le_bytes([shp[32], shp[33], shp[34], shp[35]]));
        Ok(Self { places, kind, issues })
    }
}

/// The kind of a type of shapes.
pub(super) fn kind_of(code: i32) -> Option<GeometryKind> {
    match code {
        1 | 11 | 21 | 8 | 18 | 28 => Some(GeometryKind::Point),
        3 | 13 | 23 => Some(GeometryKind::Line),
        5 | 15 | 25 | 31 => Some(GeometryKind::Polygon),
        _ => None,
    }
}

fn be(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..at + 4).map_or(0, |b| u32::from_be_bytes([b[0], b[1], b[2], b[3]]))
}

/// The records one after the other up to `end`, and where they stop. Those that the index `known` lists one after the
/// other, too, are not looked up again: each was held against `shp`, on any core.
fn walk(shp: &[u8], end: usize, known: &[(usize, usize)]) -> (Vec<(usize, usize)>, usize) {
    let (mut places, mut at) = (Vec::new(), HEAD);
    for (start, length) in known {
        if *start != at + RECORD_HEAD || *length < 4 || start + length > end {
            break;
        }
        places.push((*start, *length));
        at = start + length;
    }
    while at + RECORD_HEAD <= end {
        let length = 2 * be(shp, at + 4) as usize;
        let start = at + RECORD_HEAD;
        // A record holds a type at least.
        if length < 4 || start.checked_add(length).is_none_or(|next| next > end) {
            break;
        }
        places.push((start, length));
        at = start + length;
    }
    (places, at)
}

/// The records that the index lists; those that lie elsewhere than it says are empty.
fn of_index(shp: &[u8], shx: &[u8]) -> Vec<(usize, usize)> {
    let entries = shx.get(HEAD..).unwrap_or(&[]).par_chunks_exact(8);
    entries
        .map(|entry| {
            let at = 2 * be(entry, 0) as usize;
            let length = 2 * be(shp, at.saturating_add(4)) as usize;
            let start = at + RECORD_HEAD;
            let fits = at >= HEAD && length >= 4 && start + length <= shp.len() && length == 2 * be(entry, 4) as usize;
            if fits { (start, length) } else { (0, 0) }
        })
        .collect()
}
