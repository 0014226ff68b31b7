//! Facts of packages between runs, under `.countersign/` (never committed).
//!
//! The key is the digest of everything the facts were derived from, so a stale entry cannot be used; a
//! damaged or old cache file is simply not read.

use crate::dossier::Facts;
use crate::package::Package;
use std::path::Path;
use std::sync::Arc;

const FILE: &str = ".countersign/facts.json";
/// Changes with the shape of [`Package`] or the meaning of a check.
const VERSION: &str = concat!("facts/1 ", env!("CARGO_PKG_VERSION"));

pub(super) fn read(root: &Path) -> Facts {
    let parse = || {
        let text = std::fs::read_to_string(root.join(FILE)).ok()?;
        let (head, body) = text.split_once('\n')?;
        let packages: Vec<Package> = (head == VERSION).then(|| serde_json::from_str(body).ok())??;
        Some(packages.into_iter().map(Arc::new).collect())
    };
    parse().unwrap_or_default()
}

/// A cache that cannot be written costs time, not correctness; so it is not an error.
pub(super) fn write(root: &Path, facts: &Facts) {
    let packages: Vec<&Package> = facts.iter().collect();
    if let Ok(body) = serde_json::to_string(&packages) {
        let _ = super::write::write_atomic(&root.join(FILE), format!("{VERSION}\n{body}").as_bytes());
    }
}
