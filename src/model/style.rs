//! Symbology as plain data: colours, fills, strokes, markers, and the style of a layer.
//!
//! A [`LayerStyle`] is either one [`Symbol`] for all features or one a class. The renderers turn it into triangles or
//! pixels, the legend lists it, the project file stores it. Widths and sizes are logical pixels on screen, so that
//! nothing thickens while zooming. Themes are the renderer's matter: it draws fills at about 82 % strength in the dark
//! one, and takes [`Color`]s as they stand here. Which style a layer starts with lies in [`defaults`].

use rustc_hash::{FxHashMap, FxHashSet};
use serde::{Deserialize, Serialize};

use super::classes::{self, Class, Scheme};
use super::{Layer, NoValue, Value};
use crate::text::{Language, tr};

mod class_like;
mod color;
pub mod defaults;

pub use class_like::class_like_field;
pub use color::Color;

/// How the inside of a polygon is painted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub enum Fill {
    /// Not at all.
    #[default]
    None,
    /// One colour.
    Solid(Color),
    /// Parallel lines fixed to the screen.
    Hatch(Hatch),
}

/// Parallel lines fixed to the screen: they neither crawl while panning nor thicken while zooming.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Hatch {
    /// Colour of the lines.
    pub color: Color,
    /// Direction of the lines in degrees, counter-clockwise from the screen's x axis.
    pub angle_deg: f32,
    /// Distance between the middles of neighbouring lines.
    pub spacing_px: f32,
    /// Width of a line.
    pub width_px: f32,
    /// What lies behind the lines; nothing when `None`.
    pub back: Option<Color>,
}

/// A line: a polygon's outline, or a line feature.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Stroke {
    /// Its colour.
    pub color: Color,
    /// Its width.
    pub width_px: f32,
    /// Interrupted, or solid when `None`.
    pub dash: Option<Dash>,
    /// A wider line drawn beneath it, so that it stands out from any ground.
    pub casing: Option<Casing>,
}

/// The rhythm of an interrupted line.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Dash {
    /// Length that is drawn.
    pub on_px: f32,
    /// Length that is left out.
    pub off_px: f32,
}

/// A wider line beneath a line.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Casing {
    /// Its colour.
    pub color: Color,
    /// Its whole width, larger than that of the line.
    pub width_px: f32,
}

/// Outline of a marker.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Shape {
    /// A disc.
    #[default]
    Circle,
    /// A square.
    Square,
    /// A square with rounded corners.
    RoundedSquare,
    /// A square on its corner.
    Diamond,
    /// A triangle, point up.
    Triangle,
}

/// Pictogram inside a marker.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Icon {
    /// None.
    #[default]
    None,
    /// A house, for resettlement sites.
    House,
    /// A star, for key projects.
    Star,
    /// A flag.
    Flag,
}

/// How a point is drawn; also set at the inside point of polygons that must be found at any scale.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Marker {
    /// Its outline.
    pub shape: Shape,
    /// Its height, casing not counted.
    pub size_px: f32,
    /// Its fill.
    pub color: Color,
    /// Pictogram inside.
    pub icon: Icon,
    /// Colour of the pictogram.
    pub icon_color: Color,
    /// A line around it, outside its size.
    pub casing: Option<Casing>,
}

/// How a feature is drawn: whatever of it applies to the kind of geometry.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Symbol {
    /// Inside of polygons.
    pub fill: Fill,
    /// Outline of polygons, and lines.
    pub stroke: Option<Stroke>,
    /// Points, and the inside point of polygons.
    pub marker: Option<Marker>,
}

/// One class of a categorised style.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ClassSymbol {
    /// Value of the class field, as text; for land-use classes the code as the source writes it.
    pub key: String,
    /// The land-use class that the value names, where it is one.
    pub class: Option<Class>,
    /// Name in place of the value or of the class's own name; empty for those.
    pub label: String,
    /// How it is drawn.
    pub symbol: Symbol,
    /// Whether it is drawn.
    pub visible: bool,
}

/// A symbol for each value of a field.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Categories {
    /// The field whose value decides.
    pub field: String,
    /// The class scheme of its codes, where they are land-use codes.
    pub scheme: Option<Scheme>,
    /// The classes, in the order of the legend.
    pub classes: Vec<ClassSymbol>,
    /// All other values, null among them.
    pub other: Symbol,
    /// Whether those are drawn.
    pub other_visible: bool,
}

/// One symbol for all features, or one a class.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Styling {
    /// All features alike.
    Single(Symbol),
    /// By the value of a field.
    Categorised(Categories),
}

/// How a layer is drawn.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LayerStyle {
    /// Its symbols.
    pub styling: Styling,
    /// Strength of the whole layer, 0 to 1.
    pub opacity: f32,
    /// Field whose value is written on each feature.
    pub label_field: Option<String>,
}

impl LayerStyle {
    /// All features alike, at full strength, without labels.
    pub fn single(symbol: Symbol) -> Self {
        Self { styling: Styling::Single(symbol), opacity: 1.0, label_field: None }
    }

    /// The classes, where the style has any.
    pub fn categories(&self) -> Option<&Categories> {
        match &self.styling {
            Styling::Single(_) => None,
            Styling::Categorised(categories) => Some(categories),
        }
    }

    /// How many symbols there are: 1, or the classes and one for all other values.
    pub fn symbol_count(&self) -> usize {
        self.categories().map_or(1, |c| c.classes.len() + 1)
    }

    /// Symbol number `index` (the last one is that of all other values), or `None` past the end.
    pub fn symbol(&self, index: usize) -> Option<&Symbol> {
        match &self.styling {
            Styling::Single(symbol) => (index == 0).then_some(symbol),
            Styling::Categorised(c) if index == c.classes.len() => Some(&c.other),
            Styling::Categorised(c) => c.classes.get(index).map(|class| &class.symbol),
        }
    }

    /// Whether symbol number `index` is drawn.
    pub fn is_visible(&self, index: usize) -> bool {
        match &self.styling {
            Styling::Single(_) => index == 0,
            Styling::Categorised(c) if index == c.classes.len() => c.other_visible,
            Styling::Categorised(c) => c.classes.get(index).is_some_and(|class| class.visible),
        }
    }

    /// Number of the symbol of every feature of `layer`, in feature order. Decided once for each distinct text of a
    /// block, so a million parcels of fifty classes cost fifty look-ups a block.
    pub fn symbol_indices(&self, layer: &Layer) -> Vec<u16> {
        let count = layer.feature_count();
        let Styling::Categorised(categories) = &self.styling else { return vec![0; count] };
        let other = categories.classes.len() as u16;
        let Some(field) = layer.field(&categories.field) else { return vec![other; count] };
        let lookup = categories.lookup();
        let mut indices = Vec::with_capacity(count);
        for block in &layer.blocks {
            let rows = 0..block.geometry.feature_count();
            let Some(column) = block.attributes.column(field) else {
                indices.extend(rows.map(|_| other));
                continue;
            };
            let of_text: Vec<u16> = column.distinct_texts().map(|text| lookup.index_of_text(text)).collect();
            indices.extend(rows.map(|row| match column.text_code(row) {
                Some(code) => of_text[code as usize],
                None => lookup.index(column.value(row)),
            }));
        }
        indices
    }

    /// How many values of the field have no symbol of their own. The values themselves are not kept: they may be a million.
    pub fn other_value_count(&self, layer: &Layer) -> usize {
        let Some(categories) = self.categories() else { return 0 };
        let Some(field) = layer.field(&categories.field) else { return 0 };
        let lookup = categories.lookup();
        let other = categories.classes.len() as u16;
        let mut texts: FxHashSet<&str> = FxHashSet::default();
        let mut numbers: FxHashSet<u64> = FxHashSet::default();
        for block in &layer.blocks {
            let Some(column) = block.attributes.column(field) else { continue };
            texts.extend(column.distinct_texts().filter(|text| lookup.index_of_text(text) == other));
            if column.distinct_texts().len() > 0 {
                continue;
            }
            for row in 0..block.geometry.feature_count() {
                let value = column.value(row);
                match value.as_f64() {
                    Some(number) if lookup.index(value) == other => numbers.insert(number.to_bits()),
                    _ => false,
                };
            }
        }
        texts.len() + numbers.len()
    }

    /// The outline's width, where the first symbol has an outline.
    pub fn outline_width_px(&self) -> Option<f32> {
        self.symbol(0)?.stroke.map(|stroke| stroke.width_px)
    }

    /// Gives every outline that width; casings keep their margin. 0 leaves the outline out of the drawing.
    pub fn set_outline_width_px(&mut self, width_px: f32) {
        self.for_each_symbol(|symbol| {
            if let Some(stroke) = &mut symbol.stroke {
                if let Some(casing) = &mut stroke.casing {
                    casing.width_px += width_px - stroke.width_px;
                }
                stroke.width_px = width_px;
            }
        });
    }

    /// Runs `change` on every symbol.
    pub fn for_each_symbol(&mut self, mut change: impl FnMut(&mut Symbol)) {
        match &mut self.styling {
            Styling::Single(symbol) => change(symbol),
            Styling::Categorised(c) => {
                c.classes.iter_mut().for_each(|class| change(&mut class.symbol));
                change(&mut c.other);
            }
        }
    }
}

impl Categories {
    /// Finds symbol numbers by value.
    pub fn lookup(&self) -> Lookup<'_> {
        let mut by_key = FxHashMap::default();
        let mut by_class = FxHashMap::default();
        for (index, class) in self.classes.iter().enumerate() {
            // The first of equal keys wins, as it stands higher in the legend.
            by_key.entry(class.key.as_str()).or_insert(index as u16);
            if let Some(class) = class.class {
                by_class.entry(class).or_insert(index as u16);
            }
        }
        Lookup { by_key, by_class, scheme: self.scheme, other: self.classes.len() as u16 }
    }
}

/// Symbol numbers of a categorised style by value.
#[derive(Debug)]
pub struct Lookup<'a> {
    by_key: FxHashMap<&'a str, u16>,
    by_class: FxHashMap<Class, u16>,
    scheme: Option<Scheme>,
    other: u16,
}

impl Lookup<'_> {
    /// Number of the symbol of `value`.
    pub fn index(&self, value: Value<'_>) -> u16 {
        match value {
            Value::Null => self.index_of_text(""),
            Value::Text(text) | Value::Json(text) => self.index_of_text(text),
            value => self.index_of_text(&value.to_string()),
        }
    }

    /// Number of the symbol of the value that reads `text`: the class of that key, else the nearest listed ancestor
    /// in the scheme (a style by first-level class colours `0701` by `07`), else the symbol of all other values. What says
    /// that there is no value finds the class of the empty key.
    pub fn index_of_text(&self, text: &str) -> u16 {
        if let Some(index) = self.by_key.get(text) {
            return *index;
        }
        if NoValue::of_text(text).is_some() {
            return self.by_key.get("").copied().unwrap_or(self.other);
        }
        let mut class = self.scheme.and_then(|scheme| classes::resolve(scheme, text)).map(|found| found.class);
        while let Some(candidate) = class {
            if let Some(index) = self.by_class.get(&candidate) {
                return *index;
            }
            class = candidate.parent();
        }
        self.other
    }
}

impl ClassSymbol {
    /// What the legend calls it: the label, else the name of the land-use class, else the value.
    pub fn name(&self, language: Language) -> &str {
        match (self.label.is_empty(), self.class) {
            (false, _) => &self.label,
            (true, Some(class)) => class.name(language),
            (true, None) if self.key.is_empty() => tr(language, "model.empty-value"),
            (true, None) => &self.key,
        }
    }
}

impl Symbol {
    /// The one colour that stands for it where there is room for only one: fill, hatch, line or marker.
    pub fn color(&self) -> Color {
        let line = || self.stroke.map(|stroke| stroke.color);
        let marker = || self.marker.map(|marker| marker.color);
        match self.fill {
            Fill::Solid(color) if color.a >= 128 => color,
            Fill::Hatch(hatch) => hatch.color,
            Fill::Solid(color) => marker().or_else(line).unwrap_or(color),
            Fill::None => marker().or_else(line).unwrap_or(Color::TRANSPARENT),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crs::Crs;
    use crate::model::{AttributeBuilder, FeatureBlock, Field, FieldType, GeometryBuilder, GeometryKind};
    fn class(key: &str) -> ClassSymbol {
        let class = classes::resolve(Scheme::Ydyh2023, key).map(|r| r.class);
        ClassSymbol { key: key.to_owned(), class, label: String::new(), symbol: Symbol::default(), visible: true }
    }

    fn by_class(keys: &[&str]) -> LayerStyle {
        LayerStyle {
            styling: Styling::Categorised(Categories {
                field: "DLBM".to_owned(),
                scheme: Some(Scheme::Ydyh2023),
                classes: keys.iter().map(|key| class(key)).collect(),
                other: Symbol::default(),
                other_visible: true,
            }),
            opacity: 1.0,
            label_field: None,
        }
    }

    #[test]
    fn a_value_finds_its_class_or_the_nearest_listed_ancestor() {
        let style = by_class(&["07", "0701", "1001", "自定义"]);
        let lookup = style.categories().expect("categorised").lookup();
        let check = |text: &str, expected: u16| assert_eq!(lookup.index_of_text(text), expected, "{text}");
        check("0701", 1);
        check("070102", 1);
        check("0703", 0);
        check("07010000", 1);
        check("1001", 2);
        check("100102", 2);
        check("自定义", 3);
        check("17", 4);
        check("", 4);
        assert_eq!(lookup.index(Value::Null), 4);
        assert_eq!(lookup.index(Value::Int(1001)), 2);
    }

    #[test]
    fn every_feature_gets_the_number_of_its_symbol() {
        let values = [Value::Text("0701"), Value::Null, Value::Text("17"), Value::Text("0701"), Value::Text("1001")];
        let mut attributes = AttributeBuilder::new();
        let mut geometry = GeometryBuilder::new(GeometryKind::Polygon);
        for value in values {
            let column = attributes.column("DLBM", 0);
            attributes.set(column, value);
            attributes.end_row();
            geometry.null_feature();
        }
        let (_, attributes) = attributes.finish();
        let block = FeatureBlock::of_parts(geometry.finish(), attributes);
        let fields = vec![Field { name: "DLBM".to_owned(), kind: FieldType::Text }];
        let layer = Layer::new("parcels".to_owned(), GeometryKind::Polygon, Crs::wgs84(), fields, vec![block]);
        assert_eq!(by_class(&["0701", "1001"]).symbol_indices(&layer), [0, 2, 2, 0, 1]);
        assert_eq!(LayerStyle::single(Symbol::default()).symbol_indices(&layer), [0; 5]);
    }

    #[test]
    fn the_casing_keeps_its_margin_when_the_outline_is_widened() {
        let stroke = Stroke {
            color: Color::rgb(214, 35, 43),
            width_px: 3.0,
            dash: None,
            casing: Some(Casing { color: Color::WHITE, width_px: 6.0 }),
        };
        let mut style = LayerStyle::single(Symbol { stroke: Some(stroke), ..Symbol::default() });
        style.set_outline_width_px(5.0);
        let stroke = style.symbol(0).and_then(|s| s.stroke).expect("a stroke");
        assert_eq!((stroke.width_px, stroke.casing.map(|c| c.width_px)), (5.0, Some(8.0)));
    }

    #[test]
    fn symbols_are_numbered_with_all_other_values_last() {
        let style = by_class(&["0701"]);
        assert_eq!(style.symbol_count(), 2);
        assert!(style.symbol(1).is_some() && style.symbol(2).is_none());
        assert!(style.is_visible(1) && !style.is_visible(2));
    }
}
