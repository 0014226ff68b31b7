//! Lengths of time that deadlines are written in.

use std::fmt;
use std::str::FromStr;

/// Days a term may have: ten years. A deadline beyond that is a slip of the keyboard.
const MOST_DAYS: u32 = 3650;

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

impl Term {
    /// True if the term has no length.
    pub fn is_zero(self) -> bool {
        matches!(self, Term::Hours(0) | Term::Days(0) | Term::BusinessDays(0))
    }

    /// True if this term ends no later than the other, whatever the hour and the day both begin in.
    pub fn surely_not_after(self, other: Term) -> bool {
        // A term of n days lasts more than n days of 24 hours, less one where summer time begins, and at
        // most n + 1, plus one hour where it ends.
        let hours = |days: u32| u64::from(days) * 24;
        match (self, other) {
            (Term::Hours(a), Term::Hours(b))
            | (Term::Days(a), Term::Days(b) | Term::BusinessDays(b))
            | (Term::BusinessDays(a), Term::BusinessDays(b)) => a <= b,
            (Term::Hours(a), Term::Days(b) | Term::BusinessDays(b)) => u64::from(a) < hours(b),
            (Term::Days(a), Term::Hours(b)) => u64::from(b) > hours(a) + 24,
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
        let wanted = "a term such as `48 hours`, `30 days` or `5 business days`, of at most 3650 days";
        let bad = || super::BadTime { text: text.to_owned(), wanted };
        let (number, unit) = text.split_once(' ').ok_or_else(bad)?;
        let plain = number.bytes().all(|b| b.is_ascii_digit()) && (number == "0" || !number.starts_with('0'));
        let number: u32 = number.parse().ok().filter(|_| plain).ok_or_else(bad)?;
        let (term, days) = match unit {
            "hour" | "hours" => (Term::Hours(number), number.div_ceil(24)),
            "day" | "days" => (Term::Days(number), number),
            "business day" | "business days" => (Term::BusinessDays(number), number),
            _ => return Err(bad()),
        };
        if days <= MOST_DAYS { Ok(term) } else { Err(bad()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_term_has_a_number_a_unit_and_an_end() {
        for (text, term) in [
            ("48 hours", Term::Hours(48)),
            ("1 day", Term::Days(1)),
            ("3650 days", Term::Days(3650)),
            ("5 business days", Term::BusinessDays(5)),
        ] {
            assert_eq!(text.parse::<Term>().unwrap(), term);
            assert_eq!(term.to_string(), text);
        }
        for bad in [
            "",
            "5",
            "5  days",
            "+5 days",
            "05 days",
            "3651 days",
            "87601 hours",
            "99999999999 days",
            "5 weeks",
            "-1 days",
        ] {
            assert!(bad.parse::<Term>().is_err(), "{bad}");
        }
    }

    #[test]
    fn terms_are_compared_only_where_it_is_sure() {
        let sure = |a: &str, b: &str| a.parse::<Term>().unwrap().surely_not_after(b.parse().unwrap());
        assert!(sure("5 days", "5 business days") && !sure("5 business days", "5 days"));
        assert!(sure("47 hours", "2 days") && !sure("48 hours", "2 days"));
        assert!(sure("2 days", "73 hours") && !sure("2 days", "72 hours"));
    }
}
