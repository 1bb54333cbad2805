//! Layers made ready for the map: projected, indexed, triangulated, in the background.

use std::sync::{Arc, OnceLock};

use rustc_hash::FxHashSet;

use super::state::Session;
use super::two_states;
use crate::crs::Crs;
use crate::model::index::SpatialIndex;
use crate::model::{Coord, Extent, GeometryBlock, GeometryKind, Layer, LayerId, Revision};
use crate::render::chunks::{self, Chunk};
use crate::render::label::inside_point;
use crate::render::mesh::{self, BlockMesh};
use crate::render::pick::Pickable;
use crate::render::projected::{self, ProjectError, Projected};
use crate::render::pyramid::Pyramid;
use crate::render::scene::feature_size;
use crate::task::{Cancelled, Progress};
use crate::text::Message;

/// A layer in the project CRS, ready to be drawn and asked.
#[derive(Debug)]
pub struct Prepared {
    /// The layer's geometry, one block a block of the layer.
    pub projected: Projected,
    /// Index over the extents of its features.
    pub index: SpatialIndex,
    /// Which feature covers each pixel at small scales, for large layers.
    pub pyramid: Option<Pyramid>,
    /// Side of a typical feature, for fading outlines; 0 for points and lines.
    pub feature_size: f64,
    /// Pieces of it that the GPU holds, once they are wanted.
    chunks: OnceLock<Vec<Chunk>>,
    /// First feature of each block, and the count at the end.
    pub starts: Vec<usize>,
    /// Extent of all of it.
    pub extent: Extent,
    /// A place inside each feature, for labels and pictograms; empty where the layer has too many for either.
    pub label_points: Vec<Coord>,
}

impl Prepared {
    /// `layer` made ready in `crs`.
    ///
    /// # Errors
    /// Where there is no way between the two systems, or the work was cancelled.
    pub fn new(layer: &Layer, crs: &Crs, progress: &Progress) -> Result<Self, ProjectError> {
        let projected = projected::project(layer, crs, progress)?;
        Ok(Self::of_projected(layer, projected, progress)?)
    }

    /// `layer`, whose geometry is there in the project CRS, made ready.
    ///
    /// # Errors
    /// [`Cancelled`].
    pub fn of_projected(layer: &Layer, projected: Projected, progress: &Progress) -> Result<Self, Cancelled> {
        let index = SpatialIndex::build(&projected.blocks, progress)?;
        let pyramid = Pyramid::build(&projected.blocks, &layer.starts, &index, progress)?;
        let labelled = layer.feature_count() <= LABELLED_FEATURES;
        let label_points = if labelled { inside_points(&projected.blocks) } else { Vec::new() };
        Ok(Self::of_parts(layer, projected, index, pyramid, label_points))
    }

    /// A first look at a large layer, which nothing can be asked yet; `None` for one that is soon ready.
    fn preview(layer: &Layer, projected: &Projected, progress: &Progress) -> Result<Option<Self>, Cancelled> {
        let Some(pyramid) = Pyramid::preview(&projected.blocks, &layer.starts, progress)? else { return Ok(None) };
        let index = SpatialIndex::build(&[], progress)?;
        Ok(Some(Self::of_parts(layer, projected.clone(), index, Some(pyramid), Vec::new())))
    }

    fn of_parts(
        layer: &Layer,
        projected: Projected,
        index: SpatialIndex,
        pyramid: Option<Pyramid>,
        label_points: Vec<Coord>,
    ) -> Self {
        let mut extent = Extent::EMPTY;
        for block in &projected.blocks {
            extent.union(&block.extent());
        }
        let feature_size = feature_size(&projected.blocks);
        let (chunks, starts) = (OnceLock::new(), layer.starts.clone());
        Self { projected, index, pyramid, feature_size, chunks, starts, extent, label_points }
    }

    /// The pieces that the GPU holds, where they are known.
    pub fn known_chunks(&self) -> Option<&[Chunk]> {
        self.chunks.get().map(Vec::as_slice)
    }

    /// The pieces that the GPU holds.
    ///
    /// # Errors
    /// [`Cancelled`].
    pub fn chunks(&self, progress: &Progress) -> Result<&[Chunk], Cancelled> {
        if self.chunks.get().is_none() {
            let made = chunks::chunks(&self.projected.blocks, &self.starts, progress)?;
            return Ok(self.chunks.get_or_init(|| made));
        }
        Ok(self.known_chunks().unwrap_or_default())
    }

    /// The mesh of one of them.
    ///
    /// # Errors
    /// [`Cancelled`].
    pub fn mesh(&self, chunk: &Chunk, progress: &Progress) -> Result<BlockMesh, Cancelled> {
        let blocks = &self.projected.blocks;
        let features = chunk.features.iter().map(|feature| chunks::locate(blocks, &self.starts, *feature));
        let kind = features.clone().next().map_or(GeometryKind::None, |(block, _)| block.kind());
        mesh::mesh_features(kind, chunk.extent, chunk.coord_count, features, progress)
    }

    /// The geometry, ready to be asked what lies where.
    pub fn pickable(&self) -> Pickable<'_> {
        Pickable { blocks: &self.projected.blocks, starts: &self.starts, index: &self.index }
    }

    /// Extent of one feature in the project CRS.
    pub fn feature_extent(&self, feature: usize) -> Extent {
        let block = self.starts.partition_point(|start| *start <= feature).saturating_sub(1);
        match self.projected.blocks.get(block) {
            Some(blocks) if feature < self.starts[block + 1] => blocks.feature_extent(feature - self.starts[block]),
            _ => Extent::EMPTY,
        }
    }
}

/// Layers with more features than this have no labels and no pictograms: nobody could read them.
const LABELLED_FEATURES: usize = 50_000;

fn inside_points(blocks: &[Arc<GeometryBlock>]) -> Vec<Coord> {
    let of_block = |block: &Arc<GeometryBlock>| {
        let block = block.clone();
        (0..block.feature_count()).map(move |row| inside_point(&block, row))
    };
    blocks.iter().flat_map(of_block).collect()
}

/// How far a layer is.
#[derive(Clone, Debug)]
pub struct Preparation {
    /// The layer whose geometry it is.
    pub layer: LayerId,
    /// The project CRS that it is made for.
    pub crs: Crs,
    /// What came of it.
    pub state: PreparationState,
}

/// What came of a preparation.
#[derive(Clone, Debug)]
pub enum PreparationState {
    /// At work, in the job of that number.
    Running(u64),
    /// Ready.
    Ready(Arc<Prepared>),
    /// The layer cannot be drawn in the project CRS.
    Failed(Message),
}

/// Starts to prepare every geometry that is not ready in the present project CRS. Edits of attributes leave it as it is.
pub fn refresh(session: &mut Session) {
    let Some(crs) = session.workspace.crs.clone() else { return };
    let used = shapes(session);
    let gone: Vec<Revision> = session.prepared.keys().copied().filter(|shape| !used.contains(shape)).collect();
    for shape in gone {
        if let Some(Preparation { state: PreparationState::Running(job), .. }) = session.prepared.remove(&shape) {
            session.jobs.cancel(job);
        }
    }
    let mut stale: Vec<Arc<Layer>> = Vec::new();
    for layer in seen(session) {
        let known = session.prepared.get(&layer.shape);
        let is_new = stale.iter().all(|other| other.shape != layer.shape);
        if is_new && known.is_none_or(|known| known.crs != crs) {
            stale.push(layer.clone());
        }
    }
    for layer in stale {
        if let Some(Preparation { state: PreparationState::Running(job), .. }) = session.prepared.get(&layer.shape) {
            let job = *job;
            session.jobs.cancel(job);
        }
        start(session, layer, crs.clone());
    }
}

/// Whether nothing of `layer` can be drawn yet, because its geometry is being prepared.
pub fn is_running(session: &Session, layer: &Layer) -> bool {
    matches!(session.prepared.get(&layer.shape), Some(Preparation { state: PreparationState::Running(_), .. }))
}

/// The layers of every state that the map shows.
fn seen(session: &Session) -> impl Iterator<Item = &Arc<Layer>> {
    let workspace = &session.workspace;
    let others = two_states::others(session).into_iter().flat_map(move |state| {
        workspace.entries.iter().filter_map(move |entry| workspace.layer_in(state, entry.id()).map(|(layer, _)| layer))
    });
    workspace.entries.iter().map(|entry| &entry.layer).chain(others)
}

/// The geometries of all states, shown or not: going back to one costs nothing.
fn shapes(session: &Session) -> FxHashSet<Revision> {
    let workspace = &session.workspace;
    let base = workspace.entries.iter().filter_map(|entry| workspace.base_of(entry.id())).map(|(layer, _)| layer.shape);
    let plans = workspace.scenarios.list().iter().flat_map(|scenario| scenario.states());
    seen(session).map(|layer| layer.shape).chain(base).chain(plans.map(|(_, state)| state.layer().shape)).collect()
}

/// What a job made: a layer ready, or a first look and the geometry to go on with.
type Made = (Prepared, Option<Projected>);

type Work = Box<dyn FnOnce(&Progress) -> Result<Made, ProjectError> + Send>;

fn start(session: &mut Session, layer: Arc<Layer>, crs: Crs) {
    // Where an edit made the geometry, the last one is a better look.
    let is_new = session.prepared.values().all(|known| known.layer != layer.id || known.crs != crs);
    let (source, target) = (layer.clone(), crs.clone());
    let work: Work = Box::new(move |progress: &Progress| {
        let projected = projected::project(&source, &target, progress)?;
        if is_new && let Some(preview) = Prepared::preview(&source, &projected, progress)? {
            return Ok((preview, Some(projected)));
        }
        Ok((Prepared::of_projected(&source, projected, progress)?, None))
    });
    spawn(session, layer, crs, work);
}

fn spawn(session: &mut Session, layer: Arc<Layer>, crs: Crs, work: Work) {
    let (id, shape) = (layer.id, layer.shape);
    let name = Message::new("ui.job-prepare").with("layer", &layer.name);
    let made_for = crs.clone();
    let job = session.jobs.spawn(name, work, move |session, result| {
        let Some(preparation) = session.prepared.get_mut(&shape).filter(|known| known.crs == made_for) else {
            return;
        };
        match result {
            Ok((prepared, rest)) => {
                preparation.state = PreparationState::Ready(Arc::new(prepared));
                if let Some(projected) = rest {
                    let source = layer.clone();
                    let work: Work = Box::new(move |progress: &Progress| {
                        Ok((Prepared::of_projected(&source, projected, progress)?, None))
                    });
                    spawn(session, layer, made_for, work);
                }
            }
            Err(error) => {
                let reason = match error {
                    ProjectError::Crs(error) => error.message(),
                    ProjectError::Cancelled(_) => Message::new("ui.not-drawn-cancelled"),
                };
                preparation.state = PreparationState::Failed(reason.clone());
                let reason = reason.text(session.settings.language);
                let name = session.workspace.entry(id).map_or_else(String::new, |entry| entry.title.clone());
                session.notify_error(Message::new("ui.not-drawn").with("layer", name).with("reason", reason));
            }
        }
    });
    // A first look stays while the rest is made.
    let ready = session
        .prepared
        .get(&shape)
        .is_some_and(|known| known.crs == crs && matches!(known.state, PreparationState::Ready(_)));
    if !ready {
        session.prepared.insert(shape, Preparation { layer: id, crs, state: PreparationState::Running(job) });
    }
}
