//! Sets of features: what is selected in each layer.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::model::{LayerId, Revision};

/// One feature of one layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FeatureRef {
    /// The layer.
    pub layer: LayerId,
    /// Its index in the layer.
    pub feature: usize,
}

/// What was identified: features at one place, topmost first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Identified {
    /// The features.
    pub hits: Vec<FeatureRef>,
    /// Which of them is shown.
    pub shown: usize,
}

impl Identified {
    /// The feature that is shown.
    pub fn current(&self) -> Option<FeatureRef> {
        self.hits.get(self.shown).copied()
    }
}

/// A set of feature indices of one layer, as bits: a million features take 125 KB, and asking takes a nanosecond.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rows {
    words: Vec<u64>,
    count: usize,
}

impl Rows {
    /// The empty set.
    pub fn new() -> Self {
        Self::default()
    }

    /// The features 0 to `count`, without the last.
    pub fn all(count: usize) -> Self {
        let mut words = vec![u64::MAX; count.div_ceil(64)];
        if let Some(last) = words.last_mut()
            && !count.is_multiple_of(64)
        {
            *last = (1 << (count % 64)) - 1;
        }
        Self { words, count }
    }

    /// How many features the set holds.
    pub fn len(&self) -> usize {
        self.count
    }

    /// Whether the set holds none.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Whether `feature` is in the set.
    pub fn contains(&self, feature: usize) -> bool {
        self.words.get(feature / 64).is_some_and(|word| word >> (feature % 64) & 1 == 1)
    }

    /// Adds `feature`.
    pub fn insert(&mut self, feature: usize) {
        if feature / 64 >= self.words.len() {
            self.words.resize(feature / 64 + 1, 0);
        }
        let word = &mut self.words[feature / 64];
        self.count += usize::from(*word >> (feature % 64) & 1 == 0);
        *word |= 1 << (feature % 64);
    }

    /// Takes `feature` out.
    pub fn remove(&mut self, feature: usize) {
        if let Some(word) = self.words.get_mut(feature / 64) {
            self.count -= usize::from(*word >> (feature % 64) & 1 == 1);
            *word &= !(1 << (feature % 64));
            self.trim();
        }
    }

    /// The features in ascending order.
    pub fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        self.words.iter().enumerate().flat_map(|(at, word)| {
            let mut left = *word;
            std::iter::from_fn(move || {
                (left != 0).then(|| {
                    let bit = left.trailing_zeros() as usize;
                    left &= left - 1;
                    at * 64 + bit
                })
            })
        })
    }

    /// Adds all of `other`.
    pub fn add(&mut self, other: &Self) {
        if self.words.len() < other.words.len() {
            self.words.resize(other.words.len(), 0);
        }
        for (word, more) in self.words.iter_mut().zip(&other.words) {
            *word |= more;
        }
        self.recount();
    }

    /// Takes all of `other` out.
    pub fn subtract(&mut self, other: &Self) {
        for (word, less) in self.words.iter_mut().zip(&other.words) {
            *word &= !less;
        }
        self.recount();
    }

    /// The features below `count` that are not in the set.
    #[must_use]
    pub fn inverted(&self, count: usize) -> Self {
        let mut all = Self::all(count);
        all.subtract(self);
        all
    }

    fn recount(&mut self) {
        self.count = self.words.iter().map(|word| word.count_ones() as usize).sum();
        self.trim();
    }

    // Without empty words at the end, equal sets are equal values.
    fn trim(&mut self) {
        while self.words.last() == Some(&0) {
            self.words.pop();
        }
    }
}

impl FromIterator<usize> for Rows {
    fn from_iter<I: IntoIterator<Item = usize>>(features: I) -> Self {
        let mut rows = Self::new();
        for feature in features {
            rows.insert(feature);
        }
        rows
    }
}

/// How new features meet the selection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SelectMode {
    /// They replace it, in every layer.
    #[default]
    Replace,
    /// They join it.
    Add,
    /// They leave it.
    Remove,
}

impl SelectMode {
    /// The mode that Shift and Ctrl ask for.
    pub fn from_modifiers(shift: bool, ctrl: bool) -> Self {
        match (shift, ctrl) {
            (_, true) => Self::Remove,
            (true, false) => Self::Add,
            (false, false) => Self::Replace,
        }
    }
}

/// The selected features of all layers.
#[derive(Clone, Debug)]
pub struct Selection {
    rows: FxHashMap<LayerId, Arc<Rows>>,
    /// Changes whenever the selection does: what is derived from it asks for this.
    pub revision: Revision,
}

impl Default for Selection {
    fn default() -> Self {
        Self { rows: FxHashMap::default(), revision: Revision::next() }
    }
}

impl Selection {
    /// The selected features of `layer`, where there are any.
    pub fn rows(&self, layer: LayerId) -> Option<&Arc<Rows>> {
        self.rows.get(&layer)
    }

    /// Whether `feature` of `layer` is selected.
    pub fn contains(&self, layer: LayerId, feature: usize) -> bool {
        self.rows.get(&layer).is_some_and(|rows| rows.contains(feature))
    }

    /// Whether nothing is selected.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// How many features are selected, over all layers.
    pub fn count(&self) -> usize {
        self.rows.values().map(|rows| rows.len()).sum()
    }

    /// Layers with selected features, and these.
    pub fn iter(&self) -> impl Iterator<Item = (LayerId, &Arc<Rows>)> {
        self.rows.iter().map(|(layer, rows)| (*layer, rows))
    }

    /// Changes the selection of `layer`; [`SelectMode::Replace`] clears the other layers.
    pub fn apply(&mut self, layer: LayerId, rows: &Rows, mode: SelectMode) {
        let mut new = match mode {
            SelectMode::Replace => {
                self.rows.clear();
                Rows::new()
            }
            _ => self.rows.remove(&layer).map_or_else(Rows::new, Arc::unwrap_or_clone),
        };
        match mode {
            SelectMode::Remove => new.subtract(rows),
            SelectMode::Replace | SelectMode::Add => new.add(rows),
        }
        if !new.is_empty() {
            self.rows.insert(layer, Arc::new(new));
        }
        self.revision = Revision::next();
    }

    /// Selects nothing.
    pub fn clear(&mut self) {
        self.rows.clear();
        self.revision = Revision::next();
    }

    /// Forgets a layer that is gone or whose features have changed places.
    pub fn forget(&mut self, layer: LayerId) {
        if self.rows.remove(&layer).is_some() {
            self.revision = Revision::next();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    #[test]
    fn all_holds_exactly_the_first() {
        for count in [0, 1, 63, 64, 65, 200] {
            let rows = Rows::all(count);
            assert_eq!(rows.len(), count);
            assert_eq!(rows.iter().collect::<Vec<_>>(), (0..count).collect::<Vec<_>>());
            assert!(!rows.contains(count));
        }
    }

    #[test]
    fn replace_clears_other_layers_and_remove_leaves_the_rest() {
        let (a, b) = (LayerId(1), LayerId(2));
        let mut selection = Selection::default();
        let before = selection.revision;
        selection.apply(a, &Rows::from_iter([1, 2, 3]), SelectMode::Replace);
        selection.apply(b, &Rows::from_iter([9]), SelectMode::Add);
        selection.apply(a, &Rows::from_iter([2]), SelectMode::Remove);
        assert_eq!(selection.count(), 3);
        assert!(selection.contains(a, 1) && !selection.contains(a, 2) && selection.contains(b, 9));
        selection.apply(b, &Rows::from_iter([7]), SelectMode::Replace);
        assert!(selection.rows(a).is_none());
        assert_ne!(selection.revision, before);
        selection.apply(b, &Rows::from_iter([7]), SelectMode::Remove);
        assert!(selection.is_empty());
    }

    proptest! {
        #[test]
        fn rows_behave_like_a_set(a: BTreeSet<u8>, b: BTreeSet<u8>) {
            let rows = |set: &BTreeSet<u8>| set.iter().map(|i| usize::from(*i)).collect::<Rows>();
            let mut sum = rows(&a);
            sum.add(&rows(&b));
            prop_assert_eq!(&sum, &rows(&a.union(&b).copied().collect()));
            let mut rest = rows(&a);
            rest.subtract(&rows(&b));
            prop_assert_eq!(&rest, &rows(&a.difference(&b).copied().collect()));
            prop_assert_eq!(rest.len(), a.difference(&b).count());
            let mut one_by_one = rows(&a);
            for i in &b {
                one_by_one.remove(usize::from(*i));
            }
            prop_assert_eq!(one_by_one, rest);
            prop_assert_eq!(rows(&a).inverted(256).inverted(256), rows(&a));
        }
    }
}
