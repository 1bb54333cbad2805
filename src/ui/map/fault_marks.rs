//! Marks on the map where a list of coordinates is at fault, each with the line of the file: a surveyor finds the point
//! there. What the fault is stands beside the pointer.

use eframe::egui::{self, Pos2, Rect, Shape, Stroke, Ui, pos2, vec2};

use crate::crs::{Crs, Reprojector};
use crate::model::{Coord, Issue, Layer, LayerId, Revision, Severity};
use crate::render::MapView;
use crate::text::Message;
use crate::ui::look::theme::{self, font, tokens};
use crate::ui::session::Session;
use crate::ui::work::faults;

/// Marks that are drawn at most.
const MOST: usize = 400;
/// How near the pointer has to be, in points.
const NEAR: f32 = 10.0;

/// A fault with a place.
struct Mark {
    place: Coord,
    line: u64,
    severity: Severity,
    message: Message,
}

/// What is remembered between frames.
#[derive(Default)]
pub struct FaultMarks {
    of: Vec<(LayerId, Revision, usize)>,
    crs: Option<Crs>,
    marks: Vec<Mark>,
}

impl FaultMarks {
    /// Draws the marks of the visible layers over `rect`, where the map shows `view`.
    pub fn ui(&mut self, ui: &Ui, rect: Rect, view: &MapView, session: &Session) {
        self.refresh(session);
        if self.marks.is_empty() {
            return;
        }
        let t = tokens(ui);
        let painter = ui.painter_at(rect);
        let pointer = ui.input(|input| input.pointer.hover_pos()).filter(|at| rect.contains(*at));
        let mut near: Option<(&Mark, Pos2)> = None;
        let mut taken: Vec<Rect> = Vec::new();
        for mark in &self.marks {
            let [x, y] = view.screen_from_world(mark.place);
            let at = rect.min + vec2(x as f32, y as f32);
            if !rect.contains(at) {
                continue;
            }
            let color = if mark.severity == Severity::Error { t.bad } else { t.warn };
            let corners = vec![at + vec2(0.0, -9.0), at + vec2(8.0, 5.0), at + vec2(-8.0, 5.0)];
            painter.add(Shape::convex_polygon(corners, color, Stroke::new(1.5, t.casing)));
            let line = painter.layout_no_wrap(mark.line.to_string(), font::note(), t.text);
            let plate = Rect::from_min_size(at + vec2(9.0, -8.0), line.size() + vec2(6.0, 0.0));
            // Where there is no room the mark alone is enough.
            if !taken.iter().any(|other| other.intersects(plate)) {
                painter.rect(plate, 3.0, t.plate, Stroke::new(1.0, color), egui::StrokeKind::Middle);
                painter.galley(plate.min + vec2(3.0, 0.0), line, t.text);
                taken.push(plate);
            }
            if pointer.is_some_and(|pointer| pointer.distance(at) <= NEAR) {
                near.get_or_insert((mark, at));
            }
        }
        if let Some((mark, at)) = near {
            let text = Message::new("ui.fault-at").with("line", mark.line).with_message("fault", &mark.message);
            let text = text.text(session.language());
            let galley = painter.layout(text, font::table(), t.text, 320.0);
            let size = galley.size() + vec2(16.0, 10.0);
            let right = at.x + 14.0 + size.x <= rect.right();
            let left = if right { at.x + 14.0 } else { at.x - 14.0 - size.x };
            let plate = Rect::from_min_size(pos2(left, (at.y + 10.0).min(rect.bottom() - size.y)), size);
            painter.rect(plate, theme::radius(), t.plate, theme::line(t), egui::StrokeKind::Inside);
            painter.galley(plate.min + vec2(8.0, 5.0), galley, t.text);
        }
    }

    /// Finds the places anew where layers or the map's CRS changed.
    fn refresh(&mut self, session: &Session) {
        let listed = session.workspace.entries.iter().filter(|entry| session.workspace.is_drawn(entry));
        let of: Vec<(LayerId, Revision, usize)> = listed
            .filter(|entry| entry.layer.provenance.format == "TXT")
            .map(|entry| (entry.id(), entry.layer.shape, entry.layer.issues.len()))
            .collect();
        if of == self.of && session.workspace.crs == self.crs {
            return;
        }
        (self.of, self.crs) = (of, session.workspace.crs.clone());
        self.marks.clear();
        let Some(crs) = &self.crs else { return };
        for (id, ..) in &self.of {
            if let Some(layer) = session.layer(*id) {
                self.marks.extend(marks(layer, crs));
            }
        }
        self.marks.truncate(MOST);
    }
}

/// The faults of a layer that have a line and a place: their own, or the first point of their feature.
fn marks(layer: &Layer, crs: &Crs) -> Vec<Mark> {
    let faults: Vec<&Issue> = layer
        .issues
        .iter()
        .filter(|issue| issue.severity > Severity::Note && issue.line.is_some())
        .take(MOST)
        .collect();
    let same = layer.crs.has_same_coordinates(crs);
    // Without a way to the map the layer is not drawn either.
    let reprojector = if same { None } else { Reprojector::new(&layer.crs, crs).ok() };
    let placed = |issue: &Issue| -> Option<Coord> {
        let place = faults::own_place(layer, issue).or_else(|| faults::first_place(layer, issue))?;
        if same { Some(place) } else { reprojector.as_ref()?.convert_one(place) }
    };
    let mark = |issue: &Issue| {
        let line = issue.line?;
        Some(Mark { place: placed(issue)?, line, severity: issue.severity, message: issue.message.clone() })
    };
    faults.into_iter().filter_map(mark).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::{OpenOptions, open_bytes};
    use crate::task::Progress;

    #[test]
    fn faults_stand_at_their_points() {
        let text = "[属性描述]\n坐标系=2000国家大地坐标系\n几度分带=3\n带号=39\n[地块坐标]\n\
            5,9.9,1,甲,面,,,,@\nJ1,1,4060100,39500000\nJ2,1,4060100,39500100\nJ4,1,4060000,39500100\nJ5,1,4060000,39500000\nJ1,1,4060100,39500000\n";
        let opened = open_bytes("a.txt", text.as_bytes().to_vec(), &OpenOptions::default(), &Progress::new());
        let layer = opened.expect("opens").layers.remove(0);
        let found = marks(&layer, &layer.crs);
        let at: Vec<(u64, &str, f64, f64)> =
            found.iter().map(|mark| (mark.line, mark.message.key, mark.place.x, mark.place.y)).collect();
        // The number that is left out stands at its point, the area at the first point of the plot.
        assert!(at.contains(&(9, "io.txt-numbering", 39_500_100.0, 4_060_000.0)), "{at:?}");
        assert!(at.contains(&(6, "io.txt-area", 39_500_000.0, 4_060_100.0)), "{at:?}");
    }
}
