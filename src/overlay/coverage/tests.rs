use proptest::prelude::*;

use super::*;
use crate::testing::{Feature, comb, each_stretch, plane};

fn rings_of(features: &[Feature]) -> Rings {
    let mut rings = Rings::default();
    for (i, feature) in features.iter().enumerate() {
        for part in feature {
            rings.part(i as u32);
            for ring in part {
                let mut ring: Vec<Coord> = ring.iter().map(|&(x, y)| Coord { x, y }).collect();
                ring.extend(ring.first().copied());
                // Rings that enclose nothing are left out by both sides.
                let _ = rings.ring(&ring);
            }
        }
    }
    rings.finish()
}

fn covered(features: &[Feature]) -> Sums {
    coverage_of(&rings_of(features), features.len(), &plane(), &Progress::new()).expect("not cancelled")
}

/// The same by the oracle.
fn oracle(features: &[Feature]) -> (Vec<f64>, f64, f64, Vec<Vec<f64>>) {
    let n = features.len();
    let (mut own, mut excess, mut twice, mut pairs) = (vec![0.0; n], 0.0, 0.0, vec![vec![0.0; n]; n]);
    each_stretch(features.iter().enumerate(), |inside, area| {
        for (a, i) in inside.iter().enumerate() {
            own[*i] += area;
            for j in &inside[a + 1..] {
                pairs[*i][*j] += area;
            }
        }
        excess += area * (inside.len().max(1) - 1) as f64;
        if inside.len() > 1 {
            twice += area;
        }
    });
    (own, excess, twice, pairs)
}

fn check_against_oracle(features: &[Feature], tolerance: f64) {
    let found = covered(features);
    let (own, excess, twice, pairs) = oracle(features);
    assert_eq!(found.failed, [] as [u32; 0]);
    let close =
        |a: f64, b: f64, what: &str| assert!((a - b).abs() <= tolerance, "{what}: {a} is not {b}: {features:?}");
    for (i, own) in own.iter().enumerate() {
        close(found.features[i], *own, "own area");
    }
    close(found.excess, excess, "excess");
    close(found.twice, twice, "twice");
    let mut left = pairs;
    for pair in &found.pairs {
        close(pair.area.m2(), left[pair.first][pair.second], "pair");
        left[pair.first][pair.second] = 0.0;
    }
    for (i, row) in left.iter().enumerate() {
        for (j, area) in row.iter().enumerate() {
            close(0.0, *area, &format!("pair {i} {j}"));
        }
    }
}

/// A map of letters: each letter is a feature of unit squares, one part a square; a dot is nothing, and layers of
/// letters lie on top of each other where maps are separated by a blank line.
fn map(text: &str) -> Vec<Feature> {
    let mut features: Vec<(char, Feature)> = vec![];
    for sheet in text.split("\n\n") {
        for (row, line) in sheet.trim().lines().enumerate() {
            for (column, letter) in line.trim().chars().enumerate().filter(|(_, c)| *c != '.') {
                let (x, y) = (column as f64, -(row as f64));
                let square = vec![vec![(x, y), (x + 1., y), (x + 1., y + 1.), (x, y + 1.)]];
                match features.iter_mut().find(|(c, _)| *c == letter) {
                    Some((_, feature)) => feature.push(square),
                    None => features.push((letter, vec![square])),
                }
            }
        }
    }
    features.into_iter().map(|(_, feature)| feature).collect()
}

fn square(x: f64, y: f64, side: f64) -> Vec<(f64, f64)> {
    vec![(x, y), (x + side, y), (x + side, y + side), (x, y + side)]
}

fn pairs(sums: &Sums) -> Vec<(usize, usize, f64)> {
    sums.pairs.iter().map(|p| (p.first, p.second, p.area.m2())).collect()
}

#[test]
fn a_partition_has_no_overlaps_at_all() {
    let sums = covered(&map("AAB\nACB\nCCB"));
    assert_eq!(sums, Sums { features: vec![3.0, 3.0, 3.0], ..Sums::default() });
}

#[test]
fn sheets_that_overlap_count_twice() {
    let sums = covered(&map("AAB\nAAB\n\nCC.\n...\n\n.D.\nDD."));
    assert_eq!(sums.features, [4.0, 2.0, 2.0, 3.0]);
    assert_eq!(pairs(&sums), [(0, 2, 2.0), (0, 3, 3.0), (2, 3, 1.0)]);
    assert_eq!((sums.twice, sums.excess), (4.0, 5.0));
}

#[test]
fn a_polygon_is_its_shell_less_its_holes_and_parts_count_once() {
    let check = |feature: Feature, expected: f64| {
        let sums = covered(std::slice::from_ref(&feature));
        assert_eq!(sums.features, [expected], "{feature:?}");
        assert_eq!(sums.pairs, []);
        check_against_oracle(&[feature], 1e-12);
    };
    let reversed = |mut ring: Vec<(f64, f64)>| {
        ring.reverse();
        ring
    };
    let bow_tie = vec![(0., 0.), (2., 2.), (2., 0.), (0., 2.)];
    check(vec![vec![bow_tie]], 2.0);
    check(vec![vec![reversed(square(0., 0., 2.))]], 4.0);
    check(vec![vec![square(0., 0., 4.), square(1., 1., 1.)]], 15.0);
    check(vec![vec![square(0., 0., 4.), square(1., 1., 1.), square(1., 1., 1.)]], 15.0);
    check(vec![vec![square(0., 0., 4.), square(0., 0., 4.)]], 0.0);
    check(vec![vec![square(0., 0., 4.)], vec![square(0., 0., 4.)]], 16.0);
    check(vec![vec![square(0., 0., 4.)], vec![square(1., 1., 2.)]], 16.0);
    check(vec![vec![square(0., 0., 4.)], vec![reversed(square(2., 2., 4.))]], 28.0);
    check(vec![vec![square(0., 0., 4.), square(3., 3., 4.)]], 15.0);
    // Holes that overlap, a hole in a hole, one outside, and one without a shell.
    check(vec![vec![square(0., 0., 4.), square(1., 1., 2.), square(2., 2., 2.)]], 9.0);
    check(vec![vec![square(0., 0., 4.), square(1., 1., 3.), square(2., 2., 1.)]], 7.0);
    check(vec![vec![square(0., 0., 4.), square(5., 5., 2.)]], 16.0);
    check(vec![vec![vec![(1., 1.), (1., 1.)], square(0., 0., 4.)]], 0.0);
    // A hole that touches its shell along a side, and one that touches it in a point.
    check(vec![vec![square(0., 0., 4.), square(0., 1., 2.)]], 12.0);
    check(vec![vec![square(0., 0., 4.), vec![(0., 2.), (1., 1.), (2., 2.), (1., 3.)]]], 14.0);
    // A spike outwards, one inwards, and one along the side.
    check(vec![vec![vec![(0., 0.), (4., 0.), (4., 4.), (9., 4.), (4., 4.), (0., 4.)]]], 16.0);
    check(vec![vec![vec![(0., 0.), (4., 0.), (4., 4.), (1., 1.), (4., 4.), (0., 4.)]]], 16.0);
    check(vec![vec![vec![(0., 0.), (4., 0.), (4., 4.), (4., 1.), (4., 5.), (4., 4.), (0., 4.)]]], 16.0);
    // A ring walked twice, and one walked there and back.
    let twice = [square(0., 0., 4.), square(0., 0., 4.)].concat();
    check(vec![vec![twice]], 16.0);
    let there_and_back = [square(0., 0., 4.), vec![(0., 0.)], reversed(square(0., 0., 4.))].concat();
    check(vec![vec![there_and_back]], 0.0);
    // A loop within the loop, wound alike and wound against it.
    let outer = [(4., 0.), (4., 4.), (0., 4.), (0., 0.)];
    let inner = [(2., 1.), (2., 2.), (1., 2.)];
    check(vec![vec![[&[(0., 0.)], &outer[..], &inner[..]].concat()]], 16.0);
    check(vec![vec![[&[(0., 0.)], &outer[..], &reversed(inner.to_vec())[..]].concat()]], 14.0);
    check(vec![vec![vec![(0., 0.), (4., 0.), (4., 4.), (4., 0.)]]], 0.0);
    // A figure of eight through one vertex, by either way round.
    check(vec![vec![vec![(0., 0.), (2., 0.), (2., 2.), (4., 2.), (4., 4.), (2., 4.), (2., 2.), (0., 2.)]]], 8.0);
    check(vec![vec![vec![(0., 0.), (2., 0.), (2., 2.), (2., 4.), (4., 4.), (4., 2.), (2., 2.), (0., 2.)]]], 8.0);
}

#[test]
fn identical_features_overlap_wholly() {
    let sums = covered(&vec![vec![vec![square(0., 0., 3.)]]; 5]);
    assert_eq!(sums.pairs.len(), 10);
    assert!(sums.pairs.iter().all(|p| p.area.m2() == 9.0));
    assert_eq!((sums.twice, sums.excess), (9.0, 36.0));
}

#[test]
fn a_stack_of_equal_features_is_walked_once() {
    // Twelve equal squares, written in several ways, among others.
    let ring = square(0., 0., 2.);
    let turned = vec![ring[2], ring[3], ring[0], ring[1]];
    let mut back = ring.clone();
    back.reverse();
    let mut features: Vec<Feature> = vec![vec![vec![square(1., 0., 2.)]]];
    features.extend([ring, turned, back].into_iter().cycle().take(12).map(|ring| vec![vec![ring]]));
    features.push(vec![vec![square(3., 0., 1.)]]);
    check_against_oracle(&features, 1e-9);
    let sums = covered(&features);
    assert_eq!((sums.pair_count, sums.pairs.len()), (66 + 12, 78 - 1 + 1));
    assert_eq!((sums.twice, sums.excess), (4.0, 11.0 * 4.0 + 2.0));
}

#[test]
fn more_pairs_than_are_listed_are_counted() {
    let features: Vec<Feature> = (0..4000).map(|_| vec![vec![square(0., 0., 2.)]]).collect();
    let sums = covered(&features);
    assert_eq!((sums.pair_count, sums.pairs.len()), (3999 * 2000, most_pairs(4000)));
    assert_eq!((sums.twice, sums.excess, sums.features[3999]), (4.0, 3999.0 * 4.0, 4.0));
}

#[test]
fn what_crosses_too_often_is_left_out_and_said() {
    // Two combs across each other, and a square beside them.
    let sums = covered(&[comb(false), vec![vec![square(300., 0., 2.)]], comb(true)]);
    assert_eq!((sums.crowded, sums.features), (vec![0, 2], vec![0.0, 4.0, 0.0]));
}

#[test]
fn a_vertex_on_a_longer_border_makes_no_sliver() {
    let big = vec![vec![vec![(0., 0.), (3., 0.), (3., 3.1), (0., 3.1)]]];
    let above = |x: f64| vec![vec![vec![(x, 3.1), (x + 1., 3.1), (x + 1., 4.7), (x, 4.7)]]];
    let sums = covered(&[above(0.), big, above(1.), above(2.)]);
    assert_eq!(sums.pairs, []);
    assert_eq!((sums.twice, sums.excess), (0.0, 0.0));
}

#[test]
fn nothing_at_all_is_covered_by_nothing() {
    assert_eq!(covered(&[]), Sums::default());
    let empty: Feature = vec![];
    assert_eq!(covered(&[empty.clone(), vec![vec![]], vec![vec![square(0., 0., 1.)]]]).features, [0.0, 0.0, 1.0]);
    assert_eq!(covered(&[empty]).features, [0.0]);
}

#[test]
fn far_away_coordinates_cost_no_digits() {
    let shift = |feature: &Feature| -> Feature {
        let move_ring =
            |ring: &Vec<(f64, f64)>| ring.iter().map(|(x, y)| (x + 39_500_000.0, y + 4_078_123.0)).collect();
        feature.iter().map(|part| part.iter().map(move_ring).collect()).collect()
    };
    let features: Vec<Feature> = [
        vec![vec![square(0., 0., 100.)]],
        vec![vec![vec![(50., -10.), (130., 40.), (60., 120.), (10., 30.)]]],
        vec![vec![vec![(-5., -5.), (20., 95.), (110., 50.5)]]],
    ]
    .iter()
    .map(shift)
    .collect();
    check_against_oracle(&features, 1e-6);
}

/// Rings on a coarse lattice, where vertices, edges and borders coincide all the time.
fn lattice_ring(side: i32, max_len: usize) -> impl Strategy<Value = Vec<(f64, f64)>> {
    prop::collection::vec((0..=side, 0..=side), 3..=max_len)
        .prop_map(|points| points.into_iter().map(|(x, y)| (f64::from(x), f64::from(y))).collect())
}

fn lattice_features(side: i32) -> impl Strategy<Value = Vec<Feature>> {
    let ring = lattice_ring(side, 7);
    let part = prop::collection::vec(ring, 1..=3);
    let feature = prop::collection::vec(part, 1..=3);
    prop::collection::vec(feature, 1..=4)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn lattice_polygons_agree_with_the_oracle(features in lattice_features(4)) {
        check_against_oracle(&features, 1e-9);
    }

    #[test]
    fn random_polygons_agree_with_the_oracle(
        points in prop::collection::vec(prop::collection::vec((0.0..100.0f64, 0.0..100.0f64), 3..=9), 1..=6),
    ) {
        let features: Vec<Feature> = points.into_iter().map(|ring| vec![vec![ring]]).collect();
        check_against_oracle(&features, 1e-7);
    }

    #[test]
    fn the_order_of_features_changes_nothing(features in lattice_features(3)) {
        let mut reversed = features.clone();
        reversed.reverse();
        let (a, b) = (covered(&features), covered(&reversed));
        prop_assert!((a.excess - b.excess).abs() < 1e-9 && (a.twice - b.twice).abs() < 1e-9);
        let last = features.len() - 1;
        let mut turned: Vec<_> = b.pairs.iter().map(|p| (last - p.second, last - p.first, p.area.m2())).collect();
        turned.sort_by_key(|x| (x.0, x.1));
        for (x, y) in pairs(&a).iter().filter(|p| p.2 > 1e-9).zip(turned.iter().filter(|p| p.2 > 1e-9)) {
            prop_assert!((x.0, x.1) == (y.0, y.1) && (x.2 - y.2).abs() < 1e-9, "{x:?} {y:?}");
        }
    }

    #[test]
    fn any_doubles_are_survived(
        points in prop::collection::vec(prop::collection::vec((any::<f64>(), any::<f64>()), 3..=6), 1..=4),
    ) {
        let features: Vec<Feature> = points.into_iter().map(|ring| vec![vec![ring]]).collect();
        let _ = covered(&features);
    }
}

#[test]
fn the_number_of_threads_changes_no_digit() {
    let features: Vec<Feature> = (0..600u32)
        .map(|i| {
            let f = |k: u32| f64::from(i.wrapping_mul(2_654_435_761).wrapping_add(k.wrapping_mul(40_503)) % 1000) / 7.0;
            vec![vec![vec![(f(1), f(2)), (f(1) + 9.1, f(2) + 1.3), (f(1) + 3.3, f(2) + f(3) / 20.0)]]]
        })
        .collect();
    let with = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
        pool.install(|| covered(&features))
    };
    let one = with(1);
    assert!(one.pairs.len() > 500);
    assert_eq!(one, with(4));
}
