//! Features found by number, name, place and class, in the background.

use rustc_hash::FxHashMap;

use crate::expr::{ClassColumn, find_words, read_words};
use crate::model::roles::fields::Meanings;
use crate::model::{FieldType, Layer, Value};
use crate::scenario::Entry;
use crate::task::{Cancelled, Progress};
use crate::text::{Language, Message};
use crate::ui::session::Session;
use crate::ui::session::found::{Hit, Hits};
use crate::ui::work::coordinates;
use crate::ui::work::spelling::Spelling;

/// Most texts that are listed.
pub(in crate::ui) const MOST: usize = 30;

/// Most texts of a layer that are collected before sorting.
const MOST_COLLECTED: usize = 2000;

/// Looks for `query` in every layer, in the background; an older question is given up.
pub fn find(session: &mut Session, query: String) {
    if query.is_empty() {
        return session.found.forget();
    }
    // Layers that are drawn come first: what one sees is what one looks for.
    let (drawn, hidden): (Vec<_>, Vec<_>) =
        session.workspace.entries.iter().partition(|entry| session.workspace.is_drawn(entry));
    let layer = |entry: &Entry| (entry.layer.clone(), entry.class_field().map(|field| (field, entry.scheme())));
    let layers: Vec<_> = drawn.into_iter().chain(hidden).map(layer).collect();
    let wanted: String = query.chars().map(coordinates::half_width).collect();
    let language = session.language();
    let work = move |progress: &Progress| {
        let mut hits = Vec::new();
        for (layer, classes) in &layers {
            let found = find_in(layer, &wanted, &mut hits, progress);
            let found = found.and_then(|()| find_all_words(layer, *classes, &wanted, language, &mut hits, progress));
            // Cancelled: a newer question is at work.
            if found.is_err() {
                break;
            }
        }
        let more = hits.len() > MOST;
        sort(&mut hits, &wanted);
        hits.truncate(MOST);
        Ok(Hits { list: hits, more })
    };
    let name = Message::new("ui.job-search").with("text", &query);
    session.found.start_hidden(&mut session.jobs, query, name, work);
}

/// Exact matches first, then what contains the question before what is only spelt so; of these what fewer features
/// carry: a parcel's own name before that of its town.
fn sort(hits: &mut [Hit], query: &str) {
    let wanted = query.to_lowercase();
    hits.sort_by_cached_key(|hit| (hit.text != query, !hit.text.to_lowercase().contains(&wanted), hit.features.len()));
}

/// Adds the features of `layer` that have every word of a question of several: a place and a class, as the filter of
/// the table reads them.
fn find_all_words(
    layer: &Layer,
    classes: Option<ClassColumn>,
    query: &str,
    language: Language,
    hits: &mut Vec<Hit>,
    progress: &Progress,
) -> Result<(), Cancelled> {
    if query.split_whitespace().nth(1).is_none() {
        return Ok(());
    }
    let spelled_out = |field: usize| {
        let scheme = classes.filter(|(at, _)| *at == field).and_then(|(_, scheme)| scheme);
        Meanings::of_field(&layer.fields[field].name, scheme, language)
    };
    let words = read_words(layer, query, classes);
    let spells = |letters: &str, text: &str| Spelling::of(text).find(letters).is_some();
    let found = find_words(layer, &words, classes, &spelled_out, Some(&spells), progress)?.features;
    if !found.is_empty() {
        let features = found.into_iter().map(|feature| feature as usize).collect();
        hits.push(Hit { layer: layer.id, features, field: String::new(), text: query.to_owned() });
    }
    Ok(())
}

/// Adds the texts and numbers of `layer` that contain `query`, each with the features that carry it.
fn find_in(layer: &Layer, query: &str, hits: &mut Vec<Hit>, progress: &Progress) -> Result<(), Cancelled> {
    let wanted = query.to_lowercase();
    if let Some(number) = query.strip_prefix('#').and_then(|n| n.parse::<usize>().ok())
        && (1..=layer.feature_count()).contains(&number)
    {
        let features = vec![number - 1];
        hits.push(Hit { layer: layer.id, features, field: "#".to_owned(), text: format!("#{number}") });
    }
    let number: Option<i64> = query.parse().ok();
    // One letter spells half of all names.
    let spells = |text: &str| {
        wanted.len() > 1 && wanted.is_ascii() && !text.is_ascii() && Spelling::of(text).find(&wanted).is_some()
    };
    for (at, field) in layer.fields.iter().enumerate() {
        // In the order of their first appearance.
        let mut found: Vec<Hit> = Vec::new();
        let mut place: FxHashMap<String, usize> = FxHashMap::default();
        for (block, start) in layer.blocks.iter().zip(&layer.starts) {
            let Some(column) = block.attributes.column(at) else { continue };
            let row_count = block.attributes.row_count();
            progress.tick(row_count as u64)?;
            let matching: Vec<bool> =
                column.distinct_texts().map(|text| text.to_lowercase().contains(&wanted) || spells(text)).collect();
            if !matching.contains(&true) && (number.is_none() || column.kind() != FieldType::Int) {
                continue;
            }
            for row in 0..row_count {
                let text = match column.text_code(row) {
                    Some(code) => matching[code as usize].then(|| column.value(row).to_string()),
                    None => match column.value(row) {
                        Value::Int(value) if Some(value) == number => Some(value.to_string()),
                        _ => None,
                    },
                };
                let Some(text) = text else { continue };
                if let Some(known) = place.get(&text) {
                    found[*known].features.push(start + row);
                } else if found.len() < MOST_COLLECTED {
                    place.insert(text.clone(), found.len());
                    let field = field.name.clone();
                    found.push(Hit { layer: layer.id, features: vec![start + row], field, text });
                }
            }
        }
        hits.append(&mut found);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::project;

    #[test]
    fn a_name_finds_its_own_feature_before_those_that_lie_in_it() {
        let demo = project::load_demo(&Progress::new()).expect("the demo opens").workspace;
        let mut hits = Vec::new();
        for entry in &demo.entries {
            find_in(&entry.layer, "大桥", &mut hits, &Progress::new()).expect("not cancelled");
        }
        sort(&mut hits, "大桥");
        assert!(hits.iter().all(|hit| hit.text.contains("大桥")));
        assert_eq!(hits[0].features.len(), 1);
        assert!(hits.last().is_some_and(|hit| hit.text == "大桥街道" && hit.features.len() > 100));
        // By its spelling the same, and a place with a class.
        for query in ["daqiao", "dqjd"] {
            hits.clear();
            for entry in &demo.entries {
                find_in(&entry.layer, query, &mut hits, &Progress::new()).expect("not cancelled");
            }
            assert!(hits.iter().any(|hit| hit.text == "大桥街道"), "{query}");
        }
        let mut named = |query: &str| {
            hits.clear();
            for entry in &demo.entries {
                let classes = entry.class_field().map(|field| (field, entry.scheme()));
                let found =
                    find_all_words(&entry.layer, classes, query, Language::Chinese, &mut hits, &Progress::new());
                found.expect("not cancelled");
            }
            assert!(hits.iter().all(|hit| hit.text == query));
            hits.clone()
        };
        let by_name = named("大桥街道 0101");
        let most = by_name.iter().map(|hit| hit.features.len()).max().expect("parcels of that class lie there");
        assert!(most > 1);
        // The place by its spelling.
        for query in ["dqjd 0101", "0101 daqiaojiedao"] {
            let features = |hits: &[Hit]| hits.iter().map(|hit| (hit.layer, hit.features.clone())).collect::<Vec<_>>();
            assert_eq!(features(&named(query)), features(&by_name), "{query}");
        }
        assert!(named("dq 0101").iter().map(|hit| hit.features.len()).max() >= Some(most));
        assert!(!named("大桥街道 shuitian").is_empty() && named("dqx 0101").is_empty());
        let numbered = &demo.entries[0].layer;
        hits.clear();
        find_in(numbered, "#1", &mut hits, &Progress::new()).expect("not cancelled");
        assert_eq!(hits[0].features, [0]);
    }
}
