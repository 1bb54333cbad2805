//! What lies beneath the layers: adding it, opening its sources, and having it drawn for where the map looks.
//!
//! The picture is made of cells that stand still in the world, and worked out in the background: those that come in when the
//! map is moved at once, all of them when it has come to rest at another scale; until they are there the last ones move with
//! it. A server is asked only where the user allows it, and never from here: its tiles come to threads of their own.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use eframe::egui;

use crate::crs::Crs;
use crate::doctor::placing::ControlPoint;
use crate::io::is_same_file;
use crate::io::underlay::{Asking, Raster};
use crate::model::{Coord, Issue, Severity};
use crate::render::image::Image;
use crate::render::underlay::{Cells, Drawn, OpenUnderlay, not_drawn};
use crate::scenario::{Property, Underlay, UnderlaySource};
use crate::task::{Cancelled, Progress};
use crate::text::Message;
use crate::ui::session::Session;
use crate::ui::session::awaited::{News, Problem};
use crate::ui::session::opening::file_title;
use crate::ui::session::parts::Card;
use crate::ui::session::underlays::{DrawKey, Opening, Picture, Underlays};
use crate::ui::work::{asking, save, scenarios, view};

/// Endings of what can lie beneath.
const ENDINGS: [&str; 9] = ["tif", "tiff", "png", "jpg", "jpeg", "webp", "mbtiles", "pmtiles", "pdf"];
/// Share of the map's sides that is drawn around what it shows.
const AROUND: f64 = 0.1;
/// How soon a map that moves is looked at again.
const SOON: Duration = Duration::from_millis(30);
/// Pixels a point that a picture has at most.
const MOST_PX_PER_POINT: f32 = 2.0;

/// Asks for files and puts them beneath the layers.
pub fn choose(session: &mut Session) {
    let folder = session.settings.recent.first().and_then(|path| path.parent()).map(Path::to_owned);
    if !asking::system_has_dialogs() {
        let folder = folder.unwrap_or_default().join("");
        return asking::ask(session, "underlay.add", false, &folder, |session, path| add(session, vec![path]));
    }
    let (title, kind) = (session.tr("underlay.add").to_owned(), session.tr("underlay.filter").to_owned());
    let dialog = move || {
        let mut dialog = rfd::FileDialog::new().set_title(title).add_filter(kind, &ENDINGS);
        if let Some(folder) = folder {
            dialog = dialog.set_directory(folder);
        }
        dialog.pick_files()
    };
    save::ask(session, dialog, |session, paths: Option<Vec<PathBuf>>| add(session, paths.unwrap_or_default()));
}

/// Puts files beneath the layers, each on top of what lies there.
pub fn add(session: &mut Session, paths: Vec<PathBuf>) {
    for path in paths {
        // A path that cannot be made absolute is told as it was given.
        let path = std::path::absolute(&path).unwrap_or(path);
        if tell_known(session, &path) {
            continue;
        }
        let name = Message::new("ui.job-open").with("file", file_title(&path));
        let file = path.clone();
        let read = move |progress: &Progress| Raster::open(&file, None, None, progress).map(Arc::new);
        session.jobs.spawn(name, read, move |session, read: Result<Arc<Raster>, Message>| match read {
            Ok(raster) => put(session, path, raster),
            Err(error) => session.notify_error(error),
        });
    }
}

/// Whether a file lies beneath the layers already, which is said.
fn tell_known(session: &mut Session, path: &Path) -> bool {
    let is_known = |of: &Underlay| matches!(&of.source, UnderlaySource::File(known) if is_same_file(known, path));
    let known = session.workspace.underlays.iter().find(|of| is_known(of));
    let message = known.map(|known| Message::new("underlay.known").with("name", &known.title));
    let is_known = message.is_some();
    message.into_iter().for_each(|message| session.notify(message));
    is_known
}

/// Puts a file beneath the layers. A scan that lies nowhere is put into what the map shows, to be put in its place by points.
fn put(session: &mut Session, path: PathBuf, raster: Arc<Raster>) {
    // It may have come twice at once.
    if tell_known(session, &path) {
        return;
    }
    let mut underlay = Underlay::new(file_title(&path), UnderlaySource::File(path));
    underlay.credit = raster.attribution().to_owned();
    underlay.dpi = raster.dpi();
    let is_placed = raster.affine().is_some();
    let own = raster.crs().cloned().filter(|crs| is_placed && *crs != Crs::web_mercator());
    let map = session.workspace.crs.clone().or(own);
    let Some(map) = map else {
        return session.notify_error(Message::new("underlay.layer-first").with("name", &underlay.title));
    };
    if !is_placed {
        underlay.points = provisional(session, raster.size());
        underlay.crs = Some(map.clone());
    }
    // What was read is not read again.
    let made = OpenUnderlay::of_raster(raster.clone(), &underlay, &map).map(Arc::new);
    let mut opening = Opening { of: underlay.as_opened(), map: map.clone(), made: Default::default() };
    opening.made.set((), made);
    session.project.underlays.openings.push(opening);
    let sentence = Message::new("underlay.came").with("name", &underlay.title);
    let title = underlay.title.clone();
    let mut underlays = vec![underlay];
    underlays.extend(session.workspace.underlays.iter().cloned());
    let after = vec![Property::Crs(Some(map)), Property::Underlays(Arc::new(underlays))];
    session.workspace.change_all(after, sentence, scenarios::by(session.language()));
    raster.remarks().iter().for_each(|remark| session.warn(remark.clone()));
    if !is_placed {
        session.warn(Message::new("underlay.provisional").with("name", title));
        properties(session, 0);
    }
}

/// Two points that put an image of that size into the middle of what the map shows.
fn provisional(session: &Session, size: [f64; 2]) -> Vec<ControlPoint> {
    let view = &session.view;
    let scale = (view.size_px[0] / size[0]).min(view.size_px[1] / size[1]) * 0.9;
    let corner = [0, 1].map(|axis| (view.size_px[axis] - size[axis] * scale) / 2.0);
    let point = |pixel: [f64; 2]| {
        let screen = [corner[0] + pixel[0] * scale, corner[1] + pixel[1] * scale];
        ControlPoint { pixel, world: view.world_from_screen(screen) }
    };
    vec![point([0.0, 0.0]), point(size)]
}

/// Puts a map of a server beneath the layers; the user has read what that tells the server.
pub fn take(session: &mut Session, underlay: Underlay, key: Option<String>) {
    session.settings.servers_allowed = true;
    if let Some(key) = key {
        session.settings.tianditu_key = key;
    }
    if session.workspace.crs.is_none() {
        return session.notify_error(Message::new("underlay.layer-first").with("name", &underlay.title));
    }
    let mut underlays = vec![underlay];
    underlays.extend(session.workspace.underlays.iter().cloned());
    change(session, Arc::new(underlays));
}

/// What lies beneath is this.
pub fn change(session: &mut Session, underlays: Arc<Vec<Underlay>>) {
    session.project.underlays.picked = None;
    scenarios::change(session, Property::Underlays(underlays));
}

/// Shows all of one.
pub fn zoom_to(session: &mut Session, at: usize) {
    let open = session.workspace.underlays.get(at).and_then(|of| session.project.underlays.open(of)).cloned();
    if let (Some(open), Some(map)) = (open, session.workspace.crs.clone()) {
        view::zoom_to(session, open.extent(&map));
    }
}

/// Opens the card of one.
pub fn properties(session: &mut Session, at: usize) {
    session.project.underlays.picked = None;
    session.card = Some(Card::Underlay(at));
}

/// Takes what a scan shows at a place of the map as a control point, and opens its card.
pub fn pick(session: &mut Session, at: usize, place: Coord) {
    let open = session.workspace.underlays.get(at).and_then(|of| session.project.underlays.open(of)).cloned();
    let point = open.zip(session.workspace.crs.clone()).and_then(|(open, map)| open.point_at(place, &map));
    if let Some(point) = point {
        session.project.underlays.picked = Some((at, point));
        session.card = Some(Card::Underlay(at));
    }
}

/// Lets go of all that was fetched and read: it is asked for again.
pub fn forget(session: &mut Session) {
    session.project.underlays = Underlays::default();
    session.project.images.clear();
}

/// What happens each frame: sources are opened and closed, and what lies beneath is drawn for where the map looks.
pub fn refresh(session: &mut Session, ctx: &egui::Context) {
    let wanted = session.workspace.underlays.clone();
    let map = session.workspace.crs.clone().filter(|_| wanted.iter().any(|of| of.visible));
    let Some(map) = map else {
        if !session.project.underlays.openings.is_empty() {
            forget(session);
        }
        return;
    };
    let cache = session.project.cache.as_ref();
    session.project.underlays.shelf.set(cache.map(|cache| cache.tiles(!session.project.read_only).clone()));
    open(session, ctx, &wanted, &map);
    draw(session, ctx, &wanted, &map);
}

/// Opens what is drawn, and lets go of what is not.
fn open(session: &mut Session, ctx: &egui::Context, wanted: &[Underlay], map: &Crs) {
    let wake = ctx.clone();
    let asking = session.project.underlays.asking(&session.settings);
    let asking = Asking { wake: Some(Arc::new(move || wake.request_repaint())), ..asking };
    let is_file = |of: &&Underlay| matches!(of.source, UnderlaySource::File(_));
    let may_open = |of: &&Underlay| of.visible && (asking.allowed || is_file(of));
    let wanted: Vec<Underlay> = wanted.iter().filter(may_open).map(Underlay::as_opened).collect();
    let openings = &mut session.project.underlays.openings;
    // What a file was read into serves it at another place, too.
    let is_read = |opening: &Opening| Some((opening.of.clone(), opening.made.value()?.raster().clone()));
    let known: Vec<(Underlay, Arc<Raster>)> = openings.iter().filter_map(is_read).collect();
    openings.retain(|opening| opening.map == *map && wanted.contains(&opening.of));
    let mut said = Vec::new();
    for opening in openings.iter_mut() {
        if let (Some(News::Ended), Some(Problem::Failed(error))) = (opening.made.poll(), opening.made.problem()) {
            let title = session.workspace.underlays.iter().find(|of| of.as_opened() == opening.of);
            said.extend(title.map(|of| not_drawn(of, error)));
        }
    }
    for of in wanted {
        let openings = &mut session.project.underlays.openings;
        if openings.iter().any(|opening| opening.of == of) {
            continue;
        }
        let mut opening = Opening { of: of.clone(), map: map.clone(), made: Default::default() };
        let known = known.iter().find(|(other, raster)| other.reads_the_same(&of) && !raster.is_of_server());
        if let Some((_, raster)) = known {
            opening.made.set((), OpenUnderlay::of_raster(raster.clone(), &of, map).map(Arc::new));
            openings.push(opening);
            continue;
        }
        let (map, asking) = (map.clone(), asking.clone());
        let work = move |progress: &Progress| OpenUnderlay::open(&of, &map, &asking, progress).map(Arc::new);
        opening.made.start_hidden(&mut session.jobs, (), Message::new("underlay.job-open"), work);
        openings.push(opening);
    }
    said.into_iter().for_each(|message| tell(session, message));
    let mut open = session.project.underlays.openings.iter().filter_map(|opening| opening.made.value());
    if session.workspace.is_empty()
        && session.project.wants_full_extent
        && let Some(first) = open.next().cloned()
    {
        view::zoom_to(session, first.extent(map));
    }
}

/// Says something once.
fn tell(session: &mut Session, message: Message) {
    if !session.project.underlays.told.contains(&message) {
        session.project.underlays.told.push(message.clone());
        session.tell(Issue::new(Severity::Warning, message));
    }
}

/// Has what lies beneath drawn where the last picture is of something else.
fn draw(session: &mut Session, ctx: &egui::Context, wanted: &[Underlay], map: &Crs) {
    let view = session.view;
    let state = &mut session.project.underlays;
    let rests = state.view.replace(view) == Some(view);
    let mut faults: Vec<(Underlay, Message)> = Vec::new();
    if state.drawn.poll() == Some(News::Arrived) {
        let of = |picture: &Picture| picture.cells.iter().find_map(|(_, drawn)| drawn.fault.clone());
        let pictures = state.drawn.value().into_iter().flatten();
        faults.extend(pictures.filter_map(|picture| Some((picture.of.clone(), of(picture)?))));
    }
    let ready: Vec<(Underlay, Arc<OpenUnderlay>)> = wanted
        .iter()
        .rev()
        .filter(|of| of.visible)
        .filter_map(|of| Some((of.as_opened(), state.open(of)?.clone())))
        .collect();
    let scale = f64::from(ctx.pixels_per_point().min(MOST_PX_PER_POINT));
    let key = DrawKey {
        cells: Cells::of(&view, scale, AROUND),
        map: map.clone(),
        sources: ready.iter().map(|(of, _)| of.clone()).collect(),
        arrivals: ready.iter().map(|(_, open)| open.raster().arrival_count()).sum(),
    };
    if !state.drawn.is_asked(&key) && view.size_px[0] > 1.0 {
        // While one is made of this place, what has come since waits for the next.
        let is_outdated = state.drawn.key().is_none_or(|asked| !asked.shows_the_same(&key));
        let before = state.drawn.value_key().filter(|of| of.map == *map && of.cells.are_as_large_as(&key.cells));
        let is_due = if state.drawn.is_busy() {
            rests && is_outdated
        } else {
            rests || before.is_some() || state.drawn.value().is_none()
        };
        if is_due {
            let known = before.and(state.drawn.value()).cloned().unwrap_or_default();
            let of = key.clone();
            let work = move |progress: &Progress| {
                let pictures = ready.iter().map(|(underlay, open)| picture(&of, underlay, open, &known, progress));
                // Whoever stops it knows.
                pictures.collect::<Result<Vec<Picture>, Cancelled>>().map_err(|_| Message::new("ui.work-stopped"))
            };
            state.drawn.start_hidden(&mut session.jobs, key, Message::new("underlay.job-draw"), work);
        } else {
            ctx.request_repaint_after(SOON);
        }
    }
    let images = |of: &Underlay| {
        let opened = of.as_opened();
        let cells = state.cells(&opened).filter_map(|drawn| drawn.image.as_ref());
        cells.map(|image| image.with_opacity(of.opacity)).collect::<Vec<Image>>()
    };
    session.project.images = wanted.iter().rev().filter(|of| of.visible).flat_map(images).collect();
    for (of, fault) in faults {
        let title = wanted.iter().find(|known| known.as_opened() == of);
        if let Some(title) = title {
            tell(session, not_drawn(title, &fault));
        }
    }
}

/// The picture of one source: cells that are whole are those of before.
fn picture(
    key: &DrawKey,
    underlay: &Underlay,
    open: &OpenUnderlay,
    known: &[Picture],
    progress: &Progress,
) -> Result<Picture, Cancelled> {
    let before =
        known.iter().find(|picture| picture.of == *underlay).map_or(&[][..], |picture| picture.cells.as_slice());
    let mut cells = Vec::new();
    for cell in key.cells.all() {
        let known = before.iter().find(|(at, _)| *at == cell).map(|(_, drawn)| drawn);
        let drawn = match known.filter(|drawn| drawn.is_whole()) {
            Some(whole) => whole.clone(),
            None => {
                let drawn = open.draw(&key.cells.view_of(cell), 1.0, 0.0, &key.map, 1.0, Duration::ZERO, progress)?;
                // What came is of other cells: this one needs not come to the GPU again.
                let same = known.and_then(|known| known.image.clone());
                let same = same.filter(|same| drawn.image.as_ref().is_some_and(|image| same.equals(image)));
                Drawn { image: same.or(drawn.image), ..drawn }
            }
        };
        cells.push((cell, drawn));
    }
    Ok(Picture { of: underlay.clone(), cells })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Extent;
    use crate::render::MapView;
    use crate::ui::session::settings::Settings;

    fn session(ctx: &egui::Context) -> Session {
        let mut session = Session::new(Settings::default(), ctx.clone());
        session.workspace.crs = Some(Crs::from_epsg(4548).expect("known"));
        let middle = Coord { x: 500_100.0, y: 4_069_900.0 };
        session.view = MapView { center: middle, units_per_px: 10.0, size_px: [40.0, 40.0] };
        session
    }

    /// Frames until `is_done`.
    fn until(session: &mut Session, ctx: &egui::Context, is_done: impl Fn(&Session) -> bool) {
        while !is_done(session) {
            crate::ui::session::jobs::install_finished(session);
            refresh(session, ctx);
            std::thread::yield_now();
        }
    }

    fn png(path: &Path) {
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, 2, 2);
        encoder.set_color(png::ColorType::Rgb);
        encoder.set_depth(png::BitDepth::Eight);
        encoder.write_header().and_then(|mut writer| writer.write_image_data(&[9; 12])).expect("into memory");
        std::fs::write(path, bytes).expect("written");
    }

    #[test]
    fn an_image_comes_is_drawn_goes_and_comes_back_by_undo() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.png");
        png(&path);
        std::fs::write(folder.path().join("a.pgw"), "100\n0\n0\n-100\n500050\n4069950\n").expect("written");
        let ctx = egui::Context::default();
        let mut session = session(&ctx);
        session.view.size_px = [600.0, 40.0];
        add(&mut session, vec![path.clone(), path.clone()]);
        until(&mut session, &ctx, |session| !session.project.images.is_empty());
        assert_eq!(session.workspace.underlays.len(), 1);
        // Moved by a cell, the map has the others as they were.
        let before = session.project.images.clone();
        session.view = session.view.panned([512.0, 0.0]);
        let moved = session.view;
        until(&mut session, &ctx, |session| {
            let drawn = &session.project.underlays.drawn;
            let of = drawn.value_key().map(|key| key.cells);
            of == Some(Cells::of(&moved, f64::from(ctx.pixels_per_point()), AROUND))
        });
        let stays = |image: &Image| before.iter().any(|other| image.shares_pixels(other));
        assert!(session.project.images.iter().filter(|image| stays(image)).count() > 0);
        session.view = session.view.panned([-512.0, 0.0]);
        until(&mut session, &ctx, |session| session.project.images.len() == before.len());
        let extent = session.project.images[0].extent();
        // More than is seen, so that there is something where the map is dragged to.
        assert!(extent.width() > 400.0, "{extent:?}");
        let faint = Underlay { opacity: 0.3, ..session.workspace.underlays[0].clone() };
        change(&mut session, Arc::new(vec![faint]));
        refresh(&mut session, &ctx);
        assert_eq!(session.project.images[0].opacity(), 0.3);
        zoom_to(&mut session, 0);
        assert_eq!(session.view.center, Coord { x: 500_100.0, y: 4_069_900.0 });
        change(&mut session, Arc::default());
        refresh(&mut session, &ctx);
        assert!(session.project.images.is_empty() && session.project.underlays.openings.is_empty());
        session.workspace.undo().expect("a step");
        until(&mut session, &ctx, |session| !session.project.images.is_empty());
    }

    #[test]
    fn a_scan_without_a_place_is_put_into_the_view_and_asks_for_points() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("scan.png");
        png(&path);
        let ctx = egui::Context::default();
        let mut session = session(&ctx);
        add(&mut session, vec![path]);
        until(&mut session, &ctx, |session| !session.project.images.is_empty());
        assert_eq!(session.card, Some(Card::Underlay(0)));
        let placed = &session.workspace.underlays[0];
        assert_eq!((placed.points.len(), placed.crs.as_ref().and_then(Crs::epsg)), (2, Some(4548)));
        let open = session.project.underlays.open(placed).expect("open");
        let Extent { min, max } = open.extent(&Crs::from_epsg(4548).expect("known"));
        assert!(session.view.extent().min.x < min.x && max.x < session.view.extent().max.x);
        // The middle of the view is the middle of the scan.
        let middle = session.view.center;
        pick(&mut session, 0, middle);
        let (at, point) = session.project.underlays.picked.expect("a point");
        assert!(at == 0 && point.pixel.iter().all(|side| (side - 1.0).abs() < 1e-6), "{point:?}");
    }

    #[test]
    fn no_server_is_asked_unless_the_user_allows_it() {
        let ctx = egui::Context::default();
        let mut session = session(&ctx);
        let tiles = UnderlaySource::Tiles("http://127.0.0.1:9/{z}/{x}/{y}".to_owned());
        change(&mut session, Arc::new(vec![Underlay::new("t".to_owned(), tiles)]));
        for _ in 0..5 {
            refresh(&mut session, &ctx);
        }
        assert!(session.project.underlays.openings.is_empty());
        assert!(!session.settings.asking().allowed);
    }
}
