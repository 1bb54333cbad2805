//! What can be done with a comparison.

use std::path::PathBuf;

use crate::model::LayerId;
use crate::report::transition::Measure;
use crate::scenario::transition::{Basis, Tolerance};
use crate::ui::session::compare::By;
use crate::ui::session::compare::pick::Pick;
use crate::ui::session::compare::sides::Source;

/// Something to be done with the comparison.
#[derive(Clone, Debug, PartialEq)]
pub enum CompareCommand {
    /// Compare two layers: those that are likely meant, until the user chooses others.
    Open,
    /// Compare the sources of two folders to be chosen, pair by pair, into a workbook.
    Folders,
    /// Compare the sources of these folders into that file.
    FoldersTo([PathBuf; 2], PathBuf),
    /// Compare nothing.
    Close,
    /// Compare these.
    SetSources([Source; 2]),
    /// Let base and scenario change places.
    Swap,
    /// Tell classes apart so.
    SetBy(By),
    /// Show shares; areas, with `None`.
    SetShare(Option<Measure>),
    /// Count areas by this; by the method of the base's layer, with `None`.
    SetBasis(Option<Basis>),
    /// Count smaller and narrower pieces as slivers.
    SetTolerance(Tolerance),
    /// Count only what lies in the polygons of a layer.
    SetWithin(Option<LayerId>),
    /// Count only what lies in the selected polygons of a layer.
    SetWithinSelected(LayerId),
    /// Count only what lies in an area that was drawn and kept, by its place in the list.
    SetWithinMeasured(usize),
    /// Show what a part of the matrix is made of, on the map; the whole map again, with `None`.
    Pick(Option<Pick>),
    /// Show all that changed, or everything again.
    ToggleChangeMap,
    /// Leave the classes that did not change out of tables, or list them again.
    ToggleUnchanged,
    /// Read a crosswalk between two classifications from a file to be chosen.
    OpenCrosswalk,
    /// Read this crosswalk.
    ReadCrosswalk(std::path::PathBuf),
    /// Compare without the crosswalk that was read.
    DropCrosswalk,
    /// Write matrix, balance and transitions to a CSV file to be chosen.
    Export,
    /// Put the matrix on the clipboard.
    CopyMatrix,
    /// Put the balance on the clipboard.
    CopyBalance,
    /// Put the list of transitions on the clipboard.
    CopyChanges,
    /// Tell regions apart by this field.
    SetRegionField(String),
    /// Put the balance of every region on the clipboard.
    CopyRegions,
    /// Put all states side by side on the clipboard.
    CopyStates,
    /// Write the pieces that are shown to a file to be chosen.
    SavePieces,
    /// Write the pieces that are shown to this file.
    SavePiecesTo(PathBuf),
    /// Write a picture of the matrix to a file to be chosen.
    SavePicture {
        /// Which.
        picture: ComparePicture,
        /// As SVG; as PNG else.
        svg: bool,
    },
}

/// A picture of the matrix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ComparePicture {
    /// Flows between classes.
    Flows,
    /// What each class gains or loses.
    Bars,
}

impl ComparePicture {
    /// Key of its name.
    pub fn key(self) -> &'static str {
        match self {
            Self::Flows => "compare.flow-chart",
            Self::Bars => "compare.bar-chart",
        }
    }
}
