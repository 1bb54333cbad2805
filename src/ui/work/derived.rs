//! Values derived from the session: totals of the selection, and legends with counts and areas.
//!
//! Each remembers what it came from and is computed again when that differs, once a frame, before panels draw.

use std::sync::Arc;

use eframe::egui;
use rustc_hash::FxHashMap;

use crate::expr::styled::{symbol_numbers, uses_area};
use crate::model::style::{LayerStyle, Styling};
use crate::model::{Areas, GeometryKind, Issue, Layer, LayerId, Revision, Severity};
use crate::overlay::{Coverage, Overlap};
use crate::scenario::{Entry, Workspace};
use crate::task::Progress;
use crate::text::{Language, Message};
use crate::ui::session::Session;
use crate::ui::session::awaited::Awaited;
use crate::ui::session::derived::{
    CountedLegend, Derived, IssuesFrom, KeptLegend, Legend, LegendRow, Look, NumberedKey, SelectionTotals,
};
use crate::ui::session::measuring::Covering;
use crate::ui::session::parts::Counted;
use crate::ui::session::rows::{Rows, Selection};
use crate::ui::session::settings::Settings;
use crate::ui::work::{totals, two_states};
use crate::units::{Area, AreaUnit, format_number};

/// An area short enough for the tree, with its unit.
pub fn area_text(settings: &Settings, area: Area) -> String {
    let unit = settings.area_unit;
    let (unit, decimals) = match (unit, settings.language) {
        (AreaUnit::Mu, Language::Chinese) if area.mu() >= 1e4 => (AreaUnit::WanMu, 2),
        (AreaUnit::Mu, _) if area.mu() >= 1e3 => (AreaUnit::Mu, 0),
        (AreaUnit::Hectare, _) => (AreaUnit::Hectare, 2),
        (AreaUnit::SquareKilometre, _) => (AreaUnit::SquareKilometre, 2),
        (AreaUnit::SquareMetre, _) => (AreaUnit::SquareMetre, 0),
        (unit, _) => (unit, 2),
    };
    let decimals = settings.decimals.map_or(decimals, usize::from);
    format!("{} {}", format_number(area.value(unit), decimals), settings.tr(unit.key()))
}

impl IssuesFrom {
    fn same(&self, other: &Self) -> bool {
        self.layer == other.layer
            && self.revision == other.revision
            && same(self.areas.as_ref(), other.areas.as_ref())
            && same(self.coverage.as_ref(), other.coverage.as_ref())
    }
}

/// Smallest overlap that is listed, in m²: what the survey prints as more than nothing.
const LEAST_OVERLAP_M2: f64 = 0.01;

/// Most overlaps that are listed for one layer, the largest first; the foot line counts all.
const MOST_OVERLAPS: usize = 500;

/// Overlapping pairs of a layer as issues, the largest first.
fn overlaps<'a>(entry: &'a Entry, coverage: &Coverage) -> impl Iterator<Item = Issue> + use<'a> {
    let mut pairs: Vec<Overlap> =
        coverage.pairs.iter().filter(|pair| pair.area.m2() >= LEAST_OVERLAP_M2).copied().collect();
    pairs.sort_by(|a, b| b.area.m2().total_cmp(&a.area.m2()));
    pairs.truncate(MOST_OVERLAPS);
    pairs.into_iter().map(|pair| {
        let message = Message::new("ui.overlaps-with")
            .with("number", entry.layer.source_row(pair.second) + 1)
            .with("area", pair.area.display(AreaUnit::SquareMetre));
        entry.layer.issue_at(pair.first, Issue::new(Severity::Warning, message))
    })
}

impl Derived {
    /// Computes again what has changed.
    pub fn refresh(&mut self, session: &Session, ctx: &egui::Context) {
        let workspace = &session.workspace;
        self.refresh_selection(workspace, &session.project.selection);
        self.refresh_issues(workspace, &session.coverings);
        self.legends.retain(|layer, _| workspace.entry(*layer).is_some());
        for entry in &workspace.entries {
            self.refresh_legend(entry, ctx);
        }
        self.refresh_counted(session);
        self.refresh_others(session, ctx);
        self.refresh_looks(session, ctx);
        let numbered = std::mem::take(&mut self.numbered);
        let is_there = |revision: &Revision| {
            self.others.contains_key(revision) || workspace.entries.iter().any(|e| e.layer.revision == *revision)
        };
        self.numbered = numbered.into_iter().filter(|(revision, _)| is_there(revision)).collect();
    }

    /// How every layer looks at the scale of the map, in the colours that the user wants.
    fn refresh_looks(&mut self, session: &Session, ctx: &egui::Context) {
        let (denominator, dark) = (session.scale(), ctx.theme() == egui::Theme::Dark);
        let soft = session.settings.soft_colors.then_some(dark);
        self.dark = dark;
        let mut known = std::mem::take(&mut self.looks);
        for entry in &session.workspace.entries {
            let same = |look: &Look| look.denominator == denominator && look.soft == soft && look.of == entry.style;
            let look = known.remove(&entry.id()).filter(same).unwrap_or_else(|| {
                let legend = match soft {
                    Some(dark) => entry.style.softened(dark),
                    None => entry.style.clone(),
                };
                Look { of: entry.style.clone(), soft, denominator, map: legend.at_scale(denominator), legend }
            });
            self.looks.insert(entry.id(), look);
        }
    }

    /// Symbols of the features of `layer`: `kept` where they are the same, for all that was made from these. Where an
    /// expression decides about very many features, all of them are other ones until that is known.
    fn numbers(
        &mut self,
        style: &LayerStyle,
        layer: &Arc<Layer>,
        areas: Option<&Arc<Areas>>,
        kept: Option<&Arc<Vec<u16>>>,
        ctx: &egui::Context,
    ) -> Arc<Vec<u16>> {
        let at_once = match &style.styling {
            Styling::Single(_) | Styling::Categorised(_) => true,
            Styling::Graduated(_) | Styling::Ruled(_) => layer.feature_count() <= AT_ONCE,
        };
        if at_once {
            return symbols(style, layer, areas.map(AsRef::as_ref), kept);
        }
        // Colours are not what numbers come from, but a style is compared sooner than its figures are worked out again.
        let areas = areas.filter(|_| uses_area(style)).cloned();
        let key = NumberedKey { style: style.clone(), areas };
        let numbered = self.numbered.entry(layer.revision).or_default();
        numbered.poll();
        if !numbered.is_asked(&key) {
            let (style, layer, areas) = (style.clone(), layer.clone(), key.areas.clone());
            numbered.start_task(ctx, key, "symbols", move |progress| {
                symbol_numbers(&style, &layer, areas.as_deref(), progress).map(Arc::new)
            });
        }
        let fits = |numbers: &&Arc<Vec<u16>>| {
            let count = style.symbol_count();
            numbers.iter().all(|number| usize::from(*number) < count)
        };
        match numbered.current() {
            Some(numbers) => kept.filter(|kept| *kept == numbers).unwrap_or(numbers).clone(),
            None => kept
                .filter(|kept| kept.len() == layer.feature_count())
                .filter(fits)
                .cloned()
                .unwrap_or_else(|| Arc::new(vec![style.symbol_count() as u16 - 1; layer.feature_count()])),
        }
    }

    /// Whether the numbers of a layer's symbols are being worked out.
    fn is_numbering(&self, layer: &Layer) -> bool {
        self.numbered.get(&layer.revision).is_some_and(Awaited::is_busy)
    }

    fn refresh_others(&mut self, session: &Session, ctx: &egui::Context) {
        let mut known = std::mem::take(&mut self.others);
        for state in two_states::others(session) {
            for entry in session.workspace.drawn() {
                let Some((layer, areas)) = session.workspace.layer_in(state, entry.id()) else { continue };
                if layer.revision == entry.layer.revision || self.others.contains_key(&layer.revision) {
                    continue;
                }
                let symbols = match known.remove(&layer.revision) {
                    Some((style, symbols))
                        if style == entry.style && !self.is_numbering(layer) && !uses_area(&style) =>
                    {
                        symbols
                    }
                    kept => self.numbers(&entry.style, layer, areas, kept.as_ref().map(|(_, symbols)| symbols), ctx),
                };
                self.others.insert(layer.revision, (entry.style.clone(), symbols));
            }
        }
    }

    /// The legends that the layer tree shows open, of what is seen or selected.
    fn refresh_counted(&mut self, session: &Session) {
        let counted = session.counted;
        let shown = |entry: &&Entry| counted != Counted::Layer && entry.open && entry.style.has_classes();
        let wanted: Vec<&Entry> = session.workspace.entries.iter().filter(shown).collect();
        self.counted.retain(|layer, _| wanted.iter().any(|entry| entry.id() == *layer));
        for entry in wanted {
            let id = entry.id();
            let (Some(kept), Some(scope)) = (self.legends.get(&id), totals::Scope::of(counted, session, entry)) else {
                continue;
            };
            let selection = (counted == Counted::Selection).then_some(session.project.selection.revision);
            let view = (counted == Counted::View).then(|| session.view.extent());
            let same = |known: &CountedLegend| {
                Arc::ptr_eq(&known.whole, &kept.legend)
                    && known.counted == counted
                    && known.selection == selection
                    && known.view == view
            };
            if self.counted.get(&id).is_some_and(same) {
                continue;
            }
            let legend = match totals::chosen(&entry.layer, &scope) {
                None => kept.legend.clone(),
                Some(marks) => {
                    let areas = kept.areas.as_deref().filter(|_| entry.layer.kind == GeometryKind::Polygon);
                    Arc::new(legend_of(&kept.symbols, &marks, entry.style.symbol_count(), areas))
                }
            };
            let whole = kept.legend.clone();
            self.counted.insert(id, CountedLegend { whole, counted, selection, view, legend });
        }
    }

    fn refresh_issues(&mut self, workspace: &Workspace, coverings: &FxHashMap<LayerId, Covering>) {
        let from = || {
            workspace.entries.iter().map(|entry| IssuesFrom {
                layer: entry.id(),
                revision: entry.layer.revision,
                areas: entry.areas.clone(),
                coverage: coverings.get(&entry.id()).and_then(Covering::coverage).cloned(),
            })
        };
        let unchanged = self.issues_from.len() == workspace.entries.len()
            && self.issues_from.iter().zip(from()).all(|(known, now)| known.same(&now));
        if unchanged {
            return;
        }
        self.issues_from = from().collect();
        self.issues.clear();
        for (entry, from) in workspace.entries.iter().zip(&self.issues_from) {
            self.issues.extend(entry.issues().into_iter().map(|issue| (entry.id(), issue)));
            if let Some(coverage) = &from.coverage {
                self.issues.extend(overlaps(entry, coverage).map(|issue| (entry.id(), issue)));
            }
        }
        self.issue_count = self.issues.iter().filter(|(_, issue)| issue.severity > Severity::Note).count();
    }

    fn refresh_selection(&mut self, workspace: &Workspace, selection: &Selection) {
        let areas: Vec<_> =
            selection.iter().map(|(layer, _)| workspace.entry(layer).and_then(|entry| entry.areas.clone())).collect();
        if let Some((revision, known, _)) = &self.selection
            && *revision == selection.revision
            && known.len() == areas.len()
            && known.iter().zip(&areas).all(|(a, b)| same(a.as_ref(), b.as_ref()))
        {
            return;
        }
        let mut totals = SelectionTotals { count: selection.count(), area: None };
        for (layer, rows) in selection.iter() {
            if let Some(entry) = workspace.entry(layer)
                && let Some(area) = printed(entry, rows)
            {
                totals.area = Some(totals.area.unwrap_or_default() + area);
            }
        }
        self.selection = Some((selection.revision, areas, totals));
    }

    fn refresh_legend(&mut self, entry: &Entry, ctx: &egui::Context) {
        let layer = &entry.layer;
        let kept = self.legends.get(&layer.id);
        let of_now = kept.filter(|kept| kept.revision == layer.revision && kept.style == entry.style);
        let same_areas = of_now.is_some_and(|kept| same(kept.areas.as_ref(), entry.areas.as_ref()));
        let arriving = self.is_numbering(layer);
        if same_areas && !arriving {
            return;
        }
        let symbols = match of_now {
            Some(kept) if !arriving && !uses_area(&entry.style) => kept.symbols.clone(),
            _ => {
                let before = kept.map(|kept| kept.symbols.clone());
                self.numbers(&entry.style, layer, entry.areas.as_ref(), before.as_ref(), ctx)
            }
        };
        let kept = self.legends.get(&layer.id);
        let count = entry.style.symbol_count();
        let counts_alike = |kept: &&KeptLegend| {
            Arc::ptr_eq(&kept.symbols, &symbols)
                && kept.style.symbol_count() == count
                && same(kept.areas.as_ref(), entry.areas.as_ref())
        };
        let legend = match kept.filter(counts_alike) {
            Some(kept) => kept.legend.clone(),
            None => {
                let areas = entry.areas.as_deref().filter(|_| layer.kind == GeometryKind::Polygon);
                let mut legend = legend(&symbols, count, areas);
                let has_others = legend.rows.last().is_some_and(|row| usize::from(row.symbol) + 1 == count);
                if has_others {
                    legend.other_values = entry.style.other_value_count(layer);
                }
                Arc::new(legend)
            }
        };
        let kept = KeptLegend {
            revision: layer.revision,
            style: entry.style.clone(),
            areas: entry.areas.clone(),
            symbols,
            legend,
        };
        self.legends.insert(layer.id, kept);
    }
}

/// Features up to which an expression is worked out for all of them at once.
const AT_ONCE: usize = 10_000;

/// Symbols of the features of `layer`: `kept` where they are the same, for all that was made from these.
fn symbols(style: &LayerStyle, layer: &Layer, areas: Option<&Areas>, kept: Option<&Arc<Vec<u16>>>) -> Arc<Vec<u16>> {
    // Nobody cancels what is worked out at once.
    let symbols = symbol_numbers(style, layer, areas, &Progress::new()).unwrap_or_default();
    kept.filter(|kept| ***kept == symbols).cloned().unwrap_or_else(|| Arc::new(symbols))
}

fn same<T>(a: Option<&Arc<T>>, b: Option<&Arc<T>>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => Arc::ptr_eq(a, b),
        (None, None) => true,
        _ => false,
    }
}

/// Printed area of `rows` of a measured polygon layer.
pub fn printed(entry: &Entry, rows: &Rows) -> Option<Area> {
    let areas = entry.areas.as_ref().filter(|_| entry.layer.kind == GeometryKind::Polygon)?;
    Some(areas.printed_sum(rows.iter()))
}

fn legend(symbols: &[u16], symbol_count: usize, areas: Option<&Areas>) -> Legend {
    let mut counts = vec![0; symbol_count];
    for symbol in symbols {
        counts[usize::from(*symbol)] += 1;
    }
    let sums = areas.map(|areas| areas.printed_by(symbols, symbol_count));
    let rows = counts.iter().enumerate().filter(|(_, count)| **count > 0).map(|(symbol, count)| LegendRow {
        symbol: symbol as u16,
        count: *count,
        area: sums.as_ref().map(|sums| sums[symbol]),
    });
    Legend { rows: rows.collect(), count: symbols.len(), area: areas.map(Areas::printed_total), other_values: 0 }
}

/// The legend of the features that are marked: those that are not count as one more symbol, which is left out.
fn legend_of(symbols: &[u16], marks: &[bool], symbol_count: usize, areas: Option<&Areas>) -> Legend {
    let rest = symbol_count as u16;
    let marked = symbols.iter().zip(marks).map(|(symbol, mark)| if *mark { *symbol } else { rest });
    let mut legend = legend(&marked.collect::<Vec<u16>>(), symbol_count + 1, areas);
    legend.rows.retain(|row| row.symbol != rest);
    legend.count = legend.rows.iter().map(|row| row.count).sum();
    legend.area = areas.map(|_| legend.rows.iter().filter_map(|row| row.area).fold(Area::ZERO, |sum, area| sum + area));
    legend
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::{self, OpenOptions};
    use crate::model::style::{Color, Fill, defaults};

    #[test]
    fn symbols_stay_the_same_where_only_colours_change() {
        let feature = |class: &str| {
            let geometry = r#"{"type":"Point","coordinates":[117.0,36.8]}"#;
            format!(r#"{{"type":"Feature","properties":{{"DLBM":"{class}"}},"geometry":{geometry}}}"#)
        };
        let text = format!(r#"{{"type":"FeatureCollection","features":[{},{}]}}"#, feature("0101"), feature("0103"));
        let opened = io::open_bytes("a.geojson", text.into_bytes(), &OpenOptions::default(), &Progress::new());
        let layer = opened.expect("opens").layers.remove(0);
        let mut style = defaults::by_class("DLBM", None, ["0103", "0101"], GeometryKind::Point);
        let first = symbols(&style, &layer, None, None);
        style.for_each_symbol(|symbol| symbol.fill = Fill::Solid(Color::BLACK));
        assert!(Arc::ptr_eq(&symbols(&style, &layer, None, Some(&first)), &first));
        let Styling::Categorised(categories) = &mut style.styling else { panic!("by class") };
        categories.classes.swap(0, 1);
        let swapped = symbols(&style, &layer, None, Some(&first));
        assert_eq!([swapped[0], swapped[1]], [first[1], first[0]]);
        assert_ne!(first[0], first[1]);
    }

    #[test]
    fn a_legend_counts_what_occurs_and_adds_up_to_the_layer() {
        let areas = Areas { printed: vec![1.0, 2.0, 4.0, 8.0], ..Areas::default() };
        let legend = legend(&[2, 0, 2, 0], 4, Some(&areas));
        let rows: Vec<_> = legend.rows.iter().map(|r| (r.symbol, r.count, r.area.map(Area::m2))).collect();
        assert_eq!(rows, [(0, 2, Some(10.0)), (2, 2, Some(5.0))]);
        assert_eq!((legend.count, legend.area), (4, Some(Area::from_m2(15.0))));
    }

    #[test]
    fn a_legend_of_what_is_marked_counts_nothing_else() {
        let areas = Areas { printed: vec![1.0, 2.0, 4.0, 8.0], ..Areas::default() };
        let legend = legend_of(&[2, 0, 2, 1], &[true, false, true, true], 4, Some(&areas));
        let rows: Vec<_> = legend.rows.iter().map(|r| (r.symbol, r.count, r.area.map(Area::m2))).collect();
        assert_eq!(rows, [(1, 1, Some(8.0)), (2, 2, Some(5.0))]);
        assert_eq!((legend.count, legend.area), (3, Some(Area::from_m2(13.0))));
    }
}
