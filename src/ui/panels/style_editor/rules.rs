//! The rules of a style: condition, name, scales, and which comes first.

use eframe::egui::{Align, Layout, Ui};

use super::{Picked, State, classes, scales_ui};
use crate::expr::{Expr, Figures};
use crate::model::GeometryKind;
use crate::model::style::{LayerStyle, RuleSymbol, Ruled, ScaleRange, Styling, defaults};
use crate::scenario::Entry;
use crate::text::{Language, Message};
use crate::ui::look::{icons, widgets};
use crate::ui::session::derived::Derived;
use crate::ui::session::settings::Settings;

/// What is to be done with a rule.
enum Move {
    Up,
    Down,
    Away,
}

/// Rules to begin with: one for what somebody is about to ask for, and all other features as they were.
pub(super) fn first(entry: &Entry) -> Styling {
    let other = entry.style.symbol(entry.style.symbol_count() - 1).copied().unwrap_or_default();
    Styling::Ruled(Ruled { rules: vec![rule(entry.layer.kind, 0)], other, other_visible: true })
}

fn rule(kind: GeometryKind, nth: usize) -> RuleSymbol {
    RuleSymbol {
        filter: String::new(),
        label: String::new(),
        scales: ScaleRange::default(),
        symbol: defaults::class_symbol(defaults::palette(nth), kind),
        visible: true,
    }
}

/// The rules, each with its row in the legend.
pub(super) fn ui(
    ui: &mut Ui,
    derived: &Derived,
    settings: &Settings,
    picked: &Picked,
    entry: &Entry,
    state: &mut State,
    style: &mut LayerStyle,
) {
    let language = settings.language;
    let Styling::Ruled(ruled) = &style.styling else { return };
    let count = ruled.rules.len();
    classes::heading(ui, settings, &Message::new("panels.style-rules").with("n", count).text(language), style);
    let mut wanted = None;
    for at in 0..count {
        let label = classes::name_of(style, at, settings);
        classes::row(ui, derived, settings, picked, entry, state, style, (at, &label));
        let Styling::Ruled(ruled) = &mut style.styling else { return };
        let Some(rule) = ruled.rules.get_mut(at) else { return };
        let named = |key: &'static str| Message::new(key).with("n", at + 1).text(language);
        let width = ui.available_width();
        let (hint, name) = (settings.tr("panels.rule-filter-hint"), named("panels.rule-filter"));
        if let Some(filter) = state.typing.field(ui, ("filter", at), &rule.filter, hint, &name, width) {
            rule.filter = filter.trim().to_owned();
        }
        if let Some(wrong) = fault(&rule.filter, entry, language) {
            widgets::callout(ui, widgets::Tone::Bad, &wrong);
        }
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = 4.0;
            let (hint, name) = (settings.tr("panels.rule-label-hint"), named("panels.rule-label"));
            let width = (ui.available_width() - 3.0 * 24.0).max(60.0);
            if let Some(label) = state.typing.field(ui, ("label", at), &rule.label, hint, &name, width) {
                label.trim().clone_into(&mut rule.label);
            }
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                for (icon, key, of, enabled) in [
                    (icons::TRASH_2, "panels.rule-delete", Move::Away, count > 1),
                    (icons::ARROW_DOWN, "panels.rule-down", Move::Down, at + 1 < count),
                    (icons::ARROW_UP, "panels.rule-up", Move::Up, at > 0),
                ] {
                    ui.add_enabled_ui(enabled, |ui| {
                        if widgets::icon_button_small(ui, icon, &named(key)).clicked() {
                            wanted = Some((at, of));
                        }
                    });
                }
            });
        });
        scales_ui(ui, settings, &mut state.typing, at + 1, &mut rule.scales);
        ui.add_space(6.0);
    }
    let other = classes::name_of(style, count, settings);
    classes::row(ui, derived, settings, picked, entry, state, style, (count, &other));
    let Styling::Ruled(ruled) = &mut style.styling else { return };
    match wanted {
        Some((at, Move::Up)) => ruled.rules.swap(at, at - 1),
        Some((at, Move::Down)) => ruled.rules.swap(at, at + 1),
        Some((at, Move::Away)) => drop(ruled.rules.remove(at)),
        None => {}
    }
    if wanted.is_some() {
        state.chosen = None;
    }
    if widgets::button(ui, Some(icons::PLUS), settings.tr("panels.rule-add")).clicked() {
        let nth = ruled.rules.len();
        ruled.rules.push(rule(entry.layer.kind, nth));
    }
}

/// What is wrong with a condition; areas that are still to be measured are nothing wrong.
fn fault(filter: &str, entry: &Entry, language: Language) -> Option<String> {
    if filter.is_empty() {
        return None;
    }
    let figures = Figures { areas: (entry.layer.kind == GeometryKind::Polygon).then_some(&[][..]), perimeters: None };
    let bound = Expr::parse(filter).and_then(|condition| condition.bind_condition(&entry.layer, figures).map(drop));
    bound.err().map(|error| error.text(language))
}
