//! Every command of the window, once: its words, its icon, its shortcut, when it can be given, and what it does, in a
//! file a subject. Here stands only which subject is whose.
//!
//! Menus, tool strip, search box and the list of shortcuts all read these files, so a command cannot be named
//! differently in two places. To add one: its data in [`crate::ui::session::command`], the rest in the file of its
//! subject here.

use eframe::egui;

use crate::ui::session::Session;
use crate::ui::session::command::Command;
use crate::ui::session::command::compare::CompareCommand;
use crate::ui::session::command::file::FileCommand;
use crate::ui::session::command::layer::LayerCommand;
use crate::ui::session::command::layout::LayoutCommand;
use crate::ui::session::command::rules::RulesCommand;
use crate::ui::session::command::scenario::ScenarioCommand;
use crate::ui::session::command::select::SelectCommand;
use crate::ui::session::command::spec::Spec;
use crate::ui::session::command::table::TableCommand;
use crate::ui::session::command::tool::ToolCommand;
use crate::ui::session::command::underlay::UnderlayCommand;
use crate::ui::session::command::view::ViewCommand;
use crate::ui::session::command::window::WindowCommand;

mod compare;
mod file;
mod layer;
mod layout;
mod rules;
mod scenario;
mod select;
mod table;
mod tool;
mod tree;
mod underlay;
mod view;
mod window;

/// Carries out `command`.
pub fn run(session: &mut Session, command: Command, ctx: &egui::Context) {
    match command {
        Command::Scenario(command) => scenario::run(session, command),
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
        Command::Layout(command) => layout::run(session, command),
        Command::Underlay(command) => underlay::run(session, command),
    }
}

impl Command {
    /// The commands that have words, subject by subject in the order of menus: what search box and list of shortcuts show.
    pub fn listed() -> Vec<Self> {
        let mut list: Vec<Self> = FileCommand::listed().map(Self::File).into();
        list.extend(LayoutCommand::listed().map(Self::Layout));
        list.extend(UnderlayCommand::listed().map(Self::Underlay));
        list.extend(ScenarioCommand::listed().map(Self::Scenario));
        list.extend(SelectCommand::listed().into_iter().map(Self::Select));
        list.extend(TableCommand::listed().map(Self::Table));
        list.extend(ViewCommand::listed().map(Self::View));
        list.extend(ToolCommand::listed().map(Self::Tool));
        list.extend(LayerCommand::listed().map(Self::Current));
        list.extend(CompareCommand::listed().map(Self::Compare));
        list.extend(RulesCommand::listed().map(Self::Rules));
        list.extend(WindowCommand::listed().into_iter().map(Self::Window));
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
            Self::Layout(command) => command.spec(),
            Self::Underlay(command) => command.spec(),
            Self::Tree(_) => None,
        }
    }

    /// Whether the command can be given now.
    pub fn enabled(&self, session: &Session) -> bool {
        match self {
            Self::Scenario(command) => command.enabled(&session.workspace),
            Self::File(command) => command.enabled(&session.workspace, &session.settings),
            Self::Select(command) => command.enabled(session),
            Self::Table(command) => command.enabled(session),
            Self::View(command) => command.enabled(&session.workspace, &session.project),
            Self::Window(command) => command.enabled(session),
            Self::Layer(layer, command) => command.enabled(&session.workspace, *layer),
            Self::Current(command) => {
                session.current().is_some_and(|entry| command.enabled(&session.workspace, entry.layer.id))
            }
            Self::Rules(command) => command.enabled(&session.workspace),
            Self::Compare(command) => command.enabled(session),
            Self::Layout(command) => command.enabled(session),
            Self::Underlay(command) => command.enabled(),
            Self::Tool(_) | Self::Tree(_) => true,
        }
    }

    /// Whether what the command switches is on, for those that switch something.
    pub fn checked(&self, session: &Session) -> Option<bool> {
        match self {
            Self::Select(command) => command.checked(session),
            Self::View(command) => command.checked(&session.project, &session.settings),
            Self::Window(command) => command.checked(&session.settings),
            Self::Tool(command) => command.checked(session.tool),
            Self::Layer(layer, command) => command.checked(&session.workspace, *layer),
            Self::Current(command) => command.checked(&session.workspace, session.current()?.layer.id),
            Self::Compare(command) => command.checked(session),
            Self::File(command) => command.checked(&session.settings),
            Self::Scenario(_) | Self::Table(_) | Self::Tree(_) | Self::Rules(_) => None,
            Self::Layout(_) | Self::Underlay(_) => None,
        }
    }
}
