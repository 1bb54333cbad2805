//! MapInfo's exchange format: shapes in a `.mif`, their rows in the `.mid` beside it.
//!
//! Both are read as the character set that the head names says. Rings are nested by what encloses them; rectangles,
//! ellipses and arcs become chords; a text becomes a point with its words. Pens, brushes and symbols are not kept, which
//! is said. MapInfo's own tables (`.tab`) are closed: they are named, with the way to this format.
//!
//! | what | module |
//! |---|---|
//! | words of the text | `words` |
//! | the head | `head` |
//! | the CRS that it names | `coordsys` |
//! | shapes to columns | `shapes` |
//! | rows of the `.mid` | `rows` |

mod coordsys;
mod head;
mod rows;
mod shapes;
#[cfg(test)]
mod tests;
mod words;

use super::columns::{Kinds, RawLayer};
use super::encoding::Decoded;
use super::gathered::{Cell, Gathered};
use super::reading::Reading;
use super::source::Source;
use super::{Encoding, ReadError};
use crate::crs::decide::is_place_in_china;
use crate::crs::{Crs, Declared, Sample};
use crate::model::{Issue, Severity};
use crate::task::Progress;
use crate::text::Message;
use head::Head;
use rows::Rows;
use shapes::{Object, Shapes};
use words::Words;

/// Objects between two looks at whether the user cancelled.
const OBJECTS_PER_TICK: u64 = 256;

/// Reads the layer of a `.mif` with the `.mid` beside it.
///
/// # Errors
/// When it has no head, or the user cancelled. Whatever else keeps the rest from being read stands in the layer.
pub(super) fn layers(source: &mut Source, reading: &Reading<'_>) -> Result<Vec<RawLayer>, ReadError> {
    let mif = source.bytes(reading.progress)?;
    let mid = source.beside("mid", reading.progress)?;
    read(&mif, mid.as_deref(), reading.encoding, reading.progress).map(|layer| vec![layer])
}

/// The text of bytes that the head says are of a character set; what is to be said of it.
fn decoded(bytes: &[u8], said: Option<Encoding>, stated: Option<(&str, Encoding)>) -> (Decoded, Option<Issue>) {
    if said.is_some() {
        return (Decoded::said(bytes, said), None);
    }
    let by_looking = Decoded::of(bytes);
    let Some((label, encoding)) = stated.filter(|_| !bytes.is_ascii()) else { return (by_looking, None) };
    let by_label = Decoded::said(bytes, Some(encoding));
    // UTF-8 that is none by chance is rare; a label that is wrong is not.
    let is_wrong = by_looking.replaced_count < by_label.replaced_count
        || by_looking.encoding == Encoding::Utf8 && encoding.table() != encoding_rs::UTF_8;
    if !is_wrong {
        return (by_label, None);
    }
    let message = Message::new("io.encoding-contradicted").with("label", label).with("encoding", by_looking.encoding);
    (by_looking, Some(Issue::new(Severity::Warning, message)))
}

fn read(mif: &[u8], mid: Option<&[u8]>, said: Option<Encoding>, progress: &Progress) -> Result<RawLayer, ReadError> {
    if mif.iter().all(u8::is_ascii_whitespace) {
        return Err(ReadError::Empty);
    }
    let charset = head::charset(mif);
    let stated = charset.as_deref().and_then(|name| Some((name, head::encoding_of(name)?)));
    let (text, wrong) = decoded(mif, said, stated);
    let mut words = Words::of(&text.text);
    let Some(head) = Head::read(&mut words) else {
        return Err(ReadError::Format(Message::new("io.mif-none")));
    };
    let (table, wrong_table) = match mid {
        Some(mid) => decoded(mid, said, stated),
        None => (Decoded::of(b""), None),
    };
    let mut rows = Rows::of(&table.text, &head);
    let mut layer = Gathered::new(None);
    let mut shapes = Shapes::new(&head);
    let (mut shape_count, mut row_count) = (0u64, 0u64);
    let mut error = None;
    loop {
        if layer.row_count.is_multiple_of(OBJECTS_PER_TICK) {
            progress.tick(0).map_err(|_| ReadError::Cancelled)?;
        }
        match shapes.next(&mut words, &mut layer, progress)? {
            Object::None => break,
            Object::Broken(line) => {
                let message = Message::new("io.mif-broken").with("line", line).with("count", layer.row_count);
                error = Some(ReadError::Format(message));
                break;
            }
            Object::Of { kinds, stands, label } => {
                shape_count += 1;
                let mut fields = match rows.next(&mut layer, stands.line) {
                    Some(fields) => {
                        row_count += 1;
                        fields
                    }
                    None => head.without_values(),
                };
                if let Some(label) = label {
                    fields.push((head.label_name(), Cell::Text(label)));
                }
                layer.end(kinds, None, stands, &Cell::Null, &fields);
            }
        }
    }
    // Rows that have no shape are kept as features without any.
    if error.is_none() {
        while let Some(fields) = rows.next(&mut layer, words.line()) {
            row_count += 1;
            let stands = words.stands();
            layer.end(Kinds::default(), None, stands, &Cell::Null, &fields);
        }
    }
    // Names may be plain where values are not.
    let encoding = if mif.is_ascii() && mid.is_some() { table.encoding } else { text.encoding };
    let mut layer = layer.finish("MIF", encoding);
    let mut say = |severity, message| layer.issues.push(Issue::new(severity, message));
    if mid.is_none() && !head.columns.is_empty() {
        say(Severity::Warning, Message::new("io.mif-no-mid"));
    } else if error.is_none() && !head.columns.is_empty() && shape_count != row_count {
        let key = if shape_count > row_count { "io.shp-more-shapes" } else { "io.shp-more-rows" };
        say(Severity::Warning, Message::new(key).with("shapes", shape_count).with("rows", row_count));
    }
    if let Some(reason) = rows.broken() {
        say(Severity::Error, Message::new("io.mif-bad-mid").with("reason", reason));
    }
    for count in [text.replaced_count, table.replaced_count].into_iter().filter(|count| *count > 0) {
        say(Severity::Warning, Message::new("io.damaged-text").with("count", count));
    }
    if head.is_nonearth {
        say(Severity::Note, Message::new("io.mif-plane"));
    }
    if shapes.has_styles {
        say(Severity::Note, Message::new("io.mif-styles"));
    }
    if shapes.curve_count > 0 {
        let message = Message::new("io.gdb-curves").with("count", shapes.curve_count);
        say(Severity::Note, message.with("tolerance", shapes.tolerance()));
    }
    layer.issues.extend(wrong.into_iter().chain(wrong_table));
    layer.declared = head.declared.clone();
    if head.is_nonearth {
        let mut sample = Sample::new();
        layer.blocks.iter().for_each(|block| sample.merge(&block.sample));
        // Zones of China are drawn in such planes as well: their numbers tell.
        if !is_place_in_china(&sample) {
            let crs = Some(Crs::local_plane());
            layer.declared = Some(Declared { text: "NonEarth".to_owned(), crs, offered: None });
        }
    }
    layer.error = error;
    Ok(layer)
}
