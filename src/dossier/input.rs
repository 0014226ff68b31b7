//! What the store hands up: bytes and listings, nothing judged yet.

use crate::diag::Diagnostics;
use crate::digest::{PackageDigest, RecordId, RepositoryId};
use crate::id::PackageId;
use crate::ledger;
use crate::package::{Listed, Package};
use crate::text::{RepoPath, SourceFile};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Everything read from a workspace.
#[derive(Debug, Clone)]
pub struct Input {
    /// From countersign.toml.
    pub config: Settings,
    /// Chain files.
    pub chains: Vec<SourceFile>,
    /// Bytes of `chains/ledger.jsonl`.
    pub ledger: Vec<u8>,
    /// Files in `chains/pending/`.
    pub pending: Vec<(RepoPath, Vec<u8>)>,
    /// Bytes of `chains/people.toml`.
    pub people: Vec<u8>,
    /// Package folders.
    pub packages: Vec<Folder>,
    /// What is wrong with names and files outside any package.
    pub problems: Diagnostics,
}

impl Input {
    /// Verifies ledger, pending records and people file, without looking at packages.
    pub fn verify(&self) -> ledger::Verdict {
        ledger::verify(&ledger::VerifyInput {
            repository: self.config.repository,
            root_of_trust: self.config.root_of_trust,
            ledger_text: self.ledger.clone(),
            pending: self.pending.clone(),
            people_toml: self.people.clone(),
            skew_seconds: self.config.skew_seconds,
        })
    }
}

/// What the pure floors need of countersign.toml.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Name of the repository.
    pub name: String,
    /// Random id.
    pub repository: RepositoryId,
    /// Id of the first people record.
    pub root_of_trust: RecordId,
    /// Allowed clock skew.
    pub skew_seconds: u32,
}

/// One package folder.
#[derive(Debug, Clone)]
pub struct Folder {
    /// The package.
    pub id: PackageId,
    /// `packages/<id>`.
    pub base: RepoPath,
    /// The working copy, sorted by path.
    pub files: Vec<Listed>,
    /// Frozen revisions, by number.
    pub frozen: Vec<FrozenFolder>,
    /// Names under `revisions/` that are no revision numbers.
    pub strays: Vec<String>,
    /// Links, special files, over-size files.
    pub problems: Diagnostics,
}

/// One folder under `revisions/`.
#[derive(Debug, Clone)]
pub struct FrozenFolder {
    /// Its number.
    pub number: u32,
    /// `packages/<id>/revisions/<n>`.
    pub base: RepoPath,
    /// Its files without MANIFEST and chain.toml, sorted by path.
    pub files: Vec<Listed>,
    /// Bytes of MANIFEST, if it is there.
    pub manifest: Option<Vec<u8>>,
    /// Bytes of chain.toml, if it is there.
    pub chain: Option<Vec<u8>>,
    /// Links, special files, over-size files.
    pub problems: Diagnostics,
}

/// Facts of packages without problems, by everything they were derived from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts(BTreeMap<(PackageId, PackageDigest), Arc<Package>>);

impl Facts {
    /// The facts of a package with this digest.
    pub fn get(&self, id: &PackageId, digest: PackageDigest) -> Option<&Arc<Package>> {
        self.0.get(&(id.clone(), digest))
    }
    /// Remembers a package.
    pub fn insert(&mut self, digest: PackageDigest, package: Arc<Package>) {
        self.0.insert((package.id.clone(), digest), package);
    }
    /// Every package remembered.
    pub fn iter(&self) -> impl Iterator<Item = &Package> {
        self.0.values().map(|p| &**p)
    }
}

impl FromIterator<Arc<Package>> for Facts {
    fn from_iter<I: IntoIterator<Item = Arc<Package>>>(items: I) -> Self {
        Facts(items.into_iter().map(|p| ((p.id.clone(), p.digest()), p)).collect())
    }
}
