//! A small map of the file that is chosen, as its coordinates are read now, over what is open: painted in the background,
//! once for each reading.

use std::path::PathBuf;
use std::sync::Arc;

use eframe::egui::{self, Align2, Color32, Rect, Sense, TextureHandle, Ui, pos2, vec2};

use crate::crs::{Correction, Crs};
use crate::model::style::{Color, Fill, LayerStyle, Marker, Shape, Stroke, Symbol};
use crate::model::{Coord, Extent, GeometryKind, Layer};
use crate::render::MapView;
use crate::render::prepared::Prepared;
use crate::render::raster::{PaintColors, PaintLayer, paint};
use crate::scenario::workspace::project_crs_of;
use crate::task::{Cancelled, Progress};
use crate::text::Message;
use crate::ui::look::swatch::paint_colors;
use crate::ui::look::theme::{self, font, size, tokens};
use crate::ui::map::scene;
use crate::ui::session::Session;
use crate::ui::session::awaited::Awaited;
use crate::ui::session::opening::ArrivedFile;

/// Smallest height of a map worth drawing, in points.
const LEAST: f32 = 96.0;
/// How much more than the file itself the map shows.
const AROUND: f64 = 0.35;
/// Least width of what the map shows, in metres: a single point has none.
const LEAST_M: f64 = 200.0;

/// What a picture is of.
#[derive(Clone, PartialEq)]
struct Of {
    path: PathBuf,
    crs: Option<String>,
    correction: Option<Arc<Correction>>,
    encoding: Option<crate::io::Encoding>,
    size: [u32; 2],
    dark: bool,
}

/// What is remembered between frames.
#[derive(Default)]
pub(super) struct State {
    image: Awaited<Of, egui::ColorImage>,
    texture: Option<(Of, TextureHandle)>,
}

/// A layer that is open, as the map shows it.
struct Beneath {
    prepared: Arc<Prepared>,
    style: LayerStyle,
    symbols: Arc<Vec<u16>>,
}

/// Draws it in the rest of the room.
pub(super) fn ui(ui: &mut Ui, session: &Session, file: &ArrivedFile, state: &mut State) {
    if file.opened.is_none() && file.layers.is_empty() || file.arrival.crs.is_none() {
        return;
    }
    let room = ui.available_size();
    if room.y < LEAST {
        return;
    }
    let t = tokens(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(room.x, room.y.min(room.x * 0.9)), Sense::hover());
    let name = session.tr("ui.report-map");
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Image, true, name));
    ui.painter().rect(rect, theme::radius(), t.map, theme::line(t), egui::StrokeKind::Inside);
    ask(ui, session, file, rect, state);
    match state.texture.as_ref().filter(|(of, _)| state.image.is_asked(of)) {
        Some((_, texture)) => {
            let uv = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
            ui.painter().image(texture.id(), rect.shrink(1.0), uv, Color32::WHITE);
        }
        None => {
            let said = match state.image.problem() {
                Some(problem) => problem.message().text(session.language()),
                None => session.tr("ui.report-drawing").to_owned(),
            };
            ui.painter().text(rect.center(), Align2::CENTER_CENTER, said, font::note(), t.muted);
        }
    }
    let crs = file.chosen.as_ref().map_or_else(|| file.arrival.crs.clone(), |crs| Some(crs.code().to_owned()));
    let said = Message::new("ui.report-as").with("crs", crs.unwrap_or_default()).text(session.language());
    let galley = ui.painter().layout_no_wrap(said, font::note(), t.text);
    let plate = Rect::from_min_size(rect.min + vec2(8.0, 8.0), galley.size() + vec2(12.0, 4.0));
    ui.painter().rect(plate, theme::radius(), t.plate, theme::line(t), egui::StrokeKind::Inside);
    ui.painter().galley(plate.min + vec2(6.0, 2.0), galley, t.text);
    ui.add_space(size::STEP);
}

/// Has the picture painted that is shown.
fn ask(ui: &Ui, session: &Session, file: &ArrivedFile, rect: Rect, state: &mut State) {
    state.image.poll();
    let scale = ui.ctx().pixels_per_point();
    let of = Of {
        path: file.arrival.path.clone(),
        crs: file.chosen.as_ref().map(|crs| crs.code().to_owned()),
        correction: file.correction.clone(),
        encoding: file.encoding,
        size: [rect.width() as u32, rect.height() as u32],
        dark: ui.visuals().dark_mode,
    };
    if state.image.is_asked(&of) {
        if let (Some(image), None) = (state.image.current(), state.texture.as_ref().filter(|(known, _)| *known == of)) {
            let texture = ui.ctx().load_texture("arrived", image.clone(), egui::TextureOptions::LINEAR);
            state.texture = Some((of, texture));
        }
        return;
    }
    let correction = file.correction.clone().filter(|_| file.opened.is_some());
    let layers: Vec<Layer> = match &file.opened {
        Some(opened) if correction.is_some() => opened.layers.clone(),
        Some(opened) => {
            let swaps = file.chosen.as_ref().and_then(|crs| {
                let of = file.ranked.iter().find(|ranked| ranked.hypothesis.crs == *crs)?;
                Some(of.hypothesis.swap_axes != opened.decision.swap_axes)
            });
            opened.layers.iter().map(|layer| as_read(layer, file.chosen.as_ref(), swaps == Some(true))).collect()
        }
        None => file.layers.iter().filter_map(|id| session.layer(*id)).map(|layer| Layer::clone(layer)).collect(),
    };
    // The demo makes way for the user's files.
    let open = if session.project.demo { Vec::new() } else { scene::shown(session) };
    let beneath = open.into_iter().filter(|layer| !file.layers.contains(&layer.id)).map(|layer| Beneath {
        prepared: layer.prepared.clone(),
        style: layer.style.clone(),
        symbols: layer.symbols.clone(),
    });
    let beneath: Vec<Beneath> = beneath.collect();
    let crs = session.workspace.crs.clone().filter(|_| !session.project.demo);
    let colors = paint_colors(tokens(ui), of.dark);
    let size = [f64::from(rect.width()), f64::from(rect.height())];
    state.image.start_task(ui.ctx(), of, "small map", move |progress| {
        let layers = match &correction {
            Some(correction) => {
                let corrected: Option<Vec<Layer>> = layers.iter().map(|layer| corrected(layer, correction)).collect();
                corrected.ok_or_else(|| Message::new("ui.report-nowhere"))?
            }
            None => layers,
        };
        picture(&layers, &beneath, crs, size, scale, &colors, progress)
    });
}

/// A layer with its coordinates read in another CRS.
fn as_read(layer: &Layer, crs: Option<&Crs>, swaps: bool) -> Layer {
    let mut layer = layer.clone();
    if let Some(crs) = crs {
        layer.crs = crs.clone();
    }
    if swaps {
        for block in &mut layer.blocks {
            Arc::make_mut(&mut block.geometry).swap_axes();
        }
    }
    layer
}

/// A layer with something undone of its coordinates; `None` where one of them has no place then.
fn corrected(layer: &Layer, correction: &Correction) -> Option<Layer> {
    let corrector = correction.prepare().ok()?; // no way, no place
    let swaps = layer.axes_swapped != correction.swap_axes;
    let mut layer = layer.clone();
    layer.crs = correction.to.clone();
    for block in &mut layer.blocks {
        let turned = |c: &Coord| if swaps { Coord { x: c.y, y: c.x } } else { *c };
        let coords = block.geometry.coords().iter().map(|c| corrector.convert_one(turned(c)));
        let coords = coords.collect::<Option<Vec<Coord>>>()?;
        block.geometry = Arc::new(block.geometry.with_coords(coords));
    }
    Some(layer)
}

/// Paints the layers over what is open.
fn picture(
    layers: &[Layer],
    beneath: &[Beneath],
    crs: Option<Crs>,
    size: [f64; 2],
    scale: f32,
    colors: &PaintColors,
    progress: &Progress,
) -> Result<egui::ColorImage, Message> {
    let stopped = |_: Cancelled| Message::new("ui.work-stopped");
    let first = layers.first().ok_or_else(|| Message::new("ui.report-nowhere"))?;
    let crs = crs.unwrap_or_else(|| project_crs_of(&first.crs, &first.extent()));
    let mut ready = Vec::new();
    let mut extent = Extent::EMPTY;
    for layer in layers.iter().filter(|layer| layer.kind != GeometryKind::None) {
        let prepared = Prepared::for_picture(layer, &crs, progress).map_err(|_| Message::new("ui.report-nowhere"))?;
        extent.union(&prepared.shown_extent(&crs));
        ready.push((prepared, vec![0u16; layer.feature_count()]));
    }
    if extent.is_empty() {
        return Err(Message::new("ui.report-nowhere"));
    }
    let least = LEAST_M / crs.metres_per_unit_on_map();
    let grow = AROUND * extent.width().max(extent.height()).max(least);
    let around = Extent {
        min: Coord { x: extent.min.x - grow, y: extent.min.y - grow },
        max: Coord { x: extent.max.x + grow, y: extent.max.y + grow },
    };
    let view = MapView::fit(&around, size, 0.0);
    let style = outline(colors.accent);
    let mut painted: Vec<PaintLayer<'_>> = beneath
        .iter()
        .map(|b| PaintLayer { pyramid: b.prepared.pyramid.as_ref(), ..b.prepared.to_paint(&b.style, &b.symbols) })
        .collect();
    painted.extend(ready.iter().map(|(prepared, symbols)| prepared.to_paint(&style, symbols)));
    let pixmap = paint(&view, scale, &painted, colors, None, progress).map_err(stopped)?;
    let size = [pixmap.width() as usize, pixmap.height() as usize];
    Ok(egui::ColorImage::from_rgba_premultiplied(size, pixmap.data()))
}

/// How the file is drawn: outlined, so that what lies beneath is seen through it.
fn outline(color: Color) -> LayerStyle {
    let marker = Marker {
        shape: Shape::Circle,
        size_px: 8.0,
        color,
        icon: crate::model::style::Icon::None,
        icon_color: Color::WHITE,
        casing: None,
    };
    LayerStyle::single(Symbol {
        fill: Fill::Solid(Color { a: 70, ..color }),
        stroke: Some(Stroke { color, width_px: 1.6, dash: None, casing: None }),
        marker: Some(marker),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::{OpenOptions, open_bytes};

    fn points(x: f64, y: f64) -> Layer {
        let text = format!(
            r#"{{"type":"FeatureCollection","features":[{{"type":"Feature","properties":{{}},"geometry":{{"type":"Polygon","coordinates":[[[{x},{y}],[{},{y}],[{x},{}],[{x},{y}]]]}}}}]}}"#,
            x + 100.0,
            y + 100.0
        );
        let opened = open_bytes("a.geojson", text.into_bytes(), &OpenOptions::default(), &Progress::new());
        opened.expect("opens").layers.remove(0)
    }

    #[test]
    fn a_reading_is_painted_where_it_lies() {
        let crs = Crs::from_epsg(4548).expect("known");
        let layer = as_read(&points(500_000.0, 4_060_000.0), Some(&crs), false);
        assert_eq!(layer.crs, crs);
        let image = picture(&[layer], &[], None, [120.0, 90.0], 1.0, &PaintColors::LIGHT, &Progress::new());
        let image = image.expect("painted");
        assert_eq!(image.size, [120, 90]);
        let ground = image.pixels[0];
        let inked = image.pixels.iter().filter(|pixel| **pixel != ground).count();
        assert!(inked > 200, "{inked} pixels");
    }

    #[test]
    fn exchanged_axes_are_put_right() {
        let layer = as_read(&points(500_000.0, 4_060_000.0), None, true);
        let extent = layer.extent();
        assert_eq!((extent.min.x, extent.min.y), (4_060_000.0, 500_000.0));
    }
}
