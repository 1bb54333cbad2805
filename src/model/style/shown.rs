//! What becomes of a style where it is shown: rules and classes at a scale, lines, hatches and letters that follow it, the
//! softened colours of land use. Renderers are handed the result, so that all of them and every legend agree.

use super::labels::LabelLook;
use super::{Color, Fill, LayerStyle, Styling, Symbol};

/// From 1:this on away, lines and hatches get thinner.
const THIN_FROM: f64 = 25_000.0;
/// Doublings of the scale until they are as thin as they get.
const THIN_OVER: f64 = 3.0;
/// Closer than 1:this, hatches and figures stand farther apart.
const WIDE_FROM: f64 = 10_000.0;
/// Share of their distance that they have at most, close by.
const WIDEST: f32 = 1.75;
/// Share of their size that letters lose far off.
const SMALLER: f32 = 0.12;
/// Steps between the ends, so that a style stays the same while the map is moved a little.
const STEPS: f64 = 8.0;

impl LayerStyle {
    /// The style as 1:`denominator` draws it: what is not drawn there is not visible, rules have the symbol that holds
    /// there, lines, hatches and letters have the weight that the scale leaves them.
    #[must_use]
    pub fn at_scale(&self, denominator: f64) -> Self {
        let mut style = self.clone();
        for number in 0..self.symbol_count() {
            let shown = self.symbol_at(number, denominator).map(|symbol| weighed(symbol, denominator));
            // One symbol for all has no switch of its own: there nothing is drawn by a symbol of nothing.
            if let Some(own) = style.symbol_mut(number)
                && (shown.is_some() || matches!(self.styling, Styling::Single(_)))
            {
                *own = shown.unwrap_or_default();
            }
            style.set_visible(number, shown.is_some());
        }
        style.for_each_look(|look| look.size_px *= 1.0 - SMALLER * thinning(denominator));
        style
    }

    /// The style with everything on it `times` as large: lines, hatches, figures, markers and letters of a wall map.
    #[must_use]
    pub fn enlarged(&self, times: f32) -> Self {
        let mut style = self.clone();
        style.for_each_symbol(|symbol| enlarge(symbol, times));
        style.for_each_look(|look| {
            look.size_px *= times;
            look.halo.iter_mut().for_each(|halo| halo.width_px *= times);
        });
        style
    }

    /// Runs `change` on every look of its labels.
    fn for_each_look(&mut self, mut change: impl FnMut(&mut LabelLook)) {
        if let Some(labels) = &mut self.labels {
            change(&mut labels.look);
            labels.of_class.iter_mut().for_each(|(_, look)| change(look));
        }
    }

    /// The style in the softened colours of land use: classes whose symbol has the colour of the standard get the quiet one
    /// in its place; what somebody coloured stays.
    #[must_use]
    pub fn softened(&self, dark: bool) -> Self {
        let mut style = self.clone();
        if let Styling::Categorised(categories) = &mut style.styling {
            for symbol in &mut categories.classes {
                let Some(class) = symbol.class else { continue };
                let [light, at_night] = class.soft_colors();
                let (own, soft) = (class.color(), if dark { at_night } else { light });
                recolor(&mut symbol.symbol, own, soft);
            }
        }
        style
    }
}

fn enlarge(symbol: &mut Symbol, times: f32) {
    match &mut symbol.fill {
        Fill::None | Fill::Solid(_) => {}
        Fill::Hatch(hatch) => {
            hatch.spacing_px *= times;
            hatch.width_px *= times;
        }
        Fill::Pattern(pattern) => {
            pattern.spacing_px *= times;
            pattern.size_px *= times;
        }
    }
    if let Some(stroke) = &mut symbol.stroke {
        stroke.width_px *= times;
        if let Some(dash) = &mut stroke.dash {
            (dash.on_px, dash.off_px) = (dash.on_px * times, dash.off_px * times);
        }
        stroke.casing.iter_mut().for_each(|casing| casing.width_px *= times);
    }
    if let Some(marker) = &mut symbol.marker {
        marker.size_px *= times;
        marker.casing.iter_mut().for_each(|casing| casing.width_px *= times);
    }
}

/// Puts `to` in the place of `from`, wherever a symbol is of that colour.
fn recolor(symbol: &mut Symbol, from: Color, to: Color) {
    let change = |color: &mut Color| {
        if (color.r, color.g, color.b) == (from.r, from.g, from.b) {
            *color = to.with_alpha(color.a);
        }
    };
    match &mut symbol.fill {
        Fill::None => {}
        Fill::Solid(color) => change(color),
        Fill::Hatch(hatch) => hatch.back.iter_mut().for_each(change),
        Fill::Pattern(pattern) => pattern.back.iter_mut().for_each(change),
    }
    if symbol.fill == Fill::None {
        symbol.stroke.iter_mut().for_each(|stroke| change(&mut stroke.color));
    }
    symbol.marker.iter_mut().for_each(|marker| change(&mut marker.color));
}

/// A symbol with the weight that it has at 1:`denominator`: up close hatches and figures stand farther apart, far off lines
/// are thinner and hatches paler, so that what lies over land use does not outshout it.
fn weighed(symbol: &Symbol, denominator: f64) -> Symbol {
    let mut symbol = *symbol;
    let far = thinning(denominator);
    let apart = widening(denominator);
    let pale = |color: Color| color.with_alpha((f32::from(color.a) * (1.0 - 0.4 * far)).round() as u8);
    match &mut symbol.fill {
        Fill::None | Fill::Solid(_) => {}
        Fill::Hatch(hatch) => {
            // Stripes of two colours are a picture of two classes: their shares stay.
            if hatch.back.is_none() {
                hatch.spacing_px *= apart;
                hatch.width_px *= 1.0 - 0.4 * far;
                hatch.color = pale(hatch.color);
            }
        }
        Fill::Pattern(pattern) => {
            pattern.spacing_px *= apart;
            pattern.size_px *= 1.0 - 0.25 * far;
            pattern.color = pale(pattern.color);
        }
    }
    // Far off parcels are small: their colours tell, not what parts them.
    let is_land = matches!(symbol.fill, Fill::Solid(color) if color.a >= 128);
    if let Some(stroke) = &mut symbol.stroke {
        let share = 1.0 - 0.4 * far;
        stroke.width_px *= share;
        if is_land {
            stroke.color = pale(pale(stroke.color));
        }
        if let Some(casing) = &mut stroke.casing {
            casing.width_px *= share;
        }
    }
    symbol
}

/// How far on the way to thinnest lines are at 1:`denominator`: 0 to 1.
fn thinning(denominator: f64) -> f32 {
    let doublings = (denominator / THIN_FROM).max(1.0).log2() / THIN_OVER;
    ((doublings.min(1.0) * STEPS).round() / STEPS) as f32
}

/// How many times their distance hatches stand apart at 1:`denominator`.
fn widening(denominator: f64) -> f32 {
    let doublings = (WIDE_FROM / denominator.max(1.0)).max(1.0).log2();
    (1.0 + ((doublings * 2.0).round() / STEPS) as f32).min(WIDEST)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::GeometryKind;
    use crate::model::classes::{Scheme, resolve};
    use crate::model::roles::Role;
    use crate::model::style::{Hatch, RuleSymbol, Ruled, ScaleRange, defaults};

    fn farmland() -> LayerStyle {
        defaults::for_role(Role::BasicFarmland, GeometryKind::Polygon, 0)
    }

    fn hatch(style: &LayerStyle) -> Hatch {
        match style.symbol(0).map(|symbol| symbol.fill) {
            Some(Fill::Hatch(hatch)) => hatch,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn farmland_gets_quieter_far_off_and_wider_close_by() {
        let own = hatch(&farmland());
        let at = |denominator| hatch(&farmland().at_scale(denominator));
        assert_eq!(at(20_000.0), own, "as it was made in between");
        let (far, near) = (at(400_000.0), at(1_000.0));
        assert!(far.width_px < own.width_px * 0.7 && far.color.a < own.color.a && far.spacing_px == own.spacing_px);
        assert!(near.spacing_px > own.spacing_px * 1.5 && near.width_px == own.width_px);
        assert_eq!(at(51_000.0), at(52_000.0), "by steps");
        assert_eq!(at(1e12), at(1e9));
    }

    #[test]
    fn outlines_of_land_get_paler_far_off_and_lines_keep_their_colour() {
        let color = |style: &LayerStyle| style.symbol(0).and_then(|symbol| symbol.stroke).map(|stroke| stroke.color);
        let land = defaults::by_class("DLBM", None, ["1"], GeometryKind::Polygon);
        let own = color(&land).expect("an outline");
        assert_eq!(color(&land.at_scale(10_000.0)), Some(own));
        assert!(color(&land.at_scale(200_000.0)).is_some_and(|far| far.a < own.a / 2 + 1));
        let boundary = defaults::for_role(Role::DevelopmentBoundary, GeometryKind::Polygon, 0);
        assert_eq!(color(&boundary.at_scale(200_000.0)), color(&boundary));
    }

    #[test]
    fn a_wall_map_has_everything_larger() {
        let own = hatch(&farmland());
        let large = farmland().enlarged(2.0);
        let of_large = hatch(&large);
        assert_eq!((of_large.spacing_px, of_large.width_px), (own.spacing_px * 2.0, own.width_px * 2.0));
        let outline = |style: &LayerStyle| style.symbol(0).and_then(|symbol| symbol.stroke).map(|line| line.width_px);
        assert_eq!(outline(&large), outline(&farmland()).map(|width| width * 2.0));
        let site = defaults::for_role(Role::Resettlement, GeometryKind::Polygon, 0);
        let size = |style: &LayerStyle| style.symbol(0).and_then(|symbol| symbol.marker).map(|marker| marker.size_px);
        assert_eq!(size(&site.enlarged(1.5)), size(&site).map(|size| size * 1.5));
        let mut labelled = site;
        labelled.labels = Some(crate::model::style::labels::Labels::of_field("a"));
        let letters = |style: &LayerStyle| style.label_look(0).size_px;
        assert_eq!(letters(&labelled.enlarged(2.0)), letters(&labelled) * 2.0);
        assert_eq!(letters(&labelled.at_scale(10_000.0)), letters(&labelled));
        assert!((letters(&labelled.at_scale(400_000.0)) / letters(&labelled) - 0.88).abs() < 1e-6);
    }

    #[test]
    fn what_is_not_drawn_at_a_scale_is_not_visible_there() {
        let scales = ScaleRange { from: None, to: Some(10_000.0) };
        let mut single = LayerStyle { scales, ..farmland() };
        assert_eq!(single.at_scale(20_000.0).symbol(0), Some(&Symbol::default()));
        assert_ne!(single.at_scale(5_000.0).symbol(0), Some(&Symbol::default()));
        let rule = |to, red| RuleSymbol {
            filter: "a = 1".to_owned(),
            label: String::new(),
            scales: ScaleRange { from: None, to },
            symbol: Symbol { fill: Fill::Solid(Color::rgb(red, 0, 0)), ..Symbol::default() },
            visible: true,
        };
        let rules = vec![rule(Some(5_000.0), 1), rule(Some(50_000.0), 2)];
        single = LayerStyle::of(Styling::Ruled(Ruled { rules, other: Symbol::default(), other_visible: true }));
        let red = |denominator: f64| {
            let style = single.at_scale(denominator);
            style.is_visible(0).then(|| style.symbol(0).map(Symbol::color)).flatten().map(|color| color.r)
        };
        assert_eq!([red(1_000.0), red(20_000.0), red(90_000.0)], [Some(1), Some(2), None]);
    }

    #[test]
    fn only_colours_of_the_standard_are_softened() {
        let style = defaults::by_class("DLBM", Some(Scheme::Ydyh2023), ["0701", "0901"], GeometryKind::Polygon);
        let class = resolve(Scheme::Ydyh2023, "0901").expect("a class").class;
        let [light, dark] = class.soft_colors();
        assert_ne!(light, class.color());
        let color = |style: &LayerStyle, at: usize| style.symbol(at).map(Symbol::color);
        assert_eq!(color(&style.softened(false), 1), Some(light));
        assert_eq!(color(&style.softened(true), 1), Some(dark));
        let mut own = style.clone();
        own.for_each_symbol(|symbol| symbol.fill = Fill::Solid(Color::rgb(1, 2, 3)));
        assert_eq!(own.softened(false), own);
    }
}
