//! Which key signs: named, configured, held by an ssh-agent, or the usual file.

use crate::keys::{self, KeyError};
use crate::record::{Fingerprint, People, PublicKey};
use crate::store::{Git, Workspace};
use std::path::{Path, PathBuf};

/// A public key, with the file its private half is in (unless an agent alone holds it).
#[derive(Debug, Clone)]
pub struct KeyPart {
    /// The public key.
    pub public: PublicKey,
    /// Its file.
    pub file: Option<PathBuf>,
}

impl KeyPart {
    /// Reads the public half of a key file; the file may be named by either half.
    ///
    /// # Errors
    /// When there is no public half beside it.
    pub fn read(path: &Path) -> Result<KeyPart, KeyError> {
        let name = path.to_string_lossy();
        let private = PathBuf::from(name.strip_suffix(".pub").unwrap_or(&name));
        let public = PathBuf::from(format!("{}.pub", private.display()));
        Ok(KeyPart { public: keys::openssh::read_public(&public)?, file: Some(private) })
    }

    /// The key's fingerprint.
    pub fn fingerprint(&self) -> Fingerprint {
        self.public.fingerprint()
    }

    /// The socket of the ssh-agent, if one holds this key.
    pub fn in_agent(&self) -> Option<PathBuf> {
        agent_socket().filter(|_| agent_keys().contains(&self.public))
    }

    /// The private key's file, if it is there.
    pub fn private_file(&self) -> Option<&Path> {
        self.file.as_deref().filter(|file| file.is_file())
    }
}

/// Finds the key to sign with, before anything is asked: the one named, else Git's `countersign.key`, else
/// the one enrolled key that the ssh-agent holds, else `~/.ssh/id_ed25519`; `None` if there is none of these.
///
/// # Errors
/// When the file found is no key.
pub fn key_of(
    ws: Option<&Workspace>,
    people: &People,
    named: Option<&Path>,
) -> Result<Option<KeyPart>, KeyError> {
    if let Some(path) = named {
        return KeyPart::read(path).map(Some);
    }
    let configured = ws.and_then(|ws| Git::at(ws.root())).and_then(|git| git.config("countersign.key"));
    if let Some(path) = configured {
        return KeyPart::read(&expand(&path)).map(Some);
    }
    let held: Vec<PublicKey> =
        agent_keys().into_iter().filter(|k| people.owner(&k.fingerprint()).is_some()).collect();
    if let [only] = held.as_slice() {
        return Ok(Some(KeyPart { public: only.clone(), file: None }));
    }
    let home = std::env::var_os("HOME").map(PathBuf::from).unwrap_or_default();
    let default = home.join(".ssh/id_ed25519");
    default.is_file().then(|| KeyPart::read(&default)).transpose()
}

fn agent_socket() -> Option<PathBuf> {
    std::env::var_os("SSH_AUTH_SOCK").filter(|s| !s.is_empty()).map(PathBuf::from)
}

/// What the ssh-agent holds; nothing when there is none or it does not answer.
fn agent_keys() -> Vec<PublicKey> {
    let held = agent_socket().and_then(|socket| keys::agent::list(&socket).ok());
    held.unwrap_or_default().into_iter().map(|identity| identity.public).collect()
}

fn expand(path: &str) -> PathBuf {
    match (path.strip_prefix("~/"), std::env::var_os("HOME")) {
        (Some(rest), Some(home)) => PathBuf::from(home).join(rest),
        _ => PathBuf::from(path),
    }
}
