//! GeoJSON text written straight from the design: coordinates are whole millimetres and are written as such.

use std::fmt::Write;

use super::landscape::{ORIGIN_E, ORIGIN_N};
use super::plane::Point;

/// A value of a property.
#[derive(Clone, Debug)]
pub enum Property {
    /// Text.
    Text(String),
    /// A whole number.
    Whole(i64),
    /// A number with its decimals.
    Number(f64, usize),
    /// Nothing.
    Null,
}

impl From<&str> for Property {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Property {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<i64> for Property {
    fn from(number: i64) -> Self {
        Self::Whole(number)
    }
}

/// A geometry of the design.
#[derive(Clone, Debug)]
pub enum Shape {
    /// Parts of rings, not repeated at their ends.
    Polygon(Vec<Vec<Vec<Point>>>),
    /// Paths.
    Line(Vec<Vec<Point>>),
    /// A point.
    Point(Point),
}

/// A collection of features in the making, in EPSG:4527.
#[derive(Clone, Debug)]
pub struct Collection {
    text: String,
    count: usize,
}

impl Collection {
    /// An empty collection of that name; `description` says what the data is and where its figures come from.
    pub fn new(name: &str, description: &str) -> Self {
        let mut text = String::from("{\n\"type\": \"FeatureCollection\",\n\"name\": ");
        quote(&mut text, name);
        text.push_str(",\n\"description\": ");
        quote(&mut text, description);
        let crs = r#"{"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4527"}}"#;
        let _ = write!(text, ",\n\"crs\": {crs},\n\"features\": [");
        Self { text, count: 0 }
    }

    /// Adds a feature.
    pub fn add(&mut self, properties: &[(&str, Property)], shape: &Shape) {
        let text = &mut self.text;
        text.push_str(if self.count == 0 { "\n" } else { ",\n" });
        self.count += 1;
        text.push_str("{\"type\":\"Feature\",\"properties\":{");
        for (i, (name, value)) in properties.iter().enumerate() {
            if i > 0 {
                text.push(',');
            }
            quote(text, name);
            text.push(':');
            // Writing to a string cannot fail.
            let _ = match value {
                Property::Text(value) => {
                    quote(text, value);
                    Ok(())
                }
                Property::Whole(value) => write!(text, "{value}"),
                Property::Number(value, decimals) => write!(text, "{value:.decimals$}"),
                Property::Null => write!(text, "null"),
            };
        }
        text.push_str("},\"geometry\":");
        match shape {
            Shape::Point(p) => {
                text.push_str("{\"type\":\"Point\",\"coordinates\":");
                position(text, *p);
            }
            Shape::Line(paths) if paths.len() == 1 => {
                text.push_str("{\"type\":\"LineString\",\"coordinates\":");
                positions(text, &paths[0], false);
            }
            Shape::Line(paths) => {
                text.push_str("{\"type\":\"MultiLineString\",\"coordinates\":");
                list(text, paths, |text, path| positions(text, path, false));
            }
            Shape::Polygon(parts) if parts.len() == 1 => {
                text.push_str("{\"type\":\"Polygon\",\"coordinates\":");
                list(text, &parts[0], |text, ring| positions(text, ring, true));
            }
            Shape::Polygon(parts) => {
                text.push_str("{\"type\":\"MultiPolygon\",\"coordinates\":");
                list(text, parts, |text, part| list(text, part, |text, ring| positions(text, ring, true)));
            }
        }
        text.push_str("}}");
    }

    /// Features so far.
    pub fn feature_count(&self) -> usize {
        self.count
    }

    /// The finished text.
    pub fn finish(mut self) -> String {
        self.text.push_str("\n]\n}\n");
        self.text
    }
}

fn list<T>(text: &mut String, items: &[T], write_one: impl Fn(&mut String, &T)) {
    text.push('[');
    for (i, item) in items.iter().enumerate() {
        if i > 0 {
            text.push(',');
        }
        write_one(text, item);
    }
    text.push(']');
}

fn positions(text: &mut String, points: &[Point], closed: bool) {
    text.push('[');
    for (i, p) in points.iter().chain(points.first().filter(|_| closed)).enumerate() {
        if i > 0 {
            text.push(',');
        }
        position(text, *p);
    }
    text.push(']');
}

fn position(text: &mut String, p: Point) {
    text.push('[');
    metres(text, ORIGIN_E * 1000 + p.x);
    text.push(',');
    metres(text, ORIGIN_N * 1000 + p.y);
    text.push(']');
}

/// Whole millimetres, which are not negative here, as metres without trailing zeros.
fn metres(text: &mut String, mm: i64) {
    let _ = write!(text, "{}", mm / 1000);
    let rest = mm % 1000;
    if rest != 0 {
        let _ = write!(text, ".{rest:03}");
        while text.ends_with('0') {
            text.pop();
        }
    }
}

fn quote(text: &mut String, value: &str) {
    text.push('"');
    for c in value.chars() {
        match c {
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            '\n' => text.push_str("\\n"),
            c if c < ' ' => {
                let _ = write!(text, "\\u{:04x}", c as u32);
            }
            c => text.push(c),
        }
    }
    text.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_collection_is_valid_json_in_metres() {
        let mut collection = Collection::new("a \"b\"", "line\nline");
        let square = vec![vec![vec![Point { x: 0, y: 0 }, Point { x: 1500, y: 0 }, Point { x: 0, y: 10 }]]];
        collection.add(&[("面积", Property::Number(2.675, 1)), ("n", Property::Null)], &Shape::Polygon(square));
        collection.add(&[("n", 7.into())], &Shape::Point(Point { x: -1, y: 0 }));
        assert_eq!(collection.feature_count(), 2);
        let value: serde_json::Value = serde_json::from_str(&collection.finish()).expect("JSON");
        assert_eq!(value["description"], "line\nline");
        let ring = &value["features"][0]["geometry"]["coordinates"][0];
        assert_eq!(ring[1], serde_json::json!([39_510_001.5, 4_080_000]));
        assert_eq!((ring[0].clone(), ring[2][1].clone()), (ring[3].clone(), serde_json::json!(4_080_000.01)));
        assert_eq!(value["features"][1]["geometry"]["coordinates"][0], serde_json::json!(39_509_999.999));
    }
}
