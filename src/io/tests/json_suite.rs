//! The scanner against the JSON test suite of N. Seriot ("Parsing JSON is a Minefield"), and the reader on the same
//! files: whatever they hold, there is a clear answer.

use super::*;
use crate::io::scan;

/// The files of the suite by name, from the folder in `TUBAN_SHARED`.
pub(super) fn files() -> Vec<(String, Vec<u8>)> {
    let Some(folder) = shared("JSON test suite", "data/suites/json_test_suite.json") else { return Vec::new() };
    let text = std::fs::read_to_string(folder).expect("readable");
    let suite: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let files = suite["files_base64"].as_object().expect("files by name");
    files.iter().map(|(name, text)| (name.clone(), base64(text.as_str().expect("text")))).collect()
}

fn base64(text: &str) -> Vec<u8> {
    let digit = |b: u8| match b {
        b'A'..=b'Z' => b - b'A',
        b'a'..=b'z' => b - b'a' + 26,
        b'0'..=b'9' => b - b'0' + 52,
        b'+' => 62,
        _ => 63,
    };
    let digits: Vec<u32> = text.bytes().filter(|b| *b != b'=').map(|b| u32::from(digit(b))).collect();
    digits
        .chunks(4)
        .flat_map(|four| {
            let bits = four.iter().enumerate().fold(0, |bits, (i, d)| bits | d << (18 - 6 * i));
            bits.to_be_bytes()[1..four.len()].to_vec()
        })
        .collect()
}

#[test]
fn the_scanner_accepts_and_rejects_as_the_suite_says() {
    let (mut accepted, mut rejected, mut free) = (0, 0, 0);
    for (name, bytes) in files() {
        let result = std::str::from_utf8(&bytes).map_err(|_| ()).and_then(|text| scan::check(text).map_err(|_| ()));
        match (&name[..2], result) {
            ("y_", Ok(())) => accepted += 1,
            ("n_", Err(())) => rejected += 1,
            ("i_", _) => free += 1,
            (_, result) => panic!("{name}: {result:?}"),
        }
    }
    println!("JSON test suite: {accepted} accepted, {rejected} rejected, {free} left to the implementation");
}

#[test]
fn the_reader_has_a_message_for_every_file_of_the_suite() {
    let (mut syntax, mut other, mut opened_count) = (0, 0, 0);
    for (name, bytes) in files() {
        match open_bytes(&name, bytes, &options(), &Progress::new()) {
            Ok(opened) => {
                // `[]`, an array without features.
                assert!(name.starts_with("y_") && opened.row_count == 0, "{name}: {opened:?}");
                opened_count += 1;
            }
            Err(error) => {
                let message = error.message();
                assert_ne!(tr(Language::Chinese, message.key), message.key, "{name}");
                let is_syntax = matches!(error, ReadError::Syntax { .. });
                assert!(!(name.starts_with("y_") && is_syntax), "{name}: {error}");
                // What is skipped as no feature was JSON; NaN is let through, and a file of bytes that are no text may
                // look like another.
                let is_json = matches!(error, ReadError::NothingUsable { .. } | ReadError::NotGeoJson { .. });
                assert!(!(name.starts_with("n_") && is_json) || name.contains("minus_infinity"), "{name}: {error}");
                *(if is_syntax { &mut syntax } else { &mut other }) += 1;
            }
        }
    }
    println!(
        "JSON test suite, as GeoJSON: {syntax} syntax errors, {other} other refusals, {opened_count} empty layers"
    );
}
