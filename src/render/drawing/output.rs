//! The files that drawings become: what each ending means, and its bytes.

use std::path::Path;

use image::codecs::jpeg::{JpegEncoder, PixelDensity, PixelDensityUnit};

use super::geopdf::{self, Place};
use super::pdf::{self, About, PdfError};
use super::{Drawing, png_of};
use crate::render::lettering::Typeface;
use crate::text::Message;

/// Logical pixels an inch of paper.
pub const PX_PER_INCH: f32 = 96.0;
/// Logical pixels a millimetre of paper.
pub const PX_PER_MM: f32 = PX_PER_INCH / 25.4;
/// Pixels that a picture may have in all: an A0 sheet with 300 of them an inch has 139 million.
const MOST_PIXELS: f64 = 200e6;
/// Quality of JPG: letters stay clear of blocks.
const JPG_QUALITY: u8 = 92;

/// A kind of file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PictureFormat {
    /// Outlines and text, with coordinates.
    Pdf,
    /// Outlines and text.
    Svg,
    /// Pixels, nothing lost.
    Png,
    /// Pixels, small.
    Jpg,
}

/// Why there are no bytes of a picture.
#[derive(Debug, thiserror::Error)]
pub enum OutputError {
    /// It has more pixels than can be held.
    #[error("{width} × {height} pixels, expected at most {MOST_PIXELS} in all")]
    TooLarge {
        /// Its width.
        width: f64,
        /// Its height.
        height: f64,
    },
    /// There is no PDF of it.
    #[error(transparent)]
    Pdf(#[from] PdfError),
    /// The writer of JPG refused.
    #[error("the JPG cannot be made: {0}")]
    Jpg(String),
}

impl OutputError {
    /// The error as a message of the catalogue.
    pub fn message(&self) -> Message {
        match self {
            Self::TooLarge { width, height } => {
                Message::new("render.too-many-pixels").with("width", width).with("height", height)
            }
            Self::Pdf(error) => error.message(),
            Self::Jpg(reason) => Message::new("render.jpg-refused").with("reason", reason),
        }
    }
}

impl PictureFormat {
    /// All of them, with the ending of each and the key of what it is called.
    pub const ALL: [(Self, &'static str, &'static str); 4] = [
        (Self::Pdf, "pdf", "render.filter-pdf"),
        (Self::Svg, "svg", "render.filter-svg"),
        (Self::Png, "png", "render.filter-png"),
        (Self::Jpg, "jpg", "render.filter-jpg"),
    ];

    /// The format that a path ends in; `None` where it ends in none of them.
    pub fn of_path(path: &Path) -> Option<Self> {
        let ending = path.extension()?.to_str()?.to_ascii_lowercase();
        let ending = if ending == "jpeg" { "jpg" } else { &ending };
        Self::ALL.iter().find(|(_, of, _)| *of == ending).map(|(format, ..)| *format)
    }

    /// Whether it keeps outlines, so that a map in it is drawn and not painted.
    pub fn keeps_outlines(self) -> bool {
        matches!(self, Self::Pdf | Self::Svg)
    }
}

/// A page with the maps on it.
#[derive(Clone, Debug, PartialEq)]
pub struct Sheet {
    /// What is on it.
    pub drawing: Drawing,
    /// Where its maps lie in the world.
    pub places: Vec<Place>,
}

/// The bytes of a file of one page, `scale` pixels a logical pixel where it has pixels.
///
/// # Errors
/// Where it has no size, or more of it than the format or memory hold.
pub fn bytes(
    sheet: &Sheet,
    format: PictureFormat,
    scale: f32,
    about: &About,
    typeface: &Typeface,
) -> Result<Vec<u8>, OutputError> {
    match format {
        PictureFormat::Pdf => Ok(pdf_of(std::slice::from_ref(sheet), about, typeface)?),
        PictureFormat::Svg => Ok(sheet.drawing.svg().into_bytes()),
        PictureFormat::Png => {
            let pixels = painted(&sheet.drawing, scale, typeface)?;
            let per_metre = (PX_PER_INCH * scale / 0.0254).round() as u32;
            Ok(png_of(&pixels, Some(per_metre)))
        }
        PictureFormat::Jpg => jpg(&painted(&sheet.drawing, scale, typeface)?, scale),
    }
}

/// The bytes of a PDF file of many pages, with the coordinates of its maps.
///
/// # Errors
/// As [`pdf::pdf`].
pub fn pdf_of(sheets: &[Sheet], about: &About, typeface: &Typeface) -> Result<Vec<u8>, PdfError> {
    let pages: Vec<&Drawing> = sheets.iter().map(|sheet| &sheet.drawing).collect();
    let file = pdf::pdf(&pages, about, typeface)?;
    let places: Vec<(f32, Vec<Place>)> =
        sheets.iter().map(|sheet| (sheet.drawing.size[1], sheet.places.clone())).collect();
    Ok(geopdf::placed(file, &places))
}

/// Whether a picture of that size in logical pixels, `scale` pixels each, can be held.
///
/// # Errors
/// [`OutputError::TooLarge`] where it cannot.
pub fn held(size: [f32; 2], scale: f32) -> Result<(), OutputError> {
    let [width, height] = size.map(|side| (f64::from(side) * f64::from(scale)).round());
    let held = width >= 1.0 && height >= 1.0 && width * height <= MOST_PIXELS;
    if held { Ok(()) } else { Err(OutputError::TooLarge { width, height }) }
}

fn painted(drawing: &Drawing, scale: f32, typeface: &Typeface) -> Result<tiny_skia::Pixmap, OutputError> {
    held(drawing.size, scale)?;
    let [width, height] = drawing.size.map(|side| (f64::from(side) * f64::from(scale)).round());
    drawing.paint(typeface, scale).ok_or(OutputError::TooLarge { width, height })
}

/// Pixels as a JPG file that says how many of them an inch has.
fn jpg(pixels: &tiny_skia::Pixmap, scale: f32) -> Result<Vec<u8>, OutputError> {
    // The ground of a drawing is opaque, and so is what lies on it.
    let colors: Vec<u8> = pixels.data().as_chunks::<4>().0.iter().flat_map(|[r, g, b, _]| [*r, *g, *b]).collect();
    let per_inch = (PX_PER_INCH * scale).round().clamp(1.0, f32::from(u16::MAX)) as u16;
    let mut bytes = Vec::new();
    let mut encoder = JpegEncoder::new_with_quality(&mut bytes, JPG_QUALITY);
    encoder.set_pixel_density(PixelDensity { density: (per_inch, per_inch), unit: PixelDensityUnit::Inches });
    let (width, height) = (pixels.width(), pixels.height());
    let written = encoder.encode(&colors, width, height, image::ExtendedColorType::Rgb8);
    written.map_err(|error| OutputError::Jpg(error.to_string()))?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::style::Color;

    fn sheet() -> Sheet {
        let mut drawing = Drawing::new([96.0, 48.0], Color::WHITE);
        drawing.fill([0.0, 0.0, 48.0, 48.0], Color::rgb(200, 30, 30));
        Sheet { drawing, places: Vec::new() }
    }

    #[test]
    fn endings_name_formats() {
        let check = |path: &str, format| assert_eq!(PictureFormat::of_path(Path::new(path)), format, "{path}");
        check("a.pdf", Some(PictureFormat::Pdf));
        check("图/a.b.JPEG", Some(PictureFormat::Jpg));
        check("a.PNG", Some(PictureFormat::Png));
        check("a.svg", Some(PictureFormat::Svg));
        check("pdf", None);
        check("a.tif", None);
    }

    #[test]
    fn pixels_know_how_many_of_them_an_inch_has() {
        let scale = 300.0 / PX_PER_INCH;
        let of = |format| bytes(&sheet(), format, scale, &About::default(), &Typeface::bundled()).expect("fits");
        let jpg = of(PictureFormat::Jpg);
        let at = jpg.windows(5).position(|part| part == b"JFIF\0").expect("a JFIF header");
        assert_eq!(jpg[at + 7..at + 12], [1, 1, 44, 1, 44]);
        let png = of(PictureFormat::Png);
        let decoder = png::Decoder::new(std::io::Cursor::new(png));
        let reader = decoder.read_info().expect("a PNG");
        let dims = reader.info().pixel_dims.expect("said");
        assert_eq!((reader.info().width, dims.xppu, dims.yppu), (300, 11_811, 11_811));
    }

    #[test]
    fn a_picture_beyond_memory_is_refused_before_it_is_made() {
        let refused = bytes(&sheet(), PictureFormat::Jpg, 1000.0, &About::default(), &Typeface::bundled());
        assert!(matches!(refused, Err(OutputError::TooLarge { .. })));
    }
}
