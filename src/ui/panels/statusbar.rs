//! The status bar: where the pointer is, scale, CRS, what is selected, what runs, what is wrong.

use eframe::egui::{self, Align, Layout, Ui};

use crate::crs::{Crs, Reprojector};
use crate::model::Coord;
use crate::scenario::Workspace;
use crate::text::{Language, Message, tr};
use crate::ui::look::icons;
use crate::ui::look::theme::{self, font, size, tokens};
use crate::ui::look::widgets::{self, Tone};
use crate::ui::session::command::Command;
use crate::ui::session::command::view::ViewCommand;
use crate::ui::session::command::window::WindowCommand;
use crate::ui::session::derived::Derived;
use crate::ui::session::parts::Tab;
use crate::ui::session::{Session, opening};
use crate::ui::work::places::in_project;
use crate::ui::work::{caching, coordinates};
use crate::units::{AreaUnit, format_number};

/// What the status bar remembers between frames.
#[derive(Default)]
pub struct State {
    place: String,
    scale: String,
    to_geographic: Option<(Crs, Option<Reprojector>)>,
}

/// Scales to choose from.
const SCALES: [f64; 9] = [500.0, 1e3, 2e3, 5e3, 1e4, 2.5e4, 5e4, 1e5, 2.5e5];

/// Draws the status bar.
pub fn ui(ui: &mut Ui, session: &Session, state: &mut State, commands: &mut Vec<Command>) {
    let t = tokens(ui);
    let top = ui.max_rect();
    ui.painter().hline(top.x_range(), top.top() + 0.5, theme::line(t));
    ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
        ui.spacing_mut().item_spacing.x = 0.0;
        ui.add_space(size::MARGIN - 6.0);
        issues_ui(ui, &session.derived, session.language(), commands);
        cache_ui(ui, session);
        job_ui(ui, session, commands);
        ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
            ui.spacing_mut().item_spacing.x = 0.0;
            ui.add_space(size::MARGIN - 6.0);
            if session.workspace.crs.is_none() {
                ui.add_space(6.0);
                widgets::label(ui, session.tr("ui.ready"), font::note(), t.muted);
                return;
            }
            let detail = Detail::for_room(ui.available_width());
            place_ui(ui, session, state, detail, commands);
            widgets::divider(ui);
            scale_ui(ui, session, state, commands);
            widgets::divider(ui);
            crs_ui(ui, &session.workspace, session.language(), detail, commands);
            widgets::divider(ui);
            selection_ui(ui, &session.derived, session.language(), detail, commands);
        });
    });
}

/// How much the cells say, by the room that there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Detail {
    /// Place in the plane, short name of the CRS, one unit.
    Little,
    /// The same with all units and the code of the CRS.
    Some,
    /// Longitude and latitude, too.
    All,
}

impl Detail {
    fn for_room(width: f32) -> Self {
        match width {
            width if width >= 1000.0 => Self::All,
            width if width >= 800.0 => Self::Some,
            _ => Self::Little,
        }
    }
}

/// The pointer in the project CRS and in longitude and latitude; pressed, a field to type a place into.
fn place_ui(ui: &mut Ui, session: &Session, state: &mut State, detail: Detail, commands: &mut Vec<Command>) {
    let t = tokens(ui);
    let Some(crs) = session.workspace.crs.as_ref() else { return };
    let place = session.project.cursor.unwrap_or(session.view.center);
    let mut job = egui::text::LayoutJob::default();
    let plain = |color| egui::TextFormat::simple(font::note(), color);
    if !crs.is_geographic() {
        for (letter, value) in [("E ", place.x), ("  N ", place.y)] {
            job.append(letter, 0.0, plain(t.muted));
            job.append(&format_number(value, 2), 0.0, plain(t.text));
        }
    }
    let color = if crs.is_geographic() { t.text } else { t.muted };
    let lon_lat = state.geographic(crs, place).map_or_else(|| "–".to_owned(), coordinates::degrees_text);
    let both = crs.is_geographic() || detail == Detail::All;
    if both {
        job.append(&lon_lat, if crs.is_geographic() { 0.0 } else { 14.0 }, plain(color));
    }
    // Wide enough for any place, so that the cells behind do not move with the pointer.
    let response = ui
        .allocate_ui_with_layout(
            egui::vec2(if crs.is_geographic() || !both { 206.0 } else { 372.0 }, ui.available_height()),
            Layout::left_to_right(Align::Center),
            |ui| {
                let response = widgets::text_button(ui, job.into(), session.tr("ui.go-to"));
                ui.take_available_width();
                response
            },
        )
        .inner
        .on_hover_text(if both {
            session.tr("ui.go-to-tip").to_owned()
        } else {
            format!("{lon_lat}\n{}", session.tr("ui.go-to-tip"))
        });
    egui::Popup::menu(&response).close_behavior(egui::PopupCloseBehavior::CloseOnClickOutside).show(|ui| {
        ui.set_width(300.0);
        let hint = session.tr("ui.go-to-hint");
        let field = widgets::field(ui, &mut state.place, Some(icons::CROSSHAIR), hint, session.tr("ui.go-to"), 300.0);
        let entered = keep_keyboard(&field, &response, ui);
        let typed = coordinates::parse(&state.place);
        if !state.place.is_empty() && typed.is_none() {
            widgets::note(ui, session.tr("ui.go-to-not-understood"));
        }
        if let Some(typed) = typed
            && entered
            && let Some(place) = in_project(session, typed)
        {
            commands.push(Command::View(ViewCommand::GoTo(place)));
            state.place.clear();
            ui.close();
        }
    });
}

/// Gives the field of a popup the keyboard, and says whether it was left by Enter.
///
/// When `opener` was pressed, and on the frames after it while nothing else has the keyboard: a popup is measured
/// before it can take it.
fn keep_keyboard(field: &egui::Response, opener: &egui::Response, ui: &Ui) -> bool {
    // Asked first: a field that gets the keyboard again has never lost it.
    let entered = field.lost_focus() && ui.input(|input| input.key_pressed(egui::Key::Enter));
    if opener.clicked() || ui.memory(|memory| memory.focused()).is_none() {
        field.request_focus();
    }
    entered
}

impl State {
    fn geographic(&mut self, crs: &Crs, place: Coord) -> Option<Coord> {
        if crs.is_geographic() {
            return Some(place);
        }
        if self.to_geographic.as_ref().is_none_or(|(known, _)| known != crs) {
            // Where there is no way to longitude and latitude, the cell shows a dash.
            let way = Reprojector::new(crs, &crs.geographic()).ok().filter(|_| !crs.is_local_plane());
            self.to_geographic = Some((crs.clone(), way));
        }
        self.to_geographic.as_ref()?.1.as_ref()?.convert_one(place)
    }
}

/// The scale; pressed, a list of scales and a field.
fn scale_ui(ui: &mut Ui, session: &Session, state: &mut State, commands: &mut Vec<Command>) {
    let t = tokens(ui);
    let scale = session.scale();
    let mut job = egui::text::LayoutJob::default();
    job.append("1 : ", 0.0, egui::TextFormat::simple(font::note(), t.muted));
    job.append(&format_number(scale, 0), 0.0, egui::TextFormat::simple(font::note(), t.text));
    let response =
        widgets::text_button(ui, job.into(), session.tr("ui.scale")).on_hover_text(session.tr("ui.scale-tip"));
    egui::Popup::menu(&response).close_behavior(egui::PopupCloseBehavior::CloseOnClickOutside).show(|ui| {
        ui.set_width(160.0);
        let field = widgets::field(ui, &mut state.scale, None, "1 : n", session.tr("ui.scale"), 160.0);
        let entered = keep_keyboard(&field, &response, ui);
        if entered {
            let digits = state.scale.rsplit([':', '：', '/']).next().unwrap_or("").replace([',', ' ', '，'], "");
            let factor = if digits.ends_with('万') { 1e4 } else { 1.0 };
            let typed = digits.trim_end_matches('万').parse::<f64>();
            if let Some(scale) = typed.ok().map(|n| n * factor).filter(|n| *n >= 1.0 && n.is_finite()) {
                commands.push(Command::View(ViewCommand::SetScale(scale)));
                state.scale.clear();
                ui.close();
            }
        }
        for scale in SCALES {
            let row = widgets::menu_row(ui, None, &format!("1 : {}", format_number(scale, 0)), "", None);
            if row.clicked() {
                commands.push(Command::View(ViewCommand::SetScale(scale)));
                ui.close();
            }
        }
    });
}

fn crs_ui(ui: &mut Ui, workspace: &Workspace, language: Language, detail: Detail, commands: &mut Vec<Command>) {
    let Some(crs) = workspace.crs.as_ref() else { return };
    let t = tokens(ui);
    let mut job = egui::text::LayoutJob::default();
    job.append(&icons::GLOBE.0.to_string(), 0.0, egui::TextFormat::simple(font::icon(12.0), t.muted));
    let short_name = crs.short_name_in(language);
    job.append(&short_name, 6.0, egui::TextFormat::simple(font::note(), t.text));
    if detail > Detail::Little {
        job.append(crs.code(), 8.0, egui::TextFormat::simple(font::note(), t.muted));
    }
    job.wrap = egui::text::TextWrapping::truncate_at_width((ui.available_width() - 60.0).max(40.0));
    let name = format!("{} {}", tr(language, "ui.project-crs"), short_name);
    if widgets::text_button(ui, job.into(), &name).on_hover_text(tr(language, "ui.project-crs-tip")).clicked() {
        commands.push(Command::View(ViewCommand::ChooseProjectCrs));
    }
}

/// What is selected: count, then mu, hectares and km².
fn selection_ui(ui: &mut Ui, derived: &Derived, language: Language, detail: Detail, commands: &mut Vec<Command>) {
    let totals = derived.selection();
    let t = tokens(ui);
    if totals.count == 0 {
        ui.add_space(6.0);
        widgets::label(ui, tr(language, "ui.nothing-selected"), font::note(), t.muted);
        return;
    }
    let mut job = egui::text::LayoutJob::default();
    let plain = |color| egui::TextFormat::simple(font::note(), color);
    job.append(tr(language, "ui.selected"), 0.0, plain(t.muted));
    job.append(&format_number(totals.count as f64, 0), 6.0, plain(t.text));
    if let Some(area) = totals.area {
        let units = if detail == Detail::Little { 1 } else { 3 };
        let all = [AreaUnit::Mu, AreaUnit::Hectare, AreaUnit::SquareKilometre];
        for (i, unit) in all.into_iter().take(units).enumerate() {
            let color = if i == 0 { t.text } else { t.muted };
            job.append(&area.display(unit), 12.0, plain(color));
            job.append(tr(language, unit.key()), 3.0, plain(t.muted));
        }
    }
    job.wrap = egui::text::TextWrapping::truncate_at_width((ui.available_width() - 14.0).max(20.0));
    let name = format!("{} {}", tr(language, "ui.selected"), totals.count);
    if widgets::text_button(ui, job.into(), &name).on_hover_text(tr(language, "ui.zoom-to-selection")).clicked() {
        commands.push(Command::View(ViewCommand::ZoomToSelection));
    }
}

fn issues_ui(ui: &mut Ui, derived: &Derived, language: Language, commands: &mut Vec<Command>) {
    let count = derived.issue_count();
    let t = tokens(ui);
    let text = if count == 0 {
        tr(language, "ui.no-issues").to_owned()
    } else {
        crate::text::Message::new("ui.issue-count").with("n", format_number(count as f64, 0)).text(language)
    };
    let mut job = egui::text::LayoutJob::default();
    if count > 0 {
        let icon = egui::TextFormat::simple(font::icon(12.0), Tone::Warn.colors(ui).0);
        job.append(&icons::TRIANGLE_ALERT.0.to_string(), 0.0, icon);
    }
    let color = if count > 0 { t.text } else { t.muted };
    job.append(&text, if count > 0 { 6.0 } else { 0.0 }, egui::TextFormat::simple(font::note(), color));
    if widgets::text_button(ui, job.into(), &text).clicked() {
        commands.push(Command::Window(WindowCommand::ShowTab(Tab::Issues)));
    }
}

/// That figures come from the cache, until every byte of their sources was compared.
fn cache_ui(ui: &mut Ui, session: &Session) {
    if !caching::is_checking(session) {
        return;
    }
    widgets::divider(ui);
    let text = session.tr("ui.cache-checking");
    let color = Tone::Warn.colors(ui).0;
    widgets::label(ui, text, font::note(), color).on_hover_text(session.tr("ui.cache-checking-tip"));
    ui.ctx().request_repaint_after(std::time::Duration::from_millis(100));
}

/// The task that runs longest: name, bar, per cent, cancel; how many others there are.
fn job_ui(ui: &mut Ui, session: &Session, commands: &mut Vec<Command>) {
    let t = tokens(ui);
    let Some(job) = session.jobs.shown().next() else {
        // A save cannot be stopped half-way.
        if let Some(saving) = &session.saving {
            let name = Message::new("ui.job-save").with("file", opening::file_title(&saving.path));
            widgets::divider(ui);
            widgets::label(ui, &name.text(session.language()), font::note(), t.muted);
        }
        return;
    };
    widgets::divider(ui);
    if widgets::icon_button_small(ui, icons::X, session.tr("ui.cancel-task")).clicked() {
        commands.push(Command::Window(WindowCommand::CancelTask(job.id)));
    }
    // All that was counted is done, but not all: 100 % would be no news.
    let fraction = job.progress.fraction().filter(|fraction| *fraction < 1.0);
    if let Some(fraction) = fraction {
        ui.add_space(4.0);
        widgets::label(ui, &format!("{:.0} %", fraction * 100.0), font::note(), t.text);
    }
    ui.add_space(8.0);
    let name = job.name.text(session.language());
    widgets::progress_bar(ui, fraction, 88.0, &name);
    ui.add_space(8.0);
    let others = session.jobs.shown().count() - 1;
    let text = if others > 0 { format!("{name} +{others}") } else { name };
    // The rest of the bar is the cells'.
    let room = (ui.available_width() * 0.25).max(60.0);
    ui.scope(|ui| {
        ui.set_max_width(room);
        widgets::label(ui, &text, font::note(), t.muted);
    });
    ui.add_space(8.0);
    ui.ctx().request_repaint_after(std::time::Duration::from_millis(100));
}
