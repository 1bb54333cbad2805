//! Meshes made in the background, those of the view first.

use std::sync::Arc;

use eframe::egui;

use crate::model::LayerId;
use crate::render::mesh::BlockMesh;
use crate::render::prepared::Prepared;
use crate::task::{Poll, Task};

/// Most chunks of one batch: about a tenth of a second of work, and what one frame uploads.
const BATCH: usize = 32;

/// A batch of meshes at work.
#[derive(Default)]
pub struct Mesher {
    at_work: Option<Batch>,
}

struct Batch {
    layer: LayerId,
    prepared: Arc<Prepared>,
    task: Task<Option<Vec<(u32, BlockMesh)>>>,
}

impl Mesher {
    /// Whether a batch is at work.
    pub fn is_busy(&self) -> bool {
        self.at_work.is_some()
    }

    /// The layer, its geometry and the meshes of the batch that is done, once.
    pub fn take(&mut self) -> Option<(LayerId, Arc<Prepared>, Vec<(u32, BlockMesh)>)> {
        let batch = self.at_work.take()?;
        match batch.task.poll() {
            Poll::Running => {
                self.at_work = Some(batch);
                None
            }
            Poll::Done(meshes) => Some((batch.layer, batch.prepared, meshes.unwrap_or_default())),
            Poll::Lost => None,
        }
    }

    /// Gives up a batch of a layer that `keeps` says is not drawn any more.
    pub fn forget(&mut self, keeps: impl Fn(LayerId, &Arc<Prepared>) -> bool) {
        if self.at_work.as_ref().is_some_and(|batch| !keeps(batch.layer, &batch.prepared)) {
            self.at_work = None;
        }
    }

    /// Starts on the first of `wanted`; with none, on cutting the layer into chunks.
    pub fn start(&mut self, ctx: &egui::Context, layer: LayerId, prepared: &Arc<Prepared>, wanted: &[u32]) {
        let (geometry, wanted) = (prepared.clone(), wanted[..wanted.len().min(BATCH)].to_vec());
        let ctx = ctx.clone();
        let work = move |progress: &crate::task::Progress| {
            let chunks = geometry.chunks(progress).ok()?; // cancelled: nobody waits
            let mesh = |number: &u32| Some((*number, geometry.mesh(chunks.get(*number as usize)?, progress).ok()?));
            Some(wanted.iter().filter_map(mesh).collect())
        };
        let task = Task::spawn("mesh", work, move || ctx.request_repaint());
        self.at_work = Some(Batch { layer, prepared: prepared.clone(), task });
    }
}
