//! Opening a table of a database, whole or as far as it is in view: the address is typed, the password asked for where the
//! server wants one that neither the environment nor the file of passwords has.

use std::path::{Path, PathBuf};

use crate::crs::{Crs, Reprojector};
use crate::io;
use crate::model::{Coord, Extent};
#[cfg(feature = "postgis")]
use crate::task::Progress;
use crate::text::Message;
use crate::ui::session::Session;
#[cfg(feature = "postgis")]
use crate::ui::work::passwords;
use crate::ui::work::{asking, open};

/// Points of each side of the view that are converted: sides are not straight in other coordinates.
const STEPS: u32 = 8;

/// Asks for the address of a table, and opens it, or what of it is in view.
pub fn choose(session: &mut Session, in_view: bool) {
    let view = session.workspace.crs.clone().filter(|_| in_view).map(|crs| (session.view.extent(), crs));
    asking::ask(session, "ui.database-title", false, Path::new("postgres://"), move |session, path| {
        connect(session, path, view);
    });
}

/// What of a table is in view, as an address.
fn narrowed(path: &Path, view: &(Extent, Crs), crs: Option<&Crs>) -> Result<PathBuf, Message> {
    let no_view = || Message::new("ui.database-no-view");
    let (seen, map_crs) = view;
    let reprojector = Reprojector::new(map_crs, crs.ok_or_else(no_view)?).map_err(|error| error.message())?;
    let mut extent = Extent::EMPTY;
    for step in 0..=STEPS {
        let share = f64::from(step) / f64::from(STEPS);
        let (x, y) = (seen.min.x + share * seen.width(), seen.min.y + share * seen.height());
        for at in [(x, seen.min.y), (x, seen.max.y), (seen.min.x, y), (seen.max.x, y)] {
            let image = reprojector.convert_one(Coord { x: at.0, y: at.1 }).ok_or_else(no_view)?;
            extent.union(&Extent::of(&[image]));
        }
    }
    io::table_within(path, &extent).ok_or_else(no_view)
}

/// Opens the table that an address names, once the server lets us.
#[cfg(feature = "postgis")]
fn connect(session: &mut Session, path: PathBuf, view: Option<(Extent, Crs)>) {
    io::name_server(&path.to_string_lossy());
    let (asked, of_view) = (path.clone(), view.clone());
    let look = move |_: &Progress| -> Result<Result<PathBuf, Message>, io::ReadError> {
        let crs = io::look_at(&asked)?;
        Ok(match &of_view {
            Some(view) => narrowed(&asked, view, crs.as_ref()),
            None => Ok(asked.clone()),
        })
    };
    session.jobs.spawn(Message::new("ui.job-database"), look, move |session, found| match found {
        Ok(Ok(address)) => open::open(session, vec![address]),
        Ok(Err(reason)) => say(session, &reason),
        Err(error) if io::needs_password(&error) => {
            passwords::ask(session, path, move |session, path| connect(session, path, view));
        }
        Err(error) => say(session, &error.message()),
    });
}

fn say(session: &mut Session, reason: &Message) {
    session.notify_error(Message::new("ui.database-not-opened").with_message("reason", reason));
}

/// Says that this program was built without databases, as opening does.
#[cfg(not(feature = "postgis"))]
fn connect(session: &mut Session, path: PathBuf, view: Option<(Extent, Crs)>) {
    match view {
        None => open::open(session, vec![path]),
        Some(view) => match narrowed(&path, &view, None) {
            Ok(path) => open::open(session, vec![path]),
            Err(reason) => say(session, &reason),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_view_is_told_in_the_coordinates_of_the_table() {
        let map = Crs::parse("EPSG:4548").expect("a CRS");
        let corners = [Coord { x: 500_100.0, y: 4_070_000.0 }, Coord { x: 501_000.0, y: 4_071_000.0 }];
        let view = (Extent::of(&corners), map.clone());
        let path = Path::new("pg:#dltb");
        let same = narrowed(path, &view, Some(&map)).expect("a rectangle");
        assert_eq!(same, Path::new("pg:#dltb in 500100.0,4070000.0,501000.0,4071000.0"));
        let degrees = narrowed(path, &view, Some(&Crs::parse("EPSG:4490").expect("a CRS"))).expect("a rectangle");
        let degrees = degrees.to_string_lossy();
        assert!(degrees.starts_with("pg:#dltb in 117.001") && degrees.contains(",36.7"), "{degrees}");
        assert!(narrowed(path, &view, None).is_err());
    }
}
