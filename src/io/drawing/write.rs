//! A layer as a DXF of R2000, which every CAD program in China opens: outlines, fills and texts on a layer for each class.
//!
//! Text is GBK under `ANSI_936`; what GBK lacks is written as `\U+XXXX`. The text style has a TrueType font, without which
//! Chinese shows as question marks. Colours are the nearest of the 255 that R2000 knows.

use std::collections::BTreeMap;

use acadrust::types::Color as Aci;
use geo::InteriorPoint;

use super::super::options::WriteOptions;
use super::text::width;
use crate::model::classes::{Scheme, resolve};
use crate::model::roles::{Clues, recognise};
use crate::model::style::Color;
use crate::model::{Coord, Extent, GeometryKind, Layer};
use crate::text::{Language, Message};

/// The font of the texts, on every Chinese Windows.
const FONT: &str = "simsun.ttc";
const STYLE: &str = "SimSun";
/// Characters that names of layers must not have.
const NOT_IN_NAMES: &[char] = &['<', '>', '/', '\\', '"', ':', ';', '?', '*', '|', '=', ',', '\'', '`'];
/// Characters of the name of a layer at the most.
const MOST_NAME: usize = 200;
/// Handles of what every drawing has; the entities follow.
const MODEL: u64 = 0x1F;
const PAPER: u64 = 0x1B;
const FIRST_HANDLE: u64 = 0x100;

/// What a drawing cannot hold of a layer.
pub(in crate::io) fn losses(layer: &Layer, _: Option<&[usize]>, _: WriteOptions) -> Vec<Message> {
    let mut lost = Vec::new();
    let kept = named_fields(layer);
    let others = layer.fields.iter().enumerate().filter(|(at, _)| !kept.contains(at)).map(|(_, f)| f.name.as_str());
    let others: Vec<&str> = others.collect();
    if !others.is_empty() {
        let message = Message::new("io.loses-dxf-fields").with("count", others.len());
        lost.push(message.with("names", super::super::read::listed(&others)));
    }
    if layer.kind != GeometryKind::Point && layer.blocks.iter().any(|block| !block.geometry.z().is_empty()) {
        lost.push(Message::new("io.loses-dxf-heights"));
    }
    lost
}

/// The fields that become names of layers and texts.
fn named_fields(layer: &Layer) -> Vec<usize> {
    let recognition = recognise(&Clues::of_layer(layer));
    let names = [recognition.class_field, recognition.class_name_field, recognition.label_field];
    names.into_iter().flatten().filter_map(|name| layer.field(&name)).collect()
}

/// Writes a layer, or the `rows` of it.
///
/// # Errors
/// When it has no geometry.
pub(in crate::io) fn files(
    layer: &Layer,
    rows: Option<&[usize]>,
    _: WriteOptions,
) -> Result<Vec<(&'static str, Vec<u8>)>, Message> {
    if layer.kind == GeometryKind::None {
        return Err(Message::new("io.dxf-needs-geometry"));
    }
    let mut drawing = Drawing::new(layer);
    match rows {
        Some(rows) => rows.iter().for_each(|row| drawing.feature(*row)),
        None => (0..layer.feature_count()).for_each(|row| drawing.feature(row)),
    }
    Ok(vec![("dxf", drawing.finish())])
}

/// Lines of a DXF, in GBK.
#[derive(Default)]
struct Lines {
    bytes: Vec<u8>,
}

impl Lines {
    fn text(&mut self, code: u16, text: &str) {
        self.bytes.extend_from_slice(format!("{code:>3}\r\n").as_bytes());
        encode(text, &mut self.bytes);
        self.bytes.extend_from_slice(b"\r\n");
    }

    fn whole(&mut self, code: u16, value: i64) {
        self.text(code, &value.to_string());
    }

    fn handle(&mut self, code: u16, handle: u64) {
        self.text(code, &format!("{handle:X}"));
    }

    fn number(&mut self, code: u16, value: f64) {
        let text = value.to_string();
        self.text(code, &if text.contains('.') { text } else { format!("{text}.0") });
    }

    fn point(&mut self, code: u16, [x, y, z]: [f64; 3]) {
        self.number(code, x);
        self.number(code + 10, y);
        self.number(code + 20, z);
    }

    fn flat(&mut self, code: u16, at: Coord) {
        self.number(code, at.x);
        self.number(code + 10, at.y);
    }

    fn texts(&mut self, pairs: &[(u16, &str)]) {
        pairs.iter().for_each(|(code, text)| self.text(*code, text));
    }

    /// The start of an entity of model space.
    fn entity(&mut self, kind: &str, handle: u64, layer: &str, class: &str) {
        self.text(0, kind);
        self.handle(5, handle);
        self.handle(330, MODEL);
        self.texts(&[(100, "AcDbEntity"), (8, layer), (100, class)]);
    }

    /// The start of a table.
    fn table(&mut self, name: &str, handle: u64, count: usize) {
        self.texts(&[(0, "TABLE"), (2, name)]);
        self.handle(5, handle);
        self.handle(330, 0);
        self.text(100, "AcDbSymbolTable");
        self.whole(70, count as i64);
    }

    /// The start of an entry of a table.
    fn entry(&mut self, kind: &str, handle: u64, table: u64, class: &str, name: &str) {
        self.text(0, kind);
        self.handle(if kind == "DIMSTYLE" { 105 } else { 5 }, handle);
        self.handle(330, table);
        self.texts(&[(100, "AcDbSymbolTableRecord"), (100, class), (2, name)]);
    }
}

/// Text as GBK in one line; what GBK lacks as its number.
fn encode(text: &str, out: &mut Vec<u8>) {
    let mut piece = [0; 4];
    for sign in text.chars() {
        match sign {
            '\r' | '\n' | '\t' => out.push(b' '),
            '^' => out.extend_from_slice(b"^ "),
            sign if sign.is_ascii() => out.push(sign as u8),
            sign => {
                let (bytes, _, is_lost) = encoding_rs::GBK.encode(sign.encode_utf8(&mut piece));
                // Two bytes are GBK everywhere; one is a later addition.
                if is_lost || bytes.len() != 2 {
                    for unit in sign.encode_utf16(&mut [0; 2]) {
                        out.extend_from_slice(format!("\\U+{unit:04X}").as_bytes());
                    }
                } else {
                    out.extend_from_slice(&bytes);
                }
            }
        }
    }
}

/// The number of the nearest colour of R2000.
fn nearest(color: Color) -> u8 {
    let far = |index: &u8| {
        let (r, g, b) = Aci::Index(*index).rgb().unwrap_or((0, 0, 0));
        let part = |a: u8, b: u8| (i32::from(a) - i32::from(b)).pow(2);
        part(r, color.r) + part(g, color.g) + part(b, color.b)
    };
    (1..=255).min_by_key(far).unwrap_or(7)
}

/// A name that a layer may have.
fn allowed(name: &str) -> String {
    let clean: String =
        name.trim().chars().map(|c| if NOT_IN_NAMES.contains(&c) || c.is_control() { '_' } else { c }).collect();
    let cut: String = clean.chars().take(MOST_NAME).collect();
    if cut.trim().is_empty() { "0".to_owned() } else { cut }
}

/// A drawing that features are put into.
struct Drawing<'a> {
    layer: &'a Layer,
    scheme: Option<Scheme>,
    class_field: Option<usize>,
    label_field: Option<usize>,
    /// Layers with the numbers of their colours.
    layers: BTreeMap<String, u8>,
    fills: Lines,
    lines: Lines,
    texts: Lines,
    next_handle: u64,
    extent: Extent,
}

impl<'a> Drawing<'a> {
    fn new(layer: &'a Layer) -> Self {
        let recognition = recognise(&Clues::of_layer(layer));
        let at = |name: &Option<String>| name.as_ref().and_then(|name| layer.field(name));
        Self {
            layer,
            scheme: recognition.scheme(),
            class_field: at(&recognition.class_field),
            label_field: at(&recognition.label_field),
            layers: BTreeMap::new(),
            fills: Lines::default(),
            lines: Lines::default(),
            texts: Lines::default(),
            next_handle: FIRST_HANDLE,
            extent: Extent::EMPTY,
        }
    }

    fn handle(&mut self) -> u64 {
        self.next_handle += 1;
        self.next_handle
    }

    /// The layer that a feature lies on, and what is written on it.
    fn named(&mut self, feature: usize) -> (String, String) {
        let value = |field: Option<usize>| field.map(|field| self.layer.value(feature, field).to_string());
        let code = value(self.class_field).unwrap_or_default();
        let class = self.scheme.and_then(|scheme| resolve(scheme, &code)).map(|found| found.class);
        let class_text = match class {
            Some(class) => format!("{} {}", class.code(), class.name(Language::Chinese)),
            None => code.trim().to_owned(),
        };
        let name = match class {
            Some(class) => format!("{}_{}", self.layer.name, class.name(Language::Chinese)),
            None if class_text.is_empty() => self.layer.name.clone(),
            None => format!("{}_{class_text}", self.layer.name),
        };
        let name = allowed(&name);
        self.layers.entry(name.clone()).or_insert_with(|| class.map_or(7, |class| nearest(class.color())));
        let label = value(self.label_field).unwrap_or_default();
        let text = [label.trim(), class_text.as_str()].into_iter().filter(|text| !text.is_empty());
        (name, text.collect::<Vec<_>>().join(" "))
    }

    fn feature(&mut self, feature: usize) {
        let (block, row) = self.layer.locate(feature);
        if block.geometry.is_null(row) {
            return;
        }
        self.extent.union(&block.geometry.feature_extent(row));
        let (name, text) = self.named(feature);
        match self.layer.kind {
            GeometryKind::Point => {
                let heights = block.geometry.z().get(block.geometry.coord_range(row)).unwrap_or(&[]);
                for (at, point) in block.geometry.points(row).iter().enumerate() {
                    let z = heights.get(at).copied().filter(|z| z.is_finite()).unwrap_or(0.0);
                    let handle = self.handle();
                    self.lines.entity("POINT", handle, &name, "AcDbPoint");
                    self.lines.point(10, [point.x, point.y, z]);
                }
            }
            GeometryKind::Line => {
                for path in block.geometry.paths(row) {
                    self.path(&name, path, false);
                }
            }
            GeometryKind::Polygon => {
                let mut largest: Option<(f64, Vec<Vec<Coord>>)> = None;
                for part in block.geometry.polygon(row).parts() {
                    let rings: Vec<Vec<Coord>> = part.rings().map(<[Coord]>::to_vec).collect();
                    self.fill(&name, &rings);
                    rings.iter().for_each(|ring| self.path(&name, ring, true));
                    let size = rings.first().map_or(0.0, |ring| planar(ring));
                    if largest.as_ref().is_none_or(|(most, _)| size > *most) {
                        largest = Some((size, rings));
                    }
                }
                if let Some((size, rings)) = largest
                    && !text.is_empty()
                {
                    self.text(&name, &text, &rings, size);
                }
            }
            GeometryKind::None => {}
        }
    }

    /// A line, or a ring, whose last point is its first.
    fn path(&mut self, layer: &str, path: &[Coord], closed: bool) {
        let points = if closed && path.len() > 1 { &path[..path.len() - 1] } else { path };
        let handle = self.handle();
        self.lines.entity("LWPOLYLINE", handle, layer, "AcDbPolyline");
        self.lines.whole(90, points.len() as i64);
        self.lines.whole(70, i64::from(closed));
        points.iter().for_each(|point| self.lines.flat(10, *point));
    }

    fn fill(&mut self, layer: &str, rings: &[Vec<Coord>]) {
        let handle = self.handle();
        let out = &mut self.fills;
        out.entity("HATCH", handle, layer, "AcDbHatch");
        out.point(10, [0.0; 3]);
        out.point(210, [0.0, 0.0, 1.0]);
        out.text(2, "SOLID");
        out.whole(70, 1);
        out.whole(71, 0);
        out.whole(91, rings.len() as i64);
        for (at, ring) in rings.iter().enumerate() {
            let points = &ring[..ring.len().saturating_sub(1)];
            // A path of points; the first is the outer one.
            out.whole(92, if at == 0 { 3 } else { 2 });
            out.whole(72, 0);
            out.whole(73, 1);
            out.whole(93, points.len() as i64);
            points.iter().for_each(|point| out.flat(10, *point));
            out.whole(97, 0);
        }
        out.whole(75, 0);
        out.whole(76, 1);
        out.whole(98, 1);
        out.flat(10, rings.first().and_then(|ring| ring.first()).copied().unwrap_or_default());
    }

    fn text(&mut self, layer: &str, text: &str, rings: &[Vec<Coord>], size: f64) {
        let Some(at) = within(rings) else { return };
        // Half as wide as the parcel.
        let height = 0.5 * size.sqrt() / width(text).max(2.0);
        let handle = self.handle();
        let out = &mut self.texts;
        out.entity("TEXT", handle, layer, "AcDbText");
        // The writer of a text in a CAD program sets its start; the alignment point is the middle.
        let start = [at.x - 0.5 * height * width(text), at.y - 0.5 * height, 0.0];
        out.point(10, start);
        out.number(40, height.max(1e-9));
        out.text(1, text);
        out.text(7, STYLE);
        out.whole(72, 1);
        out.point(11, [at.x, at.y, 0.0]);
        out.text(100, "AcDbText");
        out.whole(73, 2);
    }

    fn finish(mut self) -> Vec<u8> {
        self.layers.entry("0".to_owned()).or_insert(7);
        let mut out = Lines::default();
        self.header(&mut out);
        self.tables(&mut out);
        blocks(&mut out);
        out.texts(&[(0, "SECTION"), (2, "ENTITIES")]);
        // What is drawn later lies above.
        out.bytes.append(&mut self.fills.bytes);
        out.bytes.append(&mut self.lines.bytes);
        out.bytes.append(&mut self.texts.bytes);
        out.text(0, "ENDSEC");
        objects(&mut out);
        out.text(0, "EOF");
        out.bytes
    }

    fn header(&self, out: &mut Lines) {
        out.texts(&[(0, "SECTION"), (2, "HEADER")]);
        out.texts(&[(9, "$ACADVER"), (1, "AC1015"), (9, "$DWGCODEPAGE"), (3, "ANSI_936")]);
        out.text(9, "$INSUNITS");
        let is_metres = !self.layer.crs.is_geographic() && self.layer.crs.metres_per_unit() == 1.0;
        out.whole(70, if is_metres { 6 } else { 0 });
        out.text(9, "$MEASUREMENT");
        out.whole(70, 1);
        if !self.extent.is_empty() {
            let (min, max) = (self.extent.min, self.extent.max);
            out.text(9, "$EXTMIN");
            out.point(10, [min.x, min.y, 0.0]);
            out.text(9, "$EXTMAX");
            out.point(10, [max.x, max.y, 0.0]);
        }
        out.texts(&[(9, "$TEXTSTYLE"), (7, STYLE), (9, "$CLAYER"), (8, "0")]);
        out.text(9, "$HANDSEED");
        out.handle(5, self.next_handle + self.layers.len() as u64 + 1);
        out.text(0, "ENDSEC");
    }

    fn tables(&self, out: &mut Lines) {
        out.texts(&[(0, "SECTION"), (2, "TABLES")]);
        out.table("VPORT", 0x8, 1);
        out.entry("VPORT", 0x29, 0x8, "AcDbViewportTableRecord", "*Active");
        out.whole(70, 0);
        let (center, height) = if self.extent.is_empty() {
            (Coord::default(), 100.0)
        } else {
            (self.extent.center(), self.extent.height().max(self.extent.width()).max(1e-6) * 1.1)
        };
        out.flat(10, Coord { x: 0.0, y: 0.0 });
        out.flat(11, Coord { x: 1.0, y: 1.0 });
        out.flat(12, center);
        out.number(40, height);
        out.number(41, 1.5);
        out.text(0, "ENDTAB");
        out.table("LTYPE", 0x5, 3);
        for (handle, name, words) in [(0x14, "ByBlock", ""), (0x15, "ByLayer", ""), (0x16, "Continuous", "Solid line")]
        {
            out.entry("LTYPE", handle, 0x5, "AcDbLinetypeTableRecord", name);
            out.whole(70, 0);
            out.text(3, words);
            out.whole(72, 65);
            out.whole(73, 0);
            out.number(40, 0.0);
        }
        out.text(0, "ENDTAB");
        out.table("LAYER", 0x2, self.layers.len());
        for (at, (name, color)) in (1u64..).zip(&self.layers) {
            let handle = if name == "0" { 0x10 } else { self.next_handle + at };
            out.entry("LAYER", handle, 0x2, "AcDbLayerTableRecord", name);
            out.whole(70, 0);
            out.whole(62, i64::from(*color));
            out.text(6, "Continuous");
            out.whole(370, -3);
        }
        out.text(0, "ENDTAB");
        out.table("STYLE", 0x3, 2);
        for (handle, name) in [(0x11, "Standard"), (0x12, STYLE)] {
            out.entry("STYLE", handle, 0x3, "AcDbTextStyleTableRecord", name);
            out.whole(70, 0);
            out.number(40, 0.0);
            out.number(41, 1.0);
            out.number(50, 0.0);
            out.whole(71, 0);
            out.number(42, 2.5);
            out.texts(&[(3, FONT), (4, "")]);
        }
        out.text(0, "ENDTAB");
        for (name, handle) in [("VIEW", 0x6), ("UCS", 0x7)] {
            out.table(name, handle, 0);
            out.text(0, "ENDTAB");
        }
        out.table("APPID", 0x9, 1);
        out.entry("APPID", 0x13, 0x9, "AcDbRegAppTableRecord", "ACAD");
        out.whole(70, 0);
        out.text(0, "ENDTAB");
        out.table("DIMSTYLE", 0xA, 1);
        out.text(100, "AcDbDimStyleTable");
        out.entry("DIMSTYLE", 0x27, 0xA, "AcDbDimStyleTableRecord", "Standard");
        out.whole(70, 0);
        out.text(0, "ENDTAB");
        out.table("BLOCK_RECORD", 0x1, 2);
        for (handle, name) in [(MODEL, "*Model_Space"), (PAPER, "*Paper_Space")] {
            out.entry("BLOCK_RECORD", handle, 0x1, "AcDbBlockTableRecord", name);
            out.handle(340, 0);
        }
        out.texts(&[(0, "ENDTAB"), (0, "ENDSEC")]);
    }
}

fn blocks(out: &mut Lines) {
    out.texts(&[(0, "SECTION"), (2, "BLOCKS")]);
    for (record, begin, end, name) in [(MODEL, 0x20, 0x21, "*Model_Space"), (PAPER, 0x1C, 0x1D, "*Paper_Space")] {
        out.text(0, "BLOCK");
        out.handle(5, begin);
        out.handle(330, record);
        out.texts(&[(100, "AcDbEntity"), (8, "0"), (100, "AcDbBlockBegin"), (2, name)]);
        out.whole(70, 0);
        out.point(10, [0.0; 3]);
        out.texts(&[(3, name), (1, "")]);
        out.text(0, "ENDBLK");
        out.handle(5, end);
        out.handle(330, record);
        out.texts(&[(100, "AcDbEntity"), (8, "0"), (100, "AcDbBlockEnd")]);
    }
    out.text(0, "ENDSEC");
}

/// The dictionaries that every drawing of R2000 has.
fn objects(out: &mut Lines) {
    out.texts(&[(0, "SECTION"), (2, "OBJECTS")]);
    let mut dictionary = |handle: u64, owner: u64, entries: &[(&str, u64)]| {
        out.text(0, "DICTIONARY");
        out.handle(5, handle);
        out.handle(330, owner);
        out.text(100, "AcDbDictionary");
        out.whole(281, 1);
        for (name, entry) in entries {
            out.text(3, name);
            out.handle(350, *entry);
        }
    };
    dictionary(0xC, 0, &[("ACAD_GROUP", 0xD)]);
    dictionary(0xD, 0xC, &[]);
    out.text(0, "ENDSEC");
}

/// Twice the area of a ring that is closed, relative to its first point, halved and without its sign.
fn planar(ring: &[Coord]) -> f64 {
    let Some(o) = ring.first() else { return 0.0 };
    let doubled = ring.windows(2).map(|s| (s[0].x - o.x) * (s[1].y - o.y) - (s[1].x - o.x) * (s[0].y - o.y));
    (doubled.sum::<f64>() / 2.0).abs()
}

/// A place within a polygon, near its middle.
fn within(rings: &[Vec<Coord>]) -> Option<Coord> {
    let o = *rings.first()?.first()?;
    let line = |ring: &Vec<Coord>| {
        geo_types::LineString::from(ring.iter().map(|c| (c.x - o.x, c.y - o.y)).collect::<Vec<(f64, f64)>>())
    };
    let polygon = geo_types::Polygon::new(line(&rings[0]), rings[1..].iter().map(line).collect());
    let point = polygon.interior_point()?;
    Some(Coord { x: point.x() + o.x, y: point.y() + o.y })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_gbk_or_its_number() {
        let check = |text: &str, expected: &[u8]| {
            let mut bytes = Vec::new();
            encode(text, &mut bytes);
            assert_eq!(bytes, expected, "{text}");
        };
        check("R2\n a^b", b"R2  a^ b");
        check("地", &[0xB5, 0xD8]);
        // A rare character of a village's name, one beyond the first plane, and the euro, which GBK got later.
        check("㙟", b"\\U+365F");
        check("𠮷", b"\\U+D842\\U+DFB7");
        check("€", b"\\U+20AC");
    }

    #[test]
    fn colours_are_the_nearest() {
        assert_eq!(nearest(Color::rgb(255, 0, 0)), 1);
        assert_eq!(nearest(Color::rgb(255, 255, 1)), 2);
        assert_eq!(allowed(" a/b:c\u{7} "), "a_b_c_");
        assert_eq!(allowed(""), "0");
    }
}
