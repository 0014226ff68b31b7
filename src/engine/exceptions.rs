//! Rules on what sets the usual way aside: overrides by two people, rejections nobody looked at again,
//! revisions taken out of review; and on what becomes of conditions.

use super::admit::{Admitted, Refused, refuse};
use super::clock::Moment;
use super::code::FateCode;
use super::history::{Aside, History};
use super::outcome::ConditionState;
use super::past::Past;
use super::steps::StepView;
use super::tally;
use crate::digest::RecordId;
use crate::id::{ConditionId, PersonId, RoleId};
use crate::record::{
    About, Body, Condition, ConditionKind, Decision, Discharge, Entry, Override, Record, Verify, Waive,
};

/// The role two people of which may set a step aside.
pub(super) const OVERRIDE: &str = "override";

impl<'a> History<'a> {
    pub(super) fn set_aside(
        &mut self,
        at: usize,
        entry: &'a Entry,
        says: &'a Override,
        revision: usize,
    ) -> Admitted {
        let record = entry.record();
        let who = &record.signer.person;
        let chain = self.facts[revision].chain();
        if let Some(unknown) = says.steps.iter().find(|id| chain.step(id).is_none()) {
            return refuse(FateCode::ChainMismatch, format!("chain {} has no step {unknown}", chain.id));
        }
        self.named_role(entry, OVERRIDE)?;
        if let Some((bar, named_in)) = self.barred(who, self.index_of(record), |_| true) {
            return refuse(bar.code(), format!("{who} {} revision {named_in}", bar.did()));
        }
        let elsewhere = self.seats.iter().find(|(_, seats)| self.fills(seats, who));
        if let Some((step, _)) = elsewhere {
            return refuse(FateCode::SodOneStep, format!("{who} has decided in step {step}"));
        }
        if self.recused.contains_key(who) {
            return refuse(FateCode::Recused, format!("{who} stepped aside from this package"));
        }
        if !chain.overridable {
            return refuse(
                FateCode::NotApplicable,
                format!("chain {} lets nobody set a step aside", chain.id),
            );
        }
        if revision + 1 != self.submits.len() {
            let note = format!("revision {} has been submitted since", self.submits.len());
            return refuse(FateCode::StaleContent, note);
        }
        self.before_certificate(record)?;
        if says.expires < record.signed_at.date() {
            return refuse(FateCode::NotApplicable, "its last day is before it was signed");
        }
        let Some(first) = says.about else {
            self.overrides.push(Aside { at, second: None, revision, says });
            return Ok(());
        };
        let requests = self.overrides.iter_mut();
        let mut requests = requests.filter(|aside| self.case.entries[aside.at].id() == first);
        let Some(aside) = requests.next() else {
            return refuse(FateCode::NotApplicable, format!("there is no override {}", first.short()));
        };
        let asked = self.case.entries[aside.at].record();
        if asked.signer.person == *who {
            return refuse(FateCode::OverrideNeedsSecond, "nobody seconds himself");
        }
        // Who seconded may have taken that back; then somebody else can.
        let seconded = aside.second.is_some_and(|second| !self.withdrawn.contains_key(&second));
        if self.withdrawn.contains_key(&aside.at) || seconded {
            return refuse(FateCode::NotApplicable, "the request was taken back or seconded before");
        }
        if aside.says.steps != says.steps || aside.says.expires != says.expires || aside.revision != revision
        {
            let note = "it names other steps, another last day or another revision than the request";
            return refuse(FateCode::NotApplicable, note);
        }
        aside.second = Some(at);
        Ok(())
    }

    /// The override in force for a step at a moment.
    pub(super) fn aside_for(&self, revision: usize, view: &StepView, moment: &Moment) -> Option<usize> {
        self.overrides.iter().position(|aside| {
            aside.says.steps.contains(&view.step.id)
                && self.aside_code(aside, revision, moment) == FateCode::Counted
                && self.denied(view).is_none()
        })
    }

    /// Whether an override is complete and in force, whatever stands against it in its steps.
    pub(super) fn aside_code(&self, aside: &Aside, revision: usize, moment: &Moment) -> FateCode {
        let gone = |at: usize| self.withdrawn.get(&at).is_some_and(|by| moment.past.has(*by));
        let second = aside.second.filter(|second| moment.past.has(*second));
        let same = aside.revision == revision || {
            let (then, now) = (&self.facts[aside.revision], &self.facts[revision]);
            then.digest == now.digest && then.revision.chain.digest == now.revision.chain.digest
        };
        match second {
            _ if !moment.past.has(aside.at) || gone(aside.at) => FateCode::Withdrawn,
            Some(second) if gone(second) => FateCode::OverrideNeedsSecond,
            None => FateCode::OverrideNeedsSecond,
            Some(_) if !same => FateCode::StaleContent,
            Some(_) if moment.now.date() > aside.says.expires => FateCode::Expired,
            Some(second) if moment.disputes(self, aside.at) || moment.disputes(self, second) => {
                FateCode::KeyNotValid
            }
            Some(_) => FateCode::Counted,
        }
    }

    /// Why no override can set a step aside.
    pub(super) fn denied(&self, view: &StepView) -> Option<FateCode> {
        let mut denied = None;
        for seat in view.with(FateCode::StandingRejection) {
            if tally::is_final(self, seat.at) {
                return Some(FateCode::OverrideDeniedFinal);
            }
            if tally::is_veto(self, view, seat) && !view.step.overridable_veto {
                denied = Some(FateCode::OverrideDeniedVeto);
            }
        }
        denied
    }

    /// True if a person signed an override that was not taken back.
    pub(super) fn asked_aside(&self, person: &PersonId) -> bool {
        let signed =
            |at: usize| self.record(at).signer.person == *person && !self.withdrawn.contains_key(&at);
        self.overrides.iter().any(|aside| signed(aside.at) || aside.second.is_some_and(signed))
    }

    /// The signer held a role that has a fixed name.
    pub(super) fn named_role(&self, entry: &Entry, role: &str) -> Admitted {
        let who = &entry.record().signer.person;
        let held = entry.people.person(who).is_some_and(|p| p.roles.iter().any(|r| r.as_str() == role));
        if held {
            return Ok(());
        }
        refuse(FateCode::RoleNotHeld, format!("{who} did not hold role {role} at this position"))
    }

    pub(super) fn resolve_rejection(
        &mut self,
        at: usize,
        entry: &'a Entry,
        about: &'a About,
        revision: usize,
        past: &Past,
    ) -> Admitted {
        let record = entry.record();
        let who = &record.signer.person;
        let step = self.step_of(record, revision)?;
        let Some(role) = &step.resolve_rejection else {
            return refuse(
                FateCode::NotApplicable,
                format!("nobody may set a rejection aside in {}", step.title),
            );
        };
        let held = entry.people.person(who).is_some_and(|person| person.roles.contains(role));
        if record.role.as_ref() != Some(role) || !held {
            return refuse(FateCode::RoleNotHeld, format!("{who} did not hold role {role} at this position"));
        }
        if let Some((bar, named_in)) = self.barred(who, self.index_of(record), |_| true) {
            return refuse(bar.code(), format!("{who} {} revision {named_in}", bar.did()));
        }
        if self.recused.contains_key(who) {
            return refuse(FateCode::Recused, format!("{who} stepped aside from this package"));
        }
        let target = self.positions.get(&about.record).copied();
        let held = target.filter(|target| {
            let seat = self.seats.get(&step.id).and_then(|seats| seats.get(self.seat_person(*target)));
            seat.and_then(super::seat::Seat::holds) == Some(*target)
                && self.decide(*target).decision == Decision::Reject
        });
        let Some(target) = held else {
            let note =
                format!("record {} is no rejection that stands in {}", about.record.short(), step.title);
            return refuse(FateCode::NotApplicable, note);
        };
        if self.record(target).signer.person == *who {
            return refuse(FateCode::NotApplicable, "who rejected takes it back instead");
        }
        if tally::is_final(self, target) {
            return refuse(FateCode::OverrideDeniedFinal, "a final rejection cannot be set aside");
        }
        if tally::vetoes(self, step, target) && !step.overridable_veto {
            return refuse(FateCode::OverrideDeniedVeto, "this veto cannot be set aside");
        }
        let rejected = self.record(target).revision().unwrap_or(0);
        let current = self.facts[revision].revision.number;
        if current <= rejected || revision + 1 != self.submits.len() || !past.has(self.submits[revision]) {
            return refuse(FateCode::NotApplicable, "no new revision has answered the rejection yet");
        }
        let resubmitted = self.record(self.submits[revision]).signed_at;
        let calendar = &self.facts[revision].chain().calendar;
        let until = step.deadline.map(|term| calendar.due(resubmitted, term, &[]));
        if until.is_none_or(|until| record.signed_at < until) {
            let note = match until {
                Some(until) => format!("whoever rejected has until {} to look again", until.human()),
                None => "the step has no deadline after which that could be done".to_owned(),
            };
            return refuse(FateCode::NotApplicable, note);
        }
        self.before_certificate(record)?;
        self.overruled.insert(target, at);
        let seat = self.seat_person(target);
        if let Some(seat) = self.seats.get_mut(&step.id).and_then(|seats| seats.get_mut(seat)) {
            seat.empty(at, rejected, target);
        }
        Ok(())
    }

    pub(super) fn retract(&mut self, at: usize, record: &'a Record, revision: usize) -> Admitted {
        let who = &record.signer.person;
        if revision + 1 != self.submits.len() {
            let note = format!("revision {} has been submitted since", self.submits.len());
            return refuse(FateCode::StaleContent, note);
        }
        let submitter = &self.record(self.submits[revision]).signer.person;
        let owner = &self.facts[revision].revision.package.meta.owner;
        if who != submitter && who != owner {
            let note = format!("only {submitter}, who submitted it, or {owner}, who owns the model, may");
            return refuse(FateCode::NotApplicable, note);
        }
        if self.retracts.iter().any(|other| *other > self.submits[revision]) {
            return refuse(FateCode::NotApplicable, "the revision was taken out of review before");
        }
        self.before_certificate(record)?;
        self.retracts.push(at);
        Ok(())
    }

    /// Where a revision was taken out of review within a past.
    pub(super) fn retracted(&self, revision: usize, past: &Past) -> Option<usize> {
        let since = *self.submits.get(revision)?;
        self.retracts.iter().copied().find(|at| *at > since && past.has(*at))
    }

    pub(super) fn discharge(&mut self, at: usize, entry: &'a Entry, says: &'a Discharge) -> Admitted {
        let (approval, condition) = self.condition(says.record, &says.condition)?;
        let who = &entry.record().signer.person;
        if condition.owner.as_ref() != Some(who) && !self.is_submitter_side(who) {
            let note = format!("{who} neither owns the condition nor is on the author's side");
            return refuse(FateCode::NotApplicable, note);
        }
        if condition.kind == ConditionKind::Standing {
            return refuse(FateCode::NotApplicable, "a standing condition holds as long as the approval");
        }
        self.expect(entry, approval, condition, &[ConditionState::Open, ConditionState::Returned])?;
        self.terms.say(approval, &condition.id, at, ConditionState::Discharged);
        Ok(())
    }

    pub(super) fn verify(&mut self, at: usize, entry: &'a Entry, says: &'a Verify) -> Admitted {
        let (approval, condition) = self.condition(says.record, &says.condition)?;
        let role = condition.verifier_role.as_ref().or(self.record(approval).role.as_ref());
        self.authority(entry, role)?;
        self.expect(entry, approval, condition, &[ConditionState::Discharged])?;
        let who = &entry.record().signer.person;
        let discharged = self.terms.discharged(approval, &condition.id);
        if discharged.is_some_and(|at| self.record(at).signer.person == *who) {
            return refuse(FateCode::NotApplicable, "who declared the condition met cannot check it");
        }
        let to = if says.accepted { ConditionState::Verified } else { ConditionState::Returned };
        self.terms.say(approval, &condition.id, at, to);
        Ok(())
    }

    pub(super) fn waive(&mut self, at: usize, entry: &'a Entry, says: &'a Waive) -> Admitted {
        let (approval, condition) = self.condition(says.record, &says.condition)?;
        let role = self.record(approval).role.as_ref();
        self.authority(entry, role)?;
        let open = [ConditionState::Open, ConditionState::Discharged, ConditionState::Returned];
        self.expect(entry, approval, condition, &open)?;
        self.terms.say(approval, &condition.id, at, ConditionState::Waived);
        Ok(())
    }

    /// The approval that set a condition, and the condition.
    fn condition(&self, record: RecordId, id: &ConditionId) -> Result<(usize, &'a Condition), Refused> {
        let at = self.positions.get(&record).copied().filter(|at| self.stands(*at));
        let found = at.and_then(|at| match &self.record(at).body {
            Body::Decide(decide) => decide.conditions.iter().find(|c| c.id == *id).map(|c| (at, c)),
            _ => None,
        });
        found.ok_or_else(|| {
            (FateCode::NotApplicable, format!("record {} set no condition {id}", record.short()))
        })
    }

    /// The signer held the role that judges a condition, named it, and is not on the author's side.
    fn authority(&self, entry: &Entry, role: Option<&RoleId>) -> Admitted {
        let record = entry.record();
        let who = &record.signer.person;
        let held = role.filter(|role| entry.held(role) && record.role.as_ref() == Some(*role));
        if held.is_none() {
            let role = role.map(ToString::to_string).unwrap_or_default();
            return refuse(FateCode::RoleNotHeld, format!("{who} did not hold role {role} at this position"));
        }
        match self.barred(who, self.index_of(record), |_| true) {
            Some((bar, revision)) => refuse(bar.code(), format!("{who} {} revision {revision}", bar.did())),
            None => Ok(()),
        }
    }

    fn expect(
        &self,
        entry: &Entry,
        approval: usize,
        condition: &'a Condition,
        states: &[ConditionState],
    ) -> Admitted {
        let past = self.known_past(&entry.people, self.rulings.len());
        let state = self.terms.state(approval, &condition.id, &past);
        if states.contains(&state) {
            return Ok(());
        }
        refuse(FateCode::NotApplicable, format!("condition {} is {}", condition.id, state.words()))
    }
}
