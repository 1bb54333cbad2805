//! The legend under a layer of the tree: a row a class, with what is counted of it.

use eframe::egui::{self, Align, Layout, Rect, Response, Role, Sense, Ui, Vec2, WidgetInfo, pos2, vec2};

use super::State;
use crate::doctor::marked_area;
use crate::model::style::Symbol;
use crate::render::legend::class_name;
use crate::scenario::Entry;
use crate::text::{Language, Message, tr};
use crate::ui::look::theme::{font, size, tokens};
use crate::ui::look::{icons, swatch, widgets};
use crate::ui::panels::why_card;
use crate::ui::session::Session;
use crate::ui::session::command::Command;
use crate::ui::session::command::layer::LayerCommand;
use crate::ui::session::command::select::SelectCommand;
use crate::ui::session::command::table::TableCommand;
use crate::ui::session::command::tree::TreeCommand;
use crate::ui::session::derived::Legend;
use crate::ui::session::parts::Counted;
use crate::ui::session::rows::SelectMode;
use crate::ui::work::derived::area_text;
use crate::ui::work::why;
use crate::units::{Area, format_number};

/// Classes of a legend that show before "more".
const CLASSES: usize = 9;

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

pub(super) fn legend_ui(
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
        let class = style.categories().and_then(|categories| categories.classes.get(number));
        let name = class_name(style, number, session.language());
        let name = name.unwrap_or_else(|| other_values(session.language(), legend));
        let code = class.map_or("", |class| if name == class.key { "" } else { class.key.as_str() });
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
