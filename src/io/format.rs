//! The table of formats: a row for each that is known, read or not.
//!
//! A file is told by what it holds rather than by what it is called: its first bytes are shown to the rows from top to
//! bottom, and the first that knows them has it. What none knows goes by its ending; what has none that is known may
//! still be a list of coordinates or a table. The rest is left to the reader of GeoJSON, which says best what is wrong
//! with a text. Every word a planner may have on the desk is here: what cannot be read yet is named, with the program
//! that turns it into what can.
//!
//! To add a format: its folder beside this file, and here its row. Rows of one kind of container (ZIP archives, SQLite,
//! XML) stand from the special to the general.

use std::fmt;
use std::path::Path;

use super::ReadError;
use super::columns::RawLayer;
use super::reading::Reading;
use super::source::Source;
use super::start::{Start, ending_of};
use super::write::{Losses, Writer};
use super::{
    dbase, drawing, filegdb, flatgeobuf, geojson, geopackage, geoparquet, gpx, kml, mapinfo, shapefile, table,
    topojson, txt, vct, wkt,
};
use crate::crs::Crs;
use crate::text::{Message, tr};

/// Reads the layers of a source, each with the name that the source gives it.
pub(super) type Reader = fn(&mut Source, &Reading<'_>) -> Result<Vec<RawLayer>, ReadError>;

/// How a format is read.
#[derive(Clone, Copy)]
pub(super) enum Reads {
    /// Not yet; the key of the way to one that is.
    Not(&'static str),
    /// As layers.
    Layers(Reader),
    /// As what lies in it: an archive.
    Members,
}

/// A row of the table.
#[derive(Clone, Copy)]
pub struct Format {
    /// Key of its name.
    pub name: &'static str,
    /// Endings of its files in small letters, the usual one first.
    pub endings: &'static [&'static str],
    /// Whether a file is of this format, by what it holds.
    holds: fn(&Start<'_>) -> bool,
    /// Whether a file may be of this format, that is nothing else by content or ending.
    may_be: fn(&Start<'_>) -> bool,
    /// The CRS of a file that says nothing about it.
    pub(super) default_crs: Option<fn() -> Crs>,
    pub(super) reads: Reads,
    pub(super) writes: Option<Writer>,
    /// What of a layer a file of this format cannot hold.
    pub(super) losses: Losses,
    /// Key of what it can never hold, in a sentence; empty where it is not written.
    pub lacks: &'static str,
}

const fn never(_: &Start<'_>) -> bool {
    false
}

/// A row of a format that is not read yet, by name and by the way to one that is.
const fn foreign(
    name: &'static str,
    way: &'static str,
    endings: &'static [&'static str],
    holds: fn(&Start<'_>) -> bool,
) -> Format {
    let (may_be, reads): (fn(&Start<'_>) -> bool, _) = (never, Reads::Not(way));
    Format {
        name,
        endings,
        holds,
        may_be,
        default_crs: None,
        reads,
        writes: None,
        losses: |_, _, _| Vec::new(),
        lacks: "",
    }
}

/// GeoJSON.
pub(super) const GEOJSON: Format = Format {
    name: "io.format-geojson",
    endings: &["geojson", "json", "geo", "geojsonl", "geojsons", "ndjson", "jsonl", "seq"],
    holds: |start| start.is_json(),
    may_be: never,
    default_crs: Some(Crs::wgs84),
    reads: Reads::Layers(geojson::layers),
    writes: Some(Writer::Stream(geojson::write)),
    losses: geojson::losses,
    lacks: "io.lacks-geojson",
};

/// Told by the reader of GeoJSON: it begins alike.
pub(super) const ESRI_JSON: Format = foreign("io.format-esri-json", "io.way-vector", &[], never);
pub(super) const TOPOJSON: Format = Format {
    default_crs: Some(Crs::wgs84),
    reads: Reads::Layers(topojson::layers),
    ..foreign("io.format-topojson", "", &["topojson"], |s| {
        s.is_json() && !s.holds(b"\"FeatureCollection\"") && is_topology(s.bytes())
    })
};

/// A folder, or one in an archive: see [`of_folder`].
pub(super) const FILE_GDB: Format = Format {
    reads: Reads::Layers(filegdb::layers),
    writes: Some(Writer::Folder(filegdb::write)),
    losses: filegdb::losses,
    lacks: "io.lacks-filegdb",
    ..foreign("io.format-filegdb", "", &["gdb"], never)
};

/// Told also by the reader of GeoPackage: they are databases alike.
pub(super) const MBTILES: Format = foreign("io.format-mbtiles", "io.way-raster", &["mbtiles"], |s| {
    let words: [&[u8]; 2] = [b"CREATE TABLE tiles", b"CREATE VIEW tiles"];
    s.is_sqlite()
        && (s.ends_in(&["mbtiles"]) || s.bytes().get(68..72) == Some(b"MPBX") || words.iter().any(|word| s.holds(word)))
});
pub(super) const SPATIALITE: Format = foreign("io.format-spatialite", "io.way-vector", &["spatialite"], |s| {
    s.is_sqlite() && s.holds(b"spatial_ref_sys") && s.holds(b"geometry_columns")
});

/// How Access databases are read.
#[cfg(feature = "mdb")]
const MDB: Reads = Reads::Layers(super::mdb::layers);
#[cfg(not(feature = "mdb"))]
const MDB: Reads = Reads::Not("io.way-mdb");

/// Every known format.
pub static FORMATS: &[Format] = &[
    Format {
        reads: Reads::Layers(table::xlsx_layers),
        writes: Some(Writer::Files(table::xlsx_files, &[])),
        losses: table::xlsx_lost,
        lacks: "io.lacks-xlsx",
        ..foreign("io.format-xlsx", "", &["xlsx", "xlsm", "xltx", "xlsb"], |s| {
            s.zip_of(&["xlsx", "xlsm", "xltx", "xlsb"], &[b"xl/workbook", b"xl/worksheets"])
        })
    },
    Format {
        reads: Reads::Layers(table::ods_layers),
        ..foreign("io.format-ods", "", &["ods"], |s| s.zip_of(&["ods"], &[b"opendocument.spreadsheet"]))
    },
    Format {
        reads: Reads::Layers(kml::kmz_layers),
        default_crs: Some(Crs::wgs84),
        ..foreign("io.format-kmz", "", &["kmz"], |s| s.zip_of(&["kmz"], &[b"doc.kml"]))
    },
    foreign("io.format-arcgis", "io.way-project", &["mxd", "aprx", "lyr", "lyrx", "lpk", "mpk", "ppkx", "lpkx"], |s| {
        s.zip_of(&["aprx", "lpk", "mpk", "lyrx", "ppkx", "lpkx"], &[])
            || s.is_compound() && s.ends_in(&["mxd", "lyr", "sxd"])
    }),
    foreign("io.format-qgis", "io.way-project", &["qgs", "qgz"], |s| {
        s.zip_of(&["qgz"], &[]) || s.xml_with(&["<qgis", "<!doctype qgis"])
    }),
    Format {
        reads: Reads::Layers(table::xls_layers),
        ..foreign("io.format-xls", "", &["xls", "et", "xlt"], |s| {
            // A password makes a compound file of any workbook.
            let named = s.ends_in(&["xls", "et", "xlt", "xlsx", "xlsm", "xlsb"])
                || ["Workbook", "Book", "EncryptedPackage"].iter().any(|word| s.holds_wide(word));
            s.is_compound() && named
        })
    },
    foreign("io.format-document", "io.way-document", &["doc", "docx", "wps"], |s| {
        let names: &[&[u8]] = &[b"word/document", b"ppt/presentation", b"opendocument.text"];
        s.zip_of(&["docx", "pptx", "ofd", "wps"], names) || s.is_compound() || s.begins(&[b"{\\rtf"])
    }),
    Format { reads: Reads::Members, ..foreign("io.format-zip", "", &["zip"], |s| s.is_zip()) },
    Format {
        reads: Reads::Layers(geopackage::layers),
        writes: Some(Writer::Database(geopackage::write)),
        losses: geopackage::losses,
        lacks: "io.lacks-geopackage",
        ..foreign("io.format-geopackage", "", &["gpkg"], |s| {
            let known = matches!(s.bytes().get(68..72), Some(b"GPKG" | b"GP10" | b"GP11"));
            s.is_sqlite() && (known || s.ends_in(&["gpkg"]) || s.holds(b"gpkg_contents"))
        })
    },
    MBTILES,
    SPATIALITE,
    foreign("io.format-sqlite", "io.way-vector", &["sqlite"], |s| s.is_sqlite()),
    foreign("io.format-shape-part", "io.way-shape-part", &["shx", "prj", "cpg", "sbn", "sbx", "qix"], |s| {
        s.begins(&[SHAPE_MARK]) && s.ends_in(&["shx"])
    }),
    Format {
        reads: Reads::Layers(shapefile::layers),
        writes: Some(Writer::Files(shapefile::write, &["sbn", "sbx", "qix", "fix"])),
        losses: shapefile::losses,
        lacks: "io.lacks-shapefile",
        ..foreign("io.format-shapefile", "", &["shp"], |s| s.begins(&[SHAPE_MARK]))
    },
    Format {
        reads: MDB,
        ..foreign("io.format-mdb", "", &["mdb", "accdb"], |s| {
            s.begins(&[b"\0\x01\0\0Standard Jet DB", b"\0\x01\0\0Standard ACE DB"])
        })
    },
    Format {
        default_crs: Some(Crs::local_plane),
        reads: Reads::Layers(drawing::layers),
        ..foreign("io.format-dwg", "", &["dwg", "dwt"], |s| s.begins(&[b"AC10", b"AC1."]))
    },
    foreign("io.format-dgn", "io.way-vector", &["dgn"], |s| {
        s.begins(&[&[0xFE, 0x02, 0xFE, 0x02], b"\x08\x09\xFE\x02", b"\xC8\x09\xFE\x02"])
    }),
    foreign("io.format-pdf", "io.way-document", &["pdf"], |s| s.begins(&[b"%PDF"])),
    foreign("io.format-rar", "io.way-unpack", &["rar"], |s| s.begins(&[b"Rar!"])),
    foreign("io.format-7z", "io.way-unpack", &["7z"], |s| s.begins(&[b"7z\xBC\xAF\x27\x1C"])),
    foreign("io.format-packed", "io.way-unpack", &["bz2", "xz", "zst"], |s| {
        s.begins(&[b"BZh", b"\xFD7zXZ", b"\x28\xB5\x2F\xFD"])
    }),
    foreign("io.format-tiff", "io.way-raster", &["tif", "tiff"], |s| {
        s.begins(&[b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"])
    }),
    foreign("io.format-picture", "io.way-raster", &["png", "jpg", "jpeg", "gif"], |s| {
        s.begins(&[b"\x89PNG", b"\xFF\xD8\xFF", b"GIF8"])
    }),
    foreign("io.format-raster", "io.way-raster", &["ecw", "sid", "img", "jp2", "asc"], |s| {
        let marks: &[&[u8]] = &[b"\0\0\0\x0CjP  ", b"EHFA_HEADER_TAG", b"\x89HDF", b"CDF\x01", b"CDF\x02", b"msid"];
        s.begins(marks)
    }),
    Format {
        reads: Reads::Layers(geoparquet::layers),
        writes: Some(Writer::Stream(geoparquet::write)),
        losses: geoparquet::losses,
        lacks: "io.lacks-parquet",
        ..foreign("io.format-parquet", "", &["parquet", "geoparquet"], |s| s.begins(&[b"PAR1"]))
    },
    foreign("io.format-arrow", "io.way-vector", &["arrow", "feather"], |s| s.begins(&[b"ARROW1"])),
    Format {
        reads: Reads::Layers(flatgeobuf::layers),
        writes: Some(Writer::Stream(flatgeobuf::write)),
        losses: flatgeobuf::losses,
        lacks: "io.lacks-flatgeobuf",
        ..foreign("io.format-flatgeobuf", "", &["fgb"], |s| s.begins(&[b"fgb\x03fgb", b"fgb\x02fgb", b"fgb\x01fgb"]))
    },
    foreign("io.format-mapgis", "io.way-mapgis", &["wp", "wl", "wt", "mpj", "wb"], |s| s.begins(&[b"WMAP"])),
    foreign("io.format-tar", "io.way-unpack", &["tar"], |s| s.bytes().get(257..262) == Some(b"ustar")),
    FILE_GDB,
    foreign("io.format-filegdb-part", "io.way-gdb-part", &["gdbtable", "gdbtablx"], |s| {
        s.begins(&[&[3, 0, 0, 0], &[4, 0, 0, 0]]) && s.ends_in(&["gdbtable", "gdbtablx"])
    }),
    Format {
        reads: Reads::Layers(dbase::layers),
        writes: Some(Writer::Files(dbase::write, &[])),
        losses: dbase::losses,
        lacks: "io.lacks-dbf",
        ..foreign("io.format-dbf", "", &["dbf"], is_dbf)
    },
    // Texts. `[属性描述]` opens a list of coordinates, not an array. CASS calls its lists `.dat`.
    Format {
        may_be: |s| is_numbers(s) || is_blocks(s),
        reads: Reads::Layers(txt::layers),
        writes: Some(Writer::Files(txt::files, &[])),
        losses: txt::losses,
        lacks: "io.lacks-txt",
        ..foreign("io.format-coordinates", "", &["txt"], |s| {
            txt::begins(s.text()) || s.ends_in(&["dat"]) && s.is_plain() && is_numbers(s)
        })
    },
    TOPOJSON,
    GEOJSON,
    ESRI_JSON,
    Format {
        reads: Reads::Layers(kml::layers),
        default_crs: Some(Crs::wgs84),
        writes: Some(Writer::Files(kml::files, &[])),
        losses: kml::losses,
        lacks: "io.lacks-kml",
        ..foreign("io.format-kml", "", &["kml", "ovkml"], |s| {
            // Pieces of a document are read where the name says what they are.
            let is_piece = s.ends_in(&["kml", "ovkml"]) && s.xml_with(&["<placemark", "<document", "<folder"]);
            is_piece || s.xml_with(&["<kml", "opengis.net/kml"])
        })
    },
    // What office systems export as workbooks; a page that asks for something is none.
    Format {
        reads: Reads::Layers(table::page_layers),
        ..foreign("io.format-table-page", "", &[], |s| {
            let is_called = s.ends_in(&["xls", "xlsx", "et"]) && !s.upper().contains("<INPUT");
            is_called && s.xml_with(&["<html", "<table"])
                || s.xml_with(&["urn:schemas-microsoft-com:office:spreadsheet"])
        })
    },
    foreign("io.format-html", "io.way-html", &["html", "htm"], |s| s.xml_with(&["<!doctype html", "<html"])),
    Format {
        reads: Reads::Layers(gpx::layers),
        default_crs: Some(Crs::wgs84),
        ..foreign("io.format-gpx", "", &["gpx"], |s| s.xml_with(&["<gpx"]))
    },
    foreign("io.format-svg", "io.way-raster", &["svg"], |s| s.xml_with(&["<svg"])),
    foreign("io.format-gml", "io.way-vector", &["gml"], |s| {
        s.xml_with(&["opengis.net/gml", "opengis.net/wfs", "<gml:"])
    }),
    foreign("io.format-xml", "io.way-vector", &[], |s| s.xml_with(&[])),
    foreign("io.format-prj", "io.way-prj", &[], |s| {
        s.text_begins(&["PROJCS[", "GEOGCS[", "PROJCRS[", "GEOGCRS[", "COMPD_CS["])
    }),
    Format {
        reads: Reads::Layers(vct::layers),
        ..foreign("io.format-vct", "", &["vct"], |s| {
            s.text_begins(&["LANDUSEVCT"])
                || s.upper().contains("HEADBEGIN")
                || s.ends_in(&["vct"]) && s.upper().contains("DATAMARK")
        })
    },
    Format {
        default_crs: Some(Crs::local_plane),
        reads: Reads::Layers(drawing::layers),
        writes: Some(Writer::Files(drawing::files, &[])),
        losses: drawing::losses,
        lacks: "io.lacks-dxf",
        ..foreign("io.format-dxf", "", &["dxf"], |s| {
            let [first, second] = s.lines();
            s.begins(&[b"AutoCAD Binary DXF"])
                || first == "0" && second == "SECTION"
                || first == "999" && s.ends_in(&["dxf"])
        })
    },
    Format {
        reads: Reads::Layers(mapinfo::layers),
        ..foreign("io.format-mif", "", &["mif"], |s| {
            s.text_begins(&["VERSION "]) && (s.upper().contains("CHARSET") || s.upper().contains("COLUMNS"))
        })
    },
    foreign("io.format-mif-part", "io.way-mif-part", &["mid"], never),
    foreign("io.format-mapinfo", "io.way-tab", &["tab", "dat"], |s| s.text_begins(&["!TABLE"])),
    Format {
        reads: Reads::Layers(wkt::layers),
        writes: Some(Writer::Stream(wkt::write)),
        losses: wkt::losses,
        lacks: "io.lacks-wkt",
        ..foreign("io.format-wkt", "", &["wkt"], |s| s.is_plain() && wkt::is_wkt(s.text()))
    },
    Format {
        reads: Reads::Layers(wkt::layers),
        writes: Some(Writer::Stream(wkt::write_with_srid)),
        losses: wkt::losses_with_srid,
        lacks: "io.lacks-ewkt",
        ..foreign("io.format-ewkt", "", &["ewkt"], never)
    },
    foreign("io.format-e00", "io.way-vector", &["e00"], |s| s.text_begins(&["EXP  0"])),
    Format {
        may_be: is_table,
        reads: Reads::Layers(table::csv_layers),
        writes: Some(Writer::Stream(table::csv_stream)),
        lacks: "io.lacks-csv",
        ..foreign("io.format-csv", "", &["csv", "tsv"], never)
    },
];

/// What the two files of a shapefile that hold shapes begin with.
const SHAPE_MARK: &[u8] = &[0, 0, 0x27, 0x0A];

/// Whether a text of JSON says that it is a topology, whatever stands before that.
fn is_topology(bytes: &[u8]) -> bool {
    let is_said = |at: usize| {
        let before = bytes[..at].trim_ascii_end();
        let name = before.strip_suffix(b":").map(<[u8]>::trim_ascii_end);
        name.is_some_and(|name| name.ends_with(b"\"type\""))
    };
    memchr::memmem::find_iter(bytes, b"\"Topology\"").any(is_said)
}

/// Whether it begins like a table of dBASE.
fn is_dbf(start: &Start<'_>) -> bool {
    let [version, _, month, day, ..] = start.bytes() else { return false };
    let is_named = start.ends_in(&["dbf"]);
    start.bytes().len() > 32
        && (matches!(version, 0x02 | 0x03 | 0x30 | 0x31 | 0x43 | 0x63 | 0x83 | 0x8B | 0xF5)
            || is_named && matches!(version, 0x04 | 0x32 | 0x8C | 0xCB | 0xFB))
        && (is_named || (1..=12).contains(month) && (1..=31).contains(day))
}

/// Whether its first two lines each hold two numbers or more.
fn is_numbers(start: &Start<'_>) -> bool {
    let numbers = |line: &str| {
        let parts = line.split([',', '，', ';', '\t', ' ']).map(str::trim).filter(|part| !part.is_empty());
        parts.filter(|part| part.parse::<f64>().is_ok()).count()
    };
    let [first, second] = start.lines();
    start.is_plain() && numbers(first) >= 2 && (numbers(second) >= 2 || second.is_empty())
}

/// Whether it may be plots or blocks of points: a line that ends in `@`, or a name over coordinates.
fn is_blocks(start: &Start<'_>) -> bool {
    let [first, second] = start.lines();
    let is_pair =
        |line: &str| line.split(',').count() == 2 && line.split(',').all(|part| part.trim().parse::<f64>().is_ok());
    let is_list = !first.contains([',', '\t']) && is_pair(second);
    start.is_plain() && (first.ends_with('@') || is_list && start.ends_in(&["txt", ""]))
}

/// Whether its first two lines are divided alike.
fn is_table(start: &Start<'_>) -> bool {
    let divided = |line: &str| [',', '，', ';', '\t'].iter().map(|sign| line.matches(*sign).count()).max().unwrap_or(0);
    let [first, second] = start.lines();
    start.is_plain() && start.ends_in(&["txt", ""]) && divided(first) >= 1 && divided(first) == divided(second)
}

impl PartialEq for Format {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Format {}

impl fmt::Debug for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

impl Format {
    /// Whether its files can be opened.
    pub fn is_read(&self) -> bool {
        !matches!(self.reads, Reads::Not(_))
    }

    /// Whether layers can be written as such a file.
    pub fn is_written(&self) -> bool {
        self.writes.is_some()
    }

    /// Whether it is written as a folder.
    pub fn is_folder(&self) -> bool {
        matches!(self.writes, Some(Writer::Folder(_)))
    }

    /// Whether its files hold others.
    pub fn is_archive(&self) -> bool {
        matches!(self.reads, Reads::Members)
    }

    /// Where it is not read: what it is, and what to do.
    pub fn message(&self) -> Message {
        let said = |key: &'static str| move |language| tr(language, key).to_owned();
        let way = match self.reads {
            Reads::Not(way) => way,
            _ => "io.way-open",
        };
        Message::new("io.other-format").with_said("format", said(self.name)).with_said("way", said(way))
    }

    /// Its name in English, for logs.
    pub fn english(&self) -> &'static str {
        tr(crate::text::Language::English, self.name)
    }
}

/// What a file is; [`GEOJSON`] where it is nothing that is known, since its reader says best what is wrong.
pub(super) fn of_start(start: &Start<'_>) -> &'static Format {
    if let Some(found) = FORMATS.iter().find(|format| (format.holds)(start)) {
        return found;
    }
    if start.text().is_empty() {
        return &GEOJSON;
    }
    // A `.txt` may be anything: what it seems to hold decides.
    let named = FORMATS.iter().find(|format| start.ends_in(format.endings) && start.ending() != "txt");
    named.or_else(|| FORMATS.iter().find(|format| (format.may_be)(start))).unwrap_or(&GEOJSON)
}

/// What a folder is, where it is a format of its own.
pub(super) fn of_folder(path: &Path) -> Option<&'static Format> {
    if ending_of(path) == "gdb" {
        return Some(&FILE_GDB);
    }
    // A folder that cannot be listed is a folder.
    let entries = std::fs::read_dir(path).ok()?;
    let is_table = |name: &std::ffi::OsString| ending_of(Path::new(name)) == "gdbtable";
    entries.flatten().take(10_000).any(|entry| is_table(&entry.file_name())).then_some(&FILE_GDB)
}

/// The format of a file by its ending alone.
pub fn format_of_ending(path: &Path) -> Option<&'static Format> {
    let ending = ending_of(path);
    FORMATS.iter().find(|format| format.endings.contains(&ending.as_str()))
}

/// Whether `ending` is that of a file that can be opened, or says that one is compressed.
pub(super) fn is_read_ending(ending: &str) -> bool {
    let read = FORMATS.iter().filter(|format| format.is_read());
    ending.eq_ignore_ascii_case("gz")
        || read.flat_map(|format| format.endings).any(|known| ending.eq_ignore_ascii_case(known))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_are_named_by_what_they_hold() {
        let check = |name: &str, bytes: &[u8], expected: &str| {
            let found = of_start(&Start::new(Path::new(name), bytes, &[]));
            assert_eq!(found.name, format!("io.format-{expected}"), "{name}");
        };
        let padded = |start: &[u8]| [start, &[0u8; 300]].concat();
        check("a.shp", &padded(&[0, 0, 0x27, 0x0A]), "shapefile");
        check("a.json", &padded(&[0, 0, 0x27, 0x0A]), "shapefile");
        check("a.shx", &padded(&[0, 0, 0x27, 0x0A]), "shape-part");
        check("a.dbf", &padded(&[3, 126, 11, 29]), "dbf");
        check("a.dwg", &padded(b"AC1032"), "dwg");
        check("a.dxf", b"  0\r\nSECTION\r\n  2\r\nHEADER\r\n", "dxf");
        check("a.geojson", b"  0\nSECTION\n", "dxf");
        check("a.xlsx", b"PK\x03\x04", "xlsx");
        check("a.geojson", b"PK\x03\x04....[Content_Types].xml..xl/workbook.xml", "xlsx");
        check("a.zip", b"PK\x03\x04....parcels/DLTB.SHP...", "zip");
        check("a.zip", b"PK\x03\x04....a.gdb/a0001.gdbtable", "zip");
        check("a.zip", b"PK\x03\x04....x.tif", "zip");
        check("a.kmz", b"PK\x03\x04", "kmz");
        check("a.xls", &padded(&[0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1]), "xls");
        check("a.mdb", &padded(b"\0\x01\0\0Standard Jet DB"), "mdb");
        let mut package = padded(b"SQLite format 3\0");
        package[68..72].copy_from_slice(b"GPKG");
        check("a", &package, "geopackage");
        check("a.db", &padded(b"SQLite format 3\0"), "sqlite");
        check("a.db", &padded(b"SQLite format 3\0 CREATE TABLE gpkg_contents"), "geopackage");
        check("a.db", &padded(b"SQLite format 3\0 CREATE TABLE tiles"), "mbtiles");
        check("a.sqlite", &padded(b"SQLite format 3\0 spatial_ref_sys geometry_columns"), "spatialite");
        check("a.kml", br#"<?xml version="1.0"?><kml xmlns="http://www.opengis.net/kml/2.2">"#, "kml");
        check("a.kml", b"<Placemark><Point><coordinates>117,36</coordinates></Point></Placemark>", "kml");
        check("a.json", b"<!DOCTYPE html><html>", "html");
        check("a.xls", b"<html><body><table><tr><td>1</td></tr></table>", "table-page");
        check("a.gml", br#"<gml:FeatureCollection xmlns:gml="http://www.opengis.net/gml">"#, "gml");
        check("a.tif", b"II*\0....", "tiff");
        check("a.pdf", b"%PDF-1.7", "pdf");
        check("a.rar", b"Rar!\x1a\x07", "rar");
        check("a.txt", "[属性描述]\r\n格式版本号=1.01版本\r\n".as_bytes(), "coordinates");
        let gbk = encoding_rs::GB18030.encode("[属性描述]\r\n坐标系=2000国家大地坐标系\r\n").0.into_owned();
        check("a.txt", &gbk, "coordinates");
        check("a.txt", "【属性描述】\n坐标系=2000国家大地坐标系\n".as_bytes(), "coordinates");
        check("a.txt", "[基本信息]\n编制单位=甲\n[地块坐标]\n".as_bytes(), "coordinates");
        let twice = encoding_rs::GB18030.decode("[属性描述]\n坐标系=2000国家大地坐标系\n".as_bytes()).0.into_owned();
        check("a.txt", twice.as_bytes(), "coordinates");
        check("a.txt", b"J1,1,4063000.000,39500000.000\nJ2,1,4063100.000,39500000.000\n", "coordinates");
        check("a.csv", "地类,面积\n0101,3.5\n".as_bytes(), "csv");
        check("a.vct", b"HeadBegin\nDatamark:CNSDTF-VCT\n", "vct");
        check("a.prj", br#"GEOGCS["GCS_CGCS2000",DATUM["#, "prj");
        check("a.parquet", b"PAR1....", "parquet");
        check("a.tab", b"!table\n!version 300\n", "mapinfo");
        check("a.txt", b"Version 300\nCharset \"Neutral\"\nColumns 0\nData\n", "mif");
        check("a.json", br#"{"arcs":[],"type" : "Topology"}"#, "topojson");
        check("a.json", br#"{"type":"FeatureCollection","features":[{"a":"Topology"}]}"#, "geojson");
        check("a.txt", b"SRID=4527;POLYGON ((1 2, 3 4, 5 6, 1 2))\n", "wkt");
        check("a.fgb", b"fgb\x03fgb\0....", "flatgeobuf");
        check("a.xml", br#"<?xml version="1.0"?><gpx version="1.1">"#, "gpx");
        check("a.tar", &[&[b'x'; 257][..], b"ustar\0"].concat(), "tar");
        // What begins like JSON is JSON, whatever it is called; garbage is nobody's.
        check("a.shp", br#"{"type":"FeatureCollection"}"#, "geojson");
        check("a.txt", b"  [1, 2]", "geojson");
        check("a.geojson", b"12", "geojson");
        check("a.geojson", b"true", "geojson");
        check("a.geojson", b"", "geojson");
        check("a.geojson", &"{".encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>(), "geojson");
    }

    #[test]
    fn every_format_has_a_name_and_a_way_in_both_languages() {
        for found in FORMATS {
            let message = found.message();
            for language in [crate::text::Language::Chinese, crate::text::Language::English] {
                let text = message.text(language);
                assert!(!text.contains("io.") && !text.contains('{'), "{text}");
                assert!(found.lacks.is_empty() || tr(language, found.lacks) != found.lacks, "{found:?}");
            }
            assert!(
                found.is_written() != found.lacks.is_empty(),
                "{found:?}: what is written says what it cannot hold"
            );
            let small = |ending: &&&str| ending.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
            assert!(found.endings.iter().all(|ending| small(&ending)), "{found:?}");
        }
    }

    #[test]
    fn no_ending_leads_to_two_formats() {
        let mut endings: Vec<&str> = FORMATS.iter().flat_map(|format| format.endings).copied().collect();
        let count = endings.len();
        endings.sort_unstable();
        endings.dedup();
        assert_eq!(endings.len(), count);
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
        assert_eq!(sub("a.gdb", None), Some(&FILE_GDB));
        assert_eq!(sub("b", Some("a00000001.gdbtable")), Some(&FILE_GDB));
        assert_eq!(sub("c", Some("DLTB.shp")), None);
        assert_eq!(sub("d", Some("readme.md")), None);
    }
}
