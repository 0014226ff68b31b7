//! The outcome of all earlier steps, as a decision binds it (SPEC section 2.8).
//!
//! A signer's tool puts the digest into the record; the engine computes it again from what the signer had
//! seen. Later the same picture is drawn anew and compared: a later step stands on the earlier one as it
//! was, not on whatever it became.

use super::Case;
use super::clock::Moment;
use super::history::History;
use super::past::Past;
use super::state::StepState;
use super::steps::StepView;
use crate::digest::{RecordId, UpstreamDigest, sha256};
use crate::id::{PersonId, StepId};
use crate::record::{Condition, Decision};
use serde::Serialize;

/// What the digest is taken over. Fields stand in alphabetical order: the compact JSON of this is
/// canonical.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Upstream {
    countersign: &'static str,
    steps: Vec<Earlier>,
}

/// One earlier step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Earlier {
    conditions: Vec<Term>,
    decisions: Vec<Said>,
    outcome: Stood,
    step: StepId,
}

/// How an earlier step stood. Why it had not passed makes no difference to a later one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Stood {
    NotPassed,
    Satisfied,
    SatisfiedWithConditions,
    NotApplicable,
    Overridden,
}

impl Stood {
    fn by_itself(self) -> bool {
        matches!(self, Stood::Satisfied | Stood::SatisfiedWithConditions)
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Term {
    condition: Condition,
    record: RecordId,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Said {
    decision: Decision,
    person: PersonId,
    record: RecordId,
}

/// What became of the outcome a decision rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Since {
    /// It is the same in what counts.
    Same,
    /// This step is not passed now.
    NotPassed(StepId),
    /// This step passed otherwise than before.
    Changed(StepId),
}

impl Upstream {
    /// Draws the picture from the views of all ancestors, in chain order.
    pub fn of<'v>(history: &History, ancestors: impl Iterator<Item = &'v StepView<'v>>) -> Upstream {
        let steps = ancestors.map(|view| Earlier::of(history, view)).collect();
        Upstream { countersign: "upstream/v1", steps }
    }

    /// SHA-256 of the canonical JSON.
    pub fn digest(&self) -> UpstreamDigest {
        let json = serde_json::to_vec(self).expect("plain data with text keys");
        UpstreamDigest(sha256(&json))
    }

    /// Compares what was signed with what is now.
    ///
    /// A further approval without conditions takes nothing away from those who relied on the first. A
    /// person who approved anew in the same terms is the same outcome again: otherwise nothing suspended
    /// could ever return. Everything else is another outcome than the one assented to.
    pub fn since(&self, now: &Upstream) -> Since {
        let mut fallen = None;
        for then in &self.steps {
            let Some(now) = now.steps.iter().find(|step| step.step == then.step) else {
                return Since::Changed(then.step.clone());
            };
            if now.outcome == Stood::NotPassed {
                fallen.get_or_insert_with(|| then.step.clone());
            } else if !then.kept_in(now) {
                return Since::Changed(then.step.clone());
            }
        }
        fallen.map_or(Since::Same, Since::NotPassed)
    }
}

impl Earlier {
    fn of(history: &History, view: &StepView) -> Earlier {
        let in_effect = view.seats.iter().filter(|seat| seat.code.in_effect());
        let said = in_effect.map(|seat| Said {
            decision: history.decide(seat.at).decision,
            person: seat.person.clone(),
            record: history.id(seat.at),
        });
        let terms = view.conditions(history);
        let conditions =
            terms.map(|(at, condition)| Term { condition: condition.clone(), record: history.id(at) });
        let conditions: Vec<Term> = conditions.collect();
        let outcome = match view.state {
            StepState::NotApplicable => Stood::NotApplicable,
            StepState::Overridden => Stood::Overridden,
            state if !state.passed() => Stood::NotPassed,
            _ if conditions.is_empty() => Stood::Satisfied,
            _ => Stood::SatisfiedWithConditions,
        };
        Earlier { conditions, decisions: said.collect(), outcome, step: view.step.id.clone() }
    }

    fn approvals(&self) -> impl Iterator<Item = &Said> {
        self.decisions.iter().filter(|said| said.decision == Decision::Approve)
    }

    fn terms(&self, record: RecordId) -> impl Iterator<Item = &Condition> {
        self.conditions.iter().filter(move |term| term.record == record).map(|term| &term.condition)
    }

    fn kept_in(&self, now: &Earlier) -> bool {
        // Who relied on a step that was set aside loses nothing when it passes by itself.
        let same = self.outcome == now.outcome
            || now.outcome.by_itself() && (self.outcome.by_itself() || self.outcome == Stood::Overridden);
        // Terms of an approval that grew too old still bind: time must not take them away.
        let old = now.conditions.iter().filter(|t| now.approvals().all(|said| said.record != t.record));
        if !same || !old.into_iter().all(|term| self.conditions.contains(term)) {
            return false;
        }
        let before = |person: &PersonId| self.approvals().find(|said| said.person == *person);
        let after = |person: &PersonId| now.approvals().find(|said| said.person == *person);
        let kept = self.approvals().all(|then| {
            after(&then.person).is_some_and(|said| now.terms(said.record).eq(self.terms(then.record)))
        });
        let added = now.approvals().filter(|said| before(&said.person).is_none());
        kept && added.into_iter().all(|said| now.terms(said.record).next().is_none())
    }
}

/// The digest a decision signed now in `step` must carry; `None` if nothing was submitted or the chain
/// has no such step.
pub fn upstream_for(case: &Case, step: &StepId) -> Option<UpstreamDigest> {
    let history = History::read(case);
    let everything = Past::prefix(case.entries.len());
    let revision = history.current(&everything)?;
    let index = history.facts[revision].index(step)?;
    let moment = Moment::then(&everything, case.as_of);
    let views = history.steps(revision, &moment, None);
    let ancestors = &history.facts[revision].ancestors[index];
    Some(Upstream::of(&history, ancestors.iter().map(|step| &views[*step])).digest())
}
