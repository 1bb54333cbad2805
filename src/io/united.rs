//! The files of a folder as one layer for each kind of geometry and each system: `FOLDER#*`.
//!
//! What the files do not have in common is told at the layer. Coordinates stay as the files have them, so files in another
//! system than the others are a layer of their own: `FOLDER#*EPSG:4548`.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::findings::listed;
use super::hash::hash_hex;
use super::{Opened, ReadError, shown_path, sources_of};
use crate::crs::Crs;
use crate::model::union::{Difference, Part, unite};
use crate::model::{GeometryKind, Issue, Layer, Provenance, Severity};
use crate::task::Progress;
use crate::text::{Language, Message, tr};

/// What the layer of all files of a folder is called: alone, or with the system that it is in.
pub const UNITED: &str = "*";

/// Whether a layer of that name is one of all files of a folder.
pub fn is_united(layer: Option<&str>) -> bool {
    layer.is_some_and(|layer| layer.starts_with(UNITED))
}

/// The files that a layer is read from: those of the folder, where it is one of all of them. A folder that cannot be listed
/// stands for itself.
pub fn files_of_layer(path: &Path, layer: Option<&str>) -> Vec<PathBuf> {
    let listed = is_united(layer).then(|| sources_of(path, &Progress::new()));
    match listed {
        Some(Ok((files, _))) => files,
        _ => vec![path.to_owned()],
    }
}

/// What was opened of the files of `folder`, each with its name there, as one; `wanted` is which of its layers are.
///
/// # Errors
/// Where none of them has a layer, or there is no layer of that name.
pub(super) fn united(
    folder: &Path,
    wanted: &str,
    files: Vec<(String, Result<Opened, ReadError>)>,
) -> Result<Opened, ReadError> {
    let mut unread: Vec<(String, ReadError)> = Vec::new();
    let mut read: Vec<(String, Opened)> = Vec::new();
    for (name, result) in files {
        match result {
            Ok(opened) => read.push((name, opened)),
            Err(error) => unread.push((name, error)),
        }
    }
    if read.is_empty() {
        return Err(unread.into_iter().next().map_or(ReadError::Empty, |(_, error)| error));
    }
    // Kinds and systems in the order in which they come, with the parts of each.
    let mut groups: Vec<(GeometryKind, Crs, Vec<Part<'_>>)> = Vec::new();
    for (name, opened) in &read {
        for layer in &opened.layers {
            let part = Part { layer, origin: name.clone() };
            let known = groups.iter_mut().find(|(kind, crs, _)| *kind == layer.kind && *crs == layer.crs);
            match known {
                Some((.., parts)) => parts.push(part),
                None => groups.push((layer.kind, layer.crs.clone(), vec![part])),
            }
        }
    }
    let title = folder.file_name().map(shown_path).unwrap_or_default();
    let mut layers = Vec::new();
    for (nth, (kind, crs, parts)) in groups.iter().enumerate() {
        let is_other = groups[..nth].iter().any(|(other, ..)| other == kind);
        let name = if is_other { format!("{UNITED}{}", crs.code()) } else { UNITED.to_owned() };
        if wanted != UNITED && wanted != name {
            continue;
        }
        let shown = if is_other { format!("{title} ({})", crs.code()) } else { title.clone() };
        let Some((mut layer, differences)) = unite(parts, shown, tr(Language::Chinese, "io.union-origin")) else {
            continue;
        };
        layer.provenance = provenance(folder, name, parts);
        let names: Vec<&str> = parts.iter().map(|part| part.origin.as_str()).collect();
        let mut issues: Vec<Issue> = parts.iter().flat_map(|part| part.layer.issues.iter().cloned()).collect();
        let told = differences.iter().map(|difference| Issue::new(Severity::Warning, message(difference, &names)));
        issues.splice(0..0, told);
        if is_other {
            let message = Message::new("io.union-crs").with("crs", crs.code()).with("names", listed(&names));
            issues.insert(0, Issue::new(Severity::Warning, message));
        }
        layer.issues = Arc::new(issues);
        layers.push(layer);
    }
    if layers.is_empty() {
        return Err(ReadError::NoSuchLayer { layer: wanted.to_owned(), known: vec![UNITED.to_owned()] });
    }
    drop(groups);
    for (name, error) in unread {
        let message = Message::new("io.layer-unread").with("name", name).with_message("reason", &error.message());
        Arc::make_mut(&mut layers[0].issues).insert(0, Issue::new(Severity::Error, message));
    }
    Ok(whole(read, layers))
}

/// What was opened, with `layers` in the place of those of the files. Its system is that of the file that is most in doubt.
fn whole(read: Vec<(String, Opened)>, layers: Vec<Layer>) -> Opened {
    let issues = layers.iter().flat_map(|layer| layer.issues.iter().cloned()).collect();
    let (mut row_count, mut skipped_count, mut partial) = (0, 0, None);
    let mut decided = None;
    for (_, opened) in read {
        row_count += opened.row_count;
        skipped_count += opened.skipped_count;
        partial = partial.or(opened.partial);
        let is_surer = |(decision, ..): &(crate::crs::Decision, _, _, _)| decision.certain && !opened.decision.certain;
        if decided.as_ref().is_none_or(is_surer) {
            decided = Some((opened.decision, opened.sample, opened.format, opened.encoding));
        }
    }
    let (decision, sample, format, encoding) = decided.expect("one file at least was read");
    Opened { layers, issues, decision, sample, format, encoding, row_count, skipped_count, partial }
}

fn provenance(folder: &Path, name: String, parts: &[Part<'_>]) -> Provenance {
    let all = || parts.iter().map(|part| &part.layer.provenance);
    let hashes: Vec<&str> = all().map(|of| of.hash.as_str()).collect();
    let is_known = hashes.iter().all(|hash| !hash.is_empty());
    let first = all().next();
    Provenance {
        path: folder.to_owned(),
        layer: Some(name),
        format: first.map_or(String::new(), |of| of.format.clone()),
        encoding: first.and_then(|of| of.encoding.clone()),
        byte_count: all().map(|of| of.byte_count).sum(),
        hash: if is_known { hash_hex(hashes.join(" ").as_bytes()) } else { String::new() },
        correction: first.and_then(|of| of.correction.clone()),
    }
}

fn message(difference: &Difference, names: &[&str]) -> Message {
    let of = |parts: &[usize]| -> Vec<&str> { parts.iter().filter_map(|part| names.get(*part).copied()).collect() };
    match difference {
        Difference::Lacks { field, parts } => Message::new("io.union-lacks")
            .with("field", field)
            .with("count", parts.len())
            .with("names", listed(&of(parts))),
        Difference::Type { field, first, other, parts } => Message::new("io.union-type")
            .with("field", field)
            .with("first", first.name())
            .with("other", other.name())
            .with("count", parts.len())
            .with("names", listed(&of(parts))),
    }
}
