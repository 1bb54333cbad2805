//! Where the map has been: back and forward.

use crate::render::MapView;

/// Views before and after the present one.
#[derive(Clone, Debug, Default)]
pub struct Views {
    back: Vec<MapView>,
    forward: Vec<MapView>,
}

/// More than anyone steps back.
const KEPT: usize = 100;

impl Views {
    /// Remembers `view`, which is about to be left. What lay ahead is forgotten.
    pub fn leave(&mut self, view: &MapView) {
        if self.back.last() != Some(view) {
            self.back.push(*view);
            if self.back.len() > KEPT {
                self.back.remove(0);
            }
        }
        self.forward.clear();
    }

    /// The view before `present`.
    pub fn back(&mut self, present: &MapView) -> Option<MapView> {
        let view = self.back.pop()?;
        self.forward.push(*present);
        Some(view)
    }

    /// The view after `present`.
    pub fn forward(&mut self, present: &MapView) -> Option<MapView> {
        let view = self.forward.pop()?;
        self.back.push(*present);
        Some(view)
    }

    /// Whether there is a view before.
    pub fn can_go_back(&self) -> bool {
        !self.back.is_empty()
    }

    /// Whether there is a view after.
    pub fn can_go_forward(&self) -> bool {
        !self.forward.is_empty()
    }
}
