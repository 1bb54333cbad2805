//! Pictures of markers: drawn once by the painter of all pictures, so that the map, its legend and a sheet show the
//! same.

use std::sync::Arc;

use eframe::egui::{self, Color32, Painter, Pos2, Rect, Ui};

use crate::model::style::Marker;
use crate::render::raster::marker_picture;

/// Different markers whose pictures are kept.
const MOST_PICTURES: usize = 256;
/// All of a picture.
pub const WHOLE: Rect = Rect { min: Pos2::ZERO, max: Pos2 { x: 1.0, y: 1.0 } };

/// Paints a marker that fills a square.
pub fn paint_in(ui: &Ui, painter: &Painter, rect: Rect, marker: &Marker) {
    let fitted = Marker { size_px: rect.width().min(rect.height()), casing: None, ..*marker };
    if let Some(texture) = picture(ui, &fitted) {
        let size = texture.size_vec2() / ui.ctx().pixels_per_point();
        painter.image(texture.id(), Rect::from_center_size(rect.center(), size), WHOLE, Color32::WHITE);
    }
}

/// A marker as every picture shows it, one pixel a pixel of the screen.
pub fn picture(ui: &Ui, marker: &Marker) -> Option<egui::TextureHandle> {
    let scale = ui.ctx().pixels_per_point();
    let id = egui::Id::unique("pictures of markers");
    let known: Pictures = ui.data(|data| data.get_temp(id)).unwrap_or_default();
    let same = |(of, at, _): &&(Marker, f32, egui::TextureHandle)| *of == *marker && *at == scale;
    if let Some((_, _, texture)) = known.iter().find(same) {
        return Some(texture.clone());
    }
    let picture = marker_picture(marker, scale)?;
    let size = [picture.width() as usize, picture.height() as usize];
    let image = egui::ColorImage::from_rgba_premultiplied(size, picture.data());
    let texture = ui.ctx().load_texture("marker", image, egui::TextureOptions::LINEAR);
    let mut pictures = if known.len() < MOST_PICTURES { known.to_vec() } else { Vec::new() };
    pictures.push((*marker, scale, texture.clone()));
    ui.data_mut(|data| data.insert_temp(id, Pictures::from(pictures)));
    Some(texture)
}

/// Pictures of markers at a number of pixels a point.
type Pictures = Arc<[(Marker, f32, egui::TextureHandle)]>;
