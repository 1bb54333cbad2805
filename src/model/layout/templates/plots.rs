//! The layouts of plots: 宗地图 on A4, 勘测定界图 on A3. Each page is about one plot, whose map takes the round scale at which it is
//! seen with what lies around it.

use super::{NEAT_LINE_MM, Sheet, layout};
use crate::model::layout::{
    Align, BlockItem, GridStyle, ItemStyle, Layout, LegendItem, MapItem, OfMap, Page, Paper, Shows, TableItem, TableOf,
};
use crate::text::{Language, tr};

/// What is said of a plot: key of the label and what is said.
const PLOT: [(&str, &str); 8] = [
    ("layout.plot", "{plot}"),
    ("layout.plot-number", "{plot-number}"),
    ("layout.plot-owner", "{plot-owner}"),
    ("layout.plot-seat", "{plot-seat}"),
    ("layout.class", "{plot-class}"),
    ("layout.plot-area", "{plot-area}"),
    ("layout.plot-mu", "{plot-mu}"),
    ("layout.plot-perimeter", "{plot-perimeter}"),
];
/// What is said of the sheet.
const SHEET: [(&str, &str); 8] = [
    ("layout.project", "{project}"),
    ("layout.plot-sheet", "{plot-sheet}"),
    ("layout.crs", "{crs}"),
    ("layout.heights", "{heights}"),
    ("layout.scale", "1 : {scale}"),
    ("layout.plot-points", "{plot-points}"),
    ("layout.made-by", "{unit}"),
    ("layout.made-on", "{date}"),
];

fn pt(size: f64) -> ItemStyle {
    ItemStyle { size_pt: size, ..ItemStyle::USUAL }
}

fn middle(size: f64) -> ItemStyle {
    ItemStyle { align: Align::Middle, bold: true, ..pt(size) }
}

impl Sheet {
    fn rows(&mut self, key: &str, frame: [f64; 4], rows: &[(&str, &str)]) {
        let rows = rows.iter().map(|(label, text)| [self.word(label), (*text).to_owned()]).collect();
        self.add(key, frame, ItemStyle { line_mm: 0.3, ..pt(8.0) }, Shows::Block(BlockItem { rows }));
    }

    fn table(&mut self, key: &str, frame: [f64; 4], map: &str, of: TableOf) {
        let table = TableItem { of, map: map.to_owned(), title: self.word(of.key()), ..TableItem::default() };
        self.add(key, frame, pt(7.0), Shows::Table(table));
    }

    fn plot_map(&mut self, frame: [f64; 4]) -> String {
        let map = MapItem { grid: GridStyle::Ticks, plot: true, ..MapItem::default() };
        self.add("layout.map", frame, ItemStyle { line_mm: NEAT_LINE_MM, ..pt(8.0) }, Shows::Map(map));
        self.word("layout.map")
    }
}

/// 宗地图.
pub(super) fn plot(language: Language) -> Layout {
    let mut sheet = Sheet { language, items: Vec::new() };
    let title = sheet.word("layout.plot-title");
    sheet.text("layout.title", [10.0, 10.0, 190.0, 12.0], middle(20.0), &title);
    let secrecy = ItemStyle { align: Align::Right, bold: true, ..pt(9.0) };
    sheet.text("layout.secrecy", [165.0, 10.0, 35.0, 7.0], secrecy, "{secrecy}");
    sheet.rows("layout.of-plot", [10.0, 25.0, 95.0, 42.0], &PLOT);
    sheet.rows("layout.block", [105.0, 25.0, 95.0, 42.0], &SHEET);
    let map = sheet.plot_map([10.0, 70.0, 190.0, 136.0]);
    let of_map = OfMap { map: map.clone() };
    sheet.add("layout.north", [181.0, 78.0, 11.0, 15.0], pt(9.0), Shows::North(of_map.clone()));
    sheet.table("layout.table-points", [10.0, 209.0, 110.0, 66.0], &map, TableOf::Points);
    sheet.table("layout.table-sides", [125.0, 209.0, 75.0, 40.0], &map, TableOf::Sides);
    sheet.add("layout.scale-bar", [125.0, 252.0, 50.0, 11.0], pt(7.5), Shows::ScaleBar(of_map));
    sheet.text("layout.scale", [125.0, 265.0, 75.0, 8.0], ItemStyle { bold: true, ..pt(10.0) }, "1 : {scale}");
    let signed = tr(language, "layout.plot-signed");
    sheet.text("layout.signed", [10.0, 278.0, 190.0, 9.0], pt(8.0), signed);
    layout(tr(language, "layout.template-plot"), Page::of(Paper::A4, false), sheet.items)
}

/// 勘测定界图.
pub(super) fn surveyed(language: Language) -> Layout {
    let mut sheet = Sheet { language, items: Vec::new() };
    let title = sheet.word("layout.surveyed-title");
    sheet.text("layout.title", [10.0, 10.0, 400.0, 14.0], middle(22.0), &title);
    let secrecy = ItemStyle { align: Align::Right, bold: true, ..pt(10.0) };
    sheet.text("layout.secrecy", [370.0, 10.0, 40.0, 7.0], secrecy, "{secrecy}");
    let map = sheet.plot_map([10.0, 28.0, 285.0, 240.0]);
    let of_map = OfMap { map: map.clone() };
    sheet.add("layout.north", [273.0, 37.0, 13.0, 18.0], pt(10.0), Shows::North(of_map.clone()));
    sheet.rows("layout.of-plot", [300.0, 28.0, 110.0, 42.0], &PLOT);
    sheet.table("layout.table-points", [300.0, 73.0, 110.0, 90.0], &map, TableOf::Points);
    sheet.table("layout.table-sides", [300.0, 166.0, 110.0, 30.0], &map, TableOf::Sides);
    let heading = sheet.word("layout.legend");
    let legend = LegendItem { map, title: heading, in_view: true, ..LegendItem::default() };
    sheet.add("layout.legend", [300.0, 199.0, 110.0, 42.0], pt(7.0), Shows::Legend(legend));
    sheet.rows("layout.block", [300.0, 245.0, 110.0, 42.0], &SHEET);
    sheet.add("layout.scale-bar", [110.0, 271.0, 80.0, 11.0], pt(8.0), Shows::ScaleBar(of_map));
    sheet.text("layout.scale", [194.0, 271.0, 50.0, 11.0], ItemStyle { bold: true, ..pt(10.0) }, "1 : {scale}");
    let signed = tr(language, "layout.plot-signed");
    sheet.text("layout.signed", [10.0, 281.0, 285.0, 8.0], pt(8.0), signed);
    layout(tr(language, "layout.template-surveyed"), Page::of(Paper::A3, true), sheet.items)
}
