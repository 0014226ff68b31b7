//! Signed statements: what one person said about one package (or about the people), and the proof.
//!
//! In: the bytes that were signed and an armored SSHSIG signature. Out: a [`Record`] of strict types
//! inside [`Verified`], the only thing later floors accept. `wire` parses and prints (`print(parse(b))
//! == b`, so one meaning has one byte string), `sshsig` holds the signature format, `verify` joins the
//! two, `sentence`, `deed` and `wording` turn a record into the words people read.
//!
//! *Invariant:* signed bytes are kept as read and never re-serialized to check a signature; [`Verified`]
//! has one constructor.

mod body;
mod breaks;
mod check;
mod deed;
pub mod diagnostics;
mod entry;
mod key;
pub mod limits;
mod people;
mod rehearse;
mod rules;
mod sentence;
pub mod sshsig;
pub(crate) mod sshwire;
mod token;
mod verify;
pub mod wire;
pub mod wording;

pub use body::{
    About, Anchor, Answer, Body, Certified, CertifiedCondition, CertifiedDecision, CertifiedRound,
    CertifiedStep, Certify, ClaimedClass, Comment, Condition, ConditionEnd, ConditionKind, Confirm, Decide,
    Decision, Delegate, Discharge, Finding, Kind, Note, Object, Override, Question, Reason, Recuse, Reply,
    Retract, Severity, Submit, Verify, Waive, Withdraw,
};
pub use breaks::Break;
pub use deed::{deed, shown};
pub use entry::{Absence, Delegation, Entry, Key, KeyState, People, Person, Verified};
pub use key::{BadKey, SoundKey};
pub use people::enrol_statement;
pub use people::{PeopleChange, PublicKey};
pub use rehearse::{rehearsal_key, rehearse};
pub use token::BadToken;
pub use verify::{Keyring, Refusal, Sighted, verify};
pub use wire::{RecordError, parse, print};

use crate::digest::{
    ChainDigest, LedgerRoot, Nonce, PackageDigest, RecordId, RepositoryId, SectionDigest, ShownDigest,
    UpstreamDigest,
};
use crate::id::{ChainId, Model, PackageId, PersonId, RoleId, SectionId, StepId};
use crate::time::Timestamp;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use serde::{Deserialize, Serialize};

/// The value of `countersign` in every record.
pub const FORMAT: &str = "record/v1";
/// The SSHSIG namespace of records.
pub const NAMESPACE: &str = "countersign-record";
/// The SSHSIG namespace of proofs of possession at enrolment.
pub const ENROL_NAMESPACE: &str = "countersign-enrol";

/// JSON Schema of records, for tools that are not ours: keys, types and forms (SPEC section 2.3).
pub const SCHEMA: &str = include_str!("record.schema.json");

/// One statement by one person (SPEC section 2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Which repository it was made in; a fork that replays it is caught by this.
    pub repository: RepositoryId,
    /// The pull request it was made for, if any.
    pub change: Option<Change>,
    /// What it is about; `None` for records about people.
    pub subject: Option<Subject>,
    /// The step it counts in, for decisions.
    pub step: Option<StepId>,
    /// The role it is made in, for decisions.
    pub role: Option<RoleId>,
    /// What the signer was shown, evidence included; for decisions.
    pub scope: Vec<ScopeEntry>,
    /// Outcome of all earlier steps at signing; for decisions.
    pub upstream: Option<UpstreamDigest>,
    /// Who signed.
    pub signer: Signer,
    /// The exact sentence shown and assented to.
    pub meaning: String,
    /// The package's (or, for people records, the roster's) latest records the signer saw.
    pub parents: Vec<RecordId>,
    /// The ledger the signer's tool had verified.
    pub seen: Seen,
    /// Claimed time.
    pub signed_at: Timestamp,
    /// Makes the record unique.
    pub nonce: Nonce,
    /// How it was signed.
    pub ceremony: Ceremony,
    /// Declared AI assistance: `none`, or tool and kind in words.
    pub assistance: String,
    /// What the kind adds.
    pub body: Body,
}

impl Record {
    /// The kind, as written in the record.
    pub fn kind(&self) -> Kind {
        self.body.kind()
    }

    /// The package it is about.
    pub fn package(&self) -> Option<&PackageId> {
        self.subject.as_ref().map(|s| &s.package)
    }

    /// The revision it is about.
    pub fn revision(&self) -> Option<u32> {
        self.subject.as_ref().map(|s| s.revision)
    }
}

/// What a record is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// Package id.
    pub package: PackageId,
    /// Revision number, from 1.
    pub revision: u32,
    /// Digest of that revision.
    pub digest: PackageDigest,
    /// Model as in package.toml at that revision.
    pub model: Model,
    /// The chain pinned by that revision.
    pub chain: PinnedChain,
}

/// A chain file by id and digest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PinnedChain {
    /// Chain id.
    pub id: ChainId,
    /// SHA-256 of the chain file.
    pub sha256: ChainDigest,
}

/// The pull request a record was made for. `head` is a hint; the rest binds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Change {
    /// `github`, `local`, ...
    pub forge: String,
    /// Commit the signer saw: a hint only.
    pub head: String,
    /// Number of the pull request.
    pub pull_request: u64,
    /// The forge's id of the repository.
    pub repository_id: String,
}

/// One section as the signer was shown it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScopeEntry {
    /// Section id, or `package` for package.toml.
    pub section: SectionId,
    /// Its digest, evidence included (SPEC section 1.3).
    pub sha256: SectionDigest,
}

/// Who signed, with which key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signer {
    /// Whose seat is filled, when it is not the signer's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acting_for: Option<PersonId>,
    /// `SHA256:...` fingerprint of the public key.
    pub key: Fingerprint,
    /// Printed name.
    pub name: String,
    /// Person id.
    pub person: PersonId,
}

/// The ledger the signer's tool had verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Seen {
    /// RFC 6962 root over the first `size` lines.
    pub root: LedgerRoot,
    /// Number of lines.
    pub size: u64,
}

/// How a record was signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ceremony {
    /// SHA-256 of the text shown before signing.
    pub shown: ShownDigest,
    /// How the key was unlocked.
    pub unlock: Unlock,
}

/// How a key was unlocked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Unlock {
    /// A passphrase decrypted the key file.
    Passphrase,
    /// An ssh-agent signed.
    Agent,
    /// A FIDO token signed.
    Fido,
}

/// `SHA256:` and 43 characters of unpadded base64, as OpenSSH prints it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct Fingerprint(pub(crate) String);

impl Fingerprint {
    /// The fingerprint as OpenSSH prints it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// The bytes of a record with its signature, not yet checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed {
    /// The signed bytes.
    pub record: String,
    /// Armored SSHSIG signature, exactly as stored.
    pub sig: String,
    /// Base64 of an RFC 3161 token over the signature text, if any.
    pub tst: Option<String>,
}

impl Signed {
    /// SHA-256 of the signed bytes.
    pub fn id(&self) -> RecordId {
        RecordId(crate::digest::sha256(self.record.as_bytes()))
    }
}

impl std::str::FromStr for Fingerprint {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let digits = text.strip_prefix("SHA256:").unwrap_or("");
        // 43 digits hold 258 bits; decoding refuses a last digit with stray bits, a second spelling.
        if digits.len() == 43 && STANDARD_NO_PAD.decode(digits).is_ok() {
            Ok(Fingerprint(text.to_owned()))
        } else {
            Err(format!("`{}` is not a SHA256 key fingerprint", text.escape_debug()))
        }
    }
}

impl<'de> Deserialize<'de> for Fingerprint {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(d)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}
