//! The pages for land out of a control layer and into it: which layer, and what is put in there gets.

use eframe::egui::{self, Ui};
use rustc_hash::FxHashMap;

use crate::model::roles::{Role, fields};
use crate::model::{GeometryKind, LayerId};
use crate::scenario::draft::typed_value;
use crate::scenario::plan::watch::watched_layer;
use crate::scenario::{Entry, Workspace};
use crate::text::{Language, Message, tr};
use crate::ui::look::choice::choice;
use crate::ui::look::theme::size;
use crate::ui::look::widgets::{self, Tone};
use crate::ui::panels::edit::preview::Ask;
use crate::ui::panels::edit::{WIDTH, polygon_layers};
use crate::ui::session::Session;
use crate::ui::session::parts::EditPage;

/// What is remembered between frames.
#[derive(Default)]
pub(super) struct State {
    layer: Option<LayerId>,
    /// Values typed for fields of what is put in.
    given: FxHashMap<(LayerId, usize), String>,
}

impl State {
    /// Draws the page; what it asks for.
    pub(super) fn ui(&mut self, ui: &mut Ui, session: &Session, entry: &Entry, page: EditPage) -> Option<Ask> {
        if entry.layer.kind != GeometryKind::Polygon {
            let text = Message::new("scenario.not-polygons").with("layer", &entry.title).text(session.language());
            widgets::callout(ui, Tone::Warn, &text);
            return None;
        }
        let fits = |layer: &LayerId| {
            polygon_layers(&session.workspace).any(|known| known.id() == *layer && known.id() != entry.id())
        };
        self.layer = self.layer.filter(fits).or_else(|| usual(&session.workspace, entry));
        let Some(control) = self.layer.and_then(|layer| session.workspace.entry(layer)) else {
            widgets::callout(ui, Tone::Warn, session.tr("edit.no-control-layer"));
            return None;
        };
        ui.horizontal(|ui| {
            let out = page == EditPage::TakeOut;
            widgets::muted(ui, session.tr(if out { "edit.out-of" } else { "edit.in-to" }));
            choice(ui, session.tr("edit.control-layer"), &control.title, |ui| {
                for other in polygon_layers(&session.workspace).filter(|other| other.id() != entry.id()) {
                    let on = other.id() == control.id();
                    if widgets::menu_row(ui, None, &other.title, "", Some(on)).clicked() {
                        self.layer = Some(other.id());
                        ui.close();
                    }
                }
            });
        });
        if page == EditPage::TakeOut {
            widgets::note(ui, session.tr("edit.out-note"));
            return Some(Ask::TakeOut(control.id()));
        }
        widgets::note(ui, session.tr("edit.in-note"));
        let given = self.given_ui(ui, session.language(), control, entry);
        Some(Ask::PutIn(control.id(), given))
    }

    /// The fields of the control layer: what is typed is given, other values come from fields of the same name.
    fn given_ui(
        &mut self,
        ui: &mut Ui,
        language: Language,
        control: &Entry,
        land: &Entry,
    ) -> Vec<(usize, crate::model::OwnedValue)> {
        let layer = &control.layer;
        let id = control.id();
        egui::ScrollArea::vertical().id_salt("given").max_height(150.0).show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = 2.0;
            for (at, field) in layer.fields.iter().enumerate() {
                ui.horizontal(|ui| {
                    let title = fields::title(&field.name, language);
                    let name = title.map_or_else(|| field.name.clone(), |title| format!("{title} {}", field.name));
                    ui.allocate_ui(egui::vec2(190.0, size::CONTROL), |ui| {
                        ui.set_min_width(190.0);
                        widgets::muted(ui, &name);
                    });
                    let carried = land.layer.field(&field.name).is_some();
                    let hint = tr(language, if carried { "edit.given-carried" } else { "edit.given-empty" });
                    let text = self.given.entry((id, at)).or_default();
                    widgets::field(ui, text, None, hint, &name, WIDTH - 214.0);
                });
            }
        });
        let typed = (0..layer.fields.len()).filter_map(|at| {
            let text = self.given.get(&(id, at)).map(|text| text.trim()).filter(|text| !text.is_empty())?;
            Some((at, typed_value(layer.fields[at].kind, text)))
        });
        typed.collect()
    }
}

/// The layer that land usually goes out of and comes into: basic farmland, else the layer that is watched, else the
/// first.
fn usual(workspace: &Workspace, entry: &Entry) -> Option<LayerId> {
    let others = || polygon_layers(workspace).filter(|other| other.id() != entry.id());
    let farmland = others().find(|other| other.role == Role::BasicFarmland).map(Entry::id);
    let watched = watched_layer(workspace).filter(|layer| *layer != entry.id());
    farmland.or(watched).or_else(|| others().next().map(Entry::id))
}
