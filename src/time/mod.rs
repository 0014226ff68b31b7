//! Instants, days and deadlines. In and out: RFC 3339 text in UTC with whole seconds, and ISO 8601 dates.
//!
//! `term` reads how long a deadline is, `holidays` which days named calendars leave out, and
//! [`Calendar::due`] says when a term has run out: by the days of a zone, without the times in which the
//! clock stands still.
//!
//! *Invariant:* nothing here reads a clock; `as_of` is always an argument.

mod calendar;
mod holidays;
mod term;
#[cfg(test)]
mod tests;

pub use calendar::{BadCalendar, Calendar};
pub use term::Term;

use std::fmt;
use std::str::FromStr;

/// An instant in UTC, to the second: what a record claims and what a page prints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Timestamp(jiff::Timestamp);

impl Timestamp {
    /// Seconds since 1970-01-01T00:00:00Z; `None` outside the years 1 to 9999.
    pub fn from_seconds(seconds: i64) -> Option<Self> {
        jiff::Timestamp::from_second(seconds).ok().map(Self)
    }

    /// Seconds since 1970-01-01T00:00:00Z.
    pub fn seconds(self) -> i64 {
        self.0.as_second()
    }

    /// The instant `seconds` later (earlier if negative), clamped to the calendar's ends.
    pub fn plus_seconds(self, seconds: i64) -> Self {
        let sum = self.0.as_second().saturating_add(seconds);
        Self::from_seconds(sum).unwrap_or(if seconds < 0 { Self(jiff::Timestamp::MIN) } else { Self::last() })
    }

    /// The last whole second there is.
    fn last() -> Self {
        Self::from_seconds(jiff::Timestamp::MAX.as_second()).unwrap_or(Self(jiff::Timestamp::MAX))
    }

    /// The UTC day this instant falls on.
    pub fn date(self) -> Date {
        Date(self.0.to_zoned(jiff::tz::TimeZone::UTC).date())
    }

    /// `22 November 2026, 10:47 UTC`, for people.
    pub fn human(self) -> String {
        let zoned = self.0.to_zoned(jiff::tz::TimeZone::UTC);
        format!("{}, {:02}:{:02} UTC", self.date().human(), zoned.hour(), zoned.minute())
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.strftime("%Y-%m-%dT%H:%M:%SZ"))
    }
}

/// The text is not an instant or a day in the one form allowed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not {wanted}")]
pub struct BadTime {
    /// What was found.
    pub text: String,
    /// What would have been right.
    pub wanted: &'static str,
}

impl FromStr for Timestamp {
    type Err = BadTime;
    fn from_str(text: &str) -> Result<Self, BadTime> {
        let bad = || BadTime { text: text.to_owned(), wanted: "a UTC time such as 2026-11-22T10:47:12Z" };
        let parsed = Self(text.parse().map_err(|_| bad())?);
        if parsed.to_string() == text { Ok(parsed) } else { Err(bad()) }
    }
}

/// A calendar day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date(jiff::civil::Date);

impl Date {
    /// `22 November 2026`, for people.
    pub fn human(self) -> String {
        const MONTHS: [&str; 12] = [
            "January",
            "February",
            "March",
            "April",
            "May",
            "June",
            "July",
            "August",
            "September",
            "October",
            "November",
            "December",
        ];
        let month = usize::from(self.0.month().unsigned_abs()) - 1;
        format!("{} {} {}", self.0.day(), MONTHS[month], self.0.year())
    }

    /// The first instant of the day in UTC.
    pub fn start(self) -> Timestamp {
        let zoned = self.0.to_zoned(jiff::tz::TimeZone::UTC).expect("every UTC day has a start");
        Timestamp(zoned.timestamp())
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl FromStr for Date {
    type Err = BadTime;
    fn from_str(text: &str) -> Result<Self, BadTime> {
        let bad = || BadTime { text: text.to_owned(), wanted: "a date such as 2026-11-22" };
        let parsed = Self(text.parse().map_err(|_| bad())?);
        if parsed.to_string() == text { Ok(parsed) } else { Err(bad()) }
    }
}

/// A length of time as policies write it: `365 days` or `12 months`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Period {
    /// Calendar days.
    Days(u16),
    /// Calendar months; the last day of a shorter month where the day does not exist.
    Months(u16),
}

impl Period {
    /// The day this long after `day`.
    pub fn after(self, day: Date) -> Date {
        let span = match self {
            Period::Days(n) => jiff::Span::new().days(i64::from(n)),
            Period::Months(n) => jiff::Span::new().months(i64::from(n)),
        };
        Date(day.0.saturating_add(span))
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Period::Days(n) => write!(f, "{n} days"),
            Period::Months(n) => write!(f, "{n} months"),
        }
    }
}

impl FromStr for Period {
    type Err = BadTime;
    fn from_str(text: &str) -> Result<Self, BadTime> {
        let bad = || BadTime { text: text.to_owned(), wanted: "a period such as `365 days` or `12 months`" };
        let (number, unit) = text.split_once(' ').ok_or_else(bad)?;
        let number = number.parse().map_err(|_| bad())?;
        match unit {
            "day" | "days" => Ok(Period::Days(number)),
            "month" | "months" => Ok(Period::Months(number)),
            _ => Err(bad()),
        }
    }
}

macro_rules! serde_as_text {
    ($($name:ident)*) => {$(
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
                s.collect_str(self)
            }
        }
        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str>>::deserialize(d)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    )*};
}
serde_as_text!(Timestamp Date Period);

#[cfg(test)]
mod spelling {
    use super::*;

    #[test]
    fn time_has_one_spelling() {
        let t: Timestamp = "2026-11-22T10:47:12Z".parse().unwrap();
        assert_eq!(t.to_string(), "2026-11-22T10:47:12Z");
        assert_eq!(t.human(), "22 November 2026, 10:47 UTC");
        for bad in [
            "2026-11-22T10:47:12+00:00",
            "2026-11-22T10:47:12.5Z",
            "2026-11-22 10:47:12Z",
            "2026-11-22t10:47:12z",
        ] {
            assert!(bad.parse::<Timestamp>().is_err(), "{bad}");
        }
        assert!("2026-2-1".parse::<Date>().is_err());
    }

    #[test]
    fn months_end_on_the_last_day() {
        let day: Date = "2027-08-31".parse().unwrap();
        assert_eq!("6 months".parse::<Period>().unwrap().after(day).to_string(), "2028-02-29");
        assert_eq!("365 days".parse::<Period>().unwrap().after(day).to_string(), "2028-08-30");
        assert!("1 year".parse::<Period>().is_err());
    }
}
