//! The quick filter: features in whose attributes every word occurs.

use std::borrow::Cow;

use rayon::prelude::*;

use crate::model::{FeatureBlock, Layer};
use crate::task::{Cancelled, Progress};

/// Features of `layer` that have every word of `query` somewhere in their id or attributes, without regard to case,
/// ascending. No words: all features.
///
/// `spelled_out` gives what else stands for a text of a column on screen, the name of a class code for instance, so that
/// 住宅 finds 0701. Of more than 64 words the first 64 count. Each distinct text of a block is looked at once. Ticks once a feature.
///
/// # Errors
/// [`Cancelled`].
pub fn find_words(
    layer: &Layer,
    query: &str,
    spelled_out: &(dyn Fn(usize, &str) -> Option<String> + Sync),
    progress: &Progress,
) -> Result<Vec<u32>, Cancelled> {
    let words: Vec<String> = query.split_whitespace().map(str::to_lowercase).collect();
    progress.add_total(layer.feature_count() as u64);
    let found: Result<Vec<Vec<u32>>, Cancelled> = layer
        .blocks
        .par_iter()
        .enumerate()
        .map(|(at, block)| {
            let rows = block.geometry.feature_count();
            // One bit a word.
            let all = if words.len() >= 64 { u64::MAX } else { (1 << words.len()) - 1 };
            let mut seen = vec![0u64; rows];
            for field in 0..layer.fields.len() {
                progress.tick(0)?;
                look(block, field, &words, spelled_out, &mut seen);
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

/// Marks the words found in column `field`.
fn look(
    block: &FeatureBlock,
    field: usize,
    words: &[String],
    spelled_out: &(dyn Fn(usize, &str) -> Option<String> + Sync),
    seen: &mut [u64],
) {
    let Some(column) = block.attributes.column(field) else { return };
    let of_text: Vec<u64> = column
        .distinct_texts()
        .map(|text| bits(text, words) | spelled_out(field, text).map_or(0, |name| bits(&name, words)))
        .collect();
    if column.distinct_texts().len() > 0 {
        for (row, seen) in seen.iter_mut().enumerate() {
            *seen |= column.text_code(row).map_or(0, |code| of_text[code as usize]);
        }
        return;
    }
    if column.null_count() == seen.len() {
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

/// Which of `words` (small letters) occur in `text`.
fn bits(text: &str, words: &[String]) -> u64 {
    // Codes and Chinese have no capitals: most texts need no copy.
    let small =
        if text.chars().any(char::is_uppercase) { Cow::Owned(text.to_lowercase()) } else { Cow::Borrowed(text) };
    words.iter().take(64).enumerate().fold(0, |bits, (i, word)| bits | (u64::from(small.contains(word.as_str())) << i))
}
