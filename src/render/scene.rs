//! Layers ready to be painted without a window: projected, indexed, with the symbol of every feature.
//!
//! The way from layers to a picture for the command line, map sheets and tests; the window prepares its layers step by
//! step and shows them as they come. Everything is shared by `Arc`: a scene is cheap to clone, and recolouring
//! replaces the style and nothing else.

use std::sync::Arc;

use super::MapView;
use super::image::Image;
use super::labels::{self, Label, LabelFigures};
use super::legend;
use super::lettering::Typeface;
use super::prepared::Prepared;
use super::projected::ProjectionError;
use super::raster::{MapPart, PaintLayer};
use super::sheet::Sheet;
use super::underlay;
use crate::crs::Crs;
use crate::expr::styled::{symbol_numbers, uses_area};
use crate::io::underlay::Asking;
use crate::model::style::LayerStyle;
use crate::model::{AreaMethod, Areas, Extent, GeometryKind, Issue, Layer, LayerId, Severity};
use crate::overlay;
use crate::scenario::{Entry, Underlay, Workspace};
use crate::task::{Cancelled, Progress};
use crate::text::{Language, Message, tr};
use crate::units::{Area, AreaUnit, format_number};

/// A layer in the scene.
#[derive(Clone, Debug)]
pub struct SceneLayer {
    /// Its source.
    pub layer: Arc<Layer>,
    /// How it is drawn.
    pub style: LayerStyle,
    /// Its geometry in the project CRS, ready to be drawn.
    pub prepared: Arc<Prepared>,
    /// Number of the symbol of each feature.
    pub symbols: Arc<Vec<u16>>,
    /// Selected features, ascending.
    pub selected: Vec<usize>,
    /// Labels of what is in view, the most important first.
    pub labels: Vec<Label>,
    /// What labels are made of beside attributes.
    pub figures: LabelFigures,
}

impl SceneLayer {
    /// Projects and indexes `layer`, and finds the symbol of every feature; also what could not be projected.
    ///
    /// # Errors
    /// Where there is no conversion to `crs`, or the work was cancelled.
    pub fn prepare(
        layer: &Arc<Layer>,
        style: &LayerStyle,
        crs: &Crs,
        progress: &Progress,
    ) -> Result<(Self, Vec<Issue>), ProjectionError> {
        Self::prepare_measured(layer, style, None, crs, progress)
    }

    /// The same of a layer whose areas are known: where the style asks for them they are not worked out again.
    fn prepare_measured(
        layer: &Arc<Layer>,
        style: &LayerStyle,
        areas: Option<&Areas>,
        crs: &Crs,
        progress: &Progress,
    ) -> Result<(Self, Vec<Issue>), ProjectionError> {
        let prepared = Arc::new(Prepared::for_picture(layer, crs, progress)?);
        let issues = prepared.projected.issues.clone();
        let labelled = style.labels.as_ref().is_some_and(|labels| labels::uses_area(&labels.text));
        let asked = areas.is_none() && layer.kind == GeometryKind::Polygon && (labelled || uses_area(style));
        // What cannot be measured has no class by its area: it is drawn as all other features.
        let measured = if asked { overlay::measured(layer, AreaMethod::default(), progress).ok() } else { None };
        let symbols = Arc::new(symbol_numbers(style, layer, areas.or(measured.as_ref()), progress)?);
        let mut scene = Self::new(layer.clone(), style.clone(), prepared, symbols);
        scene.figures.metres_per_unit = crs.metres_per_unit_on_map();
        scene.figures.areas = measured.map(Arc::new);
        Ok((scene, issues))
    }

    /// A layer that is ready, nothing of it selected or labelled.
    pub fn new(layer: Arc<Layer>, style: LayerStyle, prepared: Arc<Prepared>, symbols: Arc<Vec<u16>>) -> Self {
        Self {
            layer,
            style,
            prepared,
            symbols,
            selected: Vec::new(),
            labels: Vec::new(),
            figures: LabelFigures::default(),
        }
    }

    /// What the painter takes.
    pub fn to_paint(&self) -> PaintLayer<'_> {
        let paint = self.prepared.to_paint(&self.style, &self.symbols);
        PaintLayer { selected: &self.selected, labels: &self.labels, ..paint }
    }

    /// Chooses what is written on its features in and around `view`.
    pub fn label(&mut self, view: &MapView, typeface: &Typeface) {
        let annotated = self.prepared.annotated(&self.style, &self.symbols);
        self.labels = annotated.labels(&self.layer, view, typeface, &self.figures);
    }
}

/// The visible layers of a workspace, bottom to top, and what lies beneath them.
#[derive(Clone, Debug, Default)]
pub struct Scene {
    /// Images beneath the layers, bottom to top.
    pub images: Vec<Image>,
    /// What lies beneath the layers, top to bottom: drawn into images by [`Self::draw_underlays`].
    pub underlays: Arc<Vec<Underlay>>,
    /// Whether servers are asked for it.
    pub asking: Asking,
    /// The layers, bottom to top.
    pub layers: Vec<SceneLayer>,
    /// What could not be drawn.
    pub issues: Vec<Issue>,
}

impl Scene {
    /// Prepares every visible layer of `workspace` for `crs`. Layers that cannot be projected are left out, with an
    /// issue each.
    ///
    /// # Errors
    /// [`Cancelled`].
    pub fn of_workspace(workspace: &Workspace, crs: &Crs, progress: &Progress) -> Result<Self, Cancelled> {
        let mut scene = Self { underlays: workspace.underlays.clone(), ..Self::default() };
        for entry in workspace.drawn() {
            let areas = entry.areas.as_deref();
            match SceneLayer::prepare_measured(&entry.layer, &entry.style, areas, crs, progress) {
                Ok((mut layer, issues)) => {
                    if entry.areas.is_some() {
                        layer.figures.areas.clone_from(&entry.areas);
                    }
                    scene.layers.push(layer);
                    scene.issues.extend(issues);
                }
                Err(ProjectionError::Cancelled(cancelled)) => return Err(cancelled),
                Err(ProjectionError::Crs(error)) => {
                    let message = Message::new("render.layer-not-drawn")
                        .with("layer", &entry.title)
                        .with_message("reason", &error.message());
                    scene.issues.push(Issue::new(Severity::Error, message));
                }
            }
        }
        Ok(scene)
    }

    /// Has every layer drawn as 1:`denominator` draws it, once: classes and rules of that scale, lines and hatches of the
    /// weight that it leaves them.
    pub fn show_at(&mut self, denominator: f64) {
        self.layers.iter_mut().for_each(|layer| layer.style = layer.style.at_scale(denominator));
    }

    /// Has lines, hatches, markers and labels of every layer drawn `times` as large, once.
    pub fn enlarge(&mut self, times: f32) {
        self.layers.iter_mut().for_each(|layer| layer.style = layer.style.enlarged(times));
    }

    /// Draws what lies beneath the layers for `view`, `scale` pixels a pixel of it, for a picture that leaves the house. Whose it
    /// is, as a sentence; what could not be drawn is added to the issues.
    ///
    /// # Errors
    /// [`Cancelled`].
    pub fn draw_underlays(
        &mut self,
        view: &MapView,
        scale: f32,
        crs: &Crs,
        progress: &Progress,
    ) -> Result<Option<Message>, Cancelled> {
        if self.underlays.is_empty() {
            return Ok(None);
        }
        let sheeted = underlay::for_sheet(&self.underlays, view, f64::from(scale), crs, &self.asking, progress)?;
        self.images = sheeted.images;
        self.issues.extend(sheeted.remarks.into_iter().map(|remark| Issue::new(Severity::Warning, remark)));
        let credits = sheeted.credits;
        let names = |language: Language| credits.join(tr(language, "underlay.and"));
        Ok((!credits.is_empty()).then(|| Message::new("underlay.credit").with_said("names", names)))
    }

    /// Extent of all layers in the project CRS.
    pub fn extent(&self) -> Extent {
        let mut extent = Extent::EMPTY;
        for layer in &self.layers {
            extent.union(&layer.prepared.extent);
        }
        extent
    }

    /// Selects features of one layer.
    pub fn select(&mut self, id: LayerId, features: impl IntoIterator<Item = usize>) {
        if let Some(layer) = self.layers.iter_mut().find(|layer| layer.layer.id == id) {
            layer.selected = features.into_iter().collect();
            layer.selected.sort_unstable();
            layer.selected.dedup();
        }
    }

    /// Has areas in labels written in that unit.
    pub fn write_areas_in(&mut self, unit: AreaUnit, language: Language) {
        for layer in &mut self.layers {
            (layer.figures.unit, layer.figures.language) = (unit, language);
        }
    }

    /// Chooses the labels of what is in and around `view`.
    pub fn label(&mut self, view: &MapView, typeface: &Typeface) {
        self.layers.iter_mut().for_each(|layer| layer.label(view, typeface));
    }

    /// The sheet of this scene of `workspace` in `view`, with a legend of what is drawn, top to bottom, and how it came
    /// about in the foot. `figure` prints an area.
    pub fn sheet(
        &self,
        workspace: &Workspace,
        view: &MapView,
        title: String,
        figure: &dyn Fn(Area) -> String,
        language: Language,
    ) -> Sheet {
        let of_entry = |entry: &Entry| self.layers.iter().find(|layer| layer.layer.id == entry.id());
        let drawn = workspace.entries.iter().filter(|entry| workspace.is_drawn(entry));
        let drawn: Vec<_> = drawn.filter_map(|entry| Some((entry, of_entry(entry)?))).collect();
        let rows =
            drawn.iter().flat_map(|(entry, layer)| legend::rows(entry, &layer.style, &layer.symbols, language, figure));
        let mut methods: Vec<&str> = Vec::new();
        for areas in drawn.iter().filter_map(|(entry, _)| entry.areas.as_deref()) {
            let method = tr(language, areas.method.key());
            if !methods.contains(&method) {
                methods.push(method);
            }
        }
        let metres_per_unit = workspace.crs.as_ref().map_or(1.0, Crs::metres_per_unit_on_map);
        let mut notes: Vec<String> = Some(workspace.note.clone()).filter(|note| !note.is_empty()).into_iter().collect();
        if let Some(crs) = &workspace.crs {
            let key = if methods.is_empty() { "render.sheet-note" } else { "render.sheet-note-areas" };
            let note = Message::new(key)
                .with("crs", crs.label_in(language))
                .with("scale", format_number(view.scale_denominator(metres_per_unit), 0))
                .with("method", methods.join(tr(language, "render.and")));
            notes.push(note.text(language));
        }
        Sheet {
            title,
            state: workspace.state_title(language),
            legend_title: tr(language, "render.legend").to_owned(),
            legend: rows.collect(),
            more: tr(language, "render.legend-more").to_owned(),
            notes,
            metres_per_unit,
            unit_names: ["units.m", "units.km"].map(|key| tr(language, key).to_owned()),
        }
    }

    /// What the painter takes of the layers.
    pub fn to_paint(&self) -> Vec<PaintLayer<'_>> {
        self.layers.iter().map(SceneLayer::to_paint).collect()
    }

    /// The parts of the picture: the images, and above them the layers.
    pub fn parts(&self) -> Vec<MapPart<'_>> {
        self.parts_with(self.to_paint())
    }

    /// The same with other layers than [`Self::to_paint`] gives.
    pub fn parts_with<'a>(&'a self, layers: Vec<PaintLayer<'a>>) -> Vec<MapPart<'a>> {
        self.images.iter().map(MapPart::Image).chain([MapPart::Layers(layers)]).collect()
    }
}
