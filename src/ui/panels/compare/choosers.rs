//! What a comparison is of, at the right of the tabs: pair, classes, unit, and the settings behind a button.

use eframe::egui::{Popup, PopupCloseBehavior, ScrollArea, Ui};

use crate::model::{AreaMethod, GeometryKind};
use crate::report::transition::Measure;
use crate::scenario::MeasurementKind;
use crate::scenario::transition::{Basis, Tolerance};
use crate::text::{Language, Message, tr};
use crate::ui::look::choice::choice;
use crate::ui::look::theme::size;
use crate::ui::look::{icons, widgets};
use crate::ui::session::Session;
use crate::ui::session::command::Command;
use crate::ui::session::command::compare::CompareCommand;
use crate::ui::session::command::window::WindowCommand;
use crate::ui::session::compare::Compare;
use crate::ui::session::compare::sides::{Side, Source};
use crate::ui::work::attribute_area::AttributeArea;
use crate::ui::work::compare::names::{by_name, short_titles};
use crate::ui::work::compare::sides;
use crate::ui::work::measurements;
use crate::ui::work::measuring::method_key;
use crate::units::{Area, AreaUnit, Length, format_number};

/// What the choosers remember between frames.
#[derive(Default)]
pub struct State {
    /// The tolerance as it is being typed: area and width.
    typed: Option<[String; 2]>,
}

/// Highest list of a chooser, in points.
const LIST: f32 = 340.0;

/// Width of the settings, in points.
const SETTINGS: f32 = 260.0;

/// Draws the choosers. Comes right to left.
pub fn ui(ui: &mut Ui, session: &Session, state: &mut State, commands: &mut Vec<Command>) {
    let mut push = |command| commands.push(Command::Compare(command));
    settings_button(ui, session, state, &mut push);
    let on = session.compare.change_map;
    if widgets::icon_toggle(ui, icons::SWATCH_BOOK, session.tr("compare.change-map"), on).clicked() {
        push(CompareCommand::ToggleChangeMap);
    }
    let on = session.compare.only_changed;
    if widgets::icon_toggle(ui, icons::EYE_OFF, session.tr("compare.only-changed"), on).clicked() {
        push(CompareCommand::ToggleUnchanged);
    }
    ui.add_space(4.0);
    unit_choice(ui, session, commands);
    let mut push = |command| commands.push(Command::Compare(command));
    by_choice(ui, session, &mut push);
    pair_choice(ui, session, &mut push);
}

fn by_choice(ui: &mut Ui, session: &Session, push: &mut dyn FnMut(CompareCommand)) {
    let Some(sources) = session.compare.sources else { return };
    let [Some(base), Some(scenario)] = sources.map(|source| Side::of(&session.workspace, session.language(), source))
    else {
        return;
    };
    let now = &session.compare.by;
    choice(ui, session.tr("compare.classes"), &by_name(session.language(), now), |ui| {
        ScrollArea::vertical().max_height(LIST).show(ui, |ui| {
            for by in sides::groupings(&base, &scenario) {
                if widgets::menu_row(ui, None, &by_name(session.language(), &by), "", Some(by == *now)).clicked() {
                    push(CompareCommand::SetBy(by));
                    ui.close();
                }
            }
        });
    });
}

fn share_name(session: &Session, share: Measure) -> &str {
    session.tr(match share {
        Measure::OfRow => "compare.of-row",
        Measure::OfColumn => "compare.of-column",
        _ => "compare.of-total",
    })
}

fn unit_choice(ui: &mut Ui, session: &Session, commands: &mut Vec<Command>) {
    let unit = session.settings.area_unit;
    let share = session.compare.share;
    let now = share.map_or_else(|| session.tr(unit.key()), |share| share_name(session, share));
    choice(ui, session.tr("ui.area-unit"), now, |ui| {
        for other in AreaUnit::ALL {
            let on = share.is_none() && other == unit;
            if widgets::menu_row(ui, None, session.tr(other.key()), "", Some(on)).clicked() {
                commands.push(Command::Window(WindowCommand::SetAreaUnit(other)));
                commands.push(Command::Compare(CompareCommand::SetShare(None)));
                ui.close();
            }
        }
        ui.separator();
        for other in Measure::SHARES {
            if widgets::menu_row(ui, None, share_name(session, other), "", Some(share == Some(other))).clicked() {
                commands.push(Command::Compare(CompareCommand::SetShare(Some(other))));
                ui.close();
            }
        }
    });
}

fn pair_choice(ui: &mut Ui, session: &Session, push: &mut dyn FnMut(CompareCommand)) {
    let Some(sources) = session.compare.sources else { return };
    let title = |source: Source| {
        Side::of(&session.workspace, session.language(), source).map_or_else(String::new, |side| side.title)
    };
    let titles = sources.map(title);
    let [base, scenario] = short_titles(&titles[0], &titles[1]);
    let now = Message::new("compare.pair").with("base", base).with("scenario", scenario).text(session.language());
    choice(ui, session.tr("compare.layers"), &now, |ui| {
        if widgets::menu_row(ui, Some(icons::REFRESH_CW), session.tr("compare.swap"), "", None).clicked() {
            push(CompareCommand::Swap);
            ui.close();
        }
        ui.separator();
        ScrollArea::vertical().max_height(LIST).show(ui, |ui| {
            for (side, key) in ["compare.base", "compare.scenario"].into_iter().enumerate() {
                widgets::menu_heading(ui, session.tr(key));
                for state in sides::states(&session.workspace, session.language()) {
                    // Each state once, by its name, with its layers under it.
                    widgets::note(ui, &state.name);
                    for (source, title) in state.layers {
                        let on = sources[side].as_state(&session.workspace) == source;
                        ui.push_id((side, source), |ui| {
                            if widgets::menu_row(ui, None, &title, "", Some(on)).clicked() && !on {
                                let mut chosen = sources.map(|source| source.as_state(&session.workspace));
                                chosen[side] = source;
                                // The other one takes the place of what was chosen twice.
                                if chosen[0] == chosen[1] {
                                    chosen[1 - side] = sources[side].as_state(&session.workspace);
                                }
                                push(CompareCommand::SetSources(chosen));
                                ui.close();
                            }
                        });
                    }
                }
            }
        });
    });
}

fn settings_button(ui: &mut Ui, session: &Session, state: &mut State, push: &mut dyn FnMut(CompareCommand)) {
    let response = widgets::icon_button(ui, icons::SLIDERS_HORIZONTAL, session.tr("compare.settings"));
    let shown = Popup::menu(&response)
        .close_behavior(PopupCloseBehavior::CloseOnClickOutside)
        .show(|ui| settings_ui(ui, session, state, push));
    if shown.is_none() {
        state.typed = None;
    }
}

fn settings_ui(ui: &mut Ui, session: &Session, state: &mut State, push: &mut dyn FnMut(CompareCommand)) {
    ui.set_width(SETTINGS);
    widgets::menu_heading(ui, session.tr("compare.slivers-below"));
    tolerance_ui(ui, &session.compare, session.language(), state, push);
    ui.separator();
    widgets::menu_heading(ui, session.tr("ui.method"));
    basis_ui(ui, session, push);
    ui.separator();
    widgets::menu_heading(ui, session.tr("compare.crosswalk"));
    if widgets::menu_row(ui, None, session.tr("compare.open-crosswalk"), "", None).clicked() {
        push(CompareCommand::OpenCrosswalk);
        ui.close();
    }
    if session.compare.crosswalk.is_some()
        && widgets::menu_row(ui, None, session.tr("compare.drop-crosswalk"), "", Some(true)).clicked()
    {
        push(CompareCommand::DropCrosswalk);
    }
    ui.separator();
    widgets::menu_heading(ui, session.tr("compare.study-area"));
    within_ui(ui, session, push);
}

fn tolerance_ui(
    ui: &mut Ui,
    compare: &Compare,
    language: Language,
    state: &mut State,
    push: &mut dyn FnMut(CompareCommand),
) {
    let now = compare.tolerance;
    let shown = || [now.area.m2(), now.width.m()].map(|value| value.to_string());
    let typed = state.typed.get_or_insert_with(shown);
    let mut done = false;
    ui.horizontal(|ui| {
        ui.add_space(10.0);
        for (at, (key, unit)) in
            [("compare.least-area", "units.m2"), ("compare.least-width", "units.m")].into_iter().enumerate()
        {
            let response = widgets::field(ui, &mut typed[at], None, "", tr(language, key), 64.0);
            done |= response.lost_focus();
            response.on_hover_text(tr(language, key));
            widgets::muted(ui, tr(language, unit));
        }
    });
    ui.add_space(size::STEP);
    if done {
        let number = |text: &str| text.trim().parse().ok().filter(|v: &f64| *v >= 0.0 && v.is_finite()); // no number
        if let (Some(area), Some(width)) = (number(&typed[0]), number(&typed[1])) {
            let wanted = Tolerance { area: Area::from_m2(area), width: Length::from_m(width) };
            if wanted != now {
                push(CompareCommand::SetTolerance(wanted));
            }
        } else {
            *typed = shown();
        }
    }
}

fn basis_ui(ui: &mut Ui, session: &Session, push: &mut dyn FnMut(CompareCommand)) {
    let Some(sources) = session.compare.sources else { return };
    let [Some(base), Some(scenario)] = sources.map(|source| Side::of(&session.workspace, session.language(), source))
    else {
        return;
    };
    let now = session.compare.basis.clone();
    let now = now.unwrap_or_else(|| Basis::Geometry(session.method(base.layer.id)));
    let geographic = base.layer.crs.is_geographic();
    let methods = [AreaMethod::Survey, AreaMethod::Geodesic, AreaMethod::Planar].into_iter();
    for method in methods.filter(|method| *method != AreaMethod::Planar || !geographic) {
        let basis = Basis::Geometry(method);
        if widgets::menu_row(ui, None, session.tr(method_key(method)), "", Some(basis == now)).clicked() {
            push(CompareCommand::SetBasis(Some(basis)));
        }
    }
    for field in ledger_fields(&base, &scenario) {
        let name = Message::new("compare.by-field").with("field", &field).text(session.language());
        let basis = Basis::Field(field);
        if widgets::menu_row(ui, None, &name, "", Some(basis == now)).clicked() {
            push(CompareCommand::SetBasis(Some(basis)));
        }
    }
}

/// Fields of both states that hold the area of each parcel.
fn ledger_fields(base: &Side, scenario: &Side) -> Vec<String> {
    let known = AttributeArea::of(&base.layer);
    let name = known.map(|known| base.layer.fields[known.field].name.clone());
    name.into_iter().filter(|name| scenario.layer.field(name).is_some()).collect()
}

fn within_ui(ui: &mut Ui, session: &Session, push: &mut dyn FnMut(CompareCommand)) {
    let now = session.compare.within.as_ref();
    if widgets::menu_row(ui, None, session.tr("compare.everywhere"), "", Some(now.is_none())).clicked() {
        push(CompareCommand::SetWithin(None));
    }
    let polygons = session.workspace.entries.iter().filter(|entry| entry.layer.kind == GeometryKind::Polygon);
    ScrollArea::vertical().max_height(160.0).show(ui, |ui| {
        let areas =
            session.workspace.measurements.iter().enumerate().filter(|(_, kept)| kept.kind == MeasurementKind::Area);
        for (at, kept) in areas {
            let name = measurements::name(session.language(), at, kept);
            let on = now.is_some_and(|now| now.selected && now.title == name);
            if widgets::menu_row(ui, Some(icons::VECTOR_SQUARE), &name, "", on.then_some(true)).clicked() {
                push(CompareCommand::SetWithinMeasured(at));
            }
        }
        for entry in polygons {
            if let Some(rows) = session.project.selection.rows(entry.id()) {
                let selected = Message::new("compare.selected-of")
                    .with("layer", &entry.title)
                    .with("n", format_number(rows.len() as f64, 0))
                    .text(session.language());
                let on = now.is_some_and(|now| now.selected && now.title == entry.title);
                if widgets::menu_row(ui, None, &selected, "", Some(on)).clicked() {
                    push(CompareCommand::SetWithinSelected(entry.id()));
                }
            }
            // The layers that are compared do not restrict each other.
            if session.compare.sources.is_some_and(|pair| pair.iter().any(|side| side.layer() == entry.id())) {
                continue;
            }
            let on = now.is_some_and(|now| !now.selected && now.layer.id == entry.id());
            if widgets::menu_row(ui, None, &entry.title, "", Some(on)).clicked() {
                push(CompareCommand::SetWithin(Some(entry.id())));
            }
        }
    });
}
