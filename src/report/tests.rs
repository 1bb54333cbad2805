use proptest::prelude::*;

use super::*;
use crate::text::Language::{Chinese, English};
use crate::text::Message;
use crate::units::{Area, AreaUnit};

fn by_class(rows: &[(&str, &str, u64, f64)]) -> Table {
    let total: f64 = rows.iter().map(|row| row.3).sum();
    let mut table = Table {
        title: "分类面积".to_owned(),
        adjusted_count: 0,
        left_out: 0,
        columns: vec![
            Column::new("key", "地类", ColumnKind::Text),
            Column::new("name", "名称", ColumnKind::Text),
            Column::new("feature_count", "图斑数", ColumnKind::Count),
            Column::new("mu", "面积", ColumnKind::Area(AreaUnit::Mu)),
            Column::new("share", "占比", ColumnKind::Share),
        ],
        rows: rows
            .iter()
            .map(|(code, name, count, m2)| {
                vec![
                    Cell::from(*code),
                    Cell::from(*name),
                    Cell::Count(*count),
                    Cell::Area(Area::from_m2(*m2)),
                    Cell::Number(m2 / total),
                ]
            })
            .collect(),
        total: None,
        notes: vec!["方法：调查椭球面积".to_owned()],
    };
    table.add_total("合计");
    table
}

#[test]
fn text_is_aligned_with_chinese_counted_double() {
    let table = by_class(&[("0701", "城镇住宅用地", 1204, 1_000_000.0), ("17", "陆地水域", 3, 2_000_000.0)]);
    let expected = "\
分类面积
地类  名称          图斑数  面积（亩）  占比（%）
-------------------------------------------------
0701  城镇住宅用地   1,204    1,500.00      33.33
17    陆地水域           3    3,000.00      66.67
-------------------------------------------------
合计                 1,207    4,500.00     100.00
方法：调查椭球面积
";
    assert_eq!(to_text(&table, Chinese), expected);
}

#[test]
fn rows_that_would_not_add_up_are_balanced_and_say_so() {
    let table = by_class(&[("a", "", 1, 100.0), ("b", "", 1, 100.0), ("c", "", 1, 100.0)]);
    let text = to_text(&table, English);
    // 100 m² are 0.15 mu, no rounding there; a third of 100 % is 33.33 three times.
    assert!(text.contains("33.34") && text.contains("100.00"), "{text}");
    let note = Message::new("report.balanced").with("count", 1).text(English);
    assert!(text.ends_with(&format!("{note}\n")), "{text}");
}

#[test]
fn a_total_of_its_own_is_left_alone() {
    let mut table = by_class(&[("a", "", 1, 1e6), ("b", "", 1, 2e6)]);
    if let Some(total) = &mut table.total {
        total[3] = Cell::Area(Area::from_m2(2.5e6));
    }
    let figures = table.figures();
    assert_eq!((figures.shown(2, 3).as_str(), figures.adjusted_count), ("3,750.00", 0));
}

#[test]
fn csv_starts_with_a_byte_order_mark_and_holds_plain_numbers() {
    let table = by_class(&[("0701", "城镇, \"住宅\"", 1204, 1_000_000.0)]);
    let csv = String::from_utf8(to_csv(&table, Chinese)).expect("UTF-8");
    let expected = "\u{feff}地类,名称,图斑数,面积（亩）,占比（%）\r\n\
                    \"=\"\"0701\"\"\",\"城镇, \"\"住宅\"\"\",1204,1500.00,100.00\r\n\
                    合计,,1204,1500.00,100.00\r\n\
                    \"\"\r\n\
                    方法：调查椭球面积\r\n";
    assert_eq!(csv, expected);
}

#[test]
fn tsv_keeps_cells_apart() {
    let table = by_class(&[("0701", "a\tb\nc", 1, 1_000_000.0)]);
    let tsv = to_tsv(&table, Chinese);
    assert_eq!(tsv.lines().nth(1), Some("=\"0701\"\ta b c\t1\t1500.00\t100.00"));
}

#[test]
fn cells_arrive_in_spreadsheets_as_the_text_that_they_are() {
    let check = |text: &str, expected: &str| assert_eq!(as_spreadsheet_text(text), expected, "{text}");
    for text in ["水田", "0101 水田", "甲-乙", "1001", "12.5", "大桥街道", "", "-", "A1", "2号地", "1,5 亩"]
    {
        check(text, text);
    }
    check("=1+1", "=\"=1+1\"");
    check("=HYPERLINK(\"http://x\",\"y\")", "=\"=HYPERLINK(\"\"http://x\"\",\"\"y\"\")\"");
    for text in
        ["-2+3", "+86", "@SUM(A1)", "＝1+1", "3701050010010000001", "0370105", "1E5", "3-4", "2020/1/2", "12:30"]
    {
        check(text, &format!("=\"{text}\""));
    }
    for text in ["5%", "1/2", "TRUE", "12.50", "１２", "3月4日", "1,234", "2 MAR 2020", "4-Mar"] {
        check(text, &format!("=\"{text}\""));
    }
    let long = "1".repeat(600);
    assert_eq!(as_spreadsheet_text(&long).matches("\"&\"").count(), 2);
    // Codes of one column stay alike.
    let table = by_class(&[("0701", "a", 1, 1.0), ("1001", "b", 1, 2.0)]);
    let tsv = to_tsv(&table, Chinese);
    assert_eq!(
        tsv.lines().skip(1).map(|line| &line[..7]).collect::<Vec<_>>(),
        ["=\"0701\"", "=\"1001\"", &"合计\t\t2"[..7]]
    );
}

#[test]
fn json_is_not_rounded() {
    let table = by_class(&[("0701", "x", 2, 1.0), ("17", "y", 1, 2.0)]);
    let json = to_json(&table);
    assert_eq!(json[0]["key"], "0701");
    assert_eq!(json[0]["mu"], 0.0015);
    assert_eq!(json[0]["share"], 1.0 / 3.0);
    assert_eq!(json[1]["feature_count"], 1);
    assert_eq!(json.as_array().map(Vec::len), Some(2));
}

#[test]
fn a_column_of_small_km2_shows_six_decimals() {
    let mut table = by_class(&[("a", "", 1, 290_505.24), ("b", "", 1, 5_000.0)]);
    table.columns[3].kind = ColumnKind::Area(AreaUnit::SquareKilometre);
    let figures = table.figures();
    assert_eq!([figures.shown(0, 3), figures.shown(1, 3), figures.shown(2, 3)], ["0.290505", "0.005000", "0.295505"]);
}

#[test]
fn missing_and_wrong_cells_do_no_harm() {
    let mut table = by_class(&[("a", "", 1, 1e6)]);
    table.rows.push(vec![Cell::from("short")]);
    table.rows.push(vec![Cell::Number(f64::NAN); 5]);
    assert!(to_text(&table, Chinese).contains("short"));
    assert!(String::from_utf8(to_csv(&table, Chinese)).is_ok_and(|csv| !csv.contains("NaN")));
    assert!(to_json(&table)[2]["mu"].is_null());
    assert_eq!(to_text(&Table::default(), Chinese), "\n\n".to_owned());
}

#[test]
fn widths_of_characters() {
    let check = |text: &str, expected| assert_eq!(display_width(text), expected, "{text}");
    check("abc", 3);
    check("图斑", 4);
    check("km²", 3);
    check("（亩）", 6);
    check("e\u{301}", 1);
    check("", 0);
}

proptest! {
    #[test]
    fn shown_rows_add_up_to_the_shown_total(values in prop::collection::vec(0.0..1e9f64, 1..40)) {
        let rows: Vec<_> = values.iter().map(|value| ("x", "", 1, *value)).collect();
        let figures = by_class(&rows).figures();
        for column in [3, 4] {
            let cents = |row: usize| figures.plain(row, column).replace('.', "").parse::<i64>().expect("digits");
            let sum: i64 = (0..values.len()).map(cents).sum();
            prop_assert_eq!(sum, cents(values.len()));
        }
    }
}
