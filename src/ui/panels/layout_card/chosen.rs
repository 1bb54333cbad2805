//! What is chosen on a page: nothing, one item whose properties show, or several that are lined up together.

use eframe::egui::Ui;

use super::properties::row;
use crate::model::layout::Layout;
use crate::text::Message;
use crate::ui::look::theme::size;
use crate::ui::look::widgets;
use crate::ui::session::Session;

/// Names of the chosen items, in the order in which they were chosen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Chosen(Vec<String>);

impl Chosen {
    /// The one that is chosen, where it is one.
    pub(super) fn one(&self) -> Option<&str> {
        match self.0.as_slice() {
            [name] => Some(name),
            _ => None,
        }
    }

    /// Whether that item is among them.
    pub(super) fn has(&self, name: &str) -> bool {
        self.0.iter().any(|of| of == name)
    }

    /// Whether there are several.
    pub(super) fn is_several(&self) -> bool {
        self.0.len() > 1
    }

    /// Chooses that item and no other, or nothing.
    pub(super) fn set(&mut self, name: Option<String>) {
        self.0 = name.into_iter().collect();
    }

    /// Chooses an item beside the others, or no longer.
    pub(super) fn toggle(&mut self, name: String) {
        match self.0.iter().position(|of| *of == name) {
            Some(at) => drop(self.0.remove(at)),
            None => self.0.push(name),
        }
    }

    /// Where the chosen items stand in the layout, the lowest first.
    pub(super) fn places(&self, layout: &Layout) -> Vec<usize> {
        let items = layout.items.iter().enumerate();
        items.filter(|(_, item)| self.has(&item.name)).map(|(at, _)| at).collect()
    }

    /// Takes the chosen items out of the layout.
    pub(super) fn take_out(&mut self, layout: &mut Layout) {
        layout.items.retain(|item| !self.has(&item.name));
        self.0.clear();
    }
}

/// How several items are lined up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LineUp {
    /// All begin, have their middle, or end where the outermost does: axis (0 across, 1 down), share of their size.
    Edge(usize, Edge),
    /// Gaps of one size between them, from the first to the last.
    Spread(usize),
    /// All as wide, or as high, as the first chosen.
    Alike(usize),
}

/// A place of an item along an axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Edge {
    First,
    Middle,
    Last,
}

/// Lines up the items at `places`, `first` being the one that others are made like.
pub(super) fn line_up(layout: &mut Layout, places: &[usize], first: usize, how: LineUp) {
    let tenths = |mm: f64| (mm * 10.0).round() / 10.0;
    let frames: Vec<[f64; 4]> = places.iter().map(|at| layout.items[*at].frame).collect();
    let begin = |axis: usize| frames.iter().map(|frame| frame[axis]).fold(f64::INFINITY, f64::min);
    let end = |axis: usize| frames.iter().map(|frame| frame[axis] + frame[axis + 2]).fold(f64::NEG_INFINITY, f64::max);
    match how {
        LineUp::Edge(axis, edge) => {
            let (from, to) = (begin(axis), end(axis));
            for at in places {
                let frame = &mut layout.items[*at].frame;
                let free = to - from - frame[axis + 2];
                frame[axis] = tenths(match edge {
                    Edge::First => from,
                    Edge::Middle => from + free / 2.0,
                    Edge::Last => from + free,
                });
            }
        }
        LineUp::Spread(axis) if places.len() > 2 => {
            let whole: f64 = frames.iter().map(|frame| frame[axis + 2]).sum();
            let gap = (end(axis) - begin(axis) - whole) / (places.len() - 1) as f64;
            let mut order: Vec<usize> = places.to_vec();
            let middle = |at: usize| layout.items[at].frame[axis] + layout.items[at].frame[axis + 2] / 2.0;
            order.sort_by(|a, b| middle(*a).total_cmp(&middle(*b)));
            let mut next = begin(axis);
            for at in order {
                let frame = &mut layout.items[at].frame;
                frame[axis] = tenths(next);
                next += frame[axis + 2] + gap;
            }
        }
        LineUp::Spread(_) => {}
        LineUp::Alike(axis) => {
            let side = layout.items[first].frame[axis + 2];
            places.iter().for_each(|at| layout.items[*at].frame[axis + 2] = side);
        }
    }
}

/// What can be done with several items together.
pub(super) fn ui(ui: &mut Ui, session: &Session, layout: &mut Layout, chosen: &Chosen) {
    let places = chosen.places(layout);
    let message = Message::new("layout.chosen").with("n", places.len());
    widgets::section(ui, &message.text(session.language()));
    widgets::note(ui, session.tr("layout.chosen-note"));
    ui.add_space(size::STEP);
    let is_first = |at: &&usize| chosen.0.first().is_some_and(|name| layout.items[**at].name == *name);
    let Some(first) = places.iter().find(is_first).or(places.first()).copied() else { return };
    let edges = |axis: usize| [Edge::First, Edge::Middle, Edge::Last].map(|edge| LineUp::Edge(axis, edge));
    let [left, middle, right] = edges(0);
    let [top, centre, bottom] = edges(1);
    let groups: [(&str, Vec<(LineUp, &str)>); 4] = [
        (
            "layout.line-up-across",
            vec![(left, "layout.line-left"), (middle, "layout.line-middle"), (right, "layout.line-right")],
        ),
        (
            "layout.line-up-down",
            vec![(top, "layout.line-top"), (centre, "layout.line-centre"), (bottom, "layout.line-bottom")],
        ),
        ("layout.spread", vec![(LineUp::Spread(0), "layout.spread-across"), (LineUp::Spread(1), "layout.spread-down")]),
        ("layout.alike", vec![(LineUp::Alike(0), "layout.alike-wide"), (LineUp::Alike(1), "layout.alike-high")]),
    ];
    for (key, ways) in groups {
        row(ui, session.tr(key), |ui| {
            for (how, key) in ways {
                let fits = places.len() > 2 || !matches!(how, LineUp::Spread(_));
                let pressed = ui.add_enabled_ui(fits, |ui| widgets::button(ui, None, session.tr(key)).clicked());
                if pressed.inner {
                    line_up(layout, &places, first, how);
                }
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::layout::templates;
    use crate::text::Language;

    /// Items `a`, `b` and `c` of 20, 10 and 30 mm by 10 mm.
    fn layout() -> Layout {
        let mut layout = templates::all(Language::English).remove(0);
        layout.items.truncate(3);
        let frames = [[50.0, 50.0, 20.0, 10.0], [100.0, 80.0, 10.0, 10.0], [120.0, 60.0, 30.0, 10.0]];
        for ((item, frame), name) in layout.items.iter_mut().zip(frames).zip(["a", "b", "c"]) {
            (item.name, item.frame) = (name.to_owned(), frame);
        }
        layout
    }

    #[test]
    fn items_are_chosen_together_and_let_go() {
        let layout = layout();
        let mut chosen = Chosen::default();
        chosen.set(Some("c".to_owned()));
        assert_eq!((chosen.one(), chosen.is_several()), (Some("c"), false));
        chosen.toggle("a".to_owned());
        assert_eq!((chosen.one(), chosen.places(&layout)), (None, vec![0, 2]));
        chosen.toggle("c".to_owned());
        assert_eq!(chosen.one(), Some("a"));
        let mut rest = layout.clone();
        chosen.take_out(&mut rest);
        assert_eq!((rest.items.len(), chosen), (2, Chosen::default()));
    }

    #[test]
    fn items_line_up_with_the_outermost_and_spread_between_the_first_and_the_last() {
        let lined = |how: LineUp| {
            let mut layout = layout();
            line_up(&mut layout, &[0, 1, 2], 2, how);
            layout.items.iter().map(|item| item.frame).collect::<Vec<_>>()
        };
        let across = |frames: &[[f64; 4]]| frames.iter().map(|frame| frame[0]).collect::<Vec<_>>();
        assert_eq!(across(&lined(LineUp::Edge(0, Edge::First))), [50.0, 50.0, 50.0]);
        assert_eq!(across(&lined(LineUp::Edge(0, Edge::Middle))), [90.0, 95.0, 85.0]);
        assert_eq!(across(&lined(LineUp::Edge(0, Edge::Last))), [130.0, 140.0, 120.0]);
        assert_eq!(lined(LineUp::Edge(1, Edge::Last)).iter().map(|frame| frame[1]).collect::<Vec<_>>(), [80.0; 3]);
        // 100 mm from end to end, 60 mm of items: two gaps of 20 mm.
        assert_eq!(across(&lined(LineUp::Spread(0))), [50.0, 90.0, 120.0]);
        assert_eq!(lined(LineUp::Alike(0)).iter().map(|frame| frame[2]).collect::<Vec<_>>(), [30.0; 3]);
    }
}
