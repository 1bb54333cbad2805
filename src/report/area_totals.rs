//! Areas of many sources added up: sums are additive, so each source is measured by itself and let go.

use std::path::Path;

use serde_json::json;

use super::areas::Measured;
use super::data::{area_json, extend, shown};
use super::groups::{self, Group};
use super::{Cell, Column, ColumnKind, Form, Origin, Part, Report, Table, summary};
use crate::model::AreaMethod;
use crate::model::classes::Scheme;
use crate::model::keys::scheme_of_field;
use crate::text::{Language, Message, tr};
use crate::units::Area;

/// What one layer of one source comes to.
struct Source {
    path: String,
    origin: Origin,
    frame: String,
    whole: Group,
}

/// What all sources come to.
pub struct Totals {
    method: AreaMethod,
    /// What is grouped by: its name, and the class scheme of its codes, as the first source has them.
    keys: Vec<(String, Option<Scheme>)>,
    sources: Vec<Source>,
    groups: Vec<Group>,
    whole: Group,
    /// Sources that could not be measured, and why.
    failed: Vec<(String, String)>,
}

impl Totals {
    /// Nothing yet.
    pub fn new(method: AreaMethod) -> Self {
        let (keys, sources, groups) = (Vec::new(), Vec::new(), Vec::new());
        Self { method, keys, sources, groups, whole: Group::empty(), failed: Vec::new() }
    }

    /// Adds a layer of the source at `path`.
    pub fn add(&mut self, path: &Path, measured: &Measured<'_>, language: Language) {
        let layer = measured.layer;
        if self.keys.is_empty() {
            let keys = measured.keys.iter();
            self.keys = keys.map(|key| (summary::key_name(layer, key), scheme_of_field(layer, key.field))).collect();
        }
        self.groups =
            groups::added(std::mem::take(&mut self.groups).into_iter().chain(measured.groups.iter().cloned()));
        self.whole = Group {
            key: Vec::new(),
            feature_count: self.whole.feature_count + measured.whole.feature_count,
            exact: self.whole.exact + measured.whole.exact,
            printed: self.whole.printed + measured.whole.printed,
        };
        self.sources.push(Source {
            path: shown(path),
            origin: Origin::of_layer(shown(path), layer, language),
            frame: measured.areas.frame.clone(),
            whole: measured.whole.clone(),
        });
    }

    /// Adds a source that could not be measured.
    pub fn fail(&mut self, path: &Path, reason: String) {
        self.failed.push((shown(path), reason));
    }

    /// Whether some source is not in the sums.
    pub fn has_failed(&self) -> bool {
        !self.failed.is_empty()
    }

    /// Whether nothing was measured.
    pub fn is_empty(&self) -> bool {
        self.sources.is_empty()
    }

    /// The report: all together, then each source, then those that could not be measured.
    pub fn report(&self, form: Form, language: Language) -> Report {
        match form {
            Form::Parts => {
                let mut parts = Vec::new();
                for table in [self.by_key(language), self.by_source(language)] {
                    parts.extend([Part::Table(table), Part::Gap]);
                }
                Report { parts, ..Report::default() }
            }
            Form::Sheets | Form::Workbook => {
                let origins = self.sources.iter().map(|source| source.origin.clone()).collect();
                Report::of_sheets(vec![self.by_key(language), self.by_source(language)], origins)
            }
            Form::Data => Report::of_data(self.data()),
        }
    }

    fn title(&self, language: Language) -> String {
        let method = |language: Language| tr(language, self.method.key()).to_owned();
        Message::new("report.area-totals").with("n", self.sources.len()).with_said("method", method).text(language)
    }

    /// All sources by key.
    fn by_key(&self, language: Language) -> Table {
        let mut table = Table { title: self.title(language), ..Table::default() };
        let names = self.keys.iter().map(|(name, _)| name.as_str());
        table.columns = names.map(|name| Column::new("key", name, ColumnKind::Text)).collect();
        if table.columns.is_empty() {
            table.columns.push(Column::new("key", "", ColumnKind::Text));
        }
        let label_count = table.columns.len();
        table.columns.extend(summary::figure_columns(true, language));
        for group in &self.groups {
            let of_key = |(value, (_, scheme)): (&Option<std::sync::Arc<str>>, &(String, Option<Scheme>))| {
                Cell::from(summary::shown_key(*scheme, value.as_deref(), language))
            };
            let mut row: Vec<Cell> = group.key.iter().zip(&self.keys).map(of_key).collect();
            row.extend(self.figures(group));
            table.rows.push(row);
        }
        let mut total = vec![Cell::Empty; label_count];
        total[0] = Cell::from(tr(language, "report.total"));
        total.extend(self.figures(&self.whole));
        table.total = Some(total);
        table.notes = self.notes(language);
        table
    }

    /// Each source with its sum.
    fn by_source(&self, language: Language) -> Table {
        let text = |key: &str, title: &str| Column::new(key, tr(language, title), ColumnKind::Text);
        let mut table = Table { title: tr(language, "report.by-source").to_owned(), ..Table::default() };
        table.columns = vec![text("file", "report.file"), text("layer", "report.layer")];
        table.columns.extend(summary::figure_columns(true, language));
        for source in &self.sources {
            let mut row = vec![Cell::from(source.path.as_str()), Cell::from(source.origin.layer.as_str())];
            row.extend(self.figures(&source.whole));
            table.rows.push(row);
        }
        let mut total = vec![Cell::from(tr(language, "report.total")), Cell::Empty];
        total.extend(self.figures(&self.whole));
        table.total = Some(total);
        table.notes = self.notes(language);
        table
    }

    fn figures(&self, group: &Group) -> Vec<Cell> {
        let share = match self.whole.printed > Area::ZERO {
            true => group.printed.m2() / self.whole.printed.m2(),
            false => 0.0,
        };
        let areas = summary::UNITS.map(|_| Cell::from(group.printed));
        std::iter::once(Cell::from(group.feature_count)).chain(areas).chain([Cell::Number(share)]).collect()
    }

    /// In which planes edges are straight, and what is not in the sums.
    fn notes(&self, language: Language) -> Vec<String> {
        let mut frames: Vec<&str> = Vec::new();
        for source in &self.sources {
            if !frames.contains(&source.frame.as_str()) {
                frames.push(&source.frame);
            }
        }
        let mut notes: Vec<String> = frames.iter().map(|frame| crate::crs::name_said(frame, language)).collect();
        for (path, reason) in &self.failed {
            notes.push(Message::new("report.not-in-sums").with("path", path).with("reason", reason).text(language));
        }
        notes
    }

    fn data(&self) -> serde_json::Value {
        let groups = self.groups.iter().map(|group| {
            let key: Vec<Option<&str>> = group.key.iter().map(Option::as_deref).collect();
            let mut row = json!({ "key": key, "feature_count": group.feature_count });
            extend(&mut row, area_json(group.exact, Some(group.printed)));
            row
        });
        let sources = self.sources.iter().map(|source| {
            let mut row = json!({
                "path": source.path,
                "layer": source.origin.layer,
                "crs": source.origin.crs,
                "frame": source.frame,
                "feature_count": source.whole.feature_count,
            });
            extend(&mut row, area_json(source.whole.exact, Some(source.whole.printed)));
            row
        });
        let failed = self.failed.iter().map(|(path, reason)| json!({ "path": path, "reason": reason }));
        let names: Vec<&str> = self.keys.iter().map(|(name, _)| name.as_str()).collect();
        json!({
            "method": self.method.name(),
            "keys": names,
            "feature_count": self.whole.feature_count,
            "sum": area_json(self.whole.exact, Some(self.whole.printed)),
            "groups": groups.collect::<Vec<_>>(),
            "sources": sources.collect::<Vec<_>>(),
            "failed": failed.collect::<Vec<_>>(),
        })
    }
}
