//! Figures of the drawing standard on the colours of classes: paddy, orchard, marsh. Which class has which is told by its
//! name, the same in every scheme.

use super::{Color, Fill, LayerStyle, Motif, Pattern, Styling};
use crate::model::classes::Class;
use crate::text::Language;

/// What names hold, and the figure for it; the first that fits.
const FIGURES: [(&[&str], Motif); 15] = [
    (&["水田"], Motif::Paddy),
    (&["旱地"], Motif::DryField),
    (&["水浇地"], Motif::Vegetable),
    (&["茶园"], Motif::Tea),
    (&["园地", "果园", "橡胶园"], Motif::Orchard),
    (&["沼泽", "湿地", "滩涂", "红树林"], Motif::Marsh),
    (&["竹林"], Motif::Bamboo),
    (&["灌木", "灌丛"], Motif::Shrub),
    (&["乔木", "林地"], Motif::Ring),
    (&["草地"], Motif::Grass),
    (&["河流", "湖泊", "水库", "坑塘", "水面", "沟渠"], Motif::Water),
    (&["殡葬", "墓"], Motif::Grave),
    (&["沙地", "裸土", "裸岩", "盐碱"], Motif::Dot),
    (&["防护绿地"], Motif::Tree),
    (&["宅基地"], Motif::Building),
];

/// Size of the figures, and how far they stand apart.
const SIZE_PX: f32 = 7.0;
const SPACING_PX: f32 = 22.0;

impl Motif {
    /// The figure that the drawing standard has for a class, where it has one.
    pub fn of_class(class: Class) -> Option<Self> {
        let name = class.name(Language::Chinese);
        FIGURES.iter().find(|(words, _)| words.iter().any(|word| name.contains(word))).map(|(_, motif)| *motif)
    }
}

impl LayerStyle {
    /// The style with the figures of the drawing standard on plain fills of classes that have one.
    #[must_use]
    pub fn figured(&self) -> Self {
        let mut style = self.clone();
        if let Styling::Categorised(categories) = &mut style.styling {
            for symbol in &mut categories.classes {
                let motif = symbol.class.and_then(Motif::of_class);
                if let (Some(motif), Fill::Solid(back)) = (motif, symbol.symbol.fill) {
                    symbol.symbol.fill = Fill::Pattern(Pattern {
                        motif,
                        color: ink_on(back),
                        size_px: SIZE_PX,
                        spacing_px: SPACING_PX,
                        staggered: true,
                        back: Some(back),
                    });
                }
            }
        }
        style
    }
}

/// A darker shade of a ground, strong enough to be seen on it and no stronger.
fn ink_on(back: Color) -> Color {
    let dark = back.mix(Color::BLACK, 0.45).with_alpha(255);
    if dark.distance(back) < 0.12 { back.mix(Color::WHITE, 0.5).with_alpha(255) } else { dark }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::GeometryKind;
    use crate::model::classes::Scheme;
    use crate::model::style::defaults;

    #[test]
    fn classes_have_the_figures_of_the_drawing_standard() {
        let check = |scheme: Scheme, code: &str, expected: Option<Motif>| {
            let class = Class::find(scheme, code).expect("a class");
            assert_eq!(Motif::of_class(class), expected, "{class:?} {}", class.name(Language::Chinese));
        };
        for scheme in [Scheme::Sd2019, Scheme::Ydyh2023] {
            check(scheme, "0101", Some(Motif::Paddy));
            check(scheme, "0102", Some(Motif::Vegetable));
            check(scheme, "0103", Some(Motif::DryField));
            check(scheme, "0201", Some(Motif::Orchard));
        }
        check(Scheme::Ydyh2023, "0302", Some(Motif::Bamboo));
        check(Scheme::Ydyh2023, "0701", None);
        check(Scheme::Ydyh2023, "1001", None);
    }

    #[test]
    fn figures_leave_colours_and_other_fills_alone() {
        let style = defaults::by_class("DLBM", Some(Scheme::Ydyh2023), ["0101", "0701"], GeometryKind::Polygon);
        let figured = style.figured();
        assert_eq!(figured.symbol(0).map(|symbol| symbol.color()), style.symbol(0).map(|symbol| symbol.color()));
        assert!(matches!(figured.symbol(0).map(|symbol| symbol.fill), Some(Fill::Pattern(_))));
        assert_eq!(figured.symbol(1), style.symbol(1));
        assert_eq!(figured.figured(), figured);
        for class in Scheme::ALL.into_iter().flat_map(Scheme::classes) {
            assert!(ink_on(class.color()).distance(class.color()) > 0.08, "{class:?}");
        }
    }
}
