//! Why a figure of the window is what it is: put together from what is shown, where the figure stands. What lists the
//! pieces may take long and runs in the background.

use std::sync::Arc;

use eframe::egui::Response;

use crate::crs::Crs;
use crate::model::{AreaMethod, Layer, LayerId, Revision};
use crate::report::figure::{self, Figure};
use crate::report::transition::why::{LineFigure, MatrixFigure};
use crate::report::transition::{MatrixFigures, Measure};
use crate::report::{ColumnKind, transition};
use crate::rules::{Outcome, Rule, Unit};
use crate::scenario::Entry;
use crate::task::{Cancelled, Progress};
use crate::text::{Language, Message};
use crate::ui::session::Session;
use crate::ui::session::command::Command;
use crate::ui::session::command::window::WindowCommand;
use crate::ui::session::compare::Compare;
use crate::ui::session::compare::pick::Pick;
use crate::ui::session::compare::shown::Shown;
use crate::ui::session::rows::{FeatureRef, Rows};
use crate::ui::session::settings::Settings;
use crate::ui::session::why::{Parts, Why};
use crate::ui::work::compare::{names, pick};
use crate::units::{Area, AreaUnit, Length, format_number};

/// Pieces that are listed; the others are counted and summed.
pub const LISTED: usize = 200;

/// What a figure is made of, the largest first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Listing {
    /// The first of them: what they are called with their area, and the feature to go to.
    pub pieces: Vec<(String, Option<FeatureRef>)>,
    /// How many there are besides.
    pub more: usize,
    /// What those come to, m².
    pub more_m2: f64,
}

/// A press with the right button on a figure asks why it is what it is.
pub(in crate::ui) fn asks(response: &Response, why: impl FnOnce() -> Option<Why>, commands: &mut Vec<Command>) {
    if response.secondary_clicked() {
        commands.extend(why().map(ask));
    }
}

/// The command that opens the card.
pub(in crate::ui) fn ask(why: Why) -> Command {
    Command::Window(WindowCommand::Why(Some(Box::new(why))))
}

/// How areas by a method come about.
pub fn method_formula(method: AreaMethod) -> &'static str {
    match method {
        AreaMethod::Survey => "why.f-survey",
        AreaMethod::Geodesic => "why.f-geodesic",
        AreaMethod::Planar => "why.f-planar",
    }
}

fn area_figure(name: Message, area: Area, unit: AreaUnit, formula: Message) -> Figure {
    let value = area.value(unit);
    Figure {
        name,
        printed: area.display(unit),
        kind: ColumnKind::Area(unit),
        unit: "",
        exact: Some(value),
        decimals: unit.decimals(value),
        formula,
        basis: Vec::new(),
        inputs: Vec::new(),
    }
}

fn named(text: &str) -> Message {
    Message::new("why.of-figure").with("what", text)
}

fn state(layer: &Layer) -> (LayerId, Revision) {
    (layer.id, layer.revision)
}

/// The area of one feature by a method, in a unit. `frame` names the plane that it was computed in, `exact_m2` is what the
/// survey has before it prints, where that is known.
pub fn feature_area(
    entry: &Entry,
    feature: usize,
    title: &str,
    (area, unit): (Area, AreaUnit),
    (method, frame): (AreaMethod, &str),
    exact_m2: Option<f64>,
) -> Why {
    let mut figure = area_figure(named(title), area, unit, Message::new(method_formula(method)));
    figure.basis.push(figure::method(method.key(), frame));
    figure.basis.extend(survey_note(area, exact_m2.filter(|_| method == AreaMethod::Survey)));
    of_rows(figure, entry, [feature].into_iter().collect())
}

/// The area that a field states for a feature.
pub fn stated_area(entry: &Entry, feature: usize, title: &str, (area, unit): (Area, AreaUnit), field: &str) -> Why {
    let formula = Message::new("why.f-stated").with("field", field);
    of_rows(area_figure(named(title), area, unit, formula), entry, [feature].into_iter().collect())
}

/// The length of a line, or around a polygon, along geodesics.
pub fn feature_length(entry: &Entry, feature: usize, title: &str, length: Length) -> Why {
    of_rows(length_figure(title, length), entry, [feature].into_iter().collect())
}

fn length_figure(title: &str, length: Length) -> Figure {
    Figure {
        name: named(title),
        printed: length.display_m(),
        kind: ColumnKind::Number(2),
        unit: "units.m",
        exact: Some(length.m()),
        decimals: 2,
        formula: Message::new("why.f-length"),
        basis: Vec::new(),
        inputs: Vec::new(),
    }
}

/// The sum of the areas of features of a layer, as it is printed.
pub fn sum_of(entry: &Entry, title: &str, (area, unit): (Area, AreaUnit), formula: Message, rows: Rows) -> Why {
    let mut figure = area_figure(named(title), area, unit, formula);
    if let Some(areas) = &entry.areas {
        figure.basis.push(figure::method(areas.method.key(), &areas.frame));
        let exact: f64 = rows.iter().filter_map(|row| areas.exact.get(row)).sum();
        figure.basis.extend(survey_note(area, Some(exact).filter(|_| areas.method == AreaMethod::Survey)));
    }
    of_rows(figure, entry, rows)
}

/// A figure of a table of totals, whose columns add up: as it is printed, and what it is in its unit.
pub fn total_of(
    entry: &Entry,
    title: &str,
    (printed, exact, kind): (String, f64, ColumnKind),
    formula: &'static str,
    rows: Rows,
) -> Why {
    let decimals = printed.trim_end_matches([' ', '%']).split_once('.').map_or(0, |(_, digits)| digits.len());
    let printed = printed.trim_end_matches([' ', '%']).to_owned();
    let mut basis = Vec::new();
    if let Some(areas) = &entry.areas {
        basis.push(figure::method(areas.method.key(), &areas.frame));
    }
    let figure = Figure {
        name: named(title),
        printed,
        kind,
        unit: "",
        exact: Some(exact),
        decimals,
        formula: Message::new(formula),
        basis,
        inputs: Vec::new(),
    };
    of_rows(figure, entry, rows)
}

/// That the survey prints each parcel by itself, and what the sum is without that.
fn survey_note(printed: Area, exact_m2: Option<f64>) -> Option<Message> {
    let exact = Area::from_m2(exact_m2?);
    // Nothing at all has no sign: the sum makes +0 of −0.
    let difference = crate::units::round_half_up((printed - exact).m2(), 2) + 0.0;
    Some(
        Message::new("report.exact")
            .with("exact", format_number(exact.m2(), 6))
            .with("difference", format!("{difference:+.2}")),
    )
}

fn of_rows(mut figure: Figure, entry: &Entry, rows: Rows) -> Why {
    figure.inputs.push(figure::input(&entry.title, &entry.layer));
    Why {
        figure,
        parts: Parts::Rows { layer: entry.layer.clone(), areas: entry.areas.clone(), rows },
        of: vec![state(&entry.layer)],
    }
}

/// A figure that comes from several layers: what lies within lines, what a red line takes.
pub fn of_layers<'a>(
    title: &str,
    (area, unit): (Area, AreaUnit),
    formula: &'static str,
    (method, frame): (AreaMethod, &str),
    layers: impl Iterator<Item = &'a Entry>,
) -> Why {
    let mut figure = area_figure(named(title), area, unit, Message::new(formula));
    figure.basis.push(figure::method(method.key(), frame));
    let mut of = Vec::new();
    for entry in layers {
        figure.inputs.push(figure::input(&entry.title, &entry.layer));
        of.push(state(&entry.layer));
    }
    Why { figure, parts: Parts::None, of }
}

/// A figure beside the matrix, of a region or a state: as it is printed, and what it is, m².
pub fn beside(
    shown: Option<&Arc<Shown>>,
    title: &str,
    (printed, exact_m2, unit): (String, f64, AreaUnit),
    formula: &'static str,
) -> Why {
    let mut figure = area_figure(named(title), Area::from_m2(exact_m2), unit, Message::new(formula));
    figure.decimals = printed.split_once('.').map_or(0, |(_, digits)| digits.len());
    figure.printed = printed;
    let mut of = Vec::new();
    if let Some(shown) = shown {
        let table = &shown.comparison.table;
        figure.basis.push(figure::method(table.method.key(), &table.frame));
        figure.inputs.extend(shown.sides.iter().map(|side| figure::input(&side.title, &side.layer)));
        of.extend(shown.sides.iter().map(|side| state(&side.layer)));
    }
    Why { figure, parts: Parts::None, of }
}

/// A measurement that was drawn in `crs`: its area in a unit where one is given, else its length.
pub fn measured(title: &str, area: Option<(Area, AreaUnit)>, length: Length, crs: &Crs) -> Why {
    let (mut figure, method) = match area {
        Some((area, unit)) => (area_figure(named(title), area, unit, Message::new("why.f-survey")), AreaMethod::Survey),
        None => (length_figure(title, length), AreaMethod::Geodesic),
    };
    figure.basis.push(figure::method(method.key(), crs.name()));
    Why { figure, parts: Parts::None, of: Vec::new() }
}

/// A figure of the comparison as it is shown; `None` where it says nothing.
pub fn compared(
    compare: &Compare,
    shown: &Arc<Shown>,
    figures: &MatrixFigures,
    measure: Measure,
    of: MatrixFigure,
) -> Option<Why> {
    let mut figure = transition::why::figure(&shown.matrix, &shown.classes, figures, measure, of)?;
    let table = &shown.comparison.table;
    figure.basis.push(figure::method(table.method.key(), &table.frame));
    if let Some(crate::scenario::transition::Basis::Field(field)) = &compare.basis {
        figure.basis.push(Message::new("why.by-field").with("field", field));
    }
    if let Some(within) = &shown.within {
        figure.basis.push(Message::new("why.within").with("area", within));
    }
    let tolerance = &shown.comparison.tolerance;
    let bounds = Message::new("why.tolerance").with("area", tolerance.area.display(AreaUnit::SquareMetre));
    figure.basis.push(bounds.with("width", tolerance.width.m()));
    let slivers = &shown.matrix.slivers;
    if slivers.count > 0 {
        let said = Message::new("why.slivers").with("n", format_number(slivers.count as f64, 0));
        figure.basis.push(said.with("mu", Area::from_m2(slivers.m2).display(AreaUnit::Mu)));
    }
    figure.inputs.extend(shown.sides.iter().map(|side| figure::input(&side.title, &side.layer)));
    Some(Why { figure, parts: parts_of(shown, of), of: shown.sides.iter().map(|side| state(&side.layer)).collect() })
}

/// The area of a part of the matrix that the map shows, as its cells are printed.
pub fn picked(compare: &Compare, settings: &Settings, shown: &Arc<Shown>, pick: Pick) -> Option<Why> {
    let areas = compare.work.areas()?;
    let measure = Measure::Area(settings.area_unit);
    let of = match pick {
        Pick::Cell { from, to } => MatrixFigure::Cell(shown.matrix.place_of(from, to)?),
        Pick::Leaves(class) => MatrixFigure::Line(Some(class), LineFigure::Out),
        Pick::Enters(class) => MatrixFigure::Line(Some(class), LineFigure::Into),
        Pick::Moves(_) | Pick::Changes => MatrixFigure::Changed,
    };
    let mut why = compared(compare, shown, areas, measure, of)?;
    // What both leaves and enters, and what only one state covers, is summed of the cells that the map shows.
    let (text, _) = pick::sum(compare, settings, shown, pick);
    let exact: f64 = pick::cells(shown, pick).map(|cell| cell.m2).sum();
    why.figure.name = named(&names::name(settings.language, shown, pick));
    why.figure.exact = Some(Area::from_m2(exact).value(settings.area_unit));
    why.figure.decimals = text.split_once('.').map_or(0, |(_, digits)| digits.len());
    why.figure.printed = text;
    why.parts = Parts::Pieces(shown.clone(), pick);
    Some(why)
}

/// What a figure of a comparison is made of: pieces, or features of one of the two states.
fn parts_of(shown: &Arc<Shown>, of: MatrixFigure) -> Parts {
    let class_of_side = |side: usize, class: u32| {
        let state = &shown.sides[side];
        let features = shown.classes_of()[side].iter().enumerate();
        let rows = features.filter(|(_, of)| **of == class).map(|(feature, _)| feature).collect();
        Parts::Rows { layer: state.layer.clone(), areas: state.areas.clone(), rows }
    };
    let pieces = |pick: Pick| Parts::Pieces(shown.clone(), pick);
    match of {
        MatrixFigure::Cell(at) => match shown.matrix.cells.get(at) {
            Some(cell) => pieces(Pick::Cell { from: cell.from, to: cell.to }),
            None => Parts::None,
        },
        MatrixFigure::Changed => pieces(Pick::Changes),
        MatrixFigure::Line(Some(class), figure) => match figure {
            LineFigure::Base | LineFigure::BaseShare => class_of_side(0, class),
            LineFigure::Scenario | LineFigure::ScenarioShare => class_of_side(1, class),
            LineFigure::Out => pieces(Pick::Leaves(class)),
            LineFigure::Into => pieces(Pick::Enters(class)),
            LineFigure::Net | LineFigure::NetShare => pieces(Pick::Moves(class)),
            LineFigure::OnlyBase => pieces(Pick::Cell { from: Some(class), to: None }),
            LineFigure::OnlyScenario => pieces(Pick::Cell { from: None, to: Some(class) }),
            LineFigure::TwiceBase | LineFigure::TwiceScenario => Parts::None,
        },
        MatrixFigure::Line(None, LineFigure::Out | LineFigure::Into | LineFigure::Net | LineFigure::NetShare) => {
            pieces(Pick::Changes)
        }
        MatrixFigure::Line(None, _) => Parts::None,
    }
}

/// The area of a row of the ledger of conflicts.
pub fn conflict(session: &Session, at: usize) -> Option<Why> {
    let answer = session.conflicts.answer.value()?;
    let row = answer.ledger.rows.get(at)?;
    let name = Message::new("why.of-cell")
        .with_said("row", |language| row.line_text(language))
        .with("column", format!("{} {}", row.title, row.id));
    let unit = session.settings.area_unit;
    let mut figure = area_figure(name, Area::from_m2(row.m2), unit, Message::new("why.f-conflict"));
    figure.basis.push(figure::method(answer.method.0.key(), &answer.method.1));
    let lines = session.workspace.entries.iter().filter(|entry| entry.role == row.line.role());
    let layers: Vec<&Entry> = session.workspace.entry(row.layer).into_iter().chain(lines).collect();
    figure.inputs.extend(layers.iter().map(|entry| figure::input(&entry.title, &entry.layer)));
    let of = layers.iter().map(|entry| state(&entry.layer)).collect();
    Some(Why { figure, parts: Parts::Conflict(at), of })
}

/// A figure of a table of control lines.
pub fn of_lines(session: &Session, mut figure: Figure) -> Option<Why> {
    let answer = session.conflicts.answer.value()?;
    figure.basis.push(figure::method(answer.method.0.key(), &answer.method.1));
    let lines = session.workspace.entries.iter().filter(|entry| {
        crate::scenario::lines::LineKind::of_role(entry.role).is_some()
            || entry.role == crate::model::roles::Role::LandUse
    });
    let layers: Vec<&Entry> = lines.filter(|entry| session.workspace.is_drawn(entry)).collect();
    figure.inputs.extend(layers.iter().map(|entry| figure::input(&entry.title, &entry.layer)));
    let of = layers.iter().map(|entry| state(&entry.layer)).collect();
    Some(Why { figure, parts: Parts::None, of })
}

/// The indicator of a rule; `None` where it is unknown.
pub fn rule(rule: &Rule, outcome: &Outcome, path: &std::path::Path) -> Option<Why> {
    let value = outcome.value?;
    let unit = rule.unit;
    let shown = unit.show(value, Language::English);
    let printed = shown.strip_suffix(unit.symbol(Language::English)).unwrap_or(&shown).trim_end().to_owned();
    let (kind, decimals) = match unit {
        Unit::Area(area) => (ColumnKind::Area(area), area.decimals(unit.value(value))),
        Unit::Percent => (ColumnKind::Share, 2),
        Unit::Plain => (ColumnKind::Number(4), printed.split_once('.').map_or(0, |(_, digits)| digits.len())),
    };
    let at = Message::new("edit.rule-at").with("path", crate::io::shown_path(path)).with("line", rule.line);
    let figure = Figure {
        name: Message::new("why.of-figure").with_said("what", |language| rule.title(language).to_owned()),
        printed,
        kind,
        unit: "",
        exact: Some(unit.value(value)),
        decimals,
        formula: Message::new("why.of-figure").with("what", &rule.indicator_text),
        basis: vec![Message::new("why.of-figure").with_said("what", |language| rule.source(language).to_owned()), at],
        inputs: Vec::new(),
    };
    Some(Why { figure, parts: Parts::Breaches(outcome.rule), of: Vec::new() })
}

/// What comes to a layer that is watched, what leaves it, or both together.
pub fn flow(entry: &Entry, title: &str, (printed, exact): (f64, f64), decimals: usize, formula: &'static str) -> Why {
    let figure = Figure {
        name: named(title),
        printed: format_number(printed, decimals),
        kind: ColumnKind::Area(AreaUnit::Mu),
        unit: "",
        exact: Some(exact),
        decimals,
        formula: Message::new(formula),
        basis: Vec::new(),
        inputs: vec![figure::input(&entry.title, &entry.layer)],
    };
    Why { figure, parts: Parts::None, of: vec![state(&entry.layer)] }
}

/// Whether the layers have changed since it was asked.
pub fn is_stale(session: &Session, why: &Why) -> bool {
    match &why.parts {
        Parts::Pieces(shown, _) => session.compare.shown().is_none_or(|now| !Arc::ptr_eq(now, shown)),
        // States of a comparison may be others than those shown.
        Parts::Rows { .. } | Parts::None if why.of.len() > 1 => false,
        _ => {
            why.of.iter().any(|(layer, revision)| session.layer(*layer).is_none_or(|layer| layer.revision != *revision))
        }
    }
}

/// Whether there is something to list.
pub fn has_pieces(parts: &Parts) -> bool {
    match parts {
        Parts::Rows { rows, .. } => !rows.is_empty(),
        Parts::Pieces(..) => true,
        Parts::None | Parts::Conflict(_) | Parts::Breaches(_) => false,
    }
}

/// What a figure is made of, the largest first.
///
/// # Errors
/// [`Cancelled`].
pub fn listing(parts: &Parts, language: Language, progress: &Progress) -> Result<Listing, Cancelled> {
    let mut found: Vec<(f64, Piece)> = Vec::new();
    match parts {
        Parts::Rows { areas, rows, .. } => {
            for row in rows.iter() {
                let m2 = areas.as_ref().and_then(|areas| areas.exact.get(row)).copied().unwrap_or(0.0);
                found.push((m2, Piece::Feature(0, row as u32)));
            }
        }
        Parts::Pieces(shown, of) => {
            progress.tick(0)?;
            let made = pick::features(shown, *of);
            found.extend(made.pairs.iter().map(|pair| (shown.comparison.pair_m2(pair), Piece::Pair(pair.a, pair.b))));
            for (side, features) in made.rest.iter().enumerate() {
                let only = &shown.comparison.table.sides[side].only;
                found.extend(features.iter().map(|row| (only[*row as usize], Piece::Feature(side, *row))));
            }
        }
        Parts::None | Parts::Conflict(_) | Parts::Breaches(_) => {}
    }
    progress.tick(0)?;
    found.sort_by(|(a, _), (b, _)| b.total_cmp(a));
    let mut listing = Listing { more: found.len().saturating_sub(LISTED), ..Listing::default() };
    listing.more_m2 = found.iter().skip(LISTED).map(|(m2, _)| m2).sum();
    for (m2, piece) in found.into_iter().take(LISTED) {
        let (name, at) = piece.named(parts, language);
        let mu = Area::from_m2(m2).display(AreaUnit::Mu);
        let unit = crate::text::tr(language, AreaUnit::Mu.key());
        listing.pieces.push((format!("{name}  {mu} {unit}"), at));
    }
    Ok(listing)
}

/// A feature of one of the layers, or what two features have in common.
enum Piece {
    Feature(usize, u32),
    Pair(u32, u32),
}

impl Piece {
    /// What it is called, and the feature to go to.
    fn named(&self, parts: &Parts, language: Language) -> (String, Option<FeatureRef>) {
        let at = |layer: &Layer, feature: u32| FeatureRef { layer: layer.id, feature: feature as usize };
        match (self, parts) {
            (Self::Feature(_, row), Parts::Rows { layer, .. }) => {
                (name_of(layer, *row as usize), Some(at(layer, *row)))
            }
            (Self::Feature(side, row), Parts::Pieces(shown, _)) => {
                let layer = &shown.sides[*side].layer;
                let rest = Message::new("why.rest").with("feature", name_of(layer, *row as usize));
                (rest.text(language), Some(at(layer, *row)))
            }
            (Self::Pair(a, b), Parts::Pieces(shown, _)) => {
                let [base, scenario] = [&shown.sides[0].layer, &shown.sides[1].layer];
                let piece = Message::new("why.piece")
                    .with("from", name_of(base, *a as usize))
                    .with("to", name_of(scenario, *b as usize));
                (piece.text(language), Some(at(scenario, *b)))
            }
            _ => (String::new(), None),
        }
    }
}

/// What a feature is called: its id, or its number in the file.
pub fn name_of(layer: &Layer, feature: usize) -> String {
    let known = ["BSM", "TBBH"].iter().find_map(|field| layer.field(field));
    let text = known.map(|field| layer.value(feature, field)).filter(|value| !value.is_null());
    let text = text.map(|value| value.to_string()).filter(|text| !text.is_empty());
    text.or_else(|| layer.feature_id(feature)).unwrap_or_else(|| format!("#{}", layer.source_row(feature) + 1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::{OpenOptions, open_bytes};
    use crate::model::Areas;

    fn entry() -> Entry {
        let square = |x: f64, id: &str| {
            let x1 = x + 0.001;
            format!(
                r#"{{"type":"Feature","properties":{{"BSM":"{id}"}},"geometry":{{"type":"Polygon","coordinates":[[[{x},36.8],[{x1},36.8],[{x1},36.801],[{x},36.801],[{x},36.8]]]}}}}"#
            )
        };
        let features = [square(117.0, "001"), square(117.002, "002")].join(",");
        let text = format!(r#"{{"type":"FeatureCollection","features":[{features}]}}"#);
        let opened = open_bytes("a.geojson", text.into_bytes(), &OpenOptions::default(), &Progress::new());
        let mut entry = Entry::recognised(Arc::new(opened.expect("opens").layers.remove(0)), 0);
        entry.areas = Some(Arc::new(Areas {
            exact: vec![1000.004, 2000.006],
            printed: vec![1000.0, 2000.01],
            frame: "CGCS2000 / 3-degree Gauss-Kruger CM 117E".to_owned(),
            ..Areas::default()
        }));
        entry
    }

    #[test]
    fn a_sum_lists_its_features_the_largest_first() {
        let entry = entry();
        let rows = Rows::all(2);
        let formula = Message::new("why.f-sum").with("n", 2);
        let why = sum_of(&entry, "合计", (Area::from_m2(3000.01), AreaUnit::SquareMetre), formula, rows);
        assert_eq!((why.figure.printed.as_str(), why.figure.rounding().key), ("3,000.01", "why.nearest"));
        assert!(why.figure.basis.len() == 2 && why.figure.inputs.len() == 1, "{why:?}");
        let listed = listing(&why.parts, Language::Chinese, &Progress::new()).expect("lists");
        let names: Vec<&str> = listed.pieces.iter().map(|(text, _)| text.as_str()).collect();
        assert!(names[0].starts_with("002  3.00") && names[1].starts_with("001  1.50"), "{names:?}");
        assert_eq!((listed.more, listed.pieces[0].1.map(|at| at.feature)), (0, Some(1)));
        let text = why.figure.text(&names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>(), Language::Chinese);
        assert!(text.contains("002") && text.contains("3,000.01"), "{text}");
    }

    #[test]
    fn one_question_is_the_same_as_itself() {
        let entry = entry();
        let ask = |feature| {
            let area = (Area::from_m2(1000.0), AreaUnit::Mu);
            feature_area(&entry, feature, "面积", area, (AreaMethod::Survey, "CM 117E"), Some(1000.004))
        };
        assert!(ask(0) == ask(0) && ask(0) != ask(1));
        assert_eq!(ask(0).figure.formula.key, "why.f-survey");
    }
}
