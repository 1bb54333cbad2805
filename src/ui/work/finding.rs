//! Looking through the rows of a table for words, as its filter reads them; the rows stay as they are.

use crate::expr::{find_words, read_words};
use crate::model::Layer;
use crate::model::classes::Scheme;
use crate::model::roles::fields::Meanings;
use crate::task::{Cancelled, Progress};
use crate::text::Language;
use crate::ui::session::order::Order;
use crate::ui::session::rows::Rows;

/// The rows of `order` that have all words of `text`, ascending. Names of classes are looked through, too.
///
/// # Errors
/// [`Cancelled`].
pub fn rows_with(
    layer: &Layer,
    order: &Order,
    text: &str,
    classes: Option<(usize, Option<Scheme>)>,
    language: Language,
    progress: &Progress,
) -> Result<Vec<u32>, Cancelled> {
    if text.trim().is_empty() {
        return Ok(Vec::new());
    }
    let spelled_out = |field: usize| {
        let scheme = classes.filter(|(at, _)| *at == field).and_then(|(_, scheme)| scheme);
        Meanings::of_field(&layer.fields[field].name, scheme, language)
    };
    let words = read_words(layer, text, classes);
    let found = find_words(layer, &words, classes, &spelled_out, None, progress)?.features;
    Ok(match order {
        Order::All(_) => found,
        Order::Some(features) => {
            let found: Rows = found.into_iter().map(|feature| feature as usize).collect();
            let has = |row: &u32| features.get(*row as usize).is_some_and(|feature| found.contains(*feature as usize));
            (0..features.len() as u32).filter(has).collect()
        }
    })
}
