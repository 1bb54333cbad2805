//! Lines, plates and outlines that lie over the map's picture.

use eframe::egui::{self, Align2, Color32, Painter, Pos2, Rect, Shape, Stroke, Ui, vec2};

use crate::model::{Coord, GeometryKind};
use crate::render::MapView;
use crate::ui::look::theme::{font, tokens};
use crate::ui::session::Session;
use crate::ui::session::rows::FeatureRef;

/// Dash and gap of a measured line, in points.
const DASH: (f32, f32) = (6.0, 4.0);

/// Sides shorter than this on screen carry no length, in points.
const LABELLED: f32 = 56.0;

/// Figures in a coloured plate.
pub struct Plate {
    /// Its middle.
    pub center: Pos2,
    /// The large line.
    pub title: String,
    /// The small line; may be empty.
    pub below: String,
}

/// A measured line or outline: dashes on a casing, a handle at each point, a faint ground.
pub fn measured_line(ui: &Ui, map: Rect, points: &[Pos2], closed: bool) {
    let t = tokens(ui);
    let painter = ui.painter_at(map);
    if closed {
        fill(&painter, points, t.measure.gamma_multiply(0.14));
    }
    let mut path = points.to_vec();
    if closed {
        path.push(points[0]);
    }
    painter.add(Shape::line(path.clone(), Stroke::new(4.0, t.casing.gamma_multiply(0.75))));
    painter.extend(Shape::dashed_line(&path, Stroke::new(2.0, t.measure), DASH.0, DASH.1));
    for point in points {
        painter.circle(*point, 4.0, t.panel, Stroke::new(2.0, t.measure));
    }
}

/// Plates, then the lengths of sides where there is room for them.
pub fn figures(ui: &Ui, map: Rect, plates: &[Plate], sides: impl Iterator<Item = (Pos2, Pos2, String)>) {
    let t = tokens(ui);
    let painter = ui.painter_at(map);
    let mut taken: Vec<Rect> = plates.iter().map(|plate| paint_plate(&painter, plate, t.measure)).collect();
    for (from, to, text) in sides {
        if from.distance(to) < LABELLED {
            continue;
        }
        let galley = painter.layout_no_wrap(text, font::note(), t.text);
        let area = Rect::from_center_size(from + (to - from) * 0.5, galley.size() + vec2(12.0, 4.0));
        if taken.iter().any(|other| other.intersects(area)) {
            continue;
        }
        painter.rect(area, 4.0, t.plate, Stroke::new(1.0, t.measure), egui::StrokeKind::Middle);
        painter.galley(area.min + vec2(6.0, 2.0), galley, t.text);
        taken.push(area);
    }
}

fn paint_plate(painter: &Painter, plate: &Plate, color: Color32) -> Rect {
    let white = Color32::WHITE;
    let title = painter.layout_no_wrap(plate.title.clone(), font::title(), white);
    let below = painter.layout_no_wrap(plate.below.clone(), font::note(), white);
    let below_size = if plate.below.is_empty() { egui::Vec2::ZERO } else { below.size() };
    let size = vec2(title.size().x.max(below_size.x) + 24.0, title.size().y + below_size.y + 10.0);
    let area = Rect::from_center_size(plate.center, size);
    painter.rect_filled(area, 5.0, color);
    let top = egui::pos2(area.center().x, area.top() + 5.0);
    let next = top + vec2(0.0, title.size().y);
    let at = Align2::CENTER_TOP.anchor_size(top, title.size()).min;
    painter.galley(at, title, white);
    if !plate.below.is_empty() {
        let at = Align2::CENTER_TOP.anchor_size(next, below.size()).min;
        painter.galley(at, below, white);
    }
    area
}

/// The mean of the corners.
pub fn middle(points: &[Pos2]) -> Pos2 {
    let sum = points.iter().fold(egui::Vec2::ZERO, |sum, p| sum + p.to_vec2());
    (sum / points.len().max(1) as f32).to_pos2()
}

/// A polygon that selects, while it is drawn.
pub fn polygon(ui: &Ui, map: Rect, points: &[Pos2]) {
    if points.len() < 2 {
        return;
    }
    let t = tokens(ui);
    let painter = ui.painter_at(map);
    if points.len() > 2 {
        fill(&painter, points, t.accent.gamma_multiply(0.12));
    }
    painter.add(Shape::closed_line(points.to_vec(), Stroke::new(1.5, t.accent)));
}

/// The mark of a place that the pointer snaps to: a square on a vertex, a cross on an edge.
pub fn snap(ui: &Ui, at: Pos2, vertex: bool) {
    let stroke = Stroke::new(2.0, tokens(ui).accent);
    if vertex {
        ui.painter().rect_stroke(Rect::from_center_size(at, vec2(10.0, 10.0)), 1.0, stroke, egui::StrokeKind::Middle);
    } else {
        ui.painter().line_segment([at + vec2(-5.0, -5.0), at + vec2(5.0, 5.0)], stroke);
        ui.painter().line_segment([at + vec2(-5.0, 5.0), at + vec2(5.0, -5.0)], stroke);
    }
}

/// Fills a polygon of any shape.
fn fill(painter: &Painter, points: &[Pos2], color: Color32) {
    let flat: Vec<[f64; 2]> = points.iter().map(|p| [f64::from(p.x), f64::from(p.y)]).collect();
    let mut mesh = egui::Mesh::default();
    crate::render::mesh::triangles(&flat, &mut mesh.indices);
    for point in points {
        mesh.colored_vertex(*point, color);
    }
    painter.add(Shape::mesh(mesh));
}

/// Outlines what is under the pointer and what the inspector shows.
pub fn outlines(ui: &Ui, map: Rect, view: &MapView, session: &Session) {
    let t = tokens(ui);
    let selected = |f: &FeatureRef| session.project.selection.contains(f.layer, f.feature);
    let shown = session.project.identified.current();
    for (feature, width) in
        [(shown.filter(|f| !selected(f)), 2.0), (session.project.hover.filter(|h| Some(*h) != shown), 1.5)]
    {
        if let Some(feature) = feature {
            outline(ui, map, view, session, feature, Stroke::new(width, t.accent));
        }
    }
    if let Some(place) = session.project.marked {
        let at = position(map, view, place);
        for (width, color) in [(4.0, t.casing), (2.0, t.bad)] {
            let stroke = Stroke::new(width, color);
            let painter = ui.painter_at(map);
            painter.circle_stroke(at, 9.0, stroke);
            painter.line_segment([at - vec2(15.0, 0.0), at + vec2(15.0, 0.0)], stroke);
            painter.line_segment([at - vec2(0.0, 15.0), at + vec2(0.0, 15.0)], stroke);
        }
    }
}

fn outline(ui: &Ui, map: Rect, view: &MapView, session: &Session, feature: FeatureRef, stroke: Stroke) {
    let Some(prepared) = session.prepared(feature.layer) else { return };
    let block = prepared.starts.partition_point(|start| *start <= feature.feature).saturating_sub(1);
    let Some(geometry) = prepared.projected.blocks.get(block) else { return };
    let row = feature.feature - prepared.starts[block];
    if row >= geometry.feature_count() {
        return;
    }
    let painter = ui.painter_at(map);
    let casing = Stroke::new(stroke.width + 2.0, tokens(ui).casing.gamma_multiply(0.8));
    let path = |coords: &[Coord]| {
        let mut points: Vec<Pos2> = Vec::with_capacity(coords.len().min(4096));
        for coord in coords {
            let at = position(map, view, *coord);
            // What is nearer than half a point adds nothing.
            if points.last().is_none_or(|last| last.distance(at) > 0.5) {
                points.push(at);
            }
        }
        painter.add(Shape::line(points.clone(), casing));
        painter.add(Shape::line(points, stroke));
    };
    match geometry.kind() {
        GeometryKind::Polygon => geometry.polygon(row).rings().for_each(|(_, ring)| path(ring)),
        GeometryKind::Line => geometry.paths(row).for_each(path),
        GeometryKind::Point => {
            for point in geometry.points(row) {
                painter.circle_stroke(position(map, view, *point), 11.0, stroke);
            }
        }
        GeometryKind::None => {}
    }
}

fn position(map: Rect, view: &MapView, place: Coord) -> Pos2 {
    let [x, y] = view.screen_from_world(place);
    // Far outside, lengths in f32 would lose their direction.
    map.min + vec2(x.clamp(-1e6, 1e6) as f32, y.clamp(-1e6, 1e6) as f32)
}
