//! The classes of a style in rows: colour, name, how many features, whether they are drawn.

use eframe::egui::{self, Align, Layout, Rect, Role, Sense, Ui, Vec2, WidgetInfo, pos2, vec2};

use super::symbol::set_color;
use super::{Picked, State};
use crate::model::GeometryKind;
use crate::model::style::{Color, Fill, LayerStyle, Styling, Symbol};
use crate::render::legend::{class_code, class_name};
use crate::scenario::Entry;
use crate::text::Message;
use crate::ui::look::theme::{font, size, tokens};
use crate::ui::look::{color_picker, icons, swatch, widgets};
use crate::ui::session::derived::Derived;
use crate::ui::session::settings::Settings;
use crate::units::format_number;

/// Classes from which on there is a field to find them by.
const MANY: usize = 16;

/// The classes of a categorised style.
pub(super) fn ui(
    ui: &mut Ui,
    derived: &Derived,
    settings: &Settings,
    picked: &Picked,
    entry: &Entry,
    state: &mut State,
    style: &mut LayerStyle,
) {
    let language = settings.language;
    let Some(categories) = style.categories() else { return };
    let (count, has_scheme) = (categories.classes.len(), categories.scheme.is_some());
    heading(ui, settings, &Message::new("panels.style-classes").with("n", count).text(language), style);
    if has_scheme
        && entry.layer.kind == GeometryKind::Polygon
        && widgets::button(ui, Some(icons::SHAPES), settings.tr("panels.style-figured")).clicked()
    {
        *style = style.figured();
    }
    if count > MANY {
        let (hint, name) = (settings.tr("panels.find-class"), settings.tr("panels.find-class"));
        let width = ui.available_width();
        widgets::field(ui, &mut state.filter, Some(icons::SEARCH), hint, name, width);
    } else {
        state.filter.clear();
    }
    let words = state.filter.trim().to_lowercase();
    let mut found = false;
    for at in 0..=count {
        let name = name_of(style, at, settings);
        let code = class_code(style, at, &name);
        let label = if code.is_empty() { name } else { format!("{code} {name}") };
        if !words.is_empty() && !label.to_lowercase().contains(&words) {
            continue;
        }
        found = true;
        row(ui, derived, settings, picked, entry, state, style, (at, &label));
    }
    if !found {
        let text = Message::new("edit.no-class").with("query", state.filter.trim()).text(language);
        widgets::note(ui, &text);
    }
}

/// What the legend calls the features of a symbol.
pub(super) fn name_of(style: &LayerStyle, at: usize, settings: &Settings) -> String {
    class_name(style, at, settings.language).unwrap_or_else(|| settings.tr("ui.other-values").to_owned())
}

/// The title of a list of classes, with buttons that show or hide all.
pub(super) fn heading(ui: &mut Ui, settings: &Settings, title: &str, style: &mut LayerStyle) {
    ui.horizontal(|ui| {
        ui.set_min_height(size::CONTROL);
        widgets::section(ui, title);
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            ui.spacing_mut().item_spacing.x = 2.0;
            for (icon, key, visible) in
                [(icons::EYE_OFF, "panels.hide-all-classes", false), (icons::EYE, "panels.show-all-classes", true)]
            {
                if widgets::icon_button(ui, icon, settings.tr(key)).clicked() {
                    (0..style.symbol_count()).for_each(|at| style.set_visible(at, visible));
                }
            }
        });
    });
}

/// The row of symbol number `at`, which is called `label`.
pub(super) fn row(
    ui: &mut Ui,
    derived: &Derived,
    settings: &Settings,
    picked: &Picked,
    entry: &Entry,
    state: &mut State,
    style: &mut LayerStyle,
    (at, label): (usize, &str),
) {
    let Some(symbol) = style.symbol(at).copied() else { return };
    let visible = style.is_visible(at);
    let legend = derived.legend(entry.id());
    let occurs = legend.and_then(|legend| legend.rows.iter().find(|row| usize::from(row.symbol) == at));
    let change = class_row(ui, settings, picked, label, &symbol, visible, occurs.map_or(0, |row| row.count));
    if let (Some(color), Some(target)) = (change.color, style.symbol_mut(at)) {
        set_color(target, color);
    }
    if change.toggled {
        style.set_visible(at, !visible);
    }
    if change.chosen {
        state.chosen = if state.chosen == Some(at) { None } else { Some(at) };
        // What is set of a range stands beneath its row.
        state.reveal = state.chosen.is_some() && !matches!(style.styling, Styling::Graduated(_));
    }
}

struct Change {
    color: Option<Color>,
    toggled: bool,
    chosen: bool,
}

fn class_row(
    ui: &mut Ui,
    settings: &Settings,
    picked: &Picked,
    label: &str,
    symbol: &Symbol,
    visible: bool,
    features: usize,
) -> Change {
    let t = tokens(ui);
    let language = settings.language;
    let mut change = Change { color: None, toggled: false, chosen: false };
    ui.horizontal(|ui| {
        ui.set_min_height(size::TREE_ROW);
        ui.spacing_mut().item_spacing.x = 6.0;
        let action = if visible { "ui.hide-layer" } else { "ui.show-layer" };
        let tip = Message::new(action).with("layer", label).text(language);
        let eye = if visible { icons::EYE } else { icons::EYE_OFF };
        change.toggled = widgets::icon_button_small(ui, eye, &tip).clicked();
        let tip = Message::new("panels.style-of-class").with("class", label).text(language);
        change.chosen = widgets::icon_button_small(ui, icons::SLIDERS_HORIZONTAL, &tip).clicked();
        let tip = Message::new("panels.color-of").with("class", label).text(language);
        ui.spacing_mut().interact_size = vec2(28.0, 18.0);
        change.color =
            color_picker::button(ui, settings.language, &settings.recent_colors, picked, &tip, symbol.color());
        if matches!(symbol.fill, Fill::Hatch(_) | Fill::Pattern(_)) {
            let (rect, _) = ui.allocate_exact_size(Vec2::splat(size::SWATCH), Sense::hover());
            swatch::paint(ui, rect, symbol, visible);
        }
        let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), size::TREE_ROW), Sense::hover());
        response.widget_info(|| WidgetInfo::labeled(Role::Label, true, label));
        let ink = if visible { t.text } else { t.faint };
        let figure = ui.painter().layout_no_wrap(format_number(features as f64, 0), font::table(), t.muted);
        let figure_left = rect.right() - figure.size().x;
        ui.painter().galley(pos2(figure_left, rect.center().y - figure.size().y / 2.0), figure, t.muted);
        let room = Rect::from_min_max(rect.min, pos2(figure_left - 6.0, rect.bottom()));
        let text = egui::WidgetText::from(egui::RichText::new(label).color(ink));
        let galley = text.into_galley(ui, Some(egui::TextWrapMode::Truncate), room.width().max(0.0), font::body());
        ui.painter().galley(pos2(room.left(), room.center().y - galley.size().y / 2.0), galley, ink);
    });
    change
}
