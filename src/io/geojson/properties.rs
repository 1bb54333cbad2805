//! The attributes of the feature being read, before it is known which sub-layer it goes to.
//!
//! Members come in any order, and a geometry may turn out unusable: so attributes wait here as slices of the text, in
//! one list that is reused from feature to feature, and are stored when the feature is complete. Text without escapes
//! is not copied on the way.

use super::super::scan::{Kind, RawText, Scanned, Scanner};
use crate::model::attributes::ColumnBuilder;
use crate::model::{AttributeBuilder, Severity, Value};

/// Text that is a slice of the input, or a range of the scratch text where it had escapes.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(u64)] // as in `Staged`
enum Text<'a> {
    Plain(&'a str),
    Scratch(usize, usize),
}

/// The tag takes a whole word: what follows a tag of one byte is copied across words, for which the processor waits.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[repr(u64)]
enum Staged<'a> {
    #[default]
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(Text<'a>),
    Json(Text<'a>),
}

/// Attributes and id of the open feature.
#[derive(Debug, Default)]
pub(super) struct Properties<'a> {
    members: Vec<(Text<'a>, Staged<'a>)>,
    scratch: String,
    id: Staged<'a>,
}

/// What is noted about the open feature, to be counted by name when it is stored.
#[derive(Debug, Default)]
pub(super) struct Noted(pub(super) Vec<(Severity, &'static str, String)>);

impl Noted {
    #[cold]
    pub(super) fn add(&mut self, severity: Severity, key: &'static str, name: &str) {
        self.0.push((severity, key, name.to_owned()));
    }
}

impl<'a> Properties<'a> {
    /// Forgets the feature before.
    pub(super) fn clear(&mut self) {
        self.members.clear();
        self.scratch.clear();
        self.id = Staged::Null;
    }

    /// Reads the object under the cursor, member by member.
    pub(super) fn read_object(&mut self, scanner: &mut Scanner<'a>, noted: &mut Noted) -> Scanned<()> {
        let mut name = scanner.first_name()?;
        while let Some(raw) = name {
            self.read_member(raw, scanner, noted)?;
            name = scanner.next_name()?;
        }
        Ok(())
    }

    /// Reads the value under the cursor as an attribute of that name.
    pub(super) fn read_member(
        &mut self,
        name: RawText<'a>,
        scanner: &mut Scanner<'a>,
        noted: &mut Noted,
    ) -> Scanned<()> {
        let name = self.text(name, noted);
        let value = self.value(name, scanner, noted)?;
        self.members.push((name, value));
        Ok(())
    }

    /// Reads the feature's id under the cursor.
    pub(super) fn read_id(&mut self, scanner: &mut Scanner<'a>, noted: &mut Noted) -> Scanned<()> {
        let id = self.value(Text::Plain("id"), scanner, noted)?;
        if matches!(id, Staged::Bool(_) | Staged::Json(_)) {
            noted.add(Severity::Warning, "io.id-type", "id");
        }
        if self.id != Staged::Null {
            noted.add(Severity::Warning, "io.repeated-member", "id");
            return Ok(());
        }
        self.id = id;
        Ok(())
    }

    fn value(&mut self, name: Text<'a>, scanner: &mut Scanner<'a>, noted: &mut Noted) -> Scanned<Staged<'a>> {
        Ok(match scanner.kind()? {
            Kind::Text => {
                let raw = scanner.string()?;
                Staged::Text(self.text(raw, noted))
            }
            Kind::Number => {
                let number = scanner.number()?;
                if number.integer {
                    match number.text.parse() {
                        Ok(value) => Staged::Int(value),
                        Err(_) => {
                            noted.add(Severity::Note, "io.big-integer", self.get(name));
                            Staged::Text(Text::Plain(number.text))
                        }
                    }
                } else {
                    let value = number.value();
                    if value.is_finite() {
                        Staged::Float(value)
                    } else if number.text.ends_with(|c: char| c.is_ascii_digit()) {
                        noted.add(Severity::Warning, "io.huge-number", self.get(name));
                        Staged::Text(Text::Plain(number.text))
                    } else {
                        noted.add(Severity::Warning, "io.nan-attribute", self.get(name));
                        Staged::Null
                    }
                }
            }
            Kind::Bool | Kind::Null => scanner.literal()?.map_or(Staged::Null, Staged::Bool),
            Kind::Object | Kind::Array => {
                let (start, before) = (scanner.pos(), scanner.not_finite_count());
                scanner.skip_value()?;
                let text = self.json(&scanner.text()[start..scanner.pos()]);
                if scanner.not_finite_count() > before {
                    noted.add(Severity::Warning, "io.nan-nested", self.get(name));
                    return Ok(Staged::Text(text));
                }
                Staged::Json(text)
            }
        })
    }

    fn text(&mut self, raw: RawText<'a>, noted: &mut Noted) -> Text<'a> {
        if !raw.escaped {
            return Text::Plain(raw.raw);
        }
        let start = self.scratch.len();
        if raw.decode_into(&mut self.scratch) {
            noted.add(Severity::Warning, "io.lone-surrogate", "");
        }
        Text::Scratch(start, self.scratch.len())
    }

    /// Nested JSON without the line breaks and indentation of pretty-printing.
    fn json(&mut self, text: &'a str) -> Text<'a> {
        if !text.contains(['\n', '\r', '\t']) {
            return Text::Plain(text);
        }
        let start = self.scratch.len();
        let mut in_string = false;
        let mut escape = false;
        for c in text.chars() {
            if in_string || !matches!(c, ' ' | '\n' | '\r' | '\t') {
                self.scratch.push(c);
            }
            if c == '"' && !escape {
                in_string = !in_string;
            }
            escape = in_string && c == '\\' && !escape;
        }
        Text::Scratch(start, self.scratch.len())
    }

    fn get<'s>(&'s self, text: Text<'s>) -> &'s str {
        match text {
            Text::Plain(text) => text,
            Text::Scratch(start, end) => &self.scratch[start..end],
        }
    }

    fn shown<'s>(&'s self, value: &'s Staged<'a>) -> Value<'s> {
        match value {
            Staged::Null => Value::Null,
            Staged::Bool(v) => Value::Bool(*v),
            Staged::Int(v) => Value::Int(*v),
            Staged::Float(v) => Value::Float(*v),
            Staged::Text(text) => Value::Text(self.get(*text)),
            Staged::Json(text) => Value::Json(self.get(*text)),
        }
    }

    /// The id as text, where there is one.
    pub(super) fn id_text(&self) -> Option<String> {
        match self.shown(&self.id) {
            Value::Null => None,
            id => Some(id.to_string()),
        }
    }

    /// Stores the attributes as the open row of `attributes` and ends it, the id in `ids`; says whether there was one.
    pub(super) fn store(&self, attributes: &mut AttributeBuilder, ids: &mut ColumnBuilder, noted: &mut Noted) -> bool {
        let row = attributes.row_count() as u32;
        for (i, (name, value)) in self.members.iter().enumerate() {
            let name = self.get(*name);
            let column = attributes.column(name, i);
            if !attributes.set(column, self.shown(value)) {
                noted.add(Severity::Warning, "io.repeated-member", name);
            }
        }
        attributes.end_row();
        ids.set(row, self.shown(&self.id));
        self.id != Staged::Null
    }
}
