//! The bar over the map while a scenario is shown: a chip a rule, and what came in and went out against the target.

use eframe::egui::{self, Align, Layout, Rect, Role, Sense, Ui, Vec2, WidgetInfo, pos2, vec2};

use crate::model::GeometryKind;
use crate::report::transition;
use crate::rules::{Light, Outcome, Rule};
use crate::scenario::plan::watch;
use crate::text::{Language, Message, tr};
use crate::ui::look::icons::{self, Icon};
use crate::ui::look::theme::{self, font, size, tokens};
use crate::ui::look::widgets::{self, Tone};
use crate::ui::session::Session;
use crate::ui::session::awaited::{Awaiting, Problem};
use crate::ui::session::command::Command;
use crate::ui::session::command::rules::RulesCommand;
use crate::ui::session::command::scenario::ScenarioCommand;
use crate::ui::session::command::window::WindowCommand;
use crate::ui::session::judging::Judging;
use crate::ui::session::parts::RulesPage;
use crate::ui::work::columns::signed;
use crate::ui::work::{judging, measuring, why};
use crate::units::{Area, AreaUnit, format_number};

/// What is remembered between frames.
#[derive(Default)]
pub struct State {
    target: String,
}

/// Draws the bar.
pub fn ui(ui: &mut Ui, session: &Session, state: &mut State, commands: &mut Vec<Command>) {
    ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
        ui.spacing_mut().item_spacing.x = 8.0;
        ui.add_space(size::MARGIN);
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            ui.spacing_mut().item_spacing.x = 8.0;
            ui.add_space(size::MARGIN);
            flow_ui(ui, session, state, commands);
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                let text = egui::RichText::new(session.tr("edit.rules")).color(tokens(ui).muted);
                let open = widgets::text_button(ui, text.into(), session.tr("edit.open-rules"));
                if open.on_hover_text(session.tr("edit.open-rules")).clicked() {
                    commands.push(Command::Rules(RulesCommand::Open(Some(RulesPage::Text(None)))));
                }
                chips(ui, &session.judging, session.language(), commands);
            });
        });
    });
}

fn chips(ui: &mut Ui, judging: &Judging, language: Language, commands: &mut Vec<Command>) {
    if let Some(unreadable) = &judging.unreadable {
        widgets::label(ui, &unreadable.text(language), font::body(), tokens(ui).bad);
        return;
    }
    if judging.rules.rules.is_empty() {
        widgets::muted(ui, tr(language, "edit.no-rules"));
        if widgets::button(ui, Some(icons::PENCIL), tr(language, "edit.write-rules")).clicked() {
            commands.push(Command::Rules(RulesCommand::Open(Some(RulesPage::Text(None)))));
        }
        return;
    }
    if let Some(problem) = judging.rules_problem() {
        stopped(ui, language, tr(language, "edit.rules"), problem, Awaiting::Rules, commands);
    }
    // What is wrong stands first; what has no room is one chip more.
    let mut order: Vec<(&Rule, &Outcome)> =
        judging.outcomes.iter().filter_map(|outcome| Some((judging.rules.rules.get(outcome.rule)?, outcome))).collect();
    order.sort_by_key(|(_, outcome)| outcome.light);
    ui.spacing_mut().item_spacing.x = GAP;
    let room = ui.available_width();
    let widths: Vec<f32> =
        order.iter().map(|(rule, outcome)| Chip::of(ui, rule, outcome, NAME, language).width()).collect();
    let shown = fitting(&widths, room, MORE);
    // The first shows in any case, by a shorter name where it must.
    let rest_width = if shown < order.len().max(1) { MORE + GAP } else { 0.0 };
    let name = match (shown, widths.first()) {
        (0, Some(width)) => (NAME - (width + rest_width - room)).max(24.0),
        _ => NAME,
    };
    let shown = shown.max(1).min(order.len());
    for (rule, outcome) in &order[..shown] {
        chip(ui, judging, language, rule, outcome, name, commands);
    }
    if shown < order.len() {
        more_chip(ui, judging, language, &order[shown..], commands);
    }
}

/// Room between two chips.
const GAP: f32 = 6.0;

/// Width of the chip that stands for those without room.
const MORE: f32 = 64.0;

/// How many of things of these widths, in their order, have room beside each other; where not all have, `more` is kept
/// free for what stands for the others.
fn fitting(widths: &[f32], room: f32, more: f32) -> usize {
    let within = |room: f32| {
        let mut right = -GAP;
        widths
            .iter()
            .take_while(|width| {
                right += GAP + **width;
                right <= room
            })
            .count()
    };
    if within(room) == widths.len() { widths.len() } else { within(room - GAP - more) }
}

/// The rules that have no room in one chip: how many, in the colour of the worst; pressed, their list.
fn more_chip(
    ui: &mut Ui,
    judging: &Judging,
    language: Language,
    rest: &[(&Rule, &Outcome)],
    commands: &mut Vec<Command>,
) {
    let t = tokens(ui);
    let Some(worst) = rest.iter().map(|(_, outcome)| outcome.light).min() else { return };
    let (tone, icon) = looks(worst);
    let (ink, ground) = tone.colors(ui);
    let galley = ui.painter().layout_no_wrap(format!("+{}", rest.len()), font::heading(), t.text);
    let (rect, response) = ui.allocate_exact_size(vec2(MORE, size::CONTROL), Sense::click());
    let full = Message::new("edit.more-rules").with("n", rest.len()).with("light", worst.title(language));
    let full = full.text(language);
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &full));
    ui.painter().rect_filled(rect, rect.height() / 2.0, ground);
    if response.hovered() {
        let stroke = egui::Stroke::new(size::LINE, ink);
        ui.painter().rect_stroke(rect, rect.height() / 2.0, stroke, egui::StrokeKind::Inside);
    }
    let mark = Rect::from_center_size(pos2(rect.left() + 16.0, rect.center().y), Vec2::splat(size::ICON));
    widgets::paint_icon(ui, mark, icon, size::ICON_SMALL, ink);
    let middle = pos2((rect.left() + 28.0 + rect.right() - 8.0) / 2.0, rect.center().y);
    ui.painter().galley(middle - galley.size() / 2.0, galley, t.text);
    widgets::focus_ring(ui, &response);
    egui::Popup::menu(&response).close_behavior(egui::PopupCloseBehavior::CloseOnClickOutside).show(|ui| {
        ui.set_width(360.0);
        ui.spacing_mut().item_spacing.y = 4.0;
        egui::ScrollArea::vertical().max_height(420.0).show(ui, |ui| {
            for (rule, outcome) in rest {
                let row = result_row(ui, language, rule, Some(outcome));
                why::asks(&row, || why::rule(rule, outcome, &judging.rules.path), commands);
                egui::Popup::menu(&row)
                    .close_behavior(egui::PopupCloseBehavior::CloseOnClickOutside)
                    .show(|ui| details(ui, judging, language, rule, outcome, commands));
            }
        });
    });
    response.on_hover_text(full);
}

/// What was not worked out, and why in its tip; pressed, it is tried again.
fn stopped(
    ui: &mut Ui,
    language: Language,
    name: &str,
    problem: &Problem,
    what: Awaiting,
    commands: &mut Vec<Command>,
) {
    let text = format!("{name} – {}", tr(language, "ui.try-again"));
    let reason = problem.message().text(language);
    let text = egui::RichText::new(text).color(tokens(ui).warn);
    let response = widgets::text_button(ui, text.into(), &format!("{name}: {reason}"));
    if response.on_hover_text(format!("{name}: {reason}")).clicked() {
        commands.push(Command::Window(WindowCommand::Retry(what)));
    }
}

/// Longest name of a rule on a chip, in points.
const NAME: f32 = 190.0;

/// Name and figure of a rule, laid out.
struct Chip {
    name: std::sync::Arc<egui::Galley>,
    figure: std::sync::Arc<egui::Galley>,
}

impl Chip {
    fn of(ui: &Ui, rule: &Rule, outcome: &Outcome, widest: f32, language: Language) -> Self {
        let t = tokens(ui);
        let name = egui::WidgetText::from(egui::RichText::new(rule.title(language)).color(t.text)).into_galley(
            ui,
            Some(egui::TextWrapMode::Truncate),
            widest,
            font::body(),
        );
        let figure = ui.painter().layout_no_wrap(figure(rule, outcome, language), font::heading(), t.text);
        Self { name, figure }
    }

    fn width(&self) -> f32 {
        34.0 + self.name.size().x + 8.0 + self.figure.size().x + 12.0
    }
}

fn chip(
    ui: &mut Ui,
    judging: &Judging,
    language: Language,
    rule: &Rule,
    outcome: &Outcome,
    widest: f32,
    commands: &mut Vec<Command>,
) {
    let (tone, icon) = looks(outcome.light);
    let (ink, ground) = tone.colors(ui);
    let t = tokens(ui);
    let chip = Chip::of(ui, rule, outcome, widest, language);
    let wanted = vec2(chip.width(), size::CONTROL);
    let Chip { name, figure } = chip;
    let (rect, response) = ui.allocate_exact_size(wanted, Sense::click());
    let full = format!("{} {} {}", outcome.light.title(language), rule.title(language), figure.text());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &full));
    ui.painter().rect_filled(rect, rect.height() / 2.0, ground);
    if response.hovered() {
        let stroke = egui::Stroke::new(size::LINE, ink);
        ui.painter().rect_stroke(rect, rect.height() / 2.0, stroke, egui::StrokeKind::Inside);
    }
    let mark = Rect::from_center_size(pos2(rect.left() + 18.0, rect.center().y), Vec2::splat(size::ICON));
    widgets::paint_icon(ui, mark, icon, size::ICON_SMALL, ink);
    let left = rect.left() + 34.0;
    let right = left + name.size().x + 8.0;
    ui.painter().galley(pos2(left, rect.center().y - name.size().y / 2.0), name, t.text);
    ui.painter().galley(pos2(right, rect.center().y - figure.size().y / 2.0), figure, t.text);
    widgets::focus_ring(ui, &response);
    why::asks(&response, || why::rule(rule, outcome, &judging.rules.path), commands);
    egui::Popup::menu(&response)
        .close_behavior(egui::PopupCloseBehavior::CloseOnClickOutside)
        .show(|ui| details(ui, judging, language, rule, outcome, commands));
    response.on_hover_text(full);
}

/// Colour and icon of a light.
pub(in crate::ui) fn looks(light: Light) -> (Tone, Icon) {
    match light {
        Light::Green => (Tone::Good, icons::CHECK),
        Light::Amber => (Tone::Warn, icons::TRIANGLE_ALERT),
        Light::Red => (Tone::Bad, icons::X),
        Light::Unknown => (Tone::Quiet, icons::CIRCLE_QUESTION_MARK),
    }
}

/// A rule with how it stands, as a row: mark, name, figure below.
pub(in crate::ui) fn result_row(
    ui: &mut Ui,
    language: Language,
    rule: &Rule,
    outcome: Option<&Outcome>,
) -> egui::Response {
    let t = tokens(ui);
    let light = outcome.map_or(Light::Unknown, |outcome| outcome.light);
    let (tone, icon) = looks(light);
    let figure = outcome.map_or_else(|| "…".to_owned(), |outcome| figure(rule, outcome, language));
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 42.0), Sense::click());
    let full = format!("{} {} {figure}", light.title(language), rule.title(language));
    response.widget_info(|| WidgetInfo::labeled(Role::ListItem, true, &full));
    let (ink, ground) = tone.colors(ui);
    let ground = if response.hovered() { t.hover } else { ground };
    ui.painter().rect_filled(rect, theme::radius(), ground);
    let mark = Rect::from_center_size(pos2(rect.left() + 16.0, rect.top() + 13.0), Vec2::splat(size::ICON));
    widgets::paint_icon(ui, mark, icon, size::ICON_SMALL, ink);
    let room = rect.width() - 36.0;
    let text = |text: &str, face, ink| {
        let text = egui::WidgetText::from(egui::RichText::new(text).color(ink));
        text.into_galley(ui, Some(egui::TextWrapMode::Truncate), room, face)
    };
    let name = text(rule.title(language), font::body(), t.text);
    ui.painter().galley(rect.min + vec2(30.0, 4.0), name, t.text);
    let figure = text(&figure, font::table_strong(), t.text);
    ui.painter().galley(rect.min + vec2(30.0, 22.0), figure, t.text);
    widgets::focus_ring(ui, &response);
    response
}

/// Value against limit: `38.42 亩`, `146.02 / 146.00 km²`.
pub(in crate::ui) fn figure(rule: &Rule, outcome: &Outcome, language: Language) -> String {
    let Some(value) = outcome.value else { return "–".to_owned() };
    match outcome.limit {
        Some(limit) if limit != 0.0 => {
            let shown = rule.unit.show(value, language);
            let unit = rule.unit.symbol(language);
            let figure = shown.strip_suffix(unit).map_or(shown.as_str(), str::trim_end);
            format!("{figure} / {}", rule.unit.show(limit, language))
        }
        _ => rule.unit.show(value, language),
    }
}

/// All that is known of a rule, and the way to what misses it.
fn details(
    ui: &mut Ui,
    judging: &Judging,
    language: Language,
    rule: &Rule,
    outcome: &Outcome,
    commands: &mut Vec<Command>,
) {
    ui.set_width(360.0);
    ui.add_space(4.0);
    ui.add(egui::Label::new(egui::RichText::new(rule.title(language)).font(font::heading())).wrap());
    let unit = rule.unit;
    let show = |value: Option<f64>| value.map_or_else(|| "–".to_owned(), |value| unit.show(value, language));
    let rows = [
        ("edit.rule-light", outcome.light.title(language).to_owned()),
        ("edit.rule-value", show(outcome.value)),
        ("edit.rule-limit", format!("{} {}", rule.comparison.sign(), show(outcome.limit))),
        ("edit.rule-margin", show(outcome.margin)),
        ("edit.rule-formula", rule.indicator_text.clone()),
        ("edit.rule-source", rule.source(language).to_owned()),
    ];
    egui::Grid::new("rule").num_columns(2).spacing(vec2(12.0, 4.0)).show(ui, |ui| {
        for (key, value) in rows {
            widgets::muted(ui, tr(language, key));
            ui.add(egui::Label::new(value).wrap());
            ui.end_row();
        }
    });
    if let Some(reason) = &outcome.reason {
        widgets::callout(ui, Tone::Warn, &reason.text(language));
    }
    let path = judging.rules.path.display();
    widgets::note(ui, &Message::new("edit.rule-at").with("path", path).with("line", rule.line).text(language));
    ui.horizontal(|ui| {
        let missed = matches!(outcome.light, Light::Red | Light::Amber);
        ui.add_enabled_ui(missed, |ui| {
            if widgets::button(ui, Some(icons::LOCATE_FIXED), tr(language, "edit.show-breaches")).clicked() {
                commands.push(Command::Rules(RulesCommand::ShowBreaches(outcome.rule)));
                ui.close();
            }
        });
        if widgets::button(ui, Some(icons::PENCIL), tr(language, "edit.edit-rule")).clicked() {
            commands.push(Command::Rules(RulesCommand::Open(Some(RulesPage::Text(Some(rule.line))))));
            ui.close();
        }
        if widgets::button(ui, Some(icons::REFRESH_CW), tr(language, "edit.read-rules")).clicked() {
            commands.push(Command::Rules(RulesCommand::ReadRules));
            ui.close();
        }
        if let Some(asked) = why::rule(rule, outcome, &judging.rules.path)
            && widgets::button(ui, Some(icons::CIRCLE_QUESTION_MARK), tr(language, "why.title")).clicked()
        {
            commands.push(why::ask(asked));
            ui.close();
        }
    });
}

/// 调入, 调出 and the balance of the layer watched, with a bar against its target.
fn flow_ui(ui: &mut Ui, session: &Session, state: &mut State, commands: &mut Vec<Command>) {
    let Some((layer, flow)) = session.judging.flow() else { return };
    let Some(entry) = session.workspace.entry(layer) else { return };
    let Some(flow) = flow else {
        let of_flow = session.judging.flow_problem().map(|problem| (problem, Awaiting::Flow));
        let of_areas = || measuring::problem(session, layer).map(|problem| (problem, Awaiting::Measuring(layer)));
        match of_flow.or_else(of_areas) {
            Some((problem, what)) => stopped(ui, session.language(), &short(&entry.title), problem, what, commands),
            None => {
                widgets::muted(ui, &format!("{} …", short(&entry.title)));
            }
        }
        return;
    };
    let t = tokens(ui);
    let target = judging::target(&session.workspace, &session.judging);
    let printed = flow.printed(AreaUnit::Mu, target.is_none_or(|target| target.is_net));
    let figure = |value: f64| format_number(value, printed.decimals);
    let with_sign = |value: f64| transition::signed(value, printed.decimals).replace('-', "−");
    let (share, rest) = match &target {
        Some(target) => {
            let reached = flow.against(target);
            (reached.share, Some(Area::from_m2(reached.rest_m2)))
        }
        None => (None, None),
    };
    // From the right: bar, balance, out, in.
    let narrow = ui.ctx().content_rect().width() < size::NARROW;
    if let Some(share) = share.filter(|_| !narrow) {
        bar(ui, share, session.language(), target.map(|target| Area::from_m2(target.change_m2)));
    }
    let unit = session.tr("units.mu");
    let title = if printed.is_net { "edit.balance-net" } else { "edit.balance" };
    let title = Message::new(title).with("layer", short(&entry.title)).text(session.language());
    let mut job = egui::text::LayoutJob::default();
    let plain = |color| egui::TextFormat::simple(font::body(), color);
    let bold = |color| egui::TextFormat::simple(font::heading(), color);
    if !narrow {
        job.append(session.tr("edit.into"), 0.0, plain(t.muted));
        job.append(&format!("+{}", figure(printed.into)), 4.0, bold(t.good));
        job.append(session.tr("edit.out"), 10.0, plain(t.muted));
        job.append(&format!("−{}", figure(printed.out)), 4.0, bold(t.bad));
        // Named, so that what is shown adds up.
        if printed.restated != 0.0 {
            job.append(session.tr("edit.restated-short"), 10.0, plain(t.muted));
            job.append(&with_sign(printed.restated), 4.0, bold(t.text));
        }
        job.append(&title, 10.0, plain(t.muted));
    } else {
        job.append(&title, 0.0, plain(t.muted));
    }
    let is_open = printed.is_net && flow.unstated_count > 0;
    job.append(&with_sign(printed.balance), 4.0, bold(if is_open { t.warn } else { t.text }));
    job.append(unit, 3.0, plain(t.muted));
    let n = format_number(flow.unstated_count as f64, 0);
    let unstated = Message::new("edit.unstated").with("n", n).text(session.language());
    if is_open {
        // Right to left: the mark stands behind the figure that it is about.
        let (place, response) = ui.allocate_exact_size(Vec2::splat(size::ICON), Sense::hover());
        widgets::paint_icon(ui, place, icons::TRIANGLE_ALERT, size::ICON_SMALL, t.warn);
        response.widget_info(|| WidgetInfo::labeled(Role::Image, true, &unstated));
        response.on_hover_text(&unstated);
    }
    let name = Message::new("edit.flow-of").with("layer", &entry.title).text(session.language());
    let response = widgets::text_button(ui, job.into(), &name);
    let exact = match flow.balance_net_m2().filter(|_| printed.is_net) {
        Some(net) => net,
        None => flow.balance_m2(),
    };
    let ask = || {
        let figures = (printed.balance, Area::from_m2(exact).mu());
        Some(why::flow(entry, &title, figures, printed.decimals, "why.f-flow-balance"))
    };
    why::asks(&response, ask, commands);
    egui::Popup::menu(&response).close_behavior(egui::PopupCloseBehavior::CloseOnClickOutside).show(|ui| {
        ui.set_width(300.0);
        widgets::menu_heading(ui, session.tr("edit.watch"));
        let polygons = session.workspace.entries.iter().filter(|entry| entry.layer.kind == GeometryKind::Polygon);
        for entry in polygons.filter(|entry| session.workspace.is_drawn(entry) || entry.id() == layer) {
            let on = entry.id() == layer;
            if widgets::menu_row(ui, None, &entry.title, "", Some(on)).clicked() {
                let set = ScenarioCommand::Setting(watch::WATCHED, Some(entry.title.clone()));
                commands.push(Command::Scenario(set));
                ui.close();
            }
        }
        ui.separator();
        widgets::menu_heading(ui, session.tr("edit.target"));
        ui.horizontal(|ui| {
            let hint =
                target.map_or_else(|| "-130000".to_owned(), |t| Area::from_m2(t.change_m2).display(AreaUnit::Mu));
            let field = widgets::field(ui, &mut state.target, None, &hint, session.tr("edit.target"), 180.0);
            let entered = field.lost_focus() && ui.input(|i| i.key_pressed(egui::Key::Enter));
            let set = widgets::button(ui, None, session.tr("edit.set-target")).clicked();
            if entered || set {
                let text = state.target.replace([',', ' ', '，'], "").replace('−', "-");
                let value = (!text.is_empty()).then_some(text);
                commands.push(Command::Scenario(ScenarioCommand::Setting(watch::TARGET, value)));
                ui.close();
            }
        });
        if let Some(rest) = rest {
            let rest = signed_mu(rest);
            let text = Message::new("edit.rest").with("rest", rest).text(session.language());
            widgets::note(ui, &text);
        }
        let gross = signed_mu(Area::from_m2(flow.balance_m2()));
        let text = match flow.balance_net_m2() {
            Some(net) => {
                Message::new("edit.gross-and-net").with("gross", gross).with("net", signed_mu(Area::from_m2(net)))
            }
            None => Message::new("edit.gross-only").with("gross", gross),
        };
        widgets::note(ui, &text.text(session.language()));
        if printed.restated != 0.0 {
            let text = Message::new("edit.restated").with("mu", with_sign(printed.restated));
            widgets::note(ui, &text.text(session.language()));
        }
        if is_open {
            widgets::callout(ui, Tone::Warn, &unstated);
        }
    });
}

fn signed_mu(area: Area) -> String {
    signed(area.mu()).replace('-', "−")
}

/// Most characters of a title in the bar.
const TITLE: usize = 16;

/// A title without its year, and cut where it is long: the bar has little room.
fn short(title: &str) -> String {
    let title = title.trim_end_matches(|c: char| c.is_ascii_digit() || c.is_whitespace() || c == '年');
    match title.char_indices().nth(TITLE) {
        Some((at, _)) => format!("{}…", &title[..at]),
        None => title.to_owned(),
    }
}

fn bar(ui: &mut Ui, share: f64, language: Language, target: Option<Area>) {
    let t = tokens(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(100.0, 8.0), Sense::hover());
    let percent = crate::units::format_number(share * 100.0, 2);
    let target = target.map(signed_mu).unwrap_or_default();
    let name = Message::new("edit.reached").with("percent", percent).with("target", target).text(language);
    response.widget_info(|| WidgetInfo::labeled(Role::ProgressIndicator, true, &name));
    ui.painter().rect_filled(rect, theme::radius(), t.sunk);
    let filled = Rect::from_min_size(rect.min, vec2(rect.width() * (share as f32).clamp(0.0, 1.0), rect.height()));
    // More than the target is as wrong as too little.
    let ink = if share > 1.000_000_1 { t.bad } else { t.good };
    ui.painter().rect_filled(filled, theme::radius(), ink);
    response.on_hover_text(name);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chips_without_room_become_one() {
        let check = |widths: &[f32], room: f32, expected| assert_eq!(fitting(widths, room, 64.0), expected, "{room}");
        check(&[], 0.0, 0);
        check(&[100.0, 100.0], 206.0, 2);
        // One point less: the second makes room for the chip that stands for it.
        check(&[100.0, 100.0], 205.0, 1);
        check(&[100.0, 100.0, 100.0], 275.0, 1);
        check(&[100.0, 100.0, 100.0], 276.0, 2);
        check(&[100.0, 100.0], 100.0, 0);
    }
}
