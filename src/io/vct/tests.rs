//! VCT files of all versions, with faults of every kind, and damaged.

use super::super::tests::damaged;
use super::super::{OpenOptions, Opened, ReadError, open_bytes};
use crate::crs::Crs;
use crate::model::{GeometryKind, Issue, Layer, Severity};
use crate::task::Progress;

fn outcome(text: &str) -> Result<Opened, ReadError> {
    let options = OpenOptions { keep_partial: true, ..OpenOptions::default() };
    open_bytes("a.vct", text.as_bytes().to_vec(), &options, &Progress::new())
}

fn read(text: &str) -> Opened {
    outcome(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// A file of one square in four lines, the third of which is shared backwards, around a hole of one line.
fn file(version: &str, body: &str, rows: &str) -> String {
    format!(
        "HeadBegin\nDatamark:LANDUSE-VCT\nVersion:{version}\nSpheroid:CGCS2000,6378137.0,298.257222101\n\
         Parameters:117,1,39500000,0,3,39\nSeparator:,\nHeadEnd\n\
         FeatureCodeBegin\n2001010100,地类图斑,Polygon,DLTB\n1000600200,界线,Line,JX\nFeatureCodeEnd\n\
         TableStructureBegin\nDLTB,3\nBSM,Char,18\nTBMJ,Float,15,2\nNF,Int,4\n0\nTableStructureEnd\n\
         {body}AttributeBegin\nDLTB\n{rows}TableEnd\nAttributeEnd\n"
    )
}

const X: f64 = 39_500_000.0;
const Y: f64 = 4_070_000.0;

fn point(x: f64, y: f64) -> String {
    format!("{:.3},{:.3}\n", X + x, Y + y)
}

/// A line of version 3.
fn line(id: u32, points: &[[f64; 2]]) -> String {
    let coords: String = points.iter().map(|[x, y]| point(*x, *y)).collect();
    format!("{id}\n1000600200\nunknown\n1\n1\n11\n{}\n{coords}0\n", points.len())
}

fn square_lines() -> String {
    let square = line(1, &[[0., 0.], [9., 0.]])
        + &line(2, &[[9., 0.], [9., 9.]])
        + &line(3, &[[0., 9.], [9., 9.]])
        + &line(4, &[[0., 9.], [0., 0.]])
        + &line(5, &[[2., 2.], [4., 2.], [4., 4.], [2., 2.]]);
    format!("LineBegin\n{square}LineEnd\n")
}

fn polygon(id: u32, ids: &str) -> String {
    let count = ids.split(',').count();
    format!("{id}\n2001010100\nunknown\n100\n{}21\n{count}\n{ids}\n0\n", point(5.0, 5.0))
}

fn polygons(of: &[String]) -> String {
    format!("{}PolygonBegin\n{}PolygonEnd\n", square_lines(), of.concat())
}

#[test]
fn arcs_through_three_points_are_chords() {
    let arc = line(1, &[[0., 0.], [5., 5.], [10., 0.]]).replace("\n11\n3\n", "\n12\n3\n");
    let lines = arc + &line(2, &[[10., 0.], [0., 0.]]);
    let body = format!("LineBegin\n{lines}LineEnd\nPolygonBegin\n{}PolygonEnd\n", polygon(10, "1,2"));
    let opened = read(&file("3.0", &body, "10,a,1,2025\n"));
    let half = std::f64::consts::PI * 12.5;
    assert!((area(&opened.layers[0]) / half - 1.0).abs() < 1e-3, "{}", area(&opened.layers[0]));
    assert!(opened.issues.iter().any(|issue| issue.message.key == "io.arcs"), "{:?}", opened.issues);
}

#[test]
fn an_offset_of_the_head_is_added_unless_it_was() {
    let check = |head: &str, x: f64, key: Option<&str>| {
        let text = file("3.0", &polygons(&[polygon(10, "1,2,-3,4")]), "10,a,1,2025\n");
        let opened = read(&text.replace("Separator:,\n", &format!("{head}Separator:,\n")));
        let coords = opened.layers[0].blocks[0].geometry.coords();
        let west = coords.iter().map(|c| c.x).fold(f64::INFINITY, f64::min);
        assert_eq!(west, X + x, "{head}");
        let told = opened.issues.iter().map(|issue| issue.message.key).find(|key| key.starts_with("io.vct-offset"));
        assert_eq!(told, key, "{head}");
    };
    check("Offset:0,0\n", 0.0, None);
    check("Offset:100,200\n", 100.0, Some("io.vct-offset"));
    let extent = format!("ExtentMin:{X},{Y}\nExtentMax:{},{}\n", X + 9.0, Y + 9.0);
    check(&format!("Offset:100,200\n{extent}"), 0.0, Some("io.vct-offset-kept"));
}

fn area(layer: &Layer) -> f64 {
    let of_ring = |ring: &[crate::model::Coord]| {
        let o = ring[0];
        ring.windows(2).map(|s| (s[0].x - o.x) * (s[1].y - o.y) - (s[0].y - o.y) * (s[1].x - o.x)).sum::<f64>().abs()
    };
    let mut doubled = 0.0;
    for feature in 0..layer.feature_count() {
        let (block, row) = layer.locate(feature);
        for part in block.geometry.polygon(row).parts() {
            doubled += part
                .rings()
                .enumerate()
                .map(|(at, ring)| if at == 0 { of_ring(ring) } else { -of_ring(ring) })
                .sum::<f64>();
        }
    }
    doubled / 2.0
}

fn about<'a>(opened: &'a Opened, key: &str) -> Option<&'a Issue> {
    opened.issues.iter().find(|issue| issue.message.key == key)
}

#[test]
fn rings_are_put_together_of_lines() {
    let check = |ids: &str, expected: f64| {
        let opened = read(&file("3.0", &polygons(&[polygon(10, ids)]), "10,001,81.00,2025\n"));
        let layer = &opened.layers[0];
        assert_eq!((layer.kind, layer.name.as_str(), layer.crs.code()), (GeometryKind::Polygon, "DLTB", "EPSG:4527"));
        assert!((area(layer) - expected).abs() < 1e-6, "{ids}: {} {:?}", area(layer), opened.issues);
        opened
    };
    let plain = check("1,2,-3,4,0,5", 79.0);
    assert!(plain.issues.iter().all(|issue| issue.severity < Severity::Warning), "{:?}", plain.issues);
    let layer = &plain.layers[0];
    let values: Vec<String> = (0..3).map(|field| layer.value(0, field).to_string()).collect();
    assert_eq!(values, ["001", "81", "2025"]);
    assert_eq!((layer.feature_id(0).as_deref(), plain.encoding.to_string().as_str()), (Some("10"), "UTF-8"));
    // The lines themselves are a layer.
    assert_eq!((plain.layers[1].kind, plain.layers[1].feature_count()), (GeometryKind::Line, 5));
    // The hole comes first, the zero is missing, a sign is wrong.
    check("5,0,1,2,-3,4", 79.0);
    check("1,2,-3,4,5", 79.0);
    assert!(about(&check("1,2,3,4", 81.0), "io.vct-turned").is_some());
    check("-4,3,-2,-1", 81.0);
    // Without signs, as versions 1 and 2 have them; the first line has to be turned.
    let old = |version: &str, ids: &str| {
        let body = square_lines().replace("\n0\n", "\n").replace("\n1\n1\n11\n", "\n1\n");
        let count = ids.split(',').count();
        let polygon = format!(
            "10\n2001010100\n图斑\n{}{count}\n{ids}\n11\n2001010100\n图斑\n{}1\n5\n",
            point(5., 5.),
            point(3., 3.)
        );
        let points = "PointBegin\n30\n1000600200\n界桩\n1\n39500001.000,4070001.000\nPointEnd\n";
        read(&file(
            version,
            &format!("{points}{body}PolygonBegin\n{polygon}PolygonEnd\n"),
            "10,2001010100,001,81.00,2025\n11,2001010100,002,2.00,2025\n",
        ))
    };
    let versions = ["1.0", "2.0", "GB/T 17798-1999"];
    for (version, ids) in versions.into_iter().zip(["1,2,3,4", "3,4,1,2", "2,1,4,3"]) {
        let opened = old(version, ids);
        let of = |kind: GeometryKind| opened.layers.iter().find(|layer| layer.kind == kind).expect("a layer");
        let polygons = of(GeometryKind::Polygon);
        assert_eq!(polygons.feature_count(), 2, "{version} {ids}");
        assert!((area(polygons) - 83.0).abs() < 1e-6, "{version} {ids}: {:?}", opened.issues);
        assert_eq!(polygons.value(1, 0).to_string(), "002");
        assert_eq!((of(GeometryKind::Line).feature_count(), of(GeometryKind::Point).feature_count()), (5, 1));
    }
}

#[test]
fn polygons_with_their_own_coordinates_are_read() {
    let ring = |points: &[[f64; 2]]| {
        let coords: String = points.iter().map(|[x, y]| point(*x, *y)).collect();
        format!("11\n{}\n{coords}", points.len())
    };
    let (outer, inner) =
        (ring(&[[0., 0.], [9., 0.], [9., 9.], [0., 0.]]), ring(&[[5., 1.], [8., 1.], [8., 4.], [5., 1.]]));
    let polygon = format!("10\n2001010100\nunknown\n1\n{}2\n{outer}{inner}0\n", point(6., 2.));
    let opened = read(&file("3.0", &format!("PolygonBegin\n{polygon}PolygonEnd\n"), "10,001,36.00,2025\n"));
    assert!((area(&opened.layers[0]) - 36.0).abs() < 1e-6, "{:?}", opened.issues);
    // One ring in two pieces.
    let (first, second) = (ring(&[[0., 0.], [9., 0.], [9., 9.]]), ring(&[[9., 9.], [0., 9.], [0., 0.]]));
    let polygon = format!("10\n2001010100\nunknown\n1\n{}2\n{first}{second}0\n", point(6., 2.));
    let opened = read(&file("3.0", &format!("PolygonBegin\n{polygon}PolygonEnd\n"), "10,001,81.00,2025\n"));
    assert!((area(&opened.layers[0]) - 81.0).abs() < 1e-6, "{:?}", opened.issues);
}

#[test]
fn faults_are_named_with_their_line() {
    let bad = [
        polygon(10, "1,2,-3,4"),
        polygon(11, "1,2,99"),
        polygon(12, "1,-3"),
        polygon(13, "1,2"),
        polygon(14, "1,2,-3,4"),
    ];
    let text = file(
        "3.0",
        &polygons(&bad),
        "10,001,81.00,2025\n11,002,x,2025\n12,003\n14,004,1,2025\n14,005,1,2025\n20,006,1,2025\n",
    );
    let opened = read(&text);
    let layer = &opened.layers[0];
    assert_eq!(layer.feature_count(), 6, "a row without a feature is kept");
    assert!((area(layer) - 162.0).abs() < 1e-6);
    let line_of = |wanted: &str| text.lines().position(|line| line == wanted).map(|at| at as u64 + 1);
    let check = |key: &str, id: Option<&str>, line: Option<u64>| {
        let issue = about(&opened, key).unwrap_or_else(|| panic!("{key} is not among {:?}", opened.issues));
        assert_eq!(issue.id.as_deref(), id, "{key}");
        assert!(line.is_none() || issue.line == line, "{key}: {issue:?}, expected line {line:?}");
    };
    check("io.vct-no-line", Some("11"), line_of("11").map(|_| layer.line(1).expect("a line")));
    check("io.vct-gap", Some("12"), layer.line(2));
    check("io.vct-open", Some("13"), layer.line(3));
    check("io.vct-no-value", None, line_of("11,002,x,2025"));
    check("io.vct-values", None, line_of("12,003"));
    check("io.vct-same-row", None, line_of("14,005,1,2025"));
    check("io.vct-rows-without-feature", None, None);
    check("io.vct-features-without-row", None, None);
    assert_eq!(
        layer.line(0),
        text.lines().collect::<Vec<_>>().windows(2).position(|p| p == ["10", "2001010100"]).map(|at| at as u64 + 1)
    );
    // A feature that is none is told, and the next is read.
    let broken = format!("{}99\n2001010100\nunknown\n100\n21\nx\n{}", polygon(10, "1,2,-3,4"), polygon(11, "1,2,-3,4"));
    let opened = read(&file("3.0", &polygons(&[broken]), "10,001,81.00,2025\n11,002,81.00,2025\n"));
    assert_eq!(opened.layers[0].feature_count(), 2);
    assert!(about(&opened, "io.vct-count").is_some(), "{:?}", opened.issues);
    // A file that breaks off keeps what stands before that.
    let cut = &text[..text.find("13\n2001010100").expect("there")];
    let opened = read(cut);
    assert!(opened.partial.is_some() && opened.layers[0].feature_count() == 3);
    assert!(matches!(opened_strictly(cut), Err(ReadError::Format(message)) if message.key == "io.vct-cut"));
    assert!(
        matches!(outcome("HeadBegin\nVersion:3.0\nHeadEnd\n"), Err(ReadError::Format(m)) if m.key == "io.vct-empty")
    );
}

fn opened_strictly(text: &str) -> Result<Opened, ReadError> {
    open_bytes("a.vct", text.as_bytes().to_vec(), &OpenOptions::default(), &Progress::new())
}

#[test]
fn lines_of_any_end_and_gbk_are_the_same() {
    let text = file("3.0", &polygons(&[polygon(10, "1,2,-3,4")]), "10,甲,81.00,2025\n");
    let first = read(&text);
    for other in [text.replace('\n', "\r\n"), text.replace('\n', "\n\n"), text.replace('\n', "\r")] {
        assert_eq!(area(&read(&other).layers[0]), area(&first.layers[0]));
    }
    assert_eq!(read(&text.replace('\n', "\r\n")).layers[0].line(0), first.layers[0].line(0));
    let gbk = encoding_rs::GB18030.encode(&text).0.into_owned();
    let opened = open_bytes("a.vct", gbk, &OpenOptions::default(), &Progress::new()).expect("opens");
    assert_eq!(
        (opened.layers[0].value(0, 0).to_string().as_str(), opened.encoding.to_string().as_str()),
        ("甲", "GBK")
    );
}

#[test]
fn damaged_files_end() {
    let seeds = [
        file("3.0", &polygons(&[polygon(10, "1,2,-3,4,0,5"), polygon(11, "5")]), "10,甲,81.00,2025\n11,乙,2.00,2025\n"),
        file("2.0", &square_lines().replace("\n0\n", "\n").replace("\n1\n1\n11\n", "\n1\n"), ""),
        file("1.0", "PointBegin\n1\n1000600200\nP\n1\n39500001.000,4070001.000\nPointEnd\n", "1,x,1,1\n"),
    ];
    let seeds: Vec<Vec<u8>> = seeds.into_iter().map(String::into_bytes).collect();
    // Most of the time goes to what systems of coordinates are called, unless somebody says it.
    let options = OpenOptions { keep_partial: true, crs: Some(Crs::cgcs2000()), ..OpenOptions::default() };
    damaged(&seeds, |bytes| {
        // Any answer will do.
        let _ = open_bytes("a.vct", bytes.to_vec(), &options, &Progress::new());
    });
}
