//! A schema as TOML, a field a line, so that people find their way in it.

use std::fmt::Write as _;

use super::file::{FORMAT, number_of};
use super::{Basis, FieldSpec, Schema};
use crate::model::GeometryKind;

/// What stands over a schema that nobody has checked against its document.
const NOT_OFFICIAL: &str = "\
# 非官方质检规则：依据公开资料整理，尚未与标准原文逐条核对；各行注明来源（source）和可信度（confidence：H 两个互不相关的来源，M 一个来源，L 推测）。
# 核对之后请把 official 改为 true。
# Not the official rule: put together from public sources and not yet checked against the document; each row names its
# source and how sure it is (confidence: H two independent sources, M one, L surmised). Set official to true once checked.
";

impl Schema {
    /// The text of the schema, everything spelled out.
    pub fn to_toml(&self) -> String {
        let mut out = String::new();
        if !self.official {
            out.push_str(NOT_OFFICIAL);
        }
        line(&mut out, "format", &FORMAT.to_string());
        for (key, value) in
            [("name", &self.name), ("name_en", &self.name_en), ("note", &self.note), ("note_en", &self.note_en)]
        {
            if key == "name" || !value.is_empty() {
                line(&mut out, key, &quoted(value));
            }
        }
        line(&mut out, "official", &self.official.to_string());
        if let Some(crs) = &self.crs {
            out.push_str("\n[crs]\n");
            line(&mut out, "datum", &quoted(&crs.datum));
            line(&mut out, "projection", &quoted(crs.projection.word()));
            line(&mut out, "severity", &number_of(crs.severity).to_string());
            basis(&mut out, &crs.basis);
        }
        self.write_lists(&mut out);
        self.write_layers(&mut out);
        for rule in &self.rules {
            out.push_str("\n[[rule]]\n");
            // Plain texts, numbers and lists of texts: nothing there that TOML lacks.
            out.push_str(&toml::to_string(&rule.record).unwrap_or_default());
        }
        out
    }

    fn write_lists(&self, out: &mut String) {
        for list in &self.lists {
            out.push_str("\n[[codes]]\n");
            line(out, "name", &quoted(&list.name));
            if let Some(scheme) = list.scheme {
                line(out, "scheme", &quoted(scheme.name()));
            }
            line(out, "complete", &list.complete.to_string());
            basis(out, &list.basis);
            if !list.values.is_empty() {
                out.push_str("values = [\n");
                for (code, name) in &list.values {
                    let _ = writeln!(out, "    [{}, {}],", quoted(code), quoted(name));
                }
                out.push_str("]\n");
            }
        }
    }

    fn write_layers(&self, out: &mut String) {
        for layer in &self.layers {
            out.push_str("\n[[layer]]\n");
            line(out, "code", &quoted(&layer.code));
            line(out, "name", &quoted(&layer.name));
            if !layer.name_en.is_empty() {
                line(out, "name_en", &quoted(&layer.name_en));
            }
            let geometry = match layer.geometry {
                Some(GeometryKind::None) => "table",
                Some(kind) => kind.name(),
                None => "other",
            };
            line(out, "geometry", &quoted(geometry));
            line(out, "required", &quoted(layer.required.letter()));
            if !layer.synonyms.is_empty() {
                line(out, "synonyms", &texts(&layer.synonyms));
            }
            basis(out, &layer.basis);
            if !layer.fields.is_empty() {
                out.push_str("fields = [\n");
                for field in &layer.fields {
                    let _ = writeln!(out, "    {{ {} }},", field_text(field, &layer.basis));
                }
                out.push_str("]\n");
            }
        }
    }
}

/// The members of a field. What it shares with its layer is not said again.
fn field_text(field: &FieldSpec, of_layer: &Basis) -> String {
    let mut members = vec![format!("code = {}", quoted(&field.code)), format!("alias = {}", quoted(&field.alias))];
    members.push(format!("type = {}", quoted(field.kind.word())));
    members.extend(field.length.map(|length| format!("length = {length}")));
    members.extend(field.decimals.map(|decimals| format!("decimals = {decimals}")));
    if !field.required.letter().is_empty() {
        members.push(format!("required = {}", quoted(field.required.letter())));
    }
    members.extend(field.list.as_ref().map(|list| format!("codes = {}", quoted(list))));
    members.extend(field.range.map(|range| format!("range = {}", quoted(&range.text()))));
    if !field.digits.is_empty() {
        members.push(format!("digits = {:?}", field.digits));
    }
    if field.unique {
        members.push("unique = true".to_owned());
    }
    members.extend(field.constant.as_ref().map(|constant| format!("constant = {}", quoted(constant))));
    if !field.unit.is_empty() {
        members.push(format!("unit = {}", quoted(&field.unit)));
    }
    if !field.synonyms.is_empty() {
        members.push(format!("synonyms = {}", texts(&field.synonyms)));
    }
    if field.basis.source != of_layer.source {
        members.push(format!("source = {}", quoted(&field.basis.source)));
    }
    if field.basis.confidence != of_layer.confidence {
        members.push(format!("confidence = {}", quoted(field.basis.confidence.letter())));
    }
    members.join(", ")
}

fn basis(out: &mut String, basis: &Basis) {
    line(out, "source", &quoted(&basis.source));
    line(out, "confidence", &quoted(basis.confidence.letter()));
}

fn line(out: &mut String, key: &str, value: &str) {
    let _ = writeln!(out, "{key} = {value}");
}

/// A text as a basic string of one line.
fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            c if c.is_control() => {
                let _ = write!(out, "\\u{:04X}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

fn texts(list: &[String]) -> String {
    format!("[{}]", list.iter().map(|text| quoted(text)).collect::<Vec<_>>().join(", "))
}
