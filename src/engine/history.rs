//! Reads the records of a package once, in ledger order.
//!
//! What can be ruled for good about a record is ruled here, when it is read, from what came before it;
//! what depends on the present (content, earlier outcome) is left to `steps`. Every read record costs a
//! few look-ups, so a history of ten thousand is read in one go.

use super::outcome::FateCode;
use super::past::Past;
use super::questions::Questions;
use super::upstream::Upstream;
use super::{Case, Revision};
use crate::chain::Chain;
use crate::digest::{PackageDigest, RecordId, SectionDigest};
use crate::id::{PersonId, SectionId, StepId};
use crate::record::{Body, Decide, Entry, Record, Submit};
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

/// What one person said in one step, in ledger order.
#[derive(Debug, Default)]
pub(super) struct Seat {
    events: Vec<Event>,
    now: Held,
}

#[derive(Debug, Clone, Copy)]
struct Event {
    at: usize,
    revision: u32,
    /// The decision taken back, if the event is a withdrawal.
    takes_back: Option<usize>,
}

/// The decision a seat holds, and the newest revision it has spoken about.
#[derive(Debug, Clone, Copy, Default)]
struct Held {
    decision: Option<usize>,
    floor: u32,
}

impl Held {
    /// Applies an event; false if it is about an older revision than the seat has spoken about.
    fn apply(&mut self, event: &Event) -> bool {
        match event.takes_back {
            // Leaves the seat empty: an older decision never comes back to life.
            Some(decision) if self.decision == Some(decision) => {
                self.decision = None;
                self.floor = self.floor.max(event.revision);
            }
            Some(_) => {}
            None if event.revision < self.floor => return false,
            None => *self = Held { decision: Some(event.at), floor: event.revision },
        }
        true
    }
}

impl Seat {
    /// Records a decision; false if it changes nothing.
    pub fn say(&mut self, at: usize, revision: u32) -> bool {
        self.push(Event { at, revision, takes_back: None })
    }

    /// Records that a decision was taken back.
    pub fn take_back(&mut self, at: usize, revision: u32, decision: usize) {
        self.push(Event { at, revision, takes_back: Some(decision) });
    }

    fn push(&mut self, event: Event) -> bool {
        self.events.push(event);
        self.now.apply(&event)
    }

    /// The decision held after everything read so far.
    pub fn holds(&self) -> Option<usize> {
        self.now.decision
    }

    /// The decision held after everything in `past`.
    pub fn effective(&self, past: &Past) -> Option<usize> {
        if self.events.last().is_none_or(|last| last.at < past.whole()) {
            return self.now.decision;
        }
        let mut held = Held::default();
        for event in self.events.iter().filter(|event| past.has(event.at)) {
            held.apply(event);
        }
        held.decision
    }

    /// Where the decisions the seat holds began to be all of one sort, if the one it holds now is.
    pub fn unbroken(&self, sort: impl Fn(usize) -> bool) -> Option<usize> {
        let (mut held, mut since) = (Held::default(), None);
        for event in &self.events {
            if held.apply(event) {
                since = held.decision.filter(|at| sort(*at)).map(|at| since.unwrap_or(at));
            }
        }
        since
    }

    /// The decision after this one that replaced it or would have.
    pub fn later(&self, at: usize) -> Option<usize> {
        self.events
            .iter()
            .rev()
            .take_while(|e| e.at > at)
            .filter(|e| e.takes_back.is_none())
            .last()
            .map(|e| e.at)
    }
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
            certificates: Vec::new(),
            errors: Vec::new(),
            duplicates: Vec::new(),
            positions: BTreeMap::new(),
            seats: BTreeMap::new(),
            named: BTreeMap::new(),
            owners: BTreeSet::new(),
            signed: BTreeMap::new(),
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

    /// The body of a decision; only positions of decisions are kept in seats.
    pub fn decide(&self, at: usize) -> &'a Decide {
        match &self.record(at).body {
            Body::Decide(decide) => decide,
            other => unreachable!("BUG: position {at} holds a {:?}, not a decision", other.kind()),
        }
    }

    /// The index of the newest revision submitted within a past.
    pub fn current(&self, past: &Past) -> Option<usize> {
        self.submits.iter().rposition(|submit| past.has(*submit))
    }

    /// The seats of a step, by person.
    pub fn seats_of(&self, step: &StepId) -> impl Iterator<Item = (&'a PersonId, &Seat)> {
        self.seats.get(step).into_iter().flatten().map(|(person, seat)| (*person, seat))
    }

    /// Why a person can never approve, by the submissions that `seen` accepts, with the revision.
    pub fn barred(&self, person: &PersonId, seen: impl Fn(usize) -> bool) -> Option<(Bar, u32)> {
        let named = self.named.get(person)?;
        let first =
            |list: &[(usize, u32)]| list.iter().find(|(at, _)| seen(*at)).map(|(_, revision)| *revision);
        let author = first(&named.author).map(|revision| (Bar::Author, revision));
        author.or_else(|| first(&named.contributor).map(|revision| (Bar::Contributor, revision)))
    }

    /// The other step in which a person holds a decision, after everything read so far.
    pub fn other_step(&self, person: &PersonId, step: &StepId) -> Option<&'a StepId> {
        let others = self.seats.iter().filter(|(id, _)| **id != step);
        others
            .filter(|(_, seats)| seats.get(person).is_some_and(|s| s.holds().is_some()))
            .map(|(id, _)| *id)
            .next()
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
