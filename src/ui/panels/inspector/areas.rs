//! The areas and lengths of what was identified: by the method of the layer large, by others below it with the difference.

use eframe::egui::{self, Align2, Rect, Response, Role, Sense, Ui, WidgetInfo, pos2, vec2};

use super::figures::FeatureFigures;
use super::{LINE, copies, value_line};
use crate::doctor::area_warning;
use crate::measure::FeatureAreas;
use crate::model::AreaMethod;
use crate::scenario::Entry;
use crate::text::{Language, Message, tr};
use crate::ui::look::theme::{font, tokens};
use crate::ui::look::widgets::{self, Tone};
use crate::ui::panels::table::attributes::unmeasured_text;
use crate::ui::panels::table::frame_name;
use crate::ui::session::Session;
use crate::ui::session::command::Command;
use crate::ui::work::attribute_area::{self, AttributeArea};
use crate::ui::work::columns::{printed, signed};
use crate::ui::work::measuring::method_key;
use crate::ui::work::why;
use crate::units::{Area, AreaUnit, format_number};

/// The area by the layer's method large, by the others below it with the difference, and why they differ.
pub(super) fn areas_ui(
    ui: &mut Ui,
    session: &Session,
    entry: &Entry,
    feature: usize,
    figures: Option<&FeatureFigures>,
    commands: &mut Vec<Command>,
) {
    let t = tokens(ui);
    let language = session.language();
    let method = session.method(entry.id());
    let areas = figures.and_then(|figures| figures.areas.as_ref());
    let measured = entry.areas.as_ref().filter(|measured| measured.method == method);
    let main = printed(measured.map(AsRef::as_ref), feature).or_else(|| by(areas?, method));
    let frame = match (measured, areas) {
        (_, Some(areas)) if method == AreaMethod::Survey => areas.survey_frame.as_str(),
        (Some(measured), _) => measured.frame.as_str(),
        _ => "",
    };
    let basis = Message::new(if frame.is_empty() { "panels.area-by" } else { "panels.area-by-in" })
        .with("method", session.tr(method_key(method)))
        .with("frame", frame_name(entry, frame, language));
    widgets::note(ui, &basis.text(language));
    let Some(main) = main else {
        let text = match figures.and_then(|figures| figures.error.as_ref()) {
            Some(error) => error.text(language),
            None => unmeasured_text(session, entry.id()),
        };
        ui.add_space(4.0);
        widgets::label(ui, &text, font::body(), t.muted);
        return;
    };
    let mu = main.display(AreaUnit::Mu);
    let big = widgets::figure(ui, &mu, session.tr(AreaUnit::Mu.key()), font::figure());
    let exact = measured.and_then(|measured| measured.exact.get(feature)).copied();
    let exact = exact.or_else(|| areas.filter(|_| method == AreaMethod::Survey).map(|areas| areas.survey.exact));
    let title = format!("{} · {}", entry.title, why::name_of(&entry.layer, feature));
    let why = |unit| {
        let basis = (method, frame);
        Some(why::feature_area(entry, feature, &title, (main, unit), basis, exact))
    };
    let big = big.interact(Sense::click());
    why::asks(&big, || why(AreaUnit::Mu), commands);
    copies(big, session.language(), &mu, commands);
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = vec2(14.0, 2.0);
        for unit in [AreaUnit::SquareMetre, AreaUnit::Hectare, AreaUnit::SquareKilometre] {
            let figure = main.display(unit);
            let text = format!("{figure} {}", session.tr(unit.key()));
            let label = egui::Label::new(egui::RichText::new(text).font(font::table()).color(t.muted));
            let label = ui.add(label.sense(Sense::click()));
            why::asks(&label, || why(unit), commands);
            copies(label, session.language(), &figure, commands);
        }
    });
    if let Some(warning) = area_warning(&entry.layer) {
        ui.add_space(8.0);
        widgets::callout(ui, Tone::Warn, &warning.text(language));
    }
    let Some(figures) = figures else { return };
    if let Some(repair) = figures.repair() {
        // The others are of the rings as given, and would only confuse.
        if let Some((before, after)) = repair.area_m2 {
            ui.add_space(8.0);
            let text = Message::new("panels.repaired")
                .with("before", format_number(before, 2))
                .with("after", format_number(after, 2));
            widgets::callout(ui, Tone::Warn, &text.text(language));
        }
        return;
    }
    ui.add_space(8.0);
    if let Some(areas) = areas {
        for other in [AreaMethod::Survey, AreaMethod::Geodesic, AreaMethod::Planar] {
            if other == method {
                continue;
            }
            if let Some(area) = by(areas, other) {
                // Of exact areas, as the sentence below: what printing rounds off is none of the method's.
                let of = if other == AreaMethod::Survey { Area::from_m2(areas.survey.exact) } else { area };
                let difference = signed((of - exact.map_or(main, Area::from_m2)).m2());
                let name = session.tr(method_key(other));
                let line = figure_line(ui, session.language(), name, area, &difference, None);
                let frame = if other == AreaMethod::Survey { areas.survey_frame.as_str() } else { "" };
                let ask = || {
                    let exact = (other == AreaMethod::Survey).then_some(areas.survey.exact);
                    Some(why::feature_area(entry, feature, &title, (area, AreaUnit::Mu), (other, frame), exact))
                };
                why::asks(&line, ask, commands);
            }
        }
    }
    let stated = AttributeArea::of_entry(entry);
    let stated = stated.and_then(|stated| Some((stated.field, stated.area(&entry.layer, feature)?)));
    let mut callout = None;
    if let Some((field, area)) = stated {
        let off = AttributeArea::is_off(area, main);
        let name = &entry.layer.fields[field].name;
        let tone = off.then_some(Tone::Warn);
        let line = figure_line(ui, session.language(), name, area, &signed((area - main).m2()), tone);
        let ask = || Some(why::stated_area(entry, feature, &title, (area, AreaUnit::Mu), name));
        why::asks(&line, ask, commands);
        if off {
            callout = Some(attribute_area::explain(name, area, main, areas.and_then(|areas| areas.planar)));
        }
    }
    if let Some(callout) = callout {
        ui.add_space(6.0);
        widgets::callout(ui, Tone::Warn, &callout.text(language));
    }
    if let Some(areas) = areas
        && !areas.explanations.is_empty()
    {
        ui.add_space(6.0);
        let sentences: Vec<String> = areas.explanations.iter().map(|message| message.text(language)).collect();
        let first = widgets::note(ui, &sentences[0]);
        if sentences.len() > 1 {
            first.on_hover_text(sentences[1..].join("\n"));
        }
    }
}

/// What a method gives for the feature.
fn by(areas: &FeatureAreas, method: AreaMethod) -> Option<Area> {
    match method {
        AreaMethod::Survey => Some(Area::from_m2(areas.survey.printed)),
        AreaMethod::Geodesic => Some(areas.geodesic),
        AreaMethod::Planar => areas.planar,
    }
}

/// A method or attribute, its figure in mu, and the difference in m².
fn figure_line(
    ui: &mut Ui,
    language: Language,
    name: &str,
    area: Area,
    difference: &str,
    tone: Option<Tone>,
) -> Response {
    let t = tokens(ui);
    let unit = tr(language, AreaUnit::SquareMetre.key());
    let figure = format!("{} {}", area.display(AreaUnit::Mu), tr(language, AreaUnit::Mu.key()));
    let difference = format!("{difference} {unit}");
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), LINE), Sense::CLICK);
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, format!("{name} {figure} {difference}")));
    let painter = ui.painter();
    let middle = rect.center().y;
    let (ink, ground) = tone.map_or((t.muted, None), |tone| {
        let (ink, ground) = tone.colors(ui);
        (ink, Some(ground))
    });
    let galley = painter.layout_no_wrap(difference, font::table(), ink);
    let column = (rect.width() * 0.30).max(galley.size().x + 8.0);
    let place = Rect::from_min_size(pos2(rect.right() - column + 8.0, middle - galley.size().y / 2.0), galley.size());
    if let Some(ground) = ground {
        let plate = place.expand2(vec2(6.0, 1.0));
        painter.rect_filled(plate, plate.height() / 2.0, ground);
    }
    painter.galley(place.min, galley, ink);
    let right = rect.right() - column - 4.0;
    let figure = painter.text(pos2(right, middle), Align2::RIGHT_CENTER, figure, font::body(), t.text);
    let text = egui::WidgetText::from(egui::RichText::new(name).color(t.muted));
    let room = (figure.left() - rect.left() - 8.0).max(10.0);
    let galley = text.into_galley(ui, Some(egui::TextWrapMode::Truncate), room, font::body());
    ui.painter().galley(pos2(rect.left(), middle - galley.size().y / 2.0), galley, t.muted);
    response
}

pub(super) fn length_ui(
    ui: &mut Ui,
    language: Language,
    (entry, feature): (&Entry, usize),
    figures: Option<&FeatureFigures>,
    commands: &mut Vec<Command>,
) {
    let t = tokens(ui);
    widgets::note(ui, tr(language, "panels.length-geodesic"));
    let Some(length) = figures.and_then(|figures| figures.length) else {
        let error = figures.and_then(|figures| figures.error.as_ref());
        let text = error.map_or_else(|| tr(language, "panels.measuring").to_owned(), |e| e.text(language));
        widgets::label(ui, &text, font::body(), t.muted);
        return;
    };
    let metres = length.geodesic.display_m();
    let big = widgets::figure(ui, &metres, tr(language, "units.m"), font::figure()).interact(Sense::click());
    let title = format!("{} · {}", entry.title, why::name_of(&entry.layer, feature));
    why::asks(&big, || Some(why::feature_length(entry, feature, &title, length.geodesic)), commands);
    copies(big, language, &metres, commands);
    let km = format!("{} {}", format_number(length.geodesic.m() / 1e3, 4), tr(language, "units.km"));
    widgets::label(ui, &km, font::table(), t.muted);
    if let Some(planar) = length.planar {
        ui.add_space(6.0);
        let difference = signed(planar.m() - length.geodesic.m());
        let text = format!("{} {}  {difference}", planar.display_m(), tr(language, "units.m"));
        value_line(ui, language, tr(language, "panels.length-planar"), "", &text, commands);
    }
}
