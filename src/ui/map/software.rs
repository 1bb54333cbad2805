//! The map painted by the CPU in the background, for windows without a usable GPU.

use std::sync::{Arc, Weak};

use eframe::egui::{self, Rect, Ui};
use rustc_hash::FxHashMap;

use crate::model::style::{Color, LayerStyle};
use crate::model::{LayerId, Revision};
use crate::render::MapView;
use crate::render::image::Image;
use crate::render::prepared::Prepared;
use crate::render::raster::{Kept, MapPart, PaintLayer, paint_parts};
use crate::task::{Poll, Task};
use crate::ui::look::swatch::paint_colors;
use crate::ui::look::theme::tokens;
use crate::ui::map::canvas::{MapFigures, paint_going, paint_moved};
use crate::ui::map::quiet::Fade;
use crate::ui::map::scene::{MapFrame, MapLayer};

/// The map as one picture by the CPU.
#[derive(Default)]
pub struct SoftwareMap {
    picture: Option<(MapView, egui::TextureHandle)>,
    painting: Painting,
    fade: Fade<egui::TextureHandle>,
}

/// Work on pictures of some layers: the next one whenever it is due.
#[derive(Default)]
pub struct Painting {
    /// What the last picture was made from.
    made: Option<Key>,
    task: Option<(Key, Task<Option<egui::ColorImage>>)>,
    settled: bool,
    /// What the layers of the last picture cover, and layers that were hidden since.
    kept: FxHashMap<LayerId, KeptOf>,
}

/// What a layer covers, with the geometry and symbol numbers that it is of.
struct KeptOf {
    prepared: Weak<Prepared>,
    symbols: Weak<Vec<u16>>,
    kept: Arc<Kept>,
}

/// What pictures are painted on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ground {
    /// The bare map.
    Map,
    /// Nothing, to be laid over others.
    Nothing,
}

#[derive(Clone, PartialEq)]
struct Key {
    view: MapView,
    images: Vec<Image>,
    layers: Vec<(LayerId, usize, LayerStyle, usize)>,
    selection: Revision,
    dark: bool,
    px_per_point: f32,
}

impl Key {
    /// Whether both are of the same layers in the same state, in whatever view.
    fn shows_the_same(&self, other: &Self) -> bool {
        *self == Self { view: self.view, ..other.clone() }
    }
}

/// A layer's part in a picture, owned by the thread that paints it.
struct Owned {
    prepared: Arc<Prepared>,
    style: LayerStyle,
    symbols: Arc<Vec<u16>>,
    selected: Vec<usize>,
    kept: Arc<Kept>,
}

impl SoftwareMap {
    /// Shows the last picture moved to the view of `frame`, and starts on a new one when that differs and is due.
    pub fn ui(&mut self, ui: &Ui, rect: Rect, frame: &MapFrame<'_>) {
        let now = ui.input(|input| input.time);
        self.fade.gone(now);
        if let Some((view, image)) = self.painting.update(ui, frame, Ground::Map) {
            // At rest a texel is a pixel.
            let options = egui::TextureOptions::NEAREST;
            let due = self.fade.is_due(now);
            let texture = match self.picture.take() {
                Some((of, texture)) if due && of == view => {
                    self.fade.keep(of, texture, now);
                    ui.ctx().load_texture("map", image, options)
                }
                Some((_, mut texture)) => {
                    texture.set(image, options);
                    texture
                }
                None => ui.ctx().load_texture("map", image, options),
            };
            self.picture = Some((view, texture));
        }
        let picture = self.picture.as_ref().map(|(from, texture)| (from, texture.id()));
        paint_moved(ui, rect, frame.view, picture, Ground::Map);
        if let Some((from, texture, left)) = self.fade.shown(now) {
            paint_going(ui, rect, frame.view, (from, texture.id()), left);
        }
    }

    /// Another state is to be shown: the picture of this one goes softly.
    pub fn turn(&mut self, now: f64) {
        self.fade.turn(now);
    }

    /// What the map shows; the GPU holds nothing for it.
    pub fn figures(&self) -> MapFigures {
        let shows_layers = self.painting.made.as_ref().is_some_and(|key| !key.layers.is_empty());
        MapFigures { settled: self.painting.settled, shows_layers, ..MapFigures::default() }
    }
}

impl Painting {
    /// The picture that is done, once, with the view that it shows. A new one is started whenever the last is not of
    /// this view and state. While the map moves, one that is on its way is finished: moved to the view it is better
    /// than the last.
    pub fn update(&mut self, ui: &Ui, frame: &MapFrame<'_>, ground: Ground) -> Option<(MapView, egui::ColorImage)> {
        let done = self.take_result();
        let key = key(ui, frame);
        self.settled = self.made.as_ref() == Some(&key);
        let serves = |at_work: &Key| *at_work == key || (!frame.at_rest && at_work.shows_the_same(&key));
        if self.settled || self.task.as_ref().is_some_and(|(at_work, _)| !serves(at_work)) {
            self.task = None;
        }
        if !self.settled && self.task.is_none() {
            self.task = Some((key.clone(), self.start(ui, &key, frame.layers, ground)));
        }
        done
    }

    /// Whether the last picture is that of the view and state last asked for.
    pub fn is_settled(&self) -> bool {
        self.settled
    }

    /// Starts on the picture of `key`.
    fn start(&mut self, ui: &Ui, key: &Key, layers: &[MapLayer<'_>], ground: Ground) -> Task<Option<egui::ColorImage>> {
        self.kept.retain(|id, known| {
            let shown = layers.iter().any(|layer| layer.id == *id);
            known.prepared.strong_count() > 0 && (shown || known.kept.is_of(&key.view))
        });
        let owned: Vec<Owned> = layers
            .iter()
            .map(|layer| Owned {
                prepared: layer.prepared.clone(),
                style: style(layer),
                symbols: layer.symbols.clone(),
                selected: layer.selected.map(|rows| rows.iter().collect()).unwrap_or_default(),
                kept: self.kept_of(layer),
            })
            .collect();
        let (view, scale, images) = (key.view, key.px_per_point, key.images.clone());
        let colors = paint_colors(tokens(ui), key.dark);
        let ctx = ui.ctx().clone();
        let work = move |progress: &crate::task::Progress| {
            let layers: Vec<PaintLayer<'_>> = owned
                .iter()
                .map(|o| PaintLayer {
                    pyramid: o.prepared.pyramid.as_ref(),
                    selected: &o.selected,
                    // The window lays them over everything.
                    markers: false,
                    kept: Some(&o.kept),
                    ..o.prepared.to_paint(&o.style, &o.symbols)
                })
                .collect();
            let parts: Vec<MapPart<'_>> = images.iter().map(MapPart::Image).chain([MapPart::Layers(layers)]).collect();
            let ground = match ground {
                Ground::Map => colors.ground,
                Ground::Nothing => Color::TRANSPARENT,
            };
            let pixmap = paint_parts(ground, &view, scale, &parts, &colors, None, progress).ok()?; // cancelled: no picture
            let size = [pixmap.width() as usize, pixmap.height() as usize];
            Some(egui::ColorImage::from_rgba_premultiplied(size, pixmap.data()))
        };
        Task::spawn("paint map", work, move || ctx.request_repaint())
    }

    /// Where what `layer` covers is kept.
    fn kept_of(&mut self, layer: &MapLayer<'_>) -> Arc<Kept> {
        let (prepared, symbols) = (Arc::downgrade(layer.prepared), Arc::downgrade(layer.symbols));
        let known = self.kept.get(&layer.id);
        if let Some(known) = known.filter(|known| known.prepared.ptr_eq(&prepared) && known.symbols.ptr_eq(&symbols)) {
            return known.kept.clone();
        }
        let kept = Arc::new(Kept::default());
        self.kept.insert(layer.id, KeptOf { prepared, symbols, kept: kept.clone() });
        kept
    }

    fn take_result(&mut self) -> Option<(MapView, egui::ColorImage)> {
        let (key, task) = self.task.take()?;
        match task.poll() {
            Poll::Running => {
                self.task = Some((key, task));
                None
            }
            Poll::Done(image) => {
                let image = image?;
                let view = key.view;
                self.made = Some(key);
                Some((view, image))
            }
            Poll::Lost => None,
        }
    }
}

fn key(ui: &Ui, frame: &MapFrame<'_>) -> Key {
    let layer = |layer: &MapLayer<'_>| {
        let (prepared, symbols) = (Arc::as_ptr(layer.prepared) as usize, Arc::as_ptr(layer.symbols) as usize);
        (layer.id, prepared, style(layer), symbols)
    };
    Key {
        view: *frame.view,
        images: frame.images.to_vec(),
        layers: frame.layers.iter().map(layer).collect(),
        selection: frame.selection,
        dark: ui.visuals().dark_mode,
        px_per_point: ui.ctx().pixels_per_point(),
    }
}

/// The style of a layer at its strength.
fn style(layer: &MapLayer<'_>) -> LayerStyle {
    LayerStyle { opacity: layer.style.opacity * layer.strength, ..layer.style.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::{self, OpenOptions};
    use crate::model::roles::Role;
    use crate::model::style::{Fill, defaults};
    use crate::model::{Coord, Extent, GeometryKind};
    use crate::task::Progress;

    #[test]
    fn pictures_come_while_the_map_moves_and_the_right_one_when_it_rests() {
        let text = r#"{"type":"Polygon","coordinates":[[[117,36.8],[117.1,36.8],[117.1,36.9],[117,36.9],[117,36.8]]]}"#;
        let opened = io::open_bytes("a.geojson", text.as_bytes().to_vec(), &OpenOptions::default(), &Progress::new());
        let layer = opened.expect("opens").layers.remove(0);
        let prepared = Arc::new(Prepared::new(&layer, &layer.crs, &Progress::new()).expect("can be drawn"));
        let symbols = Arc::new(vec![0]);
        let mut style = defaults::for_role(Role::LandUse, GeometryKind::Polygon, 0);
        style.for_each_symbol(|symbol| symbol.fill = Fill::Solid(Color::rgb(200, 0, 0)));
        let ctx = egui::Context::default();
        let mut painting = Painting::default();
        let (id, selection) = (layer.id, Revision::next());
        let beneath = std::cell::RefCell::new(Vec::new());
        let mut frame = |style: &LayerStyle, view: &MapView, at_rest: bool| {
            let mut done = None;
            let mut output = ctx.run_ui(egui::RawInput::default(), |ui| {
                let (prepared, symbols) = (&prepared, &symbols);
                let kind = GeometryKind::Polygon;
                let layer = MapLayer { id, kind, style, prepared, symbols, selected: None, strength: 1.0 };
                // The closure may run twice a frame.
                let images = beneath.borrow();
                let frame = MapFrame { view, images: &images, layers: &[layer], selection, at_rest };
                done = done.take().or(painting.update(ui, &frame, Ground::Map));
            });
            output.textures_delta.clear();
            std::thread::yield_now();
            (done, painting.is_settled())
        };

        let mut view = MapView::fit(&prepared.extent, [60.0, 40.0], 0.0);
        let (shown, picture) = loop {
            view = view.panned([0.01, 0.0]);
            if let (Some(picture), _) = frame(&style, &view, false) {
                break picture;
            }
        };
        assert_eq!(picture.size, [60, 40]);
        assert!(shown.center.x > view.center.x && shown.units_per_px == view.units_per_px, "of a place passed by");

        let settle =
            |frame: &mut dyn FnMut(&LayerStyle, &MapView, bool) -> (Option<(MapView, egui::ColorImage)>, bool),
             style: &LayerStyle| {
                let mut last = None;
                loop {
                    let (done, settled) = frame(style, &view, true);
                    last = done.or(last);
                    if settled {
                        return last.expect("a picture was made");
                    }
                }
            };
        let (shown, red) = settle(&mut frame, &style);
        assert!(shown == view);
        style.for_each_symbol(|symbol| symbol.fill = Fill::Solid(Color::rgb(0, 0, 200)));
        let (_, blue) = settle(&mut frame, &style);
        let [reds, blues] =
            [|c: &egui::Color32| c.r() > c.b().saturating_mul(2), |c: &egui::Color32| c.b() > c.r().saturating_mul(2)];
        let seen = |image: &egui::ColorImage, wanted: fn(&egui::Color32) -> bool| {
            image.pixels.iter().filter(|pixel| wanted(pixel)).count()
        };
        assert_eq!((seen(&blue, reds), seen(&red, blues)), (0, 0));
        assert!(seen(&red, reds) > 100 && seen(&red, reds) == seen(&blue, blues));
        // An image shows around the layer, not on it.
        let Extent { min, max } = prepared.extent;
        let around = Extent { min: Coord { x: min.x - 1.0, ..min }, max: Coord { x: max.x + 1.0, ..max } };
        beneath.borrow_mut().push(Image::of_rgba([1, 1], vec![0, 200, 0, 255], around, 1.0).expect("one pixel"));
        let (_, green) = settle(&mut frame, &style);
        assert!(seen(&green, |c| c.g() > c.b().saturating_mul(2)) > 100);
        let covered = |(before, after): (&egui::Color32, &egui::Color32)| {
            blues(before) && after.g() > after.b().saturating_mul(2)
        };
        assert!(!blue.pixels.iter().zip(&green.pixels).any(covered));
    }
}
