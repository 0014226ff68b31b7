//! Every step as it stands within a set of records.

use super::{Code, Moment, Naive, Set};
use crate::chain::{Carry, Chain, Step};
use crate::id::PersonId;
use crate::package::{TextChange, change};
use crate::record::{Body, ClaimedClass, Condition, ConditionKind, Decision};
use crate::time::{Term, Timestamp};
use std::collections::BTreeMap;
use std::rc::Rc;

/// The steps of the current revision's chain.
pub(super) struct World<'a> {
    pub revision: usize,
    pub steps: BTreeMap<&'a str, NaiveStep<'a>>,
}

/// A step in a set of records.
pub(super) struct NaiveStep<'a> {
    pub step: &'a Step,
    pub state: Code,
    /// The code of every effective decision.
    pub codes: BTreeMap<usize, Code>,
    /// True if an earlier step does not let it open.
    pub waits: bool,
    /// Since when it is open, and by which record.
    pub opened: Option<(Timestamp, usize)>,
    passed: Option<(Timestamp, usize)>,
    lets: bool,
    /// The request that sets it aside.
    pub aside: Option<usize>,
}

pub(super) const IN_TALLY: [Code; 3] = ["COUNTED", "COUNTED_AS", "CARRIED"];

/// What lies between what was signed and now.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Between {
    Same,
    Kept(Carry),
    Lost,
}

impl<'a> NaiveStep<'a> {
    pub fn is_passed(&self) -> bool {
        ["satisfied", "satisfied_with_conditions", "not_applicable", "overridden"].contains(&self.state)
    }

    pub fn with(&self, code: Code) -> impl Iterator<Item = usize> {
        self.codes.iter().filter(move |(_, c)| **c == code).map(|(at, _)| *at)
    }

    /// Approvals that count.
    pub fn counted(&self, naive: &Naive<'a>) -> Vec<usize> {
        let counts = |(at, code): &(&usize, &Code)| {
            IN_TALLY.contains(code) && naive.decision(**at) == Some(Decision::Approve)
        };
        self.codes.iter().filter(counts).map(|(at, _)| *at).collect()
    }
}

impl<'a> NaiveStep<'a> {
    /// Approvals whose conditions bind: those that count, and those that only grew too old.
    pub fn binding(&self, naive: &Naive<'a>) -> Vec<usize> {
        self.counted(naive).into_iter().chain(self.with("EXPIRED")).collect()
    }
}

impl<'a> Naive<'a> {
    /// What the signer of a record had seen.
    pub(super) fn then(&self, at: usize) -> Rc<World<'a>> {
        if let Some(known) = self.then.borrow().get(&at) {
            return known.clone();
        }
        let moment = Moment { set: &self.pasts[at], now: self.time(at), present: false };
        let world = Rc::new(self.world(moment));
        self.then.borrow_mut().insert(at, world.clone());
        world
    }

    pub(super) fn chain(&self, revision: usize) -> &'a Chain {
        &self.desk.revisions[revision].chain
    }

    /// Every step; none if nothing was submitted.
    pub(super) fn world(&self, moment: Moment) -> World<'a> {
        let Some(revision) = self.current(moment.set) else {
            return World { revision: 0, steps: BTreeMap::new() };
        };
        let mut world = World { revision, steps: BTreeMap::new() };
        for step in &self.chain(revision).steps {
            let view = self.view(&world, step, moment);
            world.steps.insert(step.id.as_str(), view);
        }
        world
    }

    fn view(&self, world: &World<'a>, step: &'a Step, moment: Moment) -> NaiveStep<'a> {
        let chain = self.chain(world.revision);
        // A condition is to be met before the steps right after its own, or before the one it names.
        let holds = |earlier: &NaiveStep<'a>| {
            let direct = step.after.contains(&earlier.step.id);
            let open = earlier.binding(self).into_iter().flat_map(|at| self.open_terms(at, moment.set));
            open.filter(|c| c.kind == ConditionKind::BeforeStep).any(|c| match &c.step {
                None => direct,
                Some(id) => *id == step.id,
            })
        };
        let shut = step.after.iter().any(|id| !world.steps[id.as_str()].lets);
        let held = chain.ancestors(&step.id).iter().any(|s| holds(&world.steps[s.id.as_str()]));
        let waits = shut || held;
        let submit =
            self.submits(moment.set).into_iter().find(|s| self.revision(*s) as usize == world.revision + 1);
        let opened = (!waits).then(|| {
            let submit = submit.unwrap();
            let mut opened = (self.time(submit), submit);
            for (at, by) in step.after.iter().filter_map(|id| world.steps[id.as_str()].passed) {
                opened = (opened.0.max(at), opened.1.max(by));
            }
            opened
        });
        let mut view = NaiveStep {
            step,
            state: "",
            codes: BTreeMap::new(),
            waits,
            opened,
            passed: None,
            lets: false,
            aside: None,
        };
        for person in self.seats(step.id.as_str()) {
            if let Some(at) = self.said(step.id.as_str(), person, moment.set) {
                let code = self.code(world, step, at, moment);
                view.codes.insert(at, code);
            }
        }
        let rejections: Vec<usize> = view.with("STANDING_REJECTION").collect();
        if !self.refuses(step, &rejections) {
            rejections.iter().for_each(|at| _ = view.codes.insert(*at, "COUNTED"));
        }
        let sets_aside = |request: &usize| {
            let Body::Override(says) = &self.record(*request).body else { unreachable!() };
            says.steps.contains(&step.id)
                && self.aside(*request, world.revision, moment) == "COUNTED"
                && self.denied(&view).is_none()
        };
        let aside = self.requests(moment.set).into_iter().find(sets_aside);
        view.aside = aside;
        view.state = self.state(world.revision, &view, moment);
        if view.state == "overridden" {
            for code in view.codes.values_mut() {
                if ["STANDING_REJECTION", "OPEN_QUESTION"].contains(code) {
                    *code = "OVERRULED";
                }
            }
        } else {
            view.aside = None;
        }
        view.lets = match view.state {
            "not_applicable" | "overridden" => !waits,
            _ => view.is_passed(),
        };
        view.passed = self.passed(&view, chain, moment);
        view
    }

    /// Why no override can set a step aside.
    pub(super) fn denied(&self, view: &NaiveStep<'a>) -> Option<Code> {
        let standing: Vec<usize> = view.with("STANDING_REJECTION").collect();
        if standing.iter().any(|at| self.is_final(*at)) {
            Some("OVERRIDE_DENIED_FINAL")
        } else if !view.step.overridable_veto && standing.iter().any(|at| self.has_veto(view.step, *at)) {
            Some("OVERRIDE_DENIED_VETO")
        } else {
            None
        }
    }

    fn state(&self, revision: usize, view: &NaiveStep<'a>, moment: Moment) -> Code {
        if let Some(when) = &view.step.when {
            match self.desk.revisions[revision].package.meta.meta.get(&when.meta) {
                None => return "error",
                Some(value) if when.values.contains(value) != when.among => return "not_applicable",
                Some(_) => {}
            }
        }
        let own = self.own_state(view, moment);
        let satisfied = ["satisfied", "satisfied_with_conditions"].contains(&own);
        if view.aside.is_some() && !satisfied { "overridden" } else { own }
    }

    /// The state, whatever sets it aside.
    fn own_state(&self, view: &NaiveStep<'a>, moment: Moment) -> Code {
        let step = view.step;
        let enough = |more: &[Code]| {
            let codes: Vec<Code> = IN_TALLY.iter().chain(more).copied().collect();
            self.enough(step, view, &codes, moment)
        };
        let was_open = |at: usize| {
            let past = Moment { set: &self.pasts[at], now: self.time(at), present: false };
            self.open(&self.then(at), step.id.as_str(), past)
        };
        if view.with("STANDING_REJECTION").any(|at| !view.waits || was_open(at)) {
            return "refused";
        }
        if view.waits {
            let asleep = ["SUSPENDED", "SUSPECT_UPSTREAM"];
            let any = view.codes.values().any(|c| asleep.contains(c));
            return if any && enough(&asleep) { "suspended" } else { "waiting" };
        }
        let asked = self.questions(step, moment.set).into_iter().any(|q| {
            matches!(self.record(q).body, Body::Comment(_)) && self.closing(q, moment.set).is_none()
        });
        if asked || view.with("OPEN_QUESTION").next().is_some() {
            return "clarifying";
        }
        if enough(&[]) {
            let terms = view.binding(self).into_iter().any(|at| !self.open_terms(at, moment.set).is_empty());
            return if terms { "satisfied_with_conditions" } else { "satisfied" };
        }
        let lost = [
            "NEEDS_CONFIRM",
            "STALE_CONTENT",
            "UPSTREAM_CHANGED",
            "EXPIRED",
            "KEY_NOT_VALID",
            "SUSPECT_UPSTREAM",
        ];
        if enough(&["NEEDS_CONFIRM"]) {
            "needs_confirm"
        } else if enough(&lost) {
            "stale"
        } else {
            "open"
        }
    }

    /// The newest record the passing of a step rests on.
    fn passed(&self, view: &NaiveStep<'a>, chain: &Chain, moment: Moment) -> Option<(Timestamp, usize)> {
        let opened = view.opened?;
        if !view.is_passed() || view.state == "not_applicable" {
            return view.is_passed().then_some(opened);
        }
        let mut rests = view.counted(self);
        rests.extend(view.aside.and_then(|request| self.second(request, moment.set)));
        rests.extend(
            self.standing(moment.set, |b| matches!(b, Body::Confirm(_)))
                .filter(|at| self.step_of(*at) == view.step.id.as_str()),
        );
        let timed = |s: &Step| s.deadline.is_some() || s.lapse.is_some() || !s.escalate.is_empty();
        if chain.steps.iter().any(timed) {
            let closings = self.questions(view.step, moment.set).into_iter();
            rests.extend(closings.filter_map(|q| self.closing(q, moment.set)));
        }
        Some(rests.into_iter().fold(opened, |(at, by), r| (at.max(self.time(r)), by.max(r))))
    }

    /// The instant at which a term since the opening runs out.
    pub(super) fn runs_out(
        &self,
        world: &World<'a>,
        step: &str,
        term: Term,
        moment: Moment,
    ) -> Option<Timestamp> {
        let view = &world.steps[step];
        let calendar = &self.chain(world.revision).calendar;
        Some(calendar.due(view.opened?.0, term, &self.pauses(view.step, moment)))
    }

    /// The instant at which the review lapses unless a step passes.
    pub(super) fn lapses(&self, world: &World<'a>, step: &str, moment: Moment) -> Option<Timestamp> {
        let view = &world.steps[step];
        let lapse = self.runs_out(world, step, view.step.lapse?, moment).filter(|_| !view.is_passed())?;
        // Refused in time is decided in time.
        let refused =
            view.state == "refused" && view.with("STANDING_REJECTION").any(|at| self.time(at) < lapse);
        (!refused).then_some(lapse)
    }

    /// True if a step may be approved.
    pub(super) fn open(&self, world: &World<'a>, step: &str, moment: Moment) -> bool {
        let Some(view) = world.steps.get(step) else { return false };
        view.state != "not_applicable"
            && !view.waits
            && !self.retracted(world.revision, moment.set)
            && self.lapses(world, step, moment).is_none_or(|lapse| lapse > moment.now)
    }

    pub(super) fn retracted(&self, revision: usize, set: &Set) -> bool {
        self.standing(set, |b| matches!(b, Body::Retract(_)))
            .any(|at| self.revision(at) as usize == revision + 1)
    }

    pub(super) fn between(&self, at: usize, now: usize) -> Between {
        let claims = self.submits(&self.all()).into_iter().filter_map(|s| match &self.record(s).body {
            Body::Submit(submit)
                if self.revision(s) > self.revision(at) && self.revision(s) as usize <= now + 1 =>
            {
                submit.class
            }
            _ => None,
        });
        let (then, now) = (&self.desk.revisions[self.revision(at) as usize - 1], &self.desk.revisions[now]);
        if then.number == now.number {
            return Between::Same;
        }
        if then.chain.digest != now.chain.digest {
            return Between::Lost;
        }
        if then.package.manifest == now.package.manifest {
            return Between::Kept(Carry::Identical);
        }
        let digest = |s| now.package.manifest.section_digest(s);
        let mut touched = self.record(at).scope.iter().filter(|s| digest(&s.section) != s.sha256).peekable();
        if touched.peek().is_none() {
            return Between::Kept(Carry::OutOfScope);
        }
        let mut words = 0;
        for section in touched {
            let text = |r: &crate::engine::Revision| {
                let file = format!("{}.md", section.section);
                self.desk.texts.0[r.number as usize - 1].get(&file).cloned()
            };
            if section.section.as_str() == "package" {
                return Between::Lost;
            }
            match change(&text(then).unwrap(), &text(now).unwrap()) {
                TextChange::Same | TextChange::Cosmetic => {}
                TextChange::Minor { words: more } => words += more,
                TextChange::Material(_) => return Between::Lost,
            }
        }
        let claimed = claims.max();
        if words > now.chain.minor_words || claimed == Some(ClaimedClass::Material) {
            Between::Lost
        } else if words > 0 || claimed == Some(ClaimedClass::Minor) {
            Between::Kept(Carry::Minor)
        } else {
            Between::Kept(Carry::Cosmetic)
        }
    }

    fn code(&self, world: &World<'a>, step: &Step, at: usize, moment: Moment) -> Code {
        let set = moment.set;
        let decision = self.decision(at).unwrap();
        match decision {
            Decision::Reject => return "STANDING_REJECTION",
            Decision::Clarify => {
                return if self.closing(at, set).is_some() { "NOTED" } else { "OPEN_QUESTION" };
            }
            Decision::Approve | Decision::Abstain => {}
        }
        for person in [self.seat_of(at), self.signer(at)] {
            if let Some(code) = self.barred(person, world.revision, set) {
                return code;
            }
            if self.recused(person, set) {
                return "RECUSED";
            }
        }
        if moment.present && self.stolen(at) {
            return "KEY_NOT_VALID";
        }
        let kept = match self.between(at, world.revision) {
            Between::Same if self.record(at).signer.acting_for.is_some() => "COUNTED_AS",
            Between::Same => "COUNTED",
            Between::Kept(class) if class > step.carry => return "STALE_CONTENT",
            Between::Kept(Carry::Minor) if !self.confirmed(step, at, world.revision, moment) => {
                "NEEDS_CONFIRM"
            }
            Between::Kept(_) => "CARRIED",
            Between::Lost => return "STALE_CONTENT",
        };
        if decision == Decision::Approve {
            if let Some(code) = self.upstream(world, step, at, moment) {
                return code;
            }
            let until = step.fresh_for.map(|period| period.after(self.time(at).date()));
            if until.is_some_and(|until| moment.now.date() > until) {
                return "EXPIRED";
            }
        }
        kept
    }

    /// True if somebody with a live approval of the same revision has confirmed what reads the same.
    fn confirmed(&self, step: &Step, approval: usize, revision: usize, moment: Moment) -> bool {
        let set = moment.set;
        let since = self.revision(approval);
        let id = step.id.as_str();
        let fits = |at: &usize| {
            let Body::Confirm(c) = &self.record(*at).body else { return false };
            let who = self.signer(*at);
            let live = self.said(id, who, set).is_some_and(|held| {
                self.decision(held) == Some(Decision::Approve)
                    && self.revision(held) == since
                    && !(moment.present && self.stolen(held))
            });
            let same = matches!(self.between(*at, revision), Between::Same)
                || matches!(self.between(*at, revision), Between::Kept(c) if c <= Carry::Cosmetic);
            self.step_of(*at) == id
                && c.since == since
                && live
                && same
                && !self.withdrawn(*at, set)
                && self.barred(who, revision, set).is_none()
                && !self.recused(who, set)
                && !(moment.present && self.stolen(*at))
        };
        self.standing(set, |_| true).any(|at| fits(&at))
    }

    /// What became of the earlier outcome an approval was signed on.
    fn upstream(&self, now: &World<'a>, step: &Step, at: usize, moment: Moment) -> Option<Code> {
        let then = self.then(at);
        let mut fallen = None;
        for earlier in self.chain(now.revision).ancestors(&step.id) {
            let (then, now) = (&then.steps[earlier.id.as_str()], &now.steps[earlier.id.as_str()]);
            if !now.is_passed() {
                fallen.get_or_insert(earlier);
                continue;
            }
            let terms = |s: &NaiveStep<'a>| -> BTreeMap<&'a PersonId, &'a [Condition]> {
                s.counted(self).into_iter().map(|at| (self.seat_of(at), self.conditions(at))).collect()
            };
            let (before, after) = (terms(then), terms(now));
            let kept = before.iter().all(|(person, terms)| after.get(person) == Some(terms));
            let added = after.iter().all(|(p, terms)| before.contains_key(p) || terms.is_empty());
            let stood = match (then.state, now.state) {
                ("not_applicable", state) | (state, "not_applicable") => state == "not_applicable",
                (state, "overridden") => state == "overridden",
                _ => true,
            };
            let bound = then.binding(self);
            let old = now.with("EXPIRED").filter(|at| !self.conditions(*at).is_empty());
            let known = old.into_iter().all(|at| bound.contains(&at));
            if !stood || !kept || !added || !known {
                return Some("UPSTREAM_CHANGED");
            }
        }
        let fallen = fallen?;
        let id = fallen.id.as_str();
        let everything = Self::before(self.refused.len());
        let held = self.seats(id).into_iter().filter_map(|person| self.said(id, person, &everything));
        let suspect = moment.present && held.into_iter().any(|at| self.stolen(at));
        Some(if suspect { "SUSPECT_UPSTREAM" } else { "SUSPENDED" })
    }
}
