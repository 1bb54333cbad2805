//! The pieces of a comparison on the map: hatched from colour to colour, and all the rest pale.
//!
//! Pieces are polygons only here, made in the background when they are asked for. They are drawn as a layer of their
//! own, by whatever draws the map, above everything that has a fill and below lines and outlines.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::crs::Crs;
use crate::measure::MeasureError;
use crate::model::style::{Categories, ClassSymbol, Color, Fill, Hatch, LayerStyle, Stroke, Styling, Symbol};
use crate::model::{
    AttributeBuilder, BLOCK_FEATURES, Coord, FeatureBlock, GeometryBuilder, GeometryKind, Layer, LayerId,
};
use crate::overlay::{self, Pair};
use crate::render::prepared::Prepared;
use crate::scenario::transition::pieces::left_over;
use crate::task::Progress;
use crate::text::Message;
use crate::ui::look::theme;
use crate::ui::session::Session;
use crate::ui::session::awaited::{News, Problem};
use crate::ui::session::compare::picture::{Key, Picture};
use crate::ui::session::compare::shown::Shown;
use crate::ui::session::rows::Rows;
use crate::ui::work::compare::pick::{self, MadeOf};
use crate::ui::work::view::zoom_to;

/// Most symbols that a layer of the map has; further transitions share the last one.
const MOST_SYMBOLS: usize = 4000;

/// Starts to make the pieces that are wanted now.
pub fn refresh(session: &mut Session) {
    install(session);
    let compare = &session.compare;
    let wanted = compare.shown_pick().zip(compare.shown().cloned()).zip(session.workspace.crs.clone());
    let Some(((pick, shown), crs)) = wanted else {
        return session.compare.pieces.clear();
    };
    let key = Key { shown, pick, crs };
    if session.compare.pieces.made.is_asked(&key) {
        return;
    }
    let made = pick::features(&key.shown, key.pick);
    let count = made.pairs.len() + made.rest.iter().map(Vec::len).sum::<usize>();
    let name = Message::new("compare.job-pieces").with("n", crate::units::format_number(count as f64, 0));
    let request = key.clone();
    session.compare.pieces.made.start(&mut session.jobs, key, name, move |progress| {
        let picture = make(&request, &made, progress);
        Ok(picture.map_err(|error| error.message())?.map(Arc::new))
    });
}

/// Goes to pieces that have come, and says why there are none.
fn install(session: &mut Session) {
    match session.compare.pieces.made.poll() {
        Some(News::Arrived) => {
            let extent = session.compare.pieces.picture().map(|picture| picture.prepared.extent);
            if std::mem::take(&mut session.compare.goes_there)
                && let Some(extent) = extent
            {
                zoom_to(session, extent);
            }
        }
        Some(News::Ended) => {
            if let Some(Problem::Failed(reason)) = session.compare.pieces.problem().cloned() {
                session.notify_error(reason);
            }
        }
        None => {}
    }
}

/// Symbols of transitions, numbered as they come.
#[derive(Default)]
struct Symbols {
    numbers: FxHashMap<(Option<u32>, Option<u32>), u16>,
    list: Vec<ClassSymbol>,
}

impl Symbols {
    fn number(&mut self, shown: &Shown, from: Option<u32>, to: Option<u32>) -> u16 {
        if let Some(number) = self.numbers.get(&(from, to)) {
            return *number;
        }
        let number = self.list.len().min(MOST_SYMBOLS) as u16;
        self.numbers.insert((from, to), number);
        if usize::from(number) < MOST_SYMBOLS {
            let symbol = symbol(shown, from, to);
            let key = String::new();
            self.list.push(ClassSymbol { key, class: None, label: String::new(), symbol, visible: true });
        }
        number
    }
}

/// How a transition is drawn: stripes of both colours; one colour where nothing changes.
pub fn symbol(shown: &Shown, from: Option<u32>, to: Option<u32>) -> Symbol {
    let color = |class: Option<u32>| {
        let swatch = class.and_then(|class| shown.swatches.get(class as usize));
        swatch.map_or(theme::NOTHING, Symbol::color)
    };
    let fill = if from == to { Fill::Solid(color(from)) } else { stripes(color(from), color(to)) };
    let stroke = Stroke { color: theme::CHANGE_OUTLINE, width_px: 1.2, dash: None, casing: None };
    Symbol { fill, stroke: Some(stroke), marker: None }
}

fn stripes(from: Color, to: Color) -> Fill {
    Fill::Hatch(Hatch { color: to, angle_deg: 45.0, spacing_px: 9.0, width_px: 4.5, crossed: false, back: Some(from) })
}

/// Geometry block by block, without attributes.
struct Builder {
    kind: GeometryKind,
    geometry: GeometryBuilder,
    blocks: Vec<FeatureBlock>,
}

impl Builder {
    fn new(kind: GeometryKind) -> Self {
        Self { kind, geometry: GeometryBuilder::new(kind), blocks: Vec::new() }
    }

    fn end_feature(&mut self) {
        self.geometry.end_feature();
        if self.geometry.feature_count() == BLOCK_FEATURES {
            self.end_block();
        }
    }

    fn end_block(&mut self) {
        let geometry = std::mem::replace(&mut self.geometry, GeometryBuilder::new(self.kind)).finish();
        let mut attributes = AttributeBuilder::default();
        (0..geometry.feature_count()).for_each(|_| attributes.end_row());
        self.blocks.push(FeatureBlock::of_parts(geometry, attributes.finish().1));
    }

    fn ring(&mut self, ring: &[Coord]) {
        ring.iter().for_each(|c| self.geometry.coord(*c));
        self.geometry.end_ring();
    }

    /// A whole feature as its layer has it.
    fn feature(&mut self, layer: &Layer, feature: usize) {
        let (block, row) = layer.locate(feature);
        for part in block.geometry.polygon(row).parts() {
            for ring in part.rings() {
                self.ring(ring);
            }
            self.geometry.end_part();
        }
        self.end_feature();
    }

    fn polygons(&mut self, polygons: &geo_types::MultiPolygon) {
        for polygon in polygons {
            for ring in std::iter::once(polygon.exterior()).chain(polygon.interiors()) {
                self.ring(&ring.0);
            }
            self.geometry.end_part();
        }
        self.end_feature();
    }

    fn finish(mut self, name: &str, crs: Crs) -> Layer {
        if self.geometry.feature_count() > 0 || self.blocks.is_empty() {
            self.end_block();
        }
        Layer::new(name.to_owned(), self.kind, crs, Vec::new(), self.blocks)
    }
}

/// The chosen polygons of a layer as a layer of their own, without attributes.
pub fn subset(layer: &Layer, rows: &Rows) -> Layer {
    let mut builder = Builder::new(GeometryKind::Polygon);
    rows.iter().filter(|row| *row < layer.feature_count()).for_each(|row| builder.feature(layer, row));
    builder.finish(&layer.name, layer.crs.clone())
}

/// Polygons in the CRS `of`, ready for a map in the CRS `on`, all drawn alike; `None` where there are none.
///
/// # Errors
/// Where there is no way between the two, or the work was cancelled.
pub fn of_polygons(
    polygons: &geo_types::MultiPolygon,
    of: &Crs,
    on: &Crs,
    symbol: Symbol,
    progress: &Progress,
) -> Result<Option<Picture>, MeasureError> {
    if polygons.0.is_empty() {
        return Ok(None);
    }
    let mut builder = Builder::new(GeometryKind::Polygon);
    builder.polygons(polygons);
    let prepared = prepared(&builder.finish("pieces", of.clone()), on, progress)?;
    let class = ClassSymbol { key: String::new(), class: None, label: String::new(), symbol, visible: true };
    Ok(Some(Picture::new(prepared, Symbols { list: vec![class], ..Symbols::default() }, vec![0])))
}

fn prepared(layer: &Layer, crs: &Crs, progress: &Progress) -> Result<Prepared, MeasureError> {
    Prepared::new(layer, crs, progress).map_err(|error| match error {
        crate::render::projected::ProjectionError::Crs(error) => MeasureError::Crs(error),
        crate::render::projected::ProjectionError::Cancelled(cancelled) => MeasureError::Cancelled(cancelled),
    })
}

/// Geometry as a layer of one block, without attributes.
pub fn layer_of(name: &str, crs: Crs, geometry: GeometryBuilder) -> Layer {
    Builder { kind: GeometryKind::Polygon, geometry, blocks: Vec::new() }.finish(name, crs)
}

/// Makes the pieces ready for the map; `None` where none can be seen.
fn make(key: &Key, made: &MadeOf, progress: &Progress) -> Result<Option<Picture>, MeasureError> {
    let shown = &key.shown;
    let [base, scenario] = [0, 1].map(|side| &shown.sides[side].layer);
    let same_crs = base.crs.has_same_coordinates(&scenario.crs);
    let comparison = &shown.comparison;
    // Slivers cannot be seen; they stay in the figures.
    let seen = |pair: &&Pair| pair.perimeter_m == 0.0 || !comparison.tolerance.is_sliver(pair);
    let mut clipped: Vec<Pair> = Vec::new();
    let mut whole: Vec<(usize, Pair)> = Vec::new();
    for pair in made.pairs.iter().filter(seen) {
        let own = |side: usize, feature: u32| comparison.table.sides[side].own[feature as usize];
        let all_of =
            |side: usize, feature: u32| (own(side, feature) - pair.m2).abs() <= 1e-9 * own(side, feature).abs();
        if !comparison.is_cut && all_of(0, pair.a) {
            whole.push((0, *pair));
        } else if !comparison.is_cut && same_crs && all_of(1, pair.b) {
            whole.push((1, *pair));
        } else {
            clipped.push(*pair);
        }
    }
    let pieces = overlay::pieces(base, scenario, &clipped, progress)?;
    let mut builder = Builder::new(GeometryKind::Polygon);
    let mut symbols = Symbols::default();
    let mut of_piece: Vec<u16> = Vec::new();
    let [from_of, to_of] = shown.classes_of();
    let transition = |pair: &Pair| (Some(from_of[pair.a as usize]), Some(to_of[pair.b as usize]));
    for (pair, polygons) in clipped.iter().zip(&pieces).filter(|(_, polygons)| !polygons.0.is_empty()) {
        let (from, to) = transition(pair);
        of_piece.push(symbols.number(shown, from, to));
        builder.polygons(polygons);
    }
    for (side, pair) in &whole {
        let (from, to) = transition(pair);
        of_piece.push(symbols.number(shown, from, to));
        match side {
            0 => builder.feature(base, pair.a as usize),
            _ => builder.feature(scenario, pair.b as usize),
        }
    }
    // What only one of the two covers: its features less those of the other that lie on them. Within a study area only
    // its figures are known, not its outline.
    for (side, features) in made.rest.iter().enumerate().filter(|_| !comparison.is_cut) {
        for (feature, left) in left_over([base, scenario], side, features, &comparison.table.pairs, progress)? {
            let class = Some(shown.classes_of()[side][feature as usize]);
            let (from, to) = if side == 0 { (class, None) } else { (None, class) };
            of_piece.push(symbols.number(shown, from, to));
            builder.polygons(&left);
        }
    }
    if of_piece.is_empty() {
        return Ok(None);
    }
    let layer = builder.finish("pieces", base.crs.clone());
    let prepared = prepared(&layer, &key.crs, progress)?;
    Ok(Some(Picture::new(prepared, symbols, of_piece)))
}

impl Picture {
    fn new(prepared: Prepared, symbols: Symbols, of_piece: Vec<u16>) -> Self {
        let other = symbols.list.first().map_or_else(Symbol::default, |class| class.symbol);
        let categories =
            Categories { field: String::new(), scheme: None, classes: symbols.list, other, other_visible: true };
        let style = LayerStyle::of(Styling::Categorised(categories));
        Self { id: LayerId::next(), prepared: Arc::new(prepared), style, symbols: Arc::new(of_piece) }
    }
}
