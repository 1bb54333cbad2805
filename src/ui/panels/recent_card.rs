//! The card of projects and files opened lately: each with the picture of its map where one was painted. A file that is
//! gone is said to be, and can be taken off the list.

use std::path::{Path, PathBuf};

use eframe::egui::{self, Align, Layout, Role, Sense, Ui, WidgetInfo, pos2, vec2};

use crate::text::{Message, tr};
use crate::ui::look::icons;
use crate::ui::look::theme::{self, font, size, tokens};
use crate::ui::look::widgets::{self, Tone};
use crate::ui::panels::shortcuts::card;
use crate::ui::session::Session;
use crate::ui::session::awaited::Awaited;
use crate::ui::session::command::Command;
use crate::ui::session::command::file::FileCommand;
use crate::ui::session::command::window::WindowCommand;
use crate::ui::session::opening::file_title;
use crate::ui::session::parts::Card;
use crate::ui::work::thumbnails::{self, Known};

/// Size of a picture in the list, in points.
const PICTURE: [f32; 2] = [128.0, 80.0];

/// What is remembered between frames.
#[derive(Default)]
pub struct State {
    known: Awaited<Vec<PathBuf>, Vec<Known>, ()>,
    /// The pictures, once they are shown.
    shown: Vec<Option<egui::TextureHandle>>,
}

/// Draws the card, when it is open.
pub fn ui(ui: &mut Ui, session: &Session, state: &mut State, commands: &mut Vec<Command>) {
    if session.card != Some(Card::Recent) {
        *state = State::default();
        return;
    }
    look(ui, session, state);
    let mut chosen = Vec::new();
    card(ui, session, "habits.recent", commands, |ui, session| {
        if session.settings.recent.is_empty() {
            widgets::note(ui, session.tr("habits.recent-none"));
        }
        for (at, path) in session.settings.recent.iter().enumerate() {
            let known = state.known.current().and_then(|known| known.get(at));
            let picture = state.shown.get(at).and_then(Option::as_ref);
            row_ui(ui, session, path, known, picture, &mut chosen);
            widgets::hairline(ui);
        }
        ui.add_space(8.0);
        ui.horizontal(|ui| {
            if widgets::primary_button(ui, Some(icons::FILE_PLUS), session.tr("habits.new-project")).clicked() {
                chosen.push(Command::File(FileCommand::New));
                ui.close();
            }
            if widgets::button(ui, Some(icons::FOLDER_OPEN), session.tr("ui.open")).clicked() {
                chosen.push(Command::File(FileCommand::Open));
                ui.close();
            }
        });
    });
    commands.extend(chosen);
}

/// Has files and pictures looked for, on a thread of its own: folders may be far away.
fn look(ui: &Ui, session: &Session, state: &mut State) {
    let paths = session.settings.recent.clone();
    if !state.known.is_asked(&paths) {
        let folder = session.unsaved.folder.clone();
        state.shown.clear();
        let asked = paths.clone();
        state
            .known
            .start_task(ui.ctx(), asked, "recent files", move |_| Ok(thumbnails::look(folder.as_deref(), &paths)));
    }
    if state.known.poll().is_some() {
        let texture = |known: &Known| {
            let picture = known.picture.as_ref()?;
            let image = egui::ColorImage::from_rgba_unmultiplied(picture.size, &picture.rgba);
            Some(ui.ctx().load_texture("recent-project", image, egui::TextureOptions::LINEAR))
        };
        state.shown = state.known.current().map_or_else(Vec::new, |known| known.iter().map(texture).collect());
    }
}

fn row_ui(
    ui: &mut Ui,
    session: &Session,
    path: &Path,
    known: Option<&Known>,
    picture: Option<&egui::TextureHandle>,
    chosen: &mut Vec<Command>,
) {
    let t = tokens(ui);
    let (language, name) = (session.language(), file_title(path));
    let is_gone = known.is_some_and(|known| !known.exists);
    ui.horizontal(|ui| {
        let sense = if is_gone { Sense::hover() } else { Sense::CLICK };
        let (rect, response) = ui.allocate_exact_size(vec2(PICTURE[0], PICTURE[1]), sense);
        let mut open = response.clicked();
        match picture {
            Some(picture) => {
                let said = Message::new("habits.recent-picture").with("name", &name).text(language);
                response.widget_info(|| WidgetInfo::labeled(Role::Image, true, &said));
                let [w, h] = picture.size().map(|side| side.max(1) as f32);
                let scale = (rect.width() / w).min(rect.height() / h);
                let place = egui::Rect::from_center_size(rect.center(), vec2(w * scale, h * scale));
                let all = egui::Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
                ui.painter().image(picture.id(), place, all, egui::Color32::WHITE);
            }
            None => widgets::paint_icon(ui, rect, icons::MAP, 28.0, t.faint),
        }
        ui.painter().rect_stroke(rect, theme::radius(), theme::line(t), egui::StrokeKind::Inside);
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let said = Message::new("habits.recent-forget").with("name", &name).text(language);
            if widgets::icon_button(ui, icons::TRASH_2, &said).clicked() {
                chosen.push(Command::File(FileCommand::ForgetRecent(path.to_owned())));
            }
            let said = Message::new("habits.recent-open").with("name", &name).text(language);
            open |=
                ui.add_enabled_ui(!is_gone, |ui| widgets::icon_button(ui, icons::FOLDER_OPEN, &said).clicked()).inner;
            ui.with_layout(Layout::top_down(Align::Min), |ui| {
                ui.add_space(size::STEP);
                open |= widgets::label(ui, &name, font::heading(), t.text).interact(sense).clicked();
                let folder = path.parent().map(crate::io::shown_path).unwrap_or_default();
                widgets::label(ui, &folder, font::note(), t.muted);
                if is_gone {
                    widgets::pill(ui, tr(language, "habits.recent-gone"), Tone::Warn);
                }
            });
        });
        if open {
            chosen.push(Command::Window(WindowCommand::CloseCard));
            chosen.push(Command::File(FileCommand::OpenPaths(vec![path.to_owned()])));
        }
    });
}
