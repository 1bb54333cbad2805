//! How the table of a layer is laid out: kept with the layer in the project, no step of the history.
//!
//! Columns are called by words that do not change when fields come or go: `field DLBM`, `area-mu`.

use serde::{Deserialize, Serialize};

/// How a table is laid out, where that differs from the usual.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TableLayout {
    /// Columns in their order; those that it does not name stand where they usually do, behind the one before them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub order: Vec<String>,
    /// Columns that are not shown.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub hidden: Vec<String>,
    /// How many of the first columns stay while the others are scrolled.
    #[serde(skip_serializing_if = "is_none")]
    pub frozen: usize,
    /// Columns that the rows are sorted by, the first first, and whether descending.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sort: Vec<(String, bool)>,
    /// Widths of columns in points, where the user set them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub widths: Vec<(String, f32)>,
}

fn is_none(count: &usize) -> bool {
    *count == 0
}

impl TableLayout {
    /// Places of `keys`, the usual columns, in this order, hidden ones left out.
    pub fn arranged(&self, keys: &[String]) -> Vec<usize> {
        let mut places: Vec<usize> = Vec::with_capacity(keys.len());
        for key in &self.order {
            let place = keys.iter().position(|known| known == key).filter(|at| !places.contains(at));
            places.extend(place);
        }
        for at in 0..keys.len() {
            // Of two columns of one name the second has no place of its own.
            if places.contains(&at) {
                continue;
            }
            // Behind the column that it usually follows.
            let before = at.checked_sub(1).and_then(|before| places.iter().position(|place| *place == before));
            places.insert(before.map_or(0, |before| before + 1), at);
        }
        places.retain(|at| !self.hidden.contains(&keys[*at]));
        places
    }

    /// The layout with column `from` of those that `shown` names put before column `to` of them; behind all with their
    /// count. `keys` are all columns in their usual order.
    #[must_use]
    pub fn moved(&self, keys: &[String], from: usize, to: usize) -> Self {
        let shown = self.arranged(keys);
        let everything = Self { hidden: Vec::new(), ..self.clone() }.arranged(keys);
        let Some(moving) = shown.get(from).copied() else { return self.clone() };
        let mut order: Vec<usize> = everything.into_iter().filter(|at| *at != moving).collect();
        let target = shown.get(to).filter(|at| **at != moving);
        let place = target.and_then(|target| order.iter().position(|at| at == target));
        match (place, to >= shown.len()) {
            (Some(place), _) => order.insert(place, moving),
            (None, true) => order.push(moving),
            (None, false) => return self.clone(),
        }
        Self { order: order.into_iter().map(|at| keys[at].clone()).collect(), ..self.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(words: &str) -> Vec<String> {
        words.split(' ').map(str::to_owned).collect()
    }

    fn shown(layout: &TableLayout, of: &str) -> String {
        let keys = keys(of);
        layout.arranged(&keys).into_iter().map(|at| keys[at].clone()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn columns_stand_as_they_were_put() {
        let layout = TableLayout { order: keys("c a"), hidden: keys("b"), ..TableLayout::default() };
        assert_eq!(shown(&layout, "a b c"), "c a");
        assert_eq!(shown(&layout, "a b c d"), "c d a", "a new column stands behind the one before it");
        assert_eq!(shown(&layout, "b d"), "d");
        assert_eq!(shown(&TableLayout::default(), "a b c"), "a b c");
    }

    #[test]
    fn a_column_moves_among_those_that_are_shown() {
        let layout = TableLayout { hidden: keys("b"), ..TableLayout::default() };
        let check = |from, to, expected: &str| {
            assert_eq!(shown(&layout.moved(&keys("a b c d"), from, to), "a b c d"), expected, "{from} {to}");
        };
        check(2, 0, "d a c");
        check(0, 3, "c d a");
        check(0, 2, "c a d");
        check(1, 1, "a c d");
        check(7, 0, "a c d");
        let back = TableLayout { hidden: Vec::new(), ..layout.moved(&keys("a b c d"), 2, 0) };
        assert_eq!(shown(&back, "a b c d"), "d a b c", "hidden ones keep their place");
    }
}
