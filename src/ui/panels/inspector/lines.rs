//! What each control line takes of a feature or of the selection, in the inspector: in mu and percent.

use eframe::egui::{Sense, Ui};

use crate::scenario::Workspace;
use crate::scenario::lines::LineKind;
use crate::text::{Language, Message, tr};
use crate::ui::look::theme::{font, tokens};
use crate::ui::look::widgets;
use crate::ui::panels::edit::menus;
use crate::ui::panels::inspector::{asked_line, copies, red_line, value_line};
use crate::ui::panels::problem;
use crate::ui::session::Session;
use crate::ui::session::awaited::Awaiting;
use crate::ui::session::command::Command;
use crate::ui::session::line_shares::{Answer, Shares};
use crate::ui::work::measuring::method_key;
use crate::ui::work::{derived, line_shares, why};
use crate::units::{Area, AreaUnit, format_number};

/// Less than the survey can print is nothing, m².
const LEAST_M2: f64 = 0.005;

/// Whether there is anything to say of a feature or selection.
pub(super) fn has_answer(answer: &Answer) -> bool {
    answer.key().is_some() && !matches!(answer.value(), Some(None))
}

/// The lines and what they take.
pub(super) fn ui(ui: &mut Ui, session: &Session, answer: &Answer, commands: &mut Vec<Command>) {
    let language = session.language();
    widgets::section(ui, tr(language, "panels.line-shares"));
    ui.add_space(2.0);
    match (answer.problem(), answer.value()) {
        (Some(problem), _) => problem::callout_ui(ui, language, problem, Awaiting::LineShares, commands),
        (None, None) => {
            widgets::muted(ui, tr(language, "panels.job-line-shares"));
        }
        (None, Some(None)) => {}
        (None, Some(Some(shares))) => shares_ui(ui, &session.workspace, language, shares, commands),
    }
}

fn shares_ui(ui: &mut Ui, workspace: &Workspace, language: Language, shares: &Shares, commands: &mut Vec<Command>) {
    let figures = &shares.figures;
    let why = |title: &str, m2: f64, kind: LineKind, formula| {
        let lines = workspace.entries.iter().filter(|entry| entry.role == kind.role());
        let area = (Area::from_m2(m2), AreaUnit::Mu);
        Some(why::of_layers(title, area, formula, (shares.method, shares.frame.as_str()), lines))
    };
    let whole = figures.total_m2;
    let unit = tr(language, AreaUnit::Mu.key());
    let mu = |m2: f64| Area::from_m2(m2).display(AreaUnit::Mu);
    let figure = |m2: f64| {
        let share = if whole > 0.0 { 100.0 * m2 / whole } else { 0.0 };
        format!("{} {unit}  {} %", mu(m2), format_number(share, 2))
    };
    for (kind, sum) in figures.lines.iter().zip(&figures.total) {
        let name = kind.role().title(language);
        if sum.inside_m2.abs() < LEAST_M2 {
            value_line(ui, language, name, "", tr(language, "panels.line-takes-nothing"), commands);
        } else {
            let ask = || why(name, sum.inside_m2, *kind, "why.f-inside");
            asked_line(ui, language, (name, ""), &figure(sum.inside_m2), ask, commands);
        }
        if let Some(net) = sum.net_inside_m2.filter(|_| sum.inside_m2 >= LEAST_M2) {
            let (title, text) = (tr(language, "panels.line-net"), format!("{} {unit}", mu(net)));
            asked_line(ui, language, (title, ""), &text, || why(title, net, *kind, "why.f-inside-net"), commands);
            red_line::unstated_ui(ui, language, sum.unstated_count as u64);
        }
        if *kind == LineKind::Boundary && sum.outside_m2 >= LEAST_M2 && sum.inside_m2 >= LEAST_M2 {
            let title = tr(language, "panels.line-outside");
            let ask = || why(title, sum.outside_m2, *kind, "why.f-outside");
            asked_line(ui, language, (title, ""), &figure(sum.outside_m2), ask, commands);
        }
    }
    let basis = Message::new("panels.area-by-in")
        .with("method", tr(language, method_key(shares.method)))
        .with_said("frame", |l| crate::crs::name_said(&shares.frame, l));
    widgets::note(ui, &basis.text(language));
}

/// What is selected in the current layer: how many, their area, and what the lines take of it.
pub(super) fn selection_ui(ui: &mut Ui, session: &Session, commands: &mut Vec<Command>) {
    let Some((layer, rows)) = line_shares::selection(session) else { return };
    let Some(entry) = session.workspace.entry(layer) else { return };
    let n = format_number(rows.len() as f64, 0);
    let title = Message::new("panels.selection-of").with("layer", &entry.title).with("n", n);
    widgets::section(ui, &title.text(session.language()));
    if let Some(area) = derived::printed(entry, rows) {
        let mu = area.display(AreaUnit::Mu);
        let big = widgets::figure(ui, &mu, session.tr(AreaUnit::Mu.key()), font::figure());
        let big = big.interact(Sense::click());
        let ask = || {
            let formula = Message::new("why.f-sum").with("n", rows.len());
            let title = title.text(session.language());
            Some(why::sum_of(entry, &title, (area, AreaUnit::Mu), formula, (**rows).clone()))
        };
        why::asks(&big, ask, commands);
        copies(big, session.language(), &mu, commands);
        let others = [AreaUnit::Hectare, AreaUnit::SquareKilometre];
        let text = others.map(|unit| format!("{} {}", area.display(unit), session.tr(unit.key())));
        widgets::label(ui, &text.join("  "), font::table(), tokens(ui).muted);
    }
    ui.add_space(4.0);
    menus::button(ui, &session.project, session.language(), None, commands);
    let answer = &session.line_shares.selection;
    if has_answer(answer) {
        ui.add_space(8.0);
        self::ui(ui, session, answer, commands);
    }
}
