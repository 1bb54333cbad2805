//! A style by the ranges of a figure: which figure, how it is divided, in which colours, and how it is spread.

use std::sync::Arc;

use eframe::egui::{Rect, Role, Sense, Stroke, Ui, WidgetInfo, pos2, vec2};

use super::{Picked, State as Editor, classes, row};
use crate::expr::styled::{area_unit, figures_of};
use crate::model::style::breaks::{ends_of_sorted, histogram};
use crate::model::style::ramps::{RAMPS, Ramp};
use crate::model::style::{Breaks, Graduated, LayerStyle, RangeSymbol, Styling, defaults};
use crate::model::{Areas, FieldType, GeometryKind, Layer, Revision};
use crate::scenario::Entry;
use crate::text::{Message, tr};
use crate::ui::look::choice::choice;
use crate::ui::look::theme::tokens;
use crate::ui::look::{swatch, widgets};
use crate::ui::session::awaited::Awaited;
use crate::ui::session::derived::Derived;
use crate::ui::session::settings::Settings;
use crate::units::format_number;

/// Ranges to begin with.
const FIRST_COUNT: usize = 5;
/// Bars of the histogram, and its height in points.
const BARS: usize = 48;
const HEIGHT: f32 = 56.0;
/// Most ranges that can be chosen.
const MOST: usize = 12;

/// Areas as figures: keys of their names, and how they are written. Planners think in mu.
const AREAS: [(&str, &str); 3] =
    [("panels.style-area-mu", "$area / 1mu"), ("panels.style-area-ha", "$area / 1ha"), ("panels.style-area", "$area")];

/// What is remembered between frames.
#[derive(Default)]
pub(super) struct State {
    figures: Awaited<Key, Figures>,
    /// What ranges are to be made as soon as the figures are there.
    draft: Option<Draft>,
    ramp: usize,
}

/// What figures are of.
#[derive(Clone, PartialEq)]
struct Key {
    revision: Revision,
    expression: String,
    /// Where the areas lie that were known; measured again they lie elsewhere.
    areas: Option<usize>,
}

/// The figures of a layer.
struct Figures {
    sorted: Vec<f64>,
    bars: Vec<usize>,
    /// Features that have none.
    without: usize,
}

/// How ranges are to be made.
#[derive(Clone, Debug, PartialEq)]
struct Draft {
    expression: String,
    breaks: Breaks,
    count: usize,
}

impl State {
    /// Makes a layer graduated by the figure that says most about it, once that is known.
    pub(super) fn begin(&mut self, layer: &Layer) {
        self.draft = Some(Draft { expression: first_figure(layer), breaks: Breaks::default(), count: FIRST_COUNT });
    }

    /// Whether ranges are still to be made.
    pub(super) fn is_beginning(&self) -> bool {
        self.draft.is_some()
    }

    /// Forgets what is to be made.
    pub(super) fn end(&mut self) {
        self.draft = None;
    }
}

/// The area of parcels, else the first field of numbers.
fn first_figure(layer: &Layer) -> String {
    if layer.kind == GeometryKind::Polygon {
        return AREAS[0].1.to_owned();
    }
    let number = layer.fields.iter().find(|field| matches!(field.kind, FieldType::Int | FieldType::Float));
    number.map_or_else(|| "1".to_owned(), |field| quoted(&field.name))
}

/// The name of a field as an expression names it.
fn quoted(name: &str) -> String {
    format!("[{name}]")
}

/// Draws how the figure is divided, and the ranges.
pub(super) fn ui(
    ui: &mut Ui,
    derived: &Derived,
    settings: &Settings,
    picked: &Picked,
    entry: &Entry,
    state: &mut Editor,
    style: &mut LayerStyle,
) {
    let now = match (&state.graduated.draft, &style.styling) {
        (Some(draft), _) => draft.clone(),
        (None, Styling::Graduated(graduated)) => Draft {
            expression: graduated.expression.clone(),
            breaks: graduated.breaks,
            count: graduated.ranges.len().max(1),
        },
        _ => return,
    };
    let mut wanted = now.clone();
    dividing_ui(ui, settings, entry, state, &mut wanted);
    let recolored = ramp_ui(ui, settings, &mut state.graduated.ramp);
    let only_given = wanted.breaks == Breaks::Given && Draft { breaks: now.breaks, ..wanted.clone() } == now;
    match &mut style.styling {
        _ if wanted == now => {}
        // Ranges that somebody goes on with stay as they are.
        Styling::Graduated(graduated) if only_given => graduated.breaks = Breaks::Given,
        _ => state.graduated.draft = Some(wanted.clone()),
    }
    ask(ui, entry, &mut state.graduated, &wanted.expression);
    figures_ui(ui, settings, state, style);
    make(entry, &mut state.graduated, style);
    if let Styling::Graduated(graduated) = &mut style.styling {
        if recolored {
            recolor(graduated, &RAMPS[state.graduated.ramp.min(RAMPS.len() - 1)], entry.layer.kind);
        }
        let count = graduated.ranges.len();
        let title = Message::new("panels.style-ranges").with("n", count).text(settings.language);
        classes::heading(ui, settings, &title, style);
        for at in 0..=count {
            let label = classes::name_of(style, at, settings);
            classes::row(ui, derived, settings, picked, entry, state, style, (at, &label));
            range_ui(ui, settings, state, style, at);
        }
    }
}

/// Which figure, how it is divided, into how many ranges.
fn dividing_ui(ui: &mut Ui, settings: &Settings, entry: &Entry, state: &mut Editor, wanted: &mut Draft) {
    let language = settings.language;
    row(ui, settings.tr("panels.style-expression"), |ui| {
        // Beside it the bare mark of a choice, and the gaps of both.
        let width = (ui.available_width() - 52.0).max(60.0);
        let (hint, name) = (settings.tr("panels.style-expression-hint"), settings.tr("panels.style-expression"));
        if let Some(text) = state.typing.field(ui, ("expression", 0), &wanted.expression, hint, name, width) {
            text.trim().clone_into(&mut wanted.expression);
        }
        choice(ui, settings.tr("panels.style-field"), "", |ui| {
            eframe::egui::ScrollArea::vertical().max_height(320.0).show(ui, |ui| {
                for (key, area) in AREAS.iter().filter(|_| entry.layer.kind == GeometryKind::Polygon) {
                    if widgets::menu_row(ui, None, settings.tr(key), "", None).clicked() {
                        (*area).clone_into(&mut wanted.expression);
                        ui.close();
                    }
                }
                let numbers = entry.layer.fields.iter().filter(|f| matches!(f.kind, FieldType::Int | FieldType::Float));
                for field in numbers {
                    if widgets::menu_row(ui, None, &field.name, "", None).clicked() {
                        wanted.expression = quoted(&field.name);
                        ui.close();
                    }
                }
            });
        });
    });
    row(ui, settings.tr("panels.style-breaks"), |ui| {
        choice(ui, settings.tr("panels.style-breaks"), tr(language, breaks_key(wanted.breaks)), |ui| {
            for breaks in Breaks::ALL {
                let on = breaks == wanted.breaks;
                if widgets::menu_row(ui, None, settings.tr(breaks_key(breaks)), "", Some(on)).clicked() {
                    wanted.breaks = breaks;
                    ui.close();
                }
            }
        });
        let count = wanted.count.to_string();
        choice(ui, settings.tr("panels.style-range-count"), &count, |ui| {
            for count in 2..=MOST {
                let on = count == wanted.count;
                if widgets::menu_row(ui, None, &count.to_string(), "", Some(on)).clicked() {
                    wanted.count = count;
                    ui.close();
                }
            }
        });
    });
}

/// Which colours; whether others were chosen.
fn ramp_ui(ui: &mut Ui, settings: &Settings, ramp: &mut usize) -> bool {
    let mut chosen = false;
    row(ui, settings.tr("panels.style-ramp"), |ui| {
        let now = settings.tr(RAMPS[(*ramp).min(RAMPS.len() - 1)].key);
        choice(ui, settings.tr("panels.style-ramp"), now, |ui| {
            for (at, other) in RAMPS.iter().enumerate() {
                if widgets::menu_row(ui, None, settings.tr(other.key), "", Some(at == *ramp)).clicked() {
                    (*ramp, chosen) = (at, true);
                    ui.close();
                }
            }
        });
        let (rect, _) = ui.allocate_exact_size(vec2(72.0, 12.0), Sense::hover());
        for at in 0..24u8 {
            let share = f32::from(at) / 24.0;
            let left = rect.left() + rect.width() * share;
            let part = Rect::from_min_max(pos2(left, rect.top()), pos2(left + rect.width() / 24.0, rect.bottom()));
            let color = RAMPS[(*ramp).min(RAMPS.len() - 1)].at(f32::from(at) / 23.0);
            ui.painter().rect_filled(part, 0.0, swatch::color32(color));
        }
    });
    chosen
}

/// Has the figures of an expression worked out.
fn ask(ui: &Ui, entry: &Entry, state: &mut State, expression: &str) {
    let areas = entry.areas.as_ref().filter(|_| expression.contains('$'));
    let key = Key {
        revision: entry.layer.revision,
        expression: expression.to_owned(),
        areas: areas.map(|areas| Arc::as_ptr(areas) as usize),
    };
    state.figures.poll();
    if state.figures.is_asked(&key) {
        return;
    }
    let (layer, areas, expression) = (entry.layer.clone(), areas.cloned(), expression.to_owned());
    state.figures.start_task(ui.ctx(), key, "figures", move |progress| {
        let wrong = |error: crate::expr::ExprError| {
            Message::new("panels.style-expression-wrong").with_said("reason", |language| error.text(language))
        };
        let areas: Option<&Areas> = areas.as_deref();
        let found = figures_of(&expression, &layer, areas, progress).map_err(wrong)?;
        // Who is cancelled is no longer asked.
        let mut sorted = found.unwrap_or_default();
        let all = sorted.len();
        sorted.retain(|figure| figure.is_finite());
        sorted.sort_unstable_by(f64::total_cmp);
        let bars = histogram(&sorted, BARS);
        Ok(Figures { bars, without: all - sorted.len(), sorted })
    });
}

/// How the figures are spread, with the ends of the ranges; or why there are none.
fn figures_ui(ui: &mut Ui, settings: &Settings, state: &Editor, style: &LayerStyle) {
    let figures = &state.graduated.figures;
    if let Some(problem) = figures.problem() {
        let message = problem.message().text(settings.language);
        widgets::callout(ui, widgets::Tone::Bad, &message);
        return;
    }
    let Some(found) = figures.current() else {
        widgets::note(ui, settings.tr("panels.style-figures-wait"));
        return;
    };
    let (Some(least), Some(most)) = (found.sorted.first(), found.sorted.last()) else {
        widgets::callout(ui, widgets::Tone::Warn, settings.tr("panels.style-no-figures"));
        return;
    };
    let t = tokens(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), HEIGHT), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, settings.tr("panels.style-histogram")));
    let tallest = found.bars.iter().copied().max().unwrap_or(1).max(1) as f32;
    let wide = rect.width() / found.bars.len() as f32;
    let graduated = if let Styling::Graduated(graduated) = &style.styling { Some(graduated) } else { None };
    for (at, count) in found.bars.iter().enumerate() {
        let middle = least + (most - least) * (at as f64 + 0.5) / found.bars.len() as f64;
        let symbol = graduated.and_then(|graduated| graduated.ranges.get(usize::from(graduated.index(middle))));
        let color = symbol.map_or(t.muted, |range| swatch::color32(range.symbol.color()));
        let left = rect.left() + wide * at as f32;
        // Few are still seen.
        let height = if *count == 0 { 0.0 } else { (rect.height() * (*count as f32 / tallest).sqrt()).max(1.0) };
        let bar = Rect::from_min_max(pos2(left, rect.bottom() - height), pos2(left + wide - 0.5, rect.bottom()));
        ui.painter().rect_filled(bar, 0.0, color);
    }
    ui.painter().hline(rect.x_range(), rect.bottom(), Stroke::new(1.0, t.line));
    for range in graduated.into_iter().flat_map(|graduated| graduated.ranges.iter().skip(1)) {
        let share = ((range.lower - least) / (most - least).max(f64::MIN_POSITIVE)) as f32;
        if (0.0..=1.0).contains(&share) {
            ui.painter().vline(rect.left() + rect.width() * share, rect.y_range(), Stroke::new(1.0, t.text));
        }
    }
    let unit = figures.value_key().and_then(|key| area_unit(&key.expression));
    let unit = unit.map_or(String::new(), |unit| format!(" {}", settings.tr(unit.key())));
    let sentence = Message::new("panels.style-figures")
        .with("least", format_number(*least, 2))
        .with("most", format!("{}{unit}", format_number(*most, 2)))
        .with("n", format_number(found.sorted.len() as f64, 0))
        .with("without", format_number(found.without as f64, 0));
    widgets::note(ui, &sentence.text(settings.language));
}

/// Makes the ranges that were asked for, once the figures are there.
fn make(entry: &Entry, state: &mut State, style: &mut LayerStyle) {
    let Some(draft) = &state.draft else { return };
    let Some(figures) = state.figures.current() else { return };
    if state.figures.value_key().is_none_or(|key| key.expression != draft.expression) {
        return;
    }
    let ends = ends_of_sorted(&figures.sorted, draft.breaks, draft.count);
    if ends.is_empty() {
        // There is nothing to divide; the note says so.
        return;
    }
    let ramp = &RAMPS[state.ramp.min(RAMPS.len() - 1)];
    style.styling = Styling::Graduated(of_ends(draft, &ends, ramp, entry.layer.kind));
    state.draft = None;
}

fn of_ends(draft: &Draft, ends: &[f64], ramp: &Ramp, kind: GeometryKind) -> Graduated {
    let count = ends.len() - 1;
    let range = |(nth, pair): (usize, &[f64])| RangeSymbol {
        lower: pair[0],
        upper: pair[1],
        label: String::new(),
        symbol: defaults::class_symbol(ramp.of(nth, count), kind),
        visible: true,
    };
    Graduated {
        expression: draft.expression.clone(),
        breaks: draft.breaks,
        ranges: ends.windows(2).enumerate().map(range).collect(),
        other: defaults::class_symbol(defaults::UNCLASSIFIED, kind),
        other_visible: true,
    }
}

/// Gives the ranges the colours of a ramp.
fn recolor(graduated: &mut Graduated, ramp: &Ramp, kind: GeometryKind) {
    let count = graduated.ranges.len();
    for (nth, range) in graduated.ranges.iter_mut().enumerate() {
        range.symbol = defaults::class_symbol(ramp.of(nth, count), kind);
    }
}

/// Ends and name of a range, to be typed.
fn range_ui(ui: &mut Ui, settings: &Settings, state: &mut Editor, style: &mut LayerStyle, at: usize) {
    let Styling::Graduated(graduated) = &mut style.styling else { return };
    if at >= graduated.ranges.len() || state.chosen != Some(at) {
        return;
    }
    let named = |key: &'static str| Message::new(key).with("n", at + 1).text(settings.language);
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 4.0;
        let width = ((ui.available_width() - 8.0) / 3.0).max(40.0);
        let range = &graduated.ranges[at];
        let (lower, upper) = (range.lower, range.upper);
        let lower = state.typing.number(ui, ("lower", at), Some(lower), "", &named("panels.range-lower"), width);
        let upper = state.typing.number(ui, ("upper", at), Some(upper), "", &named("panels.range-upper"), width);
        let hint = settings.tr("panels.range-label-hint");
        let name = named("panels.range-label");
        let label = state.typing.field(ui, ("range", at), &graduated.ranges[at].label, hint, &name, width);
        if let Some(Some(lower)) = lower {
            set_end(graduated, at, lower);
        }
        if let Some(Some(upper)) = upper {
            set_end(graduated, at + 1, upper);
        }
        if let Some(label) = label {
            label.trim().clone_into(&mut graduated.ranges[at].label);
        }
    });
}

/// Moves end number `nth`, between range `nth - 1` and `nth`; one that would pass its neighbours stays between them.
fn set_end(graduated: &mut Graduated, nth: usize, end: f64) {
    let least = nth.checked_sub(1).and_then(|before| graduated.ranges.get(before)).map(|range| range.lower);
    let most = graduated.ranges.get(nth).map(|range| range.upper);
    let end = end.max(least.unwrap_or(end)).min(most.unwrap_or(end));
    if let Some(before) = nth.checked_sub(1).and_then(|before| graduated.ranges.get_mut(before)) {
        before.upper = end;
    }
    if let Some(after) = graduated.ranges.get_mut(nth) {
        after.lower = end;
    }
    graduated.breaks = Breaks::Given;
}

fn breaks_key(breaks: Breaks) -> &'static str {
    match breaks {
        Breaks::Quantile => "panels.breaks-quantile",
        Breaks::Jenks => "panels.breaks-jenks",
        Breaks::Equal => "panels.breaks-equal",
        Breaks::Pretty => "panels.breaks-pretty",
        Breaks::Given => "panels.breaks-given",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_move_between_their_neighbours_and_count_as_given() {
        let draft = Draft { expression: "TBMJ".to_owned(), breaks: Breaks::Jenks, count: 3 };
        let ends = |graduated: &Graduated| -> Vec<[f64; 2]> {
            graduated.ranges.iter().map(|range| [range.lower, range.upper]).collect()
        };
        let mut graduated = of_ends(&draft, &[0.0, 10.0, 20.0, 30.0], &RAMPS[0], GeometryKind::Polygon);
        set_end(&mut graduated, 1, 12.0);
        assert_eq!(ends(&graduated), [[0.0, 12.0], [12.0, 20.0], [20.0, 30.0]]);
        set_end(&mut graduated, 2, 5.0);
        assert_eq!(ends(&graduated), [[0.0, 12.0], [12.0, 12.0], [12.0, 30.0]]);
        set_end(&mut graduated, 0, -5.0);
        set_end(&mut graduated, 3, 99.0);
        assert_eq!(ends(&graduated), [[-5.0, 12.0], [12.0, 12.0], [12.0, 99.0]]);
        assert_eq!(graduated.breaks, Breaks::Given);
    }
}
