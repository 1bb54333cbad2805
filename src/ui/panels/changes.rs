//! The list of changes: the steps of the tab, and those of the document with a mark, as sentences; a click goes back,
//! or forward, to one.

use eframe::egui::{self, Align, Layout, Rect, Role, Sense, Ui, Vec2, WidgetInfo, pos2, vec2};

use crate::scenario::Scope;
use crate::text::Message;
use crate::ui::look::theme::{font, size, tokens};
use crate::ui::look::{icons, widgets};
use crate::ui::session::Session;
use crate::ui::session::command::Command;
use crate::ui::session::command::scenario::ScenarioCommand;
use crate::ui::work::clock::clock;

/// Draws the heading and the list into `room` points of height; whether a row was pressed.
pub fn ui(ui: &mut Ui, session: &Session, room: f32, commands: &mut Vec<Command>) -> bool {
    let language = session.language();
    let scenario = session.workspace.shown_scenario();
    ui.allocate_ui_with_layout(
        vec2(ui.available_width(), size::PANEL_HEADING),
        Layout::left_to_right(Align::Center),
        |ui| {
            ui.add_space(size::MARGIN);
            match scenario {
                Some(scenario) => {
                    let title = Message::new("edit.changes-of").with("name", &scenario.name).text(language);
                    widgets::section(ui, &title)
                }
                None => widgets::section(ui, session.tr("edit.changes")),
            };
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                ui.add_space(8.0);
                let current = session.project.current.filter(|layer| session.project.selection.rows(*layer).is_some());
                let name = session.tr("edit.revert-selected");
                ui.add_enabled_ui(current.is_some(), |ui| {
                    if widgets::icon_button(ui, icons::ROTATE_CCW, name).clicked()
                        && let Some(layer) = current
                        && let Some(rows) = session.project.selection.rows(layer)
                    {
                        let rows = (**rows).clone();
                        commands.push(Command::Scenario(ScenarioCommand::Revert { layer, rows }));
                    }
                });
            });
        },
    );
    let history = &session.workspace.scenarios.history;
    let listed = session.workspace.listed_steps();
    let count = listed.len();
    if count == 0 {
        beneath_heading(ui, session.tr("edit.no-changes"));
        return false;
    }
    if let Some(forgotten) = history.forgotten() {
        beneath_heading(ui, &forgotten.text(language));
    }
    ui.spacing_mut().item_spacing.y = 0.0;
    // The present one is the last that is done.
    let position = listed.iter().rposition(|kept| kept.done).map_or(0, |at| at + 1);
    let list = egui::ScrollArea::vertical().id_salt("changes").auto_shrink([false, true]).max_height(room);
    let list = list.stick_to_bottom(true);
    let mut pressed = false;
    list.show_rows(ui, size::TREE_ROW, count + 1, |ui, range| {
        for at in range {
            // Row 0 is where nothing is done yet.
            let kept = at.checked_sub(1).map(|nth| listed[nth]);
            let (sentence, time) = match kept {
                Some(kept) => (kept.step.sentence.text(language), kept.step.when.map(clock).unwrap_or_default()),
                None => (session.tr("edit.start").to_owned(), String::new()),
            };
            let shown = Row {
                on: at == position,
                undone: kept.is_some_and(|kept| !kept.done),
                of_document: scenario.is_some() && kept.is_some_and(|kept| kept.step.scope() == Scope::Document),
            };
            let tip = if shown.of_document { session.tr("edit.of-document") } else { "" };
            if row(ui, &sentence, &time, tip, &shown).clicked() && at != position {
                pressed = true;
                commands.push(Command::Scenario(ScenarioCommand::TravelTo(kept.map(|kept| kept.serial))));
            }
        }
    });
    pressed
}

/// How a step is shown.
struct Row {
    /// Whether it is the present one.
    on: bool,
    /// Whether it is undone.
    undone: bool,
    /// Whether it concerns all tabs.
    of_document: bool,
}

/// A note with the margins of the panel.
fn beneath_heading(ui: &mut Ui, text: &str) {
    egui::Frame::new().inner_margin(egui::Margin::symmetric(size::MARGIN as i8, 0)).show(ui, |ui| {
        ui.add(egui::Label::new(egui::RichText::new(text).font(font::note()).color(tokens(ui).muted)).wrap());
    });
}

/// One step: done, the present one, or undone; a square where it concerns the document, a circle else.
fn row(ui: &mut Ui, sentence: &str, time: &str, tip: &str, shown: &Row) -> egui::Response {
    let t = tokens(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), size::TREE_ROW), Sense::click());
    response.widget_info(|| WidgetInfo::selected(Role::ListItem, true, shown.on, sentence));
    if shown.on {
        ui.painter().rect_filled(rect, 0.0, t.accent_tint);
    } else if response.hovered() {
        ui.painter().rect_filled(rect, 0.0, t.hover);
    }
    let (icon, mark) = match () {
        () if shown.of_document => (icons::LAYERS, if shown.on { t.accent } else { t.faint }),
        () if shown.on => (icons::CIRCLE_DOT, t.accent),
        () if shown.undone => (icons::CIRCLE, t.line),
        () => (icons::CIRCLE, t.faint),
    };
    let place = Rect::from_center_size(pos2(rect.left() + 20.0, rect.center().y), Vec2::splat(size::ICON));
    widgets::paint_icon(ui, place, icon, size::ICON_SMALL, mark);
    let ink = if shown.undone { t.faint } else { t.text };
    let time = ui.painter().layout_no_wrap(time.to_owned(), font::note(), t.faint);
    let time_left = rect.right() - size::MARGIN - time.size().x;
    let galley = egui::WidgetText::from(egui::RichText::new(sentence).color(ink)).into_galley(
        ui,
        Some(egui::TextWrapMode::Truncate),
        time_left - 8.0 - (rect.left() + 36.0),
        font::body(),
    );
    ui.painter().galley(pos2(time_left, rect.center().y - time.size().y / 2.0), time, t.faint);
    ui.painter().galley(pos2(rect.left() + 36.0, rect.center().y - galley.size().y / 2.0), galley, ink);
    widgets::focus_ring(ui, &response);
    response.on_hover_text(if tip.is_empty() { sentence.to_owned() } else { format!("{sentence}\n{tip}") })
}
