//! The tool strip, and what the left button does on the map: identify, select, measure.

use eframe::egui::{self, PointerButton, Pos2, Rect, Response, Ui, pos2, vec2};

use super::command::Command;
use super::measure_tool;
use super::shortcuts::tip;
use super::state::{FeatureRef, Rows, SelectMode, Session, Tool};
use super::theme::{self, size, tokens};
use super::widgets;
use crate::model::style::{Fill, Symbol};
use crate::model::{Coord, Extent, GeometryKind, LayerId};

/// What is remembered between frames.
#[derive(Default)]
pub struct State {
    /// Where a box, or the line of a lasso, began and went.
    path: Vec<Pos2>,
    measure: measure_tool::State,
}

/// Points around the pointer within which lines and points are hit.
pub const TOLERANCE: f64 = 4.0;

/// Draws the tool strip and reads what the tool in hand does; cards go into the part of the map that is `free`.
pub fn ui(ui: &mut Ui, map: &Response, free: Rect, session: &Session, state: &mut State, commands: &mut Vec<Command>) {
    if !session.workspace.is_empty() {
        match session.tool {
            Tool::Browse => identify_on_click(map, session, commands),
            Tool::Select => select(ui, map, session, state, commands),
            Tool::Lasso => lasso(ui, map, session, state, commands),
            // They draw with clicks, below.
            Tool::SelectPolygon | Tool::Distance | Tool::Area => {}
        }
        measure_tool::ui(ui, map, free, session, &mut state.measure, commands);
        hover(map, session, commands);
    }
    strip(ui, map.rect, session, commands);
}

/// The world coordinate under a point of the window.
pub fn world(map: Rect, session: &Session, p: Pos2) -> Coord {
    session.view.world_from_screen([f64::from(p.x - map.left()), f64::from(p.y - map.top())])
}

/// The point of the window at a world coordinate.
pub fn screen(map: Rect, session: &Session, place: Coord) -> Pos2 {
    let [x, y] = session.view.screen_from_world(place);
    pos2(map.left() + x as f32, map.top() + y as f32)
}

/// Features at a place, topmost first.
pub fn hits(session: &Session, place: Coord) -> Vec<FeatureRef> {
    let tolerance = TOLERANCE * session.view.units_per_px;
    let drawn: Vec<LayerId> = session.workspace.drawn().map(crate::scenario::Entry::id).collect();
    let of_layer = |layer: LayerId| {
        let features = session.prepared(layer).map(|prepared| prepared.pickable().at(place, tolerance));
        features.unwrap_or_default().into_iter().rev().map(move |feature| FeatureRef { layer, feature })
    };
    drawn.into_iter().rev().flat_map(of_layer).filter(|hit| symbol(session, *hit).is_some()).collect()
}

/// How a feature is drawn; `None` where its class is hidden.
fn symbol(session: &Session, hit: FeatureRef) -> Option<&Symbol> {
    let style = &session.workspace.entry(hit.layer)?.style;
    let index = session.derived.symbols(hit.layer).and_then(|symbols| symbols.get(hit.feature)).copied().unwrap_or(0);
    style.is_visible(usize::from(index)).then(|| style.symbol(usize::from(index))).flatten()
}

/// Which of the features at a place is meant.
///
/// Points, lines and the borders of empty polygons are small targets: whoever hits one means it. Else it is a feature of
/// the current layer, else the topmost that is filled: a boundary around everything is not meant by a click inside.
pub fn meant(session: &Session, hits: &[FeatureRef], place: Coord) -> Option<usize> {
    let tolerance = TOLERANCE * session.view.units_per_px;
    let filled = |hit: &FeatureRef| symbol(session, *hit).is_some_and(|symbol| symbol.fill != Fill::None);
    let small = |hit: &FeatureRef| {
        let polygon = session.layer(hit.layer).is_some_and(|layer| layer.kind == GeometryKind::Polygon);
        let border = || session.prepared(hit.layer).and_then(|p| p.pickable().snap(place, tolerance)).is_some();
        !polygon || (!filled(hit) && border())
    };
    let current = |hit: &FeatureRef| Some(hit.layer) == session.current && filled(hit);
    let found = hits.iter().position(small).or_else(|| hits.iter().position(current));
    found.or_else(|| hits.iter().position(filled)).or_else(|| (!hits.is_empty()).then_some(0))
}

fn hover(map: &Response, session: &Session, commands: &mut Vec<Command>) {
    let over = map.hover_pos().filter(|_| map.hovered() && !map.dragged());
    let feature = over.and_then(|p| {
        let place = world(map.rect, session, p);
        let hits = hits(session, place);
        meant(session, &hits, place).map(|at| hits[at])
    });
    if feature != session.hover {
        commands.push(Command::Hover(feature));
    }
}

fn identify_on_click(map: &Response, session: &Session, commands: &mut Vec<Command>) {
    if map.clicked_by(PointerButton::Primary)
        && let Some(p) = map.interact_pointer_pos()
    {
        let place = world(map.rect, session, p);
        let hits = hits(session, place);
        let shown = meant(session, &hits, place).unwrap_or(0);
        commands.push(Command::Identify(hits));
        commands.push(Command::ShowIdentified(shown));
    }
}

/// Click selects the feature that is meant and identifies the stack; a drag selects what its box meets in the current layer.
fn select(ui: &Ui, map: &Response, session: &Session, state: &mut State, commands: &mut Vec<Command>) {
    let mode = mode(ui);
    if map.clicked_by(PointerButton::Primary)
        && let Some(p) = map.interact_pointer_pos()
    {
        let place = world(map.rect, session, p);
        let hits = hits(session, place);
        let shown = meant(session, &hits, place);
        match shown.map(|at| hits[at]) {
            Some(hit) => {
                let rows = Rows::from_iter([hit.feature]);
                commands.push(Command::Select { layer: hit.layer, rows, mode });
            }
            None if mode == SelectMode::Replace => commands.push(Command::ClearSelection),
            None => {}
        }
        commands.push(Command::Identify(hits));
        commands.push(Command::ShowIdentified(shown.unwrap_or(0)));
    }
    if map.drag_started_by(PointerButton::Primary) {
        state.path = ui.input(|i| i.pointer.press_origin()).into_iter().collect();
    }
    let Some(from) = state.path.first().copied() else { return };
    let to = map.interact_pointer_pos().unwrap_or(from);
    let drawn = Rect::from_two_pos(from, to).intersect(map.rect);
    if map.drag_stopped_by(PointerButton::Primary) {
        state.path.clear();
        let mut extent = Extent::EMPTY;
        extent.add(world(map.rect, session, drawn.min));
        extent.add(world(map.rect, session, drawn.max));
        if let Some(layer) = session.current
            && let Some(prepared) = session.prepared(layer)
        {
            let rows = prepared.pickable().in_box(&extent).into_iter().collect();
            commands.push(Command::Select { layer, rows, mode });
        }
    } else if map.dragged_by(PointerButton::Primary) {
        let t = tokens(ui);
        let stroke = egui::Stroke::new(size::LINE, t.accent);
        ui.painter().rect(drawn, 0.0, t.accent.gamma_multiply(0.12), stroke, egui::StrokeKind::Inside);
    }
}

/// A drag draws a line around what is selected in the current layer.
fn lasso(ui: &Ui, map: &Response, session: &Session, state: &mut State, commands: &mut Vec<Command>) {
    if map.drag_started_by(PointerButton::Primary) {
        state.path = ui.input(|i| i.pointer.press_origin()).into_iter().collect();
    }
    if state.path.is_empty() {
        return;
    }
    if map.drag_stopped_by(PointerButton::Primary) {
        let ring: Vec<Coord> = state.path.drain(..).map(|p| world(map.rect, session, p)).collect();
        if let Some(layer) = session.current
            && let Some(prepared) = session.prepared(layer)
            && ring.len() >= 3
        {
            let rows = prepared.pickable().in_ring(&ring).into_iter().collect();
            commands.push(Command::Select { layer, rows, mode: mode(ui) });
        }
    } else if map.dragged_by(PointerButton::Primary) {
        if let Some(p) = map.interact_pointer_pos()
            && state.path.last().is_none_or(|last| last.distance(p) > 3.0)
        {
            state.path.push(p);
        }
        let t = tokens(ui);
        let stroke = egui::Stroke::new(1.5, t.accent);
        ui.painter().add(egui::Shape::dashed_line(&state.path, stroke, 5.0, 3.0));
    }
}

fn mode(ui: &Ui) -> SelectMode {
    ui.input(|i| SelectMode::from_modifiers(i.modifiers.shift, i.modifiers.command))
}

/// The tools of the strip; `None` is a line between two groups.
fn strip_commands() -> [Option<Command>; 9] {
    [
        Some(Command::UseTool(Tool::Browse)),
        Some(Command::UseTool(Tool::Select)),
        Some(Command::UseTool(Tool::SelectPolygon)),
        Some(Command::UseTool(Tool::Lasso)),
        None,
        Some(Command::UseTool(Tool::Distance)),
        Some(Command::UseTool(Tool::Area)),
        None,
        Some(Command::FullExtent),
    ]
}

fn strip(ui: &mut Ui, map: Rect, session: &Session, commands: &mut Vec<Command>) {
    let t = tokens(ui);
    let list = strip_commands();
    let height: f32 = list.iter().map(|c| if c.is_some() { size::TOOL + 2.0 } else { 9.0 }).sum::<f32>() + 6.0;
    let origin = map.min + vec2(size::CARD_GAP, size::CARD_GAP);
    let rect = Rect::from_min_size(origin, vec2(size::TOOL + 8.0, height));
    ui.interact(rect, ui.scope_id().with("tool-strip"), egui::Sense::click_and_drag());
    ui.painter().add(theme::card_shadow(t).as_shape(rect, theme::card_radius()));
    ui.painter().rect(rect, theme::card_radius(), t.panel, theme::line(t), egui::StrokeKind::Inside);
    let mut child = ui.new_child(
        egui::UiBuilder::new()
            .id_salt("tool-strip")
            .max_rect(rect.shrink(4.0))
            .layout(egui::Layout::top_down(egui::Align::Center)),
    );
    child.spacing_mut().item_spacing.y = 2.0;
    for command in list {
        let Some(command) = command else {
            let (line, _) = child.allocate_exact_size(vec2(size::TOOL - 8.0, 7.0), egui::Sense::hover());
            child.painter().hline(line.x_range(), line.center().y, theme::line(t));
            continue;
        };
        let Some(spec) = command.spec() else { continue };
        let Some(icon) = spec.icon else { continue };
        let on = command.checked(session);
        let enabled = command.enabled(session);
        let tip = tip(child.ctx(), session, &command);
        let pressed = child
            .add_enabled_ui(enabled, |ui| {
                widgets::icon_button_sized(ui, icon, session.tr(spec.key), size::TOOL, size::ICON, on)
            })
            .inner
            .on_hover_text(tip);
        if pressed.clicked() {
            commands.push(command);
        }
    }
}
