//! What is legal in a chain but cannot work with the people there are, or not as it was meant.

use super::diagnostics as say;
use super::fill::{Holders, Unfilled, fill, voters};
use super::{Chain, Step, Tally, Voter, When};
use crate::diag::Diagnostics;
use crate::id::{PersonId, RoleId, StepId};
use crate::time::{Period, Term};
use std::collections::{BTreeMap, BTreeSet};

/// A person with the roles held.
pub type Holder = (PersonId, BTreeSet<RoleId>);

/// Roles that the program itself asks for; no chain needs to name them.
pub const OFFICES: [&str; 4] = ["issuer", "override", "registrar", "revoker"];

/// Kinds of packages told apart; where a chain tells more, every step is taken to be for all.
const MOST_KINDS: usize = 1024;
/// Sets of steps for which filling is proved one by one.
const MOST_SETS: usize = 16;

/// Judges a chain against the people. For roles that no chain at all uses, see [`unused_roles`].
pub fn lint(chain: &Chain, people: &[Holder]) -> Diagnostics {
    let mut out = Diagnostics::new();
    let mut holders: Holders<'_> = BTreeMap::new();
    for (person, roles) in people {
        for role in roles {
            holders.entry(role).or_default().insert(person);
        }
    }
    let mut lone = BTreeSet::new();
    for step in &chain.steps {
        roles(chain, step, people, &holders, &mut lone, &mut out);
        rules(chain, step, &holders, &mut out);
    }
    fresh(chain, &mut out);
    let kinds = kinds(chain, &mut out);
    filled(chain, &holders, kinds, &mut out);
    out
}

/// Warns of roles that are held and that no step of any of the chains asks for.
pub fn unused_roles<'a>(chains: impl IntoIterator<Item = &'a Chain>, people: &[Holder]) -> Diagnostics {
    let used: BTreeSet<&RoleId> = chains.into_iter().flat_map(|c| &c.steps).flat_map(named).collect();
    let mut idle: BTreeMap<&RoleId, Vec<&str>> = BTreeMap::new();
    for (person, roles) in people {
        for role in roles.iter().filter(|r| !used.contains(r) && !OFFICES.contains(&r.as_str())) {
            idle.entry(role).or_default().push(person.as_str());
        }
    }
    idle.iter().map(|(role, who)| say::role_not_used(role.as_str(), who)).collect()
}

/// Warns of roles of the program itself that too few hold. One holder of `override` looks like a way out
/// that is none; that nobody holds it is a choice.
pub fn offices<'a>(chains: impl IntoIterator<Item = &'a Chain>, people: &[Holder]) -> Diagnostics {
    let mut out = Diagnostics::new();
    let holding = |office: &str| -> Vec<&PersonId> {
        let holds = |roles: &BTreeSet<RoleId>| roles.iter().any(|role| role.as_str() == office);
        people.iter().filter(|(_, roles)| holds(roles)).map(|(person, _)| person).collect()
    };
    let mut chains = chains.into_iter().peekable();
    if chains.peek().is_some() && !people.is_empty() && holding("issuer").is_empty() {
        out.push(say::no_issuer());
    }
    if chains.any(|chain| chain.overridable)
        && let [one] = holding("override").as_slice()
    {
        out.push(say::one_override(one.as_str()));
    }
    out
}

/// Every role a step names.
fn named(step: &Step) -> impl Iterator<Item = &RoleId> {
    let veto = step.veto.iter().filter_map(|voter| match voter {
        Voter::Role(role) => Some(role),
        Voter::Person(_) => None,
    });
    let chairs = step.ways.iter().filter_map(|way| match &way.tally {
        Tally::Quorum(quorum) => quorum.chair.as_ref(),
        Tally::Approvals(_) => None,
    });
    let others = step.escalate.iter().map(|e| &e.to).chain(&step.delegates).chain(&step.resolve_rejection);
    step.roles().chain(veto).chain(chairs).chain(others)
}

/// Roles that nobody holds, or one person only.
fn roles<'a>(
    chain: &Chain,
    step: &'a Step,
    people: &[Holder],
    holders: &Holders<'_>,
    lone: &mut BTreeSet<&'a RoleId>,
    out: &mut Diagnostics,
) {
    let id = step.id.as_str();
    let alternatives = step.ways.len() > 1;
    for way in &step.ways {
        let chair = match &way.tally {
            Tally::Quorum(quorum) => quorum.chair.as_ref(),
            Tally::Approvals(_) => None,
        };
        for role in [Some(&way.role), chair].into_iter().flatten() {
            let held: Vec<&&PersonId> = holders.get(role).into_iter().flatten().collect();
            match held.as_slice() {
                [] if alternatives => {
                    out.push(say::idle_role(&chain.id, id, role.as_str(), "that way to pass is shut"));
                }
                [] => out.push(say::role_not_held(&chain.id, id, role.as_str())),
                [one] if lone.insert(role) => {
                    out.push(say::one_holder(&chain.id, role.as_str(), one.as_str()));
                }
                _ => {}
            }
        }
    }
    let mut idle = |role: &RoleId, so| {
        if !holders.contains_key(role) {
            out.push(say::idle_role(&chain.id, id, role.as_str(), so));
        }
    };
    for escalation in &step.escalate {
        idle(&escalation.to, "escalation reaches nobody");
    }
    for role in &step.delegates {
        idle(role, "it lets nobody stand in");
    }
    if let Some(role) = &step.resolve_rejection {
        idle(role, "nobody can set a rejection aside");
    }
    for voter in &step.veto {
        match voter {
            Voter::Role(role) => idle(role, "nobody has that veto"),
            Voter::Person(_) => {}
        }
    }
    for voter in &step.veto {
        if let Voter::Person(person) = voter
            && !people.iter().any(|(known, _)| known == person)
        {
            out.push(say::person_unknown(&chain.id, id, person.as_str()));
        }
    }
}

/// Rules of a step that work otherwise than one would think.
fn rules(chain: &Chain, step: &Step, holders: &Holders<'_>, out: &mut Diagnostics) {
    let id = step.id.as_str();
    if step.ways.iter().any(|way| matches!(&way.tally, Tally::Quorum(q) if q.no_is_present)) {
        out.push(say::no_is_present(&chain.id, id));
    }
    let people: BTreeSet<&PersonId> = step.ways.iter().flat_map(|way| voters(step, way, holders)).collect();
    if step.veto.is_empty() && !people.is_empty() && people.len() < step.reject as usize {
        out.push(say::never_refused(&chain.id, id, step.reject, people.len()));
    }
    for escalation in &step.escalate {
        if step.deadline.is_some_and(|d| escalation.after != d && escalation.after.surely_not_after(d)) {
            let (to, after) = (escalation.to.as_str(), escalation.after.to_string());
            out.push(say::escalates_early(&chain.id, id, to, &after));
        }
    }
    if let Some(role) = step.resolve_rejection.as_ref().filter(|role| step.takes(role)) {
        out.push(say::resolves_itself(&chain.id, id, role.as_str()));
    }
}

/// Approvals that may expire while later steps are still in time. Steps are in topological order, so each
/// one's longest way to the end is known before its predecessors'.
fn fresh(chain: &Chain, out: &mut Diagnostics) {
    let mut after: BTreeMap<&StepId, u32> = BTreeMap::new();
    for step in chain.steps.iter().rev() {
        let later = after.get(&step.id).copied().unwrap_or(0);
        let own = later.saturating_add(step.deadline.map_or(0, days));
        for before in &step.after {
            let known = after.entry(before).or_insert(0);
            *known = own.max(*known);
        }
        let Some(fresh) = step.fresh_for else { continue };
        let holds = match fresh {
            Period::Days(days) => u32::from(days),
            Period::Months(months) => u32::from(months) * 28,
        };
        if holds < later {
            out.push(say::fresh_too_short(&chain.id, step.id.as_str(), &fresh.to_string(), later));
        }
    }
}

/// Calendar days a term usually takes: five business days are a week.
fn days(term: Term) -> u32 {
    match term {
        Term::Hours(hours) => hours.div_ceil(24),
        Term::Days(days) => days,
        Term::BusinessDays(days) => days.saturating_mul(7).div_ceil(5),
    }
}

/// The largest sets of steps that one package can have to pass, as positions.
fn kinds(chain: &Chain, out: &mut Diagnostics) -> Vec<BTreeSet<usize>> {
    let all: BTreeSet<usize> = (0..chain.steps.len()).collect();
    let mut keys: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for when in chain.steps.iter().filter_map(|step| step.when.as_ref()) {
        keys.entry(&when.meta).or_default().extend(when.values.iter().map(String::as_str));
    }
    if chain.steps.iter().all(|step| step.when.is_some()) {
        for key in keys.keys() {
            out.push(say::when_not_judged(&chain.id, key));
        }
    }
    let count = keys.values().try_fold(1_usize, |n, values| n.checked_mul(values.len() + 1));
    if count.is_none_or(|n| n > MOST_KINDS) {
        return vec![all];
    }
    // Every package is of one kind: for each key one of the values the chain names, or none of them.
    let mut packages: Vec<BTreeMap<&str, Option<&str>>> = vec![BTreeMap::new()];
    for (key, values) in &keys {
        let choices = values.iter().copied().map(Some).chain([None]);
        let with = |choice| {
            packages.iter().map(move |p| p.iter().map(|(k, v)| (*k, *v)).chain([(*key, choice)]).collect())
        };
        packages = choices.flat_map(with).collect();
    }
    let applies = |when: &When, package: &BTreeMap<&str, Option<&str>>| {
        let value = package.get(when.meta.as_str()).copied().flatten();
        value.is_some_and(|value| when.values.iter().any(|v| v == value)) == when.among
    };
    let mut sets: BTreeSet<BTreeSet<usize>> = BTreeSet::new();
    let mut unjudged = BTreeSet::new();
    for package in &packages {
        let set: BTreeSet<usize> = chain
            .steps
            .iter()
            .enumerate()
            .filter(|(_, step)| step.when.as_ref().is_none_or(|when| applies(when, package)))
            .map(|(position, _)| position)
            .collect();
        for section in &chain.sections {
            let judged = set.iter().any(|at| chain.steps[*at].scope.contains(&section.id));
            if !judged && unjudged.insert(&section.id) {
                let words = package.iter().map(|(key, value)| match value {
                    Some(value) => format!("{key} = \"{value}\""),
                    None => format!("another {key}"),
                });
                let words: Vec<String> = words.collect();
                out.push(say::section_when(&chain.id, section.id.as_str(), &words.join(" and ")));
            }
        }
        sets.insert(set);
    }
    // Whoever can fill a set can fill every part of it.
    let largest = |set: &&BTreeSet<usize>| !sets.iter().any(|other| *set != other && set.is_subset(other));
    let largest: Vec<BTreeSet<usize>> = sets.iter().filter(largest).cloned().collect();
    if largest.len() > MOST_SETS { vec![all] } else { largest }
}

/// Whether every set of steps can be filled, whoever wrote the package.
fn filled(chain: &Chain, holders: &Holders<'_>, kinds: Vec<BTreeSet<usize>>, out: &mut Diagnostics) {
    let mut blocked = BTreeSet::new();
    for kind in kinds {
        // A role nobody holds was reported already; the rest is judged among the others.
        let steps: Vec<&Step> =
            kind.iter().map(|at| &chain.steps[*at]).filter(|s| held(s, holders)).collect();
        match fill(&steps, holders, None) {
            Err(Unfilled::TooMany) => return out.push(say::not_proven(&chain.id)),
            Err(Unfilled::Short(short)) => return out.push(say::unreachable(&chain.id, &short)),
            Ok(needed) => {
                // Only a person the filling relied on can be missed.
                for author in needed {
                    match fill(&steps, holders, Some(author)) {
                        Ok(_) => {}
                        Err(Unfilled::TooMany) => return out.push(say::not_proven(&chain.id)),
                        Err(Unfilled::Short(short)) if blocked.insert(author.clone()) => {
                            out.push(say::author_blocks(&chain.id, author.as_str(), &short));
                        }
                        Err(Unfilled::Short(_)) => {}
                    }
                }
            }
        }
    }
}

/// False if the only way to pass asks for a role that nobody holds.
fn held(step: &Step, holders: &Holders<'_>) -> bool {
    let chair = |tally: &Tally| match tally {
        Tally::Quorum(quorum) => quorum.chair.as_ref().is_none_or(|chair| holders.contains_key(chair)),
        Tally::Approvals(_) => true,
    };
    step.ways.len() > 1 || step.ways.iter().all(|way| holders.contains_key(&way.role) && chair(&way.tally))
}
