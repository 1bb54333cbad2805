use super::*;
use crate::report::{Cell, Column, ColumnKind};
use crate::units::{Area, AreaUnit};

const SHEET: &str = "<?xml version=\"1.0\"?><worksheet><sheetData><row r=\"1\"><c r=\"A1\" t=\"s\"><v>0</v></c>\
    <c r=\"B1\" s=\"7\" t=\"s\"><v>1</v></c><c r=\"C1\"><f>B1*2</f><v>0</v></c><c r=\"D1\" t=\"s\"><v>2</v></c>\
    <c r=\"E1\" t=\"inlineStr\"><is><t>合计 {{balance.total.base}} 亩</t></is></c></row></sheetData></worksheet>";
const STRINGS: &str = "<sst><si><t>{{title}}</t></si><si><r><t>{{balance.0101.</t></r><r><t>base}}</t></r></si>\
    <si><t>不动 &amp; 照旧</t></si></sst>";

fn book(sheet: &str) -> Vec<u8> {
    zipped(&[
        ("[Content_Types].xml", "<Types/>"),
        ("xl/sharedStrings.xml", STRINGS),
        ("xl/worksheets/sheet1.xml", sheet),
        ("xl/media/image1.png", "\u{1}\u{2}"),
    ])
}

fn zipped(parts: &[(&str, &str)]) -> Vec<u8> {
    let mut out = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in parts {
        out.start_file(*name, SimpleFileOptions::default()).expect("starts");
        out.write_all(text.as_bytes()).expect("writes");
    }
    out.finish().expect("finishes").into_inner()
}

fn values() -> Values {
    let mut table = Table {
        columns: vec![
            Column::new("class", "地类", ColumnKind::Text),
            Column::new("base", "基期", ColumnKind::Area(AreaUnit::Mu)),
        ],
        rows: vec![vec![Cell::from("0101 水田"), Cell::from(Area::of(1234.5, AreaUnit::Mu))]],
        ..Table::default()
    };
    table.add_total("合计");
    let mut values = Values::default();
    values.word("title", "甲<乙>");
    values.table("balance", table);
    values
}

fn text_of(book: &[u8], name: &str) -> String {
    let mut archive = ZipArchive::new(Cursor::new(book)).expect("a zip");
    let mut text = String::new();
    archive.by_name(name).expect("is there").read_to_string(&mut text).expect("UTF-8");
    text
}

#[test]
fn placeholders_are_filled_and_everything_else_stays_byte_for_byte() {
    let template = book(SHEET);
    let filled = fill(&template, &values()).expect("fills");
    assert_eq!(filled.cell_count, 3);
    let sheet = text_of(&filled.bytes, "xl/worksheets/sheet1.xml");
    let expected = SHEET
        .replace(
            "<c r=\"A1\" t=\"s\"><v>0</v></c>",
            "<c r=\"A1\" t=\"inlineStr\"><is><t xml:space=\"preserve\">甲&lt;乙&gt;</t></is></c>",
        )
        .replace("<c r=\"B1\" s=\"7\" t=\"s\"><v>1</v></c>", "<c r=\"B1\" s=\"7\"><v>1234.50</v></c>")
        .replace("<f>B1*2</f><v>0</v>", "<f>B1*2</f>")
        .replace(
            "<is><t>合计 {{balance.total.base}} 亩</t></is>",
            "<is><t xml:space=\"preserve\">合计 1,234.50 亩</t></is>",
        );
    assert_eq!(sheet, expected);
    for name in ["[Content_Types].xml", "xl/sharedStrings.xml", "xl/media/image1.png"] {
        assert_eq!(text_of(&filled.bytes, name), text_of(&template, name), "{name}");
    }
}

#[test]
fn sheets_that_look_at_a_filled_one_lose_their_old_results_and_no_others_do() {
    let sheet = |formula: &str| {
        format!(
            "<worksheet><sheetData><row r=\"1\"><c r=\"A1\"><f>{formula}</f><v>7</v></c></row></sheetData></worksheet>"
        )
    };
    let book = "<workbook xmlns:r=\"x\"><sheets><sheet name=\"填报\" sheetId=\"1\" r:id=\"rId1\"/>\
        <sheet name=\"汇总 表\" sheetId=\"2\" r:id=\"rId2\"/><sheet name=\"首页\" sheetId=\"3\" r:id=\"rId3\"/>\
        <sheet name=\"独立\" sheetId=\"4\" r:id=\"rId4\"/></sheets><calcPr calcId=\"191029\"/></workbook>";
    let link = |nth: usize| format!("<Relationship Id=\"rId{nth}\" Target=\"worksheets/sheet{nth}.xml\"/>");
    let links = format!("<Relationships>{}</Relationships>", (1..=4).map(link).collect::<String>());
    let (second, third, fourth) = (sheet("填报!B1*2"), sheet("&apos;汇总 表&apos;!A1+1"), sheet("1+1"));
    let template = zipped(&[
        ("xl/workbook.xml", book),
        ("xl/_rels/workbook.xml.rels", links.as_str()),
        ("xl/sharedStrings.xml", STRINGS),
        ("xl/worksheets/sheet1.xml", SHEET),
        ("xl/worksheets/sheet2.xml", second.as_str()),
        ("xl/worksheets/sheet3.xml", third.as_str()),
        ("xl/worksheets/sheet4.xml", fourth.as_str()),
    ]);
    let filled = fill(&template, &values()).expect("fills").bytes;
    for nth in [2, 3] {
        let text = text_of(&filled, &format!("xl/worksheets/sheet{nth}.xml"));
        assert!(!text.contains("<v>") && text.contains("<f>"), "{nth}: {text}");
    }
    // Nothing that was filled reaches it: it stays byte for byte.
    assert_eq!(text_of(&filled, "xl/worksheets/sheet4.xml"), fourth);
    let book = text_of(&filled, "xl/workbook.xml");
    assert!(book.contains("<calcPr calcId=\"191029\" fullCalcOnLoad=\"1\"/>"), "{book}");
}

#[test]
fn what_stands_for_nothing_is_named_with_its_cell() {
    let sheet = SHEET.replace("balance.total.base", "balance.9999.base");
    let error = fill(&book(&sheet), &values()).expect_err("is unknown");
    assert_eq!(error, FillError::Unknown(vec!["sheet1!E1 {{balance.9999.base}}".to_owned()]));
    assert_eq!(fill(&book("<worksheet/>"), &values()), Err(FillError::Nothing));
    assert!(matches!(fill(b"no zip", &values()), Err(FillError::NotAWorkbook(_))));
    for cut in 0..book(SHEET).len() {
        // No panic on any part of a file.
        let _ = fill(&book(SHEET)[..cut], &values());
    }
    assert!(values().names().contains(&"balance.….base".to_owned()));
}
