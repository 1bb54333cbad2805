//! What the process that reads a drawing tells the one that asked: records one after the other, written plainly.
//!
//! Whoever reads them believes no count: what is claimed must be there.

use std::io::{self, Write};

/// What the records begin with.
const MARK: &[u8; 8] = b"TBDRAW1\n";
/// Bytes of a text at the most.
const MOST_TEXT: usize = 1 << 16;

/// What something drawn is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Shape {
    #[default]
    Point,
    Path,
    /// A path that is closed, without its first point at the end.
    Outline,
    /// Rings that are filled, roles unknown.
    Region,
}

/// Something drawn.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Item {
    pub(super) shape: Shape,
    /// Whether it comes from a block.
    pub(super) in_block: bool,
    /// Whether it ends where it begins, though it is not called closed.
    pub(super) meets: bool,
    /// How nested rings are filled: 0 by turns, 1 the outer ones but for what lies directly in them, 2 all.
    pub(super) filling: u8,
    /// `LWPOLYLINE`, `HATCH`, …
    pub(super) kind: String,
    pub(super) layer: String,
    pub(super) linetype: String,
    pub(super) handle: String,
    pub(super) block: String,
    /// `#RRGGBB`; empty where it is not known.
    pub(super) color: String,
    pub(super) pattern: String,
    pub(super) text: String,
    /// The middle of the text.
    pub(super) middle: Option<[f64; 2]>,
    pub(super) has_z: bool,
    pub(super) paths: Vec<Vec<[f64; 3]>>,
}

/// A record.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Record {
    Item(Box<Item>),
    /// What there is to say: a key, a name and how often.
    Note(String, String, u64),
    /// That the drawing could not be read, and why.
    Failed(String),
    /// The end.
    End,
}

pub(super) struct Records<W: Write> {
    out: W,
}

impl<W: Write> Records<W> {
    pub(super) fn new(mut out: W) -> io::Result<Self> {
        out.write_all(MARK)?;
        Ok(Self { out })
    }

    fn text(&mut self, text: &str) -> io::Result<()> {
        let mut end = text.len().min(MOST_TEXT);
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        self.out.write_all(&(end as u32).to_le_bytes())?;
        self.out.write_all(&text.as_bytes()[..end])
    }

    pub(super) fn item(&mut self, item: &Item) -> io::Result<()> {
        let flags = u8::from(item.in_block)
            | u8::from(item.meets) << 1
            | u8::from(item.has_z) << 2
            | u8::from(item.middle.is_some()) << 3
            | (item.filling & 3) << 4;
        self.out.write_all(&[b'I', item.shape as u8, flags])?;
        for text in
            [&item.kind, &item.layer, &item.linetype, &item.handle, &item.block, &item.color, &item.pattern, &item.text]
        {
            self.text(text)?;
        }
        for part in item.middle.iter().flatten() {
            self.out.write_all(&part.to_le_bytes())?;
        }
        self.out.write_all(&(item.paths.len() as u32).to_le_bytes())?;
        for path in &item.paths {
            self.out.write_all(&(path.len() as u32).to_le_bytes())?;
            for point in path {
                for part in &point[..if item.has_z { 3 } else { 2 }] {
                    self.out.write_all(&part.to_le_bytes())?;
                }
            }
        }
        Ok(())
    }

    pub(super) fn note(&mut self, key: &str, name: &str, count: u64) -> io::Result<()> {
        self.out.write_all(b"N")?;
        self.text(key)?;
        self.text(name)?;
        self.out.write_all(&count.to_le_bytes())
    }

    pub(super) fn failed(&mut self, why: &str) -> io::Result<()> {
        self.out.write_all(b"F")?;
        self.text(why)
    }

    pub(super) fn end(mut self) -> io::Result<()> {
        self.out.write_all(b"E")?;
        self.out.flush()
    }
}

/// Reads records; stops where they break off.
pub(super) struct RecordsRead<'a> {
    bytes: &'a [u8],
    is_over: bool,
}

impl<'a> RecordsRead<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        let rest = bytes.strip_prefix(MARK.as_slice());
        Self { bytes: rest.unwrap_or(&[]), is_over: rest.is_none() }
    }

    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.bytes.split_at_checked(count)?;
        self.bytes = rest;
        Some(taken)
    }

    fn number(&mut self) -> Option<usize> {
        let bytes = self.take(4)?.first_chunk::<4>()?;
        Some(u32::from_le_bytes(*bytes) as usize)
    }

    fn double(&mut self) -> Option<f64> {
        let bytes = self.take(8)?.first_chunk::<8>()?;
        Some(f64::from_le_bytes(*bytes))
    }

    fn text(&mut self) -> Option<String> {
        let length = self.number()?;
        Some(String::from_utf8_lossy(self.take(length)?).into_owned())
    }

    fn item(&mut self) -> Option<Item> {
        let [shape, flags] = self.take(2)? else { return None };
        let flags = *flags;
        let shape = match shape {
            0 => Shape::Point,
            1 => Shape::Path,
            2 => Shape::Outline,
            3 => Shape::Region,
            _ => return None,
        };
        let mut item = Item {
            shape,
            in_block: flags & 1 != 0,
            meets: flags & 2 != 0,
            has_z: flags & 4 != 0,
            filling: flags >> 4 & 3,
            kind: self.text()?,
            layer: self.text()?,
            linetype: self.text()?,
            handle: self.text()?,
            block: self.text()?,
            color: self.text()?,
            pattern: self.text()?,
            text: self.text()?,
            ..Item::default()
        };
        if flags & 8 != 0 {
            item.middle = Some([self.double()?, self.double()?]);
        }
        for _ in 0..self.number()? {
            let count = self.number()?;
            let width = if item.has_z { 24 } else { 16 };
            let bytes = self.take(count.checked_mul(width)?)?;
            let mut path = Vec::with_capacity(count);
            for point in bytes.chunks_exact(width) {
                let part = |at: usize| point.get(at..at + 8)?.first_chunk::<8>().map(|b| f64::from_le_bytes(*b));
                path.push([part(0)?, part(8)?, part(16).unwrap_or(0.0)]);
            }
            item.paths.push(path);
        }
        Some(item)
    }

    fn record(&mut self) -> Option<Record> {
        match self.take(1)? {
            b"I" => Some(Record::Item(Box::new(self.item()?))),
            b"N" => {
                let (key, name) = (self.text()?, self.text()?);
                let count = self.take(8)?.first_chunk::<8>()?;
                Some(Record::Note(key, name, u64::from_le_bytes(*count)))
            }
            b"F" => Some(Record::Failed(self.text()?)),
            b"E" => Some(Record::End),
            _ => None,
        }
    }
}

impl Iterator for RecordsRead<'_> {
    type Item = Record;

    fn next(&mut self) -> Option<Record> {
        if self.is_over {
            return None;
        }
        let record = self.record();
        self.is_over = matches!(record, None | Some(Record::End));
        record
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_come_back_and_stop_where_they_break_off() {
        let item = Item {
            shape: Shape::Region,
            in_block: true,
            filling: 2,
            kind: "HATCH".to_owned(),
            layer: "图斑".to_owned(),
            text: "x".repeat(70_000),
            middle: Some([1.0, 2.0]),
            paths: vec![vec![[1., 2., 0.], [3., 4., 0.]], vec![]],
            ..Item::default()
        };
        let mut bytes = Vec::new();
        let mut out = Records::new(&mut bytes).expect("writes");
        out.item(&item).expect("writes");
        out.note("key", "name", 7).expect("writes");
        out.end().expect("writes");
        let found: Vec<Record> = RecordsRead::new(&bytes).collect();
        let cut = Item { text: "x".repeat(MOST_TEXT), ..item };
        assert_eq!(
            found,
            [Record::Item(Box::new(cut)), Record::Note("key".to_owned(), "name".to_owned(), 7), Record::End]
        );
        for end in 0..bytes.len().min(300) {
            assert!(RecordsRead::new(&bytes[..end]).all(|record| record != Record::End));
        }
        let mut huge = MARK.to_vec();
        huge.extend_from_slice(&[b'F', 0xFF, 0xFF, 0xFF, 0xFF, 1]);
        assert_eq!(RecordsRead::new(&huge).count(), 0);
    }
}
