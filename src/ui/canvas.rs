//! The map: layers as a picture, made by the GPU or the CPU, and what is drawn over it.
//!
//! Each frame shows the last picture moved and scaled to the present view; a better one replaces it when it is ready.
//! A picture is made at once where that takes less than a frame, else when the map has come to rest. Everything here
//! can be made again from the session.

use std::sync::Arc;
use std::time::{Duration, Instant};

use eframe::egui::{self, Color32, Rect, Response, Sense, Ui};
use rustc_hash::FxHashMap;

use super::command::Command;
use super::drawings;
use super::gpu::{BlockStates, CanvasColors, DrawLayer, HIDDEN, LayerPaint, MapRenderer, Picture, SELECTED};
use super::labels;
use super::prepare::Prepared;
use super::software::SoftwareMap;
use super::state::Session;
use super::theme::tokens;
use crate::model::style::LayerStyle;
use crate::model::{Coord, GeometryKind, LayerId, Revision};
use crate::render::MapView;
use crate::render::view::GridLines;
use crate::scenario::Entry;

/// A picture that takes longer than this is not made anew while the map moves.
const SLOW: Duration = Duration::from_millis(24);

/// Time without movement after which a slow picture is made.
const AT_REST: Duration = Duration::from_millis(80);

/// What the map keeps between frames.
pub struct Canvas {
    painter: Painter,
    drawn: FxHashMap<LayerId, Drawn>,
    view: Option<MapView>,
    view_since: Instant,
}

/// Who makes the picture.
enum Painter {
    Gpu(Box<GpuMap>),
    Cpu(Box<SoftwareMap>),
}

struct GpuMap {
    renderer: MapRenderer,
    picture: Option<Picture>,
    key: Option<PictureKey>,
    cost: Duration,
}

/// What a picture was made from.
#[derive(PartialEq)]
struct PictureKey {
    view: MapView,
    layers: Vec<(LayerId, u64, usize, Vec<u64>)>,
    colors: CanvasColors,
    px_per_point: f32,
}

/// What a layer's paint and states were made from, and these.
struct Drawn {
    prepared: Arc<Prepared>,
    style: LayerStyle,
    paint: Arc<LayerPaint>,
    symbols: Arc<Vec<u16>>,
    selection: Revision,
    states: Vec<Arc<BlockStates>>,
}

impl Canvas {
    /// The map of a window: drawn by its GPU, painted by the CPU where it has none or `software` asks for it.
    pub fn new(cc: &eframe::CreationContext<'_>, software: bool) -> Self {
        let painter = match &cc.wgpu_render_state {
            Some(state) if !software => Painter::Gpu(Box::new(GpuMap {
                renderer: MapRenderer::new(state),
                picture: None,
                key: None,
                cost: Duration::ZERO,
            })),
            _ => Painter::Cpu(Box::default()),
        };
        Self { painter, drawn: FxHashMap::default(), view: None, view_since: Instant::now() }
    }

    /// Name of the adapter that draws the map; `None` where the CPU paints it.
    pub fn adapter_name(&self) -> Option<String> {
        match &self.painter {
            Painter::Gpu(gpu) => Some(gpu.renderer.adapter_name()),
            Painter::Cpu(_) => None,
        }
    }

    /// Draws the map into all the room that is left, and tells its size.
    pub fn ui(&mut self, ui: &mut Ui, session: &Session, commands: &mut Vec<Command>) -> Response {
        let (rect, response) = ui.allocate_exact_size(ui.available_size(), Sense::click_and_drag());
        response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Canvas, true, session.tr("canvas.map")));
        let size_px = [f64::from(rect.width()).max(1.0), f64::from(rect.height()).max(1.0)];
        if session.view.size_px != size_px {
            commands.push(Command::SetMapSize(size_px));
        }
        let view = session.view.resized(size_px);
        if self.view != Some(view) {
            self.view = Some(view);
            self.view_since = Instant::now();
        }
        ui.painter_at(rect).rect_filled(rect, 0.0, tokens(ui).map);
        if !session.workspace.is_empty() {
            self.picture(ui, rect, &view, session);
            if session.settings.grid {
                grid(ui, rect, &view, session);
            }
            drawings::outlines(ui, rect, &view, session);
            labels::ui(ui, rect, &view, session);
        }
        response
    }

    fn picture(&mut self, ui: &Ui, rect: Rect, view: &MapView, session: &Session) {
        let at_rest = self.view_since.elapsed() >= AT_REST;
        match &mut self.painter {
            Painter::Gpu(gpu) => {
                let layers = draw_layers(&mut self.drawn, session);
                gpu.show(ui, rect, view, &layers, at_rest);
            }
            Painter::Cpu(map) => map.ui(ui, rect, view, session, at_rest),
        }
        if !at_rest {
            ui.ctx().request_repaint_after(AT_REST);
        }
    }
}

impl GpuMap {
    fn show(&mut self, ui: &Ui, rect: Rect, view: &MapView, layers: &[DrawLayer], at_rest: bool) {
        let px_per_point = ui.ctx().pixels_per_point();
        let waiting = self.renderer.upload(layers);
        let layer_key = |layer: &DrawLayer| {
            let states = layer.states.iter().map(|states| states.revision).collect();
            (layer.id, layer.paint.revision, Arc::as_ptr(&layer.meshes) as usize, states)
        };
        let key = PictureKey {
            view: *view,
            layers: layers.iter().map(layer_key).collect(),
            colors: canvas_colors(ui),
            px_per_point,
        };
        let stale = waiting || self.key.as_ref() != Some(&key);
        if stale && (self.picture.is_none() || self.cost <= SLOW || at_rest) {
            let started = Instant::now();
            self.picture = Some(self.renderer.draw(view, px_per_point, layers, &key.colors));
            self.cost = self.renderer.wait(started);
            self.key = (!waiting).then_some(key);
        }
        if waiting {
            ui.ctx().request_repaint();
        }
        if let Some(picture) = &self.picture {
            paint_moved(ui, rect, view, &picture.view, picture.texture);
        }
    }
}

/// Paints a picture of `from` where it lies in `view`.
pub fn paint_moved(ui: &Ui, rect: Rect, view: &MapView, from: &MapView, texture: egui::TextureId) {
    let extent = from.extent();
    let corner = |c: Coord| {
        let [x, y] = view.screen_from_world(c);
        rect.min + egui::vec2(x as f32, y as f32)
    };
    let whole = Rect::from_min_max(egui::pos2(0.0, 0.0), egui::pos2(1.0, 1.0));
    // An unmoved picture goes to whole pixels: no blur.
    let target = if from == view {
        rect
    } else {
        let top_left = corner(Coord { x: extent.min.x, y: extent.max.y });
        Rect::from_min_max(top_left, corner(Coord { x: extent.max.x, y: extent.min.y }))
    };
    ui.painter_at(rect).image(texture, target, whole, Color32::WHITE);
}

fn canvas_colors(ui: &Ui) -> CanvasColors {
    let t = tokens(ui);
    CanvasColors {
        ground: t.map,
        accent: t.accent,
        casing: t.casing,
        fill_strength: if ui.visuals().dark_mode { DARK_FILL } else { 1.0 },
    }
}

/// Share of their strength that land-use fills keep in the dark theme.
pub const DARK_FILL: f32 = 0.82;

/// What is drawn, bottom to top.
fn draw_layers(drawn: &mut FxHashMap<LayerId, Drawn>, session: &Session) -> Vec<DrawLayer> {
    drawn.retain(|layer, _| session.workspace.entry(*layer).is_some());
    let mut layers = Vec::new();
    for entry in session.workspace.drawn() {
        let (Some(prepared), Some(symbols)) = (session.prepared(entry.id()), session.derived.symbols(entry.id()))
        else {
            continue;
        };
        let known = drawn.remove(&entry.id()).filter(|known| Arc::ptr_eq(&known.prepared, prepared));
        let now = match known {
            Some(known) => known.updated(entry, symbols, session),
            None => Drawn::new(entry, prepared, symbols, session),
        };
        layers.push(DrawLayer {
            id: entry.id(),
            meshes: prepared.meshes.clone(),
            states: now.states.clone(),
            paint: now.paint.clone(),
        });
        drawn.insert(entry.id(), now);
    }
    layers
}

impl Drawn {
    fn new(entry: &Entry, prepared: &Arc<Prepared>, symbols: &Arc<Vec<u16>>, session: &Session) -> Self {
        Self {
            prepared: prepared.clone(),
            style: entry.style.clone(),
            paint: paint(entry, prepared),
            symbols: symbols.clone(),
            selection: session.selection.revision,
            states: states(entry, prepared, symbols, session, &[]),
        }
    }

    /// The same, with whatever changed since made anew.
    fn updated(mut self, entry: &Entry, symbols: &Arc<Vec<u16>>, session: &Session) -> Self {
        let restyled = self.style != entry.style;
        if restyled {
            self.paint = paint(entry, &self.prepared);
            self.style = entry.style.clone();
        }
        let selection = session.selection.revision;
        if restyled || !Arc::ptr_eq(&self.symbols, symbols) || self.selection != selection {
            self.states = states(entry, &self.prepared, symbols, session, &self.states);
            self.symbols = symbols.clone();
            self.selection = selection;
        }
        self
    }
}

fn paint(entry: &Entry, prepared: &Prepared) -> Arc<LayerPaint> {
    Arc::new(LayerPaint::of_style(&entry.style, entry.layer.kind, feature_size(prepared), Revision::next().0))
}

/// Side of a square of the median feature's extent over the first block; 0 for points and lines.
pub fn feature_size(prepared: &Prepared) -> f64 {
    let Some(block) = prepared.projected.blocks.first().filter(|b| b.kind() == GeometryKind::Polygon) else {
        return 0.0;
    };
    let step = block.feature_count().div_ceil(1000).max(1);
    let extents = (0..block.feature_count()).step_by(step).map(|row| block.feature_extent(row));
    let mut sizes: Vec<f64> = extents.filter(|e| !e.is_empty()).map(|e| (e.width() * e.height()).sqrt()).collect();
    if sizes.is_empty() {
        return 0.0;
    }
    let middle = sizes.len() / 2;
    *sizes.select_nth_unstable_by(middle, f64::total_cmp).1
}

/// One texel a feature; blocks whose texels are those of `old` keep their revision.
fn states(
    entry: &Entry,
    prepared: &Prepared,
    symbols: &[u16],
    session: &Session,
    old: &[Arc<BlockStates>],
) -> Vec<Arc<BlockStates>> {
    let visible: Vec<bool> = (0..entry.style.symbol_count()).map(|i| entry.style.is_visible(i)).collect();
    let rows = session.selection.rows(entry.id());
    let texel = |feature: usize| {
        let symbol = symbols.get(feature).copied().unwrap_or(0).min(SELECTED - 1);
        if !visible.get(usize::from(symbol)).copied().unwrap_or(true) {
            symbol | HIDDEN
        } else if rows.is_some_and(|rows| rows.contains(feature)) {
            symbol | SELECTED
        } else {
            symbol
        }
    };
    let blocks = prepared.starts.windows(2).enumerate();
    blocks
        .map(|(i, range)| {
            let texels: Vec<u16> = (range[0]..range[1]).map(texel).collect();
            match old.get(i) {
                Some(known) if known.texels == texels => known.clone(),
                _ => Arc::new(BlockStates { texels, revision: Revision::next().0 }),
            }
        })
        .collect()
}

/// Lines of the project CRS at round coordinates, with their numbers at the border.
fn grid(ui: &Ui, rect: Rect, view: &MapView, session: &Session) {
    let t = tokens(ui);
    let stroke = egui::Stroke::new(1.0, t.text.gamma_multiply(0.2));
    let painter = ui.painter_at(rect);
    let lines = GridLines::of(view, 130.0);
    let geographic = session.workspace.crs.as_ref().is_some_and(crate::crs::Crs::is_geographic);
    let number = |value: f64| {
        let text = crate::units::format_number(value, lines.decimals);
        if geographic { format!("{text}°") } else { text }
    };
    let room = rect.shrink2(egui::vec2(56.0, 0.0));
    for x in &lines.x {
        let at = rect.left() + view.screen_from_world(Coord { x: *x, y: view.center.y })[0] as f32;
        painter.vline(at, rect.y_range(), stroke);
        if room.x_range().contains(at) {
            labels::cased(ui, rect, egui::pos2(at + 3.0, rect.top() + 4.0), egui::Align2::LEFT_TOP, &number(*x));
        }
    }
    for y in &lines.y {
        let at = rect.top() + view.screen_from_world(Coord { x: view.center.x, y: *y })[1] as f32;
        painter.hline(rect.x_range(), at, stroke);
        labels::cased(ui, rect, egui::pos2(rect.right() - 6.0, at - 2.0), egui::Align2::RIGHT_BOTTOM, &number(*y));
    }
}
