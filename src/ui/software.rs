//! The map painted by the CPU in the background, for windows without a usable GPU.

use std::sync::Arc;

use eframe::egui::{self, Rect, Ui};

use super::canvas::{DARK_FILL, feature_size, paint_moved};
use super::prepare::Prepared;
use super::scene::SceneLayer;
use super::theme::{Tokens, tokens};
use crate::model::style::{Color, LayerStyle};
use crate::model::{LayerId, Revision};
use crate::render::MapView;
use crate::render::raster::{PaintColors, PaintLayer, paint};
use crate::task::{Poll, Task};

/// The picture and the work on the next one.
#[derive(Default)]
pub struct SoftwareMap {
    picture: Option<(MapView, egui::TextureHandle)>,
    wanted: Option<Key>,
    made: Option<Key>,
    task: Option<(Key, Task<Option<egui::ColorImage>>)>,
}

#[derive(Clone, PartialEq)]
struct Key {
    view: MapView,
    layers: Vec<(LayerId, usize, LayerStyle, usize)>,
    selection: Revision,
    dark: bool,
    px_per_point: f32,
}

/// A layer's part in a picture, owned by the thread that paints it.
struct Owned {
    prepared: Arc<Prepared>,
    style: LayerStyle,
    symbols: Arc<Vec<u16>>,
    selected: Vec<usize>,
    feature_size: f64,
}

impl SoftwareMap {
    /// Shows the last picture moved to `view`, and starts on a new one when that differs and the map is at rest.
    /// `selection` is what the selected rows of `layers` are of.
    pub fn ui(
        &mut self,
        ui: &Ui,
        rect: Rect,
        view: &MapView,
        layers: &[SceneLayer<'_>],
        selection: Revision,
        at_rest: bool,
    ) {
        self.take_result(ui);
        let key = key(ui, view, layers, selection);
        if self.made.as_ref() != Some(&key) {
            // What no longer serves is cancelled; while the map moves the last picture has to do.
            if self.task.as_ref().is_some_and(|(at_work, _)| *at_work != key) && at_rest {
                self.task = None;
            }
            if self.task.is_none() && (at_rest || self.picture.is_none()) {
                self.task = Some((key.clone(), start(ui, &key, layers)));
            }
        }
        self.wanted = Some(key);
        if let Some((from, texture)) = &self.picture {
            paint_moved(ui, rect, view, from, texture.id());
        }
    }

    fn take_result(&mut self, ui: &Ui) {
        let Some((key, task)) = self.task.take() else { return };
        match task.poll() {
            Poll::Running => self.task = Some((key, task)),
            Poll::Done(Some(image)) => {
                let texture = ui.ctx().load_texture("map", image, egui::TextureOptions::LINEAR);
                self.picture = Some((key.view, texture));
                self.made = Some(key);
            }
            Poll::Done(None) | Poll::Lost => {}
        }
    }
}

fn key(ui: &Ui, view: &MapView, layers: &[SceneLayer<'_>], selection: Revision) -> Key {
    let layer = |layer: &SceneLayer<'_>| {
        let (prepared, symbols) = (Arc::as_ptr(layer.prepared) as usize, Arc::as_ptr(layer.symbols) as usize);
        (layer.id, prepared, style(layer), symbols)
    };
    Key {
        view: *view,
        layers: layers.iter().map(layer).collect(),
        selection,
        dark: ui.visuals().dark_mode,
        px_per_point: ui.ctx().pixels_per_point(),
    }
}

/// The style of a layer at its strength.
fn style(layer: &SceneLayer<'_>) -> LayerStyle {
    LayerStyle { opacity: layer.style.opacity * layer.strength, ..layer.style.clone() }
}

fn start(ui: &Ui, key: &Key, layers: &[SceneLayer<'_>]) -> Task<Option<egui::ColorImage>> {
    let owned: Vec<Owned> = layers
        .iter()
        .map(|layer| Owned {
            feature_size: feature_size(layer.prepared),
            prepared: layer.prepared.clone(),
            style: style(layer),
            symbols: layer.symbols.clone(),
            selected: layer.selected.map(|rows| rows.iter().collect()).unwrap_or_default(),
        })
        .collect();
    let (view, scale) = (key.view, key.px_per_point);
    let colors = paint_colors(tokens(ui), key.dark);
    let ctx = ui.ctx().clone();
    let work = move |progress: &crate::task::Progress| {
        let layers: Vec<PaintLayer<'_>> = owned
            .iter()
            .map(|o| PaintLayer {
                blocks: &o.prepared.projected.blocks,
                starts: &o.prepared.starts,
                index: &o.prepared.index,
                style: &o.style,
                symbols: &o.symbols,
                feature_size: o.feature_size,
                selected: &o.selected,
                labels: &[],
                markers: false,
            })
            .collect();
        let pixmap = paint(&view, scale, &layers, &colors, None, progress).ok()?; // cancelled: no picture
        let size = [pixmap.width() as usize, pixmap.height() as usize];
        Some(egui::ColorImage::from_rgba_premultiplied(size, pixmap.data()))
    };
    Task::spawn("paint map", work, move || ctx.request_repaint())
}

/// The painter's colours in the theme of the window.
pub fn paint_colors(t: &Tokens, dark: bool) -> PaintColors {
    let color = |c: egui::Color32| {
        let [r, g, b, a] = c.to_srgba_unmultiplied();
        Color { r, g, b, a }
    };
    PaintColors {
        ground: color(t.map),
        text: color(t.text),
        accent: color(t.accent),
        casing: color(t.casing),
        fill_strength: if dark { DARK_FILL } else { 1.0 },
    }
}
