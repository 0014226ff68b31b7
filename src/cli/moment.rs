//! A day or an instant, as people type them.

use crate::time::{Date, Timestamp};
use std::str::FromStr;

/// A day or an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// A whole day, in UTC.
    Day(Date),
    /// An instant.
    Instant(Timestamp),
}

impl Moment {
    /// Its first instant.
    pub fn start(self) -> Timestamp {
        match self {
            Moment::Day(day) => day.start(),
            Moment::Instant(at) => at,
        }
    }

    /// The first instant after it: a day is then included whole.
    pub fn after(self) -> Timestamp {
        match self {
            Moment::Day(day) => day.start().plus_seconds(86_400),
            Moment::Instant(at) => at,
        }
    }

    /// Its last second: who asks for a day means everything signed on that day too.
    pub fn end(self) -> Timestamp {
        match self {
            Moment::Day(day) => day.start().plus_seconds(86_399),
            Moment::Instant(at) => at,
        }
    }
}

impl FromStr for Moment {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        if let Ok(day) = text.parse() {
            return Ok(Moment::Day(day));
        }
        let instant = text.parse().map(Moment::Instant);
        instant.map_err(|_| {
            format!(
                "`{text}` is neither a day such as 2026-11-22 nor a UTC time such as 2026-11-22T10:47:12Z"
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_has_its_last_second() {
        let day: Moment = "2026-11-22".parse().unwrap();
        assert_eq!(day.start().to_string(), "2026-11-22T00:00:00Z");
        assert_eq!(day.end().to_string(), "2026-11-22T23:59:59Z");
        assert_eq!(day.after().to_string(), "2026-11-23T00:00:00Z");
        let at: Moment = "2026-11-22T10:47:12Z".parse().unwrap();
        assert_eq!((at.start(), at.end().to_string()), (at.end(), "2026-11-22T10:47:12Z".to_owned()));
        assert!("22.11.2026".parse::<Moment>().unwrap_err().contains("2026-11-22"));
    }
}
