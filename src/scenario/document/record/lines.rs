//! Edits as lines of text: what a project file and a journal hold of them.
//!
//! A line is a run of rows or a feature, so that a version control diff says what changed. Values are JSON, with types
//! kept apart: `1` is a whole number, `1.0` a number, `"1"` a text. Features are named by their row in the source, those
//! that edits added by `+0`, `+1`, ….

use std::fmt::Write as _;
use std::sync::Arc;

use serde_json::{Map, Number, Value as Json};

use crate::model::{Coord, GeometryBlock, GeometryBuilder, GeometryKind, OwnedValue};
use crate::scenario::document::edit::{Drawn, Key};

/// Runs of keys: `0-3 7 9-12`.
pub(in crate::scenario) fn runs(keys: &[Key]) -> impl Iterator<Item = (Key, Key)> {
    keys.chunk_by(|a, b| a + 1 == *b).map(|run| (run[0], run[run.len() - 1]))
}

/// A run as text, relative to a base of `base_count` rows.
pub(in crate::scenario) fn run_text((first, last): (Key, Key), base_count: Key) -> String {
    let one = |key: Key| if key < base_count { key.to_string() } else { format!("+{}", key - base_count) };
    if first == last { one(first) } else { format!("{}-{}", one(first), one(last)) }
}

/// Reads what [`run_text`] wrote.
pub(in crate::scenario) fn read_run(text: &str, base_count: Key) -> Option<(Key, Key)> {
    let one = |text: &str| match text.strip_prefix('+') {
        Some(nth) => base_count.checked_add(nth.parse().ok()?), // no number: the line is not ours
        None => text.parse().ok(),                              // the same
    };
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let (first, last) = (one(first)?, one(last)?);
    (first <= last).then_some((first, last))
}

/// A value as JSON.
pub(in crate::scenario) fn json_of(value: &OwnedValue) -> Json {
    let tagged = |tag: &str, text: String| Json::Object(Map::from_iter([(tag.to_owned(), Json::String(text))]));
    match value {
        OwnedValue::Null => Json::Null,
        OwnedValue::Bool(value) => Json::Bool(*value),
        OwnedValue::Int(value) => Json::Number((*value).into()),
        OwnedValue::Float(value) => {
            // The JSON reader may miss the nearest double by one bit: such a number is kept as text, read exactly.
            let number = Number::from_f64(*value).filter(|number| {
                let back: Option<f64> = serde_json::from_str(&number.to_string()).ok(); // its own text always reads
                back.is_some_and(|back| back.to_bits() == value.to_bits())
            });
            number.map_or_else(|| tagged("float", value.to_string()), Json::Number)
        }
        OwnedValue::Text(text) => Json::String(text.to_string()),
        OwnedValue::Json(text) => tagged("json", text.to_string()),
    }
}

/// Reads what [`json_of`] wrote.
pub(in crate::scenario) fn value_of(json: &Json) -> Option<OwnedValue> {
    Some(match json {
        Json::Null => OwnedValue::Null,
        Json::Bool(value) => OwnedValue::Bool(*value),
        Json::Number(number) => match number.as_i64() {
            Some(value) => OwnedValue::Int(value),
            None => OwnedValue::Float(number.as_f64()?),
        },
        Json::String(text) => OwnedValue::text(text),
        Json::Object(tagged) => match (tagged.get("json"), tagged.get("float")) {
            (Some(Json::String(text)), _) => OwnedValue::Json(text.as_str().into()),
            (_, Some(Json::String(text))) => OwnedValue::Float(text.parse().ok()?), // no number: not ours
            _ => return None,
        },
        Json::Array(_) => return None,
    })
}

/// Runs of features, ascending, that have the same value before and after.
pub(in crate::scenario) fn set_lines(
    field: &str,
    values: impl Iterator<Item = (Key, OwnedValue, OwnedValue)>,
) -> Vec<SetLine> {
    let mut lines: Vec<SetLine> = Vec::new();
    for (key, before, after) in values {
        match lines.last_mut() {
            Some(line) if line.run.1 + 1 == key && line.before.same(&before) && line.after.same(&after) => {
                line.run.1 = key;
            }
            _ => lines.push(SetLine { field: field.to_owned(), run: (key, key), before, after }),
        }
    }
    lines
}

/// A run of rows with their values before and after, by field.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::scenario) struct SetLine {
    pub(in crate::scenario) field: String,
    pub(in crate::scenario) run: (Key, Key),
    pub(in crate::scenario) before: OwnedValue,
    pub(in crate::scenario) after: OwnedValue,
}

impl SetLine {
    /// `"DLBM" 17-19 "0103" "0701"`.
    pub(in crate::scenario) fn text(&self, base_count: Key) -> String {
        let run = run_text(self.run, base_count);
        format!("{} {run} {} {}", Json::from(self.field.as_str()), json_of(&self.before), json_of(&self.after))
    }

    pub(in crate::scenario) fn read(text: &str, base_count: Key) -> Option<Self> {
        let (field, rest) = leading_json(text)?;
        let (run, rest) = rest.trim_start().split_once(' ')?;
        let (before, rest) = leading_json(rest)?;
        let (after, rest) = leading_json(rest)?;
        let run = read_run(run, base_count)?;
        let line =
            Self { field: field.as_str()?.to_owned(), run, before: value_of(&before)?, after: value_of(&after)? };
        rest.trim().is_empty().then_some(line)
    }
}

/// The JSON value at the start of a text, and what stands behind it.
fn leading_json(text: &str) -> Option<(Json, &str)> {
    let mut stream = serde_json::Deserializer::from_str(text).into_iter::<Json>();
    let value = stream.next()?.ok()?; // no JSON: the line is not ours
    Some((value, &text[stream.byte_offset()..]))
}

/// An added feature: `{"nth":0,"of":17,"values":{"DLBM":"0701"}} MULTIPOLYGON (((…)))`.
pub(in crate::scenario) fn drawn_text(
    key: Key,
    drawn: &Drawn,
    name: impl Fn(usize) -> String,
    base_count: Key,
) -> String {
    let mut text = format!("{{\"nth\":{}", key - base_count);
    if let Some(origin) = drawn.origin {
        let _ = write!(text, ",\"of\":{origin}"); // writing to a text cannot fail
    }
    let values = drawn.values.iter().enumerate().filter(|(_, value)| !value.same(&OwnedValue::Null));
    let values: Map<String, Json> = values.map(|(field, value)| (name(field), json_of(value))).collect();
    let _ = write!(text, ",\"values\":{}}} ", Json::Object(values)); // cannot fail either
    write_geometry(&mut text, &drawn.geometry);
    text
}

/// Reads what [`drawn_text`] wrote. `field` gives the index of a field by its name.
pub(in crate::scenario) fn read_drawn(
    text: &str,
    kind: GeometryKind,
    base_count: Key,
    field: impl Fn(&str) -> Option<usize>,
) -> Option<(Key, Drawn)> {
    let (json, geometry) = leading_json(text)?;
    let nth = u32::try_from(json.get("nth")?.as_u64()?).ok()?; // not ours either
    let origin = json.get("of").and_then(Json::as_u64).and_then(|of| Key::try_from(of).ok());
    let mut values = Vec::new();
    for (name, value) in json.get("values")?.as_object()? {
        // A field that the source lost since has no place.
        let Some(at) = field(name) else { continue };
        if values.len() <= at {
            values.resize(at + 1, OwnedValue::Null);
        }
        values[at] = value_of(value)?;
    }
    let geometry = Arc::new(read_geometry(geometry.trim(), kind)?);
    Some((base_count.checked_add(nth)?, Drawn { geometry, values, origin }))
}

/// The one feature of a block as well-known text, coordinates to the last bit.
fn write_geometry(text: &mut String, block: &GeometryBlock) {
    if block.feature_count() == 0 || block.is_null(0) || block.kind() == GeometryKind::None {
        return text.push_str("NULL");
    }
    let place = |at: usize| {
        let Coord { x, y } = block.coords()[at];
        match block.z().get(at).filter(|z| !z.is_nan()) {
            Some(z) => format!("{x} {y} {z}"),
            None => format!("{x} {y}"),
        }
    };
    let all = |range: std::ops::Range<usize>, of: &dyn Fn(usize) -> String| {
        let items: Vec<String> = range.map(of).collect();
        format!("({})", items.join(","))
    };
    let ring = |ring: usize| all(block.ring_offsets()[ring] as usize..block.ring_offsets()[ring + 1] as usize, &place);
    let part = |part: usize| all(block.part_offsets()[part] as usize..block.part_offsets()[part + 1] as usize, &ring);
    let whole = block.feature_offsets()[0] as usize..block.feature_offsets()[1] as usize;
    let (word, coordinates) = match block.kind() {
        GeometryKind::Line => ("MULTILINESTRING", all(whole, &ring)),
        GeometryKind::Polygon => ("MULTIPOLYGON", all(whole, &part)),
        GeometryKind::Point | GeometryKind::None => ("MULTIPOINT", all(whole, &place)),
    };
    let _ = write!(text, "{word} {coordinates}"); // writing to a text cannot fail
}

/// Reads what [`write_geometry`] wrote.
fn read_geometry(text: &str, kind: GeometryKind) -> Option<GeometryBlock> {
    let mut builder = GeometryBuilder::new(kind);
    if text == "NULL" {
        builder.null_feature();
        return Some(builder.finish());
    }
    let (word, rest) = text.split_once(' ')?;
    let depth = match (kind, word) {
        (GeometryKind::Point, "MULTIPOINT") => 1,
        (GeometryKind::Line, "MULTILINESTRING") => 2,
        (GeometryKind::Polygon, "MULTIPOLYGON") => 3,
        _ => return None,
    };
    let mut open = 0;
    for piece in rest.split_inclusive(['(', ')', ',']) {
        let (coordinates, sign) = piece.split_at(piece.len() - 1);
        if !coordinates.is_empty() {
            let mut numbers = coordinates.split(' ').map(|number| number.parse::<f64>().ok()); // no number: not ours
            let (x, y) = (numbers.next()??, numbers.next()??);
            match numbers.next() {
                None => builder.coord(Coord { x, y }),
                Some(z) => builder.coord_z(Coord { x, y }, z?),
            }
        }
        match sign {
            "(" => open += 1,
            ")" => {
                match (depth, open) {
                    (2, 2) | (3, 3) => builder.end_ring(),
                    (3, 2) => builder.end_part(),
                    (_, 1) => builder.end_feature(),
                    _ => return None,
                }
                open -= 1;
            }
            _ => {}
        }
    }
    let block = builder.finish();
    (open == 0 && block.feature_count() == 1).then_some(block)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_of_rows_read_back() {
        let keys = [0, 1, 2, 7, 9, 10, 20, 21];
        let text: Vec<String> = runs(&keys).map(|run| run_text(run, 20)).collect();
        assert_eq!(text, ["0-2", "7", "9-10", "+0-+1"]);
        let back: Vec<(Key, Key)> = text.iter().filter_map(|text| read_run(text, 20)).collect();
        assert_eq!(back, [(0, 2), (7, 7), (9, 10), (20, 21)]);
        assert!(["", "a", "3-1", "1-", "-"].iter().all(|text| read_run(text, 20).is_none()));
    }

    #[test]
    fn values_keep_their_types() {
        let values = [
            OwnedValue::Null,
            OwnedValue::Bool(true),
            OwnedValue::Int(i64::MAX),
            OwnedValue::Float(1.0),
            OwnedValue::Float(f64::NEG_INFINITY),
            OwnedValue::Float(0.1 + 0.2),
            OwnedValue::text("0701 \"城镇\"\n"),
            OwnedValue::Json("{\"a\":[1]}".into()),
        ];
        for value in values {
            let text = json_of(&value).to_string();
            let back = serde_json::from_str(&text).ok().as_ref().and_then(value_of);
            assert!(back.is_some_and(|back| back.same(&value)), "{text}");
            let line =
                SetLine { field: "地 类".to_owned(), run: (3, 5), before: value.clone(), after: OwnedValue::Null };
            let text = line.text(100);
            assert!(!text.contains('\n'), "{text}");
            let back = SetLine::read(&text, 100).expect("reads");
            assert!(back.field == line.field && back.run == line.run && back.before.same(&value), "{text}");
        }
        for wrong in ["", "DLBM 1 2 3", "\"DLBM\" 1 2", "\"DLBM\" x 1 2", "\"DLBM\" 1 2 3 4", "\"DLBM\" 1 [] 3"] {
            assert_eq!(SetLine::read(wrong, 100), None, "{wrong}");
        }
    }

    #[test]
    fn added_features_read_back() {
        let fields = ["DLBM", "KCXS"];
        let index = |name: &str| fields.iter().position(|field| *field == name);
        let coord = |x: f64, y: f64| Coord { x, y };
        let square = |x: f64| vec![coord(x, 0.0), coord(x + 0.1, 0.0), coord(x, 1.0 / 3.0), coord(x, 0.0)];
        for kind in [GeometryKind::Point, GeometryKind::Line, GeometryKind::Polygon] {
            let mut builder = GeometryBuilder::new(kind);
            for part in [square(0.0), square(5.0)] {
                part.iter().for_each(|c| builder.coord_z(*c, c.x));
                if kind != GeometryKind::Point {
                    builder.end_ring();
                }
                if kind == GeometryKind::Polygon {
                    builder.end_part();
                }
            }
            builder.end_feature();
            let values = vec![OwnedValue::text("0701"), OwnedValue::Float(0.5)];
            let drawn = Drawn { geometry: Arc::new(builder.finish()), values, origin: Some(3) };
            let text = drawn_text(12, &drawn, |field| fields[field].to_owned(), 10);
            assert_eq!(read_drawn(&text, kind, 10, index), Some((12, drawn)), "{text}");
        }
        let wrong = ["", "MULTIPOINT (1 2", "MULTIPOINT 1 2)", "MULTIPOLYGON (((1 2)))", "MULTIPOINT ((1 2))"];
        for geometry in wrong {
            let text = format!("{{\"nth\":0,\"values\":{{}}}} {geometry}");
            assert_eq!(read_drawn(&text, GeometryKind::Point, 10, index), None, "{geometry}");
        }
    }
}
