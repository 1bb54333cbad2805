//! The layouts of sheets: the commands of this subject, as data.

use std::path::PathBuf;
use std::sync::Arc;

use crate::model::layout::Layout;
use crate::render::drawing::output::PictureFormat;
use crate::report::series::SeriesOf;

/// The layouts of sheets.
#[derive(Clone, Debug, PartialEq)]
pub enum LayoutCommand {
    /// Lay out sheets.
    Open,
    /// The layouts of the project are these.
    Change(Arc<Vec<Layout>>),
    /// Write the sheet of that layout to a file to be chosen, in the format of its ending.
    Export(Box<Layout>),
    /// Write a series of sheets to a file or a folder to be chosen.
    Series(Box<SeriesOrder>),
    /// Write where the pages of a series lie to a file to be chosen, as a layer, and open it.
    SeriesIndex(Box<SeriesOrder>),
    /// Write that layout to a template file to be chosen.
    SaveTemplate(Box<Layout>),
    /// The picture of that item of that layout is a file to be chosen.
    ChoosePicture {
        /// Name of the layout.
        layout: String,
        /// Name of the item.
        item: String,
    },
    /// Add the layout of a template file to be chosen.
    LoadTemplate,
    /// Add the layout of that template file.
    LoadTemplateOf(PathBuf),
    /// The layouts of a folder to be chosen are offered for new sheets.
    ChooseTemplates,
}

/// A series of sheets as it is ordered.
#[derive(Clone, Debug, PartialEq)]
pub struct SeriesOrder {
    /// The layout of its pages.
    pub layout: Layout,
    /// What each page is about.
    pub of: SeriesOf,
    /// The features that get a page; all where none are given.
    pub rows: Option<Vec<usize>>,
    /// What it becomes.
    pub into: SeriesInto,
}

/// What a series becomes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SeriesInto {
    /// One PDF of all pages.
    #[default]
    Bound,
    /// A file each in a folder.
    Files(PictureFormat),
}
