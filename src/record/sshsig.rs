//! OpenSSH signatures over files: our own reading and writing of `PROTOCOL.sshsig`, held to one
//! spelling (SPEC section 3).
//!
//! What `ssh-keygen -Y sign` writes is accepted byte for byte and nothing else is: version 1, empty
//! reserved field, SHA-512, two key types, 70-column armor. Anyone can re-check with `ssh-keygen -Y
//! verify`.

use super::key::{APPLICATION, BadKey, ED25519, SK_ED25519, SoundKey, fingerprint};
use super::limits::SIGNATURE_BYTES;
use super::sshwire::{Reader, put_string};
use super::{Fingerprint, PublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha512};

const MAGIC: &[u8] = b"SSHSIG";
const HASH: &str = "sha512";
const BEGIN: &str = "-----BEGIN SSH SIGNATURE-----\n";
const END: &str = "-----END SSH SIGNATURE-----\n";
const COLUMNS: usize = 70;
/// Bit of a FIDO token's answer that says a person touched it.
const USER_PRESENT: u8 = 1;

/// Why a signature is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SigError {
    /// Not the one spelling of an SSHSIG file, or a field in it that is not admitted.
    #[error("the signature is not an SSHSIG signature in its one spelling: {0}")]
    Form(&'static str),
    /// Made for another purpose.
    #[error("the signature was made in the namespace `{found}`, not `{wanted}`")]
    Namespace {
        /// As it says.
        found: String,
        /// As it must be.
        wanted: String,
    },
    /// By a key that is not admitted.
    #[error("the signature is by a key that is not admitted: {0}")]
    Key(#[from] BadKey),
    /// By another key than expected.
    #[error("the signature is by the key {found}, not {wanted}")]
    OtherKey {
        /// Who made it.
        found: Fingerprint,
        /// Who should have.
        wanted: Fingerprint,
    },
    /// A FIDO token signed without a person's touch.
    #[error("the security key was not touched")]
    Untouched,
    /// The mathematics does not hold: other bytes, other key, or a forged signature.
    #[error("the signature does not hold for these bytes")]
    Bad,
}

/// A signature that is well-formed and not yet checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    key: Vec<u8>,
    namespace: String,
    raw: [u8; 64],
    /// Flags and counter of a FIDO token.
    token: Option<(u8, u32)>,
}

/// Reads an armored signature.
///
/// # Errors
/// [`SigError::Form`], and [`SigError::Key`] for a key of another type.
pub fn parse(armored: &str) -> Result<Signature, SigError> {
    if armored.len() > SIGNATURE_BYTES {
        return Err(SigError::Form("it is too long"));
    }
    let body = armored
        .strip_prefix(BEGIN)
        .and_then(|rest| rest.strip_suffix(END))
        .ok_or(SigError::Form("its first or last line is missing or misspelt"))?;
    let digits: String = body.split('\n').collect();
    let blob = STANDARD.decode(&digits).map_err(|_| SigError::Form("it is not base64"))?;
    if armor_blob(&blob) != armored {
        return Err(SigError::Form("its lines are not as ssh-keygen breaks them"));
    }
    parse_blob(&blob)
}

fn parse_blob(blob: &[u8]) -> Result<Signature, SigError> {
    const SHORT: SigError = SigError::Form("it is cut short or a field has a wrong length");
    let mut reader = Reader(blob);
    if reader.take(MAGIC.len()) != Some(MAGIC) {
        return Err(SigError::Form("it does not start with SSHSIG"));
    }
    if reader.u32().ok_or(SHORT)? != 1 {
        return Err(SigError::Form("its version is not 1"));
    }
    let key = reader.string().ok_or(SHORT)?;
    let namespace = reader.string().ok_or(SHORT)?;
    if !reader.string().ok_or(SHORT)?.is_empty() {
        return Err(SigError::Form("its reserved field is not empty"));
    }
    if reader.string().ok_or(SHORT)? != HASH.as_bytes() {
        return Err(SigError::Form("its hash is not sha512"));
    }
    let inner = reader.string().ok_or(SHORT)?;
    if !reader.at_end() {
        return Err(SigError::Form("something follows its last field"));
    }
    let namespace =
        String::from_utf8(namespace.to_vec()).map_err(|_| SigError::Form("its namespace is not UTF-8"))?;
    let kind = Reader(key).string().ok_or(SHORT)?;
    let (raw, token) = parse_inner(inner, kind)?;
    Ok(Signature { key: key.to_vec(), namespace, raw, token })
}

type Inner = ([u8; 64], Option<(u8, u32)>);

/// The innermost part, which must be of the same type as the key.
fn parse_inner(bytes: &[u8], kind: &[u8]) -> Result<Inner, SigError> {
    const BAD: SigError = SigError::Form("the part made by the key is not of the key's type and length");
    let mut reader = Reader(bytes);
    let named = reader.string().ok_or(BAD)?;
    if kind != ED25519.as_bytes() && kind != SK_ED25519.as_bytes() {
        let name = String::from_utf8_lossy(&kind[..kind.len().min(64)]);
        return Err(SigError::Key(BadKey::Type(name.escape_debug().to_string())));
    }
    if named != kind {
        return Err(BAD);
    }
    let raw = reader.string().and_then(|raw| raw.try_into().ok()).ok_or(BAD)?;
    let token = if kind == SK_ED25519.as_bytes() {
        Some((reader.byte().ok_or(BAD)?, reader.u32().ok_or(BAD)?))
    } else {
        None
    };
    if reader.at_end() { Ok((raw, token)) } else { Err(BAD) }
}

impl Signature {
    /// The key it says it is by, in SSH wire form.
    pub fn key_blob(&self) -> &[u8] {
        &self.key
    }

    /// The fingerprint of that key.
    pub fn fingerprint(&self) -> Fingerprint {
        fingerprint(&self.key)
    }

    /// The namespace it says it was made in.
    pub fn namespace(&self) -> &str {
        &self.namespace
    }

    /// Checks the signature of `message` by `key` in `namespace`, strictly.
    ///
    /// # Errors
    /// The namespace, the key or the mathematics does not fit; a FIDO token was not touched.
    pub fn verify(&self, key: &SoundKey, namespace: &str, message: &[u8]) -> Result<(), SigError> {
        if self.namespace != namespace {
            let found = self.namespace.escape_debug().to_string();
            return Err(SigError::Namespace { found, wanted: namespace.to_owned() });
        }
        if self.key != key.blob() {
            let (found, wanted) = (self.fingerprint(), fingerprint(key.blob()));
            return Err(SigError::OtherKey { found, wanted });
        }
        let mut data = signed_data(namespace, message);
        if let Some((flags, counter)) = self.token {
            if flags & USER_PRESENT == 0 {
                return Err(SigError::Untouched);
            }
            data = token_data(&data, flags, counter);
        }
        let signature = ed25519_dalek::Signature::from_bytes(&self.raw);
        key.point().verify_strict(&data, &signature).map_err(|_| SigError::Bad)
    }
}

/// What a FIDO token signs instead of `data` (OpenSSH `PROTOCOL.u2f`).
fn token_data(data: &[u8], flags: u8, counter: u32) -> Vec<u8> {
    let mut out = crate::digest::sha256(APPLICATION.as_bytes()).to_vec();
    out.push(flags);
    out.extend_from_slice(&counter.to_be_bytes());
    out.extend_from_slice(&crate::digest::sha256(data));
    out
}

/// The bytes a key signs for `message` in `namespace`.
pub fn signed_data(namespace: &str, message: &[u8]) -> Vec<u8> {
    let mut out = MAGIC.to_vec();
    put_string(&mut out, namespace.as_bytes());
    put_string(&mut out, b"");
    put_string(&mut out, HASH.as_bytes());
    put_string(&mut out, &Sha512::digest(message));
    out
}

/// The armored file for what a key made of [`signed_data`]; `inner` is in SSH wire form, as an agent
/// returns it. The result is checked like any signature from elsewhere: an agent is not trusted either.
///
/// # Errors
/// When `inner` is not a signature by `public` over `message`.
pub fn seal(public: &PublicKey, namespace: &str, message: &[u8], inner: &[u8]) -> Result<String, SigError> {
    let key = SoundKey::from_blob(&public.blob())?;
    let mut blob = MAGIC.to_vec();
    blob.extend_from_slice(&1u32.to_be_bytes());
    put_string(&mut blob, key.blob());
    put_string(&mut blob, namespace.as_bytes());
    put_string(&mut blob, b"");
    put_string(&mut blob, HASH.as_bytes());
    put_string(&mut blob, inner);
    parse_blob(&blob)?.verify(&key, namespace, message)?;
    Ok(armor_blob(&blob))
}

/// The wire form of a plain Ed25519 signature.
pub fn inner(raw: &[u8; 64]) -> Vec<u8> {
    let mut out = Vec::with_capacity(83);
    put_string(&mut out, ED25519.as_bytes());
    put_string(&mut out, raw);
    out
}

/// Checks an armored signature of `message` by `public`.
///
/// # Errors
/// Anything at all that is not as it should be.
pub fn check(armored: &str, public: &PublicKey, namespace: &str, message: &[u8]) -> Result<(), SigError> {
    let signature = parse(armored)?;
    let key = SoundKey::from_blob(&public.blob())?;
    signature.verify(&key, namespace, message)
}

fn armor_blob(blob: &[u8]) -> String {
    let digits = STANDARD.encode(blob);
    let mut out = String::with_capacity(digits.len() + digits.len() / COLUMNS + 64);
    out.push_str(BEGIN);
    let mut rest = digits.as_str();
    while !rest.is_empty() {
        let (line, more) = rest.split_at(rest.len().min(COLUMNS));
        out.push_str(line);
        out.push('\n');
        rest = more;
    }
    out.push_str(END);
    out
}
