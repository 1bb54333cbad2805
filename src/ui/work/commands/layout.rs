//! The layouts of sheets.

use crate::ui::look::icons;
use crate::ui::session::Session;
use crate::ui::session::command::layout::LayoutCommand;
use crate::ui::session::command::spec::{Spec, spec};
use crate::ui::session::parts::Card;
use crate::ui::work::layouts;
use crate::ui::work::layouts::series;

impl LayoutCommand {
    /// Those that have words, in the order of menus.
    pub(super) fn listed() -> [Self; 1] {
        [Self::Open]
    }

    /// Words, icon and shortcuts, for commands that have them.
    pub(super) fn spec(&self) -> Option<Spec> {
        match self {
            Self::Open => spec("layout.sheets", Some(icons::FILE), &[]),
            _ => None,
        }
    }

    /// Whether the command can be given now.
    pub(super) fn enabled(&self, session: &Session) -> bool {
        !session.workspace.is_empty()
    }
}

/// Carries out `command`.
pub(super) fn run(session: &mut Session, command: LayoutCommand) {
    match command {
        LayoutCommand::Open => session.card = Some(Card::Layouts),
        LayoutCommand::Change(layouts) => layouts::change(session, layouts),
        LayoutCommand::Export(layout) => layouts::export(session, *layout),
        LayoutCommand::Series(order) => series::ask(session, *order),
        LayoutCommand::SeriesIndex(order) => series::ask_index(session, *order),
        LayoutCommand::SaveTemplate(layout) => layouts::save_template(session, &layout),
        LayoutCommand::ChoosePicture { layout, item } => layouts::choose_picture(session, layout, item),
        LayoutCommand::LoadTemplate => layouts::load_template(session),
        LayoutCommand::LoadTemplateOf(path) => layouts::load_template_of(session, &path),
        LayoutCommand::ChooseTemplates => layouts::choose_templates(session),
    }
}
