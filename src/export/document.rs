//! The certificate as one JSON document. Its form is published as a JSON Schema, embedded here and
//! written beside it.

use super::gather::Gathered;
use crate::digest::{ChainDigest, LedgerRoot, LineHash, PackageDigest, RecordId, RepositoryId};
use crate::id::{ChainId, PackageId, PersonId, RoleId, StepId};
use crate::record::{CertifiedCondition, CertifiedRound, Decision, Entry, Fingerprint, Kind};
use crate::time::{Date, Timestamp};
use serde::Serialize;
use std::collections::BTreeMap;

/// The JSON Schema of the document.
pub const SCHEMA: &str = include_str!("schema/certificate.schema.json");

/// The value of `format`.
const FORMAT: &str = "countersign-certificate/v1";

/// The document.
#[derive(Debug, Clone, Serialize)]
pub struct Document {
    format: &'static str,
    issued: Issued,
    model: ModelVersion,
    package: PackageVersion,
    chain: PinnedChain,
    state: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    review_by: Option<Date>,
    reviewers: Vec<Reviewer>,
    conditions: Vec<CertifiedCondition>,
    rounds: Vec<CertifiedRound>,
    ledger: LedgerReference,
    records: Vec<RecordInFull>,
}

#[derive(Debug, Clone, Serialize)]
struct Issued {
    at: Timestamp,
    key: Fingerprint,
    meaning: String,
    name: String,
    person: PersonId,
    record: RecordId,
}

#[derive(Debug, Clone, Serialize)]
struct ModelVersion {
    name: String,
    version: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    registry: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    artifact: Option<String>,
}

#[derive(Debug, Clone, Serialize)]
struct PackageVersion {
    id: PackageId,
    revision: u32,
    sha256: PackageDigest,
}

#[derive(Debug, Clone, Serialize)]
struct PinnedChain {
    id: ChainId,
    sha256: ChainDigest,
}

/// One counted decision with what 21 CFR 11.50 asks to be shown, and the key that signed it.
#[derive(Debug, Clone, Serialize)]
struct Reviewer {
    step: StepId,
    name: String,
    person: PersonId,
    role: RoleId,
    decision: Decision,
    at: Timestamp,
    meaning: String,
    code: String,
    key: Option<Fingerprint>,
    record: RecordId,
}

/// Where the certificate stands in the hash chain.
#[derive(Debug, Clone, Serialize)]
struct LedgerReference {
    repository: RepositoryId,
    root_of_trust: RecordId,
    index: u64,
    entry: LineHash,
    previous: LineHash,
    size: u64,
    head: LineHash,
    root: LedgerRoot,
}

/// A record as signed, verbatim.
#[derive(Debug, Clone, Serialize)]
struct RecordInFull {
    index: u64,
    entry: LineHash,
    previous: LineHash,
    id: RecordId,
    kind: Kind,
    #[serde(skip_serializing_if = "Option::is_none")]
    fate: Option<&'static str>,
    record: String,
    signature: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<String>,
}

impl Document {
    /// The document as text.
    pub fn print(&self) -> Vec<u8> {
        let mut bytes = serde_json::to_vec_pretty(self).expect("plain data with text keys");
        bytes.push(b'\n');
        bytes
    }
}

/// Draws up the document.
pub(super) fn document(gathered: &Gathered) -> Document {
    let record = gathered.record();
    let (outcome, meta) = (gathered.outcome, &gathered.revision.package.meta);
    let head = gathered.register.ledger.entries.iter().rfind(|e| !e.pending);
    Document {
        format: FORMAT,
        issued: Issued {
            at: record.signed_at,
            key: record.signer.key.clone(),
            meaning: record.meaning.clone(),
            name: record.signer.name.clone(),
            person: record.signer.person.clone(),
            record: gathered.certificate.id(),
        },
        model: ModelVersion {
            name: meta.model.name.clone(),
            version: meta.model.version.clone(),
            registry: meta.registry.clone(),
            artifact: outcome.artifact.clone(),
        },
        package: PackageVersion {
            id: gathered.package.clone(),
            revision: gathered.revision.number,
            sha256: outcome.digest,
        },
        chain: PinnedChain { id: gathered.chain.0.clone(), sha256: gathered.chain.1 },
        state: outcome.state.clone(),
        review_by: outcome.review_by,
        reviewers: reviewers(gathered),
        conditions: outcome.conditions.clone(),
        rounds: outcome.rounds.clone(),
        ledger: LedgerReference {
            repository: gathered.register.repository,
            root_of_trust: gathered.register.root_of_trust,
            index: gathered.certificate.seq,
            entry: gathered.certificate.hash,
            previous: gathered.certificate.prev,
            size: gathered.register.ledger.size,
            head: head.map_or(LineHash::ZERO, |e| e.hash),
            root: gathered.register.ledger.root,
        },
        records: gathered.entries.iter().map(|entry| in_full(gathered, entry)).collect(),
    }
}

fn reviewers(gathered: &Gathered) -> Vec<Reviewer> {
    let keys: BTreeMap<RecordId, &Fingerprint> =
        gathered.entries.iter().map(|e| (e.id(), &e.record().signer.key)).collect();
    let steps = gathered.outcome.steps.iter();
    let decisions = steps.flat_map(|step| step.decisions.iter().map(move |decision| (step, decision)));
    decisions
        .map(|(step, decision)| Reviewer {
            step: step.step.clone(),
            name: decision.name.clone(),
            person: decision.person.clone(),
            role: decision.role.clone(),
            decision: decision.decision,
            at: decision.at,
            meaning: decision.meaning.clone(),
            code: decision.code.clone(),
            key: keys.get(&decision.record).copied().cloned(),
            record: decision.record,
        })
        .collect()
}

fn in_full(gathered: &Gathered, entry: &Entry) -> RecordInFull {
    let signed = entry.verified.signed();
    RecordInFull {
        index: entry.seq,
        entry: entry.hash,
        previous: entry.prev,
        id: entry.id(),
        kind: entry.record().kind(),
        fate: gathered.fates.get(&entry.id()).map(|code| code.as_str()),
        record: signed.record.clone(),
        signature: signed.sig.clone(),
        token: signed.tst.clone(),
    }
}
