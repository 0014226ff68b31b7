//! A past day: what was known when it ended.
//!
//! The ledger holds everything, so a day that has gone is what the records signed until then add up to. The
//! working copy of that day is not kept; only what was frozen is looked at.

use super::case::FrozenTexts;
use super::{Dossier, Register, Working};
use crate::engine::{self, Case, PackageState};
use crate::record::Entry;
use crate::text::Sources;
use crate::time::Timestamp;
use std::sync::Arc;

impl Register {
    /// Leaves out what was signed after `as_of` and judges by that instant. Which file a chain was then is
    /// not known, so each package is judged by the chain it pinned. Breaks of the ledger stay: what does
    /// not hold now proves nothing about then.
    pub fn go_back(&mut self, as_of: Timestamp, sources: &dyn Sources) {
        let entries = std::mem::take(&mut self.ledger.entries);
        // People change along the ledger: those before the first change that is left out.
        let later = |e: &&Entry| e.record().signed_at > as_of;
        let change = entries.iter().filter(later).find(|e| !e.record().kind().about_package());
        if let Some(change) = change {
            self.people = Arc::clone(&change.people);
        }
        self.as_of = as_of;
        for dossier in self.packages.values_mut() {
            dossier.entries.retain(|at| entries[*at].record().signed_at <= as_of);
            back(dossier, &entries, &self.people, self.repository, as_of, sources);
        }
        // Positions count in what is left.
        let kept: Vec<usize> =
            (0..entries.len()).filter(|at| entries[*at].record().signed_at <= as_of).collect();
        for dossier in self.packages.values_mut() {
            for at in &mut dossier.entries {
                *at = kept.binary_search(at).expect("kept by the same rule");
            }
        }
        self.ledger.entries = entries.into_iter().filter(|e| e.record().signed_at <= as_of).collect();
        self.replace_superseded(sources);
    }
}

fn back(
    dossier: &mut Dossier,
    entries: &[Entry],
    people: &Arc<crate::record::People>,
    repository: crate::digest::RepositoryId,
    as_of: Timestamp,
    sources: &dyn Sources,
) {
    let mine: Vec<&Entry> = dossier.entries.iter().map(|at| &entries[*at]).collect();
    let submitted = super::build::submissions(&mine).len();
    dossier.revisions.truncate(submitted);
    dossier.working = if submitted == 0 { Working::Draft } else { Working::Current };
    let broken = dossier.outcome.state == PackageState::IntegrityError;
    let base = dossier.base();
    let mut outcome = engine::evaluate(&Case {
        package: dossier.id.clone(),
        repository,
        revisions: &dossier.revisions,
        entries: &mine,
        people: Arc::clone(people),
        as_of,
        texts: &FrozenTexts::new(&base, &dossier.revisions, sources),
        rules: None,
        superseded_by: None,
    });
    if broken {
        outcome.state = PackageState::IntegrityError;
    }
    dossier.outcome = outcome;
}
