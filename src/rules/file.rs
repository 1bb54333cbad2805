//! A rules file to rules: TOML read member by member, so that a mistake in one rule does not cost the others.

use std::collections::HashSet;
use std::path::Path;

use toml::de::{DeTable, DeValue};

use super::place::{Lines, character};
use super::plan::{Code, Figure, Kind, Known, Names, code, figure, is_name, is_reserved};
use super::{Comparison, Constant, Fault, Rule, RuleError, Rules, Severity, Unit, Warn};
use crate::text::{Message, toml_reason};

/// The version of the format that this program knows.
const FORMAT: i64 = 1;

/// A value with the bytes that it takes.
type Spanned<'a> = toml::Spanned<DeValue<'a>>;

/// Members of the file, of a rule and of a constant.
const OF_FILE: &[&str] = &["format", "name", "name_en", "note", "constants", "groups", "rule"];
const OF_RULE: &[&str] = &[
    "id",
    "name",
    "name_en",
    "source",
    "source_en",
    "indicator",
    "comparison",
    "limit",
    "unit",
    "warn",
    "tolerance",
    "severity",
];
const OF_CONSTANT: &[&str] = &["value", "source", "source_en"];

/// Reads the text of a rules file; `path` is what errors name.
pub(super) fn parse(text: &str, path: &Path) -> Rules {
    let text_without_mark = text.strip_prefix('\u{feff}').unwrap_or(text);
    let lines = Lines::new(text_without_mark);
    let mut reader = Reader { text: text_without_mark, lines, path, errors: Vec::new(), rule: None };
    let (document, faults) = DeTable::parse_recoverable(text_without_mark);
    for fault in faults {
        let at = fault.span().map_or(0, |span| span.start);
        reader.error(
            at,
            Message::new("rules.toml").with_said("reason", |language| toml_reason(fault.message(), language)),
        );
    }
    let table = document.get_ref();
    let mut rules = Rules { path: path.to_owned(), ..Rules::default() };
    if let Some(found) = reader.format(table) {
        reader.error_at(table, "format", Message::new("rules.newer").with("found", found).with("known", FORMAT));
        rules.errors = reader.errors;
        return rules;
    }
    reader.refuse_unknown(table, OF_FILE);
    rules.name = reader.text_of(table, "name").unwrap_or_default();
    rules.name_en = reader.text_of(table, "name_en").unwrap_or_default();
    rules.note = reader.text_of(table, "note").unwrap_or_default();
    let mut names = Names::default();
    reader.groups(table, &mut names);
    rules.constants = reader.constants(table, &mut names);
    match reader.get(table, "rule").map(|value| value.get_ref()) {
        None => {}
        Some(DeValue::Array(array)) => {
            let mut ids = HashSet::new();
            for (at, item) in array.iter().enumerate() {
                match item.get_ref() {
                    DeValue::Table(table) => {
                        rules.rules.push(reader.rule(table, at, item.span().start, &names, &mut ids));
                    }
                    _ => reader.error(item.span().start, Message::new("rules.expected-table").with("name", "rule")),
                }
            }
        }
        Some(_) => reader.error_at(table, "rule", Message::new("rules.expected-rules")),
    }
    rules.errors = reader.errors;
    rules
}

struct Reader<'a> {
    text: &'a str,
    lines: Lines<'a>,
    path: &'a Path,
    errors: Vec<RuleError>,
    /// Name of the rule that is being read.
    rule: Option<String>,
}

impl Reader<'_> {
    fn error(&mut self, at: usize, message: Message) {
        self.fault(Fault::new(at, message));
    }

    /// A mistake at that byte of the file.
    fn fault(&mut self, Fault { at, message, remedy }: Fault) {
        let place = self.lines.place(at);
        let error = RuleError {
            path: self.path.to_owned(),
            rule: self.rule.clone(),
            line: place.line,
            column: place.column,
            message,
            remedy,
        };
        self.errors.push(error);
    }

    /// An error about the value of `name`.
    fn error_at(&mut self, table: &DeTable<'_>, name: &str, message: Message) {
        let at = self.get(table, name).map_or(0, |value| value.span().start);
        self.error(at, message);
    }

    fn get<'t, 'i>(&self, table: &'t DeTable<'i>, name: &str) -> Option<&'t Spanned<'i>> {
        table.iter().find(|(key, _)| key.get_ref() == name).map(|(_, value)| value)
    }

    /// The version of the file where it is not one that this program knows.
    fn format(&self, table: &DeTable<'_>) -> Option<String> {
        match self.get(table, "format")?.get_ref() {
            DeValue::Integer(number) if number.as_str().parse() == Ok(FORMAT) => None,
            DeValue::Integer(number) => Some(number.to_string()),
            _ => Some("?".to_owned()),
        }
    }

    fn refuse_unknown(&mut self, table: &DeTable<'_>, known: &[&str]) {
        for (key, _) in table {
            let name: &str = key.get_ref();
            if known.contains(&name) {
                continue;
            }
            let message = match crate::expr::suggest(name, known.iter().copied()) {
                Some(near) => Message::new("rules.unknown-member-near").with("name", name).with("near", near),
                None => Message::new("rules.unknown-member").with("name", name).with("known", known.join(", ")),
            };
            self.error(key.span().start, message);
        }
    }

    /// The text of a member; an error where it is something else.
    fn text_of(&mut self, table: &DeTable<'_>, name: &'static str) -> Option<String> {
        let value = self.get(table, name)?;
        if let DeValue::String(text) = value.get_ref() {
            return Some(text.trim().to_owned());
        }
        self.error(value.span().start, Message::new("rules.expected-text").with("name", name));
        None
    }

    /// A figure: an expression as text, or a plain number.
    fn figure(&mut self, table: &DeTable<'_>, name: &'static str, names: &Names) -> Option<Figure> {
        let value = self.get(table, name)?;
        let start = value.span().start;
        let (source, is_text) = match value.get_ref() {
            DeValue::String(text) => (text.to_string(), true),
            DeValue::Integer(number) => (number.to_string(), false),
            DeValue::Float(number) => (number.to_string(), false),
            _ => {
                self.error(start, Message::new("rules.expected-figure").with("name", name));
                return None;
            }
        };
        match figure(&source, names) {
            Ok(figure) => Some(figure),
            Err(fault) => {
                let at = if is_text { character(self.text, start, fault.at) } else { start };
                self.fault(Fault { at, ..fault });
                None
            }
        }
    }

    fn groups(&mut self, table: &DeTable<'_>, names: &mut Names) {
        let Some(value) = self.get(table, "groups") else { return };
        let DeValue::Table(groups) = value.get_ref() else {
            return self.error(value.span().start, Message::new("rules.expected-table").with("name", "groups"));
        };
        for (key, value) in groups {
            let name = key.get_ref().to_string();
            if !self.is_free(&name, key.span().start) {
                continue;
            }
            let DeValue::Array(items) = value.get_ref() else {
                self.error(value.span().start, Message::new("rules.expected-codes").with("name", &name));
                continue;
            };
            let mut codes: Vec<Code> = Vec::new();
            for item in items.iter() {
                match item.get_ref() {
                    DeValue::String(text) => match code(text) {
                        Ok(code) => codes.push(code),
                        Err(message) => self.error(item.span().start, message),
                    },
                    _ => self.error(item.span().start, Message::new("rules.expected-codes").with("name", &name)),
                }
            }
            names.groups.insert(name, codes);
        }
    }

    fn constants(&mut self, table: &DeTable<'_>, names: &mut Names) -> Vec<Constant> {
        let mut constants = Vec::new();
        let Some(value) = self.get(table, "constants") else { return constants };
        let DeValue::Table(members) = value.get_ref() else {
            self.error(value.span().start, Message::new("rules.expected-table").with("name", "constants"));
            return constants;
        };
        for (key, value) in members {
            let name = key.get_ref().to_string();
            if !self.is_free(&name, key.span().start) {
                continue;
            }
            if names.groups.contains_key(&name) {
                self.error(key.span().start, Message::new("rules.name-taken").with("name", &name));
                continue;
            }
            let DeValue::Table(member) = value.get_ref() else {
                self.error(value.span().start, Message::new("rules.expected-table").with("name", &name));
                continue;
            };
            self.refuse_unknown(member, OF_CONSTANT);
            if self.get(member, "value").is_none() {
                self.error(key.span().start, Message::new("rules.member-missing").with("name", "value"));
                continue;
            }
            // Constants stand for themselves: they name no other one, and no features.
            let Some(figure) = self.figure(member, "value", &Names::default()) else { continue };
            let Some(value) = figure.term.constant() else {
                self.error_at(member, "value", Message::new("rules.not-constant"));
                continue;
            };
            let unit = figure.unit.unwrap_or_else(|| figure.kind.unit());
            let source = self.text_of(member, "source").unwrap_or_default();
            let source_en = self.text_of(member, "source_en").unwrap_or_default();
            names.constants.insert(name.clone(), Known { value, kind: figure.kind, unit });
            constants.push(Constant { name, value, kind: figure.kind, unit, source, source_en });
        }
        constants
    }

    /// Whether a name can be given by the file.
    fn is_free(&mut self, name: &str, at: usize) -> bool {
        if is_reserved(name) {
            self.error(at, Message::new("rules.name-taken").with("name", name));
            return false;
        }
        if !is_name(name) {
            self.error(at, Message::new("rules.bad-name").with("name", name));
            return false;
        }
        true
    }

    fn rule(&mut self, table: &DeTable<'_>, at: usize, start: usize, names: &Names, ids: &mut HashSet<String>) -> Rule {
        let first_error = self.errors.len();
        let name = self.text_of(table, "name").filter(|name| !name.is_empty());
        let id = self.text_of(table, "id").filter(|id| !id.is_empty());
        let id = id.unwrap_or_else(|| format!("rule-{}", at + 1));
        self.rule = Some(name.clone().unwrap_or_else(|| id.clone()));
        self.refuse_unknown(table, OF_RULE);
        if !ids.insert(id.clone()) {
            self.error_at(table, "id", Message::new("rules.id-twice").with("id", &id));
        }
        for name in ["name", "indicator", "comparison", "limit"] {
            if self.get(table, name).is_none() {
                self.error(start, Message::new("rules.member-missing").with("name", name));
            }
        }
        let mut rule = Rule {
            name: name.unwrap_or_else(|| id.clone()),
            name_en: self.text_of(table, "name_en").unwrap_or_default(),
            source: self.text_of(table, "source").unwrap_or_default(),
            source_en: self.text_of(table, "source_en").unwrap_or_default(),
            indicator_text: self.get(table, "indicator").map(as_written).unwrap_or_default(),
            id,
            line: self.lines.place(start).line,
            ..Rule::default()
        };
        rule.comparison = self.word(table, "comparison", Comparison::from_word, "rules.unknown-comparison");
        rule.severity = self.word(table, "severity", Severity::from_word, "rules.unknown-severity");
        let indicator = self.figure(table, "indicator", names);
        let limit = self.figure(table, "limit", names);
        if let (Some(indicator), Some(limit)) = (indicator, limit) {
            if indicator.kind != limit.kind {
                self.error_at(table, "limit", mismatch(indicator.kind));
            }
            rule.kind = indicator.kind;
            let own_unit = limit.unit.or(indicator.unit).filter(|unit| Kind::of_unit(*unit) == indicator.kind);
            rule.limit_unit = own_unit.unwrap_or_else(|| indicator.kind.unit());
            rule.unit = self.unit(table, indicator.kind).unwrap_or(rule.limit_unit);
            rule.warn = self.warn(table, indicator.kind, names);
            rule.tolerance = self.tolerance(table, indicator.kind, names);
            rule.plan = Some((indicator.term, limit.term));
        }
        rule.error = self.errors.get(first_error).cloned();
        if rule.error.is_some() {
            rule.plan = None;
        }
        self.rule = None;
        rule
    }

    /// The meaning of a member that is one of a few words; the first of them where it is absent.
    fn word<T: Default>(
        &mut self,
        table: &DeTable<'_>,
        name: &'static str,
        meaning: fn(&str) -> Option<T>,
        key: &'static str,
    ) -> T {
        let Some(text) = self.text_of(table, name) else { return T::default() };
        meaning(&text).unwrap_or_else(|| {
            self.error_at(table, name, Message::new(key).with("text", &text));
            T::default()
        })
    }

    fn unit(&mut self, table: &DeTable<'_>, kind: Kind) -> Option<Unit> {
        let text = self.text_of(table, "unit")?;
        match Unit::of_word(&text) {
            Some(unit) if Kind::of_unit(unit) == kind => Some(unit),
            Some(_) => {
                self.error_at(table, "unit", mismatch(kind));
                None
            }
            None => {
                self.error_at(table, "unit", Message::new("rules.unknown-unit").with("unit", &text));
                None
            }
        }
    }

    /// From where on the light is amber: a plain number is a part of the limit, a text a value of its own.
    fn warn(&mut self, table: &DeTable<'_>, kind: Kind, names: &Names) -> Warn {
        let Some(value) = self.get(table, "warn") else { return Warn::default() };
        let is_text = matches!(value.get_ref(), DeValue::String(_));
        let Some(figure) = self.figure(table, "warn", names) else { return Warn::default() };
        match (figure.term.constant(), figure.kind) {
            (Some(part), Kind::Number) if !is_text && (0.0..=1.0).contains(&part) => Warn::Part(part),
            // "95 %" of a limit that is no share itself.
            (Some(part), Kind::Share) if kind != Kind::Share && (0.0..=1.0).contains(&part) => Warn::Part(part),
            (Some(value), of) if of == kind && is_text => Warn::Value(value),
            _ => {
                self.error_at(table, "warn", Message::new("rules.bad-warn"));
                Warn::default()
            }
        }
    }

    fn tolerance(&mut self, table: &DeTable<'_>, kind: Kind, names: &Names) -> Option<f64> {
        let figure = self.figure(table, "tolerance", names)?;
        match figure.term.constant().filter(|value| *value >= 0.0 && figure.kind == kind) {
            Some(value) => Some(value),
            None => {
                self.error_at(table, "tolerance", mismatch(kind));
                None
            }
        }
    }
}

/// An expression as its author wrote it.
fn as_written(value: &Spanned<'_>) -> String {
    match value.get_ref() {
        DeValue::String(text) => text.trim().to_owned(),
        DeValue::Integer(number) => number.to_string(),
        DeValue::Float(number) => number.to_string(),
        _ => String::new(),
    }
}

/// What is to be said where a figure is not of the indicator's kind.
fn mismatch(indicator: Kind) -> Message {
    Message::new(match indicator {
        Kind::Area => "rules.indicator-is-area",
        Kind::Share => "rules.indicator-is-share",
        Kind::Number => "rules.indicator-is-number",
    })
}
