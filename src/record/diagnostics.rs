//! The codes under which a signed record is refused: (code, what it means, what to do).

/// Rows of DIAGNOSTICS.md.
pub const CODES: &[(&str, &str, &str)] = &[
    (
        "BAD_SCHEMA",
        "The bytes are not a record of version record/v1 in its one spelling.",
        "Nothing can mend signed bytes. If the record is still pending, delete it and sign again; in the ledger it is damage, so restore the file from the history.",
    ),
    (
        "BAD_SIGNATURE_FORM",
        "The signature is not an SSHSIG signature as ssh-keygen writes it (version 1, sha512, Ed25519).",
        "Restore the file from the history, or sign again with an Ed25519 key.",
    ),
    (
        "WRONG_NAMESPACE",
        "The signature was made for another purpose than a record.",
        "Sign with `countersign`, or with `ssh-keygen -Y sign -n countersign-record`.",
    ),
    (
        "BAD_KEY",
        "The signing key is of a type that is not admitted, or weak: its signatures would prove nothing.",
        "Make a new key with `countersign key new` or `ssh-keygen -t ed25519`, and have it enrolled.",
    ),
    (
        "WRONG_KEY",
        "The record names another key than the one that signed it.",
        "Sign again with the key the record names.",
    ),
    (
        "BAD_SIGNATURE",
        "The signature does not hold for these bytes: the record or the signature was changed.",
        "Treat it as tampering. Restore the file from the history and find out who changed it.",
    ),
    (
        "BAD_TOKEN",
        "The timestamp token is damaged or was made for another signature.",
        "Ask the timestamp authority for a new token while the record is pending.",
    ),
];
