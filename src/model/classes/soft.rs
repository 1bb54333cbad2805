//! Softened colours of classes: the same hues as the standard's, quiet enough to lie under what a plan is about.
//!
//! The table lies in `assets/landuse_soft.csv`, for light and for dark ground. Classes that it does not list take those of
//! the same code and colour in the plan scheme of 2023, else their own colour, greyed.

use std::sync::OnceLock;

use rustc_hash::FxHashMap;

use super::{Class, Scheme};
use crate::model::style::Color;

/// What colours without a soft one are mixed with, on light ground and on dark, and how much of it.
const GREYS: [(Color, f32); 2] = [(Color::rgb(242, 239, 230), 0.5), (Color::rgb(62, 60, 54), 0.6)];

impl Class {
    /// Its softened colours on light ground and on dark.
    pub fn soft_colors(self) -> [Color; 2] {
        let known = |scheme: Scheme| soft().get(&(scheme, self.code())).copied();
        let of_2023 = || {
            let twin = Class::find(Scheme::Ydyh2023, self.code())?;
            if self.scheme() == Scheme::Ydyh2020 && twin.color() == self.color() {
                known(Scheme::Ydyh2023)
            } else {
                None
            }
        };
        let greyed = || GREYS.map(|(grey, share)| self.color().mix(grey, share));
        known(self.scheme()).or_else(of_2023).unwrap_or_else(greyed)
    }
}

fn soft() -> &'static FxHashMap<(Scheme, &'static str), [Color; 2]> {
    static SOFT: OnceLock<FxHashMap<(Scheme, &'static str), [Color; 2]>> = OnceLock::new();
    SOFT.get_or_init(|| {
        let mut soft = FxHashMap::default();
        let source = include_str!("../../../assets/landuse_soft.csv");
        for line in source.lines().skip(1) {
            let cells: Vec<&'static str> = line.split(',').map(str::trim).collect();
            let byte = |at: usize| cells.get(at).and_then(|cell| cell.parse().ok());
            let color = |at: usize| Some(Color::rgb(byte(at)?, byte(at + 1)?, byte(at + 2)?));
            let scheme = cells.get(4).and_then(|name| Scheme::from_name(name));
            if let (Some(scheme), Some(light), Some(dark)) = (scheme, color(1), color(5)) {
                soft.insert((scheme, cells[0]), [light, dark]);
            }
        }
        soft
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_listed_class_has_a_soft_colour_of_its_own() {
        let lines = include_str!("../../../assets/landuse_soft.csv").lines().count() - 1;
        assert_eq!(soft().len(), lines, "a line that could not be read");
        for scheme in [Scheme::Sd2019, Scheme::Ydyh2023] {
            for class in scheme.classes() {
                assert!(soft().contains_key(&(scheme, class.code())), "{class:?}");
            }
        }
    }

    #[test]
    fn softened_classes_are_paler_on_light_ground_and_darker_at_night() {
        for class in Scheme::ALL.into_iter().flat_map(Scheme::classes) {
            let [light, dark] = class.soft_colors();
            assert!(light.luminance() > dark.luminance(), "{class:?}");
        }
    }
}
