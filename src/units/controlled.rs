//! Controlled rounding: amounts that add up in several directions, rounded so that they still do.
//!
//! A table with sums at its right and below cannot be rounded cell by cell: neither rows nor columns would add up.
//! Written as flows between accounts, of which each takes in what it gives out, it can: where whole numbers are wanted
//! near fractions that add up, whole numbers that add up lie between the fraction's neighbours (Bacharach 1966; Cox and
//! Ernst 1982). They are found by the cheapest way: from what is nearest, one last digit at a time is moved along the
//! cheapest chain of flows from an account that has too much to one that has too little. The same flows give the same
//! digits on every machine: costs are whole numbers, and ties go to the smaller number.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// An amount that goes from one account to another, in units of the last digit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Flow {
    /// Number of the account that gives.
    pub from: usize,
    /// Number of the account that takes.
    pub to: usize,
    /// The amount before rounding; below zero, it goes the other way.
    pub value: f64,
    /// How much it matters that the rounded amount is near, beside 1.
    pub weight: u32,
}

/// Parts of a last digit that are told apart: what is nearer to a whole number is taken for it.
const PARTS: i128 = 1 << 20;

/// What a step away from the two neighbours of the amount costs: never worth it where another way is open.
const AWAY: i128 = PARTS << 30;

/// The amounts of `flows` in whole units of the last digit, such that every account gives out what it takes in and what
/// `supplies` give it (take from it, below zero). `supplies` holds an entry an account, and their sum is 0.
///
/// The first `first` accounts must have no flows between each other; they are settled one by one before the chains are
/// looked for, which is quick where they are many. Where no whole numbers can do it at all, the nearest are given.
///
/// # Panics
/// When a flow names an account that is not there.
pub fn round_flows(supplies: &[i64], first: usize, flows: &[Flow]) -> Vec<i64> {
    let mut rounding = Rounding::new(supplies, flows);
    for account in 0..first.min(supplies.len()) {
        rounding.settle(account);
    }
    for account in 0..supplies.len() {
        while rounding.excess[account] > 0 && rounding.push_on(account) {}
    }
    rounding.arcs.iter().zip(flows).map(|(arc, flow)| if flow.value < 0.0 { -arc.units } else { arc.units }).collect()
}

/// A flow and what it is rounded to, at or above 0.
#[derive(Clone, Copy)]
struct Arc {
    from: usize,
    to: usize,
    units: i64,
    whole: i64,
    /// The rest above the whole units, in [`PARTS`].
    parts: i128,
    weight: i128,
}

impl Arc {
    fn new(flow: &Flow) -> Self {
        let (from, to) = if flow.value < 0.0 { (flow.to, flow.from) } else { (flow.from, flow.to) };
        // What is not finite or beyond all areas is nothing that could be added up.
        let value = if flow.value.is_finite() { flow.value.abs().min(1e17) } else { 0.0 };
        let mut whole = value.floor() as i64;
        let mut parts = ((value - value.floor()) * PARTS as f64).round() as i128;
        if parts == PARTS {
            (whole, parts) = (whole + 1, 0);
        }
        let units = whole + i64::from(2 * parts >= PARTS);
        Self { from, to, units, whole, parts, weight: i128::from(flow.weight.max(1)) }
    }

    /// How far it stands above the amount, in [`PARTS`].
    fn above(&self) -> i128 {
        i128::from(self.units - self.whole) * PARTS - self.parts
    }

    /// Cost of one unit more: what the square of the distance grows by.
    fn up(&self) -> i128 {
        let above = self.above();
        let away = if above >= 0 { AWAY } else { 0 };
        self.weight * (2 * above + PARTS) + away
    }

    /// Cost of one unit less; `None` at zero.
    fn down(&self) -> Option<i128> {
        let above = self.above();
        let away = if above <= 0 { AWAY } else { 0 };
        (self.units > 0).then(|| self.weight * (PARTS - 2 * above) + away)
    }
}

/// A step out of an account: one unit more along a flow that leaves it, or one less along one that comes.
#[derive(Clone, Copy)]
struct Step {
    arc: usize,
    up: bool,
}

struct Rounding {
    arcs: Vec<Arc>,
    /// Flows that touch each account: `touching[starts[n]..starts[n + 1]]`.
    starts: Vec<usize>,
    touching: Vec<usize>,
    /// What each account has too much.
    excess: Vec<i64>,
    /// Prices by which no step is worth taking but along the cheapest chain.
    prices: Vec<i128>,
    distances: Vec<i128>,
    came_by: Vec<Option<Step>>,
    /// Which search distances are of.
    searches: Vec<u32>,
    search: u32,
}

impl Rounding {
    fn new(supplies: &[i64], flows: &[Flow]) -> Self {
        let arcs: Vec<Arc> = flows.iter().map(Arc::new).collect();
        let count = supplies.len();
        let mut excess = supplies.to_vec();
        let mut starts = vec![0; count + 1];
        for arc in &arcs {
            excess[arc.from] -= arc.units;
            excess[arc.to] += arc.units;
            starts[arc.from + 1] += 1;
            starts[arc.to + 1] += 1;
        }
        for at in 1..=count {
            starts[at] += starts[at - 1];
        }
        let mut next = starts.clone();
        let mut touching = vec![0; 2 * arcs.len()];
        for (at, arc) in arcs.iter().enumerate() {
            for account in [arc.from, arc.to] {
                touching[next[account]] = at;
                next[account] += 1;
            }
        }
        Self {
            arcs,
            starts,
            touching,
            excess,
            prices: vec![0; count],
            distances: vec![0; count],
            came_by: vec![None; count],
            searches: vec![0; count],
            search: 0,
        }
    }

    /// The step by which `arc` takes a unit out of `account` (brings one to it), and its cost.
    fn step(&self, at: usize, account: usize, out: bool) -> Option<(i128, Step)> {
        let arc = &self.arcs[at];
        let up = (arc.from == account) == out;
        let cost = if up { arc.up() } else { arc.down()? };
        Some((cost, Step { arc: at, up }))
    }

    fn take(&mut self, step: Step) {
        let arc = &mut self.arcs[step.arc];
        let (from, to) = if step.up { (arc.from, arc.to) } else { (arc.to, arc.from) };
        arc.units += if step.up { 1 } else { -1 };
        self.excess[from] -= 1;
        self.excess[to] += 1;
    }

    /// Brings an account to nothing by its own flows, the cheapest first, and gives it a price by which no step of them
    /// is worth taking.
    fn settle(&mut self, account: usize) {
        let touching: Vec<usize> = self.touching[self.starts[account]..self.starts[account + 1]].to_vec();
        let out = self.excess[account] > 0;
        if self.excess[account] != 0 {
            let steps = touching.iter().filter_map(|at| Some((self.step(*at, account, out)?.0, *at)));
            let mut heap: BinaryHeap<Reverse<(i128, usize)>> = steps.map(Reverse).collect();
            while self.excess[account] != 0
                && let Some(Reverse((_, at))) = heap.pop()
            {
                if let Some((_, step)) = self.step(at, account, out) {
                    self.take(step);
                    heap.extend(self.step(at, account, out).map(|(cost, _)| Reverse((cost, at))));
                }
            }
        }
        let least = |out: bool| touching.iter().filter_map(|at| Some(self.step(*at, account, out)?.0)).min();
        let (gives, takes) = (least(true), least(false));
        let mut price = 0;
        if let Some(gives) = gives {
            price = price.max(-gives);
        }
        if let Some(takes) = takes {
            price = price.min(takes);
        }
        self.prices[account] = price;
    }

    /// Moves a unit from `account` along the cheapest chain to the nearest account that has too little. `false` where
    /// no chain leads to one.
    fn push_on(&mut self, account: usize) -> bool {
        self.search += 1;
        let mut heap: BinaryHeap<Reverse<(i128, usize)>> = BinaryHeap::new();
        let mut done: Vec<usize> = Vec::new();
        (self.distances[account], self.searches[account], self.came_by[account]) = (0, self.search, None);
        heap.push(Reverse((0, account)));
        let mut found = None;
        while let Some(Reverse((distance, at))) = heap.pop() {
            if distance > self.distances[at] {
                continue;
            }
            if self.excess[at] < 0 {
                found = Some((at, distance));
                break;
            }
            done.push(at);
            for place in self.starts[at]..self.starts[at + 1] {
                let Some((cost, step)) = self.step(self.touching[place], at, true) else { continue };
                let arc = &self.arcs[step.arc];
                let to = if step.up { arc.to } else { arc.from };
                let reached = distance + cost + self.prices[at] - self.prices[to];
                if self.searches[to] != self.search || reached < self.distances[to] {
                    (self.distances[to], self.searches[to], self.came_by[to]) = (reached, self.search, Some(step));
                    heap.push(Reverse((reached, to)));
                }
            }
        }
        let Some((mut at, distance)) = found else { return false };
        for settled in done {
            self.prices[settled] += self.distances[settled] - distance;
        }
        while let Some(step) = self.came_by[at] {
            let arc = &self.arcs[step.arc];
            at = if step.up { arc.from } else { arc.to };
            self.take(step);
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Rounds a table with its sums at the right, below and in the corner: rows, then columns, then the corner.
    fn table(cells: &[Vec<f64>]) -> (Vec<Vec<i64>>, Vec<i64>, Vec<i64>, i64) {
        let (rows, columns) = (cells.len(), cells[0].len());
        let corner = rows + columns;
        let mut flows = Vec::new();
        for (row, cells) in cells.iter().enumerate() {
            flows.extend(cells.iter().enumerate().map(|(column, value)| Flow {
                from: row,
                to: rows + column,
                value: *value,
                weight: 1,
            }));
        }
        let sum = |row: &Vec<f64>| row.iter().sum::<f64>();
        flows.extend((0..rows).map(|row| Flow { from: corner + 1, to: row, value: sum(&cells[row]), weight: 9 }));
        flows.extend((0..columns).map(|column| Flow {
            from: rows + column,
            to: corner,
            value: cells.iter().map(|row| row[column]).sum(),
            weight: 9,
        }));
        flows.push(Flow { from: corner, to: corner + 1, value: cells.iter().map(sum).sum(), weight: 99 });
        let rounded = round_flows(&vec![0; corner + 2], rows, &flows);
        let (body, sums) = rounded.split_at(rows * columns);
        let body: Vec<Vec<i64>> = body.chunks(columns).map(<[i64]>::to_vec).collect();
        (body, sums[..rows].to_vec(), sums[rows..corner].to_vec(), sums[corner])
    }

    fn check(cells: &[Vec<f64>]) {
        let (body, rows, columns, corner) = table(cells);
        for (row, sum) in body.iter().zip(&rows) {
            assert_eq!(row.iter().sum::<i64>(), *sum);
        }
        for (column, sum) in columns.iter().enumerate() {
            assert_eq!(body.iter().map(|row| row[column]).sum::<i64>(), *sum);
        }
        assert_eq!((rows.iter().sum::<i64>(), columns.iter().sum::<i64>()), (corner, corner));
        // Every figure is one of the two whole numbers beside the amount; what is whole stays.
        let near = |rounded: i64, value: f64| {
            assert!((rounded as f64 - value).abs() < 1.0 + 1e-5, "{rounded} for {value}");
            assert!(value.fract() != 0.0 || rounded as f64 == value, "{rounded} for {value}");
        };
        for (row, values) in body.iter().zip(cells) {
            row.iter().zip(values).for_each(|(rounded, value)| near(*rounded, *value));
        }
        rows.iter().zip(cells).for_each(|(rounded, row)| near(*rounded, row.iter().sum()));
        assert_eq!(table(cells).0, body);
    }

    #[test]
    fn rows_and_columns_add_up() {
        check(&[vec![0.5, 0.5], vec![0.5, 0.5]]);
        check(&[vec![1.0 / 3.0; 3], vec![1.0 / 3.0; 3], vec![1.0 / 3.0; 3]]);
        check(&[vec![0.4; 10]]);
        check(&[vec![-0.4, 2.7], vec![0.9, -1.2]]);
        check(&[vec![7.0, 0.0], vec![0.0, 12.0]]);
        // Only the diagonal: nothing may stray from it.
        let (body, ..) = table(&[vec![1.5, 0.0], vec![0.0, 2.5]]);
        assert_eq!((body[0][1], body[1][0]), (0, 0));
    }

    #[test]
    fn what_cannot_add_up_is_left_near() {
        let flows = [Flow { from: 0, to: 1, value: 2.2, weight: 1 }];
        assert_eq!(round_flows(&[0, 0], 1, &flows), [0]);
        assert_eq!(round_flows(&[5, -3], 0, &flows), [3]);
        assert_eq!(round_flows(&[], 0, &[]), [] as [i64; 0]);
        let odd = [Flow { from: 0, to: 1, value: f64::NAN, weight: 0 }];
        assert_eq!(round_flows(&[0, 0], 1, &odd), [0]);
    }

    #[test]
    fn large_tables_are_rounded_soon() {
        let mut state = 1u64;
        let mut next = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 40) as f64 / 1000.0
        };
        check(&(0..60).map(|_| (0..60).map(|_| next()).collect()).collect::<Vec<_>>());
        check(&(0..4000).map(|_| (0..12).map(|_| next()).collect()).collect::<Vec<_>>());
        check(&(0..40).map(|_| (0..400).map(|_| next() / 20_000.0).collect()).collect::<Vec<_>>());
    }

    proptest! {
        #[test]
        fn any_table_adds_up(
            cells in (1usize..9, 1usize..9).prop_flat_map(|(rows, columns)| {
                let value = prop_oneof![Just(0.0), -3.0..3.0f64, 0.0..1e6f64, (-40i32..40).prop_map(|n| f64::from(n) / 8.0)];
                prop::collection::vec(prop::collection::vec(value, columns), rows)
            })
        ) {
            check(&cells);
        }
    }
}
