//! Freezes an outcome for a certificate, and checks that a certificate says what evaluation says.

use super::Case;
use super::advice;
use super::history::{History, Ruling};
use super::outcome::{Advice, PackageState};
use super::past::Past;
use super::report::Whole;
use super::steps::StepView;
use crate::digest::RecordId;
use crate::record::{Body, Certified, CertifiedCondition, CertifiedDecision, CertifiedRound, CertifiedStep};
use crate::time::Timestamp;

/// The outcome to be frozen by a certificate signed at `as_of`.
///
/// # Errors
/// What is missing, when not every step has passed.
pub fn certificate(case: &Case) -> Result<Certified, Vec<Advice>> {
    let history = History::read(case);
    let whole = Whole::of(&history, &Past::prefix(case.entries.len()));
    freeze(&history, whole.as_ref(), case.as_of).ok_or_else(|| advice::advice(&history, whole.as_ref()))
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
    let whole = Whole::of(history, &Past::prefix(at));
    let Some(frozen) = freeze(history, whole.as_ref(), signed_at) else {
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

fn freeze(history: &History, whole: Option<&Whole>, signed_at: Timestamp) -> Option<Certified> {
    let whole = whole?;
    let state = match whole.state(history) {
        PackageState::Approved => "approved",
        PackageState::ApprovedWithConditions => "approved_with_conditions",
        _ => return None,
    };
    let facts = &history.facts[whole.revision];
    let conditions = whole.conditions(history);
    Some(Certified {
        artifact: facts.revision.package.meta.artifact.clone(),
        chain: facts.chain().digest,
        conditions: conditions
            .map(|(_, at, condition)| CertifiedCondition {
                condition: condition.clone(),
                record: history.id(at),
                state: None,
            })
            .collect(),
        digest: facts.digest,
        rounds: rounds(history, whole.revision),
        review_by: facts.chain().review_by.map(|period| period.after(signed_at.date())),
        state: state.to_owned(),
        steps: whole.views.iter().map(|view| step(history, view)).collect(),
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

fn step(history: &History, view: &StepView) -> CertifiedStep {
    let counted = view.seats.iter().filter(|seat| seat.code.in_effect());
    let decisions = counted.filter_map(|seat| {
        let record = history.record(seat.at);
        Some(CertifiedDecision {
            acting_for: None,
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
    let state = if view.state.passed() && view.conditions(history).next().is_some() {
        "satisfied_with_conditions"
    } else {
        "satisfied"
    };
    CertifiedStep {
        decisions: decisions.collect(),
        due: None,
        overrides: Vec::new(),
        state: state.to_owned(),
        step: view.step.id.clone(),
    }
}
