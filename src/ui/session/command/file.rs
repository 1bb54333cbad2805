//! Files and projects: opening, saving, what leaves the window, the end: the commands of this subject, as data.

use std::path::PathBuf;

use crate::model::LayerId;
use crate::ui::session::handing::ReportOrder;
use crate::ui::session::leaving::Next;
use crate::ui::session::opening::OpenChoice;

/// Files and projects: opening, saving, what leaves the window, the end.
#[derive(Clone, Debug, PartialEq)]
pub enum FileCommand {
    /// Do again what an earlier run left unsaved in a journal.
    Recover(PathBuf),
    /// Save the project over what somebody else wrote meanwhile.
    SaveOver(PathBuf),
    /// Save the untitled work, then go on.
    SaveAndLeave(Next),
    /// Discard the untitled work, and go on.
    DiscardAndLeave(Next),
    /// Choose files or a project in the system's dialog.
    Open,
    /// Open these files; a project replaces the workspace, layers are added to it.
    OpenPaths(Vec<PathBuf>),
    /// Begin an empty project.
    New,
    /// List the projects opened lately.
    Recent,
    /// Take a file off the list of those opened lately.
    ForgetRecent(PathBuf),
    /// Open all files of this folder as one layer a kind, in the place of the layers of each.
    Unite(PathBuf),
    /// Open a table of a database, by an address to be typed.
    OpenDatabase,
    /// Open what of a table of a database is in view.
    OpenDatabaseView,
    /// Open this file even where that may take more memory than is allowed.
    OpenAnyway(PathBuf),
    /// Open the synthetic demo project.
    OpenDemo,
    /// Answer to the report on opened files.
    AnswerOpen(OpenChoice),
    /// List the files that were opened last.
    ShowArrived,
    /// Take the path that was asked for in the window.
    AnswerPath(std::path::PathBuf),
    /// Save the project where it was opened from, or ask.
    SaveProject,
    /// Save the project to a file to be chosen.
    SaveProjectAs,
    /// Write a layer, or what is selected of it, to this file, whatever its format cannot hold.
    ExportAnyway(LayerId, PathBuf),
    /// Put the map with legend, scale bar and source on the clipboard.
    CopyMap,
    /// Write the map with legend, scale bar and source to a PNG file to be chosen.
    SaveMap,
    /// Choose what stands in a report.
    Report,
    /// Write this report to a file to be chosen.
    WriteReport(ReportOrder),
    /// Read the files of these layers again.
    ReloadLayers(Vec<LayerId>),
    /// Take over what another office knows about its layers, from a file to be chosen.
    ImportOffice,
    /// The same from this file.
    ReadOffice(PathBuf),
    /// Write what the office knows about its layers to a file to be chosen.
    ExportOffice,
    /// Forget the recent files.
    ClearRecent,
    /// Remove caches, journals and recent files from this machine.
    ClearCaches,
    /// Keep a cache beside saved projects, or none.
    ToggleCache,
    /// Remove the cache of the project that is open.
    ClearProjectCache,
    /// Leave.
    Quit,
}
