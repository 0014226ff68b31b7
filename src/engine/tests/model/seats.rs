//! What the seat of a person in a step holds after the records of a set.

use super::{Naive, Set};
use crate::id::PersonId;
use crate::record::{Body, Decision};
use std::collections::BTreeSet;

/// What a seat holds, the newest revision it spoke about, and the revision its person decided in person.
#[derive(Default, Clone, Copy)]
pub(super) struct Held {
    pub decision: Option<usize>,
    pub floor: u32,
    pub own: Option<u32>,
}

impl<'a> Naive<'a> {
    /// Everybody whose seat in a step was ever spoken for.
    pub(super) fn seats(&self, step: &str) -> BTreeSet<&'a PersonId> {
        let here = |at: &usize| self.decision(*at).is_some() && self.step_of(*at) == step;
        (0..self.refused.len()).filter(here).map(|at| self.seat_of(at)).collect()
    }

    /// A word too late for the whole ledger may be the newest one of a smaller set.
    pub(super) fn heard(&self, at: usize) -> bool {
        let late = ["OLDER_THAN_SEAT_STATE", "SUPERSEDED_BY_PRINCIPAL"];
        self.stands(at) || self.refused.get(at).is_some_and(|code| code.is_some_and(|c| late.contains(&c)))
    }

    pub(super) fn held(&self, step: &str, person: &PersonId, set: &Set) -> Held {
        let mut held = Held::default();
        for at in set.iter().copied() {
            let revision = self.revision(at);
            match &self.record(at).body {
                Body::Decide(_) | Body::Object(_)
                    if self.heard(at) && self.step_of(at) == step && self.seat_of(at) == person =>
                {
                    let in_person = self.signer(at) == person;
                    if revision < held.floor || (!in_person && held.own.is_some_and(|own| revision <= own)) {
                        continue;
                    }
                    held = Held { decision: Some(at), floor: revision, own: in_person.then_some(revision) };
                }
                Body::Withdraw(w) if self.stands(at) && self.is(held.decision, w.record) => {
                    held = Held { decision: None, floor: held.floor.max(revision), own: None };
                }
                Body::ResolveRejection(a) if self.stands(at) && self.is(held.decision, a.record) => {
                    held = Held { decision: None, floor: held.floor, own: None };
                }
                _ => {}
            }
        }
        held
    }

    fn is(&self, held: Option<usize>, record: crate::digest::RecordId) -> bool {
        held.is_some_and(|at| self.entry(at).id() == record)
    }

    pub(super) fn said(&self, step: &str, person: &PersonId, set: &Set) -> Option<usize> {
        self.held(step, person, set).decision
    }

    /// True if a rejection stands alone: an objection, or what came in the place of one.
    pub(super) fn objects(&self, at: usize) -> bool {
        if matches!(self.record(at).body, Body::Object(_)) {
            return true;
        }
        self.decision(at) == Some(Decision::Reject) && {
            let before = self.said(self.step_of(at), self.seat_of(at), &Self::before(at));
            before.is_some_and(|before| self.objects(before))
        }
    }

    /// Steps in which a person holds a decision, or signed one that is held, in the whole ledger before.
    pub(super) fn fills(&self, person: &PersonId, set: &Set) -> BTreeSet<&'a str> {
        let mut steps = BTreeSet::new();
        for at in set.iter().copied().filter(|at| self.decision(*at).is_some()) {
            let (step, seat) = (self.step_of(at), self.seat_of(at));
            if (self.signer(at) == person || seat == person) && self.said(step, seat, set) == Some(at) {
                steps.insert(step);
            }
        }
        steps
    }

    /// The seat of somebody else in a step for which a person's signature is held.
    pub(super) fn signs_elsewhere(&self, person: &PersonId, step: &str, seat: &PersonId, set: &Set) -> bool {
        set.iter().copied().any(|at| {
            self.decision(at).is_some()
                && self.step_of(at) == step
                && self.signer(at) == person
                && self.seat_of(at) != seat
                && self.said(step, self.seat_of(at), set) == Some(at)
        })
    }
}
