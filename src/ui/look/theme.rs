//! Every colour, size and text style of the window, and the egui style made of them.
//!
//! No colour or size is written anywhere else. Two sets of tokens, light and dark; [`tokens`] gives the one in force.
//! Spacing goes in steps of 4; tones and figures follow the drawings that the design was settled on.

use std::collections::BTreeMap;

use eframe::egui::style::{ScrollStyle, Selection, WidgetVisuals, Widgets};
use eframe::egui::{
    self, Color32, CornerRadius, FontFamily, FontId, Margin, Shadow, Stroke, Style, TextStyle, Theme, Vec2, Visuals,
};

use crate::model::style::Color;

/// The colours of one theme.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tokens {
    /// Ground of panels, cards, menus and fields.
    pub panel: Color32,
    /// Ground behind panels, of the status bar and of foot lines.
    pub window: Color32,
    /// Ground of things let in: badges, tracks, a pressed tab.
    pub sunk: Color32,
    /// Ground of what the pointer is over.
    pub hover: Color32,
    /// Lines between parts, outlines of fields and cards.
    pub line: Color32,
    /// Text.
    pub text: Color32,
    /// Text that stands back: labels of figures, units, hints.
    pub muted: Color32,
    /// Text that is nearly silent: empty values, disabled rows.
    pub faint: Color32,
    /// What is chosen or can be pressed.
    pub accent: Color32,
    /// Ground of chosen rows.
    pub accent_tint: Color32,
    /// Text on [`Self::accent`].
    pub on_accent: Color32,
    /// Errors.
    pub bad: Color32,
    /// Ground of an error.
    pub bad_tint: Color32,
    /// Warnings.
    pub warn: Color32,
    /// Ground of a warning.
    pub warn_tint: Color32,
    /// What was checked and is right.
    pub good: Color32,
    /// Ground of what is right.
    pub good_tint: Color32,
    /// The bare map.
    pub map: Color32,
    /// The measurement that is being drawn.
    pub measure: Color32,
    /// Plates on the map that carry a length or a name.
    pub plate: Color32,
    /// Casing of the selection and of labels on the map.
    pub casing: Color32,
    /// Shadow of cards and menus.
    pub shadow: Color32,
    /// What lies over the window behind a dialog.
    pub backdrop: Color32,
}

const fn rgb(hex: u32) -> Color32 {
    Color32::from_rgb((hex >> 16) as u8, (hex >> 8) as u8, hex as u8)
}

/// The light theme.
pub const LIGHT: Tokens = Tokens {
    panel: rgb(0xFF_FFFF),
    window: rgb(0xF4_F5F7),
    sunk: rgb(0xEC_EEF1),
    hover: rgb(0xF0_F2F5),
    line: rgb(0xDF_E3E8),
    text: rgb(0x17_202B),
    muted: rgb(0x66_7180),
    faint: rgb(0x98_A2AE),
    accent: rgb(0x16_68DC),
    accent_tint: rgb(0xE6_F0FD),
    on_accent: rgb(0xFF_FFFF),
    bad: rgb(0xC8_281F),
    bad_tint: rgb(0xFD_ECEA),
    warn: rgb(0xB4_5309),
    warn_tint: rgb(0xFE_F4E2),
    good: rgb(0x0B_7A4B),
    good_tint: rgb(0xE5_F6EC),
    map: rgb(0xF7_F6F1),
    measure: rgb(0xE8_590C),
    plate: rgb(0xFF_FFFF),
    casing: rgb(0xFF_FFFF),
    shadow: Color32::from_rgba_premultiplied(3, 5, 8, 36),
    backdrop: Color32::from_rgba_premultiplied(8, 11, 15, 96),
};

/// The dark theme.
pub const DARK: Tokens = Tokens {
    panel: rgb(0x1E_2126),
    window: rgb(0x17_191D),
    sunk: rgb(0x12_1417),
    hover: rgb(0x28_2C33),
    line: rgb(0x2E_333B),
    text: rgb(0xE4_E8EE),
    muted: rgb(0x97_A1AE),
    faint: rgb(0x69_727F),
    accent: rgb(0x6B_A6FF),
    accent_tint: rgb(0x1F_2F47),
    on_accent: rgb(0x10_1A2A),
    bad: rgb(0xF9_7066),
    bad_tint: rgb(0x3A_2020),
    warn: rgb(0xF5_B04C),
    warn_tint: rgb(0x38_290F),
    good: rgb(0x47_C98A),
    good_tint: rgb(0x12_301F),
    map: rgb(0x20_231F),
    measure: rgb(0xF0_6A1D),
    plate: rgb(0x1E_2126),
    casing: rgb(0xFF_FFFF),
    shadow: Color32::from_black_alpha(110),
    backdrop: Color32::from_black_alpha(140),
};

/// The tokens in force in `ui`.
pub fn tokens(ui: &egui::Ui) -> &'static Tokens {
    tokens_of(ui.visuals().dark_mode)
}

/// The dark or the light tokens.
pub fn tokens_of(dark: bool) -> &'static Tokens {
    if dark { &DARK } else { &LIGHT }
}

/// Outline of what changed, on the map.
pub const CHANGE_OUTLINE: Color = Color { r: 23, g: 32, b: 43, a: 235 };

/// Land in conflict with a control line, on the map.
pub const CONFLICT: Color = Color { r: 200, g: 24, b: 44, a: 255 };

/// What stands for no class on the map: land that only one state covers.
pub const NOTHING: Color = Color { r: 255, g: 255, b: 255, a: 255 };

/// Ground of a figure that is `share` (0 to 1) of the largest.
pub fn scale_tint(tokens: &Tokens, dark: bool, share: f32) -> Color32 {
    // The eye compares areas: the root keeps small figures visible.
    let strength = 0.06 + if dark { 0.36 } else { 0.48 } * share.clamp(0.0, 1.0).sqrt();
    let part = |a: u8, b: u8| (f32::from(a) + (f32::from(b) - f32::from(a)) * strength).round() as u8;
    let (ground, accent) = (tokens.panel, tokens.accent);
    Color32::from_rgb(part(ground.r(), accent.r()), part(ground.g(), accent.g()), part(ground.b(), accent.b()))
}

/// Sizes in points.
pub mod size {
    /// The step of all spacing.
    pub const STEP: f32 = 4.0;
    /// Height of the top bar.
    pub const TOP_BAR: f32 = 40.0;
    /// Height of the status bar.
    pub const STATUS_BAR: f32 = 26.0;
    /// Width of the layer panel at first.
    pub const LEFT: f32 = 288.0;
    /// Narrowest and widest layer panel.
    pub const LEFT_RANGE: (f32, f32) = (200.0, 480.0);
    /// Width of the inspector at first.
    pub const RIGHT: f32 = 328.0;
    /// Narrowest and widest inspector.
    pub const RIGHT_RANGE: (f32, f32) = (260.0, 520.0);
    /// Height of the bottom panel at first: tabs, header, six rows and the foot line.
    pub const BOTTOM: f32 = 252.0;
    /// Height of the bottom panel at first in a low window: five rows.
    pub const BOTTOM_LOW: f32 = 228.0;
    /// Height of the bottom panel at first while it shows a matrix.
    pub const BOTTOM_MATRIX: f32 = 404.0;
    /// Lowest and highest bottom panel.
    pub const BOTTOM_RANGE: (f32, f32) = (140.0, 640.0);
    /// Windows below this width show the inspector over the map.
    pub const NARROW: f32 = 1400.0;
    /// Windows below this width leave out what can be found elsewhere.
    pub const SMALL: f32 = 1100.0;
    /// Windows below this height count as low.
    pub const LOW: f32 = 800.0;
    /// Height of the bottom panel's tabs, and of the whole panel when collapsed.
    pub const TABS: f32 = 32.0;
    /// Height of the heading of a side panel.
    pub const PANEL_HEADING: f32 = 36.0;
    /// Row of the layer tree.
    pub const TREE_ROW: f32 = 26.0;
    /// Row of a table.
    pub const TABLE_ROW: f32 = 24.0;
    /// Header of a table.
    pub const TABLE_HEADER: f32 = 26.0;
    /// Row of a matrix.
    pub const MATRIX_ROW: f32 = 25.0;
    /// Foot line of the bottom panel.
    pub const FOOT: f32 = 28.0;
    /// A row of a menu, and a button.
    pub const CONTROL: f32 = 26.0;
    /// A tool of the tool strip.
    pub const TOOL: f32 = 30.0;
    /// Icons.
    pub const ICON: f32 = 16.0;
    /// Icons in rows.
    pub const ICON_SMALL: f32 = 14.0;
    /// Swatch of a legend row.
    pub const SWATCH: f32 = 14.0;
    /// Inner margin of panels.
    pub const MARGIN: f32 = 12.0;
    /// Indent of a level of the tree.
    pub const INDENT: f32 = 18.0;
    /// Corner radius of controls.
    pub const RADIUS: u8 = 6;
    /// Corner radius of cards.
    pub const RADIUS_CARD: u8 = 8;
    /// Corner radius of dialogs.
    pub const RADIUS_DIALOG: u8 = 10;
    /// Corner radius of swatches.
    pub const RADIUS_SWATCH: u8 = 3;
    /// Width of lines.
    pub const LINE: f32 = 1.0;
    /// Width of the search box.
    pub const SEARCH: f32 = 264.0;
    /// Width of the search box in a narrow window.
    pub const SEARCH_NARROW: f32 = 200.0;
    /// Width of the search box in a small window.
    pub const SEARCH_SMALL: f32 = 148.0;
    /// Width of the list under the search box.
    pub const SEARCH_LIST: f32 = 440.0;
    /// Widest tooltip.
    pub const TOOLTIP: f32 = 320.0;
    /// Narrowest menu.
    pub const MENU: f32 = 220.0;
    /// Widest card of a dialog, and its height.
    pub const DIALOG: (f32, f32) = (1220.0, 730.0);
    /// Distance of cards from the edges of the map.
    pub const CARD_GAP: f32 = 12.0;
    /// Smallest window.
    pub const WINDOW_MIN: (f32, f32) = (900.0, 600.0);
    /// Window at first.
    pub const WINDOW: (f32, f32) = (1600.0, 1000.0);
}

/// Fonts by role.
pub mod font {
    use super::{FontFamily, FontId, size};

    /// The family of headings and figures that count.
    pub const BOLD: &str = "bold";
    /// The family of icons.
    pub const ICONS: &str = "icons";

    /// Text, 13.
    pub fn body() -> FontId {
        FontId::new(13.0, FontFamily::Proportional)
    }

    /// Cells of tables, 12.5.
    pub fn table() -> FontId {
        FontId::new(12.5, FontFamily::Proportional)
    }

    /// Notes, units under figures, 11.5.
    pub fn note() -> FontId {
        FontId::new(11.5, FontFamily::Proportional)
    }

    /// Headings of panels, 13 bold.
    pub fn heading() -> FontId {
        bold(13.0)
    }

    /// Figures of tables that count, 12.5 bold.
    pub fn table_strong() -> FontId {
        bold(12.5)
    }

    /// Title of a feature, 15 bold.
    pub fn title() -> FontId {
        bold(15.0)
    }

    /// The one big figure, 22 bold.
    pub fn figure() -> FontId {
        bold(22.0)
    }

    /// Bold text of `points`.
    pub fn bold(points: f32) -> FontId {
        FontId::new(points, FontFamily::Name(BOLD.into()))
    }

    /// Icons of `points`.
    pub fn icon(points: f32) -> FontId {
        FontId::new(points, FontFamily::Name(ICONS.into()))
    }

    /// Icons of the usual size.
    pub fn icons() -> FontId {
        icon(size::ICON)
    }
}

/// The text style of table cells.
pub fn table_style() -> TextStyle {
    TextStyle::Name("table".into())
}

/// The text style of bold text of the usual size.
pub fn strong_style() -> TextStyle {
    TextStyle::Name("strong".into())
}

/// The text style of a feature's title.
pub fn title_style() -> TextStyle {
    TextStyle::Name("title".into())
}

/// The text style of the one big figure.
pub fn figure_style() -> TextStyle {
    TextStyle::Name("figure".into())
}

/// A hair line of the theme.
pub fn line(tokens: &Tokens) -> Stroke {
    Stroke::new(size::LINE, tokens.line)
}

/// Corner radius of controls.
pub fn radius() -> CornerRadius {
    CornerRadius::same(size::RADIUS)
}

/// Corner radius of cards.
pub fn card_radius() -> CornerRadius {
    CornerRadius::same(size::RADIUS_CARD)
}

/// Shadow of cards that float over the map.
pub fn card_shadow(tokens: &Tokens) -> Shadow {
    Shadow { offset: [0, 2], blur: 10, spread: 0, color: tokens.shadow }
}

/// A card that floats over the map.
pub fn card(tokens: &Tokens) -> egui::Frame {
    egui::Frame::new()
        .fill(tokens.panel)
        .stroke(line(tokens))
        .corner_radius(card_radius())
        .shadow(card_shadow(tokens))
        .inner_margin(Margin::symmetric(12, 6))
}

/// The card of a dialog.
pub fn dialog_frame(tokens: &Tokens) -> egui::Frame {
    egui::Frame::new()
        .fill(tokens.panel)
        .stroke(line(tokens))
        .corner_radius(CornerRadius::same(size::RADIUS_DIALOG))
        .shadow(Shadow { offset: [0, 12], blur: 40, spread: 0, color: tokens.shadow })
        .inner_margin(Margin::same(16))
}

/// Frame of a panel without margin: rows reach its edges.
pub fn panel_frame(tokens: &Tokens) -> egui::Frame {
    egui::Frame::new().fill(tokens.panel)
}

/// Sets both themes' styles in `ctx`.
pub fn apply(ctx: &egui::Context) {
    ctx.set_style_of(Theme::Light, style(&LIGHT, false));
    ctx.set_style_of(Theme::Dark, style(&DARK, true));
    ctx.options_mut(|options| {
        // Paper is white: light where the system does not say.
        options.fallback_theme = Theme::Light;
        // On a weak machine a frame can take longer than a press: it is a click all the same.
        options.input_options.max_click_duration = 5.0;
    });
}

fn style(tokens: &Tokens, dark: bool) -> Style {
    let mut style = Style { text_styles: text_styles(), visuals: visuals(tokens, dark), ..Style::default() };
    let spacing = &mut style.spacing;
    spacing.item_spacing = Vec2::new(2.0 * size::STEP, size::STEP);
    spacing.button_padding = Vec2::new(2.0 * size::STEP, 3.0);
    spacing.interact_size = Vec2::new(size::CONTROL, size::CONTROL);
    spacing.menu_margin = Margin::same(4);
    spacing.menu_width = size::MENU;
    spacing.window_margin = Margin::same(16);
    spacing.tooltip_width = size::TOOLTIP;
    spacing.icon_width = size::ICON;
    spacing.icon_width_inner = 10.0;
    spacing.icon_spacing = 2.0 * size::STEP;
    spacing.indent = size::INDENT;
    spacing.scroll = ScrollStyle { bar_width: 8.0, floating_width: 4.0, ..ScrollStyle::floating() };
    spacing.combo_width = 96.0;
    style.interaction.selectable_labels = false;
    style.interaction.tooltip_delay = 0.4;
    style.animation_time = 0.1;
    style.compact_menu_style = false;
    style
}

fn text_styles() -> BTreeMap<TextStyle, FontId> {
    [
        (TextStyle::Small, font::note()),
        (TextStyle::Body, font::body()),
        (TextStyle::Monospace, font::table()),
        (TextStyle::Button, font::body()),
        (TextStyle::Heading, font::heading()),
        (table_style(), font::table()),
        (strong_style(), font::heading()),
        (title_style(), font::title()),
        (figure_style(), font::figure()),
    ]
    .into()
}

fn visuals(t: &Tokens, dark: bool) -> Visuals {
    let widget = |fill: Color32, outline: Color32, text: Color32| WidgetVisuals {
        bg_fill: fill,
        weak_bg_fill: fill,
        bg_stroke: Stroke::new(size::LINE, outline),
        corner_radius: radius(),
        fg_stroke: Stroke::new(size::LINE, text),
        expansion: 0.0,
    };
    Visuals {
        dark_mode: dark,
        override_text_color: None,
        weak_text_color: Some(t.muted),
        widgets: Widgets {
            noninteractive: widget(t.panel, t.line, t.text),
            inactive: widget(t.panel, t.line, t.text),
            hovered: widget(t.hover, t.line, t.text),
            active: widget(t.sunk, t.accent, t.text),
            open: widget(t.sunk, t.line, t.text),
        },
        selection: Selection {
            bg_fill: if dark { rgb(0x2B_4A78) } else { rgb(0xBC_D8FB) },
            stroke: Stroke::new(size::LINE, t.accent),
        },
        hyperlink_color: t.accent,
        faint_bg_color: t.window,
        extreme_bg_color: t.panel,
        text_edit_bg_color: Some(t.window),
        code_bg_color: t.sunk,
        warn_fg_color: t.warn,
        error_fg_color: t.bad,
        window_corner_radius: card_radius(),
        window_shadow: Shadow { offset: [0, 12], blur: 40, spread: 0, color: t.shadow },
        window_fill: t.panel,
        window_stroke: line(t),
        menu_corner_radius: card_radius(),
        panel_fill: t.panel,
        popup_shadow: Shadow { offset: [0, 4], blur: 16, spread: 0, color: t.shadow },
        button_frame: true,
        collapsing_header_frame: false,
        indent_has_left_vline: false,
        striped: false,
        ..if dark { Visuals::dark() } else { Visuals::light() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Relative luminance of WCAG 2.2.
    fn luminance(c: Color32) -> f64 {
        let part = |v: u8| {
            let v = f64::from(v) / 255.0;
            if v <= 0.04045 { v / 12.92 } else { ((v + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * part(c.r()) + 0.7152 * part(c.g()) + 0.0722 * part(c.b())
    }

    fn contrast(a: Color32, b: Color32) -> f64 {
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    #[test]
    fn text_is_readable_on_every_ground() {
        for t in [&LIGHT, &DARK] {
            for (text, ground, least) in [
                (t.text, t.panel, 7.0),
                (t.text, t.window, 7.0),
                (t.text, t.accent_tint, 7.0),
                (t.muted, t.panel, 4.5),
                (t.muted, t.window, 4.5),
                (t.accent, t.panel, 4.5),
                (t.on_accent, t.accent, 4.5),
                (t.warn, t.warn_tint, 4.5),
                (t.bad, t.bad_tint, 4.5),
                (t.good, t.good_tint, 4.5),
            ] {
                let found = contrast(text, ground);
                assert!(found >= least, "{text:?} on {ground:?}: {found:.2}, expected {least}");
            }
        }
    }
}
