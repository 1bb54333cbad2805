//! `--join TABLE --key FIELD[=FIELD]`: the fields of tables put behind those of the layers that are read.

use std::path::{Path, PathBuf};

use super::args::ReadArgs;
use super::{CliError, source};
use crate::model::{GeometryKind, Issue, Layer, join};
use crate::task::Progress;
use crate::text::{Language, Message};

/// A table to be joined.
pub(super) struct Table {
    path: PathBuf,
    title: String,
    layer: Layer,
    /// The key fields of layer and table; found by names and values without.
    key: Option<(String, String)>,
}

/// Opens the tables that are to be joined, each with its key.
///
/// # Errors
/// A file that cannot be opened or holds no table, keys that are not as many as the tables.
pub(super) fn tables(
    files: &[PathBuf],
    keys: &[String],
    read: &ReadArgs,
    progress: &Progress,
) -> Result<Vec<Table>, CliError> {
    if !keys.is_empty() && keys.len() != files.len() {
        let message = Message::new("cli.join-keys").with("keys", keys.len()).with("tables", files.len());
        return Err(CliError::new(&message));
    }
    let mut tables = Vec::new();
    for (at, file) in files.iter().enumerate() {
        let sources = source::open_all(&ReadArgs { files: vec![file.clone()], crs: None, ..read.clone() }, progress)?;
        let mut layers: Vec<Layer> = sources.into_iter().flat_map(|source| source.layers).collect();
        // A workbook may have maps beside its table.
        let own = layers.iter().position(|layer| layer.kind == GeometryKind::None).unwrap_or(0);
        if layers.is_empty() {
            return Err(CliError::new(&Message::new("cli.join-empty")).at(file));
        }
        let layer = layers.swap_remove(own);
        let key = keys.get(at).map(|text| {
            let (own, other) = text.split_once('=').unwrap_or((text, text));
            (own.trim().to_owned(), other.trim().to_owned())
        });
        tables.push(Table { path: file.clone(), title: layer.name.clone(), layer, key });
    }
    Ok(tables)
}

/// A layer with the fields of all tables; what is to be said of each join is printed. Whether something was wrong.
///
/// # Errors
/// A key field that is missing, or that cannot be found.
pub(super) fn joined(
    path: &Path,
    mut layer: Layer,
    tables: &[Table],
    language: Language,
) -> Result<(Layer, bool), CliError> {
    let mut is_wrong = false;
    for table in tables {
        let named =
            |at: (usize, usize, usize)| (layer.fields[at.0].name.clone(), table.layer.fields[at.1].name.clone());
        let key = table.key.clone().or_else(|| join::suggest(&layer, &table.layer).map(named));
        let (key, other) = key.ok_or_else(|| {
            let message = Message::new("cli.join-no-key").with("layer", &layer.name).with("table", &table.title);
            CliError::new(&message).at(&table.path)
        })?;
        let before = layer.issues.len();
        let joined = join::join(&layer, &table.layer, &table.title, &key, &other)
            .map_err(|error| CliError::new(&error.message()).at(path))?;
        let said: Vec<(&Path, Option<&Layer>, &Issue)> =
            joined.layer.issues[before..].iter().map(|issue| (path, Some(&joined.layer), issue)).collect();
        source::print_issues(&said, language);
        is_wrong |= said.iter().any(|(_, _, issue)| issue.severity > crate::model::Severity::Note);
        layer = joined.layer;
    }
    Ok((layer, is_wrong))
}
