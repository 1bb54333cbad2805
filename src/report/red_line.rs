//! What a red line takes as a table: one row a class, owner and village, then the other layers and the conflicts.

use super::summary::shown_key;
use super::{Cell, Column, ColumnKind, Table};
use crate::model::Layer;
use crate::model::keys;
use crate::model::roles::fields;
use crate::scenario::RedLine;
use crate::scenario::red_line::LayerTaken;
use crate::text::{Language, Message, tr};
use crate::units::{Area, AreaUnit, format_number};

const UNITS: [AreaUnit; 3] = [AreaUnit::SquareMetre, AreaUnit::Mu, AreaUnit::Hectare];

/// The figures of the first layer, by its keys; notes say what it takes of other layers and what is in conflict.
/// `layer` is that layer, which tells what its codes mean.
pub fn red_line_table(answer: &RedLine, layer: Option<&Layer>, language: Language) -> Table {
    let mu = |m2: f64| Area::from_m2(m2).display(AreaUnit::Mu);
    let mut table = Table {
        title: Message::new("report.red-line")
            .with("mu", mu(answer.m2))
            .with_said("zone", |l| crate::crs::name_said(&answer.frame, l))
            .text(language),
        ..Table::default()
    };
    let by_keys = answer.layers.first().filter(|first| !first.keys.is_empty());
    for conflict in &answer.conflicts {
        let message = Message::new("report.red-line-conflict")
            .with("kind", conflict.kind.conflict_title(language))
            .with("mu", mu(conflict.m2));
        table.notes.push(message.text(language));
    }
    for other in answer.layers.iter().skip(usize::from(by_keys.is_some())) {
        let message = Message::new("report.red-line-of").with("layer", &other.title).with("mu", mu(other.taken.m2));
        table.notes.push(message.text(language));
    }
    if let Some(beside) = &answer.beside {
        table.notes.push(beside.message().text(language));
    }
    table.notes.extend(answer.said.iter().map(|said| said.text(language)));
    for layer in answer.layers.iter().filter(|layer| layer.taken.twice_m2 >= 0.005) {
        let message = Message::new("report.taken-twice")
            .with("layer", &layer.title)
            .with("mu", mu(layer.taken.m2))
            .with("twice", mu(layer.taken.twice_m2));
        table.notes.push(message.text(language));
    }
    let Some(first) = by_keys else { return table };
    if let Some(net) = first.taken.net_m2 {
        table.notes.push(Message::new("report.red-line-net").with("mu", mu(net)).text(language));
        if first.taken.unstated > 0 {
            let n = format_number(first.taken.unstated as f64, 0);
            table.notes.push(Message::new("edit.unstated").with("n", n).text(language));
        }
    }
    let title = |name: &String| fields::title(name, language).map_or_else(|| name.clone(), str::to_owned);
    table.columns = first.fields.iter().map(|name| Column::new(name, title(name), ColumnKind::Text)).collect();
    let area = tr(language, "report.area");
    table.columns.extend(UNITS.map(|unit| Column::new("area", area, ColumnKind::Area(unit)).why("why.f-taken")));
    table.columns.push(Column::new("pieces", tr(language, "report.pieces"), ColumnKind::Count).why("why.f-pieces"));
    for group in &first.taken.groups {
        let names = group.key.iter().enumerate();
        let mut row: Vec<Cell> =
            names.map(|(at, value)| Cell::from(value_text(first, layer, at, value.as_deref(), language))).collect();
        row.extend(UNITS.map(|_| Cell::from(Area::from_m2(group.m2))));
        row.push(Cell::Count(group.pieces));
        table.rows.push(row);
    }
    if first.taken.twice_m2 >= 0.005 {
        let mut row = vec![Cell::Empty; first.fields.len()];
        row[0] = Cell::from(tr(language, "report.less-twice"));
        row.extend(UNITS.map(|_| Cell::from(Area::from_m2(-first.taken.twice_m2))));
        row.push(Cell::Count(0));
        table.rows.push(row);
    }
    table.add_total(tr(language, "report.total"));
    table
}

/// A value of a key as it is read: code and name of a class, the meaning of a code.
pub fn value_text(
    taken: &LayerTaken,
    layer: Option<&Layer>,
    key: usize,
    value: Option<&str>,
    language: Language,
) -> String {
    let scheme = layer.zip(taken.keys.get(key)).and_then(|(layer, key)| keys::scheme_of_field(layer, key.field));
    let meaning =
        value.zip(taken.fields.get(key)).and_then(|(value, field)| fields::meaning(field, value, None, language));
    match (scheme, meaning, value) {
        (None, Some(meaning), Some(value)) => format!("{value} {meaning}"),
        _ => shown_key(scheme, value, language),
    }
}
