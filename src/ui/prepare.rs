//! Layers made ready for the map: projected, indexed, triangulated, in the background.

use std::sync::{Arc, OnceLock};

use rustc_hash::FxHashSet;

use super::command::Command;
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
    /// A first look, while the job of that number makes the rest.
    FirstLook(Arc<Prepared>, u64),
    /// Ready.
    Ready(Arc<Prepared>),
    /// The user has stopped it; what there is of a first look stays.
    Cancelled(Option<Arc<Prepared>>),
    /// The layer cannot be drawn in the project CRS.
    Failed(Message),
}

impl PreparationState {
    /// What can be drawn.
    pub fn prepared(&self) -> Option<&Arc<Prepared>> {
        match self {
            Self::FirstLook(prepared, _) | Self::Ready(prepared) => Some(prepared),
            Self::Cancelled(first_look) => first_look.as_ref(),
            Self::Running(_) | Self::Failed(_) => None,
        }
    }

    /// The job that is at work on it.
    fn job(&self) -> Option<u64> {
        match self {
            Self::Running(job) | Self::FirstLook(_, job) => Some(*job),
            Self::Ready(_) | Self::Cancelled(_) | Self::Failed(_) => None,
        }
    }
}

/// Starts to prepare every geometry that is not ready in the present project CRS. Edits of attributes leave it as it is.
pub fn refresh(session: &mut Session) {
    let Some(crs) = session.workspace.crs.clone() else { return };
    let used = shapes(session);
    let gone: Vec<Revision> = session.prepared.keys().copied().filter(|shape| !used.contains(shape)).collect();
    for shape in gone {
        if let Some(job) = session.prepared.remove(&shape).and_then(|gone| gone.state.job()) {
            session.jobs.cancel(job);
        }
    }
    note_cancelled(session);
    let mut stale: Vec<Arc<Layer>> = Vec::new();
    for layer in seen(session) {
        let known = session.prepared.get(&layer.shape);
        let is_new = stale.iter().all(|other| other.shape != layer.shape);
        if is_new && known.is_none_or(|known| known.crs != crs) {
            stale.push(layer.clone());
        }
    }
    for layer in stale {
        if let Some(job) = session.prepared.get(&layer.shape).and_then(|stale| stale.state.job()) {
            session.jobs.cancel(job);
        }
        start(session, layer, crs.clone());
    }
}

/// Notes which preparations the user has stopped, and offers to go on.
fn note_cancelled(session: &mut Session) {
    let mut of_layers = Vec::new();
    for preparation in session.prepared.values_mut() {
        if preparation.state.job().is_some_and(|job| !session.jobs.is_running(job)) {
            let first_look = preparation.state.prepared().cloned();
            of_layers.push((preparation.layer, first_look.is_some()));
            preparation.state = PreparationState::Cancelled(first_look);
        }
    }
    for (layer, has_first_look) in of_layers {
        if let Some(title) = session.workspace.entry(layer).map(|entry| entry.title.clone()) {
            let key = if has_first_look { "ui.drawn-roughly-cancelled" } else { "ui.not-drawn-cancelled" };
            session.offer(Message::new(key).with("layer", title), "ui.prepare-again", Command::PrepareAgain(layer));
        }
    }
}

/// Forgets that the user has stopped preparing `layer`, so that it starts again.
pub fn retry(session: &mut Session, layer: LayerId) {
    session.prepared.retain(|_, known| known.layer != layer || !matches!(known.state, PreparationState::Cancelled(_)));
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
    spawn(session, layer, crs, None, work);
}

/// Has `work` done, and shows `first_look` meanwhile.
fn spawn(session: &mut Session, layer: Arc<Layer>, crs: Crs, first_look: Option<Arc<Prepared>>, work: Work) {
    let (id, shape) = (layer.id, layer.shape);
    let name = Message::new("ui.job-prepare").with("layer", &layer.name);
    let made_for = crs.clone();
    let job = session.jobs.spawn(name, work, move |session, result| {
        let Some(preparation) = session.prepared.get_mut(&shape).filter(|known| known.crs == made_for) else {
            return;
        };
        match result {
            Ok((prepared, None)) => preparation.state = PreparationState::Ready(Arc::new(prepared)),
            Ok((first_look, Some(projected))) => {
                let first_look = Some(Arc::new(first_look));
                let source = layer.clone();
                let work: Work = Box::new(move |progress: &Progress| {
                    Ok((Prepared::of_projected(&source, projected, progress)?, None))
                });
                spawn(session, layer, made_for, first_look, work);
            }
            // Nothing comes of a job that the user has stopped: `note_cancelled` sees that it is gone.
            Err(ProjectError::Cancelled(_)) => {}
            Err(ProjectError::Crs(error)) => {
                let reason = error.message();
                preparation.state = PreparationState::Failed(reason.clone());
                let reason = reason.text(session.settings.language);
                let name = session.workspace.entry(id).map_or_else(String::new, |entry| entry.title.clone());
                session.notify_error(Message::new("ui.not-drawn").with("layer", name).with("reason", reason));
            }
        }
    });
    let state = match first_look {
        Some(first_look) => PreparationState::FirstLook(first_look, job),
        None => PreparationState::Running(job),
    };
    session.prepared.insert(shape, Preparation { layer: id, crs, state });
}

#[cfg(test)]
mod tests {
    use super::super::{App, Start};
    use super::*;
    use crate::io::{self, OpenOptions};

    #[test]
    fn what_the_user_stopped_is_said_and_starts_again_when_asked() {
        let text = r#"{"type":"Polygon","coordinates":[[[117,36.8],[117.1,36.8],[117.1,36.9],[117,36.9],[117,36.8]]]}"#;
        let opened = io::open_bytes("a.geojson", text.as_bytes().to_vec(), &OpenOptions::default(), &Progress::new());
        let layer = Arc::new(opened.expect("opens").layers.remove(0));
        let ctx = eframe::egui::Context::default();
        let mut app = App::new(&eframe::CreationContext::_new_kittest(ctx), Start::for_test());
        let session = &mut app.session;
        session.workspace.add(layer.clone());
        let crs = session.workspace.crs.clone().expect("that of the layer");
        let prepared = Arc::new(Prepared::new(&layer, &crs, &Progress::new()).expect("can be drawn"));
        for (first_look, key) in [(None, "ui.not-drawn-cancelled"), (Some(prepared), "ui.drawn-roughly-cancelled")] {
            // Works until it is stopped.
            let work: Work = Box::new(|progress| {
                while progress.tick(0).is_ok() {}
                Err(ProjectError::Cancelled(crate::task::Cancelled))
            });
            spawn(session, layer.clone(), crs.clone(), first_look.clone(), work);
            refresh(session);
            let job = session.prepared[&layer.shape].state.job().expect("at work");
            assert_eq!(is_running(session, &layer), first_look.is_none());
            session.jobs.cancel(job);
            refresh(session);
            assert!(matches!(session.prepared[&layer.shape].state, PreparationState::Cancelled(_)));
            assert_eq!(session.prepared_shape(layer.shape).is_some(), first_look.is_some(), "a first look stays");
            assert_eq!(session.notices.last().map(|notice| notice.message.key), Some(key));
            retry(session, layer.id);
            refresh(session);
            assert!(is_running(session, &layer), "from the beginning");
        }
    }
}
