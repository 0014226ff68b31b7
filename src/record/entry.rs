//! A verified record at its place in the ledger, with the people in force there.
//!
//! Authority (is the key valid, is the role held) is judged at a record's ledger position, never by a
//! clock; so every entry carries the people as they were just before it.

use super::{Fingerprint, PublicKey, Record, Signed};
use crate::digest::{LineHash, RecordId};
use crate::id::{PackageId, PersonId, RoleId, StepId};
use crate::time::{Date, Timestamp};
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
    /// When the person is away, by first day. It tells others whom not to wait for, and nothing else.
    pub absences: BTreeMap<Date, Absence>,
}

impl Person {
    /// The absence that covers a day, if one does: the one with the latest first day.
    pub fn away(&self, day: Date) -> Option<(Date, &Absence)> {
        self.absences.range(..=day).rfind(|(_, absence)| day <= absence.until).map(|(from, a)| (*from, a))
    }
}

/// A time away; the first day is its key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Absence {
    /// Last day.
    pub until: Date,
    /// Why.
    pub reason: String,
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
    /// True if a record at a position is disputed: its key was revoked with the word that, from there on, it
    /// may have been in other hands. Ask the people at the end: those at the record cannot know yet.
    pub fn disputed(&self, key: &Fingerprint, seq: u64) -> bool {
        self.owner(key).is_some_and(|(_, key)| {
            matches!(key.state, KeyState::Revoked { distrust_from: Some(from), .. } if from <= seq)
        })
    }
    /// Everyone who holds a role.
    pub fn holders<'a>(&'a self, role: &'a RoleId) -> impl Iterator<Item = &'a Person> {
        self.persons.values().filter(move |p| p.roles.contains(role))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn public() -> PublicKey {
        let key = ed25519_dalek::SigningKey::from_bytes(&[1; 32]);
        PublicKey::from_ed25519(key.verifying_key().as_bytes()).unwrap()
    }

    fn away(until: &str) -> Absence {
        Absence { until: until.parse().unwrap(), reason: "leave".to_owned() }
    }

    fn person(state: KeyState, key: &Fingerprint, public: &PublicKey) -> People {
        let key = Key { fingerprint: key.clone(), public: public.clone(), from: 1, state };
        let id: PersonId = "adaeze-okafor".parse().unwrap();
        let absences = [("2026-11-01", away("2026-11-30")), ("2026-11-10", away("2026-11-12"))];
        let person = Person {
            id: id.clone(),
            name: "Adaeze Okafor".to_owned(),
            email: "a@example.org".to_owned(),
            identity: "passport".to_owned(),
            roles: BTreeSet::new(),
            keys: vec![key],
            absences: absences.into_iter().map(|(from, a)| (from.parse().unwrap(), a)).collect(),
        };
        People { persons: BTreeMap::from([(id, person)]), delegations: Vec::new() }
    }

    #[test]
    fn only_what_lies_from_the_distrusted_position_on_is_disputed() {
        let public = public();
        let key = public.fingerprint();
        let revoked = |distrust_from| KeyState::Revoked { at: 9, reason: "stolen".to_owned(), distrust_from };
        let people = person(revoked(Some(5)), &key, &public);
        assert_eq!([4, 5, 9].map(|seq| people.disputed(&key, seq)), [false, true, true]);
        assert!(!person(revoked(None), &key, &public).disputed(&key, 9), "lost, not misused");
        assert!(!person(KeyState::Valid, &key, &public).disputed(&key, 9));
        assert!(!People::default().disputed(&key, 9), "nobody's key");
    }

    #[test]
    fn an_absence_covers_its_first_and_last_day() {
        let public = public();
        let people = person(KeyState::Valid, &public.fingerprint(), &public);
        let person = people.persons.values().next().unwrap();
        let from = |day: &str| person.away(day.parse().unwrap()).map(|(from, _)| from.to_string());
        assert_eq!(from("2026-10-31"), None);
        assert_eq!(from("2026-11-01").as_deref(), Some("2026-11-01"));
        assert_eq!(from("2026-11-11").as_deref(), Some("2026-11-10"));
        assert_eq!(from("2026-11-13").as_deref(), Some("2026-11-01"), "the shorter one has ended");
        assert_eq!(from("2026-12-01"), None);
    }
}
