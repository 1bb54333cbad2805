//! The tables: their rows, copied and written: the commands of this subject, as data.

use std::sync::Arc;

use crate::model::LayerId;
use crate::report::Table;
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
    /// Count these features in legend and totals.
    Count(Counted),
}
