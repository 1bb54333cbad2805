//! The map: layers as a picture, made by the GPU or the CPU, and what is drawn over it.
//!
//! Each frame shows the last picture moved and scaled to the present view; a better one replaces it when it is ready.
//! A picture is made at once where that takes less than a frame, else when the map has come to rest. Everything here
//! can be made again from the session.

use std::sync::Arc;
use std::time::{Duration, Instant};

use eframe::egui::{self, Color32, Rect, Response, Sense, Ui};
use eframe::egui_wgpu::RenderState;
use rustc_hash::FxHashMap;

use super::command::Command;
use super::drawings;
use super::gpu::{BlockStates, CanvasColors, DrawLayer, HIDDEN, LayerPaint, MapRenderer, Picture, SELECTED};
use super::grids::Grids;
use super::labels;
use super::prepare::Prepared;
use super::scene::{self, SceneLayer};
use super::software::SoftwareMap;
use super::state::Session;
use super::theme::tokens;
use super::two_states::{self, Seeing};
use crate::model::style::LayerStyle;
use crate::model::{Coord, GeometryKind, LayerId, Revision};
use crate::render::MapView;

/// A picture that takes longer than this is not made anew while the map moves.
const SLOW: Duration = Duration::from_millis(24);

/// Time without movement after which a slow picture is made.
const AT_REST: Duration = Duration::from_millis(80);

/// What the map keeps between frames.
pub struct Canvas {
    painter: Painter,
    /// What other painters are made of.
    gpu: Option<RenderState>,
    /// Painters of other states.
    others: Vec<Painter>,
    grids: Grids,
    view: Option<MapView>,
    view_since: Instant,
}

/// Who makes a picture.
enum Painter {
    Gpu(Box<GpuMap>),
    Cpu(Box<SoftwareMap>),
}

struct GpuMap {
    renderer: MapRenderer,
    drawn: FxHashMap<LayerId, Drawn>,
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
    strength: f32,
    symbols: Arc<Vec<u16>>,
    selection: Revision,
    states: Vec<Arc<BlockStates>>,
}

impl Canvas {
    /// The map of a window: drawn by its GPU, painted by the CPU where it has none or `software` asks for it.
    pub fn new(cc: &eframe::CreationContext<'_>, software: bool) -> Self {
        let gpu = cc.wgpu_render_state.clone().filter(|_| !software);
        Self {
            painter: Painter::new(gpu.as_ref()),
            gpu,
            others: Vec::new(),
            grids: Grids::default(),
            view: None,
            view_since: Instant::now(),
        }
    }

    /// Name of the adapter that draws the map; `None` where the CPU paints it.
    pub fn adapter_name(&self) -> Option<String> {
        match &self.painter {
            Painter::Gpu(gpu) => Some(gpu.renderer.adapter_name()),
            Painter::Cpu(_) => None,
        }
    }

    /// Draws the map into all the room that is left: that of the tab's state first, others as the user wants to see them.
    pub fn ui(&mut self, ui: &mut Ui, session: &Session, commands: &mut Vec<Command>) -> Maps {
        let room = ui.available_rect_before_wrap();
        let states = two_states::others(session);
        self.others.truncate(states.len());
        self.others.resize_with(states.len(), || Painter::new(self.gpu.as_ref()));
        let linked = matches!(session.seeing, Seeing::Linked { .. }) && !session.peeking;
        let panes = two_states::panes(room, if linked { 1 + states.len() } else { 1 });
        ui.allocate_rect(room, Sense::hover());

        let rect = panes[0];
        let response = map_response(ui, rect, 0, session.tr("canvas.map"));
        let size_px = [f64::from(rect.width()).max(1.0), f64::from(rect.height()).max(1.0)];
        if session.view.size_px != size_px {
            commands.push(Command::SetMapSize(size_px));
        }
        let view = session.view.resized(size_px);
        if self.view != Some(view) {
            self.view = Some(view);
            self.view_since = Instant::now();
        }
        let at_rest = self.view_since.elapsed() >= AT_REST;
        if !at_rest && !session.workspace.is_empty() {
            ui.ctx().request_repaint_after(AT_REST);
        }
        ui.painter_at(room).rect_filled(room, 0.0, tokens(ui).map);
        let selection = session.selection.revision;
        let mut linked_maps = Vec::new();
        if !session.workspace.is_empty() {
            let peeking = session.peeking && !states.is_empty();
            if !peeking {
                self.painter.ui(ui, rect, &view, &scene::shown(session), selection, at_rest);
            }
            for (nth, (state, painter)) in states.iter().zip(&mut self.others).enumerate() {
                let scene = scene::in_state(session, *state);
                let (place, seen) = match session.seeing {
                    _ if peeking => (rect, rect),
                    Seeing::Swipe { level, at } => (rect, two_states::swiped(rect, level, at).0),
                    _ => (panes[nth + 1], panes[nth + 1]),
                };
                let mut part = ui.new_child(egui::UiBuilder::new().id_salt(("state", nth)).max_rect(place));
                part.shrink_clip_rect(seen);
                part.painter().rect_filled(seen, 0.0, tokens(ui).map);
                painter.ui(&part, place, &view, &scene, selection, at_rest);
                if linked {
                    let name = two_states::name(ui, session, *state).0;
                    linked_maps.push(map_response(ui, place, nth + 1, &name));
                }
            }
            self.grids.ui(ui, rect, &view, session);
            drawings::outlines(ui, rect, &view, session);
            labels::ui(ui, rect, &view, session);
            two_states::plates(ui, &panes, &states, session, commands);
        }
        Maps { main: response, linked: linked_maps }
    }
}

/// The maps of a frame.
pub struct Maps {
    /// The one of the tab's state, in which tools work.
    pub main: Response,
    /// Those of other states beside it, which only move.
    pub linked: Vec<Response>,
}

fn map_response(ui: &Ui, rect: Rect, nth: usize, name: &str) -> Response {
    let response = ui.interact(rect, ui.scope_id().with(("map", nth)), Sense::click_and_drag());
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Canvas, true, name));
    response
}

impl Painter {
    fn new(gpu: Option<&RenderState>) -> Self {
        match gpu {
            Some(state) => Self::Gpu(Box::new(GpuMap {
                renderer: MapRenderer::new(state),
                drawn: FxHashMap::default(),
                picture: None,
                key: None,
                cost: Duration::ZERO,
            })),
            None => Self::Cpu(Box::default()),
        }
    }

    /// Shows the picture of `layers`, and makes a new one when it is due. `selection` is what their selected rows are of.
    fn ui(
        &mut self,
        ui: &Ui,
        rect: Rect,
        view: &MapView,
        layers: &[SceneLayer<'_>],
        selection: Revision,
        at_rest: bool,
    ) {
        match self {
            Self::Gpu(gpu) => {
                let layers = draw_layers(&mut gpu.drawn, layers, selection);
                gpu.show(ui, rect, view, &layers, at_rest);
            }
            Self::Cpu(map) => map.ui(ui, rect, view, layers, selection, at_rest),
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
fn draw_layers(drawn: &mut FxHashMap<LayerId, Drawn>, scene: &[SceneLayer<'_>], selection: Revision) -> Vec<DrawLayer> {
    let mut known: FxHashMap<LayerId, Drawn> = std::mem::take(drawn);
    let layers = scene.iter().map(|layer| {
        let now = match known.remove(&layer.id).filter(|known| Arc::ptr_eq(&known.prepared, layer.prepared)) {
            Some(known) => known.updated(layer, selection),
            None => Drawn::new(layer, selection),
        };
        let (states, paint) = (now.states.clone(), now.paint.clone());
        drawn.insert(layer.id, now);
        DrawLayer { id: layer.id, meshes: layer.prepared.meshes.clone(), states, paint }
    });
    layers.collect()
}

impl Drawn {
    fn new(layer: &SceneLayer<'_>, selection: Revision) -> Self {
        Self {
            prepared: layer.prepared.clone(),
            style: layer.style.clone(),
            paint: paint(layer),
            strength: layer.strength,
            symbols: layer.symbols.clone(),
            selection,
            states: states(layer, &[]),
        }
    }

    /// The same, with whatever changed since made anew.
    fn updated(mut self, layer: &SceneLayer<'_>, selection: Revision) -> Self {
        let restyled = self.style != *layer.style;
        if restyled || self.strength != layer.strength {
            self.paint = paint(layer);
            self.strength = layer.strength;
            self.style = layer.style.clone();
        }
        if restyled || !Arc::ptr_eq(&self.symbols, layer.symbols) || self.selection != selection {
            self.states = states(layer, &self.states);
            self.symbols = layer.symbols.clone();
            self.selection = selection;
        }
        self
    }
}

fn paint(layer: &SceneLayer<'_>) -> Arc<LayerPaint> {
    let size = feature_size(layer.prepared);
    let paint = LayerPaint::of_style(layer.style, layer.kind, size, Revision::next().0);
    Arc::new(LayerPaint { opacity: paint.opacity * layer.strength, ..paint })
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
fn states(layer: &SceneLayer<'_>, old: &[Arc<BlockStates>]) -> Vec<Arc<BlockStates>> {
    let visible: Vec<bool> = (0..layer.style.symbol_count()).map(|i| layer.style.is_visible(i)).collect();
    let texel = |feature: usize| {
        let symbol = layer.symbols.get(feature).copied().unwrap_or(0).min(SELECTED - 1);
        if !visible.get(usize::from(symbol)).copied().unwrap_or(true) {
            symbol | HIDDEN
        } else if layer.selected.is_some_and(|rows| rows.contains(feature)) {
            symbol | SELECTED
        } else {
            symbol
        }
    };
    let blocks = layer.prepared.starts.windows(2).enumerate();
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
