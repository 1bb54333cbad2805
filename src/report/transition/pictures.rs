//! The matrix as pictures: flows between classes (Sankey), and bars of what each class gains and loses.

use crate::model::style::Color;
use crate::render::chart::{self, Bar, Chart, ChartColors, Flow, Node};
use crate::report::transition::signed;
use crate::scenario::transition::{ClassKey, Matrix};
use crate::text::{Language, Message, tr};
use crate::units::{Area, AreaUnit};

/// Classes that move less than this share of all that changes stand together as one.
const LEAST_SHARE: f64 = 0.005;

/// What goes from one class to another, as a flow chart; and for each flow the cells of the matrix that it is of.
#[derive(Clone, Debug)]
pub struct FlowChart {
    /// The picture.
    pub chart: Chart,
    /// Of each flow, in the order of the chart: name at the left, name at the right, m², and the cells, where it is of
    /// one cell only.
    pub flows: Vec<(String, String, f64, Option<(Option<u32>, Option<u32>)>)>,
}

/// Draws what changes class. Classes that move little stand together as one, so that nothing is left out.
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
    let changed: Vec<_> = matrix.cells.iter().filter(|cell| cell.from != cell.to && cell.m2 > 0.0).collect();
    let total: f64 = changed.iter().map(|cell| cell.m2).sum();
    // Places of the nodes of each side: a class each, then what only the other state covers, then the small ones.
    let mut nodes: [Vec<Node>; 2] = Default::default();
    let mut places: [Vec<(Option<u32>, usize)>; 2] = Default::default();
    for side in 0..2 {
        let class_of = |cell: &crate::scenario::transition::Cell| if side == 0 { cell.from } else { cell.to };
        let sum = |class: Option<u32>| -> f64 {
            changed.iter().filter(|cell| class_of(cell) == class).map(|cell| cell.m2).sum()
        };
        let own: Vec<u32> = (0..classes.len() as u32).filter(|class| sum(Some(*class)) > 0.0).collect();
        let (large, small): (Vec<u32>, Vec<u32>) =
            own.into_iter().partition(|class| sum(Some(*class)) >= LEAST_SHARE * total);
        for class in large {
            places[side].push((Some(class), nodes[side].len()));
            let name = classes[class as usize].label(language);
            nodes[side].push(Node { name, color: color_of(class) });
        }
        if sum(None) > 0.0 {
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
    for cell in changed {
        let (from, to) = (place(0, cell.from), place(1, cell.to));
        match flows.iter().position(|flow| (flow.from, flow.to) == (from, to)) {
            Some(at) => {
                flows[at].value += cell.m2;
                cells[at] = None;
            }
            None => {
                flows.push(Flow { from, to, value: cell.m2 });
                cells.push(Some((cell.from, cell.to)));
            }
        }
    }
    let figure = |m2: f64| Area::from_m2(m2).display(unit);
    let [title, base, scenario] = titles;
    let sides = [(base, &nodes[0][..]), (scenario, &nodes[1][..])];
    let chart = chart::flows(title, sides, &flows, &figure, width, colors);
    let name = |side: usize, node: usize| nodes[side][node].name.clone();
    let flows = flows.iter().zip(cells).map(|(flow, cell)| (name(0, flow.from), name(1, flow.to), flow.value, cell));
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
    let bars: Vec<Bar> = matrix
        .lines
        .iter()
        .enumerate()
        .filter_map(|(class, line)| {
            let change = Area::from_m2(line.scenario.m2).rounded(unit) - Area::from_m2(line.base.m2).rounded(unit);
            let figure = signed(change, unit.decimals(change));
            let is_nothing = !figure.chars().any(|c| c.is_ascii_digit() && c != '0');
            (!is_nothing).then(|| Bar {
                name: classes[class].label(language),
                color: color_of(class as u32),
                value: change,
                figure,
            })
        })
        .collect();
    chart::bars(title, &bars, width, colors)
}
