//! The kilometre grid of a map, with its numbers, and longitude and latitude at the corners.

use super::{BORDER_EM, Page, letters_px};
use crate::crs::Reprojector;
use crate::model::Coord;
use crate::model::layout::{GridStyle, Item, MapItem};
use crate::model::style::Color;
use crate::render::MapView;
use crate::render::drawing::output::PX_PER_MM;
use crate::render::lettering::Anchor;
use crate::text::Message;

/// Millimetres between lines, about, where the layout does not say how far they stand apart.
const SPACING_MM: f64 = 50.0;
/// Size of the leading digits of a number, of that of its last ones.
const LEAD: f32 = 0.72;
/// Half a cross on the map.
const CROSS_MM: f32 = 1.5;
/// Room of a number behind its line, and of longitude and latitude at the left and at the right corner, of their size.
const NUMBER_EM: f32 = 3.5;
const CORNER_EM: [f32; 2] = [11.5, 11.5 + NUMBER_EM];
/// Most lines of each direction: a step that is far too small draws none.
const MOST_LINES: f64 = 400.0;

impl Page<'_> {
    /// Draws the grid over the map in `rect`, its numbers in the border of its frame.
    pub(super) fn grid(&mut self, item: &Item, map: &MapItem, rect: [f32; 4], view: &MapView) {
        if map.grid != GridStyle::None {
            self.grid_lines(item, map, rect, view);
        }
        if map.corners {
            self.corners(item, rect, view);
        }
    }

    fn grid_lines(&mut self, item: &Item, map: &MapItem, [x, y, width, height]: [f32; 4], view: &MapView) {
        let metres = self.content.crs.metres_per_unit();
        let step = match map.grid_m {
            Some(step) => step / metres,
            None => round_step(view.units_per_px * SPACING_MM * f64::from(PX_PER_MM)),
        };
        let extent = view.extent();
        let numbers = [[extent.min.x, extent.max.x], [extent.min.y, extent.max.y]];
        let [Some(numbers_x), Some(numbers_y)] = numbers.map(|[from, to]| multiples(from, to, step)) else {
            return self.remarks.push(Message::new("layout.grid-too-fine").with("name", &item.name));
        };
        let across: Vec<(f32, f64)> = numbers_x
            .into_iter()
            .map(|v| (x + view.screen_from_world(Coord { x: v, y: extent.min.y })[0] as f32, v))
            .collect();
        let down: Vec<(f32, f64)> = numbers_y
            .into_iter()
            .map(|v| (y + view.screen_from_world(Coord { x: extent.min.x, y: v })[1] as f32, v))
            .collect();
        let color = item.style.color;
        let hair = 0.1 * PX_PER_MM;
        let (right, bottom) = (x + width, y + height);
        let mut paths = Vec::new();
        match map.grid {
            GridStyle::None => {}
            GridStyle::Lines => {
                paths.extend(across.iter().map(|(at, _)| vec![[*at, y], [*at, bottom]]));
                paths.extend(down.iter().map(|(at, _)| vec![[x, *at], [right, *at]]));
            }
            GridStyle::Crosses => {
                let arm = CROSS_MM * PX_PER_MM;
                for (across, _) in &across {
                    for (down, _) in &down {
                        paths.push(vec![[*across - arm, *down], [*across + arm, *down]]);
                        paths.push(vec![[*across, *down - arm], [*across, *down + arm]]);
                    }
                }
            }
            GridStyle::Ticks => {}
        }
        let tick = (letters_px(&item.style) * 1.7).min(2.0 * PX_PER_MM);
        for (at, _) in &across {
            paths.push(vec![[*at, y - tick], [*at, y]]);
            paths.push(vec![[*at, bottom], [*at, bottom + tick]]);
        }
        for (at, _) in &down {
            paths.push(vec![[x - tick, *at], [x, *at]]);
            paths.push(vec![[right, *at], [right + tick, *at]]);
        }
        self.lines(paths, hair, color);
        let size = letters_px(&item.style) * 0.8;
        let border = letters_px(&item.style) * BORDER_EM / 2.0;
        let is_degrees = self.content.crs.is_geographic();
        // Corners that say longitude and latitude keep their room.
        let [free, free_right] = if map.corners { CORNER_EM.map(|em| em * size) } else { [size, size * NUMBER_EM] };
        for (at, number) in &across {
            if *at - x > free && right - *at > free_right {
                let text = grid_number(*number, step, is_degrees);
                let at = *at + size * 0.3;
                self.grid_text(&text, [at, y - border], size, color);
                self.grid_text(&text, [at, bottom + border], size, color);
            }
        }
        // Beside the map there is no room for a whole number: the part that changes stands there.
        for (at, number) in &down {
            if *at - y > size * 2.0 && bottom - *at > size * 2.0 {
                let text = grid_number(*number, step, is_degrees);
                let room = letters_px(&item.style) * (BORDER_EM - 0.2);
                let width = |text: &str| self.grid_width(text, size);
                let shown = fitting(&text, room, &width);
                let half = width(&shown) / 2.0;
                self.grid_text(&shown, [x - border - half, *at - size * 0.7], size, color);
                self.grid_text(&shown, [right + border - half, *at - size * 0.7], size, color);
            }
        }
    }

    /// Draws a number from a place to the right, its leading digits small, as on topographic maps.
    fn grid_text(&mut self, text: &str, [x, y]: [f32; 2], size: f32, color: Color) {
        let (lead, rest) = leading(text);
        let small = size * LEAD;
        self.text(lead, [x, y + (size - small) * 0.3], Anchor::Left, small, false, color);
        let after = x + self.typeface.width(lead, small, false);
        self.text(rest, [after, y], Anchor::Left, size, false, color);
    }

    fn grid_width(&self, text: &str, size: f32) -> f32 {
        let (lead, rest) = leading(text);
        self.typeface.width(lead, size * LEAD, false) + self.typeface.width(rest, size, false)
    }

    fn corners(&mut self, item: &Item, [x, y, width, height]: [f32; 4], view: &MapView) {
        let [w, h] = view.size_px;
        let mut places = [[0.0, 0.0], [w, 0.0], [0.0, h], [w, h]].map(|px| view.world_from_screen(px));
        let crs = &self.content.crs;
        if !crs.is_geographic() {
            let to_degrees = Reprojector::new(crs, &crs.geographic());
            if !to_degrees.is_ok_and(|to_degrees| to_degrees.convert(&mut places).is_ok()) {
                return self.remarks.push(Message::new("layout.no-corners").with("name", &item.name));
            }
        }
        let letters = letters_px(&item.style);
        let (size, border, color) = (letters * 0.8, letters * BORDER_EM / 2.0, item.style.color);
        for (nth, place) in places.into_iter().enumerate() {
            let (is_right, is_below) = (nth % 2 == 1, nth > 1);
            let (at, anchor) = if is_right { (x + width, Anchor::Right) } else { (x, Anchor::Left) };
            let line = if is_below { y + height + border } else { y - border };
            let text = format!("{}  {}", sexagesimal(place.x), sexagesimal(place.y));
            self.text(&text, [at, line], anchor, size, false, color);
        }
    }
}

/// The leading digits of a number of kilometres, and its last two with what follows.
fn leading(text: &str) -> (&str, &str) {
    let whole = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    if text.ends_with('°') { ("", text) } else { text.split_at(whole.saturating_sub(2)) }
}

/// The end of a number that fits.
fn fitting(text: &str, room: f32, width: &dyn Fn(&str) -> f32) -> String {
    let mut starts = text.char_indices().map(|(at, _)| &text[at..]);
    starts.find(|part| width(part) <= room).unwrap_or_default().to_owned()
}

/// 1, 2 or 5 times a power of ten, the nearest to `about` by ratio.
fn round_step(about: f64) -> f64 {
    let power = 10f64.powf(about.max(1e-9).log10().floor());
    let steps = [1.0, 2.0, 5.0, 10.0].map(|step| step * power);
    steps.into_iter().min_by(|a, b| (a / about).ln().abs().total_cmp(&(b / about).ln().abs())).unwrap_or(power)
}

/// The multiples of `step` in a range; `None` where they are too many.
fn multiples(from: f64, to: f64, step: f64) -> Option<Vec<f64>> {
    let (first, last) = ((from / step).ceil(), (to / step).floor());
    if !(first.is_finite() && last.is_finite() && last - first < MOST_LINES) {
        return None;
    }
    // Less than nothing where no multiple lies in the range.
    Some((0..=(last - first).max(-1.0) as i64).map(|nth| (first + nth as f64) * step).collect())
}

/// Kilometres of a line, with as many decimals as tell it from its neighbour; degrees where the map is in degrees.
fn grid_number(value: f64, step: f64, is_degrees: bool) -> String {
    let (value, step) = if is_degrees { (value, step) } else { (value / 1000.0, step / 1000.0) };
    let is_whole = |n: &usize| {
        let units = step * 10f64.powi(*n as i32);
        (units - units.round()).abs() < 1e-6
    };
    let decimals = (0..6usize).find(is_whole).unwrap_or(6);
    format!("{value:.decimals$}{}", if is_degrees { "°" } else { "" })
}

/// Degrees, minutes and whole seconds.
fn sexagesimal(degrees: f64) -> String {
    let seconds = (degrees.abs() * 3600.0).round() as i64;
    let sign = if degrees < 0.0 { "-" } else { "" };
    format!("{sign}{}°{:02}′{:02}″", seconds / 3600, seconds / 60 % 60, seconds % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_stand_at_round_kilometres() {
        assert_eq!(round_step(4600.0), 5000.0);
        assert_eq!(round_step(7500.0), 10_000.0);
        assert_eq!(
            multiples(39_494_000.0, 39_511_000.0, 5000.0),
            Some(vec![39_495_000.0, 39_500_000.0, 39_505_000.0, 39_510_000.0])
        );
        assert_eq!(multiples(1.0, 2.0, 5.0), Some(Vec::new()));
        assert_eq!(multiples(0.0, 1e9, 1.0), None);
        assert_eq!(multiples(0.0, f64::NAN, 1.0), None);
    }

    #[test]
    fn numbers_are_kilometres_or_degrees() {
        assert_eq!(grid_number(39_495_000.0, 5000.0, false), "39495");
        assert_eq!(grid_number(4_079_500.0, 500.0, false), "4079.5");
        assert_eq!(grid_number(117.25, 0.25, true), "117.25°");
        assert_eq!(
            ["39495", "4079.5", "7", "117.25°"].map(leading),
            [("394", "95"), ("40", "79.5"), ("", "7"), ("", "117.25°")]
        );
        assert_eq!(sexagesimal(116.876_11), "116°52′34″");
        assert_eq!(sexagesimal(36.999_999_9), "37°00′00″");
    }

    #[test]
    fn beside_the_map_stands_the_end_of_a_number() {
        let width = |text: &str| text.chars().count() as f32;
        assert_eq!(fitting("4080", 2.0, &width), "80");
        assert_eq!(fitting("4080", 9.0, &width), "4080");
    }
}
