//! The tables: their rows, copied and written: the commands of this subject, as data.

use std::sync::Arc;

use crate::model::{Formula, LayerId};
use crate::report::Table;
use crate::scenario::TableLayout;
use crate::ui::session::order::Order;
use crate::ui::session::parts::Counted;

/// The tables: their rows, copied and written.
#[derive(Clone, Debug, PartialEq)]
pub enum TableCommand {
    /// Copy the selected rows of the table (all, when none is) with a header, tabs between cells.
    CopyRows,
    /// Write them to a CSV file to be chosen.
    SaveRows,
    /// Put this text on the clipboard.
    CopyText(String),
    /// Write this table to a workbook to be chosen.
    SaveTable(Box<Table>),
    /// The table of a layer shows these rows.
    SetTableOrder(LayerId, Arc<Order>),
    /// The table of a layer is laid out so.
    Lay(LayerId, Box<TableLayout>),
    /// These are the fields of a layer that are worked out by expressions.
    SetFormulas(LayerId, Vec<Formula>),
    /// Make a field of the current layer by an expression.
    NewFormula,
    /// Count these features in legend and totals.
    Count(Counted),
}
