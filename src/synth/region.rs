//! What covers the ground in the demo, before it is cut into parcels.

use super::plane::{Point, inside};

/// Kinds of ground, each with its own pattern of parcels and its own choice of classes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Ground {
    /// The channel of the great river.
    Channel,
    /// Between channel and levee, the belt at the water.
    Shoal,
    /// Between channel and levee, the belt at the levee.
    Floodplain,
    /// A levee of the great river.
    Levee,
    /// A highway.
    Highway,
    /// A railway.
    Railway,
    /// A lesser river.
    Stream,
    /// A belt of trees along water.
    Grove,
    /// A canal.
    Canal,
    /// The airport.
    Airport,
    /// A street of a town.
    Street,
    /// A lot of a town's block.
    Lot,
    /// A lot of a village.
    Homestead,
    /// A lane between fields.
    Lane,
    /// A field.
    Field,
}

impl Ground {
    /// Whether the ground is a long strip: such parcels are kept however thin they are.
    pub fn linear(self) -> bool {
        matches!(
            self,
            Self::Channel
                | Self::Levee
                | Self::Highway
                | Self::Railway
                | Self::Stream
                | Self::Grove
                | Self::Canal
                | Self::Street
                | Self::Lane
        )
    }

    /// Pieces smaller than this, in m², are given to a neighbour.
    pub fn smallest_m2(self) -> f64 {
        match self {
            Self::Lot => 9_000.0,
            Self::Homestead => 6_000.0,
            Self::Field => 40_000.0,
            Self::Shoal | Self::Floodplain => 30_000.0,
            Self::Lane => 4_000.0,
            _ => 3_000.0,
        }
    }
}

/// A ring of ground. The first region of a list that holds a point in a given state is what covers it.
#[derive(Clone, Debug)]
pub struct Region {
    /// Kind of ground.
    pub ground: Ground,
    /// Which road, village or town it belongs to.
    pub group: u32,
    /// Its outline, not repeated at the end.
    pub ring: Vec<Point>,
    /// Outline that also must hold a point, by index in [`super::landscape::Landscape::outlines`].
    pub within: Option<u32>,
    /// Whether it is there in the base year and in the plan year.
    pub present: [bool; 2],
    low: Point,
    high: Point,
}

impl Region {
    /// A region that is there in both years.
    pub fn new(ground: Ground, group: u32, ring: Vec<Point>) -> Self {
        let fold = |pick: fn(&Point) -> i64, best: fn(i64, i64) -> i64| ring.iter().map(pick).reduce(best).unwrap_or(0);
        let low = Point { x: fold(|p| p.x, i64::min), y: fold(|p| p.y, i64::min) };
        let high = Point { x: fold(|p| p.x, i64::max), y: fold(|p| p.y, i64::max) };
        Self { ground, group, ring, within: None, present: [true, true], low, high }
    }

    /// The same region within an outline only.
    #[must_use]
    pub fn within(mut self, outline: u32) -> Self {
        self.within = Some(outline);
        self
    }

    /// The same region in these years only.
    #[must_use]
    pub fn present(mut self, base: bool, plan: bool) -> Self {
        self.present = [base, plan];
        self
    }

    /// Whether `p` lies in its ring.
    pub fn holds(&self, p: Point) -> bool {
        self.low.x <= p.x && p.x <= self.high.x && self.low.y <= p.y && p.y <= self.high.y && inside(&self.ring, p)
    }
}
