//! Two states seen together: swiped, side by side, or the base in place of the scenario while a key is held.

use eframe::egui::{self, Color32, CursorIcon, Rect, Role, Sense, Ui, WidgetInfo, pos2, vec2};

use crate::scenario::{ScenarioId, Seeing, Workspace, seeing};
use crate::text::{Language, Message, tr};
use crate::ui::look::theme::{self, font, tokens};
use crate::ui::look::widgets;
use crate::ui::session::Session;
use crate::ui::session::command::Command;
use crate::ui::session::command::view::ViewCommand;
use crate::ui::work::two_states::{all, other};

/// The mark of the n-th scenario.
pub fn color(ui: &Ui, nth: usize) -> Color32 {
    let t = tokens(ui);
    let colors = [t.measure, t.good, t.accent, t.bad, t.warn];
    colors[nth % colors.len()]
}

/// Rooms of `count` maps in `map`: beside each other, four in two rows.
pub fn panes(map: Rect, count: usize) -> Vec<Rect> {
    let columns = if count == 4 { 2 } else { count.max(1) };
    let rows = count.max(1).div_ceil(columns);
    let each = vec2(
        (map.width() - GAP * (columns - 1) as f32) / columns as f32,
        (map.height() - GAP * (rows - 1) as f32) / rows as f32,
    );
    (0..count.max(1))
        .map(|i| {
            let (row, column) = ((i / columns) as f32, (i % columns) as f32);
            Rect::from_min_size(map.min + vec2(column * (each.x + GAP), row * (each.y + GAP)), each)
        })
        .collect()
}

/// Room between maps.
const GAP: f32 = 2.0;

/// The part of `map` that shows the other state, and the line between both.
pub fn swiped(map: Rect, level: bool, at: f32) -> (Rect, [egui::Pos2; 2]) {
    if level {
        let y = map.top() + map.height() * at;
        (map.with_max_y(y), [pos2(map.left(), y), pos2(map.right(), y)])
    } else {
        let x = map.left() + map.width() * at;
        (map.with_max_x(x), [pos2(x, map.top()), pos2(x, map.bottom())])
    }
}

/// Draws the line of the swipe with its handle, and the names of the states; reads the drag.
pub fn handle(ui: &mut Ui, map: Rect, session: &Session, commands: &mut Vec<Command>) {
    let Seeing::Swipe { level, at } = session.project.seeing else { return };
    let t = tokens(ui);
    let (_, line) = swiped(map, level, at);
    let middle = pos2((line[0].x + line[1].x) / 2.0, (line[0].y + line[1].y) / 2.0);
    let painter = ui.painter_at(map);
    painter.line_segment(line, egui::Stroke::new(4.0, t.casing.gamma_multiply(0.8)));
    painter.line_segment(line, egui::Stroke::new(2.0, t.text));
    let grip = Rect::from_center_size(middle, egui::Vec2::splat(26.0));
    let area = if level {
        Rect::from_center_size(middle, vec2(map.width(), 12.0)).union(grip)
    } else {
        Rect::from_center_size(middle, vec2(12.0, map.height())).union(grip)
    };
    let response = ui.interact(area.intersect(map), ui.scope_id().with("swipe"), Sense::drag());
    response.widget_info(|| WidgetInfo::labeled(Role::Slider, true, session.tr("edit.swipe-handle")));
    let cursor = if level { CursorIcon::ResizeVertical } else { CursorIcon::ResizeHorizontal };
    let response = response.on_hover_cursor(cursor);
    let ring = if response.hovered() || response.dragged() { t.accent } else { t.line };
    painter.circle(middle, 13.0, t.panel, egui::Stroke::new(1.5, ring));
    let arrow = if level { "↕" } else { "↔" };
    painter.text(middle, egui::Align2::CENTER_CENTER, arrow, font::heading(), t.text);
    if let Some(p) = response.interact_pointer_pos().filter(|_| response.dragged()) {
        let at = if level { (p.y - map.top()) / map.height() } else { (p.x - map.left()) / map.width() };
        commands.push(Command::View(ViewCommand::See(Seeing::Swipe {
            level,
            at: at.clamp(seeing::SWIPE_MARGIN, 1.0 - seeing::SWIPE_MARGIN),
        })));
    }
    let Some(other) = other(&session.workspace, &session.project) else { return };
    let top = map.top() + 14.0;
    if level {
        let left = map.left() + 64.0;
        let place = name_plate(
            ui,
            map,
            pos2(left, line[0].y - 30.0),
            egui::Align2::LEFT_TOP,
            &session.workspace,
            session.language(),
            other,
        );
        chooser(ui, place, 0, other, &session.workspace, session.language(), commands);
        name_plate(
            ui,
            map,
            pos2(left, line[0].y + 8.0),
            egui::Align2::LEFT_TOP,
            &session.workspace,
            session.language(),
            session.workspace.scenarios.shown(),
        );
    } else {
        let place = name_plate(
            ui,
            map,
            pos2(middle.x - 16.0, top),
            egui::Align2::RIGHT_TOP,
            &session.workspace,
            session.language(),
            other,
        );
        chooser(ui, place, 0, other, &session.workspace, session.language(), commands);
        name_plate(
            ui,
            map,
            pos2(middle.x + 16.0, top),
            egui::Align2::LEFT_TOP,
            &session.workspace,
            session.language(),
            session.workspace.scenarios.shown(),
        );
    }
}

/// The names of the states on maps beside each other, and of the one that a held key shows.
pub fn plates(
    ui: &mut Ui,
    panes: &[Rect],
    states: &[Option<ScenarioId>],
    session: &Session,
    commands: &mut Vec<Command>,
) {
    let at = |map: Rect| map.center_top() + vec2(0.0, 14.0);
    let align = egui::Align2::CENTER_TOP;
    if session.peeking && !states.is_empty() {
        name_plate(ui, panes[0], at(panes[0]), align, &session.workspace, session.language(), states[0]);
    } else if panes.len() > 1 {
        let all = std::iter::once(session.workspace.scenarios.shown()).chain(states.iter().copied());
        for (nth, (map, state)) in panes.iter().zip(all).enumerate() {
            let place = name_plate(ui, *map, at(*map), align, &session.workspace, session.language(), state);
            if let Some(nth) = nth.checked_sub(1) {
                chooser(ui, place, nth, state, &session.workspace, session.language(), commands);
            }
        }
    }
}

/// A plate that can be pressed: another state takes the place of the one that it names.
fn chooser(
    ui: &mut Ui,
    plate: Rect,
    nth: usize,
    now: Option<ScenarioId>,
    workspace: &Workspace,
    language: Language,
    commands: &mut Vec<Command>,
) {
    let response = ui.interact(plate, ui.scope_id().with(("beside", nth)), Sense::click());
    let (name_now, _) = name(ui, workspace, language, now);
    let label = Message::new("edit.state-beside").with("name", name_now).text(language);
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &label));
    if response.hovered() {
        let stroke = egui::Stroke::new(1.0, tokens(ui).accent);
        ui.painter().rect_stroke(plate, theme::radius(), stroke, egui::StrokeKind::Inside);
    }
    widgets::focus_ring(ui, &response);
    egui::Popup::menu(&response).show(|ui| {
        for state in all(workspace).into_iter().filter(|state| *state != workspace.scenarios.shown()) {
            let (name, _) = name(ui, workspace, language, state);
            if widgets::menu_row(ui, None, &name, "", Some(state == now)).clicked() {
                commands.push(Command::View(ViewCommand::SeeBeside(nth, state)));
                ui.close();
            }
        }
    });
    response.on_hover_text(tr(language, "edit.choose-state"));
}

/// The name of a state on a plate at the border of its map; where the plate is.
fn name_plate(
    ui: &Ui,
    map: Rect,
    at: egui::Pos2,
    align: egui::Align2,
    workspace: &Workspace,
    language: Language,
    state: Option<ScenarioId>,
) -> Rect {
    let t = tokens(ui);
    let (name, ink) = name(ui, workspace, language, state);
    let painter = ui.painter_at(map);
    let galley = widgets::cut(ui, &name, font::heading(), ink, (map.width() * 0.4).clamp(60.0, 320.0));
    let plate = align.anchor_size(at, galley.size() + vec2(20.0, 8.0));
    painter.rect(plate, theme::radius(), t.panel.gamma_multiply(0.94), theme::line(t), egui::StrokeKind::Inside);
    painter.galley(plate.center() - galley.size() / 2.0, galley, ink);
    plate
}

/// Name of a state, and the ink that it is written in.
pub fn name(ui: &Ui, workspace: &Workspace, language: Language, state: Option<ScenarioId>) -> (String, Color32) {
    let nth = workspace.scenarios.list().iter().position(|scenario| Some(scenario.id) == state);
    match nth {
        Some(nth) => (workspace.scenarios.list()[nth].name.clone(), color(ui, nth)),
        None => (tr(language, "ui.baseline").to_owned(), tokens(ui).text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::work::two_states::MOST_LINKED;

    #[test]
    fn maps_beside_each_other_fill_the_room_and_are_of_one_size() {
        let map = Rect::from_min_size(pos2(10.0, 20.0), vec2(800.0, 600.0));
        for count in 1..=MOST_LINKED {
            let panes = panes(map, count);
            assert_eq!(panes.len(), count);
            assert_eq!((panes[0].min, panes[count - 1].max), (map.min, map.max));
            assert!(panes.iter().all(|pane| (pane.size() - panes[0].size()).length() < 1e-3));
            for (i, a) in panes.iter().enumerate() {
                assert!(panes[i + 1..].iter().all(|b| !a.shrink(0.5).intersects(b.shrink(0.5))));
            }
        }
    }
}
