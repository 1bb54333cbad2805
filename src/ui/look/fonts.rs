//! The fonts of the window: the system's Chinese sans where there is a known one, the bundled subset otherwise.
//!
//! The bundled fonts are always the last resort of every family, so a character that a system font lacks is still
//! drawn. Tests and the command line ask for the bundled fonts only: what they show must not depend on the machine.

use std::sync::{Arc, LazyLock};

use eframe::egui::{FontData, FontDefinitions, FontFamily, FontTweak};

use crate::render::lettering::Typeface;
use crate::ui::look::theme::font;

const REGULAR: &[u8] = include_bytes!("../../../assets/fonts/tuban-sans-regular.otf");
const BOLD: &[u8] = include_bytes!("../../../assets/fonts/tuban-sans-bold.otf");
const ICONS: &[u8] = include_bytes!("../../../assets/fonts/lucide.ttf");

/// Which fonts to use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The bundled ones only.
    Bundled,
    /// The system's first.
    System,
}

/// Families in the order in which they are preferred, each with a bold face of the same family: Chinese sans serifs
/// that ship with Windows, macOS and the Linux desktops.
const SYSTEM_FAMILIES: &[&str] = &[
    "Source Han Sans SC",
    "Source Han Sans CN",
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "PingFang SC",
    "Microsoft YaHei UI",
    "Microsoft YaHei",
    "HarmonyOS Sans SC",
    "WenQuanYi Micro Hei",
];

/// Regular and bold face of the system, once they were looked for.
static SYSTEM: LazyLock<Option<(Arc<FontData>, Arc<FontData>)>> = LazyLock::new(|| {
    let (normal, strong) = system_faces()?;
    Some((Arc::new(normal), Arc::new(strong)))
});

/// Looks for the fonts of the system, of which there may be hundreds, while the window is still being opened.
pub fn look_ahead() {
    // Without a thread they are looked for when they are needed.
    drop(std::thread::Builder::new().name("fonts".to_owned()).spawn(|| LazyLock::force(&SYSTEM).is_some()));
}

/// The font definitions for egui.
pub fn definitions(source: Source) -> FontDefinitions {
    let mut fonts = FontDefinitions::empty();
    let mut regular = vec![];
    let mut bold = vec![];
    if source == Source::System
        && let Some((normal, strong)) = &*SYSTEM
    {
        fonts.font_data.insert("system".to_owned(), normal.clone());
        fonts.font_data.insert("system-bold".to_owned(), strong.clone());
        regular.push("system".to_owned());
        bold.push("system-bold".to_owned());
    }
    let icons = FontData::from_static(ICONS).tweak(FontTweak { hinting: Some(false), ..FontTweak::default() });
    fonts.font_data.insert("bundled".to_owned(), Arc::new(FontData::from_static(REGULAR)));
    fonts.font_data.insert("bundled-bold".to_owned(), Arc::new(FontData::from_static(BOLD)));
    fonts.font_data.insert("icons".to_owned(), Arc::new(icons));
    regular.extend(["bundled".to_owned(), "icons".to_owned()]);
    bold.extend(["bundled-bold".to_owned(), "icons".to_owned()]);
    fonts.families.insert(FontFamily::Proportional, regular.clone());
    fonts.families.insert(FontFamily::Monospace, regular);
    fonts.families.insert(FontFamily::Name(font::BOLD.into()), bold);
    fonts.families.insert(FontFamily::Name(font::ICONS.into()), vec!["icons".to_owned(), "bundled".to_owned()]);
    fonts
}

/// The bundled fonts for the CPU painter and for what is placed as it places it.
pub fn typeface() -> &'static Typeface {
    static BUNDLED: LazyLock<Typeface> = LazyLock::new(Typeface::bundled);
    &BUNDLED
}

/// Regular and bold face of the first known family that the system has in both weights.
fn system_faces() -> Option<(FontData, FontData)> {
    let mut database = fontdb::Database::new();
    database.load_system_fonts();
    SYSTEM_FAMILIES.iter().find_map(|family| {
        let face = |weight| {
            let id = database.query(&fontdb::Query {
                families: &[fontdb::Family::Name(family)],
                weight,
                ..fontdb::Query::default()
            })?;
            let info = database.face(id)?;
            // `query` gives the nearest weight; a bold that is not bold would make headings vanish in the text.
            if info.weight.0.abs_diff(weight.0) > 100 {
                return None;
            }
            database.with_face_data(id, |data, index| FontData { index, ..FontData::from_owned(data.to_vec()) })
        };
        Some((face(fontdb::Weight::NORMAL)?, face(fontdb::Weight::BOLD)?))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text;
    use eframe::egui;

    fn fonts() -> egui::epaint::text::Fonts {
        egui::epaint::text::Fonts::new(egui::epaint::TextOptions::default(), definitions(Source::Bundled))
    }

    #[test]
    fn every_character_of_the_catalogue_is_in_the_bundled_fonts() {
        let mut fonts = fonts();
        let mut missing = std::collections::BTreeSet::new();
        for (_, chinese, english) in text::rows() {
            for c in chinese.chars().chain(english.chars()).filter(|c| !c.is_control()) {
                for id in [font::body(), font::heading()] {
                    if !fonts.has_glyph(&id, c) {
                        missing.insert(c);
                    }
                }
            }
        }
        assert!(missing.is_empty(), "{missing:?}");
    }

    #[test]
    fn digits_have_one_width_so_that_columns_line_up() {
        let mut fonts = fonts();
        let mut view = fonts.with_pixels_per_point(1.0);
        for id in [font::table(), font::table_strong(), font::figure()] {
            let widths: Vec<f32> = ('0'..='9').map(|c| view.glyph_width(&id, c)).collect();
            assert!(widths.iter().all(|w| (w - widths[0]).abs() < 1e-3), "{widths:?}");
            let width = |text: &str, view: &mut egui::epaint::text::FontsView<'_>| {
                view.layout_no_wrap(text.to_owned(), id.clone(), egui::Color32::BLACK).size().x
            };
            // No kerning pulls a point or comma under a digit.
            assert_eq!(width("7,777.77", &mut view), width("1,111.11", &mut view));
        }
    }

    #[test]
    fn standard_characters_are_in_the_bundled_fonts() {
        let mut fonts = fonts();
        // The ends of each level of the 通用规范汉字表, GB 2312's last row, units and marks.
        for c in "一矗乂齉亍蠼䲢𬶋齄鼽泺淏°²³·±×÷–—…“”‘’•→←↑↓Σ≤≥′″，。：；（）《》【】、￥％".chars()
        {
            assert!(fonts.has_glyph(&font::body(), c) && fonts.has_glyph(&font::heading(), c), "{c}");
        }
    }
}
