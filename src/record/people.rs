//! Changes of the people file, as `people` records carry them (SPEC section 5).

use super::Fingerprint;
use crate::digest::RepositoryId;
use crate::id::{PersonId, RoleId};
use crate::time::Date;
use serde::{Deserialize, Serialize};

/// One change. Fields stand in alphabetical order, as on the wire; `op` says which change it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "WireChange", into = "WireChange")]
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
    /// A person is away. It tells others whom not to wait for; it gives nobody any authority.
    Absent {
        /// First day.
        from: Date,
        /// Person id.
        person: PersonId,
        /// Why.
        reason: String,
        /// Last day.
        until: Date,
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
        let text = String::deserialize(d)?;
        text.parse().map_err(|e| serde::de::Error::custom(format!("public key refused: {e}")))
    }
}

/// A change as one flat object with sorted keys: a tagged enum would print its tag first.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct WireChange {
    #[serde(skip_serializing_if = "Option::is_none")]
    distrust_from: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<Date>,
    #[serde(skip_serializing_if = "Option::is_none")]
    identity: Option<String>,
    /// A public key, or for `revoke_key` a fingerprint.
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    op: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    person: Option<PersonId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    proof: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<RoleId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<Date>,
}

impl From<PeopleChange> for WireChange {
    fn from(change: PeopleChange) -> Self {
        let op = change.op().to_owned();
        let base = WireChange { op, ..WireChange::default() };
        match change {
            PeopleChange::Enrol { email, identity, key, name, person, proof } => WireChange {
                email: Some(email),
                identity: Some(identity),
                key: Some(key.0),
                name: Some(name),
                person: Some(person),
                proof: Some(proof),
                ..base
            },
            PeopleChange::AddKey { key, person, proof } => {
                WireChange { key: Some(key.0), person: Some(person), proof: Some(proof), ..base }
            }
            PeopleChange::RevokeKey { distrust_from, key, person, reason } => WireChange {
                distrust_from,
                key: Some(key.0),
                person: Some(person),
                reason: Some(reason),
                ..base
            },
            PeopleChange::Grant { person, role } => {
                WireChange { person: Some(person), role: Some(role), ..base }
            }
            PeopleChange::End { person, reason, role } => {
                WireChange { person: Some(person), reason: Some(reason), role: Some(role), ..base }
            }
            PeopleChange::Absent { from, person, reason, until } => WireChange {
                from: Some(from),
                person: Some(person),
                reason: Some(reason),
                until: Some(until),
                ..base
            },
        }
    }
}

impl TryFrom<WireChange> for PeopleChange {
    type Error = String;
    fn try_from(mut wire: WireChange) -> Result<Self, String> {
        let op = std::mem::take(&mut wire.op);
        let missing = |key: &str| format!("a change `{op}` needs the key `{key}`");
        macro_rules! take {
            ($key:ident) => {
                wire.$key.take().ok_or_else(|| missing(stringify!($key)))?
            };
        }
        let public = |text: String| text.parse::<PublicKey>().map_err(|e| format!("public key refused: {e}"));
        let change = match op.as_str() {
            "enrol" => PeopleChange::Enrol {
                email: take!(email),
                identity: take!(identity),
                key: public(take!(key))?,
                name: take!(name),
                person: take!(person),
                proof: take!(proof),
            },
            "add_key" => {
                PeopleChange::AddKey { key: public(take!(key))?, person: take!(person), proof: take!(proof) }
            }
            "revoke_key" => PeopleChange::RevokeKey {
                distrust_from: wire.distrust_from.take(),
                key: take!(key).parse()?,
                person: take!(person),
                reason: take!(reason),
            },
            "grant" => PeopleChange::Grant { person: take!(person), role: take!(role) },
            "end" => PeopleChange::End { person: take!(person), reason: take!(reason), role: take!(role) },
            "absent" => PeopleChange::Absent {
                from: take!(from),
                person: take!(person),
                reason: take!(reason),
                until: take!(until),
            },
            other => return Err(format!("`{}` is not a change of the people file", other.escape_debug())),
        };
        let surplus = [
            ("distrust_from", wire.distrust_from.is_some()),
            ("email", wire.email.is_some()),
            ("from", wire.from.is_some()),
            ("identity", wire.identity.is_some()),
            ("key", wire.key.is_some()),
            ("name", wire.name.is_some()),
            ("person", wire.person.is_some()),
            ("proof", wire.proof.is_some()),
            ("reason", wire.reason.is_some()),
            ("role", wire.role.is_some()),
            ("until", wire.until.is_some()),
        ];
        match surplus.iter().find(|(_, left)| *left) {
            Some((key, _)) => Err(format!("a change `{op}` has no key `{key}`")),
            None => Ok(change),
        }
    }
}

impl PeopleChange {
    /// Which change it is, as on the wire.
    pub fn op(&self) -> &'static str {
        match self {
            PeopleChange::Enrol { .. } => "enrol",
            PeopleChange::AddKey { .. } => "add_key",
            PeopleChange::RevokeKey { .. } => "revoke_key",
            PeopleChange::Grant { .. } => "grant",
            PeopleChange::End { .. } => "end",
            PeopleChange::Absent { .. } => "absent",
        }
    }

    /// The person it is about.
    pub fn person(&self) -> &PersonId {
        match self {
            PeopleChange::Enrol { person, .. }
            | PeopleChange::AddKey { person, .. }
            | PeopleChange::RevokeKey { person, .. }
            | PeopleChange::Grant { person, .. }
            | PeopleChange::End { person, .. }
            | PeopleChange::Absent { person, .. } => person,
        }
    }
}

/// What the holder of a new key signs, in the namespace [`super::ENROL_NAMESPACE`], to prove possession.
/// It names repository and person, so a proof cannot be used to enrol the key for someone else.
pub fn enrol_statement(repository: RepositoryId, person: &PersonId, key: &PublicKey) -> String {
    format!("countersign-enrol/v1\nrepository {repository}\nperson {person}\nkey {}\n", key.fingerprint())
}
