//! What a red line takes: the polygon that was just drawn, a kept measurement, or the feature that the inspector shows,
//! against the state that is shown. Worked out in the background as soon as there is one.

use std::sync::Arc;

use super::compare::picture;
use super::sketch::MeasurementKind;
use super::state::{FeatureRef, Session, Tool};
use crate::crs::Crs;
use crate::model::roles::Role;
use crate::model::{AreaMethod, Coord, GeometryBuilder, GeometryKind, Layer, LayerId, Revision};
use crate::scenario::RedLine;
use crate::scenario::plan_state::PlanState;
use crate::text::Message;

/// Where a red line comes from.
#[derive(Clone, Debug, PartialEq)]
pub enum Line {
    /// Drawn: its ring, not closed.
    Drawn(Vec<Coord>, Crs),
    /// A feature of a layer.
    Feature(FeatureRef),
}

/// What an answer is of.
#[derive(Clone, Debug, PartialEq)]
struct Key {
    line: Line,
    layers: Vec<(LayerId, Role, Revision)>,
}

/// The answer, and the work on it.
#[derive(Default)]
pub struct Taking {
    /// A kept measurement that was asked about.
    pub pinned: Option<(Vec<Coord>, Crs)>,
    key: Option<Key>,
    job: Option<u64>,
    answer: Option<Result<Arc<RedLine>, Message>>,
}

impl Taking {
    /// What the red line takes; `None` while that is worked out.
    pub fn answer(&self) -> Option<&Result<Arc<RedLine>, Message>> {
        self.answer.as_ref()
    }
}

/// The red line that is asked about: the area that was just drawn, a kept one, or the feature that is identified.
pub fn line(session: &Session) -> Option<Line> {
    let crs = session.workspace.crs.clone()?;
    if session.tool == Tool::Area && session.sketch.finished && session.sketch.points.len() >= 3 {
        return Some(Line::Drawn(session.sketch.points.clone(), crs));
    }
    if let Some((points, crs)) = &session.taking.pinned {
        return Some(Line::Drawn(points.clone(), crs.clone()));
    }
    let shown = session.identified.current()?;
    let entry = session.workspace.entry(shown.layer)?;
    // What a parcel of land use takes of land use is itself; of a street it is a summary, and comes by grouping.
    let is_line = entry.layer.kind == GeometryKind::Polygon
        && !matches!(entry.role, Role::LandUse | Role::Administrative)
        && shown.feature < entry.layer.feature_count();
    is_line.then_some(Line::Feature(shown))
}

/// Starts to work out what is asked about now.
pub fn refresh(session: &mut Session) {
    let Some(line) = line(session) else {
        if let Some(job) = session.taking.job.take() {
            session.jobs.cancel(job);
        }
        (session.taking.key, session.taking.answer) = (None, None);
        return;
    };
    let workspace = &session.workspace;
    let polygons = workspace.entries.iter().filter(|entry| entry.layer.kind == GeometryKind::Polygon);
    let layers = polygons.map(|entry| (entry.id(), entry.role, entry.layer.revision)).collect();
    let key = Key { line, layers };
    if session.taking.key.as_ref() == Some(&key) {
        return;
    }
    if let Some(job) = session.taking.job.take() {
        session.jobs.cancel(job);
    }
    // A figure that is being made anew after an edit stays until then.
    if session.taking.key.as_ref().is_none_or(|old| old.line != key.line) {
        session.taking.answer = None;
    }
    session.taking.key = Some(key.clone());
    let state = PlanState::of_scenario(&session.workspace, session.workspace.scenarios.shown());
    let (source, own) = match &key.line {
        Line::Drawn(points, crs) => (Arc::new(drawn(points, crs)), None),
        Line::Feature(feature) => match session.layer(feature.layer) {
            Some(layer) => {
                let rows = [feature.feature].into_iter().collect();
                (Arc::new(picture::subset(layer, &rows)), Some(feature.layer))
            }
            None => return,
        },
    };
    let job = session.jobs.spawn_hidden(
        Message::new("panels.job-take"),
        move |progress| RedLine::new(&source, &state, own, AreaMethod::default(), progress),
        move |session, answer| {
            if session.taking.key.as_ref() == Some(&key) {
                session.taking.job = None;
                session.taking.answer = Some(answer.map(Arc::new).map_err(|error| error.message()));
            }
        },
    );
    session.taking.job = Some(job);
}

/// A ring as a layer of one feature.
pub fn drawn(points: &[Coord], crs: &Crs) -> Layer {
    let mut ring = points.to_vec();
    ring.extend(points.first().copied());
    let mut builder = GeometryBuilder::new(GeometryKind::Polygon);
    builder.polygon(&[vec![ring]]);
    picture::layer_of("", crs.clone(), builder)
}

/// Asks about a kept measurement, or no longer.
pub fn pin(session: &mut Session, measurement: Option<usize>) {
    let kept = measurement.and_then(|at| session.workspace.measurements.get(at));
    let area = kept.filter(|kept| kept.kind == MeasurementKind::Area);
    session.taking.pinned = area.map(|area| (area.points.clone(), area.crs.clone()));
}
