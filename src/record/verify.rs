//! From bytes and a signature to [`Verified`]: the one place where that type is made.

use super::key::SoundKey;
use super::sshsig::{self, SigError, Signature};
use super::token::{self, BadToken};
use super::{Fingerprint, NAMESPACE, Record, RecordError, Signed, Verified, wire};
use std::collections::BTreeMap;

/// Why a signed record is refused; checked in the order of the variants of SPEC section 3.3.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The bytes are not a record.
    #[error("{0}")]
    Schema(#[from] RecordError),
    /// The signature does not hold or is not admitted.
    #[error("{0}")]
    Signature(#[from] SigError),
    /// Signed by another key than the record names.
    #[error("the record names the key {named}, but {signed} signed it")]
    WrongKey {
        /// As the record says.
        named: Fingerprint,
        /// Who signed.
        signed: Fingerprint,
    },
    /// The timestamp token is not one, or is about another signature.
    #[error("{0}")]
    Token(#[from] BadToken),
}

impl Refusal {
    /// The stable name, documented in DIAGNOSTICS.md.
    pub fn code(&self) -> &'static str {
        match self {
            Refusal::Schema(_) => "BAD_SCHEMA",
            Refusal::Signature(SigError::Form(_) | SigError::Untouched) => "BAD_SIGNATURE_FORM",
            Refusal::Signature(SigError::Namespace { .. }) => "WRONG_NAMESPACE",
            Refusal::Signature(SigError::Key(_)) => "BAD_KEY",
            Refusal::Signature(SigError::OtherKey { .. }) | Refusal::WrongKey { .. } => "WRONG_KEY",
            Refusal::Signature(SigError::Bad) => "BAD_SIGNATURE",
            Refusal::Token(_) => "BAD_TOKEN",
        }
    }
}

/// Checks one record with its signature.
///
/// # Errors
/// The first thing that does not hold.
pub fn verify(signed: Signed) -> Result<Verified, Refusal> {
    let sighted = Sighted::new(signed)?;
    let keyring = Keyring::gather([&sighted]);
    sighted.verify(&keyring)
}

/// A record read and its signature read, neither yet believed. Ledgers read all lines first, check each
/// distinct key once ([`Keyring`]), then verify all lines.
#[derive(Debug, Clone)]
pub struct Sighted {
    record: Record,
    signature: Signature,
    signed: Signed,
}

impl Sighted {
    /// Reads both.
    ///
    /// # Errors
    /// When the bytes are not a record, or the signature not an SSHSIG signature.
    pub fn new(signed: Signed) -> Result<Sighted, Refusal> {
        let record = wire::parse(&signed.record)?;
        let signature = sshsig::parse(&signed.sig)?;
        Ok(Sighted { record, signature, signed })
    }

    /// The record, unverified.
    pub fn record(&self) -> &Record {
        &self.record
    }

    /// Checks the signature.
    ///
    /// # Errors
    /// The first thing that does not hold.
    pub fn verify(self, keyring: &Keyring) -> Result<Verified, Refusal> {
        let Sighted { record, signature, signed } = self;
        if signature.namespace() != NAMESPACE {
            let found = signature.namespace().escape_debug().to_string();
            return Err(SigError::Namespace { found, wanted: NAMESPACE.to_owned() }.into());
        }
        let fresh;
        let key = match keyring.0.get(signature.key_blob()) {
            Some(known) => known.as_ref().map_err(Clone::clone)?,
            None => {
                fresh = SoundKey::from_blob(signature.key_blob()).map_err(SigError::from)?;
                &fresh
            }
        };
        let made_by = signature.fingerprint();
        if made_by != record.signer.key {
            return Err(Refusal::WrongKey { named: record.signer.key, signed: made_by });
        }
        signature.verify(key, NAMESPACE, signed.record.as_bytes())?;
        if let Some(token) = &signed.tst {
            token::check(token, &signed.sig)?;
        }
        let id = signed.id();
        Ok(Verified::new(id, record, signed))
    }
}

/// The distinct keys of many signatures, each checked once: that check costs as much as a verification.
#[derive(Debug, Clone, Default)]
pub struct Keyring(BTreeMap<Vec<u8>, Result<SoundKey, SigError>>);

impl Keyring {
    /// Checks every key that signed any of these.
    pub fn gather<'a>(all: impl IntoIterator<Item = &'a Sighted>) -> Keyring {
        let mut keys = BTreeMap::new();
        for sighted in all {
            let blob = sighted.signature.key_blob();
            if !keys.contains_key(blob) {
                keys.insert(blob.to_vec(), SoundKey::from_blob(blob).map_err(SigError::from));
            }
        }
        Keyring(keys)
    }
}
