//! What the window has to say, at the right edge of the map: one place and one width, beside what one is working on.
//!
//! Sentences of one kind are one note with their number: 150 files that could not be opened do not cover the map. A
//! long sentence shows its beginning, hovering shows all of it, and all can be copied.

use eframe::egui::{self, Align, Layout, Rect, Sense, Ui, UiBuilder, pos2, vec2};

use crate::model::Severity;
use crate::text::{Language, Message, tr};
use crate::ui::look::icons;
use crate::ui::look::theme::{self, font, size, tokens};
use crate::ui::look::widgets::{self, Tone};
use crate::ui::session::command::Command;
use crate::ui::session::command::file::FileCommand;
use crate::ui::session::command::scenario::ScenarioCommand;
use crate::ui::session::command::table::TableCommand;
use crate::ui::session::command::window::WindowCommand;
use crate::ui::session::{Notice, Session};
use crate::units::format_number;

/// Width of a note in points, where the map is wide enough.
const WIDTH: f32 = 340.0;

/// Rows of a sentence before it is cut.
const ROWS: usize = 4;

/// Most notes that stand there at once; the others wait until one is put away.
const MOST: usize = 4;

/// Most sentences that a tip lists.
const MOST_IN_TIP: usize = 24;

/// Room of the north arrow, which they stand beneath.
const BENEATH: f32 = 66.0;

/// Draws the notes over the map.
pub fn ui(ui: &mut Ui, map: Rect, session: &Session, commands: &mut Vec<Command>) {
    let groups = groups(&session.notices);
    let width = WIDTH.min(map.width() - 2.0 * size::CARD_GAP);
    let mut top = map.top() + size::CARD_GAP + BENEATH;
    let left = map.right() - size::CARD_GAP - width;
    for group in groups.iter().take(MOST) {
        let place = Rect::from_min_size(pos2(left, top), vec2(width, 0.0));
        top = note_ui(ui, place, session.language(), group, commands).bottom() + size::STEP;
    }
    if groups.len() > MOST {
        let n = format_number((groups.len() - MOST) as f64, 0);
        let text = Message::new("ui.more-notices").with("n", n).text(session.language());
        let place = Rect::from_min_size(pos2(left, top), vec2(width, size::CONTROL));
        let mut child = ui.new_child(UiBuilder::new().max_rect(place).layout(Layout::top_down(Align::Center)));
        theme::card(tokens(ui)).show(&mut child, |ui| widgets::muted(ui, &text));
    }
}

/// Sentences of one kind that are about one thing to do, oldest first.
fn groups(notices: &[Notice]) -> Vec<Vec<&Notice>> {
    let mut groups: Vec<Vec<&Notice>> = Vec::new();
    // Each journal is work of its own: it is offered, taken up and put away by itself.
    let journal = |notice: &Notice| match notice.actions.first() {
        Some((_, Command::File(FileCommand::Recover(path)))) => Some(path.clone()),
        _ => None,
    };
    let key = |notice: &Notice| {
        let action = notice.actions.first().map(|(key, _)| *key);
        (notice.severity, notice.message.key, action, journal(notice))
    };
    for notice in notices {
        match groups.iter_mut().find(|group| group.first().is_some_and(|first| key(first) == key(notice))) {
            Some(group) => group.push(notice),
            None => groups.push(vec![notice]),
        }
    }
    groups
}

fn note_ui(ui: &mut Ui, place: Rect, language: Language, group: &[&Notice], commands: &mut Vec<Command>) -> Rect {
    let Some(first) = group.first() else { return place };
    let t = tokens(ui);
    let tone = match first.severity {
        Severity::Note => Tone::Good,
        Severity::Warning => Tone::Warn,
        Severity::Error => Tone::Bad,
    };
    let id = ui.scope_id().with(("notice", first.id));
    let mut child = ui.new_child(UiBuilder::new().id_salt(("notice", first.id)).max_rect(place.with_max_y(f32::MAX)));
    // The note takes the pointer, so that nothing beneath it is hovered or pressed.
    let known: Option<Rect> = ui.data(|data| data.get_temp(id));
    if let Some(known) = known {
        let card = ui.interact(known, id, Sense::click_and_drag());
        card.widget_info(|| egui::WidgetInfo::new(egui::Role::Group));
    }
    let frame = theme::card(t);
    let inner = place.width() - frame.total_margin().sum().x;
    let shown = frame.show(&mut child, |ui| {
        ui.set_width(inner);
        ui.horizontal_top(|ui| {
            ui.spacing_mut().item_spacing.x = 8.0;
            let icon = if first.severity == Severity::Note { icons::CIRCLE_CHECK } else { icons::TRIANGLE_ALERT };
            widgets::icon(ui, icon, tone.colors(ui).0);
            // Of what went well the last is what somebody waits for.
            let said = if first.severity == Severity::Note { group.last().unwrap_or(first) } else { first };
            let text = said.message.text(language);
            let room = inner - size::ICON - 20.0 - 16.0;
            ui.vertical(|ui| {
                ui.set_width(room);
                let label = cut_label(ui, &text, room, t.text);
                if group.len() > 1 {
                    label.on_hover_text(tip(language, group));
                    let n = format_number((group.len() - 1) as f64, 0);
                    let more = Message::new("ui.notices-alike").with("n", n).text(language);
                    widgets::label(ui, &more, font::note(), t.muted).on_hover_text(tip(language, group));
                }
            });
            if widgets::icon_button_small(ui, icons::X, tr(language, "ui.close")).clicked() {
                commands.extend(group.iter().map(|notice| Command::Window(WindowCommand::DismissNotice(notice.id))));
            }
        });
        let is_long = group.len() > 1 || first.severity == Severity::Error;
        if !first.actions.is_empty() || is_long {
            ui.horizontal(|ui| {
                ui.add_space(size::ICON + 8.0);
                for (at, (key, command)) in first.actions.iter().enumerate() {
                    if !widgets::button(ui, None, tr(language, key)).clicked() {
                        continue;
                    }
                    // What only shows where more is said does not put it away.
                    let stays = matches!(command, Command::Window(WindowCommand::RevealTab(_)));
                    // One press takes back one step, however many like it were taken.
                    let once = matches!(command, Command::Scenario(ScenarioCommand::Undo));
                    commands.extend(once.then(|| command.clone()));
                    for notice in group {
                        let own = notice.actions.get(at).filter(|_| !once);
                        commands.extend(own.map(|(_, command)| command.clone()));
                        commands.extend((!stays).then_some(Command::Window(WindowCommand::DismissNotice(notice.id))));
                    }
                }
                if is_long && widgets::icon_button_small(ui, icons::COPY, tr(language, "ui.copy-notice")).clicked() {
                    let texts: Vec<String> = group.iter().map(|notice| notice.message.text(language)).collect();
                    commands.push(Command::Table(TableCommand::CopyText(texts.join("\n"))));
                }
            });
        }
    });
    let rect = shown.response.rect;
    ui.data_mut(|data| data.insert_temp(id, rect));
    rect
}

/// A sentence of a few rows at most; where it is longer, hovering shows all of it.
fn cut_label(ui: &mut Ui, text: &str, room: f32, ink: egui::Color32) -> egui::Response {
    let mut job = egui::text::LayoutJob::simple(text.to_owned(), font::body(), ink, room);
    job.wrap.max_rows = ROWS;
    job.wrap.break_anywhere = !text.contains(' ') && text.is_ascii();
    let galley = ui.fonts_mut(|fonts| fonts.layout_job(job));
    let elided = galley.elided;
    let label = ui.add(egui::Label::new(galley));
    let name = text.to_owned();
    label.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Label, true, &name));
    if elided { label.on_hover_text(text) } else { label }
}

fn tip(language: Language, group: &[&Notice]) -> String {
    let mut lines: Vec<String> = group.iter().take(MOST_IN_TIP).map(|notice| notice.message.text(language)).collect();
    if group.len() > MOST_IN_TIP {
        lines.push("…".to_owned());
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_of_one_kind_are_one_note() {
        let notice = |id: u64, severity, key| Notice {
            id,
            severity,
            message: Message::new(key).with("file", id),
            actions: Vec::new(),
            since: None,
        };
        let mut notices: Vec<Notice> = (0..150).map(|id| notice(id, Severity::Error, "ui.not-opened")).collect();
        notices.push(notice(150, Severity::Note, "ui.saved"));
        notices.push(notice(151, Severity::Error, "ui.not-opened"));
        let sizes: Vec<usize> = groups(&notices).iter().map(Vec::len).collect();
        assert_eq!(sizes, [151, 1]);
    }
}
