//! 永久基本农田占用与补划: what of the basic farmland a plan gives up and what it takes in, parcel by parcel; and the
//! ledger of reserves (储备区), by the layers that are called so.

use super::{APPROVAL, hectare_column, text_column};
use crate::model::roles::{Role, fields};
use crate::model::{AreaMethod, GeometryKind, Layer};
use crate::overlay::{self, PairTable};
use crate::report::transition::signed;
use crate::report::{Cell, Column, ColumnKind, Table};
use crate::scenario::Ridges;
use crate::scenario::plan_state::{PlanState, StateLayer};
use crate::scenario::transition::CompareError;
use crate::task::Progress;
use crate::text::{Language, Message, tr};
use crate::units::{Area, AreaUnit, balance, format_number};

/// Less of a parcel is what rounding and drawing leave over, m².
const LEAST_M2: f64 = 1.0;
/// What hectares with four decimals show, m².
const LEAST_SHOWN_M2: f64 = 0.5;
/// The word by which layers of reserves are known.
const RESERVE: &str = "储备";
/// Fields that say where a parcel lies, what it is, how steep and how good.
const VILLAGE: [&str; 4] = ["ZLDWMC", "QSDWMC", "XZQMC", "坐落单位名称"];
const GRADE: [&str; 3] = ["GDDB", "ZLDB", "耕地等别"];
const SLOPE: [&str; 3] = ["GDPDJB", "PDJB", "坡度级别"];

/// A parcel that is given up, taken in, or kept in reserve.
#[derive(Clone, Debug, PartialEq)]
struct Parcel {
    id: String,
    village: String,
    class: String,
    m2: f64,
    net_m2: Option<f64>,
    slope: String,
    grade: String,
}

/// What a layer says of its parcels.
struct Sayings<'a> {
    layer: &'a StateLayer,
    ridges: Option<Ridges>,
    id: Option<usize>,
    village: Option<usize>,
    slope: Option<usize>,
    grade: Option<usize>,
}

impl<'a> Sayings<'a> {
    fn of(layer: &'a StateLayer) -> Self {
        let field = |names: &[&str]| names.iter().find_map(|name| layer.layer.field(name));
        Self {
            ridges: Ridges::of_layer(&layer.layer),
            id: field(&["BSM", "TBBH"]),
            village: field(&VILLAGE),
            slope: field(&SLOPE),
            grade: field(&GRADE),
            layer,
        }
    }

    fn parcel(&self, feature: usize, m2: f64, language: Language) -> Parcel {
        let layer: &Layer = &self.layer.layer;
        let text = |field: Option<usize>| match field.map(|field| layer.value(feature, field)) {
            Some(value) if !value.is_null() => value.to_string(),
            _ => String::new(),
        };
        let id = text(self.id);
        let id = if id.is_empty() { layer.feature_id(feature).unwrap_or_default() } else { id };
        let class = text(self.layer.class_field);
        let class = match self.layer.scheme.and_then(|scheme| crate::model::classes::resolve(scheme, &class)) {
            Some(found) => found.class.label(language),
            None => class,
        };
        let slope = text(self.slope);
        let meaning = self.slope.and_then(|field| {
            fields::meaning(&layer.fields[field].name, &slope, self.layer.scheme, language).map(str::to_owned)
        });
        Parcel {
            id: if id.is_empty() { format!("#{}", layer.source_row(feature) + 1) } else { id },
            village: text(self.village),
            class,
            m2,
            net_m2: self.ridges.as_ref().map(|ridges| m2 * (1.0 - ridges.shares[feature])),
            slope: meaning.unwrap_or(slope),
            grade: text(self.grade),
        }
    }
}

fn columns(first: &str, title: &str, language: Language) -> Vec<Column> {
    let mut columns = vec![text_column(first, title, language)];
    for (key, title) in [("id", "report.parcel"), ("village", "report.village"), ("class", "report.class")] {
        columns.push(text_column(key, title, language));
    }
    columns.push(hectare_column("gross", "report.gross-area", APPROVAL, language).why("why.f-parcel"));
    columns.push(hectare_column("net", "report.net-area", APPROVAL, language).why("why.f-net"));
    let in_mu = Column::new("gross_mu", tr(language, "report.gross-area"), ColumnKind::Area(AreaUnit::Mu));
    columns.push(in_mu.why("why.f-parcel"));
    columns.push(text_column("slope", "report.slope", language));
    columns.push(text_column("grade", "report.grade", language));
    columns
}

/// What several parcels come to.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Sum {
    m2: f64,
    net_m2: f64,
    has_net: bool,
    /// m² of which the grade is known, and those times the grade.
    graded_m2: f64,
    grade_m2: f64,
}

impl Sum {
    fn add(&mut self, parcel: &Parcel) {
        self.m2 += parcel.m2;
        self.net_m2 += parcel.net_m2.unwrap_or(parcel.m2);
        self.has_net |= parcel.net_m2.is_some();
        // Grades are written as words or as numbers: only of the latter there is a mean.
        if let Some(grade) = parcel.grade.trim().parse::<f64>().ok().filter(|grade| *grade > 0.0) {
            self.graded_m2 += parcel.m2;
            self.grade_m2 += parcel.m2 * grade;
        }
    }

    /// The mean grade by area.
    fn grade(&self) -> Option<f64> {
        (self.graded_m2 > 0.0).then(|| self.grade_m2 / self.graded_m2)
    }

    /// The row of a sum, whose areas are printed as `shown`; `grade` is what stands in its last cell.
    fn row(&self, first: &str, label: &str, shown: [f64; 3], grade: String) -> Vec<Cell> {
        let [gross, net, mu] = shown;
        vec![
            Cell::from(first),
            Cell::from(label),
            Cell::Empty,
            Cell::Empty,
            Cell::Rounded { shown: gross, exact: self.m2 },
            if self.has_net { Cell::Rounded { shown: net, exact: self.net_m2 } } else { Cell::Empty },
            Cell::Rounded { shown: mu, exact: self.m2 },
            Cell::Empty,
            Cell::from(grade),
        ]
    }
}

/// Areas of parcels rounded so that they add up to their rounded sum: the cells, and the sum in m².
fn add_up(parcels: &[Parcel], unit: AreaUnit, decimals: usize, m2: impl Fn(&Parcel) -> f64) -> (Vec<Cell>, f64) {
    let exact: Vec<f64> = parcels.iter().map(m2).collect();
    let rounded = balance(&exact.iter().map(|m2| Area::from_m2(*m2).value(unit)).collect::<Vec<_>>(), decimals);
    let cells = rounded.rows.iter().zip(exact);
    let cells = cells.map(|(shown, exact)| Cell::Rounded { shown: Area::of(*shown, unit).m2(), exact });
    (cells.collect(), Area::of(rounded.total, unit).m2())
}

/// A mean grade, as it is read.
fn mean_grade(grade: Option<f64>, language: Language) -> String {
    grade.map_or_else(String::new, |grade| {
        Message::new("report.mean-grade").with("grade", format_number(grade, 2)).text(language)
    })
}

fn row(first: &str, parcel: &Parcel) -> Vec<Cell> {
    let area = |m2: f64| Cell::from(Area::from_m2(m2));
    vec![
        Cell::from(first),
        Cell::from(parcel.id.as_str()),
        Cell::from(parcel.village.as_str()),
        Cell::from(parcel.class.as_str()),
        area(parcel.m2),
        parcel.net_m2.map_or(Cell::Empty, area),
        area(parcel.m2),
        Cell::from(parcel.slope.as_str()),
        Cell::from(parcel.grade.as_str()),
    ]
}

/// Parcels of basic farmland of `base` that `scenario` has no more, and those that it has instead; `None` where both have
/// the same, or one of them none.
///
/// # Errors
/// As [`overlay::pairs()`].
pub fn replaced_table(
    base: &PlanState,
    scenario: &PlanState,
    method: AreaMethod,
    language: Language,
    progress: &Progress,
) -> Result<Option<Table>, CompareError> {
    let befores: Vec<&StateLayer> = base.of_role(Role::BasicFarmland).collect();
    let afters: Vec<&StateLayer> = scenario.of_role(Role::BasicFarmland).collect();
    // Of several layers each is held against the one of its name.
    let mut against = Vec::new();
    for before in &befores {
        let named = afters.iter().find(|after| after.title == before.title);
        let only = afters.first().filter(|_| befores.len() == 1 && afters.len() == 1);
        if let Some(after) = named.or(only).filter(|after| after.layer.revision != before.layer.revision) {
            against.push((*before, *after, overlay::pairs(&before.layer, &after.layer, None, method, progress)?));
        }
    }
    if against.is_empty() {
        return Ok(None);
    }
    let mut table = Table {
        title: tr(language, "report.farmland-replaced").to_owned(),
        columns: columns("kind", "report.account", language),
        ..Table::default()
    };
    let mut sums = [Sum::default(); 2];
    let mut shown = [[0.0; 3]; 2];
    for (side, word) in ["report.given-up", "report.taken-in"].into_iter().enumerate() {
        let mut parcels: Vec<Parcel> = Vec::new();
        for (before, after, pairs) in &against {
            let sayings = Sayings::of([*before, *after][side]);
            let only = pairs.sides[side].only.iter().enumerate().filter(|(_, m2)| **m2 >= LEAST_M2);
            parcels.extend(only.map(|(feature, m2)| sayings.parcel(feature, *m2, language)));
        }
        parcels.sort_by(|a, b| b.m2.total_cmp(&a.m2));
        parcels.iter().for_each(|parcel| sums[side].add(parcel));
        let (gross, gross_sum) = add_up(&parcels, AreaUnit::Hectare, APPROVAL, |parcel| parcel.m2);
        let (net, net_sum) = add_up(&parcels, AreaUnit::Hectare, APPROVAL, |parcel| parcel.net_m2.unwrap_or(parcel.m2));
        let (mu, mu_sum) = add_up(&parcels, AreaUnit::Mu, 2, |parcel| parcel.m2);
        shown[side] = [gross_sum, net_sum, mu_sum];
        for (parcel, ((gross, net), mu)) in parcels.iter().zip(gross.into_iter().zip(net).zip(mu)) {
            let mut row = row(tr(language, word), parcel);
            (row[4], row[6]) = (gross, mu);
            if sums[side].has_net {
                row[5] = net;
            }
            table.rows.push(row);
        }
    }
    // Subtotals stand behind all parcels, and behind them the balance, which is the difference of what they print.
    let [out, into] = sums;
    for (side, word) in ["report.given-up", "report.taken-in"].into_iter().enumerate() {
        let grade = mean_grade(sums[side].grade(), language);
        table.rows.push(sums[side].row(tr(language, word), tr(language, "report.subtotal"), shown[side], grade));
    }
    let difference: [f64; 3] = std::array::from_fn(|at| shown[1][at] - shown[0][at]);
    let left = Sum {
        m2: into.m2 - out.m2,
        net_m2: into.net_m2 - out.net_m2,
        has_net: into.has_net || out.has_net,
        ..Sum::default()
    };
    let better = into.grade().zip(out.grade()).map(|(into, out)| signed(into - out, 2)).unwrap_or_default();
    table.total = Some(left.row(tr(language, "report.taken-less-given"), "", difference, better));
    let ha = |m2: f64| Area::from_m2(m2).display(AreaUnit::Hectare);
    let sentence = Message::new("report.farmland-sums")
        .with("out", ha(out.m2))
        .with("out_net", ha(out.net_m2))
        .with("into", ha(into.m2))
        .with("into_net", ha(into.net_m2))
        .with("net", ha(into.net_m2 - out.net_m2));
    table.notes.push(sentence.text(language));
    // What stays may have other ridges: without it the net areas of both states differ by another figure.
    let kept_m2: f64 = against.iter().map(|(before, after, pairs)| kept_net(before, after, pairs)).sum();
    if left.has_net && kept_m2.abs() >= LEAST_SHOWN_M2 {
        let whole = left.net_m2 + kept_m2;
        let kept = Message::new("report.farmland-kept").with("kept", ha(kept_m2)).with("whole", ha(whole));
        table.notes.push(kept.with("mu", Area::from_m2(whole).display(AreaUnit::Mu)).text(language));
    }
    table.notes.push(Message::new("report.least-piece").with("m2", LEAST_M2).text(language));
    Ok(Some(table))
}

/// By how much the net area of what stays changes, m²: parts that lie in parcels with another share of ridges.
fn kept_net(before: &StateLayer, after: &StateLayer, pairs: &PairTable) -> f64 {
    let ridges = [before, after].map(|layer| Ridges::of_layer(&layer.layer));
    let share = |side: usize, feature: u32| ridges[side].as_ref().map_or(0.0, |of| of.shares[feature as usize]);
    pairs.pairs.iter().map(|pair| pair.m2 * (share(0, pair.a) - share(1, pair.b))).sum()
}

/// The parcels of layers that are called reserves; `None` where there are none.
///
/// # Errors
/// As [`overlay::measured`].
pub fn reserve_table(
    state: &PlanState,
    method: AreaMethod,
    language: Language,
    progress: &Progress,
) -> Result<Option<Table>, CompareError> {
    let is_reserve = |layer: &&StateLayer| {
        layer.layer.kind == GeometryKind::Polygon
            && (layer.title.contains(RESERVE) || layer.layer.name.contains(RESERVE))
    };
    let mut table = Table {
        title: tr(language, "report.reserves").to_owned(),
        columns: columns("layer", "report.layer", language),
        ..Table::default()
    };
    for layer in state.layers.iter().filter(is_reserve) {
        let areas = match &layer.areas {
            Some(areas) if areas.method == method => areas.clone(),
            _ => std::sync::Arc::new(overlay::measured(&layer.layer, method, progress)?),
        };
        let sayings = Sayings::of(layer);
        for (feature, m2) in areas.exact.iter().enumerate() {
            table.rows.push(row(&layer.title, &sayings.parcel(feature, *m2, language)));
        }
    }
    if table.rows.is_empty() {
        return Ok(None);
    }
    table.add_total(tr(language, "report.total"));
    Ok(Some(table))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::io::{OpenOptions, open_bytes};

    fn state(title: &str, role: Role, squares: &[(f64, &str)]) -> PlanState {
        let feature = |(x, id): &(f64, &str)| {
            let [x0, x1] = [*x, x + 0.001];
            format!(
                r#"{{"type":"Feature","properties":{{"BSM":"{id}","DLBM":"0101","KCXS":0.1}},"geometry":{{"type":"Polygon","coordinates":[[[{x0},36.8],[{x1},36.8],[{x1},36.801],[{x0},36.801],[{x0},36.8]]]}}}}"#
            )
        };
        let features: Vec<String> = squares.iter().map(feature).collect();
        let text = format!(r#"{{"type":"FeatureCollection","features":[{}]}}"#, features.join(","));
        let opened = open_bytes("a.geojson", text.into_bytes(), &OpenOptions::default(), &Progress::new());
        let mut entry = crate::scenario::Entry::recognised(Arc::new(opened.expect("opens").layers.remove(0)), 0);
        title.clone_into(&mut entry.title);
        entry.role = role;
        PlanState::of_entries("", [&entry])
    }

    #[test]
    fn parcels_given_up_and_taken_in_stand_with_their_net_area() {
        let base = state("永农", Role::BasicFarmland, &[(117.0, "001"), (117.01, "002")]);
        let scenario = state("永农", Role::BasicFarmland, &[(117.0, "001"), (117.02, "003")]);
        let (method, progress) = (AreaMethod::Survey, Progress::new());
        let table = replaced_table(&base, &scenario, method, Language::Chinese, &progress);
        let table = table.expect("compares").expect("differs");
        // Both parcels, then what was given up and taken in; the balance is the last row.
        assert_eq!(table.rows.len(), 4, "{table:?}");
        assert_eq!(table.rows[2][4], table.rows[0][4]);
        assert_eq!((&table.rows[0][1], &table.rows[1][1]), (&Cell::from("002"), &Cell::from("003")));
        let exact = |cell: &Cell| match cell {
            Cell::Rounded { exact, .. } => *exact,
            other => panic!("no area: {other:?}"),
        };
        let last = table.total.as_ref().expect("a balance");
        assert!(exact(&last[4]).abs() < 5.0, "{last:?}");
        assert!((exact(&table.rows[0][5]) / exact(&table.rows[0][4]) - 0.9).abs() < 1e-9);
        assert!(replaced_table(&base, &base, method, Language::Chinese, &progress).expect("compares").is_none());
    }

    #[test]
    fn reserves_are_known_by_the_name_of_their_layer() {
        let progress = Progress::new();
        let reserve = state("永久基本农田储备区", Role::Other, &[(117.0, "001"), (117.01, "002")]);
        let table = reserve_table(&reserve, AreaMethod::Survey, Language::Chinese, &progress);
        assert_eq!(table.expect("measures").expect("is there").rows.len(), 2);
        let other = state("其他", Role::Other, &[(117.0, "001")]);
        assert!(reserve_table(&other, AreaMethod::Survey, Language::Chinese, &progress).expect("measures").is_none());
    }
}
