//! Paths as records hold them: seen from a folder, with forward slashes, or names with a scheme (`demo:…`).

use std::path::{Component, Path, PathBuf};

use crate::io::{MARK, path_of_text, path_to_text};

/// The text of a path that is found from everywhere; empty for none.
pub(in crate::scenario) fn far_path(path: &Path) -> String {
    let is_file = !path.as_os_str().is_empty() && !path.to_str().is_some_and(has_scheme);
    // One that has no absolute form is told as it is.
    let far = if is_file { std::path::absolute(path).unwrap_or_else(|_| path.to_owned()) } else { path.to_owned() };
    path_to_text(&far)
}

/// A path of the file as seen from where the program runs.
pub(in crate::scenario) fn joined(folder: &Path, path: &str) -> PathBuf {
    if has_scheme(path) && !path.starts_with(MARK) {
        return PathBuf::from(path);
    }
    let as_it_stands = plain(&folder.join(path_of_text(path)));
    // Projects written by hand on Windows have its separator; elsewhere it may belong to a name, if seldom.
    if std::path::MAIN_SEPARATOR == '\\' || !path.contains('\\') || as_it_stands.exists() {
        return as_it_stands;
    }
    plain(&folder.join(path_of_text(&path.replace('\\', "/"))))
}

/// The steps upwards were counted by names, see `relative`: so they are taken back, and a file has one spelling.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for step in path.components() {
        match (step, plain.components().next_back()) {
            (Component::ParentDir, Some(Component::Normal(_))) => {
                plain.pop();
            }
            (Component::CurDir, Some(_)) => {}
            _ => plain.push(step),
        }
    }
    plain
}

/// Whether a path names something else than a file: `demo:…`. A single letter is a drive of Windows.
pub(in crate::scenario) fn has_scheme(path: &str) -> bool {
    path.split_once(':')
        .is_some_and(|(scheme, _)| scheme.len() > 1 && scheme.bytes().all(|b| b.is_ascii_alphanumeric()))
}

/// `path` as seen from `folder`, with forward slashes; as it stands where there is no way between the two. What is no
/// UTF-8 is written so that it is found again.
pub fn relative(folder: &Path, path: &Path) -> String {
    // A backslash is a letter like any other where it does not part folders.
    let slashes = |text: String| if cfg!(windows) { text.replace('\\', "/") } else { text };
    if path.to_str().is_some_and(has_scheme) || path.as_os_str().is_empty() {
        return path_to_text(path);
    }
    let (Ok(from), Ok(to)) = (std::path::absolute(folder), std::path::absolute(path)) else {
        return slashes(path_to_text(path));
    };
    let from: Vec<Component<'_>> = from.components().filter(|c| *c != Component::CurDir).collect();
    let to: Vec<Component<'_>> = to.components().filter(|c| *c != Component::CurDir).collect();
    let common = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
    if common == 0 {
        return slashes(path_to_text(path));
    }
    let mut steps = PathBuf::new();
    from[common..].iter().for_each(|_| steps.push(".."));
    to[common..].iter().for_each(|step| steps.push(step));
    let text = slashes(path_to_text(&steps));
    // A file whose name looks like a scheme is a file all the same.
    if has_scheme(&text) && !text.starts_with(MARK) { format!("./{text}") } else { text }
}
