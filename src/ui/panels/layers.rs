//! The layer tree: groups, layers, and under a layer its legend with count and area a class.

use eframe::egui::{self, Align, Layout, Rect, Response, Role, Sense, Ui, UiBuilder, Vec2, WidgetInfo, pos2, vec2};
use rustc_hash::FxHashSet;

use crate::doctor::{area_warning, marked_area};
use crate::model::style::Symbol;
use crate::model::{GeometryKind, LayerId};
use crate::render::legend::{class_code, class_name};
use crate::scenario::{Entry, LayerGroup, Workspace};
use crate::text::{Language, Message, tr};
use crate::ui::look::theme::{font, size, tokens};
use crate::ui::look::{icons, keyboard, swatch, widgets};
use crate::ui::panels::topbar::layer_items;
use crate::ui::panels::{arriving, underlays, why_card};
use crate::ui::session::Session;
use crate::ui::session::command::Command;
use crate::ui::session::command::file::FileCommand;
use crate::ui::session::command::layer::LayerCommand;
use crate::ui::session::command::select::SelectCommand;
use crate::ui::session::command::table::TableCommand;
use crate::ui::session::command::tree::TreeCommand;
use crate::ui::session::derived::{Derived, Legend};
use crate::ui::session::parts::Counted;
use crate::ui::session::rows::SelectMode;
use crate::ui::session::settings::Settings;
use crate::ui::work::derived::area_text;
use crate::ui::work::why;
use crate::units::{Area, AreaUnit, format_number};

/// What the tree remembers between frames.
#[derive(Debug, Default)]
pub struct State {
    /// Layers whose legend shows every class.
    all_classes: FxHashSet<LayerId>,
    /// The layer that is being renamed, and its name so far.
    renaming: Option<(LayerId, String)>,
}

/// Classes of a legend that show before "more".
const CLASSES: usize = 9;

/// Lines of the project's note that show; the rest shows in its tooltip.
const NOTE_ROWS: usize = 3;

/// Draws the layer panel.
pub fn ui(ui: &mut Ui, session: &Session, state: &mut State, commands: &mut Vec<Command>) {
    heading(ui, &session.workspace, session.language(), commands);
    let note = session.workspace.note_in(session.language());
    let foot = if note.is_empty() { 0.0 } else { note_height(ui, &note) };
    let room = ui.available_height() - foot;
    ui.spacing_mut().item_spacing.y = 0.0;
    egui::ScrollArea::vertical().auto_shrink(false).max_height(room).show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        if session.workspace.is_empty() {
            underlays::ui(ui, session, commands);
            if arriving::panel_ui(ui, session) {
                return;
            }
            widgets::empty_state(ui, icons::LAYERS, session.tr("ui.layers-empty"), |ui| {
                if widgets::button(ui, Some(icons::FOLDER_OPEN), session.tr("ui.open")).clicked() {
                    commands.push(Command::File(FileCommand::Open));
                }
            });
            return;
        }
        for group in &session.workspace.groups {
            if session.workspace.entries_of(&group.id).next().is_some() {
                group_ui(ui, session, state, group, commands);
            }
        }
        underlays::ui(ui, session, commands);
        // Dropped below everything: to the end of the last group.
        let rest = ui.allocate_response(vec2(ui.available_width(), ui.available_height().max(24.0)), Sense::hover());
        if let Some(layer) = rest.dnd_release_payload::<LayerId>()
            && let Some(last) = session.workspace.entries.last()
        {
            let index = session.workspace.entries_of(&last.group).count();
            commands.push(Command::Tree(TreeCommand::MoveLayer { layer: *layer, group: last.group.clone(), index }));
        }
    });
    if foot > 0.0 {
        note_ui(ui, &note);
    }
}

fn heading(ui: &mut Ui, workspace: &Workspace, language: Language, commands: &mut Vec<Command>) {
    ui.allocate_ui_with_layout(
        vec2(ui.available_width(), size::PANEL_HEADING),
        Layout::left_to_right(Align::Center),
        |ui| {
            ui.add_space(size::MARGIN);
            widgets::section(ui, tr(language, "ui.layers"));
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                ui.spacing_mut().item_spacing.x = 2.0;
                ui.add_space(8.0);
                let more = widgets::icon_button(ui, icons::ELLIPSIS, tr(language, "ui.layers-menu"));
                egui::Popup::menu(&more).show(|ui| layers_menu(ui, workspace, language, commands));
                if widgets::icon_button(ui, icons::FOLDER_OPEN, tr(language, "ui.open")).clicked() {
                    commands.push(Command::File(FileCommand::Open));
                }
            });
        },
    );
}

/// What can be done with all layers.
fn layers_menu(ui: &mut Ui, workspace: &Workspace, language: Language, commands: &mut Vec<Command>) {
    if widgets::menu_row(ui, Some(icons::EYE), tr(language, "ui.show-all-layers"), "", None).clicked() {
        commands.push(Command::Tree(TreeCommand::SetAllVisible(true)));
        ui.close();
    }
    if widgets::menu_row(ui, Some(icons::EYE_OFF), tr(language, "ui.hide-all-layers"), "", None).clicked() {
        commands.push(Command::Tree(TreeCommand::SetAllVisible(false)));
        ui.close();
    }
    ui.separator();
    if widgets::menu_row(ui, Some(icons::CHEVRON_DOWN), tr(language, "ui.open-all-legends"), "", None).clicked() {
        toggle_legends(workspace, true, commands);
        ui.close();
    }
    if widgets::menu_row(ui, Some(icons::CHEVRON_RIGHT), tr(language, "ui.close-all-legends"), "", None).clicked() {
        toggle_legends(workspace, false, commands);
        ui.close();
    }
    ui.separator();
    underlays::add_rows(ui, language, commands);
}

fn toggle_legends(workspace: &Workspace, open: bool, commands: &mut Vec<Command>) {
    for entry in &workspace.entries {
        if entry.open != open && entry.style.has_classes() {
            commands.push(Command::Tree(TreeCommand::ToggleLegend(entry.id())));
        }
    }
}

fn note_text(ui: &Ui, note: &str, width: f32) -> std::sync::Arc<egui::Galley> {
    let mut job = egui::text::LayoutJob::simple(note.to_owned(), font::note(), tokens(ui).muted, width);
    job.wrap.max_rows = NOTE_ROWS;
    ui.painter().layout_job(job)
}

fn note_height(ui: &Ui, note: &str) -> f32 {
    note_text(ui, note, ui.available_width() - 3.0 * size::MARGIN - size::ICON_SMALL).size().y + 2.0 * 8.0 + 1.0
}

/// The project's note at the foot of the panel.
fn note_ui(ui: &mut Ui, note: &str) {
    widgets::hairline(ui);
    let t = tokens(ui);
    let galley = note_text(ui, note, ui.available_width() - 3.0 * size::MARGIN - size::ICON_SMALL);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), galley.size().y + 16.0), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, note));
    let mark = Rect::from_center_size(pos2(rect.left() + size::MARGIN + 7.0, rect.top() + 16.0), Vec2::splat(14.0));
    widgets::paint_icon(ui, mark, icons::INFO, size::ICON_SMALL, t.muted);
    ui.painter().galley(pos2(mark.right() + 8.0, rect.top() + 8.0), galley, t.muted);
    response.on_hover_text(note);
}

fn group_ui(ui: &mut Ui, session: &Session, state: &mut State, group: &LayerGroup, commands: &mut Vec<Command>) {
    let t = tokens(ui);
    let title = group.title(session.language());
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), size::TREE_ROW), Sense::click());
    response.widget_info(|| WidgetInfo::selected(Role::TreeItem, true, group.open, title));
    if response.hovered() {
        ui.painter().rect_filled(rect, 0.0, t.hover);
    }
    let chevron = if group.open { icons::CHEVRON_DOWN } else { icons::CHEVRON_RIGHT };
    let place = Rect::from_center_size(pos2(rect.left() + 20.0, rect.center().y), Vec2::splat(size::ICON));
    widgets::paint_icon(ui, place, chevron, size::ICON_SMALL, t.muted);
    let ink = if group.visible { t.text } else { t.faint };
    ui.painter().text(
        pos2(rect.left() + 36.0, rect.center().y),
        egui::Align2::LEFT_CENTER,
        title,
        font::heading(),
        ink,
    );
    if response.hovered() || !group.visible || response.contains_pointer() {
        let eye = Rect::from_center_size(pos2(rect.right() - 20.0, rect.center().y), Vec2::splat(22.0));
        if eye_button(ui, eye, session.language(), title, group.visible).clicked() {
            commands.push(Command::Tree(TreeCommand::SetGroupVisible(group.id.clone(), !group.visible)));
        }
    }
    widgets::focus_ring(ui, &response);
    if response.clicked() {
        commands.push(Command::Tree(TreeCommand::ToggleGroup(group.id.clone())));
    }
    if let Some(layer) = response.dnd_release_payload::<LayerId>() {
        commands.push(Command::Tree(TreeCommand::MoveLayer { layer: *layer, group: group.id.clone(), index: 0 }));
    }
    if response.dnd_hover_payload::<LayerId>().is_some() {
        ui.painter().hline(rect.x_range(), rect.bottom(), egui::Stroke::new(2.0, t.accent));
    }
    if group.open {
        for (index, entry) in session.workspace.entries_of(&group.id).enumerate() {
            entry_ui(ui, session, state, entry, index, group.visible, commands);
        }
    }
}

/// The eye that shows or hides `what`.
fn eye_button(ui: &mut Ui, rect: Rect, language: Language, what: &str, visible: bool) -> Response {
    let key = if visible { "ui.hide-layer" } else { "ui.show-layer" };
    let name = Message::new(key).with("layer", what).text(language);
    let icon = if visible { icons::EYE } else { icons::EYE_OFF };
    let mut child = ui.new_child(UiBuilder::new().id_salt(("eye", what)).max_rect(rect));
    widgets::icon_button_sized(&mut child, icon, &name, rect.width(), size::ICON_SMALL, None)
}

fn entry_ui(
    ui: &mut Ui,
    session: &Session,
    state: &mut State,
    entry: &Entry,
    index: usize,
    group_visible: bool,
    commands: &mut Vec<Command>,
) {
    let t = tokens(ui);
    let id = entry.id();
    let on = session.project.current == Some(id);
    let in_scale = entry.style.scales.contains(session.scale());
    let drawn = entry.visible && group_visible && in_scale;
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), size::TREE_ROW), Sense::click_and_drag());
    response.widget_info(|| WidgetInfo::selected(Role::TreeItem, true, on, &entry.title));
    if on {
        ui.painter().rect_filled(rect, 0.0, t.accent_tint);
    } else if response.hovered() {
        ui.painter().rect_filled(rect, 0.0, t.hover);
    }
    let eye = Rect::from_center_size(pos2(rect.left() + 38.0, rect.center().y), Vec2::splat(22.0));
    if eye_button(ui, eye, session.language(), &entry.title, entry.visible).clicked() {
        commands.push(Command::Tree(TreeCommand::SetVisible(id, !entry.visible)));
    }
    let mark = Rect::from_center_size(pos2(rect.left() + 62.0, rect.center().y), Vec2::splat(size::SWATCH));
    if entry.style.has_classes() {
        let chevron = if entry.open { icons::CHEVRON_DOWN } else { icons::CHEVRON_RIGHT };
        let key = if entry.open { "ui.close-legend" } else { "ui.open-legend" };
        let name = Message::new(key).with("layer", &entry.title).text(session.language());
        let place = mark.expand(4.0);
        let mut child = ui.new_child(UiBuilder::new().id_salt(("legend", id.0)).max_rect(place));
        if widgets::icon_button_sized(&mut child, chevron, &name, place.width(), size::ICON_SMALL, None).clicked() {
            commands.push(Command::Tree(TreeCommand::ToggleLegend(id)));
        }
    } else if let Some(symbol) = session.derived.style_in_legend(entry).symbol(0) {
        swatch::paint(ui, mark, symbol, drawn);
    }
    let figure = figure(&session.derived, &session.settings, entry);
    let ink = if drawn { t.text } else { t.faint };
    let figure_ink = if drawn { t.muted } else { t.faint };
    let galley = ui.painter().layout_no_wrap(figure, font::table(), figure_ink);
    let figure_left = rect.right() - size::MARGIN - galley.size().x;
    ui.painter().galley(pos2(figure_left, rect.center().y - galley.size().y / 2.0), galley, figure_ink);
    let text = Rect::from_min_max(pos2(rect.left() + 76.0, rect.top()), pos2(figure_left - 6.0, rect.bottom()));
    if let Some((renaming, name)) = &mut state.renaming
        && *renaming == id
    {
        let mut child = ui.new_child(UiBuilder::new().max_rect(text).layout(Layout::left_to_right(Align::Center)));
        let field = widgets::field(&mut child, name, None, "", session.tr("ui.rename"), text.width());
        if field.lost_focus() {
            if !ui.input(|i| i.key_pressed(egui::Key::Escape)) {
                commands.push(Command::Tree(TreeCommand::RenameLayer(id, name.clone())));
            }
            state.renaming = None;
        } else {
            field.request_focus();
            keyboard::keep_escape(ui.ctx());
        }
    } else {
        let title = egui::WidgetText::from(egui::RichText::new(&entry.title).color(ink));
        let galley = title.into_galley(ui, Some(egui::TextWrapMode::Truncate), text.width(), font::body());
        ui.painter().galley(pos2(text.left(), text.center().y - galley.size().y / 2.0), galley, ink);
    }
    widgets::focus_ring(ui, &response);
    drag(ui, &response, entry, index, commands);
    if response.clicked() {
        commands.push(Command::Tree(TreeCommand::SetCurrent(Some(id))));
    }
    if response.double_clicked() {
        commands.push(Command::Layer(id, LayerCommand::ZoomTo));
    }
    response.context_menu(|ui| {
        widgets::menu_heading(ui, &entry.title);
        if widgets::menu_row(ui, Some(icons::PENCIL), session.tr("ui.rename"), "", None).clicked() {
            state.renaming = Some((id, entry.title.clone()));
            ui.close();
        }
        if let Some(area) = session.derived.total(id).filter(|_| !entry.style.has_classes()) {
            let make = || {
                let count = entry.layer.feature_count();
                let formula = Message::new("why.f-sum").with("n", count);
                let figure = (area, session.settings.area_unit);
                Some(why::sum_of(entry, &entry.title, figure, formula, (0..count).collect()))
            };
            why_card::menu_row(ui, session.language(), make, commands);
        }
        layer_items(ui, session, |command| Command::Layer(id, command), commands);
    });
    response.on_hover_ui(|ui| tooltip(ui, session.language(), entry, in_scale));
    if entry.open {
        legend_ui(ui, session, state, entry, drawn, commands);
    }
}

/// A drag takes the layer along; a line shows where it would be put.
fn drag(ui: &Ui, response: &Response, entry: &Entry, index: usize, commands: &mut Vec<Command>) {
    let t = tokens(ui);
    let rect = response.rect;
    response.dnd_set_drag_payload(entry.id());
    if response.dragged() {
        ui.painter().rect_filled(rect, 0.0, t.sunk.gamma_multiply(0.5));
    }
    let below = ui.input(|i| i.pointer.interact_pos()).is_some_and(|p| p.y > rect.center().y);
    if response.dnd_hover_payload::<LayerId>().is_some_and(|layer| *layer != entry.id()) {
        let y = if below { rect.bottom() } else { rect.top() };
        ui.painter().hline(rect.x_range(), y, egui::Stroke::new(2.0, t.accent));
    }
    if let Some(layer) = response.dnd_release_payload::<LayerId>()
        && *layer != entry.id()
    {
        let index = if below { index + 1 } else { index };
        commands.push(Command::Tree(TreeCommand::MoveLayer { layer: *layer, group: entry.group.clone(), index }));
    }
}

/// What stands at the right of a layer: how many features a layer of parcels or points has, else its area.
fn figure(derived: &Derived, settings: &Settings, entry: &Entry) -> String {
    match derived.total(entry.id()) {
        Some(area) if !entry.style.has_classes() => {
            marked_area(&entry.layer, area_text(settings, area), settings.language)
        }
        _ => format_number(entry.layer.feature_count() as f64, 0),
    }
}

fn tooltip(ui: &mut Ui, language: Language, entry: &Entry, in_scale: bool) {
    let t = tokens(ui);
    let layer = &entry.layer;
    let line = |ui: &mut Ui, text: &str| {
        ui.add(egui::Label::new(egui::RichText::new(text).font(font::note()).color(t.muted)).wrap());
    };
    ui.label(egui::RichText::new(&entry.title).font(font::heading()));
    if !layer.provenance.path.as_os_str().is_empty() {
        line(ui, &crate::io::shown_path(&layer.provenance.path));
    }
    if !in_scale {
        line(ui, tr(language, "ui.tip-out-of-scale"));
    }
    let count = format_number(layer.feature_count() as f64, 0);
    line(ui, &Message::new("ui.tip-features").with("n", count).with("format", &layer.provenance.format).text(language));
    line(ui, &layer.crs.label_in(language));
    line(ui, &layer.crs_reason.text(language));
    if let Some(areas) = &entry.areas
        && layer.kind == GeometryKind::Polygon
    {
        let total = areas.printed_total();
        let units = [AreaUnit::Mu, AreaUnit::Hectare, AreaUnit::SquareKilometre];
        let figures = units.map(|unit| format!("{} {}", total.display(unit), tr(language, unit.key())));
        line(ui, &figures.join(" · "));
        if let Some(warning) = area_warning(layer) {
            line(ui, &warning.text(language));
        }
    }
}

/// What the row of values without a symbol of their own is called: how many there are.
fn other_values(language: Language, legend: &Legend) -> String {
    match legend.other_values {
        0 | 1 => tr(language, "ui.other-values").to_owned(),
        n => {
            let n = format_number(n as f64, 0);
            Message::new("ui.other-values-n").with("n", n).text(language)
        }
    }
}

fn legend_ui(
    ui: &mut Ui,
    session: &Session,
    state: &mut State,
    entry: &Entry,
    drawn: bool,
    commands: &mut Vec<Command>,
) {
    let Some(legend) = session.derived.counted_legend(entry.id()).filter(|_| entry.style.has_classes()) else { return };
    let style = session.derived.style_in_legend(entry);
    let others = style.symbol_count() - 1;
    let id = entry.id();
    let all = state.all_classes.contains(&id) || legend.rows.len() <= CLASSES + 1;
    // The classes with the largest share, in the order of the scheme.
    let mut shares: Vec<f64> = legend.rows.iter().map(|row| share(row.area, row.count)).collect();
    shares.sort_by(|a, b| b.total_cmp(a));
    let least = if all { f64::NEG_INFINITY } else { shares.get(CLASSES - 1).copied().unwrap_or(f64::NEG_INFINITY) };
    let mut shown = 0;
    let mut last_is_shown = false;
    for row in &legend.rows {
        if share(row.area, row.count) < least || (!all && shown == CLASSES) {
            continue;
        }
        shown += 1;
        last_is_shown |= usize::from(row.symbol) == others;
        let number = usize::from(row.symbol);
        let name = class_name(style, number, session.language());
        let name = name.unwrap_or_else(|| other_values(session.language(), legend));
        let code = class_code(style, number, &name);
        let visible = style.is_visible(number);
        let Some(symbol) = style.symbol(number) else { continue };
        let figure = match row.area {
            Some(area) => marked_area(&entry.layer, area_text(&session.settings, area), session.language()),
            None => format_number(row.count as f64, 0),
        };
        let response = legend_row(ui, symbol, code, &name, &figure, drawn && visible);
        if response.clicked() {
            commands.push(Command::Select(SelectCommand::SelectClass {
                layer: id,
                symbol: row.symbol,
                mode: mode(ui),
            }));
        }
        let tip = Message::new("ui.legend-tip").with("n", format_number(row.count as f64, 0)).text(session.language());
        response.context_menu(|ui| {
            widgets::menu_heading(ui, &name);
            if let Some(area) = row.area {
                let make = || {
                    let symbols = session.derived.symbols(id)?.iter().enumerate();
                    let of_row = symbols.filter(|(_, of)| **of == row.symbol).map(|(feature, _)| feature);
                    // What is counted may be the selection, or what is seen.
                    let whole = session
                        .derived
                        .legend(id)
                        .and_then(|legend| legend.rows.iter().find(|other| other.symbol == row.symbol)?.area);
                    let rows = match whole == Some(area) {
                        true => of_row.collect(),
                        false => {
                            let selected = session.project.selection.rows(id);
                            of_row.filter(|row| selected.is_some_and(|rows| rows.contains(*row))).collect()
                        }
                    };
                    let title = format!("{} · {name}", entry.title);
                    let figure = (area, session.settings.area_unit);
                    Some(why::sum_of(entry, &title, figure, Message::new("why.f-legend"), rows))
                };
                why_card::menu_row(ui, session.language(), make, commands);
            }
            let key = if visible { "ui.hide-class" } else { "ui.show-class" };
            if widgets::menu_row(ui, Some(if visible { icons::EYE_OFF } else { icons::EYE }), session.tr(key), "", None)
                .clicked()
            {
                commands.push(Command::Tree(TreeCommand::SetClassVisible {
                    layer: id,
                    symbol: row.symbol,
                    visible: !visible,
                }));
                ui.close();
            }
            if widgets::menu_row(ui, Some(icons::PALETTE), session.tr("ui.layer-style"), "", None).clicked() {
                commands.push(Command::Layer(id, LayerCommand::Style));
                ui.close();
            }
        });
        response.on_hover_text(tip);
    }
    let t = tokens(ui);
    let rest = legend.rows.len() - shown;
    // Values without a symbol of their own are classes as well, though they share a row.
    let rest_values = rest + if last_is_shown { 0 } else { legend.other_values.saturating_sub(1) };
    if rest > 0 || (state.all_classes.contains(&id) && legend.rows.len() > CLASSES + 1) {
        let text = if rest > 0 {
            let n = format_number(rest_values as f64, 0);
            Message::new("ui.more-classes").with("n", n).text(session.language())
        } else {
            session.tr("ui.fewer-classes").to_owned()
        };
        let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), size::TREE_ROW), Sense::click());
        response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &text));
        let ink = if response.hovered() { t.accent } else { t.muted };
        let at = pos2(rect.left() + 52.0, rect.center().y);
        ui.painter().text(at, egui::Align2::LEFT_CENTER, &text, font::body(), ink);
        widgets::focus_ring(ui, &response);
        if response.clicked() && !state.all_classes.remove(&id) {
            state.all_classes.insert(id);
        }
    }
    if session.project.current == Some(id) {
        let row = vec2(ui.available_width(), size::TREE_ROW);
        ui.allocate_ui_with_layout(row, Layout::left_to_right(Align::Center), |ui| {
            ui.spacing_mut().item_spacing.x = 2.0;
            ui.add_space(52.0);
            widgets::label(ui, session.tr("ui.legend-counts"), font::note(), t.muted);
            ui.add_space(4.0);
            for counted in Counted::ALL {
                let text = session.tr(counted.key());
                let name = format!("{} {text}", session.tr("ui.legend-counts"));
                if widgets::segment_named(ui, text, &name, session.counted == counted).clicked() {
                    commands.push(Command::Table(TableCommand::Count(counted)));
                }
            }
        });
    }
}

fn share(area: Option<Area>, count: usize) -> f64 {
    area.map_or(count as f64, Area::m2)
}

fn mode(ui: &Ui) -> SelectMode {
    ui.input(|i| SelectMode::from_modifiers(i.modifiers.shift, i.modifiers.command))
}

fn legend_row(ui: &mut Ui, symbol: &Symbol, code: &str, name: &str, figure: &str, drawn: bool) -> Response {
    let t = tokens(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), size::TREE_ROW), Sense::click());
    let label = if code.is_empty() { name.to_owned() } else { format!("{code} {name}") };
    response.widget_info(|| WidgetInfo::labeled(Role::ListItem, true, format!("{label} {figure}")));
    if response.hovered() {
        ui.painter().rect_filled(rect, 0.0, t.hover);
    }
    let mark = Rect::from_center_size(pos2(rect.left() + 59.0, rect.center().y), Vec2::splat(size::SWATCH));
    swatch::paint(ui, mark, symbol, drawn);
    let (ink, quiet) = if drawn { (t.text, t.muted) } else { (t.faint, t.faint) };
    let mut left = rect.left() + 76.0;
    if !code.is_empty() {
        let galley = widgets::cut(ui, code, font::body(), quiet, rect.width() * 0.4);
        // Codes of up to four characters stand in a column of their own.
        let width = galley.size().x.max(30.0);
        ui.painter().galley(pos2(left, rect.center().y - galley.size().y / 2.0), galley, quiet);
        left += width + 8.0;
    }
    let galley = ui.painter().layout_no_wrap(figure.to_owned(), font::table(), quiet);
    let figure_left = rect.right() - size::MARGIN - galley.size().x;
    ui.painter().galley(pos2(figure_left, rect.center().y - galley.size().y / 2.0), galley, quiet);
    let name = egui::WidgetText::from(egui::RichText::new(name).color(ink));
    let room = (figure_left - 6.0 - left).max(0.0);
    let galley = name.into_galley(ui, Some(egui::TextWrapMode::Truncate), room, font::body());
    let whole = widgets::whole_text(ui, &label, galley.elided);
    ui.painter().galley(pos2(left, rect.center().y - galley.size().y / 2.0), galley, ink);
    widgets::focus_ring(ui, &response);
    match whole {
        Some(whole) => response.on_hover_text(whole),
        None => response,
    }
}
