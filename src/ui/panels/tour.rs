//! The first tour: four cards at the foot of the window, beside which everything can be tried. It is shown once, can be put
//! away at any step, and begins again from the help menu.

use eframe::egui::{self, Align, Layout, Ui, vec2};

use crate::text::Message;
use crate::ui::look::theme::{self, font, size, tokens};
use crate::ui::look::{icons, widgets};
use crate::ui::session::Session;
use crate::ui::session::command::Command;
use crate::ui::session::command::window::WindowCommand;
use crate::ui::session::parts::Card;

/// Keys of what the cards are called and say.
const CARDS: [(&str, &str); 4] = [
    ("habits.tour-map", "habits.tour-map-text"),
    ("habits.tour-table", "habits.tour-table-text"),
    ("habits.tour-plan", "habits.tour-plan-text"),
    ("habits.tour-hand-in", "habits.tour-hand-in-text"),
];

/// The card that tells of the table.
const TABLE: usize = 1;

/// Width of a card, in points.
const WIDTH: f32 = 460.0;

/// Draws the card of the tour, when it is on.
pub fn ui(ui: &mut Ui, session: &Session, commands: &mut Vec<Command>) {
    let Some(Card::Tour(at)) = session.card else { return };
    let Some((title, text)) = CARDS.get(at) else { return };
    let (t, room) = (tokens(ui), ui.ctx().content_rect());
    // Beside the table, not over it, where that is what is told of.
    let (align, offset) = match at == TABLE {
        true => (egui::Align2::CENTER_TOP, vec2(0.0, size::TOP_BAR + 48.0)),
        false => (egui::Align2::CENTER_BOTTOM, vec2(0.0, -(size::STATUS_BAR + 48.0))),
    };
    let area = egui::Area::new(egui::Id::unique("tour")).order(egui::Order::Foreground).anchor(align, offset);
    area.show(ui.ctx(), |ui| {
        theme::dialog_frame(t).show(ui, |ui| {
            ui.set_width(WIDTH.min(room.width() - 80.0));
            ui.horizontal(|ui| {
                ui.add(egui::Label::new(egui::RichText::new(session.tr(title)).font(font::title())));
                let step = Message::new("habits.tour-step").with("at", at + 1).with("n", CARDS.len());
                widgets::muted(ui, &step.text(session.language()));
            });
            ui.add_space(4.0);
            ui.add(egui::Label::new(egui::RichText::new(session.tr(text)).color(t.text)).wrap());
            ui.add_space(8.0);
            let bar = vec2(ui.available_width(), size::CONTROL);
            ui.allocate_ui_with_layout(bar, Layout::right_to_left(Align::Center), |ui| {
                let to = |at: usize| Command::Window(WindowCommand::ShowCard(Card::Tour(at)));
                let is_last = at + 1 == CARDS.len();
                let next = session.tr(if is_last { "habits.tour-end" } else { "habits.tour-next" });
                if widgets::primary_button(ui, is_last.then_some(icons::CHECK), next).clicked() {
                    commands.push(if is_last { Command::Window(WindowCommand::CloseCard) } else { to(at + 1) });
                }
                if at > 0 && widgets::button(ui, None, session.tr("habits.tour-back")).clicked() {
                    commands.push(to(at - 1));
                }
                if !is_last && widgets::button(ui, None, session.tr("habits.tour-skip")).clicked() {
                    commands.push(Command::Window(WindowCommand::CloseCard));
                }
            });
        });
    });
}
