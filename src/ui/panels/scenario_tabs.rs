//! The tabs of the top bar: the base, each scenario, and the button that forks another.

use eframe::egui::{self, Color32, Rect, Response, Role, Sense, Ui, Vec2, WidgetInfo, pos2, vec2};

use crate::scenario::{ScenarioId, Workspace};
use crate::text::{Language, Message, tr};
use crate::ui::look::theme::{font, size, tokens};
use crate::ui::look::widgets::{self, Tone};
use crate::ui::look::{icons, keyboard};
use crate::ui::map::two_states::color;
use crate::ui::panels::stand_ins;
use crate::ui::session::Session;
use crate::ui::session::command::Command;
use crate::ui::session::command::scenario::ScenarioCommand;

/// What is remembered between frames.
#[derive(Debug, Default)]
pub struct State {
    /// The scenario whose name is being written, and its name so far.
    renaming: Option<(ScenarioId, String)>,
    /// The scenario whose note is being written, and its note so far.
    noting: Option<(ScenarioId, String)>,
    /// The layers that a scenario is being made of.
    choosing: Option<stand_ins::Choosing>,
}

/// Draws the tabs into `room` points at most.
pub fn ui(ui: &mut Ui, session: &Session, state: &mut State, room: f32, commands: &mut Vec<Command>) {
    let scenarios = session.workspace.scenarios.list();
    ui.spacing_mut().item_spacing.x = 2.0;
    let shown = session.workspace.scenarios.shown();
    let seen = seen(scenarios.iter().map(|scenario| shown == Some(scenario.id)), room - PLUS);
    let count = seen.len() as f32 + 1.0;
    let more = if seen.len() < scenarios.len() { MORE } else { 0.0 };
    let each = ((room - PLUS - more) / count).clamp(56.0, 300.0) - 2.0;
    let baseline = session.tr("ui.baseline");
    let project = session.workspace.name.as_str();
    let name = if project.is_empty() { baseline.to_owned() } else { format!("{baseline} · {project}") };
    let muted = tokens(ui).muted;
    let response = tab(ui, &name, muted, None, shown.is_none(), each).on_hover_text(session.tr("ui.baseline-tip"));
    if response.clicked() {
        commands.push(Command::Scenario(ScenarioCommand::Show(None)));
    }
    for (nth, scenario) in scenarios.iter().enumerate().filter(|(nth, _)| seen.contains(nth)) {
        let id = scenario.id;
        let color = color(ui, nth);
        if let Some((renaming, name)) = &mut state.renaming
            && *renaming == id
        {
            let field = widgets::field(ui, name, None, "", session.tr("ui.rename"), each.max(120.0));
            if field.lost_focus() {
                if !ui.input(|i| i.key_pressed(egui::Key::Escape)) && !name.trim().is_empty() {
                    let name = name.trim().to_owned();
                    commands.push(Command::Scenario(ScenarioCommand::Rename(id, name)));
                }
                state.renaming = None;
            } else {
                field.request_focus();
                keyboard::keep_escape(ui.ctx());
            }
            continue;
        }
        let badge = badge(session, id);
        let figure = badge.as_ref().map(|(figure, tone, _)| (figure.as_str(), *tone));
        let response = tab(ui, &scenario.name, color, figure, shown == Some(id), each);
        if response.clicked() {
            commands.push(Command::Scenario(ScenarioCommand::Show(Some(id))));
        }
        if response.double_clicked() {
            state.renaming = Some((id, scenario.name.clone()));
        }
        response.context_menu(|ui| menu(ui, &session.workspace, session.language(), state, id, commands));
        let tip = if scenario.note.is_empty() { session.tr("edit.tab-tip") } else { scenario.note.as_str() };
        let whole = widgets::whole_text(ui, &scenario.name, true).unwrap_or_default();
        response.on_hover_text(match badge {
            Some((.., meaning)) => format!("{whole}\n{meaning}\n{tip}"),
            None => format!("{whole}\n{tip}"),
        });
    }
    if seen.len() < scenarios.len() {
        let text = format!("+{}", scenarios.len() - seen.len());
        let name = session.tr("edit.more-scenarios");
        let response =
            widgets::text_button(ui, egui::RichText::new(text).color(muted).into(), name).on_hover_text(name);
        egui::Popup::menu(&response).show(|ui| {
            for scenario in scenarios.iter().enumerate().filter(|(nth, _)| !seen.contains(nth)).map(|(_, of)| of) {
                if widgets::menu_row(ui, None, &scenario.name, "", None).clicked() {
                    commands.push(Command::Scenario(ScenarioCommand::Show(Some(scenario.id))));
                    ui.close();
                }
            }
        });
    }
    let has_layers = !session.workspace.is_empty();
    ui.add_enabled_ui(has_layers, |ui| {
        let plus = widgets::icon_button(ui, icons::PLUS, session.tr("edit.new"));
        if plus.clicked() {
            commands.push(Command::Scenario(ScenarioCommand::Fork(shown)));
        }
        let of_layers = widgets::icon_button(ui, icons::LAYERS, session.tr("edit.of-layers"));
        if of_layers.clicked() {
            state.choosing = Some(stand_ins::Choosing::new(session));
        }
    });
    stand_ins::ui(ui, &session.workspace, session.language(), &mut state.choosing, commands);
    note_window(ui, &session.workspace, session.language(), state, commands);
}

/// Room of the buttons that make scenarios.
const PLUS: f32 = 60.0;

/// Room of the button that lists the scenarios without a tab.
const MORE: f32 = 40.0;

/// Narrowest tab that still tells its name.
const NARROWEST: f32 = 88.0;

/// The scenarios that have a tab beside that of the base, where tabs have `room` points: the first ones, and the one
/// that is shown in any case. `shown` marks it.
fn seen(shown: impl ExactSizeIterator<Item = bool>, room: f32) -> Vec<usize> {
    let count = shown.len();
    let shown = shown.enumerate().find_map(|(nth, shown)| shown.then_some(nth));
    if (count + 1) as f32 * NARROWEST <= room {
        return (0..count).collect();
    }
    let places = (((room - MORE) / NARROWEST) as usize).saturating_sub(1).max(1).min(count);
    let mut seen: Vec<usize> = (0..places).collect();
    if let (Some(shown), Some(last)) = (shown.filter(|shown| *shown >= places), seen.last_mut()) {
        *last = shown;
    }
    seen
}

/// How many steps of the history edited the scenario.
fn change_count(workspace: &Workspace, id: ScenarioId) -> usize {
    let history = &workspace.scenarios.history;
    history.done().filter(|step| step.edits().any(|(scenario, _)| scenario == id)).count()
}

/// What the badge of a tab says: rules that the scenario misses, where it misses some, else its changes; with a
/// sentence. While rules are not judged it says so: a count of some of them would be taken for all.
fn badge(session: &Session, id: ScenarioId) -> Option<(String, Tone, String)> {
    let Some(red) = session.judging.red_count(id) else {
        let meaning = session.tr("edit.tab-unjudged").to_owned();
        return (!session.judging.rules.rules.is_empty()).then(|| ("…".to_owned(), Tone::Quiet, meaning));
    };
    let (n, tone, key) = match (red, change_count(&session.workspace, id)) {
        (0, 0) => return None,
        (0, n) => (n, Tone::Quiet, "edit.tab-changes"),
        (n, _) => (n, Tone::Bad, "edit.tab-missed"),
    };
    Some((n.to_string(), tone, Message::new(key).with("n", n).text(session.language())))
}

fn menu(
    ui: &mut Ui,
    workspace: &Workspace,
    language: Language,
    state: &mut State,
    id: ScenarioId,
    commands: &mut Vec<Command>,
) {
    let Some(scenario) = workspace.scenarios.get(id) else { return };
    widgets::menu_heading(ui, &scenario.name);
    if widgets::menu_row(ui, Some(icons::PENCIL), tr(language, "ui.rename"), "", None).clicked() {
        state.renaming = Some((id, scenario.name.clone()));
        ui.close();
    }
    if widgets::menu_row(ui, Some(icons::COPY), tr(language, "edit.duplicate"), "", None).clicked() {
        commands.push(Command::Scenario(ScenarioCommand::Duplicate(id)));
        ui.close();
    }
    if widgets::menu_row(ui, Some(icons::INFO), tr(language, "edit.note"), "", None).clicked() {
        state.noting = Some((id, scenario.note.clone()));
        ui.close();
    }
    ui.separator();
    if widgets::menu_row(ui, Some(icons::TRASH_2), tr(language, "edit.delete"), "", None).clicked() {
        commands.push(Command::Scenario(ScenarioCommand::Delete(id)));
        ui.close();
    }
}

/// The note of a scenario, written in a small window beneath the tabs.
fn note_window(ui: &Ui, workspace: &Workspace, language: Language, state: &mut State, commands: &mut Vec<Command>) {
    let Some((id, text)) = &mut state.noting else { return };
    let id = *id;
    let Some(scenario) = workspace.scenarios.get(id) else {
        state.noting = None;
        return;
    };
    let title = Message::new("edit.note-of").with("name", &scenario.name).text(language);
    // The window is what Esc puts away while it is open.
    keyboard::keep_escape(ui.ctx());
    let mut done = ui.input(|i| i.key_pressed(egui::Key::Escape));
    egui::Window::new(&title)
        .id(egui::Id::unique("scenario-note"))
        .collapsible(false)
        .resizable(false)
        .anchor(egui::Align2::CENTER_TOP, vec2(0.0, size::TOP_BAR + 12.0))
        .show(ui.ctx(), |ui| {
            let edit = egui::TextEdit::multiline(text).desired_width(420.0).desired_rows(5);
            ui.add(edit).accessible_name(title.as_str());
            ui.horizontal(|ui| {
                if widgets::primary_button(ui, None, tr(language, "edit.save-note")).clicked() {
                    commands.push(Command::Scenario(ScenarioCommand::SetNote(id, text.trim().to_owned())));
                    done = true;
                }
                if widgets::button(ui, None, tr(language, "ui.cancel")).clicked() {
                    done = true;
                }
            });
        });
    if done {
        state.noting = None;
    }
}

/// One tab: mark, name, badge.
fn tab(ui: &mut Ui, name: &str, mark: Color32, badge: Option<(&str, Tone)>, on: bool, room: f32) -> Response {
    let t = tokens(ui);
    let ink = if on { t.text } else { t.muted };
    let badge = badge.map(|(figure, tone)| {
        let (ink, ground) = tone.colors(ui);
        (ui.painter().layout_no_wrap(figure.to_owned(), font::note(), ink), ink, ground)
    });
    let badge_width = badge.as_ref().map_or(0.0, |(badge, ..)| badge.size().x + 18.0);
    let galley = egui::WidgetText::from(egui::RichText::new(name).font(font::heading()).color(ink)).into_galley(
        ui,
        Some(egui::TextWrapMode::Truncate),
        (room - 38.0 - badge_width).max(24.0),
        font::heading(),
    );
    let wanted = vec2(galley.size().x + 38.0 + badge_width, size::TOP_BAR);
    let (rect, response) = ui.allocate_exact_size(wanted, Sense::click());
    response.widget_info(|| WidgetInfo::selected(Role::Tab, true, on, name));
    if response.hovered() && !on {
        ui.painter().rect_filled(rect.shrink2(vec2(0.0, 6.0)), f32::from(size::RADIUS), t.hover);
    }
    let square = Rect::from_center_size(pos2(rect.left() + 16.0, rect.center().y), Vec2::splat(8.0));
    ui.painter().rect_filled(square, 2.0, mark);
    let text = pos2(rect.left() + 26.0, rect.center().y - galley.size().y / 2.0);
    let end = text.x + galley.size().x;
    ui.painter().galley(text, galley, ink);
    if let Some((badge, ink, ground)) = badge {
        let plate = Rect::from_min_size(pos2(end + 6.0, rect.center().y - 9.0), vec2(badge.size().x + 12.0, 18.0));
        ui.painter().rect_filled(plate, 9.0, ground);
        ui.painter().galley(plate.center() - badge.size() / 2.0, badge, ink);
    }
    if on {
        let line = Rect::from_min_max(pos2(rect.left(), rect.bottom() - 2.0), rect.max);
        ui.painter().rect_filled(line, 0.0, t.accent);
    }
    widgets::focus_ring(ui, &response);
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scenario_shown_always_has_a_tab() {
        let check = |count: usize, shown: Option<usize>, room: f32, expected: &[usize]| {
            let marks: Vec<bool> = (0..count).map(|nth| shown == Some(nth)).collect();
            assert_eq!(seen(marks.into_iter(), room), expected, "{count} {shown:?} {room}");
        };
        check(0, None, 50.0, &[]);
        check(2, None, 3.0 * NARROWEST, &[0, 1]);
        check(5, None, 3.0 * NARROWEST + MORE, &[0, 1]);
        check(5, Some(4), 3.0 * NARROWEST + MORE, &[0, 4]);
        check(5, Some(1), 3.0 * NARROWEST + MORE, &[0, 1]);
        check(3, Some(2), 100.0, &[2]);
    }
}
