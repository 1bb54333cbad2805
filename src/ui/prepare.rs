//! Layers made ready for the map: projected, indexed, triangulated, in the background.

use std::sync::{Arc, OnceLock};

use rustc_hash::FxHashSet;

use super::awaited::{Awaited, Awaiting, Problem};
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
    /// Extent of what of it can be shown, once that was asked.
    shown: OnceLock<Extent>,
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
        Self { projected, index, pyramid, feature_size, chunks, starts, extent, shown: OnceLock::new(), label_points }
    }

    /// Extent of what of it a map in `crs`, the CRS that it was made for, can show: a feature at the pole, or one far
    /// from where the projection is meant for, leaves nothing of the others. What reaches out of that is cut off.
    pub fn shown_extent(&self, crs: &Crs) -> Extent {
        let world = projected::world(crs);
        *self.shown.get_or_init(|| {
            let holds = |extent: &Extent| world.contains(extent.min) && world.contains(extent.max);
            if self.extent.is_empty() || holds(&self.extent) {
                return self.extent;
            }
            let (mut whole, mut cut) = (Extent::EMPTY, Extent::EMPTY);
            for feature in 0..self.starts.last().copied().unwrap_or_default() {
                let extent = self.feature_extent(feature);
                if holds(&extent) {
                    whole.union(&extent);
                } else {
                    cut.union(&extent.common(&world));
                }
            }
            if whole.is_empty() { cut } else { whole }
        })
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

/// A geometry that is made ready for the map, or is ready.
pub struct Preparation {
    /// The layer whose geometry it is.
    pub layer: LayerId,
    /// What came of it, for the project CRS that it is made for.
    made: Awaited<Crs, Made>,
}

/// What a job made.
enum Made {
    /// A first look, and the geometry to go on with.
    FirstLook(Arc<Prepared>, Projected),
    /// The layer, ready.
    Ready(Arc<Prepared>),
}

impl Preparation {
    /// What can be drawn.
    pub fn prepared(&self) -> Option<&Arc<Prepared>> {
        match self.made.current()? {
            Made::FirstLook(prepared, _) | Made::Ready(prepared) => Some(prepared),
        }
    }

    /// Whether nothing can be drawn yet, because it is at work.
    pub fn is_running(&self) -> bool {
        self.made.is_busy() && self.prepared().is_none()
    }
}

/// Installs what is ready, and starts to prepare every geometry that is not in the present project CRS. Edits of
/// attributes leave it as it is.
pub fn refresh(session: &mut Session) {
    install(session);
    let Some(crs) = session.workspace.crs.clone() else { return };
    let used = shapes(session);
    session.prepared.retain(|shape, _| used.contains(shape));
    let mut stale: Vec<Arc<Layer>> = Vec::new();
    for layer in seen(session) {
        let known = session.prepared.get(&layer.shape);
        let is_new = stale.iter().all(|other| other.shape != layer.shape);
        if is_new && known.is_none_or(|known| !known.made.is_asked(&crs)) {
            stale.push(layer.clone());
        }
    }
    for layer in stale {
        start(session, layer, crs.clone());
    }
}

/// Takes what came, goes on after a first look, and says what was stopped or failed.
fn install(session: &mut Session) {
    let mut news = Vec::new();
    for (shape, preparation) in &mut session.prepared {
        if preparation.made.poll().is_some() {
            news.push((*shape, preparation.layer, preparation.made.problem().cloned()));
        }
    }
    for (shape, layer, problem) in news {
        let Some(problem) = problem else {
            go_on(session, shape);
            continue;
        };
        let Some(title) = session.workspace.entry(layer).map(|entry| entry.title.clone()) else { continue };
        let is_drawn = session.prepared_shape(shape).is_some();
        match problem {
            Problem::Stopped => {
                let key = if is_drawn { "ui.drawn-roughly-cancelled" } else { "ui.not-drawn-cancelled" };
                let message = Message::new(key).with("layer", title);
                session.offer_again(message, "ui.prepare-again", Awaiting::Preparing(layer));
            }
            Problem::Lost | Problem::Failed(_) => {
                let reason = problem.message().text(session.settings.language);
                let message = Message::new("ui.not-drawn").with("layer", title).with("reason", reason);
                if problem == Problem::Lost {
                    session.offer_again(message, "ui.try-again", Awaiting::Preparing(layer));
                } else {
                    session.notify_error(message);
                }
            }
        }
    }
}

/// Makes the rest of a geometry of which there is a first look.
fn go_on(session: &mut Session, shape: Revision) {
    let Some(Made::FirstLook(_, projected)) = session.prepared.get(&shape).and_then(|known| known.made.current())
    else {
        return;
    };
    let (projected, source) = (projected.clone(), seen(session).find(|layer| layer.shape == shape).cloned());
    let Some(source) = source else { return };
    spawn(session, source.clone(), None, move |progress| {
        let prepared = Prepared::of_projected(&source, projected, progress);
        Ok(Made::Ready(Arc::new(prepared.map_err(ProjectError::from)?)))
    });
}

/// Forgets that the user has stopped preparing `layer`, or that it was lost, so that it starts again.
pub fn retry(session: &mut Session, layer: LayerId) {
    let of_layer = session.prepared.values_mut().filter(|known| known.layer == layer);
    of_layer.filter(|known| known.made.problem().is_some_and(|p| p.ended_message().is_some())).for_each(|known| {
        known.made.forget();
    });
}

/// Whether nothing of `layer` can be drawn yet, because its geometry is being prepared.
pub fn is_running(session: &Session, layer: &Layer) -> bool {
    session.prepared.get(&layer.shape).is_some_and(Preparation::is_running)
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
    // Where an edit made the geometry, the last one is a better look.
    let is_new = session.prepared.values().all(|known| known.layer != layer.id || !known.made.is_asked(&crs));
    let (source, target) = (layer.clone(), crs.clone());
    spawn(session, layer, Some(crs), move |progress| {
        let projected = projected::project(&source, &target, progress)?;
        if is_new && let Some(preview) = Prepared::preview(&source, &projected, progress)? {
            return Ok(Made::FirstLook(Arc::new(preview), projected));
        }
        Ok(Made::Ready(Arc::new(Prepared::of_projected(&source, projected, progress)?)))
    });
}

/// Has `work` done for the geometry of `layer`: in `crs`, or going on in the one that it is being made for.
fn spawn(
    session: &mut Session,
    layer: Arc<Layer>,
    crs: Option<Crs>,
    work: impl FnOnce(&Progress) -> Result<Made, ProjectError> + Send + 'static,
) {
    let name = Message::new("ui.job-prepare").with("layer", &layer.name);
    let known = session.prepared.entry(layer.shape);
    let known = known.or_insert_with(|| Preparation { layer: layer.id, made: Awaited::default() });
    let Some(crs) = crs.or_else(|| known.made.key().cloned()) else { return };
    known.made.start(&mut session.jobs, crs, name, move |progress| {
        // Nothing comes of a job that is cancelled: what it says then is never seen.
        work(progress).map_err(|error| match error {
            ProjectError::Crs(error) => error.message(),
            ProjectError::Cancelled(_) => Message::new("ui.work-stopped"),
        })
    });
}

#[cfg(test)]
mod tests {
    use super::super::{App, Start};
    use super::*;
    use crate::io::{self, OpenOptions};

    #[test]
    fn a_feature_at_the_pole_leaves_the_others_their_extent() {
        let square = |x: f64, y: f64| {
            let ring = [[x, y], [x + 0.1, y], [x + 0.1, y + 0.1], [x, y + 0.1], [x, y]];
            format!(r#"{{"type":"Polygon","coordinates":[{ring:?}]}}"#)
        };
        let extent = |places: &[(f64, f64)]| {
            let all: Vec<String> = places.iter().map(|(x, y)| square(*x, *y)).collect();
            let text = format!(r#"{{"type":"GeometryCollection","geometries":[{}]}}"#, all.join(","));
            let opened = io::open_bytes("a.geojson", text.into_bytes(), &OpenOptions::default(), &Progress::new());
            let layer = opened.expect("opens").layers.remove(0);
            let crs = Crs::web_mercator();
            let prepared = Prepared::new(&layer, &crs, &Progress::new()).expect("can be drawn");
            (prepared.extent, prepared.shown_extent(&crs))
        };
        let (whole, shown) = extent(&[(117.0, 36.8), (117.0, 89.899)]);
        // One feature of two parts, or two features: what is shown ends where the map does.
        assert!(whole.height() > 4e7 && shown.height() < 2.1e7, "{whole:?} {shown:?}");
        let (whole, shown) = extent(&[(117.0, 36.8), (118.0, 36.9)]);
        assert_eq!(whole, shown);
    }

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
        let projected = projected::project(&layer, &crs, &Progress::new()).expect("can be projected");
        let prepared = Arc::new(Prepared::new(&layer, &crs, &Progress::new()).expect("can be drawn"));
        for (has_first_look, key) in [(false, "ui.not-drawn-cancelled"), (true, "ui.drawn-roughly-cancelled")] {
            if has_first_look {
                let made = Made::FirstLook(prepared.clone(), projected.clone());
                let known = session.prepared.get_mut(&layer.shape).expect("asked for before");
                known.made.set(crs.clone(), Ok(made));
            }
            // Works until it is stopped.
            spawn(session, layer.clone(), Some(crs.clone()), |progress| {
                while progress.tick(0).is_ok() {}
                Err(ProjectError::Cancelled(crate::task::Cancelled))
            });
            refresh(session);
            let job = session.prepared[&layer.shape].made.job().expect("at work");
            assert_eq!(is_running(session, &layer), !has_first_look);
            session.jobs.cancel(job);
            refresh(session);
            assert_eq!(session.prepared[&layer.shape].made.problem(), Some(&Problem::Stopped));
            assert_eq!(session.prepared_shape(layer.shape).is_some(), has_first_look, "a first look stays");
            assert_eq!(session.notices.last().map(|notice| notice.message.key), Some(key));
            retry(session, layer.id);
            refresh(session);
            assert!(is_running(session, &layer), "from the beginning");
        }
    }
}
