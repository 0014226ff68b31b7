//! Whose seats a reader may fill while somebody is away.

use super::Reviewer;
use crate::dossier::{Dossier, Register};
use crate::engine::{self, StepOutcome};
use crate::id::{PersonId, StepId};
use crate::record::{Decision, Delegate, Delegation};
use crate::site::view::Index;
use crate::site::words;
use std::collections::{BTreeMap, BTreeSet};

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

/// Every step of every chain, with its title.
pub(crate) fn steps(register: &Register) -> BTreeMap<StepId, String> {
    let frozen = register.packages.values().filter_map(|d| d.current()).map(|r| &r.chain);
    let all = frozen.chain(register.chains.values()).flat_map(|chain| &chain.steps);
    all.map(|step| (step.id.clone(), step.title.clone())).collect()
}

/// What of a delegation would have no effect as things stand: a delegate holds one of the roles that a step
/// lets stand in, and did not write the package. It is said and not refused, since roles can be granted until
/// the first day.
pub fn in_vain(register: &Register, delegate: &Delegate) -> Vec<String> {
    let people = &register.people;
    let (Some(principal), Some(to)) = (people.person(&delegate.principal), people.person(&delegate.to))
    else {
        return Vec::new();
    };
    let frozen = register.packages.values().filter_map(|d| d.current()).map(|r| &r.chain);
    let steps = register.chains.values().chain(frozen).flat_map(|chain| chain.steps.iter());
    let mut shut: BTreeSet<String> = BTreeSet::new();
    for step in steps.filter(|step| delegate.steps.is_empty() || delegate.steps.contains(&step.id)) {
        let fills = step.roles().any(|role| principal.roles.contains(role));
        let stands_in = if step.delegates.is_empty() {
            step.roles().any(|role| to.roles.contains(role))
        } else {
            step.delegates.iter().any(|role| to.roles.contains(role))
        };
        if fills && !stands_in {
            shut.insert(step.id.to_string());
        }
    }
    let mut out = Vec::new();
    if !shut.is_empty() {
        let shut: Vec<String> = shut.into_iter().collect();
        out.push(format!(
            "{} holds no role that may stand in for {} in {}.",
            to.name,
            principal.name,
            words::list(&shut)
        ));
    }
    let wrote = |d: &&Dossier| d.package.as_ref().is_some_and(|p| p.meta.authors.contains(&to.id));
    let covered = |d: &&Dossier| delegate.packages.is_empty() || delegate.packages.contains(&d.id);
    let own: Vec<String> =
        register.packages.values().filter(covered).filter(wrote).map(|d| d.id.to_string()).collect();
    if !own.is_empty() {
        out.push(format!(
            "{} wrote {} and can decide on it in nobody\u{2019}s seat.",
            to.name,
            words::list(&own)
        ));
    }
    out
}
