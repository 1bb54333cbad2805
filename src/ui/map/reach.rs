//! How a box, a line or a polygon drawn on the map is to be seen while it is drawn: its border and a plate beside the
//! pointer show what it takes.

use eframe::egui::{self, Align2, Color32, Pos2, Rect, Shape, Stroke, Ui, vec2};

use crate::text::{Language, tr};
use crate::ui::look::theme::{self, font, size, tokens};
use crate::ui::look::widgets;
use crate::ui::session::command::Command;
use crate::ui::session::command::select::SelectCommand;
use crate::ui::session::reach::Reach;
use crate::ui::session::settings::Settings;

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
pub fn plate(ui: &Ui, map: Rect, language: Language, reach: Reach, pointer: Pos2) {
    let t = tokens(ui);
    let text = tr(
        language,
        match reach {
            Reach::ByDirection | Reach::Touches => "canvas.reach-touches-short",
            Reach::Within => "canvas.reach-within-short",
            Reach::Centre => "canvas.reach-centre-short",
        },
    );
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
pub fn button(ui: &mut Ui, settings: &Settings, commands: &mut Vec<Command>) {
    let now = settings.reach;
    let name = format!("{} · {}", settings.tr("canvas.reach"), settings.tr(now.key()));
    let response = widgets::icon_button_sized(ui, now.icon(), &name, size::TOOL, size::ICON, None);
    egui::Popup::menu(&response).show(|ui| {
        widgets::menu_heading(ui, settings.tr("canvas.reach"));
        for reach in Reach::ALL {
            if widgets::menu_row(ui, Some(reach.icon()), settings.tr(reach.key()), "", Some(reach == now)).clicked() {
                commands.push(Command::Select(SelectCommand::SetReach(reach)));
                ui.close();
            }
        }
    });
}
