//! The sentence a signer assents to: in the first person, with the substance of what is signed.
//!
//! The sentences are part of the format (SPEC section 2.5): a signature stands under exactly this text, so
//! changing one means a new record version. They stay short whatever a record holds: a longer list is
//! counted in the sentence and named in the deed, which stands below it.

use super::body::{Body, Certified, Comment, Confirm, Delegate, Override};
use super::wording::{class_word, in_a_row};
use super::{Record, Subject};
use crate::id::{PackageId, PersonId, StepId};

/// How many steps or packages a sentence names; more are counted.
const NAMED: usize = 3;

/// The sentence of every kind but `decide`, whose sentence the chain gives.
pub fn standard_meaning(record: &Record) -> Option<String> {
    let said = match &record.subject {
        Some(subject) => about_package(record, subject)?,
        None => about_people(record),
    };
    let name = &record.signer.name;
    Some(match &record.signer.acting_for {
        Some(principal) => format!("I, {name}, for {principal}, {said}"),
        None => format!("I, {name}, {said}"),
    })
}

fn about_people(record: &Record) -> String {
    match &record.body {
        Body::Delegate(delegate) => delegation(delegate, &record.signer.person),
        Body::Undelegate(_) => "end the delegation named below, from here on.".to_owned(),
        _ => "make these changes to the people of this repository, and each identity was verified as described."
            .to_owned(),
    }
}

fn delegation(delegate: &Delegate, signer: &PersonId) -> String {
    let Delegate { from, packages, principal, steps, to, until, .. } = delegate;
    let whom = if principal == signer { "me" } else { principal.as_str() };
    format!(
        "let {to} decide for {whom} in {} of {} from {} until {}.",
        if steps.is_empty() { "every step".to_owned() } else { named_steps(steps) },
        if packages.is_empty() { "every package".to_owned() } else { named_packages(packages) },
        from.human(),
        until.human()
    )
}

fn about_package(record: &Record, subject: &Subject) -> Option<String> {
    let package = &subject.package;
    let of = format!("revision {} of {package}", subject.revision);
    // Kinds that need a role or step have it: the keys were checked before. A draft without one is refused
    // when it is parsed, under that reason.
    let role = record.role.as_ref().map_or("", |r| r.as_str());
    let step = record.step.as_ref().map_or("", |s| s.as_str());
    Some(match &record.body {
        Body::Submit(_) => format!("submit {of} for review; everyone who wrote or changed it is named here."),
        Body::Comment(Comment { blocking: true, section, .. }) => {
            format!("ask about {section} in {of}, and it must be answered before approval.")
        }
        Body::Comment(Comment { section, .. }) => format!("comment on {section} in {of}."),
        Body::Answer(_) => format!("answer a question about {of}."),
        Body::Resolve(_) => format!("consider my question about {of} settled."),
        Body::Withdraw(_) => format!("take back a record of mine about {of}."),
        Body::Certify(certify) => format!(
            "certify that {of}, for model {} version {}, has passed {}.",
            subject.model.name,
            subject.model.version,
            passed(&certify.outcome, subject)
        ),
        Body::Retract(_) => format!("take {of} out of review."),
        Body::Object(_) => format!("as {role}, object to {of} in step {step}."),
        Body::Recuse(_) => {
            format!("step aside from the review of {package}: nothing I approved or approve in it counts.")
        }
        Body::Confirm(Confirm { class, since, .. }) => format!(
            "as {role}, have seen the {} changes from revision {since} to {of}, and the approval of step {step} stands.",
            class_word(*class)
        ),
        Body::ResolveRejection(_) => {
            format!("as {role}, set aside the rejection named below in step {step} of {of}.")
        }
        Body::Discharge(discharge) => {
            format!("declare that condition {} of {of} is met.", discharge.condition)
        }
        Body::Verify(verify) if verify.accepted => {
            format!("as {role}, have checked that condition {} of {of} is met.", verify.condition)
        }
        Body::Verify(verify) => {
            format!("as {role}, have checked condition {} of {of}, and it is not met.", verify.condition)
        }
        Body::Waive(waive) => {
            format!("as {role}, drop condition {} of {of}: it need not be met.", waive.condition)
        }
        Body::Override(set_aside) => overriding(set_aside, &of),
        Body::Revoke(_) => format!("revoke the certificate of {of}: from here on it approves nothing."),
        Body::Decide(_) | Body::People(_) | Body::Delegate(_) | Body::Undelegate(_) => return None,
    })
}

fn overriding(set_aside: &Override, of: &str) -> String {
    let Override { about, expires, review, steps, .. } = set_aside;
    let asks = if about.is_some() { "agree" } else { "ask" };
    let steps = named_steps(steps);
    format!(
        "{asks} that {steps} of {of} be set aside through {}, to be looked back on by {}, and answer for it.",
        expires.human(),
        review.human()
    )
}

/// What a certificate says was passed: an issuer never signs that a step was passed when it was not.
fn passed(outcome: &Certified, subject: &Subject) -> String {
    let in_state = |state: &str| -> Vec<StepId> {
        outcome.steps.iter().filter(|s| s.state == state).map(|s| s.step.clone()).collect()
    };
    let mut said = format!("every step of chain {}", subject.chain.id);
    if !in_state("not_applicable").is_empty() {
        said += " that applies to it";
    }
    let overridden = in_state("overridden");
    if !overridden.is_empty() {
        said += &format!(", except {}, set aside by override", named_steps(&overridden));
    }
    said
}

fn named_steps(steps: &[StepId]) -> String {
    let names: Vec<&str> = steps.iter().map(StepId::as_str).collect();
    named("step", &names)
}

fn named_packages(packages: &[PackageId]) -> String {
    let names: Vec<&str> = packages.iter().map(PackageId::as_str).collect();
    named("package", &names)
}

/// `step a`, `steps a and b`, `steps a, b and c`, `4 steps named below`.
fn named(what: &str, names: &[&str]) -> String {
    match names {
        [one] => format!("{what} {one}"),
        many if many.len() <= NAMED => format!("{what}s {}", in_a_row(many)),
        many => format!("{} {what}s named below", many.len()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_names_three_and_counts_more() {
        assert_eq!(named("step", &["a"]), "step a");
        assert_eq!(named("step", &["a", "b"]), "steps a and b");
        assert_eq!(named("package", &["a", "b", "c"]), "packages a, b and c");
        assert_eq!(named("package", &["a", "b", "c", "d"]), "4 packages named below");
    }
}
