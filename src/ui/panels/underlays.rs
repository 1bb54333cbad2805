//! What lies beneath the layers, in the layer panel: a row each, with its strength, its order and what can be done with it.

use std::sync::Arc;

use eframe::egui::{self, Rect, Role, Sense, Ui, UiBuilder, Vec2, WidgetInfo, pos2, vec2};

use crate::io::shown_path;
use crate::render::underlay::credit;
use crate::scenario::{Underlay, UnderlaySource};
use crate::text::{Language, Message, tr};
use crate::ui::look::theme::{font, size, tokens};
use crate::ui::look::{icons, widgets};
use crate::ui::session::Session;
use crate::ui::session::command::Command;
use crate::ui::session::command::underlay::UnderlayCommand;

/// Draws the group; nothing where nothing lies beneath.
pub(super) fn ui(ui: &mut Ui, session: &Session, commands: &mut Vec<Command>) {
    let list = &session.workspace.underlays;
    if list.is_empty() {
        return;
    }
    heading(ui, session.language(), commands);
    for (at, of) in list.iter().enumerate() {
        row(ui, session, at, of, commands);
    }
    let asks = |of: &Underlay| of.visible && matches!(of.source, UnderlaySource::Tiles(_));
    if !session.settings.servers_allowed && list.iter().any(asks) {
        ui.horizontal_wrapped(|ui| {
            ui.add_space(size::MARGIN);
            widgets::note(ui, session.tr("underlay.off"));
            if widgets::button(ui, Some(icons::GLOBE), session.tr("underlay.allow")).clicked() {
                commands.push(Command::Underlay(UnderlayCommand::Allow(true)));
            }
        });
    }
}

/// The rows of a menu that put something beneath the layers.
pub(super) fn add_rows(ui: &mut Ui, language: Language, commands: &mut Vec<Command>) {
    let rows = [
        (icons::IMAGE_DOWN, "underlay.add", UnderlayCommand::Add),
        (icons::GLOBE, "underlay.add-tiles", UnderlayCommand::AddTiles),
    ];
    for (icon, key, command) in rows {
        if command == UnderlayCommand::AddTiles && !cfg!(feature = "tiles") {
            continue;
        }
        if widgets::menu_row(ui, Some(icon), tr(language, key), "", None).clicked() {
            commands.push(Command::Underlay(command));
            ui.close();
        }
    }
}

fn heading(ui: &mut Ui, language: Language, commands: &mut Vec<Command>) {
    let title = tr(language, "underlay.group");
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), size::TREE_ROW), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Heading, true, title));
    let at = pos2(rect.left() + 36.0, rect.center().y);
    ui.painter().text(at, egui::Align2::LEFT_CENTER, title, font::heading(), tokens(ui).text);
    let place = Rect::from_center_size(pos2(rect.right() - 20.0, rect.center().y), Vec2::splat(22.0));
    let mut child = ui.new_child(UiBuilder::new().id_salt("underlays-add").max_rect(place));
    let name = tr(language, "underlay.add-menu");
    let add = widgets::icon_button_sized(&mut child, icons::PLUS, name, place.width(), size::ICON_SMALL, None);
    egui::Popup::menu(&add).show(|ui| add_rows(ui, language, commands));
}

fn row(ui: &mut Ui, session: &Session, at: usize, of: &Underlay, commands: &mut Vec<Command>) {
    let (t, language) = (tokens(ui), session.language());
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), size::TREE_ROW), Sense::click());
    response.widget_info(|| WidgetInfo::selected(Role::TreeItem, true, false, &of.title));
    if response.hovered() {
        ui.painter().rect_filled(rect, 0.0, t.hover);
    }
    let square = |x: f32, side: f32| Rect::from_center_size(pos2(x, rect.center().y), Vec2::splat(side));
    let (key, icon) = if of.visible { ("ui.hide-layer", icons::EYE) } else { ("ui.show-layer", icons::EYE_OFF) };
    let name = Message::new(key).with("layer", &of.title).text(language);
    let place = square(rect.left() + 38.0, 22.0);
    let mut child = ui.new_child(UiBuilder::new().id_salt(("underlay-eye", at)).max_rect(place));
    if widgets::icon_button_sized(&mut child, icon, &name, 22.0, size::ICON_SMALL, None).clicked() {
        commands.push(changed(session, at, |of| of.visible = !of.visible));
    }
    let ink = if of.visible { t.text } else { t.faint };
    let state = &session.project.underlays;
    let (mark, mark_ink) = match state.problem(of).filter(|_| of.visible) {
        Some(_) => (icons::TRIANGLE_ALERT, t.warn),
        None if of.visible && state.is_awaiting(of) => (icons::LOADER_CIRCLE, t.muted),
        None => (icons::MAP, if of.visible { t.muted } else { t.faint }),
    };
    widgets::paint_icon(ui, square(rect.left() + 62.0, size::SWATCH), mark, size::ICON_SMALL, mark_ink);
    let more = square(rect.right() - 20.0, 22.0);
    let room = more.left() - rect.left() - 80.0;
    let title = widgets::cut(ui, &of.title, font::body(), ink, room);
    ui.painter().galley(pos2(rect.left() + 76.0, rect.center().y - title.size().y / 2.0), title, ink);
    let name = Message::new("underlay.menu").with("name", &of.title).text(language);
    let mut child = ui.new_child(UiBuilder::new().id_salt(("underlay-more", at)).max_rect(more));
    let button = widgets::icon_button_sized(&mut child, icons::ELLIPSIS, &name, 22.0, size::ICON_SMALL, None);
    egui::Popup::menu(&button)
        .close_behavior(egui::PopupCloseBehavior::CloseOnClickOutside)
        .show(|ui| menu(ui, session, at, of, commands));
    widgets::focus_ring(ui, &response);
    if response.double_clicked() {
        commands.push(Command::Underlay(UnderlayCommand::ZoomTo(at)));
    }
    response.context_menu(|ui| menu(ui, session, at, of, commands));
    response.on_hover_ui(|ui| tooltip(ui, session, of));
}

/// What can be done with one.
fn menu(ui: &mut Ui, session: &Session, at: usize, of: &Underlay, commands: &mut Vec<Command>) {
    widgets::menu_heading(ui, &of.title);
    let mut percent = (of.opacity * 100.0).round();
    ui.horizontal(|ui| {
        ui.add_space(10.0);
        widgets::muted(ui, session.tr("underlay.opacity"));
        // The rail is drawn in the ground of buttons, which would not be seen on a menu.
        let rail = tokens(ui).line;
        ui.visuals_mut().widgets.inactive.bg_fill = rail;
        let slider = egui::Slider::new(&mut percent, 0.0..=100.0).step_by(1.0).show_value(false).trailing_fill(true);
        if ui.add(slider).accessible_name(session.tr("underlay.opacity")).changed() {
            commands.push(changed(session, at, |of| of.opacity = percent / 100.0));
        }
        ui.label(egui::RichText::new(format!("{percent} %")).font(font::table()));
    });
    let count = session.workspace.underlays.len();
    let moved = |to: usize| {
        let mut list = session.workspace.underlays.to_vec();
        list.swap(at, to);
        Command::Underlay(UnderlayCommand::Change(Arc::new(list)))
    };
    let mut rows = vec![
        (icons::FULLSCREEN, "underlay.zoom-to", Command::Underlay(UnderlayCommand::ZoomTo(at))),
        (icons::SLIDERS_HORIZONTAL, "underlay.properties", Command::Underlay(UnderlayCommand::Properties(at))),
    ];
    if at > 0 {
        rows.push((icons::ARROW_UP, "underlay.up", moved(at - 1)));
    }
    if at + 1 < count {
        rows.push((icons::ARROW_DOWN, "underlay.down", moved(at + 1)));
    }
    let mut rest = session.workspace.underlays.to_vec();
    rest.remove(at);
    rows.push((icons::TRASH_2, "underlay.remove", Command::Underlay(UnderlayCommand::Change(Arc::new(rest)))));
    for (icon, key, command) in rows {
        if widgets::menu_row(ui, Some(icon), session.tr(key), "", None).clicked() {
            commands.push(command);
            ui.close();
        }
    }
}

fn tooltip(ui: &mut Ui, session: &Session, of: &Underlay) {
    let language = session.language();
    widgets::section(ui, &of.title);
    let source = match &of.source {
        UnderlaySource::File(path) => shown_path(path),
        UnderlaySource::Tiles(address) => address.clone(),
    };
    widgets::note(ui, &source);
    let open = session.project.underlays.open(of);
    if let Some(credit) = credit(of, open.map(|open| &**open)).filter(|credit| *credit != of.title) {
        let said = Message::new("underlay.credit").with("names", credit);
        widgets::note(ui, &said.text(language));
    }
    if let Some(shift) = of.shift {
        let said = Message::new("underlay.shifted").with("map", shift.name());
        widgets::note(ui, &said.text(language));
    }
    if let Some(problem) = session.project.underlays.problem(of) {
        widgets::callout(ui, widgets::Tone::Warn, &problem.text(language));
    }
}

/// The command that changes one of them.
pub(super) fn changed(session: &Session, at: usize, change: impl FnOnce(&mut Underlay)) -> Command {
    let mut list = session.workspace.underlays.to_vec();
    if let Some(of) = list.get_mut(at) {
        change(of);
    }
    Command::Underlay(UnderlayCommand::Change(Arc::new(list)))
}
