//! Rules on decisions, objections, confirmations, recusals and withdrawals when they are read.
//!
//! Objections are asked for less than approvals: a rejection or a question needs no open step, no whole
//! scope and no matching upstream, because letting one fall for a formality would fail open.

use super::admit::{Admitted, Refused, refuse};
use super::carry::{self, ChangeClass};
use super::clock::{self, Moment};
use super::code::FateCode;
use super::history::{History, Signed};
use super::meaning::{meaning, printed};
use super::past::Past;
use super::questions::Question;
use super::seat::Unheard;
use super::steps::StepView;
use super::upstream::Upstream;
use crate::chain::{Step, Voter};
use crate::id::{PersonId, RoleId, SectionId, StepId};
use crate::record::{Body, Confirm, Decide, Decision, Entry, Object, Record, Withdraw};
use std::collections::BTreeSet;
use std::sync::Arc;

/// A gate as it stands within a past: open or why not, the step itself, and the outcome of the steps
/// before.
pub(super) struct Gate<'a> {
    pub open: Result<(), String>,
    pub upstream: Upstream,
    /// The step as it stood; `None` if there was none yet.
    pub view: Option<(usize, StepView<'a>)>,
}

impl<'a> History<'a> {
    pub(super) fn decision(
        &mut self,
        at: usize,
        entry: &'a Entry,
        decide: &'a Decide,
        revision: usize,
        past: &Past,
    ) -> Admitted {
        let record = entry.record();
        let step = self.step_of(record, revision)?;
        self.sentence(record, step, entry, decide.decision)?;
        let (seat, gate) = self.seat_of(at, entry, step, decide.decision, past)?;
        if decide.decision == Decision::Approve {
            if !step.assistance && record.assistance != "none" {
                let note = format!("{} allows no AI assistance for approvals", step.title);
                return refuse(FateCode::AssistanceNotAllowed, note);
            }
            self.saw_submitted(revision, past)?;
            self.shown(record, step, revision, &gate)?;
        } else if gate.view.as_ref().is_some_and(|(_, view)| self.not_for_it(view)) {
            return refuse(FateCode::NotApplicable, format!("{} is not for this package", step.title));
        }
        self.before_certificate(record)?;
        self.take_seat(at, step, seat, revision, gate)?;
        if decide.decision == Decision::Reject {
            self.rejections[revision].push(at);
        }
        if decide.decision == Decision::Clarify {
            let asked = decide.question.as_ref().map(|q| q.section.clone());
            let section = asked.unwrap_or_else(SectionId::package_itself);
            self.questions.open(entry.id(), Question::new(at, seat, section, true, true));
        }
        Ok(())
    }

    pub(super) fn object(
        &mut self,
        at: usize,
        entry: &'a Entry,
        object: &'a Object,
        revision: usize,
        past: &Past,
    ) -> Admitted {
        let record = entry.record();
        let step = self.step_of(record, revision)?;
        let (seat, gate) = self.seat_of(at, entry, step, Decision::Reject, past)?;
        if object.section.as_ref().is_some_and(|s| !self.facts[revision].sections.contains_key(s)) {
            return refuse(FateCode::NotApplicable, "there is no such section");
        }
        self.before_certificate(record)?;
        self.take_seat(at, step, seat, revision, gate)?;
        self.rejections[revision].push(at);
        Ok(())
    }

    /// The seat somebody decides in, and the step's gate as they saw it: the role, who stands in for whom, and
    /// who may not decide on this package at all.
    fn seat_of(
        &self,
        at: usize,
        entry: &'a Entry,
        step: &'a Step,
        decision: Decision,
        past: &Past,
    ) -> Result<(&'a PersonId, Gate<'a>), Refused> {
        let moment = Moment::then(past, entry.record().signed_at);
        let gate = self.gate(&step.id, &moment);
        self.role(entry, step, decision, &gate, &moment)?;
        let seat = self.delegation(entry, step)?;
        self.separation(entry.record(), seat, step, decision, at, past)?;
        Ok((seat, gate))
    }

    fn take_seat(
        &mut self,
        at: usize,
        step: &'a Step,
        seat: &'a PersonId,
        revision: usize,
        gate: Gate,
    ) -> Admitted {
        let signed = Signed { upstream: Arc::new(gate.upstream), open: gate.open.is_ok() };
        self.signed.insert(at, signed);
        let number = self.facts[revision].revision.number;
        let in_person = self.record(at).signer.person == *seat;
        let held = self.seats.get(&step.id).and_then(|seats| seats.get(seat)?.holds());
        // A further rejection never makes the one before it weaker.
        if let Some(held) = held.filter(|_| self.decide(at).decision == Decision::Reject) {
            if matches!(self.record(held).body, Body::Object(_)) || self.insists.contains(&held) {
                self.insists.insert(at);
            }
            if super::tally::is_final(self, held) {
                self.finals.insert(at);
            }
        }
        match self.seats.entry(&step.id).or_default().entry(seat).or_default().say(at, number, in_person) {
            Ok(()) => Ok(()),
            Err(Unheard::Older) => {
                let note = "this person has spoken about a newer revision in this step";
                refuse(FateCode::OlderThanSeatState, note)
            }
            Err(Unheard::PrincipalSpoke) => {
                refuse(FateCode::SupersededByPrincipal, format!("{seat} has decided this revision in person"))
            }
        }
    }

    fn saw_submitted(&self, revision: usize, past: &Past) -> Admitted {
        if past.has(self.submits[revision]) {
            return Ok(());
        }
        let note = format!("its signer had not seen revision {} submitted", revision + 1);
        refuse(FateCode::StepNotOpen, note)
    }

    /// What an approval or confirmation must have been made on: an open step, its whole scope, the outcome
    /// of the earlier steps.
    fn shown(&self, record: &Record, step: &Step, revision: usize, gate: &Gate) -> Admitted {
        if let Err(note) = &gate.open {
            return refuse(FateCode::StepNotOpen, note.clone());
        }
        if let Some(section) = carry::scope_gap(&record.scope, step, &self.facts[revision]) {
            let note = format!("the signer was not shown section {section} as it stands in this revision");
            return refuse(FateCode::ScopeIncomplete, note);
        }
        if record.upstream != Some(gate.upstream.digest()) {
            let note = "it names another outcome of the earlier steps than the one its signer had seen";
            return refuse(FateCode::UpstreamChanged, note);
        }
        Ok(())
    }

    /// The step a record names.
    pub(super) fn step_of(&self, record: &Record, revision: usize) -> Result<&'a Step, Refused> {
        let chain = self.facts[revision].chain();
        let step = record.step.as_ref().and_then(|id| chain.step(id));
        step.ok_or_else(|| (FateCode::ChainMismatch, format!("chain {} has no such step", chain.id)))
    }

    /// The sentence signed is the one the chain asks for.
    fn sentence(&self, record: &Record, step: &Step, entry: &Entry, decision: Decision) -> Admitted {
        let signer = &record.signer;
        let principal = signer.acting_for.as_ref().map(|id| entry.people.person(id));
        let principal = match principal {
            None => None,
            Some(Some(person)) => Some(person.name.as_str()),
            Some(None) => {
                return refuse(FateCode::DelegationInvalid, "the person it was signed for is not enrolled");
            }
        };
        let name = printed(&signer.name, principal);
        // A role that has no say here at all is refused as such, not for the sentence.
        let conceivable = |role: &&RoleId| {
            let veto = step.veto.iter().any(|voter| matches!(voter, Voter::Role(name) if name == *role));
            step.takes(role) || veto || step.escalate.iter().any(|e| e.to == **role)
        };
        let role = record.role.as_ref().filter(conceivable).unwrap_or(step.role());
        let asked = record.subject.as_ref().map(|s| meaning(step, role, &name, s, decision));
        if asked.as_ref() == Some(&record.meaning) {
            Ok(())
        } else {
            refuse(FateCode::MeaningChanged, "the sentence signed is not the one the chain asks for")
        }
    }

    /// The role named decides in this step (for an objection, a veto is enough; after a while, the role it
    /// was escalated to), and whoever's seat it is held it at this position.
    fn role(
        &self,
        entry: &Entry,
        step: &'a Step,
        decision: Decision,
        gate: &Gate<'a>,
        moment: &Moment,
    ) -> Admitted {
        let record = entry.record();
        let seat = record.signer.acting_for.as_ref().unwrap_or(&record.signer.person);
        let Some(role) = &record.role else {
            return refuse(FateCode::RoleNotHeld, "it names no role");
        };
        let held = entry.people.person(seat).is_some_and(|person| person.roles.contains(role));
        if !held {
            return refuse(
                FateCode::RoleNotHeld,
                format!("{seat} did not hold role {role} at this position"),
            );
        }
        if step.takes(role) {
            return Ok(());
        }
        let objects = matches!(decision, Decision::Reject | Decision::Clarify);
        let veto = step.veto.iter().any(|voter| match voter {
            Voter::Role(name) => name == role,
            Voter::Person(person) => person == seat,
        });
        if objects && veto {
            return Ok(());
        }
        let escalated = gate.view.as_ref().is_some_and(|(revision, view)| {
            clock::escalated(self, &self.facts[*revision], view, moment).contains(&role)
        });
        if escalated {
            return Ok(());
        }
        refuse(FateCode::RoleNotHeld, format!("role {role} does not decide in {} at that time", step.title))
    }

    /// The seat a decision fills: the signer's own, or that of somebody who let the signer decide.
    fn delegation(&self, entry: &'a Entry, step: &Step) -> Result<&'a PersonId, Refused> {
        let record = entry.record();
        let signer = &record.signer.person;
        let invalid = |note: String| Err((FateCode::DelegationInvalid, note));
        let seat = record.signer.acting_for.as_ref().unwrap_or(signer);
        if let Some(other) = self.signs_elsewhere(signer, &step.id, seat) {
            return invalid(format!("{signer} has signed in this step for {other}: one person counts once"));
        }
        let Some(principal) = &record.signer.acting_for else { return Ok(seat) };
        let covering =
            |d: &&crate::record::Delegation| d.covers(&self.case.package, &step.id, record.signed_at);
        let all = || entry.people.delegations.iter().filter(covering);
        if !all().any(|d| d.principal == *principal && d.delegate == *signer) {
            return invalid(format!("{principal} had not let {signer} decide this at that time"));
        }
        // Who is away himself cannot stand in for others, and nobody hands on what was handed to him.
        if let Some(on) = all().find(|d| d.principal == *signer) {
            return invalid(format!("{signer} had let {} decide in turn", on.delegate));
        }
        let roles = entry.people.person(signer).map(|person| &person.roles);
        if !roles.is_some_and(|roles| stands_in(step, roles)) {
            return invalid(format!("{signer} holds no role that may stand in for others in {}", step.title));
        }
        Ok(principal)
    }

    fn separation(
        &self,
        record: &Record,
        seat: &PersonId,
        step: &Step,
        decision: Decision,
        at: usize,
        past: &Past,
    ) -> Admitted {
        // An approval falls with any submission that names the signer. An objection falls only with one
        // its signer had seen: else an author could name a reviewer to silence him.
        let approval = matches!(decision, Decision::Approve | Decision::Abstain);
        let seen = |submit: usize| if approval { submit < at } else { past.has(submit) };
        let signer = &record.signer.person;
        let both = [seat, signer];
        let both = if seat == signer { &both[..1] } else { &both[..] };
        for person in both {
            if let Some((bar, revision)) = self.barred(person, self.index_of(record), seen) {
                return refuse(bar.code(), format!("{person} {} revision {revision}", bar.did()));
            }
        }
        for person in both {
            if let Some(other) = self.other_step(person, &step.id) {
                return refuse(FateCode::SodOneStep, format!("{person} has decided in step {other}"));
            }
            if self.asked_aside(person) {
                return refuse(FateCode::SodOneStep, format!("{person} has signed an override"));
            }
        }
        for person in both {
            if self.recused.contains_key(*person) {
                return refuse(FateCode::Recused, format!("{person} stepped aside from this package"));
            }
        }
        Ok(())
    }

    /// The gate of a step as it stands at a moment.
    pub(super) fn gate(&self, step: &StepId, moment: &Moment) -> Gate<'a> {
        let shut = |note: String| Gate {
            open: Err(note),
            upstream: Upstream::of(self, std::iter::empty()),
            view: None,
        };
        let Some(revision) = self.current(moment.past) else {
            return shut("its signer had not seen a submission".to_owned());
        };
        let facts = &self.facts[revision];
        let Some(index) = facts.index(step) else {
            return shut(format!("revision {} pins a chain without this step", revision + 1));
        };
        let mut wanted = facts.ancestors[index].clone();
        wanted.push(index);
        let mut views = self.steps(revision, moment, Some(&wanted));
        let upstream = Upstream::of(self, facts.ancestors[index].iter().map(|i| &views[*i]));
        let view = views.swap_remove(index);
        let open = self.open(revision, &view, moment);
        Gate { open, upstream, view: Some((revision, view)) }
    }

    /// Whether a step may be approved at a moment, or why not.
    pub(super) fn open(&self, revision: usize, view: &StepView, moment: &Moment) -> Result<(), String> {
        if self.not_for_it(view) {
            return Err(format!("{} is not for this package", view.step.title));
        }
        if let Some(first) = view.waits_for.first() {
            let title = super::fates::title(self, first);
            return Err(format!("{title} had not passed in what its signer had seen"));
        }
        if self.retracted(revision, moment.past).is_some() {
            return Err(format!("revision {} was out of review", revision + 1));
        }
        let facts = &self.facts[revision];
        match clock::lapsed(self, facts, view, moment) {
            Some(lapse) => Err(format!("the review had lapsed on {}", lapse.human())),
            None => Ok(()),
        }
    }

    pub(super) fn not_for_it(&self, view: &StepView) -> bool {
        view.state == super::state::StepState::NotApplicable
    }

    /// Nothing that could change a certified outcome counts after the certificate.
    pub(super) fn before_certificate(&self, record: &Record) -> Admitted {
        let revision = record.revision().unwrap_or(0);
        match self.certificates.last().filter(|(_, certified)| *certified >= revision) {
            Some((certificate, certified)) => {
                let when = super::fates::date(self.record(*certificate).signed_at);
                refuse(FateCode::PostCertificate, format!("revision {certified} was certified on {when}"))
            }
            None => Ok(()),
        }
    }

    pub(super) fn confirm(
        &mut self,
        at: usize,
        entry: &'a Entry,
        confirm: &'a Confirm,
        revision: usize,
        past: &Past,
    ) -> Admitted {
        let record = entry.record();
        let moment = Moment::then(past, record.signed_at);
        let signer = &record.signer.person;
        let step = self.step_of(record, revision)?;
        let gate = self.gate(&step.id, &moment);
        self.role(entry, step, Decision::Approve, &gate, &moment)?;
        if record.signer.acting_for.is_some() {
            return refuse(FateCode::DelegationInvalid, "who approved confirms in person");
        }
        self.separation(record, signer, step, Decision::Approve, at, past)?;
        let held = self.seats.get(&step.id).and_then(|seats| seats.get(signer)?.effective(past));
        let held = held.filter(|held| self.decide(*held).decision == Decision::Approve);
        let Some(approval) = held.filter(|held| self.record(*held).revision() == Some(confirm.since)) else {
            let note = format!("{signer} has no approval of revision {} in {}", confirm.since, step.title);
            return refuse(FateCode::NotApplicable, note);
        };
        let class = self.class(approval, revision);
        if !matches!(class, ChangeClass::Minor(_)) || !class.kept_by(step.carry) {
            let note = format!("there is nothing to confirm: {}", class.words());
            return refuse(FateCode::NotApplicable, note);
        }
        self.saw_submitted(revision, past)?;
        if !step.assistance && record.assistance != "none" {
            let note = format!("{} allows no AI assistance for approvals", step.title);
            return refuse(FateCode::AssistanceNotAllowed, note);
        }
        self.shown(record, step, revision, &gate)?;
        self.before_certificate(record)?;
        self.confirms.entry(&step.id).or_default().push(at);
        Ok(())
    }

    pub(super) fn recuse(&mut self, at: usize, record: &'a Record) -> Admitted {
        self.before_certificate(record)?;
        let person = &record.signer.person;
        if self.recused.contains_key(person) {
            return refuse(FateCode::NotApplicable, format!("{person} stepped aside before"));
        }
        self.recused.insert(person, at);
        Ok(())
    }

    pub(super) fn withdraw(
        &mut self,
        at: usize,
        entry: &'a Entry,
        withdraw: &'a Withdraw,
        revision: usize,
    ) -> Admitted {
        let record = entry.record();
        let Some(target) = self.positions.get(&withdraw.record).copied() else {
            return refuse(
                FateCode::NotApplicable,
                format!("there is no record {}", withdraw.record.short()),
            );
        };
        let taken = self.record(target);
        let who = &record.signer.person;
        let principal = taken.signer.acting_for.as_ref();
        if taken.signer.person != *who && principal != Some(who) {
            let note =
                format!("only {} may take record {} back", taken.signer.person, withdraw.record.short());
            return refuse(FateCode::NotApplicable, note);
        }
        if self.withdrawn.get(&target).is_some_and(|by| !self.disputed(*by, &entry.people)) {
            return refuse(FateCode::NotApplicable, "the record was taken back before");
        }
        let sorts = matches!(
            taken.body,
            Body::Decide(_) | Body::Comment(_) | Body::Object(_) | Body::Confirm(_) | Body::Override(_)
        );
        if !sorts {
            let what = "only decisions, objections, confirmations, overrides and comments can be taken back";
            return refuse(FateCode::NotApplicable, what);
        }
        // What came after the certificate was never part of it: taking it back changes nothing certified.
        if !self.came_late(target) {
            self.before_certificate(record)?;
        }
        self.withdrawn.insert(target, at);
        // What was too late for the whole ledger may be the newest word of who had seen less.
        if self.stands(target) || self.unheard(target) {
            if let (Body::Decide(_) | Body::Object(_), Some(step)) = (&taken.body, &taken.step) {
                let number = self.facts[revision].revision.number;
                let seat = principal.unwrap_or(&taken.signer.person);
                let seat = self.seats.get_mut(step).and_then(|seats| seats.get_mut(seat));
                if let Some(seat) = seat {
                    seat.empty(at, number, target);
                }
            }
            // Closed before, it stays as it is.
            if !self.questions.opened_at(target).is_some_and(|q| self.is_closed(q, &entry.people)) {
                self.questions.close(target, taken.step.as_ref(), at, record.signed_at);
            }
        }
        Ok(())
    }
}

/// True if one of these roles may stand in for others in a step.
pub(super) fn stands_in(step: &Step, roles: &BTreeSet<RoleId>) -> bool {
    roles
        .iter()
        .any(|role| if step.delegates.is_empty() { step.takes(role) } else { step.delegates.contains(role) })
}
