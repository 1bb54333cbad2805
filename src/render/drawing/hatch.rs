//! Parallel lines over what lies inside rings, as lines of their own: every output draws them, and none needs to clip.

use crate::model::style::Hatch;

/// Closest that lines stand, so that no ring holds more of them than can be seen.
const LEAST_SPACING: f64 = 0.5;

/// Lines at `angle_deg` (counter-clockwise from the x axis), `spacing` apart, where they run inside an odd number of
/// `rings`. They stand fixed to the page: those of neighbouring polygons go on in each other. Places that are not finite
/// are left out.
pub fn lines(rings: &[Vec<[f32; 2]>], angle_deg: f32, spacing: f32) -> Vec<Vec<[f32; 2]>> {
    let (sin, cos) = f64::from(angle_deg).to_radians().sin_cos();
    let spacing = f64::from(spacing).max(LEAST_SPACING);
    // Along the lines and, in numbers of lines, across them; y grows downwards.
    let turned = |[x, y]: [f32; 2]| {
        let (x, y) = (f64::from(x), f64::from(y));
        [x * cos - y * sin, (x * sin + y * cos) / spacing]
    };
    let mut crossings: Vec<(i64, f64)> = Vec::new();
    for ring in rings {
        let finite = || ring.iter().filter(|place| place.iter().all(|v| v.is_finite())).map(|place| turned(*place));
        let Some(mut last) = finite().next_back() else { continue };
        for next in finite() {
            // The same edge gives the same crossings in both directions; a line through its upper end is not of it.
            let (low, high) = if last[1] <= next[1] { (last, next) } else { (next, last) };
            for number in low[1].ceil() as i64..high[1].ceil() as i64 {
                let share = (number as f64 - low[1]) / (high[1] - low[1]);
                crossings.push((number, low[0] + (high[0] - low[0]) * share));
            }
            last = next;
        }
    }
    crossings.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
    let place = |(number, along): (i64, f64)| {
        let across = number as f64 * spacing;
        [(along * cos + across * sin) as f32, (across * cos - along * sin) as f32]
    };
    // Rings are closed, so every line crosses them an even number of times.
    let (pairs, _) = crossings.as_chunks::<2>();
    pairs.iter().filter(|[from, to]| to.1 - from.1 > 0.01).map(|[from, to]| vec![place(*from), place(*to)]).collect()
}

/// The lines of a hatch, both sets where it is crossed.
pub fn of(rings: &[Vec<[f32; 2]>], hatch: &Hatch) -> Vec<Vec<[f32; 2]>> {
    let mut found = lines(rings, hatch.angle_deg, hatch.spacing_px);
    if hatch.crossed {
        found.extend(lines(rings, hatch.angle_deg + 90.0, hatch.spacing_px));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn square(from: f32, to: f32) -> Vec<[f32; 2]> {
        vec![[from, from], [to, from], [to, to], [from, to]]
    }

    #[test]
    fn level_lines_fill_a_square_and_spare_its_hole() {
        assert_eq!(lines(&[square(0.0, 10.0)], 0.0, 4.0).len(), 3);
        let spared = lines(&[square(0.5, 9.5), square(3.0, 6.0)], 0.0, 4.0);
        let expected = [[[0.5, 4.0], [3.0, 4.0]], [[6.0, 4.0], [9.5, 4.0]], [[0.5, 8.0], [9.5, 8.0]]];
        assert_eq!(spared, expected.map(|line| line.to_vec()));
    }

    #[test]
    fn slanted_lines_rise_to_the_right_and_cover_as_much_as_their_share() {
        let found = lines(&[square(0.0, 100.0)], 45.0, 2.0);
        let length: f32 = found.iter().map(|line| (line[1][0] - line[0][0]).hypot(line[1][1] - line[0][1])).sum();
        assert!((length * 2.0 / 10_000.0 - 1.0).abs() < 0.02, "{length}");
        assert!(found.iter().all(|line| line[1][0] > line[0][0] && line[1][1] < line[0][1]));
    }

    #[test]
    fn a_crossed_hatch_has_lines_both_ways() {
        let hatch = Hatch {
            color: crate::model::style::Color::BLACK,
            angle_deg: 0.0,
            spacing_px: 4.0,
            width_px: 1.0,
            crossed: true,
            back: None,
        };
        assert_eq!(of(&[square(0.5, 10.5)], &hatch).len(), 4);
    }

    #[test]
    fn what_is_no_ring_has_no_lines() {
        assert!(lines(&[], 45.0, 2.0).is_empty());
        assert!(lines(&[vec![[f32::NAN, 0.0], [1.0, 1.0]]], 45.0, 2.0).is_empty());
        assert!(lines(&[square(0.0, 3.0)], 0.0, 0.0).len() < 10);
    }
}
