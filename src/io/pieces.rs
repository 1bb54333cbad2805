//! A layer that is read in pieces, side by side, and put together again.
//!
//! Rows and findings of a piece count from its own start; nothing in it knows where it stands.

use super::ReadError;
use super::columns::{Place, RawBlock, RawLayer, Sinks};
use super::findings::Findings;
use super::wkb::{Come, Fault, Notes};
use crate::crs::Sample;
use crate::model::attributes::ColumnBuilder;
use crate::model::{AttributeBlock, AttributeBuilder, GeometryBuilder, GeometryKind, Issue, Severity};
use crate::text::Message;

/// What a stretch of rows came to.
pub(super) struct Piece {
    pub(super) blocks: Vec<RawBlock>,
    pub(super) order: Vec<GeometryKind>,
    pub(super) findings: Findings,
    pub(super) row_count: u64,
    /// Why reading stopped before its end.
    pub(super) error: Option<ReadError>,
}

impl Piece {
    pub(super) fn new() -> Self {
        Self { blocks: Vec::new(), order: Vec::new(), findings: Findings::default(), row_count: 0, error: None }
    }

    /// Says something about the open row.
    pub(super) fn say(&mut self, severity: Severity, message: Message) {
        if self.findings.has_room(message.key) {
            let issue = Issue { feature: Some(self.row_count), ..Issue::new(severity, message) };
            self.findings.add(issue, None);
        } else {
            self.findings.count_only(message.key);
        }
    }

    /// Says why the geometry of the open row is not read.
    pub(super) fn fault(&mut self, fault: Fault) {
        let message = match fault {
            Fault::Broken => Message::new("io.gpkg-bad-geometry"),
            Fault::NotFinite => Message::new("io.shp-not-finite"),
            Fault::Unread(name) => Message::new("io.gpkg-unread-geometry").with("name", name),
            Fault::Extended => Message::new("io.gpkg-extended"),
        };
        self.say(Severity::Error, message);
    }

    /// Says what is odd about the geometry of the open row.
    pub(super) fn notes(&mut self, notes: Notes) {
        for key in notes.keys() {
            let severity = if key == "io.arcs" { Severity::Note } else { Severity::Warning };
            self.say(severity, Message::new(key));
        }
    }

    /// What became of the geometry of the open row: what is odd about it is said, or why it is not read.
    pub(super) fn came(&mut self, pushed: Result<Come, Fault>, notes: Notes, sinks: &mut Sinks) -> Option<Come> {
        match pushed {
            Ok(come) => {
                self.notes(notes);
                Some(come)
            }
            Err(fault) => {
                sinks.rollback();
                self.fault(fault);
                None
            }
        }
    }

    /// Takes the columns that its rows went into; what has no text has no lines.
    pub(super) fn close(&mut self, sinks: Sinks) {
        self.order.clone_from(&sinks.order);
        self.blocks = sinks.finish();
        self.blocks.iter_mut().for_each(|block| block.lines = Vec::new());
    }
}

/// Ends a row of whose geometry the columns of several kinds may have got something. Without any it belongs where rows
/// without geometry go; in a source that `is_spatial`, that is with those that have one. `store` puts the values into the
/// row, which it ends, and says whether that has an id; it is called once a kind.
pub(super) fn end(
    sinks: &mut Sinks,
    come: Option<Come>,
    is_spatial: bool,
    place: Place,
    mut store: impl FnMut(&mut AttributeBuilder, &mut ColumnBuilder) -> bool,
) {
    match come {
        Some(Come { kinds, .. }) if !kinds.is_empty() => {
            for kind in kinds.iter() {
                sinks.note(kind);
                sinks.end_feature(kind, false, place, &mut store);
            }
        }
        Some(Come { empty, .. }) => {
            let kind = empty.unwrap_or_else(|| sinks.home());
            sinks.end_feature(kind, false, place, &mut store);
        }
        None => {
            let kind = if is_spatial { sinks.home() } else { GeometryKind::None };
            sinks.end_feature(kind, true, place, &mut store);
        }
    }
}

/// Puts pieces that follow each other into a layer, up to the first that was not read to its end.
pub(super) fn join(layer: &mut RawLayer, pieces: Vec<Piece>) {
    for piece in pieces {
        let first = layer.row_count;
        for mut block in piece.blocks {
            block.rows.iter_mut().for_each(|row| *row = row.saturating_add(first as u32));
            layer.blocks.push(block);
        }
        let new = piece.order.into_iter().filter(|kind| !layer.order.contains(kind)).collect::<Vec<_>>();
        layer.order.extend(new);
        layer.findings.append(piece.findings, first, 0);
        layer.row_count += piece.row_count;
        if piece.error.is_some() {
            // What follows a damaged place is not told from what stood before it.
            layer.error = piece.error;
            break;
        }
    }
}

/// Gives a layer the kind that its source says, where its geometries are all missing, and its fields, where it has no
/// rows.
pub(super) fn complete(layer: &mut RawLayer, names: Vec<String>, kind: Option<GeometryKind>) {
    if layer.order.is_empty() {
        layer.order.extend(kind);
    }
    if layer.row_count == 0 && layer.error.is_none() {
        layer.blocks.push(without_rows(names, kind.unwrap_or(GeometryKind::None)));
    }
    for kind in layer.blocks.iter().map(|block| block.geometry.kind()) {
        if kind != GeometryKind::None && !layer.order.contains(&kind) {
            layer.order.push(kind);
        }
    }
}

/// The columns of a table that has no rows.
fn without_rows(names: Vec<String>, kind: GeometryKind) -> RawBlock {
    let columns = names.iter().map(|_| ColumnBuilder::default().finish(0)).collect();
    RawBlock {
        geometry: GeometryBuilder::new(kind).finish(),
        names,
        attributes: AttributeBlock::of_columns(columns, 0),
        ids: None,
        rows: Vec::new(),
        lines: Vec::new(),
        sample: Sample::new(),
    }
}
