//! Symbols of other programs are layers painted over each other, any number of them; ours have one fill, one stroke with
//! its casing, one marker. Here the layers are laid down, bottom first, and what has no place is listed.

use super::units;
use crate::model::style::{Casing, Color, Dash, Fill, Hatch, Marker, Motif, Pattern, Stroke, Symbol};
use crate::text::Message;

/// What was left out, each thing once with how often it came.
#[derive(Clone, Debug, Default)]
pub(super) struct Lost {
    list: Vec<(Message, usize)>,
}

/// The mark by which QGIS and OGC know a figure; what they have none for becomes a circle, which is listed.
pub(super) fn known_mark(motif: Motif, lost: &mut Lost) -> &'static str {
    match motif.name() {
        "cross" => "cross",
        "building" => "square",
        "dot" | "ring" => "circle",
        _ => {
            lost.add(Message::new("style.write-motif"));
            "circle"
        }
    }
}

/// Different things that are listed.
const MOST_LISTED: usize = 200;
/// Characters of a text of a file in a message.
const LONGEST: usize = 80;

impl Lost {
    /// Adds one.
    pub(super) fn add(&mut self, message: Message) {
        match self.list.iter().position(|(known, _)| *known == message) {
            Some(at) => self.list[at].1 += 1,
            None if self.list.len() < MOST_LISTED => self.list.push((message, 1)),
            None => {}
        }
    }

    /// Adds one whose number says nothing.
    pub(super) fn once(&mut self, message: Message) {
        if !self.list.iter().any(|(known, _)| *known == message) {
            self.add(message);
        }
    }

    /// Adds one that the file calls `name`.
    pub(super) fn named(&mut self, key: &'static str, name: &str) {
        self.add(Message::new(key).with("name", short(name)));
    }

    /// All of it, in the order in which it came.
    pub(super) fn messages(self) -> Vec<Message> {
        let said = |(message, count): (Message, usize)| match count {
            1 => message,
            _ => Message::new("style.several").with_message("what", &message).with("count", count),
        };
        self.list.into_iter().map(said).collect()
    }
}

/// The beginning of a text of a file.
pub(super) fn short(text: &str) -> String {
    let text = text.trim();
    match text.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}

/// A symbol that is being laid down, bottom first.
#[derive(Clone, Debug, Default)]
pub(super) struct Stack {
    symbol: Symbol,
}

impl Stack {
    /// One colour over the whole inside: it hides what lies beneath, unless it lets that through.
    pub(super) fn solid(&mut self, color: Color, lost: &mut Lost) {
        if color.a == 0 {
            return;
        }
        if self.symbol.fill != Fill::None && color.a < 255 {
            lost.add(Message::new("style.lost-fill-beneath"));
        }
        self.symbol.fill = Fill::Solid(color);
    }

    /// Parallel lines; a second set at right angles to the first crosses it.
    pub(super) fn hatch(&mut self, hatch: Hatch, lost: &mut Lost) {
        if hatch.color.a == 0 || hatch.width_px <= 0.0 {
            return;
        }
        self.symbol.fill = match self.symbol.fill {
            Fill::None => Fill::Hatch(hatch),
            Fill::Solid(color) => Fill::Hatch(Hatch { back: hatch.back.or(Some(color)), ..hatch }),
            Fill::Hatch(beneath) if crosses(&beneath, &hatch) => Fill::Hatch(Hatch { crossed: true, ..beneath }),
            Fill::Hatch(Hatch { back, .. }) | Fill::Pattern(Pattern { back, .. }) => {
                lost.add(Message::new("style.lost-fill-beneath"));
                Fill::Hatch(Hatch { back: hatch.back.or(back), ..hatch })
            }
        };
    }

    /// Marks all over the inside.
    pub(super) fn pattern(&mut self, pattern: Pattern, lost: &mut Lost) {
        if pattern.color.a == 0 {
            return;
        }
        let back = match self.symbol.fill {
            Fill::None => None,
            Fill::Solid(color) => Some(color),
            Fill::Hatch(Hatch { back, .. }) | Fill::Pattern(Pattern { back, .. }) => {
                lost.add(Message::new("style.lost-fill-beneath"));
                back
            }
        };
        self.symbol.fill = Fill::Pattern(Pattern { back: pattern.back.or(back), ..pattern });
    }

    /// A line: over a wider one it makes that its casing.
    pub(super) fn line(&mut self, line: Stroke, lost: &mut Lost) {
        if line.color.a == 0 || line.width_px <= 0.0 {
            return;
        }
        self.symbol.stroke = Some(match self.symbol.stroke {
            None => line,
            Some(beneath) if beneath.width_px > line.width_px && beneath.dash.is_none() && line.casing.is_none() => {
                if beneath.casing.is_some() {
                    lost.add(Message::new("style.lost-line"));
                }
                Stroke { casing: Some(Casing { color: beneath.color, width_px: beneath.width_px }), ..line }
            }
            Some(beneath) if beneath.width_px > line.width_px => {
                // The rhythm of a railway: dashes in a wider solid line the other way round cannot be told.
                lost.add(Message::new("style.lost-line"));
                beneath
            }
            Some(_) => {
                lost.add(Message::new("style.lost-line"));
                line
            }
        });
    }

    /// A point sign; the larger one stays where there are several.
    pub(super) fn marker(&mut self, marker: Marker, lost: &mut Lost) {
        if marker.color.a == 0 && marker.casing.is_none() {
            return;
        }
        match self.symbol.marker {
            Some(beneath) => {
                lost.add(Message::new("style.lost-marker-beneath"));
                if marker.size_px > beneath.size_px {
                    self.symbol.marker = Some(marker);
                }
            }
            None => self.symbol.marker = Some(marker),
        }
    }

    /// What it came to.
    pub(super) fn finish(self) -> Symbol {
        self.symbol
    }
}

/// The rhythm of a line: the first dash and the first gap, the rest is said to be left out.
pub(super) fn dash(lengths: &[f64], lost: &mut Lost) -> Option<Dash> {
    let [on, off, rest @ ..] = lengths else { return None };
    if !(*on > 0.0 && *off > 0.0) {
        return None;
    }
    // The same again is no other rhythm.
    let is_same = |pair: &[f64]| pair.len() == 2 && pair[0] == *on && pair[1] == *off;
    if !rest.chunks(2).all(is_same) {
        lost.add(Message::new("style.lost-dash"));
    }
    Some(Dash { on_px: units::size(*on), off_px: units::size(*off) })
}

/// Whether a second hatch is the first one turned by a right angle.
fn crosses(a: &Hatch, b: &Hatch) -> bool {
    let near = |x: f32, y: f32| (x - y).abs() < 0.5;
    let turn = (a.angle_deg - b.angle_deg).rem_euclid(180.0);
    !a.crossed && !b.crossed && near(turn, 90.0) && near(a.spacing_px, b.spacing_px) && a.color == b.color
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Language;

    const RED: Color = Color::rgb(200, 0, 0);

    fn hatch(angle_deg: f32) -> Hatch {
        Hatch { color: RED, angle_deg, spacing_px: 6.0, width_px: 1.0, back: None, crossed: false }
    }

    fn line(width_px: f32, color: Color) -> Stroke {
        Stroke { color, width_px, dash: None, casing: None }
    }

    #[test]
    fn a_colour_beneath_a_hatch_is_its_back_and_a_turned_hatch_crosses_it() {
        let (mut stack, mut lost) = (Stack::default(), Lost::default());
        stack.solid(Color::WHITE, &mut lost);
        stack.hatch(hatch(45.0), &mut lost);
        stack.hatch(hatch(135.0), &mut lost);
        let fill = stack.finish().fill;
        assert_eq!(fill, Fill::Hatch(Hatch { back: Some(Color::WHITE), crossed: true, ..hatch(45.0) }));
        assert!(lost.messages().is_empty());
    }

    #[test]
    fn a_wider_line_beneath_is_the_casing() {
        let (mut stack, mut lost) = (Stack::default(), Lost::default());
        stack.line(line(6.0, Color::BLACK), &mut lost);
        stack.line(line(4.0, RED), &mut lost);
        let casing = Some(Casing { color: Color::BLACK, width_px: 6.0 });
        assert_eq!(stack.symbol.stroke, Some(Stroke { casing, ..line(4.0, RED) }));
        // A third line has no place, and that is said.
        stack.line(line(1.0, Color::WHITE), &mut lost);
        assert_eq!(lost.clone().messages().len(), 1);
        stack.line(line(0.5, Color::WHITE), &mut lost);
        let said = lost.messages();
        assert!(said.len() == 1 && said[0].text(Language::English).contains('2'), "{said:?}");
    }
}
