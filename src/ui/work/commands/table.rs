//! The tables: their rows, copied and written.

use eframe::egui::{self, Key};

use crate::text::Message;
use crate::ui::look::icons;
use crate::ui::session::Session;
use crate::ui::session::command::spec::{Spec, ctrl, spec};
use crate::ui::session::command::table::TableCommand;
use crate::ui::session::parts::Card;
use crate::ui::work::{copying, formulas};

impl TableCommand {
    /// Those that have words, in the order of menus.
    pub(super) fn listed() -> [Self; 3] {
        [Self::CopyRows, Self::SaveRows, Self::NewFormula]
    }

    /// Words, icon and shortcuts, for commands that have them.
    pub(super) fn spec(&self) -> Option<Spec> {
        match self {
            Self::SaveRows => spec("ui.save-rows", Some(icons::DOWNLOAD), &[]),
            Self::CopyRows => spec("ui.copy-rows", Some(icons::COPY), const { &[ctrl(Key::C)] }),
            Self::NewFormula => spec("habits.formula-new", Some(icons::SIGMA), &[]),
            _ => None,
        }
    }

    /// Whether the command can be given now.
    pub(super) fn enabled(&self, session: &Session) -> bool {
        let current = session.current();
        match self {
            Self::CopyRows | Self::SaveRows | Self::NewFormula => current.is_some(),
            _ => true,
        }
    }
}

/// Carries out `command`.
pub(super) fn run(session: &mut Session, command: TableCommand, ctx: &egui::Context) {
    match command {
        TableCommand::CopyRows => copying::copy(session, ctx),
        TableCommand::SaveRows => copying::save(session),
        TableCommand::CopyText(text) => {
            ctx.copy_text(text);
            session.notify(Message::new("ui.copied"));
        }
        TableCommand::SaveTable(table) => copying::save_table(session, *table),
        TableCommand::SetTableOrder(layer, order) => {
            session.project.orders.insert(layer, order);
        }
        TableCommand::Count(counted) => session.counted = counted,
        TableCommand::Lay(layer, layout) => {
            if let Some(entry) = session.workspace.entry_mut(layer) {
                entry.table = *layout;
            }
        }
        TableCommand::SetFormulas(layer, formulas) => formulas::set(session, layer, formulas),
        TableCommand::NewFormula => {
            if let Some(layer) = session.project.current {
                session.card = Some(Card::Formula(layer, None));
            }
        }
    }
}
