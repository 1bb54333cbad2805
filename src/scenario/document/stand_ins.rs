//! Which open layers describe the same land as others do, so that a scenario can be made of them.

use super::entry::Entry;
use super::workspace::Workspace;
use crate::model::roles::Role;
use crate::model::{GeometryKind, LayerId};

impl Workspace {
    /// Layers that may stand in the place of `base` in a scenario: all others of the same kind of geometry, those of
    /// the same role first.
    pub fn possible_stand_ins(&self, base: LayerId) -> Vec<&Entry> {
        let Some(base) = self.entry(base) else { return Vec::new() };
        let alike = |entry: &&Entry| entry.id() != base.id() && entry.layer.kind == base.layer.kind;
        let mut others: Vec<&Entry> = self.entries.iter().filter(alike).collect();
        others.sort_by_key(|entry| entry.role != base.role);
        others
    }

    /// Pairs that are likely meant: of each planning role with several polygon layers of the same class field, the
    /// layer that is drawn (else the one with the first title), and the one with the last title of those that are not.
    pub fn likely_stand_ins(&self) -> Vec<(LayerId, LayerId)> {
        let mut pairs = Vec::new();
        for role in Role::ALL.into_iter().filter(|role| !matches!(role, Role::Administrative | Role::Other)) {
            let polygons = |entry: &&Entry| entry.role == role && entry.layer.kind == GeometryKind::Polygon;
            let mut layers: Vec<&Entry> = self.entries.iter().filter(polygons).collect();
            layers.sort_by(|a, b| (!self.is_drawn(a), &a.title).cmp(&(!self.is_drawn(b), &b.title)));
            let Some((base, others)) = layers.split_first() else { continue };
            let field = |entry: &Entry| entry.class_field().map(|field| entry.layer.fields[field].name.to_lowercase());
            let same = others.iter().filter(|other| !self.is_drawn(other) && field(other) == field(base));
            if let Some(other) = same.max_by(|a, b| a.title.cmp(&b.title)) {
                pairs.push((base.id(), other.id()));
            }
        }
        pairs
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::io::{OpenOptions, open_bytes};
    use crate::task::Progress;

    fn push(workspace: &mut Workspace, title: &str, role: Role, visible: bool) -> LayerId {
        let text = r#"{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"DLBM":"0101"},
            "geometry":{"type":"Polygon","coordinates":[[[117,36],[117.01,36],[117.01,36.01],[117,36]]]}}]}"#;
        let opened = open_bytes("a.geojson", text.into(), &OpenOptions::default(), &Progress::new()).expect("opens");
        let layer = opened.layers.into_iter().next().expect("a layer");
        let mut entry = Entry::recognised(Arc::new(layer), 0);
        title.clone_into(&mut entry.title);
        (entry.role, entry.visible) = (role, visible);
        let id = entry.id();
        workspace.push_entry(entry);
        id
    }

    #[test]
    fn the_hidden_later_layer_of_a_role_stands_in() {
        let mut workspace = Workspace::new();
        let later = push(&mut workspace, "图斑 2035", Role::LandUse, false);
        let middle = push(&mut workspace, "图斑 2030", Role::LandUse, false);
        let base = push(&mut workspace, "图斑 2025", Role::LandUse, true);
        let farmland = push(&mut workspace, "农田 2025", Role::BasicFarmland, true);
        push(&mut workspace, "街道甲", Role::Administrative, true);
        push(&mut workspace, "街道乙", Role::Administrative, false);
        assert_eq!(workspace.likely_stand_ins(), [(base, later)]);
        let plan = push(&mut workspace, "农田 2035", Role::BasicFarmland, false);
        assert_eq!(workspace.likely_stand_ins(), [(farmland, plan), (base, later)]);
        let possible: Vec<LayerId> = workspace.possible_stand_ins(base).iter().map(|entry| entry.id()).collect();
        assert_eq!(possible[..2], [later, middle]);
        assert_eq!(possible.len(), 6);
    }
}
