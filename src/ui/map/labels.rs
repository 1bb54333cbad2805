//! Labels and markers on the map, chosen and placed as in every other picture ([`crate::render::labels`]), drawn with
//! the window's own text.
//!
//! What is chosen serves all views of a range of the world at a step of scale, so that most frames only write it. Where many
//! features are looked at for it, that is done in the background; meanwhile the labels of before stay in their places.

use std::sync::Arc;

use eframe::egui::epaint::TextShape;
use eframe::egui::{self, Align2, Color32, FontId, Galley, Mesh, Painter, Pos2, Rect, Stroke, Ui};
use rustc_hash::FxHashSet;

use crate::model::style::LayerStyle;
use crate::model::{Areas, Extent, Layer, LayerId, Revision};
use crate::render::MapView;
use crate::render::colors::PaintColors;
use crate::render::labels::{self, Annotated, Decided, Label, LabelFigures, LayerLabels, Piece, Range, Written};
use crate::render::lettering::Turned;
use crate::render::prepared::Prepared;
use crate::scenario::ScenarioId;
use crate::text::Language;
use crate::ui::look::swatch::paint_colors;
use crate::ui::look::theme::{self, tokens};
use crate::ui::look::{fonts, markers, swatch};
use crate::ui::session::Session;
use crate::ui::session::awaited::Awaited;
use crate::units::AreaUnit;

/// Markers in one view from which on those are left out that others hide.
const MANY: usize = 10_000;

/// Features of labelled layers up to which labels are chosen at once: that takes a millisecond or two.
const AT_ONCE: usize = 2_000;

/// The labels of a map, from frame to frame.
#[derive(Default)]
pub struct MapLabels {
    chosen: Awaited<Key, Chosen>,
}

/// What labels were chosen for.
#[derive(Clone, PartialEq)]
struct Key {
    range: Range,
    layers: Vec<LayerKey>,
    unit: AreaUnit,
    language: Language,
}

#[derive(Clone, PartialEq)]
struct LayerKey {
    id: LayerId,
    revision: Revision,
    style: LayerStyle,
    /// Addresses of what is shared: another one is another value.
    prepared: usize,
    symbols: usize,
    areas: usize,
    reach: Option<f32>,
    /// Whether it is labelled at the scale of the view.
    written: bool,
}

/// A layer as the work on its labels holds it.
struct OfLayer {
    id: LayerId,
    layer: Arc<Layer>,
    prepared: Arc<Prepared>,
    style: LayerStyle,
    symbols: Arc<Vec<u16>>,
    reach: Option<f32>,
    figures: LabelFigures,
}

/// The labels of each layer, bottom to top, and which of them have a place.
struct Chosen {
    labels: Vec<(LayerId, Vec<Label>)>,
    decided: Vec<Decided>,
}

/// Where labels are written.
#[derive(Clone, Copy)]
pub struct Room<'a> {
    /// The map.
    pub rect: Rect,
    /// What is seen of it.
    pub seen: Rect,
    /// Cards that always lie on it, beneath which nothing is written.
    pub cards: &'a [Rect],
}

impl MapLabels {
    /// Paints markers and labels of the visible layers in a state, those of the topmost layer on top.
    pub fn ui(&mut self, ui: &Ui, room: &Room<'_>, view: &MapView, session: &Session, state: Option<ScenarioId>) {
        let (rect, seen) = (room.rect, room.rect.intersect(room.seen));
        let painter = ui.painter_at(seen);
        let (unit, language) = (session.settings.area_unit, session.language());
        let metres_per_unit = session.workspace.crs.as_ref().map_or(1.0, |crs| crs.metres_per_unit_on_map());
        let denominator = view.scale_denominator(metres_per_unit);
        let mut key = Key { range: Range::around(view), layers: Vec::new(), unit, language };
        let mut layers = Vec::new();
        for entry in session.workspace.drawn() {
            let Some((layer, areas)) = session.workspace.layer_in(state, entry.id()) else { continue };
            let Some(prepared) = session.prepared_shape(layer.shape) else { continue };
            let same = layer.revision == entry.layer.revision;
            let derived = &session.derived;
            let known = if same { derived.symbols(entry.id()) } else { derived.symbols_in(layer.revision) };
            let Some(symbols) = known else { continue };
            let style = derived.style_on_map(entry);
            let reach = paint_markers(ui, &painter, rect, view, &prepared.annotated(style, symbols));
            let areas: Option<Arc<Areas>> = areas.cloned();
            key.layers.push(LayerKey {
                id: entry.id(),
                revision: layer.revision,
                style: style.clone(),
                prepared: Arc::as_ptr(prepared) as usize,
                symbols: Arc::as_ptr(symbols) as usize,
                areas: areas.as_ref().map_or(0, |areas| Arc::as_ptr(areas) as usize),
                reach,
                written: style.labels.as_ref().is_some_and(|labels| labels.scales.contains(denominator)),
            });
            layers.push(OfLayer {
                id: entry.id(),
                layer: layer.clone(),
                prepared: prepared.clone(),
                style: style.clone(),
                symbols: symbols.clone(),
                reach,
                figures: LabelFigures { areas, unit, language, metres_per_unit },
            });
        }
        self.choose(ui, &key, layers, *view);
        self.write(ui, &painter, &Room { seen, ..*room }, view, &key.layers);
    }

    /// Has labels chosen where those that are there are of something else.
    fn choose(&mut self, ui: &Ui, key: &Key, layers: Vec<OfLayer>, view: MapView) {
        self.chosen.poll();
        // While the map moves every frame would ask for something else: what was begun is brought to its end.
        if self.chosen.is_asked(key) || self.chosen.is_busy() {
            return;
        }
        let labelled = layers.iter().zip(&key.layers).filter(|(_, key)| key.written);
        let count: usize = labelled.map(|(layer, _)| layer.layer.feature_count()).sum();
        if count <= AT_ONCE {
            let chosen = choose(&layers, &view);
            self.chosen.set(key.clone(), Ok(chosen));
        } else {
            self.chosen.start_task(ui.ctx(), key.clone(), "labels", move |_| Ok(choose(&layers, &view)));
        }
    }

    fn write(&self, ui: &Ui, painter: &Painter, room: &Room<'_>, view: &MapView, layers: &[LayerKey]) {
        let Some(chosen) = self.chosen.value() else { return };
        let Room { rect, seen, cards } = *room;
        // What is no longer drawn is not written until the next choice comes.
        let is_written = |id: &LayerId| layers.iter().any(|layer| layer.id == *id && layer.written);
        let labels: Vec<&[Label]> =
            chosen.labels.iter().map(|(id, labels)| if is_written(id) { &labels[..] } else { &[] }).collect();
        let on_map = |place| view.screen_from_world(place).map(|v| v as f32);
        let [min, max] = [seen.min - rect.min, seen.max - rect.min];
        let map = [min.x, min.y, max.x, max.y];
        let colors = paint_colors(tokens(ui), ui.visuals().dark_mode);
        for label in labels::write(&chosen.decided, &labels, map, 1.0, &on_map, fonts::typeface()) {
            let covered = bounds(painter, rect.min, &label);
            if !cards.iter().any(|card| card.intersects(covered)) {
                paint_label(painter, rect.min, &label, &colors);
            }
        }
    }
}

fn font_of(label: &Written<'_>) -> FontId {
    if label.look.bold { theme::font::bold(label.size_px) } else { FontId::proportional(label.size_px) }
}

/// What a label covers.
fn bounds(painter: &Painter, origin: Pos2, label: &Written<'_>) -> Rect {
    let at = |[x, y]: [f32; 2]| origin + egui::vec2(x, y);
    label.pieces.iter().fold(Rect::NOTHING, |all, piece| match piece {
        Piece::Text { text, left } => {
            let galley = painter.layout_no_wrap((*text).to_owned(), font_of(label), Color32::WHITE);
            all.union(Align2::LEFT_CENTER.anchor_size(at(*left), galley.size()))
        }
        Piece::Bar { ends, .. } => all.union(Rect::from_two_pos(at(ends[0]), at(ends[1]))),
        Piece::Letters(letters) => {
            let square = |letter: &Turned| Rect::from_center_size(at(letter.at), egui::Vec2::splat(label.size_px));
            letters.iter().map(square).fold(all, Rect::union)
        }
    })
}

fn choose(layers: &[OfLayer], view: &MapView) -> Chosen {
    let typeface = fonts::typeface();
    let annotated: Vec<Annotated<'_>> = layers.iter().map(|of| of.prepared.annotated(&of.style, &of.symbols)).collect();
    let labels: Vec<(LayerId, Vec<Label>)> = layers
        .iter()
        .zip(&annotated)
        .map(|(of, annotated)| (of.id, annotated.labels(&of.layer, view, typeface, &of.figures)))
        .collect();
    let to_place: Vec<LayerLabels<'_>> = layers
        .iter()
        .zip(annotated)
        .zip(&labels)
        .map(|((of, annotated), (_, labels))| LayerLabels { labels, annotated, reach: of.reach })
        .collect();
    let decided = labels::decide(view, &to_place, typeface);
    Chosen { labels, decided }
}

fn paint_label(painter: &Painter, origin: Pos2, label: &Written<'_>, colors: &PaintColors) {
    let (color, halo) = colors.label(&label.look);
    let (color, halo) = (swatch::color32(color), halo.map(|(color, width)| (swatch::color32(color), width)));
    let font = font_of(label);
    let at = |[x, y]: [f32; 2]| origin + egui::vec2(x, y);
    for piece in &label.pieces {
        match piece {
            Piece::Text { text, left } => {
                let galley = painter.layout_no_wrap((*text).to_owned(), font.clone(), color);
                let min = Align2::LEFT_CENTER.anchor_size(at(*left), galley.size()).min;
                haloed(painter, min, &galley, color, halo);
            }
            Piece::Bar { ends, width } => {
                let ends = ends.map(at);
                if let Some((halo, around)) = halo {
                    painter.line_segment(ends, Stroke::new(width + around, halo));
                }
                painter.line_segment(ends, Stroke::new(*width, color));
            }
            Piece::Letters(letters) => paint_letters(painter, origin, letters, &font, color, halo),
        }
    }
}

/// Letters that stand turned: their halos first, so that none covers a neighbour.
fn paint_letters(
    painter: &Painter,
    origin: Pos2,
    letters: &[Turned],
    font: &FontId,
    color: Color32,
    halo: Option<(Color32, f32)>,
) {
    let set = |letter: &Turned| {
        let galley = painter.layout_no_wrap(letter.letter.to_string(), font.clone(), color);
        let middle = galley.size() / 2.0;
        let turned = egui::emath::Rot2::from_angle(letter.angle) * middle;
        let min = origin + egui::vec2(letter.at[0], letter.at[1]) - turned;
        (min, galley, letter.angle)
    };
    let set: Vec<(Pos2, Arc<Galley>, f32)> = letters.iter().map(set).collect();
    let paint = |min: Pos2, galley: &Arc<Galley>, angle: f32, color: Color32| {
        let shape = TextShape::new(min, galley.clone(), color).with_override_text_color(color).with_angle(angle);
        painter.add(shape);
    };
    if let Some((halo, width)) = halo {
        for (min, galley, angle) in &set {
            around(width).for_each(|by| paint(*min + by, galley, *angle, halo));
        }
    }
    for (min, galley, angle) in &set {
        paint(*min, galley, *angle, color);
    }
}

/// Paints the markers of a layer, all of a kind at once, and says how far they reach.
fn paint_markers(
    ui: &Ui,
    painter: &Painter,
    rect: Rect,
    view: &MapView,
    annotated: &labels::Annotated<'_>,
) -> Option<f32> {
    let style = annotated.style;
    let pictures: Vec<Option<egui::TextureHandle>> = (0..style.symbol_count())
        .map(|number| {
            let symbol = style.symbol(number).filter(|_| style.is_visible(number))?;
            markers::picture(ui, symbol.marker.as_ref()?)
        })
        .collect();
    let points_per_px = 1.0 / ui.ctx().pixels_per_point();
    let half = |texture: &egui::TextureHandle| texture.size_vec2() * points_per_px / 2.0;
    let reach = pictures.iter().flatten().map(|texture| half(texture).x).reduce(f32::max)?;
    let mut extent: Extent = view.extent();
    let by = f64::from(reach) * view.units_per_px;
    (extent.min.x, extent.min.y) = (extent.min.x - by, extent.min.y - by);
    (extent.max.x, extent.max.y) = (extent.max.x + by, extent.max.y + by);
    let mut found = annotated.markers(&extent);
    let at = |place| view.screen_from_world(place).map(|v| v as f32);
    if found.len() > MANY {
        // The last of those that stand in nearly the same place hides the others.
        let mut taken = FxHashSet::default();
        let cell = (reach / 2.0).max(2.0);
        found.reverse();
        found.retain(|(place, _)| taken.insert(at(*place).map(|v| (v / cell).floor() as i32)));
        found.reverse();
    }
    let mut meshes: Vec<Option<(Mesh, egui::Vec2)>> = pictures
        .iter()
        .map(|picture| picture.as_ref().map(|texture| (Mesh::with_texture(texture.id()), half(texture))))
        .collect();
    for (place, number) in found {
        let Some(Some((mesh, half))) = meshes.get_mut(usize::from(number)) else { continue };
        let [x, y] = at(place);
        let square = Rect::from_center_size(rect.min + egui::vec2(x, y), *half * 2.0);
        mesh.add_rect_with_uv(square, markers::WHOLE, Color32::WHITE);
    }
    for (mesh, _) in meshes.into_iter().flatten().filter(|(mesh, _)| !mesh.is_empty()) {
        painter.add(mesh);
    }
    Some(reach)
}

/// Text with a casing at a place of the map.
pub fn cased(ui: &Ui, rect: Rect, pos: Pos2, align: Align2, text: &str) {
    let t = tokens(ui);
    let painter = ui.painter_at(rect);
    let galley = painter.layout_no_wrap(text.to_owned(), theme::font::note(), t.text);
    let min = align.anchor_size(pos, galley.size()).min;
    haloed(&painter, min, &galley, t.text, Some((t.map.gamma_multiply(0.9), 3.0)));
}

fn haloed(painter: &Painter, min: Pos2, galley: &Arc<Galley>, color: Color32, halo: Option<(Color32, f32)>) {
    if let Some((halo, width)) = halo {
        around(width).for_each(|by| painter.galley_with_override_text_color(min + by, galley.clone(), halo));
    }
    painter.galley_with_override_text_color(min, galley.clone(), color);
}

/// From a text to its copies that make a halo of that whole width.
fn around(width: f32) -> impl Iterator<Item = egui::Vec2> {
    let (far, near) = (width * 0.47, width * 0.33);
    let all =
        [(-far, 0.0), (far, 0.0), (0.0, -far), (0.0, far), (-near, -near), (near, -near), (-near, near), (near, near)];
    all.into_iter().map(|(dx, dy)| egui::vec2(dx, dy))
}
