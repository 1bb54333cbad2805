//! Reading that the user stops: what has come stays, it is said how much that is, and the reading can go on from there.

use std::path::Path;

use crate::io::OpenOptions;
use crate::model::LayerId;
use crate::scenario::project::EXTENSION;
use crate::text::Message;
use crate::ui::session::Session;
use crate::ui::session::command::Command;
use crate::ui::session::command::file::FileCommand;
use crate::ui::session::command::layer::LayerCommand;
use crate::ui::session::opening::{Expected, file_title};

/// Ends a job that reads a file and keeps what has come of it; `false` where nothing has, or the file cannot be read in
/// part: it is to be cancelled then.
pub fn stop_reading(session: &Session, job: u64) -> bool {
    let arriving = session.arriving.iter().find(|arriving| arriving.job == job);
    let of_data = arriving.filter(|arriving| {
        let ending = arriving.path.extension();
        !ending.is_some_and(|ending| ending.eq_ignore_ascii_case(EXTENSION))
    });
    of_data.is_some_and(|arriving| arriving.files.list().iter().any(|file| file.stop()))
}

/// Says that layers hold only a part of their file, how to read the rest of it, and how to be rid of them.
pub fn tell(session: &mut Session, path: &Path, layers: &[LayerId], reason: &Message, files: &Expected) {
    let rest = files.list().iter().find(|file| file.can_go_on()).cloned();
    let own = layers.first().and_then(|layer| session.layer(*layer)).map(|layer| layer.provenance.path.clone());
    let are_alike = |own: &Path| {
        let mut opened = layers.iter().filter_map(|layer| session.layer(*layer));
        opened.all(|layer| layer.provenance.path == *own)
    };
    let (key, rest) = match (rest, own) {
        (Some(rest), Some(own)) if are_alike(&own) => ("ui.read-on", Some((own, rest))),
        _ => ("ui.read-whole", None),
    };
    session.project.stopped.extend(rest);
    let message = Message::new("ui.kept-part").with("file", file_title(path)).with_message("reason", reason);
    let mut actions = vec![(key, Command::File(FileCommand::ReloadLayers(layers.to_vec())))];
    if let [layer] = layers {
        actions.push(("ui.not-wanted", Command::Layer(*layer, LayerCommand::Remove)));
    }
    session.offer_any(message, actions);
}

/// `options` for reading on where the reading of a file was stopped, watched by `files`; as they are where it was not.
pub fn going_on(session: &mut Session, path: &Path, options: OpenOptions, files: &Expected) -> OpenOptions {
    match session.project.stopped.remove(path) {
        Some(stopped) => files.going_on(options, &stopped),
        None => options,
    }
}

/// Lets go of what was kept for layers that are no longer open.
pub fn refresh(session: &mut Session) {
    let Session { workspace, project, .. } = session;
    let is_open = |path: &Path| workspace.entries.iter().any(|entry| entry.layer.provenance.path == *path);
    project.stopped.retain(|path, _| is_open(path));
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::io::{self, Arrivals};
    use crate::task::Progress;
    use crate::ui::{App, Start};

    #[test]
    fn what_is_kept_for_a_stopped_file_goes_with_its_layer() {
        let text = r#"{"type":"Polygon","coordinates":[[[117,36.8],[117.1,36.8],[117.1,36.9],[117,36.9],[117,36.8]]]}"#;
        let opened = io::open_bytes("a.geojson", text.as_bytes().to_vec(), &OpenOptions::default(), &Progress::new());
        let ctx = eframe::egui::Context::default();
        let mut app = App::new(&eframe::CreationContext::_new_kittest(ctx), Start::for_test());
        let session = &mut app.session;
        let layer = session.workspace.add(Arc::new(opened.expect("opens").layers.remove(0)));
        let files = Expected::default();
        // Nothing was left for going on: all of it is read again.
        let reason = Message::new("io.cancelled");
        tell(session, Path::new("a.geojson"), &[layer], &reason, &files);
        let offered = |session: &Session| session.notices.last().map(|notice| notice.actions[0].0);
        assert_eq!(offered(session), Some("ui.read-whole"));
        let path = Path::new("a.geojson").to_owned();
        session.project.stopped.insert(path.clone(), Arc::new(Arrivals::default()));
        refresh(session);
        assert!(session.project.stopped.contains_key(&path));
        let options = going_on(session, &path, OpenOptions::default(), &files);
        assert!(options.arrivals.is_some() && session.project.stopped.is_empty());
        assert_eq!(files.list().len(), 1, "it is watched, and can be stopped again");
        assert!(going_on(session, &path, OpenOptions::default(), &files).arrivals.is_none());
    }
}
