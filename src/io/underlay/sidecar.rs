//! What lies beside an image and says where it is: world files, `.prj`, `.aux.xml`.

use std::path::{Path, PathBuf};

use super::affine::Affine;
use super::broken;
use crate::io::read_text;
use crate::text::Message;

/// Bytes of such a file; what is larger is something else.
const MOST_BYTES: u64 = 1 << 20;

/// From pixels to the world, as a world file or `.aux.xml` says it.
///
/// # Errors
/// Where a world file does not hold six numbers.
pub(super) fn affine(path: &Path) -> Result<Option<Affine>, Message> {
    if let Some(file) = world_file(path) {
        let text = text(&file).unwrap_or_default();
        let numbers: Vec<f64> =
            text.split_whitespace().map_while(|word| word.replace(',', ".").parse().ok()).take(6).collect();
        let [a, d, b, e, c, f] = numbers[..] else { return Err(broken(&file, "six numbers expected")) };
        // It speaks of the middle of the first pixel.
        let whole = Affine { x: [a, b, c], y: [d, e, f] }.of_pixels([-0.5, -0.5], [1.0, 1.0]);
        return match whole.inverse() {
            Some(_) => Ok(Some(whole)),
            None => Err(broken(&file, "no area")),
        };
    }
    let numbers = aux(path).and_then(|text| {
        let numbers: Option<Vec<f64>> =
            element(&text, "GeoTransform")?.split(',').map(|word| word.trim().parse().ok()).collect();
        numbers
    });
    let Some([c, a, b, f, d, e]) = numbers.and_then(|numbers| <[f64; 6]>::try_from(numbers).ok()) else {
        return Ok(None);
    };
    let whole = Affine { x: [a, b, c], y: [d, e, f] };
    Ok(whole.inverse().map(|_| whole))
}

/// What the files beside it say of the reference system.
pub(super) fn declared(path: &Path) -> Option<String> {
    let prj = ["prj", "PRJ"].into_iter().map(|ending| path.with_extension(ending)).find_map(|path| text(&path));
    let wkt = prj.or_else(|| aux(path).and_then(|text| element(&text, "SRS")));
    wkt.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
}

/// The world file of an image: the first and last letter of its ending and a `w`, the ending and a `w`, or `.wld`.
fn world_file(path: &Path) -> Option<PathBuf> {
    let ending = path.extension()?.to_str()?;
    let (first, last) = (ending.chars().next()?, ending.chars().next_back()?);
    let names = [format!("{first}{last}w"), format!("{ending}w"), "wld".to_owned()];
    let spelled = names.iter().flat_map(|name| [name.to_ascii_lowercase(), name.to_ascii_uppercase(), name.clone()]);
    spelled.map(|name| path.with_extension(name)).find(|path| path.is_file())
}

fn aux(path: &Path) -> Option<String> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".aux.xml");
    text(Path::new(&beside))
}

/// The text of a small file that is there and can be read: what lies beside an image may be missing.
fn text(path: &Path) -> Option<String> {
    let is_small = std::fs::metadata(path).is_ok_and(|found| found.is_file() && found.len() <= MOST_BYTES);
    is_small.then(|| read_text(path).ok()).flatten()
}

/// The text of the first element of that name.
fn element(xml: &str, name: &str) -> Option<String> {
    let (_, rest) = xml.split_once(&format!("<{name}"))?;
    let (_, rest) = rest.split_once('>')?;
    let (inner, _) = rest.split_once(&format!("</{name}>"))?;
    let plain = [("&quot;", "\""), ("&apos;", "'"), ("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")];
    Some(plain.into_iter().fold(inner.to_owned(), |text, (from, to)| text.replace(from, to)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn world_files_speak_of_the_middle_of_the_first_pixel() {
        let folder = tempfile::tempdir().expect("a folder");
        let image = folder.path().join("影像.jpg");
        assert_eq!(affine(&image), Ok(None));
        std::fs::write(folder.path().join("影像.JGW"), "2.0\n0\n0\n-2.0\n1001.0\r\n1999.0\n").expect("written");
        assert_eq!(affine(&image).expect("six numbers").expect("a place").apply([0.0, 0.0]), [1000.0, 2000.0]);
        std::fs::write(folder.path().join("影像.jgw"), "2.0\n0\n0\n").expect("written");
        assert!(affine(&image).is_err());
        std::fs::write(folder.path().join("影像.jgw"), "0 0 0 0 1 1").expect("written");
        assert!(affine(&image).is_err());
    }

    #[test]
    fn the_file_of_gdal_says_where_and_in_which_system() {
        let folder = tempfile::tempdir().expect("a folder");
        let image = folder.path().join("a.png");
        let text = "<PAMDataset><SRS dataAxisToSRSAxisMapping=\"1,2\">GEOGCS[&quot;x&quot;]</SRS>\
                    <GeoTransform> 1.0e+02, 0.5, 0, 40, 0, -0.5</GeoTransform></PAMDataset>";
        std::fs::write(folder.path().join("a.png.aux.xml"), text).expect("written");
        assert_eq!(affine(&image).expect("read").expect("a place").apply([2.0, 2.0]), [101.0, 39.0]);
        assert_eq!(declared(&image).as_deref(), Some("GEOGCS[\"x\"]"));
        std::fs::write(folder.path().join("a.prj"), "EPSG:4527\n").expect("written");
        assert_eq!(declared(&image).as_deref(), Some("EPSG:4527"));
    }
}
