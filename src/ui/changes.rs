//! The list of changes: every step of the history as a sentence; a click goes back, or forward, to it.

use eframe::egui::{self, Align, Layout, Rect, Role, Sense, Ui, Vec2, WidgetInfo, pos2, vec2};

use super::command::Command;
use super::scenarios::ScenarioCommand;
use super::state::Session;
use super::theme::{font, size, tokens};
use super::{icons, widgets};
use crate::text::Message;

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
                let current = session.current.filter(|layer| session.selection.rows(*layer).is_some());
                let name = session.tr("edit.revert-selected");
                ui.add_enabled_ui(current.is_some(), |ui| {
                    if widgets::icon_button(ui, icons::ROTATE_CCW, name).clicked()
                        && let Some(layer) = current
                        && let Some(rows) = session.selection.rows(layer)
                    {
                        let rows = (**rows).clone();
                        commands.push(Command::Scenario(ScenarioCommand::Revert { layer, rows }));
                    }
                });
            });
        },
    );
    let history = &session.workspace.scenarios.history;
    let count = history.steps().len();
    if count == 0 {
        beneath_heading(ui, session.tr("edit.no-changes"));
        return false;
    }
    if let Some(forgotten) = history.forgotten() {
        beneath_heading(ui, &forgotten.text(language));
    }
    ui.spacing_mut().item_spacing.y = 0.0;
    let position = history.position();
    let list = egui::ScrollArea::vertical().id_salt("changes").auto_shrink([false, true]).max_height(room);
    let list = list.stick_to_bottom(true);
    let mut pressed = false;
    list.show_rows(ui, size::TREE_ROW, count + 1, |ui, range| {
        for at in range {
            // Row 0 is where nothing is done yet.
            let step = at.checked_sub(1).and_then(|nth| history.steps().nth(nth));
            let (sentence, time) = match step {
                Some(step) => (step.sentence.text(language), step.when.map(clock).unwrap_or_default()),
                None => (session.tr("edit.start").to_owned(), String::new()),
            };
            let of = step.and_then(|step| step.scenario());
            let other = of.is_some_and(|of| scenario.is_some_and(|scenario| scenario.id != of));
            if row(ui, &sentence, &time, at, position, other).clicked() && at != position {
                pressed = true;
                commands.push(Command::Scenario(ScenarioCommand::TravelTo(at)));
            }
        }
    });
    pressed
}

/// A note with the margins of the panel.
fn beneath_heading(ui: &mut Ui, text: &str) {
    egui::Frame::new().inner_margin(egui::Margin::symmetric(size::MARGIN as i8, 0)).show(ui, |ui| {
        ui.add(egui::Label::new(egui::RichText::new(text).font(font::note()).color(tokens(ui).muted)).wrap());
    });
}

/// One step: done, the present one, or undone; faint where it concerns another scenario.
fn row(ui: &mut Ui, sentence: &str, time: &str, at: usize, position: usize, other: bool) -> egui::Response {
    let t = tokens(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), size::TREE_ROW), Sense::click());
    let on = at == position;
    response.widget_info(|| WidgetInfo::selected(Role::ListItem, true, on, sentence));
    if on {
        ui.painter().rect_filled(rect, 0.0, t.accent_tint);
    } else if response.hovered() {
        ui.painter().rect_filled(rect, 0.0, t.hover);
    }
    let undone = at > position;
    let (icon, mark) = match () {
        () if on => (icons::CIRCLE_DOT, t.accent),
        () if undone => (icons::CIRCLE, t.line),
        () => (icons::CIRCLE, t.faint),
    };
    let place = Rect::from_center_size(pos2(rect.left() + 20.0, rect.center().y), Vec2::splat(size::ICON));
    widgets::paint_icon(ui, place, icon, size::ICON_SMALL, mark);
    let ink = if undone || other { t.faint } else { t.text };
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
    response.on_hover_text(sentence)
}

/// The time of day in China, which is where the land is: `14:05`.
fn clock(seconds: i64) -> String {
    let minutes = (seconds + 8 * 3600).div_euclid(60);
    format!("{:02}:{:02}", minutes.div_euclid(60).rem_euclid(24), minutes.rem_euclid(60))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_of_day_is_that_of_china() {
        assert_eq!(clock(0), "08:00");
        assert_eq!(clock(1_764_313_200), "15:00");
        assert_eq!(clock(-8 * 3600 - 60), "23:59");
    }
}
