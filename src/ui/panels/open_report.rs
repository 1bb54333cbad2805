//! The card of what arrives: files that were opened and those that wait for an answer, a row each; what is known of the
//! one that is chosen, and where it lies.
//!
//! What is beyond doubt is open before the card is: it only waits for answers. Several files without doubt are opened
//! without it, and listed on request.

use eframe::egui::{self, Align, Key, Layout, Modifiers, Rect, Sense, Ui, UiBuilder, pos2, vec2};

use crate::text::{Language, Message, tr};
use crate::ui::look::theme::{self, font, size, tokens};
use crate::ui::look::{icons, widgets};
use crate::ui::session::Session;
use crate::ui::session::command::Command;
use crate::ui::session::command::file::FileCommand;
use crate::ui::session::command::window::WindowCommand;
use crate::ui::session::opening::{OpenChoice, OpenReport};
use crate::ui::session::parts::Card;

mod details;
mod doctor;
mod picture;
mod rows;

/// What is remembered between frames.
#[derive(Default)]
pub struct State {
    details: details::State,
    picture: picture::State,
}

/// Height of the heading and of the foot, in points.
const BAND: f32 = 48.0;
/// Width of the part about the file that is chosen, in points.
const SIDE: f32 = 352.0;
/// Least width of the rows beside it.
const LEAST: f32 = 620.0;

/// Draws the card, when there is one and no other card is open.
pub fn ui(ui: &mut Ui, session: &Session, state: &mut State, commands: &mut Vec<Command>) {
    let Some(report) = session.opened.as_ref().filter(|_| session.card.is_none()) else {
        if session.opened.is_none() {
            *state = State::default();
        }
        return;
    };
    let Some(file) = report.files.get(report.shown) else { return };
    let t = tokens(ui);
    let room = ui.ctx().content_rect().size();
    let wide = vec2(size::DIALOG.0.min(room.x - 64.0), size::DIALOG.1.min(room.y - 64.0));
    // A single file needs no list of files.
    let wanted = if report.files.len() == 1 { vec2(wide.x.min(980.0), wide.y.min(620.0)) } else { wide };
    let frame = theme::dialog_frame(t).inner_margin(egui::Margin::ZERO);
    let id = egui::Id::unique("open-report");
    let modal = egui::Modal::new(id).frame(frame).backdrop_color(t.backdrop).show(ui.ctx(), |ui| {
        ui.set_width(wanted.x);
        let (rect, _) = ui.allocate_exact_size(wanted, Sense::hover());
        let part = |ui: &mut Ui, rect: Rect, layout: Layout, content: &mut dyn FnMut(&mut Ui)| {
            let mut child = ui.new_child(UiBuilder::new().max_rect(rect).layout(layout));
            child.shrink_clip_rect(rect.expand(2.0));
            content(&mut child);
        };
        let head = rect.with_max_y(rect.top() + BAND).shrink2(vec2(16.0, 8.0));
        part(ui, head, Layout::left_to_right(Align::Center), &mut |ui| heading(ui, session.language(), report));
        let foot = rect.with_min_y(rect.bottom() - BAND);
        let middle = Rect::from_min_max(pos2(rect.left(), rect.top() + BAND), pos2(rect.right(), foot.top()));
        let line = theme::line(t);
        ui.painter().hline(rect.x_range(), middle.top(), line);
        ui.painter().hline(rect.x_range(), middle.bottom(), line);
        let has_side = middle.width() >= LEAST + SIDE;
        let edge = if has_side { middle.right() - SIDE } else { middle.right() };
        let down = Layout::top_down(Align::Min);
        part(ui, middle.with_max_x(edge), down, &mut |ui| {
            rows::ui(ui, session.language(), report, commands);
            details::ui(ui, session, report, &mut state.details, commands);
        });
        if has_side {
            ui.painter().vline(edge, middle.y_range(), line);
            let side = middle.with_min_x(edge).shrink2(vec2(14.0, 10.0));
            part(ui, side, down, &mut |ui| {
                doctor::ui(ui, session.language(), report.shown, file, commands);
                picture::ui(ui, session, file, &mut state.picture);
            });
        }
        let right = Layout::right_to_left(Align::Center);
        part(ui, foot.shrink2(vec2(16.0, 8.0)), right, &mut |ui| buttons(ui, session.language(), report, commands));
    });
    let answer = |choice| Command::File(FileCommand::AnswerOpen(choice));
    // Arrows walk from file to file.
    let steps = ui.input_mut(|input| {
        let down = input.count_and_consume_key(Modifiers::NONE, Key::ArrowDown);
        let up = input.count_and_consume_key(Modifiers::NONE, Key::ArrowUp);
        down as isize - up as isize
    });
    if steps != 0 && report.files.len() > 1 {
        let shown = report.shown.saturating_add_signed(steps).min(report.files.len() - 1);
        commands.push(answer(OpenChoice::Show(shown)));
    }
    if ui.input(|i| i.key_pressed(Key::Enter)) {
        commands.push(answer(OpenChoice::OpenAll));
    } else if modal.should_close() {
        commands.push(answer(OpenChoice::Cancel));
    }
}

fn heading(ui: &mut Ui, language: Language, report: &OpenReport) {
    let t = tokens(ui);
    widgets::icon(ui, icons::FOLDER_OPEN, t.accent);
    let title = Message::new("ui.open-report").with("n", report.files.len()).text(language);
    ui.add(egui::Label::new(egui::RichText::new(title).font(font::title())).extend());
    let unread = report.files.iter().filter(|file| file.is_unread()).count();
    let counts = [
        ("ui.report-open", report.open_count()),
        ("ui.report-waits", report.waiting_count()),
        ("ui.report-unread", unread),
    ];
    let said = counts.into_iter().filter(|(_, n)| *n > 0);
    let said: Vec<String> = said.map(|(key, n)| Message::new(key).with("n", n).text(language)).collect();
    ui.add_space(6.0);
    widgets::muted(ui, &said.join(tr(language, "ui.report-and")));
    ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
        if widgets::icon_button(ui, icons::X, tr(language, "ui.close")).clicked() {
            ui.close();
        }
        widgets::label(ui, tr(language, "ui.report-sources"), font::note(), t.muted);
    });
}

/// From the right: what takes all, what leaves all, what is about the file that is chosen.
fn buttons(ui: &mut Ui, language: Language, report: &OpenReport, commands: &mut Vec<Command>) {
    let mut answer = |choice| commands.push(Command::File(FileCommand::AnswerOpen(choice)));
    let (waiting, open) = (report.waiting_count(), report.open_count());
    if waiting == 0 {
        if widgets::primary_button(ui, None, tr(language, "ui.report-done")).clicked() {
            answer(OpenChoice::Cancel);
        }
        return;
    }
    let all = match waiting {
        1 if report.files.len() == 1 => tr(language, "ui.open-this").to_owned(),
        n => Message::new("ui.open-all").with("n", n).text(language),
    };
    if widgets::primary_button(ui, None, &all).clicked() {
        answer(OpenChoice::OpenAll);
    }
    let leave = match open {
        0 => tr(language, "ui.cancel").to_owned(),
        n => Message::new("ui.report-keep").with("n", n).text(language),
    };
    if widgets::button(ui, None, &leave).clicked() {
        answer(OpenChoice::Cancel);
    }
    let Some(file) = report.files.get(report.shown).filter(|file| file.waits()) else { return };
    if report.files.len() > 1 && widgets::button(ui, None, tr(language, "ui.open-leave")).clicked() {
        answer(OpenChoice::Leave(report.shown));
    }
    if file.opened.is_some() && widgets::button(ui, Some(icons::GLOBE), tr(language, "ui.other-crs")).clicked() {
        commands.push(Command::Window(WindowCommand::ShowCard(Card::PendingCrs(report.shown))));
    }
}
