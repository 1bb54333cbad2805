//! Moving about a matrix by the keyboard: arrows move the cell, Enter presses it.

use eframe::egui::{Event, EventFilter, Id, Key, Ui};

use crate::ui::look::frozen::{Axis, Place};

/// What was pressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Press {
    /// So many rows down, columns to the right.
    Move(isize, isize),
    /// What the cell does when it is pressed.
    Open,
}

/// Takes the keys of a matrix that has the keyboard.
pub(super) fn read(ui: &Ui, id: Id) -> Vec<Press> {
    let filter = EventFilter { vertical_arrows: true, horizontal_arrows: true, ..EventFilter::default() };
    ui.memory_mut(|memory| memory.set_focus_lock_filter(id, filter));
    let mut presses = Vec::new();
    ui.input_mut(|input| {
        input.events.retain(|event| {
            let Event::Key { key, pressed: true, modifiers, .. } = event else { return true };
            if modifiers.command || modifiers.alt {
                return true;
            }
            let press = match key {
                Key::ArrowUp => Press::Move(-1, 0),
                Key::ArrowDown => Press::Move(1, 0),
                Key::ArrowLeft => Press::Move(0, -1),
                Key::ArrowRight => Press::Move(0, 1),
                Key::Enter | Key::Space => Press::Open,
                _ => return true,
            };
            presses.push(press);
            false
        });
    });
    presses
}

/// The place `by` further, among what scrolls and the totals behind it.
pub(super) fn moved(place: Place, by: isize, count: usize, totals: usize) -> Place {
    let at = match place {
        Place::Head => 0,
        Place::Body(at) => at,
        Place::Total(at) => count + at,
    };
    let last = (count + totals).saturating_sub(1);
    let to = at.saturating_add_signed(by).min(last);
    if to < count || totals == 0 { Place::Body(to) } else { Place::Total(to - count) }
}

/// How far an axis must be scrolled so that `place` is in view.
pub(super) fn offset_to_see(axis: &Axis, place: Place) -> f32 {
    let Place::Body(at) = place else { return axis.offset };
    let (Some(from), Some(to)) = (axis.edges.get(at), axis.edges.get(at + 1)) else { return axis.offset };
    let room = axis.body.1 - axis.body.0;
    let offset = if to - axis.offset > room { to - room } else { axis.offset };
    offset.min(*from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cell_moves_over_parts_and_totals() {
        let check = |from: Place, by: isize, expected: Place| assert_eq!(moved(from, by, 3, 2), expected);
        check(Place::Body(0), -1, Place::Body(0));
        check(Place::Body(0), 2, Place::Body(2));
        check(Place::Body(2), 1, Place::Total(0));
        check(Place::Total(0), -1, Place::Body(2));
        check(Place::Total(1), 5, Place::Total(1));
        assert_eq!(moved(Place::Body(0), 1, 1, 0), Place::Body(0));
    }

    #[test]
    fn what_the_cell_moves_to_comes_into_view() {
        let axis = |offset: f32| Axis::new(0.0, 350.0, 100.0, &[100.0; 6], &[], 0.0, offset);
        assert_eq!(offset_to_see(&axis(0.0), Place::Body(1)), 0.0);
        assert_eq!(offset_to_see(&axis(0.0), Place::Body(3)), 150.0);
        assert_eq!(offset_to_see(&axis(150.0), Place::Body(0)), 0.0);
        assert_eq!(offset_to_see(&axis(150.0), Place::Total(0)), 150.0);
    }
}
