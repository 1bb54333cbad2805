//! What is asked about the file that is chosen: which reading of its coordinates, whether to take what stands before a
//! break, where a table belongs.

use std::sync::Arc;

use eframe::egui::{self, Align2, Pos2, Rect, ScrollArea, Sense, Shape, Stroke, Ui, pos2, vec2};

use crate::doctor::Ranked;
use crate::text::{Language, Message, tr};
use crate::ui::look::icons;
use crate::ui::look::theme::{self, font, size, tokens};
use crate::ui::look::widgets::{self, Tone};
use crate::ui::session::command::Command;
use crate::ui::session::command::file::FileCommand;
use crate::ui::session::command::layer::LayerCommand;
use crate::ui::session::opening::{ArrivedFile, OpenChoice};

/// Readings that the strip shows with their number.
const NUMBERED: usize = 4;
/// Height of the strip, in points.
const STRIP: f32 = 104.0;
/// Degrees that the strip shows at least.
const LEAST_DEG: f64 = 7.0;

/// Draws it.
pub(super) fn ui(ui: &mut Ui, language: Language, at: usize, file: &ArrivedFile, commands: &mut Vec<Command>) {
    let arrival = &file.arrival;
    if let Some(error) = &file.error {
        widgets::callout(ui, Tone::Warn, &error.message().text(language));
        ui.add_space(size::STEP);
        let note = Message::new("ui.open-broken-note").with("n", file.kept);
        widgets::note(ui, &note.text(language));
        return;
    }
    if file.is_unread() {
        widgets::section(ui, tr(language, "ui.report-why"));
        ui.add_space(size::STEP);
        let why = arrival.worst.as_ref().map_or_else(String::new, |worst| worst.text(language));
        widgets::callout(ui, Tone::Bad, &why);
        return;
    }
    if let Some(fitting) = &arrival.fitting {
        widgets::section(ui, tr(language, "ui.report-table"));
        ui.add_space(size::STEP);
        let tone = if fitting.matched == arrival.feature_count() { Tone::Good } else { Tone::Warn };
        widgets::callout(ui, tone, &arrival.beside_text(language));
        ui.add_space(size::STEP);
        if file.joined {
            widgets::note(ui, tr(language, "ui.report-joined"));
        } else {
            let name = Message::new("ui.report-join").with("layer", &fitting.layer).text(language);
            if widgets::button(ui, Some(icons::TABLE), &name).clicked() {
                commands.push(Command::File(FileCommand::AnswerOpen(OpenChoice::Join(at))));
            }
        }
        return;
    }
    let Some(opened) = &file.opened else {
        if let Some(reason) = &arrival.reason {
            widgets::section(ui, tr(language, "arrivals.crs"));
            widgets::note(ui, &format!("{} · {}", arrival.crs.as_deref().unwrap_or_default(), reason.text(language)));
            ui.add_space(size::STEP);
        } else {
            widgets::note(ui, tr(language, "ui.report-loose-table"));
        }
        // What is open is examined as any layer is.
        if let Some(layer) = file.layers.first().filter(|_| arrival.reason.is_some())
            && widgets::button(ui, Some(icons::COMPASS), tr(language, "ui.layer-doctor")).clicked()
        {
            commands.push(Command::Layer(*layer, LayerCommand::Doctor));
        }
        return;
    };
    widgets::section(ui, tr(language, "ui.crs-doctor"));
    widgets::note(ui, &opened.decision.observation.text(language));
    ui.add_space(size::STEP);
    strip(ui, language, file);
    let height = (ui.available_height() * 0.46).max(96.0);
    ScrollArea::vertical().id_salt("readings").max_height(height).auto_shrink([false, true]).show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 2.0;
        for (nth, ranked) in file.ranked.iter().enumerate() {
            if reading(ui, language, nth, ranked, file.is_chosen(ranked)).clicked() {
                let choice = match &ranked.correction {
                    Some(correction) => OpenChoice::Correct { file: at, correction: Arc::new(correction.clone()) },
                    None => OpenChoice::Read { file: at, crs: ranked.crs().clone() },
                };
                commands.push(Command::File(FileCommand::AnswerOpen(choice)));
            }
        }
        // One that was chosen elsewhere.
        let is_known = file.ranked.iter().any(|ranked| file.is_chosen(ranked));
        if let Some(crs) = file.chosen.as_ref().filter(|_| !is_known) {
            widgets::menu_row(ui, Some(icons::CIRCLE_DOT), &crs.label_in(language), "", None);
        }
    });
    widgets::note(ui, tr(language, "ui.crs-doctor-note"));
    ui.add_space(size::STEP);
}

/// A reading: number, name, distance, reason, badge.
fn reading(ui: &mut Ui, language: Language, nth: usize, ranked: &Ranked, on: bool) -> egui::Response {
    let t = tokens(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width() - 12.0, 44.0), Sense::click());
    let name = ranked.title(language);
    response.widget_info(|| egui::WidgetInfo::selected(egui::Role::RadioButton, true, on, &name));
    if on || response.hovered() {
        ui.painter().rect_filled(rect, theme::radius(), if on { t.accent_tint } else { t.hover });
    }
    dot(ui, pos2(rect.left() + 15.0, rect.top() + 15.0), nth, on);
    let distance = ranked.distance_text(language);
    let distance = widgets::cut(ui, &distance, font::note(), t.muted, 90.0);
    let room = rect.width() - 44.0 - distance.size().x;
    let title = widgets::cut(ui, &name, if on { font::heading() } else { font::table() }, t.text, room);
    ui.painter().galley(pos2(rect.left() + 32.0, rect.top() + 5.0), title, t.text);
    ui.painter().galley(pos2(rect.right() - 8.0 - distance.size().x, rect.top() + 6.0), distance, t.muted);
    let badge = ranked.badge.text(language);
    let mut right = rect.right() - 8.0;
    if !badge.is_empty() {
        let (ink, ground) = if on { Tone::Good } else { Tone::Quiet }.colors(ui);
        let galley = widgets::cut(ui, badge, font::note(), ink, 90.0);
        let plate = Rect::from_min_size(
            pos2(right - galley.size().x - 12.0, rect.top() + 24.0),
            galley.size() + vec2(12.0, 2.0),
        );
        ui.painter().rect_filled(plate, plate.height() / 2.0, ground);
        ui.painter().galley(plate.min + vec2(6.0, 1.0), galley, ink);
        right = plate.left() - 6.0;
    }
    let why = ranked.text(language);
    let reason = widgets::cut(ui, &why, font::note(), t.muted, right - rect.left() - 32.0);
    ui.painter().galley(pos2(rect.left() + 32.0, rect.top() + 25.0), reason, t.muted);
    widgets::focus_ring(ui, &response);
    response.on_hover_text(why)
}

/// A numbered disc.
fn dot(ui: &Ui, at: Pos2, nth: usize, on: bool) {
    let t = tokens(ui);
    let (ground, ink) = if on { (t.good, t.panel) } else { (t.faint, t.panel) };
    ui.painter().circle_filled(at, 8.5, ground);
    ui.painter().text(at, Align2::CENTER_CENTER, (nth + 1).to_string(), font::note(), ink);
}

/// Where the readings lie: zones of 3° with their meridians, and a number at the middle of each reading.
fn strip(ui: &mut Ui, language: Language, file: &ArrivedFile) {
    let places: Vec<(usize, f64, f64)> = file
        .ranked
        .iter()
        .enumerate()
        .take(NUMBERED)
        .filter_map(|(nth, ranked)| ranked.hypothesis.position.map(|place| (nth, place.x, place.y)))
        .collect();
    let range = |of: fn(&(usize, f64, f64)) -> f64| {
        places.iter().map(of).fold((f64::MAX, f64::MIN), |(low, high), v| (low.min(v), high.max(v)))
    };
    let ((west, east), (south, north)) = (range(|p| p.1), range(|p| p.2));
    // Of one place there is nothing to be told apart.
    if places.len() < 2 || east - west + north - south < 0.2 || east - west > 60.0 {
        return;
    }
    let t = tokens(ui);
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), STRIP), Sense::hover());
    let painter = ui.painter_at(rect);
    painter.rect(rect, theme::radius(), t.map, theme::line(t), egui::StrokeKind::Inside);
    let span = (1.3 * (east - west)).max(LEAST_DEG);
    let middle = f64::midpoint(west, east);
    let x_of = |lon: f64| rect.center().x + ((lon - middle) / span) as f32 * rect.width();
    // Degrees of latitude are as long as they are wide here, as far as the strip is high enough.
    let tall = (span * f64::from(STRIP) / f64::from(rect.width())).max(1.6 * (north - south));
    let y_of = |lat: f64| rect.center().y + 8.0 - ((lat - f64::midpoint(south, north)) / tall) as f32 * STRIP;
    let first = ((middle - span / 2.0) / 3.0).floor() as i32;
    let last = ((middle + span / 2.0) / 3.0).ceil() as i32;
    for zone in first..=last {
        let (meridian, edge) = (x_of(f64::from(3 * zone)), x_of(f64::from(3 * zone) - 1.5));
        let faint = Stroke::new(1.0, t.line);
        painter.vline(meridian, rect.y_range().shrink(18.0), faint);
        let ends = [pos2(edge, rect.top()), pos2(edge, rect.bottom())];
        painter.extend(Shape::dashed_line(&ends, Stroke::new(1.0, t.faint), 4.0, 4.0));
        if span < 25.0 {
            let name = Message::new("ui.report-zone").with("zone", zone).with("meridian", 3 * zone).text(language);
            painter.text(pos2(meridian, rect.top() + 3.0), Align2::CENTER_TOP, name, font::note(), t.muted);
        }
    }
    for (nth, lon, lat) in places.iter().rev() {
        let on = file.ranked.get(*nth).is_some_and(|ranked| file.is_chosen(ranked));
        dot(ui, pos2(x_of(*lon), y_of(*lat)), *nth, on);
    }
    ui.add_space(size::STEP);
}
