//! How a record comes to be: composed from what is known now, signed, verified, stored.
//!
//! The command line and the review pages show the same deed in two ways and share everything else here.
//! Nothing is written before the signature was made and verified, and a record is written in one step, so
//! whatever fails, there is either a whole record or none.

use crate::digest::{Frontier, Nonce, RecordId, RepositoryId, ShownDigest, UpstreamDigest, leaf_hash};
use crate::dossier::{Dossier, Register};
use crate::id::{PackageId, RoleId, StepId};
use crate::keys::{self, KeyError, SigningKey};
use crate::ledger::Pending;
use crate::record::{self, Body, Ceremony, Entry, Record, ScopeEntry, Seen, Signed, Signer, Subject, Unlock};
use crate::store::{LEDGER, PENDING, PEOPLE, StoreError, Workspace, WriteError, write_new};
use crate::text::RepoPath;
use crate::time::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

/// Why there is no record. Nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum DraftError {
    /// The private key could not be used.
    #[error("{0}")]
    Key(#[from] KeyError),
    /// The disk could not be used.
    #[error("{0}")]
    Store(#[from] StoreError),
    /// The record could not be written.
    #[error("{0}")]
    Write(#[from] WriteError),
    /// The new record breaks a rule of records.
    #[error("{0}")]
    Shape(String),
    /// With the new record the ledger would not hold.
    #[error("{0}; nothing was recorded")]
    Refused(String),
}

/// A record before it has a signer, a time and a place in history.
#[derive(Debug, Clone)]
pub struct Draft {
    /// What it is about.
    pub subject: Option<Subject>,
    /// The step, for decisions.
    pub step: Option<StepId>,
    /// The role, for decisions.
    pub role: Option<RoleId>,
    /// What was shown, for decisions.
    pub scope: Vec<ScopeEntry>,
    /// Outcome of earlier steps, for decisions.
    pub upstream: Option<UpstreamDigest>,
    /// The sentence of a decision; the other kinds have standard sentences.
    pub meaning: String,
    /// What the kind adds.
    pub body: Body,
}

impl Draft {
    /// A record that is no decision: its kind has a standard sentence.
    pub fn plain(subject: Option<Subject>, body: Body) -> Draft {
        Draft {
            subject,
            step: None,
            role: None,
            scope: Vec::new(),
            upstream: None,
            meaning: String::new(),
            body,
        }
    }
}

/// Composes the record a person would sign now in this workspace.
///
/// # Errors
/// When the system gives no randomness or the ledger cannot be read.
pub fn draw_up(
    ws: &Workspace,
    register: &Register,
    draft: Draft,
    signer: Signer,
    signed_at: Timestamp,
    assistance: &str,
) -> Result<Record, DraftError> {
    let seen = seen(ws, register)?;
    let heads = |package: Option<&PackageId>| heads(register.ledger.entries.iter(), package, seen.size);
    Ok(compose(ws.config().repository, draft, signer, heads, seen, signed_at, assistance)?)
}

/// Puts a record together, with the sentence of its kind and the digest of what is then shown.
///
/// # Errors
/// When the system gives no randomness.
pub fn compose(
    repository: RepositoryId,
    draft: Draft,
    signer: Signer,
    heads: impl FnOnce(Option<&PackageId>) -> Vec<RecordId>,
    seen: Seen,
    signed_at: Timestamp,
    assistance: &str,
) -> Result<Record, KeyError> {
    let nonce = keys::random()?;
    let parents = heads(draft.subject.as_ref().map(|s| &s.package));
    Ok(record::wording::complete(Record {
        repository,
        change: None,
        subject: draft.subject,
        step: draft.step,
        role: draft.role,
        scope: draft.scope,
        upstream: draft.upstream,
        signer,
        meaning: draft.meaning,
        parents,
        seen,
        signed_at,
        nonce: Nonce(nonce),
        ceremony: Ceremony { shown: ShownDigest([0; 32]), unlock: Unlock::Passphrase },
        assistance: assistance.to_owned(),
        body: draft.body,
    }))
}

/// Signs the bytes of a record, and verifies the own signature before anybody else has to.
///
/// # Errors
/// When the key cannot sign, or the record breaks a rule of its kind.
pub fn seal(record: &Record, key: &dyn SigningKey) -> Result<Signed, DraftError> {
    let bytes = record::print(record);
    let sig = key.sign(record::NAMESPACE, bytes.as_bytes())?;
    let signed = Signed { record: bytes, sig, tst: None };
    match record::verify(signed.clone()) {
        Ok(_) => Ok(signed),
        Err(e) => {
            Err(DraftError::Shape(format!("the new signature does not verify ({e}); nothing was recorded")))
        }
    }
}

/// Puts a signed record into `chains/pending/`, once it is certain that everything still verifies with it.
///
/// # Errors
/// When it would not, or the disk refuses.
pub fn store(ws: &Workspace, signed: &Signed) -> Result<RecordId, DraftError> {
    let pending = Pending::new(signed.clone()).map_err(|e| DraftError::Shape(e.to_string()))?;
    let path: RepoPath = format!("{PENDING}/{}", pending.file_name()).parse().expect("an id is a plain name");
    let text = pending.print();
    let _lock = ws.lock()?;
    let mut input = ws.rules()?;
    input.pending.push((path.clone(), text.clone().into_bytes()));
    // The people file is written after the record that changes it.
    let wrong = input.verify().breaks.into_iter().find(|b| b.path.as_str() != PEOPLE);
    if let Some(found) = wrong {
        return Err(DraftError::Refused(format!("{}: {}", found.code, found.message)));
    }
    write_new(&ws.path(path.as_str()), text.as_bytes())?;
    Ok(signed.id())
}

/// The records a new one follows: the latest about its package (or, for people records, about people). Of
/// what `seen` does not cover, records of the other sort too: who was enrolled or revoked before a decision
/// must stay before it, however pending records are ordered by an append.
pub fn heads<'a>(
    entries: impl Iterator<Item = &'a Entry>,
    package: Option<&PackageId>,
    seen: u64,
) -> Vec<RecordId> {
    // Each stream of records has heads of its own: the causal past of a decision is read from records about
    // its package alone, so a people record between two of them must not hide the first.
    let mut streams: BTreeMap<Option<&PackageId>, BTreeSet<RecordId>> = BTreeMap::new();
    for entry in entries {
        let about = entry.record().package();
        let other = about.is_none() || package.is_none();
        if about == package || (other && entry.seq >= seen) {
            let heads = streams.entry(about).or_default();
            for parent in &entry.record().parents {
                heads.remove(parent);
            }
            heads.insert(entry.id());
        }
    }
    streams.into_values().flatten().collect::<BTreeSet<_>>().into_iter().collect()
}

/// The part of the ledger that cannot move any more: all of it, or as far as the base has it. Lines that
/// only this branch has may be appended anew elsewhere, and a signature must not bind their position.
fn seen(ws: &Workspace, register: &Register) -> Result<Seen, StoreError> {
    let whole = Seen { root: register.ledger.root, size: register.ledger.size };
    let Some(base) = ws.base_ledger() else {
        return Ok(whole);
    };
    let here = ws.read_or_empty(LEDGER)?;
    let mut frontier = Frontier::default();
    for (ours, theirs) in here.split_inclusive(|b| *b == b'\n').zip(base.split_inclusive(|b| *b == b'\n')) {
        if ours != theirs || !ours.ends_with(b"\n") {
            break;
        }
        frontier.push(leaf_hash(&ours[..ours.len() - 1]));
    }
    Ok(Seen { root: frontier.root(), size: frontier.size() })
}

/// The subject of records about the current revision; `None` before the first submission.
pub fn subject(dossier: &Dossier, entries: &[Entry]) -> Option<Subject> {
    let current = dossier.current()?;
    let mut mine = dossier.entries.iter().map(|at| entries[*at].record());
    let submitted = mine.find(|r| matches!(r.body, Body::Submit(_)) && r.revision() == Some(current.number));
    submitted.and_then(|r| r.subject.clone())
}
