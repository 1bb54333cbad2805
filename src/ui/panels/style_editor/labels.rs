//! What is written on features: a field, an expression or a fraction, how it looks for all features or for a class, which
//! names win, how they lie, and at which scales.

use eframe::egui::{self, Ui};

use super::typing::Typing;
use super::{Picked, row, slider};
use crate::model::LayerId;
use crate::model::roles::fields;
use crate::model::style::labels::{Halo, LabelLook, LabelText, Labels, Placing, rank};
use crate::model::style::{Color, LayerStyle};
use crate::render::colors::PaintColors;
use crate::render::labels::check;
use crate::scenario::Entry;
use crate::text::Language;
use crate::ui::look::choice::choice;
use crate::ui::look::theme::{font, tokens};
use crate::ui::look::{color_picker, icons, widgets};
use crate::ui::session::settings::Settings;
use crate::units::format_number;

/// Sizes that the slider gives.
const SIZES: std::ops::RangeInclusive<f32> = 8.0..=36.0;
/// Fields that number parcels.
const PARCEL_NUMBERS: [&str; 2] = ["TBBH", "图斑编号"];
/// Widest halo that the slider gives.
const WIDEST_HALO: f32 = 8.0;

/// What is remembered between frames.
#[derive(Debug, Default)]
pub(super) struct State {
    typing: Typing,
    /// The class whose look is set; that of all where none is.
    class: Option<(LayerId, String)>,
}

/// Draws what is written on the features of a layer.
pub(super) fn ui(
    ui: &mut Ui,
    settings: &Settings,
    picked: &Picked,
    entry: &Entry,
    state: &mut State,
    style: &mut LayerStyle,
) {
    text_ui(ui, settings, entry, style);
    let classes = classes(style, settings.language);
    let Some(labels) = &mut style.labels else { return };
    expressions_ui(ui, settings, entry, &mut state.typing, &mut labels.text);
    let class = class_ui(ui, settings, entry.id(), &classes, state, labels);
    let before = *labels.look_of(class.as_deref());
    let mut look = before;
    look_ui(ui, settings, picked, &mut look);
    if look != before {
        set_look(labels, class, look);
    }
    rank_ui(ui, settings, labels);
    placing_ui(ui, settings, labels);
    scales_ui(ui, settings, &mut state.typing, labels);
}

/// Keys and names of the classes that may have a look of their own.
fn classes(style: &LayerStyle, language: Language) -> Vec<(String, String)> {
    let named = |number: usize| {
        let key = style.label_class(number)?;
        let of = style.categories().map(|of| (&of.field, of.classes.get(number)));
        let name = match of {
            Some((field, Some(class))) => fields::legend_name(field, class, language).to_owned(),
            _ => key.to_owned(),
        };
        Some((key.to_owned(), name)).filter(|(key, _)| !key.is_empty())
    };
    (0..style.symbol_count()).filter_map(named).collect()
}

fn text_ui(ui: &mut Ui, settings: &Settings, entry: &Entry, style: &mut LayerStyle) {
    let name = settings.tr("panels.style-label");
    let none = settings.tr("panels.style-no-label");
    let [expression, fraction] = ["panels.label-expression", "panels.label-fraction"].map(|key| settings.tr(key));
    row(ui, name, |ui| {
        let now = style.labels.as_ref().map(|labels| labels.text.clone());
        let shown: &str = match &now {
            None => none,
            Some(LabelText::Field(field)) => field,
            Some(LabelText::Expression(_)) => expression,
            Some(LabelText::Fraction { .. }) => fraction,
        };
        let mut wanted: Option<Option<LabelText>> = None;
        choice(ui, name, shown, |ui| {
            egui::ScrollArea::vertical().max_height(360.0).show(ui, |ui| {
                let mut offer = |ui: &mut Ui, text: &str, on: bool, text_of: &dyn Fn() -> Option<LabelText>| {
                    if widgets::menu_row(ui, None, text, "", Some(on)).clicked() {
                        wanted = Some(text_of());
                        ui.close();
                    }
                };
                offer(ui, none, now.is_none(), &|| None);
                let is_expression = matches!(now, Some(LabelText::Expression(_)));
                offer(ui, expression, is_expression, &|| Some(LabelText::Expression(first_expression(now.as_ref()))));
                let is_fraction = matches!(now, Some(LabelText::Fraction { .. }));
                offer(ui, fraction, is_fraction, &|| Some(first_fraction(entry, now.as_ref())));
                for field in entry.layer.fields.iter() {
                    let on = matches!(&now, Some(LabelText::Field(of)) if *of == field.name);
                    offer(ui, &field.name, on, &|| Some(LabelText::Field(field.name.clone())));
                }
            });
        });
        match (wanted, &mut style.labels) {
            (None, _) => {}
            (Some(None), labels) => *labels = None,
            (Some(Some(text)), Some(labels)) => labels.text = text,
            (Some(Some(text)), labels) => {
                *labels = Some(Labels { text, ..Labels::of_role("", entry.role, &entry.layer.name) });
            }
        }
    });
}

/// The expression that stands for what is written now.
fn first_expression(now: Option<&LabelText>) -> String {
    match now {
        Some(LabelText::Field(field)) => named(field),
        Some(LabelText::Expression(expression)) => expression.clone(),
        Some(LabelText::Fraction { over, .. }) => over.clone(),
        None => String::new(),
    }
}

/// Number and class of a parcel, else what is written now or the name of a feature, over its area.
fn first_fraction(entry: &Entry, now: Option<&LabelText>) -> LabelText {
    let of = |field: usize| named(&entry.layer.fields[field].name);
    let names = || entry.label_field().or(entry.class_field()).map(of);
    let over = Some(first_expression(now)).filter(|text| !text.is_empty());
    let over = over.or_else(|| number_and_class(entry)).or_else(names).unwrap_or_default();
    LabelText::Fraction { over, under: "$area".to_owned() }
}

/// Where parcels have numbers: number and class, as maps of land use write them above the bar.
fn number_and_class(entry: &Entry) -> Option<String> {
    let layer = &entry.layer;
    let number = PARCEL_NUMBERS.iter().find_map(|name| layer.field(name))?;
    let of = |field: usize| named(&layer.fields[field].name);
    Some(match entry.class_field() {
        Some(class) => format!("concat({}, ' ', {})", of(number), of(class)),
        None => of(number),
    })
}

/// A field as expressions name it.
fn named(field: &str) -> String {
    let is_word =
        field.chars().all(|c| c.is_alphanumeric() || c == '_') && !field.starts_with(|c: char| c.is_numeric());
    if is_word { field.to_owned() } else { format!("[{field}]") }
}

fn expressions_ui(ui: &mut Ui, settings: &Settings, entry: &Entry, typing: &mut Typing, text: &mut LabelText) {
    let mut expression = |ui: &mut Ui, label: &'static str, key: &'static str, of: &mut String| {
        row(ui, settings.tr(label), |ui| {
            let (name, width) = (settings.tr(key), ui.available_width());
            if let Some(typed) = typing.field(ui, (key, 0), of, settings.tr("panels.label-hint"), name, width) {
                *of = typed;
            }
        });
        if of.trim().is_empty() {
            return;
        }
        if let Err(error) = check(of, &entry.layer) {
            let text = egui::RichText::new(error.text(settings.language)).font(font::note()).color(tokens(ui).bad);
            ui.add(egui::Label::new(text).wrap());
        }
    };
    match text {
        LabelText::Field(_) => {}
        LabelText::Expression(of) => expression(ui, "panels.label-line", "panels.label-text", of),
        LabelText::Fraction { over, under } => {
            expression(ui, "panels.label-numerator", "panels.label-over", over);
            expression(ui, "panels.label-denominator", "panels.label-under", under);
        }
    }
}

/// The class whose look is set, where it is not that of all.
fn class_ui(
    ui: &mut Ui,
    settings: &Settings,
    layer: LayerId,
    classes: &[(String, String)],
    state: &mut State,
    labels: &mut Labels,
) -> Option<String> {
    if classes.is_empty() {
        return None;
    }
    let chosen = state.class.as_ref().filter(|(of, _)| *of == layer).map(|(_, key)| key.clone());
    let mut chosen = chosen.filter(|key| classes.iter().any(|(of, _)| of == key));
    let all = settings.tr("panels.label-all-classes");
    let name = settings.tr("panels.label-class");
    row(ui, name, |ui| {
        let shown = chosen.as_ref().and_then(|key| classes.iter().find(|(of, _)| of == key));
        let mut wanted = None;
        choice(ui, name, shown.map_or(all, |(_, name)| name.as_str()), |ui| {
            egui::ScrollArea::vertical().max_height(320.0).show(ui, |ui| {
                if widgets::menu_row(ui, None, all, "", Some(chosen.is_none())).clicked() {
                    wanted = Some(None);
                    ui.close();
                }
                for (key, name) in classes {
                    // A tick tells those with a look of their own.
                    let own = labels.of_class.iter().any(|(of, _)| of == key);
                    if widgets::menu_row(ui, None, name, "", Some(own)).clicked() {
                        wanted = Some(Some(key.clone()));
                        ui.close();
                    }
                }
            });
        });
        if let Some(wanted) = wanted {
            state.class = wanted.clone().map(|key| (layer, key));
            chosen = wanted;
        }
        let own = chosen.as_ref().is_some_and(|key| labels.of_class.iter().any(|(of, _)| of == key));
        if own && widgets::icon_button(ui, icons::ROTATE_CCW, settings.tr("panels.label-as-all")).clicked() {
            labels.of_class.retain(|(of, _)| Some(of) != chosen.as_ref());
        }
    });
    chosen
}

fn set_look(labels: &mut Labels, class: Option<String>, look: LabelLook) {
    match class {
        None => labels.look = look,
        Some(key) => match labels.of_class.iter_mut().find(|(of, _)| *of == key) {
            Some((_, own)) => *own = look,
            None => labels.of_class.push((key, look)),
        },
    }
}

fn look_ui(ui: &mut Ui, settings: &Settings, picked: &Picked, look: &mut LabelLook) {
    row(ui, settings.tr("panels.label-size"), |ui| {
        let mut size = look.size_px;
        let shown = format!("{} px", format_number(f64::from(size), 1));
        slider(ui, settings.tr("panels.label-size"), &mut size, SIZES, 0.5, &shown);
        if (size - look.size_px).abs() > 0.01 {
            look.size_px = size;
        }
    });
    row(ui, settings.tr("panels.label-weight"), |ui| {
        for (key, bold) in [("panels.label-regular", false), ("panels.label-bold", true)] {
            if widgets::segment(ui, settings.tr(key), look.bold == bold).clicked() {
                look.bold = bold;
            }
        }
    });
    row(ui, settings.tr("panels.label-color"), |ui| {
        color_ui(ui, settings, picked, "panels.label-color", theme(ui).text, &mut look.color);
    });
    row(ui, settings.tr("panels.label-halo"), |ui| {
        let before = look.halo.map_or(0.0, |halo| halo.width_px);
        let mut width = before;
        let shown = format!("{} px", format_number(f64::from(before), 1));
        slider(ui, settings.tr("panels.label-halo"), &mut width, 0.0..=WIDEST_HALO, 0.5, &shown);
        if (width - before).abs() > 0.01 {
            let color = look.halo.and_then(|halo| halo.color);
            look.halo = (width > 0.0).then_some(Halo { color, width_px: width });
        }
    });
    if let Some(halo) = &mut look.halo {
        row(ui, settings.tr("panels.label-halo-color"), |ui| {
            color_ui(ui, settings, picked, "panels.label-halo-color", theme(ui).ground, &mut halo.color);
        });
    }
}

/// The colours of the map that labels have unless they have their own.
fn theme(ui: &Ui) -> PaintColors {
    if ui.visuals().dark_mode { PaintColors::DARK } else { PaintColors::LIGHT }
}

/// A colour, or that of the theme.
fn color_ui(
    ui: &mut Ui,
    settings: &Settings,
    picked: &Picked,
    key: &'static str,
    first: Color,
    color: &mut Option<Color>,
) {
    if widgets::segment(ui, settings.tr("panels.label-theme-color"), color.is_none()).clicked() {
        *color = None;
    }
    let (shown, name) = (color.unwrap_or(first), settings.tr(key));
    let chosen = color_picker::button(ui, settings.language, &settings.recent_colors, picked, name, shown);
    if chosen.is_some() {
        *color = chosen;
    }
}

fn rank_ui(ui: &mut Ui, settings: &Settings, labels: &mut Labels) {
    let ranks = [
        (rank::DISTRICT, "panels.label-rank-district"),
        (rank::STREET, "panels.label-rank-street"),
        (rank::VILLAGE, "panels.label-rank-village"),
        (rank::PARCEL, "panels.label-rank-parcel"),
        (rank::LAST, "panels.label-rank-last"),
    ];
    let name = settings.tr("panels.label-rank");
    row(ui, name, |ui| {
        let now = ranks.iter().rev().find(|(of, _)| *of <= labels.rank).map_or(ranks[0].1, |(_, key)| *key);
        choice(ui, name, settings.tr(now), |ui| {
            for (of, key) in ranks {
                if widgets::menu_row(ui, None, settings.tr(key), "", Some(key == now)).clicked() {
                    labels.rank = of;
                    ui.close();
                }
            }
        });
    });
}

fn placing_ui(ui: &mut Ui, settings: &Settings, labels: &mut Labels) {
    let placings = [
        (Placing::Auto, "panels.label-placing-auto"),
        (Placing::Along { spaced: false }, "panels.label-placing-along"),
        (Placing::Along { spaced: true }, "panels.label-placing-spaced"),
        (Placing::Over, "panels.label-placing-over"),
    ];
    let name = settings.tr("panels.label-placing");
    row(ui, name, |ui| {
        let now = placings.iter().find(|(of, _)| *of == labels.placing).map_or(placings[0].1, |(_, key)| *key);
        choice(ui, name, settings.tr(now), |ui| {
            for (of, key) in placings {
                if widgets::menu_row(ui, None, settings.tr(key), "", Some(key == now)).clicked() {
                    labels.placing = of;
                    ui.close();
                }
            }
        });
    });
}

fn scales_ui(ui: &mut Ui, settings: &Settings, typing: &mut Typing, labels: &mut Labels) {
    row(ui, settings.tr("panels.label-scales"), |ui| {
        ui.spacing_mut().item_spacing.x = 4.0;
        let width = ((ui.available_width() - 44.0) / 2.0).max(40.0);
        let ends = [
            ("1 :", "panels.label-scale-from", &mut labels.scales.from),
            ("–", "panels.label-scale-to", &mut labels.scales.to),
        ];
        for (before, key, end) in ends {
            widgets::label(ui, before, font::note(), tokens(ui).muted);
            let (hint, name) = (settings.tr("panels.style-scale-open"), settings.tr(key));
            if let Some(typed) = typing.number(ui, (key, 0), *end, hint, name, width) {
                *end = typed.filter(|denominator| *denominator > 0.0);
            }
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_named_as_expressions_read_it() {
        let check = |field: &str, expected: &str| assert_eq!(named(field), expected);
        check("TBBH", "TBBH");
        check("名称", "名称");
        check("Full Name", "[Full Name]");
        check("2025年", "[2025年]");
    }

    #[test]
    fn a_class_gets_a_look_of_its_own_and_all_others_keep_theirs() {
        let mut labels = Labels::of_field("DLMC");
        let bold = LabelLook { bold: true, ..LabelLook::default() };
        set_look(&mut labels, Some("1701".to_owned()), bold);
        set_look(&mut labels, Some("1701".to_owned()), LabelLook { size_px: 16.0, ..bold });
        assert_eq!(labels.of_class.len(), 1);
        assert_eq!((labels.look_of(Some("1701")).size_px, labels.look.bold), (16.0, false));
        set_look(&mut labels, None, bold);
        assert!(labels.look.bold);
    }
}
