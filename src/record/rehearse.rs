//! Signs what is only imagined: policy tests, simulations, and the question "would this count?".
//!
//! The key is made from the person's id, so it is nobody's secret and nobody's key. The record then goes
//! the way of every record, through its one spelling and a true signature, and the engine needs no back
//! door. A ledger refuses it: no person was ever enrolled with that key.

use super::sshsig::{inner, seal, signed_data};
use super::{NAMESPACE, PublicKey, Record, RecordError, Refusal, Signed, Verified, print, verify, wording};
use crate::digest::sha256;
use crate::id::PersonId;
use ed25519_dalek::{Signer as _, SigningKey};

/// Completes and signs a record in its signer's name, with a key that exists only for this.
///
/// # Errors
/// When the record breaks a rule of its kind.
pub fn rehearse(mut record: Record) -> Result<Verified, Refusal> {
    let key = key_of(&record.signer.person);
    let public = rehearsal_key(&record.signer.person)?;
    record.signer.key = public.fingerprint();
    let text = print(&wording::complete(record));
    let raw = key.sign(&signed_data(NAMESPACE, text.as_bytes())).to_bytes();
    let sig = seal(&public, NAMESPACE, text.as_bytes(), &inner(&raw))?;
    verify(Signed { record: text, sig, tst: None })
}

/// The public half of the key that [`rehearse`] signs with in a person's name.
///
/// # Errors
/// When the key made for this person is one that no ledger would take.
pub fn rehearsal_key(person: &PersonId) -> Result<PublicKey, Refusal> {
    let public = PublicKey::from_ed25519(&key_of(person).verifying_key().to_bytes());
    public.map_err(|error| Refusal::Schema(RecordError::Rule(error.to_string())))
}

fn key_of(person: &PersonId) -> SigningKey {
    SigningKey::from_bytes(&sha256(format!("countersign rehearsal\n{person}").as_bytes()))
}
