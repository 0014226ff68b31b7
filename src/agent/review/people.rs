//! What is about people and no package: who decides while somebody is away.

use super::super::draft::Draft;
use super::acts::{day, ticked};
use super::terms::said;
use crate::dossier::Register;
use crate::id::{PackageId, PersonId, StepId};
use crate::record::{About, Body, Delegate};
use crate::site::desk::{ActInput, Problem};
use crate::time::Timestamp;

/// The draft of the record, or what is wrong.
pub(super) fn draft(
    register: &Register,
    me: &PersonId,
    now: Timestamp,
    input: &ActInput,
) -> Result<Draft, Vec<Problem>> {
    let mut problems = Vec::new();
    let body = match input.act.as_str() {
        "delegate" => delegate(register, me, now, input, &mut problems).map(Body::Delegate),
        "undelegate" => undelegate(register, me, input, &mut problems).map(Body::Undelegate),
        _ => None,
    };
    said(&input.text, "text", "Say why", &mut problems);
    match body {
        Some(body) if problems.is_empty() => Ok(Draft::plain(None, body)),
        _ if problems.is_empty() => Err(vec![Problem::new("text", "This cannot be done here any more")]),
        _ => Err(problems),
    }
}

fn delegate(
    register: &Register,
    me: &PersonId,
    now: Timestamp,
    input: &ActInput,
    problems: &mut Vec<Problem>,
) -> Option<Delegate> {
    let to = input.more.get("x-to").and_then(|id| id.parse::<PersonId>().ok());
    let to = to.filter(|to| register.people.person(to).is_some());
    let principal = principal(register, me, input, problems);
    let (whose, themself) = match input.more.contains_key("x-for") {
        true => ("their", "the person who is away"),
        false => ("your", "yourself"),
    };
    match &to {
        None => problems.push(Problem::new("x-to", format!("Choose who decides in {whose} place"))),
        Some(to) if principal.as_ref() == Some(to) => {
            problems.push(Problem::new("x-to", format!("Choose somebody else than {themself}")));
        }
        Some(_) => {}
    }
    let from = day(input, "x-from", problems);
    let until = day(input, "x-until", problems);
    let steps: Vec<StepId> = ticked(input, "x-steps").iter().filter_map(|s| s.parse().ok()).collect();
    let packages = ticked(input, "x-packages");
    let packages: Vec<PackageId> = packages.iter().filter_map(|id| id.parse().ok()).collect();
    let (from, until) = (from?.start(), until?.start().plus_seconds(86_400));
    if from >= until {
        problems.push(Problem::new("x-until-day", "The last day must not be before the first"));
    } else if until <= now {
        problems.push(Problem::new("x-until-day", "That day has passed"));
    }
    let reason = input.text.clone();
    Some(Delegate { from, packages, principal: principal?, reason, steps, to: to?, until })
}

/// Who is away: the signer, or whoever a registrar names.
fn principal(
    register: &Register,
    me: &PersonId,
    input: &ActInput,
    problems: &mut Vec<Problem>,
) -> Option<PersonId> {
    let Some(named) = input.more.get("x-for") else { return Some(me.clone()) };
    if !registrar(register, me) {
        problems.push(Problem::new("x-for", "Only a registrar can do this for somebody else"));
        return None;
    }
    let found = named.parse::<PersonId>().ok().filter(|id| register.people.person(id).is_some());
    if found.is_none() {
        problems.push(Problem::new("x-for", "Choose who is away"));
    }
    found
}

fn registrar(register: &Register, me: &PersonId) -> bool {
    register.people.person(me).is_some_and(|p| p.roles.iter().any(|role| role.as_str() == "registrar"))
}

fn undelegate(
    register: &Register,
    me: &PersonId,
    input: &ActInput,
    problems: &mut Vec<Problem>,
) -> Option<About> {
    let record = input.about.parse().ok()?;
    let found = register.people.delegations.iter().find(|d| d.record == record)?;
    if found.principal != *me && !registrar(register, me) {
        problems.push(Problem::new("text", "Only who is away, or a registrar, can end this"));
    }
    Some(About { reason: input.text.clone(), record })
}
