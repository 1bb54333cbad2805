//! Moving about the map: wheel, drags, keys. The same in every tool, except for what the left button does.

use eframe::egui::{self, Key, PointerButton, Response, Ui};

use crate::model::Extent;
use crate::render::MapView;
use crate::ui::look::theme::{size, tokens};
use crate::ui::session::Session;
use crate::ui::session::command::Command;
use crate::ui::session::command::view::ViewCommand;
use crate::ui::session::parts::Tool;

/// What is remembered between frames.
#[derive(Debug, Default)]
pub struct State {
    moving: bool,
    boxing: Option<egui::Pos2>,
    wheel: f64,
}

/// A notch of the wheel magnifies by this.
const NOTCH: f64 = 1.25;

/// Points that an arrow key moves the map by.
const ARROW: f64 = 96.0;

/// Seconds of quiet after which the next turn of the wheel counts as a new move.
const PAUSE: f64 = 0.6;

/// Reads the gestures that move the map.
pub fn ui(ui: &mut Ui, map: &Response, session: &Session, state: &mut State, commands: &mut Vec<Command>) {
    let rect = map.rect;
    let at = |p: egui::Pos2| [f64::from(p.x - rect.left()), f64::from(p.y - rect.top())];
    pointer(map, session, commands);
    if session.workspace.is_bare() {
        return;
    }

    let pointer_over = map.hovered() || map.dragged();
    let (scroll, zoom, time) = ui.input(|i| (i.smooth_scroll_delta().y, i.zoom_delta(), i.time));
    if map.hovered()
        && let Some(hover) = map.hover_pos()
    {
        let factor = f64::from(zoom) * NOTCH.powf(f64::from(scroll) / 50.0);
        if (factor - 1.0).abs() > 1e-6 {
            if time - state.wheel > PAUSE {
                commands.push(Command::View(ViewCommand::RememberView));
            }
            state.wheel = time;
            commands.push(Command::View(ViewCommand::SetView(session.view.zoomed_about(at(hover), factor))));
        }
    }

    let shift = ui.input(|i| i.modifiers.shift_only());
    let space = ui.input(|i| i.key_down(Key::Space)) && !ui.ctx().text_edit_focused();
    let left_pans = session.tool == Tool::Browse && !shift && state.boxing.is_none();
    let dragging = map.dragged_by(PointerButton::Middle) || (left_pans && map.dragged_by(PointerButton::Primary));
    let delta = ui.input(|i| i.pointer.delta());
    if dragging || (space && map.hovered()) {
        if delta != egui::Vec2::ZERO {
            if !state.moving {
                commands.push(Command::View(ViewCommand::RememberView));
            }
            state.moving = true;
            commands.push(Command::View(ViewCommand::SetView(
                session.view.panned([f64::from(delta.x), f64::from(delta.y)]),
            )));
        }
        ui.ctx().set_cursor_icon(egui::CursorIcon::Grabbing);
    } else {
        state.moving = false;
        if pointer_over && left_pans {
            ui.ctx().set_cursor_icon(egui::CursorIcon::Grab);
        }
    }
    if map.double_clicked_by(PointerButton::Middle) {
        commands.push(Command::View(ViewCommand::FullExtent));
    }
    // Who turns to the map leaves the table: arrows move the map again.
    if (map.clicked() || map.drag_started())
        && let Some(focused) = ui.memory(|memory| memory.focused())
    {
        ui.memory_mut(|memory| memory.surrender_focus(focused));
    }
    zoom_box(ui, map, &session.view, session.tool, state, shift, commands);
    if session.card.is_none() {
        arrows(ui, &session.view, commands);
    }
}

/// Tells where the pointer is.
fn pointer(map: &Response, session: &Session, commands: &mut Vec<Command>) {
    let place = map
        .hover_pos()
        .filter(|_| map.hovered() && session.workspace.crs.is_some())
        .map(|p| session.view.world_from_screen([f64::from(p.x - map.rect.left()), f64::from(p.y - map.rect.top())]));
    // The last place stays while the pointer is elsewhere: one reads it while reaching for the status bar.
    if place.is_some() && place != session.project.cursor {
        commands.push(Command::View(ViewCommand::SetCursor(place)));
    }
}

/// A drag with Shift shows what is inside its box; tools that select by a box keep Shift for adding.
fn zoom_box(
    ui: &Ui,
    map: &Response,
    view: &MapView,
    tool: Tool,
    state: &mut State,
    shift: bool,
    commands: &mut Vec<Command>,
) {
    let may_begin = shift && !matches!(tool, Tool::Select | Tool::Lasso);
    if may_begin && map.drag_started_by(PointerButton::Primary) {
        state.boxing = ui.input(|i| i.pointer.press_origin());
    }
    let Some(from) = state.boxing else { return };
    let to = map.interact_pointer_pos().or_else(|| map.hover_pos()).unwrap_or(from);
    let drawn = egui::Rect::from_two_pos(from, to).intersect(map.rect);
    if map.drag_stopped_by(PointerButton::Primary) {
        state.boxing = None;
        if drawn.width() > size::STEP && drawn.height() > size::STEP {
            let world = |p: egui::Pos2| {
                view.world_from_screen([f64::from(p.x - map.rect.left()), f64::from(p.y - map.rect.top())])
            };
            let mut extent = Extent::EMPTY;
            extent.add(world(drawn.min));
            extent.add(world(drawn.max));
            commands.push(Command::View(ViewCommand::ZoomTo(extent)));
        }
        return;
    }
    if !map.dragged_by(PointerButton::Primary) {
        state.boxing = None;
        return;
    }
    let t = tokens(ui);
    ui.painter().rect(
        drawn,
        0.0,
        t.accent.gamma_multiply(0.12),
        egui::Stroke::new(size::LINE, t.accent),
        egui::StrokeKind::Inside,
    );
}

/// Arrow keys move the map while nothing has the keyboard.
fn arrows(ui: &Ui, view: &MapView, commands: &mut Vec<Command>) {
    if ui.memory(|memory| memory.focused()).is_some() {
        return;
    }
    let pressed = |key| ui.input_mut(|i| i.consume_key(egui::Modifiers::NONE, key));
    for (key, delta) in [
        (Key::ArrowLeft, [ARROW, 0.0]),
        (Key::ArrowRight, [-ARROW, 0.0]),
        (Key::ArrowUp, [0.0, ARROW]),
        (Key::ArrowDown, [0.0, -ARROW]),
    ] {
        if pressed(key) {
            commands.push(Command::View(ViewCommand::SetView(view.panned(delta))));
        }
    }
}
