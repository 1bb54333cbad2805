//! Symbology as plain data: colours, fills, strokes, markers, and the style of a layer.
//!
//! A [`LayerStyle`] is one [`Symbol`] for all features, one a class, one a range of a figure, or one a rule. The renderers
//! turn it into triangles or pixels, the legend lists it, the project file stores it. Widths and sizes are logical pixels
//! on screen; what becomes of them when the scale changes is the renderers' matter, and so are themes: they draw fills at
//! about 82 % strength in the dark one, and take [`Color`]s as they stand here. Which style a layer starts with lies in
//! [`defaults`]. Which symbol a feature has by an expression is worked out by `expr`, which stands above.

use rustc_hash::{FxHashMap, FxHashSet};
use serde::{Deserialize, Serialize};

use super::classes::{self, Class, Scheme};
use super::{Layer, NoValue, Value};
use crate::text::{Language, tr};

mod as_rules;
pub mod breaks;
mod class_like;
mod color;
pub mod defaults;
pub mod eyes;
mod figured;
mod graduated;
pub mod labels;
mod pattern;
pub mod ramps;
mod ruled;
mod scales;
mod shown;

pub use class_like::class_like_field;
pub use color::Color;
pub use graduated::{Breaks, Graduated, RangeSymbol};
use labels::Labels;
pub(crate) use pattern::motif_line_width;
pub use pattern::{Motif, Part, Pattern};
pub use ruled::{RuleSymbol, Ruled};
pub use scales::{Blend, ScaleRange};

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
    /// A small figure again and again, fixed to the screen.
    Pattern(Pattern),
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
    /// Whether a second set of lines runs at right angles to the first.
    pub crossed: bool,
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
    /// None: the pictogram stands by itself, in the colour of the marker.
    Bare,
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
    /// A figure of large-scale maps: a tree, a grave.
    Figure(Motif),
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

/// One symbol for all features, or which of several each has.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Styling {
    /// All features alike.
    Single(Symbol),
    /// By the value of a field.
    Categorised(Categories),
    /// By the range that a figure lies in.
    Graduated(Graduated),
    /// By conditions.
    Ruled(Ruled),
}

/// How a layer is drawn.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LayerStyle {
    /// Its symbols.
    pub styling: Styling,
    /// Strength of the whole layer, 0 to 1.
    pub opacity: f32,
    /// How it lies on what is beneath.
    pub blend: Blend,
    /// Scales at which it is drawn.
    pub scales: ScaleRange,
    /// What is written on its features; nothing when `None`.
    pub labels: Option<Labels>,
}

impl LayerStyle {
    /// All features alike, at full strength, without labels.
    pub fn single(symbol: Symbol) -> Self {
        Self::of(Styling::Single(symbol))
    }

    /// These symbols at full strength and at all scales, without labels.
    pub fn of(styling: Styling) -> Self {
        Self { styling, opacity: 1.0, blend: Blend::Normal, scales: ScaleRange::default(), labels: None }
    }

    /// The classes, where the style is by the value of a field.
    pub fn categories(&self) -> Option<&Categories> {
        match &self.styling {
            Styling::Categorised(categories) => Some(categories),
            Styling::Single(_) | Styling::Graduated(_) | Styling::Ruled(_) => None,
        }
    }

    /// Whether features differ by what they are: the legend has rows then.
    pub fn has_classes(&self) -> bool {
        !matches!(self.styling, Styling::Single(_))
    }

    /// How many symbols there are: 1, or one a class, range or rule and one for all other features.
    pub fn symbol_count(&self) -> usize {
        match &self.styling {
            Styling::Single(_) => 1,
            Styling::Categorised(c) => c.classes.len() + 1,
            Styling::Graduated(g) => g.ranges.len() + 1,
            Styling::Ruled(r) => r.rules.len() + 1,
        }
    }

    /// Symbol number `index` (the last one is that of all other features), or `None` past the end.
    pub fn symbol(&self, index: usize) -> Option<&Symbol> {
        match &self.styling {
            Styling::Single(symbol) => (index == 0).then_some(symbol),
            Styling::Categorised(c) if index == c.classes.len() => Some(&c.other),
            Styling::Categorised(c) => c.classes.get(index).map(|class| &class.symbol),
            Styling::Graduated(g) if index == g.ranges.len() => Some(&g.other),
            Styling::Graduated(g) => g.ranges.get(index).map(|range| &range.symbol),
            Styling::Ruled(r) if index == r.rules.len() => Some(&r.other),
            Styling::Ruled(r) => r.rules.get(index).map(|rule| &rule.symbol),
        }
    }

    /// Symbol number `index`, to be changed.
    pub fn symbol_mut(&mut self, index: usize) -> Option<&mut Symbol> {
        fn one_of<'s, T>(
            list: &'s mut [T],
            other: &'s mut Symbol,
            index: usize,
            symbol: impl Fn(&'s mut T) -> &'s mut Symbol,
        ) -> Option<&'s mut Symbol> {
            if index == list.len() { Some(other) } else { list.get_mut(index).map(symbol) }
        }
        match &mut self.styling {
            Styling::Single(symbol) => (index == 0).then_some(symbol),
            Styling::Categorised(c) => one_of(&mut c.classes, &mut c.other, index, |class| &mut class.symbol),
            Styling::Graduated(g) => one_of(&mut g.ranges, &mut g.other, index, |range| &mut range.symbol),
            Styling::Ruled(r) => one_of(&mut r.rules, &mut r.other, index, |rule| &mut rule.symbol),
        }
    }

    /// Whether the features of symbol number `index` are drawn at some scale.
    pub fn is_visible(&self, index: usize) -> bool {
        match &self.styling {
            Styling::Single(_) => index == 0,
            Styling::Categorised(c) if index == c.classes.len() => c.other_visible,
            Styling::Categorised(c) => c.classes.get(index).is_some_and(|class| class.visible),
            Styling::Graduated(g) if index == g.ranges.len() => g.other_visible,
            Styling::Graduated(g) => g.ranges.get(index).is_some_and(|range| range.visible),
            Styling::Ruled(r) if index == r.rules.len() => r.other_visible,
            Styling::Ruled(r) => r.rules.get(index).is_some_and(|rule| rule.visible),
        }
    }

    /// Draws the features of symbol number `index`, or not.
    pub fn set_visible(&mut self, index: usize, visible: bool) {
        match &mut self.styling {
            Styling::Single(_) => {}
            Styling::Categorised(c) => match c.classes.get_mut(index) {
                Some(class) => class.visible = visible,
                None => c.other_visible = visible,
            },
            Styling::Graduated(g) => match g.ranges.get_mut(index) {
                Some(range) => range.visible = visible,
                None => g.other_visible = visible,
            },
            Styling::Ruled(r) => match r.rules.get_mut(index) {
                Some(rule) => rule.visible = visible,
                None => r.other_visible = visible,
            },
        }
    }

    /// What the features of symbol number `index` are drawn by at 1:`denominator`; nothing where they are not drawn. A rule
    /// that does not hold at that scale hands its features on to the next one of the same condition.
    pub fn symbol_at(&self, index: usize, denominator: f64) -> Option<&Symbol> {
        if !self.scales.contains(denominator) {
            return None;
        }
        match &self.styling {
            Styling::Ruled(ruled) => ruled.symbol_at(index, denominator),
            _ => self.symbol(index).filter(|_| self.is_visible(index)),
        }
    }

    /// Bytes that it takes beside its own.
    pub fn byte_count(&self) -> usize {
        match &self.styling {
            Styling::Single(_) => 0,
            Styling::Categorised(c) => {
                c.classes.iter().map(|class| size_of_val(class) + class.key.len() + class.label.len()).sum()
            }
            Styling::Graduated(g) => g.ranges.iter().map(|range| size_of_val(range) + range.label.len()).sum(),
            Styling::Ruled(r) => {
                r.rules.iter().map(|rule| size_of_val(rule) + rule.filter.len() + rule.label.len()).sum()
            }
        }
    }

    /// Number of the symbol of every feature of `layer` by the value of the style's field, in feature order. Decided once
    /// for each distinct text of a block, so a million parcels of fifty classes cost fifty look-ups a block. Where an
    /// expression decides, all have that of all other features: `expr` works it out.
    pub fn symbol_indices(&self, layer: &Layer) -> Vec<u16> {
        let count = layer.feature_count();
        let categories = match &self.styling {
            Styling::Single(_) => return vec![0; count],
            Styling::Categorised(categories) => categories,
            Styling::Graduated(_) | Styling::Ruled(_) => return vec![self.symbol_count() as u16 - 1; count],
        };
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

    /// Gives every outline that width; casings keep their margin. 0 leaves the outline out of the drawing.
    pub fn set_outline_width_px(&mut self, width_px: f32) {
        self.for_each_symbol(|symbol| symbol.set_outline_width_px(width_px));
    }

    /// Runs `change` on every symbol.
    pub fn for_each_symbol(&mut self, mut change: impl FnMut(&mut Symbol)) {
        match &mut self.styling {
            Styling::Single(symbol) => change(symbol),
            Styling::Categorised(c) => {
                c.classes.iter_mut().for_each(|class| change(&mut class.symbol));
                change(&mut c.other);
            }
            Styling::Graduated(g) => {
                g.ranges.iter_mut().for_each(|range| change(&mut range.symbol));
                change(&mut g.other);
            }
            Styling::Ruled(r) => {
                r.rules.iter_mut().for_each(|rule| change(&mut rule.symbol));
                change(&mut r.other);
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

impl Icon {
    /// Its word in files.
    pub fn name(self) -> String {
        match self {
            Self::None => "none".to_owned(),
            Self::House => "house".to_owned(),
            Self::Star => "star".to_owned(),
            Self::Flag => "flag".to_owned(),
            Self::Figure(motif) => format!("figure-{}", motif.name()),
        }
    }

    /// The one of that word.
    pub fn from_name(name: &str) -> Option<Self> {
        let figure = || name.strip_prefix("figure-").and_then(Motif::from_name).map(Self::Figure);
        let plain = [Self::None, Self::House, Self::Star, Self::Flag].into_iter().find(|icon| icon.name() == name);
        plain.or_else(figure)
    }
}

impl Symbol {
    /// Gives its outline that width; a casing keeps its margin. 0 leaves the outline out of the drawing.
    pub fn set_outline_width_px(&mut self, width_px: f32) {
        if let Some(stroke) = &mut self.stroke {
            if let Some(casing) = &mut stroke.casing {
                casing.width_px += width_px - stroke.width_px;
            }
            stroke.width_px = width_px;
        }
    }

    /// The one colour that stands for it where there is room for only one: fill, hatch, line or marker.
    pub fn color(&self) -> Color {
        let line = || self.stroke.map(|stroke| stroke.color);
        let marker = || self.marker.map(|marker| marker.color);
        match self.fill {
            Fill::Solid(color) if color.a >= 128 => color,
            Fill::Hatch(hatch) => hatch.color,
            Fill::Pattern(pattern) => pattern.back.filter(|back| back.a >= 128).unwrap_or(pattern.color),
            Fill::Solid(color) => marker().or_else(line).unwrap_or(color),
            Fill::None => marker().or_else(line).unwrap_or(Color::TRANSPARENT),
        }
    }
}

#[cfg(test)]
mod tests;
