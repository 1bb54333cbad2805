//! 为何是这个数: the card that says of a figure how it comes about, exactly what it is, how it was rounded, from which files
//! it comes and what it is made of. A press with the right button on the figure opens it.

use eframe::egui::{self, Align, Layout, Role, ScrollArea, Sense, Ui, WidgetInfo, vec2};

use crate::model::GeometryKind;
use crate::task::Cancelled;
use crate::text::{Language, Message, tr};
use crate::ui::look::icons;
use crate::ui::look::theme::{self, font, size, tokens};
use crate::ui::look::widgets::{self, Tone};
use crate::ui::session::Session;
use crate::ui::session::awaited::Awaited;
use crate::ui::session::command::Command;
use crate::ui::session::command::compare::CompareCommand;
use crate::ui::session::command::rules::RulesCommand;
use crate::ui::session::command::select::SelectCommand;
use crate::ui::session::command::table::TableCommand;
use crate::ui::session::command::window::WindowCommand;
use crate::ui::session::rows::FeatureRef;
use crate::ui::session::why::{Parts, Why};
use crate::ui::work::why::{self, Listing};
use crate::units::{Area, AreaUnit, format_number};

/// What is remembered between frames.
#[derive(Default)]
pub struct State {
    listing: Awaited<(Why, bool), Listing, Cancelled>,
}

/// Width of the card, most height of the list of pieces, and what the card takes beside that and what is said.
const WIDTH: f32 = 400.0;
const LIST: f32 = 190.0;
const AROUND: f32 = 200.0;

/// The entry of a menu that asks.
pub(in crate::ui) fn menu_row(
    ui: &mut Ui,
    language: Language,
    make: impl FnOnce() -> Option<Why>,
    commands: &mut Vec<Command>,
) {
    let text = tr(language, "why.title");
    if widgets::menu_row(ui, Some(icons::CIRCLE_QUESTION_MARK), text, "", None).clicked() {
        commands.extend(make().map(why::ask));
        ui.close();
    }
}

/// Draws the card, when a figure was asked about.
pub fn ui(ui: &mut Ui, session: &Session, state: &mut State, commands: &mut Vec<Command>) {
    let Some(why) = &session.project.why else {
        state.listing.forget();
        return;
    };
    let language = session.language();
    state.refresh(ui.ctx(), why, language);
    let t = tokens(ui);
    let room = ui.max_rect();
    let left = WIDTH + size::RIGHT + 3.0 * size::CARD_GAP;
    let place = room.right_top() + vec2(-left, size::TOP_BAR * 2.0 + size::CARD_GAP);
    // A card over the window may have been asked.
    let order = if session.card.is_some() { egui::Order::Foreground } else { egui::Order::Middle };
    egui::Window::new(tr(language, "why.title"))
        .order(order)
        .id(egui::Id::unique("why-window"))
        .title_bar(false)
        .resizable(false)
        .constrain_to(room)
        .default_pos(place)
        .frame(theme::card(t))
        .show(ui.ctx(), |ui| {
            ui.set_width(WIDTH.min(room.width() - 48.0));
            ui.spacing_mut().item_spacing.y = 4.0;
            heading(ui, language, commands);
            widgets::hairline(ui);
            // In a low window it is scrolled what is said, for the buttons have to be within reach.
            let list = LIST.min(room.height() * 0.26);
            let said = (room.height() - list - AROUND).max(120.0);
            let area = ScrollArea::vertical().id_salt("why-figure").max_height(said).min_scrolled_height(said);
            area.auto_shrink([false, true]).show(ui, |ui| figure_ui(ui, session, why, language));
            pieces_ui(ui, session, state, why, list, commands);
            widgets::hairline(ui);
            foot(ui, language, state, why, commands);
        });
}

impl State {
    fn refresh(&mut self, ctx: &egui::Context, why: &Why, language: Language) {
        self.listing.poll();
        if !why::has_pieces(&why.parts) {
            self.listing.forget();
            return;
        }
        let is_english = language == Language::English;
        if self.listing.key().is_some_and(|(known, in_english)| known == why && *in_english == is_english) {
            return;
        }
        self.listing.keep_if(|(known, _)| known == why);
        let (key, parts) = ((why.clone(), is_english), why.parts.clone());
        self.listing
            .start_task(ctx, key, "pieces of a figure", move |progress| why::listing(&parts, language, progress));
    }
}

fn heading(ui: &mut Ui, language: Language, commands: &mut Vec<Command>) {
    let room = vec2(ui.available_width(), size::CONTROL);
    ui.allocate_ui_with_layout(room, Layout::right_to_left(Align::Center), |ui| {
        if widgets::icon_button_small(ui, icons::X, tr(language, "ui.close")).clicked() {
            commands.push(Command::Window(WindowCommand::Why(None)));
        }
        ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
            widgets::section(ui, tr(language, "why.title"));
        });
    });
}

/// The figure, and all that is said of it.
fn figure_ui(ui: &mut Ui, session: &Session, why: &Why, language: Language) {
    let t = tokens(ui);
    let figure = &why.figure;
    widgets::note(ui, &figure.name.text(language));
    let shown = figure.shown(language);
    let text = egui::RichText::new(&shown).font(font::figure()).color(t.text);
    let label = ui.add(egui::Label::new(text).selectable(true).wrap());
    let said = Message::new("why.of-cell").with("row", figure.name.text(language)).with("column", &shown);
    label.widget_info(|| WidgetInfo::labeled(Role::Label, true, said.text(language)));
    if why::is_stale(session, why) {
        widgets::callout(ui, Tone::Warn, tr(language, "why.stale"));
    }
    for (heading, lines) in figure.said(language) {
        ui.add_space(2.0);
        widgets::label(ui, tr(language, heading), font::note(), t.muted);
        for line in lines {
            let text = egui::RichText::new(&line).font(font::body()).color(t.text);
            ui.add(egui::Label::new(text).selectable(true).wrap());
        }
    }
}

/// What it is made of, in a list of that height at most: a press on one goes to it.
fn pieces_ui(ui: &mut Ui, session: &Session, state: &State, why: &Why, list: f32, commands: &mut Vec<Command>) {
    let t = tokens(ui);
    let language = session.language();
    if !why::has_pieces(&why.parts) {
        return;
    }
    ui.add_space(2.0);
    widgets::label(ui, tr(language, "why.pieces"), font::note(), t.muted);
    let Some(listing) = state.listing.value() else {
        let key = if state.listing.is_busy() { "why.working" } else { "why.no-pieces" };
        widgets::label(ui, tr(language, key), font::body(), t.muted);
        return;
    };
    ScrollArea::vertical().id_salt("why-pieces").max_height(list).auto_shrink([false, true]).show_rows(
        ui,
        size::TREE_ROW,
        listing.pieces.len(),
        |ui, range| {
            for (text, at) in &listing.pieces[range] {
                let (rect, response) =
                    ui.allocate_exact_size(vec2(ui.available_width(), size::TREE_ROW), Sense::click());
                response.widget_info(|| WidgetInfo::labeled(Role::ListItem, true, text));
                if response.hovered() {
                    ui.painter().rect_filled(rect, theme::radius(), t.hover);
                }
                let galley = widgets::cut(ui, text, font::table(), t.text, rect.width() - 8.0);
                let place = rect.left_center() + vec2(4.0, -galley.size().y / 2.0);
                ui.painter().galley(place, galley, t.text);
                widgets::focus_ring(ui, &response);
                if response.clicked()
                    && let Some(at) = at.filter(|at| is_there(session, *at))
                {
                    commands.push(Command::Select(SelectCommand::ShowFeature(at)));
                }
            }
        },
    );
    if listing.more > 0 {
        let more = Message::new("why.more")
            .with("n", format_number(listing.more as f64, 0))
            .with("mu", Area::from_m2(listing.more_m2).display(AreaUnit::Mu));
        widgets::note(ui, &more.text(language));
    }
}

fn is_there(session: &Session, at: FeatureRef) -> bool {
    let layer = session.layer(at.layer);
    layer.is_some_and(|layer| at.feature < layer.feature_count() && layer.kind != GeometryKind::None)
}

fn foot(ui: &mut Ui, language: Language, state: &State, why: &Why, commands: &mut Vec<Command>) {
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 8.0;
        if let Some(command) = shows(&why.parts)
            && widgets::button(ui, Some(icons::LOCATE_FIXED), tr(language, "why.on-map")).clicked()
        {
            commands.push(command);
        }
        if widgets::button(ui, Some(icons::COPY), tr(language, "why.copy")).clicked() {
            let mut pieces: Vec<String> = Vec::new();
            if let Some(listing) = state.listing.current() {
                pieces.extend(listing.pieces.iter().map(|(text, _)| text.clone()));
                if listing.more > 0 {
                    let more = Message::new("why.more")
                        .with("n", format_number(listing.more as f64, 0))
                        .with("mu", Area::from_m2(listing.more_m2).display(AreaUnit::Mu));
                    pieces.push(more.text(language));
                }
            }
            commands.push(Command::Table(TableCommand::CopyText(why.figure.text(&pieces, language))));
        }
    });
}

/// The command that shows on the map what a figure is made of.
fn shows(parts: &Parts) -> Option<Command> {
    match parts {
        Parts::None => None,
        Parts::Rows { layer, rows, .. } => {
            Some(Command::Select(SelectCommand::ShowFeatures { layer: layer.id, rows: rows.clone() }))
        }
        Parts::Pieces(_, pick) => Some(Command::Compare(CompareCommand::Pick(Some(*pick)))),
        Parts::Conflict(at) => Some(Command::Rules(RulesCommand::ShowConflict(*at))),
        Parts::Breaches(rule) => Some(Command::Rules(RulesCommand::ShowBreaches(*rule))),
    }
}
