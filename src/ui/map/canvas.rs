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

use crate::model::style::LayerStyle;
use crate::model::{Coord, LayerId, Revision};
use crate::render::MapView;
use crate::render::colors::{PaintColors, quieted};
use crate::render::prepared::Prepared;
use crate::scenario::{ScenarioId, Seeing};
use crate::text::Message;
use crate::ui::look::swatch::paint_colors;
use crate::ui::look::theme::tokens;
use crate::ui::map::arriving::Sketches;
use crate::ui::map::beneath::Beneath;
use crate::ui::map::drawings;
use crate::ui::map::fault_marks::FaultMarks;
use crate::ui::map::gpu::{
    CanvasColors, DrawLayer, HIDDEN, LayerPaint, LayerStates, MapRenderer, Mesher, Picture, SELECTED,
};
use crate::ui::map::grids::Grids;
use crate::ui::map::labels::{MapLabels, Room};
use crate::ui::map::quiet::{Fade, Glide};
use crate::ui::map::scene::{self, MapFrame, MapLayer};
use crate::ui::map::software::{Ground, Painting, SoftwareMap};
use crate::ui::map::tools;
use crate::ui::session::Session;
use crate::ui::session::command::Command;
use crate::ui::session::command::view::ViewCommand;
use crate::ui::work::{arriving, two_states};

/// A picture that takes longer than this is not made anew while the map moves.
const SLOW: Duration = Duration::from_millis(24);

/// Time that the last picture stays, moved, while parts of the next are missing.
const PATIENCE: Duration = Duration::from_millis(150);

/// Time without movement after which the map is at rest: a frame of a screen, and a little.
const AT_REST: Duration = Duration::from_millis(20);

/// Who makes the pictures of the map.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Maker {
    /// The GPU where there is a real one, else the CPU: a GPU that is itself a program of the CPU draws slower than a
    /// painter made for maps, and its pictures would hold up the window's frames.
    #[default]
    Best,
    /// Whatever GPU there is.
    Gpu,
    /// The CPU.
    Cpu,
}

/// What the map shows and holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MapFigures {
    /// Whether the picture is that of the present view and state.
    pub settled: bool,
    /// Whether the picture shows any layer.
    pub shows_layers: bool,
    /// Vertices that the GPU took for the last picture, each once a pass.
    pub vertices_drawn: usize,
    /// Vertices in the GPU's memory.
    pub vertices_held: usize,
    /// Bytes of the GPU's memory that layers take.
    pub gpu_bytes: usize,
}

/// What the map keeps between frames.
pub struct Canvas {
    painter: Painter,
    /// What other painters are made of.
    gpu: Option<RenderState>,
    /// Painters of other states.
    others: Vec<Painter>,
    sketches: Sketches,
    grids: Grids,
    faults: FaultMarks,
    /// Labels of the map of the tab's state, then of the others.
    labels: Vec<MapLabels>,
    glide: Glide,
    /// What the map of the tab shows: which scenario, whether pieces of a change, whether for a look only.
    shown: Option<(Option<ScenarioId>, bool, bool)>,
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
    mesher: Mesher,
    /// Pictures of layers whose features are too small to be drawn.
    paintings: FxHashMap<LayerId, Painting>,
    drawn: FxHashMap<LayerId, Drawn>,
    /// What lies beneath the layers, where there are images.
    images: Option<Beneath>,
    picture: Option<Picture>,
    key: Option<PictureKey>,
    cost: Duration,
    settled: bool,
    /// Counts what came to the GPU.
    arrivals: u64,
    /// Since when something is missing that the view shows.
    incomplete: Option<Instant>,
    fade: Fade<egui::TextureId>,
}

/// What a picture was made from.
#[derive(PartialEq)]
struct PictureKey {
    view: MapView,
    layers: Vec<(LayerId, u64, u64)>,
    arrivals: u64,
    colors: CanvasColors,
    px_per_point: f32,
}

/// What a layer's paint and states were made from, and these.
struct Drawn {
    prepared: Arc<Prepared>,
    style: LayerStyle,
    paint: Arc<LayerPaint>,
    tone: Tone,
    strength: f32,
    symbols: Arc<Vec<u16>>,
    selection: Revision,
    states: Arc<LayerStates>,
}

impl Canvas {
    /// The map of a window.
    pub fn new(cc: &eframe::CreationContext<'_>, maker: Maker) -> Self {
        let gpu = cc.wgpu_render_state.clone().filter(|state| match maker {
            Maker::Best => state.adapter.get_info().device_type != eframe::wgpu::DeviceType::Cpu,
            Maker::Gpu => true,
            Maker::Cpu => false,
        });
        Self {
            painter: Painter::new(gpu.as_ref()),
            gpu,
            others: Vec::new(),
            sketches: Sketches::default(),
            grids: Grids::default(),
            faults: FaultMarks::default(),
            labels: Vec::new(),
            glide: Glide::default(),
            shown: None,
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

    /// What the map of the tab's state shows and holds.
    pub fn figures(&self) -> MapFigures {
        match &self.painter {
            Painter::Gpu(gpu) => gpu.figures(),
            Painter::Cpu(map) => map.figures(),
        }
    }

    /// Draws the map into all the room that is left: that of the tab's state first, others as the user wants to see
    /// them.
    pub fn ui(&mut self, ui: &mut Ui, session: &Session, commands: &mut Vec<Command>) -> Maps {
        let room = ui.available_rect_before_wrap();
        let states = two_states::others(session);
        self.others.truncate(states.len());
        self.others.resize_with(states.len(), || Painter::new(self.gpu.as_ref()));
        self.labels.resize_with(1 + states.len(), MapLabels::default);
        let linked = matches!(session.project.seeing, Seeing::Linked { .. }) && !session.peeking;
        let panes = crate::ui::map::two_states::panes(room, if linked { 1 + states.len() } else { 1 });
        ui.allocate_rect(room, Sense::hover());

        let rect = panes[0];
        let response = map_response(ui, rect, 0, session.tr("canvas.map"), Some(said(session)));
        let size_px = [f64::from(rect.width()).max(1.0), f64::from(rect.height()).max(1.0)];
        if session.view.size_px != size_px {
            commands.push(Command::View(ViewCommand::SetMapSize(size_px)));
        }
        let (now, quiet) = (ui.input(|input| input.time), session.settings.transitions);
        let view = self.glide.view(session.view.resized(size_px), now, quiet);
        if self.glide.is_moving() {
            ui.ctx().request_repaint();
        }
        let shown = (session.workspace.scenarios.shown(), session.compare.pieces.are_wanted(), session.peeking);
        if self.shown.replace(shown).is_some_and(|before| before != shown) && quiet {
            self.painter.turn(now);
        }
        if self.view != Some(view) {
            self.view = Some(view);
            self.view_since = Instant::now();
        }
        for painter in std::iter::once(&mut self.painter).chain(&mut self.others) {
            if let Painter::Gpu(gpu) = painter {
                gpu.renderer.set_budget(session.settings.map_memory_mb << 20);
            }
        }
        let until_rest = AT_REST.saturating_sub(self.view_since.elapsed());
        let at_rest = until_rest.is_zero();
        if !at_rest && !session.workspace.is_bare() {
            ui.ctx().request_repaint_after(until_rest);
        }
        let alone = arriving::is_alone(session);
        if linked || alone || session.workspace.is_bare() {
            ui.painter_at(room).rect_filled(room, 0.0, tokens(ui).map);
        }
        let (selection, images) = (session.project.selection.revision, &session.project.images[..]);
        let mut linked_maps = Vec::new();
        if alone {
            self.sketches.ui(ui, rect, &view, session, true);
        } else if !session.workspace.is_bare() {
            let peeking = session.peeking && !states.is_empty();
            if !peeking {
                let layers = scene::shown(session);
                self.painter.ui(ui, rect, &MapFrame { view: &view, images, layers: &layers, selection, at_rest });
            }
            for (nth, (state, painter)) in states.iter().zip(&mut self.others).enumerate() {
                let layers = scene::in_state(session, *state);
                let (place, seen) = match session.project.seeing {
                    _ if peeking => (rect, rect),
                    Seeing::Swipe { level, at } => (rect, crate::ui::map::two_states::swiped(rect, level, at).0),
                    _ => (panes[nth + 1], panes[nth + 1]),
                };
                let mut part = ui.new_child(egui::UiBuilder::new().id_salt(("state", nth)).max_rect(place));
                part.shrink_clip_rect(seen);
                painter.ui(&part, place, &MapFrame { view: &view, images, layers: &layers, selection, at_rest });
                if linked {
                    let name = crate::ui::map::two_states::name(ui, &session.workspace, session.language(), *state).0;
                    linked_maps.push(map_response(ui, place, nth + 1, &name, None));
                    let room = Room { rect: place, seen, cards: &[] };
                    self.labels[nth + 1].ui(ui, &room, &view, session, *state);
                }
            }
            let settled = self.figures().settled;
            self.sketches.ui(ui, rect, &view, session, settled);
            self.grids.ui(ui, rect, &view, session);
            drawings::outlines(ui, rect, &view, session);
            self.faults.ui(ui, rect, &view, session);
            let state = states.first().copied().filter(|_| peeking);
            let mut seen = rect;
            let cards = &tools::cards(rect);
            if let (Seeing::Swipe { level, at }, None, false) = (session.project.seeing, state, states.is_empty()) {
                // Each side of the line has the labels of its own state.
                let (of_other, _) = crate::ui::map::two_states::swiped(rect, level, at);
                seen = if level { rect.with_min_y(of_other.bottom()) } else { rect.with_min_x(of_other.right()) };
                for (labels, state) in self.labels.iter_mut().skip(1).zip(&states) {
                    labels.ui(ui, &Room { rect, seen: of_other, cards }, &view, session, *state);
                }
            }
            let which = usize::from(state.is_some());
            let shown = state.unwrap_or(session.workspace.scenarios.shown());
            self.labels[which].ui(ui, &Room { rect, seen, cards }, &view, session, shown);
            crate::ui::map::two_states::plates(ui, &panes, &states, session, commands);
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

/// What the map shows, for those who hear it: layers, scale, what is selected.
fn said(session: &Session) -> String {
    let count = |n: usize| crate::units::format_number(n as f64, 0);
    Message::new("habits.map-said")
        .with("layers", count(session.workspace.drawn().count()))
        .with("scale", crate::units::format_number(session.scale(), 0))
        .with("n", count(session.project.selection.count()))
        .text(session.language())
}

fn map_response(ui: &Ui, rect: Rect, nth: usize, name: &str, said: Option<String>) -> Response {
    let response = ui.interact(rect, ui.scope_id().with(("map", nth)), Sense::click_and_drag());
    response.widget_info(|| egui::WidgetInfo {
        current_text_value: said.clone(),
        ..egui::WidgetInfo::labeled(egui::Role::Canvas, true, name)
    });
    response
}

impl Painter {
    fn new(gpu: Option<&RenderState>) -> Self {
        match gpu {
            Some(state) => Self::Gpu(Box::new(GpuMap {
                renderer: MapRenderer::new(state),
                mesher: Mesher::default(),
                paintings: FxHashMap::default(),
                drawn: FxHashMap::default(),
                images: None,
                picture: None,
                key: None,
                cost: Duration::ZERO,
                settled: false,
                arrivals: 0,
                incomplete: None,
                fade: Fade::default(),
            })),
            None => Self::Cpu(Box::default()),
        }
    }

    /// Another state is to be shown.
    fn turn(&mut self, now: f64) {
        match self {
            Self::Gpu(gpu) => gpu.fade.turn(now),
            Self::Cpu(map) => map.turn(now),
        }
    }

    /// Shows the picture of `frame`, and makes a new one when it is due.
    fn ui(&mut self, ui: &Ui, rect: Rect, frame: &MapFrame<'_>) {
        match self {
            Self::Gpu(gpu) => gpu.show(ui, rect, frame),
            Self::Cpu(map) => map.ui(ui, rect, frame),
        }
    }
}

impl GpuMap {
    fn figures(&self) -> MapFigures {
        let [vertices_drawn, vertices_held, gpu_bytes] = self.renderer.counts();
        let shows_layers = self.picture.is_some() && !self.drawn.is_empty();
        MapFigures { settled: self.settled, shows_layers, vertices_drawn, vertices_held, gpu_bytes }
    }

    fn show(&mut self, ui: &Ui, rect: Rect, frame: &MapFrame<'_>) {
        let MapFrame { view, at_rest, .. } = *frame;
        let ground = self.show_images(ui, rect, frame);
        let px_per_point = ui.ctx().pixels_per_point();
        let units_per_px = view.units_per_px / f64::from(px_per_point);
        let theme = paint_colors(tokens(ui), ui.visuals().dark_mode);
        let layers = draw_layers(&mut self.drawn, frame, units_per_px, &theme);
        self.renderer.update(&layers, &view.extent());
        let painted = self.paint_small(ui, frame, &layers);
        let meshed = self.mesh(ui.ctx(), view, &layers);
        // What has just come needs its states before it is drawn.
        self.renderer.update(&layers, &view.extent());
        let complete = painted && meshed;
        self.incomplete = if complete { None } else { self.incomplete.or_else(|| Some(Instant::now())) };

        let key = PictureKey {
            view: *view,
            layers: layers.iter().map(|layer| (layer.id, layer.paint.revision, layer.states.revision)).collect(),
            arrivals: self.arrivals,
            colors: canvas_colors(ui, ground),
            px_per_point,
        };
        // For a moment the last picture, moved, is better than one with holes.
        let patient = self.incomplete.is_some_and(|since| since.elapsed() < PATIENCE);
        let may_draw = self.picture.is_none() || (!patient && (self.cost <= SLOW || at_rest));
        let now = ui.input(|input| input.time);
        if self.fade.gone(now).is_some() {
            self.renderer.forget_last();
        }
        if may_draw && self.key.as_ref() != Some(&key) {
            let stays = self.key.as_ref().is_some_and(|last| last.view == key.view);
            if self.fade.is_due(now)
                && stays
                && let Some(picture) = &self.picture
            {
                self.renderer.keep_last();
                self.fade.keep(picture.view, picture.texture, now);
            }
            let started = Instant::now();
            self.picture = Some(self.renderer.draw(view, px_per_point, &layers, &key.colors));
            self.cost = self.renderer.wait(started);
            self.key = Some(key);
            self.settled = complete;
        } else {
            self.settled = complete && self.key.as_ref() == Some(&key);
        }
        if !complete {
            ui.ctx().request_repaint_after(PATIENCE);
        }
        self.settled &= self.images.as_ref().is_none_or(Beneath::is_whole);
        let picture = self.picture.as_ref().map(|picture| (&picture.view, picture.texture));
        paint_moved(ui, rect, view, picture, ground);
        if let Some((from, texture, left)) = self.fade.shown(now) {
            paint_going(ui, rect, view, (from, *texture), left);
        }
    }

    /// Shows the images beneath the layers, and says what the layers are to be drawn on.
    fn show_images(&mut self, ui: &Ui, rect: Rect, frame: &MapFrame<'_>) -> Ground {
        if frame.images.is_empty() {
            self.images = None;
            return Ground::Map;
        }
        self.images.get_or_insert_default().ui(ui, rect, frame.view, frame.images);
        Ground::Nothing
    }

    /// Has pictures painted of what is too small to be drawn; whether all are those of the present view and state.
    fn paint_small(&mut self, ui: &Ui, frame: &MapFrame<'_>, layers: &[DrawLayer]) -> bool {
        self.paintings.retain(|id, _| layers.iter().any(|layer| layer.id == *id));
        let mut settled = true;
        for (layer, small) in frame.layers.iter().zip(layers) {
            if !small.by_picture {
                continue;
            }
            let painting = self.paintings.entry(layer.id).or_default();
            let alone = MapFrame { layers: std::slice::from_ref(layer), images: &[], ..*frame };
            if let Some((of, image)) = painting.update(ui, &alone, Ground::Nothing) {
                self.renderer.set_picture(layer.id, of, image.size, image.as_raw());
                self.arrivals += 1;
            }
            settled &= painting.is_settled();
        }
        settled
    }

    /// Has chunks meshed that the view shows; whether all of them are there.
    fn mesh(&mut self, ctx: &egui::Context, view: &MapView, layers: &[DrawLayer]) -> bool {
        let drawn = |id: LayerId, prepared: &Arc<Prepared>| {
            layers.iter().any(|layer| layer.id == id && !layer.by_picture && Arc::ptr_eq(&layer.prepared, prepared))
        };
        self.mesher.forget(drawn);
        if let Some((id, prepared, meshes)) = self.mesher.take()
            && drawn(id, &prepared)
        {
            self.renderer.insert(id, meshes, view);
            self.arrivals += 1;
        }
        let mut room = self.renderer.budget();
        for layer in layers.iter().filter(|layer| !layer.by_picture) {
            let missing = self.renderer.missing(layer, view, &mut room);
            if layer.prepared.known_chunks().is_some() && missing.is_empty() {
                continue;
            }
            if !self.mesher.is_busy() {
                self.mesher.start(ctx, layer.id, &layer.prepared, &missing);
            }
            return false;
        }
        true
    }
}

/// Paints a picture of `from` where it lies in `view`, with `ground` around it.
pub fn paint_moved(ui: &Ui, rect: Rect, view: &MapView, picture: Option<(&MapView, egui::TextureId)>, ground: Ground) {
    let painter = ui.painter_at(rect);
    let bare = |rect: Rect| {
        if ground == Ground::Map {
            painter.rect_filled(rect, 0.0, tokens(ui).map);
        }
    };
    let Some((from, texture)) = picture else {
        bare(rect);
        return;
    };
    let target = place_of(rect, view, from);
    // Pictures have a ground of their own: painting it beneath them as well costs a machine without a GPU too much.
    around(rect, target).for_each(bare);
    painter.image(texture, target, WHOLE, Color32::WHITE);
}

/// Paints what is left of a picture that goes, over the one that has come.
pub fn paint_going(ui: &Ui, rect: Rect, view: &MapView, (from, texture): (&MapView, egui::TextureId), left: f32) {
    let tint = Color32::WHITE.gamma_multiply(left.clamp(0.0, 1.0));
    ui.painter_at(rect).image(texture, place_of(rect, view, from), WHOLE, tint);
    ui.ctx().request_repaint();
}

/// All of a texture.
const WHOLE: Rect = Rect { min: egui::pos2(0.0, 0.0), max: egui::pos2(1.0, 1.0) };

/// Where a picture of `from` lies in `view`, which is shown in `rect`.
fn place_of(rect: Rect, view: &MapView, from: &MapView) -> Rect {
    // An unmoved picture goes to whole pixels: no blur.
    if from == view {
        return rect;
    }
    let extent = from.extent();
    let corner = |c: Coord| {
        let [x, y] = view.screen_from_world(c);
        rect.min + egui::vec2(x as f32, y as f32)
    };
    let top_left = corner(Coord { x: extent.min.x, y: extent.max.y });
    Rect::from_min_max(top_left, corner(Coord { x: extent.max.x, y: extent.min.y }))
}

/// What of `rect` does not lie in `hole`.
fn around(rect: Rect, hole: Rect) -> impl Iterator<Item = Rect> {
    let hole = Rect { min: hole.min.clamp(rect.min, rect.max), max: hole.max.clamp(rect.min, rect.max) };
    let between = |left: f32, top: f32, right: f32, bottom: f32| {
        Rect::from_min_max(egui::pos2(left, top), egui::pos2(right, bottom))
    };
    let sides = [
        between(rect.left(), rect.top(), rect.right(), hole.top()),
        between(rect.left(), hole.bottom(), rect.right(), rect.bottom()),
        between(rect.left(), hole.top(), hole.left(), hole.bottom()),
        between(hole.right(), hole.top(), rect.right(), hole.bottom()),
    ];
    sides.into_iter().filter(|side| side.is_positive())
}

fn canvas_colors(ui: &Ui, ground: Ground) -> CanvasColors {
    let t = tokens(ui);
    CanvasColors {
        ground: t.map,
        accent: t.accent,
        casing: t.casing,
        // Symbols come as the theme draws them.
        fill_strength: 1.0,
        ground_strength: match ground {
            Ground::Map => 1.0,
            Ground::Nothing => 0.0,
        },
    }
}

/// What is drawn, bottom to top, where a pixel is `units_per_px` wide, in the colours of a theme.
fn draw_layers(
    drawn: &mut FxHashMap<LayerId, Drawn>,
    frame: &MapFrame<'_>,
    units_per_px: f64,
    theme: &PaintColors,
) -> Vec<DrawLayer> {
    let mut known: FxHashMap<LayerId, Drawn> = std::mem::take(drawn);
    let layers = frame.layers.iter().map(|layer| {
        let now = match known.remove(&layer.id).filter(|known| Arc::ptr_eq(&known.prepared, layer.prepared)) {
            Some(known) => known.updated(layer, frame, theme),
            None => Drawn::new(layer, frame, theme),
        };
        let (states, paint) = (now.states.clone(), now.paint.clone());
        drawn.insert(layer.id, now);
        let level = layer.prepared.pyramid.as_ref().and_then(|pyramid| pyramid.level(units_per_px));
        DrawLayer { id: layer.id, prepared: layer.prepared.clone(), states, paint, by_picture: level.is_some() }
    });
    layers.collect()
}

impl Drawn {
    fn new(layer: &MapLayer<'_>, frame: &MapFrame<'_>, theme: &PaintColors) -> Self {
        let tone = Tone::of(layer, frame, theme);
        Self {
            prepared: layer.prepared.clone(),
            style: layer.style.clone(),
            paint: paint(layer, &tone),
            tone,
            strength: layer.strength,
            symbols: layer.symbols.clone(),
            selection: frame.selection,
            states: states(layer, None),
        }
    }

    /// The same, with whatever changed since made anew.
    fn updated(mut self, layer: &MapLayer<'_>, frame: &MapFrame<'_>, theme: &PaintColors) -> Self {
        let (restyled, selection) = (self.style != *layer.style, frame.selection);
        // A style gets another weight whenever the scale does: what is hidden stays hidden.
        let otherwise_hidden = restyled && visible(&self.style) != visible(layer.style);
        let tone = Tone::of(layer, frame, theme);
        if restyled || self.strength != layer.strength || self.tone != tone {
            self.paint = paint(layer, &tone);
            self.tone = tone;
            self.strength = layer.strength;
            self.style = layer.style.clone();
        }
        if otherwise_hidden || !Arc::ptr_eq(&self.symbols, layer.symbols) || self.selection != selection {
            self.states = states(layer, Some(&self.states));
            self.symbols = layer.symbols.clone();
            self.selection = selection;
        }
        self
    }
}

/// What beside its style decides how a layer's symbols are drawn.
#[derive(Clone, Copy, PartialEq)]
struct Tone {
    theme: PaintColors,
    /// How many pixels large its features are, no finer than symbols differ by it.
    size_px: f64,
}

impl Tone {
    fn of(layer: &MapLayer<'_>, frame: &MapFrame<'_>, theme: &PaintColors) -> Self {
        let size = layer.prepared.feature_size / frame.view.units_per_px;
        // From 64 pixels on nothing changes; below, by steps of a pixel.
        let size_px = if size > 0.0 { size.round().min(64.0) } else { f64::INFINITY };
        Self { theme: *theme, size_px }
    }
}

fn paint(layer: &MapLayer<'_>, tone: &Tone) -> Arc<LayerPaint> {
    let mut style = layer.style.clone();
    style.for_each_symbol(|symbol| *symbol = tone.theme.themed(&quieted(symbol, tone.size_px)));
    let paint = LayerPaint::of_style(&style, layer.kind, layer.prepared.feature_size, Revision::next().0);
    Arc::new(LayerPaint { opacity: paint.opacity * layer.strength, ..paint })
}

/// Whether the features of each symbol are drawn.
fn visible(style: &LayerStyle) -> Vec<bool> {
    (0..style.symbol_count()).map(|i| style.is_visible(i)).collect()
}

/// One texel a feature; where they are those of `old` it stays.
fn states(layer: &MapLayer<'_>, old: Option<&Arc<LayerStates>>) -> Arc<LayerStates> {
    let visible = visible(layer.style);
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
    let count = layer.prepared.starts.last().copied().unwrap_or(0);
    let texels: Vec<u16> = (0..count).map(texel).collect();
    match old {
        Some(known) if known.texels == texels => known.clone(),
        _ => Arc::new(LayerStates { texels, revision: Revision::next().0 }),
    }
}
