//! The layouts that the program brings: what a project starts from, and what an office changes to its own.

use std::collections::BTreeMap;

use super::{
    Align, BlockItem, GridStyle, Item, ItemStyle, Layout, LegendItem, MapItem, MapState, OfMap, Page, Paper,
    PictureItem, PlotSource, RoseItem, Shows, TableItem, TextItem,
};
use crate::text::{Language, tr};

mod plots;

/// What stands at the outer line of a map, beside its inner one.
const NEAT_LINE_MM: f64 = 0.7;
/// Smallest letters: 2.1 mm, which everybody reads on paper.
const LEAST_PT: f64 = 6.0;
/// The boxes of a title block: key of the label and what is said.
const BLOCK: [(&str, &str); 9] = [
    ("layout.made-by", "{unit}"),
    ("layout.planned-for", "{period}"),
    ("layout.data-of", "{basis}"),
    ("layout.crs", "{crs}"),
    ("layout.heights", "{heights}"),
    ("layout.made-on", "{date}"),
    ("layout.revised-on", "{revised}"),
    ("layout.review-number", "{review}"),
    ("layout.secrecy", "{secrecy}"),
];
/// Words that the texts of templates name and nobody but the office knows.
const WORDS: [(&str, &str); 7] = [
    ("unit", "layout.made-by"),
    ("period", "layout.planned-for"),
    ("basis", "layout.data-of"),
    ("heights", "layout.heights"),
    ("revised", "layout.revised-on"),
    ("review", "layout.review-number"),
    ("secrecy", "layout.secrecy"),
];

/// A layout that is being put together.
struct Sheet {
    language: Language,
    items: Vec<Item>,
}

/// All of them, in that language.
pub fn all(language: Language) -> Vec<Layout> {
    let mut layouts = Vec::new();
    for (paper, name) in [(Paper::A4, "A4"), (Paper::A3, "A3")] {
        for landscape in [true, false] {
            let key = if landscape { "layout.template-landscape" } else { "layout.template-portrait" };
            layouts.push(single(&named(language, key, name), Page::of(paper, landscape), None, language));
        }
    }
    for (paper, name) in [(Paper::A2, "A2"), (Paper::A1, "A1"), (Paper::A0, "A0")] {
        let name = named(language, "layout.template-wall", name);
        layouts.push(single(&name, Page::of(paper, true), None, language));
    }
    layouts.push(two_states(language));
    layouts.extend([plots::plot(language), plots::surveyed(language)]);
    for (paper, name, key, part) in
        [(Paper::A3, "A3", "layout.template-third", 3.0), (Paper::A4, "A4", "layout.template-quarter", 4.0)]
    {
        layouts.push(single(&named(language, key, name), Page::of(paper, true), Some(part), language));
    }
    layouts
}

/// `template` for a project that has `layouts`: an atlas takes its share of the scale of the wall map that is there, where
/// somebody gave it one.
pub fn fitted(mut template: Layout, layouts: &[Layout]) -> Layout {
    let is_wall = |layout: &&Layout| matches!(layout.page.paper(), Some((Paper::A0 | Paper::A1, _)));
    let wall = layouts.iter().filter(is_wall).find_map(|layout| layout.map("")?.1.scale);
    let Some(wall) = wall else { return template };
    for item in &mut template.items {
        if let Shows::Map(map) = &mut item.shows {
            map.scale = map.scale.or(map.of_wall.map(|times| wall * times));
        }
    }
    template
}

/// The map of the wall map that an atlas is a share of: of an A0 page that lies.
pub fn wall_map() -> Item {
    let mut wall = single("", Page::of(Paper::A0, true), None, Language::Chinese);
    let is_map = |item: &Item| matches!(item.shows, Shows::Map(_));
    let at = wall.items.iter().position(is_map).expect("a wall map shows a map");
    wall.items.swap_remove(at)
}

fn named(language: Language, key: &str, paper: &str) -> String {
    tr(language, key).replace("{paper}", paper)
}

/// What a word that texts name is called: its name in the templates, or the word itself.
pub fn word_name(word: &str, language: Language) -> &str {
    WORDS.iter().find(|(known, _)| *known == word).map_or(word, |(_, key)| tr(language, key))
}

fn layout(name: &str, page: Page, items: Vec<Item>) -> Layout {
    let words = WORDS.map(|(word, _)| (word.to_owned(), String::new()));
    Layout {
        name: name.to_owned(),
        page,
        words: BTreeMap::from(words),
        plots: PlotSource::default(),
        guides: Default::default(),
        items,
    }
}

impl Sheet {
    fn add(&mut self, key: &str, frame: [f64; 4], style: ItemStyle, shows: Shows) {
        let name = tr(self.language, key).to_owned();
        self.items.push(Item { name, frame: frame.map(|v| (v * 10.0).round() / 10.0), style, visible: true, shows });
    }

    fn text(&mut self, key: &str, frame: [f64; 4], style: ItemStyle, text: &str) {
        self.add(key, frame, style, Shows::Text(TextItem { text: text.to_owned() }));
    }

    fn word(&self, key: &str) -> String {
        tr(self.language, key).to_owned()
    }
}

/// One map with title, legend and title block: beside it on a lying page, below it on an upright one. `of_wall` says how many
/// times smaller than the wall map it is, where that decides its scale.
fn single(name: &str, page: Page, of_wall: Option<f64>, language: Language) -> Layout {
    let mut sheet = Sheet { language, items: Vec::new() };
    let Page { width_mm: width, height_mm: height, margin_mm: margin } = page;
    // Everything grows with the paper, more slowly than it does.
    let k = (width.min(height) / 297.0).powf(0.75);
    let pt = |size: f64| ItemStyle { size_pt: ((size * k * 2.0).round() / 2.0).max(LEAST_PT), ..ItemStyle::USUAL };
    let middle = |style: ItemStyle| ItemStyle { align: Align::Middle, ..style };
    let right = |style: ItemStyle| ItemStyle { align: Align::Right, ..style };
    let (head, foot) = (20.0 * k, 14.0 * k);
    let lying = width > height;
    let side = if lying { (width * 0.225).max(52.0) } else { 0.0 };
    let below = if lying { 0.0 } else { height * 0.24 };
    let gap = 4.0 * k;
    let map_width = width - 2.0 * margin - if lying { side + gap } else { 0.0 };
    let map_height = height - 2.0 * margin - head - foot - if lying { 0.0 } else { below + gap };
    let top = margin + head;
    let frame = [margin, top, map_width, map_height];
    // What hangs on a wall is read from farther away, a small page from near by.
    let enlarge = ((k - 1.0).abs() > 0.15).then(|| (k * 10.0).round() / 10.0);
    let neat_line = (NEAT_LINE_MM * k.max(1.0) * 10.0).round() / 10.0;
    let map = MapItem { of_wall, enlarge, grid: GridStyle::Crosses, corners: true, ..MapItem::default() };
    let map_name = sheet.word("layout.map");
    sheet.add("layout.map", frame, ItemStyle { line_mm: neat_line, ..pt(7.0) }, Shows::Map(map));
    let title = ItemStyle { bold: true, ..middle(pt(24.0)) };
    sheet.text("layout.title", [margin, margin, width - 2.0 * margin, head - 3.0 * k], title, "{project} {state}");
    // Seen once a file is named.
    let logo = [margin, margin, 40.0 * k, head - 5.0 * k];
    sheet.add("layout.logo", logo, ItemStyle::USUAL, Shows::Picture(PictureItem::default()));
    let secrecy = ItemStyle { bold: true, ..right(pt(10.0)) };
    sheet.text("layout.secrecy", [width - margin - 40.0 * k, margin, 40.0 * k, 7.0 * k], secrecy, "{secrecy}");
    let (legend, block) = if lying {
        let x = width - margin - side;
        let block_height = BLOCK.len() as f64 * 6.5 * k;
        let legend = [x, top, side, map_height - block_height - gap];
        (legend, [x, top + map_height - block_height, side, block_height])
    } else {
        let y = top + map_height + gap;
        let legend = [margin, y, map_width * 0.64 - gap, below];
        (legend, [margin + map_width * 0.64, y, map_width * 0.36, below])
    };
    let title = sheet.word("layout.legend");
    let shown = LegendItem { map: map_name.clone(), title, areas: true, unit: "ha".to_owned(), in_view: false };
    sheet.add("layout.legend", legend, pt(8.0), Shows::Legend(shown));
    let rows = BLOCK.map(|(key, text)| [sheet.word(key), text.to_owned()]).to_vec();
    let style = ItemStyle { line_mm: 0.3, ..pt(8.0) };
    sheet.add("layout.block", block, style, Shows::Block(BlockItem { rows }));
    let of_map = OfMap { map: map_name };
    // Below the map: where it comes from, the bar, the number of the scale.
    let (bar_y, low) = (height - margin - foot + 2.0 * k, foot - 2.0 * k);
    let (bar_x, bar_width) = (margin + map_width * 0.45, (map_width * 0.25).min(90.0 * k));
    sheet.add("layout.scale-bar", [bar_x, bar_y, bar_width, low], pt(8.0), Shows::ScaleBar(of_map.clone()));
    let number = [bar_x + bar_width + 2.0 * k, bar_y, 40.0 * k, low];
    sheet.text("layout.scale", number, ItemStyle { bold: true, ..pt(10.0) }, "1 : {scale}");
    let north = [margin + map_width - 26.0 * k, top + 10.0 * k, 14.0 * k, 18.0 * k];
    sheet.add("layout.north", north, pt(10.0), Shows::North(of_map));
    let source = [margin, bar_y, map_width * 0.42, low];
    sheet.text("layout.source", source, pt(6.5), tr(language, "layout.source-text"));
    if lying {
        let signed = [width - margin - side, bar_y, side, low];
        sheet.text("layout.signed", signed, right(pt(8.0)), "{unit} {date}");
    }
    layout(name, page, sheet.items)
}

/// The base and a scenario side by side, and below them what changes.
fn two_states(language: Language) -> Layout {
    let mut sheet = Sheet { language, items: Vec::new() };
    let page = Page::of(Paper::A3, true);
    let pt = |size: f64| ItemStyle { size_pt: size, ..ItemStyle::USUAL };
    let middle = |style: ItemStyle| ItemStyle { align: Align::Middle, bold: true, ..style };
    let [base, plan, changes] =
        ["layout.map-base", "layout.map-scenario", "layout.map-changes"].map(|key| sheet.word(key));
    let line = ItemStyle { line_mm: 0.5, ..pt(6.5) };
    let map = |state, follows: &str, grid| MapItem {
        state,
        follows: follows.to_owned(),
        grid,
        corners: grid != GridStyle::None,
        enlarge: Some(0.8),
        ..MapItem::default()
    };
    let (ticks, none) = (GridStyle::Ticks, GridStyle::None);
    sheet.text("layout.title", [10.0, 8.0, 400.0, 14.0], middle(pt(22.0)), "{project}");
    let maps = [
        ("layout.map-base", [10.0, 32.0, 197.0, 140.0], map(MapState::Base, "", ticks)),
        ("layout.map-scenario", [213.0, 32.0, 197.0, 140.0], map(MapState::Scenario(String::new()), &base, ticks)),
        ("layout.map-changes", [10.0, 184.0, 150.0, 92.0], map(MapState::Changes(String::new()), "", none)),
    ];
    for (key, frame, map) in maps {
        sheet.add(key, frame, line, Shows::Map(MapItem { scale: None, ..map }));
    }
    for (key, name, x, y, width) in [
        ("layout.title-base", &base, 10.0, 24.0, 197.0),
        ("layout.title-scenario", &plan, 213.0, 24.0, 197.0),
        ("layout.title-changes", &changes, 10.0, 176.0, 150.0),
    ] {
        sheet.text(key, [x, y, width, 7.0], middle(pt(11.0)), name);
    }
    let heading = sheet.word("layout.legend");
    let shown = LegendItem { map: base.clone(), title: heading, areas: true, unit: "ha".to_owned(), in_view: false };
    sheet.add("layout.legend", [165.0, 178.0, 120.0, 98.0], pt(7.5), Shows::Legend(shown));
    for (key, map, title, x) in [
        ("layout.table-base", &base, "layout.title-base", 290.0),
        ("layout.table-scenario", &plan, "layout.title-scenario", 352.0),
    ] {
        let title = sheet.word(title);
        let table = TableItem { map: map.clone(), title, unit: "ha".to_owned(), level: 1, ..TableItem::default() };
        sheet.add(key, [x, 178.0, 58.0, 98.0], ItemStyle { line_mm: 0.2, ..pt(6.5) }, Shows::Table(table));
    }
    let of_map = OfMap { map: base };
    sheet.add("layout.scale-bar", [165.0, 278.0, 80.0, 11.0], pt(7.5), Shows::ScaleBar(of_map.clone()));
    sheet.text("layout.scale", [250.0, 278.0, 36.0, 11.0], ItemStyle { bold: true, ..pt(9.0) }, "1 : {scale}");
    sheet.add("layout.north", [190.0, 39.0, 10.0, 14.0], pt(9.0), Shows::North(of_map));
    let source = tr(language, "layout.source-text");
    sheet.text("layout.source", [10.0, 278.0, 150.0, 11.0], pt(6.5), source);
    let signed = ItemStyle { align: Align::Right, ..pt(8.0) };
    sheet.text("layout.signed", [300.0, 278.0, 110.0, 11.0], signed, "{unit} {date}");
    layout(tr(language, "layout.template-two"), page, sheet.items)
}

/// A new item of each kind, where the user puts one: its name's key and what it shows.
pub fn new_item(nth: usize, language: Language) -> Option<(&'static str, Shows, [f64; 2], ItemStyle)> {
    let word = |key: &str| tr(language, key).to_owned();
    let lined = ItemStyle { line_mm: 0.3, ..ItemStyle::USUAL };
    let shows = match nth {
        0 => Shows::Text(TextItem { text: word("layout.text") }),
        1 => Shows::Map(MapItem { corners: true, grid: GridStyle::Ticks, ..MapItem::default() }),
        2 => Shows::Legend(LegendItem { title: word("layout.legend"), areas: true, ..LegendItem::default() }),
        3 => Shows::ScaleBar(OfMap::default()),
        4 => Shows::North(OfMap::default()),
        5 => Shows::Table(TableItem { title: word("layout.table"), ..TableItem::default() }),
        6 => Shows::Picture(PictureItem::default()),
        7 => Shows::Block(BlockItem { rows: BLOCK.map(|(key, text)| [word(key), text.to_owned()]).to_vec() }),
        8 => Shows::Rectangle(super::RectangleItem {}),
        9 => Shows::Rose(RoseItem::default()),
        _ => return None,
    };
    let (size, style) = match nth {
        0 => ([60.0, 10.0], ItemStyle::USUAL),
        1 => ([120.0, 90.0], ItemStyle { line_mm: 0.5, ..ItemStyle::USUAL }),
        2 | 5 => ([70.0, 80.0], ItemStyle::USUAL),
        3 => ([80.0, 12.0], ItemStyle::USUAL),
        4 => ([12.0, 18.0], ItemStyle::USUAL),
        7 => ([80.0, 58.0], lined),
        9 => ([36.0, 40.0], ItemStyle::USUAL),
        _ => ([40.0, 30.0], lined),
    };
    Some((shows.key(), shows, size, style))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_atlas_is_at_its_share_of_the_wall_map() {
        let scale = |layout: &Layout| layout.map("").and_then(|(_, map)| map.scale);
        let share = |layout: &Layout| layout.map("").and_then(|(_, map)| map.of_wall);
        let layouts = all(Language::English);
        let atlas = |nth: usize| layouts[layouts.len() - nth].clone();
        assert_eq!([2, 1].map(|nth| (scale(&atlas(nth)), share(&atlas(nth)))), [(None, Some(3.0)), (None, Some(4.0))]);
        let mut wall = layouts.iter().find(|layout| layout.page.width_mm > 1000.0).expect("a wall map").clone();
        for item in &mut wall.items {
            if let Shows::Map(map) = &mut item.shows {
                map.scale = Some(25_000.0);
            }
        }
        let fitted = [2, 1].map(|nth| scale(&fitted(atlas(nth), std::slice::from_ref(&wall))));
        assert_eq!(fitted, [Some(75_000.0), Some(100_000.0)]);
    }
}
