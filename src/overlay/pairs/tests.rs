use proptest::prelude::*;

use super::*;
use crate::model::Coord;
use crate::testing::{Feature, comb, each_stretch, plane};

/// Sums of two lists of features within a study area, the quick way where there is one.
fn overlaid(a: &[Feature], b: &[Feature], within: Option<&[Feature]>) -> Sums {
    let (rings, cast) = rings_of(a, b, within);
    sums_of(&rings, cast, &plane(), &Progress::new()).expect("not cancelled")
}

fn rings_of(a: &[Feature], b: &[Feature], within: Option<&[Feature]>) -> (Rings, Cast) {
    let mut rings = Rings::default();
    let mut number = 0;
    for feature in a.iter().chain(b).chain(within.unwrap_or_default()) {
        for part in feature {
            rings.part(number);
            for ring in part {
                let mut ring: Vec<Coord> = ring.iter().map(|&(x, y)| Coord { x, y }).collect();
                ring.extend(ring.first().copied());
                // Rings that enclose nothing are left out by both sides.
                let _ = rings.ring(&ring);
            }
        }
        if (number as usize) < a.len() + b.len() {
            number += 1;
        }
    }
    let cast = Cast { counts: [a.len() as u32, b.len() as u32], masked: within.is_some() };
    (rings.finish(), cast)
}

/// The same by the oracle: pairs, then own and covered areas of both sides one after the other.
fn oracle(a: &[Feature], b: &[Feature], within: Option<&[Feature]>) -> (Vec<Vec<f64>>, Vec<f64>, Vec<f64>) {
    let count = a.len() + b.len();
    let mut pairs = vec![vec![0.0; b.len()]; a.len()];
    let (mut own, mut covered) = (vec![0.0; count], vec![0.0; count]);
    // The study area has one number, behind all others.
    let numbered = a.iter().chain(b).chain(within.unwrap_or_default()).enumerate();
    each_stretch(numbered.map(|(number, feature)| (number.min(count), feature)), |inside, area| {
        if within.is_some() && inside.last() != Some(&count) {
            return;
        }
        let (of_a, of_b): (Vec<usize>, Vec<usize>) = inside.iter().filter(|i| **i < count).partition(|i| **i < a.len());
        for i in of_a.iter().chain(&of_b) {
            own[*i] += area;
            covered[*i] += if (if *i < a.len() { &of_b } else { &of_a }).is_empty() { 0.0 } else { area };
        }
        for i in &of_a {
            for j in &of_b {
                pairs[*i][*j - a.len()] += area;
            }
        }
    });
    (pairs, own, covered)
}

fn check(a: &[Feature], b: &[Feature], within: Option<&[Feature]>, tolerance: f64) {
    let found = overlaid(a, b, within);
    let (mut left, own, covered) = oracle(a, b, within);
    assert!(found.sides.iter().all(|side| side.left_out.is_empty()) && !found.mask_failed);
    let close = |x: f64, y: f64, what: &str| {
        assert!((x - y).abs() <= tolerance, "{what}: {x} is not {y}: {a:?} {b:?} {within:?}");
    };
    let sides = [(0, &found.sides[0]), (a.len(), &found.sides[1])];
    for (first, side) in sides {
        for i in 0..side.own.len() {
            close(side.own[i], own[first + i], "own area");
            close(side.own[i] - side.only[i], covered[first + i], "covered");
        }
    }
    for pair in &found.pairs {
        close(pair.m2, left[pair.a as usize][pair.b as usize], "pair");
        left[pair.a as usize][pair.b as usize] = 0.0;
    }
    left.iter().flatten().for_each(|area| close(0.0, *area, "missing pair"));
    // The law.
    for (nth, (_, side)) in sides.iter().enumerate() {
        for i in 0..side.own.len() {
            let of = |pair: &&Pair| [pair.a, pair.b][nth] as usize == i;
            let sum: f64 = found.pairs.iter().filter(of).map(|pair| pair.m2).sum();
            close(sum + side.only[i] - side.twice[i], side.own[i], "law");
        }
    }
    // The thorough way.
    let (rings, cast) = rings_of(a, b, within);
    let thoroughly = thorough(&rings, cast, &plane(), &Progress::new()).expect("not cancelled");
    let numbers = |sums: &Sums| sums.pairs.iter().map(|p| (p.a, p.b)).collect::<Vec<_>>();
    assert_eq!(numbers(&found), numbers(&thoroughly), "{a:?} {b:?}");
    for (x, y) in found.pairs.iter().zip(&thoroughly.pairs) {
        close(x.m2, y.m2, "thorough pair");
    }
    for (x, y) in found.sides.iter().zip(&thoroughly.sides) {
        for i in 0..x.own.len() {
            close(x.only[i], y.only[i], "thorough only");
            close(x.twice[i], y.twice[i], "thorough twice");
        }
    }
    // The other way round.
    let turned = overlaid(b, a, within);
    let key = |p: &Pair| (p.a, p.b);
    let mut mirrored: Vec<Pair> = turned.pairs.iter().map(|p| Pair { a: p.b, b: p.a, ..*p }).collect();
    mirrored.sort_by_key(key);
    if within.is_none() {
        let keys = |pairs: &[Pair]| pairs.iter().map(key).collect::<Vec<_>>();
        assert_eq!(keys(&found.pairs), keys(&mirrored), "{a:?} {b:?}");
        for (x, y) in found.pairs.iter().zip(&mirrored) {
            close(x.m2, y.m2, "turned pair");
        }
    }
}

/// Perimeters are the same by every way, to what lengths are rounded by: 2⁻²⁰ m a stretch. Only of valid polygons.
fn perimeters_agree(a: &[Feature], b: &[Feature]) {
    let found = overlaid(a, b, None);
    let (rings, cast) = rings_of(a, b, None);
    let thoroughly = thorough(&rings, cast, &plane(), &Progress::new()).expect("not cancelled");
    let mut mirrored: Vec<Pair> = overlaid(b, a, None).pairs.iter().map(|p| Pair { a: p.b, b: p.a, ..*p }).collect();
    mirrored.sort_by_key(|p| (p.a, p.b));
    for (i, pair) in found.pairs.iter().enumerate() {
        for other in [&thoroughly.pairs[i], &mirrored[i]] {
            assert!((pair.perimeter_m - other.perimeter_m).abs() < 1e-4, "{pair:?} {other:?}: {a:?} {b:?}");
        }
    }
}

/// A map of letters: each letter is a feature of unit squares, one part a square; a dot is nothing.
fn map(text: &str) -> Vec<Feature> {
    let mut features: Vec<(char, Feature)> = vec![];
    for (row, line) in text.split('/').enumerate() {
        for (column, letter) in line.chars().enumerate().filter(|(_, c)| *c != '.') {
            let square = vec![square(column as f64, -(row as f64), 1.0)];
            match features.iter_mut().find(|(c, _)| *c == letter) {
                Some((_, feature)) => feature.push(square),
                None => features.push((letter, vec![square])),
            }
        }
    }
    features.sort_by_key(|(letter, _)| *letter);
    features.into_iter().map(|(_, feature)| feature).collect()
}

fn square(x: f64, y: f64, side: f64) -> Vec<(f64, f64)> {
    vec![(x, y), (x + side, y), (x + side, y + side), (x, y + side)]
}

fn areas(sums: &Sums) -> Vec<(u32, u32, f64)> {
    sums.pairs.iter().map(|p| (p.a, p.b, p.m2)).collect()
}

#[test]
fn maps_of_letters_give_readable_pairs() {
    let (a, b) = (map("AAB/ACB/CCB"), map("AAA/BBB/BB."));
    let sums = overlaid(&a, &b, None);
    assert_eq!(areas(&sums), [(0, 0, 2.0), (0, 1, 1.0), (1, 0, 1.0), (1, 1, 1.0), (2, 1, 3.0)]);
    assert_eq!(sums.sides[0].only, [0.0, 1.0, 0.0]);
    assert_eq!(sums.sides[1].only, [0.0, 0.0]);
    assert_eq!(sums.sides[0].twice, [0.0; 3]);
    check(&a, &b, None, 1e-12);
}

#[test]
fn a_layer_against_itself_is_diagonal() {
    let a = map("AAB/ACB/CCB");
    let sums = overlaid(&a, &a, None);
    assert_eq!(areas(&sums), [(0, 0, 3.0), (1, 1, 3.0), (2, 2, 3.0)]);
    assert!(sums.sides.iter().all(|side| side.only == [0.0; 3] && side.twice == [0.0; 3]));
}

#[test]
fn what_one_layer_covers_twice_is_told_on_the_other() {
    let a = map("AA/AA");
    let b = [map("AA"), map("A")].concat();
    let sums = overlaid(&a, &b, None);
    assert_eq!(areas(&sums), [(0, 0, 2.0), (0, 1, 1.0)]);
    assert_eq!((sums.sides[0].only[0], sums.sides[0].twice[0]), (2.0, 1.0));
    assert_eq!((&sums.sides[1].only[..], &sums.sides[1].twice[..]), (&[0.0, 0.0][..], &[0.0, 0.0][..]));
    check(&a, &b, None, 1e-12);
}

#[test]
fn perimeters_tell_slivers() {
    let a = vec![vec![vec![square(0., 0., 10.)]]];
    let strip = vec![vec![vec![vec![(9.9, -5.), (20., -5.), (20., 15.), (9.9, 15.)]]]];
    let pair = overlaid(&a, &strip, None).pairs[0];
    assert!((pair.perimeter_m - 20.2).abs() < 1e-5 && (pair.width_m() - 0.099).abs() < 1e-3, "{pair:?}");
    // The same border on the same side counts once, and one that is only shared makes no pair.
    let inner = vec![vec![vec![vec![(0., 0.), (10., 0.), (10., 2.), (0., 2.)]]]];
    assert_eq!(overlaid(&a, &inner, None).pairs[0].perimeter_m, 24.0);
    assert_eq!(overlaid(&inner, &a, None).pairs[0].perimeter_m, 24.0);
    for (x, y) in [(10., 0.), (-10., 3.), (0., 10.), (2., -10.), (10., 10.)] {
        let beside = vec![vec![vec![square(x, y, 10.)]]];
        assert_eq!(overlaid(&a, &beside, None).pairs, [], "{x} {y}");
        assert_eq!(overlaid(&beside, &a, None).pairs, [], "{x} {y}");
    }
}

#[test]
fn the_number_of_threads_changes_no_digit() {
    let many = |seed: u32| -> Vec<Feature> {
        let f =
            |i: u32, k: u32| f64::from(i.wrapping_mul(2_654_435_761).wrapping_add((k + seed) * 40_503) % 1000) / 7.0;
        let triangle = |i| vec![(f(i, 1), f(i, 2)), (f(i, 1) + 9.1, f(i, 2) + 1.3), (f(i, 1) + 3.3, f(i, 2) + 5.0)];
        (0..400).map(|i| vec![vec![triangle(i)]]).collect()
    };
    let squares: Vec<Feature> =
        (0..900).map(|i| vec![vec![square(f64::from(i % 30) * 5.0, f64::from(i / 30) * 5.0, 5.0)]]).collect();
    let with = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
        pool.install(|| (overlaid(&many(1), &squares, None), overlaid(&squares, &many(9), Some(&many(5)))))
    };
    let one = with(1);
    assert!(one.0.pairs.len() > 1000 && one.1.pairs.len() > 100, "{} {}", one.0.pairs.len(), one.1.pairs.len());
    assert_eq!(one, with(4));
}

#[test]
fn a_study_area_cuts_every_sum() {
    let (a, b) = (map("AAB/ACB/CCB"), map("AAA/BBB/BB."));
    let sums = overlaid(&a, &b, Some(&map("AA./.BB")));
    assert_eq!(areas(&sums), [(0, 0, 2.0), (1, 1, 1.0), (2, 1, 1.0)]);
    assert_eq!(sums.sides[0].own, [2.0, 1.0, 1.0]);
    check(&a, &b, Some(&map("AA./.BB")), 1e-12);
    let everywhere = vec![vec![vec![square(-50., -50., 99.)]]];
    assert_eq!(overlaid(&a, &b, Some(&everywhere)).sides[0].own, overlaid(&a, &b, None).sides[0].own);
    assert_eq!(overlaid(&a, &b, Some(&[])).pairs, []);
}

#[test]
fn a_pair_all_of_whose_borders_are_seams_is_one() {
    // The triangle is a part of its own and a ring of the other part, so that its borders lie on each other; the third
    // border of what is in common runs along the other ring of that part.
    let triangle = vec![(1., 1.), (1., 0.), (0., 1.)];
    let a: Vec<Feature> = vec![vec![vec![triangle.clone()], vec![vec![(0., 0.), (2., 2.), (3., 2.)], triangle]]];
    let b: Vec<Feature> = vec![vec![vec![vec![(0., 0.), (1.125, 1.125), (0., 1.)]]]];
    check(&a, &b, None, 1e-12);
    let found = overlaid(&a, &b, None);
    assert_eq!(areas(&found), [(0, 0, 0.25)]);
    assert_eq!(found.sides[1].own[0] - found.sides[1].only[0], 0.25);
}

/// Rings on a coarse lattice, where vertices, edges and borders coincide all the time.
fn lattice_features(side: i32, most: usize) -> impl Strategy<Value = Vec<Feature>> {
    let ring = prop::collection::vec((0..=side, 0..=side), 3..=7)
        .prop_map(|points| points.into_iter().map(|(x, y)| (f64::from(x), f64::from(y))).collect::<Vec<_>>());
    let part = prop::collection::vec(ring, 1..=2);
    prop::collection::vec(prop::collection::vec(part, 1..=2), 1..=most)
}

/// A covering: the cells of a lattice shared out to letters.
fn covering(columns: usize, rows: usize) -> impl Strategy<Value = Vec<Feature>> {
    prop::collection::vec(prop::collection::vec(0..4u8, columns), rows).prop_map(|cells| {
        let line = |row: Vec<u8>| row.into_iter().map(|c| char::from(b'A' + c)).collect::<String>();
        map(&cells.into_iter().map(line).collect::<Vec<_>>().join("/"))
    })
}

/// A covering by triangles: lattice squares cut by one diagonal or the other, their inner corners moved a little.
fn triangles(columns: usize, rows: usize) -> impl Strategy<Value = Vec<Feature>> {
    let corners = prop::collection::vec((0..3i32, 0..3i32), (columns + 1) * (rows + 1));
    (corners, prop::collection::vec(any::<bool>(), columns * rows)).prop_map(move |(moves, diagonals)| {
        let corner = |i: usize, j: usize| {
            let (dx, dy) = moves[j * (columns + 1) + i];
            let inner =
                |k: usize, most: usize, d: i32| k as f64 + if k == 0 || k == most { 0.0 } else { f64::from(d) / 8.0 };
            (inner(i, columns, dx), inner(j, rows, dy))
        };
        let mut features = Vec::new();
        for j in 0..rows {
            for i in 0..columns {
                let [a, b, c, d] = [corner(i, j), corner(i + 1, j), corner(i + 1, j + 1), corner(i, j + 1)];
                let halves = if diagonals[j * columns + i] { [[a, b, c], [a, c, d]] } else { [[a, b, d], [b, c, d]] };
                features.extend(halves.map(|half| vec![vec![half.to_vec()]]));
            }
        }
        features
    })
}

#[test]
fn stacks_of_equal_features_are_laid_once() {
    let square = |x: f64, y: f64, side: f64| -> Feature {
        vec![vec![vec![(x, y), (x + side, y), (x + side, y + side), (x, y + side)]]]
    };
    let a: Vec<Feature> = (0..12).map(|_| square(0., 0., 2.)).chain([square(5., 0., 2.)]).collect();
    let mut b: Vec<Feature> = vec![square(1., 0., 2.)];
    b.extend((0..10).map(|_| square(0., 0., 2.)));
    b.extend([square(5., 1., 2.), square(9., 9., 1.)]);
    check(&a, &b, None, 1e-9);
    check(&a, &b, Some(&[square(0., 0., 1.5)]), 1e-9);
    check(&a, &a, None, 1e-9);
    let found = overlaid(&a, &b, None);
    assert_eq!((found.pairs.len(), found.bundles.len()), (12 * 11 + 1, 0));
}

#[test]
fn too_many_pairs_stand_in_bundles() {
    let square = vec![vec![vec![(0., 0.), (2., 0.), (2., 2.), (0., 2.)]]];
    let features = vec![square; 2500];
    let found = overlaid(&features, &features, None);
    assert_eq!((found.pairs.len(), found.bundles.len()), (0, 1));
    let bundle = &found.bundles[0];
    assert_eq!((bundle.pair_count(), bundle.each.m2), (2500 * 2500, 4.0));
    for side in &found.sides {
        assert_eq!((side.own.len(), side.own[2499], side.only[2499], side.twice[2499]), (2500, 4.0, 0.0, 2499.0 * 4.0));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn lattice_polygons_agree_with_the_oracle(a in lattice_features(4, 3), b in lattice_features(4, 3)) {
        check(&a, &b, None, 1e-9);
    }

    #[test]
    fn lattice_polygons_within_a_study_area_agree_with_the_oracle(
        a in lattice_features(3, 2), b in lattice_features(3, 2), within in lattice_features(3, 2),
    ) {
        check(&a, &b, Some(&within), 1e-9);
    }

    #[test]
    fn coverings_agree_with_the_oracle(a in covering(4, 3), b in covering(4, 3)) {
        check(&a, &b, None, 1e-12);
        let own = overlaid(&a, &a, None);
        prop_assert!(own.pairs.iter().all(|pair| pair.a == pair.b));
    }

    #[test]
    fn coverings_of_many_features_agree_with_the_oracle(
        a in triangles(4, 3), b in triangles(4, 3), loose in lattice_features(3, 1), turned in any::<bool>(),
    ) {
        check(&a, &b, None, 1e-9);
        perimeters_agree(&a, &b);
        // One more feature on top, which overlaps several, on either side.
        let more = [&b[..], &loose[..]].concat();
        if turned { check(&more, &a, None, 1e-9) } else { check(&a, &more, None, 1e-9) }
    }

    #[test]
    fn cutting_features_and_changing_their_order_changes_no_sum(
        a in triangles(3, 3), b in triangles(3, 3), cut in prop::collection::vec(any::<bool>(), 18),
    ) {
        let whole = overlaid(&a, &b, None);
        // Some triangles are cut in two from a corner to a lattice point on the opposite side, then all come backwards.
        let mut pieces: Vec<(usize, Feature)> = Vec::new();
        for (i, feature) in a.iter().enumerate() {
            let [p, q, r] = feature[0][0][..] else { unreachable!("a triangle") };
            let middle = (f64::midpoint(q.0, r.0), f64::midpoint(q.1, r.1));
            if cut[i] {
                pieces.extend([(i, vec![vec![vec![p, q, middle]]]), (i, vec![vec![vec![p, middle, r]]])]);
            } else {
                pieces.push((i, feature.clone()));
            }
        }
        pieces.reverse();
        let features: Vec<Feature> = pieces.iter().map(|(_, feature)| feature.clone()).collect();
        let parts = overlaid(&features, &b, None);
        let mut sums = vec![vec![0.0; b.len()]; a.len()];
        parts.pairs.iter().for_each(|pair| sums[pieces[pair.a as usize].0][pair.b as usize] += pair.m2);
        for pair in &whole.pairs {
            let sum = &mut sums[pair.a as usize][pair.b as usize];
            prop_assert!((*sum - pair.m2).abs() < 1e-12, "{sum} is not {pair:?}");
            *sum = 0.0;
        }
        prop_assert!(sums.iter().flatten().all(|sum| *sum == 0.0));
        prop_assert!(parts.sides.iter().all(|side| side.only.iter().all(|m2| *m2 == 0.0)));
    }

    #[test]
    fn random_polygons_agree_with_the_oracle(
        points in prop::collection::vec(prop::collection::vec((0.0..100.0f64, 0.0..100.0f64), 3..=9), 2..=6),
    ) {
        let features: Vec<Feature> = points.into_iter().map(|ring| vec![vec![ring]]).collect();
        let (a, b) = features.split_at(features.len() / 2);
        check(a, b, None, 1e-7);
    }

    #[test]
    fn any_doubles_are_survived(
        points in prop::collection::vec(prop::collection::vec((any::<f64>(), any::<f64>()), 3..=6), 2..=4),
    ) {
        let features: Vec<Feature> = points.into_iter().map(|ring| vec![vec![ring]]).collect();
        let _ = overlaid(&features[..1], &features[1..], Some(&features[..1]));
    }
}

#[test]
fn what_crosses_too_often_within_a_layer_is_left_out_of_pairs_and_said() {
    // Two combs across each other and a square beside them in one layer, all of it covered by the other.
    let rectangle = |x: f64, width: f64| vec![vec![vec![(x, -1.0), (x + width, -1.0), (x + width, 201.0), (x, 201.0)]]];
    let sums = overlaid(&[comb(false), rectangle(300.0, 2.0), comb(true)], &[rectangle(-1.0, 400.0)], None);
    assert_eq!(sums.crowded, [0, 2]);
    let pairs: Vec<(u32, u32, f64)> = sums.pairs.iter().map(|pair| (pair.a, pair.b, pair.m2)).collect();
    assert_eq!((pairs, &sums.sides[1].twice), (vec![(1, 0, 404.0)], &vec![0.0]));
}
