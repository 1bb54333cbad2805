//! Labels and markers on the map, chosen and placed as in every other picture ([`crate::render::labels`]), drawn with
//! the window's own text.

use std::sync::Arc;

use eframe::egui::{self, Align2, Color32, Galley, Mesh, Painter, Pos2, Rect, Ui};
use rustc_hash::FxHashSet;

use crate::model::Extent;
use crate::render::MapView;
use crate::render::labels::{self, LABEL_PX, LayerLabels};
use crate::scenario::ScenarioId;
use crate::ui::look::theme::{self, tokens};
use crate::ui::look::{fonts, markers};
use crate::ui::session::Session;

/// Markers in one view from which on those are left out that others hide.
const MANY: usize = 10_000;

/// Paints markers and labels of the visible layers in a state, those of the topmost layer on top.
pub fn ui(ui: &Ui, rect: Rect, view: &MapView, session: &Session, state: Option<ScenarioId>) {
    let painter = ui.painter_at(rect);
    let typeface = fonts::typeface();
    let mut texts = Vec::new();
    let mut spaces = Vec::new();
    for entry in session.workspace.drawn() {
        let Some((layer, _)) = session.workspace.layer_in(state, entry.id()) else { continue };
        let Some(prepared) = session.prepared_shape(layer.shape) else { continue };
        let same = layer.revision == entry.layer.revision;
        let known = if same { session.derived.symbols(entry.id()) } else { session.derived.symbols_in(layer.revision) };
        let Some(symbols) = known else { continue };
        let annotated = prepared.annotated(session.derived.style_on_map(entry), symbols);
        spaces.push(paint_markers(ui, &painter, rect, view, &annotated));
        texts.push(annotated.labels(layer, view, typeface));
    }
    let on_map = |place| view.screen_from_world(place).map(|v| v as f32);
    let layers: Vec<LayerLabels<'_>> =
        texts.iter().zip(spaces).map(|(labels, (markers, reach))| LayerLabels { labels, markers, reach }).collect();
    let map = [0.0, 0.0, rect.width(), rect.height()];
    let t = tokens(ui);
    let font = egui::FontId::proportional(LABEL_PX);
    for ([x, y], text) in labels::place(map, 1.0, &on_map, &layers, typeface) {
        let galley = painter.layout_no_wrap(text.to_owned(), font.clone(), t.text);
        let left = rect.min + egui::vec2(x, y);
        let min = Align2::LEFT_CENTER.anchor_size(left, galley.size()).min;
        cased_galley(&painter, min, &galley, t.text, t.map);
    }
}

/// Paints the markers of a layer, all of a kind at once. Their middles on the map, and how far they reach.
fn paint_markers(
    ui: &Ui,
    painter: &Painter,
    rect: Rect,
    view: &MapView,
    annotated: &labels::Annotated<'_>,
) -> (Vec<[f32; 2]>, Option<f32>) {
    let style = annotated.style;
    let pictures: Vec<Option<egui::TextureHandle>> = (0..style.symbol_count())
        .map(|number| {
            let symbol = style.symbol(number).filter(|_| style.is_visible(number))?;
            markers::picture(ui, symbol.marker.as_ref()?)
        })
        .collect();
    let points_per_px = 1.0 / ui.ctx().pixels_per_point();
    let half = |texture: &egui::TextureHandle| texture.size_vec2() * points_per_px / 2.0;
    let Some(reach) = pictures.iter().flatten().map(|texture| half(texture).x).reduce(f32::max) else {
        return (Vec::new(), None);
    };
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
    let mut middles = Vec::with_capacity(found.len());
    for (place, number) in found {
        let Some(Some((mesh, half))) = meshes.get_mut(usize::from(number)) else { continue };
        let [x, y] = at(place);
        middles.push([x, y]);
        let square = Rect::from_center_size(rect.min + egui::vec2(x, y), *half * 2.0);
        mesh.add_rect_with_uv(square, markers::WHOLE, Color32::WHITE);
    }
    for (mesh, _) in meshes.into_iter().flatten().filter(|(mesh, _)| !mesh.is_empty()) {
        painter.add(mesh);
    }
    (middles, Some(reach))
}

/// Text with a casing at a place of the map.
pub fn cased(ui: &Ui, rect: Rect, pos: Pos2, align: Align2, text: &str) {
    let t = tokens(ui);
    let painter = ui.painter_at(rect);
    let galley = painter.layout_no_wrap(text.to_owned(), theme::font::note(), t.text);
    cased_galley(&painter, align.anchor_size(pos, galley.size()).min, &galley, t.text, t.map);
}

fn cased_galley(painter: &Painter, min: Pos2, galley: &Arc<Galley>, color: Color32, casing: Color32) {
    let faint = casing.gamma_multiply(0.85);
    let around = [(-1.4, 0.0), (1.4, 0.0), (0.0, -1.4), (0.0, 1.4), (-1.0, -1.0), (1.0, -1.0), (-1.0, 1.0), (1.0, 1.0)];
    for (dx, dy) in around {
        painter.galley_with_override_text_color(min + egui::vec2(dx, dy), galley.clone(), faint);
    }
    painter.galley_with_override_text_color(min, galley.clone(), color);
}
