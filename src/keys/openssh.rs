//! Key files in OpenSSH's own format, encrypted: read, opened, made.

use super::{KeyError, SigningKey, random};
use crate::record::sshsig;
use crate::record::{PublicKey, Unlock};
use ed25519_dalek::Signer as _;
use ssh_key::private::{Ed25519Keypair, Ed25519PrivateKey, KeypairData};
use ssh_key::public::Ed25519PublicKey;
use ssh_key::{Algorithm, Cipher, Kdf, LineEnding, PrivateKey};
use std::path::Path;
use zeroize::Zeroizing;

/// Bytes of a key file; real ones have some 500.
const MAX_FILE: u64 = 64 * 1024;
/// Rounds of bcrypt for keys made here; ssh-keygen uses 16 or 24.
pub const ROUNDS: u32 = 64;
/// Rounds that are still done: a hostile file could ask for four thousand million.
const MAX_ROUNDS: u32 = 2048;
/// Characters of a passphrase for a new key.
const MIN_PASSPHRASE: usize = 10;

fn read(path: &Path) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    let unreadable = |error: String| KeyError::Unreadable { path: path.display().to_string(), error };
    // Looked at first: reading a device or a pipe might never end.
    let facts = std::fs::metadata(path).map_err(|e| unreadable(e.to_string()))?;
    if !facts.is_file() || facts.len() > MAX_FILE {
        return Err(unreadable("it is not a file of the size of a key".to_owned()));
    }
    std::fs::read(path).map(Zeroizing::new).map_err(|e| unreadable(e.to_string()))
}

/// Reads a public key file (`.pub`); its comment is left out.
///
/// # Errors
/// When there is no such file, or the key in it is not admitted.
pub fn read_public(path: &Path) -> Result<PublicKey, KeyError> {
    let bytes = read(path)?;
    let not_a_key = |why: &str| KeyError::NotAKey {
        path: path.display().to_string(),
        wanted: "public key",
        why: why.to_owned(),
    };
    let text = str::from_utf8(&bytes).map_err(|_| not_a_key("it is not text"))?;
    if text.contains("PRIVATE KEY") {
        return Err(not_a_key("it is a private key; name the .pub file beside it"));
    }
    let mut words = text.split_whitespace();
    let (Some(kind), Some(digits)) = (words.next(), words.next()) else {
        return Err(not_a_key("it does not hold a type and a key"));
    };
    Ok(format!("{kind} {digits}").parse::<PublicKey>()?)
}

/// A key from a file, open as long as this value lives.
pub struct FileKey {
    secret: ed25519_dalek::SigningKey,
    public: PublicKey,
}

/// Opens an encrypted key file.
///
/// # Errors
/// When the file is not an encrypted Ed25519 key, or the passphrase is wrong.
pub fn open(path: &Path, passphrase: &str) -> Result<FileKey, KeyError> {
    let shown = || path.display().to_string();
    let not_a_key = |why: String| KeyError::NotAKey { path: shown(), wanted: "private key for Ed25519", why };
    let file = read(path)?;
    let locked = PrivateKey::from_openssh(file.as_slice()).map_err(|e| not_a_key(e.to_string()))?;
    match locked.algorithm() {
        Algorithm::Ed25519 => {}
        Algorithm::SkEd25519 => return Err(KeyError::Token { path: shown() }),
        other => return Err(not_a_key(format!("it is of type {other}"))),
    }
    if !locked.is_encrypted() {
        return Err(KeyError::Unencrypted { path: shown() });
    }
    if let Kdf::Bcrypt { rounds, .. } = locked.kdf()
        && *rounds > MAX_ROUNDS
    {
        return Err(KeyError::Rounds { path: shown(), rounds: *rounds });
    }
    let open = locked.decrypt(passphrase).map_err(|_| KeyError::WrongPassphrase { path: shown() })?;
    let KeypairData::Ed25519(pair) = open.key_data() else {
        return Err(not_a_key("it holds another type of key than it says".to_owned()));
    };
    let secret = ed25519_dalek::SigningKey::from_bytes(pair.private.as_ref());
    // A file with a foreign public half would make signatures that give the secret away.
    if secret.verifying_key().as_bytes() != pair.public.as_ref() {
        return Err(not_a_key("its two halves do not belong together".to_owned()));
    }
    let public = PublicKey::from_ed25519(pair.public.as_ref())?;
    Ok(FileKey { secret, public })
}

impl SigningKey for FileKey {
    fn public(&self) -> PublicKey {
        self.public.clone()
    }
    fn unlock(&self) -> Unlock {
        Unlock::Passphrase
    }
    fn sign(&self, namespace: &str, message: &[u8]) -> Result<String, KeyError> {
        let raw = self.secret.sign(&sshsig::signed_data(namespace, message)).to_bytes();
        Ok(sshsig::seal(&self.public, namespace, message, &sshsig::inner(&raw))?)
    }
}

/// Makes a new key: the text of its encrypted file (aes256-ctr, bcrypt), and its public half. Fewer than
/// [`ROUNDS`] rounds of key derivation are for keys that protect nothing.
///
/// # Errors
/// When the passphrase is too short or the system gives no randomness.
pub fn generate(
    passphrase: &str,
    comment: &str,
    rounds: u32,
) -> Result<(Zeroizing<String>, PublicKey), KeyError> {
    if passphrase.chars().count() < MIN_PASSPHRASE {
        return Err(KeyError::ShortPassphrase(MIN_PASSPHRASE));
    }
    let seed = Zeroizing::new(random::<32>()?);
    let point = ed25519_dalek::SigningKey::from_bytes(&seed).verifying_key().to_bytes();
    let public = PublicKey::from_ed25519(&point)?;
    let pair =
        Ed25519Keypair { public: Ed25519PublicKey(point), private: Ed25519PrivateKey::from_bytes(&seed) };
    let kdf = Kdf::Bcrypt { salt: random::<16>()?.to_vec(), rounds };
    let check = u32::from_be_bytes(random::<4>()?);
    let text = PrivateKey::new(KeypairData::Ed25519(pair), comment)
        .and_then(|key| key.encrypt_with(Cipher::Aes256Ctr, kdf, check, passphrase))
        .and_then(|key| key.to_openssh(LineEnding::LF))
        .expect("a fresh Ed25519 key has a text form");
    Ok((text, public))
}
