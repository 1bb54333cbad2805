//! What every reader fills: columns, one set for each kind of geometry, cut into blocks, and the layer made of them.
//!
//! Columns know no format: a reader says how the attributes of a feature are stored when it ends one.
//!
//! A feature without geometry goes to the kind that the file's first geometry has, so that a layer keeps its rows
//! together; before any geometry was seen it waits among the features of no kind.

use super::findings::Findings;
use super::{Encoding, ReadError};
use crate::crs::{Declared, Sample};
use crate::model::attributes::ColumnBuilder;
use crate::model::{
    AttributeBlock, AttributeBuilder, BLOCK_FEATURES, Column, GeometryBlock, GeometryBuilder, GeometryKind, Issue,
};

/// Bytes of text after which a block is closed however few features it has: offsets within a block are 32 bits wide.
const BLOCK_BYTES: usize = 1 << 28;

/// Features of a block of a source that has `count` of them: of as few blocks as hold them, each about as large as any
/// other, so that no core waits long for the last one. The number of cores does not matter.
pub(in crate::io) fn even_block(count: usize) -> usize {
    count.div_ceil(count.div_ceil(BLOCK_FEATURES).max(1)).max(1)
}

/// A layer as a reader hands it over: columns by kind, in file order, with rows and lines of the file.
#[derive(Debug)]
pub(in crate::io) struct RawLayer {
    /// The name that the source gives it; the file's name stands in where that is none.
    pub(in crate::io) name: Option<String>,
    /// The format as shown.
    pub(in crate::io) format: String,
    /// The encoding of its text.
    pub(in crate::io) encoding: Encoding,
    pub(in crate::io) blocks: Vec<RawBlock>,
    /// Kinds in the order in which they first had a geometry.
    pub(in crate::io) order: Vec<GeometryKind>,
    /// What the source says about its CRS.
    pub(in crate::io) declared: Option<Declared>,
    /// What there is to say about the source itself.
    pub(in crate::io) issues: Vec<Issue>,
    /// What there is to say about its features.
    pub(in crate::io) findings: Findings,
    /// Features in the source, those skipped included.
    pub(in crate::io) row_count: u64,
    pub(in crate::io) skipped_count: u64,
    /// Why reading stopped before the end.
    pub(in crate::io) error: Option<ReadError>,
}

/// Features of one kind as read: columns in the order in which this block saw them, places relative to the piece.
#[derive(Clone, Debug)]
pub(in crate::io) struct RawBlock {
    pub(in crate::io) geometry: GeometryBlock,
    pub(in crate::io) names: Vec<String>,
    pub(in crate::io) attributes: AttributeBlock,
    pub(in crate::io) ids: Option<Column>,
    pub(in crate::io) rows: Vec<u32>,
    pub(in crate::io) lines: Vec<u32>,
    pub(in crate::io) sample: Sample,
}

/// Open columns of one kind.
#[derive(Debug)]
pub(in crate::io) struct Sink {
    pub(in crate::io) geometry: GeometryBuilder,
    attributes: AttributeBuilder,
    ids: ColumnBuilder,
    has_ids: bool,
    rows: Vec<u32>,
    lines: Vec<u32>,
    start: usize,
}

impl Sink {
    fn new(kind: GeometryKind, start: usize) -> Self {
        Self {
            geometry: GeometryBuilder::new(kind),
            attributes: AttributeBuilder::new(),
            ids: ColumnBuilder::default(),
            has_ids: false,
            rows: Vec::new(),
            lines: Vec::new(),
            start,
        }
    }

    fn finish(self) -> RawBlock {
        let geometry = self.geometry.finish();
        let (names, attributes) = self.attributes.finish();
        let ids = self.has_ids.then(|| self.ids.finish(geometry.feature_count()));
        let sample = Sample::of(geometry.coords());
        RawBlock { geometry, names, attributes, ids, rows: self.rows, lines: self.lines, sample }
    }
}

/// Where a feature stands in its piece.
#[derive(Clone, Copy, Debug)]
pub(in crate::io) struct Place {
    pub(in crate::io) row: u64,
    pub(in crate::io) line: u64,
    pub(in crate::io) offset: usize,
}

/// A set of kinds of geometry.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::io) struct Kinds(u8);

impl Kinds {
    pub(in crate::io) fn of(kind: GeometryKind) -> Self {
        Self(1 << kind as u8)
    }

    pub(in crate::io) fn add(&mut self, kind: GeometryKind) {
        self.0 |= Self::of(kind).0;
    }

    pub(in crate::io) fn is_empty(self) -> bool {
        self.0 == 0
    }

    pub(in crate::io) fn iter(self) -> impl Iterator<Item = GeometryKind> {
        KINDS.into_iter().filter(move |kind| self.0 & Self::of(*kind).0 != 0)
    }
}

const KINDS: [GeometryKind; 4] = [GeometryKind::Point, GeometryKind::Line, GeometryKind::Polygon, GeometryKind::None];

/// The open columns of all kinds and the blocks finished.
#[derive(Debug)]
pub(in crate::io) struct Sinks {
    open: [Option<Box<Sink>>; 4],
    pub(in crate::io) blocks: Vec<RawBlock>,
    /// Kinds in the order in which they first had a geometry.
    pub(in crate::io) order: Vec<GeometryKind>,
    /// Kind that features without geometry go to, where it is known.
    home: Option<GeometryKind>,
    /// Kind that features without geometry went to after the first geometry of the piece.
    pub(in crate::io) homeless_in: Option<GeometryKind>,
}

impl Sinks {
    pub(in crate::io) fn new(home: Option<GeometryKind>) -> Self {
        Self { open: [None, None, None, None], blocks: Vec::new(), order: Vec::new(), home, homeless_in: None }
    }

    /// The open columns of `kind`. `position` is the cursor, for the size of the block.
    #[inline]
    pub(in crate::io) fn of(&mut self, kind: GeometryKind, position: usize) -> &mut Sink {
        self.open[kind as usize].get_or_insert_with(|| Box::new(Sink::new(kind, position)))
    }

    /// The kind that a feature without geometry goes to.
    pub(in crate::io) fn home(&mut self) -> GeometryKind {
        match self.home.or(self.order.first().copied()) {
            Some(kind) => {
                self.homeless_in = Some(kind);
                kind
            }
            None => GeometryKind::None,
        }
    }

    /// Notes that `kind` has a geometry.
    #[inline]
    pub(in crate::io) fn note(&mut self, kind: GeometryKind) {
        if !self.order.contains(&kind) {
            self.order.push(kind);
        }
    }

    /// Forgets what was pushed since the last finished feature.
    pub(in crate::io) fn rollback(&mut self) {
        self.open.iter_mut().flatten().for_each(|sink| sink.geometry.rollback());
    }

    /// Ends the open feature in the columns of `kind`; `null` when it has no geometry at all. `store` puts its attributes
    /// into the columns as the open row, which it ends, and its id, and says whether it has one.
    #[inline]
    pub(in crate::io) fn end_feature(
        &mut self,
        kind: GeometryKind,
        null: bool,
        place: Place,
        store: impl FnOnce(&mut AttributeBuilder, &mut ColumnBuilder) -> bool,
    ) {
        let sink = self.of(kind, place.offset);
        if null {
            sink.geometry.null_feature();
        } else {
            sink.geometry.end_feature();
        }
        sink.has_ids |= store(&mut sink.attributes, &mut sink.ids);
        sink.rows.push(u32::try_from(place.row).unwrap_or(u32::MAX));
        sink.lines.push(u32::try_from(place.line).unwrap_or(u32::MAX));
        if sink.geometry.feature_count() == BLOCK_FEATURES || place.offset - sink.start >= BLOCK_BYTES {
            self.flush(kind);
        }
    }

    fn flush(&mut self, kind: GeometryKind) {
        if let Some(sink) = self.open[kind as usize].take()
            && sink.geometry.feature_count() > 0
        {
            self.blocks.push(sink.finish());
        }
    }

    /// The blocks; those of one kind in file order.
    pub(in crate::io) fn finish(mut self) -> Vec<RawBlock> {
        // Features of no kind stand before the first geometry of the piece.
        for kind in [GeometryKind::None, GeometryKind::Point, GeometryKind::Line, GeometryKind::Polygon] {
            self.flush(kind);
        }
        self.blocks
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_of_one_size() {
        let check = |count: usize, expected: usize| assert_eq!(even_block(count), expected, "{count}");
        check(0, 1);
        check(1, 1);
        check(BLOCK_FEATURES, BLOCK_FEATURES);
        check(BLOCK_FEATURES + 1, BLOCK_FEATURES / 2 + 1);
        check(100_000, 50_000);
        check(1_000_000, 62_500);
    }
}
