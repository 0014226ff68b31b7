//! All that is known: the pure top function.
//!
//! In: [`Input`], what the store read from disk (packages, chains, ledger entries, frozen revisions) and
//! one instant. Out: a [`Register`] with one [`Dossier`] a package, from which pages, exports, `status`
//! and `gate` are derived. `build` derives it: `frozen` holds the frozen folders against what was signed,
//! `texts` keeps what differs between revisions, `case` is what the engine is told, `certificates` compares
//! packages for the same model version.
//!
//! *Invariant:* nothing here reads a file; the same input and the same `as_of` give the same register.

mod build;
mod case;
mod certificates;
mod deployment;
mod frozen;
mod input;
mod past;
#[cfg(test)]
mod tests;
mod texts;

pub use crate::record::Break;
pub use build::{GATE_CODES, GateAnswer, build, rebuild};
pub use case::{OwnedCase, Told};
pub use certificates::CERTIFICATE_CODES;
pub use deployment::{
    CertificateFacts, DEPLOYMENT_CODES, Deployment, ModelState, Question, Standing, Term, model_version,
};
pub use frozen::CODES;
pub use input::{Facts, Folder, FrozenFolder, Input, Settings};
pub use texts::FrozenTexts;

use crate::chain::Chain;
use crate::diag::Diagnostics;
use crate::digest::{LedgerRoot, RecordId, RepositoryId};
use crate::engine::{Outcome, Revision};
use crate::id::{ChainId, PackageId};
use crate::package::{Manifest, Package};
use crate::record::{Entry, People};
use crate::text::RepoPath;
use crate::time::Timestamp;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Everything known of a repository.
#[derive(Debug, Clone)]
pub struct Register {
    /// Name from countersign.toml.
    pub name: String,
    /// The repository's random id.
    pub repository: RepositoryId,
    /// The root of trust: id of the first people record.
    pub root_of_trust: RecordId,
    /// Judged at.
    pub as_of: Timestamp,
    /// Packages by id.
    pub packages: BTreeMap<PackageId, Dossier>,
    /// Chains as they stand in `chains/`.
    pub chains: BTreeMap<ChainId, Arc<Chain>>,
    /// People in force at the end of the ledger.
    pub people: Arc<People>,
    /// The ledger with what is pending.
    pub ledger: LedgerState,
    /// What is wrong with chains and with files outside any package.
    pub diagnostics: Diagnostics,
    /// What is legal in the chains and cannot work with the people enrolled.
    pub lint: Diagnostics,
}

/// The ledger as a whole.
#[derive(Debug, Clone)]
pub struct LedgerState {
    /// Every entry in order, pending ones last.
    pub entries: Vec<Entry>,
    /// Lines in the ledger file.
    pub size: u64,
    /// Root over those lines.
    pub root: LedgerRoot,
    /// Roots over the first so many lines: what some record has seen, and where an export may end.
    pub roots: BTreeMap<u64, LedgerRoot>,
    /// What does not hold; empty when the ledger verifies.
    pub breaks: Vec<Break>,
}

/// Everything known of one package.
#[derive(Debug, Clone)]
pub struct Dossier {
    /// Its id.
    pub id: PackageId,
    /// The working copy; `None` when it cannot be read at all.
    pub package: Option<Arc<Package>>,
    /// What is wrong with the working copy.
    pub diagnostics: Diagnostics,
    /// The chain the working copy names, if it exists.
    pub chain: Option<Arc<Chain>>,
    /// Frozen revisions in order.
    pub revisions: Vec<Revision>,
    /// The working copy against the current revision.
    pub working: Working,
    /// Positions in [`LedgerState::entries`] of the records about this package.
    pub entries: Vec<usize>,
    /// What it is judged by besides its records.
    pub told: Told,
    /// What the records add up to.
    pub outcome: Outcome,
}

/// The working copy against the current revision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Working {
    /// Nothing was submitted yet.
    Draft,
    /// Equal to the current revision.
    Current,
    /// Differs: the signatures are not for this text.
    Unsubmitted {
        /// Files that differ, were added or removed, relative to the package.
        files: Vec<RepoPath>,
    },
}

impl Working {
    /// Compares the working copy with the current revision's manifest.
    pub fn compare(working: &Manifest, current: Option<&Manifest>) -> Working {
        let Some(current) = current else {
            return Working::Draft;
        };
        let map = |m: &Manifest| -> BTreeMap<RepoPath, _> {
            m.files.iter().map(|f| (f.path.clone(), f.digest)).collect()
        };
        let (old, new) = (map(current), map(working));
        let differs = |p: &&RepoPath| old.get(*p) != new.get(*p);
        let mut files: Vec<RepoPath> = old.keys().chain(new.keys()).filter(differs).cloned().collect();
        files.sort();
        files.dedup();
        if files.is_empty() { Working::Current } else { Working::Unsubmitted { files } }
    }
}

impl Dossier {
    /// `packages/<id>`.
    pub fn base(&self) -> RepoPath {
        format!("packages/{}", self.id).parse().expect("an id is a plain name")
    }

    /// The current revision, if one was submitted.
    pub fn current(&self) -> Option<&Revision> {
        self.revisions.last()
    }
}
