//! How a layer is drawn: single or by class, colours, hatches, outlines, opacity, labels. Every change shows at once.

use std::cell::Cell;

use eframe::egui::{self, Align, Layout, Margin, Rect, Role, Sense, Ui, Vec2, WidgetInfo, pos2, vec2};

use crate::model::roles::fields;
use crate::model::style::{Color, Fill, Hatch, LayerStyle, Stroke, Styling, Symbol, defaults};
use crate::model::{GeometryKind, LayerId, classes};
use crate::scenario::{Entry, Workspace};
use crate::text::{Language, Message, tr};
use crate::ui::look::choice::choice;
use crate::ui::look::theme::{font, size, tokens};
use crate::ui::look::{color_picker, icons, swatch, widgets};
use crate::ui::session::Session;
use crate::ui::session::command::Command;
use crate::ui::session::command::tree::TreeCommand;
use crate::ui::session::command::window::WindowCommand;
use crate::ui::session::derived::Derived;
use crate::ui::session::parts::Page;
use crate::ui::session::settings::Settings;
use crate::units::format_number;

mod labels;
mod typing;

/// Most classes of a style by a field that follows no scheme: the most frequent values.
const MOST_CLASSES: usize = 64;

/// Widest outline that the slider gives.
const WIDEST: f32 = 8.0;

/// What is remembered between frames.
#[derive(Debug, Default)]
pub struct State {
    /// Words that the listed classes contain.
    filter: String,
    /// What is written on features.
    labels: labels::State,
}

/// Draws the style of `layer`.
pub fn ui(ui: &mut Ui, session: &Session, layer: LayerId, state: &mut State, commands: &mut Vec<Command>) {
    let Some(entry) = session.workspace.entry(layer) else { return };
    ui.spacing_mut().item_spacing.y = 0.0;
    heading(ui, session.language(), entry, commands);
    let mut style = entry.style.clone();
    let picked = Cell::new(None);
    egui::ScrollArea::vertical().id_salt("style-editor").auto_shrink(false).show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        block(ui, |ui| {
            styling_ui(ui, &session.workspace, session.language(), entry, &mut style);
            opacity_ui(ui, session.language(), &mut style);
        });
        widgets::hairline(ui);
        block(ui, |ui| labels::ui(ui, &session.settings, &picked, entry, &mut state.labels, &mut style));
        widgets::hairline(ui);
        block(ui, |ui| symbol_ui(ui, &session.settings, &picked, entry, &mut style));
        if style.categories().is_some() {
            widgets::hairline(ui);
            block(ui, |ui| classes_ui(ui, &session.derived, &session.settings, &picked, entry, state, &mut style));
        }
        widgets::hairline(ui);
        block(ui, |ui| {
            if widgets::button(ui, Some(icons::ROTATE_CCW), session.tr("panels.style-reset")).clicked() {
                let nth = session.workspace.index_of(layer).unwrap_or(0);
                style = defaults::at_first(&entry.layer, &entry.recognition, nth);
            }
        });
    });
    if style != entry.style {
        commands.push(Command::Tree(TreeCommand::SetStyle(layer, Box::new(style))));
    }
    commands.extend(picked.take().map(|of| Command::Window(WindowCommand::UsedColor(of))));
}

/// The colour that was picked, to be remembered.
type Picked = Cell<Option<Color>>;

fn heading(ui: &mut Ui, language: Language, entry: &Entry, commands: &mut Vec<Command>) {
    let wanted = vec2(ui.available_width(), size::PANEL_HEADING);
    ui.allocate_ui_with_layout(wanted, Layout::left_to_right(Align::Center), |ui| {
        ui.add_space(size::MARGIN);
        widgets::section(ui, tr(language, "ui.layer-style"));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            ui.add_space(8.0);
            if widgets::icon_button(ui, icons::X, tr(language, "ui.close")).clicked() {
                commands.push(Command::Window(WindowCommand::ShowPage(Page::Identify)));
            }
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                widgets::muted(ui, &entry.title);
            });
        });
    });
    widgets::hairline(ui);
}

fn block(ui: &mut Ui, content: impl FnOnce(&mut Ui)) {
    egui::Frame::new().inner_margin(Margin::symmetric(size::MARGIN as i8, 8)).show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.spacing_mut().item_spacing.y = 2.0;
        content(ui);
    });
}

/// A label at the left and what it sets at the right.
fn row(ui: &mut Ui, label: &str, content: impl FnOnce(&mut Ui)) {
    ui.horizontal(|ui| {
        ui.set_min_height(28.0);
        ui.spacing_mut().item_spacing.x = 6.0;
        let (rect, _) = ui.allocate_exact_size(vec2(84.0, 28.0), Sense::hover());
        let mut cell = ui.new_child(egui::UiBuilder::new().max_rect(rect).layout(Layout::left_to_right(Align::Center)));
        widgets::muted(&mut cell, label);
        content(ui);
    });
}

/// A slider with its value behind it.
fn slider(ui: &mut Ui, name: &str, value: &mut f32, range: std::ops::RangeInclusive<f32>, step: f64, shown: &str) {
    let room = (ui.available_width() - 56.0).max(60.0);
    ui.spacing_mut().slider_width = room;
    // The rail is drawn in the ground of buttons, which would not be seen on a panel.
    let rail = tokens(ui).line;
    ui.visuals_mut().widgets.inactive.bg_fill = rail;
    let slider = egui::Slider::new(value, range).step_by(step).show_value(false).trailing_fill(true);
    ui.add(slider).accessible_name(name);
    ui.label(egui::RichText::new(shown).font(font::table()));
}

/// All alike, or by the values of a field.
fn styling_ui(ui: &mut Ui, workspace: &Workspace, language: Language, entry: &Entry, style: &mut LayerStyle) {
    let layer = &entry.layer;
    row(ui, tr(language, "panels.style-by"), |ui| {
        let categorised = style.categories().map(|categories| categories.field.clone());
        if widgets::segment(ui, tr(language, "panels.style-single"), categorised.is_none()).clicked()
            && categorised.is_some()
        {
            let nth = workspace.index_of(entry.id()).unwrap_or(0);
            style.styling = defaults::for_role(entry.role, layer.kind, nth).styling;
        }
        let by_field = widgets::segment(ui, tr(language, "panels.style-categorised"), categorised.is_some());
        if by_field.clicked() && categorised.is_none() {
            let field = entry.class_field().or(entry.label_field()).unwrap_or(0);
            if field < layer.fields.len() {
                style.styling = by_field_style(entry, field);
            }
        }
    });
    let Some(categories) = style.categories() else { return };
    let now = categories.field.clone();
    row(ui, tr(language, "panels.style-field"), |ui| {
        choice(ui, tr(language, "panels.style-field"), &now, |ui| {
            egui::ScrollArea::vertical().max_height(320.0).show(ui, |ui| {
                for (at, field) in layer.fields.iter().enumerate() {
                    if widgets::menu_row(ui, None, &field.name, "", Some(field.name == now)).clicked() {
                        style.styling = by_field_style(entry, at);
                        ui.close();
                    }
                }
            });
        });
    });
}

/// A symbol for each value of a field, the most frequent ones where there are very many.
fn by_field_style(entry: &Entry, field: usize) -> Styling {
    let layer = &entry.layer;
    let scheme = entry.scheme().filter(|_| entry.class_field() == Some(field));
    let mut used = classes::used_codes(layer, field, None);
    if scheme.is_none() && used.len() > MOST_CLASSES {
        used.sort_by(|a, b| b.feature_count.cmp(&a.feature_count).then_with(|| a.code.cmp(&b.code)));
        used.truncate(MOST_CLASSES);
    }
    let values = used.iter().map(|code| code.code.as_str());
    defaults::by_class(&layer.fields[field].name, scheme, values, layer.kind).styling
}

fn opacity_ui(ui: &mut Ui, language: Language, style: &mut LayerStyle) {
    row(ui, tr(language, "ui.opacity"), |ui| {
        let mut percent = (style.opacity * 100.0).round();
        let shown = format!("{percent} %");
        slider(ui, tr(language, "ui.opacity"), &mut percent, 0.0..=100.0, 1.0, &shown);
        if (percent - (style.opacity * 100.0).round()).abs() > 0.5 {
            style.opacity = percent / 100.0;
        }
    });
}

/// Fill and outline: of the one symbol, or of all classes.
fn symbol_ui(ui: &mut Ui, settings: &Settings, picked: &Picked, entry: &Entry, style: &mut LayerStyle) {
    let Some(first) = style.symbol(0).copied() else { return };
    let single = style.categories().is_none();
    if entry.layer.kind == GeometryKind::Polygon {
        fill_ui(ui, settings, picked, style, &first, single);
    }
    if entry.layer.kind != GeometryKind::Point {
        outline_ui(ui, settings, picked, style, &first);
    }
    if let Some(marker) = first.marker.filter(|_| entry.layer.kind == GeometryKind::Point || single) {
        row(ui, settings.tr("panels.style-marker"), |ui| {
            let name = settings.tr("panels.style-marker-color");
            let color = if single {
                color_picker::button(ui, settings.language, &settings.recent_colors, picked, name, marker.color)
            } else {
                None
            };
            let mut points = marker.size_px;
            let shown = format!("{points} px");
            slider(ui, settings.tr("panels.style-marker-size"), &mut points, 4.0..=32.0, 1.0, &shown);
            if color.is_some() || points != marker.size_px {
                style.for_each_symbol(|symbol| {
                    if let Some(marker) = &mut symbol.marker {
                        marker.size_px = points;
                        marker.color = color.unwrap_or(marker.color);
                    }
                });
            }
        });
    }
}

fn fill_ui(ui: &mut Ui, settings: &Settings, picked: &Picked, style: &mut LayerStyle, first: &Symbol, single: bool) {
    row(ui, settings.tr("panels.style-fill"), |ui| {
        let kinds = [
            ("panels.fill-none", matches!(first.fill, Fill::None)),
            ("panels.fill-solid", matches!(first.fill, Fill::Solid(_))),
            ("panels.fill-hatch", matches!(first.fill, Fill::Hatch(_))),
        ];
        for (at, (key, on)) in kinds.into_iter().enumerate() {
            if widgets::segment(ui, settings.tr(key), on).clicked() && !on {
                style.for_each_symbol(|symbol| {
                    let color = fill_color(symbol);
                    symbol.fill = match at {
                        0 => Fill::None,
                        1 => Fill::Solid(color),
                        _ => Fill::Hatch(Hatch {
                            color: color.with_alpha(255),
                            angle_deg: 45.0,
                            spacing_px: 7.0,
                            width_px: 1.0,
                            crossed: false,
                            back: None,
                        }),
                    };
                });
            }
        }
        if single
            && !matches!(first.fill, Fill::None)
            && let name = settings.tr("panels.style-fill-color")
            && let Some(color) =
                color_picker::button(ui, settings.language, &settings.recent_colors, picked, name, fill_color(first))
        {
            style.for_each_symbol(|symbol| set_fill_color(symbol, color));
        }
    });
    if let Fill::Hatch(hatch) = first.fill {
        row(ui, settings.tr("panels.style-hatch"), |ui| {
            for angle in [45.0, 135.0, 0.0, 90.0] {
                let on = hatch.angle_deg == angle;
                if widgets::segment(ui, &format!("{angle}°"), on).clicked() && !on {
                    style.for_each_symbol(|symbol| {
                        if let Fill::Hatch(hatch) = &mut symbol.fill {
                            hatch.angle_deg = angle;
                        }
                    });
                }
            }
        });
        row(ui, settings.tr("panels.style-spacing"), |ui| {
            let mut spacing = hatch.spacing_px;
            let shown = format!("{spacing} px");
            slider(ui, settings.tr("panels.style-spacing"), &mut spacing, 3.0..=20.0, 1.0, &shown);
            if spacing != hatch.spacing_px {
                style.for_each_symbol(|symbol| {
                    if let Fill::Hatch(hatch) = &mut symbol.fill {
                        hatch.spacing_px = spacing;
                    }
                });
            }
        });
    }
}

fn outline_ui(ui: &mut Ui, settings: &Settings, picked: &Picked, style: &mut LayerStyle, first: &Symbol) {
    row(ui, settings.tr("panels.style-outline"), |ui| {
        let stroke = first.stroke;
        let color = stroke.map_or(defaults::PARCEL_OUTLINE.color, |stroke| stroke.color);
        let picked = color_picker::button(
            ui,
            settings.language,
            &settings.recent_colors,
            picked,
            settings.tr("panels.style-outline-color"),
            color,
        );
        let before = stroke.map_or(0.0, |stroke| stroke.width_px);
        let mut width = before;
        let shown = format!("{} px", format_number(f64::from(before), 1));
        slider(ui, settings.tr("panels.style-outline-width"), &mut width, 0.0..=WIDEST, 0.1, &shown);
        if picked.is_some() || (width - before).abs() > 0.04 {
            style.for_each_symbol(|symbol| {
                symbol.stroke.get_or_insert(Stroke { width_px: 0.0, ..defaults::PARCEL_OUTLINE });
            });
            style.set_outline_width_px(width);
            if let Some(color) = picked {
                style.for_each_symbol(|symbol| {
                    if let Some(stroke) = &mut symbol.stroke {
                        stroke.color = color;
                    }
                });
            }
        }
    });
}

/// The classes with colour, name and whether they are drawn.
fn classes_ui(
    ui: &mut Ui,
    derived: &Derived,
    settings: &Settings,
    picked: &Picked,
    entry: &Entry,
    state: &mut State,
    style: &mut LayerStyle,
) {
    let language = settings.language;
    let legend = derived.legend(entry.id());
    let Styling::Categorised(categories) = &mut style.styling else { return };
    ui.horizontal(|ui| {
        ui.set_min_height(size::CONTROL);
        let title = Message::new("panels.style-classes").with("n", categories.classes.len());
        widgets::section(ui, &title.text(language));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            ui.spacing_mut().item_spacing.x = 2.0;
            for (icon, key, visible) in
                [(icons::EYE_OFF, "panels.hide-all-classes", false), (icons::EYE, "panels.show-all-classes", true)]
            {
                if widgets::icon_button(ui, icon, settings.tr(key)).clicked() {
                    categories.classes.iter_mut().for_each(|class| class.visible = visible);
                    categories.other_visible = visible;
                }
            }
        });
    });
    if categories.classes.len() > 16 {
        let (hint, name) = (settings.tr("panels.find-class"), settings.tr("panels.find-class"));
        let width = ui.available_width();
        widgets::field(ui, &mut state.filter, Some(icons::SEARCH), hint, name, width);
    } else {
        state.filter.clear();
    }
    let words = state.filter.trim().to_lowercase();
    let count = categories.classes.len();
    let mut found = false;
    for at in 0..=count {
        let (key, name, symbol, visible) = match categories.classes.get(at) {
            Some(class) => {
                let name = fields::legend_name(&categories.field, class, language).to_owned();
                let key = if name == class.key { String::new() } else { class.key.clone() };
                (key, name, class.symbol, class.visible)
            }
            None => {
                (String::new(), settings.tr("ui.other-values").to_owned(), categories.other, categories.other_visible)
            }
        };
        if !words.is_empty() && !format!("{key} {name}").to_lowercase().contains(&words) {
            continue;
        }
        let occurs = legend.and_then(|legend| legend.rows.iter().find(|row| usize::from(row.symbol) == at));
        let features = occurs.map_or(0, |row| row.count);
        found = true;
        let change = class_row(ui, settings, picked, &key, &name, &symbol, visible, features);
        let (target, target_visible) = match categories.classes.get_mut(at) {
            Some(class) => (&mut class.symbol, &mut class.visible),
            None => (&mut categories.other, &mut categories.other_visible),
        };
        if let Some(color) = change.color {
            set_color(target, color);
        }
        if change.toggled {
            *target_visible = !visible;
        }
    }
    if !found {
        let text = Message::new("edit.no-class").with("query", state.filter.trim()).text(language);
        widgets::note(ui, &text);
    }
}

struct Change {
    color: Option<Color>,
    toggled: bool,
}

fn class_row(
    ui: &mut Ui,
    settings: &Settings,
    picked: &Picked,
    key: &str,
    name: &str,
    symbol: &Symbol,
    visible: bool,
    features: usize,
) -> Change {
    let t = tokens(ui);
    let language = settings.language;
    let label = if key.is_empty() { name.to_owned() } else { format!("{key} {name}") };
    let mut change = Change { color: None, toggled: false };
    ui.horizontal(|ui| {
        ui.set_min_height(size::TREE_ROW);
        ui.spacing_mut().item_spacing.x = 6.0;
        let action = if visible { "ui.hide-layer" } else { "ui.show-layer" };
        let tip = Message::new(action).with("layer", &label).text(language);
        let eye = if visible { icons::EYE } else { icons::EYE_OFF };
        change.toggled = widgets::icon_button_small(ui, eye, &tip).clicked();
        let tip = Message::new("panels.color-of").with("class", &label).text(language);
        ui.spacing_mut().interact_size = vec2(28.0, 18.0);
        change.color =
            color_picker::button(ui, settings.language, &settings.recent_colors, picked, &tip, symbol.color());
        if matches!(symbol.fill, Fill::Hatch(_)) {
            let (rect, _) = ui.allocate_exact_size(Vec2::splat(size::SWATCH), Sense::hover());
            swatch::paint(ui, rect, symbol, visible);
        }
        let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), size::TREE_ROW), Sense::hover());
        response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &label));
        let ink = if visible { t.text } else { t.faint };
        let figure = ui.painter().layout_no_wrap(format_number(features as f64, 0), font::table(), t.muted);
        let figure_left = rect.right() - figure.size().x;
        ui.painter().galley(pos2(figure_left, rect.center().y - figure.size().y / 2.0), figure, t.muted);
        let room = Rect::from_min_max(rect.min, pos2(figure_left - 6.0, rect.bottom()));
        let text = egui::WidgetText::from(egui::RichText::new(&label).color(ink));
        let galley = text.into_galley(ui, Some(egui::TextWrapMode::Truncate), room.width().max(0.0), font::body());
        ui.painter().galley(pos2(room.left(), room.center().y - galley.size().y / 2.0), galley, ink);
    });
    change
}

/// The colour of a fill, or what its symbol would be filled with.
fn fill_color(symbol: &Symbol) -> Color {
    match symbol.fill {
        Fill::Solid(color) => color,
        Fill::Hatch(hatch) => hatch.color,
        Fill::Pattern(pattern) => pattern.color,
        Fill::None => symbol.color().with_alpha(96),
    }
}

fn set_fill_color(symbol: &mut Symbol, color: Color) {
    match &mut symbol.fill {
        Fill::Solid(fill) => *fill = color,
        Fill::Hatch(hatch) => hatch.color = color,
        Fill::Pattern(pattern) => pattern.color = color,
        Fill::None => {}
    }
}

/// Gives a symbol another colour, in whatever shows its colour.
fn set_color(symbol: &mut Symbol, color: Color) {
    match (&mut symbol.fill, &mut symbol.stroke) {
        (Fill::None, Some(stroke)) => stroke.color = color,
        _ => set_fill_color(symbol, color),
    }
    if let Some(marker) = &mut symbol.marker {
        marker.color = color.with_alpha(255);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picked_colour_is_the_colour_of_the_symbol() {
        let red = Color::rgb(200, 30, 30);
        for kind in [GeometryKind::Polygon, GeometryKind::Line, GeometryKind::Point] {
            let mut symbol = defaults::class_symbol(Color::rgb(10, 20, 30), kind);
            set_color(&mut symbol, red);
            assert_eq!(symbol.color(), red, "{kind:?}");
        }
    }
}
