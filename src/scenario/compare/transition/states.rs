//! Areas by class of several states of one layer, side by side: the base and each scenario.

use super::CompareError;
use super::classes::{ClassKey, Classes, Grouping, Level};
use crate::model::Areas;
use crate::model::Layer;
use crate::model::keys::GroupKey;

/// One of the states: the layer, its areas, and the keys of its classes.
pub type MeasuredState<'a> = (&'a Layer, &'a Areas, &'a [GroupKey]);

/// Areas by class, state by state.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StateSums {
    /// The classes that any state has, in the order of the standard.
    pub classes: Vec<ClassKey>,
    /// A row a class, in it m² a state.
    pub m2: Vec<Vec<f64>>,
    /// m² of each state.
    pub totals: Vec<f64>,
}

impl StateSums {
    /// Sums each state by classes at `level`.
    ///
    /// # Errors
    /// As [`Classes::new`].
    pub fn new(states: &[MeasuredState<'_>], level: Level) -> Result<Self, CompareError> {
        let mut sums = Self { totals: vec![0.0; states.len()], ..Self::default() };
        let Some((first, _, first_keys)) = states.first() else { return Ok(sums) };
        for (nth, (layer, areas, keys)) in states.iter().enumerate() {
            let first = Grouping { layer: first, keys: first_keys };
            let classes = Classes::new(first, Grouping { layer, keys }, level, None)?;
            let places: Vec<usize> = sums.placed(&classes.list, states.len());
            for (feature, class) in classes.of[1].iter().enumerate() {
                sums.m2[places[*class as usize]][nth] += areas.exact[feature];
                sums.totals[nth] += areas.exact[feature];
            }
        }
        let used: Vec<bool> = sums.m2.iter().map(|row| row.iter().any(|m2| *m2 != 0.0)).collect();
        let mut keep = used.iter();
        sums.classes.retain(|_| keep.next().copied().unwrap_or(false));
        sums.m2.retain(|row| row.iter().any(|m2| *m2 != 0.0));
        Ok(sums)
    }

    /// Places of `list` among the classes; those that are not there yet come behind the one that they follow in `list`.
    fn placed(&mut self, list: &[ClassKey], state_count: usize) -> Vec<usize> {
        let mut next = 0;
        for key in list {
            match self.classes.iter().position(|known| known.key == key.key) {
                Some(at) => next = at + 1,
                None => {
                    self.classes.insert(next, key.clone());
                    self.m2.insert(next, vec![0.0; state_count]);
                    next += 1;
                }
            }
        }
        let place = |key: &ClassKey| self.classes.iter().position(|known| known.key == key.key).unwrap_or_default();
        list.iter().map(place).collect()
    }
}
