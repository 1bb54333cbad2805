//! What the pointer rests on, in a few words beside it: layer, class, area.

use eframe::egui::{Response, RichText, Ui};

use crate::model::Value;
use crate::scenario::Entry;
use crate::ui::look::theme::{font, tokens};
use crate::ui::session::Session;
use crate::ui::session::parts::Tool;
use crate::ui::session::settings::Settings;
use crate::ui::work::columns::printed;
use crate::units::{Area, format_number};

/// Draws the tip once the pointer rests on a feature.
pub fn ui(map: &Response, session: &Session) {
    let wanted = session.settings.hover_tip && matches!(session.tool, Tool::Browse | Tool::Select);
    let Some(hover) = session.project.hover.filter(|_| wanted && map.hovered() && !map.dragged()) else { return };
    let Some(entry) = session.workspace.entry(hover.layer) else { return };
    if hover.feature >= entry.layer.feature_count() {
        return;
    }
    let lines = lines(entry, hover.feature, &session.settings);
    map.clone().on_hover_ui_at_pointer(|ui| tip_ui(ui, &entry.title, &lines));
}

fn tip_ui(ui: &mut Ui, title: &str, lines: &[String]) {
    let t = tokens(ui);
    ui.label(RichText::new(title).font(font::note()).color(t.muted));
    for line in lines {
        ui.label(RichText::new(line).font(font::table_strong()).color(t.text));
    }
}

/// What is said of a feature: its class, or what names it, and its area.
fn lines(entry: &Entry, feature: usize, settings: &Settings) -> Vec<String> {
    let text = |field: Option<usize>| match entry.layer.value(feature, field?) {
        Value::Null => None,
        value => Some(value.to_string()),
    };
    let class = entry.class_of(feature).map(|class| class.label(settings.language));
    let class = class.or_else(|| text(entry.class_field())).or_else(|| text(entry.label_field()));
    let area = printed(entry.areas.as_deref(), feature);
    let unit = settings.area_unit;
    let figure = |area: Area| match settings.decimals {
        Some(decimals) => format_number(area.value(unit), decimals.into()),
        None => area.display(unit),
    };
    let area = area.map(|area| format!("{} {}", figure(area), settings.tr(unit.key())));
    class.into_iter().chain(area).collect()
}
