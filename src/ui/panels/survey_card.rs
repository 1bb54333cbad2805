//! The card of what a survey hands in: coordinate TXT as it will be written, boundary points and the four sides. How it is
//! written is kept with the project as a template.

use std::sync::Arc;

use eframe::egui::{self, Align, Key, Layout, ScrollArea, Ui, vec2};

use crate::io::{Corner, Numbering, PLACES, Parts, TxtEncoding, TxtOptions, write_txt};
use crate::model::roles::fields;
use crate::model::{GeometryKind, Issue, Layer, LayerId, Revision};
use crate::scenario::{Entry, Workspace};
use crate::text::{Language, Message, tr};
use crate::ui::look::choice::choice;
use crate::ui::look::icons;
use crate::ui::look::theme::{self, font, size, tokens};
use crate::ui::look::widgets::{self, Tone};
use crate::ui::panels::shortcuts::work_card;
use crate::ui::session::Session;
use crate::ui::session::awaited::Awaited;
use crate::ui::session::command::Command;
use crate::ui::session::command::tree::TreeCommand;
use crate::ui::session::parts::Card;
use crate::ui::session::survey::{Order, Product, TEMPLATE};

/// Lines of the preview.
const LINES: usize = 60;
/// Remarks on what the format cannot hold that are shown.
const ISSUES: usize = 4;
/// Width of the words before the choices, in points.
const WORDS: f32 = 96.0;
/// Highest list of fields, in points.
const LIST: f32 = 320.0;
/// What the window has to have room for beside the choices, and their least height, in points.
const CHROME: f32 = 220.0;
const LEAST: f32 = 160.0;

/// A TXT as it will be written.
struct Preview {
    lines: Vec<String>,
    issues: Vec<Issue>,
    plot_count: u64,
}

/// What is remembered between frames.
#[derive(Default)]
pub struct State {
    layer: Option<LayerId>,
    options: TxtOptions,
    around: Option<LayerId>,
    field: Option<String>,
    preview: Awaited<(Revision, String, usize), Preview>,
}

/// Draws the card, when it is open.
pub fn ui(ui: &mut Ui, session: &Session, state: &mut State, commands: &mut Vec<Command>) {
    let Some(Card::Survey(id)) = session.card else {
        *state = State::default();
        return;
    };
    let Some(layer) = session.layer(id) else { return };
    if state.layer != Some(id) {
        let words = session.workspace.scenarios.settings.get(TEMPLATE);
        let options = words.map_or_else(|| TxtOptions::usual(layer), |words| TxtOptions::of_words(words, layer));
        *state = State { layer: Some(id), options, ..State::default() };
    }
    // Enter closes cards; here it only ends what is typed.
    ui.input_mut(|input| input.consume_key(egui::Modifiers::NONE, Key::Enter));
    let rows = session
        .project
        .selection
        .rows(id)
        .map(|rows| rows.iter().collect::<Vec<usize>>())
        .filter(|rows| !rows.is_empty());
    ask(ui, session.language(), state, layer, rows.clone());
    let mut asked = Vec::new();
    let commands_of = &mut asked;
    work_card(ui, session, "survey.card", commands, |ui, session| {
        let count = rows.as_ref().map_or(layer.feature_count(), Vec::len);
        let of = Message::new(if rows.is_some() { "survey.of-selected" } else { "survey.of-all" })
            .with("n", crate::units::format_number(count as f64, 0))
            .with("layer", &layer.name);
        widgets::note(ui, &of.text(session.language()));
        ui.add_space(size::STEP);
        // The buttons stay in sight in a low window.
        let most = (ui.ctx().content_rect().height() - CHROME).max(LEAST);
        ScrollArea::vertical().id_salt("survey").max_height(most).auto_shrink([false, true]).show(ui, |ui| {
            choices(ui, session.language(), state, layer);
            ui.add_space(size::STEP);
            preview(ui, session.language(), state);
            ui.add_space(size::STEP);
            widgets::section(ui, session.tr("report.four-sides"));
            around(ui, &session.workspace, session.language(), state, id);
        });
        ui.add_space(8.0);
        buttons(ui, session.language(), id, layer, state, commands_of);
    });
    commands.append(&mut asked);
}

/// What people call a field; empty where that is not known.
fn titled<'l>(layer: &'l Layer, field: &str, language: Language) -> &'l str {
    fields::title(field, language).or_else(|| layer.words.alias_of(field)).unwrap_or("")
}

fn row(ui: &mut Ui, name: &str, content: impl FnOnce(&mut Ui)) {
    ui.horizontal(|ui| {
        ui.set_min_height(size::CONTROL + 2.0);
        ui.allocate_ui_with_layout(vec2(WORDS, size::CONTROL), Layout::left_to_right(Align::Center), |ui| {
            widgets::muted(ui, name);
            ui.take_available_width();
        });
        content(ui);
    });
}

/// How the TXT is written.
fn choices(ui: &mut Ui, language: Language, state: &mut State, layer: &Layer) {
    let options = &mut state.options;
    for place in PLACES {
        row(ui, place, |ui| {
            let now = options.fields.iter().find(|(known, _)| *known == place).map(|(_, field)| *field);
            let shown = now
                .and_then(|at| layer.fields.get(at))
                .map_or_else(|| tr(language, "survey.empty"), |field| field.name.as_str());
            let mut picked = None;
            choice(ui, place, shown, |ui| {
                ScrollArea::vertical().max_height(LIST).show(ui, |ui| {
                    if widgets::menu_row(ui, None, tr(language, "survey.empty"), "", Some(now.is_none())).clicked() {
                        picked = Some(None);
                        ui.close();
                    }
                    for (at, field) in layer.fields.iter().enumerate() {
                        let title = titled(layer, &field.name, language);
                        if widgets::menu_row(ui, None, &field.name, title, Some(now == Some(at))).clicked() {
                            picked = Some(Some(at));
                            ui.close();
                        }
                    }
                });
            });
            if let Some(field) = picked {
                options.fields.retain(|(known, _)| *known != place);
                options.fields.extend(field.map(|field| (place, field)));
            }
        });
    }
    row(ui, tr(language, "arrivals.encoding"), |ui| {
        for (encoding, name) in [(TxtEncoding::Gbk, "GBK"), (TxtEncoding::Utf8, "UTF-8")] {
            if widgets::segment(ui, name, options.encoding == encoding).clicked() {
                options.encoding = encoding;
            }
        }
        ui.add_space(12.0);
        widgets::muted(ui, tr(language, "survey.decimals"));
        for decimals in [2, 3, 4] {
            let name = Message::new("survey.decimals-n").with("n", decimals).text(language);
            if widgets::segment_named(ui, &decimals.to_string(), &name, options.decimals == decimals).clicked() {
                options.decimals = decimals;
            }
        }
    });
    row(ui, tr(language, "survey.ids"), |ui| {
        for (prefix, name) in [("J", "J1"), ("", "1")] {
            if widgets::segment(ui, name, options.id_prefix == prefix).clicked() {
                prefix.clone_into(&mut options.id_prefix);
            }
        }
        ui.add_space(12.0);
        let runs = [
            (Numbering::Plot, "survey.ids-plot"),
            (Numbering::Ring, "survey.ids-ring"),
            (Numbering::File, "survey.ids-file"),
        ];
        for (numbering, key) in runs {
            if widgets::segment(ui, tr(language, key), options.numbering == numbering).clicked() {
                options.numbering = numbering;
            }
        }
    });
    row(ui, tr(language, "survey.start"), |ui| {
        for corner in Corner::ALL {
            if widgets::segment(ui, tr(language, corner.key()), options.start == corner).clicked() {
                options.start = corner;
            }
        }
    });
    row(ui, tr(language, "survey.parts"), |ui| {
        for (parts, key) in [(Parts::Rings, "survey.parts-rings"), (Parts::Plots, "survey.parts-plots")] {
            if widgets::segment(ui, tr(language, key), options.parts == parts).clicked() {
                options.parts = parts;
            }
        }
        ui.add_space(12.0);
        for (with_zone, key) in [(true, "survey.with-zone"), (false, "survey.without-zone")] {
            if widgets::segment(ui, tr(language, key), options.with_zone == with_zone).clicked() {
                options.with_zone = with_zone;
            }
        }
    });
    row(ui, tr(language, "survey.producer"), |ui| {
        let hint = tr(language, "survey.producer-hint");
        widgets::field(ui, &mut options.producer, None, hint, tr(language, "survey.producer"), 220.0);
        widgets::field(ui, &mut options.date, None, "2025-06-01", tr(language, "survey.date"), 110.0);
    });
}

/// Has the text worked out that is shown.
fn ask(ui: &Ui, language: Language, state: &mut State, layer: &Arc<Layer>, rows: Option<Vec<usize>>) {
    state.preview.poll();
    let words = state.options.to_words(layer);
    let key = (layer.revision, words, rows.as_ref().map_or(usize::MAX, Vec::len));
    if state.preview.is_asked(&key) {
        return;
    }
    let (layer, options) = (layer.clone(), state.options.clone());
    let name = tr(language, "survey.card").to_owned();
    state.preview.start_task(ui.ctx(), key, &name, move |_| {
        let mut bytes = Vec::new();
        // What is read is text all the same: the preview is in Unicode.
        let shown = TxtOptions { encoding: TxtEncoding::Utf8, ..options.clone() };
        write_txt(&layer, rows.as_deref(), &shown, &mut bytes).map_err(|error| error.message())?;
        let written = write_txt(&layer, rows.as_deref(), &options, &mut std::io::sink());
        let written = written.map_err(|error| error.message())?;
        let text = String::from_utf8_lossy(&bytes);
        let lines = text.lines().take(LINES).map(str::to_owned).collect();
        Ok(Preview { lines, issues: written.issues, plot_count: written.plot_count })
    });
}

/// The text as it will stand in the file, and what the format cannot hold.
fn preview(ui: &mut Ui, language: Language, state: &mut State) {
    let t = tokens(ui);
    let start = tr(language, state.options.start.key());
    widgets::section(ui, &Message::new("survey.preview").with("start", start).text(language));
    match (state.preview.current(), state.preview.problem()) {
        (Some(preview), _) => {
            for issue in preview.issues.iter().take(ISSUES) {
                widgets::callout(ui, Tone::Warn, &issue.text(language));
                ui.add_space(2.0);
            }
            if preview.issues.len() > ISSUES {
                let more = Message::new("survey.more-issues").with("n", preview.issues.len() - ISSUES);
                widgets::note(ui, &more.text(language));
            }
            egui::Frame::new().fill(t.sunk).corner_radius(theme::radius()).inner_margin(egui::Margin::same(8)).show(
                ui,
                |ui| {
                    ScrollArea::both().id_salt("txt").max_height(170.0).auto_shrink([false, true]).show(ui, |ui| {
                        ui.spacing_mut().item_spacing.y = 1.0;
                        for line in &preview.lines {
                            let text = egui::RichText::new(line).font(font::note()).color(t.text);
                            ui.add(egui::Label::new(text).extend());
                        }
                        if preview.lines.len() == LINES {
                            widgets::muted(ui, "…");
                        }
                    });
                },
            );
            let n = crate::units::format_number(preview.plot_count as f64, 0);
            widgets::note(ui, &Message::new("survey.plots").with("n", n).text(language));
        }
        (None, Some(problem)) => {
            widgets::callout(ui, Tone::Bad, &problem.message().text(language));
            if widgets::button(ui, Some(icons::REFRESH_CW), tr(language, "ui.try-again")).clicked() {
                state.preview.retry();
            }
        }
        (None, None) => {
            ui.horizontal(|ui| {
                ui.add(egui::Spinner::new().size(size::ICON_SMALL));
                widgets::muted(ui, tr(language, "survey.previewing"));
            });
        }
    }
}

/// Which layer and field tell what lies on the four sides.
fn around(ui: &mut Ui, workspace: &Workspace, language: Language, state: &mut State, id: LayerId) {
    widgets::note(ui, tr(language, "survey.sides-note"));
    let others = |entry: &&Entry| entry.layer.kind == GeometryKind::Polygon && entry.id() != id;
    if !workspace.entries.iter().any(|entry| others(&entry)) {
        widgets::callout(ui, Tone::Quiet, tr(language, "survey.no-around"));
        return;
    }
    row(ui, tr(language, "survey.around"), |ui| {
        let now = state.around.and_then(|around| workspace.entry(around));
        let shown = now.map_or_else(|| tr(language, "survey.choose"), |entry| entry.title.as_str());
        let mut picked = None;
        choice(ui, tr(language, "survey.around"), shown, |ui| {
            ScrollArea::vertical().max_height(LIST).show(ui, |ui| {
                for entry in workspace.entries.iter().filter(others) {
                    if widgets::menu_row(ui, None, &entry.title, "", Some(state.around == Some(entry.id()))).clicked() {
                        picked = Some(entry.id());
                        ui.close();
                    }
                }
            });
        });
        if let Some(entry) = now {
            let field = state.field.clone().unwrap_or_default();
            let shown = if field.is_empty() { tr(language, "survey.choose") } else { field.as_str() };
            choice(ui, tr(language, "survey.around-field"), shown, |ui| {
                ScrollArea::vertical().max_height(LIST).show(ui, |ui| {
                    for known in entry.layer.fields.iter() {
                        let title = titled(&entry.layer, &known.name, language);
                        if widgets::menu_row(ui, None, &known.name, title, Some(known.name == field)).clicked() {
                            state.field = Some(known.name.clone());
                            ui.close();
                        }
                    }
                });
            });
        }
        if picked.is_some() {
            (state.around, state.field) = (picked, None);
        }
    });
}

fn buttons(ui: &mut Ui, language: Language, id: LayerId, layer: &Layer, state: &State, commands: &mut Vec<Command>) {
    let words = state.options.to_words(layer);
    let around = state.around.zip(state.field.clone());
    let mut order = |product| {
        commands.push(Command::Tree(TreeCommand::Survey(Order {
            layer: id,
            product,
            words: words.clone(),
            around: around.clone(),
        })));
    };
    ui.horizontal(|ui| {
        let ready = state.preview.current().is_some();
        let pressed = ui.add_enabled_ui(ready, |ui| {
            widgets::primary_button(ui, Some(icons::FILE_DOWN), tr(language, "survey.write-txt")).clicked()
        });
        if pressed.inner {
            order(Product::Txt);
        }
        if widgets::button(ui, None, tr(language, "survey.write-points")).clicked() {
            order(Product::Points);
        }
        let pressed = ui.add_enabled_ui(around.is_some(), |ui| {
            let button = widgets::button(ui, None, tr(language, "survey.write-sides"));
            button.on_disabled_hover_text(tr(language, "survey.sides-first")).clicked()
        });
        if pressed.inner {
            order(Product::Sides);
        }
    });
}
