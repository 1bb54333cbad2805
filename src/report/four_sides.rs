//! What lies on the four sides (四至) of each polygon of a layer: east, south, west, north.
//!
//! A side of the outline looks where its outward normal points: to the north within 45° of north, and so on. Just beyond
//! it, every few metres, another layer is asked what lies there; a direction names what was found by the length of the
//! outline along which it was, the longest first. Which layer and field were asked, how far beyond and how a side got its
//! direction stand in the notes.

use super::{Cell, Column, ColumnKind, Table};
use crate::crs::CrsError;
use crate::io::Chosen;
use crate::model::{Coord, GeometryKind, Layer};
use crate::render::prepared::Prepared;
use crate::render::projected::ProjectionError;
use crate::task::Progress;
use crate::text::{Language, Message, tr};
use crate::units::format_number;

/// Metres between two places of a side that are asked about.
const STEP_M: f64 = 5.0;
/// Places of one side at most.
const MOST: usize = 2000;
/// What is told of a direction at most; the rest is counted.
const NAMED: usize = 4;

/// Keys of the directions, in the order in which they are told.
pub const DIRECTIONS: [&str; 4] = ["report.east", "report.south", "report.west", "report.north"];

/// What is asked, and how.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// The layer that lies around.
    pub around: &'a Layer,
    /// Its field that names a neighbour.
    pub field: usize,
    /// How far beyond the outline it is asked, in metres.
    pub reach_m: f64,
}

/// Why there is no table.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum SidesError {
    /// Lengths and directions need a plane.
    #[error("{0} has degrees: sides need a projected CRS")]
    Degrees(String),
    /// There is no way between the two layers.
    #[error(transparent)]
    Crs(#[from] CrsError),
    /// The user cancelled.
    #[error(transparent)]
    Cancelled(#[from] crate::task::Cancelled),
}

impl SidesError {
    /// The error as a message of the catalogue.
    pub fn message(&self) -> Message {
        match self {
            Self::Degrees(crs) => Message::new("report.sides-degrees").with("crs", crs),
            Self::Crs(error) => error.message(),
            Self::Cancelled(_) => Message::new("cli.cancelled"),
        }
    }
}

impl From<ProjectionError> for SidesError {
    fn from(error: ProjectionError) -> Self {
        match error {
            ProjectionError::Crs(error) => Self::Crs(error),
            ProjectionError::Cancelled(cancelled) => Self::Cancelled(cancelled),
        }
    }
}

/// A neighbour of a direction.
#[derive(Clone, Debug, PartialEq)]
pub struct Beside {
    /// What the field says; `None` where nothing lies there.
    pub name: Option<String>,
    /// Metres of the outline along which it lies.
    pub length_m: f64,
}

/// What lies to the east, south, west and north of a feature, the longest first. `around` is the layer asked, made ready in
/// the CRS of `layer`, which is a projected one. `None` where the feature is no polygon.
pub fn sides_of(layer: &Layer, feature: usize, asked: Asked<'_>, around: &Prepared) -> Option<[Vec<Beside>; 4]> {
    let (block, row) = layer.locate(feature);
    if block.geometry.kind() != GeometryKind::Polygon || block.geometry.is_null(row) {
        return None;
    }
    // What lies in a hole lies on no side.
    let outlines = block.geometry.polygon(row).parts().filter_map(|part| part.rings().next());
    let mut found: [Vec<Beside>; 4] = Default::default();
    for outline in outlines {
        each_place(outline, asked.reach_m, layer.crs.metres_per_unit(), |direction, place, length_m| {
            let there = around.pickable().at(place, 0.0).into_iter().next();
            let name = there.map(|other| asked.around.value(other, asked.field).to_string());
            let list = &mut found[direction];
            match list.iter_mut().find(|beside| beside.name == name) {
                Some(beside) => beside.length_m += length_m,
                None => list.push(Beside { name, length_m }),
            }
        });
    }
    found.iter_mut().for_each(|list| list.sort_by(|a, b| b.length_m.total_cmp(&a.length_m)));
    Some(found)
}

/// The table of a layer, or of the `rows` of it. `names` are its fields that name a plot: number and name.
///
/// # Errors
/// [`SidesError`].
pub fn four_sides(
    layer: &Layer,
    rows: Option<&[usize]>,
    names: [Option<usize>; 2],
    asked: Asked<'_>,
    language: Language,
    progress: &Progress,
) -> Result<Table, SidesError> {
    if layer.crs.is_geographic() {
        return Err(SidesError::Degrees(layer.crs.reference_in(language)));
    }
    let text = |key: &str, title| Column::new(key, tr(language, title), ColumnKind::Text);
    let mut table = Table {
        title: tr(language, "report.four-sides").to_owned(),
        columns: vec![
            text("number", "report.plot-number"),
            text("name", "report.plot-name"),
            text("east", DIRECTIONS[0]),
            text("south", DIRECTIONS[1]),
            text("west", DIRECTIONS[2]),
            text("north", DIRECTIONS[3]),
        ],
        ..Table::default()
    };
    let around = Prepared::for_picture(asked.around, &layer.crs, progress)?;
    let chosen = Chosen { layer, rows };
    progress.add_total(chosen.count() as u64);
    for feature in chosen.features() {
        progress.tick(1)?;
        let Some(found) = sides_of(layer, feature, asked, &around) else { continue };
        let value =
            |field: Option<usize>| field.map_or(Cell::Empty, |at| Cell::from(layer.value(feature, at).to_string()));
        let mut cells = vec![value(names[0]), value(names[1])];
        cells.extend(found.iter().map(|list| Cell::from(told(list, language))));
        table.rows.push(cells);
    }
    let metres = format_number(asked.reach_m, if asked.reach_m < 1.0 { 2 } else { 1 });
    let searched = Message::new("report.sides-searched")
        .with("layer", &asked.around.name)
        .with("field", &asked.around.fields[asked.field].name)
        .with("metres", metres);
    table.notes.push(searched.text(language));
    table.notes.push(tr(language, "report.sides-directions").to_owned());
    Ok(table)
}

/// Calls `each` with the direction, the place beyond and the length of every piece of an outline.
fn each_place(outline: &[Coord], reach_m: f64, unit_m: f64, mut each: impl FnMut(usize, Coord, f64)) {
    let Some(origin) = outline.first() else { return };
    let twice: f64 = outline
        .windows(2)
        .map(|side| (side[0].x - origin.x) * (side[1].y - origin.y) - (side[1].x - origin.x) * (side[0].y - origin.y))
        .sum();
    // The right of the way along a counter-clockwise ring is outside.
    let outward = if twice > 0.0 { 1.0 } else { -1.0 };
    for side in outline.windows(2) {
        let (dx, dy) = (side[1].x - side[0].x, side[1].y - side[0].y);
        let length = dx.hypot(dy);
        if length == 0.0 {
            continue;
        }
        let normal = Coord { x: outward * dy / length, y: -outward * dx / length };
        let direction = direction_of(normal);
        let count = ((length * unit_m / STEP_M).ceil() as usize).clamp(1, MOST);
        for nth in 0..count {
            let share = (nth as f64 + 0.5) / count as f64;
            let place = Coord {
                x: side[0].x + share * dx + normal.x * reach_m / unit_m,
                y: side[0].y + share * dy + normal.y * reach_m / unit_m,
            };
            each(direction, place, length * unit_m / count as f64);
        }
    }
}

/// Place among [`DIRECTIONS`] of where a normal points. A diagonal counts to the side of north or south.
fn direction_of(normal: Coord) -> usize {
    match (normal.y.abs() >= normal.x.abs(), normal.x > 0.0, normal.y > 0.0) {
        (true, _, true) => 3,
        (true, _, false) => 1,
        (false, true, _) => 0,
        (false, false, _) => 2,
    }
}

/// The neighbours of a direction in words with their lengths, in their order.
pub fn told(list: &[Beside], language: Language) -> String {
    let name = |beside: &Beside| {
        let name = beside.name.as_deref().map(str::trim).filter(|name| !name.is_empty());
        let name = name.map_or_else(|| tr(language, "report.sides-nothing").to_owned(), str::to_owned);
        Message::new("report.sides-of")
            .with("name", name)
            .with("metres", format_number(beside.length_m, 1))
            .text(language)
    };
    let mut names: Vec<String> = list.iter().take(NAMED).map(name).collect();
    if list.len() > NAMED {
        names.push(format!("+{}", list.len() - NAMED));
    }
    names.join(tr(language, "report.sides-and"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::{OpenOptions, open_bytes};

    fn layer(squares: &[(&str, f64, f64, f64)]) -> Layer {
        let feature = |(name, x, y, side): &(&str, f64, f64, f64)| {
            let (x, y) = (39_500_000.0 + x, 4_060_000.0 + y);
            let ring =
                format!("[[{x},{y}],[{x},{}],[{},{}],[{},{y}],[{x},{y}]]", y + side, x + side, y + side, x + side);
            format!(
                r#"{{"type":"Feature","properties":{{"名称":"{name}"}},"geometry":{{"type":"Polygon","coordinates":[{ring}]}}}}"#
            )
        };
        let features: Vec<String> = squares.iter().map(feature).collect();
        let crs = r#"{"type":"name","properties":{"name":"EPSG:4527"}}"#;
        let text = format!(r#"{{"type":"FeatureCollection","crs":{crs},"features":[{}]}}"#, features.join(","));
        let opened = open_bytes("a.geojson", text.into_bytes(), &OpenOptions::default(), &Progress::new());
        opened.expect("opens").layers.remove(0)
    }

    #[test]
    fn each_side_names_what_lies_beyond_it() {
        let plot = layer(&[("地块", 0.0, 0.0, 100.0)]);
        // East: two parcels of 60 m and 40 m; south one; west nothing; north the half of it.
        let around = layer(&[
            ("甲村", 100.0, 40.0, 100.0),
            ("乙村", 100.0, -60.0, 100.0),
            ("丙河", 0.0, -200.0, 200.0),
            ("丁路", 50.0, 100.0, 80.0),
        ]);
        let asked = Asked { around: &around, field: 0, reach_m: 1.0 };
        let table =
            four_sides(&plot, None, [None, Some(0)], asked, Language::Chinese, &Progress::new()).expect("a table");
        let cells: Vec<String> = table.rows[0]
            .iter()
            .map(|cell| match cell {
                Cell::Text(text) => text.clone(),
                _ => String::new(),
            })
            .collect();
        assert_eq!(cells[1], "地块");
        assert_eq!(cells[2], "甲村（60.0 m）、乙村（40.0 m）");
        assert_eq!(cells[3], "丙河（100.0 m）");
        assert_eq!(cells[4], "无要素（100.0 m）");
        assert!(cells[5].contains("丁路（50.0 m）") && cells[5].contains("无要素（50.0 m）"), "{}", cells[5]);
        assert!(table.notes[0].contains("名称") && table.notes.len() == 2);
    }

    #[test]
    fn normals_have_one_direction_each() {
        let check = |x: f64, y: f64, expected: usize| assert_eq!(direction_of(Coord { x, y }), expected, "{x} {y}");
        check(1.0, 0.0, 0);
        check(0.0, -1.0, 1);
        check(-1.0, 0.2, 2);
        check(0.3, 1.0, 3);
        check(1.0, 1.0, 3);
        check(-1.0, -1.0, 1);
    }
}
