//! The plot that a page is about (宗地图, 勘测定界图): its boundary as a map shows it, the tables of its points and its neighbours,
//! and what texts can say of it. Numbers, lengths and neighbours are those of the tables that a survey hands in.

use super::boundary_points::{boundary_points, boundary_rings, side_between};
use super::four_sides::{Asked, Beside, DIRECTIONS, sides_of, told};
use super::summary::shown_key;
use super::{Cell, Column, ColumnKind, Table};
use crate::crs::map_sheets::{MapSheet, SheetScale};
use crate::crs::{Crs, Reprojector};
use crate::io::{Numbering, PLACES, TEMPLATE_SETTING, TxtOptions};
use crate::model::roles::Role;
use crate::model::{Areas, Coord, Extent, GeometryKind, Layer};
use crate::render::label;
use crate::render::layout::{BoundaryPoint, Plot};
use crate::render::prepared::Prepared;
use crate::scenario::{Entry, Workspace};
use crate::text::{Language, Message, tr};
use crate::units::{Area, AreaUnit, format_number};

/// Fields that name who has a right to a plot, and where it lies, those of registers before those of surveys.
const OWNER_FIELDS: [&str; 7] = ["QLRMC", "QLR", "TDQLR", "权利人", "QSDWMC", "权属单位名称", "权属单位"];
const SEAT_FIELDS: [&str; 7] = ["ZL", "TDZL", "坐落", "ZLDWMC", "坐落单位名称", "XMDZ", "地址"];
/// How far beyond an outline neighbours are asked for, in metres.
const REACH_M: f64 = 1.0;
/// Neighbours of a side that a map names; the table names them all.
const NAMED: usize = 2;
/// Decimals of lengths.
const LENGTH_DECIMALS: usize = 2;
/// Share of its size that stays free around a plot, where its points and neighbours are named.
pub(super) const AROUND: f64 = 0.3;

/// A plot as a page tells of it.
pub(super) struct PlotSheet {
    /// Its boundary on the map.
    pub(super) plot: Plot,
    /// What the page shows, in the CRS of the map.
    pub(super) extent: Extent,
    /// Its boundary points.
    pub(super) points: Table,
    /// Its neighbours; empty where nobody names them.
    pub(super) sides: Table,
    /// What texts name, by its word.
    pub(super) words: Vec<(String, String)>,
}

/// The layer that is asked what lies around a plot.
pub(super) struct Around<'a> {
    /// The layer.
    pub(super) layer: &'a Layer,
    /// Its field that names a neighbour.
    pub(super) field: usize,
    /// It in the CRS of the plot, see [`in_plane`].
    pub(super) prepared: &'a Prepared,
}

/// The entry whose features are the plots of that title; where it is empty, the first one of land use, rather one that is
/// shown, or of polygons.
pub(super) fn entry_of<'a>(workspace: &'a Workspace, title: &str) -> Option<&'a Entry> {
    let polygons = || workspace.entries.iter().filter(|entry| entry.layer.kind == GeometryKind::Polygon);
    if !title.is_empty() {
        return polygons().find(|entry| entry.title == title);
    }
    let of_land_use = || polygons().filter(|entry| entry.role == Role::LandUse);
    let shown = of_land_use().find(|entry| workspace.is_drawn(entry));
    shown.or_else(|| of_land_use().next()).or_else(|| polygons().next())
}

/// What a plot is called: its number, what its layer is labelled with, its name, or its place in the source.
pub(super) fn name_of(entry: &Entry, layer: &Layer, feature: usize) -> String {
    let said = |field: usize| Some(layer.value(feature, field).to_string()).filter(|text| !text.trim().is_empty());
    let fields = TxtOptions::usual(layer).fields;
    let known = |of: &str| fields.iter().find(|(place, _)| *place == of).and_then(|(_, field)| said(*field));
    let name = known(PLACES[0]).or_else(|| entry.label_field().and_then(said)).or_else(|| known(PLACES[1]));
    name.unwrap_or_else(|| (layer.source_row(feature) + 1).to_string())
}

/// The plot alone with coordinates of a plane: as it is, or in the CRS of the map where its own has degrees. With its
/// feature there.
///
/// # Errors
/// Where the map has degrees, too, or there is no way to it.
pub(super) fn in_plane(layer: &Layer, feature: usize, crs: &Crs, language: Language) -> Result<Layer, Message> {
    let (block, row) = layer.locate(feature);
    let mut alone = block.kept(&[row as u32], feature - row);
    let mut of = layer.crs.clone();
    if layer.crs.is_geographic() {
        if crs.is_geographic() {
            return Err(Message::new("report.sides-degrees").with("crs", crs.reference_in(language)));
        }
        let mut coords = alone.geometry.coords().to_vec();
        let to_map = Reprojector::new(&layer.crs, crs).map_err(|error| error.message())?;
        if to_map.convert(&mut coords).is_err() {
            return Err(Message::new("layout.plot-not-on-map").with("layer", &layer.name));
        }
        alone.geometry = std::sync::Arc::new(alone.geometry.with_coords(coords));
        of = crs.clone();
    }
    Ok(Layer { crs: of, ..layer.with_blocks(layer.fields.clone(), vec![alone]) })
}

/// What a page tells of the plot that is the only feature of `layer` (see [`in_plane`]), which is called `name`.
///
/// # Errors
/// Where it has no polygon, or cannot be put on the map.
pub(super) fn plot_sheet(
    workspace: &Workspace,
    (entry, layer, name): (&Entry, &Layer, &str),
    area: Option<Area>,
    around: Option<&Around<'_>>,
    crs: &Crs,
    language: Language,
) -> Result<PlotSheet, Message> {
    let lost = || Message::new("layout.plot-not-on-map").with("layer", &entry.title);
    let options = options(workspace, layer);
    let rings = boundary_rings(layer, 0, &options, &mut 1);
    let to_map = Reprojector::new(&layer.crs, crs).map_err(|error| error.message())?;
    let place = |at: Coord| to_map.convert_one(at).filter(|at| at.x.is_finite() && at.y.is_finite());
    let unit_m = layer.crs.metres_per_unit();
    let mut perimeter_m = 0.0;
    let mut drawn = Vec::new();
    let mut extent = Extent::EMPTY;
    for ring in rings.iter().filter(|ring| ring.len() > 3) {
        let mut points = Vec::with_capacity(ring.len() - 1);
        for pair in ring.windows(2) {
            let length_m = side_between(pair[0].1, pair[1].1) * unit_m;
            perimeter_m += length_m;
            let at = place(pair[0].1).ok_or_else(lost)?;
            extent.add(at);
            points.push(BoundaryPoint { id: pair[0].0.clone(), at, side: length(length_m) });
        }
        drawn.push(points);
    }
    if drawn.is_empty() {
        return Err(lost());
    }
    let (block, _) = layer.locate(0);
    let middle = place(label::inside_point(&block.geometry, 0)).unwrap_or_else(|| extent.center());
    let said = |field: Option<usize>| field.map_or_else(String::new, |field| layer.value(0, field).to_string());
    let class = said(entry.class_field());
    let number = said(options.fields.iter().find(|(place, _)| *place == PLACES[0]).map(|(_, field)| *field));
    let asked = around.map(|around| Asked { around: around.layer, field: around.field, reach_m: REACH_M });
    let found = around.zip(asked).and_then(|(around, asked)| sides_of(layer, 0, asked, around.prepared));
    let sides = found.as_ref().map(|found| [0, 1, 2, 3].map(|nth| named(&found[nth], language))).unwrap_or_default();
    let point_count: usize = drawn.iter().map(Vec::len).sum();
    let fraction = [if number.trim().is_empty() { name.to_owned() } else { number.clone() }, class.clone()];
    let in_unit = |unit: AreaUnit| {
        area.map_or_else(String::new, |area| {
            let value = area.value(unit);
            format_number(value, unit.decimals(value))
        })
    };
    let class_name = Some(class.as_str()).filter(|class| !class.is_empty());
    let class_name = class_name.map_or_else(String::new, |class| shown_key(entry.scheme(), Some(class), language));
    let of_any = |names: &[&str]| {
        let found = names.iter().filter_map(|name| layer.field(name)).map(|field| said(Some(field)));
        found.map(|text| text.trim().to_owned()).find(|text| !text.is_empty()).unwrap_or_default()
    };
    let mut words: Vec<(String, String)> = [
        ("plot", name.to_owned()),
        ("plot-number", number),
        ("plot-owner", of_any(&OWNER_FIELDS)),
        ("plot-seat", of_any(&SEAT_FIELDS)),
        ("plot-class", class_name),
        ("plot-area", in_unit(AreaUnit::SquareMetre)),
        ("plot-mu", in_unit(AreaUnit::Mu)),
        ("plot-hectares", in_unit(AreaUnit::Hectare)),
        ("plot-points", point_count.to_string()),
        ("plot-perimeter", length(perimeter_m)),
        ("plot-sheet", map_sheet(middle, crs)),
        ("plot-east", sides[0].clone()),
        ("plot-south", sides[1].clone()),
        ("plot-west", sides[2].clone()),
        ("plot-north", sides[3].clone()),
    ]
    .map(|(word, said)| (word.to_owned(), said))
    .into();
    words.extend(layer.fields.iter().enumerate().map(|(at, field)| (format!("plot.{}", field.name), said(Some(at)))));
    let plot = Plot { rings: drawn, middle, fraction, sides };
    let points = points_table(layer, &options, plot.rings.len() > 1, language);
    Ok(PlotSheet { plot, extent: grown(extent), points, sides: sides_table(found.as_ref(), language), words })
}

/// How the boundary points of a layer are written in this project, the numbers of each plot beginning anew.
fn options(workspace: &Workspace, layer: &Layer) -> TxtOptions {
    let words = workspace.scenarios.settings.get(TEMPLATE_SETTING);
    let options = words.map_or_else(|| TxtOptions::usual(layer), |words| TxtOptions::of_words(words, layer));
    let numbering = if options.numbering == Numbering::File { Numbering::Plot } else { options.numbering };
    TxtOptions { numbering, ..options }
}

/// A length as surveys write it, without separators.
fn length(metres: f64) -> String {
    format_number(metres, LENGTH_DECIMALS).replace(',', "")
}

/// An extent with what stays free around it.
fn grown(extent: Extent) -> Extent {
    let by = AROUND * extent.width().max(extent.height());
    Extent {
        min: Coord { x: extent.min.x - by, y: extent.min.y - by },
        max: Coord { x: extent.max.x + by, y: extent.max.y + by },
    }
}

/// The standard map sheet of 1:10,000 that a place lies on; empty where there is none.
fn map_sheet(at: Coord, crs: &Crs) -> String {
    let degrees = match crs.is_geographic() {
        true => Some(at),
        false => Reprojector::new(crs, &crs.geographic()).ok().and_then(|to_degrees| to_degrees.convert_one(at)),
    };
    let sheet = degrees.and_then(|at| MapSheet::at(SheetScale::G, at.x, at.y));
    sheet.map_or_else(String::new, |sheet| sheet.number())
}

/// The neighbours of a side as a map names them.
fn named(list: &[Beside], language: Language) -> String {
    let name = |beside: &Beside| beside.name.as_deref().map(str::trim).unwrap_or_default().to_owned();
    let mut names: Vec<String> = Vec::new();
    for name in list.iter().map(name).filter(|name| !name.is_empty()) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names.truncate(NAMED);
    names.join(tr(language, "report.sides-and"))
}

/// The points of the plot without what stands in the title already.
fn points_table(layer: &Layer, options: &TxtOptions, has_rings: bool, language: Language) -> Table {
    let all = boundary_points(layer, None, options, language);
    kept(&all, if has_rings { &[2, 3, 4, 5, 6] } else { &[3, 4, 5, 6] })
}

/// A table of some of the columns of another.
fn kept(table: &Table, columns: &[usize]) -> Table {
    let of = |row: &Vec<Cell>| columns.iter().filter_map(|at| row.get(*at).cloned()).collect();
    Table {
        title: table.title.clone(),
        columns: columns.iter().filter_map(|at| table.columns.get(*at).cloned()).collect(),
        rows: table.rows.iter().map(of).collect(),
        ..Table::default()
    }
}

fn sides_table(found: Option<&[Vec<Beside>; 4]>, language: Language) -> Table {
    let text = |key: &str, title: &str| Column::new(key, tr(language, title), ColumnKind::Text);
    let rows = found.into_iter().flatten().zip(DIRECTIONS);
    Table {
        title: tr(language, "report.four-sides").to_owned(),
        columns: vec![text("direction", "layout.direction"), text("neighbours", "layout.neighbours")],
        rows: rows
            .map(|(list, direction)| vec![Cell::from(tr(language, direction)), Cell::from(told(list, language))])
            .collect(),
        ..Table::default()
    }
}

/// The printed area of a feature.
pub(super) fn area_of(areas: &Areas, feature: usize) -> Option<Area> {
    areas.printed.get(feature).map(|m2| Area::from_m2(*m2))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::{OpenOptions, open_bytes};
    use crate::task::Progress;
    use std::sync::Arc;

    /// Squares with a number, a name and a class, in metres from a corner.
    fn workspace(epsg: u32, squares: &[(&str, &str, f64, f64, f64)]) -> Workspace {
        let feature = |(number, name, x, y, side): &(&str, &str, f64, f64, f64)| {
            let (x, y) = (39_500_000.0 + x, 4_060_000.0 + y);
            let (to_x, to_y) = (x + side, y + side);
            let ring = format!("[[{x},{y}],[{x},{to_y}],[{to_x},{to_y}],[{to_x},{y}],[{x},{y}]]");
            format!(
                r#"{{"type":"Feature","properties":{{"TBBH":"{number}","名称":"{name}","DLBM":"0701"}},"geometry":{{"type":"Polygon","coordinates":[{ring}]}}}}"#
            )
        };
        let features: Vec<String> = squares.iter().map(feature).collect();
        let crs = format!(r#"{{"type":"name","properties":{{"name":"EPSG:{epsg}"}}}}"#);
        let text = format!(r#"{{"type":"FeatureCollection","crs":{crs},"features":[{}]}}"#, features.join(","));
        let opened = open_bytes("a.geojson", text.into_bytes(), &OpenOptions::default(), &Progress::new());
        let mut workspace = Workspace::new();
        workspace.add(Arc::new(opened.expect("opens").layers.remove(0)));
        workspace
    }

    #[test]
    fn a_plot_has_points_from_the_north_west_clockwise_lengths_and_neighbours() {
        let workspace = workspace(4527, &[("12", "甲", 0.0, 0.0, 100.0), ("13", "乙", 100.0, 0.0, 100.0)]);
        let entry = entry_of(&workspace, "").expect("polygons");
        let layer = in_plane(&entry.layer, 0, &entry.layer.crs, Language::Chinese).expect("a plane");
        assert_eq!(layer.feature_count(), 1);
        let prepared = Prepared::for_picture(&entry.layer, &layer.crs, &Progress::new()).expect("prepared");
        let field = entry.layer.field("名称").expect("a field");
        let around = Around { layer: &entry.layer, field, prepared: &prepared };
        let area = Some(Area::from_m2(10_000.0));
        let of = (entry, &layer, "甲");
        let sheet = plot_sheet(&workspace, of, area, Some(&around), &layer.crs, Language::Chinese).expect("a sheet");
        let ring = &sheet.plot.rings[0];
        let ids: Vec<&str> = ring.iter().map(|point| point.id.as_str()).collect();
        assert_eq!(ids, ["J1", "J2", "J3", "J4"]);
        let offset = |point: &BoundaryPoint| [point.at.x - 39_500_000.0, point.at.y - 4_060_000.0];
        assert_eq!([&ring[0], &ring[1]].map(offset), [[0.0, 100.0], [100.0, 100.0]]);
        assert!(ring.iter().all(|point| point.side == "100.00"));
        assert_eq!(sheet.plot.sides, ["乙", "", "", ""].map(str::to_owned));
        assert_eq!(sheet.plot.fraction, ["12", "0701"].map(str::to_owned));
        let word = |key: &str| sheet.words.iter().find(|(word, _)| word == key).map(|(_, said)| said.as_str());
        assert_eq!(word("plot-area"), Some("10,000.00"));
        assert_eq!(word("plot-mu"), Some("15.00"));
        assert_eq!(word("plot-perimeter"), Some("400.00"));
        assert_eq!(word("plot.名称"), Some("甲"));
        assert_eq!((word("plot-owner"), word("plot-points")), (Some(""), Some("4")));
        assert!(word("plot-sheet").is_some_and(|sheet| sheet.starts_with("J50G")), "{:?}", word("plot-sheet"));
        assert!(word("plot-class").is_some_and(|class| class.starts_with("0701")));
        // The first point stands at the end once more, without a side.
        assert_eq!((sheet.points.rows.len(), sheet.points.columns.len()), (5, 4));
        assert_eq!(sheet.points.rows[4][3], Cell::Empty);
        assert_eq!(sheet.sides.rows.len(), 4);
        assert!((sheet.extent.width() - 160.0).abs() < 1e-6);
    }

    #[test]
    fn nobody_asked_nothing_lies_beside_and_degrees_are_refused() {
        let workspace = workspace(4527, &[("12", "甲", 0.0, 0.0, 100.0)]);
        let entry = entry_of(&workspace, "").expect("polygons");
        let of = (entry, &*entry.layer, "甲");
        let sheet = plot_sheet(&workspace, of, None, None, &entry.layer.crs, Language::English).expect("a sheet");
        assert!(sheet.sides.rows.is_empty() && sheet.plot.sides.iter().all(String::is_empty));
        assert!(!name_of(entry, &entry.layer, 0).is_empty());
        assert!(entry_of(&workspace, "?").is_none());
        let mut degrees = Layer::clone(&entry.layer);
        degrees.crs = Crs::cgcs2000();
        assert!(in_plane(&degrees, 0, &Crs::cgcs2000(), Language::English).is_err());
    }
}
