//! The quick filter: features in whose attributes every word occurs.

use std::borrow::Cow;
use std::fmt::Write;

use memchr::memmem;
use rayon::prelude::*;

use crate::model::roles::fields::Meanings;
use crate::model::{FeatureBlock, Layer, Value};
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
    let mut of_text = vec![0; column.distinct_texts().len()];
    match column.joined_texts().filter(|(text, _)| !has_capitals(text)) {
        Some((text, starts)) => mark_all(words, text, starts, &mut of_text),
        None => of_text.iter_mut().zip(column.distinct_texts()).for_each(|(of, text)| *of = bits(text, words)),
    }
    if meanings.is_some() {
        let names = column.distinct_texts().map(|text| spelled(text).map_or(0, |name| bits(name, words)));
        of_text.iter_mut().zip(names).for_each(|(of, more)| *of |= more);
    }
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
    // All numbers of the column one after the other, each once where neighbours are the same.
    let mut text = String::new();
    let mut starts = vec![0];
    let mut last = Value::Null;
    let of_row: Vec<Option<usize>> = (0..seen.len())
        .map(|row| {
            let value = column.value(row);
            if value.is_null() {
                return None;
            }
            if value != last {
                write_value(value, &mut text);
                starts.push(text.len() as u32);
                last = value;
            }
            Some(starts.len() - 2)
        })
        .collect();
    let mut of_text = vec![0; starts.len() - 1];
    text.make_ascii_lowercase();
    mark_all(words, &text, &starts, &mut of_text);
    for (seen, text) in seen.iter_mut().zip(of_row) {
        *seen |= text.map_or(0, |text| of_text[text]);
    }
}

/// Writes a value as it is shown. Numbers of at most two decimals, as areas are, without the search for the shortest
/// text that a number has in general: of a number that is a hundredth of a whole one below 10¹⁵ it is that.
fn write_value(value: Value<'_>, out: &mut String) {
    // Writing to a string does not fail.
    if let Value::Float(number) = value {
        let hundredths = (number.abs() * 100.0).round();
        if hundredths < 1e15 && hundredths / 100.0 == number.abs() {
            let (whole, rest) = (hundredths as u64 / 100, (hundredths as u64 % 100) as u8);
            out.push_str(if number.is_sign_negative() { "-" } else { "" });
            out.push_str(itoa::Buffer::new().format(whole));
            if rest > 0 {
                out.extend(['.', char::from(b'0' + rest / 10)]);
            }
            if rest % 10 > 0 {
                out.push(char::from(b'0' + rest % 10));
            }
            return;
        }
    }
    let _ = write!(out, "{value}");
}

/// Marks the texts that each of `words` occurs in.
fn mark_all(words: &[Word], text: &str, starts: &[u32], of_text: &mut [u64]) {
    for (i, word) in words.iter().enumerate() {
        mark(word, 1 << i, text, starts, of_text);
    }
}

/// Marks the texts that `word` occurs in: looks through all of them at once, the n-th of which begins at `starts[n]`.
fn mark(word: &Word, bit: u64, text: &str, starts: &[u32], of_text: &mut [u64]) {
    let (bytes, length) = (text.as_bytes(), word.finder.needle().len());
    let (mut from, mut at) = (0, 0);
    while let Some(found) = word.finder.find(&bytes[from..]).map(|found| from + found) {
        at += starts[at + 1..].partition_point(|start| *start as usize <= found);
        let end = starts[at + 1] as usize;
        // What begins in one text and ends in the next is in neither.
        from = if found + length <= end {
            of_text[at] |= bit;
            end
        } else {
            found + 1
        };
    }
}

/// Which of `words` occur in `text`, without regard to case.
fn bits(text: &str, words: &[Word]) -> u64 {
    // Codes and Chinese have no capitals: most texts need no copy.
    let small = if has_capitals(text) { Cow::Owned(text.to_lowercase()) } else { Cow::Borrowed(text) };
    let found = |word: &Word| word.finder.find(small.as_bytes()).is_some();
    words.iter().enumerate().fold(0, |bits, (i, word)| bits | (u64::from(found(word)) << i))
}

fn has_capitals(text: &str) -> bool {
    match text.is_ascii() {
        true => text.bytes().any(|b| b.is_ascii_uppercase()),
        false => text.chars().any(char::is_uppercase),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_they_are_shown() {
        let mut state = 7_u64;
        let mut next = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            state >> 16
        };
        let odd = [0.0, -0.0, 0.1 + 0.2, 1e15, -1e16, 9_999_999_999_999.99, f64::MAX, f64::NAN, f64::INFINITY, 5e-324];
        let cents = (0..20_000).map(|_| next() as f64 / 100.0).collect::<Vec<_>>();
        let small = (0..20_000).map(|_| -((next() % 1_000_000) as f64) / 100.0).collect::<Vec<_>>();
        let any = (0..20_000).map(|_| f64::from_bits(next() << 16)).collect::<Vec<_>>();
        for number in odd.into_iter().chain(cents).chain(small).chain(any) {
            let mut text = String::new();
            write_value(Value::Float(number), &mut text);
            assert_eq!(text, number.to_string());
        }
    }

    #[test]
    fn a_word_is_within_one_text() {
        let texts = ["", "0103", "01", "", "0301030", "3", "水浇地", "010"];
        let mut starts = vec![0];
        texts.iter().for_each(|text| starts.push(starts[starts.len() - 1] + text.len() as u32));
        for query in ["0103", "01", "3", "浇", "0301", "地0", "30"] {
            let mut of_text = vec![0; texts.len()];
            mark(&Word::new(query), 1, &texts.concat(), &starts, &mut of_text);
            let expected: Vec<u64> = texts.iter().map(|text| u64::from(text.contains(query))).collect();
            assert_eq!(of_text, expected, "{query}");
        }
    }
}
