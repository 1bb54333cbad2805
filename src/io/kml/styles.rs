//! Styles of a document, and the style that a layer comes to.
//!
//! A placemark is drawn by the style that it names, by one of its own, or by both: what its own says goes before. Styles
//! may stand behind what names them, so this is settled at the end. Where the features of a layer are drawn in several
//! ways, a field is looked for that tells them apart, so that the legend speaks of what the layer is about; where none
//! does, one is added with the names of the styles. What nobody chose (what GDAL writes for every feature) says nothing.

use std::borrow::Cow;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::super::columns::RawBlock;
use crate::model::attributes::ColumnBuilder;
use crate::model::style::{Categories, ClassSymbol, Color, Fill, LayerStyle, Stroke, Styling, Symbol, defaults};
use crate::model::{Column, GeometryKind, Value};

/// Styles that are kept, and ways in which placemarks ask for them.
const MOST_STYLES: usize = 20_000;
/// Styles that name a style that names a style.
const MOST_STEPS: usize = 8;
/// Classes of a layer: the most frequent ones, the rest is drawn as other values.
const MOST_CLASSES: usize = 250;
/// Values of a field that tells the styles of a layer apart.
const MOST_VALUES: usize = 64;
/// The field that is added where no other tells the styles apart.
const FIELD: &str = "样式";
/// A feature that is not drawn: what it asks for counts for nothing.
const NOWHERE: u32 = u32::MAX;

/// What of a style is drawn here; nothing where it does not say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Drawn {
    pub(super) line_color: Option<Color>,
    /// In thousandths of a pixel.
    pub(super) line_width: Option<u32>,
    pub(super) fill_color: Option<Color>,
    pub(super) is_filled: Option<bool>,
    pub(super) is_outlined: Option<bool>,
    pub(super) icon_color: Option<Color>,
    /// In thousandths.
    pub(super) icon_scale: Option<u32>,
    /// Whether the icon is a picture, which white leaves as it is.
    pub(super) has_picture: bool,
}

/// What a placemark, or a style that stands for another, is drawn by.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Asked {
    /// The id of a style of the document; empty where none is named.
    pub(super) id: String,
    /// What is said on the spot.
    pub(super) own: Option<Drawn>,
}

/// A style that has an id.
#[derive(Debug)]
enum Shared {
    Style(Drawn),
    /// A pair of styles, of which the first is for what is not pointed at.
    Map(Asked),
}

/// A pair of styles that is open.
#[derive(Debug, Default)]
struct Map {
    id: String,
    /// What the open half is for, and what it names.
    key: String,
    half: Asked,
    normal: Asked,
}

/// The styles of a document, while it is read.
#[derive(Debug, Default)]
pub(super) struct Styles {
    shared: FxHashMap<String, Shared>,
    style: Option<(String, Drawn)>,
    map: Option<Map>,
    asked: Vec<Asked>,
    numbers: FxHashMap<Asked, u32>,
}

/// The style of each kind of a layer.
pub(super) type OfKinds = Vec<(GeometryKind, LayerStyle)>;

/// A colour as KML writes it: opacity, blue, green, red.
pub(super) fn color(text: &str) -> Option<Color> {
    let digits = text.trim().trim_start_matches('#');
    let (a, rest) = match digits.len() {
        8 if digits.is_ascii() => digits.split_at(2),
        6 => ("ff", digits),
        _ => return None,
    };
    let Color { r: b, g, b: r, .. } = Color::from_hex(rest)?;
    let a = u8::from_str_radix(a, 16).ok()?; // no colour: nothing is said
    Some(Color { r, g, b, a })
}

/// A colour as KML writes it.
pub(super) fn color_text(Color { r, g, b, a }: Color) -> String {
    format!("{a:02x}{b:02x}{g:02x}{r:02x}")
}

/// A width or scale in thousandths.
pub(super) fn thousandths(text: &str) -> Option<u32> {
    let number: f64 = text.trim().parse().ok()?; // no number: nothing is said
    (0.0..=1000.0).contains(&number).then(|| (number * 1000.0).round() as u32)
}

/// A yes or no.
pub(super) fn flag(text: &str) -> Option<bool> {
    match text.trim() {
        "1" | "true" => Some(true),
        "0" | "false" => Some(false),
        _ => None,
    }
}

/// The id that an address names; empty where it is that of another document, which is not fetched.
pub(super) fn local(address: &str) -> String {
    let address = address.trim();
    match address.strip_prefix('#') {
        Some(id) => id.to_owned(),
        None if address.contains(['#', '/']) => String::new(),
        None => address.to_owned(),
    }
}

impl Drawn {
    /// What it says, and what `under` says where it says nothing.
    fn over(self, under: Self) -> Self {
        Self {
            line_color: self.line_color.or(under.line_color),
            line_width: self.line_width.or(under.line_width),
            fill_color: self.fill_color.or(under.fill_color),
            is_filled: self.is_filled.or(under.is_filled),
            is_outlined: self.is_outlined.or(under.is_outlined),
            icon_color: self.icon_color.or(under.icon_color),
            icon_scale: self.icon_scale.or(under.icon_scale),
            has_picture: self.has_picture || under.has_picture,
        }
    }

    /// How features of `kind` are drawn; `None` where nothing is said about them, or that they are not to be seen at all.
    fn symbol(&self, kind: GeometryKind) -> Option<Symbol> {
        let usual_of_gdal = Self { line_color: Some(Color::rgb(255, 0, 0)), is_filled: Some(false), ..Self::default() };
        if *self == usual_of_gdal {
            return None;
        }
        let width = self.line_width.unwrap_or(1000);
        let line = |color: Color| Stroke {
            color,
            width_px: (width as f32 / 1000.0).clamp(0.1, 20.0),
            dash: None,
            casing: None,
        };
        let seen = |color: Option<Color>| color.filter(|color| color.a > 0);
        match kind {
            GeometryKind::None => None,
            GeometryKind::Point => {
                let tint = seen(self.icon_color).filter(|color| !(self.has_picture && *color == Color::WHITE))?;
                let mut symbol = defaults::class_symbol(tint, kind);
                if let (Some(marker), Some(scale)) = (&mut symbol.marker, self.icon_scale) {
                    marker.size_px = (marker.size_px * scale as f32 / 1000.0).clamp(3.0, 48.0);
                }
                Some(symbol)
            }
            GeometryKind::Line => Some(Symbol { stroke: Some(line(seen(self.line_color)?)), ..Symbol::default() }),
            GeometryKind::Polygon => {
                let is_filled = self.is_filled != Some(false);
                let fill = seen(self.fill_color).filter(|_| is_filled).map_or(Fill::None, Fill::Solid);
                let stroke = match self.line_color {
                    _ if self.is_outlined == Some(false) || width == 0 => None,
                    Some(color) => seen(Some(color)).map(line),
                    None => (fill != Fill::None).then_some(defaults::PARCEL_OUTLINE),
                };
                let symbol = Symbol { fill, stroke, marker: None };
                (symbol != Symbol::default()).then_some(symbol)
            }
        }
    }
}

impl Styles {
    /// A style begins.
    pub(super) fn begin_style(&mut self, id: String) {
        self.style = Some((id, Drawn::default()));
    }

    /// The open style.
    pub(super) fn open(&mut self) -> Option<&mut Drawn> {
        self.style.as_mut().map(|(_, drawn)| drawn)
    }

    /// The open style ends: it is half of a pair, the own one of a placemark, which is given back, or one to be named.
    pub(super) fn end_style(&mut self, is_half: bool, in_placemark: bool) -> Option<Drawn> {
        let (id, drawn) = self.style.take()?;
        match &mut self.map {
            Some(map) if is_half => map.half.own = Some(drawn),
            _ if in_placemark => return Some(drawn),
            _ => self.share(id, Shared::Style(drawn)),
        }
        None
    }

    /// A pair of styles begins.
    pub(super) fn begin_map(&mut self, id: String) {
        self.map = Some(Map { id, ..Map::default() });
    }

    /// One half of a pair begins.
    pub(super) fn begin_half(&mut self) {
        if let Some(map) = &mut self.map {
            (map.key, map.half) = (String::new(), Asked::default());
        }
    }

    /// What the open half is for.
    pub(super) fn half_is_for(&mut self, key: &str) {
        if let Some(map) = &mut self.map {
            key.clone_into(&mut map.key);
        }
    }

    /// What the open half names.
    pub(super) fn half_names(&mut self, address: &str) {
        if let Some(map) = &mut self.map {
            map.half.id = local(address);
        }
    }

    /// The open half ends.
    pub(super) fn end_half(&mut self) {
        if let Some(map) = &mut self.map
            && map.key != "highlight"
        {
            map.normal = std::mem::take(&mut map.half);
        }
    }

    /// The open pair ends; gives what a placemark asks for by it.
    pub(super) fn end_map(&mut self, in_placemark: bool) -> Option<Asked> {
        let map = self.map.take()?;
        if in_placemark {
            return Some(map.normal);
        }
        self.share(map.id, Shared::Map(map.normal));
        None
    }

    fn share(&mut self, id: String, style: Shared) {
        if !id.is_empty() && self.shared.len() < MOST_STYLES {
            self.shared.insert(id, style);
        }
    }

    /// The number of what a placemark asks for; 0 for nothing.
    pub(super) fn number(&mut self, asked: Asked) -> u32 {
        if asked == Asked::default() {
            return 0;
        }
        if let Some(number) = self.numbers.get(&asked) {
            return *number;
        }
        if self.asked.len() >= MOST_STYLES {
            return 0;
        }
        self.asked.push(asked.clone());
        let number = self.asked.len() as u32;
        self.numbers.insert(asked, number);
        number
    }

    /// What is drawn for what was asked, by its number.
    fn resolved(&self, number: u32) -> Drawn {
        let Some(mut asked) = number.checked_sub(1).and_then(|at| self.asked.get(at as usize)) else {
            return Drawn::default();
        };
        let mut drawn = Drawn::default();
        for _ in 0..MOST_STEPS {
            drawn = drawn.over(asked.own.unwrap_or_default());
            match self.shared.get(&asked.id) {
                Some(Shared::Map(normal)) => asked = normal,
                Some(Shared::Style(style)) => return drawn.over(*style),
                None => break,
            }
        }
        drawn
    }

    /// The style of each kind of a layer whose placemark number `row` asks for `numbers[row]`. `home` is the kind that
    /// features without geometry go to. A field is added to the blocks where no other tells the styles apart. Gives also
    /// how many styles are more than a legend holds.
    pub(super) fn of_layer(
        &self,
        numbers: &[u32],
        home: Option<GeometryKind>,
        blocks: &mut [RawBlock],
    ) -> (OfKinds, usize) {
        let mut styles = Vec::new();
        let mut more = 0;
        for kind in [GeometryKind::Point, GeometryKind::Line, GeometryKind::Polygon] {
            let is_own = |block: &RawBlock| {
                let own = block.geometry.kind();
                own == kind || own == GeometryKind::None && home == Some(kind)
            };
            let mut own: Vec<&mut RawBlock> = blocks.iter_mut().filter(|block| is_own(block)).collect();
            let mut ways = Ways::default();
            let of_blocks: Vec<Vec<u32>> =
                own.iter().map(|block| self.ways_of(block, kind, numbers, &mut ways)).collect();
            more += ways.symbols.len().saturating_sub(MOST_CLASSES);
            if let Some(style) = ways.style(of_blocks, &mut own) {
                styles.push((kind, style));
            }
        }
        (styles, more)
    }

    /// For each feature of a block the way in which it is drawn, from 1; 0 for none.
    fn ways_of(&self, block: &RawBlock, kind: GeometryKind, numbers: &[u32], ways: &mut Ways) -> Vec<u32> {
        let way = |(at, row): (usize, &u32)| {
            if block.geometry.is_null(at) {
                return NOWHERE;
            }
            let number = numbers.get(*row as usize).copied().unwrap_or(0);
            ways.way(number, kind, self)
        };
        block.rows.iter().enumerate().map(way).collect()
    }
}

/// The ways in which the features of a layer are drawn.
#[derive(Default)]
struct Ways {
    symbols: Vec<Symbol>,
    /// How many features each has, and the id of the style where it has one.
    counts: Vec<(u64, String)>,
    /// Features with none.
    plain_count: u64,
    /// Ways by the number of what was asked, and by the symbol as text.
    of_number: FxHashMap<u32, u32>,
    of_symbol: FxHashMap<String, u32>,
}

impl Ways {
    fn way(&mut self, number: u32, kind: GeometryKind, styles: &Styles) -> u32 {
        let known = self.of_number.get(&number).copied();
        let way = known.unwrap_or_else(|| {
            let way = styles.resolved(number).symbol(kind).map_or(0, |symbol| {
                let next = self.symbols.len() as u32 + 1;
                let way = *self.of_symbol.entry(format!("{symbol:?}")).or_insert(next);
                if way == next {
                    let id = styles.asked.get(number as usize - 1).map_or("", |asked| asked.id.as_str());
                    self.symbols.push(symbol);
                    self.counts.push((0, id.to_owned()));
                }
                way
            });
            self.of_number.insert(number, way);
            way
        });
        match way {
            0 => self.plain_count += 1,
            way => self.counts[way as usize - 1].0 += 1,
        }
        way
    }

    /// The style of the layer that `blocks` are, whose features are drawn in the ways `of_blocks`; `None` where nothing
    /// is said of it.
    fn style(self, mut of_blocks: Vec<Vec<u32>>, blocks: &mut [&mut RawBlock]) -> Option<LayerStyle> {
        let first = *self.symbols.first()?;
        if self.symbols.len() == 1 && self.plain_count == 0 {
            return Some(LayerStyle::single(first));
        }
        let listed = self.listed();
        if listed.len() < self.symbols.len() {
            let is_rare = |way: &u32| *way != NOWHERE && !listed.contains(way);
            of_blocks.iter_mut().flatten().filter(|way| is_rare(way)).for_each(|way| *way = 0);
        }
        let (field, keys) = match telling(blocks, &of_blocks, listed.len() + usize::from(self.plain_count > 0)) {
            Some(found) => found,
            None => self.added(&listed, &of_blocks, blocks),
        };
        let class = |(key, way): (String, u32)| {
            let symbol = *self.symbols.get((way as usize).checked_sub(1)?)?;
            Some(ClassSymbol { key, class: None, label: String::new(), symbol, visible: true })
        };
        let classes = keys.into_iter().filter_map(class).collect();
        let other = Symbol::default();
        let categories = Categories { field, scheme: None, classes, other, other_visible: true };
        Some(LayerStyle::of(Styling::Categorised(categories)))
    }

    /// The ways that the legend lists: all, or the most frequent ones.
    fn listed(&self) -> Vec<u32> {
        let mut listed: Vec<u32> = (1..=self.symbols.len() as u32).collect();
        if listed.len() > MOST_CLASSES {
            listed.sort_by_key(|way| std::cmp::Reverse(self.counts[*way as usize - 1].0));
            listed.truncate(MOST_CLASSES);
            listed.sort_unstable();
        }
        listed
    }

    /// Adds a field with the names of the styles; gives its name and the name of each way.
    fn added(
        &self,
        listed: &[u32],
        of_blocks: &[Vec<u32>],
        blocks: &mut [&mut RawBlock],
    ) -> (String, Vec<(String, u32)>) {
        let mut names: FxHashMap<u32, String> = FxHashMap::default();
        let mut taken = rustc_hash::FxHashSet::default();
        for way in listed {
            let at = *way as usize - 1;
            let id = &self.counts[at].1;
            let base = if id.is_empty() { self.symbols[at].color().to_string() } else { id.clone() };
            let mut name = base.clone();
            let mut next = 2;
            while !taken.insert(name.clone()) {
                name = format!("{base} (#{next})");
                next += 1;
            }
            names.insert(*way, name);
        }
        let is_taken = |field: &str| blocks.iter().any(|block| block.names.iter().any(|name| name == field));
        let mut field = FIELD.to_owned();
        let mut next = 2;
        while is_taken(&field) {
            field = format!("{FIELD}_{next}");
            next += 1;
        }
        for (block, ways) in blocks.iter_mut().zip(of_blocks) {
            let mut column = ColumnBuilder::default();
            for (row, name) in (0u32..).zip(ways.iter().map(|way| names.get(way))) {
                column.set(row, name.map_or(Value::Null, |name| Value::Text(name)));
            }
            let column = column.finish(ways.len());
            block.attributes = block.attributes.with_column(block.names.len(), Some(Arc::new(column)));
            block.names.push(field.clone());
        }
        let keys = listed.iter().map(|way| (names[way].clone(), *way)).collect();
        (field, keys)
    }
}

/// The field whose values tell the ways of the features apart in the fewest values, and the way of each of its values.
fn telling(blocks: &[&mut RawBlock], of_blocks: &[Vec<u32>], way_count: usize) -> Option<(String, Vec<(String, u32)>)> {
    let mut fields: Vec<&str> = Vec::new();
    for name in blocks.iter().flat_map(|block| &block.names) {
        if !fields.contains(&name.as_str()) {
            fields.push(name);
        }
    }
    let mut best: Option<(&str, FxHashMap<Cow<'_, str>, u32>)> = None;
    for field in fields {
        // Values that are drawn alike are as many as those that are not.
        let most = best.as_ref().map_or(MOST_VALUES.max(4 * way_count), |(_, known)| known.len() - 1);
        let Some((values, count)) = values(field, blocks, of_blocks, most) else { continue };
        // Names that stand once each tell everything apart, and mean nothing.
        let is_class = values.len() == way_count || 2 * values.len() <= count;
        if is_class && best.as_ref().is_none_or(|(_, known)| values.len() < known.len()) {
            best = Some((field, values));
        }
    }
    let (field, values) = best?;
    let mut keys: Vec<(String, u32)> = values.into_iter().map(|(value, way)| (value.into_owned(), way)).collect();
    keys.sort();
    Some((field.to_owned(), keys))
}

/// The way of each value of a field, and the features that were looked at; `None` where features of one value are drawn in
/// different ways, or it has more than `most` values.
fn values<'a>(
    field: &str,
    blocks: &'a [&mut RawBlock],
    of_blocks: &[Vec<u32>],
    most: usize,
) -> Option<(FxHashMap<Cow<'a, str>, u32>, usize)> {
    let mut values: FxHashMap<Cow<'a, str>, u32> = FxHashMap::default();
    let mut count = 0;
    for (block, ways) in blocks.iter().zip(of_blocks) {
        let at = block.names.iter().position(|name| name == field);
        let column: Option<&Column> = at.and_then(|at| block.attributes.column(at));
        for (row, way) in ways.iter().enumerate().filter(|(_, way)| **way != NOWHERE) {
            count += 1;
            let value = match column.map_or(Value::Null, |column| column.value(row)) {
                Value::Null => Cow::Borrowed(""),
                Value::Text(text) => Cow::Borrowed(text),
                Value::Int(number) => Cow::Owned(number.to_string()),
                _ => return None,
            };
            if *values.entry(value).or_insert(*way) != *way || values.len() > most {
                return None;
            }
        }
    }
    Some((values, count))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_written_backwards() {
        let check = |text: &str, expected: Option<Color>| assert_eq!(color(text), expected, "{text}");
        check("7f0a141e", Some(Color { r: 30, g: 20, b: 10, a: 127 }));
        check("#FF0000FF", Some(Color::rgb(255, 0, 0)));
        check("0000ff", Some(Color::rgb(255, 0, 0)));
        check("", None);
        check("红红红", None);
        check("zz0000ff", None);
        assert_eq!(color_text(Color { r: 30, g: 20, b: 10, a: 127 }), "7f0a141e");
        assert_eq!((thousandths(" 1.5 "), thousandths("-1"), thousandths("1e9")), (Some(1500), None, None));
        assert_eq!((local("#a"), local("a"), local("http://b/c.kml#a")), ("a".into(), "a".into(), String::new()));
    }

    #[test]
    fn what_nobody_chose_says_nothing() {
        let red = Some(Color::rgb(255, 0, 0));
        let gdal = Drawn { line_color: red, is_filled: Some(false), ..Drawn::default() };
        assert_eq!(gdal.symbol(GeometryKind::Polygon), None);
        let chosen = Drawn { line_width: Some(2000), ..gdal };
        let symbol = chosen.symbol(GeometryKind::Polygon).expect("a symbol");
        assert_eq!((symbol.fill, symbol.stroke.map(|stroke| stroke.width_px)), (Fill::None, Some(2.0)));
        let invisible = Drawn { is_filled: Some(false), is_outlined: Some(false), fill_color: red, ..Drawn::default() };
        assert_eq!(invisible.symbol(GeometryKind::Polygon), None);
        let picture = Drawn { icon_color: Some(Color::WHITE), has_picture: true, ..Drawn::default() };
        assert_eq!(picture.symbol(GeometryKind::Point), None);
        assert_eq!(chosen.symbol(GeometryKind::Point), None);
    }

    #[test]
    fn styles_that_name_each_other_end() {
        let mut styles = Styles::default();
        for (id, other) in [("a", "b"), ("b", "a")] {
            styles.begin_map(id.to_owned());
            styles.begin_half();
            styles.half_is_for("normal");
            styles.half_names(&format!("#{other}"));
            styles.end_half();
            styles.end_map(false);
        }
        let number = styles.number(Asked { id: "a".to_owned(), own: None });
        assert_eq!(styles.resolved(number), Drawn::default());
        assert_eq!((styles.number(Asked::default()), styles.resolved(0)), (0, Drawn::default()));
    }
}
