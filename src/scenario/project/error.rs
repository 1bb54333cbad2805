//! Why a project could not be opened or saved.

use std::io;
use std::path::PathBuf;

use super::record::FORMAT;
use crate::io::{SaveError, shown_path};
use crate::text::{Message, system_reason, toml_reason};

/// Why a project could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum ProjectError {
    /// The file cannot be read.
    #[error("cannot read the project: {source}: {}", path.display())]
    Read {
        /// The project file.
        path: PathBuf,
        /// What the operating system said.
        #[source]
        source: io::Error,
    },
    /// The file is no valid project.
    #[error("line {line}, column {column}: {reason}: {}", path.display())]
    Syntax {
        /// The project file.
        path: PathBuf,
        /// Line, from 1.
        line: usize,
        /// Character in the line, from 1.
        column: usize,
        /// What is wrong there, in English as the TOML reader says it.
        reason: String,
    },
    /// The file was written by a later release.
    #[error("the project has format {found}, this program knows up to {FORMAT}: {}", path.display())]
    Newer {
        /// The project file.
        path: PathBuf,
        /// Its format.
        found: u32,
    },
    /// The file has no `format`: some other TOML file.
    #[error("no `format`, so this is not a project: {}", path.display())]
    NotAProject {
        /// The file.
        path: PathBuf,
    },
    /// The file cannot be written.
    #[error(transparent)]
    Save(#[from] SaveError),
    /// The user cancelled.
    #[error(transparent)]
    Cancelled(#[from] crate::task::Cancelled),
}

impl ProjectError {
    /// The error as a message of the catalogue.
    pub fn message(&self) -> Message {
        match self {
            Self::Read { path, source } => {
                let key = match source.kind() {
                    io::ErrorKind::NotFound => "scenario.project-missing",
                    io::ErrorKind::InvalidInput => "scenario.project-special",
                    _ => "scenario.project-unreadable",
                };
                Message::new(key).with("path", shown_path(path)).with_message("reason", &system_reason(source))
            }
            Self::Syntax { path, line, column, reason } => Message::new("scenario.project-syntax")
                .with("path", shown_path(path))
                .with("line", line)
                .with("column", column)
                .with_said("reason", |language| toml_reason(reason, language)),
            Self::Newer { path, found } => Message::new("scenario.project-newer")
                .with("path", shown_path(path))
                .with("found", found)
                .with("known", FORMAT),
            Self::NotAProject { path } => Message::new("scenario.not-a-project").with("path", shown_path(path)),
            Self::Save(error) => error.message(),
            Self::Cancelled(_) => Message::new("scenario.cancelled"),
        }
    }
}
