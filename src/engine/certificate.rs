//! Freezes an outcome for a certificate, and checks that a certificate says what evaluation says.

use super::Case;
use super::advice;
use super::clock::{self, Moment};
use super::history::{Facts, History, Ruling};
use super::outcome::{Advice, ConditionState};
use super::report::Whole;
use super::state::{PackageState, StepState};
use super::steps::StepView;
use crate::digest::RecordId;
use crate::record::{
    Body, Certified, CertifiedCondition, CertifiedDecision, CertifiedRound, CertifiedStep, Condition,
    ConditionEnd, ConditionKind,
};
use crate::time::Timestamp;

/// The outcome to be frozen by a certificate signed at `as_of`.
///
/// # Errors
/// What is missing, when not every step has passed.
pub fn certificate(case: &Case) -> Result<Certified, Vec<Advice>> {
    let history = History::read(case);
    let moment = history.today(case.as_of);
    let whole = Whole::of(&history, &moment);
    let frozen = freeze(&history, whole.as_ref(), &moment);
    frozen.ok_or_else(|| advice::advice(&history, whole.as_ref(), &moment))
}

/// Checks that a certificate equals what evaluation gives at its position, and says what differs if not.
///
/// # Errors
/// In words, when it does not hold.
pub fn certificate_holds(case: &Case, certificate: &RecordId) -> Result<(), String> {
    let history = History::read(case);
    let Some(at) = history.positions.get(certificate).copied() else {
        return Err(format!("there is no record {}", certificate.short()));
    };
    if !matches!(history.record(at).body, Body::Certify(_)) {
        return Err(format!("record {} is not a certificate", certificate.short()));
    }
    match &history.rulings[at] {
        Ruling::Stands => Ok(()),
        Ruling::Refused(code, note) => Err(format!("{code}: {note}")),
    }
}

/// What a certificate at position `at` says otherwise than evaluation of everything before it.
pub(super) fn difference(
    history: &History,
    at: usize,
    signed_at: Timestamp,
    certified: &Certified,
) -> Option<String> {
    // What its issuer could see: a key in the wrong hands too, if that had come to light by then.
    let people = &history.entry(at).people;
    let past = history.known_past(people, at);
    let moment = Moment { known: Some(people), ..Moment::then(&past, signed_at) };
    let whole = Whole::of(history, &moment);
    let Some(frozen) = freeze(history, whole.as_ref(), &moment) else {
        let state = whole.map_or(PackageState::Draft, |whole| whole.state(history));
        return Some(format!("the package was {} at this position", state.words()));
    };
    let parts = [
        ("artifact", frozen.artifact == certified.artifact),
        ("chain", frozen.chain == certified.chain),
        ("conditions", frozen.conditions == certified.conditions),
        ("digest", frozen.digest == certified.digest),
        ("rounds", frozen.rounds == certified.rounds),
        ("review_by", frozen.review_by == certified.review_by),
        ("state", frozen.state == certified.state),
        ("steps", frozen.steps == certified.steps),
    ];
    let other: Vec<&str> = parts.iter().filter(|(_, same)| !same).map(|(name, _)| *name).collect();
    let note = || format!("it says otherwise than the records before it about {}", other.join(", "));
    (!other.is_empty()).then(note)
}

fn freeze(history: &History, whole: Option<&Whole>, moment: &Moment) -> Option<Certified> {
    let whole = whole?;
    let state = match whole.state(history) {
        PackageState::Approved => "approved",
        PackageState::ApprovedWithConditions => "approved_with_conditions",
        PackageState::ApprovedByOverride => "approved_by_override",
        _ => return None,
    };
    let state_of = |at: usize, condition: &Condition| history.condition_state(at, condition, moment.past);
    let before_merge = |(_, at, condition): &(_, usize, &Condition)| {
        condition.kind == ConditionKind::PreMerge && !state_of(*at, condition).ended()
    };
    if whole.conditions(history).any(|c| before_merge(&c)) {
        return None;
    }
    let facts = &history.facts[whole.revision];
    let conditions = whole.conditions(history);
    Some(Certified {
        artifact: facts.revision.package.meta.artifact.clone(),
        chain: facts.chain().digest,
        conditions: conditions
            .map(|(_, at, condition)| CertifiedCondition {
                condition: condition.clone(),
                record: history.id(at),
                state: match state_of(at, condition) {
                    ConditionState::Verified => Some(ConditionEnd::Verified),
                    ConditionState::Waived => Some(ConditionEnd::Waived),
                    _ => None,
                },
            })
            .collect(),
        digest: facts.digest,
        rounds: rounds(history, whole.revision),
        review_by: facts.chain().review_by.map(|period| period.after(moment.now.date())),
        state: state.to_owned(),
        steps: whole.views.iter().map(|view| step(history, facts, view, moment)).collect(),
        supersedes: None,
    })
}

fn rounds(history: &History, last: usize) -> Vec<CertifiedRound> {
    let ids = |list: &[usize]| list.iter().map(|at| history.id(*at)).collect();
    let round = |index: usize| CertifiedRound {
        rejections: ids(&history.rejections[index]),
        revision: history.facts[index].revision.number,
        submission: history.id(history.submits[index]),
    };
    (0..=last).map(round).collect()
}

fn step(history: &History, facts: &Facts, view: &StepView, moment: &Moment) -> CertifiedStep {
    let counted = view.seats.iter().filter(|seat| seat.code.in_effect());
    let decisions = counted.filter_map(|seat| {
        let record = history.record(seat.at);
        Some(CertifiedDecision {
            acting_for: record.signer.acting_for.clone(),
            at: record.signed_at,
            code: seat.code.as_str().to_owned(),
            decision: history.decide(seat.at).decision,
            meaning: record.meaning.clone(),
            name: record.signer.name.clone(),
            person: record.signer.person.clone(),
            record: history.id(seat.at),
            role: record.role.clone()?,
        })
    });
    let state = match view.state {
        StepState::SatisfiedWithConditions => "satisfied_with_conditions",
        StepState::NotApplicable => "not_applicable",
        StepState::Overridden => "overridden",
        _ => "satisfied",
    };
    let term = view.step.deadline;
    let set_aside = view.aside.map(|index| &history.overrides[index]);
    let overrides = set_aside.into_iter().flat_map(|aside| [Some(aside.at), aside.second]).flatten();
    CertifiedStep {
        decisions: decisions.collect(),
        due: term.and_then(|term| clock::runs_out(history, facts, view, term, moment)),
        overrides: overrides.map(|at| history.id(at)).collect(),
        state: state.to_owned(),
        step: view.step.id.clone(),
    }
}
