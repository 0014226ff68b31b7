//! People records folded into the people in force (SPEC section 5.2).
//!
//! A people record takes effect as a whole or not at all, so that two registrars who enrol the same
//! person at once cannot leave half a change behind.

use crate::digest::RepositoryId;
use crate::id::PersonId;
use crate::id::RoleId;
use crate::record::{
    ENROL_NAMESPACE, Key, KeyState, People, PeopleChange, Person, PublicKey, Record, enrol_statement, sshsig,
};
use std::collections::BTreeSet;

/// The role whose holders may sign people records.
pub const REGISTRAR: &str = "registrar";

fn registrar() -> RoleId {
    REGISTRAR.parse().expect("`registrar` is an id")
}

/// True if the record's key is the signer's and valid.
pub(super) fn key_valid(people: &People, record: &Record) -> bool {
    people.person(&record.signer.person).is_some_and(|person| {
        person.keys.iter().any(|key| key.fingerprint == record.signer.key && key.state == KeyState::Valid)
    })
}

/// The people after a record at position `at`.
///
/// # Errors
/// In words, why it has no effect.
pub(super) fn apply(
    people: &People,
    record: &Record,
    changes: &[PeopleChange],
    at: u64,
) -> Result<People, String> {
    if at > 0 {
        let signer = people.person(&record.signer.person);
        if !key_valid(people, record) {
            return Err("it is signed by a key that is not valid at this position".to_owned());
        }
        if !signer.is_some_and(|p| p.roles.contains(&registrar())) {
            return Err(format!("its signer does not hold the role `{REGISTRAR}` at this position"));
        }
    }
    let mut next = people.clone();
    for change in changes {
        one(&mut next, change, record.repository, at)?;
    }
    if at == 0 && !key_valid(&next, record) {
        return Err("it does not enrol its own signer with the key that signed it".to_owned());
    }
    let governed = next.holders(&registrar()).any(|p| p.keys.iter().any(|k| k.state == KeyState::Valid));
    if !governed {
        return Err(format!("nobody with a valid key would hold the role `{REGISTRAR}`"));
    }
    Ok(next)
}

fn one(people: &mut People, change: &PeopleChange, repository: RepositoryId, at: u64) -> Result<(), String> {
    match change {
        PeopleChange::Enrol { email, identity, key, name, person, proof } => {
            if people.person(person).is_some() {
                return Err(format!("the person id `{person}` was used before; ids are never used again"));
            }
            let key = new_key(people, person, key, proof, repository, at)?;
            let enrolled = Person {
                id: person.clone(),
                name: name.clone(),
                email: email.clone(),
                identity: identity.clone(),
                roles: BTreeSet::new(),
                keys: vec![key],
            };
            people.persons.insert(person.clone(), enrolled);
        }
        PeopleChange::AddKey { key, person, proof } => {
            let key = new_key(people, person, key, proof, repository, at)?;
            find(people, person)?.keys.push(key);
        }
        PeopleChange::RevokeKey { distrust_from, key, person, reason } => {
            if distrust_from.is_some_and(|from| from > at) {
                return Err(format!("`distrust_from` lies after this position ({at})"));
            }
            let keys = &mut find(people, person)?.keys;
            let valid = |k: &&mut Key| k.fingerprint == *key && k.state == KeyState::Valid;
            let Some(found) = keys.iter_mut().find(valid) else {
                return Err(format!("`{person}` has no valid key {key}"));
            };
            found.state = KeyState::Revoked { at, reason: reason.clone(), distrust_from: *distrust_from };
        }
        PeopleChange::Grant { person, role } => {
            if !find(people, person)?.roles.insert(role.clone()) {
                return Err(format!("`{person}` holds the role `{role}` already"));
            }
        }
        PeopleChange::End { person, role, .. } => {
            if !find(people, person)?.roles.remove(role) {
                return Err(format!("`{person}` does not hold the role `{role}`"));
            }
        }
    }
    Ok(())
}

fn find<'a>(people: &'a mut People, person: &PersonId) -> Result<&'a mut Person, String> {
    people.persons.get_mut(person).ok_or_else(|| format!("`{person}` is not enrolled"))
}

/// A key to be added: nobody's before, and in the hands of whoever it is enrolled for.
fn new_key(
    people: &People,
    person: &PersonId,
    public: &PublicKey,
    proof: &str,
    repository: RepositoryId,
    at: u64,
) -> Result<Key, String> {
    let fingerprint = public.fingerprint();
    if let Some((owner, _)) = people.owner(&fingerprint) {
        return Err(format!("the key {fingerprint} belongs or belonged to `{}`", owner.id));
    }
    let statement = enrol_statement(repository, person, public);
    sshsig::check(proof, public, ENROL_NAMESPACE, statement.as_bytes())
        .map_err(|e| format!("the proof that `{person}` holds the key {fingerprint} fails: {e}"))?;
    Ok(Key { fingerprint, public: public.clone(), from: at, state: KeyState::Valid })
}
