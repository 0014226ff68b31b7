//! What the engine is told of one package, the same for every caller.

use super::certificates::Claim;
use super::texts::FrozenTexts;
use super::{Dossier, Register};
use crate::chain::Chain;
use crate::digest::{RecordId, RepositoryId};
use crate::engine::{Case, Revision};
use crate::id::{ChainId, PackageId};
use crate::record::{Entry, People};
use crate::time::Timestamp;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What a package is judged by besides its own records.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Told {
    /// Sections that differ between revisions.
    pub texts: Arc<FrozenTexts>,
    /// The certificate of another package that replaced this package's.
    pub superseded_by: Option<RecordId>,
    /// Its own certificates that stand.
    pub(super) certificates: Vec<Claim>,
}

/// Keeps the list of entries alive that a [`Case`] borrows.
#[derive(Debug)]
pub struct OwnedCase<'a> {
    package: &'a PackageId,
    revisions: &'a [Revision],
    entries: Vec<&'a Entry>,
    told: &'a Told,
    ground: Ground<'a>,
}

/// What all packages of one register have in common.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ground<'a> {
    pub repository: RepositoryId,
    pub entries: &'a [Entry],
    pub people: &'a Arc<People>,
    pub chains: &'a BTreeMap<ChainId, Arc<Chain>>,
    pub as_of: Timestamp,
}

impl<'a> Ground<'a> {
    /// The case of one package; `positions` are those of its entries.
    pub(super) fn case(
        self,
        package: &'a PackageId,
        revisions: &'a [Revision],
        positions: &[usize],
        told: &'a Told,
    ) -> OwnedCase<'a> {
        let entries = positions.iter().map(|at| &self.entries[*at]).collect();
        OwnedCase { package, revisions, entries, told, ground: self }
    }
}

impl OwnedCase<'_> {
    /// The case itself.
    pub fn get(&self) -> Case<'_> {
        let pinned = self.revisions.last().map(|revision| &revision.chain.id);
        Case {
            package: self.package.clone(),
            repository: self.ground.repository,
            revisions: self.revisions,
            entries: &self.entries,
            people: self.ground.people.clone(),
            as_of: self.ground.as_of,
            texts: &*self.told.texts,
            rules: pinned.and_then(|id| self.ground.chains.get(id)).cloned(),
            superseded_by: self.told.superseded_by,
        }
    }
}

impl Dossier {
    /// What the engine is told of this package: whoever asks it anything asks with this.
    pub fn case<'a>(&'a self, register: &'a Register) -> OwnedCase<'a> {
        register.ground().case(&self.id, &self.revisions, &self.entries, &self.told)
    }
}

impl Register {
    pub(super) fn ground(&self) -> Ground<'_> {
        Ground {
            repository: self.repository,
            entries: &self.ledger.entries,
            people: &self.people,
            chains: &self.chains,
            as_of: self.as_of,
        }
    }
}
