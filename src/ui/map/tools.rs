//! The tool strip, and what the left button does on the map: identify, select, measure.

use eframe::egui::{self, PointerButton, Pos2, Rect, Response, Ui, pos2, vec2};

use crate::model::style::{Fill, Symbol};
use crate::model::{Coord, GeometryKind, LayerId};
use crate::render::MapView;
use crate::ui::look::theme::{self, size, tokens};
use crate::ui::look::widgets;
use crate::ui::map::{decor, hover_tip, measure_tool, reach};
use crate::ui::session::Session;
use crate::ui::session::command::Command;
use crate::ui::session::command::select::SelectCommand;
use crate::ui::session::command::tool::ToolCommand;
use crate::ui::session::command::view::ViewCommand;
use crate::ui::session::parts::Tool;
use crate::ui::session::reach::Reach;
use crate::ui::session::rows::{FeatureRef, Rows, SelectMode};
use crate::ui::work::offer::tip;

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
    if !session.workspace.is_bare() {
        match session.tool {
            Tool::Browse => identify_on_click(map, session, commands),
            Tool::Select => select(ui, map, session, state, commands),
            Tool::Lasso => lasso(ui, map, session, state, commands),
            // They draw with clicks, below.
            Tool::SelectPolygon | Tool::Distance | Tool::Area => {}
        }
        measure_tool::ui(ui, map, free, session, &mut state.measure, commands);
        hover(map, session, commands);
        hover_tip::ui(map, session);
    }
    strip(ui, map.rect, session, commands);
}

/// The world coordinate under a point of the window.
pub fn world(map: Rect, view: &MapView, p: Pos2) -> Coord {
    view.world_from_screen([f64::from(p.x - map.left()), f64::from(p.y - map.top())])
}

/// The point of the window at a world coordinate.
pub fn screen(map: Rect, view: &MapView, place: Coord) -> Pos2 {
    let [x, y] = view.screen_from_world(place);
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
    let style = session.derived.style_on_map(session.workspace.entry(hit.layer)?);
    let index = session.derived.symbols(hit.layer).and_then(|symbols| symbols.get(hit.feature)).copied().unwrap_or(0);
    let symbol = style.symbol(usize::from(index)).filter(|_| style.is_visible(usize::from(index)));
    // What is drawn by nothing is not there, as out of the scales of its layer.
    symbol.filter(|symbol| **symbol != Symbol::default())
}

/// Which of the features at a place is meant.
///
/// Points, lines and the borders of empty polygons are small targets: whoever hits one means it. Else it is a feature
/// of the current layer, else the topmost that is filled: a boundary around everything is not meant by a click inside.
pub fn meant(session: &Session, hits: &[FeatureRef], place: Coord) -> Option<usize> {
    let tolerance = TOLERANCE * session.view.units_per_px;
    let filled = |hit: &FeatureRef| symbol(session, *hit).is_some_and(|symbol| symbol.fill != Fill::None);
    let small = |hit: &FeatureRef| {
        let polygon = session.layer(hit.layer).is_some_and(|layer| layer.kind == GeometryKind::Polygon);
        let border = || session.prepared(hit.layer).and_then(|p| p.pickable().snap(place, tolerance)).is_some();
        !polygon || (!filled(hit) && border())
    };
    let current = |hit: &FeatureRef| Some(hit.layer) == session.project.current && filled(hit);
    let found = hits.iter().position(small).or_else(|| hits.iter().position(current));
    found.or_else(|| hits.iter().position(filled)).or_else(|| (!hits.is_empty()).then_some(0))
}

fn hover(map: &Response, session: &Session, commands: &mut Vec<Command>) {
    // Whoever measures means places: long outlines would only hide them.
    let over = map.hover_pos().filter(|_| map.hovered() && !map.dragged() && !session.tool.measures());
    let feature = over.and_then(|p| {
        let place = world(map.rect, &session.view, p);
        let hits = hits(session, place);
        meant(session, &hits, place).map(|at| hits[at])
    });
    if feature != session.project.hover {
        commands.push(Command::Select(SelectCommand::Hover(feature)));
    }
}

fn identify_on_click(map: &Response, session: &Session, commands: &mut Vec<Command>) {
    if map.clicked_by(PointerButton::Primary)
        && let Some(p) = map.interact_pointer_pos()
    {
        let place = world(map.rect, &session.view, p);
        let hits = hits(session, place);
        let shown = meant(session, &hits, place).unwrap_or(0);
        commands.push(Command::Select(SelectCommand::Identify(hits)));
        commands.push(Command::Select(SelectCommand::ShowIdentified(shown)));
    }
}

/// Click selects the feature that is meant and identifies the stack; a drag selects in the current layer what its box
/// touches, or what lies within.
fn select(ui: &Ui, map: &Response, session: &Session, state: &mut State, commands: &mut Vec<Command>) {
    let mode = mode(ui);
    if map.clicked_by(PointerButton::Primary)
        && let Some(p) = map.interact_pointer_pos()
    {
        let place = world(map.rect, &session.view, p);
        let hits = hits(session, place);
        let shown = meant(session, &hits, place);
        match shown.map(|at| hits[at]) {
            Some(hit) => {
                let rows = Rows::from_iter([hit.feature]);
                commands.push(Command::Select(SelectCommand::Select { layer: hit.layer, rows, mode }));
            }
            None if mode == SelectMode::Replace => commands.push(Command::Select(SelectCommand::ClearSelection)),
            None => {}
        }
        commands.push(Command::Select(SelectCommand::Identify(hits)));
        commands.push(Command::Select(SelectCommand::ShowIdentified(shown.unwrap_or(0))));
    }
    if map.drag_started_by(PointerButton::Primary) {
        state.path = ui.input(|i| i.pointer.press_origin()).into_iter().collect();
    }
    let Some(from) = state.path.first().copied() else { return };
    let to = map.interact_pointer_pos().unwrap_or(from);
    let drawn = Rect::from_two_pos(from, to).intersect(map.rect);
    let reach = session.settings.reach.along(&[from, to]);
    if map.drag_stopped_by(PointerButton::Primary) {
        state.path.clear();
        let corners = [drawn.left_bottom(), drawn.right_bottom(), drawn.right_top(), drawn.left_top()];
        select_ring(session, reach, &corners.map(|p| world(map.rect, &session.view, p)), mode, commands);
    } else if map.dragged_by(PointerButton::Primary) {
        reach::draw_box(ui, reach, drawn);
        reach::plate(ui, map.rect, session.language(), reach, to);
    }
}

/// Selects in the current layer what a ring takes.
pub fn select_ring(session: &Session, reach: Reach, ring: &[Coord], mode: SelectMode, commands: &mut Vec<Command>) {
    if let Some(layer) = session.project.current
        && let Some(prepared) = session.prepared(layer)
    {
        commands.push(Command::Select(SelectCommand::Select {
            layer,
            rows: reach.in_ring(prepared.pickable(), ring),
            mode,
        }));
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
        let reach = session.settings.reach.along(&state.path);
        let ring: Vec<Coord> = state.path.drain(..).map(|p| world(map.rect, &session.view, p)).collect();
        if ring.len() >= 3 {
            select_ring(session, reach, &ring, mode(ui), commands);
        }
    } else if map.dragged_by(PointerButton::Primary) {
        if let Some(p) = map.interact_pointer_pos()
            && state.path.last().is_none_or(|last| last.distance(p) > 3.0)
        {
            state.path.push(p);
        }
        let reach = session.settings.reach.along(&state.path);
        reach::draw_line(ui, reach, &state.path);
        if let Some(last) = state.path.last() {
            reach::plate(ui, map.rect, session.language(), reach, *last);
        }
    }
}

fn mode(ui: &Ui) -> SelectMode {
    ui.input(|i| SelectMode::from_modifiers(i.modifiers.shift, i.modifiers.command))
}

/// A place of the tool strip.
enum Place {
    Command(Command),
    /// What a box or line takes.
    Reach,
    /// A line between two groups.
    Gap,
}

fn strip_places() -> [Place; 11] {
    let tool = |tool| Place::Command(Command::Tool(ToolCommand::UseTool(tool)));
    [
        tool(Tool::Browse),
        tool(Tool::Select),
        tool(Tool::SelectPolygon),
        tool(Tool::Lasso),
        Place::Reach,
        Place::Command(Command::Select(SelectCommand::Locate(true))),
        Place::Gap,
        tool(Tool::Distance),
        tool(Tool::Area),
        Place::Gap,
        Place::Command(Command::View(ViewCommand::FullExtent)),
    ]
}

impl Place {
    fn height(&self) -> f32 {
        if matches!(self, Self::Gap) { 9.0 } else { size::TOOL + 2.0 }
    }
}

/// The places of the strip in columns that are no higher than `room`; a column neither begins nor ends with a gap.
fn columns(places: impl IntoIterator<Item = Place>, room: f32) -> Vec<Vec<Place>> {
    let mut columns: Vec<Vec<Place>> = vec![Vec::new()];
    let mut height = 0.0;
    for place in places {
        let full = height + place.height() > room;
        let column = columns.len() - 1;
        if full && !columns[column].is_empty() {
            if matches!(columns[column].last(), Some(Place::Gap)) {
                columns[column].pop();
            }
            columns.push(Vec::new());
            height = 0.0;
        }
        let column = columns.len() - 1;
        if columns[column].is_empty() && matches!(place, Place::Gap) {
            continue;
        }
        height += place.height();
        columns[column].push(place);
    }
    columns
}

/// The columns of the strip, and where it lies on a map: on a low one the scale bar keeps its corner.
fn strip_of(map: Rect) -> (Vec<Vec<Place>>, Rect) {
    let room = map.height() - 2.0 * size::CARD_GAP - decor::SCALE_BAR_ROOM.y - 6.0;
    let columns = columns(strip_places(), room.max(size::TOOL + 2.0));
    let height = columns.iter().map(|column| column.iter().map(Place::height).sum::<f32>()).fold(0.0, f32::max);
    let wide = (size::TOOL + 2.0) * columns.len() as f32 + 6.0;
    let origin = map.min + vec2(size::CARD_GAP, size::CARD_GAP);
    (columns, Rect::from_min_size(origin, vec2(wide, height + 6.0)))
}

/// The cards that always lie on a map: tools, north arrow, scale bar.
pub fn cards(map: Rect) -> [Rect; 3] {
    [strip_of(map).1, decor::north_arrow_rect(map), decor::scale_bar_room(map)]
}

/// Lowest place of a card at the foot of the map, above which the strip has to end for both to lie below each other.
const FOOT_CARD: f32 = 112.0;

/// What of the map is free for a card at its foot: beside the strip where that reaches down to it.
pub fn beside_strip(map: Rect) -> Rect {
    let (_, strip) = strip_of(map);
    if map.bottom() - strip.bottom() < FOOT_CARD { map.with_min_x(strip.right()) } else { map }
}

fn strip(ui: &mut Ui, map: Rect, session: &Session, commands: &mut Vec<Command>) {
    let (columns, rect) = strip_of(map);
    let height = rect.height() - 6.0;
    let t = tokens(ui);
    let bar = ui.interact(rect, ui.scope_id().with("tool-strip"), egui::Sense::click_and_drag());
    bar.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Toolbar, true, session.tr("habits.tool-strip")));
    ui.painter().add(theme::card_shadow(t).as_shape(rect, theme::card_radius()));
    ui.painter().rect(rect, theme::card_radius(), t.panel, theme::line(t), egui::StrokeKind::Inside);
    for (nth, column) in columns.into_iter().enumerate() {
        let left = rect.left() + 4.0 + (size::TOOL + 2.0) * nth as f32;
        let place = Rect::from_min_size(pos2(left, rect.top() + 4.0), vec2(size::TOOL, height));
        strip_column(ui, session, (nth, place), column, commands);
    }
}

fn strip_column(
    ui: &mut Ui,
    session: &Session,
    (nth, rect): (usize, Rect),
    places: Vec<Place>,
    commands: &mut Vec<Command>,
) {
    let t = tokens(ui);
    let mut child = ui.new_child(
        egui::UiBuilder::new()
            .id_salt(("tool-strip", nth))
            .max_rect(rect)
            .layout(egui::Layout::top_down(egui::Align::Center)),
    );
    child.spacing_mut().item_spacing.y = 2.0;
    for place in places {
        let command = match place {
            Place::Command(command) => command,
            Place::Reach => {
                reach::button(&mut child, &session.settings, commands);
                continue;
            }
            Place::Gap => {
                let (line, _) = child.allocate_exact_size(vec2(size::TOOL - 8.0, 7.0), egui::Sense::hover());
                child.painter().hline(line.x_range(), line.center().y, theme::line(t));
                continue;
            }
        };
        let Some(spec) = command.spec() else { continue };
        let Some(icon) = spec.icon else { continue };
        let on = command.checked(session);
        let enabled = command.enabled(session);
        let tip = tip(child.ctx(), &session.settings, &command);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_strip_that_is_too_high_goes_on_in_the_next_column() {
        let shown = |room: f32| -> Vec<String> {
            let letter = |place: &Place| if matches!(place, Place::Gap) { '-' } else { 'x' };
            columns(strip_places(), room).iter().map(|column| column.iter().map(letter).collect()).collect()
        };
        assert_eq!(shown(400.0), ["xxxxxx-xx-x"]);
        assert_eq!(shown(210.0), ["xxxxxx", "xx-x"], "no gap at either end");
        assert_eq!(shown(100.0), ["xxx", "xxx", "xx", "x"]);
    }
}
