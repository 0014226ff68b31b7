//! What the engine is asked about a package, put together from the register.

use super::{Dossier, Register};
use crate::engine;
use crate::record::Entry;

/// The case the engine judges, as it stands.
pub fn case<'a>(register: &'a Register, dossier: &'a Dossier) -> OwnedCase<'a> {
    OwnedCase {
        entries: dossier.entries.iter().filter_map(|at| register.ledger.entries.get(*at)).collect(),
        dossier,
        register,
    }
}

/// Keeps the list of entries alive that a [`engine::Case`] borrows.
pub struct OwnedCase<'a> {
    entries: Vec<&'a Entry>,
    dossier: &'a Dossier,
    register: &'a Register,
}

impl OwnedCase<'_> {
    /// The case itself.
    pub fn get(&self) -> engine::Case<'_> {
        engine::Case {
            package: self.dossier.id.clone(),
            repository: self.register.repository,
            revisions: &self.dossier.revisions,
            entries: &self.entries,
            people: self.register.people.clone(),
            as_of: self.register.as_of,
            texts: &engine::NoTexts,
            rules: None,
            superseded_by: None,
        }
    }
}
