//! What goes with the class of cropland: the deduction for field ridges (田坎), its class, share and area, and the net area.
//!
//! A parcel that leaves cropland has no ridges: its deduction is cleared, and its net area is all of it. One that comes
//! to cropland has some that nobody has stated yet: the fields are left empty until [`set_ridges`] gives the share, and
//! net figures are marked so long (see [`Ridges`](crate::scenario::compare::net::Ridges)). Cropland that becomes other cropland keeps
//! what it states. Fields that a layer lacks are not made.

use super::{Draft, EditError, Subject};
use crate::model::classes::{self, Class};
use crate::model::{FieldType, LayerId, OwnedValue};
use crate::scenario::document::edit::{Change, Coded, SetField};
use crate::scenario::document::workspace::Workspace;
use crate::text::Message;
use crate::units::round_half_up;

/// Names of the field of the deducted class.
const DEDUCTED: &[&str] = &["KCDLBM", "扣除地类编码"];
/// Names of the field of the deducted share.
const SHARE: &[&str] = &["KCXS", "扣除系数", "扣除地类系数", "田坎系数"];
/// Names of the field of the deducted area.
const AREA: &[&str] = &["KCMJ", "TKMJ", "扣除面积", "扣除地类面积", "田坎面积"];
/// Names of the fields of whole and net area.
const WHOLE_AND_NET: &[(&str, &str)] =
    &[("TBMJ", "TBDLMJ"), ("图斑面积", "图斑地类面积"), ("YJJBNTTBMJ", "YJJBNTMJ"), ("JBNTTBMJ", "JBNTMJ")];

/// The class of ridges in the survey, the scheme of deducted classes.
const RIDGES: &str = "1203";

/// Fields of a layer that follow its class.
struct Fields {
    deducted: Option<usize>,
    share: Option<usize>,
    area: Option<usize>,
    whole_and_net: Option<(usize, usize)>,
}

impl Fields {
    fn of(subject: &Subject<'_>) -> Self {
        let layer = &subject.entry.layer;
        let named = |names: &[&str]| names.iter().find_map(|name| layer.field(name));
        let pair = |(whole, net): &(&str, &str)| layer.field(whole).zip(layer.field(net));
        Self {
            deducted: named(DEDUCTED),
            share: named(SHARE),
            area: named(AREA),
            whole_and_net: WHOLE_AND_NET.iter().find_map(pair),
        }
    }
}

/// What follows where rows, ascending, become `class`: how many of them left cropland, how many came to it without a
/// share, and the fields that change.
pub(super) fn follow(subject: &Subject<'_>, rows: &[u32], class: Class) -> (usize, usize, Vec<SetField>) {
    let entry = subject.entry;
    let (Some(field), Some(scheme)) = (entry.class_field(), entry.scheme()) else { return Default::default() };
    let was_cropland = |row: &u32| {
        let text = entry.layer.value(*row as usize, field).to_string();
        classes::resolve(scheme, &text).is_some_and(|found| found.class.is_cropland())
    };
    let (from_cropland, others): (Vec<u32>, Vec<u32>) = rows.iter().copied().partition(was_cropland);
    let fields = Fields::of(subject);
    if class.is_cropland() {
        let sets = cleared(subject, &fields, &others, None);
        let count = if fields.share.is_some() { others.len() } else { 0 };
        return (0, count, sets);
    }
    let whole = fields.whole_and_net.map(|(whole, _)| whole);
    let sets = cleared(subject, &fields, &from_cropland, whole);
    (if sets.is_empty() { 0 } else { from_cropland.len() }, 0, sets)
}

/// Deductions cleared; the net area is what `whole` holds, or unknown.
fn cleared(subject: &Subject<'_>, fields: &Fields, rows: &[u32], whole: Option<usize>) -> Vec<SetField> {
    if rows.is_empty() {
        return Vec::new();
    }
    let layer = &subject.entry.layer;
    let name = |field: usize| layer.fields[field].name.as_str();
    let nothing = [fields.deducted, fields.share, fields.area].into_iter().flatten();
    let mut sets: Vec<SetField> =
        nothing.filter_map(|field| subject.set(name(field), rows, Coded::one(OwnedValue::Null))).collect();
    if let Some((_, net)) = fields.whole_and_net {
        let after = match whole {
            Some(whole) => Coded::of(rows.iter().map(|row| layer.value(*row as usize, whole).into())),
            None => Coded::one(OwnedValue::Null),
        };
        sets.extend(subject.set(name(net), rows, after));
    }
    sets
}

/// Rows of cropland among `rows` that state no share of ridges, though their layer has a field for it.
pub fn without_ridges(workspace: &Workspace, layer: LayerId, rows: &[u32]) -> Vec<u32> {
    let Ok(subject) = Subject::new(workspace, layer) else { return Vec::new() };
    let entry = subject.entry;
    let Some(share) = Fields::of(&subject).share else { return Vec::new() };
    let lacks = |row: &u32| {
        !crate::scenario::Ridges::is_stated(&entry.layer, *row as usize, share)
            && entry.class_of(*row as usize).is_some_and(Class::is_cropland)
    };
    subject.tidy(rows).into_iter().filter(lacks).collect()
}

/// Gives cropland its share of ridges, 0 … 1: the share, the deducted area rounded to 0.01 m², the net area by
/// subtraction, and the class that is deducted, as far as the layer has fields for them.
///
/// # Errors
/// [`EditError::NoShare`] where the share is none or the layer has no field for it, [`EditError::NothingChanges`].
pub fn set_ridges(workspace: &Workspace, layer: LayerId, rows: &[u32], share: f64) -> Result<Draft, EditError> {
    let subject = Subject::new(workspace, layer)?;
    let entry = subject.entry;
    let fields = Fields::of(&subject);
    let field = fields.share.filter(|_| (0.0..1.0).contains(&share)).ok_or(EditError::NoShare)?;
    let rows: Vec<u32> = subject.tidy(rows);
    let data = &entry.layer;
    let name = |field: usize| data.fields[field].name.as_str();
    // A number as text where the field holds texts.
    let value = |field: usize, number: f64| match data.fields[field].kind {
        FieldType::Text => OwnedValue::text(&number.to_string()),
        _ => OwnedValue::Float(number),
    };
    let mut sets: Vec<SetField> =
        subject.set(name(field), &rows, Coded::one(value(field, share))).into_iter().collect();
    let whole_of = |row: u32| {
        let (whole, _) = fields.whole_and_net?;
        let value = data.value(row as usize, whole);
        value.as_f64().or_else(|| value.to_string().trim().parse().ok()).filter(|m2: &f64| m2.is_finite()) // no area
    };
    let ridges_of = |row: u32| whole_of(row).map(|whole| round_half_up(whole * share, 2));
    if let Some(field) = fields.area {
        let after = rows.iter().map(|row| ridges_of(*row).map_or(OwnedValue::Null, |m2| value(field, m2)));
        sets.extend(subject.set(name(field), &rows, Coded::of(after)));
    }
    if let Some((_, net)) = fields.whole_and_net {
        let left = |row: u32| Some(round_half_up(whole_of(row)? - ridges_of(row)?, 2));
        let after = rows.iter().map(|row| left(*row).map_or(OwnedValue::Null, |m2| value(net, m2)));
        sets.extend(subject.set(name(net), &rows, Coded::of(after)));
    }
    if let Some(field) = fields.deducted {
        let code = if share > 0.0 { deducted_class(&subject, field) } else { OwnedValue::Null };
        sets.extend(subject.set(name(field), &rows, Coded::one(code)));
    }
    let count = sets.iter().map(|set| set.keys.len()).max().ok_or(EditError::NothingChanges)?;
    let sentence = Message::new("scenario.ridges-set").with("n", count).with("share", share);
    Ok(Draft { edits: sets.into_iter().map(|set| subject.edit(Change::SetField(set))).collect(), sentence })
}

/// The code that the layer deducts, the most frequent; that of the survey where it has none yet.
fn deducted_class(subject: &Subject<'_>, field: usize) -> OwnedValue {
    let used = classes::used_codes(&subject.entry.layer, field, None);
    let most = used.iter().filter(|used| !used.code.trim().is_empty()).max_by_key(|used| used.feature_count);
    let code = most.map_or(RIDGES, |used| used.code.as_str());
    match subject.entry.layer.fields[field].kind {
        FieldType::Int => code.parse().map_or_else(|_| OwnedValue::text(code), OwnedValue::Int),
        _ => OwnedValue::text(code),
    }
}
