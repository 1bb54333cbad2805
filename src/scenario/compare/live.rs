//! Live figures: matrix, balance and what goes in and out, kept right edit by edit.
//!
//! A [`Live`] sums once what a [`Matrix`] sums, and then only what an edit touched: a recode of a hundred parcels on a
//! layer of a million costs a hundred parcels and the classes. Sums are in fixed point, so that what is taken out again
//! is gone to the last digit, and a figure never depends on the edits that led to it.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::class_sum::ClassSum;
use super::net::Ridges;
use super::transition::classes::{ClassKey, Classifier, Crosswalk, Grouping, Level, standard_order};
use super::transition::{ClassLine, ClassSide, Classes, CompareError, Comparison, Matrix, MatrixCell, Slivers};
use crate::measure::MeasureError;
use crate::model::keys::{self, GroupKey};
use crate::model::{Areas, Changes, Layer, changes};
use crate::units::Area;

mod flow;

pub use flow::{Flow, PrintedFlow, Target, TargetState};

/// Units of fixed point in a square metre, 2⁵⁰: a term as large as the Earth fits sixty million times.
const PER_M2: f64 = (1u64 << 50) as f64;

/// An area in fixed point.
fn fixed(m2: f64) -> i128 {
    // What is not finite has no area; it was listed when it was measured.
    if m2.is_finite() { (m2 * PER_M2).round() as i128 } else { 0 }
}

fn m2(fixed: i128) -> f64 {
    fixed as f64 / PER_M2
}

/// Which features of the base a feature of the scenario lies on.
#[derive(Clone, Debug)]
pub enum Ground {
    /// On itself alone: the geometry is the same. Areas of both.
    Same(Arc<Areas>),
    /// As an overlay found.
    Laid(Arc<Comparison>),
}

/// A scenario against its base, one layer.
#[derive(Clone, Debug)]
pub struct Live {
    /// The scenario's layer as it was when the sums were last right.
    scenario: Arc<Layer>,
    ground: Ground,
    /// Pairs of each feature of the scenario: first of them, and their places in the table. Empty on the same ground.
    offsets: Vec<u32>,
    places: Vec<u32>,
    classifier: Classifier,
    /// What the features of the scenario are grouped by.
    keys: Vec<GroupKey>,
    /// Classes in the order in which they were met.
    list: Vec<ClassKey>,
    numbers: FxHashMap<(Vec<String>, String), u32>,
    /// Places of `list` in the order of the standard.
    order: Vec<usize>,
    /// Class of each feature of the base and of the scenario.
    of: [Vec<u32>; 2],
    cells: FxHashMap<(u32, u32), CellSum>,
    sides: [Vec<SideSum>; 2],
    /// Shares of ridges in the base and in the scenario, where the layers state them.
    shares: Option<[Ridges; 2]>,
    slivers: Slivers,
}

/// What goes from a class to a class.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct CellSum {
    m2: i128,
    /// Less ridges, by the shares of the base and by those of the scenario.
    net: [i128; 2],
    pieces: u64,
}

/// A class in one state.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct SideSum {
    feature_count: u64,
    m2: i128,
    printed: i128,
    twice: i128,
    only: i128,
    only_net: i128,
    only_pieces: u64,
    /// Features that state no share of ridges, where the layers state any.
    unstated: u64,
}

/// A feature in one state.
#[derive(Clone, Copy, Default)]
struct Figures {
    m2: f64,
    printed: f64,
    only: f64,
    twice: f64,
}

/// Whether something comes or goes.
#[derive(Clone, Copy, PartialEq)]
enum Sign {
    Plus,
    Minus,
}

impl Sign {
    fn area(self, sum: &mut i128, area: i128) {
        match self {
            Self::Plus => *sum += area,
            Self::Minus => *sum -= area,
        }
    }

    fn count(self, sum: &mut u64) {
        match self {
            Self::Plus => *sum += 1,
            Self::Minus => *sum -= 1,
        }
    }
}

impl Ground {
    fn figures(&self, side: usize, feature: usize) -> Figures {
        match self {
            Self::Same(areas) => {
                Figures { m2: areas.exact[feature], printed: areas.printed[feature], ..Figures::default() }
            }
            Self::Laid(comparison) => {
                let state = &comparison.states[side];
                let rest = &comparison.table.sides[side];
                let factor = comparison.factor(side, feature);
                Figures {
                    m2: state.m2[feature],
                    printed: state.printed.as_ref().map_or(0.0, |printed| printed[feature]),
                    only: rest.only[feature] * factor,
                    twice: rest.twice[feature] * factor,
                }
            }
        }
    }

    fn has_printed(&self) -> bool {
        match self {
            Self::Same(_) => true,
            Self::Laid(comparison) => comparison.states.iter().all(|state| state.printed.is_some()),
        }
    }
}

impl Live {
    /// Sums a scenario against its base. Costs every feature of both: for layers of a million, a task.
    ///
    /// # Errors
    /// As [`Classes::new`].
    ///
    /// # Panics
    /// When the ground is not that of these layers.
    pub fn new(
        base: Grouping<'_>,
        scenario: &Arc<Layer>,
        keys: &[GroupKey],
        level: Level,
        crosswalk: Option<&Crosswalk>,
        ground: Ground,
    ) -> Result<Self, CompareError> {
        if let Ground::Laid(comparison) = &ground
            && !comparison.table.bundles.is_empty()
        {
            // Edits need each pair by itself.
            return Err(MeasureError::TooManyPairs { most: comparison.table.pairs.len() }.into());
        }
        let (classifier, texts) = Classifier::new([base, Grouping { layer: scenario, keys }], level, crosswalk)?;
        let shares = Ridges::of_layer(base.layer).zip(Ridges::of_layer(scenario)).map(|(a, b)| [a, b]);
        let mut live = Self {
            scenario: scenario.clone(),
            ground,
            offsets: Vec::new(),
            places: Vec::new(),
            classifier,
            keys: keys.to_vec(),
            list: Vec::new(),
            numbers: FxHashMap::default(),
            order: Vec::new(),
            of: Default::default(),
            cells: FxHashMap::default(),
            sides: Default::default(),
            shares,
            slivers: Slivers::default(),
        };
        for (side, texts) in texts.into_iter().enumerate() {
            let classes: Vec<u32> =
                texts.distinct.iter().map(|values| live.class_of(side, values)).collect::<Result<_, _>>()?;
            live.of[side] = texts.of.into_iter().map(|text| classes[text as usize]).collect();
        }
        live.index_pairs();
        for side in 0..2 {
            for feature in 0..live.of[side].len() {
                live.add_feature(side, feature, Sign::Plus);
            }
        }
        for feature in 0..live.of[1].len() {
            live.add_pairs(feature, Sign::Plus);
        }
        Ok(live)
    }

    /// Brings the sums to a newer state of the scenario's layer. Returns `false`, having done nothing, where features
    /// came or went: then the ground is another one, and the sums are to be made anew.
    ///
    /// # Errors
    /// As [`Classes::new`].
    pub fn sync(&mut self, scenario: &Arc<Layer>) -> Result<bool, CompareError> {
        match changes::changes(&self.scenario, scenario) {
            Changes::None => {}
            Changes::All if !self.has_same_rows(scenario) => return Ok(false),
            // A field was made or gone: any row may differ.
            Changes::All => self.update(scenario, &(0..scenario.feature_count() as u32).collect::<Vec<_>>())?,
            Changes::Rows(rows) => self.update(scenario, &rows)?,
        }
        self.scenario = scenario.clone();
        Ok(true)
    }

    /// Sums the rows of the scenario's layer again that an edit touched.
    ///
    /// # Errors
    /// As [`Classes::new`].
    pub fn update(&mut self, scenario: &Arc<Layer>, rows: &[u32]) -> Result<(), CompareError> {
        let ridges = self.shares.as_ref().and_then(|shares| scenario.field(&shares[1].field));
        for row in rows {
            let feature = *row as usize;
            let values: Vec<Option<Arc<str>>> =
                self.keys.iter().map(|key| keys::key_of(scenario, feature, key)).collect();
            let class = self.class_of(1, &values)?;
            let share = ridges.map(|field| Ridges::share_of(scenario, feature, field).unwrap_or(0.0));
            let stated = ridges.is_none_or(|field| Ridges::is_stated(scenario, feature, field));
            let old = self.shares.as_ref().map(|shares| (shares[1].shares[feature], shares[1].stated[feature]));
            if class == self.of[1][feature] && share.map(|share| (share, stated)).or(old) == old {
                continue;
            }
            self.add_pairs(feature, Sign::Minus);
            self.add_feature(1, feature, Sign::Minus);
            self.of[1][feature] = class;
            if let (Some(shares), Some(share)) = (&mut self.shares, share) {
                (shares[1].shares[feature], shares[1].stated[feature]) = (share, stated);
            }
            self.add_feature(1, feature, Sign::Plus);
            self.add_pairs(feature, Sign::Plus);
        }
        self.scenario = scenario.clone();
        Ok(())
    }

    /// The classes that either state has, and the matrix of them. The classes of single features are not in it.
    pub fn matrix(&self) -> (Classes, Matrix) {
        let is_used = |class: &usize| self.sides.iter().any(|side| side[*class].feature_count > 0);
        let order: Vec<usize> = self.order.iter().copied().filter(is_used).collect();
        let mut place_of = vec![u32::MAX; self.list.len()];
        for (place, class) in order.iter().enumerate() {
            place_of[*class] = place as u32;
        }
        let mut cells: Vec<MatrixCell> = Vec::with_capacity(self.cells.len());
        for ((from, to), sum) in self.cells.iter().filter(|(_, sum)| sum.pieces > 0) {
            let place = |class: &u32| Some(place_of[*class as usize]);
            cells.push(MatrixCell { from: place(from), to: place(to), m2: m2(sum.m2), pieces: sum.pieces });
        }
        let has_printed = self.ground.has_printed();
        let mut lines = Vec::with_capacity(order.len());
        for (place, class) in order.iter().enumerate() {
            let place = Some(place as u32);
            let [base, scenario] = [0, 1].map(|side| {
                let sum = &self.sides[side][*class];
                if sum.only_pieces > 0 {
                    let (from, to) = if side == 0 { (place, None) } else { (None, place) };
                    cells.push(MatrixCell { from, to, m2: m2(sum.only), pieces: sum.only_pieces });
                }
                ClassSide {
                    feature_count: sum.feature_count,
                    m2: m2(sum.m2),
                    printed_m2: (has_printed && sum.feature_count > 0).then(|| m2(sum.printed)),
                    only_m2: m2(sum.only),
                    twice_m2: m2(sum.twice),
                    paired_m2: 0.0,
                }
            });
            lines.push(ClassLine { base, scenario, unchanged_m2: 0.0 });
        }
        let place = |class: Option<u32>| class.unwrap_or(u32::MAX);
        cells.sort_unstable_by_key(|cell| (place(cell.from), place(cell.to)));
        let scaled = matches!(&self.ground, Ground::Laid(c) if !c.states[0].factors.is_empty());
        let mut matrix = Matrix { lines, slivers: self.slivers, ..Matrix::default() };
        matrix.close(cells, scaled);
        let list = order.into_iter().map(|class| self.list[class].clone()).collect();
        (Classes { list, ..Classes::default() }, matrix)
    }

    /// The classes of the scenario with their sums, as a legend shows them: by the keys of the classes, in the order of
    /// the standard.
    pub fn class_sums(&self) -> Vec<ClassSum> {
        let sum = |class: &usize| {
            let sum = self.sides[1][*class];
            let key = &self.list[*class];
            (sum.feature_count > 0).then(|| ClassSum {
                key: key.key.clone(),
                class: key.class,
                feature_count: sum.feature_count as usize,
                exact: Area::from_m2(m2(sum.m2)),
                printed: Area::from_m2(m2(sum.printed)),
            })
        };
        self.order.iter().filter_map(sum).collect()
    }

    /// The features of the scenario that lie on features of a class, by the keys of the classes; `None` for land that
    /// one of the two does not cover. Of what only the base covers, the features of the base.
    pub fn features_of(&self, from: Option<&str>, to: Option<&str>) -> Vec<u32> {
        let is = |class: u32, key: Option<&str>| key.is_some_and(|key| self.list[class as usize].key == key);
        let side = usize::from(to.is_some());
        let (key, features) = (if side == 0 { from } else { to }, 0..self.of[side].len() as u32);
        let features = features.filter(|feature| is(self.of[side][*feature as usize], key));
        match (from, to) {
            (Some(_), Some(_)) => features
                .filter(|feature| {
                    let mut found = false;
                    self.each_pair(*feature as usize, |base, _| found |= is(self.of[0][base as usize], from));
                    found
                })
                .collect(),
            _ => features.filter(|feature| self.ground.figures(side, *feature as usize).only != 0.0).collect(),
        }
    }

    fn has_same_rows(&self, scenario: &Layer) -> bool {
        self.scenario.shape == scenario.shape && self.scenario.feature_count() == scenario.feature_count()
    }

    /// Number of the class with these values of the keys.
    fn class_of(&mut self, side: usize, values: &[Option<Arc<str>>]) -> Result<u32, CompareError> {
        let key = self.classifier.class_key(side, values)?;
        let next = self.list.len() as u32;
        let class = *self.numbers.entry((key.groups.clone(), key.value.clone())).or_insert(next);
        if class == next {
            self.list.push(key);
            self.order = standard_order(&self.list);
            self.sides.iter_mut().for_each(|side| side.push(SideSum::default()));
        }
        Ok(class)
    }

    /// Lists the pairs of each feature of the scenario, and counts slivers, which no edit of attributes changes.
    fn index_pairs(&mut self) {
        let Ground::Laid(comparison) = &self.ground else { return };
        let pairs = &comparison.table.pairs;
        let mut offsets = vec![0u32; self.of[1].len() + 1];
        for pair in pairs {
            offsets[pair.b as usize + 1] += 1;
            if pair.perimeter_m > 0.0 && comparison.tolerance.is_sliver(pair) {
                self.slivers.count += 1;
                self.slivers.m2 += comparison.pair_m2(pair);
            }
        }
        for at in 1..offsets.len() {
            offsets[at] += offsets[at - 1];
        }
        let mut next = offsets.clone();
        let mut places = vec![0u32; pairs.len()];
        for (place, pair) in pairs.iter().enumerate() {
            let at = &mut next[pair.b as usize];
            places[*at as usize] = place as u32;
            *at += 1;
        }
        (self.offsets, self.places) = (offsets, places);
    }

    /// Calls `each` with every feature of the base that a feature of the scenario lies on, and the area.
    fn each_pair(&self, feature: usize, mut each: impl FnMut(u32, f64)) {
        match &self.ground {
            Ground::Same(areas) => {
                if areas.exact[feature] != 0.0 {
                    each(feature as u32, areas.exact[feature]);
                }
            }
            Ground::Laid(comparison) => {
                for place in &self.places[self.offsets[feature] as usize..self.offsets[feature + 1] as usize] {
                    let pair = &comparison.table.pairs[*place as usize];
                    each(pair.a, comparison.pair_m2(pair));
                }
            }
        }
    }

    fn share(&self, side: usize, feature: usize) -> f64 {
        self.shares.as_ref().map_or(0.0, |shares| shares[side].shares[feature])
    }

    fn add_feature(&mut self, side: usize, feature: usize, sign: Sign) {
        let figures = self.ground.figures(side, feature);
        let share = self.share(side, feature);
        let unstated = self.shares.as_ref().is_some_and(|shares| !shares[side].stated[feature]);
        let sum = &mut self.sides[side][self.of[side][feature] as usize];
        sign.count(&mut sum.feature_count);
        if unstated {
            sign.count(&mut sum.unstated);
        }
        sign.area(&mut sum.m2, fixed(figures.m2));
        sign.area(&mut sum.printed, fixed(figures.printed));
        sign.area(&mut sum.twice, fixed(figures.twice));
        if figures.only != 0.0 {
            sign.area(&mut sum.only, fixed(figures.only));
            sign.area(&mut sum.only_net, fixed(figures.only * (1.0 - share)));
            sign.count(&mut sum.only_pieces);
        }
    }

    fn add_pairs(&mut self, feature: usize, sign: Sign) {
        let to = self.of[1][feature];
        let mut cells = std::mem::take(&mut self.cells);
        self.each_pair(feature, |base, m2| {
            let sum = cells.entry((self.of[0][base as usize], to)).or_default();
            sign.area(&mut sum.m2, fixed(m2));
            sign.area(&mut sum.net[0], fixed(m2 * (1.0 - self.share(0, base as usize))));
            sign.area(&mut sum.net[1], fixed(m2 * (1.0 - self.share(1, feature))));
            sign.count(&mut sum.pieces);
        });
        self.cells = cells;
    }
}
