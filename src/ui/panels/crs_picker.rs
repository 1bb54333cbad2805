//! The card that chooses a CRS: for a layer's coordinates, or for the map.

use eframe::egui::Ui;

use crate::crs::{self, Crs};
use crate::model::LayerId;
use crate::ui::look::theme::{font, tokens};
use crate::ui::look::walk::Walk;
use crate::ui::look::{icons, widgets};
use crate::ui::panels::shortcuts::card;
use crate::ui::session::Session;
use crate::ui::session::command::Command;
use crate::ui::session::command::file::FileCommand;
use crate::ui::session::command::layer::LayerCommand;
use crate::ui::session::command::tree::TreeCommand;
use crate::ui::session::command::view::ViewCommand;
use crate::ui::session::command::window::WindowCommand;
use crate::ui::session::opening::OpenChoice;
use crate::ui::session::parts::Card;

/// What is remembered between frames.
#[derive(Debug, Default)]
pub struct State {
    text: String,
    walk: Walk,
}

/// What a chosen CRS is for.
#[derive(Clone, Copy, PartialEq)]
enum Use {
    Project,
    Layer(LayerId),
    Pending(usize),
}

/// Most systems that are listed.
const MOST: usize = 12;

fn found(text: &str) -> Vec<Crs> {
    let mut found = crs::search(text);
    found.truncate(MOST);
    found
}

/// Draws the card, when it is open.
pub fn ui(ui: &mut Ui, session: &Session, state: &mut State, commands: &mut Vec<Command>) {
    let (title, used_for, present) = match session.card {
        Some(Card::ProjectCrs) => ("ui.project-crs", Use::Project, session.workspace.crs.as_ref()),
        Some(Card::LayerCrs(layer)) => {
            ("ui.layer-crs", Use::Layer(layer), session.workspace.entry(layer).map(|entry| &entry.layer.crs))
        }
        Some(Card::PendingCrs(at)) => {
            let file = session.opened.as_ref().and_then(|report| report.files.get(at));
            ("ui.other-crs", Use::Pending(at), file.and_then(|file| file.chosen.as_ref()))
        }
        _ => return,
    };
    let mut chosen: Option<Crs> = None;
    let mut examines = false;
    card(ui, session, title, commands, |ui, session| {
        let t = tokens(ui);
        let note = if used_for == Use::Project { "ui.project-crs-note" } else { "ui.layer-crs-note" };
        widgets::note(ui, session.tr(note));
        if let Some(present) = present {
            widgets::label(ui, &present.label_in(session.language()), font::heading(), t.text);
        }
        // Before the card reads it, which Enter closes.
        let entered = state.walk.read(ui, found(&state.text).len()).filter(|_| !state.text.trim().is_empty());
        chosen = entered.and_then(|row| found(&state.text).into_iter().nth(row));
        if let Use::Layer(layer) = used_for {
            let doctor = Command::Layer(layer, LayerCommand::Doctor);
            let name = session.tr("ui.layer-doctor");
            ui.add_enabled_ui(doctor.enabled(session), |ui| {
                let button = widgets::button(ui, Some(icons::COMPASS), name);
                examines = button.on_hover_text(session.tr("ui.layer-doctor-tip")).clicked();
            });
        }
        let width = ui.available_width();
        let hint = session.tr("ui.crs-hint");
        let field = widgets::field(ui, &mut state.text, Some(icons::SEARCH), hint, session.tr("ui.crs-search"), width);
        if ui.memory(|memory| memory.focused()).is_none() {
            field.request_focus();
        }
        state.walk.follow(&field);
        for (row, crs) in found(&state.text).into_iter().enumerate() {
            let name = crs.label_in(session.language());
            let icon = (Some(&crs) == present).then_some(icons::CHECK);
            if state.walk.row_ui(ui, row, icon, &name, crs.code()).clicked() {
                chosen = Some(crs);
            }
        }
    });
    if let (true, Use::Layer(layer)) = (examines, used_for) {
        commands.push(Command::Layer(layer, LayerCommand::Doctor));
        return;
    }
    if let Some(crs) = chosen {
        commands.push(match used_for {
            Use::Project => Command::View(ViewCommand::SetProjectCrs(crs)),
            Use::Layer(layer) => Command::Tree(TreeCommand::SetLayerCrs(layer, crs)),
            Use::Pending(file) => Command::File(FileCommand::AnswerOpen(OpenChoice::Read { file, crs })),
        });
        commands.push(Command::Window(WindowCommand::CloseCard));
        state.text.clear();
    }
}
