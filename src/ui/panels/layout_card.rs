//! The card of layouts: the page as it will be printed, what is on it, and what the chosen item is like. Every change is a
//! step of the document.

use std::path::PathBuf;
use std::sync::Arc;

use eframe::egui::{self, Rect, Sense, Ui, pos2, vec2};

use crate::model::layout::{Layout, templates};
use crate::ui::look::choice::choice;
use crate::ui::look::theme::{self, font, tokens};
use crate::ui::look::{icons, keyboard, widgets};
use crate::ui::session::Session;
use crate::ui::session::awaited::Awaited;
use crate::ui::session::command::Command;
use crate::ui::session::command::layout::LayoutCommand;
use crate::ui::session::command::scenario::ScenarioCommand;
use crate::ui::session::command::window::WindowCommand;
use crate::ui::session::parts::Card;
use crate::ui::work::layouts;

use chosen::Chosen;

mod chosen;
mod items;
mod page;
mod properties;
mod rulers;
mod series;
mod why;

/// Width of the list of items and of the properties, in points.
const LIST: f32 = 210.0;
const PROPERTIES: f32 = 270.0;
/// What stays free between the columns, in points.
const GAP: f32 = 12.0;
/// What stays free around the card, in points.
const AROUND: f32 = 40.0;
/// Narrowest and lowest card, in points.
const LEAST: [f32; 2] = [640.0, 360.0];

/// What is remembered between frames.
#[derive(Default)]
pub struct State {
    /// Name of the layout that is shown.
    layout: String,
    /// The items that are chosen.
    chosen: Chosen,
    page: page::State,
    /// The layouts of the office's folder, with their files.
    kept: Awaited<PathBuf, Vec<(String, PathBuf)>>,
    /// The series that is being ordered.
    series: Option<series::State>,
}

/// Draws the card, when it is open.
pub fn ui(ui: &mut Ui, session: &Session, state: &mut State, commands: &mut Vec<Command>) {
    if session.card != Some(Card::Layouts) {
        *state = State::default();
        return;
    }
    let t = tokens(ui);
    let room = ui.ctx().content_rect().size() - vec2(2.0 * AROUND, 2.0 * AROUND);
    let size = vec2(room.x.max(LEAST[0]), room.y.max(LEAST[1]));
    let modal = egui::Modal::new(egui::Id::unique("layouts")).frame(theme::dialog_frame(t)).backdrop_color(t.backdrop);
    modal.show(ui.ctx(), |ui| {
        ui.set_min_size(size);
        ui.set_max_size(size);
        card_ui(ui, session, state, commands);
    });
    // A press beside the card does not close it: work goes on there. Esc does, but not while a field has the keyboard.
    if ui.ctx().text_edit_focused() {
        keyboard::keep_escape(ui.ctx());
    }
}

fn card_ui(ui: &mut Ui, session: &Session, state: &mut State, commands: &mut Vec<Command>) {
    state.kept.poll();
    if let Some(folder) = session.settings.layout_folder.clone().filter(|folder| !state.kept.is_asked(folder)) {
        let name = session.tr("layout.kept");
        state.kept.start_task(ui.ctx(), folder.clone(), name, move |progress| layouts::templates_in(&folder, progress));
    }
    let layouts = &session.workspace.layouts;
    let at = layouts.iter().position(|layout| layout.name == state.layout).unwrap_or(0);
    let now = layouts.get(at);
    state.layout = now.map_or_else(String::new, |layout| layout.name.clone());
    head(ui, session, state, now, commands);
    ui.add_space(8.0);
    let Some(now) = now else {
        ui.centered_and_justified(|ui| {
            widgets::empty_state(ui, icons::FILE, session.tr("layout.none"), |ui| {
                new_menu(ui, session, state, commands);
            });
        });
        return;
    };
    let mut edited = now.clone();
    let room = ui.available_size();
    // Columns of fixed sizes: whatever stands in one of them, the card keeps its own.
    let (all, _) = ui.allocate_exact_size(room, Sense::hover());
    let middle = (room.x - LIST - PROPERTIES - 2.0 * GAP).max(160.0);
    let column = |ui: &mut Ui, left: f32, width: f32, content: &mut dyn FnMut(&mut Ui)| {
        let corner = pos2(all.left() + left, all.top());
        let rect = Rect::from_min_size(corner, vec2(width, room.y));
        let layout = egui::Layout::top_down(egui::Align::Min);
        let mut child = ui.new_child(egui::UiBuilder::new().id_salt(left.to_bits()).max_rect(rect).layout(layout));
        child.shrink_clip_rect(rect.expand(GAP / 3.0));
        content(&mut child);
    };
    column(ui, 0.0, LIST, &mut |ui: &mut Ui| items::ui(ui, session, &mut edited, &mut state.chosen));
    column(ui, LIST + GAP, middle, &mut |ui: &mut Ui| {
        page::ui(ui, session, &mut edited, &mut state.chosen, &mut state.page, commands);
    });
    column(ui, LIST + middle + 2.0 * GAP, PROPERTIES, &mut |ui: &mut Ui| {
        let is_over = match &mut state.series {
            Some(series) => series::ui(ui, session, now, series, commands),
            None => {
                properties::ui(ui, session, &mut edited, &mut state.chosen, &state.page, commands);
                false
            }
        };
        if is_over {
            state.series = None;
        }
    });
    if edited != *now {
        let name = edited.name.clone();
        let mut all = layouts.to_vec();
        // A name that another one has is not taken.
        if name != now.name && layouts.iter().any(|layout| layout.name == name) {
            edited.name.clone_from(&now.name);
        }
        state.layout.clone_from(&edited.name);
        all[at] = edited;
        commands.push(Command::Layout(LayoutCommand::Change(Arc::new(all))));
    }
}

/// Which layout, and what can be done with all of it.
fn head(ui: &mut Ui, session: &Session, state: &mut State, now: Option<&Layout>, commands: &mut Vec<Command>) {
    let layouts = &session.workspace.layouts;
    ui.horizontal(|ui| {
        ui.add(egui::Label::new(
            egui::RichText::new(session.tr("layout.sheets").trim_end_matches('…')).font(font::title()),
        ));
        ui.add_space(8.0);
        if let Some(now) = now {
            choice(ui, session.tr("layout.which"), &now.name, |ui| {
                for layout in layouts.iter() {
                    if widgets::menu_row(ui, None, &layout.name, "", Some(layout.name == now.name)).clicked() {
                        state.layout.clone_from(&layout.name);
                        (state.chosen, state.series, state.page) = (Chosen::default(), None, page::State::default());
                        ui.close();
                    }
                }
            });
            new_menu(ui, session, state, commands);
            let name = session.tr("layout.remove");
            if widgets::icon_button(ui, icons::TRASH_2, name).clicked() {
                let rest: Vec<Layout> = layouts.iter().filter(|layout| layout.name != now.name).cloned().collect();
                commands.push(Command::Layout(LayoutCommand::Change(Arc::new(rest))));
            }
            for (command, icon, key) in [
                (ScenarioCommand::Undo, icons::UNDO_2, "layout.undo"),
                (ScenarioCommand::Redo, icons::REDO_2, "layout.redo"),
            ] {
                if widgets::icon_button(ui, icon, session.tr(key)).clicked() {
                    commands.push(Command::Scenario(command));
                }
            }
        }
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            if widgets::icon_button(ui, icons::X, session.tr("ui.close")).clicked() {
                commands.push(Command::Window(WindowCommand::CloseCard));
            }
            let Some(now) = now else { return };
            if widgets::primary_button(ui, Some(icons::FILE_DOWN), session.tr("layout.export")).clicked() {
                commands.push(Command::Layout(LayoutCommand::Export(Box::new(now.clone()))));
            }
            if widgets::button(ui, Some(icons::LAYERS), session.tr("layout.series")).clicked() {
                state.series = match state.series {
                    Some(_) => None,
                    None => Some(series::State::of(now)),
                };
            }
            if widgets::button(ui, Some(icons::SAVE), session.tr("layout.save-template")).clicked() {
                commands.push(Command::Layout(LayoutCommand::SaveTemplate(Box::new(now.clone()))));
            }
        });
    });
}

/// A menu of what a new layout starts from.
fn new_menu(ui: &mut Ui, session: &Session, state: &mut State, commands: &mut Vec<Command>) {
    choice(ui, session.tr("layout.new"), session.tr("layout.new"), |ui| {
        for template in templates::all(session.language()) {
            if widgets::menu_row(ui, None, &template.name, "", None).clicked() {
                let mut all = session.workspace.layouts.to_vec();
                let name = layouts::free_name(&all, &template.name);
                state.layout.clone_from(&name);
                (state.chosen, state.series, state.page) = (Chosen::default(), None, page::State::default());
                let template = templates::fitted(template, &all);
                all.push(Layout { name, ..template });
                commands.push(Command::Layout(LayoutCommand::Change(Arc::new(all))));
                ui.close();
            }
        }
        ui.separator();
        if let Some(kept) = state.kept.value().filter(|kept| !kept.is_empty()) {
            widgets::menu_heading(ui, session.tr("layout.kept"));
            for (name, file) in kept {
                if widgets::menu_row(ui, None, name, "", None).clicked() {
                    commands.push(Command::Layout(LayoutCommand::LoadTemplateOf(file.clone())));
                    ui.close();
                }
            }
            ui.separator();
        }
        for (icon, key, command) in [
            (icons::FOLDER_OPEN, "layout.from-file", LayoutCommand::LoadTemplate),
            (icons::SETTINGS, "layout.templates-folder", LayoutCommand::ChooseTemplates),
        ] {
            if widgets::menu_row(ui, Some(icon), session.tr(key), "", None).clicked() {
                commands.push(Command::Layout(command));
                ui.close();
            }
        }
    });
}
