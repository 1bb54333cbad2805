//! The report on opened files that need an answer: which CRS, and what to do with a file that breaks off.

use eframe::egui::{self, Align, Key, Layout, Ui, vec2};

use crate::text::Message;
use crate::ui::look::icons;
use crate::ui::look::theme::{self, font, size, tokens};
use crate::ui::look::widgets::{self, Tone};
use crate::ui::session::Session;
use crate::ui::session::command::Command;
use crate::ui::session::command::file::FileCommand;
use crate::ui::session::command::window::WindowCommand;
use crate::ui::session::opening::{OpenChoice, PendingFile, file_title};
use crate::ui::session::parts::Card;

/// What is remembered between frames.
#[derive(Debug, Default)]
pub struct State {}

/// Draws the report, when there is one and no other card is open.
pub fn ui(ui: &mut Ui, session: &Session, _state: &mut State, commands: &mut Vec<Command>) {
    let Some(report) = session.opened.as_ref().filter(|_| session.card.is_none()) else { return };
    let Some(file) = report.files.get(report.shown) else { return };
    let t = tokens(ui);
    let id = egui::Id::unique("open-report");
    let modal = egui::Modal::new(id).frame(theme::dialog_frame(t)).backdrop_color(t.backdrop).show(ui.ctx(), |ui| {
        ui.set_width(size::DIALOG.0.min(ui.ctx().content_rect().width() - 80.0).min(720.0));
        ui.add(egui::Label::new(egui::RichText::new(session.tr("ui.open-report")).font(font::title())));
        ui.add_space(8.0);
        for (i, file) in report.files.iter().enumerate() {
            let behind = match &file.error {
                Some(_) => Message::new("ui.open-kept").with("n", file.kept).text(session.language()),
                None => session.tr("ui.open-confirm-crs").to_owned(),
            };
            let mark = if file.error.is_some() { icons::TRIANGLE_ALERT } else { icons::CIRCLE_QUESTION_MARK };
            let row = widgets::menu_row(ui, Some(mark), &file_title(&file.path), &behind, None);
            if i == report.shown {
                let stroke = egui::Stroke::new(size::LINE, t.accent);
                ui.painter().rect_stroke(row.rect, theme::radius(), stroke, egui::StrokeKind::Inside);
            }
            if row.clicked() {
                commands.push(Command::File(FileCommand::AnswerOpen(OpenChoice::Show(i))));
            }
        }
        ui.add_space(8.0);
        widgets::hairline(ui);
        ui.add_space(8.0);
        file_ui(ui, session, report.shown, file, commands);
        ui.add_space(12.0);
        ui.allocate_ui_with_layout(
            vec2(ui.available_width(), size::CONTROL),
            Layout::right_to_left(Align::Center),
            |ui| {
                let all = if report.files.len() > 1 { "ui.open-all" } else { "ui.open-this" };
                let enter = ui.input(|i| i.key_pressed(Key::Enter));
                if widgets::primary_button(ui, None, session.tr(all)).clicked() || enter {
                    commands.push(Command::File(FileCommand::AnswerOpen(OpenChoice::OpenAll)));
                }
                if widgets::button(ui, None, session.tr("ui.cancel")).clicked() {
                    commands.push(Command::File(FileCommand::AnswerOpen(OpenChoice::Cancel)));
                }
                if report.files.len() > 1 && widgets::button(ui, None, session.tr("ui.open-leave")).clicked() {
                    commands.push(Command::File(FileCommand::AnswerOpen(OpenChoice::Leave(report.shown))));
                }
                if file.opened.is_some()
                    && widgets::button(ui, Some(icons::GLOBE), session.tr("ui.other-crs")).clicked()
                {
                    commands.push(Command::Window(WindowCommand::ShowCard(Card::PendingCrs(report.shown))));
                }
            },
        );
    });
    if modal.should_close() {
        commands.push(Command::File(FileCommand::AnswerOpen(OpenChoice::Cancel)));
    }
}

fn file_ui(ui: &mut Ui, session: &Session, at: usize, file: &PendingFile, commands: &mut Vec<Command>) {
    let t = tokens(ui);
    if let Some(error) = &file.error {
        widgets::callout(ui, Tone::Warn, &error.message().text(session.language()));
        ui.add_space(4.0);
        let note = Message::new("ui.open-broken-note").with("n", file.kept);
        widgets::note(ui, &note.text(session.language()));
    }
    let Some(opened) = &file.opened else { return };
    widgets::section(ui, session.tr("ui.crs-doctor"));
    widgets::note(ui, &opened.decision.observation.text(session.language()));
    ui.add_space(4.0);
    egui::ScrollArea::vertical().max_height(300.0).show(ui, |ui| {
        for ranked in &file.ranked {
            let crs = &ranked.hypothesis.crs;
            let on = file.chosen.as_ref() == Some(crs);
            let icon = if on { icons::CIRCLE_DOT } else { icons::CIRCLE };
            let name = crs.label_in(session.language());
            let row = widgets::menu_row(ui, Some(icon), &name, &ranked.distance_text(session.language()), None);
            ui.horizontal(|ui| {
                ui.add_space(30.0);
                widgets::label(ui, &ranked.text(session.language()), font::note(), t.muted);
                let badge = ranked.badge.text(session.language());
                if !badge.is_empty() {
                    widgets::pill(ui, badge, if on { Tone::Good } else { Tone::Quiet });
                }
            });
            if row.clicked() {
                commands.push(Command::File(FileCommand::AnswerOpen(OpenChoice::Read { file: at, crs: crs.clone() })));
            }
        }
    });
    widgets::note(ui, session.tr("ui.crs-doctor-note"));
}
