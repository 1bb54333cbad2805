//! A part of a matrix.

use crate::ui::session::compare::shown::Shown;

/// A part of the matrix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Pick {
    /// One cell. `None` stands for land that only the other state covers.
    Cell {
        /// Class of the base.
        from: Option<u32>,
        /// Class of the scenario.
        to: Option<u32>,
    },
    /// What leaves a class.
    Leaves(u32),
    /// What comes to a class.
    Enters(u32),
    /// What leaves a class and what comes to it.
    Moves(u32),
    /// All that goes from one class to another.
    Changes,
}

impl Pick {
    /// Whether the cell of these classes belongs to it.
    pub fn holds(self, from: Option<u32>, to: Option<u32>) -> bool {
        match self {
            Self::Cell { from: a, to: b } => (from, to) == (a, b),
            Self::Leaves(class) => from == Some(class) && to != from,
            Self::Enters(class) => to == Some(class) && to != from,
            Self::Moves(class) => to != from && (from == Some(class) || to == Some(class)),
            Self::Changes => to != from,
        }
    }

    /// The same part of a matrix that was summed anew; `None` where its classes are gone.
    pub fn carried(self, before: &Shown, now: &Shown) -> Option<Self> {
        let class = |class: u32| {
            let key = &before.classes.list.get(class as usize)?.key;
            now.class_of_key(key)
        };
        let side = |side: Option<u32>| side.map_or(Some(None), |old| class(old).map(Some));
        Some(match self {
            Self::Cell { from, to } => Self::Cell { from: side(from)?, to: side(to)? },
            Self::Leaves(old) => Self::Leaves(class(old)?),
            Self::Enters(old) => Self::Enters(class(old)?),
            Self::Moves(old) => Self::Moves(class(old)?),
            Self::Changes => Self::Changes,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_hold_their_cells() {
        let cells = [(Some(0), Some(0)), (Some(0), Some(1)), (Some(1), Some(0)), (Some(0), None), (None, Some(1))];
        let held = |pick: Pick| -> Vec<usize> {
            (0..cells.len()).filter(|at| pick.holds(cells[*at].0, cells[*at].1)).collect()
        };
        assert_eq!(held(Pick::Cell { from: Some(0), to: Some(0) }), [0]);
        assert_eq!(held(Pick::Cell { from: Some(0), to: None }), [3]);
        assert_eq!(held(Pick::Leaves(0)), [1, 3]);
        assert_eq!(held(Pick::Enters(0)), [2]);
        assert_eq!(held(Pick::Enters(1)), [1, 4]);
        assert_eq!(held(Pick::Moves(0)), [1, 2, 3]);
        assert_eq!(held(Pick::Changes), [1, 2, 3, 4]);
    }
}
