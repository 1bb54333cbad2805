//! From columns as read to layers: one list of fields, one decision about the CRS, issues where they belong.

use std::path::Path;
use std::sync::Arc;

use super::columns::{RawBlock, RawLayer};
use super::corrected;
use super::findings::Found;
use super::format::is_read_ending;
use super::{KEPT_PER_KIND, OpenOptions, Opened, ReadError};
use crate::crs::decide::decide_piece;
use crate::crs::{Clues, Crs, Decision, Sample, decide};
use crate::model::attributes::unify;
use crate::model::{Coord, FeatureBlock, GeometryBuilder, GeometryKind, Issue, Layer, Provenance, Severity, Value};
use crate::text::Message;
use crate::units::format_number;

/// Makes layers of a layer of a source that was read, wholly or in part: one for each kind of geometry.
///
/// # Errors
/// [`ReadError::NothingUsable`] when the source has features, but none that could be used.
pub(super) fn assemble(
    raw: RawLayer,
    provenance: Provenance,
    default_crs: Option<fn() -> Crs>,
    options: &OpenOptions,
) -> Result<Opened, ReadError> {
    let feature_count = raw.row_count - raw.skipped_count;
    if feature_count == 0
        && raw.error.is_none()
        && let Some(first) = raw.findings.first_error()
    {
        let (line, first) = (first.line.unwrap_or(1), first.message.clone());
        return Err(ReadError::NothingUsable { skipped_count: raw.skipped_count, line, first });
    }
    let mut file_issues = raw.issues;
    file_issues.extend(raw.error.as_ref().map(|error| Issue::new(Severity::Error, error.message())));
    let mut sample = Sample::new();
    raw.blocks.iter().for_each(|block| sample.merge(&block.sample));
    let clues = Clues {
        user: options.crs.clone(),
        declared: raw.declared,
        format_default: default_crs.map(|crs| crs()),
        sample: &sample,
    };
    let decision = match &options.correction {
        Some(correction) => Decision::corrected(correction, &clues),
        None if options.is_piece => decide_piece(&clues),
        None => decide(&clues),
    };
    let strays = strays(&raw.blocks, &decision, &sample);
    // Strays that can be named are named, each once.
    let told = decision.issues.iter().filter(|message| strays.is_empty() || message.key != "crs.strays");
    if options.correction.as_ref().is_some_and(|correction| correction.undoes_web_map()) {
        // What the file itself says of it is undone.
        file_issues.retain(|issue| !matches!(issue.message.key, "io.kml-gcj02" | "io.kml-bd09"));
    }
    file_issues.extend(told.map(|m| Issue::new(Severity::Warning, m.clone())));

    let format = raw.format;
    let name = raw.name.filter(|n| !n.trim().is_empty()).unwrap_or_else(|| stem(&provenance.path));
    let mut found = raw.findings.finish();
    found.extend(strays);
    let mut layers: Vec<Layer> = by_kind(raw.blocks, &raw.order, decision.swap_axes)
        .into_iter()
        .map(|(kind, fields, blocks)| {
            let mut layer = Layer::new(name.clone(), kind, decision.crs.clone(), fields, blocks);
            layer.crs_source = decision.source;
            layer.crs_reason = decision.reason.clone();
            layer.axes_swapped = decision.swap_axes;
            layer.provenance = provenance.clone();
            layer
        })
        .collect();
    let mut issues: Vec<Issue> = file_issues.iter().cloned().chain(found.iter().map(|f| f.issue.clone())).collect();
    if let Some(correction) = &options.correction {
        let lost = corrected::apply(&mut layers, correction).map_err(ReadError::Correction)?;
        issues.extend(lost.iter().map(|found| found.issue.clone()));
        found.extend(lost);
    }
    hand_out(file_issues, found, &mut layers);
    for layer in &mut layers {
        if let Some(issue) = without_geometry(layer) {
            issues.push(issue.clone());
            Arc::make_mut(&mut layer.issues).push(issue);
        }
    }
    Ok(Opened {
        layers,
        issues,
        decision,
        sample,
        format,
        encoding: raw.encoding,
        row_count: raw.row_count,
        skipped_count: raw.skipped_count,
        partial: raw.error,
    })
}

/// Features with a coordinate that does not go with the others of the file, each with its first such coordinate.
fn strays(blocks: &[RawBlock], decision: &Decision, sample: &Sample) -> Vec<Found> {
    let Some(is_stray) = decision.stray_test(sample) else { return Vec::new() };
    let mut found = Vec::new();
    let mut more = 0u64;
    for block in blocks {
        let kind = Some(block.geometry.kind());
        for row in 0..block.geometry.feature_count() {
            let Some(at) = block.geometry.feature_coords(row).iter().find(|c| is_stray(**c)) else { continue };
            if found.len() as u64 >= KEPT_PER_KIND {
                more += 1;
                continue;
            }
            let exchanged = Coord { x: at.y, y: at.x };
            let key = if is_stray(exchanged) { "crs.stray" } else { "crs.stray-exchanged" };
            let message = Message::new(key).with("x", at.x).with("y", at.y);
            let mut issue = Issue::new(Severity::Warning, message);
            issue.feature = block.rows.get(row).map(|row| u64::from(*row));
            issue.line = block.lines.get(row).map(|line| u64::from(*line));
            issue.id = match block.ids.as_ref().map(|ids| ids.value(row)) {
                None | Some(Value::Null) => None,
                Some(value) => Some(value.to_string()),
            };
            found.push(Found { issue, layer: kind });
        }
    }
    if more > 0 {
        let message = Message::new("crs.stray-more").with("count", more);
        found.push(Found { issue: Issue::new(Severity::Warning, message), layer: None });
    }
    found
}

/// Features that have no place on the map and no area; `None` where all have.
fn without_geometry(layer: &Layer) -> Option<Issue> {
    let mut count = 0;
    let mut first = None;
    for (block, start) in layer.blocks.iter().zip(&layer.starts) {
        for row in (0..block.geometry.feature_count()).filter(|row| block.geometry.is_null(*row)) {
            count += 1;
            first = first.or(Some(start + row));
        }
    }
    let first = first?;
    let n = format_number(f64::from(count), 0);
    let message = Message::new("io.null-geometry").with("count", n);
    let feature = Some(layer.source_row(first));
    Some(Issue { feature, line: layer.line(first), ..Issue::new(Severity::Note, message) })
}

/// Gives each issue to the layer that its feature went to, and the rest to the first layer.
fn hand_out(file_issues: Vec<Issue>, found: Vec<Found>, layers: &mut [Layer]) {
    let Some(first) = layers.first_mut() else { return };
    Arc::make_mut(&mut first.issues).extend(file_issues);
    for Found { issue, layer } in found {
        let at = layers.iter().position(|l| Some(l.kind) == layer).unwrap_or(0);
        Arc::make_mut(&mut layers[at].issues).push(issue);
    }
}

/// Blocks of each kind with one list of fields; features that came before any geometry join the first kind.
fn by_kind(
    blocks: Vec<RawBlock>,
    order: &[GeometryKind],
    swap_axes: bool,
) -> Vec<(GeometryKind, Vec<crate::model::Field>, Vec<FeatureBlock>)> {
    let home = order.first().copied().unwrap_or(GeometryKind::None);
    let mut kinds: Vec<(GeometryKind, Vec<RawBlock>)> = vec![(home, Vec::new())];
    kinds.extend(order.iter().skip(1).map(|kind| (*kind, Vec::new())));
    for mut block in blocks {
        if block.geometry.kind() == GeometryKind::None && home != GeometryKind::None {
            let mut builder = GeometryBuilder::new(home);
            for row in 0..block.geometry.feature_count() {
                if block.geometry.is_null(row) { builder.null_feature() } else { builder.end_feature() }
            }
            block.geometry = builder.finish();
        }
        if swap_axes {
            block.geometry.swap_axes();
        }
        if let Some((_, list)) = kinds.iter_mut().find(|(kind, _)| *kind == block.geometry.kind()) {
            list.push(block);
        }
    }
    kinds
        .into_iter()
        .map(|(kind, blocks)| {
            let (fields, blocks) = unified(blocks);
            (kind, fields, blocks)
        })
        .collect()
}

fn unified(blocks: Vec<RawBlock>) -> (Vec<crate::model::Field>, Vec<FeatureBlock>) {
    let in_order = blocks.iter().flat_map(|block| &block.rows).enumerate().all(|(i, row)| i as u64 == u64::from(*row));
    let mut attributes = Vec::with_capacity(blocks.len());
    let mut rest = Vec::with_capacity(blocks.len());
    for block in blocks {
        attributes.push((block.names, block.attributes));
        rest.push((block.geometry, block.ids, block.rows, block.lines));
    }
    let (fields, attributes) = unify(attributes);
    let blocks = rest
        .into_iter()
        .zip(attributes)
        .map(|((geometry, ids, rows, lines), attributes)| FeatureBlock {
            geometry: Arc::new(geometry),
            attributes: Arc::new(attributes),
            ids: ids.map(Arc::new),
            source_rows: if in_order { Arc::default() } else { rows.into() },
            lines: lines.into(),
        })
        .collect();
    (fields, blocks)
}

/// The file's name without the endings that say its format.
pub(super) fn stem(path: &Path) -> String {
    let name = path.file_name().map(super::shown_path).unwrap_or_default();
    without_ending(&name)
}

/// A name without the endings that say its format.
pub(super) fn without_ending(name: &str) -> String {
    let mut stem = name;
    for _ in 0..3 {
        match stem.rsplit_once('.') {
            Some((rest, ending)) if !rest.is_empty() && !rest.ends_with('/') && is_read_ending(ending) => stem = rest,
            _ => break,
        }
    }
    stem.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lose_the_endings_of_their_format() {
        let check = |path: &str, expected: &str| assert_eq!(stem(std::path::Path::new(path)), expected);
        check("数据/地类图斑.geojson", "地类图斑");
        check("country_fji.geo.json", "country_fji");
        check("a/b.2024.geojsonl.gz", "b.2024");
        check("plain", "plain");
        check(".json", ".json");
    }
}
