//! What a part of the matrix is made of: a cell, what leaves a class, what comes to it, or all that changed.

use crate::model::{Extent, LayerId, Revision};
use crate::overlay::Pair;
use crate::report::transition::Rounded;
use crate::scenario::transition::MatrixCell;
use crate::ui::session::Session;
use crate::ui::session::compare::Compare;
use crate::ui::session::compare::pick::Pick;
use crate::ui::session::compare::shown::Shown;
use crate::ui::session::rows::Rows;
use crate::ui::session::settings::Settings;
use crate::units::format_number;

/// The cells of a part.
pub fn cells(shown: &Shown, pick: Pick) -> impl Iterator<Item = &MatrixCell> {
    shown.matrix.cells.iter().filter(move |cell| pick.holds(cell.from, cell.to))
}

/// Area of a part as its cells are printed in the unit of the window, and count of its pieces.
pub fn sum(compare: &Compare, settings: &Settings, shown: &Shown, pick: Pick) -> (String, u64) {
    let pieces = cells(shown, pick).map(|cell| cell.pieces).sum();
    let rounded = match compare.work.areas() {
        Some(areas) => areas.rounded.clone(),
        None => Rounded::new(&shown.matrix, settings.area_unit),
    };
    let cells = shown.matrix.cells.iter().zip(&rounded.cells);
    let units: i64 = cells.filter(|(cell, _)| pick.holds(cell.from, cell.to)).map(|(_, units)| units).sum();
    (format_number(rounded.value(units), rounded.decimals), pieces)
}

/// The features and pieces of a part.
#[derive(Clone, Debug, Default)]
pub struct MadeOf {
    /// Pieces: pairs of features.
    pub pairs: Vec<Pair>,
    /// Features of base and scenario of which something is covered by no feature of the other.
    pub rest: [Vec<u32>; 2],
    /// All features that are involved, layer by layer.
    pub rows: Vec<(LayerId, Rows)>,
    /// The layers and geometries that these are rows of.
    pub shapes: Vec<(LayerId, Revision)>,
}

/// What `pick` is made of; `None` while there is no matrix.
pub fn made_of(compare: &Compare, pick: Pick) -> Option<MadeOf> {
    Some(features(compare.shown()?, pick))
}

/// What `pick` is made of.
pub fn features(shown: &Shown, pick: Pick) -> MadeOf {
    let [from_of, to_of] = shown.classes_of();
    let mut made = MadeOf::default();
    let mut rows: [Rows; 2] = Default::default();
    for pair in &shown.comparison.table.pairs {
        let (from, to) = (from_of[pair.a as usize], to_of[pair.b as usize]);
        if pick.holds(Some(from), Some(to)) {
            made.pairs.push(*pair);
            rows[0].insert(pair.a as usize);
            rows[1].insert(pair.b as usize);
        }
    }
    for (side, rows) in rows.iter_mut().enumerate() {
        let only = &shown.comparison.table.sides[side].only;
        for (feature, class) in shown.classes_of()[side].iter().enumerate() {
            let (from, to) = if side == 0 { (Some(*class), None) } else { (None, Some(*class)) };
            if only[feature] != 0.0 && pick.holds(from, to) {
                made.rest[side].push(feature as u32);
                rows.insert(feature);
            }
        }
    }
    for (side, rows) in rows.into_iter().enumerate() {
        let layer = &shown.sides[side].layer;
        let known = made.rows.iter_mut().zip(&made.shapes).find(|(_, of)| **of == (layer.id, layer.shape));
        match known {
            Some(((_, known), _)) => known.add(&rows),
            None => {
                made.rows.push((layer.id, rows));
                made.shapes.push((layer.id, layer.shape));
            }
        }
    }
    made
}

/// Where the pieces lie, in the project CRS: each within the extents of both its features.
pub fn extent(session: &Session, made: &MadeOf) -> Extent {
    let Some(shown) = session.compare.shown() else { return Extent::EMPTY };
    // Of geometry that the map does not show, only what lies under the other state's is known.
    let prepared = [0, 1].map(|side| {
        let layer = &shown.sides[side].layer;
        session.prepared(layer.id).filter(|_| session.layer(layer.id).is_some_and(|now| now.shape == layer.shape))
    });
    let mut extent = Extent::EMPTY;
    for pair in &made.pairs {
        let of = |side: usize, feature: u32| prepared[side].map(|prepared| prepared.feature_extent(feature as usize));
        match (of(0, pair.a), of(1, pair.b)) {
            (Some(a), Some(b)) => extent.union(&a.common(&b)),
            (Some(one), None) | (None, Some(one)) => extent.union(&one),
            (None, None) => {}
        }
    }
    for (side, features) in made.rest.iter().enumerate() {
        if let Some(prepared) = prepared[side] {
            features.iter().for_each(|feature| extent.union(&prepared.feature_extent(*feature as usize)));
        }
    }
    extent
}
