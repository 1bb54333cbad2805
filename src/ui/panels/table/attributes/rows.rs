//! The rows of the attribute table: their grid, what a press or a key on one does, its menu.

use std::sync::Arc;

use eframe::egui::Ui;

use super::{Laid, LayerState};
use crate::model::LayerId;
use crate::scenario::{Entry, TableLayout};
use crate::text::Message;
use crate::ui::look::grid::{self, Grid, Press};
use crate::ui::look::icons;
use crate::ui::look::widgets;
use crate::ui::panels::table::columns_menu;
use crate::ui::panels::table::row_menu::{cell_rows, row_menu};
use crate::ui::session::Session;
use crate::ui::session::command::Command;
use crate::ui::session::command::select::SelectCommand;
use crate::ui::session::order::Order;
use crate::ui::session::project::Project;
use crate::ui::session::rows::{FeatureRef, Rows, SelectMode};
use crate::ui::session::settings::Settings;
use crate::ui::work::columns::{Content, spelt_out};

impl LayerState {
    /// Draws the rows, and carries out what is pressed on them.
    pub(super) fn grid_ui(&mut self, ui: &mut Ui, session: &Session, entry: &Entry, commands: &mut Vec<Command>) {
        let order = self.rows().cloned().unwrap_or_else(|| Arc::new(Order::All(entry.layer.feature_count())));
        let Some(Laid { language, shown: columns, .. }) = &self.columns else { return };
        if order.is_empty() {
            let text = self.empty_text(session.language());
            let bare = self.filter.trim().is_empty() && !self.only_selected;
            let mut clear = false;
            widgets::empty_state(ui, icons::FUNNEL, &text, |ui| {
                if !bare {
                    clear = widgets::button(ui, None, session.tr("panels.show-all")).clicked();
                }
            });
            if clear {
                self.filter.clear();
                self.only_selected = false;
            }
            return;
        }
        if self.widths != entry.table.widths {
            self.widths.clone_from(&entry.table.widths);
            self.grid.set_widths(&self.widths);
        }
        let layer = entry.id();
        let symbols = session.derived.symbols(layer).cloned();
        let style = session.derived.style_in_legend(entry);
        let name = Message::new("panels.table-of").with("layer", &entry.title).text(session.language());
        let place = |(key, descending): &(String, bool)| {
            Some((columns.headings.iter().position(|heading| heading.key == *key)?, *descending))
        };
        let sorted: Vec<(usize, bool)> = entry.table.sort.iter().filter_map(place).collect();
        let view = Grid {
            name: &name,
            columns: &columns.headings,
            sorted: &sorted,
            frozen: entry.table.frozen,
            row_count: order.len(),
            cursor: self.cursor,
        };
        let output = view.show(
            ui,
            &mut self.grid,
            |row| order.feature(row).is_some_and(|feature| session.project.selection.contains(layer, feature)),
            |row, column| match order.feature(row) {
                Some(feature) => {
                    let symbol = symbols.as_ref().and_then(|symbols| symbols.get(feature)).copied();
                    let mut cell = columns.cell(entry, feature, column, symbol, *language);
                    // In the colours that map and tree have.
                    if let (Some(swatch), Some(symbol)) = (&mut cell.swatch, symbol) {
                        *swatch = style.symbol(usize::from(symbol)).copied().unwrap_or(*swatch);
                    }
                    cell
                }
                None => grid::Cell::default(),
            },
        );
        if let Some((at, more)) = output.heading
            && let Some(heading) = columns.headings.get(at)
        {
            let sort = columns_menu::next_sort(&entry.table.sort, &heading.key, more);
            columns_menu::lay(entry, TableLayout { sort, ..entry.table.clone() }, commands);
        }
        if let Some((from, to)) = output.moved {
            let keys = self.columns.as_ref().map_or_else(Vec::new, |laid| laid.all.keys());
            columns_menu::lay(entry, entry.table.moved(&keys, from, to), commands);
        }
        let widths = self.grid.widths();
        if widths != self.widths && !ui.input(|input| input.pointer.any_down()) {
            columns_menu::lay(entry, TableLayout { widths, ..entry.table.clone() }, commands);
        }
        for (at, response) in &output.headings {
            let mut asked = None;
            response.context_menu(|ui| {
                asked = columns_menu::heading_menu(ui, session, entry, columns, *at, commands);
            });
            if let Some(content) = asked {
                self.statistics.open(content);
            }
        }
        self.asked = output.asked.or(self.asked);
        let mut filter = None;
        for (row, response) in &output.rows {
            let Some(feature) = order.feature(*row) else { continue };
            let column = self.asked.filter(|(at, _)| at == row).map(|(_, column)| column);
            response.context_menu(|ui| {
                if let Some(column) = column {
                    cell_rows(ui, session, entry, columns, (feature, column), &mut filter, commands);
                }
                row_menu(ui, session, FeatureRef { layer, feature }, commands);
            });
            if let Some((at, column)) = output.pointed
                && at == *row
                && let Some(Content::Field(field)) = columns.contents.get(column)
                && let Some(said) = spelt_out(entry, *field, &entry.layer.value(feature, *field).to_string(), *language)
            {
                response.clone().on_hover_text(said);
            }
        }
        if let Some(filter) = filter {
            self.filter = filter;
        }
        if let Some(click) = output.click {
            self.click(&session.project, &session.settings, &order, layer, click, commands);
        }
        if let Some(feature) = output.double_click.and_then(|row| order.feature(row)) {
            commands.push(Command::Select(SelectCommand::ShowFeature(FeatureRef { layer, feature })));
        }
        for (press, shift) in output.presses {
            self.press(&session.project, &session.settings, &order, layer, press, shift, commands);
        }
    }

    fn click(
        &mut self,
        project: &Project,
        settings: &Settings,
        order: &Order,
        layer: LayerId,
        click: grid::Click,
        commands: &mut Vec<Command>,
    ) {
        let Some(feature) = order.feature(click.row) else { return };
        self.cursor = Some(click.row);
        if click.shift {
            let from = *self.anchor.get_or_insert(click.row);
            let mode = if click.ctrl { SelectMode::Add } else { SelectMode::Replace };
            self.select(layer, order.between(from, click.row), mode, commands);
            return;
        }
        self.anchor = Some(click.row);
        let mode = match (click.ctrl, project.selection.contains(layer, feature)) {
            (true, true) => SelectMode::Remove,
            (true, false) => SelectMode::Add,
            (false, _) => SelectMode::Replace,
        };
        self.select(layer, Rows::from_iter([feature]), mode, commands);
        if !click.ctrl {
            identify(settings, layer, feature, commands);
        }
    }

    fn press(
        &mut self,
        project: &Project,
        settings: &Settings,
        order: &Order,
        layer: LayerId,
        press: Press,
        shift: bool,
        commands: &mut Vec<Command>,
    ) {
        let at = self.cursor.unwrap_or(0).min(order.len().saturating_sub(1));
        let to = press.leads(at, order.len());
        let Some(feature) = order.feature(to) else { return };
        self.cursor = Some(to);
        self.grid.scroll_to(to);
        match press {
            Press::Open => commands.push(Command::Select(SelectCommand::ShowFeature(FeatureRef { layer, feature }))),
            Press::Toggle => {
                let on = project.selection.contains(layer, feature);
                let mode = if on { SelectMode::Remove } else { SelectMode::Add };
                self.anchor = Some(to);
                self.select(layer, Rows::from_iter([feature]), mode, commands);
            }
            _ if shift => {
                let from = *self.anchor.get_or_insert(at);
                self.select(layer, order.between(from, to), SelectMode::Replace, commands);
            }
            _ => {
                self.anchor = Some(to);
                self.select(layer, Rows::from_iter([feature]), SelectMode::Replace, commands);
                identify(settings, layer, feature, commands);
            }
        }
    }

    fn select(&mut self, layer: LayerId, rows: Rows, mode: SelectMode, commands: &mut Vec<Command>) {
        self.own_selection = true;
        commands.push(Command::Select(SelectCommand::Select { layer, rows, mode }));
    }
}

/// Shows the feature in the inspector, where that is open.
fn identify(settings: &Settings, layer: LayerId, feature: usize, commands: &mut Vec<Command>) {
    if settings.inspector_open {
        commands.push(Command::Select(SelectCommand::Identify(vec![FeatureRef { layer, feature }])));
    }
}
