//! The attribute table of a layer: sorting, filtering and selecting, as the window does.

use std::process::ExitCode;
use std::sync::Arc;

use tuban::model::{AreaMethod, Formula};
use tuban::overlay;
use tuban::scenario::{Computed, Workspace};
use tuban::task::{Progress, leave_a_core};
use tuban::text::Language;
use tuban::ui::session::rows::{Rows, SelectMode, Selection};
use tuban::ui::work::columns::{Columns, Content};
use tuban::ui::work::order::{Request, order};

use crate::layers::Size;
use crate::timing::repeated;

/// Sorts by every column, filters, selects; the goal is 100 ms each.
pub(crate) fn run(letter: &str) -> ExitCode {
    let size = match Size::asked(letter) {
        Ok(size) => size,
        Err(code) => return code,
    };
    leave_a_core();
    let progress = Progress::new();
    let layer = size.layer();
    let areas = Arc::new(overlay::measured(&layer, AreaMethod::Survey, &progress).expect("is measured"));
    let mut workspace = Workspace::new();
    let id = workspace.add(layer.clone());
    workspace.set_areas(id, layer.revision, areas.clone());
    let entry = workspace.entry(id).expect("was added");
    let count = layer.feature_count();
    let request = Request {
        layer: layer.clone(),
        areas: Some(areas),
        sort: Vec::new(),
        filter: String::new(),
        only: None,
        classes: entry.class_field().map(|field| (field, entry.scheme())),
        language: Language::Chinese,
    };
    let report = |what: &str, ms: f64, rows: usize| println!("{what:<34} {ms:>8.1} ms {rows:>9} rows");
    let timed = |what: &str, request: &Request| {
        let mut rows = 0;
        let runs = repeated(|| {
            rows = order(request, &progress).expect("not cancelled").expect("a condition").order.len();
            rows as f64
        });
        report(what, runs.median() * 1e3, rows);
    };
    println!("the table of {count} rows; goal: 100 ms each");
    for content in Columns::of(entry, Language::Chinese).contents {
        let name = match content {
            Content::Number => "number in the file".to_owned(),
            Content::Field(field) => layer.fields[field].name.clone(),
            Content::ClassName(field) => format!("name of {}", layer.fields[field].name),
            Content::Area(unit) => format!("area in {unit:?}"),
            Content::Difference(_) => "difference of areas".to_owned(),
        };
        timed(&format!("sort by {name}"), &Request { sort: vec![(content, true)], ..request.clone() });
    }
    for filter in ["水浇地", "0103 50", "= $area > 5mu", "= DLBM like '01%' and $area > 1mu"] {
        timed(&format!("filter {filter}"), &Request { filter: filter.to_owned(), ..request.clone() });
    }
    for formula in ["TBMJ / 1mu", "left(DLBM, 2)", "if($area > 5mu, '大', '小')"] {
        let made = repeated(|| {
            let formulas = [Formula { field: "X".to_owned(), expression: formula.to_owned() }];
            let computed = Computed::over(&layer, request.areas.as_ref(), &formulas, None, &progress);
            computed.map_or(0.0, |_| count as f64)
        });
        report(&format!("field by {formula}"), made.median() * 1e3, count);
    }
    // What the window does before the first rows are seen: the columns, and their order as the file has it.
    let opened = repeated(|| {
        let columns = Columns::of(entry, Language::Chinese);
        let shown = order(&request, &progress).expect("not cancelled").expect("no filter").order;
        let cell = |at: usize| columns.cell(entry, at, 1, None, Language::Chinese).text.len();
        (0..shown.len().min(60)).filter_map(|row| shown.feature(row)).map(cell).sum::<usize>() as f64
    });
    report("the table opens", opened.median() * 1e3, count);
    let mut selection = Selection::default();
    let mut selected = |what: &str, mode: SelectMode, rows: &dyn Fn() -> Rows| {
        let runs = repeated(|| {
            selection.apply(id, &rows(), mode);
            selection.count() as f64
        });
        report(what, runs.median() * 1e3, selection.count());
    };
    selected("select all", SelectMode::Replace, &|| Rows::all(count));
    selected("add every third", SelectMode::Add, &|| (0..count).step_by(3).collect());
    selected("take every third away", SelectMode::Remove, &|| (0..count).step_by(3).collect());
    ExitCode::SUCCESS
}
