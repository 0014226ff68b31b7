//! Rules on one record when it is read: the fates that hold for good, in the order of the design.
//!
//! The first reason not to count is the code. What every record must be comes first; then each kind has
//! its own rules: submissions, threads and certificates here, `decisions` and `exceptions` beside.

use super::certificate;
use super::code::FateCode;
use super::history::History;
use super::past::Past;
use super::questions::Question;
use crate::id::PersonId;
use crate::record::{About, Body, Certify, Comment, Entry, Record, Reply, Submit};

/// The first reason not to count, with words.
pub(super) type Refused = (FateCode, String);
/// Whether a record has its effect.
pub(super) type Admitted = Result<(), Refused>;

pub(super) fn refuse(code: FateCode, note: impl Into<String>) -> Admitted {
    Err((code, note.into()))
}

/// The role that issues certificates.
pub(super) const ISSUER: &str = "issuer";
/// The role that revokes them.
pub(super) const REVOKER: &str = "revoker";

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
            Body::Withdraw(withdraw) => self.withdraw(at, entry, withdraw, revision),
            Body::Certify(certify) => self.certify(at, entry, certify, revision),
            Body::Revoke(about) => self.revoke(at, entry, about),
            Body::Retract(_) => self.retract(at, record, revision),
            Body::Object(object) => self.object(at, entry, object, revision, past),
            Body::Recuse(_) => self.recuse(at, record),
            Body::Confirm(confirm) => self.confirm(at, entry, confirm, revision, past),
            Body::ResolveRejection(about) => self.resolve_rejection(at, entry, about, revision, past),
            Body::Discharge(discharge) => self.discharge(at, entry, discharge),
            Body::Verify(verify) => self.verify(at, entry, verify),
            Body::Waive(waive) => self.waive(at, entry, waive),
            Body::Override(says) => self.set_aside(at, entry, says, revision),
            Body::People(_) | Body::Delegate(_) | Body::Undelegate(_) => {
                refuse(FateCode::WrongPackage, "it is about people, not about a package")
            }
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
        if is_submit {
            return Ok(index);
        }
        let Some(submit) = self.submits.get(index) else {
            return Err(wrong(format!("revision {number} had not been submitted")));
        };
        if let (Some(mine), Some(its)) = (&record.change, &self.record(*submit).change) {
            let place =
                |c: &crate::record::Change| (c.forge.clone(), c.repository_id.clone(), c.pull_request);
            if place(mine) != place(its) {
                let note = format!(
                    "it was made for pull request {}, the submission for {}",
                    mine.pull_request, its.pull_request
                );
                return Err((FateCode::WrongPullRequest, note));
            }
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
            thread.turn(thread.asker != asker && (side || thread.answered), at);
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
                thread.turn(true, at);
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
        if self.is_closed(thread, &entry.people) {
            return refuse(FateCode::NotApplicable, "the thread was closed before");
        }
        let opened = thread.opened;
        self.questions.reply(&reply.about, at);
        let step = self.record(opened).step.as_ref();
        self.questions.close(opened, step, at, entry.record().signed_at);
        Ok(())
    }

    fn certify(&mut self, at: usize, entry: &'a Entry, certify: &'a Certify, revision: usize) -> Admitted {
        let record = entry.record();
        self.named_role(entry, ISSUER)?;
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

    fn revoke(&mut self, at: usize, entry: &'a Entry, about: &'a About) -> Admitted {
        self.named_role(entry, REVOKER)?;
        let target = self.positions.get(&about.record).copied();
        let Some(target) = target.filter(|at| self.certificates.iter().any(|(c, _)| c == at)) else {
            return refuse(
                FateCode::NotApplicable,
                format!("record {} is no certificate that stands", about.record.short()),
            );
        };
        if self.revoked.contains_key(&target) {
            return refuse(FateCode::NotApplicable, "the certificate was revoked before");
        }
        self.revoked.insert(target, at);
        Ok(())
    }

    /// True if a record was refused only because it came after the certificate.
    pub(super) fn came_late(&self, at: usize) -> bool {
        use super::history::Ruling;
        matches!(self.rulings.get(at), Some(Ruling::Refused(FateCode::PostCertificate, _)))
    }
}
