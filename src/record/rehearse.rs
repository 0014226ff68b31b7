//! Signs what is only imagined: policy tests, simulations, and the question "would this count?".
//!
//! The key is made from the person's id, so it is nobody's secret and nobody's key. The record then goes
//! the way of every record, through its one spelling and a true signature, and the engine needs no back
//! door. A ledger refuses it: no person was ever enrolled with that key.

use super::sshsig::{inner, seal, signed_data};
use super::{NAMESPACE, PublicKey, Record, RecordError, Refusal, Signed, Verified, print, verify, wording};
use crate::digest::sha256;
use ed25519_dalek::{Signer as _, SigningKey};

/// Completes and signs a record in its signer's name, with a key that exists only for this.
///
/// # Errors
/// When the record breaks a rule of its kind.
pub fn rehearse(mut record: Record) -> Result<Verified, Refusal> {
    let seed = format!("countersign rehearsal\n{}", record.signer.person);
    let key = SigningKey::from_bytes(&sha256(seed.as_bytes()));
    let rule = |words: String| Refusal::Schema(RecordError::Rule(words));
    let public = PublicKey::from_ed25519(&key.verifying_key().to_bytes()).map_err(|e| rule(e.to_string()))?;
    record.signer.key = public.fingerprint();
    let text = print(&wording::complete(record));
    let raw = key.sign(&signed_data(NAMESPACE, text.as_bytes())).to_bytes();
    let sig = seal(&public, NAMESPACE, text.as_bytes(), &inner(&raw))?;
    verify(Signed { record: text, sig, tst: None })
}
