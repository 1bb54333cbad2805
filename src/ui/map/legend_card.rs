//! The legend on the map: classes with most land in the order of their scheme, then what is drawn alike. Names, codes and
//! pictures are those of the layer tree and of sheets, from the same function.

use std::collections::BTreeSet;

use eframe::egui::{self, Align, Align2, Layout, Rect, Role, Sense, Ui, Vec2, WidgetInfo, pos2, vec2};

use crate::model::style::LayerStyle;
use crate::render::legend::{SymbolSum, rows_of};
use crate::render::sheet::LegendRow;
use crate::scenario::Entry;
use crate::text::{Language, Message};
use crate::ui::look::theme::{self, font, size, tokens};
use crate::ui::look::{icons, swatch, widgets};
use crate::ui::map::decor;
use crate::ui::session::Session;
use crate::ui::session::command::Command;
use crate::ui::session::command::view::ViewCommand;
use crate::ui::work::derived::area_text;
use crate::units::{Area, format_number};

/// Height of a row, in points.
const ROW: f32 = 21.0;
/// Width of a column, in points: Chinese names are short.
const COLUMNS: [f32; 2] = [158.0, 196.0];
/// Room between columns, in points.
const GAP: f32 = 12.0;
/// Most classes that the card lists; the tree lists all.
const MOST: usize = 24;
/// Rows from which on classes go on in another column.
const TALL: usize = 8;
/// Most columns.
const MOST_COLUMNS: usize = 4;
/// Most of the map's width and height that the card takes.
const SHARE: Vec2 = vec2(0.62, 0.55);
/// What head, line and margins take of the card's height, in points.
const AROUND: f32 = 56.0;
/// Lowest map that has room for it, in points.
const LOW: f32 = 240.0;
/// What the card of pieces takes of the corner, in points.
const PIECES: f32 = 52.0;
/// What a credit takes of the corner, in points.
const CREDIT: f32 = 22.0;

/// A layer that is drawn, with what its symbols stand for.
struct Drawn<'a> {
    entry: &'a Entry,
    style: &'a LayerStyle,
    sums: Vec<SymbolSum>,
    whole: (usize, Option<Area>),
}

/// How many rows stand in how many columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Plan {
    columns: usize,
    classes: usize,
}

/// Draws the card into the lower right corner of what is free of the map, where it is wanted.
pub fn ui(ui: &Ui, free: Rect, session: &Session, commands: &mut Vec<Command>) {
    if !session.settings.legend || free.height() < LOW {
        return;
    }
    let drawn = drawn(session);
    let (of_classes, alike): (Vec<Drawn<'_>>, Vec<Drawn<'_>>) =
        drawn.into_iter().partition(|layer| layer.style.has_classes());
    let count: usize = of_classes.iter().map(|layer| layer.sums.len()).sum();
    if count == 0 && alike.is_empty() {
        return;
    }
    let column = COLUMNS[usize::from(session.language() == Language::English)];
    let headings = if of_classes.len() > 1 { of_classes.len() } else { 0 };
    let plan = plan(free.size(), column, count, headings, alike.len());
    let classes = class_rows(session, &of_classes, plan.classes);
    let lines: Vec<LegendRow> = alike.iter().flat_map(|layer| rows(session, layer, &layer.sums)).collect();
    let lift = if session.compare.shown().is_some() && session.compare.shown_pick().is_some() {
        PIECES
    } else if decor::credit_text(session).is_some() {
        CREDIT
    } else {
        0.0
    };
    let corner = free.right_bottom() - vec2(size::CARD_GAP, size::CARD_GAP + lift);
    let width = plan.columns as f32 * (column + GAP) - GAP;
    let t = tokens(ui);
    let area = egui::Area::new(egui::Id::unique("map-legend")).pivot(Align2::RIGHT_BOTTOM).fixed_pos(corner);
    area.show(ui.ctx(), |ui| {
        theme::card(t).show(ui, |ui| {
            ui.set_width(width);
            ui.spacing_mut().item_spacing.y = 0.0;
            head(ui, session, (classes.iter().filter(|row| !row.heading).count(), count), commands);
            grid(ui, "classes", &classes, plan.columns, column);
            if !classes.is_empty() && !lines.is_empty() {
                ui.add_space(4.0);
                widgets::hairline(ui);
                ui.add_space(4.0);
            }
            grid(ui, "alike", &lines, plan.columns, column);
        });
    });
}

/// The layers that the map draws at its scale, top to bottom.
fn drawn(session: &Session) -> Vec<Drawn<'_>> {
    let scale = session.scale();
    let entries = session.workspace.drawn().filter(|entry| entry.style.scales.contains(scale));
    let layers = entries.filter_map(|entry| {
        let legend = session.derived.legend(entry.id())?;
        let style = session.derived.style_in_legend(entry);
        let is_shown = |row: &&crate::ui::session::derived::LegendRow| {
            row.count > 0 && (!style.has_classes() || style.is_visible(usize::from(row.symbol)))
        };
        let sums = legend.rows.iter().filter(is_shown);
        let sums = sums.map(|row| (usize::from(row.symbol), row.count, row.area)).collect();
        Some(Drawn { entry, style, sums, whole: (legend.count, legend.area) })
    });
    let mut layers: Vec<Drawn<'_>> = layers.collect();
    layers.reverse();
    layers
}

/// What fits into a map of that size: of `count` classes beneath `headings`, above `alike` layers.
fn plan(map: Vec2, column: f32, count: usize, headings: usize, alike: usize) -> Plan {
    let room = map * SHARE;
    let most = (((room.x + GAP) / (column + GAP)).floor().max(1.0) as usize).min(MOST_COLUMNS);
    let rows = ((room.y - AROUND) / ROW).floor().max(2.0) as usize;
    let rows = rows.saturating_sub(alike.div_ceil(most)).max(2);
    let classes = count.min(MOST).min((most * rows).saturating_sub(headings).max(1));
    let wanted = (classes + headings).div_ceil(TALL.min(rows)).max(alike.div_ceil(TALL));
    Plan { columns: wanted.clamp(1, most), classes }
}

/// The rows of the `most` classes with most land, layer by layer; under the names of the layers where these are several.
fn class_rows(session: &Session, layers: &[Drawn<'_>], most: usize) -> Vec<LegendRow> {
    let share = |(_, count, area): &SymbolSum| area.map_or(*count as f64, Area::m2);
    let all = layers.iter().enumerate();
    let all = all.flat_map(|(nth, layer)| layer.sums.iter().map(move |sum| (share(sum), nth, sum.0)));
    let mut all: Vec<(f64, usize, usize)> = all.collect();
    all.sort_by(|a, b| b.0.total_cmp(&a.0));
    let kept: BTreeSet<(usize, usize)> = all.into_iter().take(most).map(|(_, nth, symbol)| (nth, symbol)).collect();
    let mut listed = Vec::new();
    for (nth, layer) in layers.iter().enumerate() {
        let is_kept = |sum: &&SymbolSum| kept.contains(&(nth, sum.0));
        let sums: Vec<SymbolSum> = layer.sums.iter().filter(is_kept).copied().collect();
        if !sums.is_empty() {
            let skipped = usize::from(layers.len() == 1);
            listed.extend(rows(session, layer, &sums).into_iter().skip(skipped));
        }
    }
    listed
}

fn rows(session: &Session, layer: &Drawn<'_>, sums: &[SymbolSum]) -> Vec<LegendRow> {
    let figure = |area: Area| area_text(&session.settings, area);
    rows_of(layer.entry, layer.style, sums, layer.whole, session.language(), &figure)
}

/// The heading, of how many classes the card tells, and of which state.
fn head(ui: &mut Ui, session: &Session, (shown, all): (usize, usize), commands: &mut Vec<Command>) {
    let room = vec2(ui.available_width(), size::CONTROL);
    ui.allocate_ui_with_layout(room, Layout::left_to_right(Align::Center), |ui| {
        widgets::section(ui, session.tr("render.legend"));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            ui.spacing_mut().item_spacing.x = 8.0;
            if widgets::icon_button_small(ui, icons::X, session.tr("ui.legend-close")).clicked() {
                commands.push(Command::View(ViewCommand::ToggleLegend));
            }
            let state = session.workspace.state_title(session.language());
            let mut said: Vec<String> = Vec::new();
            if shown < all {
                let [shown, all] = [shown, all].map(|n| format_number(n as f64, 0));
                let message = Message::new("ui.legend-of-classes").with("n", shown).with("all", all);
                said.push(message.text(session.language()));
            }
            said.extend(Some(state).filter(|state| !state.is_empty()));
            if said.is_empty() {
                return;
            }
            let text = said.join(" · ");
            let galley = widgets::cut(ui, &text, font::note(), tokens(ui).muted, ui.available_width());
            let (rect, response) = ui.allocate_exact_size(galley.size(), Sense::hover());
            response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &text));
            ui.painter().galley(rect.min, galley, tokens(ui).muted);
        });
    });
}

/// Rows in columns, down and then across.
fn grid(ui: &mut Ui, salt: &str, rows: &[LegendRow], columns: usize, column: f32) {
    if rows.is_empty() {
        return;
    }
    let tall = rows.len().div_ceil(columns.max(1));
    let (all, _) = ui.allocate_exact_size(vec2(ui.available_width(), tall as f32 * ROW), Sense::hover());
    for (nth, row) in rows.iter().enumerate() {
        let at = vec2((nth / tall) as f32 * (column + GAP), (nth % tall) as f32 * ROW);
        row_ui(ui, Rect::from_min_size(all.min + at, vec2(column, ROW)), (salt, nth), row);
    }
}

fn row_ui(ui: &Ui, rect: Rect, salt: (&str, usize), row: &LegendRow) {
    let t = tokens(ui);
    let label = if row.code.is_empty() { row.name.clone() } else { format!("{} {}", row.code, row.name) };
    let response = ui.interact(rect, ui.scope_id().with(salt), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::ListItem, true, &label));
    let middle = rect.center().y;
    let mut left = rect.left();
    if !row.heading {
        let mark = Rect::from_min_size(pos2(left, middle - size::SWATCH / 2.0), vec2(20.0, size::SWATCH));
        if let Some((symbol, _)) = row.symbols.first() {
            swatch::paint(ui, mark, symbol, true);
        }
        left = mark.right() + 8.0;
    }
    if !row.code.is_empty() {
        let galley = widgets::cut(ui, &row.code, font::note(), t.muted, rect.width() * 0.3);
        // Codes of up to four digits stand in a column of their own.
        let width = galley.size().x.max(28.0);
        ui.painter().galley(pos2(left, middle - galley.size().y / 2.0), galley, t.muted);
        left += width + 6.0;
    }
    let face = if row.heading { font::table_strong() } else { font::table() };
    let galley = widgets::cut(ui, &row.name, face, t.text, (rect.right() - left).max(0.0));
    ui.painter().galley(pos2(left, middle - galley.size().y / 2.0), galley, t.text);
    let tip = if row.figure.is_empty() { label } else { format!("{label}\n{}", row.figure) };
    response.on_hover_text(tip);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_large_map_lists_more_than_a_small_one_and_never_more_than_fits() {
        let check = |map: [f32; 2], count: usize, alike: usize, expected: (usize, usize)| {
            let plan = plan(vec2(map[0], map[1]), 158.0, count, 0, alike);
            assert_eq!((plan.columns, plan.classes), expected, "{map:?} {count} {alike}");
        };
        check([1600.0, 1000.0], 42, 6, (3, 24));
        check([1600.0, 1000.0], 5, 2, (1, 5));
        check([300.0, 200.0], 42, 6, (1, 2));
        check([1600.0, 1000.0], 0, 3, (1, 0));
        for (width, height) in [(320.0, 240.0), (700.0, 420.0), (1200.0, 700.0)] {
            let plan = plan(vec2(width, height), 158.0, 60, 2, 7);
            let wide = plan.columns as f32 * (158.0 + GAP) - GAP;
            assert!(plan.classes <= MOST && (wide <= width * SHARE.x || plan.columns == 1), "{plan:?}");
        }
    }
}
