//! Layers made ready for the map: projected, indexed, triangulated, in the background.

use std::sync::Arc;

use rustc_hash::FxHashSet;

use super::state::Session;
use super::two_states;
use crate::crs::Crs;
use crate::model::index::SpatialIndex;
use crate::model::{Coord, Extent, GeometryBlock, Layer, Revision};
use crate::render::label::inside_point;
use crate::render::mesh::{self, BlockMesh};
use crate::render::pick::Pickable;
use crate::render::projected::{self, ProjectError, Projected};
use crate::task::{Cancelled, Progress};
use crate::text::Message;

/// A layer in the project CRS, ready to be drawn and asked.
#[derive(Debug)]
pub struct Prepared {
    /// The layer's geometry, one block a block of the layer.
    pub projected: Projected,
    /// Index over the extents of its features.
    pub index: SpatialIndex,
    /// Triangles and outlines, one a block.
    pub meshes: Arc<Vec<Arc<BlockMesh>>>,
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
        let index = SpatialIndex::build(&projected.blocks, progress)?;
        let mesh = |block| mesh::mesh(block, progress).map(Arc::new);
        let meshes = projected.blocks.iter().map(|block| mesh(block)).collect::<Result<Vec<_>, Cancelled>>()?;
        let mut extent = Extent::EMPTY;
        for block in &projected.blocks {
            extent.union(&block.extent());
        }
        let labelled = layer.feature_count() <= LABELLED_FEATURES;
        let label_points = if labelled { inside_points(&projected.blocks) } else { Vec::new() };
        Ok(Self { projected, index, meshes: Arc::new(meshes), starts: layer.starts.clone(), extent, label_points })
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

fn start(session: &mut Session, layer: Arc<Layer>, crs: Crs) {
    let (id, shape) = (layer.id, layer.shape);
    let name = Message::new("ui.job-prepare").with("layer", &layer.name);
    let (target, made_for) = (crs.clone(), crs.clone());
    let job = session.jobs.spawn(
        name,
        move |progress| Prepared::new(&layer, &target, progress),
        move |session, result| {
            let Some(preparation) = session.prepared.get_mut(&shape).filter(|known| known.crs == made_for) else {
                return;
            };
            preparation.state = match result {
                Ok(prepared) => PreparationState::Ready(Arc::new(prepared)),
                Err(ProjectError::Crs(error)) => PreparationState::Failed(error.message()),
                Err(ProjectError::Cancelled(_)) => PreparationState::Failed(Message::new("ui.not-drawn-cancelled")),
            };
            if let PreparationState::Failed(reason) = &preparation.state {
                let reason = reason.text(session.settings.language);
                let name = session.workspace.entry(id).map_or_else(String::new, |entry| entry.title.clone());
                session.notify_error(Message::new("ui.not-drawn").with("layer", name).with("reason", reason));
            }
        },
    );
    session.prepared.insert(shape, Preparation { crs, state: PreparationState::Running(job) });
}
