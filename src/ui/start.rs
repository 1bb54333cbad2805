//! Opens the window: which renderer draws it, on which adapter, and what is to be said where none can.

use std::io::Write as _;
use std::path::PathBuf;
use std::sync::Arc;

use eframe::{egui, wgpu};

use super::{App, Start};
use crate::task;
use crate::ui::look::fonts;
use crate::ui::look::theme::size;
use crate::ui::map::canvas;
use crate::ui::panels::own_window;
use crate::ui::session::settings::Settings;
use crate::ui::work::project;

/// Which renderer draws the window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Renderer {
    /// wgpu, and OpenGL with the CPU painter's map where it finds no adapter.
    #[default]
    Auto,
    /// wgpu only.
    Wgpu,
    /// OpenGL; the map is painted by the CPU.
    Gl,
    /// The map is painted by the CPU, whatever shows the window.
    Cpu,
}

/// Opens the window and returns when it is closed.
///
/// # Errors
/// When no renderer can open a window.
///
/// `memory_mb` bounds the memory in this run, whatever the settings say; 0 for no bound.
pub fn run(
    files: Vec<PathBuf>,
    renderer: Renderer,
    language: Option<crate::text::Language>,
    memory_mb: Option<u64>,
) -> Result<(), RunError> {
    if !has_display(|name| std::env::var_os(name)) {
        return Err(RunError::NoDisplay);
    }
    task::leave_a_core();
    let map_maker = match renderer {
        Renderer::Auto => canvas::Maker::Best,
        Renderer::Wgpu => canvas::Maker::Gpu,
        Renderer::Gl | Renderer::Cpu => canvas::Maker::Cpu,
    };
    let mut start = Start { map_maker, ..Start::for_user(files) };
    if let Some(language) = language {
        start.settings.language = language;
    }
    if memory_mb.is_some() {
        start.settings.memory_limit_mb = memory_mb;
    }
    fonts::look_ahead();
    start.early = project::begin_early(&start.files, &start.settings);
    sweep(&start.settings);
    let open = |window: Window| {
        let start = start.clone();
        let mut options = eframe::NativeOptions {
            viewport: egui::ViewportBuilder::default()
                .with_title(crate::text::tr(start.settings.language, "ui.title"))
                .with_app_id("tuban")
                .with_icon(own_window::icon())
                .with_inner_size(egui::vec2(size::WINDOW.0, size::WINDOW.1))
                .with_min_inner_size(egui::vec2(size::WINDOW_MIN.0, size::WINDOW_MIN.1)),
            renderer: if window == Window::Gl { eframe::Renderer::Glow } else { eframe::Renderer::Wgpu },
            // There are no gradients to smooth, and without a GPU it costs as much as the colours.
            dithering: false,
            ..eframe::NativeOptions::default()
        };
        if window == Window::Hardware
            && let eframe::egui_wgpu::WgpuSetup::CreateNew(setup) = &mut options.wgpu_options.wgpu_setup
        {
            setup.native_adapter_selector = Some(Arc::new(hardware));
        }
        eframe::run_native("tuban", options, Box::new(|cc| Ok(Box::new(App::new(cc, start)))))
    };
    let order: &[Window] = match renderer {
        Renderer::Wgpu => &[Window::Wgpu],
        Renderer::Gl => &[Window::Gl],
        // Where wgpu would draw by the CPU, OpenGL does the same five times as fast.
        Renderer::Auto | Renderer::Cpu => &[Window::Hardware, Window::Gl, Window::Wgpu],
    };
    let mut outcome = Ok(());
    for window in order {
        outcome = open(*window);
        match &outcome {
            Ok(()) => break,
            // There is a display by its name, but nobody answers: no other renderer finds one.
            Err(eframe::Error::WinitEventLoop(_)) => return Err(RunError::NoDisplay),
            // Where nobody reads it, the next way is tried all the same.
            Err(error) => drop(writeln!(std::io::stderr(), "{error}")),
        }
    }
    outcome.map_err(RunError::Window)
}

/// Why there is no window.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// There is no screen to show it on: a terminal without a desktop.
    #[error("there is no display")]
    NoDisplay,
    /// No renderer could open it.
    #[error(transparent)]
    Window(eframe::Error),
}

/// Whether the environment names a display. Windows and macOS have one without a name.
fn has_display(variable: impl Fn(&str) -> Option<std::ffi::OsString>) -> bool {
    let is_set = |name: &str| variable(name).is_some_and(|value| !value.is_empty());
    cfg!(any(windows, target_os = "macos")) || ["WAYLAND_DISPLAY", "WAYLAND_SOCKET", "DISPLAY"].into_iter().any(is_set)
}

/// Removes what a killed program left half-written beside the files that were used last, which is where the window
/// writes. On a thread of its own: a folder may be far away.
fn sweep(settings: &Settings) {
    let folders: std::collections::BTreeSet<PathBuf> =
        settings.recent.iter().filter_map(|path| path.parent()).map(PathBuf::from).collect();
    // No thread: the next save into the folder does it.
    let _ = std::thread::Builder::new()
        .name("sweep".into())
        .spawn(move || folders.iter().for_each(|folder| crate::io::sweep(folder)));
}

/// What shows the window.
#[derive(Clone, Copy, PartialEq)]
enum Window {
    /// wgpu on a GPU.
    Hardware,
    /// OpenGL.
    Gl,
    /// wgpu on whatever there is.
    Wgpu,
}

/// The fastest adapter that is no CPU.
fn hardware(adapters: &[wgpu::Adapter], surface: Option<&wgpu::Surface<'_>>) -> Result<wgpu::Adapter, String> {
    let rank = |adapter: &&wgpu::Adapter| match adapter.get_info().device_type {
        wgpu::DeviceType::DiscreteGpu => 0,
        wgpu::DeviceType::IntegratedGpu => 1,
        wgpu::DeviceType::VirtualGpu => 2,
        wgpu::DeviceType::Other => 3,
        wgpu::DeviceType::Cpu => 4,
    };
    let fits = |adapter: &&wgpu::Adapter| {
        rank(adapter) < 4 && surface.is_none_or(|surface| adapter.is_surface_supported(surface))
    };
    adapters.iter().filter(fits).min_by_key(rank).cloned().ok_or_else(|| "no GPU that wgpu can use".to_owned())
}
