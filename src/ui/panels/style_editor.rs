//! How a layer is drawn: alike, by class, by ranges, by rules; colours, hatches, outlines, opacity, scales, labels. Every
//! change shows at once.

use std::cell::Cell;

use eframe::egui::{self, Align, Layout, Margin, Sense, Ui, vec2};

use crate::model::style::{Blend, Color, LayerStyle, ScaleRange, Styling, defaults};
use crate::model::{LayerId, classes as codes};
use crate::scenario::{Entry, Workspace};
use crate::text::{Language, Message, tr};
use crate::ui::look::choice::choice;
use crate::ui::look::theme::{font, size, tokens};
use crate::ui::look::{icons, widgets};
use crate::ui::session::Session;
use crate::ui::session::command::Command;
use crate::ui::session::command::tree::TreeCommand;
use crate::ui::session::command::window::WindowCommand;
use crate::ui::session::parts::Page;
use crate::ui::session::settings::Settings;

mod classes;
mod eyes;
mod graduated;
mod labels;
mod rules;
mod symbol;
mod typing;

/// Most classes of a style by a field that follows no scheme: the most frequent values.
const MOST_CLASSES: usize = 64;

/// What is remembered between frames.
#[derive(Default)]
pub struct State {
    /// The layer that it is about.
    layer: Option<LayerId>,
    /// Words that the listed classes contain.
    filter: String,
    /// The symbol that is shown by itself.
    chosen: Option<usize>,
    /// Whether it is still to be brought into view: lists of classes are long, and it stands above them.
    reveal: bool,
    typing: typing::Typing,
    graduated: graduated::State,
    eyes: eyes::State,
    labels: labels::State,
}

/// Draws the style of `layer`.
pub fn ui(ui: &mut Ui, session: &Session, layer: LayerId, state: &mut State, commands: &mut Vec<Command>) {
    let Some(entry) = session.workspace.entry(layer) else { return };
    if state.layer != Some(layer) {
        *state = State { layer: Some(layer), ..State::default() };
    }
    ui.spacing_mut().item_spacing.y = 0.0;
    heading(ui, session, entry, commands);
    let mut style = entry.style.clone();
    let picked = Cell::new(None);
    let settings = &session.settings;
    // What is too wide is cut off at the edge: the panel must not grow with it, frame by frame.
    let room = ui.available_rect_before_wrap();
    let mut inside = ui.new_child(egui::UiBuilder::new().id_salt("style-room").max_rect(room));
    inside.shrink_clip_rect(room);
    egui::ScrollArea::vertical().id_salt("style-editor").auto_shrink(false).show(&mut inside, |ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        block(ui, |ui| {
            styling_ui(ui, &session.workspace, session.language(), entry, state, &mut style);
            opacity_ui(ui, session.language(), &mut style);
            blend_ui(ui, session.language(), &mut style);
            row(ui, session.tr("panels.style-scales"), |ui| {
                scales_ui(ui, settings, &mut state.typing, 0, &mut style.scales);
            });
        });
        widgets::hairline(ui);
        block(ui, |ui| labels::ui(ui, settings, &picked, entry, &mut state.labels, &mut style));
        widgets::hairline(ui);
        block(ui, |ui| symbol_ui(ui, settings, &picked, entry, state, &mut style));
        if style.has_classes() || state.graduated.is_beginning() {
            widgets::hairline(ui);
            block(ui, |ui| match &style.styling {
                _ if state.graduated.is_beginning() => {
                    graduated::ui(ui, &session.derived, settings, &picked, entry, state, &mut style);
                }
                Styling::Single(_) => {}
                Styling::Categorised(_) => {
                    classes::ui(ui, &session.derived, settings, &picked, entry, state, &mut style);
                }
                Styling::Graduated(_) => {
                    graduated::ui(ui, &session.derived, settings, &picked, entry, state, &mut style);
                }
                Styling::Ruled(_) => rules::ui(ui, &session.derived, settings, &picked, entry, state, &mut style),
            });
            widgets::hairline(ui);
            if let Some(legend) = session.derived.legend(layer) {
                block(ui, |ui| eyes::ui(ui, settings, legend, &mut state.eyes, &style));
            }
        }
        widgets::hairline(ui);
        block(ui, |ui| {
            if widgets::button(ui, Some(icons::ROTATE_CCW), session.tr("panels.style-reset")).clicked() {
                let nth = session.workspace.index_of(layer).unwrap_or(0);
                style = defaults::at_first(&entry.layer, &entry.recognition, nth);
                state.chosen = None;
                state.graduated.end();
            }
        });
    });
    ui.advance_cursor_after_rect(room);
    if style != entry.style {
        commands.push(Command::Tree(TreeCommand::SetStyle(layer, Box::new(style))));
    }
    commands.extend(picked.take().map(|of| Command::Window(WindowCommand::UsedColor(of))));
}

/// The colour that was picked, to be remembered.
type Picked = Cell<Option<Color>>;

fn heading(ui: &mut Ui, session: &Session, entry: &Entry, commands: &mut Vec<Command>) {
    let language = session.language();
    let wanted = vec2(ui.available_width(), size::PANEL_HEADING);
    ui.allocate_ui_with_layout(wanted, Layout::left_to_right(Align::Center), |ui| {
        ui.add_space(size::MARGIN);
        widgets::section(ui, tr(language, "ui.layer-style"));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            ui.add_space(8.0);
            if widgets::icon_button(ui, icons::X, tr(language, "ui.close")).clicked() {
                commands.push(Command::Window(WindowCommand::ShowPage(Page::Identify)));
            }
            let more = widgets::icon_button(ui, icons::ELLIPSIS, tr(language, "panels.style-more"));
            egui::Popup::menu(&more).show(|ui| menu(ui, session, entry.id(), commands));
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

/// What can be done with a style as a whole.
fn menu(ui: &mut Ui, session: &Session, layer: LayerId, commands: &mut Vec<Command>) {
    let items = [
        (icons::COPY, "panels.style-copy", TreeCommand::CopyStyle(layer), true),
        (icons::CLIPBOARD_COPY, "panels.style-paste", TreeCommand::PasteStyle(layer), session.copied_style.is_some()),
        (icons::FILE_DOWN, "panels.style-save", TreeCommand::SaveStyle(layer), true),
        (icons::FOLDER_OPEN, "panels.style-load", TreeCommand::LoadStyle(layer), true),
    ];
    for (icon, key, command, enabled) in items {
        ui.add_enabled_ui(enabled, |ui| {
            if widgets::menu_row(ui, Some(icon), session.tr(key), "", None).clicked() {
                commands.push(Command::Tree(command));
                ui.close();
            }
        });
    }
}

/// All alike, by the values of a field, by ranges of a figure, by rules.
fn styling_ui(
    ui: &mut Ui,
    workspace: &Workspace,
    language: Language,
    entry: &Entry,
    state: &mut State,
    style: &mut LayerStyle,
) {
    let layer = &entry.layer;
    let beginning = state.graduated.is_beginning();
    let on = |wanted: bool| wanted && !beginning;
    let (single, ruled) = (matches!(style.styling, Styling::Single(_)), matches!(style.styling, Styling::Ruled(_)));
    let graduated = matches!(style.styling, Styling::Graduated(_)) || beginning;
    let categorised = style.categories().is_some();
    widgets::muted(ui, tr(language, "panels.style-by"));
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = 4.0;
        if widgets::segment(ui, tr(language, "panels.style-single"), on(single)).clicked() && !on(single) {
            let nth = workspace.index_of(entry.id()).unwrap_or(0);
            style.styling = defaults::for_role(entry.role, layer.kind, nth).styling;
            state.chosen = None;
            state.graduated.end();
        }
        let by_field = widgets::segment(ui, tr(language, "panels.style-categorised"), on(categorised));
        if by_field.clicked() && !on(categorised) {
            let field = entry.class_field().or(entry.label_field()).unwrap_or(0);
            if field < layer.fields.len() {
                style.styling = by_field_style(entry, field);
                state.chosen = None;
                state.graduated.end();
            }
        }
        if widgets::segment(ui, tr(language, "panels.style-graduated"), graduated).clicked() && !graduated {
            state.chosen = None;
            state.graduated.begin(layer);
        }
        if widgets::segment(ui, tr(language, "panels.style-ruled"), on(ruled)).clicked() && !on(ruled) {
            style.styling = rules::first(entry);
            state.chosen = None;
            state.graduated.end();
        }
    });
    if beginning {
        return;
    }
    if let Some(now) = style.categories().map(|categories| categories.field.clone()) {
        row(ui, tr(language, "panels.style-field"), |ui| {
            choice(ui, tr(language, "panels.style-field"), &now, |ui| {
                egui::ScrollArea::vertical().max_height(320.0).show(ui, |ui| {
                    for (at, field) in layer.fields.iter().enumerate() {
                        if widgets::menu_row(ui, None, &field.name, "", Some(field.name == now)).clicked() {
                            style.styling = by_field_style(entry, at);
                            state.chosen = None;
                            ui.close();
                        }
                    }
                });
            });
        });
    }
    if matches!(style.styling, Styling::Categorised(_) | Styling::Graduated(_))
        && widgets::button(ui, Some(icons::LIST), tr(language, "panels.style-as-rules")).clicked()
        && let Some(rules) = style.as_rules(layer, language)
    {
        style.styling = rules;
        state.chosen = None;
    }
}

/// A symbol for each value of a field, the most frequent ones where there are very many.
fn by_field_style(entry: &Entry, field: usize) -> Styling {
    let layer = &entry.layer;
    let scheme = entry.scheme().filter(|_| entry.class_field() == Some(field));
    let mut used = codes::used_codes(layer, field, None);
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

fn blend_ui(ui: &mut Ui, language: Language, style: &mut LayerStyle) {
    row(ui, tr(language, "panels.style-blend"), |ui| {
        for (key, blend) in [("panels.blend-normal", Blend::Normal), ("panels.blend-multiply", Blend::Multiply)] {
            if widgets::segment(ui, tr(language, key), style.blend == blend).clicked() {
                style.blend = blend;
            }
        }
    });
}

/// The closest and the farthest scale, to be typed; nothing typed is no end. `nth` tells the fields apart.
fn scales_ui(ui: &mut Ui, settings: &Settings, typing: &mut typing::Typing, nth: usize, scales: &mut ScaleRange) {
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 4.0;
        let width = ((ui.available_width() - 44.0) / 2.0).max(40.0);
        let hint = settings.tr("panels.style-scale-open");
        let named = |key: &'static str| match nth {
            0 => settings.tr(key).to_owned(),
            nth => {
                Message::new("panels.rule-scale").with("n", nth).with("end", settings.tr(key)).text(settings.language)
            }
        };
        widgets::label(ui, "1 :", font::note(), tokens(ui).muted);
        let name = named("panels.style-scale-from");
        if let Some(from) = typing.number(ui, ("from", nth), scales.from, hint, &name, width) {
            scales.from = from.filter(|from| *from > 0.0);
        }
        widgets::label(ui, "–", font::note(), tokens(ui).muted);
        let name = named("panels.style-scale-to");
        if let Some(to) = typing.number(ui, ("to", nth), scales.to, hint, &name, width) {
            scales.to = to.filter(|to| *to > 0.0);
        }
    });
}

/// The symbol that was chosen of several, else the one symbol or what all have in common.
fn symbol_ui(
    ui: &mut Ui,
    settings: &Settings,
    picked: &Picked,
    entry: &Entry,
    state: &mut State,
    style: &mut LayerStyle,
) {
    state.chosen = state.chosen.filter(|at| style.has_classes() && *at < style.symbol_count());
    if let Some(at) = state.chosen {
        let heading = ui.horizontal(|ui| {
            ui.set_min_height(size::CONTROL);
            let name = classes::name_of(style, at, settings);
            widgets::section(ui, &name);
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                if widgets::icon_button(ui, icons::X, settings.tr("panels.style-of-all")).clicked() {
                    state.chosen = None;
                }
            });
        });
        if std::mem::take(&mut state.reveal) {
            heading.response.scroll_to_me(Some(Align::Min));
        }
    }
    symbol::ui(ui, settings, picked, entry.layer.kind, style, state.chosen);
}
