//! Writing reports in the background: everything is worked out anew there, so that a report says what the project says.

use std::path::PathBuf;

use crate::io;
use crate::report::output::bytes;
use crate::report::planning::{self, Asked, PlanPart, Template, gather};
use crate::rules::Rules;
use crate::scenario::Workspace;
use crate::task::Progress;
use crate::text::{Language, Message};
use crate::ui::session::Session;
use crate::ui::session::handing::{Ending, ReportOrder};
use crate::ui::session::opening::file_title;
use crate::ui::session::parts::Card;
use crate::ui::work::save;

/// What a report is ordered as at first: everything, as a document, dated today.
pub fn usual(session: &Session) -> ReportOrder {
    ReportOrder {
        parts: PlanPart::ALL.to_vec(),
        scenarios: session.workspace.scenarios.list().iter().map(|scenario| scenario.name.clone()).collect(),
        ending: Ending::Docx,
        date: chrono::Local::now().format("%Y-%m-%d").to_string(),
    }
}

/// Opens the card.
pub fn ask(session: &mut Session) {
    session.card = Some(Card::Report);
}

/// Asks where to, and writes the report.
pub fn write(session: &mut Session, order: ReportOrder) {
    session.card = None;
    let title = if session.workspace.name.is_empty() { session.tr("ui.name") } else { &session.workspace.name };
    let name = format!("{title}_{}.{}", session.tr("report.plan-title"), order.ending.name());
    let name = name.replace(['/', '\\', ':', '*', '?', '"', '<', '>', '|'], "-");
    let kind = (order.ending.key(), order.ending.name());
    save::ask_target(session, name, kind, move |session, path| write_report_to(session, order, path));
}

/// Writes the report to `path`, and says so, or why not.
pub fn write_report_to(session: &mut Session, order: ReportOrder, path: PathBuf) {
    let file = file_title(&path);
    let guard = save::guard(session);
    if let Err(error) = guard.check(&path) {
        return session.notify_error(error.message());
    }
    let (workspace, rules) = (session.workspace.clone(), (*session.judging.rules).clone());
    let language = session.language();
    session.jobs.spawn(
        Message::new("ui.job-export").with("file", &file),
        move |progress| {
            let made = report_bytes(&workspace, rules, &order, language, progress)?;
            io::save_atomically(&path, &guard, |out| out.write_all(&made)).map_err(|error| error.message())
        },
        move |session, result: Result<(), Message>| match result {
            Ok(()) => session.notify(Message::new("ui.saved").with("file", file)),
            Err(reason) => {
                let reason = reason.text(session.language());
                session.notify_error(Message::new("ui.not-saved").with("file", file).with("reason", reason));
            }
        },
    );
}

/// The report as the bytes of a file.
///
/// # Errors
/// Why there is none.
fn report_bytes(
    workspace: &Workspace,
    rules: Rules,
    order: &ReportOrder,
    language: Language,
    progress: &Progress,
) -> Result<Vec<u8>, Message> {
    let mut template = Template::default();
    template.set_parts(&order.parts);
    let format = order.ending.format();
    let asked = Asked {
        scenarios: order.scenarios.clone(),
        with_pictures: format.form() == crate::report::Form::Parts,
        ..Asked::default()
    };
    let rules = (!rules.rules.is_empty()).then_some(rules);
    let gathered = gather(workspace, rules, &asked, language, progress).map_err(|error| error.message())?;
    let report = planning::report(&gathered, &template, order.date.trim(), format.form(), language);
    bytes(&report, format, language).map_err(|error| error.message())
}
