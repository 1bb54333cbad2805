//! Rules held against every state: the base and each scenario, side by side.

use std::sync::Arc;

use eframe::egui::{self, Rect, Role, Sense, Ui, WidgetInfo, pos2, vec2};

use crate::report;
use crate::report::rules::states_table;
use crate::rules::{Light, Outcome, Rule, Rules, evaluate};
use crate::scenario::plan::plan_state::{StateKey, state_key};
use crate::scenario::{ScenarioId, Workspace};
use crate::task::Cancelled;
use crate::text::{Language, tr};
use crate::ui::look::theme::{self, font, size, tokens};
use crate::ui::look::{icons, widgets};
use crate::ui::map::two_states;
use crate::ui::panels::rules_bar;
use crate::ui::session::Session;
use crate::ui::session::awaited::Awaited;
use crate::ui::session::command::Command;
use crate::ui::session::command::rules::RulesCommand;
use crate::ui::session::command::scenario::ScenarioCommand;
use crate::ui::session::command::table::TableCommand;
use crate::ui::session::parts::RulesPage;
use crate::ui::work::judging;

/// A state: a scenario, or the base.
type StateId = Option<ScenarioId>;

/// Outcomes of each state that was judged.
type Outcomes = Vec<(StateId, Vec<Outcome>)>;

/// How rules stand in every state.
#[derive(Default)]
pub(super) struct Standing {
    /// Those of before stay until new ones are there.
    outcomes: Awaited<Key, Outcomes, Cancelled>,
}

/// What outcomes are of: the rules, by their place in memory, and the states.
#[derive(Clone)]
struct Key(Arc<Rules>, Vec<StateKey>);

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) && self.1 == other.1
    }
}

impl Standing {
    /// Brings the outcomes up to date; those of before stay until new ones are there.
    pub(super) fn refresh(&mut self, ctx: &egui::Context, session: &Session, rules: &Arc<Rules>) {
        let states = states(&session.workspace);
        let keys: Vec<_> = states.iter().map(|state| state_key(&session.workspace, *state)).collect();
        self.outcomes.poll();
        let key = Key(rules.clone(), keys);
        if !self.outcomes.is_asked(&key) {
            // Places of other rules are others.
            self.outcomes.keep_if(|old| Arc::ptr_eq(&old.0, rules));
            let facts: Vec<_> = states
                .iter()
                .map(|state| (*state, judging::facts_of(&session.workspace, &session.judging, *state)))
                .collect();
            let rules = rules.clone();
            self.outcomes.start_task(ctx, key, "rules", move |progress| {
                facts.into_iter().map(|(state, facts)| Ok((state, evaluate(&rules, &facts, progress)?))).collect()
            });
        }
    }

    /// The outcomes of a state, once it is judged.
    pub(super) fn of(&self, state: StateId) -> Option<&[Outcome]> {
        self.outcomes.value()?.iter().find(|(of, _)| *of == state).map(|(_, outcomes)| &outcomes[..])
    }

    /// Whether it is being judged.
    fn is_busy(&self) -> bool {
        self.outcomes.is_busy()
    }

    /// Says that states could not be judged, with a button that has it tried again.
    pub(super) fn problem_ui(&mut self, ui: &mut Ui, language: Language) {
        let Some(ended) = self.outcomes.problem().and_then(|problem| problem.ended_message()) else { return };
        widgets::callout(ui, widgets::Tone::Warn, &ended.text(language));
        if widgets::button(ui, Some(icons::REFRESH_CW), tr(language, "ui.try-again")).clicked() {
            self.outcomes.retry();
        }
    }
}

/// The base, then the scenarios in the order of their tabs.
fn states(workspace: &Workspace) -> Vec<StateId> {
    std::iter::once(None).chain(workspace.scenarios.list().iter().map(|scenario| Some(scenario.id))).collect()
}

/// Width of the column of rules, and of each state.
const RULE: f32 = 300.0;
const STATE: f32 = 204.0;

/// Height of a rule: its name, its source.
const ROW: f32 = 52.0;

/// Draws the table: a row a rule, a column a state. A cell shows its state and what the rule is missed by.
pub(super) fn ui(
    ui: &mut Ui,
    workspace: &Workspace,
    language: Language,
    rules: &Rules,
    standing: &Standing,
    is_saved: bool,
    commands: &mut Vec<Command>,
) {
    let states = states(workspace);
    ui.horizontal(|ui| {
        let text = tr(language, if is_saved { "edit.states-note" } else { "edit.states-unsaved" });
        ui.spacing_mut().item_spacing.x = 8.0;
        let is_copied = widgets::icon_button_small(ui, icons::COPY, tr(language, "edit.copy-states")).clicked();
        let is_written = widgets::icon_button_small(ui, icons::DOWNLOAD, tr(language, "report.save-sheet")).clicked();
        if is_copied || is_written {
            let names: Vec<String> =
                states.iter().map(|state| two_states::name(ui, workspace, language, *state).0).collect();
            let columns: Vec<(&str, &[Outcome])> = states
                .iter()
                .zip(&names)
                .map(|(state, name)| (name.as_str(), standing.of(*state).unwrap_or_default()))
                .collect();
            let table = states_table(rules, &columns, language);
            commands.push(Command::Table(match is_written {
                true => TableCommand::SaveTable(Box::new(table)),
                false => TableCommand::CopyText(report::to_tsv(&table, language)),
            }));
        }
        if standing.is_busy() {
            ui.add(egui::Spinner::new().size(size::ICON_SMALL));
        }
        widgets::note(ui, text);
    });
    egui::ScrollArea::both().id_salt("states").auto_shrink(false).show(ui, |ui| {
        ui.spacing_mut().item_spacing = vec2(0.0, 0.0);
        let t = tokens(ui);
        ui.horizontal(|ui| {
            let (rect, _) = ui.allocate_exact_size(vec2(RULE, size::TABLE_HEADER), Sense::hover());
            let place = pos2(rect.left() + 8.0, rect.center().y);
            let text = tr(language, "edit.rule");
            ui.painter().text(place, egui::Align2::LEFT_CENTER, text, font::table(), t.muted);
            for state in &states {
                let (name, ink) = two_states::name(ui, workspace, language, *state);
                let (rect, response) = ui.allocate_exact_size(vec2(STATE, size::TABLE_HEADER), Sense::click());
                response.widget_info(|| WidgetInfo::labeled(Role::ColumnHeader, true, &name));
                let galley = truncated(ui, &name, STATE - 16.0, font::table_strong(), ink);
                ui.painter().galley(pos2(rect.left() + 8.0, rect.center().y - galley.size().y / 2.0), galley, ink);
                if *state == workspace.scenarios.shown() {
                    let line = Rect::from_min_max(pos2(rect.left(), rect.bottom() - 2.0), rect.max);
                    ui.painter().rect_filled(line, 0.0, t.accent);
                }
                if response.clicked() {
                    commands.push(Command::Scenario(ScenarioCommand::Show(*state)));
                }
            }
        });
        for (at, rule) in rules.rules.iter().enumerate() {
            widgets::hairline(ui);
            ui.horizontal(|ui| {
                rule_cell(ui, language, rule, commands);
                for state in &states {
                    let outcome =
                        standing.of(*state).and_then(|outcomes| outcomes.iter().find(|outcome| outcome.rule == at));
                    cell(ui, workspace, language, rule, *state, outcome, is_saved, commands);
                }
            });
        }
        if rules.rules.is_empty() {
            ui.add_space(8.0);
            widgets::note(ui, tr(language, "edit.no-rules"));
        }
    });
}

fn truncated(ui: &Ui, text: &str, width: f32, face: egui::FontId, ink: egui::Color32) -> Arc<egui::Galley> {
    let text = egui::WidgetText::from(egui::RichText::new(text).color(ink));
    text.into_galley(ui, Some(egui::TextWrapMode::Truncate), width, face)
}

/// Name, limit and source of a rule; a press goes to its text.
fn rule_cell(ui: &mut Ui, language: Language, rule: &Rule, commands: &mut Vec<Command>) {
    let t = tokens(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(RULE, ROW), Sense::click());
    let title = rule.title(language);
    response.widget_info(|| WidgetInfo::labeled(Role::RowHeader, true, title));
    if response.hovered() {
        ui.painter().rect_filled(rect, 0.0, t.hover);
    }
    let name = truncated(ui, title, RULE - 16.0, font::body(), t.text);
    ui.painter().galley(rect.min + vec2(8.0, 7.0), name, t.text);
    let source = truncated(ui, rule.source(language), RULE - 16.0, font::note(), t.muted);
    ui.painter().galley(rect.min + vec2(8.0, 28.0), source, t.muted);
    if response.clicked() {
        commands.push(Command::Rules(RulesCommand::Open(Some(RulesPage::Text(Some(rule.line))))));
    }
    response.on_hover_text(format!("{title}\n{}\n{}", rule.indicator_text, rule.source(language)));
}

/// How a rule stands in a state.
fn cell(
    ui: &mut Ui,
    workspace: &Workspace,
    language: Language,
    rule: &Rule,
    state: StateId,
    outcome: Option<&Outcome>,
    is_saved: bool,
    commands: &mut Vec<Command>,
) {
    let t = tokens(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(STATE, ROW), Sense::click());
    let Some(outcome) = outcome else {
        ui.painter().text(rect.center(), egui::Align2::CENTER_CENTER, "…", font::body(), t.faint);
        return;
    };
    let (tone, icon) = rules_bar::looks(outcome.light);
    let (ink, ground) = tone.colors(ui);
    let value = rules_bar::figure(rule, outcome, language);
    let margin = outcome.margin.map(|margin| rule.unit.show(margin, language));
    let second = match (&outcome.reason, margin) {
        (Some(reason), _) => reason.text(language),
        (None, Some(margin)) => format!("{} {margin}", tr(language, "edit.rule-margin")),
        (None, None) => String::new(),
    };
    let of = two_states::name(ui, workspace, language, state).0;
    let full = format!("{of} · {} · {} {value} · {second}", rule.title(language), outcome.light.title(language));
    response.widget_info(|| WidgetInfo::labeled(Role::Cell, true, &full));
    let plate = rect.shrink2(vec2(3.0, 3.0));
    let fill = if outcome.light == Light::Unknown { t.panel } else { ground };
    ui.painter().rect_filled(plate, theme::radius(), fill);
    if response.hovered() && is_saved {
        ui.painter().rect_stroke(plate, theme::radius(), egui::Stroke::new(size::LINE, ink), egui::StrokeKind::Inside);
    }
    let mark = Rect::from_center_size(pos2(plate.left() + 13.0, plate.top() + 14.0), egui::Vec2::splat(size::ICON));
    widgets::paint_icon(ui, mark, icon, size::ICON_SMALL, ink);
    let galley = truncated(ui, &value, STATE - 36.0, font::table_strong(), t.text);
    ui.painter().galley(pos2(plate.left() + 26.0, plate.top() + 5.0), galley, t.text);
    let galley = truncated(ui, &second, STATE - 16.0, font::note(), t.muted);
    ui.painter().galley(pos2(plate.left() + 8.0, plate.top() + 26.0), galley, t.muted);
    widgets::focus_ring(ui, &response);
    if response.clicked() && is_saved {
        commands.push(Command::Scenario(ScenarioCommand::Show(state)));
        if matches!(outcome.light, Light::Red | Light::Amber) {
            commands.push(Command::Rules(RulesCommand::ShowBreaches(outcome.rule)));
        }
    }
    response.on_hover_text(full);
}
