//! Where ranges of a figure begin and end, by several ways of finding them, and how many features lie where.
//!
//! Natural breaks are exact (Fisher 1958: least sum of squared differences within ranges) for up to 300 distinct figures,
//! and found among 300 evenly chosen ranks above that: the ends of the ranges differ then by less than a rank in 300.

use super::Breaks;

/// Distinct figures up to which natural breaks are exact.
const EXACT: usize = 300;
/// Most ranges that are made.
pub const MOST_RANGES: usize = 20;

/// Ends of `count` ranges over `figures`, ascending, one more than there are ranges: fewer where the figures do not tell so
/// many apart, none without figures. Figures that are no numbers are passed over. [`Breaks::Given`] are even ones to begin
/// with.
pub fn ends(figures: &[f64], breaks: Breaks, count: usize) -> Vec<f64> {
    let mut sorted: Vec<f64> = figures.iter().copied().filter(|figure| figure.is_finite()).collect();
    sorted.sort_unstable_by(f64::total_cmp);
    ends_of_sorted(&sorted, breaks, count)
}

/// The same of figures that are finite and ascend.
pub fn ends_of_sorted(sorted: &[f64], breaks: Breaks, count: usize) -> Vec<f64> {
    let (Some(least), Some(most)) = (sorted.first().copied(), sorted.last().copied()) else { return Vec::new() };
    let count = count.clamp(1, MOST_RANGES);
    let mut ends = match breaks {
        Breaks::Quantile => (0..=count).map(|nth| sorted[(nth * sorted.len() / count).min(sorted.len() - 1)]).collect(),
        Breaks::Jenks => jenks(sorted, count),
        Breaks::Equal | Breaks::Given => {
            let end = |nth: usize| least + (most - least) * nth as f64 / count as f64;
            (0..count).map(end).chain([most]).collect()
        }
        Breaks::Pretty => pretty(least, most, count),
    };
    // A natural range of one figure begins where it ends.
    if breaks != Breaks::Jenks {
        ends.dedup();
    }
    if ends.len() == 1 {
        ends.push(ends[0]);
    }
    ends
}

/// Ranges of one round width (1, 2, 2.5 or 5 times a power of ten) that hold all, about `count` of them.
fn pretty(least: f64, most: f64, count: usize) -> Vec<f64> {
    let width = (most - least) / count as f64;
    if width <= 0.0 || !width.is_finite() {
        return vec![least, most];
    }
    let power = 10f64.powf(width.log10().floor());
    let step = [1.0, 2.0, 2.5, 5.0, 10.0].map(|factor| factor * power).into_iter();
    let step = step.min_by(|a, b| (a / width).ln().abs().total_cmp(&(b / width).ln().abs())).unwrap_or(power);
    let (first, last) = ((least / step).floor() as i64, (most / step).ceil() as i64);
    // A product of a whole number has no sum of rounding behind it.
    let end = |nth: i64| {
        let end = nth as f64 * step;
        let digits = 10f64.powi(12 - end.abs().max(step).log10().ceil() as i32);
        if digits.is_finite() && digits > 0.0 { (end * digits).round() / digits } else { end }
    };
    (first..=last.max(first + 1)).map(end).collect()
}

/// Natural breaks of figures that ascend.
fn jenks(sorted: &[f64], count: usize) -> Vec<f64> {
    let mut distinct: Vec<(f64, f64)> = Vec::new();
    for figure in sorted {
        match distinct.last_mut() {
            Some((last, weight)) if last == figure => *weight += 1.0,
            _ => distinct.push((*figure, 1.0)),
        }
    }
    if distinct.len() > EXACT {
        let at = |nth: usize| sorted[nth * (sorted.len() - 1) / (EXACT - 1)];
        distinct.clear();
        for figure in (0..EXACT).map(at) {
            match distinct.last_mut() {
                Some((last, weight)) if *last == figure => *weight += 1.0,
                _ => distinct.push((figure, 1.0)),
            }
        }
    }
    let count = count.min(distinct.len());
    let starts = best_starts(&distinct, count);
    let most = sorted.last().copied().unwrap_or(0.0);
    starts.into_iter().map(|start| distinct[start].0).chain([most]).collect()
}

/// First figure of each of `count` ranges, so that the sum of squared differences from the means is least.
fn best_starts(figures: &[(f64, f64)], count: usize) -> Vec<usize> {
    let n = figures.len();
    // From the middle of all, so that squares of large figures do not swallow their differences.
    let middle = figures[n / 2].0;
    let mut sums = vec![[0.0f64; 3]; n + 1];
    for (at, (figure, weight)) in figures.iter().enumerate() {
        let figure = figure - middle;
        let [w, s, q] = sums[at];
        sums[at + 1] = [w + weight, s + weight * figure, q + weight * figure * figure];
    }
    let spread = |from: usize, to: usize| {
        let [w, s, q] = [0, 1, 2].map(|i| sums[to][i] - sums[from][i]);
        if w > 0.0 { (q - s * s / w).max(0.0) } else { 0.0 }
    };
    // Least spread of the first figures in so many ranges, and where the last of those begins.
    let mut best: Vec<f64> = (0..=n).map(|to| spread(0, to)).collect();
    let mut begins = vec![vec![0usize; n + 1]];
    for ranges in 2..=count {
        let mut now = vec![f64::INFINITY; n + 1];
        let mut begin = vec![0; n + 1];
        for (to, (now, begin)) in now.iter_mut().zip(&mut begin).enumerate().skip(ranges) {
            let sums = (ranges - 1..to).map(|from| (best[from] + spread(from, to), from));
            if let Some(least) = sums.min_by(|a, b| a.0.total_cmp(&b.0)) {
                (*now, *begin) = least;
            }
        }
        best = now;
        begins.push(begin);
    }
    let mut starts = Vec::with_capacity(count);
    let mut to = n;
    for begin in begins.iter().rev() {
        to = begin[to];
        starts.push(to);
    }
    starts.reverse();
    starts
}

/// How many of `sorted` lie in each of `bars` bars of one width from the least to the most.
pub fn histogram(sorted: &[f64], bars: usize) -> Vec<usize> {
    let (Some(least), Some(most)) = (sorted.first(), sorted.last()) else { return Vec::new() };
    let mut counts = vec![0; bars.max(1)];
    let width = (most - least) / counts.len() as f64;
    let last = counts.len() - 1;
    for figure in sorted {
        let bar = if width > 0.0 { ((figure - least) / width) as usize } else { 0 };
        counts[bar.min(last)] += 1;
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(figures: &[f64], breaks: Breaks, count: usize, expected: &[f64]) {
        assert_eq!(ends(figures, breaks, count), expected, "{breaks:?} {count} of {figures:?}");
    }

    #[test]
    fn natural_breaks_are_those_of_fisher() {
        // Three clusters, whatever the order.
        check(&[9.0, 1.0, 2.0, 21.0, 10.0, 3.0, 22.0, 11.0, 23.0], Breaks::Jenks, 3, &[1.0, 9.0, 21.0, 23.0]);
        check(&[4.0, 5.0, 9.0, 10.0], Breaks::Jenks, 2, &[4.0, 9.0, 10.0]);
        // Many of one figure weigh more than one far away.
        let mut weighed = vec![1.0; 50];
        weighed.extend([2.0; 50]);
        weighed.push(4.0);
        check(&weighed, Breaks::Jenks, 2, &[1.0, 2.0, 4.0]);
        check(&[5.0, 5.0], Breaks::Jenks, 4, &[5.0, 5.0]);
        check(&[1.0, 2.0], Breaks::Jenks, 4, &[1.0, 2.0, 2.0]);
    }

    #[test]
    fn exact_breaks_are_the_best_of_all_that_could_be() {
        let figures = [1.0, 1.5, 3.0, 4.5, 4.75, 8.0, 8.5, 12.0, 19.0, 20.0];
        let spread = |part: &[f64]| {
            let mean = part.iter().sum::<f64>() / part.len() as f64;
            part.iter().map(|v| (v - mean).powi(2)).sum::<f64>()
        };
        let mut best = (f64::INFINITY, [0, 0]);
        for a in 1..9 {
            for b in a + 1..10 {
                let sum = spread(&figures[..a]) + spread(&figures[a..b]) + spread(&figures[b..]);
                if sum < best.0 {
                    best = (sum, [a, b]);
                }
            }
        }
        let [a, b] = best.1;
        check(&figures, Breaks::Jenks, 3, &[figures[0], figures[a], figures[b], figures[9]]);
    }

    #[test]
    fn breaks_of_very_many_figures_lie_between_their_clusters() {
        let mut figures: Vec<f64> = (0..5000).map(|i| f64::from(i) / 5000.0).collect();
        figures.extend((0..5000).map(|i| 10.0 + f64::from(i) / 5000.0));
        let ends = ends(&figures, Breaks::Jenks, 2);
        assert_eq!(ends.len(), 3);
        assert!((10.0..10.02).contains(&ends[1]), "{ends:?}");
    }

    #[test]
    fn the_plain_ways_divide_as_they_say() {
        let figures: Vec<f64> = (1..=8).map(f64::from).collect();
        check(&figures, Breaks::Quantile, 4, &[1.0, 3.0, 5.0, 7.0, 8.0]);
        check(&figures, Breaks::Equal, 2, &[1.0, 4.5, 8.0]);
        check(&[0.3, 98.0], Breaks::Pretty, 5, &[0.0, 20.0, 40.0, 60.0, 80.0, 100.0]);
        check(&[0.12, 0.87], Breaks::Pretty, 4, &[0.0, 0.2, 0.4, 0.6, 0.8, 1.0]);
        check(&[f64::NAN], Breaks::Equal, 3, &[]);
        check(&[7.0], Breaks::Pretty, 3, &[7.0, 7.0]);
        check(&[1.0, 1.0, 1.0, 9.0], Breaks::Quantile, 3, &[1.0, 9.0]);
    }

    #[test]
    fn every_figure_is_in_a_bar() {
        assert_eq!(histogram(&[0.0, 1.0, 2.0, 9.9, 10.0], 5), [2, 1, 0, 0, 2]);
        assert_eq!(histogram(&[3.0, 3.0], 2), [2, 0]);
        assert!(histogram(&[], 4).is_empty());
    }
}
