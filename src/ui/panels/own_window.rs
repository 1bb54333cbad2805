//! A panel in a window of its own, for a second screen: moved and sized by the system, and put back with a press. Where it
//! was left is remembered. Where the system lets a program have one window only, the panel floats over it instead.
//!
//! Such a window is drawn within each frame of the whole: what is done in it and what it shows is never a frame apart.

use std::sync::{Arc, OnceLock};

use eframe::egui::{self, Ui, ViewportBuilder, ViewportClass, pos2, vec2};
use rustc_hash::FxHashMap;

use crate::ui::look::theme::{self, tokens};
use crate::ui::panels::floating::{self, LEAST};
use crate::ui::session::command::Command;
use crate::ui::session::command::window::WindowCommand;
use crate::ui::session::parts::{Panel, Tab};
use crate::ui::session::settings::Settings;

/// Points by which a window has to move for that to be remembered.
const MOVED: f32 = 1.0;

/// Seconds that it has to rest there.
const REST: f64 = 0.5;

/// What is remembered between frames of the windows that are open.
#[derive(Default)]
pub struct State(FxHashMap<Panel, Shown>);

/// A window that is open.
struct Shown {
    /// Where it was opened: what the system is asked for stays the same, whatever the user makes of it.
    first: [f32; 4],
    /// Where it was last, and since when.
    seen: [f32; 4],
    since: f64,
    /// The tab then.
    tab: Tab,
}

/// The program's icon, for task bars and corners of windows.
pub fn icon() -> Arc<egui::IconData> {
    static ICON: OnceLock<Arc<egui::IconData>> = OnceLock::new();
    let read = || eframe::icon_data::from_png_bytes(include_bytes!("../../../assets/icon/tuban.png"));
    ICON.get_or_init(|| Arc::new(read().unwrap_or_default())).clone()
}

/// Draws `content` in a window of the system, where the panel has one and is open. Returns its place once it rests at
/// another one: left, top, width, height in points of the screen.
pub fn ui(
    ctx: &egui::Context,
    settings: &Settings,
    panel: Panel,
    state: &mut State,
    commands: &mut Vec<Command>,
    mut content: impl FnMut(&mut Ui, &mut Vec<Command>),
) -> Option<[f32; 4]> {
    let wanted = settings.own_window(panel).filter(|_| settings.open(panel) && !ctx.embed_viewports());
    let Some(place) = wanted else {
        state.0.remove(&panel);
        return None;
    };
    let new = Shown { first: place, seen: place, since: 0.0, tab: settings.tab };
    let shown = state.0.entry(panel).or_insert(new);
    let [x, y, width, height] = shown.first;
    let name = settings.tr(panel.name_key());
    let builder = ViewportBuilder::default()
        .with_title(format!("{name} – {}", settings.tr("ui.title")))
        .with_app_id("tuban")
        .with_icon(icon())
        .with_position(pos2(x, y))
        .with_inner_size(vec2(width, height))
        .with_min_inner_size(vec2(LEAST[0], LEAST[1]));
    let id = egui::ViewportId::from_hash_of(("panel-window", panel.name_key()));
    let now = ctx.show_viewport_immediate(id, builder, |ui, class| {
        let frame = theme::panel_frame(tokens(ui));
        egui::CentralPanel::no_frame().frame(frame).show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = 2.0;
            floating::bar(ui, settings, panel, commands);
            content(ui, commands);
            ui.take_available_space();
        });
        // A window that was made of the panel after all is no window of the system.
        if class != ViewportClass::Immediate {
            return None;
        }
        if ui.input(|input| input.viewport().close_requested()) {
            commands.push(Command::Window(WindowCommand::TogglePanel(panel)));
        }
        place_of(ui, place)
    });
    // Somebody asked for another table: it must be seen, too.
    if panel == Panel::Bottom && std::mem::replace(&mut shown.tab, settings.tab) != settings.tab {
        ctx.send_viewport_cmd_to(id, egui::ViewportCommand::Focus);
    }
    let (now, time) = now?;
    if is_moved(now, shown.seen) {
        (shown.seen, shown.since) = (now, time);
    }
    if !is_moved(now, place) {
        return None;
    }
    if time - shown.since < REST {
        ctx.request_repaint_after(std::time::Duration::from_secs_f64(REST));
        return None;
    }
    Some(now)
}

/// Where the window is, and the time; `None` while it is not of the size that the user gave it. Where the system does not
/// say its corner, that is as it was.
fn place_of(ui: &Ui, before: [f32; 4]) -> Option<([f32; 4], f64)> {
    let size = ui.ctx().content_rect().size();
    ui.input(|input| {
        let window = input.viewport();
        let is_usual = [window.minimized, window.maximized, window.fullscreen].iter().all(|is| *is != Some(true));
        let corner = window.outer_rect.map_or(pos2(before[0], before[1]), |rect| rect.min);
        is_usual.then_some(([corner.x, corner.y, size.x, size.y], input.time))
    })
}

fn is_moved(a: [f32; 4], b: [f32; 4]) -> bool {
    a.iter().zip(b).any(|(a, b)| (a - b).abs() > MOVED)
}
