//! The commands of the window as data, a file a subject: what panels push and results of jobs give.
//!
//! Their words, shortcuts, when they can be given and what they do stand in [`crate::ui::work::commands`], a file a
//! subject likewise. Commands with arguments (select these parcels, open that file) have no words of their own: the
//! widget that pushes them has.

use crate::model::LayerId;

pub mod compare;
pub mod file;
pub mod layer;
pub mod layout;
pub mod rules;
pub mod scenario;
pub mod select;
pub mod spec;
pub mod table;
pub mod tool;
pub mod tree;
pub mod underlay;
pub mod view;
pub mod window;

use compare::CompareCommand;
use file::FileCommand;
use layer::LayerCommand;
use layout::LayoutCommand;
use rules::RulesCommand;
use scenario::ScenarioCommand;
use select::SelectCommand;
use table::TableCommand;
use tool::ToolCommand;
use tree::TreeCommand;
use underlay::UnderlayCommand;
use view::ViewCommand;
use window::WindowCommand;

/// Something to be done. Everything that changes the session is one of these.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// Something done to scenarios or in them.
    Scenario(ScenarioCommand),
    /// Files and projects: opening, saving, what leaves the window, the end.
    File(FileCommand),
    /// Selecting and looking for features, and what the pointer meets.
    Select(SelectCommand),
    /// The tables: their rows, copied and written.
    Table(TableCommand),
    /// Where the map looks, and what it shows.
    View(ViewCommand),
    /// The window itself: panels, cards, language, theme, size, tasks.
    Window(WindowCommand),
    /// Tools, what they draw, and what was measured with them.
    Tool(ToolCommand),
    /// The layer tree: what is drawn, in which order, and how.
    Tree(TreeCommand),
    /// Something about one layer.
    Layer(LayerId, LayerCommand),
    /// Something about the current layer.
    Current(LayerCommand),
    /// Rules, and the ledger of conflicts.
    Rules(RulesCommand),
    /// Something about the comparison.
    Compare(CompareCommand),
    /// The layouts of sheets.
    Layout(LayoutCommand),
    /// What lies beneath the layers.
    Underlay(UnderlayCommand),
}
