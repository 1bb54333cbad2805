//! Why a figure of a sheet is what it is: what a table or a legend of a sheet adds up to, asked with the right button.

use crate::model::layout::{Layout, Shows, TableOf};
use crate::model::roles::Role;
use crate::model::{AreaMethod, GeometryKind};
use crate::report::figure::{self, Figure};
use crate::scenario::Entry;
use crate::scenario::lines::LineKind;
use crate::text::Message;
use crate::ui::session::Session;
use crate::ui::session::rows::Rows;
use crate::ui::session::why::{Parts, Why};
use crate::ui::work::why;
use crate::units::AreaUnit;

/// The sum of the figures of an item; `None` for items without figures.
pub(super) fn of_item(session: &Session, layout: &Layout, name: &str) -> Option<Why> {
    let item = layout.items.iter().find(|item| item.name == name)?;
    let (title, layer, unit) = match &item.shows {
        Shows::Table(table) if table.of == TableOf::Classes => {
            (&table.title, table.layer.as_str(), (&table.unit, AreaUnit::Hectare))
        }
        Shows::Legend(legend) if legend.areas => (&legend.title, "", (&legend.unit, AreaUnit::Mu)),
        _ => return None,
    };
    let has_classes = |entry: &&Entry| {
        entry.layer.kind == GeometryKind::Polygon && entry.scheme().is_some() && entry.class_field().is_some()
    };
    // As the sheet chooses its layer where none is named.
    let known = || session.workspace.entries.iter().filter(has_classes);
    let entry = match layer {
        "" => known().find(|entry| entry.role == Role::LandUse).or_else(|| known().next()),
        title => session.workspace.entries.iter().find(|entry| entry.title == title),
    }?;
    let area = entry.areas.as_ref()?.printed_total();
    let unit = AreaUnit::of_word(unit.0).unwrap_or(unit.1);
    let count = entry.layer.feature_count();
    let formula = Message::new("why.f-sum").with("n", count);
    let title = if title.is_empty() { entry.title.as_str() } else { title.as_str() };
    let title = format!("{title} · {}", session.tr("report.total"));
    Some(why::sum_of(entry, &title, (area, unit), formula, Rows::all(count)))
}

/// A table of a scenario, by what its figures say of themselves: with the method of sheets and the layers that it is of.
pub(super) fn of_table(session: &Session, mut figure: Figure) -> Why {
    let is_of = |entry: &&Entry| {
        let is_line = LineKind::of_role(entry.role).is_some();
        entry.layer.kind == GeometryKind::Polygon && (entry.role == Role::LandUse || is_line)
    };
    let layers: Vec<&Entry> = session.workspace.entries.iter().filter(is_of).collect();
    figure.basis.push(figure::method(AreaMethod::default().key(), ""));
    figure.inputs.extend(layers.iter().map(|entry| figure::input(&entry.title, &entry.layer)));
    let of = layers.iter().map(|entry| (entry.id(), entry.layer.revision)).collect();
    Why { figure, parts: Parts::None, of }
}
