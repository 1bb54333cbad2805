//! A report as it is ordered: which parts, of which scenarios, as what, dated when.

use crate::report::output::Format;
use crate::report::planning::PlanPart;

/// What a report is written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// For Word and WPS.
    Docx,
    /// For browsers.
    Html,
    /// For spreadsheets.
    Xlsx,
    /// To be printed as it stands.
    Pdf,
    /// Slides for meetings.
    Pptx,
}

impl Ending {
    /// All endings, in the order in which they are offered.
    pub const ALL: [Self; 5] = [Self::Docx, Self::Html, Self::Xlsx, Self::Pdf, Self::Pptx];

    /// The ending of files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Docx => "docx",
            Self::Html => "html",
            Self::Xlsx => "xlsx",
            Self::Pdf => "pdf",
            Self::Pptx => "pptx",
        }
    }

    /// Key of its name.
    pub fn key(self) -> &'static str {
        match self {
            Self::Docx => "report.as-docx",
            Self::Html => "report.as-html",
            Self::Xlsx => "report.as-xlsx",
            Self::Pdf => "report.as-pdf",
            Self::Pptx => "report.as-pptx",
        }
    }

    /// The format of reports.
    pub fn format(self) -> Format {
        match self {
            Self::Docx => Format::Docx,
            Self::Html => Format::Html,
            Self::Xlsx => Format::Xlsx,
            Self::Pdf => Format::Pdf,
            Self::Pptx => Format::Pptx,
        }
    }
}

/// A report to be written.
#[derive(Clone, Debug, PartialEq)]
pub struct ReportOrder {
    /// Its parts, in order.
    pub parts: Vec<PlanPart>,
    /// Names of scenarios; empty where the layers of the project tell states apart.
    pub scenarios: Vec<String>,
    /// What it is written as.
    pub ending: Ending,
    /// The day that it is dated, as it was typed.
    pub date: String,
}
