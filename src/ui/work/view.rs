//! Where the map looks: zooming, showing a feature, and what a new CRS of the map keeps of it.

use crate::crs::{Crs, Reprojector};
use crate::model::{Extent, LayerId};
use crate::render::{MapView, projected};
use crate::scenario::Property;
use crate::text::Message;
use crate::ui::session::Session;
use crate::ui::session::parts::Page;
use crate::ui::session::rows::{FeatureRef, Identified, Rows, SelectMode};
use crate::ui::session::sketch::Sketch;
use crate::ui::session::views::Views;
use crate::ui::work::scenarios;

/// Shows in another CRS of the map the place that was shown in the one before, at the same scale; `false` where that
/// place is none there.
pub fn keep_place(session: &mut Session, before: &Crs, now: &Crs) -> bool {
    let view = session.view;
    let scale = view.scale_denominator(before.metres_per_unit_on_map());
    let center = Reprojector::new(before, now).ok().and_then(|way| way.convert_one(view.center));
    let Some(center) = center.filter(|center| projected::world(now).contains(*center)) else {
        return false;
    };
    session.view = view.centered(center).at_scale(scale, now.metres_per_unit_on_map());
    true
}

/// Free room around what is zoomed to, in points.
pub const MARGIN: f64 = 24.0;

pub(in crate::ui) fn select(session: &mut Session, layer: LayerId, rows: &Rows, mode: SelectMode) {
    session.project.selection.apply(layer, rows, mode);
    if mode != SelectMode::Remove && !rows.is_empty() {
        session.project.current = Some(layer);
    }
}

/// Shows an extent of the project CRS.
pub(in crate::ui) fn zoom_to(session: &mut Session, extent: Extent) {
    if extent.is_empty() {
        return;
    }
    session.project.views.leave(&session.view);
    session.project.wants_full_extent = false;
    session.view = MapView::fit(&extent, session.view.size_px, MARGIN);
}

pub(in crate::ui) fn zoom_by(session: &mut Session, factor: f64) {
    session.project.views.leave(&session.view);
    let [width, height] = session.view.size_px;
    session.view = session.view.zoomed_about([width / 2.0, height / 2.0], factor);
}

pub(in crate::ui) fn set_map_size(session: &mut Session, size_px: [f64; 2]) {
    session.view = session.view.resized(size_px);
}

pub(in crate::ui) fn show_feature(session: &mut Session, feature: FeatureRef) {
    session.project.selection.apply(feature.layer, &Rows::from_iter([feature.feature]), SelectMode::Replace);
    session.project.current = Some(feature.layer);
    session.project.page = Page::Identify;
    session.project.identified = Identified { hits: vec![feature], shown: 0 };
    session.settings.inspector_open = true;
    show_layer(session, feature.layer);
    let extent = session.prepared(feature.layer).map(|prepared| prepared.feature_extent(feature.feature));
    if let Some(extent) = extent.filter(|extent| !extent.is_empty()) {
        session.project.views.leave(&session.view);
        session.project.wants_full_extent = false;
        // Room around the feature, so that one sees where it lies.
        let size = session.view.size_px;
        let fitted = MapView::fit(&extent, size, 0.3 * size[0].min(size[1]));
        session.view = if extent.width() > 0.0 || extent.height() > 0.0 {
            fitted
        } else {
            fitted.at_scale(2000.0, session.metres_per_unit())
        };
    }
}

/// Makes sure that a layer is drawn.
pub(in crate::ui) fn show_layer(session: &mut Session, layer: LayerId) {
    let Some(entry) = session.workspace.entry(layer) else { return };
    let sentence = Message::new("scenario.layer-shown").with("layer", &entry.title);
    let shown = vec![Property::Visible(layer, true), Property::GroupVisible(entry.group.clone(), true)];
    session.workspace.change_all(shown, sentence, scenarios::by(session.language()));
}

/// What is drawn in another CRS of the map than the present one is forgotten: its numbers are others. The place and the
/// scale stay.
pub(in crate::ui) fn follow_crs(session: &mut Session) {
    if session.project.drawn_in == session.workspace.crs {
        return;
    }
    let before = std::mem::replace(&mut session.project.drawn_in, session.workspace.crs.clone());
    let Some(before) = before else { return };
    session.project.views = Views::default();
    session.project.sketch = Sketch::default();
    session.project.marked = None;
    session.project.cursor = None;
    // What was looked at is looked at still; a view that waits for all to come goes on waiting.
    let now = session.project.drawn_in.clone();
    let stays = !session.project.wants_full_extent && now.is_some_and(|now| keep_place(session, &before, &now));
    session.project.wants_full_extent = !stays;
}
