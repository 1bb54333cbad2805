//! Shapefiles written and read again, cut, mutated, and with parts missing.

use std::path::Path;

use super::super::arrivals::Arrivals;
use super::super::findings::Findings;
use super::super::reading::Reading;
use super::super::source::Source;
use super::super::{Guard, OpenOptions, Opened, ReadError, WriteOptions, losses, open, open_bytes, write};
use super::{Halted, layers};
use crate::model::{FieldType, GeometryKind, Layer};
use crate::task::Progress;
use crate::testing::damage::{Dice, case_count, hurt};

const PARCELS: &str = r#"{"type":"FeatureCollection","name":"地类图斑","crs":{"type":"name","properties":{"name":"EPSG:4527"}},"features":[
{"type":"Feature","properties":{"BSM":"0370199","权属单位名称":"国有（桑梓店街道）","TBMJ":61623.25,"SJNF":2025,"SFYX":true,"RQ":"2025-01-15"},
 "geometry":{"type":"Polygon","coordinates":[[[39500000,4070000],[39500100,4070000],[39500100,4070100],[39500000,4070100],[39500000,4070000]],[[39500010,4070010],[39500010,4070020],[39500020,4070020],[39500020,4070010],[39500010,4070010]]]}},
{"type":"Feature","properties":{"BSM":"1","权属单位名称":null,"TBMJ":0.1,"SJNF":-7,"SFYX":false,"RQ":null},
 "geometry":{"type":"MultiPolygon","coordinates":[[[[39500200,4070000],[39500210,4070000],[39500210,4070010],[39500200,4070000]]],[[[39500300,4070000],[39500310,4070000],[39500310,4070010.5],[39500300,4070000]]]]}},
{"type":"Feature","properties":{"BSM":"2","权属单位名称":"㙟","TBMJ":null,"SJNF":null,"SFYX":null,"RQ":"2024-12-31"},"geometry":null}]}"#;

fn parcels() -> Layer {
    let opened = open_bytes("a.geojson", PARCELS.as_bytes().to_vec(), &OpenOptions::default(), &Progress::new());
    opened.expect("opens").layers.remove(0)
}

fn opened(path: &Path) -> Result<Opened, ReadError> {
    open(path, &OpenOptions::default(), &Progress::new())
}

/// Everything of a layer as text.
fn shown(layer: &Layer) -> Vec<String> {
    (0..layer.feature_count())
        .map(|feature| {
            let (block, row) = layer.locate(feature);
            let rings: Vec<String> =
                block.geometry.polygon(row).rings().map(|(part, ring)| format!("{part}: {ring:?}")).collect();
            let values: Vec<String> =
                (0..layer.fields.len()).map(|field| format!("{:?}", layer.value(feature, field))).collect();
            format!("{} {rings:?} {values:?}", block.geometry.is_null(row))
        })
        .collect()
}

#[test]
fn what_is_written_is_read_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let layer = parcels();
    for gbk in [false, true] {
        let path = folder.path().join(if gbk { "gbk.shp" } else { "utf8.shp" });
        let options = WriteOptions { gbk, ..WriteOptions::default() };
        let lost: Vec<&str> =
            losses(&path, &layer, None, options).expect("known").iter().map(|message| message.key).collect();
        // 㙟 is no character of GBK.
        assert_eq!(lost, if gbk { &["io.loses-names", "io.loses-characters"][..] } else { &["io.loses-names"] });
        write(&path, &layer, None, options, &Guard::none()).expect("writes");
        let again = opened(&path).expect("opens");
        let read = &again.layers[0];
        assert_eq!((read.crs.code(), read.kind), ("EPSG:4527", GeometryKind::Polygon));
        assert_eq!(again.encoding.to_string(), if gbk { "GBK" } else { "UTF-8" });
        let names: Vec<&str> = read.fields.iter().map(|field| field.name.as_str()).collect();
        let short = if gbk { "权属单位名" } else { "权属单" };
        assert_eq!(names, ["BSM", short, "TBMJ", "SJNF", "SFYX", "RQ"]);
        let kinds: Vec<FieldType> = read.fields.iter().map(|field| field.kind).collect();
        assert_eq!(kinds, layer.fields.iter().map(|field| field.kind).collect::<Vec<_>>());
        let (mut before, mut after) = (shown(&layer), shown(read));
        if gbk {
            before.truncate(2);
            after.truncate(2);
        }
        // Shells are wound the other way.
        let turned = |lines: &mut Vec<String>| {
            lines.iter_mut().for_each(|line| *line = line.split("] [").last().unwrap_or("").to_owned());
        };
        assert_eq!(areas(&layer), areas(read));
        turned(&mut before);
        turned(&mut after);
        assert_eq!(before, after);
    }
    // Of the parts of one shapefile, none may be written while it is open.
    let guard = Guard::of([folder.path().join("utf8.shp")]);
    assert!(write(&folder.path().join("utf8.shp"), &layer, None, WriteOptions::default(), &guard).is_err());
    assert!(write(&folder.path().join("utf8.dbf"), &layer, None, WriteOptions::default(), &guard).is_err());
}

/// A shapefile of one ring with these heights and measures; without heights one of measures alone.
fn ring_with(heights: Option<[f64; 5]>, measures: [f64; 5]) -> Vec<u8> {
    let code: i32 = if heights.is_some() { 15 } else { 25 };
    let mut content = code.to_le_bytes().to_vec();
    let mut put = |numbers: &[f64]| numbers.iter().for_each(|n| content.extend_from_slice(&n.to_le_bytes()));
    put(&[0.0, 0.0, 10.0, 10.0]);
    content.extend([1i32, 5, 0].into_iter().flat_map(i32::to_le_bytes));
    let mut put = |numbers: &[f64]| numbers.iter().for_each(|n| content.extend_from_slice(&n.to_le_bytes()));
    put(&[0.0, 0.0, 0.0, 10.0, 10.0, 10.0, 10.0, 0.0, 0.0, 0.0]);
    heights.into_iter().chain([measures]).for_each(|numbers| {
        put(&[0.0, 0.0]);
        put(&numbers);
    });
    let mut shp = vec![0; 100];
    shp[..4].copy_from_slice(&9994i32.to_be_bytes());
    shp[24..28].copy_from_slice(&((108 + content.len()) as i32 / 2).to_be_bytes());
    shp[28..32].copy_from_slice(&1000i32.to_le_bytes());
    shp[32..36].copy_from_slice(&code.to_le_bytes());
    shp.extend([1i32, content.len() as i32 / 2].into_iter().flat_map(i32::to_be_bytes));
    shp.extend(content);
    shp
}

#[test]
fn measures_and_their_absence_are_kept() {
    let folder = tempfile::tempdir().expect("a folder");
    let (z, nothing) = ([1.0, 2.0, 3.0, 4.0, 1.0], -1.797e308);
    let measured = [10.0, nothing, 30.0, -5.0, 10.0];
    for (heights, measures) in [(Some(z), measured), (None, measured), (Some(z), [nothing; 5]), (None, [nothing; 5])] {
        let source = folder.path().join("source.shp");
        std::fs::write(&source, ring_with(heights, measures)).expect("written");
        let layer = opened(&source).expect("opens").layers.remove(0);
        let path = folder.path().join("written.shp");
        write(&path, &layer, None, WriteOptions::default(), &Guard::none()).expect("writes");
        let again = opened(&path).expect("opens").layers.remove(0);
        let shown = |layer: &Layer| {
            let geometry = &layer.blocks[0].geometry;
            format!("{:?} {:?} {:?}", geometry.coords(), geometry.z(), geometry.m())
        };
        assert_eq!(shown(&again), shown(&layer));
        let geometry = &layer.blocks[0].geometry;
        let expected = if measures[0] < 0.0 { "[]" } else { "[10.0, NaN, 30.0, -5.0, 10.0]" };
        assert_eq!(format!("{:?}", geometry.m()), expected);
        assert_eq!(geometry.z(), heights.as_ref().map_or(&[][..], |z| &z[..]));
    }
}

fn areas(layer: &Layer) -> f64 {
    use crate::model::AreaMethod;
    crate::measure::raw_areas(layer, AreaMethod::Planar, &Progress::new()).expect("measured").exact_total().m2()
}

#[test]
fn rows_can_be_chosen_and_an_old_index_goes() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("A.SHP");
    for name in ["A.SBN", "a.qix"] {
        std::fs::write(folder.path().join(name), b"old").expect("written");
    }
    write(&path, &parcels(), Some(&[1]), WriteOptions::default(), &Guard::none()).expect("writes");
    let mut names: Vec<String> = std::fs::read_dir(folder.path())
        .expect("lists")
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    assert_eq!(names, ["A.CPG", "A.DBF", "A.PRJ", "A.SHP", "A.SHX"]);
    let read = opened(&path).expect("opens");
    assert_eq!((read.row_count, read.layers[0].value(0, 0).to_string()), (1, "1".to_owned()));
}

#[test]
fn damaged_files_are_read_as_far_as_they_go() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.shp");
    write(&path, &parcels(), None, WriteOptions::default(), &Guard::none()).expect("writes");
    let parts: Vec<(String, Vec<u8>)> = ["shp", "shx", "dbf", "cpg", "prj"]
        .into_iter()
        .map(|ending| (ending.to_owned(), std::fs::read(path.with_extension(ending)).expect("read")))
        .collect();
    let mut dice = Dice::new(7);
    let seeds: Vec<Vec<u8>> = parts.iter().map(|(_, whole)| whole.clone()).collect();
    for _ in 0..case_count(200) {
        for (ending, whole) in &parts {
            let mut bytes = whole.clone();
            for _ in 0..dice.roll(4) {
                hurt(&mut bytes, &seeds, &mut dice);
            }
            let target = path.with_extension(ending);
            if dice.roll(12) == 0 {
                let _ = std::fs::remove_file(&target); // it may be gone already
            } else {
                std::fs::write(&target, bytes).expect("written");
            }
        }
        if !path.exists() {
            continue;
        }
        // Neither panics nor takes more than the files could hold.
        if let Ok(opened) = opened(&path) {
            assert!(opened.row_count < 1000, "{}", opened.row_count);
        }
    }
}

#[test]
fn what_a_stopped_reading_had_is_not_read_again_unless_the_file_has_changed() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.shp");
    write(&path, &parcels(), None, WriteOptions::default(), &Guard::none()).expect("writes");
    let left = || {
        let known = Source::file(&path).known(&["shx", "dbf", "cpg", "prj"]).expect("a file");
        let arrivals = Arrivals::default();
        // A stretch that came to nothing: it shows that it was taken as it is.
        arrivals.leave(Halted { known, encoding: None, read: vec![Some((Vec::new(), Findings::default()))] });
        arrivals
    };
    let read = |arrivals: &Arrivals| {
        let progress = Progress::new();
        let reading = Reading {
            arrivals: Some(arrivals),
            encoding: None,
            layer: None,
            keeps_partial: false,
            progress: &progress,
        };
        layers(&mut Source::file(&path), &reading).expect("reads").remove(0)
    };
    assert_eq!(read(&left()).blocks.len(), 0);
    let before = left();
    let table = path.with_extension("dbf");
    let bytes = std::fs::read(&table).expect("there");
    std::fs::write(&table, [&bytes[..], b" "].concat()).expect("written");
    assert_eq!(read(&before).blocks.len(), 1, "another table");
    assert!(!before.can_go_on());
}
