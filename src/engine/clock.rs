//! What runs out: deadlines, escalation, lapse, freshness. All of it is a function of what somebody had
//! seen and an instant; nothing need happen at midnight.

use super::code::FateCode;
use super::history::{Facts, History};
use super::past::Past;
use super::questions::Holds;
use super::state::StepState;
use super::steps::{SeatView, StepView};
use crate::chain::Step;
use crate::id::{RoleId, SectionId};
use crate::record::People;
use crate::time::{Date, Term, Timestamp};

/// From where a package is judged: what had been seen, and when.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moment<'p> {
    /// The records that had been seen.
    pub past: &'p Past,
    /// The instant.
    pub now: Timestamp,
    /// True for everybody now; false for a signer then.
    pub present: bool,
    /// The people by whom keys are judged that were in the wrong hands. None for a signer then: what only
    /// came to light later cannot change what a signer had seen.
    pub known: Option<&'p People>,
}

impl<'p> Moment<'p> {
    /// What a signer had seen.
    pub fn then(past: &'p Past, now: Timestamp) -> Moment<'p> {
        Moment { past, now, present: false, known: None }
    }
}

/// When something came about, and the last record it rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Came {
    pub at: Timestamp,
    pub by: usize,
}

impl Came {
    /// The later of both, in time and in the ledger.
    fn and(self, other: Came) -> Came {
        Came { at: self.at.max(other.at), by: self.by.max(other.by) }
    }
}

/// When a step opened: with the submission, or when the last step before it passed.
pub(super) fn opened(
    history: &History,
    revision: usize,
    step: &Step,
    waits: bool,
    earlier: &[StepView],
) -> Option<Came> {
    if waits {
        return None;
    }
    let submit = *history.submits.get(revision)?;
    let submitted = Came { at: history.record(submit).signed_at, by: submit };
    let facts = &history.facts[revision];
    let before = step.after.iter().filter_map(|id| facts.index(id)).filter_map(|i| earlier.get(i)?.passed);
    Some(before.fold(submitted, Came::and))
}

/// When a step came to let pass: the newest record its passing rests on.
pub(super) fn passed(history: &History, facts: &Facts, view: &StepView, moment: &Moment) -> Option<Came> {
    let opened = view.opened?;
    if !view.state.passed() {
        return None;
    }
    if view.state == StepState::NotApplicable {
        return Some(opened);
    }
    let came = |at: usize| Came { at: history.record(at).signed_at, by: at };
    let second = view.aside.and_then(|index| history.overrides[index].second).map(came);
    let counted = view.seats.iter().filter(|seat| seat.counts(history)).map(|seat| came(seat.at));
    let confirmed = history.confirms.get(&view.step.id).into_iter().flatten();
    let confirmed = confirmed.copied().filter(|at| moment.past.has(*at)).map(came);
    let mut all = counted.chain(confirmed).chain(second).fold(opened, Came::and);
    if facts.timed {
        // A question that was settled last is what let the step pass.
        let sections = view.step.scope.iter().cloned().chain([SectionId::package_itself()]);
        let holds = sections.map(Holds::Section).chain([Holds::Step(view.step.id.clone())]);
        let settled = holds.filter_map(|holds| history.questions.settled(&holds, moment.past));
        all = settled.map(|(at, by)| Came { at, by }).fold(all, Came::and);
    }
    Some(all)
}

/// Blocking questions that hold a step up, within a past.
fn questions<'h>(
    history: &'h History,
    step: &'h Step,
    past: &'h Past,
) -> impl Iterator<Item = &'h super::questions::Question<'h>> {
    let mine = move |q: &&super::questions::Question| {
        past.has(q.opened)
            && q.blocking
            && if q.clarify {
                history.record(q.opened).step.as_ref() == Some(&step.id)
            } else {
                step.scope.contains(&q.section) || q.section == SectionId::package_itself()
            }
    };
    history.questions.all.iter().filter(mine)
}

/// While the author's side had to answer, the reviewers' clock stood still: in order, none within another,
/// none empty. Two signers' clocks need not agree, so an answer may seem to come before its question.
pub(super) fn pauses(history: &History, step: &Step, moment: &Moment) -> Vec<(Timestamp, Timestamp)> {
    let time = |at: usize| history.record(at).signed_at;
    let turns = questions(history, step, moment.past).flat_map(|q| q.turns.iter());
    let mut spans: Vec<(Timestamp, Timestamp)> = turns
        .filter(|(from, _)| moment.past.has(*from))
        .map(|(from, to)| (time(*from), to.filter(|to| moment.past.has(*to)).map_or(moment.now, time)))
        .filter(|(from, to)| from < to)
        .collect();
    spans.sort_unstable();
    let mut merged: Vec<(Timestamp, Timestamp)> = Vec::new();
    for (from, to) in spans {
        match merged.last_mut() {
            Some(last) if from <= last.1 => last.1 = last.1.max(to),
            _ => merged.push((from, to)),
        }
    }
    merged
}

/// When a term that began with the opening of a step runs out; `None` while it is not open.
pub(super) fn runs_out(
    history: &History,
    facts: &Facts,
    view: &StepView,
    term: Term,
    moment: &Moment,
) -> Option<Timestamp> {
    let opened = view.opened?;
    Some(facts.chain().calendar.due(opened.at, term, &pauses(history, view.step, moment)))
}

/// The instant at which the review lapses unless the step passes.
pub(super) fn lapses(
    history: &History,
    facts: &Facts,
    view: &StepView,
    moment: &Moment,
) -> Option<Timestamp> {
    lapse(history, facts, view, moment, false)
}

/// The instant at which the review lapsed, if it has.
pub(super) fn lapsed(
    history: &History,
    facts: &Facts,
    view: &StepView,
    moment: &Moment,
) -> Option<Timestamp> {
    lapse(history, facts, view, moment, true).filter(|lapse| *lapse <= moment.now)
}

/// True if a term would be over had the clock never stood still: else nobody need ask when it did.
fn over_without_pauses(facts: &Facts, view: &StepView, term: Term, moment: &Moment) -> bool {
    view.opened.is_some_and(|opened| facts.chain().calendar.due(opened.at, term, &[]) <= moment.now)
}

fn lapse(
    history: &History,
    facts: &Facts,
    view: &StepView,
    moment: &Moment,
    early: bool,
) -> Option<Timestamp> {
    let term = view.step.lapse.filter(|_| !view.state.passed())?;
    if early && !over_without_pauses(facts, view, term, moment) {
        return None;
    }
    let lapse = runs_out(history, facts, view, term, moment)?;
    // Refused in time is decided in time. A later rejection must not bring the review back to life.
    let in_time = |seat: &SeatView| history.record(seat.at).signed_at < lapse;
    let decided = view.state == StepState::Refused && view.with(FateCode::StandingRejection).any(in_time);
    (!decided).then_some(lapse)
}

/// Roles that may decide the step by now, besides its own.
pub(super) fn escalated<'a>(
    history: &History,
    facts: &Facts,
    view: &StepView<'a>,
    moment: &Moment,
) -> Vec<&'a RoleId> {
    let mut roles: Vec<&RoleId> = Vec::new();
    let over = |term: Term| over_without_pauses(facts, view, term, moment);
    for escalation in view.step.escalate.iter().filter(|escalation| over(escalation.after)) {
        let from = runs_out(history, facts, view, escalation.after, moment);
        if from.is_some_and(|from| from <= moment.now) && !roles.contains(&&escalation.to) {
            roles.push(&escalation.to);
        }
    }
    roles
}

/// The last day on which an approval is fresh enough.
pub(super) fn fresh_until(history: &History, step: &Step, at: usize) -> Option<Date> {
    step.fresh_for.map(|period| period.after(history.record(at).signed_at.date()))
}
