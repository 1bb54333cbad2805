//! 占用地类表: what red lines take of the land, many at once, a row a red line.
//!
//! All red lines are laid over the land in one pass. The three big classes of a row, and what has none of them, add up to
//! its area, and the rows to the last one: all of them are rounded together.

use super::{APPROVAL, hectare_column, hectares, text_column};
use crate::model::classes::{BigClass, Class, OtherGrassland, PlanUse};
use crate::model::roles::{self, Clues, Role};
use crate::model::{AreaMethod, Issue, Layer, Value};
use crate::overlay::{self, PairTable};
use crate::report::{Cell, Table};
use crate::scenario::plan_state::{PlanState, StateLayer};
use crate::scenario::transition::CompareError;
use crate::task::Progress;
use crate::text::{Language, Message, tr};
use crate::units::{Area, Flow, balance, balance_to, in_last_digits, last_digits, round_flows};

/// Red lines: a layer with a polygon each.
#[derive(Clone, Copy, Debug)]
pub struct RedLines<'a> {
    /// Name of the layer.
    pub title: &'a str,
    /// The polygons.
    pub layer: &'a Layer,
}

/// Kinds of land that a row is divided into, and what has no class or is not covered.
const KINDS: usize = 4;

/// What one red line takes, m².
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Occupied {
    /// Name of the red line.
    pub name: String,
    /// Name of its layer.
    pub layer: String,
    /// The red line itself.
    pub own_m2: f64,
    /// 农用地, 建设用地, 未利用地, and the rest of it.
    pub kinds_m2: [f64; KINDS],
    /// 其中耕地.
    pub cropland_m2: f64,
    /// 其中水田.
    pub paddy_m2: f64,
    /// 其中永久基本农田.
    pub farmland_m2: f64,
    /// On state-owned and on collective land.
    pub owners_m2: [f64; 2],
}

impl Occupied {
    /// Adds the areas of another.
    fn add(&mut self, other: &Self) {
        self.own_m2 += other.own_m2;
        (0..KINDS).for_each(|kind| self.kinds_m2[kind] += other.kinds_m2[kind]);
        self.cropland_m2 += other.cropland_m2;
        self.paddy_m2 += other.paddy_m2;
        self.farmland_m2 += other.farmland_m2;
        (0..2).for_each(|owner| self.owners_m2[owner] += other.owners_m2[owner]);
    }
}

/// What all red lines take.
#[derive(Clone, Debug, Default)]
pub struct AllOccupied {
    /// A row each.
    pub rows: Vec<Occupied>,
    /// Title of the layer of land use.
    pub land: String,
    /// Whether its classes are those of plans, which have no three big classes.
    pub is_plan: bool,
    /// Whether the land says who owns it.
    pub has_owners: bool,
    /// Whether there is basic farmland to be asked.
    pub has_farmland: bool,
    /// Titles of its layers.
    pub farmland: Vec<String>,
    /// How areas were computed, and the plane that edges are straight in.
    pub method: (AreaMethod, String),
    /// What could not take part.
    pub issues: Vec<Issue>,
}

/// What `lines` take of the land use and the basic farmland of `state`; `None` where it has not one layer of land use
/// with a class field.
///
/// # Errors
/// As [`overlay::pairs()`].
pub fn occupied(
    lines: &[RedLines<'_>],
    state: &PlanState,
    method: AreaMethod,
    progress: &Progress,
) -> Result<Option<AllOccupied>, CompareError> {
    let Some(land) = state.land_use() else { return Ok(None) };
    let Some(classes) = land.classes() else { return Ok(None) };
    let owner_field = land.layer.field("QSXZ");
    let farmland: Vec<&StateLayer> = state.of_role(Role::BasicFarmland).collect();
    let mut all = AllOccupied {
        land: land.title.clone(),
        is_plan: land.scheme.is_some_and(crate::model::classes::Scheme::is_plan),
        has_owners: owner_field.is_some(),
        has_farmland: !farmland.is_empty(),
        farmland: farmland.iter().map(|layer| layer.title.clone()).collect(),
        method: (method, String::new()),
        ..AllOccupied::default()
    };
    for line in lines {
        let table = overlay::pairs(line.layer, &land.layer, None, method, progress)?;
        let first = all.rows.len();
        let names = names(line);
        all.rows.extend(names.into_iter().zip(&table.sides[0].own).map(|(name, own_m2)| Occupied {
            name,
            layer: line.title.to_owned(),
            own_m2: *own_m2,
            ..Occupied::default()
        }));
        let rows = &mut all.rows[first..];
        for_each_pair(&table, &mut |a, b, m2| {
            let row = &mut rows[a as usize];
            let (_, class) = classes.get(b as usize);
            if let Some(kind) = class.and_then(kind_of) {
                row.kinds_m2[kind] += m2;
            }
            if let Some(class) = class.filter(|class| class.is_cropland()) {
                row.cropland_m2 += m2;
                row.paddy_m2 += if class.at_level(2).code() == "0101" { m2 } else { 0.0 };
            }
            if let Some(owner) = owner_field.and_then(|field| owner_of(land.layer.value(b as usize, field))) {
                row.owners_m2[owner] += m2;
            }
        });
        for row in rows.iter_mut() {
            row.kinds_m2[KINDS - 1] = row.own_m2 - row.kinds_m2[..KINDS - 1].iter().sum::<f64>();
        }
        for layer in &farmland {
            let table = overlay::pairs(line.layer, &layer.layer, None, method, progress)?;
            // Polygons of basic farmland that lie on each other count once.
            let side = &table.sides[0];
            for (row, (own, only)) in rows.iter_mut().zip(side.own.iter().zip(&side.only)) {
                row.farmland_m2 += own - only;
            }
            all.issues.extend(table.issues);
        }
        all.method.1.clone_from(&table.frame);
        let [of_line, of_land] = table.sides;
        all.issues.extend(table.issues.into_iter().chain(of_line.issues).chain(of_land.issues));
    }
    Ok(Some(all))
}

/// Every pair, those too many to be listed as well.
fn for_each_pair(table: &PairTable, with: &mut dyn FnMut(u32, u32, f64)) {
    table.pairs.iter().for_each(|pair| with(pair.a, pair.b, pair.m2));
    for bundle in &table.bundles {
        for a in bundle.a.iter() {
            bundle.b.iter().for_each(|b| with(*a, *b, bundle.each.m2));
        }
    }
}

/// Place of the kind of land that a class is.
fn kind_of(class: Class) -> Option<usize> {
    match (class.big_class(OtherGrassland::default()), class.plan_use()) {
        (Some(BigClass::Agricultural), _) | (_, Some(PlanUse::Farming | PlanUse::FarmFacility)) => Some(0),
        (Some(BigClass::Construction), _) | (_, Some(PlanUse::Construction)) => Some(1),
        (Some(BigClass::Unused), _) | (_, Some(PlanUse::Open | PlanUse::Sea)) => Some(2),
        _ => None,
    }
}

/// Whether the state or a collective owns land, by its code.
pub(super) fn owner_of(value: Value<'_>) -> Option<usize> {
    match value.to_string().trim().chars().next() {
        Some('1' | '2') => Some(0),
        Some('3' | '4') => Some(1),
        _ => None,
    }
}

/// What each red line is called: by its name, its id, or its number.
fn names(line: &RedLines<'_>) -> Vec<String> {
    let recognised = roles::recognise(&Clues::of_layer(line.layer));
    let field = recognised.label_field.and_then(|name| line.layer.field(&name));
    let name = |feature: usize| {
        let labelled = field.map(|field| line.layer.value(feature, field).to_string());
        let known = labelled.filter(|name| !name.trim().is_empty()).or_else(|| line.layer.feature_id(feature));
        known.unwrap_or_else(|| format!("#{}", line.layer.source_row(feature) + 1))
    };
    (0..line.layer.feature_count()).map(name).collect()
}

impl AllOccupied {
    /// The table, in hectares with four decimals.
    pub fn table(&self, language: Language) -> Table {
        let area = |key: &str, title: &str| hectare_column(key, title, APPROVAL, language);
        let mut table = Table { title: tr(language, "report.occupied").to_owned(), ..Table::default() };
        table.columns = vec![
            text_column("name", "report.red-line-name", language),
            text_column("layer", "report.layer", language),
            area("total", "report.occupied-total").why("why.f-occupied-total"),
            area("agricultural", "report.agricultural").why("why.f-taken"),
            area("cropland", "report.of-cropland").why("why.f-taken"),
            area("paddy", "report.of-paddy").why("why.f-taken"),
            area("construction", "report.construction").why("why.f-taken"),
            area("unused", "report.unused").why("why.f-taken"),
            area("rest", "report.without-class").why("why.f-occupied-rest"),
        ];
        if self.has_farmland {
            table.columns.push(area("farmland", "report.of-farmland").why("why.f-occupied-farmland"));
        }
        if self.has_owners {
            table.columns.push(area("state_owned", "report.state-owned").why("why.f-occupied-owner"));
            table.columns.push(area("collective", "report.collective").why("why.f-occupied-owner"));
        }
        let kinds = self.rounded_kinds();
        // What stands beside the sums is rounded by itself, and adds up to its own.
        let column = |m2: fn(&Occupied) -> f64| {
            let values: Vec<f64> = self.rows.iter().map(|row| Area::from_m2(m2(row)).ha()).collect();
            let rounded = balance(&values, APPROVAL);
            (rounded.rows.iter().map(|v| last_digits(*v, APPROVAL)).collect::<Vec<i64>>(), rounded.adjusted_count)
        };
        let (cropland, _) = column(|row| row.cropland_m2);
        let (paddy, _) = column(|row| row.paddy_m2);
        let (farmland, _) = column(|row| row.farmland_m2);
        let (state_owned, _) = column(|row| row.owners_m2[0]);
        let (collective, _) = column(|row| row.owners_m2[1]);
        let row = |label: &str, layer: &str, kinds: [i64; KINDS], others: [i64; 5], exact: &Occupied| {
            let ha = |units: i64, m2: f64| hectares(units, APPROVAL, m2);
            let kind = |at: usize| ha(kinds[at], exact.kinds_m2[at]);
            let mut cells = vec![
                Cell::from(label),
                Cell::from(layer),
                ha(kinds.iter().sum(), exact.kinds_m2.iter().sum()),
                kind(0),
                ha(others[0], exact.cropland_m2),
                ha(others[1], exact.paddy_m2),
                kind(1),
                kind(2),
                kind(3),
            ];
            if self.has_farmland {
                cells.push(ha(others[2], exact.farmland_m2));
            }
            if self.has_owners {
                cells.extend([ha(others[3], exact.owners_m2[0]), ha(others[4], exact.owners_m2[1])]);
            }
            cells
        };
        let mut total = ([0; KINDS], [0; 5]);
        let mut whole = Occupied::default();
        for (at, of) in self.rows.iter().enumerate() {
            let others = [cropland[at], paddy[at], farmland[at], state_owned[at], collective[at]];
            (0..KINDS).for_each(|kind| total.0[kind] += kinds[at][kind]);
            (0..5).for_each(|other| total.1[other] += others[other]);
            whole.add(of);
            table.rows.push(row(&of.name, &of.layer, kinds[at], others, of));
        }
        table.total = Some(row(tr(language, "report.total"), "", total.0, total.1, &whole));
        let basis = Message::new("report.occupied-basis")
            .with("land", &self.land)
            .with("method", tr(language, self.method.0.key()))
            .with_said("zone", |l| crate::crs::name_said(&self.method.1, l));
        table.notes.push(basis.text(language));
        if !self.farmland.is_empty() {
            let list = self.farmland.join(tr(language, "report.comma"));
            table.notes.push(Message::new("report.occupied-lines").with("farmland", list).text(language));
        }
        if self.is_plan {
            table.notes.push(tr(language, "report.occupied-plan").to_owned());
        }
        table
    }

    /// The kinds of every row in units of the last digit, so that rows and columns add up.
    fn rounded_kinds(&self) -> Vec<[i64; KINDS]> {
        let ha = |m2: f64| Area::from_m2(m2).ha();
        let count = self.rows.len();
        let owns: Vec<f64> = self.rows.iter().map(|row| row.kinds_m2.iter().map(|m2| ha(*m2)).sum()).collect();
        let rows = balance(&owns, APPROVAL);
        let sums: Vec<f64> = (0..KINDS).map(|kind| self.rows.iter().map(|row| ha(row.kinds_m2[kind])).sum()).collect();
        let columns = balance_to(&sums, APPROVAL, rows.total);
        let mut supplies: Vec<i64> = rows.rows.iter().map(|value| last_digits(*value, APPROVAL)).collect();
        supplies.extend(columns.rows.iter().map(|value| -last_digits(*value, APPROVAL)));
        let mut flows = Vec::new();
        for (row, of) in self.rows.iter().enumerate() {
            for (kind, m2) in of.kinds_m2.iter().enumerate() {
                let value = in_last_digits(ha(*m2), APPROVAL);
                flows.push(Flow { from: row, to: count + kind, value, weight: 1 });
            }
        }
        let units = round_flows(&supplies, count, &flows);
        (0..count).map(|row| std::array::from_fn(|kind| units[row * KINDS + kind])).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::table::Figure;

    #[test]
    fn rows_and_columns_add_up_to_the_last_digit() {
        let row = |name: &str, kinds: [f64; KINDS]| Occupied {
            name: name.to_owned(),
            own_m2: kinds.iter().sum(),
            kinds_m2: kinds,
            cropland_m2: kinds[0] / 2.0,
            ..Occupied::default()
        };
        let third = 1.0 / 3.0;
        let all = AllOccupied {
            rows: vec![
                row("甲", [third, third, third, 0.0]),
                row("乙", [0.5, 0.5, 0.49, 0.01]),
                row("丙", [1234.567, 0.1, 0.2, -0.05]),
            ],
            ..AllOccupied::default()
        };
        let table = all.table(Language::Chinese);
        let figures = table.figures();
        let units = |row: usize, column: usize| match figures.rows[row][column] {
            Figure::Number(value) => last_digits(value, APPROVAL),
            ref other => panic!("no number: {other:?}"),
        };
        for row in 0..4 {
            let parts: i64 = [3, 6, 7, 8].iter().map(|column| units(row, *column)).sum();
            assert_eq!(parts, units(row, 2), "{row}");
        }
        for column in 2..9 {
            assert_eq!((0..3).map(|row| units(row, column)).sum::<i64>(), units(3, column), "{column}");
        }
    }
}
