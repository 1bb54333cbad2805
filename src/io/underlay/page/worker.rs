//! The process that draws one page: bytes in, pixels out, and nothing else. Its memory and its time are bounded from outside.

use std::io::{self, Read, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use hayro::hayro_interpret::font::{FontData, FontQuery};
use hayro::hayro_interpret::util::TransformExt;
use hayro::hayro_interpret::{InterpreterSettings, InterpreterWarning};
use hayro::hayro_syntax::object::{Array, Dict, Name, Rect};
use hayro::hayro_syntax::page::Page;
use hayro::hayro_syntax::{LoadPdfError, Pdf};
use hayro::kurbo::Point;
use hayro::vello_cpu::Pixmap;
use hayro::vello_cpu::color::palette::css::WHITE;
use hayro::{PixmapSettings, RenderCache, RenderSettings, render};

use super::{Fault, RESOLUTIONS, Told};

/// Most pixels of a page, and most of one whose resolution nobody chose.
const MOST_PIXELS: f64 = 100e6;
const USUAL_PIXELS: f64 = 40e6;
/// Most pixels of a side.
const MOST_SIDE: f64 = 30_000.0;
/// Points of a page to the inch.
const POINTS_PER_INCH: f64 = 72.0;
/// Viewports and places of a page that are looked at.
const MOST_VIEWS: usize = 64;

/// Draws the first page of `input`; pixels to `output`, and behind them what is said of them and how long that is.
///
/// # Errors
/// When `input` cannot be read or `output` cannot be written. What is wrong with the file is said.
pub(super) fn work(
    mut input: impl Read,
    mut output: impl Write,
    dpi: Option<u16>,
    font: &'static [u8],
) -> io::Result<()> {
    let mut bytes = Vec::new();
    input.read_to_end(&mut bytes)?;
    // A panic of the library is told like its errors; it may leave nothing behind, as all it had was its own.
    let drawn = catch_unwind(AssertUnwindSafe(|| drawn(bytes, dpi, font))).unwrap_or(Err(Fault::Broken));
    let told = match drawn {
        Ok((pixels, told)) => {
            // On white nothing is left to be seen through.
            output.write_all(pixels.data_as_u8_slice())?;
            told
        }
        Err(fault) => Told { fault: Some(fault), ..Told::default() },
    };
    let said = serde_json::to_vec(&told)?;
    output.write_all(&said)?;
    output.write_all(&(said.len() as u32).to_le_bytes())?;
    output.flush()
}

fn drawn(bytes: Vec<u8>, wish: Option<u16>, font: &'static [u8]) -> Result<(Pixmap, Told), Fault> {
    let pdf = Pdf::new(bytes).map_err(|error| match error {
        LoadPdfError::Decryption(_) => Fault::Locked,
        LoadPdfError::Invalid => Fault::Broken,
    })?;
    let page = pdf.pages().first().ok_or(Fault::Empty)?;
    let (width, height) = page.render_dimensions();
    // Large sheets are written in larger units.
    let unit = page.raw().get::<f64>("UserUnit").filter(|unit| (1.0..=1000.0).contains(unit)).unwrap_or(1.0);
    let inches = [width, height].map(|side| f64::from(side) * unit / POINTS_PER_INCH);
    let dpi = resolution(inches, wish)?;
    let scale = unit * f64::from(dpi) / POINTS_PER_INCH;

    let missed = Arc::new(AtomicBool::new(false));
    let misses = missed.clone();
    let data: FontData = Arc::new(font);
    let settings = InterpreterSettings {
        font_resolver: Arc::new(move |_: &FontQuery| (!font.is_empty()).then(|| (data.clone(), 0))),
        warning_sink: Arc::new(move |_: InterpreterWarning| misses.store(true, Ordering::Relaxed)),
        ..InterpreterSettings::default()
    };
    let to_pixmap = PixmapSettings { x_scale: scale as f32, y_scale: scale as f32, bg_color: WHITE };
    let pixels = render(page, &RenderCache::new(), &settings, &RenderSettings::default(), &to_pixmap);
    let size = [pixels.width(), pixels.height()].map(u32::from);
    let (places, epsg, wkt) = places(page, scale).unwrap_or_default();
    let is_partial = missed.load(Ordering::Relaxed);
    Ok((pixels, Told { size, dpi, places, epsg, wkt, is_partial, fault: None }))
}

/// Pixels an inch for a page of that many inches: those that were asked for, else the most that are easily held.
fn resolution(inches: [f64; 2], wish: Option<u16>) -> Result<u16, Fault> {
    let fits = |dpi: u16, most: f64| {
        let [width, height] = inches.map(|side| side * f64::from(dpi));
        width.max(height) <= MOST_SIDE && width * height <= most && width.min(height) >= 1.0
    };
    let best = |most: f64| (1..=1200).rev().find(|dpi| fits(*dpi, most));
    match wish {
        Some(dpi) if fits(dpi, MOST_PIXELS) => Ok(dpi),
        Some(_) => Err(Fault::Large(best(MOST_PIXELS).unwrap_or(0))),
        None => {
            let usual = RESOLUTIONS.into_iter().rev().find(|dpi| fits(*dpi, USUAL_PIXELS));
            usual.or_else(|| best(USUAL_PIXELS)).ok_or(Fault::Large(0))
        }
    }
}

/// Column, row, longitude and latitude of places, and the system by its number or its text.
type Places = (Vec<[f64; 4]>, Option<u32>, Option<String>);

/// What the largest map of a page says of where it lies.
fn places(page: &Page<'_>, scale: f64) -> Option<Places> {
    let views = page.raw().get::<Array<'_>>("VP")?;
    let is_geo = |measure: &Dict<'_>| measure.get::<Name<'_>>("Subtype").is_some_and(|name| name.as_str() == "GEO");
    let mut found: Option<(f64, Rect, Dict<'_>)> = None;
    for view in views.iter::<Dict<'_>>().take(MOST_VIEWS) {
        let (Some(frame), Some(measure)) = (view.get::<Rect>("BBox"), view.get::<Dict<'_>>("Measure")) else {
            continue;
        };
        let area = (frame.width() * frame.height()).abs();
        if is_geo(&measure) && found.as_ref().is_none_or(|(largest, _, _)| area > *largest) {
            found = Some((area, frame, measure));
        }
    }
    let (_, frame, measure) = found?;
    let degrees = measure.get::<Vec<f64>>("GPTS")?;
    let shares = measure.get::<Vec<f64>>("LPTS").unwrap_or_else(|| vec![0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0, 0.0]);
    let to_page = page.initial_transform(true).to_kurbo();
    let pairs = degrees.as_chunks::<2>().0.iter().zip(shares.as_chunks::<2>().0).take(MOST_VIEWS);
    let places = pairs.map(|([latitude, longitude], [across, up])| {
        let place = Point::new(frame.x0 + across * frame.width(), frame.y0 + up * frame.height());
        let at = to_page * place;
        [at.x * scale, at.y * scale, *longitude, *latitude]
    });
    let system = measure.get::<Dict<'_>>("GCS");
    let epsg = system.as_ref().and_then(|system| system.get::<u32>("EPSG"));
    let text = system.and_then(|system| system.get::<hayro::hayro_syntax::object::String<'_>>("WKT"));
    // What is no text names no system.
    let wkt = text.and_then(|text| String::from_utf8(text.as_bytes().to_vec()).ok());
    let places = places.filter(|place| place.iter().all(|v| v.is_finite()));
    Some((places.collect(), epsg, wkt))
}
