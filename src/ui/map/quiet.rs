//! Quiet transitions: a step of zoom glides, and what the map showed before another state goes softly. Each takes a moment,
//! and nothing waits for it: the session has the new view and the new state at once.

use crate::render::MapView;

/// Seconds that a step of zoom takes.
const GLIDE_S: f64 = 0.12;
/// Seconds that a picture takes to go.
const FADE_S: f64 = 0.15;
/// Seconds after a change of state in which the next picture is the one of the new state.
const DUE_S: f64 = 1.0;

/// A view on its way.
#[derive(Debug, Default)]
pub struct Glide {
    wanted: Option<MapView>,
    /// Where it began, and when.
    from: Option<(MapView, f64)>,
}

impl Glide {
    /// The view to show at a time in seconds where `wanted` is asked for. What is dragged or turned by a wheel is followed at
    /// once; a step of zoom, by key or button, glides where that is `quiet`.
    pub fn view(&mut self, wanted: MapView, now: f64, quiet: bool) -> MapView {
        if let Some(before) = self.wanted.replace(wanted).filter(|before| *before != wanted) {
            let shown = self.shown(&before, now);
            self.from = (quiet && is_step(&before, &wanted)).then_some((shown, now));
        }
        let shown = self.shown(&wanted, now);
        if shown == wanted {
            self.from = None;
        }
        shown
    }

    /// Whether it is not there yet.
    pub fn is_moving(&self) -> bool {
        self.from.is_some()
    }

    fn shown(&self, wanted: &MapView, now: f64) -> MapView {
        let Some((from, since)) = self.from else { return *wanted };
        let t = ((now - since) / GLIDE_S).clamp(0.0, 1.0);
        if t >= 1.0 {
            return *wanted;
        }
        // Fast at first, then slower.
        let done = 1.0 - (1.0 - t).powi(3);
        let units_per_px = from.units_per_px * (wanted.units_per_px / from.units_per_px).powf(done);
        MapView { units_per_px, ..*wanted }
    }
}

/// Whether one view is the other one twice or half as near, about the middle.
fn is_step(a: &MapView, b: &MapView) -> bool {
    let ratio = a.units_per_px / b.units_per_px;
    let is = |factor: f64| (ratio / factor - 1.0).abs() < 1e-9;
    a.size_px == b.size_px && a.center == b.center && (is(2.0) || is(0.5))
}

/// The picture of a state that is left, while it goes.
#[derive(Debug)]
pub struct Fade<T> {
    /// When another state was asked for whose picture has not come.
    turned: Option<f64>,
    last: Option<(MapView, T, f64)>,
}

impl<T> Default for Fade<T> {
    fn default() -> Self {
        Self { turned: None, last: None }
    }
}

impl<T> Fade<T> {
    /// Another state is to be shown.
    pub fn turn(&mut self, now: f64) {
        self.turned = Some(now);
    }

    /// Whether the picture that is about to come is the first one of another state: asked once a picture.
    pub fn is_due(&mut self, now: f64) -> bool {
        self.turned.take().is_some_and(|since| now - since < DUE_S)
    }

    /// The picture that is replaced, which goes from now on. What was still going is gone.
    pub fn keep(&mut self, view: MapView, picture: T, now: f64) {
        self.last = Some((view, picture, now));
    }

    /// The picture that goes, with what is left of its strength.
    pub fn shown(&self, now: f64) -> Option<(&MapView, &T, f32)> {
        let (view, picture, since) = self.last.as_ref()?;
        let left = 1.0 - ((now - since) / FADE_S).clamp(0.0, 1.0);
        Some((view, picture, left as f32))
    }

    /// The picture that has gone, once.
    pub fn gone(&mut self, now: f64) -> Option<T> {
        let is_gone = self.last.as_ref().is_some_and(|(_, _, since)| now - since >= FADE_S);
        if is_gone { self.last.take().map(|(_, picture, _)| picture) } else { None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Coord;

    fn view(units_per_px: f64) -> MapView {
        MapView { center: Coord { x: 10.0, y: 20.0 }, units_per_px, size_px: [400.0, 300.0] }
    }

    #[test]
    fn a_step_of_zoom_glides_and_arrives() {
        let mut glide = Glide::default();
        assert_eq!(glide.view(view(4.0), 0.0, true), view(4.0));
        let begun = glide.view(view(2.0), 1.0, true);
        assert!((begun.units_per_px - 4.0).abs() < 1e-9 && glide.is_moving());
        let halfway = glide.view(view(2.0), 1.05, true).units_per_px;
        assert!(halfway < 3.5 && halfway > 2.0, "{halfway}");
        // Another step goes on from where it is.
        let again = glide.view(view(1.0), 1.05, true).units_per_px;
        assert!((again - halfway).abs() < 1e-9);
        assert_eq!(glide.view(view(1.0), 1.05 + GLIDE_S, true), view(1.0));
        assert!(!glide.is_moving());
    }

    #[test]
    fn what_is_dragged_is_followed_and_so_is_every_step_where_that_is_wanted() {
        let mut glide = Glide::default();
        glide.view(view(4.0), 0.0, true);
        let dragged = view(4.0).panned([30.0, 0.0]);
        assert_eq!(glide.view(dragged, 0.1, true), dragged);
        let turned = dragged.zoomed_about([10.0, 10.0], 1.2);
        assert_eq!(glide.view(turned, 0.2, true), turned);
        let step = turned.zoomed_about([200.0, 150.0], 2.0);
        assert_eq!(glide.view(step, 0.3, false), step);
    }

    #[test]
    fn a_picture_goes_within_its_time() {
        let mut fade = Fade::default();
        assert!(!fade.is_due(0.0));
        fade.turn(1.0);
        assert!(fade.is_due(1.1) && !fade.is_due(1.1), "the first picture only");
        fade.keep(view(1.0), "old", 1.1);
        let left = |fade: &Fade<&str>, now| fade.shown(now).map(|(_, _, left)| left);
        assert_eq!(left(&fade, 1.1), Some(1.0));
        assert!(left(&fade, 1.2).is_some_and(|left| left > 0.2 && left < 0.5));
        assert_eq!((fade.gone(1.2), fade.gone(1.3), fade.gone(1.3)), (None, Some("old"), None));
        fade.turn(2.0);
        assert!(!fade.is_due(9.0), "what comes late is no answer");
    }
}
