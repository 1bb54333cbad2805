//! What a box, a line or a polygon drawn on the map takes: what it touches, what lies within, what has its centre
//! within.
//!
//! By direction, as in CAD programs: dragged to the right it takes what lies within, to the left what it touches.

use eframe::egui::Pos2;

use crate::model::Coord;
use crate::render::pick::Pickable;
use crate::ui::look::icons::{self, Icon};
use crate::ui::session::rows::Rows;

/// Which features are selected by what is drawn around them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Reach {
    /// Dragged to the right those within, to the left those touched.
    #[default]
    ByDirection,
    /// Those that share a point with it.
    Touches,
    /// Those that lie within.
    Within,
    /// Those whose centre lies within.
    Centre,
}

impl Reach {
    /// All of them, in the order in which they are offered.
    pub const ALL: [Self; 4] = [Self::ByDirection, Self::Touches, Self::Within, Self::Centre];

    /// Key of its name; `<key>-short` stands beside the pointer.
    pub fn key(self) -> &'static str {
        match self {
            Self::ByDirection => "canvas.reach-direction",
            Self::Touches => "canvas.reach-touches",
            Self::Within => "canvas.reach-within",
            Self::Centre => "canvas.reach-centre",
        }
    }

    /// Its icon.
    pub fn icon(self) -> Icon {
        match self {
            Self::ByDirection => icons::SQUARE_DASHED_MOUSE_POINTER,
            Self::Touches => icons::SQUARE_DASHED,
            Self::Within => icons::SQUARE,
            Self::Centre => icons::CIRCLE_DOT,
        }
    }

    /// What holds for a line drawn along `path`. A line that comes back, as a lasso does, goes to where it went
    /// furthest.
    #[must_use]
    pub fn along(self, path: &[Pos2]) -> Self {
        if self != Self::ByDirection {
            return self;
        }
        let Some(first) = path.first() else { return Self::Touches };
        let sideways = path.iter().map(|p| p.x - first.x);
        let furthest = sideways.fold(0.0_f32, |far, x| if x.abs() > far.abs() { x } else { far });
        if furthest > 0.0 { Self::Within } else { Self::Touches }
    }

    /// The features of a layer that a ring takes, its ends joined. By direction, which a ring of clicks has not, those
    /// that it touches.
    pub fn in_ring(self, layer: Pickable<'_>, ring: &[Coord]) -> Rows {
        let found = match self {
            Self::ByDirection | Self::Touches => layer.in_ring(ring),
            Self::Within => layer.within_ring(ring),
            Self::Centre => layer.centred_in_ring(ring),
        };
        found.into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use eframe::egui::pos2;

    #[test]
    fn to_the_right_is_within_and_to_the_left_touches() {
        let path = |xs: &[f32]| -> Vec<Pos2> { xs.iter().map(|x| pos2(*x, 0.0)).collect() };
        let check = |reach: Reach, xs: &[f32], expected| assert_eq!(reach.along(&path(xs)), expected, "{xs:?}");
        check(Reach::ByDirection, &[10.0, 90.0], Reach::Within);
        check(Reach::ByDirection, &[90.0, 10.0], Reach::Touches);
        check(Reach::ByDirection, &[10.0, 10.0], Reach::Touches);
        check(Reach::ByDirection, &[], Reach::Touches);
        // A lasso comes back to where it began, and a little beyond.
        check(Reach::ByDirection, &[50.0, 90.0, 120.0, 60.0, 40.0], Reach::Within);
        check(Reach::ByDirection, &[50.0, 20.0, -40.0, 30.0, 60.0], Reach::Touches);
        for fixed in [Reach::Touches, Reach::Within, Reach::Centre] {
            check(fixed, &[10.0, 90.0], fixed);
            check(fixed, &[90.0, 10.0], fixed);
        }
    }
}
