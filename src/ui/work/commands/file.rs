//! Files and projects: opening, saving, what leaves the window, the end.

use eframe::egui::{self, Key};

use crate::scenario::Workspace;
use crate::text::Message;
use crate::ui::look::icons;
use crate::ui::session::Session;
use crate::ui::session::command::file::FileCommand;
use crate::ui::session::command::spec::{Spec, ctrl, ctrl_shift, spec};
use crate::ui::session::leaving::Next;
use crate::ui::session::parts::Card;
use crate::ui::session::settings::Settings;
use crate::ui::work::{
    asking, caching, database, handing, leaving, office, open, save, saving, thumbnails, underlays, unsaved,
};

impl FileCommand {
    /// Those that have words, in the order of menus.
    pub(super) fn listed() -> [Self; 18] {
        [
            Self::New,
            Self::Open,
            Self::Recent,
            Self::OpenDatabase,
            Self::OpenDatabaseView,
            Self::OpenDemo,
            Self::SaveProject,
            Self::SaveProjectAs,
            Self::CopyMap,
            Self::SaveMap,
            Self::Report,
            Self::ImportOffice,
            Self::ExportOffice,
            Self::ClearRecent,
            Self::ToggleCache,
            Self::ClearProjectCache,
            Self::ClearCaches,
            Self::Quit,
        ]
    }

    /// Words, icon and shortcuts, for commands that have them.
    pub(super) fn spec(&self) -> Option<Spec> {
        match self {
            Self::New => spec("habits.new-project", Some(icons::FILE_PLUS), const { &[ctrl(Key::N)] }),
            Self::Recent => spec("habits.recent", Some(icons::HISTORY), const { &[ctrl_shift(Key::O)] }),
            Self::Open => spec("ui.open", Some(icons::FOLDER_OPEN), const { &[ctrl(Key::O)] }),
            Self::OpenDatabase => spec("ui.open-database", None, &[]),
            Self::OpenDatabaseView => spec("ui.open-database-view", None, &[]),
            Self::OpenDemo => spec("ui.open-demo", Some(icons::MAP), &[]),
            Self::SaveProject => spec("ui.save-project", Some(icons::SAVE), const { &[ctrl(Key::S)] }),
            Self::SaveProjectAs => spec("ui.save-project-as", None, const { &[ctrl_shift(Key::S)] }),
            Self::CopyMap => spec("ui.copy-map", Some(icons::CLIPBOARD_COPY), const { &[ctrl_shift(Key::C)] }),
            Self::SaveMap => spec("ui.save-map", Some(icons::IMAGE_DOWN), const { &[ctrl_shift(Key::P)] }),
            Self::ImportOffice => spec("mapping.import", None, &[]),
            Self::ExportOffice => spec("mapping.export", None, &[]),
            Self::Report => spec("report.menu", Some(icons::FILE_DOWN), &[]),
            Self::ClearRecent => spec("ui.clear-recent", None, &[]),
            Self::ClearCaches => spec("ui.clear-caches", Some(icons::ERASER), &[]),
            Self::ToggleCache => spec("ui.use-cache", None, &[]),
            Self::ClearProjectCache => spec("ui.clear-project-cache", None, &[]),
            Self::Quit => spec("ui.quit", None, const { &[ctrl(Key::Q)] }),
            _ => None,
        }
    }

    /// Whether the command can be given now.
    pub(super) fn enabled(&self, workspace: &Workspace, settings: &Settings) -> bool {
        let has_layers = !workspace.is_empty();
        match self {
            // A scan that was put in its place is work, too.
            Self::SaveProject | Self::SaveProjectAs => !workspace.is_bare(),
            Self::CopyMap | Self::SaveMap | Self::Report => has_layers,
            Self::OpenDatabaseView => has_layers && workspace.crs.is_some(),
            Self::ClearRecent => !settings.recent.is_empty(),
            Self::ClearProjectCache => has_layers,
            _ => true,
        }
    }
}

impl FileCommand {
    /// Whether what the command switches is on, for those that switch something.
    pub(super) fn checked(&self, settings: &Settings) -> Option<bool> {
        matches!(self, Self::ToggleCache).then_some(settings.cache)
    }
}

/// Carries out `command`.
pub(super) fn run(session: &mut Session, command: FileCommand, ctx: &egui::Context) {
    match command {
        FileCommand::Recover(path) => leaving::go(session, Next::Recover(path)),
        FileCommand::New => leaving::go(session, Next::New),
        FileCommand::Recent => session.card = Some(Card::Recent),
        FileCommand::ForgetRecent(path) => {
            session.settings.recent.retain(|known| *known != path);
            thumbnails::forget(session, &path);
        }
        FileCommand::Open => open::choose(session),
        FileCommand::OpenPaths(paths) => open::open(session, paths),
        FileCommand::Unite(folder) => open::unite(session, &folder),
        FileCommand::OpenAnyway(path) => open::open_anyway(session, path),
        FileCommand::ExportAnyway(layer, path) => save::export_anyway(session, layer, path),
        FileCommand::OpenDatabase => database::choose(session, false),
        FileCommand::OpenDatabaseView => database::choose(session, true),
        FileCommand::OpenDemo => leaving::go(session, Next::Demo),
        FileCommand::SaveProject => saving::save(session, false),
        FileCommand::SaveProjectAs => saving::save(session, true),
        FileCommand::SaveOver(path) => saving::save_over(session, path),
        FileCommand::SaveAndLeave(next) => leaving::save_first(session, next),
        FileCommand::DiscardAndLeave(next) => leaving::discard(session, next),
        FileCommand::CopyMap => save::copy_map(session, ctx),
        FileCommand::SaveMap => save::save_map(session),
        FileCommand::ImportOffice => office::import(session),
        FileCommand::ReadOffice(path) => office::take_over(session, &path),
        FileCommand::ExportOffice => office::export(session),
        FileCommand::Report => handing::ask(session),
        FileCommand::WriteReport(order) => handing::write(session, order),
        FileCommand::ClearRecent => {
            session.settings.recent.clear();
            thumbnails::clear(session);
        }
        FileCommand::ClearCaches => clear_traces(session),
        FileCommand::ToggleCache => caching::toggle(session),
        FileCommand::ClearProjectCache => caching::clear(session),
        FileCommand::Quit => leaving::go(session, Next::Quit),
        FileCommand::AnswerOpen(choice) => open::answer(session, choice),
        FileCommand::ShowArrived => open::show_arrived(session),
        FileCommand::ReloadLayers(layers) => {
            for layer in layers {
                open::reload(session, layer);
            }
        }
        FileCommand::AnswerPath(path) => asking::answer(session, path),
    }
}

/// Forgets what this machine remembers about the user's data: recent files. Caches do not exist outside the project; that
/// of the project that is open goes, too.
fn clear_traces(session: &mut Session) {
    session.settings.recent.clear();
    thumbnails::clear(session);
    unsaved::clear(session);
    if session.project.cache.is_some() {
        caching::clear(session);
    }
    underlays::forget(session);
    session.notify(Message::new("ui.traces-cleared"));
}
