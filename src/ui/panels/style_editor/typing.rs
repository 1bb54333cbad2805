//! Fields whose text counts when it is done, not letter by letter.

use eframe::egui::{self, Ui};

use crate::ui::look::{keyboard, widgets};

/// Which field, by its kind and its place in a list.
pub(super) type Place = (&'static str, usize);

/// The text that is being typed.
#[derive(Debug, Default)]
pub(super) struct Typing(Option<(Place, String)>);

impl Typing {
    /// A field that shows `now`; the new text once somebody has typed it and gone on. Escape gives it up.
    pub(super) fn field(
        &mut self,
        ui: &mut Ui,
        place: Place,
        now: &str,
        hint: &str,
        name: &str,
        width: f32,
    ) -> Option<String> {
        let mut text = match &self.0 {
            Some((of, text)) if *of == place => text.clone(),
            _ => now.to_owned(),
        };
        let field = widgets::field(ui, &mut text, None, hint, name, width);
        if field.has_focus() {
            keyboard::keep_escape(ui.ctx());
            self.0 = Some((place, text));
            return None;
        }
        if self.0.as_ref().is_none_or(|(of, _)| *of != place) {
            return None;
        }
        self.0 = None;
        let given_up = ui.input(|input| input.key_pressed(egui::Key::Escape));
        (!given_up && text != now).then_some(text)
    }

    /// The same for a number; what is none is given up, and nothing at all is `None` within.
    pub(super) fn number(
        &mut self,
        ui: &mut Ui,
        place: Place,
        now: Option<f64>,
        hint: &str,
        name: &str,
        width: f32,
    ) -> Option<Option<f64>> {
        let now = now.map_or_else(String::new, |number| number.to_string());
        read_number(&self.field(ui, place, &now, hint, name, width)?)
    }
}

/// A number as people write it: `10,000`, `1:5000`, `1 : 5000`, `２`; nothing where nothing is written.
fn read_number(text: &str) -> Option<Option<f64>> {
    let plain: String = text
        .chars()
        .map(|c| match c {
            '０'..='９' => char::from_u32(u32::from(c) - u32::from('０') + u32::from('0')).unwrap_or(c),
            '．' => '.',
            '：' => ':',
            '－' | '−' => '-',
            c => c,
        })
        .filter(|c| !c.is_whitespace() && !matches!(c, ',' | '，'))
        .collect();
    let plain = plain.strip_prefix("1:").unwrap_or(&plain);
    if plain.is_empty() {
        return Some(None);
    }
    plain.parse::<f64>().ok().filter(|number| number.is_finite()).map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_people_write_them() {
        let check = |text: &str, expected: Option<Option<f64>>| assert_eq!(read_number(text), expected, "{text}");
        check("10,000", Some(Some(10_000.0)));
        check("1 : 5000", Some(Some(5000.0)));
        check("１：２０００", Some(Some(2000.0)));
        check("-1.5", Some(Some(-1.5)));
        check("  ", Some(None));
        check("多", None);
        check("inf", None);
    }
}
