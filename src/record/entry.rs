//! A verified record at its place in the ledger, with the people in force there.
//!
//! Authority (is the key valid, is the role held) is judged at a record's ledger position, never by a
//! clock; so every entry carries the people as they were just before it.

use super::{Fingerprint, PublicKey, Record, Signed};
use crate::digest::{LineHash, RecordId};
use crate::id::{PackageId, PersonId, RoleId, StepId};
use crate::time::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A record whose signature is good by the key it names. That the key belongs to the person is judged
/// by [`Entry::key_valid`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    id: RecordId,
    record: Record,
    signed: Signed,
}

impl Verified {
    /// The only constructor: `verify` calls it after the signature held.
    pub(super) fn new(id: RecordId, record: Record, signed: Signed) -> Self {
        Verified { id, record, signed }
    }
    /// A record nobody signed, for the engine's own cases: they are about what records mean, not about
    /// signatures.
    #[cfg(test)]
    pub(crate) fn unchecked(record: Record) -> Self {
        let text = super::print(&record);
        let id = RecordId(crate::digest::sha256(text.as_bytes()));
        Verified { id, record, signed: Signed { record: text, sig: String::new(), tst: None } }
    }
    /// For tests of the floors above that only print records: nothing is checked.
    #[cfg(test)]
    pub(crate) fn unproven(record: Record, signed: Signed) -> Self {
        Verified { id: signed.id(), record, signed }
    }
    /// SHA-256 of the signed bytes.
    pub fn id(&self) -> RecordId {
        self.id
    }
    /// The statement.
    pub fn record(&self) -> &Record {
        &self.record
    }
    /// The bytes, signature and token as stored.
    pub fn signed(&self) -> &Signed {
        &self.signed
    }
}

/// A verified record at its ledger position.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Its line number; for a pending record, the line it would get.
    pub seq: u64,
    /// Hash of its line; for a pending record, of the line it would get.
    pub hash: LineHash,
    /// Hash of the line before.
    pub prev: LineHash,
    /// True while it waits in `chains/pending/`.
    pub pending: bool,
    /// The record.
    pub verified: Verified,
    /// The people just before this position.
    pub people: Arc<People>,
    /// True if the signing key was the signer's and not revoked at this position.
    pub key_valid: bool,
}

impl Entry {
    /// The record's id.
    pub fn id(&self) -> RecordId {
        self.verified.id()
    }
    /// The statement.
    pub fn record(&self) -> &Record {
        self.verified.record()
    }
    /// True if the signer held `role` at this position.
    pub fn held(&self, role: &RoleId) -> bool {
        self.people.person(&self.record().signer.person).is_some_and(|p| p.roles.contains(role))
    }
}

/// Who is enrolled, with which keys and roles.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct People {
    /// By person id.
    pub persons: BTreeMap<PersonId, Person>,
    /// Delegations that nobody has ended, in ledger order. A window that has passed ends none.
    pub delegations: Vec<Delegation>,
}

/// Somebody lets another decide for them, for a while.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delegation {
    /// The record that made it.
    pub record: RecordId,
    /// Whose seat is filled.
    pub principal: PersonId,
    /// Who fills it.
    pub delegate: PersonId,
    /// Steps it is for; every one if empty.
    pub steps: Vec<StepId>,
    /// Packages it is for; every one if empty.
    pub packages: Vec<PackageId>,
    /// First instant at which it holds.
    pub from: Timestamp,
    /// First instant at which it does not hold any more.
    pub until: Timestamp,
    /// Why.
    pub reason: String,
}

impl Delegation {
    /// True if it covers a step of a package at an instant.
    pub fn covers(&self, package: &PackageId, step: &StepId, at: Timestamp) -> bool {
        self.from <= at
            && at < self.until
            && (self.packages.is_empty() || self.packages.contains(package))
            && (self.steps.is_empty() || self.steps.contains(step))
    }
}

/// An enrolled person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Person id.
    pub id: PersonId,
    /// Printed name.
    pub name: String,
    /// Mail address.
    pub email: String,
    /// How the identity was verified.
    pub identity: String,
    /// Roles held.
    pub roles: BTreeSet<RoleId>,
    /// Keys, in order of enrolment.
    pub keys: Vec<Key>,
}

/// A person's key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// OpenSSH fingerprint.
    pub fingerprint: Fingerprint,
    /// Public key.
    pub public: PublicKey,
    /// Ledger position from which it is valid.
    pub from: u64,
    /// Whether it still is.
    pub state: KeyState,
}

/// Whether a key is still valid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyState {
    /// It is.
    Valid,
    /// It was revoked at a ledger position.
    Revoked {
        /// Position of the revocation.
        at: u64,
        /// Why.
        reason: String,
        /// First position whose records by this key are disputed, if any.
        distrust_from: Option<u64>,
    },
}

impl People {
    /// The person of that id.
    pub fn person(&self, id: &PersonId) -> Option<&Person> {
        self.persons.get(id)
    }
    /// The person a key was ever enrolled for, with the key.
    pub fn owner(&self, key: &Fingerprint) -> Option<(&Person, &Key)> {
        self.persons.values().find_map(|p| p.keys.iter().find(|k| k.fingerprint == *key).map(|k| (p, k)))
    }
    /// Everyone who holds a role.
    pub fn holders<'a>(&'a self, role: &'a RoleId) -> impl Iterator<Item = &'a Person> {
        self.persons.values().filter(move |p| p.roles.contains(role))
    }
}
