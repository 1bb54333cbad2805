//! Bookmarks of views and notes on the map: steps of the document, and where they lead.

use std::sync::Arc;

use crate::model::Coord;
use crate::render::MapView;
use crate::scenario::{Bookmark, MapNote, Property, SavedView};
use crate::text::Message;
use crate::ui::session::Session;
use crate::ui::work::scenarios::change;

/// Keeps what the map shows as a bookmark.
pub fn add_bookmark(session: &mut Session) {
    let Some(crs) = session.workspace.crs.clone() else { return };
    let language = session.language();
    let known = session.workspace.bookmarks.clone();
    let named = |n: usize| Message::new("habits.bookmark-number").with("n", n).text(language);
    let is_free = |name: &String| known.iter().all(|bookmark| bookmark.name != *name);
    let name = (known.len() + 1..).map(named).find(is_free).unwrap_or_default();
    let view = SavedView { center: session.view.center, units_per_px: session.view.units_per_px };
    let mut bookmarks = known.to_vec();
    bookmarks.push(Bookmark { name, view, crs });
    change(session, Property::Bookmarks(Arc::new(bookmarks)));
    session.project.marks_open = true;
}

/// Shows what a bookmark keeps; says so where the CRS of the map does not reach there.
pub fn go(session: &mut Session, at: usize) {
    let Some(bookmark) = session.workspace.bookmarks.get(at).cloned() else { return };
    let view = session.workspace.crs.as_ref().and_then(|crs| bookmark.view_in(crs));
    match view {
        Some(SavedView { center, units_per_px }) => {
            session.project.views.leave(&session.view);
            session.view = MapView { center, units_per_px, size_px: session.view.size_px };
        }
        None => session.warn(Message::new("habits.out-of-reach").with("name", &bookmark.name)),
    }
}

/// Pins a note at a place of the map.
pub fn pin(session: &mut Session, place: Coord) {
    let Some(crs) = session.workspace.crs.clone() else { return };
    let mut notes = session.workspace.notes.to_vec();
    notes.push(MapNote { text: String::new(), place, crs });
    change(session, Property::Notes(Arc::new(notes)));
    session.project.marks_open = true;
}

/// Shows where a note is pinned.
pub fn show_note(session: &mut Session, at: usize) {
    let Some(note) = session.workspace.notes.get(at) else { return };
    let place = session.workspace.crs.as_ref().and_then(|crs| note.place_in(crs));
    match place {
        Some(place) => {
            session.project.views.leave(&session.view);
            session.view = session.view.centered(place);
            session.project.marked = Some(place);
        }
        None => {
            let name = note.text.clone();
            session.warn(Message::new("habits.out-of-reach").with("name", name));
        }
    }
}
