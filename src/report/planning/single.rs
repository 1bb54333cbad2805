//! One table of the report alone, for a map sheet: worked out and laid out by what the report itself is made of, and nothing
//! else with it.

use super::gather::{compare, stand_ins, titled};
use super::tables;
use crate::model::AreaMethod;
use crate::report::{Table, rules};
use crate::rules::{FactCache, Facts, Rules, evaluate};
use crate::scenario::plan::conflicts::{Kept, conflicts};
use crate::scenario::plan_state::PlanState;
use crate::scenario::transition::{CompareError, Tolerance};
use crate::scenario::{ScenarioId, Workspace};
use crate::task::{Cancelled, Progress};
use crate::text::{Language, Message};
use crate::units::AreaUnit;

/// A table of a scenario.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Single {
    /// 转移矩阵, at the first level.
    Matrix,
    /// 用地平衡, at the first level.
    Balance,
    /// How the rules stand.
    Rules,
    /// 占压台账.
    Ledger,
}

/// Why there is no table.
#[derive(Clone, Debug, PartialEq)]
pub enum NoTable {
    /// The user cancelled.
    Cancelled(Cancelled),
    /// Why, as a sentence.
    Said(Message),
}

impl From<CompareError> for NoTable {
    fn from(error: CompareError) -> Self {
        match error {
            CompareError::Cancelled(cancelled) => Self::Cancelled(cancelled),
            other => Self::Said(other.message()),
        }
    }
}

impl From<Cancelled> for NoTable {
    fn from(cancelled: Cancelled) -> Self {
        Self::Cancelled(cancelled)
    }
}

/// A table of a scenario of `workspace` against the base, areas in `unit`.
///
/// # Errors
/// [`NoTable`] where there is no land use to compare, the states cannot be laid over each other, or there are no rules.
pub fn single(
    workspace: &Workspace,
    scenario: ScenarioId,
    of: Single,
    rules: Option<&Rules>,
    unit: AreaUnit,
    language: Language,
    progress: &Progress,
) -> Result<Table, NoTable> {
    let method = AreaMethod::default();
    let base = PlanState::of_scenario(workspace, None);
    let state = PlanState::of_scenario(workspace, Some(scenario));
    match of {
        Single::Matrix | Single::Balance => {
            let (Some(before), Some(after)) = (base.land_use(), state.land_use()) else {
                return Err(NoTable::Said(Message::new("report.no-land-use")));
            };
            let land = compare(before, after, method, progress)?;
            let table = if of == Single::Matrix { tables::matrix } else { tables::balance };
            Ok(table(&land, unit, language))
        }
        Single::Ledger => {
            let of = (Some(scenario), &workspace.scenarios.ledger);
            let found = conflicts(&state, Some(&base), method, &Tolerance::default(), of, &Kept::default(), progress)?;
            Ok(tables::ledger(&titled(found, &stand_ins(workspace, Some(scenario))), language))
        }
        Single::Rules => {
            let rules = rules.filter(|rules| !rules.rules.is_empty());
            let rules = rules.ok_or_else(|| NoTable::Said(Message::new("layout.no-rules")))?;
            let facts = Facts::new(Some(base), state, method, &FactCache::default());
            let outcomes = evaluate(rules, &facts, progress)?;
            Ok(rules::outcome_table(rules, &outcomes, language))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::planning::{Asked, gather};
    use crate::scenario::project;

    #[test]
    fn a_table_alone_is_that_of_the_report() {
        let workspace = project::load_demo(&Progress::new()).expect("the demo opens").workspace;
        let scenario = workspace.scenarios.list().first().expect("the demo has scenarios");
        let (id, name) = (scenario.id, scenario.name.clone());
        let asked = Asked { scenarios: vec![name], ..Asked::default() };
        let language = Language::Chinese;
        let gathered = gather(&workspace, None, &asked, language, &Progress::new()).expect("a report");
        let made = tables::of_scenario(&gathered, &gathered.scenarios[0], language);
        for (word, of) in [("matrix", Single::Matrix), ("balance", Single::Balance), ("ledger", Single::Ledger)] {
            let alone = single(&workspace, id, of, None, AreaUnit::Mu, language, &Progress::new()).expect("a table");
            let other = made.iter().find(|made| made.word == word).expect("is in the report");
            assert_eq!(alone, other.table, "{word}");
        }
        let refused = single(&workspace, id, Single::Rules, None, AreaUnit::Mu, language, &Progress::new());
        assert!(matches!(refused, Err(NoTable::Said(_))));
    }
}
