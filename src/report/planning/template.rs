//! What an office keeps of its reports: title, office, number, which parts in which order, and texts of its own.
//!
//! ```toml
//! title = "{{project}}方案比选报告"
//! office = "某市自然资源和规划局"
//! parts = ["summary", "maps", "rules", "method"]
//! accounts = "separate"
//!
//! [text]
//! before = "受委托……"
//! rules = "依据《……》，"
//! after = "以上。"
//! ```
//!
//! A block of text is named by the part that it begins, or `before` and `after` for the whole. `{{project}}`, `{{date}}`
//! and `{{scenarios}}` stand for what they say.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{Accounts, Gathered, PlanPart};
use crate::text::{Language, Message, toml_reason};

/// An office's template.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Template {
    /// Title of the report; empty for the program's.
    pub title: String,
    /// The office.
    pub office: String,
    /// Number of the report.
    pub number: String,
    /// Words of the parts, in order; empty for all.
    parts: Vec<String>,
    /// The word of the rule that cropland is balanced by; empty for that of 2024.
    accounts: String,
    /// Blocks of text by the parts that they begin, `before` and `after`.
    pub text: BTreeMap<String, String>,
}

/// What is wrong with a template.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// It is no TOML, or has what no template has.
    #[error("line {line}: {reason}")]
    Syntax {
        /// Line, from 1.
        line: usize,
        /// What the reader says, in English.
        reason: String,
    },
    /// A word that names no part.
    #[error("no part {0:?}")]
    NoSuchPart(String),
    /// A word that names no rule of balancing.
    #[error("no rule {0:?} of balancing cropland")]
    NoSuchAccounts(String),
}

impl TemplateError {
    /// The error as a message of the catalogue.
    pub fn message(&self) -> Message {
        match self {
            Self::Syntax { line, reason } => Message::new("report.template-syntax")
                .with("line", line)
                .with_said("reason", |language: Language| toml_reason(reason, language)),
            Self::NoSuchPart(word) => {
                let known: Vec<&str> = PlanPart::ALL.into_iter().map(PlanPart::name).collect();
                Message::new("report.no-such-part").with("word", word).with("known", known.join(", "))
            }
            Self::NoSuchAccounts(word) => {
                let known: Vec<&str> = Accounts::ALL.into_iter().map(Accounts::name).collect();
                Message::new("report.no-such-accounts").with("word", word).with("known", known.join(", "))
            }
        }
    }
}

impl Template {
    /// Reads a template.
    ///
    /// # Errors
    /// [`TemplateError`], the first.
    pub fn parse(text: &str) -> Result<Self, TemplateError> {
        let template: Self = toml::from_str(text).map_err(|error| {
            let at = error.span().map_or(0, |span| span.start).min(text.len());
            let line = text.get(..at).unwrap_or_default().matches('\n').count() + 1;
            TemplateError::Syntax { line, reason: error.message().trim().to_owned() }
        })?;
        let mut named = template.parts.iter().chain(template.text.keys().filter(|name| !is_around(name)));
        if let Some(word) = named.find(|word| PlanPart::from_name(word).is_none()) {
            return Err(TemplateError::NoSuchPart(word.clone()));
        }
        if !template.accounts.is_empty() && Accounts::from_name(&template.accounts).is_none() {
            return Err(TemplateError::NoSuchAccounts(template.accounts));
        }
        Ok(template)
    }

    /// Takes these parts in this order: words with commas between them.
    ///
    /// # Errors
    /// [`TemplateError::NoSuchPart`].
    pub fn choose(&mut self, words: &str) -> Result<(), TemplateError> {
        let words = words.split([',', '，']).map(str::trim).filter(|word| !word.is_empty());
        let words: Vec<String> = words.map(str::to_owned).collect();
        if let Some(word) = words.iter().find(|word| PlanPart::from_name(word).is_none()) {
            return Err(TemplateError::NoSuchPart(word.clone()));
        }
        self.parts = words;
        Ok(())
    }

    /// Takes these parts in this order.
    pub fn set_parts(&mut self, parts: &[PlanPart]) {
        self.parts = parts.iter().map(|part| part.name().to_owned()).collect();
    }

    /// The parts, each once, in order; all where none is chosen.
    pub fn parts(&self) -> Vec<PlanPart> {
        let mut parts: Vec<PlanPart> = Vec::new();
        for part in self.parts.iter().filter_map(|word| PlanPart::from_name(word)) {
            if !parts.contains(&part) {
                parts.push(part);
            }
        }
        if parts.is_empty() { PlanPart::ALL.to_vec() } else { parts }
    }

    /// The rule that cropland is balanced by.
    pub fn accounts(&self) -> Accounts {
        Accounts::from_name(&self.accounts).unwrap_or_default()
    }

    /// A text with what its placeholders stand for.
    pub(super) fn filled(&self, text: &str, gathered: &Gathered, date: &str) -> String {
        let names: Vec<&str> = gathered.scenarios.iter().map(|scenario| scenario.name.as_str()).collect();
        text.replace("{{project}}", &gathered.title)
            .replace("{{date}}", date)
            .replace("{{scenarios}}", &names.join("、"))
            .replace("{{office}}", &self.office)
    }
}

/// Whether a block of text stands before or after all parts.
fn is_around(name: &str) -> bool {
    matches!(name, "before" | "after")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_chosen_and_ordered_and_mistakes_are_named() {
        let template = Template::parse(
            "parts = [\"method\", \"maps\", \"method\"]\naccounts = \"separate\"\n[text]\nmaps = \"见图\"",
        );
        let template = template.expect("is one");
        assert_eq!(template.parts(), [PlanPart::Method, PlanPart::Maps]);
        assert_eq!(template.accounts(), Accounts::Separate);
        assert_eq!(Template::default().parts(), PlanPart::ALL);
        let check = |text: &str, expected: TemplateError| assert_eq!(Template::parse(text), Err(expected), "{text}");
        check("parts = [\"map\"]", TemplateError::NoSuchPart("map".to_owned()));
        check("[text]\nend = \"\"", TemplateError::NoSuchPart("end".to_owned()));
        check("accounts = \"two\"", TemplateError::NoSuchAccounts("two".to_owned()));
        assert!(matches!(Template::parse("\nparts = 1"), Err(TemplateError::Syntax { line: 2, .. })));
        let mut template = Template::default();
        assert!(template.choose("rules, summary").is_ok() && template.choose("x").is_err());
        assert_eq!(template.parts(), [PlanPart::Rules, PlanPart::Summary]);
    }
}
