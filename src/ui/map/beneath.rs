//! What lies beneath the layers, as textures of the GPU: each cell of it comes there once and is moved with the map.

use std::time::{Duration, Instant};

use eframe::egui::{self, Color32, Rect, Ui, pos2};

use crate::render::MapView;
use crate::render::image::Image;
use crate::ui::look::theme::tokens;

/// All of a texture.
const WHOLE: Rect = Rect { min: pos2(0.0, 0.0), max: pos2(1.0, 1.0) };
/// How long cells are brought to the GPU in a frame, at least one.
const A_FRAME: Duration = Duration::from_millis(3);

/// The cells that the GPU has.
#[derive(Default)]
pub struct Beneath {
    known: Vec<(Image, egui::TextureHandle)>,
    is_whole: bool,
}

impl Beneath {
    /// Draws `images` and the bare map beneath them. Until all of them are on the GPU, what was there before shows, too.
    pub fn ui(&mut self, ui: &Ui, rect: Rect, view: &MapView, images: &[Image]) {
        let painter = ui.painter_at(rect);
        painter.rect_filled(rect, 0.0, tokens(ui).map);
        let started = Instant::now();
        self.is_whole = true;
        for image in images {
            if self.known.iter().any(|(known, _)| known.shares_pixels(image)) {
                continue;
            }
            if started.elapsed() > A_FRAME {
                self.is_whole = false;
                break;
            }
            let pixels = image.pixels();
            let size = [pixels.width() as usize, pixels.height() as usize];
            let colors = egui::ColorImage::from_rgba_premultiplied(size, pixels.data());
            let texture = ui.ctx().load_texture("beneath", colors, egui::TextureOptions::LINEAR);
            self.known.push((image.clone(), texture));
        }
        let is_shown = |known: &Image| images.iter().any(|image| image.shares_pixels(known));
        if self.is_whole {
            self.known.retain(|(known, _)| is_shown(known));
        } else {
            ui.ctx().request_repaint();
        }
        let px_per_point = ui.ctx().pixels_per_point();
        let lay = |image: &Image, texture: &egui::TextureHandle| {
            let place = place_of(rect, view, image, px_per_point);
            if place.intersects(rect) {
                let mut mesh = egui::Mesh::with_texture(texture.id());
                mesh.add_rect_with_uv(place, WHOLE, Color32::WHITE.gamma_multiply(image.opacity()));
                painter.add(egui::Shape::mesh(mesh));
            }
        };
        self.known.iter().filter(|(known, _)| !is_shown(known)).for_each(|(known, texture)| lay(known, texture));
        for image in images {
            let known = self.known.iter().find(|(known, _)| known.shares_pixels(image));
            if let Some((_, texture)) = known {
                lay(image, texture);
            }
        }
    }

    /// Whether all that is to be shown is on the GPU.
    pub fn is_whole(&self) -> bool {
        self.is_whole
    }
}

/// Where an image lies on the screen: from pixel to pixel, so that neighbours meet and nothing is blurred at rest.
fn place_of(rect: Rect, view: &MapView, image: &Image, px_per_point: f32) -> Rect {
    let extent = image.extent();
    let snapped = |v: f64| ((v * f64::from(px_per_point)).round() / f64::from(px_per_point)) as f32;
    let at = |x: f64, y: f64| {
        let [x, y] = view.screen_from_world(crate::model::Coord { x, y });
        pos2(snapped(f64::from(rect.left()) + x), snapped(f64::from(rect.top()) + y))
    };
    Rect::from_min_max(at(extent.min.x, extent.max.y), at(extent.max.x, extent.min.y))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Coord, Extent};

    fn cell(column: f64) -> Image {
        let min = Coord { x: column * 10.0, y: 0.0 };
        let extent = Extent { min, max: Coord { x: min.x + 10.0, y: 10.0 } };
        Image::of_rgba([1, 1], vec![9, 9, 9, 255], extent, 1.0).expect("one pixel")
    }

    #[test]
    fn a_cell_comes_to_the_gpu_once_and_goes_when_it_is_no_longer_shown() {
        let ctx = egui::Context::default();
        let mut beneath = Beneath::default();
        let view = MapView { center: Coord { x: 10.0, y: 5.0 }, units_per_px: 0.1, size_px: [200.0, 100.0] };
        let rect = Rect::from_min_size(pos2(0.0, 0.0), egui::vec2(200.0, 100.0));
        let mut new_textures = |images: &[Image]| {
            let mut whole = false;
            let mut count = 0;
            while !whole {
                let mut output = ctx.run_ui(egui::RawInput::default(), |ui| beneath.ui(ui, rect, &view, images));
                count += output.textures_delta.set.values().flatten().filter(|new| new.image.width() == 1).count();
                output.textures_delta.clear();
                whole = beneath.is_whole();
            }
            (count, beneath.known.len())
        };
        let cells = [0.0, 1.0, 2.0].map(cell);
        assert_eq!(new_textures(&cells[..2]), (2, 2));
        assert_eq!(new_textures(&cells[1..]), (1, 2), "one of two is there already");
        // Fainter, it is the same cell.
        assert_eq!(new_textures(&[cells[2].with_opacity(0.5)]), (0, 1));
    }

    #[test]
    fn neighbours_meet_and_a_pixel_is_a_pixel() {
        let view = MapView { center: Coord { x: 13.37, y: 5.123 }, units_per_px: 0.1, size_px: [200.0, 100.0] };
        let rect = Rect::from_min_size(pos2(10.0, 20.0), egui::vec2(200.0, 100.0));
        for px_per_point in [1.0, 1.5, 2.0] {
            let [a, b] = [0.0, 1.0].map(|column| place_of(rect, &view, &cell(column), px_per_point));
            assert_eq!(a.right(), b.left());
            assert!((a.width() - 100.0).abs() < 1e-3, "{px_per_point}: {a:?}");
        }
    }
}
