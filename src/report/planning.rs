//! 方案比选报告: what scenarios make of the land, held against the base, the control lines and the rules, with maps, tables
//! and how all of it came about.
//!
//! [`gather()`] works everything out once, from a workspace; the report is made of that in any form, so that a document, a
//! workbook and JSON say the same, and a package can be worked out again and compared. Window and command line call the
//! same.
//!
//! | file | holds |
//! |---|---|
//! | `gather` | the figures of every scenario |
//! | `maps` | maps and charts |
//! | `sentences` | what a scenario takes and whether it crosses a line, in words |
//! | `single` | one table alone, for map sheets |
//! | `tables` | the tables, each with its word |
//! | `template` | parts, their order and texts of an office |

use serde_json::{Value as Json, json};

use super::data::{issue_json, shown};
use super::figure::kinds_table;
use super::office::accounts::Accounts;
use super::output::fill::Values;
use super::{Form, Origin, Part, Picture, Report, Table, to_json};
use crate::scenario::plan_state::{PlanState, StateLayer};
use crate::text::{Language, Message, tr};

pub mod gather;
mod maps;
mod sentences;
pub mod single;
mod tables;
pub mod template;

pub use gather::{Asked, GatherError, Gathered, OfScenario, gather};
pub use template::{Template, TemplateError};

/// A part of the report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PlanPart {
    /// What matters, in sentences and one table.
    Summary,
    /// Maps of the states and of what changes.
    Maps,
    /// 转移矩阵.
    Matrix,
    /// What goes where, as a picture and as a list.
    Flows,
    /// 用地平衡.
    Balance,
    /// Areas on both sides of the control lines.
    Lines,
    /// 占压台账.
    Ledger,
    /// How the rules stand.
    Rules,
    /// Tables in the layouts of offices.
    Tables,
    /// Method and provenance.
    Method,
}

impl PlanPart {
    /// All parts, in the order of the report.
    pub const ALL: [Self; 10] = [
        Self::Summary,
        Self::Maps,
        Self::Matrix,
        Self::Flows,
        Self::Balance,
        Self::Lines,
        Self::Ledger,
        Self::Rules,
        Self::Tables,
        Self::Method,
    ];

    /// The word of command lines and templates.
    pub fn name(self) -> &'static str {
        match self {
            Self::Summary => "summary",
            Self::Maps => "maps",
            Self::Matrix => "matrix",
            Self::Flows => "flows",
            Self::Balance => "balance",
            Self::Lines => "lines",
            Self::Ledger => "ledger",
            Self::Rules => "rules",
            Self::Tables => "tables",
            Self::Method => "method",
        }
    }

    /// The part of that word.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|part| part.name() == name)
    }

    /// Key of its heading.
    pub fn title_key(self) -> &'static str {
        match self {
            Self::Summary => "report.part-summary",
            Self::Maps => "report.part-maps",
            Self::Matrix => "report.part-matrix",
            Self::Flows => "report.part-flows",
            Self::Balance => "report.part-balance",
            Self::Lines => "report.part-lines",
            Self::Ledger => "report.part-ledger",
            Self::Rules => "report.part-rules",
            Self::Tables => "report.part-tables",
            Self::Method => "report.part-method",
        }
    }
}

/// The report in a form. `date` is printed as it stands.
pub fn report(gathered: &Gathered, template: &Template, date: &str, form: Form, language: Language) -> Report {
    let mut report = match form {
        Form::Parts => Report { parts: parts(gathered, template, date, language), ..Report::default() },
        Form::Sheets | Form::Workbook => Report::of_sheets(sheets(gathered, template, language), Vec::new()),
        Form::Data => Report::of_data(data(gathered, language)),
    };
    if form == Form::Workbook {
        report.sources = gathered.sources(language);
    }
    report.title = if template.title.is_empty() {
        tr(language, "report.plan-title").to_owned()
    } else {
        template.filled(&template.title, gathered, date)
    };
    date.clone_into(&mut report.date);
    report.method = gathered.method_lines(language);
    report
}

/// What placeholders of an office's workbook stand for.
pub fn values(gathered: &Gathered, template: &Template, date: &str, language: Language) -> Values {
    let mut values = Values::default();
    let names: Vec<&str> = gathered.scenarios.iter().map(|scenario| scenario.name.as_str()).collect();
    let title = if template.title.is_empty() { tr(language, "report.plan-title") } else { template.title.as_str() };
    values.word("title", template.filled(title, gathered, date));
    values.word("project", gathered.title.as_str());
    values.word("office", template.office.as_str());
    values.word("number", template.number.as_str());
    values.word("date", date);
    values.word("scenario", names.first().copied().unwrap_or_default());
    values.word("scenarios", names.join(tr(language, "report.comma")));
    values.word("method", gathered.method_lines(language).join(" "));
    for (nth, scenario) in gathered.scenarios.iter().enumerate() {
        for made in tables::of_scenario(gathered, scenario, language) {
            // The first scenario is meant where none is named.
            let name = if nth == 0 { made.word.to_owned() } else { format!("{}@{}", made.word, nth + 1) };
            values.table(&name, made.table);
        }
    }
    values.table("overview", tables::overview(gathered, language));
    for (word, table) in &gathered.forms {
        values.table(word, table.clone());
    }
    values
}

/// What people read.
fn parts(gathered: &Gathered, template: &Template, date: &str, language: Language) -> Vec<Part> {
    let mut parts = Vec::new();
    let several = gathered.scenarios.len() > 1;
    for line in [template.office.as_str(), template.number.as_str(), gathered.title.as_str()] {
        if !line.is_empty() {
            parts.push(Part::Line(line.to_owned()));
        }
    }
    let text = |parts: &mut Vec<Part>, name: &str| {
        if let Some(block) = template.text.get(name) {
            parts.extend(template.filled(block, gathered, date).lines().map(|line| Part::Line(line.to_owned())));
        }
    };
    text(&mut parts, "before");
    if !gathered.note.is_empty() {
        parts.push(Part::Line(gathered.note.clone()));
    }
    let scenarios = gathered.made(language);
    let mut number = 0;
    let chosen = template.parts();
    for part in chosen.iter().copied() {
        let mut content = Vec::new();
        text(&mut content, part.name());
        match part {
            PlanPart::Summary => {
                for (scenario, _) in &scenarios {
                    if several {
                        content.push(Part::Heading(2, scenario.name.clone()));
                    }
                    content.extend(sentences::of_scenario(gathered, scenario, language).into_iter().map(Part::Line));
                }
                content.push(Part::Table(tables::overview(gathered, language)));
            }
            PlanPart::Maps => content.extend(gathered.maps(language).into_iter().map(Part::Picture)),
            PlanPart::Method => {
                content.extend(gathered.method_lines(language).into_iter().map(Part::Line));
                content.push(Part::Table(Origin::table(&gathered.sources(language), language)));
                content.push(Part::Table(gathered.kinds(&scenarios, &chosen, language)));
            }
            part => {
                for (scenario, made) in &scenarios {
                    let mut own = Vec::new();
                    if part == PlanPart::Flows {
                        own.extend(scenario.charts.iter().cloned().map(Part::Picture));
                    }
                    let tables = made.iter().filter(|made| made.part == part);
                    own.extend(tables.map(|made| Part::Table(made.for_documents(language))));
                    if let (true, true, Err(reason)) = (own.is_empty(), tables::is_of_land(part), &scenario.land) {
                        own.push(Part::Line(reason.text(language)));
                    }
                    if several && !own.is_empty() {
                        content.push(Part::Heading(2, scenario.name.clone()));
                    }
                    content.append(&mut own);
                }
                if part == PlanPart::Tables {
                    // A page has room for the narrowest; the workbook has all of them.
                    content.extend(gathered.forms.first().map(|(_, table)| Part::Table(table.clone())));
                    let others: Vec<&str> =
                        gathered.forms.iter().skip(1).map(|(_, form)| form.title.as_str()).collect();
                    if !others.is_empty() {
                        let list = others.join(tr(language, "report.comma"));
                        content.push(Part::Line(
                            Message::new("report.forms-elsewhere").with("names", list).text(language),
                        ));
                    }
                }
            }
        }
        if content.is_empty() {
            continue;
        }
        number += 1;
        parts.push(Part::Gap);
        parts.push(Part::Heading(1, format!("{number} {}", tr(language, part.title_key()))));
        parts.append(&mut content);
    }
    text(&mut parts, "after");
    parts
}

/// The tables of the parts that were chosen, whole.
fn sheets(gathered: &Gathered, template: &Template, language: Language) -> Vec<Table> {
    let chosen = template.parts();
    let mut sheets = Vec::new();
    if chosen.contains(&PlanPart::Summary) {
        sheets.push(tables::overview(gathered, language));
    }
    let several = gathered.scenarios.len() > 1;
    let scenarios = gathered.made(language);
    for (scenario, made) in &scenarios {
        for part in &chosen {
            for made in made.iter().filter(|made| made.part == *part) {
                let mut table = made.table.clone();
                if several {
                    table.title = format!("{} {}", table.title, scenario.name);
                }
                sheets.push(table);
            }
        }
    }
    if chosen.contains(&PlanPart::Tables) {
        sheets.extend(gathered.forms.iter().map(|(_, table)| table.clone()));
    }
    if chosen.contains(&PlanPart::Method) {
        sheets.push(gathered.kinds(&scenarios, &chosen, language));
    }
    sheets
}

/// Everything for programs: values unrounded, and beside them the figures as they are printed.
pub fn data(gathered: &Gathered, language: Language) -> Json {
    let table_json = |table: &Table| {
        let figures = table.figures();
        let printed: Vec<Vec<String>> = (0..figures.rows.len())
            .map(|row| (0..table.columns.len()).map(|column| figures.shown(row, column)).collect())
            .collect();
        json!({
            "title": table.title,
            "columns": table.columns.iter().map(|column| column.heading(language)).collect::<Vec<_>>(),
            "rows": to_json(table),
            "printed": printed,
            "notes": table.all_notes(&figures, language),
        })
    };
    let all = gathered.made(language);
    let scenarios = all.iter().map(|(scenario, made)| {
        let tables = made.iter().map(|made| {
            let mut table = table_json(&made.table);
            // Where documents have it otherwise, their figures stand here as well.
            if let Some(document) = &made.document {
                table["document"] = table_json(document);
            }
            (made.word.to_owned(), table)
        });
        json!({
            "name": scenario.name,
            "layers": layers_json(&scenario.state),
            "says": sentences::of_scenario(gathered, scenario, language),
            "not_compared": scenario.land.as_ref().err().map(|reason| reason.text(language)),
            "tables": tables.collect::<serde_json::Map<_, _>>(),
        })
    });
    let sources = gathered.sources(language);
    let sources = sources.iter().map(|origin| {
        json!({
            "path": origin.path,
            "layer": origin.layer,
            "crs": origin.crs,
            "crs_reason": origin.crs_reason,
            "feature_count": origin.feature_count,
            "hash": origin.hash,
        })
    });
    json!({
        "project": gathered.title,
        "method": gathered.method.name(),
        "how": gathered.method_lines(language),
        "base": layers_json(&gathered.base),
        "overview": table_json(&tables::overview(gathered, language)),
        "forms": gathered
            .forms
            .iter()
            .map(|(word, table)| ((*word).to_owned(), table_json(table)))
            .collect::<serde_json::Map<_, _>>(),
        "why": table_json(&gathered.kinds(&all, &PlanPart::ALL, language)),
        "scenarios": scenarios.collect::<Vec<_>>(),
        "sources": sources.collect::<Vec<_>>(),
        "issues": gathered.issues.iter().map(|issue| issue_json(issue, language)).collect::<Vec<_>>(),
    })
}

fn layers_json(state: &PlanState) -> Vec<Json> {
    let layer = |layer: &StateLayer| {
        json!({
            "title": layer.title,
            "role": layer.role.name(),
            "path": shown(&layer.layer.provenance.path),
            "feature_count": layer.layer.feature_count(),
        })
    };
    state.layers.iter().map(layer).collect()
}

impl Gathered {
    /// How the figures came about, one sentence each.
    pub fn method_lines(&self, language: Language) -> Vec<String> {
        let mut lines = Vec::new();
        let frame = self.scenarios.iter().find_map(|scenario| match &scenario.land {
            Ok(land) => Some(land.comparison.table.frame.clone()),
            Err(_) => scenario.conflicts.as_ref().ok().map(|found| found.method.1.clone()),
        });
        let areas = Message::new("report.method-areas")
            .with("method", tr(language, self.method.key()))
            .with_said("zone", |l| crate::crs::name_said(frame.as_deref().unwrap_or_default(), l));
        lines.push(areas.text(language));
        lines.push(tr(language, "report.method-rounding").to_owned());
        let tolerance = crate::scenario::transition::Tolerance::default();
        let slivers = Message::new("report.method-slivers")
            .with("area", tolerance.area.display(crate::units::AreaUnit::SquareMetre))
            .with("width", tolerance.width.m());
        lines.push(slivers.text(language));
        lines.push(tr(language, self.accounts.title_key()).to_owned());
        lines.push(tr(language, "report.method-verify").to_owned());
        lines
    }

    /// The layers that figures come from, each once.
    pub fn sources(&self, language: Language) -> Vec<Origin> {
        let states = std::iter::once(&self.base).chain(self.scenarios.iter().map(|scenario| &scenario.state));
        let mut sources: Vec<Origin> = Vec::new();
        for layer in states.flat_map(|state| &state.layers) {
            let mut origin = Origin::of_layer(shown(&layer.layer.provenance.path), &layer.layer, language);
            origin.layer.clone_from(&layer.title);
            if !sources.contains(&origin) {
                sources.push(origin);
            }
        }
        sources
    }

    /// The tables of every scenario.
    fn made(&self, language: Language) -> Vec<(&OfScenario, Vec<tables::Made>)> {
        self.scenarios.iter().map(|scenario| (scenario, tables::of_scenario(self, scenario, language))).collect()
    }

    /// 数的来历: what kinds of figures the tables of these parts have, and how each comes about. The scenarios have the
    /// same kinds; figures are counted of the first that has them.
    fn kinds(&self, made: &[(&OfScenario, Vec<tables::Made>)], parts: &[PlanPart], language: Language) -> Table {
        let overview = parts.contains(&PlanPart::Summary).then(|| tables::overview(self, language));
        let mut all: Vec<&Table> = overview.iter().collect();
        let mut words = Vec::new();
        for made in made.iter().flat_map(|(_, made)| made).filter(|made| parts.contains(&made.part)) {
            if !words.contains(&made.word) {
                words.push(made.word);
                all.push(&made.table);
            }
        }
        if parts.contains(&PlanPart::Tables) {
            all.extend(self.forms.iter().map(|(_, table)| table));
        }
        kinds_table(&all, language)
    }

    /// The maps, in the order of the report.
    fn maps(&self, language: Language) -> Vec<Picture> {
        let mut pictures: Vec<Picture> = Vec::new();
        if let Some(drawing) = &self.base_map {
            let caption = tr(language, "report.map-base").to_owned();
            pictures.push(Picture { caption, drawing: drawing.clone() });
        }
        pictures.extend(self.scenarios.iter().flat_map(|scenario| scenario.maps.iter().cloned()));
        pictures
    }

    /// The rule that cropland is balanced by.
    pub fn accounts(&self) -> Accounts {
        self.accounts
    }
}

#[cfg(test)]
mod tests;
