//! One pass over a document: points, routes and tracks to features.

use quick_xml::events::{BytesStart, Event};

use super::super::columns::{Kinds, RawLayer};
use super::super::gathered::{Cell, Gathered, Stands};
use super::super::{Encoding, ReadError, xml};
use crate::model::{Coord, GeometryKind, Issue, Severity};
use crate::task::Progress;
use crate::text::Message;

/// Elements within elements: no program nests them deeper.
const MOST_DEPTH: usize = 100;
/// Fields of one feature.
const MOST_FIELDS: usize = 500;
/// Elements whose text is a number.
const NUMBERS: [&str; 10] =
    ["ele", "magvar", "geoidheight", "sat", "hdop", "vdop", "pdop", "ageofdgpsdata", "dgpsid", "number"];

/// Reads a document.
///
/// # Errors
/// [`ReadError::Format`] where there is no XML in it, [`ReadError::Cancelled`].
pub(super) fn read(text: &str, encoding: Encoding, progress: &Progress) -> Result<Vec<RawLayer>, ReadError> {
    let mut document = Document::default();
    let error = document.run(text, progress)?;
    Ok(document.finish(encoding, error))
}

/// The layers, by place in [`Document::layers`].
const NAMES: [&str; 5] = ["waypoints", "routes", "tracks", "route_points", "track_points"];
const WAYPOINTS: usize = 0;
const ROUTES: usize = 1;
const TRACKS: usize = 2;
/// What to add for the points of routes and tracks.
const POINTS: usize = 2;

/// Fields of what is open, by name.
#[derive(Debug, Default)]
struct Fields {
    list: Vec<(String, Cell)>,
    link_count: usize,
}

impl Fields {
    fn add(&mut self, name: &str, value: Cell) {
        if value == Cell::Null || self.list.len() >= MOST_FIELDS {
            return;
        }
        // What an extension calls as the format itself does is another thing.
        let mut own = name.to_owned();
        let mut number = 1;
        while self.list.iter().any(|(known, _)| *known == own) {
            number += 1;
            own = format!("{name}_{number}");
        }
        self.list.push((own, value));
    }
}

/// A point that is open.
#[derive(Debug)]
struct Point {
    stands: Stands,
    at: Result<Coord, String>,
    height: Option<f64>,
    fields: Fields,
    /// Depth of its element.
    depth: usize,
}

/// A route or a track that is open.
#[derive(Debug)]
struct Way {
    layer: usize,
    stands: Stands,
    fields: Fields,
    paths: Vec<Vec<(Coord, Option<f64>)>>,
    faults: Vec<Message>,
    point_count: u64,
    depth: usize,
}

#[derive(Default)]
struct Document {
    layers: [Option<Gathered>; 5],
    /// Points of routes and tracks that carry more than a height.
    rich: [bool; 2],
    stack: Vec<String>,
    point: Option<Point>,
    way: Option<Way>,
    text: String,
    /// Whether the open element has had one within.
    has_children: bool,
    issues: Vec<Issue>,
    feature_count: u64,
    /// Routes and tracks so far, by which their points name them.
    way_counts: [i64; 2],
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
                Err(_) if is_begun && self.stack.is_empty() => return Ok(None),
                Err(error) => return Ok(Some(self.broken(line, &error.to_string()))),
            };
            match event {
                Event::Eof if !is_begun => return Err(ReadError::Format(Message::new("io.gpx-none"))),
                Event::Eof if !self.stack.is_empty() => return Ok(Some(self.broken(line, ""))),
                Event::Eof => return Ok(None),
                Event::Start(tag) | Event::Empty(tag) if is_begun && self.stack.is_empty() => {
                    let name = tag.local_name();
                    let message = Message::new("io.gpx-junk").with("name", AsRef::<str>::as_ref(&name));
                    self.issues.push(Issue { line: Some(line), ..Issue::new(Severity::Warning, message) });
                    return Ok(None);
                }
                Event::Start(tag) => {
                    is_begun = true;
                    if self.stack.len() >= MOST_DEPTH {
                        return Ok(Some(ReadError::Format(Message::new("io.gpx-deep").with("line", line))));
                    }
                    self.start(&tag, Stands { line, offset: at });
                }
                Event::Empty(tag) => {
                    is_begun = true;
                    self.start(&tag, Stands { line, offset: at });
                    self.end();
                }
                Event::End(_) => self.end(),
                Event::Text(text) => self.text.push_str(&text),
                Event::CData(text) => self.text.push_str(&text),
                Event::GeneralRef(reference) => self.text.push_str(&xml::resolved(&reference)),
                Event::DocType(_) | Event::Decl(_) | Event::PI(_) | Event::Comment(_) => {}
            }
        }
    }

    fn broken(&self, line: u64, reason: &str) -> ReadError {
        let key = if reason.is_empty() { "io.gpx-truncated" } else { "io.gpx-broken" };
        let message = Message::new(key).with("line", line).with("count", self.feature_count);
        ReadError::Format(if reason.is_empty() { message } else { message.with("reason", reason) })
    }

    fn start(&mut self, tag: &BytesStart<'_>, stands: Stands) {
        let name = tag.local_name();
        let name: &str = name.as_ref();
        self.text.clear();
        self.has_children = false;
        let attribute = |wanted: &str| xml::attribute(tag, wanted);
        let depth = self.stack.len();
        let is_within = self.point.is_some() || self.way.is_some();
        match name {
            "wpt" | "rtept" | "trkpt" if self.point.is_none() => {
                let shown =
                    |text: &Option<String>| text.clone().unwrap_or_default().chars().take(30).collect::<String>();
                let (lon, lat) = (attribute("lon"), attribute("lat"));
                let number = |text: &Option<String>| {
                    let number: Option<f64> = text.as_deref().and_then(|text| fast_float2::parse(text.trim()).ok()); // none
                    number.filter(|number| number.is_finite())
                };
                let at = match (number(&lon), number(&lat)) {
                    (Some(x), Some(y)) => Ok(Coord { x, y }),
                    _ => Err(format!("{}, {}", shown(&lon), shown(&lat))),
                };
                self.point = Some(Point { stands, at, height: None, fields: Fields::default(), depth });
            }
            "rte" | "trk" if !is_within => {
                let layer = if name == "rte" { ROUTES } else { TRACKS };
                self.way_counts[layer - ROUTES] += 1;
                let fields = Fields::default();
                let (paths, faults) = (Vec::new(), Vec::new());
                self.way = Some(Way { layer, stands, fields, paths, faults, point_count: 0, depth });
                if layer == ROUTES {
                    self.way.iter_mut().for_each(|way| way.paths.push(Vec::new()));
                }
            }
            "trkseg" if self.point.is_none() => self.way.iter_mut().for_each(|way| way.paths.push(Vec::new())),
            "link" => {
                if let Some(fields) = self.fields() {
                    fields.link_count += 1;
                    let own = format!("link{}_href", fields.link_count);
                    fields.add(&own, attribute("href").map_or(Cell::Null, text_cell));
                }
            }
            _ => {}
        }
        self.stack.push(name.to_owned());
    }

    /// The fields of the innermost that is open.
    fn fields(&mut self) -> Option<&mut Fields> {
        match (&mut self.point, &mut self.way) {
            (Some(point), _) => Some(&mut point.fields),
            (None, Some(way)) => Some(&mut way.fields),
            (None, None) => None,
        }
    }

    fn end(&mut self) {
        let Some(name) = self.stack.pop() else { return };
        let depth = self.stack.len();
        let is_leaf = !std::mem::replace(&mut self.has_children, true);
        let text = std::mem::take(&mut self.text);
        if self.point.as_ref().is_some_and(|point| point.depth == depth) {
            if let Some(point) = self.point.take() {
                self.end_point(point);
            }
            return;
        }
        if self.way.as_ref().is_some_and(|way| way.depth == depth) {
            if let Some(way) = self.way.take() {
                self.end_way(way);
            }
            return;
        }
        let text = text.trim();
        if !is_leaf || text.is_empty() || matches!(name.as_str(), "extensions" | "trkseg" | "link") {
            return;
        }
        let begins = self.point.as_ref().map(|point| point.depth).or(self.way.as_ref().map(|way| way.depth));
        // Directly within what is open, in a link of it, or in its extensions.
        let place = begins.and_then(|begins| self.stack.get(begins + 1)).cloned();
        let is_direct = begins.is_some_and(|begins| depth == begins + 1);
        if is_direct
            && name == "ele"
            && let (Some(point), Ok(height)) = (&mut self.point, fast_float2::parse::<f64, _>(text))
            && height.is_finite()
        {
            point.height = Some(height);
        }
        let Some(fields) = self.fields() else { return };
        let cell = match place.as_deref() {
            _ if is_direct && NUMBERS.contains(&name.as_str()) => Cell::number(text),
            Some("extensions") => Cell::number(text),
            _ => text_cell(text.to_owned()),
        };
        if place.as_deref() == Some("link") {
            let own = format!("link{}_{name}", fields.link_count);
            fields.add(&own, cell);
        } else {
            fields.add(&name, cell);
        }
    }

    fn layer(&mut self, at: usize) -> &mut Gathered {
        self.layers[at].get_or_insert_with(|| Gathered::new(Some(NAMES[at].to_owned())))
    }

    fn end_point(&mut self, mut point: Point) {
        let Some(way) = &mut self.way else {
            self.put_point(WAYPOINTS, point);
            return;
        };
        match &point.at {
            Ok(at) => {
                if way.paths.is_empty() {
                    way.paths.push(Vec::new());
                }
                if let Some(path) = way.paths.last_mut() {
                    path.push((*at, point.height));
                }
            }
            Err(found) => way.faults.push(Message::new("io.not-a-number").with("found", found)),
        }
        let (of, number) = (way.layer - ROUTES, way.point_count);
        way.point_count += 1;
        self.rich[of] |= point.fields.list.iter().any(|(name, _)| name != "ele");
        let name = ["route_fid", "track_fid"][of];
        let mut fields = vec![(name.to_owned(), Cell::Int(self.way_counts[of] - 1))];
        let number_name = ["route_point_id", "track_point_id"][of];
        fields.push((number_name.to_owned(), Cell::Int(i64::try_from(number).unwrap_or(i64::MAX))));
        fields.append(&mut point.fields.list);
        point.fields.list = fields;
        self.put_point(of + ROUTES + POINTS, point);
    }

    fn put_point(&mut self, layer: usize, point: Point) {
        let own = layer == WAYPOINTS;
        let to = self.layer(layer);
        let mut kinds = Kinds::default();
        match point.at {
            Ok(at) => {
                let builder = &mut to.sinks.of(GeometryKind::Point, point.stands.offset).geometry;
                match point.height {
                    Some(z) => builder.coord_z(at, z),
                    None => builder.coord(at),
                }
                kinds.add(GeometryKind::Point);
            }
            // Those of routes and tracks are said there.
            Err(found) if own => {
                to.say(Severity::Error, Message::new("io.not-a-number").with("found", found), point.stands.line);
            }
            Err(_) => {}
        }
        to.end(kinds, None, point.stands, &Cell::Null, &point.fields.list);
        if own {
            self.feature_count += 1;
        }
    }

    fn end_way(&mut self, way: Way) {
        let line = way.stands.line;
        let to = self.layer(way.layer);
        let mut kinds = Kinds::default();
        for message in way.faults {
            to.say(Severity::Error, message, line);
        }
        for path in way.paths.iter().filter(|path| !path.is_empty()) {
            if path.len() < 2 {
                to.say(Severity::Warning, Message::new("io.short-line").with("count", path.len()), line);
                continue;
            }
            let builder = &mut to.sinks.of(GeometryKind::Line, way.stands.offset).geometry;
            for (at, height) in path {
                match height {
                    Some(z) => builder.coord_z(*at, *z),
                    None => builder.coord(*at),
                }
            }
            builder.end_ring();
            kinds.add(GeometryKind::Line);
        }
        to.end(kinds, Some(GeometryKind::Line), way.stands, &Cell::Null, &way.fields.list);
        self.feature_count += 1;
    }

    fn finish(mut self, encoding: Encoding, error: Option<ReadError>) -> Vec<RawLayer> {
        for of in [ROUTES, TRACKS] {
            if !self.rich[of - ROUTES] {
                self.layers[of + POINTS] = None;
            }
        }
        if self.feature_count == 0 && error.is_none() {
            self.issues.push(Issue::new(Severity::Warning, Message::new("io.gpx-nothing")));
        }
        if self.layers.iter().all(Option::is_none) {
            self.layer(WAYPOINTS);
        }
        let (mut issues, mut error) = (self.issues, error);
        let layers = self.layers.into_iter().flatten();
        layers
            .map(|layer| {
                let mut layer = layer.finish("GPX", encoding);
                layer.issues = std::mem::take(&mut issues);
                layer.error = error.take();
                layer
            })
            .collect()
    }
}

fn text_cell(text: String) -> Cell {
    if text.is_empty() { Cell::Null } else { Cell::Text(text) }
}
