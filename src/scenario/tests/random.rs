//! Random edits against a state that is simply written out: shown as expected after every step, and the same again
//! when undone and redone.

use std::collections::BTreeMap;

use super::*;
use crate::scenario::edit::{Drawn, Piece, Redraw};

/// A generator of numbers that need not be good (Knuth's MMIX constants).
pub(super) struct Dice(pub(super) u64);

impl Dice {
    pub(super) fn below(&mut self, count: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) % count.max(1) as u64) as usize
    }
}

/// Everything that can be seen of a layer.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Seen {
    pub(super) fields: Vec<Field>,
    pub(super) rows: Vec<(u64, Vec<Coord>, Vec<String>)>,
    pub(super) areas: Vec<f64>,
}

pub(super) fn seen(workspace: &Workspace, id: LayerId) -> Seen {
    let entry = workspace.entry(id).expect("open");
    let layer = &entry.layer;
    let row = |feature: usize| {
        let (block, row) = layer.locate(feature);
        let values = (0..layer.fields.len()).map(|field| format!("{:?}", layer.value(feature, field))).collect();
        (layer.source_row(feature), block.geometry.feature_coords(row).to_vec(), values)
    };
    Seen {
        fields: layer.fields.to_vec(),
        rows: (0..layer.feature_count()).map(row).collect(),
        areas: entry.areas.as_ref().map_or_else(Vec::new, |areas| areas.exact.clone()),
    }
}

/// The same kept as a list of features, by key.
type Written = BTreeMap<u32, (Vec<Coord>, BTreeMap<String, String>)>;

fn write_out(layer: &Layer) -> Written {
    let feature = |feature: usize| {
        let (block, row) = layer.locate(feature);
        let value = |(at, field): (usize, &Field)| {
            let value = layer.value(feature, at);
            (!value.is_null()).then(|| (field.name.clone(), format!("{value:?}")))
        };
        let values = layer.fields.iter().enumerate().filter_map(value).collect();
        (feature as u32, (block.geometry.feature_coords(row).to_vec(), values))
    };
    (0..layer.feature_count()).map(feature).collect()
}

fn write_change(written: &mut Written, change: &Change, base: &Written, fields: &[Field]) {
    match change {
        Change::SetField(set) => {
            for (at, key) in set.keys.iter().enumerate() {
                let Some((_, values)) = written.get_mut(key) else { continue };
                match set.after.get(at) {
                    OwnedValue::Null => drop(values.remove(&*set.field)),
                    value => drop(values.insert(set.field.to_string(), format!("{:?}", value.as_value()))),
                }
            }
        }
        Change::Redraw(redraw) => {
            for piece in &redraw.retired {
                written.remove(&piece.key);
            }
            for piece in &redraw.added {
                let feature = match &piece.drawn {
                    None => base[&piece.key].clone(),
                    Some(drawn) => {
                        let values = drawn.values.iter().zip(fields).filter(|(value, _)| **value != OwnedValue::Null);
                        let values = values.map(|(v, field)| (field.name.clone(), format!("{:?}", v.as_value())));
                        (drawn.geometry.feature_coords(0).to_vec(), values.collect())
                    }
                };
                written.insert(piece.key, feature);
            }
        }
    }
}

pub(super) fn random_draft(workspace: &Workspace, id: LayerId, dice: &mut Dice) -> Option<Draft> {
    let layer = layer(workspace, id);
    let count = layer.feature_count();
    let rows: Vec<u32> = (0..(1 + dice.below(4)).min(count)).map(|_| dice.below(count) as u32).collect();
    let values = [OwnedValue::Null, OwnedValue::Int(7), OwnedValue::text("甲"), OwnedValue::Float(0.25)];
    match dice.below(8) {
        0..=2 => {
            let codes = ["0101", "0701", "1001", "1208"];
            draft::recode(workspace, id, &rows, class(codes[dice.below(4)]), Language::Chinese).ok()
        }
        3 | 4 => {
            let fields = ["TBMJ", "DLMC", "甲", "乙"];
            let value = values[dice.below(4)].clone();
            draft::set_field(workspace, id, &rows, fields[dice.below(4)], value).ok()
        }
        5 => draft::revert(workspace, id, &rows).ok(),
        _ => {
            let map = workspace.rows_of(id).expect("open");
            let state = workspace.shown_scenario().and_then(|scenario| scenario.state(id));
            let mut retired: Vec<Piece> = Vec::new();
            for row in &rows {
                let key = map.key(*row as usize);
                if retired.iter().all(|piece| piece.key != key) && retired.len() + 2 < count {
                    retired.push(Piece { key, drawn: state.and_then(|state| state.drawn(key)).cloned() });
                }
            }
            let piece = |nth: usize| {
                let key = state.map_or(layer.feature_count() as u32 + nth as u32, |state| state.free_key(nth));
                let from = &workspace.base_of(id).expect("open").0.blocks[0].geometry;
                let geometry = Arc::new(from.kept([nth % from.feature_count()].into_iter()));
                let values = vec![OwnedValue::Null, values[nth % 4].clone()];
                Piece { key, drawn: Some(Arc::new(Drawn { geometry, values, origin: None })) }
            };
            let added = (0..dice.below(3)).map(piece).collect();
            let edit = Edit { layer: id, change: Change::Redraw(Redraw { retired, added }) };
            Some(Draft { edits: vec![edit], sentence: Message::new("scenario.nothing-changes") })
        }
    }
}

/// The areas of an edited layer are those of the same layer measured afresh.
fn check_areas(workspace: &Workspace, id: LayerId) {
    let entry = workspace.entry(id).expect("open");
    let fresh = overlay::measured(&entry.layer, AreaMethod::Planar, &Progress::new()).expect("measured");
    assert_eq!(entry.areas.as_ref().expect("measured").exact, fresh.exact);
}

#[test]
fn random_edits_show_what_they_say_and_undo_to_the_base() {
    for seed in 0..40 {
        let mut dice = Dice(seed);
        let (mut workspace, id) = workspace();
        let base_layer = layer(&workspace, id);
        let base = write_out(&base_layer);
        let mut written = base.clone();
        let mut snapshots = vec![seen(&workspace, id)];
        for _ in 0..40 {
            let Some(draft) = random_draft(&workspace, id, &mut dice) else { continue };
            let fields = layer(&workspace, id).fields.clone();
            for edit in &draft.edits {
                write_change(&mut written, &edit.change, &base, &fields);
            }
            let before = layer(&workspace, id);
            workspace.apply(draft, By::default()).expect("applies");
            let now = seen(&workspace, id);
            let rows: Vec<_> = written.iter().map(|(key, (coords, _))| (u64::from(*key), coords.clone())).collect();
            assert_eq!(now.rows.iter().map(|r| (r.0, r.1.clone())).collect::<Vec<_>>(), rows, "seed {seed}");
            for ((key, (_, values)), (_, _, shown)) in written.iter().zip(&now.rows) {
                for (field, shown) in now.fields.iter().zip(shown) {
                    let expected = values.get(&field.name).map_or("Null", String::as_str);
                    // A field of mixed kinds is stored as text or as numbers, block by block.
                    let as_text = |text: &str| {
                        let inside = text.trim_start_matches(|c: char| c.is_ascii_alphabetic());
                        let plain = inside.replace(['(', ')', '"'], "");
                        plain.strip_suffix(".0").map_or(plain.clone(), str::to_owned)
                    };
                    assert_eq!(as_text(shown), as_text(expected), "seed {seed} feature {key} {}", field.name);
                }
            }
            if let Changes::Rows(rows) = changes::changes(&before, &layer(&workspace, id)) {
                let last = &snapshots[snapshots.len() - 1];
                let differ: Vec<u32> =
                    (0..now.rows.len()).filter(|row| last.rows[*row] != now.rows[*row]).map(|row| row as u32).collect();
                assert_eq!(rows, differ, "seed {seed}");
            }
            snapshots.push(now);
        }
        check_areas(&workspace, id);
        let scenario = workspace.scenarios.shown();
        let top = workspace.scenarios.history.position();
        assert_eq!(top + 1, snapshots.len());
        for _ in 0..2 {
            for position in (0..top).rev() {
                workspace.undo().expect("undone");
                assert_eq!(seen(&workspace, id), snapshots[position], "seed {seed}, undone to {position}");
            }
            assert!(Arc::ptr_eq(&layer(&workspace, id), &base_layer));
            workspace.redo().expect("redone");
            workspace.show(scenario);
            assert_eq!(seen(&workspace, id), snapshots[1], "seed {seed}, redone");
            for (position, snapshot) in snapshots.iter().enumerate().skip(2) {
                workspace.redo().expect("redone");
                assert_eq!(seen(&workspace, id), *snapshot, "seed {seed}, redone to {position}");
            }
        }
        for position in [top / 2, 1, top, top / 3 + 1] {
            workspace.travel_to(position);
            assert_eq!(seen(&workspace, id), snapshots[position], "seed {seed}, travelled to {position}");
        }
    }
}
