//! Small pictures of projects, for the list of those opened lately: painted when a project is saved, kept in the folder of
//! the settings, removed with the other traces.

use std::path::{Path, PathBuf};

use crate::io::hash_hex;
use crate::render::MapView;
use crate::render::drawing::{self, Drawing};
use crate::task::Progress;
use crate::text::Message;
use crate::ui::look::fonts;
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

/// The scale that a picture of what the window shows is drawn at.
pub fn scale_of(view: &MapView) -> f32 {
    (WIDTH / view.size_px[0].max(1.0)).clamp(0.05, 1.0) as f32
}

/// Paints what `drawn` draws of the project that was just saved to `path`, in the background; without a folder for it,
/// nothing.
pub fn paint(
    session: &mut Session,
    path: &Path,
    scale: f32,
    drawn: impl FnOnce(&Progress) -> Option<Drawing> + Send + 'static,
) {
    let Some(folder) = session.unsaved.folder.clone() else { return };
    let target = place(&folder, path);
    session.jobs.spawn_hidden(
        Message::new("ui.job-sheet"),
        move |progress| {
            // Without a picture the list shows an icon: nothing is said of one that cannot be painted or written.
            let page = drawn(progress)?.paint(fonts::typeface(), scale)?;
            std::fs::create_dir_all(pictures(&folder)).ok()?;
            std::fs::write(target, drawing::png(&page)).ok()
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
