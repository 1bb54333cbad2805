//! Small pictures of projects, for the list of those opened lately: painted when a project is saved, or opened for the first
//! time, kept in the folder of the settings, removed with the other traces.

use std::path::{Path, PathBuf};

use tiny_skia::Pixmap;

use crate::io::hash_hex;
use crate::render::MapView;
use crate::render::drawing;
use crate::task::Progress;
use crate::text::Message;
use crate::ui::session::Session;

/// Width of a picture, in pixels.
pub const WIDTH: f64 = 320.0;

/// Where the picture of a project lies in the `folder` of the settings.
fn place(folder: &Path, project: &Path) -> PathBuf {
    pictures(folder).join(format!("{}.png", hash_hex(project.as_os_str().as_encoded_bytes())))
}

fn pictures(folder: &Path) -> PathBuf {
    folder.join("thumbnails")
}

/// The width of a picture by its height: as the list shows it.
const SHAPE: f64 = 1.6;

/// What a picture of what the window shows is of, the middle of it in the shape of pictures, and its scale.
pub fn view_of(view: &MapView) -> (MapView, f32) {
    let [width, height] = view.size_px.map(|side| side.max(1.0));
    let shown = width.min(height * SHAPE);
    (view.resized([shown, shown / SHAPE]), (WIDTH / shown).clamp(0.05, 1.0) as f32)
}

/// Whether a new picture takes the place of one that is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Replacing {
    /// The project was saved: the picture is of what it was.
    Always,
    /// The project was opened: it looks as it did.
    Never,
}

/// Keeps what `painted` paints of the project in `path`, in the background; without a folder for it, nothing.
pub fn paint(
    session: &mut Session,
    path: &Path,
    painted: impl FnOnce(&Progress) -> Option<Pixmap> + Send + 'static,
    replacing: Replacing,
) {
    let Some(folder) = session.unsaved.folder.clone() else { return };
    let target = place(&folder, path);
    session.jobs.spawn_hidden(
        Message::new("ui.job-sheet"),
        move |progress| {
            if replacing == Replacing::Never && target.exists() {
                return Some(());
            }
            // Without a picture the list shows an icon: nothing is said of one that cannot be painted or written.
            let picture = painted(progress)?;
            std::fs::create_dir_all(pictures(&folder)).ok()?;
            std::fs::write(target, drawing::png(&picture)).ok()
        },
        |_, _| {},
    );
}

/// Removes the picture of a project, where there is one.
pub fn forget(session: &Session, path: &Path) {
    if let Some(folder) = &session.unsaved.folder {
        // One that is not there need not go.
        let _ = std::fs::remove_file(place(folder, path));
    }
}

/// Removes all pictures.
pub fn clear(session: &Session) {
    if let Some(folder) = &session.unsaved.folder {
        let _ = std::fs::remove_dir_all(pictures(folder));
    }
}

/// A picture as it was read: width, height, and four bytes a pixel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// Width and height in pixels.
    pub size: [usize; 2],
    /// Red, green, blue and opacity of each.
    pub rgba: Vec<u8>,
}

/// What is known of a project in the list: whether its file is there, and its picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// Whether the file is there.
    pub exists: bool,
    /// Its picture, where one was painted.
    pub picture: Option<Picture>,
}

/// Looks for the files of a list and their pictures in the `folder` of the settings.
pub fn look(folder: Option<&Path>, paths: &[PathBuf]) -> Vec<Known> {
    let picture = |path: &Path| read(&std::fs::read(place(folder?, path)).ok()?);
    paths.iter().map(|path| Known { exists: path.exists(), picture: picture(path) }).collect()
}

/// The picture in the bytes of a PNG file of four channels.
fn read(bytes: &[u8]) -> Option<Picture> {
    let mut reader = png::Decoder::new(std::io::Cursor::new(bytes)).read_info().ok()?;
    let mut rgba = vec![0; reader.output_buffer_size().filter(|bytes| *bytes <= MOST_BYTES)?];
    let info = reader.next_frame(&mut rgba).ok()?;
    let size = [info.width as usize, info.height as usize];
    let fits = info.color_type == png::ColorType::Rgba && info.bit_depth == png::BitDepth::Eight;
    (fits && rgba.len() == 4 * size[0] * size[1]).then_some(Picture { size, rgba })
}

/// Larger files are no pictures of ours.
const MOST_BYTES: usize = 16 << 20;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Coord;

    #[test]
    fn a_picture_is_of_the_middle_of_the_map() {
        let center = Coord { x: 5.0, y: 7.0 };
        let check = |size_px: [f64; 2], expected: [f64; 2], at_scale: f32| {
            let (view, scale) = view_of(&MapView { center, units_per_px: 2.0, size_px });
            assert_eq!((view.size_px, view.center, scale), (expected, center, at_scale));
        };
        check([1600.0, 500.0], [800.0, 500.0], 0.4);
        check([640.0, 900.0], [640.0, 400.0], 0.5);
        // A small window is not blown up.
        check([160.0, 100.0], [160.0, 100.0], 1.0);
    }

    #[test]
    fn a_missing_file_is_known_as_missing_and_its_picture_is_found() {
        let folder = tempfile::tempdir().expect("a folder");
        let gone = folder.path().join("工程.toml");
        let mut page = tiny_skia::Pixmap::new(4, 3).expect("small");
        page.fill(tiny_skia::Color::WHITE);
        let target = place(folder.path(), &gone);
        std::fs::create_dir_all(pictures(folder.path())).expect("made");
        std::fs::write(&target, drawing::png(&page)).expect("written");
        let known = look(Some(folder.path()), std::slice::from_ref(&gone));
        assert!(!known[0].exists);
        assert_eq!(known[0].picture.as_ref().map(|picture| picture.size), Some([4, 3]));
        std::fs::write(&target, b"no picture").expect("written");
        assert_eq!(look(Some(folder.path()), &[gone])[0].picture, None);
    }
}
