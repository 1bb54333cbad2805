//! Tables in the layouts that offices accept: hectares with two decimals in statistics, with four in approval papers.
//!
//! Printed figures add up: what stands beside each other is rounded together, and a change is the difference of the two
//! figures that are read. The layouts are those of the templates that planners fill by hand.
//!
//! | file | holds |
//! |---|---|
//! | `structure` | 用地结构调整表, 现状分类面积汇总表, 三大类 |
//! | `occupied` | 占用地类表: many red lines at once, a row each |
//! | `accounts` | 占补平衡, by one account or by two |
//! | `farmland` | 永久基本农田占用与补划, 储备 |
//! | `wide` | the wide forms of survey statistics: regions by classes, owners, slopes, plantings |

use super::{Cell, Column, ColumnKind};
use crate::text::{Language, tr};
use crate::units::{Area, AreaUnit, of_last_digits};

pub mod accounts;
pub mod farmland;
pub mod occupied;
pub mod structure;
pub mod wide;

/// Decimals of hectares in statistics.
const STATISTICS: usize = 2;
/// Decimals of hectares in approval papers.
const APPROVAL: usize = 4;

/// So many units of the last of `decimals` decimals of a hectare as a cell, with what it is, m².
fn hectares(units: i64, decimals: usize, exact_m2: f64) -> Cell {
    Cell::Rounded { shown: Area::of(of_last_digits(units, decimals), AreaUnit::Hectare).m2(), exact: exact_m2 }
}

/// What a cell of [`hectares`] prints, in units of its last digit.
#[cfg(test)]
fn printed_units(cell: &Cell, decimals: usize) -> i64 {
    match cell {
        Cell::Rounded { shown, .. } => crate::units::last_digits(Area::from_m2(*shown).ha(), decimals),
        other => panic!("no rounded area: {other:?}"),
    }
}

/// A column of hectares.
fn hectare_column(key: &str, title: &str, decimals: usize, language: Language) -> Column {
    Column::new(key, tr(language, title), ColumnKind::Area(AreaUnit::Hectare)).rounded_to(decimals)
}

/// A column of text.
fn text_column(key: &str, title: &str, language: Language) -> Column {
    Column::new(key, tr(language, title), ColumnKind::Text)
}
