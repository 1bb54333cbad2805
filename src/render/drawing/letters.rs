//! Letters that each have their own place and turn: names along curved lines.

use std::fmt::Write as _;

use super::svg::paint_attribute;
use crate::io::xml_escaped;
use crate::model::style::Color;
use crate::render::lettering::Turned;

/// Letters that stand turned, as along a curved line.
#[derive(Clone, Debug, PartialEq)]
pub struct Letters {
    /// Each with its place.
    pub letters: Vec<Turned>,
    /// Their size.
    pub size_px: f32,
    /// Whether they are bold.
    pub bold: bool,
    /// Their colour.
    pub color: Color,
    /// Colour and width of a line around them.
    pub casing: Option<(Color, f32)>,
}

impl Letters {
    /// The same in another size, elsewhere.
    #[must_use]
    pub fn placed(&self, scale: f32, offset: [f32; 2]) -> Self {
        let placed = |letter: &Turned| Turned {
            at: [0, 1].map(|axis| letter.at[axis] * scale + offset[axis]),
            advance: letter.advance * scale,
            ..*letter
        };
        Self {
            letters: self.letters.iter().map(placed).collect(),
            size_px: self.size_px * scale,
            casing: self.casing.map(|(color, width)| (color, width * scale)),
            ..*self
        }
    }

    /// One text whose letters each have their place and turn, so that it is found as one.
    pub(super) fn write_svg(&self, svg: &mut String) -> std::fmt::Result {
        let Self { letters, size_px, bold, color, casing } = self;
        let shown: Vec<&Turned> = letters.iter().filter(|letter| !letter.letter.is_control()).collect();
        let places: Vec<[f32; 2]> = shown.iter().map(|letter| letter.baseline(*size_px)).collect();
        svg.push_str("<text");
        for (name, axis) in [("x", 0_usize), ("y", 1)] {
            write!(svg, " {name}=\"")?;
            for (nth, place) in places.iter().enumerate() {
                write!(svg, "{}{:.2}", if nth == 0 { "" } else { " " }, place[axis])?;
            }
            svg.push('"');
        }
        svg.push_str(" rotate=\"");
        for (nth, letter) in shown.iter().enumerate() {
            write!(svg, "{}{:.1}", if nth == 0 { "" } else { " " }, letter.angle.to_degrees())?;
        }
        let weight = if *bold { " font-weight=\"bold\"" } else { "" };
        write!(svg, "\" font-size=\"{size_px}\"{weight}")?;
        paint_attribute(svg, "fill", *color)?;
        if let Some((color, width)) = casing {
            paint_attribute(svg, "stroke", *color)?;
            write!(svg, " stroke-width=\"{width:.2}\" stroke-linejoin=\"round\" paint-order=\"stroke\"")?;
        }
        let text: String = shown.iter().map(|letter| letter.letter).collect();
        writeln!(svg, ">{}</text>", xml_escaped(&text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::drawing::{Drawing, Shape};
    use crate::render::lettering::Typeface;

    #[test]
    fn letters_along_a_line_are_one_text_of_an_svg() {
        let letter = |letter, x: f32, angle| Turned { letter, at: [x, 10.0], angle, advance: 6.0 };
        let letters = Letters {
            letters: vec![letter('黄', 10.0, 0.0), letter('河', 25.0, std::f32::consts::FRAC_PI_6)],
            size_px: 6.0,
            bold: false,
            color: Color::BLACK,
            casing: Some((Color::WHITE, 1.0)),
        };
        let mut drawing = Drawing::new([40.0, 20.0], Color::rgb(0, 160, 0));
        drawing.shapes.push(Shape::Letters(letters));
        let svg = drawing.svg();
        assert!(svg.contains(">黄河</text>") && svg.contains("rotate=\"0.0 30.0\""), "{svg}");
        assert!(svg.contains("x=\"7.00 "), "{svg}");
        let picture = drawing.paint(&Typeface::bundled(), 2.0).expect("fits");
        let dark = picture.pixels().iter().filter(|pixel| pixel.green() < 60).count();
        assert!(dark > 20, "{dark}");
    }
}
