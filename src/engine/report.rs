//! Draws up the [`Outcome`] from what was read.

use super::carry::{ChangeClass, Changed};
use super::history::History;
use super::outcome::{
    CertificateOutcome, ConditionOutcome, FateCode, FindingOutcome, Outcome, PackageState, Round, Seat,
    StepOutcome, StepState, Thread, ThreadState,
};
use super::past::Past;
use super::steps::{Because, SeatView, StepView};
use super::upstream::Upstream;
use super::{advice, fates, may, why};
use crate::digest::RecordId;
use crate::id::{FindingId, PersonId, StepId};
use crate::record::{Answer, Body, Condition, Decision};
use std::collections::BTreeMap;

/// The package as it stands within a past in which it was submitted.
pub(super) struct Whole<'a> {
    /// Index of the current revision.
    pub revision: usize,
    /// Every step of its chain.
    pub views: Vec<StepView<'a>>,
    /// Decisions in steps its chain no longer has: an objection there stands all the same.
    pub strays: Vec<(&'a StepId, SeatView<'a>)>,
    /// An open blocking comment on whatever section.
    pub question: Option<usize>,
}

impl<'a> Whole<'a> {
    pub fn of(history: &History<'a>, past: &Past) -> Option<Whole<'a>> {
        let revision = history.current(past)?;
        let views = history.steps(revision, past, None);
        let gone = history.seats.iter().filter(|(id, _)| history.facts[revision].index(id).is_none());
        let strays = gone.flat_map(|(id, seats)| {
            let held = seats.iter().filter_map(|(person, seat)| Some((*person, seat.effective(past)?)));
            held.map(|(person, at)| {
                let open =
                    history.questions.opened_at(at).is_none_or(|q| q.closed.is_none_or(|c| !past.has(c)));
                let code = match history.decide(at).decision {
                    Decision::Reject => FateCode::StandingRejection,
                    Decision::Clarify if open => FateCode::OpenQuestion,
                    Decision::Clarify => FateCode::Noted,
                    Decision::Approve | Decision::Abstain => FateCode::StaleContent,
                };
                let because = Because::Change(ChangeClass::Material(Changed::Chain));
                (*id, SeatView { person, at, code, because })
            })
        });
        let question = history.questions.any_blocks(past);
        Some(Whole { revision, strays: strays.collect(), views, question })
    }

    /// Every effective decision.
    pub fn seats(&self) -> impl Iterator<Item = &SeatView<'a>> {
        self.views.iter().flat_map(|view| &view.seats).chain(self.strays.iter().map(|(_, seat)| seat))
    }

    /// The state before anything is certified.
    pub fn state(&self, history: &History) -> PackageState {
        let any = |code: FateCode| self.seats().any(|seat| seat.code == code);
        if !history.duplicates.is_empty() {
            PackageState::IntegrityError
        } else if !history.errors.is_empty() || self.views.is_empty() {
            PackageState::Error
        } else if any(FateCode::StandingRejection) {
            PackageState::ChangesRequired
        } else if self.question.is_some() || any(FateCode::OpenQuestion) {
            PackageState::ClarificationPending
        } else if !self.views.iter().all(|view| view.state.passed()) {
            PackageState::InReview
        } else if self.views.iter().any(|view| view.state == StepState::SatisfiedWithConditions) {
            PackageState::ApprovedWithConditions
        } else {
            PackageState::Approved
        }
    }

    /// Conditions of counted approvals: step, position of the approval, condition.
    pub fn conditions(
        &self,
        history: &History<'a>,
    ) -> impl Iterator<Item = (&'a StepId, usize, &'a Condition)> {
        self.views.iter().flat_map(|view| view.conditions(history).map(|(at, c)| (&view.step.id, at, c)))
    }
}

impl<'a> StepView<'a> {
    /// Conditions of its counted approvals, with the position of the approval.
    pub fn conditions(&self, history: &History<'a>) -> impl Iterator<Item = (usize, &'a Condition)> {
        let counted = self.seats.iter().filter(|seat| seat.counts(history));
        counted.flat_map(|seat| history.decide(seat.at).conditions.iter().map(|c| (seat.at, c)))
    }
}

/// Draws up the outcome of everything read.
pub(super) fn report(history: &History) -> Outcome {
    let case = history.case;
    let whole = Whole::of(history, &Past::prefix(case.entries.len()));
    let whole = whole.as_ref();
    let certificate = certificate(history);
    let state = state(history, whole, certificate.as_ref());
    let fates = fates::fates(history, whole);
    let threads = threads(history, whole, &fates);
    Outcome {
        package: case.package.clone(),
        revision: whole.map_or(0, |whole| history.facts[whole.revision].revision.number),
        as_of: case.as_of,
        state,
        // What cannot be judged has no step that could look passed.
        steps: whole.filter(|_| history.errors.is_empty()).map(|w| steps(history, w)).unwrap_or_default(),
        findings: findings(history),
        conditions: whole.map(|whole| conditions(history, whole)).unwrap_or_default(),
        rounds: rounds(history),
        overrides: Vec::new(),
        next: None,
        why: why::package(history, whole, state, certificate.as_ref(), &fates),
        advice: advice::advice(history, whole),
        threads,
        fates,
        certificate,
    }
}

/// The package's state, certificate included.
pub(super) fn state(
    history: &History,
    whole: Option<&Whole>,
    certificate: Option<&CertificateOutcome>,
) -> PackageState {
    let Some(whole) = whole else {
        return match (history.duplicates.is_empty(), history.errors.is_empty()) {
            (false, _) => PackageState::IntegrityError,
            (true, false) => PackageState::Error,
            (true, true) => PackageState::Draft,
        };
    };
    let state = whole.state(history);
    let number = history.facts[whole.revision].revision.number;
    match certificate.filter(|c| c.revision == number) {
        Some(certificate) if state.passes() => {
            let over = certificate.review_by.is_some_and(|last| history.case.as_of.date() > last);
            if over { PackageState::Expired } else { PackageState::Certified }
        }
        _ => state,
    }
}

/// The last certificate that stands.
pub(super) fn certificate(history: &History) -> Option<CertificateOutcome> {
    let (at, revision) = *history.certificates.last()?;
    let record = history.record(at);
    let review_by = match &record.body {
        Body::Certify(certify) => certify.outcome.review_by,
        _ => None,
    };
    Some(CertificateOutcome { record: history.id(at), revision, at: record.signed_at, review_by })
}

fn steps(history: &History, whole: &Whole) -> Vec<StepOutcome> {
    let facts = &history.facts[whole.revision];
    let outcome = |(index, view): (usize, &StepView)| {
        let ancestors = facts.ancestors[index].iter().map(|i| &whole.views[*i]);
        StepOutcome {
            id: view.step.id.clone(),
            title: view.step.title.clone(),
            role: view.step.role().clone(),
            state: view.state,
            approvals: view.counted,
            needed: view.step.needed(),
            seats: view.seats.iter().map(|seat| seat_outcome(history, seat)).collect(),
            upstream: Upstream::of(history, ancestors).digest(),
            eligible: may::eligible(history, whole, view),
            rule: why::needs(view.step),
            opened: None,
            due: None,
            lapses: None,
            fresh_until: None,
            overdue: false,
            escalated_to: Vec::new(),
            unsatisfiable: false,
            why: why::step(history, whole, view),
        }
    };
    whole.views.iter().enumerate().map(outcome).collect()
}

fn seat_outcome(history: &History, seat: &SeatView) -> Seat {
    let record = history.record(seat.at);
    Seat {
        person: seat.person.clone(),
        delegate: None,
        decision: history.decide(seat.at).decision,
        record: history.id(seat.at),
        code: seat.code,
        revision: record.revision().unwrap_or(0),
        at: record.signed_at,
    }
}

fn threads(history: &History, whole: Option<&Whole>, fates: &[super::Fate]) -> Vec<Thread> {
    let now = whole.map(|whole| &history.facts[whole.revision]);
    let thread = |question: &super::questions::Question| {
        let record = history.record(question.opened);
        let made_on = record.revision().unwrap_or(0) as usize;
        let anchored = match &record.body {
            Body::Comment(comment) => comment.anchor.as_ref().map(|anchor| anchor.sha256),
            _ => None,
        };
        let then = || history.facts.get(made_on.wrapping_sub(1))?.sections.get(&question.section).copied();
        let then = anchored.or_else(then);
        let gone = fates[question.opened].code;
        let state = if question.closed.is_some() {
            ThreadState::Resolved
        } else if !question.blocking {
            ThreadState::Note
        } else if gone != FateCode::OpenQuestion {
            // The asker decided otherwise, or took the question back.
            ThreadState::Resolved
        } else if question.answered {
            ThreadState::Answered
        } else {
            ThreadState::Open
        };
        Thread {
            id: history.id(question.opened),
            section: question.section.clone(),
            asker: question.asker.clone(),
            blocking: question.blocking,
            state,
            replies: question.replies.iter().map(|at| history.id(*at)).collect(),
            outdated: now.is_some_and(|now| now.sections.get(&question.section) != then.as_ref()),
        }
    };
    history.questions.all.iter().map(thread).collect()
}

fn findings(history: &History) -> Vec<FindingOutcome> {
    // The latest answer to each finding, in one pass over the submissions.
    let mut answers: BTreeMap<&FindingId, (u32, &Answer)> = BTreeMap::new();
    for index in 0..history.submits.len() {
        let number = history.facts[index].revision.number;
        for answer in history.submission(index).into_iter().flat_map(|submit| &submit.answers) {
            answers.insert(&answer.finding, (number, answer));
        }
    }
    // A seat that still objects, or asks, has not let go of what it found since its objections began.
    let mut objecting: BTreeMap<(&StepId, &PersonId), usize> = BTreeMap::new();
    for (step, seats) in &history.seats {
        for (person, seat) in seats {
            let objects = |at| matches!(history.decide(at).decision, Decision::Reject | Decision::Clarify);
            objecting.extend(seat.unbroken(objects).map(|since| ((*step, *person), since)));
        }
    }
    let mut findings = Vec::new();
    let mut rejections: Vec<usize> = history.rejections.iter().flatten().copied().collect();
    rejections.sort_unstable();
    for at in rejections {
        let record = history.record(at);
        let Some(step) = &record.step else { continue };
        let since = objecting.get(&(step, &record.signer.person));
        let open = since.is_some_and(|since| at >= *since) && !history.withdrawn.contains_key(&at);
        let made_on = record.revision().unwrap_or(0);
        for finding in &history.decide(at).findings {
            let answer = answers.get(&finding.id).filter(|(revision, _)| *revision > made_on);
            findings.push(FindingOutcome {
                record: history.id(at),
                revision: made_on,
                by: record.signer.person.clone(),
                step: step.clone(),
                finding: finding.clone(),
                answer: answer.map(|(revision, answer)| (*revision, (*answer).clone())),
                open,
            });
        }
    }
    findings
}

fn conditions(history: &History, whole: &Whole) -> Vec<ConditionOutcome> {
    let today = history.case.as_of.date();
    whole
        .conditions(history)
        .map(|(step, at, condition)| ConditionOutcome {
            record: history.id(at),
            step: step.clone(),
            condition: condition.clone(),
            state: super::ConditionState::Open,
            records: Vec::new(),
            overdue: condition.due.is_some_and(|due| due < today),
        })
        .collect()
}

fn rounds(history: &History) -> Vec<Round> {
    let ids = |list: &[usize]| -> Vec<RecordId> { list.iter().map(|at| history.id(*at)).collect() };
    let round = |(index, submit): (usize, &usize)| Round {
        revision: history.facts[index].revision.number,
        submission: history.id(*submit),
        rejections: ids(&history.rejections[index]),
    };
    history.submits.iter().enumerate().map(round).collect()
}
