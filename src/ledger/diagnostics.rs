//! What can break, in words: (code, what it means, what to do).

use crate::digest::RecordId;
use crate::record::{Break, Record};
use crate::text::RepoPath;

/// Rows of DIAGNOSTICS.md. The codes of refused records are in `record::diagnostics`.
pub const CODES: &[(&str, &str, &str)] = &[
    (
        "LEDGER_FORM",
        "A ledger line or pending file is not in the one form `countersign append` writes.",
        "Restore the file from the history; if it holds conflict markers, run `countersign append`.",
    ),
    (
        "LEDGER_CHAIN",
        "A line does not carry the hash or position that follows from the line before: a line was changed, removed, added or moved.",
        "Restore chains/ledger.jsonl from the history. If two branches both appended, run `countersign append`.",
    ),
    (
        "RECORD_ID",
        "A record is filed under an id that is not its SHA-256.",
        "Restore the file from the history.",
    ),
    (
        "DUPLICATE_RECORD",
        "The same record stands twice.",
        "Remove the second one if it is pending; in the ledger it is damage, so restore the file.",
    ),
    (
        "WRONG_REPOSITORY",
        "A record was made in another repository or a fork.",
        "Remove it. What was signed there does not count here.",
    ),
    (
        "WRONG_NAME",
        "A record prints another name than the one its signer is enrolled under.",
        "Sign again with the enrolled name.",
    ),
    (
        "UNKNOWN_KEY",
        "A record is signed by a key that was never enrolled for the person it names.",
        "Remove the pending file: it is nobody's statement. In the ledger, restore chains/ledger.jsonl from the history.",
    ),
    (
        "PARENT_MISSING",
        "A record builds on one that does not stand before it: something was removed or moved.",
        "Restore the missing record from the history.",
    ),
    (
        "SEEN_MISMATCH",
        "A signer had seen another ledger than this one: lines before this record were changed or removed.",
        "Restore chains/ledger.jsonl from the history. If the record was signed on a branch that was rebuilt, sign it again.",
    ),
    (
        "TIME_BEFORE_PAST",
        "A record claims to be older than one it builds on, by more than the allowed skew: it is backdated, or a clock is wrong.",
        "Set the clock right and sign again.",
    ),
    (
        "ROOT_OF_TRUST",
        "The ledger does not start with the people record that countersign.toml names as root of trust.",
        "Restore chains/ledger.jsonl and countersign.toml from the history.",
    ),
    (
        "PEOPLE_REFUSED",
        "A record about people (a people record, a delegation or its end) has no effect: its signer may not sign it, or what it says does not fit.",
        "Remove the pending record and let a registrar sign a right one (a delegation: the person whose seat it is, or a registrar). In the ledger it stays, without effect.",
    ),
    (
        "PEOPLE_FILE",
        "chains/people.toml is not what the people records add up to: it was edited by hand.",
        "Run `countersign people sync`, and look at what the difference would have given to whom.",
    ),
    (
        "LEDGER_REWRITTEN",
        "A pull request changes or removes lines of its base's ledger.",
        "Take chains/ledger.jsonl from the base branch and run `countersign append`.",
    ),
    (
        "RECORD_REMOVED",
        "A pull request removes or changes a pending record of its base.",
        "Restore the file from the base branch. A record is taken back by another record, never by deleting it.",
    ),
];

/// A break at a file.
pub(super) fn broken(code: &'static str, path: &RepoPath, message: impl Into<String>) -> Break {
    Break { code, path: path.clone(), line: None, record: None, package: None, message: message.into() }
}

/// A break at a line of a file.
pub(super) fn broken_line(
    code: &'static str,
    path: &RepoPath,
    line: Option<u64>,
    message: impl Into<String>,
) -> Break {
    Break { line, ..broken(code, path, message) }
}

/// A break that concerns a record.
pub(super) fn about(mut it: Break, id: RecordId, record: &Record) -> Break {
    it.record = Some(id);
    it.package = record.package().cloned();
    it
}
