//! What was signed with a key that was in the wrong hands.
//!
//! A registrar who revokes a key may say from which ledger position on it is distrusted. What it signed from
//! there on is disputed, and a doubt always falls on the careful side: what stops a package (a rejection, a
//! question, an approval taken back) stands, what opens one (an approval, a waiver, a rejection taken back)
//! does not.

use super::clock::Moment;
use super::history::History;
use super::past::Past;
use super::questions::Question;
use crate::record::{Body, Decision, KeyState, People};
use crate::time::Timestamp;
use std::collections::BTreeSet;

/// Why a disputed record does not count.
pub(super) const DISPUTED: &str =
    "the key that signed it was revoked for cause, and what it signed from then on is disputed";

impl Moment<'_> {
    /// True if a record is disputed by what is known at this moment.
    pub fn disputes(&self, history: &History, at: usize) -> bool {
        self.known.is_some_and(|people| history.disputed(at, people))
    }
}

impl<'a> History<'a> {
    /// How everybody sees what has been read so far.
    pub fn today(&self, now: Timestamp) -> Moment<'_> {
        Moment { past: self.present(), now, present: true, known: Some(&self.case.people) }
    }

    /// Everything read, but for what a stolen key opened.
    pub fn present(&self) -> &Past {
        &self.present
    }

    /// Everything before a position, but for what a key opened that was stolen as these people know.
    pub fn known_past(&self, people: &People, end: usize) -> Past {
        let void = self.void(people, end);
        let Some(first) = void.first().copied() else { return Past::prefix(end) };
        let mut past = Past::prefix(first);
        (first..end).filter(|at| !void.contains(at)).for_each(|at| past.add(at));
        past
    }

    /// True if the key of a record was found to have been in the wrong hands by then.
    pub fn disputed(&self, at: usize, people: &People) -> bool {
        people.disputed(&self.record(at).signer.key, self.entry(at).seq)
    }

    /// The record that took another one back, unless a stolen key did it.
    pub fn taken_back(&self, at: usize) -> Option<usize> {
        self.withdrawn.get(&at).copied().filter(|by| self.present.has(*by))
    }

    /// True if a thread waits to be closed: nobody did it, or only a stolen key.
    pub fn is_open(&self, question: &Question) -> bool {
        question.closed.is_none_or(|by| !self.present.has(by))
    }

    /// True if a thread was closed, by a key that was not stolen as these people know: closing always opens.
    pub(super) fn is_closed(&self, question: &Question, people: &People) -> bool {
        question.closed.is_some_and(|by| !self.disputed(by, people))
    }

    /// What stolen keys opened before a position: it is as if it had not been said.
    fn void(&self, people: &People, end: usize) -> BTreeSet<usize> {
        let mut void = BTreeSet::new();
        let distrusted = |state: &KeyState| matches!(state, KeyState::Revoked { distrust_from: Some(_), .. });
        let mut keys = people.persons.values().flat_map(|person| &person.keys);
        if !keys.any(|key| distrusted(&key.state)) {
            return void;
        }
        for at in 0..end.min(self.rulings.len()) {
            if self.disputed(at, people) && self.stands(at) && self.opens(at, &void) {
                void.insert(at);
            }
        }
        void
    }

    /// True if a record opens what somebody had stopped. An approval does so only where its seat said no or
    /// asked, without what is `void`: elsewhere it is a vote that does not count.
    fn opens(&self, at: usize, void: &BTreeSet<usize>) -> bool {
        let stops = |at: usize| match &self.record(at).body {
            Body::Decide(decide) => matches!(decide.decision, Decision::Reject | Decision::Clarify),
            Body::Object(_) | Body::Comment(_) => true,
            _ => false,
        };
        let record = self.record(at);
        match &record.body {
            Body::Waive(_) | Body::Discharge(_) | Body::ResolveRejection(_) | Body::Resolve(_) => true,
            Body::Verify(says) => says.accepted,
            Body::Withdraw(says) => self.positions.get(&says.record).is_some_and(|target| stops(*target)),
            Body::Decide(decide) if matches!(decide.decision, Decision::Approve | Decision::Abstain) => {
                let seats = record.step.as_ref().and_then(|step| self.seats.get(step));
                let seat = seats.and_then(|seats| seats.get(self.seat_person(at)));
                seat.and_then(|seat| seat.before(at, void)).is_some_and(stops)
            }
            _ => false,
        }
    }
}
