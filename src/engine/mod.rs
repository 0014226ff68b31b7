//! The approval engine: what the records of one package add up to.
//!
//! In: a [`Case`]: the frozen revisions with the chains they pinned, the verified records in ledger order
//! with the people in force at each, and an instant. Out: an [`Outcome`]: the package's state, each step's
//! state, the fate of every record under exactly one code, and the reasons as a tree.
//!
//! `history` reads the records once, in order, and rules on each what can be ruled for good (`admit`);
//! `past` is what a signer had seen; `steps` counts the decisions within any past, with the class of
//! change from `carry` and the earlier outcome from `upstream`; `questions` holds the threads. What is
//! found becomes an [`Outcome`] in `report`, with `fates`, `why` and `advice`. `certificate` freezes it;
//! `may` tells a person beforehand what the engine would say.
//!
//! Principles: state is a pure function; errors block; objections persist until answered, approvals bind
//! to exact content; time only subtracts; nothing is removed; authority is judged at the ledger position,
//! content at the current revision; a person is counted, not a key. To see a past day, hand in the
//! entries up to it.
//!
//! *Invariant:* no clock, disk, network; an unverified signature cannot reach this floor.

mod admit;
mod advice;
mod carry;
mod certificate;
mod clock;
mod code;
mod decisions;
pub mod diagnostics;
mod disputed;
mod exceptions;
mod explain;
mod fates;
mod history;
mod may;
mod meaning;
mod outcome;
mod past;
mod questions;
mod report;
mod seat;
mod state;
mod steps;
mod tally;
mod terms;
#[cfg(test)]
mod tests;
mod upstream;
mod why;

pub use carry::{ChangeClass, Changed};
pub use certificate::{certificate, certificate_holds};
pub use code::FateCode;
pub use explain::explain;
pub use may::{Refusal, may_decide, scope_for};
pub use meaning::{meaning, printed};
pub use outcome::{
    Advice, CertificateOutcome, ConditionOutcome, ConditionState, Fate, FindingOutcome, Outcome,
    OverrideOutcome, Round, Seat, StepOutcome, Thread, ThreadState, Why,
};
pub use state::{PackageState, StepState};
pub use upstream::upstream_for;

use crate::chain::Chain;
use crate::digest::{LineHash, RecordId, RepositoryId};
use crate::id::{PackageId, SectionId};
use crate::package::Package;
use crate::record::{Entry, People, Record};
use crate::time::Timestamp;
use std::sync::Arc;

/// Everything [`evaluate`] looks at.
#[derive(Debug, Clone)]
pub struct Case<'a> {
    /// The package.
    pub package: PackageId,
    /// The repository's random id: records made elsewhere do not count.
    pub repository: RepositoryId,
    /// Frozen revisions, in order; revision n is at index n - 1.
    pub revisions: &'a [Revision],
    /// All entries about this package, in ledger order, pending ones last.
    pub entries: &'a [&'a Entry],
    /// People in force at the end: who could act now. Past records are judged by the people they carry.
    pub people: Arc<People>,
    /// The instant to judge at. It never hides a record; it only makes terms run out.
    pub as_of: Timestamp,
    /// Texts of frozen sections, to judge how much a change of one matters.
    pub texts: &'a dyn Texts,
    /// The chain file as it is now, if there is one: a package keeps the chain its revision pinned, unless
    /// the new one says that it must be met by packages under review too.
    pub rules: Option<Arc<Chain>>,
    /// The certificate of another package that replaced this package's, if one did.
    pub superseded_by: Option<RecordId>,
}

/// Texts of frozen sections.
pub trait Texts: std::fmt::Debug + Sync {
    /// The Markdown of a section at a revision; `None` if it is not there or cannot be read.
    fn section(&self, revision: u32, section: &SectionId) -> Option<String>;
}

/// No texts at all: then every change of a section is material.
#[derive(Debug, Clone, Copy)]
pub struct NoTexts;

impl Texts for NoTexts {
    fn section(&self, _: u32, _: &SectionId) -> Option<String> {
        None
    }
}

/// A frozen revision with the chain it pinned.
#[derive(Debug, Clone)]
pub struct Revision {
    /// Number, from 1.
    pub number: u32,
    /// Facts of the frozen files.
    pub package: Arc<Package>,
    /// The pinned chain.
    pub chain: Arc<Chain>,
}

/// What would become of a record if its signer signed it now, and what the package would then be.
///
/// # Errors
/// When the record breaks a rule of its kind.
pub fn foresee(case: &Case, record: Record) -> Result<(Fate, Outcome), crate::record::Refusal> {
    let verified = crate::record::rehearse(record)?;
    let blank = LineHash([0; 32]);
    let seq = case.entries.last().map_or(0, |last| last.seq + 1);
    let people = case.people.clone();
    let entry = Entry { seq, hash: blank, prev: blank, pending: true, verified, people, key_valid: true };
    let mut entries = case.entries.to_vec();
    entries.push(&entry);
    let mut outcome = evaluate(&Case { entries: &entries, ..case.clone() });
    let fate = outcome.fates.pop().expect("every record has a fate");
    outcome.fates.push(fate.clone());
    Ok((fate, outcome))
}

/// Says what the records of a package add up to.
pub fn evaluate(case: &Case) -> Outcome {
    report::report(&history::History::read(case))
}
