//! What a ledger, a frozen revision or the people file can fail at.

use crate::digest::RecordId;
use crate::id::PackageId;
use crate::text::RepoPath;

/// Something that does not hold: evidence of tampering or damage.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
pub struct Break {
    /// Stable name, documented in DIAGNOSTICS.md.
    pub code: &'static str,
    /// The file that does not hold.
    pub path: RepoPath,
    /// Its line, if the file has lines.
    pub line: Option<u64>,
    /// The record concerned, if it can be told.
    pub record: Option<RecordId>,
    /// The package concerned, if any.
    pub package: Option<PackageId>,
    /// What is wrong, in words.
    pub message: String,
}
