//! What a red line takes: the polygon that was just drawn, a kept measurement, or the feature that the inspector shows,
//! against the state that is shown. Worked out in the background as soon as there is one. Of a closed line it is what
//! the line encloses, as the command line takes it.

use std::sync::Arc;

use crate::crs::Crs;
use crate::model::roles::Role;
use crate::model::{AreaMethod, Coord, GeometryBuilder, GeometryKind, Layer};
use crate::scenario::plan_state::PlanState;
use crate::scenario::red_line::closed;
use crate::scenario::{MeasurementKind, RedLine};
use crate::task::Progress;
use crate::text::Message;
use crate::ui::session::Session;
use crate::ui::session::parts::Tool;
use crate::ui::session::red_line::{Key, Line};
use crate::ui::work::compare::picture;
use crate::units::format_number;

/// A gap of no more than this share of its length is meant to be closed.
const NEARLY_CLOSED: f64 = 0.02;

/// The red line that is asked about: the area that was just drawn, a kept one, or the feature that is identified.
pub fn line(session: &Session) -> Option<Line> {
    let crs = session.workspace.crs.clone()?;
    if session.tool == Tool::Area && session.project.sketch.finished && session.project.sketch.points.len() >= 3 {
        return Some(Line::Drawn(session.project.sketch.points.clone(), crs));
    }
    if let Some((points, crs)) = &session.red_line.pinned {
        return Some(Line::Drawn(points.clone(), crs.clone()));
    }
    let shown = session.project.identified.current()?;
    let entry = session.workspace.entry(shown.layer)?;
    if entry.layer.kind == GeometryKind::Line {
        return (shown.feature < entry.layer.feature_count()).then_some(Line::Enclosed(shown));
    }
    // What a parcel of land use takes of land use is itself; of a street it is a summary, and comes by grouping.
    let is_line = entry.layer.kind == GeometryKind::Polygon
        && !matches!(entry.role, Role::LandUse | Role::Administrative)
        && shown.feature < entry.layer.feature_count();
    is_line.then_some(Line::Feature(shown))
}

/// Starts to work out what is asked about now.
pub fn refresh(session: &mut Session) {
    session.red_line.answer.poll();
    let Some(line) = line(session) else { return session.red_line.answer.forget() };
    let workspace = &session.workspace;
    let polygons = workspace.entries.iter().filter(|entry| entry.layer.kind == GeometryKind::Polygon);
    let layers = polygons.map(|entry| (entry.id(), entry.role, entry.layer.revision)).collect();
    let key = Key { line, layers };
    if session.red_line.answer.is_asked(&key) {
        return;
    }
    // A figure that is being made anew after an edit stays until then.
    session.red_line.answer.keep_if(|old| old.line == key.line);
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
        Line::Enclosed(feature) => match session.layer(feature.layer) {
            Some(layer) => (layer.clone(), None),
            None => return,
        },
    };
    let line = key.line.clone();
    let name = Message::new("panels.job-take");
    session.red_line.answer.start_hidden(&mut session.jobs, key, name, move |progress| {
        let answer = match line {
            Line::Enclosed(feature) => enclosed(&source, feature.feature, &state, progress),
            Line::Drawn(..) | Line::Feature(_) => {
                RedLine::new(&source, &state, own, AreaMethod::default(), progress).map_err(|error| error.message())
            }
        };
        answer.map(Arc::new)
    });
}

/// What a line takes by the area that it encloses. A line that encloses nothing takes nothing; where it was probably
/// meant to, that is said.
fn enclosed(layer: &Layer, feature: usize, state: &PlanState, progress: &Progress) -> Result<RedLine, Message> {
    let found = match closed::enclosed_by(layer, feature) {
        Ok(found) => found,
        Err(left) => {
            let nearly = left.filter(|(gap, length)| *gap <= NEARLY_CLOSED * length);
            let m = layer.crs.metres_per_unit_on_map();
            let said = nearly.map(|(gap, _)| Message::new("panels.take-open").with("m", format_number(gap * m, 2)));
            return Ok(RedLine { said: said.into_iter().collect(), ..RedLine::default() });
        }
    };
    let answer = RedLine::new(&found.layer, state, None, AreaMethod::default(), progress);
    let mut answer = answer.map_err(|error| error.message())?;
    answer.said.push(Message::new("cli.line-closed").with("count", found.ring_count));
    if found.open_count > 0 {
        answer.said.push(Message::new("cli.line-open").with("count", found.open_count));
    }
    Ok(answer)
}

/// Whether there is anything to say of the red line that is asked about: most lines are no red lines.
pub fn is_worth_saying(session: &Session) -> bool {
    match line(session) {
        None => false,
        Some(Line::Enclosed(_)) => {
            let answer = session.red_line.answer.value();
            answer.is_some_and(|answer| answer.m2 > 0.0 || !answer.said.is_empty())
        }
        Some(_) => true,
    }
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
    session.red_line.pinned = area.map(|area| (area.points.clone(), area.crs.clone()));
}
