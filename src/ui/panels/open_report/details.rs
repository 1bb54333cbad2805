//! What is known of the file that is chosen: how its text reads in each encoding, its issues, its fields.

use std::path::PathBuf;

use eframe::egui::{self, Align, Layout, Role, ScrollArea, Sense, Ui, WidgetInfo, pos2, vec2};

use crate::io::{Encoding, TextPreview, text_previews};
use crate::model::{Layer, LayerId};
use crate::report::arrivals::worst_first;
use crate::text::{Language, Message, tr};
use crate::ui::look::icons;
use crate::ui::look::theme::{self, font, size, tokens};
use crate::ui::look::widgets;
use crate::ui::session::Session;
use crate::ui::session::awaited::Awaited;
use crate::ui::session::command::Command;
use crate::ui::session::command::file::FileCommand;
use crate::ui::session::opening::{ArrivedFile, OpenChoice, OpenReport};
use crate::ui::work::columns::type_key;
use crate::ui::work::faults;

/// Issues that are listed; the rest is counted.
const LISTED: usize = 60;

#[derive(Clone, Copy, Default, PartialEq)]
enum Tab {
    #[default]
    Issues,
    Encoding,
    Fields,
}

/// What is remembered between frames.
#[derive(Default)]
pub(super) struct State {
    tab: Tab,
    previews: Awaited<PathBuf, Vec<TextPreview>>,
}

/// Draws it in the rest of the room.
pub(super) fn ui(ui: &mut Ui, session: &Session, report: &OpenReport, state: &mut State, commands: &mut Vec<Command>) {
    let Some(file) = report.files.get(report.shown) else { return };
    let t = tokens(ui);
    ask(ui, file, state);
    let (head, _) = ui.allocate_exact_size(vec2(ui.available_width(), 36.0), Sense::hover());
    ui.painter().rect_filled(head, 0.0, t.window);
    ui.painter().hline(head.x_range(), head.bottom(), theme::line(t));
    let inner = head.shrink2(vec2(14.0, 4.0));
    let mut child = ui.new_child(egui::UiBuilder::new().max_rect(inner).layout(Layout::right_to_left(Align::Center)));
    let tabs = [
        (Tab::Fields, "ui.report-fields"),
        (Tab::Encoding, "arrivals.encoding"),
        (Tab::Issues, "arrivals.issues-title"),
    ];
    for (tab, key) in tabs {
        if widgets::segment(&mut child, session.tr(key), state.tab == tab).clicked() {
            state.tab = tab;
        }
    }
    child.with_layout(Layout::left_to_right(Align::Center), |ui| {
        widgets::label(ui, &file.arrival.name(), font::heading(), t.text);
    });
    ui.spacing_mut().item_spacing.y = 0.0;
    ScrollArea::vertical().id_salt(("details", report.shown)).auto_shrink([false, false]).show(ui, |ui| {
        egui::Frame::new().inner_margin(egui::Margin::symmetric(14, 6)).show(ui, |ui| match state.tab {
            Tab::Issues => issues(ui, session, file, commands),
            Tab::Encoding => encodings(ui, session.language(), report.shown, file, state, commands),
            Tab::Fields => fields(ui, session, file),
        });
    });
}

/// Has the previews of the file worked out.
fn ask(ui: &Ui, file: &ArrivedFile, state: &mut State) {
    state.previews.poll();
    let path = &file.arrival.path;
    if state.previews.is_asked(path) {
        return;
    }
    // A text that is hard to read is what the user has to look at first.
    let odd =
        |issue: &crate::model::Issue| issue.message.key.contains("encoding") || issue.message.key == "io.damaged-text";
    state.tab = if file.issues.iter().any(odd) { Tab::Encoding } else { Tab::default() };
    let asked = path.clone();
    state.previews.start_task(ui.ctx(), path.clone(), "previews", move |progress| {
        text_previews(&asked, progress).map_err(|error| error.message())
    });
}

/// The issues; those of a file that is open lead to their place on the map, for which the card is put aside.
fn issues(ui: &mut Ui, session: &Session, file: &ArrivedFile, commands: &mut Vec<Command>) {
    let t = tokens(ui);
    let language = session.language();
    if file.issues.is_empty() {
        let said = file
            .arrival
            .worst
            .as_ref()
            .map_or_else(|| tr(language, "ui.report-no-issues").to_owned(), |w| w.text(language));
        widgets::note(ui, &said);
        return;
    }
    for issue in worst_first(&file.issues).into_iter().take(LISTED) {
        let (icon, color) = match issue.severity {
            crate::model::Severity::Note => (icons::INFO, t.muted),
            crate::model::Severity::Warning => (icons::TRIANGLE_ALERT, t.warn),
            crate::model::Severity::Error => (icons::CIRCLE_ALERT, t.bad),
        };
        let row = ui.horizontal_top(|ui| {
            ui.set_min_height(size::TABLE_ROW);
            ui.spacing_mut().item_spacing.x = 8.0;
            widgets::icon(ui, icon, color);
            let place = match (issue.line, issue.feature) {
                (Some(line), _) => Message::new("ui.report-line").with("n", line).text(language),
                (None, Some(feature)) => Message::new("ui.report-feature").with("n", feature + 1).text(language),
                (None, None) => String::new(),
            };
            if !place.is_empty() {
                widgets::label(ui, &place, font::note(), t.muted);
            }
            ui.add(egui::Label::new(egui::RichText::new(issue.text(language)).font(font::table())).wrap());
        });
        let has_place = issue.feature.is_some() || issue.place.is_some();
        if !has_place || file.layers.is_empty() {
            continue;
        }
        let row = row.response.interact(Sense::click());
        let name = Message::new("ui.report-show").with_said("issue", |language| issue.text(language)).text(language);
        row.widget_info(|| WidgetInfo::labeled(Role::Button, true, &name));
        widgets::focus_ring(ui, &row);
        if row.clicked() {
            let holds = |id: &&LayerId| session.layer(**id).is_some_and(|layer| layer.issues.contains(issue));
            if let Some(layer) = file.layers.iter().find(holds).or(file.layers.first()) {
                commands.push(Command::File(FileCommand::AnswerOpen(OpenChoice::Aside)));
                commands.extend(faults::way_to(session, *layer, issue));
            }
        }
        row.on_hover_text(session.tr("ui.report-show-tip"));
    }
    if file.issues.len() > LISTED {
        widgets::note(ui, &Message::new("ui.report-more").with("n", file.issues.len() - LISTED).text(language));
    }
}

fn encodings(
    ui: &mut Ui,
    language: Language,
    at: usize,
    file: &ArrivedFile,
    state: &State,
    commands: &mut Vec<Command>,
) {
    let previews = match (state.previews.current(), state.previews.problem()) {
        (Some(previews), _) => previews,
        (None, Some(problem)) => {
            widgets::note(ui, &problem.message().text(language));
            return;
        }
        (None, None) => {
            ui.add(egui::Spinner::new().size(size::ICON_SMALL));
            return;
        }
    };
    if previews.is_empty() {
        let said = Message::new("ui.report-prescribed").with("encoding", &file.arrival.encoding);
        widgets::note(ui, &said.text(language));
        return;
    }
    let read_as = file.encoding.map_or_else(|| file.arrival.encoding.clone(), |encoding| encoding.to_string());
    for preview in previews {
        let name = preview.encoding.to_string();
        // UTF-8 with a mark or damaged is UTF-8 all the same.
        let on = name == read_as || preview.encoding == Encoding::Utf8 && read_as.starts_with("UTF-8");
        if encoding_row(ui, language, preview, on).clicked() && !on && !file.rereading {
            commands.push(Command::File(FileCommand::AnswerOpen(OpenChoice::Encode {
                file: at,
                encoding: preview.encoding,
            })));
        }
    }
    widgets::note(ui, tr(language, "ui.report-encoding-note"));
}

fn encoding_row(ui: &mut Ui, language: Language, preview: &TextPreview, on: bool) -> egui::Response {
    let t = tokens(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 28.0), Sense::click());
    let name = preview.encoding.to_string();
    response.widget_info(|| WidgetInfo::selected(Role::RadioButton, true, on, &name));
    if on || response.hovered() {
        ui.painter().rect_filled(rect, theme::radius(), if on { t.accent_tint } else { t.hover });
    }
    let place = egui::Rect::from_center_size(pos2(rect.left() + 14.0, rect.center().y), vec2(14.0, 14.0));
    let (icon, ink) = if on { (icons::CIRCLE_DOT, t.accent) } else { (icons::CIRCLE, t.muted) };
    widgets::paint_icon(ui, place, icon, size::ICON_SMALL, ink);
    let text = |ui: &Ui, left: f32, said: &str, face, ink, room: f32| {
        let galley = widgets::cut(ui, said, face, ink, room);
        ui.painter().galley(pos2(left, rect.center().y - galley.size().y / 2.0), galley, ink);
    };
    text(ui, rect.left() + 30.0, &name, font::heading(), t.text, 80.0);
    let right = Message::new("ui.report-readable")
        .with("right", preview.right_count)
        .with("n", preview.text_count)
        .text(language);
    let ink = if preview.right_count > 0 { t.text } else { t.faint };
    // What is read wrongly is full of signs that no font has.
    let texts = widgets::drawable(ui, &preview.texts.join("   "));
    text(ui, rect.left() + 112.0, &texts, font::table(), ink, rect.width() - 260.0);
    text(ui, rect.right() - 138.0, &right, font::note(), t.muted, 134.0);
    widgets::focus_ring(ui, &response);
    response
}

fn fields(ui: &mut Ui, session: &Session, file: &ArrivedFile) {
    let t = tokens(ui);
    let waiting = file.opened.iter().flat_map(|opened| &opened.layers);
    let open = file.layers.iter().filter_map(|id| session.layer(*id)).map(|layer| &**layer);
    let Some(layer) = waiting.chain(open).next() else {
        widgets::note(ui, session.tr("ui.report-no-fields"));
        return;
    };
    for (at, field) in layer.fields.iter().enumerate() {
        ui.horizontal(|ui| {
            ui.set_min_height(size::TABLE_ROW);
            let column = |ui: &mut Ui, width: f32, said: &str, ink| {
                ui.allocate_ui_with_layout(vec2(width, size::TABLE_ROW), Layout::left_to_right(Align::Center), |ui| {
                    widgets::label(ui, said, font::table(), ink);
                    ui.take_available_width();
                });
            };
            column(ui, 170.0, &field.name, t.text);
            column(ui, 60.0, session.tr(type_key(field.kind)), t.muted);
            let rest = ui.available_width();
            column(ui, rest, &values(layer, at), t.text);
        });
    }
}

/// The first values of a field, each once.
fn values(layer: &Layer, field: usize) -> String {
    let mut seen: Vec<String> = Vec::new();
    for row in 0..layer.feature_count().min(300) {
        let value = layer.value(row, field);
        let text: String = value.to_string().trim().chars().take(24).collect();
        if !value.is_null() && !text.is_empty() && !seen.contains(&text) {
            seen.push(text);
        }
        if seen.len() == 6 {
            break;
        }
    }
    seen.join("   ")
}
