//! Pictures for sheets: logos, seals, photographs as PNG or JPG.

use std::io::Cursor;
use std::path::Path;

use image::ImageDecoder;
use image::codecs::jpeg::JpegDecoder;
use image::codecs::webp::WebPDecoder;

use super::{read_whole, shown_path};
use crate::text::{Message, system_reason};

/// Most pixels that a picture has: more than any printer shows, and little enough to be held several times.
const MOST_PIXELS: u64 = 64_000_000;

/// Most scans of a JPG. Each is a pass over all its pixels, and may take but a few bytes of the file.
const MOST_SCANS: usize = 200;

/// A picture of red, green, blue and opacity, row by row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// Width and height in pixels.
    pub size: [u32; 2],
    /// Four bytes a pixel.
    pub pixels: Vec<u8>,
}

/// Reads a picture.
///
/// # Errors
/// Where there is no such file, it is neither PNG nor JPG, is broken, or has too many pixels.
pub fn read_picture(path: &Path) -> Result<Picture, Message> {
    let bytes = read_whole(path).map_err(|error| {
        let reason = system_reason(&error);
        Message::new("io.picture-unread").with("path", shown_path(path)).with_message("reason", &reason)
    })?;
    let broken = |error: String| Message::new("io.picture-broken").with("path", shown_path(path)).with("error", error);
    picture_of(&bytes, MOST_PIXELS).map_err(broken)
}

/// The picture that bytes are: PNG, WebP or JPG, of at most so many pixels.
///
/// # Errors
/// What is wrong with it, in English.
pub(super) fn picture_of(bytes: &[u8], most_pixels: u64) -> Result<Picture, String> {
    let held = |width: u32, height: u32| {
        let held = width > 0 && height > 0 && u64::from(width) * u64::from(height) <= most_pixels;
        if held { Ok(()) } else { Err(format!("{width} × {height}")) }
    };
    if bytes.starts_with(b"\x89PNG") {
        png(bytes, held)
    } else if bytes.starts_with(b"RIFF") {
        decoded(WebPDecoder::new(Cursor::new(bytes)).map_err(|error| error.to_string())?, held)
    } else {
        // The mark of a scan stands nowhere in what is packed.
        if memchr::memmem::find_iter(bytes, b"\xff\xda").take(MOST_SCANS + 1).count() > MOST_SCANS {
            return Err(format!("more than {MOST_SCANS} scans"));
        }
        decoded(JpegDecoder::new(Cursor::new(bytes)).map_err(|error| error.to_string())?, held)
    }
}

fn png(bytes: &[u8], held: impl Fn(u32, u32) -> Result<(), String>) -> Result<Picture, String> {
    let mut decoder = png::Decoder::new(Cursor::new(bytes));
    decoder.set_transformations(png::Transformations::normalize_to_color8());
    let mut reader = decoder.read_info().map_err(|error| error.to_string())?;
    let (width, height) = (reader.info().width, reader.info().height);
    held(width, height)?;
    let mut data = vec![0; reader.output_buffer_size().ok_or_else(|| format!("{width} × {height}"))?];
    let frame = reader.next_frame(&mut data).map_err(|error| error.to_string())?;
    let shown = &data[..frame.buffer_size()];
    let pixels: Vec<u8> = match frame.color_type {
        png::ColorType::Rgba => shown.to_vec(),
        png::ColorType::Rgb => shown.as_chunks::<3>().0.iter().flat_map(|[r, g, b]| [*r, *g, *b, 255]).collect(),
        png::ColorType::GrayscaleAlpha => shown.as_chunks::<2>().0.iter().flat_map(|[v, a]| [*v, *v, *v, *a]).collect(),
        png::ColorType::Grayscale | png::ColorType::Indexed => shown.iter().flat_map(|v| [*v, *v, *v, 255]).collect(),
    };
    Ok(Picture { size: [width, height], pixels })
}

fn decoded(decoder: impl ImageDecoder, held: impl Fn(u32, u32) -> Result<(), String>) -> Result<Picture, String> {
    let (width, height) = decoder.dimensions();
    held(width, height)?;
    let color = decoder.color_type();
    let mut data = vec![0; usize::try_from(decoder.total_bytes()).map_err(|error| error.to_string())?];
    decoder.read_image(&mut data).map_err(|error| error.to_string())?;
    let pixels: Vec<u8> = match color {
        image::ColorType::L8 => data.iter().flat_map(|v| [*v, *v, *v, 255]).collect(),
        image::ColorType::Rgb8 => data.as_chunks::<3>().0.iter().flat_map(|[r, g, b]| [*r, *g, *b, 255]).collect(),
        image::ColorType::Rgba8 => data,
        other => return Err(format!("{other:?}")),
    };
    Ok(Picture { size: [width, height], pixels })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Language;

    #[test]
    fn pictures_are_read_whatever_their_colours_and_others_are_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a");
        let write = |color, data: &[u8]| {
            let mut bytes = Vec::new();
            let mut encoder = png::Encoder::new(&mut bytes, 2, 1);
            encoder.set_color(color);
            encoder.set_depth(png::BitDepth::Eight);
            encoder.write_header().and_then(|mut writer| writer.write_image_data(data)).expect("into memory");
            std::fs::write(&path, bytes).expect("written");
            read_picture(&path).expect("a picture")
        };
        let expected = Picture { size: [2, 1], pixels: vec![9, 9, 9, 255, 7, 7, 7, 255] };
        assert_eq!(write(png::ColorType::Grayscale, &[9, 7]), expected);
        assert_eq!(write(png::ColorType::Rgb, &[9, 9, 9, 7, 7, 7]), expected);
        assert_eq!(write(png::ColorType::Rgba, &[9, 9, 9, 255, 7, 7, 7, 255]), expected);
        let mut jpg = Vec::new();
        let mut encoder = image::codecs::jpeg::JpegEncoder::new(&mut jpg);
        encoder.encode(&[200; 16 * 16 * 3], 16, 16, image::ExtendedColorType::Rgb8).expect("into memory");
        std::fs::write(&path, &jpg).expect("written");
        assert_eq!(read_picture(&path).expect("a picture").size, [16, 16]);
        let scan = jpg.windows(2).position(|mark| mark == b"\xff\xda").expect("a scan");
        let many = [&jpg[..scan], b"\xff\xda\0\x02".repeat(300).as_slice(), &jpg[scan..]].concat();
        for bytes in [&b"\x89PNG"[..], b"GIF89a", b"", &jpg[..40], &many[..]] {
            std::fs::write(&path, bytes).expect("written");
            assert!(read_picture(&path).is_err(), "{bytes:?}");
        }
        let gone = read_picture(&folder.path().join("gone.png")).expect_err("gone").text(Language::English);
        assert!(gone.contains("gone.png"), "{gone}");
    }
}
