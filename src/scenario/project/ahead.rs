//! The sources of a project, opened side by side before they are wanted one after another: a project of twenty layers opens
//! about as soon as the largest of them.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use rustc_hash::FxHashMap;

use super::sources_shown;
use crate::io::{OpenOptions, Opened, ReadError, is_address};
use crate::model::LayerId;

/// Sources that are opened at the same time at most: each works on all cores by itself, and holds memory meanwhile.
const MOST: usize = 4;

/// Sources that were opened before they were wanted.
#[derive(Debug, Default)]
pub struct Ahead(FxHashMap<(PathBuf, String), Opened>);

impl Ahead {
    /// Opens the sources of the project at `path` by `open`. Databases have their turn later: several at once would ask one
    /// server for everything. So has what cannot be opened, which is told then.
    pub fn of(path: &Path, open: &(dyn Fn(&Path, &OpenOptions) -> Result<Opened, ReadError> + Sync)) -> Self {
        // A project that cannot be read is told about by whoever opens it.
        let mut sources = sources_shown(path).unwrap_or_default();
        sources.retain(|(source, _)| !is_address(source));
        // One core is the window's.
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get).saturating_sub(1);
        let count = sources.len().min(cores).min(MOST);
        if count < 2 {
            return Self::default();
        }
        let next = AtomicUsize::new(0);
        let opened: Mutex<FxHashMap<(PathBuf, String), Opened>> = Mutex::default();
        let work = || {
            while let Some((source, options)) = sources.get(next.fetch_add(1, Ordering::Relaxed)) {
                if let Ok(found) = open(source, options) {
                    let mut opened = opened.lock().unwrap_or_else(PoisonError::into_inner);
                    opened.insert(key(source, options), found);
                }
            }
        };
        std::thread::scope(|scope| {
            for _ in 1..count {
                // Without a thread the others do it.
                drop(std::thread::Builder::new().name("open".to_owned()).spawn_scoped(scope, work));
            }
            work();
        });
        Self(opened.into_inner().unwrap_or_else(PoisonError::into_inner))
    }

    /// What was opened of a source in that way, once.
    pub fn take(&mut self, source: &Path, options: &OpenOptions) -> Option<Opened> {
        let mut opened = self.0.remove(&key(source, options))?;
        // Numbered as if they had been opened one after another.
        opened.layers.iter_mut().for_each(|layer| layer.id = LayerId::next());
        Some(opened)
    }
}

fn key(source: &Path, options: &OpenOptions) -> (PathBuf, String) {
    (source.to_owned(), format!("{options:?}"))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::{load_with, save};
    use super::*;
    use crate::scenario::Workspace;
    use crate::task::Progress;

    #[test]
    fn each_source_is_opened_once_and_layers_are_numbered_in_the_order_of_the_project() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("p.toml");
        let mut workspace = Workspace::new();
        let read = |source: &Path, options: &OpenOptions| crate::io::open(source, options, &Progress::new());
        for nth in 0..6 {
            let source = folder.path().join(format!("{nth}.geojson"));
            let text = format!(r#"{{"type":"Point","coordinates":[117.{nth},36.5]}}"#);
            std::fs::write(&source, text).expect("written");
            for layer in read(&source, &OpenOptions::default()).expect("opens").layers {
                workspace.add(Arc::new(layer));
            }
        }
        save(&workspace, &path).expect("saved");
        std::fs::remove_file(folder.path().join("3.geojson")).expect("removed");
        let count = AtomicUsize::new(0);
        let open = |source: &Path, options: &OpenOptions| {
            count.fetch_add(1, Ordering::Relaxed);
            read(source, options)
        };
        let mut ahead = Ahead::of(&path, &open);
        let is_ahead = !ahead.0.is_empty();
        let loaded = load_with(&path, &mut |source, options| match ahead.take(source, options) {
            Some(opened) => Ok(opened),
            None => open(source, options),
        });
        let loaded = loaded.expect("opens");
        assert_eq!((loaded.workspace.entries.len(), loaded.workspace.absent.len()), (5, 1));
        // What is missing is looked for once more, so that it is told. Where there are few cores nothing is opened ahead.
        assert_eq!(count.load(Ordering::Relaxed), if is_ahead { 7 } else { 6 });
        let mut ids: Vec<LayerId> = loaded.workspace.entries.iter().map(crate::scenario::Entry::id).collect();
        let in_tree = ids.clone();
        ids.sort_unstable();
        assert!(in_tree == ids || in_tree.iter().rev().eq(ids.iter()), "in the order of the file");
        assert!(ahead.0.is_empty());
    }
}
