//! Names along lines: the paths that they follow, and where each letter of them stands.
//!
//! A letter is turned as its piece of the path runs, and a name reads from left to right. Where a path is steep, a Chinese
//! name goes down along it with its characters upright, as on printed maps. No letter stands upside down: a name that
//! would have to is not set.

use crate::model::Coord;
use crate::render::lettering::Turned;

/// Slices across a polygon that its middle line is found from.
const SLICES: usize = 32;
/// Steepest turn from letter to letter: at more of it they would run into each other.
const BEND: f32 = 0.8;
/// How much steeper than broad the path of a name is that goes down.
const STEEP: f32 = 1.2;

/// A path in a picture, with the way to each of its places.
#[derive(Debug)]
pub(super) struct Track {
    places: Vec<[f32; 2]>,
    walked: Vec<f32>,
}

impl Track {
    /// `None` where there is nothing to walk along.
    pub(super) fn new(of: impl Iterator<Item = [f32; 2]>) -> Option<Self> {
        let mut track = Self { places: Vec::new(), walked: Vec::new() };
        for place in of.filter(|place| place.iter().all(|v| v.is_finite())) {
            let step = track.places.last().map_or(0.0, |last| (place[0] - last[0]).hypot(place[1] - last[1]));
            if track.places.is_empty() || step > 0.0 {
                track.walked.push(track.walked.last().copied().unwrap_or(0.0) + step);
                track.places.push(place);
            }
        }
        (track.places.len() > 1).then_some(track)
    }

    pub(super) fn length(&self) -> f32 {
        self.walked.last().copied().unwrap_or(0.0)
    }

    fn reversed(mut self) -> Self {
        let whole = self.length();
        self.places.reverse();
        self.walked.reverse();
        self.walked.iter_mut().for_each(|way| *way = whole - *way);
        self
    }

    /// Where one is after a way along it; beyond its ends it goes on straight.
    fn at(&self, way: f32) -> [f32; 2] {
        let next = self.walked.partition_point(|walked| *walked <= way).clamp(1, self.places.len() - 1);
        let (a, b) = (self.places[next - 1], self.places[next]);
        let share = (way - self.walked[next - 1]) / (self.walked[next] - self.walked[next - 1]);
        [a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share]
    }
}

/// Whether every letter of a name may stand upright under another: Chinese characters may, Latin words do not.
fn goes_down(text: &str) -> bool {
    let chinese = |c: char| matches!(c, '\u{2E80}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{3FFFF}');
    text.chars().filter(|c| !c.is_whitespace()).all(chinese)
}

/// Room between letters that stand apart.
fn gap(text: &str, size: f32) -> f32 {
    if goes_down(text) { size } else { size * 0.35 }
}

/// The way that a name takes along its path. `advance` is the width of a letter.
pub(super) fn way(text: &str, size: f32, spaced: bool, advance: &dyn Fn(char) -> f32) -> f32 {
    let between = if spaced { gap(text, size) * text.chars().count().saturating_sub(1) as f32 } else { 0.0 };
    text.chars().map(advance).sum::<f32>() + between
}

/// The letters of a name whose middle lies after the way `middle` along `track`; `None` where it does not fit or bends too
/// much.
pub(super) fn letters(
    track: Track,
    middle: f32,
    text: &str,
    size: f32,
    spaced: bool,
    advance: &dyn Fn(char) -> f32,
) -> Option<Vec<Turned>> {
    let total = way(text, size, spaced, advance);
    let whole = track.length();
    if text.is_empty() || total > whole {
        return None;
    }
    let middle = middle.clamp(total / 2.0, whole - total / 2.0);
    let (from, to) = (track.at(middle - total / 2.0), track.at(middle + total / 2.0));
    let (across, down) = (to[0] - from[0], to[1] - from[1]);
    let steep = down.abs() > across.abs() * STEEP && goes_down(text);
    let turned_round = if steep { down < 0.0 } else { across < 0.0 };
    let (track, middle) = if turned_round { (track.reversed(), whole - middle) } else { (track, middle) };
    let turn = if steep { -std::f32::consts::FRAC_PI_2 } else { 0.0 };
    let between = if spaced { gap(text, size) } else { 0.0 };
    let mut way = middle - total / 2.0;
    let mut letters: Vec<Turned> = Vec::new();
    for letter in text.chars() {
        let advance = advance(letter);
        let (begin, heart, end) = (track.at(way), track.at(way + advance / 2.0), track.at(way + advance));
        way += advance + between;
        let along = (end[1] - begin[1]).atan2(end[0] - begin[0]);
        let angle = halfway_round(along + turn);
        let bends = letters.last().is_some_and(|last| halfway_round(angle - last.angle).abs() > BEND);
        if angle.abs() > std::f32::consts::FRAC_PI_2 + 0.01 || bends {
            return None;
        }
        // Between chord and arc: a letter neither sinks into a bend nor stands off it.
        let at = [0, 1].map(|axis| (begin[axis] + end[axis]) / 4.0 + heart[axis] / 2.0);
        letters.push(Turned { letter, at, angle, advance });
    }
    Some(letters)
}

/// An angle as the same one from minus to plus half a turn.
fn halfway_round(angle: f32) -> f32 {
    let whole = std::f32::consts::TAU;
    angle - whole * (angle / whole).round()
}

/// A path in the world, with the way to each of its corners.
pub(super) struct Walk<'a> {
    path: &'a [Coord],
    walked: Vec<f64>,
}

impl<'a> Walk<'a> {
    /// `None` for a path without a length.
    pub(super) fn new(path: &'a [Coord]) -> Option<Self> {
        let mut walked = Vec::with_capacity(path.len());
        let mut way = 0.0;
        walked.extend(path.first().map(|_| way));
        for edge in path.windows(2) {
            way += (edge[1].x - edge[0].x).hypot(edge[1].y - edge[0].y);
            walked.push(way);
        }
        (way.is_finite() && way > 0.0).then_some(Self { path, walked })
    }

    pub(super) fn length(&self) -> f64 {
        self.walked.last().copied().unwrap_or(0.0)
    }

    /// Where one is after a way along it, between its ends.
    pub(super) fn at(&self, way: f64) -> Coord {
        let next = self.walked.partition_point(|walked| *walked < way).clamp(1, self.path.len() - 1);
        let (a, b) = (self.path[next - 1], self.path[next]);
        let step = self.walked[next] - self.walked[next - 1];
        let share = if step > 0.0 { ((way - self.walked[next - 1]) / step).clamp(0.0, 1.0) } else { 0.0 };
        Coord { x: a.x + (b.x - a.x) * share, y: a.y + (b.y - a.y) * share }
    }

    /// The part between two ways along it.
    pub(super) fn part(&self, from: f64, to: f64) -> Vec<Coord> {
        let first = self.walked.partition_point(|walked| *walked <= from);
        let end = self.walked.partition_point(|walked| *walked < to).max(first);
        std::iter::once(self.at(from)).chain(self.path[first..end].iter().copied()).chain([self.at(to)]).collect()
    }
}

/// A line through the middle of a long polygon; empty where it has no length.
pub(super) fn spine(rings: &[&[Coord]]) -> Vec<Coord> {
    let Some((outer, first)) = rings.first().and_then(|outer| Some((*outer, *outer.first()?))) else {
        return Vec::new();
    };
    let local = |c: &Coord| [c.x - first.x, c.y - first.y];
    if rings.iter().flat_map(|ring| ring.iter()).any(|c| !(c.x.is_finite() && c.y.is_finite())) {
        return Vec::new();
    }
    // The direction in which its border is spread farthest.
    let (mut weight, mut mean) = (0.0, [0.0; 2]);
    let edges = || outer.windows(2).map(|edge| (local(&edge[0]), local(&edge[1])));
    let middle_of = |a: [f64; 2], b: [f64; 2]| [(a[0] + b[0]) / 2.0, (a[1] + b[1]) / 2.0];
    for (a, b) in edges() {
        let (length, middle) = ((b[0] - a[0]).hypot(b[1] - a[1]), middle_of(a, b));
        weight += length;
        mean = [mean[0] + middle[0] * length, mean[1] + middle[1] * length];
    }
    if weight <= 0.0 {
        return Vec::new();
    }
    let mean = mean.map(|v| v / weight);
    let (mut xx, mut xy, mut yy) = (0.0, 0.0, 0.0);
    for (a, b) in edges() {
        let (length, middle) = ((b[0] - a[0]).hypot(b[1] - a[1]), middle_of(a, b));
        let (x, y) = (middle[0] - mean[0], middle[1] - mean[1]);
        (xx, xy, yy) = (xx + x * x * length, xy + x * y * length, yy + y * y * length);
    }
    let direction = 0.5 * (2.0 * xy).atan2(xx - yy);
    let (cos, sin) = (direction.cos(), direction.sin());
    // Along that direction, and across it.
    let turned = |[x, y]: [f64; 2]| [x * cos + y * sin, y * cos - x * sin];
    let back = |[t, n]: [f64; 2]| Coord { x: t * cos - n * sin + first.x, y: t * sin + n * cos + first.y };
    let all: Vec<[[f64; 2]; 2]> = rings
        .iter()
        .flat_map(|ring| ring.windows(2))
        .map(|edge| [turned(local(&edge[0])), turned(local(&edge[1]))])
        .collect();
    let ends = all.iter().flatten().fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), p| (a.min(p[0]), b.max(p[0])));
    let (mut best, mut run): (Vec<[f64; 2]>, Vec<[f64; 2]>) = (Vec::new(), Vec::new());
    let mut before: Option<[f64; 2]> = None;
    for slice in 0..SLICES {
        let t = ends.0 + (ends.1 - ends.0) * (slice as f64 + 0.5) / SLICES as f64;
        let mut crossings: Vec<f64> = all
            .iter()
            .filter(|[a, b]| (a[0] > t) != (b[0] > t))
            .map(|[a, b]| a[1] + (b[1] - a[1]) * (t - a[0]) / (b[0] - a[0]))
            .collect();
        crossings.sort_by(f64::total_cmp);
        let open = |of: &&[f64]| of.len() == 2 && before.is_none_or(|[from, to]| of[0] < to && of[1] > from);
        let widest = |a: &&[f64], b: &&[f64]| (a[1] - a[0]).total_cmp(&(b[1] - b[0]));
        let widest_open = crossings.chunks(2).filter(open).max_by(widest);
        if widest_open.is_none() && run.len() > best.len() {
            best = std::mem::take(&mut run);
        }
        if widest_open.is_none() {
            run.clear();
        }
        let found = widest_open.or_else(|| crossings.chunks(2).filter(|of| of.len() == 2).max_by(widest));
        before = found.map(|of| [of[0], of[1]]);
        run.extend(before.map(|[from, to]| [t, (from + to) / 2.0]));
    }
    if run.len() > best.len() {
        best = run;
    }
    best.into_iter().map(back).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: f32 = 12.0;

    fn set(places: &[[f32; 2]], text: &str, spaced: bool) -> Option<Vec<Turned>> {
        let track = Track::new(places.iter().copied())?;
        let middle = track.length() / 2.0;
        letters(track, middle, text, SIZE, spaced, &|c| if c.is_ascii() { SIZE / 2.0 } else { SIZE })
    }

    fn text_of(letters: &[Turned]) -> String {
        letters.iter().map(|letter| letter.letter).collect()
    }

    #[test]
    fn names_read_from_left_to_right_whichever_way_their_line_was_drawn() {
        for places in [[[0.0, 50.0], [200.0, 20.0]], [[200.0, 20.0], [0.0, 50.0]]] {
            let letters = set(&places, "济北路", false).expect("fits");
            assert_eq!(text_of(&letters), "济北路");
            assert!(letters.windows(2).all(|pair| pair[0].at[0] < pair[1].at[0]), "{letters:?}");
            assert!(letters.iter().all(|letter| (letter.angle - (-30f32).atan2(200.0)).abs() < 1e-3));
        }
    }

    #[test]
    fn letters_of_a_river_stand_apart_and_go_down_where_it_does() {
        let letters = set(&[[0.0, 0.0], [200.0, 0.0]], "黄河", true).expect("fits");
        assert!((letters[1].at[0] - letters[0].at[0] - 2.0 * SIZE).abs() < 1e-3, "{letters:?}");
        assert!((letters[0].at[0] + letters[1].at[0] - 200.0).abs() < 1e-3);
        for places in [[[50.0, 0.0], [60.0, 200.0]], [[60.0, 200.0], [50.0, 0.0]]] {
            let letters = set(&places, "黄河", true).expect("fits");
            assert!(letters[0].at[1] < letters[1].at[1] && letters.iter().all(|l| l.angle.abs() < 0.1), "{letters:?}");
        }
        // A Latin name is turned with the line.
        let letters = set(&[[50.0, 0.0], [60.0, 200.0]], "Yellow", false).expect("fits");
        assert!(letters.iter().all(|l| l.angle > 1.0), "{letters:?}");
    }

    #[test]
    fn no_letter_of_a_meander_is_upside_down() {
        let mut set_count = 0;
        for phase in 0..60 {
            for swing in [20.0f32, 60.0, 150.0] {
                for stretch in [0.3f32, 1.0, 3.0] {
                    let place = |i: usize| {
                        let t = i as f32 / 40.0 * std::f32::consts::TAU + phase as f32 / 10.0;
                        [i as f32 * 5.0 * stretch, t.sin() * swing]
                    };
                    let places: Vec<[f32; 2]> = (0..60).map(place).collect();
                    let Some(letters) = set(&places, "徒骇河干流", true) else { continue };
                    set_count += 1;
                    let upright = |letter: &Turned| letter.angle.cos() > -0.02;
                    assert!(letters.iter().all(upright), "{phase} {swing} {stretch} {letters:?}");
                    let close = |pair: &[Turned]| halfway_round(pair[1].angle - pair[0].angle).abs() <= BEND;
                    assert!(letters.windows(2).all(close));
                }
            }
        }
        assert!(set_count > 100, "{set_count}");
        assert!(set(&[[0.0, 0.0], [20.0, 0.0]], "徒骇河干流", true).is_none(), "longer than its line");
    }

    #[test]
    fn the_middle_line_of_a_river_runs_along_it() {
        let at = |x: f64, y: f64| Coord { x: 39_500_000.0 + x, y: 4_000_000.0 + y };
        let bank =
            |shift: f64| (0..=50).map(move |i| at(f64::from(i) * 40.0, (f64::from(i) / 8.0).sin() * 60.0 + shift));
        let mut ring: Vec<Coord> = bank(0.0).collect();
        ring.extend(bank(30.0).rev());
        ring.push(ring[0]);
        let spine = spine(&[&ring]);
        assert!(spine.len() > SLICES / 2, "{}", spine.len());
        for c in &spine {
            let x = (c.x - 39_500_000.0) / 40.0;
            let expected = (x / 8.0).sin() * 60.0 + 15.0;
            assert!((c.y - 4_000_000.0 - expected).abs() < 12.0, "{c:?} {expected}");
        }
    }

    #[test]
    fn a_part_of_a_path_begins_and_ends_between_its_corners() {
        let at = |x: f64, y: f64| Coord { x, y };
        let path = [at(0.0, 0.0), at(10.0, 0.0), at(10.0, 10.0)];
        let walk = Walk::new(&path).expect("has a length");
        assert_eq!((walk.length(), walk.at(12.0)), (20.0, at(10.0, 2.0)));
        assert_eq!(walk.part(5.0, 15.0), [at(5.0, 0.0), at(10.0, 0.0), at(10.0, 5.0)]);
        assert_eq!(walk.part(0.0, 3.0), [at(0.0, 0.0), at(3.0, 0.0)]);
        assert_eq!(walk.part(18.0, 20.0), [at(10.0, 8.0), at(10.0, 10.0)]);
        assert!(Walk::new(&path[..1]).is_none() && Walk::new(&[]).is_none());
    }
}
