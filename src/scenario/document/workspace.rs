//! What is open: layers in groups, in drawing order, with their roles and styles.
//!
//! Plain data with the few operations that keep its order. Entries stand in the order of the layer tree: the first is
//! drawn last, on top, and the entries of a group stand together, in the order of the groups. Nothing here opens files
//! or measures; areas are filled in by whoever computed them.

use std::path::PathBuf;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::closed::{AbsentLayer, ClosedLayer};
use super::entry::{Entry, LayerGroup, SavedView};
use super::marks::{Bookmark, MapNote};
use super::measurement::Measurement;
use super::scenarios::Scenarios;
use super::seeing::SavedSeeing;
use super::underlay::Underlay;
use crate::crs::{Crs, Datum};
use crate::model::layout::Layout;
use crate::model::roles::{self, Group, Recognition, Role};
use crate::model::{Areas, Extent, Issue, Layer, LayerId};
use crate::text::{Language, tr};

/// Headings of a new workspace, top to bottom. Other layers stand above land use: what nobody knows yet should not
/// vanish under 3,000 parcels.
const HEADINGS: [Group; 4] = [Group::ControlLines, Group::Projects, Group::Other, Group::LandUse];

/// All that is open.
#[derive(Clone, Debug, Default)]
pub struct Workspace {
    /// Name of the project; empty while it has none.
    pub name: String,
    /// A note of its author: sources, caveats.
    pub note: String,
    /// Headings of the layer tree, top to bottom.
    pub groups: Vec<LayerGroup>,
    /// The layers, top to bottom.
    pub entries: Vec<Entry>,
    /// Reference system of the map; chosen by the first layer, `None` without layers.
    pub crs: Option<Crs>,
    /// The file of its rules: on the disk, or `demo:…` in the program.
    pub rules: Option<PathBuf>,
    /// What the map showed when the project was saved.
    pub view: Option<SavedView>,
    /// How it showed several states.
    pub seeing: SavedSeeing,
    /// Measurements that were kept.
    pub measurements: Vec<Measurement>,
    /// Places that views go back to, in the order of their list.
    pub bookmarks: Arc<Vec<Bookmark>>,
    /// Notes pinned on the map.
    pub notes: Arc<Vec<MapNote>>,
    /// The layouts of its sheets, in the order of their list.
    pub layouts: Arc<Vec<Layout>>,
    /// What lies beneath the layers, top to bottom.
    pub underlays: Arc<Vec<Underlay>>,
    /// Layers of the project whose sources could not be opened: kept, so that saving does not lose them.
    pub absent: Vec<AbsentLayer>,
    /// Layers that were taken out and can come back.
    pub(in crate::scenario) closed: Vec<ClosedLayer>,
    /// What is planned, and what was done.
    pub scenarios: Scenarios,
}

impl Workspace {
    /// The name of the state that its layers are in, for titles: a scenario's, or that of the base; empty where there are
    /// no scenarios to be told apart.
    pub fn state_title(&self, language: Language) -> String {
        match self.scenarios.shown().and_then(|shown| self.scenarios.get(shown)) {
            Some(scenario) => scenario.name.clone(),
            None if self.scenarios.list().is_empty() => String::new(),
            None => tr(language, "scenario.base-state").to_owned(),
        }
    }

    /// The note in `language`: of one that says everything in both, the lines of that language; all of any other.
    pub fn note_in(&self, language: Language) -> String {
        let is_chinese = |line: &&str| line.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
        // A code or a path among Chinese is no second language.
        let is_english = |line: &&str| {
            line.split_whitespace().filter(|word| word.starts_with(|c: char| c.is_ascii_alphabetic())).count() > 4
        };
        let lines = || self.note.lines().filter(|line| !line.trim().is_empty());
        let both = lines().any(|line| is_chinese(&line)) && lines().all(|line| is_chinese(&line) || is_english(&line));
        let said: Vec<&str> =
            lines().filter(|line| !both || is_chinese(line) == (language == Language::Chinese)).collect();
        if said.is_empty() { self.note.trim().to_owned() } else { said.join("\n") }
    }

    /// An empty workspace with the program's own headings.
    pub fn new() -> Self {
        Self { groups: HEADINGS.into_iter().map(LayerGroup::built_in).collect(), ..Self::default() }
    }

    /// Whether no layer is open.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Whether there is nothing to be seen: no layer, and nothing beneath.
    pub fn is_bare(&self) -> bool {
        self.is_empty() && self.underlays.is_empty()
    }

    /// Adds a layer where its role belongs, above the layers of the same drawing order, and lets the first one choose
    /// the project CRS.
    pub fn add(&mut self, layer: Arc<Layer>) -> LayerId {
        let nth = self.entries.iter().filter(|entry| entry.role == Role::Other).count();
        self.add_entry(Entry::recognised(layer, nth))
    }

    /// Adds an entry under its heading, before the first entry there that is drawn no later by its role.
    pub fn add_entry(&mut self, entry: Entry) -> LayerId {
        let id = entry.id();
        if self.crs.is_none() {
            self.crs = Some(project_crs(&entry.layer));
        }
        let order = entry.role.draw_order();
        let (from, to) = self.group_range(&entry.group);
        let at = (from..to).find(|i| self.entries[*i].role.draw_order() <= order).unwrap_or(to);
        self.ensure_group(&entry.group);
        self.entries.insert(at, entry);
        id
    }

    /// Adds an entry below all others of its heading: for layers whose order is known.
    pub fn push_entry(&mut self, entry: Entry) {
        if self.crs.is_none() {
            self.crs = Some(project_crs(&entry.layer));
        }
        self.ensure_group(&entry.group);
        let (_, to) = self.group_range(&entry.group);
        self.entries.insert(to, entry);
    }

    /// Takes a layer out, as the base has it.
    pub(in crate::scenario) fn take_entry(&mut self, id: LayerId) -> Option<Entry> {
        self.show_base_of(id);
        let at = self.index_of(id)?;
        Some(self.entries.remove(at))
    }

    /// Puts a layer in at a place among all layers, as the scenario shown has it.
    pub(in crate::scenario) fn insert_entry(&mut self, entry: Entry, at: usize) {
        let id = entry.id();
        self.ensure_group(&entry.group);
        self.entries.insert(at.min(self.entries.len()), entry);
        self.sort_by_group();
        self.refresh(id);
    }

    /// Puts all layers in that order, under those headings; layers that it does not name come last.
    pub(in crate::scenario) fn set_arrangement(&mut self, order: &[(LayerId, String)]) {
        let place: FxHashMap<LayerId, usize> = order.iter().enumerate().map(|(at, (id, _))| (*id, at)).collect();
        for (id, group) in order {
            self.ensure_group(group);
            if let Some(entry) = self.entry_mut(*id) {
                entry.group.clone_from(group);
            }
        }
        self.entries.sort_by_key(|entry| place.get(&entry.id()).copied().unwrap_or(usize::MAX));
        self.sort_by_group();
    }

    /// Place of a layer in the tree, counted over all groups from the top.
    pub fn index_of(&self, id: LayerId) -> Option<usize> {
        self.entries.iter().position(|entry| entry.id() == id)
    }

    /// The entry of a layer.
    pub fn entry(&self, id: LayerId) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.id() == id)
    }

    /// The title of a layer so that it can be told from others of the same title: with its file, the folder of that, or
    /// a number.
    pub fn title_of(&self, id: LayerId) -> String {
        let Some(entry) = self.entry(id) else { return String::new() };
        let twins: Vec<&Entry> = self.entries.iter().filter(|other| other.title == entry.title).collect();
        if twins.len() < 2 {
            return entry.title.clone();
        }
        let file = |entry: &Entry| {
            let path = &entry.layer.provenance.path;
            path.file_name().map(crate::io::shown_path).unwrap_or_default()
        };
        let folder = |entry: &Entry| {
            let folder = entry.layer.provenance.path.parent().and_then(std::path::Path::file_name);
            let folder = folder.map(crate::io::shown_path).unwrap_or_default();
            format!("{folder}/{}", file(entry))
        };
        let is_alone =
            |name: &dyn Fn(&Entry) -> String| twins.iter().filter(|twin| name(twin) == name(entry)).count() == 1;
        let more = match () {
            () if is_alone(&file) => file(entry),
            () if is_alone(&folder) => folder(entry),
            () => (twins.iter().position(|twin| twin.id() == id).unwrap_or(0) + 1).to_string(),
        };
        format!("{} ({more})", entry.title)
    }

    /// The entry of a layer, to be changed. Its heading is changed by [`Self::move_to`] only.
    pub fn entry_mut(&mut self, id: LayerId) -> Option<&mut Entry> {
        self.entries.iter_mut().find(|entry| entry.id() == id)
    }

    /// The entries under a heading, top to bottom.
    pub fn entries_of<'a>(&'a self, group: &'a str) -> impl Iterator<Item = &'a Entry> {
        self.entries.iter().filter(move |entry| entry.group == group)
    }

    /// Puts a layer under heading `group` at place `index` there, counted without the layer itself. Returns whether
    /// anything moved.
    pub fn move_to(&mut self, id: LayerId, group: &str, index: usize) -> bool {
        let Some(from) = self.index_of(id) else { return false };
        self.ensure_group(group);
        let mut entry = self.entries.remove(from);
        let changed_group = entry.group != group;
        group.clone_into(&mut entry.group);
        let (start, end) = self.group_range(group);
        let to = (start + index).min(end);
        self.entries.insert(to, entry);
        changed_group || to != from
    }

    /// Puts a heading, with its layers, at place `index` among the headings. Returns whether anything moved.
    pub fn move_group(&mut self, id: &str, index: usize) -> bool {
        let Some(from) = self.groups.iter().position(|group| group.id == id) else { return false };
        let group = self.groups.remove(from);
        let to = index.min(self.groups.len());
        self.groups.insert(to, group);
        self.sort_by_group();
        from != to
    }

    /// Adds a heading of the user's own at the top and returns its word.
    pub fn add_group(&mut self, title: &str) -> String {
        let taken = |id: &str| self.groups.iter().any(|group| group.id == id);
        let id = (1..).map(|n| format!("group-{n}")).find(|id| !taken(id)).unwrap_or_default();
        self.groups.insert(0, LayerGroup { id: id.clone(), title: title.to_owned(), open: true, visible: true });
        id
    }

    /// The heading of that word.
    pub fn group(&self, id: &str) -> Option<&LayerGroup> {
        self.groups.iter().find(|group| group.id == id)
    }

    /// The heading of that word, to be changed.
    pub fn group_mut(&mut self, id: &str) -> Option<&mut LayerGroup> {
        self.groups.iter_mut().find(|group| group.id == id)
    }

    /// Whether the layer is drawn: it and its heading are visible.
    pub fn is_drawn(&self, entry: &Entry) -> bool {
        entry.visible && self.group(&entry.group).is_none_or(|group| group.visible)
    }

    /// The layers that are drawn, in drawing order: what lies at the bottom first.
    pub fn drawn(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter().rev().filter(|entry| self.is_drawn(entry))
    }

    /// Puts a newly read state of a layer in the place of the old one: identity, role, style, heading and order stay,
    /// areas are to be measured again. What scenarios changed of it, and the steps of the history, are found again where
    /// that is beyond doubt. Returns what is to be said about that; `None` where there is no such layer.
    pub fn replace_layer(&mut self, id: LayerId, layer: Layer) -> Option<Vec<Issue>> {
        self.show_base_of(id);
        let entry = self.entry_mut(id)?;
        let layer = Arc::new(Layer { id, ..layer });
        let recognition = roles::recognise(&roles::Clues::of_layer(&layer));
        entry.recognition = Recognition { role: entry.role, ..recognition };
        // What was said of it is put over that below.
        if entry.title == entry.layer.name {
            entry.title.clone_from(&layer.name);
        }
        let old = std::mem::replace(&mut entry.layer, layer);
        entry.unjoined = None;
        entry.areas = None;
        entry.apply_joins();
        Some(self.replan(id, Some(old)))
    }

    /// Installs measured areas, if the layer still is in the state that they were measured in, as it is shown or as the
    /// base has it. States of the layer with the same geometry get them too.
    pub fn set_areas(&mut self, id: LayerId, revision: crate::model::Revision, areas: Arc<Areas>) -> bool {
        let base = self.base_of(id).map(|(layer, _)| (layer.revision, layer.shape));
        let Some(entry) = self.entry_mut(id) else { return false };
        let shape = if entry.layer.revision == revision {
            entry.areas = Some(areas.clone());
            entry.layer.shape
        } else {
            match base {
                Some((of_base, shape)) if of_base == revision => shape,
                _ => return false,
            }
        };
        self.share_areas(id, shape, &areas);
        self.renew_formulas(id);
        true
    }

    /// Where the entries of a heading stand, or would stand.
    fn group_range(&self, group: &str) -> (usize, usize) {
        let rank = |id: &str| self.groups.iter().position(|group| group.id == id).unwrap_or(0);
        let wanted = rank(group);
        let from = self.entries.partition_point(|entry| rank(&entry.group) < wanted);
        let to = self.entries.partition_point(|entry| rank(&entry.group) <= wanted);
        (from, to)
    }

    fn ensure_group(&mut self, id: &str) {
        if self.group(id).is_none() {
            let group = LayerGroup { id: id.to_owned(), title: String::new(), open: true, visible: true };
            self.groups.insert(0, group);
        }
    }

    fn sort_by_group(&mut self) {
        let rank: FxHashMap<&str, usize> =
            self.groups.iter().enumerate().map(|(i, group)| (group.id.as_str(), i)).collect();
        self.entries.sort_by_key(|entry| rank.get(entry.group.as_str()).copied().unwrap_or(0));
    }
}

/// The CRS that a map of `layer` is drawn in.
///
/// A projected layer keeps its own. Longitudes and latitudes in China take the 3° Gauss-Krüger zone of their middle,
/// with its number in the eastings; elsewhere the UTM zone; what spans more than 12° of longitude, Web Mercator.
pub fn project_crs(layer: &Layer) -> Crs {
    project_crs_of(&layer.crs, &layer.extent())
}

/// The same for what lies within `extent` in `crs`.
pub fn project_crs_of(crs: &Crs, extent: &Extent) -> Crs {
    if !crs.is_geographic() || extent.is_empty() {
        return crs.clone();
    }
    let middle = extent.center();
    let in_china = (73.0..=136.0).contains(&middle.x) && (3.0..=54.0).contains(&middle.y);
    if extent.width() > 12.0 || middle.y.abs() > 84.0 || middle.x.abs() > 180.0 {
        let within = extent.min.y >= -85.0 && extent.max.y <= 85.0;
        return if within { Crs::web_mercator() } else { crs.clone() };
    }
    let datum = if crs.datum().needs_parameters() { crs.datum() } else { Datum::Cgcs2000 };
    let zone = if in_china { Crs::nearest_gauss_kruger_3(datum, middle.x, true) } else { None };
    zone.unwrap_or_else(|| {
        let number = (((middle.x + 180.0) / 6.0).floor() as i64).clamp(0, 59) as u32 + 1;
        let code = if middle.y >= 0.0 { 32_600 } else { 32_700 } + number;
        Crs::from_epsg(code).unwrap_or_else(|_| crs.clone())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{AttributeBuilder, Coord, FeatureBlock, Field, FieldType, GeometryBuilder, GeometryKind, Value};

    #[test]
    fn a_note_in_two_languages_is_told_in_one() {
        let check = |note: &str, chinese: &str, english: &str| {
            let workspace = Workspace { note: note.to_owned(), ..Workspace::default() };
            assert_eq!(workspace.note_in(Language::Chinese), chinese);
            assert_eq!(workspace.note_in(Language::English), english);
        };
        let (chinese, english) = ("数据为合成，不得用于实际工作。", "Synthetic data, not for any real use.");
        check(&format!("\n{chinese}\n{english}\n"), chinese, english);
        check(chinese, chinese, chinese);
        check(english, english, english);
        // What is no second language belongs to the first.
        check("来源\nEPSG:4527", "来源\nEPSG:4527", "来源\nEPSG:4527");
        check("", "", "");
    }

    fn layer(name: &str, codes: &[&str], at: Coord, crs: Crs) -> Arc<Layer> {
        let mut geometry = GeometryBuilder::new(GeometryKind::Polygon);
        let mut attributes = AttributeBuilder::new();
        for (i, code) in codes.iter().enumerate() {
            let shift = |x: f64, y: f64| Coord { x: at.x + i as f64 * 0.001 + x, y: at.y + y };
            let ring = [shift(0.0, 0.0), shift(0.001, 0.0), shift(0.001, 0.001), shift(0.0, 0.0)];
            geometry.polygon(&[vec![&ring[..]]]);
            let column = attributes.column("DLBM", 0);
            attributes.set(column, Value::Text(code));
            attributes.end_row();
        }
        let block = FeatureBlock::of_parts(geometry.finish(), attributes.finish().1);
        let fields = vec![Field { name: "DLBM".to_owned(), kind: FieldType::Text }];
        Arc::new(Layer::new(name.to_owned(), GeometryKind::Polygon, crs, fields, vec![block]))
    }

    fn named(name: &str) -> Arc<Layer> {
        layer(name, &["0103"], Coord { x: 117.1, y: 36.8 }, Crs::cgcs2000())
    }

    fn titles(workspace: &Workspace) -> Vec<&str> {
        workspace.entries.iter().map(|entry| entry.title.as_str()).collect()
    }

    #[test]
    fn layers_stand_under_their_heading_in_drawing_order() {
        let mut workspace = Workspace::new();
        for name in ["地类图斑", "永久基本农田", "安置区", "测试", "城镇开发边界", "生态保护红线", "行政区"]
        {
            workspace.add(named(name));
        }
        assert_eq!(
            titles(&workspace),
            ["城镇开发边界", "生态保护红线", "永久基本农田", "安置区", "行政区", "测试", "地类图斑"]
        );
        assert_eq!(workspace.crs.as_ref().and_then(Crs::epsg), Some(4527));
        let drawn: Vec<_> = workspace.drawn().map(|entry| entry.title.as_str()).collect();
        assert_eq!((drawn[0], drawn[6]), ("地类图斑", "城镇开发边界"));
    }

    #[test]
    fn layers_and_headings_move() {
        let mut workspace = Workspace::new();
        let ids: Vec<LayerId> = ["甲", "乙", "丙"]
            .into_iter()
            .map(|n| workspace.add(layer(n, &[], Coord { x: 0.0, y: 0.0 }, Crs::wgs84())))
            .collect();
        let own = workspace.add_group("方案");
        assert!(workspace.move_to(ids[0], &own, 0));
        assert!(workspace.move_to(ids[2], &own, 1));
        assert_eq!(titles(&workspace), ["甲", "丙", "乙"]);
        assert!(workspace.move_to(ids[2], &own, 0));
        assert!(!workspace.move_to(ids[2], &own, 0));
        assert_eq!(titles(&workspace), ["丙", "甲", "乙"]);
        assert!(workspace.move_group(&own, 9));
        assert_eq!(titles(&workspace), ["乙", "丙", "甲"]);
        workspace.group_mut(&own).expect("is there").visible = false;
        assert_eq!(workspace.drawn().count(), 1);
    }

    #[test]
    fn classes_are_summed_from_measured_areas() {
        let mut workspace = Workspace::new();
        let id = workspace.add(layer("DLTB", &["0103", "0701", "0103"], Coord { x: 117.1, y: 36.8 }, Crs::cgcs2000()));
        assert_eq!(workspace.entry(id).and_then(Entry::class_sums), None);
        let revision = workspace.entries[0].layer.revision;
        let areas = Areas { exact: vec![1.0, 2.0, 4.0], printed: vec![1.5, 2.5, 4.5], ..Areas::default() };
        assert!(workspace.set_areas(id, revision, Arc::new(areas)));
        let sums = workspace.entry(id).and_then(Entry::class_sums).expect("areas are there");
        let shown: Vec<_> = sums
            .iter()
            .map(|s| (s.key.as_str(), s.class.is_some(), s.feature_count, s.exact.m2(), s.printed.m2()))
            .collect();
        assert_eq!(shown, [("0103", true, 2, 5.0, 6.0), ("0701", true, 1, 2.0, 2.5)]);
    }

    #[test]
    fn a_reloaded_layer_keeps_its_place_and_style() {
        let mut workspace = Workspace::new();
        let id = workspace.add(named("永久基本农田"));
        workspace.entries[0].style.opacity = 0.5;
        workspace.entries[0].areas = Some(Arc::default());
        let fresh = || (*named("永久基本农田")).clone();
        assert_eq!(workspace.replace_layer(id, fresh()), Some(Vec::new()));
        assert_eq!(workspace.replace_layer(LayerId(0), fresh()), None);
        let entry = workspace.entry(id).expect("is there");
        assert_eq!((entry.style.opacity, entry.areas.is_none(), entry.role), (0.5, true, Role::BasicFarmland));
    }

    #[test]
    fn the_first_layer_chooses_the_project_crs() {
        let check = |x: f64, y: f64, crs: Crs, expected: Option<u32>| {
            assert_eq!(project_crs(&layer("a", &["1"], Coord { x, y }, crs)).epsg(), expected, "{x} {y}");
        };
        check(117.1, 36.8, Crs::wgs84(), Some(4527));
        check(118.6, 36.8, Crs::cgcs2000(), Some(4528));
        check(39_500_000.0, 4_070_000.0, Crs::from_epsg(4527).expect("known"), Some(4527));
        check(-87.6, 41.9, Crs::wgs84(), Some(32_616));
        check(151.2, -33.9, Crs::wgs84(), Some(32_756));
    }
}
