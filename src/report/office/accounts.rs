//! 占补平衡: cropland that is taken against cropland that is made up for, with paddy and grade.
//!
//! Since 2024 (自然资发〔2024〕204号) all that leaves cropland stands in one account with all that becomes it. Before, what
//! construction takes is balanced against what is reclaimed of other than farmland (占补平衡), and cropland that becomes
//! other farmland against farmland that becomes cropland (进出平衡). Which of the two is a setting, and printed.

use super::{APPROVAL, hectare_column, hectares, text_column};
use crate::model::Layer;
use crate::model::classes::{BigClass, Class, OtherGrassland, PlanUse};
use crate::overlay::Pair;
use crate::report::{Cell, Column, ColumnKind, Table};
use crate::scenario::transition::{Classes, Comparison};
use crate::text::{Language, Message, tr};
use crate::units::{Area, balance, last_digits};

/// By which rule cropland is balanced.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Accounts {
    /// All in one account: the rule of 2024.
    #[default]
    One,
    /// 占补平衡 and 进出平衡 apart: the rule before.
    Separate,
}

impl Accounts {
    /// Both, in the order of lists.
    pub const ALL: [Self; 2] = [Self::One, Self::Separate];

    /// The word of command lines and templates.
    pub fn name(self) -> &'static str {
        match self {
            Self::One => "one",
            Self::Separate => "separate",
        }
    }

    /// The rule of that word.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|accounts| accounts.name() == name)
    }

    /// Key of its name for users.
    pub fn title_key(self) -> &'static str {
        match self {
            Self::One => "report.accounts-one",
            Self::Separate => "report.accounts-separate",
        }
    }
}

/// Kinds of cropland: 水田, 水浇地, 旱地, and cropland of no kind.
const KINDS: [(&str, &str); 4] =
    [("0101", "report.paddy"), ("0102", "report.irrigated"), ("0103", "report.dry"), ("", "report.other-cropland")];

/// What goes out of cropland, or comes to it, in one account.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Sum {
    m2: f64,
    /// m² of which the grade is known, and those times the grade.
    graded_m2: f64,
    grade_m2: f64,
}

impl Sum {
    fn add(&mut self, m2: f64, grade: Option<f64>) {
        self.m2 += m2;
        if let Some(grade) = grade {
            self.graded_m2 += m2;
            self.grade_m2 += m2 * grade;
        }
    }

    fn plus(self, other: &Self) -> Self {
        Self {
            m2: self.m2 + other.m2,
            graded_m2: self.graded_m2 + other.graded_m2,
            grade_m2: self.grade_m2 + other.grade_m2,
        }
    }

    fn mean(&self) -> Cell {
        if self.graded_m2 > 0.0 { Cell::Number(self.grade_m2 / self.graded_m2) } else { Cell::Empty }
    }
}

/// One account: its name, and by kind of cropland what is taken and what is made up for.
#[derive(Clone, Debug)]
struct Account {
    title: &'static str,
    kinds: [[Sum; 2]; KINDS.len()],
}

/// The balance of cropland between two states of land use. `classes` are as the fields have them.
#[derive(Clone, Debug)]
pub struct CroplandBalance {
    rule: Accounts,
    accounts: Vec<Account>,
    has_grades: bool,
}

impl CroplandBalance {
    /// Sums the pieces of `comparison` that leave cropland or become it. `layers` are the two states: they say the grade.
    pub fn new(comparison: &Comparison, classes: &Classes, layers: [&Layer; 2], rule: Accounts) -> Self {
        let titles: &[&'static str] = match rule {
            Accounts::One => &["report.account-all"],
            Accounts::Separate => &["report.account-occupied", "report.account-structure"],
        };
        let grades = layers.map(|layer| layer.field("GDDB"));
        let accounts = titles.iter().map(|title| Account { title, kinds: Default::default() });
        let mut balance = Self { rule, accounts: accounts.collect(), has_grades: grades.iter().any(Option::is_some) };
        let class_of = |side: usize, feature: u32| {
            let class = classes.of[side].get(feature as usize)?;
            classes.list.get(*class as usize)?.class
        };
        let grade_of = |side: usize, feature: u32| {
            let value = layers[side].value(feature as usize, grades[side]?).to_string();
            value.trim().parse::<f64>().ok().filter(|grade| *grade > 0.0) // no number: no grade
        };
        let mut take = |pair: &Pair| {
            let (from, to) = (class_of(0, pair.a), class_of(1, pair.b));
            let m2 = comparison.pair_m2(pair);
            let is_cropland = |class: Option<Class>| class.is_some_and(Class::is_cropland);
            match (is_cropland(from), is_cropland(to)) {
                (true, false) => balance.add(0, from, to, m2, grade_of(0, pair.a)),
                (false, true) => balance.add(1, to, from, m2, grade_of(1, pair.b)),
                _ => {}
            }
        };
        comparison.table.pairs.iter().for_each(&mut take);
        for bundle in &comparison.table.bundles {
            for a in bundle.a.iter() {
                bundle.b.iter().for_each(|b| take(&Pair { a: *a, b: *b, ..bundle.each }));
            }
        }
        balance
    }

    /// Adds land of class `cropland` on the side taken (0) or made up for (1), which was or becomes `other`.
    fn add(&mut self, side: usize, cropland: Option<Class>, other: Option<Class>, m2: f64, grade: Option<f64>) {
        let kind = cropland.map_or("", |class| class.at_level(2).code());
        let kind = KINDS.iter().position(|(code, _)| *code == kind).unwrap_or(KINDS.len() - 1);
        // Farmland that is no cropland is the other account's.
        let account = match self.rule {
            Accounts::One => 0,
            Accounts::Separate => usize::from(other.is_some_and(is_other_farmland)),
        };
        self.accounts[account].kinds[kind][side].add(m2, grade);
    }

    /// The table: of each account the kinds of cropland, taken, made up for and the difference, in hectares.
    pub fn table(&self, language: Language) -> Table {
        let area = |key: &str, title: &str| hectare_column(key, title, APPROVAL, language);
        let mut table = Table {
            title: tr(language, "report.cropland-balance").to_owned(),
            columns: vec![
                text_column("account", "report.account", language),
                text_column("kind", "report.cropland-kind", language),
                area("taken", "report.cropland-taken").why("why.f-cropland-taken"),
                area("made_up", "report.cropland-made-up").why("why.f-cropland-made-up"),
                area("difference", "report.difference").why("why.f-cropland-difference"),
            ],
            notes: vec![tr(language, self.rule.title_key()).to_owned()],
            ..Table::default()
        };
        if self.has_grades {
            for (key, title) in [("taken_grade", "report.taken-grade"), ("made_up_grade", "report.made-up-grade")] {
                table.columns.push(Column::new(key, tr(language, title), ColumnKind::Number(2)).why("why.f-grade"));
            }
        }
        for account in &self.accounts {
            let sides = [0, 1].map(|side| {
                let values: Vec<f64> = account.kinds.iter().map(|kind| Area::from_m2(kind[side].m2).ha()).collect();
                balance(&values, APPROVAL)
            });
            table.adjusted_count += sides[0].adjusted_count + sides[1].adjusted_count;
            let row = |kind: &str, units: [i64; 2], sums: [Sum; 2]| {
                let mut row = vec![
                    Cell::from(tr(language, account.title)),
                    Cell::from(kind),
                    hectares(units[0], APPROVAL, sums[0].m2),
                    hectares(units[1], APPROVAL, sums[1].m2),
                    hectares(units[1] - units[0], APPROVAL, sums[1].m2 - sums[0].m2),
                ];
                if self.has_grades {
                    row.extend(sums.map(|sum| sum.mean()));
                }
                row
            };
            let mut whole = [Sum::default(); 2];
            for (at, kind) in account.kinds.iter().enumerate() {
                whole = [0, 1].map(|side| whole[side].plus(&kind[side]));
                let units = [0, 1].map(|side: usize| last_digits(sides[side].rows[at], APPROVAL));
                if kind.iter().any(|sum| sum.m2 > 0.0) {
                    table.rows.push(row(tr(language, KINDS[at].1), units, *kind));
                }
            }
            let units = [0, 1].map(|side: usize| last_digits(sides[side].total, APPROVAL));
            table.rows.push(row(tr(language, "report.subtotal"), units, whole));
        }
        if !self.has_grades {
            table.notes.push(Message::new("report.no-grades").text(language));
        }
        table
    }
}

/// Whether a class is farmland beside cropland: orchards, woods, grassland, facilities of farms.
fn is_other_farmland(class: Class) -> bool {
    let big = class.big_class(OtherGrassland::default()) == Some(BigClass::Agricultural);
    big || matches!(class.plan_use(), Some(PlanUse::Farming | PlanUse::FarmFacility))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::classes::Scheme;
    use crate::report::office::printed_units;

    fn balance_of(rule: Accounts) -> CroplandBalance {
        let titles: &[&'static str] = match rule {
            Accounts::One => &["report.account-all"],
            Accounts::Separate => &["report.account-occupied", "report.account-structure"],
        };
        let accounts = titles.iter().map(|title| Account { title, kinds: Default::default() }).collect();
        let mut balance = CroplandBalance { rule, accounts, has_grades: true };
        let class = |code: &str| Class::find(Scheme::Sd2019, code);
        balance.add(0, class("0101"), class("0701"), 20_000.0, Some(5.0));
        balance.add(0, class("0103"), class("0201"), 10_000.0, None);
        balance.add(1, class("0103"), class("1204"), 30_000.0, Some(9.0));
        balance
    }

    #[test]
    fn one_account_or_two_hold_the_same_land() {
        let one = balance_of(Accounts::One).table(Language::Chinese);
        assert_eq!(one.rows.len(), 3);
        assert_eq!(printed_units(&one.rows[2][2], APPROVAL), 30_000);
        assert_eq!(printed_units(&one.rows[2][4], APPROVAL), 0);
        let two = balance_of(Accounts::Separate).table(Language::Chinese);
        let of = |row: usize| [2, 3].map(|column: usize| printed_units(&two.rows[row][column], APPROVAL));
        // Taken by construction against reclaimed land; then cropland that became an orchard.
        assert_eq!(of(2), [20_000, 30_000]);
        assert_eq!(of(4), [10_000, 0]);
        assert_eq!(two.rows[2][5], Cell::Number(5.0));
        assert_eq!(two.rows[4][5], Cell::Empty);
    }
}
