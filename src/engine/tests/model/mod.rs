//! A naive reading of the rules to compare the engine with, and the invariants of the design.
//!
//! In: a desk with a story told on it. Out: what the package, each step and each record must be. The model
//! shares no code with the engine: it takes a set of records, and for every question about what a signer had
//! seen it starts all over again with that smaller set (`world`). `rules` says why a record has no effect,
//! `seats` what somebody's seat holds, `terms` what became of conditions, questions and overrides, `votes`
//! what is enough. `deeds` makes up histories, `laws` holds the invariants, `runner` tells the seed.
//!
//! *Invariant:* nothing here is kept from one set to the next, but for what the signers of records had seen.

mod compare;
mod deeds;
mod laws;
mod rules;
mod runner;
mod seats;
mod terms;
mod votes;
mod world;

use super::desk::Desk;
use crate::id::PersonId;
use crate::record::{Body, Decision, Entry, Record};
use crate::time::Timestamp;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use world::World;

type Set = BTreeSet<usize>;
type Code = &'static str;

/// A desk read naively.
pub(super) struct Naive<'a> {
    desk: &'a Desk,
    pasts: Vec<Set>,
    /// Why each record has no effect, by reading order.
    refused: Vec<Option<Code>>,
    /// What the signer of each record had seen.
    then: RefCell<BTreeMap<usize, Rc<World<'a>>>>,
}

/// A set of records and an instant.
#[derive(Clone, Copy)]
struct Moment<'s> {
    set: &'s Set,
    now: Timestamp,
    /// True for everybody now, who know which keys were stolen.
    present: bool,
}

impl<'a> Naive<'a> {
    pub fn new(desk: &'a Desk) -> Naive<'a> {
        let mut naive = Naive { desk, pasts: Vec::new(), refused: Vec::new(), then: RefCell::default() };
        for at in 0..desk.entries.len() {
            let mut past = Set::new();
            for before in 0..at {
                if naive.record(at).parents.contains(&desk.entries[before].id()) {
                    past.insert(before);
                    past.extend(naive.pasts[before].clone());
                }
            }
            naive.pasts.push(past);
            let refused = naive.refuse(at);
            naive.refused.push(refused);
        }
        naive
    }

    fn entry(&self, at: usize) -> &'a Entry {
        &self.desk.entries[at]
    }

    fn record(&self, at: usize) -> &'a Record {
        self.desk.entries[at].record()
    }

    fn time(&self, at: usize) -> Timestamp {
        self.record(at).signed_at
    }

    fn signer(&self, at: usize) -> &'a PersonId {
        &self.record(at).signer.person
    }

    /// Whose seat a decision is for.
    fn seat_of(&self, at: usize) -> &'a PersonId {
        let signer = &self.record(at).signer;
        signer.acting_for.as_ref().unwrap_or(&signer.person)
    }

    fn step_of(&self, at: usize) -> &'a str {
        self.record(at).step.as_ref().map_or("", |step| step.as_str())
    }

    fn revision(&self, at: usize) -> u32 {
        self.record(at).revision().unwrap()
    }

    /// What a decision says; an objection says no.
    fn decision(&self, at: usize) -> Option<Decision> {
        match &self.record(at).body {
            Body::Decide(d) => Some(d.decision),
            Body::Object(_) => Some(Decision::Reject),
            _ => None,
        }
    }

    fn stands(&self, at: usize) -> bool {
        self.refused.get(at).is_some_and(Option::is_none)
    }

    fn before(at: usize) -> Set {
        (0..at).collect()
    }

    fn all(&self) -> Set {
        Self::before(self.desk.entries.len())
    }

    /// All records but those a thief opened something with.
    fn today(&self) -> Set {
        let mut set = self.all();
        set.retain(|at| !self.thief_opens(*at));
        set
    }

    /// True if a stolen key undid with a record what had stopped the package.
    fn thief_opens(&self, at: usize) -> bool {
        let target = |id| self.find(id, at).is_some_and(|target| self.says_stop(target));
        self.stands(at)
            && self.stolen(at)
            && match &self.record(at).body {
                Body::Discharge(_) | Body::Waive(_) | Body::ResolveRejection(_) | Body::Resolve(_) => true,
                Body::Verify(v) => v.accepted,
                Body::Withdraw(w) => target(w.record),
                Body::Decide(d) if matches!(d.decision, Decision::Approve | Decision::Abstain) => {
                    let honest: Set = (0..at).filter(|before| !self.thief_opens(*before)).collect();
                    let held = self.said(self.step_of(at), self.seat_of(at), &honest);
                    held.is_some_and(|held| self.says_stop(held))
                }
                _ => false,
            }
    }

    fn says_stop(&self, at: usize) -> bool {
        matches!(self.record(at).body, Body::Comment(_))
            || matches!(self.decision(at), Some(Decision::Reject | Decision::Clarify))
    }

    /// The record of that id before a position.
    fn find(&self, id: crate::digest::RecordId, before: usize) -> Option<usize> {
        (0..before).find(|at| self.entry(*at).id() == id)
    }

    /// Records of a set that have their effect and fit.
    fn standing<'s>(
        &'s self,
        set: &'s Set,
        fits: impl Fn(&'a Body) -> bool + 's,
    ) -> impl DoubleEndedIterator<Item = usize> + 's {
        set.iter().copied().filter(move |at| self.stands(*at) && fits(&self.record(*at).body))
    }

    /// The record of a set that took another one back.
    fn withdrawn(&self, target: usize, set: &Set) -> bool {
        let id = self.entry(target).id();
        self.standing(set, |b| matches!(b, Body::Withdraw(w) if w.record == id)).next().is_some()
    }

    /// Submissions in a set, in order.
    fn submits(&self, set: &Set) -> Vec<usize> {
        self.standing(set, |b| matches!(b, Body::Submit(_))).collect()
    }

    /// Index of the newest revision submitted in a set.
    fn current(&self, set: &Set) -> Option<usize> {
        self.submits(set).iter().map(|at| self.revision(*at) as usize - 1).max()
    }

    /// Why a person can never approve a revision, by the submissions of a set since the last certificate
    /// before it.
    fn barred(&self, person: &PersonId, revision: usize, set: &Set) -> Option<Code> {
        let revoked = |at: usize| {
            let id = self.entry(at).id();
            self.standing(set, |b| matches!(b, Body::Revoke(a) if a.record == id)).next().is_some()
        };
        let settled = self
            .standing(set, |b| matches!(b, Body::Certify(_)))
            .filter(|at| self.revision(*at) as usize <= revision && !revoked(*at))
            .last();
        let since: Set = set.iter().copied().filter(|at| settled.is_none_or(|s| *at > s)).collect();
        self.named(person, &since)
    }

    /// How the submissions of a set name a person.
    fn named(&self, person: &PersonId, set: &Set) -> Option<Code> {
        let submits = self.submits(set);
        let author = |at: &usize| match &self.record(*at).body {
            Body::Submit(s) => s.authors.contains(person) || self.signer(*at) == person,
            _ => false,
        };
        let contributor = |at: &usize| match &self.record(*at).body {
            Body::Submit(s) => s.contributors.contains(person),
            _ => false,
        };
        if submits.iter().any(author) {
            Some("SOD_AUTHOR")
        } else if submits.iter().any(contributor) {
            Some("SOD_CONTRIBUTOR")
        } else {
            None
        }
    }

    fn recused(&self, person: &PersonId, set: &Set) -> bool {
        self.standing(set, |b| matches!(b, Body::Recuse(_))).any(|at| self.signer(at) == person)
    }

    /// True if a key was found to have been stolen by then.
    fn stolen(&self, at: usize) -> bool {
        let key = &self.record(at).signer.key;
        let owner = self.desk.people.persons.values().find(|p| p.keys.iter().any(|k| k.fingerprint == *key));
        let key = owner.and_then(|p| p.keys.iter().find(|k| k.fingerprint == *key));
        match key.map(|k| &k.state) {
            Some(crate::record::KeyState::Revoked { distrust_from: Some(from), .. }) => *from <= at as u64,
            _ => false,
        }
    }
}
