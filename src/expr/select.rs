//! The features that a condition holds for, fast.
//!
//! Per block, in parallel. The parts of `and` and `or` are judged one after another over all rows of a block, each only
//! where it still matters. A part that depends on one text column is judged once for each distinct text of the block,
//! not for each row: a million parcels have some fifty codes.

use rayon::prelude::*;

use super::eval::{Figures, Plan, Row};
use crate::model::{FieldType, Layer};
use crate::task::{Cancelled, Progress};

/// Features for which `plan` is true, ascending. Ticks once a feature.
pub(super) fn select(
    layer: &Layer,
    figures: Figures<'_>,
    plan: &Plan,
    progress: &Progress,
) -> Result<Vec<u32>, Cancelled> {
    progress.add_total(layer.feature_count() as u64);
    let found: Result<Vec<Vec<u32>>, Cancelled> = (0..layer.blocks.len())
        .into_par_iter()
        .map(|block| {
            let rows = BlockRows { layer, figures, block };
            let count = layer.blocks[block].geometry.feature_count();
            let mut kept = vec![true; count];
            rows.retain(plan, &mut kept, progress)?;
            progress.tick(count as u64)?;
            let start = layer.starts[block];
            Ok(kept.iter().enumerate().filter(|(_, kept)| **kept).map(|(row, _)| (start + row) as u32).collect())
        })
        .collect();
    Ok(found?.concat())
}

struct BlockRows<'a> {
    layer: &'a Layer,
    figures: Figures<'a>,
    block: usize,
}

impl<'a> BlockRows<'a> {
    /// Clears `kept` where `plan` is not true; rows that are not kept are not looked at.
    fn retain(&self, plan: &Plan, kept: &mut [bool], progress: &Progress) -> Result<(), Cancelled> {
        match plan {
            Plan::And(parts) => parts.iter().try_for_each(|part| self.retain(part, kept, progress)),
            Plan::Or(parts) => {
                let mut open = kept.to_vec();
                for part in parts {
                    let mut found = open.clone();
                    self.retain(part, &mut found, progress)?;
                    open.iter_mut().zip(&found).for_each(|(open, found)| *open &= !found);
                }
                kept.iter_mut().zip(&open).for_each(|(kept, open)| *kept &= !open);
                Ok(())
            }
            Plan::Not(part) => {
                let mut found = kept.to_vec();
                self.retain(part, &mut found, progress)?;
                kept.iter_mut().zip(&found).for_each(|(kept, found)| *kept &= !found);
                Ok(())
            }
            part => self.retain_rows(part, kept, progress),
        }
    }

    fn retain_rows(&self, plan: &Plan, kept: &mut [bool], progress: &Progress) -> Result<(), Cancelled> {
        progress.tick(0)?;
        let mut columns = Vec::new();
        let pure = plan.columns(&mut columns);
        match columns[..] {
            [] if pure => {
                if !kept.is_empty() && !plan.is_true(&self.row(0, None)) {
                    kept.fill(false);
                }
                return Ok(());
            }
            [field] if pure && self.retain_by_text(plan, field, kept) => return Ok(()),
            _ => {}
        }
        for (row, kept) in kept.iter_mut().enumerate() {
            if row % 4096 == 0 {
                progress.tick(0)?;
            }
            *kept = *kept && plan.is_true(&self.row(row, None));
        }
        Ok(())
    }

    /// Judges each distinct text of column `field` once. Returns `false`, having done nothing, where that does not help.
    fn retain_by_text(&self, plan: &Plan, field: usize, kept: &mut [bool]) -> bool {
        let text_field = matches!(self.layer.fields[field].kind, FieldType::Text | FieldType::Json);
        let Some(column) = self.layer.blocks[self.block].attributes.column(field) else { return false };
        let texts = column.distinct_texts();
        if !text_field || texts.len() == 0 || texts.len() * 2 > kept.len() {
            return false;
        }
        let judged: Vec<bool> = texts.map(|text| plan.is_true(&self.row(0, Some((field, text))))).collect();
        // A row without a text: the column is null there.
        let Some(null_row) = (0..kept.len()).find(|row| column.text_code(*row).is_none()) else {
            for (row, kept) in kept.iter_mut().enumerate() {
                *kept = *kept && column.text_code(row).is_some_and(|code| judged[code as usize]);
            }
            return true;
        };
        let null = plan.is_true(&self.row(null_row, None));
        for (row, kept) in kept.iter_mut().enumerate() {
            *kept = *kept && column.text_code(row).map_or(null, |code| judged[code as usize]);
        }
        true
    }

    fn row(&self, row: usize, instead: Option<(usize, &'a str)>) -> Row<'a> {
        Row {
            layer: self.layer,
            figures: self.figures,
            block: &self.layer.blocks[self.block],
            row,
            feature: self.layer.starts[self.block] + row,
            instead,
            forced: None,
        }
    }
}
