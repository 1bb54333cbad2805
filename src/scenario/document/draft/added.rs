//! A shape that was drawn on the map, added to a layer as a feature.

use std::sync::Arc;

use super::{Draft, EditError, Subject};
use crate::crs::{Crs, Reprojector};
use crate::model::{Coord, GeometryBuilder, GeometryKind, LayerId, OwnedValue};
use crate::scenario::document::edit::{Change, Drawn, Redraw};
use crate::scenario::document::workspace::Workspace;
use crate::text::Message;

/// Adds a line or a ring, not closed, to a layer of that kind; `points` are in `crs`. The field that names its features
/// gets `name`, all others stay empty.
///
/// # Errors
/// [`EditError::NoLayer`], [`EditError::OtherKind`] where the layer holds other shapes, [`EditError::NotCut`] where no way
/// leads between the CRSs.
pub fn add_drawn(
    workspace: &Workspace,
    layer: LayerId,
    points: &[Coord],
    crs: &Crs,
    name: &str,
) -> Result<Draft, EditError> {
    let subject = Subject::new(workspace, layer)?;
    let own = &subject.entry.layer;
    let mut points = points.to_vec();
    if !own.crs.has_same_coordinates(crs) {
        let reprojector = Reprojector::new(crs, &own.crs).map_err(|error| EditError::NotCut(error.message()))?;
        reprojector.convert(&mut points).map_err(|error| EditError::NotCut(error.message()))?;
    }
    let mut builder = GeometryBuilder::new(own.kind);
    match own.kind {
        GeometryKind::Line => {
            points.iter().for_each(|point| builder.coord(*point));
            builder.end_ring();
            builder.end_feature();
        }
        GeometryKind::Polygon => {
            points.extend(points.first().copied());
            builder.polygon(&[vec![&points[..]]]);
        }
        GeometryKind::Point | GeometryKind::None => return Err(EditError::OtherKind(subject.entry.title.clone())),
    }
    let mut values = vec![OwnedValue::Null; own.fields.len()];
    if let Some(field) = subject.entry.label_field().filter(|_| !name.is_empty()) {
        values[field] = OwnedValue::text(name);
    }
    let drawn = Drawn { geometry: Arc::new(builder.finish()), values, origin: None };
    let redraw = Redraw { retired: Vec::new(), added: vec![subject.new_piece(0, drawn)] };
    let sentence = Message::new("scenario.feature-added").with("layer", &subject.entry.title);
    Ok(Draft { edits: vec![subject.edit(Change::Redraw(redraw))], sentence })
}
