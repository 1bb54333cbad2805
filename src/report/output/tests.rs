use std::io::Cursor;

use calamine::{Data, Reader, Xlsx};

use super::*;
use crate::report::{Cell, Column, ColumnKind, Origin, Part, Table};
use crate::text::Language::{Chinese, English};
use crate::units::{Area, AreaUnit};

fn table() -> Table {
    let mut table = Table {
        title: "A/B: 面积".to_owned(),
        columns: vec![
            Column::new("key", "地类", ColumnKind::Text),
            Column::new("n", "个数", ColumnKind::Count),
            Column::new("mu", "面积", ColumnKind::Area(AreaUnit::Mu)),
            Column::new("share", "占比", ColumnKind::Share),
        ],
        rows: [("0101", 1, 1000.0), ("=1+1", 2, 1000.0), ("", 3, 1000.0)]
            .map(|(key, count, m2)| {
                vec![Cell::from(key), Cell::Count(count), Cell::Area(Area::from_m2(m2)), Cell::Number(1.0 / 3.0)]
            })
            .to_vec(),
        notes: vec!["注".to_owned()],
        ..Table::default()
    };
    table.add_total("合计");
    table
}

fn sheets(bytes: Vec<u8>) -> Vec<(String, Vec<Vec<Data>>)> {
    let mut book = Xlsx::new(Cursor::new(bytes)).expect("a workbook");
    let sheets = book.worksheets();
    sheets.into_iter().map(|(name, range)| (name, range.rows().map(<[Data]>::to_vec).collect())).collect()
}

#[test]
fn a_workbook_holds_numbers_and_its_columns_add_up() {
    let origin = Origin {
        path: "a.shp".to_owned(),
        layer: "a".to_owned(),
        crs: "EPSG:4527".to_owned(),
        crs_reason: "said".to_owned(),
        feature_count: 6,
        hash: "00ff".to_owned(),
    };
    let report = Report::of_sheets(vec![table(), table()], vec![origin]);
    let sheets = sheets(bytes(&report, Format::Xlsx, Chinese).expect("fits"));
    let names: Vec<&str> = sheets.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["A B 面积", "A B 面积 2", "来源"]);
    let rows = &sheets[0].1;
    let text = |text: &str| Data::String(text.to_owned());
    assert_eq!(rows[0], [text("地类"), text("个数"), text("面积（亩）"), text("占比（%）")]);
    // A code is a text, a formula is one too.
    assert_eq!((&rows[1][0], &rows[2][0], &rows[3][0]), (&text("0101"), &text("=1+1"), &Data::Empty));
    let number = |row: usize, column: usize| match rows[row][column] {
        Data::Float(value) => value,
        Data::Int(value) => value as f64,
        ref other => panic!("no number: {other:?}"),
    };
    for (column, total) in [(1, 6.0), (2, 4.5), (3, 100.0)] {
        let sum: f64 = (1..=3).map(|row| number(row, column)).sum();
        assert!((sum - total).abs() < 1e-9 && (number(4, column) - total).abs() < 1e-9, "{column}: {sum}");
    }
    assert_eq!(rows[6][0], text("A/B: 面积"));
    assert_eq!(rows[7][0], text("注"));
    assert_eq!(sheets[2].1[1][3], text("said"));
}

#[test]
fn a_form_begins_with_its_title_and_its_sums_begin_below_its_headings() {
    let area = |key: &str, title: &str| {
        Column::new(key, title, ColumnKind::Area(AreaUnit::Mu)).under("耕地（01）").why("why.f-wide")
    };
    let mut form = Table {
        title: "分类面积汇总表".to_owned(),
        columns: vec![Column::new("name", "名称", ColumnKind::Text), area("sum", "合计"), area("paddy", "水田")],
        rows: ["甲", "乙"]
            .map(|name| vec![Cell::from(name), Cell::from(Area::from_m2(2000.0)), Cell::from(Area::from_m2(1000.0))])
            .to_vec(),
        ..Table::default()
    };
    form.add_total("合计");
    let book = bytes(&Report::of_sheets(vec![form], Vec::new()), Format::Xlsx, Chinese).expect("fits");
    let mut archive = zip::ZipArchive::new(Cursor::new(&book)).expect("a zip");
    let mut text_of = |name: &str| {
        let mut text = String::new();
        std::io::Read::read_to_string(&mut archive.by_name(name).expect("is there"), &mut text).expect("UTF-8");
        text
    };
    let sheet = text_of("xl/worksheets/sheet1.xml");
    for wanted in
        ["<mergeCell ref=\"A1:C1\"/>", "<mergeCell ref=\"A2:A3\"/>", "<mergeCell ref=\"B2:C2\"/>", "SUM(B4:B5)"]
    {
        assert!(sheet.contains(wanted), "{wanted}: {sheet}");
    }
    assert!(text_of("xl/comments1.xml").contains("该行政区该地类各图斑面积之和"), "notes behind the headings");
    let rows = &sheets(book.clone())[0].1;
    let text = |text: &str| Data::String(text.to_owned());
    assert_eq!(
        (&rows[0][0], &rows[1][1], &rows[2][2]),
        (&text("分类面积汇总表"), &text("耕地（01）"), &text("水田（亩）"))
    );
    assert_eq!((&rows[5][0], rows[5][1].to_string().as_str()), (&text("合计"), "6"));
}

#[test]
fn figures_that_were_moved_say_so_behind_their_cell() {
    let third = Area::from_m2(10_000.0 / 3.0);
    let mut table = Table {
        columns: vec![
            Column::new("name", "名称", ColumnKind::Text),
            Column::new("ha", "面积", ColumnKind::Area(AreaUnit::Hectare)).why("why.f-group"),
        ],
        rows: ["甲", "乙", "丙"].map(|name| vec![Cell::from(name), Cell::from(third)]).to_vec(),
        ..Table::default()
    };
    table.add_total("合计");
    let book = bytes(&Report::of_sheets(vec![table], Vec::new()), Format::Xlsx, Chinese).expect("fits");
    let mut archive = zip::ZipArchive::new(Cursor::new(&book)).expect("a zip");
    let mut notes = String::new();
    let part = &mut archive.by_name("xl/comments1.xml").expect("has notes");
    std::io::Read::read_to_string(part, &mut notes).expect("UTF-8");
    // One behind the heading, one behind the figure that became 0.3334.
    assert_eq!(notes.matches("<comment ").count(), 2, "{notes}");
    assert!(notes.contains("末位调整 +0.0001"), "{notes}");
}

#[test]
fn a_report_without_tables_is_a_workbook_all_the_same() {
    let sheets = sheets(bytes(&Report::default(), Format::Xlsx, English).expect("fits"));
    assert_eq!(sheets.len(), 1);
    assert_eq!(sheets[0].0, "Sources");
}

#[test]
fn the_ending_of_a_file_names_the_format() {
    let check = |name: &str, expected: Option<Format>| assert_eq!(Format::of_path(Path::new(name)), expected, "{name}");
    check("a.xlsx", Some(Format::Xlsx));
    check("a.b.CSV", Some(Format::Csv));
    check("a.json", Some(Format::Json));
    check("a.txt", None);
    check("xlsx", None);
}

#[test]
fn parts_stand_one_after_the_other() {
    let mut report = Report::of_tables(vec![table(), table()]);
    report.parts.insert(0, Part::Line("\u{1b}[2J".to_owned()));
    let text = String::from_utf8(bytes(&report, Format::Text, Chinese).expect("text")).expect("UTF-8");
    let one = to_text(&table(), Chinese);
    assert_eq!(text, format!("\\u{{1b}}[2J\n{one}\n{one}"));
}
