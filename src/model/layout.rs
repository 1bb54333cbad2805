//! A layout: the page of a map sheet as a document, which the project holds and an office keeps as a template.
//!
//! Plain data in millimetres from the upper left corner of the page. What it is in memory is what stands in a file, so
//! that a template is a text that people read and change: TOML, refused where it holds what nobody knows. What maps,
//! legends and tables show is no part of it; it only says of what they are.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::style::Color;
use crate::text::Message;

pub mod furniture;
pub mod maps;
pub mod templates;

pub use furniture::{PlotSource, RoseItem, TableItem, TableOf};
pub use maps::{GridStyle, MapItem, MapState};

/// Version of template files.
const VERSION: u32 = 1;
/// Most items of a page.
const MOST_ITEMS: usize = 500;
/// Shortest and longest side of a page in millimetres: what files of pages hold.
const SIDES_MM: std::ops::RangeInclusive<f64> = 20.0..=5080.0;

/// The page of a map sheet.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Layout {
    /// Its name.
    pub name: String,
    /// Lines that items are put to, in millimetres from the left and from the top; they are never printed.
    #[serde(default, skip_serializing_if = "no_guides")]
    pub guides: [Vec<f64>; 2],
    /// The paper.
    pub page: Page,
    /// Words that texts name as `{key}`: who made it, of which years it is.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub words: BTreeMap<String, String>,
    /// Of which layer its plots are, where it shows some.
    #[serde(default, skip_serializing_if = "PlotSource::is_usual")]
    pub plots: PlotSource,
    /// What is on it, each over those before.
    #[serde(default, rename = "item")]
    pub items: Vec<Item>,
}

/// The paper of a layout.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Page {
    /// Its width.
    pub width_mm: f64,
    /// Its height.
    pub height_mm: f64,
    /// What stays free at its edges.
    pub margin_mm: f64,
}

/// A size of paper (ISO 216).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Paper {
    /// 210 mm × 297 mm.
    A4,
    /// 297 mm × 420 mm.
    A3,
    /// 420 mm × 594 mm.
    A2,
    /// 594 mm × 841 mm.
    A1,
    /// 841 mm × 1189 mm.
    A0,
}

impl Paper {
    /// All of them with their names, small ones first.
    pub const ALL: [(Self, &'static str); 5] =
        [(Self::A4, "A4"), (Self::A3, "A3"), (Self::A2, "A2"), (Self::A1, "A1"), (Self::A0, "A0")];

    /// The shorter side and the longer one in millimetres.
    pub fn size_mm(self) -> [f64; 2] {
        match self {
            Self::A4 => [210.0, 297.0],
            Self::A3 => [297.0, 420.0],
            Self::A2 => [420.0, 594.0],
            Self::A1 => [594.0, 841.0],
            Self::A0 => [841.0, 1189.0],
        }
    }
}

impl Page {
    /// A page of that paper, upright or lying, with the margin that its size asks for.
    pub fn of(paper: Paper, landscape: bool) -> Self {
        let [short, long] = paper.size_mm();
        let (width_mm, height_mm) = if landscape { (long, short) } else { (short, long) };
        Self { width_mm, height_mm, margin_mm: if short < 400.0 { 10.0 } else { 20.0 } }
    }

    /// The paper that it is of, where it is a usual one, and whether it lies.
    pub fn paper(&self) -> Option<(Paper, bool)> {
        let is_of = |paper: Paper| {
            let [short, long] = paper.size_mm();
            let same = |a: f64, b: f64| (a - b).abs() < 0.5;
            same(short, self.width_mm.min(self.height_mm)) && same(long, self.width_mm.max(self.height_mm))
        };
        let (paper, _) = Paper::ALL.into_iter().find(|(paper, _)| is_of(*paper))?;
        Some((paper, self.width_mm > self.height_mm))
    }
}

/// Something on a page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Item {
    /// Its name, by which others speak of it.
    pub name: String,
    /// Left, top, width and height in millimetres.
    pub frame: [f64; 4],
    /// How it looks.
    #[serde(default, skip_serializing_if = "ItemStyle::is_usual")]
    pub style: ItemStyle,
    /// Whether it is drawn.
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    pub visible: bool,
    /// What it shows.
    pub shows: Shows,
}

fn no_guides(guides: &[Vec<f64>; 2]) -> bool {
    guides.iter().all(Vec::is_empty)
}

fn yes() -> bool {
    true
}

fn is_yes(value: &bool) -> bool {
    *value
}

fn is_no(value: &bool) -> bool {
    !*value
}

/// How an item looks.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ItemStyle {
    /// Size of its letters in points of 1/72 inch.
    pub size_pt: f64,
    /// Whether they are bold.
    pub bold: bool,
    /// Colour of its letters and lines.
    #[serde(with = "hex")]
    pub color: Color,
    /// Where its text stands.
    pub align: Align,
    /// Width of the line around it in millimetres; none at 0.
    pub line_mm: f64,
    /// What lies behind it; nothing where it is transparent.
    #[serde(with = "hex")]
    pub fill: Color,
}

impl ItemStyle {
    /// Dark letters of 9 points.
    pub const USUAL: Self = Self {
        size_pt: 9.0,
        bold: false,
        color: Color::rgb(0x17, 0x20, 0x2B),
        align: Align::Left,
        line_mm: 0.0,
        fill: Color::TRANSPARENT,
    };

    fn is_usual(&self) -> bool {
        *self == Self::USUAL
    }
}

impl Default for ItemStyle {
    fn default() -> Self {
        Self::USUAL
    }
}

/// Colours as `#rrggbb` or `#rrggbbaa`.
mod hex {
    use serde::{Deserialize, Deserializer, Serializer};

    use crate::model::style::Color;

    pub(super) fn serialize<S: Serializer>(color: &Color, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(color)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Color, D::Error> {
        let text = String::deserialize(from)?;
        Color::from_hex(&text).ok_or_else(|| serde::de::Error::custom(format!("unknown colour {text:?}")))
    }
}

/// Where text stands in its frame.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Align {
    /// At its left.
    #[default]
    Left,
    /// In its middle.
    Middle,
    /// At its right.
    Right,
}

/// What an item shows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Shows {
    /// Text with words in braces.
    Text(TextItem),
    /// A map.
    Map(MapItem),
    /// The legend of a map.
    Legend(LegendItem),
    /// The scale bar of a map.
    ScaleBar(OfMap),
    /// An arrow to grid north.
    North(OfMap),
    /// A wind rose.
    Rose(RoseItem),
    /// A table of figures.
    Table(TableItem),
    /// A picture from a file.
    Picture(PictureItem),
    /// A box of lines, each a label and what is said.
    Block(BlockItem),
    /// A rectangle.
    Rectangle(RectangleItem),
}

impl Shows {
    /// Key of what it is called.
    pub fn key(&self) -> &'static str {
        match self {
            Self::Text(_) => "layout.text",
            Self::Map(_) => "layout.map",
            Self::Legend(_) => "layout.legend",
            Self::ScaleBar(_) => "layout.scale-bar",
            Self::North(_) => "layout.north",
            Self::Rose(_) => "layout.rose",
            Self::Table(_) => "layout.table",
            Self::Picture(_) => "layout.picture",
            Self::Block(_) => "layout.block",
            Self::Rectangle(_) => "layout.rectangle",
        }
    }
}

/// Text on a page.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TextItem {
    /// What it says; `{project}`, `{date}`, `{state}`, `{crs}`, `{scale}`, `{page}`, `{pages}`, `{sheet}`, what is known of
    /// the plot (`{plot}`, `{plot-area}`, `{plot.FIELD}` …) and the words of the layout are filled in.
    pub text: String,
}

/// The legend of a map.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LegendItem {
    /// The map; the first one where none is named.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub map: String,
    /// Its heading.
    pub title: String,
    /// Whether areas stand beside the classes.
    pub areas: bool,
    /// Their unit: `mu`, `ha`, `km2`; mu where none is given.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub unit: String,
    /// Whether only what the map shows in its frame is listed.
    #[serde(skip_serializing_if = "is_no")]
    pub in_view: bool,
}

/// Something that belongs to a map.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct OfMap {
    /// The map; the first one where none is named.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub map: String,
}

/// A picture from a file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PictureItem {
    /// The PNG or JPG file, from the folder of the project.
    pub path: String,
}

/// A box of lines.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BlockItem {
    /// What each line is about, and what it says, with words in braces.
    pub rows: Vec<[String; 2]>,
}

/// A rectangle.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RectangleItem {}

/// A template as a file of its own.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct TemplateFile {
    #[serde(rename = "tuban-layout")]
    version: u32,
    layout: Layout,
}

/// Why a template is none.
#[derive(Debug, thiserror::Error)]
pub enum LayoutError {
    /// The text is not what a template looks like.
    #[error("line {line}: {reason}")]
    Syntax {
        /// Line, from 1.
        line: usize,
        /// What is wrong, in English as the TOML reader says it.
        reason: String,
    },
    /// It was written by a later release.
    #[error("template version {0}, expected at most {VERSION}")]
    Newer(u32),
    /// It holds what no page can.
    #[error("{0}")]
    Fault(Message),
}

impl LayoutError {
    /// The error as a message of the catalogue.
    pub fn message(&self) -> Message {
        match self {
            Self::Syntax { line, reason } => Message::new("layout.syntax")
                .with("line", line)
                .with_said("reason", |language| crate::text::toml_reason(reason, language)),
            Self::Newer(found) => Message::new("layout.newer").with("found", found).with("known", VERSION),
            Self::Fault(message) => message.clone(),
        }
    }
}

impl Layout {
    /// Most guides of each direction.
    pub const MOST_GUIDES: usize = 200;

    /// Reads a template.
    ///
    /// # Errors
    /// Where it is none, is of a later version, or holds what no page can.
    pub fn from_toml(text: &str) -> Result<Self, LayoutError> {
        let syntax = |error: toml::de::Error| {
            let at = error.span().map_or(0, |span| span.start).min(text.len());
            let line = text.get(..at).unwrap_or_default().matches('\n').count() + 1;
            LayoutError::Syntax { line, reason: error.message().trim().to_owned() }
        };
        // The version first: a later one may have anything else in it.
        let table: toml::Table = toml::from_str(text).map_err(syntax)?;
        let version = table.get("tuban-layout").and_then(toml::Value::as_integer);
        if let Some(found) = version.and_then(|version| u32::try_from(version).ok()).filter(|found| *found > VERSION) {
            return Err(LayoutError::Newer(found));
        }
        let file: TemplateFile = toml::from_str(text).map_err(syntax)?;
        match file.layout.fault() {
            Some(fault) => Err(LayoutError::Fault(fault)),
            None => Ok(file.layout),
        }
    }

    /// The layout as the text of a template.
    pub fn to_toml(&self) -> String {
        let file = TemplateFile { version: VERSION, layout: self.clone() };
        let body = toml::to_string_pretty(&file).expect("layouts hold text, numbers, lists and tables only");
        format!("# 图斑图幅版式 / Tuban layout\n{body}")
    }

    /// What of it no page can hold; `None` where all is well.
    pub fn fault(&self) -> Option<Message> {
        let page = [self.page.width_mm, self.page.height_mm];
        if page.iter().any(|side| !SIDES_MM.contains(side)) || !(0.0..=500.0).contains(&self.page.margin_mm) {
            return Some(Message::new("layout.bad-page").with("name", &self.name));
        }
        let is_far = |line: &f64| line.is_nan() || line.abs() > *SIDES_MM.end();
        if self.guides.iter().any(|lines| lines.len() > Self::MOST_GUIDES || lines.iter().any(is_far)) {
            return Some(Message::new("layout.bad-guides").with("name", &self.name));
        }
        if self.items.len() > MOST_ITEMS {
            return Some(Message::new("layout.too-many").with("name", &self.name).with("most", MOST_ITEMS));
        }
        let is_bad = |item: &&Item| {
            let [x, y, width, height] = item.frame;
            let places = [x, y].iter().all(|v| v.abs() <= *SIDES_MM.end());
            let sides = [width, height].iter().all(|v| (0.0..=*SIDES_MM.end()).contains(v));
            let style = (1.0..=1000.0).contains(&item.style.size_pt) && (0.0..=100.0).contains(&item.style.line_mm);
            let shown = match &item.shows {
                Shows::Map(map) => {
                    map.scale.is_none_or(|scale| (1.0..=1e9).contains(&scale))
                        && map.enlarge.is_none_or(|times| (0.1..=20.0).contains(&times))
                        && map.of_wall.is_none_or(|times| (1.0..=100.0).contains(&times))
                        && map.grid_m.is_none_or(|step| (1.0..=1e7).contains(&step))
                        && map.centre.is_none_or(|centre| centre.iter().all(|v| v.is_finite()))
                }
                Shows::Rose(rose) => rose.is_possible(),
                _ => true,
            };
            !(places && sides && style && shown)
        };
        let bad = self.items.iter().find(is_bad);
        bad.map(|item| Message::new("layout.bad-item").with("name", &self.name).with("item", &item.name))
    }

    /// Bytes that it takes.
    pub fn byte_count(&self) -> usize {
        let texts = |item: &Item| match &item.shows {
            Shows::Text(text) => text.text.len(),
            Shows::Block(block) => block.rows.iter().flatten().map(String::len).sum(),
            Shows::Map(map) => map.layers.iter().map(String::len).sum(),
            _ => 0,
        };
        let items = self.items.iter().map(|item| size_of::<Item>() + item.name.len() + texts(item) + 64);
        size_of::<Self>()
            + self.words.iter().map(|(key, word)| key.len() + word.len()).sum::<usize>()
            + items.sum::<usize>()
            + self.guides.iter().map(|lines| size_of_val(lines.as_slice())).sum::<usize>()
    }

    /// The map of that name; the first one where there is none of it.
    pub fn map(&self, name: &str) -> Option<(&Item, &MapItem)> {
        let maps = || {
            self.items.iter().filter_map(|item| match &item.shows {
                Shows::Map(map) => Some((item, map)),
                _ => None,
            })
        };
        maps().find(|(item, _)| !name.is_empty() && item.name == name).or_else(|| maps().next())
    }

    /// Whether anything on it is about a plot.
    pub fn shows_plots(&self) -> bool {
        self.items.iter().filter(|item| item.visible).any(|item| match &item.shows {
            Shows::Map(map) => map.plot,
            Shows::Table(table) => table.of.is_of_plot(),
            _ => false,
        })
    }

    /// Gives an item another name, which those that speak of it take over.
    pub fn rename(&mut self, from: &str, to: &str) {
        let take_over = |name: &mut String| {
            if name == from {
                to.clone_into(name);
            }
        };
        for item in &mut self.items {
            take_over(&mut item.name);
            match &mut item.shows {
                Shows::Map(map) => {
                    take_over(&mut map.follows);
                    take_over(&mut map.marks);
                }
                Shows::Legend(legend) => take_over(&mut legend.map),
                Shows::ScaleBar(of) | Shows::North(of) => take_over(&mut of.map),
                Shows::Table(table) => take_over(&mut table.map),
                Shows::Text(_) | Shows::Picture(_) | Shows::Block(_) | Shows::Rectangle(_) | Shows::Rose(_) => {}
            }
        }
    }

    /// A name that no item has, made of `wanted`.
    pub fn free_name(&self, wanted: &str) -> String {
        let is_free = |name: &String| self.items.iter().all(|item| item.name != *name);
        let numbered = |nth: usize| if nth < 2 { wanted.to_owned() } else { format!("{wanted} {nth}") };
        (1..).map(numbered).find(is_free).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Language;

    #[test]
    fn templates_read_back_as_they_were_written() {
        for language in [Language::Chinese, Language::English] {
            for layout in templates::all(language) {
                assert_eq!(layout.fault(), None, "{}", layout.name);
                let text = layout.to_toml();
                assert_eq!(Layout::from_toml(&text).expect("a template"), layout, "{text}");
                let names: std::collections::BTreeSet<&str> = layout.items.iter().map(|item| &*item.name).collect();
                assert_eq!(names.len(), layout.items.len(), "{}: names are taken once", layout.name);
            }
        }
    }

    #[test]
    fn what_is_no_template_is_refused_with_its_line() {
        let good = templates::all(Language::Chinese)[0].to_toml();
        let refused = |text: &str| Layout::from_toml(text).expect_err("refused");
        assert!(matches!(refused("a = 1"), LayoutError::Syntax { .. }));
        assert!(matches!(refused(&good.replace("tuban-layout = 1", "tuban-layout = 9")), LayoutError::Newer(9)));
        let LayoutError::Syntax { line, .. } = refused(&good.replace("margin_mm", "edge_mm")) else { panic!("syntax") };
        assert!(line > 2);
        let wide = good.replacen("width_mm = 2", "width_mm = 999992", 1);
        assert!(matches!(refused(&wide), LayoutError::Fault(_)), "{wide}");
        assert!(matches!(refused(&good.replace("[layout.page]", "x = 1\n[layout.page]")), LayoutError::Syntax { .. }));
    }

    #[test]
    fn a_map_that_is_renamed_keeps_its_legend() {
        let mut layout = templates::all(Language::English).remove(0);
        let map = layout.map("").map(|(item, _)| item.name.clone()).expect("a map");
        layout.rename(&map, "Main");
        let legend = layout.items.iter().find_map(|item| match &item.shows {
            Shows::Legend(legend) => Some(legend.map.clone()),
            _ => None,
        });
        assert_eq!(legend.as_deref(), Some("Main"));
        assert_eq!(layout.free_name("Main"), "Main 2");
    }

    #[test]
    fn states_are_words() {
        for word in ["shown", "base", "scenario:规划 2035", "changes:"] {
            let state = MapState::try_from(word.to_owned()).expect("a state");
            assert_eq!(String::from(state), word);
        }
        assert!(MapState::try_from("other".to_owned()).is_err());
    }

    #[test]
    fn pages_know_their_paper() {
        for (paper, _) in Paper::ALL {
            for landscape in [false, true] {
                assert_eq!(Page::of(paper, landscape).paper(), Some((paper, landscape)));
            }
        }
        assert_eq!(Page { width_mm: 500.0, height_mm: 500.0, margin_mm: 5.0 }.paper(), None);
    }
}
