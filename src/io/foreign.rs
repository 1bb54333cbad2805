//! Files of other formats, told by what they hold rather than by what they are called, and what turns them into one that
//! can be read.
//!
//! Every word a planner may have on the desk is here: the formats of ArcGIS, MapGIS, CAD and Office, archives, pictures,
//! the survey's own VCT and coordinate lists. What begins like JSON is none of them, whatever its name.

use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use super::encoding::text_of;
use crate::text::{Message, tr};

/// Bytes of the start that are looked at, and of the end of an archive, where its list of files stands.
pub(super) const LOOKED_AT: usize = 64 * 1024;

/// A format that is known and not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Foreign {
    /// Key of its name.
    pub name: &'static str,
    /// Key of the way to a format that is read.
    way: &'static str,
}

const fn foreign(name: &'static str, way: &'static str) -> Foreign {
    Foreign { name, way }
}

pub(super) const ESRI_JSON: Foreign = foreign("io.format-esri-json", "io.way-vector");
pub(super) const TOPOJSON: Foreign = foreign("io.format-topojson", "io.way-vector");
const SHAPEFILE: Foreign = foreign("io.format-shapefile", "io.way-vector");
const SHAPE_PART: Foreign = foreign("io.format-shape-part", "io.way-shape-part");
const DBF: Foreign = foreign("io.format-dbf", "io.way-shape-part");
const ZIPPED_SHAPEFILE: Foreign = foreign("io.format-zip-shapefile", "io.way-unpack-vector");
const ZIPPED_GDB: Foreign = foreign("io.format-zip-gdb", "io.way-unpack-vector");
const ZIP: Foreign = foreign("io.format-zip", "io.way-unpack");
const RAR: Foreign = foreign("io.format-rar", "io.way-unpack");
const SEVEN_ZIP: Foreign = foreign("io.format-7z", "io.way-unpack");
const TAR: Foreign = foreign("io.format-tar", "io.way-unpack");
const PACKED: Foreign = foreign("io.format-packed", "io.way-unpack");
const XLSX: Foreign = foreign("io.format-xlsx", "io.way-table");
const XLS: Foreign = foreign("io.format-xls", "io.way-table");
const ODS: Foreign = foreign("io.format-ods", "io.way-table");
const CSV: Foreign = foreign("io.format-csv", "io.way-csv");
const COORDINATES: Foreign = foreign("io.format-coordinates", "io.way-coordinates");
const VCT: Foreign = foreign("io.format-vct", "io.way-vct");
const DWG: Foreign = foreign("io.format-dwg", "io.way-dwg");
const DXF: Foreign = foreign("io.format-dxf", "io.way-vector");
const DGN: Foreign = foreign("io.format-dgn", "io.way-vector");
const GEOPACKAGE: Foreign = foreign("io.format-geopackage", "io.way-vector");
const MBTILES: Foreign = foreign("io.format-mbtiles", "io.way-raster");
const SQLITE: Foreign = foreign("io.format-sqlite", "io.way-vector");
const FILE_GDB: Foreign = foreign("io.format-filegdb", "io.way-gdb");
const MDB: Foreign = foreign("io.format-mdb", "io.way-mdb");
const KML: Foreign = foreign("io.format-kml", "io.way-kml");
const KMZ: Foreign = foreign("io.format-kmz", "io.way-kml");
const GML: Foreign = foreign("io.format-gml", "io.way-vector");
const GPX: Foreign = foreign("io.format-gpx", "io.way-vector");
const XML: Foreign = foreign("io.format-xml", "io.way-vector");
const HTML: Foreign = foreign("io.format-html", "io.way-html");
const SVG: Foreign = foreign("io.format-svg", "io.way-raster");
const FLATGEOBUF: Foreign = foreign("io.format-flatgeobuf", "io.way-vector");
const PARQUET: Foreign = foreign("io.format-parquet", "io.way-vector");
const ARROW: Foreign = foreign("io.format-arrow", "io.way-vector");
const MAPINFO: Foreign = foreign("io.format-mapinfo", "io.way-vector");
const MAPGIS: Foreign = foreign("io.format-mapgis", "io.way-mapgis");
const E00: Foreign = foreign("io.format-e00", "io.way-vector");
const TIFF: Foreign = foreign("io.format-tiff", "io.way-raster");
const PICTURE: Foreign = foreign("io.format-picture", "io.way-raster");
const RASTER: Foreign = foreign("io.format-raster", "io.way-raster");
const PDF: Foreign = foreign("io.format-pdf", "io.way-document");
const DOCUMENT: Foreign = foreign("io.format-document", "io.way-document");
const PRJ: Foreign = foreign("io.format-prj", "io.way-prj");
const ARCGIS: Foreign = foreign("io.format-arcgis", "io.way-project");
const QGIS: Foreign = foreign("io.format-qgis", "io.way-project");

impl Foreign {
    /// What it is, and what to do.
    pub fn message(self) -> Message {
        let said = |key: &'static str| move |language| tr(language, key).to_owned();
        Message::new("io.other-format").with_said("format", said(self.name)).with_said("way", said(self.way))
    }

    /// Its name in English, for logs.
    pub fn english(self) -> &'static str {
        tr(crate::text::Language::English, self.name)
    }
}

/// What a folder is, where it is a format of its own.
pub(super) fn of_folder(path: &Path) -> Option<Foreign> {
    if ending(path) == "gdb" {
        return Some(FILE_GDB);
    }
    // A folder that cannot be listed is a folder.
    let entries = std::fs::read_dir(path).ok()?;
    for entry in entries.flatten().take(10_000) {
        match ending(Path::new(&entry.file_name())).as_str() {
            "gdbtable" => return Some(FILE_GDB),
            "shp" => return Some(SHAPEFILE),
            _ => {}
        }
    }
    None
}

/// Looks at the start of a file: what it is where it is foreign, and the bytes that were read.
///
/// # Errors
/// When the start cannot be read.
pub(super) fn look<R: Read + Seek>(path: &Path, file: &mut R) -> std::io::Result<(Option<Foreign>, Vec<u8>)> {
    let mut start = Vec::new();
    file.by_ref().take(LOOKED_AT as u64).read_to_end(&mut start)?;
    let mut end = Vec::new();
    if start.starts_with(b"PK") && start.len() == LOOKED_AT {
        let length = file.seek(SeekFrom::End(0))?;
        file.seek(SeekFrom::Start(length.saturating_sub(LOOKED_AT as u64)))?;
        file.by_ref().take(LOOKED_AT as u64).read_to_end(&mut end)?;
    }
    Ok((of_bytes(&ending(path), &start, &end), start))
}

/// What the start of an unpacked file is.
pub(super) fn of_start(start: &[u8]) -> Option<Foreign> {
    of_bytes("", &start[..start.len().min(LOOKED_AT)], &[])
}

fn ending(path: &Path) -> String {
    path.extension().map(|ending| ending.to_string_lossy().to_ascii_lowercase()).unwrap_or_default()
}

/// What a file of that ending with that start (and, for archives, that end) is.
fn of_bytes(ending: &str, start: &[u8], end: &[u8]) -> Option<Foreign> {
    let begins = |mark: &[u8]| start.starts_with(mark);
    if begins(b"PK\x03\x04") || begins(b"PK\x05\x06") {
        return Some(of_zip(ending, start, end));
    }
    if begins(b"SQLite format 3\0") {
        return Some(match (ending, start.get(68..72)) {
            (_, Some(b"GPKG" | b"GP10" | b"GP11")) | ("gpkg", _) => GEOPACKAGE,
            ("mbtiles", _) => MBTILES,
            _ => SQLITE,
        });
    }
    if begins(&[0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1]) {
        let holds = |word: &str| {
            let wide: Vec<u8> = word.encode_utf16().flat_map(u16::to_le_bytes).collect();
            memchr::memmem::find(start, &wide).is_some()
        };
        return Some(match ending {
            "xls" | "et" | "xlt" => XLS,
            "mxd" | "lyr" | "sxd" => ARCGIS,
            _ if holds("Workbook") || holds("Book") => XLS,
            _ => DOCUMENT,
        });
    }
    let marks: &[(&[u8], Foreign)] = &[
        (&[0, 0, 0x27, 0x0A], if ending == "shx" { SHAPE_PART } else { SHAPEFILE }),
        (b"\0\x01\0\0Standard Jet DB", MDB),
        (b"\0\x01\0\0Standard ACE DB", MDB),
        (b"AC10", DWG),
        (b"AC1.", DWG),
        (b"AutoCAD Binary DXF", DXF),
        (&[0xFE, 0x02, 0xFE, 0x02], DGN),
        (b"%PDF", PDF),
        (b"Rar!", RAR),
        (b"7z\xBC\xAF\x27\x1C", SEVEN_ZIP),
        (b"BZh", PACKED),
        (b"\xFD7zXZ", PACKED),
        (b"\x28\xB5\x2F\xFD", PACKED),
        (b"II*\0", TIFF),
        (b"MM\0*", TIFF),
        (b"II+\0", TIFF),
        (b"MM\0+", TIFF),
        (b"\x89PNG", PICTURE),
        (b"\xFF\xD8\xFF", PICTURE),
        (b"GIF8", PICTURE),
        (b"\0\0\0\x0CjP  ", RASTER),
        (b"EHFA_HEADER_TAG", RASTER),
        (b"\x89HDF", RASTER),
        (b"CDF\x01", RASTER),
        (b"CDF\x02", RASTER),
        (b"PAR1", PARQUET),
        (b"ARROW1", ARROW),
        (b"fgb\x03", FLATGEOBUF),
        (b"WMAP", MAPGIS),
        (b"{\\rtf", DOCUMENT),
        (b"msid", RASTER),
        (b"\x08\x09\xFE\x02", DGN),
        (b"\xC8\x09\xFE\x02", DGN),
    ];
    if let Some((_, found)) = marks.iter().find(|(mark, _)| begins(mark)) {
        return Some(*found);
    }
    if start.get(257..262) == Some(b"ustar") {
        return Some(TAR);
    }
    let is_dbf = start.len() > 32
        && matches!(start[0], 0x02 | 0x03 | 0x30 | 0x31 | 0x43 | 0x63 | 0x83 | 0x8B | 0xF5)
        && (1..=12).contains(&start[2])
        && (1..=31).contains(&start[3]);
    if is_dbf {
        return Some(DBF);
    }
    of_text(ending, start)
}

/// What an archive holds, by the names in it.
fn of_zip(ending: &str, start: &[u8], end: &[u8]) -> Foreign {
    match ending {
        "xlsx" | "xlsm" | "xltx" => return XLSX,
        "kmz" => return KMZ,
        "docx" | "pptx" | "ofd" | "wps" => return DOCUMENT,
        "aprx" | "lpk" | "mpk" | "lyrx" | "ppkx" | "lpkx" => return ARCGIS,
        "qgz" => return QGIS,
        _ => {}
    }
    let holds = |name: &[u8]| {
        let lower = |bytes: &[u8]| bytes.to_ascii_lowercase();
        [start, end].iter().any(|bytes| memchr::memmem::find(&lower(bytes), name).is_some())
    };
    for (name, found) in [
        (&b"xl/workbook"[..], XLSX),
        (b"xl/worksheets", XLSX),
        (b"opendocument.spreadsheet", ODS),
        (b"word/document", DOCUMENT),
        (b"ppt/presentation", DOCUMENT),
        (b"opendocument.text", DOCUMENT),
        (b"doc.kml", KMZ),
        (b".gdbtable", ZIPPED_GDB),
        (b".shp", ZIPPED_SHAPEFILE),
    ] {
        if holds(name) {
            return found;
        }
    }
    ZIP
}

/// What a text is. JSON is left to its reader.
fn of_text(ending: &str, start: &[u8]) -> Option<Foreign> {
    let cut = &start[..start.len().min(4096)];
    let text = text_of(cut);
    let trimmed = text.trim_start_matches(['\u{feff}', ' ', '\t', '\r', '\n']);
    let upper: String = trimmed.chars().take(400).collect::<String>().to_ascii_uppercase();
    // `[属性描述]` opens a list of coordinates, not an array.
    if ["[属性描述]", "[地块坐标]", "[坐标系]"].iter().any(|mark| trimmed.starts_with(mark)) {
        return Some(COORDINATES);
    }
    if trimmed.is_empty() || trimmed.starts_with(['{', '[', '\u{1e}']) {
        return None;
    }
    if trimmed.starts_with('<') {
        let lower = text.to_ascii_lowercase();
        let has = |word: &str| lower.contains(word);
        return Some(if has("<kml") || has("opengis.net/kml") {
            KML
        } else if has("<!doctype html") || has("<html") {
            HTML
        } else if has("<gpx") {
            GPX
        } else if has("<svg") {
            SVG
        } else if has("<qgis") || has("<!doctype qgis") {
            QGIS
        } else if has("opengis.net/gml") || has("opengis.net/wfs") || has("<gml:") {
            GML
        } else if has("urn:schemas-microsoft-com:office:spreadsheet") {
            XLS
        } else {
            XML
        });
    }
    if ["PROJCS[", "GEOGCS[", "PROJCRS[", "GEOGCRS[", "COMPD_CS["].iter().any(|word| upper.starts_with(word)) {
        return Some(PRJ);
    }
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let (first, second) = (lines.next().unwrap_or_default(), lines.next().unwrap_or_default());
    if upper.starts_with("LANDUSEVCT") || upper.contains("HEADBEGIN") || (upper.contains("DATAMARK") && ending == "vct")
    {
        return Some(VCT);
    }
    if (first == "0" && second == "SECTION") || (first == "999" && ending == "dxf") {
        return Some(DXF);
    }
    if upper.starts_with("!TABLE") || (upper.starts_with("VERSION ") && upper.contains("CHARSET")) {
        return Some(MAPINFO);
    }
    if upper.starts_with("EXP  0") {
        return Some(E00);
    }
    let by_ending = match ending {
        "shp" => Some(SHAPEFILE),
        "shx" | "prj" | "cpg" | "sbn" | "sbx" | "qix" => Some(SHAPE_PART),
        "dbf" => Some(DBF),
        "dwg" | "dwt" => Some(DWG),
        "dxf" => Some(DXF),
        "dgn" => Some(DGN),
        "vct" => Some(VCT),
        "mdb" | "accdb" => Some(MDB),
        "kml" => Some(KML),
        "gml" => Some(GML),
        "gpkg" => Some(GEOPACKAGE),
        "xls" | "et" => Some(XLS),
        "xlsx" => Some(XLSX),
        "wp" | "wl" | "wt" | "mpj" | "wb" => Some(MAPGIS),
        "tab" | "mif" | "mid" | "dat" => Some(MAPINFO),
        "ecw" | "sid" | "img" | "jp2" | "asc" => Some(RASTER),
        "tif" | "tiff" => Some(TIFF),
        "mxd" | "aprx" | "lyr" | "lyrx" => Some(ARCGIS),
        "qgs" | "qgz" => Some(QGIS),
        "pdf" => Some(PDF),
        "doc" | "docx" | "wps" => Some(DOCUMENT),
        "rar" => Some(RAR),
        "zip" => Some(ZIP),
        _ => None,
    };
    if by_ending.is_some() {
        return by_ending;
    }
    // Two lines that each hold two numbers or more: a list of coordinates.
    let numbers = |line: &str| {
        let parts = line.split([',', '，', ';', '\t', ' ']).map(str::trim).filter(|part| !part.is_empty());
        parts.filter(|part| part.parse::<f64>().is_ok()).count()
    };
    let is_plain = !text.contains('\u{fffd}') && !text.contains('\0');
    if is_plain && numbers(first) >= 2 && (numbers(second) >= 2 || second.is_empty()) {
        return Some(COORDINATES);
    }
    let divided = |line: &str| [',', '，', ';', '\t'].iter().map(|sign| line.matches(*sign).count()).max().unwrap_or(0);
    let is_table = matches!(ending, "csv" | "tsv")
        || (is_plain && matches!(ending, "txt" | "") && divided(first) >= 1 && divided(first) == divided(second));
    is_table.then_some(CSV)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_are_named_by_what_they_hold() {
        let check = |name: &str, bytes: &[u8], expected: Option<Foreign>| {
            let found = of_bytes(&ending(Path::new(name)), bytes, &[]);
            assert_eq!(found, expected, "{name}");
        };
        let padded = |start: &[u8]| [start, &[0u8; 300]].concat();
        check("a.shp", &padded(&[0, 0, 0x27, 0x0A]), Some(SHAPEFILE));
        check("a.json", &padded(&[0, 0, 0x27, 0x0A]), Some(SHAPEFILE));
        check("a.shx", &padded(&[0, 0, 0x27, 0x0A]), Some(SHAPE_PART));
        check("a.dbf", &padded(&[3, 126, 11, 29]), Some(DBF));
        check("a.dwg", &padded(b"AC1032"), Some(DWG));
        check("a.dxf", b"  0\r\nSECTION\r\n  2\r\nHEADER\r\n", Some(DXF));
        check("a.geojson", b"  0\nSECTION\n", Some(DXF));
        check("a.xlsx", b"PK\x03\x04", Some(XLSX));
        check("a.geojson", b"PK\x03\x04....[Content_Types].xml..xl/workbook.xml", Some(XLSX));
        check("a.zip", b"PK\x03\x04....parcels/DLTB.SHP...", Some(ZIPPED_SHAPEFILE));
        check("a.zip", b"PK\x03\x04....a.gdb/a0001.gdbtable", Some(ZIPPED_GDB));
        check("a.zip", b"PK\x03\x04....x.tif", Some(ZIP));
        check("a.kmz", b"PK\x03\x04", Some(KMZ));
        check("a.xls", &padded(&[0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1]), Some(XLS));
        check("a.mdb", &padded(b"\0\x01\0\0Standard Jet DB"), Some(MDB));
        let mut package = padded(b"SQLite format 3\0");
        package[68..72].copy_from_slice(b"GPKG");
        check("a", &package, Some(GEOPACKAGE));
        check("a.db", &padded(b"SQLite format 3\0"), Some(SQLITE));
        check("a.kml", br#"<?xml version="1.0"?><kml xmlns="http://www.opengis.net/kml/2.2">"#, Some(KML));
        check("a.json", b"<!DOCTYPE html><html>", Some(HTML));
        check("a.gml", br#"<gml:FeatureCollection xmlns:gml="http://www.opengis.net/gml">"#, Some(GML));
        check("a.tif", b"II*\0....", Some(TIFF));
        check("a.pdf", b"%PDF-1.7", Some(PDF));
        check("a.rar", b"Rar!\x1a\x07", Some(RAR));
        check("a.txt", "[属性描述]\r\n格式版本号=1.01版本\r\n".as_bytes(), Some(COORDINATES));
        let gbk = encoding_rs::GB18030.encode("[属性描述]\r\n坐标系=2000国家大地坐标系\r\n").0.into_owned();
        check("a.txt", &gbk, Some(COORDINATES));
        check("a.txt", b"J1,1,4063000.000,39500000.000\nJ2,1,4063100.000,39500000.000\n", Some(COORDINATES));
        check("a.csv", "地类,面积\n0101,3.5\n".as_bytes(), Some(CSV));
        check("a.vct", b"HeadBegin\nDatamark:CNSDTF-VCT\n", Some(VCT));
        check("a.prj", br#"GEOGCS["GCS_CGCS2000",DATUM["#, Some(PRJ));
        check("a.parquet", b"PAR1....", Some(PARQUET));
        check("a.tab", b"!table\n!version 300\n", Some(MAPINFO));
        check("a.tar", &[&[b'x'; 257][..], b"ustar\0"].concat(), Some(TAR));
        // What begins like JSON is JSON, whatever it is called; garbage is nobody's.
        check("a.shp", br#"{"type":"FeatureCollection"}"#, None);
        check("a.txt", b"  [1, 2]", None);
        check("a.geojson", b"12", None);
        check("a.geojson", b"true", None);
        check("a.geojson", b"", None);
        check("a.geojson", &"{".encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>(), None);
    }

    #[test]
    fn every_format_has_a_name_and_a_way_in_both_languages() {
        for found in [SHAPEFILE, XLSX, DWG, FILE_GDB, MAPGIS, COORDINATES, HTML, PRJ] {
            let message = found.message();
            for language in [crate::text::Language::Chinese, crate::text::Language::English] {
                let text = message.text(language);
                assert!(!text.contains("io.") && !text.contains('{'), "{text}");
            }
        }
    }

    #[test]
    fn folders_of_a_format_are_told_from_folders() {
        let folder = tempfile::tempdir().expect("a folder");
        let sub = |name: &str, file: Option<&str>| {
            let path = folder.path().join(name);
            std::fs::create_dir(&path).expect("creates");
            file.iter().for_each(|file| std::fs::write(path.join(file), b"").expect("writes"));
            of_folder(&path)
        };
        assert_eq!(sub("a.gdb", None), Some(FILE_GDB));
        assert_eq!(sub("b", Some("a00000001.gdbtable")), Some(FILE_GDB));
        assert_eq!(sub("c", Some("DLTB.shp")), Some(SHAPEFILE));
        assert_eq!(sub("d", Some("readme.md")), None);
    }
}
