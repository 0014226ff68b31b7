//! Tickets: every form carries one, and each lets through once.
//!
//! A form that is sent twice (a double click, the back button) does nothing the second time and leads to
//! where the first one led.

use crate::digest::hex;
use crate::keys::{self, KeyError};
use crate::record::Record;
use crate::site::desk::Problem;
use std::collections::BTreeMap;

/// Tickets kept; the oldest go first.
const MAX_TICKETS: usize = 1024;

/// What a ticket is for.
#[derive(Debug, Clone)]
pub(super) enum Ticket {
    /// Any form of a page, with the digest of the package as the page showed it.
    Page(String),
    /// Signing one statement.
    Sign(Box<Drawn>),
    /// It was used, and led there.
    Used(String),
}

/// A statement as it was shown.
#[derive(Debug, Clone)]
pub(super) struct Drawn {
    /// The record, complete but for the signature.
    pub record: Record,
    /// The draft it was made from.
    pub draft: String,
    /// True if an agent is to sign.
    pub agent: bool,
    /// What was wrong with the last try.
    pub problems: Vec<Problem>,
    /// More about that: tries left.
    pub more: String,
    /// The reviewer ID as it was typed.
    pub typed: String,
}

/// The tickets of this run.
#[derive(Debug, Default)]
pub(super) struct Tickets {
    next: u64,
    order: BTreeMap<u64, String>,
    all: BTreeMap<String, Ticket>,
}

impl Tickets {
    /// Gives out a ticket.
    pub(super) fn give(&mut self, ticket: Ticket) -> Result<String, KeyError> {
        let name = hex(&keys::random::<16>()?);
        self.order.insert(self.next, name.clone());
        self.next += 1;
        self.all.insert(name.clone(), ticket);
        while self.all.len() > MAX_TICKETS {
            let Some((_, oldest)) = self.order.pop_first() else { break };
            self.all.remove(&oldest);
        }
        Ok(name)
    }

    /// Looks at a ticket.
    pub(super) fn see(&self, name: &str) -> Option<&Ticket> {
        self.all.get(name)
    }

    /// Marks a ticket as used.
    pub(super) fn used(&mut self, name: &str, led_to: &str) {
        if let Some(ticket) = self.all.get_mut(name) {
            *ticket = Ticket::Used(led_to.to_owned());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ticket_lets_through_once_and_the_oldest_go() {
        let mut tickets = Tickets::default();
        let first = tickets.give(Ticket::Page(String::new())).unwrap();
        assert!(matches!(tickets.see(&first), Some(Ticket::Page(_))));
        tickets.used(&first, "there");
        assert!(matches!(tickets.see(&first), Some(Ticket::Used(to)) if to == "there"));
        for _ in 0..MAX_TICKETS {
            tickets.give(Ticket::Page(String::new())).unwrap();
        }
        assert!(tickets.see(&first).is_none());
        assert!(tickets.see("made up").is_none());
    }
}
