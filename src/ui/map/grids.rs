//! Lines with numbers over the map: the grid of the project CRS, and meridians and parallels.

use eframe::egui::{self, Rect, Shape, Stroke, Ui};

use crate::crs::Crs;
use crate::model::Coord;
use crate::render::MapView;
use crate::render::graticule::{Graticule, GraticuleLine};
use crate::render::view::GridLines;
use crate::scenario::Workspace;
use crate::ui::look::theme::tokens;
use crate::ui::map::labels;
use crate::ui::session::Session;
use crate::units::format_number;

/// Least distance of two lines on screen, in points.
const SPACING: f64 = 130.0;

/// What is kept of the lines from frame to frame.
#[derive(Default)]
pub struct Grids {
    /// The way between the CRS and its longitude and latitude; `None` in place of one where there is none.
    graticule: Option<(Crs, Option<Graticule>)>,
    lines: Option<(MapView, Vec<GraticuleLine>)>,
}

impl Grids {
    /// Draws what the user wants of them over `rect`.
    pub fn ui(&mut self, ui: &Ui, rect: Rect, view: &MapView, session: &Session) {
        if session.settings.grid {
            grid(ui, rect, view, &session.workspace);
        }
        if session.settings.graticule {
            self.graticule(ui, rect, view, &session.workspace);
        }
    }

    fn graticule(&mut self, ui: &Ui, rect: Rect, view: &MapView, workspace: &Workspace) {
        let Some(crs) = &workspace.crs else { return };
        if self.graticule.as_ref().is_none_or(|(known, _)| known != crs) {
            // A CRS without a way to degrees has no meridians to draw.
            self.graticule = Some((crs.clone(), Graticule::new(crs).ok()));
            self.lines = None;
        }
        let Some((_, Some(graticule))) = &self.graticule else { return };
        if self.lines.as_ref().is_none_or(|(known, _)| known != view) {
            self.lines = Some((*view, graticule.lines(view, SPACING)));
        }
        let t = tokens(ui);
        let stroke = Stroke::new(1.0, t.accent.gamma_multiply(0.45));
        let painter = ui.painter_at(rect);
        let place = |[x, y]: [f64; 2]| rect.min + egui::vec2(x as f32, y as f32);
        for line in self.lines.iter().flat_map(|(_, lines)| lines) {
            painter.add(Shape::line(line.path_in_screen(view).into_iter().map(place).collect(), stroke));
            let Some(at) = line.label_in_screen(view).map(place) else { continue };
            if line.meridian {
                labels::cased(ui, rect, at + egui::vec2(3.0, 20.0), egui::Align2::LEFT_TOP, &line.label);
            } else {
                labels::cased(ui, rect, at + egui::vec2(-6.0, -2.0), egui::Align2::RIGHT_BOTTOM, &line.label);
            }
        }
    }
}

/// Lines of the project CRS at round coordinates, with their numbers at the border.
fn grid(ui: &Ui, rect: Rect, view: &MapView, workspace: &Workspace) {
    let t = tokens(ui);
    let stroke = Stroke::new(1.0, t.text.gamma_multiply(0.2));
    let painter = ui.painter_at(rect);
    let lines = GridLines::of(view, SPACING);
    let geographic = workspace.crs.as_ref().is_some_and(Crs::is_geographic);
    let number = |value: f64| {
        let text = format_number(value, lines.decimals);
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
