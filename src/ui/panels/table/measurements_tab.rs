//! The tab of measurements that were kept: named, shown again, copied, removed, added up.

use eframe::egui::{self, Align, Layout, Rect, Role, Sense, Ui, UiBuilder, WidgetInfo, pos2, vec2};

use crate::measure::Ruler;
use crate::report::{self, Column, ColumnKind, Table};
use crate::scenario::{Measurement, MeasurementKind, Workspace};
use crate::text::{Language, Message, tr};
use crate::ui::look::theme::{self, font, size, tokens};
use crate::ui::look::{icons, widgets};
use crate::ui::panels::table;
use crate::ui::session::command::Command;
use crate::ui::session::command::table::TableCommand;
use crate::ui::session::command::tool::ToolCommand;
use crate::ui::session::parts::Tool;
use crate::ui::work::measurements::{kind_of, name};
use crate::ui::work::why;
use crate::units::{Area, AreaUnit, Length};

/// What a measurement comes to.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Figures {
    /// Printed area, for areas.
    area: Option<Area>,
    /// Length of a line, perimeter of an area.
    length: Option<Length>,
}

/// What is remembered between frames.
#[derive(Default)]
pub struct State {
    /// Measured shapes, as far as they were measured.
    known: Vec<(Measurement, Figures)>,
    ruler: Option<Ruler>,
}

impl State {
    /// The figures of a measurement; its name does not matter.
    fn figures(&mut self, measurement: &Measurement) -> Figures {
        let same = |known: &Measurement| {
            known.kind == measurement.kind && known.crs == measurement.crs && known.points == measurement.points
        };
        if let Some((_, figures)) = self.known.iter().find(|(known, _)| same(known)) {
            return *figures;
        }
        if self.ruler.as_ref().is_none_or(|ruler| *ruler.crs() != measurement.crs) {
            self.ruler = Ruler::new(&measurement.crs).ok(); // without one there are no figures, and rows show a dash
        }
        let figures = self.ruler.as_ref().map_or_else(Figures::default, |ruler| match measurement.kind {
            MeasurementKind::Distance => {
                Figures { area: None, length: ruler.path(&measurement.points).ok().map(|path| path.geodesic) }
            }
            MeasurementKind::Area => match ruler.outline(&measurement.points) {
                Ok(areas) => {
                    Figures { area: Some(Area::from_m2(areas.survey.printed)), length: Some(areas.perimeter.geodesic) }
                }
                Err(_) => Figures::default(),
            },
        });
        self.known.push((measurement.clone(), figures));
        figures
    }
}

/// The tools at the right of the tabs. Comes right to left.
pub fn tools(ui: &mut Ui, workspace: &Workspace, language: Language, state: &mut State, commands: &mut Vec<Command>) {
    if workspace.measurements.is_empty() {
        return;
    }
    if widgets::icon_button(ui, icons::COPY, tr(language, "panels.copy-measurements")).clicked() {
        let all: Vec<usize> = (0..workspace.measurements.len()).collect();
        commands.push(Command::Table(TableCommand::CopyText(as_text(workspace, language, state, &all))));
    }
    if widgets::icon_button(ui, icons::DOWNLOAD, tr(language, "report.save-sheet")).clicked() {
        let all: Vec<usize> = (0..workspace.measurements.len()).collect();
        let mut table = as_table(workspace, language, state, &all);
        tr(language, "ui.tab-measurements").clone_into(&mut table.title);
        commands.push(Command::Table(TableCommand::SaveTable(Box::new(table))));
    }
}

/// Draws the tab.
pub fn ui(ui: &mut Ui, workspace: &Workspace, language: Language, state: &mut State, commands: &mut Vec<Command>) {
    if workspace.measurements.is_empty() {
        widgets::empty_state(ui, icons::RULER, tr(language, "panels.measurements-empty"), |ui| {
            if widgets::button(ui, Some(icons::VECTOR_SQUARE), tr(language, "ui.tool-area")).clicked() {
                commands.push(Command::Tool(ToolCommand::UseTool(Tool::Area)));
            }
        });
        return;
    }
    state
        .known
        .retain(|(known, _)| workspace.measurements.iter().any(|measurement| measurement.points == known.points));
    let room = (ui.available_height() - size::FOOT).max(0.0);
    egui::ScrollArea::vertical().id_salt("measurements").max_height(room).auto_shrink(false).show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        for (at, measurement) in workspace.measurements.iter().enumerate() {
            row_ui(ui, workspace, language, state, at, measurement, commands);
        }
    });
    let mut area = None;
    let mut length = None;
    for measurement in &workspace.measurements {
        let figures = state.figures(measurement);
        match measurement.kind {
            MeasurementKind::Area => {
                area = figures.area.map(|more| area.unwrap_or(Area::ZERO) + more).or(area);
            }
            MeasurementKind::Distance => {
                length = figures.length.map(|more| length.unwrap_or(0.0) + more.m()).or(length);
            }
        }
    }
    table::foot(ui, |ui| {
        let t = tokens(ui);
        let n = workspace.measurements.len();
        let text = Message::new("panels.measurement-count").with("n", n).text(language);
        ui.label(egui::RichText::new(text).font(font::table_strong()));
        if let Some(area) = area {
            let crs =
                workspace.measurements.iter().find(|kept| kept.kind == MeasurementKind::Area).map(|kept| &kept.crs);
            let sum = |unit| {
                let title = tr(language, "ui.tab-measurements");
                Some(why::measured(title, Some((area, unit)), Length::default(), crs?))
            };
            table::area_figures(ui, language, area, &sum, commands);
        }
        if let Some(length) = length {
            let text = format!("Σ {} {}", Length::from_m(length).display_m(), tr(language, "units.m"));
            ui.label(egui::RichText::new(text).font(font::table()).color(t.text));
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            ui.add_space(size::MARGIN);
            widgets::label(ui, tr(language, "panels.measured-by"), font::table(), t.muted);
        });
    });
}

fn row_ui(
    ui: &mut Ui,
    workspace: &Workspace,
    language: Language,
    state: &mut State,
    at: usize,
    measurement: &Measurement,
    commands: &mut Vec<Command>,
) {
    let t = tokens(ui);
    let figures = state.figures(measurement);
    let title = name(language, at, measurement);
    let height = size::CONTROL + 2.0;
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), height), Sense::hover());
    if response.contains_pointer() {
        ui.painter().rect_filled(rect, 0.0, t.hover);
    }
    ui.painter().hline(rect.x_range(), rect.bottom() - 0.5, theme::line(t));
    let icon = match measurement.kind {
        MeasurementKind::Distance => icons::RULER,
        MeasurementKind::Area => icons::VECTOR_SQUARE,
    };
    let mark = Rect::from_center_size(pos2(rect.left() + 22.0, rect.center().y), vec2(16.0, 16.0));
    widgets::paint_icon(ui, mark, icon, size::ICON_SMALL, t.measure);
    let inner = Rect::from_min_max(pos2(rect.left() + 36.0, rect.top() + 1.0), rect.max - vec2(8.0, 1.0));
    let fixed = UiBuilder::new().scope_id(egui::Id::unique(("measurement", at))).max_rect(inner);
    let mut child = ui.new_child(fixed.layout(Layout::left_to_right(Align::Center)));
    let mut text = measurement.name.clone();
    let label = Message::new("panels.name-of").with("name", &title).text(language);
    let width = (inner.width() * 0.26).clamp(120.0, 260.0);
    if widgets::field(&mut child, &mut text, None, &title, &label, width).changed() {
        commands.push(Command::Tool(ToolCommand::NameMeasurement(at, text)));
    }
    child.add_space(8.0);
    if let Some(area) = figures.area {
        let mu = format!("{} {}", area.display(AreaUnit::Mu), tr(language, AreaUnit::Mu.key()));
        let ask = |unit| Some(why::measured(&title, Some((area, unit)), Length::default(), &measurement.crs));
        let figure = child.label(egui::RichText::new(&mu).font(font::table_strong())).interact(Sense::CLICK);
        figure.widget_info(|| WidgetInfo::labeled(Role::Label, true, format!("{title} {mu}")));
        why::asks(&figure, || ask(AreaUnit::Mu), commands);
        for unit in [AreaUnit::SquareMetre, AreaUnit::Hectare, AreaUnit::SquareKilometre] {
            let text = format!("{} {}", area.display(unit), tr(language, unit.key()));
            let text = egui::RichText::new(text).font(font::table()).color(t.muted);
            why::asks(&child.label(text).interact(Sense::CLICK), || ask(unit), commands);
        }
    }
    if let Some(length) = figures.length {
        let metres = format!("{} {}", length.display_m(), tr(language, "units.m"));
        match measurement.kind {
            MeasurementKind::Distance => {
                let figure = child.label(egui::RichText::new(&metres).font(font::table_strong()));
                let figure = figure.interact(Sense::CLICK);
                figure.widget_info(|| WidgetInfo::labeled(Role::Label, true, format!("{title} {metres}")));
                why::asks(&figure, || Some(why::measured(&title, None, length, &measurement.crs)), commands);
            }
            MeasurementKind::Area => {
                let text = format!("{} {metres}", tr(language, "panels.perimeter"));
                child.label(egui::RichText::new(text).font(font::table()).color(t.muted));
            }
        }
    }
    if figures == Figures::default() {
        child.label(egui::RichText::new("–").font(font::table()).color(t.faint));
    }
    child.with_layout(Layout::right_to_left(Align::Center), |ui| {
        ui.spacing_mut().item_spacing.x = 2.0;
        let named = |key: &'static str| Message::new(key).with("name", &title).text(language);
        if widgets::icon_button(ui, icons::TRASH_2, &named("panels.remove-measurement")).clicked() {
            commands.push(Command::Tool(ToolCommand::RemoveMeasurement(at)));
        }
        if widgets::icon_button(ui, icons::COPY, &named("panels.copy-measurement")).clicked() {
            commands.push(Command::Table(TableCommand::CopyText(as_text(workspace, language, state, &[at]))));
        }
        if widgets::icon_button(ui, icons::DOWNLOAD, &named("habits.measurement-export")).clicked() {
            commands.push(Command::Tool(ToolCommand::ExportMeasurement(at)));
        }
        layers_ui(ui, workspace, at, measurement, &named("habits.measurement-add"), commands);
        if measurement.kind == MeasurementKind::Area
            && widgets::icon_button(ui, icons::SIGMA, &named("panels.take-of")).clicked()
        {
            commands.push(Command::Tool(ToolCommand::TakeOf(Some(at))));
        }
        let shown = workspace.crs.as_ref() == Some(&measurement.crs);
        ui.add_enabled_ui(shown, |ui| {
            if widgets::icon_button(ui, icons::MAXIMIZE, &named("panels.zoom-measurement")).clicked() {
                commands.push(Command::Tool(ToolCommand::ShowMeasurement(at)));
            }
        });
    });
}

/// The layers that a measurement can be added to as a feature.
fn layers_ui(
    ui: &mut Ui,
    workspace: &Workspace,
    at: usize,
    measurement: &Measurement,
    name: &str,
    commands: &mut Vec<Command>,
) {
    let kind = kind_of(measurement);
    let fitting = || workspace.entries.iter().filter(|entry| entry.layer.kind == kind);
    let offered = fitting().next().is_some();
    let response = ui.add_enabled_ui(offered, |ui| widgets::icon_button(ui, icons::PLUS, name)).inner;
    egui::Popup::menu(&response).show(|ui| {
        for entry in fitting() {
            if widgets::menu_row(ui, Some(icons::LAYERS), &entry.title, "", None).clicked() {
                commands.push(Command::Tool(ToolCommand::AddMeasurement(at, entry.id())));
                ui.close();
            }
        }
    });
}

/// The same with tabs between cells.
fn as_text(workspace: &Workspace, language: Language, state: &mut State, which: &[usize]) -> String {
    report::to_tsv(&as_table(workspace, language, state, which), language)
}

/// Measurements as a table with a header and, where there are several, a total.
fn as_table(workspace: &Workspace, language: Language, state: &mut State, which: &[usize]) -> Table {
    let area = tr(language, "panels.area");
    let mut table = Table::default();
    table.columns.push(Column::new("name", tr(language, "panels.name"), ColumnKind::Text));
    for (key, unit) in [
        ("mu", AreaUnit::Mu),
        ("m2", AreaUnit::SquareMetre),
        ("ha", AreaUnit::Hectare),
        ("km2", AreaUnit::SquareKilometre),
    ] {
        table.columns.push(Column::new(key, area, ColumnKind::Area(unit)));
    }
    table.columns.push(Column::new("m", tr(language, "panels.length-m"), ColumnKind::Number(2)));
    for at in which {
        let Some(measurement) = workspace.measurements.get(*at) else { continue };
        let figures = state.figures(measurement);
        let mut row = vec![report::Cell::from(name(language, *at, measurement))];
        row.extend([(); 4].map(|()| figures.area.map_or(report::Cell::Empty, report::Cell::Area)));
        row.push(figures.length.map_or(report::Cell::Empty, |length| report::Cell::Number(length.m())));
        table.rows.push(row);
    }
    if which.len() > 1 {
        table.add_total(tr(language, "panels.total"));
    }
    table
}
