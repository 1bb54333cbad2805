//! The matrix as pictures: flows between classes (Sankey), and bars of what each class gains and loses.

use crate::model::style::Color;
use crate::render::chart::{self, Bar, Chart, ChartColors, Flow, Node};
use crate::report::transition::{Rounded, signed};
use crate::scenario::transition::{ClassKey, Matrix, MatrixCell};
use crate::text::{Language, Message, tr};
use crate::units::{AreaUnit, format_number};

/// Classes that move less than this share of all that changes stand together as one.
const LEAST_SHARE: f64 = 0.005;

/// What goes from one class to another, as a flow chart; and for each flow the cells of the matrix that it is of.
#[derive(Clone, Debug)]
pub struct FlowChart {
    /// The picture.
    pub chart: Chart,
    /// Of each flow, in the order of the chart: name at the left, name at the right, its figure, and the cells, where it
    /// is of one cell only.
    pub flows: Vec<(String, String, String, Option<(Option<u32>, Option<u32>)>)>,
}

/// Draws what changes class, as far as it is a figure in the unit. Classes that move little stand together as one, so
/// that nothing is left out.
pub fn flow_chart(
    matrix: &Matrix,
    classes: &[ClassKey],
    color_of: &dyn Fn(u32) -> Color,
    titles: [&str; 3],
    unit: AreaUnit,
    width: f32,
    colors: &ChartColors,
    language: Language,
) -> FlowChart {
    let rounded = Rounded::new(matrix, unit);
    let cells = matrix.cells.iter().zip(&rounded.cells);
    let changed: Vec<(&MatrixCell, i64)> =
        cells.filter(|(cell, units)| cell.from != cell.to && **units > 0).map(|(cell, units)| (cell, *units)).collect();
    let total: i64 = changed.iter().map(|(_, units)| units).sum();
    // Places of the nodes of each side: a class each, then what only the other state covers, then the small ones.
    let mut nodes: [Vec<Node>; 2] = Default::default();
    let mut places: [Vec<(Option<u32>, usize)>; 2] = Default::default();
    for side in 0..2 {
        let class_of = |cell: &MatrixCell| if side == 0 { cell.from } else { cell.to };
        let sum = |class: Option<u32>| -> i64 {
            changed.iter().filter(|(cell, _)| class_of(cell) == class).map(|(_, units)| units).sum()
        };
        let own: Vec<u32> = (0..classes.len() as u32).filter(|class| sum(Some(*class)) > 0).collect();
        let (large, small): (Vec<u32>, Vec<u32>) =
            own.into_iter().partition(|class| sum(Some(*class)) as f64 >= LEAST_SHARE * total as f64);
        for class in large {
            places[side].push((Some(class), nodes[side].len()));
            let name = classes[class as usize].label(language);
            nodes[side].push(Node { name, color: color_of(class) });
        }
        if sum(None) > 0 {
            places[side].push((None, nodes[side].len()));
            let key = if side == 0 { "report.only-scenario" } else { "report.only-base" };
            nodes[side].push(Node { name: tr(language, key).to_owned(), color: colors.line });
        }
        if !small.is_empty() {
            let name = Message::new("report.small-classes").with("n", small.len()).text(language);
            places[side].extend(small.iter().map(|class| (Some(*class), nodes[side].len())));
            nodes[side].push(Node { name, color: colors.muted });
        }
    }
    let place = |side: usize, class: Option<u32>| {
        places[side].iter().find(|(known, _)| *known == class).map_or(0, |(_, place)| *place)
    };
    let mut flows: Vec<Flow> = Vec::new();
    let mut cells: Vec<Option<(Option<u32>, Option<u32>)>> = Vec::new();
    for (cell, units) in changed {
        let value = rounded.value(units);
        let (from, to) = (place(0, cell.from), place(1, cell.to));
        match flows.iter().position(|flow| (flow.from, flow.to) == (from, to)) {
            Some(at) => {
                flows[at].value += value;
                cells[at] = None;
            }
            None => {
                flows.push(Flow { from, to, value });
                cells.push(Some((cell.from, cell.to)));
            }
        }
    }
    let figure = |value: f64| format_number(value, rounded.decimals);
    let [title, base, scenario] = titles;
    let sides = [(base, &nodes[0][..]), (scenario, &nodes[1][..])];
    let chart = chart::flows(title, sides, &flows, &figure, width, colors);
    let name = |side: usize, node: usize| nodes[side][node].name.clone();
    let described = |flow: &Flow| (name(0, flow.from), name(1, flow.to), figure(flow.value));
    let flows = flows.iter().zip(cells).map(|(flow, cell)| {
        let (from, to, figure) = described(flow);
        (from, to, figure, cell)
    });
    FlowChart { chart, flows: flows.collect() }
}

/// Draws what each class gains or loses; classes that stay as they are have no bar.
pub fn change_chart(
    matrix: &Matrix,
    classes: &[ClassKey],
    color_of: &dyn Fn(u32) -> Color,
    title: &str,
    unit: AreaUnit,
    width: f32,
    colors: &ChartColors,
    language: Language,
) -> Chart {
    let rounded = Rounded::new(matrix, unit);
    let bar = |(class, units): (usize, i64)| Bar {
        name: classes[class].label(language),
        color: color_of(class as u32),
        value: rounded.value(units),
        figure: signed(rounded.value(units), rounded.decimals),
    };
    let changes = rounded.lines.iter().map(|line| line.change()).enumerate();
    let bars: Vec<Bar> = changes.filter(|(_, units)| *units != 0).map(bar).collect();
    chart::bars(title, &bars, width, colors)
}
