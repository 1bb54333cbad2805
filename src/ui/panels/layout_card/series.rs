//! A series of sheets as it is ordered: what each page is about, how many there will be, what they become, and how far the
//! writing of them is.

use eframe::egui::{ScrollArea, Ui};

use super::properties::{row, titles};
use crate::crs::map_sheets::{SheetScale, SquareSheet};
use crate::model::layout::Layout;
use crate::render::drawing::output::PictureFormat;
use crate::report::series::{SeriesOf, pages};
use crate::text::Message;
use crate::ui::look::choice::choice;
use crate::ui::look::icons;
use crate::ui::look::theme::size;
use crate::ui::look::widgets::{self, Tone};
use crate::ui::session::Session;
use crate::ui::session::awaited::Awaited;
use crate::ui::session::command::Command;
use crate::ui::session::command::layout::{LayoutCommand, SeriesInto, SeriesOrder};
use crate::ui::session::command::window::WindowCommand;
use crate::ui::work::layouts::{Sources, sources};

/// Letters of the scales of standard map sheets.
const SCALES: [&str; 10] = ["B", "C", "D", "E", "F", "G", "H", "I", "J", "K"];
/// Width of the bar that shows how far it is, in points.
const BAR: f32 = 180.0;

/// What each page is about, before it is said of which layer or scale.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Features,
    Plots,
    Scenarios,
    Sheets,
    Squares,
}

impl Kind {
    const ALL: [(Self, &'static str); 5] = [
        (Self::Features, "layout.series-features"),
        (Self::Plots, "layout.series-plots"),
        (Self::Scenarios, "layout.series-scenarios"),
        (Self::Sheets, "layout.series-sheets"),
        (Self::Squares, "layout.series-squares"),
    ];
}

/// What a count of pages is of.
type Counted = (Sources, SeriesOf, Option<Vec<usize>>);

/// What is remembered between frames.
pub(super) struct State {
    kind: Kind,
    layer: String,
    sheets: SheetScale,
    square: u32,
    /// Whether only what is selected gets pages, where anything is.
    selected: bool,
    into: SeriesInto,
    count: Awaited<Counted, usize>,
}

impl State {
    /// What is usual for a layout: plots where it shows them.
    pub(super) fn of(layout: &Layout) -> Self {
        let kind = if layout.shows_plots() { Kind::Plots } else { Kind::Features };
        Self {
            kind,
            layer: layout.plots.layer.clone(),
            sheets: SheetScale::G,
            square: SquareSheet::SCALES[1],
            selected: true,
            into: SeriesInto::Bound,
            count: Awaited::default(),
        }
    }

    fn series_of(&self) -> SeriesOf {
        match self.kind {
            Kind::Features => SeriesOf::Features(self.layer.clone()),
            Kind::Plots => SeriesOf::Plots(self.layer.clone()),
            Kind::Scenarios => SeriesOf::Scenarios,
            Kind::Sheets => SeriesOf::Sheets(self.sheets),
            Kind::Squares => SeriesOf::Squares(self.square),
        }
    }

    fn is_of_layer(&self) -> bool {
        matches!(self.kind, Kind::Features | Kind::Plots)
    }
}

/// Draws the order. Returns whether it is over.
pub(super) fn ui(
    ui: &mut Ui,
    session: &Session,
    layout: &Layout,
    state: &mut State,
    commands: &mut Vec<Command>,
) -> bool {
    let mut is_over = false;
    ScrollArea::vertical().id_salt("layout-series").auto_shrink(false).show(ui, |ui| {
        widgets::section(ui, session.tr("layout.series").trim_end_matches('…'));
        choices(ui, session, layout, state);
        ui.add_space(size::STEP);
        let rows = rows(session, state);
        let is_ready = count(ui, session, state, rows.as_ref());
        ui.add_space(size::STEP);
        into(ui, session, state);
        ui.add_space(size::STEP);
        let running = session.jobs.shown().find(|job| job.name.key == "layout.job-series");
        if let Some(job) = running {
            let name = session.tr("layout.job-series");
            ui.horizontal(|ui| {
                widgets::progress_bar(ui, job.progress.fraction(), BAR, name);
                if widgets::button(ui, None, session.tr("ui.cancel")).clicked() {
                    commands.push(Command::Window(WindowCommand::CancelTask(job.id)));
                }
            });
            return;
        }
        let order = || {
            let (of, rows) = (state.series_of(), rows.clone());
            SeriesOrder { layout: layout.clone(), of, rows, into: state.into }
        };
        ui.horizontal_wrapped(|ui| {
            let pressed = ui.add_enabled_ui(is_ready, |ui| {
                widgets::primary_button(ui, Some(icons::FILE_DOWN), session.tr("layout.series-write")).clicked()
            });
            if pressed.inner {
                commands.push(Command::Layout(LayoutCommand::Series(Box::new(order()))));
            }
            // Pages about states lie nowhere.
            let pressed = ui.add_enabled_ui(is_ready && state.kind != Kind::Scenarios, |ui| {
                widgets::button(ui, Some(icons::GRID_3X3), session.tr("layout.series-index")).clicked()
            });
            if pressed.inner {
                commands.push(Command::Layout(LayoutCommand::SeriesIndex(Box::new(order()))));
            }
            is_over = widgets::button(ui, None, session.tr("layout.series-back")).clicked();
        });
    });
    is_over
}

/// What each page is about.
fn choices(ui: &mut Ui, session: &Session, layout: &Layout, state: &mut State) {
    row(ui, session.tr("layout.series-of"), |ui| {
        for (kind, key) in Kind::ALL {
            if widgets::segment(ui, session.tr(key), state.kind == kind).clicked() {
                state.kind = kind;
            }
        }
    });
    match state.kind {
        Kind::Features | Kind::Plots => {
            let titles = titles(session);
            if state.layer.is_empty() || !titles.contains(&state.layer) {
                let of_plots = crate::report::sheets::layer_of_plots(&session.workspace, layout);
                let current = session.current().filter(|_| state.kind == Kind::Features);
                let usual = current.or(of_plots).map(|entry| entry.title.clone());
                state.layer = usual.or_else(|| titles.first().cloned()).unwrap_or_default();
            }
            let now = state.layer.clone();
            row(ui, session.tr("layout.layer"), |ui| {
                choice(ui, session.tr("layout.series-layer"), &now, |ui| {
                    for title in &titles {
                        if widgets::menu_row(ui, None, title, "", Some(*title == state.layer)).clicked() {
                            state.layer.clone_from(title);
                            ui.close();
                        }
                    }
                });
            });
            row(ui, session.tr("layout.series-rows"), |ui| {
                for (selected, key) in [(true, "layout.series-selected"), (false, "layout.series-all")] {
                    if widgets::segment(ui, session.tr(key), state.selected == selected).clicked() {
                        state.selected = selected;
                    }
                }
            });
        }
        Kind::Scenarios => {}
        Kind::Sheets => row(ui, session.tr("layout.scale-number"), |ui| {
            let named = |scale: SheetScale, letter: &str| {
                format!("{letter}  1 : {}", crate::units::format_number(f64::from(scale.denominator()), 0))
            };
            let scales = || SCALES.iter().filter_map(|letter| Some((SheetScale::of_word(letter)?, *letter)));
            let now = scales().find(|(scale, _)| *scale == state.sheets);
            let now = now.map_or_else(String::new, |(scale, letter)| named(scale, letter));
            choice(ui, session.tr("layout.scale-number"), &now, |ui| {
                for (scale, letter) in scales() {
                    if widgets::menu_row(ui, None, &named(scale, letter), "", Some(scale == state.sheets)).clicked() {
                        state.sheets = scale;
                        ui.close();
                    }
                }
            });
        }),
        Kind::Squares => row(ui, session.tr("layout.scale-number"), |ui| {
            for scale in SquareSheet::SCALES {
                if widgets::segment(ui, &format!("1 : {scale}"), state.square == scale).clicked() {
                    state.square = scale;
                }
            }
        }),
    }
}

/// The features that get pages; all where none are given.
fn rows(session: &Session, state: &State) -> Option<Vec<usize>> {
    if !state.selected || !state.is_of_layer() {
        return None;
    }
    let entry = session.workspace.entries.iter().find(|entry| entry.title == state.layer)?;
    let rows: Vec<usize> = session.project.selection.rows(entry.id())?.iter().collect();
    (!rows.is_empty()).then_some(rows)
}

/// Has the pages counted, and says how many there will be. Returns whether there are any.
fn count(ui: &mut Ui, session: &Session, state: &mut State, rows: Option<&Vec<usize>>) -> bool {
    state.count.poll();
    let key = (sources(session), state.series_of(), rows.cloned());
    if !state.count.is_asked(&key) {
        let (workspace, language) = (session.workspace.clone(), session.language());
        let (of, rows) = (key.1.clone(), key.2.clone());
        let name = session.tr("layout.series").trim_end_matches('…').to_owned();
        state.count.start_task(ui.ctx(), key, &name, move |progress| {
            let pages = pages(&workspace, &of, rows.as_deref(), language, progress);
            pages.map(|pages| pages.len()).map_err(|error| error.message())
        });
    }
    match (state.count.problem(), state.count.current()) {
        (Some(problem), _) => {
            widgets::callout(ui, Tone::Bad, &problem.message().text(session.language()));
            false
        }
        (None, Some(count)) => {
            let message = Message::new("layout.series-count").with("count", *count);
            widgets::note(ui, &message.text(session.language()));
            true
        }
        (None, None) => {
            widgets::note(ui, session.tr("layout.series-counting"));
            false
        }
    }
}

/// What they become.
fn into(ui: &mut Ui, session: &Session, state: &mut State) {
    row(ui, session.tr("layout.series-into"), |ui| {
        if widgets::segment(ui, session.tr("layout.series-bound"), state.into == SeriesInto::Bound).clicked() {
            state.into = SeriesInto::Bound;
        }
        for (format, ending, _) in PictureFormat::ALL {
            let into = SeriesInto::Files(format);
            let name = Message::new("layout.series-files").with("ending", ending.to_uppercase());
            if widgets::segment(ui, &name.text(session.language()), state.into == into).clicked() {
                state.into = into;
            }
        }
    });
}
