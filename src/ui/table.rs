//! The bottom panel: attribute table, totals by class, measurements, issues.

use eframe::egui::{Align, Layout, Ui, vec2};

use super::command::Command;
use super::icons;
use super::state::{Panel, Session, Tab};
use super::theme::size;
use super::widgets::{self, TabItem, Tone};
use crate::units::format_number;

/// What is remembered between frames.
#[derive(Debug, Default)]
pub struct State {}

/// Draws the bottom panel; only its tabs when it is closed.
pub fn ui(ui: &mut Ui, session: &Session, _state: &mut State, commands: &mut Vec<Command>) {
    tab_row(ui, session, commands);
    if !session.panel_open(Panel::Bottom) {
        return;
    }
    widgets::hairline(ui);
    widgets::empty_state(ui, icons::TABLE, session.tr("ui.table-empty"), |_| {});
}

fn tab_row(ui: &mut Ui, session: &Session, commands: &mut Vec<Command>) {
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
            ui.add_space(8.0);
            let (icon, name) = if open {
                (icons::CHEVRON_DOWN, session.tr("ui.collapse"))
            } else {
                (icons::CHEVRON_UP, session.tr("ui.expand"))
            };
            if widgets::icon_button(ui, icon, name).clicked() {
                commands.push(Command::TogglePanel(Panel::Bottom));
            }
        });
    });
}

/// The selected rows of the current layer (all, when none is) as text with a header and tabs between cells, and how
/// many they are.
pub fn rows_as_text(session: &Session) -> Option<(String, usize)> {
    let entry = session.current()?;
    let layer = &entry.layer;
    let clean = |text: &str| text.replace(['\t', '\n', '\r'], " ");
    let mut out: String = layer.fields.iter().map(|field| clean(&field.name)).collect::<Vec<_>>().join("\t");
    out.push('\n');
    let rows: Vec<usize> = match session.selection.rows(layer.id) {
        Some(rows) => rows.iter().collect(),
        None => (0..layer.feature_count()).collect(),
    };
    for feature in &rows {
        let cells: Vec<String> =
            (0..layer.fields.len()).map(|field| clean(&layer.value(*feature, field).to_string())).collect();
        out.push_str(&cells.join("\t"));
        out.push('\n');
    }
    Some((out, rows.len()))
}
