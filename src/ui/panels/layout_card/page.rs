//! The page as it will be printed, painted in the background from the same drawing, and what is done on it: an item is
//! chosen by a press, with Ctrl or Shift beside others, moved by its middle, sized by its edges. It snaps to the margins, the
//! middle and the other items, which lines show.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use eframe::egui::{self, Color32, Key, Modifiers, Pos2, Rect, ScrollArea, Sense, Stroke, StrokeKind, Ui, pos2, vec2};

use crate::model::LayerId;
use crate::model::layout::{Item, Layout};
use crate::render::drawing::output::PX_PER_MM;
use crate::render::layout::{Body, draw, views};
use crate::report::figure::Figure;
use crate::report::sheets::Filler;
use crate::text::Message;
use crate::ui::look::theme::{font, size, tokens};
use crate::ui::look::widgets::{self, Tone};
use crate::ui::look::{fonts, icons};
use crate::ui::panels::layout_card::chosen::Chosen;
use crate::ui::panels::layout_card::{rulers, why};
use crate::ui::session::Session;
use crate::ui::session::awaited::Awaited;
use crate::ui::session::command::Command;
use crate::ui::work::layouts::{Sources, asked, plot_of, sources};
use crate::ui::work::why::asks;

/// Widest preview in pixels.
const MOST_PX: f32 = 4096.0;
/// Steps of its width: not every point of a window makes another picture.
const STEP_PX: f32 = 128.0;
/// How near in points something must be to snap, and how far an edge can be grabbed.
const NEAR: f32 = 6.0;
/// Least side of an item in millimetres.
const LEAST_MM: f64 = 2.0;
/// What stays free around the page and holds its rulers, both sides together, in points.
const AROUND: f32 = 2.0 * (rulers::WIDE + 8.0);
/// Height of the remarks below the page, in points.
const REMARKS: f32 = 58.0;
/// The arrow keys: axis and direction of each.
const ARROWS: [(Key, usize, f64); 4] =
    [(Key::ArrowLeft, 0, -1.0), (Key::ArrowRight, 0, 1.0), (Key::ArrowUp, 1, -1.0), (Key::ArrowDown, 1, 1.0)];

/// What a preview is of: sources, layout, width in pixels, plot.
type Wanted = (Sources, Layout, u32, Option<(LayerId, usize)>);

/// A preview.
struct Shown {
    image: egui::ColorImage,
    remarks: Vec<Message>,
    /// The n of 1:n of each map.
    scales: BTreeMap<String, f64>,
    /// Why the figures of tables of scenarios are what they are.
    whys: BTreeMap<String, Figure>,
}

/// What is remembered between frames.
pub(super) struct State {
    zoom: f32,
    filler: Option<(Sources, Arc<Mutex<Filler>>)>,
    shown: Awaited<Wanted, Shown>,
    texture: Option<(u64, egui::TextureHandle)>,
    /// Counts the previews that came.
    arrived: u64,
    drag: Option<Drag>,
    /// The guide that is being moved.
    guide: Option<rulers::Moving>,
}

impl Default for State {
    fn default() -> Self {
        Self { zoom: 1.0, filler: None, shown: Awaited::default(), texture: None, arrived: 0, drag: None, guide: None }
    }
}

impl State {
    /// The n of 1:n that a map was drawn at last.
    pub(super) fn scale_of(&self, map: &str) -> Option<f64> {
        self.shown.value()?.scales.get(map).copied()
    }
}

/// An item that is being moved or sized.
#[derive(Clone, Debug)]
struct Drag {
    item: String,
    /// Which edges move, left, top, right, bottom; all where it is moved.
    edges: [bool; 4],
    from: [f64; 4],
    start: [f64; 2],
    now: [f64; 4],
    /// Where it snaps: lines across the page, at x or at y.
    guides: [Option<f64>; 2],
    /// What moves with it, and from where.
    with: Vec<(String, [f64; 4])>,
}

impl Drag {
    /// Where an item is now, where it is among those that move.
    fn frame_of(&self, name: &str) -> Option<[f64; 4]> {
        if self.item == name {
            return Some(self.now);
        }
        let (_, [x, y, width, height]) = self.with.iter().find(|(of, _)| of == name)?;
        Some([x + self.now[0] - self.from[0], y + self.now[1] - self.from[1], *width, *height])
    }
}

/// Draws the page.
pub(super) fn ui(
    ui: &mut Ui,
    session: &Session,
    layout: &mut Layout,
    chosen: &mut Chosen,
    state: &mut State,
    commands: &mut Vec<Command>,
) {
    keys(ui, layout, chosen);
    zoom_ui(ui, session, layout, state);
    let room = ui.available_size() - vec2(0.0, REMARKS + ui.spacing().item_spacing.y);
    let page = vec2(layout.page.width_mm as f32, layout.page.height_mm as f32);
    let fit = ((room.x - AROUND) / page.x).min((room.y - AROUND) / page.y).max(0.05);
    let scale = fit * state.zoom;
    ask(ui, session, layout, scale * page.x, state);
    let t = tokens(ui);
    ScrollArea::both().id_salt("layout-page").auto_shrink(false).max_height(room.y).show(ui, |ui| {
        let wanted = page * scale + vec2(AROUND, AROUND);
        let (outer, response) = ui.allocate_exact_size(wanted.max(room), Sense::click_and_drag());
        ui.painter().rect_filled(outer, 0.0, t.sunk);
        let rect = Rect::from_center_size(outer.center(), page * scale);
        let name = Message::new("layout.page-of").with("name", &layout.name).text(session.language());
        response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Image, true, &name));
        match &state.texture {
            Some((_, texture)) => {
                let all = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
                ui.painter().image(texture.id(), rect, all, Color32::WHITE);
            }
            None => {
                ui.painter().rect_filled(rect, 0.0, Color32::WHITE);
            }
        }
        ui.painter().rect_stroke(rect, 0.0, Stroke::new(1.0, t.line), StrokeKind::Outside);
        let to_mm = |at: Pos2| [0, 1].map(|axis| f64::from((at[axis] - rect.min[axis]) / scale));
        let adding = ui.input(|input| input.modifiers.command || input.modifiers.shift);
        handle(&response, layout, chosen, state, &to_mm, f64::from(NEAR / scale), adding);
        let pressed = response.interact_pointer_pos().or_else(|| response.hover_pos()).map(to_mm);
        let ask = || {
            let item = item_at(layout, pressed?)?;
            let of_table = || Some(why::of_table(session, state.shown.value()?.whys.get(&item)?.clone()));
            why::of_item(session, layout, &item).or_else(of_table)
        };
        asks(&response, ask, commands);
        marks(ui, layout, chosen, state, rect, scale);
        let one = chosen.one().and_then(|name| layout.items.iter().find(|item| item.name == name));
        let tinted = one.map(|item| item.frame);
        rulers::ui(ui, session, layout, (rect, scale), tinted, &mut state.guide);
    });
    // However much there is to say, the page keeps its size.
    ScrollArea::vertical().id_salt("layout-remarks").auto_shrink(false).max_height(REMARKS).show(ui, |ui| {
        match (state.shown.problem(), state.shown.value()) {
            (Some(problem), _) => {
                widgets::callout(ui, Tone::Bad, &problem.message().text(session.language()));
            }
            (None, Some(shown)) => {
                for remark in &shown.remarks {
                    widgets::note(ui, &remark.text(session.language()));
                }
            }
            (None, None) => {
                ui.add(egui::Spinner::new().size(size::ICON_SMALL));
            }
        }
    });
}

/// What the keyboard does with what is chosen: arrows move it by a millimetre, with Shift by a tenth; Delete takes it out.
fn keys(ui: &Ui, layout: &mut Layout, chosen: &mut Chosen) {
    // What has the keyboard itself keeps it.
    if ui.memory(|memory| memory.focused().is_some()) || egui::Popup::is_any_open(ui.ctx()) {
        return;
    }
    let places = chosen.places(layout);
    if places.is_empty() {
        return;
    }
    for (held, step) in [(Modifiers::SHIFT, 0.1), (Modifiers::NONE, 1.0)] {
        for (key, axis, direction) in ARROWS {
            let presses = ui.input_mut(|input| input.count_and_consume_key(held, key));
            if presses > 0 {
                for at in &places {
                    let frame = &mut layout.items[*at].frame;
                    frame[axis] = tenths(frame[axis] + direction * step * presses as f64);
                }
            }
        }
    }
    if ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Delete)) {
        chosen.take_out(layout);
    }
}

/// Millimetres as layouts hold them.
fn tenths(mm: f64) -> f64 {
    (mm * 10.0).round() / 10.0
}

fn zoom_ui(ui: &mut Ui, session: &Session, layout: &Layout, state: &mut State) {
    ui.horizontal(|ui| {
        if widgets::icon_button_small(ui, icons::ZOOM_OUT, session.tr("layout.zoom-out")).clicked() {
            state.zoom = (state.zoom / 1.25).max(0.5);
        }
        if widgets::icon_button_small(ui, icons::ZOOM_IN, session.tr("layout.zoom-in")).clicked() {
            state.zoom = (state.zoom * 1.25).min(8.0);
        }
        if widgets::icon_button_small(ui, icons::MAXIMIZE, session.tr("layout.zoom-page")).clicked() {
            state.zoom = 1.0;
        }
        let size =
            Message::new("layout.size").with("width", layout.page.width_mm).with("height", layout.page.height_mm);
        widgets::muted(ui, &size.text(session.language()));
        if state.shown.is_busy() {
            ui.add(egui::Spinner::new().size(size::ICON_SMALL));
        }
    });
}

/// Has the page painted as it is now.
fn ask(ui: &Ui, session: &Session, layout: &Layout, width: f32, state: &mut State) {
    if state.shown.poll().is_some() {
        state.arrived += 1;
    }
    let pixels = (width * ui.ctx().pixels_per_point() / STEP_PX).ceil() * STEP_PX;
    let key = (sources(session), layout.clone(), pixels.clamp(STEP_PX, MOST_PX) as u32, plot_of(session, layout));
    if !state.shown.is_asked(&key) {
        let filler = match &state.filler {
            Some((of, filler)) if *of == key.0 => filler.clone(),
            _ => {
                let filler = Arc::new(Mutex::new(Filler::new(Arc::new(session.workspace.clone()))));
                state.filler = Some((key.0.clone(), filler.clone()));
                filler
            }
        };
        let (layout, asked) = (layout.clone(), asked(session, layout));
        let scale = key.2 as f32 / (layout.page.width_mm as f32 * PX_PER_MM);
        let name = session.tr("layout.sheets").trim_end_matches('…').to_owned();
        state.shown.start_task(ui.ctx(), key, &name, move |progress| {
            let stopped = |_: crate::task::Cancelled| Message::new("ui.work-stopped");
            // What a thread that ended left half made is made anew when it is asked for.
            let mut filler = filler.lock().unwrap_or_else(PoisonError::into_inner);
            let (content, mut remarks) = filler.content(&layout, &asked, progress).map_err(stopped)?;
            let whys = filler.take_whys();
            let typeface = fonts::typeface();
            let drawn = draw(&layout, &content, Body::Pixels(scale), typeface, progress).map_err(stopped)?;
            remarks.extend(drawn.remarks);
            let page = drawn.sheet.drawing.paint(typeface, scale);
            let page = page.ok_or_else(|| Message::new("layout.no-preview"))?;
            let size = [page.width() as usize, page.height() as usize];
            let metres = content.crs.metres_per_unit_on_map();
            let scales = views(&layout, &content).into_iter();
            let scales = scales.map(|(name, view)| (name, view.scale_denominator(metres))).collect();
            Ok(Shown { image: egui::ColorImage::from_rgba_premultiplied(size, page.data()), remarks, scales, whys })
        });
    }
    let is_new = state.texture.as_ref().is_none_or(|(of, _)| *of != state.arrived);
    if let Some(shown) = state.shown.value().filter(|_| is_new) {
        let texture = ui.ctx().load_texture("layout", shown.image.clone(), egui::TextureOptions::LINEAR);
        state.texture = Some((state.arrived, texture));
    }
}

/// What the pointer does.
fn handle(
    response: &egui::Response,
    layout: &mut Layout,
    chosen: &mut Chosen,
    state: &mut State,
    to_mm: &dyn Fn(Pos2) -> [f64; 2],
    near: f64,
    adding: bool,
) {
    let Some(at) = response.interact_pointer_pos().map(to_mm) else {
        state.drag = None;
        return;
    };
    if response.clicked() {
        match item_at(layout, at) {
            Some(name) if adding => chosen.toggle(name),
            found => chosen.set(found),
        }
        state.drag = None;
    }
    if response.drag_started() {
        let grabbed = chosen.one().and_then(|name| {
            let item = layout.items.iter().find(|item| item.name == *name)?;
            let edges = edges_at(item.frame, at, near);
            edges.contains(&true).then(|| (item.name.clone(), edges, item.frame))
        });
        // Where several are chosen, any of them takes the others along.
        let held = || layout.items.iter().find(|item| chosen.has(&item.name) && holds(&item.frame, at));
        let held = held().filter(|_| chosen.is_several()).map(|item| item.name.clone());
        let grabbed = grabbed.or_else(|| {
            let name = held.or_else(|| item_at(layout, at))?;
            let item = layout.items.iter().find(|item| item.name == name)?;
            Some((name, [true; 4], item.frame))
        });
        state.drag = grabbed.map(|(item, edges, from)| {
            let mut with = Vec::new();
            if chosen.is_several() && chosen.has(&item) {
                let others = layout.items.iter().filter(|of| of.name != item && chosen.has(&of.name));
                with.extend(others.map(|of| (of.name.clone(), of.frame)));
            } else {
                chosen.set(Some(item.clone()));
            }
            Drag { item, edges, from, start: at, now: from, guides: [None, None], with }
        });
    }
    let Some(drag) = &mut state.drag else { return };
    let by = [at[0] - drag.start[0], at[1] - drag.start[1]];
    let moving: Vec<&str> = drag.with.iter().map(|(name, _)| name.as_str()).chain([drag.item.as_str()]).collect();
    (drag.now, drag.guides) = moved(layout, &moving, drag.from, drag.edges, by, near);
    if response.drag_stopped() {
        for item in &mut layout.items {
            if let Some(frame) = drag.frame_of(&item.name) {
                item.frame = frame.map(tenths);
            }
        }
        state.drag = None;
    }
}

/// Whether a frame holds a place.
fn holds(frame: &[f64; 4], at: [f64; 2]) -> bool {
    (frame[0]..=frame[0] + frame[2]).contains(&at[0]) && (frame[1]..=frame[1] + frame[3]).contains(&at[1])
}

/// The uppermost item at a place; small ones are found above large ones that lie over them without a fill.
fn item_at(layout: &Layout, at: [f64; 2]) -> Option<String> {
    let found = layout.items.iter().rev().filter(|item| item.visible && holds(&item.frame, at));
    let smallest = found.min_by(|a, b| (a.frame[2] * a.frame[3]).total_cmp(&(b.frame[2] * b.frame[3])));
    smallest.map(|item| item.name.clone())
}

/// The edges of a frame that are near to a place: left, top, right, bottom.
fn edges_at([x, y, width, height]: [f64; 4], at: [f64; 2], near: f64) -> [bool; 4] {
    let beside = |v: f64, from: f64, size: f64| v > from - near && v < from + size + near;
    if !beside(at[0], x, width) || !beside(at[1], y, height) {
        return [false; 4];
    }
    let is_near = |v: f64, edge: f64| (v - edge).abs() <= near;
    [is_near(at[0], x), is_near(at[1], y), is_near(at[0], x + width), is_near(at[1], y + height)]
}

/// A frame after its edges moved by so many millimetres, and where it snapped; nothing snaps to what moves along.
fn moved(
    layout: &Layout,
    moving: &[&str],
    from: [f64; 4],
    edges: [bool; 4],
    by: [f64; 2],
    near: f64,
) -> ([f64; 4], [Option<f64>; 2]) {
    let mut frame = from;
    let mut guides = [None, None];
    for axis in [0, 1] {
        let (first, last) = (edges[axis], edges[axis + 2]);
        if !first && !last {
            continue;
        }
        let lines = lines(layout, moving, axis);
        let (start, end) = (from[axis], from[axis] + from[axis + 2]);
        // What may snap: the edges that move, and the middle of what moves as a whole.
        let mut places = Vec::new();
        if first {
            places.push(start + by[axis]);
        }
        if last {
            places.push(end + by[axis]);
        }
        if first && last {
            places.push((start + end) / 2.0 + by[axis]);
        }
        let pairs = places.iter().flat_map(|place| lines.iter().map(move |line| (line - place, *line)));
        let snap = pairs.filter(|(gap, _)| gap.abs() <= near).min_by(|a, b| a.0.abs().total_cmp(&b.0.abs()));
        let shift = by[axis] + snap.map_or(0.0, |(gap, _)| gap);
        guides[axis] = snap.map(|(_, line)| line);
        let start = if first { start + shift } else { start };
        let end = if last { end + shift } else { end };
        if first && last {
            frame[axis] = start;
        } else if first {
            frame[axis] = start.min(end - LEAST_MM);
            frame[axis + 2] = end - frame[axis];
        } else {
            frame[axis + 2] = (end - start).max(LEAST_MM);
        }
    }
    (frame, guides)
}

/// What an item snaps to along an axis: the margins and the middle of the page, its guides, edges and middles of the others.
fn lines(layout: &Layout, moving: &[&str], axis: usize) -> Vec<f64> {
    let side = [layout.page.width_mm, layout.page.height_mm][axis];
    let margin = layout.page.margin_mm;
    let mut lines = vec![0.0, margin, side / 2.0, side - margin, side];
    lines.extend(&layout.guides[axis]);
    for item in layout.items.iter().filter(|item| item.visible && !moving.contains(&item.name.as_str())) {
        let (from, size) = (item.frame[axis], item.frame[axis + 2]);
        lines.extend([from, from + size / 2.0, from + size]);
    }
    lines
}

/// The outline of what is chosen with its handles, and the lines that it snaps to.
fn marks(ui: &Ui, layout: &Layout, chosen: &Chosen, state: &State, page: Rect, scale: f32) {
    let t = tokens(ui);
    let painter = ui.painter();
    let on_page = |x: f64, y: f64| page.min + vec2(x as f32, y as f32) * scale;
    let thin = Stroke::new(1.0, t.bad);
    if let Some(drag) = &state.drag {
        if let Some(x) = drag.guides[0] {
            let x = on_page(x, 0.0).x;
            painter.line_segment([pos2(x, page.top()), pos2(x, page.bottom())], thin);
        }
        if let Some(y) = drag.guides[1] {
            let y = on_page(0.0, y).y;
            painter.line_segment([pos2(page.left(), y), pos2(page.right(), y)], thin);
        }
    }
    let now = |item: &Item| {
        let dragged = state.drag.as_ref().and_then(|drag| drag.frame_of(&item.name));
        let [x, y, width, height] = dragged.unwrap_or(item.frame);
        (Rect::from_min_max(on_page(x, y), on_page(x + width, y + height)), [width, height], dragged.is_some())
    };
    for item in layout.items.iter().filter(|item| chosen.has(&item.name)) {
        painter.rect_stroke(now(item).0, 0.0, Stroke::new(1.5, t.accent), StrokeKind::Middle);
    }
    // Several are moved together, and sized alike beside the page.
    let Some(item) = chosen.one().and_then(|name| layout.items.iter().find(|item| item.name == name)) else { return };
    let (rect, [width, height], is_dragged) = now(item);
    let middle = rect.center();
    let handles = [
        rect.left_top(),
        rect.right_top(),
        rect.left_bottom(),
        rect.right_bottom(),
        pos2(middle.x, rect.top()),
        pos2(middle.x, rect.bottom()),
        pos2(rect.left(), middle.y),
        pos2(rect.right(), middle.y),
    ];
    for handle in handles {
        let square = Rect::from_center_size(handle, vec2(7.0, 7.0));
        painter.rect(square, 1.0, Color32::WHITE, Stroke::new(1.5, t.accent), StrokeKind::Middle);
    }
    if is_dragged {
        let text = format!("{width:.1} × {height:.1}");
        let galley = painter.layout_no_wrap(text, font::note(), t.on_accent);
        let plate = Rect::from_center_size(rect.center_bottom() + vec2(0.0, 16.0), galley.size() + vec2(12.0, 6.0));
        painter.rect_filled(plate, 3.0, t.accent);
        painter.galley(plate.min + vec2(6.0, 3.0), galley, t.on_accent);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::layout::templates;
    use crate::text::Language;

    fn layout() -> Layout {
        let mut layout = templates::all(Language::English).remove(0);
        layout.items.truncate(2);
        (layout.items[0].name, layout.items[1].name) = ("a".to_owned(), "b".to_owned());
        (layout.items[0].frame, layout.items[1].frame) = ([50.0, 50.0, 20.0, 10.0], [100.0, 50.0, 10.0, 10.0]);
        layout
    }

    #[test]
    fn items_are_found_by_place_and_edge() {
        let layout = layout();
        assert_eq!(item_at(&layout, [55.0, 55.0]).as_deref(), Some("a"));
        assert_eq!(item_at(&layout, [5.0, 5.0]), None);
        assert_eq!(edges_at([50.0, 50.0, 20.0, 10.0], [70.5, 55.0], 1.0), [false, false, true, false]);
        assert_eq!(edges_at([50.0, 50.0, 20.0, 10.0], [50.0, 60.0], 1.0), [true, false, false, true]);
        assert_eq!(edges_at([50.0, 50.0, 20.0, 10.0], [90.0, 60.0], 1.0), [false; 4]);
    }

    #[test]
    fn what_moves_snaps_to_what_is_near_and_says_where() {
        let layout = layout();
        let all = [true; 4];
        let (frame, guides) = moved(&layout, &["a"], [50.0, 50.0, 20.0, 10.0], all, [29.5, 0.25], 1.0);
        assert_eq!((frame, guides), ([80.0, 50.0, 20.0, 10.0], [Some(100.0), Some(50.0)]));
        let (frame, guides) = moved(&layout, &["a"], [50.0, 50.0, 20.0, 10.0], all, [13.0, 17.0], 1.0);
        assert_eq!((frame, guides), ([63.0, 67.0, 20.0, 10.0], [None, None]));
        let mut guided = layout;
        guided.guides[0].push(63.5);
        let (frame, guides) = moved(&guided, &["a"], [50.0, 50.0, 20.0, 10.0], all, [13.0, 17.0], 1.0);
        assert_eq!((frame[0], guides[0]), (63.5, Some(63.5)));
    }

    #[test]
    fn an_edge_never_passes_the_other() {
        let layout = layout();
        let right = [false, false, true, false];
        let (frame, _) = moved(&layout, &["a"], [50.0, 50.0, 20.0, 10.0], right, [-200.0, 0.0], 1.0);
        assert_eq!(frame, [50.0, 50.0, LEAST_MM, 10.0]);
        let left = [true, false, false, false];
        let (frame, _) = moved(&layout, &["a"], [50.0, 50.0, 20.0, 10.0], left, [200.0, 0.0], 1.0);
        assert_eq!(frame, [70.0 - LEAST_MM, 50.0, LEAST_MM, 10.0]);
    }
}
