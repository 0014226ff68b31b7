//! Changes of the people file, as `people` records carry them (SPEC section 5).

use super::Fingerprint;
use crate::id::{PersonId, RoleId};
use serde::{Deserialize, Serialize};

/// One change. Fields stand in alphabetical order, as on the wire; `op` says which change it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "op", rename_all = "snake_case", deny_unknown_fields)]
pub enum PeopleChange {
    /// A new person with a first key.
    Enrol {
        /// Mail address, also used to recognize authors in the history.
        email: String,
        /// How the identity was verified, in words: method, by whom, when.
        identity: String,
        /// The public key.
        key: PublicKey,
        /// Printed name.
        name: String,
        /// Person id, never reused.
        person: PersonId,
        /// Proof of possession: armored SSHSIG by the new key.
        proof: String,
    },
    /// A further key for a person.
    AddKey {
        /// The public key.
        key: PublicKey,
        /// Person id.
        person: PersonId,
        /// Proof of possession.
        proof: String,
    },
    /// A key stops being valid from here on.
    RevokeKey {
        /// First ledger position from which earlier records by this key are disputed, if any.
        #[serde(skip_serializing_if = "Option::is_none")]
        distrust_from: Option<u64>,
        /// Its fingerprint.
        key: Fingerprint,
        /// Person id.
        person: PersonId,
        /// Why.
        reason: String,
    },
    /// A person takes up a role.
    Grant {
        /// Person id.
        person: PersonId,
        /// The role.
        role: RoleId,
    },
    /// A person lays down a role.
    End {
        /// Person id.
        person: PersonId,
        /// Why.
        reason: String,
        /// The role.
        role: RoleId,
    },
}

/// A public key in OpenSSH form without comment: `ssh-ed25519 AAAA...` or
/// `sk-ssh-ed25519@openssh.com AAAA...`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct PublicKey(pub(crate) String);

impl PublicKey {
    /// The key as OpenSSH prints it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<'de> Deserialize<'de> for PublicKey {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        String::deserialize(d).map(PublicKey)
    }
}
