//! The map: what is drawn between the panels.

use eframe::egui::{self, Color32, Response, Sense, Ui, pos2};

use super::command::Command;
use super::state::Session;
use super::theme::tokens;
use crate::model::style::Fill;

/// What the map keeps between frames.
pub struct Canvas {}

impl Canvas {
    /// The map of a window.
    pub fn new(_cc: &eframe::CreationContext<'_>) -> Self {
        Self {}
    }

    /// Draws the map into all the room that is left, and tells its size.
    pub fn ui(&mut self, ui: &mut Ui, session: &Session, commands: &mut Vec<Command>) -> Response {
        let (rect, response) = ui.allocate_exact_size(ui.available_size(), Sense::click_and_drag());
        let size_px = [f64::from(rect.width()), f64::from(rect.height())];
        if session.view.size_px != size_px {
            commands.push(Command::SetMapSize(size_px));
        }
        let painter = ui.painter_at(rect);
        painter.rect_filled(rect, 0.0, tokens(ui).map);
        for entry in session.workspace.drawn() {
            let (Some(prepared), Some(symbols)) = (session.prepared(entry.id()), session.derived.symbols(entry.id()))
            else {
                continue;
            };
            let colors: Vec<Color32> = (0..entry.style.symbol_count())
                .map(|i| match entry.style.symbol(i).map(|symbol| symbol.fill) {
                    Some(Fill::Solid(c)) if entry.style.is_visible(i) => {
                        Color32::from_rgba_unmultiplied(c.r, c.g, c.b, c.a)
                    }
                    _ => Color32::TRANSPARENT,
                })
                .collect();
            for (block, start) in prepared.meshes.iter().zip(&prepared.starts) {
                let mut mesh = egui::Mesh::default();
                for vertex in &block.vertices {
                    let place = crate::model::Coord {
                        x: block.origin.x + f64::from(vertex.position[0]),
                        y: block.origin.y + f64::from(vertex.position[1]),
                    };
                    let [x, y] = session.view.screen_from_world(place);
                    let row = (vertex.feature & !crate::render::mesh::RING_END) as usize;
                    let color =
                        symbols.get(start + row).map_or(Color32::TRANSPARENT, |symbol| colors[usize::from(*symbol)]);
                    mesh.colored_vertex(pos2(rect.left() + x as f32, rect.top() + y as f32), color);
                }
                mesh.indices.extend(&block.indices);
                painter.add(mesh);
            }
        }
        response
    }
}
