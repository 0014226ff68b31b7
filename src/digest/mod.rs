//! Tagged SHA-256 hashes: one type for each thing that is hashed, so that a package digest can never
//! be compared with a line hash by mistake.
//!
//! In: bytes. Out: 32 bytes under a name, printed as 64 lowercase hex digits and parsed only from
//! exactly that form.
//!
//! *Invariant:* there is no conversion between the tagged types, and no `Default`.

mod merkle;

pub use merkle::{Frontier, leaf_hash, node_hash};

use sha2::{Digest as _, Sha256};

/// Computes the SHA-256 of `bytes`.
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

/// Prints bytes as lowercase hex.
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut out = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        out.push(char::from(DIGITS[usize::from(byte >> 4)]));
        out.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
    out
}

/// Parses exactly `N` bytes of lowercase hex; anything else is `None`, uppercase included: one value
/// has one spelling.
pub fn unhex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let digit = |b: u8| match b {
        b'0'..=b'9' => Some(b - b'0'),
        b'a'..=b'f' => Some(b - b'a' + 10),
        _ => None,
    };
    let text = text.as_bytes();
    if text.len() != N * 2 {
        return None;
    }
    let mut out = [0; N];
    for (slot, pair) in out.iter_mut().zip(text.chunks_exact(2)) {
        *slot = digit(pair[0])? << 4 | digit(pair[1])?;
    }
    Some(out)
}

/// The text did not have the one spelling its type allows.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not {wanted}")]
pub struct BadHex {
    /// What was found.
    pub text: String,
    /// What would have been right.
    pub wanted: &'static str,
}

macro_rules! tagged_bytes {
    ($($(#[$doc:meta])* $name:ident[$len:literal], $wanted:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub [u8; $len]);

        impl $name {
            /// The first twelve hex digits, for people.
            pub fn short(&self) -> String {
                hex(&self.0[..6])
            }
        }
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&hex(&self.0))
            }
        }
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), hex(&self.0))
            }
        }
        impl std::str::FromStr for $name {
            type Err = BadHex;
            fn from_str(text: &str) -> Result<Self, BadHex> {
                unhex(text).map(Self).ok_or_else(|| BadHex { text: text.to_owned(), wanted: $wanted })
            }
        }
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
                s.collect_str(self)
            }
        }
        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str>>::deserialize(d)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    )*};
}

tagged_bytes! {
    /// SHA-256 of one file's bytes.
    FileDigest[32], "64 lowercase hex digits";
    /// SHA-256 of a package's MANIFEST (SPEC section 1).
    PackageDigest[32], "64 lowercase hex digits";
    /// SHA-256 of the MANIFEST lines that belong to one section (SPEC section 1.3).
    SectionDigest[32], "64 lowercase hex digits";
    /// SHA-256 of a chain file.
    ChainDigest[32], "64 lowercase hex digits";
    /// SHA-256 of the signed bytes of a record (SPEC section 2).
    RecordId[32], "64 lowercase hex digits";
    /// SHA-256 of a ledger line without its newline (SPEC section 4).
    LineHash[32], "64 lowercase hex digits";
    /// RFC 6962 root over ledger lines (SPEC section 4.3).
    LedgerRoot[32], "64 lowercase hex digits";
    /// Digest of the outcome of all earlier steps (SPEC section 2.8).
    UpstreamDigest[32], "64 lowercase hex digits";
    /// SHA-256 of the canonical JSON of a diff between two revisions (SPEC section 6).
    DiffDigest[32], "64 lowercase hex digits";
    /// SHA-256 of the text a signer was shown.
    ShownDigest[32], "64 lowercase hex digits";
    /// Random 128-bit name of a repository.
    RepositoryId[16], "32 lowercase hex digits";
    /// 128 random bits, so that no two records are equal.
    Nonce[16], "32 lowercase hex digits";
}

impl LineHash {
    /// What the first ledger line names as its predecessor.
    pub const ZERO: LineHash = LineHash([0; 32]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hex_has_one_spelling() {
        let id: RecordId = "ab".repeat(32).parse().unwrap();
        assert_eq!(id.to_string(), "ab".repeat(32));
        assert!("AB".repeat(32).parse::<RecordId>().is_err());
        assert!("ab".repeat(31).parse::<RecordId>().is_err());
        assert_eq!(id.short(), "abababababab");
    }
}
