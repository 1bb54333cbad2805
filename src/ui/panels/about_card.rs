//! The card that says what this program is: its version, where its settings and unsaved work lie, where its data come
//! from, and who wrote what is in it.

use eframe::egui::{self, Key, Modifiers, Role, Sense, Ui, WidgetInfo, pos2, vec2};

use crate::io::shown_path;
use crate::report::licences::{Component, components};
use crate::text::Message;
use crate::ui::look::theme::{font, size, tokens};
use crate::ui::look::{icons, widgets};
use crate::ui::panels::shortcuts::card;
use crate::ui::session::Session;
use crate::ui::session::command::Command;
use crate::ui::session::parts::Card;
use crate::ui::session::settings;

/// What is remembered between frames.
#[derive(Default)]
pub struct State {
    search: String,
    /// The component whose texts are shown.
    shown: Option<usize>,
}

/// Draws the card, when it is open.
pub fn ui(ui: &mut Ui, session: &Session, state: &mut State, commands: &mut Vec<Command>) {
    if session.card != Some(Card::About) {
        *state = State::default();
        return;
    }
    card(ui, session, "ui.about", commands, |ui, session| {
        program_ui(ui, session);
        ui.add_space(size::STEP * 2.0);
        components_ui(ui, session, state);
        // Enter closes cards; where something has the keyboard it is meant for that.
        if ui.memory(|memory| memory.focused()).is_some() {
            ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Enter));
        }
    });
}

fn program_ui(ui: &mut Ui, session: &Session) {
    let t = tokens(ui);
    ui.horizontal(|ui| {
        widgets::logo(ui);
        ui.label(
            egui::RichText::new(format!("{} {}", session.tr("ui.name"), env!("CARGO_PKG_VERSION")))
                .font(font::heading()),
        );
    });
    ui.add_space(4.0);
    for key in ["ui.about-what", "ui.about-areas", "ui.about-offline", "ui.about-licence", "ui.about-data"] {
        ui.add(egui::Label::new(egui::RichText::new(session.tr(key)).color(t.text)).wrap());
        ui.add_space(4.0);
    }
    let said = |key: &'static str, path: std::path::PathBuf| {
        Message::new(key).with("path", shown_path(path)).text(session.language())
    };
    let places = [
        settings::folder().map(|folder| said("ui.about-settings", folder.join(settings::FILE))),
        session.unsaved.folder.clone().map(|folder| said("ui.about-journals", folder)),
    ];
    for place in places.into_iter().flatten() {
        ui.add(egui::Label::new(egui::RichText::new(place).color(t.muted).font(font::note())).wrap());
    }
}

fn components_ui(ui: &mut Ui, session: &Session, state: &mut State) {
    let all = components();
    widgets::section(ui, session.tr("ui.about-parts"));
    ui.add_space(size::STEP);
    let width = ui.available_width();
    let (hint, name) = (session.tr("ui.about-search-hint"), session.tr("ui.about-search"));
    if widgets::field(ui, &mut state.search, Some(icons::SEARCH), hint, name, width).changed() {
        state.shown = None;
    }
    let wanted = state.search.trim().to_lowercase();
    let found: Vec<usize> = (0..all.len()).filter(|at| all[*at].holds(&wanted)).collect();
    let count = Message::new("ui.about-count").with("n", found.len()).with("all", all.len());
    widgets::note(ui, &count.text(session.language()));
    for at in found {
        let is_shown = state.shown == Some(at);
        if row(ui, &all[at], is_shown) {
            state.shown = (!is_shown).then_some(at);
        }
        if is_shown {
            texts_ui(ui, &all[at]);
        }
    }
}

/// A row of the list. Whether it was clicked.
fn row(ui: &mut Ui, component: &Component, is_shown: bool) -> bool {
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), size::TABLE_ROW), Sense::click());
    if !ui.is_rect_visible(rect) {
        return false;
    }
    let t = tokens(ui);
    let enabled = ui.is_enabled();
    let name = format!("{} {}", component.name, component.version);
    response.widget_info(|| {
        WidgetInfo::selected(Role::Button, enabled, is_shown, format!("{} {}", name.trim(), component.licence))
    });
    if response.hovered() || response.has_focus() {
        ui.painter().rect_filled(rect, crate::ui::look::theme::radius(), t.hover);
    }
    let mark = egui::Rect::from_center_size(pos2(rect.left() + 10.0, rect.center().y), egui::Vec2::splat(size::ICON));
    let icon = if is_shown { icons::CHEVRON_DOWN } else { icons::CHEVRON_RIGHT };
    widgets::paint_icon(ui, mark, icon, size::ICON_SMALL, t.muted);
    let licence = widgets::cut(ui, component.licence, font::note(), t.muted, rect.width() * 0.45);
    let at = pos2(rect.right() - licence.size().x - 6.0, rect.center().y - licence.size().y / 2.0);
    let room = (at.x - rect.left() - 34.0).max(20.0);
    ui.painter().galley(at, licence, t.muted);
    let name = widgets::cut(ui, name.trim(), font::body(), t.text, room);
    ui.painter().galley(pos2(rect.left() + 24.0, rect.center().y - name.size().y / 2.0), name, t.text);
    response.clicked()
}

fn texts_ui(ui: &mut Ui, component: &Component) {
    let t = tokens(ui);
    egui::Frame::new().fill(t.window).inner_margin(egui::Margin::symmetric(10, 6)).show(ui, |ui| {
        if !component.address.is_empty() {
            ui.add(egui::Label::new(egui::RichText::new(component.address).font(font::note()).color(t.muted)).wrap());
            ui.add_space(size::STEP);
        }
        for text in &component.texts {
            let text = egui::RichText::new(*text).font(font::note()).color(t.text);
            ui.add(egui::Label::new(text).wrap().selectable(true));
            ui.add_space(size::STEP * 2.0);
        }
        ui.take_available_width();
    });
}
