//! What the window remembers: language, theme, units, panels, recent files.
//!
//! Saved as TOML in the system's folder for settings. Paths of recent files, and small pictures of the
//! maps of projects beside the settings, are all that is kept about data, and one command removes them.

use std::io::Write;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::io::underlay::Asking;
use crate::io::{path_of_text, path_to_text};
use crate::model::AreaMethod;
use crate::model::classes::{Class, Scheme};
use crate::model::style::Color;
use crate::text::{Language, Message, tr};
use crate::ui::look::theme::size;
use crate::ui::session::keys::Shortcuts;
use crate::ui::session::parts::{Panel, Tab};
use crate::ui::session::reach::Reach;
use crate::units::AreaUnit;

/// Which theme to use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ThemeChoice {
    /// The system's.
    #[default]
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

/// What is remembered from one run to the next.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// Language of the window.
    pub language: Language,
    /// Theme of the window.
    pub theme: ThemeChoice,
    /// Unit of areas where there is room for one only.
    pub area_unit: AreaUnit,
    /// Whether the layer panel is open.
    pub layers_open: bool,
    /// Whether the inspector is open.
    pub inspector_open: bool,
    /// Whether the bottom panel is open.
    pub bottom_open: bool,
    /// Width of the layer panel.
    pub layers_width: f32,
    /// Width of the inspector.
    pub inspector_width: f32,
    /// Height of the bottom panel.
    pub bottom_height: f32,
    /// Tab of the bottom panel.
    pub tab: Tab,
    /// Whether the grid of the project CRS is drawn.
    pub grid: bool,
    /// Whether meridians and parallels are drawn.
    pub graticule: bool,
    /// Whether land use is shown in its softened colours.
    pub soft_colors: bool,
    /// Whether the legend stands on the map.
    pub legend: bool,
    /// Whether the map glides to the next step of zoom and goes softly from state to state.
    pub transitions: bool,
    /// Whether measuring snaps to vertices and edges.
    pub snap: bool,
    /// Megabytes of GPU memory that the layers of the map may take. Set in the file only.
    pub map_memory_mb: usize,
    /// Whether a saved project keeps a cache beside it. It lies there or nowhere, since data may be classified.
    pub cache: bool,
    /// Megabytes of memory that the program may hold before it asks whether a file shall be opened; `None` for most of
    /// what the machine has, 0 for no bound.
    pub memory_limit_mb: Option<u64>,
    /// How a box or a line drawn around features selects them.
    pub reach: Reach,
    /// How large everything in the window is, as a share of its usual size: within [`INTERFACE`].
    pub interface: f32,
    /// Decimals of areas in the layer tree, in legends and in tips; as many as usual without. What is printed in tables and
    /// reports follows the rules.
    pub decimals: Option<u8>,
    /// How areas of newly opened layers are computed.
    pub method: AreaMethod,
    /// Whether class and area of what the pointer rests on are shown beside it.
    pub hover_tip: bool,
    /// Whether the first tour was seen or put away.
    pub toured: bool,
    /// Shortcuts that differ from those that commands come with, by the keys of their names.
    pub shortcuts: Shortcuts,
    /// Panels that float over the window, with the place where each was left: left, top, width, height in points.
    pub floating: Vec<(Panel, [f32; 4])>,
    /// Panels in windows of their own, with the place where each was left: left, top, width, height in points of the screen.
    pub own_windows: Vec<(Panel, [f32; 4])>,
    /// Whether map servers are asked for what lies beneath a plan: it tells them where the plan lies.
    pub servers_allowed: bool,
    /// The user's key of 天地图; no project holds it.
    pub tianditu_key: String,
    /// The folder whose layouts are offered for new sheets: one that an office shares.
    pub layout_folder: Option<PathBuf>,
    /// Files opened lately, the latest first.
    pub recent: Vec<PathBuf>,
    /// Classes assigned lately, the latest first.
    pub recent_classes: Vec<Class>,
    /// Colours picked lately, the latest first.
    pub recent_colors: Vec<Color>,
}

/// Smallest and largest share of the usual size: smaller than this cannot be read, larger leaves no room for the map.
pub const INTERFACE: (f32, f32) = (0.7, 2.0);

/// Most decimals that areas can be shown with.
pub const MOST_DECIMALS: u8 = 4;

/// The next size of the interface, in steps of a tenth.
pub fn next_size(now: f32, larger: bool) -> f32 {
    let tenths = (now * 10.0).round() + if larger { 1.0 } else { -1.0 };
    (tenths / 10.0).clamp(INTERFACE.0, INTERFACE.1)
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            language: Language::from_locale(&sys_locale::get_locale().unwrap_or_default()),
            theme: ThemeChoice::System,
            area_unit: AreaUnit::Mu,
            layers_open: true,
            inspector_open: true,
            bottom_open: true,
            layers_width: size::LEFT,
            inspector_width: size::RIGHT,
            bottom_height: size::BOTTOM,
            tab: Tab::Table,
            grid: false,
            graticule: false,
            soft_colors: false,
            legend: false,
            transitions: true,
            snap: true,
            map_memory_mb: 1024,
            cache: true,
            memory_limit_mb: None,
            reach: Reach::default(),
            interface: 1.0,
            decimals: None,
            method: AreaMethod::default(),
            hover_tip: true,
            toured: false,
            shortcuts: Shortcuts::new(),
            floating: Vec::new(),
            own_windows: Vec::new(),
            servers_allowed: false,
            tianditu_key: String::new(),
            layout_folder: None,
            recent: Vec::new(),
            recent_classes: Vec::new(),
            recent_colors: Vec::new(),
        }
    }
}

/// Most recent files, classes and colours remembered.
const RECENT: usize = 12;

impl Settings {
    /// The catalogue's text for `key`, in the language of the window.
    pub fn tr<'k>(&self, key: &'k str) -> &'k str {
        tr(self.language, key)
    }

    /// Whether and how map servers are asked for what lies beneath a plan.
    pub fn asking(&self) -> Asking {
        Asking { allowed: self.servers_allowed, key: self.tianditu_key.clone(), ..Asking::default() }
    }

    /// Bytes of memory that the program may hold before it asks; `None` where there is no bound.
    pub fn memory_bytes(&self) -> Option<u64> {
        match self.memory_limit_mb {
            Some(0) => None,
            Some(mb) => Some(mb.saturating_mul(1 << 20)),
            // The rest is for the system and for other programs.
            None => crate::io::machine_bytes().map(|bytes| bytes / 5 * 4),
        }
    }

    /// Whether `panel` is open.
    pub fn open(&self, panel: Panel) -> bool {
        match panel {
            Panel::Layers => self.layers_open,
            Panel::Inspector => self.inspector_open,
            Panel::Bottom => self.bottom_open,
        }
    }

    /// Whether `panel` is open, to be changed.
    pub fn open_mut(&mut self, panel: Panel) -> &mut bool {
        match panel {
            Panel::Layers => &mut self.layers_open,
            Panel::Inspector => &mut self.inspector_open,
            Panel::Bottom => &mut self.bottom_open,
        }
    }

    /// Where a panel floats, where it does.
    pub fn floats(&self, panel: Panel) -> Option<[f32; 4]> {
        place_in(&self.floating, panel)
    }

    /// Has a panel float at a place, or puts it back into the window.
    pub fn set_floating(&mut self, panel: Panel, place: Option<[f32; 4]>) {
        put(&mut self.floating, panel, place);
        put(&mut self.own_windows, panel, None);
    }

    /// Where the window of a panel is, where it has one of its own.
    pub fn own_window(&self, panel: Panel) -> Option<[f32; 4]> {
        place_in(&self.own_windows, panel)
    }

    /// Gives a panel a window of its own at a place of the screen, or puts it back into the window.
    pub fn set_own_window(&mut self, panel: Panel, place: Option<[f32; 4]>) {
        put(&mut self.own_windows, panel, place);
        put(&mut self.floating, panel, None);
    }

    /// Whether a panel stands in the window, beside the map.
    pub fn is_docked(&self, panel: Panel) -> bool {
        self.floats(panel).is_none() && self.own_window(panel).is_none()
    }

    /// Puts `path` first among the recent files.
    pub fn remember(&mut self, path: &Path) {
        // One file has one row, however its path is spelt.
        self.recent.retain(|known| known != path && !crate::io::is_same_file(known, path));
        self.recent.insert(0, path.to_owned());
        self.recent.truncate(RECENT);
    }

    /// Puts a class first among those assigned lately.
    pub fn remember_class(&mut self, class: Class) {
        remember(&mut self.recent_classes, class);
    }

    /// Puts a colour first among those picked lately.
    pub fn remember_color(&mut self, color: Color) {
        remember(&mut self.recent_colors, color);
    }

    /// The settings in TOML `text`; what is missing or not understood keeps its default.
    pub fn from_toml(text: &str) -> Self {
        // A damaged settings file must not keep the program from starting: defaults are a safe answer.
        Self::parsed(text).unwrap_or_default()
    }

    /// The settings in TOML `text`; `None` where it is none.
    fn parsed(text: &str) -> Option<Self> {
        toml::from_str(text).ok().map(SettingsFile::into_settings) // who asked says that it is damaged
    }

    /// The settings as TOML.
    pub fn to_toml(&self) -> String {
        toml::to_string_pretty(&SettingsFile::from_settings(self)).expect("plain tables of numbers and texts")
    }

    /// Reads the settings of this user; defaults where there are none. A damaged file is kept aside, which is said.
    pub fn load() -> (Self, Option<Message>) {
        // No folder is a system without a home.
        folder().map_or_else(Default::default, |folder| Self::load_from(&folder))
    }

    /// The same from the settings in `folder`.
    pub fn load_from(folder: &Path) -> (Self, Option<Message>) {
        let path = folder.join(FILE);
        let text = match std::fs::read(&path) {
            Ok(bytes) => String::from_utf8(bytes).ok(), // no text: damaged
            // No file is the first run.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Self::default_silently(),
            Err(_) => None,
        };
        if let Some(settings) = text.as_deref().and_then(Self::parsed) {
            return (settings, None);
        }
        let free = (1..).map(|nth| folder.join(format!("{FILE}.damaged-{nth}"))).find(|place| !place.exists());
        let message = match free {
            Some(place) if std::fs::rename(&path, &place).is_ok() => {
                Message::new("ui.settings-damaged").with("path", place.display())
            }
            _ => Message::new("ui.settings-unreadable").with("path", path.display()),
        };
        (Self::default(), Some(message))
    }

    fn default_silently() -> (Self, Option<Message>) {
        (Self::default(), None)
    }

    /// Writes the settings of this user, whole or not at all.
    ///
    /// # Errors
    /// When the folder cannot be made or written.
    pub fn save(&self) -> std::io::Result<()> {
        let Some(folder) = folder() else { return Ok(()) };
        std::fs::create_dir_all(&folder)?;
        let mut file = tempfile::NamedTempFile::new_in(&folder)?;
        file.write_all(self.to_toml().as_bytes())?;
        file.as_file().sync_all()?;
        file.persist(folder.join(FILE)).map_err(|error| error.error)?;
        crate::io::sync_folder(&folder);
        Ok(())
    }
}

fn place_in(places: &[(Panel, [f32; 4])], panel: Panel) -> Option<[f32; 4]> {
    places.iter().find(|(known, _)| *known == panel).map(|(_, place)| *place)
}

fn put(places: &mut Vec<(Panel, [f32; 4])>, panel: Panel, place: Option<[f32; 4]>) {
    places.retain(|(known, _)| *known != panel);
    places.extend(place.map(|place| (panel, place)));
}

fn remember<T: PartialEq>(list: &mut Vec<T>, latest: T) {
    list.retain(|known| *known != latest);
    list.insert(0, latest);
    list.truncate(RECENT);
}

/// What the file is called.
pub(in crate::ui) const FILE: &str = "settings.toml";

/// A file of this name beside the program keeps the settings in the folder `settings` there: a program on a stick, or one
/// that must leave nothing among a user's files.
const PORTABLE: &str = "portable.toml";

/// The folder of the settings that lies beside a program, where it is marked so.
fn beside(program: &Path) -> Option<PathBuf> {
    let folder = program.parent()?;
    folder.join(PORTABLE).is_file().then(|| folder.join("settings"))
}

/// The folder of this user's settings.
pub(in crate::ui) fn folder() -> Option<PathBuf> {
    if let Some(portable) = std::env::current_exe().ok().and_then(|program| beside(&program)) {
        return Some(portable);
    }
    let home = || std::env::home_dir().filter(|home| !home.as_os_str().is_empty());
    let base = if cfg!(windows) {
        std::env::var_os("APPDATA").map(PathBuf::from)
    } else if cfg!(target_os = "macos") {
        home().map(|home| home.join("Library/Application Support"))
    } else {
        let set = std::env::var_os("XDG_CONFIG_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
        set.or_else(|| home().map(|home| home.join(".config")))
    };
    Some(base?.join("tuban"))
}

/// The file's own form: names that stay when types in the program are renamed.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct SettingsFile {
    language: Option<String>,
    theme: Option<String>,
    area_unit: Option<String>,
    grid: Option<bool>,
    graticule: Option<bool>,
    soft_colors: Option<bool>,
    map_legend: Option<bool>,
    transitions: Option<bool>,
    snap: Option<bool>,
    map_memory_mb: Option<usize>,
    /// Whether a saved project keeps a cache beside it.
    cache: Option<bool>,
    memory_limit_mb: Option<u64>,
    select_by: Option<String>,
    interface: Option<f32>,
    decimals: Option<u8>,
    method: Option<String>,
    hover_tip: Option<bool>,
    toured: Option<bool>,
    servers_allowed: Option<bool>,
    tianditu_key: Option<String>,
    /// Each as [`path_to_text`] writes it: a path need not be text.
    layout_folder: Option<String>,
    recent: Vec<String>,
    /// `SD2019:0103`.
    recent_classes: Vec<String>,
    /// `#rrggbb`, `#rrggbbaa`.
    recent_colors: Vec<String>,
    panels: PanelsFile,
    shortcuts: Shortcuts,
}

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct PanelsFile {
    layers: Option<bool>,
    layers_width: Option<f32>,
    inspector: Option<bool>,
    inspector_width: Option<f32>,
    bottom: Option<bool>,
    bottom_height: Option<f32>,
    tab: Option<String>,
    /// Panel, left, top, width, height.
    floating: Vec<(String, f32, f32, f32, f32)>,
    /// Likewise, on the screen.
    windows: Vec<(String, f32, f32, f32, f32)>,
}

const THEMES: [(ThemeChoice, &str); 3] =
    [(ThemeChoice::System, "system"), (ThemeChoice::Light, "light"), (ThemeChoice::Dark, "dark")];
const UNITS: [(AreaUnit, &str); 5] = [
    (AreaUnit::Mu, "mu"),
    (AreaUnit::WanMu, "wanmu"),
    (AreaUnit::Hectare, "ha"),
    (AreaUnit::SquareKilometre, "km2"),
    (AreaUnit::SquareMetre, "m2"),
];
const TABS: [(Tab, &str); 8] = [
    (Tab::Table, "table"),
    (Tab::Classes, "classes"),
    (Tab::Transitions, "transitions"),
    (Tab::Balance, "balance"),
    (Tab::Conflicts, "conflicts"),
    (Tab::Measurements, "measurements"),
    (Tab::Issues, "issues"),
    (Tab::HandIn, "hand-in"),
];
const PANELS: [(Panel, &str); 3] =
    [(Panel::Layers, "layers"), (Panel::Inspector, "inspector"), (Panel::Bottom, "bottom")];
const LANGUAGES: [(Language, &str); 2] = [(Language::Chinese, "zh-CN"), (Language::English, "en")];

const REACHES: [(Reach, &str); 4] = [
    (Reach::ByDirection, "direction"),
    (Reach::Touches, "touches"),
    (Reach::Within, "within"),
    (Reach::Centre, "centre"),
];

/// The class of `SD2019:0103`.
fn class_of_word(word: &str) -> Option<Class> {
    let (scheme, code) = word.split_once(':')?;
    Class::find(Scheme::from_name(scheme)?, code)
}

fn by_word<T: Copy + PartialEq>(table: &[(T, &str)], word: Option<&str>) -> Option<T> {
    table.iter().find(|(_, known)| Some(*known) == word).map(|(value, _)| *value)
}

fn word_of<T: Copy + PartialEq>(table: &[(T, &str)], value: T) -> Option<String> {
    table.iter().find(|(known, _)| *known == value).map(|(_, word)| (*word).to_owned())
}

/// Panels and places as they are written.
fn places_to_words(places: &[(Panel, [f32; 4])]) -> Vec<(String, f32, f32, f32, f32)> {
    places.iter().filter_map(|(panel, [x, y, w, h])| Some((word_of(&PANELS, *panel)?, *x, *y, *w, *h))).collect()
}

/// Panels and places that were written: each once, at places that a window can have.
fn places_of_words(written: &[(String, f32, f32, f32, f32)]) -> Vec<(Panel, [f32; 4])> {
    let mut places: Vec<(Panel, [f32; 4])> = Vec::new();
    for (word, x, y, w, h) in written {
        let place = [*x, *y, w.clamp(160.0, 4000.0), h.clamp(120.0, 4000.0)];
        let Some(panel) = by_word(&PANELS, Some(word.as_str())) else { continue };
        if place.iter().all(|v| v.is_finite()) && places.iter().all(|(known, _)| *known != panel) {
            places.push((panel, place));
        }
    }
    places
}

impl SettingsFile {
    fn from_settings(s: &Settings) -> Self {
        Self {
            language: word_of(&LANGUAGES, s.language),
            theme: word_of(&THEMES, s.theme),
            area_unit: word_of(&UNITS, s.area_unit),
            grid: Some(s.grid),
            graticule: Some(s.graticule),
            soft_colors: Some(s.soft_colors),
            map_legend: Some(s.legend),
            transitions: Some(s.transitions),
            snap: Some(s.snap),
            map_memory_mb: Some(s.map_memory_mb),
            cache: Some(s.cache),
            memory_limit_mb: s.memory_limit_mb,
            select_by: word_of(&REACHES, s.reach),
            interface: Some(s.interface),
            decimals: s.decimals,
            method: Some(s.method.name().to_owned()),
            hover_tip: Some(s.hover_tip),
            toured: Some(s.toured),
            servers_allowed: Some(s.servers_allowed),
            tianditu_key: Some(s.tianditu_key.clone()).filter(|key| !key.is_empty()),
            layout_folder: s.layout_folder.as_deref().map(path_to_text),
            recent: s.recent.iter().map(|path| path_to_text(path)).collect(),
            recent_classes: s.recent_classes.iter().map(|class| format!("{class:?}")).collect(),
            recent_colors: s.recent_colors.iter().map(ToString::to_string).collect(),
            panels: PanelsFile {
                layers: Some(s.layers_open),
                layers_width: Some(s.layers_width),
                inspector: Some(s.inspector_open),
                inspector_width: Some(s.inspector_width),
                bottom: Some(s.bottom_open),
                bottom_height: Some(s.bottom_height),
                tab: word_of(&TABS, s.tab),
                floating: places_to_words(&s.floating),
                windows: places_to_words(&s.own_windows),
            },
            shortcuts: s.shortcuts.clone(),
        }
    }

    fn into_settings(self) -> Settings {
        let default = Settings::default();
        let panels = self.panels;
        let floating = places_of_words(&panels.floating);
        let mut own_windows = places_of_words(&panels.windows);
        // A panel is in one place.
        own_windows.retain(|(panel, _)| place_in(&floating, *panel).is_none());
        let size = |given: Option<f32>, range: (f32, f32), default: f32| {
            given.filter(|v| v.is_finite()).map_or(default, |v| v.clamp(range.0, range.1))
        };
        Settings {
            language: by_word(&LANGUAGES, self.language.as_deref()).unwrap_or(default.language),
            theme: by_word(&THEMES, self.theme.as_deref()).unwrap_or(default.theme),
            area_unit: by_word(&UNITS, self.area_unit.as_deref()).unwrap_or(default.area_unit),
            layers_open: panels.layers.unwrap_or(default.layers_open),
            inspector_open: panels.inspector.unwrap_or(default.inspector_open),
            bottom_open: panels.bottom.unwrap_or(default.bottom_open),
            layers_width: size(panels.layers_width, size::LEFT_RANGE, default.layers_width),
            inspector_width: size(panels.inspector_width, size::RIGHT_RANGE, default.inspector_width),
            bottom_height: size(panels.bottom_height, size::BOTTOM_RANGE, default.bottom_height),
            tab: by_word(&TABS, panels.tab.as_deref()).unwrap_or(default.tab),
            grid: self.grid.unwrap_or(default.grid),
            graticule: self.graticule.unwrap_or(default.graticule),
            soft_colors: self.soft_colors.unwrap_or(default.soft_colors),
            legend: self.map_legend.unwrap_or(default.legend),
            transitions: self.transitions.unwrap_or(default.transitions),
            snap: self.snap.unwrap_or(default.snap),
            map_memory_mb: self.map_memory_mb.map_or(default.map_memory_mb, |mb| mb.clamp(64, 65_536)),
            cache: self.cache.unwrap_or(default.cache),
            memory_limit_mb: self.memory_limit_mb,
            reach: by_word(&REACHES, self.select_by.as_deref()).unwrap_or(default.reach),
            interface: size(self.interface, INTERFACE, default.interface),
            decimals: self.decimals.map(|decimals| decimals.min(MOST_DECIMALS)),
            method: self.method.as_deref().and_then(AreaMethod::from_name).unwrap_or(default.method),
            hover_tip: self.hover_tip.unwrap_or(default.hover_tip),
            toured: self.toured.unwrap_or(default.toured),
            shortcuts: self.shortcuts,
            floating,
            own_windows,
            servers_allowed: self.servers_allowed.unwrap_or(default.servers_allowed),
            tianditu_key: self.tianditu_key.unwrap_or(default.tianditu_key),
            layout_folder: self.layout_folder.as_deref().map(path_of_text),
            recent: self.recent.iter().take(RECENT).map(|text| path_of_text(text)).collect(),
            recent_classes: self.recent_classes.iter().filter_map(|word| class_of_word(word)).take(RECENT).collect(),
            recent_colors: self.recent_colors.iter().filter_map(|hex| Color::from_hex(hex)).take(RECENT).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_marked_program_keeps_its_settings_beside_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let program = folder.path().join("tuban");
        assert_eq!(beside(&program), None);
        std::fs::write(folder.path().join(PORTABLE), "").expect("written");
        assert_eq!(beside(&program), Some(folder.path().join("settings")));
    }

    #[test]
    fn settings_survive_the_file() {
        let settings = Settings {
            language: Language::English,
            theme: ThemeChoice::Dark,
            area_unit: AreaUnit::WanMu,
            layers_open: false,
            layers_width: 300.0,
            tab: Tab::Issues,
            grid: true,
            graticule: true,
            soft_colors: true,
            legend: true,
            transitions: false,
            map_memory_mb: 256,
            cache: false,
            memory_limit_mb: Some(6000),
            reach: Reach::Centre,
            interface: 1.5,
            decimals: Some(1),
            method: AreaMethod::Geodesic,
            hover_tip: false,
            toured: true,
            shortcuts: Shortcuts::from([("ui.tab-table".to_owned(), "Alt+Q".to_owned())]),
            floating: vec![(Panel::Inspector, [10.0, 20.0, 320.0, 480.0])],
            own_windows: vec![(Panel::Bottom, [-1600.0, 20.0, 1200.0, 480.0])],
            servers_allowed: true,
            tianditu_key: "abc".to_owned(),
            layout_folder: Some(PathBuf::from("/共享/版式")),
            recent: vec![PathBuf::from("/数据/地类图斑.geojson")],
            recent_classes: ["0601", "0103"].iter().filter_map(|code| Class::find(Scheme::Sd2019, code)).collect(),
            recent_colors: vec![Color::rgb(1, 2, 3), Color::rgb(4, 5, 6).with_alpha(7)],
            ..Settings::default()
        };
        assert_eq!(Settings::from_toml(&settings.to_toml()), settings);
    }

    #[test]
    fn a_panel_is_in_one_place() {
        let mut settings = Settings::default();
        settings.set_floating(Panel::Bottom, Some([0.0, 0.0, 300.0, 200.0]));
        settings.set_own_window(Panel::Bottom, Some([9.0, 9.0, 300.0, 200.0]));
        assert_eq!(settings.floats(Panel::Bottom), None);
        assert_eq!(settings.own_window(Panel::Bottom), Some([9.0, 9.0, 300.0, 200.0]));
        settings.set_own_window(Panel::Bottom, None);
        assert!(settings.is_docked(Panel::Bottom));
        let place = "[[\"bottom\", 1.0, 1.0, 300.0, 200.0]]";
        let read = Settings::from_toml(&format!("[panels]\nfloating = {place}\nwindows = {place}\n"));
        assert!(read.floats(Panel::Bottom).is_some() && read.own_window(Panel::Bottom).is_none());
    }

    #[test]
    fn the_interface_stays_between_what_can_be_read_and_what_leaves_room() {
        let mut size = 1.0;
        for larger in [false, true] {
            for _ in 0..40 {
                size = next_size(size, larger);
            }
            assert_eq!(size, if larger { INTERFACE.1 } else { INTERFACE.0 });
        }
        assert_eq!(next_size(next_size(1.0, true), false), 1.0);
        assert_eq!(Settings::from_toml("interface = 0.01").interface, INTERFACE.0);
        assert_eq!(Settings::from_toml("interface = nan").interface, 1.0);
    }

    #[test]
    fn a_damaged_or_foreign_file_gives_defaults() {
        assert_eq!(Settings::from_toml("language = ["), Settings::default());
        let odd =
            Settings::from_toml("theme = \"pink\"\nunknown = 1\n[panels]\nlayers_width = 1e9\nbottom_height = nan\n");
        assert_eq!(odd.theme, ThemeChoice::System);
        assert_eq!(odd.layers_width, size::LEFT_RANGE.1);
        assert_eq!(odd.bottom_height, size::BOTTOM);
    }

    #[cfg(unix)]
    #[test]
    fn a_recent_file_may_have_any_name() {
        use std::os::unix::ffi::OsStrExt;
        let gbk = Path::new(std::ffi::OsStr::from_bytes(b"/x/\xB5\xD8\xC0\xE0.geojson"));
        let mut settings = Settings::default();
        settings.remember(gbk);
        settings.remember(Path::new("bytes:50%.geojson"));
        assert_eq!(Settings::from_toml(&settings.to_toml()), settings);
    }

    #[test]
    fn damaged_settings_are_kept_aside_and_said() {
        let folder = tempfile::tempdir().expect("a folder");
        assert_eq!(Settings::load_from(folder.path()), (Settings::default(), None));
        for (nth, bytes) in [&b"language = ["[..], b"\xB5\xD8", b"recent = 7"].into_iter().enumerate() {
            std::fs::write(folder.path().join(FILE), bytes).expect("written");
            let (settings, said) = Settings::load_from(folder.path());
            assert_eq!(settings, Settings::default());
            let aside = folder.path().join(format!("{FILE}.damaged-{}", nth + 1));
            assert!(said.is_some_and(|said| said.text(Language::English).contains("damaged-")));
            assert_eq!(std::fs::read(aside).expect("kept"), bytes);
        }
    }

    #[test]
    fn classes_and_colours_of_an_odd_file_are_left_out() {
        let text = "recent_classes = [\"SD2019:0103\", \"X:1\", \"0103\"]\nrecent_colors = [\"#010203\", \"red\"]\n";
        let settings = Settings::from_toml(text);
        assert_eq!(settings.recent_classes.iter().map(|class| class.code()).collect::<Vec<_>>(), ["0103"]);
        assert_eq!(settings.recent_colors, [Color::rgb(1, 2, 3)]);
    }

    #[test]
    fn recent_files_are_few_and_each_stands_once() {
        let mut settings = Settings::default();
        for i in 0..20 {
            settings.remember(Path::new(&format!("{i}.geojson")));
        }
        settings.remember(Path::new("19.geojson"));
        settings.remember(Path::new("15.geojson"));
        assert_eq!(settings.recent.len(), RECENT);
        assert_eq!(settings.recent[0], Path::new("15.geojson"));
        assert_eq!(settings.recent.iter().filter(|p| **p == Path::new("15.geojson")).count(), 1);
    }
}
