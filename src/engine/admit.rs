//! Rules on one record when it is read: the fates that hold for good, in the order of the design.
//!
//! The first reason not to count is the code. Objections are asked for less than approvals: a rejection
//! or a question needs no open step, no whole scope and no matching upstream, because letting one fall for
//! a formality would fail open.

use super::carry;
use super::certificate;
use super::fates::date;
use super::history::{History, Signed};
use super::meaning::meaning;
use super::outcome::FateCode;
use super::past::Past;
use super::questions::Question;
use super::upstream::Upstream;
use crate::chain::Step;
use crate::id::{PersonId, SectionId, StepId};
use crate::record::{Body, Certify, Comment, Decide, Decision, Entry, Record, Reply, Submit, Withdraw};
use std::sync::Arc;

type Admitted = Result<(), (FateCode, String)>;

fn refuse(code: FateCode, note: impl Into<String>) -> Admitted {
    Err((code, note.into()))
}

/// The role that issues certificates.
pub(super) const ISSUER: &str = "issuer";

impl<'a> History<'a> {
    /// Rules on the record at `at` and lets it have its effect if it stands.
    pub(super) fn admit(&mut self, at: usize, entry: &'a Entry, past: &Past) -> Admitted {
        let record = entry.record();
        self.key(entry)?;
        if record.repository != self.case.repository {
            return refuse(FateCode::WrongRepository, "it was made in another repository");
        }
        let revision = self.subject(record)?;
        if let Some(first) = self.positions.get(&entry.id()).copied() {
            if !entry.pending && !self.entry(first).pending {
                self.duplicates.push(at);
            }
            return refuse(FateCode::Duplicate, "the same record stands further up");
        }
        let pinned = record.subject.as_ref().map(|s| &s.chain);
        let chain = self.facts[revision].chain();
        if pinned.is_none_or(|p| p.id != chain.id || p.sha256 != chain.digest) {
            return refuse(
                FateCode::ChainMismatch,
                format!("revision {} pinned another chain", revision + 1),
            );
        }
        match &record.body {
            Body::Submit(submit) => self.submit(at, record, submit, revision),
            Body::Decide(decide) => self.decision(at, entry, decide, revision, past),
            Body::Comment(comment) => self.comment(at, entry, comment, revision),
            Body::Answer(reply) => self.answer(at, entry, reply),
            Body::Resolve(reply) => self.resolve(at, entry, reply),
            Body::Withdraw(withdraw) => self.withdraw(at, record, withdraw, revision),
            Body::Certify(certify) => self.certify(at, entry, certify, revision),
            Body::People(_) | Body::Delegate(_) | Body::Undelegate(_) => {
                refuse(FateCode::WrongPackage, "it is about people, not about a package")
            }
            _ => refuse(FateCode::NotApplicable, "not carried out yet"),
        }
    }

    fn key(&self, entry: &Entry) -> Admitted {
        let signer = &entry.record().signer;
        let Some(person) = entry.people.person(&signer.person) else {
            return refuse(FateCode::KeyNotValid, format!("{} is not enrolled", signer.person));
        };
        if !entry.key_valid {
            let note = format!("key {} was not valid for {} at this position", signer.key, signer.person);
            return refuse(FateCode::KeyNotValid, note);
        }
        if person.name != signer.name {
            let note =
                format!("signed as “{}”, but {} is enrolled as “{}”", signer.name, person.id, person.name);
            return refuse(FateCode::KeyNotValid, note);
        }
        Ok(())
    }

    /// The index of the revision a record is about.
    fn subject(&mut self, record: &Record) -> Result<usize, (FateCode, String)> {
        let wrong = |note: String| (FateCode::WrongPackage, note);
        let Some(subject) = &record.subject else {
            return Err(wrong("it names no package".to_owned()));
        };
        if subject.package != self.case.package {
            return Err(wrong(format!("it is about package {}", subject.package)));
        }
        let number = subject.revision;
        let index = (number as usize).wrapping_sub(1);
        let is_submit = matches!(record.body, Body::Submit(_));
        let facts = self.facts.get(index).filter(|facts| {
            facts.revision.number == number
                && facts.digest == subject.digest
                && facts.revision.package.meta.model == subject.model
        });
        if facts.is_none() {
            // A submission that fits in sequence but has no such frozen files: either they were removed or
            // changed afterwards. Going on with the revision before would let a removal undo a resubmission.
            if is_submit && index == self.submits.len() {
                self.errors
                    .push(format!("revision {number} was submitted, but its frozen files are not these"));
            }
            return Err(wrong(format!(
                "there is no revision {number} with digest {}",
                subject.digest.short()
            )));
        }
        if !is_submit && index >= self.submits.len() {
            return Err(wrong(format!("revision {number} had not been submitted")));
        }
        Ok(index)
    }

    fn submit(&mut self, at: usize, record: &'a Record, submit: &'a Submit, revision: usize) -> Admitted {
        let facts = &self.facts[revision];
        if submit.manifest != facts.revision.package.manifest.text() {
            self.errors.push(format!("the submission of revision {} carries another MANIFEST", revision + 1));
            return refuse(FateCode::WrongPackage, "its MANIFEST is not that of the frozen revision");
        }
        if revision < self.submits.len() {
            return refuse(
                FateCode::NotApplicable,
                format!("revision {} was submitted before", revision + 1),
            );
        }
        if revision > self.submits.len() {
            self.errors.push(format!("revision {} was submitted before revision {revision}", revision + 1));
            return refuse(FateCode::NotApplicable, format!("revision {revision} has not been submitted"));
        }
        let number = facts.revision.number;
        let authors = submit.authors.iter().chain(&facts.revision.package.meta.authors);
        let authors: Vec<&PersonId> = authors.chain([&record.signer.person]).collect();
        for person in authors {
            self.named.entry(person).or_default().author.push((at, number));
        }
        for person in &submit.contributors {
            self.named.entry(person).or_default().contributor.push((at, number));
        }
        self.owners.insert(&facts.revision.package.meta.owner);
        self.submits.push(at);
        self.rejections.push(Vec::new());
        Ok(())
    }

    fn decision(
        &mut self,
        at: usize,
        entry: &'a Entry,
        decide: &'a Decide,
        revision: usize,
        past: &Past,
    ) -> Admitted {
        let record = entry.record();
        let person = &record.signer.person;
        let step = self.step_of(entry, decide.decision, revision)?;
        self.separation(person, step, decide.decision, at, past)?;
        let gate = self.gate(&step.id, past);
        if decide.decision == Decision::Approve {
            if !past.has(self.submits[revision]) {
                let note = format!("its signer had not seen revision {} submitted", revision + 1);
                return refuse(FateCode::StepNotOpen, note);
            }
            if let Err(note) = &gate.open {
                return refuse(FateCode::StepNotOpen, note.clone());
            }
            if let Some(section) = carry::scope_gap(&record.scope, step, &self.facts[revision]) {
                let note =
                    format!("the signer was not shown section {section} as it stands in this revision");
                return refuse(FateCode::ScopeIncomplete, note);
            }
            if record.upstream != Some(gate.upstream.digest()) {
                let note = "it names another outcome of the earlier steps than the one its signer had seen";
                return refuse(FateCode::UpstreamChanged, note);
            }
        }
        self.before_certificate(record)?;
        let signed = Signed { upstream: Arc::new(gate.upstream), open: gate.open.is_ok() };
        self.signed.insert(at, signed);
        let number = self.facts[revision].revision.number;
        if !self.seats.entry(&step.id).or_default().entry(person).or_default().say(at, number) {
            let note = "this person has spoken about a newer revision in this step";
            return refuse(FateCode::OlderThanSeatState, note);
        }
        if decide.decision == Decision::Reject {
            self.rejections[revision].push(at);
        }
        if decide.decision == Decision::Clarify {
            let asked = decide.question.as_ref().map(|q| q.section.clone());
            let section = asked.unwrap_or_else(SectionId::package_itself);
            self.questions.open(entry.id(), Question::new(at, person, section, true, true));
        }
        Ok(())
    }

    /// The step a decision is made in, with the sentence and the role the chain asks for.
    fn step_of(
        &self,
        entry: &'a Entry,
        decision: Decision,
        revision: usize,
    ) -> Result<&'a Step, (FateCode, String)> {
        let record = entry.record();
        let chain = self.facts[revision].chain();
        let Some(step) = record.step.as_ref().and_then(|id| chain.step(id)) else {
            return Err((FateCode::ChainMismatch, format!("chain {} has no such step", chain.id)));
        };
        let asked = record.subject.as_ref().map(|s| meaning(step, &record.signer.name, s, decision));
        if asked.as_ref() != Some(&record.meaning) {
            return Err((
                FateCode::MeaningChanged,
                "the sentence signed is not the one the chain asks for".to_owned(),
            ));
        }
        if record.role.as_ref() != Some(step.role()) || !entry.held(step.role()) {
            let note = format!("{} did not hold role {} at this position", record.signer.person, step.role());
            return Err((FateCode::RoleNotHeld, note));
        }
        Ok(step)
    }

    fn separation(
        &self,
        person: &PersonId,
        step: &Step,
        decision: Decision,
        at: usize,
        past: &Past,
    ) -> Admitted {
        // An approval falls with any submission that names the signer. An objection falls only with one
        // its signer had seen: else an author could name a reviewer to silence him.
        let approval = matches!(decision, Decision::Approve | Decision::Abstain);
        let seen = |submit: usize| if approval { submit < at } else { past.has(submit) };
        if let Some((bar, revision)) = self.barred(person, seen) {
            return refuse(bar.code(), format!("{person} {} revision {revision}", bar.did()));
        }
        match self.other_step(person, &step.id) {
            Some(other) => refuse(FateCode::SodOneStep, format!("{person} has decided in step {other}")),
            None => Ok(()),
        }
    }

    /// The gate of a step as it stands within a past.
    pub(super) fn gate(&self, step: &StepId, past: &Past) -> Gate {
        let shut = |note: String| Gate { open: Err(note), upstream: Upstream::of(self, std::iter::empty()) };
        let Some(revision) = self.current(past) else {
            return shut("its signer had not seen a submission".to_owned());
        };
        let facts = &self.facts[revision];
        let Some(index) = facts.index(step) else {
            return shut(format!("revision {} pins a chain without this step", revision + 1));
        };
        let ancestors = &facts.ancestors[index];
        let views = self.steps(revision, past, Some(ancestors));
        let upstream = Upstream::of(self, ancestors.iter().map(|i| &views[*i]));
        let after = facts.chain().steps[index].after.iter();
        let unmet = after.filter_map(|id| facts.index(id)).find(|i| !views[*i].state.passed());
        let open = match unmet {
            Some(i) => Err(format!("{} had not passed in what its signer had seen", views[i].step.title)),
            None => Ok(()),
        };
        Gate { open, upstream }
    }

    /// Nothing that could change a certified outcome counts after the certificate.
    fn before_certificate(&self, record: &Record) -> Admitted {
        let revision = record.revision().unwrap_or(0);
        match self.certificates.last().filter(|(_, certified)| *certified >= revision) {
            Some((certificate, certified)) => {
                let when = date(self.record(*certificate).signed_at);
                refuse(FateCode::PostCertificate, format!("revision {certified} was certified on {when}"))
            }
            None => Ok(()),
        }
    }

    fn comment(&mut self, at: usize, entry: &'a Entry, comment: &'a Comment, revision: usize) -> Admitted {
        if !self.facts[revision].sections.contains_key(&comment.section) {
            return refuse(FateCode::NotApplicable, format!("there is no section {}", comment.section));
        }
        if comment.blocking {
            self.before_certificate(entry.record())?;
        }
        let asker = &entry.record().signer.person;
        let mut joined = false;
        if let Some(about) = &comment.about {
            let side = self.is_submitter_side(asker);
            let Some(thread) = self.questions.reply(about, at) else {
                return refuse(FateCode::NotApplicable, format!("there is no thread {}", about.short()));
            };
            // The asker's further word puts the turn back to the author; a bystander's changes nothing.
            thread.answered = thread.asker != asker && (side || thread.answered);
            joined = true;
        }
        // A blocking reply is a question of its own: only its own asker may close it.
        if !joined || comment.blocking {
            let question = Question::new(at, asker, comment.section.clone(), comment.blocking, false);
            self.questions.open(entry.id(), question);
        }
        Ok(())
    }

    fn answer(&mut self, at: usize, entry: &'a Entry, reply: &'a Reply) -> Admitted {
        let person = &entry.record().signer.person;
        if !self.is_submitter_side(person) {
            return refuse(FateCode::NotApplicable, format!("{person} is not on the author's side"));
        }
        match self.questions.reply(&reply.about, at) {
            Some(thread) => {
                thread.answered = true;
                Ok(())
            }
            None => refuse(FateCode::NotApplicable, format!("there is no thread {}", reply.about.short())),
        }
    }

    fn resolve(&mut self, at: usize, entry: &'a Entry, reply: &'a Reply) -> Admitted {
        let person = &entry.record().signer.person;
        let Some(thread) = self.questions.of(&reply.about) else {
            return refuse(FateCode::NotApplicable, format!("there is no thread {}", reply.about.short()));
        };
        if thread.asker != person {
            return refuse(FateCode::NotApplicable, format!("only {} may close this thread", thread.asker));
        }
        if thread.closed.is_some() {
            return refuse(FateCode::NotApplicable, "the thread was closed before");
        }
        let opened = thread.opened;
        self.questions.reply(&reply.about, at);
        self.questions.close(opened, at);
        Ok(())
    }

    fn withdraw(
        &mut self,
        at: usize,
        record: &'a Record,
        withdraw: &'a Withdraw,
        revision: usize,
    ) -> Admitted {
        let Some(target) = self.positions.get(&withdraw.record).copied() else {
            return refuse(
                FateCode::NotApplicable,
                format!("there is no record {}", withdraw.record.short()),
            );
        };
        let taken = self.record(target);
        if taken.signer.person != record.signer.person {
            let note =
                format!("only {} may take record {} back", taken.signer.person, withdraw.record.short());
            return refuse(FateCode::NotApplicable, note);
        }
        if self.withdrawn.contains_key(&target) {
            return refuse(FateCode::NotApplicable, "the record was taken back before");
        }
        if !matches!(taken.body, Body::Decide(_) | Body::Comment(_)) {
            return refuse(FateCode::NotApplicable, "only decisions and comments can be taken back");
        }
        self.before_certificate(record)?;
        self.withdrawn.insert(target, at);
        if self.stands(target) {
            if let (Body::Decide(_), Some(step)) = (&taken.body, &taken.step) {
                let number = self.facts[revision].revision.number;
                let seat = self.seats.get_mut(step).and_then(|seats| seats.get_mut(&taken.signer.person));
                if let Some(seat) = seat {
                    seat.take_back(at, number, target);
                }
            }
            self.questions.close(target, at);
        }
        Ok(())
    }

    fn certify(&mut self, at: usize, entry: &'a Entry, certify: &'a Certify, revision: usize) -> Admitted {
        let record = entry.record();
        if !entry
            .people
            .person(&record.signer.person)
            .is_some_and(|p| p.roles.iter().any(|r| r.as_str() == ISSUER))
        {
            let note = format!("{} did not hold role {ISSUER} at this position", record.signer.person);
            return refuse(FateCode::RoleNotHeld, note);
        }
        self.before_certificate(record)?;
        if revision + 1 != self.submits.len() {
            let note = format!("revision {} has been submitted since", self.submits.len());
            return refuse(FateCode::StaleContent, note);
        }
        match certificate::difference(self, at, record.signed_at, &certify.outcome) {
            None => {
                self.certificates.push((at, record.revision().unwrap_or(0)));
                Ok(())
            }
            Some(note) => refuse(FateCode::NotApplicable, note),
        }
    }
}

/// A gate as it stands within a past: open or why not, and the outcome of the steps before.
pub(super) struct Gate {
    pub open: Result<(), String>,
    pub upstream: Upstream,
}
