//! Judges each step within one causal past.
//!
//! The same function judges what a signer had seen when he signed and what everybody sees now, so "open
//! then" and "open now" cannot come apart.

use super::carry::ChangeClass;
use super::clock::{self, Came, Moment};
use super::code::FateCode;
use super::disputed::DISPUTED;
use super::history::{Bar, Facts, History};
use super::outcome::ConditionState;
use super::past::Past;
use super::state::StepState;
use super::tally;
use super::upstream::{Since, Upstream};
use crate::chain::Step;
use crate::id::{PersonId, SectionId, StepId};
use crate::record::{Body, Condition, ConditionKind, Decision};

/// One step as it stands within a past.
#[derive(Debug, Clone)]
pub(super) struct StepView<'a> {
    pub step: &'a Step,
    pub state: StepState,
    /// Seats with a decision in effect, by person.
    pub seats: Vec<SeatView<'a>>,
    /// Approvals that count.
    pub counted: u32,
    /// Earlier steps that do not let it open.
    pub waits_for: Vec<&'a StepId>,
    /// An open blocking comment on one of its sections: position of its opening.
    pub question: Option<usize>,
    /// When it opened, if it did.
    pub opened: Option<Came>,
    /// When it came to let pass, if it does.
    pub passed: Option<Came>,
    /// Index of the override in force for it.
    pub aside: Option<usize>,
    /// True if later steps may open as far as this one goes.
    lets: bool,
    /// Open conditions that must be met before a step: which one, or every later one.
    holds: Vec<Option<&'a StepId>>,
}

/// The effective decision of one seat, judged.
#[derive(Debug, Clone)]
pub(super) struct SeatView<'a> {
    /// Whose seat it is.
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
    /// Stepped aside, or signed with a key that is disputed.
    Note(&'static str),
    Change(ChangeClass),
    Upstream(StepId),
    /// Ran out on this day.
    Expired(crate::time::Date),
}

impl SeatView<'_> {
    /// True if it is an approval in the tally.
    pub fn counts(&self, history: &History) -> bool {
        self.in_tally() && history.decide(self.at).decision == Decision::Approve
    }

    fn in_tally(&self) -> bool {
        matches!(self.code, FateCode::Counted | FateCode::CountedAs | FateCode::Carried)
    }
}

impl<'a> History<'a> {
    /// Judges the steps of a revision's chain at a moment, in chain order; of `wanted` steps (closed under
    /// "after") only, if given.
    pub fn steps(&self, revision: usize, moment: &Moment, wanted: Option<&[usize]>) -> Vec<StepView<'a>> {
        let facts = &self.facts[revision];
        let mut views: Vec<StepView<'a>> = Vec::with_capacity(facts.chain().steps.len());
        for (index, step) in facts.chain().steps.iter().enumerate() {
            if wanted.is_some_and(|wanted| !wanted.contains(&index)) {
                // Its place is kept so that indices hold; nobody asks for it.
                views.push(StepView::blank(step));
                continue;
            }
            let view = self.step(revision, index, moment, &views);
            views.push(view);
        }
        views
    }

    fn step(&self, revision: usize, index: usize, moment: &Moment, earlier: &[StepView<'a>]) -> StepView<'a> {
        let facts = &self.facts[revision];
        let step: &'a Step = &facts.chain().steps[index];
        let opens = |id: &StepId| {
            facts.index(id).is_some_and(|i| i < index && earlier[i].lets && !earlier[i].held_back(&step.id))
        };
        let mut view = StepView::blank(step);
        view.waits_for = step.after.iter().filter(|id| !opens(id)).collect();
        let further = facts.ancestors[index].iter().map(|i| &earlier[*i]);
        let further = further.filter(|view| !step.after.contains(&view.step.id) && view.names(&step.id));
        view.waits_for.extend(further.map(|view| &view.step.id));
        view.opened = clock::opened(self, revision, step, !view.waits_for.is_empty(), earlier);
        let upstream = Upstream::of(self, facts.ancestors[index].iter().map(|i| &earlier[*i]));
        view.seats = self
            .seats_of(&step.id)
            .filter_map(|(person, seat)| Some((person, seat.effective(moment.past)?)))
            .map(|(person, at)| self.seat(revision, step, &upstream, moment, person, at))
            .collect();
        if !tally::refused(self, &view) {
            // Outvoted: it counts as a no, and does not stop the others.
            view.recode(FateCode::StandingRejection, FateCode::Counted);
        }
        let package = SectionId::package_itself();
        let sections = step.scope.iter().chain([&package]);
        view.question = sections.filter_map(|section| self.questions.blocks(section, moment.past)).min();
        view.counted = view.tally(|seat| seat.counts(self));
        view.state = view.judge(self, facts, moment);
        // What passes by itself needs no override: else the end of one could bring a package to pass.
        if !matches!(view.state, StepState::NotApplicable | StepState::Error) && !view.state.passed() {
            view.aside = self.aside_for(revision, &view, moment);
        }
        if view.aside.is_some() {
            view.recode(FateCode::StandingRejection, FateCode::Overruled);
            view.recode(FateCode::OpenQuestion, FateCode::Overruled);
            view.state = StepState::Overridden;
        }
        view.lets = match view.state {
            // What is not asked of a package, or was set aside, must not let anybody jump the steps before.
            StepState::NotApplicable | StepState::Overridden => view.waits_for.is_empty(),
            state => state.passed(),
        };
        view.holds = self.holds(&view, moment);
        view.passed = clock::passed(self, facts, &view, moment);
        view
    }

    fn seat(
        &self,
        revision: usize,
        step: &Step,
        upstream: &Upstream,
        moment: &Moment,
        person: &'a PersonId,
        at: usize,
    ) -> SeatView<'a> {
        let seat = |code, because| SeatView { person, at, code, because };
        match self.decide(at).decision {
            Decision::Reject => return seat(FateCode::StandingRejection, Because::Nothing),
            Decision::Clarify => {
                let past = moment.past;
                let open = self.questions.opened_at(at).is_none_or(|q| q.closed.is_none_or(|c| !past.has(c)));
                let code = if open { FateCode::OpenQuestion } else { FateCode::Noted };
                return seat(code, Because::Nothing);
            }
            Decision::Approve | Decision::Abstain => {}
        }
        let signer = &self.record(at).signer;
        for who in [person, &signer.person] {
            if let Some((bar, named_in)) = self.barred(who, revision, |submit| moment.past.has(submit)) {
                return seat(bar.code(), Because::Barred(bar, named_in));
            }
            if self.stepped_aside(who, moment.past) {
                return seat(FateCode::Recused, Because::Note("stepped aside from this package"));
            }
        }
        if moment.disputes(self, at) {
            return seat(FateCode::KeyNotValid, Because::Note(DISPUTED));
        }
        let class = self.class(at, revision);
        if !class.kept_by(step.carry) {
            return seat(FateCode::StaleContent, Because::Change(class));
        }
        if self.decide(at).decision == Decision::Approve {
            match self.signed_upstream(at).map_or(Since::Same, |then| then.since(upstream)) {
                Since::Changed(step) => return seat(FateCode::UpstreamChanged, Because::Upstream(step)),
                Since::NotPassed(step) if self.rests_on_disputed(&step, moment) => {
                    return seat(FateCode::SuspectUpstream, Because::Upstream(step));
                }
                Since::NotPassed(step) => return seat(FateCode::Suspended, Because::Upstream(step)),
                Since::Same => {}
            }
            let until = clock::fresh_until(self, step, at).filter(|until| moment.now.date() > *until);
            if let Some(until) = until {
                return seat(FateCode::Expired, Because::Expired(until));
            }
        }
        match class {
            ChangeClass::Same if signer.acting_for.is_some() => seat(FateCode::CountedAs, Because::Nothing),
            ChangeClass::Same => seat(FateCode::Counted, Because::Nothing),
            ChangeClass::Minor(_) if !self.confirmed(step, at, revision, moment) => {
                seat(FateCode::NeedsConfirm, Because::Change(class))
            }
            class => seat(FateCode::Carried, Because::Change(class)),
        }
    }

    /// True if a person stepped aside within a past.
    pub fn stepped_aside(&self, person: &PersonId, past: &Past) -> bool {
        self.recused.get(person).is_some_and(|at| past.has(*at))
    }

    fn rests_on_disputed(&self, step: &StepId, moment: &Moment) -> bool {
        self.seats_of(step).filter_map(|(_, seat)| seat.holds()).any(|at| moment.disputes(self, at))
    }

    /// True if somebody with a live approval of the same revision has confirmed the change up to one that
    /// reads the same as `revision`.
    fn confirmed(&self, step: &Step, approval: usize, revision: usize, moment: &Moment) -> bool {
        let past = moment.past;
        let disputed = |at: usize| moment.disputes(self, at);
        let since = self.record(approval).revision();
        let fits = |at: &usize| {
            let record = self.record(*at);
            let Body::Confirm(confirm) = &record.body else { return false };
            let live = self.seats.get(&step.id).and_then(|seats| seats.get(&record.signer.person));
            let live = live.and_then(|seat| seat.effective(past)).is_some_and(|held| {
                self.decide(held).decision == Decision::Approve
                    && self.record(held).revision() == since
                    && !disputed(held)
            });
            let who = &record.signer.person;
            past.has(*at)
                && self.barred(who, revision, |submit| past.has(submit)).is_none()
                && !self.stepped_aside(who, past)
                && !disputed(*at)
                && !self.withdrawn.get(at).is_some_and(|by| past.has(*by))
                && Some(confirm.since) == since
                && live
                && self.class(*at, revision) <= ChangeClass::Cosmetic
        };
        self.confirms.get(&step.id).into_iter().flatten().any(fits)
    }

    /// Open conditions of counted approvals that must be met before a step opens.
    fn holds(&self, view: &StepView<'a>, moment: &Moment) -> Vec<Option<&'a StepId>> {
        let before = view.conditions(self).filter(|(_, c)| c.kind == ConditionKind::BeforeStep);
        let open = before.filter(|(at, c)| !self.terms.state(*at, &c.id, moment.past).ended());
        open.map(|(_, condition)| condition.step.as_ref()).collect()
    }

    /// Where a condition stands within a past.
    pub fn condition_state(&self, approval: usize, condition: &Condition, past: &Past) -> ConditionState {
        self.terms.state(approval, &condition.id, past)
    }
}

impl<'a> StepView<'a> {
    fn blank(step: &'a Step) -> Self {
        StepView {
            step,
            state: StepState::Waiting,
            seats: Vec::new(),
            counted: 0,
            waits_for: Vec::new(),
            question: None,
            opened: None,
            passed: None,
            aside: None,
            lets: false,
            holds: Vec::new(),
        }
    }

    fn recode(&mut self, from: FateCode, to: FateCode) {
        for seat in self.seats.iter_mut().filter(|seat| seat.code == from) {
            seat.code = to;
        }
    }

    /// True if a condition must be met before `step` opens.
    fn held_back(&self, step: &StepId) -> bool {
        self.holds.iter().any(|before| before.is_none_or(|id| id == step))
    }

    /// True if a condition names `step` as the one it must be met before.
    fn names(&self, step: &StepId) -> bool {
        self.holds.contains(&Some(step))
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
    fn judge(&self, history: &History, facts: &Facts, moment: &Moment) -> StepState {
        let meta = &facts.revision.package.meta.meta;
        match self.step.when.as_ref().map_or(Some(true), |when| when.applies(meta)) {
            None => return StepState::Error,
            Some(false) => return StepState::NotApplicable,
            Some(true) => {}
        }
        let open = self.waits_for.is_empty();
        let enough = |codes: &[FateCode]| {
            tally::enough(history, self, moment.past, |seat| seat.in_tally() || codes.contains(&seat.code))
        };
        // An objection before its turn waits with the step; a rejection of an open step keeps it refused
        // through every revision, even while earlier steps are decided anew.
        let refused = self.with(FateCode::StandingRejection).any(|seat| open || history.was_open(seat.at));
        if refused {
            return StepState::Refused;
        }
        if !open {
            let asleep = [FateCode::Suspended, FateCode::SuspectUpstream];
            let any = self.seats.iter().any(|seat| asleep.contains(&seat.code));
            return if any && enough(&asleep) { StepState::Suspended } else { StepState::Waiting };
        }
        if self.question.is_some() || self.with(FateCode::OpenQuestion).next().is_some() {
            return StepState::Clarifying;
        }
        if enough(&[]) {
            let left = |(at, c): (usize, &Condition)| !history.condition_state(at, c, moment.past).ended();
            let terms = self.conditions(history).any(left);
            return if terms { StepState::SatisfiedWithConditions } else { StepState::Satisfied };
        }
        if enough(&[FateCode::NeedsConfirm]) {
            return StepState::NeedsConfirm;
        }
        let lost = [
            FateCode::NeedsConfirm,
            FateCode::StaleContent,
            FateCode::UpstreamChanged,
            FateCode::Expired,
            FateCode::KeyNotValid,
            FateCode::SuspectUpstream,
        ];
        if enough(&lost) { StepState::Stale } else { StepState::Open }
    }
}
