//! Reads the records of a package once, in ledger order.
//!
//! What can be ruled for good about a record is ruled here, when it is read, from what came before it;
//! what depends on the present (content, earlier outcome) is left to `steps`. Every read record costs a
//! few look-ups, so a history of ten thousand is read in one go.

use super::carry::{self, ChangeClass};
use super::code::FateCode;
use super::past::Past;
use super::questions::Questions;
use super::seat::Seat;
use super::terms::Terms;
use super::upstream::Upstream;
use super::{Case, Revision};
use crate::chain::Chain;
use crate::digest::{PackageDigest, RecordId, SectionDigest};
use crate::id::{PersonId, SectionId, StepId};
use crate::record::{Body, Decide, Decision, Entry, Override, Record, Submit};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The records of one package with everything ruled about them for good.
pub(super) struct History<'a> {
    pub case: &'a Case<'a>,
    pub facts: Vec<Facts<'a>>,
    /// What was ruled of each record.
    pub rulings: Vec<Ruling>,
    /// Position of the submission of revision n at index n - 1.
    pub submits: Vec<usize>,
    /// Admissible rejections of each revision.
    pub rejections: Vec<Vec<usize>>,
    pub questions: Questions<'a>,
    /// From a record taken back to the record that did it.
    pub withdrawn: BTreeMap<usize, usize>,
    /// From a rejection set aside to the record that did it.
    pub overruled: BTreeMap<usize, usize>,
    /// Where each person who stepped aside did so.
    pub recused: BTreeMap<&'a PersonId, usize>,
    /// Rejections in the place of an objection: only an approval or a withdrawal ends that.
    pub insists: BTreeSet<usize>,
    /// Rejections in the place of a final one: they are final too.
    pub finals: BTreeSet<usize>,
    /// Confirmations of small changes, by step.
    pub confirms: BTreeMap<&'a StepId, Vec<usize>>,
    /// What was said about conditions.
    pub terms: Terms,
    /// Requests to set steps aside.
    pub overrides: Vec<Aside<'a>>,
    /// Where revisions were taken out of review.
    pub retracts: Vec<usize>,
    /// From a certificate revoked to the record that did it.
    pub revoked: BTreeMap<usize, usize>,
    /// Valid certificates, with the revision each freezes.
    pub certificates: Vec<(usize, u32)>,
    /// Why the package cannot be judged.
    pub errors: Vec<String>,
    /// Records that stand twice in the ledger.
    pub duplicates: Vec<usize>,
    pub positions: BTreeMap<RecordId, usize>,
    pub(super) seats: BTreeMap<&'a StepId, BTreeMap<&'a PersonId, Seat>>,
    pub(super) named: BTreeMap<&'a PersonId, Named>,
    pub(super) owners: BTreeSet<&'a PersonId>,
    pub(super) signed: BTreeMap<usize, Signed>,
    /// Classes of change found so far, by decision and revision: texts are compared once.
    classes: RefCell<BTreeMap<(usize, usize), ChangeClass>>,
    /// What counts as said for everybody now; empty until all is read.
    pub(super) present: Past,
}

/// A request to set steps aside.
pub(super) struct Aside<'a> {
    /// Position of the request.
    pub at: usize,
    /// Position of the record that seconded it.
    pub second: Option<usize>,
    /// Index of the revision it is about.
    pub revision: usize,
    /// What it says.
    pub says: &'a Override,
}

/// What was ruled of a record when it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Ruling {
    /// It has its effect.
    Stands,
    /// It has none, for good.
    Refused(FateCode, String),
}

/// What a decision rests on, as its signer had seen it.
pub(super) struct Signed {
    /// The outcome of earlier steps.
    pub upstream: Arc<Upstream>,
    /// True if its step was open.
    pub open: bool,
}

/// Facts of a frozen revision, computed once.
pub(super) struct Facts<'a> {
    pub revision: &'a Revision,
    pub digest: PackageDigest,
    pub sections: BTreeMap<SectionId, SectionDigest>,
    /// For each step the indices of all steps before it, in chain order.
    pub ancestors: Vec<Vec<usize>>,
    /// True if anything of its chain runs out while it is under review.
    pub timed: bool,
    index: BTreeMap<&'a StepId, usize>,
}

impl<'a> Facts<'a> {
    pub fn of(revision: &'a Revision) -> Facts<'a> {
        let (chain, manifest) = (&*revision.chain, &revision.package.manifest);
        let ids = chain.sections.iter().map(|s| s.id.clone()).chain([SectionId::package_itself()]);
        let index: BTreeMap<&StepId, usize> =
            chain.steps.iter().enumerate().map(|(i, step)| (&step.id, i)).collect();
        let ancestors = chain.steps.iter().map(|step| {
            let mut all: Vec<usize> =
                chain.ancestors(&step.id).iter().filter_map(|s| index.get(&s.id).copied()).collect();
            all.sort_unstable();
            all
        });
        Facts {
            revision,
            digest: manifest.digest(),
            sections: ids.map(|id| (id.clone(), manifest.section_digest(&id))).collect(),
            ancestors: ancestors.collect(),
            timed: chain
                .steps
                .iter()
                .any(|s| s.deadline.is_some() || s.lapse.is_some() || !s.escalate.is_empty()),
            index,
        }
    }

    pub fn chain(&self) -> &'a Chain {
        &self.revision.chain
    }

    pub fn index(&self, step: &StepId) -> Option<usize> {
        self.index.get(step).copied()
    }
}

/// Why a person can never approve a package.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Bar {
    /// Submitted it, or is named as an author.
    Author,
    /// Is named as a contributor.
    Contributor,
}

impl Bar {
    pub fn code(self) -> FateCode {
        match self {
            Bar::Author => FateCode::SodAuthor,
            Bar::Contributor => FateCode::SodContributor,
        }
    }

    /// What the person did, before "revision 2".
    pub fn did(self) -> &'static str {
        match self {
            Bar::Author => "wrote or submitted",
            Bar::Contributor => "contributed to",
        }
    }
}

/// The submissions that name a person: positions and revisions.
#[derive(Debug, Default)]
pub(super) struct Named {
    pub author: Vec<(usize, u32)>,
    pub contributor: Vec<(usize, u32)>,
}

impl<'a> History<'a> {
    /// Reads all records of the case.
    pub fn read(case: &'a Case<'a>) -> History<'a> {
        let mut history = History {
            case,
            facts: case.revisions.iter().map(Facts::of).collect(),
            rulings: Vec::with_capacity(case.entries.len()),
            submits: Vec::new(),
            rejections: Vec::new(),
            questions: Questions::default(),
            withdrawn: BTreeMap::new(),
            overruled: BTreeMap::new(),
            recused: BTreeMap::new(),
            insists: BTreeSet::new(),
            finals: BTreeSet::new(),
            confirms: BTreeMap::new(),
            terms: Terms::default(),
            overrides: Vec::new(),
            retracts: Vec::new(),
            revoked: BTreeMap::new(),
            certificates: Vec::new(),
            errors: Vec::new(),
            duplicates: Vec::new(),
            positions: BTreeMap::new(),
            seats: BTreeMap::new(),
            named: BTreeMap::new(),
            owners: BTreeSet::new(),
            signed: BTreeMap::new(),
            classes: RefCell::default(),
            present: Past::default(),
        };
        let mut pasts: Vec<Past> = Vec::with_capacity(case.entries.len());
        for (at, entry) in case.entries.iter().enumerate() {
            let past = history.past_of(entry, &pasts);
            let ruling = match history.admit(at, entry, &past) {
                Ok(()) => Ruling::Stands,
                Err((code, note)) => Ruling::Refused(code, note),
            };
            history.rulings.push(ruling);
            history.positions.entry(entry.id()).or_insert(at);
            pasts.push(past);
        }
        history.present = history.known_past(&case.people, case.entries.len());
        history
    }

    /// Everything the signer of an entry had seen: its parents, their parents, and so on. A parent that
    /// is not before it in the ledger is ignored: it can open nothing.
    fn past_of(&self, entry: &Entry, pasts: &[Past]) -> Past {
        let parents = entry.record().parents.iter().filter_map(|id| self.positions.get(id).copied());
        let mut parents: Vec<usize> = parents.collect();
        parents.sort_unstable();
        let mut past = parents.last().map(|last| pasts[*last].clone()).unwrap_or_default();
        for parent in parents.iter().rev() {
            // The newest parent nearly always contains the others.
            if !past.has(*parent) {
                past.join(&pasts[*parent]);
                past.add(*parent);
            }
        }
        past
    }

    pub fn entry(&self, at: usize) -> &'a Entry {
        self.case.entries[at]
    }

    pub fn record(&self, at: usize) -> &'a Record {
        self.case.entries[at].record()
    }

    pub fn id(&self, at: usize) -> RecordId {
        self.case.entries[at].id()
    }

    /// What a decision or objection says; only positions of those are kept in seats.
    pub fn decide(&self, at: usize) -> &'a Decide {
        // An objection is a rejection that need not say what must change.
        static OBJECTION: Decide = Decide {
            conditions: Vec::new(),
            decision: Decision::Reject,
            findings: Vec::new(),
            question: None,
            severity: None,
        };
        match &self.record(at).body {
            Body::Decide(decide) => decide,
            Body::Object(_) => &OBJECTION,
            other => unreachable!("BUG: position {at} holds a {:?}, not a decision", other.kind()),
        }
    }

    /// The index of the revision a record is about.
    pub fn index_of(&self, record: &Record) -> usize {
        (record.revision().unwrap_or(0) as usize).saturating_sub(1)
    }

    /// Whose seat a decision is in: the person it was signed for, or the signer.
    pub fn seat_person(&self, at: usize) -> &'a PersonId {
        let signer = &self.record(at).signer;
        signer.acting_for.as_ref().unwrap_or(&signer.person)
    }

    /// The class of change from the revision a decision was made on to another.
    pub fn class(&self, at: usize, revision: usize) -> ChangeClass {
        if let Some(known) = self.classes.borrow().get(&(at, revision)) {
            return known.clone();
        }
        let record = self.record(at);
        let signed = (record.revision().unwrap_or(0) as usize).wrapping_sub(1);
        let now = &self.facts[revision];
        let then = self.facts.get(signed).unwrap_or(now);
        let between = (signed.saturating_add(1)..=revision).filter_map(|index| self.submission(index));
        let claimed = between.filter_map(|submit| submit.class).max();
        let class = carry::class(&record.scope, then, now, self.case.texts, claimed);
        self.classes.borrow_mut().insert((at, revision), class.clone());
        class
    }

    /// The index of the newest revision submitted within a past.
    pub fn current(&self, past: &Past) -> Option<usize> {
        self.submits.iter().rposition(|submit| past.has(*submit))
    }

    /// The seats of a step, by person.
    pub fn seats_of(&self, step: &StepId) -> impl Iterator<Item = (&'a PersonId, &Seat)> {
        self.seats.get(step).into_iter().flatten().map(|(person, seat)| (*person, seat))
    }

    /// Why a person can never approve a revision, by the submissions that `seen` accepts, with the revision
    /// that named him. What was written up to the last certificate before it is settled: only who wrote or
    /// changed something since is barred.
    pub fn barred(
        &self,
        person: &PersonId,
        revision: usize,
        seen: impl Fn(usize) -> bool,
    ) -> Option<(Bar, u32)> {
        let named = self.named.get(person)?;
        let number = self.facts.get(revision)?.revision.number;
        let in_force = |at: &usize| seen(*at) && !self.revoked.get(at).is_some_and(|by| seen(*by));
        let before = |(at, certified): &&(usize, u32)| *certified < number && in_force(at);
        let settled = self.certificates.iter().rev().find(before);
        let since = settled.map_or(0, |(at, _)| *at);
        let first = |list: &[(usize, u32)]| {
            let mut later = list.iter().filter(|(at, _)| *at >= since);
            later.find(|(at, _)| seen(*at)).map(|(_, revision)| *revision)
        };
        let author = first(&named.author).map(|revision| (Bar::Author, revision));
        author.or_else(|| first(&named.contributor).map(|revision| (Bar::Contributor, revision)))
    }

    /// Another step in which a person holds a decision, has one held in their place, or signed one that is
    /// held for somebody else; after everything read so far.
    pub fn other_step(&self, person: &PersonId, step: &StepId) -> Option<&'a StepId> {
        let others = self.seats.iter().filter(|(id, _)| **id != step);
        others.filter(|(_, seats)| self.fills(seats, person)).map(|(id, _)| *id).next()
    }

    /// True if a person holds one of a step's seats, or signed for one that is held.
    pub fn fills(&self, seats: &BTreeMap<&'a PersonId, Seat>, person: &PersonId) -> bool {
        let own = seats.get(person).is_some_and(|seat| seat.holds().is_some());
        own || seats.values().filter_map(Seat::holds).any(|at| self.record(at).signer.person == *person)
    }

    /// The seat in a step, other than `seat`, for which a person's signature is held.
    pub fn signs_elsewhere(&self, person: &PersonId, step: &StepId, seat: &PersonId) -> Option<&'a PersonId> {
        let held = self.seats.get(step)?.iter().filter(|(of, _)| **of != seat);
        held.filter_map(|(of, seat)| Some((*of, seat.holds()?)))
            .find(|(_, at)| self.record(*at).signer.person == *person)
            .map(|(of, _)| of)
    }

    /// The earlier outcome a decision was signed on.
    pub fn signed_upstream(&self, at: usize) -> Option<&Upstream> {
        self.signed.get(&at).map(|signed| &*signed.upstream)
    }

    /// True if the step of a decision was open in what its signer had seen.
    pub fn was_open(&self, at: usize) -> bool {
        self.signed.get(&at).is_some_and(|signed| signed.open)
    }

    /// True if the record has its effect.
    pub fn stands(&self, at: usize) -> bool {
        self.rulings.get(at) == Some(&Ruling::Stands)
    }

    /// True if a decision says nothing new only because of what else stands in the ledger before it.
    pub fn unheard(&self, at: usize) -> bool {
        let late = [FateCode::OlderThanSeatState, FateCode::SupersededByPrincipal];
        matches!(self.rulings.get(at), Some(Ruling::Refused(code, _)) if late.contains(code))
    }

    /// The submission of revision index `revision`.
    pub fn submission(&self, revision: usize) -> Option<&'a Submit> {
        match &self.record(*self.submits.get(revision)?).body {
            Body::Submit(submit) => Some(submit),
            _ => None,
        }
    }

    /// Everyone on the author's side: who wrote, changed, owns or submitted any revision so far.
    pub fn is_submitter_side(&self, person: &PersonId) -> bool {
        self.named.contains_key(person) || self.owners.contains(person)
    }
}
