//! Conditions of approvals: what was said about each since, and where it stands.

use super::outcome::ConditionState;
use super::past::Past;
use crate::id::ConditionId;
use std::collections::BTreeMap;

/// What was said about the conditions of a package.
#[derive(Debug, Default)]
pub(super) struct Terms {
    /// By the position of the approval that set it, and its id.
    said: BTreeMap<usize, BTreeMap<ConditionId, Vec<Said>>>,
}

#[derive(Debug, Clone, Copy)]
struct Said {
    at: usize,
    to: ConditionState,
}

impl Terms {
    /// Records a step in a condition's life.
    pub fn say(&mut self, approval: usize, id: &ConditionId, at: usize, to: ConditionState) {
        let of = self.said.entry(approval).or_default();
        of.entry(id.clone()).or_default().push(Said { at, to });
    }

    fn of(&self, approval: usize, id: &ConditionId, past: &Past) -> impl Iterator<Item = &Said> {
        let said = self.said.get(&approval).and_then(|of| of.get(id));
        said.into_iter().flatten().filter(move |said| past.has(said.at))
    }

    /// Where a condition stands within a past.
    pub fn state(&self, approval: usize, id: &ConditionId, past: &Past) -> ConditionState {
        let mut state = ConditionState::Open;
        for said in self.of(approval, id, past) {
            // Dropped or met and checked is for good, whatever a fork says besides.
            if !state.ended() {
                state = said.to;
            }
        }
        state
    }

    /// The records about a condition within a past, in ledger order.
    pub fn records(&self, approval: usize, id: &ConditionId, past: &Past) -> Vec<usize> {
        self.of(approval, id, past).map(|said| said.at).collect()
    }

    /// Where somebody last said that a condition is met.
    pub fn discharged(&self, approval: usize, id: &ConditionId) -> Option<usize> {
        let said = self.said.get(&approval)?.get(id)?;
        said.iter().rev().find(|said| said.to == ConditionState::Discharged).map(|said| said.at)
    }
}
