//! What pages say of themselves, looked at before the library unpacks them.
//!
//! The head of a page is a structure of Thrift's compact protocol; of it the sizes and the count are read. After
//! unpacking, a page that counts its own values (a dictionary, lengths told by differences) must be able to hold them.

use parquet::basic::Encoding;
use parquet::column::page::{Page, PageMetadata, PageReader};
use parquet::errors::{ParquetError, Result};
use parquet::file::metadata::RowGroupMetaData;

/// How much larger than packed a page may be, beyond what any may.
const MOST_RATIO: u64 = 1024;
const FREE_BYTES: u64 = 1 << 26;
/// Values that a byte may stand for, beyond what any page may have.
const VALUES_PER_BYTE: u64 = 256;
const FREE_VALUES: u64 = 1 << 20;
/// Structures within structures of a head.
const DEEPEST: usize = 8;

/// Looks at the heads of the pages of a column in a row group.
pub(super) fn check(file: &[u8], group: &RowGroupMetaData, leaf: usize) -> std::result::Result<(), &'static str> {
    let column = group.columns().get(leaf).ok_or("column")?;
    let start = match column.dictionary_page_offset() {
        Some(offset) if offset > 0 => offset.min(column.data_page_offset()),
        _ => column.data_page_offset(),
    };
    let (start, length) = (usize::try_from(start), usize::try_from(column.compressed_size()));
    let (Ok(start), Ok(length)) = (start, length) else { return Err("column offset") };
    let end = start.checked_add(length).filter(|end| *end <= file.len()).ok_or("column offset")?;
    let mut at = start;
    let mut value_count = 0u64;
    while at < end {
        let mut head = Head { bytes: &file[at..end], at: 0, unpacked: 0, packed: 0, values: 0 };
        head.structure(0, 0).ok_or("page header")?;
        if head.unpacked > FREE_BYTES.max(head.packed.saturating_mul(MOST_RATIO)) {
            return Err("page size");
        }
        if head.values > FREE_VALUES + head.packed.saturating_mul(VALUES_PER_BYTE) {
            return Err("value count");
        }
        value_count = value_count.saturating_add(head.values);
        let next = usize::try_from(head.packed).ok().and_then(|packed| at.checked_add(head.at)?.checked_add(packed));
        at = next.filter(|next| *next <= end && *next > at).ok_or("page size")?;
    }
    if value_count > FREE_VALUES + (file.len() as u64).saturating_mul(VALUES_PER_BYTE) {
        return Err("value count");
    }
    Ok(())
}

/// The head of a page being read.
struct Head<'a> {
    bytes: &'a [u8],
    at: usize,
    unpacked: u64,
    packed: u64,
    values: u64,
}

impl Head<'_> {
    fn byte(&mut self) -> Option<u8> {
        let byte = self.bytes.get(self.at).copied();
        self.at += 1;
        byte
    }

    fn varint(&mut self) -> Option<u64> {
        let mut value = 0u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7F) << shift;
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    }

    /// A whole number that is not below zero.
    fn count(&mut self) -> Option<u64> {
        let raw = self.varint()?;
        (raw & 1 == 0).then_some(raw >> 1)
    }

    fn skip(&mut self, count: u64) -> Option<()> {
        self.at = self.at.checked_add(usize::try_from(count).ok()?).filter(|at| *at <= self.bytes.len())?;
        Some(())
    }

    /// A structure; `within` is the field of the head that it is, 0 for the head itself.
    fn structure(&mut self, within: i64, depth: usize) -> Option<()> {
        if depth > DEEPEST {
            return None;
        }
        let mut field = 0i64;
        loop {
            let byte = self.byte()?;
            let (step, kind) = (byte >> 4, byte & 0x0F);
            if kind == 0 {
                return Some(());
            }
            field = match step {
                0 => {
                    let raw = self.varint()?;
                    (raw >> 1) as i64 ^ -((raw & 1) as i64)
                }
                step => field + i64::from(step),
            };
            match (within, field, kind) {
                (0, 2, 5) => self.unpacked = self.count()?,
                (0, 3, 5) => self.packed = self.count()?,
                // The count of values of each kind of page.
                (5 | 7 | 8, 1, 5) => self.values = self.count()?,
                (0, 5 | 7 | 8, 12) => self.structure(field, depth + 1)?,
                _ => self.value(kind, depth)?,
            }
        }
    }

    /// Moves over a value of a field.
    fn value(&mut self, kind: u8, depth: usize) -> Option<()> {
        match kind {
            1 | 2 => Some(()),
            3 => self.skip(1),
            4..=6 => self.varint().map(drop),
            7 => self.skip(8),
            8 => {
                let length = self.varint()?;
                self.skip(length)
            }
            9 | 10 => {
                let head = self.byte()?;
                let count = if head >> 4 == 15 { self.varint()? } else { u64::from(head >> 4) };
                let kind = head & 0x0F;
                for _ in 0..count {
                    // A truth value in a list takes a byte.
                    if matches!(kind, 1 | 2) {
                        self.skip(1)?;
                    } else {
                        self.element(kind, depth)?;
                    }
                    if self.at > self.bytes.len() {
                        return None;
                    }
                }
                Some(())
            }
            11 => {
                let count = self.varint()?;
                if count == 0 {
                    return Some(());
                }
                let kinds = self.byte()?;
                for _ in 0..count {
                    self.element(kinds >> 4, depth)?;
                    self.element(kinds & 0x0F, depth)?;
                }
                Some(())
            }
            12 => self.structure(-1, depth + 1),
            _ => None,
        }
    }

    fn element(&mut self, kind: u8, depth: usize) -> Option<()> {
        if depth > DEEPEST || self.at >= self.bytes.len() { None } else { self.value(kind, depth + 1) }
    }
}

/// Pages of a column, each looked at once it is unpacked.
pub(super) struct Checked {
    inner: Box<dyn PageReader>,
    has_repetition: bool,
    has_definition: bool,
}

impl Checked {
    pub(super) fn new(inner: Box<dyn PageReader>, max_rep: i16, max_def: i16) -> Box<Self> {
        Box::new(Self { inner, has_repetition: max_rep > 0, has_definition: max_def > 0 })
    }

    fn checked(&self, page: &Page) -> Result<()> {
        let lies = || ParquetError::General("page counts more than it holds".to_owned());
        match page {
            Page::DictionaryPage { buf, num_values, .. } => {
                // Eight truth values to a byte are the smallest.
                if u64::from(*num_values) > 8 * buf.len() as u64 { Err(lies()) } else { Ok(()) }
            }
            Page::DataPage { buf, num_values, encoding, .. } if is_by_differences(*encoding) => {
                let mut at = 0;
                for _ in 0..usize::from(self.has_repetition) + usize::from(self.has_definition) {
                    let length = buf.get(at..).and_then(<[u8]>::first_chunk::<4>).ok_or_else(lies)?;
                    at += 4 + u32::from_le_bytes(*length) as usize;
                }
                counted(buf.get(at..).ok_or_else(lies)?, *num_values).ok_or_else(lies)
            }
            Page::DataPageV2 { buf, num_values, encoding, def_levels_byte_len, rep_levels_byte_len, .. }
                if is_by_differences(*encoding) =>
            {
                let at = *def_levels_byte_len as usize + *rep_levels_byte_len as usize;
                counted(buf.get(at..).ok_or_else(lies)?, *num_values).ok_or_else(lies)
            }
            _ => Ok(()),
        }
    }
}

fn is_by_differences(encoding: Encoding) -> bool {
    matches!(encoding, Encoding::DELTA_LENGTH_BYTE_ARRAY | Encoding::DELTA_BYTE_ARRAY)
}

/// Whether the count at the start of lengths that are told by differences is no larger than that of the page.
fn counted(lengths: &[u8], num_values: u32) -> Option<()> {
    let mut head = Head { bytes: lengths, at: 0, unpacked: 0, packed: 0, values: 0 };
    let (_block, _parts) = (head.varint()?, head.varint()?);
    (head.varint()? <= u64::from(num_values)).then_some(())
}

impl Iterator for Checked {
    type Item = Result<Page>;

    fn next(&mut self) -> Option<Result<Page>> {
        self.get_next_page().transpose()
    }
}

impl PageReader for Checked {
    fn get_next_page(&mut self) -> Result<Option<Page>> {
        let page = self.inner.get_next_page()?;
        page.iter().try_for_each(|page| self.checked(page))?;
        Ok(page)
    }

    fn peek_next_page(&mut self) -> Result<Option<PageMetadata>> {
        self.inner.peek_next_page()
    }

    fn skip_next_page(&mut self) -> Result<()> {
        self.inner.skip_next_page()
    }

    fn supports_deferred_dictionary(&self) -> bool {
        self.inner.supports_deferred_dictionary()
    }

    fn take_deferred_dictionary(&mut self) -> Result<Option<Page>> {
        let page = self.inner.take_deferred_dictionary()?;
        page.iter().try_for_each(|page| self.checked(page))?;
        Ok(page)
    }

    fn at_record_boundary(&mut self) -> Result<bool> {
        self.inner.at_record_boundary()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_are_read_field_by_field() {
        // Type 0, 200 bytes unpacked, 100 packed, a data page of 7 values in encodings 0, 3, 3.
        let bytes = [0x15, 0, 0x15, 0x90, 3, 0x15, 0xC8, 1, 0x2C, 0x15, 14, 0x15, 0, 0x15, 6, 0x15, 6, 0, 0];
        let mut head = Head { bytes: &bytes, at: 0, unpacked: 0, packed: 0, values: 0 };
        assert_eq!(head.structure(0, 0), Some(()));
        assert_eq!((head.unpacked, head.packed, head.values, head.at), (200, 100, 7, bytes.len()));
        for cut in 0..bytes.len() {
            let mut head = Head { bytes: &bytes[..cut], at: 0, unpacked: 0, packed: 0, values: 0 };
            assert_eq!(head.structure(0, 0), None, "{cut}");
        }
    }

    #[test]
    fn counts_of_lengths_are_held_against_their_page() {
        // Blocks of 128 in 4 parts, then the count.
        assert_eq!(counted(&[0x80, 1, 4, 10], 10), Some(()));
        assert_eq!(counted(&[0x80, 1, 4, 11], 10), None);
        assert_eq!(counted(&[0x80, 1, 4, 0xFF, 0xFF, 0xFF, 0xFF, 7], 10), None);
        assert_eq!(counted(&[0x80], 10), None);
    }
}
