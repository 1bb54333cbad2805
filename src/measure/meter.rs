//! Measures rings in the plane of one frame: what layers, single features and the overlay share.

use geo_types::Coord;
use geographiclib_rs::Geodesic;

use super::frame::Frame;
use super::geodesic;
use super::survey::{Printer, Strips, printed_m2};
use crate::model::AreaMethod;

/// The two figures of an area, m².
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Figures {
    /// Additive, not rounded.
    pub exact: f64,
    /// By the survey's roundings; the same as `exact` by the other methods.
    pub printed: f64,
}

/// Measures rings in the plane of one frame. Cheap to use, worth keeping for a whole layer.
#[derive(Clone, Debug)]
pub struct Meter<'f> {
    frame: &'f Frame,
    printer: Option<Printer>,
    geodesic: Option<Geodesic>,
}

impl<'f> Meter<'f> {
    /// A meter for rings in the plane of `frame`.
    pub fn new(frame: &'f Frame) -> Self {
        Self {
            frame,
            printer: frame.as_zone().map(Printer::new),
            geodesic: (frame.method() == AreaMethod::Geodesic).then(|| geodesic::solver(&frame.ellipsoid())),
        }
    }

    /// The frame whose plane it measures in.
    pub fn frame(&self) -> &'f Frame {
        self.frame
    }

    /// Area of one ring in the plane, not negative, `printed` not yet rounded to 0.01 m². Geodesic edges by the
    /// geodesic method, straight ones by the others.
    pub fn ring(&self, ring: &[Coord]) -> Figures {
        if let Some(solver) = &self.geodesic {
            let (exact, _) = geodesic::ring(solver, ring);
            return Figures { exact, printed: exact };
        }
        let exact = self.frame.ring_area(ring).abs();
        let printed = self.printer.as_ref().map_or(exact, |printer| printer.ring(ring));
        Figures { exact, printed }
    }

    /// Area of a feature from the rings of its parts, each the outer ring first; `printed` rounded where the method
    /// rounds.
    pub fn feature<'c>(&self, parts: impl Iterator<Item = impl Iterator<Item = &'c [Coord]>>) -> Figures {
        self.sum(parts, |ring| self.ring(ring))
    }

    /// [`Self::feature`] of each of `features`, which yields the same again when it is cloned.
    pub(crate) fn features<'c, R, P>(
        &self,
        features: impl Iterator<Item = P> + Clone,
        strips: &mut Strips,
        mut found: impl FnMut(Figures),
    ) where
        R: Iterator<Item = &'c [Coord]>,
        P: Iterator<Item = R>,
    {
        let Some(printer) = &self.printer else {
            return features.for_each(|parts| found(self.feature(parts)));
        };
        let mut printed = Vec::new();
        printer.rings(features.clone().flatten().flatten(), strips, &mut printed);
        let mut printed = printed.into_iter();
        for parts in features {
            found(self.sum(parts, |ring| Figures {
                exact: self.frame.ring_area(ring).abs(),
                printed: printed.next().unwrap_or(0.0),
            }));
        }
    }

    fn sum<'c>(
        &self,
        parts: impl Iterator<Item = impl Iterator<Item = &'c [Coord]>>,
        mut of_ring: impl FnMut(&'c [Coord]) -> Figures,
    ) -> Figures {
        let mut sum = Figures::default();
        for part in parts {
            for (i, ring) in part.enumerate() {
                let area = of_ring(ring);
                let sign = if i == 0 { 1.0 } else { -1.0 };
                sum.exact += sign * area.exact;
                sum.printed += sign * area.printed;
            }
        }
        // Holes that are larger than what they are taken from leave nothing.
        (sum.exact, sum.printed) = (sum.exact.max(0.0), sum.printed.max(0.0));
        if self.printer.is_some() {
            sum.printed = printed_m2(sum.printed);
        }
        sum
    }
}
