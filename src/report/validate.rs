//! A delivery held against a schema: faults by kind, each with its feature, what is to be done, what was not looked into.

use serde_json::{Value as Json, json};

use super::data::shown;
use super::{Cell, Column, ColumnKind, Form, Part, Report, Table};
use crate::model::Severity;
use crate::text::{Language, Message, tr};
use crate::validate::{Answer, Fault, Group};

/// Faults of a kind that are listed for people on a terminal.
const FEW: usize = 10;

/// The report of an answer, of which at most `most` faults of a kind are listed.
pub fn report(answer: &Answer, most: usize, form: Form, language: Language) -> Report {
    match form {
        Form::Parts => Report { parts: parts(answer, language), ..Report::default() },
        Form::Sheets | Form::Workbook => Report::of_sheets(sheets(answer, most, language), Vec::new()),
        Form::Data => Report::of_data(data(answer, language)),
    }
}

/// The tables of an answer for spreadsheets: kinds, faults, layers, what was not looked into.
pub fn sheets(answer: &Answer, most: usize, language: Language) -> Vec<Table> {
    let mut kinds = kinds_table(answer, language);
    kinds.notes.push(Message::new("report.validate-capped").with("most", most).text(language));
    let tables = [kinds, faults_table(answer, usize::MAX, language), layers_table(answer, language)];
    let mut tables: Vec<Table> = tables.into_iter().collect();
    tables.extend(unchecked_table(answer, language));
    tables
}

fn parts(answer: &Answer, language: Language) -> Vec<Part> {
    let title = Message::new("report.validate-title").with("schema", answer.schema.title(language));
    let mut parts = vec![Part::Line(title.text(language))];
    if !answer.schema.official {
        parts.push(Part::Line(tr(language, "report.validate-not-official").to_owned()));
    }
    parts.push(Part::Line(counts(answer).text(language)));
    parts.push(Part::Gap);
    if answer.groups.is_empty() {
        parts.push(Part::Line(tr(language, "report.validate-clean").to_owned()));
    } else {
        let mut kinds = kinds_table(answer, language);
        kinds.notes.clear();
        parts.push(Part::Table(kinds));
        parts.push(Part::Gap);
        let mut faults = faults_table(answer, FEW, language);
        if answer.groups.iter().any(|group| group.count > FEW as u64) {
            faults.notes.push(Message::new("report.validate-capped").with("most", FEW).text(language));
        }
        parts.push(Part::Table(faults));
    }
    if let Some(table) = unchecked_table(answer, language) {
        parts.push(Part::Gap);
        parts.push(Part::Table(table));
    }
    parts
}

/// How many faults of each severity there are, in a sentence.
pub fn counts(answer: &Answer) -> Message {
    Message::new("report.validate-counts")
        .with("errors", answer.count(Severity::Error))
        .with("warnings", answer.count(Severity::Warning))
        .with("notes", answer.count(Severity::Note))
}

/// Key of the name of a severity.
pub fn severity_key(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "report.validate-error",
        Severity::Warning => "report.validate-warning",
        Severity::Note => "report.validate-note",
    }
}

fn text_column(key: &str, title: &str, language: Language) -> Column {
    Column::new(key, tr(language, title), ColumnKind::Text)
}

fn rule_id(answer: &Answer, rule: Option<usize>) -> &str {
    rule.and_then(|rule| answer.schema.rules.get(rule)).map_or("", |rule| rule.id.as_str())
}

/// Where what a group says stands: its rule, else its field, else its layer.
fn source_of(answer: &Answer, group: &Group) -> String {
    let schema = &answer.schema;
    let rule = group.key.rule.and_then(|rule| schema.rules.get(rule)).map(|rule| &rule.basis);
    let spec = group.key.part.and_then(|part| answer.parts.get(part)?.spec).and_then(|spec| schema.layers.get(spec));
    let field = spec.and_then(|spec| {
        let code = group.key.field.as_deref()?;
        spec.fields.iter().find(|field| field.code == code).map(|field| &field.basis)
    });
    let basis = rule.or(field).or(spec.map(|spec| &spec.basis));
    basis.map_or_else(String::new, |basis| format!("{} ({})", basis.source, basis.confidence.letter()))
}

/// A row a kind of fault in a layer.
pub fn kinds_table(answer: &Answer, language: Language) -> Table {
    let row = |group: &Group| {
        vec![
            Cell::from(tr(language, severity_key(group.severity))),
            Cell::from(group.title(&answer.schema, language)),
            Cell::from(rule_id(answer, group.key.rule)),
            Cell::from(group.layer(&answer.parts)),
            Cell::from(group.key.field.as_deref().unwrap_or_default()),
            Cell::Count(group.count),
            Cell::from(tr(language, group.key.kind.remedy_key())),
            Cell::from(source_of(answer, group)),
        ]
    };
    let mut notes = vec![counts(answer).text(language), answer.schema.note(language).to_owned()];
    notes.retain(|note| !note.is_empty());
    Table {
        title: Message::new("report.validate-title").with("schema", answer.schema.title(language)).text(language),
        columns: vec![
            text_column("severity", "report.validate-severity", language),
            text_column("kind", "report.validate-kind", language),
            text_column("rule", "report.validate-rule", language),
            text_column("layer", "report.layer", language),
            text_column("field", "report.validate-field", language),
            Column::new("count", tr(language, "report.validate-count"), ColumnKind::Count),
            text_column("remedy", "report.validate-remedy", language),
            text_column("source", "report.validate-source", language),
        ],
        rows: answer.groups.iter().map(row).collect(),
        notes,
        ..Table::default()
    }
}

fn path_of(answer: &Answer, group: &Group) -> String {
    group.key.part.and_then(|part| answer.parts.get(part)).map_or_else(String::new, |part| shown(&part.path))
}

/// A row a fault, at most `most` of a group.
pub fn faults_table(answer: &Answer, most: usize, language: Language) -> Table {
    let mut rows = Vec::new();
    for group in &answer.groups {
        let path = path_of(answer, group);
        for fault in group.listed.iter().take(most) {
            rows.push(vec![
                Cell::from(tr(language, severity_key(group.severity))),
                Cell::from(tr(language, group.key.kind.title_key())),
                Cell::from(rule_id(answer, group.key.rule)),
                Cell::from(path.as_str()),
                Cell::from(group.layer(&answer.parts)),
                fault.row.map_or(Cell::Empty, |row| Cell::Count(row + 1)),
                Cell::from(fault.id.as_deref().unwrap_or_default()),
                Cell::from(group.key.field.as_deref().unwrap_or_default()),
                Cell::from(fault.value.as_str()),
                Cell::from(fault.message.text(language)),
                Cell::from(tr(language, group.key.kind.remedy_key())),
            ]);
        }
    }
    Table {
        title: tr(language, "report.validate-faults").to_owned(),
        columns: vec![
            text_column("severity", "report.validate-severity", language),
            text_column("kind", "report.validate-kind", language),
            text_column("rule", "report.validate-rule", language),
            text_column("file", "report.file", language),
            text_column("layer", "report.layer", language),
            Column::new("feature", tr(language, "report.validate-row"), ColumnKind::Count),
            text_column("id", "report.validate-id", language),
            text_column("field", "report.validate-field", language),
            text_column("value", "report.validate-value", language),
            text_column("message", "report.validate-says", language),
            text_column("remedy", "report.validate-remedy", language),
        ],
        rows,
        ..Table::default()
    }
}

fn layers_table(answer: &Answer, language: Language) -> Table {
    let spec = |at: Option<usize>| at.and_then(|at| answer.schema.layers.get(at)).map_or("", |spec| spec.code.as_str());
    Table {
        title: tr(language, "report.validate-layers").to_owned(),
        columns: vec![
            text_column("file", "report.file", language),
            text_column("layer", "report.layer", language),
            text_column("spec", "report.validate-spec", language),
            Column::new("feature_count", tr(language, "report.feature-count"), ColumnKind::Count),
        ],
        rows: answer
            .parts
            .iter()
            .map(|part| {
                vec![
                    Cell::from(shown(&part.path)),
                    Cell::from(part.name.as_str()),
                    Cell::from(spec(part.spec)),
                    Cell::from(part.feature_count),
                ]
            })
            .collect(),
        ..Table::default()
    }
}

/// What was not looked into; none where everything was.
pub fn unchecked_table(answer: &Answer, language: Language) -> Option<Table> {
    if answer.unchecked.is_empty() {
        return None;
    }
    let says = |rule: Option<usize>| {
        rule.and_then(|rule| answer.schema.rules.get(rule)).map_or("", |rule| rule.says(language))
    };
    let rows = answer.unchecked.iter().map(|unchecked| {
        vec![
            Cell::from(rule_id(answer, unchecked.rule)),
            Cell::from(unchecked.layer.as_str()),
            Cell::from(says(unchecked.rule)),
            Cell::from(unchecked.reason.text(language)),
        ]
    });
    Some(Table {
        title: tr(language, "report.validate-unchecked").to_owned(),
        columns: vec![
            text_column("rule", "report.validate-rule", language),
            text_column("layer", "report.layer", language),
            text_column("says", "report.validate-says", language),
            text_column("reason", "report.validate-reason", language),
        ],
        rows: rows.collect(),
        ..Table::default()
    })
}

fn severity_word(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}

fn fault_json(fault: &Fault, language: Language) -> Json {
    json!({
        "feature": fault.row,
        "id": fault.id,
        "value": fault.value,
        "message": fault.message.text(language),
    })
}

fn data(answer: &Answer, language: Language) -> Json {
    let schema = &answer.schema;
    let part = |at: Option<usize>| at.and_then(|at| answer.parts.get(at));
    let groups = answer.groups.iter().map(|group| {
        json!({
            "kind": group.key.kind.word(),
            "severity": severity_word(group.severity),
            "rule": group.key.rule.map(|rule| rule_id(answer, Some(rule))),
            "title": group.title(schema, language),
            "file": part(group.key.part).map(|part| shown(&part.path)),
            "layer": part(group.key.part).map(|part| part.name.as_str()),
            "field": group.key.field,
            "count": group.count,
            "remedy": tr(language, group.key.kind.remedy_key()),
            "source": source_of(answer, group),
            "faults": group.listed.iter().map(|fault| fault_json(fault, language)).collect::<Vec<_>>(),
        })
    });
    let layers = answer.parts.iter().map(|part| {
        json!({
            "file": shown(&part.path),
            "layer": part.name,
            "spec": part.spec.map(|spec| schema.layers[spec].code.as_str()),
            "feature_count": part.feature_count,
        })
    });
    let unchecked = answer.unchecked.iter().map(|unchecked| {
        json!({
            "rule": unchecked.rule.map(|rule| rule_id(answer, Some(rule))),
            "layer": unchecked.layer,
            "reason": unchecked.reason.text(language),
        })
    });
    json!({
        "schema": { "name": schema.title(language), "official": schema.official, "note": schema.note(language) },
        "counts": {
            "error": answer.count(Severity::Error),
            "warning": answer.count(Severity::Warning),
            "note": answer.count(Severity::Note),
        },
        "layers": layers.collect::<Vec<_>>(),
        "groups": groups.collect::<Vec<_>>(),
        "unchecked": unchecked.collect::<Vec<_>>(),
    })
}
