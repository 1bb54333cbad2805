//! What a red line takes, in the inspector: its conflicts, then land use by class, owner or village, then other layers.

use eframe::egui::{self, Align, Layout, Ui, vec2};

use crate::model::LayerId;
use crate::model::roles::fields;
use crate::report::red_line::{red_line_table, value_text};
use crate::report::to_tsv;
use crate::scenario::RedLine;
use crate::text::{Language, Message};
use crate::ui::look::icons;
use crate::ui::look::theme::{font, size, tokens};
use crate::ui::look::widgets::{self, Tone};
use crate::ui::panels::inspector::{asked_line, block, copies, value_line};
use crate::ui::panels::problem;
use crate::ui::session::Session;
use crate::ui::session::awaited::Awaiting;
use crate::ui::session::command::Command;
use crate::ui::session::command::table::TableCommand;
use crate::ui::session::command::tool::ToolCommand;
use crate::ui::session::red_line::{Line, RedLineAnswer};
use crate::ui::work::measuring::method_key;
use crate::ui::work::{red_line, why};
use crate::units::{Area, AreaUnit, format_number};

/// Rows of a grouping that show before "more".
const ROWS: usize = 14;

/// What is remembered between frames.
#[derive(Default)]
pub struct State {
    key: usize,
    all: bool,
}

/// Whether the inspector is about a red line that was drawn, not about a feature.
pub fn is_page(session: &Session) -> bool {
    matches!(red_line::line(session), Some(Line::Drawn(..)))
}

/// The page of a red line that was drawn.
pub fn page(ui: &mut Ui, session: &Session, state: &mut State, commands: &mut Vec<Command>) {
    ui.allocate_ui_with_layout(
        vec2(ui.available_width(), size::PANEL_HEADING),
        Layout::left_to_right(Align::Center),
        |ui| {
            ui.add_space(size::MARGIN);
            widgets::section(ui, session.tr("panels.take"));
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                ui.add_space(8.0);
                if widgets::icon_button(ui, icons::X, session.tr("ui.close")).clicked() {
                    commands.push(Command::Tool(ToolCommand::TakeOf(None)));
                    commands.push(Command::Tool(ToolCommand::SetSketch(Default::default())));
                }
            });
        },
    );
    egui::ScrollArea::vertical().id_salt("taking").auto_shrink(false).show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        if let Some(answer) = found(&session.red_line) {
            block(ui, |ui| {
                let area = Area::from_m2(answer.m2);
                let mu = area.display(AreaUnit::Mu);
                let big = widgets::figure(ui, &mu, session.tr(AreaUnit::Mu.key()), font::figure());
                let big = big.interact(egui::Sense::click());
                let ask = || {
                    let (title, formula) = (session.tr("panels.take"), why::method_formula(answer.method));
                    let layers = answer.layers.iter().filter_map(|of| session.workspace.entry(of.layer));
                    let figure = (area, AreaUnit::Mu);
                    Some(why::of_layers(title, figure, formula, (answer.method, answer.frame.as_str()), layers))
                };
                why::asks(&big, ask, commands);
                copies(big, session.language(), &mu, commands);
                let km2 = AreaUnit::SquareKilometre;
                let hectare = AreaUnit::Hectare;
                let text = [hectare, km2].map(|unit| format!("{} {}", area.display(unit), session.tr(unit.key())));
                widgets::label(ui, &text.join("  "), font::table(), tokens(ui).muted);
            });
            widgets::hairline(ui);
        }
        block(ui, |ui| answer_ui(ui, session, state, commands));
    });
}

/// The answer itself, beneath the areas of a feature or on its own page.
pub fn answer_ui(ui: &mut Ui, session: &Session, state: &mut State, commands: &mut Vec<Command>) {
    let language = session.language();
    ui.horizontal(|ui| {
        widgets::section(ui, session.tr("panels.takes"));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let answer = found(&session.red_line);
            ui.add_enabled_ui(answer.is_some(), |ui| {
                if widgets::icon_button_small(ui, icons::COPY, session.tr("panels.copy-take")).clicked()
                    && let Some(answer) = answer
                {
                    let layer = answer.layers.first().and_then(|first| session.layer(first.layer));
                    let table = red_line_table(answer, layer.map(|layer| &**layer), language);
                    commands.push(Command::Table(TableCommand::CopyText(to_tsv(&table, language))));
                }
            });
        });
    });
    ui.add_space(4.0);
    match (session.red_line.answer.problem(), found(&session.red_line)) {
        (Some(problem), _) => problem::callout_ui(ui, session.language(), problem, Awaiting::RedLine, commands),
        (None, Some(answer)) => found_ui(ui, session, state, answer, commands),
        (None, None) => {
            widgets::muted(ui, session.tr("panels.job-take"));
        }
    }
}

/// What the red line takes; where that could not be worked out, not what it took before.
fn found(red_line: &RedLineAnswer) -> Option<&RedLine> {
    let answer = red_line.answer.value().filter(|_| red_line.answer.problem().is_none());
    answer.map(|answer| &**answer)
}

/// Marks a net figure: so many features of cropland in it state no share of ridges.
pub(in crate::ui) fn unstated_ui(ui: &mut Ui, language: Language, count: u64) {
    if count > 0 {
        let n = format_number(count as f64, 0);
        widgets::callout(ui, Tone::Warn, &Message::new("edit.unstated").with("n", n).text(language));
        ui.add_space(4.0);
    }
}

fn found_ui(ui: &mut Ui, session: &Session, state: &mut State, answer: &RedLine, commands: &mut Vec<Command>) {
    let language = session.language();
    let mu = |m2: f64| Area::from_m2(m2).display(AreaUnit::Mu);
    let unit = session.tr(AreaUnit::Mu.key());
    let why = |title: &str, m2: f64, layer: LayerId, formula| {
        let area = (Area::from_m2(m2), AreaUnit::Mu);
        let layers = session.workspace.entry(layer).into_iter();
        Some(why::of_layers(title, area, formula, (answer.method, answer.frame.as_str()), layers))
    };
    for said in &answer.said {
        widgets::callout(ui, Tone::Quiet, &said.text(language));
        ui.add_space(4.0);
    }
    if answer.m2 <= 0.0 && !answer.said.is_empty() {
        return;
    }
    if let Some(beside) = &answer.beside {
        widgets::callout(ui, Tone::Warn, &beside.message().text(language));
        ui.add_space(4.0);
    }
    for conflict in &answer.conflicts {
        let key = if conflict.net_m2.is_some() { "panels.take-conflict-net" } else { "panels.take-conflict" };
        let text = Message::new(key)
            .with("kind", conflict.kind.conflict_title(language))
            .with("mu", mu(conflict.m2))
            .with("net", mu(conflict.net_m2.unwrap_or(conflict.m2)));
        widgets::callout(ui, Tone::Bad, &text.text(language));
        ui.add_space(4.0);
        unstated_ui(ui, session.language(), conflict.unstated);
    }
    if answer.conflicts.is_empty() && answer.layers.iter().any(|layer| !layer.keys.is_empty()) {
        match session.workspace.has_control_lines() {
            true => widgets::callout(ui, Tone::Good, session.tr("panels.take-no-conflict")),
            false => widgets::callout(ui, Tone::Quiet, session.tr("panels.take-no-lines")),
        };
        ui.add_space(4.0);
    }
    let by_keys = answer.layers.first().filter(|first| !first.keys.is_empty());
    if let Some(first) = by_keys {
        let key = state.key.min(first.keys.len() - 1);
        ui.horizontal_wrapped(|ui| {
            for (at, name) in first.fields.iter().enumerate() {
                let title = fields::title(name, language).unwrap_or(name);
                if widgets::segment(ui, title, at == key).clicked() {
                    state.key = at;
                    state.all = false;
                }
            }
        });
        ui.add_space(2.0);
        let rows = first.by(key);
        let layer = session.layer(first.layer).map(|layer| &**layer);
        let seen = if state.all { rows.len() } else { rows.len().min(ROWS) };
        for (value, m2, _) in &rows[..seen] {
            let label = value_text(first, layer, key, *value, language);
            let label = if label.is_empty() { "–" } else { label.as_str() };
            let share = if answer.m2 > 0.0 { 100.0 * m2 / answer.m2 } else { 0.0 };
            let figure = format!("{} {unit}  {} %", mu(*m2), format_number(share, 1));
            let ask = || why(label, *m2, first.layer, "why.f-taken");
            asked_line(ui, session.language(), (label, ""), &figure, ask, commands);
        }
        if seen < rows.len() {
            let more = Message::new("panels.take-more").with("n", rows.len() - seen).text(language);
            if widgets::button(ui, Some(icons::CHEVRON_DOWN), &more).clicked() {
                state.all = true;
            }
        }
        if first.taken.twice_m2 >= 0.005 {
            let twice = format!("{} {unit}", mu(-first.taken.twice_m2));
            value_line(ui, session.language(), session.tr("report.less-twice"), "", &twice, commands);
        }
        let total = format!("{} {unit}", mu(first.taken.m2));
        let title = session.tr("report.total");
        let ask = || why(title, first.taken.m2, first.layer, "why.f-taken");
        asked_line(ui, session.language(), (title, ""), &total, ask, commands);
        if let Some(net) = first.taken.net_m2 {
            let (title, text) = (session.tr("panels.take-net"), format!("{} {unit}", mu(net)));
            let ask = || why(title, net, first.layer, "why.f-net");
            asked_line(ui, session.language(), (title, ""), &text, ask, commands);
            unstated_ui(ui, session.language(), first.taken.unstated);
        }
        let missing = answer.m2 - first.taken.m2;
        if missing >= 0.005 {
            let text = Message::new("panels.take-uncovered").with("mu", mu(missing));
            widgets::callout(ui, Tone::Warn, &text.text(language));
        }
    }
    let others: Vec<_> = answer.layers.iter().skip(usize::from(by_keys.is_some())).collect();
    if !others.is_empty() {
        ui.add_space(6.0);
        widgets::section(ui, session.tr("panels.take-others"));
        for layer in others {
            let figure = format!("{} {unit}", mu(layer.taken.m2));
            let ask = || why(&layer.title, layer.taken.m2, layer.layer, "why.f-taken");
            asked_line(ui, session.language(), (layer.title.as_str(), ""), &figure, ask, commands);
        }
    }
    ui.add_space(4.0);
    let basis = Message::new("panels.area-by-in")
        .with("method", session.tr(method_key(answer.method)))
        .with_said("frame", |l| crate::crs::name_said(&answer.frame, l));
    widgets::note(ui, &basis.text(language));
}
