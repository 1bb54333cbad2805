//! Lists beneath a text field: arrows walk through them while one types, Enter takes the row that they are at.

use eframe::egui::{self, Id, Key, Modifiers, Response, Role, Ui, WidgetInfo};

use crate::ui::look::icons::Icon;
use crate::ui::look::theme::{self, size, tokens};
use crate::ui::look::widgets;

/// Where the keyboard is in a list.
#[derive(Clone, Copy, Debug, Default)]
pub struct Walk {
    at: usize,
    field: Option<Id>,
    /// Whether the row is to be brought into view.
    moved: bool,
}

/// Rows that Page Up and Page Down move by.
const PAGE: usize = 8;

impl Walk {
    /// Reads the keys of a list of `count` rows, while the field has the keyboard; call it before the field is drawn.
    /// Gives the row that Enter takes.
    pub fn read(&mut self, ui: &Ui, count: usize) -> Option<usize> {
        self.at = self.at.min(count.saturating_sub(1));
        let field = self.field?;
        if count == 0 || !ui.memory(|memory| memory.has_focus(field)) {
            return None;
        }
        let pressed = |key| ui.input_mut(|input| input.consume_key(Modifiers::NONE, key));
        let before = self.at;
        if pressed(Key::ArrowDown) {
            self.at += 1;
        }
        if pressed(Key::ArrowUp) {
            self.at = self.at.saturating_sub(1);
        }
        if pressed(Key::PageDown) {
            self.at += PAGE;
        }
        if pressed(Key::PageUp) {
            self.at = self.at.saturating_sub(PAGE);
        }
        self.at = self.at.min(count - 1);
        self.moved |= self.at != before;
        pressed(Key::Enter).then_some(self.at)
    }

    /// Notes the field, once it is drawn: what is typed goes back to the first row.
    pub fn follow(&mut self, field: &Response) {
        if field.changed() {
            (self.at, self.moved) = (0, true);
        }
        self.field = Some(field.id);
    }

    /// The row that it is at.
    pub fn at(&self) -> usize {
        self.at
    }

    /// Draws a row; the one that the walk is at has an outline, and whoever reads the window aloud is told.
    pub fn row_ui(&mut self, ui: &mut Ui, row: usize, icon: Option<Icon>, text: &str, behind: &str) -> Response {
        let on = row == self.at;
        let response = widgets::menu_row(ui, icon, text, behind, None);
        let name = if behind.is_empty() { text.to_owned() } else { format!("{text} {behind}") };
        response.widget_info(|| WidgetInfo::selected(Role::ListBoxOption, true, on, &name));
        ui.ctx().accesskit_node_builder(response.id, |node| node.set_selected(on));
        self.mark(ui, row, &response);
        response
    }

    /// Marks a row that was drawn otherwise.
    pub fn mark(&mut self, ui: &Ui, row: usize, response: &Response) {
        if row != self.at {
            return;
        }
        let stroke = egui::Stroke::new(size::LINE, tokens(ui).accent);
        ui.painter().rect_stroke(response.rect, theme::radius(), stroke, egui::StrokeKind::Inside);
        if std::mem::take(&mut self.moved) {
            response.scroll_to_me(None);
        }
        if let Some(field) = self.field {
            let row = response.id.accesskit_id();
            ui.ctx().accesskit_node_builder(field, |node| node.set_active_descendant(row));
        }
    }
}
