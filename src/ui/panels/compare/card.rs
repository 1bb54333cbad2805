//! What stands over the map while pieces are shown: what they are, and how much.

use eframe::egui::{self, Align, Align2, Layout, Rect, Role, Sense, Ui, Vec2, WidgetInfo, vec2};

use crate::model::style::Symbol;
use crate::text::Message;
use crate::ui::look::theme::{self, font, size, tokens};
use crate::ui::look::{icons, swatch, widgets};
use crate::ui::session::awaited::Awaiting;
use crate::ui::session::command::Command;
use crate::ui::session::command::compare::CompareCommand;
use crate::ui::session::command::window::WindowCommand;
use crate::ui::session::compare::Compare;
use crate::ui::session::compare::pick::Pick;
use crate::ui::session::compare::shown::Shown;
use crate::ui::session::settings::Settings;
use crate::ui::work::compare::names::name;
use crate::ui::work::compare::{pick, picture};
use crate::ui::work::why;
use crate::units::format_number;

/// Draws the card into the lower right corner of what is free of the map.
pub fn ui(ui: &mut Ui, free: Rect, compare: &Compare, settings: &Settings, commands: &mut Vec<Command>) {
    let Some(shown) = compare.shown() else { return };
    let Some(pick) = compare.shown_pick() else { return };
    let t = tokens(ui);
    let close = match compare.pick {
        Some(_) => CompareCommand::Pick(None),
        None => CompareCommand::ToggleChangeMap,
    };
    let corner = free.right_bottom() - vec2(size::CARD_GAP, size::CARD_GAP);
    egui::Area::new(egui::Id::unique("compare-card")).pivot(Align2::RIGHT_BOTTOM).fixed_pos(corner).show(
        ui.ctx(),
        |ui| {
            theme::card(t).show(ui, |ui| {
                ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                    ui.spacing_mut().item_spacing.x = 8.0;
                    ui.set_height(size::CONTROL);
                    if let Some(symbol) = symbol_of(shown, pick) {
                        let (place, _) = ui.allocate_exact_size(Vec2::splat(size::ICON), Sense::hover());
                        swatch::paint(ui, place, &symbol, true);
                    }
                    let name = name(settings.language, shown, pick);
                    let (area, pieces) = pick::sum(compare, settings, shown, pick);
                    let unit = settings.area_unit;
                    let figure = format!("{area} {}", settings.tr(unit.key()));
                    let count = Message::new("compare.pieces").with("n", format_number(pieces as f64, 0));
                    let count = count.text(settings.language);
                    let label = ui.add(egui::Label::new(egui::RichText::new(&name).color(t.text)).extend());
                    label.widget_info(|| WidgetInfo::labeled(Role::Heading, true, format!("{name} {figure} {count}")));
                    let text = egui::RichText::new(&figure).font(font::heading()).color(t.text);
                    let shown_figure = ui.add(egui::Label::new(text).extend().sense(Sense::CLICK));
                    let ask = || why::picked(compare, settings, shown, pick);
                    why::asks(&shown_figure, ask, commands);
                    widgets::muted(ui, &count);
                    if compare.pieces.is_busy() {
                        ui.add(egui::Spinner::new().size(size::ICON_SMALL));
                    }
                    if let Some(problem) = compare.pieces.problem() {
                        let tip = problem.message().text(settings.language);
                        let again = widgets::button(ui, Some(icons::REFRESH_CW), settings.tr("ui.try-again"));
                        if again.on_hover_text(tip).clicked() {
                            commands.push(Command::Window(WindowCommand::Retry(Awaiting::Pieces)));
                        }
                    }
                    if widgets::icon_button(ui, icons::DOWNLOAD, settings.tr("compare.save-pieces")).clicked() {
                        commands.push(Command::Compare(CompareCommand::SavePieces));
                    }
                    if widgets::icon_button(ui, icons::X, settings.tr("compare.show-all")).clicked() {
                        commands.push(Command::Compare(close));
                    }
                });
            });
        },
    );
}

/// How the pieces are drawn, where they are all drawn alike; else the class that they are about.
fn symbol_of(shown: &Shown, pick: Pick) -> Option<Symbol> {
    match pick {
        Pick::Cell { from, to } => Some(picture::symbol(shown, from, to)),
        Pick::Leaves(class) | Pick::Enters(class) | Pick::Moves(class) => shown.swatches.get(class as usize).copied(),
        Pick::Changes => None,
    }
}
