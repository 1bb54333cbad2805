//! Coordinates in a PDF file, so that a GIS opens the sheet in its place: ISO 32000-2, 12.9 and 12.10. Each map frame of a
//! page becomes a viewport with a measure of type `GEO`.
//!
//! The writer of PDF has no way to say so. The page objects are therefore written once more behind its end, as the
//! format provides for changes of a file; nothing of what was there is touched. What is read is that writer's own
//! output and nothing else: in any other file nothing is found, and it is given back as it is.

use std::fmt::Write as _;

use super::pdf::POINTS_PER_PX;
use crate::crs::{Crs, Reprojector};
use crate::model::Coord;
use crate::render::MapView;

/// A map on a page.
#[derive(Clone, Debug, PartialEq)]
pub struct Place {
    /// Left, top, width and height of the map in logical pixels of the page.
    pub frame: [f32; 4],
    /// Longitude and latitude of its corners: lower left, upper left, upper right, lower right.
    corners: [[f64; 2]; 4],
    /// What the CRS of the map is.
    crs: String,
}

impl Place {
    /// The place of a map of `view` in `crs` that begins at `at` of its page; `None` where a corner of it has no
    /// longitude and latitude, or nobody could read what its CRS is.
    pub fn new(at: [f32; 2], view: &MapView, crs: &Crs) -> Option<Self> {
        let [width, height] = view.size_px;
        let mut corners =
            [[0.0, height], [0.0, 0.0], [width, 0.0], [width, height]].map(|px| view.world_from_screen(px));
        if !crs.is_geographic() {
            // A sheet that lies where the projection ends is a sheet without coordinates.
            Reprojector::new(crs, &crs.geographic()).ok()?.convert(&mut corners).ok()?;
        }
        let kind = if crs.is_geographic() { "GEOGCS" } else { "PROJCS" };
        let code = crs.epsg().map(|code| format!(" /EPSG {code}"));
        let wkt = crs.esri_wkt().filter(|wkt| wkt.is_ascii()).map(|wkt| format!(" /WKT {}", string(&wkt)));
        if code.is_none() && wkt.is_none() {
            return None;
        }
        let crs = format!("<< /Type /{kind}{}{} >>", code.unwrap_or_default(), wkt.unwrap_or_default());
        let usual = |c: &Coord| c.x.is_finite() && c.y.is_finite() && c.y.abs() <= 90.0;
        corners.iter().all(usual).then(|| Self {
            frame: [at[0], at[1], width as f32, height as f32],
            corners: corners.map(|c| [c.x, c.y]),
            crs,
        })
    }

    /// The viewport on a page of that height in logical pixels.
    fn viewport(&self, page_height: f32) -> String {
        let [x, y, width, height] = self.frame;
        let edges = [x, page_height - y - height, x + width, page_height - y].map(|v| v * POINTS_PER_PX);
        let mut text = String::from("<< /Type /Viewport /BBox [");
        // Writing into memory does not fail.
        for edge in edges {
            let _ = write!(text, " {edge:.4}");
        }
        text.push_str(" ] /Measure << /Type /Measure /Subtype /GEO /Bounds [ 0 0 0 1 1 1 1 0 ] /GPTS [");
        for [longitude, latitude] in self.corners {
            let _ = write!(text, " {latitude:.9} {longitude:.9}");
        }
        let _ = write!(text, " ] /LPTS [ 0 0 0 1 1 1 1 0 ] /GCS {} >> >>", self.crs);
        text
    }
}

/// A string of PDF.
fn string(text: &str) -> String {
    let escaped = text.replace('\\', "\\\\").replace('(', "\\(").replace(')', "\\)");
    format!("({escaped})")
}

/// `file`, as `pdf::pdf` wrote it, with the maps of its pages: for each page its height in logical pixels and the maps on
/// it.
pub fn placed(mut file: Vec<u8>, pages: &[(f32, Vec<Place>)]) -> Vec<u8> {
    if pages.iter().all(|(_, places)| places.is_empty()) {
        return file;
    }
    let Some((appended, table)) = changed_pages(&file, pages) else { return file };
    let trailer = trailer_of(&file).map(|(dictionary, start)| format!("{dictionary} /Prev {start}"));
    let Some(trailer) = trailer else { return file };
    file.extend(appended);
    let start = file.len();
    file.extend(format!("xref\n{table}trailer\n<< {trailer} >>\nstartxref\n{start}\n%%EOF\n").bytes());
    file
}

/// The objects of the pages once more, each with its viewports, and the table of where they will stand.
fn changed_pages(file: &[u8], pages: &[(f32, Vec<Place>)]) -> Option<(Vec<u8>, String)> {
    let objects = page_objects(file)?;
    if objects.len() != pages.len() {
        return None;
    }
    let mut appended = Vec::new();
    let mut table = String::new();
    for ((number, dictionary), (height, places)) in objects.into_iter().zip(pages) {
        if places.is_empty() {
            continue;
        }
        let viewports: Vec<String> = places.iter().map(|place| place.viewport(*height)).collect();
        let _ = write!(table, "{number} 1\n{:010} 00000 n \n", file.len() + appended.len());
        let object = format!("{number} 0 obj\n<<{dictionary} /VP [ {} ] >>\nendobj\n", viewports.join(" "));
        appended.extend(object.bytes());
    }
    Some((appended, table))
}

/// What stands between the brackets of the trailer, and where the table before it begins.
fn trailer_of(file: &[u8]) -> Option<(&str, usize)> {
    let at = rfind(file, b"startxref")?;
    let start = std::str::from_utf8(&file[at + b"startxref".len()..]).ok()?.split_whitespace().next()?.parse().ok()?;
    let trailer = &file[rfind(&file[..at], b"trailer")?..at];
    Some((dictionary_of(trailer)?, start))
}

/// Number and members of each page object, in the order of their numbers, which is that of the pages.
fn page_objects(file: &[u8]) -> Option<Vec<(usize, &str)>> {
    let (_, start) = trailer_of(file)?;
    let table = file.get(start..)?.strip_prefix(b"xref\n0 ")?;
    let line_end = table.iter().position(|byte| *byte == b'\n')?;
    let count: usize = std::str::from_utf8(&table[..line_end]).ok()?.trim().parse().ok()?;
    let entries = table.get(line_end + 1..)?.get(..count.checked_mul(20)?)?;
    let mut pages = Vec::new();
    for (number, entry) in entries.as_chunks::<20>().0.iter().enumerate() {
        if entry[17] != b'n' {
            continue;
        }
        let at: usize = std::str::from_utf8(&entry[..10]).ok()?.parse().ok()?;
        let object = file.get(at..start)?;
        // Streams are no pages, and what is compressed in them is nothing to be looked into.
        let object = &object[..object.windows(6).position(|word| word == b"endobj" || word == b"stream")?];
        if is_page(object) {
            pages.push((number, dictionary_of(object)?));
        }
    }
    Some(pages)
}

/// Whether an object says `/Type /Page`.
fn is_page(object: &[u8]) -> bool {
    let words: Vec<&[u8]> = object.split(|byte| b" \r\n\t/<>[]".contains(byte)).filter(|w| !w.is_empty()).collect();
    words.windows(2).any(|pair| pair == [&b"Type"[..], &b"Page"[..]])
}

/// What stands between the outer brackets of the dictionary of `object`.
fn dictionary_of(object: &[u8]) -> Option<&str> {
    let (from, to) = (find(object, b"<<")? + 2, rfind(object, b">>")?);
    std::str::from_utf8(object.get(from..to)?).ok().map(str::trim_end) // other bytes are not that writer's
}

fn find(bytes: &[u8], word: &[u8]) -> Option<usize> {
    bytes.windows(word.len()).position(|part| part == word)
}

fn rfind(bytes: &[u8], word: &[u8]) -> Option<usize> {
    bytes.windows(word.len()).rposition(|part| part == word)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::style::Color;
    use crate::render::drawing::Drawing;
    use crate::render::drawing::pdf::{About, pdf};
    use crate::render::lettering::Typeface;

    fn view() -> MapView {
        let center = Coord { x: 39_511_700.0, y: 4_079_950.0 };
        MapView { center, units_per_px: 40.0, size_px: [800.0, 600.0] }
    }

    #[test]
    fn each_page_gets_its_maps_and_the_rest_stays() {
        let crs = Crs::from_epsg(4527).expect("known");
        let pages = [[1000.0, 800.0], [400.0, 300.0], [1000.0, 800.0]].map(|size| Drawing::new(size, Color::WHITE));
        let file = pdf(&pages.each_ref(), &About::default(), &Typeface::bundled()).expect("pages");
        assert_eq!(page_objects(&file).expect("this writer's").len(), 3);
        let place = Place::new([100.0, 50.0], &view(), &crs).expect("in Jinan");
        let places = [(800.0, vec![place.clone()]), (300.0, Vec::new()), (800.0, vec![place.clone(), place])];
        let placed = placed(file.clone(), &places);
        assert!(placed.starts_with(&file));
        let added = std::str::from_utf8(&placed[file.len()..]).expect("text");
        assert_eq!(added.matches("/VP").count(), 2);
        assert_eq!(added.matches("/Type /Viewport").count(), 3);
        assert!(
            added.contains("/BBox [ 75.0000 112.5000 675.0000 562.5000 ]") && added.contains("/EPSG 4527"),
            "{added}"
        );
        let (trailer, start) = trailer_of(&placed).expect("a trailer");
        assert!(trailer.contains("/Root") && trailer.contains("/Prev") && placed[start..].starts_with(b"xref\n"));
        for line in placed[start..].split(|byte| *byte == b'\n').filter(|line| line.ends_with(b" n ")) {
            let at: usize = std::str::from_utf8(&line[..10]).expect("a number").parse().expect("a number");
            let object = &placed[at..at + 12];
            assert!(find(object, b" 0 obj").is_some(), "{object:?}");
        }
    }

    #[test]
    fn corners_have_longitude_and_latitude() {
        let place = Place::new([0.0, 0.0], &view(), &Crs::from_epsg(4527).expect("known")).expect("in Jinan");
        let [[west, south], [_, north], ..] = place.corners;
        assert!((116.9..117.1).contains(&west) && south < north && (36.6..37.1).contains(&south), "{place:?}");
        let wide = MapView { units_per_px: 1e6, ..view() };
        assert!(Place::new([0.0, 0.0], &wide, &Crs::from_epsg(4527).expect("known")).is_none());
    }

    #[test]
    fn other_files_are_given_back() {
        let place = Place::new([0.0, 0.0], &view(), &Crs::from_epsg(4527).expect("known")).expect("in Jinan");
        for file in [&b""[..], b"%PDF", b"startxref", b"trailer << >> startxref 99999999 ", b"trailer startxref 0"] {
            assert_eq!(placed(file.to_vec(), &[(800.0, vec![place.clone()])]), file);
        }
    }
}
