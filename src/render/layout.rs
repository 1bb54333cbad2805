//! A layout drawn: every item of a page in its place, its maps as outlines or as pixels.
//!
//! What maps, legends and tables show is made before and given as [`Content`], by item; the same drawing is what the
//! window shows, what is printed and what a series is made of.

use std::collections::{BTreeMap, BTreeSet};

use tiny_skia::Pixmap;

use super::drawing::geopdf::Place;
use super::drawing::output::{PX_PER_MM, Sheet};
use super::drawing::{Drawing, Line, Lines, Shape, credit_in};
use super::lettering::{Anchor, Typeface};
use super::raster::{PaintColors, paint_parts};
use super::scene::Scene;
use super::sheet::LegendRow;
use super::{MapView, vector};
use crate::crs::Crs;
use crate::model::layout::{Align, GridStyle, Item, ItemStyle, Layout, MapItem, Shows, templates};
use crate::model::style::{Blend, Color};
use crate::model::{Coord, Extent};
use crate::task::{Cancelled, Progress};
use crate::text::{Language, Message};
use crate::units::format_number;

mod furniture;
mod grid;
mod lists;
pub mod plot;
mod rose;

pub use lists::unit_said;
pub use plot::{BoundaryPoint, Plot};

/// What the numbers of a grid take at each side of a map, of the size of its letters.
const BORDER_EM: f32 = 2.3;
/// Logical pixels a point of letters.
const PX_PER_PT: f32 = 96.0 / 72.0;
/// Words that stay empty without a remark: of a project without scenarios, of a sheet that was not revised.
const OPTIONAL_WORDS: [&str; 2] = ["state", "revised"];
/// Colour of the frame that a key map marks.
const MARK: Color = Color::rgb(0xD0, 0x21, 0x2E);

/// What the items of a layout are filled with, by their names.
#[derive(Clone, Debug)]
pub struct Content {
    /// CRS of the maps.
    pub crs: Crs,
    /// Language of what the program itself says.
    pub language: Language,
    /// What each map shows.
    pub maps: BTreeMap<String, Scene>,
    /// The rows of each legend.
    pub legends: BTreeMap<String, Vec<LegendRow>>,
    /// The figures of each table.
    pub tables: BTreeMap<String, TextTable>,
    /// The pixels of each picture.
    pub pictures: BTreeMap<String, Pixmap>,
    /// Words that texts name.
    pub words: BTreeMap<String, String>,
    /// What the page is about, where it is one of a series.
    pub focus: Option<Focus>,
    /// The plot that it is about, where it is about one.
    pub plot: Option<Plot>,
}

/// What a page of a series is about.
#[derive(Clone, Debug, PartialEq)]
pub struct Focus {
    /// Where it lies in the CRS of the map.
    pub extent: Extent,
    /// The n of 1:n that it asks for; one at which it fits where it does not at this.
    pub scale: Option<f64>,
    /// Its edge, drawn over the map; nothing where it has none.
    pub outline: Vec<Coord>,
}

/// A table as text.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TextTable {
    /// Its heading.
    pub title: String,
    /// Headings of its columns.
    pub heads: Vec<String>,
    /// Whether figures stand in each column, which are set to the right.
    pub figures: Vec<bool>,
    /// Its rows.
    pub rows: Vec<Vec<String>>,
    /// Whether the last row is a total.
    pub total: bool,
}

/// How maps are drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Body {
    /// As outlines.
    Outlines,
    /// As pixels, so many a logical pixel.
    Pixels(f32),
}

/// A page as drawn.
#[derive(Clone, Debug)]
pub struct Drawn {
    /// The page.
    pub sheet: Sheet,
    /// What did not fit or was not there.
    pub remarks: Vec<Message>,
}

/// Draws a layout.
///
/// # Errors
/// [`Cancelled`].
pub fn draw(
    layout: &Layout,
    content: &Content,
    body: Body,
    typeface: &Typeface,
    progress: &Progress,
) -> Result<Drawn, Cancelled> {
    let size = [layout.page.width_mm, layout.page.height_mm].map(|side| side as f32 * PX_PER_MM);
    let views = views(layout, content);
    let main = layout.map("").and_then(|(item, _)| views.get(&item.name));
    let metres = content.crs.metres_per_unit_on_map();
    let mut words = content.words.clone();
    for (key, word) in &layout.words {
        words.entry(key.clone()).or_insert_with(|| word.clone());
    }
    let mut remarks = Vec::new();
    if let Some(view) = main {
        let scale = view.scale_denominator(metres);
        words.insert("scale".to_owned(), format_number(scale, 0));
        if let Some(asked) = content.focus.as_ref().and_then(|focus| focus.scale).filter(|asked| scale > asked * 1.001)
        {
            let [asked, scale] = [asked, scale].map(|scale| format_number(scale, 0));
            remarks.push(Message::new("layout.frame-too-small").with("asked", asked).with("scale", scale));
        }
    }
    let sheet = Sheet { drawing: Drawing::new(size, Color::WHITE), places: Vec::new() };
    let mut page = Page { layout, content, views: &views, words, typeface, sheet, remarks, unfilled: BTreeSet::new() };
    for item in layout.items.iter().filter(|item| item.visible) {
        progress.tick(0)?;
        page.item(item, body, progress)?;
    }
    let Page { sheet, mut remarks, unfilled, .. } = page;
    if !unfilled.is_empty() {
        let names = |language: Language| {
            let name = |word: &String| match templates::word_name(word, language) {
                name if name == word => word.clone(),
                name => format!("{name} ({word})"),
            };
            let between = if language == Language::Chinese { "、" } else { ", " };
            unfilled.iter().map(name).collect::<Vec<_>>().join(between)
        };
        remarks.push(Message::new("layout.unfilled").with_said("words", names));
    }
    Ok(Drawn { sheet, remarks })
}

/// Where each map looks, by the name of its item.
pub fn views(layout: &Layout, content: &Content) -> BTreeMap<String, MapView> {
    let mut views: BTreeMap<String, MapView> = BTreeMap::new();
    let maps = || {
        layout.items.iter().filter_map(|item| if let Shows::Map(map) = &item.shows { Some((item, map)) } else { None })
    };
    for following in [false, true] {
        for (item, map) in maps().filter(|(_, map)| map.follows.is_empty() != following) {
            let of = if following { views.get(&map.follows).copied() } else { None };
            let view = view(item, map, of, content);
            views.insert(item.name.clone(), view);
        }
    }
    views
}

/// Where a map looks, `of` being the view of the map that it follows.
fn view(item: &Item, map: &MapItem, of: Option<MapView>, content: &Content) -> MapView {
    let [_, _, width, height] = map_rect(item, map).map(f64::from);
    let size_px = [width.max(1.0), height.max(1.0)];
    if let Some(of) = of {
        return of.resized(size_px);
    }
    let focus = content.focus.as_ref().filter(|_| map.marks.is_empty());
    let whole = || content.maps.get(&item.name).map_or(Extent::EMPTY, Scene::extent);
    let extent = focus.map_or_else(whole, |focus| focus.extent);
    let metres = content.crs.metres_per_unit_on_map();
    let mut view = MapView::fit(&extent, size_px, 0.0);
    if let Some([x, y]) = map.centre.filter(|_| focus.is_none()) {
        view = view.centered(Coord { x, y });
    }
    let fitting = view.scale_denominator(metres);
    // An atlas is a share of the wall map as that would be drawn, and larger only where it would be cut off.
    let of_wall = map.of_wall.filter(|_| focus.is_none()).map(|times| wall_scale(&whole(), metres) * times);
    let of_wall = of_wall.filter(|scale| *scale >= fitting * 0.999);
    let of_focus = focus.and_then(|focus| focus.scale).filter(|scale| *scale >= fitting * 0.999);
    let asked = of_focus.or(map.scale.filter(|_| focus.is_none_or(|focus| focus.scale.is_none())));
    view.at_scale(asked.or(of_wall).unwrap_or_else(|| round_scale(fitting * 1.02)), metres)
}

/// The n of 1:n of the usual wall map of that extent.
fn wall_scale(extent: &Extent, metres: f64) -> f64 {
    let wall = templates::wall_map();
    let Shows::Map(map) = &wall.shows else { return 1.0 };
    let [_, _, width, height] = map_rect(&wall, map).map(f64::from);
    round_scale(MapView::fit(extent, [width.max(1.0), height.max(1.0)], 0.0).scale_denominator(metres) * 1.02)
}

/// The next larger scale number that people would choose.
fn round_scale(denominator: f64) -> f64 {
    let power = 10f64.powf(denominator.max(1.0).log10().floor());
    let steps = [1.0, 1.2, 1.5, 1.6, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0];
    steps.into_iter().map(|step| step * power).find(|step| *step >= denominator).unwrap_or(denominator)
}

/// The frame of an item in logical pixels.
fn frame_px(item: &Item) -> [f32; 4] {
    item.frame.map(|v| v as f32 * PX_PER_MM)
}

/// What the map itself takes of the frame of its item: all, or what the numbers of its grid leave.
fn map_rect(item: &Item, map: &MapItem) -> [f32; 4] {
    let [x, y, width, height] = frame_px(item);
    if map.grid == GridStyle::None && !map.corners {
        return [x, y, width, height];
    }
    let border = (letters_px(&item.style) * BORDER_EM).min(width / 4.0).min(height / 4.0);
    [x + border, y + border, width - 2.0 * border, height - 2.0 * border]
}

/// Size of the letters of an item.
fn letters_px(style: &ItemStyle) -> f32 {
    style.size_pt as f32 * PX_PER_PT
}

/// A page that is being drawn.
struct Page<'a> {
    layout: &'a Layout,
    content: &'a Content,
    views: &'a BTreeMap<String, MapView>,
    words: BTreeMap<String, String>,
    typeface: &'a Typeface,
    sheet: Sheet,
    remarks: Vec<Message>,
    /// Words that texts name and nobody gave.
    unfilled: BTreeSet<String>,
}

impl Page<'_> {
    fn item(&mut self, item: &Item, body: Body, progress: &Progress) -> Result<(), Cancelled> {
        let frame = frame_px(item);
        if item.style.fill.a > 0 {
            self.fill(frame, item.style.fill);
        }
        match &item.shows {
            Shows::Text(text) => {
                let text = self.filled(&text.text);
                self.text_in(frame, &text, &item.style);
            }
            Shows::Map(map) => self.map(item, map, body, progress)?,
            Shows::Legend(legend) => self.legend(item, legend),
            Shows::ScaleBar(of) => self.scale_bar(frame, self.view_of(&of.map), &item.style),
            Shows::North(_) => self.north(frame, &item.style),
            Shows::Rose(rose) => self.rose(frame, rose, &item.style),
            Shows::Table(_) => self.table(item),
            Shows::Picture(_) => self.picture(item),
            Shows::Block(block) => self.block(frame, &block.rows, &item.style),
            Shows::Rectangle(_) => {}
        }
        if item.style.line_mm > 0.0 {
            self.around(frame, item.style.line_mm as f32 * PX_PER_MM, item.style.color);
        }
        Ok(())
    }

    fn map(&mut self, item: &Item, map: &MapItem, body: Body, progress: &Progress) -> Result<(), Cancelled> {
        let rect = map_rect(item, map);
        let (Some(view), Some(scene)) = (self.views.get(&item.name).copied(), self.content.maps.get(&item.name)) else {
            return Ok(());
        };
        let at = [rect[0], rect[1]];
        let mut scene = scene.clone();
        scene.show_at(view.scale_denominator(self.content.crs.metres_per_unit_on_map()));
        if let Some(times) = map.enlarge {
            scene.enlarge(times as f32);
        }
        scene.label(&view, self.typeface);
        let said = scene.issues.len();
        let scale = if let Body::Pixels(scale) = body { scale } else { vector::IMAGE_SCALE };
        let credit = scene.draw_underlays(&view, scale, &self.content.crs, progress)?;
        for issue in &scene.issues[said..] {
            if !self.remarks.contains(&issue.message) {
                self.remarks.push(issue.message.clone());
            }
        }
        let (parts, colors) = (scene.parts(), PaintColors { ground: Color::WHITE, ..PaintColors::LIGHT });
        let shape = match body {
            Body::Outlines => vector::map(&view, at, &parts, &colors, self.typeface, progress)?,
            Body::Pixels(scale) => {
                let pixels = paint_parts(colors.ground, &view, scale, &parts, &colors, Some(self.typeface), progress)?;
                Shape::Picture { at, size: [rect[2], rect[3]], pixels }
            }
        };
        self.sheet.drawing.shapes.push(shape);
        // Key maps are too small for it, and their large map says the same.
        if let Some(credit) = credit.filter(|_| map.marks.is_empty()) {
            self.sheet.drawing.shapes.push(credit_in(rect, credit.text(self.content.language)));
        }
        self.sheet.places.extend(Place::new(at, &view, &self.content.crs));
        if let Some(marked) = self.views.get(&map.marks).filter(|_| !map.marks.is_empty()) {
            let extent = marked.extent();
            let ends = [extent.min, extent.max].map(|c| view.screen_from_world(c));
            let inside = |v: f64, from: f32, size: f32| (v as f32).clamp(0.0, size) + from;
            let [left, right] = ends.map(|end| inside(end[0], rect[0], rect[2]));
            let [bottom, top] = ends.map(|end| inside(end[1], rect[1], rect[3]));
            self.around([left, top, right - left, bottom - top], 0.6 * PX_PER_MM, MARK);
        }
        if let Some(focus) = self.content.focus.as_ref().filter(|focus| focus.outline.len() > 1) {
            let px = focus.outline.iter().map(|c| view.screen_from_world(*c));
            let ring = px.map(|[x, y]| [x as f32 + rect[0], y as f32 + rect[1]]).collect();
            let line = Some(Line::solid(item.style.color, 0.4 * PX_PER_MM));
            let shapes = vec![Shape::Lines(Lines { paths: vec![ring], closed: true, fill: None, line })];
            self.sheet.drawing.shapes.push(Shape::Group {
                clip: Some(rect),
                opacity: 1.0,
                blend: Blend::Normal,
                shapes,
            });
        }
        if map.plot {
            self.plot(item, rect, &view);
        }
        if map.grid != GridStyle::None || map.corners {
            self.grid(item, map, rect, &view);
            // The inner line of the neat line; the outer one is that of the item.
            self.around(rect, 0.15 * PX_PER_MM, item.style.color);
        }
        Ok(())
    }

    fn picture(&mut self, item: &Item) {
        let Some(pixels) = self.content.pictures.get(&item.name) else { return };
        let [x, y, width, height] = frame_px(item);
        let of = [pixels.width() as f32, pixels.height() as f32];
        let factor = (width / of[0]).min(height / of[1]);
        let size = of.map(|side| side * factor);
        let at = [x + (width - size[0]) / 2.0, y + (height - size[1]) / 2.0];
        self.sheet.drawing.shapes.push(Shape::Picture { at, size, pixels: pixels.clone() });
    }

    /// The view of the map of that name, or of the first one.
    fn view_of(&self, map: &str) -> Option<MapView> {
        let (item, _) = self.layout.map(map)?;
        self.views.get(&item.name).copied()
    }

    /// `text` with its words filled in; those that nobody gave are left out and remembered.
    fn filled(&mut self, text: &str) -> String {
        let mut filled = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            filled.push_str(before);
            let Some((key, end)) = after.split_once('}') else {
                filled.push('{');
                rest = after;
                continue;
            };
            match self.words.get(key.trim()).filter(|word| !word.is_empty()) {
                Some(word) => filled.push_str(word),
                None if OPTIONAL_WORDS.contains(&key.trim()) => {}
                // What is not known of a plot nobody can type either.
                None if self.content.plot.is_some() && key.trim().starts_with("plot") => {}
                None => {
                    self.unfilled.insert(key.trim().to_owned());
                }
            }
            rest = end;
        }
        filled.push_str(rest);
        filled.trim().to_owned()
    }

    fn fill(&mut self, rect: [f32; 4], color: Color) {
        self.sheet.drawing.fill(rect, color);
    }

    fn text(&mut self, text: &str, at: [f32; 2], anchor: Anchor, size: f32, bold: bool, color: Color) {
        if !text.is_empty() {
            self.sheet.drawing.text(text, at, anchor, size, bold, color);
        }
    }

    /// Text in lines that fit the frame, in its vertical middle. What is too long for one line of a frame that holds one
    /// is set smaller, so that nothing of it is lost.
    fn text_in(&mut self, [x, y, width, height]: [f32; 4], text: &str, style: &ItemStyle) {
        let mut size = letters_px(style);
        let lines = loop {
            let lines: Vec<String> = text
                .lines()
                .flat_map(|line| self.typeface.wrapped(line, size * if style.bold { 1.06 } else { 1.0 }, width))
                .collect();
            if lines.len() as f32 * size * 1.35 <= height + size * 0.4 || size < 4.0 {
                break lines;
            }
            size *= 0.92;
        };
        let (at, anchor) = match style.align {
            Align::Left => (x, Anchor::Left),
            Align::Middle => (x + width / 2.0, Anchor::Middle),
            Align::Right => (x + width, Anchor::Right),
        };
        let step = size * 1.35;
        let first = y + height / 2.0 - step * (lines.len() as f32 - 1.0) / 2.0;
        for (nth, line) in lines.iter().enumerate() {
            self.text(line, [at, first + step * nth as f32], anchor, size, style.bold, style.color);
        }
    }

    /// A line around a rectangle.
    fn around(&mut self, [x, y, width, height]: [f32; 4], line: f32, color: Color) {
        let ring = vec![[x, y], [x + width, y], [x + width, y + height], [x, y + height]];
        let line = Some(Line::solid(color, line));
        self.sheet.drawing.shapes.push(Shape::Lines(Lines { paths: vec![ring], closed: true, fill: None, line }));
    }

    /// Straight lines.
    fn lines(&mut self, paths: Vec<Vec<[f32; 2]>>, width: f32, color: Color) {
        if !paths.is_empty() {
            let line = Some(Line::solid(color, width));
            self.sheet.drawing.shapes.push(Shape::Lines(Lines { paths, closed: false, fill: None, line }));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::layout::TextItem;

    fn content() -> Content {
        Content {
            crs: Crs::from_epsg(4527).expect("known"),
            language: Language::Chinese,
            maps: BTreeMap::new(),
            legends: BTreeMap::new(),
            tables: BTreeMap::new(),
            pictures: BTreeMap::new(),
            words: BTreeMap::from([("project".to_owned(), "起步区".to_owned())]),
            focus: None,
            plot: None,
        }
    }

    fn drawn(layout: &Layout, content: &Content) -> Drawn {
        draw(layout, content, Body::Outlines, &Typeface::bundled(), &Progress::new()).expect("is not cancelled")
    }

    fn texts(drawn: &Drawn) -> Vec<&str> {
        let shapes = drawn.sheet.drawing.shapes.iter();
        shapes.filter_map(|shape| if let Shape::Text(text) = shape { Some(&*text.text) } else { None }).collect()
    }

    #[test]
    fn every_template_is_drawn_in_its_size_and_says_what_is_missing() {
        for layout in templates::all(Language::Chinese) {
            let drawn = drawn(&layout, &content());
            let size = drawn.sheet.drawing.size.map(|side| f64::from(side) / 96.0 * 25.4);
            assert!((size[0] - layout.page.width_mm).abs() < 0.01 && (size[1] - layout.page.height_mm).abs() < 0.01);
            assert!(texts(&drawn).iter().any(|text| text.contains("起步区")), "{}", layout.name);
            assert!(drawn.remarks.iter().any(|remark| remark.text(Language::English).contains("unit")));
        }
    }

    #[test]
    fn words_are_filled_in_and_braces_that_are_none_stay() {
        let mut layout = templates::all(Language::Chinese).remove(0);
        layout.items.retain(|item| matches!(item.shows, Shows::Text(_)));
        layout.items.truncate(1);
        let mut says = |text: &str| {
            layout.items[0].shows = Shows::Text(TextItem { text: text.to_owned() });
            texts(&drawn(&layout, &content())).concat()
        };
        assert_eq!(says("{project}图"), "起步区图");
        assert_eq!(says("a { b"), "a { b");
        assert_eq!(says("{nothing}!"), "!");
    }

    #[test]
    fn scales_are_round_and_a_map_that_follows_has_that_of_the_other() {
        assert_eq!([9_870.0, 10_000.0, 10_001.0, 61_000.0].map(round_scale), [10_000.0, 10_000.0, 12_000.0, 80_000.0]);
        let layout = templates::all(Language::English);
        let two = layout.iter().find(|layout| layout.items.len() > 12).expect("two states");
        let mut content = content();
        let extent =
            Extent::of(&[[39_500_000.0, 4_050_000.0], [39_520_000.0, 4_060_000.0]].map(|[x, y]| Coord { x, y }));
        content.focus = Some(Focus { extent, scale: None, outline: Vec::new() });
        let views = views(two, &content);
        let look = |key: &str| {
            let view = &views[crate::text::tr(Language::English, key)];
            (view.center, view.units_per_px)
        };
        assert_eq!(views.len(), 3);
        assert_eq!(look("layout.map-base"), look("layout.map-scenario"));
    }

    #[test]
    fn a_page_in_pixels_and_one_in_outlines_have_the_same_text() {
        let layout = &templates::all(Language::Chinese)[1];
        let [outlines, pixels] = [Body::Outlines, Body::Pixels(0.5)].map(|body| {
            draw(layout, &content(), body, &Typeface::bundled(), &Progress::new()).expect("is not cancelled")
        });
        assert_eq!(texts(&outlines), texts(&pixels));
    }
}
