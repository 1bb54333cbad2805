//! The notes that are pinned on the map: a pin each with the first line of what it says; a press goes to it in the list of
//! all, a drag takes it elsewhere.

use std::sync::Arc;

use eframe::egui::{self, Rect, Role, Sense, Ui, Vec2, WidgetInfo, pos2, vec2};

use crate::crs::Crs;
use crate::model::Coord;
use crate::scenario::MapNote;
use crate::text::Message;
use crate::ui::look::theme::{self, font, tokens};
use crate::ui::look::{icons, keyboard, widgets};
use crate::ui::map::tools::{screen, world};
use crate::ui::session::Session;
use crate::ui::session::command::Command;
use crate::ui::session::command::view::ViewCommand;

/// Size of a pin, in points.
const PIN: f32 = 22.0;

/// Longest line beside a pin, in points.
const LINE: f32 = 160.0;

/// What is remembered between frames: where the notes are in the CRS of the map.
#[derive(Default)]
pub struct State {
    of: Option<(Arc<Vec<MapNote>>, Crs)>,
    places: Vec<Option<Coord>>,
    /// Where the pin that is dragged was taken, from its foot.
    grabbed: Option<Vec2>,
}

/// Draws the pins that lie in `map`.
pub fn ui(ui: &mut Ui, map: Rect, session: &Session, state: &mut State, commands: &mut Vec<Command>) {
    let notes = &session.workspace.notes;
    let Some(crs) = session.workspace.crs.as_ref().filter(|_| !notes.is_empty()) else { return };
    if !state.of.as_ref().is_some_and(|(known, of)| Arc::ptr_eq(known, notes) && of == crs) {
        state.places = notes.iter().map(|note| note.place_in(crs)).collect();
        state.of = Some((notes.clone(), crs.clone()));
    }
    let t = tokens(ui);
    let painter = ui.painter().with_clip_rect(map.intersect(ui.clip_rect()));
    // The session hears of a map of another size only after this frame.
    let view = session.view.resized([f64::from(map.width()).max(1.0), f64::from(map.height()).max(1.0)]);
    for (at, (note, place)) in notes.iter().zip(&state.places).enumerate() {
        let Some(foot) = place.map(|place| screen(map, &view, place)).filter(|foot| map.contains(*foot)) else {
            continue;
        };
        let pin = Rect::from_center_size(foot - vec2(0.0, PIN / 2.0), vec2(PIN, PIN));
        let line = note.text.lines().next().unwrap_or_default();
        let galley = (!line.is_empty()).then(|| widgets::cut(ui, line, font::note(), t.text, LINE));
        let plate = galley.as_ref().map(|galley| {
            let size = galley.size() + vec2(12.0, 6.0);
            Rect::from_min_size(pos2(pin.right(), pin.center().y - size.y / 2.0), size)
        });
        let room = plate.map_or(pin, |plate| pin.union(plate)).intersect(map);
        let response = ui.interact(room, egui::Id::unique(("note-pin", at)), Sense::click_and_drag());
        let said = if note.text.is_empty() { session.tr("habits.map-note-empty") } else { note.text.as_str() };
        let name = Message::new("habits.map-note-at").with("n", at + 1).with("text", said).text(session.language());
        response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &name));
        if let (Some(plate), Some(galley)) = (plate, galley) {
            painter.rect(plate, theme::radius(), t.panel, theme::line(t), egui::StrokeKind::Inside);
            painter.galley(plate.min + vec2(6.0, 3.0), galley, t.text);
        }
        let ink = if response.hovered() { t.accent } else { t.bad };
        painter.text(pin.center(), egui::Align2::CENTER_CENTER, icons::MAP_PIN.0, font::icon(PIN), ink);
        widgets::focus_ring(ui, &response);
        if response.clicked() {
            commands.push(Command::View(ViewCommand::ShowMarks(true)));
            keyboard::into_note(ui.ctx(), at);
        }
        if response.drag_started_by(egui::PointerButton::Primary) {
            state.grabbed = ui.input(|input| input.pointer.press_origin()).map(|origin| origin - foot);
        }
        if response.dragged_by(egui::PointerButton::Primary)
            && let (Some(grabbed), Some(pointer)) = (state.grabbed, response.interact_pointer_pos())
            && (pointer - grabbed).distance(foot) > 0.1
        {
            let place = world(map, &view, pointer - grabbed);
            let mut moved = notes.to_vec();
            moved[at] = MapNote { place, crs: crs.clone(), ..note.clone() };
            commands.push(Command::View(ViewCommand::SetNotes(Arc::new(moved))));
        }
        if !note.text.is_empty() && !response.dragged() {
            response.on_hover_text(&note.text);
        }
    }
}
