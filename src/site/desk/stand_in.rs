//! Whose seats a reader may fill while somebody is away.

use super::Reviewer;
use crate::dossier::{Dossier, Register};
use crate::engine::{self, StepOutcome};
use crate::id::PersonId;
use crate::record::{Decision, Delegation};
use crate::site::view::Index;

/// The people in whose place somebody may decide a step now. What is offered is asked of the engine again
/// with the whole record.
pub fn seats(register: &Register, dossier: &Dossier, step: &StepOutcome, me: &PersonId) -> Vec<PersonId> {
    let mut out: Vec<PersonId> = Vec::new();
    if !step.eligible.contains(me) {
        return out;
    }
    let case = dossier.case(register);
    for delegation in covering(register, dossier, step).filter(|d| d.delegate == *me) {
        let principal = &delegation.principal;
        let able = engine::may_decide(&case.get(), principal, &step.id, Decision::Reject).is_ok();
        if able && !out.contains(principal) {
            out.push(principal.clone());
        }
    }
    out
}

fn covering<'a>(
    register: &'a Register,
    dossier: &'a Dossier,
    step: &'a StepOutcome,
) -> impl Iterator<Item = &'a Delegation> {
    let now = register.as_of;
    register.people.delegations.iter().filter(move |d| d.covers(&dossier.id, &step.id, now))
}

/// That this reader has let somebody decide, for the reader not to wonder.
pub(crate) fn handed_on(
    index: &Index<'_>,
    reviewer: &Reviewer,
    dossier: &Dossier,
    step: &StepOutcome,
) -> String {
    let mine = covering(index.register, dossier, step).find(|d| d.principal == reviewer.person);
    mine.map_or(String::new(), |d| {
        format!(
            "Until {}, {} may decide in your place; what you decide yourself stands over it.",
            d.until.human(),
            index.name(&d.delegate)
        )
    })
}

/// Until when somebody stands in for somebody.
pub(crate) fn until(
    index: &Index<'_>,
    dossier: &Dossier,
    step: &StepOutcome,
    principal: &PersonId,
    me: &PersonId,
) -> String {
    let found =
        covering(index.register, dossier, step).find(|d| d.principal == *principal && d.delegate == *me);
    found.map_or(String::new(), |d| {
        format!(
            "{} let you decide in their place until {}: {}",
            index.name(principal),
            d.until.human(),
            super::home::sentence(&d.reason)
        )
    })
}
