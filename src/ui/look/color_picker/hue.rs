//! Any colour at all: a square of saturation and brightness, and a bar of hues beneath it.
//!
//! Grey has no hue and black no saturation: what the user chose of them is remembered while the picker is open, so that
//! neither jumps when the colour loses it.

use eframe::egui::ecolor::{hsv_from_rgb, rgb_from_hsv};
use eframe::egui::{
    self, Color32, EventFilter, Key, Mesh, Rect, Response, Role, Sense, Shape, Stroke, StrokeKind, Ui, WidgetInfo,
    pos2, vec2,
};

use crate::model::style::Color;
use crate::text::{Language, tr};
use crate::ui::look::theme::{self, size, tokens};
use crate::ui::look::widgets;

/// Height of the square, and of the bar.
const SQUARE: f32 = 104.0;
const BAR: f32 = 14.0;

/// What an arrow moves a mark by: parts of the square, of the bar.
const STEP: f32 = 0.02;
const HUE_STEP: f32 = 1.0 / 180.0;

/// A colour by hue, saturation and brightness, each 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Hsv {
    hue: f32,
    saturation: f32,
    brightness: f32,
}

impl Hsv {
    fn of(color: Color) -> Self {
        let (hue, saturation, brightness) =
            hsv_from_rgb([color.r, color.g, color.b].map(|part| f32::from(part) / 255.0));
        Self { hue, saturation, brightness }
    }

    fn color(self, alpha: u8) -> Color {
        let parts = rgb_from_hsv((self.hue, self.saturation, self.brightness));
        let [r, g, b] = parts.map(|part| (part * 255.0).round().clamp(0.0, 255.0) as u8);
        Color { r, g, b, a: alpha }
    }

    fn ink(self) -> Color32 {
        let color = self.color(255);
        Color32::from_rgb(color.r, color.g, color.b)
    }

    /// The same shade by what was chosen before, as far as the colour itself does not say.
    fn with_memory(self, before: Self) -> Self {
        let saturation = if self.brightness <= 0.0 { before.saturation } else { self.saturation };
        let hue = if self.brightness <= 0.0 || self.saturation <= 0.0 { before.hue } else { self.hue };
        // A hue of one and of nought are one colour, but two ends of the bar.
        let hue = if before.color(255) == (Self { hue, saturation, ..self }).color(255) { before.hue } else { hue };
        Self { hue, saturation, ..self }
    }
}

/// The colour that was picked, and whether the pointer has let go of it: then it is to be remembered.
pub(super) fn ui(ui: &mut Ui, language: Language, now: Color) -> Option<(Color, bool)> {
    let id = ui.scope_id().with("hsv");
    let mut hsv = Hsv::of(now);
    if let Some(before) = ui.data(|data| data.get_temp::<Hsv>(id)) {
        // Digits of a colour are coarser than marks: what gave these digits stays.
        hsv = if before.color(now.a) == now { before } else { hsv.with_memory(before) };
    }
    let before = hsv;
    let square = square_ui(ui, language, &mut hsv);
    ui.add_space(2.0);
    let bar = bar_ui(ui, language, &mut hsv);
    ui.data_mut(|data| data.insert_temp(id, hsv));
    let chosen = hsv.color(now.a);
    let stopped = [&square, &bar].iter().any(|response| response.drag_stopped() || response.clicked());
    let by_key = hsv != before && ![&square, &bar].iter().any(|response| response.is_pointer_button_down_on());
    (chosen != now || stopped).then_some((chosen, stopped || by_key))
}

fn square_ui(ui: &mut Ui, language: Language, hsv: &mut Hsv) -> Response {
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), SQUARE), Sense::click_and_drag());
    if let Some(at) = response.interact_pointer_pos() {
        hsv.saturation = egui::remap_clamp(at.x, rect.x_range(), 0.0..=1.0);
        hsv.brightness = egui::remap_clamp(at.y, rect.y_range(), 1.0..=0.0);
    }
    let [x, y] = arrows(ui, &response);
    hsv.saturation = (hsv.saturation + STEP * x).clamp(0.0, 1.0);
    hsv.brightness = (hsv.brightness + STEP * y).clamp(0.0, 1.0);
    let name = tr(language, "panels.color-shade");
    let [s, b] = [hsv.saturation, hsv.brightness].map(|part| (100.0 * part).round());
    let value = format!("{s} % / {b} %");
    response.widget_info(|| {
        let mut info = WidgetInfo::labeled(Role::Slider, true, name);
        info.current_text_value = Some(value.clone());
        info
    });
    // Brightness and saturation blend in both directions at once: triangles alone would show a fold.
    let mut mesh = Mesh::default();
    const COLUMNS: u32 = 16;
    const ROWS: u32 = 8;
    for row in 0..=ROWS {
        for column in 0..=COLUMNS {
            let (s, b) = (column as f32 / COLUMNS as f32, 1.0 - row as f32 / ROWS as f32);
            let at = pos2(egui::lerp(rect.x_range(), s), egui::lerp(rect.y_range(), 1.0 - b));
            mesh.colored_vertex(at, Hsv { saturation: s, brightness: b, ..*hsv }.ink());
        }
    }
    for row in 0..ROWS {
        for column in 0..COLUMNS {
            let at = row * (COLUMNS + 1) + column;
            mesh.add_triangle(at, at + 1, at + COLUMNS + 1);
            mesh.add_triangle(at + 1, at + COLUMNS + 1, at + COLUMNS + 2);
        }
    }
    ui.painter().add(Shape::mesh(mesh));
    frame(ui, rect, &response);
    let at = pos2(
        egui::lerp(rect.x_range(), hsv.saturation).clamp(rect.left() + 5.0, rect.right() - 5.0),
        egui::lerp(rect.y_range(), 1.0 - hsv.brightness).clamp(rect.top() + 5.0, rect.bottom() - 5.0),
    );
    ui.painter().circle(at, 5.0, hsv.ink(), Stroke::new(2.0, Color32::WHITE));
    ui.painter().circle_stroke(at, 6.5, Stroke::new(size::LINE, Color32::from_black_alpha(160)));
    response.on_hover_text(format!("{name} {value}"))
}

fn bar_ui(ui: &mut Ui, language: Language, hsv: &mut Hsv) -> Response {
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), BAR), Sense::click_and_drag());
    if let Some(at) = response.interact_pointer_pos() {
        hsv.hue = egui::remap_clamp(at.x, rect.x_range(), 0.0..=1.0);
    }
    let [x, y] = arrows(ui, &response);
    hsv.hue = (hsv.hue + HUE_STEP * (x + y)).clamp(0.0, 1.0);
    let name = tr(language, "panels.color-hue");
    let degrees = f64::from((360.0 * hsv.hue).round());
    response.widget_info(|| WidgetInfo::slider(true, degrees, name));
    let mut mesh = Mesh::default();
    const STOPS: u32 = 6;
    for stop in 0..=STOPS {
        let hue = stop as f32 / STOPS as f32;
        let (x, ink) = (egui::lerp(rect.x_range(), hue), Hsv { hue, saturation: 1.0, brightness: 1.0 }.ink());
        mesh.colored_vertex(pos2(x, rect.top()), ink);
        mesh.colored_vertex(pos2(x, rect.bottom()), ink);
        if stop > 0 {
            let at = 2 * stop;
            mesh.add_triangle(at - 2, at - 1, at);
            mesh.add_triangle(at - 1, at, at + 1);
        }
    }
    ui.painter().add(Shape::mesh(mesh));
    frame(ui, rect, &response);
    let x = egui::lerp(rect.x_range(), hsv.hue).clamp(rect.left() + 3.0, rect.right() - 3.0);
    let mark = Rect::from_center_size(pos2(x, rect.center().y), vec2(6.0, rect.height()));
    let ink = Hsv { saturation: 1.0, brightness: 1.0, ..*hsv }.ink();
    ui.painter().rect(mark, 2.0, ink, Stroke::new(2.0, Color32::WHITE), StrokeKind::Inside);
    let edge = Stroke::new(size::LINE, Color32::from_black_alpha(160));
    ui.painter().rect_stroke(mark, 2.0, edge, StrokeKind::Outside);
    response.on_hover_text(format!("{name} {degrees}°"))
}

fn frame(ui: &Ui, rect: Rect, response: &Response) {
    let line = Stroke::new(size::LINE, tokens(ui).line);
    ui.painter().rect_stroke(rect, theme::radius(), line, StrokeKind::Outside);
    widgets::focus_ring(ui, response);
}

/// How far the arrows move a mark to the right and up, while it has the keyboard.
fn arrows(ui: &Ui, response: &Response) -> [f32; 2] {
    if response.clicked() || response.drag_started() {
        response.request_focus();
    }
    if !response.has_focus() {
        return [0.0; 2];
    }
    let filter = EventFilter { horizontal_arrows: true, vertical_arrows: true, ..EventFilter::default() };
    ui.memory_mut(|memory| memory.set_focus_lock_filter(response.id, filter));
    ui.input(|input| {
        let count = |key: Key| input.num_presses(key) as f32;
        [count(Key::ArrowRight) - count(Key::ArrowLeft), count(Key::ArrowUp) - count(Key::ArrowDown)]
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_come_back_as_they_went() {
        for r in (0..=255).step_by(15) {
            for g in (0..=255).step_by(17) {
                for b in (0..=255).step_by(51) {
                    let color = Color { r, g, b, a: 90 };
                    assert_eq!(Hsv::of(color).color(90), color);
                }
            }
        }
    }

    #[test]
    fn what_a_grey_does_not_say_stays_as_it_was_chosen() {
        let chosen = Hsv { hue: 0.6, saturation: 0.4, brightness: 0.5 };
        let grey = Hsv::of(Color::rgb(90, 90, 90)).with_memory(chosen);
        assert_eq!((grey.hue, grey.saturation), (0.6, 0.0));
        let black = Hsv::of(Color::BLACK).with_memory(chosen);
        assert_eq!((black.hue, black.saturation), (0.6, 0.4));
        let red = Hsv::of(Color::rgb(255, 0, 0));
        assert_eq!(red.with_memory(Hsv { hue: 1.0, saturation: 1.0, brightness: 1.0 }).hue, 1.0);
        assert_eq!(red.with_memory(chosen).hue, 0.0);
    }
}
