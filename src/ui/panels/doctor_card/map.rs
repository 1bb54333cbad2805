//! Two small maps: where in the country every reading lies, and the vertices of one reading beside those of what is open.

use eframe::egui::{self, Align2, Color32, Pos2, Rect, Sense, Stroke, StrokeKind, Ui, pos2, vec2};

use crate::crs::places;
use crate::doctor::{Diagnosis, Ranked};
use crate::model::{Coord, Extent};
use crate::text::{Language, Message, tr};
use crate::ui::look::theme::{self, font, tokens};

/// The country with its southern sea.
const COUNTRY: Extent = Extent { min: Coord { x: 72.0, y: 15.0 }, max: Coord { x: 137.0, y: 55.0 } };

/// Readings whose numbers stand on the map.
const NUMBERED: usize = 9;

/// Draws both into `height` points.
pub(super) fn ui(ui: &mut Ui, language: Language, diagnosis: &Diagnosis, shown: usize, height: f32) {
    let width = ui.available_width();
    let (country, _) = frame(ui, vec2(width, height * 0.48), tr(language, "ui.doctor-map-country"));
    country_ui(ui, country, diagnosis, shown);
    ui.add_space(6.0);
    let reading = diagnosis.readings.get(shown);
    let name = reading.map_or_else(String::new, |reading| {
        Message::new("ui.doctor-map-near").with("reading", reading.title(language)).text(language)
    });
    let (near, _) = frame(ui, vec2(width, height * 0.52 - 6.0), &name);
    if let Some(reading) = reading {
        near_ui(ui, near, language, diagnosis, reading);
    }
}

fn frame(ui: &mut Ui, size: egui::Vec2, name: &str) -> (Rect, egui::Response) {
    let t = tokens(ui);
    let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Image, true, name));
    ui.painter().rect(rect, theme::radius(), t.map, theme::line(t), StrokeKind::Inside);
    (rect.shrink(6.0), response)
}

/// The way from degrees to points, north up, lengths true in the middle.
fn placed(extent: &Extent, rect: Rect) -> impl Fn(Coord) -> Pos2 + use<> {
    let middle = extent.center();
    let narrow = middle.y.to_radians().cos().max(0.1);
    let (w, h) = ((extent.width() * narrow).max(1e-6), extent.height().max(1e-6));
    let scale = (f64::from(rect.width()) / w).min(f64::from(rect.height()) / h);
    let center = rect.center();
    move |c: Coord| {
        let x = (c.x - middle.x) * narrow * scale;
        let y = (middle.y - c.y) * scale;
        // Far beyond the frame nothing is drawn; so far only that no number overflows.
        pos2(center.x + x.clamp(-1e5, 1e5) as f32, center.y + y.clamp(-1e5, 1e5) as f32)
    }
}

fn country_ui(ui: &Ui, rect: Rect, diagnosis: &Diagnosis, shown: usize) {
    let t = tokens(ui);
    let place = placed(&COUNTRY, rect);
    let painter = ui.painter_at(rect.expand(4.0));
    let mut outline: Vec<Pos2> = places::outline().iter().map(|(x, y)| place(Coord { x: *x, y: *y })).collect();
    outline.extend(outline.first().copied());
    painter.add(egui::Shape::line(outline, Stroke::new(1.0, t.muted)));
    let known = Extent::of(&diagnosis.known);
    if !known.is_empty() {
        let of = Rect::from_two_pos(place(known.min), place(known.max)).expand(3.0);
        painter.rect(of, 1.0, t.good_tint, Stroke::new(1.5, t.good), StrokeKind::Outside);
    }
    // The likelier lie on top, the one that is shown above all.
    let dots = diagnosis.readings.iter().enumerate().take(NUMBERED).rev().filter(|(at, _)| *at != shown);
    for (at, reading) in dots.chain(diagnosis.readings.iter().enumerate().filter(|(at, _)| *at == shown)) {
        let Some(position) = reading.hypothesis.position else { continue };
        let (dot, on) = (place(position), at == shown);
        if !rect.expand(4.0).contains(dot) {
            continue;
        }
        let color = if on { t.accent } else { t.muted };
        painter.circle(dot, if on { 4.0 } else { 2.5 }, color, Stroke::new(1.0, t.casing));
        painter.text(dot + vec2(5.0, -1.0), Align2::LEFT_BOTTOM, (at + 1).to_string(), font::note(), color);
    }
}

fn near_ui(ui: &Ui, rect: Rect, language: Language, diagnosis: &Diagnosis, reading: &Ranked) {
    let t = tokens(ui);
    let painter = ui.painter_at(rect.expand(4.0));
    let Some(extent) = reading.extent else {
        painter.text(rect.center(), Align2::CENTER_CENTER, tr(language, "ui.doctor-no-place"), font::note(), t.muted);
        return;
    };
    // A point, and what lies within the frame beside it.
    let least = 0.004;
    let grown = |min: f64, max: f64| {
        let more = ((least - (max - min)) / 2.0).max(0.05 * (max - min));
        (min - more, max + more)
    };
    let ((x1, x2), (y1, y2)) = (grown(extent.min.x, extent.max.x), grown(extent.min.y, extent.max.y));
    let window = Extent { min: Coord { x: x1, y: y1 }, max: Coord { x: x2, y: y2 } };
    let place = placed(&window, rect);
    let dots = |coords: &[Coord], color: Color32, radius: f32| {
        for c in coords {
            let at = place(*c);
            if rect.contains(at) {
                painter.circle_filled(at, radius, color);
            }
        }
    };
    dots(&diagnosis.known, t.good, 2.2);
    dots(&diagnosis.places(reading), t.accent, 1.4);
    let legend = if diagnosis.known.is_empty() { "ui.doctor-legend-alone" } else { "ui.doctor-legend" };
    let text = tr(language, legend).to_owned();
    let galley = painter.layout_no_wrap(text, font::note(), t.text);
    let plate = Align2::LEFT_BOTTOM.anchor_size(rect.left_bottom(), galley.size() + vec2(12.0, 6.0));
    painter.rect_filled(plate, theme::radius(), t.panel.gamma_multiply(0.94));
    painter.galley(plate.center() - galley.size() / 2.0, galley, t.text);
}
