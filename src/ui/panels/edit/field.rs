//! The page that sets a field: which one, and to a value or by an expression.

use eframe::egui::{self, Ui};

use crate::expr;
use crate::model::roles::fields;
use crate::model::{FieldType, OwnedValue, Value};
use crate::scenario::draft::typed_value;
use crate::scenario::{EditError, Entry};
use crate::text::{Language, Message, tr};
use crate::ui::look::choice::choice;
use crate::ui::look::theme::{font, tokens};
use crate::ui::look::{icons, widgets};
use crate::ui::panels::edit::preview::Ask;
use crate::ui::panels::edit::{WIDTH, wrong_ui};
use crate::ui::session::Session;
use crate::ui::session::project::Project;
use crate::ui::work::columns::type_key;

/// Where values come from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Mode {
    /// One value for all.
    #[default]
    Value,
    /// An expression gives them.
    Expression,
    /// There are none any more.
    Nothing,
}

/// What is remembered between frames.
#[derive(Default)]
pub(super) struct State {
    field: String,
    /// Name of a field to be made.
    new: String,
    mode: Mode,
    value: String,
    expression: String,
}

impl State {
    /// Draws the page; what it asks for.
    pub(super) fn ui(
        &mut self,
        ui: &mut Ui,
        session: &Session,
        entry: &Entry,
        wrong: Option<&EditError>,
    ) -> Option<Ask> {
        let layer = &entry.layer;
        if layer.field(&self.field).is_none() && self.new.is_empty() {
            self.field = entry
                .class_field()
                .or((!layer.fields.is_empty()).then_some(0))
                .map_or_else(String::new, |at| layer.fields[at].name.clone());
        }
        ui.horizontal(|ui| {
            widgets::muted(ui, session.tr("edit.field"));
            self.chooser(ui, session.language(), entry);
            let new = session.tr("edit.new-field");
            let width = ui.available_width();
            widgets::field(ui, &mut self.new, Some(icons::PLUS), new, new, width);
        });
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = 2.0;
            let modes = [
                (Mode::Value, "edit.one-value"),
                (Mode::Expression, "edit.by-expression"),
                (Mode::Nothing, "edit.no-value"),
            ];
            for (mode, key) in modes {
                if widgets::segment(ui, session.tr(key), self.mode == mode).clicked() {
                    self.mode = mode;
                }
            }
            if self.mode == Mode::Expression {
                self.insert_menu(ui, session.language(), entry);
            }
        });
        let field = if self.new.trim().is_empty() { self.field.clone() } else { self.new.trim().to_owned() };
        if self.mode == Mode::Nothing {
            return Some(Ask::Value { field, value: OwnedValue::Null });
        }
        if self.mode == Mode::Expression {
            let (hint, name) = (session.tr("edit.expression-hint"), session.tr("edit.expression"));
            widgets::field(ui, &mut self.expression, Some(icons::SIGMA), hint, name, WIDTH);
            if let Some(wrong) = wrong {
                wrong_ui(ui, &wrong.text(session.language()));
            }
            let text = self.expression.trim().to_owned();
            return (!text.is_empty()).then_some(Ask::Expression { field, text });
        }
        let kind = layer.field(&field).map_or(FieldType::Text, |at| layer.fields[at].kind);
        let hint = self.present(&session.project, session.language(), entry, &field);
        widgets::field(ui, &mut self.value, None, &hint, session.tr("edit.value"), WIDTH);
        let value = typed_value(kind, &self.value);
        let scheme =
            entry.scheme().filter(|_| layer.field(&field).is_some() && entry.class_field() == layer.field(&field));
        if let Some(meaning) = fields::meaning(&field, self.value.trim(), scheme, session.language()) {
            widgets::note(ui, meaning);
        }
        (!self.value.trim().is_empty()).then_some(Ask::Value { field, value })
    }

    fn chooser(&mut self, ui: &mut Ui, language: Language, entry: &Entry) {
        let now = if self.new.trim().is_empty() { self.field.clone() } else { String::new() };
        choice(ui, tr(language, "edit.field"), &now, |ui| {
            egui::ScrollArea::vertical().max_height(320.0).show(ui, |ui| {
                for field in entry.layer.fields.iter() {
                    let title = fields::title(&field.name, language);
                    let name = title.map_or_else(|| field.name.clone(), |title| format!("{} {title}", field.name));
                    let on = field.name == self.field;
                    let kind = tr(language, type_key(field.kind));
                    if widgets::menu_row(ui, None, &name, kind, Some(on)).clicked() {
                        self.field.clone_from(&field.name);
                        self.new.clear();
                        ui.close();
                    }
                }
            });
        });
    }

    /// What expressions are made of; a click adds it.
    fn insert_menu(&mut self, ui: &mut Ui, language: Language, entry: &Entry) {
        let t = tokens(ui);
        let text = egui::RichText::new(tr(language, "edit.insert")).font(font::table()).color(t.accent);
        let response = widgets::text_button(ui, text.into(), tr(language, "edit.insert"));
        egui::Popup::menu(&response).show(|ui| {
            egui::ScrollArea::vertical().max_height(360.0).show(ui, |ui| {
                let mut added = None;
                widgets::menu_heading(ui, tr(language, "edit.insert-fields"));
                for field in entry.layer.fields.iter() {
                    let kind = tr(language, type_key(field.kind));
                    if widgets::menu_row(ui, None, &field.name, kind, None).clicked() {
                        added = Some(written(&field.name));
                    }
                }
                widgets::menu_heading(ui, tr(language, "edit.insert-figures"));
                for variable in ["$area", "$row", "$id"] {
                    if widgets::menu_row(ui, None, variable, "", None).clicked() {
                        added = Some(variable.to_owned());
                    }
                }
                widgets::menu_heading(ui, tr(language, "edit.insert-functions"));
                for usage in expr::function_usages() {
                    if widgets::menu_row(ui, None, usage, "", None).clicked() {
                        added = Some(usage.to_owned());
                    }
                }
                if let Some(added) = added {
                    if !self.expression.is_empty() && !self.expression.ends_with(' ') {
                        self.expression.push(' ');
                    }
                    self.expression.push_str(&added);
                    ui.close();
                }
            });
        });
    }

    /// The value that the first selected feature has now.
    fn present(&self, project: &Project, language: Language, entry: &Entry, field: &str) -> String {
        let first = project.selection.rows(entry.id()).and_then(|rows| rows.iter().next());
        let value = first.zip(entry.layer.field(field)).map(|(row, field)| entry.layer.value(row, field));
        match value {
            Some(Value::Null) | None => tr(language, "edit.value").to_owned(),
            Some(value) => Message::new("edit.value-now").with("value", value).text(language),
        }
    }
}

/// A field as it is written in an expression.
fn written(name: &str) -> String {
    let is_word =
        name.chars().all(|c| c.is_alphanumeric() || c == '_') && !name.starts_with(|c: char| c.is_ascii_digit());
    if is_word { name.to_owned() } else { format!("[{name}]") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_inserted_as_expressions_read_them() {
        for (name, expected) in [("DLBM", "DLBM"), ("街道", "街道"), ("Full Name", "[Full Name]"), ("2020", "[2020]")]
        {
            assert_eq!(written(name), expected);
            assert!(expr::Expr::parse(&format!("{expected} is null")).is_ok(), "{expected}");
        }
    }
}
