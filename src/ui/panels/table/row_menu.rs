//! What can be done with a row of the attribute table, and with the cell that was pressed.

use eframe::egui::Ui;

use crate::scenario::Entry;
use crate::text::Message;
use crate::ui::look::{icons, widgets};
use crate::ui::panels::edit::menus;
use crate::ui::panels::why_card;
use crate::ui::session::Session;
use crate::ui::session::command::Command;
use crate::ui::session::command::select::SelectCommand;
use crate::ui::session::command::table::TableCommand;
use crate::ui::session::rows::FeatureRef;
use crate::ui::work::columns::{self, Columns, Content, condition_of};
use crate::ui::work::copying::rows_table;
use crate::ui::work::why;

/// The rows of a menu that are about one cell: its value is copied, or made the filter.
pub(super) fn cell_rows(
    ui: &mut Ui,
    session: &Session,
    entry: &Entry,
    columns: &Columns,
    (feature, column): (usize, usize),
    filter: &mut Option<String>,
    commands: &mut Vec<Command>,
) {
    let language = session.language();
    let field = match columns.contents.get(column) {
        Some(Content::Field(field) | Content::ClassName(field)) => Some(*field),
        _ => None,
    };
    let value = field.map(|field| (field, entry.layer.value(feature, field)));
    if !value.is_some_and(|(_, value)| value.is_null()) {
        let text = columns.cell(entry, feature, column, None, language).text;
        let copy = Message::new("panels.copy-value").with("value", &text).text(language);
        if widgets::menu_row(ui, Some(icons::COPY), &copy, "", None).clicked() {
            commands.push(Command::Table(TableCommand::CopyText(text)));
            ui.close();
        }
    }
    let condition = value.and_then(|(field, value)| condition_of(&entry.layer, field, value));
    if let Some(condition) = condition
        && widgets::menu_row(ui, Some(icons::FUNNEL), session.tr("panels.filter-value"), "", None).clicked()
    {
        *filter = Some(condition);
        ui.close();
    }
    ui.separator();
}

/// The rows of a menu that are about one feature.
pub(super) fn row_menu(ui: &mut Ui, session: &Session, feature: FeatureRef, commands: &mut Vec<Command>) {
    if widgets::menu_row(ui, Some(icons::MAXIMIZE), session.tr("panels.zoom-to"), "", None).clicked() {
        commands.push(Command::Select(SelectCommand::ShowFeature(feature)));
        ui.close();
    }
    if widgets::menu_row(ui, Some(icons::INFO), session.tr("ui.identify"), "", None).clicked() {
        commands.push(Command::Select(SelectCommand::Identify(vec![feature])));
        ui.close();
    }
    if widgets::menu_row(ui, Some(icons::COPY), session.tr("panels.copy-row"), "", None).clicked() {
        if let Some(entry) = session.workspace.entry(feature.layer) {
            let table = rows_table(entry, &[feature.feature], session.language());
            commands.push(Command::Table(TableCommand::CopyText(crate::report::to_tsv(&table, session.language()))));
        }
        ui.close();
    }
    let area = session.workspace.entry(feature.layer).and_then(|entry| {
        let areas = entry.areas.as_ref()?;
        Some((entry, areas, columns::printed(Some(&**areas), feature.feature)?))
    });
    if let Some((entry, areas, area)) = area {
        let make = || {
            let title = format!("{} · {}", entry.title, why::name_of(&entry.layer, feature.feature));
            let (area, method) = ((area, session.settings.area_unit), (areas.method, areas.frame.as_str()));
            let exact = areas.exact.get(feature.feature).copied();
            Some(why::feature_area(entry, feature.feature, &title, area, method, exact))
        };
        why_card::menu_row(ui, session.language(), make, commands);
    }
    ui.separator();
    menus::rows(ui, &session.project, session.language(), Some(feature), commands);
}
