//! Small pictures of symbols, as the map draws them.

use eframe::egui::{Color32, CornerRadius, Rect, Shape, Stroke, StrokeKind, Ui, vec2};

use crate::model::style::{Color, Fill, Hatch, Part, Pattern, Symbol};
use crate::render::colors::PaintColors;
use crate::ui::look::markers;
use crate::ui::look::theme::{Tokens, size, tokens};

/// An egui colour.
pub fn color32(color: Color) -> Color32 {
    Color32::from_rgba_unmultiplied(color.r, color.g, color.b, color.a)
}

/// The map's colours in the theme of the window.
pub fn paint_colors(t: &Tokens, dark: bool) -> PaintColors {
    let color = |c: Color32| {
        let [r, g, b, a] = c.to_srgba_unmultiplied();
        Color { r, g, b, a }
    };
    let usual = if dark { PaintColors::DARK } else { PaintColors::LIGHT };
    let (ground, text) = (color(t.map), color(t.text));
    PaintColors { ground, text, accent: color(t.accent), casing: color(t.casing), ..usual }
}

/// Paints `symbol` into `rect`, faint when it is not drawn on the map.
pub fn paint(ui: &Ui, rect: Rect, symbol: &Symbol, drawn: bool) {
    paint_within(ui, ui.clip_rect(), rect, symbol, drawn);
}

/// Paints `symbol` into `rect`, as far as it lies in `clip`.
pub fn paint_clipped(ui: &Ui, clip: Rect, rect: Rect, symbol: &Symbol) {
    paint_within(ui, clip.intersect(ui.clip_rect()), rect, symbol, true);
}

fn paint_within(ui: &Ui, clip: Rect, rect: Rect, symbol: &Symbol, drawn: bool) {
    // As the map of the theme draws it.
    let symbol = &if ui.visuals().dark_mode { PaintColors::DARK.themed(symbol) } else { *symbol };
    let mut painter = ui.painter().with_clip_rect(rect.expand(1.0).intersect(clip));
    if !drawn {
        painter.multiply_opacity(0.35);
    }
    let radius = CornerRadius::same(size::RADIUS_SWATCH);
    if let Some(marker) = symbol.marker
        && symbol.fill == Fill::None
        && symbol.stroke.is_none()
    {
        markers::paint_in(ui, &painter, rect, &marker);
        return;
    }
    let line = symbol.stroke.map(|stroke| (stroke, color32(stroke.color)));
    match symbol.fill {
        // Outlines alone are drawn as the line that they are.
        Fill::None => {
            if let Some((stroke, color)) = line {
                let width = stroke.width_px.clamp(1.5, 4.0);
                if let Some(dash) = stroke.dash {
                    let outline = rect.shrink(1.0);
                    let c = [outline.left_top(), outline.right_top(), outline.right_bottom(), outline.left_bottom()];
                    let path = [c[0], c[1], c[2], c[3], c[0]];
                    let (on, off) = (dash.on_px.min(3.0), dash.off_px.min(2.0));
                    painter.extend(Shape::dashed_line(&path, Stroke::new(width.min(2.0), color), on, off));
                } else {
                    // A line in the colour of the panel would not be seen.
                    let t = tokens(ui);
                    let c = stroke.color;
                    if c.r.min(c.g).min(c.b) > 216 && t.panel.intensity() > 0.85 {
                        painter.hline(rect.x_range(), rect.center().y, Stroke::new(width + 2.0, t.faint));
                    }
                    painter.hline(rect.x_range(), rect.center().y, Stroke::new(width, color));
                }
            }
        }
        Fill::Solid(color) => {
            painter.rect_filled(rect, radius, color32(color));
            outline(ui, &painter, rect, radius, line.map(|(_, color)| color));
        }
        Fill::Hatch(hatch) => {
            if let Some(back) = hatch.back {
                painter.rect_filled(rect, radius, color32(back));
            }
            paint_hatch(&painter, rect, &hatch);
            outline(ui, &painter, rect, radius, Some(color32(hatch.color)));
        }
        Fill::Pattern(pattern) => {
            if let Some(back) = pattern.back {
                painter.rect_filled(rect, radius, color32(back));
            }
            paint_figure(&painter, rect, &pattern);
            outline(ui, &painter, rect, radius, line.map(|(_, color)| color));
        }
    }
    if let Some(marker) = symbol.marker {
        markers::paint_in(ui, &painter, rect.shrink(rect.width() * 0.15), &marker);
    }
}

fn outline(ui: &Ui, painter: &eframe::egui::Painter, rect: Rect, radius: CornerRadius, color: Option<Color32>) {
    let color = color.unwrap_or(tokens(ui).line);
    painter.rect_stroke(rect, radius, Stroke::new(size::LINE, color.gamma_multiply(0.8)), StrokeKind::Inside);
}

/// One figure of a pattern in the middle.
fn paint_figure(painter: &eframe::egui::Painter, rect: Rect, pattern: &Pattern) {
    let pattern = pattern.in_swatch(rect.width(), rect.height());
    let (middle, size, color) = (rect.center(), pattern.size_px, color32(pattern.color));
    let stroke = Stroke::new(pattern.line_width_px().max(1.0), color);
    let place = |[x, y]: [f32; 2]| middle + vec2(x, y) * size;
    for part in pattern.motif.parts() {
        match part {
            Part::Line(points) => {
                painter.add(Shape::line(points.iter().map(|p| place(*p)).collect(), stroke));
            }
            Part::Circle(at, radius) => {
                painter.circle_stroke(place(*at), radius * size, stroke);
            }
            Part::Disc(at, radius) => {
                painter.circle_filled(place(*at), radius * size, color);
            }
        }
    }
}

fn paint_hatch(painter: &eframe::egui::Painter, rect: Rect, hatch: &Hatch) {
    paint_stripes(painter, rect, hatch, hatch.angle_deg);
    if hatch.crossed {
        paint_stripes(painter, rect, hatch, hatch.angle_deg + 90.0);
    }
}

fn paint_stripes(painter: &eframe::egui::Painter, rect: Rect, hatch: &Hatch, angle_deg: f32) {
    let painter = painter.with_clip_rect(rect.shrink(0.5).intersect(painter.clip_rect()));
    let angle = angle_deg.to_radians();
    let along = vec2(angle.cos(), -angle.sin());
    let across = vec2(along.y, -along.x);
    let spacing = hatch.spacing_px.clamp(3.0, 4.0);
    let reach = rect.width() + rect.height();
    let stroke = Stroke::new(hatch.width_px.clamp(1.0, 1.4), color32(hatch.color));
    let count = (reach / spacing) as i32;
    for i in -count..=count {
        let middle = rect.center() + across * (i as f32 * spacing);
        painter.line_segment([middle - along * reach, middle + along * reach], stroke);
    }
}
