//! `delegate`, `undelegate`: who decides while somebody is away.

use super::args;
use super::context::{Context, dossier, name_of};
use super::out::{Exit, Failure, answer, answer_json, talk};
use super::review::enrolled;
use super::sign::{Draft, Pen};
use crate::chain::Step;
use crate::digest::RecordId;
use crate::dossier::Register;
use crate::id::StepId;
use crate::record::{About, Body, Delegate, Delegation};
use crate::site::desk::in_vain;
use std::collections::BTreeSet;

/// Lets somebody decide for the signer, or for somebody a registrar signs for.
pub fn delegate(context: &Context, args: &args::Delegate) -> Result<Exit, Failure> {
    let (ws, register) = context.load_sound()?;
    let pen = Pen::take(context, &ws, &register, &args.sign)?;
    let principal = match &args.for_ {
        None => &pen.person,
        Some(id) => enrolled(&register, id)?,
    };
    if principal.id != pen.person.id && !pen.person.roles.iter().any(|role| role.as_str() == "registrar") {
        return Err(Failure::refused(format!(
            "ROLE_NOT_HELD: only {} or a registrar can delegate for {}",
            principal.name, principal.name
        )));
    }
    let to = enrolled(&register, &args.to)?;
    if to.id == principal.id {
        return Err(Failure::refused(format!(
            "DELEGATION_INVALID: {} cannot stand in for themself",
            to.name
        )));
    }
    let (from, until) = (args.from.start(), args.until.after());
    if from >= until {
        return Err(Failure::cannot("`--until` must be later than `--from`"));
    }
    if until <= context.now {
        return Err(Failure::refused("DELEGATION_INVALID: its window has passed already")
            .help("a decision made in another's seat needs a delegation that holds when it is signed"));
    }
    for package in &args.package {
        dossier(&register, package)?;
    }
    known_steps(&register, &args.step)?;
    let body = Delegate {
        from,
        packages: unique(&args.package),
        principal: principal.id.clone(),
        reason: args.reason.clone(),
        steps: unique(&args.step),
        to: to.id.clone(),
        until,
    };
    for words in in_vain(&register, &body) {
        talk(&format!("Note: {words}\n"));
    }
    let id = pen.sign(Draft::plain(None, Body::Delegate(body)))?;
    let how = format!("countersign decide PACKAGE approve --for {}", principal.id);
    said(
        context,
        id,
        &format!("{} may decide for {} until {}: {how}\n", to.name, principal.name, until.human()),
    )
}

/// Ends a delegation; what was decided under it stands.
pub fn undelegate(context: &Context, args: &args::Undelegate) -> Result<Exit, Failure> {
    let (ws, register) = context.load_sound()?;
    let delegation = find(&register, &args.record)?;
    let pen = Pen::take(context, &ws, &register, &args.sign)?;
    if pen.person.id != delegation.principal
        && !pen.person.roles.iter().any(|role| role.as_str() == "registrar")
    {
        let name = name_of(&register, &delegation.principal);
        return Err(Failure::refused(format!(
            "ROLE_NOT_HELD: only {name} or a registrar can end this delegation"
        )));
    }
    let body = About { reason: args.reason.clone(), record: delegation.record };
    let id = pen.sign(Draft::plain(None, Body::Undelegate(body)))?;
    said(
        context,
        id,
        &format!(
            "{} does not decide for {} any more.\n",
            name_of(&register, &delegation.delegate),
            name_of(&register, &delegation.principal)
        ),
    )
}

fn said(context: &Context, id: RecordId, words: &str) -> Result<Exit, Failure> {
    if context.json() {
        answer_json(&serde_json::json!({ "record": id }));
    } else {
        answer(words);
        talk("Commit chains/pending.\n");
    }
    Ok(Exit::Yes)
}

fn find<'a>(register: &'a Register, start: &str) -> Result<&'a Delegation, Failure> {
    let all = &register.people.delegations;
    let found: Vec<&Delegation> =
        all.iter().filter(|d| start.len() >= 4 && d.record.to_string().starts_with(start)).collect();
    match found.as_slice() {
        [one] => Ok(one),
        [] => {
            let known: Vec<String> = all
                .iter()
                .map(|d| format!("{} ({} for {})", d.record.short(), d.delegate, d.principal))
                .collect();
            let known = if known.is_empty() {
                "nobody has delegated".to_owned()
            } else {
                format!("there are {}", known.join(", "))
            };
            Err(Failure::cannot(format!("no delegation begins with `{start}`")).help(known))
        }
        _ => Err(Failure::cannot(format!("several delegations begin with `{start}`; give more of it"))),
    }
}

fn unique<T: Ord + Clone>(items: &[T]) -> Vec<T> {
    items.iter().cloned().collect::<BTreeSet<T>>().into_iter().collect()
}

fn steps(register: &Register) -> impl Iterator<Item = &Step> {
    let frozen = register.packages.values().filter_map(|d| d.current()).map(|r| &r.chain);
    register.chains.values().chain(frozen).flat_map(|chain| chain.steps.iter())
}

fn known_steps(register: &Register, named: &[StepId]) -> Result<(), Failure> {
    let known: BTreeSet<&StepId> = steps(register).map(|step| &step.id).collect();
    match named.iter().find(|step| !known.contains(step)) {
        None => Ok(()),
        Some(step) => {
            let known: Vec<&str> = known.into_iter().map(StepId::as_str).collect();
            Err(Failure::cannot(format!("no chain has a step `{step}`"))
                .help(format!("steps: {}", known.join(", "))))
        }
    }
}
