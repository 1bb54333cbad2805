//! Files that were damaged at random: cut off, overwritten, spliced. Whatever comes out, reading ends, says what it
//! found, and does not depend on how the file was cut into pieces.
//!
//! `TUBAN_MUTATIONS=100000 cargo test --release --lib mutations` runs more cases than the few of an ordinary test.

use std::time::{Duration, Instant};

use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::{Config, TestRunner};

use super::*;
use crate::io::scan;

/// One kind of damage.
#[derive(Clone, Debug)]
enum Damage {
    Truncate(Index),
    Overwrite(Index, u8),
    Delete(Index, Index),
    Repeat(Index, Index),
    Insert(Index, &'static [u8]),
    ReplaceNumber(Index, &'static [u8]),
    Splice(Index, Index, Index),
}

const TOKENS: &[&[u8]] = &[
    b"null",
    b"NaN",
    b"-Infinity",
    b"1e400",
    b"-",
    b"0",
    b".5",
    b"[",
    b"]",
    b"{",
    b"}",
    b",",
    b":",
    b"\"",
    b"\\",
    b"\\u",
    b"\\uD800",
    b"\n",
    b"\r\n",
    b"\n{",
    b"},{",
    b"},\n{\"type\":\"Feature\"",
    b"\x1e",
    b"\0",
    b"\xEF\xBB\xBF",
    b"\xFF",
    b"\xE6\xB0",
    b"\xCB\xAE",
    b"\"type\":",
    b"\"Feature\"",
    b"\"Point\"",
    b"\"features\":[",
    b"\"geometry\":",
    b"\"coordinates\":[[[",
    b"\"geometries\":[",
    b"\"properties\":{\"a\":1},",
    b"\"crs\":null,",
    b"\"id\":7,",
];

/// Values that keep the grammar, or nearly.
const VALUES: &[&[u8]] = &[
    b"null",
    b"NaN",
    b"-Infinity",
    b"1e400",
    b"1e-400",
    b"-0",
    b"\"117\"",
    b"[]",
    b"{}",
    b"[0]",
    b"[0,0]",
    b"true",
    b"12345678901234567890",
    b"39508924.427",
    b"4074320.486",
    b"0.1234567890123456789",
    b"{\"type\":\"Point\"}",
    b"1,2",
];

fn damage() -> impl Strategy<Value = Damage> {
    prop_oneof![
        any::<Index>().prop_map(Damage::Truncate),
        (any::<Index>(), any::<u8>()).prop_map(|(at, byte)| Damage::Overwrite(at, byte)),
        (any::<Index>(), any::<Index>()).prop_map(|(at, length)| Damage::Delete(at, length)),
        (any::<Index>(), any::<Index>()).prop_map(|(at, length)| Damage::Repeat(at, length)),
        (any::<Index>(), 0..TOKENS.len()).prop_map(|(at, token)| Damage::Insert(at, TOKENS[token])),
        (any::<Index>(), 0..VALUES.len()).prop_map(|(at, value)| Damage::ReplaceNumber(at, VALUES[value])),
        (any::<Index>(), 0..VALUES.len()).prop_map(|(at, value)| Damage::ReplaceNumber(at, VALUES[value])),
        (any::<Index>(), any::<Index>(), any::<Index>()).prop_map(|(at, file, from)| Damage::Splice(at, file, from)),
    ]
}

fn apply(bytes: &mut Vec<u8>, damage: &Damage, seeds: &[Vec<u8>]) {
    let end = bytes.len() + 1;
    match damage {
        Damage::Truncate(at) => bytes.truncate(at.index(end)),
        Damage::Overwrite(at, byte) => {
            let at = at.index(end);
            if let Some(there) = bytes.get_mut(at) {
                *there = *byte;
            }
        }
        Damage::Delete(at, length) => {
            let at = at.index(end);
            let length = length.index(60).min(bytes.len() - at);
            bytes.drain(at..at + length);
        }
        Damage::Repeat(at, length) => {
            let at = at.index(end);
            let length = length.index(400).min(bytes.len() - at);
            let again = bytes[at..at + length].to_vec();
            bytes.splice(at..at, again);
        }
        Damage::Insert(at, token) => {
            let at = at.index(end);
            bytes.splice(at..at, token.iter().copied());
        }
        Damage::ReplaceNumber(at, value) => {
            let at = at.index(end);
            let is_digit = |b: &u8| matches!(b, b'0'..=b'9' | b'.' | b'-');
            if let Some(start) = bytes[at..].iter().position(is_digit).map(|start| at + start) {
                let length = bytes[start..].iter().take_while(|b| is_digit(b)).count();
                bytes.splice(start..start + length, value.iter().copied());
            }
        }
        Damage::Splice(at, file, from) => {
            let other = &seeds[file.index(seeds.len())];
            let from = from.index(other.len() + 1);
            bytes.truncate(at.index(end));
            bytes.extend_from_slice(&other[from..]);
        }
    }
}

/// Files to damage: some of our own, and the suites where they are there.
fn seeds() -> Vec<Vec<u8>> {
    let f = |i: usize| feature(&polygon(SQUARE), &format!(r#","id":{i},"bbox":[0,0,1,1]"#));
    let mut own = vec![
        collection(&(0..6).map(f).collect::<Vec<_>>()).into_bytes(),
        collection(&[f(1), feature("null", ""), f(2)]).replace(',', ", ").into_bytes(),
        (0..5).map(|i| f(i) + "\n").collect::<String>().into_bytes(),
        (0..5).map(|i| format!("\u{1e}{}\n", f(i))).collect::<String>().into_bytes(),
        format!("[{},{}]", f(1), f(2)).into_bytes(),
    ];
    // These hold the most features for their size.
    for _ in 0..4 {
        own.extend_from_within(..5);
    }
    for folder in ["data/suites/geojson_conformance", "data/suites/geolibre_vector_cases", "data/nasty"] {
        let Some(folder) = shared("damaged files", folder) else { continue };
        let mut paths: Vec<_> =
            std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()).collect();
        paths.sort();
        own.extend(paths.iter().map(|path| std::fs::read(path).expect("readable")));
    }
    // Large files would only make each case slow.
    own.retain(|seed| seed.len() <= 40_000);
    // The many small files without any feature must not crowd out the others.
    let mut seeds: Vec<Vec<u8>> = (0..4).flat_map(|_| own.iter().cloned()).collect();
    seeds.extend(json_suite::files().into_iter().map(|(_, bytes)| bytes));
    seeds
}

/// What writing must keep: kinds, fields, ids, attributes and geometry.
fn essence(opened: &Opened) -> String {
    use std::fmt::Write;
    let mut out = String::new();
    for layer in &opened.layers {
        let fields: Vec<_> = layer.fields.iter().filter(|field| field.kind != FieldType::Null).collect();
        writeln!(out, "{:?} {fields:?}", layer.kind).expect("text");
        for feature in 0..layer.feature_count() {
            let (block, row) = layer.locate(feature);
            let g = &block.geometry;
            let values: Vec<String> = (0..layer.fields.len()).map(|f| layer.value(feature, f).to_string()).collect();
            let parts: Vec<usize> = g.polygon(row).parts().map(|p| p.ring_count()).collect();
            let coords = g.feature_coords(row);
            writeln!(
                out,
                "{:?} {} {coords:?} {parts:?} {} {:?}",
                layer.feature_id(feature),
                g.is_null(row),
                g.paths(row).len(),
                values.concat(),
            )
            .expect("text");
        }
    }
    out
}

#[test]
fn damaged_files_are_read_or_refused_but_never_hang() {
    let case_count = std::env::var("TUBAN_MUTATIONS").ok().and_then(|n| n.parse().ok()).unwrap_or(400);
    let seeds = seeds();
    let started = Instant::now();
    let mut runner = TestRunner::new(Config {
        cases: case_count,
        failure_persistence: None,
        max_shrink_iters: 2000,
        ..Config::default()
    });
    let strategy = (any::<Index>(), prop::collection::vec(damage(), 1..4), 1_usize..2000);
    let slowest = std::cell::Cell::new(Duration::ZERO);
    let (opened_count, feature_count) = (std::cell::Cell::new(0_u64), std::cell::Cell::new(0_u64));
    let result = runner.run(&strategy, |(seed, damages, piece)| {
        let mut bytes = seeds[seed.index(seeds.len())].clone();
        damages.iter().for_each(|damage| apply(&mut bytes, damage, &seeds));
        let case_started = Instant::now();
        let whole = open_in_pieces(&bytes, 1 << 20);
        let took = case_started.elapsed();
        slowest.set(slowest.get().max(took));
        prop_assert!(took < Duration::from_secs(10), "took {:?}: {}", took, bytes.escape_ascii());
        // What bytes that are no text stand for is judged by the stretch, so the cut may show there.
        if std::str::from_utf8(&bytes).is_ok() {
            let pieces = open_in_pieces(&bytes, piece);
            prop_assert_eq!(
                description(&whole),
                description(&pieces),
                "in pieces of {}: {}",
                piece,
                bytes.escape_ascii()
            );
        }
        let Ok(opened) = whole else { return Ok(()) };
        opened_count.set(opened_count.get() + 1);
        feature_count.set(feature_count.get() + opened.row_count);
        let mut rows: Vec<u64> = opened
            .layers
            .iter()
            .flat_map(|layer| (0..layer.feature_count()).map(|feature| layer.source_row(feature)))
            .collect();
        rows.sort_unstable();
        rows.dedup();
        prop_assert_eq!(rows.len() as u64, opened.row_count - opened.skipped_count, "features are counted");
        let mut written = Vec::new();
        write_together(&opened.layers.iter().collect::<Vec<_>>(), &mut written).expect("writes");
        let text = String::from_utf8(written).expect("UTF-8");
        prop_assert_eq!(scan::check(&text), Ok(()));
        let again = self::opened(&text);
        prop_assert_eq!(again.row_count, rows.len() as u64, "what is written reads back");
        if opened.partial.is_none() && opened.issues.iter().all(|issue| issue.severity < Severity::Error) {
            prop_assert_eq!(essence(&again), essence(&opened), "{}", bytes.escape_ascii());
        }
        Ok(())
    });
    println!(
        "damaged files: {case_count} cases of {} files in {:.1} s, {} opened with {} features, slowest {:?}",
        seeds.len(),
        started.elapsed().as_secs_f64(),
        opened_count.get(),
        feature_count.get(),
        slowest.get(),
    );
    if let Err(error) = result {
        panic!("{error}");
    }
}

#[test]
fn hostile_shapes_cost_no_more_than_their_size() {
    let deep = 100_000;
    for text in [
        "{\"a\":\n".repeat(deep),
        "[".repeat(deep),
        r#"{"type":"GeometryCollection","geometries":["#.repeat(deep),
        r#"{"type":"FeatureCollection","features":["#.repeat(deep),
        format!(r#"{{"type":"Polygon","coordinates":{}"#, "[".repeat(deep)),
        format!("{{\"features\":[{}", "{\"type\":\"Feature\",\"geometry\":{\"geometries\":[".repeat(deep)),
        "{\"type\":\"Feature\"}\n".to_owned() + &"{\"a\":[\n".repeat(deep),
        "\u{1e}{\"a\":\n".repeat(deep),
        "{}\n".repeat(deep),
    ] {
        let started = Instant::now();
        for piece in [1 << 16, 1 << 20] {
            // Any answer will do.
            let _ = open_in_pieces(text.as_bytes(), piece);
        }
        println!("hostile: {:.2} s for {} bytes of {:?}…", started.elapsed().as_secs_f64(), text.len(), &text[..30]);
        assert!(started.elapsed() < Duration::from_secs(60), "{}…", &text[..40]);
    }
}
