//! 调出 and 调入: land taken out of a control layer, and put into it.
//!
//! What is taken out is cut along the edges of the parcels that go: a feature that lies wholly in them goes, of one that
//! lies partly in them the rest stays as a piece of its own. What is put in is put in as far as the layer does not cover
//! it yet. Areas are those of the overlay; only the drawn pieces come from the clipping engine, whose grid is far
//! finer than a millimetre. Pieces keep all values of their feature: also its area fields, which the survey fills.

use std::sync::Arc;

use geo_types::MultiPolygon;

use super::{Draft, EditError, Subject};
use crate::crs::{Crs, Reprojector};
use crate::measure::MeasureError;
use crate::model::{
    AreaMethod, Coord, FeatureBlock, GeometryBlock, GeometryBuilder, GeometryKind, Layer, LayerId, OwnedValue,
};
use crate::overlay;
use crate::scenario::document::edit::{Change, Drawn, Key, Piece, Redraw};
use crate::scenario::document::workspace::Workspace;
use crate::task::Progress;
use crate::text::{Language, Message, tr};
use crate::units::{Area, AreaUnit};

/// Less than the survey prints of a parcel is no piece.
const TINY_M2: f64 = 0.005;

/// The land that goes or comes: polygons of a layer, which may be one drawn for the purpose.
#[derive(Clone, Copy, Debug)]
pub struct Land<'a> {
    /// The layer.
    pub layer: &'a Layer,
    /// Its features; `None` for all.
    pub rows: Option<&'a [u32]>,
}

/// Takes land out of a control layer (基本农田调出).
///
/// # Errors
/// [`EditError::NotPolygons`], [`EditError::NotCut`] where a feature defeats the clipping engine or no way leads between
/// the CRSs, [`EditError::NothingChanges`] where the layer covers nothing of the land, [`EditError::Cancelled`].
pub fn take_out(
    workspace: &Workspace,
    control: LayerId,
    land: Land<'_>,
    language: Language,
    progress: &Progress,
) -> Result<Draft, EditError> {
    let (subject, land) = prepared(workspace, control, land)?;
    let layer = &subject.entry.layer;
    let table = overlay::pairs(layer, &land, None, AreaMethod::Survey, progress).map_err(not_cut)?;
    let side = &table.sides[0];
    let mut redraw = Redraw::default();
    let mut cuts: Vec<(u32, Vec<u32>)> = Vec::new();
    let mut taken = 0.0;
    for pairs in table.pairs.chunk_by(|x, y| x.a == y.a) {
        let feature = pairs[0].a;
        let (own, left) = (side.own[feature as usize], side.only[feature as usize]);
        if own - left < TINY_M2 {
            continue;
        }
        taken += own - left;
        redraw.retired.push(subject.piece(feature as usize));
        if left >= TINY_M2 {
            cuts.push((feature, pairs.iter().map(|pair| pair.b).collect()));
        }
    }
    let rests = overlay::remainders(layer, &land, &cuts, progress).map_err(not_cut)?;
    for ((feature, _), rest) in cuts.iter().zip(rests) {
        let row = *feature as usize;
        let geometry = geometry_of(&rest.ok_or_else(|| unresolved(layer, row))?);
        let key = subject.rows.key(row);
        let origin = match subject.drawn(key) {
            Some(drawn) => drawn.origin,
            None => Some(key),
        };
        let values = (0..layer.fields.len()).map(|field| subject.value(key, field)).collect();
        redraw.added.push(subject.new_piece(redraw.added.len(), Drawn { geometry, values, origin }));
    }
    drafted(&subject, redraw.retired.len(), "scenario.taken-out", taken, redraw, language)
}

/// Puts land into a control layer (基本农田调入), as far as the layer does not cover it yet. Fields get the values that
/// are `given` for them, by their place in the layer; other values are carried over between fields of the same name.
///
/// # Errors
/// As [`take_out`].
pub fn put_in(
    workspace: &Workspace,
    control: LayerId,
    land: Land<'_>,
    given: &[(usize, OwnedValue)],
    language: Language,
    progress: &Progress,
) -> Result<Draft, EditError> {
    let (subject, land) = prepared(workspace, control, land)?;
    let layer = &subject.entry.layer;
    let land = in_crs(land, &layer.crs)?;
    let table = overlay::pairs(&land, layer, None, AreaMethod::Survey, progress).map_err(not_cut)?;
    let side = &table.sides[0];
    let mut put = 0.0;
    let mut cuts: Vec<(u32, Vec<u32>)> = Vec::new();
    for feature in (0..land.feature_count() as u32).filter(|feature| side.only[*feature as usize] >= TINY_M2) {
        let (own, only) = (side.own[feature as usize], side.only[feature as usize]);
        put += only;
        let pairs = &table.pairs[table.pairs.partition_point(|pair| pair.a < feature)..];
        let under = pairs.iter().take_while(|pair| pair.a == feature).map(|pair| pair.b);
        cuts.push((feature, if own - only < TINY_M2 { Vec::new() } else { under.collect() }));
    }
    let partly: Vec<(u32, Vec<u32>)> = cuts.iter().filter(|(_, under)| !under.is_empty()).cloned().collect();
    let mut rests = overlay::remainders(&land, layer, &partly, progress).map_err(not_cut)?.into_iter();
    let fields: Vec<Option<usize>> =
        layer.fields.iter().map(|field| land.fields.iter().position(|other| other.name == field.name)).collect();
    let mut redraw = Redraw::default();
    for (feature, under) in &cuts {
        let row = *feature as usize;
        let geometry = match under.is_empty() {
            true => {
                let (block, row) = land.locate(row);
                Arc::new(block.geometry.kept([row].into_iter()))
            }
            false => geometry_of(&rests.next().flatten().ok_or_else(|| unresolved(&land, row))?),
        };
        let value = |field: &Option<usize>| field.map_or(OwnedValue::Null, |field| land.value(row, field).into());
        let mut values: Vec<OwnedValue> = fields.iter().map(value).collect();
        for (field, value) in given {
            if let Some(place) = values.get_mut(*field) {
                place.clone_from(value);
            }
        }
        redraw.added.push(subject.new_piece(redraw.added.len(), Drawn { geometry, values, origin: None }));
    }
    drafted(&subject, redraw.added.len(), "scenario.put-in", put, redraw, language)
}

fn drafted(
    subject: &Subject<'_>,
    count: usize,
    key: &'static str,
    m2: f64,
    redraw: Redraw,
    language: Language,
) -> Result<Draft, EditError> {
    if count == 0 {
        return Err(EditError::NothingChanges);
    }
    let area = format!("{} {}", Area::from_m2(m2).display(AreaUnit::Mu), tr(language, AreaUnit::Mu.key()));
    let layer = &subject.entry.title;
    let sentence = Message::new(key).with("layer", layer).with("n", count).with("area", area);
    Ok(Draft { edits: vec![subject.edit(Change::Redraw(redraw))], sentence })
}

/// The control layer, and the land alone.
fn prepared<'a>(workspace: &'a Workspace, control: LayerId, land: Land<'_>) -> Result<(Subject<'a>, Layer), EditError> {
    let subject = Subject::new(workspace, control)?;
    for layer in [&*subject.entry.layer, land.layer] {
        if layer.kind != GeometryKind::Polygon {
            return Err(EditError::NotPolygons(layer.name.clone()));
        }
    }
    Ok((subject, alone(land)))
}

/// The features of some land as a layer of their own.
fn alone(land: Land<'_>) -> Layer {
    let layer = land.layer;
    let Some(rows) = land.rows else { return layer.clone() };
    let mut rows: Vec<u32> = rows.iter().copied().filter(|row| (*row as usize) < layer.feature_count()).collect();
    rows.sort_unstable();
    rows.dedup();
    let block = |(block, range): (&FeatureBlock, &[usize])| {
        let from = rows.partition_point(|row| (*row as usize) < range[0]);
        let to = rows.partition_point(|row| (*row as usize) < range[1]);
        let kept: Vec<u32> = rows[from..to].iter().map(|row| row - range[0] as u32).collect();
        (!kept.is_empty()).then(|| block.kept(&kept, range[0]))
    };
    let blocks = layer.blocks.iter().zip(layer.starts.windows(2)).filter_map(block).collect();
    layer.with_blocks(layer.fields.clone(), blocks)
}

/// A layer with its coordinates in another CRS.
fn in_crs(layer: Layer, crs: &Crs) -> Result<Layer, EditError> {
    if layer.crs.has_same_coordinates(crs) {
        return Ok(layer);
    }
    let reprojector = Reprojector::new(&layer.crs, crs).map_err(|error| EditError::NotCut(error.message()))?;
    let mut blocks = Vec::with_capacity(layer.blocks.len());
    for block in &layer.blocks {
        let mut coords: Vec<Coord> = block.geometry.coords().to_vec();
        reprojector.convert(&mut coords).map_err(|error| EditError::NotCut(error.message()))?;
        blocks.push(FeatureBlock { geometry: Arc::new(block.geometry.with_coords(coords)), ..block.clone() });
    }
    Ok(Layer { crs: crs.clone(), ..layer.with_blocks(layer.fields.clone(), blocks) })
}

fn geometry_of(polygons: &MultiPolygon) -> Arc<GeometryBlock> {
    let mut builder = GeometryBuilder::new(GeometryKind::Polygon);
    let part = |part: &geo_types::Polygon| -> Vec<Vec<Coord>> {
        std::iter::once(part.exterior()).chain(part.interiors()).map(|ring| ring.0.clone()).collect()
    };
    builder.polygon(&polygons.0.iter().map(part).collect::<Vec<_>>());
    Arc::new(builder.finish())
}

fn not_cut(error: MeasureError) -> EditError {
    match error {
        MeasureError::Cancelled(cancelled) => EditError::Cancelled(cancelled),
        error => EditError::NotCut(error.message()),
    }
}

fn unresolved(layer: &Layer, row: usize) -> EditError {
    EditError::NotCut(Message::new("scenario.cut-failed").with("row", layer.source_row(row) + 1))
}

impl Subject<'_> {
    /// The feature of row `row`, to go.
    fn piece(&self, row: usize) -> Piece {
        let key = self.rows.key(row);
        Piece { key, drawn: self.drawn(key) }
    }

    fn drawn(&self, key: Key) -> Option<Arc<Drawn>> {
        self.state.and_then(|state| state.drawn(key)).cloned()
    }

    /// A feature that the edit adds, `nth` of them.
    pub(super) fn new_piece(&self, nth: usize, drawn: Drawn) -> Piece {
        let first = self.entry.layer.feature_count() as Key;
        let key = self.state.map_or(first + nth as Key, |state| state.free_key(nth));
        Piece { key, drawn: Some(Arc::new(drawn)) }
    }

    /// The value of a feature as it was set or read.
    fn value(&self, key: Key, field: usize) -> OwnedValue {
        match self.state {
            Some(state) => state.values(Some(field), &[key]).get(0).clone(),
            None => self.entry.layer.value(key as usize, field).into(),
        }
    }
}
