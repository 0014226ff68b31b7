//! Private keys: where signatures come from.
//!
//! In: a key file with its passphrase, or the socket of an ssh-agent. Out: something that is a
//! [`SigningKey`] and gives armored SSHSIG signatures. `openssh` reads and makes encrypted key files,
//! `agent` talks to ssh-agent (and through it to FIDO tokens and password managers), [`random`] gives
//! the bytes for nonces and keys.
//!
//! Key files are read with the `ssh-key` crate (its format code only, so no second curve library is
//! linked) and used with ed25519-dalek: no process is started, so no other program sees a passphrase.
//!
//! *Invariant:* no unencrypted private key is read or written, secrets are wiped when dropped, and every
//! signature is verified before it is handed out.
#![expect(
    clippy::disallowed_methods,
    reason = "keys reads key files, agent sockets and the system's randomness"
)]

pub mod agent;
mod error;
pub mod openssh;

pub use error::KeyError;

use crate::record::{Fingerprint, PublicKey, Unlock};

/// A private key that can sign, wherever it lives.
pub trait SigningKey {
    /// Its public half.
    fn public(&self) -> PublicKey;

    /// The fingerprint of that.
    fn fingerprint(&self) -> Fingerprint {
        self.public().fingerprint()
    }

    /// How it was unlocked, for the record's `ceremony`.
    fn unlock(&self) -> Unlock;

    /// An armored SSHSIG signature of `message` in `namespace`, already verified.
    ///
    /// # Errors
    /// When the holder of the key refuses, does not answer, or answers with something else.
    fn sign(&self, namespace: &str, message: &[u8]) -> Result<String, KeyError>;
}

/// Fresh bytes from the operating system.
///
/// # Errors
/// When the system has none to give; nothing can be signed then.
pub fn random<const N: usize>() -> Result<[u8; N], KeyError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|e| KeyError::Random(e.to_string()))?;
    Ok(bytes)
}
