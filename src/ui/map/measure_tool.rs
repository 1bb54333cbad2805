//! The tools that draw with clicks: distance, area, and the polygon that selects; snapping, live figures, and the pill
//! that keeps a measurement.
//!
//! A sketch holds the points set so far. Figures come from [`crate::measure`], in the survey's method for areas.

use eframe::egui::{self, Key, PointerButton, Pos2, Rect, Response, Ui, pos2, vec2};

use crate::crs::Crs;
use crate::measure::Ruler;
use crate::model::Coord;
use crate::render::MapView;
use crate::render::pick::Snap;
use crate::scenario::MeasurementKind;
use crate::text::{Language, tr};
use crate::ui::look::theme::{self, font, size, tokens};
use crate::ui::look::{icons, widgets};
use crate::ui::map::drawings::{self, Plate};
use crate::ui::map::tools::{self, screen, world};
use crate::ui::map::{decor, reach};
use crate::ui::session::Session;
use crate::ui::session::command::Command;
use crate::ui::session::command::tool::ToolCommand;
use crate::ui::session::parts::Tool;
use crate::ui::session::rows::SelectMode;
use crate::ui::session::sketch::Sketch;
use crate::ui::work::why;
use crate::units::{Area, AreaUnit, Length};

/// What is remembered between frames.
#[derive(Default)]
pub struct State {
    /// Made once a CRS: it holds a conversion of PROJ's.
    ruler: Option<Ruler>,
}

/// What was drawn, measured.
#[derive(Clone, Debug, Default)]
pub struct Measured {
    /// Length of each side as drawn; of an area the closing one too.
    pub sides: Vec<Length>,
    /// Their sum.
    pub length: Length,
    /// Area by the survey's method, of an outline of three points or more.
    pub area: Option<Area>,
}

/// Points around the pointer within which it snaps.
const SNAP: f64 = 9.0;

/// Reads the tools that draw with clicks, and draws sketch and kept measurements; cards go into the `free` part of the
/// map.
pub fn ui(ui: &mut Ui, map: &Response, free: Rect, session: &Session, state: &mut State, commands: &mut Vec<Command>) {
    let Some(crs) = &session.workspace.crs else { return };
    for kept in session.workspace.measurements.iter().filter(|kept| kept.crs == *crs) {
        let measured = measure(state, crs, &kept.points, kept.kind);
        draw(ui, map.rect, &session.view, session.language(), &kept.points, &measured, kept.kind, &kept.name);
    }
    if !matches!(session.tool, Tool::Distance | Tool::Area | Tool::SelectPolygon) {
        return;
    }
    let at = map.hover_pos().filter(|_| map.hovered() || map.dragged());
    let snap = at.and_then(|at| snap(ui, map, session, at));
    let pointer = at.map(|p| world(map.rect, &session.view, p));
    let place = snap.map(|snap| snap.place).or(pointer);
    let sketch = next_sketch(ui, map, session, place);
    let shown = sketch.as_ref().unwrap_or(&session.project.sketch);
    let points = shown.with_tip();
    let kind = if session.tool == Tool::Distance { MeasurementKind::Distance } else { MeasurementKind::Area };
    if session.tool == Tool::SelectPolygon {
        drawings::polygon(ui, map.rect, &places(map.rect, &session.view, &points));
        if let Some(pointer) = map.hover_pos().filter(|_| points.len() > 1) {
            reach::plate(ui, map.rect, session.language(), session.settings.reach, pointer);
        }
    } else if !points.is_empty() {
        let measured = measure(state, crs, &points, kind);
        draw(ui, map.rect, &session.view, session.language(), &points, &measured, kind, "");
        if points.len() > 1 {
            pill(ui, free, (session.language(), crs), shown, &measured, kind, commands);
        }
    }
    if points.is_empty() {
        hint(ui, free, session.tool, session.language());
    }
    if let Some(snap) = snap {
        drawings::snap(ui, screen(map.rect, &session.view, snap.place), snap.vertex);
    }
    if map.hovered() {
        ui.ctx().set_cursor_icon(egui::CursorIcon::Crosshair);
    }
    if let Some(sketch) = sketch {
        if sketch.finished && session.tool == Tool::SelectPolygon {
            select(ui, session, &sketch.points, commands);
            commands.push(Command::Tool(ToolCommand::SetSketch(Sketch::default())));
        } else {
            commands.push(Command::Tool(ToolCommand::SetSketch(sketch)));
        }
    }
}

fn select(ui: &Ui, session: &Session, ring: &[Coord], commands: &mut Vec<Command>) {
    let mode = ui.input(|i| SelectMode::from_modifiers(i.modifiers.shift, i.modifiers.command));
    if ring.len() >= 3 {
        // Clicks go in no direction.
        tools::select_ring(session, session.settings.reach, ring, mode, commands);
    }
}

fn snap(ui: &Ui, map: &Response, session: &Session, p: Pos2) -> Option<Snap> {
    let wanted = session.settings.snap && session.tool != Tool::SelectPolygon && !ui.input(|i| i.modifiers.alt);
    if !wanted {
        return None;
    }
    let place = world(map.rect, &session.view, p);
    let tolerance = SNAP * session.view.units_per_px;
    let mut best: Option<Snap> = None;
    for entry in session.workspace.drawn() {
        let found = session.prepared(entry.id()).and_then(|prepared| prepared.pickable().snap(place, tolerance));
        if let Some(found) = found
            && best.is_none_or(|best| found.beats(&best))
        {
            best = Some(found);
        }
    }
    best
}

/// The sketch after this frame's clicks and keys, where they change it.
fn next_sketch(ui: &Ui, map: &Response, session: &Session, place: Option<Coord>) -> Option<Sketch> {
    let mut sketch = session.project.sketch.clone();
    let free = !ui.ctx().text_edit_focused();
    let pressed = |key| free && ui.input_mut(|i| i.consume_key(egui::Modifiers::NONE, key));
    let least = if session.tool == Tool::Distance { 2 } else { 3 };
    let clicked = map.clicked_by(PointerButton::Primary);
    if map.double_clicked_by(PointerButton::Primary) {
        // The first click of the pair has set the last point.
        sketch.finished = sketch.points.len() >= least;
    } else if session.tool == Tool::Distance && map.drag_started_by(PointerButton::Primary) {
        // Press, drag, release: a distance at once. Where points are set already, the drag sets the last one.
        if sketch.finished {
            sketch = Sketch::default();
        }
        let origin = ui.input(|i| i.pointer.press_origin()).filter(|_| sketch.points.is_empty());
        let snapped = origin.and_then(|origin| snap(ui, map, session, origin)).map(|snap| snap.place);
        sketch.points.extend(snapped.or(origin.map(|origin| world(map.rect, &session.view, origin))));
    } else if session.tool == Tool::Distance && map.drag_stopped_by(PointerButton::Primary) {
        if let Some(place) = place.filter(|_| !sketch.points.is_empty() && !sketch.finished) {
            sketch.points.push(place);
            sketch.finished = true;
        }
    } else if clicked && let Some(place) = place {
        if sketch.finished {
            sketch = Sketch::default();
        }
        let near = |last: &Coord| (last.x - place.x).hypot(last.y - place.y) < 2.0 * session.view.units_per_px;
        if !sketch.points.last().is_some_and(near) {
            sketch.points.push(place);
        }
    } else if !sketch.finished && !sketch.points.is_empty() {
        if pressed(Key::Backspace) {
            sketch.points.pop();
        } else if sketch.points.len() >= least && pressed(Key::Enter) {
            sketch.finished = true;
        }
    }
    sketch.tip = place.filter(|_| !sketch.finished && !sketch.points.is_empty());
    (sketch != session.project.sketch).then_some(sketch)
}

fn measure(state: &mut State, crs: &Crs, points: &[Coord], kind: MeasurementKind) -> Measured {
    if state.ruler.as_ref().is_none_or(|ruler| ruler.crs() != crs) {
        // A CRS that PROJ cannot take to degrees is one in which nothing can be drawn either.
        state.ruler = Ruler::new(crs).ok();
    }
    let Some(ruler) = &state.ruler else { return Measured::default() };
    let closed = kind == MeasurementKind::Area && points.len() > 2;
    let mut path = points.to_vec();
    if closed {
        path.push(points[0]);
    }
    // Points outside what the CRS can show have no length: the figures stay empty there.
    let Ok(length) = ruler.path(&path) else { return Measured::default() };
    let area = closed.then(|| ruler.outline(points).ok()).flatten();
    Measured {
        sides: length.segments,
        length: length.geodesic,
        area: area.map(|areas| Area::from_m2(areas.survey.printed)),
    }
}

fn places(map: Rect, view: &MapView, points: &[Coord]) -> Vec<Pos2> {
    points.iter().map(|point| screen(map, view, *point)).collect()
}

fn draw(
    ui: &Ui,
    map: Rect,
    view: &MapView,
    language: Language,
    points: &[Coord],
    measured: &Measured,
    kind: MeasurementKind,
    name: &str,
) {
    let line = places(map, view, points);
    let closed = kind == MeasurementKind::Area && line.len() > 2;
    drawings::measured_line(ui, map, &line, closed);
    let mut plates = Vec::new();
    let outline: Vec<Pos2> = line.iter().chain(line.first().filter(|_| closed)).copied().collect();
    let with_unit = |figure: String, unit: AreaUnit| format!("{figure} {}", tr(language, unit.key()));
    match (measured.area, line.last()) {
        (Some(area), _) if closed => plates.push(Plate {
            center: drawings::middle(&line),
            title: with_unit(area.display(AreaUnit::Mu), AreaUnit::Mu),
            below: if name.is_empty() {
                with_unit(area.display(AreaUnit::SquareMetre), AreaUnit::SquareMetre)
            } else {
                name.to_owned()
            },
            of: outline,
        }),
        (_, Some(last)) if kind == MeasurementKind::Distance && line.len() > 1 => plates.push(Plate {
            center: *last + vec2(0.0, -28.0),
            title: measured.length.display_short(),
            below: name.to_owned(),
            of: outline,
        }),
        _ => {}
    }
    let mut path = line;
    if closed {
        path.push(path[0]);
    }
    let sides = path.windows(2).zip(&measured.sides).map(|(side, length)| (side[0], side[1], length.display_short()));
    drawings::figures(ui, map, &plates, sides);
}

/// Points of free map beside which the card has room for every unit.
const ROOMY: f32 = 720.0;

/// Points of free map beside which it has room for one only, and not for the perimeter, which the sides carry.
const TIGHT: f32 = 580.0;

/// The card with the figures of the sketch, and what can be done with it.
fn pill(
    ui: &mut Ui,
    map: Rect,
    (language, crs): (Language, &Crs),
    sketch: &Sketch,
    measured: &Measured,
    kind: MeasurementKind,
    commands: &mut Vec<Command>,
) {
    let id = egui::Id::unique("measure-pill");
    let area = egui::Area::new(id).order(egui::Order::Middle);
    let room = tools::beside_strip(map);
    let center = foot_of(ui, map, room, id);
    area.pivot(egui::Align2::CENTER_BOTTOM).fixed_pos(center).constrain_to(room).show(ui.ctx(), |ui| {
        theme::card(tokens(ui)).inner_margin(egui::Margin::symmetric(14, 7)).show(ui, |ui| {
            ui.set_max_width(room.width() - 2.0 * (size::CARD_GAP + 14.0));
            ui.horizontal_wrapped(|ui| {
                ui.spacing_mut().item_spacing.x = 12.0;
                if kind == MeasurementKind::Area {
                    widgets::muted(ui, tr(language, "canvas.measure-area"));
                    let area = measured.area.unwrap_or_default();
                    let title = tr(language, "canvas.measure-area");
                    let ask = |unit| Some(why::measured(title, Some((area, unit)), measured.length, crs));
                    let mu =
                        widgets::figure(ui, &area.display(AreaUnit::Mu), tr(language, "units.mu"), font::heading());
                    why::asks(&mu.interact(egui::Sense::CLICK), || ask(AreaUnit::Mu), commands);
                    let units = [AreaUnit::Hectare, AreaUnit::SquareKilometre];
                    let shown = match room.width() {
                        width if width < TIGHT => 0,
                        width if width < ROOMY => 1,
                        _ => 2,
                    };
                    for unit in units.into_iter().take(shown) {
                        let text = format!("{} {}", area.display(unit), tr(language, unit.key()));
                        let figure = widgets::muted(ui, &text).interact(egui::Sense::CLICK);
                        why::asks(&figure, || ask(unit), commands);
                    }
                    if shown > 0 {
                        let around =
                            format!("{} {}", tr(language, "canvas.perimeter"), measured.length.display_short());
                        widgets::muted(ui, &around);
                    }
                } else {
                    widgets::muted(ui, tr(language, "canvas.measure-distance"));
                    let text = measured.length.display_m();
                    let figure = widgets::figure(ui, &text, tr(language, "units.m"), font::heading());
                    let title = tr(language, "canvas.measure-distance");
                    let ask = || Some(why::measured(title, None, measured.length, crs));
                    why::asks(&figure.interact(egui::Sense::CLICK), ask, commands);
                    if let [.., _, last] = measured.sides[..] {
                        widgets::muted(ui, &format!("{} {}", tr(language, "canvas.segment"), last.display_short()));
                    }
                }
                let least = if kind == MeasurementKind::Area { 3 } else { 2 };
                let keep = tr(language, "ui.keep");
                let enough = sketch.points.len() >= least;
                let pressed =
                    ui.add_enabled_ui(enough, |ui| widgets::button(ui, Some(icons::BOOKMARK_PLUS), keep)).inner;
                if pressed.clicked() {
                    commands.push(Command::Tool(ToolCommand::SetSketch(sketch.clone())));
                    commands.push(Command::Tool(ToolCommand::KeepMeasurement));
                }
                // What is finished says at the right what it takes.
                if kind == MeasurementKind::Area && !sketch.finished {
                    let take = tr(language, "panels.takes");
                    let pressed = ui.add_enabled_ui(enough, |ui| widgets::button(ui, Some(icons::SIGMA), take)).inner;
                    if pressed.on_hover_text(tr(language, "panels.take")).clicked() {
                        commands.push(Command::Tool(ToolCommand::SetSketch(Sketch {
                            finished: true,
                            tip: None,
                            ..sketch.clone()
                        })));
                    }
                }
                if widgets::icon_button(ui, icons::X, tr(language, "canvas.end-measurement")).clicked() {
                    commands.push(Command::Tool(ToolCommand::SetSketch(Sketch::default())));
                }
            });
        });
    });
}

/// One line that says how the tool works.
fn hint(ui: &Ui, map: Rect, tool: Tool, language: Language) {
    let key = match tool {
        Tool::Distance => "canvas.hint-distance",
        Tool::Area => "canvas.hint-area",
        _ => "canvas.hint-polygon",
    };
    let id = egui::Id::unique("tool-hint");
    let area = egui::Area::new(id).order(egui::Order::Middle).interactable(false);
    let room = tools::beside_strip(map);
    let center = foot_of(ui, map, room, id);
    area.pivot(egui::Align2::CENTER_BOTTOM).fixed_pos(center).constrain_to(room).show(ui.ctx(), |ui| {
        theme::card(tokens(ui)).inner_margin(egui::Margin::symmetric(12, 6)).show(ui, |ui| {
            // Where a line is too long for the map, it is broken rather than cut.
            ui.set_max_width(room.width() - 2.0 * (size::CARD_GAP + 12.0));
            let text = egui::RichText::new(tr(language, key)).font(font::body()).color(tokens(ui).muted);
            ui.add(egui::Label::new(text).wrap());
        });
    });
}

/// Where the foot of a card at the bottom of the map stands: beside the scale bar where both have room, else above it.
/// `room` is what of `map` is free of the tool strip.
fn foot_of(ui: &Ui, map: Rect, room: Rect, id: egui::Id) -> Pos2 {
    let wide = ui.ctx().memory(|memory| memory.area_rect(id)).map_or(0.0, |rect| rect.width());
    let beside = room.center().x - wide / 2.0 >= map.left() + decor::SCALE_BAR_ROOM.x;
    let lift = if beside { 0.0 } else { decor::SCALE_BAR_ROOM.y };
    pos2(room.center().x, map.bottom() - size::CARD_GAP - lift)
}
