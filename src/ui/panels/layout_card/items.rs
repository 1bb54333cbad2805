//! What is on the page, the uppermost first: chosen alone or, with Ctrl or Shift, beside others; shown or not, moved up and
//! down, put in, taken out.

use eframe::egui::{ScrollArea, Ui};

use super::chosen::Chosen;
use crate::model::layout::{Item, Layout, templates};
use crate::ui::look::choice::choice;
use crate::ui::look::{icons, widgets};
use crate::ui::session::Session;

/// Draws the list.
pub(super) fn ui(ui: &mut Ui, session: &Session, layout: &mut Layout, chosen: &mut Chosen) {
    ui.horizontal(|ui| {
        let name = session.tr("layout.insert");
        choice(ui, name, name, |ui| {
            for nth in 0.. {
                let Some((key, shows, size, style)) = templates::new_item(nth, session.language()) else { break };
                if widgets::menu_row(ui, None, session.tr(key), "", None).clicked() {
                    let name = layout.free_name(session.tr(key));
                    let at = [layout.page.width_mm, layout.page.height_mm];
                    let corner = [(at[0] - size[0]) / 2.0, (at[1] - size[1]) / 2.0].map(f64::round);
                    let frame = [corner[0], corner[1], size[0], size[1]];
                    chosen.set(Some(name.clone()));
                    layout.items.push(Item { name, frame, style, visible: true, shows });
                    ui.close();
                }
            }
        });
        let places = chosen.places(layout);
        let Some(at) = places.first().copied() else { return };
        let one = !chosen.is_several();
        if one
            && widgets::icon_button_small(ui, icons::ARROW_UP, session.tr("layout.raise")).clicked()
            && at + 1 < layout.items.len()
        {
            layout.items.swap(at, at + 1);
        }
        if one && widgets::icon_button_small(ui, icons::ARROW_DOWN, session.tr("layout.lower")).clicked() && at > 0 {
            layout.items.swap(at, at - 1);
        }
        if widgets::icon_button_small(ui, icons::COPY, session.tr("layout.copy")).clicked() {
            chosen.set(None);
            for at in places {
                let mut copy = layout.items[at].clone();
                copy.name = layout.free_name(&copy.name);
                (copy.frame[0], copy.frame[1]) = (copy.frame[0] + 5.0, copy.frame[1] + 5.0);
                chosen.toggle(copy.name.clone());
                layout.items.push(copy);
            }
        }
        if widgets::icon_button_small(ui, icons::TRASH_2, session.tr("layout.take-out")).clicked() {
            chosen.take_out(layout);
        }
    });
    ui.add_space(4.0);
    ScrollArea::vertical().id_salt("layout-items").auto_shrink(false).show(ui, |ui| {
        for item in layout.items.iter_mut().rev() {
            ui.horizontal(|ui| {
                let (icon, key) =
                    if item.visible { (icons::EYE, "layout.hide") } else { (icons::EYE_OFF, "layout.show") };
                let name = format!("{} {}", session.tr(key), item.name);
                if widgets::icon_button_small(ui, icon, &name).clicked() {
                    item.visible = !item.visible;
                }
                if ui.selectable_label(chosen.has(&item.name), item.name.as_str()).clicked() {
                    match ui.input(|input| input.modifiers.command || input.modifiers.shift) {
                        true => chosen.toggle(item.name.clone()),
                        false => chosen.set(Some(item.name.clone())),
                    }
                }
            });
        }
    });
}
