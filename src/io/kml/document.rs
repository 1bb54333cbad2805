//! One pass over a document: folders to layers, placemarks to features.

use quick_xml::errors::SyntaxError;
use quick_xml::events::{BytesStart, Event};
use rustc_hash::FxHashMap;

use super::super::columns::{Place, RawLayer, Sinks};
use super::super::findings::Findings;
use super::super::{Encoding, ReadError, xml};
use super::shapes::{self, Position, Shape};
use super::styles::{self, Asked, OfKinds, Styles};
use crate::model::{Issue, Severity, Value};
use crate::task::Progress;
use crate::text::Message;

/// Elements within elements: no program nests folders deeper.
const MOST_DEPTH: usize = 400;
/// Folders that become layers of their own; a document of more is one layer with a field of folders.
const MOST_LAYERS: usize = 100;

/// Elements that this reader knows, by their names without prefix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tag {
    Container,
    Placemark,
    Name,
    Description,
    Data,
    Value,
    SimpleData,
    SchemaData,
    Schema,
    SimpleField,
    OvCoordType,
    Point,
    LineString,
    LinearRing,
    Polygon,
    Outer,
    Inner,
    Track,
    Coordinates,
    Coord,
    When,
    Begin,
    End,
    Unread,
    Link,
    Style,
    StyleMap,
    Pair,
    Key,
    StyleUrl,
    LineStyle,
    PolyStyle,
    IconStyle,
    Color,
    Width,
    Fill,
    Outline,
    Scale,
    Href,
    Other,
}

impl Tag {
    fn of(name: &str) -> Self {
        match name {
            "Document" | "Folder" => Self::Container,
            "Placemark" => Self::Placemark,
            "name" => Self::Name,
            "description" => Self::Description,
            "Data" => Self::Data,
            "value" => Self::Value,
            "SimpleData" => Self::SimpleData,
            "SchemaData" => Self::SchemaData,
            "Schema" => Self::Schema,
            "SimpleField" => Self::SimpleField,
            "OvCoordType" => Self::OvCoordType,
            "Point" => Self::Point,
            "LineString" => Self::LineString,
            "LinearRing" => Self::LinearRing,
            "Polygon" => Self::Polygon,
            "outerBoundaryIs" => Self::Outer,
            "innerBoundaryIs" => Self::Inner,
            "Track" => Self::Track,
            "coordinates" => Self::Coordinates,
            "coord" => Self::Coord,
            "when" => Self::When,
            "begin" => Self::Begin,
            "end" => Self::End,
            "GroundOverlay" | "ScreenOverlay" | "PhotoOverlay" | "Model" => Self::Unread,
            "NetworkLink" => Self::Link,
            "Style" => Self::Style,
            "StyleMap" => Self::StyleMap,
            "Pair" => Self::Pair,
            "key" => Self::Key,
            "styleUrl" => Self::StyleUrl,
            "LineStyle" => Self::LineStyle,
            "PolyStyle" => Self::PolyStyle,
            "IconStyle" => Self::IconStyle,
            "color" => Self::Color,
            "width" => Self::Width,
            "fill" => Self::Fill,
            "outline" => Self::Outline,
            "scale" => Self::Scale,
            "href" => Self::Href,
            _ => Self::Other,
        }
    }
}

/// A layer as read, and how the document draws it.
pub(super) type Styled = (RawLayer, OfKinds);

/// Reads a document.
///
/// # Errors
/// [`ReadError::Format`] where nothing of it could be read, [`ReadError::Cancelled`].
pub(super) fn read(text: &str, format: &'static str, progress: &Progress) -> Result<Vec<Styled>, ReadError> {
    let folders = memchr::memmem::find_iter(text.as_bytes(), b"<Folder").count();
    let mut document = Document {
        format,
        as_one: folders > MOST_LAYERS,
        layers: Vec::new(),
        folders: Vec::new(),
        stack: Vec::new(),
        placemark: None,
        text: String::new(),
        key: String::new(),
        schema: String::new(),
        types: FxHashMap::default(),
        styles: Styles::default(),
        issues: Vec::new(),
        findings: Findings::default(),
        shifted: (0, 0),
        stated: 0,
        row: 0,
    };
    let error = document.run(text, progress)?;
    Ok(document.finish(text, error))
}

/// A folder that is open.
struct Folder {
    name: String,
    /// Its layer, once it holds a placemark.
    layer: Option<usize>,
}

/// A layer being filled.
struct Layer {
    name: String,
    sinks: Sinks,
    findings: Findings,
    row_count: u64,
    /// What each placemark is drawn by, as [`Styles`] numbers it.
    drawn_by: Vec<u32>,
}

/// A placemark that is open.
#[derive(Default)]
struct Placemark {
    id: String,
    line: u64,
    offset: usize,
    /// Names and texts, in the order in which they stand.
    fields: Vec<(String, Typed)>,
    shapes: Vec<Shape>,
    faults: Vec<Message>,
    /// Rings of the open polygon.
    rings: Vec<Vec<Position>>,
    outer: Option<Vec<Position>>,
    track: Vec<Position>,
    has_empty: bool,
    asked: Asked,
}

#[derive(Clone, Debug, PartialEq)]
enum Typed {
    Text(String),
    Int(i64),
    Float(f64),
    Bool(bool),
}

struct Document {
    format: &'static str,
    as_one: bool,
    layers: Vec<Layer>,
    folders: Vec<Folder>,
    stack: Vec<Tag>,
    placemark: Option<Placemark>,
    /// Text of the innermost element.
    text: String,
    /// Name of the open `Data` or `SimpleData`.
    key: String,
    /// The open schema, and the types of its fields.
    schema: String,
    types: FxHashMap<(String, String), String>,
    styles: Styles,
    issues: Vec<Issue>,
    /// What is about no layer.
    findings: Findings,
    /// Placemarks that say they are in GCJ-02, and the line of the first.
    shifted: (u64, u64),
    /// Placemarks that name their datum.
    stated: u64,
    /// Placemarks so far.
    row: u64,
}

impl Document {
    /// Goes through the events; gives why it stopped before the end.
    fn run(&mut self, text: &str, progress: &Progress) -> Result<Option<ReadError>, ReadError> {
        let mut events = xml::Events::of(text);
        let mut is_begun = false;
        loop {
            let xml::Stands { event, line, at } = events.step(progress).map_err(|_| ReadError::Cancelled)?;
            let event = match event {
                Ok(event) => event,
                Err(error) => {
                    if is_begun && self.stack.is_empty() {
                        self.note(Severity::Warning, Message::new("io.kml-junk"), Some(line));
                        return Ok(None);
                    }
                    let is_cut = is_cut(&error, &text.as_bytes()[at..]);
                    let reason = if is_cut { String::new() } else { error.to_string() };
                    return Ok(Some(self.broken(line, &reason)));
                }
            };
            let is_over = is_begun && self.stack.is_empty();
            match event {
                Event::Eof if !is_begun => return Err(ReadError::Format(Message::new("io.kml-none"))),
                Event::Eof if !self.stack.is_empty() => return Ok(Some(self.broken(line, ""))),
                Event::Eof => return Ok(None),
                Event::Start(_) | Event::Empty(_) if is_over => {
                    self.note(Severity::Warning, Message::new("io.kml-junk"), Some(line));
                    return Ok(None);
                }
                Event::Text(text) if is_over && !text.trim().is_empty() => {
                    self.note(Severity::Warning, Message::new("io.kml-junk"), Some(line));
                    return Ok(None);
                }
                Event::Start(tag) => {
                    is_begun = true;
                    if self.stack.len() >= MOST_DEPTH {
                        return Ok(Some(ReadError::Format(Message::new("io.kml-deep").with("line", line))));
                    }
                    self.start(&tag, line, at);
                }
                Event::Empty(tag) => {
                    is_begun = true;
                    self.start(&tag, line, at);
                    self.end(line);
                }
                Event::End(_) => self.end(line),
                Event::Text(text) => self.text.push_str(&text),
                Event::CData(text) => self.text.push_str(&text),
                Event::GeneralRef(reference) => self.text.push_str(&xml::resolved(&reference)),
                Event::DocType(_) => self.note(Severity::Note, Message::new("io.kml-doctype"), Some(line)),
                Event::Decl(_) | Event::PI(_) | Event::Comment(_) => {}
            }
        }
    }

    fn note(&mut self, severity: Severity, message: Message, line: Option<u64>) {
        self.issues.push(Issue { line, ..Issue::new(severity, message) });
    }

    fn broken(&self, line: u64, reason: &str) -> ReadError {
        let key = if reason.is_empty() { "io.kml-truncated" } else { "io.kml-broken" };
        let message = Message::new(key).with("line", line).with("count", self.row);
        ReadError::Format(if reason.is_empty() { message } else { message.with("reason", reason) })
    }

    fn start(&mut self, tag: &BytesStart<'_>, line: u64, offset: usize) {
        let name = tag.local_name();
        let name: &str = name.as_ref();
        let tag_kind = Tag::of(name);
        self.text.clear();
        let attribute = |wanted: &str| xml::attribute(tag, wanted);
        match tag_kind {
            Tag::Container => self.folders.push(Folder { name: String::new(), layer: None }),
            Tag::Placemark => {
                let id = attribute("id").unwrap_or_default();
                self.placemark = Some(Placemark { id, line, offset, ..Placemark::default() });
            }
            Tag::Data | Tag::SimpleData => self.key = attribute("name").unwrap_or_default(),
            Tag::SchemaData => {
                self.schema = attribute("schemaUrl").unwrap_or_default().trim_start_matches('#').to_owned();
            }
            Tag::Schema => self.schema = attribute("id").or_else(|| attribute("name")).unwrap_or_default(),
            Tag::SimpleField => {
                if let (Some(field), Some(kind)) = (attribute("name"), attribute("type"))
                    && self.types.len() < 10_000
                {
                    self.types.insert((self.schema.clone(), field), kind);
                }
            }
            Tag::Unread => self.findings.tally(Severity::Note, "io.kml-unread", name, 1, self.row, line - 1),
            Tag::Link => self.findings.tally(Severity::Warning, "io.kml-link", "", 1, self.row, line - 1),
            Tag::Style => self.styles.begin_style(attribute("id").unwrap_or_default()),
            Tag::StyleMap => self.styles.begin_map(attribute("id").unwrap_or_default()),
            Tag::Pair => self.styles.begin_half(),
            Tag::Polygon => {
                if let Some(placemark) = &mut self.placemark {
                    (placemark.rings, placemark.outer) = (Vec::new(), None);
                }
            }
            Tag::Track => {
                if let Some(placemark) = &mut self.placemark {
                    placemark.track.clear();
                }
            }
            _ => {}
        }
        self.stack.push(tag_kind);
    }

    fn end(&mut self, line: u64) {
        let Some(tag) = self.stack.pop() else { return };
        let parent = self.stack.last().copied();
        let text = std::mem::take(&mut self.text);
        match tag {
            Tag::Container => drop(self.folders.pop()),
            Tag::Placemark => {
                if let Some(placemark) = self.placemark.take() {
                    self.end_placemark(placemark);
                }
            }
            Tag::Name if parent == Some(Tag::Container) => {
                if let Some(folder) = self.folders.last_mut() {
                    text.trim().clone_into(&mut folder.name);
                }
            }
            Tag::Style | Tag::StyleMap | Tag::Pair | Tag::Key | Tag::StyleUrl => self.end_of_style(tag, parent, &text),
            Tag::Color | Tag::Width | Tag::Fill | Tag::Outline | Tag::Scale | Tag::Href => {
                self.end_in_style(tag, parent, &text);
            }
            _ => self.end_in_placemark(tag, parent, &text, line),
        }
    }

    /// Ends a style, or what names one.
    fn end_of_style(&mut self, tag: Tag, parent: Option<Tag>, text: &str) {
        let asked = self.placemark.as_mut().map(|placemark| &mut placemark.asked);
        match (tag, parent) {
            (Tag::Key, Some(Tag::Pair)) => self.styles.half_is_for(text.trim()),
            (Tag::StyleUrl, Some(Tag::Pair)) => self.styles.half_names(text),
            (Tag::StyleUrl, Some(Tag::Placemark)) => {
                if let Some(asked) = asked {
                    asked.id = styles::local(text);
                }
            }
            (Tag::Pair, _) => self.styles.end_half(),
            (Tag::Style, _) => {
                let own = self.styles.end_style(parent == Some(Tag::Pair), asked.is_some());
                if let (Some(asked), Some(own)) = (asked, own) {
                    asked.own = Some(own);
                }
            }
            (Tag::StyleMap, _) => {
                let normal = self.styles.end_map(asked.is_some());
                if let (Some(asked), Some(normal)) = (asked, normal) {
                    *asked = normal;
                }
            }
            _ => {}
        }
    }

    /// Ends what is said within a style.
    fn end_in_style(&mut self, tag: Tag, parent: Option<Tag>, text: &str) {
        let is_of_icon = self.stack.iter().rev().nth(1) == Some(&Tag::IconStyle);
        let Some(drawn) = self.styles.open() else { return };
        match (tag, parent) {
            (Tag::Color, Some(Tag::LineStyle)) => drawn.line_color = styles::color(text),
            (Tag::Width, Some(Tag::LineStyle)) => drawn.line_width = styles::thousandths(text),
            (Tag::Color, Some(Tag::PolyStyle)) => drawn.fill_color = styles::color(text),
            (Tag::Fill, Some(Tag::PolyStyle)) => drawn.is_filled = styles::flag(text),
            (Tag::Outline, Some(Tag::PolyStyle)) => drawn.is_outlined = styles::flag(text),
            (Tag::Color, Some(Tag::IconStyle)) => drawn.icon_color = styles::color(text),
            (Tag::Scale, Some(Tag::IconStyle)) => drawn.icon_scale = styles::thousandths(text),
            (Tag::Href, _) if is_of_icon => drawn.has_picture = !text.trim().is_empty(),
            _ => {}
        }
    }

    /// Ends an element of a placemark.
    fn end_in_placemark(&mut self, tag: Tag, parent: Option<Tag>, text: &str, line: u64) {
        let Some(placemark) = &mut self.placemark else { return };
        let mut field = |name: &str, value: Typed| {
            if value != Typed::Text(String::new()) {
                placemark.fields.push((name.to_owned(), value));
            }
        };
        let trimmed = text.trim();
        match (tag, parent) {
            (Tag::Name, Some(Tag::Placemark)) => field("Name", Typed::Text(trimmed.to_owned())),
            (Tag::Description, Some(Tag::Placemark)) => field("description", Typed::Text(trimmed.to_owned())),
            (Tag::When, Some(Tag::Other)) => field("timestamp", Typed::Text(trimmed.to_owned())),
            (Tag::Begin, _) => field("begin", Typed::Text(trimmed.to_owned())),
            (Tag::End, _) => field("end", Typed::Text(trimmed.to_owned())),
            (Tag::Value, Some(Tag::Data)) => {
                let key = std::mem::take(&mut self.key);
                field(&key, Typed::Text(trimmed.to_owned()));
            }
            (Tag::SimpleData, _) => {
                let key = (self.schema.clone(), std::mem::take(&mut self.key));
                let value = typed(trimmed, self.types.get(&key).map_or("string", String::as_str));
                field(&key.1, value);
            }
            (Tag::OvCoordType, _) => {
                field("OvCoordType", Typed::Text(trimmed.to_owned()));
                self.stated += 1;
                if trimmed.to_ascii_uppercase().replace('-', "").contains("GCJ02") {
                    if self.shifted.0 == 0 {
                        self.shifted.1 = line;
                    }
                    self.shifted.0 += 1;
                }
            }
            (Tag::Coordinates, Some(shape)) => {
                let found = match shapes::positions(text) {
                    Ok(found) => found,
                    Err(found) => {
                        placemark.faults.push(Message::new("io.not-a-number").with("found", found));
                        return;
                    }
                };
                if found.is_empty() {
                    placemark.has_empty = true;
                    return;
                }
                let owner = self.stack.iter().rev().find(|tag| matches!(tag, Tag::Outer | Tag::Inner | Tag::Polygon));
                match (shape, owner) {
                    (Tag::Point, _) => placemark.shapes.push(Shape::Point(found[0])),
                    (Tag::LinearRing, Some(Tag::Inner)) => placemark.rings.push(found),
                    (Tag::LinearRing, Some(_)) => match placemark.outer {
                        None => placemark.outer = Some(found),
                        Some(_) => placemark.rings.push(found),
                    },
                    (Tag::LineString | Tag::LinearRing, _) => placemark.shapes.push(Shape::Path(found)),
                    _ => {}
                }
            }
            (Tag::Coord, Some(Tag::Track)) => match shapes::position(trimmed, ' ') {
                Some(position) => placemark.track.push(position),
                None if trimmed.is_empty() => {}
                None => {
                    let found: String = trimmed.chars().take(60).collect();
                    placemark.faults.push(Message::new("io.not-a-number").with("found", found));
                }
            },
            (Tag::Track, _) => {
                let track = std::mem::take(&mut placemark.track);
                match track.len() {
                    0 => placemark.has_empty = true,
                    1 => placemark.shapes.push(Shape::Point(track[0])),
                    _ => placemark.shapes.push(Shape::Path(track)),
                }
            }
            (Tag::Polygon, _) => {
                let inner = std::mem::take(&mut placemark.rings);
                match placemark.outer.take() {
                    Some(outer) => placemark.shapes.push(Shape::Polygon(std::iter::once(outer).chain(inner).collect())),
                    None => {
                        placemark.has_empty = true;
                        for hole in inner {
                            placemark.faults.push(Message::new("io.hole-without-ring").with("count", hole.len()));
                        }
                    }
                }
            }
            _ => {}
        }
    }

    /// The layer that a placemark here belongs to.
    fn layer(&mut self) -> usize {
        if self.as_one {
            if self.layers.is_empty() {
                let name = self.folders.first().map_or_else(String::new, |folder| folder.name.clone());
                self.layers.push(Layer::new(name));
            }
            return 0;
        }
        if let Some(layer) = self.folders.last().and_then(|folder| folder.layer) {
            return layer;
        }
        let own = self.folders.iter().rev().map(|folder| folder.name.as_str()).find(|name| !name.is_empty());
        let own = own.unwrap_or_default().to_owned();
        if self.folders.is_empty()
            && let Some(layer) = self.layers.iter().position(|layer| layer.name.is_empty())
        {
            return layer;
        }
        let mut name = own.clone();
        let mut next = 2;
        while self.layers.iter().any(|layer| layer.name == name) {
            name = format!("{own} (#{next})");
            next += 1;
        }
        self.layers.push(Layer::new(name));
        let layer = self.layers.len() - 1;
        if let Some(folder) = self.folders.last_mut() {
            folder.layer = Some(layer);
        }
        layer
    }

    fn end_placemark(&mut self, mut placemark: Placemark) {
        if self.as_one {
            let path: Vec<&str> =
                self.folders.iter().skip(1).map(|f| f.name.as_str()).filter(|name| !name.is_empty()).collect();
            if !path.is_empty() {
                placemark.fields.push(("文件夹".to_owned(), Typed::Text(path.join("/"))));
            }
        }
        let at = self.layer();
        let drawn_by = self.styles.number(std::mem::take(&mut placemark.asked));
        let layer = &mut self.layers[at];
        layer.add(&placemark);
        layer.drawn_by.push(drawn_by);
        self.row += 1;
    }

    fn finish(mut self, text: &str, error: Option<ReadError>) -> Vec<Styled> {
        let (shifted, line) = self.shifted;
        if shifted > 0 {
            let message = Message::new("io.kml-gcj02").with("count", shifted).with("total", self.row);
            self.note(Severity::Warning, message, Some(line));
        } else if self.stated == 0
            && let Some(producer) = producer(text)
        {
            self.note(Severity::Warning, Message::new("io.kml-producer").with("name", producer), None);
        }
        if self.as_one && self.row > 0 {
            self.note(Severity::Note, Message::new("io.kml-folders").with("most", MOST_LAYERS), None);
        }
        if self.layers.is_empty() {
            let name = self.folders.first().map_or_else(String::new, |folder| folder.name.clone());
            self.layers.push(Layer::new(name));
            if error.is_none() {
                self.note(Severity::Warning, Message::new("io.kml-no-placemark"), None);
            }
        }
        let (format, mut issues, mut findings, mut error) = (self.format, self.issues, self.findings, error);
        let mut out = Vec::with_capacity(self.layers.len());
        for layer in self.layers {
            let mut own = std::mem::take(&mut findings);
            own.append(layer.findings, 0, 0);
            let order = layer.sinks.order.clone();
            let mut blocks = layer.sinks.finish();
            let (drawn, more) = self.styles.of_layer(&layer.drawn_by, order.first().copied(), &mut blocks);
            if more > 0 {
                issues.push(Issue::new(Severity::Note, Message::new("io.kml-many-styles").with("count", more)));
            }
            let raw = RawLayer {
                name: Some(layer.name).filter(|name| !name.is_empty()),
                format: format.to_owned(),
                encoding: Encoding::Utf8,
                order,
                blocks,
                declared: None,
                issues: std::mem::take(&mut issues),
                findings: own,
                row_count: layer.row_count,
                skipped_count: 0,
                error: error.take(),
            };
            out.push((raw, drawn));
        }
        out
    }
}

impl Layer {
    fn new(name: String) -> Self {
        Self { name, sinks: Sinks::new(None), findings: Findings::default(), row_count: 0, drawn_by: Vec::new() }
    }

    fn add(&mut self, placemark: &Placemark) {
        let place = Place { row: self.row_count, line: placemark.line, offset: placemark.offset };
        let pushed = shapes::push(&placemark.shapes, &mut self.sinks, placemark.offset);
        for message in placemark.faults.iter().cloned().chain(pushed.faults) {
            let issue = Issue {
                feature: Some(self.row_count),
                line: Some(placemark.line),
                id: Some(placemark.id.clone()).filter(|id| !id.is_empty()),
                ..Issue::new(Severity::Error, message)
            };
            self.findings.add(issue, None);
        }
        if pushed.closed_count > 0 {
            let (row, line) = (self.row_count, placemark.line - 1);
            self.findings.tally(Severity::Note, "io.txt-open-ring", "", pushed.closed_count, row, line);
        }
        if placemark.has_empty && placemark.faults.is_empty() {
            self.findings.tally(Severity::Note, "io.kml-empty", "", 1, self.row_count, placemark.line - 1);
        }
        let store = |attributes: &mut crate::model::AttributeBuilder,
                     ids: &mut crate::model::attributes::ColumnBuilder| {
            let row = attributes.row_count() as u32;
            for (at, (name, value)) in placemark.fields.iter().enumerate() {
                let column = attributes.column(name, at);
                let value = match value {
                    Typed::Text(text) => Value::Text(text),
                    Typed::Int(value) => Value::Int(*value),
                    Typed::Float(value) => Value::Float(*value),
                    Typed::Bool(value) => Value::Bool(*value),
                };
                attributes.set(column, value);
            }
            attributes.end_row();
            !placemark.id.is_empty() && ids.set(row, Value::Text(&placemark.id))
        };
        if pushed.kinds.is_empty() {
            self.sinks.rollback();
            let home = self.sinks.home();
            self.sinks.end_feature(home, true, place, store);
        }
        for kind in pushed.kinds.iter() {
            self.sinks.note(kind);
            self.sinks.end_feature(kind, false, place, store);
        }
        self.row_count += 1;
    }
}

/// Whether an error says that the document ends in the midst of a tag or a comment; `rest` is what is left of it there.
fn is_cut(error: &quick_xml::Error, rest: &[u8]) -> bool {
    let quick_xml::Error::Syntax(error) = error else { return false };
    match error {
        // A quote that was left open swallows the tags behind it.
        SyntaxError::InvalidBangMarkup
        | SyntaxError::UnclosedSingleQuotedAttributeValue
        | SyntaxError::UnclosedDoubleQuotedAttributeValue => memchr::memchr(b'>', rest).is_none(),
        _ => true,
    }
}

/// The value of a field of a schema; text where it is not what the schema says.
fn typed(text: &str, kind: &str) -> Typed {
    let as_text = || Typed::Text(text.to_owned());
    match kind {
        // Codes with leading zeros are no numbers, whatever their schema says.
        "int" | "uint" | "short" | "ushort" if text == "0" || !text.trim_start_matches('-').starts_with('0') => {
            text.parse().map_or_else(|_| as_text(), Typed::Int)
        }
        "float" | "double" => match text.parse::<f64>() {
            Ok(value) if value.is_finite() => Typed::Float(value),
            _ => as_text(),
        },
        "bool" => match text {
            "1" | "true" => Typed::Bool(true),
            "0" | "false" => Typed::Bool(false),
            _ => as_text(),
        },
        _ => as_text(),
    }
}

/// The program that wrote a document, where it is one whose positions are often shifted.
fn producer(text: &str) -> Option<&'static str> {
    let end = (0..=text.len().min(4096)).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    let start = text[..end].to_lowercase();
    let known = [
        ("奥维", "奥维互动地图"),
        ("ovital", "奥维互动地图"),
        ("omap", "奥维互动地图"),
        ("高德", "高德地图"),
        ("amap.com", "高德地图"),
        ("腾讯地图", "腾讯地图"),
        ("百度地图", "百度地图"),
        ("map.baidu", "百度地图"),
    ];
    known.iter().find(|(word, _)| start.contains(word)).map(|(_, name)| *name)
}
