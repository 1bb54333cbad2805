//! Lines, plates and outlines that lie over the map's picture.

use eframe::egui::{self, Align2, Color32, Painter, Pos2, Rect, Shape, Stroke, Ui, vec2};

use crate::model::style::Color;
use crate::model::{Coord, GeometryKind};
use crate::render::MapView;
use crate::ui::look::swatch::color32;
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
    /// The line or outline that it speaks of, and does not cover.
    pub of: Vec<Pos2>,
}

impl Plate {
    /// Where it stands in `map`, being that large: in its middle where the outline leaves it room, else beside what it
    /// speaks of; on neither that nor `taken`, as far as there is a place.
    fn place(&self, map: Rect, size: egui::Vec2, taken: &[Rect]) -> Rect {
        let bounds = Rect::from_points(&self.of);
        let gap = vec2(size.x / 2.0 + BESIDE, size.y / 2.0 + BESIDE);
        let (middle, last) = (bounds.center(), self.of.last().copied().unwrap_or(self.center));
        let centers = [
            self.center,
            egui::pos2(middle.x, bounds.top() - gap.y),
            egui::pos2(middle.x, bounds.bottom() + gap.y),
            egui::pos2(bounds.right() + gap.x, middle.y),
            egui::pos2(bounds.left() - gap.x, middle.y),
            last - vec2(0.0, gap.y),
            last + vec2(gap.x, 0.0),
            last - vec2(gap.x, 0.0),
            last + vec2(0.0, gap.y),
        ];
        let areas = centers.map(|center| Rect::from_center_size(center, size));
        let seen = |area: &Rect| map.contains_rect(*area) && !taken.iter().any(|other| other.intersects(*area));
        let clear = areas.into_iter().find(|area| seen(area) && !meets(&self.of, area.expand(3.0)));
        let found = clear.or_else(|| areas.into_iter().find(seen)).unwrap_or(areas[0]);
        // Of what reaches out of the map the plate stays in it.
        let room = Rect::from_min_max(map.min, (map.max - size).max(map.min));
        Rect::from_min_size(found.min.clamp(room.min, room.max), size)
    }
}

/// Whether a path comes into a rectangle.
fn meets(path: &[Pos2], area: Rect) -> bool {
    path.windows(2).any(|side| {
        let steps = (side[0].distance(side[1]) / 6.0).ceil().clamp(1.0, 2_000.0) as usize;
        (0..=steps).any(|step| area.contains(side[0] + (side[1] - side[0]) * (step as f32 / steps as f32)))
    })
}

/// From a plate to what it stands beside, in points.
const BESIDE: f32 = 10.0;

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
    let mut taken: Vec<Rect> = Vec::new();
    for plate in plates {
        taken.push(paint_plate(&painter, map, plate, &taken, t.measure));
    }
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

fn paint_plate(painter: &Painter, map: Rect, plate: &Plate, taken: &[Rect], color: Color32) -> Rect {
    let [r, g, b, _] = color.to_srgba_unmultiplied();
    let ink = color32(Color::rgb(r, g, b).readable_ink());
    let title = painter.layout_no_wrap(plate.title.clone(), font::title(), ink);
    let below = painter.layout_no_wrap(plate.below.clone(), font::note(), ink);
    let below_size = if plate.below.is_empty() { egui::Vec2::ZERO } else { below.size() };
    let size = vec2(title.size().x.max(below_size.x) + 24.0, title.size().y + below_size.y + 10.0);
    let area = plate.place(map, size, taken);
    painter.rect_filled(area, 5.0, color);
    let top = egui::pos2(area.center().x, area.top() + 5.0);
    let next = top + vec2(0.0, title.size().y);
    let at = Align2::CENTER_TOP.anchor_size(top, title.size()).min;
    painter.galley(at, title, ink);
    if !plate.below.is_empty() {
        let at = Align2::CENTER_TOP.anchor_size(next, below.size()).min;
        painter.galley(at, below, ink);
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

#[cfg(test)]
mod tests {
    use super::*;
    use eframe::egui::pos2;

    const SIZE: egui::Vec2 = vec2(120.0, 40.0);

    fn map() -> Rect {
        Rect::from_min_size(pos2(0.0, 0.0), vec2(800.0, 600.0))
    }

    fn plate(center: Pos2, of: &[Pos2]) -> Plate {
        Plate { center, title: "12.50 亩".to_owned(), below: String::new(), of: of.to_vec() }
    }

    fn square(min: Pos2, side: f32) -> Vec<Pos2> {
        let corners = [(0.0, 0.0), (side, 0.0), (side, side), (0.0, side), (0.0, 0.0)];
        corners.map(|(x, y)| min + vec2(x, y)).to_vec()
    }

    #[test]
    fn a_plate_stands_in_a_large_outline_and_beside_a_small_one() {
        let large = square(pos2(200.0, 200.0), 300.0);
        let at = plate(middle(&large[..4]), &large).place(map(), SIZE, &[]);
        assert_eq!(at.center(), pos2(350.0, 350.0));
        let small = square(pos2(300.0, 300.0), 40.0);
        let at = plate(middle(&small[..4]), &small).place(map(), SIZE, &[]);
        assert!(!at.intersects(Rect::from_points(&small)) && at.bottom() < 300.0, "{at:?}");
    }

    #[test]
    fn a_plate_leaves_neither_the_map_nor_covers_its_line_or_another_plate() {
        let up = [pos2(400.0, 500.0), pos2(400.0, 20.0)];
        let at = plate(pos2(400.0, -8.0), &up).place(map(), SIZE, &[]);
        assert!(map().contains_rect(at) && !meets(&up, at), "{at:?}");
        let other = plate(pos2(400.0, -8.0), &up).place(map(), SIZE, &[at]);
        assert!(map().contains_rect(other) && !other.intersects(at), "{other:?}");
    }
}
