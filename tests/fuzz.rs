//! Whatever bytes come, nothing panics, hangs or breaks its promise: a short and always equal run of what the fuzzer of
//! `.ci/fuzz` does for hours.
//!
//! `TUBAN_MUTATIONS=100000 cargo test --release fuzz::` runs more cases. An input that fails is put into
//! `tests/fuzz/corpus/TARGET`, from where it is run each time.

use std::path::Path;

use tuban::io::FORMATS;

#[path = "../src/testing/damage.rs"]
pub(crate) mod damage;
#[path = "fuzz/laws.rs"]
mod laws;
#[path = "fuzz/targets.rs"]
mod targets;

use targets::{TARGETS, Target, seeds};

/// Formats that are read and have no target here: drawings, by tests of `io/drawing.rs` and of whole samples; Access
/// databases and workbooks of the nineties, which cannot be written here, by tests of whole samples. EWKT is read as WKT.
const ELSEWHERE: [&str; 5] = ["dxf", "dwg", "mdb", "xls", "ewkt"];

fn corpus() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz/corpus")
}

fn target(name: &str) -> &'static Target {
    TARGETS.iter().find(|target| target.name == name).expect("a target of that name")
}

fn survives(name: &str, usual: usize) {
    let target = target(name);
    let seeds = seeds(target, &corpus());
    assert!(!seeds.is_empty(), "{name} has nothing to begin with");
    // Whole inputs, and those that failed once, whatever the number of cases.
    seeds.iter().for_each(|seed| (target.run)(seed));
    damage::each(usual, &seeds, target.run);
}

/// A test for each target, with the number of cases of an ordinary run.
macro_rules! survive {
    ($($test:ident: $target:literal, $usual:literal;)*) => {
        $(#[test]
        fn $test() {
            survives($target, $usual);
        })*
        const TESTED: &[&str] = &[$($target),*];
    };
}

survive! {
    geojson_survives: "geojson", 300;
    topojson_survives: "topojson", 300;
    kml_survives: "kml", 300;
    kmz_survives: "kmz", 200;
    gpx_survives: "gpx", 300;
    wkt_survives: "wkt", 300;
    csv_survives: "csv", 300;
    coordinates_survive: "txt", 300;
    vct_survives: "vct", 300;
    dbase_survives: "dbf", 300;
    flatgeobuf_survives: "fgb", 300;
    geoparquet_survives: "parquet", 300;
    geopackage_survives: "gpkg", 100;
    workbooks_survive: "xlsx", 200;
    open_document_tables_survive: "ods", 200;
    pages_survive: "page", 300;
    shapefiles_survive: "shp", 300;
    geodatabases_survive: "gdb", 200;
    mapinfo_survives: "mif", 300;
    archives_survive: "zip", 200;
    expressions_survive: "expr", 1000;
    rules_survive: "rules", 400;
    schemas_survive: "schema", 200;
    office_files_survive: "office", 400;
    layouts_survive: "layout", 300;
    projects_survive: "project", 200;
    journals_survive: "journal", 200;
    underlays_survive: "underlay", 300;
    services_survive: "service", 400;
    overlays_keep_the_laws: "overlay", 600;
}

#[test]
fn every_target_is_tested_and_every_format_that_is_read_has_one() {
    let names: Vec<&str> = TARGETS.iter().map(|target| target.name).collect();
    assert_eq!(names, TESTED);
    let has_target = |ending: &&str| -> bool { names.contains(ending) || ELSEWHERE.contains(ending) };
    for format in FORMATS.iter().filter(|format| format.is_read()) {
        // Pages with tables go by the endings of what they are called.
        let is_page = format.endings.is_empty() && format.name == "io.format-table-page" && names.contains(&"page");
        assert!(is_page || format.endings.iter().any(&has_target), "{} has no target", format.name);
    }
    for folder in std::fs::read_dir(corpus()).expect("the corpus is there").flatten() {
        let name = folder.file_name();
        assert!(names.iter().any(|known| *known == name), "no target reads {}", folder.path().display());
    }
}

#[test]
fn seeds_are_what_their_readers_take() {
    use tuban::io::{OpenOptions, open_bytes};
    // Damage to what is not read at all would test nothing.
    for (name, file) in [
        ("geojson", "a.geojson"),
        ("topojson", "a.topojson"),
        ("kml", "a.kml"),
        ("gpx", "a.gpx"),
        ("wkt", "a.wkt"),
        ("csv", "a.csv"),
        ("txt", "a.txt"),
        ("vct", "a.vct"),
        ("dbf", "a.dbf"),
        ("fgb", "a.fgb"),
        ("parquet", "a.parquet"),
        ("gpkg", "a.gpkg"),
        ("zip", "a.zip"),
        ("page", "a.xls"),
    ] {
        let first = seeds(target(name), &corpus()).swap_remove(0);
        let opened = open_bytes(file, first, &OpenOptions::default(), &tuban::task::Progress::new());
        assert!(opened.is_ok_and(|opened| opened.row_count > 0), "{name}");
    }
}

#[cfg(feature = "gui")]
#[test]
fn settings_survive() {
    use tuban::ui::session::settings::Settings;
    let seed = Settings::default().to_toml().into_bytes();
    damage::each(400, &[seed], |bytes| {
        let settings = Settings::from_toml(&String::from_utf8_lossy(bytes));
        assert_eq!(Settings::from_toml(&settings.to_toml()), settings, "what is remembered comes back");
    });
}
