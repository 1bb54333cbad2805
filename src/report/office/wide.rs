//! The wide forms of survey statistics: a row a region, a column a class or what else the form asks for, under headings
//! over headings (`forms`). 一级、二级分类面积汇总表 have 16 and 71 columns, 三大类面积汇总表 82.
//!
//! Areas are those that the survey keeps: TBMJ of a parcel less its field ridges (KCMJ), which count as ridges. Where a
//! layer does not state them for every parcel, they are measured. All cells of a form are rounded together: a row adds up
//! to its region, a column to its total, and every sum is that of the cells that are read.

use rustc_hash::FxHashMap;

use self::forms::{Form, FormColumn, Takes};
use super::occupied::owner_of;
use super::{STATISTICS, hectares};
use crate::measure::MeasureError;
use crate::model::classes::{Class, Scheme};
use crate::model::{AreaMethod, GeometryKind, Layer};
use crate::overlay;
use crate::report::{Cell, Column, ColumnKind, Table};
use crate::scenario::Ridges;
use crate::scenario::plan_state::StateLayer;
use crate::scenario::transition::CompareError;
use crate::task::Progress;
use crate::text::{Language, Message, tr};
use crate::units::{
    Area, AreaUnit, Flow, balance, balance_to, format_number, in_last_digits, last_digits, round_flows,
};

mod forms;

/// Fields that say where a parcel lies: code and name.
const PLACES: [(&str, &str); 3] = [("ZLDWDM", "ZLDWMC"), ("QSDWDM", "QSDWMC"), ("XZQDM", "XZQMC")];
/// More regions than this make no table that anybody reads.
const MOST_REGIONS: usize = 5_000;

/// What the forms ask of a parcel, or of the field ridges in it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Parcel {
    region: usize,
    class: Option<Class>,
    /// The code as it is written, which may end in K or A.
    code: String,
    /// State-owned or collective.
    owner: Option<usize>,
    /// 坡度级别, 耕地类型, 种植属性, 城镇村属性.
    slope: String,
    terrace: String,
    planting: String,
    settlement: String,
    /// Whether it is the ridges of a parcel.
    is_ridge: bool,
}

/// Parcels by region.
struct Land {
    scheme: Scheme,
    /// Name and code of each region, in the order of codes.
    regions: Vec<(String, String)>,
    /// What is alike stands once, with its area in m².
    parcels: Vec<(Parcel, f64)>,
    /// Which fields are there: those that forms of cropland and settlements are made of.
    has: Has,
    /// How the areas came about.
    basis: Message,
    /// What is stated and what is measured, m², where they differ by what is read.
    differs: Option<[f64; 2]>,
}

/// What a layer states of its parcels.
#[derive(Clone, Copy, Debug, Default)]
struct Has {
    owners: bool,
    slopes: bool,
    plantings: bool,
    settlements: bool,
}

/// The forms of a layer of land use, each with its word; none where its classes are of no scheme.
///
/// # Errors
/// As [`overlay::measured`].
pub fn forms(
    land: &StateLayer,
    method: AreaMethod,
    language: Language,
    progress: &Progress,
) -> Result<Vec<(&'static str, Table)>, CompareError> {
    let Some(land) = gathered(land, method, progress)? else { return Ok(Vec::new()) };
    let forms = forms::all(&land, language);
    Ok(forms.into_iter().map(|form| (form.word, form.table(&land, language))).collect())
}

fn gathered(of: &StateLayer, method: AreaMethod, progress: &Progress) -> Result<Option<Land>, CompareError> {
    let layer: &Layer = &of.layer;
    let (Some(classes), Some(scheme)) = (of.classes(), of.scheme) else { return Ok(None) };
    if layer.kind != GeometryKind::Polygon {
        return Ok(None);
    }
    let text = |field: Option<usize>, feature: usize| match field.map(|field| layer.value(feature, field)) {
        Some(value) if !value.is_null() => value.to_string().trim().to_owned(),
        _ => String::new(),
    };
    let number = |field: Option<usize>, feature: usize| {
        let value = layer.value(feature, field?);
        value.as_f64().or_else(|| value.to_string().trim().parse().ok()) // neither: no area
    };
    let stated = layer.field("TBMJ");
    let deducted = layer.field("KCMJ");
    let count = layer.feature_count();
    let own: Option<Vec<f64>> = (0..count).map(|feature| number(stated, feature).filter(|m2| *m2 > 0.0)).collect();
    let measured = || match &of.areas {
        Some(areas) if areas.method == method => Ok(areas.clone()),
        _ => overlay::measured(layer, method, progress).map(std::sync::Arc::new),
    };
    let mut differs = None;
    let (areas, basis) = match own.filter(|own| !own.is_empty()) {
        Some(own) => {
            match measured() {
                Ok(areas) => {
                    let sums = [own.iter().sum::<f64>(), areas.exact_total().m2()];
                    // Half of the last digit of the total.
                    differs = ((sums[0] - sums[1]).abs() >= 50.0).then_some(sums);
                }
                Err(MeasureError::Cancelled(cancelled)) => return Err(cancelled.into()),
                // What is stated stands all the same.
                Err(_) => {}
            }
            (own, Message::new("report.wide-stated"))
        }
        None => {
            let areas = measured()?;
            let basis = Message::new("report.wide-measured")
                .with_said("method", |language| tr(language, method.key()).to_owned())
                .with_said("zone", |language| crate::crs::name_said(&areas.frame, language));
            (areas.exact.clone(), basis)
        }
    };
    let is_stated = basis.key == "report.wide-stated";
    let ridges = Ridges::of_layer(layer);
    let ridge_m2 = |feature: usize, m2: f64| {
        let known = if is_stated { number(deducted, feature) } else { None };
        let by_share = || ridges.as_ref().map_or(0.0, |ridges| m2 * ridges.shares[feature]);
        known.unwrap_or_else(by_share).clamp(0.0, m2.max(0.0))
    };
    let place = PLACES.iter().find_map(|(code, name)| Some((layer.field(code), layer.field(name)?)));
    let (code_field, name_field) = place.map_or((None, None), |(code, name)| (code, Some(name)));
    let field = |name: &str| layer.field(name);
    let (owners, slopes, terraces) = (field("QSXZ"), field("GDPDJB"), field("GDLX"));
    let (plantings, settlements) = (field("ZZSXDM"), field("CZCSXM"));
    let ridge_class = Class::find(scheme, if scheme.is_plan() { "2303" } else { "1203" });
    let mut numbers: FxHashMap<(String, String), usize> = FxHashMap::default();
    let mut parcels: Vec<(Parcel, f64)> = Vec::new();
    let mut known: FxHashMap<Parcel, usize> = FxHashMap::default();
    let mut add = |parcel: Parcel, m2: f64| match known.get(&parcel) {
        Some(at) => parcels[*at].1 += m2,
        None => {
            known.insert(parcel.clone(), parcels.len());
            parcels.push((parcel, m2));
        }
    };
    for (feature, m2) in areas.iter().enumerate() {
        if feature % 65_536 == 0 {
            progress.tick(0)?;
        }
        let code = short_code(&text(code_field, feature));
        let name = match text(name_field, feature) {
            name if name.is_empty() => of.title.clone(),
            name => name,
        };
        let next = numbers.len();
        let region = *numbers.entry((code, name)).or_insert(next);
        let (written, class) = classes.get(feature);
        let parcel = Parcel {
            region,
            class,
            code: written.trim().to_uppercase(),
            owner: owners.and_then(|field| owner_of(layer.value(feature, field))),
            slope: text(slopes, feature),
            terrace: text(terraces, feature).to_uppercase(),
            planting: text(plantings, feature).to_uppercase(),
            settlement: text(settlements, feature).to_uppercase(),
            ..Parcel::default()
        };
        let ridge = if class.is_some_and(Class::is_cropland) { ridge_m2(feature, *m2) } else { 0.0 };
        if ridge > 0.0 {
            add(Parcel { class: ridge_class, is_ridge: true, ..parcel.clone() }, ridge);
        }
        add(parcel, m2 - ridge);
    }
    if numbers.len() > MOST_REGIONS {
        return Ok(None);
    }
    // In the order of codes, then of names.
    let mut order: Vec<((String, String), usize)> = numbers.into_iter().collect();
    order.sort();
    let mut place_of = vec![0; order.len()];
    for (place, (_, number)) in order.iter().enumerate() {
        place_of[*number] = place;
    }
    parcels.iter_mut().for_each(|(parcel, _)| parcel.region = place_of[parcel.region]);
    let any = |states: fn(&Parcel) -> bool| parcels.iter().any(|(parcel, _)| states(parcel));
    let has = Has {
        owners: any(|parcel| parcel.owner.is_some()),
        slopes: any(|parcel| !parcel.slope.is_empty()),
        plantings: any(|parcel| !parcel.planting.is_empty()),
        settlements: any(|parcel| !parcel.settlement.is_empty()),
    };
    let regions = order.into_iter().map(|((code, name), _)| (name, code)).collect();
    Ok(Some(Land { scheme, regions, parcels, has, basis, differs }))
}

/// A code of a place without what says nothing: that of a county, a township or a village.
fn short_code(code: &str) -> String {
    let whole: String = code.chars().take(12).collect();
    match whole.as_str() {
        code if code.len() == 12 && code.ends_with("000000") => code[..6].to_owned(),
        code if code.len() == 12 && code.ends_with("000") => code[..9].to_owned(),
        code => code.to_owned(),
    }
}

impl Form {
    /// The form filled.
    fn table(&self, land: &Land, language: Language) -> Table {
        let (rows, leaves) = (land.regions.len(), self.leaves());
        let place: FxHashMap<usize, usize> = leaves.iter().enumerate().map(|(leaf, column)| (*column, leaf)).collect();
        let mut m2 = vec![vec![0.0; leaves.len()]; rows];
        for (parcel, own) in land.parcels.iter().filter(|(parcel, _)| (self.counts)(parcel)) {
            let taken = leaves.iter().position(|column| self.columns[*column].takes(parcel));
            if let Some(leaf) = taken {
                m2[parcel.region][leaf] += own;
            }
        }
        let units = rounded(&m2);
        let region = |key: &str, title: &str| {
            Column::new(key, tr(language, title), ColumnKind::Text).under(tr(language, "report.region"))
        };
        let mut columns = vec![region("name", "report.region-name"), region("code", "report.region-code")];
        columns.extend(self.columns.iter().map(|of| {
            let mut column = Column::new(&of.key, of.title.clone(), ColumnKind::Area(AreaUnit::Hectare));
            column.over.clone_from(&of.over);
            column.rounded_to(STATISTICS).why(of.formula())
        }));
        let figures = |units: &[i64], m2: &[f64]| -> Vec<Cell> {
            let sum = |columns: &[usize]| {
                let of = columns.iter().map(|column| place[column]);
                of.fold((0, 0.0), |(sum, exact), leaf| (sum + units[leaf], exact + m2[leaf]))
            };
            let cell = |(at, column): (usize, &FormColumn)| {
                let (sum, exact) = match &column.takes {
                    Takes::Parcels(_) => sum(&[at]),
                    Takes::Sum(columns) => sum(columns),
                };
                hectares(sum, STATISTICS, exact)
            };
            self.columns.iter().enumerate().map(cell).collect()
        };
        let add = |name: &str, code: &str, cells: Vec<Cell>| -> Vec<Cell> {
            [Cell::from(name), Cell::from(code)].into_iter().chain(cells).collect()
        };
        let mut table = Table { title: tr(language, self.title).to_owned(), columns, ..Table::default() };
        let (mut all_units, mut all_m2) = (vec![0; leaves.len()], vec![0.0; leaves.len()]);
        for (row, (name, code)) in land.regions.iter().enumerate() {
            (0..leaves.len()).for_each(|leaf| {
                all_units[leaf] += units[row][leaf];
                all_m2[leaf] += m2[row][leaf];
            });
            table.rows.push(add(name, code, figures(&units[row], &m2[row])));
        }
        table.total = Some(add(tr(language, "report.total"), "", figures(&all_units, &all_m2)));
        table.notes.push(land.basis.text(language));
        if let Some([stated, measured]) = land.differs {
            let ha = |m2: f64| format_number(Area::from_m2(m2).ha(), STATISTICS);
            let message = Message::new("report.wide-differs").with("stated", ha(stated)).with("measured", ha(measured));
            table.notes.push(message.with("by", ha(stated - measured)).text(language));
        }
        if let Some(note) = self.note {
            table.notes.push(tr(language, note).to_owned());
        }
        table.notes.push(tr(language, "report.signed-by").to_owned());
        table
    }
}

/// The cells of a form in units of the last digit, such that rows and columns add up to theirs.
fn rounded(m2: &[Vec<f64>]) -> Vec<Vec<i64>> {
    let ha = |m2: f64| Area::from_m2(m2).ha();
    let (count, width) = (m2.len(), m2.first().map_or(0, Vec::len));
    let owns: Vec<f64> = m2.iter().map(|row| row.iter().map(|m2| ha(*m2)).sum()).collect();
    let rows = balance(&owns, STATISTICS);
    let sums: Vec<f64> = (0..width).map(|leaf| m2.iter().map(|row| ha(row[leaf])).sum()).collect();
    let columns = balance_to(&sums, STATISTICS, rows.total);
    let mut supplies: Vec<i64> = rows.rows.iter().map(|value| last_digits(*value, STATISTICS)).collect();
    supplies.extend(columns.rows.iter().map(|value| -last_digits(*value, STATISTICS)));
    let mut flows = Vec::new();
    let mut places = Vec::new();
    for (row, of) in m2.iter().enumerate() {
        for (leaf, m2) in of.iter().enumerate().filter(|(_, m2)| **m2 > 0.0) {
            flows.push(Flow { from: row, to: count + leaf, value: in_last_digits(ha(*m2), STATISTICS), weight: 1 });
            places.push((row, leaf));
        }
    }
    let mut units = vec![vec![0; width]; count];
    for ((row, leaf), value) in places.into_iter().zip(round_flows(&supplies, count, &flows)) {
        units[row][leaf] = value;
    }
    units
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::output::headings_of;

    fn land(parcels: &[(usize, &str, f64)]) -> Land {
        let parcel = |(region, code, m2): &(usize, &str, f64)| {
            let parcel = Parcel {
                region: *region,
                class: crate::model::classes::resolve(Scheme::Sd2019, code).map(|found| found.class),
                code: (*code).to_owned(),
                owner: Some(region % 2),
                ..Parcel::default()
            };
            (parcel, *m2)
        };
        let parcels: Vec<(Parcel, f64)> = parcels.iter().map(parcel).collect();
        Land {
            scheme: Scheme::Sd2019,
            regions: vec![
                ("甲村".to_owned(), "370199001001".to_owned()),
                ("乙村".to_owned(), "370199001002".to_owned()),
            ],
            parcels,
            has: Has { owners: true, ..Has::default() },
            basis: Message::new("report.wide-stated"),
            differs: None,
        }
    }

    fn tables(land: &Land) -> Vec<(&'static str, Table)> {
        let all = forms::all(land, Language::Chinese);
        all.into_iter().map(|form| (form.word, form.table(land, Language::Chinese))).collect()
    }

    #[test]
    fn the_forms_of_the_survey_have_as_many_columns_as_offices_print() {
        let tables = tables(&land(&[(0, "0101", 12_345.0)]));
        let width = |word: &str| tables.iter().find(|(other, _)| *other == word).map(|(_, table)| table.columns.len());
        assert_eq!((width("form_first"), width("form_second"), width("form_big")), (Some(16), Some(71), Some(82)));
        let second = &tables.iter().find(|(word, _)| *word == "form_second").expect("is made").1;
        let rows = headings_of(second, Language::Chinese);
        assert_eq!(rows.len(), 3, "{rows:?}");
        assert!(rows[0].iter().any(|heading| heading == "湿地（00）") && rows[1].contains(&"其中".to_owned()));
    }

    #[test]
    fn rows_and_columns_add_up_to_the_last_digit() {
        let third = 10_000.0 / 3.0;
        let parcels: Vec<(usize, &str, f64)> = ["0101", "0102", "0301", "0303", "0702", "1101", "09", "0201K"]
            .iter()
            .flat_map(|code| [(0, *code, third), (1, *code, third / 2.0)])
            .collect();
        for (word, table) in tables(&land(&parcels)) {
            let shown = |row: usize, column: usize| {
                let cells = table.rows.get(row).or(table.total.as_ref()).expect("a row");
                super::super::printed_units(&cells[column], STATISTICS)
            };
            for column in 2..table.columns.len() {
                assert_eq!(shown(0, column) + shown(1, column), shown(2, column), "{word} {column}");
            }
            if word == "form_first" {
                for row in 0..3 {
                    let sum: i64 = (3..table.columns.len()).map(|column| shown(row, column)).sum();
                    assert_eq!(sum, shown(row, 2), "{row}");
                }
            }
        }
    }

    #[test]
    fn codes_of_places_lose_what_says_nothing() {
        assert_eq!(short_code("3701990010000000000"), "370199001");
        assert_eq!(short_code("370199001002"), "370199001002");
        assert_eq!(short_code("370199000000"), "370199");
        assert_eq!(short_code(""), "");
    }
}
