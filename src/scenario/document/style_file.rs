//! A style as a file of its own, which an office keeps and hands around: TOML, the style as project files hold it.

use serde::{Deserialize, Serialize};

use super::record::style::StyleRecord;
use crate::model::style::{LayerStyle, Symbol};
use crate::text::Message;

/// Version of style files.
const VERSION: u32 = 1;

/// A style as a file of its own.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StyleFile {
    #[serde(rename = "tuban-style")]
    version: u32,
    /// What it was made for.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    name: String,
    style: StyleRecord,
}

/// Why a style file is none.
#[derive(Debug, thiserror::Error)]
pub enum StyleFileError {
    /// The text is not what a style file looks like.
    #[error("line {line}: {reason}")]
    Syntax {
        /// Line, from 1.
        line: usize,
        /// What is wrong, in English as the TOML reader says it.
        reason: String,
    },
    /// It was written by a later release.
    #[error("style version {0}, expected at most {VERSION}")]
    Newer(u32),
}

impl StyleFileError {
    /// The error as a message of the catalogue.
    pub fn message(&self) -> Message {
        match self {
            Self::Syntax { line, reason } => Message::new("scenario.style-syntax")
                .with("line", line)
                .with_said("reason", |language| crate::text::toml_reason(reason, language)),
            Self::Newer(found) => Message::new("scenario.style-newer").with("found", found).with("known", VERSION),
        }
    }
}

/// A style as the text of a file; `name` says what it was made for.
pub fn to_toml(name: &str, style: &LayerStyle) -> String {
    let file = StyleFile { version: VERSION, name: name.to_owned(), style: StyleRecord::of_style(style) };
    let body = toml::to_string_pretty(&file).expect("styles hold text, numbers, lists and tables only");
    format!("# 图斑图层样式 / Tuban style\n{body}")
}

/// The style of a file.
///
/// # Errors
/// Where it is none, or of a later version.
pub fn from_toml(text: &str) -> Result<LayerStyle, StyleFileError> {
    let syntax = |error: toml::de::Error| {
        let at = error.span().map_or(0, |span| span.start).min(text.len());
        let line = text.get(..at).unwrap_or_default().matches('\n').count() + 1;
        StyleFileError::Syntax { line, reason: error.message().trim().to_owned() }
    };
    // The version first: a later one may have anything else in it.
    let table: toml::Table = toml::from_str(text).map_err(syntax)?;
    let version = table.get("tuban-style").and_then(toml::Value::as_integer);
    if let Some(found) = version.and_then(|version| u32::try_from(version).ok()).filter(|found| *found > VERSION) {
        return Err(StyleFileError::Newer(found));
    }
    let file: StyleFile = toml::from_str(text).map_err(syntax)?;
    // The record is of a whole style: what it starts from does not matter.
    Ok(file.style.into_style(&LayerStyle::single(Symbol::default())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::GeometryKind;
    use crate::model::classes::Scheme;
    use crate::model::style::{Blend, Ruled, Styling, defaults};

    #[test]
    fn styles_read_back_as_they_were_written() {
        let by_class = defaults::by_class("DLBM", Some(Scheme::Ydyh2023), ["0101", "0701"], GeometryKind::Polygon);
        let check = |style: &LayerStyle| {
            let text = to_toml("地类", style);
            assert_eq!(&from_toml(&text).expect("a style"), style, "{text}");
        };
        check(&by_class);
        check(&LayerStyle { opacity: 0.4, blend: Blend::Multiply, ..by_class });
        let other = defaults::class_symbol(defaults::palette(3), GeometryKind::Polygon);
        let empty = LayerStyle::of(Styling::Ruled(Ruled { rules: Vec::new(), other, other_visible: true }));
        let read = from_toml(&to_toml("", &empty)).expect("a style");
        assert_eq!(read.styling, Styling::Single(other), "no rules are one symbol");
    }

    #[test]
    fn what_is_no_style_is_refused_with_its_line() {
        let good = to_toml("a", &LayerStyle::single(Symbol::default()));
        let refused = |text: &str| from_toml(text).expect_err("refused").to_string();
        assert!(refused("a = ").starts_with("line 1: "));
        assert!(refused(&good.replace("opacity", "opaqueness")).starts_with("line "), "{good}");
        assert!(refused("[style]\n").contains("tuban-style"));
        assert_eq!(refused("tuban-style = 9\n"), "style version 9, expected at most 1");
    }
}
