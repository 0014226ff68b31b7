//! What the engine is given of a package: the one place that puts a case together.

use super::{Dossier, Register};
use crate::digest::{FileDigest, RecordId, sha256};
use crate::engine::{self, Case, Outcome, PackageState, Revision, Texts};
use crate::id::{PackageId, SectionId};
use crate::record::{Body, Entry};
use crate::text::{RepoPath, Sources};
use std::collections::BTreeMap;
use std::fmt;

/// Texts of a package's frozen sections, read when they are asked for.
#[derive(Clone, Copy)]
pub struct FrozenTexts<'a> {
    base: &'a RepoPath,
    revisions: &'a [Revision],
    sources: &'a dyn Sources,
}

impl<'a> FrozenTexts<'a> {
    /// Reads below `base`, which is `packages/<id>`.
    pub fn new(base: &'a RepoPath, revisions: &'a [Revision], sources: &'a dyn Sources) -> Self {
        FrozenTexts { base, revisions, sources }
    }
}

impl fmt::Debug for FrozenTexts<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FrozenTexts({})", self.base)
    }
}

impl Texts for FrozenTexts<'_> {
    /// Only the text that was signed: a file that changed since is as good as absent.
    fn section(&self, revision: u32, section: &SectionId) -> Option<String> {
        let frozen = self.revisions.iter().find(|r| r.number == revision)?;
        let name = format!("{section}.md");
        let entry = frozen.package.manifest.files.iter().find(|f| f.path.as_str() == name)?;
        let bytes = self.sources.read(&self.base.join(&format!("revisions/{revision}/{name}")).ok()?).ok()?;
        (FileDigest(sha256(&bytes)) == entry.digest).then(|| String::from_utf8(bytes).ok()).flatten()
    }
}

/// Everything a [`Case`] borrows.
#[derive(Debug)]
pub struct OwnedCase<'a> {
    dossier: &'a Dossier,
    register: &'a Register,
    entries: Vec<&'a Entry>,
    texts: FrozenTexts<'a>,
    superseded_by: Option<RecordId>,
}

impl OwnedCase<'_> {
    /// The case itself.
    pub fn get(&self) -> Case<'_> {
        Case {
            package: self.dossier.id.clone(),
            repository: self.register.repository,
            revisions: &self.dossier.revisions,
            entries: &self.entries,
            people: self.register.people.clone(),
            as_of: self.register.as_of,
            texts: &self.texts,
            rules: self.dossier.rules(self.register),
            superseded_by: self.superseded_by,
        }
    }
}

impl Dossier {
    /// The case of this package as it stands.
    pub fn case<'a>(
        &'a self,
        register: &'a Register,
        base: &'a RepoPath,
        sources: &'a dyn Sources,
    ) -> OwnedCase<'a> {
        let superseded = superseded(&register.packages, &register.ledger.entries);
        OwnedCase {
            dossier: self,
            register,
            entries: self.entries.iter().map(|at| &register.ledger.entries[*at]).collect(),
            texts: FrozenTexts::new(base, &self.revisions, sources),
            superseded_by: self.outcome.certificate.as_ref().and_then(|c| superseded.get(&c.record).copied()),
        }
    }

    /// `packages/<id>`.
    pub fn base(&self) -> RepoPath {
        format!("packages/{}", self.id).parse().expect("an id is a plain name")
    }

    /// The chain its current revision names, as it is in `chains/` now.
    fn rules(&self, register: &Register) -> Option<std::sync::Arc<crate::chain::Chain>> {
        register.chains.get(&self.current()?.chain.id).cloned()
    }
}

impl Register {
    /// Judges packages anew whose certificate another package's has replaced: each package was judged
    /// alone, and this is the one thing they have to know of each other.
    pub(super) fn replace_superseded(&mut self, sources: &dyn Sources) {
        let by = superseded(&self.packages, &self.ledger.entries);
        let replaced = self.packages.values().filter(|d| {
            let certificate = d.outcome.certificate.as_ref();
            d.outcome.state != PackageState::IntegrityError
                && certificate.is_some_and(|c| by.contains_key(&c.record))
        });
        let outcomes: Vec<(PackageId, Outcome)> = replaced
            .map(|d| (d.id.clone(), engine::evaluate(&d.case(self, &d.base(), sources).get())))
            .collect();
        for (id, outcome) in outcomes {
            if let Some(dossier) = self.packages.get_mut(&id) {
                dossier.outcome = outcome;
            }
        }
    }
}

/// Which certificate replaced which, by certificates that are in force.
pub(super) fn superseded(
    packages: &BTreeMap<PackageId, Dossier>,
    entries: &[Entry],
) -> BTreeMap<RecordId, RecordId> {
    let mut found = BTreeMap::new();
    for dossier in packages.values() {
        let Some(certificate) = &dossier.outcome.certificate else { continue };
        let mut mine = dossier.entries.iter().rev().map(|at| &entries[*at]);
        let Some(entry) = mine.find(|e| e.id() == certificate.record) else { continue };
        if let Body::Certify(body) = &entry.record().body
            && let Some(old) = body.outcome.supersedes
        {
            found.insert(old, certificate.record);
        }
    }
    found
}
