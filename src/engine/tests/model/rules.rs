//! Why a record has no effect, by the rules of its kind, in the order of the design.

use super::world::Between;
use super::{Code, Moment, Naive};
use crate::chain::{Carry, Step, Voter};
use crate::digest::RecordId;
use crate::id::{ConditionId, PersonId, RoleId};
use crate::record::{Body, Condition, ConditionKind, Decision};

const NO: Option<Code> = Some("NOT_APPLICABLE");

impl<'a> Naive<'a> {
    pub(super) fn refuse(&self, at: usize) -> Option<Code> {
        let all = Self::before(at);
        let who = self.signer(at);
        let chain = self.chain(self.revision(at) as usize - 1);
        if self.record(at).step.as_ref().is_some_and(|step| chain.step(step).is_none()) {
            return Some("CHAIN_MISMATCH");
        }
        match &self.record(at).body {
            Body::Decide(d) => self.refuse_decision(at, d.decision, false),
            Body::Object(_) => self.refuse_decision(at, Decision::Reject, true),
            Body::Confirm(c) => self.refuse_confirm(at, c.since),
            Body::Comment(c) if c.blocking => self.certified(at),
            Body::Answer(r) => {
                let thread = self.find(r.about, at).is_some_and(|o| self.is_thread(o));
                if thread && self.author_side(who, at) { None } else { NO }
            }
            Body::Resolve(r) => {
                let mine = self.find(r.about, at).filter(|o| self.is_thread(*o) && self.seat_of(*o) == who);
                if mine.is_some_and(|o| self.closing(o, &all).is_none()) { None } else { NO }
            }
            Body::Withdraw(w) => self.refuse_withdrawal(at, w.record),
            Body::Recuse(_) => self.certified(at).or(if self.recused(who, &all) { NO } else { None }),
            Body::Retract(_) => {
                let submits = self.submits(&all);
                let last = *submits.last().unwrap();
                if self.revision(last) != self.revision(at) {
                    return Some("STALE_CONTENT");
                }
                let owner = &self.desk.revisions[self.revision(at) as usize - 1].package.meta.owner;
                if who != self.signer(last) && who != owner
                    || self.retracted(self.revision(at) as usize - 1, &all)
                {
                    return NO;
                }
                self.certified(at)
            }
            Body::ResolveRejection(a) => self.refuse_overruling(at, a.record),
            Body::Discharge(d) => {
                let Some(condition) = self.condition(at, d.record, &d.condition) else { return NO };
                let may = condition.owner.as_ref() == Some(who) || self.author_side(who, at);
                let state = self.term(d.record, &d.condition, &all);
                let fits = condition.kind != ConditionKind::Standing && ["open", "returned"].contains(&state);
                if may && fits { None } else { NO }
            }
            Body::Verify(v) => {
                let Some(condition) = self.condition(at, v.record, &v.condition) else { return NO };
                let approval = self.find(v.record, at).unwrap();
                let role = condition.verifier_role.as_ref().or(self.record(approval).role.as_ref()).unwrap();
                let says = |b: &Body| matches!(b, Body::Discharge(d) if d.record == v.record && d.condition == v.condition);
                let last = self.standing(&all, says).last();
                self.authority(at, role).or_else(|| {
                    let open = self.term(v.record, &v.condition, &all) == "discharged";
                    if open && last.is_some_and(|l| self.signer(l) != who) { None } else { NO }
                })
            }
            Body::Waive(w) => {
                if self.condition(at, w.record, &w.condition).is_none() {
                    return NO;
                }
                let approval = self.find(w.record, at).unwrap();
                let ended = Self::ended(self.term(w.record, &w.condition, &all));
                let role = self.record(approval).role.as_ref().unwrap();
                self.authority(at, role).or(if ended { NO } else { None })
            }
            Body::Override(o) => self.refuse_override(at, o.about),
            Body::Certify(_) => self.refuse_certificate(at),
            Body::Revoke(a) => {
                if !self.holds(at, "revoker") {
                    return Some("ROLE_NOT_HELD");
                }
                let target = self.find(a.record, at);
                let sound =
                    target.is_some_and(|t| self.stands(t) && matches!(self.record(t).body, Body::Certify(_)));
                let again =
                    self.standing(&all, |b| matches!(b, Body::Revoke(x) if x.record == a.record)).next();
                if sound && again.is_none() { None } else { NO }
            }
            _ => None,
        }
    }

    fn holds(&self, at: usize, role: &str) -> bool {
        let person = self.entry(at).people.person(self.signer(at));
        person.is_some_and(|p| p.roles.iter().any(|r| r.as_str() == role))
    }

    fn author_side(&self, person: &PersonId, at: usize) -> bool {
        let all = Self::before(at);
        let owns =
            |s: &usize| self.desk.revisions[self.revision(*s) as usize - 1].package.meta.owner == *person;
        self.named(person, &all).is_some() || self.submits(&all).iter().any(owns)
    }

    /// Nothing that could change a certified outcome counts after the certificate.
    fn certified(&self, at: usize) -> Option<Code> {
        let all = Self::before(at);
        let last = self.standing(&all, |b| matches!(b, Body::Certify(_))).last();
        last.filter(|c| self.revision(*c) >= self.revision(at)).map(|_| "POST_CERTIFICATE")
    }

    /// The condition an approval set.
    fn condition(&self, at: usize, record: RecordId, id: &ConditionId) -> Option<&'a Condition> {
        let approval = self.find(record, at).filter(|a| self.stands(*a))?;
        self.conditions(approval).iter().find(|c| c.id == *id)
    }

    fn authority(&self, at: usize, role: &RoleId) -> Option<Code> {
        let named = self.record(at).role.as_ref() == Some(role);
        if !named || !self.holds(at, role.as_str()) {
            return Some("ROLE_NOT_HELD");
        }
        self.barred(self.signer(at), self.revision(at) as usize - 1, &Self::before(at))
    }

    /// True if the chain has a sentence for the role somebody decides in.
    fn conceivable(&self, at: usize, step: &Step) -> bool {
        let role = self.record(at).role.as_ref().unwrap();
        let veto = step.veto.iter().any(|v| matches!(v, Voter::Role(name) if name == role));
        step.takes(role) || veto || step.escalate.iter().any(|e| e.to == *role)
    }

    fn role_fits(&self, at: usize, step: &Step, objects: bool) -> bool {
        let Some(role) = &self.record(at).role else { return false };
        let moment = Moment { set: &self.pasts[at], now: self.time(at), present: false };
        let world = self.then(at);
        let escalated = || {
            world.steps.contains_key(step.id.as_str())
                && step.escalate.iter().any(|e| {
                    let from = self.runs_out(&world, step.id.as_str(), e.after, moment);
                    e.to == *role && from.is_some_and(|from| from <= moment.now)
                })
        };
        let veto = step.veto.iter().any(|voter| match voter {
            Voter::Role(name) => name == role,
            Voter::Person(person) => person == self.seat_of(at),
        });
        self.held_role(at, role) && (step.takes(role) || (objects && veto) || escalated())
    }

    fn delegation_fits(&self, at: usize, step: &Step) -> bool {
        let (signer, seat) = (self.signer(at), self.seat_of(at));
        if self.signs_elsewhere(signer, step.id.as_str(), seat, &Self::before(at)) {
            return false;
        }
        if self.record(at).signer.acting_for.is_none() {
            return true;
        }
        let people = &self.entry(at).people;
        let covering: Vec<_> = people
            .delegations
            .iter()
            .filter(|d| d.from <= self.time(at) && self.time(at) < d.until)
            .filter(|d| d.steps.is_empty() || d.steps.contains(&step.id))
            .filter(|d| d.packages.is_empty() || d.packages.iter().any(|p| p.as_str() == "credit"))
            .collect();
        let allowed = |role: &RoleId| {
            if step.delegates.is_empty() { step.takes(role) } else { step.delegates.contains(role) }
        };
        covering.iter().any(|d| d.principal == *seat && d.delegate == *signer)
            && !covering.iter().any(|d| d.principal == *signer)
            && people.person(signer).unwrap().roles.iter().any(allowed)
    }

    fn separation(&self, at: usize, step: &Step, approval: bool) -> Option<Code> {
        let all = Self::before(at);
        let seen = if approval { &all } else { &self.pasts[at] };
        let both = [self.seat_of(at), self.signer(at)];
        let asks = |p: &PersonId| {
            self.standing(&all, |b| matches!(b, Body::Override(_)))
                .any(|o| self.signer(o) == p && !self.withdrawn(o, &all))
        };
        let elsewhere = |p: &&PersonId| self.fills(p, &all).iter().any(|s| *s != step.id.as_str()) || asks(p);
        if let Some(code) = both.iter().find_map(|p| self.barred(p, self.revision(at) as usize - 1, seen)) {
            Some(code)
        } else if both.iter().any(elsewhere) {
            Some("SOD_ONE_STEP")
        } else if both.iter().any(|p| self.recused(p, &all)) {
            Some("RECUSED")
        } else {
            None
        }
    }

    fn the_step(&self, at: usize) -> &'a Step {
        let chain = self.chain(self.revision(at) as usize - 1);
        chain.step(self.record(at).step.as_ref().unwrap()).unwrap()
    }

    /// True if a signer had seen the revision submitted and the step open.
    fn saw_open(&self, at: usize) -> bool {
        let past = &self.pasts[at];
        let moment = Moment { set: past, now: self.time(at), present: false };
        self.submits(past).iter().any(|s| self.revision(*s) == self.revision(at))
            && self.open(&self.then(at), self.step_of(at), moment)
    }

    fn refuse_decision(&self, at: usize, decision: Decision, objection: bool) -> Option<Code> {
        let step = self.the_step(at);
        let all = Self::before(at);
        if !objection && !self.conceivable(at, step) {
            return Some("MEANING_CHANGED");
        }
        if !self.role_fits(at, step, matches!(decision, Decision::Reject | Decision::Clarify)) {
            return Some("ROLE_NOT_HELD");
        }
        if !self.delegation_fits(at, step) {
            return Some("DELEGATION_INVALID");
        }
        if let Some(code) =
            self.separation(at, step, matches!(decision, Decision::Approve | Decision::Abstain))
        {
            return Some(code);
        }
        let not_for_it =
            self.then(at).steps.get(step.id.as_str()).is_some_and(|v| v.state == "not_applicable");
        if decision == Decision::Approve {
            if !step.assistance && self.record(at).assistance != "none" {
                return Some("ASSISTANCE_NOT_ALLOWED");
            }
            if !self.saw_open(at) {
                return Some("STEP_NOT_OPEN");
            }
        } else if not_for_it && !objection {
            return NO;
        }
        if let Some(code) = self.certified(at) {
            return Some(code);
        }
        let held = self.held(step.id.as_str(), self.seat_of(at), &all);
        let in_person = self.signer(at) == self.seat_of(at);
        if self.revision(at) < held.floor {
            Some("OLDER_THAN_SEAT_STATE")
        } else if !in_person && held.own.is_some_and(|own| self.revision(at) <= own) {
            Some("SUPERSEDED_BY_PRINCIPAL")
        } else {
            None
        }
    }

    fn refuse_confirm(&self, at: usize, since: u32) -> Option<Code> {
        let step = self.the_step(at);
        if !self.role_fits(at, step, false) {
            return Some("ROLE_NOT_HELD");
        }
        if let Some(code) = self.separation(at, step, true) {
            return Some(code);
        }
        let held = self.said(step.id.as_str(), self.signer(at), &self.pasts[at]);
        let held =
            held.filter(|h| self.decision(*h) == Some(Decision::Approve) && self.revision(*h) == since);
        let minor = |h: usize| self.between(h, self.revision(at) as usize - 1) == Between::Kept(Carry::Minor);
        if !held.is_some_and(minor) || step.carry < Carry::Minor {
            return NO;
        }
        if !self.saw_open(at) {
            return Some("STEP_NOT_OPEN");
        }
        self.certified(at)
    }

    fn refuse_withdrawal(&self, at: usize, record: RecordId) -> Option<Code> {
        let Some(target) = self.find(record, at) else { return NO };
        let who = self.signer(at);
        let mine = self.signer(target) == who || self.record(target).signer.acting_for.as_ref() == Some(who);
        let sort = matches!(
            self.record(target).body,
            Body::Decide(_) | Body::Object(_) | Body::Comment(_) | Body::Confirm(_) | Body::Override(_)
        );
        if !mine || !sort || self.withdrawn(target, &Self::before(at)) {
            return NO;
        }
        if self.refused[target] == Some("POST_CERTIFICATE") {
            return None;
        }
        self.certified(at)
    }

    fn refuse_overruling(&self, at: usize, record: RecordId) -> Option<Code> {
        let step = self.the_step(at);
        let all = Self::before(at);
        let who = self.signer(at);
        let Some(role) = &step.resolve_rejection else { return NO };
        if self.record(at).role.as_ref() != Some(role) || !self.holds(at, role.as_str()) {
            return Some("ROLE_NOT_HELD");
        }
        if let Some(code) = self.barred(who, self.revision(at) as usize - 1, &all) {
            return Some(code);
        }
        if self.recused(who, &all) {
            return Some("RECUSED");
        }
        let standing = |t: &usize| {
            self.decision(*t) == Some(Decision::Reject)
                && self.step_of(*t) == step.id.as_str()
                && self.said(step.id.as_str(), self.seat_of(*t), &all) == Some(*t)
        };
        let Some(target) = self.find(record, at).filter(standing).filter(|t| self.signer(*t) != who) else {
            return NO;
        };
        if self.is_final(target) {
            return Some("OVERRIDE_DENIED_FINAL");
        }
        if self.has_veto(step, target) && !step.overridable_veto {
            return Some("OVERRIDE_DENIED_VETO");
        }
        let submit = *self.submits(&all).last().unwrap();
        let answered = self.revision(at) > self.revision(target)
            && self.revision(submit) == self.revision(at)
            && self.pasts[at].contains(&submit);
        let calendar = &self.chain(self.revision(at) as usize - 1).calendar;
        let until = step.deadline.map(|term| calendar.due(self.time(submit), term, &[]));
        if !answered || until.is_none_or(|until| self.time(at) < until) {
            return NO;
        }
        self.certified(at)
    }

    fn refuse_override(&self, at: usize, about: Option<RecordId>) -> Option<Code> {
        let all = Self::before(at);
        let who = self.signer(at);
        let chain = self.chain(self.revision(at) as usize - 1);
        if !self.holds(at, "override") {
            return Some("ROLE_NOT_HELD");
        }
        if let Some(code) = self.barred(who, self.revision(at) as usize - 1, &all) {
            return Some(code);
        }
        if !self.fills(who, &all).is_empty() {
            return Some("SOD_ONE_STEP");
        }
        if self.recused(who, &all) {
            return Some("RECUSED");
        }
        if !chain.overridable {
            return NO;
        }
        if self.submits(&all).last().map(|s| self.revision(*s)) != Some(self.revision(at)) {
            return Some("STALE_CONTENT");
        }
        if let Some(code) = self.certified(at) {
            return Some(code);
        }
        let Body::Override(says) = &self.record(at).body else { unreachable!() };
        if says.expires < self.time(at).date() {
            return NO;
        }
        let first = about?;
        let request = self.find(first, at).filter(|r| self.requests(&all).contains(r));
        let Some(request) = request else { return NO };
        if self.signer(request) == who {
            return Some("OVERRIDE_NEEDS_SECOND");
        }
        let Body::Override(asked) = &self.record(request).body else { unreachable!() };
        let seconded = self.second(request, &all).is_some_and(|second| !self.withdrawn(second, &all));
        let same = asked.steps == says.steps
            && asked.expires == says.expires
            && self.revision(request) == self.revision(at);
        if self.withdrawn(request, &all) || seconded || !same { NO } else { None }
    }

    fn refuse_certificate(&self, at: usize) -> Option<Code> {
        let all = Self::before(at);
        if !self.holds(at, "issuer") {
            return Some("ROLE_NOT_HELD");
        }
        if let Some(code) = self.certified(at) {
            return Some(code);
        }
        if self.submits(&all).last().map(|s| self.revision(*s)) != Some(self.revision(at)) {
            return Some("STALE_CONTENT");
        }
        let moment = Moment { set: &all, now: self.time(at), present: false };
        let world = self.world(moment);
        let pre_merge = world
            .steps
            .values()
            .flat_map(|v| v.binding(self))
            .any(|a| self.open_terms(a, &all).iter().any(|c| c.kind == ConditionKind::PreMerge));
        if self.open_state(&world, moment).starts_with("approved") && !pre_merge { None } else { NO }
    }
}
