//! From two states to figures, each step kept until what it came from changes.
//!
//! Layers → overlay (in the background; at once where both states have the same geometry) → classes and matrix →
//! figures in a unit. A recode changes attributes only, so the overlay stays.

use std::sync::{Arc, OnceLock};

use crate::model::GeometryKind;
use crate::model::classes::{BigClass, Class, OtherGrassland, Scheme};
use crate::model::keys::{GroupKey, KeyPart};
use crate::model::style::{LayerStyle, Symbol, defaults};
use crate::report::transition::{Extras, Measure, matrix_figures};
use crate::scenario::live::{Ground, Live};
use crate::scenario::transition::{
    Basis, ClassKey, Classes, CompareOptions, Comparison, Crosswalk, Grouping, Level, Matrix, Tolerance,
};
use crate::text::Message;
use crate::ui::session::Session;
use crate::ui::session::awaited::{News, Problem};
use crate::ui::session::compare::shown::{LaidKey, Shown, ShownKey};
use crate::ui::session::compare::sides::Side;
use crate::ui::session::compare::{By, Within};
use crate::ui::work::compare::{self, beside_matrix, picture};

/// More classes than this make no matrix that anyone reads.
const MOST_CLASSES: usize = 2000;

/// More pairs than this are summed in the background.
const AT_ONCE: usize = 200_000;

impl Shown {
    /// Class of each feature of base and scenario, places in the list of classes.
    pub fn classes_of(&self) -> &[Vec<u32>; 2] {
        if self.classes.of.iter().any(|of| !of.is_empty()) {
            return &self.classes.of;
        }
        // Live sums do not keep them; they are looked up when a part of the matrix is picked.
        self.of.get_or_init(|| {
            let Ok(classes) = classes(&self.sides, &self.key.by, self.key.crosswalk()) else {
                return Default::default();
            };
            let place = |key: &ClassKey| self.class_of_key(&key.key).unwrap_or_default();
            let places: Vec<u32> = classes.list.iter().map(place).collect();
            classes.of.map(|of| of.into_iter().map(|class| places[class as usize]).collect())
        })
    }
}

/// Brings the comparison up to date: starts what has to be done, drops what no longer holds.
pub fn refresh(session: &mut Session) {
    let Some(sources) = session.compare.sources else { return };
    let [Some(base), Some(scenario)] = sources.map(|source| Side::of(&session.workspace, session.language(), source))
    else {
        compare::close(session);
        return;
    };
    let sides = [base, scenario];
    follow_study_area(session);
    lay(session, &sides);
    sum(session, &sides);
    figure(session);
    picture::refresh(session);
    beside_matrix::refresh(session);
}

/// A study area that is a whole layer follows it.
fn follow_study_area(session: &mut Session) {
    let Some(within) = &session.compare.within else { return };
    if within.selected {
        return;
    }
    let id = within.layer.id;
    let entry = session.workspace.entry(id);
    let layer = entry.map(|entry| (entry.layer.clone(), entry.title.clone()));
    session.compare.within = layer.map(|(layer, title)| Within { layer, title, selected: false });
}

fn lay(session: &mut Session, sides: &[Side; 2]) {
    let basis = session.compare.basis.clone();
    let basis = basis.unwrap_or_else(|| Basis::Geometry(session.method(sides[0].layer.id)));
    let within = session.compare.within.as_ref().map(|within| within.layer.clone());
    let key = LaidKey {
        layers: [0, 1].map(|side| sides[side].layer.id),
        shapes: [0, 1].map(|side| sides[side].layer.shape),
        within: within.as_ref().map(|within| (within.id, within.shape)),
        ledgers: matches!(basis, Basis::Field(_)).then(|| [0, 1].map(|side| sides[side].layer.revision)),
        basis,
    };
    let work = &mut session.compare.work;
    if work.laid.poll() == Some(News::Ended) && matches!(work.laid.problem(), Some(Problem::Failed(_))) {
        work.shown = None;
        work.summed.forget();
    }
    if work.laid.goes_back(&key) || work.laid.is_asked(&key) {
        return;
    }
    if let Some(comparison) = same_geometry(sides, &key, session.compare.tolerance) {
        return session.compare.work.laid.set(key, Ok(Arc::new(comparison)));
    }
    let name = Message::new("compare.job").with("base", &sides[0].title).with("scenario", &sides[1].title);
    let [base, scenario] = [0, 1].map(|side| sides[side].layer.clone());
    let (basis, tolerance) = (key.basis.clone(), session.compare.tolerance);
    session.compare.work.laid.start(&mut session.jobs, key, name, move |progress| {
        let options = CompareOptions { basis, within: within.as_deref(), tolerance };
        let comparison = Comparison::new(&base, &scenario, &options, progress);
        comparison.map(Arc::new).map_err(|error| error.message())
    });
}

/// Two states of one geometry need no overlay.
fn same_geometry(sides: &[Side; 2], key: &LaidKey, tolerance: Tolerance) -> Option<Comparison> {
    let areas = sides[1].areas.as_ref().or(sides[0].areas.as_ref())?;
    let method = match key.basis {
        Basis::Geometry(method) => method,
        Basis::Field(_) => return None,
    };
    let same = key.shapes[0] == key.shapes[1] && key.within.is_none() && areas.method == method;
    same.then(|| Comparison::same_geometry(areas, tolerance))
}

fn sum(session: &mut Session, sides: &[Side; 2]) {
    if session.compare.work.summed.poll() == Some(News::Arrived)
        && let Some(made) = session.compare.work.summed.take_value()
    {
        install(session, made);
    }
    let compare = &mut session.compare;
    let Some(laid) = compare.work.laid.value_key().cloned() else { return };
    let current = [0, 1].map(|side| sides[side].layer.shape) == laid.shapes
        && [0, 1].map(|side| sides[side].layer.id) == laid.layers;
    if !current {
        return;
    }
    let Some(comparison) = compare.work.laid.value_mut() else { return };
    if comparison.tolerance != compare.tolerance {
        Arc::make_mut(comparison).tolerance = compare.tolerance;
    }
    let comparison = comparison.clone();
    let key = ShownKey {
        laid,
        revisions: [0, 1].map(|side| sides[side].layer.revision),
        by: compare.by.clone(),
        crosswalk: compare.crosswalk.clone(),
        tolerance: compare.tolerance,
    };
    let styles = [0, 1]
        .map(|side| session.workspace.entry(sides[side].layer.id).map(|entry| session.derived.style_in_legend(entry)));
    let soft = session.settings.soft_colors.then_some(session.derived.dark);
    let work = &mut compare.work;
    if let Some(shown) = &mut work.shown
        && shown.key == key
    {
        work.summed.forget();
        let restyled = shown.soft != soft || (0..2).any(|side| shown.styles[side].as_ref() != styles[side]);
        let renamed = (0..2).any(|side| shown.sides[side].title != sides[side].title);
        if restyled || renamed {
            let mut now = Shown::clone(shown);
            now.sides = sides.clone();
            now.swatches = swatches(&now.classes.list, sides, styles, &key.by, soft);
            now.soft = soft;
            now.styles = styles.map(Option::<&LayerStyle>::cloned);
            *shown = Arc::new(now);
        }
        return;
    }
    if work.summed.is_asked(&key) {
        if matches!(work.summed.problem(), Some(Problem::Failed(_))) {
            (compare.pick, compare.work.shown) = (None, None);
        }
        return;
    }
    if follow(session, sides, &key) {
        return;
    }
    let compare = &mut session.compare;
    let styles = [0, 1]
        .map(|side| session.workspace.entry(sides[side].layer.id).map(|entry| session.derived.style_in_legend(entry)));
    let request = Request {
        key: key.clone(),
        sides: sides.clone(),
        comparison,
        styles: styles.map(Option::<&LayerStyle>::cloned),
        soft,
        within: compare.within.as_ref().map(|within| within.title.clone()),
    };
    if request.comparison.table.pairs.len() <= AT_ONCE {
        match request.answer() {
            Ok(made) => install(session, made),
            Err(message) => {
                let compare = &mut session.compare;
                (compare.pick, compare.work.shown) = (None, None);
                compare.work.summed.set(key, Err(message));
            }
        }
    } else {
        let name = Message::new("compare.summing");
        session.compare.work.summed.start(&mut session.jobs, key, name, move |_| request.answer());
    }
}

/// Brings live sums to an edit of the scenario; `false` where there are none that could follow it.
fn follow(session: &mut Session, sides: &[Side; 2], key: &ShownKey) -> bool {
    let work = &mut session.compare.work;
    let Some((begun, live)) = work.live.as_mut().filter(|(begun, _)| key.is_edit_of(begun)) else { return false };
    let (Ok(true), Some(shown)) = (live.sync(&sides[1].layer), &work.shown) else {
        work.live = None;
        return false;
    };
    *begun = key.clone();
    let (classes, matrix) = live.matrix();
    let styles = [0, 1].map(|side| {
        session.workspace.entry(sides[side].layer.id).map(|entry| session.derived.style_in_legend(entry).clone())
    });
    let soft = session.settings.soft_colors.then_some(session.derived.dark);
    let answer = Shown::new(key.clone(), sides.clone(), shown.comparison.clone(), classes, matrix, (styles, soft));
    let shown = Shown { within: shown.within.clone(), ..answer };
    install(session, (shown, None));
    true
}

fn install(session: &mut Session, (shown, live): (Shown, Option<Live>)) {
    let compare = &mut session.compare;
    if let Some(live) = live {
        compare.work.live = Some((shown.key.clone(), live));
    }
    let before = compare.work.shown.as_ref();
    compare.pick = compare.pick.zip(before).and_then(|(pick, before)| pick.carried(before, &shown));
    compare.work.summed.forget();
    compare.work.shown = Some(Arc::new(shown));
}

/// Everything that a matrix is summed from.
struct Request {
    key: ShownKey,
    sides: [Side; 2],
    comparison: Arc<Comparison>,
    styles: [Option<LayerStyle>; 2],
    soft: Option<bool>,
    within: Option<String>,
}

impl Request {
    fn answer(self) -> Result<(Shown, Option<Live>), Message> {
        let by = &self.key.by;
        // Two states of one layer: the scenario is being edited, and its figures follow.
        let edited = self.key.laid.layers[0] == self.key.laid.layers[1] && self.key.laid.within.is_none();
        let live = if edited { Some(live(&self.sides, by, self.key.crosswalk(), &self.comparison)?) } else { None };
        let (classes, matrix) = match &live {
            Some(live) => live.matrix(),
            None => {
                let classes = classes(&self.sides, by, self.key.crosswalk())?;
                let matrix = if classes.list.len() > MOST_CLASSES {
                    Matrix::default()
                } else {
                    Matrix::new(&self.comparison, &classes)
                };
                (classes, matrix)
            }
        };
        if classes.list.len() > MOST_CLASSES {
            let n = crate::units::format_number(classes.list.len() as f64, 0);
            return Err(Message::new("compare.too-many-classes").with("n", n));
        }
        let shown = Shown::new(self.key, self.sides, self.comparison, classes, matrix, (self.styles, self.soft));
        Ok((Shown { within: self.within, ..shown }, live))
    }
}

impl Shown {
    fn new(
        key: ShownKey,
        sides: [Side; 2],
        comparison: Arc<Comparison>,
        classes: Classes,
        matrix: Matrix,
        (styles, soft): ([Option<LayerStyle>; 2], Option<bool>),
    ) -> Self {
        let occurs = |class: &u32| {
            let line = &matrix.lines[*class as usize];
            line.base.feature_count + line.scenario.feature_count > 0
        };
        Self {
            used: (0..classes.list.len() as u32).filter(occurs).collect(),
            swatches: swatches(&classes.list, &sides, [0, 1].map(|side| styles[side].as_ref()), &key.by, soft),
            extras: Extras::of(&matrix),
            of: OnceLock::new(),
            within: None,
            key,
            sides,
            comparison,
            classes,
            matrix,
            styles,
            soft,
        }
    }
}

/// What the features of both sides are grouped by.
fn both_keys(sides: &[Side; 2], by: &By) -> Result<[Vec<GroupKey>; 2], Message> {
    match [0, 1].map(|side| keys(&sides[side], by)) {
        [Some(base), Some(scenario)] => Ok([base, scenario]),
        _ => Err(Message::new("compare.no-field")),
    }
}

fn classes(sides: &[Side; 2], by: &By, crosswalk: Option<&Crosswalk>) -> Result<Classes, Message> {
    let [base, scenario] = both_keys(sides, by)?;
    let grouping = |side: usize, keys| Grouping { layer: &sides[side].layer, keys };
    let classes = Classes::new(grouping(0, &base), grouping(1, &scenario), level(by), crosswalk);
    classes.map_err(|error| error.message())
}

fn live(
    sides: &[Side; 2],
    by: &By,
    crosswalk: Option<&Crosswalk>,
    comparison: &Arc<Comparison>,
) -> Result<Live, Message> {
    let [base, scenario] = both_keys(sides, by)?;
    let base = Grouping { layer: &sides[0].layer, keys: &base };
    let ground = Ground::Laid(comparison.clone());
    Live::new(base, &sides[1].layer, &scenario, level(by), crosswalk, ground).map_err(|error| error.message())
}

pub(in crate::ui) fn level(by: &By) -> Level {
    match by {
        By::Level(level) => Level::Of(*level),
        By::Big => Level::Big(OtherGrassland::default()),
        By::Class | By::Field(_) => Level::AsGiven,
    }
}

/// The key that the features of a side are grouped by.
pub(in crate::ui) fn keys(side: &Side, by: &By) -> Option<Vec<GroupKey>> {
    let name = match by {
        By::Field(name) => Some(name.as_str()),
        _ => side.class_field.as_deref(),
    }?;
    Some(vec![GroupKey { field: side.layer.field(name)?, part: KeyPart::Whole }])
}

/// How the map draws each class: by the style of the scenario or the base where they draw by it, else in the colour of
/// the standard, or of the softened set where the map has that (`soft`: whether on dark ground).
fn swatches(
    list: &[ClassKey],
    sides: &[Side; 2],
    styles: [Option<&LayerStyle>; 2],
    by: &By,
    soft: Option<bool>,
) -> Vec<Symbol> {
    let color_of = |class: Class| match soft {
        None => class.color(),
        Some(dark) => class.soft_colors()[usize::from(dark)],
    };
    let field = |side: &Side| match by {
        By::Field(name) => Some(name.clone()),
        _ => side.class_field.clone(),
    };
    let lookups: Vec<_> = [1, 0]
        .into_iter()
        .filter_map(|side| {
            let style = styles[side]?;
            let categories = style.categories()?;
            let same = field(&sides[side]).is_some_and(|field| field.eq_ignore_ascii_case(&categories.field));
            (same && matches!(by, By::Class | By::Field(_))).then(|| (style, categories.lookup()))
        })
        .collect();
    let mut stranger_count = 0;
    let mut of = |class: &ClassKey| {
        let drawn = lookups.iter().find_map(|(style, lookup)| {
            let index = usize::from(lookup.index_of_text(&class.value));
            style.symbol(index).filter(|_| index + 1 < style.symbol_count()).copied()
        });
        drawn.unwrap_or_else(|| {
            let color = match (class.class, class.big) {
                (Some(class), _) => color_of(class),
                (None, Some(big)) => stands_for(big).map_or(defaults::UNCLASSIFIED, color_of),
                (None, None) if class.value.is_empty() => defaults::UNCLASSIFIED,
                (None, None) => {
                    stranger_count += 1;
                    defaults::palette(stranger_count - 1)
                }
            };
            defaults::class_symbol(color, GeometryKind::Polygon)
        })
    };
    list.iter().map(&mut of).collect()
}

/// The class whose colour a big class is shown in: no standard gives them colours.
fn stands_for(big: BigClass) -> Option<Class> {
    let code = match big {
        BigClass::Agricultural => "0103",
        BigClass::Construction => "0701",
        BigClass::Unused => "1206",
        BigClass::Mixed => return None,
    };
    Class::find(Scheme::Sd2019, code)
}

fn figure(session: &mut Session) {
    let unit = session.settings.area_unit;
    let measure = session.compare.share.unwrap_or(Measure::Area(unit));
    let work = &mut session.compare.work;
    let Some(shown) = &work.shown else {
        (work.figures, work.areas) = (None, None);
        return;
    };
    if !work.areas.as_ref().is_some_and(|(of, known, _)| Arc::ptr_eq(of, shown) && *known == unit) {
        let areas = Arc::new(matrix_figures(&shown.matrix, Measure::Area(unit)));
        work.areas = Some((shown.clone(), unit, areas));
    }
    if work.figures.as_ref().is_some_and(|(of, known, _)| Arc::ptr_eq(of, shown) && *known == measure) {
        return;
    }
    let figures = Arc::new(matrix_figures(&shown.matrix, measure));
    work.figures = Some((shown.clone(), measure, figures));
}
