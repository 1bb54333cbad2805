//! 调入调出: what comes to a class or a layer, what leaves it, and what is left to do until a target.

use super::{Live, m2};
use crate::model::classes::Class;
use crate::scenario::compare::transition::ClassKey;
use crate::units::{Area, AreaUnit, balance};

/// What comes and what goes, m². Net of field ridges beside it where both states state their shares: what goes by the
/// shares of the base, what comes by those of the scenario.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Flow {
    /// What comes.
    pub into_m2: f64,
    /// What goes.
    pub out_m2: f64,
    /// What comes, net of ridges.
    pub into_net_m2: Option<f64>,
    /// What goes, net of ridges.
    pub out_net_m2: Option<f64>,
    /// By how much what stays grows net of ridges, since the scenario states other shares for it.
    pub restated_net_m2: Option<f64>,
    /// Parcels of cropland, of either state, that state no share: nothing is deducted for them, so net figures are not
    /// what they will be.
    pub unstated_count: u64,
}

/// Gains and losses as they are read: what came, less what went, and what was stated anew, add up to the balance.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct PrintedFlow {
    /// What comes.
    pub into: f64,
    /// What goes.
    pub out: f64,
    /// By how much what stays grows because its shares of ridges were stated anew; 0 gross.
    pub restated: f64,
    /// What comes less what goes, and what was stated anew.
    pub balance: f64,
    /// Decimals of them.
    pub decimals: usize,
    /// Whether ridges are deducted.
    pub is_net: bool,
}

/// What a plan should come to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Target {
    /// Change wanted, m²: negative for what should go.
    pub change_m2: f64,
    /// Whether it is meant net of ridges.
    pub is_net: bool,
}

/// How far a plan is from its target.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TargetState {
    /// Change reached, m².
    pub change_m2: f64,
    /// What is left to be done, m²; 0 where it is reached to the last square metre.
    pub rest_m2: f64,
    /// Share of the target that is reached, 1 for all of it; `None` for a target of 0.
    pub share: Option<f64>,
    /// Whether the figures are net of ridges: they are gross where the layers state no shares.
    pub is_net: bool,
}

impl Flow {
    /// What comes less what goes, m².
    pub fn balance_m2(&self) -> f64 {
        self.into_m2 - self.out_m2
    }

    /// The same net of ridges, with what was stated anew: the difference of the net areas of both states.
    pub fn balance_net_m2(&self) -> Option<f64> {
        Some(self.into_net_m2? - self.out_net_m2? + self.restated_net_m2?)
    }

    /// The figures in `unit`: the balance rounded, the others so that they add up to it. Net of ridges where wanted and
    /// known.
    pub fn printed(&self, unit: AreaUnit, wants_net: bool) -> PrintedFlow {
        let net = self.into_net_m2.zip(self.out_net_m2).zip(self.restated_net_m2).filter(|_| wants_net);
        let ((into, out), restated) = net.unwrap_or(((self.into_m2, self.out_m2), 0.0));
        let parts = [into, -out, restated].map(|m2| Area::from_m2(m2).value(unit));
        let decimals = parts.iter().map(|part| unit.decimals(*part)).max().unwrap_or_default();
        let balanced = balance(&parts, decimals);
        let [into, out, restated] = [0, 1, 2].map(|at| balanced.rows[at]);
        PrintedFlow { into, out: -out, restated, balance: balanced.total, decimals, is_net: net.is_some() }
    }

    /// How far it is from a target.
    pub fn against(&self, target: &Target) -> TargetState {
        let net = self.balance_net_m2().filter(|_| target.is_net);
        let change_m2 = net.unwrap_or_else(|| self.balance_m2());
        TargetState {
            change_m2,
            rest_m2: target.change_m2 - change_m2,
            share: (target.change_m2 != 0.0).then(|| change_m2 / target.change_m2),
            is_net: net.is_some(),
        }
    }
}

impl Live {
    /// What comes to and leaves the classes that `is_of` holds for, together: cropland, construction land, one class.
    pub fn flow(&self, is_of: impl Fn(&ClassKey) -> bool) -> Flow {
        let is_of: Vec<bool> = self.list.iter().map(is_of).collect();
        let (mut into, mut out, mut into_net, mut out_net, mut restated) = (0, 0, 0, 0, 0);
        for ((from, to), sum) in &self.cells {
            match (is_of[*from as usize], is_of[*to as usize]) {
                (true, false) => (out, out_net) = (out + sum.m2, out_net + sum.net[0]),
                (false, true) => (into, into_net) = (into + sum.m2, into_net + sum.net[1]),
                (true, true) => restated += sum.net[1] - sum.net[0],
                (false, false) => {}
            }
        }
        for (class, _) in is_of.iter().enumerate().filter(|(_, is_of)| **is_of) {
            let [base, scenario] = [0, 1].map(|side| self.sides[side][class]);
            (out, out_net) = (out + base.only, out_net + base.only_net);
            (into, into_net) = (into + scenario.only, into_net + scenario.only_net);
        }
        let net = |sum| self.shares.is_some().then(|| m2(sum));
        Flow {
            into_m2: m2(into),
            out_m2: m2(out),
            into_net_m2: net(into_net),
            out_net_m2: net(out_net),
            restated_net_m2: net(restated),
            unstated_count: self.unstated_count(&is_of),
        }
    }

    /// Parcels of cropland, of either state and of these classes, that state no share of ridges.
    fn unstated_count(&self, is_of: &[bool]) -> u64 {
        let of_class = |class: &usize| is_of[*class] && self.list[*class].class.is_some_and(Class::is_cropland);
        (0..self.list.len())
            .filter(of_class)
            .map(|class| self.sides[0][class].unstated + self.sides[1][class].unstated)
            .sum()
    }

    /// What comes to and leaves the layer as a whole, whatever its classes: farmland taken out of the basic farmland,
    /// and put into it.
    pub fn layer_flow(&self) -> Flow {
        self.flow(|_| true)
    }
}
