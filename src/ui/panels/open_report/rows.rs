//! The rows of the card of what arrives: a file each, in columns of two lines.

use eframe::egui::{self, Color32, Rect, Role, ScrollArea, Sense, Ui, WidgetInfo, pos2, vec2};

use crate::report::arrivals::Standing;
use crate::text::{Language, tr};
use crate::ui::look::icons::{self, Icon};
use crate::ui::look::theme::{self, font, size, tokens};
use crate::ui::look::widgets::{self, Tone};
use crate::ui::session::command::Command;
use crate::ui::session::command::file::FileCommand;
use crate::ui::session::opening::{ArrivedFile, OpenChoice, OpenReport};

/// Height of a row, in points.
const ROW: f32 = 46.0;
/// Height of the line of titles.
const TITLES: f32 = 26.0;
/// Width of the mark before a row.
const MARK: f32 = 40.0;
/// Rows that are shown at once at most.
const MOST: f32 = 7.0;
/// Keys of the titles, and the share of the width that each column takes.
const COLUMNS: [(&str, f32); 7] = [
    ("arrivals.file", 0.22),
    ("arrivals.format", 0.11),
    ("arrivals.encoding", 0.13),
    ("arrivals.crs", 0.18),
    ("arrivals.features", 0.10),
    ("arrivals.issues-title", 0.12),
    ("arrivals.beside", 0.14),
];

/// Draws them.
pub(super) fn ui(ui: &mut Ui, language: Language, report: &OpenReport, commands: &mut Vec<Command>) {
    let t = tokens(ui);
    let (titles, _) = ui.allocate_exact_size(vec2(ui.available_width(), TITLES), Sense::hover());
    ui.painter().rect_filled(titles, 0.0, t.window);
    for (at, (key, _)) in COLUMNS.iter().enumerate() {
        let cell = cell(titles, at);
        let galley = widgets::cut(ui, tr(language, key), font::note(), t.muted, cell.width());
        ui.painter().galley(pos2(cell.left(), cell.center().y - galley.size().y / 2.0), galley, t.muted);
    }
    let rows = (report.files.len() as f32).min(MOST);
    // Half of the room at most: what is known of one file needs the rest.
    let height = (rows * ROW).min((ui.available_height() * 0.62).max(2.0 * ROW));
    ui.spacing_mut().item_spacing.y = 0.0;
    ScrollArea::vertical().id_salt("arrived").max_height(height).auto_shrink([false, true]).show(ui, |ui| {
        for (at, file) in report.files.iter().enumerate() {
            if row(ui, language, file, at == report.shown).clicked() {
                commands.push(Command::File(FileCommand::AnswerOpen(OpenChoice::Show(at))));
            }
        }
    });
}

/// Where a column of a row stands.
fn cell(row: Rect, column: usize) -> Rect {
    let width = row.width() - MARK - 8.0;
    let before: f32 = COLUMNS[..column].iter().map(|(_, share)| share).sum();
    let left = row.left() + MARK + before * width;
    Rect::from_min_max(pos2(left, row.top()), pos2(left + COLUMNS[column].1 * width - 10.0, row.bottom()))
}

/// How a file stands: its sign, and how it is meant.
fn mark(file: &ArrivedFile) -> (Icon, Tone) {
    match file.arrival.standing {
        _ if file.rereading => (icons::LOADER_CIRCLE, Tone::Quiet),
        Standing::Unread => (icons::CIRCLE_X, Tone::Bad),
        Standing::Broken if file.waits() => (icons::TRIANGLE_ALERT, Tone::Warn),
        Standing::Doubtful if file.waits() => (icons::CIRCLE_QUESTION_MARK, Tone::Warn),
        Standing::Shifted => (icons::TRIANGLE_ALERT, Tone::Warn),
        _ if file.arrival.crs.is_none() => (icons::TABLE, Tone::Quiet),
        _ => (icons::CHECK, Tone::Good),
    }
}

fn row(ui: &mut Ui, language: Language, file: &ArrivedFile, is_shown: bool) -> egui::Response {
    let t = tokens(ui);
    let arrival = &file.arrival;
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::click());
    let name = format!("{} {}", arrival.name(), arrival.standing_text(language));
    response.widget_info(|| WidgetInfo::selected(Role::Row, true, is_shown, &name));
    if !ui.is_rect_visible(rect) {
        return response;
    }
    let ground = match (is_shown, response.hovered()) {
        (true, _) => t.accent_tint,
        (false, true) => t.hover,
        _ => Color32::TRANSPARENT,
    };
    ui.painter().rect_filled(rect, 0.0, ground);
    if is_shown {
        ui.painter().rect_filled(rect.with_max_x(rect.left() + 3.0), 0.0, t.accent);
    }
    ui.painter().hline(rect.x_range(), rect.bottom(), theme::line(t));
    let (icon, tone) = mark(file);
    let (ink, _) = tone.colors(ui);
    let place =
        Rect::from_center_size(pos2(rect.left() + MARK / 2.0 + 2.0, rect.center().y), vec2(size::ICON, size::ICON));
    widgets::paint_icon(ui, place, icon, size::ICON, ink);
    let undone = file.correction.as_ref().filter(|_| file.waits()).map(|correction| correction.title(language));
    let reason = || arrival.reason.as_ref().map_or_else(String::new, |reason| reason.text(language));
    let reason = undone.unwrap_or_else(reason);
    let worst = arrival.worst.as_ref().map_or_else(String::new, |worst| worst.text(language));
    let dash = |text: &str| if text.is_empty() { "–".to_owned() } else { text.to_owned() };
    let lines = |ui: &Ui, column: usize, above: &str, below: &str, strong: bool| {
        let cell = cell(rect, column);
        let face = if strong { font::heading() } else { font::table() };
        let above = widgets::cut(ui, above, face, t.text, cell.width());
        let below = widgets::cut(ui, below, font::note(), t.muted, cell.width());
        ui.painter().galley(pos2(cell.left(), cell.top() + 5.0), above, t.text);
        ui.painter().galley(pos2(cell.left(), cell.top() + 25.0), below, t.muted);
    };
    let bytes = byte_text(arrival.byte_count);
    lines(ui, 0, &arrival.name(), &bytes, is_shown);
    lines(ui, 1, &dash(&arrival.format), "", false);
    lines(ui, 2, &dash(&arrival.encoding), &arrival.preview, false);
    let crs = file.chosen.as_ref().filter(|_| file.waits()).map(|crs| crs.code().to_owned());
    lines(ui, 3, &dash(&crs.or_else(|| arrival.crs.clone()).unwrap_or_default()), &reason, false);
    let count = crate::units::format_number(arrival.feature_count() as f64, 0);
    let kept = if file.error.is_some() { file.kept.to_string() } else { count };
    lines(
        ui,
        4,
        &if arrival.standing == Standing::Unread { "–".to_owned() } else { kept },
        &arrival.counts_text(language),
        false,
    );
    issues(ui, cell(rect, 5), file, &arrival.issues_text(language), &worst);
    beside(ui, cell(rect, 6), file, language);
    let told: Vec<&str> =
        [arrival.preview.as_str(), &reason, &worst].into_iter().filter(|text| !text.is_empty()).collect();
    if told.is_empty() { response } else { response.on_hover_text(told.join("\n")) }
}

/// The number of issues on a tinted ground, and the worst of them.
fn issues(ui: &Ui, cell: Rect, file: &ArrivedFile, said: &str, worst: &str) {
    let t = tokens(ui);
    let [_, warnings, errors] = file.arrival.issue_counts;
    let tone = match (warnings, errors) {
        (0, 0) => Tone::Quiet,
        (_, 0) => Tone::Warn,
        _ => Tone::Bad,
    };
    let (ink, ground) = if tone == Tone::Quiet { (t.text, Color32::TRANSPARENT) } else { tone.colors(ui) };
    let galley = widgets::cut(ui, said, font::table(), ink, cell.width() - 12.0);
    let at = pos2(cell.left(), cell.top() + 5.0);
    let indent = if tone == Tone::Quiet { 0.0 } else { 6.0 };
    let plate = Rect::from_min_size(at, galley.size() + vec2(2.0 * indent, 0.0));
    ui.painter().rect_filled(plate, plate.height() / 2.0, ground);
    ui.painter().galley(at + vec2(indent, 0.0), galley, ink);
    let below = widgets::cut(ui, worst, font::note(), t.muted, cell.width());
    ui.painter().galley(pos2(cell.left(), cell.top() + 25.0), below, t.muted);
}

/// How much of it lies on what is open, as a bar, and on which layer.
fn beside(ui: &Ui, cell: Rect, file: &ArrivedFile, language: Language) {
    let t = tokens(ui);
    let arrival = &file.arrival;
    let share = match (&arrival.fitting, &arrival.beside) {
        (Some(fitting), _) => Some(fitting.matched as f32 / arrival.feature_count().max(1) as f32),
        (None, Some(reference)) if reference.overlap > 0.0 => Some(reference.overlap as f32),
        _ => None,
    };
    if let Some(share) = share {
        let track =
            Rect::from_min_size(pos2(cell.left(), cell.top() + 11.0), vec2((cell.width() - 44.0).max(16.0), 4.0));
        ui.painter().rect_filled(track, 2.0, t.line);
        let color = if share > 0.5 { t.good } else { t.warn };
        ui.painter().rect_filled(track.with_max_x(track.left() + track.width() * share.min(1.0)), 2.0, color);
        let galley = widgets::cut(ui, &format!("{:.0} %", 100.0 * share), font::table(), t.text, 44.0);
        ui.painter().galley(pos2(track.right() + 6.0, cell.top() + 5.0), galley, t.text);
    }
    let at = if share.is_some() { 25.0 } else { 5.0 };
    let said = arrival.beside_text(language);
    let galley = widgets::cut(ui, if said.is_empty() { "–" } else { &said }, font::note(), t.muted, cell.width());
    ui.painter().galley(pos2(cell.left(), cell.top() + at), galley, t.muted);
}

/// Bytes for people: 48.2 MB.
fn byte_text(bytes: u64) -> String {
    match bytes {
        0 => String::new(),
        1..=9_999 => format!("{bytes} B"),
        10_000..=9_999_999 => format!("{} KB", bytes / 1000),
        _ => format!("{:.1} MB", bytes as f64 / 1e6),
    }
}
