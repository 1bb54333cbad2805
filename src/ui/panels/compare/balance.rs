//! The page of the right panel while two states are compared: what each class wins and loses, as bars and figures.

use eframe::egui::{self, Align, Align2, Layout, Rect, Role, ScrollArea, Sense, Ui, Vec2, WidgetInfo, pos2, vec2};

use crate::report::transition::why::{LineFigure, MatrixFigure};
use crate::report::transition::{MatrixFigures, Measure};
use crate::text::{Language, Message};
use crate::ui::look::bars::bar;
use crate::ui::look::theme::{font, size, tokens};
use crate::ui::look::{icons, swatch, widgets};
use crate::ui::panels::inspector::red_line;
use crate::ui::session::Session;
use crate::ui::session::command::Command;
use crate::ui::session::command::compare::CompareCommand;
use crate::ui::session::command::window::WindowCommand;
use crate::ui::session::compare::Compare;
use crate::ui::session::compare::pick::Pick;
use crate::ui::session::compare::shown::Shown;
use crate::ui::session::parts::Tab;
use crate::ui::session::settings::Settings;
use crate::ui::work::why;

/// Whether the right panel shows the page: two states are compared, and nothing is identified.
pub fn is_shown(session: &Session) -> bool {
    session.project.identified.current().is_none() && session.compare.shown().is_some() && !red_line::is_page(session)
}

/// Draws the page.
pub fn ui(ui: &mut Ui, compare: &Compare, settings: &Settings, commands: &mut Vec<Command>) {
    let (Some(shown), Some(areas)) = (compare.shown(), compare.work.areas()) else { return };
    ui.spacing_mut().item_spacing.y = 0.0;
    heading(ui, settings, commands);
    pair_ui(ui, settings, shown, areas);
    ScrollArea::vertical().id_salt("balance").auto_shrink(false).show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        let columns = Columns::of(ui, settings.language, shown, areas);
        for class in &shown.used {
            row_ui(ui, compare, settings, shown, *class, areas, &columns, commands);
        }
        widgets::hairline(ui);
        total_ui(ui, compare, settings, areas, commands);
        ui.add_space(size::STEP);
    });
}

fn heading(ui: &mut Ui, settings: &Settings, commands: &mut Vec<Command>) {
    let room = vec2(ui.available_width(), size::PANEL_HEADING);
    ui.allocate_ui_with_layout(room, Layout::left_to_right(Align::Center), |ui| {
        ui.add_space(size::MARGIN);
        widgets::section(ui, settings.tr("compare.balance"));
        widgets::muted(ui, settings.tr(settings.area_unit.key()));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            ui.spacing_mut().item_spacing.x = 2.0;
            ui.add_space(8.0);
            if widgets::icon_button(ui, icons::COPY, settings.tr("compare.copy-balance")).clicked() {
                commands.push(Command::Compare(CompareCommand::CopyBalance));
            }
            if widgets::icon_button(ui, icons::TABLE, settings.tr("compare.open-balance")).clicked() {
                commands.push(Command::Window(WindowCommand::RevealTab(Tab::Balance)));
            }
        });
    });
}

/// Which two states, and what changed in all.
fn pair_ui(ui: &mut Ui, settings: &Settings, shown: &Shown, areas: &MatrixFigures) {
    let language = settings.language;
    egui::Frame::new().inner_margin(egui::Margin::symmetric(size::MARGIN as i8, 0)).show(ui, |ui| {
        ui.set_width(ui.available_width());
        let unit = settings.area_unit;
        let text = Message::new("compare.pair-changed")
            .with("base", &shown.sides[0].title)
            .with("scenario", &shown.sides[1].title)
            .with("changed", &areas.changed)
            .with("unit", settings.tr(unit.key()));
        widgets::note(ui, &text.text(language));
        ui.add_space(size::STEP);
    });
}

/// Where names, bars and figures stand.
struct Columns {
    name: f32,
    figure: f32,
}

impl Columns {
    fn of(ui: &Ui, language: Language, shown: &Shown, areas: &MatrixFigures) -> Self {
        let wide = |text: String| ui.painter().layout_no_wrap(text, font::table(), tokens(ui).text).size().x;
        let figures = areas.lines.iter().chain([&areas.total]).map(|line| line.net.clone());
        // The longest text is the widest to within a comma.
        let figure = figures.max_by_key(String::len).map_or(0.0, wide);
        let names = shown.used.iter().map(|class| shown.class(*class).name(language));
        let name = names.map(wide).fold(0.0, f32::max).min(ui.available_width() * 0.36);
        Self { name: name + size::SWATCH + 8.0, figure: figure.max(48.0) }
    }
}

fn row_ui(
    ui: &mut Ui,
    compare: &Compare,
    settings: &Settings,
    shown: &Shown,
    class: u32,
    areas: &MatrixFigures,
    columns: &Columns,
    commands: &mut Vec<Command>,
) {
    let t = tokens(ui);
    let language = settings.language;
    let figures = &areas.lines[class as usize];
    let figure = &figures.net;
    // Drawn as it is printed: what is no figure is no bar.
    let change = areas.rounded.lines[class as usize].change();
    let key = shown.class(class);
    let pick = Pick::Moves(class);
    let on = compare.pick == Some(pick);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), size::TREE_ROW), Sense::click());
    let unit = settings.area_unit;
    let name = key.name(language);
    response.widget_info(|| WidgetInfo::selected(Role::Row, true, on, format!("{name} {figure}")));
    if !ui.is_rect_visible(rect) {
        return;
    }
    let painter = ui.painter();
    if on {
        painter.rect_filled(rect, 0.0, t.accent_tint);
    } else if response.hovered() {
        painter.rect_filled(rect, 0.0, t.hover);
    }
    let inner = rect.shrink2(vec2(size::MARGIN, 0.0));
    let middle = inner.center().y;
    if let Some(symbol) = shown.swatches.get(class as usize) {
        let mark = Rect::from_center_size(pos2(inner.left() + size::SWATCH / 2.0, middle), Vec2::splat(13.0));
        swatch::paint(ui, mark, symbol, true);
    }
    let text = egui::WidgetText::from(egui::RichText::new(&name).color(t.text));
    let room = columns.name - size::SWATCH - 8.0;
    let galley = text.into_galley(ui, Some(egui::TextWrapMode::Truncate), room, font::body());
    let at = pos2(inner.left() + size::SWATCH + 8.0, middle - galley.size().y / 2.0);
    ui.painter().galley(at, galley, t.text);
    let ink = if change != 0 { t.text } else { t.faint };
    ui.painter().text(pos2(inner.right(), middle), Align2::RIGHT_CENTER, figure, font::table(), ink);
    let field = Rect::from_min_max(
        pos2(inner.left() + columns.name + 10.0, inner.top()),
        pos2(inner.right() - columns.figure - 10.0, inner.bottom()),
    );
    bar(ui, ui.clip_rect(), field, change as f64, areas.rounded.largest_change() as f64);
    let tip = Message::new("compare.balance-tip")
        .with("class", key.label(language))
        .with("base", &figures.base)
        .with("out", &figures.out)
        .with("into", &figures.into)
        .with("scenario", &figures.scenario)
        .with("unit", settings.tr(unit.key()));
    let response = response.on_hover_text(tip.text(language));
    widgets::focus_ring(ui, &response);
    let of = MatrixFigure::Line(Some(class), LineFigure::Net);
    let ask = || why::compared(compare, compare.shown()?, areas, Measure::Area(unit), of);
    why::asks(&response, ask, commands);
    if response.clicked() {
        commands.push(Command::Compare(CompareCommand::Pick((!on).then_some(pick))));
    }
}

fn total_ui(ui: &mut Ui, compare: &Compare, settings: &Settings, areas: &MatrixFigures, commands: &mut Vec<Command>) {
    let t = tokens(ui);
    let figure = &areas.total.net;
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), size::TREE_ROW), Sense::CLICK);
    let name = settings.tr("report.total");
    let (measure, of) = (Measure::Area(settings.area_unit), MatrixFigure::Line(None, LineFigure::Net));
    why::asks(&response, || why::compared(compare, compare.shown()?, areas, measure, of), commands);
    response.widget_info(|| WidgetInfo::labeled(Role::Row, true, format!("{name} {figure}")));
    let inner = rect.shrink2(vec2(size::MARGIN, 0.0));
    let left = pos2(inner.left(), inner.center().y);
    ui.painter().text(left, Align2::LEFT_CENTER, name, font::heading(), t.text);
    let right = pos2(inner.right(), inner.center().y);
    ui.painter().text(right, Align2::RIGHT_CENTER, figure, font::table_strong(), t.text);
}
