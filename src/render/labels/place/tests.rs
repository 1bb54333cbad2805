use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::crs::Crs;
use crate::model::index::SpatialIndex;
use crate::model::style::labels::{LabelText, Labels, Placing};
use crate::model::style::{Color, LayerStyle, Stroke, Styling, Symbol, defaults};
use crate::model::{
    AttributeBuilder, FeatureBlock, Field, FieldType, GeometryBlock, GeometryBuilder, GeometryKind, Layer, Value,
};
use crate::render::labels::{LabelFigures, Order, Places};
use crate::task::Progress;

const EAST: f64 = 39_500_000.0;
const NORTH: f64 = 4_000_000.0;

/// A layer with a text and some coordinates a feature, ready to be labelled.
struct Ready {
    layer: Layer,
    blocks: Vec<Arc<GeometryBlock>>,
    index: SpatialIndex,
    style: LayerStyle,
    symbols: Vec<u16>,
    places: Places,
}

impl Ready {
    fn new(kind: GeometryKind, features: &[(&str, Vec<(f64, f64)>)]) -> Self {
        let mut geometry = GeometryBuilder::new(kind);
        let mut attributes = AttributeBuilder::new();
        let column = attributes.column("名称", features.len());
        for (text, path) in features {
            let path: Vec<Coord> = path.iter().map(|(x, y)| Coord { x: EAST + x, y: NORTH + y }).collect();
            match kind {
                GeometryKind::Polygon => {
                    let ring: Vec<Coord> = path.iter().chain(path.first()).copied().collect();
                    geometry.polygon(&[vec![ring]]);
                }
                _ => {
                    path.iter().for_each(|c| geometry.coord(*c));
                    if kind == GeometryKind::Line {
                        geometry.end_ring();
                    }
                    geometry.end_feature();
                }
            }
            attributes.set(column, Value::Text(text));
            attributes.end_row();
        }
        let block = FeatureBlock::of_parts(geometry.finish(), attributes.finish().1);
        let blocks = vec![block.geometry.clone()];
        let fields = vec![Field { name: "名称".to_owned(), kind: FieldType::Text }];
        let crs = Crs::from_epsg(4527).expect("known");
        let layer = Layer::new("层".to_owned(), kind, crs, fields, vec![block]);
        let index = SpatialIndex::build(&blocks, &Progress::new()).expect("is not cancelled");
        let mut style = LayerStyle::single(Symbol::default());
        style.labels = Some(Labels::of_field("名称"));
        let symbols = vec![0; layer.feature_count()];
        Self { layer, blocks, index, style, symbols, places: Places::default() }
    }

    fn annotated(&self) -> Annotated<'_> {
        let Self { layer, blocks, index, style, symbols, places } = self;
        Annotated { blocks, starts: &layer.starts, index, style, symbols, places }
    }

    fn labels(&self, view: &MapView) -> Vec<Label> {
        self.annotated().labels(&self.layer, view, &Typeface::bundled(), &LabelFigures::default())
    }
}

fn view(x: f64, y: f64, units_per_px: f64) -> MapView {
    MapView { center: Coord { x: EAST + x, y: NORTH + y }, units_per_px, size_px: [600.0, 400.0] }
}

/// What is written in a view, each label with its place in the world to a tenth of a pixel.
fn written(view: &MapView, layers: &[&Ready]) -> Vec<(String, [i64; 2])> {
    let typeface = Typeface::bundled();
    let labels: Vec<Vec<Label>> = layers.iter().map(|ready| ready.labels(view)).collect();
    let of: Vec<LayerLabels<'_>> = layers
        .iter()
        .zip(&labels)
        .map(|(ready, labels)| LayerLabels { labels, annotated: ready.annotated(), reach: None })
        .collect();
    let at = |c: Coord| view.screen_from_world(c).map(|v| v as f32);
    let map = [0.0, 0.0, view.size_px[0] as f32, view.size_px[1] as f32];
    let in_world = |[x, y]: [f32; 2]| {
        let c = view.world_from_screen([f64::from(x), f64::from(y)]);
        [c.x - EAST, c.y - NORTH].map(|v| (v / view.units_per_px * 10.0).round() as i64)
    };
    let of_label = |label: &Written<'_>| match &label.pieces[0] {
        Piece::Text { text, left } => ((*text).to_owned(), in_world(*left)),
        Piece::Bar { ends, .. } => ("—".to_owned(), in_world(ends[0])),
        Piece::Letters(letters) => (letters.iter().map(|l| l.letter).collect(), in_world(letters[0].at)),
    };
    place(view, map, 1.0, &at, &of, &typeface).iter().map(of_label).collect()
}

/// Points in no order, the same in every run.
fn scattered(count: usize, width: f64, height: f64) -> Vec<(String, (f64, f64))> {
    let mut state = 0x2545_F491_4F6C_DD1Du64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 11) as f64 / (1u64 << 53) as f64
    };
    (0..count).map(|nth| (format!("地块{nth}"), (next() * width, next() * height))).collect()
}

fn points(of: &[(String, (f64, f64))]) -> Ready {
    let features: Vec<(&str, Vec<(f64, f64)>)> = of.iter().map(|(text, at)| (&**text, vec![*at])).collect();
    Ready::new(GeometryKind::Point, &features)
}

fn square(x: f64, y: f64, side: f64) -> Vec<(f64, f64)> {
    vec![(x, y), (x + side, y), (x + side, y + side), (x, y + side)]
}

#[test]
fn labels_keep_their_places_while_the_map_is_moved() {
    let ready = points(&scattered(4_000, 3_000.0, 2_000.0));
    let first = written(&view(1_500.0, 1_000.0, 1.0), &[&ready]);
    assert!(first.len() > 50, "{}", first.len());
    for (dx, dy) in [(1.0, 0.0), (37.0, -13.0), (100.0, 60.0), (-255.5, 131.25), (300.0, 0.0)] {
        let moved = written(&view(1_500.0 + dx, 1_000.0 + dy, 1.0), &[&ready]);
        // What lies well within both frames is in both.
        let shared = |[x, y]: [i64; 2]| {
            let inside = |v: i64, middle: f64, half: f64| (v as f64 / 10.0 - middle).abs() < half - 90.0;
            inside(x, 1_500.0, 300.0)
                && inside(x, 1_500.0 + dx, 300.0)
                && inside(y, 1_000.0, 200.0)
                && inside(y, 1_000.0 + dy, 200.0)
        };
        let of = |all: &[(String, [i64; 2])]| {
            let mut kept: Vec<(String, [i64; 2])> = all.iter().filter(|(_, at)| shared(*at)).cloned().collect();
            kept.sort();
            kept
        };
        // A tenth of a pixel may round either way.
        let names = |all: Vec<(String, [i64; 2])>| all.into_iter().map(|(text, _)| text).collect::<Vec<_>>();
        let (before, after) = (of(&first), of(&moved));
        for ((_, a), (_, b)) in before.iter().zip(&after) {
            assert!(a[0].abs_diff(b[0]) <= 2 && a[1].abs_diff(b[1]) <= 2, "{dx} {dy}: {a:?} {b:?}");
        }
        assert_eq!(names(before), names(after), "moved by {dx} {dy}");
    }
}

#[test]
fn within_a_step_of_scale_zooming_in_takes_no_label_away() {
    let ready = points(&scattered(3_000, 3_000.0, 2_000.0));
    let names = |units: f64| -> Vec<String> {
        let mut names: Vec<String> =
            written(&view(1_500.0, 1_000.0, units), &[&ready]).into_iter().map(|(text, _)| text).collect();
        names.sort();
        names
    };
    let (far, near) = (names(1.0), names(0.75));
    assert!(near.len() > 20, "{}", near.len());
    assert!(near.iter().all(|name| far.contains(name)), "the same decision serves both");
}

proptest! {
    #[test]
    fn labels_never_overlap_and_none_is_cut(
        at in prop::collection::vec((0f64..700.0, 0f64..500.0, 1usize..8), 0..120),
        units in 0.6f64..2.5
    ) {
        let named: Vec<(String, (f64, f64))> =
            at.iter().map(|(x, y, letters)| ("名".repeat(*letters), (*x, *y))).collect();
        let ready = points(&named);
        let view = view(350.0, 250.0, units);
        let labels = ready.labels(&view);
        let of = [LayerLabels { labels: &labels, annotated: ready.annotated(), reach: Some(4.0) }];
        let to_px = |c: Coord| view.screen_from_world(c).map(|v| v as f32);
        let typeface = Typeface::bundled();
        let placed = place(&view, [0.0, 0.0, 600.0, 400.0], 1.0, &to_px, &of, &typeface);
        let rects: Vec<[f32; 4]> = placed.iter().map(|label| {
            let Piece::Text { text, left } = &label.pieces[0] else { panic!("a text") };
            let width = typeface.width(text, label.size_px, false);
            [left[0], left[1] - label.size_px * 0.6, left[0] + width, left[1] + label.size_px * 0.6]
        }).collect();
        for (nth, a) in rects.iter().enumerate() {
            prop_assert!(a[0] >= -0.1 && a[1] >= -0.1 && a[2] <= 600.1 && a[3] <= 400.1, "{:?}", a);
            for b in &rects[..nth] {
                let apart = a[2] <= b[0] + 0.3 || b[2] <= a[0] + 0.3 || a[3] <= b[1] + 0.3 || b[3] <= a[1] + 0.3;
                prop_assert!(apart, "{:?} {:?}", a, b);
            }
        }
    }
}

#[test]
fn a_lower_rank_wins_wherever_its_layer_stands() {
    let mut district = Ready::new(GeometryKind::Polygon, &[("天桥区", square(0.0, 0.0, 200.0))]);
    let parcel = Ready::new(GeometryKind::Polygon, &[("0103", square(60.0, 60.0, 80.0))]);
    let names = |district: &Ready| -> Vec<String> {
        let written = written(&view(100.0, 100.0, 1.0), &[district, &parcel]);
        written.into_iter().map(|(text, _)| text).collect()
    };
    // Of equal ranks the topmost layer comes first; the other name steps aside, as it has room.
    assert_eq!(names(&district)[0], "0103");
    if let Some(labels) = &mut district.style.labels {
        labels.rank = 0;
    }
    assert_eq!(names(&district)[0], "天桥区");
}

#[test]
fn a_name_stands_clear_of_the_bold_line_of_another_layer() {
    let site = Ready::new(GeometryKind::Polygon, &[("安置一区", square(0.0, 0.0, 160.0))]);
    let mut line = Ready::new(
        GeometryKind::Polygon,
        &[("", vec![(80.0, -300.0), (500.0, -300.0), (500.0, 500.0), (80.0, 500.0)])],
    );
    let stroke = |width_px| Stroke { color: Color::rgb(200, 0, 0), width_px, dash: None, casing: None };
    let name_at =
        |line: &Ready| written(&view(80.0, 80.0, 1.0), &[&site, line]).into_iter().next().expect("has room").1;
    line.style = LayerStyle::single(Symbol { stroke: Some(stroke(0.7)), ..Symbol::default() });
    let thin = name_at(&line);
    assert_eq!(thin[1], 800, "on its middle, across the thin line");
    line.style = LayerStyle::single(Symbol { stroke: Some(stroke(3.0)), ..Symbol::default() });
    let bold = name_at(&line);
    let width = f64::from(Typeface::bundled().width("安置一区", 12.5, false));
    let (left, right) = (bold[0] as f64 / 10.0, bold[0] as f64 / 10.0 + width);
    assert!(left > 82.0 || right < 78.0, "{left} {right}");
}

#[test]
fn the_name_of_a_place_stands_over_a_line_before_it_is_missed() {
    let mut site = points(&[("安置一区".to_owned(), (0.0, 0.0))]);
    let marked = defaults::class_symbol(Color::rgb(120, 40, 200), GeometryKind::Point);
    site.style.styling = Styling::Single(marked);
    // Bold lines around it, one in the other.
    let rings = (2..16).map(|nth| f64::from(nth) * 6.0);
    let rows: Vec<(&str, Vec<(f64, f64)>)> = rings.map(|half| ("", square(-half, -half, 2.0 * half))).collect();
    let mut lines = Ready::new(GeometryKind::Polygon, &rows);
    let stroke = Stroke { color: Color::rgb(200, 0, 0), width_px: 8.0, dash: None, casing: None };
    lines.style = LayerStyle::single(Symbol { stroke: Some(stroke), ..Symbol::default() });
    let shown = |site: &Ready| {
        let view = view(0.0, 0.0, 1.0);
        let labels = site.labels(&view);
        let of = [
            LayerLabels { labels: &[], annotated: lines.annotated(), reach: None },
            LayerLabels { labels: &labels, annotated: site.annotated(), reach: Some(8.0) },
        ];
        decide(&view, &of, &Typeface::bundled()).len()
    };
    for (rank, expected) in [(rank::VILLAGE, 1), (rank::PARCEL, 0)] {
        if let Some(labels) = &mut site.style.labels {
            labels.rank = rank;
        }
        assert_eq!(shown(&site), expected, "{rank}");
    }
}

#[test]
fn a_fraction_is_a_text_over_a_bar_over_a_text() {
    let mut ready = Ready::new(GeometryKind::Polygon, &[("12", square(0.0, 0.0, 200.0))]);
    let text = LabelText::Fraction { over: "名称".to_owned(), under: "concat(名称, '.50')".to_owned() };
    ready.style.labels = Some(Labels::of_text(text));
    let view = view(100.0, 100.0, 1.0);
    let labels = ready.labels(&view);
    let of = [LayerLabels { labels: &labels, annotated: ready.annotated(), reach: None }];
    let at = |c: Coord| view.screen_from_world(c).map(|v| v as f32);
    let typeface = Typeface::bundled();
    let placed = place(&view, [0.0, 0.0, 600.0, 400.0], 1.0, &at, &of, &typeface);
    let [Piece::Bar { ends, width }, Piece::Text { text: over, left: a }, Piece::Text { text: under, left: b }] =
        &placed[0].pieces[..]
    else {
        panic!("{placed:?}")
    };
    assert_eq!((*over, *under), ("12", "12.50"));
    let size = placed[0].size_px;
    let half = 0.365 * size;
    assert!(a[1] + half < ends[0][1] - width && b[1] - half > ends[0][1] + width, "{placed:?}");
    let widest = typeface.width("12.50", size, false);
    assert!(ends[1][0] - ends[0][0] >= widest && (ends[0][0] + ends[1][0] - 600.0).abs() < 0.1);
    assert!((a[0] + typeface.width("12", size, false) / 2.0 - 300.0).abs() < 0.1, "in the middle over the bar");
}

#[test]
fn a_name_runs_along_its_line_and_comes_again_on_a_long_one() {
    let mut river = Ready::new(GeometryKind::Line, &[("黄河", vec![(0.0, 100.0), (4_000.0, 300.0)])]);
    if let Some(labels) = &mut river.style.labels {
        labels.placing = Placing::Along { spaced: true };
    }
    let view = MapView { size_px: [2_400.0, 600.0], ..view(2_000.0, 200.0, 1.0) };
    let labels = river.labels(&view);
    let of = [LayerLabels { labels: &labels, annotated: river.annotated(), reach: None }];
    let at = |c: Coord| view.screen_from_world(c).map(|v| v as f32);
    let typeface = Typeface::bundled();
    let placed = place(&view, [0.0, 0.0, 2_400.0, 600.0], 1.0, &at, &of, &typeface);
    assert!((3..=5).contains(&placed.len()), "{}", placed.len());
    for label in &placed {
        let Piece::Letters(letters) = &label.pieces[0] else { panic!("letters") };
        assert_eq!(letters.len(), 2);
        assert!(letters.iter().all(|letter| (letter.angle + (200f32).atan2(4_000.0)).abs() < 1e-2), "{letters:?}");
        let apart = (letters[1].at[0] - letters[0].at[0]).hypot(letters[1].at[1] - letters[0].at[1]);
        assert!((apart - 25.0).abs() < 0.1, "a character's width between them: {apart}");
    }
    // A name that is longer than its line is left out.
    let short = Ready::new(GeometryKind::Line, &[("小清河", vec![(0.0, 0.0), (20.0, 0.0)])]);
    assert!(written(&super::tests::view(10.0, 0.0, 1.0), &[&short]).is_empty());
}

#[test]
fn a_polygon_that_is_too_small_for_its_text_has_none() {
    let ready = Ready::new(
        GeometryKind::Polygon,
        &[("水库水面", square(0.0, 0.0, 20.0)), ("水库水面", square(50.0, 0.0, 60.0))],
    );
    assert_eq!(written(&view(50.0, 30.0, 1.0), &[&ready]).len(), 1);
    assert_eq!(written(&view(50.0, 30.0, 0.25), &[&ready]).len(), 2);
}

#[test]
fn labels_are_written_at_their_scales_only() {
    let mut ready = points(&[("村".to_owned(), (0.0, 0.0))]);
    let near = view(0.0, 0.0, 1.0);
    let denominator = near.scale_denominator(1.0);
    if let Some(labels) = &mut ready.style.labels {
        labels.scales.to = Some(denominator * 2.0);
    }
    assert_eq!(ready.labels(&near).len(), 1);
    assert!(ready.labels(&view(0.0, 0.0, 3.0)).is_empty());
}

#[test]
fn the_range_of_a_view_holds_it_and_stands_still() {
    for units in [0.07, 0.5, 1.0, 1.3, 40.0] {
        let view = view(1_234.5, -77.0, units);
        let range = Range::around(&view);
        let (seen, whole) = (view.extent(), range.extent());
        assert!(whole.contains(seen.min) && whole.contains(seen.max), "{units}");
        assert!(range.units_per_px >= units * 0.999_99 && range.units_per_px < units * 1.4143, "{units}");
        let nudged = Range::around(&MapView { units_per_px: units * 1.000_000_01, ..view });
        assert_eq!(nudged.units_per_px, range.units_per_px);
    }
}

#[test]
fn equals_come_in_the_same_order_in_every_picture() {
    let order = |rank, smallness, chance| Order { rank, smallness, chance };
    assert!(order(0, 200, 9) < order(1, 0, 0) && order(1, 3, 9) < order(1, 4, 0) && order(1, 3, 1) < order(1, 3, 2));
}
