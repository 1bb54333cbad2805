//! A layer's attributes as a table of dBASE.
//!
//! Each field becomes the narrowest type that holds its values: whole numbers `N`, decimals `N` with as many places as
//! they need (or `F`-like exponents where they have too many), true and false `L`, dates `D`, everything else `C`. Names
//! are shortened at characters to what fits, told apart, and listed. Rows are looked at and written on all cores, some
//! thousands at a time: records are of one length, so that each knows its place.

use std::borrow::Cow;
use std::ops::Range;

use rayon::prelude::*;

use super::super::options::WriteOptions;
use crate::model::{FieldType, GeometryKind, Layer, Value};
use crate::text::Message;

/// Bytes of a name, and of the longest text and number.
const NAME_BYTES: usize = 10;
const TEXT_BYTES: usize = 254;
const NUMBER_BYTES: usize = 20;
/// Fields that readers are sure to read.
const MOST_FIELDS: usize = 255;
/// Names that a message lists.
const LISTED: usize = 8;
/// Rows that are looked at or written together.
const ROWS_AT_ONCE: usize = 4096;

/// The names of a layer's fields in a table.
struct NameMap {
    /// In the order of the layer's fields.
    names: Vec<String>,
    /// Those that differ, as `old → new`.
    changed: Vec<String>,
}

/// How a field is written.
struct Plan {
    kind: u8,
    width: usize,
    decimals: usize,
}

/// `text` in the encoding chosen; characters that it lacks become question marks, which are counted.
fn encoded<'t>(text: &'t str, options: WriteOptions, lost: &mut u64) -> Cow<'t, [u8]> {
    if !options.gbk || text.is_ascii() {
        return Cow::Borrowed(text.as_bytes());
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut piece = [0; 4];
    for c in text.chars() {
        let (encoded, _, is_lost) = encoding_rs::GBK.encode(c.encode_utf8(&mut piece));
        if is_lost {
            *lost += 1;
            bytes.push(b'?');
        } else {
            bytes.extend_from_slice(&encoded);
        }
    }
    Cow::Owned(bytes)
}

/// The start of `text` that takes no more than `most` bytes, whole characters only, and whether that is not all.
fn shortened<'t>(text: &'t str, most: usize, options: WriteOptions, lost: &mut u64) -> (Cow<'t, [u8]>, bool) {
    let whole = encoded(text, options, lost);
    if whole.len() <= most {
        return (whole, false);
    }
    let mut bytes = Vec::with_capacity(most);
    let mut ignored = 0;
    for c in text.chars() {
        let mut utf8 = [0; 4];
        let more = encoded(c.encode_utf8(&mut utf8), options, &mut ignored);
        if bytes.len() + more.len() > most {
            break;
        }
        bytes.extend_from_slice(&more);
    }
    (Cow::Owned(bytes), true)
}

/// Names of ten bytes that are told apart, also by readers for which capitals are the same letters.
fn names_of(layer: &Layer, options: WriteOptions) -> NameMap {
    let mut map = NameMap { names: Vec::new(), changed: Vec::new() };
    for field in layer.fields.iter().take(MOST_FIELDS) {
        let cut = |most: usize| {
            let (bytes, _) = shortened(&field.name, most, options, &mut 0);
            let encoding = if options.gbk { encoding_rs::GBK } else { encoding_rs::UTF_8 };
            encoding.decode_without_bom_handling(&bytes).0.into_owned()
        };
        let is_taken =
            |name: &str, names: &[String]| names.iter().any(|known| known.to_lowercase() == name.to_lowercase());
        let mut name = cut(NAME_BYTES);
        if name.is_empty() {
            name = "field".to_owned();
        }
        let mut number = 1;
        while is_taken(&name, &map.names) {
            let end = format!("_{number}");
            name = format!("{}{end}", cut(NAME_BYTES - end.len()));
            number += 1;
        }
        if name != field.name {
            map.changed.push(format!("{} → {name}", field.name));
        }
        map.names.push(name);
    }
    map
}

/// How many rows are written.
fn row_count(layer: &Layer, rows: Option<&[usize]>) -> usize {
    rows.map_or(layer.feature_count(), <[usize]>::len)
}

/// Those of the rows that are written at the places of `range`.
fn stretch(rows: Option<&[usize]>, range: Range<usize>) -> impl Iterator<Item = usize> {
    range.map(move |at| rows.map_or(at, |rows| rows[at]))
}

/// What `each` makes of the places of the rows that are written, some thousands at a time on all cores; in their order.
fn of_rows<T: Send>(layer: &Layer, rows: Option<&[usize]>, each: impl Fn(Range<usize>) -> T + Sync) -> Vec<T> {
    let count = row_count(layer, rows);
    let starts = (0..count.div_ceil(ROWS_AT_ONCE)).into_par_iter().map(|at| at * ROWS_AT_ONCE);
    starts.map(|start| each(start..count.min(start + ROWS_AT_ONCE))).collect()
}

/// What is lost of the values of one field.
#[derive(Default)]
struct Lost {
    /// Texts that are too long.
    cut: u64,
    /// Characters that the encoding lacks.
    characters: u64,
    /// Numbers that become others.
    rounded: u64,
    /// Empty texts, which are null afterwards.
    empty: u64,
}

/// Whether every value of a text field is a date as this program reads them.
fn is_date(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() == 10
        && bytes
            .iter()
            .enumerate()
            .all(|(at, byte)| if at == 4 || at == 7 { *byte == b'-' } else { byte.is_ascii_digit() })
        && ("01"..="12").contains(&&text[5..7])
        && ("01"..="31").contains(&&text[8..])
        && !text.starts_with("0000")
}

/// A decimal number as digits that fit: the shortest that name it, else as many places as there is room for.
fn digits_of(v: f64, decimals: usize) -> String {
    let shortest = format!("{v}");
    let places = shortest.split_once('.').map_or(0, |(_, places)| places.len());
    if shortest.len() <= NUMBER_BYTES && places <= decimals {
        // With its zeros: readers expect as many places as the field states.
        let padded = format!("{v:.decimals$}");
        return if padded.len() <= NUMBER_BYTES { padded } else { shortest };
    }
    let whole = format!("{v:.0}").len();
    if whole <= NUMBER_BYTES {
        let room = NUMBER_BYTES.saturating_sub(whole + 1).min(decimals);
        return format!("{v:.room$}");
    }
    let mut precision = 13;
    loop {
        let text = format!("{v:.precision$e}");
        if text.len() <= NUMBER_BYTES || precision == 0 {
            return text;
        }
        precision -= 1;
    }
}

fn plan(layer: &Layer, field: usize, rows: Option<&[usize]>, options: WriteOptions) -> Plan {
    let values = |range: Range<usize>| {
        stretch(rows, range).map(move |row| layer.value(row, field)).filter(|value| !value.is_null())
    };
    // The largest of what the values come to; 0 where there is none.
    let most = |of: &(dyn Fn(Value<'_>) -> usize + Sync)| {
        of_rows(layer, rows, |range| values(range).map(of).max().unwrap_or(0)).into_iter().max().unwrap_or(0)
    };
    let text = || {
        let width = most(&|value| match value {
            Value::Text(text) | Value::Json(text) => encoded(text, options, &mut 0).len(),
            other => encoded(&other.to_string(), options, &mut 0).len(),
        });
        Plan { kind: b'C', width: width.clamp(1, TEXT_BYTES), decimals: 0 }
    };
    match layer.fields[field].kind {
        FieldType::Bool => Plan { kind: b'L', width: 1, decimals: 0 },
        FieldType::Int => {
            let width = most(&|value| value.to_string().len());
            if width <= NUMBER_BYTES { Plan { kind: b'N', width: width.max(1), decimals: 0 } } else { text() }
        }
        FieldType::Float => {
            let decimals = most(&|value| match value {
                Value::Float(v) => format!("{v}").split_once('.').map_or(0, |(_, places)| places.len()),
                _ => 0,
            });
            let decimals = decimals.clamp(1, 15);
            let width = most(&|value| value.as_f64().map_or(0, |v| digits_of(v, decimals).len()));
            Plan { kind: b'N', width: width.clamp(decimals + 2, NUMBER_BYTES), decimals }
        }
        FieldType::Text => {
            let found = of_rows(layer, rows, |range| {
                let mut any = false;
                let dates = values(range).all(|value| {
                    any = true;
                    matches!(value, Value::Text(text) if is_date(text))
                });
                (any, dates)
            });
            let (any, dates) = (found.iter().any(|(any, _)| *any), found.iter().all(|(_, dates)| *dates));
            if dates && any { Plan { kind: b'D', width: 8, decimals: 0 } } else { text() }
        }
        FieldType::Json => text(),
        FieldType::Null => Plan { kind: b'C', width: 1, decimals: 0 },
    }
}

/// The bytes of a cell, at most as wide as planned.
fn cell<'v>(value: Value<'v>, plan: &Plan, options: WriteOptions, lost: &mut Lost) -> Cow<'v, [u8]> {
    match (plan.kind, value) {
        (_, Value::Null) => Cow::Borrowed(&[]),
        (b'L', Value::Bool(v)) => Cow::Borrowed(if v { &b"T"[..] } else { &b"F"[..] }),
        (b'D', Value::Text(text)) => Cow::Owned(text.bytes().filter(u8::is_ascii_digit).collect()),
        (b'N', Value::Int(v)) if plan.decimals == 0 => Cow::Owned(v.to_string().into_bytes()),
        (b'N', value) => {
            let Some(v) = value.as_f64() else { return Cow::Borrowed(&[]) };
            let text = digits_of(v, plan.decimals);
            lost.rounded += u64::from(text.parse::<f64>().ok() != Some(v));
            Cow::Owned(text.into_bytes())
        }
        (_, Value::Text(text) | Value::Json(text)) => text_cell(text, plan, options, lost),
        (_, value) => Cow::Owned(text_cell(&value.to_string(), plan, options, lost).into_owned()),
    }
}

/// The bytes of a cell of text.
fn text_cell<'t>(text: &'t str, plan: &Plan, options: WriteOptions, lost: &mut Lost) -> Cow<'t, [u8]> {
    lost.empty += u64::from(text.is_empty());
    let (bytes, is_cut) = shortened(text, plan.width, options, &mut lost.characters);
    lost.cut += u64::from(is_cut);
    bytes
}

/// The files of a table of a layer's attributes.
///
/// # Errors
/// None.
pub(in crate::io) fn write(
    layer: &Layer,
    rows: Option<&[usize]>,
    options: WriteOptions,
) -> Result<Vec<(&'static str, Vec<u8>)>, Message> {
    let cpg = if options.gbk { "GBK" } else { "UTF-8" };
    Ok(vec![("cpg", cpg.as_bytes().to_vec()), ("dbf", table_of_layer(layer, rows, options))])
}

/// What a table cannot hold of a layer.
pub(in crate::io) fn losses(layer: &Layer, rows: Option<&[usize]>, options: WriteOptions) -> Vec<Message> {
    let mut messages = values_lost(layer, rows, options);
    if layer.kind != GeometryKind::None {
        messages.insert(0, Message::new("io.loses-geometry"));
    }
    messages
}

/// What a table cannot hold of the attributes of a layer.
pub(in crate::io) fn values_lost(layer: &Layer, rows: Option<&[usize]>, options: WriteOptions) -> Vec<Message> {
    let mut messages = Vec::new();
    let list = |names: &[String]| {
        let mut text = names.iter().take(LISTED).cloned().collect::<Vec<_>>().join(", ");
        if names.len() > LISTED {
            text.push_str(" …");
        }
        text
    };
    let map = names_of(layer, options);
    if !map.changed.is_empty() {
        messages
            .push(Message::new("io.loses-names").with("count", map.changed.len()).with("names", list(&map.changed)));
    }
    if layer.fields.len() > MOST_FIELDS {
        messages.push(
            Message::new("io.loses-fields").with("count", layer.fields.len() - MOST_FIELDS).with("most", MOST_FIELDS),
        );
    }
    let mut total = [(0, Vec::new()), (0, Vec::new()), (0, Vec::new()), (0, Vec::new())];
    for (at, field) in layer.fields.iter().enumerate().take(MOST_FIELDS) {
        let plan = plan(layer, at, rows, options);
        let lost = of_rows(layer, rows, |range| {
            let mut lost = Lost::default();
            for row in stretch(rows, range) {
                cell(layer.value(row, at), &plan, options, &mut lost);
            }
            [lost.cut, lost.characters, lost.rounded, lost.empty]
        });
        let lost = lost.iter().fold([0u64; 4], |sum, some| std::array::from_fn(|kind| sum[kind] + some[kind]));
        for (total, count) in total.iter_mut().zip(lost) {
            if count > 0 {
                total.0 += count;
                total.1.push(field.name.clone());
            }
        }
    }
    let keys = ["io.loses-text", "io.loses-characters", "io.loses-digits", "io.loses-empty"];
    for (key, (count, fields)) in keys.into_iter().zip(total) {
        if count > 0 {
            messages.push(Message::new(key).with("count", count).with("fields", list(&fields)));
        }
    }
    let has_id = layer.blocks.iter().any(|block| block.ids.is_some());
    if has_id {
        messages.push(Message::new("io.loses-ids"));
    }
    messages
}

/// The table of a layer's attributes, and of its `rows` alone where they are given. A table without fields gets one of row
/// numbers, since many programs refuse it otherwise.
pub(in crate::io) fn table_of_layer(layer: &Layer, rows: Option<&[usize]>, options: WriteOptions) -> Vec<u8> {
    let map = names_of(layer, options);
    let plans: Vec<Plan> = (0..map.names.len()).map(|field| plan(layer, field, rows, options)).collect();
    let count = row_count(layer, rows);
    let is_bare = plans.is_empty();
    let record = 1 + if is_bare { 10 } else { plans.iter().map(|plan| plan.width).sum::<usize>() };
    let field_count = plans.len().max(1);
    let head = 32 + 32 * field_count + 1;
    let mut out = Vec::with_capacity(head + count * record + 1);
    // The date of the last change, fixed: the same layer gives the same bytes.
    out.extend_from_slice(&[3, 100, 1, 1]);
    out.extend_from_slice(&u32::try_from(count).unwrap_or(u32::MAX).to_le_bytes());
    out.extend_from_slice(&u16::try_from(head).unwrap_or(u16::MAX).to_le_bytes());
    out.extend_from_slice(&u16::try_from(record).unwrap_or(u16::MAX).to_le_bytes());
    out.extend_from_slice(&[0; 17]);
    // The language: GBK is 0x4D; UTF-8 has no number, the .cpg says it.
    out.push(if options.gbk { 0x4D } else { 0 });
    out.extend_from_slice(&[0; 2]);
    let mut field = |name: &str, plan: &Plan| {
        let (bytes, _) = shortened(name, NAME_BYTES, options, &mut 0);
        let mut slot = [0; 32];
        slot[..bytes.len()].copy_from_slice(&bytes);
        slot[11] = plan.kind;
        slot[16] = plan.width as u8;
        slot[17] = plan.decimals as u8;
        out.extend_from_slice(&slot);
    };
    if is_bare {
        field("FID", &Plan { kind: b'N', width: 10, decimals: 0 });
    }
    map.names.iter().zip(&plans).for_each(|(name, plan)| field(name, plan));
    out.push(0x0D);
    let start = out.len();
    out.resize(start + count * record, b' ');
    out[start..].par_chunks_mut(ROWS_AT_ONCE * record).enumerate().for_each(|(at, records)| {
        let mut lost = Lost::default();
        for (number, record) in (at * ROWS_AT_ONCE..).zip(records.chunks_exact_mut(record)) {
            if is_bare {
                record[1..].copy_from_slice(format!("{number:>10}").as_bytes());
            }
            let (block, row) = layer.locate(rows.map_or(number, |rows| rows[number]));
            // What stands before the first field says that the row is not deleted.
            let mut rest = &mut record[1..];
            for (field, plan) in plans.iter().enumerate() {
                let (slot, after) = std::mem::take(&mut rest).split_at_mut(plan.width);
                rest = after;
                let bytes = cell(block.attributes.value(row, field), plan, options, &mut lost);
                let bytes = &bytes[..bytes.len().min(plan.width)];
                // Numbers stand at the right end of their cell.
                let before = if plan.kind == b'N' { plan.width - bytes.len() } else { 0 };
                slot[before..before + bytes.len()].copy_from_slice(bytes);
                if plan.kind == b'L' {
                    slot[bytes.len()..].fill(b'?');
                }
            }
        }
    });
    out.push(0x1A);
    out
}
