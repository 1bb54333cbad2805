//! Results as people, spreadsheets and programs read them.
//!
//! A [`Report`] is all that a verb says, in the form that its output needs: parts for people, tables for spreadsheets, an
//! object for programs. `output` has a file for each format. What a report says is made here, a file a subject, so that
//! window and command line say the same.
//!
//! A [`Table`] holds values, not figures: areas in m², unrounded. What people read (text, CSV, TSV, XLSX) is rounded by the
//! display policy of [`crate::units`], and where the rounded rows of a summed column would miss its rounded total they
//! are balanced by largest remainder, which a note says. JSON is unrounded. What was rounded together with others before it
//! came here keeps its exact value beside what is printed.
//!
//! | file | holds |
//! |---|---|
//! | `table`, `width` | a table, and how wide its texts are |
//! | `output` | a report in each format |
//! | `figure` | why a figure is what it is |
//! | `picture` | a drawing with its caption |
//! | `data`, `issues` | what reports say alike: areas, reference systems, what was found |
//! | `planning` | 方案比选报告, in parts, sheets and data |
//! | `package` | everything that a report comes from in one file, and working it out again |
//! | `office` | tables in the layouts of offices |
//! | `info`, `areas`, `areas_total`, `comparison`, `pairs`, `taken`, `check`, `validate`, `diagnosis`, `conversion` | the reports of the verbs |
//! | `licences` | who wrote what is in the program |
//! | `sheets`, `series` | what layouts are filled with; the pages of a series |
//! | `summary`, `groups`, `profile`, `transition`, `lines`, `red_line`, `rules`, `boundary_points` | tables and figures of their subjects |

use crate::model::Layer;
use crate::text::{Language, tr};

pub mod areas;
pub mod areas_total;
pub mod arrivals;
pub mod boundary_points;
pub mod check;
pub mod comparison;
pub mod conversion;
mod data;
pub mod diagnosis;
pub mod figure;
pub mod four_sides;
pub mod groups;
pub mod info;
pub mod issues;
pub mod licences;
pub mod lines;
pub mod office;
pub mod output;
pub mod package;
pub mod pairs;
mod picture;
pub mod planning;
mod plots;
pub mod profile;
pub mod red_line;
pub mod rules;
pub mod series;
pub mod sheets;
pub mod summary;
mod table;
pub mod taken;
pub mod transition;
pub mod validate;
mod width;

pub use data::shown;
pub use output::{append_csv, as_spreadsheet_text, to_csv, to_json, to_text, to_tsv, to_xlsx};
pub use picture::Picture;
pub use table::{Cell, Column, ColumnKind, Table};
pub use width::display_width;

/// All that is said, in the forms that were asked for; the others are empty.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Report {
    /// For people, in order.
    pub parts: Vec<Part>,
    /// For spreadsheets: whole tables, each with its notes.
    pub sheets: Vec<Table>,
    /// For programs: an object, numbers not rounded.
    pub data: serde_json::Value,
    /// Where the figures come from.
    pub sources: Vec<Origin>,
    /// What it is called: the title of documents.
    pub title: String,
    /// The day that documents are dated, as `2026-06-18`; empty for none, so that they hold no clock.
    pub date: String,
    /// How the figures came about, one sentence each: workbooks hold them beside the sources.
    pub method: Vec<String>,
}

/// What people read.
#[derive(Clone, Debug, PartialEq)]
pub enum Part {
    /// A line of text.
    Line(String),
    /// An empty line.
    Gap,
    /// A table with its notes.
    Table(Table),
    /// A heading of that level, from 1.
    Heading(u8, String),
    /// A picture with its caption.
    Picture(Picture),
}

/// A form of a report. Only what the output needs is made: figures of millions of features take their time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// [`Report::parts`].
    Parts,
    /// [`Report::sheets`] for CSV: cells as they are read.
    Sheets,
    /// [`Report::sheets`] for workbooks, with the sources: numbers apart from their units.
    Workbook,
    /// [`Report::data`].
    Data,
}

/// A layer that figures come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// Its file.
    pub path: String,
    /// Its name.
    pub layer: String,
    /// Its CRS, by code and name.
    pub crs: String,
    /// Why it is taken for that.
    pub crs_reason: String,
    /// How many features it has.
    pub feature_count: usize,
    /// Hash of its file; empty where it was not computed.
    pub hash: String,
}

impl Report {
    /// A report of parts with an empty line between tables.
    pub fn of_tables(tables: Vec<Table>) -> Self {
        let mut parts = Vec::new();
        for table in tables {
            if !parts.is_empty() {
                parts.push(Part::Gap);
            }
            parts.push(Part::Table(table));
        }
        Self { parts, ..Self::default() }
    }

    /// A report for spreadsheets.
    pub fn of_sheets(sheets: Vec<Table>, sources: Vec<Origin>) -> Self {
        Self { sheets, sources, ..Self::default() }
    }

    /// A report for programs.
    pub fn of_data(data: serde_json::Value) -> Self {
        Self { data, ..Self::default() }
    }
}

impl Origin {
    /// A layer of the file that is shown as `path`.
    pub fn of_layer(path: String, layer: &Layer, language: Language) -> Self {
        Self {
            path,
            layer: layer.name.clone(),
            crs: layer.crs.label_in(language),
            crs_reason: layer.crs_reason.text(language),
            feature_count: layer.feature_count(),
            hash: layer.provenance.hash.clone(),
        }
    }

    /// The table of sources.
    fn table(sources: &[Self], language: Language) -> Table {
        let text = |key: &str, title: &str| Column::new(key, tr(language, title), ColumnKind::Text);
        let row = |origin: &Self| {
            vec![
                Cell::from(origin.path.as_str()),
                Cell::from(origin.layer.as_str()),
                Cell::from(origin.crs.as_str()),
                Cell::from(origin.crs_reason.as_str()),
                Cell::from(origin.feature_count),
                Cell::from(origin.hash.as_str()),
            ]
        };
        Table {
            title: tr(language, "report.sources").to_owned(),
            columns: vec![
                text("file", "report.file"),
                text("layer", "report.layer"),
                text("crs", "report.crs"),
                text("crs_reason", "report.crs-reason"),
                Column::new("feature_count", tr(language, "report.feature-count"), ColumnKind::Count),
                text("hash", "report.hash"),
            ],
            rows: sources.iter().map(row).collect(),
            ..Table::default()
        }
    }
}

#[cfg(test)]
mod tests;
