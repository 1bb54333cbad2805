//! Geodatabases from folders and archives, one layer of several, damaged in any way, beside the locks of others.

use std::io::{Cursor, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

use super::super::tests::damaged;
use super::super::{
    Chosen, Existing, Found, Guard, OpenOptions, ReadError, WriteError, WriteOptions, losses, open, open_bytes,
    open_each, without_parts, write, write_layers,
};
use super::{Space, Table, block, catalogue};
use crate::crs::Crs;
use crate::model::{FieldWords, GeometryKind, Layer, Severity};
use crate::task::Progress;

/// A geodatabase of three classes in the folder of outside cases; `None` (said loudly) where there is none.
fn planning() -> Option<PathBuf> {
    let Some(root) = std::env::var_os("TUBAN_SHARED") else {
        println!("SKIPPED: geodatabases: TUBAN_SHARED is not set");
        return None;
    };
    Some(Path::new(&root).join("data/formats/filegdb/made_规划.gdb"))
}

fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let entries = std::fs::read_dir(folder).expect("a folder").flatten();
    let named = entries.map(|entry| (entry.file_name().into_string().expect("a name"), entry.path()));
    let mut files: Vec<(String, Vec<u8>)> =
        named.map(|(name, path)| (name, std::fs::read(path).expect("readable"))).collect();
    files.sort();
    files
}

/// An archive of files.
fn zipped(files: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    for (name, bytes) in files {
        archive.start_file(name.as_str(), options).expect("begins");
        archive.write_all(bytes).expect("writes");
    }
    archive.finish().expect("ends").into_inner()
}

fn names(found: &[Found]) -> Vec<String> {
    found.iter().map(|found| found.layer.clone().unwrap_or_default()).collect()
}

fn each(path: &Path) -> Vec<Found> {
    open_each(path, &OpenOptions::default(), &Progress::new()).expect("opens")
}

/// Everything of a layer as text.
fn shown(layer: &Layer) -> Vec<String> {
    (0..layer.feature_count())
        .map(|feature| {
            let (block, row) = layer.locate(feature);
            let values: Vec<String> =
                (0..layer.fields.len()).map(|field| format!("{:?}", layer.value(feature, field))).collect();
            format!("{:?} {:?} {values:?}", layer.feature_id(feature), block.geometry.feature_coords(row))
        })
        .collect()
}

#[test]
fn a_folder_an_archive_and_one_layer_are_the_same() {
    let Some(path) = planning() else { return };
    let whole = each(&path);
    assert_eq!(names(&whole), ["地类图斑", "线状地物", "界桩"]);
    let layers: Vec<&Layer> = whole.iter().map(|found| &found.result.as_ref().expect("read").layers[0]).collect();
    let kinds: Vec<GeometryKind> = layers.iter().map(|layer| layer.kind).collect();
    assert_eq!(kinds, [GeometryKind::Polygon, GeometryKind::Line, GeometryKind::Point]);
    assert_eq!(layers[0].crs.code(), "EPSG:4527");
    assert!(!layers[1].blocks[0].geometry.z().is_empty(), "heights are kept");
    assert_eq!(layers[0].words.alias_of("DLMC"), Some("地类名称"));
    assert_eq!(layers[0].words.meaning_of("DLBM", "0101"), Some("水田"));
    // One layer by its address is the same, and known again by what is its own.
    for (found, layer) in whole.iter().zip(&layers) {
        let one = each(&found.address());
        assert_eq!(one.len(), 1);
        let one = &one[0].result.as_ref().expect("read").layers[0];
        assert_eq!((shown(one), &one.provenance), (shown(layer), &layer.provenance));
    }
    assert!(layers[0].provenance.hash != layers[1].provenance.hash && layers[0].provenance.byte_count > 10_000);
    let missing = open_each(&super::super::address(&path, Some("宗地")), &OpenOptions::default(), &Progress::new());
    assert!(matches!(missing, Err(ReadError::NoSuchLayer { known, .. }) if known.len() == 3));
    // In an archive: in a folder of its own, at its root, beside something else.
    let own = files(&path);
    let within = |start: &str| -> Vec<(String, Vec<u8>)> {
        own.iter().map(|(name, bytes)| (format!("{start}{name}"), bytes.clone())).collect()
    };
    let point = r#"{"type":"Feature","properties":{},"geometry":{"type":"Point","coordinates":[117,36]}}"#;
    let mut mixed: Vec<(String, Vec<u8>)> = within("成果/规划.gdb/");
    mixed.push(("a.geojson".to_owned(), point.as_bytes().to_vec()));
    let folder = tempfile::tempdir().expect("a folder");
    let check = |name: &str, files: Vec<(String, Vec<u8>)>, expected: &[&str]| {
        let path = folder.path().join(name);
        std::fs::write(&path, zipped(&files)).expect("writes");
        let found = each(&path);
        assert_eq!(names(&found), expected, "{name}");
        for found in found.iter().filter(|found| found.layer.as_deref().is_some_and(|name| name.ends_with("图斑"))) {
            let again = each(&found.address());
            assert_eq!(names(&again), [found.layer.clone().unwrap_or_default()]);
            assert_eq!(shown(&again[0].result.as_ref().expect("read").layers[0]), shown(layers[0]));
        }
    };
    let plain = ["地类图斑", "线状地物", "界桩"];
    check("a.zip", within("规划.gdb/"), &plain);
    check("b.zip", within(""), &plain);
    let places = ["成果/规划/地类图斑", "成果/规划/线状地物", "成果/规划/界桩", "a"];
    check("c.zip", mixed, &places);
    // Files of it that somebody chose stand for it, once.
    let chosen = ["gdb", "a00000009.gdbtable"].map(|name| path.join(name)).to_vec();
    assert_eq!(without_parts(chosen), std::slice::from_ref(&path));
    // In a folder of a delivery.
    let delivery = folder.path().join("delivery");
    std::fs::create_dir_all(delivery.join("x.gdb")).expect("made");
    own.iter().for_each(|(name, bytes)| std::fs::write(delivery.join("x.gdb").join(name), bytes).expect("written"));
    assert_eq!(names(&each(&delivery)), plain);
}

#[test]
fn what_is_written_is_read_again() {
    let text = r#"{"type":"FeatureCollection","name":"2025 规划","crs":{"type":"name","properties":{"name":"EPSG:4527"}},"features":[
        {"type":"Feature","id":7,"properties":{"BSM":"0370199","权属（单位）":"国有","TBMJ":61623.25,"SJNF":2025,"长号":3701992110000006740,"SFYX":true},
         "geometry":{"type":"Polygon","coordinates":[[[39500000.123,4070000],[39500100,4070000],[39500100,4070100.5],[39500000.123,4070000]]]}},
        {"type":"Feature","id":8,"properties":{"BSM":"1","权属（单位）":null,"TBMJ":null,"SJNF":-7,"长号":null,"SFYX":false},
         "geometry":{"type":"MultiPolygon","coordinates":[[[[39500200,4070000],[39500290,4070000],[39500290,4070090],[39500200,4070000]],
          [[39500250,4070020],[39500260,4070030],[39500260,4070020],[39500250,4070020]]],[[[39500300,4070000],[39500310,4070000],[39500310,4070010.5],[39500300,4070000]]]]}},
        {"type":"Feature","id":9,"properties":{"BSM":""},"geometry":null}]}"#;
    let first = open_bytes("a.geojson", text.into(), &OpenOptions::default(), &Progress::new()).expect("opens");
    let layer = &first.layers[0];
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("成果.gdb");
    let options = WriteOptions::default();
    let lost = losses(&path, layer, None, options).expect("known");
    let keys: Vec<&str> = lost.iter().map(|message| message.key).collect();
    assert_eq!(keys, ["io.gdb-class-renamed", "io.gdb-renamed", "io.gdb-long-numbers"]);
    write(&path, layer, None, options, &Guard::none()).expect("writes");
    let again = open(&path, &OpenOptions::default(), &Progress::new()).expect("opens");
    let read = &again.layers[0];
    assert!(again.issues.iter().all(|issue| issue.severity < Severity::Warning), "{:?}", again.issues);
    assert_eq!((read.name.as_str(), read.crs.code(), read.kind), ("L2025_规划", "EPSG:4527", GeometryKind::Polygon));
    assert_eq!(read.words.alias, "2025 规划");
    let written: Vec<String> =
        files(&path).into_iter().map(|(name, _)| name).filter(|n| n.starts_with("a00000009")).collect();
    assert_eq!(written, ["gdbindexes", "gdbtable", "gdbtablx", "spx"].map(|ending| format!("a00000009.{ending}")));
    let names: Vec<&str> = read.fields.iter().map(|field| field.name.as_str()).collect();
    assert_eq!(names, ["BSM", "权属_单位_", "TBMJ", "SJNF", "长号", "SFYX"]);
    let rings = |layer: &Layer, feature: usize| -> Vec<(usize, Vec<String>)> {
        let (block, row) = layer.locate(feature);
        // Where a ring begins and how it is wound says nothing.
        let sorted = |ring: &[crate::model::Coord]| {
            let mut bits: Vec<String> =
                ring[1..].iter().map(|c| format!("{:?} {:?}", c.x.to_bits(), c.y.to_bits())).collect();
            bits.sort();
            bits
        };
        block.geometry.polygon(row).rings().map(|(part, ring)| (part, sorted(ring))).collect()
    };
    for feature in 0..3 {
        assert_eq!(read.feature_id(feature), layer.feature_id(feature));
        assert_eq!(rings(read, feature), rings(layer, feature));
        let values =
            |layer: &Layer| -> Vec<String> { (0..5).map(|field| layer.value(feature, field).to_string()).collect() };
        assert_eq!(values(read), values(layer));
    }
    assert_eq!(read.value(0, 5).to_string(), "1");
    assert!(read.locate(2).0.geometry.is_null(2) && !read.value(2, 0).is_null() && read.value(1, 1).is_null());
    // The same layer gives the same bytes; what is there stays.
    let other = folder.path().join("b.gdb");
    write(&other, layer, None, options, &Guard::none()).expect("writes");
    assert_eq!(files(&other), files(&path));
    let refused = write(&path, layer, None, options, &Guard::none());
    assert!(matches!(refused, Err(WriteError::Unfit(message)) if message.key == "io.folder-exists"));
    assert_eq!(std::fs::read_dir(folder.path()).expect("lists").count(), 2, "nothing unfinished stays");
    // Whole numbers of 64 bits stay such where that is asked for.
    let big = WriteOptions { big_integers: true, ..options };
    let lost = losses(&path, layer, None, big).expect("known");
    assert!(lost.iter().any(|message| message.key == "io.gdb-big-integers"), "{lost:?}");
    let whole = folder.path().join("d.gdb");
    write(&whole, layer, None, big, &Guard::none()).expect("writes");
    let again = open(&whole, &OpenOptions::default(), &Progress::new()).expect("opens").layers.remove(0);
    assert_eq!(again.value(0, 4), crate::model::Value::Int(3_701_992_110_000_006_740));
    assert!(again.value(1, 4).is_null() && again.value(1, 3) == crate::model::Value::Int(-7));
    std::fs::remove_dir_all(&whole).expect("gone");
    // Chosen rows in their order, in which their ids do not ascend.
    let lost = losses(&path, layer, Some(&[1, 0]), options).expect("known");
    assert!(lost.iter().any(|message| message.key == "io.loses-ids"));
    let chosen = folder.path().join("c.gdb");
    write(&chosen, layer, Some(&[1, 0]), options, &Guard::none()).expect("writes");
    let again = open(&chosen, &OpenOptions::default(), &Progress::new()).expect("opens");
    assert_eq!((again.layers[0].feature_count(), again.layers[0].value(0, 0).to_string().as_str()), (2, "1"));
}

#[test]
fn heights_and_measures_come_back() {
    let folder = tempfile::tempdir().expect("a folder");
    let check = |name: &str, source: &str, lost: &[&str]| {
        let stated: String = source.lines().map(|line| format!("SRID=4527;{line}\n")).collect();
        let options = OpenOptions::default();
        let layer =
            open_bytes("a.ewkt", stated.into_bytes(), &options, &Progress::new()).expect("opens").layers.remove(0);
        let (target, text) = (folder.path().join(format!("{name}.gdb")), folder.path().join(format!("{name}.wkt")));
        let found = losses(&target, &layer, None, WriteOptions::default()).expect("known");
        assert_eq!(found.iter().map(|message| message.key).collect::<Vec<_>>(), lost, "{name}");
        write(&target, &layer, None, WriteOptions::default(), &Guard::none()).expect("writes");
        let again = open(&target, &options, &Progress::new()).expect("opens").layers.remove(0);
        let about = |issue: &&crate::model::Issue| issue.message.key.contains("gdb-");
        assert_eq!(again.issues.iter().find(about), None, "{name}");
        write(&text, &again, None, WriteOptions::default(), &Guard::none()).expect("writes");
        assert_eq!(std::fs::read_to_string(&text).expect("readable"), source, "{name}");
    };
    let flat = "POLYGON ((39500000 4070000, 39500010 4070010, 39500010 4070000, 39500000 4070000))\n";
    let both = "POLYGON ZM ((39500000 4070000 1.5 10, 39500010 4070010 2 20.125, 39500010 4070000 -3 -30, 39500000 4070000 1.5 10))\n";
    check("both", both, &[]);
    let measured =
        "POLYGON M ((39500000 4070000 10, 39500010 4070010 20.125, 39500010 4070000 30, 39500000 4070000 10))\n";
    // A shape without any measure beside one that has them keeps its absence.
    check("measures", &format!("{measured}{flat}"), &[]);
    check(
        "lines",
        "LINESTRING M (39500000 4070000 0.5, 39500010 4070010 7)\nLINESTRING (39500000 4070000, 39500010 4070010)\n",
        &[],
    );
    check("points", "POINT ZM (39500000 4070000 5 6)\nPOINT ZM (39500001 4070000 7 8)\n", &[]);
    check("several", "MULTIPOINT M ((39500000 4070000 5), (39500001 4070000 -7.5))\n", &[]);
}

#[test]
fn several_layers_are_classes_with_what_their_words_mean() {
    let opened = |name: &str, text: &str| {
        open_bytes(name, text.into(), &OpenOptions::default(), &Progress::new()).expect("opens").layers.remove(0)
    };
    let square = |x: u32| {
        let (west, east) = (39_500_000 + x, 39_500_010 + x);
        format!(
            r#"{{"type":"Polygon","coordinates":[[[{west},4070000],[{east},4070000],[{east},4070010],[{west},4070000]]]}}"#
        )
    };
    let head = r#"{"type":"FeatureCollection","crs":{"type":"name","properties":{"name":"EPSG:4527"}},"features":["#;
    let parcels = format!(
        r#"{head}{{"type":"Feature","properties":{{"DLBM":"0101","JSRQ":"2025-01-15","GXSJ":"2025-01-15 08:30:00Z","日":"2025-1-5"}},"geometry":{}}},
        {{"type":"Feature","properties":{{"DLBM":"0301","JSRQ":null,"GXSJ":"2025-01-16","日":null}},"geometry":{}}}]}}"#,
        square(0),
        square(10),
    );
    let points = format!(
        r#"{head}{{"type":"Feature","properties":{{"order":1}},"geometry":{{"type":"Point","coordinates":[39500001,4070001]}}}}]}}"#
    );
    let mut first = opened("DLTB.geojson", &parcels);
    let (second, third) = (opened("dltb.geojson", &points), opened("表.csv", "QSXZ,面积\n10,1.5\n20,\n"));
    let layers = |layers: &[&Layer]| -> Vec<Layer> { layers.iter().map(|layer| (*layer).clone()).collect() };
    let folder = tempfile::tempdir().expect("a folder");
    let written = |name: &str, layers: &[Layer]| {
        let path = folder.path().join(name);
        let chosen: Vec<Chosen<'_>> = layers.iter().map(|layer| Chosen { layer, rows: None }).collect();
        write_layers(&path, &chosen, Existing::Replaced, WriteOptions::default(), &Guard::none()).expect("writes");
        each(&path)
    };
    let keys = |layer: &Layer| -> Vec<&'static str> {
        let lost = losses(&folder.path().join("x.gdb"), layer, None, WriteOptions::default()).expect("known");
        lost.iter().map(|message| message.key).collect()
    };
    assert_eq!(keys(&first), ["io.gdb-dates"]);
    let found = written("a.gdb", &layers(&[&first, &second, &third]));
    assert_eq!(names(&found), ["DLTB", "dltb_2", "表"]);
    let read: Vec<&Layer> = found.iter().map(|found| &found.result.as_ref().expect("read").layers[0]).collect();
    let kinds: Vec<GeometryKind> = read.iter().map(|layer| layer.kind).collect();
    assert_eq!(kinds, [GeometryKind::Polygon, GeometryKind::Point, GeometryKind::None]);
    let texts = |field: &str| -> Vec<String> {
        let field = read[0].field(field).expect("a field");
        (0..2).map(|feature| read[0].value(feature, field).to_string()).collect()
    };
    assert_eq!(texts("DLBM"), ["0101", "0301"]);
    assert_eq!(texts("JSRQ"), ["2025-01-15", ""]);
    assert_eq!(texts("GXSJ"), ["2025-01-15T08:30:00", "2025-01-16"]);
    assert_eq!(texts("日"), ["2025-1-5", ""]);
    // Texts are as wide as the norm of their table has them, where they fit.
    let items = std::fs::read(folder.path().join("a.gdb").join("a00000004.gdbtable")).expect("readable");
    let items = String::from_utf8_lossy(&items);
    let width_of = |field: &str| {
        let definition = items.split(&format!("<Name>{field}</Name>")).nth(1).expect("a field");
        definition.split("<Length>").nth(1).and_then(|text| text.split('<').next()).map(str::to_owned)
    };
    assert_eq!((width_of("DLBM").as_deref(), width_of("日").as_deref()), (Some("5"), Some("255")));
    // Fields and classes are called what planners call them; classes have their names.
    assert_eq!(read[0].words.alias_of("DLBM"), Some("地类编码"));
    assert_eq!(read[0].words.meaning_of("DLBM", "0101"), Some("水田"));
    assert_eq!(read[0].words.meaning_of("DLBM", "0702"), Some("农村宅基地"), "also those that no parcel has");
    assert_eq!((read[1].words.alias.as_str(), read[1].words.alias_of("order_2")), ("dltb", Some("order")));
    assert_eq!(read[2].feature_count(), 2);
    // What a source says of its codes comes before what is known of them, where the field can have it.
    let mut words = (*first.words).clone();
    let coded = |codes: &[(&str, &str)]| {
        let codes = codes.iter().map(|(code, name)| ((*code).to_owned(), (*name).to_owned())).collect();
        FieldWords { alias: "代码".to_owned(), codes: Arc::new(codes) }
    };
    words.alias = "图斑".to_owned();
    words.fields.insert("DLBM".to_owned(), coded(&[("0101", "稻田 & <水田>"), ("0301", "林")]));
    words.fields.insert("JSRQ".to_owned(), coded(&[("1", "甲")]));
    first.words = Arc::new(words);
    assert_eq!(keys(&first), ["io.gdb-dates", "io.gdb-loses-codes"]);
    let found = written("b.gdb", &layers(&[&first]));
    let read = &found[0].result.as_ref().expect("read").layers[0];
    assert_eq!((read.words.alias.as_str(), read.words.alias_of("DLBM")), ("图斑", Some("代码")));
    assert_eq!(read.words.meaning_of("DLBM", "0101"), Some("稻田 & <水田>"));
    assert_eq!(read.words.meaning_of("DLBM", "0702"), None);
    assert_eq!((read.words.alias_of("JSRQ"), read.words.meaning_of("JSRQ", "1")), (Some("代码"), None));
}

#[test]
fn coordinates_of_any_geodatabase_come_back_bit_for_bit() {
    let Some(path) = planning() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    for found in each(&path) {
        let layer = &found.result.as_ref().expect("read").layers[0];
        let target = folder.path().join(format!("{}.gdb", layer.name));
        assert!(
            losses(&target, layer, None, WriteOptions::default())
                .expect("known")
                .iter()
                .all(|l| l.key != "io.gdb-rounded")
        );
        write(&target, layer, None, WriteOptions::default(), &Guard::none()).expect("writes");
        let again = &each(&target)[0];
        let again = &again.result.as_ref().expect("read").layers[0];
        let sum = |layer: &Layer| {
            layer
                .blocks
                .iter()
                .flat_map(|b| b.geometry.coords())
                .map(|c| c.x.to_bits() ^ c.y.to_bits())
                .fold(0u64, u64::wrapping_add)
        };
        assert_eq!(sum(again), sum(layer));
        for (field, words) in &layer.words.fields {
            let again = again.words.fields.get(field).unwrap_or_else(|| panic!("{field} has no words"));
            assert!(words.alias.is_empty() || words.alias == again.alias, "{field}: {}", again.alias);
            assert!(words.codes.is_empty() || words.codes == again.codes, "{field}");
        }
        let z = |layer: &Layer| layer.blocks.iter().flat_map(|b| b.geometry.z().to_vec()).collect::<Vec<f64>>();
        assert_eq!(z(again), z(layer));
    }
}

#[test]
fn chords_have_the_areas_that_the_file_states() {
    let Some(path) = planning() else { return };
    let found = each(&path.with_file_name("curves.gdb"));
    let polygons = found.iter().find(|found| found.layer.as_deref() == Some("polygon")).expect("there");
    let layer = &polygons.result.as_ref().expect("read").layers[0];
    let stated = layer.field("SHAPE_Area").expect("a field");
    let (mut ours, mut theirs) = (0.0, 0.0);
    for feature in 0..layer.feature_count() {
        let (block, row) = layer.locate(feature);
        for part in block.geometry.polygon(row).parts() {
            for (at, ring) in part.rings().enumerate() {
                let o = ring[0];
                let doubled =
                    ring.windows(2).map(|p| (p[0].x - o.x) * (p[1].y - o.y) - (p[1].x - o.x) * (p[0].y - o.y));
                let area = doubled.sum::<f64>().abs() / 2.0;
                ours += if at == 0 { area } else { -area };
            }
        }
        theirs += layer.value(feature, stated).as_f64().expect("a number");
    }
    assert!((ours / theirs - 1.0).abs() < 1e-6, "{ours}, stated {theirs}");
}

#[test]
fn nothing_is_written_and_locks_are_said() {
    let Some(path) = planning() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    for (name, bytes) in files(&path) {
        std::fs::write(folder.path().join(name), bytes).expect("written");
    }
    let keys = |path: &Path| -> Vec<&'static str> {
        let opened = open(path, &OpenOptions::default(), &Progress::new()).expect("opens");
        opened.issues.iter().map(|issue| issue.message.key).collect()
    };
    assert!(!keys(folder.path()).contains(&"io.gdb-locked"));
    std::fs::write(folder.path().join("_gdb.OFFICE.1.2.sr.lock"), b"").expect("written");
    assert!(!keys(folder.path()).contains(&"io.gdb-locked"), "somebody reads, as we do");
    std::fs::write(folder.path().join("a00000009.gdbtable.OFFICE.1.2.wr.lock"), b"").expect("written");
    let before = files(folder.path());
    assert!(keys(folder.path()).contains(&"io.gdb-locked"));
    assert_eq!(files(folder.path()), before);
    // Without its index a table is read all the same.
    std::fs::remove_file(folder.path().join("a00000009.gdbtablx")).expect("removed");
    let found = each(folder.path());
    let layer = &found[0].result.as_ref().expect("read").layers[0];
    assert_eq!(layer.feature_count(), 80);
    assert!(layer.issues.iter().any(|issue| issue.message.key == "io.gdb-no-index"));
}

/// Reads the rows of a table whatever it is, as a catalogue and as a class.
fn read_whatever(bytes: &[u8], index: Option<&[u8]>) {
    let Ok(table) = Table::new(bytes.to_vec(), index) else { return };
    catalogue::listed(&table);
    catalogue::definitions(&table);
    let curve_points = AtomicUsize::new(0);
    let kind = table.kind.filter(|_| table.grid.is_some()).unwrap_or(GeometryKind::None);
    let space = Space { kind, tolerance: 1e-3, curve_points: &curve_points };
    let (read, _, _) = block(&table, &space, &table.places, 0, &Progress::new()).expect("nobody cancels");
    assert_eq!(read.geometry.feature_count(), table.places.len());
}

#[test]
fn damaged_geodatabases_end() {
    let Some(path) = planning() else { return };
    let parts = |folder: &Path| -> Vec<(String, Vec<u8>)> {
        let keep = |name: &str| name.ends_with(".gdbtable") || name.ends_with(".gdbtablx");
        files(folder).into_iter().filter(|(name, _)| keep(name)).collect()
    };
    let mut all = parts(&path);
    let curves: Vec<(String, Vec<u8>)> = parts(&path.with_file_name("curves.gdb"));
    let whole_count = all.len();
    all.extend(curves.into_iter().map(|(name, bytes)| (format!("curves/{name}"), bytes)));
    // The first byte says which file it is.
    let seeds: Vec<Vec<u8>> =
        all.iter().enumerate().map(|(at, (_, bytes))| [&[at as u8], &bytes[..]].concat()).collect();
    let options = OpenOptions { keep_partial: true, crs: Some(Crs::cgcs2000()), ..OpenOptions::default() };
    let mut case = 0;
    damaged(&seeds, |bytes| {
        let Some((first, rest)) = bytes.split_first() else { return };
        let at = usize::from(*first) % all.len();
        let (stem, ending) = all[at].0.rsplit_once('.').expect("an ending");
        let other = |ending: &str| {
            let wanted = format!("{stem}.{ending}");
            all.iter().find(|(name, _)| *name == wanted).map(|(_, bytes)| bytes.as_slice())
        };
        match ending {
            "gdbtable" => read_whatever(rest, other("gdbtablx")),
            _ => read_whatever(other("gdbtable").unwrap_or_default(), Some(rest)),
        }
        // The whole takes its time, most of it for what systems of coordinates are called.
        case += 1;
        if case % 40 == 0 && at < whole_count {
            let mut files = all[..whole_count].to_vec();
            files[at].1 = rest.to_vec();
            // Any answer will do.
            let _ = open_bytes("a.gdb.zip", zipped(&files), &options, &Progress::new());
        }
    });
}
