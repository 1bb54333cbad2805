//! Fill, outline and marker: of one symbol, or of all symbols of a style at once.

use eframe::egui::Ui;

use super::{Picked, row, slider};
use crate::model::GeometryKind;
use crate::model::style::{
    Casing, Color, Dash, Fill, Hatch, Icon, LayerStyle, Marker, Motif, Pattern, Shape, Stroke, Symbol, defaults,
};
use crate::ui::look::choice::choice;
use crate::ui::look::{color_picker, widgets};
use crate::ui::session::settings::Settings;
use crate::units::format_number;

/// Widest outline that the slider gives.
const WIDEST: f32 = 8.0;
/// Widest margin of a casing beside its line.
const WIDEST_CASING: f32 = 4.0;

/// Rhythms of lines: keys of their names, and lengths drawn and left out.
const DASHES: [(&str, Option<Dash>); 3] = [
    ("panels.dash-solid", None),
    ("panels.dash-long", Some(Dash { on_px: 8.0, off_px: 4.0 })),
    ("panels.dash-short", Some(Dash { on_px: 3.0, off_px: 2.0 })),
];

const SHAPES: [(&str, Shape); 6] = [
    ("panels.shape-circle", Shape::Circle),
    ("panels.shape-square", Shape::Square),
    ("panels.shape-rounded", Shape::RoundedSquare),
    ("panels.shape-diamond", Shape::Diamond),
    ("panels.shape-triangle", Shape::Triangle),
    ("panels.shape-bare", Shape::Bare),
];

const ICONS: [(&str, Icon); 4] = [
    ("panels.icon-none", Icon::None),
    ("panels.icon-house", Icon::House),
    ("panels.icon-star", Icon::Star),
    ("panels.icon-flag", Icon::Flag),
];

/// The symbols that are edited.
struct Symbols<'a> {
    style: &'a mut LayerStyle,
    /// Number of the one that is meant; all where none is.
    only: Option<usize>,
}

impl Symbols<'_> {
    fn each(&mut self, change: impl FnMut(&mut Symbol)) {
        match self.only {
            None => self.style.for_each_symbol(change),
            Some(number) => self.style.symbol_mut(number).into_iter().for_each(change),
        }
    }

    fn each_hatch(&mut self, change: impl Fn(&mut Hatch)) {
        self.each(|symbol| {
            if let Fill::Hatch(hatch) = &mut symbol.fill {
                change(hatch);
            }
        });
    }

    fn each_pattern(&mut self, change: impl Fn(&mut Pattern)) {
        self.each(|symbol| {
            if let Fill::Pattern(pattern) = &mut symbol.fill {
                change(pattern);
            }
        });
    }

    fn each_stroke(&mut self, change: impl Fn(&mut Stroke)) {
        self.each(|symbol| symbol.stroke.iter_mut().for_each(&change));
    }

    fn each_marker(&mut self, change: impl Fn(&mut Marker)) {
        self.each(|symbol| symbol.marker.iter_mut().for_each(&change));
    }
}

/// Draws what symbol number `only` is like, or all symbols where none is given; colours only where one symbol is meant.
pub(super) fn ui(
    ui: &mut Ui,
    settings: &Settings,
    picked: &Picked,
    kind: GeometryKind,
    style: &mut LayerStyle,
    only: Option<usize>,
) {
    let Some(first) = style.symbol(only.unwrap_or(0)).copied() else { return };
    let single = only.is_some() || !style.has_classes();
    let mut symbols = Symbols { style, only };
    if kind == GeometryKind::Polygon {
        fill_ui(ui, settings, picked, &mut symbols, &first, single);
    }
    if kind != GeometryKind::Point {
        outline_ui(ui, settings, picked, &mut symbols, &first, single);
    }
    if let Some(marker) = first.marker.filter(|_| kind == GeometryKind::Point || single) {
        marker_ui(ui, settings, picked, &mut symbols, &marker, single);
    }
}

fn color_button(ui: &mut Ui, settings: &Settings, picked: &Picked, key: &str, color: Color) -> Option<Color> {
    color_picker::button(ui, settings.language, &settings.recent_colors, picked, settings.tr(key), color)
}

fn fill_ui(ui: &mut Ui, settings: &Settings, picked: &Picked, symbols: &mut Symbols<'_>, first: &Symbol, single: bool) {
    row(ui, settings.tr("panels.style-fill"), |ui| {
        let kinds = [
            ("panels.fill-none", matches!(first.fill, Fill::None)),
            ("panels.fill-solid", matches!(first.fill, Fill::Solid(_))),
            ("panels.fill-hatch", matches!(first.fill, Fill::Hatch(_))),
            ("panels.fill-pattern", matches!(first.fill, Fill::Pattern(_))),
        ];
        for (at, (key, on)) in kinds.into_iter().enumerate() {
            if widgets::segment(ui, settings.tr(key), on).clicked() && !on {
                symbols.each(|symbol| symbol.fill = fill_of_kind(symbol, at));
            }
        }
        if single
            && !matches!(first.fill, Fill::None)
            && let Some(color) = color_button(ui, settings, picked, "panels.style-fill-color", fill_color(first))
        {
            symbols.each(|symbol| set_fill_color(symbol, color));
        }
    });
    match first.fill {
        Fill::None | Fill::Solid(_) => {}
        Fill::Hatch(hatch) => hatch_ui(ui, settings, symbols, &hatch),
        Fill::Pattern(pattern) => pattern_ui(ui, settings, symbols, &pattern),
    }
    let back = match first.fill {
        Fill::None | Fill::Solid(_) => return,
        Fill::Hatch(hatch) => hatch.back,
        Fill::Pattern(pattern) => pattern.back,
    };
    let mut set_back = |color: Option<Color>| {
        symbols.each(|symbol| match &mut symbol.fill {
            Fill::Hatch(hatch) => hatch.back = color,
            Fill::Pattern(pattern) => pattern.back = color,
            Fill::None | Fill::Solid(_) => {}
        });
    };
    row(ui, settings.tr("panels.style-back"), |ui| {
        if widgets::segment(ui, settings.tr("panels.style-back-none"), back.is_none()).clicked() {
            set_back(None);
        }
        if widgets::segment(ui, settings.tr("panels.style-back-color"), back.is_some()).clicked() && back.is_none() {
            set_back(Some(defaults::UNCLASSIFIED));
        }
        if single
            && let Some(back) = back
            && let Some(color) = color_button(ui, settings, picked, "panels.style-back", back)
        {
            set_back(Some(color));
        }
    });
}

/// A fill of another kind in the colour that a symbol has. What was a plain fill stays as the ground of figures.
fn fill_of_kind(symbol: &Symbol, kind: usize) -> Fill {
    let color = fill_color(symbol);
    match kind {
        0 => Fill::None,
        1 => Fill::Solid(color),
        2 => Fill::Hatch(Hatch {
            color: color.with_alpha(255),
            angle_deg: 45.0,
            spacing_px: 7.0,
            width_px: 1.0,
            crossed: false,
            back: None,
        }),
        _ => {
            let back = if let Fill::Solid(color) = symbol.fill { Some(color) } else { None };
            let ink = if back.is_some() { color.mix(Color::BLACK, 0.45) } else { color };
            Fill::Pattern(Pattern {
                motif: Motif::Grass,
                color: ink.with_alpha(255),
                size_px: 8.0,
                spacing_px: 20.0,
                staggered: true,
                back,
            })
        }
    }
}

fn hatch_ui(ui: &mut Ui, settings: &Settings, symbols: &mut Symbols<'_>, hatch: &Hatch) {
    row(ui, settings.tr("panels.style-hatch"), |ui| {
        for angle in [45.0, 135.0, 0.0, 90.0] {
            let on = hatch.angle_deg == angle;
            if widgets::segment(ui, &format!("{angle}°"), on).clicked() && !on {
                symbols.each_hatch(|hatch| hatch.angle_deg = angle);
            }
        }
    });
    row(ui, "", |ui| {
        if widgets::segment(ui, settings.tr("panels.style-crossed"), hatch.crossed).clicked() {
            symbols.each_hatch(|other| other.crossed = !hatch.crossed);
        }
    });
    row(ui, settings.tr("panels.style-spacing"), |ui| {
        let mut spacing = hatch.spacing_px;
        let shown = format!("{spacing} px");
        slider(ui, settings.tr("panels.style-spacing"), &mut spacing, 3.0..=20.0, 1.0, &shown);
        if spacing != hatch.spacing_px {
            symbols.each_hatch(|hatch| hatch.spacing_px = spacing);
        }
    });
    row(ui, settings.tr("panels.style-hatch-width"), |ui| {
        let mut width = hatch.width_px;
        let shown = format!("{} px", format_number(f64::from(width), 1));
        slider(ui, settings.tr("panels.style-hatch-width"), &mut width, 0.3..=5.0, 0.1, &shown);
        if (width - hatch.width_px).abs() > 0.04 {
            symbols.each_hatch(|hatch| hatch.width_px = width);
        }
    });
}

fn pattern_ui(ui: &mut Ui, settings: &Settings, symbols: &mut Symbols<'_>, pattern: &Pattern) {
    row(ui, settings.tr("panels.style-motif"), |ui| {
        let now = settings.tr(motif_key(pattern.motif));
        choice(ui, settings.tr("panels.style-motif"), now, |ui| {
            for motif in Motif::ALL {
                let on = motif == pattern.motif;
                if widgets::menu_row(ui, None, settings.tr(motif_key(motif)), "", Some(on)).clicked() {
                    symbols.each_pattern(|pattern| pattern.motif = motif);
                    ui.close();
                }
            }
        });
        if widgets::segment(ui, settings.tr("panels.style-staggered"), pattern.staggered).clicked() {
            symbols.each_pattern(|other| other.staggered = !pattern.staggered);
        }
    });
    row(ui, settings.tr("panels.style-figure-size"), |ui| {
        let mut size = pattern.size_px;
        let shown = format!("{size} px");
        slider(ui, settings.tr("panels.style-figure-size"), &mut size, 3.0..=24.0, 1.0, &shown);
        if size != pattern.size_px {
            symbols.each_pattern(|pattern| pattern.size_px = size);
        }
    });
    row(ui, settings.tr("panels.style-figure-spacing"), |ui| {
        let mut spacing = pattern.spacing_px;
        let shown = format!("{spacing} px");
        slider(ui, settings.tr("panels.style-figure-spacing"), &mut spacing, 6.0..=60.0, 1.0, &shown);
        if spacing != pattern.spacing_px {
            symbols.each_pattern(|pattern| pattern.spacing_px = spacing);
        }
    });
}

fn outline_ui(
    ui: &mut Ui,
    settings: &Settings,
    picked: &Picked,
    symbols: &mut Symbols<'_>,
    first: &Symbol,
    single: bool,
) {
    let stroke = first.stroke;
    row(ui, settings.tr("panels.style-outline"), |ui| {
        let color = stroke.map_or(defaults::PARCEL_OUTLINE.color, |stroke| stroke.color);
        let color = color_button(ui, settings, picked, "panels.style-outline-color", color);
        let before = stroke.map_or(0.0, |stroke| stroke.width_px);
        let mut width = before;
        let shown = format!("{} px", format_number(f64::from(before), 1));
        slider(ui, settings.tr("panels.style-outline-width"), &mut width, 0.0..=WIDEST, 0.1, &shown);
        if color.is_some() || (width - before).abs() > 0.04 {
            symbols.each(|symbol| {
                symbol.stroke.get_or_insert(Stroke { width_px: 0.0, ..defaults::PARCEL_OUTLINE });
                symbol.set_outline_width_px(width);
            });
            if let Some(color) = color {
                symbols.each_stroke(|stroke| stroke.color = color);
            }
        }
    });
    let Some(stroke) = stroke.filter(|stroke| stroke.width_px > 0.0) else { return };
    row(ui, settings.tr("panels.style-dash"), |ui| {
        for (key, dash) in DASHES {
            let on = match (dash, stroke.dash) {
                (None, None) => true,
                // A rhythm of its own counts as the nearer of the two.
                (Some(dash), Some(own)) => (own.on_px >= 5.0) == (dash.on_px >= 5.0),
                _ => false,
            };
            if widgets::segment(ui, settings.tr(key), on).clicked() && !on {
                symbols.each_stroke(|stroke| stroke.dash = dash);
            }
        }
    });
    row(ui, settings.tr("panels.style-casing"), |ui| {
        let casing = stroke.casing;
        let margin = casing.map_or(0.0, |casing| (casing.width_px - stroke.width_px).max(0.0) / 2.0);
        let color = casing.map_or(Color::WHITE, |casing| casing.color);
        let color = if single { color_button(ui, settings, picked, "panels.style-casing-color", color) } else { None };
        let mut wanted = margin;
        let shown = format!("{} px", format_number(f64::from(margin), 1));
        slider(ui, settings.tr("panels.style-casing-width"), &mut wanted, 0.0..=WIDEST_CASING, 0.1, &shown);
        if color.is_some() || (wanted - margin).abs() > 0.04 {
            // Who picks a colour for what is not there wants to see it.
            let wanted = if color.is_some() && wanted < 0.05 { 1.0 } else { wanted };
            symbols.each_stroke(|stroke| {
                let before = stroke.casing.map_or(Color::WHITE, |casing| casing.color);
                let casing = Casing { color: color.unwrap_or(before), width_px: stroke.width_px + 2.0 * wanted };
                stroke.casing = (wanted >= 0.05).then_some(casing);
            });
        }
    });
}

fn marker_ui(
    ui: &mut Ui,
    settings: &Settings,
    picked: &Picked,
    symbols: &mut Symbols<'_>,
    marker: &Marker,
    single: bool,
) {
    row(ui, settings.tr("panels.style-marker"), |ui| {
        let color =
            if single { color_button(ui, settings, picked, "panels.style-marker-color", marker.color) } else { None };
        let mut points = marker.size_px;
        let shown = format!("{points} px");
        slider(ui, settings.tr("panels.style-marker-size"), &mut points, 4.0..=32.0, 1.0, &shown);
        if color.is_some() || points != marker.size_px {
            symbols.each_marker(|marker| {
                marker.size_px = points;
                marker.color = color.unwrap_or(marker.color);
            });
        }
    });
    row(ui, settings.tr("panels.style-shape"), |ui| {
        let now = SHAPES.iter().find(|(_, shape)| *shape == marker.shape).map_or("", |&(key, _)| settings.tr(key));
        choice(ui, settings.tr("panels.style-shape"), now, |ui| {
            for (key, shape) in SHAPES {
                if widgets::menu_row(ui, None, settings.tr(key), "", Some(shape == marker.shape)).clicked() {
                    symbols.each_marker(|marker| marker.shape = shape);
                    ui.close();
                }
            }
        });
        let figures = Motif::ALL.map(|motif| (motif_key(motif), Icon::Figure(motif)));
        let icons: Vec<(&str, Icon)> = ICONS.into_iter().chain(figures).collect();
        let now = icons.iter().find(|(_, icon)| *icon == marker.icon).map_or("", |&(key, _)| settings.tr(key));
        choice(ui, settings.tr("panels.style-icon"), now, |ui| {
            for (key, icon) in icons {
                if widgets::menu_row(ui, None, settings.tr(key), "", Some(icon == marker.icon)).clicked() {
                    symbols.each_marker(|marker| marker.icon = icon);
                    ui.close();
                }
            }
        });
    });
}

/// Key of a figure's name.
fn motif_key(motif: Motif) -> &'static str {
    match motif {
        Motif::Dot => "panels.motif-dot",
        Motif::Ring => "panels.motif-ring",
        Motif::Cross => "panels.motif-cross",
        Motif::Grass => "panels.motif-grass",
        Motif::Paddy => "panels.motif-paddy",
        Motif::DryField => "panels.motif-dry-field",
        Motif::Vegetable => "panels.motif-vegetable",
        Motif::Orchard => "panels.motif-orchard",
        Motif::Tea => "panels.motif-tea",
        Motif::Tree => "panels.motif-tree",
        Motif::Conifer => "panels.motif-conifer",
        Motif::Shrub => "panels.motif-shrub",
        Motif::Bamboo => "panels.motif-bamboo",
        Motif::Marsh => "panels.motif-marsh",
        Motif::Water => "panels.motif-water",
        Motif::Building => "panels.motif-building",
        Motif::Grave => "panels.motif-grave",
    }
}

/// The colour of a fill, or what its symbol would be filled with.
fn fill_color(symbol: &Symbol) -> Color {
    match symbol.fill {
        Fill::Solid(color) => color,
        Fill::Hatch(hatch) => hatch.color,
        Fill::Pattern(pattern) => pattern.color,
        Fill::None => symbol.color().with_alpha(96),
    }
}

fn set_fill_color(symbol: &mut Symbol, color: Color) {
    match &mut symbol.fill {
        Fill::Solid(fill) => *fill = color,
        Fill::Hatch(hatch) => hatch.color = color,
        Fill::Pattern(pattern) => pattern.color = color,
        Fill::None => {}
    }
}

/// Gives a symbol another colour, in whatever shows its colour.
pub(super) fn set_color(symbol: &mut Symbol, color: Color) {
    match (&mut symbol.fill, &mut symbol.stroke) {
        (Fill::None, Some(stroke)) => stroke.color = color,
        // The ground stands for a figure on it.
        (Fill::Pattern(Pattern { back: Some(back), .. }), _) if back.a >= 128 => *back = color,
        _ => set_fill_color(symbol, color),
    }
    if let Some(marker) = &mut symbol.marker {
        marker.color = color.with_alpha(255);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picked_colour_is_the_colour_of_the_symbol() {
        let red = Color::rgb(200, 30, 30);
        for kind in [GeometryKind::Polygon, GeometryKind::Line, GeometryKind::Point] {
            let mut symbol = defaults::class_symbol(Color::rgb(10, 20, 30), kind);
            set_color(&mut symbol, red);
            assert_eq!(symbol.color(), red, "{kind:?}");
        }
        let mut symbol = defaults::class_symbol(Color::rgb(10, 20, 30), GeometryKind::Polygon);
        for kind in 1..4 {
            symbol.fill = fill_of_kind(&symbol, kind);
            set_color(&mut symbol, red);
            assert_eq!(symbol.color(), red, "{kind}");
        }
    }

    #[test]
    fn figures_keep_the_colour_beneath_them() {
        let green = Color::rgb(205, 245, 122);
        let symbol = defaults::class_symbol(green, GeometryKind::Polygon);
        let Fill::Pattern(pattern) = fill_of_kind(&symbol, 3) else { panic!("figures") };
        assert_eq!(pattern.back, Some(green));
        assert!(pattern.color.distance(green) > 0.1);
    }
}
