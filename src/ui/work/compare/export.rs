//! What leaves a comparison: tables for the clipboard and for spreadsheets, as the command line writes them.

use crate::io;
use crate::model::style::Symbol;
use crate::render::chart::{Chart, ChartColors};
use crate::render::lettering::Typeface;
use crate::report::transition::pictures::{FlowChart, change_chart, flow_chart};
use crate::report::{self, Table, transition as tables};
use crate::scenario::transition::pieces::{self, Wanted};
use crate::text::{Language, Message, tr};
use crate::ui::session::Session;
use crate::ui::session::command::compare::ComparePicture;
use crate::ui::session::compare::Compare;
use crate::ui::session::compare::shown::Shown;
use crate::ui::session::settings::Settings;
use crate::ui::work::compare::names::{self, by_name};
use crate::ui::work::compare::{beside_matrix, pick};
use crate::ui::work::save::{ask_target, ask_target_of, is_csv, table_filters, write_layer, write_to, write_workbook};
use crate::units::{Area, AreaUnit, format_number};

/// The matrix with tabs between cells.
pub fn matrix_text(session: &Session) -> Option<String> {
    text(session, |shown, session| {
        tables::matrix_table(&shown.matrix, &shown.classes, session.settings.area_unit, session.language())
    })
}

/// The balance with tabs between cells.
pub fn balance_text(session: &Session) -> Option<String> {
    text(session, |shown, session| {
        tables::balance_table(&shown.matrix, &shown.classes, session.settings.area_unit, session.language())
    })
}

/// The transitions with tabs between cells, the largest first.
pub fn changes_text(session: &Session) -> Option<String> {
    text(session, |shown, session| {
        let unit = session.settings.area_unit;
        tables::change_table(&shown.matrix, &shown.classes, unit, usize::MAX, session.language())
    })
}

/// The balance of every region with tabs between cells.
pub fn regions_text(session: &Session) -> Option<String> {
    beside_matrix::regions_as_table(&session.compare, &session.settings)
        .map(|table| report::to_tsv(&table, session.language()))
}

/// All states side by side with tabs between cells.
pub fn states_text(session: &Session) -> Option<String> {
    beside_matrix::states_as_table(session).map(|table| report::to_tsv(&table, session.language()))
}

fn text(session: &Session, table: impl FnOnce(&Shown, &Session) -> Table) -> Option<String> {
    let shown = session.compare.shown()?;
    Some(report::to_tsv(&table(shown, session), session.language()))
}

/// Matrix, balance and transitions in one CSV file, with what they are of.
pub fn csv(compare: &Compare, settings: &Settings) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    for table in whole(compare, settings)? {
        report::append_csv(&mut bytes, &table, settings.language);
    }
    Some(bytes)
}

/// Matrix, balance and transitions, with what they are of.
fn whole(compare: &Compare, settings: &Settings) -> Option<[Table; 3]> {
    let shown = compare.shown()?;
    let (unit, language) = (settings.area_unit, settings.language);
    let mut matrix = tables::matrix_table(&shown.matrix, &shown.classes, unit, language);
    matrix.notes = notes(compare, language, shown);
    let mut balance = tables::balance_table(&shown.matrix, &shown.classes, unit, language);
    let mut changes = tables::change_table(&shown.matrix, &shown.classes, unit, usize::MAX, language);
    // Sheets are called by their titles; in CSV nothing is.
    tr(language, "report.matrix-sheet").clone_into(&mut matrix.title);
    tr(language, "report.balance").clone_into(&mut balance.title);
    tr(language, "report.changes").clone_into(&mut changes.title);
    Some([matrix, balance, changes])
}

/// What the figures are of, one sentence each.
fn notes(compare: &Compare, language: Language, shown: &Shown) -> Vec<String> {
    let matrix = &shown.matrix;
    let rounded = tables::Rounded::new(matrix, AreaUnit::Mu);
    let printed = |units: i64| format_number(rounded.value(units), rounded.decimals);
    let title = Message::new("cli.compare-title")
        .with("base", &shown.sides[0].title)
        .with("scenario", &shown.sides[1].title)
        .with("method", tr(language, shown.comparison.table.method.key()))
        .with_said("zone", |l| crate::crs::name_said(&shown.comparison.table.frame, l))
        .with("level", by_name(language, &compare.by));
    let figures = Message::new("cli.compare-figures")
        .with("unchanged", printed(rounded.total.unchanged))
        .with("changed", printed(rounded.changed))
        .with("only_base", printed(rounded.total.only_base))
        .with("only_scenario", printed(rounded.total.only_scenario));
    let tolerance = compare.tolerance;
    let slivers = Message::new("cli.compare-slivers")
        .with("n", format_number(matrix.slivers.count as f64, 0))
        .with("mu", Area::from_m2(matrix.slivers.m2).display(AreaUnit::Mu))
        .with("area", tolerance.area.display(AreaUnit::SquareMetre))
        .with("width", tolerance.width.m());
    let residual = Message::new("cli.compare-residual").with("m2", format!("{:.3e}", matrix.residual_m2));
    let within = shown.within.as_ref().map(|area| Message::new("compare.within").with("area", area));
    let remarks = shown.classes.remarks.iter().cloned();
    [title]
        .into_iter()
        .chain(remarks)
        .chain([figures, slivers, residual])
        .chain(within)
        .map(|message| message.text(language))
        .collect()
}

/// Asks where to, and writes the workbook or the CSV file.
pub fn export(session: &mut Session) {
    let Some(shown) = session.compare.shown() else { return };
    let name = Message::new("compare.file")
        .with("base", &shown.sides[0].title)
        .with("scenario", &shown.sides[1].title)
        .text(session.language());
    let name = format!("{}.xlsx", name.replace(['/', '\\', ':'], "-"));
    ask_target_of(session, name, table_filters(session), export_to);
}

/// Writes the workbook, or the CSV file where its name ends so.
pub fn export_to(session: &mut Session, path: std::path::PathBuf) {
    if is_csv(&path) {
        let Some(bytes) = csv(&session.compare, &session.settings) else { return };
        return write_to(session, &path, &bytes);
    }
    let Some(tables) = whole(&session.compare, &session.settings) else { return };
    write_workbook(session, &path, &tables.each_ref());
}

/// The picture, `width` wide; with what its flows are, where it has some.
pub fn chart(
    settings: &Settings,
    shown: &Shown,
    picture: ComparePicture,
    width: f32,
    colors: &ChartColors,
) -> (Chart, Option<FlowChart>) {
    let (unit, language) = (settings.area_unit, settings.language);
    let color_of = |class: u32| shown.swatches.get(class as usize).map_or(colors.muted, Symbol::color);
    let [base, scenario] = [&shown.sides[0].title, &shown.sides[1].title];
    let title = Message::new("compare.picture-title")
        .with("what", settings.tr(picture.key()))
        .with("base", base)
        .with("scenario", scenario)
        .with("unit", settings.tr(unit.key()))
        .text(language);
    let (matrix, list) = (&shown.matrix, &shown.classes.list);
    match picture {
        ComparePicture::Flows => {
            let titles = [title.as_str(), base.as_str(), scenario.as_str()];
            let flows = flow_chart(matrix, list, &color_of, titles, unit, width, colors, language);
            (flows.chart.clone(), Some(flows))
        }
        ComparePicture::Bars => (change_chart(matrix, list, &color_of, &title, unit, width, colors, language), None),
    }
}

/// Width of pictures in files, and pixels a point of them in PNG.
const FILE_WIDTH: f32 = 1100.0;
const FILE_SCALE: f32 = 2.0;

/// The picture on white paper as the bytes of a file; `None` where it would be too large.
pub fn picture_bytes(compare: &Compare, settings: &Settings, picture: ComparePicture, svg: bool) -> Option<Vec<u8>> {
    let shown = compare.shown()?;
    let (chart, _) = chart(settings, shown, picture, FILE_WIDTH, &ChartColors::PAPER);
    chart.drawing.bytes(svg, &Typeface::bundled(), FILE_SCALE)
}

/// Asks where to, and writes the picture.
pub fn save_picture(session: &mut Session, picture: ComparePicture, svg: bool) {
    let Some(shown) = session.compare.shown() else { return };
    let name = Message::new("compare.picture-file")
        .with("what", session.tr(picture.key()))
        .with("base", &shown.sides[0].title)
        .with("scenario", &shown.sides[1].title)
        .text(session.language());
    let kind = if svg { ("compare.filter-svg", "svg") } else { ("compare.filter-png", "png") };
    let name = format!("{}.{}", name.replace(['/', '\\', ':'], "-"), kind.1);
    ask_target(session, name, kind, move |session, path| {
        if let Some(bytes) = picture_bytes(&session.compare, &session.settings, picture, svg) {
            write_to(session, &path, &bytes);
        }
    });
}

/// Asks where to, and writes the pieces that the map shows.
pub fn save_pieces(session: &mut Session) {
    let compare = &session.compare;
    let Some((shown, pick)) = compare.shown().zip(compare.shown_pick()) else { return };
    let name = format!("{}.geojson", names::name(session.language(), shown, pick).replace(['/', '\\', ':'], "-"));
    ask_target(session, name, ("compare.filter-geojson", "geojson"), save_pieces_to);
}

/// Writes the pieces that the map shows, in the CRS of the base, with classes, areas and rows.
pub fn save_pieces_to(session: &mut Session, path: std::path::PathBuf) {
    let compare = &session.compare;
    let Some((shown, pick)) = compare.shown().cloned().zip(compare.shown_pick()) else { return };
    let made = pick::features(&shown, pick);
    let wanted = Wanted { pairs: made.pairs, rest: made.rest };
    write_layer(session, path, move |path, guard, progress| {
        let classes = shown.classes_of();
        let class =
            |side: usize, feature: u32| shown.classes.list[classes[side][feature as usize] as usize].key.clone();
        let layers = [0, 1].map(|side| &*shown.sides[side].layer);
        let layer =
            pieces::as_layer(layers, &shown.comparison, &wanted, &class, progress).map_err(|error| error.message())?;
        let written = io::write(path, &layer, None, io::WriteOptions::default(), guard);
        written.map_err(|error| error.message())?;
        Ok(layer.feature_count())
    });
}
