//! Fields that are worked out by expressions: as a step that undo takes back, and worked out again with whatever they
//! depend on.
//!
//! The document keeps names and expressions only ([`Formula`]). Their columns stand behind all other fields of the layer, so
//! filters, labels, tables and exports take them as fields; an edit of a scenario has the blocks that it touched worked
//! out again, and areas that come have all of them. [`Computed`] is what was worked out for the layer as read: it can
//! be made in the background before the step, and makes undo and redo of it quick.

use std::sync::Arc;

use rayon::prelude::*;

use super::computed::{Computed, figures};
use super::entry::Entry;
use super::planned::PlannedLayer;
use super::property::Property;
use super::state::LayerState;
use super::step::By;
use super::workspace::Workspace;
use crate::expr::{Bound, Expr};
use crate::model::{Areas, AttributeBlock, Column, Formula, Layer, LayerId};
use crate::task::Progress;

/// Whether any of `formulas` needs areas.
fn use_areas(formulas: &[Formula]) -> bool {
    // What cannot be read needs none.
    formulas.iter().any(|formula| Expr::parse(&formula.expression).is_ok_and(|expr| expr.uses_area()))
}

impl Entry {
    /// Puts the fields of formulas behind those of `layer`.
    pub(in crate::scenario) fn with_formulas(&mut self, layer: &Layer) -> Layer {
        let known = self.computed.as_deref();
        let made = Computed::over(layer, self.areas.as_ref(), &self.formulas, known, &Progress::new());
        // Nobody cancels it.
        let Ok(computed) = made else { return layer.clone() };
        let derived = computed.behind(layer);
        self.computed = Some(Arc::new(computed));
        self.computed_with.clone_from(&self.areas);
        derived
    }
}

impl LayerState {
    /// Works out the fields of formulas anew in the blocks that are neither the base's nor among `before`, the blocks that
    /// the state had when that was done last.
    fn renew(&mut self, before: &[Arc<AttributeBlock>], areas: Option<&Areas>) {
        let base = self.base().clone();
        if base.formulas.is_empty() || self.is_base() {
            return;
        }
        let is_kept = |attributes: &Arc<AttributeBlock>| {
            let of_base = base.blocks.iter().any(|block| Arc::ptr_eq(&block.attributes, attributes));
            of_base || before.iter().any(|known| Arc::ptr_eq(known, attributes))
        };
        let layer = self.layer().clone();
        let touched: Vec<usize> =
            (0..layer.blocks.len()).filter(|at| !is_kept(&layer.blocks[*at].attributes)).collect();
        if touched.is_empty() {
            return;
        }
        let mut derived = (*layer).clone();
        for formula in base.formulas.iter() {
            let Some(at) = derived.fields.iter().position(|field| field.name == formula.field) else { continue };
            // What does not fit is an issue of the base, and has no values there either.
            let Ok(expr) = Expr::parse(&formula.expression) else { continue };
            let next = match expr.bind(&derived, figures(areas)) {
                Ok(bound) => renewed(&derived, &bound, at, &touched),
                // Areas that are not measured yet: no value is better than one of before.
                Err(_) => without_values(&derived, at, &touched),
            };
            derived = next;
        }
        self.set_shown(derived);
    }
}

/// `layer` with column `at` of the blocks `touched` worked out anew.
fn renewed(layer: &Layer, bound: &Bound<'_>, at: usize, touched: &[usize]) -> Layer {
    let mut blocks = layer.blocks.clone();
    let mut fields = layer.fields.clone();
    let column = |block: &usize| {
        // Nobody cancels it.
        let column = bound.column(*block, &Progress::new()).ok()?;
        Some((*block, column))
    };
    let columns: Vec<(usize, Column)> = touched.par_iter().filter_map(column).collect();
    for (block, column) in columns {
        let kind = bound.field_type([&column].into_iter());
        let known = fields[at].kind;
        if known.widened(kind) != known {
            Arc::make_mut(&mut fields)[at].kind = known.widened(kind);
        }
        let attributes = blocks[block].attributes.with_column(at, Some(Arc::new(column)));
        blocks[block].attributes = Arc::new(attributes);
    }
    layer.with_blocks(fields, blocks)
}

/// `layer` without values in column `at` of the blocks `touched`.
fn without_values(layer: &Layer, at: usize, touched: &[usize]) -> Layer {
    let mut blocks = layer.blocks.clone();
    for block in touched {
        blocks[*block].attributes = Arc::new(blocks[*block].attributes.with_column(at, None));
    }
    layer.with_blocks(layer.fields.clone(), blocks)
}

impl PlannedLayer {
    /// The attributes of the state's blocks: what [`Self::renew`] need not look at after an edit.
    pub(in crate::scenario) fn attributes(&self) -> Vec<Arc<AttributeBlock>> {
        if self.state.base().formulas.is_empty() {
            return Vec::new();
        }
        self.state.layer().blocks.iter().map(|block| block.attributes.clone()).collect()
    }

    /// Works out the fields of formulas anew where edits changed something since the blocks were those of `before`.
    pub(in crate::scenario) fn renew(&mut self, before: &[Arc<AttributeBlock>]) {
        let areas = self.areas.clone();
        self.state.renew(before, areas.as_deref());
    }
}

impl Workspace {
    /// Says which fields of a layer are worked out by expressions, as a step that undo takes back. Returns whether that
    /// changed anything.
    pub fn set_formulas_of(&mut self, id: LayerId, formulas: Vec<Formula>, by: By) -> bool {
        self.change(Property::Formulas(id, Arc::new(formulas)), by)
    }

    /// The formulas of a layer, where any of them needs areas.
    pub fn formulas_of_areas(&self, id: LayerId) -> Option<Arc<Vec<Formula>>> {
        let formulas = &self.entry(id)?.formulas;
        use_areas(formulas).then(|| formulas.clone())
    }

    /// What the formulas of a layer are worked out from, where that is the layer as read: with it and its areas
    /// [`Computed::over`] makes in the background what [`Self::computed_came`] takes.
    pub fn formulas_over(&self, id: LayerId) -> Option<(Arc<Layer>, Option<Arc<Areas>>, Option<Arc<Computed>>)> {
        let entry = self.base_entry(id)?;
        let plain = entry.joins.is_empty() && entry.conversion.is_none();
        plain.then(|| (entry.unjoined().clone(), entry.areas.clone(), entry.computed.clone()))
    }

    /// Keeps what formulas give, for the step that asks for it.
    pub fn computed_came(&mut self, id: LayerId, computed: Computed) {
        if let Some(entry) = self.entry_mut(id) {
            entry.computed = Some(Arc::new(computed));
        }
    }

    /// Makes these the formulas of a layer. Called by the history only.
    pub(in crate::scenario) fn set_formulas(&mut self, id: LayerId, formulas: &Arc<Vec<Formula>>) {
        self.show_base_of(id);
        let Some(entry) = self.entry_mut(id) else { return };
        entry.formulas = formulas.clone();
        let old = entry.layer.clone();
        entry.apply_joins();
        // Lost edits are listed with the layer.
        let _ = self.replan(id, Some(old));
    }

    /// Works out anew what formulas of a layer say about areas, where these came or are others.
    pub(in crate::scenario) fn renew_formulas(&mut self, id: LayerId) {
        let Some(formulas) = self.entry(id).map(|entry| entry.formulas.clone()) else { return };
        if formulas.is_empty() || !use_areas(&formulas) {
            return;
        }
        let Some(base) = self.base_entry(id) else { return };
        let is_known = match (&base.computed_with, &base.areas) {
            (Some(known), Some(areas)) => Arc::ptr_eq(known, areas),
            (None, None) => true,
            _ => false,
        };
        if !is_known {
            return self.set_formulas(id, &formulas);
        }
        // The base is as it was: it is a state of a scenario that was measured.
        for planned in self.scenarios.list.iter_mut().flat_map(|scenario| &mut scenario.layers) {
            if planned.id == id {
                planned.renew(&[]);
            }
        }
        self.refresh(id);
    }
}
