//! Rows of a map's legend, with what each class adds up to.

use super::sheet::LegendRow;
use crate::doctor::marked_area;
use crate::expr::styled::area_unit;
use crate::model::roles::fields::legend_name;
use crate::model::style::{LayerStyle, Styling, Symbol};
use crate::model::{Areas, GeometryKind};
use crate::scenario::Entry;
use crate::text::{Language, Message, tr};
use crate::units::{Area, AreaUnit, format_number};

/// Classes whose symbols stand beside the name of their layer.
const BESIDE_HEADING: usize = 4;

/// What a symbol of a layer stands for: its number, how many features, and their printed area where the layer is measured.
pub type SymbolSum = (usize, usize, Option<Area>);

/// The rows of one layer as `style` draws it: the layer alone, or its name as a heading and every visible class that
/// occurs, in the order of the style. Every row has a picture: a heading that of the classes below it with most land.
/// Figures are printed areas, as `figure` writes them, where the layer is measured, numbers of features otherwise; areas
/// of a layer whose coordinates look scrambled are marked. `symbols` holds the number of each feature's symbol.
pub fn rows(
    entry: &Entry,
    style: &LayerStyle,
    symbols: &[u16],
    language: Language,
    figure: &dyn Fn(Area) -> String,
) -> Vec<LegendRow> {
    let areas = entry.areas.as_deref().filter(|_| entry.layer.kind == GeometryKind::Polygon);
    let whole = (symbols.len(), areas.map(Areas::printed_total));
    rows_of(entry, style, &sums(symbols, style.symbol_count(), areas), whole, language, figure)
}

/// The same where it is known already what each symbol and the whole layer stand for.
pub fn rows_of(
    entry: &Entry,
    style: &LayerStyle,
    sums: &[SymbolSum],
    (count, area): (usize, Option<Area>),
    language: Language,
    figure: &dyn Fn(Area) -> String,
) -> Vec<LegendRow> {
    let layer = &entry.layer;
    let figure = |area: Area| marked_area(layer, figure(area), language);
    let counted =
        |count: usize| Message::new("render.legend-count").with("n", format_number(count as f64, 0)).text(language);
    let total = area.map_or_else(|| counted(count), figure);
    let picture = |number: usize| -> Vec<(Symbol, GeometryKind)> {
        style.symbol(number).map(|symbol| (*symbol, layer.kind)).into_iter().collect()
    };
    let layer_row = |symbols, heading| LegendRow {
        symbols,
        heading,
        code: String::new(),
        name: entry.title.clone(),
        figure: total.clone(),
    };
    if !style.has_classes() {
        return vec![layer_row(picture(0), false)];
    }
    let mut found: Vec<(usize, f64, LegendRow)> = Vec::new();
    for (number, count, area) in sums.iter().copied() {
        if count == 0 || !style.is_visible(number) {
            continue;
        }
        let name =
            class_name(style, number, language).unwrap_or_else(|| tr(language, "render.other-values").to_owned());
        let code = class_code(style, number, &name).to_owned();
        let text = area.map_or_else(|| counted(count), figure);
        let row = LegendRow { symbols: picture(number), heading: false, code, name, figure: text };
        found.push((found.len(), area.map_or(count as f64, Area::m2), row));
    }
    let mut largest: Vec<&(usize, f64, LegendRow)> = found.iter().collect();
    largest.sort_by(|a, b| b.1.total_cmp(&a.1));
    largest.truncate(BESIDE_HEADING);
    largest.sort_by_key(|(place, ..)| *place);
    let beside = largest.iter().flat_map(|(_, _, row)| row.symbols.iter().copied()).collect();
    std::iter::once(layer_row(beside, true)).chain(found.into_iter().map(|(_, _, row)| row)).collect()
}

/// The code of symbol number `number`, which is called `name`: the value of its class; empty where it has none, or where
/// that is its name.
pub fn class_code<'a>(style: &'a LayerStyle, number: usize, name: &str) -> &'a str {
    let class = style.categories().and_then(|categories| categories.classes.get(number));
    class.map(|class| class.key.as_str()).filter(|key| *key != name).unwrap_or_default()
}

/// What the legend calls the features of symbol number `number`, wherever it stands: in the tree, on a map, on a sheet.
/// `None` for all other features.
pub fn class_name(style: &LayerStyle, number: usize, language: Language) -> Option<String> {
    match &style.styling {
        Styling::Single(_) => None,
        Styling::Categorised(categories) => {
            categories.classes.get(number).map(|class| legend_name(&categories.field, class, language).to_owned())
        }
        Styling::Graduated(graduated) => {
            let name = graduated.name(number)?;
            let unit = area_unit(&graduated.expression).filter(|_| graduated.ranges[number].label.is_empty());
            Some(unit.map_or_else(|| name.clone(), |unit| format!("{name} {}", tr(language, unit.key()))))
        }
        Styling::Ruled(ruled) => ruled.rules.get(number).map(|rule| match rule.name() {
            "" => tr(language, "model.all-features").to_owned(),
            name => name.to_owned(),
        }),
    }
}

/// Features and printed area of each symbol.
fn sums(symbols: &[u16], symbol_count: usize, areas: Option<&Areas>) -> Vec<SymbolSum> {
    let mut counts = vec![0; symbol_count];
    for symbol in symbols {
        counts[usize::from(*symbol)] += 1;
    }
    let areas = areas.map(|areas| areas.printed_by(symbols, symbol_count));
    counts.into_iter().enumerate().map(|(i, count)| (i, count, areas.as_ref().map(|areas| areas[i]))).collect()
}

/// An area in mu, short enough for a legend: 万亩 from 10,000 mu on in Chinese.
pub fn area_text(area: Area, language: Language) -> String {
    let (unit, decimals) = match language {
        Language::Chinese if area.mu() >= 1e4 => (AreaUnit::WanMu, 2),
        _ if area.mu() >= 1e3 => (AreaUnit::Mu, 0),
        _ => (AreaUnit::Mu, 2),
    };
    format!("{} {}", format_number(area.value(unit), decimals), tr(language, unit.key()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_has_a_picture() {
        use crate::io::{OpenOptions, open_bytes};
        let feature = |class: &str| {
            let geometry =
                r#"{"type":"Polygon","coordinates":[[[117.0,36.8],[117.1,36.8],[117.1,36.9],[117.0,36.8]]]}"#;
            format!(r#"{{"type":"Feature","properties":{{"DLBM":"{class}"}},"geometry":{geometry}}}"#)
        };
        let classes = ["0101", "0103", "0301", "0701", "0702", "odd", "0101"].map(feature);
        let text = format!(r#"{{"type":"FeatureCollection","features":[{}]}}"#, classes.join(","));
        let opened =
            open_bytes("DLTB.geojson", text.into_bytes(), &OpenOptions::default(), &crate::task::Progress::new());
        let entry = Entry::recognised(std::sync::Arc::new(opened.expect("opens").layers.remove(0)), 0);
        let symbols = entry.style.symbol_indices(&entry.layer);
        let rows = rows(&entry, &entry.style, &symbols, Language::Chinese, &|area| area_text(area, Language::Chinese));
        assert_eq!(rows.len(), 7);
        assert!(rows.iter().all(|row| !row.symbols.is_empty()), "{rows:?}");
        assert_eq!((rows[0].heading, rows[0].symbols.len()), (true, BESIDE_HEADING));
        assert!(rows[1..].iter().all(|row| !row.heading && row.symbols.len() == 1));
    }

    #[test]
    fn areas_that_mean_nothing_are_marked() {
        use crate::io::{OpenOptions, open_bytes};
        use crate::model::Issue;
        let text = r#"{"type":"Polygon","coordinates":[[[117.0,36.8],[117.1,36.8],[117.1,36.9],[117.0,36.8]]]}"#;
        let progress = crate::task::Progress::new();
        let opened = open_bytes("a.geojson", text.as_bytes().to_vec(), &OpenOptions::default(), &progress);
        let mut layer = opened.expect("opens").layers.remove(0);
        let areas = crate::measure::raw_areas(&layer, crate::model::AreaMethod::Survey, &progress).expect("measured");
        let figure = |layer: &crate::model::Layer| {
            let mut entry = Entry::recognised(std::sync::Arc::new(layer.clone()), 0);
            entry.areas = Some(std::sync::Arc::new(areas.clone()));
            rows(&entry, &entry.style, &[0], Language::English, &|area| area_text(area, Language::English))
                .remove(0)
                .figure
        };
        assert!(figure(&layer).ends_with(" mu"));
        let issue = Issue::new(crate::model::Severity::Warning, crate::text::Message::new("io.kml-gcj02"));
        std::sync::Arc::make_mut(&mut layer.issues).push(issue);
        assert!(figure(&layer).ends_with(" mu (shifted?)"));
    }

    #[test]
    fn areas_are_short_in_either_language() {
        let check = |area: &str, chinese: &str, english: &str| {
            let area = Area::parse(area).expect("an area");
            assert_eq!([Language::Chinese, Language::English].map(|l| area_text(area, l)), [chinese, english]);
        };
        check("12.345mu", "12.35 亩", "12.35 mu");
        check("1234.5mu", "1,235 亩", "1,235 mu");
        check("1197000mu", "119.70 万亩", "1,197,000 mu");
    }
}
