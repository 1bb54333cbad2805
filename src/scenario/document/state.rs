//! A layer as a scenario has it: the base, and what edits changed of it.
//!
//! [`LayerState::apply`] is the one function that carries out edits. The base stays as it is; replaced values lie beside
//! it ([`Overrides`]), features taken out are left out of the blocks shown, added ones stand in blocks at the end. An
//! edit costs the rows that it touches, not the block, as long as no feature comes or goes; then its block is rewritten.
//! A state that all edits were undone of *is* the base, the same `Arc`.

use std::collections::BTreeMap;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::edit::{Change, Coded, Drawn, Key, Piece, Redraw, SetField, Way};
use crate::model::{
    AttributeBlock, BLOCK_FEATURES, FeatureBlock, Field, FieldType, GeometryBuilder, Layer, Overrides, OwnedValue,
    Revision, Value,
};

/// Which feature of the base, or added one, each row of a state is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RowMap {
    base_count: usize,
    /// Rows of the base that are not there, ascending.
    retired: Vec<Key>,
    /// Keys of added features that are there, ascending.
    added: Vec<Key>,
}

impl RowMap {
    /// The rows of a layer as read.
    pub fn of_base(feature_count: usize) -> Self {
        Self { base_count: feature_count, ..Self::default() }
    }

    /// Features of the state.
    pub fn feature_count(&self) -> usize {
        self.base_count - self.retired.len() + self.added.len()
    }

    /// The feature that stands in row `row`.
    ///
    /// # Panics
    /// When there is no such row.
    pub fn key(&self, row: usize) -> Key {
        let kept = self.base_count - self.retired.len();
        if row >= kept {
            return self.added[row - kept];
        }
        // Retired rows before the i-th retired one are i, so it stands after `retired[i] − i` rows that are kept.
        let (mut low, mut high) = (0, self.retired.len());
        while low < high {
            let middle = usize::midpoint(low, high);
            if self.retired[middle] as usize - middle <= row {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        (row + low) as Key
    }

    /// The row that a feature stands in; `None` where it is not there.
    pub fn row(&self, key: Key) -> Option<usize> {
        if (key as usize) < self.base_count {
            return self.retired.binary_search(&key).err().map(|before| key as usize - before);
        }
        // An added feature that is not listed was taken out again.
        let at = self.added.binary_search(&key).ok()?;
        Some(self.base_count - self.retired.len() + at)
    }

    /// Rows of the base that are not there, ascending.
    pub fn retired(&self) -> &[Key] {
        &self.retired
    }

    /// Keys of the added features that are there, ascending.
    pub fn added(&self) -> &[Key] {
        &self.added
    }
}

/// One layer in one scenario.
#[derive(Clone, Debug)]
pub struct LayerState {
    base: Arc<Layer>,
    /// Fields that the base lacks, in the order in which edits made them.
    made_fields: Vec<Arc<str>>,
    /// By block and field of the base: values that differ, by the block's own rows.
    overrides: FxHashMap<(usize, usize), Arc<Overrides>>,
    rows: Arc<RowMap>,
    /// Blocks of the base without retired rows; empty where nothing is retired.
    thinned: Vec<FeatureBlock>,
    added: BTreeMap<Key, Arc<Drawn>>,
    next_key: Key,
    layer: Arc<Layer>,
}

impl LayerState {
    /// The layer as it is, nothing edited.
    pub fn new(base: Arc<Layer>) -> Self {
        Self {
            made_fields: Vec::new(),
            overrides: FxHashMap::default(),
            rows: Arc::new(RowMap::of_base(base.feature_count())),
            thinned: Vec::new(),
            added: BTreeMap::new(),
            next_key: base.feature_count() as Key,
            layer: base.clone(),
            base,
        }
    }

    /// The layer that edits start from.
    pub fn base(&self) -> &Arc<Layer> {
        &self.base
    }

    /// The layer with all edits.
    pub fn layer(&self) -> &Arc<Layer> {
        &self.layer
    }

    /// Which feature each row is.
    pub fn rows(&self) -> &Arc<RowMap> {
        &self.rows
    }

    /// Whether nothing differs from the base.
    pub fn is_base(&self) -> bool {
        self.overrides.is_empty()
            && self.made_fields.is_empty()
            && self.rows.retired.is_empty()
            && self.added.is_empty()
    }

    /// Whether all features are the base's, with its geometry.
    pub fn has_shape_of_base(&self) -> bool {
        self.rows.retired.is_empty() && self.added.is_empty()
    }

    /// Fields that the base lacks.
    pub fn made_fields(&self) -> &[Arc<str>] {
        &self.made_fields
    }

    /// An added feature.
    pub fn drawn(&self, key: Key) -> Option<&Arc<Drawn>> {
        self.added.get(&key)
    }

    /// The added features, by key.
    pub fn all_drawn(&self) -> impl Iterator<Item = (Key, &Arc<Drawn>)> {
        self.added.iter().map(|(key, drawn)| (*key, drawn))
    }

    /// A key that no feature had yet; `nth` counts from 0 within one edit.
    pub fn free_key(&self, nth: usize) -> Key {
        self.next_key + nth as Key
    }

    /// Values of the base's features that differ, by block of the base: field, rows of the block with their values.
    pub fn overridden(&self) -> impl Iterator<Item = (usize, usize, &Arc<Overrides>)> {
        let mut places: Vec<(usize, usize)> = self.overrides.keys().copied().collect();
        places.sort_unstable_by_key(|(block, field)| (*field, *block));
        places.into_iter().map(|place| (place.0, place.1, &self.overrides[&place]))
    }

    /// Index of a field of that very name.
    pub fn field(&self, name: &str) -> Option<usize> {
        let of_base = self.base.fields.iter().position(|field| field.name == name);
        let made = || self.made_fields.iter().position(|made| **made == *name);
        of_base.or_else(|| made().map(|at| self.base.fields.len() + at))
    }

    /// The values of a field of features, ascending; of a missing field, null. As they were set or read: in a block
    /// where kinds mix, what is shown may be their text.
    pub fn values(&self, field: Option<usize>, keys: &[Key]) -> Coded {
        let Some(field) = field else { return Coded::one(OwnedValue::Null) };
        let of_base = keys.partition_point(|key| (*key as usize) < self.base.feature_count());
        let drawn = keys[of_base..].iter().map(|key| {
            let value = self.added.get(key).and_then(|drawn| drawn.values.get(field));
            value.cloned().unwrap_or(OwnedValue::Null)
        });
        let instead = |block, row| self.overrides.get(&(block, field)).and_then(|overrides| overrides.get(row));
        Coded::gathered(&self.base, field, &keys[..of_base], instead, drawn)
    }

    /// Bytes beside the base.
    pub fn byte_count(&self) -> usize {
        self.overrides.values().map(|overrides| overrides.byte_count()).sum::<usize>()
            + self.added.values().map(|drawn| drawn.byte_count()).sum::<usize>()
            + 4 * self.rows.retired.len()
    }

    /// Carries out a change, or undoes it.
    pub fn apply(&mut self, change: &Change, way: Way) {
        match (change, way) {
            (Change::SetField(set), _) => self.set_field(set, way),
            (Change::Redraw(Redraw { retired, added }), Way::Forward) => self.redraw(retired, added),
            (Change::Redraw(Redraw { retired, added }), Way::Back) => self.redraw(added, retired),
        }
        if self.is_base() {
            self.layer = self.base.clone();
        }
    }

    /// Shows the same features with other values in derived fields.
    pub(in crate::scenario) fn set_shown(&mut self, layer: Layer) {
        self.layer = Arc::new(Layer { revision: Revision::next(), ..layer });
    }

    fn set_field(&mut self, set: &SetField, way: Way) {
        let field = self.field(&set.field).unwrap_or_else(|| {
            self.made_fields.push(set.field.clone());
            self.base.fields.len() + self.made_fields.len() - 1
        });
        let values = set.values(way);
        let mut touched = Vec::new();
        let mut at = 0;
        for block in 0..self.base.blocks.len() {
            let (start, end) = (self.base.starts[block], self.base.starts[block + 1]);
            let count = set.keys[at..].partition_point(|key| (*key as usize) < end);
            if count == 0 {
                continue;
            }
            let changes: Vec<(u32, OwnedValue)> =
                (at..at + count).map(|at| (set.keys[at] - start as u32, values.get(at).clone())).collect();
            at += count;
            let column = self.base.blocks[block].attributes.shared_column(field);
            let old = self.overrides.get(&(block, field));
            let new = old.map_or_else(
                || Overrides::default().with(&changes, column.map(|column| &**column)),
                |old| old.with(&changes, column.map(|column| &**column)),
            );
            match new.is_empty() {
                true => self.overrides.remove(&(block, field)),
                false => self.overrides.insert((block, field), Arc::new(new)),
            };
            touched.push(block);
        }
        let redrawn = at < set.keys.len();
        for at in at..set.keys.len() {
            let Some(drawn) = self.added.get_mut(&set.keys[at]) else { continue };
            let drawn = Arc::make_mut(drawn);
            if drawn.values.len() <= field {
                drawn.values.resize(field + 1, OwnedValue::Null);
            }
            drawn.values[field] = values.get(at).clone();
        }
        if set.creates && way == Way::Back && field >= self.base.fields.len() {
            // Undone in reverse order: it is the last one, and none of its values is left.
            self.made_fields.truncate(field - self.base.fields.len());
            self.overrides.retain(|(_, of), _| *of < field);
        }
        let mut blocks = self.layer.blocks.clone();
        for block in touched {
            let attributes = blocks[block].attributes.with_column(field, self.column(block, field));
            blocks[block].attributes = Arc::new(attributes);
        }
        if redrawn {
            blocks.truncate(self.base.blocks.len());
            blocks.extend(self.added_blocks());
        }
        self.show(blocks, false);
    }

    fn redraw(&mut self, out: &[Piece], into: &[Piece]) {
        let base_count = self.base.feature_count() as Key;
        let mut rows = (*self.rows).clone();
        let mut touched = vec![false; self.base.blocks.len()];
        let mut touch = |key: Key| touched[self.base.starts.partition_point(|start| *start <= key as usize) - 1] = true;
        for piece in out {
            if piece.key < base_count {
                touch(piece.key);
                rows.retired.push(piece.key);
            } else {
                self.added.remove(&piece.key);
            }
        }
        rows.retired.sort_unstable();
        rows.retired.dedup();
        for piece in into {
            self.next_key = self.next_key.max(piece.key + 1);
            match &piece.drawn {
                Some(drawn) => drop(self.added.insert(piece.key, drawn.clone())),
                None if piece.key < base_count => touch(piece.key),
                None => {}
            }
        }
        let back: Vec<Key> = into.iter().filter(|piece| piece.drawn.is_none()).map(|piece| piece.key).collect();
        if !back.is_empty() {
            let back: rustc_hash::FxHashSet<Key> = back.into_iter().collect();
            rows.retired.retain(|key| !back.contains(key));
        }
        rows.added = self.added.keys().copied().collect();
        let mut blocks: Vec<FeatureBlock> = self.layer.blocks[..self.base.blocks.len()].to_vec();
        let old = std::mem::take(&mut self.thinned);
        // The first retired feature moves every row behind it, the last one that comes back moves them again.
        let all = old.is_empty() != rows.retired.is_empty();
        self.rows = Arc::new(rows);
        for (block, shown) in blocks.iter_mut().enumerate() {
            let is_touched = touched[block] || all;
            if !self.rows.retired.is_empty() {
                let kept = if is_touched { self.thinned_block(block) } else { old[block].clone() };
                self.thinned.push(kept);
            }
            if is_touched {
                *shown = self.block(block);
            }
        }
        blocks.extend(self.added_blocks());
        self.show(blocks, true);
    }

    /// A block of the base without what is retired of it. Later rows move, so every row says where it came from.
    fn thinned_block(&self, block: usize) -> FeatureBlock {
        let start = self.base.starts[block];
        self.base.blocks[block].kept(&self.kept_rows(block), start)
    }

    /// Rows of a block of the base that are not retired.
    fn kept_rows(&self, block: usize) -> Vec<u32> {
        let (start, end) = (self.base.starts[block] as Key, self.base.starts[block + 1] as Key);
        (start..end).filter(|key| self.rows.retired.binary_search(key).is_err()).map(|key| key - start).collect()
    }

    /// A block of the base as it is shown.
    fn block(&self, block: usize) -> FeatureBlock {
        let mut shown = self.thinned.get(block).unwrap_or(&self.base.blocks[block]).clone();
        let mut attributes = (*shown.attributes).clone();
        let fields: Vec<usize> =
            self.overrides.keys().filter(|(of, _)| *of == block).map(|(_, field)| *field).collect();
        for field in &fields {
            attributes = attributes.with_column(*field, self.column(block, *field));
        }
        if !fields.is_empty() {
            shown.attributes = Arc::new(attributes);
        }
        shown
    }

    /// Column `field` of a block of the base as it is shown.
    fn column(&self, block: usize, field: usize) -> Option<Arc<crate::model::Column>> {
        let under = self.thinned.get(block).unwrap_or(&self.base.blocks[block]);
        let column = under.attributes.shared_column(field);
        let Some(overrides) = self.overrides.get(&(block, field)) else { return column.cloned() };
        let row_count = under.geometry.feature_count();
        if self.thinned.is_empty() || row_count == self.base.blocks[block].geometry.feature_count() {
            return overrides.over(column, row_count);
        }
        Arc::new(overrides.kept(&self.kept_rows(block))).over(column, row_count)
    }

    /// The added features in blocks of their own.
    fn added_blocks(&self) -> Vec<FeatureBlock> {
        let field_count = self.base.fields.len() + self.made_fields.len();
        let all: Vec<(&Key, &Arc<Drawn>)> = self.added.iter().collect();
        let block = |drawn: &[(&Key, &Arc<Drawn>)]| {
            let mut geometry = GeometryBuilder::new(self.base.kind);
            drawn.iter().for_each(|(_, drawn)| geometry.copy_feature(&drawn.geometry, 0));
            let value = |row: usize, field: usize| {
                let drawn: &Drawn = drawn[row].1;
                drawn.values.get(field).map_or(Value::Null, OwnedValue::as_value)
            };
            FeatureBlock {
                geometry: Arc::new(geometry.finish()),
                attributes: Arc::new(AttributeBlock::of_values(drawn.len(), field_count, value)),
                ids: None,
                source_rows: drawn.iter().map(|(key, _)| **key).collect(),
                lines: Arc::default(),
            }
        };
        all.chunks(BLOCK_FEATURES).map(block).collect()
    }

    /// Installs the blocks, with the types that fields have now.
    fn show(&mut self, blocks: Vec<FeatureBlock>, redrawn: bool) {
        let made = self.made_fields.iter().map(|name| Field { name: name.to_string(), kind: FieldType::Null });
        let mut fields: Vec<Field> = self.base.fields.iter().cloned().chain(made).collect();
        for ((_, field), overrides) in &self.overrides {
            let kind = &mut fields[*field].kind;
            *kind = overrides.values().iter().fold(*kind, |kind, value| kind.widened(value.kind()));
        }
        for drawn in self.added.values() {
            for (field, value) in fields.iter_mut().zip(&drawn.values) {
                field.kind = field.kind.widened(value.kind());
            }
        }
        let fields = match fields == *self.layer.fields {
            true => self.layer.fields.clone(),
            false => Arc::new(fields),
        };
        let revision = Revision::next();
        let layer = self.layer.with_blocks(fields, blocks);
        let shape = match (self.has_shape_of_base(), redrawn) {
            (true, _) => self.base.shape,
            (false, true) => revision,
            (false, false) => layer.shape,
        };
        self.layer = Arc::new(Layer { revision, shape, ..layer });
    }
}
