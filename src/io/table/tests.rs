//! Whole tables in, layers out.

use std::io::Write;
use std::path::PathBuf;

use super::super::layers::assemble;
use super::super::{Encoding, OpenOptions, Opened};
use super::*;
use crate::model::{FieldType, GeometryKind, Layer, Provenance};

fn provenance(name: &str) -> Provenance {
    Provenance { path: PathBuf::from(name), ..Provenance::default() }
}

fn opened(raw: Vec<RawLayer>) -> Vec<Opened> {
    let options = OpenOptions::default();
    raw.into_iter().map(|raw| assemble(raw, provenance("台账.csv"), None, &options).expect("layers")).collect()
}

fn csv(text: &str) -> Opened {
    opened(read_csv(text.as_bytes(), &Progress::new()).expect("reads")).remove(0)
}

fn kinds(opened: &Opened) -> Vec<(String, u64)> {
    let own = opened.issues.iter().filter(|issue| issue.message.key.starts_with("io."));
    own.map(|issue| (issue.kind().trim_start_matches("table-").to_owned(), issue.line.unwrap_or(0))).collect()
}

fn row(layer: &Layer, feature: usize) -> String {
    let cell = |at: usize| format!("{}={}", layer.fields[at].name, layer.value(feature, at));
    (0..layer.fields.len()).map(cell).collect::<Vec<_>>().join(" ")
}

#[test]
fn tables_without_coordinates_stay_tables() {
    let opened = csv("图斑编号,地类编码,面积,比例\n0001,0701,12,0.5\n2,1207,13,1\n");
    let layer = &opened.layers[0];
    assert_eq!((layer.kind, layer.feature_count()), (GeometryKind::None, 2));
    let types: Vec<FieldType> = layer.fields.iter().map(|field| field.kind).collect();
    assert_eq!(types, [FieldType::Text, FieldType::Text, FieldType::Int, FieldType::Float]);
    assert_eq!(row(layer, 0), "图斑编号=0001 地类编码=0701 面积=12 比例=0.5");
    assert_eq!(kinds(&opened), [("no-geometry".into(), 0), ("null-geometry".into(), 2)]);
    assert_eq!(layer.line(1), Some(3));
}

#[test]
fn rows_keep_the_numbers_of_their_lines_behind_what_excel_puts_first() {
    for (text, line) in
        [("编号;面积\n甲;12\n", 2), ("sep=;\n编号;面积\n甲;12\n", 3), ("\n\nsep=;\n编号;面积\n甲;12\n", 5)]
    {
        assert_eq!(csv(text).layers[0].line(0), Some(line), "{text:?}");
    }
}

#[test]
fn a_sheet_of_faults_only_is_not_called_empty() {
    let Some(folder) = std::env::var_os("TUBAN_SHARED").map(PathBuf::from) else {
        println!("SKIPPED: sheets of faults: TUBAN_SHARED is not set");
        return;
    };
    let path = folder.join("data/formats/xlsx/errors.xlsx");
    let failed = crate::io::open(&path, &OpenOptions::default(), &Progress::new()).expect_err("holds no value");
    assert_eq!(failed.message().key, "io.table-only-faults");
}

#[test]
fn points_come_from_columns_of_coordinates() {
    let check = |text: &str, first: (f64, f64), issues: &[(&str, u64)]| {
        let opened = csv(text);
        let layer = &opened.layers[0];
        assert_eq!(layer.kind, GeometryKind::Point, "{text}");
        let c = layer.blocks[0].geometry.points(0)[0];
        assert_eq!((c.x, c.y), first, "{text}");
        let expected: Vec<(String, u64)> = issues.iter().map(|(kind, line)| ((*kind).to_owned(), *line)).collect();
        assert_eq!(kinds(&opened), expected, "{text}");
    };
    check("名称,经度,纬度\n甲,117.1,36.8\n", (117.1, 36.8), &[]);
    check("名称;LNG;LAT\n甲;117.1;36.8\n", (117.1, 36.8), &[]);
    check("点号,X,Y\n1,4073681.924,39491713.073\n", (39_491_713.073, 4_073_681.924), &[("x-is-north", 0)]);
    check("点号,X坐标(北),Y坐标(东)\n1,4073681.924,39491713.073\n", (39_491_713.073, 4_073_681.924), &[]);
    check("x,y\n39491713.073,4073681.924\n", (39_491_713.073, 4_073_681.924), &[]);
    check("名称,东经,北纬\n甲,117°30′36″,36°48′00″\n", (117.51, 36.8), &[]);
    check(
        "名称,经度,纬度\n甲,117.1,36.8\n乙,,\n合计,117,36\n",
        (117.1, 36.8),
        &[("no-coordinate", 3), ("total", 4), ("null-geometry", 3)],
    );
    // A table that merely has such names.
    assert_eq!(csv("X,Y\n甲,乙\n丙,丁\n").layers[0].kind, GeometryKind::None);
}

#[test]
fn polygons_come_from_wkt_and_from_numbered_points() {
    let opened = csv(
        "BSM,wkt\n0001,\"POLYGON((39500000 4060000,39500100 4060000,39500100 4060100,39500000 4060000))\"\n2,坏\n3,\n4,POINT(39500000 4060000)\n",
    );
    let shown: Vec<_> =
        opened.layers.iter().map(|layer| (layer.kind, layer.feature_count(), layer.crs.code())).collect();
    assert_eq!(shown, [(GeometryKind::Polygon, 3, "EPSG:4527"), (GeometryKind::Point, 1, "EPSG:4527")]);
    assert_eq!(kinds(&opened)[0], ("wkt-bad".to_owned(), 3));
    let with_srid = csv("id,geom\n1,SRID=4490;POINT(117 36)\n");
    assert_eq!(with_srid.layers[0].crs.code(), "EPSG:4490");
    let corners = "地块编号,用途,点号,X,Y,边长\n\
        A01,工业,J1,4060100,39500000,100\n,,J2,4060100,39500100,100\n,,J3,4060000,39500100,100\n,,J4,4060000,39500000,100\n,,J1,4060100,39500000,\n\
        A02,住宅,J1,4060100,39500200,100\n,,J2,4060100,39500300,100\n,,J3,4060000,39500300,100\n";
    let opened = csv(corners);
    let layer = &opened.layers[0];
    assert_eq!((layer.kind, layer.feature_count(), layer.crs.code()), (GeometryKind::Polygon, 2, "EPSG:4527"));
    assert_eq!((row(layer, 0), row(layer, 1)), ("地块编号=A01 用途=工业".into(), "地块编号=A02 用途=住宅".into()));
    assert_eq!(layer.line(1), Some(7));
    assert_eq!(kinds(&opened), [("x-is-north".into(), 0), ("of-points".into(), 2), ("txt-open-ring".into(), 7)]);
}

#[test]
fn points_that_come_back_to_the_first_are_one_plot() {
    let ring = "J1,4060200,39500000,100\nJ2,4060200,39500100,200\nJ3,4060000,39500100,100\nJ4,4060000,39500000,200\n\
                J1,4060200,39500000,\n";
    let hole = "J5,4060110,39500040,20\nJ6,4060110,39500060,20\nJ7,4060090,39500060,20\nJ8,4060090,39500040,20\n\
                J5,4060110,39500040,\n";
    let opened = csv(&format!("界址点成果表,,,\n点号,X,Y,边长\n{ring}{hole}制表：甲,,,\n"));
    let layer = &opened.layers[0];
    assert_eq!((layer.kind, layer.feature_count()), (GeometryKind::Polygon, 1));
    let polygon = layer.blocks[0].geometry.polygon(0);
    let rings: Vec<usize> = polygon.parts().map(|part| part.rings().count()).collect();
    assert_eq!(rings, [2]);
    let said = kinds(&opened);
    for kind in ["one-plot", "note", "x-is-north", "title"] {
        assert!(said.iter().any(|(said, _)| said == kind), "{kind}: {said:?}");
    }
    assert!(!said.iter().any(|(said, _)| said == "txt-joined-rings"), "{said:?}");
    // Tables below each other are plots of their own.
    let next = ring.replace("395", "396");
    let two = csv(&format!("点号,X,Y,边长\n{ring}乙地块界址点成果表,,,\n点号,X,Y,边长\n{next}"));
    assert_eq!((two.layers[0].kind, two.layers[0].feature_count()), (GeometryKind::Polygon, 2));
    assert!(kinds(&two).iter().all(|(said, _)| said != "no-coordinate"), "{:?}", kinds(&two));
    // Places that are named, of which one is listed twice, are no ring.
    let places = csv("序号,X,Y\n1,4060200,39500000\n2,4060200,39500100\n3,4060000,39500100\n4,4060200,39500000\n");
    assert_eq!(places.layers[0].kind, GeometryKind::Point);
    // Open, they are points.
    let open = csv("点号,X,Y\nJ1,4060200,39500000\nJ2,4060200,39500100\nJ3,4060000,39500100\n");
    assert_eq!(open.layers[0].kind, GeometryKind::Point);
}

#[test]
fn coordinates_without_headings_are_found_by_their_size() {
    let opened = csv("J1,4060200.5,39500000.25\nJ2,4060200,39500100\nJ3,4060000,39500100\n");
    let layer = &opened.layers[0];
    assert_eq!(layer.kind, GeometryKind::Point);
    let first = layer.blocks[0].geometry.points(0)[0];
    assert_eq!((first.x, first.y), (39_500_000.25, 4_060_200.5));
    // The letter of a column is no name of a coordinate.
    let letters = csv(
        "1,2,3,4,5,6,7,8,9,10,11,12,13,14\n2,3,4,5,6,7,8,9,10,11,12,13,14,15\n3,4,5,6,7,8,9,10,11,12,13,14,15,16\n",
    );
    assert_eq!(letters.layers[0].kind, GeometryKind::None);
}

#[test]
fn long_numbers_of_identifiers_are_told() {
    let opened = csv("BSM,面积\n3.70199E+17,12\n3.70199E+17,13\n");
    assert!(kinds(&opened).iter().any(|(kind, _)| kind == "long-number"), "{:?}", kinds(&opened));
    let kept = csv("BSM,面积\n370199211000000674,12\n370199211000000675,1.5e3\n");
    assert!(!kinds(&kept).iter().any(|(kind, _)| kind == "long-number"), "{:?}", kinds(&kept));
}

#[test]
fn ledgers_for_the_eye_are_understood() {
    let opened = csv("土地利用现状一览表,,,,\n图斑,地类,,面积,\n编号,编码,名称,公顷,亩\n0674,1207,道路,6.1623,92.43\n");
    assert_eq!(row(&opened.layers[0], 0), "编号=0674 编码=1207 名称=道路 公顷=6.1623 亩=92.43");
    assert_eq!(kinds(&opened)[..2], [("title".to_owned(), 0), ("two-headings".to_owned(), 0)]);
    let repeated = csv("a,a,\n1,2,3\n4,5,6\n");
    assert_eq!(row(&repeated.layers[0], 0), "a=1 a_2=2 C=3");
    assert_eq!(kinds(&repeated)[..2], [("unnamed".to_owned(), 0), ("repeated".to_owned(), 0)]);
    let bare = csv("1,x\n2,y\n");
    assert_eq!((bare.layers[0].feature_count(), row(&bare.layers[0], 0)), (2, "A=1 B=x".to_owned()));
    let gbk = encoding_rs::GBK.encode("名称,经度,纬度\n桑梓店,117.1,36.8\n").0.into_owned();
    let opened = self::opened(read_csv(&gbk, &Progress::new()).expect("reads")).remove(0);
    assert_eq!(
        (opened.encoding, row(&opened.layers[0], 0)),
        (Encoding::Gbk, "名称=桑梓店 经度=117.1 纬度=36.8".into())
    );
    let open = csv("a,b\n1,\"x\n2,y\n");
    assert_eq!(kinds(&open)[0].0, "open-quote");
    assert!(matches!(read_csv(b" \n", &Progress::new()), Err(ReadError::Empty)));
}

/// A workbook of one sheet with that content of `sheetData`.
fn workbook(rows: &str) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let mut add = |name: &str, text: &str| {
        archive.start_file(name, zip::write::SimpleFileOptions::default()).expect("starts");
        archive.write_all(text.as_bytes()).expect("writes");
    };
    let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    let relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    add(
        "[Content_Types].xml",
        r#"<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>"#,
    );
    add(
        "_rels/.rels",
        &format!(
            r#"<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="{relations}/officeDocument" Target="xl/workbook.xml"/></Relationships>"#
        ),
    );
    add(
        "xl/workbook.xml",
        &format!(
            r#"<?xml version="1.0"?><workbook xmlns="{main}" xmlns:r="{relations}"><sheets><sheet name="图斑" sheetId="1" r:id="rId1"/></sheets></workbook>"#
        ),
    );
    add(
        "xl/_rels/workbook.xml.rels",
        &format!(
            r#"<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="{relations}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#
        ),
    );
    add(
        "xl/worksheets/sheet1.xml",
        &format!(r#"<?xml version="1.0"?><worksheet xmlns="{main}"><sheetData>{rows}</sheetData></worksheet>"#),
    );
    archive.finish().expect("ends").into_inner()
}

fn text_cell(place: &str, text: &str) -> String {
    format!(r#"<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c>"#)
}

#[test]
fn cells_of_a_workbook_keep_their_types() {
    let rows = format!(
        r#"<row r="1">{}{}{}{}</row><row r="2">{}<c r="B2"><v>701</v></c><c r="C2"><v>12.5</v></c><c r="D2"><f>C2*15</f></c></row><row r="4">{}<c r="B4"><v>1207</v></c><c r="C4" t="e"><v>#N/A</v></c></row>"#,
        text_cell("A1", "标识码"),
        text_cell("B1", "地类编码"),
        text_cell("C1", "面积"),
        text_cell("D1", "亩"),
        text_cell("A2", "370199211000000674"),
        text_cell("A4", "0002"),
    );
    let opened = opened(read_xlsx(&workbook(&rows), &Progress::new()).expect("reads")).remove(0);
    let layer = &opened.layers[0];
    assert_eq!((layer.name.as_str(), layer.kind, layer.line(1)), ("图斑", GeometryKind::None, Some(4)));
    assert_eq!(row(layer, 0), "标识码=370199211000000674 地类编码=701 面积=12.5 亩=");
    let found = kinds(&opened);
    for expected in [("faults", 4), ("formulas", 2), ("lost-zero", 0)] {
        assert!(found.contains(&(expected.0.to_owned(), expected.1)), "{expected:?} in {found:?}");
    }
}

#[test]
fn hostile_workbooks_are_refused() {
    let far =
        format!(r#"<row r="1">{}</row><row r="1048576">{}</row>"#, text_cell("A1", "a"), text_cell("XFD1048576", "b"));
    let opened = opened(read_xlsx(&workbook(&far), &Progress::new()).expect("reads")).remove(0);
    assert!(opened.layers[0].feature_count() <= 2, "one cell far away costs one cell");
    let bomb = workbook(&" ".repeat(200 << 20));
    let refused = read_xlsx(&bomb, &Progress::new());
    assert!(matches!(refused, Err(ReadError::Format(message)) if message.key == "io.zip-bomb"));
    assert!(matches!(
        read_xls(&[0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1], &Progress::new()),
        Err(ReadError::Format(_))
    ));
    assert!(matches!(read_xlsx(b"PK\x03\x04", &Progress::new()), Err(ReadError::Format(_))));
}

/// An ODS workbook with that content of its one table.
fn ods(rows: &str) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    archive.start_file("content.xml", zip::write::SimpleFileOptions::default()).expect("starts");
    let text = format!(
        r#"<?xml version="1.0"?><office:document-content xmlns:office="o" xmlns:table="t" xmlns:text="x"><office:body><office:spreadsheet><table:table table:name="表">{rows}</table:table></office:spreadsheet></office:body></office:document-content>"#
    );
    archive.write_all(text.as_bytes()).expect("writes");
    archive.finish().expect("ends").into_inner()
}

#[test]
fn repeated_cells_of_ods_cost_what_they_hold() {
    let cell = |text: &str| {
        format!(r#"<table:table-cell office:value-type="string"><text:p>{text}</text:p></table:table-cell>"#)
    };
    let number =
        r#"<table:table-cell office:value-type="float" office:value="3"><text:p>3</text:p></table:table-cell>"#;
    let rows = format!(
        r#"<table:table-row>{}{}</table:table-row><table:table-row table:number-rows-repeated="3">{}{number}<table:table-cell table:number-columns-repeated="16000"/></table:table-row><table:table-row table:number-rows-repeated="1048000"><table:table-cell table:number-columns-repeated="16384"/></table:table-row>"#,
        cell("名称"),
        cell("数"),
        cell("甲 &amp; 乙"),
    );
    let opened = opened(read_ods(&ods(&rows), &Progress::new()).expect("reads")).remove(0);
    assert_eq!((opened.layers[0].feature_count(), row(&opened.layers[0], 2)), (3, "名称=甲 & 乙 数=3".to_owned()));
    let bomb = r#"<table:table-row table:number-rows-repeated="1048576"><table:table-cell office:value-type="string" table:number-columns-repeated="16000"><text:p>a</text:p></table:table-cell></table:table-row>"#;
    assert!(
        matches!(read_ods(&ods(bomb), &Progress::new()), Err(ReadError::Format(message)) if message.key == "io.table-too-large")
    );
}

#[test]
fn what_is_written_is_read_again() {
    let first = csv(
        "BSM,面积,wkt\n0001,1.5,\"POLYGON((39500000.123 4060000,39500100 4060000,39500100 4060100,39500000.123 4060000))\"\n370199211000000674,2,\"MULTIPOLYGON(((0 0,1 0,1 1,0 0)),((5 5,6 5,6 6,5 5),(5.2 5.1,5.8 5.1,5.8 5.7,5.2 5.1)))\"\n003,3,\n",
    );
    let layer = &first.layers[0];
    let (mut text, mut book) = (Vec::new(), Vec::new());
    write_csv(layer, None, &mut text).expect("writes");
    write_xlsx(layer, None, &mut book).expect("writes");
    assert!(xlsx_losses(layer, None).is_empty());
    let essence = |layer: &Layer| {
        let geometry = |at: usize| {
            let (block, row) = layer.locate(at);
            write::wkt_of(&block.geometry, row)
        };
        let shown = |at: usize| format!("{} {} {}", layer.value(at, 0), layer.value(at, 1), geometry(at));
        (0..layer.feature_count()).map(shown).collect::<Vec<_>>()
    };
    let from_text = opened(read_csv(&text, &Progress::new()).expect("reads")).remove(0);
    let from_book = opened(read_xlsx(&book, &Progress::new()).expect("reads")).remove(0);
    assert_eq!(essence(&from_text.layers[0]), essence(layer));
    assert_eq!(essence(&from_book.layers[0]), essence(layer));
}

#[test]
fn a_workbook_that_overstates_its_texts_is_refused_before_room_is_made_for_them() {
    let with_texts = |count: &str| {
        let book = std::io::Cursor::new(workbook(r#"<row r="1"><c r="A1"><v>701</v></c></row>"#));
        let mut archive = zip::ZipWriter::new_append(book).expect("an archive");
        archive.start_file("xl/sharedStrings.xml", zip::write::SimpleFileOptions::default()).expect("starts");
        let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
        let text =
            format!(r#"<?xml version="1.0"?><sst xmlns="{main}" uniqueCount="{count}"><si><t>甲</t></si></sst>"#);
        archive.write_all(text.as_bytes()).expect("writes");
        archive.finish().expect("ends").into_inner()
    };
    for count in ["99999999999", "99999999999999999999999"] {
        let refused = read_xlsx(&with_texts(count), &Progress::new());
        assert!(matches!(refused, Err(ReadError::Format(message)) if message.key == "io.table-too-large"), "{count}");
    }
    assert!(read_xlsx(&with_texts("1"), &Progress::new()).is_ok());
}

#[test]
fn damaged_tables_end() {
    let text = "地块编号,用途,点号,X,Y\nA01,工业,J1,4060100,39500000\n,,J2,4060100,39500100\n,,J3,4060000,39500100\nA02,住,J1,4060100,39500200\n,,J2,4060100,39500300\n,,J3,4060000,39500300\n";
    let wkt = "BSM,wkt\n0001,\"POLYGON((0 0,1 0,1 1,0 0),(0 0,1 0,1 1,0 0))\"\n2,\"MULTIPOINT Z((1 2 3),(2 3 4))\"\n3,GEOMETRYCOLLECTION(POINT(1 2))\n";
    let seeds: Vec<Vec<u8>> = vec![
        text.into(),
        wkt.into(),
        encoding_rs::GBK.encode("一览表\n名称，经度，纬度\n甲，117，36\n").0.into_owned(),
    ];
    super::super::tests::damaged(&seeds, |bytes| {
        if let Ok(raw) = read_csv(bytes, &Progress::new()) {
            for raw in raw {
                let _ = assemble(raw, provenance("a.csv"), None, &OpenOptions::default());
            }
        }
    });
    let rows = format!(r#"<row r="1">{}</row><row r="2"><c r="A2"><v>701</v></c></row>"#, text_cell("A1", "标识码"));
    let book = workbook(&rows);
    super::super::tests::damaged(&[book], |bytes| drop(read_xlsx(bytes, &Progress::new())));
    let sheet =
        ods(r#"<table:table-row><table:table-cell office:value-type="float" office:value="3"/></table:table-row>"#);
    super::super::tests::damaged(&[sheet], |bytes| drop(read_ods(bytes, &Progress::new())));
    let html =
        "<table><tr><td colspan=2>a&amp;b&#x7532;</td></tr><!-- --><tr><td index='3'>1<script>x</script></table>";
    let html = html.as_bytes().to_vec();
    super::super::tests::damaged(&[html], |bytes| drop(page::tables(&String::from_utf8_lossy(bytes))));
}

/// The samples of the outside cases against what they must come to, and damaged.
#[test]
fn samples_of_spreadsheets_come_out_as_their_authors_say() {
    let Some(shared) = std::env::var_os("TUBAN_SHARED").map(PathBuf::from) else {
        println!("SKIPPED: tables: TUBAN_SHARED is not set");
        return;
    };
    let mut ran = 0;
    let mut old = Vec::new();
    for folder in ["csv", "xlsx"] {
        let folder = shared.join("data/formats").join(folder);
        let text = std::fs::read_to_string(folder.join("expected.json")).expect("the answers");
        let sets: Vec<serde_json::Value> = serde_json::from_str(&text).expect("JSON");
        for set in &sets {
            let name = set["file"].as_str().expect("a name");
            let bytes = std::fs::read(folder.join(name)).expect("the file");
            let read = match name.rsplit('.').next() {
                Some("xlsx" | "xlsb") => read_xlsx(&bytes, &Progress::new()),
                Some("xls") => read_xls(&bytes, &Progress::new()),
                Some("ods") => read_ods(&bytes, &Progress::new()),
                _ => read_csv(&bytes, &Progress::new()),
            };
            ran += 1;
            if name.ends_with(".xls") {
                old.push(bytes);
            }
            let raw = match read {
                Ok(raw) => raw,
                Err(error) => {
                    println!("{name}: {}", error.message().text(crate::text::Language::Chinese));
                    let nothing = set["layers"].as_array().is_some_and(Vec::is_empty);
                    assert!(nothing || set["readers"]["error"].is_string(), "{name}: {error}");
                    continue;
                }
            };
            let opened = opened(raw);
            for one in &opened {
                for layer in &one.layers {
                    println!(
                        "{name}: {} {:?} {} | {} | {:?}",
                        layer.name,
                        layer.kind,
                        layer.feature_count(),
                        if layer.feature_count() > 0 {
                            row(layer, 0).chars().take(120).collect()
                        } else {
                            String::new()
                        },
                        kinds(one)
                    );
                }
            }
            let Some(expected) = set["layers"].get(0) else { continue };
            let layer = &opened[0].layers[0];
            assert_eq!(layer.feature_count() as u64, expected["feature_count"].as_u64().expect("a count"), "{name}");
            for (field, value) in expected["sample"].as_object().expect("a row") {
                let found = layer.value(0, layer.field(field).unwrap_or_else(|| panic!("{name}: {field}"))).to_string();
                let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                // Formulas without a saved result have no value; long texts are cut in the answers.
                assert!(
                    value.starts_with('=') || found == value || found.starts_with(&value),
                    "{name}: {field} {found} {value}"
                );
            }
            if let Some(bounds) = expected["bounds"].as_array() {
                let extent = layer.extent();
                for (found, right) in [extent.min.x, extent.min.y, extent.max.x, extent.max.y].into_iter().zip(bounds) {
                    assert!((found - right.as_f64().expect("a number")).abs() < 1e-6, "{name}: {found} {right}");
                }
            }
            if expected["crs"].as_str().is_some_and(|crs| crs.starts_with("EPSG:4527")) {
                assert_eq!(layer.crs.code(), "EPSG:4527", "{name}");
            }
        }
    }
    println!("ran {ran} cases, skipped 0");
    super::super::tests::damaged(&old, |bytes| drop(read_xls(bytes, &Progress::new())));
}

#[test]
fn a_table_in_text_under_the_name_of_a_workbook_is_read() {
    let text = encoding_rs::GBK.encode("编号\t地类\n0001\t0101\n").0.into_owned();
    let opened = crate::io::open_bytes("台账.xls", text, &OpenOptions::default(), &Progress::new()).expect("opens");
    assert_eq!(row(&opened.layers[0], 0), "编号=0001 地类=0101");
    assert!(kinds(&opened).iter().any(|(kind, _)| kind == "text-as-workbook"));
    let page = "<html><meta charset=gb2312><body><table><tr><td>编号</td><td>面积</td></tr><tr><td>0001</td><td>12.5</td></tr></table>";
    let page = encoding_rs::GBK.encode(page).0.into_owned();
    let opened = crate::io::open_bytes("台账.xls", page, &OpenOptions::default(), &Progress::new()).expect("opens");
    assert_eq!(row(&opened.layers[0], 0), "编号=0001 面积=12.5");
    assert_eq!(opened.layers[0].fields[1].kind, FieldType::Float);
    assert!(kinds(&opened).iter().any(|(kind, _)| kind == "page"));
    let none = crate::io::open_bytes("a.xls", b"no table".to_vec(), &OpenOptions::default(), &Progress::new());
    assert!(none.is_err());
    // Big5, which reads as GBK but not as words.
    let big5 = encoding_rs::BIG5.encode("編號,名稱\n1,臺灣省國語地圖測試資料\n").0.into_owned();
    let opened = crate::io::open_bytes("a.csv", big5, &OpenOptions::default(), &Progress::new()).expect("opens");
    assert_eq!(row(&opened.layers[0], 0), "編號=1 名稱=臺灣省國語地圖測試資料");
}
