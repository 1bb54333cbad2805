//! Widgets that several panels share. Each has an accessible name, and none knows the session.

use eframe::egui::{
    self, Align, Align2, Color32, FontId, Layout, Pos2, Rect, Response, Role, Sense, Stroke, StrokeKind, Ui, Vec2,
    WidgetInfo, WidgetText, pos2, vec2,
};

use crate::ui::look::icons::{self, Icon};
use crate::ui::look::theme::{self, font, size, tokens};

/// What a pill or note has to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// Nothing special.
    Quiet,
    /// Chosen.
    Accent,
    /// Right, checked.
    Good,
    /// To be looked at.
    Warn,
    /// Wrong.
    Bad,
}

impl Tone {
    /// Text and ground.
    pub fn colors(self, ui: &Ui) -> (Color32, Color32) {
        let t = tokens(ui);
        match self {
            Self::Quiet => (t.muted, t.sunk),
            Self::Accent => (t.accent, t.accent_tint),
            Self::Good => (t.good, t.good_tint),
            Self::Warn => (t.warn, t.warn_tint),
            Self::Bad => (t.bad, t.bad_tint),
        }
    }
}

/// Paints `icon` in the middle of `rect`.
pub fn paint_icon(ui: &Ui, rect: Rect, icon: Icon, points: f32, color: Color32) {
    ui.painter().text(rect.center(), Align2::CENTER_CENTER, icon.0, font::icon(points), color);
}

/// An icon that only says something.
pub fn icon(ui: &mut Ui, icon: Icon, color: Color32) -> Rect {
    let (rect, _) = ui.allocate_exact_size(Vec2::splat(size::ICON), Sense::hover());
    paint_icon(ui, rect, icon, size::ICON, color);
    rect
}

/// A square button with an icon. `name` is its accessible name and its tooltip.
pub fn icon_button(ui: &mut Ui, icon: Icon, name: &str) -> Response {
    icon_button_sized(ui, icon, name, size::CONTROL, size::ICON, None)
}

/// A small square button with an icon, for rows.
pub fn icon_button_small(ui: &mut Ui, icon: Icon, name: &str) -> Response {
    icon_button_sized(ui, icon, name, 20.0, size::ICON_SMALL, None)
}

/// A square button with an icon that is on or off.
pub fn icon_toggle(ui: &mut Ui, icon: Icon, name: &str, on: bool) -> Response {
    icon_button_sized(ui, icon, name, size::CONTROL, size::ICON, Some(on))
}

/// A square button of `side` with an icon of `points`; `on` makes it a toggle.
pub fn icon_button_sized(ui: &mut Ui, icon: Icon, name: &str, side: f32, points: f32, on: Option<bool>) -> Response {
    let (rect, response) = ui.allocate_exact_size(Vec2::splat(side), Sense::click());
    let enabled = ui.is_enabled();
    response.widget_info(|| match on {
        Some(on) => WidgetInfo::selected(Role::Button, enabled, on, name),
        None => WidgetInfo::labeled(Role::Button, enabled, name),
    });
    if ui.is_rect_visible(rect) {
        let t = tokens(ui);
        let ground = match (on, response.is_pointer_button_down_on(), response.hovered()) {
            (Some(true), _, _) => Some(t.accent_tint),
            (_, true, _) => Some(t.sunk),
            (_, _, true) => Some(t.hover),
            _ => None,
        };
        if let Some(ground) = ground {
            ui.painter().rect_filled(rect, theme::radius(), ground);
        }
        let color = match on {
            Some(true) => t.accent,
            _ if !enabled => t.faint,
            _ if response.hovered() => t.text,
            _ => t.muted,
        };
        paint_icon(ui, rect, icon, points, color);
        focus_ring(ui, &response);
    }
    response.on_hover_text(name)
}

/// The outline of a widget that has the keyboard.
pub fn focus_ring(ui: &Ui, response: &Response) {
    if response.has_focus() {
        let stroke = Stroke::new(size::LINE, tokens(ui).accent);
        ui.painter().rect_stroke(response.rect, theme::radius(), stroke, StrokeKind::Inside);
    }
}

/// A button with an icon before its text.
pub fn button(ui: &mut Ui, icon: Option<Icon>, text: &str) -> Response {
    labelled_button(ui, icon, text, false)
}

/// The one button of a card that does what the card is for.
pub fn primary_button(ui: &mut Ui, icon: Option<Icon>, text: &str) -> Response {
    labelled_button(ui, icon, text, true)
}

fn labelled_button(ui: &mut Ui, icon: Option<Icon>, text: &str, primary: bool) -> Response {
    let t = tokens(ui);
    let enabled = ui.is_enabled();
    let ink = match (primary, enabled) {
        (_, false) => t.faint,
        (true, true) => t.on_accent,
        (false, true) => t.text,
    };
    let galley = ui.painter().layout_no_wrap(text.to_owned(), font::body(), ink);
    let icon_width = icon.map_or(0.0, |_| size::ICON + 6.0);
    let wanted = vec2(galley.size().x + icon_width + 24.0, size::CONTROL);
    let (rect, response) = ui.allocate_exact_size(wanted, Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, enabled, text));
    let ground = match (primary && enabled, response.hovered(), response.is_pointer_button_down_on()) {
        (true, true, _) => t.accent.gamma_multiply(0.88),
        (true, ..) => t.accent,
        (false, _, true) => t.sunk,
        (false, true, _) => t.hover,
        _ => t.panel,
    };
    ui.painter().rect_filled(rect, theme::radius(), ground);
    if !primary || !enabled {
        ui.painter().rect_stroke(rect, theme::radius(), theme::line(t), StrokeKind::Inside);
    }
    let mut x = rect.left() + 12.0;
    if let Some(icon) = icon {
        let place = Rect::from_center_size(pos2(x + size::ICON / 2.0, rect.center().y), Vec2::splat(size::ICON));
        paint_icon(ui, place, icon, size::ICON, ink);
        x += icon_width;
    }
    ui.painter().galley(pos2(x, rect.center().y - galley.size().y / 2.0), galley, ink);
    focus_ring(ui, &response);
    response
}

/// A line of text that can be pressed, without a frame: cells of the status bar, links.
pub fn text_button(ui: &mut Ui, text: WidgetText, name: &str) -> Response {
    let galley = text.into_galley(ui, Some(egui::TextWrapMode::Extend), f32::INFINITY, font::body());
    let wanted = vec2(galley.size().x + 12.0, ui.available_height().min(size::CONTROL));
    let (rect, response) = ui.allocate_exact_size(wanted, Sense::click());
    let enabled = ui.is_enabled();
    response.widget_info(|| WidgetInfo::labeled(Role::Button, enabled, name));
    if response.hovered() {
        ui.painter().rect_filled(rect.shrink2(vec2(1.0, 2.0)), theme::radius(), tokens(ui).hover);
    }
    ui.painter().galley(rect.center() - galley.size() / 2.0, galley, tokens(ui).text);
    focus_ring(ui, &response);
    response
}

/// A short word or figure on a tinted ground.
pub fn pill(ui: &mut Ui, text: &str, tone: Tone) -> Response {
    let (ink, ground) = tone.colors(ui);
    let galley = ui.painter().layout_no_wrap(text.to_owned(), font::note(), ink);
    let wanted = vec2(galley.size().x + 12.0, 18.0);
    let (rect, response) = ui.allocate_exact_size(wanted, Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, text));
    ui.painter().rect_filled(rect, rect.height() / 2.0, ground);
    ui.painter().galley(rect.center() - galley.size() / 2.0, galley, ink);
    response
}

/// A label of one font and colour that ends in an ellipsis where there is no room; hovering shows all of it then.
pub fn label(ui: &mut Ui, text: &str, font: FontId, color: Color32) -> Response {
    let text = egui::RichText::new(text).font(font).color(color);
    ui.add(egui::Label::new(text).truncate())
}

/// A label that stands back.
pub fn muted(ui: &mut Ui, text: &str) -> Response {
    label(ui, text, font::body(), tokens(ui).muted)
}

/// A note that stands back.
pub fn note(ui: &mut Ui, text: &str) -> Response {
    let color = tokens(ui).muted;
    ui.add(egui::Label::new(egui::RichText::new(text).font(font::note()).color(color)).wrap())
}

/// A figure with its unit after it in muted text.
pub fn figure(ui: &mut Ui, figure: &str, unit: &str, figure_font: FontId) -> Response {
    let t = tokens(ui);
    let mut job = egui::text::LayoutJob::default();
    let unit_font = FontId { size: (figure_font.size * 0.6).max(11.5), ..font::body() };
    job.append(figure, 0.0, egui::TextFormat::simple(figure_font, t.text));
    job.append(unit, 4.0, egui::TextFormat { valign: Align::BOTTOM, ..egui::TextFormat::simple(unit_font, t.muted) });
    ui.add(egui::Label::new(job).extend())
}

/// The heading of a section of a panel.
pub fn section(ui: &mut Ui, text: &str) -> Response {
    let color = tokens(ui).text;
    let response = ui.add(egui::Label::new(egui::RichText::new(text).font(font::heading()).color(color)).truncate());
    let enabled = ui.is_enabled();
    response.widget_info(|| WidgetInfo::labeled(Role::Heading, enabled, text));
    response
}

/// A line across the whole width, without space around it.
pub fn hairline(ui: &mut Ui) {
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), size::LINE), Sense::hover());
    ui.painter().hline(rect.x_range(), rect.center().y, theme::line(tokens(ui)));
}

/// A line between two cells of a bar.
pub fn divider(ui: &mut Ui) {
    let (rect, _) = ui.allocate_exact_size(vec2(9.0, ui.available_height()), Sense::hover());
    ui.painter().vline(rect.center().x, rect.y_range().shrink(5.0), theme::line(tokens(ui)));
}

/// One tab of a row of tabs.
#[derive(Clone, Debug)]
pub struct TabItem<'a> {
    /// Its name.
    pub name: &'a str,
    /// A figure behind the name, and how it is meant.
    pub badge: Option<(String, Tone)>,
}

/// How wide a tab is.
pub fn tab_width(ui: &Ui, item: &TabItem<'_>, on: bool) -> f32 {
    let wide = |text: &str, face| ui.painter().layout_no_wrap(text.to_owned(), face, Color32::PLACEHOLDER).size().x;
    let name = wide(item.name, if on { font::heading() } else { font::body() });
    let badge = item.badge.as_ref().map_or(0.0, |(text, _)| wide(text, font::note()) + 12.0 + 6.0);
    name + badge + 20.0
}

/// A row of tabs; gives the one that was pressed.
pub fn tabs(ui: &mut Ui, items: &[TabItem<'_>], selected: Option<usize>) -> Option<usize> {
    let mut pressed = None;
    ui.spacing_mut().item_spacing.x = 0.0;
    for (i, item) in items.iter().enumerate() {
        let t = tokens(ui);
        let on = selected == Some(i);
        let (ink, name_font) = if on { (t.text, font::heading()) } else { (t.muted, font::body()) };
        let name = ui.painter().layout_no_wrap(item.name.to_owned(), name_font, ink);
        let badge = item.badge.as_ref().map(|(text, tone)| {
            let (ink, ground) = tone.colors(ui);
            (ui.painter().layout_no_wrap(text.clone(), font::note(), ink), ink, ground)
        });
        let badge_width = badge.as_ref().map_or(0.0, |(galley, ..)| galley.size().x + 12.0 + 6.0);
        let wanted = vec2(name.size().x + badge_width + 20.0, ui.available_height());
        let (rect, response) = ui.allocate_exact_size(wanted, Sense::click());
        let label = match &item.badge {
            Some((figure, _)) => format!("{} {figure}", item.name),
            None => item.name.to_owned(),
        };
        response.widget_info(|| WidgetInfo::selected(Role::Tab, true, on, &label));
        let ink = if response.hovered() { t.text } else { ink };
        let name_width = name.size().x;
        let at = pos2(rect.left() + 10.0, rect.center().y - name.size().y / 2.0);
        ui.painter().galley_with_override_text_color(at, name, ink);
        if let Some((galley, ink, ground)) = badge {
            let left = rect.left() + 10.0 + name_width + 6.0;
            let plate = Rect::from_center_size(pos2(left, rect.center().y), Vec2::ZERO)
                .expand2(vec2(0.0, 9.0))
                .with_max_x(left + galley.size().x + 12.0);
            ui.painter().rect_filled(plate, plate.height() / 2.0, ground);
            ui.painter().galley(plate.center() - galley.size() / 2.0, galley, ink);
        }
        if on {
            let line = Rect::from_min_max(pos2(rect.left(), rect.bottom() - 2.0), rect.max);
            ui.painter().rect_filled(line, 0.0, t.accent);
        }
        focus_ring(ui, &response);
        if response.clicked() {
            pressed = Some(i);
        }
    }
    pressed
}

/// What stands where nothing is: what to do next. Buttons follow in `actions`.
pub fn empty_state<R>(ui: &mut Ui, icon: Icon, text: &str, actions: impl FnOnce(&mut Ui) -> R) -> R {
    let t = tokens(ui);
    let room = egui::Frame::NONE.inner_margin(egui::Margin::symmetric(12, 0));
    let centered = |ui: &mut Ui| {
        ui.add_space((ui.available_height() * 0.28).clamp(8.0, 160.0));
        let (rect, _) = ui.allocate_exact_size(Vec2::splat(32.0), Sense::hover());
        paint_icon(ui, rect, icon, 28.0, t.faint);
        ui.add_space(4.0);
        ui.add(egui::Label::new(egui::RichText::new(text).color(t.muted)).wrap());
        ui.add_space(8.0);
        actions(ui)
    };
    room.show(ui, |ui| ui.vertical_centered(centered).inner).inner
}

/// A bar of `width` that is full by `fraction`; without one it only says that something runs.
pub fn progress_bar(ui: &mut Ui, fraction: Option<f32>, width: f32, name: &str) -> Response {
    let (rect, response) =
        ui.allocate_exact_size(vec2(width, ui.available_height().min(size::CONTROL)), Sense::hover());
    response.widget_info(|| WidgetInfo {
        value: fraction.map(|f| f64::from(f * 100.0).round()),
        ..WidgetInfo::labeled(Role::ProgressIndicator, true, name)
    });
    let t = tokens(ui);
    let track = Rect::from_center_size(rect.center(), vec2(rect.width(), 4.0));
    ui.painter().rect_filled(track, 2.0, t.line);
    let filled = match fraction {
        Some(f) => Rect::from_min_size(track.min, vec2(track.width() * f.clamp(0.0, 1.0), track.height())),
        None => {
            let phase = (ui.input(|i| i.time) * 0.8).fract() as f32;
            let width = track.width() * 0.3;
            let left = track.left() - width + phase * (track.width() + width);
            Rect::from_min_size(pos2(left, track.top()), vec2(width, track.height())).intersect(track)
        }
    };
    ui.painter().rect_filled(filled, 2.0, t.accent);
    response
}

/// A note with an icon on a tinted ground, for what is wrong beside the thing that is wrong.
pub fn callout(ui: &mut Ui, tone: Tone, text: &str) -> Response {
    let (ink, ground) = tone.colors(ui);
    let mark = match tone {
        Tone::Good => icons::CIRCLE_CHECK,
        Tone::Warn | Tone::Bad => icons::TRIANGLE_ALERT,
        Tone::Quiet | Tone::Accent => icons::INFO,
    };
    egui::Frame::new()
        .fill(ground)
        .corner_radius(theme::radius())
        .inner_margin(egui::Margin::symmetric(10, 6))
        .show(ui, |ui| {
            ui.horizontal_top(|ui| {
                ui.spacing_mut().item_spacing.x = 8.0;
                icon(ui, mark, ink);
                let text = egui::RichText::new(text).font(font::table()).color(if tone == Tone::Quiet {
                    tokens(ui).text
                } else {
                    ink
                });
                ui.add(egui::Label::new(text).wrap());
            });
            ui.take_available_width();
        })
        .response
}

/// A text field with an icon before the text. `name` is its accessible name, `hint` what stands in it when empty.
pub fn field(ui: &mut Ui, text: &mut String, mark: Option<Icon>, hint: &str, name: &str, width: f32) -> Response {
    field_of(ui, text, mark, hint, name, width, false)
}

/// The same for a password: a dot for each sign.
pub fn secret_field(ui: &mut Ui, text: &mut String, name: &str, width: f32) -> Response {
    field_of(ui, text, None, "", name, width, true)
}

fn field_of(
    ui: &mut Ui,
    text: &mut String,
    mark: Option<Icon>,
    hint: &str,
    name: &str,
    width: f32,
    is_secret: bool,
) -> Response {
    let t = tokens(ui);
    let indent = if mark.is_some() { 26.0 } else { 8.0 };
    let (rect, _) = ui.allocate_exact_size(vec2(width, size::CONTROL), Sense::hover());
    ui.painter().rect(rect, theme::radius(), t.window, theme::line(t), StrokeKind::Inside);
    if let Some(mark) = mark {
        let place = Rect::from_center_size(pos2(rect.left() + 14.0, rect.center().y), Vec2::splat(size::ICON));
        paint_icon(ui, place, mark, size::ICON_SMALL, t.muted);
    }
    let inner = Rect::from_min_max(rect.min + vec2(indent, 1.0), rect.max - vec2(6.0, 1.0));
    let edit = egui::TextEdit::singleline(text)
        .frame(egui::Frame::NONE)
        .margin(egui::Margin::ZERO)
        .align(egui::Align2::LEFT_CENTER)
        .desired_width(inner.width())
        .password(is_secret)
        .hint_text(egui::RichText::new(hint).color(t.muted));
    let mut child = ui.new_child(egui::UiBuilder::new().max_rect(inner).layout(Layout::left_to_right(Align::Center)));
    child.shrink_clip_rect(inner);
    let response = child.add_sized(inner.size(), edit).accessible_name(name);
    if ui.memory(|memory| memory.has_focus(response.id)) {
        let stroke = Stroke::new(size::LINE, t.accent);
        ui.painter().rect_stroke(rect, theme::radius(), stroke, StrokeKind::Inside);
    }
    response
}

/// The mark of the program: three parcels.
pub fn logo(ui: &mut Ui) {
    let (rect, response) = ui.allocate_exact_size(Vec2::splat(20.0), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, "Tuban"));
    let t = tokens(ui);
    let at = |x: f32, y: f32| -> Pos2 { pos2(rect.left() + x, rect.top() + y) };
    let parcels: [&[Pos2]; 3] = [
        &[at(2.0, 6.0), at(9.0, 2.0), at(11.0, 9.0), at(4.0, 12.0)],
        &[at(10.5, 2.0), at(17.5, 5.0), at(17.0, 12.0), at(12.5, 9.0)],
        &[at(4.5, 13.5), at(11.7, 10.3), at(16.8, 13.6), at(11.0, 18.0)],
    ];
    for (i, parcel) in parcels.iter().enumerate() {
        let fill = if i == 1 { t.accent } else { t.accent.gamma_multiply(0.55) };
        ui.painter().add(egui::Shape::convex_polygon(parcel.to_vec(), fill, Stroke::NONE));
    }
}

/// Longest text of a tip, in characters.
const TIP: usize = 2000;

/// What a tip says of a text that is shown cut, or with signs that no font has: all of it, and the codes of these
/// signs.
pub fn whole_text(ui: &Ui, text: &str, is_cut: bool) -> Option<String> {
    let unknown = unknown_signs(ui, text);
    if !is_cut && unknown.is_empty() {
        return None;
    }
    let mut tip: String = text.chars().take(TIP).collect();
    if tip.len() < text.len() {
        tip.push('…');
    }
    if !unknown.is_empty() {
        tip.push('\n');
        tip.push_str(&unknown.join(" "));
    }
    Some(tip)
}

/// Codes of the signs of a text that no font has, each once: `U+E123`.
pub fn unknown_signs(ui: &Ui, text: &str) -> Vec<String> {
    if text.is_ascii() {
        return Vec::new();
    }
    let mut signs: Vec<char> = text.chars().filter(|c| !c.is_ascii() && !c.is_whitespace()).collect();
    signs.sort_unstable();
    signs.dedup();
    let face = font::body();
    signs.retain(|sign| !ui.fonts_mut(|fonts| fonts.has_glyph(&face, *sign)));
    signs.into_iter().map(|sign| format!("U+{:04X}", u32::from(sign))).collect()
}

/// A text with a box in the place of each sign that no font has.
pub fn drawable(ui: &Ui, text: &str) -> String {
    let face = font::body();
    let is_drawn = |sign: char| sign.is_ascii() || ui.fonts_mut(|fonts| fonts.has_glyph(&face, sign));
    text.chars().map(|sign| if is_drawn(sign) { sign } else { '□' }).collect()
}

/// Widest text of a row of a menu, in points: longer names are cut, and hovering shows all of them.
const MENU_TEXT: f32 = 420.0;

/// `text` in one line of at most `room` points; where it is longer it ends in an ellipsis.
pub fn cut(ui: &Ui, text: &str, face: FontId, ink: Color32, room: f32) -> std::sync::Arc<egui::Galley> {
    let text: String = text.chars().take(TIP).collect();
    let mut job = egui::text::LayoutJob::simple_singleline(text, face, ink);
    job.wrap = egui::text::TextWrapping::truncate_at_width(room);
    ui.fonts_mut(|fonts| fonts.layout_job(job))
}

/// A row of a menu: check or icon, text, shortcut.
pub fn menu_row(ui: &mut Ui, icon: Option<Icon>, text: &str, shortcut: &str, checked: Option<bool>) -> Response {
    let t = tokens(ui);
    let enabled = ui.is_enabled();
    let ink = if enabled { t.text } else { t.faint };
    let name = cut(ui, text, font::body(), ink, MENU_TEXT);
    let keys = cut(ui, shortcut, font::note(), if enabled { t.muted } else { t.faint }, MENU_TEXT / 2.0);
    let whole = whole_text(ui, text, name.elided);
    let keys_width = if shortcut.is_empty() { 0.0 } else { keys.size().x + 24.0 };
    let wanted = vec2(30.0 + name.size().x + keys_width + 10.0, size::CONTROL);
    let (rect, response) = ui.allocate_at_least(wanted, Sense::click());
    response.widget_info(|| match checked {
        Some(on) => WidgetInfo::selected(Role::MenuItem, enabled, on, text),
        None => WidgetInfo::labeled(Role::MenuItem, enabled, text),
    });
    if enabled && (response.hovered() || response.has_focus()) {
        ui.painter().rect_filled(rect, theme::radius(), t.hover);
    }
    let column = Rect::from_center_size(pos2(rect.left() + 15.0, rect.center().y), Vec2::splat(size::ICON));
    match (checked, icon) {
        (Some(true), _) => paint_icon(ui, column, icons::CHECK, size::ICON_SMALL, t.accent),
        (_, Some(icon)) => paint_icon(ui, column, icon, size::ICON_SMALL, if enabled { t.muted } else { t.faint }),
        _ => {}
    }
    ui.painter().galley(pos2(rect.left() + 30.0, rect.center().y - name.size().y / 2.0), name, ink);
    let at = pos2(rect.right() - 10.0 - keys.size().x, rect.center().y - keys.size().y / 2.0);
    ui.painter().galley(at, keys, t.muted);
    match whole {
        Some(whole) => response.on_hover_text(whole),
        None => response,
    }
}

/// A line of a menu that only says what the rows below are about.
pub fn menu_heading(ui: &mut Ui, text: &str) {
    let t = tokens(ui);
    let galley = cut(ui, text, font::note(), t.muted, MENU_TEXT);
    let (rect, response) = ui.allocate_at_least(vec2(galley.size().x + 20.0, 22.0), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, text));
    let whole = whole_text(ui, text, galley.elided);
    ui.painter().galley(pos2(rect.left() + 10.0, rect.center().y - galley.size().y / 2.0), galley, t.muted);
    if let Some(whole) = whole {
        response.on_hover_text(whole);
    }
}

/// A row of a menu that opens another menu beside it.
pub fn submenu<R>(ui: &mut Ui, text: &str, content: impl FnOnce(&mut Ui) -> R) {
    let response = menu_row(ui, None, text, "", None);
    let t = tokens(ui);
    let place = Rect::from_center_size(pos2(response.rect.right() - 12.0, response.rect.center().y), Vec2::splat(12.0));
    paint_icon(ui, place, icons::CHEVRON_RIGHT, 12.0, t.muted);
    egui::containers::menu::SubMenu::new().show(ui, &response, content);
}

/// One of several choices that stand side by side.
pub fn segment(ui: &mut Ui, name: &str, on: bool) -> egui::Response {
    segment_named(ui, name, name, on)
}

/// The same, where `text` alone would not be a name.
pub fn segment_named(ui: &mut Ui, text: &str, name: &str, on: bool) -> egui::Response {
    let t = tokens(ui);
    let ink = if on { t.accent } else { t.muted };
    let galley = ui.painter().layout_no_wrap(text.to_owned(), font::table(), ink);
    let (rect, response) = ui.allocate_exact_size(vec2(galley.size().x + 16.0, size::CONTROL), egui::Sense::click());
    response.widget_info(|| egui::WidgetInfo::selected(egui::Role::RadioButton, true, on, name));
    if on {
        ui.painter().rect_filled(rect, theme::radius(), t.accent_tint);
    } else if response.hovered() {
        ui.painter().rect_filled(rect, theme::radius(), t.hover);
    }
    ui.painter().galley(rect.center() - galley.size() / 2.0, galley, ink);
    focus_ring(ui, &response);
    response
}
