//! Which classes of a style colour-blind eyes mix up.

use eframe::egui::Ui;

use super::classes;
use crate::model::style::eyes::{ALIKE, Eyes};
use crate::model::style::{Color, Fill, LayerStyle};
use crate::text::Message;
use crate::ui::look::{icons, widgets};
use crate::ui::session::derived::Legend;
use crate::ui::session::settings::Settings;
use crate::units::format_number;

/// Pairs that are listed.
const MOST_PAIRS: usize = 12;
/// Classes that are compared: each with each.
const MOST_CLASSES: usize = 120;

/// What is remembered of the check.
#[derive(Debug, Default)]
pub(super) struct State {
    open: bool,
    eyes: Eyes,
}

/// The check: closed until somebody asks for it. Only classes that occur and are drawn count.
pub(super) fn ui(ui: &mut Ui, settings: &Settings, legend: &Legend, state: &mut State, style: &LayerStyle) {
    let language = settings.language;
    let mark = if state.open { icons::CHEVRON_DOWN } else { icons::CHEVRON_RIGHT };
    if widgets::button(ui, Some(mark), settings.tr("panels.style-eyes")).clicked() {
        state.open = !state.open;
    }
    if !state.open {
        return;
    }
    ui.horizontal_wrapped(|ui| {
        for eyes in Eyes::ALL {
            if widgets::segment(ui, settings.tr(key(eyes)), state.eyes == eyes).clicked() {
                state.eyes = eyes;
            }
        }
    });
    let drawn = legend.rows.iter().map(|row| usize::from(row.symbol)).filter(|at| style.is_visible(*at));
    let drawn: Vec<usize> = drawn.take(MOST_CLASSES).collect();
    let colors: Vec<Color> =
        drawn.iter().map(|at| style.symbol(*at).map_or(Color::TRANSPARENT, |symbol| symbol.color())).collect();
    let pairs = state.eyes.alike(&colors).into_iter().map(|pair| (drawn[pair.a], drawn[pair.b], pair.distance));
    let mut pairs: Vec<(usize, usize, f32)> = pairs.filter(|(a, b, _)| have_one_texture(style, *a, *b)).collect();
    // Those first that only these eyes mix up: the standard itself gives several classes one colour.
    let color = |at: usize| style.symbol(at).map_or(Color::TRANSPARENT, |symbol| symbol.color());
    pairs.sort_by_key(|(a, b, _)| color(*a).distance(color(*b)) < ALIKE);
    if pairs.is_empty() {
        widgets::callout(ui, widgets::Tone::Good, settings.tr("panels.eyes-good"));
        return;
    }
    let count = Message::new("panels.eyes-count").with("n", pairs.len()).text(language);
    widgets::callout(ui, widgets::Tone::Warn, &count);
    for (a, b, distance) in pairs.into_iter().take(MOST_PAIRS) {
        let pair = Message::new("panels.eyes-pair")
            .with("a", classes::name_of(style, a, settings))
            .with("b", classes::name_of(style, b, settings))
            .with("d", format_number(f64::from(distance * 100.0), 1));
        widgets::note(ui, &pair.text(language));
    }
}

/// Whether nothing but colour tells two symbols apart.
fn have_one_texture(style: &LayerStyle, a: usize, b: usize) -> bool {
    let fill = |at: usize| style.symbol(at).map(|symbol| symbol.fill).unwrap_or_default();
    match (fill(a), fill(b)) {
        (Fill::Hatch(a), Fill::Hatch(b)) => a.angle_deg == b.angle_deg && a.crossed == b.crossed,
        (Fill::Pattern(a), Fill::Pattern(b)) => a.motif == b.motif,
        (Fill::Hatch(_) | Fill::Pattern(_), _) | (_, Fill::Hatch(_) | Fill::Pattern(_)) => false,
        _ => true,
    }
}

fn key(eyes: Eyes) -> &'static str {
    match eyes {
        Eyes::Usual => "panels.eyes-usual",
        Eyes::Protan => "panels.eyes-protan",
        Eyes::Deutan => "panels.eyes-deutan",
        Eyes::Tritan => "panels.eyes-tritan",
    }
}
