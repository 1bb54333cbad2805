//! The hand-in check in the window: the open layers held against a schema in the background, when that is asked for.
//!
//! It is not worked out anew after each edit: a check of a whole delivery takes its time, and what is being mended is seen
//! best in a list that stands still. The tab says when the layers have changed since.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::demo;
use crate::io;
use crate::model::Layer;
use crate::report;
use crate::task::Progress;
use crate::text::{Message, system_reason};
use crate::ui::session::Session;
use crate::ui::session::awaited::News;
use crate::ui::session::command::Command;
use crate::ui::session::command::layer::LayerCommand;
use crate::ui::session::command::select::SelectCommand;
use crate::ui::session::handin::{Answer, Key, SchemaChoice};
use crate::ui::session::parts::Tab;
use crate::ui::session::rows::FeatureRef;
use crate::ui::work::asking;
use crate::ui::work::save::{ask, ask_target_of, write_to};
use crate::validate::{MOST_LISTED, Part, Schema, Validation, built_in};

/// The choice that stands: the user's, else that of the demo for its layers, else the survey's.
pub fn choice(session: &Session) -> SchemaChoice {
    let is_demo = session.workspace.entries.iter().any(|entry| demo::is_path(&entry.layer.provenance.path));
    session.handin.choice.clone().unwrap_or(SchemaChoice::BuiltIn(if is_demo { "demo" } else { "survey" }))
}

/// Holds the open layers against a schema, and shows the tab.
pub fn check(session: &mut Session, chosen: Option<SchemaChoice>) {
    if chosen.is_some() {
        session.handin.choice = chosen;
    }
    session.settings.bottom_open = true;
    session.settings.tab = Tab::HandIn;
    let choice = choice(session);
    session.handin.asked += 1;
    let key = Key { asked: session.handin.asked, ..key(session, choice.clone()) };
    let layers: Vec<Arc<Layer>> = session
        .workspace
        .entries
        .iter()
        .map(|entry| Arc::new(Layer { name: entry.title.clone(), ..Layer::clone(&entry.layer) }))
        .collect();
    let name = Message::new("edit.job-hand-in");
    session.handin.answer.start(&mut session.jobs, key, name, move |progress| {
        let schema = schema_of(&choice)?;
        held(schema, &layers, progress)
    });
}

/// Takes what has come, and lets go of what is about layers that are all gone.
pub fn refresh(session: &mut Session) {
    let is_gone =
        |of: &Key| !of.layers.is_empty() && of.layers.iter().all(|(layer, _)| session.layer(*layer).is_none());
    if session.handin.answer.key().is_some_and(is_gone) {
        session.handin.answer.forget();
    }
    if session.handin.answer.poll() == Some(News::Arrived)
        && let Some(answer) = session.handin.answer.value()
    {
        let counts = report::validate::counts(answer);
        session.notify(Message::new("edit.hand-in-done").with_message("counts", &counts));
    }
}

/// Whether the layers are still those that the answer is of.
pub fn is_current(session: &Session) -> bool {
    let Some(of) = session.handin.answer.value_key() else { return false };
    key(session, of.choice.clone()).layers == of.layers
}

fn key(session: &Session, choice: SchemaChoice) -> Key {
    let layers = session.workspace.entries.iter().map(|entry| (entry.id(), entry.layer.revision));
    Key { layers: layers.collect(), choice, asked: 0 }
}

fn schema_of(choice: &SchemaChoice) -> Result<Schema, Message> {
    match choice {
        SchemaChoice::BuiltIn(word) => {
            built_in(word).ok_or_else(|| Message::new("edit.no-such-schema").with("name", word))
        }
        SchemaChoice::File(path) => {
            let about = |reason: &Message| {
                Message::new("edit.schema-unreadable").with("file", path.display()).with_message("reason", reason)
            };
            let text = io::read_text(path).map_err(|error| about(&system_reason(&error)))?;
            Schema::parse(&text).map_err(|error| about(&error.message()))
        }
    }
}

fn held(schema: Schema, layers: &[Arc<Layer>], progress: &Progress) -> Result<Arc<Answer>, Message> {
    // A result of work that was cancelled is thrown away, whatever it says.
    let cancelled = |_| Message::new("ui.work-stopped");
    let mut validation = Validation::new(Arc::new(schema), MOST_LISTED);
    for layer in layers {
        validation.layer(&layer.provenance.path, layer, progress).map_err(cancelled)?;
    }
    let mut load = |part: &Part, _: &Progress| {
        let known = layers.iter().find(|layer| layer.id == part.layer);
        known.cloned().ok_or_else(|| Message::new("ui.work-lost"))
    };
    validation.across(&mut load, progress).map_err(cancelled)?;
    Ok(Arc::new(validation.finish()))
}

/// Goes to a fault: its feature, else its layer.
pub fn show(session: &mut Session, group: usize, fault: usize) {
    let Some(answer) = session.handin.answer.value() else { return };
    let Some(found) = answer.groups.get(group) else { return };
    let Some(part) = found.key.part.and_then(|part| answer.parts.get(part)) else { return };
    let Some(layer) = session.layer(part.layer) else { return };
    let feature = found.listed.get(fault).and_then(|fault| fault.feature);
    let feature = feature.filter(|feature| *feature < layer.feature_count());
    let id = part.layer;
    session.pending.push(match feature {
        Some(feature) => Command::Select(SelectCommand::ShowFeature(FeatureRef { layer: id, feature })),
        None => Command::Layer(id, LayerCommand::ZoomTo),
    });
}

/// Asks for a schema of the office, and holds the layers against it.
pub fn choose(session: &mut Session) {
    let folder = session.settings.recent.first().and_then(|path| path.parent()).map(Path::to_owned);
    if !asking::system_has_dialogs() {
        let folder = folder.unwrap_or_default();
        return asking::ask(session, "edit.choose-schema", false, &folder.join(""), |session, path| {
            check(session, Some(SchemaChoice::File(path)));
        });
    }
    let (title, filter) = (session.tr("edit.choose-schema").to_owned(), session.tr("edit.filter-schema").to_owned());
    let dialog = move || rfd::FileDialog::new().set_title(title).add_filter(filter, &["toml"]).pick_file();
    ask(session, dialog, |session, path: Option<PathBuf>| {
        if let Some(path) = path {
            check(session, Some(SchemaChoice::File(path)));
        }
    });
}

/// Asks where to, and writes all tables to a workbook or a CSV file.
pub fn save(session: &mut Session) {
    if session.handin.answer.value().is_none() {
        return;
    }
    let name = format!("{}.xlsx", session.tr("edit.hand-in-file"));
    let filters = vec![
        (session.tr("edit.filter-workbook").to_owned(), "xlsx"),
        (session.tr("compare.filter-csv").to_owned(), "csv"),
    ];
    ask_target_of(session, name, filters, save_to);
}

fn save_to(session: &mut Session, path: PathBuf) {
    let Some(answer) = session.handin.answer.value().cloned() else { return };
    let language = session.language();
    let tables = report::validate::sheets(&answer, MOST_LISTED, language);
    let is_csv = path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("csv"));
    if is_csv {
        let mut bytes = Vec::new();
        tables.iter().for_each(|table| report::append_csv(&mut bytes, table, language));
        return write_to(session, &path, &bytes);
    }
    match report::to_xlsx(&tables.iter().collect::<Vec<_>>(), language) {
        Ok(bytes) => write_to(session, &path, &bytes),
        Err(error) => session.notify_error(error.message()),
    }
}
