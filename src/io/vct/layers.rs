//! What was read of a file to layers: one for each table and kind of geometry, block by block on all cores.

use std::collections::hash_map::Entry;

use rayon::prelude::*;
use rustc_hash::FxHashMap;

use super::rings::{Fault, Traced};
use super::sections::{Feature, Holds, Sections, VctTable};
use crate::crs::{Declared, Sample};
use crate::io::columns::{RawBlock, RawLayer};
use crate::io::findings::Findings;
use crate::io::reading::Reading;
use crate::io::rings::{RingNotes, Vertices, polygon};
use crate::io::{Encoding, ReadError};
use crate::model::attributes::ColumnBuilder;
use crate::model::{AttributeBlock, BLOCK_FEATURES, Coord, GeometryBuilder, GeometryKind, Issue, Severity, Value};
use crate::text::Message;

/// The features of one table and kind, and the rows that no feature has.
struct Group {
    name: String,
    kind: GeometryKind,
    table: Option<usize>,
    features: Vec<u32>,
    bare_rows: Vec<u32>,
}

/// A feature of a layer: its place among all, and its row in the table.
#[derive(Clone, Copy)]
struct Member {
    feature: Option<u32>,
    row: Option<u32>,
}

/// Makes layers of what was read; none where there are neither features nor rows.
///
/// # Errors
/// [`ReadError::Cancelled`].
pub(super) fn of(
    mut sections: Sections,
    encoding: Encoding,
    reading: &Reading<'_>,
) -> Result<Vec<RawLayer>, ReadError> {
    let version = sections.head.version();
    let mut issues = std::mem::take(&mut sections.issues);
    let findings = std::mem::take(&mut sections.findings);
    shift(&mut sections, &mut issues);
    let declared = sections.head.declared(&Sample::of(&sections.coords), &mut issues);
    let rows: Vec<FxHashMap<i64, u32>> = sections.tables.iter().map(|table| rows(table, &mut issues)).collect();
    let groups = groups(&sections, &rows);
    let mut layers = Vec::new();
    for group in &groups {
        let mut members: Vec<Member> = group
            .features
            .iter()
            .map(|at| {
                let id = sections.features[*at as usize].id;
                let row = group.table.and_then(|table| rows[table].get(&id).copied());
                Member { feature: Some(*at), row }
            })
            .collect();
        members.extend(group.bare_rows.iter().map(|row| Member { feature: None, row: Some(*row) }));
        let mut layer = layer(&sections, group, &members, &declared, reading)?;
        layer.format = format!("VCT {version}.0");
        layer.encoding = encoding;
        layers.push(layer);
    }
    if let Some(first) = layers.first_mut() {
        first.issues = issues;
        let mut all = findings;
        all.append(std::mem::take(&mut first.findings), 0, 0);
        first.findings = all;
    }
    Ok(layers)
}

/// Adds what the head says is to be added to coordinates, unless they lie in its extent without, and says so.
fn shift(sections: &mut Sections, issues: &mut Vec<Issue>) {
    let (Some(offset), Some(first)) = (sections.head.offset(), sections.coords.first().copied()) else { return };
    let shifted = Coord { x: first.x + offset.x, y: first.y + offset.y };
    let is_done = sections.head.holds(first) == Some(true) && sections.head.holds(shifted) == Some(false);
    let key = if is_done { "io.vct-offset-kept" } else { "io.vct-offset" };
    let message = Message::new(key).with("x", offset.x).with("y", offset.y);
    issues.push(Issue::new(Severity::Warning, message));
    if !is_done {
        for c in &mut sections.coords {
            *c = Coord { x: c.x + offset.x, y: c.y + offset.y };
        }
    }
}

/// The rows of a table by their id, the first of several.
fn rows(table: &VctTable, issues: &mut Vec<Issue>) -> FxHashMap<i64, u32> {
    let mut known = FxHashMap::default();
    let (mut count, mut first) = (0u64, None);
    for (at, (id, _, line)) in table.rows.iter().enumerate() {
        match known.entry(*id) {
            Entry::Occupied(_) => {
                count += 1;
                first = first.or(Some(*line));
            }
            Entry::Vacant(vacant) => {
                vacant.insert(at as u32);
            }
        }
    }
    if count > 0 {
        let message = Message::new("io.vct-same-row").with("name", &table.name).with("count", count);
        issues.push(Issue { line: first, ..Issue::new(Severity::Warning, message) });
    }
    known
}

/// Features by table and kind, in the order of the codes; rows without a feature are with the first of their table.
fn groups(sections: &Sections, rows: &[FxHashMap<i64, u32>]) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    let mut by_code: FxHashMap<(u32, GeometryKind), usize> = FxHashMap::default();
    let mut has_feature: Vec<Vec<bool>> = sections.tables.iter().map(|table| vec![false; table.rows.len()]).collect();
    for (at, feature) in sections.features.iter().enumerate() {
        let group = *by_code.entry((feature.code, feature.kind)).or_insert_with(|| {
            let name = &sections.codes[feature.code as usize].table;
            let known = groups.iter().position(|group| group.name == *name && group.kind == feature.kind);
            known.unwrap_or_else(|| {
                let table = sections.tables.iter().position(|table| table.name == *name);
                let (features, bare_rows) = (Vec::new(), Vec::new());
                groups.push(Group { name: name.clone(), kind: feature.kind, table, features, bare_rows });
                groups.len() - 1
            })
        });
        groups[group].features.push(at as u32);
        if let Some(table) = groups[group].table
            && let Some(row) = rows[table].get(&feature.id)
        {
            has_feature[table][*row as usize] = true;
        }
    }
    let place = |group: &Group| {
        let code = sections.codes.iter().position(|code| code.table == group.name);
        // Areas first: they are what a file is about.
        (group.kind != GeometryKind::Polygon, code)
    };
    groups.sort_by_key(place);
    for (at, has_feature) in has_feature.iter().enumerate() {
        // Of several rows of one id the first counts.
        let is_first = |row: &usize| rows[at].get(&sections.tables[at].rows[*row].0) == Some(&(*row as u32));
        let bare: Vec<u32> =
            (0..has_feature.len()).filter(|row| !has_feature[*row] && is_first(row)).map(|row| row as u32).collect();
        if bare.is_empty() {
            continue;
        }
        match groups.iter_mut().find(|group| group.table == Some(at)) {
            Some(group) => group.bare_rows = bare,
            None => groups.push(Group {
                name: sections.tables[at].name.clone(),
                kind: GeometryKind::None,
                table: Some(at),
                features: Vec::new(),
                bare_rows: bare,
            }),
        }
    }
    groups
}

fn layer(
    sections: &Sections,
    group: &Group,
    members: &[Member],
    declared: &Option<Declared>,
    reading: &Reading<'_>,
) -> Result<RawLayer, ReadError> {
    let starts: Vec<(usize, &[Member])> =
        members.chunks(BLOCK_FEATURES).enumerate().map(|(at, chunk)| (at * BLOCK_FEATURES, chunk)).collect();
    let read: Result<Vec<(RawBlock, Findings)>, ReadError> = starts
        .par_iter()
        .map(|(first, members)| {
            let read = block(sections, group, members, *first, reading)?;
            if let Some(arrivals) = reading.arrivals {
                arrivals.add(&read.0.geometry, &read.0.sample, || declared.clone());
            }
            Ok(read)
        })
        .collect();
    let mut layer = RawLayer {
        name: Some(group.name.clone()),
        format: String::new(),
        encoding: Encoding::Utf8,
        blocks: Vec::new(),
        order: Vec::new(),
        declared: declared.clone(),
        issues: Vec::new(),
        findings: Findings::default(),
        row_count: members.len() as u64,
        skipped_count: 0,
        error: None,
    };
    for (block, findings) in read? {
        layer.blocks.push(block);
        layer.findings.append(findings, 0, 0);
    }
    if group.kind != GeometryKind::None {
        layer.order.push(group.kind);
    }
    // A table without features is no fault of its rows.
    if !group.bare_rows.is_empty() && group.kind != GeometryKind::None {
        let message = Message::new("io.vct-rows-without-feature").with("count", group.bare_rows.len());
        layer.findings.add(Issue::new(Severity::Warning, message), None);
    }
    let without_row = members.iter().filter(|member| member.row.is_none()).count();
    let has_rows = group.table.is_some_and(|table| !sections.tables[table].rows.is_empty());
    if without_row > 0 && has_rows {
        let message = Message::new("io.vct-features-without-row").with("count", without_row);
        layer.findings.add(Issue::new(Severity::Warning, message), None);
    }
    Ok(layer)
}

/// The members of a group from `first` on.
fn block(
    sections: &Sections,
    group: &Group,
    members: &[Member],
    first: usize,
    reading: &Reading<'_>,
) -> Result<(RawBlock, Findings), ReadError> {
    let cancelled = |_| ReadError::Cancelled;
    let table = group.table.map(|table| &sections.tables[table]);
    let mut columns = vec![ColumnBuilder::default(); table.map_or(0, |table| table.fields.len())];
    let mut ids = ColumnBuilder::default();
    let mut geometry = GeometryBuilder::new(group.kind);
    let mut findings = Findings::default();
    let mut lines = Vec::with_capacity(members.len());
    let mut traced = Traced::default();
    for (at, member) in members.iter().enumerate() {
        let row = (first + at) as u64;
        if at % 1024 == 0 {
            reading.progress.tick(0).map_err(cancelled)?;
        }
        let feature = member.feature.map(|feature| &sections.features[feature as usize]);
        let of_row = member.row.and_then(|row| table.map(|table| (table, row as usize)));
        let (id, line) = match (feature, of_row) {
            (Some(feature), _) => (feature.id, feature.line),
            (None, Some((table, row))) => (table.rows[row].0, table.rows[row].2),
            (None, None) => (0, 0),
        };
        ids.set(at as u32, Value::Int(id));
        lines.push(u32::try_from(line).unwrap_or(u32::MAX));
        if let Some((table, of_table)) = of_row {
            values(sections, table, of_table, &mut columns, at as u32, row, &mut findings);
        }
        let Some(feature) = feature else {
            geometry.null_feature();
            continue;
        };
        let mut say = |severity, message: Message| {
            if findings.has_room(message.key) {
                let issue = Issue { feature: Some(row), line: Some(line), ..Issue::new(severity, message) };
                findings.add(Issue { id: Some(id.to_string()), ..issue }, None);
            } else {
                findings.count_only(message.key);
            }
        };
        match shape(sections, feature, &mut traced, &mut geometry, reading).map_err(cancelled)? {
            Ok((is_any, notes)) => {
                for (is_so, key) in [
                    (notes.has_open, "io.shp-open-ring"),
                    (notes.has_short || !is_any, "io.shp-short-ring"),
                    (notes.has_repeated, "io.shp-repeated-ring"),
                    (traced.has_gap, "io.vct-near"),
                ] {
                    if is_so {
                        say(Severity::Warning, Message::new(key));
                    }
                }
                // Versions 1 and 2 have no signs.
                if traced.is_turned && sections.head.version() >= 3 {
                    say(Severity::Note, Message::new("io.vct-turned"));
                }
                geometry.end_feature();
            }
            Err(fault) => {
                geometry.rollback();
                let message = match fault {
                    Fault::NoLine(line) => Message::new("io.vct-no-line").with("id", line),
                    Fault::Gap { id, distance } => {
                        Message::new("io.vct-gap").with("id", id.abs()).with("distance", rounded(distance))
                    }
                    Fault::Open { id, distance } => {
                        Message::new("io.vct-open").with("id", id.abs()).with("distance", rounded(distance))
                    }
                };
                say(Severity::Error, message);
                geometry.null_feature();
            }
        }
    }
    let names = table.map_or(Vec::new(), |table| table.fields.iter().map(|(name, _)| name.clone()).collect());
    let columns = columns.into_iter().map(|column| column.finish(members.len())).collect();
    let attributes = AttributeBlock::of_columns(columns, members.len());
    let geometry = geometry.finish();
    let sample = Sample::of(geometry.coords());
    let rows = (0..members.len()).map(|at| (first + at) as u32).collect();
    let ids = Some(ids.finish(members.len()));
    Ok((RawBlock { geometry, names, attributes, ids, rows, lines, sample }, findings))
}

/// A distance to a tenth of a millimetre.
fn rounded(distance: f64) -> String {
    format!("{distance:.4}")
}

/// Adds the geometry of a feature to the open one, without ending it; says whether anything is left of it.
fn shape(
    sections: &Sections,
    feature: &Feature,
    traced: &mut Traced,
    geometry: &mut GeometryBuilder,
    reading: &Reading<'_>,
) -> Result<Result<(bool, RingNotes), Fault>, crate::task::Cancelled> {
    let mut notes = RingNotes::default();
    if let Err(fault) = traced.trace(sections, &feature.shape, feature.kind == GeometryKind::Polygon) {
        return Ok(Err(fault));
    }
    let vertices = Vertices { coords: &traced.coords, heights: &traced.heights, measures: &[] };
    let starts = &traced.starts;
    let is_any = match feature.kind {
        GeometryKind::Polygon => polygon(geometry, &vertices, starts, &mut notes, reading.progress)?,
        GeometryKind::Line => {
            let mut is_any = false;
            for pair in starts.windows(2).filter(|pair| pair[1] - pair[0] >= 2) {
                (pair[0]..pair[1]).for_each(|at| vertices.push(geometry, at));
                geometry.end_ring();
                is_any = true;
            }
            is_any
        }
        _ => {
            (0..vertices.coords.len()).for_each(|at| vertices.push(geometry, at));
            !vertices.coords.is_empty()
        }
    };
    Ok(Ok((is_any, notes)))
}

/// Puts the values of a row into the columns.
fn values(
    sections: &Sections,
    table: &VctTable,
    row: usize,
    columns: &mut [ColumnBuilder],
    at: u32,
    feature: u64,
    findings: &mut Findings,
) {
    let (_, start, line) = table.rows[row];
    let end = table.rows.get(row + 1).map_or(table.text.len(), |next| next.1);
    let mut values: Vec<&str> = table.text[start..end].split(sections.head.separator()).map(str::trim).collect();
    // Versions 1 and 2 have the code of the feature after its id.
    if values.len() == columns.len() + 1 {
        values.remove(0);
    }
    // That a table has no columns was told.
    if values.len() != columns.len() && !columns.is_empty() {
        let key = "io.vct-values";
        if findings.has_room(key) {
            let message = Message::new(key).with("found", values.len()).with("expected", columns.len());
            let issue = Issue { feature: Some(feature), line: Some(line), ..Issue::new(Severity::Warning, message) };
            findings.add(issue, None);
        } else {
            findings.count_only(key);
        }
    }
    for ((column, (name, holds)), text) in columns.iter_mut().zip(&table.fields).zip(values) {
        if text.is_empty() {
            continue;
        }
        let value = match holds {
            Holds::Text => Some(Value::Text(text)),
            // A whole number that is too long for one stays as it is written.
            Holds::Int if text.trim_start_matches(['-', '+']).bytes().all(|b| b.is_ascii_digit()) => {
                Some(text.parse().map_or(Value::Text(text), Value::Int))
            }
            Holds::Int | Holds::Float => {
                fast_float2::parse::<f64, _>(text).ok().filter(|v| v.is_finite()).map(Value::Float)
            }
        };
        match value {
            Some(value) => drop(column.set(at, value)),
            None => findings.tally(Severity::Warning, "io.vct-no-value", name, 1, feature, line.saturating_sub(1)),
        }
    }
}
