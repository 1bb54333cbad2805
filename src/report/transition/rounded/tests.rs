use proptest::prelude::*;

use super::*;

/// A matrix of cells `[from][to]`, with what only either state covers and what is counted twice at the end of rows
/// and columns.
fn matrix(cells: &[Vec<f64>]) -> Matrix {
    let count = cells.len() - 1;
    let mut matrix = Matrix { lines: vec![ClassLine::default(); count], ..Matrix::default() };
    let mut list = Vec::new();
    for (from, row) in cells.iter().enumerate() {
        for (to, m2) in row.iter().enumerate().filter(|(_, m2)| **m2 != 0.0) {
            let class = |at: usize| (at < count).then_some(at as u32);
            if (from, to) == (count, count) {
                continue;
            }
            list.push(MatrixCell { from: class(from), to: class(to), m2: *m2, pieces: 1 });
            if from < count {
                matrix.lines[from].base.m2 += m2;
                matrix.lines[from].base.only_m2 += if to == count { *m2 } else { 0.0 };
            }
            if to < count {
                matrix.lines[to].scenario.m2 += m2;
                matrix.lines[to].scenario.only_m2 += if from == count { *m2 } else { 0.0 };
            }
        }
    }
    list.sort_by_key(|cell| (cell.from.unwrap_or(u32::MAX), cell.to.unwrap_or(u32::MAX)));
    matrix.close(list, false);
    matrix
}

fn check(matrix: &Matrix, unit: AreaUnit) {
    let rounded = Rounded::new(matrix, unit);
    let sum = |of: &dyn Fn(&MatrixCell) -> bool| -> i64 {
        let cells = matrix.cells.iter().zip(&rounded.cells).filter(|(cell, _)| of(cell));
        cells.map(|(_, units)| units).sum()
    };
    for (place, line) in rounded.lines.iter().enumerate() {
        let class = Some(place as u32);
        assert_eq!(sum(&|cell| cell.from == class) - line.twice_base, line.base);
        assert_eq!(sum(&|cell| cell.to == class) - line.twice_scenario, line.scenario);
        let exact = &matrix.lines[place];
        for (units, m2) in [(line.base, exact.base.m2), (line.scenario, exact.scenario.m2)] {
            let distance = units as f64 - in_last_digits(Area::from_m2(m2).value(unit), rounded.decimals);
            assert!(distance.abs() < 1.01, "{units}: {distance}");
        }
        let moves = matrix.cells.iter().any(|cell| cell.from != cell.to && (cell.from == class || cell.to == class));
        assert!(moves || line.change() == 0);
    }
    let total = &rounded.total;
    assert_eq!(rounded.lines.iter().map(|line| line.base).sum::<i64>(), total.base);
    assert_eq!(rounded.lines.iter().map(RoundedLine::change).sum::<i64>(), total.change());
    assert_eq!(
        total.base,
        in_last_digits(Area::from_m2(matrix.total.base.m2).value(unit), rounded.decimals).round() as i64
    );
    assert_eq!(rounded.changed, sum(&|cell| cell.from != cell.to && cell.from.is_some() && cell.to.is_some()));
    assert_eq!(Rounded::new(matrix, unit), rounded);
}

#[test]
fn a_class_that_nothing_touched_is_printed_the_same() {
    // Thirds of a last digit: alone, the rows of either state would be balanced elsewhere.
    let third = 1000.0 / 3.0;
    let whole = matrix(&[
        vec![third, 0.0, 0.0, 0.0],
        vec![0.0, third, 123.4567, 0.0],
        vec![0.0, 0.0, third, 0.0],
        vec![0.0, 0.0, 0.0, 0.0],
    ]);
    for unit in AreaUnit::ALL {
        check(&whole, unit);
        assert_eq!(Rounded::new(&whole, unit).lines[0].change(), 0, "{unit:?}");
    }
}

#[test]
fn what_is_below_the_last_digit_changes_nothing() {
    // The same land drawn in two CRSs: square metres at most, where 6.67 are the last digit.
    let noise = matrix(&[
        vec![311_368.42 * 666.0, 0.31, 0.0, 0.02],
        vec![0.27, 208_000.17 * 666.0, 0.11, 0.0],
        vec![0.0, 0.09, 77.0 * 666.0, 0.0],
        vec![0.01, 0.0, 0.0, 0.0],
    ]);
    let rounded = Rounded::new(&noise, AreaUnit::Mu);
    assert_eq!((rounded.largest_change(), rounded.largest_transition(&noise), rounded.changed), (0, 0, 0));
    check(&noise, AreaUnit::Mu);
}

proptest! {
    #[test]
    fn rows_and_columns_of_any_matrix_add_up(
        cells in (2usize..8).prop_flat_map(|count| {
            let value = prop_oneof![2 => Just(0.0), 1 => 0.0..20.0f64, 2 => 0.0..1e6f64, 1 => (1i32..90).prop_map(|n| f64::from(n) * 100.0)];
            prop::collection::vec(prop::collection::vec(value, count), count)
        }),
        unit in 0usize..5,
    ) {
        let mut cells = cells;
        cells.iter_mut().flatten().filter(|m2| **m2 < 0.01).for_each(|m2| *m2 = 0.0);
        check(&matrix(&cells), AreaUnit::ALL[unit]);
    }

    #[test]
    fn regions_add_up_to_the_matrix(
        values in prop::collection::vec(prop::collection::vec((0.0..5e4f64, 0.0..5e4f64, 0u8..3), 3), 1..6),
    ) {
        let mut regions = Regions::default();
        let mut sums = vec![vec![0.0; 4]; 4];
        for row in &values {
            let line = |(base, scenario, kind): &(f64, f64, u8)| {
                let scenario = if *kind == 0 { *base } else { *scenario };
                RegionLine { base_m2: *base, scenario_m2: scenario, unchanged_m2: base.min(scenario) }
            };
            regions.lines.push(row.iter().map(line).collect());
        }
        for class in 0..3 {
            let lines = || regions.lines.iter().map(|row| row[class]);
            let unchanged: f64 = lines().map(|line| line.unchanged_m2).sum();
            sums[class][class] = unchanged;
            sums[class][3] = lines().map(|line| line.base_m2).sum::<f64>() - unchanged;
            sums[3][class] = lines().map(|line| line.scenario_m2).sum::<f64>() - unchanged;
        }
        let matrix = matrix(&sums);
        let (rounded, margins) = (RoundedRegions::new(&regions, &matrix, AreaUnit::Mu), Rounded::new(&matrix, AreaUnit::Mu));
        for class in 0..3 {
            let sum = |of: fn(&RoundedRegion) -> i64| rounded.lines.iter().map(|row| of(&row[class])).sum::<i64>();
            prop_assert_eq!(sum(|line| line.base), margins.lines[class].base);
            prop_assert_eq!(sum(|line| line.scenario), margins.lines[class].scenario);
        }
        for (row, exact) in rounded.lines.iter().zip(&regions.lines) {
            for (line, exact) in row.iter().zip(exact) {
                prop_assert!(exact.change_m2() != 0.0 || line.change() == 0);
                prop_assert!(line.decrease() >= 0 && line.increase() >= 0);
            }
        }
    }
}

#[test]
fn states_side_by_side_add_up_and_keep_what_is_the_same() {
    let third = 1000.0 / 3.0;
    let m2 = vec![vec![third, third], vec![third, third + 250.0], vec![third, third - 250.0]];
    let sums = StateSums { classes: Vec::new(), m2, totals: vec![1000.0, 1000.0] };
    let rounded = RoundedStates::new(&sums, AreaUnit::Mu, None);
    assert_eq!(rounded.rows[0][0], rounded.rows[0][1]);
    assert_eq!(rounded.totals, [150, 150]);
    for state in 0..2 {
        assert_eq!(rounded.rows.iter().map(|row| row[state]).sum::<i64>(), rounded.totals[state]);
    }
}

#[test]
fn states_side_by_side_are_those_of_the_matrix_that_is_shown() {
    // Cells that pull the ends of the scenario away from what is nearest by itself.
    let cells: Vec<Vec<f64>> = vec![
        vec![0.0, 33.3, 33.3, 33.3, 0.0],
        vec![0.0, 100.1, 0.0, 3.3, 0.0],
        vec![3.4, 0.0, 73.4, 3.4, 0.0],
        vec![0.0, 6.4, 6.4, 46.4, 0.0],
        vec![0.0; 5],
    ];
    let matrix = matrix(&cells);
    let ends: Vec<[f64; 2]> = matrix.lines.iter().map(|line| [line.base.m2, line.scenario.m2]).collect();
    // Another state stands between the two, and the classes in another order.
    let order = [2, 0, 3, 1];
    let m2: Vec<Vec<f64>> = order.map(|at| vec![ends[at][0], ends[at][0] + 1.0, ends[at][1]]).to_vec();
    let totals = (0..3).map(|state| m2.iter().map(|row| row[state]).sum()).collect();
    let sums = StateSums { classes: Vec::new(), m2, totals };
    let lines = order.map(|at| Some(at as u32));
    for unit in AreaUnit::ALL {
        let printed = Printed { matrix: &matrix, lines: &lines, states: [Some(0), Some(2)] };
        let (states, margins) = (RoundedStates::new(&sums, unit, Some(printed)), Rounded::new(&matrix, unit));
        assert_eq!(states.decimals, margins.decimals);
        for (row, at) in states.rows.iter().zip(order) {
            assert_eq!([row[0], row[2]], [margins.lines[at].base, margins.lines[at].scenario], "{unit:?}");
        }
        assert_eq!((states.totals[0], states.totals[2]), (margins.total.base, margins.total.scenario));
        // A matrix of something else says nothing of these states.
        let printed = Printed { states: [Some(1), None], ..printed };
        let alone = RoundedStates::new(&sums, unit, None);
        assert_eq!(RoundedStates::new(&sums, unit, Some(printed)).rows, alone.rows);
    }
}
