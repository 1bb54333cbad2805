//! The layouts of sheets: the commands of this subject, as data.

use std::sync::Arc;

use crate::model::layout::Layout;

/// The layouts of sheets.
#[derive(Clone, Debug, PartialEq)]
pub enum LayoutCommand {
    /// Lay out sheets.
    Open,
    /// The layouts of the project are these.
    Change(Arc<Vec<Layout>>),
    /// Write the sheet of that layout to a file to be chosen, in the format of its ending.
    Export(Box<Layout>),
    /// Write that layout to a template file to be chosen.
    SaveTemplate(Box<Layout>),
    /// Add the layout of a template file to be chosen.
    LoadTemplate,
}
