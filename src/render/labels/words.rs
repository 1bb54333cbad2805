//! What labels say: the value of a field, of an expression, or a fraction of two.

use crate::expr::{Bound, Datum, Expr, ExprError, Figures};
use crate::model::style::labels::LabelText;
use crate::model::{Areas, Layer, Value};
use crate::text::{Language, tr};
use crate::units::{Area, AreaUnit, format_number};

/// What a label says.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Words {
    /// A line of text.
    Line(String),
    /// 分式: a text over another, with a bar between them.
    Fraction {
        /// Above the bar.
        over: String,
        /// Below it.
        under: String,
    },
}

/// Figures that are no numbers of something counted are written with so many decimals.
const DECIMALS: usize = 2;

/// One text of a label.
enum Source<'a> {
    /// The value of a field.
    Field(usize),
    /// The measured area in the unit that was chosen.
    Area,
    /// What an expression gives; whether that is a computed figure.
    Bound(Box<Bound<'a>>, bool),
    /// The expression cannot be read or does not fit the layer.
    Nothing,
}

/// Writes the labels of a layer.
pub(super) struct Writer<'a> {
    layer: &'a Layer,
    sources: Vec<Source<'a>>,
    areas: &'a [f64],
    unit: AreaUnit,
    language: Language,
}

impl<'a> Writer<'a> {
    /// `None` where nothing can be written.
    pub(super) fn new(
        text: &LabelText,
        layer: &'a Layer,
        areas: Option<&'a Areas>,
        unit: AreaUnit,
        language: Language,
    ) -> Option<Self> {
        let areas: &[f64] = areas.map_or(&[], |areas| &areas.printed);
        let sources = match text {
            LabelText::Field(name) => vec![Source::Field(layer.field(name)?)],
            LabelText::Expression(expression) => vec![source(expression, layer, areas)],
            LabelText::Fraction { over, under } => vec![source(over, layer, areas), source(under, layer, areas)],
        };
        let is_nothing = sources.iter().all(|source| matches!(source, Source::Nothing));
        (!is_nothing).then_some(Self { layer, sources, areas, unit, language })
    }

    /// What is written on a feature; `None` where it has nothing to say.
    pub(super) fn words(&self, feature: usize) -> Option<Words> {
        let mut texts = self.sources.iter().map(|source| self.text(source, feature));
        match (texts.next().flatten(), texts.next().flatten()) {
            (Some(over), Some(under)) => Some(Words::Fraction { over, under }),
            (Some(line), None) | (None, Some(line)) => Some(Words::Line(line)),
            (None, None) => None,
        }
    }

    fn text(&self, source: &Source<'_>, feature: usize) -> Option<String> {
        let text = match source {
            Source::Field(field) => match self.layer.value(feature, *field) {
                Value::Null => return None,
                value => value.to_string(),
            },
            Source::Area => {
                let area = Area::from_m2(*self.areas.get(feature)?);
                format!("{} {}", area.display(self.unit), tr(self.language, self.unit.key()))
            }
            Source::Bound(bound, computed) => match bound.value(feature) {
                Datum::Float(figure) if *computed => format_number(figure, DECIMALS),
                value => value.text()?.into_owned(),
            },
            Source::Nothing => return None,
        };
        let text = text.trim();
        // A label is a line; what its source breaks is joined.
        let line = if text.contains(char::is_control) { text.replace(char::is_control, " ") } else { text.to_owned() };
        (!line.is_empty()).then_some(line)
    }
}

/// The area alone is written as areas are everywhere else.
fn source<'a>(expression: &str, layer: &'a Layer, areas: &'a [f64]) -> Source<'a> {
    if expression.trim().eq_ignore_ascii_case("$area") {
        return Source::Area;
    }
    // What is wrong with it is said where it is written.
    match bound(expression, layer, areas) {
        Ok((bound, computed)) => Source::Bound(Box::new(bound), computed),
        Err(_) => Source::Nothing,
    }
}

fn bound<'a>(expression: &str, layer: &'a Layer, areas: &'a [f64]) -> Result<(Bound<'a>, bool), ExprError> {
    let parsed = Expr::parse(expression)?;
    let bound = parsed.bind(layer, Figures { areas: Some(areas), perimeters: None })?;
    let is_field = layer.field(expression.trim()).is_some();
    Ok((bound, !is_field))
}

/// Whether a label needs the measured areas of features.
pub fn uses_area(text: &LabelText) -> bool {
    let asks = |expression: &String| Expr::parse(expression).is_ok_and(|parsed| parsed.uses_area());
    match text {
        LabelText::Field(_) => false,
        LabelText::Expression(expression) => asks(expression),
        LabelText::Fraction { over, under } => asks(over) || asks(under),
    }
}

/// What is wrong with an expression that is to be written on the features of a layer.
///
/// # Errors
/// [`ExprError`] with the place and what to do.
pub fn check(expression: &str, layer: &Layer) -> Result<(), ExprError> {
    bound(expression, layer, &[]).map(|_| ())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crs::Crs;
    use crate::model::{AttributeBuilder, FeatureBlock, Field, FieldType, GeometryBuilder, GeometryKind};

    fn layer() -> Layer {
        let mut geometry = GeometryBuilder::new(GeometryKind::Polygon);
        geometry.null_feature();
        geometry.null_feature();
        let mut attributes = AttributeBuilder::new();
        for row in [["12", "水浇地"], ["13", ""]] {
            for (name, text) in ["TBBH", "DLMC"].into_iter().zip(row) {
                let column = attributes.column(name, 2);
                attributes.set(column, Value::Text(text));
            }
            attributes.end_row();
        }
        let block = FeatureBlock::of_parts(geometry.finish(), attributes.finish().1);
        let field = |name: &str| Field { name: name.to_owned(), kind: FieldType::Text };
        Layer::new(
            "DLTB".to_owned(),
            GeometryKind::Polygon,
            Crs::wgs84(),
            vec![field("TBBH"), field("DLMC")],
            vec![block],
        )
    }

    fn words(text: &LabelText, areas: Option<&Areas>, feature: usize) -> Option<Words> {
        let layer = layer();
        Writer::new(text, &layer, areas, AreaUnit::Mu, Language::Chinese)?.words(feature)
    }

    fn line(text: &str) -> Option<Words> {
        Some(Words::Line(text.to_owned()))
    }

    #[test]
    fn a_label_is_a_field_or_what_an_expression_gives() {
        let field = LabelText::Field("DLMC".to_owned());
        assert_eq!((words(&field, None, 0), words(&field, None, 1)), (line("水浇地"), None));
        let expression = LabelText::Expression("concat(TBBH, '-', DLMC)".to_owned());
        assert_eq!(words(&expression, None, 0), line("12-水浇地"));
        let computed = LabelText::Expression("num(TBBH) / 7".to_owned());
        assert_eq!(words(&computed, None, 0), line("1.71"));
    }

    #[test]
    fn a_fraction_is_number_over_area_in_the_unit_that_was_chosen() {
        let text = LabelText::Fraction { over: "TBBH".to_owned(), under: "$area".to_owned() };
        let areas = Areas { printed: vec![2000.0, 1000.0], ..Areas::default() };
        let expected = Words::Fraction { over: "12".to_owned(), under: "3.00 亩".to_owned() };
        assert_eq!(words(&text, Some(&areas), 0), Some(expected));
        // Before it is measured there is the number alone.
        assert_eq!(words(&text, None, 0), line("12"));
    }

    #[test]
    fn what_is_wrong_with_an_expression_is_said_with_its_place() {
        let layer = layer();
        assert_eq!(check("concat(TBBH, DLMC)", &layer), Ok(()));
        assert_eq!(check("$area / 2", &layer), Ok(()));
        assert_eq!(check("concat(TBBH, ", &layer).map_err(|error| error.column > 8), Err(true));
        let unknown = check("TBBHH", &layer).expect_err("no such field");
        assert!(unknown.text(Language::Chinese).contains("TBBH"), "{unknown}");
        assert!(words(&LabelText::Expression("TBBHH".to_owned()), None, 0).is_none());
    }
}
