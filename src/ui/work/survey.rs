//! Writing what a survey hands in: coordinate TXT, boundary points, the four sides.

use std::path::Path;
use std::sync::Arc;

use crate::io::{PLACES, TxtOptions, write_txt};
use crate::model::Layer;
use crate::report::boundary_points::{boundary_points, has_plane};
use crate::report::four_sides::{Asked, four_sides};
use crate::report::{Table, to_csv, to_xlsx};
use crate::text::{Language, Message};
use crate::ui::session::Session;
use crate::ui::session::opening::file_title;
use crate::ui::session::survey::{Order, Product, TEMPLATE};
use crate::ui::work::{save, scenarios};

/// How far beyond an outline neighbours are asked for, in metres.
const REACH_M: f64 = 1.0;

/// Writes what was ordered to a file to be chosen; how it is written stays with the project.
pub fn write(session: &mut Session, order: Order) {
    let Some(entry) = session.workspace.entry(order.layer) else { return };
    let (layer, title) = (entry.layer.clone(), entry.title.clone());
    let sentence = Message::new("survey.template-kept").with("layer", &title);
    session.workspace.set_setting(TEMPLATE, Some(&order.words), sentence, scenarios::by(session.language()));
    session.card = None;
    let (key, filters) = match order.product {
        Product::Txt => ("survey.name-txt", vec![("io.format-coordinates", "txt")]),
        Product::Points => ("report.boundary-points", vec![("io.format-xlsx", "xlsx"), ("io.format-csv", "csv")]),
        Product::Sides => ("report.four-sides", vec![("io.format-xlsx", "xlsx"), ("io.format-csv", "csv")]),
    };
    let name = format!("{title}_{}.{}", session.tr(key), filters[0].1);
    let filters = filters.into_iter().map(|(key, ending)| (session.tr(key).to_owned(), ending)).collect();
    let rows = session.project.selection.rows(order.layer).map(|rows| rows.iter().collect::<Vec<usize>>());
    let rows = rows.filter(|rows| !rows.is_empty());
    save::ask_target_of(session, name, filters, move |session, path| {
        let language = session.language();
        let around = order.around.as_ref().and_then(|(id, field)| {
            let around = session.layer(*id)?.clone();
            Some((around.field(field)?, around))
        });
        let ending = path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("csv"));
        let file = file_title(&path);
        session.jobs.spawn(
            Message::new("ui.job-export").with("file", &file),
            move |progress| bytes_of(&order, &layer, rows.as_deref(), around.as_ref(), ending, language, progress),
            move |session, result| match result {
                Ok(bytes) => save::write_to(session, Path::new(&path), &bytes),
                Err(reason) => {
                    let reason = reason.text(session.language());
                    session.notify_error(Message::new("ui.not-saved").with("file", file).with("reason", reason));
                }
            },
        );
    });
}

/// What was ordered, as the bytes of a file.
fn bytes_of(
    order: &Order,
    layer: &Layer,
    rows: Option<&[usize]>,
    around: Option<&(usize, Arc<Layer>)>,
    as_csv: bool,
    language: Language,
    progress: &crate::task::Progress,
) -> Result<Vec<u8>, Message> {
    let options = TxtOptions::of_words(&order.words, layer);
    let as_table = |table: &Table| {
        if as_csv {
            return Ok(to_csv(table, language));
        }
        to_xlsx(&[table], language).map_err(|error| error.message())
    };
    match (order.product, around) {
        (Product::Txt, _) => {
            let mut bytes = Vec::new();
            write_txt(layer, rows, &options, &mut bytes).map_err(|error| error.message())?;
            Ok(bytes)
        }
        (Product::Points, _) => {
            has_plane(layer)?;
            as_table(&boundary_points(layer, rows, &options, language))
        }
        (Product::Sides, None) => Err(Message::new("survey.sides-note")),
        (Product::Sides, Some((field, around))) => {
            let place =
                |at: usize| options.fields.iter().find(|(place, _)| *place == PLACES[at]).map(|(_, field)| *field);
            let asked = Asked { around, field: *field, reach_m: REACH_M };
            let table = four_sides(layer, rows, [place(0), place(1)], asked, language, progress);
            as_table(&table.map_err(|error| error.message())?)
        }
    }
}
