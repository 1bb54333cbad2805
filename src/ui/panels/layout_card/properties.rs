//! What the chosen item is like, or the page where none is: typed and picked.

use eframe::egui::{self, Align as Side, DragValue, ScrollArea, Ui, vec2};

use super::chosen::{self, Chosen};
use super::page;
use crate::model::layout::furniture::DIRECTION_COUNT;
use crate::model::layout::{
    Align, BlockItem, GridStyle, Item, Layout, LegendItem, MapItem, MapState, OfMap, Page, Paper, PlotSource, RoseItem,
    Shows, TableItem, TableOf, templates,
};
use crate::model::style::Color;
use crate::model::{Coord, GeometryKind};
use crate::text::Message;
use crate::ui::look::choice::choice;
use crate::ui::look::theme::size;
use crate::ui::look::{icons, widgets};
use crate::ui::session::Session;
use crate::ui::session::command::Command;
use crate::ui::session::command::layout::LayoutCommand;

/// Width of the words before the choices, in points.
const WORDS: f32 = 84.0;
/// Width of fields, in points.
const FIELD: f32 = 160.0;
/// Names of the directions of a wind rose, from north on clockwise.
const DIRECTIONS: [&str; DIRECTION_COUNT] =
    ["N", "NNE", "NE", "ENE", "E", "ESE", "SE", "SSE", "S", "SSW", "SW", "WSW", "W", "WNW", "NW", "NNW"];
/// Units that areas of legends and tables stand in, by their words.
const UNITS: [(&str, &str); 3] = [("mu", "units.mu"), ("ha", "units.ha"), ("km2", "units.km2")];

/// Draws the properties.
pub(super) fn ui(
    ui: &mut Ui,
    session: &Session,
    layout: &mut Layout,
    chosen: &mut Chosen,
    page: &page::State,
    commands: &mut Vec<Command>,
) {
    ScrollArea::vertical().id_salt("layout-properties").auto_shrink(false).show(ui, |ui| {
        match chosen.places(layout).as_slice() {
            [] => page_ui(ui, session, layout),
            [at] => item_ui(ui, session, layout, *at, chosen, page, commands),
            _ => chosen::ui(ui, session, layout, chosen),
        }
    });
}

/// A row of choices with their word before them, in as many lines as they need.
pub(super) fn row(ui: &mut Ui, name: &str, content: impl FnOnce(&mut Ui)) {
    ui.horizontal_top(|ui| {
        ui.set_min_height(size::CONTROL + 2.0);
        ui.allocate_ui_with_layout(vec2(WORDS, size::CONTROL), egui::Layout::left_to_right(Side::Center), |ui| {
            widgets::muted(ui, name);
            ui.take_available_width();
        });
        // Further lines begin under the first choice, not under the word.
        ui.horizontal_wrapped(content);
    });
}

/// A number that is dragged or typed.
fn number(ui: &mut Ui, name: &str, value: &mut f64, range: std::ops::RangeInclusive<f64>, suffix: &str) {
    let response = ui.add(DragValue::new(value).range(range).speed(0.5).max_decimals(1).suffix(suffix));
    response.accessible_name(name).on_hover_text(name);
}

/// Text in one line.
fn line(ui: &mut Ui, name: &str, text: &mut String) {
    row(ui, name, |ui| {
        widgets::field(ui, text, None, "", name, FIELD);
    });
}

/// One of several names; empty where the first is meant.
fn pick(ui: &mut Ui, session: &Session, key: &str, names: &[String], none: &str, now: &mut String) {
    row(ui, session.tr(key), |ui| {
        let shown = if now.is_empty() { session.tr(none).to_owned() } else { now.clone() };
        choice(ui, session.tr(key), &shown, |ui| {
            if widgets::menu_row(ui, None, session.tr(none), "", Some(now.is_empty())).clicked() {
                now.clear();
                ui.close();
            }
            for name in names {
                if widgets::menu_row(ui, None, name, "", Some(now == name)).clicked() {
                    now.clone_from(name);
                    ui.close();
                }
            }
        });
    });
}

fn page_ui(ui: &mut Ui, session: &Session, layout: &mut Layout) {
    widgets::section(ui, session.tr("layout.page"));
    line(ui, session.tr("layout.name"), &mut layout.name);
    row(ui, session.tr("layout.paper"), |ui| {
        let paper = layout.page.paper();
        let landscape = layout.page.width_mm > layout.page.height_mm;
        let now = paper.and_then(|(paper, _)| Paper::ALL.into_iter().find(|(of, _)| *of == paper));
        choice(ui, session.tr("layout.paper"), now.map_or(session.tr("layout.custom"), |(_, name)| name), |ui| {
            for (paper, name) in Paper::ALL {
                if widgets::menu_row(ui, None, name, "", Some(now.is_some_and(|(of, _)| of == paper))).clicked() {
                    layout.page = Page { margin_mm: layout.page.margin_mm, ..Page::of(paper, landscape) };
                    ui.close();
                }
            }
        });
        for (lies, key) in [(true, "layout.landscape"), (false, "layout.portrait")] {
            if widgets::segment(ui, session.tr(key), landscape == lies).clicked() && landscape != lies {
                (layout.page.width_mm, layout.page.height_mm) = (layout.page.height_mm, layout.page.width_mm);
            }
        }
    });
    row(ui, session.tr("layout.sides"), |ui| {
        number(ui, session.tr("layout.width"), &mut layout.page.width_mm, 20.0..=5080.0, " mm");
        number(ui, session.tr("layout.height"), &mut layout.page.height_mm, 20.0..=5080.0, " mm");
    });
    row(ui, session.tr("layout.margin"), |ui| {
        number(ui, session.tr("layout.margin"), &mut layout.page.margin_mm, 0.0..=200.0, " mm");
    });
    ui.add_space(size::STEP);
    widgets::section(ui, session.tr("layout.words"));
    for (key, word) in &mut layout.words {
        row(ui, templates::word_name(key, session.language()), |ui| {
            widgets::field(ui, word, None, "", templates::word_name(key, session.language()), FIELD);
        });
    }
    if layout.shows_plots() {
        ui.add_space(size::STEP);
        plots_ui(ui, session, &mut layout.plots);
    }
}

/// Of which layer the plots are, and who names their neighbours.
fn plots_ui(ui: &mut Ui, session: &Session, plots: &mut PlotSource) {
    widgets::section(ui, session.tr("layout.plots"));
    widgets::note(ui, session.tr("layout.plots-note"));
    let polygons = || session.workspace.entries.iter().filter(|entry| entry.layer.kind == GeometryKind::Polygon);
    let titles: Vec<String> = polygons().map(|entry| entry.title.clone()).collect();
    pick(ui, session, "layout.plots-layer", &titles, "layout.first-layer", &mut plots.layer);
    let before = plots.around.clone();
    pick(ui, session, "layout.plots-around", &titles, "layout.plots-same", &mut plots.around);
    if plots.around != before {
        plots.field.clear();
    }
    let around = if plots.around.is_empty() { &plots.layer } else { &plots.around };
    let entry = polygons().find(|entry| entry.title == *around).or_else(|| {
        let is_usual = |entry: &&crate::scenario::Entry| entry.role == crate::model::roles::Role::LandUse;
        around.is_empty().then(|| polygons().find(is_usual)).flatten()
    });
    let fields: Vec<String> =
        entry.map_or_else(Vec::new, |entry| entry.layer.fields.iter().map(|field| field.name.clone()).collect());
    pick(ui, session, "layout.plots-field", &fields, "layout.plots-label", &mut plots.field);
}

fn item_ui(
    ui: &mut Ui,
    session: &Session,
    layout: &mut Layout,
    at: usize,
    chosen: &mut Chosen,
    page: &page::State,
    commands: &mut Vec<Command>,
) {
    let mut item = layout.items[at].clone();
    widgets::section(ui, session.tr(item.shows.key()));
    let mut name = item.name.clone();
    line(ui, session.tr("layout.name"), &mut name);
    let is_free = layout.items.iter().enumerate().all(|(nth, other)| nth == at || other.name != name);
    if name != item.name && is_free && !name.trim().is_empty() {
        let old = item.name.clone();
        layout.rename(&old, &name);
        item.name.clone_from(&name);
        chosen.set(Some(name));
    }
    row(ui, session.tr("layout.place"), |ui| {
        number(ui, session.tr("layout.left"), &mut item.frame[0], -500.0..=5080.0, " mm");
        number(ui, session.tr("layout.top"), &mut item.frame[1], -500.0..=5080.0, " mm");
    });
    row(ui, session.tr("layout.sides"), |ui| {
        number(ui, session.tr("layout.width"), &mut item.frame[2], 1.0..=5080.0, " mm");
        number(ui, session.tr("layout.height"), &mut item.frame[3], 1.0..=5080.0, " mm");
    });
    alignment(ui, session, &layout.page, &mut item.frame);
    style_ui(ui, session, &mut item);
    ui.add_space(size::STEP);
    let scale = page.scale_of(&item.name);
    shows_ui(ui, session, layout, &mut item, scale, commands);
    layout.items[at] = item;
}

/// Buttons that put an item to a margin or the middle of the page.
fn alignment(ui: &mut Ui, session: &Session, page: &Page, frame: &mut [f64; 4]) {
    let margin = page.margin_mm;
    row(ui, session.tr("layout.align"), |ui| {
        for (axis, side, keys) in [
            (0, page.width_mm, ["layout.to-left", "layout.to-middle", "layout.to-right"]),
            (1, page.height_mm, ["layout.to-top", "layout.to-centre", "layout.to-bottom"]),
        ] {
            let free = side - frame[axis + 2];
            let icons = if axis == 0 {
                [icons::ARROW_LEFT, icons::MINUS, icons::ARROW_RIGHT]
            } else {
                [icons::ARROW_UP, icons::PLUS, icons::ARROW_DOWN]
            };
            for ((to, key), icon) in [margin, free / 2.0, free - margin].into_iter().zip(keys).zip(icons) {
                if widgets::icon_button_small(ui, icon, session.tr(key)).clicked() {
                    frame[axis] = (to * 10.0).round() / 10.0;
                }
            }
        }
    });
}

fn style_ui(ui: &mut Ui, session: &Session, item: &mut Item) {
    let style = &mut item.style;
    row(ui, session.tr("layout.letters"), |ui| {
        number(ui, session.tr("layout.letters"), &mut style.size_pt, 1.0..=300.0, " pt");
        if widgets::segment(ui, session.tr("layout.bold"), style.bold).clicked() {
            style.bold = !style.bold;
        }
    });
    if matches!(item.shows, Shows::Text(_) | Shows::Block(_)) {
        row(ui, session.tr("layout.text-at"), |ui| {
            for (align, key) in [
                (Align::Left, "layout.text-left"),
                (Align::Middle, "layout.text-middle"),
                (Align::Right, "layout.text-right"),
            ] {
                if widgets::segment(ui, session.tr(key), style.align == align).clicked() {
                    style.align = align;
                }
            }
        });
    }
    row(ui, session.tr("layout.color"), |ui| color_ui(ui, session.tr("layout.color"), &mut style.color));
    row(ui, session.tr("layout.frame-line"), |ui| {
        number(ui, session.tr("layout.frame-line"), &mut style.line_mm, 0.0..=10.0, " mm");
    });
    row(ui, session.tr("layout.ground"), |ui| color_ui(ui, session.tr("layout.ground"), &mut style.fill));
}

fn color_ui(ui: &mut Ui, name: &str, color: &mut Color) {
    let [r, g, b, a] = color.to_array();
    let mut picked = egui::Color32::from_rgba_unmultiplied(r, g, b, a);
    if ui.color_edit_button_srgba(&mut picked).accessible_name(name).changed() {
        let [r, g, b, a] = picked.to_srgba_unmultiplied();
        *color = Color { r, g, b, a };
    }
}

/// What the item shows; `scale` is that of the map as it was drawn last.
fn shows_ui(
    ui: &mut Ui,
    session: &Session,
    layout: &Layout,
    item: &mut Item,
    scale: Option<f64>,
    commands: &mut Vec<Command>,
) {
    let is_map = |of: &&Item| matches!(of.shows, Shows::Map(_)) && of.name != item.name;
    let maps: Vec<String> = layout.items.iter().filter(is_map).map(|of| of.name.clone()).collect();
    match &mut item.shows {
        Shows::Text(text) => {
            widgets::section(ui, session.tr("layout.text"));
            let edit = egui::TextEdit::multiline(&mut text.text).desired_rows(4).desired_width(f32::INFINITY);
            ui.add(edit).accessible_name(session.tr("layout.text"));
            widgets::note(ui, session.tr("layout.words-note"));
        }
        Shows::Map(map) => map_ui(ui, session, map, &maps, scale),
        Shows::Legend(LegendItem { map, title, areas, unit, in_view }) => {
            pick(ui, session, "layout.of-map", &maps, "layout.first-map", map);
            line(ui, session.tr("layout.heading"), title);
            row(ui, session.tr("layout.areas"), |ui| {
                if widgets::segment(ui, session.tr("layout.shown"), *areas).clicked() {
                    *areas = !*areas;
                }
            });
            unit_ui(ui, session, unit);
            row(ui, session.tr("layout.listed"), |ui| {
                for (only, key) in [(false, "layout.listed-all"), (true, "layout.listed-in-view")] {
                    if widgets::segment(ui, session.tr(key), *in_view == only).clicked() {
                        *in_view = only;
                    }
                }
            });
        }
        Shows::ScaleBar(OfMap { map }) | Shows::North(OfMap { map }) => {
            pick(ui, session, "layout.of-map", &maps, "layout.first-map", map);
        }
        Shows::Table(table) => table_ui(ui, session, table, &maps),
        Shows::Rose(rose) => rose_ui(ui, session, rose),
        Shows::Picture(picture) => {
            line(ui, session.tr("layout.file"), &mut picture.path);
            if widgets::button(ui, Some(icons::FOLDER_OPEN), session.tr("layout.choose-picture")).clicked() {
                let (layout, item) = (layout.name.clone(), item.name.clone());
                commands.push(Command::Layout(LayoutCommand::ChoosePicture { layout, item }));
            }
            widgets::note(ui, session.tr("layout.picture-note"));
        }
        Shows::Block(block) => block_ui(ui, session, block),
        Shows::Rectangle(_) => {}
    }
}

/// What the figures of a table are, and whose.
fn table_ui(ui: &mut Ui, session: &Session, table: &mut TableItem, maps: &[String]) {
    let TableItem { of, map, layer, level, title, unit } = table;
    row(ui, session.tr("layout.table-of"), |ui| {
        choice(ui, session.tr("layout.table-of"), session.tr(of.key()), |ui| {
            for (other, key) in TableOf::ALL {
                if widgets::menu_row(ui, None, session.tr(key), "", Some(other == *of)).clicked() {
                    *of = other;
                    ui.close();
                }
            }
        });
    });
    if !of.is_of_plot() {
        pick(ui, session, "layout.of-map", maps, "layout.first-map", map);
    }
    if *of == TableOf::Classes {
        pick(ui, session, "layout.layer", &titles(session), "layout.first-layer", layer);
        row(ui, session.tr("layout.level"), |ui| {
            for (of, key) in [(0, "layout.level-own"), (1, "layout.level-first"), (2, "layout.level-second")] {
                if widgets::segment(ui, session.tr(key), *level == of).clicked() {
                    *level = of;
                }
            }
        });
    }
    line(ui, session.tr("layout.heading"), title);
    if of.has_unit() {
        unit_ui(ui, session, unit);
    }
}

/// How often the wind comes from each direction, in the year and in the summer.
fn rose_ui(ui: &mut Ui, session: &Session, rose: &mut RoseItem) {
    widgets::section(ui, session.tr("layout.rose"));
    widgets::note(ui, session.tr("layout.rose-note"));
    for (nth, direction) in DIRECTIONS.into_iter().enumerate() {
        row(ui, direction, |ui| {
            for (winds, key) in [(&mut rose.year, "layout.rose-year"), (&mut rose.summer, "layout.rose-summer")] {
                let name = format!("{} {direction}", session.tr(key));
                let mut share = winds[nth];
                let field = DragValue::new(&mut share).range(0.0..=100.0).speed(0.1).max_decimals(1).suffix(" %");
                if ui.add(field).accessible_name(&name).on_hover_text(name).changed() {
                    RoseItem::set(winds, nth, share);
                }
            }
        });
    }
    for (winds, key) in [(&rose.year, "layout.rose-calm-year"), (&rose.summer, "layout.rose-calm-summer")] {
        let calm = (100.0 - winds.iter().sum::<f64>()).max(0.0);
        let calm = Message::new(key).with("share", crate::units::format_number(calm, 1));
        widgets::muted(ui, &calm.text(session.language()));
    }
}

/// Titles of all layers.
pub(super) fn titles(session: &Session) -> Vec<String> {
    session.workspace.entries.iter().map(|entry| entry.title.clone()).collect()
}

fn unit_ui(ui: &mut Ui, session: &Session, unit: &mut String) {
    row(ui, session.tr("layout.unit"), |ui| {
        for (word, key) in UNITS {
            if widgets::segment(ui, session.tr(key), unit == word).clicked() {
                word.clone_into(unit);
            }
        }
    });
}

fn map_ui(ui: &mut Ui, session: &Session, map: &mut MapItem, maps: &[String], drawn: Option<f64>) {
    widgets::section(ui, session.tr("layout.map"));
    row(ui, session.tr("layout.state"), |ui| state_ui(ui, session, &mut map.state));
    pick(ui, session, "layout.follows", maps, "layout.follows-none", &mut map.follows);
    pick(ui, session, "layout.marks", maps, "layout.marks-none", &mut map.marks);
    if map.follows.is_empty() {
        row(ui, session.tr("layout.scale-number"), |ui| {
            // Where none is given, the one that was worked out is shown, and is where typing and dragging begin.
            match map.scale.or(drawn).map(f64::round) {
                Some(mut scale) => {
                    let field = DragValue::new(&mut scale).range(0.0..=1e9).speed(100.0).max_decimals(0).prefix("1 : ");
                    let name = session.tr("layout.scale-number");
                    let response = ui.add(field).accessible_name(name).on_hover_text(session.tr("layout.scale-note"));
                    if response.changed() {
                        map.scale = (scale >= 1.0).then_some(scale);
                    }
                }
                // The page is being drawn for the first time.
                None => {
                    widgets::muted(ui, "1 : …");
                }
            }
            if widgets::segment(ui, session.tr("layout.scale-automatic"), map.scale.is_none()).clicked() {
                map.scale =
                    if map.scale.is_some() { None } else { drawn.map(f64::round).filter(|scale| *scale >= 1.0) };
            }
        });
        row(ui, session.tr("layout.enlarge"), |ui| {
            let mut times = map.enlarge.unwrap_or(1.0);
            let field = DragValue::new(&mut times).range(0.5..=5.0).speed(0.05).max_decimals(1).suffix(" ×");
            let response = ui.add(field).accessible_name(session.tr("layout.enlarge"));
            if response.on_hover_text(session.tr("layout.enlarge-note")).changed() {
                map.enlarge = ((times - 1.0).abs() > 0.04).then_some(times);
            }
        });
        row(ui, session.tr("layout.of-wall"), |ui| {
            for (times, text) in [(None, session.tr("layout.of-wall-none")), (Some(3.0), "1 / 3"), (Some(4.0), "1 / 4")]
            {
                if widgets::segment(ui, text, map.of_wall == times).clicked() {
                    (map.of_wall, map.scale) = (times, None);
                }
            }
        });
        ui.horizontal(|ui| {
            if widgets::button(ui, Some(icons::LOCATE_FIXED), session.tr("layout.as-on-screen")).clicked() {
                let Coord { x, y } = session.view.center;
                (map.centre, map.scale) = (Some([x, y]), Some(session.scale().round().max(1.0)));
            }
            if widgets::button(ui, Some(icons::MAXIMIZE), session.tr("layout.everything")).clicked() {
                (map.centre, map.scale) = (None, None);
            }
        });
    }
    row(ui, session.tr("layout.grid"), |ui| {
        for (style, key) in GridStyle::ALL {
            if widgets::segment(ui, session.tr(key), map.grid == style).clicked() {
                map.grid = style;
            }
        }
    });
    row(ui, session.tr("layout.grid-step"), |ui| {
        let mut step = map.grid_m.unwrap_or(0.0) / 1000.0;
        let before = step;
        ui.add(DragValue::new(&mut step).range(0.0..=10_000.0).speed(0.1).max_decimals(3).suffix(" km"))
            .accessible_name(session.tr("layout.grid-step"))
            .on_hover_text(session.tr("layout.grid-note"));
        if step != before {
            map.grid_m = (step >= 0.001).then_some(step * 1000.0);
        }
        if widgets::segment(ui, session.tr("layout.corners"), map.corners).clicked() {
            map.corners = !map.corners;
        }
    });
    row(ui, session.tr("layout.plots"), |ui| {
        if widgets::segment(ui, session.tr("layout.plots-drawn"), map.plot).clicked() {
            map.plot = !map.plot;
        }
    });
    widgets::section(ui, session.tr("layout.layers"));
    widgets::note(ui, session.tr("layout.layers-note"));
    for title in titles(session) {
        let on = map.layers.contains(&title);
        if ui.selectable_label(on, title.as_str()).clicked() {
            if on {
                map.layers.retain(|of| *of != title);
            } else {
                map.layers.push(title);
            }
        }
    }
}

/// Which state a map shows.
fn state_ui(ui: &mut Ui, session: &Session, state: &mut MapState) {
    let named = |key: &'static str, name: &str| {
        let name = if name.is_empty() { session.tr("layout.first-scenario") } else { name };
        Message::new(key).with("name", name).text(session.language())
    };
    let text = |state: &MapState| match state {
        MapState::Shown => session.tr("layout.state-shown").to_owned(),
        MapState::Base => session.tr("scenario.base-state").to_owned(),
        MapState::Scenario(name) => named("layout.state-scenario", name),
        MapState::Changes(name) => named("layout.changes-of", name),
    };
    let names = session.workspace.scenarios.list().iter().map(|scenario| scenario.name.clone());
    let scenarios = names.flat_map(|name| [MapState::Scenario(name.clone()), MapState::Changes(name)]);
    let first = [MapState::Scenario(String::new()), MapState::Changes(String::new())];
    let all: Vec<MapState> = [MapState::Shown, MapState::Base].into_iter().chain(first).chain(scenarios).collect();
    choice(ui, session.tr("layout.state"), &text(state), |ui| {
        for of in &all {
            if widgets::menu_row(ui, None, &text(of), "", Some(of == state)).clicked() {
                state.clone_from(of);
                ui.close();
            }
        }
    });
}

fn block_ui(ui: &mut Ui, session: &Session, block: &mut BlockItem) {
    widgets::section(ui, session.tr("layout.block"));
    let mut gone = None;
    for (nth, [label, text]) in block.rows.iter_mut().enumerate() {
        ui.horizontal(|ui| {
            let name = |key: &str| format!("{} {}", session.tr(key), nth + 1);
            widgets::field(ui, label, None, "", &name("layout.row-label"), 84.0);
            widgets::field(ui, text, None, "", &name("layout.row-text"), 120.0);
            if widgets::icon_button_small(ui, icons::X, &name("layout.row-remove")).clicked() {
                gone = Some(nth);
            }
        });
    }
    if let Some(nth) = gone {
        block.rows.remove(nth);
    }
    if widgets::button(ui, Some(icons::PLUS), session.tr("layout.row-add")).clicked() {
        block.rows.push([String::new(), String::new()]);
    }
}
