//! The rows of a sheet's legends: all that its map is made of, or what lies in the frame of that.

use std::collections::BTreeSet;

use super::{Filler, Shown};
use crate::model::Extent;
use crate::model::layout::{Layout, LegendItem, Shows};
use crate::render::MapView;
use crate::render::layout::{Content, unit_said, views};
use crate::render::legend;
use crate::render::sheet::LegendRow;
use crate::task::{Cancelled, Progress};
use crate::text::{Language, tr};
use crate::units::{Area, AreaUnit, format_number};

impl Filler {
    /// The rows of legends, once it is known where maps look.
    pub(super) fn legends(
        &mut self,
        layout: &Layout,
        content: &mut Content,
        progress: &Progress,
    ) -> Result<(), Cancelled> {
        let looks = views(layout, content);
        for item in layout.items.iter().filter(|item| item.visible) {
            let Shows::Legend(legend) = &item.shows else { continue };
            let Some((of, map)) = layout.map(&legend.map) else { continue };
            let extent = looks.get(&of.name).filter(|_| legend.in_view).map(MapView::extent);
            let language = self.asked.language;
            let rows = legend_rows(self.shown(map, progress)?, legend, extent.as_ref(), language);
            content.legends.insert(item.name.clone(), rows);
        }
        Ok(())
    }
}

/// The rows of a legend, of what lies in `extent` of the map where one is given.
fn legend_rows(shown: &Shown, legend: &LegendItem, extent: Option<&Extent>, language: Language) -> Vec<LegendRow> {
    let figure = |area: Area| match AreaUnit::of_word(&legend.unit) {
        Some(unit) => {
            let value = area.value(unit);
            let number = format_number(value, unit.decimals(value));
            if unit_said(legend).is_some() { number } else { format!("{number} {}", tr(language, unit.key())) }
        }
        None => legend::area_text(area, language),
    };
    let mut rows = shown.rows.clone();
    for entry in &shown.entries {
        let Some(layer) = shown.scene.layers.iter().find(|layer| layer.layer.id == entry.id()) else { continue };
        let mut style = layer.style.clone();
        if let Some(extent) = extent {
            let features = layer.prepared.index.query(extent);
            let there: BTreeSet<u16> = features.iter().filter_map(|at| layer.symbols.get(*at).copied()).collect();
            if there.is_empty() {
                continue;
            }
            let is_elsewhere = |number: &usize| !there.contains(&(*number as u16));
            (0..style.symbol_count()).filter(is_elsewhere).for_each(|number| style.set_visible(number, false));
        }
        rows.extend(legend::rows(entry, &style, &layer.symbols, language, &figure));
    }
    rows
}
