//! Charts for reports: flows between two rows of nodes (Sankey), and bars of change, as drawings.

use super::drawing::{Drawing, Piece, Shape};
use super::lettering::Anchor;
use crate::model::style::Color;

/// Colours of a chart beside those of its classes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ChartColors {
    /// Behind everything.
    pub ground: Color,
    /// Text.
    pub text: Color,
    /// Lesser text.
    pub muted: Color,
    /// Axes.
    pub line: Color,
    /// What grows.
    pub plus: Color,
    /// What shrinks.
    pub minus: Color,
}

impl ChartColors {
    /// On white paper.
    pub const PAPER: Self = Self {
        ground: Color::WHITE,
        text: Color::rgb(23, 32, 43),
        muted: Color::rgb(92, 103, 117),
        line: Color::rgb(200, 206, 214),
        plus: Color::rgb(31, 138, 101),
        minus: Color::rgb(204, 62, 62),
    };
}

/// One end of flows: a class in one state.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// Its name.
    pub name: String,
    /// Its colour.
    pub color: Color,
}

/// A flow from a node at the left to one at the right.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Flow {
    /// Node at the left.
    pub from: usize,
    /// Node at the right.
    pub to: usize,
    /// How much: more than 0.
    pub value: f64,
}

/// A bar: what a class gains or loses.
#[derive(Clone, Debug, PartialEq)]
pub struct Bar {
    /// Name of the class.
    pub name: String,
    /// Its colour.
    pub color: Color,
    /// With its sign.
    pub value: f64,
    /// The value as it is printed.
    pub figure: String,
}

/// A flow as a band between two vertical edges: x and top of each, and its height.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Band {
    from: [f32; 2],
    to: [f32; 2],
    height: f32,
    /// Its place in the list that the chart was made of.
    flow: usize,
}

/// A chart.
#[derive(Clone, Debug, PartialEq)]
pub struct Chart {
    /// How it looks.
    pub drawing: Drawing,
    /// Its flows, the largest first.
    bands: Vec<Band>,
}

const MARGIN: f32 = 20.0;
const TITLE_PX: f32 = 16.0;
const TEXT_PX: f32 = 12.0;
/// From the top to the first node or bar, under a title.
const HEAD: f32 = 44.0;
/// Width of a node.
const NODE: f32 = 14.0;
/// Least distance of two nodes, so that their names do not lie on each other.
const GAP: f32 = 4.0;
/// Height of a line of text.
const ROW: f32 = 20.0;
/// Room beside the nodes for their names and figures.
const LABELS: f32 = 250.0;

/// Flows between two rows of nodes. `figure` prints a value. The chart is as high as its nodes need, `width` wide.
pub fn flows(
    title: &str,
    sides: [(&str, &[Node]); 2],
    flows: &[Flow],
    figure: &dyn Fn(f64) -> String,
    width: f32,
    colors: &ChartColors,
) -> Chart {
    let mut chart = Chart::new(title, width, colors);
    let total: f64 = flows.iter().map(|flow| flow.value).sum();
    let sums: [Vec<f64>; 2] = [0, 1].map(|side| {
        let mut sums = vec![0.0; sides[side].1.len()];
        for flow in flows {
            sums[if side == 0 { flow.from } else { flow.to }] += flow.value;
        }
        sums
    });
    let used = |side: usize| -> Vec<usize> { (0..sums[side].len()).filter(|node| sums[side][*node] > 0.0).collect() };
    let most = used(0).len().max(used(1).len());
    if total <= 0.0 || most == 0 {
        chart.drawing.size[1] = HEAD + MARGIN;
        return chart;
    }
    // Every node has room for its name; what is left over tells the values apart.
    let scale = (most as f32 * ROW).max(320.0);
    let height_of = |value: f64| (value / total) as f32 * scale;
    let left = MARGIN + LABELS;
    let right = width - MARGIN - LABELS;
    let mut tops: [Vec<f32>; 2] = [vec![0.0; sums[0].len()], vec![0.0; sums[1].len()]];
    let mut bottom: f32 = 0.0;
    for side in 0..2 {
        let (heading, nodes) = sides[side];
        let (x, anchor) = if side == 0 { (left, Anchor::Right) } else { (right, Anchor::Left) };
        let label_x = if side == 0 { left - 8.0 } else { right + 8.0 };
        chart.text([label_x, HEAD + 2.0], heading, TEXT_PX, true, anchor, colors.muted);
        let mut y = HEAD + 20.0;
        for node in used(side) {
            let height = height_of(sums[side][node]).max(1.0);
            // The name stands beside the middle of its node, and needs a line.
            let room = height.max(ROW - GAP);
            let top = y + (room - height) / 2.0;
            tops[side][node] = top;
            let at = [if side == 0 { x - NODE } else { x }, top];
            // A thin edge: some classes are nearly as pale as paper.
            let edge = [at[0] - 1.0, at[1] - 1.0, NODE + 2.0, height + 2.0];
            chart.drawing.fill(edge, colors.line);
            chart.drawing.fill([at[0], at[1], NODE, height], nodes[node].color);
            let text = format!("{}  {}", nodes[node].name, figure(sums[side][node]));
            let label_x = if side == 0 { left - NODE - 8.0 } else { right + NODE + 8.0 };
            chart.text([label_x, top + height / 2.0], &text, TEXT_PX, false, anchor, colors.text);
            y += room + GAP;
        }
        bottom = bottom.max(y);
    }
    // Bands leave and arrive in the order of the nodes at their other end, so that few cross.
    let mut order: Vec<usize> = (0..flows.len()).collect();
    let mut next = tops.clone();
    let mut starts = vec![[0.0f32; 2]; flows.len()];
    order.sort_by_key(|at| (flows[*at].from, flows[*at].to));
    for at in &order {
        starts[*at][0] = next[0][flows[*at].from];
        next[0][flows[*at].from] += height_of(flows[*at].value);
    }
    order.sort_by_key(|at| (flows[*at].to, flows[*at].from));
    for at in &order {
        starts[*at][1] = next[1][flows[*at].to];
        next[1][flows[*at].to] += height_of(flows[*at].value);
    }
    // The largest lie at the bottom.
    order.sort_by(|a, b| flows[*b].value.total_cmp(&flows[*a].value));
    for at in order {
        let flow = flows[at];
        let height = height_of(flow.value).max(0.6);
        let band = Band { from: [left, starts[at][0]], to: [right, starts[at][1]], height, flow: at };
        // What land becomes: most of what changes comes from a few pale classes.
        let fill = Some(sides[1].1[flow.to].color.with_alpha(150));
        chart.drawing.shapes.push(Shape::Path { outline: band.outline(), fill, line: None });
        chart.bands.push(band);
    }
    chart.drawing.size[1] = bottom + MARGIN;
    chart
}

/// Bars of change, one a line, from a common middle.
pub fn bars(title: &str, bars: &[Bar], width: f32, colors: &ChartColors) -> Chart {
    let mut chart = Chart::new(title, width, colors);
    let largest = bars.iter().map(|bar| bar.value.abs()).fold(0.0, f64::max);
    let (left, right) = (MARGIN + 220.0, width - MARGIN - 110.0);
    let middle = (left + right) / 2.0;
    let mut y = HEAD;
    for bar in bars {
        let center = y + ROW / 2.0;
        chart.drawing.fill([MARGIN, center - 6.0, 12.0, 12.0], bar.color);
        chart.text([MARGIN + 20.0, center], &bar.name, TEXT_PX, false, Anchor::Left, colors.text);
        if largest > 0.0 {
            let length = (bar.value.abs() / largest) as f32 * (right - left) / 2.0;
            let x = if bar.value < 0.0 { middle - length } else { middle };
            let color = if bar.value < 0.0 { colors.minus } else { colors.plus };
            chart.drawing.fill([x, center - 6.0, length.max(0.5), 12.0], color);
        }
        chart.text([width - MARGIN, center], &bar.figure, TEXT_PX, false, Anchor::Right, colors.text);
        y += ROW;
    }
    chart.drawing.fill([middle - 0.5, HEAD - 4.0, 1.0, y - HEAD + 8.0], colors.line);
    chart.drawing.size[1] = y + MARGIN;
    chart
}

impl Chart {
    fn new(title: &str, width: f32, colors: &ChartColors) -> Self {
        let mut chart = Self { drawing: Drawing::new([width, 0.0], colors.ground), bands: Vec::new() };
        chart.text([MARGIN, MARGIN], title, TITLE_PX, true, Anchor::Left, colors.text);
        chart
    }

    fn text(&mut self, at: [f32; 2], text: &str, size_px: f32, bold: bool, anchor: Anchor, color: Color) {
        self.drawing.text(text, at, anchor, size_px, bold, color);
    }

    /// The flow under a point, by its place in the list that the chart was made of; the smallest where several are.
    pub fn flow_at(&self, point: [f32; 2]) -> Option<usize> {
        self.bands.iter().rev().find(|band| band.holds(point)).map(|band| band.flow)
    }
}

impl Band {
    fn outline(&self) -> Vec<Piece> {
        let Self { from, to, height, .. } = *self;
        let middle = (from[0] + to[0]) / 2.0;
        vec![
            Piece::Line(from),
            Piece::Curve([middle, from[1]], [middle, to[1]], to),
            Piece::Line([to[0], to[1] + height]),
            Piece::Curve([middle, to[1] + height], [middle, from[1] + height], [from[0], from[1] + height]),
        ]
    }

    fn holds(&self, point: [f32; 2]) -> bool {
        let Self { from, to, height, .. } = *self;
        let t = (point[0] - from[0]) / (to[0] - from[0]);
        let top = band_top(from[1], to[1], t);
        (0.0..=1.0).contains(&t) && (top - 1.0..=top + height + 1.0).contains(&point[1])
    }
}

/// Top of a band at the share `t` of its way: the cubic curve with both handles half-way is a smooth step in y.
fn band_top(from: f32, to: f32, t: f32) -> f32 {
    // x(s) of that curve is 1.5 s (1 − s)… solved for s by bisection: it grows all the way.
    let x = |s: f32| 1.5 * s * (1.0 - s) * (1.0 - s) + 1.5 * s * s * (1.0 - s) + s * s * s;
    let (mut low, mut high) = (0.0f32, 1.0f32);
    for _ in 0..20 {
        let s = (low + high) / 2.0;
        if x(s) < t { low = s } else { high = s }
    }
    let s = (low + high) / 2.0;
    from + (to - from) * (3.0 * s * s - 2.0 * s * s * s)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::lettering::Typeface;

    fn chart() -> Chart {
        let node = |name: &str, r| Node { name: name.to_owned(), color: Color::rgb(r, 90, 90) };
        let left = [node("旱地 <A&B>", 200), node("果园", 100)];
        let right = [node("工业用地", 50), node("公园", 20), node("不用", 0)];
        let list = [
            Flow { from: 0, to: 0, value: 60.0 },
            Flow { from: 0, to: 1, value: 30.0 },
            Flow { from: 1, to: 0, value: 10.0 },
        ];
        let figure = |value: f64| format!("{value:.2}");
        flows("流向", [("基准", &left), ("方案", &right)], &list, &figure, 900.0, &ChartColors::PAPER)
    }

    #[test]
    fn bands_are_as_high_as_their_flows_and_fill_their_nodes() {
        let chart = chart();
        let bands: Vec<(usize, f32, [f32; 2], [f32; 2])> =
            chart.bands.iter().map(|band| (band.flow, band.height, band.from, band.to)).collect();
        let of = |flow: usize| bands.iter().find(|band| band.0 == flow).copied().expect("has a band");
        assert!((of(0).1 / of(1).1 - 2.0).abs() < 1e-4 && (of(0).1 / of(2).1 - 6.0).abs() < 1e-4);
        // The second band of a node begins where the first ends.
        assert!((of(0).2[1] + of(0).1 - of(1).2[1]).abs() < 1e-3);
        assert!((of(0).3[1] + of(0).1 - of(2).3[1]).abs() < 1e-3);
        let inside = [of(1).2[0] + 1.0, of(1).2[1] + of(1).1 / 2.0];
        assert_eq!(chart.flow_at(inside), Some(1));
        assert_eq!(chart.flow_at([1.0, 1.0]), None);
    }

    #[test]
    fn a_chart_is_written_as_well_formed_svg_and_as_pixels() {
        let chart = chart();
        let svg = chart.drawing.svg();
        assert!(svg.contains("旱地 &lt;A&amp;B&gt;  90.00") && !svg.contains("不用"), "{svg}");
        assert_eq!(svg.matches("<path").count(), 3);
        assert!(svg.starts_with("<svg") && svg.ends_with("</svg>\n"));
        let pixmap = chart.drawing.paint(&Typeface::bundled(), 2.0).expect("fits");
        assert_eq!(pixmap.width(), 1800);
        let distinct: std::collections::BTreeSet<u32> = pixmap.pixels().iter().map(|p| u32::from(p.red())).collect();
        assert!(distinct.len() > 20, "something is drawn");
    }

    #[test]
    fn bars_go_both_ways_from_the_middle() {
        let bar = |name: &str, value: f64| Bar {
            name: name.to_owned(),
            color: Color::WHITE,
            value,
            figure: format!("{value:+.1}"),
        };
        let chart = bars("增减", &[bar("旱地", -40.0), bar("公园", 20.0)], 800.0, &ChartColors::PAPER);
        let lengths: Vec<f32> = chart
            .drawing
            .shapes
            .iter()
            .filter_map(|shape| match shape {
                Shape::Rect { size, color, .. } if *color != Color::WHITE && size[0] > 2.0 => Some(size[0]),
                _ => None,
            })
            .collect();
        assert_eq!(lengths.len(), 2);
        assert!((lengths[0] / lengths[1] - 2.0).abs() < 1e-4);
        let empty = flows("空", [("", &[]), ("", &[])], &[], &|_| String::new(), 300.0, &ChartColors::PAPER);
        assert!(empty.drawing.paint(&Typeface::bundled(), 1.0).is_some() && empty.flow_at([5.0, 5.0]).is_none());
    }
}
