//! Areas on both sides of the lines by class: summed again after each recode.

use super::{LineKind, LineOverlaps};

/// What features of one class, or all of them, have on one line.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct LineSum {
    /// m² inside of the line.
    pub inside_m2: f64,
    /// The same net of field ridges, where the line's features state them.
    pub net_inside_m2: Option<f64>,
    /// How often that took a feature of cropland gross because it states no share of ridges.
    pub unstated_count: usize,
    /// m² outside of it.
    pub outside_m2: f64,
    /// Features with something in conflict.
    pub conflict_count: usize,
    /// What is in conflict, m².
    pub conflict_m2: f64,
}

/// Areas by class on both sides of each line.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LineFigures {
    /// The lines.
    pub lines: Vec<LineKind>,
    /// m² of each class.
    pub own_m2: Vec<f64>,
    /// One row a class, one sum a line.
    pub classes: Vec<Vec<LineSum>>,
    /// Over all classes.
    pub total: Vec<LineSum>,
    /// m² of all features.
    pub total_m2: f64,
}

impl LineFigures {
    /// Sums `overlaps` by classes: `of` holds the class of each feature, below `class_count`; features of a higher
    /// class count in the totals only.
    pub fn new(overlaps: &LineOverlaps, of: &[u32], class_count: usize) -> Self {
        let mut figures = Self {
            lines: overlaps.lines.iter().map(|line| line.kind).collect(),
            own_m2: vec![0.0; class_count],
            classes: vec![vec![LineSum::default(); overlaps.lines.len()]; class_count],
            total: vec![LineSum::default(); overlaps.lines.len()],
            total_m2: 0.0,
        };
        // A place more, for features without a class in the list.
        let class_of = |feature: usize| of.get(feature).map_or(class_count, |class| (*class as usize).min(class_count));
        for (at, line) in overlaps.lines.iter().enumerate() {
            let mut sums = vec![LineSum::default(); class_count + 1];
            if line.net_inside.is_some() {
                sums.iter_mut().for_each(|sum| sum.net_inside_m2 = Some(0.0));
            }
            let mut own = vec![0.0; class_count + 1];
            for feature in 0..line.own.len() {
                let class = class_of(feature);
                // Land that several features cover counts once, at the first of them.
                let (own_m2, inside_m2) = match &line.once {
                    Some(once) => (once.own[feature], once.inside[feature]),
                    None => (line.own[feature], line.inside[feature]),
                };
                own[class] += own_m2;
                let sum = &mut sums[class];
                sum.inside_m2 += inside_m2;
                sum.outside_m2 += own_m2 - inside_m2;
                if let (Some(sum), Some(net)) = (&mut sum.net_inside_m2, &line.net_inside) {
                    let gross = line.inside[feature];
                    *sum += net[feature] * if gross > 0.0 { inside_m2 / gross } else { 1.0 };
                }
                sum.unstated_count += line.unstated.get(feature).map_or(0, |count| *count as usize);
            }
            for piece in &line.conflicts {
                let sum = &mut sums[class_of(piece.feature as usize)];
                sum.conflict_count += 1;
                sum.conflict_m2 += line.conflict_once_m2(piece);
            }
            figures.total[at] = sums.iter().fold(LineSum::default(), |total, sum| total.plus(sum));
            if at == 0 {
                figures.total_m2 = own.iter().sum();
                figures.own_m2.copy_from_slice(&own[..class_count]);
            }
            for (class, sum) in figures.classes.iter_mut().zip(sums) {
                class[at] = sum;
            }
        }
        figures
    }
}

impl LineSum {
    fn plus(self, other: &Self) -> Self {
        let net = match (self.net_inside_m2, other.net_inside_m2) {
            (None, None) => None,
            (a, b) => Some(a.unwrap_or(0.0) + b.unwrap_or(0.0)),
        };
        Self {
            inside_m2: self.inside_m2 + other.inside_m2,
            net_inside_m2: net,
            unstated_count: self.unstated_count + other.unstated_count,
            outside_m2: self.outside_m2 + other.outside_m2,
            conflict_count: self.conflict_count + other.conflict_count,
            conflict_m2: self.conflict_m2 + other.conflict_m2,
        }
    }
}
