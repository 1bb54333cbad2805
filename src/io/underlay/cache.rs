//! What was read last, within bounds: the squares that were not asked for the longest go first.

use rustc_hash::FxHashMap;

/// Level, column and row of a square.
pub(super) type Key = [u32; 3];

/// Values of squares, of at most so many bytes.
pub(super) struct Cache<T> {
    most_bytes: usize,
    byte_count: usize,
    clock: u64,
    entries: FxHashMap<Key, Entry<T>>,
}

struct Entry<T> {
    value: T,
    byte_count: usize,
    asked: u64,
}

impl<T: Clone> Cache<T> {
    /// With nothing in it. One value is always kept, however large.
    pub(super) fn new(most_bytes: usize) -> Self {
        Self { most_bytes, byte_count: 0, clock: 0, entries: FxHashMap::default() }
    }

    /// The value of a square.
    pub(super) fn get(&mut self, key: &Key) -> Option<T> {
        self.clock += 1;
        let entry = self.entries.get_mut(key)?;
        entry.asked = self.clock;
        Some(entry.value.clone())
    }

    /// Keeps a value.
    pub(super) fn put(&mut self, key: Key, value: T, byte_count: usize) {
        self.clock += 1;
        let entry = Entry { value, byte_count, asked: self.clock };
        self.byte_count += byte_count;
        if let Some(old) = self.entries.insert(key, entry) {
            self.byte_count -= old.byte_count;
        }
        while self.byte_count > self.most_bytes && self.entries.len() > 1 {
            let oldest = self.entries.iter().min_by_key(|(_, entry)| entry.asked).map(|(key, _)| *key);
            let Some(gone) = oldest.and_then(|key| self.entries.remove(&key)) else { return };
            self.byte_count -= gone.byte_count;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_asked_for_the_longest_goes_first_and_one_always_stays() {
        let mut cache = Cache::new(100);
        for at in 0..4 {
            cache.put([0, 0, at], at, 30);
            assert_eq!(cache.get(&[0, 0, 0]), Some(0));
        }
        assert_eq!([1, 2, 3].map(|at| cache.get(&[0, 0, at])), [None, Some(2), Some(3)]);
        cache.put([0, 0, 9], 9, 500);
        assert_eq!((cache.get(&[0, 0, 9]), cache.get(&[0, 0, 0])), (Some(9), None));
        cache.put([0, 0, 9], 8, 10);
        assert_eq!((cache.get(&[0, 0, 9]), cache.byte_count), (Some(8), 10));
    }
}
