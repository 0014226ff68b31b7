//! Draws up the [`Outcome`] from what was read.

use super::carry::{ChangeClass, Changed};
use super::clock::{self, Moment};
use super::code::FateCode;
use super::history::{Aside, Facts, History};
use super::outcome::{
    CertificateOutcome, ConditionOutcome, FindingOutcome, Outcome, OverrideOutcome, Round, Seat, StepOutcome,
    Thread, ThreadState,
};
use super::past::Past;
use super::state::{PackageState, StepState};
use super::steps::{Because, SeatView, StepView};
use super::upstream::Upstream;
use super::{advice, fates, may, tally, why};
use crate::digest::RecordId;
use crate::id::{FindingId, PersonId, StepId};
use crate::record::{Answer, Body, Condition, ConditionKind, Decision};
use crate::time::{Date, Timestamp};
use std::collections::{BTreeMap, BTreeSet};

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
    /// Where the revision was taken out of review.
    pub retracted: Option<usize>,
    /// The step that was not decided in time, and since when.
    pub lapsed: Option<(StepId, Timestamp)>,
    /// True if a newer chain must be met by packages under review.
    pub newer_rules: bool,
}

impl<'a> Whole<'a> {
    pub fn of(history: &History<'a>, moment: &Moment) -> Option<Whole<'a>> {
        let past = moment.past;
        let revision = history.current(past)?;
        let views = history.steps(revision, moment, None);
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
        let retracted = history.retracted(revision, past);
        let mut whole = Whole {
            revision,
            strays: strays.collect(),
            views,
            question,
            retracted,
            lapsed: None,
            newer_rules: false,
        };
        whole.lapsed = whole.lapsed(history, moment).or_else(|| whole.lapsed_before(history, moment));
        if moment.present {
            let chain = history.facts[revision].chain();
            let rules = history.case.rules.as_ref();
            // What is certified is no longer under review.
            let number = history.facts[revision].revision.number;
            let open = certificate(history).is_none_or(|certificate| certificate.revision != number);
            whole.newer_rules =
                open && rules.is_some_and(|now| now.applies_to_inflight && now.digest != chain.digest);
        }
        Some(whole)
    }

    /// The first step whose time is over.
    fn lapsed(&self, history: &History, moment: &Moment) -> Option<(StepId, Timestamp)> {
        Whole::over(history, &history.facts[self.revision], &self.views, moment)
    }

    fn over(
        history: &History,
        facts: &Facts,
        views: &[StepView],
        moment: &Moment,
    ) -> Option<(StepId, Timestamp)> {
        views.iter().find_map(|view| {
            let at = clock::lapsed(history, facts, view, moment)?;
            Some((view.step.id.clone(), at))
        })
    }

    /// The first step whose time was over before something else ran out that it rested on: else an
    /// approval that grows too old would bring a lapsed review back to life.
    fn lapsed_before(&self, history: &History<'a>, moment: &Moment) -> Option<(StepId, Timestamp)> {
        let facts = &history.facts[self.revision];
        if facts.chain().steps.iter().all(|step| step.lapse.is_none()) {
            return None;
        }
        let old = self.views.iter().flat_map(|view| &view.seats).filter_map(|seat| match seat.because {
            Because::Expired(until) => Some(until),
            _ => None,
        });
        let ended = history.overrides.iter().filter(|aside| aside.second.is_some()).map(|a| a.says.expires);
        let ends: BTreeSet<Timestamp> = old.chain(ended).map(advice::end_of).collect();
        ends.into_iter().filter(|end| *end <= moment.now).find_map(|end| {
            let then = Moment { now: end.plus_seconds(-1), ..*moment };
            let views = history.steps(self.revision, &then, None);
            Whole::over(history, facts, &views, &then)
        })
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
        } else if !history.errors.is_empty() || self.unjudgeable() {
            PackageState::Error
        } else if self.standing().any(|seat| tally::is_final(history, seat.at)) {
            PackageState::Rejected
        } else if self.retracted.is_some() {
            PackageState::Withdrawn
        } else if self.lapsed.is_some() {
            PackageState::Lapsed
        } else if self.newer_rules || self.standing().next().is_some() {
            PackageState::ChangesRequired
        } else if self.question.is_some() || any(FateCode::OpenQuestion) {
            PackageState::ClarificationPending
        } else if !self.views.iter().all(|view| view.state.passed()) {
            PackageState::InReview
        } else if self.views.iter().any(|view| view.state == StepState::Overridden) {
            PackageState::ApprovedByOverride
        } else if self.views.iter().any(|view| view.state == StepState::SatisfiedWithConditions) {
            PackageState::ApprovedWithConditions
        } else {
            PackageState::Approved
        }
    }

    fn standing(&self) -> impl Iterator<Item = &SeatView<'a>> {
        self.seats().filter(|seat| seat.code == FateCode::StandingRejection)
    }

    /// True if no step can say anything: there is none, none is for the package, or one cannot tell.
    pub fn unjudgeable(&self) -> bool {
        self.views.iter().all(|view| view.state == StepState::NotApplicable)
            || self.views.iter().any(|view| view.state == StepState::Error)
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
    /// Conditions of its counted approvals, with the position of the approval; those of approvals that
    /// grew too old too, for time must not take a condition away.
    pub fn conditions(&self, history: &History<'a>) -> impl Iterator<Item = (usize, &'a Condition)> {
        let counted = self.seats.iter().filter(|seat| seat.counts(history) || seat.code == FateCode::Expired);
        counted.flat_map(|seat| history.decide(seat.at).conditions.iter().map(|c| (seat.at, c)))
    }
}

/// Draws up the outcome of everything read.
pub(super) fn report(history: &History) -> Outcome {
    let case = history.case;
    let certificate = certificate(history);
    let moment = history.today(judged_at(history, certificate.as_ref()));
    let whole = Whole::of(history, &moment);
    let whole = whole.as_ref();
    let state = state(history, whole, certificate.as_ref());
    let fates = fates::fates(history, whole, &moment);
    let threads = threads(history, whole, &fates);
    Outcome {
        package: case.package.clone(),
        revision: whole.map_or(0, |whole| history.facts[whole.revision].revision.number),
        as_of: case.as_of,
        state,
        // What cannot be judged has no step that could look passed.
        steps: whole
            .filter(|_| history.errors.is_empty())
            .map(|w| steps(history, w, &moment))
            .unwrap_or_default(),
        findings: findings(history),
        conditions: whole.map(|whole| conditions(history, whole, history.present())).unwrap_or_default(),
        rounds: rounds(history),
        overrides: whole.map(|whole| overrides(history, whole, &moment)).unwrap_or_default(),
        next: advice::next(history, whole, certificate.as_ref(), &moment),
        why: why::package(history, whole, state, certificate.as_ref(), &moment),
        advice: advice::advice(history, whole, &moment),
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
    let Some(certificate) = certificate.filter(|c| c.revision == number) else { return state };
    let broken = matches!(state, PackageState::IntegrityError | PackageState::Error);
    let today = history.case.as_of.date();
    if broken {
        state
    } else if certificate.revoked.is_some() {
        PackageState::Revoked
    } else if history.case.superseded_by.is_some() {
        PackageState::Superseded
    } else if certificate.review_by.is_some_and(|last| today > last) {
        PackageState::Expired
    } else if !state.passes() {
        // Only what came to light about a key can undo what was certified.
        state
    } else if re_review(history, whole).is_some() {
        PackageState::ReReviewDue
    } else {
        PackageState::Certified
    }
}

/// Why a certified package must be looked at again, if it must.
pub(super) fn re_review(history: &History, whole: &Whole) -> Option<String> {
    let present = history.present();
    let today = history.case.as_of.date();
    let overdue = whole.conditions(history).find(|(_, at, condition)| {
        condition.kind != ConditionKind::Standing
            && condition.due.is_some_and(|due| due < today)
            && !history.condition_state(*at, condition, present).ended()
    });
    if let Some((_, _, condition)) = overdue {
        return Some(format!("condition {} is overdue", condition.id));
    }
    let late = late_objections(history).len();
    let review = history.overrides.iter().filter(|aside| aside.second.is_some() && aside.says.review < today);
    if late > 0 {
        return Some(format!("{} came after the certificate", fates::count(late, "objection")));
    }
    let due = review.into_iter().find(|aside| aside.revision == whole.revision);
    due.map(|aside| format!("the override was to be looked back on by {}", aside.says.review.human()))
}

/// Rejections, objections and questions that came after the certificate and were not taken back.
pub(super) fn late_objections(history: &History) -> Vec<usize> {
    let objects = |at: &usize| match &history.record(*at).body {
        Body::Decide(decide) => matches!(decide.decision, Decision::Reject | Decision::Clarify),
        Body::Comment(comment) => comment.blocking,
        Body::Object(_) => true,
        _ => false,
    };
    let current = history.certificates.last().map(|(_, revision)| *revision);
    (0..history.rulings.len())
        .filter(|at| history.came_late(*at) && history.taken_back(*at).is_none())
        .filter(|at| history.record(*at).revision() == current)
        .filter(objects)
        .collect()
}

/// The instant at which approvals must be fresh: that of the certificate, if one is in force.
fn judged_at(history: &History, certificate: Option<&CertificateOutcome>) -> Timestamp {
    let number = u32::try_from(history.submits.len()).unwrap_or(u32::MAX);
    match certificate.filter(|c| c.revision == number) {
        Some(certificate) => certificate.at.min(history.case.as_of),
        None => history.case.as_of,
    }
}

/// The last certificate that stands.
pub(super) fn certificate(history: &History) -> Option<CertificateOutcome> {
    // One signed with a key that was in the wrong hands certifies nothing.
    let (at, revision) =
        *history.certificates.last().filter(|(at, _)| !history.disputed(*at, &history.case.people))?;
    let record = history.record(at);
    let review_by = match &record.body {
        Body::Certify(certify) => certify.outcome.review_by,
        _ => None,
    };
    let revoked = history.revoked.get(&at).map(|by| history.id(*by));
    Some(CertificateOutcome { record: history.id(at), revision, at: record.signed_at, review_by, revoked })
}

fn steps(history: &History, whole: &Whole, moment: &Moment) -> Vec<StepOutcome> {
    let facts = &history.facts[whole.revision];
    let outcome = |(index, view): (usize, &StepView)| {
        let ancestors = facts.ancestors[index].iter().map(|i| &whole.views[*i]);
        StepOutcome {
            id: view.step.id.clone(),
            title: view.step.title.clone(),
            role: view.step.role().clone(),
            state: view.state,
            approvals: view.counted,
            needed: needed(history, view, moment.past),
            seats: view.seats.iter().map(|seat| seat_outcome(history, seat)).collect(),
            upstream: Upstream::of(history, ancestors).digest(),
            eligible: may::eligible(history, whole, view),
            rule: why::rule(history, view, moment.past),
            opened: view.opened.filter(|_| !view.state.passed()).map(|came| came.at),
            due: due(history, facts, view, moment),
            lapses: clock::lapses(history, facts, view, moment),
            fresh_until: fresh_until(history, view),
            overdue: due(history, facts, view, moment).is_some_and(|due| due <= moment.now),
            escalated_to: if view.state.passed() {
                Vec::new()
            } else {
                clock::escalated(history, facts, view, moment).into_iter().cloned().collect()
            },
            unsatisfiable: unsatisfiable(history, whole, view, moment),
            why: why::step(history, whole, view, moment),
        }
    };
    whole.views.iter().enumerate().map(outcome).collect()
}

fn seat_outcome(history: &History, seat: &SeatView) -> Seat {
    let record = history.record(seat.at);
    Seat {
        person: seat.person.clone(),
        delegate: record.signer.acting_for.as_ref().map(|_| record.signer.person.clone()),
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
        let state = if !history.is_open(question) {
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
        let open = since.is_some_and(|since| at >= *since) && history.taken_back(at).is_none();
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

fn conditions(history: &History, whole: &Whole, past: &Past) -> Vec<ConditionOutcome> {
    let today = history.case.as_of.date();
    let outcome = |(step, at, condition): (&StepId, usize, &Condition)| {
        let state = history.terms.state(at, &condition.id, past);
        let late = condition.kind != ConditionKind::Standing && !state.ended();
        ConditionOutcome {
            record: history.id(at),
            step: step.clone(),
            condition: condition.clone(),
            state,
            records: history
                .terms
                .records(at, &condition.id, past)
                .iter()
                .map(|at| history.id(*at))
                .collect(),
            overdue: late && condition.due.is_some_and(|due| due < today),
        }
    };
    whole.conditions(history).map(outcome).collect()
}

/// Approvals asked for on the way that asks for least.
fn needed(history: &History, view: &StepView, past: &Past) -> u32 {
    view.step.ways.iter().map(|way| tally::asks(history, view, way, past)).min().unwrap_or(1)
}

/// By when a step should be decided, while it is not.
fn due(history: &History, facts: &Facts, view: &StepView, moment: &Moment) -> Option<Timestamp> {
    let open = !view.state.passed();
    let term = view.step.deadline.filter(|_| open)?;
    clock::runs_out(history, facts, view, term, moment)
}

/// The last day on which a step that passed is fresh enough.
fn fresh_until(history: &History, view: &StepView) -> Option<Date> {
    let counted = view.seats.iter().filter(|seat| seat.counts(history));
    counted.filter_map(|seat| clock::fresh_until(history, view.step, seat.at)).min()
}

/// True if nobody there is could bring a step to pass.
fn unsatisfiable(history: &History, whole: &Whole, view: &StepView, moment: &Moment) -> bool {
    if view.state.passed() || view.state == StepState::Error {
        return false;
    }
    let able = may::able(history, whole, view);
    !view.step.ways.iter().any(|way| {
        let missing = tally::missing(history, view, way, moment.past) as usize;
        let people = able.iter().filter(|person| may::on_way(history, view, way, person)).count();
        missing <= people
    })
}

fn overrides(history: &History, whole: &Whole, moment: &Moment) -> Vec<OverrideOutcome> {
    let outcome = |aside: &Aside| OverrideOutcome {
        record: history.id(aside.at),
        second: aside.second.map(|second| history.id(second)),
        code: fates::aside(history, Some(whole), aside, moment),
        steps: aside.says.steps.clone(),
        expires: aside.says.expires,
        review: aside.says.review,
        reason: aside.says.reason.clone(),
    };
    history.overrides.iter().map(outcome).collect()
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
