//! The bottom panel: attribute table, totals by class, transitions, balance, conflicts with control lines,
//! measurements, issues, the hand-in check.

use eframe::egui::{self, Align, Layout, Margin, Ui, vec2};

use crate::scenario::Entry;
use crate::text::{Language, tr};
use crate::ui::look::icons;
use crate::ui::look::theme::{self, font, size, tokens};
use crate::ui::look::widgets::{self, TabItem, Tone};
use crate::ui::session::Session;
use crate::ui::session::command::Command;
use crate::ui::session::command::window::WindowCommand;
use crate::ui::session::parts::{Panel, Tab};
use crate::ui::session::why::Why;
use crate::ui::work::why;
use crate::units::{Area, AreaUnit, format_number};

pub mod attributes;
pub mod balance_tab;
pub mod beside_matrix;
pub mod classes_tab;
mod columns_menu;
pub mod conflicts_tab;
mod find;
pub mod handin_tab;
pub mod issues_tab;
pub mod matrix_tab;
pub mod measurements_tab;
pub mod picture_tab;
mod row_menu;
mod statistics;

/// What is remembered between frames.
#[derive(Default)]
pub struct State {
    attributes: attributes::State,
    classes: classes_tab::State,
    transitions: matrix_tab::State,
    balance: balance_tab::State,
    conflicts: conflicts_tab::State,
    measurements: measurements_tab::State,
    issues: issues_tab::State,
    hand_in: handin_tab::State,
    /// Width of each tab's tools when they were last drawn, in points.
    tools_width: [f32; Tab::ALL.len()],
}

/// Draws the bottom panel; only its tabs when it is closed.
pub fn ui(ui: &mut Ui, session: &Session, state: &mut State, commands: &mut Vec<Command>) {
    ui.spacing_mut().item_spacing.y = 0.0;
    let fits = tab_row(ui, session, state, commands);
    if !session.panel_open(Panel::Bottom) {
        return;
    }
    if !fits {
        let wanted =
            Tab::ALL.iter().position(|tab| *tab == session.settings.tab).map_or(0.0, |tab| state.tools_width[tab]);
        let row = |ui: &mut Ui, width: f32, state: &mut State, commands: &mut Vec<Command>| {
            let room = vec2(width, size::CONTROL + 2.0);
            ui.allocate_ui_with_layout(room, Layout::right_to_left(Align::Center), |ui| {
                ui.spacing_mut().item_spacing.x = 2.0;
                ui.add_space(8.0);
                tools(ui, session, state, commands);
            });
        };
        let wanted = wanted + 16.0;
        if wanted <= ui.available_width() {
            row(ui, ui.available_width(), state, commands);
        } else {
            // Wider than the window: what has no room is scrolled to.
            egui::ScrollArea::horizontal().id_salt("tab-tools").show(ui, |ui| row(ui, wanted, state, commands));
        }
    }
    widgets::hairline(ui);
    match session.settings.tab {
        Tab::Table => attributes::ui(ui, session, &mut state.attributes, commands),
        Tab::Classes => classes_tab::ui(ui, session, &mut state.classes, commands),
        Tab::Transitions => matrix_tab::ui(ui, session, &mut state.transitions, commands),
        Tab::Balance => balance_tab::ui(ui, session, &mut state.balance, commands),
        Tab::Conflicts => conflicts_tab::ui(ui, session, &mut state.conflicts, commands),
        Tab::Measurements => {
            measurements_tab::ui(ui, &session.workspace, session.language(), &mut state.measurements, commands);
        }
        Tab::Issues => issues_tab::ui(ui, session, &mut state.issues, commands),
        Tab::HandIn => handin_tab::ui(ui, session, &mut state.hand_in, commands),
    }
}

/// Draws the tabs, and beside them the tools of the one that is open. Returns `false` where these have no room there
/// and want a row of their own.
fn tab_row(ui: &mut Ui, session: &Session, state: &mut State, commands: &mut Vec<Command>) -> bool {
    let count = |n: usize, tone| (n > 0).then(|| (format_number(n as f64, 0), tone));
    let features = session.current().map_or(0, |entry| entry.layer.feature_count());
    let items = [
        TabItem { name: session.tr("ui.tab-table"), badge: count(features, Tone::Quiet) },
        TabItem { name: session.tr("ui.tab-classes"), badge: None },
        TabItem { name: session.tr("ui.tab-transitions"), badge: None },
        TabItem { name: session.tr("ui.tab-balance"), badge: None },
        TabItem { name: session.tr("ui.tab-conflicts"), badge: None },
        TabItem {
            name: session.tr("ui.tab-measurements"),
            badge: count(session.workspace.measurements.len(), Tone::Quiet),
        },
        TabItem { name: session.tr("ui.tab-issues"), badge: count(session.issue_count(), Tone::Warn) },
        TabItem { name: session.tr("ui.tab-hand-in"), badge: None },
    ];
    let open = session.panel_open(Panel::Bottom);
    let selected = Tab::ALL.iter().position(|tab| *tab == session.settings.tab).filter(|_| open);
    let mut fits = true;
    ui.allocate_ui_with_layout(vec2(ui.available_width(), size::TABS), Layout::left_to_right(Align::Center), |ui| {
        ui.add_space(8.0);
        // The hand-in check is asked for by its command: before that its tab would only take room.
        let offered: Vec<usize> = (0..items.len())
            .filter(|at| Tab::ALL[*at] != Tab::HandIn || session.handin.is_asked() || selected == Some(*at))
            .collect();
        let (shown, folded) = folded_tabs(ui, &items, offered, selected, ui.available_width() - COLLAPSE);
        let seen: Vec<TabItem<'_>> = shown.iter().map(|at| items[*at].clone()).collect();
        let on = selected.and_then(|tab| shown.iter().position(|at| *at == tab));
        if let Some(pressed) = widgets::tabs(ui, &seen, on) {
            commands.push(Command::Window(WindowCommand::ShowTab(Tab::ALL[shown[pressed]])));
        }
        if !folded.is_empty() {
            more_tabs(ui, session.language(), &items, &folded, commands);
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            ui.spacing_mut().item_spacing.x = 2.0;
            ui.add_space(8.0);
            let (icon, name) = if open {
                (icons::CHEVRON_DOWN, session.tr("ui.collapse"))
            } else {
                (icons::CHEVRON_UP, session.tr("ui.expand"))
            };
            if widgets::icon_button(ui, icon, name).clicked() {
                commands.push(Command::Window(WindowCommand::TogglePanel(Panel::Bottom)));
            }
            if let Some(tab) = selected {
                fits = state.tools_width[tab] <= ui.available_width();
                if fits {
                    tools(ui, session, state, commands);
                }
            }
        });
    });
    fits
}

/// Room of the button that puts the panel away.
const COLLAPSE: f32 = size::CONTROL + 18.0;

/// Room of the button that opens the list of tabs without room.
const MORE: f32 = 76.0;

/// Tabs that go into a list where there is no room, the first first.
const FOLDED_FIRST: [Tab; 6] =
    [Tab::HandIn, Tab::Measurements, Tab::Balance, Tab::Conflicts, Tab::Transitions, Tab::Classes];

/// The tabs of those `offered` that have room, and those that have not. The one that is open always has.
fn folded_tabs(
    ui: &Ui,
    items: &[TabItem<'_>],
    offered: Vec<usize>,
    selected: Option<usize>,
    room: f32,
) -> (Vec<usize>, Vec<usize>) {
    let widths: Vec<f32> =
        items.iter().enumerate().map(|(at, item)| widgets::tab_width(ui, item, selected == Some(at))).collect();
    let mut shown = offered.clone();
    let mut wide: f32 = shown.iter().map(|at| widths[*at]).sum();
    for tab in FOLDED_FIRST {
        let more = if shown.len() < offered.len() { MORE } else { 0.0 };
        if wide + more <= room {
            break;
        }
        let at = Tab::ALL.iter().position(|other| *other == tab);
        let Some(at) = at.filter(|at| selected != Some(*at) && shown.contains(at)) else { continue };
        shown.retain(|other| *other != at);
        wide -= widths[at];
    }
    let folded = offered.into_iter().filter(|at| !shown.contains(at)).collect();
    (shown, folded)
}

fn more_tabs(ui: &mut Ui, language: Language, items: &[TabItem<'_>], folded: &[usize], commands: &mut Vec<Command>) {
    let t = tokens(ui);
    let mut job = egui::text::LayoutJob::default();
    job.append(tr(language, "ui.more-tabs"), 0.0, egui::TextFormat::simple(font::body(), t.muted));
    job.append(&icons::CHEVRON_DOWN.0.to_string(), 4.0, egui::TextFormat::simple(font::icon(12.0), t.muted));
    let response = widgets::text_button(ui, job.into(), tr(language, "ui.more-tabs"));
    egui::Popup::menu(&response).show(|ui| {
        for at in folded {
            let figure = items[*at].badge.as_ref().map_or("", |(figure, _)| figure.as_str());
            if widgets::menu_row(ui, None, items[*at].name, figure, None).clicked() {
                commands.push(Command::Window(WindowCommand::ShowTab(Tab::ALL[*at])));
                ui.close();
            }
        }
    });
}

/// The tools of the tab that is open, and how wide they are. Comes right to left.
fn tools(ui: &mut Ui, session: &Session, state: &mut State, commands: &mut Vec<Command>) {
    let right = ui.cursor().right();
    match session.settings.tab {
        Tab::Table => attributes::tools(ui, session, &mut state.attributes, commands),
        Tab::Classes => classes_tab::tools(ui, session, &mut state.classes, commands),
        Tab::Transitions => matrix_tab::tools(ui, session, &mut state.transitions, commands),
        Tab::Balance => balance_tab::tools(ui, session, &mut state.balance, commands),
        Tab::Conflicts => {
            conflicts_tab::tools(ui, &session.conflicts, session.language(), &mut state.conflicts, commands);
        }
        Tab::Measurements => {
            measurements_tab::tools(ui, &session.workspace, session.language(), &mut state.measurements, commands);
        }
        Tab::Issues => issues_tab::tools(ui, session, &mut state.issues, commands),
        Tab::HandIn => handin_tab::tools(ui, session, &mut state.hand_in, commands),
    }
    if let Some(at) = Tab::ALL.iter().position(|tab| *tab == session.settings.tab) {
        state.tools_width[at] = right - ui.cursor().right();
    }
}

/// The foot line of a tab.
pub(in crate::ui) fn foot(ui: &mut Ui, content: impl FnOnce(&mut Ui)) {
    let t = tokens(ui);
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), size::FOOT), egui::Sense::hover());
    ui.painter().rect_filled(rect, 0.0, t.window);
    ui.painter().hline(rect.x_range(), rect.top() + 0.5, theme::line(t));
    let inner = rect - Margin { left: size::MARGIN as i8, ..Margin::ZERO };
    let mut child = ui.new_child(egui::UiBuilder::new().max_rect(inner).layout(Layout::left_to_right(Align::Center)));
    child.spacing_mut().item_spacing.x = 16.0;
    content(&mut child);
}

/// An area in mu, then hectares and km², quieter. `why` says of each unit why the figure is what it is.
pub(in crate::ui) fn area_figures(
    ui: &mut Ui,
    language: Language,
    area: Area,
    why: &dyn Fn(AreaUnit) -> Option<Why>,
    commands: &mut Vec<Command>,
) {
    let t = tokens(ui);
    let figure = |unit: AreaUnit| format!("{} {}", area.display(unit), tr(language, unit.key()));
    let mut label = |ui: &mut Ui, unit: AreaUnit, text: egui::RichText| {
        let label = ui.add(egui::Label::new(text).truncate().sense(egui::Sense::CLICK));
        why::asks(&label, || why(unit), commands);
    };
    let text = egui::RichText::new(format!("Σ {}", figure(AreaUnit::Mu)));
    label(ui, AreaUnit::Mu, text.font(font::table_strong()).color(t.text));
    for unit in [AreaUnit::Hectare, AreaUnit::SquareKilometre] {
        // Where there is little room the first figure is enough.
        if ui.available_width() > 220.0 {
            label(ui, unit, egui::RichText::new(figure(unit)).font(font::table()).color(t.muted));
        }
    }
}

/// The name of the plane that areas were computed in, in the language of the window where it is the layer's own CRS.
pub fn frame_name(entry: &Entry, frame: &str, language: Language) -> String {
    if frame == entry.layer.crs.name() {
        entry.layer.crs.name_in(language)
    } else {
        crate::crs::name_said(frame, language)
    }
}
