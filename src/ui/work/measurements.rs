//! Kept measurements: what they are called, and what they become: features of a layer, or a file.

use std::path::Path;

use crate::io::{self, FORMATS, Guard};
use crate::measure::Ruler;
use crate::model::{
    AttributeBuilder, FeatureBlock, Field, FieldType, GeometryBuilder, GeometryKind, Layer, LayerId, Value,
};
use crate::scenario::{Measurement, MeasurementKind, draft};
use crate::task::Progress;
use crate::text::{Language, Message};
use crate::ui::session::Session;
use crate::ui::work::save::{ask_target_of, write_layer};
use crate::ui::work::scenarios;

/// What a measurement is called.
pub fn name(language: Language, at: usize, measurement: &Measurement) -> String {
    if !measurement.name.is_empty() {
        return measurement.name.clone();
    }
    let key = match measurement.kind {
        MeasurementKind::Distance => "panels.distance-number",
        MeasurementKind::Area => "panels.area-number",
    };
    Message::new(key).with("n", at + 1).text(language)
}

/// The kind of layer that a measurement can be a feature of.
pub fn kind_of(measurement: &Measurement) -> GeometryKind {
    match measurement.kind {
        MeasurementKind::Distance => GeometryKind::Line,
        MeasurementKind::Area => GeometryKind::Polygon,
    }
}

/// Adds a kept measurement to a layer as its last feature: an edit of the scenario shown, or of a new one. Returns its row,
/// where it came.
pub fn add_to(session: &mut Session, at: usize, layer: LayerId) -> Option<usize> {
    let measurement = session.workspace.measurements.get(at)?;
    let by = scenarios::by(session.language());
    let points = &measurement.points;
    let draft = draft::add_drawn(&session.workspace, layer, points, &measurement.crs, &measurement.name);
    let sentence = draft.as_ref().ok().map(|draft| draft.sentence.clone());
    match draft.and_then(|draft| session.workspace.apply(draft, by)) {
        Ok(_) => {
            if let Some(sentence) = sentence {
                session.notify(sentence);
            }
            session.layer(layer)?.feature_count().checked_sub(1)
        }
        Err(error) => {
            session.notify_error(Message::new("edit.failed").with("reason", error.text(by.language)));
            None
        }
    }
}

/// Writes a kept measurement to a file to be chosen: its shape, its name and what it measures.
pub fn export(session: &mut Session, at: usize) {
    let Some(measurement) = session.workspace.measurements.get(at) else { return };
    let name = name(session.language(), at, measurement);
    let layer = layer_of(&name, measurement);
    let file = format!("{}.geojson", name.replace(['/', '\\', ':'], "-"));
    let written = FORMATS.iter().filter(|format| format.is_written() && !format.endings.is_empty());
    let mut filters: Vec<(String, &'static str)> =
        written.map(|format| (session.tr(format.name).to_owned(), format.endings[0])).collect();
    filters.sort_by_key(|(_, ending)| *ending != "geojson");
    ask_target_of(session, file, filters, move |session, path| {
        write_layer(session, path, move |path: &Path, guard: &Guard, _: &Progress| {
            let written = io::write(path, &layer, None, io::WriteOptions::default(), guard);
            written.map(|()| 1).map_err(|error| error.message())
        });
    });
}

/// A measurement as a layer of one feature; figures that cannot be had are left out.
pub fn layer_of(name: &str, measurement: &Measurement) -> Layer {
    let (kind, points) = (kind_of(measurement), &measurement.points);
    let mut geometry = GeometryBuilder::new(kind);
    let ruler = Ruler::new(&measurement.crs).ok(); // a CRS without a way to degrees has no figures
    let (field, figure) = match kind {
        GeometryKind::Polygon => {
            let mut ring = points.clone();
            ring.extend(points.first().copied());
            geometry.polygon(&[vec![ring]]);
            let areas = ruler.and_then(|ruler| ruler.outline(points).ok());
            ("AREA_M2", areas.map(|areas| areas.survey.printed))
        }
        _ => {
            points.iter().for_each(|point| geometry.coord(*point));
            geometry.end_ring();
            geometry.end_feature();
            ("LENGTH_M", ruler.and_then(|ruler| ruler.path(points).ok()).map(|path| path.geodesic.m()))
        }
    };
    let mut attributes = AttributeBuilder::new();
    let column = attributes.column("NAME", 0);
    attributes.set(column, Value::Text(name));
    let column = attributes.column(field, 1);
    attributes.set(column, figure.map_or(Value::Null, Value::Float));
    attributes.end_row();
    let fields = [("NAME", FieldType::Text), (field, FieldType::Float)];
    let fields = fields.map(|(name, kind)| Field { name: name.to_owned(), kind }).to_vec();
    let block = FeatureBlock::of_parts(geometry.finish(), attributes.finish().1);
    Layer::new(name.to_owned(), kind, measurement.crs.clone(), fields, vec![block])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crs::Crs;
    use crate::model::Coord;

    #[test]
    fn a_measured_area_is_a_polygon_with_its_figure() {
        let at = |x: f64, y: f64| Coord { x: 39_500_000.0 + x, y: 4_080_000.0 + y };
        let measurement = Measurement {
            name: "站前".to_owned(),
            kind: MeasurementKind::Area,
            points: vec![at(0.0, 0.0), at(300.0, 0.0), at(300.0, 200.0), at(0.0, 200.0)],
            crs: Crs::from_epsg(4527).expect("known"),
        };
        let layer = layer_of("站前", &measurement);
        assert_eq!((layer.kind, layer.feature_count()), (GeometryKind::Polygon, 1));
        assert_eq!(layer.value(0, 0), Value::Text("站前"));
        let area = layer.value(0, 1).as_f64().expect("an area");
        // On the ellipsoid a zone's middle is as in the plane to some parts in 10,000.
        assert!((area - 60_000.0).abs() < 60.0, "{area}");
        let line = Measurement { kind: MeasurementKind::Distance, ..measurement };
        let layer = layer_of("线", &line);
        let length = layer.value(0, 1).as_f64().expect("a length");
        assert!(layer.kind == GeometryKind::Line && (length - 800.0).abs() < 1.0, "{length}");
    }
}
