//! Two modes of the balance tab for those who would rather look: flows between classes, and bars of change.

use std::sync::Arc;

use eframe::egui::{self, Popup, ScrollArea, Sense, Ui, WidgetInfo, vec2};

use crate::render::chart::{Chart, ChartColors};
use crate::render::lettering::Typeface;
use crate::report::transition::pictures::FlowChart;
use crate::text::{Language, tr};
use crate::ui::look::theme::tokens;
use crate::ui::look::{icons, widgets};
use crate::ui::session::command::Command;
use crate::ui::session::command::compare::{CompareCommand, ComparePicture};
use crate::ui::session::compare::pick::Pick;
use crate::ui::session::compare::shown::Shown;
use crate::ui::session::settings::Settings;
use crate::ui::work::compare::export;
use crate::units::AreaUnit;

/// What is remembered between frames.
#[derive(Default)]
pub struct State {
    drawn: Option<Drawn>,
}

/// A picture in pixels, and what it came from.
struct Drawn {
    key: Key,
    shown: Arc<Shown>,
    chart: Chart,
    flows: Option<FlowChart>,
    texture: Option<egui::TextureHandle>,
}

#[derive(PartialEq)]
struct Key {
    picture: ComparePicture,
    width: u32,
    pixels_per_point: f32,
    unit: AreaUnit,
    language: Language,
    dark: bool,
}

/// The button that writes the picture to a file.
pub fn save_button(ui: &mut Ui, language: Language, picture: ComparePicture, commands: &mut Vec<Command>) {
    let response = widgets::icon_button(ui, icons::IMAGE_DOWN, tr(language, "compare.save-picture"));
    Popup::menu(&response).show(|ui| {
        for (svg, key) in [(false, "compare.as-png"), (true, "compare.as-svg")] {
            if widgets::menu_row(ui, None, tr(language, key), "", None).clicked() {
                commands.push(Command::Compare(CompareCommand::SavePicture { picture, svg }));
                ui.close();
            }
        }
    });
}

/// Colours of the window's theme.
fn colors(ui: &Ui) -> ChartColors {
    let t = tokens(ui);
    let color = |c: egui::Color32| crate::model::style::Color { r: c.r(), g: c.g(), b: c.b(), a: c.a() };
    ChartColors {
        ground: color(t.panel),
        text: color(t.text),
        muted: color(t.muted),
        line: color(t.line),
        plus: color(t.good),
        minus: color(t.bad),
    }
}

/// Draws the picture; a click on a flow shows what it is made of.
pub fn ui(
    ui: &mut Ui,
    settings: &Settings,
    state: &mut State,
    shown: &Arc<Shown>,
    picture: ComparePicture,
    commands: &mut Vec<Command>,
) {
    let width = ui.available_width().clamp(MIN_WIDTH, MAX_WIDTH);
    let key = Key {
        picture,
        width: width as u32,
        pixels_per_point: ui.pixels_per_point(),
        unit: settings.area_unit,
        language: settings.language,
        dark: ui.visuals().dark_mode,
    };
    if !state.drawn.as_ref().is_some_and(|drawn| drawn.key == key && Arc::ptr_eq(&drawn.shown, shown)) {
        let (chart, flows) = export::chart(settings, shown, picture, width.floor(), &colors(ui));
        let texture = texture(ui, &chart);
        state.drawn = Some(Drawn { key, shown: shown.clone(), chart, flows, texture });
    }
    let Some(drawn) = &state.drawn else { return };
    let name = settings.tr(picture.key());
    if drawn.flows.as_ref().is_some_and(|flows| flows.flows.is_empty()) {
        widgets::empty_state(ui, icons::CIRCLE_CHECK, settings.tr("compare.nothing-changes"), |_| {});
        return;
    }
    ScrollArea::both().id_salt(("picture", picture.key())).auto_shrink(false).show(ui, |ui| {
        let size = vec2(drawn.chart.drawing.size[0], drawn.chart.drawing.size[1]);
        let (rect, response) = ui.allocate_exact_size(size, Sense::click());
        response.widget_info(|| WidgetInfo::labeled(egui::Role::Image, true, name));
        if let Some(texture) = &drawn.texture {
            let all = egui::Rect::from_min_max(egui::pos2(0.0, 0.0), egui::pos2(1.0, 1.0));
            ui.painter().image(texture.id(), rect, all, egui::Color32::WHITE);
        }
        let Some(flows) = &drawn.flows else { return };
        let pointer = response.hover_pos().map(|at| at - rect.min);
        let Some(flow) = pointer.and_then(|at| drawn.chart.flow_at([at.x, at.y])).and_then(|at| flows.flows.get(at))
        else {
            return;
        };
        let (from, to, area, cell) = flow;
        if let Some((from, to)) = *cell {
            ui.ctx().set_cursor_icon(egui::CursorIcon::PointingHand);
            if response.clicked() {
                commands.push(Command::Compare(CompareCommand::Pick(Some(Pick::Cell { from, to }))));
            }
        }
        let unit = settings.area_unit;
        response.on_hover_text(format!("{from} → {to}\n{area} {}", settings.tr(unit.key())));
    });
}

/// Narrowest and widest picture in the window, in points.
const MIN_WIDTH: f32 = 760.0;
const MAX_WIDTH: f32 = 1200.0;

/// Highest side of a texture that every graphics card takes.
const MOST_PIXELS: f32 = 8192.0;

fn texture(ui: &Ui, chart: &Chart) -> Option<egui::TextureHandle> {
    let scale = ui.pixels_per_point().min(MOST_PIXELS / chart.drawing.size[1].max(1.0));
    let pixmap = chart.drawing.paint(&Typeface::bundled(), scale)?;
    let size = [pixmap.width() as usize, pixmap.height() as usize];
    let image = egui::ColorImage::from_rgba_premultiplied(size, pixmap.data());
    Some(ui.ctx().load_texture("chart", image, egui::TextureOptions::LINEAR))
}
