//! The card of the report: which parts, of which scenarios, as what, dated when.

use eframe::egui::{self, Key, Ui};

use crate::report::planning::PlanPart;
use crate::ui::look::form;
use crate::ui::look::icons;
use crate::ui::look::theme::size;
use crate::ui::look::widgets;
use crate::ui::panels::shortcuts::work_card;
use crate::ui::session::Session;
use crate::ui::session::command::Command;
use crate::ui::session::command::file::FileCommand;
use crate::ui::session::handing::{Ending, ReportOrder};
use crate::ui::session::parts::Card;
use crate::ui::work::handing;

/// Width of the words before the choices, in points.
const WORDS: f32 = 72.0;

/// What is remembered between frames.
#[derive(Default)]
pub struct State {
    order: Option<ReportOrder>,
}

/// Draws the card, when it is open.
pub fn ui(ui: &mut Ui, session: &Session, state: &mut State, commands: &mut Vec<Command>) {
    if session.card != Some(Card::Report) {
        *state = State::default();
        return;
    }
    // Enter closes cards; here it only ends what is typed.
    ui.input_mut(|input| input.consume_key(egui::Modifiers::NONE, Key::Enter));
    let order = state.order.get_or_insert_with(|| handing::usual(session));
    let mut asked = None;
    work_card(ui, session, "report.card", commands, |ui, session| {
        parts(ui, session, order);
        ui.add_space(size::STEP);
        scenarios(ui, session, order);
        row(ui, session.tr("report.as"), |ui| {
            for ending in Ending::ALL {
                if widgets::segment(ui, session.tr(ending.key()), order.ending == ending).clicked() {
                    order.ending = ending;
                }
            }
        });
        row(ui, session.tr("report.card-date"), |ui| {
            let name = session.tr("report.card-date");
            widgets::field(ui, &mut order.date, None, "2026-06-18", name, 120.0);
        });
        ui.add_space(8.0);
        let is_of_one = session.workspace.scenarios.list().is_empty() || !order.scenarios.is_empty();
        let ready = !order.parts.is_empty() && is_of_one;
        let pressed = ui.add_enabled_ui(ready, |ui| {
            widgets::primary_button(ui, Some(icons::FILE_DOWN), session.tr("report.write")).clicked()
        });
        if pressed.inner {
            asked = Some(order.clone());
        }
    });
    commands.extend(asked.map(|order| Command::File(FileCommand::WriteReport(order))));
}

fn row(ui: &mut Ui, name: &str, content: impl FnOnce(&mut Ui)) {
    form::wrapped_row(ui, WORDS, name, content);
}

/// The parts that are in it: a click takes one out or back in, at its place among the others.
fn parts(ui: &mut Ui, session: &Session, order: &mut ReportOrder) {
    row(ui, session.tr("report.card-parts"), |ui| {
        for part in PlanPart::ALL {
            let on = order.parts.contains(&part);
            if widgets::segment(ui, session.tr(part.title_key()), on).clicked() {
                order.parts = PlanPart::ALL
                    .into_iter()
                    .filter(|other| if *other == part { !on } else { order.parts.contains(other) })
                    .collect();
            }
        }
    });
}

/// The scenarios that are in it, where the project has some saved.
fn scenarios(ui: &mut Ui, session: &Session, order: &mut ReportOrder) {
    let saved = session.workspace.scenarios.list();
    if saved.is_empty() {
        return;
    }
    row(ui, session.tr("report.card-scenarios"), |ui| {
        for scenario in saved {
            let on = order.scenarios.contains(&scenario.name);
            if widgets::segment(ui, &scenario.name, on).clicked() {
                let is_kept = |name: &String| if *name == scenario.name { !on } else { order.scenarios.contains(name) };
                let names = saved.iter().map(|scenario| scenario.name.clone()).filter(is_kept).collect();
                order.scenarios = names;
            }
        }
    });
}
