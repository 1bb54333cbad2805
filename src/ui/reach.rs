//! What a box, a line or a polygon drawn on the map takes: what it touches, what lies within, what has its centre within.
//!
//! By direction, as in CAD programs: dragged to the right it takes what lies within, to the left what it touches. While
//! something is drawn its border and a plate beside the pointer show which of them holds.

use eframe::egui::{self, Align2, Color32, Pos2, Rect, Shape, Stroke, Ui, vec2};

use super::command::Command;
use super::icons::{self, Icon};
use super::state::{Rows, Session};
use super::theme::{self, font, size, tokens};
use super::widgets;
use crate::model::Coord;
use crate::render::pick::Pickable;

/// Which features are selected by what is drawn around them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Reach {
    /// Dragged to the right those within, to the left those touched.
    #[default]
    ByDirection,
    /// Those that share a point with it.
    Touches,
    /// Those that lie within.
    Within,
    /// Those whose centre lies within.
    Centre,
}

impl Reach {
    /// All of them, in the order in which they are offered.
    pub const ALL: [Self; 4] = [Self::ByDirection, Self::Touches, Self::Within, Self::Centre];

    /// Key of its name; `<key>-short` stands beside the pointer.
    pub fn key(self) -> &'static str {
        match self {
            Self::ByDirection => "canvas.reach-direction",
            Self::Touches => "canvas.reach-touches",
            Self::Within => "canvas.reach-within",
            Self::Centre => "canvas.reach-centre",
        }
    }

    /// Its icon.
    pub fn icon(self) -> Icon {
        match self {
            Self::ByDirection => icons::SQUARE_DASHED_MOUSE_POINTER,
            Self::Touches => icons::SQUARE_DASHED,
            Self::Within => icons::SQUARE,
            Self::Centre => icons::CIRCLE_DOT,
        }
    }

    /// What holds for a line drawn along `path`. A line that comes back, as a lasso does, goes to where it went furthest.
    #[must_use]
    pub fn along(self, path: &[Pos2]) -> Self {
        if self != Self::ByDirection {
            return self;
        }
        let Some(first) = path.first() else { return Self::Touches };
        let sideways = path.iter().map(|p| p.x - first.x);
        let furthest = sideways.fold(0.0_f32, |far, x| if x.abs() > far.abs() { x } else { far });
        if furthest > 0.0 { Self::Within } else { Self::Touches }
    }

    /// The features of a layer that a ring takes, its ends joined. By direction, which a ring of clicks has not, those
    /// that it touches.
    pub fn in_ring(self, layer: Pickable<'_>, ring: &[Coord]) -> Rows {
        let found = match self {
            Self::ByDirection | Self::Touches => layer.in_ring(ring),
            Self::Within => layer.within_ring(ring),
            Self::Centre => layer.centred_in_ring(ring),
        };
        found.into_iter().collect()
    }
}

/// A box while it is dragged: its border whole where it takes what lies within, dashed where what it touches.
pub fn draw_box(ui: &Ui, reach: Reach, drawn: Rect) {
    let corners = [drawn.left_top(), drawn.right_top(), drawn.right_bottom(), drawn.left_bottom(), drawn.left_top()];
    ui.painter().rect_filled(drawn, 0.0, color(ui, reach).gamma_multiply(0.12));
    draw_line(ui, reach, &corners);
}

/// A line while it is drawn around something, in the same way.
pub fn draw_line(ui: &Ui, reach: Reach, line: &[Pos2]) {
    let stroke = Stroke::new(1.5, color(ui, reach));
    match reach {
        Reach::Touches => ui.painter().extend(Shape::dashed_line(line, stroke, 5.0, 3.0)),
        _ => drop(ui.painter().add(Shape::line(line.to_vec(), stroke))),
    }
}

fn color(ui: &Ui, reach: Reach) -> Color32 {
    let t = tokens(ui);
    if reach == Reach::Touches { t.good } else { t.accent }
}

/// The name of what holds, beside the pointer and inside of the map.
pub fn plate(ui: &Ui, map: Rect, session: &Session, reach: Reach, pointer: Pos2) {
    let t = tokens(ui);
    let text = session.tr(match reach {
        Reach::ByDirection | Reach::Touches => "canvas.reach-touches-short",
        Reach::Within => "canvas.reach-within-short",
        Reach::Centre => "canvas.reach-centre-short",
    });
    let painter = ui.painter_at(map);
    let galley = painter.layout_no_wrap(text.to_owned(), font::note(), t.text);
    let wanted = Align2::LEFT_TOP.anchor_size(pointer + vec2(14.0, 14.0), galley.size() + vec2(14.0, 6.0));
    let room = map.shrink(4.0);
    let beyond = vec2((wanted.right() - room.right()).max(0.0), (wanted.bottom() - room.bottom()).max(0.0));
    let place = wanted.translate(-beyond);
    let border = Stroke::new(size::LINE, color(ui, reach));
    painter.rect(place, theme::radius(), t.plate, border, egui::StrokeKind::Inside);
    painter.galley(place.min + vec2(7.0, 3.0), galley, t.text);
}

/// The button of the tool strip that shows what holds, and its menu.
pub fn button(ui: &mut Ui, session: &Session, commands: &mut Vec<Command>) {
    let now = session.settings.reach;
    let name = format!("{} · {}", session.tr("canvas.reach"), session.tr(now.key()));
    let response = widgets::icon_button_sized(ui, now.icon(), &name, size::TOOL, size::ICON, None);
    egui::Popup::menu(&response).show(|ui| {
        widgets::menu_heading(ui, session.tr("canvas.reach"));
        for reach in Reach::ALL {
            if widgets::menu_row(ui, Some(reach.icon()), session.tr(reach.key()), "", Some(reach == now)).clicked() {
                commands.push(Command::SetReach(reach));
                ui.close();
            }
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use eframe::egui::pos2;

    #[test]
    fn to_the_right_is_within_and_to_the_left_touches() {
        let path = |xs: &[f32]| -> Vec<Pos2> { xs.iter().map(|x| pos2(*x, 0.0)).collect() };
        let check = |reach: Reach, xs: &[f32], expected| assert_eq!(reach.along(&path(xs)), expected, "{xs:?}");
        check(Reach::ByDirection, &[10.0, 90.0], Reach::Within);
        check(Reach::ByDirection, &[90.0, 10.0], Reach::Touches);
        check(Reach::ByDirection, &[10.0, 10.0], Reach::Touches);
        check(Reach::ByDirection, &[], Reach::Touches);
        // A lasso comes back to where it began, and a little beyond.
        check(Reach::ByDirection, &[50.0, 90.0, 120.0, 60.0, 40.0], Reach::Within);
        check(Reach::ByDirection, &[50.0, 20.0, -40.0, 30.0, 60.0], Reach::Touches);
        for fixed in [Reach::Touches, Reach::Within, Reach::Centre] {
            check(fixed, &[10.0, 90.0], fixed);
            check(fixed, &[90.0, 10.0], fixed);
        }
    }
}
