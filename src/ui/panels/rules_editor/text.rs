//! The text of the rules file: line numbers, colours by what a part is, and marks where something is wrong.

use std::sync::Arc;

use eframe::egui::text::{CCursor, CCursorRange, LayoutJob};
use eframe::egui::{self, Align2, Color32, Galley, Rect, Sense, Ui, pos2, vec2};

use crate::rules::RuleError;
use crate::text::{Language, Message};
use crate::ui::look::theme::{self, Tokens, font, tokens};
use crate::ui::session::Session;

/// What is remembered between frames.
#[derive(Default)]
pub(super) struct State {
    /// Line that the cursor shall go to, from 1.
    pub go_to: Option<usize>,
    /// When something was last typed, in egui's seconds.
    pub typed: Option<f64>,
    /// The text as laid out last, in which colours.
    laid: Option<(String, Color32, Arc<Galley>)>,
}

/// Width of the column of line numbers.
const GUTTER: f32 = 44.0;

/// Draws the text; it can be written in.
pub(super) fn ui(ui: &mut Ui, session: &Session, text: &mut String, errors: &[RuleError], state: &mut State) {
    let t = tokens(ui);
    let room = ui.available_rect_before_wrap();
    ui.painter().rect(room, theme::radius(), t.window, theme::line(t), egui::StrokeKind::Inside);
    let go_to = state.go_to.take();
    let laid = &mut state.laid;
    let mut layouter = |ui: &Ui, buffer: &dyn egui::TextBuffer, _: f32| -> Arc<Galley> {
        let now = buffer.as_str();
        if let Some((known, ink, galley)) = laid
            && known == now
            && *ink == t.text
        {
            return galley.clone();
        }
        let galley = ui.fonts_mut(|fonts| fonts.layout_job(colored(now, t)));
        *laid = Some((now.to_owned(), t.text, galley.clone()));
        galley
    };
    egui::ScrollArea::both().id_salt("rules-text").auto_shrink(false).show(ui, |ui| {
        let edit = egui::TextEdit::multiline(text)
            .id(egui::Id::unique("rules-text"))
            .frame(egui::Frame::NONE.inner_margin(egui::Margin { left: GUTTER as i8 + 8, right: 8, top: 6, bottom: 6 }))
            .desired_width(f32::INFINITY)
            .min_size(room.size())
            .lock_focus(true)
            .layouter(&mut layouter);
        let mut output = edit.show(ui);
        let response = output.response.response.clone().accessible_name(session.tr("edit.rules-file-text"));
        if response.changed() {
            state.typed = Some(ui.input(|input| input.time));
        }
        if let Some(line) = go_to {
            let at = start_of_line(text, line);
            let cursor = CCursor::new(at);
            output.state.cursor.set_char_range(Some(CCursorRange::one(cursor)));
            output.state.clone().store(ui.ctx(), response.id);
            response.request_focus();
            let place = output.galley.pos_from_cursor(cursor).translate(output.galley_pos.to_vec2());
            ui.scroll_to_rect(place.expand2(vec2(0.0, 60.0)), None);
        }
        gutter(ui, room, &output.galley, output.galley_pos, errors);
        for error in errors {
            mark(ui, session.language(), text, error, &output.galley, output.galley_pos);
        }
    });
}

/// The column of line numbers; lines with a mistake stand out.
fn gutter(ui: &Ui, room: Rect, galley: &Galley, origin: egui::Pos2, errors: &[RuleError]) {
    let t = tokens(ui);
    let left = room.left() + 1.0;
    let column = Rect::from_min_max(pos2(left, room.top() + 1.0), pos2(left + GUTTER, room.bottom() - 1.0));
    let painter = ui.painter_at(room.shrink(1.0));
    painter.rect_filled(column, 0.0, t.sunk);
    let mut line = 1;
    let mut begins = true;
    for row in &galley.rows {
        if begins {
            let wrong = errors.iter().any(|error| error.line == line);
            let y = origin.y + row.rect().center().y;
            if wrong {
                let ground = Rect::from_center_size(pos2(column.center().x, y), vec2(GUTTER, row.rect().height()));
                painter.rect_filled(ground, 0.0, t.bad_tint);
            }
            let ink = if wrong { t.bad } else { t.faint };
            painter.text(pos2(column.right() - 6.0, y), Align2::RIGHT_CENTER, line.to_string(), font::note(), ink);
        }
        begins = row.ends_with_newline;
        line += usize::from(begins);
    }
}

/// Underlines where something is wrong; the pointer over the line learns what.
fn mark(ui: &Ui, language: Language, text: &str, error: &RuleError, galley: &Galley, origin: egui::Pos2) {
    let t = tokens(ui);
    let Some(line) = text.lines().nth(error.line - 1) else { return };
    let start = start_of_line(text, error.line);
    let from = error.column - 1;
    let rest = line.chars().skip(from);
    let length = rest.take_while(|c| c.is_alphanumeric() || *c == '_').count().max(1);
    let at = |column: usize| galley.pos_from_cursor(CCursor::new(start + column)).translate(origin.to_vec2());
    let (left, right) = (at(from), at((from + length).min(line.chars().count().max(from))));
    let under = Rect::from_min_max(left.left_top(), pos2(right.left().max(left.left() + 6.0), left.bottom()));
    wave(ui, under, t.bad);
    let whole = Rect::from_min_max(at(0).left_top(), pos2(under.right().max(at(0).left() + 200.0), under.bottom()));
    let response = ui.interact(whole, ui.scope_id().with(("mistake", error.line, error.column)), Sense::hover());
    let place = Message::new("edit.rule-mistake")
        .with("line", error.line)
        .with("column", error.column)
        .with("message", error.said(language));
    response.on_hover_text(place.text(language));
}

fn wave(ui: &Ui, under: Rect, ink: Color32) {
    let count = ((under.width() / 3.0).ceil() as usize).max(2);
    let point = |i: usize| {
        let x = under.left() + under.width() * i as f32 / count as f32;
        pos2(x, under.bottom() + if i.is_multiple_of(2) { 0.5 } else { -1.5 })
    };
    ui.painter().add(egui::Shape::line((0..=count).map(point).collect(), egui::Stroke::new(1.2, ink)));
}

/// Characters before a line, from 1; of a line past the end, all.
fn start_of_line(text: &str, line: usize) -> usize {
    text.split_inclusive('\n').take(line.saturating_sub(1)).map(|line| line.chars().count()).sum()
}

/// The text in colours: notes, headings, names, text, figures.
fn colored(text: &str, t: &Tokens) -> LayoutJob {
    let mut job = LayoutJob { wrap: egui::text::TextWrapping::no_max_width(), ..LayoutJob::default() };
    for line in text.split_inclusive('\n') {
        for (part, kind) in parts(line) {
            let ink = match kind {
                Part::Note => t.faint,
                Part::Heading => t.accent,
                Part::Text => t.good,
                Part::Plain => t.text,
            };
            job.append(part, 0.0, egui::TextFormat::simple(font::body(), ink));
        }
    }
    if text.is_empty() {
        job.append("", 0.0, egui::TextFormat::simple(font::body(), t.text));
    }
    job
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Part {
    Note,
    Heading,
    Text,
    Plain,
}

/// A line in parts. Texts over several lines are rare in rules and take the colour of what stands around them.
fn parts(line: &str) -> Vec<(&str, Part)> {
    if line.trim_start().starts_with('[') {
        let end = line.find('#').unwrap_or(line.len());
        let split = [(&line[..end], Part::Heading), (&line[end..], Part::Note)];
        return split.into_iter().filter(|(part, _)| !part.is_empty()).collect();
    }
    let mut parts = Vec::new();
    let (mut from, mut quote) = (0, None);
    for (at, c) in line.char_indices() {
        match quote {
            Some(open) if c == open => {
                let end = at + c.len_utf8();
                parts.push((&line[from..end], Part::Text));
                (from, quote) = (end, None);
            }
            Some(_) => {}
            None if c == '"' || c == '\'' => {
                parts.push((&line[from..at], Part::Plain));
                (from, quote) = (at, Some(c));
            }
            None if c == '#' => {
                parts.push((&line[from..at], Part::Plain));
                parts.push((&line[at..], Part::Note));
                from = line.len();
                break;
            }
            None => {}
        }
    }
    parts.push((&line[from..], if quote.is_some() { Part::Text } else { Part::Plain }));
    parts.retain(|(part, _)| !part.is_empty());
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_fall_into_parts() {
        use Part::Heading;
        use Part::Note;
        use Part::Plain;
        use Part::Text;
        let check = |line: &str, expected: &[(&str, Part)]| assert_eq!(parts(line), expected);
        check("[[rule]] # 甲\n", &[("[[rule]] ", Heading), ("# 甲\n", Note)]);
        check("limit = \"0 m2\"  # 乙", &[("limit = ", Plain), ("\"0 m2\"", Text), ("  ", Plain), ("# 乙", Note)]);
        check("a = 'class(\"#\")'\n", &[("a = ", Plain), ("'class(\"#\")'", Text), ("\n", Plain)]);
        check("a = \"open", &[("a = ", Plain), ("\"open", Text)]);
        assert_eq!((start_of_line("一\n二三\n", 2), start_of_line("一\n二三\n", 3), start_of_line("", 9)), (2, 5, 0));
    }
}
