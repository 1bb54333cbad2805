//! The layer tree: what is drawn, in which order, and how.

use crate::model::LayerId;
use crate::scenario::Property;
use crate::text::Message;
use crate::ui::session::Session;
use crate::ui::session::command::tree::TreeCommand;
use crate::ui::work::scenarios::{self, change};
use crate::ui::work::{joining, office, open, prepare, styles, survey};

/// Carries out `command`.
pub(super) fn run(session: &mut Session, command: TreeCommand) {
    match command {
        TreeCommand::SetCurrent(layer) => session.project.current = layer,
        TreeCommand::SetVisible(layer, visible) => {
            change(session, Property::Visible(layer, visible));
            if visible {
                prepare::retry(session, layer);
            }
        }
        TreeCommand::SetAllVisible(visible) => {
            let layers: Vec<LayerId> = session.workspace.entries.iter().map(crate::scenario::Entry::id).collect();
            let key = if visible { "scenario.layers-shown" } else { "scenario.layers-hidden" };
            let all = layers.iter().map(|layer| Property::Visible(*layer, visible)).collect();
            session.workspace.change_all(all, Message::new(key), scenarios::by(session.language()));
            if visible {
                layers.into_iter().for_each(|layer| prepare::retry(session, layer));
            }
        }
        TreeCommand::SetGroupVisible(group, visible) => change(session, Property::GroupVisible(group, visible)),
        TreeCommand::ToggleGroup(group) => {
            if let Some(group) = session.workspace.group_mut(&group) {
                group.open = !group.open;
            }
        }
        TreeCommand::ToggleLegend(layer) => {
            if let Some(entry) = session.workspace.entry_mut(layer) {
                entry.open = !entry.open;
            }
        }
        TreeCommand::MoveLayer { layer, group, index } => {
            session.workspace.arrange(layer, &group, index, scenarios::by(session.language()));
        }
        TreeCommand::RenameLayer(layer, title) => {
            let own = session.layer(layer).map(|layer| layer.name.clone()).unwrap_or_default();
            let title = if title.trim().is_empty() { own } else { title };
            change(session, Property::Title(layer, title));
        }
        TreeCommand::Join { layer, table, key, table_key } => joining::join(session, layer, table, &key, &table_key),
        TreeCommand::Unjoin { layer, at } => joining::unjoin(session, layer, at),
        TreeCommand::Map { layer, mapping, for_office } => office::map(session, layer, *mapping, for_office),
        TreeCommand::Convert { layer, conversion, for_office } => {
            office::convert(session, layer, *conversion, for_office);
        }
        TreeCommand::DropConversion(layer) => office::drop_conversion(session, layer),
        TreeCommand::Survey(order) => survey::write(session, order),
        TreeCommand::SetStyle(layer, style) => change(session, Property::Style(layer, style)),
        TreeCommand::CopyStyle(layer) => styles::copy(session, layer),
        TreeCommand::PasteStyle(layer) => styles::paste(session, layer),
        TreeCommand::SaveStyle(layer) => styles::write(session, layer),
        TreeCommand::LoadStyle(layer) => styles::read(session, layer),
        TreeCommand::SetClassVisible { layer, symbol, visible } => {
            let style = session.workspace.entry(layer).map(|entry| Box::new(entry.style.clone()));
            if let Some(mut style) = style {
                style.set_visible(usize::from(symbol), visible);
                change(session, Property::Style(layer, style));
            }
        }
        TreeCommand::SetLayerCrs(layer, crs) => open::set_layer_crs(session, layer, crs),
        TreeCommand::SetCorrection(layer, correction) => {
            open::set_correction(session, layer, correction.map(|correction| *correction));
        }
        TreeCommand::SetMethod(layer, method) => change(session, Property::Method(layer, method)),
    }
}
