//! What is packed at once of a TIFF: unpacked, predictors undone, numbers in the order of bytes of this program.

use std::io::{Cursor, Read};

use flate2::read::ZlibDecoder;
use image::ImageDecoder;
use image::codecs::jpeg::JpegDecoder;
use weezl::{BitOrder, LzwStatus};

use super::{Directory, Tiff};
use crate::text::Message;

/// A strip or tile of that many columns and rows; `None` where the file leaves it out. Numbers are little-endian then.
pub(super) fn unpacked(
    page: &Directory,
    file: &Tiff,
    index: usize,
    size: [u32; 2],
) -> Result<Option<Vec<u8>>, Message> {
    let (offset, count) = (page.offsets.get(index).copied(), page.counts.get(index).copied());
    let (Some(offset), Some(count)) = (offset.filter(|v| *v > 0), count.filter(|v| *v > 0)) else { return Ok(None) };
    let wanted = page.row_bytes(size[0]) * size[1] as usize;
    if page.compression == 1 {
        let mut bytes = file.bytes(offset, count.min(wanted as u64))?;
        bytes.resize(wanted, 0);
        to_native(page, file.big_endian, &mut bytes, size[0]);
        return Ok(Some(bytes));
    }
    let packed = file.bytes(offset, count)?;
    let damaged = || file.broken(format!("{} #{index}", if page.is_tiled { "tile" } else { "strip" }));
    let mut bytes = match page.compression {
        5 => lzw(&packed, wanted).ok_or_else(damaged)?,
        8 | 32_946 => {
            let mut bytes = Vec::with_capacity(wanted);
            let read = ZlibDecoder::new(&packed[..]).take(wanted as u64).read_to_end(&mut bytes);
            // What stands before the damage is shown.
            if read.is_err() && bytes.is_empty() {
                return Err(damaged());
            }
            bytes
        }
        32_773 => pack_bits(&packed, wanted),
        2..=4 if page.bits == 1 && page.bands == 1 => fax(page, &packed, size).ok_or_else(|| fax_unknown(file))?,
        7 => {
            return jpeg(page, &packed, size).map(Some).map_err(|error| match error {
                Some(said) => file.broken(said),
                None => damaged(),
            });
        }
        other => return Err(file.unknown(compression_name(other))),
    };
    bytes.resize(wanted, 0);
    to_native(page, file.big_endian, &mut bytes, size[0]);
    Ok(Some(bytes))
}

fn fax_unknown(file: &Tiff) -> Message {
    file.unknown("CCITT G3")
}

fn compression_name(number: u16) -> String {
    match number {
        2..=4 => "CCITT".to_owned(),
        6 => "Old-style JPEG".to_owned(),
        34_712 => "JPEG 2000".to_owned(),
        34_887 => "LERC".to_owned(),
        34_925 => "LZMA".to_owned(),
        50_000 => "ZSTD".to_owned(),
        50_001 => "WebP".to_owned(),
        other => format!("compression {other}"),
    }
}

/// Undoes the predictor, and puts the bytes of each number in this program's order.
pub(super) fn to_native(page: &Directory, big_endian: bool, bytes: &mut [u8], width: u32) {
    let number_bytes = usize::from(page.bits) / 8;
    let bands = page.bands_together();
    let row_bytes = page.row_bytes(width).max(1);
    if page.predictor == 3 && page.compression != 1 && page.format == 3 && number_bytes > 1 {
        let mut plain = vec![0; row_bytes];
        for row in bytes.chunks_exact_mut(row_bytes) {
            for at in bands..row_bytes {
                row[at] = row[at].wrapping_add(row[at - bands]);
            }
            // The bytes lie byte by byte, the highest first.
            let count = row_bytes / number_bytes;
            for number in 0..count {
                for byte in 0..number_bytes {
                    plain[number * number_bytes + number_bytes - 1 - byte] = row[byte * count + number];
                }
            }
            row.copy_from_slice(&plain);
        }
        return;
    }
    if big_endian && number_bytes > 1 {
        bytes.chunks_exact_mut(number_bytes).for_each(<[u8]>::reverse);
    }
    if page.predictor != 2 || page.compression == 1 {
        return;
    }
    for row in bytes.chunks_exact_mut(row_bytes) {
        match number_bytes {
            1 => {
                for at in bands..row.len() {
                    row[at] = row[at].wrapping_add(row[at - bands]);
                }
            }
            2 => {
                summed::<2>(row, bands, |a, b| u16::from_le_bytes(a).wrapping_add(u16::from_le_bytes(b)).to_le_bytes());
            }
            4 => {
                summed::<4>(row, bands, |a, b| u32::from_le_bytes(a).wrapping_add(u32::from_le_bytes(b)).to_le_bytes());
            }
            8 => {
                summed::<8>(row, bands, |a, b| u64::from_le_bytes(a).wrapping_add(u64::from_le_bytes(b)).to_le_bytes());
            }
            _ => {}
        }
    }
}

/// Adds to each number of a row the one of the pixel before it.
fn summed<const N: usize>(row: &mut [u8], bands: usize, add: impl Fn([u8; N], [u8; N]) -> [u8; N]) {
    let numbers = row.as_chunks_mut::<N>().0;
    for at in bands..numbers.len() {
        numbers[at] = add(numbers[at], numbers[at - bands]);
    }
}

fn lzw(packed: &[u8], wanted: usize) -> Option<Vec<u8>> {
    let mut decoder = weezl::decode::Decoder::with_tiff_size_switch(BitOrder::Msb, 8);
    let mut bytes = vec![0; wanted];
    let (mut from, mut to) = (0, 0);
    while to < wanted {
        let result = decoder.decode_bytes(&packed[from..], &mut bytes[to..]);
        from += result.consumed_in;
        to += result.consumed_out;
        match result.status {
            Ok(LzwStatus::Ok) if result.consumed_in + result.consumed_out > 0 => {}
            Ok(_) => break,
            // What stands before the damage is shown.
            Err(_) if to == 0 => return None,
            Err(_) => break,
        }
    }
    Some(bytes)
}

fn pack_bits(packed: &[u8], wanted: usize) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(wanted);
    let mut rest = packed;
    while let Some((head, after)) = rest.split_first() {
        if bytes.len() >= wanted {
            break;
        }
        match *head as i8 {
            -128 => rest = after,
            count @ 0.. => {
                let count = (count as usize + 1).min(after.len());
                bytes.extend_from_slice(&after[..count]);
                rest = &after[count..];
            }
            count => {
                let Some((byte, after)) = after.split_first() else { break };
                bytes.resize(bytes.len() + 1 + usize::from(count.unsigned_abs()), *byte);
                rest = after;
            }
        }
    }
    bytes.truncate(wanted);
    bytes
}

/// Scans in black and white, by the fourth group of CCITT: a bit that is set is black.
fn fax(page: &Directory, packed: &[u8], [width, rows]: [u32; 2]) -> Option<Vec<u8>> {
    if page.compression != 4 {
        return None;
    }
    let (width, height) = (u16::try_from(width).ok()?, u16::try_from(rows).ok()?); // wider than the format's own
    let row_bytes = usize::from(width).div_ceil(8);
    let mut bytes = Vec::with_capacity(row_bytes * usize::from(height));
    let turned = page.fill_order == 2;
    let input = packed.iter().map(move |byte| if turned { byte.reverse_bits() } else { *byte });
    // What stands before the damage is shown.
    let _ = fax::decoder::decode_g4(input, width, Some(height), |turns| {
        let begin = bytes.len();
        bytes.resize(begin + row_bytes, 0);
        for pair in turns.chunks(2) {
            let [from, to] = [pair.first().copied().unwrap_or(width), pair.get(1).copied().unwrap_or(width)];
            for column in from.min(width)..to.min(width) {
                bytes[begin + usize::from(column) / 8] |= 0x80 >> (column % 8);
            }
        }
    });
    Some(bytes)
}

/// A JPEG file without the tables that the directory holds for all of them.
fn jpeg(page: &Directory, packed: &[u8], size: [u32; 2]) -> Result<Vec<u8>, Option<String>> {
    let mut whole = Vec::with_capacity(packed.len() + page.jpeg_tables.len() + 16);
    whole.extend_from_slice(&[0xFF, 0xD8]);
    if page.photometric == 2 {
        // Its colours are red, green and blue as they stand.
        whole.extend_from_slice(b"\xFF\xEE\x00\x0EAdobe\x00\x64\x00\x00\x00\x00\x00");
    }
    let tables = page.jpeg_tables.strip_prefix(&[0xFF, 0xD8]).unwrap_or_default();
    whole.extend_from_slice(tables.strip_suffix(&[0xFF, 0xD9]).unwrap_or(tables));
    whole.extend_from_slice(packed.strip_prefix(&[0xFF, 0xD8]).ok_or(None::<String>)?);
    let decoder = JpegDecoder::new(Cursor::new(whole)).map_err(|error| Some(error.to_string()))?;
    let (width, height) = decoder.dimensions();
    let bands = match decoder.color_type() {
        image::ColorType::L8 => 1,
        image::ColorType::Rgb8 => 3,
        other => return Err(Some(format!("{other:?}"))),
    };
    let fits = |side: u32, of: u32| side <= of.saturating_add(64);
    if page.bits != 8 || bands != page.bands_together() || !fits(width, size[0]) || !fits(height, size[1]) {
        return Err(Some(format!("JPEG {width} × {height} × {bands}")));
    }
    let mut pixels = vec![0; width as usize * height as usize * bands];
    if decoder.total_bytes() != pixels.len() as u64 {
        return Err(None);
    }
    decoder.read_image(&mut pixels).map_err(|error| Some(error.to_string()))?;
    let (row_bytes, own) = (page.row_bytes(size[0]), width as usize * bands);
    let mut bytes = vec![0; row_bytes * size[1] as usize];
    let shown = row_bytes.min(own);
    for (row, from) in bytes.chunks_exact_mut(row_bytes).zip(pixels.chunks_exact(own)) {
        row[..shown].copy_from_slice(&from[..shown]);
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_and_codes_unpack_and_never_beyond_what_is_wanted() {
        let packed = [0xFE, 0xAA, 0x02, 0x80, 0x00, 0x2A, 0xFD, 0xAA, 0x80, 0xF7, 0xAA];
        let wanted = [0xAA, 0xAA, 0xAA, 0x80, 0x00, 0x2A, 0xAA, 0xAA, 0xAA, 0xAA, 0xAA, 0xAA];
        assert_eq!(pack_bits(&packed, 12), wanted);
        assert_eq!(pack_bits(&packed, 4), wanted[..4]);
        assert!(pack_bits(&[0x05, 1], 99).len() == 1);
        let plain: Vec<u8> = (0..4000u32).map(|v| (v % 7) as u8).collect();
        let mut encoder = weezl::encode::Encoder::with_tiff_size_switch(BitOrder::Msb, 8);
        let packed = encoder.encode(&plain).expect("into memory");
        assert_eq!(lzw(&packed, 4000).as_deref(), Some(&plain[..]));
        assert_eq!(lzw(&packed, 100).as_deref(), Some(&plain[..100]));
    }

    #[test]
    fn predictors_are_undone() {
        let page = Directory { bits: 16, bands: 1, format: 1, compression: 8, predictor: 2, ..Directory::default() };
        let mut bytes = [0x01, 0x00, 0x00, 0x05, 0xFF, 0xFF];
        to_native(&page, true, &mut bytes, 3);
        assert_eq!(bytes, [0x00, 0x01, 0x05, 0x01, 0x04, 0x01]);
        let page = Directory { bits: 32, format: 3, predictor: 3, ..page };
        // 1.0 and 2.0 are 3F800000 and 40000000; byte by byte and as differences.
        let planes = [0x3F, 0x40, 0x80, 0x00, 0x00, 0x00, 0x00, 0x00u8];
        let mut bytes = planes;
        for at in (1..8).rev() {
            bytes[at] = planes[at].wrapping_sub(planes[at - 1]);
        }
        to_native(&page, false, &mut bytes, 2);
        assert_eq!(bytes[..4], 1f32.to_le_bytes());
        assert_eq!(bytes[4..], 2f32.to_le_bytes());
    }
}
