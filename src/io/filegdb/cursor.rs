//! A place in bytes, from which numbers and texts of a geodatabase are read. Nothing is read beyond the end.

/// Bytes and how far they were read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cursor<'a> {
    bytes: &'a [u8],
}

impl<'a> Cursor<'a> {
    /// At the start of `bytes`.
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes }
    }

    /// Bytes that are left.
    pub(super) fn left(&self) -> usize {
        self.bytes.len()
    }

    /// The next `count` bytes.
    #[inline]
    pub(super) fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.bytes.split_at_checked(count)?;
        self.bytes = rest;
        Some(taken)
    }

    #[inline]
    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.bytes.split_first_chunk::<N>()?;
        self.bytes = rest;
        Some(*taken)
    }

    pub(super) fn u8(&mut self) -> Option<u8> {
        self.array::<1>().map(|[byte]| byte)
    }

    pub(super) fn u16(&mut self) -> Option<u16> {
        self.array().map(u16::from_le_bytes)
    }

    pub(super) fn i16(&mut self) -> Option<i16> {
        self.array().map(i16::from_le_bytes)
    }

    pub(super) fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_le_bytes)
    }

    pub(super) fn i32(&mut self) -> Option<i32> {
        self.array().map(i32::from_le_bytes)
    }

    pub(super) fn u64(&mut self) -> Option<u64> {
        self.array().map(u64::from_le_bytes)
    }

    pub(super) fn i64(&mut self) -> Option<i64> {
        self.array().map(i64::from_le_bytes)
    }

    pub(super) fn f32(&mut self) -> Option<f32> {
        self.array().map(f32::from_le_bytes)
    }

    pub(super) fn f64(&mut self) -> Option<f64> {
        self.array().map(f64::from_le_bytes)
    }

    /// A whole number of seven bits a byte, the lowest first; the top bit says that another byte follows.
    #[inline]
    pub(super) fn varuint(&mut self) -> Option<u64> {
        let mut value = 0u64;
        let mut shift = 0u32;
        loop {
            let byte = self.u8()?;
            // What does not fit into 64 bits is no number of ours.
            if shift > 63 || shift == 63 && byte & 0x7E != 0 {
                return None;
            }
            value |= u64::from(byte & 0x7F) << shift;
            if byte & 0x80 == 0 {
                return Some(value);
            }
            shift += 7;
        }
    }

    /// As [`Self::varuint`], but the second highest bit of the first byte is the sign.
    #[inline]
    pub(super) fn varint(&mut self) -> Option<i64> {
        let first = self.u8()?;
        let mut value = i64::from(first & 0x3F);
        if first & 0x80 != 0 {
            let mut shift = 6u32;
            loop {
                let byte = self.u8()?;
                if shift > 55 {
                    return None;
                }
                value |= i64::from(byte & 0x7F) << shift;
                if byte & 0x80 == 0 {
                    break;
                }
                shift += 7;
            }
        }
        Some(if first & 0x40 == 0 { value } else { -value })
    }

    /// A count of bytes and those bytes.
    #[inline]
    pub(super) fn counted(&mut self) -> Option<&'a [u8]> {
        let count = self.varuint()?;
        self.take(usize::try_from(count).ok()?) // what is more than memory has is not there
    }

    /// A text whose count of characters of two bytes each stands in one byte before it.
    pub(super) fn short_text(&mut self) -> Option<String> {
        let count = self.u8()?;
        self.take(2 * usize::from(count)).map(utf16)
    }
}

/// The text of characters of two bytes, without zeros.
pub(super) fn utf16(bytes: &[u8]) -> String {
    let units = bytes.as_chunks::<2>().0.iter().map(|pair| u16::from_le_bytes(*pair));
    char::decode_utf16(units.filter(|unit| *unit != 0)).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_any_length_are_read() {
        let check = |bytes: &[u8], unsigned: Option<u64>, signed: Option<i64>| {
            assert_eq!(Cursor::new(bytes).varuint(), unsigned, "{bytes:?}");
            assert_eq!(Cursor::new(bytes).varint(), signed, "{bytes:?}");
        };
        check(&[5], Some(5), Some(5));
        check(&[0x45], Some(0x45), Some(-5));
        check(&[0x81, 0x01], Some(129), Some(65));
        check(&[0xC1, 0x01], Some(193), Some(-65));
        check(&[0x80], None, None);
        check(&[], None, None);
        check(&[0xFF; 12], None, None);
        check(&[0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01], Some(u64::MAX), None);
    }
}
