//! The card of something beneath the layers: its name, whose it is, its reference system, and the points that put a scan in
//! its place, with what each leaves over.

use eframe::egui::{self, Align, Key, Layout, Ui, vec2};

use crate::crs::Crs;
use crate::crs::gcj02::WebMap;
use crate::crs::sample::Shape;
use crate::doctor::fit::{FitError, read_pairs};
use crate::doctor::placing::{ControlPoint, Placed, Placing, place};
use crate::io::underlay::{RESOLUTIONS, resolved};
use crate::model::Coord;
use crate::scenario::{Underlay, UnderlaySource};
use crate::text::{Language, Message, tr};
use crate::ui::look::form;
use crate::ui::look::theme::{font, size, tokens};
use crate::ui::look::widgets::{self, Tone};
use crate::ui::panels::shortcuts::work_card;
use crate::ui::panels::underlays;
use crate::ui::session::Session;
use crate::ui::session::command::Command;
use crate::ui::session::parts::Card;

/// Width of the words before the fields, in points.
const WORDS: f32 = 96.0;

/// What is remembered between frames.
#[derive(Default)]
pub struct State {
    /// Which one, and how it was when the card was opened.
    of: Option<(usize, Underlay)>,
    crs: String,
    points: String,
    /// Points that were read, with the text that they are of.
    read: Option<(String, Result<Vec<ControlPoint>, FitError>)>,
    /// The CRS that is typed, with its text.
    parsed: Option<(String, Option<Crs>)>,
}

/// Draws the card, when it is open.
pub fn ui(ui: &mut Ui, session: &Session, state: &mut State, commands: &mut Vec<Command>) {
    let Some(Card::Underlay(at)) = session.card else {
        *state = State::default();
        return;
    };
    let Some(now) = session.workspace.underlays.get(at) else { return };
    if state.of.as_ref().is_none_or(|(of, _)| *of != at) {
        *state = State::of(at, now, session.project.underlays.picked.filter(|(of, _)| *of == at));
    }
    let mut done = None;
    work_card(ui, session, "underlay.card", commands, |ui, session| {
        let Some((_, of)) = &mut state.of else { return };
        let language = session.language();
        let width = ui.available_width() - WORDS - 16.0;
        row(ui, session.tr("underlay.name"), |ui| {
            widgets::field(ui, &mut of.title, None, "", session.tr("underlay.name"), width);
        });
        row(ui, session.tr("underlay.credit-name"), |ui| {
            let hint = session.tr("underlay.credit-hint");
            widgets::field(ui, &mut of.credit, None, hint, session.tr("underlay.credit-name"), width);
        });
        let is_file = matches!(of.source, UnderlaySource::File(_));
        if is_file {
            row(ui, session.tr("underlay.crs"), |ui| {
                let hint = session.tr("underlay.crs-hint");
                widgets::field(ui, &mut state.crs, None, hint, session.tr("underlay.crs"), width);
            });
        }
        row(ui, session.tr("underlay.shift"), |ui| {
            if widgets::segment(ui, session.tr("underlay.shift-none"), of.shift.is_none()).clicked() {
                of.shift = None;
            }
            for map in WebMap::ALL {
                if widgets::segment(ui, map.name(), of.shift == Some(map)).clicked() {
                    of.shift = Some(map);
                }
            }
        });
        if of.shift.is_some() {
            widgets::callout(ui, Tone::Warn, session.tr("underlay.shift-note"));
        }
        let drawn_at = session.project.underlays.open(now).and_then(|open| open.raster().dpi());
        let dpi = of.dpi.or(drawn_at);
        if let Some(dpi) = dpi {
            row(ui, session.tr("underlay.resolution"), |ui| {
                let own = Some(dpi).filter(|dpi| !RESOLUTIONS.contains(dpi));
                for to in own.into_iter().chain(RESOLUTIONS) {
                    let name = Message::new("underlay.dpi").with("n", to).text(language);
                    if widgets::segment(ui, &name, to == dpi).clicked() {
                        // What is typed counts in pixels of the page.
                        if let Some(points) = counted_anew(&state.points, dpi, to) {
                            (of.dpi, state.points) = (Some(to), points);
                        }
                    }
                }
            });
        }
        if is_file && dpi.is_none() {
            row(ui, session.tr("underlay.drawn-as"), |ui| {
                let choices =
                    [(None, "underlay.as-is"), (Some(true), "underlay.relief"), (Some(false), "underlay.greys")];
                for (relief, key) in choices {
                    if widgets::segment(ui, session.tr(key), of.relief == relief).clicked() {
                        of.relief = relief;
                    }
                }
            });
        }
        let crs = typed_crs(&state.crs, &mut state.parsed);
        if !state.crs.trim().is_empty() && crs.is_none() {
            let said = Message::new("underlay.crs-unknown").with("text", state.crs.trim());
            widgets::callout(ui, Tone::Bad, &said.text(language));
        }
        let mut points = Some(Vec::new());
        if is_file {
            row(ui, session.tr("underlay.placing"), |ui| {
                for (placing, key) in [(Placing::Four, "underlay.four"), (Placing::Six, "underlay.six")] {
                    if widgets::segment(ui, session.tr(key), of.placing == placing).clicked() {
                        of.placing = placing;
                    }
                }
            });
            widgets::note(ui, session.tr("underlay.points-note"));
            let edit = egui::TextEdit::multiline(&mut state.points)
                .desired_rows(4)
                .desired_width(f32::INFINITY)
                .font(font::table())
                .hint_text(session.tr("underlay.points-hint"));
            ui.add(edit).accessible_name(session.tr("underlay.points"));
            let of_map = session.workspace.crs.as_ref();
            let in_degrees = crs.as_ref().or(of_map).is_some_and(Crs::is_geographic);
            let unit = if in_degrees { "°" } else { session.tr("units.m") };
            points = points_ui(ui, language, &state.points, of.placing, unit, &mut state.read);
        }
        ui.add_space(8.0);
        let is_ready = points.is_some() && (crs.is_some() || state.crs.trim().is_empty());
        let right = Layout::right_to_left(Align::Center);
        ui.allocate_ui_with_layout(vec2(ui.available_width(), size::CONTROL), right, |ui| {
            let pressed = ui.add_enabled_ui(is_ready, |ui| {
                widgets::primary_button(ui, None, session.tr("underlay.apply")).clicked()
            });
            if widgets::button(ui, None, session.tr("ui.cancel")).clicked() {
                ui.close();
            }
            if let Some(points) = points.filter(|_| pressed.inner) {
                // Points stay where they are when the map is drawn in another system.
                let of_points = session.workspace.crs.clone().filter(|_| !points.is_empty());
                let changed = Underlay { points, crs: crs.clone().or(of_points), ..of.clone() };
                done = Some(underlays::changed(session, at, |of| *of = changed));
                ui.close();
            }
        });
        // Enter closes cards; in the list of points it ends a line.
        ui.input_mut(|input| input.consume_key(egui::Modifiers::NONE, Key::Enter));
    });
    commands.extend(done);
}

impl State {
    /// The card of one as it is, with a point that was just taken as the last.
    fn of(at: usize, of: &Underlay, picked: Option<(usize, ControlPoint)>) -> Self {
        let mut points: Vec<String> = of.points.iter().map(line).collect();
        let picked = picked.map(|(_, point)| line(&point)).filter(|picked| !points.contains(picked));
        points.extend(picked);
        let crs = of.crs.as_ref().map_or_else(String::new, |crs| crs.code().to_owned());
        Self { of: Some((at, of.clone())), crs, points: points.join("\n"), ..Self::default() }
    }
}

/// A point as a line of the field.
fn line(p: &ControlPoint) -> String {
    format!("{:.2} {:.2} {:.3} {:.3}", p.pixel[0], p.pixel[1], p.world.x, p.world.y)
}

/// The points of a page that is drawn at another resolution; `None` where they cannot be read.
fn counted_anew(text: &str, from_dpi: u16, to_dpi: u16) -> Option<String> {
    if text.trim().is_empty() {
        return Some(String::new());
    }
    // Why they cannot be read is said beneath them.
    let points = points_of(text).ok()?;
    let lines = points.iter().map(|p| line(&ControlPoint { pixel: resolved(p.pixel, from_dpi, to_dpi), ..*p }));
    Some(lines.collect::<Vec<String>>().join("\n"))
}

fn row(ui: &mut Ui, name: &str, content: impl FnOnce(&mut Ui)) {
    form::wrapped_row(ui, WORDS, name, content);
}

/// The CRS of a text, read once.
fn typed_crs(text: &str, parsed: &mut Option<(String, Option<Crs>)>) -> Option<Crs> {
    let text = text.trim();
    if parsed.as_ref().is_none_or(|(of, _)| of != text) {
        // What it is not is said beside the field.
        *parsed = Some((text.to_owned(), Crs::parse(text).ok()));
    }
    parsed.as_ref().and_then(|(_, crs)| crs.clone())
}

/// What comes of the points that are typed; `None` where they cannot be taken.
fn points_ui(
    ui: &mut Ui,
    language: Language,
    text: &str,
    placing: Placing,
    unit: &str,
    read: &mut Option<(String, Result<Vec<ControlPoint>, FitError>)>,
) -> Option<Vec<ControlPoint>> {
    if text.trim().is_empty() {
        return Some(Vec::new());
    }
    if read.as_ref().is_none_or(|(of, _)| of != text) {
        *read = Some((text.to_owned(), points_of(text)));
    }
    let points = match read.as_ref().map(|(_, result)| result)? {
        Ok(points) => points,
        Err(error) => {
            widgets::callout(ui, Tone::Bad, &error.message().text(language));
            return None;
        }
    };
    match place(points, placing) {
        Ok(placed) => {
            residuals(ui, language, &placed, unit, points.len() > placing.least());
            Some(points.clone())
        }
        Err(error) => {
            widgets::callout(ui, Tone::Bad, &error.message().text(language));
            None
        }
    }
}

/// Points of lines with column, row and place; surveyors may write the northing first.
fn points_of(text: &str) -> Result<Vec<ControlPoint>, FitError> {
    let pairs = read_pairs(text)?;
    let northing_first = pairs.iter().filter(|pair| Shape::of(pair.to).is_swapped()).count() * 2 > pairs.len();
    let world = |c: Coord| if northing_first { Coord { x: c.y, y: c.x } } else { c };
    Ok(pairs.iter().map(|pair| ControlPoint { pixel: [pair.from.x, pair.from.y], world: world(pair.to) }).collect())
}

/// What each point leaves over, in `unit`.
fn residuals(ui: &mut Ui, language: Language, placed: &Placed, unit: &str, is_over_determined: bool) {
    let t = tokens(ui);
    if !is_over_determined {
        widgets::callout(ui, Tone::Warn, tr(language, "underlay.no-check"));
    }
    let rms = format!("{:.3} {unit}", placed.rms);
    let rms = Message::new("underlay.rms").with("rms", rms).with("worst", placed.worst + 1);
    widgets::note(ui, &rms.text(language));
    // Whole, for the grid takes its widths from them.
    let cell = |ui: &mut Ui, text: &str, font: egui::FontId, ink: egui::Color32| {
        ui.add(egui::Label::new(egui::RichText::new(text).font(font).color(ink)).extend());
    };
    egui::Grid::new("underlay-residuals").num_columns(4).spacing(vec2(24.0, 2.0)).show(ui, |ui| {
        cell(ui, tr(language, "underlay.point"), font::note(), t.muted);
        for key in ["underlay.dx", "underlay.dy", "underlay.residual"] {
            cell(ui, &format!("{} {unit}", tr(language, key)), font::note(), t.muted);
        }
        ui.end_row();
        for (at, residual) in placed.residuals.iter().enumerate() {
            let ink = if at == placed.worst && is_over_determined { t.warn } else { t.text };
            cell(ui, &(at + 1).to_string(), font::table(), ink);
            for figure in [residual.x, residual.y] {
                cell(ui, &format!("{figure:+.3}"), font::table(), ink);
            }
            cell(ui, &format!("{:.3}", residual.x.hypot(residual.y)), font::table(), ink);
            ui.end_row();
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_are_read_in_either_order_of_axes() {
        for text in
            ["10 20 39500000 4070000\n30 40 39500100 4069900", "A,10,20,4070000,39500000\nB,30,40,4069900,39500100"]
        {
            let points = points_of(text).expect("two points");
            assert_eq!(points.len(), 2);
            assert_eq!(
                points[0],
                ControlPoint { pixel: [10.0, 20.0], world: Coord { x: 39_500_000.0, y: 4_070_000.0 } }
            );
        }
        assert!(points_of("10 20 30").is_err());
    }

    #[test]
    fn points_of_a_page_keep_their_place_at_another_resolution() {
        let text = counted_anew("10 20 39500000 4070000\n30 40 39500100 4069900", 100, 200).expect("two points");
        assert_eq!(text, "20.00 40.00 39500000.000 4070000.000\n60.00 80.00 39500100.000 4069900.000");
        assert_eq!((counted_anew(" ", 100, 200), counted_anew("10 20 30", 100, 200)), (Some(String::new()), None));
    }
}
