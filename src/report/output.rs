//! A report in the format that was asked for, a file each.

use std::path::Path;

use super::{Form, Report};
use crate::render::drawing::pdf::PdfError;
use crate::text::{Language, Message};

mod captions;
mod columns;
mod docx;
pub mod fill;
mod headings;
mod html;
mod json;
mod pages;
mod pptx;
mod spreadsheet;
mod sums;
mod text;
mod xlsx;

pub use json::to_json;
pub use spreadsheet::{append_csv, as_spreadsheet_text, to_csv, to_tsv};
pub use text::to_text;
pub use xlsx::to_xlsx;

/// What a report is written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Aligned columns.
    Text,
    /// CSV with a byte order mark, for Excel and WPS.
    Csv,
    /// One JSON object.
    Json,
    /// A workbook, a sheet a table.
    Xlsx,
    /// One page for browsers, with its pictures in it.
    Html,
    /// A document for Word and WPS.
    Docx,
    /// Pages to be printed.
    Pdf,
    /// Slides for meetings.
    Pptx,
}

/// Why a report cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum OutputError {
    /// A sheet has no room for so many rows or columns.
    #[error("{rows} rows and {columns} columns, a sheet has {} and {}", xlsx::MOST_ROWS, xlsx::MOST_COLUMNS)]
    TooLarge {
        /// Rows, with the headings and notes.
        rows: usize,
        /// Columns.
        columns: usize,
    },
    /// The library refused.
    #[error("{0}")]
    Xlsx(#[from] rust_xlsxwriter::XlsxError),
    /// The document could not be put together.
    #[error("{0}")]
    Docx(String),
    /// The slides could not be put together.
    #[error("{0}")]
    Pptx(String),
    /// The pages could not be put together.
    #[error(transparent)]
    Pdf(#[from] PdfError),
}

impl OutputError {
    /// The error as a message of the catalogue.
    pub fn message(&self) -> Message {
        match self {
            Self::TooLarge { rows, columns } => {
                Message::new("io.table-write-large").with("rows", rows).with("columns", columns)
            }
            Self::Xlsx(error) => Message::new("io.table-write").with("reason", error),
            Self::Docx(error) | Self::Pptx(error) => Message::new("io.table-write").with("reason", error),
            Self::Pdf(error) => error.message(),
        }
    }
}

impl Format {
    /// The format that the ending of a file names; `None` for others, which are text.
    pub fn of_path(path: &Path) -> Option<Self> {
        let ending = path.extension()?.to_str()?.to_ascii_lowercase();
        match ending.as_str() {
            "csv" => Some(Self::Csv),
            "json" => Some(Self::Json),
            "xlsx" => Some(Self::Xlsx),
            "html" | "htm" => Some(Self::Html),
            "docx" => Some(Self::Docx),
            "pdf" => Some(Self::Pdf),
            "pptx" => Some(Self::Pptx),
            _ => None,
        }
    }

    /// The form of a report that it is made of.
    pub fn form(self) -> Form {
        match self {
            Self::Text | Self::Html | Self::Docx | Self::Pdf | Self::Pptx => Form::Parts,
            Self::Csv => Form::Sheets,
            Self::Xlsx => Form::Workbook,
            Self::Json => Form::Data,
        }
    }

    /// Whether programs open a file of that ending as this and nothing else.
    pub fn is_document(self) -> bool {
        matches!(self, Self::Xlsx | Self::Docx | Self::Pdf | Self::Pptx)
    }
}

/// The bytes of a report.
///
/// # Errors
/// [`OutputError`] for workbooks and documents only.
pub fn bytes(report: &Report, format: Format, language: Language) -> Result<Vec<u8>, OutputError> {
    Ok(match format {
        Format::Text => text::write(report, language).into_bytes(),
        Format::Csv => spreadsheet::write(report, language),
        Format::Json => json::write(report).into_bytes(),
        Format::Xlsx => xlsx::write(report, language)?,
        Format::Html => html::write(report, language).into_bytes(),
        Format::Docx => docx::write(report, language)?,
        Format::Pdf => pages::write(report, language)?,
        Format::Pptx => pptx::write(report, language)?,
    })
}

/// The headings of a table, a row a level.
#[cfg(test)]
pub(super) fn headings_of(table: &super::Table, language: Language) -> Vec<Vec<String>> {
    let rows = headings::heading_rows(table, language).into_iter();
    rows.map(|row| row.into_iter().map(|heading| heading.text).collect()).collect()
}

#[cfg(test)]
mod tests;
