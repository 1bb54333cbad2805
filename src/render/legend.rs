//! Rows of a map's legend, with what each class adds up to.

use super::sheet::LegendRow;
use crate::model::{Areas, GeometryKind};
use crate::scenario::Entry;
use crate::text::{Language, tr};
use crate::units::{Area, AreaUnit, format_number};

/// The rows of one layer: the layer alone, or its name as a heading and every visible class that occurs, in the order of
/// the style. Figures are printed areas where the layer is measured, numbers of features otherwise. `symbols` holds the
/// number of each feature's symbol.
pub fn rows(entry: &Entry, symbols: &[u16], language: Language) -> Vec<LegendRow> {
    let layer = &entry.layer;
    let areas = entry.areas.as_deref().filter(|_| layer.kind == GeometryKind::Polygon);
    let total = match areas {
        Some(areas) => area_text(areas.printed_total(), language),
        None => format_number(symbols.len() as f64, 0),
    };
    let picture = |number: usize| entry.style.symbol(number).map(|symbol| (*symbol, layer.kind));
    let Some(categories) = entry.style.categories() else {
        return vec![LegendRow { symbol: picture(0), name: entry.title.clone(), figure: total }];
    };
    let mut rows = vec![LegendRow { symbol: None, name: entry.title.clone(), figure: total }];
    for (number, (count, area)) in sums(symbols, entry.style.symbol_count(), areas).into_iter().enumerate() {
        if count == 0 || !entry.style.is_visible(number) {
            continue;
        }
        let class = categories.classes.get(number);
        let name = class.map_or_else(|| tr(language, "render.other-values"), |class| class.name(language)).to_owned();
        let figure = area.map_or_else(|| format_number(count as f64, 0), |area| area_text(area, language));
        rows.push(LegendRow { symbol: picture(number), name, figure });
    }
    rows
}

/// Features and printed area of each symbol.
fn sums(symbols: &[u16], symbol_count: usize, areas: Option<&Areas>) -> Vec<(usize, Option<Area>)> {
    let mut counts = vec![0; symbol_count];
    for symbol in symbols {
        counts[usize::from(*symbol)] += 1;
    }
    let areas = areas.map(|areas| areas.printed_by(symbols, symbol_count));
    counts.into_iter().enumerate().map(|(i, count)| (count, areas.as_ref().map(|areas| areas[i]))).collect()
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
