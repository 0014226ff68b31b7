//! A past day: what was known when it ended.
//!
//! The ledger holds everything, so a day that has gone is what the records signed until then add up to. The
//! working copy of that day is not kept; only what was frozen is looked at.

use super::certificates::{claims, supersede};
use super::{Register, Working};
use crate::engine::{self, PackageState};
use crate::record::Entry;
use crate::time::Timestamp;
use std::sync::Arc;

impl Register {
    /// Leaves out what was signed after `as_of` and judges by that instant. What does not hold now proves
    /// nothing about then, so breaks stay.
    pub fn go_back(&mut self, as_of: Timestamp) {
        // People change along the ledger: those before the first change that is left out.
        let later = |e: &&Entry| e.record().signed_at > as_of;
        let change = self.ledger.entries.iter().filter(later).find(|e| !e.record().kind().about_package());
        if let Some(change) = change {
            self.people = Arc::clone(&change.people);
        }
        self.as_of = as_of;
        let all = std::mem::take(&mut self.ledger.entries);
        let kept: Vec<usize> = (0..all.len()).filter(|at| all[*at].record().signed_at <= as_of).collect();
        self.ledger.entries = all.into_iter().filter(|e| e.record().signed_at <= as_of).collect();
        let mut packages = std::mem::take(&mut self.packages);
        for dossier in packages.values_mut() {
            // Positions count in what is left.
            dossier.entries = dossier.entries.iter().filter_map(|at| kept.binary_search(at).ok()).collect();
            let mine: Vec<&Entry> = dossier.entries.iter().map(|at| &self.ledger.entries[*at]).collect();
            let submitted = super::build::submissions(&mine).len();
            dossier.revisions.truncate(submitted);
            dossier.working = if submitted == 0 { Working::Draft } else { Working::Current };
            let broken = dossier.outcome.state == PackageState::IntegrityError;
            dossier.told.superseded_by = None;
            let ground = self.ground();
            let case = ground.case(&dossier.id, &dossier.revisions, &dossier.entries, &dossier.told);
            let mut outcome = engine::evaluate(&case.get());
            drop(case);
            if broken {
                outcome.state = PackageState::IntegrityError;
            }
            dossier.told.certificates =
                claims(&outcome, &dossier.revisions, &self.ledger.entries, &dossier.entries);
            dossier.outcome = outcome;
        }
        supersede(&mut packages, self.ground(), None);
        self.packages = packages;
    }
}
