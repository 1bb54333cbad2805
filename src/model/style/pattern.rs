//! Areas filled with a small figure again and again, after the symbols of vegetation and ground of large-scale maps
//! (GB/T 20257.1), as lines and discs that every renderer draws alike.

use serde::{Deserialize, Serialize};

use super::Color;

/// A small figure again and again, fixed to the screen.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Pattern {
    /// The figure.
    pub motif: Motif,
    /// Its colour.
    pub color: Color,
    /// Its height and width.
    pub size_px: f32,
    /// Distance between the middles of neighbours, across and down.
    pub spacing_px: f32,
    /// Whether every second row is moved by half a distance.
    pub staggered: bool,
    /// What lies behind; nothing when `None`.
    pub back: Option<Color>,
}

/// A figure that fills areas, or stands in a marker.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Motif {
    /// A dot: sand.
    #[default]
    Dot,
    /// A ring: wood.
    Ring,
    /// A cross.
    Cross,
    /// Two uprights: grassland.
    Grass,
    /// A stem with two drooping leaves: paddy field.
    Paddy,
    /// Two uprights on their feet: dry field.
    DryField,
    /// Three leaves from one foot: vegetables.
    Vegetable,
    /// A ring on a stem: orchard.
    Orchard,
    /// A stem that parts in two: tea.
    Tea,
    /// A ring on a stem with a foot: a broad-leaved tree.
    Tree,
    /// A pointed crown on a stem: a conifer.
    Conifer,
    /// Three dots: shrubs.
    Shrub,
    /// A stem under a roof of two leaves: bamboo.
    Bamboo,
    /// Blades over broken lines: marsh.
    Marsh,
    /// A wave: water.
    Water,
    /// A square: buildings.
    Building,
    /// A mound: graves.
    Grave,
}

/// A piece of a figure in a box of side 1 about its middle, y downwards.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Part {
    /// A line through these points.
    Line(&'static [[f32; 2]]),
    /// A disc of that middle and radius.
    Disc([f32; 2], f32),
    /// A circle of that middle and radius.
    Circle([f32; 2], f32),
}

impl Motif {
    /// All of them, in the order of choices.
    pub const ALL: [Self; 17] = [
        Self::Dot,
        Self::Ring,
        Self::Cross,
        Self::Grass,
        Self::Paddy,
        Self::DryField,
        Self::Vegetable,
        Self::Orchard,
        Self::Tea,
        Self::Tree,
        Self::Conifer,
        Self::Shrub,
        Self::Bamboo,
        Self::Marsh,
        Self::Water,
        Self::Building,
        Self::Grave,
    ];

    /// Its word in files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Dot => "dot",
            Self::Ring => "ring",
            Self::Cross => "cross",
            Self::Grass => "grass",
            Self::Paddy => "paddy",
            Self::DryField => "dry-field",
            Self::Vegetable => "vegetable",
            Self::Orchard => "orchard",
            Self::Tea => "tea",
            Self::Tree => "tree",
            Self::Conifer => "conifer",
            Self::Shrub => "shrub",
            Self::Bamboo => "bamboo",
            Self::Marsh => "marsh",
            Self::Water => "water",
            Self::Building => "building",
            Self::Grave => "grave",
        }
    }

    /// The one of that word.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|motif| motif.name() == name)
    }

    /// The lines and discs that it is made of.
    pub fn parts(self) -> &'static [Part] {
        use Part::{Circle, Disc, Line};
        match self {
            Self::Dot => &[Disc([0.0, 0.0], 0.28)],
            Self::Ring => &[Circle([0.0, 0.0], 0.36)],
            Self::Cross => &[Line(&[[-0.42, 0.0], [0.42, 0.0]]), Line(&[[0.0, -0.42], [0.0, 0.42]])],
            Self::Grass => &[Line(&[[-0.16, -0.4], [-0.16, 0.4]]), Line(&[[0.16, -0.4], [0.16, 0.4]])],
            Self::Paddy => &[Line(&[[0.0, -0.45], [0.0, 0.45]]), Line(&[[-0.3, 0.12], [0.0, 0.45], [0.3, 0.12]])],
            Self::DryField => &[
                Line(&[[-0.2, -0.35], [-0.2, 0.35]]),
                Line(&[[0.2, -0.35], [0.2, 0.35]]),
                Line(&[[-0.45, 0.35], [0.45, 0.35]]),
            ],
            Self::Vegetable => &[
                Line(&[[0.0, -0.42], [0.0, 0.42]]),
                Line(&[[-0.36, -0.26], [-0.22, 0.16], [0.0, 0.42], [0.22, 0.16], [0.36, -0.26]]),
            ],
            Self::Orchard => &[Circle([0.0, -0.2], 0.24), Line(&[[0.0, 0.04], [0.0, 0.45]])],
            Self::Tea => &[Line(&[[-0.34, -0.4], [0.0, 0.05], [0.34, -0.4]]), Line(&[[0.0, 0.05], [0.0, 0.45]])],
            Self::Tree => &[Circle([0.0, -0.2], 0.24), Line(&[[0.0, 0.04], [0.0, 0.45], [0.28, 0.45]])],
            Self::Conifer => &[
                Line(&[[0.0, -0.46], [0.28, 0.16], [-0.28, 0.16], [0.0, -0.46]]),
                Line(&[[0.0, 0.16], [0.0, 0.45], [0.28, 0.45]]),
            ],
            Self::Shrub => &[Disc([0.0, -0.22], 0.14), Disc([-0.26, 0.2], 0.14), Disc([0.26, 0.2], 0.14)],
            Self::Bamboo => &[Line(&[[-0.36, -0.02], [0.0, -0.42], [0.36, -0.02]]), Line(&[[0.0, -0.42], [0.0, 0.45]])],
            Self::Marsh => &[
                Line(&[[-0.45, 0.1], [0.45, 0.1]]),
                Line(&[[-0.26, 0.36], [0.26, 0.36]]),
                Line(&[[0.0, 0.1], [0.0, -0.42]]),
                Line(&[[-0.22, 0.1], [-0.3, -0.26]]),
                Line(&[[0.22, 0.1], [0.3, -0.26]]),
            ],
            Self::Water => &[Line(&[
                [-0.48, 0.0],
                [-0.36, -0.13],
                [-0.24, -0.16],
                [-0.12, -0.11],
                [0.0, 0.0],
                [0.12, 0.11],
                [0.24, 0.16],
                [0.36, 0.13],
                [0.48, 0.0],
            ])],
            Self::Building => &[Line(&[[-0.36, -0.36], [0.36, -0.36], [0.36, 0.36], [-0.36, 0.36], [-0.36, -0.36]])],
            Self::Grave => &[
                Line(&[
                    [-0.28, 0.26],
                    [-0.25, -0.02],
                    [-0.14, -0.22],
                    [0.0, -0.29],
                    [0.14, -0.22],
                    [0.25, -0.02],
                    [0.28, 0.26],
                ]),
                Line(&[[-0.46, 0.26], [0.46, 0.26]]),
            ],
        }
    }
}

impl Motif {
    /// How far a place of the box lies from the figure, negative within it. Lines are twice `half_width` wide; all in sides
    /// of the box.
    pub fn distance(self, [x, y]: [f32; 2], half_width: f32) -> f32 {
        let to_segment = |pair: &[[f32; 2]]| {
            let ([ax, ay], [bx, by]) = (pair[0], pair[1]);
            let (dx, dy) = (bx - ax, by - ay);
            let along = (((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy)).clamp(0.0, 1.0);
            (x - ax - dx * along).hypot(y - ay - dy * along)
        };
        let to_part = |part: &Part| match part {
            Part::Line(points) => points.windows(2).map(to_segment).fold(f32::MAX, f32::min) - half_width,
            Part::Disc([cx, cy], radius) => (x - cx).hypot(y - cy) - radius,
            Part::Circle([cx, cy], radius) => ((x - cx).hypot(y - cy) - radius).abs() - half_width,
        };
        self.parts().iter().map(to_part).fold(f32::MAX, f32::min)
    }
}

impl Pattern {
    /// From the middle of the nearest figure to a place of the screen, where figures stand as on an endless sheet with one in
    /// its corner.
    pub fn from_nearest(&self, [x, y]: [f32; 2]) -> [f32; 2] {
        let spacing = self.spacing_px.max(LEAST_SPACING_PX);
        let row = (y / spacing).round();
        let shift = if self.staggered && row.rem_euclid(2.0) >= 1.0 { spacing / 2.0 } else { 0.0 };
        let column = ((x - shift) / spacing).round();
        [x - shift - column * spacing, y - row * spacing]
    }

    /// One figure of it as a swatch of that size shows it.
    #[must_use]
    pub fn in_swatch(&self, width: f32, height: f32) -> Self {
        Self { size_px: self.size_px.clamp(height * 0.5, height.max(1.0) * 0.8).min(width), ..*self }
    }

    /// The same pattern with `scale` pixels a logical pixel.
    #[must_use]
    pub fn scaled(&self, scale: f32) -> Self {
        Self { size_px: self.size_px * scale, spacing_px: self.spacing_px * scale, ..*self }
    }

    /// Width of the figure's lines at that size.
    pub fn line_width_px(&self) -> f32 {
        motif_line_width(self.size_px)
    }
}

/// Closest that figures stand.
pub(crate) const LEAST_SPACING_PX: f32 = 2.0;

/// Width of the lines of a figure of that size.
pub(crate) fn motif_line_width(size_px: f32) -> f32 {
    (size_px * 0.11).max(0.8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_stand_in_rows_and_every_second_is_moved() {
        let pattern = Pattern {
            motif: Motif::Dot,
            color: Color::BLACK,
            size_px: 4.0,
            spacing_px: 10.0,
            staggered: true,
            back: None,
        };
        let check = |at, expected| assert_eq!(pattern.from_nearest(at), expected, "{at:?}");
        check([1.0, -2.0], [1.0, -2.0]);
        check([5.0, 10.0], [0.0, 0.0]);
        check([10.0, 20.0], [0.0, 0.0]);
        check([-5.0, -10.0], [0.0, 0.0]);
        assert!(Motif::Dot.distance([0.0, 0.0], 0.05) < 0.0 && Motif::Ring.distance([0.0, 0.0], 0.05) > 0.0);
        assert!(Motif::Cross.distance([0.2, 0.0], 0.05) < 0.0 && Motif::Cross.distance([0.2, 0.2], 0.05) > 0.0);
    }

    #[test]
    fn every_figure_stays_in_its_box_and_has_a_word() {
        for motif in Motif::ALL {
            assert_eq!(Motif::from_name(motif.name()), Some(motif));
            let reach = |part: &Part| match part {
                Part::Line(points) => points.iter().flatten().fold(0.0f32, |most, v| most.max(v.abs())),
                Part::Disc([x, y], radius) | Part::Circle([x, y], radius) => x.abs().max(y.abs()) + radius,
            };
            assert!(!motif.parts().is_empty());
            assert!(motif.parts().iter().all(|part| reach(part) <= 0.5), "{}", motif.name());
        }
    }
}
