//! What was opened once opens at once: columns, areas and maps of the sources of a project, beside the project.
//!
//! The folder `工程.toml.cache` beside a saved project holds, for each of its sources, the layers as they were read, the
//! areas of their features, and the layers made ready for the map. Data may be classified, so this lies beside the
//! project or nowhere; whoever removes the folder loses nothing but time ([`clear`]).
//!
//! | file | what it holds |
//! |---|---|
//! | `NAME.layers` | what a source is known again by, its layers in blocks, what was found |
//! | `NAME-N-METHOD.areas` | the areas of the features of its layer N |
//! | `NAME-N.map` | its layer N in the CRS of the map, and the grid for small scales |
//! | `NAME-0.tiles`, `NAME-1.tiles` | tiles of map servers, up to a limit; their NAME is always the same |
//!
//! NAME is a hash of where the source lies, as the project sees it, and how it is to be read. The frame of the files is
//! `frame`'s: every section has its hash, and a file that is torn, cut, of another version or of another program is not
//! used. A cache never outlives its source: sizes, times, numbers in the file system and samples of the bytes are
//! compared before it is used ([`Trust::Sampled`]), the hash of all bytes before ([`Trust::Whole`]) or behind
//! ([`Cache::check`]). What does not fit is read from the source and written anew ([`Cache::keep`]). What was made of
//! layers, areas and maps, names the content that it was made of and is not used beside another.
//!
//! Spatial indexes are not kept: they are built from the columns in less time than it takes to prove that one from a file
//! is sound.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, RwLock};

use rustc_hash::{FxHashMap, FxHashSet};

use super::guard::Guard;
use super::save::save_atomically;
use super::{OpenOptions, Opened, ReadError, format, is_united};
use crate::crs::Crs;
use crate::demo;
use crate::model::{AreaMethod, Areas, GeometryBlock, Issue, Layer, Revision};
use crate::task::Progress;
pub use head::Grid;
use head::Kept;
use key::Key;
pub use tiles::{TileShelf, Tiles};
use write::KeyRecord;

mod frame;
mod head;
mod key;
mod read;
#[cfg(test)]
mod tests;
mod tiles;
mod write;

/// What the folder is called beside a project: `工程.toml.cache`.
const SUFFIX: &str = ".cache";

/// Endings of its files.
const ENDINGS: [&str; 4] = ["layers", "areas", "map", "tiles"];

/// How a source is held against its cache before the cache is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trust {
    /// By sizes, times and samples; all bytes are compared later, by [`Cache::check`].
    Sampled,
    /// By all its bytes.
    Whole,
}

/// The geometry of a layer in the CRS of a map, block by block, and what could not be converted.
pub type CachedGeometry = (Vec<Arc<GeometryBlock>>, Vec<Issue>);

/// The cache of one project, which several threads may use at once.
#[derive(Debug)]
pub struct Cache {
    project: PathBuf,
    folder: PathBuf,
    state: Mutex<State>,
    tiles: OnceLock<Arc<Tiles>>,
    /// Whether anything may still be written; held as long as something is.
    is_open: RwLock<bool>,
}

#[derive(Debug, Default)]
struct State {
    /// Where what is made of a layer is kept, by the shape of the layer: as it was read, that is its revision, too.
    places: FxHashMap<Revision, Place>,
    /// Sources that were read and are not in the cache yet.
    unkept: Vec<Unkept>,
    /// Sources that were taken from the cache, and whose bytes were not compared yet.
    unchecked: Vec<Arc<Unchecked>>,
    /// Layers of sources that are being written, by their shapes, and areas of them that wait for that.
    awaited: FxHashSet<Revision>,
    waiting: Vec<(Arc<Layer>, Arc<Areas>)>,
    /// Names of files of areas and maps that are as they should be.
    current: FxHashSet<String>,
}

/// A layer of a source of that content.
#[derive(Clone, Debug)]
struct Place {
    name: String,
    layer: usize,
    stamp: u64,
}

#[derive(Debug)]
struct Unkept {
    path: PathBuf,
    options: OpenOptions,
    key: Key,
    kept: Kept,
}

#[derive(Debug)]
struct Unchecked {
    path: PathBuf,
    name: String,
    whole: Vec<u64>,
}

/// What was removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cleared {
    /// Files.
    pub file_count: u64,
    /// Their bytes.
    pub byte_count: u64,
}

impl Cache {
    /// The cache beside the project at `project`. Nothing is read or written yet.
    pub fn beside(project: &Path) -> Self {
        Self {
            project: project.to_owned(),
            folder: folder_beside(project),
            state: Mutex::default(),
            tiles: OnceLock::new(),
            is_open: RwLock::new(true),
        }
    }

    /// Its tiles of map servers; the first who asks says whether more are written.
    pub fn tiles(&self, writes: bool) -> &Arc<Tiles> {
        self.tiles.get_or_init(|| Arc::new(Tiles::in_folder(self.folder.clone(), writes)))
    }

    /// Whether it is that of the project at `project`.
    pub fn is_beside(&self, project: &Path) -> bool {
        self.project == project
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // A thread that panicked while it held the lock leaves lists that are whole.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Opens a source of the project as [`super::open`] does: from the cache, where that has what is there now.
    ///
    /// # Errors
    /// As [`super::open`].
    pub fn open(
        &self,
        path: &Path,
        options: &OpenOptions,
        trust: Trust,
        progress: &Progress,
    ) -> Result<Opened, ReadError> {
        // Before it is read: what changes meanwhile is noticed by that.
        let Some(key) = self.key(path, options) else { return super::open(path, options, progress) };
        if let Some(opened) = self.found(&key, path, options, trust, progress) {
            return Ok(opened);
        }
        progress.tick(0).map_err(|_| ReadError::Cancelled)?;
        let opened = super::open(path, options, progress)?;
        if let Some(kept) = Kept::of(&opened) {
            let options = OpenOptions { arrivals: None, ..options.clone() };
            let mut state = self.state();
            state.awaited.extend(kept.layers.iter().map(|layer| layer.shape));
            state.unkept.push(Unkept { path: path.to_owned(), options, key, kept });
        }
        Ok(opened)
    }

    /// The key of a source as it is now; `None` for what is not kept: parts of broken files, what lies in the program, the
    /// files of a folder each by itself, what is given only once.
    fn key(&self, path: &Path, options: &OpenOptions) -> Option<Key> {
        let is_whole = || format::of_folder(path).is_some() || is_united(options.layer.as_deref());
        let is_source = path.is_file() || path.is_dir() && is_whole();
        if options.keep_partial || demo::is_path(path) || !is_source {
            return None;
        }
        Key::of(path, &self.seen(path), options)
    }

    /// Where a source lies as the project sees it: both may be moved together.
    fn seen(&self, path: &Path) -> String {
        let folder = self.project.parent().unwrap_or(Path::new(""));
        super::path_to_text(path.strip_prefix(folder).unwrap_or(path))
    }

    /// What the cache has of a source of that key.
    fn found(
        &self,
        key: &Key,
        path: &Path,
        options: &OpenOptions,
        trust: Trust,
        progress: &Progress,
    ) -> Option<Opened> {
        let name = key.name();
        let source = read::Source::open(&self.file(&name, "layers")?, progress)?;
        if source.key.key != *key {
            return None;
        }
        let read = || source.opened(path, options, progress);
        let opened = match trust {
            Trust::Sampled => read()?,
            Trust::Whole => {
                let (whole, opened) = rayon::join(|| key::whole(path, progress), read);
                opened.filter(|_| whole.as_ref() == Some(&source.key.whole))?
            }
        };
        self.register(&name, source.key.stamp, &opened.layers);
        if trust == Trust::Sampled {
            let unchecked = Unchecked { path: path.to_owned(), name, whole: source.key.whole };
            self.state().unchecked.push(Arc::new(unchecked));
        }
        Some(opened)
    }

    fn register<'l>(&self, name: &str, stamp: u64, layers: impl IntoIterator<Item = &'l Layer>) {
        let mut state = self.state();
        for (layer, of) in layers.into_iter().enumerate() {
            state.places.insert(of.shape, Place { name: name.to_owned(), layer, stamp });
        }
    }

    /// Where a file of the cache lies; `None` where there is no folder for it, or a link in its place.
    fn file(&self, name: &str, ending: &str) -> Option<PathBuf> {
        is_folder(&self.folder).then(|| self.folder.join(format!("{name}.{ending}")))
    }

    /// The same for a file that is to be written: makes the folder.
    fn file_to_write(&self, name: &str, ending: &str) -> Option<PathBuf> {
        // A folder that cannot be made is a project that cannot be saved: there is no cache.
        make_folder(&self.folder).ok()?;
        // What is no file, a link for instance, would lead elsewhere.
        self.file(name, ending).filter(|file| fs::symlink_metadata(file).map_or(true, |known| known.is_file()))
    }

    /// Writes nothing any more, whatever is still at work for it: who then removes the folder has it removed. Waits for a
    /// file that is being written.
    pub fn close(&self) {
        *self.is_open.write().unwrap_or_else(PoisonError::into_inner) = false;
    }

    /// Writes a file, unless the cache was closed or the disk does not take it.
    fn write(
        &self,
        name: &str,
        ending: &str,
        source: &Path,
        write: impl FnOnce(&mut dyn io::Write) -> io::Result<()>,
    ) -> Option<()> {
        let is_open = self.is_open.read().unwrap_or_else(PoisonError::into_inner);
        if !*is_open {
            return None;
        }
        let file = self.file_to_write(name, ending)?;
        // What cannot be written is read or worked out again.
        save_atomically(&file, &Guard::of([source.to_owned()]), write).ok()
    }

    /// Writes the sources that were read and are not in the cache, and says how many. Those that have changed meanwhile,
    /// and what the disk does not take, are left out: they will be read again.
    pub fn keep(&self, progress: &Progress) -> usize {
        let mut count = 0;
        loop {
            let Some(next) = self.state().unkept.pop() else { return count };
            count += usize::from(self.keep_one(&next, progress).is_some());
            self.settle(&next.kept.layers);
            if progress.is_cancelled() {
                return count;
            }
        }
    }

    /// Writes the areas that waited for layers to have their place, or forgets them where they have got none.
    fn settle(&self, layers: &[Layer]) {
        let is_of = |shape: Revision| layers.iter().any(|layer| layer.shape == shape);
        let mut state = self.state();
        state.awaited.retain(|shape| !is_of(*shape));
        let waiting = std::mem::take(&mut state.waiting).into_iter();
        let (due, others): (Vec<_>, Vec<_>) = waiting.partition(|(layer, _)| is_of(layer.shape));
        state.waiting = others;
        drop(state);
        due.iter().for_each(|(layer, areas)| self.keep_areas(layer, areas));
    }

    fn keep_one(&self, unkept: &Unkept, progress: &Progress) -> Option<()> {
        let Unkept { path, options, key, kept } = unkept;
        let whole = key::whole(path, progress)?;
        if self.key(path, options).as_ref() != Some(key) {
            return None;
        }
        let (name, stamp) = (key.name(), key.stamp(&whole));
        self.register(&name, stamp, &kept.layers);
        let record = KeyRecord { key: key.clone(), whole, stamp };
        self.write(&name, "layers", path, |out| write::source(kept, &record, out, progress))
    }

    /// Makes sure that the cache has a source as it is now: reads it where it has not. Layers among `open` that were read
    /// from it, as it is, are known to be of it afterwards. Returns whether it was read.
    pub fn fill(&self, path: &Path, options: &OpenOptions, open: &[Arc<Layer>], progress: &Progress) -> bool {
        let Some(key) = self.key(path, options) else { return false };
        let known = self.file(&key.name(), "layers").and_then(|file| read::Source::open(&file, progress));
        if known.is_some_and(|known| known.key.key == key) {
            return false;
        }
        // What cannot be read has no cache; whoever opens it is told.
        let Ok(opened) = super::open(path, options, progress) else { return false };
        let Some(kept) = Kept::of(&opened) else { return false };
        let unkept = Unkept { path: path.to_owned(), options: options.clone(), key, kept };
        if self.keep_one(&unkept, progress).is_none() {
            return false;
        }
        for layer in &opened.layers {
            let place = self.state().places.remove(&layer.shape);
            let same = open.iter().find(|other| is_same_reading(layer, other));
            if let (Some(place), Some(same)) = (place, same) {
                self.state().places.insert(same.shape, place);
            }
        }
        true
    }

    /// Whether all that was taken from the cache was held against all bytes of its source.
    pub fn is_checked(&self) -> bool {
        self.state().unchecked.is_empty()
    }

    /// Holds what was taken from the cache against all bytes of its sources. Returns the sources that are not what the
    /// cache has, which is removed then: they are to be read again.
    pub fn check(&self, progress: &Progress) -> Vec<PathBuf> {
        let mut changed = Vec::new();
        loop {
            let Some(next) = self.state().unchecked.first().cloned() else { return changed };
            let whole = key::whole(&next.path, progress);
            if progress.is_cancelled() {
                return changed;
            }
            if whole.as_ref() != Some(&next.whole) {
                if let Some(file) = self.file(&next.name, "layers") {
                    // One that stays is compared again the next time.
                    let _ = fs::remove_file(file);
                }
                changed.push(next.path.clone());
            }
            self.state().unchecked.retain(|other| !Arc::ptr_eq(other, &next));
        }
    }

    /// The areas of a layer that is as it was read, by `method`, where the cache has them.
    pub fn areas(&self, layer: &Layer, method: AreaMethod, progress: &Progress) -> Option<Areas> {
        let place = self.place(layer.revision)?;
        let name = of_areas(&place, method);
        let areas = read::areas(&self.file(&name, "areas")?, place.stamp, layer.feature_count(), method, progress)?;
        self.state().current.insert(format!("{name} {}", place.stamp));
        Some(areas)
    }

    /// Keeps the areas of a layer that is as it was read. Where the source is not in the cache, or the disk does not take
    /// them, nothing is kept; where it is being written, they wait for that.
    pub fn keep_areas(&self, layer: &Arc<Layer>, areas: &Arc<Areas>) {
        // Issues of areas are about attributes, too: of a layer whose attributes were edited nothing is kept.
        let Some(place) = self.place(layer.revision) else {
            let mut state = self.state();
            if state.awaited.contains(&layer.revision) {
                state.waiting.push((layer.clone(), areas.clone()));
            }
            return;
        };
        let name = of_areas(&place, areas.method);
        let current = format!("{name} {}", place.stamp);
        if self.state().current.contains(&current) {
            return;
        }
        let source = &layer.provenance.path;
        if self.write(&name, "areas", source, |out| write::areas(areas, place.stamp, out)).is_some() {
            self.state().current.insert(current);
        }
    }

    /// The grid for small scales of a layer whose geometry is as it was read, for a map in `crs`, where the cache has it.
    pub fn grid(&self, layer: &Layer, crs: &Crs, progress: &Progress) -> Option<Grid<'static>> {
        self.map(layer, crs, progress)?.1.grid(layer, progress)
    }

    /// The geometry of such a layer for a map in `crs`, where the cache has it.
    pub fn geometry(&self, layer: &Layer, crs: &Crs, progress: &Progress) -> Option<CachedGeometry> {
        let (place, map) = self.map(layer, crs, progress)?;
        let geometry = map.geometry(layer, progress)?;
        self.state().current.insert(of_current_map(&place, crs));
        Some(geometry)
    }

    fn map(&self, layer: &Layer, crs: &Crs, progress: &Progress) -> Option<(Place, read::Map)> {
        let place = self.place(layer.shape)?;
        let map = read::Map::open(&self.file(&of_map(&place), "map")?, place.stamp, layer, crs, progress)?;
        Some((place, map))
    }

    /// Keeps a layer whose geometry is as it was read, ready for a map in `crs`: as [`Self::keep_areas`].
    pub fn keep_map(
        &self,
        layer: &Layer,
        crs: &Crs,
        ready: (&[Arc<GeometryBlock>], &[Issue], Option<&Grid<'_>>),
        progress: &Progress,
    ) {
        let Some(place) = self.place(layer.shape) else { return };
        let current = of_current_map(&place, crs);
        if self.state().current.contains(&current) {
            return;
        }
        let write = |out: &mut dyn io::Write| write::map(layer, crs, ready, place.stamp, out, progress);
        if self.write(&of_map(&place), "map", &layer.provenance.path, write).is_some() {
            let mut state = self.state();
            // One file, one system.
            let before = format!("{} ", of_map(&place));
            state.current.retain(|other| !other.starts_with(&before));
            state.current.insert(current);
        }
    }

    fn place(&self, of: Revision) -> Option<Place> {
        self.state().places.get(&of).cloned()
    }

    /// Removes what the cache has of other sources than these, and of other ways to read them.
    pub fn keep_only(&self, sources: &[(PathBuf, OpenOptions)]) {
        let names: Vec<String> =
            sources.iter().map(|(path, options)| key::name_of(&self.seen(path), options)).collect();
        // What stays is of no use and does no harm.
        let Ok(files) = files_in(&self.folder) else { return };
        for (file, name) in files {
            let is_known = name.starts_with(tiles::NAME) || names.iter().any(|known| name.starts_with(known.as_str()));
            if !is_known {
                let _ = fs::remove_file(file);
            }
        }
    }
}

/// Whether two readings are of one layer of one content, read in one way.
fn is_same_reading(a: &Layer, b: &Layer) -> bool {
    let (of_a, of_b) = (&a.provenance, &b.provenance);
    !of_a.hash.is_empty()
        && of_a == of_b
        && (a.kind, a.feature_count()) == (b.kind, b.feature_count())
        && a.crs == b.crs
}

fn of_areas(place: &Place, method: AreaMethod) -> String {
    format!("{}-{}-{}", place.name, place.layer, method.name())
}

fn of_map(place: &Place) -> String {
    format!("{}-{}", place.name, place.layer)
}

/// What says that the map of a layer in that system is in its file.
fn of_current_map(place: &Place, crs: &Crs) -> String {
    format!("{} {} {}", of_map(place), place.stamp, crs.code())
}

/// Where the cache of a project lies.
pub fn folder_beside(project: &Path) -> PathBuf {
    let mut name = project.file_name().map(ToOwned::to_owned).unwrap_or_default();
    name.push(SUFFIX);
    project.with_file_name(name)
}

/// Makes the folder of a cache, where there is nothing in its place.
///
/// # Errors
/// When it cannot be made, or something else is there.
fn make_folder(folder: &Path) -> io::Result<()> {
    if fs::symlink_metadata(folder).is_err() {
        #[cfg_attr(not(unix), expect(unused_mut, reason = "only here there are modes"))]
        let mut builder = fs::DirBuilder::new();
        // Nobody else reads here what he may not read there.
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(folder)?;
    }
    if is_folder(folder) { Ok(()) } else { Err(io::ErrorKind::NotADirectory.into()) }
}

/// Whether there is a folder, and no link to one elsewhere.
fn is_folder(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|known| known.is_dir())
}

/// The files of a cache, with their names. Others that lie there are not the cache's.
fn files_in(folder: &Path) -> io::Result<Vec<(PathBuf, String)>> {
    let mut files = Vec::new();
    if !is_folder(folder) {
        return Ok(files);
    }
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let is_named = name.len() > 16 && name.bytes().take(16).all(|byte| byte.is_ascii_hexdigit());
        let is_ended = name.rsplit_once('.').is_some_and(|(_, ending)| ENDINGS.contains(&ending));
        if is_named && is_ended && entry.file_type()?.is_file() {
            files.push((entry.path(), name));
        }
    }
    Ok(files)
}

/// Removes the cache of a project, and what a program that was killed left of one. The project and its sources stay.
///
/// # Errors
/// When the folder cannot be listed or a file in it not removed.
pub fn clear(project: &Path) -> io::Result<Cleared> {
    let folder = folder_beside(project);
    let mut cleared = Cleared::default();
    for (file, _) in files_in(&folder)? {
        let byte_count = fs::metadata(&file).map_or(0, |known| known.len());
        fs::remove_file(&file)?;
        cleared.file_count += 1;
        cleared.byte_count += byte_count;
    }
    if is_folder(&folder) {
        super::sweep(&folder);
        // Where something else lies in it, the folder stays.
        let _ = fs::remove_dir(&folder);
    }
    Ok(cleared)
}
