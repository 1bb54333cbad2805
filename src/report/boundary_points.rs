//! The table of boundary points (界址点成果表) of the polygons of a layer.
//!
//! A row for each point: its number, X to the north, Y to the east, and the length of the side to the next point, as a
//! distance in the plane of the coordinates as they are written. The first point stands once more at the end of its ring.

use super::{Cell, Column, ColumnKind, Table};
use crate::io::{Numbering, TxtOptions, oriented};
use crate::model::{Coord, Layer};
use crate::text::{Language, Message, tr};

/// The table of a layer, or of the `rows` of it in the order given. Ids, decimals, zone, the corner that rings begin at and
/// the fields that name a plot are those of `options`, as in [`crate::io::write_txt`]. Features that are no polygons have no row.
pub fn boundary_points(layer: &Layer, rows: Option<&[usize]>, options: &TxtOptions, language: Language) -> Table {
    let decimals = u8::try_from(options.decimals.min(9)).unwrap_or(9);
    let number = |key, title| {
        Column::new(key, tr(language, title), ColumnKind::Number(decimals)).rounded_to(usize::from(decimals))
    };
    let text = |key, title| Column::new(key, tr(language, title), ColumnKind::Text);
    let mut table = Table {
        title: tr(language, "report.boundary-points").to_owned(),
        columns: vec![
            text("number", "report.plot-number"),
            text("name", "report.plot-name"),
            Column::new("ring", tr(language, "report.ring"), ColumnKind::Count),
            text("point", "report.point-id"),
            number("x_north", "report.northing"),
            number("y_east", "report.easting"),
            number("side_m", "report.side"),
        ],
        ..Table::default()
    };
    let shift_m = layer
        .crs
        .gauss_kruger()
        .filter(|zone| options.with_zone && !zone.prefixed)
        .map_or(0.0, |zone| 1e6 * f64::from(zone.zone));
    let mut next = 1;
    let mut add = |feature: usize| {
        let named = |place: &str| {
            let field = options.fields.iter().find(|(name, _)| *name == place);
            field.map_or_else(String::new, |(_, field)| layer.value(feature, *field).to_string())
        };
        let (number, name) = (named("地块编号"), named("地块名称"));
        for (at, ring) in boundary_rings(layer, feature, options, &mut next).iter().enumerate() {
            for (i, (id, c)) in ring.iter().enumerate() {
                let side = ring.get(i + 1).map_or(Cell::Empty, |(_, to)| Cell::Number(side_between(*c, *to)));
                table.rows.push(vec![
                    Cell::from(number.as_str()),
                    Cell::from(name.as_str()),
                    Cell::from(at + 1),
                    Cell::from(id.as_str()),
                    Cell::Number(c.y),
                    Cell::Number(c.x + shift_m),
                    side,
                ]);
            }
        }
    };
    match rows {
        Some(rows) => rows.iter().for_each(|row| add(*row)),
        None => (0..layer.feature_count()).for_each(add),
    }
    let note = Message::new("report.boundary-note").with_said("crs", |language| layer.crs.reference_in(language));
    table.notes.push(note.text(language));
    table
}

/// Whether a layer has boundary points in metres.
///
/// # Errors
/// Where its coordinates are degrees: their differences are no lengths.
pub fn has_plane(layer: &Layer) -> Result<(), Message> {
    if !layer.crs.is_geographic() {
        return Ok(());
    }
    Err(Message::new("report.points-degrees").with_said("crs", |language| layer.crs.reference_in(language)))
}

/// The length of a side in units of the plane of its ends.
pub fn side_between(from: Coord, to: Coord) -> f64 {
    (to.x - from.x).hypot(to.y - from.y)
}

/// The rings of a polygon, each point with its number and its coordinates as they are written, in the CRS of the layer and
/// without a zone put before. The first point stands once more at the end of its ring. `next` is the number of the next
/// point; it begins at 1 with every plot unless numbers run through the file.
pub fn boundary_rings(
    layer: &Layer,
    feature: usize,
    options: &TxtOptions,
    next: &mut u64,
) -> Vec<Vec<(String, Coord)>> {
    let unit = 10f64.powi(options.decimals.min(9) as i32);
    let rounded = |c: &Coord| Coord { x: (c.x * unit).round() / unit, y: (c.y * unit).round() / unit };
    let (block, row) = layer.locate(feature);
    if options.numbering != Numbering::File {
        *next = 1;
    }
    let rings = block.geometry.polygon(row).parts().flat_map(|part| part.rings().enumerate());
    rings
        .map(|(depth, ring)| {
            if options.numbering == Numbering::Ring {
                *next = 1;
            }
            let ring = oriented(ring.iter().map(rounded).collect(), depth > 0, options.start);
            let (first, count) = (*next, ring.len());
            let numbered = |(i, c): (usize, Coord)| {
                let closes = i + 1 == count;
                let id = if closes { first } else { *next };
                *next += u64::from(!closes);
                (format!("{}{id}", options.id_prefix), c)
            };
            ring.into_iter().enumerate().map(numbered).collect()
        })
        .collect()
}
