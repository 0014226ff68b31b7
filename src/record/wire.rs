//! A record's one byte string: print and parse stand side by side (SPEC section 2.1).
//!
//! A record is one flat JSON object with sorted keys and no white space. [`parse`] prints what it read
//! and compares, so whatever a JSON reader forgives (escapes, spaces, order, `1.0`, `null`) is refused
//! without a rule for each.

use super::body::{
    About, Anchor, Answer, Body, Certified, Certify, ClaimedClass, Comment, Condition, Confirm, Decide,
    Decision, Delegate, Discharge, Finding, Kind, Note, Object, Override, Question, Recuse, Reply, Retract,
    Severity, Submit, Verify, Waive, Withdraw,
};
use super::limits::RECORD_BYTES;
use super::people::PeopleChange;
use super::{Ceremony, Change, FORMAT, PinnedChain, Record, ScopeEntry, Seen, Signer, Subject, check};
use crate::digest::{DiffDigest, FileDigest, Nonce, PackageDigest, RecordId, RepositoryId, UpstreamDigest};
use crate::id::{ConditionId, Model, PackageId, PersonId, RoleId, SectionId, StepId};
use crate::time::{Date, Timestamp};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// Why bytes are not a record.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RecordError {
    /// Larger than a record may be.
    #[error("the record has {0} bytes; at most {RECORD_BYTES} are allowed")]
    TooLarge(usize),
    /// Not JSON of the right shape.
    #[error("the record is not a JSON object of the known form: {0}")]
    Json(String),
    /// Read, but the printer would write it differently.
    #[error("the record is not in its one spelling: byte {0} differs from the canonical form")]
    Spelling(usize),
    /// Another version.
    #[error("`countersign` must be \"record/v1\"")]
    Format,
    /// The kind must have this key.
    #[error("a record of this kind must have the key `{0}`")]
    Missing(&'static str),
    /// The kind cannot have this key.
    #[error("a record of this kind cannot have the key `{0}`")]
    Surplus(&'static str),
    /// A rule on the values.
    #[error("{0}")]
    Rule(String),
}

/// Every key there is, in the order of the wire. Which of them a kind has: [`keys`].
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    about: Option<RecordId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    accepted: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    anchor: Option<Anchor>,
    #[serde(skip_serializing_if = "Option::is_none")]
    answers: Option<Vec<Answer>>,
    assistance: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    authors: Option<Vec<PersonId>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    blocking: Option<bool>,
    ceremony: Ceremony,
    #[serde(skip_serializing_if = "Option::is_none")]
    chain: Option<PinnedChain>,
    #[serde(skip_serializing_if = "Option::is_none")]
    change: Option<Change>,
    #[serde(skip_serializing_if = "Option::is_none")]
    changes: Option<Vec<PeopleChange>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    class: Option<ClaimedClass>,
    #[serde(skip_serializing_if = "Option::is_none")]
    condition: Option<ConditionId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    conditions: Option<Vec<Condition>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    contributors: Option<Vec<PersonId>>,
    #[serde(borrow)]
    countersign: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    decision: Option<Decision>,
    #[serde(skip_serializing_if = "Option::is_none")]
    diff: Option<DiffDigest>,
    #[serde(skip_serializing_if = "Option::is_none")]
    digest: Option<PackageDigest>,
    #[serde(skip_serializing_if = "Option::is_none")]
    evidence: Option<FileDigest>,
    #[serde(skip_serializing_if = "Option::is_none")]
    exceptions: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires: Option<Date>,
    #[serde(skip_serializing_if = "Option::is_none")]
    findings: Option<Vec<Finding>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<Timestamp>,
    kind: Kind,
    #[serde(skip_serializing_if = "Option::is_none")]
    manifest: Option<String>,
    meaning: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    model: Option<Model>,
    nonce: Nonce,
    #[serde(skip_serializing_if = "Option::is_none")]
    notes: Option<Vec<Note>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    outcome: Option<Certified>,
    #[serde(skip_serializing_if = "Option::is_none")]
    package: Option<PackageId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    packages: Option<Vec<PackageId>>,
    parents: Vec<RecordId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    principal: Option<PersonId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    question: Option<Question>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    record: Option<RecordId>,
    repository: RepositoryId,
    #[serde(skip_serializing_if = "Option::is_none")]
    review: Option<Date>,
    #[serde(skip_serializing_if = "Option::is_none")]
    revision: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<RoleId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<Vec<ScopeEntry>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    section: Option<SectionId>,
    seen: Seen,
    #[serde(skip_serializing_if = "Option::is_none")]
    severity: Option<Severity>,
    signed_at: Timestamp,
    signer: Signer,
    #[serde(skip_serializing_if = "Option::is_none")]
    since: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    step: Option<StepId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    steps: Option<Vec<StepId>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<PersonId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    upstream: Option<UpstreamDigest>,
}

/// The keys a record of this kind must have, and those it may have, besides the ten every record has
/// (SPEC section 2.3).
fn keys(kind: Kind, decision: Option<Decision>) -> (&'static [&'static str], &'static [&'static str]) {
    match (kind, decision) {
        (Kind::People, _) => (&["changes"], &[]),
        (Kind::Submit, _) => {
            (&["answers", "authors", "contributors", "exceptions", "manifest", "notes"], &["class", "diff"])
        }
        (Kind::Comment, _) => (&["blocking", "section", "text"], &["about", "anchor"]),
        (Kind::Answer | Kind::Resolve, _) => (&["about", "text"], &[]),
        (Kind::Decide, Some(Decision::Approve)) => (&["conditions", "decision"], &[]),
        (Kind::Decide, Some(Decision::Reject)) => (&["decision", "findings"], &["severity"]),
        (Kind::Decide, Some(Decision::Clarify)) => (&["decision", "question"], &[]),
        (Kind::Decide, Some(Decision::Abstain) | None) => (&["decision"], &[]),
        (Kind::Withdraw, _) => (&["reason", "record"], &[]),
        (Kind::Certify, _) => (&["outcome"], &[]),
        (Kind::Retract | Kind::Recuse, _) => (&["reason"], &[]),
        (Kind::Object, _) => (&["reason", "role", "step"], &["section"]),
        (Kind::Confirm, _) => (&["class", "diff", "since"], &[]),
        (Kind::ResolveRejection, _) => (&["reason", "record", "role", "step"], &[]),
        (Kind::Delegate, _) => (&["from", "packages", "principal", "reason", "steps", "to", "until"], &[]),
        (Kind::Undelegate | Kind::Revoke, _) => (&["reason", "record"], &[]),
        (Kind::Discharge, _) => (&["condition", "reason", "record"], &["evidence"]),
        (Kind::Verify, _) => (&["accepted", "condition", "reason", "record", "role"], &[]),
        (Kind::Waive, _) => (&["condition", "reason", "record", "role"], &[]),
        (Kind::Override, _) => (&["expires", "reason", "review", "steps"], &["about"]),
    }
}

/// Keys of every record about a package.
const SUBJECT: [&str; 5] = ["chain", "digest", "model", "package", "revision"];
/// Keys of every decision and confirmation.
const SEAT: [&str; 4] = ["role", "scope", "step", "upstream"];

impl Wire<'_> {
    /// The keys that depend on the kind, each with whether it is there.
    fn present(&self) -> [(&'static str, bool); 43] {
        [
            ("about", self.about.is_some()),
            ("accepted", self.accepted.is_some()),
            ("anchor", self.anchor.is_some()),
            ("answers", self.answers.is_some()),
            ("authors", self.authors.is_some()),
            ("blocking", self.blocking.is_some()),
            ("chain", self.chain.is_some()),
            ("changes", self.changes.is_some()),
            ("class", self.class.is_some()),
            ("condition", self.condition.is_some()),
            ("conditions", self.conditions.is_some()),
            ("contributors", self.contributors.is_some()),
            ("decision", self.decision.is_some()),
            ("diff", self.diff.is_some()),
            ("digest", self.digest.is_some()),
            ("evidence", self.evidence.is_some()),
            ("exceptions", self.exceptions.is_some()),
            ("expires", self.expires.is_some()),
            ("findings", self.findings.is_some()),
            ("from", self.from.is_some()),
            ("manifest", self.manifest.is_some()),
            ("model", self.model.is_some()),
            ("notes", self.notes.is_some()),
            ("outcome", self.outcome.is_some()),
            ("package", self.package.is_some()),
            ("packages", self.packages.is_some()),
            ("principal", self.principal.is_some()),
            ("question", self.question.is_some()),
            ("reason", self.reason.is_some()),
            ("record", self.record.is_some()),
            ("review", self.review.is_some()),
            ("revision", self.revision.is_some()),
            ("role", self.role.is_some()),
            ("scope", self.scope.is_some()),
            ("section", self.section.is_some()),
            ("severity", self.severity.is_some()),
            ("since", self.since.is_some()),
            ("step", self.step.is_some()),
            ("steps", self.steps.is_some()),
            ("text", self.text.is_some()),
            ("to", self.to.is_some()),
            ("until", self.until.is_some()),
            ("upstream", self.upstream.is_some()),
        ]
    }

    fn check_keys(&self) -> Result<(), RecordError> {
        let (must, may) = keys(self.kind, self.decision);
        let subject = self.kind.about_package();
        let seat = matches!(self.kind, Kind::Decide | Kind::Confirm);
        for (key, there) in self.present() {
            let needed =
                must.contains(&key) || (subject && SUBJECT.contains(&key)) || (seat && SEAT.contains(&key));
            if needed && !there {
                return Err(RecordError::Missing(key));
            }
            if there && !needed && !may.contains(&key) {
                return Err(RecordError::Surplus(key));
            }
        }
        Ok(())
    }

    fn into_record(self) -> Result<Record, RecordError> {
        fn need<T>(key: &'static str, value: Option<T>) -> Result<T, RecordError> {
            value.ok_or(RecordError::Missing(key))
        }
        let subject = if self.kind.about_package() {
            Some(Subject {
                package: need("package", self.package)?,
                revision: need("revision", self.revision)?,
                digest: need("digest", self.digest)?,
                model: need("model", self.model)?,
                chain: need("chain", self.chain)?,
            })
        } else {
            None
        };
        let body = match self.kind {
            Kind::People => Body::People(need("changes", self.changes)?),
            Kind::Submit => Body::Submit(Submit {
                answers: need("answers", self.answers)?,
                authors: need("authors", self.authors)?,
                class: self.class,
                contributors: need("contributors", self.contributors)?,
                diff: self.diff,
                exceptions: need("exceptions", self.exceptions)?,
                manifest: need("manifest", self.manifest)?,
                notes: need("notes", self.notes)?,
            }),
            Kind::Comment => Body::Comment(Comment {
                about: self.about,
                anchor: self.anchor,
                blocking: need("blocking", self.blocking)?,
                section: need("section", self.section)?,
                text: need("text", self.text)?,
            }),
            Kind::Answer => Body::Answer(reply(self.about, self.text)?),
            Kind::Resolve => Body::Resolve(reply(self.about, self.text)?),
            Kind::Decide => Body::Decide(Decide {
                conditions: self.conditions.unwrap_or_default(),
                decision: need("decision", self.decision)?,
                findings: self.findings.unwrap_or_default(),
                question: self.question,
                severity: self.severity,
            }),
            Kind::Withdraw => Body::Withdraw(Withdraw {
                reason: need("reason", self.reason)?,
                record: need("record", self.record)?,
            }),
            Kind::Certify => Body::Certify(Box::new(Certify { outcome: need("outcome", self.outcome)? })),
            Kind::Retract => Body::Retract(Retract { reason: need("reason", self.reason)? }),
            Kind::Object => {
                Body::Object(Object { reason: need("reason", self.reason)?, section: self.section })
            }
            Kind::Recuse => Body::Recuse(Recuse { reason: need("reason", self.reason)? }),
            Kind::Confirm => Body::Confirm(Confirm {
                class: need("class", self.class)?,
                diff: need("diff", self.diff)?,
                since: need("since", self.since)?,
            }),
            Kind::ResolveRejection => Body::ResolveRejection(about(self.record, self.reason)?),
            Kind::Delegate => Body::Delegate(Delegate {
                from: need("from", self.from)?,
                packages: need("packages", self.packages)?,
                principal: need("principal", self.principal)?,
                reason: need("reason", self.reason)?,
                steps: need("steps", self.steps)?,
                to: need("to", self.to)?,
                until: need("until", self.until)?,
            }),
            Kind::Undelegate => Body::Undelegate(about(self.record, self.reason)?),
            Kind::Discharge => Body::Discharge(Discharge {
                condition: need("condition", self.condition)?,
                evidence: self.evidence,
                reason: need("reason", self.reason)?,
                record: need("record", self.record)?,
            }),
            Kind::Verify => Body::Verify(Verify {
                accepted: need("accepted", self.accepted)?,
                condition: need("condition", self.condition)?,
                reason: need("reason", self.reason)?,
                record: need("record", self.record)?,
            }),
            Kind::Waive => Body::Waive(Waive {
                condition: need("condition", self.condition)?,
                reason: need("reason", self.reason)?,
                record: need("record", self.record)?,
            }),
            Kind::Override => Body::Override(Override {
                about: self.about,
                expires: need("expires", self.expires)?,
                reason: need("reason", self.reason)?,
                review: need("review", self.review)?,
                steps: need("steps", self.steps)?,
            }),
            Kind::Revoke => Body::Revoke(about(self.record, self.reason)?),
        };
        Ok(Record {
            repository: self.repository,
            change: self.change,
            subject,
            step: self.step,
            role: self.role,
            scope: self.scope.unwrap_or_default(),
            upstream: self.upstream,
            signer: self.signer,
            meaning: self.meaning,
            parents: self.parents,
            seen: self.seen,
            signed_at: self.signed_at,
            nonce: self.nonce,
            ceremony: self.ceremony,
            assistance: self.assistance,
            body,
        })
    }

    /// Everything the record holds goes to the wire, also what its kind cannot have: a caller's mistake
    /// must be refused when parsed, never dropped from what is signed.
    fn from_record(record: &Record) -> Wire<'static> {
        let subject = record.subject.as_ref();
        let seat = matches!(record.kind(), Kind::Decide | Kind::Confirm);
        let mut wire = Wire {
            about: None,
            anchor: None,
            answers: None,
            assistance: record.assistance.clone(),
            authors: None,
            blocking: None,
            ceremony: record.ceremony.clone(),
            chain: subject.map(|s| s.chain.clone()),
            change: record.change.clone(),
            changes: None,
            conditions: None,
            contributors: None,
            countersign: Cow::Borrowed(FORMAT),
            decision: None,
            diff: None,
            digest: subject.map(|s| s.digest),
            exceptions: None,
            findings: None,
            kind: record.kind(),
            manifest: None,
            meaning: record.meaning.clone(),
            model: subject.map(|s| s.model.clone()),
            nonce: record.nonce,
            notes: None,
            outcome: None,
            package: subject.map(|s| s.package.clone()),
            parents: record.parents.clone(),
            question: None,
            reason: None,
            record: None,
            repository: record.repository,
            revision: subject.map(|s| s.revision),
            role: record.role.clone(),
            scope: (seat || !record.scope.is_empty()).then(|| record.scope.clone()),
            section: None,
            seen: record.seen,
            signed_at: record.signed_at,
            signer: record.signer.clone(),
            step: record.step.clone(),
            accepted: None,
            class: None,
            condition: None,
            evidence: None,
            expires: None,
            from: None,
            packages: None,
            principal: None,
            review: None,
            severity: None,
            since: None,
            steps: None,
            to: None,
            until: None,
            text: None,
            upstream: record.upstream,
        };
        match &record.body {
            Body::People(changes) => wire.changes = Some(changes.clone()),
            Body::Submit(submit) => {
                wire.answers = Some(submit.answers.clone());
                wire.authors = Some(submit.authors.clone());
                wire.class = submit.class;
                wire.contributors = Some(submit.contributors.clone());
                wire.diff = submit.diff;
                wire.exceptions = Some(submit.exceptions.clone());
                wire.manifest = Some(submit.manifest.clone());
                wire.notes = Some(submit.notes.clone());
            }
            Body::Comment(comment) => {
                wire.about = comment.about;
                wire.anchor = comment.anchor.clone();
                wire.blocking = Some(comment.blocking);
                wire.section = Some(comment.section.clone());
                wire.text = Some(comment.text.clone());
            }
            Body::Answer(reply) | Body::Resolve(reply) => {
                wire.about = Some(reply.about);
                wire.text = Some(reply.text.clone());
            }
            Body::Decide(decide) => {
                let list = |wanted: Decision, empty: bool| decide.decision == wanted || !empty;
                wire.conditions =
                    list(Decision::Approve, decide.conditions.is_empty()).then(|| decide.conditions.clone());
                wire.decision = Some(decide.decision);
                wire.findings =
                    list(Decision::Reject, decide.findings.is_empty()).then(|| decide.findings.clone());
                wire.question = decide.question.clone();
                wire.severity = decide.severity;
            }
            Body::Withdraw(withdraw) => {
                wire.reason = Some(withdraw.reason.clone());
                wire.record = Some(withdraw.record);
            }
            Body::Certify(certify) => wire.outcome = Some(certify.outcome.clone()),
            Body::Retract(Retract { reason }) | Body::Recuse(Recuse { reason }) => {
                wire.reason = Some(reason.clone());
            }
            Body::Object(object) => {
                wire.reason = Some(object.reason.clone());
                wire.section = object.section.clone();
            }
            Body::Confirm(confirm) => {
                wire.class = Some(confirm.class);
                wire.diff = Some(confirm.diff);
                wire.since = Some(confirm.since);
            }
            Body::ResolveRejection(about) | Body::Undelegate(about) | Body::Revoke(about) => {
                wire.reason = Some(about.reason.clone());
                wire.record = Some(about.record);
            }
            Body::Delegate(delegate) => {
                wire.from = Some(delegate.from);
                wire.packages = Some(delegate.packages.clone());
                wire.principal = Some(delegate.principal.clone());
                wire.reason = Some(delegate.reason.clone());
                wire.steps = Some(delegate.steps.clone());
                wire.to = Some(delegate.to.clone());
                wire.until = Some(delegate.until);
            }
            Body::Discharge(discharge) => {
                wire.condition = Some(discharge.condition.clone());
                wire.evidence = discharge.evidence;
                wire.reason = Some(discharge.reason.clone());
                wire.record = Some(discharge.record);
            }
            Body::Verify(verify) => {
                wire.accepted = Some(verify.accepted);
                wire.condition = Some(verify.condition.clone());
                wire.reason = Some(verify.reason.clone());
                wire.record = Some(verify.record);
            }
            Body::Waive(waive) => {
                wire.condition = Some(waive.condition.clone());
                wire.reason = Some(waive.reason.clone());
                wire.record = Some(waive.record);
            }
            Body::Override(set_aside) => {
                wire.about = set_aside.about;
                wire.expires = Some(set_aside.expires);
                wire.reason = Some(set_aside.reason.clone());
                wire.review = Some(set_aside.review);
                wire.steps = Some(set_aside.steps.clone());
            }
        }
        wire
    }
}

fn about(record: Option<RecordId>, reason: Option<String>) -> Result<About, RecordError> {
    let record = record.ok_or(RecordError::Missing("record"))?;
    Ok(About { reason: reason.ok_or(RecordError::Missing("reason"))?, record })
}

fn reply(about: Option<RecordId>, text: Option<String>) -> Result<Reply, RecordError> {
    let about = about.ok_or(RecordError::Missing("about"))?;
    Ok(Reply { about, text: text.ok_or(RecordError::Missing("text"))? })
}

/// Prints a record. What this gives is a record only if [`parse`] takes it: signers parse what they are
/// about to sign.
pub fn print(record: &Record) -> String {
    serde_json::to_string(&Wire::from_record(record)).expect("strings, numbers and lists always print")
}

/// Reads a record.
///
/// # Errors
/// When the bytes are not exactly what [`print()`] gives for the record they hold, or break a rule of
/// SPEC section 2.
pub fn parse(bytes: &str) -> Result<Record, RecordError> {
    if bytes.len() > RECORD_BYTES {
        return Err(RecordError::TooLarge(bytes.len()));
    }
    let wire: Wire<'_> = serde_json::from_str(bytes).map_err(|e| RecordError::Json(e.to_string()))?;
    if wire.countersign != FORMAT {
        return Err(RecordError::Format);
    }
    spelling(&wire, bytes).map_err(RecordError::Spelling)?;
    wire.check_keys()?;
    let record = wire.into_record()?;
    check::check(&record).map_err(RecordError::Rule)?;
    Ok(record)
}

/// Compares what the printer writes with the bytes read, without keeping it; `Err` is the first byte
/// that differs. Also used for ledger lines and pending files.
pub(crate) fn spelling<T: Serialize>(value: &T, bytes: &str) -> Result<(), usize> {
    struct Compare<'a> {
        rest: &'a [u8],
    }
    impl std::io::Write for Compare<'_> {
        fn write(&mut self, out: &[u8]) -> std::io::Result<usize> {
            let same = self.rest.iter().zip(out).take_while(|(a, b)| a == b).count();
            self.rest = &self.rest[same..];
            if same == out.len() { Ok(same) } else { Err(std::io::ErrorKind::InvalidData.into()) }
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let mut compare = Compare { rest: bytes.as_bytes() };
    let printed = serde_json::to_writer(&mut compare, value);
    if printed.is_ok() && compare.rest.is_empty() { Ok(()) } else { Err(bytes.len() - compare.rest.len()) }
}
