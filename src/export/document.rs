//! The certificate as one JSON document. Its form is published as a JSON Schema, embedded here and
//! written beside it.
//!
//! It holds no time of its own: the same records give the same bytes, whoever draws it up and when.

use super::facts::Facts;
use crate::digest::{ChainDigest, LedgerRoot, LineHash, PackageDigest, RecordId, RepositoryId, hex, sha256};
use crate::id::{ChainId, PackageId, PersonId, RoleId, StepId};
use crate::record::{CertifiedCondition, CertifiedRound, Decision, Entry, Fingerprint, Kind};
use crate::time::{Date, Timestamp};
use serde::Serialize;
use std::collections::BTreeMap;

/// The JSON Schema of the document.
pub const SCHEMA: &str = include_str!("schema/certificate.schema.json");

/// The value of `format`: name and version of the document's form.
pub const FORMAT: &str = "countersign-certificate/v1";

/// The document.
#[derive(Debug, Clone, Serialize)]
pub struct Document<'a> {
    /// Everything but the records.
    #[serde(flatten)]
    pub head: Head,
    /// Every record about the package and about people, in ledger order.
    pub records: Vec<RecordInFull<'a>>,
}

/// Everything in the document but the records, in the order in which it is printed.
#[derive(Debug, Clone, Serialize)]
pub struct Head {
    /// [`FORMAT`].
    pub format: &'static str,
    /// Who signed the certificate.
    pub issued: Issued,
    /// What was approved.
    pub model: ModelVersion,
    /// The documentation it was approved on.
    pub package: PackageVersion,
    /// The chain it was approved by.
    pub chain: PinnedChain,
    /// `approved`, `approved_with_conditions` or `approved_by_override`.
    pub state: String,
    /// The last day the certificate holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub review_by: Option<Date>,
    /// The certificate of another package that this one replaces.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub supersedes: Option<RecordId>,
    /// What took it out of force. Running out is no record: `review_by` says when.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended: Option<Ended>,
    /// Every decision that counted.
    pub reviewers: Vec<Reviewer>,
    /// The terms.
    pub conditions: Vec<CertifiedCondition>,
    /// Every submission up to the certified one.
    pub rounds: Vec<CertifiedRound>,
    /// Its place in the hash chain.
    pub ledger: LedgerReference,
}

/// Who signed the certificate, when, with which key, and the sentence signed.
#[derive(Debug, Clone, Serialize)]
pub struct Issued {
    /// When.
    pub at: Timestamp,
    /// The key.
    pub key: Fingerprint,
    /// The sentence.
    pub meaning: String,
    /// Printed name.
    pub name: String,
    /// Person id.
    pub person: PersonId,
    /// The certificate's record.
    pub record: RecordId,
}

/// The model version, as package.toml of the certified revision names it.
#[derive(Debug, Clone, Serialize)]
pub struct ModelVersion {
    /// Name.
    pub name: String,
    /// Version.
    pub version: String,
    /// URI in the model registry.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub registry: Option<String>,
    /// Digest of the model artifact, `sha256:...`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub artifact: Option<String>,
}

/// The certified revision.
#[derive(Debug, Clone, Serialize)]
pub struct PackageVersion {
    /// The package.
    pub id: PackageId,
    /// The revision.
    pub revision: u32,
    /// SHA-256 of its MANIFEST.
    pub sha256: PackageDigest,
}

/// The approval chain the revision pinned.
#[derive(Debug, Clone, Serialize)]
pub struct PinnedChain {
    /// The chain.
    pub id: ChainId,
    /// SHA-256 of its file.
    pub sha256: ChainDigest,
}

/// What took a certificate out of force.
#[derive(Debug, Clone, Serialize)]
pub struct Ended {
    /// How.
    pub how: End,
    /// Signed when.
    pub at: Timestamp,
    /// Printed name of who did it.
    pub name: String,
    /// The record that did it.
    pub record: RecordId,
}

/// How a certificate ends before its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum End {
    /// By a revocation.
    Revoked,
    /// By the certificate of another package for the same model version.
    Superseded,
}

/// One counted decision with what 21 CFR 11.50 asks to be shown, and the key that signed it.
#[derive(Debug, Clone, Serialize)]
pub struct Reviewer {
    /// The step.
    pub step: StepId,
    /// Printed name.
    pub name: String,
    /// Person id.
    pub person: PersonId,
    /// The role.
    pub role: RoleId,
    /// Whose seat was filled, if another's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acting_for: Option<PersonId>,
    /// What was decided.
    pub decision: Decision,
    /// When.
    pub at: Timestamp,
    /// The sentence signed.
    pub meaning: String,
    /// `COUNTED`, `COUNTED_AS` or `CARRIED`.
    pub code: String,
    /// The key.
    pub key: Option<Fingerprint>,
    /// The record.
    pub record: RecordId,
}

/// Where the certificate stands in the hash chain.
#[derive(Debug, Clone, Serialize)]
pub struct LedgerReference {
    /// The repository's random id.
    pub repository: RepositoryId,
    /// The first people record.
    pub root_of_trust: RecordId,
    /// The certificate's position, from 0.
    pub index: u64,
    /// SHA-256 of its line.
    pub entry: LineHash,
    /// SHA-256 of the line before.
    pub previous: LineHash,
    /// Lines of the ledger up to the last one that the document speaks of.
    pub size: u64,
    /// SHA-256 of that line.
    pub head: LineHash,
    /// RFC 6962 root over those lines.
    pub root: LedgerRoot,
}

/// A record as signed, verbatim.
#[derive(Debug, Clone, Serialize)]
pub struct RecordInFull<'a> {
    index: u64,
    entry: LineHash,
    previous: LineHash,
    id: RecordId,
    kind: Kind,
    #[serde(skip_serializing_if = "Option::is_none")]
    fate: Option<&'static str>,
    record: &'a str,
    signature: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<&'a str>,
}

impl Document<'_> {
    /// The document as text.
    pub fn print(&self) -> Vec<u8> {
        let mut bytes = serde_json::to_vec_pretty(self).expect("plain data with text keys");
        bytes.push(b'\n');
        bytes
    }

    /// A digest that differs whenever the printed text does, without printing it: the records in it are held
    /// by the ledger's root, and what is derived about them stands beside it.
    pub fn key(&self) -> [u8; 32] {
        let fates: Vec<_> = self.records.iter().map(|r| (r.index, r.fate)).collect();
        let program = env!("CARGO_PKG_VERSION");
        let parts = (program, hex(&sha256(SCHEMA.as_bytes())), &self.head, fates);
        sha256(&serde_json::to_vec(&parts).expect("plain data with text keys"))
    }

    /// How many of the records are about the package; the others are about people.
    pub fn about_package(&self) -> usize {
        self.records.iter().filter(|r| r.kind.about_package()).count()
    }
}

/// Draws up the document.
pub(super) fn document<'a>(facts: &Facts<'a>) -> Document<'a> {
    let record = facts.record();
    let (outcome, meta) = (facts.outcome, &facts.revision.package.meta);
    let head = Head {
        format: FORMAT,
        issued: Issued {
            at: record.signed_at,
            key: record.signer.key.clone(),
            meaning: record.meaning.clone(),
            name: record.signer.name.clone(),
            person: record.signer.person.clone(),
            record: facts.certificate.id(),
        },
        model: ModelVersion {
            name: meta.model.name.clone(),
            version: meta.model.version.clone(),
            registry: meta.registry.clone(),
            artifact: outcome.artifact.clone(),
        },
        package: PackageVersion {
            id: facts.package.clone(),
            revision: facts.revision.number,
            sha256: outcome.digest,
        },
        chain: PinnedChain { id: facts.chain.0.clone(), sha256: facts.chain.1 },
        state: outcome.state.clone(),
        review_by: outcome.review_by,
        supersedes: outcome.supersedes,
        ended: facts.ended.map(ended),
        reviewers: reviewers(facts),
        conditions: outcome.conditions.clone(),
        rounds: outcome.rounds.clone(),
        ledger: LedgerReference {
            repository: facts.register.repository,
            root_of_trust: facts.register.root_of_trust,
            index: facts.certificate.seq,
            entry: facts.certificate.hash,
            previous: facts.certificate.prev,
            size: facts.size,
            head: facts.head,
            root: facts.root,
        },
    };
    Document { head, records: facts.entries.iter().map(|entry| in_full(facts, entry)).collect() }
}

fn ended(entry: &Entry) -> Ended {
    let record = entry.record();
    Ended {
        how: if record.kind() == Kind::Revoke { End::Revoked } else { End::Superseded },
        at: record.signed_at,
        name: record.signer.name.clone(),
        record: entry.id(),
    }
}

fn reviewers(facts: &Facts<'_>) -> Vec<Reviewer> {
    let keys: BTreeMap<RecordId, &Fingerprint> =
        facts.entries.iter().map(|e| (e.id(), &e.record().signer.key)).collect();
    let steps = facts.outcome.steps.iter();
    let decisions = steps.flat_map(|step| step.decisions.iter().map(move |decision| (step, decision)));
    decisions
        .map(|(step, decision)| Reviewer {
            step: step.step.clone(),
            name: decision.name.clone(),
            person: decision.person.clone(),
            role: decision.role.clone(),
            acting_for: decision.acting_for.clone(),
            decision: decision.decision,
            at: decision.at,
            meaning: decision.meaning.clone(),
            code: decision.code.clone(),
            key: keys.get(&decision.record).copied().cloned(),
            record: decision.record,
        })
        .collect()
}

fn in_full<'a>(facts: &Facts<'a>, entry: &&'a Entry) -> RecordInFull<'a> {
    let signed = entry.verified.signed();
    RecordInFull {
        index: entry.seq,
        entry: entry.hash,
        previous: entry.prev,
        id: entry.id(),
        kind: entry.record().kind(),
        fate: facts.fates.get(&entry.id()).map(|code| code.as_str()),
        record: &signed.record,
        signature: &signed.sig,
        token: signed.tst.as_deref(),
    }
}
