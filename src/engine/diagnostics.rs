//! The wording of what the engine refuses before signing, and the meaning of every fate code.

use super::fates::count;
use super::may::Refusal;
use super::state::StepState;
use crate::digest::RecordId;
use crate::id::{PackageId, PersonId, RoleId, StepId};
use crate::record::Decision;

/// Every code: what it means, what to do.
pub const CODES: &[(&str, &str, &str)] = &[
    (
        "KEY_NOT_VALID",
        "The signing key was not the signer's, or had been revoked, at that ledger position; or it was revoked later with the word that it had been in the wrong hands by then.",
        "Sign again with a valid key; a registrar enrols keys with `countersign people`.",
    ),
    (
        "WRONG_REPOSITORY",
        "The record was made in another repository: a fork or a copy.",
        "Sign again in this repository.",
    ),
    (
        "WRONG_PACKAGE",
        "The record is about a package, revision, digest or model that is not the one here.",
        "Review the frozen revision and sign again; if frozen files were changed, restore them.",
    ),
    (
        "DUPLICATE",
        "The same record stands twice. Twice in the ledger itself is an integrity error.",
        "Remove the pending copy; a ledger with a repeated line must be restored.",
    ),
    (
        "CHAIN_MISMATCH",
        "The record names another chain, or a step that the pinned chain does not have.",
        "Sign again: a package keeps the chain its revision pinned.",
    ),
    (
        "MEANING_CHANGED",
        "The sentence signed is not the one the chain asks for.",
        "Sign again with a current countersign; do not edit the sentence.",
    ),
    (
        "ROLE_NOT_HELD",
        "The signer did not hold the role the step asks for, at that ledger position.",
        "A registrar grants the role first; then decide again.",
    ),
    (
        "SOD_AUTHOR",
        "The signer wrote or submitted the package. Authors never approve their own work.",
        "Another holder of the role decides.",
    ),
    (
        "SOD_CONTRIBUTOR",
        "The signer changed the package. Contributors never approve it.",
        "Another holder of the role decides.",
    ),
    (
        "SOD_ONE_STEP",
        "The signer has decided in another step. One person fills one step of a package.",
        "Another holder of the role decides, or the signer takes the other decision back first.",
    ),
    (
        "DELEGATION_INVALID",
        "The signer had no delegation for that seat, step and time, holds no role that may stand in, had handed on his own seat, or has signed in the step already.",
        "The person decides, or delegates again with `countersign delegate`; one person counts once.",
    ),
    (
        "RECUSED",
        "The signer, or the person signed for, stepped aside from this package.",
        "Another holder of the role decides; stepping aside is for good.",
    ),
    (
        "ASSISTANCE_NOT_ALLOWED",
        "The approval was prepared with declared AI assistance, and the step allows none.",
        "Decide again without assistance.",
    ),
    (
        "WRONG_PULL_REQUEST",
        "The record was made for another pull request than the submission of its revision.",
        "Decide in the pull request that carries the revision.",
    ),
    (
        "STEP_NOT_OPEN",
        "The approval was signed before earlier steps had passed. It never counts, even when they pass later.",
        "Approve again once the earlier steps have passed.",
    ),
    (
        "SCOPE_INCOMPLETE",
        "The signer was not shown every section the step judges, as it stands in that revision.",
        "Review the whole scope and approve again.",
    ),
    ("STALE_CONTENT", "What was signed is not what is there now.", "Review what changed and decide again."),
    (
        "UPSTREAM_CHANGED",
        "An earlier step passed otherwise than the signer had seen.",
        "Review the new outcome of the earlier step and decide again.",
    ),
    (
        "POST_CERTIFICATE",
        "The record came after the certificate of that revision, which stays as it is.",
        "An objection is a reason for a new review: submit a new revision.",
    ),
    (
        "NOT_APPLICABLE",
        "The record is about something that does not exist or is not the signer's to act on.",
        "Nothing; it is kept and shown.",
    ),
    ("COUNTED", "The decision counts.", "Nothing."),
    (
        "CARRIED",
        "The decision counts for a later revision too: the change was of a kind the step keeps decisions over.",
        "Nothing; the change is shown with it.",
    ),
    ("COUNTED_AS", "The decision counts in the seat of the person the signer acted for.", "Nothing."),
    (
        "NEEDS_CONFIRM",
        "The approval was made on an earlier revision; since then a few words of prose have changed.",
        "Somebody who approved the step reads the change and runs `countersign confirm`.",
    ),
    (
        "SUPERSEDED_BY_PRINCIPAL",
        "It was signed for somebody who has decided in person.",
        "Nothing: the person's own decision counts.",
    ),
    (
        "EXPIRED",
        "The approval is older than the step allows, or the override is past its last day.",
        "Approve again; or ask for another override.",
    ),
    (
        "SUSPECT_UPSTREAM",
        "It rests on an earlier decision whose key was later revoked for cause.",
        "Have the earlier step decided anew; then this one counts again if nothing else changed.",
    ),
    (
        "OVERRULED",
        "The rejection was set aside by the role the chain names, or with its step by two people.",
        "Nothing; the rejection and the reason stay on the record.",
    ),
    (
        "OVERRIDE_NEEDS_SECOND",
        "A request to set steps aside, without a second person.",
        "Another holder of the role `override` signs `countersign override --second`.",
    ),
    (
        "OVERRIDE_DENIED_VETO",
        "A veto stands that the chain lets nobody set aside.",
        "Whoever has the veto takes it back, or approves.",
    ),
    (
        "OVERRIDE_DENIED_FINAL",
        "A final rejection stands. Nobody can set it aside.",
        "Its signer takes it back, or the model is given up.",
    ),
    (
        "STANDING_REJECTION",
        "A rejection that stands. No revision clears it.",
        "Answer its findings in a new revision; its signer then approves or takes it back.",
    ),
    (
        "OPEN_QUESTION",
        "A question that holds up the package.",
        "The author answers; the asker closes it or decides.",
    ),
    ("SUPERSEDED", "A later decision of the same person in the same step replaced it.", "Nothing."),
    ("WITHDRAWN", "Its signer took it back.", "Nothing; the signer may decide again."),
    (
        "OLDER_THAN_SEAT_STATE",
        "The decision is about an older revision than the one this person has spoken about since.",
        "Nothing; the newer word stands.",
    ),
    (
        "SUSPENDED",
        "The approval rests on an earlier step that is not passed now. It counts again if that returns the same.",
        "Complete the earlier step.",
    ),
    ("NOTED", "A record that is kept and shown and has no vote.", "Nothing."),
    (
        "NOT_SUBMITTED",
        "The package has no submitted revision to decide on.",
        "Submit it: `countersign submit PACKAGE`.",
    ),
    ("NO_SUCH_STEP", "The chain of the current revision has no such step.", "Name one of its steps."),
    (
        "NOT_ENROLLED",
        "The person is not in chains/people.toml.",
        "A registrar enrols the person with `countersign people`.",
    ),
    (
        "ALREADY_DECIDED",
        "The person has decided this revision in this step, and that decision has its effect.",
        "Take it back first, with a reason: `countersign withdraw`.",
    ),
    (
        "OWN_QUESTION_OPEN",
        "The person's own question is open; who waits for an answer cannot approve.",
        "Close the question with `countersign resolve`, or wait for the answer.",
    ),
];

fn refusal(code: &'static str, words: String, help: impl Into<String>) -> Refusal {
    Refusal { code, words, help: help.into() }
}

pub(super) fn not_submitted(package: &PackageId) -> Refusal {
    let words = format!("package {package} has not been submitted: there is nothing to decide on");
    refusal("NOT_SUBMITTED", words, format!("run `countersign submit {package}`"))
}

pub(super) fn no_such_step<'a>(step: &StepId, steps: impl Iterator<Item = &'a StepId>) -> Refusal {
    let steps: Vec<&str> = steps.map(StepId::as_str).collect();
    refusal("NO_SUCH_STEP", format!("there is no step {step}"), format!("its steps are {}", steps.join(", ")))
}

pub(super) fn not_enrolled(person: &PersonId) -> Refusal {
    refusal("NOT_ENROLLED", format!("{person} is not enrolled"), "ask a registrar to enrol this person")
}

pub(super) fn role_not_held<'a>(
    person: &PersonId,
    step: &str,
    role: &RoleId,
    holders: impl Iterator<Item = &'a PersonId>,
) -> Refusal {
    let holders: Vec<&str> = holders.map(PersonId::as_str).collect();
    let help = if holders.is_empty() {
        "nobody holds it: a registrar must grant it".to_owned()
    } else {
        format!("it is held by {}", holders.join(", "))
    };
    refusal("ROLE_NOT_HELD", format!("{step} asks for role {role}, which {person} does not hold"), help)
}

pub(super) fn barred(code: &'static str, person: &PersonId, did: &str, revision: u32) -> Refusal {
    let words = format!("{person} {did} revision {revision} of this package and cannot decide on it");
    refusal(code, words, "another holder of the role decides")
}

pub(super) fn one_step(person: &PersonId, other: &str) -> Refusal {
    let words = format!("{person} has decided in {other}; one person fills one step of a package");
    refusal("SOD_ONE_STEP", words, "another holder of the role decides")
}

pub(super) fn recused(person: &PersonId) -> Refusal {
    refusal(
        "RECUSED",
        format!("{person} stepped aside from this package"),
        "another holder of the role decides",
    )
}

pub(super) fn counts_once(person: &PersonId, seat: &PersonId) -> Refusal {
    let words = format!("{person} has signed in this step for {seat}: one person counts once");
    refusal("DELEGATION_INVALID", words, "another holder of the role decides")
}

pub(super) fn not_open(why: &str) -> Refusal {
    refusal(
        "STEP_NOT_OPEN",
        why.to_owned(),
        "an approval signed now would never count; objections are heard at any time",
    )
}

pub(super) fn certified(revision: u32) -> Refusal {
    let help = "to reopen the review, submit a new revision";
    refusal("POST_CERTIFICATE", format!("revision {revision} is certified; its outcome is frozen"), help)
}

pub(super) fn step_not_open(step: &str, earlier: &str, state: StepState) -> Refusal {
    let words = format!("{step} is not open: {earlier} must pass first and is {}", state.words());
    refusal(
        "STEP_NOT_OPEN",
        words,
        "an approval signed now would never count; objections are heard at any time",
    )
}

pub(super) fn already_decided(
    package: &PackageId,
    decision: Decision,
    revision: u32,
    record: RecordId,
) -> Refusal {
    let what = match decision {
        Decision::Approve => "an approval",
        Decision::Reject => "a rejection",
        Decision::Clarify => "a question",
        Decision::Abstain => "an abstention",
    };
    let words = format!("{what} of revision {revision} by this person is in effect in this step");
    refusal(
        "ALREADY_DECIDED",
        words,
        format!("take it back first: `countersign withdraw {package} {}`", record.short()),
    )
}

pub(super) fn own_question(package: &PackageId, open: usize, first: RecordId, answered: bool) -> Refusal {
    let words = format!("approve is unavailable: {} of your own is open", count(open, "question"));
    let short = first.short();
    let help = if answered {
        format!("it was answered; close it with `countersign resolve {package} {short}`")
    } else {
        format!("wait for the answer, or close it with `countersign resolve {package} {short}`")
    };
    refusal("OWN_QUESTION_OPEN", words, help)
}
