//! Every command of the window, once: its words, its icon, its shortcut, when it can be given, and what it does, in a
//! file a subject ([`super::scenarios`] and [`super::compare`] hold theirs).
//!
//! Menus, tool strip, search box and the list of shortcuts all read this table, so a command cannot be named
//! differently in two places. To add one: its data in [`crate::ui::session::command`], the rest in the file of its
//! subject here, and a line in [`Command::listed`] where it has words.

use eframe::egui;

use crate::ui::session::Session;
use crate::ui::session::command::Command;
use crate::ui::session::command::compare::CompareCommand;
use crate::ui::session::command::file::FileCommand;
use crate::ui::session::command::layer::LayerCommand;
use crate::ui::session::command::rules::RulesCommand;
use crate::ui::session::command::scenario::ScenarioCommand;
use crate::ui::session::command::select::SelectCommand;
use crate::ui::session::command::spec::Spec;
use crate::ui::session::command::table::TableCommand;
use crate::ui::session::command::tool::ToolCommand;
use crate::ui::session::command::view::ViewCommand;
use crate::ui::session::command::window::WindowCommand;
use crate::ui::session::parts::{EditPage, Panel, RulesPage, Tab, Tool};
use crate::ui::session::reach::Reach;
use crate::ui::work::{compare, scenarios};

mod file;
mod layer;
mod rules;
mod select;
mod table;
mod tool;
mod tree;
mod view;
mod window;

/// Carries out `command`.
pub fn run(session: &mut Session, command: Command, ctx: &egui::Context) {
    match command {
        Command::Scenario(command) => scenarios::run(session, command),
        Command::File(command) => file::run(session, command, ctx),
        Command::Select(command) => select::run(session, command, ctx),
        Command::Table(command) => table::run(session, command, ctx),
        Command::View(command) => view::run(session, command),
        Command::Window(command) => window::run(session, command, ctx),
        Command::Tool(command) => tool::run(session, command),
        Command::Tree(command) => tree::run(session, command),
        Command::Layer(layer, command) => layer::run(session, layer, command),
        Command::Current(command) => {
            if let Some(layer) = session.project.current {
                layer::run(session, layer, command);
            }
        }
        Command::Rules(command) => rules::run(session, command),
        Command::Compare(command) => compare::run(session, command, ctx),
    }
}

impl Command {
    /// The commands that have words, in the order of menus: what search box and list of shortcuts show.
    pub fn listed() -> Vec<Self> {
        let mut list = vec![
            Self::File(FileCommand::Open),
            Self::File(FileCommand::OpenDemo),
            Self::File(FileCommand::SaveProject),
            Self::File(FileCommand::SaveProjectAs),
            Self::File(FileCommand::CopyMap),
            Self::File(FileCommand::SaveMap),
            Self::File(FileCommand::Report),
            Self::File(FileCommand::ClearRecent),
            Self::File(FileCommand::ClearCaches),
            Self::File(FileCommand::Quit),
            Self::Select(SelectCommand::Search),
            // Before the one with fewer keys, which would match, too.
            Self::Scenario(ScenarioCommand::Redo),
            Self::Scenario(ScenarioCommand::Undo),
            Self::Select(SelectCommand::SelectAll),
            Self::Select(SelectCommand::InvertSelection),
            Self::Select(SelectCommand::ClearSelection),
            Self::Select(SelectCommand::Locate(true)),
            Self::Table(TableCommand::CopyRows),
            Self::Table(TableCommand::SaveRows),
            // Before the one with fewer keys, which would match, too.
            Self::Window(WindowCommand::ResetInterface),
            Self::View(ViewCommand::FullExtent),
            Self::View(ViewCommand::ZoomToSelection),
            Self::View(ViewCommand::ZoomIn),
            Self::View(ViewCommand::ZoomOut),
            Self::View(ViewCommand::ViewBack),
            Self::View(ViewCommand::ViewForward),
            // Before the one with fewer keys, which would match, too.
            Self::View(ViewCommand::ToggleGraticule),
            Self::View(ViewCommand::ToggleGrid),
        ];
        list.extend([
            Self::View(ViewCommand::ToggleSwipeLevel),
            Self::View(ViewCommand::ToggleSwipe),
            Self::View(ViewCommand::ToggleLinked),
            Self::Scenario(ScenarioCommand::ForkShown),
        ]);
        list.extend(EditPage::ALL.map(|page| Self::Window(WindowCommand::Edit(Some(page)))));
        list.extend([RulesPage::Text(None), RulesPage::States].map(|page| Self::Rules(RulesCommand::Open(Some(page)))));
        list.extend(Panel::ALL.map(|of| Self::Window(WindowCommand::TogglePanel(of))));
        list.extend(Tab::ALL.map(|of| Self::Window(WindowCommand::ShowTab(of))));
        list.extend([Self::Window(WindowCommand::SwitchLanguage), Self::Window(WindowCommand::SwitchTheme)]);
        list.extend([Self::Window(WindowCommand::LargerInterface), Self::Window(WindowCommand::SmallerInterface)]);
        list.extend(Tool::ALL.map(|of| Self::Tool(ToolCommand::UseTool(of))));
        list.extend(Reach::ALL.map(|of| Self::Select(SelectCommand::SetReach(of))));
        list.extend(LayerCommand::ALL.map(Self::Current));
        list.extend(CompareCommand::listed().map(Self::Compare));
        list.extend([
            Self::View(ViewCommand::ChooseProjectCrs),
            Self::Window(WindowCommand::Shortcuts),
            Self::Window(WindowCommand::About),
        ]);
        list
    }

    /// Words, icon and shortcuts, for commands that have them.
    pub fn spec(&self) -> Option<Spec> {
        match self {
            Self::Scenario(command) => command.spec(),
            Self::File(command) => command.spec(),
            Self::Select(command) => command.spec(),
            Self::Table(command) => command.spec(),
            Self::View(command) => command.spec(),
            Self::Window(command) => command.spec(),
            Self::Tool(command) => command.spec(),
            Self::Layer(_, command) | Self::Current(command) => command.spec(),
            Self::Rules(command) => command.spec(),
            Self::Compare(command) => command.spec(),
            Self::Tree(_) => None,
        }
    }

    /// Whether the command can be given now.
    pub fn enabled(&self, session: &Session) -> bool {
        match self {
            Self::Scenario(command) => command.enabled(session),
            Self::File(command) => command.enabled(session),
            Self::Select(command) => command.enabled(session),
            Self::Table(command) => command.enabled(session),
            Self::View(command) => command.enabled(session),
            Self::Window(command) => command.enabled(session),
            Self::Layer(layer, command) => command.enabled(session, *layer),
            Self::Current(command) => session.current().is_some_and(|entry| command.enabled(session, entry.layer.id)),
            Self::Rules(command) => command.enabled(session),
            Self::Compare(command) => command.enabled(session),
            Self::Tool(_) | Self::Tree(_) => true,
        }
    }

    /// Whether what the command switches is on, for those that switch something.
    pub fn checked(&self, session: &Session) -> Option<bool> {
        match self {
            Self::Select(command) => command.checked(session),
            Self::View(command) => command.checked(session),
            Self::Window(command) => command.checked(session),
            Self::Tool(command) => command.checked(session),
            Self::Layer(layer, command) => command.checked(session, *layer),
            Self::Current(command) => command.checked(session, session.current()?.layer.id),
            Self::Compare(command) => command.checked(session),
            Self::Scenario(_) | Self::File(_) | Self::Table(_) | Self::Tree(_) | Self::Rules(_) => None,
        }
    }
}
