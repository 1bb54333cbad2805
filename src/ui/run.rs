//! The one place where commands are carried out.

use std::path::PathBuf;

use eframe::egui;

use super::command::{Command, LayerCommand};
use super::settings::{self, ThemeChoice};
use super::state::{Card, FeatureRef, Identified, Page, Panel, Rows, SelectMode, Session, Sketch, Tab, Tool};
use super::watch::Seen;
use super::{
    arriving, awaited, compare, conflicts, doctor_card, edit, judging, keeping, leaving, line_shares, locate,
    measuring, navigate, open, prepare, rules_editor, save, saving, scenarios, search, table, taking, two_states,
};
use crate::crs::Crs;
use crate::model::style::Styling;
use crate::model::{Extent, LayerId, Severity};
use crate::render::MapView;
use crate::scenario::Property;
use crate::text::{Language, Message};
use leaving::Next;
use two_states::Seeing;

/// Free room around what is zoomed to, in points.
pub const MARGIN: f64 = 24.0;

/// Seconds that a note stays.
const NOTE_SECONDS: f64 = 6.0;

/// Carries out `command`.
pub fn run(session: &mut Session, command: Command, ctx: &egui::Context) {
    match command {
        Command::Scenario(command) => scenarios::run(session, command),
        Command::Edit(page) => {
            session.editing = page;
            if page == Some(edit::Page::Class) {
                edit::take_keyboard(ctx);
            }
        }
        Command::Recover(path) => leaving::go(session, Next::Recover(path)),
        Command::See(seeing) => session.seeing = seeing,
        Command::ShowBreaches(rule) => judging::show_breaches(session, rule),
        Command::Rules(page) => session.rules_page = page,
        Command::SaveRules { path, text } => rules_editor::save(session, path, text),
        Command::ReadRules => judging::read_again(session),
        Command::ShowConflict(row) => conflicts::show(session, row),
        Command::TakeOf(measurement) => taking::pin(session, measurement),
        Command::SaveConflicts => conflicts::save(session),
        Command::SeeBeside(nth, state) => two_states::choose(session, nth, state),
        Command::ToggleSwipe => toggle_swipe(session, false),
        Command::ToggleSwipeLevel => toggle_swipe(session, true),
        Command::ToggleLinked => {
            let states = 1 + session.workspace.scenarios.list().len();
            session.seeing = match session.seeing {
                Seeing::Linked { .. } => Seeing::One,
                _ => Seeing::Linked { count: states.clamp(2, two_states::MOST_LINKED) },
            };
        }

        Command::Open => open::choose(session),
        Command::OpenPaths(paths) => open::open(session, paths),
        Command::ExportAnyway(layer, path) => save::export_anyway(session, layer, path),
        Command::OpenDemo => leaving::go(session, Next::Demo),
        Command::SaveProject => saving::save(session, false),
        Command::SaveProjectAs => saving::save(session, true),
        Command::SaveOver(path) => saving::save_over(session, path),
        Command::SaveAndLeave(next) => leaving::save_first(session, next),
        Command::DiscardAndLeave(next) => leaving::discard(session, next),
        Command::CopyMap => save::copy_map(session, ctx),
        Command::SaveMap => save::save_map(session),
        Command::UsedClass(class) => session.settings.remember_class(class),
        Command::UsedColor(color) => session.settings.remember_color(color),
        Command::ClearRecent => session.settings.recent.clear(),
        Command::ClearCaches => clear_traces(session),
        Command::Quit => leaving::go(session, Next::Quit),

        Command::SelectAll => select_all(session),
        Command::InvertSelection => invert_selection(session),
        Command::ClearSelection => session.selection.clear(),
        Command::Select { layer, rows, mode } => select(session, layer, &rows, mode),
        Command::SelectClass { layer, symbol, mode } => select_class(session, layer, symbol, mode),
        Command::Locate(open) => session.locating.open = open,
        Command::SelectByLocation(ask) => locate::start(session, ask),
        Command::CopyRows => table::copying::copy(session, ctx),
        Command::SaveRows => table::copying::save(session),
        Command::CopyText(text) => {
            ctx.copy_text(text);
            session.notify(Message::new("ui.copied"));
        }
        Command::Search => search::focus(ctx),
        Command::FindFeatures(query) => search::find(session, query),

        Command::FullExtent => zoom_to(session, session.full_extent()),
        Command::ZoomToSelection => zoom_to(session, session.selection_extent()),
        Command::ZoomIn => zoom_by(session, 2.0),
        Command::ZoomOut => zoom_by(session, 0.5),
        Command::ViewBack => {
            if let Some(view) = session.views.back(&session.view) {
                session.view = view.resized(session.view.size_px);
            }
        }
        Command::ViewForward => {
            if let Some(view) = session.views.forward(&session.view) {
                session.view = view.resized(session.view.size_px);
            }
        }
        Command::SetView(view) => session.view = view,
        Command::RememberView => session.views.leave(&session.view),
        Command::SetMapSize(size_px) => set_map_size(session, size_px),
        Command::ZoomTo(extent) => zoom_to(session, extent),
        Command::GoTo(place) => {
            session.views.leave(&session.view);
            session.view = session.view.centered(place);
            session.marked = Some(place);
        }
        Command::SetScale(denominator) => {
            session.views.leave(&session.view);
            session.view = session.view.at_scale(denominator, session.metres_per_unit());
        }
        Command::ShowFeature(feature) => show_feature(session, feature),
        Command::ShowFeatures { layer, rows } => {
            select(session, layer, &rows, SelectMode::Replace);
            show_layer(session, layer);
            zoom_to(session, session.selection_extent());
        }
        Command::TogglePanel(panel) => {
            let open = session.settings.open_mut(panel);
            *open = !*open;
        }
        Command::ShowTab(tab) => {
            let open = session.settings.bottom_open && session.settings.tab == tab;
            // A key goes to the table before it puts it away.
            let by_pointer = ctx.input(|input| input.pointer.any_click());
            let stays = open && !by_pointer && !table::has_keyboard(ctx);
            session.settings.bottom_open = !open || stays;
            if session.settings.bottom_open && !by_pointer {
                table::take_keyboard(ctx);
            }
            session.settings.tab = tab;
            if tab.compares() {
                compare::open(session);
            }
        }
        Command::RevealTab(tab) => {
            session.settings.bottom_open = true;
            session.settings.tab = tab;
        }
        Command::SetTableOrder(layer, order) => {
            session.orders.insert(layer, order);
        }
        Command::Count(counted) => session.counted = counted,
        Command::ToggleGrid => session.settings.grid = !session.settings.grid,
        Command::ToggleGraticule => session.settings.graticule = !session.settings.graticule,
        Command::ToggleSnap => session.settings.snap = !session.settings.snap,
        Command::SetReach(reach) => session.settings.reach = reach,
        Command::SetLanguage(language) => session.settings.language = language,
        Command::SetTheme(theme) => session.settings.theme = theme,
        Command::SwitchTheme => {
            let dark = ctx.theme() == egui::Theme::Dark;
            session.settings.theme = if dark { ThemeChoice::Light } else { ThemeChoice::Dark };
        }
        Command::SwitchLanguage => {
            session.settings.language = match session.settings.language {
                Language::Chinese => Language::English,
                Language::English => Language::Chinese,
            };
        }
        Command::SetAreaUnit(unit) => session.settings.area_unit = unit,
        Command::LargerInterface => session.settings.interface = settings::next_size(session.settings.interface, true),
        Command::SmallerInterface => {
            session.settings.interface = settings::next_size(session.settings.interface, false);
        }
        Command::ResetInterface => session.settings.interface = 1.0,

        Command::UseTool(tool) => {
            if session.tool != tool {
                session.sketch = Sketch::default();
            }
            session.tool = tool;
        }
        Command::SetSketch(sketch) => session.sketch = sketch,
        Command::KeepMeasurement => keep_measurement(session),
        Command::NameMeasurement(at, name) => {
            session.workspace.name_measurement(at, &name, scenarios::by(session));
        }
        Command::RemoveMeasurement(at) => {
            session.workspace.remove_measurement(at, scenarios::by(session));
        }
        Command::ShowMeasurement(at) => {
            if let Some(measurement) = session.workspace.measurements.get(at)
                && Some(&measurement.crs) == session.workspace.crs.as_ref()
            {
                zoom_to(session, Extent::of(&measurement.points));
            }
        }
        Command::Hover(feature) => session.hover = feature,
        Command::SetCursor(place) => session.cursor = place,
        Command::Identify(hits) => {
            if !hits.is_empty() {
                session.page = Page::Identify;
                session.settings.inspector_open = true;
            }
            session.identified = Identified { hits, shown: 0 };
        }
        Command::ShowIdentified(shown) => session.identified.shown = shown,
        Command::Escape => escape(session),

        Command::SetCurrent(layer) => session.current = layer,
        Command::SetVisible(layer, visible) => {
            change(session, Property::Visible(layer, visible));
            if visible {
                prepare::retry(session, layer);
            }
        }
        Command::SetAllVisible(visible) => {
            let layers: Vec<LayerId> = session.workspace.entries.iter().map(crate::scenario::Entry::id).collect();
            let key = if visible { "scenario.layers-shown" } else { "scenario.layers-hidden" };
            let all = layers.iter().map(|layer| Property::Visible(*layer, visible)).collect();
            session.workspace.change_all(all, Message::new(key), scenarios::by(session));
            if visible {
                layers.into_iter().for_each(|layer| prepare::retry(session, layer));
            }
        }
        Command::SetGroupVisible(group, visible) => change(session, Property::GroupVisible(group, visible)),
        Command::ToggleGroup(group) => {
            if let Some(group) = session.workspace.group_mut(&group) {
                group.open = !group.open;
            }
        }
        Command::ToggleLegend(layer) => {
            if let Some(entry) = session.workspace.entry_mut(layer) {
                entry.open = !entry.open;
            }
        }
        Command::MoveLayer { layer, group, index } => {
            session.workspace.arrange(layer, &group, index, scenarios::by(session));
        }
        Command::RenameLayer(layer, title) => {
            let own = session.layer(layer).map(|layer| layer.name.clone()).unwrap_or_default();
            let title = if title.trim().is_empty() { own } else { title };
            change(session, Property::Title(layer, title));
        }
        Command::Layer(layer, command) => run_layer(session, layer, command),
        Command::Current(command) => {
            if let Some(layer) = session.current {
                run_layer(session, layer, command);
            }
        }
        Command::SetStyle(layer, style) => change(session, Property::Style(layer, style)),
        Command::SetClassVisible { layer, symbol, visible } => {
            let mut style = session.workspace.entry(layer).map(|entry| Box::new(entry.style.clone()));
            if let Some(style) = &mut style
                && let Styling::Categorised(categories) = &mut style.styling
            {
                match categories.classes.get_mut(usize::from(symbol)) {
                    Some(class) => class.visible = visible,
                    None => categories.other_visible = visible,
                }
            }
            if let Some(style) = style {
                change(session, Property::Style(layer, style));
            }
        }
        Command::SetLayerCrs(layer, crs) => open::set_layer_crs(session, layer, crs),
        Command::SetCorrection(layer, correction) => {
            open::set_correction(session, layer, correction.map(|correction| *correction));
        }
        Command::SetMethod(layer, method) => change(session, Property::Method(layer, method)),
        Command::SetProjectCrs(crs) => set_project_crs(session, crs),
        Command::ChooseProjectCrs => session.card = Some(Card::ProjectCrs),
        Command::AnswerOpen(choice) => open::answer(session, choice),

        Command::Compare(command) => compare::run(session, command, ctx),

        Command::Shortcuts => session.card = Some(Card::Shortcuts),
        Command::About => session.card = Some(Card::About),
        Command::CancelTask(job) => session.jobs.cancel(job),
        Command::Retry(what) => awaited::retry(session, what),
        Command::ReloadLayers(layers) => {
            for layer in layers {
                open::reload(session, layer);
            }
        }
        Command::DismissNotice(id) => session.notices.retain(|notice| notice.id != id),
        Command::CloseCard => {
            session.card = None;
            session.asked_path = None;
        }
        Command::AnswerPath(path) => super::path_card::answer(session, path),
        Command::ShowCard(card) => session.card = Some(card),
        Command::ShowPage(page) => session.page = page,
    }
}

/// Says something about the document, as a step that undo takes back.
fn change(session: &mut Session, property: Property) {
    session.workspace.change(property, scenarios::by(session));
}

fn toggle_swipe(session: &mut Session, wanted: bool) {
    session.seeing = match session.seeing {
        Seeing::Swipe { level, .. } if level == wanted => Seeing::One,
        Seeing::Swipe { at, .. } => Seeing::Swipe { level: wanted, at },
        _ => Seeing::Swipe { level: wanted, at: 0.5 },
    };
}

/// What happens each frame before panels draw: work that is due is started, derived values are brought up to date.
pub fn refresh(session: &mut Session, ctx: &egui::Context) {
    if session.current().is_none() {
        session.current = session.workspace.entries.last().map(crate::scenario::Entry::id);
    }
    follow_crs(session);
    saving::refresh(session);
    open::refresh(session);
    two_states::refresh(session);
    compare::follow(session);
    prepare::refresh(session);
    arriving::refresh(session);
    measuring::refresh(session);
    measuring::refresh_coverages(session);
    watch_files(session);
    judging::refresh(session);
    keeping::refresh(session);
    compare::work::refresh(session);
    conflicts::refresh(session);
    taking::refresh(session);
    line_shares::refresh(session);
    let mut derived = std::mem::take(&mut session.derived);
    derived.refresh(session);
    session.derived = derived;
    if session.wants_full_extent && session.view.size_px[0] > 1.0 {
        let extent = session.full_extent();
        if !extent.is_empty() {
            session.view = MapView::fit(&extent, session.view.size_px, MARGIN);
            // Layers come one by one: the view follows until all have come or the user takes it over.
            session.wants_full_extent = !session.jobs.is_empty();
        }
    }
    let now = ctx.input(|input| input.time);
    for notice in &mut session.notices {
        notice.since.get_or_insert(now);
    }
    session.notices.retain(|notice| {
        notice.severity > Severity::Note || notice.since.is_none_or(|since| now - since < NOTE_SECONDS)
    });
    if session.notices.iter().any(|notice| notice.severity == Severity::Note) {
        ctx.request_repaint_after(std::time::Duration::from_secs(1));
    }
}

/// Offers to read a file again that has changed on disk, and says when one is gone.
fn watch_files(session: &mut Session) {
    let mut paths: Vec<PathBuf> = Vec::new();
    for entry in &session.workspace.entries {
        let path = &entry.layer.provenance.path;
        if path.is_absolute() && !paths.contains(path) {
            paths.push(path.clone());
        }
    }
    session.watch.set(&paths);
    while let Some((path, seen)) = session.watch.next_changed() {
        let layers = session.workspace.entries.iter().filter(|entry| entry.layer.provenance.path == path);
        let layers: Vec<LayerId> = layers.map(crate::scenario::Entry::id).collect();
        if layers.is_empty() {
            continue;
        }
        match seen {
            Seen::Changed => {
                let message = Message::new("ui.file-changed").with("file", file_title(&path));
                session.offer(message, "ui.layer-reload", Command::ReloadLayers(layers));
            }
            Seen::Gone => session.warn(Message::new("ui.file-gone").with("path", crate::io::shown_path(&path))),
        }
    }
}

/// Forgets what this machine remembers about the user's data: recent files. Caches do not exist outside the project.
fn clear_traces(session: &mut Session) {
    session.settings.recent.clear();
    keeping::clear(session);
    session.notify(Message::new("ui.traces-cleared"));
}

fn run_layer(session: &mut Session, layer: LayerId, command: LayerCommand) {
    match command {
        LayerCommand::ZoomTo => {
            let crs = session.workspace.crs.clone();
            let shown = session.prepared(layer).zip(crs).map(|(prepared, crs)| prepared.shown_extent(&crs));
            if let Some(extent) = shown {
                zoom_to(session, extent);
            }
        }
        LayerCommand::OpenTable => {
            session.current = Some(layer);
            session.settings.tab = Tab::Table;
            session.settings.bottom_open = true;
        }
        LayerCommand::Style => {
            session.current = Some(layer);
            session.page = Page::Style(layer);
            *session.settings.open_mut(Panel::Inspector) = true;
        }
        LayerCommand::Crs => session.card = Some(Card::LayerCrs(layer)),
        LayerCommand::Doctor => doctor_card::examine(session, layer),
        LayerCommand::Method(method) => change(session, Property::Method(layer, method)),
        LayerCommand::Coverage => measuring::coverage(session, layer),
        LayerCommand::Reload => open::reload(session, layer),
        LayerCommand::Export => save::export(session, layer),
        LayerCommand::Remove => remove_layer(session, layer),
    }
}

fn remove_layer(session: &mut Session, layer: LayerId) {
    let below = session.workspace.index_of(layer);
    let Some(title) = session.workspace.entry(layer).map(|entry| entry.title.clone()) else { return };
    let hanging = session.workspace.hanging_on(layer).join(", ");
    if !session.workspace.close(layer, scenarios::by(session)) {
        return;
    }
    if session.current == Some(layer) {
        let next = below.map(|at| at.min(session.workspace.entries.len().saturating_sub(1)));
        session.current = next.and_then(|at| session.workspace.entries.get(at)).map(crate::scenario::Entry::id);
    }
    forget_gone(session);
    let undo = Command::Scenario(scenarios::ScenarioCommand::Undo);
    if hanging.is_empty() {
        session.suggest(Message::new("ui.layer-removed").with("layer", title), "edit.undo", undo);
    } else {
        let message = Message::new("ui.layer-removed-edited").with("layer", title).with("names", hanging);
        session.offer(message, "edit.undo", undo);
    }
}

/// Forgets what the session remembers of layers that are no longer in the tree.
pub fn forget_gone(session: &mut Session) {
    if session.current.is_some_and(|layer| session.workspace.entry(layer).is_none()) {
        session.current = None;
    }
    if matches!(session.page, Page::Style(layer) if session.workspace.entry(layer).is_none()) {
        session.page = Page::Identify;
    }
    let gone: Vec<LayerId> =
        session.shapes.keys().copied().filter(|id| session.workspace.entry(*id).is_none()).collect();
    for layer in gone {
        session.forget_features(layer);
        session.shapes.remove(&layer);
    }
}

fn select(session: &mut Session, layer: LayerId, rows: &Rows, mode: SelectMode) {
    session.selection.apply(layer, rows, mode);
    if mode != SelectMode::Remove && !rows.is_empty() {
        session.current = Some(layer);
    }
}

fn select_class(session: &mut Session, layer: LayerId, symbol: u16, mode: SelectMode) {
    let Some(symbols) = session.derived.symbols(layer) else { return };
    let rows: Rows = symbols.iter().enumerate().filter(|(_, of)| **of == symbol).map(|(feature, _)| feature).collect();
    select(session, layer, &rows, mode);
}

fn select_all(session: &mut Session) {
    if let Some(entry) = session.current() {
        let (layer, rows) = (entry.id(), Rows::all(entry.layer.feature_count()));
        session.selection.apply(layer, &rows, SelectMode::Replace);
    }
}

fn invert_selection(session: &mut Session) {
    if let Some(entry) = session.current() {
        let (layer, count) = (entry.id(), entry.layer.feature_count());
        let rows = session.selection.rows(layer).map_or_else(|| Rows::all(count), |rows| rows.inverted(count));
        session.selection.apply(layer, &rows, SelectMode::Replace);
    }
}

/// Shows an extent of the project CRS.
pub(super) fn zoom_to(session: &mut Session, extent: Extent) {
    if extent.is_empty() {
        return;
    }
    session.views.leave(&session.view);
    session.wants_full_extent = false;
    session.view = MapView::fit(&extent, session.view.size_px, MARGIN);
}

fn zoom_by(session: &mut Session, factor: f64) {
    session.views.leave(&session.view);
    let [width, height] = session.view.size_px;
    session.view = session.view.zoomed_about([width / 2.0, height / 2.0], factor);
}

fn set_map_size(session: &mut Session, size_px: [f64; 2]) {
    session.view = session.view.resized(size_px);
}

fn show_feature(session: &mut Session, feature: FeatureRef) {
    session.selection.apply(feature.layer, &Rows::from_iter([feature.feature]), SelectMode::Replace);
    session.current = Some(feature.layer);
    session.page = Page::Identify;
    session.identified = Identified { hits: vec![feature], shown: 0 };
    session.settings.inspector_open = true;
    show_layer(session, feature.layer);
    let extent = session.prepared(feature.layer).map(|prepared| prepared.feature_extent(feature.feature));
    if let Some(extent) = extent.filter(|extent| !extent.is_empty()) {
        session.views.leave(&session.view);
        session.wants_full_extent = false;
        // Room around the feature, so that one sees where it lies.
        let size = session.view.size_px;
        let fitted = MapView::fit(&extent, size, 0.3 * size[0].min(size[1]));
        session.view = if extent.width() > 0.0 || extent.height() > 0.0 {
            fitted
        } else {
            fitted.at_scale(2000.0, session.metres_per_unit())
        };
    }
}

/// Makes sure that a layer is drawn.
fn show_layer(session: &mut Session, layer: LayerId) {
    let Some(entry) = session.workspace.entry(layer) else { return };
    let sentence = Message::new("scenario.layer-shown").with("layer", &entry.title);
    let shown = vec![Property::Visible(layer, true), Property::GroupVisible(entry.group.clone(), true)];
    session.workspace.change_all(shown, sentence, scenarios::by(session));
}

fn keep_measurement(session: &mut Session) {
    use super::sketch::{Measurement, MeasurementKind};
    let kind = match session.tool {
        Tool::Distance => MeasurementKind::Distance,
        Tool::Area => MeasurementKind::Area,
        _ => return,
    };
    let least = if kind == MeasurementKind::Area { 3 } else { 2 };
    if session.sketch.points.len() < least {
        return;
    }
    let Some(crs) = session.workspace.crs.clone() else { return };
    let points = std::mem::take(&mut session.sketch).points;
    let measurement = Measurement { name: String::new(), kind, points, crs };
    session.workspace.keep_measurement(measurement, scenarios::by(session));
    session.settings.tab = Tab::Measurements;
}

fn escape(session: &mut Session) {
    if session.card.take().is_some() {
    } else if !session.sketch.is_empty() {
        session.sketch = Sketch::default();
    } else if session.taking.pinned.take().is_some()
        || session.marked.take().is_some()
        || std::mem::take(&mut session.locating.open)
        || session.editing.take().is_some()
        || session.rules_page.take().is_some()
    {
    } else if matches!(session.page, Page::Style(_)) {
        session.page = Page::Identify;
    } else if session.compare.pick.take().is_some() || conflicts::unmark(session) {
    } else if !session.identified.hits.is_empty() {
        session.identified = Identified::default();
    } else {
        session.selection.clear();
    }
}

fn set_project_crs(session: &mut Session, crs: Crs) {
    change(session, Property::Crs(Some(crs)));
}

/// What is drawn in another CRS of the map than the present one is forgotten: its numbers are others. The place and the
/// scale stay.
fn follow_crs(session: &mut Session) {
    if session.drawn_in == session.workspace.crs {
        return;
    }
    let before = std::mem::replace(&mut session.drawn_in, session.workspace.crs.clone());
    let Some(before) = before else { return };
    session.views = super::views::Views::default();
    session.sketch = Sketch::default();
    session.marked = None;
    session.cursor = None;
    // What was looked at is looked at still; a view that waits for all to come goes on waiting.
    let now = session.drawn_in.clone();
    let stays = !session.wants_full_extent && now.is_some_and(|now| navigate::keep_place(session, &before, &now));
    session.wants_full_extent = !stays;
}

/// The title of a file for sentences: its name without the folder.
pub fn file_title(path: &std::path::Path) -> String {
    crate::io::shown_path(path.file_name().unwrap_or(path.as_os_str()))
}
