//! The columns of each wide form: what they stand under, and which parcels they take.

use super::{Land, Parcel};
use crate::model::classes::{BigClass, Class, OtherGrassland, Scheme};
use crate::text::{Language, Message, tr};

/// A form.
pub(super) struct Form {
    /// The word of placeholders and data.
    pub(super) word: &'static str,
    /// Key of its title.
    pub(super) title: &'static str,
    pub(super) columns: Vec<FormColumn>,
    /// Which parcels it is about.
    pub(super) counts: Box<dyn Fn(&Parcel) -> bool>,
    /// Key of what else must be said.
    pub(super) note: Option<&'static str>,
}

/// A column of figures.
pub(super) struct FormColumn {
    pub(super) key: String,
    pub(super) over: Vec<String>,
    pub(super) title: String,
    pub(super) takes: Takes,
}

/// Which parcels a column is the sum of.
pub(super) enum Takes {
    /// Those, unless a column before it takes them.
    Parcels(Box<dyn Fn(&Parcel) -> bool>),
    /// Those of these columns.
    Sum(Vec<usize>),
}

impl FormColumn {
    fn leaf(key: impl Into<String>, over: &[&str], title: &str, takes: impl Fn(&Parcel) -> bool + 'static) -> Self {
        let over = over.iter().map(|text| (*text).to_owned()).collect();
        Self { key: key.into(), over, title: title.to_owned(), takes: Takes::Parcels(Box::new(takes)) }
    }

    fn sum(key: impl Into<String>, over: &[&str], title: &str) -> Self {
        let over = over.iter().map(|text| (*text).to_owned()).collect();
        Self { key: key.into(), over, title: title.to_owned(), takes: Takes::Sum(Vec::new()) }
    }

    pub(super) fn takes(&self, parcel: &Parcel) -> bool {
        matches!(&self.takes, Takes::Parcels(takes) if takes(parcel))
    }

    /// Key of the sentence that says how its figures come about.
    pub(super) fn formula(&self) -> &'static str {
        match &self.takes {
            Takes::Parcels(_) => "why.f-wide",
            Takes::Sum(_) if self.key == "total" => "why.f-wide-total",
            Takes::Sum(_) => "why.f-wide-sum",
        }
    }
}

impl Form {
    /// The columns that take parcels.
    pub(super) fn leaves(&self) -> Vec<usize> {
        let is_leaf = |at: &usize| matches!(self.columns[*at].takes, Takes::Parcels(_));
        (0..self.columns.len()).filter(is_leaf).collect()
    }

    /// Adds a sum over the columns that `add` adds behind it.
    fn summed(&mut self, sum: FormColumn, add: impl FnOnce(&mut Self)) {
        let at = self.columns.len();
        self.columns.push(sum);
        add(self);
        let leaves = self.leaves().into_iter().filter(|leaf| *leaf > at).collect();
        self.columns[at].takes = Takes::Sum(leaves);
    }

    fn new(word: &'static str, title: &'static str, counts: impl Fn(&Parcel) -> bool + 'static) -> Self {
        Self { word, title, columns: Vec::new(), counts: Box::new(counts), note: None }
    }
}

/// The name of a class with its code: `耕地（01）`.
fn label(class: Class, language: Language) -> String {
    Message::new("report.class-code").with("name", class.name(language)).with("code", class.code()).text(language)
}

fn is_of(class: Class) -> impl Fn(&Parcel) -> bool {
    move |parcel: &Parcel| parcel.class.is_some_and(|of| of.is_within(class))
}

impl Land {
    fn has_of(&self, class: Class) -> bool {
        let of = is_of(class);
        self.parcels.iter().any(|(parcel, _)| of(parcel))
    }
}

/// The first-level classes of a scheme: all of the survey's, of others those that occur.
fn first_level(land: &Land) -> Vec<Class> {
    let occurs = |class: &Class| land.has_of(*class);
    let all = land.scheme.classes().filter(|class| class.level() == 1);
    all.filter(|class| land.scheme == Scheme::Sd2019 || occurs(class)).collect()
}

/// The second-level classes below one, likewise.
fn second_level(land: &Land, first: Class) -> Vec<Class> {
    let occurs = |class: &Class| land.has_of(*class);
    let all = first.children().filter(|class| class.level() == 2);
    all.filter(|class| land.scheme == Scheme::Sd2019 || occurs(class)).collect()
}

/// Every form that the land has something for.
pub(super) fn all(land: &Land, language: Language) -> Vec<Form> {
    let mut forms = vec![first(land, language), second(land, language)];
    if land.scheme == Scheme::Sd2019 {
        forms.push(big(land, language));
    }
    if land.has.owners {
        forms.push(owners(land, language));
    }
    if land.has.slopes {
        forms.push(slopes(language));
    }
    if land.has.plantings {
        forms.push(plantings(land.scheme, language));
    }
    if land.has.settlements {
        forms.push(settlements(language));
    }
    if land.parcels.iter().any(|(parcel, _)| is_adjustable(&parcel.code)) {
        forms.push(adjustable(land, language));
    }
    forms
}

fn total(language: Language) -> FormColumn {
    FormColumn::sum("total", &[], tr(language, "report.surveyed"))
}

/// What no class of the form takes, where there is any.
fn rest(form: &mut Form, land: &Land, language: Language) {
    let is_left = |parcel: &Parcel| (form.counts)(parcel) && !form.columns.iter().any(|column| column.takes(parcel));
    if land.parcels.iter().any(|(parcel, m2)| *m2 > 0.0 && is_left(parcel)) {
        form.columns.push(FormColumn::leaf("rest", &[], tr(language, "report.without-class"), |_| true));
    }
}

/// 一级分类面积汇总表.
fn first(land: &Land, language: Language) -> Form {
    let mut form = Form::new("form_first", "report.form-first", |_| true);
    form.summed(total(language), |form| {
        for class in first_level(land) {
            form.columns.push(FormColumn::leaf(class.code(), &[], &label(class, language), is_of(class)));
        }
        rest(form, land, language);
    });
    form
}

/// Sum and members of a first-level class; of one without members itself. `prefix` begins the keys, `words` are what the
/// sum is called and what stands over the members.
fn class_columns(
    form: &mut Form,
    (prefix, over): (&str, &[&str]),
    first: Class,
    members: &[Class],
    words: [&str; 2],
    language: Language,
) {
    let name = label(first, language);
    let key = |code: &str| format!("{prefix}{code}");
    if members.is_empty() {
        form.columns.push(FormColumn::leaf(key(first.code()), over, &name, is_of(first)));
        return;
    }
    let under: Vec<&str> = over.iter().copied().chain([name.as_str()]).collect();
    let inner: Vec<&str> = under.iter().copied().chain(Some(words[1]).filter(|word| !word.is_empty())).collect();
    form.summed(FormColumn::sum(key(first.code()), &under, words[0]), |form| {
        for class in members {
            form.columns.push(FormColumn::leaf(key(class.code()), &inner, &label(*class, language), is_of(*class)));
        }
    });
}

/// 分类面积汇总表 of the second level.
fn second(land: &Land, language: Language) -> Form {
    let mut form = Form::new("form_second", "report.form-second", |_| true);
    let words = [tr(language, "report.form-sum"), tr(language, "report.form-of-which")];
    form.summed(total(language), |form| {
        for class in first_level(land) {
            class_columns(form, ("", &[]), class, &second_level(land, class), words, language);
        }
        rest(form, land, language);
    });
    form
}

/// 三大类面积汇总表.
fn big(land: &Land, language: Language) -> Form {
    let mut form = Form::new("form_big", "report.form-big", |_| true);
    let grassland = OtherGrassland::default();
    form.note = Some(grassland.note_key());
    let words = [tr(language, "report.subtotal"), ""];
    form.summed(total(language), |form| {
        let groups =
            [(BigClass::Agricultural, "farm_"), (BigClass::Construction, "built_"), (BigClass::Unused, "unused_")];
        for (group, prefix) in groups {
            let title = group.title(language);
            let sum = FormColumn::sum(format!("{prefix}total"), &[title], tr(language, "report.form-sum"));
            form.summed(sum, |form| {
                for class in first_level(land) {
                    let second = second_level(land, class);
                    if second.is_empty() && class.big_class(grassland) == Some(group) {
                        class_columns(form, (prefix, &[title]), class, &[], words, language);
                        continue;
                    }
                    let members: Vec<Class> =
                        second.into_iter().filter(|class| class.big_class(grassland) == Some(group)).collect();
                    if !members.is_empty() {
                        class_columns(form, (prefix, &[title]), class, &members, words, language);
                    }
                }
            });
        }
        rest(form, land, language);
    });
    form
}

/// 一级分类面积按权属性质汇总表.
fn owners(land: &Land, language: Language) -> Form {
    let mut form = Form::new("form_owners", "report.form-owners", |_| true);
    let unknown = land.parcels.iter().any(|(parcel, m2)| parcel.owner.is_none() && *m2 > 0.0);
    form.summed(total(language), |form| {
        for class in first_level(land) {
            let name = label(class, language);
            let sum = FormColumn::sum(class.code(), &[name.as_str()], tr(language, "report.subtotal"));
            form.summed(sum, |form| {
                for (owner, word) in ["report.owner-state", "report.owner-collective"].into_iter().enumerate() {
                    let of = is_of(class);
                    let takes = move |parcel: &Parcel| of(parcel) && parcel.owner == Some(owner);
                    let key = format!("{}_{owner}", class.code());
                    form.columns.push(FormColumn::leaf(key, &[name.as_str()], tr(language, word), takes));
                }
                if unknown {
                    let word = tr(language, "report.owner-unknown");
                    let key = format!("{}_unknown", class.code());
                    form.columns.push(FormColumn::leaf(key, &[name.as_str()], word, is_of(class)));
                }
            });
        }
        rest(form, land, language);
    });
    form
}

fn is_cropland(parcel: &Parcel) -> bool {
    !parcel.is_ridge && parcel.class.is_some_and(Class::is_cropland)
}

/// 耕地坡度分级面积汇总表.
fn slopes(language: Language) -> Form {
    let mut form = Form::new("form_slopes", "report.form-slopes", is_cropland);
    form.summed(FormColumn::sum("total", &[], tr(language, "report.form-sum")), |form| {
        let flat = tr(language, "report.slope-1");
        form.columns.push(FormColumn::leaf("slope_1", &[], flat, |parcel| parcel.slope == "1"));
        let steps =
            [("2", "report.slope-2"), ("3", "report.slope-3"), ("4", "report.slope-4"), ("5", "report.slope-5")];
        for (step, word) in steps {
            let name = tr(language, word);
            let sum = FormColumn::sum(format!("slope_{step}"), &[name], tr(language, "report.form-sum"));
            form.summed(sum, |form| {
                let terraces = move |parcel: &Parcel| parcel.slope == step && parcel.terrace == "TT";
                let key = format!("slope_{step}_tt");
                // What is no terrace is slope: the field is often empty there.
                let other = FormColumn::leaf(
                    format!("slope_{step}_pd"),
                    &[name],
                    tr(language, "report.slope-land"),
                    move |parcel: &Parcel| parcel.slope == step && parcel.terrace != "TT",
                );
                form.columns.push(other);
                form.columns.push(FormColumn::leaf(key, &[name], tr(language, "report.terraces"), terraces));
            });
        }
        let unknown = tr(language, "report.slope-unknown");
        form.columns.push(FormColumn::leaf("slope_unknown", &[], unknown, |_| true));
    });
    form
}

/// 耕地种植类型面积汇总表.
fn plantings(scheme: Scheme, language: Language) -> Form {
    let mut form = Form::new("form_plantings", "report.form-plantings", is_cropland);
    let kinds = [
        ("LS", "report.planting-grain"),
        ("FLS", "report.planting-other"),
        ("LYFL", "report.planting-rotation"),
        ("XG", "report.planting-fallow"),
        ("LLJZ", "report.planting-trees"),
        ("WG", "report.planting-none"),
        ("", "report.planting-unknown"),
    ];
    let classes: Vec<Class> = ["0101", "0102", "0103"].iter().filter_map(|code| Class::find(scheme, code)).collect();
    form.summed(FormColumn::sum("total", &[], tr(language, "report.form-sum")), |form| {
        for (kind, word) in kinds {
            let name = tr(language, word);
            let is_kind = move |parcel: &Parcel| match kind {
                "" => true,
                kind => parcel.planting == kind,
            };
            let key = if kind.is_empty() { "none".to_owned() } else { kind.to_lowercase() };
            form.summed(FormColumn::sum(key.clone(), &[name], tr(language, "report.form-sum")), |form| {
                for class in &classes {
                    let of = is_of(*class);
                    let takes = move |parcel: &Parcel| is_kind(parcel) && of(parcel);
                    let key = format!("{key}_{}", class.code());
                    form.columns.push(FormColumn::leaf(key, &[name], class.name(language), takes));
                }
            });
        }
    });
    form
}

/// 城镇村及工矿用地面积汇总表.
fn settlements(language: Language) -> Form {
    const CODES: [(&str, &str); 8] = [
        ("201", "report.settlement-201"),
        ("201A", "report.settlement-201a"),
        ("202", "report.settlement-202"),
        ("202A", "report.settlement-202a"),
        ("203", "report.settlement-203"),
        ("203A", "report.settlement-203a"),
        ("204", "report.settlement-204"),
        ("205", "report.settlement-205"),
    ];
    let is_settled = |parcel: &Parcel| CODES.iter().any(|(code, _)| parcel.settlement == *code);
    let mut form = Form::new("form_settlements", "report.form-settlements", is_settled);
    form.summed(FormColumn::sum("total", &[], tr(language, "report.form-sum")), |form| {
        for (code, word) in CODES {
            let takes = move |parcel: &Parcel| parcel.settlement == code;
            form.columns.push(FormColumn::leaf(code.to_lowercase(), &[], tr(language, word), takes));
        }
    });
    form
}

fn is_adjustable(code: &str) -> bool {
    code.len() > 4 && code.ends_with('K')
}

/// 可调整地类面积汇总表.
fn adjustable(land: &Land, language: Language) -> Form {
    const CODES: [&str; 9] = ["0201K", "0202K", "0203K", "0204K", "0301K", "0302K", "0307K", "0403K", "1104K"];
    let is_one = |parcel: &Parcel| CODES.contains(&parcel.code.as_str());
    let mut form = Form::new("form_adjustable", "report.form-adjustable", is_one);
    form.summed(FormColumn::sum("total", &[], tr(language, "report.form-sum")), |form| {
        for code in CODES {
            let class = Class::find(land.scheme, &code[..4]).map_or("", |class| class.name(language));
            let name = Message::new("report.class-code").with("name", class).with("code", code).text(language);
            let takes = move |parcel: &Parcel| parcel.code == code;
            form.columns.push(FormColumn::leaf(code.to_lowercase(), &[], &name, takes));
        }
    });
    form
}
