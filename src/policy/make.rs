//! From what a story says to the record that a signer's own tool would make of it.

use super::event::{Decided, Fault, Said, What, Which};
use super::stage::{Stage, no_record};
use crate::chain::{Step, Voter};
use crate::diff::{self, Side};
use crate::digest::{
    ChainDigest, DiffDigest, LedgerRoot, Nonce, PackageDigest, RecordId, RepositoryId, ShownDigest,
    UpstreamDigest,
};
use crate::engine::{Revision, Texts as _, certificate, meaning, printed, scope_for, upstream_for};
use crate::id::{ConditionId, PersonId, RoleId, SectionId, StepId};
use crate::record::{
    About, Answer, Body, Ceremony, Certified, Certify, Change, ClaimedClass, Comment, Confirm, Decide,
    Decision, Delegate, Discharge, Finding, Kind, Note, Object, Override, PinnedChain, Question, Reason,
    Record, Recuse, Reply, Retract, Seen, Severity, Signer, Subject, Submit, Unlock, Verify, Waive, Withdraw,
};
use crate::time::Period;
use std::collections::BTreeSet;

type Made<T> = Result<T, String>;

impl Stage<'_> {
    /// The record, with every field its kind has.
    pub(super) fn make(&self, person: &PersonId, said: &Said) -> Made<Record> {
        let seen = self.seen(said.how.seen.as_ref())?;
        let newest = u32::try_from(self.revisions.len()).map_err(|e| e.to_string())?;
        let revision = said.how.revision.unwrap_or(newest);
        let body = self.body(person, said, revision, &seen)?;
        let mut record = self.blank(person, said, body, revision, &seen)?;
        self.seat(&mut record, said, revision, &seen)?;
        if let Some(fault) = said.how.wrong {
            spoil(&mut record, fault)?;
        }
        Ok(record)
    }

    fn revision(&self, number: u32) -> Made<&Revision> {
        let index = (number as usize).checked_sub(1);
        index.and_then(|index| self.revisions.get(index)).ok_or_else(|| match self.revisions.len() {
            0 => "nothing was submitted yet, so there is nothing to speak about".to_owned(),
            last => format!("there is no revision {number}; the newest is {last}"),
        })
    }

    fn blank(&self, person: &PersonId, said: &Said, body: Body, number: u32, seen: &[usize]) -> Made<Record> {
        let about_package = body.kind().about_package();
        let subject = if about_package {
            let revision = self.revision(number)?;
            Some(Subject {
                package: self.package.clone(),
                revision: number,
                digest: revision.package.digest(),
                model: revision.package.meta.model.clone(),
                chain: PinnedChain { id: revision.chain.id.clone(), sha256: revision.chain.digest },
            })
        } else {
            None
        };
        let mut nonce = [0; 16];
        nonce[..8].copy_from_slice(&(self.entries.len() as u64).to_be_bytes());
        let name = self.people.person(person).map_or_else(|| person.to_string(), |p| p.name.clone());
        // The key is made up when the record is signed; any well-formed name will do until then.
        let key = format!("SHA256:{}", "A".repeat(43)).parse()?;
        Ok(Record {
            repository: self.repository,
            change: said.how.pull_request.map(|pull_request| Change {
                forge: "local".to_owned(),
                head: String::new(),
                pull_request,
                repository_id: "1".to_owned(),
            }),
            subject,
            step: None,
            role: None,
            scope: Vec::new(),
            upstream: None,
            signer: Signer { acting_for: said.acting_for.clone(), key, name, person: person.clone() },
            meaning: "I say so.".to_owned(),
            parents: self.heads(seen, about_package),
            seen: Seen { root: LedgerRoot([0; 32]), size: 0 },
            signed_at: self.clock,
            nonce: Nonce(nonce),
            ceremony: Ceremony { shown: ShownDigest([0; 32]), unlock: Unlock::Passphrase },
            assistance: said.how.assistance.clone().unwrap_or_else(|| "none".to_owned()),
            body,
        })
    }

    /// The records of one stream that no other in `seen` builds on.
    fn heads(&self, seen: &[usize], about_package: bool) -> Vec<RecordId> {
        let mut heads = BTreeSet::new();
        for entry in seen.iter().map(|at| &self.entries[*at]) {
            if entry.record().kind().about_package() == about_package {
                for parent in &entry.record().parents {
                    heads.remove(parent);
                }
                heads.insert(entry.id());
            }
        }
        heads.into_iter().collect()
    }

    /// Fills in what binds a record to a step: step, role, scope, earlier outcome and sentence.
    fn seat(&self, record: &mut Record, said: &Said, revision: u32, seen: &[usize]) -> Made<()> {
        let person = record.signer.person.clone();
        let seated = said.acting_for.as_ref().unwrap_or(&person);
        let chosen = said.how.role.clone();
        match &said.what {
            What::Decide(Decided { step, .. }) | What::Confirm(step) => {
                let step = self.step(revision, step)?.clone();
                let kind = record.kind();
                let veto = matches!(&record.body, Body::Decide(d) if d.decision == Decision::Reject);
                record.role = Some(chosen.unwrap_or_else(|| self.role_in(seated, &step, veto)));
                record.upstream = self.with(seen, self.clock, |case| upstream_for(case, &step.id));
                // What stood on the table when this revision was the newest.
                let newer = |at: &usize| {
                    let record = self.entries[*at].record();
                    record.kind() == Kind::Submit && record.revision() > Some(revision)
                };
                let until: Vec<usize> = seen.iter().copied().filter(|at| !newer(at)).collect();
                record.scope = self.with(&until, self.clock, |case| scope_for(case, &step.id));
                if record.scope.is_empty() {
                    // Nothing was submitted in what the signer had seen: shown was what is there now.
                    record.scope = self.with(&self.seen(None)?, self.clock, |case| scope_for(case, &step.id));
                }
                if let (Kind::Decide, Some(subject), Body::Decide(decide)) =
                    (kind, &record.subject, &record.body)
                {
                    let role = record.role.as_ref().filter(|role| conceivable(&step, role));
                    let principal = said.acting_for.as_ref().and_then(|id| self.people.person(id));
                    let name = printed(&record.signer.name, principal.map(|person| person.name.as_str()));
                    let role = role.unwrap_or_else(|| step.role());
                    record.meaning = meaning(&step, role, &name, subject, decide.decision);
                }
                record.upstream = record.upstream.or(Some(UpstreamDigest([0; 32])));
                record.step = Some(step.id);
            }
            What::Object { step, .. } => {
                let step = self.step(revision, step)?;
                record.role = Some(chosen.unwrap_or_else(|| self.role_in(seated, step, true)));
                record.step = Some(step.id.clone());
            }
            What::ResolveRejection(which, _) => {
                let at = self
                    .find(which, |r| matches!(&r.body, Body::Decide(d) if d.decision == Decision::Reject))?;
                let step = self.entries[at].record().step.clone();
                let step = self.step(revision, &step.ok_or("that record belongs to no step")?)?;
                let named = step.resolve_rejection.clone();
                record.role = Some(chosen.or(named).unwrap_or_else(|| step.role().clone()));
                record.step = Some(step.id.clone());
            }
            What::Verify(condition, which, ..) | What::Waive(condition, which, _) => {
                let at = self.set_by(condition, which)?;
                let set = self.entries[at].record();
                let named = match (&said.what, &set.body) {
                    (What::Verify(..), Body::Decide(decide)) => decide
                        .conditions
                        .iter()
                        .find(|c| c.id == *condition)
                        .and_then(|c| c.verifier_role.clone()),
                    _ => None,
                };
                let step = self.step(revision, set.step.as_ref().ok_or("that record belongs to no step")?)?;
                record.role = Some(chosen.or(named).unwrap_or_else(|| self.role_in(seated, step, false)));
            }
            _ => {}
        }
        Ok(())
    }

    fn step(&self, revision: u32, id: &StepId) -> Made<&Step> {
        let chain = &self.revision(revision)?.chain;
        chain.step(id).ok_or_else(|| {
            let known: Vec<&str> = chain.steps.iter().map(|s| s.id.as_str()).collect();
            format!("chain {} has no step `{id}`; known: {}", chain.id, known.join(", "))
        })
    }

    /// The role in which somebody would act in a step: one of the step's that is held, else one that came
    /// in by escalation or veto, else the step's own, so that the engine can say it is not held.
    fn role_in(&self, person: &PersonId, step: &Step, veto: bool) -> RoleId {
        let held = |role: &&RoleId| self.people.person(person).is_some_and(|p| p.roles.contains(*role));
        let vetoes = step.veto.iter().filter_map(|voter| match voter {
            Voter::Role(role) if veto => Some(role),
            _ => None,
        });
        let mut roles = step.roles().chain(step.escalate.iter().map(|e| &e.to)).chain(vetoes);
        roles.find(held).unwrap_or_else(|| step.role()).clone()
    }

    /// The record named, or the last that fits.
    fn find(&self, which: &Which, fits: impl Fn(&Record) -> bool) -> Made<usize> {
        let found = match which {
            Which::Last => self.entries.iter().rposition(|entry| fits(entry.record())),
            named => self.position(named),
        };
        found.ok_or_else(|| no_record(which))
    }

    fn id_of(&self, which: &Which, fits: impl Fn(&Record) -> bool) -> Made<RecordId> {
        self.find(which, fits).map(|at| self.entries[at].id())
    }

    /// The approval that set a condition.
    fn set_by(&self, condition: &ConditionId, which: &Which) -> Made<usize> {
        let sets = |record: &Record| match &record.body {
            Body::Decide(decide) => decide.conditions.iter().any(|c| c.id == *condition),
            _ => false,
        };
        self.find(which, sets)
    }

    fn body(&self, person: &PersonId, said: &Said, revision: u32, seen: &[usize]) -> Made<Body> {
        let own = |record: &Record| record.signer.person == *person;
        let question = |record: &Record| match &record.body {
            Body::Comment(comment) => comment.about.is_none() && comment.blocking,
            Body::Decide(decide) => decide.decision == Decision::Clarify,
            _ => false,
        };
        let section = |section: &Option<SectionId>, step: &StepId| match section {
            Some(section) => Ok(section.clone()),
            None => self
                .step(revision, step)
                .map(|s| s.scope.first().cloned())
                .map(|s| s.unwrap_or_else(SectionId::package_itself)),
        };
        Ok(match &said.what {
            What::Submit { helpers, claim, answers, .. } => {
                self.submission(helpers, *claim, answers, revision)?
            }
            What::Decide(decided) => self.decide(decided, revision, &section)?,
            What::Ask { section, text, blocking } => Body::Comment(Comment {
                about: None,
                anchor: None,
                blocking: *blocking,
                section: section.clone(),
                text: text.clone(),
            }),
            What::Answer(which, text) => {
                Body::Answer(Reply { about: self.id_of(which, question)?, text: text.clone() })
            }
            What::Resolve(which, text) => {
                let mine = |record: &Record| own(record) && question(record);
                Body::Resolve(Reply { about: self.id_of(which, mine)?, text: text.clone() })
            }
            What::Withdraw(which, reason) => {
                let kinds = [Kind::Decide, Kind::Comment, Kind::Object];
                let fits = |record: &Record| own(record) && kinds.contains(&record.kind());
                Body::Withdraw(Withdraw { reason: reason.clone(), record: self.id_of(which, fits)? })
            }
            What::Certify => Body::Certify(Box::new(Certify { outcome: self.outcome(revision, seen)? })),
            What::Retract(reason) => Body::Retract(Retract { reason: reason.clone() }),
            What::Object { section, reason, .. } => {
                Body::Object(Object { reason: reason.clone(), section: section.clone() })
            }
            What::Recuse(reason) => Body::Recuse(Recuse { reason: reason.clone() }),
            What::Confirm(step) => self.confirmation(person, step, revision)?,
            What::ResolveRejection(which, reason) => {
                let rejects =
                    |r: &Record| matches!(&r.body, Body::Decide(d) if d.decision == Decision::Reject);
                Body::ResolveRejection(About { reason: reason.clone(), record: self.id_of(which, rejects)? })
            }
            What::Delegate(told) => Body::Delegate(Delegate {
                from: told.from,
                packages: told.packages.clone(),
                principal: told.principal.clone().unwrap_or_else(|| person.clone()),
                reason: told.reason.clone(),
                steps: told.steps.clone(),
                to: told.to.clone(),
                until: told.until,
            }),
            What::Undelegate(which, reason) => {
                let delegates = |record: &Record| record.kind() == Kind::Delegate;
                Body::Undelegate(About { reason: reason.clone(), record: self.id_of(which, delegates)? })
            }
            What::Discharge(condition, which, reason) => Body::Discharge(Discharge {
                condition: condition.clone(),
                evidence: None,
                reason: reason.clone(),
                record: self.entries[self.set_by(condition, which)?].id(),
            }),
            What::Verify(condition, which, accepted, reason) => Body::Verify(Verify {
                accepted: *accepted,
                condition: condition.clone(),
                reason: reason.clone(),
                record: self.entries[self.set_by(condition, which)?].id(),
            }),
            What::Waive(condition, which, reason) => Body::Waive(Waive {
                condition: condition.clone(),
                reason: reason.clone(),
                record: self.entries[self.set_by(condition, which)?].id(),
            }),
            What::Override { steps, expires, review, reason } => Body::Override(Override {
                about: None,
                expires: *expires,
                reason: reason.clone(),
                review: review.unwrap_or_else(|| Period::Days(30).after(*expires)),
                steps: steps.clone(),
            }),
            What::Second { first, expires, reason } => {
                let at = self.find(first, |record| record.kind() == Kind::Override)?;
                let Body::Override(asked) = &self.entries[at].record().body else {
                    return Err("that record asks for no override".to_owned());
                };
                Body::Override(Override {
                    about: Some(self.entries[at].id()),
                    expires: expires.unwrap_or(asked.expires),
                    reason: reason.clone().unwrap_or_else(|| asked.reason.clone()),
                    ..asked.clone()
                })
            }
            What::Revoke(which, reason) => {
                let certifies = |record: &Record| record.kind() == Kind::Certify;
                Body::Revoke(About { reason: reason.clone(), record: self.id_of(which, certifies)? })
            }
            What::Repeat(_) => return Err("a repeated record is not made anew".to_owned()),
        })
    }

    fn submission(
        &self,
        helpers: &[PersonId],
        claim: Option<ClaimedClass>,
        answers: &[crate::id::FindingId],
        number: u32,
    ) -> Made<Body> {
        let revision = self.revision(number)?;
        let (diff, touched) = match number {
            0 | 1 => (None, Vec::new()),
            _ => {
                let (digest, touched) = self.change(number - 1, number)?;
                (Some(digest), touched)
            }
        };
        let answer = |finding: &crate::id::FindingId| Answer {
            finding: finding.clone(),
            how: "done".to_owned(),
            sections: touched.clone(),
        };
        let note = |section: &SectionId| Note { section: section.clone(), text: "changed".to_owned() };
        Ok(Body::Submit(Submit {
            answers: answers.iter().map(answer).collect(),
            authors: revision.package.meta.authors.clone(),
            class: claim,
            contributors: helpers.to_vec(),
            diff,
            exceptions: Vec::new(),
            manifest: revision.package.manifest.text(),
            notes: touched.iter().map(note).collect(),
        }))
    }

    /// The digest of what changed between two revisions, and the sections touched.
    fn change(&self, from: u32, to: u32) -> Made<(DiffDigest, Vec<SectionId>)> {
        let (old, new) = (self.revision(from)?, self.revision(to)?);
        let side = |revision: &Revision| {
            let sections = revision.chain.sections.iter();
            let texts = sections.filter_map(|s| Some((s.id.clone(), self.section(revision.number, &s.id)?)));
            texts.collect()
        };
        let old = Side::new(&old.package, side(old)).under(&old.chain);
        let new = Side::new(&new.package, side(new)).under(&new.chain);
        let diff = diff::revisions(&old, &new);
        Ok((diff::digest(&diff), diff::touched_sections(&diff).into_iter().collect()))
    }

    fn decide(
        &self,
        told: &Decided,
        revision: u32,
        section: &dyn Fn(&Option<SectionId>, &StepId) -> Made<SectionId>,
    ) -> Made<Body> {
        let mut findings = Vec::new();
        let mut concerns = told.findings.clone();
        if told.decision == Decision::Reject && concerns.is_empty() {
            concerns.push((None, None, "it does not meet the criterion".to_owned()));
        }
        for (index, (id, named, concern)) in concerns.into_iter().enumerate() {
            let made = || format!("{}-f{revision}-{}-{}", told.step, self.entries.len() + 1, index + 1);
            findings.push(Finding {
                concern,
                figure: None,
                id: match id {
                    Some(id) => id,
                    None => made().parse().map_err(|e: crate::id::BadId| e.to_string())?,
                },
                reason: Reason::Documentation,
                required: "show it".to_owned(),
                section: section(&named, &told.step)?,
            });
        }
        let question = match &told.question {
            Some((named, text)) => {
                Some(Question { section: section(named, &told.step)?, text: text.clone() })
            }
            None => None,
        };
        Ok(Body::Decide(Decide {
            conditions: told.conditions.clone(),
            decision: told.decision,
            findings,
            question,
            severity: told.finally.then_some(Severity::Final),
        }))
    }

    /// What a confirmation says: the change since the signer's own approval in the step, or else since the
    /// last one that anybody gave.
    fn confirmation(&self, person: &PersonId, step: &StepId, revision: u32) -> Made<Body> {
        let approvals = self.entries.iter().rev().map(crate::record::Entry::record).filter(|record| {
            let approves = matches!(&record.body, Body::Decide(d) if d.decision == Decision::Approve);
            approves && record.step.as_ref() == Some(step)
        });
        let approvals: Vec<&Record> = approvals.collect();
        let own = approvals.iter().find(|record| record.signer.person == *person);
        let since = own.or(approvals.first()).and_then(|record| record.revision());
        let since = since.ok_or_else(|| format!("nobody approved {step}, so there is nothing to confirm"))?;
        let (diff, _) = self.change(since, revision)?;
        Ok(Body::Confirm(Confirm { class: ClaimedClass::Minor, diff, since }))
    }

    /// What an issuer who had seen these records would freeze. Where nothing could be frozen, what a
    /// careless or dishonest tool would write: the engine must find that it does not hold.
    fn outcome(&self, number: u32, seen: &[usize]) -> Made<Certified> {
        for count in (0..=seen.len()).rev() {
            if let Ok(outcome) = self.with(&seen[..count], self.clock, certificate) {
                return Ok(outcome);
            }
        }
        let revision = self.revision(number)?;
        Ok(Certified {
            artifact: None,
            chain: revision.chain.digest,
            conditions: Vec::new(),
            digest: revision.package.digest(),
            review_by: None,
            rounds: Vec::new(),
            state: "approved".to_owned(),
            steps: Vec::new(),
            supersedes: None,
        })
    }
}

/// True if a tool would let somebody decide in this role: one of the step's, of a veto, or of those it is
/// escalated to. The sentence names no other.
fn conceivable(step: &Step, role: &RoleId) -> bool {
    let veto = step.veto.iter().any(|voter| matches!(voter, Voter::Role(name) if name == role));
    step.takes(role) || veto || step.escalate.iter().any(|escalation| escalation.to == *role)
}

/// Makes one thing about a record wrong.
fn spoil(record: &mut Record, fault: Fault) -> Made<()> {
    let no_subject = || "a record about people has no package".to_owned();
    let subject = record.subject.as_mut();
    match fault {
        Fault::Repository => record.repository = RepositoryId([8; 16]),
        Fault::Package => {
            subject.ok_or_else(no_subject)?.package =
                "other".parse().map_err(|e: crate::id::BadId| e.to_string())?;
        }
        Fault::Revision => subject.ok_or_else(no_subject)?.revision = 9,
        Fault::Digest => subject.ok_or_else(no_subject)?.digest = PackageDigest([9; 32]),
        Fault::Chain => subject.ok_or_else(no_subject)?.chain.sha256 = ChainDigest([9; 32]),
        Fault::Meaning => record.meaning.push_str(" Or so."),
        Fault::Scope => _ = record.scope.pop(),
        Fault::Upstream => record.upstream = Some(UpstreamDigest([9; 32])),
        Fault::Name => record.signer.name = "Somebody Else".to_owned(),
    }
    Ok(())
}
