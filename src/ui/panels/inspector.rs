//! The inspector: what was identified on the map, its areas, attributes and shape.

use eframe::egui::{self, Align, Layout, Margin, Rect, Response, Role, Sense, Ui, Vec2, WidgetInfo, pos2, vec2};

use crate::model::roles::fields;
use crate::model::{GeometryKind, Severity, Value};
use crate::scenario::{Entry, Workspace};
use crate::text::{Language, Message, tr};
use crate::ui::look::theme::{font, size, tokens};
use crate::ui::look::widgets::{self, Tone};
use crate::ui::look::{icons, swatch};
use crate::ui::panels::edit::menus;
use crate::ui::panels::inspector::areas::{areas_ui, length_ui};
use crate::ui::panels::inspector::figures::{Cache, FeatureFigures};
use crate::ui::session::Session;
use crate::ui::session::command::Command;
use crate::ui::session::command::select::SelectCommand;
use crate::ui::session::command::table::TableCommand;
use crate::ui::session::derived::Derived;
use crate::ui::session::project::Project;
use crate::ui::session::rows::FeatureRef;
use crate::ui::session::why::Why;
use crate::ui::work::columns;
use crate::ui::work::line_shares;
use crate::ui::work::why;
use crate::units::format_number;

mod areas;
mod figures;
mod lines;
pub mod red_line;
mod ridges;

/// What is remembered between frames.
#[derive(Default)]
pub struct State {
    cache: Cache,
    red_line: red_line::State,
    ridges: ridges::State,
}

/// Height of a line of figures or attributes.
const LINE: f32 = 22.0;

/// Draws the inspector.
pub fn ui(ui: &mut Ui, session: &Session, state: &mut State, commands: &mut Vec<Command>) {
    ui.spacing_mut().item_spacing.y = 0.0;
    if red_line::is_page(session) {
        red_line::page(ui, session, &mut state.red_line, commands);
        return;
    }
    heading(ui, &session.project, session.language(), commands);
    let shown = session.project.identified.current();
    let entry = shown.and_then(|shown| session.workspace.entry(shown.layer));
    let Some((shown, entry)) = shown.zip(entry).filter(|(shown, entry)| shown.feature < entry.layer.feature_count())
    else {
        if line_shares::selection(session).is_none() {
            widgets::empty_state(ui, icons::MOUSE_POINTER_2, session.tr("ui.identify-empty"), |_| {});
            return;
        }
        egui::ScrollArea::vertical().id_salt("inspector-selection").auto_shrink(false).show(ui, |ui| {
            block(ui, |ui| lines::selection_ui(ui, session, commands));
        });
        return;
    };
    let figures = state.cache.figures(ui.ctx(), entry, shown.feature);
    egui::ScrollArea::vertical().id_salt("inspector").auto_shrink(false).show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        block(ui, |ui| title_ui(ui, &session.derived, session.language(), entry, shown, commands));
        block(ui, |ui| edit_ui(ui, &session.project, session.language(), shown, commands));
        match entry.layer.kind {
            GeometryKind::Polygon => {
                widgets::hairline(ui);
                block(ui, |ui| areas_ui(ui, session, entry, shown.feature, figures, commands));
            }
            GeometryKind::Line => {
                widgets::hairline(ui);
                block(ui, |ui| length_ui(ui, session.language(), (entry, shown.feature), figures, commands));
            }
            GeometryKind::Point | GeometryKind::None => {}
        }
        if let Some(figures) = figures
            && !figures.issues.is_empty()
        {
            widgets::hairline(ui);
            block(ui, |ui| issues_ui(ui, session.language(), figures));
        }
        if lines::has_answer(&session.line_shares.feature) {
            widgets::hairline(ui);
            block(ui, |ui| lines::ui(ui, session, &session.line_shares.feature, commands));
        }
        if line_shares::selection(session).is_some_and(|(layer, rows)| layer == shown.layer && rows.len() > 1) {
            widgets::hairline(ui);
            block(ui, |ui| lines::selection_ui(ui, session, commands));
        }
        if crate::ui::work::red_line::is_worth_saying(session) {
            widgets::hairline(ui);
            block(ui, |ui| red_line::answer_ui(ui, session, &mut state.red_line, commands));
        }
        if state.ridges.asks(&session.workspace, &session.project, entry, shown) {
            widgets::hairline(ui);
            block(ui, |ui| ridges::ui(ui, session.language(), &mut state.ridges, shown, commands));
        }
        widgets::hairline(ui);
        block(ui, |ui| attributes_ui(ui, &session.workspace, session.language(), entry, shown.feature, commands));
        widgets::hairline(ui);
        block(ui, |ui| shape_ui(ui, session.language(), entry, shown.feature, figures, commands));
    });
}

pub(in crate::ui) fn block(ui: &mut Ui, content: impl FnOnce(&mut Ui)) {
    egui::Frame::new().inner_margin(Margin::symmetric(size::MARGIN as i8, 8)).show(ui, |ui| {
        ui.set_width(ui.available_width());
        content(ui);
    });
}

fn heading(ui: &mut Ui, project: &Project, language: Language, commands: &mut Vec<Command>) {
    let hits = &project.identified;
    ui.allocate_ui_with_layout(
        vec2(ui.available_width(), size::PANEL_HEADING),
        Layout::left_to_right(Align::Center),
        |ui| {
            ui.add_space(size::MARGIN);
            widgets::section(ui, tr(language, "ui.identify"));
            if !hits.hits.is_empty() {
                let text = Message::new("ui.identify-stack").with("i", hits.shown + 1).with("n", hits.hits.len());
                widgets::muted(ui, &text.text(language));
            }
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                ui.spacing_mut().item_spacing.x = 2.0;
                ui.add_space(8.0);
                // Over the map it can be put away.
                let narrow = ui.ctx().content_rect().width() < size::NARROW;
                if narrow && widgets::icon_button(ui, icons::X, tr(language, "ui.close")).clicked() {
                    commands.push(Command::Select(SelectCommand::Identify(Vec::new())));
                }
                let last = hits.hits.len().saturating_sub(1);
                ui.add_enabled_ui(hits.shown < last, |ui| {
                    if widgets::icon_button(ui, icons::CHEVRON_RIGHT, tr(language, "ui.identify-next")).clicked() {
                        commands.push(Command::Select(SelectCommand::ShowIdentified(hits.shown + 1)));
                    }
                });
                ui.add_enabled_ui(hits.shown > 0, |ui| {
                    if widgets::icon_button(ui, icons::CHEVRON_LEFT, tr(language, "ui.identify-previous")).clicked() {
                        commands.push(Command::Select(SelectCommand::ShowIdentified(hits.shown - 1)));
                    }
                });
            });
        },
    );
}

/// The button for edits, and how many features they would be of.
fn edit_ui(ui: &mut Ui, project: &Project, language: Language, shown: FeatureRef, commands: &mut Vec<Command>) {
    ui.horizontal(|ui| {
        menus::button(ui, project, language, Some(shown), commands);
        let selected = project.selection.rows(shown.layer).filter(|rows| rows.contains(shown.feature));
        if let Some(rows) = selected.filter(|rows| rows.len() > 1) {
            let n = format_number(rows.len() as f64, 0);
            widgets::muted(ui, &Message::new("edit.n-selected").with("n", n).text(language));
        }
    });
}

/// Layer, number, and what the feature is: its class, else its name, else its number.
fn title_ui(
    ui: &mut Ui,
    derived: &Derived,
    language: Language,
    entry: &Entry,
    shown: FeatureRef,
    commands: &mut Vec<Command>,
) {
    let t = tokens(ui);
    let number = format_number((entry.layer.source_row(shown.feature) + 1) as f64, 0);
    ui.horizontal(|ui| {
        ui.set_height(20.0);
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if widgets::icon_button_small(ui, icons::MAXIMIZE, tr(language, "panels.zoom-to")).clicked() {
                commands.push(Command::Select(SelectCommand::ShowFeature(shown)));
            }
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                widgets::label(ui, &format!("{} · #{number}", entry.title), font::note(), t.muted);
            });
        });
    });
    let name = entry.label_field().map(|field| entry.layer.value(shown.feature, field)).filter(|name| !name.is_null());
    let title = match (entry.class_of(shown.feature), name) {
        (Some(class), _) => class.label(language),
        (None, Some(name)) => name.to_string(),
        (None, None) => match entry.layer.feature_id(shown.feature) {
            Some(id) => id,
            None => Message::new("panels.feature").with("number", &number).text(language),
        },
    };
    ui.add_space(2.0);
    ui.horizontal_top(|ui| {
        let index = derived.symbols(shown.layer).and_then(|symbols| symbols.get(shown.feature)).copied();
        if let Some(symbol) = derived.style_in_legend(entry).symbol(usize::from(index.unwrap_or(0))) {
            let (rect, _) = ui.allocate_exact_size(vec2(size::SWATCH, 22.0), Sense::hover());
            swatch::paint(ui, Rect::from_center_size(rect.center(), Vec2::splat(size::SWATCH)), symbol, true);
        }
        let text = egui::RichText::new(&title).font(font::title()).color(t.text);
        let label = ui.add(egui::Label::new(text).wrap().selectable(true));
        label.widget_info(|| WidgetInfo::labeled(Role::Heading, true, &title));
    });
}

fn issues_ui(ui: &mut Ui, language: Language, figures: &FeatureFigures) {
    widgets::section(ui, tr(language, "ui.tab-issues"));
    for issue in &figures.issues {
        ui.add_space(6.0);
        let tone = match issue.severity {
            Severity::Note => Tone::Quiet,
            Severity::Warning => Tone::Warn,
            Severity::Error => Tone::Bad,
        };
        let mut text = issue.text(language);
        if let Some(line) = issue.line {
            text.push_str(&Message::new("panels.in-line").with("line", line).text(language));
        }
        widgets::callout(ui, tone, &text);
    }
}

fn attributes_ui(
    ui: &mut Ui,
    workspace: &Workspace,
    language: Language,
    entry: &Entry,
    feature: usize,
    commands: &mut Vec<Command>,
) {
    let t = tokens(ui);
    widgets::section(ui, tr(language, "ui.attributes"));
    ui.add_space(4.0);
    if entry.layer.fields.is_empty() {
        widgets::muted(ui, tr(language, "panels.no-attributes"));
    }
    if let Some(id) = entry.layer.feature_id(feature) {
        value_line(ui, language, "id", "", &id, commands);
    }
    let class_field = entry.class_field();
    let before = workspace.before(entry.id(), feature);
    for (at, field) in entry.layer.fields.iter().enumerate() {
        let value = entry.layer.value(feature, at);
        // What is known of the field comes before what its source calls it.
        let title = columns::field_title(entry, at, language);
        let (label, code) = title.map_or((field.name.as_str(), ""), |title| (title, field.name.as_str()));
        let scheme = entry.scheme().filter(|_| class_field == Some(at));
        let spelled = |text: &str| match fields::meaning(&field.name, text, scheme, language) {
            Some(meaning) => format!("{text} {meaning}"),
            None => match entry.layer.words.meaning_of(&field.name, text) {
                Some(meaning) => format!("{text} {meaning}"),
                None => text.to_owned(),
            },
        };
        // What an edit changed says what it was.
        let old = before.filter(|(base, _)| at < base.fields.len()).map(|(base, row)| base.value(row, at));
        let old = old.filter(|old| *old != value && old.to_string() != value.to_string());
        let was = old.map(|old| match old {
            Value::Null => tr(language, "edit.was-empty").to_owned(),
            old => Message::new("edit.was").with("value", spelled(&old.to_string())).text(language),
        });
        let was_ui = |ui: &mut Ui| {
            if let Some(was) = &was {
                widgets::label(ui, was, font::note(), t.accent);
            }
        };
        let text = match value {
            Value::Null => {
                let line = line_ui(ui, label, code, |ui| {
                    widgets::label(ui, tr(language, "panels.no-value"), font::body(), t.faint);
                    was_ui(ui);
                });
                field_tip(line, entry, at, language);
                continue;
            }
            value => value.to_string(),
        };
        let shown = spelled(&text);
        let line = line_ui(ui, label, code, |ui| {
            let label = egui::Label::new(egui::RichText::new(&shown).font(font::body()).color(t.text)).wrap();
            copies(ui.add(label.selectable(true).sense(Sense::click())), language, &text, commands);
            was_ui(ui);
        });
        field_tip(line, entry, at, language);
    }
}

/// What is known of a field, when the pointer stays on it.
fn field_tip(line: Response, entry: &Entry, at: usize, language: Language) {
    line.on_hover_ui(|ui| {
        let name = &entry.layer.fields[at].name;
        let first = format!("{name} · {}", columns::field_kind(entry, at, language));
        let lines = std::iter::once(first).chain(columns::field_details(entry, at, language));
        ui.label(lines.collect::<Vec<String>>().join("\n"));
    });
}

fn shape_ui(
    ui: &mut Ui,
    language: Language,
    entry: &Entry,
    feature: usize,
    figures: Option<&FeatureFigures>,
    commands: &mut Vec<Command>,
) {
    widgets::section(ui, tr(language, "panels.shape"));
    ui.add_space(4.0);
    let layer = &entry.layer;
    let (block, row) = layer.locate(feature);
    if block.geometry.is_null(row) {
        widgets::muted(ui, tr(language, "panels.null-shape"));
    } else if let Some(figures) = figures {
        if let Some(areas) = &figures.areas {
            let perimeter = format!("{} {}", areas.perimeter.geodesic.display_m(), tr(language, "units.m"));
            let title = tr(language, "panels.perimeter");
            let ask = || {
                let title = format!("{} · {} · {title}", entry.title, why::name_of(&entry.layer, feature));
                Some(why::feature_length(entry, feature, &title, areas.perimeter.geodesic))
            };
            asked_line(ui, language, (title, ""), &perimeter, ask, commands);
        }
        let (vertices, parts, holes) = figures.counts;
        let count = |n: usize| format_number(n as f64, 0);
        let (key, text) = match layer.kind {
            GeometryKind::Polygon => {
                ("panels.vertices-parts-holes", format!("{} / {} / {}", count(vertices), count(parts), count(holes)))
            }
            GeometryKind::Line => ("panels.vertices-parts", format!("{} / {}", count(vertices), count(parts))),
            GeometryKind::Point | GeometryKind::None => ("panels.points", count(vertices)),
        };
        value_line(ui, language, tr(language, key), "", &text, commands);
        if layer.kind == GeometryKind::Point
            && let Some(place) = block.geometry.points(row).first()
        {
            let decimals = if layer.crs.is_geographic() { 8 } else { 3 };
            let text = format!("{:.decimals$}, {:.decimals$}", place.x, place.y);
            value_line(ui, language, tr(language, "panels.position"), "", &text, commands);
        }
    }
    let crs = layer.crs.label_in(language);
    value_line(ui, language, tr(language, "panels.crs"), "", &crs, commands);
    if let Some(line) = layer.line(feature) {
        value_line(ui, language, tr(language, "panels.source-line"), "", &format_number(line as f64, 0), commands);
    }
}

/// A label at the left, what it is at the right.
fn line_ui(ui: &mut Ui, label: &str, code: &str, value: impl FnOnce(&mut Ui)) -> egui::Response {
    let t = tokens(ui);
    let width = (ui.available_width() * 0.40).clamp(90.0, 160.0);
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = 8.0;
        let (rect, response) = ui.allocate_exact_size(vec2(width, LINE), Sense::hover());
        let mut job = egui::text::LayoutJob::default();
        job.append(label, 0.0, egui::TextFormat::simple(font::body(), t.muted));
        // The name of the column stands behind its title where there is room for all of it.
        let wide = |text: &str, face| ui.painter().layout_no_wrap(text.to_owned(), face, t.muted).size().x;
        if !code.is_empty() && wide(label, font::body()) + 6.0 + wide(code, font::note()) <= width {
            job.append(code, 6.0, egui::TextFormat::simple(font::note(), t.faint));
        }
        job.wrap = egui::text::TextWrapping::truncate_at_width(width);
        let galley = ui.painter().layout_job(job);
        ui.painter().galley(pos2(rect.left(), rect.top() + 2.0), galley, t.muted);
        response.widget_info(|| WidgetInfo::labeled(Role::Label, true, label));
        ui.vertical(|ui| {
            ui.add_space(2.0);
            value(ui);
            ui.add_space(2.0);
        });
        response
    })
    .inner
}

/// A line whose value is copied by a click.
pub(in crate::ui) fn value_line(
    ui: &mut Ui,
    language: Language,
    label: &str,
    code: &str,
    text: &str,
    commands: &mut Vec<Command>,
) {
    asked_line(ui, language, (label, code), text, || None, commands);
}

/// The same with a figure that says why it is what it is.
pub(in crate::ui) fn asked_line(
    ui: &mut Ui,
    language: Language,
    (label, code): (&str, &str),
    text: &str,
    ask: impl FnOnce() -> Option<Why>,
    commands: &mut Vec<Command>,
) {
    let t = tokens(ui);
    line_ui(ui, label, code, |ui| {
        let value = egui::Label::new(egui::RichText::new(text).font(font::body()).color(t.text)).wrap();
        let value = ui.add(value.selectable(true).sense(Sense::click()));
        why::asks(&value, ask, commands);
        copies(value, language, text, commands);
    });
}

/// A click on `response` copies `text`.
pub(in crate::ui) fn copies(response: egui::Response, language: Language, text: &str, commands: &mut Vec<Command>) {
    if response.clicked() {
        commands.push(Command::Table(TableCommand::CopyText(text.to_owned())));
    }
    response.on_hover_text(tr(language, "panels.click-copies"));
}
