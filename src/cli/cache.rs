//! `tuban cache`: what makes a saved project open at once, removed or made. Sources are read, never written.

use std::path::Path;

use super::args::{CacheArgs, CacheWhat};
use super::{CliError, Outcome, output};
use crate::io::cache::{self, Cache};
use crate::io::shown_path;
use crate::model::GeometryKind;
use crate::render::cached;
use crate::render::prepared::Prepared;
use crate::scenario::project;
use crate::task::Progress;
use crate::text::{Language, Message, system_reason};
use crate::units::format_number;

/// Runs `cache`.
///
/// # Errors
/// A file that is no project, a cache that cannot be removed; cancelled.
pub(super) fn run(args: &CacheArgs, language: Language, progress: &Progress) -> Result<Outcome, CliError> {
    let done = match args.what {
        CacheWhat::Clear => clear(&args.project)?,
        CacheWhat::Fill => fill(&args.project, progress)?,
    };
    output::print(&format!("{}\n", crate::text::escaped(&done.text(language))))
}

fn clear(project: &Path) -> Result<Message, CliError> {
    // The project itself may be gone: what lies beside it is removed all the same.
    let cleared = cache::clear(project).map_err(|error| {
        let message = Message::new("cli.cache-not-cleared").with_message("reason", &system_reason(&error));
        CliError::new(&message).at(&cache::folder_beside(project))
    })?;
    Ok(Message::new("cli.cache-cleared")
        .with("n", cleared.file_count)
        .with("size", format_number(cleared.byte_count as f64 / 1e6, 1))
        .with("path", shown_path(cache::folder_beside(project))))
}

/// Reads what the cache lacks, measures the polygons of what was read as the survey does, and makes the layers ready for the
/// map that the window will show.
fn fill(path: &Path, progress: &Progress) -> Result<Message, CliError> {
    let sources = project::sources(path).map_err(|error| CliError::new(&error.message()))?;
    let cache = Cache::beside(path);
    cache.keep_only(&sources);
    let mut made = 0_u64;
    for (source, options) in &sources {
        made += u64::from(cache.fill(source, options, &[], progress));
        progress.tick(0)?;
    }
    // Opened from it once, so that areas have their place there.
    let loaded = project::load_by(path, &cache, progress).map_err(|error| CliError::new(&error.message()))?;
    for entry in &loaded.workspace.entries {
        if entry.layer.kind != GeometryKind::Polygon || cache.areas(&entry.layer, entry.method, progress).is_some() {
            continue;
        }
        // What cannot be measured has no areas to keep; whoever asks for them is told.
        if let Ok(areas) = crate::overlay::audited(&entry.layer, entry.method, progress) {
            cache.keep_areas(&entry.layer, &areas.into());
        }
        progress.tick(0)?;
    }
    let shown =
        loaded.workspace.crs.iter().flat_map(|crs| loaded.workspace.drawn().map(move |entry| (crs, &entry.layer)));
    for (crs, layer) in shown {
        if cached::pyramid(&cache, layer, crs, progress).is_some() {
            continue;
        }
        // What has no way to the map is told about when it is opened.
        if let Ok(prepared) = Prepared::new(layer, crs, progress) {
            cached::keep(&cache, layer, crs, &prepared, progress);
        }
        progress.tick(0)?;
    }
    Ok(Message::new("cli.cache-filled")
        .with("n", made)
        .with("all", sources.len())
        .with("path", shown_path(cache::folder_beside(path))))
}
