//! `tuban bench frames`: the real window driven by a script, offscreen, and how long its frames take.
//!
//! The script opens a file, waits for the settled map, then zooms and pans at five scales, recolours, hides, fades,
//! hovers and selects. A frame is everything that the window does for it: input, panels, map, tessellation, drawing.
//! Frames are paced to 60 a second, as a screen would, so that work in the background gets the time that it would have.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use eframe::egui::{self, Event, RawInput, Rect, pos2};

use crate::io::{self, Guard};
use crate::model::style::{Color, Fill, LayerStyle, Symbol};
use crate::model::{Coord, LayerId};
use crate::render::{MapView, drawing};
use crate::task;
use crate::ui::frames::offscreen::Screen;
use crate::ui::map::canvas::{Maker, MapFigures};
use crate::ui::session::Session;
use crate::ui::session::command::Command;
use crate::ui::session::command::select::SelectCommand;
use crate::ui::session::command::tree::TreeCommand;
use crate::ui::session::command::view::ViewCommand;
use crate::ui::session::rows::SelectMode;
use crate::ui::{App, Start};

mod offscreen;

/// What is measured.
#[derive(Clone, Debug)]
pub struct Options {
    /// The file that is opened.
    pub file: PathBuf,
    /// Who makes the pictures of the map.
    pub maker: Maker,
    /// Size of the window in pixels.
    pub size_px: [u32; 2],
    /// Whether the window is not drawn, so that only what the program does is timed: the shader of egui's window is so
    /// slow where wgpu has no GPU that it hides everything else, and a window would use OpenGL there.
    pub unseen: bool,
    /// Where pictures of the window at each scale go.
    pub pictures: Option<PathBuf>,
}

/// Time between two frames of a screen.
const PACE: Duration = Duration::from_micros(16_667);

/// Longest wait for the map to settle.
const PATIENCE: Duration = Duration::from_secs(300);

/// Frames of a gesture.
const GESTURE: usize = 40;

/// Points asked for what lies there.
const PICKS: usize = 2000;

/// One act of the script.
struct Phase {
    name: String,
    frames: Vec<Duration>,
    /// From the last input to the settled map.
    settled: Option<Duration>,
    figures: MapFigures,
}

impl Phase {
    fn percentile_ms(&self, share: f64) -> f64 {
        let mut sorted = self.frames.clone();
        sorted.sort_unstable();
        let at = ((sorted.len() as f64 * share).ceil() as usize).clamp(1, sorted.len().max(1)) - 1;
        sorted.get(at).map_or(0.0, |time| time.as_secs_f64() * 1e3)
    }

    fn settled_ms(&self) -> Option<f64> {
        self.settled.map(|time| time.as_secs_f64() * 1e3)
    }
}

/// What was measured.
pub struct Report {
    adapter: String,
    phases: Vec<Phase>,
    /// From the start to the first picture of the layer.
    first_picture: Duration,
    picks: Vec<Duration>,
}

/// Runs the script.
///
/// # Errors
/// Where there is no adapter, nothing was opened, the map never settles, or a picture cannot be written.
pub fn run(options: &Options) -> Result<Report, String> {
    task::leave_a_core();
    let screen = Screen::new(options.size_px)?;
    let mut bench = Bench::new(options, screen);
    let first_picture = bench.open()?;
    let layer = bench.session().workspace.entries.last().map(crate::scenario::Entry::id).ok_or("nothing was opened")?;
    bench.picture("full")?;
    let full = bench.session().view;
    bench.pan("pan")?;
    for factor in [4.0, 16.0, 64.0] {
        bench.zoom(&format!("zoom {factor}x"), full.zoomed_about(full.size_px.map(|side| side / 2.0), factor))?;
        bench.picture(&format!("{factor}x"))?;
        bench.pan(&format!("pan {factor}x"))?;
        if factor == 16.0 {
            bench.restyle("16x", layer)?;
        }
    }
    if let Some(parcel) = bench.parcel(layer, full.center) {
        bench.zoom("zoom parcel", parcel)?;
        bench.picture("parcel")?;
        bench.pan("pan parcel")?;
    }
    bench.zoom("zoom out", full)?;
    bench.restyle("full", layer)?;
    bench.hover("hover full")?;
    let rows = std::iter::once(0).collect();
    bench.act("select one", Command::Select(SelectCommand::Select { layer, rows, mode: SelectMode::Replace }))?;
    bench.act("select all", Command::Select(SelectCommand::SelectAll))?;
    bench.picture("selected")?;
    bench.act("select none", Command::Select(SelectCommand::ClearSelection))?;
    let picks = bench.picks(layer);
    Ok(Report { adapter: bench.adapter, phases: bench.phases, first_picture, picks })
}

struct Bench {
    ctx: egui::Context,
    app: App,
    frame: eframe::Frame,
    screen: Screen,
    adapter: String,
    size_px: [u32; 2],
    unseen: bool,
    pictures: Option<PathBuf>,
    begin: Instant,
    events: Vec<Event>,
    phases: Vec<Phase>,
    frames: Vec<Duration>,
}

impl Bench {
    fn new(options: &Options, screen: Screen) -> Self {
        let begin = Instant::now();
        let ctx = egui::Context::default();
        let mut cc = eframe::CreationContext::_new_kittest(ctx.clone());
        cc.wgpu_render_state = Some(screen.state.clone());
        let mut start = Start::for_test();
        start.files = vec![options.file.clone()];
        start.map_maker = options.maker;
        let info = screen.state.adapter.get_info();
        let app = App::new(&cc, start);
        let painter = if app.canvas.adapter_name().is_some() { "" } else { ", map by the CPU" };
        let window = if options.unseen { ", window not drawn" } else { "" };
        Self {
            app,
            ctx,
            frame: eframe::Frame::_new_kittest(),
            adapter: format!("{} ({:?}){painter}{window}", info.name, info.backend),
            screen,
            size_px: options.size_px,
            unseen: options.unseen,
            pictures: options.pictures.clone(),
            begin,
            events: Vec::new(),
            phases: Vec::new(),
            frames: Vec::new(),
        }
    }

    fn session(&self) -> &Session {
        self.app.session()
    }

    /// One frame, and what is left of its time.
    fn step(&mut self) {
        let started = Instant::now();
        let size = egui::vec2(self.size_px[0] as f32, self.size_px[1] as f32);
        let input = RawInput {
            screen_rect: Some(Rect::from_min_size(pos2(0.0, 0.0), size)),
            time: Some(self.begin.elapsed().as_secs_f64()),
            events: std::mem::take(&mut self.events),
            ..RawInput::default()
        };
        let output = self.ctx.run_ui(input, |ui| {
            let ctx = ui.ctx().clone();
            eframe::App::logic(&mut self.app, &ctx, &mut self.frame);
            eframe::App::ui(&mut self.app, ui, &mut self.frame);
        });
        if self.unseen {
            self.ctx.tessellate(output.shapes, output.pixels_per_point);
        } else {
            self.draw(output);
        }
        let took = started.elapsed();
        self.frames.push(took);
        std::thread::sleep(PACE.saturating_sub(took));
    }

    fn draw(&mut self, output: egui::FullOutput) {
        let ground = eframe::App::clear_color(&self.app, &self.ctx.global_style().visuals);
        self.screen.show(&self.ctx, output, ground);
    }

    /// Closes a phase: its frames so far, `settled` from its last input.
    fn close(&mut self, name: &str, settled: Option<Duration>) {
        let frames = std::mem::take(&mut self.frames);
        self.phases.push(Phase { name: name.to_owned(), frames, settled, figures: self.app.canvas.figures() });
    }

    /// Steps until the map is as it will stay; how long that took.
    fn settle(&mut self) -> Result<Duration, String> {
        let since = Instant::now();
        while self.frames.is_empty() || !self.app.canvas.figures().settled {
            if since.elapsed() > PATIENCE {
                return Err("the map does not settle".to_owned());
            }
            self.step();
        }
        Ok(since.elapsed())
    }

    /// Opens the file; time to the first picture of the layer.
    fn open(&mut self) -> Result<Duration, String> {
        let mut first = None;
        loop {
            self.step();
            let figures = self.app.canvas.figures();
            if figures.shows_layers {
                first.get_or_insert_with(|| self.begin.elapsed());
            }
            let session = self.app.session();
            if first.is_some() && session.jobs.is_empty() && figures.settled {
                break;
            }
            if self.begin.elapsed() > PATIENCE {
                return Err("the file does not open".to_owned());
            }
        }
        self.close("open", Some(self.begin.elapsed()));
        first.ok_or_else(|| "nothing was drawn".to_owned())
    }

    /// From the present view to `to` in one gesture.
    fn zoom(&mut self, name: &str, to: MapView) -> Result<(), String> {
        let from = self.session().view;
        for i in 1..=GESTURE {
            let t = i as f64 / GESTURE as f64;
            let view = if i == GESTURE {
                to
            } else {
                let units_per_px = from.units_per_px * (to.units_per_px / from.units_per_px).powf(t);
                // The centre moves as the scale does, as when zooming about a fixed place.
                let share = (units_per_px - from.units_per_px) / (to.units_per_px - from.units_per_px);
                let between = |a: f64, b: f64| a + (b - a) * if share.is_finite() { share } else { t };
                let center = Coord { x: between(from.center.x, to.center.x), y: between(from.center.y, to.center.y) };
                MapView { center, units_per_px, ..to }
            };
            self.app.push(Command::View(ViewCommand::SetView(view)));
            self.step();
        }
        self.close_settled(name)
    }

    /// Ends a phase of gestures once the picture has settled; the frames of both count.
    fn close_settled(&mut self, name: &str) -> Result<(), String> {
        let gesture = std::mem::take(&mut self.frames);
        let settled = self.settle()?;
        self.frames.splice(0..0, gesture);
        self.close(name, Some(settled));
        Ok(())
    }

    /// There and half way back, with a turn.
    fn pan(&mut self, name: &str) -> Result<(), String> {
        for i in 0..GESTURE * 2 {
            let step = if i < GESTURE { [11.0, 5.0] } else { [-7.0, -6.0] };
            let view = self.session().view.panned(step);
            self.app.push(Command::View(ViewCommand::SetView(view)));
            self.step();
        }
        self.close_settled(name)
    }

    /// A command and what follows from it.
    fn act(&mut self, name: &str, command: Command) -> Result<(), String> {
        self.app.push(command);
        let settled = self.settle()?;
        self.close(name, Some(settled));
        Ok(())
    }

    /// Recolours a class, hides the layer and shows it, fades it.
    fn restyle(&mut self, name: &str, layer: LayerId) -> Result<(), String> {
        let Some(style) = self.session().workspace.entry(layer).map(|entry| entry.style.clone()) else {
            return Err("the layer is gone".to_owned());
        };
        let set = |style: LayerStyle| Command::Tree(TreeCommand::SetStyle(layer, Box::new(style)));
        let mut recoloured = style.clone();
        let mut first = true;
        recoloured.for_each_symbol(|symbol: &mut Symbol| {
            if std::mem::take(&mut first) {
                symbol.fill = Fill::Solid(Color::rgb(255, 0, 255));
            }
        });
        self.act(&format!("recolour {name}"), set(recoloured))?;
        self.act(&format!("hide {name}"), Command::Tree(TreeCommand::SetVisible(layer, false)))?;
        self.act(&format!("show {name}"), Command::Tree(TreeCommand::SetVisible(layer, true)))?;
        self.act(&format!("fade {name}"), set(LayerStyle { opacity: 0.5, ..style.clone() }))?;
        self.act(&format!("as it was {name}"), set(style))
    }

    /// The pointer runs over the map.
    fn hover(&mut self, name: &str) -> Result<(), String> {
        let [width, height] = self.size_px.map(|side| side as f32);
        for i in 0..GESTURE * 2 {
            let t = i as f32 / (GESTURE * 2) as f32;
            self.events.push(Event::PointerMoved(pos2(width * (0.35 + 0.3 * t), height * (0.3 + 0.3 * t))));
            self.step();
        }
        self.close(name, None);
        Ok(())
    }

    /// A view of the parcel at a place.
    fn parcel(&self, layer: LayerId, at: Coord) -> Option<MapView> {
        let prepared = self.session().prepared(layer)?;
        let feature = *prepared.pickable().at(at, 0.0).first()?;
        Some(MapView::fit(&prepared.feature_extent(feature), self.session().view.size_px, 60.0))
    }

    /// How long it takes to find what lies at a point.
    fn picks(&self, layer: LayerId) -> Vec<Duration> {
        let Some(prepared) = self.session().prepared(layer) else { return Vec::new() };
        let extent = prepared.extent;
        let mut found = 0;
        let mut times: Vec<Duration> = (0..PICKS)
            .map(|i| {
                let share = |step: f64| (i as f64 * step).fract();
                let x = extent.min.x + extent.width() * share(0.618_034);
                let y = extent.min.y + extent.height() * share(0.754_878);
                let started = Instant::now();
                found += prepared.pickable().at(Coord { x, y }, 0.0).len();
                started.elapsed()
            })
            .collect();
        std::hint::black_box(found);
        times.sort_unstable();
        times
    }

    /// Writes the last frame as a picture.
    fn picture(&mut self, name: &str) -> Result<(), String> {
        let Some(folder) = &self.pictures else { return Ok(()) };
        let pixels = self.screen.pixels().ok_or("the picture is lost")?;
        write_picture(&folder.join(format!("{name}.png")), self.size_px, pixels)
    }
}

fn write_picture(path: &Path, [width, height]: [u32; 2], pixels: Vec<u8>) -> Result<(), String> {
    let size = tiny_skia::IntSize::from_wh(width, height).ok_or("an empty picture")?;
    let pixmap = tiny_skia::Pixmap::from_vec(pixels, size).ok_or("pixels do not fill the picture")?;
    let bytes = drawing::png(&pixmap);
    io::save_atomically(path, &Guard::none(), |out| out.write_all(&bytes)).map_err(|error| error.to_string())
}

impl Report {
    fn pick_us(&self, share: f64) -> f64 {
        let at = (self.picks.len() as f64 * share) as usize;
        self.picks.get(at.min(self.picks.len().saturating_sub(1))).map_or(0.0, |time| time.as_secs_f64() * 1e6)
    }

    /// The figures as a table.
    pub fn text(&self) -> String {
        let mut out = format!("{}\n", self.adapter);
        let _ = writeln!(
            out,
            "{:<18} {:>6} {:>7} {:>7} {:>7} {:>7} {:>9} {:>11} {:>8} {:>6}",
            "ms", "frames", "p50", "p95", "p99", "max", "settled", "vertices", "GPU MB", "B/vtx"
        );
        for phase in &self.phases {
            let [p50, p95, p99, max] = [0.5, 0.95, 0.99, 1.0].map(|share| phase.percentile_ms(share));
            let settled = phase.settled_ms().map_or_else(String::new, |ms| format!("{ms:.0}"));
            let figures = &phase.figures;
            let per_vertex = figures.gpu_bytes as f64 / figures.vertices_held.max(1) as f64;
            let _ = writeln!(
                out,
                "{:<18} {:>6} {p50:>7.1} {p95:>7.1} {p99:>7.1} {max:>7.1} {settled:>9} {:>11} {:>8.1} {per_vertex:>6.1}",
                phase.name,
                phase.frames.len(),
                figures.vertices_drawn,
                figures.gpu_bytes as f64 / 1e6,
            );
        }
        let _ = writeln!(out, "first picture after {:.0} ms", self.first_picture.as_secs_f64() * 1e3);
        let [p50, p99, max] = [0.5, 0.99, 1.0].map(|share| self.pick_us(share));
        let _ = writeln!(out, "what lies at a point: p50 {p50:.1} us, p99 {p99:.1} us, max {max:.1} us");
        out
    }

    /// The figures as JSON.
    pub fn json(&self) -> serde_json::Value {
        let phase = |phase: &Phase| {
            serde_json::json!({
                "name": phase.name,
                "frames": phase.frames.len(),
                "p50_ms": phase.percentile_ms(0.5),
                "p95_ms": phase.percentile_ms(0.95),
                "p99_ms": phase.percentile_ms(0.99),
                "max_ms": phase.percentile_ms(1.0),
                "settled_ms": phase.settled_ms(),
                "vertices_drawn": phase.figures.vertices_drawn,
                "vertices_held": phase.figures.vertices_held,
                "gpu_bytes": phase.figures.gpu_bytes,
            })
        };
        serde_json::json!({
            "adapter": self.adapter,
            "first_picture_ms": self.first_picture.as_secs_f64() * 1e3,
            "pick_p50_us": self.pick_us(0.5),
            "pick_p99_us": self.pick_us(0.99),
            "phases": self.phases.iter().map(phase).collect::<Vec<_>>(),
        })
    }
}
