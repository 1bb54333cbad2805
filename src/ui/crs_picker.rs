//! The card that chooses a CRS: for a layer's coordinates, or for the map.

use eframe::egui::Ui;

use super::command::Command;
use super::shortcuts::card;
use super::state::{Card, Session};
use super::theme::{font, tokens};
use super::{icons, widgets};
use crate::crs::{self, Crs};

/// What is remembered between frames.
#[derive(Debug, Default)]
pub struct State {
    text: String,
}

/// Draws the card, when it is open.
pub fn ui(ui: &mut Ui, session: &Session, state: &mut State, commands: &mut Vec<Command>) {
    let (title, layer, present) = match session.card {
        Some(Card::ProjectCrs) => ("ui.project-crs", None, session.workspace.crs.as_ref()),
        Some(Card::LayerCrs(layer)) => {
            ("ui.layer-crs", Some(layer), session.workspace.entry(layer).map(|entry| &entry.layer.crs))
        }
        _ => return,
    };
    let mut chosen: Option<Crs> = None;
    card(ui, session, title, commands, |ui, session| {
        let t = tokens(ui);
        let note = if layer.is_some() { "ui.layer-crs-note" } else { "ui.project-crs-note" };
        widgets::note(ui, session.tr(note));
        if let Some(present) = present {
            widgets::label(ui, &present.label_in(session.language()), font::heading(), t.text);
        }
        let width = ui.available_width();
        let hint = session.tr("ui.crs-hint");
        let field = widgets::field(ui, &mut state.text, Some(icons::SEARCH), hint, session.tr("ui.crs-search"), width);
        if ui.memory(|memory| memory.focused()).is_none() {
            field.request_focus();
        }
        for crs in crs::search(&state.text).into_iter().take(12) {
            let name = crs.label_in(session.language());
            let on = Some(&crs) == present;
            if widgets::menu_row(ui, None, &name, crs.code(), Some(on)).clicked() {
                chosen = Some(crs);
            }
        }
    });
    if let Some(crs) = chosen {
        commands.push(match layer {
            Some(layer) => Command::SetLayerCrs(layer, crs),
            None => Command::SetProjectCrs(crs),
        });
        commands.push(Command::CloseCard);
        state.text.clear();
    }
}
