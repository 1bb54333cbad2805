//! Which symbol of a style every feature of a layer has, also where an expression decides: styles are of the floor below
//! this one, which knows no expressions.

use rayon::prelude::*;

use super::{Expr, ExprError, Figures};
use crate::model::style::{Graduated, LayerStyle, Ruled, Styling};
use crate::model::{Areas, Layer};
use crate::task::{Cancelled, Progress};
use crate::units::AreaUnit;

/// Number of the symbol of every feature of `layer`, in feature order. Where an expression cannot be read, or asks for
/// areas that are not there, no feature has what it decides: all others are drawn as they are.
///
/// # Errors
/// [`Cancelled`].
pub fn symbol_numbers(
    style: &LayerStyle,
    layer: &Layer,
    areas: Option<&Areas>,
    progress: &Progress,
) -> Result<Vec<u16>, Cancelled> {
    match &style.styling {
        Styling::Single(_) | Styling::Categorised(_) => Ok(style.symbol_indices(layer)),
        Styling::Graduated(graduated) => by_ranges(graduated, layer, areas, progress),
        Styling::Ruled(ruled) => by_rules(ruled, layer, areas, progress),
    }
}

/// Whether `style` asks for the areas of features.
pub fn uses_area(style: &LayerStyle) -> bool {
    let asks = |text: &str| text.contains('$') && Expr::parse(text).is_ok_and(|expression| expression.uses_area());
    match &style.styling {
        Styling::Single(_) | Styling::Categorised(_) => false,
        Styling::Graduated(graduated) => asks(&graduated.expression),
        Styling::Ruled(ruled) => ruled.rules.iter().any(|rule| asks(&rule.filter)),
    }
}

/// The unit of what an expression gives, where it is an area in a unit and nothing else: `$area`, `$area / 1mu`.
pub fn area_unit(expression: &str) -> Option<AreaUnit> {
    let plain: String = expression.chars().filter(|c| !c.is_whitespace()).collect();
    match plain.as_str() {
        "$area" => Some(AreaUnit::SquareMetre),
        "$area/1mu" | "$area/1亩" => Some(AreaUnit::Mu),
        "$area/1ha" => Some(AreaUnit::Hectare),
        "$area/1km2" => Some(AreaUnit::SquareKilometre),
        _ => None,
    }
}

/// What `expression` gives for every feature of `layer`, in feature order; no number where it gives none. Text that reads
/// as a number counts as one.
///
/// # Errors
/// Where the expression cannot be read, or asks for what is not there.
pub fn figures_of(
    expression: &str,
    layer: &Layer,
    areas: Option<&Areas>,
    progress: &Progress,
) -> Result<Result<Vec<f64>, Cancelled>, ExprError> {
    let bound = Expr::parse(expression)?.bind(layer, figures(areas))?;
    let figure = |feature: usize| {
        let value = bound.value(feature);
        let read = || value.text().and_then(|text| text.trim().replace(',', "").parse::<f64>().ok());
        value.number().or_else(read).filter(|figure| figure.is_finite()).unwrap_or(f64::NAN)
    };
    let count = layer.feature_count();
    progress.add_total(count as u64);
    let chunks: Vec<usize> = (0..count).step_by(AT_ONCE).collect();
    let found: Result<Vec<Vec<f64>>, Cancelled> = chunks
        .into_par_iter()
        .map(|from| {
            let to = (from + AT_ONCE).min(count);
            progress.tick((to - from) as u64)?;
            Ok((from..to).map(figure).collect())
        })
        .collect();
    Ok(found.map(|parts| parts.concat()))
}

/// Features that are looked at between two looks at whether the work was cancelled.
const AT_ONCE: usize = 4096;

fn figures(areas: Option<&Areas>) -> Figures<'_> {
    Figures { areas: areas.map(|areas| &areas.exact[..]), perimeters: None }
}

fn by_ranges(
    graduated: &Graduated,
    layer: &Layer,
    areas: Option<&Areas>,
    progress: &Progress,
) -> Result<Vec<u16>, Cancelled> {
    match figures_of(&graduated.expression, layer, areas, progress) {
        Ok(figures) => Ok(figures?.into_iter().map(|figure| graduated.index(figure)).collect()),
        Err(_) => Ok(vec![graduated.ranges.len() as u16; layer.feature_count()]),
    }
}

fn by_rules(ruled: &Ruled, layer: &Layer, areas: Option<&Areas>, progress: &Progress) -> Result<Vec<u16>, Cancelled> {
    let other = ruled.rules.len() as u16;
    let mut numbers = vec![other; layer.feature_count()];
    // From the last to the first: the first that holds has the last word.
    for (number, rule) in ruled.rules.iter().enumerate().rev() {
        let filter = rule.filter.trim();
        if filter.is_empty() {
            numbers.fill(number as u16);
            continue;
        }
        let bound = Expr::parse(filter).and_then(|condition| condition.bind_condition(layer, figures(areas)));
        // The editor says what is wrong with a condition; one that cannot be read holds for nothing.
        let Ok(bound) = bound else { continue };
        for feature in bound.select(progress)? {
            numbers[feature as usize] = number as u16;
        }
    }
    Ok(numbers)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crs::Crs;
    use crate::model::style::{Breaks, RangeSymbol, RuleSymbol, ScaleRange, Symbol};
    use crate::model::{AttributeBuilder, FeatureBlock, Field, FieldType, GeometryBuilder, GeometryKind, Value};

    /// Parcels of a class and a figure each.
    fn parcels(rows: &[(&str, Option<f64>)]) -> Layer {
        let mut attributes = AttributeBuilder::new();
        let mut geometry = GeometryBuilder::new(GeometryKind::Polygon);
        for (class, figure) in rows {
            let (codes, figures) = (attributes.column("DLBM", 0), attributes.column("TBMJ", 1));
            attributes.set(codes, Value::Text(class));
            attributes.set(figures, figure.map_or(Value::Null, Value::Float));
            attributes.end_row();
            geometry.null_feature();
        }
        let (_, attributes) = attributes.finish();
        let block = FeatureBlock::of_parts(geometry.finish(), attributes);
        let field = |name: &str, kind| Field { name: name.to_owned(), kind };
        let fields = vec![field("DLBM", FieldType::Text), field("TBMJ", FieldType::Float)];
        Layer::new("parcels".to_owned(), GeometryKind::Polygon, Crs::wgs84(), fields, vec![block])
    }

    fn numbers(style: &LayerStyle, layer: &Layer, areas: Option<&Areas>) -> Vec<u16> {
        symbol_numbers(style, layer, areas, &Progress::new()).expect("not cancelled")
    }

    #[test]
    fn figures_find_their_range_and_what_is_none_is_other() {
        let layer = parcels(&[("0101", Some(5.0)), ("0101", None), ("0103", Some(20.0)), ("0701", Some(99.0))]);
        let range =
            |lower, upper| RangeSymbol { lower, upper, label: String::new(), symbol: Symbol::default(), visible: true };
        let mut graduated = Graduated {
            expression: "TBMJ".to_owned(),
            breaks: Breaks::Given,
            ranges: vec![range(0.0, 10.0), range(10.0, 20.0)],
            other: Symbol::default(),
            other_visible: true,
        };
        let style = |graduated: &Graduated| LayerStyle::of(Styling::Graduated(graduated.clone()));
        assert_eq!(numbers(&style(&graduated), &layer, None), [0, 2, 1, 2]);
        graduated.expression = "$area / 10".to_owned();
        assert!(uses_area(&style(&graduated)));
        assert_eq!(numbers(&style(&graduated), &layer, None), [2; 4], "areas that are not there");
        let areas = Areas { exact: vec![50.0, 150.0, 250.0, 0.0], ..Areas::default() };
        assert_eq!(numbers(&style(&graduated), &layer, Some(&areas)), [0, 1, 2, 0]);
        graduated.expression = "$area / 1mu".to_owned();
        assert_eq!(area_unit(&graduated.expression), Some(AreaUnit::Mu));
        let of_mu = |text: &str| crate::units::Area::parse(text).expect("an area").m2();
        let mu = Areas { exact: vec![of_mu("5mu"), of_mu("15mu"), 0.0, 0.0], ..Areas::default() };
        assert_eq!(numbers(&style(&graduated), &layer, Some(&mu)), [0, 1, 0, 0]);
        graduated.expression = "TBMJ +".to_owned();
        assert_eq!(numbers(&style(&graduated), &layer, None), [2; 4], "what cannot be read");
        // Codes are text that reads as numbers.
        graduated.expression = "DLBM".to_owned();
        graduated.ranges = vec![range(100.0, 103.0), range(103.0, 104.0)];
        assert_eq!(numbers(&style(&graduated), &layer, None), [0, 0, 1, 2]);
    }

    #[test]
    fn the_first_rule_that_holds_decides() {
        let layer = parcels(&[("0101", Some(5.0)), ("0103", Some(50.0)), ("0701", Some(50.0)), ("1001", None)]);
        let rule = |filter: &str| RuleSymbol {
            filter: filter.to_owned(),
            label: String::new(),
            scales: ScaleRange::default(),
            symbol: Symbol::default(),
            visible: true,
        };
        let style = |filters: &[&str]| {
            let rules = filters.iter().map(|filter| rule(filter)).collect();
            LayerStyle::of(Styling::Ruled(Ruled { rules, other: Symbol::default(), other_visible: true }))
        };
        assert_eq!(numbers(&style(&["DLBM like '01%'", "TBMJ > 10"]), &layer, None), [0, 0, 1, 2]);
        assert_eq!(numbers(&style(&["TBMJ > 10", "DLBM like '01%'"]), &layer, None), [1, 0, 0, 2]);
        assert_eq!(numbers(&style(&["没有这个字段 = 1", ""]), &layer, None), [1; 4]);
    }
}
