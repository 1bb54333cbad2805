//! Totals by class or by any field: what the tab of that name shows, made of `report::groups`.

use std::sync::Arc;

use rayon::prelude::*;
use rustc_hash::FxHashMap;

use crate::model::classes::{self, Class, OtherGrassland, Scheme};
use crate::model::{Areas, Extent, GeometryKind, Layer, Value};
use crate::report::groups::{Group, GroupKey, KeyPart, group};
use crate::scenario::Entry;
use crate::task::{Cancelled, Progress};
use crate::text::Language;
use crate::ui::prepare::Prepared;
use crate::ui::state::{Counted, Rows, Session};
use crate::units::Area;

/// What features are grouped by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum By {
    /// The class at a level of its scheme: field, scheme, level.
    Level(usize, Scheme, u8),
    /// The three big classes of the survey, or how planners read the classes of a plan.
    Big(usize, Scheme),
    /// The values of a field.
    Field(usize),
}

/// Which features count.
#[derive(Clone)]
pub enum Scope {
    /// All of the layer.
    Layer,
    /// Those selected.
    Rows(Arc<Rows>),
    /// Those seen in an extent of the project CRS.
    View(Arc<Prepared>, Extent),
}

impl Scope {
    /// What `counted` means for a layer now; `None` where it is not ready for the map.
    pub fn of(counted: Counted, session: &Session, entry: &Entry) -> Option<Self> {
        Some(match counted {
            Counted::Layer => Self::Layer,
            Counted::Selection => Self::Rows(session.selection.rows(entry.id()).cloned().unwrap_or_default()),
            Counted::View => Self::View(session.prepared(entry.id())?.clone(), session.view.extent()),
        })
    }
}

/// What is asked for.
#[derive(Clone)]
pub struct Request {
    /// The layer.
    pub layer: Arc<Layer>,
    /// Its areas, once measured.
    pub areas: Option<Arc<Areas>>,
    /// What features are grouped by.
    pub by: By,
    /// Which features count.
    pub scope: Scope,
    /// The language that big classes are named in.
    pub language: Language,
}

/// Sums by key, and of all that count.
#[derive(Clone, Debug, PartialEq)]
pub struct Totals {
    /// What features are grouped by.
    pub by: By,
    /// The groups.
    pub groups: Vec<Group>,
    /// All of them.
    pub whole: Group,
}

impl Totals {
    /// What the table is grouped by, for `report::summary`.
    pub fn key(&self) -> GroupKey {
        match self.by {
            By::Level(field, scheme, level) => GroupKey { field, part: KeyPart::Level(scheme, level) },
            By::Big(field, _) | By::Field(field) => GroupKey { field, part: KeyPart::Whole },
        }
    }
}

/// The totals that `request` asks for.
///
/// # Errors
/// [`Cancelled`].
pub fn totals(request: &Request, progress: &Progress) -> Result<Totals, Cancelled> {
    let layer = &*request.layer;
    let empty = Areas::default();
    let polygons = layer.kind == GeometryKind::Polygon;
    let areas = request.areas.as_deref().filter(|_| polygons).unwrap_or(&empty);
    let chosen = chosen(layer, &request.scope);
    progress.tick(0)?;
    let whole = group(layer, areas, &[], chosen.as_deref()).into_iter().next().unwrap_or_else(Group::empty);
    progress.tick(0)?;
    let key = match request.by {
        By::Level(field, scheme, level) => GroupKey { field, part: KeyPart::Level(scheme, level) },
        By::Big(field, _) | By::Field(field) => GroupKey { field, part: KeyPart::Whole },
    };
    let mut groups = group(layer, areas, &[key], chosen.as_deref());
    if let By::Big(_, scheme) = request.by {
        groups = by_big_class(groups, scheme, request.language);
    }
    Ok(Totals { by: request.by, groups, whole })
}

/// A mark for each feature; `None` where all count.
pub fn chosen(layer: &Layer, scope: &Scope) -> Option<Vec<bool>> {
    let count = layer.feature_count();
    match scope {
        Scope::Layer => None,
        Scope::Rows(rows) => Some((0..count).map(|feature| rows.contains(feature)).collect()),
        Scope::View(prepared, view) => {
            let all = view.contains(prepared.extent.min) && view.contains(prepared.extent.max);
            if all && !prepared.extent.is_empty() {
                return None;
            }
            let mut marks = vec![false; count];
            for feature in prepared.pickable().in_box(view) {
                if let Some(mark) = marks.get_mut(feature) {
                    *mark = true;
                }
            }
            Some(marks)
        }
    }
}

/// The big class of a code: its name, and its place in the list.
fn big_class(scheme: Scheme, code: &str, language: Language) -> Option<(usize, &'static str)> {
    let class = classes::resolve(scheme, code)?.class;
    match (class.big_class(OtherGrassland::default()), class.plan_use()) {
        (Some(big), _) => Some((big as usize, big.title(language))),
        (None, Some(reading)) => Some((reading as usize, reading.title(language))),
        (None, None) => None,
    }
}

fn by_big_class(groups: Vec<Group>, scheme: Scheme, language: Language) -> Vec<Group> {
    let mut found: FxHashMap<Option<&'static str>, (usize, Group)> = FxHashMap::default();
    for part in groups {
        let code = part.key.first().cloned().flatten();
        let big = code.as_deref().and_then(|code| big_class(scheme, code, language));
        let (place, name) = big.map_or((usize::MAX, None), |(place, name)| (place, Some(name)));
        let (_, sum) = found.entry(name).or_insert_with(|| (place, Group::empty()));
        sum.key = vec![name.map(Arc::from)];
        sum.feature_count += part.feature_count;
        sum.exact += part.exact;
        sum.printed += part.printed;
    }
    let mut sums: Vec<(usize, Group)> = found.into_values().collect();
    sums.sort_by_key(|(place, _)| *place);
    sums.into_iter().map(|(_, sum)| sum).collect()
}

/// The class that a key names.
pub fn class_of(by: By, key: &str) -> Option<Class> {
    match by {
        By::Level(_, scheme, _) => Some(classes::resolve(scheme, key)?.class),
        By::Big(..) | By::Field(_) => None,
    }
}

/// The features that a row of totals is made of.
pub fn features_of(layer: &Layer, by: By, key: Option<&str>, scope: &Scope, language: Language) -> Rows {
    let (field, belongs): (usize, Box<dyn Fn(&str) -> bool + Sync>) = match by {
        By::Field(field) => (field, Box::new(|text: &str| Some(text) == key)),
        By::Level(field, scheme, level) => (
            field,
            Box::new(move |text: &str| match classes::resolve(scheme, text) {
                Some(found) => Some(found.class.at_level(level).code()) == key,
                None => Some(text) == key,
            }),
        ),
        By::Big(field, scheme) => {
            (field, Box::new(move |text: &str| big_class(scheme, text, language).map(|(_, name)| name) == key))
        }
    };
    // In the big classes, what is no class stands with what is empty.
    let takes_null = key.is_none();
    let found: Vec<Vec<usize>> = layer
        .blocks
        .par_iter()
        .zip(&layer.starts)
        .map(|(block, start)| {
            let column = block.attributes.column(field);
            let judged: Vec<bool> =
                column.map_or_else(Vec::new, |column| column.distinct_texts().map(&belongs).collect());
            let rows = 0..block.geometry.feature_count();
            let belongs_row = |row: usize| {
                let Some(column) = column else { return takes_null };
                match column.text_code(row) {
                    Some(code) => judged[code as usize],
                    None => match column.value(row) {
                        Value::Null => takes_null,
                        value => belongs(&value.to_string()),
                    },
                }
            };
            rows.filter(|row| belongs_row(*row)).map(|row| start + row).collect()
        })
        .collect();
    let marks = chosen(layer, scope);
    let counts = |feature: &usize| marks.as_ref().is_none_or(|marks| marks[*feature]);
    found.into_iter().flatten().filter(counts).collect()
}

/// The share of `part` in `whole`; nothing where there is no whole.
pub fn share(part: &Group, whole: &Group) -> f64 {
    if whole.printed > Area::ZERO {
        part.printed.m2() / whole.printed.m2()
    } else if whole.feature_count > 0 {
        part.feature_count as f64 / whole.feature_count as f64
    } else {
        0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(key: &str, m2: f64) -> Group {
        Group {
            key: vec![Some(Arc::from(key))],
            feature_count: 2,
            exact: Area::from_m2(m2),
            printed: Area::from_m2(m2),
        }
    }

    #[test]
    fn classes_of_the_survey_are_summed_to_the_three_big_ones() {
        let groups = vec![part("0102", 1.0), part("0701", 2.0), part("0301", 4.0), part("xx", 8.0)];
        let sums = by_big_class(groups, Scheme::Sd2019, Language::Chinese);
        let shown: Vec<_> = sums.iter().map(|g| (g.key[0].as_deref(), g.feature_count, g.printed.m2())).collect();
        assert_eq!(shown, [(Some("农用地"), 4, 5.0), (Some("建设用地"), 2, 2.0), (None, 2, 8.0)]);
    }

    #[test]
    fn a_share_is_of_areas_and_of_counts_where_there_are_none() {
        assert_eq!(share(&part("a", 1.0), &part("b", 4.0)), 0.25);
        assert_eq!(share(&part("a", 0.0), &part("b", 0.0)), 1.0);
        assert_eq!(share(&Group::empty(), &Group::empty()), 0.0);
    }
}
