use super::*;
use crate::render::MapView;

fn to_pixels(width: f64, height: f64) -> ToPixels {
    let center = Coord { x: width / 2.0, y: height / 2.0 };
    ToPixels::new(&MapView { center, units_per_px: 1.0, size_px: [width, height] }, 1.0, 0)
}

fn ring(points: &[(f64, f64)]) -> Vec<Coord> {
    points.iter().map(|(x, y)| Coord { x: *x, y: *y }).collect()
}

#[test]
fn a_pixel_knows_its_samples_whatever_covers_it() {
    let mut seed = 7_u64;
    let mut random = |below: u64| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) % below
    };
    let mut samples = Samples { width: 2, first: 0, cells: vec![Cell::EMPTY; 2], many: Vec::new() };
    let mut open = OpenRow::new(2);
    let mut expected = [[NONE; 16]; 2];
    for _ in 0..20_000 {
        let value = random(4) as u16;
        for _ in 0..=random(3) {
            let (i, from) = (random(4) as usize, random(8) as usize);
            let to = from + 1 + random(8 - from as u64) as usize;
            open.cover(i, from, to);
            (from..to).for_each(|at| expected[at / SIDE][i * SIDE + at % SIDE] = value);
        }
        if random(9) == 0 {
            (0..SIDE).for_each(|i| open.cover(i, 0, 4));
            expected[0] = [value; 16];
        }
        open.put(&mut samples, value);
        samples.forget_overlaid();
        assert_eq!([0, 1].map(|at| samples.cells[at].samples(&samples.many)), expected);
        assert!(open.is_empty() && open.masks == [0, 0] && samples.many.len() <= 6);
    }
}

#[test]
fn neighbours_share_every_sample_between_them() {
    // A fan of triangles around a point that lies on no sample.
    let middle = (10.3, 9.7);
    let border = [(0.0, 0.0), (13.0, 0.0), (20.0, 0.0), (20.0, 20.0), (7.0, 20.0), (0.0, 20.0), (0.0, 0.0)];
    let mut grid = SampleGrid::new(20, 20);
    let mut total = 0;
    for (i, edge) in border.windows(2).enumerate() {
        grid.fill(&to_pixels(20.0, 20.0), [&ring(&[middle, edge[0], edge[1]])[..]].into_iter(), i as u16);
        total = grid.count(6).iter().skip(1).sum();
    }
    assert_eq!(total, 20 * 20 * 16);
    assert_eq!(grid.count(6)[0], 0);
}

#[test]
fn samples_are_true_to_area_below_a_pixel() {
    // 100 × 100 squares of 0.71 pixels, a side that is no simple fraction of a sample's: alternating classes.
    let side = 0.71;
    let mut grid = SampleGrid::new(71, 71);
    for i in 0..100u16 {
        for j in 0..100u16 {
            let (x, y) = (f64::from(i) * side, f64::from(j) * side);
            let square = ring(&[(x, y), (x + side, y), (x + side, y + side), (x, y + side)]);
            grid.fill(&to_pixels(71.0, 71.0), [&square[..]].into_iter(), (i * 3 + j) % 5);
        }
    }
    let counts = grid.count(5);
    assert_eq!(counts[0], 0);
    for share in counts[1..].iter().map(|count| *count as f64 / (71.0 * 71.0 * 16.0)) {
        assert!((share - 0.2).abs() < 0.002, "{counts:?}");
    }
}

#[test]
fn holes_and_crossing_rings_are_even_odd() {
    let mut grid = SampleGrid::new(10, 10);
    let outer = ring(&[(0.0, 0.0), (10.0, 0.0), (10.0, 10.0), (0.0, 10.0)]);
    let hole = ring(&[(2.0, 2.0), (8.0, 2.0), (8.0, 8.0), (2.0, 8.0)]);
    grid.fill(&to_pixels(10.0, 10.0), [&outer[..], &hole[..]].into_iter(), 0);
    assert_eq!(grid.count(1), [36 * 16, 64 * 16]);
    grid.clear();
    let bow = ring(&[(0.0, 0.0), (10.0, 10.0), (10.0, 0.0), (0.0, 10.0)]);
    grid.fill(&to_pixels(10.0, 10.0), [&bow[..]].into_iter(), 0);
    let filled = grid.count(1)[1] as f64 / 16.0;
    assert!((filled - 50.0).abs() < 3.0, "{filled}");
}

#[test]
fn what_lies_far_outside_or_is_no_number_does_no_harm() {
    let mut grid = SampleGrid::new(4, 4);
    let huge = ring(&[(-1e12, -1e12), (1e12, -1e12), (1e12, 1e12), (f64::NAN, 3.0), (-1e12, 1e12)]);
    grid.fill(&to_pixels(4.0, 4.0), [&huge[..], &[]].into_iter(), 3);
    assert_eq!(grid.count(4)[4], 4 * 4 * 16);
    grid.clear();
    let infinite = ring(&[(f64::INFINITY, 0.0), (f64::NAN, f64::NAN)]);
    grid.fill(&to_pixels(4.0, 4.0), [&infinite[..]].into_iter(), 3);
    assert_eq!(grid.count(4)[0], 4 * 4 * 16);
}
