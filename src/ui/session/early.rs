//! A project that was asked for when the program started: it is read while the system still opens the window and looks for
//! fonts, so that its picture does not wait for both, one after the other.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use eframe::egui;

use crate::crs::Crs;
use crate::io::cache::Cache;
use crate::model::{LayerId, Revision};
use crate::render::prepared::Prepared;
use crate::scenario::{Loaded, ProjectError};
use crate::task::Task;
use crate::ui::session::opening::Expected;

/// A project as it was read.
pub(in crate::ui) struct Read {
    pub(in crate::ui) loaded: Loaded,
    /// What the map shows of its layers at once.
    pub(in crate::ui) looks: Vec<FirstLook>,
}

/// A layer as the cache had it for the map, before its geometry was indexed.
pub(in crate::ui) struct FirstLook {
    pub(in crate::ui) layer: LayerId,
    /// The shape of the layer that was prepared, and in which system.
    pub(in crate::ui) shape: Revision,
    pub(in crate::ui) crs: Crs,
    pub(in crate::ui) prepared: Arc<Prepared>,
}

/// The window that is to be woken once there is one.
pub(in crate::ui) type Waker = Arc<Mutex<Option<egui::Context>>>;

/// The reading of a project, from its cache where it has one.
pub(in crate::ui) struct Reading {
    pub(in crate::ui) path: PathBuf,
    pub(in crate::ui) cache: Option<Arc<Cache>>,
    pub(in crate::ui) files: Expected,
    pub(in crate::ui) task: Task<Result<Read, ProjectError>>,
    pub(in crate::ui) waker: Waker,
}

/// A project that is being read before there is a window, until it is asked for. Clones are the same.
#[derive(Clone, Default)]
pub struct Early(Arc<Mutex<Option<Reading>>>);

impl fmt::Debug for Early {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.reading().as_ref().map(|reading| reading.path.clone());
        f.debug_tuple("Early").field(&path).finish()
    }
}

impl Early {
    /// What is being read.
    pub(in crate::ui) fn of(reading: Reading) -> Self {
        Self(Arc::new(Mutex::new(Some(reading))))
    }

    fn reading(&self) -> MutexGuard<'_, Option<Reading>> {
        // Nothing is half done while it is held.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Has the window woken when it was read.
    pub(in crate::ui) fn wake(&self, ctx: &egui::Context) {
        if let Some(reading) = self.reading().as_ref() {
            *reading.waker.lock().unwrap_or_else(PoisonError::into_inner) = Some(ctx.clone());
        }
    }

    /// The reading of the project at `path`, once.
    pub(in crate::ui) fn take(&self, path: &Path) -> Option<Reading> {
        self.reading().take_if(|reading| reading.path == path)
    }
}
