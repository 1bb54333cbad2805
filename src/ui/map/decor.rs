//! What floats over the map: north arrow, scale bar, notices, and what to do when nothing is open.

use eframe::egui::{self, Align, Align2, Layout, Rect, Role, Ui, UiBuilder, WidgetInfo, pos2, vec2};

use crate::render::underlay::credit;
use crate::render::view::ScaleBar;
use crate::text::{Language, Message, tr};
use crate::ui::look::theme::{self, font, size, tokens};
use crate::ui::look::{icons, widgets};
use crate::ui::map::notices;
use crate::ui::session::Session;
use crate::ui::session::command::Command;
use crate::ui::session::command::file::FileCommand;

/// Draws what floats over the map.
pub fn ui(ui: &mut Ui, map: Rect, session: &Session, commands: &mut Vec<Command>) {
    if session.workspace.is_bare() {
        if session.jobs.is_empty() {
            nothing_open(ui, map, session, commands);
        }
    } else {
        north_arrow(ui, map, session.language());
        scale_bar(ui, map, session);
        credits(ui, map, session);
    }
    notices::ui(ui, map, session, commands);
}

fn nothing_open(ui: &mut Ui, map: Rect, session: &Session, commands: &mut Vec<Command>) {
    let language = session.language();
    let has_recent = !session.settings.recent.is_empty();
    let mut child = ui.new_child(UiBuilder::new().max_rect(map).layout(Layout::top_down(Align::Center)));
    widgets::empty_state(&mut child, icons::LAYERS, tr(language, "ui.nothing-open"), |ui| {
        let wide = if has_recent { 460.0 } else { 280.0 };
        let rect = Rect::from_center_size(ui.next_widget_position() + vec2(0.0, 13.0), vec2(wide, size::CONTROL));
        let mut row = ui.new_child(UiBuilder::new().max_rect(rect).layout(Layout::left_to_right(Align::Center)));
        if widgets::primary_button(&mut row, Some(icons::FOLDER_OPEN), tr(language, "ui.open")).clicked() {
            commands.push(Command::File(FileCommand::Open));
        }
        if widgets::button(&mut row, Some(icons::MAP), tr(language, "ui.open-demo")).clicked() {
            commands.push(Command::File(FileCommand::OpenDemo));
        }
        if has_recent && widgets::button(&mut row, Some(icons::HISTORY), tr(language, "habits.recent")).clicked() {
            commands.push(Command::File(FileCommand::Recent));
        }
    });
}

/// Where the north arrow stands.
pub fn north_arrow_rect(map: Rect) -> Rect {
    Rect::from_min_size(pos2(map.right() - size::CARD_GAP - 36.0, map.top() + size::CARD_GAP), vec2(36.0, 50.0))
}

fn north_arrow(ui: &mut Ui, map: Rect, language: Language) {
    let t = tokens(ui);
    let rect = north_arrow_rect(map);
    let response = ui.interact(rect, ui.scope_id().with("north"), egui::Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, tr(language, "ui.north")));
    ui.painter().add(theme::card_shadow(t).as_shape(rect, theme::card_radius()));
    ui.painter().rect(rect, theme::card_radius(), t.panel, theme::line(t), egui::StrokeKind::Inside);
    let c = rect.center_top() + vec2(0.0, 8.0);
    let arrow = [c, c + vec2(6.5, 18.0), c + vec2(0.0, 13.5), c + vec2(-6.5, 18.0)];
    let halves = [vec![arrow[0], arrow[1], arrow[2]], vec![arrow[0], arrow[2], arrow[3]]];
    for half in halves {
        ui.painter().add(egui::Shape::convex_polygon(half, t.text, egui::Stroke::NONE));
    }
    ui.painter().text(rect.center_bottom() - vec2(0.0, 7.0), Align2::CENTER_BOTTOM, "N", font::bold(11.5), t.text);
}

/// Whose the images beneath are; nothing where nobody is to be named.
pub fn credit_text(session: &Session) -> Option<String> {
    let mut names: Vec<String> = Vec::new();
    for of in session.workspace.underlays.iter().filter(|of| of.visible) {
        let open = session.project.underlays.open(of);
        // What is only in a file of this machine is known to who put it there.
        let is_said = !of.credit.is_empty() || open.is_some_and(|open| !open.raster().attribution().is_empty());
        if is_said {
            names.extend(credit(of, open.map(|open| &**open)).filter(|name| !names.contains(name)));
        }
    }
    if names.is_empty() {
        return None;
    }
    let text = Message::new("underlay.credit").with("names", names.join(session.tr("underlay.and")));
    Some(text.text(session.language()))
}

/// Whose the images beneath are, in the lower right corner.
fn credits(ui: &Ui, map: Rect, session: &Session) {
    if let Some(text) = credit_text(session) {
        cased_text(ui, pos2(map.right() - 10.0, map.bottom() - 8.0), Align2::RIGHT_BOTTOM, &text);
    }
}

/// Longest scale bar in points.
const BAR: f64 = 140.0;

/// What the scale bar and its figures take of the lower left corner of the map, in points.
pub const SCALE_BAR_ROOM: egui::Vec2 = vec2(16.0 + BAR as f32 + 36.0, 32.0);

/// The corner of the map that the scale bar keeps.
pub fn scale_bar_room(map: Rect) -> Rect {
    Rect::from_min_max(map.left_bottom() - vec2(0.0, SCALE_BAR_ROOM.y), map.left_bottom() + vec2(SCALE_BAR_ROOM.x, 0.0))
}

fn scale_bar(ui: &mut Ui, map: Rect, session: &Session) {
    let t = tokens(ui);
    let bar = ScaleBar::fit(session.view.units_per_px * session.metres_per_unit(), BAR);
    let left = map.left() + 16.0;
    let bottom = map.bottom() - 14.0;
    let width = bar.length_px as f32;
    let height = 5.0;
    let frame = Rect::from_min_max(pos2(left, bottom - height), pos2(left + width, bottom));
    let part = width / bar.part_count as f32;
    let (unit, factor) = if bar.length_m >= 1000.0 { ("km", 1000.0) } else { ("m", 1.0) };
    let number = |m: f64| {
        let value = m / factor;
        if value.fract() == 0.0 { format!("{value:.0}") } else { format!("{value}") }
    };
    let whole = format!("{} {unit}", number(bar.length_m));
    // On a plate of its own it is read on any map.
    let over = ui.painter().layout_no_wrap(whole.clone(), font::note(), t.text).size().x / 2.0;
    let plate =
        Rect::from_min_max(pos2(left - 10.0, frame.top() - 20.0), pos2(frame.right() + over + 8.0, bottom + 6.0));
    ui.painter().rect_filled(plate, theme::radius(), t.panel.gamma_multiply(0.86));
    for i in 0..bar.part_count {
        let x = left + part * i as f32;
        let piece = Rect::from_min_max(pos2(x, frame.top()), pos2(x + part, frame.bottom()));
        let fill = if i % 2 == 0 { t.text } else { t.panel };
        ui.painter().rect_filled(piece, 0.0, fill);
    }
    ui.painter().rect_stroke(frame, 0.0, egui::Stroke::new(size::LINE, t.text), egui::StrokeKind::Outside);
    let ends = [
        (0.0, "0".to_owned(), Align2::CENTER_BOTTOM),
        (width / 2.0, number(bar.length_m / 2.0), Align2::CENTER_BOTTOM),
        (width, whole, Align2::CENTER_BOTTOM),
    ];
    for (x, text, align) in ends {
        cased_text(ui, pos2(left + x, frame.top() - 4.0), align, &text);
    }
    let response = ui.interact(frame.expand2(vec2(6.0, 16.0)), ui.scope_id().with("scale-bar"), egui::Sense::hover());
    let name = format!("{} {} {unit}", session.tr("ui.scale-bar"), number(bar.length_m));
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, &name));
}

/// Text with a casing in the map's ground colour.
pub fn cased_text(ui: &Ui, at: egui::Pos2, align: Align2, text: &str) {
    let t = tokens(ui);
    for offset in [vec2(-1.0, 0.0), vec2(1.0, 0.0), vec2(0.0, -1.0), vec2(0.0, 1.0)] {
        ui.painter().text(at + offset, align, text, font::note(), t.map);
    }
    ui.painter().text(at, align, text, font::note(), t.text);
}
