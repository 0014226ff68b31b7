//! Business days: what a policy's deadlines are counted in.

use super::{Date, Timestamp};
use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

/// A length of time as deadlines write it: `48 hours`, `30 days` or `5 business days`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Term {
    /// Hours by the clock.
    Hours(u32),
    /// Calendar days; the last one counts to its end.
    Days(u32),
    /// Days that are neither weekend nor holiday; the last one counts to its end.
    BusinessDays(u32),
}

/// Which days are business days, and in which zone a day begins and ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calendar {
    name: &'static str,
    zone: String,
    holidays: BTreeSet<Date>,
}

/// What a chain names that there is not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BadCalendar {
    /// A calendar.
    Name(String),
    /// A time zone.
    Zone(String),
}

impl Calendar {
    /// The calendars there are.
    pub const NAMES: [&'static str; 3] = ["weekdays", "us-federal", "target"];

    /// Weekends only, days of UTC.
    pub fn utc() -> Calendar {
        Calendar { name: "weekdays", zone: "UTC".to_owned(), holidays: BTreeSet::new() }
    }

    /// A calendar of [`Calendar::NAMES`] in a zone of the tz database, with further days off.
    ///
    /// # Errors
    /// When there is no such calendar, no such zone, or neither.
    pub fn new(name: &str, zone: &str, holidays: BTreeSet<Date>) -> Result<Calendar, Vec<BadCalendar>> {
        let mut wrong = Vec::new();
        let found = Calendar::NAMES.into_iter().find(|known| *known == name);
        if found.is_none() {
            wrong.push(BadCalendar::Name(name.to_owned()));
        }
        // The database does not mind case; a chain spells a zone in one way.
        let known = jiff::tz::TimeZoneDatabase::bundled()
            .get(zone)
            .is_ok_and(|found| found.iana_name() == Some(zone));
        if !known {
            wrong.push(BadCalendar::Zone(zone.to_owned()));
        }
        match found {
            Some(name) if known => Ok(Calendar { name, zone: zone.to_owned(), holidays }),
            _ => Err(wrong),
        }
    }

    /// The instant at which a term that began at `from` has run out. While one of `pauses` (half-open,
    /// sorted, disjoint) lasts, the clock stands still.
    pub fn due(&self, from: Timestamp, term: Term, pauses: &[(Timestamp, Timestamp)]) -> Timestamp {
        let seconds = match term {
            Term::Hours(n) => i64::from(n) * 3600,
            Term::Days(n) | Term::BusinessDays(n) => i64::from(n) * 86400,
        };
        let paused: i64 = pauses.iter().map(|(a, b)| b.seconds() - a.seconds()).sum();
        from.plus_seconds(seconds + paused)
    }
}

impl Term {
    /// True if the term has no length.
    pub fn is_zero(self) -> bool {
        matches!(self, Term::Hours(0) | Term::Days(0) | Term::BusinessDays(0))
    }

    /// True if this term ends no later than the other, whatever the day it begins on.
    pub fn surely_not_after(self, other: Term) -> bool {
        // A term of n days lasts n days and what is left of the day it begins on.
        match (self, other) {
            (Term::Hours(a), Term::Hours(b))
            | (Term::Days(a), Term::Days(b) | Term::BusinessDays(b))
            | (Term::BusinessDays(a), Term::BusinessDays(b)) => a <= b,
            // One hour less: a day of a change to summer time has 23.
            (Term::Hours(a), Term::Days(b) | Term::BusinessDays(b)) => u64::from(a) < u64::from(b) * 24,
            (Term::Days(a), Term::Hours(b)) => u64::from(b) > (u64::from(a) + 1) * 24,
            (Term::BusinessDays(_), _) => false,
        }
    }
}

impl fmt::Display for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (n, unit) = match self {
            Term::Hours(n) => (n, "hour"),
            Term::Days(n) => (n, "day"),
            Term::BusinessDays(n) => (n, "business day"),
        };
        write!(f, "{n} {unit}{}", if *n == 1 { "" } else { "s" })
    }
}

impl FromStr for Term {
    type Err = super::BadTime;
    fn from_str(text: &str) -> Result<Self, super::BadTime> {
        let wanted = "a term such as `48 hours`, `30 days` or `5 business days`";
        let bad = || super::BadTime { text: text.to_owned(), wanted };
        let (number, unit) = text.split_once(' ').ok_or_else(bad)?;
        let number: u32 = number.parse().map_err(|_| bad())?;
        match unit {
            "hour" | "hours" => Ok(Term::Hours(number)),
            "day" | "days" => Ok(Term::Days(number)),
            "business day" | "business days" => Ok(Term::BusinessDays(number)),
            _ => Err(bad()),
        }
    }
}
