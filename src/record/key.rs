//! Public keys: which are admitted, their one spelling, their fingerprint (SPEC section 3.2).
//!
//! The danger: over a curve with cofactor 8 two verifiers can disagree about one signature when the
//! key has a torsion component or a second encoding, and a small-order key verifies almost anything.
//! Such keys are refused here, once, and [`SoundKey`] carries the proof.

use super::sshwire::{Reader, put_string};
use super::{Fingerprint, PublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use ed25519_dalek::VerifyingKey;

/// Type name of a plain key.
pub(crate) const ED25519: &str = "ssh-ed25519";
/// Type name of a key held in a FIDO token.
pub(crate) const SK_ED25519: &str = "sk-ssh-ed25519@openssh.com";
/// The only FIDO application admitted: what `ssh-keygen` uses unless told otherwise.
pub(crate) const APPLICATION: &str = "ssh:";
/// Longest key text looked at; a FIDO key needs 123 characters.
const MAX_TEXT: usize = 256;

/// Why a public key is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadKey {
    /// Not `<type> <base64>` in the one spelling, or the parts inside do not fit.
    #[error("it is not an OpenSSH public key in its one spelling (`ssh-ed25519 AAAA...`, no comment)")]
    Form,
    /// RSA, ECDSA, DSA, a certificate.
    #[error("keys of type `{0}` are not admitted; use ssh-ed25519 or sk-ssh-ed25519@openssh.com")]
    Type(String),
    /// A FIDO key made for something else.
    #[error("the security key was made for the application `{0}`; only `ssh:` is admitted")]
    Application(String),
    /// Not on the curve, or not its canonical encoding.
    #[error("its 32 bytes are not the canonical encoding of a point of the curve")]
    Encoding,
    /// Almost any signature would verify.
    #[error("it is a point of small order: almost any signature would verify under it")]
    Weak,
    /// Verifiers would disagree.
    #[error("it has a torsion component: two verifiers could disagree about its signatures")]
    Torsion,
}

/// A public key that passed every check, ready to verify.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SoundKey {
    blob: Vec<u8>,
    point: VerifyingKey,
    token: bool,
}

impl SoundKey {
    /// Checks a key in SSH wire form. Costs about one signature verification; ledgers do it once a key.
    ///
    /// # Errors
    /// When the key is of another type, misspelt, weak or not torsion-free.
    pub fn from_blob(blob: &[u8]) -> Result<SoundKey, BadKey> {
        let (token, bytes) = split(blob)?;
        let point = VerifyingKey::from_bytes(&bytes).map_err(|_| BadKey::Encoding)?;
        let edwards = point.to_edwards();
        // Decompression accepts y >= p and a sign bit on x = 0: both are second spellings. (All of them
        // happen to be of small order or not torsion-free too; that is no reason to lean on it.)
        if edwards.compress().to_bytes() != bytes {
            return Err(BadKey::Encoding);
        }
        if edwards.is_small_order() {
            return Err(BadKey::Weak);
        }
        if !edwards.is_torsion_free() {
            return Err(BadKey::Torsion);
        }
        Ok(SoundKey { blob: blob.to_vec(), point, token })
    }

    /// The key in SSH wire form.
    pub fn blob(&self) -> &[u8] {
        &self.blob
    }

    /// True if the key lives in a FIDO token.
    pub fn is_token(&self) -> bool {
        self.token
    }

    /// The key as text.
    pub fn public(&self) -> PublicKey {
        PublicKey(text(&self.blob, self.token))
    }

    pub(super) fn point(&self) -> &VerifyingKey {
        &self.point
    }
}

fn text(blob: &[u8], token: bool) -> String {
    let kind = if token { SK_ED25519 } else { ED25519 };
    format!("{kind} {}", STANDARD.encode(blob))
}

/// Splits the wire form: whether it is a FIDO key, and the 32 bytes of the point.
fn split(blob: &[u8]) -> Result<(bool, [u8; 32]), BadKey> {
    let mut reader = Reader(blob);
    let kind = reader.string().ok_or(BadKey::Form)?;
    let token = match kind {
        kind if kind == ED25519.as_bytes() => false,
        kind if kind == SK_ED25519.as_bytes() => true,
        other => {
            let name = String::from_utf8_lossy(&other[..other.len().min(64)]);
            return Err(BadKey::Type(name.escape_debug().to_string()));
        }
    };
    let point = reader.string().and_then(|p| p.try_into().ok()).ok_or(BadKey::Form)?;
    if token {
        let application = reader.string().ok_or(BadKey::Form)?;
        if application != APPLICATION.as_bytes() {
            let name = String::from_utf8_lossy(&application[..application.len().min(64)]);
            return Err(BadKey::Application(name.escape_debug().to_string()));
        }
    }
    if reader.at_end() { Ok((token, point)) } else { Err(BadKey::Form) }
}

/// The `SHA256:...` fingerprint of a key in wire form, as OpenSSH prints it.
pub fn fingerprint(blob: &[u8]) -> Fingerprint {
    Fingerprint(format!("SHA256:{}", STANDARD_NO_PAD.encode(crate::digest::sha256(blob))))
}

impl std::str::FromStr for PublicKey {
    type Err = BadKey;
    /// Accepts a sound key in its one spelling.
    fn from_str(key: &str) -> Result<Self, BadKey> {
        if key.len() > MAX_TEXT {
            let kind = key.split(' ').next().unwrap_or("").get(..64.min(key.len())).unwrap_or("");
            let known = kind == ED25519 || kind == SK_ED25519 || kind.is_empty();
            return Err(if known { BadKey::Form } else { BadKey::Type(kind.escape_debug().to_string()) });
        }
        let (_, digits) = key.split_once(' ').ok_or(BadKey::Form)?;
        let blob = STANDARD.decode(digits).map_err(|_| BadKey::Form)?;
        let sound = SoundKey::from_blob(&blob)?;
        if sound.public().0 == key { Ok(PublicKey(key.to_owned())) } else { Err(BadKey::Form) }
    }
}

impl PublicKey {
    /// The plain Ed25519 key of these 32 bytes.
    ///
    /// # Errors
    /// When they are not a sound key.
    pub fn from_ed25519(point: &[u8; 32]) -> Result<PublicKey, BadKey> {
        let mut blob = Vec::with_capacity(51);
        put_string(&mut blob, ED25519.as_bytes());
        put_string(&mut blob, point);
        SoundKey::from_blob(&blob).map(|k| k.public())
    }

    /// The key in SSH wire form.
    pub fn blob(&self) -> Vec<u8> {
        // A parsed key always decodes; nothing else is ever worth a panic.
        self.0.split_once(' ').and_then(|(_, digits)| STANDARD.decode(digits).ok()).unwrap_or_default()
    }

    /// Its fingerprint.
    pub fn fingerprint(&self) -> Fingerprint {
        fingerprint(&self.blob())
    }

    /// True if the key lives in a FIDO token.
    pub fn is_token(&self) -> bool {
        self.0.starts_with(SK_ED25519)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(low: u8, high: u8) -> Option<BadKey> {
        let mut point = if high & 0x7f == 0x7f { [0xff; 32] } else { [0; 32] };
        (point[0], point[31]) = (low, high);
        PublicKey::from_ed25519(&point).err()
    }

    #[test]
    fn each_unsound_key_is_refused_for_its_own_reason() {
        assert_eq!(refusal(0xed + 3, 0x7f), Some(BadKey::Encoding), "y = p + 3");
        assert_eq!(refusal(1, 0x80), Some(BadKey::Encoding), "the neutral element with a sign");
        assert_eq!(refusal(1, 0), Some(BadKey::Weak), "the neutral element");
        assert_eq!(refusal(3, 0), Some(BadKey::Torsion), "y = 3");
        assert_eq!(refusal(2, 0), Some(BadKey::Encoding), "no point has y = 2");
    }
}
