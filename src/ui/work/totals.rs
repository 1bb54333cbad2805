//! Totals by class or by any field: what the tab of that name shows, made of `report::groups`.

use std::sync::Arc;

use rayon::prelude::*;
use rustc_hash::FxHashMap;

use crate::model::classes::{self, Class, OtherGrassland, Scheme};
use crate::model::{Areas, Extent, GeometryKind, Layer, keys};
use crate::render::prepared::Prepared;
use crate::report::groups::{Group, GroupKey, KeyPart, group};
use crate::report::summary::key_remarks;
use crate::scenario::Entry;
use crate::task::{Cancelled, Progress};
use crate::text::{Language, Message};
use crate::ui::session::Session;
use crate::ui::session::parts::Counted;
use crate::ui::session::rows::Rows;
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
    /// The first characters of a field, as many as given: of codes the county, the street, the village.
    Prefix(usize, usize),
}

impl By {
    /// The field.
    pub fn field(self) -> usize {
        match self {
            Self::Level(field, ..) | Self::Big(field, _) | Self::Field(field) | Self::Prefix(field, _) => field,
        }
    }

    /// The key of `report::groups` that it stands for; big classes are put together from whole codes.
    pub fn key(self) -> GroupKey {
        let part = match self {
            Self::Level(_, scheme, level) => KeyPart::Level(scheme, level),
            Self::Prefix(_, count) => KeyPart::Prefix(count),
            Self::Big(..) | Self::Field(_) => KeyPart::Whole,
        };
        GroupKey { field: self.field(), part }
    }
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
            Counted::Selection => Self::Rows(session.project.selection.rows(entry.id()).cloned().unwrap_or_default()),
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
    /// What features are grouped by, the first the outermost.
    pub by: Vec<By>,
    /// Which features count.
    pub scope: Scope,
    /// The language that big classes are named in.
    pub language: Language,
}

/// Sums by key, and of all that count.
#[derive(Clone, Debug, PartialEq)]
pub struct Totals {
    /// What features are grouped by, the first the outermost.
    pub by: Vec<By>,
    /// The groups, those with the same first key one after another.
    pub groups: Vec<Group>,
    /// Sums by the first key alone, where there are several.
    pub subtotals: Vec<Group>,
    /// All of them.
    pub whole: Group,
    /// How the values of the key were read: spellings of one class, and what says that there is no value.
    pub remarks: Vec<Message>,
}

/// A line of the table of totals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line {
    /// A subtotal, by its place among those.
    Subtotal(usize),
    /// A group, by its place.
    Group(usize),
}

impl Totals {
    /// What the table is grouped by, for `report::summary`.
    pub fn keys(&self) -> Vec<GroupKey> {
        self.by.iter().map(|by| by.key()).collect()
    }

    /// The lines of the table: each subtotal before the groups that it is the sum of.
    pub fn lines(&self) -> Vec<Line> {
        let mut lines = Vec::with_capacity(self.groups.len() + self.subtotals.len());
        let mut last: Option<&Option<Arc<str>>> = None;
        for (at, group) in self.groups.iter().enumerate() {
            let first = group.key.first();
            if !self.subtotals.is_empty() && last != first {
                let of_group = self.subtotals.iter().position(|subtotal| subtotal.key.first() == first);
                lines.extend(of_group.map(Line::Subtotal));
                last = first;
            }
            lines.push(Line::Group(at));
        }
        lines
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
    let grouped = |by: &[By]| {
        let keys: Vec<GroupKey> = by.iter().map(|by| key_of(layer, *by)).collect();
        let mut groups = group(layer, areas, &keys, chosen.as_deref());
        for (at, by) in by.iter().enumerate() {
            if let By::Big(_, scheme) = by {
                groups = by_big_class(groups, at, *scheme, request.language);
            }
        }
        groups
    };
    let groups = grouped(&request.by);
    progress.tick(0)?;
    let subtotals = if request.by.len() > 1 { grouped(&request.by[..1]) } else { Vec::new() };
    let told = request.by.iter().filter(|by| !matches!(by, By::Big(..)));
    let keys: Vec<GroupKey> = told.map(|by| key_of(layer, *by)).collect();
    let remarks = key_remarks(layer, &keys, chosen.as_deref());
    Ok(Totals { by: request.by.clone(), groups, subtotals, whole, remarks })
}

/// The key that features are grouped by: the class field by its codes, however they are spelt.
fn key_of(layer: &Layer, by: By) -> GroupKey {
    match by {
        By::Field(_) => keys::as_classes(layer, vec![by.key()]).pop().unwrap_or(by.key()),
        By::Prefix(..) | By::Level(..) | By::Big(..) => by.key(),
    }
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

/// The groups with the codes of key `at` put together to big classes, in the order of those.
fn by_big_class(groups: Vec<Group>, at: usize, scheme: Scheme, language: Language) -> Vec<Group> {
    let mut found: FxHashMap<Vec<Option<Arc<str>>>, (usize, Group)> = FxHashMap::default();
    for part in groups {
        let code = part.key.get(at).cloned().flatten();
        let big = code.as_deref().and_then(|code| big_class(scheme, code, language));
        let (place, name) = big.map_or((usize::MAX, None), |(place, name)| (place, Some(name)));
        let mut key = part.key;
        if let Some(key) = key.get_mut(at) {
            *key = name.map(Arc::from);
        }
        let (_, sum) = found.entry(key.clone()).or_insert_with(|| (place, Group { key, ..Group::empty() }));
        sum.feature_count += part.feature_count;
        sum.exact += part.exact;
        sum.printed += part.printed;
    }
    let mut sums: Vec<(usize, Group)> = found.into_values().collect();
    // As the groups came: by each key in turn, nothing last, and big classes as they are listed.
    sums.sort_by(|(place_a, a), (place_b, b)| {
        let by_key = |i: usize| match i == at {
            true => place_a.cmp(place_b),
            false => a.key[i].is_none().cmp(&b.key[i].is_none()).then_with(|| a.key[i].cmp(&b.key[i])),
        };
        (0..a.key.len()).map(by_key).find(|order| order.is_ne()).unwrap_or(std::cmp::Ordering::Equal)
    });
    sums.into_iter().map(|(_, sum)| sum).collect()
}

/// The class that a key names.
pub fn class_of(by: By, key: &str) -> Option<Class> {
    match by {
        By::Level(_, scheme, _) => Some(classes::resolve(scheme, key)?.class),
        By::Big(..) | By::Field(_) | By::Prefix(..) => None,
    }
}

/// The features that a row of totals is made of.
pub fn features_of(layer: &Layer, by: By, key: Option<&str>, scope: &Scope, language: Language) -> Rows {
    let by_key = key_of(layer, by);
    let belongs = |text: Option<&str>| match by {
        // In the big classes, what is no class stands with what is empty.
        By::Big(_, scheme) => text.and_then(|text| big_class(scheme, text, language)).map(|(_, name)| name) == key,
        By::Field(_) | By::Prefix(..) | By::Level(..) => text == key,
    };
    let found: Vec<Vec<usize>> = layer
        .blocks
        .par_iter()
        .zip(&layer.starts)
        .map(|(block, start)| {
            let rows = block.geometry.feature_count();
            let (codes, texts) = keys::codes(block, rows, &by_key);
            let judged: Vec<bool> = texts.iter().map(|text| belongs(text.as_deref())).collect();
            (0..rows).filter(|row| judged[codes[*row] as usize]).map(|row| start + row).collect()
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
        let sums = by_big_class(groups, 0, Scheme::Sd2019, Language::Chinese);
        let shown: Vec<_> = sums.iter().map(|g| (g.key[0].as_deref(), g.feature_count, g.printed.m2())).collect();
        assert_eq!(shown, [(Some("农用地"), 4, 5.0), (Some("建设用地"), 2, 2.0), (None, 2, 8.0)]);
    }

    /// A layer of six squares of 100 m with a street code and a class.
    fn parcels() -> (Arc<Layer>, Arc<Areas>) {
        use crate::io::OpenOptions;
        use crate::io::open_bytes;
        let rows = [
            ("370105001001", "0102"),
            ("370105001002", "0102"),
            ("370105001002", "0701"),
            ("370105002001", "0701"),
            ("370105002001", "0301"),
            ("", "0301"),
        ];
        let feature = |(at, (code, class)): (usize, &(&str, &str))| {
            let (x, y) = (500_000.0 + 100.0 * at as f64, 4_070_000.0);
            let (r, t) = (x + 100.0, y + 100.0);
            let code = if code.is_empty() { "null".to_owned() } else { format!("\"{code}\"") };
            format!(
                r#"{{"type":"Feature","properties":{{"QSDWDM":{code},"DLBM":"{class}"}},"geometry":{{"type":"Polygon",
                "coordinates":[[[{x},{y}],[{r},{y}],[{r},{t}],[{x},{t}],[{x},{y}]]]}}}}"#
            )
        };
        let features: Vec<String> = rows.iter().enumerate().map(feature).collect();
        let crs = r#"{"type":"name","properties":{"name":"urn:ogc:def:crs:EPSG::4548"}}"#;
        let text = format!(r#"{{"type":"FeatureCollection","crs":{crs},"features":[{}]}}"#, features.join(","));
        let opened = open_bytes("a.geojson", text.into_bytes(), &OpenOptions::default(), &Progress::new());
        let layer = Arc::new(opened.expect("opens").layers.remove(0));
        let areas =
            crate::overlay::measured(&layer, crate::model::AreaMethod::Planar, &Progress::new()).expect("measured");
        (layer, Arc::new(areas))
    }

    #[test]
    fn streets_by_classes_have_subtotals_and_are_those_of_the_command_line() {
        let (layer, areas) = parcels();
        let fields = ["QSDWDM", "DLBM"].map(|name| layer.field(name).expect("a field"));
        let sums = |by: Vec<By>| {
            let (layer, areas) = (layer.clone(), Some(areas.clone()));
            let request = Request { layer, areas, by, scope: Scope::Layer, language: Language::Chinese };
            totals(&request, &Progress::new()).expect("not cancelled")
        };
        let shown = |groups: &[Group]| -> Vec<(String, usize, f64)> {
            let text = |key: &Option<Arc<str>>| key.as_deref().unwrap_or("–").to_owned();
            let key = |group: &Group| group.key.iter().map(text).collect::<Vec<_>>().join(" ");
            groups.iter().map(|group| (key(group), group.feature_count, group.printed.m2())).collect()
        };
        let row = |key: &str, count: usize, m2: f64| (key.to_owned(), count, m2);
        let nested = sums(vec![By::Prefix(fields[0], 9), By::Level(fields[1], Scheme::Sd2019, 1)]);
        assert_eq!(
            shown(&nested.groups),
            [
                row("370105001 01", 2, 2e4),
                row("370105001 07", 1, 1e4),
                row("370105002 03", 1, 1e4),
                row("370105002 07", 1, 1e4),
                row("– 03", 1, 1e4)
            ]
        );
        assert_eq!(shown(&nested.subtotals), [row("370105001", 3, 3e4), row("370105002", 2, 2e4), row("–", 1, 1e4)]);
        use Line::Group as G;
        use Line::Subtotal as S;
        assert_eq!(nested.lines(), [S(0), G(0), G(1), S(1), G(2), G(3), S(2), G(4)]);
        // The same function and the same keys as `areas --by`.
        let keys = crate::report::groups::parse_keys(&layer, "QSDWDM:9,DLBM@1").expect("keys");
        assert_eq!(nested.groups, group(&layer, &areas, &keys, None));
        // Big classes stand in their order under each street.
        let big = sums(vec![By::Prefix(fields[0], 9), By::Big(fields[1], Scheme::Sd2019)]);
        let keys: Vec<String> = shown(&big.groups).into_iter().map(|(key, ..)| key).collect();
        assert_eq!(
            keys,
            ["370105001 农用地", "370105001 建设用地", "370105002 农用地", "370105002 建设用地", "– 农用地"]
        );
        // A line gives the features that it is made of.
        let rows = features_of(&layer, By::Prefix(fields[0], 9), Some("370105002"), &Scope::Layer, Language::Chinese);
        assert_eq!(rows.iter().collect::<Vec<_>>(), [3, 4]);
        let one = sums(vec![By::Field(fields[1])]);
        assert!(one.subtotals.is_empty() && one.lines().iter().all(|line| matches!(line, G(_))));
    }

    #[test]
    fn a_share_is_of_areas_and_of_counts_where_there_are_none() {
        assert_eq!(share(&part("a", 1.0), &part("b", 4.0)), 0.25);
        assert_eq!(share(&part("a", 0.0), &part("b", 0.0)), 1.0);
        assert_eq!(share(&Group::empty(), &Group::empty()), 0.0);
    }
}
