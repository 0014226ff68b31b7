//! Counts the decisions of each step within one causal past.
//!
//! The same function judges what a signer had seen when he signed and what everybody sees now, so "open
//! then" and "open now" cannot come apart.

use super::carry::{self, ChangeClass};
use super::history::{Bar, History};
use super::outcome::{FateCode, StepState};
use super::past::Past;
use super::upstream::{Since, Upstream};
use crate::chain::Step;
use crate::id::{PersonId, SectionId, StepId};
use crate::record::Decision;

/// One step as it stands within a past.
#[derive(Debug, Clone)]
pub(super) struct StepView<'a> {
    pub step: &'a Step,
    pub state: StepState,
    /// Seats with a decision in effect, by person.
    pub seats: Vec<SeatView<'a>>,
    /// Approvals that count.
    pub counted: u32,
    /// Direct predecessors that have not passed.
    pub waits_for: Vec<&'a StepId>,
    /// An open blocking comment on one of its sections: position of its opening.
    pub question: Option<usize>,
}

/// The effective decision of one seat, judged.
#[derive(Debug, Clone)]
pub(super) struct SeatView<'a> {
    pub person: &'a PersonId,
    /// Position of the record.
    pub at: usize,
    pub code: FateCode,
    pub because: Because,
}

/// What the code rests on.
#[derive(Debug, Clone)]
pub(super) enum Because {
    Nothing,
    Barred(Bar, u32),
    Change(ChangeClass),
    Upstream(StepId),
}

impl SeatView<'_> {
    /// True if it is an approval in the tally.
    pub fn counts(&self, history: &History) -> bool {
        matches!(self.code, FateCode::Counted | FateCode::Carried)
            && history.decide(self.at).decision == Decision::Approve
    }
}

impl<'a> History<'a> {
    /// Judges the steps of a revision's chain within a past, in chain order; of `wanted` steps (closed
    /// under "after") only, if given.
    pub fn steps(&self, revision: usize, past: &Past, wanted: Option<&[usize]>) -> Vec<StepView<'a>> {
        let facts = &self.facts[revision];
        let mut views: Vec<StepView<'a>> = Vec::with_capacity(facts.chain().steps.len());
        for (index, step) in facts.chain().steps.iter().enumerate() {
            if wanted.is_some_and(|wanted| !wanted.contains(&index)) {
                // Its place is kept so that indices hold; nobody asks for it.
                views.push(StepView::blank(step));
                continue;
            }
            let view = self.step(revision, index, past, &views);
            views.push(view);
        }
        views
    }

    fn step(&self, revision: usize, index: usize, past: &Past, earlier: &[StepView<'a>]) -> StepView<'a> {
        let facts = &self.facts[revision];
        let step: &'a Step = &facts.chain().steps[index];
        let passed = |id: &StepId| facts.index(id).is_some_and(|i| i < index && earlier[i].state.passed());
        let waits_for: Vec<&StepId> = step.after.iter().filter(|id| !passed(id)).collect();
        let upstream = Upstream::of(self, facts.ancestors[index].iter().map(|i| &earlier[*i]));
        let seats: Vec<SeatView> = self
            .seats_of(&step.id)
            .filter_map(|(person, seat)| Some((person, seat.effective(past)?)))
            .map(|(person, at)| self.seat(revision, step, &upstream, past, person, at))
            .collect();
        let package = SectionId::package_itself();
        let sections = step.scope.iter().chain([&package]);
        let question = sections.filter_map(|section| self.questions.blocks(section, past)).min();
        let mut view = StepView { step, state: StepState::Open, seats, counted: 0, waits_for, question };
        view.counted = view.tally(|seat| seat.counts(self));
        view.state = view.judge(self);
        view
    }

    fn seat(
        &self,
        revision: usize,
        step: &Step,
        upstream: &Upstream,
        past: &Past,
        person: &'a PersonId,
        at: usize,
    ) -> SeatView<'a> {
        let seat = |code, because| SeatView { person, at, code, because };
        let counts = |class: ChangeClass| match class {
            ChangeClass::Same => seat(FateCode::Counted, Because::Nothing),
            class => seat(FateCode::Carried, Because::Change(class)),
        };
        let class = self.class(at, revision);
        match self.decide(at).decision {
            Decision::Reject => seat(FateCode::StandingRejection, Because::Nothing),
            Decision::Clarify => {
                let open = self.questions.opened_at(at).is_none_or(|q| q.closed.is_none_or(|c| !past.has(c)));
                let code = if open { FateCode::OpenQuestion } else { FateCode::Noted };
                seat(code, Because::Nothing)
            }
            Decision::Abstain if class.kept_by(step.carry) => counts(class),
            Decision::Abstain => seat(FateCode::StaleContent, Because::Change(class)),
            Decision::Approve => {
                if let Some((bar, named_in)) = self.barred(person, |submit| past.has(submit)) {
                    return seat(bar.code(), Because::Barred(bar, named_in));
                }
                if !class.kept_by(step.carry) {
                    return seat(FateCode::StaleContent, Because::Change(class));
                }
                match self.signed_upstream(at).map_or(Since::Same, |then| then.since(upstream)) {
                    Since::Changed(step) => seat(FateCode::UpstreamChanged, Because::Upstream(step)),
                    Since::NotPassed(step) => seat(FateCode::Suspended, Because::Upstream(step)),
                    Since::Same => counts(class),
                }
            }
        }
    }

    /// The class of change from the revision a decision was made on to another.
    pub fn class(&self, at: usize, revision: usize) -> ChangeClass {
        let record = self.record(at);
        let signed = record.revision().unwrap_or(0) as usize;
        let signed = self.facts.get(signed.wrapping_sub(1)).unwrap_or(&self.facts[revision]);
        carry::class(&record.scope, signed, &self.facts[revision])
    }
}

impl<'a> StepView<'a> {
    fn blank(step: &'a Step) -> Self {
        let (state, seats, waits_for) = (StepState::Waiting, Vec::new(), Vec::new());
        StepView { step, state, seats, counted: 0, waits_for, question: None }
    }

    /// How many seats fit.
    pub fn tally(&self, fits: impl Fn(&SeatView) -> bool) -> u32 {
        u32::try_from(self.seats.iter().filter(|seat| fits(seat)).count()).unwrap_or(u32::MAX)
    }

    /// Seats whose effective decision has this code.
    pub fn with(&self, code: FateCode) -> impl Iterator<Item = &SeatView<'a>> {
        self.seats.iter().filter(move |seat| seat.code == code)
    }

    /// The state, from the seats and what the step waits for.
    fn judge(&self, history: &History) -> StepState {
        let open = self.waits_for.is_empty();
        // Never zero: a step nobody has to decide would approve by itself.
        let enough = |count: u32| count >= self.step.needed();
        // An objection before its turn waits with the step; a rejection of an open step keeps it refused
        // through every revision, even while earlier steps are decided anew.
        let refused = self.with(FateCode::StandingRejection).any(|seat| open || history.was_open(seat.at));
        if refused {
            return StepState::Refused;
        }
        if !open {
            let asleep = self.tally(|seat| seat.code == FateCode::Suspended);
            return if enough(asleep + self.counted) && asleep > 0 {
                StepState::Suspended
            } else {
                StepState::Waiting
            };
        }
        if self.question.is_some() || self.with(FateCode::OpenQuestion).next().is_some() {
            return StepState::Clarifying;
        }
        if enough(self.counted) {
            let terms = |seat: &&SeatView| !history.decide(seat.at).conditions.is_empty();
            let with_terms = self.seats.iter().filter(|seat| seat.counts(history)).any(|seat| terms(&seat));
            return if with_terms { StepState::SatisfiedWithConditions } else { StepState::Satisfied };
        }
        let lost = self.tally(|seat| {
            matches!(seat.code, FateCode::StaleContent | FateCode::UpstreamChanged)
                && history.decide(seat.at).decision == Decision::Approve
        });
        if enough(lost + self.counted) { StepState::Stale } else { StepState::Open }
    }
}
