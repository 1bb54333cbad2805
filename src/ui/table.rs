//! The bottom panel: attribute table, totals by class, measurements, issues.

use eframe::egui::{self, Align, Layout, Margin, Ui, vec2};

use super::command::Command;
use super::icons;
use super::state::{Panel, Session, Tab};
use super::theme::{self, font, size, tokens};
use super::widgets::{self, TabItem, Tone};
use crate::model::AreaMethod;
use crate::units::{Area, AreaUnit, format_number};

pub mod attributes;
pub mod columns;
pub mod grid;
pub mod order;

/// What is remembered between frames.
#[derive(Default)]
pub struct State {
    attributes: attributes::State,
}

/// Draws the bottom panel; only its tabs when it is closed.
pub fn ui(ui: &mut Ui, session: &Session, state: &mut State, commands: &mut Vec<Command>) {
    ui.spacing_mut().item_spacing.y = 0.0;
    tab_row(ui, session, state, commands);
    if !session.panel_open(Panel::Bottom) {
        return;
    }
    widgets::hairline(ui);
    match session.settings.tab {
        Tab::Table => attributes::ui(ui, session, &mut state.attributes, commands),
        Tab::Classes | Tab::Measurements | Tab::Issues => {
            widgets::empty_state(ui, icons::TABLE, session.tr("ui.table-empty"), |_| {});
        }
    }
}

fn tab_row(ui: &mut Ui, session: &Session, state: &mut State, commands: &mut Vec<Command>) {
    let count = |n: usize, tone| (n > 0).then(|| (format_number(n as f64, 0), tone));
    let features = session.current().map_or(0, |entry| entry.layer.feature_count());
    let items = [
        TabItem { name: session.tr("ui.tab-table"), badge: count(features, Tone::Quiet) },
        TabItem { name: session.tr("ui.tab-classes"), badge: None },
        TabItem { name: session.tr("ui.tab-measurements"), badge: count(session.measurements.len(), Tone::Quiet) },
        TabItem { name: session.tr("ui.tab-issues"), badge: count(session.issue_count(), Tone::Warn) },
    ];
    let open = session.panel_open(Panel::Bottom);
    let selected = Tab::ALL.iter().position(|tab| *tab == session.settings.tab).filter(|_| open);
    ui.allocate_ui_with_layout(vec2(ui.available_width(), size::TABS), Layout::left_to_right(Align::Center), |ui| {
        ui.add_space(8.0);
        if let Some(pressed) = widgets::tabs(ui, &items, selected) {
            commands.push(Command::ShowTab(Tab::ALL[pressed]));
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
                commands.push(Command::TogglePanel(Panel::Bottom));
            }
            if open {
                match session.settings.tab {
                    Tab::Table => attributes::tools(ui, session, &mut state.attributes, commands),
                    Tab::Classes | Tab::Measurements | Tab::Issues => {}
                }
            }
        });
    });
}

/// The foot line of a tab.
fn foot(ui: &mut Ui, content: impl FnOnce(&mut Ui)) {
    let t = tokens(ui);
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), size::FOOT), egui::Sense::hover());
    ui.painter().rect_filled(rect, 0.0, t.window);
    ui.painter().hline(rect.x_range(), rect.top() + 0.5, theme::line(t));
    let inner = rect - Margin { left: size::MARGIN as i8, ..Margin::ZERO };
    let mut child = ui.new_child(egui::UiBuilder::new().max_rect(inner).layout(Layout::left_to_right(Align::Center)));
    child.spacing_mut().item_spacing.x = 16.0;
    content(&mut child);
}

/// An area in mu, then hectares and km², quieter.
fn area_figures(ui: &mut Ui, session: &Session, area: Area) {
    let t = tokens(ui);
    let figure = |unit: AreaUnit| format!("{} {}", area.display(unit), session.tr(unit.key()));
    ui.label(egui::RichText::new(format!("Σ {}", figure(AreaUnit::Mu))).font(font::table_strong()));
    for unit in [AreaUnit::Hectare, AreaUnit::SquareKilometre] {
        ui.label(egui::RichText::new(figure(unit)).font(font::table()).color(t.muted));
    }
}

/// Key of the name of a method.
pub fn method_key(method: AreaMethod) -> &'static str {
    match method {
        AreaMethod::Survey => "ui.method-survey",
        AreaMethod::Geodesic => "ui.method-geodesic",
        AreaMethod::Planar => "ui.method-planar",
    }
}

/// The selected rows of the current layer (all, when none is) as text with a header and tabs between cells, and how
/// many they are.
pub fn rows_as_text(session: &Session) -> Option<(String, usize)> {
    let entry = session.current()?;
    let features: Vec<usize> = match session.selection.rows(entry.id()) {
        Some(rows) => rows.iter().collect(),
        None => (0..entry.layer.feature_count()).collect(),
    };
    let table = attributes::rows_table(entry, &features, session.language());
    Some((crate::report::to_tsv(&table, session.language()), features.len()))
}
