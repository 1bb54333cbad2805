//! First pages of PDF files: drawn at a resolution that is chosen, by a process of their own, and held like any picture.
//!
//! Control points count in pixels of the page at that resolution: whoever draws it at another scales them, see
//! [`resolved`]. A page that says where it lies (ISO 32000-2, 12.10), as sheets of a GIS and of this program do, is placed
//! by that. World files beside a PDF are not taken: they do not say which resolution they are of.

use std::path::Path;
#[cfg(feature = "pdf")]
use std::process::ExitCode;
#[cfg(feature = "pdf")]
use std::time::Duration;

#[cfg(feature = "pdf")]
use serde::{Deserialize, Serialize};

use super::affine::Affine;
use crate::crs::Crs;
#[cfg(feature = "pdf")]
use crate::crs::Reprojector;
use crate::io::picture::Picture;
#[cfg(feature = "pdf")]
use crate::io::process::{self, Bounds, Unanswered};
#[cfg(feature = "pdf")]
use crate::io::{read_whole, shown_path};
#[cfg(feature = "pdf")]
use crate::model::Coord;
use crate::task::Progress;
use crate::text::Message;
#[cfg(feature = "pdf")]
use crate::text::system_reason;

#[cfg(feature = "pdf")]
mod worker;

/// What the program is called with to draw a page: this word, bytes of memory, seconds, pixels an inch.
pub const PAGE_VERB: &str = "draw-page";

/// Pixels an inch that can be chosen.
pub const RESOLUTIONS: [u16; 5] = [72, 100, 150, 200, 300];

/// A page as a picture.
#[cfg_attr(not(feature = "pdf"), allow(dead_code, reason = "nothing draws pages then"))]
#[derive(Debug)]
pub(super) struct Page {
    pub(super) picture: Picture,
    /// Pixels an inch that it was drawn at.
    pub(super) dpi: u16,
    /// Where it lies by what it says itself, and in which system.
    pub(super) place: Option<(Affine, Crs)>,
    /// Whether something on it could not be drawn.
    pub(super) is_partial: bool,
}

/// A place on a page in pixels of another resolution.
pub fn resolved([column, row]: [f64; 2], from_dpi: u16, to_dpi: u16) -> [f64; 2] {
    let factor = f64::from(to_dpi) / f64::from(from_dpi.max(1));
    [column * factor, row * factor]
}

/// Whether a file begins like a PDF, or is called so.
pub(super) fn is_page(path: &Path, head: &[u8]) -> bool {
    let is_called = path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("pdf"));
    is_called || head.starts_with(b"%PDF-")
}

/// What the process says behind the pixels.
#[cfg(feature = "pdf")]
#[derive(Debug, Default, Serialize, Deserialize)]
struct Told {
    size: [u32; 2],
    dpi: u16,
    /// Column, row, longitude and latitude of places that the page tells, and of which system.
    places: Vec<[f64; 4]>,
    epsg: Option<u32>,
    wkt: Option<String>,
    is_partial: bool,
    fault: Option<Fault>,
}

/// Why there is no picture.
#[cfg(feature = "pdf")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Fault {
    /// It has a password.
    Locked,
    /// It is damaged, or no PDF.
    Broken,
    /// It has no pages.
    Empty,
    /// It would have too many pixels; with this many an inch it would not.
    Large(u16),
}

/// Draws the first page of a file, at so many pixels an inch or at what its size asks for.
///
/// # Errors
/// A file that cannot be read, has a password or is damaged; a resolution that gives too many pixels; a process that did not
/// come to an end in its bounds, or was cancelled.
#[cfg(feature = "pdf")]
pub(super) fn read(path: &Path, dpi: Option<u16>, progress: &Progress) -> Result<Page, Message> {
    let bytes = read_whole(path).map_err(|error| {
        let reason = system_reason(&error);
        Message::new("underlay.unread").with("path", shown_path(path)).with_message("reason", &reason)
    })?;
    let broken = || Message::new("underlay.page-broken").with("path", shown_path(path));
    let answer = answered(bytes, dpi, progress).map_err(|why| match why {
        Unanswered::Cancelled => Message::new("underlay.page-stopped").with("path", shown_path(path)),
        Unanswered::NoProgram => Message::new("underlay.page-no-program"),
        Unanswered::TooLong(seconds) => {
            Message::new("underlay.page-too-long").with("seconds", seconds).with("path", shown_path(path))
        }
        Unanswered::NoMemory(gb) => {
            Message::new("underlay.page-no-memory").with("gb", gb).with("path", shown_path(path))
        }
        Unanswered::System(error) => Message::new("underlay.unread")
            .with("path", shown_path(path))
            .with_message("reason", &system_reason(&error)),
        Unanswered::GaveUp | Unanswered::TooLarge => broken(),
    })?;
    let (pixels, told) = parted(answer).ok_or_else(broken)?;
    match told.fault {
        None => {}
        Some(Fault::Locked) => return Err(Message::new("underlay.page-locked").with("path", shown_path(path))),
        Some(Fault::Empty | Fault::Broken) => return Err(broken()),
        Some(Fault::Large(most)) => {
            let message = Message::new("underlay.page-large").with("dpi", dpi.unwrap_or(RESOLUTIONS[0]));
            return Err(message.with("most", most).with("path", shown_path(path)));
        }
    }
    let count = u64::from(told.size[0]) * u64::from(told.size[1]) * 4;
    if count == 0 || count != pixels.len() as u64 || told.dpi == 0 {
        return Err(broken());
    }
    let place = place(&told);
    let picture = Picture { size: told.size, pixels };
    Ok(Page { picture, dpi: told.dpi, place, is_partial: told.is_partial })
}

/// There is nothing that draws pages in this build.
#[cfg(not(feature = "pdf"))]
pub(super) fn read(_: &Path, _: Option<u16>, _: &Progress) -> Result<Page, Message> {
    Err(Message::new("underlay.no-pdf"))
}

#[cfg(feature = "pdf")]
fn answered(bytes: Vec<u8>, dpi: Option<u16>, progress: &Progress) -> Result<Vec<u8>, Unanswered> {
    if process::is_test_alone() {
        let mut answer = Vec::new();
        worker::work(&bytes[..], &mut answer, dpi, &[]).map_err(Unanswered::System)?;
        return Ok(answer);
    }
    // The page itself, pictures on it unpacked, and copies of them while they are turned and scaled.
    let memory_bytes = (4u64 << 30).saturating_add((bytes.len() as u64).saturating_mul(8)).min(16 << 30);
    let time = Duration::from_secs(120 + 2 * (bytes.len() as u64 >> 20));
    let more = dpi.map(|dpi| dpi.to_string());
    process::answer(PAGE_VERB, more.as_slice(), bytes, Bounds { memory_bytes, time }, progress)
}

/// What the process itself does: draws the first page of what comes on its standard input. `font` stands in for fonts that
/// a file names and does not hold.
#[cfg(feature = "pdf")]
pub fn draw_page_here(arguments: impl Iterator<Item = String>, font: &'static [u8]) -> ExitCode {
    process::served(arguments, move |more| {
        let dpi = more.first().and_then(|text| text.parse().ok());
        worker::work(std::io::stdin().lock(), std::io::stdout().lock(), dpi, font)
    })
}

/// Pixels, and what is said behind them.
#[cfg(feature = "pdf")]
fn parted(mut answer: Vec<u8>) -> Option<(Vec<u8>, Told)> {
    let (before, length) = answer.split_last_chunk::<4>()?;
    let begin = before.len().checked_sub(usize::try_from(u32::from_le_bytes(*length)).ok()?)?;
    // What is none of that is the answer of no such process.
    let told: Told = serde_json::from_slice(&before[begin..]).ok()?;
    answer.truncate(begin);
    Some((answer, told))
}

/// Where a page lies by the places that it tells; `None` where they are too few, or no plane.
#[cfg(feature = "pdf")]
fn place(told: &Told) -> Option<(Affine, Crs)> {
    // A system that nobody knows leaves longitudes and latitudes.
    let by_code = || told.epsg.and_then(|code| Crs::from_epsg(code).ok());
    let by_text = || told.wkt.as_deref().and_then(|text| Crs::declared(text).ok());
    let crs = by_code().or_else(by_text).unwrap_or_else(Crs::cgcs2000);
    let way = if crs.is_geographic() { None } else { Some(Reprojector::new(&crs.geographic(), &crs).ok()?) };
    let mut pairs = Vec::new();
    for [column, row, longitude, latitude] in &told.places {
        let degrees = Coord { x: *longitude, y: *latitude };
        let place = match &way {
            Some(way) => way.convert_one(degrees)?,
            None => degrees,
        };
        pairs.push(([*column, *row], [place.x, place.y]));
    }
    let affine = plane(&pairs)?;
    let back = affine.inverse()?;
    // Places that no plane holds are those of another projection than is said.
    let most = f64::from(told.size[0]).hypot(f64::from(told.size[1])) / 500.0;
    let is_held = |(pixel, world): &([f64; 2], [f64; 2])| {
        let found = back.apply(*world);
        (found[0] - pixel[0]).hypot(found[1] - pixel[1]) <= most
    };
    pairs.iter().all(is_held).then_some((affine, crs))
}

/// The plane through three points or more that leaves the least over.
#[cfg(feature = "pdf")]
fn plane(pairs: &[([f64; 2], [f64; 2])]) -> Option<Affine> {
    if pairs.len() < 3 || pairs.iter().any(|(a, b)| a.iter().chain(b).any(|v| !v.is_finite())) {
        return None;
    }
    let count = pairs.len() as f64;
    let (first_pixel, first_world) = pairs[0];
    let mean = |of: &dyn Fn(&([f64; 2], [f64; 2])) -> f64| pairs.iter().map(of).sum::<f64>() / count;
    // About the first point, so that coordinates of millions of metres lose nothing.
    let pixel = [0, 1].map(|axis| mean(&|pair| pair.0[axis] - first_pixel[axis]) + first_pixel[axis]);
    let world = [0, 1].map(|axis| mean(&|pair| pair.1[axis] - first_world[axis]) + first_world[axis]);
    let mut sums = [0.0; 3];
    let mut with = [[0.0; 2]; 2];
    for (at, to) in pairs {
        let [c, r] = [at[0] - pixel[0], at[1] - pixel[1]];
        for (sum, value) in sums.iter_mut().zip([c * c, c * r, r * r]) {
            *sum += value;
        }
        for (axis, sums) in with.iter_mut().enumerate() {
            let value = to[axis] - world[axis];
            sums[0] += c * value;
            sums[1] += r * value;
        }
    }
    let [cc, cr, rr] = sums;
    let square = cc * rr - cr * cr;
    if square <= 1e-9 * cc * rr {
        return None;
    }
    let [x, y] = [0, 1].map(|axis| {
        let [c, r] = with[axis];
        let (a, b) = ((c * rr - r * cr) / square, (r * cc - c * cr) / square);
        [a, b, world[axis] - a * pixel[0] - b * pixel[1]]
    });
    Some(Affine { x, y })
}

#[cfg(all(test, feature = "pdf"))]
mod tests {
    use super::*;

    /// A PDF of one page of so many points that is red in a square of 72 points; `more` stands in its page.
    fn pdf(size: &str, more: &str) -> Vec<u8> {
        let content = "1 0 0 rg 0 0 72 72 re f";
        let objects = [
            "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
            "<< /Type /Pages /Kids [ 3 0 R ] /Count 1 >>".to_owned(),
            format!("<< /Type /Page /Parent 2 0 R /MediaBox [ 0 0 {size} ] /Contents 4 0 R {more} >>"),
            format!("<< /Length {} >>\nstream\n{content}\nendstream", content.len()),
        ];
        let mut text = String::from("%PDF-1.7\n");
        let mut table = format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1);
        for (at, object) in objects.iter().enumerate() {
            table.push_str(&format!("{:010} 00000 n \n", text.len()));
            text.push_str(&format!("{} 0 obj\n{object}\nendobj\n", at + 1));
        }
        let start = text.len();
        text.push_str(&format!("{table}trailer\n<< /Size 5 /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n"));
        text.into_bytes()
    }

    fn page(bytes: &[u8], dpi: Option<u16>) -> Result<Page, Message> {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.pdf");
        std::fs::write(&path, bytes).expect("written");
        read(&path, dpi, &Progress::new())
    }

    #[test]
    fn a_page_is_drawn_at_the_resolution_that_is_chosen() {
        let found = page(&pdf("144 72", ""), Some(150)).expect("a page");
        assert_eq!((found.picture.size, found.dpi, found.place.is_none()), ([300, 150], 150, true));
        let at = |x: usize, y: usize| &found.picture.pixels[(y * 300 + x) * 4..][..4];
        assert_eq!([at(20, 70), at(280, 70)], [[255, 0, 0, 255], [255; 4]]);
        assert_eq!(page(&pdf("144 72", ""), None).expect("a page").dpi, 300, "small pages are sharp");
        assert_eq!(resolved([30.0, 60.0], 150, 300), [60.0, 120.0]);
    }

    #[test]
    fn a_page_that_says_where_it_lies_is_placed() {
        let place = "/VP [ << /Type /Viewport /BBox [ 0 0 144 72 ] /Measure << /Type /Measure /Subtype /GEO \
                     /GPTS [ 36 117 37 117 37 119 36 119 ] /LPTS [ 0 0 0 1 1 1 1 0 ] \
                     /GCS << /Type /GEOGCS /EPSG 4490 >> >> >> ]";
        let found = page(&pdf("144 72", place), Some(72)).expect("a page");
        let (affine, crs) = found.place.expect("a place");
        assert_eq!(crs.epsg(), Some(4490));
        for (pixel, degrees) in [([0.0, 0.0], [117.0, 37.0]), ([144.0, 72.0], [119.0, 36.0])] {
            let at = affine.apply(pixel);
            assert!((at[0] - degrees[0]).abs() < 1e-6 && (at[1] - degrees[1]).abs() < 1e-6, "{at:?}");
        }
    }

    #[test]
    fn what_is_no_page_or_would_be_too_large_is_said() {
        let key = |bytes: &[u8], dpi| page(bytes, dpi).expect_err("no page").key;
        assert_eq!(key(b"%PDF-1.7\nnothing of the kind", None), "underlay.page-broken");
        let large = pdf("14400 14400", "");
        assert_eq!(key(&large, Some(300)), "underlay.page-large");
        // Without a wish it is drawn as sharp as it can be held.
        let found = page(&large, None).expect("a page");
        assert!(found.dpi < 72 && found.picture.pixels.len() <= 160_000_000, "{}", found.dpi);
    }

    #[test]
    fn planes_go_through_their_points() {
        let truth = Affine { x: [0.5, 0.25, 39_500_000.0], y: [0.25, -0.5, 4_070_000.0] };
        let pixels = [[0.0, 0.0], [100.0, 0.0], [100.0, 80.0], [0.0, 80.0]];
        let found = plane(&pixels.map(|pixel| (pixel, truth.apply(pixel)))).expect("a plane");
        let [a, b] = [found.apply([50.0, 50.0]), truth.apply([50.0, 50.0])];
        assert!((a[0] - b[0]).abs() < 1e-6 && (a[1] - b[1]).abs() < 1e-6);
        let in_line = [[0.0, 0.0], [1.0, 1.0], [2.0, 2.0]].map(|pixel| (pixel, pixel));
        assert_eq!(plane(&in_line), None);
    }
}
