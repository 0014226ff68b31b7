//! A seat: what was said in one step in the place of one person, in ledger order.
//!
//! The person may have spoken, or somebody with a delegation. What the person says stands over what was
//! said in their place about the same revision or an older one.

use super::past::Past;
use std::collections::BTreeSet;

/// What was said in one step for one person.
#[derive(Debug, Default)]
pub(super) struct Seat {
    events: Vec<Event>,
    now: Held,
}

#[derive(Debug, Clone, Copy)]
struct Event {
    at: usize,
    revision: u32,
    /// True if the person whose seat it is signed.
    in_person: bool,
    what: What,
}

#[derive(Debug, Clone, Copy)]
enum What {
    /// A decision or an objection.
    Says,
    /// A decision is taken back, or set aside.
    Empties(usize),
}

/// Why something said changes nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unheard {
    /// The seat has spoken about a newer revision.
    Older,
    /// The person has spoken about this revision themselves.
    PrincipalSpoke,
}

/// The decision a seat holds, and the newest revision it has spoken about.
#[derive(Debug, Clone, Copy, Default)]
struct Held {
    decision: Option<usize>,
    floor: u32,
    /// The revision the person decided in person, while that decision is held.
    own: Option<u32>,
}

impl Held {
    fn apply(&mut self, event: &Event) -> Result<(), Unheard> {
        match event.what {
            // Leaves the seat empty: an older decision never comes back to life.
            What::Empties(decision) if self.decision == Some(decision) => {
                *self = Held { decision: None, floor: self.floor.max(event.revision), own: None };
            }
            What::Empties(_) => {}
            What::Says if event.revision < self.floor => return Err(Unheard::Older),
            What::Says if !event.in_person && self.own.is_some_and(|own| event.revision <= own) => {
                return Err(Unheard::PrincipalSpoke);
            }
            What::Says => {
                let own = event.in_person.then_some(event.revision);
                *self = Held { decision: Some(event.at), floor: event.revision, own };
            }
        }
        Ok(())
    }
}

impl Seat {
    /// Records a decision.
    ///
    /// # Errors
    /// Why it changes nothing.
    pub fn say(&mut self, at: usize, revision: u32, in_person: bool) -> Result<(), Unheard> {
        self.push(Event { at, revision, in_person, what: What::Says })
    }

    /// Records that a decision was taken back or set aside.
    pub fn empty(&mut self, at: usize, revision: u32, decision: usize) {
        // Emptying is never unheard.
        let _ = self.push(Event { at, revision, in_person: true, what: What::Empties(decision) });
    }

    fn push(&mut self, event: Event) -> Result<(), Unheard> {
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
            let _ = held.apply(event);
        }
        held.decision
    }

    /// The decision held before a position, as if what is void had not been said.
    pub fn before(&self, at: usize, void: &BTreeSet<usize>) -> Option<usize> {
        let mut held = Held::default();
        for event in self.events.iter().filter(|event| event.at < at && !void.contains(&event.at)) {
            let _ = held.apply(event);
        }
        held.decision
    }

    /// Where the decisions the seat holds began to be all of one sort, if the one it holds now is.
    pub fn unbroken(&self, sort: impl Fn(usize) -> bool) -> Option<usize> {
        let (mut held, mut since) = (Held::default(), None);
        for event in &self.events {
            if held.apply(event).is_ok() {
                since = held.decision.filter(|at| sort(*at)).map(|at| since.unwrap_or(at));
            }
        }
        since
    }

    /// The decision after this one that replaced it or would have.
    pub fn later(&self, at: usize) -> Option<usize> {
        let first = self.events.partition_point(|e| e.at <= at);
        self.events[first..].iter().find(|e| matches!(e.what, What::Says)).map(|e| e.at)
    }
}
