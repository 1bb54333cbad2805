//! Labels and pictograms on the map: with a casing in the colour of the ground, never over each other.

use std::sync::Arc;

use eframe::egui::{self, Align2, Color32, Galley, Painter, Pos2, Rect, Ui};
use rustc_hash::FxHashMap;

use super::icons;
use super::prepare::Prepared;
use super::state::Session;
use super::theme::{self, tokens};
use crate::model::GeometryKind;
use crate::model::style::{Icon as Pictogram, Marker, Shape, Symbol};
use crate::render::MapView;

/// More labels than this help nobody.
const MOST: usize = 400;

/// Paints markers of polygons, pictograms, and labels, topmost layer first.
pub fn ui(ui: &Ui, rect: Rect, view: &MapView, session: &Session) {
    let painter = ui.painter_at(rect);
    let extent = view.extent();
    let mut taken = Taken::default();
    let mut texts: Vec<(Pos2, String, bool)> = Vec::new();
    let drawn: Vec<_> = session.workspace.drawn().collect();
    for entry in drawn.into_iter().rev() {
        let Some(prepared) = session.prepared(entry.id()) else { continue };
        let field = entry.style.label_field.as_ref().and_then(|name| entry.layer.field(name));
        let symbols = session.derived.symbols(entry.id());
        let symbol_of = |feature: usize| -> Option<&Symbol> {
            let index = symbols.and_then(|s| s.get(feature)).map_or(0, |s| usize::from(*s));
            entry.style.is_visible(index).then(|| entry.style.symbol(index)).flatten()
        };
        let symbol_count = entry.style.symbol_count();
        let has_markers = (0..symbol_count).any(|i| entry.style.symbol(i).is_some_and(|s| s.marker.is_some()));
        if field.is_none() && !has_markers {
            continue;
        }
        let mut shown = 0;
        for (feature, at) in prepared.label_points.iter().enumerate() {
            if !extent.contains(*at) {
                continue;
            }
            let Some(symbol) = symbol_of(feature) else { continue };
            let [x, y] = view.screen_from_world(*at);
            let pos = rect.min + egui::vec2(x as f32, y as f32);
            let mut beside = None;
            if let Some(marker) = &symbol.marker {
                paint_marker(&painter, pos, marker);
                taken.add(Rect::from_center_size(pos, egui::Vec2::splat(marker.size_px + 4.0)));
                beside = Some(marker.size_px / 2.0 + 5.0);
            }
            if let Some(field) = field
                && (beside.is_some() || shown < MOST)
            {
                let text = entry.layer.value(feature, field).to_string();
                if !text.is_empty() && (beside.is_some() || fits(prepared, feature, view, &text)) {
                    texts.push((pos + egui::vec2(beside.unwrap_or(0.0), 0.0), text, beside.is_some()));
                    shown += 1;
                }
            }
        }
    }
    let t = tokens(ui);
    for (pos, text, beside) in texts {
        let align = if beside { Align2::LEFT_CENTER } else { Align2::CENTER_CENTER };
        let galley = painter.layout_no_wrap(text, theme::font::table(), t.text);
        let area = align.anchor_size(pos, galley.size()).expand(2.0);
        if taken.free(&area) {
            taken.add(area);
            cased_galley(&painter, area.shrink(2.0).min, &galley, t.text, t.map);
        }
    }
}

/// Text with a casing at a place of the map.
pub fn cased(ui: &Ui, rect: Rect, pos: Pos2, align: Align2, text: &str) {
    let t = tokens(ui);
    let painter = ui.painter_at(rect);
    let galley = painter.layout_no_wrap(text.to_owned(), theme::font::note(), t.text);
    cased_galley(&painter, align.anchor_size(pos, galley.size()).min, &galley, t.text, t.map);
}

/// Whether a label of `text` is not much wider than its feature on screen.
fn fits(prepared: &Prepared, feature: usize, view: &MapView, text: &str) -> bool {
    if prepared.projected.blocks.first().is_none_or(|block| block.kind() != GeometryKind::Polygon) {
        return true;
    }
    let width_px = prepared.feature_extent(feature).width() / view.units_per_px;
    let needed: f64 = text.chars().map(|c| if c.is_ascii() { 7.0 } else { 13.0 }).sum();
    width_px >= needed * 0.8
}

fn cased_galley(painter: &Painter, min: Pos2, galley: &Arc<Galley>, color: Color32, casing: Color32) {
    let faint = casing.gamma_multiply(0.85);
    let around = [(-1.4, 0.0), (1.4, 0.0), (0.0, -1.4), (0.0, 1.4), (-1.0, -1.0), (1.0, -1.0), (-1.0, 1.0), (1.0, 1.0)];
    for (dx, dy) in around {
        painter.galley_with_override_text_color(min + egui::vec2(dx, dy), galley.clone(), faint);
    }
    painter.galley_with_override_text_color(min, galley.clone(), color);
}

fn paint_marker(painter: &Painter, pos: Pos2, marker: &Marker) {
    let color = color32(marker.color);
    let size = marker.size_px;
    let casing = marker.casing.map_or(egui::Stroke::NONE, |c| egui::Stroke::new(c.width_px, color32(c.color)));
    match marker.shape {
        Shape::Circle => {
            painter.circle(pos, size / 2.0, color, casing);
        }
        Shape::Square | Shape::RoundedSquare => {
            let area = Rect::from_center_size(pos, egui::Vec2::splat(size));
            let radius = if marker.shape == Shape::Square { 0.0 } else { size * 0.2 };
            painter.rect(area, radius, color, casing, egui::StrokeKind::Outside);
        }
        Shape::Diamond | Shape::Triangle => {
            let r = size * 0.6;
            let points = if marker.shape == Shape::Diamond {
                vec![(0.0, -r), (r, 0.0), (0.0, r), (-r, 0.0)]
            } else {
                vec![(0.0, -r), (r, r * 0.8), (-r, r * 0.8)]
            };
            let points = points.into_iter().map(|(x, y)| pos + egui::vec2(x, y)).collect();
            painter.add(egui::Shape::convex_polygon(points, color, casing));
        }
    }
    let glyph = match marker.icon {
        Pictogram::None => return,
        Pictogram::House => icons::HOUSE,
        Pictogram::Star => icons::STAR,
        Pictogram::Flag => icons::FLAG,
    };
    let font = theme::font::icon(size * 0.72);
    painter.text(pos, Align2::CENTER_CENTER, glyph.0, font, color32(marker.icon_color));
}

/// A style's colour as egui's.
fn color32(c: crate::model::style::Color) -> Color32 {
    Color32::from_rgba_unmultiplied(c.r, c.g, c.b, c.a)
}

/// Rectangles that are taken, in cells of a coarse grid.
#[derive(Default)]
struct Taken {
    cells: FxHashMap<(i32, i32), Vec<Rect>>,
}

impl Taken {
    fn cells_of(rect: &Rect) -> impl Iterator<Item = (i32, i32)> {
        let cell = |v: f32| (v / 64.0).floor() as i32;
        let (x0, x1, y0, y1) = (cell(rect.min.x), cell(rect.max.x), cell(rect.min.y), cell(rect.max.y));
        (x0..=x1).flat_map(move |x| (y0..=y1).map(move |y| (x, y)))
    }

    fn free(&self, rect: &Rect) -> bool {
        Self::cells_of(rect)
            .all(|cell| self.cells.get(&cell).is_none_or(|list| list.iter().all(|r| !r.intersects(*rect))))
    }

    fn add(&mut self, rect: Rect) {
        for cell in Self::cells_of(&rect) {
            self.cells.entry(cell).or_default().push(rect);
        }
    }
}
