//! Files on their way: what has come of them is sketched on the map until their layers are drawn.
//!
//! Where nothing else is open the map shows all of the sketch, and widens as it grows. Beside other layers it lies
//! where it belongs. A file whose CRS is in doubt is not sketched: nobody knows yet where.

use std::sync::Arc;
use std::time::{Duration, Instant};

use eframe::egui::{self, Color32, Mesh, Rect, TextureHandle, Ui, vec2};

use crate::crs::{Crs, Reprojector};
use crate::io::{Arrivals, Look};
use crate::model::{Coord, Extent};
use crate::render::MapView;
use crate::scenario::workspace::project_crs_of;
use crate::text::Message;
use crate::ui::look::theme::{self, font, tokens};
use crate::ui::session::Session;
use crate::ui::session::opening::file_title;
use crate::ui::work::arriving::is_alone;
use crate::ui::work::derived::area_text;
use crate::ui::work::view::MARGIN;
use crate::units::{Area, format_number};

/// Time between two looks at what has come.
const PACE: Duration = Duration::from_millis(150);

/// Time between two looks before anything has come: whoever drops a file waits for the first parcels.
const FIRST_PACE: Duration = Duration::from_millis(50);

/// Share of the colour's strength: classes have none yet, and the map behind shows through.
const STRENGTH: f32 = 0.4;

/// Fields of the net along which a sketch is bent into the CRS of the map, on each side.
const NET: usize = 8;

/// The CRS that the map is drawn in, where that is decided.
fn map_crs(session: &Session) -> Option<&Crs> {
    session.workspace.crs.as_ref().filter(|_| !session.project.demo)
}

/// The sketches that the map shows.
#[derive(Default)]
pub struct Sketches {
    sketches: Vec<Sketch>,
}

/// What is drawn of one file.
struct Sketch {
    arrivals: Arc<Arrivals>,
    looked: Option<(Instant, usize)>,
    texture: Option<TextureHandle>,
    /// Where its marks lie in the file, whether x and y are exchanged there, and in which CRS.
    place: Option<(Extent, bool, Crs)>,
    net: Option<Net>,
    /// How many features have come, and what they cover.
    so_far: Option<(usize, Option<Area>)>,
}

/// Corners of the fields of a sketch in the CRS of the map, row by row.
struct Net {
    target: Crs,
    reprojector: Option<Reprojector>,
    source: Crs,
    corners: Vec<Coord>,
}

impl Sketches {
    /// Draws what has come over `rect`, where the map shows `view`. What has just been read stays until `settled` says
    /// that the map shows it.
    pub fn ui(&mut self, ui: &Ui, rect: Rect, view: &MapView, session: &Session, settled: bool) {
        let files: Vec<Arc<Arrivals>> = session.arriving.iter().flat_map(|file| file.files.list().clone()).collect();
        let comes = |sketch: &Sketch| files.iter().any(|file| Arc::ptr_eq(file, &sketch.arrivals));
        self.sketches.retain(|sketch| !settled || comes(sketch));
        for file in &files {
            if !self.sketches.iter().any(|sketch| Arc::ptr_eq(&sketch.arrivals, file)) {
                self.sketches.push(Sketch::new(file.clone()));
            }
        }
        if self.sketches.is_empty() {
            if !session.arriving.is_empty() {
                // The job has hardly begun.
                ui.ctx().request_repaint_after(FIRST_PACE);
            }
            return;
        }
        let alone = is_alone(session);
        let mut crs = map_crs(session).cloned();
        let mut extent = Extent::EMPTY;
        for sketch in &mut self.sketches {
            sketch.look(ui.ctx());
            // The first that is open says what the map is drawn in, as the first layer will.
            crs = crs.or_else(|| sketch.map_crs());
            if let Some(crs) = &crs {
                sketch.bend(crs);
                extent.union(&sketch.extent());
            }
        }
        let fits = alone && !extent.is_empty() && (session.project.wants_full_extent || map_crs(session).is_none());
        let view = if fits { MapView::fit(&extent, view.size_px, MARGIN) } else { *view };
        let painter = ui.painter_at(rect);
        for sketch in &self.sketches {
            if let Some(mesh) = sketch.mesh(rect, &view, tokens(ui).muted.gamma_multiply(STRENGTH)) {
                painter.add(mesh);
            }
        }
        let read = self.sketches.iter().filter(|sketch| comes(sketch)).filter_map(|sketch| sketch.so_far);
        let (count, area) = read.fold((0, None), |(count, sum), (more, area): (usize, Option<Area>)| {
            (count + more, area.map_or(sum, |area| Some(sum.unwrap_or(Area::ZERO) + area)))
        });
        if count > 0 {
            say(ui, rect, session, count, area);
        }
        let is_seen = self.sketches.iter().any(|sketch| sketch.texture.is_some());
        ui.ctx().request_repaint_after(if is_seen { PACE } else { FIRST_PACE });
    }
}

/// Says what has come so far: running figures, which are said to be that.
fn say(ui: &Ui, rect: Rect, session: &Session, count: usize, area: Option<Area>) {
    let file = match &session.arriving[..] {
        [file] => file_title(&file.path),
        files => Message::new("ui.arriving-files").with("n", files.len()).text(session.language()),
    };
    let n = format_number(count as f64, 0);
    let message = match area {
        Some(area) => Message::new("ui.arriving-area").with("area", area_text(&session.settings, area)),
        None => Message::new("ui.arriving-count"),
    };
    let text = message.with("file", file).with("n", n).text(session.language());
    let t = tokens(ui);
    let galley = ui.painter().layout_no_wrap(text.clone(), font::note(), t.text);
    let plate = Rect::from_center_size(rect.center_bottom() - vec2(0.0, 26.0), galley.size() + vec2(20.0, 10.0));
    ui.painter().rect_filled(plate, theme::radius(), t.panel.gamma_multiply(0.92));
    ui.painter().galley(plate.center() - galley.size() / 2.0, galley, t.text);
    let response = ui.interact(plate, ui.scope_id().with("arriving"), egui::Sense::hover());
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Label, true, &text));
}

impl Sketch {
    fn new(arrivals: Arc<Arrivals>) -> Self {
        Self { arrivals, looked: None, texture: None, place: None, net: None, so_far: None }
    }

    /// The CRS that a map of it alone is drawn in.
    fn map_crs(&self) -> Option<Crs> {
        let (extent, swapped, crs) = self.place.as_ref()?;
        let turn = |c: Coord| if *swapped { Coord { x: c.y, y: c.x } } else { c };
        Some(project_crs_of(crs, &Extent { min: turn(extent.min), max: turn(extent.max) }))
    }

    /// Takes what has come since the last look, now and then.
    fn look(&mut self, ctx: &egui::Context) {
        let count = self.arrivals.feature_count();
        if self.looked.is_some_and(|(at, known)| known == count || at.elapsed() < PACE) {
            return;
        }
        self.looked = Some((Instant::now(), count));
        let Some(look) = self.arrivals.look() else { return };
        let Look { decision, extent, size, marks, feature_count, area } = look;
        self.so_far = Some((feature_count, area));
        self.place = decision.certain.then_some((extent, decision.swap_axes, decision.crs));
        self.net = self.net.take().map(|net| Net { corners: Vec::new(), ..net });
        let pixels = marks.into_iter().map(|marked| if marked { Color32::WHITE } else { Color32::TRANSPARENT });
        let image = egui::ColorImage::new(size, pixels.collect());
        match &mut self.texture {
            Some(texture) => texture.set(image, egui::TextureOptions::LINEAR),
            None => self.texture = Some(ctx.load_texture("arriving", image, egui::TextureOptions::LINEAR)),
        }
    }

    /// Bends the net into `crs`; where there is no way, it has no corners.
    fn bend(&mut self, crs: &Crs) {
        let Some((extent, swapped, source)) = &self.place else {
            self.net = None;
            return;
        };
        let known = self.net.take().filter(|net| net.target == *crs && net.source == *source);
        let mut net = known.unwrap_or_else(|| Net {
            target: crs.clone(),
            // A file that has no way to the map is told about when its layer comes.
            reprojector: Reprojector::new(source, crs).ok(),
            source: source.clone(),
            corners: Vec::new(),
        });
        if net.corners.is_empty()
            && let Some(reprojector) = &net.reprojector
        {
            let share = |at: usize, from: f64, size: f64| from + size * at as f64 / NET as f64;
            let corner = |row: usize, column: usize| {
                let x = share(column, extent.min.x, extent.width());
                let y = share(row, extent.min.y, extent.height());
                reprojector.convert_one(if *swapped { Coord { x: y, y: x } } else { Coord { x, y } })
            };
            let rows = 0..=NET;
            let corners: Option<Vec<Coord>> =
                rows.flat_map(|row| (0..=NET).map(move |column| (row, column))).map(|(r, c)| corner(r, c)).collect();
            net.corners = corners.unwrap_or_default();
        }
        self.net = Some(net);
    }

    /// Where it lies on the map.
    fn extent(&self) -> Extent {
        self.net.as_ref().map_or(Extent::EMPTY, |net| Extent::of(&net.corners))
    }

    fn mesh(&self, rect: Rect, view: &MapView, color: Color32) -> Option<Mesh> {
        let (texture, net) = (self.texture.as_ref()?, self.net.as_ref()?);
        let mut mesh = Mesh::with_texture(texture.id());
        for (at, corner) in net.corners.iter().enumerate() {
            let [x, y] = view.screen_from_world(*corner);
            let pos = rect.min + egui::vec2(x as f32, y as f32);
            let uv = egui::pos2((at % (NET + 1)) as f32 / NET as f32, (at / (NET + 1)) as f32 / NET as f32);
            mesh.vertices.push(egui::epaint::Vertex { pos, uv, color });
        }
        if mesh.vertices.is_empty() {
            return None;
        }
        for row in 0..NET {
            for column in 0..NET {
                let at = |r: usize, c: usize| ((row + r) * (NET + 1) + column + c) as u32;
                mesh.add_triangle(at(0, 0), at(0, 1), at(1, 0));
                mesh.add_triangle(at(1, 0), at(0, 1), at(1, 1));
            }
        }
        Some(mesh)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::{self, OpenOptions};
    use crate::task::Progress;
    use crate::ui::session::opening::Expected;
    use crate::ui::work::arriving::{expect, refresh};
    use crate::ui::{App, Start};
    use std::path::PathBuf;

    /// A session in which a file with parcels around a place is being read, and has come as far as all of it.
    fn arriving(text: &str) -> (egui::Context, App) {
        let ctx = egui::Context::default();
        let mut app = App::new(&eframe::CreationContext::_new_kittest(ctx.clone()), Start::for_test());
        let files = Expected::default();
        let options = files.next_file(OpenOptions::default());
        io::open_bytes("a.geojson", text.as_bytes().to_vec(), &options, &Progress::new()).expect("opens");
        let session = &mut app.session;
        let work = |progress: &Progress| while progress.tick(1).is_ok() {};
        let job = session.jobs.spawn_hidden(crate::text::Message::new("ui.job-open"), work, |_, ()| {});
        expect(session, job, PathBuf::new(), files);
        (ctx, app)
    }

    fn square(x: f64, y: f64, side: f64) -> String {
        let at = |dx: f64, dy: f64| format!("[{},{}]", x + dx * side, y + dy * side);
        let ring = [at(0.0, 0.0), at(1.0, 0.0), at(1.0, 1.0), at(0.0, 1.0), at(0.0, 0.0)].join(",");
        format!(r#"{{"type":"Feature","properties":{{}},"geometry":{{"type":"Polygon","coordinates":[[{ring}]]}}}}"#)
    }

    fn collection(crs: &str, features: &[String]) -> String {
        format!(r#"{{"type":"FeatureCollection",{crs}"features":[{}]}}"#, features.join(","))
    }

    /// What one frame draws of it, in points.
    fn drawn(ctx: &egui::Context, app: &App, sketches: &mut Sketches, settled: bool) -> Vec<egui::Pos2> {
        let mut output = ctx.run_ui(egui::RawInput::default(), |ui| {
            let rect = Rect::from_min_size(egui::pos2(0.0, 0.0), egui::vec2(400.0, 300.0));
            let view = MapView::fit(&Extent::EMPTY, [400.0, 300.0], 0.0);
            sketches.ui(ui, rect, &view, &app.session, settled);
        });
        let points = output.shapes.iter().filter_map(|shape| match &shape.shape {
            egui::Shape::Mesh(mesh) => Some(mesh.vertices.iter().map(|vertex| vertex.pos)),
            _ => None,
        });
        let points = points.flatten().collect();
        // No screen waits for them.
        output.textures_delta.clear();
        points
    }

    #[test]
    fn what_has_come_fills_the_map_and_goes_with_its_job() {
        let text = collection("", &[square(117.0, 36.8, 0.01), square(117.03, 36.83, 0.01)]);
        let (ctx, mut app) = arriving(&text);
        refresh(&mut app.session);
        assert!(is_alone(&app.session));
        let mut sketches = Sketches::default();
        let points = drawn(&ctx, &app, &mut sketches, true);
        let bounds = Rect::from_points(&points);
        assert!(Rect::from_min_size(egui::pos2(0.0, 0.0), egui::vec2(400.0, 300.0)).contains_rect(bounds));
        assert!(bounds.height() > 200.0, "{bounds:?}");
        // It was cancelled: the sketch stays only until the map has settled.
        let job = app.session.arriving[0].job;
        app.session.jobs.cancel(job);
        refresh(&mut app.session);
        assert!(!is_alone(&app.session));
        assert!(!drawn(&ctx, &app, &mut sketches, false).is_empty());
        assert!(drawn(&ctx, &app, &mut sketches, true).is_empty());
    }

    #[test]
    fn what_may_lie_anywhere_is_not_drawn() {
        // Eastings without a zone: several zones fit.
        let (ctx, app) = arriving(&collection("", &[square(500_000.0, 4_070_000.0, 100.0)]));
        assert!(drawn(&ctx, &app, &mut Sketches::default(), true).is_empty());
    }
}
