//! Why a reference system could not be had or used.

use super::reference_said;
use crate::text::{Language, Message, tr};

/// Why a CRS could not be had or used.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum CrsError {
    /// Nothing of that name or number is known.
    #[error(
        "unknown CRS {0:?}, expected a code such as EPSG:4527 or a name such as CGCS2000 / 3-degree Gauss-Kruger zone 39"
    )]
    Unknown(String),
    /// A system that is known but whose coordinates are neither longitude and latitude nor a plane.
    #[error("{0} has no plane or geographic coordinates, expected a geographic or projected CRS")]
    Unsupported(String),
    /// GCJ-02 and BD-09 are scrambled positions of web maps, not a reference system.
    #[error(
        "{0} is a scrambled position of web maps, not a CRS: ask for the original data in CGCS2000, areas must not be computed in it"
    )]
    Scrambled(String),
    /// PROJ would return the same numbers, tens of metres off: parameters are needed.
    #[error(
        "{from} to {to} needs transformation parameters, which are classified or local: have the data converted by the survey office, or state the CRS of the result"
    )]
    NeedsParameters {
        /// The source CRS, as [`crate::crs::Crs::reference`].
        from: String,
        /// The target CRS, as [`crate::crs::Crs::reference`].
        to: String,
    },
    /// Another program's PROJ database stands in the way of the one in the binary.
    #[error(
        "PROJ cannot use the database that it found for {0}: another program's, by PROJ_DATA or PROJ_LIB or in PROJ's user folder; unset these, Chinese systems work without"
    )]
    Database(String),
    /// A definition that could open a file, a grid or a pipeline of operations; the word that does.
    #[error(
        "the definition has {0:?}, which can lead to a file, a grid or a pipeline, expected a code such as EPSG:4527"
    )]
    Refused(String),
    /// A definition that is longer or deeper than any that is meant well.
    #[error("the definition is longer than 16 KB or nested deeper than 16, expected a code such as EPSG:4527")]
    TooLarge,
    /// PROJ's own words.
    #[error("PROJ: {0}")]
    Proj(String),
}

impl CrsError {
    /// The error as a message of the catalogue.
    pub fn message(&self) -> Message {
        match self {
            Self::Unknown(text) => Message::new("crs.unknown").with("text", text),
            Self::Unsupported(name) => Message::new("crs.unsupported").with("name", name),
            Self::Scrambled(name) => Message::new("crs.scrambled").with("name", name),
            Self::NeedsParameters { from, to } => {
                let said = |name: &str| {
                    let name = name.to_owned();
                    move |language| reference_said(&name, language)
                };
                Message::new("crs.needs-parameters").with_said("from", said(from)).with_said("to", said(to))
            }
            Self::Database(code) => Message::new("crs.database").with("code", code),
            Self::Refused(found) => Message::new("crs.refused").with("found", found),
            Self::TooLarge => Message::new("crs.too-large"),
            Self::Proj(text) => Message::new("crs.proj").with_said("text", |language| match language {
                // PROJ speaks English only.
                Language::Chinese => tr(language, "crs.proj-refuses").to_owned(),
                Language::English => text.clone(),
            }),
        }
    }
}
