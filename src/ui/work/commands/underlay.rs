//! What lies beneath the layers.

use crate::ui::look::icons;
use crate::ui::session::Session;
use crate::ui::session::command::spec::{Spec, spec};
use crate::ui::session::command::underlay::UnderlayCommand;
use crate::ui::session::parts::Card;
use crate::ui::work::underlays;

impl UnderlayCommand {
    /// Those that have words, in the order of menus.
    pub(super) fn listed() -> [Self; 2] {
        [Self::Add, Self::AddTiles]
    }

    /// Words, icon and shortcuts, for commands that have them.
    pub(super) fn spec(&self) -> Option<Spec> {
        match self {
            Self::Add => spec("underlay.add", Some(icons::IMAGE_DOWN), &[]),
            Self::AddTiles => spec("underlay.add-tiles", Some(icons::GLOBE), &[]),
            _ => None,
        }
    }

    /// Whether the command can be given now.
    pub(super) fn enabled(&self) -> bool {
        // A program that was built without asking servers has no maps of them.
        !matches!(self, Self::AddTiles) || cfg!(feature = "tiles")
    }
}

/// Carries out `command`.
pub(super) fn run(session: &mut Session, command: UnderlayCommand) {
    match command {
        UnderlayCommand::Add => underlays::choose(session),
        UnderlayCommand::AddPaths(paths) => underlays::add(session, paths),
        UnderlayCommand::AddTiles => session.card = Some(Card::Tiles),
        UnderlayCommand::Take { underlay, key } => underlays::take(session, *underlay, key),
        UnderlayCommand::Change(underlays) => underlays::change(session, underlays),
        UnderlayCommand::ZoomTo(at) => underlays::zoom_to(session, at),
        UnderlayCommand::Properties(at) => underlays::properties(session, at),
        UnderlayCommand::Point(at, place) => underlays::pick(session, at, place),
        UnderlayCommand::Allow(allowed) => session.settings.servers_allowed = allowed,
    }
}
