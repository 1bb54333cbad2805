//! The quick filter: features in whose attributes every word occurs.
//!
//! A word that the code of a class begins with means the class: `大桥 01` are the features of 大桥 whose class begins with
//! 01, not those that have a 01 in any number. Every other word may stand anywhere, and so may what is in quotes: `"01"`.

use std::borrow::Cow;
use std::fmt::Write;

use memchr::memmem;
use rayon::prelude::*;

use crate::model::classes::{Scheme, resolve};
use crate::model::roles::fields::Meanings;
use crate::model::{FeatureBlock, Layer, Value};
use crate::task::{Cancelled, Progress};

/// Most words of a filter that count.
const MOST_WORDS: usize = 64;

/// The field that holds the classes of a layer, and the scheme of its codes where they follow one.
pub type ClassColumn = (usize, Option<Scheme>);

/// A word of a filter, and what it means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilterWord {
    /// As it is looked for.
    pub text: String,
    /// Whether it is the beginning of the code of a class, not a text in any field.
    pub is_class: bool,
}

/// Whether a word of letters spells a text that is written otherwise: `dq` 大桥.
pub type Spells<'a> = &'a (dyn Fn(&str, &str) -> bool + Sync);

/// What a filter found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FoundWords {
    /// Features that have every word, ascending.
    pub features: Vec<u32>,
    /// How many features have each word.
    pub counts: Vec<usize>,
}

/// The words of `query`, the first 64 of them, and what they mean for `layer`.
pub fn read_words(layer: &Layer, query: &str, classes: Option<ClassColumn>) -> Vec<FilterWord> {
    let mut words = Vec::new();
    let mut rest = query.trim_start();
    while !rest.is_empty() && words.len() < MOST_WORDS {
        let close = match rest.chars().next() {
            Some('"') => Some('"'),
            Some('“') => Some('”'),
            _ => None,
        };
        let quoted = close.and_then(|close| {
            let inner = &rest[rest.chars().next()?.len_utf8()..];
            let (text, after) = inner.split_once(close)?;
            Some((text.trim(), after))
        });
        let (text, after, is_quoted) = match quoted {
            Some((text, after)) => (text, after, true),
            None => {
                let (text, after) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
                (text, after, false)
            }
        };
        rest = after.trim_start();
        let code = plain(text);
        let is_class = !is_quoted && classes.is_some_and(|classes| begins_a_class(layer, &code, classes));
        if !text.is_empty() {
            words.push(FilterWord { text: if is_class { code } else { text.to_owned() }, is_class });
        }
    }
    words
}

/// `text` with full-width digits and letters made plain, in capitals, as codes are written.
fn plain(text: &str) -> String {
    let plain = |c: char| match c {
        '０'..='９' | 'Ａ'..='Ｚ' | 'ａ'..='ｚ' => char::from((u32::from(c) - 0xFEE0) as u8),
        other => other,
    };
    text.chars().map(plain).collect::<String>().to_ascii_uppercase()
}

/// Whether `word` is the beginning of a code of the scheme, or of one that the layer has.
fn begins_a_class(layer: &Layer, word: &str, (field, scheme): ClassColumn) -> bool {
    let digits = word.bytes().take_while(u8::is_ascii_digit).count();
    if digits < 2 || !word.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return false;
    }
    let in_scheme = |scheme: Scheme| scheme.classes().any(|class| class.code().starts_with(word));
    let in_layer = || {
        let columns = layer.blocks.iter().filter_map(|block| block.attributes.column(field));
        columns.flat_map(|column| column.distinct_texts()).any(|text| has_class(text, word, scheme))
    };
    scheme.is_some_and(in_scheme) || in_layer()
}

/// Whether the code of a class, as the file writes it or as its scheme does, begins with `word`.
fn has_class(text: &str, word: &str, scheme: Option<Scheme>) -> bool {
    let code = scheme.and_then(|scheme| resolve(scheme, text)).map(|found| found.class.code());
    code.is_some_and(|code| code.starts_with(word)) || plain(text.trim()).starts_with(word)
}

/// Features of `layer` that have every one of `words`, without regard to case. No words: all features.
///
/// `spelled_out` gives for a column what else stands for its texts on screen, the names of class codes for instance, so
/// that 住宅 finds 0701. Each distinct text of a block is looked at once. Ticks once a feature.
///
/// Where `spells` is given, a word of two letters and more stands for what it spells, too.
///
/// # Errors
/// [`Cancelled`].
pub fn find_words(
    layer: &Layer,
    words: &[FilterWord],
    classes: Option<ClassColumn>,
    spelled_out: &(dyn Fn(usize) -> Option<Meanings> + Sync),
    spells: Option<Spells<'_>>,
    progress: &Progress,
) -> Result<FoundWords, Cancelled> {
    let given = &words[..words.len().min(MOST_WORDS)];
    let words: Vec<Word> = given.iter().map(|word| Word::new(&word.text, word.is_class)).collect();
    let spells = spells.filter(|_| words.iter().any(|word| word.spelt.is_some()));
    let spelled_out: Vec<Option<Meanings>> = (0..layer.fields.len()).map(spelled_out).collect();
    progress.add_total(layer.feature_count() as u64);
    let found: Result<Vec<FoundWords>, Cancelled> = layer
        .blocks
        .par_iter()
        .enumerate()
        .map(|(at, block)| {
            let rows = block.geometry.feature_count();
            // One bit a word.
            let all = if words.len() == MOST_WORDS { u64::MAX } else { (1 << words.len()) - 1 };
            let mut seen = vec![0u64; rows];
            for (field, meanings) in spelled_out.iter().enumerate() {
                progress.tick(0)?;
                look(block, field, &words, meanings.as_ref(), spells, &mut seen);
            }
            if let Some(ids) = &block.ids {
                seen.iter_mut().enumerate().for_each(|(row, seen)| *seen |= bits(&ids.value(row).to_string(), &words));
            }
            if let Some(classes) = classes {
                look_at_classes(block, classes, given, &mut seen);
            }
            progress.tick(rows as u64)?;
            let start = layer.starts[at];
            let features = (0..rows).filter(|row| seen[*row] & all == all).map(|row| (start + row) as u32).collect();
            let count = |i: usize| seen.iter().filter(|seen| **seen >> i & 1 == 1).count();
            Ok(FoundWords { features, counts: (0..words.len()).map(count).collect() })
        })
        .collect();
    let mut all = FoundWords { features: Vec::new(), counts: vec![0; words.len()] };
    for block in found? {
        all.features.extend(block.features);
        all.counts.iter_mut().zip(block.counts).for_each(|(sum, count)| *sum += count);
    }
    Ok(all)
}

/// Marks the words that mean a class in the rows that are of it.
fn look_at_classes(block: &FeatureBlock, (field, scheme): ClassColumn, words: &[FilterWord], seen: &mut [u64]) {
    let Some(column) = block.attributes.column(field) else { return };
    let marks = |text: &str| -> u64 {
        let of_word =
            |(i, word): (usize, &FilterWord)| u64::from(word.is_class && has_class(text, &word.text, scheme)) << i;
        words.iter().enumerate().map(of_word).fold(0, |bits, bit| bits | bit)
    };
    if words.iter().all(|word| !word.is_class) {
        return;
    }
    let of_text: Vec<u64> = column.distinct_texts().map(marks).collect();
    for (row, seen) in seen.iter_mut().enumerate() {
        *seen |= match column.text_code(row) {
            Some(code) => of_text[code as usize],
            // Codes that a spreadsheet made numbers of.
            None => match column.value(row) {
                Value::Null => 0,
                value => marks(&value.to_string()),
            },
        };
    }
}

/// A word that is looked for, in small letters.
struct Word {
    finder: memmem::Finder<'static>,
    /// Whether it may stand in a number as it is written.
    numeric: bool,
    /// Whether it is looked for in the classes only.
    is_class: bool,
    /// The letters of a word that may spell a name.
    spelt: Option<String>,
}

impl Word {
    fn new(text: &str, is_class: bool) -> Self {
        let text = text.to_lowercase();
        // Numbers are written with these; `inf`, `nan` and `true` are too.
        let numeric = text.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_lowercase() || b"+-.".contains(&b));
        let is_spelt = !is_class && text.len() > 1 && text.bytes().all(|b| b.is_ascii_lowercase());
        let finder = memmem::Finder::new(&text).into_owned();
        Self { finder, numeric, is_class, spelt: is_spelt.then_some(text) }
    }
}

/// Marks the words found in column `field`.
fn look(
    block: &FeatureBlock,
    field: usize,
    words: &[Word],
    meanings: Option<&Meanings>,
    spells: Option<Spells<'_>>,
    seen: &mut [u64],
) {
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
    if let Some(spells) = spells {
        let spelt = |text: &str| if text.is_ascii() { 0 } else { spelt_bits(text, words, spells) };
        let names = column.distinct_texts().map(|text| spelt(text) | spelled(text).map_or(0, spelt));
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
    if column.null_count() == seen.len() || !words.iter().any(|word| word.numeric && !word.is_class) {
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
    for (i, word) in words.iter().enumerate().filter(|(_, word)| !word.is_class) {
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
    let found = |word: &Word| !word.is_class && word.finder.find(small.as_bytes()).is_some();
    words.iter().enumerate().fold(0, |bits, (i, word)| bits | (u64::from(found(word)) << i))
}

/// Which of `words` spell `text`.
fn spelt_bits(text: &str, words: &[Word], spells: Spells<'_>) -> u64 {
    let found = |word: &Word| word.spelt.as_ref().is_some_and(|letters| spells(letters, text));
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
            assert_eq!(text, Value::Float(number).to_string());
        }
    }

    #[test]
    fn a_word_is_within_one_text() {
        let texts = ["", "0103", "01", "", "0301030", "3", "水浇地", "010"];
        let mut starts = vec![0];
        texts.iter().for_each(|text| starts.push(starts[starts.len() - 1] + text.len() as u32));
        for query in ["0103", "01", "3", "浇", "0301", "地0", "30"] {
            let mut of_text = vec![0; texts.len()];
            mark(&Word::new(query, false), 1, &texts.concat(), &starts, &mut of_text);
            let expected: Vec<u64> = texts.iter().map(|text| u64::from(text.contains(query))).collect();
            assert_eq!(of_text, expected, "{query}");
        }
    }
}
