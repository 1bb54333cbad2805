//! The figures of one feature: by every method, its shape, and what was found about it. Computed once a state of the
//! feature, not once a frame; in the background where it takes long.

use std::sync::Arc;

use eframe::egui;

use crate::measure::{self, FeatureAreas, FeatureLength, Frame, MeasureError};
use crate::model::{AreaMethod, Areas, GeometryKind, Issue, Layer, Revision};
use crate::scenario::Entry;
use crate::text::Message;
use crate::ui::session::awaited::{Awaited, News};

/// Features with more vertices, and layers with more where the zone must be found first, are measured in the
/// background.
const AT_ONCE: usize = 100_000;

/// What is known of one feature.
#[derive(Clone, Debug, Default)]
pub(super) struct FeatureFigures {
    /// By every method, for polygons; of the rings as given.
    pub areas: Option<FeatureAreas>,
    /// Length of lines.
    pub length: Option<FeatureLength>,
    /// Why it could not be measured.
    pub error: Option<Message>,
    /// Vertices, parts and holes.
    pub counts: (usize, usize, usize),
    /// What the reader and the measuring found about it.
    pub issues: Vec<Issue>,
}

impl FeatureFigures {
    /// The issue of its repair, where its polygon was invalid.
    pub(super) fn repair(&self) -> Option<&Issue> {
        self.issues.iter().find(|issue| issue.area_m2.is_some())
    }
}

/// A state of a feature: its layer's revision, its index, the areas of the layer.
#[derive(Clone)]
struct Key {
    revision: Revision,
    feature: usize,
    areas: Option<Arc<Areas>>,
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        self.revision == other.revision
            && self.feature == other.feature
            && self.areas.as_ref().map(Arc::as_ptr) == other.areas.as_ref().map(Arc::as_ptr)
    }
}

type Measured = (Option<Arc<Frame>>, FeatureFigures);

/// The figures of the feature that is shown, and the frames of the layers that were asked about.
#[derive(Default)]
pub(super) struct Cache {
    measured: Awaited<Key, Measured>,
    frames: Vec<(Revision, Arc<Frame>)>,
}

impl Cache {
    /// The figures of `feature`, or `None` while they are computed.
    pub(super) fn figures(&mut self, ctx: &egui::Context, entry: &Entry, feature: usize) -> Option<&FeatureFigures> {
        let key = Key { revision: entry.layer.revision, feature, areas: entry.areas.clone() };
        if !self.measured.is_asked(&key) {
            self.start(ctx, entry, key);
        }
        if self.measured.poll() == Some(News::Arrived) {
            self.keep_frame();
        }
        if self.measured.problem().is_some() {
            let error = Some(Message::new("panels.not-measured"));
            let key = Key { revision: entry.layer.revision, feature, areas: entry.areas.clone() };
            self.measured.set(key, Ok((None, FeatureFigures { error, ..FeatureFigures::default() })));
        }
        self.measured.current().map(|(_, figures)| figures)
    }

    fn start(&mut self, ctx: &egui::Context, entry: &Entry, key: Key) {
        let feature = key.feature;
        let layer = entry.layer.clone();
        let frame =
            self.frames.iter().find(|(revision, _)| *revision == layer.revision).map(|(_, frame)| frame.clone());
        let (block, row) = layer.locate(feature);
        let quick_frame = frame.is_some() || layer.crs.gauss_kruger().is_some() || layer.counts().0 <= AT_ONCE;
        let at_once = quick_frame && block.geometry.coord_range(row).len() <= AT_ONCE;
        let issues = issues(entry, feature);
        let work = move || figures(&layer, frame, feature, issues);
        if at_once {
            self.measured.set(key, Ok(work()));
            self.keep_frame();
        } else {
            self.measured.start_task(ctx, key, "feature figures", move |_| Ok(work()));
        }
    }

    /// Keeps the frame that was found on the way.
    fn keep_frame(&mut self) {
        let revision = self.measured.value_key().map(|key| key.revision);
        let frame = self.measured.value().and_then(|(frame, _)| frame.clone());
        if let Some((revision, frame)) = revision.zip(frame)
            && !self.frames.iter().any(|(known, _)| *known == revision)
        {
            // A few layers are asked about again and again; old states are not.
            self.frames.truncate(15);
            self.frames.insert(0, (revision, frame));
        }
    }
}

fn figures(layer: &Layer, frame: Option<Arc<Frame>>, feature: usize, issues: Vec<Issue>) -> Measured {
    let mut figures = FeatureFigures { counts: counts(layer, feature), issues, ..FeatureFigures::default() };
    let frame = match (layer.kind, frame) {
        (GeometryKind::Polygon, None) => Frame::for_layer(layer, AreaMethod::Survey).map(|frame| Some(Arc::new(frame))),
        (_, frame) => Ok(frame),
    };
    let frame = match frame {
        Ok(frame) => frame,
        Err(error) => {
            figures.error = Some(error.message());
            return (None, figures);
        }
    };
    let result: Result<(), MeasureError> = (|| {
        match (layer.kind, frame.as_deref()) {
            (GeometryKind::Polygon, Some(frame)) => {
                figures.areas = Some(measure::feature_areas(layer, frame, feature)?);
            }
            (GeometryKind::Line, _) => figures.length = Some(measure::feature_length(layer, feature)?),
            _ => {}
        }
        Ok(())
    })();
    figures.error = result.err().map(|error| error.message());
    if let Some(areas) = &mut figures.areas {
        let known = &mut figures.issues;
        for issue in areas.issues.drain(..) {
            if !known.iter().any(|other| other.message == issue.message) {
                known.push(issue);
            }
        }
    }
    (frame, figures)
}

/// Vertices, parts and holes of a feature; the vertex that closes a ring does not count.
fn counts(layer: &Layer, feature: usize) -> (usize, usize, usize) {
    let (block, row) = layer.locate(feature);
    let geometry = &block.geometry;
    match geometry.kind() {
        GeometryKind::Polygon => {
            let polygon = geometry.polygon(row);
            let rings: Vec<usize> = polygon.rings().map(|(_, ring)| ring.len().saturating_sub(1)).collect();
            let parts = polygon.part_count();
            (rings.iter().sum(), parts, rings.len().saturating_sub(parts))
        }
        GeometryKind::Line => {
            let paths = geometry.paths(row);
            let parts = paths.len();
            (paths.map(<[_]>::len).sum(), parts, 0)
        }
        _ => {
            let count = geometry.coord_range(row).len();
            (count, count, 0)
        }
    }
}

/// What was found about one feature.
fn issues(entry: &Entry, feature: usize) -> Vec<Issue> {
    let number = Some(entry.layer.source_row(feature));
    let found = entry.layer.issues.iter().chain(entry.areas.iter().flat_map(|areas| &areas.issues));
    found.filter(|issue| issue.feature == number).cloned().collect()
}
