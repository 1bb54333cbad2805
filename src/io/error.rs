//! Why a file could not be read.

use std::io;

use super::findings::listed;
use super::format::Format;
use super::scan::Expected;
use crate::crs::CrsError;
use crate::task::Progress;
use crate::text::{Message, system_reason, tr};

/// Why a file could not be read, or not to its end.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The operating system refused.
    #[error("cannot read the file: {0}")]
    Io(#[from] io::Error),
    /// The file is damaged as a compressed file.
    #[error("cannot unpack the file: {0}")]
    Compression(#[source] io::Error),
    /// The text is in an encoding that JSON does not allow.
    #[error("the text is {name}, expected UTF-8")]
    Encoding {
        /// Name of the encoding.
        name: &'static str,
    },
    /// There is nothing in the file.
    #[error("the file is empty")]
    Empty,
    /// Nothing in a folder or an archive can be read.
    #[error("nothing in it can be read: {}", kinds(found))]
    NothingReadable {
        /// Files of known formats in it.
        found: Vec<(String, &'static Format)>,
    },
    /// More files lie in a folder than are opened at once.
    #[error("the folder has more than {most} files to open")]
    FolderTooLarge {
        /// How many are.
        most: u64,
    },
    /// The source has no layer of that name.
    #[error("no layer {layer:?}, expected one of {known:?}")]
    NoSuchLayer {
        /// The name.
        layer: String,
        /// Those that it has.
        known: Vec<String>,
    },
    /// The archive is cut off or no archive.
    #[error("the archive is damaged or incomplete")]
    BrokenArchive,
    /// A member of an archive has a password.
    #[error("the archive is locked by a password")]
    Locked,
    /// A member of an archive is packed in a way that is not known.
    #[error("packed by method {method}, expected deflate")]
    Packed {
        /// Its number.
        method: u16,
    },
    /// An archive lists more members, or its members hold more, than is unpacked.
    #[error("the archive is too large")]
    ArchiveTooLarge {
        /// How many members it lists; `None` where they hold too much.
        members: Option<u64>,
        /// How many members, or how many GB, are unpacked.
        most: u64,
    },
    /// A member of an archive is far larger than any data would be.
    #[error("packed {ratio} to 1, which no data are")]
    Bomb {
        /// How much larger it is than packed.
        ratio: u64,
    },
    /// The file is larger than any that is held as a whole.
    #[error("the file is larger than {most_gb} GB")]
    TooLarge {
        /// The bound.
        most_gb: u64,
    },
    /// The file is damaged in a way that its format knows best.
    #[error("{0}")]
    Format(Message),
    /// The path names a device or a socket, which may never end.
    #[error("this is a device or a socket, expected a file")]
    Special,
    /// The file is of a known other kind.
    #[error("this is {}, which cannot be read yet", format.english())]
    OtherFormat {
        /// What it is.
        format: &'static Format,
    },
    /// The file leaves the grammar of JSON.
    #[error("line {line}, column {column}: found {}, expected {}", found_text(*found), expected.tokens())]
    Syntax {
        /// Line, from 1.
        line: u64,
        /// Character in the line, from 1.
        column: u64,
        /// What the grammar allows there.
        expected: Expected,
        /// The character that stands there instead; `None` at the end of the file.
        found: Option<char>,
        /// Features that had been read by then.
        feature_count: u64,
    },
    /// The file is JSON, but holds no GeoJSON object.
    #[error("the file is a JSON {found}, expected a GeoJSON object")]
    NotGeoJson {
        /// What it is instead: `string`, `number`, `boolean`, `null`.
        found: String,
    },
    /// One feature, or what stands between features, goes on longer than any text that is held.
    #[error("line {line}: a feature is longer than {most_mb} MB")]
    TooLong {
        /// Line where it begins, from 1.
        line: u64,
        /// The bound.
        most_mb: u64,
        /// Features that had been read by then.
        feature_count: u64,
    },
    /// It would take more memory than is allowed.
    #[error("opening takes about {} MB of memory; {} of {} MB are used", needed >> 20, used >> 20, bound >> 20)]
    OverMemory {
        /// Bytes that it takes, roughly.
        needed: u64,
        /// Bytes that are used already.
        used: u64,
        /// Bytes that may be used.
        bound: u64,
    },
    /// There is no memory for more of the file.
    #[error("line {line}: the memory does not suffice")]
    NoMemory {
        /// Line up to which there was, from 1.
        line: u64,
        /// Features that had been read by then.
        feature_count: u64,
    },
    /// Every feature had to be skipped.
    #[error("none of {skipped_count} features can be used; the first: {first}")]
    NothingUsable {
        /// How many were skipped.
        skipped_count: u64,
        /// Line of the first, from 1.
        line: u64,
        /// What was wrong with it.
        first: Message,
    },
    /// No way leads where a correction of its coordinates is to lead.
    #[error("its coordinates cannot be corrected: {0}")]
    Correction(#[source] CrsError),
    /// The user stopped it and keeps what was read by then.
    #[error("stopped after {feature_count} features, about {percent} % of the file")]
    Stopped {
        /// Features that had been read by then.
        feature_count: u64,
        /// How far it had come, in hundredths.
        percent: u64,
    },
    /// The user stopped it.
    #[error("cancelled")]
    Cancelled,
}

/// What is in a folder or an archive, in English.
fn kinds(found: &[(String, &'static Format)]) -> String {
    found.iter().take(5).map(|(name, format)| format!("{name} is {}", format.english())).collect::<Vec<_>>().join(", ")
}

fn found_text(found: Option<char>) -> String {
    found.map_or("the end of the file".to_owned(), |c| format!("{c:?}"))
}

impl ReadError {
    /// The error as a message of the catalogue.
    pub fn message(&self) -> Message {
        match self {
            Self::Io(error) => match error.kind() {
                io::ErrorKind::NotFound => Message::new("io.not-found"),
                io::ErrorKind::PermissionDenied => Message::new("io.no-permission"),
                _ => Message::new("io.io").with_message("reason", &system_reason(error)),
            },
            Self::Compression(error) => Message::new("io.compression").with_message("reason", &system_reason(error)),
            Self::Encoding { name } => Message::new("io.encoding").with("name", name),
            Self::Empty => Message::new("io.empty"),
            Self::NothingReadable { found } => match found.first() {
                None => Message::new("io.nothing-readable"),
                Some((name, format)) => {
                    let names: Vec<&str> = found.iter().map(|(name, _)| name.as_str()).collect();
                    Message::new("io.nothing-readable-of")
                        .with("names", listed(&names))
                        .with("name", name)
                        .with_message("reason", &format.message())
                }
            },
            Self::FolderTooLarge { most } => Message::new("io.folder-too-large").with("most", most),
            Self::NoSuchLayer { layer, known } if known.is_empty() => {
                Message::new("io.no-such-layer-here").with("layer", layer)
            }
            Self::NoSuchLayer { layer, known } => {
                let known: Vec<&str> = known.iter().map(String::as_str).collect();
                Message::new("io.no-such-layer").with("layer", layer).with("known", listed(&known))
            }
            Self::BrokenArchive => Message::new("io.archive-broken"),
            Self::Locked => Message::new("io.archive-locked"),
            Self::Packed { method } => Message::new("io.archive-packed").with("method", method),
            Self::ArchiveTooLarge { members: Some(count), most } => {
                Message::new("io.archive-members").with("count", count).with("most", most)
            }
            Self::ArchiveTooLarge { members: None, most } => Message::new("io.archive-too-large").with("most", most),
            Self::Bomb { ratio } => Message::new("io.archive-bomb").with("ratio", ratio),
            Self::TooLarge { most_gb } => Message::new("io.too-large").with("most", most_gb),
            Self::Format(message) => message.clone(),
            Self::Special => Message::new("io.special"),
            Self::OtherFormat { format } => format.message(),
            Self::Syntax { line, column, expected, found, feature_count } => {
                let message = match found {
                    Some(found) => Message::new("io.syntax").with("found", found.escape_debug()),
                    None => Message::new("io.truncated"),
                };
                message
                    .with("line", line)
                    .with("column", column)
                    .with("expected", expected.tokens())
                    .with("count", feature_count)
            }
            Self::NotGeoJson { found } => {
                let key = match found.as_str() {
                    "string" => "io.json-string",
                    "number" => "io.json-number",
                    "boolean" => "io.json-boolean",
                    _ => "io.json-null",
                };
                Message::new("io.not-geojson").with_said("found", |language| tr(language, key).to_owned())
            }
            Self::TooLong { line, most_mb, feature_count } => {
                Message::new("io.too-long").with("line", line).with("most", most_mb).with("count", feature_count)
            }
            Self::OverMemory { needed, used, bound } => Message::new("io.over-memory")
                .with("needed", needed >> 20)
                .with("used", used >> 20)
                .with("bound", bound >> 20),
            Self::NoMemory { line, feature_count } => {
                Message::new("io.no-memory").with("line", line).with("count", feature_count)
            }
            Self::NothingUsable { skipped_count: 1, first, .. } => first.clone(),
            Self::NothingUsable { skipped_count, line, .. } => {
                Message::new("io.nothing-usable").with("count", skipped_count).with("line", line)
            }
            Self::Correction(error) => error.message(),
            Self::Stopped { feature_count, percent } => {
                Message::new("io.stopped").with("count", feature_count).with("percent", percent)
            }
            Self::Cancelled => Message::new("io.cancelled"),
        }
    }

    /// The same with the line that reading had come to, where the error is about one and does not know it.
    #[must_use]
    pub(super) fn at_line(self, at: u64, features: u64) -> Self {
        match self {
            Self::TooLong { line: 0, most_mb, .. } => Self::TooLong { line: at, most_mb, feature_count: features },
            Self::NoMemory { line: 0, .. } => Self::NoMemory { line: at, feature_count: features },
            Self::Stopped { feature_count: 0, percent } => Self::Stopped { feature_count: features, percent },
            other => other,
        }
    }

    /// That the user stopped reading where `progress` stands, before it is known how much was read by then.
    pub(super) fn stopped(progress: &Progress) -> Self {
        let percent = progress.fraction().map_or(0, |share| (f64::from(share) * 100.0) as u64);
        Self::Stopped { feature_count: 0, percent }
    }

    /// Whether the user stopped reading and keeps what was read by then.
    pub fn is_stopped(&self) -> bool {
        matches!(self, Self::Stopped { .. })
    }
}
