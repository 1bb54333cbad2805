//! A style by rules that draws what classes or ranges draw: where somebody goes on who wants more than these can say.

use super::{Categories, LayerStyle, RuleSymbol, Ruled, ScaleRange, Styling};
use crate::model::roles::fields::legend_name;
use crate::model::{FieldType, Layer};
use crate::text::Language;

impl LayerStyle {
    /// The same by rules: one a class or range, in the order of the legend, named as `language` names it. `None` where it is
    /// by neither. Conditions are those of `expr`.
    pub fn as_rules(&self, layer: &Layer, language: Language) -> Option<Styling> {
        let rule = |filter, label, symbol, visible| RuleSymbol {
            filter,
            label,
            scales: ScaleRange::default(),
            symbol,
            visible,
        };
        match &self.styling {
            Styling::Single(_) | Styling::Ruled(_) => None,
            Styling::Categorised(categories) => {
                let of_class = |at: usize| {
                    let class = &categories.classes[at];
                    let label = legend_name(&categories.field, class, language).to_owned();
                    rule(condition(categories, at, layer), label, class.symbol, class.visible)
                };
                let rules = (0..categories.classes.len()).map(of_class).collect();
                let (other, other_visible) = (categories.other, categories.other_visible);
                Some(Styling::Ruled(Ruled { rules, other, other_visible }))
            }
            Styling::Graduated(graduated) => {
                let last = graduated.ranges.len().saturating_sub(1);
                let of_range = |at: usize| {
                    let (range, expression) = (&graduated.ranges[at], &graduated.expression);
                    let below = if at == last { "<=" } else { "<" };
                    let (lower, upper) = (range.lower, range.upper);
                    let filter = format!("({expression}) >= {lower} and ({expression}) {below} {upper}");
                    rule(filter, graduated.name(at).unwrap_or_default(), range.symbol, range.visible)
                };
                let rules = (0..graduated.ranges.len()).map(of_range).collect();
                let (other, other_visible) = (graduated.other, graduated.other_visible);
                Some(Styling::Ruled(Ruled { rules, other, other_visible }))
            }
        }
    }
}

/// What holds for the features of class number `at`. Codes of a scheme stand for all beneath them that have no class of
/// their own.
fn condition(categories: &Categories, at: usize, layer: &Layer) -> String {
    let field = format!("[{}]", categories.field.replace(']', "]]"));
    let class = &categories.classes[at];
    let key = class.key.as_str();
    if key.is_empty() {
        return format!("{field} is null or {field} = ''");
    }
    let kind = layer.field(&categories.field).map(|field| layer.fields[field].kind);
    if matches!(kind, Some(FieldType::Int | FieldType::Float)) && key.parse::<f64>().is_ok_and(f64::is_finite) {
        return format!("{field} = {key}");
    }
    let text = |said: &str| said.replace('\'', "''");
    let is_code = class.class.is_some() && key.bytes().all(|b| b.is_ascii_alphanumeric());
    if !is_code {
        return format!("{field} = '{}'", text(key));
    }
    let beneath = categories.classes.iter().filter(|of| of.key.len() > key.len() && of.key.starts_with(key));
    let but: String = beneath.map(|of| format!(" and {field} not like '{}%'", text(&of.key))).collect();
    format!("{field} like '{key}%'{but}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::GeometryKind;
    use crate::model::classes::Scheme;
    use crate::model::style::{Breaks, Graduated, RangeSymbol, Symbol, defaults};

    fn layer(kind: FieldType) -> Layer {
        let field = crate::model::Field { name: "DLBM".to_owned(), kind };
        let crs = crate::crs::Crs::cgcs2000();
        Layer::new("a".to_owned(), GeometryKind::Polygon, crs, vec![field], Vec::new())
    }

    fn filters(style: &LayerStyle, layer: &Layer) -> Vec<String> {
        match style.as_rules(layer, Language::Chinese) {
            Some(Styling::Ruled(ruled)) => ruled.rules.into_iter().map(|rule| rule.filter).collect(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_class_becomes_a_condition_that_leaves_others_theirs() {
        let scheme = Some(Scheme::Ydyh2023);
        let style = defaults::by_class("DLBM", scheme, ["07", "0701", "odd 'x'", ""], GeometryKind::Polygon);
        let found = filters(&style, &layer(FieldType::Text));
        let has = |filter: &str| assert!(found.iter().any(|of| of == filter), "{filter}: {found:?}");
        has("[DLBM] like '07%' and [DLBM] not like '0701%'");
        has("[DLBM] like '0701%'");
        has("[DLBM] = 'odd ''x'''");
        has("[DLBM] is null or [DLBM] = ''");
        let plain = defaults::by_class("DLBM", None, ["1", "2"], GeometryKind::Polygon);
        assert_eq!(filters(&plain, &layer(FieldType::Int)), ["[DLBM] = 1", "[DLBM] = 2"]);
        assert_eq!(
            plain.as_rules(&layer(FieldType::Int), Language::Chinese).map(|styling| {
                let style = LayerStyle::of(styling);
                (style.symbol_count(), style.symbol(0).copied())
            }),
            Some((3, plain.symbol(0).copied()))
        );
    }

    #[test]
    fn the_last_range_keeps_its_end() {
        let range = |lower: f64, upper: f64| RangeSymbol {
            lower,
            upper,
            label: String::new(),
            symbol: Symbol::default(),
            visible: true,
        };
        let ranges = vec![range(0.0, 1.5), range(1.5, 9.0)];
        let (expression, other) = ("$area / 1mu".to_owned(), Symbol::default());
        let graduated = Graduated { expression, breaks: Breaks::Given, ranges, other, other_visible: true };
        let found = filters(&LayerStyle::of(Styling::Graduated(graduated)), &layer(FieldType::Text));
        assert_eq!(found[0], "($area / 1mu) >= 0 and ($area / 1mu) < 1.5");
        assert_eq!(found[1], "($area / 1mu) >= 1.5 and ($area / 1mu) <= 9");
        assert_eq!(LayerStyle::single(Symbol::default()).as_rules(&layer(FieldType::Text), Language::English), None);
    }
}
