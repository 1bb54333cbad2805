//! The plot that a page is about, from the workspace as it is shown.

use std::sync::Arc;

use super::{Failure, Filler};
use crate::crs::Crs;
use crate::measure::MeasureError;
use crate::model::layout::PlotSource;
use crate::model::{AreaMethod, Areas, GeometryKind, Layer, LayerId};
use crate::overlay;
use crate::render::prepared::Prepared;
use crate::render::projected::ProjectionError;
use crate::report::plots::{Around, PlotSheet, area_of, entry_of, in_plane, name_of, plot_sheet};
use crate::task::{Cancelled, Progress};
use crate::text::Message;

impl From<ProjectionError> for Failure {
    fn from(error: ProjectionError) -> Self {
        match error {
            ProjectionError::Cancelled(cancelled) => Self::Cancelled(cancelled),
            ProjectionError::Crs(error) => Self::Said(error.message()),
        }
    }
}

impl From<MeasureError> for Failure {
    fn from(error: MeasureError) -> Self {
        match error {
            MeasureError::Cancelled(cancelled) => Self::Cancelled(cancelled),
            other => Self::Said(other.message()),
        }
    }
}

impl Filler {
    /// The plot that is asked for, or the first one; nothing, with a remark, where it cannot be had.
    pub(super) fn plot(&mut self, source: &PlotSource, progress: &Progress) -> Result<Option<PlotSheet>, Cancelled> {
        match self.found_plot(source, progress) {
            Ok(plot) => Ok(Some(plot)),
            Err(Failure::Cancelled(cancelled)) => Err(cancelled),
            Err(Failure::Said(message)) => {
                self.remarks.push(message);
                Ok(None)
            }
        }
    }

    fn found_plot(&mut self, source: &PlotSource, progress: &Progress) -> Result<PlotSheet, Failure> {
        let workspace = self.workspace.clone();
        let language = self.asked.language;
        let entry = match self.asked.plot {
            Some((id, _)) => workspace.entry(id),
            None => entry_of(&workspace, &source.layer),
        };
        let entry = entry.ok_or_else(|| Failure::Said(Message::new("layout.plot-no-layer")))?;
        let state = self.asked.state.unwrap_or(workspace.scenarios.shown());
        let of_state = |id: LayerId| workspace.layer_in(state, id);
        let lost = || Failure::Said(Message::new("layout.plot-no-layer"));
        let (layer, areas) = of_state(entry.id()).ok_or_else(lost)?;
        let feature = self.asked.plot.map_or(0, |(_, feature)| feature);
        if layer.kind != GeometryKind::Polygon || feature >= layer.feature_count() {
            return Err(lost());
        }
        if self.asked.plot.is_none() {
            self.remarks.push(Message::new("layout.plot-first").with("layer", &entry.title));
        }
        let name = name_of(entry, layer, feature);
        let plane = in_plane(layer, feature, &self.crs, language).map_err(Failure::Said)?;
        let area = match areas {
            Some(areas) => area_of(areas, feature),
            None => area_of(self.measured(layer, entry.method, progress)?.as_ref(), feature),
        };
        // Who lies around it is told by the layer named, or by the other plots.
        let beside = match source.around.as_str() {
            "" => Some(entry),
            title => workspace.entries.iter().find(|entry| entry.title == title),
        };
        let named = beside.and_then(|beside| {
            let (layer, _) = of_state(beside.id())?;
            let field = match source.field.as_str() {
                "" => beside.label_field(),
                field => layer.field(field),
            };
            Some((layer, field?))
        });
        let prepared = match named {
            Some((around, _)) => Some(self.prepared_around(around, &plane.crs, progress)?),
            None => {
                self.remarks.push(Message::new("layout.plot-no-names"));
                None
            }
        };
        let around = named.zip(prepared.as_deref()).map(|((layer, field), prepared)| Around { layer, field, prepared });
        plot_sheet(&workspace, (entry, &plane, &name), area, around.as_ref(), &self.crs, language)
            .map_err(Failure::Said)
    }

    /// Areas of the layer of plots, measured once.
    fn measured(&mut self, layer: &Layer, method: AreaMethod, progress: &Progress) -> Result<Arc<Areas>, Failure> {
        if let Some((revision, areas)) = &self.measured
            && *revision == layer.revision
        {
            return Ok(areas.clone());
        }
        let areas = Arc::new(overlay::measured(layer, method, progress)?);
        self.measured = Some((layer.revision, areas.clone()));
        Ok(areas)
    }

    /// A layer ready to be asked what lies at a place of `crs`, made so once for all pages.
    fn prepared_around(&mut self, layer: &Layer, crs: &Crs, progress: &Progress) -> Result<Arc<Prepared>, Failure> {
        if let Some((revision, of, prepared)) = &self.around
            && *revision == layer.revision
            && of == crs
        {
            return Ok(prepared.clone());
        }
        let prepared = Arc::new(Prepared::for_picture(layer, crs, progress)?);
        self.around = Some((layer.revision, crs.clone(), prepared.clone()));
        Ok(prepared)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Asked, Filler};
    use crate::model::layout::{Shows, TableOf, templates};
    use crate::render::layout::{Body, draw};
    use crate::render::lettering::Typeface;
    use crate::scenario::project;
    use crate::task::Progress;
    use crate::text::Language;
    use std::sync::Arc;

    #[test]
    fn the_template_of_plots_shows_one_of_the_demo_with_its_points() {
        let workspace = project::load_demo(&Progress::new()).expect("the demo opens").workspace;
        let layouts = templates::all(Language::Chinese);
        let plots: Vec<_> = layouts.into_iter().filter(|layout| layout.shows_plots()).collect();
        assert_eq!(plots.len(), 2);
        let mut filler = Filler::new(Arc::new(workspace));
        for layout in &plots {
            let (content, remarks) =
                filler.content(layout, &Asked::default(), &Progress::new()).expect("is not cancelled");
            let plot = content.plot.as_ref().expect("a plot");
            assert!(plot.rings[0].len() > 2 && plot.rings[0][0].id == "J1", "{remarks:?}");
            let focus = content.focus.as_ref().expect("it is what the page is about");
            assert!(plot.rings.iter().flatten().all(|point| focus.extent.contains(point.at)));
            let points = layout.items.iter().find(|item| match &item.shows {
                Shows::Table(table) => table.of == TableOf::Points,
                _ => false,
            });
            let table = &content.tables[&points.expect("a table of points").name];
            let count: usize = plot.rings.iter().map(Vec::len).sum();
            assert_eq!(table.rows.len(), count + plot.rings.len());
            assert!(content.words.contains_key("plot-area"));
            let drawn = draw(layout, &content, Body::Outlines, &Typeface::bundled(), &Progress::new());
            assert_eq!(drawn.expect("is not cancelled").sheet.places.len(), content.maps.len());
        }
    }
}
