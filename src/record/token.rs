//! RFC 3161 timestamp tokens: carried with a record, held to one spelling, bound to its signature.
//!
//! Not verified yet: neither the authority's signature nor its certificate is checked, so a token's
//! time is not used for anything. `openssl ts -verify` checks it (SPEC section 3.4).

use super::limits::TOKEN_CHARS;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// Why a token is refused, in words.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the timestamp token {0}")]
pub struct BadToken(pub &'static str);

/// Checks the outside of a token: base64 with one spelling, one DER SEQUENCE that fills it, and the
/// SHA-256 of the armored signature inside.
pub(super) fn check(token: &str, sig: &str) -> Result<(), BadToken> {
    if token.len() > TOKEN_CHARS {
        return Err(BadToken("is too long"));
    }
    let der = STANDARD.decode(token).map_err(|_| BadToken("is not base64 in its one spelling"))?;
    if sequence_length(&der) != Some(der.len()) {
        return Err(BadToken("is not one DER sequence"));
    }
    let imprint = crate::digest::sha256(sig.as_bytes());
    if !der.windows(imprint.len()).any(|w| w == imprint) {
        return Err(BadToken("does not hold the SHA-256 of this signature"));
    }
    Ok(())
}

/// The whole length of the DER SEQUENCE at the front, header included.
fn sequence_length(der: &[u8]) -> Option<usize> {
    let (tag, first) = (*der.first()?, *der.get(1)?);
    if tag != 0x30 {
        return None;
    }
    if first < 0x80 {
        return Some(2 + usize::from(first));
    }
    let count = usize::from(first & 0x7f);
    let digits = der.get(2..2 + count)?;
    let minimal = digits.first().is_some_and(|d| *d != 0);
    if !(1..=3).contains(&count) || !minimal {
        return None;
    }
    let length = digits.iter().fold(0usize, |sum, d| sum << 8 | usize::from(*d));
    (length >= 0x80).then_some(2 + count + length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_one_sequence_about_this_signature() {
        let sig = "signature";
        let mut der = vec![0x30, 34, 0x04, 32];
        der.extend_from_slice(&crate::digest::sha256(sig.as_bytes()));
        let good = STANDARD.encode(&der);
        assert_eq!(check(&good, sig), Ok(()));
        assert!(check(&good, "another").is_err());
        assert!(check(&format!("{good}\n"), sig).is_err());
        assert!(check(&STANDARD.encode(&der[..35]), sig).is_err());
        der.push(0);
        assert!(check(&STANDARD.encode(&der), sig).is_err());
        for bytes in [&[0x30][..], &[0x30, 0x80], &[0x30, 0x81, 3, 1, 1, 1], &[0x31, 0]] {
            assert!(check(&STANDARD.encode(bytes), sig).is_err(), "{bytes:?}");
        }
    }
}
