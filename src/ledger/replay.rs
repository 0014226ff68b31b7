//! Records about people folded into the people in force (SPEC sections 5.2 and 5.5).
//!
//! Such a record takes effect as a whole or not at all, so that two registrars who enrol the same person
//! at once cannot leave half a change behind. A delegation changes nobody's roles or keys; whether it
//! covers a decision is the engine's to judge, at the decision.

use crate::digest::{RecordId, RepositoryId};
use crate::id::{PersonId, RoleId};
use crate::record::{
    Absence, Body, Delegate, Delegation, ENROL_NAMESPACE, Key, KeyState, People, PeopleChange, Person,
    PublicKey, Record, enrol_statement, sshsig,
};
use std::collections::{BTreeMap, BTreeSet};

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

/// The people after a record at position `at`, or `None` if the record is not about people.
///
/// # Errors
/// In words, why it has no effect.
pub(super) fn apply(
    people: &People,
    id: RecordId,
    record: &Record,
    at: u64,
) -> Option<Result<People, String>> {
    match &record.body {
        Body::People(changes) => Some(changed(people, record, changes, at)),
        Body::Delegate(delegate) => Some(delegated(people, id, record, delegate)),
        Body::Undelegate(about) => Some(undelegated(people, record, about.record)),
        _ => None,
    }
}

fn valid_signer(people: &People, record: &Record) -> Result<(), String> {
    if key_valid(people, record) {
        Ok(())
    } else {
        Err("it is signed by a key that is not valid at this position".to_owned())
    }
}

fn is_registrar(people: &People, person: &PersonId) -> bool {
    people.person(person).is_some_and(|p| p.roles.contains(&registrar()))
}

/// A seat is given away, or taken back, by its holder or by a registrar.
fn speaks_for(people: &People, record: &Record, principal: &PersonId) -> Result<(), String> {
    valid_signer(people, record)?;
    let signer = &record.signer.person;
    if signer == principal || is_registrar(people, signer) {
        Ok(())
    } else {
        Err(format!("its signer is neither `{principal}` nor holds the role `{REGISTRAR}` at this position"))
    }
}

fn delegated(people: &People, id: RecordId, record: &Record, body: &Delegate) -> Result<People, String> {
    for person in [&body.principal, &body.to] {
        if people.person(person).is_none() {
            return Err(not_enrolled(person));
        }
    }
    speaks_for(people, record, &body.principal)?;
    let mut next = people.clone();
    next.delegations.push(Delegation {
        record: id,
        principal: body.principal.clone(),
        delegate: body.to.clone(),
        steps: body.steps.clone(),
        packages: body.packages.clone(),
        from: body.from,
        until: body.until,
        reason: body.reason.clone(),
    });
    Ok(next)
}

fn undelegated(people: &People, record: &Record, ended: RecordId) -> Result<People, String> {
    let Some(index) = people.delegations.iter().position(|d| d.record == ended) else {
        return Err(format!("no delegation {} stands at this position", ended.short()));
    };
    speaks_for(people, record, &people.delegations[index].principal)?;
    let mut next = people.clone();
    next.delegations.remove(index);
    Ok(next)
}

fn changed(people: &People, record: &Record, changes: &[PeopleChange], at: u64) -> Result<People, String> {
    if at > 0 {
        valid_signer(people, record)?;
        if !is_registrar(people, &record.signer.person) {
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
                absences: BTreeMap::new(),
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
        PeopleChange::Absent { from, person, reason, until } => {
            // The same first day again is a correction: somebody comes back earlier, or later.
            let absence = Absence { until: *until, reason: reason.clone() };
            find(people, person)?.absences.insert(*from, absence);
        }
    }
    Ok(())
}

fn find<'a>(people: &'a mut People, person: &PersonId) -> Result<&'a mut Person, String> {
    people.persons.get_mut(person).ok_or_else(|| not_enrolled(person))
}

fn not_enrolled(person: &PersonId) -> String {
    format!("`{person}` is not enrolled")
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
