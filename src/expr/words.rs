//! The quick filter: features in whose attributes every word occurs.

use std::borrow::Cow;

use memchr::memmem;
use rayon::prelude::*;

use crate::model::roles::fields::Meanings;
use crate::model::{FeatureBlock, Layer};
use crate::task::{Cancelled, Progress};

/// Features of `layer` that have every word of `query` somewhere in their id or attributes, without regard to case,
/// ascending. No words: all features.
///
/// `spelled_out` gives for a column what else stands for its texts on screen, the names of class codes for instance, so
/// that 住宅 finds 0701. Of more than 64 words the first 64 count. Each distinct text of a block is looked at once. Ticks once a feature.
///
/// # Errors
/// [`Cancelled`].
pub fn find_words(
    layer: &Layer,
    query: &str,
    spelled_out: &(dyn Fn(usize) -> Option<Meanings> + Sync),
    progress: &Progress,
) -> Result<Vec<u32>, Cancelled> {
    let words: Vec<Word> = query.split_whitespace().take(64).map(Word::new).collect();
    let spelled_out: Vec<Option<Meanings>> = (0..layer.fields.len()).map(spelled_out).collect();
    progress.add_total(layer.feature_count() as u64);
    let found: Result<Vec<Vec<u32>>, Cancelled> = layer
        .blocks
        .par_iter()
        .enumerate()
        .map(|(at, block)| {
            let rows = block.geometry.feature_count();
            // One bit a word.
            let all = if words.len() == 64 { u64::MAX } else { (1 << words.len()) - 1 };
            let mut seen = vec![0u64; rows];
            for (field, meanings) in spelled_out.iter().enumerate() {
                progress.tick(0)?;
                look(block, field, &words, meanings.as_ref(), &mut seen);
            }
            if let Some(ids) = &block.ids {
                seen.iter_mut().enumerate().for_each(|(row, seen)| *seen |= bits(&ids.value(row).to_string(), &words));
            }
            progress.tick(rows as u64)?;
            let start = layer.starts[at];
            Ok((0..rows).filter(|row| seen[*row] & all == all).map(|row| (start + row) as u32).collect())
        })
        .collect();
    Ok(found?.concat())
}

/// A word that is looked for, in small letters.
struct Word {
    finder: memmem::Finder<'static>,
    /// Whether it may stand in a number as it is written.
    numeric: bool,
}

impl Word {
    fn new(text: &str) -> Self {
        let text = text.to_lowercase();
        // Numbers are written with these; `inf`, `nan` and `true` are too.
        let numeric = text.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_lowercase() || b"+-.".contains(&b));
        Self { finder: memmem::Finder::new(&text).into_owned(), numeric }
    }
}

/// Marks the words found in column `field`.
fn look(block: &FeatureBlock, field: usize, words: &[Word], meanings: Option<&Meanings>, seen: &mut [u64]) {
    let Some(column) = block.attributes.column(field) else { return };
    let spelled = |text: &str| meanings.and_then(|meanings| meanings.of(text));
    let of_text: Vec<u64> = column
        .distinct_texts()
        .map(|text| bits(text, words) | spelled(text).map_or(0, |name| bits(name, words)))
        .collect();
    if !of_text.is_empty() {
        if of_text.iter().any(|bits| *bits != 0) {
            for (row, seen) in seen.iter_mut().enumerate() {
                *seen |= column.text_code(row).map_or(0, |code| of_text[code as usize]);
            }
        }
        return;
    }
    if column.null_count() == seen.len() || !words.iter().any(|word| word.numeric) {
        return;
    }
    let mut text = String::new();
    for (row, seen) in seen.iter_mut().enumerate() {
        let value = column.value(row);
        if !value.is_null() {
            text.clear();
            // Writing to a string does not fail.
            let _ = std::fmt::Write::write_fmt(&mut text, format_args!("{value}"));
            *seen |= bits(&text, words);
        }
    }
}

/// Which of `words` occur in `text`, without regard to case.
fn bits(text: &str, words: &[Word]) -> u64 {
    // Codes and Chinese have no capitals: most texts need no copy.
    let capitals = match text.is_ascii() {
        true => text.bytes().any(|b| b.is_ascii_uppercase()),
        false => text.chars().any(char::is_uppercase),
    };
    let small = if capitals { Cow::Owned(text.to_lowercase()) } else { Cow::Borrowed(text) };
    let found = |word: &Word| word.finder.find(small.as_bytes()).is_some();
    words.iter().enumerate().fold(0, |bits, (i, word)| bits | (u64::from(found(word)) << i))
}
