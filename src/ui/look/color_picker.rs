//! Choosing a colour: those of the standard, those that go together, those picked lately, any by hue and shade or by
//! its digits; and how strong it is.

use std::cell::Cell;
use std::sync::OnceLock;

use eframe::egui::{self, Key, PopupCloseBehavior, Rect, Role, Sense, Stroke, StrokeKind, Ui, Vec2, WidgetInfo, vec2};

use crate::model::classes::{Class, ColorBasis, Scheme};
use crate::model::style::{Color, defaults};
use crate::text::{Language, tr};
use crate::ui::look::icons::CHECK;
use crate::ui::look::swatch::color32;
use crate::ui::look::theme::{self, font, size, tokens};
use crate::ui::look::widgets;

mod hue;

/// Side of a colour of the grid.
const CELL: f32 = 20.0;

/// Colours of a row of the grid.
const COLUMNS: usize = 12;

/// A button with a colour that opens the picker; the colour that was picked. It is put into `picked`, too, where it is
/// to be remembered.
pub fn button(
    ui: &mut Ui,
    language: Language,
    recent: &[Color],
    picked: &Cell<Option<Color>>,
    name: &str,
    color: Color,
) -> Option<Color> {
    let wanted = ui.spacing().interact_size.max(vec2(28.0, 18.0));
    let (rect, response) = ui.allocate_exact_size(wanted, Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::ColorWell, true, name));
    paint(ui, rect.shrink2(vec2(0.0, (rect.height() - 18.0).max(0.0) / 2.0)), color, response.hovered());
    widgets::focus_ring(ui, &response);
    let response = response.on_hover_text(name);
    let mut chosen = None;
    egui::Popup::menu(&response).close_behavior(PopupCloseBehavior::CloseOnClickOutside).show(|ui| {
        ui.set_width(CELL * COLUMNS as f32);
        chosen = content(ui, language, recent, picked, name, color);
    });
    chosen.filter(|chosen| *chosen != color)
}

fn content(
    ui: &mut Ui,
    language: Language,
    recent: &[Color],
    picked: &Cell<Option<Color>>,
    name: &str,
    now: Color,
) -> Option<Color> {
    let mut chosen = None;
    ui.spacing_mut().item_spacing.y = 2.0;
    widgets::menu_heading(ui, name);
    let standard = standard_colors().iter().map(|(color, class)| (*color, class.label(language)));
    let own = (0..defaults::PALETTE_LENGTH).map(defaults::palette).map(|color| (color, color.to_string()));
    let lately = recent.iter().map(|color| (*color, color.to_string()));
    let groups: [(&str, Vec<(Color, String)>); 3] = [
        ("panels.colors-standard", standard.collect()),
        ("panels.colors-own", own.collect()),
        ("panels.colors-recent", lately.collect()),
    ];
    for (key, colors) in groups.into_iter().filter(|(_, colors)| !colors.is_empty()) {
        widgets::note(ui, tr(language, key));
        // How strong the colour is stays as it was: the colours of the grid say nothing of that.
        let found = grid(ui, &colors, now);
        if let Some(color) = found {
            let color = if color.a == 255 { color.with_alpha(now.a) } else { color };
            picked.set(Some(color));
            chosen = Some(color);
        }
    }
    ui.add_space(4.0);
    widgets::note(ui, tr(language, "panels.colors-any"));
    if let Some((color, is_done)) = hue::ui(ui, language, now) {
        // Colours that the pointer passed on its way are not remembered.
        if is_done {
            picked.set(Some(color));
        }
        chosen = Some(color);
    }
    ui.add_space(4.0);
    if let Some(color) = hex_ui(ui, language, now) {
        picked.set(Some(color));
        chosen = Some(color);
    }
    chosen.or_else(|| opacity_ui(ui, language, now))
}

/// Rows of colours; the one that was pressed.
fn grid(ui: &mut Ui, colors: &[(Color, String)], now: Color) -> Option<Color> {
    let mut pressed = None;
    ui.spacing_mut().item_spacing = Vec2::ZERO;
    for row in colors.chunks(COLUMNS) {
        ui.horizontal(|ui| {
            for (color, name) in row {
                let (rect, response) = ui.allocate_exact_size(Vec2::splat(CELL), Sense::click());
                let on = color.with_alpha(255) == now.with_alpha(255);
                response.widget_info(|| WidgetInfo::selected(Role::Button, true, on, name));
                paint(ui, rect.shrink(2.0), *color, response.hovered() || response.has_focus());
                if on {
                    let ink = color32(color.readable_ink());
                    widgets::paint_icon(ui, rect, CHECK, 12.0, ink);
                }
                if response.on_hover_text(name).clicked() {
                    pressed = Some(*color);
                }
            }
        });
    }
    ui.spacing_mut().item_spacing.y = 2.0;
    pressed
}

/// The digits of the colour, to be typed.
fn hex_ui(ui: &mut Ui, language: Language, now: Color) -> Option<Color> {
    let id = ui.scope_id().with("hex");
    let opaque = now.with_alpha(255);
    let mut text = ui.data(|data| data.get_temp::<String>(id)).unwrap_or_else(|| opaque.to_string());
    let mut entered = None;
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 6.0;
        widgets::muted(ui, tr(language, "panels.color-hex"));
        let width = ui.available_width() - 4.0;
        let field = widgets::field(ui, &mut text, None, "#rrggbb", tr(language, "panels.color-hex"), width);
        let read = read_hex(&text);
        if field.changed() || (field.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter))) {
            // Without digits for its strength it stays as strong as it was.
            entered = read.map(|(color, stated)| if stated { color } else { color.with_alpha(now.a) });
        }
        if read.is_none() {
            let stroke = Stroke::new(size::LINE, tokens(ui).bad);
            ui.painter().rect_stroke(field.rect.expand(2.0), theme::radius(), stroke, StrokeKind::Outside);
        }
        // While it is typed it stays as it is typed.
        if field.has_focus() {
            ui.data_mut(|data| data.insert_temp(id, text.clone()));
        } else {
            ui.data_mut(|data| data.remove_temp::<String>(id));
        }
    });
    entered.filter(|color| *color != now)
}

/// A colour of 3, 6 or 8 digits, and whether they say how strong it is.
fn read_hex(text: &str) -> Option<(Color, bool)> {
    let digits = text.trim().trim_start_matches(['#', '＃']);
    if digits.len() == 3 && digits.is_ascii() {
        let doubled: String = digits.chars().flat_map(|digit| [digit, digit]).collect();
        return Some((Color::from_hex(&doubled)?, false));
    }
    Some((Color::from_hex(digits)?, digits.len() == 8))
}

fn opacity_ui(ui: &mut Ui, language: Language, now: Color) -> Option<Color> {
    let mut percent = (f32::from(now.a) / 2.55).round();
    let before = percent;
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 6.0;
        widgets::muted(ui, tr(language, "ui.opacity"));
        ui.spacing_mut().slider_width = (ui.available_width() - 48.0).max(60.0);
        let rail = tokens(ui).line;
        ui.visuals_mut().widgets.inactive.bg_fill = rail;
        let slider = egui::Slider::new(&mut percent, 0.0..=100.0).step_by(1.0).show_value(false).trailing_fill(true);
        ui.add(slider).accessible_name(tr(language, "ui.opacity"));
        ui.label(egui::RichText::new(format!("{percent} %")).font(font::table()));
    });
    (percent != before).then(|| now.with_alpha((percent * 2.55).round() as u8))
}

/// A colour on a chequered ground where it can be seen through.
fn paint(ui: &Ui, rect: Rect, color: Color, marked: bool) {
    let t = tokens(ui);
    let painter = ui.painter();
    let radius = f32::from(size::RADIUS_SWATCH);
    if color.a < 255 {
        painter.rect_filled(rect, radius, egui::Color32::WHITE);
        let half = rect.size() / 2.0;
        for at in [rect.min, rect.center()] {
            painter.rect_filled(Rect::from_min_size(at, half), 0.0, egui::Color32::from_gray(190));
        }
    }
    let stroke = Stroke::new(size::LINE, if marked { t.accent } else { t.faint });
    painter.rect(rect, radius, color32(color), stroke, StrokeKind::Inside);
}

/// The colours of the standard for plans, each once, with the first class that has it.
fn standard_colors() -> &'static [(Color, Class)] {
    static COLORS: OnceLock<Vec<(Color, Class)>> = OnceLock::new();
    COLORS.get_or_init(|| {
        let mut colors: Vec<(Color, Class)> = Vec::new();
        for class in Scheme::Ydyh2023.classes().filter(|class| class.color_basis() == ColorBasis::Standard) {
            if colors.iter().all(|(color, _)| *color != class.color()) {
                colors.push((class.color(), class));
            }
        }
        colors
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_standard_gives_each_colour_once() {
        let colors = standard_colors();
        assert!(colors.len() >= 24, "{}", colors.len());
        for (at, (color, class)) in colors.iter().enumerate() {
            assert!(colors[..at].iter().all(|(other, _)| other != color), "{class:?}");
        }
    }

    #[test]
    fn colours_are_read_by_their_digits() {
        let check = |text: &str, expected| assert_eq!(read_hex(text), expected, "{text}");
        check("#ff8000", Some((Color::rgb(255, 128, 0), false)));
        check("FF8000", Some((Color::rgb(255, 128, 0), false)));
        check("＃f80", Some((Color::rgb(255, 136, 0), false)));
        check(" #ff800080 ", Some((Color::rgb(255, 128, 0).with_alpha(128), true)));
        for bad in ["", "#", "#ff80", "红色", "#ggg", "红红红"] {
            check(bad, None);
        }
    }
}
