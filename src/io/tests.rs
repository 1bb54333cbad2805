//! The reader and the writer against cases of their own.

mod json_suite;
mod mutations;
mod parcels;

use std::io::Cursor;
use std::path::PathBuf;

pub(in crate::io) use parcels::{measured, measures, opened as opened_partly, parcels, shown};

use super::geojson::Tuning;
use super::text_stream::TextStream;
use super::*;
use crate::model::{FieldType, GeometryKind, Provenance, Severity, Value};
use crate::task::Progress;
use crate::text::{Language, tr};

/// Calls `read` with damaged copies of `seeds`.
pub(in crate::io) fn damaged(seeds: &[Vec<u8>], read: impl FnMut(&[u8])) {
    crate::testing::damage::each(600, seeds, read);
}

/// A file or folder of outside cases; `None` (said loudly) when `TUBAN_SHARED` is not set.
fn shared(suite: &str, inside: &str) -> Option<PathBuf> {
    let Some(root) = std::env::var_os("TUBAN_SHARED") else {
        println!("SKIPPED: {suite}: TUBAN_SHARED is not set");
        return None;
    };
    let path = PathBuf::from(root).join(inside);
    assert!(path.exists(), "{suite}: TUBAN_SHARED is set, but {} is not there", path.display());
    Some(path)
}

fn options() -> OpenOptions {
    OpenOptions::default()
}

fn open_text(text: &str) -> Result<Opened, ReadError> {
    open_bytes("测试.geojson", text.as_bytes().to_vec(), &options(), &Progress::new())
}

fn opened(text: &str) -> Opened {
    open_text(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// Reads with pieces of `first_bytes` and keeps what was read before an error.
fn open_in_pieces(bytes: &[u8], first_bytes: usize) -> Result<Opened, ReadError> {
    let tuning = Tuning { first_bytes, most_bytes: first_bytes };
    let arrivals = Arc::new(Arrivals::default());
    let options = OpenOptions { keep_partial: true, arrivals: Some(arrivals.clone()), ..options() };
    arrivals.begin(Some(Crs::wgs84()));
    let mut stream = TextStream::new(Box::new(Cursor::new(bytes.to_vec())), &Progress::new())?;
    let mut raw = geojson::read(&mut stream, tuning, Some(&arrivals), &Progress::new())?;
    raw.name = raw.name.or(Some("a".to_owned()));
    let opened = layers::assemble(raw, Provenance::default(), Some(Crs::wgs84), &options)?;
    let feature_count: usize = opened.layers.iter().map(Layer::feature_count).sum();
    assert_eq!(arrivals.feature_count(), feature_count, "who watches sees every feature once");
    if let Some(look) = arrivals.look() {
        assert_eq!(look.decision, opened.decision, "whoever has seen everything decides alike");
    }
    Ok(opened)
}

/// A stream whose reading is stopped when so many bytes were given.
struct Stopping {
    bytes: Cursor<Vec<u8>>,
    most: u64,
    arrivals: Arc<Arrivals>,
}

impl std::io::Read for Stopping {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        if self.bytes.position() > self.most {
            self.arrivals.stop();
        }
        let most = into.len().min(64);
        std::io::Read::read(&mut self.bytes, &mut into[..most])
    }
}

#[test]
fn reading_that_is_stopped_keeps_what_has_come() {
    let feature = |i: usize| {
        format!(r#"{{"type":"Feature","properties":{{"n":{i}}},"geometry":{{"type":"Point","coordinates":[117,36]}}}}"#)
    };
    let features: Vec<String> = (0..4000).map(feature).collect();
    let text = format!(r#"{{"type":"FeatureCollection","features":[{}]}}"#, features.join(","));
    let read = |most: u64| {
        let arrivals = Arc::new(Arrivals::default());
        let stream = Stopping { bytes: Cursor::new(text.clone().into_bytes()), most, arrivals: arrivals.clone() };
        let mut stream = TextStream::new(Box::new(stream), &Progress::new()).expect("opens");
        let tuning = Tuning { first_bytes: 100, most_bytes: 100 };
        let raw = geojson::read(&mut stream, tuning, Some(&arrivals), &Progress::new()).expect("reads");
        assert!(!arrivals.stop(), "once is enough, and too late is too late");
        raw
    };
    let whole = read(u64::MAX);
    assert!(whole.error.is_none() && whole.row_count == 4000);
    let part = read(text.len() as u64 / 2);
    let Some(ReadError::Stopped { feature_count, .. }) = part.error else { panic!("{:?}", part.error) };
    assert!(feature_count == part.row_count && (1..4000).contains(&feature_count), "{feature_count}");
    let rows: Vec<u32> = part.blocks.iter().flat_map(|block| block.rows.iter().copied()).collect();
    assert_eq!(rows, (0..feature_count as u32).collect::<Vec<u32>>());
}

#[test]
fn reading_that_was_stopped_goes_on_where_it_stood() {
    let feature = |i: usize| {
        format!(r#"{{"type":"Feature","properties":{{"n":{i}}},"geometry":{{"type":"Point","coordinates":[117,36]}}}}"#)
    };
    let features: Vec<String> = (0..4000).map(feature).collect();
    let text = format!(r#"{{"type":"FeatureCollection","features":[{}]}}"#, features.join(",\n"));
    for share in [3, 5, 9] {
        let arrivals = Arc::new(Arrivals::default());
        let most = text.len() as u64 * share / 10;
        let stream = Stopping { bytes: Cursor::new(text.clone().into_bytes()), most, arrivals: arrivals.clone() };
        let mut stream = TextStream::new(Box::new(stream), &Progress::new()).expect("opens");
        let tuning = Tuning { first_bytes: 100, most_bytes: 100 };
        let first = geojson::read_from(&mut stream, tuning, None, Some(&arrivals), &Progress::new());
        let (part, begun) = first.expect("reads");
        assert!(part.error.as_ref().is_some_and(ReadError::is_stopped) && part.row_count < 4000);
        let (progress, again) = (Progress::new(), Arrivals::default());
        stream.go_on(text.len() as u64, &progress).expect("not cancelled");
        let second = geojson::read_from(&mut stream, tuning, begun, Some(&again), &progress);
        let (whole, left) = second.expect("reads");
        assert!(whole.error.is_none() && left.is_none() && again.feature_count() == 4000);
        let numbers = |of: fn(&super::columns::RawBlock) -> &Vec<u32>| -> Vec<u32> {
            whole.blocks.iter().flat_map(|block| of(block).iter().copied()).collect()
        };
        assert_eq!(numbers(|block| &block.rows), (0..4000).collect::<Vec<u32>>());
        assert_eq!(numbers(|block| &block.lines), (1..=4000).collect::<Vec<u32>>());
        assert_eq!(progress.fraction(), Some(1.0));
        assert_eq!(stream.finish().byte_count, text.len() as u64);
    }
}

/// Everything about what was read that must not depend on how it was cut, as text.
fn description(result: &Result<Opened, ReadError>) -> String {
    use std::fmt::Write;
    let mut out = String::new();
    match result {
        Err(error) => write!(out, "{error}").expect("text"),
        Ok(opened) => {
            for layer in &opened.layers {
                writeln!(out, "{} {:?} {:?}", layer.name, layer.kind, layer.fields).expect("text");
                for feature in 0..layer.feature_count() {
                    let (block, row) = layer.locate(feature);
                    let g = &block.geometry;
                    let range = g.coord_range(row);
                    let parts: Vec<usize> = g.polygon(row).parts().map(|p| p.ring_count()).collect();
                    let z = g.z().get(range.clone()).filter(|z| z.iter().any(|z| !z.is_nan()));
                    let values: Vec<String> =
                        (0..layer.fields.len()).map(|f| layer.value(feature, f).to_string()).collect();
                    writeln!(
                        out,
                        "{} {:?} {:?} {} {:?} {parts:?} {} {:?} {values:?}",
                        layer.source_row(feature),
                        layer.line(feature),
                        layer.feature_id(feature),
                        g.is_null(row),
                        &g.coords()[range],
                        g.paths(row).len(),
                        z,
                    )
                    .expect("text");
                }
            }
            writeln!(out, "{:?}\n{:?}", opened.issues, opened.decision.crs.code()).expect("text");
            writeln!(out, "{} {} {}", opened.row_count, opened.skipped_count, opened.format).expect("text");
            writeln!(out, "{:?}", opened.partial.as_ref().map(ToString::to_string)).expect("text");
        }
    }
    out
}

fn check_issues(text: &str, expected: &[(&str, Severity, Option<u64>, Option<u64>)]) -> Opened {
    let opened = opened(text);
    let got: Vec<_> = opened.issues.iter().map(|i| (i.kind(), i.severity, i.feature, i.line)).collect();
    assert_eq!(got, expected, "{text}");
    opened
}

const SQUARE: &str = "[[0,0],[1,0],[1,1],[0,1],[0,0]]";

fn feature(geometry: &str, rest: &str) -> String {
    format!(r#"{{"type":"Feature","properties":{{}},"geometry":{geometry}{rest}}}"#)
}

fn collection(features: &[String]) -> String {
    format!("{{\"type\":\"FeatureCollection\",\"features\":[\n{}\n]}}", features.join(",\n"))
}

fn polygon(rings: &str) -> String {
    format!(r#"{{"type":"Polygon","coordinates":[{rings}]}}"#)
}

#[test]
fn members_come_in_any_order() {
    let forms = [
        r#"{"type":"FeatureCollection","features":[{"type":"Feature","id":7,"properties":{"地类编码":"0102"},"geometry":{"type":"Point","coordinates":[117,36.8]}}]}"#,
        r#"{"features":[{"geometry":{"coordinates":[117,36.8],"type":"Point"},"properties":{"地类编码":"0102"},"id":7,"type":"Feature"}],"type":"FeatureCollection"}"#,
        r#"{"bbox":[1,[2],3],"features" : [ {"bbox":[0,0,1,1],"properties":{"\u5730类编码":"0102"},"type":"Feature","geometry":{"bbox":[1],"coordinates":[117,36.8,null],"type":"Point"},"id":7 } ] , "type":"FeatureCollection"}"#,
        r#"{"geometry":{"coordinates":[117,36.8],"type":"Point"},"properties":{"地类编码":"0102"},"id":7,"type":"Feature"}"#,
    ];
    for form in forms {
        let opened = opened(form);
        let layer = &opened.layers[0];
        assert_eq!((opened.layers.len(), layer.feature_count(), layer.kind), (1, 1, GeometryKind::Point));
        assert_eq!(layer.value(0, 0), Value::Text("0102"), "{form}");
        assert_eq!((layer.fields[0].name.as_str(), layer.feature_id(0).as_deref()), ("地类编码", Some("7")));
        assert_eq!(layer.blocks[0].geometry.points(0)[0], crate::model::Coord { x: 117.0, y: 36.8 });
        assert_eq!((layer.name.as_str(), layer.crs.code()), ("测试", "OGC:CRS84"));
        let odd = |i: &&Issue| i.severity > Severity::Note && i.message.key != "io.bad-bbox";
        let bad: Vec<_> = opened.issues.iter().filter(odd).collect();
        assert!(bad.is_empty(), "{bad:?}");
    }
}

#[test]
fn mixed_kinds_become_layers_of_one_name() {
    let text = collection(&[
        feature("null", ""),
        feature(&polygon(SQUARE), ""),
        feature(r#"{"type":"Point","coordinates":[1,2]}"#, ""),
        feature("null", ""),
        feature(
            r#"{"type":"GeometryCollection","geometries":[{"type":"Point","coordinates":[5,5]},{"type":"LineString","coordinates":[[0,0],[1,1]]},{"type":"MultiPoint","coordinates":[[6,6],[7,7]]},{"type":"GeometryCollection","geometries":[{"type":"LineString","coordinates":[[3,3],[4,4]]}]}]}"#,
            "",
        ),
        feature(&polygon(SQUARE), ""),
    ]);
    for piece in [1, 40, 100, 200, 5000] {
        let opened = open_in_pieces(text.as_bytes(), piece).expect("reads");
        let layers: Vec<_> = opened
            .layers
            .iter()
            .map(|l| (l.name.as_str(), l.kind, (0..l.feature_count()).map(|f| l.source_row(f)).collect::<Vec<_>>()))
            .collect();
        assert_eq!(
            layers,
            [
                ("a", GeometryKind::Polygon, vec![0, 1, 3, 5]),
                ("a", GeometryKind::Point, vec![2, 4]),
                ("a", GeometryKind::Line, vec![4]),
            ],
            "pieces of {piece}"
        );
        assert_eq!((opened.row_count, opened.skipped_count), (6, 0));
        let (block, row) = opened.layers[0].locate(0);
        assert!(block.geometry.is_null(row));
        assert_eq!(opened.layers[1].counts(), (4, 4, 0));
        assert_eq!(opened.layers[2].counts(), (4, 2, 0));
    }
}

#[test]
fn bad_features_are_issues_with_their_place() {
    use Severity::{Error, Note, Warning};
    let text = collection(&[
        feature(&polygon(SQUARE), r#","id":"A1""#),
        feature(&polygon("[[0,0],[1,0],[0,0]]"), r#","id":"A2""#),
        feature(r#"{"type":"Point","coordinates":["117",36]}"#, ""),
        feature(r#"{"type":"Point","coordinates":[NaN,36]}"#, ""),
        feature(r#"{"type":"Point","coordinates":[1e400,36]}"#, ""),
        feature(r#"{"type":"MultiPolygon","coordinates":[[[0,0],[1,1],[1,0],[0,0]]]}"#, ""),
        feature(&polygon("[[0,0],[1,0],[1,1]]"), r#","id":8"#),
        "null".to_owned(),
        feature(r#"{"type":"Point","coordinates":[3]}"#, ""),
        feature(&polygon(&format!("{SQUARE},[[0,0]]")), ""),
    ]);
    let opened = check_issues(
        &text,
        &[
            ("short-ring", Error, Some(1), Some(3)),
            ("not-a-number", Error, Some(2), Some(4)),
            ("not-finite", Error, Some(3), Some(5)),
            ("not-finite", Error, Some(4), Some(6)),
            ("wrong-depth", Error, Some(5), Some(7)),
            ("unclosed-ring", Warning, Some(6), Some(8)),
            ("not-a-feature", Error, Some(7), Some(9)),
            ("short-position", Error, Some(8), Some(10)),
            ("short-ring", Error, Some(9), Some(11)),
            // One note a layer counts what is left without geometry.
            ("null-geometry", Note, Some(1), Some(3)),
            ("null-geometry", Note, Some(2), Some(4)),
        ],
    );
    assert_eq!(opened.issues[0].id.as_deref(), Some("A2"));
    assert_eq!(opened.issues[5].id.as_deref(), Some("8"));
    assert_eq!((opened.row_count, opened.skipped_count), (10, 1));
    let polygons = &opened.layers[0];
    let nulls: Vec<bool> = (0..polygons.feature_count())
        .map(|f| {
            let (block, row) = polygons.locate(f);
            block.geometry.is_null(row)
        })
        .collect();
    assert_eq!(nulls, [false, true, true, false, false]);
    assert_eq!(polygons.counts(), (4 + 3 + 4, 3, 0));
    assert_eq!(opened.layers[1].feature_count(), 4, "points keep their rows");
    // Each issue stands in one layer as well.
    assert_eq!(opened.layers.iter().map(|l| l.issues.len()).sum::<usize>(), opened.issues.len());
}

#[test]
fn broken_files_say_where_and_keep_what_was_read() {
    let check = |text: &str, line: u64, column: u64, expected: Expected, found: Option<char>, count: u64| {
        for piece in [3, 50, 100_000] {
            let opened = open_in_pieces(text.as_bytes(), piece);
            let partial = match opened {
                Ok(opened) => opened.partial.expect("partial"),
                Err(error) => panic!("{error}"),
            };
            match partial {
                ReadError::Syntax { line: l, column: c, expected: e, found: f, feature_count } => {
                    assert_eq!((l, c, e, f, feature_count), (line, column, expected, found, count), "{text}");
                }
                other => panic!("{other}"),
            }
        }
        assert!(matches!(open_text(text), Err(ReadError::Syntax { .. })));
    };
    let f = feature(&polygon(SQUARE), r#","名":1"#);
    let head = "{\"type\":\"FeatureCollection\",\"features\":[\n";
    check(&format!("{head}{f},\n{f}\n{f}]}}"), 4, 1, Expected::CommaOrBracket, Some('{'), 2);
    check(&format!("{head}{f},\n{f},]}}"), 3, f.chars().count() as u64 + 2, Expected::Value, Some(']'), 2);
    check(&format!("{head}{f},\n{}", &f[..f.len() - 1]), 3, f.chars().count() as u64, Expected::CommaOrBrace, None, 1);
    check(&format!("{head}{f},\n{f}\n]"), 4, 2, Expected::CommaOrBrace, None, 2);
    check(&format!("{head}{f}\n]}}x"), 3, 3, Expected::End, Some('x'), 1);
    check(&format!("[{f},{{\"a\"}}]"), 1, f.chars().count() as u64 + 7, Expected::Colon, Some('}'), 1);
}

#[test]
fn sequences_of_all_kinds() {
    let f = |i: usize| {
        format!(r#"{{"type":"Feature","properties":{{"i":{i}}},"geometry":{{"type":"Point","coordinates":[{i},0]}}}}"#)
    };
    let lines = format!("{}\n{}\r\n\n{}", f(1), f(2), f(3));
    let marked = format!("\u{1e}{}\n\u{1e}{}\n\u{1e}{}\n", f(1), f(2).replace(',', ",\n"), f(3));
    let nested = format!("{{\"type\":\"FeatureCollection\",\"features\":[{},{}]}}\n{}", f(1), f(2), f(3));
    let late = format!("{}\n{{\"type\":\"FeatureCollection\",\"features\":[{},{}]}}", f(1), f(2), f(3));
    let close = format!("{}{}{}", f(1), f(2), f(3));
    for text in [lines, marked, nested, late, close] {
        for piece in [1, 10, 70, 150, 10_000] {
            let opened = open_in_pieces(text.as_bytes(), piece).expect("reads");
            let layer = &opened.layers[0];
            let i: Vec<_> = (0..layer.feature_count()).map(|f| layer.value(f, 0).to_string()).collect();
            assert_eq!(i, ["1", "2", "3"], "{text:?} in pieces of {piece}");
            assert_eq!((opened.format.as_str(), opened.issues.len()), ("GeoJSON sequence", 0), "{:?}", opened.issues);
        }
    }
    let broken = format!("{}\n{{\"type\":\n{}\n", f(1), f(3));
    let opened = check_issues(&broken, &[("broken-record", Severity::Error, Some(1), Some(2))]);
    assert_eq!((opened.layers[0].feature_count(), opened.skipped_count), (2, 1));
}

#[test]
fn compressed_files_read_like_plain_ones() {
    use std::io::Write;
    let text = collection(&vec![feature(&polygon(SQUARE), ""); 50]);
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(text.as_bytes()).expect("compresses");
    let packed = encoder.finish().expect("compresses");
    let opened = open_bytes("a.geojson.gz", packed.clone(), &options(), &Progress::new()).expect("reads");
    assert_eq!((opened.layers[0].feature_count(), opened.format.as_str()), (50, "GeoJSON, gzip"));
    assert_eq!((opened.layers[0].name.as_str(), opened.layers[0].provenance.byte_count), ("a", packed.len() as u64));
    let cut = &packed[..packed.len() - 20];
    assert!(matches!(open_bytes("a", cut.to_vec(), &options(), &Progress::new()), Err(ReadError::Compression(_))));
    let partial = open_in_pieces(cut, 100).expect("reads");
    assert!(matches!(partial.partial, Some(ReadError::Compression(_))));
    assert!(partial.layers[0].feature_count() > 0);
}

#[test]
fn attributes_keep_their_types() {
    let f = |properties: &str| format!(r#"{{"type":"Feature","properties":{properties},"geometry":null}}"#);
    let text = collection(&[
        f(
            r#"{"DLBM":"0102","n":1,"x":1,"big":12345678901234567890,"b":true,"j":{"a":[1, "x y"]},"m":1,"e":"a\"\u5730"}"#,
        ),
        f(
            r#"{"DLBM":"1001","n":-9007199254740993,"x":0.1,"big":1,"b":null,"j":[ 1 ],"m":"一","huge":1e999,"nan":NaN}"#,
        ),
        f("null"),
    ]);
    let opened = opened(&text);
    let layer = &opened.layers[0];
    let fields: Vec<_> = layer.fields.iter().map(|f| (f.name.as_str(), f.kind)).collect();
    use FieldType::{Bool, Float, Int, Json, Null, Text};
    assert_eq!(
        fields,
        [
            ("DLBM", Text),
            ("n", Int),
            ("x", Float),
            ("big", Text),
            ("b", Bool),
            ("j", Json),
            ("m", Text),
            ("e", Text),
            ("huge", Text),
            ("nan", Null),
        ]
    );
    let row = |f: usize| (0..layer.fields.len()).map(|i| layer.value(f, i).to_string()).collect::<Vec<_>>();
    assert_eq!(row(0), ["0102", "1", "1", "12345678901234567890", "true", r#"{"a":[1, "x y"]}"#, "1", "a\"地", "", ""]);
    assert_eq!(row(1), ["1001", "-9007199254740993", "0.1", "1", "", "[ 1 ]", "一", "", "1e999", ""]);
    assert!(row(2).iter().all(String::is_empty));
    assert_eq!(layer.kind, GeometryKind::None);
    let kinds: Vec<_> = opened.issues.iter().map(|i| i.kind()).collect();
    assert_eq!(kinds, ["big-integer", "huge-number", "nan-attribute", "null-geometry"]);
}

#[test]
fn thousands_of_columns_stay_small() {
    let features: Vec<String> = (0..2000)
        .map(|i| format!(r#"{{"type":"Feature","properties":{{"k{i}":{i},"all":1}},"geometry":null}}"#))
        .collect();
    let opened = opened(&collection(&features));
    let layer = &opened.layers[0];
    assert_eq!(layer.fields.len(), 2001);
    assert_eq!(layer.value(1234, layer.field("k1234").expect("a field")), Value::Int(1234));
    let byte_count: usize = layer.blocks.iter().map(|b| b.attributes.byte_count()).sum();
    assert!(byte_count < 100_000, "{byte_count} bytes for 4,000 values");
}

#[test]
fn odd_shapes_are_read_and_said() {
    let raw = r#"{"coordinates":[[[[117,36],[118,36],[118,37],[117,36]]]],"center":["117.4","36.2"],"code":"370105","name":"天桥区"}"#;
    let opened = check_issues(raw, &[("untyped-geometry", Severity::Warning, Some(0), Some(1))]);
    let layer = &opened.layers[0];
    assert_eq!((layer.kind, layer.counts()), (GeometryKind::Polygon, (3, 1, 0)));
    let row: Vec<_> = (0..3).map(|f| (layer.fields[f].name.clone(), layer.value(0, f).to_string())).collect();
    assert_eq!(
        row.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect::<Vec<_>>(),
        [("center", r#"["117.4","36.2"]"#), ("code", "370105"), ("name", "天桥区")]
    );
    let array = format!("[{},{}]", feature("null", ""), raw);
    let opened = self::opened(&array);
    assert_eq!((opened.layers.len(), opened.layers[0].feature_count()), (1, 2));
    assert_eq!(opened.issues[0].kind(), "bare-array");
}

#[test]
fn other_formats_are_called_by_their_names() {
    let check = |bytes: &[u8], expected: &str| match open_bytes("a", bytes.to_vec(), &options(), &Progress::new()) {
        Err(ReadError::OtherFormat { format }) => assert_eq!(format.name, format!("io.format-{expected}")),
        other => panic!("{expected}: {other:?}"),
    };
    let cut = open_bytes("a", b"PK\x03\x04\x14\0\0\0\x08\0abcdefgh".to_vec(), &options(), &Progress::new());
    assert!(matches!(cut, Err(ReadError::BrokenArchive)), "{cut:?}");
    check(b"SQLite format 3\0\x10\0", "sqlite");
    check(b"<?xml version=\"1.0\"?><svg/>", "svg");
    // Also within a compressed file.
    check(&super::gzip(b"<?xml version=\"1.0\"?><svg/>"), "svg");
    check(&super::gzip(b"SQLite format 3\0\x10\0"), "sqlite");
    check(
        br#"{"displayFieldName":"","geometryType":"esriGeometryPolygon","features":[{"attributes":{},"geometry":{"rings":[]}}]}"#,
        "esri-json",
    );
    let empty = tempfile::tempdir().expect("a folder");
    let folder = open(empty.path(), &options(), &Progress::new());
    assert!(matches!(folder, Err(ReadError::NothingReadable { .. })));
    let nothing = open(std::path::Path::new("no such file.geojson"), &options(), &Progress::new());
    assert_eq!(nothing.map_err(|error| error.message().key).err(), Some("io.not-found"));
    assert!(matches!(open_text(" \n"), Err(ReadError::Empty)));
}

#[test]
fn gbk_text_is_read() {
    let text = collection(&[
        r#"{"type":"Feature","properties":{"地类名称":"水浇地","权属":"桑梓店镇"},"geometry":null}"#.to_owned(),
    ]);
    let bytes = encoding_rs::GB18030.encode(&text).0.into_owned();
    for piece in [16, 100, 10_000] {
        let opened = open_in_pieces(&bytes, piece).expect("reads");
        assert_eq!(opened.layers[0].value(0, 0), Value::Text("水浇地"));
        assert_eq!((opened.encoding, opened.issues[0].kind()), (Encoding::Gbk, "gbk"));
    }
}

#[test]
fn the_declared_crs_and_the_numbers_decide() {
    let point = |x: f64, y: f64| feature(&format!(r#"{{"type":"Point","coordinates":[{x},{y}]}}"#), "");
    let with_crs = |crs: &str, x: f64, y: f64| {
        format!(r#"{{"type":"FeatureCollection","features":[{}],"crs":{crs}}}"#, point(x, y))
    };
    let named = |name: &str| format!(r#"{{"type":"name","properties":{{"name":"{name}"}}}}"#);
    let text = with_crs(&named("urn:ogc:def:crs:EPSG::4527"), 39_508_924.427, 4_074_320.486);
    let opened = opened(&text);
    let layer = &opened.layers[0];
    assert_eq!((layer.crs.code(), layer.axes_swapped), ("EPSG:4527", false));
    let swapped = with_crs(&named("urn:ogc:def:crs:EPSG::4527"), 4_074_320.486, 39_508_924.427);
    let opened = self::opened(&swapped);
    let layer = &opened.layers[0];
    assert_eq!((layer.crs.code(), layer.axes_swapped), ("EPSG:4527", true));
    assert_eq!(layer.blocks[0].geometry.points(0)[0].x, 39_508_924.427);
    assert_eq!(layer.extent().min.y, 4_074_320.486);
    let user = OpenOptions { crs: Some(Crs::cgcs2000()), ..options() };
    let text = collection(&[point(117.0, 36.8)]);
    let opened = open_bytes("a", text.into_bytes(), &user, &Progress::new()).expect("reads");
    assert_eq!((opened.layers[0].crs.code(), opened.layers[0].crs_source), ("EPSG:4490", crate::crs::CrsSource::User));
}

#[test]
fn many_issues_of_a_kind_are_counted() {
    let open_ring = feature(&polygon("[[0,0],[1,0],[1,1],[0,1]]"), "");
    let text = collection(&vec![open_ring; 3000]);
    for piece in [5000, 1 << 20] {
        let opened = open_in_pieces(text.as_bytes(), piece).expect("reads");
        assert_eq!(opened.issues.len() as u64, KEPT_PER_KIND + 1);
        let last = &opened.issues[KEPT_PER_KIND as usize];
        assert_eq!((last.kind(), last.severity), ("more", Severity::Warning));
        assert!(last.message.args.contains(&("count", "2000".to_owned())));
        assert_eq!(opened.layers[0].counts(), (12_000, 3000, 0));
    }
}

#[test]
fn blocks_hold_no_more_than_they_may_and_pieces_do_not_show() {
    let features: Vec<String> = (0..70_000)
        .map(|i| {
            let geometry = format!(r#"{{"type":"Point","coordinates":[{}.5,{}]}}"#, i % 180, i % 90);
            format!(r#"{{"type":"Feature","properties":{{"n":{i},"t":"{}"}},"geometry":{geometry}}}"#, i % 700)
        })
        .collect();
    let text = collection(&features);
    let whole = open_in_pieces(text.as_bytes(), 1 << 30);
    let blocks =
        |opened: &Opened| opened.layers[0].blocks.iter().map(|b| b.geometry.feature_count()).collect::<Vec<_>>();
    assert_eq!(blocks(whole.as_ref().expect("reads")), [crate::model::BLOCK_FEATURES, 70_000 - 65_536]);
    let layer = &whole.as_ref().expect("reads").layers[0];
    assert!(layer.blocks.iter().all(|b| b.source_rows.is_empty()), "rows are the features themselves");
    assert_eq!((layer.value(69_999, 0), layer.line(69_999)), (Value::Int(69_999), Some(70_001)));
    let expected = description(&whole);
    let open = || open_bytes("a.geojson", text.clone().into_bytes(), &options(), &Progress::new());
    assert!(blocks(&open().expect("reads")).len() > 3);
    assert!(description(&open()) == expected);
    // On a thread of a pool that has no other: pieces must not wait for it.
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a pool");
    assert!(description(&pool.install(open)) == expected);
}

#[test]
fn cancelling_ends_reading() {
    let progress = Progress::new();
    progress.cancel();
    let text = collection(&vec![feature("null", ""); 10]);
    assert!(matches!(open_bytes("a", text.into_bytes(), &options(), &progress), Err(ReadError::Cancelled)));
}

#[test]
fn what_is_written_reads_back_the_same() {
    let text = format!(
        r#"{{"type":"FeatureCollection","name":"方案","crs":{{"type":"name","properties":{{"name":"urn:ogc:def:crs:EPSG::4527"}}}},"features":[{},{},{},{},{}]}}"#,
        r#"{"type":"Feature","id":"甲","properties":{"DLBM":"0102","n":1,"x":2.0,"b":false,"j":{"a":[1,null,1.5]}},"geometry":{"type":"Polygon","coordinates":[[[39508924.427,4074320.486,12.5],[39508934.427,4074320.486,12.5],[39508934.427,4074330.486,13],[39508924.427,4074320.486,12.5]]]}}"#,
        r#"{"type":"Feature","id":"乙","properties":{"DLBM":"1001","n":2,"x":0.1,"b":null,"j":null},"geometry":{"type":"MultiPolygon","coordinates":[[[[39508924.427,4074320.486],[39508934.427,4074320.486],[39508934.427,4074330.486],[39508924.427,4074320.486]]],[[[39508924.5,4074320.5],[39508934.5,4074320.5],[39508934.5,4074330.5],[39508924.5,4074320.5]],[[39508924.5,4074320.5],[39508930.5,4074320.5],[39508930.5,4074325.5],[39508924.5,4074320.5]]]]}}"#,
        r#"{"type":"Feature","properties":{"DLBM":"1001","n":3,"x":7.0,"b":true,"j":[]},"geometry":null}"#,
        r#"{"type":"Feature","id":"丁","properties":{"DLBM":"","n":4,"x":null,"b":true,"j":null},"geometry":{"type":"GeometryCollection","geometries":[{"type":"Point","coordinates":[39508924.427,4074320.486]},{"type":"LineString","coordinates":[[39508924.427,4074320.486],[39508934.427,4074320.486]]}]}}"#,
        r#"{"type":"Feature","id":"戊","properties":{"DLBM":"a\n\"b\"","n":5,"x":-1e-7,"b":true,"j":null},"geometry":{"type":"MultiLineString","coordinates":[[[39508924.427,4074320.486],[39508934.427,4074320.486]],[[39508924.427,4074320.486],[39508934.427,4074320.486]]]}}"#,
    );
    let before = opened(&text);
    let layers: Vec<&Layer> = before.layers.iter().collect();
    let mut written = Vec::new();
    write_together(&layers, &mut written).expect("writes");
    let after = open_bytes("方案.geojson", written.clone(), &options(), &Progress::new()).expect("reads");
    assert_eq!(strip_lines(&description(&Ok(before))), strip_lines(&description(&Ok(after))));
    let oracle: ::geojson::FeatureCollection =
        String::from_utf8(written).expect("UTF-8").parse().expect("the oracle reads it");
    assert_eq!(oracle.features.len(), 5);
    let again: ::geojson::FeatureCollection = text.parse().expect("the oracle reads it");
    assert_eq!(oracle.features, again.features);
}

#[test]
fn nested_values_are_written_digit_by_digit() {
    let nested = r#"{"a":[1.10,12345678901234567890123,"x\u0041"]}"#;
    let text =
        collection(&[format!(r#"{{"type":"Feature","properties":{{"j":{nested},"k":[NaN]}},"geometry":null}}"#)]);
    let mut written = Vec::new();
    write_geojson(&opened(&text).layers[0], None, &mut written).expect("writes");
    let written = String::from_utf8(written).expect("UTF-8");
    assert!(written.contains(&format!(r#""j":{nested},"k":"[NaN]""#)), "{written}");
    assert_eq!(opened(&text).issues[0].kind(), "nan-nested");
}

#[test]
fn chosen_rows_are_written_in_their_order() {
    let text =
        collection(&[feature("null", r#","id":1"#), feature("null", r#","id":2"#), feature("null", r#","id":3"#)]);
    let opened = opened(&text);
    let mut written = Vec::new();
    write_geojson(&opened.layers[0], Some(&[2, 0]), &mut written).expect("writes");
    let again = self::opened(&String::from_utf8(written).expect("UTF-8"));
    assert_eq!((again.layers[0].feature_id(0), again.layers[0].feature_id(1)), (Some("3".into()), Some("1".into())));
    let mut empty = Vec::new();
    write_geojson(&opened.layers[0], Some(&[]), &mut empty).expect("writes");
    assert_eq!(self::opened(&String::from_utf8(empty).expect("UTF-8")).layers[0].feature_count(), 0);
}

/// A description without lines in the source, which writing changes.
fn strip_lines(description: &str) -> String {
    let mut out = String::new();
    let mut rest = description;
    while let Some((before, after)) = rest.split_once(" Some(") {
        out.push_str(before);
        let skip =
            after.find(')').map_or(0, |end| if after[..end].bytes().all(|b| b.is_ascii_digit()) { end + 1 } else { 0 });
        if skip == 0 {
            out.push_str(" Some(");
        }
        rest = &after[skip..];
    }
    out + rest
}

#[test]
fn every_message_is_in_the_catalogue() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/io");
    let mut files = vec![folder];
    let mut key_count = 0;
    while let Some(path) = files.pop() {
        if path.is_dir() {
            files.extend(std::fs::read_dir(path).expect("lists").map(|entry| entry.expect("entry").path()));
            continue;
        }
        let text = std::fs::read_to_string(&path).expect("reads");
        for part in text.split("\"io.").skip(1) {
            let key = format!("io.{}", part.split('"').next().unwrap_or_default());
            if key.len() > 4 && key[3..].bytes().all(|b| b.is_ascii_lowercase() || b == b'-') {
                assert_ne!(tr(Language::Chinese, &key), key, "{key} of {}", path.display());
                key_count += 1;
            }
        }
    }
    assert!(key_count > 60, "{key_count} keys found");
}

/// Gzip of a head, a unit again and again, and a tail.
fn bomb(head: &str, unit: &[u8], bytes: usize, tail: &str) -> Vec<u8> {
    use std::io::Write;
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    let chunk = unit.repeat((1 << 20) / unit.len());
    encoder.write_all(head.as_bytes()).expect("packs");
    (0..bytes / chunk.len()).for_each(|_| encoder.write_all(&chunk).expect("packs"));
    encoder.write_all(tail.as_bytes()).expect("packs");
    encoder.finish().expect("packs")
}

#[test]
fn blanks_cost_no_memory_wherever_they_stand() {
    let feature = r#"{"type":"Feature","properties":{"a":"x  y"},"geometry":null}"#;
    let start = r#"{"type":"FeatureCollection","features":["#;
    let check = |head: &str, tail: &str, rows: u64| {
        let bytes = bomb(head, b" \n  \t", 20 << 20, tail);
        let opened = open_bytes("a.geojson", bytes, &options(), &Progress::new()).expect("opens");
        assert_eq!(opened.row_count, rows, "{head} {tail}");
        opened
    };
    check("", &format!("{start}{feature}]}}"), 1);
    check(r#"{"type":"FeatureCollection","#, &format!(r#""features":[{feature}]}}"#), 1);
    check(start, &format!("{feature}]}}"), 1);
    check(&format!("{start}{feature},"), &format!("{feature},{feature}]}}"), 3);
    check(&format!("{start}{feature}]"), "}", 1);
    check(&format!("{start}{feature}]}}"), "", 1);
    check(&format!("{feature}\n"), feature, 2);
    let alone = check(r#"{"type":"Feature","properties":{"a":"x  y"},"#, r#""geometry":null}"#, 1);
    assert_eq!(alone.layers[0].value(0, 0).to_string(), "x  y");
}

#[test]
fn a_feature_without_end_is_an_error_with_its_line() {
    let feature = r#"{"type":"Feature","properties":null,"geometry":{"type":"Point","coordinates":[1,2]}}"#;
    let start = r#"{"type":"FeatureCollection","features":["#;
    let check = |head: &str, unit: &[u8], line: u64, count: u64| {
        let bytes = bomb(head, unit, 40 << 20, "");
        match open_bytes("a.geojson", bytes, &options(), &Progress::new()) {
            Err(ReadError::TooLong { line: at, feature_count, .. }) => {
                assert_eq!((at, feature_count), (line, count), "{head}");
            }
            other => panic!("{head}: {other:?}"),
        }
    };
    let line = r#"{"type":"Feature","properties":{},"geometry":{"type":"LineString","coordinates":[[1,2]"#;
    check(&format!("{start}\n{line}"), b",[1,2]", 1, 0);
    check(&format!("{start}{feature},\n{feature},\n{line}"), b",[1,2]", 3, 2);
    check(&format!("{start}{feature},\n{feature},\n{{\"type\":\"Feature\",\"properties\":{{\"a\":\""), b"a", 3, 2);
    check(r#"{"type":"FeatureCollection","name":""#, b"a", 1, 0);
    check(start, b"[", 1, 0);
    check(&format!("{start}{feature},\n{feature}],\"x\":\""), b"a", 2, 1);
}
