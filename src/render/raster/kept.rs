//! What the geometry of a layer covers in a picture, kept for the next one: the same view in other colours, or with
//! other layers around it, is painted without looking at the geometry again.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use super::fill::{FillPaint, Samples};
use super::line::{LineTrace, Pen};
use super::pixels::Premultiplied;
use crate::render::MapView;

/// Most bytes that the layers of a picture keep together; the others are painted from their geometry every time.
const MOST_BYTES: usize = 128 << 20;

/// What one layer covered in the last picture, for as long as its geometry and its symbol numbers stay.
#[derive(Debug, Default)]
pub struct Kept(Mutex<Option<Arc<Traces>>>);

/// All that decides what is covered, besides geometry and symbol numbers.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Of {
    view: MapView,
    scale: f32,
    /// Whether fills are looked up, and thin outlines left out.
    looked_up: bool,
    filled: Vec<bool>,
    casings: Vec<Option<Pen>>,
    strokes: Vec<Option<Pen>>,
}

/// What a layer covers in a picture.
#[derive(Debug)]
pub(super) struct Traces {
    of: Of,
    bands: Vec<Trace>,
}

/// What a layer covers in a band.
#[derive(Debug, Default)]
pub(super) struct Trace {
    pub fills: Option<Samples>,
    pub casings: Option<LineTrace>,
    pub strokes: Option<LineTrace>,
}

/// What a picture does with a layer's traces.
pub(super) enum Keeping<'a> {
    /// Neither uses nor makes them.
    Not,
    /// Paints from them.
    Known(Arc<Traces>),
    /// Makes them for the next picture.
    Making { kept: &'a Kept, of: Of, bands: Vec<OnceLock<Trace>> },
}

impl Kept {
    /// Whether this picture of `view` is the one that is kept.
    pub fn is_of(&self, view: &MapView) -> bool {
        self.lock().as_ref().is_some_and(|traces| traces.of.view == *view)
    }

    fn lock(&self) -> MutexGuard<'_, Option<Arc<Traces>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Of {
    pub(super) fn new(
        view: &MapView,
        scale: f32,
        looked_up: bool,
        fills: &[FillPaint],
        casings: &[Option<(Pen, Premultiplied)>],
        strokes: &[Option<(Pen, Premultiplied)>],
    ) -> Self {
        let pens = |pens: &[Option<(Pen, Premultiplied)>]| pens.iter().map(|pen| pen.map(|(pen, _)| pen)).collect();
        Self {
            view: *view,
            scale,
            looked_up,
            filled: fills.iter().map(|fill| !fill.is_nothing()).collect(),
            casings: pens(casings),
            strokes: pens(strokes),
        }
    }
}

impl<'a> Keeping<'a> {
    /// Uses what is kept where it is of this picture, and forgets it otherwise.
    pub(super) fn new(kept: Option<&'a Kept>, of: Of, band_count: u32) -> Self {
        let Some(kept) = kept else { return Self::Not };
        let mut last = kept.lock();
        if let Some(traces) = last.as_ref().filter(|traces| traces.of == of) {
            return Self::Known(traces.clone());
        }
        *last = None;
        Self::Making { kept, of, bands: (0..band_count).map(|_| OnceLock::new()).collect() }
    }

    /// What is known of a band.
    pub(super) fn known(&self, band: u32) -> Option<&Trace> {
        match self {
            Self::Known(traces) => traces.bands.get(band as usize),
            Self::Not | Self::Making { .. } => None,
        }
    }

    /// Whether traces of the bands are wanted.
    pub(super) fn is_making(&self) -> bool {
        matches!(self, Self::Making { .. })
    }

    /// Takes the trace of a band, as long as `room` has room for it.
    pub(super) fn put(&self, band: u32, trace: Trace, room: &Room) {
        if let Self::Making { bands, .. } = self
            && room.take(trace.bytes())
            && let Some(place) = bands.get(band as usize)
        {
            // Each band is painted once.
            place.get_or_init(|| trace);
        }
    }

    /// Keeps what was made, where that is all of the picture.
    pub(super) fn finish(self) {
        if let Self::Making { kept, of, bands } = self
            && let Some(bands) = bands.into_iter().map(OnceLock::into_inner).collect()
        {
            *kept.lock() = Some(Arc::new(Traces { of, bands }));
        }
    }

    /// Bytes of the traces that are painted from.
    pub(super) fn known_bytes(&self) -> usize {
        match self {
            Self::Known(traces) => traces.bands.iter().map(Trace::bytes).sum(),
            Self::Not | Self::Making { .. } => 0,
        }
    }
}

impl Trace {
    fn bytes(&self) -> usize {
        let lines = [&self.casings, &self.strokes].into_iter().flatten().map(LineTrace::bytes);
        self.fills.as_ref().map_or(0, Samples::bytes) + lines.sum::<usize>()
    }
}

/// Bytes that a picture may still keep.
pub(super) struct Room(AtomicUsize);

impl Room {
    /// What is left beside `bytes`.
    pub(super) fn beside(bytes: usize) -> Self {
        Self(AtomicUsize::new(MOST_BYTES.saturating_sub(bytes)))
    }

    fn take(&self, bytes: usize) -> bool {
        let left = |room: usize| room.checked_sub(bytes);
        self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, left).is_ok()
    }
}
