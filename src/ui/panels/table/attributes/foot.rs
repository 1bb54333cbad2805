//! The foot of the attribute table: how many rows and how much area are selected, shown and there in all.

use std::sync::Arc;

use eframe::egui::{self, Align, Layout, Ui};

use super::LayerState;
use crate::model::{GeometryKind, LayerId};
use crate::scenario::Entry;
use crate::text::Message;
use crate::ui::look::icons;
use crate::ui::look::theme::{font, size, tokens};
use crate::ui::look::widgets;
use crate::ui::panels::edit::menus;
use crate::ui::panels::table;
use crate::ui::session::Session;
use crate::ui::session::awaited::Awaiting;
use crate::ui::session::command::Command;
use crate::ui::session::command::window::WindowCommand;
use crate::ui::session::project::Project;
use crate::ui::session::rows::Rows;
use crate::ui::work::measuring::{self, method_key};
use crate::ui::work::{derived, why};
use crate::units::{Area, AreaUnit, format_number};

impl LayerState {
    /// Area of what is selected in the layer.
    fn selected_area(&mut self, project: &Project, entry: &Entry) -> Option<Area> {
        let revision = project.selection.revision;
        if let Some((known, areas, total)) = &self.total
            && *known == revision
            && areas.as_ref().map(Arc::as_ptr) == entry.areas.as_ref().map(Arc::as_ptr)
        {
            return *total;
        }
        let total = project.selection.rows(entry.id()).and_then(|rows| derived::printed(entry, rows));
        self.total = Some((revision, entry.areas.clone(), total));
        total
    }

    /// Draws the foot line.
    pub(super) fn foot_ui(&mut self, ui: &mut Ui, session: &Session, entry: &Entry, commands: &mut Vec<Command>) {
        let language = session.language();
        let selected = session.project.selection.rows(entry.id()).map_or(0, |rows| rows.len());
        let area = self.selected_area(&session.project, entry);
        let all = entry.layer.feature_count();
        let shown = self.rows().map_or(all, |order| order.len());
        let running = self.order.is_busy();
        let shown_area = self.order.value().and_then(|made| made.area);
        let order = self.rows().cloned();
        let sum = |area: Option<Area>, title: &str, rows: Rows, unit: AreaUnit| {
            let formula = Message::new("why.f-sum").with("n", rows.len());
            Some(why::sum_of(entry, &format!("{} · {title}", entry.title), (area?, unit), formula, rows))
        };
        let of_selected = |unit: AreaUnit| {
            let rows = session.project.selection.rows(entry.id())?;
            let title = Message::new("panels.selected").with("n", count_text(rows.len())).text(language);
            sum(area, &title, (**rows).clone(), unit)
        };
        let of_shown = |unit: AreaUnit| {
            let order = order.as_ref().filter(|order| !order.is_empty())?;
            let title = Message::new("panels.shown").with("n", count_text(shown)).with("all", count_text(all));
            sum(shown_area, &title.text(language), order.between(0, order.len() - 1), unit)
        };
        table::foot(ui, |ui| {
            let t = tokens(ui);
            let count = |n: usize| format_number(n as f64, 0);
            if running {
                ui.spinner();
                widgets::label(ui, session.tr("panels.ordering"), font::table(), t.muted);
            }
            if selected > 0 {
                let text = Message::new("panels.selected").with("n", count(selected)).text(language);
                ui.label(egui::RichText::new(text).font(font::table_strong()));
                if let Some(area) = area {
                    table::area_figures(ui, session.language(), area, &of_selected, commands);
                }
                menus::button(ui, &session.project, session.language(), None, commands);
                if shown < all {
                    let mut text =
                        Message::new("panels.shown").with("n", count(shown)).with("all", count(all)).text(language);
                    if let Some(area) = shown_area {
                        let unit = AreaUnit::Mu;
                        text = format!("{text} · Σ {} {}", area.display(unit), session.tr(unit.key()));
                    }
                    widgets::label(ui, &text, font::table(), t.muted);
                }
            } else if shown < all {
                let text = Message::new("panels.shown").with("n", count(shown)).with("all", count(all)).text(language);
                ui.label(egui::RichText::new(text).font(font::table_strong()));
                if let Some(area) = shown_area {
                    table::area_figures(ui, session.language(), area, &of_shown, commands);
                }
            } else {
                widgets::label(ui, session.tr("panels.select-hint"), font::table(), t.muted);
            }
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                ui.add_space(size::MARGIN);
                let unmeasured = measuring::problem(session, entry.id()).filter(|_| entry.areas.is_none());
                if unmeasured.is_some_and(|problem| problem.ended_message().is_some())
                    && widgets::button(ui, Some(icons::REFRESH_CW), session.tr("ui.measure-again")).clicked()
                {
                    commands.push(Command::Window(WindowCommand::Retry(Awaiting::Measuring(entry.id()))));
                }
                let whole = widgets::label(ui, &all_text(session, entry), font::table(), t.muted);
                let whole = whole.interact(egui::Sense::CLICK);
                let of_all = || {
                    let printed = entry.areas.as_ref().map(|areas| areas.printed_total());
                    sum(printed, session.tr("report.total"), Rows::all(all), AreaUnit::Mu)
                };
                why::asks(&whole, of_all, commands);
            });
        });
    }
}

/// All of the layer in a line: count, total, overlap once it is known, method and CRS.
fn all_text(session: &Session, entry: &Entry) -> String {
    let language = session.language();
    let count = format_number(entry.layer.feature_count() as f64, 0);
    let mut parts = vec![Message::new("panels.all").with("n", count).text(language)];
    if entry.layer.kind == GeometryKind::Polygon {
        match (&entry.areas, session.derived.total(entry.id())) {
            (Some(areas), Some(total)) => {
                let total = total.display(AreaUnit::Mu);
                parts.push(format!("{total} {}", session.tr(AreaUnit::Mu.key())));
                if let Some(coverage) = session.coverage(entry.id()) {
                    let twice = coverage.excess().display(AreaUnit::Mu);
                    parts.push(Message::new("ui.overlap-total").with("mu", twice).text(language));
                }
                parts.push(session.tr(method_key(areas.method)).to_owned());
                parts.push(table::frame_name(entry, &areas.frame, language));
            }
            _ => parts.push(unmeasured_text(session, entry.id())),
        }
    } else {
        parts.push(entry.layer.crs.label_in(language));
    }
    parts.retain(|part| !part.is_empty());
    parts.join(" · ")
}

/// Why a layer has no areas yet: it is being measured, or could not be.
pub fn unmeasured_text(session: &Session, layer: LayerId) -> String {
    match measuring::problem(session, layer) {
        Some(problem) => {
            let reason = problem.message().text(session.language());
            Message::new("panels.unmeasured").with("reason", reason).text(session.language())
        }
        None => session.tr("panels.measuring").to_owned(),
    }
}

fn count_text(n: usize) -> String {
    format_number(n as f64, 0)
}
