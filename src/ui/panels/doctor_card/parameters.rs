//! The forms for parameters: four from pairs of points, seven as they are given by the survey office.

use eframe::egui::{self, Ui, vec2};

use crate::crs::correction::{Convention, Correction, CorrectionKind, ParameterError, SevenParameters, on_cgcs2000};
use crate::crs::{Crs, CrsError};
use crate::doctor::Ranked;
use crate::doctor::fit::{self, Fit, FitError};
use crate::model::{Coord, Extent, LayerId};
use crate::scenario::Workspace;
use crate::text::{Language, Message, tr};
use crate::ui::look::theme::{font, size, tokens};
use crate::ui::look::widgets::{self, Tone};
use crate::ui::session::command::Command;
use crate::ui::session::command::tree::TreeCommand;
use crate::ui::session::command::window::WindowCommand;
use crate::ui::session::examining::Outcome;

/// What a form is about.
#[derive(Clone, Copy)]
pub(super) struct About<'a> {
    /// The layer, and what the doctor found about its file.
    pub(super) layer: LayerId,
    pub(super) outcome: &'a Outcome,
    /// What is open beside it.
    pub(super) workspace: &'a Workspace,
    pub(super) language: Language,
}

impl About<'_> {
    /// What the form is for, above it.
    fn note_ui(&self, ui: &mut Ui, key: &str) {
        widgets::note(ui, tr(self.language, key));
        ui.add_space(size::STEP);
    }

    /// The button below the form that has the layer read with `correction` undone.
    fn take_ui(&self, ui: &mut Ui, key: &'static str, correction: Correction, commands: &mut Vec<Command>) {
        ui.add_space(size::STEP);
        let take = Message::new(key).with("crs", correction.to.short_name_in(self.language));
        if widgets::primary_button(ui, None, &take.text(self.language)).clicked() {
            commands.push(Command::Tree(TreeCommand::SetCorrection(self.layer, Some(Box::new(correction)))));
            commands.push(Command::Window(WindowCommand::CloseCard));
        }
    }
}

/// The form for four parameters.
#[derive(Debug, Default)]
pub(super) struct Four {
    pairs: String,
    /// The CRS of the known places, as typed; `None` until the form was shown.
    to: Option<String>,
    /// What came of what is typed.
    fitted: Option<(String, Result<Fit, FitError>)>,
    crs: Option<(String, Result<Crs, CrsError>)>,
}

impl Four {
    pub(super) fn ui(&mut self, ui: &mut Ui, about: About<'_>, commands: &mut Vec<Command>) {
        let About { workspace, outcome, language, .. } = about;
        let t = tokens(ui);
        about.note_ui(ui, "ui.doctor-four-note");
        let to = self.to.get_or_insert_with(|| {
            let plane = workspace.crs.as_ref().filter(|crs| !crs.is_geographic());
            plane.map_or_else(|| "EPSG:4548".to_owned(), |crs| crs.code().to_owned())
        });
        ui.horizontal(|ui| {
            widgets::label(ui, tr(language, "ui.doctor-four-to"), font::body(), t.text);
            let name = tr(language, "ui.doctor-four-to");
            let width = 220.0_f32.min(ui.available_width());
            widgets::field(ui, to, None, tr(language, "ui.crs-hint"), name, width);
            if let Some((_, Ok(crs))) = &self.crs {
                widgets::note(ui, &crs.name_in(language));
            }
        });
        let to = to.clone();
        if self.crs.as_ref().is_none_or(|(of, _)| *of != to) {
            self.crs = Some((to.clone(), Crs::parse(&to)));
        }
        ui.add_space(size::STEP);
        let rows = if ui.available_height() > 380.0 { 7 } else { 4 };
        egui::ScrollArea::vertical().id_salt("pairs").max_height(20.0 * rows as f32).show(ui, |ui| {
            let edit = egui::TextEdit::multiline(&mut self.pairs)
                .desired_rows(rows)
                .desired_width(f32::INFINITY)
                .font(font::table())
                .hint_text(tr(language, "ui.doctor-pairs-hint"));
            ui.add(edit).accessible_name(tr(language, "ui.doctor-pairs"));
        });
        if self.pairs.trim().is_empty() {
            return;
        }
        if self.fitted.as_ref().is_none_or(|(of, _)| *of != self.pairs) {
            let result = fit::read_pairs(&self.pairs).and_then(|pairs| fit::fit(&pairs));
            self.fitted = Some((self.pairs.clone(), result));
        }
        ui.add_space(size::STEP);
        let fit = match &self.fitted {
            Some((_, Ok(fit))) => fit,
            Some((_, Err(error))) => {
                widgets::callout(ui, Tone::Bad, &error.message().text(language));
                return;
            }
            None => return,
        };
        let crs = match &self.crs {
            Some((_, Ok(crs))) if !crs.is_geographic() => crs.clone(),
            Some((_, Ok(crs))) => {
                let message = Message::new("ui.doctor-four-plane").with("crs", crs.code());
                widgets::callout(ui, Tone::Bad, &message.text(language));
                return;
            }
            Some((_, Err(error))) => {
                widgets::callout(ui, Tone::Bad, &error.message().text(language));
                return;
            }
            None => return,
        };
        let swap_axes = !outcome.extent.is_empty() && fit.swaps_axes(&outcome.extent);
        egui::ScrollArea::vertical().id_salt("fit").max_height((ui.available_height() - 40.0).max(60.0)).show(
            ui,
            |ui| {
                fit_ui(ui, language, fit);
                let extent = if swap_axes { turned(&outcome.extent) } else { outcome.extent };
                for remark in fit.remarks(Some(&extent)) {
                    widgets::callout(ui, Tone::Warn, &remark.text(language));
                }
            },
        );
        let kind = CorrectionKind::Fitted(fit.similarity);
        let correction = Correction { kind, from: crs.clone(), to: crs, swap_axes };
        about.take_ui(ui, "ui.doctor-four-take", correction, commands);
    }
}

fn turned(extent: &Extent) -> Extent {
    let swap = |c: Coord| Coord { x: c.y, y: c.x };
    Extent { min: swap(extent.min), max: swap(extent.max) }
}

/// Parameters, RMS and what each pair leaves over.
fn fit_ui(ui: &mut Ui, language: Language, fit: &Fit) {
    let t = tokens(ui);
    let shift = fit.similarity.shift();
    let parameters = Message::new("ui.doctor-four-found")
        .with("dx", format!("{:.4}", shift.x))
        .with("dy", format!("{:.4}", shift.y))
        .with("rotation", format!("{:.4}", fit.similarity.rotation_arcsec()))
        .with("scale", format!("{:.10}", fit.similarity.scale()))
        .with("ppm", format!("{:+.3}", fit.scale_ppm()));
    ui.add(egui::Label::new(egui::RichText::new(parameters.text(language)).font(font::table())).wrap());
    let rms = Message::new("ui.doctor-four-rms")
        .with("rms", format!("{:.4}", fit.rms_m))
        .with("name", &fit.pairs[fit.worst].name)
        .with("worst", format!("{:.4}", fit.residual_m(fit.worst)));
    ui.add(egui::Label::new(egui::RichText::new(rms.text(language)).font(font::table_strong())).wrap());
    egui::Grid::new("residuals").num_columns(4).spacing(vec2(24.0, 2.0)).show(ui, |ui| {
        for key in ["ui.doctor-pair", "ui.doctor-pair-dx", "ui.doctor-pair-dy", "ui.doctor-pair-residual"] {
            widgets::label(ui, tr(language, key), font::note(), t.muted);
        }
        ui.end_row();
        for (at, (pair, residual)) in fit.pairs.iter().zip(&fit.residuals).enumerate() {
            let ink = if at == fit.worst && fit.pairs.len() > 2 { t.warn } else { t.text };
            widgets::label(ui, &pair.name, font::table(), ink);
            for figure in [residual.x, residual.y] {
                widgets::label(ui, &format!("{figure:+.4}"), font::table(), ink);
            }
            widgets::label(ui, &format!("{:.4}", fit.residual_m(at)), font::table(), ink);
            ui.end_row();
        }
    });
}

/// The form for seven parameters.
#[derive(Debug, Default)]
pub(super) struct Seven {
    /// The system that is left; the first that needs parameters until another is chosen.
    from: Option<(Crs, bool)>,
    values: [String; 7],
    convention: Convention,
    /// What the parameters do to the middle of the file, as far as it was worked out.
    effect: Option<(String, Option<Coord>)>,
}

impl Seven {
    /// Starts from a reading that needs parameters.
    pub(super) fn start_from(&mut self, reading: &Ranked) {
        self.from = Some((reading.hypothesis.crs.clone(), reading.hypothesis.swap_axes));
    }

    pub(super) fn ui(&mut self, ui: &mut Ui, about: About<'_>, commands: &mut Vec<Command>) {
        let About { workspace, outcome, language, .. } = about;
        let t = tokens(ui);
        let readings = outcome.diagnosis.readings.iter().filter(|reading| reading.hypothesis.needs_parameters());
        let choices: Vec<(Crs, bool)> =
            readings.map(|reading| (reading.hypothesis.crs.clone(), reading.hypothesis.swap_axes)).take(6).collect();
        about.note_ui(ui, "ui.doctor-seven-note");
        let Some(first) = self.from.clone().or_else(|| choices.first().cloned()) else {
            widgets::callout(ui, Tone::Warn, tr(language, "ui.doctor-seven-none"));
            return;
        };
        let (from, swap_axes) = first.clone();
        widgets::label(ui, tr(language, "ui.doctor-seven-from"), font::body(), t.text);
        ui.horizontal_wrapped(|ui| {
            for choice in &choices {
                if widgets::segment(ui, &choice.0.label_in(language), *choice == first).clicked() {
                    self.from = Some(choice.clone());
                }
            }
        });
        ui.add_space(size::STEP);
        self.known_ui(ui, workspace, language);
        egui::Grid::new("seven").num_columns(9).spacing(vec2(10.0, 6.0)).show(ui, |ui| {
            for (at, value) in self.values.iter_mut().enumerate() {
                let (name, unit) = (SevenParameters::NAMES[at], SevenParameters::UNITS[at]);
                widgets::label(ui, name, font::body(), t.text);
                let label = format!("{name} ({unit})");
                widgets::field(ui, value, None, "0", &label, 130.0);
                widgets::label(ui, unit, font::body(), t.muted);
                if at % 3 == 2 {
                    ui.end_row();
                }
            }
        });
        ui.add_space(size::STEP);
        for convention in Convention::ALL {
            if widgets::segment(ui, tr(language, convention.key()), self.convention == convention).clicked() {
                self.convention = convention;
            }
        }
        ui.add_space(size::STEP);
        let Some(to) = on_cgcs2000(&from) else {
            widgets::callout(ui, Tone::Bad, tr(language, "ui.doctor-seven-no-target"));
            return;
        };
        if self.values.iter().all(|value| value.trim().is_empty()) {
            return;
        }
        let parameters = match self.parameters() {
            Ok(parameters) => parameters,
            Err(message) => {
                widgets::callout(ui, Tone::Bad, &message.text(language));
                return;
            }
        };
        if let Some(remark) = parameters.looks_wrong() {
            widgets::callout(ui, Tone::Warn, &remark.text(language));
        }
        let correction = Correction { kind: CorrectionKind::Datum(parameters), from, to, swap_axes };
        let key = format!("{correction:?}");
        if self.effect.as_ref().is_none_or(|(of, _)| *of != key) {
            self.effect = Some((key, effect(&correction, &outcome.extent)));
        }
        match &self.effect {
            Some((_, Some(moved))) => {
                let unit = if correction.to.is_geographic() { "″" } else { "m" };
                let message = Message::new("ui.doctor-seven-effect")
                    .with("dx", format!("{:+.3}", moved.x))
                    .with("dy", format!("{:+.3}", moved.y))
                    .with("unit", unit);
                widgets::note(ui, &message.text(language));
                let far = if correction.to.is_geographic() { 15.0 } else { 400.0 };
                if moved.x.hypot(moved.y) > far {
                    widgets::callout(ui, Tone::Warn, tr(language, "ui.doctor-seven-far"));
                }
            }
            _ => {
                widgets::callout(ui, Tone::Bad, tr(language, "ui.doctor-seven-no-image"));
                return;
            }
        }
        about.take_ui(ui, "ui.doctor-seven-take", correction, commands);
    }

    /// Parameters that another layer of the project was given.
    fn known_ui(&mut self, ui: &mut Ui, workspace: &Workspace, language: Language) {
        for entry in &workspace.entries {
            let Some(correction) = entry.correction.as_deref() else { continue };
            let CorrectionKind::Datum(parameters) = correction.kind else { continue };
            let text = Message::new("ui.doctor-seven-of").with("layer", &entry.title).text(language);
            if widgets::button(ui, None, &text).clicked() {
                self.values = parameters.values().map(|value| value.to_string());
                self.convention = parameters.convention;
            }
        }
    }

    /// What is typed; empty fields are 0.
    fn parameters(&self) -> Result<SevenParameters, Message> {
        let mut values = [0.0; 7];
        for (at, text) in self.values.iter().enumerate() {
            let plain: String = text.trim().chars().map(fit::half_width).collect();
            if plain.is_empty() {
                continue;
            }
            values[at] = plain.parse::<f64>().map_err(|_| {
                Message::new("ui.doctor-seven-number")
                    .with("name", SevenParameters::NAMES[at])
                    .with("text", text.trim())
            })?;
        }
        SevenParameters::new(values, self.convention).map_err(|error: ParameterError| error.message())
    }
}

/// How far the middle of the file moves: in metres, or in seconds of arc for degrees; `None` where it has no image.
fn effect(correction: &Correction, extent: &Extent) -> Option<Coord> {
    let middle = if correction.swap_axes { turned(extent).center() } else { extent.center() };
    let image = correction.prepare().ok()?.convert_one(middle)?; // no way, no image
    let unit = if correction.to.is_geographic() { 3600.0 } else { 1.0 };
    Some(Coord { x: (image.x - middle.x) * unit, y: (image.y - middle.y) * unit })
}
