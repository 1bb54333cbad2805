//! The window that makes a scenario of other open layers: each stands in the place of a layer of the base.

use eframe::egui::{self, Key, Ui, vec2};

use crate::model::LayerId;
use crate::scenario::{Entry, Workspace};
use crate::text::{Language, tr};
use crate::ui::look::choice::choice;
use crate::ui::look::theme::{self, size};
use crate::ui::look::widgets::{self, Tone};
use crate::ui::look::{icons, keyboard};
use crate::ui::session::Session;
use crate::ui::session::command::Command;
use crate::ui::session::command::file::FileCommand;
use crate::ui::session::command::scenario::ScenarioCommand;

/// What is being chosen.
#[derive(Clone, Debug)]
pub struct Choosing {
    name: String,
    pairs: Vec<(LayerId, Option<LayerId>)>,
}

impl Choosing {
    /// Starts with the pairs that are likely meant.
    pub fn new(session: &Session) -> Self {
        let workspace = &session.workspace;
        let likely = workspace.likely_stand_ins();
        let mut pairs: Vec<_> = likely.iter().map(|(base, other)| (*base, Some(*other))).collect();
        if pairs.is_empty() {
            pairs.extend(
                session
                    .project
                    .current
                    .or_else(|| bases(&session.workspace).next().map(Entry::id))
                    .map(|layer| (layer, None)),
            );
        }
        Self { name: workspace.next_scenario_name(session.language()), pairs }
    }
}

/// Layers that another one can stand in for.
fn bases(workspace: &Workspace) -> impl Iterator<Item = &Entry> {
    workspace.entries.iter().filter(|entry| !workspace.possible_stand_ins(entry.id()).is_empty())
}

fn title(workspace: &Workspace, language: Language, layer: Option<LayerId>) -> &str {
    let entry = layer.and_then(|layer| workspace.entry(layer));
    entry.map_or_else(|| tr(language, "edit.choose-layer"), |entry| entry.title.as_str())
}

/// Draws the window, while something is being chosen.
pub fn ui(
    ui: &Ui,
    workspace: &Workspace,
    language: Language,
    state: &mut Option<Choosing>,
    commands: &mut Vec<Command>,
) {
    let Some(choosing) = state else { return };
    choosing.pairs.retain(|(base, _)| workspace.entry(*base).is_some());
    // The window is what Esc puts away while it is open.
    keyboard::keep_escape(ui.ctx());
    let mut done = ui.input(|i| i.key_pressed(Key::Escape)) && !egui::Popup::is_any_open(ui.ctx());
    egui::Window::new(tr(language, "edit.of-layers-title"))
        .id(egui::Id::unique("scenario-of-layers"))
        .collapsible(false)
        .resizable(false)
        .anchor(egui::Align2::CENTER_TOP, vec2(0.0, size::TOP_BAR + 12.0))
        .show(ui.ctx(), |ui| {
            ui.set_width(WIDTH);
            ui.add(egui::Label::new(tr(language, "edit.of-layers-hint")).wrap());
            ui.add_space(size::STEP);
            widgets::field(ui, &mut choosing.name, None, "", tr(language, "edit.scenario-name"), WIDTH);
            ui.add_space(size::STEP);
            pairs_ui(ui, workspace, language, choosing);
            let pairs: Vec<(LayerId, LayerId)> =
                choosing.pairs.iter().filter_map(|(base, other)| Some((*base, (*other)?))).collect();
            ui.add_space(size::STEP);
            ui.horizontal(|ui| {
                ui.add_enabled_ui(!pairs.is_empty(), |ui| {
                    if widgets::primary_button(ui, None, tr(language, "edit.make-scenario")).clicked() {
                        let name = Some(choosing.name.trim().to_owned()).filter(|name| !name.is_empty());
                        commands.push(Command::Scenario(ScenarioCommand::OfLayers { layers: pairs, name }));
                        done = true;
                    }
                });
                if widgets::button(ui, Some(icons::FOLDER_OPEN), tr(language, "ui.open")).clicked() {
                    commands.push(Command::File(FileCommand::Open));
                }
                if widgets::button(ui, None, tr(language, "ui.cancel")).clicked() {
                    done = true;
                }
            });
        });
    if done {
        *state = None;
    }
}

/// Width of the window, in points.
const WIDTH: f32 = 460.0;

fn pairs_ui(ui: &mut Ui, workspace: &Workspace, language: Language, choosing: &mut Choosing) {
    let mut gone = None;
    ui.spacing_mut().item_spacing.y = 8.0;
    for nth in 0..choosing.pairs.len() {
        let (base, other) = choosing.pairs[nth];
        ui.push_id(nth, |ui| {
            ui.horizontal(|ui| {
                choice(ui, tr(language, "edit.base-layer"), title(workspace, language, Some(base)), |ui| {
                    for entry in bases(workspace) {
                        let on = entry.id() == base;
                        let taken = !on && choosing.pairs.iter().any(|(layer, _)| *layer == entry.id());
                        ui.add_enabled_ui(!taken, |ui| {
                            if widgets::menu_row(ui, None, &entry.title, "", Some(on)).clicked() {
                                choosing.pairs[nth] = (entry.id(), None);
                                ui.close();
                            }
                        });
                    }
                });
                let (rect, _) = ui.allocate_exact_size(egui::Vec2::splat(size::ICON), egui::Sense::hover());
                widgets::paint_icon(ui, rect, icons::ARROW_RIGHT, size::ICON_SMALL, theme::tokens(ui).muted);
                ui.add_space(6.0);
                choice(ui, tr(language, "edit.stands-in"), title(workspace, language, other), |ui| {
                    for entry in workspace.possible_stand_ins(base) {
                        let on = Some(entry.id()) == other;
                        if widgets::menu_row(ui, None, &entry.title, "", Some(on)).clicked() {
                            choosing.pairs[nth].1 = Some(entry.id());
                            ui.close();
                        }
                    }
                });
                if widgets::icon_button_small(ui, icons::X, tr(language, "edit.remove-pair")).clicked() {
                    gone = Some(nth);
                }
            });
        });
    }
    if let Some(nth) = gone {
        choosing.pairs.remove(nth);
    }
    let free = bases(workspace).find(|entry| choosing.pairs.iter().all(|(layer, _)| *layer != entry.id()));
    if let Some(free) = free {
        if widgets::button(ui, Some(icons::PLUS), tr(language, "edit.add-pair")).clicked() {
            choosing.pairs.push((free.id(), None));
        }
    } else if choosing.pairs.is_empty() {
        widgets::callout(ui, Tone::Warn, tr(language, "edit.no-stand-ins"));
    }
}
